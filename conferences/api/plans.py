"""Child protection plans, which make up the register, and the core groups that carry them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.filters import narrowing
from api.resources import CREATED, Resource
from api.schema import listing
from audit.events import Look
from cases.api.left_out import left_out_of, listing_with_left_out
from cases.api.views import OfRecord
from cases.left_out import hidden_here
from cases.models import NUMBER, not_hidden_from
from cases.reading import open_case
from conferences import actions
from conferences.api import plan_shapes as shapes
from conferences.models import CoreGroup, Plan
from conferences.register import last_moment
from pages.forms import DayField
from team.forms import OfTeamForm
from team.history import with_version
from team.permissions import Permission, require, several_teams, teams_held


def with_all_of_it(rows: QuerySet[Plan]) -> QuerySet[Plan]:
    found: QuerySet[Plan] = with_version(rows.select_related("case", "child", "recorded_by"))
    return found.prefetch_related("categories")


class PlansForm(OfTeamForm):
    """Narrows the list of plans."""

    all_optional = True
    narrows = True

    on = DayField(label="The register as it was at the end of this day", required=False)
    running = forms.NullBooleanField(label="Whether no end of it is recorded", required=False)
    child = forms.IntegerField(label="The number of the child", min_value=1, max_value=2**63 - 1, required=False)
    case = forms.RegexField(f"^{NUMBER}$", label="The record's number", required=False)


PLANS = listing_with_left_out(shapes.PlanOut, "PlanList")


class Plans(Resource):
    is_list = True

    @extend_schema(parameters=narrowing(PlansForm), responses=PLANS)
    def get(self, request: Any) -> Response:
        """The plans carried on every record one may open, the one that began last first; not those that were recorded
        by mistake. `team`: whose record it is, or with `on` whose it was at the end of that day: without `team` that
        of one of one's own, but for the plans of one record. Records that are with another team by now are not here:
        their children are counted on the register's page without a name. Nor are those of restricted records:
        `left_out` has the ones of the team on which there is a plan."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        teams = several_teams(self.user, Permission.SEE_RECORDS)
        asked = self.asked(PlansForm(request.query_params, teams=teams))
        rows = Plan.objects.visible_to(self.user).that_count()
        if number := asked["case"]:
            # All of them, also those that ended when another team had the record.
            case = open_case(number, by=self.user, page=self.address, how=Look.API)
            rows = Plan.objects.that_count().filter(case=case)
        else:
            filters = sorted(name for name, value in asked.items() if value not in (None, ""))
            self.looked(Plan, filters=filters)
        on: date | None = asked["on"]
        team = asked.get("team")
        if on is None:
            rows = rows.filter(case__team=team) if team else rows
        elif team or not number:
            whose = {team.pk} if team else teams_held(self.user, Permission.SEE_RECORDS)
            rows = rows if whose is None else rows.had_by(whose, last_moment(on))
        if child := asked["child"]:
            rows = rows.filter(child=child)
        if asked["running"] is not None:
            rows = rows.filter(to_on__isnull=asked["running"])
        rows = rows if on is None else rows.on(on)
        page = self.page(with_all_of_it(rows), key="from_on", descending=True)
        answer = self.listed(page, lambda plans, **said: shapes.PlanOut(plans, **_as_on(said, on)))
        # Of one record either all is there or nothing.
        has_one = Exists(Plan.objects.that_count().filter(case=OuterRef("pk")))
        answer.data["left_out"] = [] if number else left_out_of(hidden_here(self.user, team).filter(has_one))
        return answer


def _as_on(said: dict[str, Any], on: date | None) -> dict[str, Any]:
    return {**said, "context": {**said["context"], "on": on}}


class RecordPlan(OfRecord):
    writes = Permission.RECORD_OUTCOMES

    @extend_schema(request=shapes.PlanIn, responses={CREATED: shapes.PlanOut})
    def post(self, request: Any, number: str) -> Response:
        """Record a plan that was there before CAIT knew of it."""
        sent = self.sent(shapes.PlanIn)
        try:
            (sent["child"],) = self.people([sent["child"]])
        except ValidationError as wrong:
            raise ValidationError({"child": wrong.detail["people"]}) from None  # type: ignore[call-overload]
        return self.done(actions.record_plan, self.case, sent, shapes.PlanOut, status=CREATED)


class OfPlan(OfRecord):
    """A plan is carried on a record: looking at it is a look at that."""

    plan: Plan

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        Resource.initial(self, request, *args, **kwargs)
        # Whether one may open it is asked of its record, which may have come from another team since it ended. An
        # id can be counted through: of a restricted record on which one is not named, it does not tell that there is
        # anything.
        rows = Plan.objects.filter(not_hidden_from(self.user)).select_related("case", "child", "recorded_by")
        self.plan = get_object_or_404(rows, pk=kwargs["pk"])
        self.case = open_case(self.plan.case.number, by=self.user, page=self.address, how=Look.API)
        self.check_writes(self.case.team)
        self.plan.case = self.case


class OnePlan(OfPlan):
    @extend_schema(responses=shapes.PlanOut)
    def get(self, request: Any, pk: int) -> Response:
        """One plan, also one that was recorded by mistake."""
        return self.shown(shapes.PlanOut, self.plan)


class EndPlan(OfPlan):
    writes = Permission.RECORD_OUTCOMES

    @extend_schema(request=shapes.EndPlanIn, responses=shapes.PlanOut)
    def post(self, request: Any, pk: int) -> Response:
        """Record that it ended without a conference here."""
        return self.done(actions.end_plan, self.plan, self.sent(shapes.EndPlanIn), shapes.PlanOut)


class WithdrawPlan(OfPlan):
    writes = Permission.RECORD_OUTCOMES

    @extend_schema(request=shapes.WithdrawPlanIn, responses=shapes.PlanOut)
    def post(self, request: Any, pk: int) -> Response:
        """Take it off the register: it was recorded by mistake."""
        return self.done(actions.withdraw_plan, self.plan, self.sent(shapes.WithdrawPlanIn), shapes.PlanOut)


# --- core groups ---------------------------------------------------------------------------------


class OfCoreGroup(OfRecord):
    writes = Permission.RECORD_OUTCOMES

    def groups(self) -> QuerySet[CoreGroup]:
        rows = CoreGroup.objects.filter(case=self.case)
        return rows.select_related("case", "planned_by", "attended_by", "ended_by", "shared__recorded_by")

    def acted(self, act: Callable[..., Any], pk: int, shape: Any) -> Response:
        group, sent = get_object_or_404(self.groups(), pk=pk), self.sent(shape)
        if "attended_by" in sent:
            sent["attended_by"] = self.officer(sent["attended_by"], "attended_by")
        if act is actions.move_core_group:
            sent.setdefault("place", group.place)
        return self.done(act, group, sent, shapes.CoreGroupOut)


class CoreGroups(OfCoreGroup):
    @extend_schema(responses=listing(shapes.CoreGroupOut))
    def get(self, request: Any, number: str) -> Response:
        """The core groups that are planned, held and cancelled on a record, the latest first."""
        rows = self.groups().prefetch_related("shared__people").order_by("-starts_at", "-pk")
        return self.all_shown(shapes.CoreGroupOut, with_version(rows))

    @extend_schema(request=shapes.CoreGroupIn, responses={CREATED: shapes.CoreGroupOut})
    def post(self, request: Any, number: str) -> Response:
        """Record when a core group is, or was: the CRAM review is brought forward to it."""
        sent = self.sent(shapes.CoreGroupIn)
        return self.done(actions.plan_core_group, self.case, sent, shapes.CoreGroupOut, status=CREATED)


class MoveCoreGroup(OfCoreGroup):
    @extend_schema(request=shapes.MoveCoreGroupIn, responses=shapes.CoreGroupOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Move it to another time: a CRAM review that was brought forward to it moves with it."""
        return self.acted(actions.move_core_group, pk, shapes.MoveCoreGroupIn)


class RecordCoreGroup(OfCoreGroup):
    @extend_schema(request=shapes.RecordCoreGroupIn, responses=shapes.CoreGroupOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Record what was said and agreed, who attended, and what police passed on there."""
        return self.acted(actions.record_core_group, pk, shapes.RecordCoreGroupIn)


class CancelCoreGroup(OfCoreGroup):
    @extend_schema(request=shapes.CancelCoreGroupIn, responses=shapes.CoreGroupOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Record that it is not held."""
        return self.acted(actions.cancel_core_group, pk, shapes.CancelCoreGroupIn)
