"""Strategy discussions, the decision, and what Social Services are asked and answer."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from api.resources import CREATED
from api.schema import listing
from cases.api.views import OfRecord
from referrals import actions, queries
from referrals.api import deciding_shapes as shapes
from referrals.api.log import WithEmail
from referrals.models import Answer, Decision
from team.permissions import Permission


class Strategies(OfRecord):
    writes = Permission.WRITE_RECORDS

    @extend_schema(responses=listing(shapes.StrategyOut))
    def get(self, request: Any, number: str) -> Response:
        """The strategy discussions of a record, the latest first."""
        return self.all_shown(shapes.StrategyOut, queries.strategies_of(self.case))

    @extend_schema(request=shapes.StrategyIn, responses={CREATED: shapes.StrategyOut})
    def post(self, request: Any, number: str) -> Response:
        """Record a strategy discussion or meeting."""
        sent = self.sent(shapes.StrategyIn)
        sent["supervisor"] = self.officer(sent["supervisor"], "supervisor", Permission.SUPERVISE_RECORDS)
        return self.done(actions.record_strategy, self.case, sent, shapes.StrategyOut, status=CREATED)


class Decisions(OfRecord):
    writes = Permission.DECIDE_REFERRALS

    @extend_schema(responses=listing(shapes.DecisionOut))
    def get(self, request: Any, number: str) -> Response:
        """Each decision about the referral, the one that holds first."""
        rows = Decision.objects.filter(case=self.case).select_related("decided_by").order_by("-number")
        return self.all_shown(shapes.DecisionOut, rows)

    @extend_schema(request=shapes.DecideIn, responses={CREATED: shapes.DecidedOut})
    def post(self, request: Any, number: str) -> Response:
        """Decide what is done, or decide it again. Social Services only: they are asked for an update at once."""
        decided = actions.decide_referral(self.case, **self.sent(shapes.DecideIn), by=self.user)
        asked = decided.request.to_whom if decided.request else ""
        return self.shown(shapes.DecidedOut, decided.decision, status=CREATED, asked=asked)


class Updates(OfRecord, WithEmail):
    writes = Permission.RECORD_UPDATES

    @extend_schema(responses=shapes.UpdatesOut)
    def get(self, request: Any, number: str) -> Response:
        """What Social Services were asked, and each update, the latest first."""
        found = {
            "asked": queries.asked_of_social_services(self.case),
            "results": queries.answers_of(self.case),
        }
        return self.shown(shapes.UpdatesOut, found)

    @extend_schema(request=shapes.UpdateIn, responses={CREATED: shapes.UpdateOut})
    def post(self, request: Any, number: str) -> Response:
        """Record what Social Services told, asked or not. Chasing stops until it is judged."""
        sent = self.with_email(self.sent(shapes.UpdateIn))
        return self.done(actions.record_update, self.case, sent, shapes.UpdateOut, status=CREATED)


class Judgement(OfRecord):
    writes = Permission.JUDGE_UPDATES

    @extend_schema(request=shapes.JudgeIn, responses=shapes.UpdateOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Judge whether circumstances have changed, so that the police are needed after all."""
        rows = Answer.objects.select_related("recorded_by", "judged_by", "case")
        answer = get_object_or_404(rows, case=self.case, pk=pk)
        return self.done(actions.judge_update, answer, self.sent(shapes.JudgeIn), shapes.UpdateOut)
