"""Duties over the API: what is due, what has ended, and emails to a partner held back or let go."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.forms import Form
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from api.fields import Day, Line, Moment, Number, OfficerOut, Sent, Shown, TeamOut
from api.filters import narrowing
from api.resources import Resource
from api.schema import listing
from audit.events import Look
from cases.api.views import OfRecord
from cases.reading import open_case
from deadlines import clock
from diary import actions, forms, queries
from diary.kinds import kind_of
from diary.models import Duty, Notice, NoticeKind
from diary.withheld import NOTHING_WITHHELD, Withheld, withheld
from team.acting import acting_team
from team.models import Membership, User
from team.permissions import Permission, require

OF_OFFICER = (
    "The account’s number of who has it by name, or is officer in case; somebody who holds a role in the team today. "
    "Who sees every team names one with it."
)


class ToldOut(Shown):
    """Somebody who was told that a duty is late: a person, or whoever holds a role."""

    to = OfficerOut(source="to_person", allow_null=True)
    role = serializers.CharField(source="to_role")
    at = Moment(source="raised_at")
    step = serializers.IntegerField(
        source="number", help_text="1 whoever has to do it, 2 a supervisor, 3 the inspector, 4 the command."
    )

    class Meta:
        model = Notice
        fields = ["step", "to", "role", "at"]


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
    answered_with = serializers.IntegerField(
        source="answered_with_id",
        read_only=True,
        allow_null=True,
        help_text="The other duty that was done with it: one review for two.",
    )
    late_by_hours = serializers.SerializerMethodField(
        help_text="How many whole hours it is late now, or was when it ended; null where it is in time."
    )
    told = serializers.SerializerMethodField(help_text="Who was told that it is late, in order.")

    class Meta:
        model = Duty
        fields = ["id", "case", "urn", "team", "kind", "label", "about", "state", "owner", "owner_role"]
        fields += ["due_on", "due_at", "late_from", "do_by", "why", "raised_at", "ended_at", "ended_by", "ended_why"]
        fields += ["held_at", "held_by", "held_why", "answered_with", "late_by_hours", "told"]

    def get_label(self, duty: Duty) -> str:
        kind = kind_of(duty.kind)
        return kind.label if kind else duty.kind

    def get_why(self, duty: Duty) -> str:
        return duty.reckoned.why.sentence()

    @extend_schema_field(Day(allow_null=True))
    def get_do_by(self, duty: Duty) -> str | None:
        do_by = duty.reckoned.do_by
        return do_by.isoformat() if do_by else None

    @cached_property
    def _now(self) -> datetime:
        return clock.now()  # once for all the rows of a list

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_late_by_hours(self, duty: Duty) -> int | None:
        until = duty.ended_at or self._now
        return (until - duty.late_from) // timedelta(hours=1) if until > duty.late_from else None

    @extend_schema_field(ToldOut(many=True))
    def get_told(self, duty: Duty) -> Any:
        late = [notice for notice in duty.notices.all() if notice.kind == NoticeKind.LATE]
        return ToldOut(sorted(late, key=lambda notice: notice.number), many=True).data


class WithheldOut(serializers.Serializer[Withheld]):
    """What is due on restricted records on which the account is not named: `duties`, of which `late`, whatever the
    list is narrowed by but for the team. None of them is in the list. `ask`: whom to ask; empty for whoever sees
    which records are restricted."""

    duties = serializers.IntegerField()
    late = serializers.IntegerField()
    ask = serializers.CharField(allow_blank=True)


DUTIES = listing(DutyOut)
# As every list, and what is withheld of it.
DUE = inline_serializer(
    "DueList",
    {
        "results": DutyOut(many=True),
        "next": serializers.URLField(allow_null=True, help_text="The address of what follows; null at the end."),
        "withheld": WithheldOut(),
    },
)


class WhyIn(Sent):
    why = Line(most=300)


class GiveIn(WhyIn):
    to = Line(most=150, allow_null=True, help_text="A user name; null for whoever holds the role.")
    seen = Number(
        required=False, help_text="The account’s number of who had it when you looked, 0 for nobody by name."
    )


def _rows(rows: QuerySet[Duty]) -> QuerySet[Duty]:
    told = Prefetch("notices", Notice.objects.select_related("to_person"))
    return rows.select_related("case", "team", "owner", "held_by", "ended_by").prefetch_related(told)


class Duties(Resource):
    is_list = True

    @extend_schema(
        parameters=[
            *narrowing(forms.DutiesForm),
            OpenApiParameter("kind", OpenApiTypes.STR, many=True, description="Kinds of duty, each by its code."),
            OpenApiParameter("officer", OpenApiTypes.INT, description=OF_OFFICER),
        ],
        responses=DUE,
    )
    def get(self, request: Any) -> Response:
        """What is to be done, what runs out first at the top."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        my_team = acting_team(self.request)
        asked = self.asked(forms.DutiesForm.of(request.query_params, user=self.user, my_team=my_team))
        number = asked.pop("case", "")
        rows = Duty.objects.visible_to(self.user)
        if number:
            rows = rows.filter(case=open_case(number, by=self.user, page=self.address, how=Look.API))
        else:
            self.looked(Duty, filters=sorted(name for name, value in asked.items() if value))
        asked |= {"my_team": my_team, "every_kind": bool(number)}
        now, hidden = clock.now(), NOTHING_WITHHELD
        found = queries.narrowed(rows, user=self.user, now=now, **asked)
        answer = self.listed(self.page(_rows(found), key="late_from", descending=False), DutyOut)
        if not number:  # of one record either all is there or nothing
            team = asked.get("team") or (my_team if asked.get("whose") == "my_team" else None)
            hidden = withheld(self.user, now=now, team=team)
        answer.data["withheld"] = WithheldOut(hidden).data
        return answer


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


class EndedDuties(OfRecord):
    is_list = True

    @extend_schema(parameters=narrowing(Form), responses=DUTIES)
    def get(self, request: Any, number: str) -> Response:
        """What became of the duties of a record that have ended, what ended last first."""
        self.asked(Form(request.query_params))
        return self.listed(self.page(_rows(queries.ended_of(self.case)), key="over_at", descending=True), DutyOut)


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


class GiveDuty(OfDuty):
    writes = Permission.GIVE_DUTIES

    @extend_schema(request=GiveIn, responses=DutyOut)
    def post(self, request: Any, pk: int) -> Response:
        """Give it to somebody by name, or back to whoever holds its role. Its date stays as it is."""
        duty, sent = self.duty(pk), self.sent(GiveIn)
        name = sent["to"]
        # Whoever has no role in the team is not named: a program must not find out who else has an account.
        here = User.objects.filter(pk__in=Membership.objects.today().filter(team=duty.team).values("user"))
        sent["to"] = here.filter(username__iexact=name).first() if name is not None else None
        if name is not None and sent["to"] is None:
            raise ValidationError({"to": f"Nobody with this user name can do this in {duty.team}."})
        return self.done(actions.give_duty, duty, sent, DutyOut)


urlpatterns = [
    path("duties/", Duties.as_view(), name="duties"),
    path("duties/<int:pk>/", OneDuty.as_view(), name="duty"),
    path("cases/<record:number>/duties/ended/", EndedDuties.as_view(), name="ended_duties"),
    path("duties/<int:pk>/give/", GiveDuty.as_view(), name="give_duty"),
    path("duties/<int:pk>/hold/", HoldChases.as_view(), name="hold_chases"),
    path("duties/<int:pk>/release/", ReleaseChases.as_view(), name="release_chases"),
]
