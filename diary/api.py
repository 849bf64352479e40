"""Duties over the API: what is due, and emails to a partner held back or let go."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from api.fields import Day, Line, OfficerOut, Sent, Shown, TeamOut
from api.filters import narrowing
from api.resources import Resource
from api.schema import listing
from audit.events import Look
from cases.reading import open_case
from deadlines import clock
from diary import actions, forms, queries
from diary.kinds import kind_of
from diary.models import Duty
from team.permissions import Permission, require, several_teams


class DutyOut(Shown):
    """Something that must be done on a record by a time, and why by then."""

    case = serializers.CharField(source="case.number")
    urn = serializers.CharField(source="case.urn")
    team = TeamOut()
    label = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="What it is, in words."
    )
    owner = OfficerOut(allow_null=True)
    why = serializers.SerializerMethodField(help_text="The reason for its date.")
    do_by = serializers.SerializerMethodField(help_text="The last working day on which it is still in time.")
    held_by = OfficerOut(allow_null=True)
    ended_by = OfficerOut(allow_null=True)

    class Meta:
        model = Duty
        fields = ["id", "case", "urn", "team", "kind", "label", "state", "owner", "owner_role", "due_on", "due_at"]
        fields += ["late_from", "do_by", "why", "raised_at", "ended_at", "ended_by", "ended_why"]
        fields += ["held_at", "held_by", "held_why"]

    def get_label(self, duty: Duty) -> str:
        kind = kind_of(duty.kind)
        return kind.label if kind else duty.kind

    def get_why(self, duty: Duty) -> str:
        return duty.reckoned.why.sentence()

    @extend_schema_field(Day(allow_null=True))
    def get_do_by(self, duty: Duty) -> str | None:
        do_by = duty.reckoned.do_by
        return do_by.isoformat() if do_by else None


class WhyIn(Sent):
    why = Line(most=300)


def _rows(rows: QuerySet[Duty]) -> QuerySet[Duty]:
    return rows.select_related("case", "team", "owner", "held_by", "ended_by")


class Duties(Resource):
    is_list = True

    @extend_schema(
        parameters=[
            *narrowing(forms.DutiesForm),
            OpenApiParameter("kind", OpenApiTypes.STR, description="A kind of duty, by its code."),
        ],
        responses=listing(DutyOut),
    )
    def get(self, request: Any) -> Response:
        """What is to be done, what runs out first at the top."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        teams = several_teams(self.user, Permission.SEE_RECORDS)
        asked = self.asked(forms.DutiesForm(request.query_params, teams=teams))
        number = asked.pop("case", "")
        rows = Duty.objects.visible_to(self.user)
        if number:
            rows = rows.filter(case=open_case(number, by=self.user, page=self.address, how=Look.API))
        else:
            self.looked(Duty, filters=sorted(name for name, value in asked.items() if value))
        found = queries.narrowed(rows, user=self.user, now=clock.now(), **asked)
        return self.listed(self.page(_rows(found), key="late_from", descending=False), DutyOut)


class OfDuty(Resource):
    """A duty is of a record: looking at it is a look at that."""

    def duty(self, pk: int) -> Duty:
        duty = get_object_or_404(_rows(Duty.objects.visible_to(self.user)), pk=pk)
        open_case(duty.case.number, by=self.user, page=self.address, how=Look.API)
        self.check_writes(duty.team)
        return duty


class OneDuty(OfDuty):
    @extend_schema(responses=DutyOut)
    def get(self, request: Any, pk: int) -> Response:
        """One duty, also one that has ended."""
        return self.shown(DutyOut, self.duty(pk))


class HoldChases(OfDuty):
    writes = Permission.HOLD_CHASES

    @extend_schema(request=WhyIn, responses=DutyOut)
    def post(self, request: Any, pk: int) -> Response:
        """Hold back every email about it, as when the worker who would read it is the subject."""
        return self.done(actions.hold_chases, self.duty(pk), self.sent(WhyIn), DutyOut)


class ReleaseChases(OfDuty):
    writes = Permission.HOLD_CHASES

    @extend_schema(request=WhyIn, responses=DutyOut)
    def post(self, request: Any, pk: int) -> Response:
        """Let the emails about it go again."""
        return self.done(actions.release_chases, self.duty(pk), self.sent(WhyIn), DutyOut)


urlpatterns = [
    path("duties/", Duties.as_view(), name="duties"),
    path("duties/<int:pk>/", OneDuty.as_view(), name="duty"),
    path("duties/<int:pk>/hold/", HoldChases.as_view(), name="hold_chases"),
    path("duties/<int:pk>/release/", ReleaseChases.as_view(), name="release_chases"),
]
