"""Conferences: the list, one in full, and everything that is done for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core import exceptions
from django.db.models import Exists, OuterRef, Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.filters import narrowing
from api.resources import CREATED, Resource
from audit.events import Look
from cases.api.left_out import left_out_of, listing_with_left_out
from cases.api.shapes import ActionOut
from cases.api.views import OfRecord
from cases.left_out import hidden_here
from cases.models import NUMBER, Action, not_hidden_from
from cases.reading import open_case
from conferences import actions
from conferences.actions import Decided
from conferences.api import shapes
from conferences.clashes import clash_sentence
from conferences.enums import Attending, ConferenceKind, ConferenceState
from conferences.models import Conference, ConferenceChild, OutcomeFor, PoliceAction
from conferences.preparing import checklists
from deadlines.clock import london_day_end, london_midnight
from intake.models import Message
from pages.forms import DayField
from people.models import Person
from team.forms import OfTeamForm
from team.history import with_version
from team.permissions import Permission, require, several_teams

RELATED = ("case", "pclo")
BY = ("booked_by", "attending_decided_by", "briefed_by", "attended_by", "attendance_by", "debriefed_by")
NOT_ITS_CHILD = "This conference is not about a child with this number."


def with_all_of_it(pk: int) -> Conference:
    """One conference with everything that stands in it, in as many queries however much that is."""
    action = with_version(Action.objects.select_related("owner", "added_by", "ended_by"))
    rows = Conference.objects.select_related(*RELATED, *BY, "minutes_checked_by").prefetch_related(
        "children",
        Prefetch("outcomes", OutcomeFor.objects.select_related("recorded_by").order_by("pk")),
        Prefetch("police_actions", PoliceAction.objects.prefetch_related(Prefetch("action", action)).order_by("pk")),
    )
    found: Conference = with_version(rows).get(pk=pk)
    return found


class ConferencesForm(OfTeamForm):
    """Narrows the list of conferences; `from_on` and `to_on` are the first and the last day on which they are."""

    all_optional = True
    narrows = True

    case = forms.RegexField(f"^{NUMBER}$", label="The record's number", required=False)
    state = forms.ChoiceField(choices=[("", "All"), *ConferenceState.choices], required=False)
    kind = forms.ChoiceField(choices=[("", "All"), *ConferenceKind.choices], required=False)
    from_on = DayField(label="Held from", required=False)
    to_on = DayField(label="Held until", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from_on"), data.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", "The last day must not be before the first")
        return data


CONFERENCES = listing_with_left_out(shapes.ConferenceLineOut, "ConferenceList")


class Conferences(Resource):
    is_list = True

    @extend_schema(parameters=narrowing(ConferencesForm), responses=CONFERENCES)
    def get(self, request: Any) -> Response:
        """The conferences of every record one may open, the latest first. `left_out`: the restricted records of the
        team with conferences that are left out."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        teams = several_teams(self.user, Permission.SEE_RECORDS)
        asked = self.asked(ConferencesForm(request.query_params, teams=teams))
        rows = Conference.objects.visible_to(self.user)
        if number := asked["case"]:
            # All of them, also those that were held when another team had the record.
            case = open_case(number, by=self.user, page=self.address, how=Look.API)
            rows = Conference.objects.filter(case=case)
        else:
            self.looked(Conference, filters=sorted(name for name, value in asked.items() if value))
        if team := asked.get("team"):
            rows = rows.filter(team=team)
        if first := asked["from_on"]:
            rows = rows.filter(starts_at__gte=london_midnight(first))
        if last := asked["to_on"]:
            rows = rows.filter(starts_at__lt=london_day_end(last))
        rows = rows.filter(**{name: asked[name] for name in ("state", "kind") if asked[name]})
        rows = rows.select_related(*RELATED).prefetch_related("children")
        answer = self.listed(self.page(rows, key="starts_at", descending=True), shapes.ConferenceLineOut)
        # Of one record either all is there or nothing.
        has_one = Exists(Conference.objects.filter(case=OuterRef("pk")))
        answer.data["left_out"] = [] if number else left_out_of(hidden_here(self.user, team).filter(has_one))
        return answer


class WithConference(OfRecord):
    """Whose answer is a conference in full."""

    def in_full(self, conference: Conference, *, status: int = 200) -> Response:
        it = with_all_of_it(conference.pk)
        steps = checklists([it])[it.pk]
        return self.shown(shapes.ConferenceOut, it, status=status, preparation=steps)

    def without_clash(self, sent: dict[str, Any], besides: Conference | None = None) -> dict[str, Any]:
        """What was sent, without `anyway`: as the forms ask it, a clash is refused where that is not said."""
        there: dict[str, Any] = {name: getattr(besides, name, None) for name in ("pclo", "starts_at", "lasts")}
        there |= sent
        clash = clash_sentence(there["pclo"], there["starts_at"], there["lasts"], besides=besides, user=self.user)
        if clash and not sent["anyway"]:
            raise ValidationError({"anyway": [f"{clash}. Send true if that can be done."]})
        return {name: value for name, value in sent.items() if name != "anyway"}

    def children(self, ids: list[int]) -> list[Person]:
        """Some people of the record, in the order in which they were sent."""
        try:
            found = {person.pk: person for person in self.people(ids)}
        except ValidationError as wrong:
            raise ValidationError({"children": wrong.detail["people"]}) from None  # type: ignore[call-overload]
        return [found[pk] for pk in dict.fromkeys(ids)]

    def email(self, pk: int | None) -> Message | None:
        """The email of an invitation, or that told of a change: one that one may read."""
        if pk is None:
            return None
        message = Message.objects.visible_to(self.user).select_related("team").filter(pk=pk).first()
        if message is None:
            raise ValidationError({"message": ["There is no email with this number that you may read."]})
        self.looked(message, team=message.team)
        return message


class BookConference(WithConference):
    writes = Permission.BOOK_CONFERENCES

    @extend_schema(request=shapes.BookIn, responses={CREATED: shapes.ConferenceOut})
    def post(self, request: Any, number: str) -> Response:
        """Book a conference on a record: every step of its preparation is a duty from now on."""
        sent = self.sent(shapes.BookIn)
        sent["kind"] = ConferenceKind(sent["kind"])
        sent["children"] = self.children(sent["children"])
        sent["pclo"] = self.officer(sent["pclo"], "pclo")
        sent["message"] = self.email(sent["message"])
        sent = self.without_clash(sent)
        return self.in_full(actions.book_conference(self.case, **sent, by=self.user), status=CREATED)


class OfConference(WithConference):
    """A conference is of a record: looking at it is a look at that."""

    conference: Conference

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        Resource.initial(self, request, *args, **kwargs)
        # Whether one may open it is asked of its record, which may have come from another team since it was held. An
        # id can be counted through: of a restricted record on which one is not named, it does not tell that there is
        # anything.
        rows = Conference.objects.filter(not_hidden_from(self.user)).select_related("case", "pclo")
        self.conference = get_object_or_404(rows, pk=kwargs["pk"])
        self.case = open_case(self.conference.case.number, by=self.user, page=self.address, how=Look.API)
        self.check_writes(self.case.team)
        self.conference.case = self.case

    def acted(self, act: Callable[..., Any], sent: dict[str, Any], *, status: int = 200) -> Response:
        act(self.conference, **sent, by=self.user)
        return self.in_full(self.conference, status=status)

    def by_email(self, act: Callable[..., Any], sent: dict[str, Any]) -> Response:
        """What an email may have told."""
        return self.acted(act, {**sent, "message": self.email(sent["message"])})


class OneConference(OfConference):
    writes = Permission.BOOK_CONFERENCES

    @extend_schema(responses=shapes.ConferenceOut)
    def get(self, request: Any, pk: int) -> Response:
        """One conference: how it is prepared, who attended, what was decided about each child."""
        return self.in_full(self.conference)

    @extend_schema(request=shapes.ChangeConferenceIn, responses=shapes.ConferenceOut)
    def patch(self, request: Any, pk: int) -> Response:
        """Change what is known of a booked conference but for its time."""
        sent = self.sent(shapes.ChangeConferenceIn)
        if "children" in sent:
            sent["children"] = self.children(sent["children"])
        if "pclo" in sent:
            sent["pclo"] = self.officer(sent["pclo"], "pclo")
        # Of these nothing stands for nobody and none.
        there = {name: getattr(self.conference, name) for name in ("pclo", "initiated_on", "discussed_on")}
        return self.acted(actions.change_conference, {**there, **self.without_clash(sent, self.conference)})


class MoveConference(OfConference):
    writes = Permission.BOOK_CONFERENCES

    @extend_schema(request=shapes.MoveIn, responses=shapes.ConferenceOut)
    def post(self, request: Any, pk: int) -> Response:
        """Move it to another time: every duty that hangs on it moves with it."""
        sent = self.without_clash(self.sent(shapes.MoveIn), self.conference)
        return self.by_email(actions.move_conference, sent)


class CancelConference(OfConference):
    writes = Permission.BOOK_CONFERENCES

    @extend_schema(request=shapes.CancelIn, responses=shapes.ConferenceOut)
    def post(self, request: Any, pk: int) -> Response:
        """Record that it is not held: every duty that hangs on it falls away."""
        return self.by_email(actions.cancel_conference, self.sent(shapes.CancelIn))


class DecideAttendance(OfConference):
    writes = Permission.SUPERVISE_CONFERENCES

    @extend_schema(request=shapes.AttendingIn, responses=shapes.ConferenceOut)
    def post(self, request: Any, pk: int) -> Response:
        """Decide whether police attend a review conference, and why."""
        sent = self.sent(shapes.AttendingIn)
        sent["attending"] = Attending(sent["attending"])
        return self.acted(actions.decide_attendance, sent)


class BriefOfficer(OfConference):
    writes = Permission.SUPERVISE_CONFERENCES

    @extend_schema(request=shapes.WordsIn, responses=shapes.ConferenceOut)
    def post(self, request: Any, pk: int) -> Response:
        """Record the briefing of whoever goes."""
        return self.acted(actions.brief_officer, self.sent(shapes.WordsIn))


# --- what follows --------------------------------------------------------------------------------


class RecordAttendance(OfConference):
    writes = Permission.RECORD_OUTCOMES

    @extend_schema(request=shapes.AttendedIn, responses=shapes.ConferenceOut)
    def post(self, request: Any, pk: int) -> Response:
        """Record that it was held, and who of the police attended or why nobody did."""
        sent = self.sent(shapes.AttendedIn)
        sent["attended_by"] = self.officer(sent["attended_by"], "attended_by")
        return self.acted(actions.record_attendance, sent)


class CorrectAttendance(OfConference):
    writes = Permission.RECORD_OUTCOMES

    @extend_schema(request=shapes.CorrectAttendanceIn, responses=shapes.ConferenceOut)
    def post(self, request: Any, pk: int) -> Response:
        """Put right who attended, or why nobody did."""
        sent = self.sent(shapes.CorrectAttendanceIn)
        sent["attended_by"] = self.officer(sent["attended_by"], "attended_by")
        return self.acted(actions.correct_attendance, sent)


class RecordOutcomes(OfConference):
    writes = Permission.RECORD_OUTCOMES

    @extend_schema(request=shapes.OutcomesIn, responses={CREATED: shapes.ConferenceOut})
    def post(self, request: Any, pk: int) -> Response:
        """Record what it decided about each of its children: a plan begins, goes on or ends with it."""
        sent = self.sent(shapes.OutcomesIn)
        decided = [self.decided(each, place) for place, each in enumerate(sent.pop("outcomes"))]
        try:
            return self.acted(actions.record_outcomes, {"decided": decided, **sent}, status=CREATED)
        except exceptions.ValidationError as refused:
            raise _by_place(refused, [each.child.pk for each in decided]) from None

    def decided(self, sent: dict[str, Any], place: int) -> Decided:
        rows = ConferenceChild.objects.filter(conference=self.conference, child=sent["child"])
        if (row := rows.select_related("child").first()) is None:
            raise ValidationError({"outcomes": {str(place): {"child": [NOT_ITS_CHILD]}}})
        return Decided(**{**sent, "child": row.child})


def _by_place(refused: exceptions.ValidationError, children: list[int]) -> Exception:
    """What is wrong with some of the children, as a program reads it: by the place of each in what it sent."""
    if not hasattr(refused, "error_dict"):
        return refused
    wrong: dict[str, Any] = {}
    for name, errors in refused.message_dict.items():
        field, _, child = name.rpartition("-")
        if not field:
            return refused
        wrong.setdefault(str(children.index(int(child))), {})[field] = errors
    return ValidationError({"outcomes": wrong})


class CorrectOutcome(OfConference):
    writes = Permission.RECORD_OUTCOMES

    @extend_schema(request=shapes.CorrectOutcomeIn, responses={CREATED: shapes.ConferenceOut})
    def post(self, request: Any, pk: int, outcome: int) -> Response:
        """Put right what was recorded of one child; what stood there stays beside it."""
        rows = OutcomeFor.objects.filter(conference=self.conference).select_related("conference", "child")
        found = get_object_or_404(rows, pk=outcome)
        found.conference = self.conference
        sent = self.sent(shapes.CorrectOutcomeIn)
        besides = {name: sent.pop(name) for name in ("why", "also_decided", "version") if name in sent}
        actions.correct_outcome(found, decided=Decided(child=found.child, **sent), **besides, by=self.user)
        return self.in_full(self.conference, status=CREATED)


class AddPoliceAction(OfConference):
    writes = Permission.RECORD_OUTCOMES

    @extend_schema(request=shapes.PoliceActionIn, responses={CREATED: ActionOut})
    def post(self, request: Any, pk: int) -> Response:
        """Add what it decided that police do: an action of the record."""
        sent = self.sent(shapes.PoliceActionIn)
        sent["owner"] = self.officer(sent["owner"], "owner")
        return self.done(actions.add_police_action, self.conference, sent, ActionOut, status=CREATED)


class DebriefOfficer(OfConference):
    writes = Permission.SUPERVISE_CONFERENCES

    @extend_schema(request=shapes.WordsIn, responses=shapes.ConferenceOut)
    def post(self, request: Any, pk: int) -> Response:
        """Record the debrief of whoever attended."""
        return self.acted(actions.debrief_officer, self.sent(shapes.WordsIn))


class CheckMinutes(OfConference):
    writes = Permission.RECORD_OUTCOMES

    @extend_schema(request=shapes.MinutesIn, responses=shapes.ConferenceOut)
    def post(self, request: Any, pk: int) -> Response:
        """Record that the minutes have come, and whether they agree with our own note."""
        return self.by_email(actions.check_minutes, self.sent(shapes.MinutesIn))
