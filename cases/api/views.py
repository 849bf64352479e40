"""Records: the same actions and queries as their pages. What one may do is asked by the actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.filters import narrowing
from api.resources import CREATED, Resource
from api.schema import listing
from audit.events import Look
from cases import actions, forms, queries
from cases.api import shapes
from cases.api.left_out import left_out_of, listing_with_left_out
from cases.closure import ends_undone, in_the_way
from cases.left_out import hidden_here
from cases.models import Action, Case, CasePerson, Closure
from cases.reading import open_case
from deadlines import clock
from people.api import PersonOut, said_of
from people.models import Person
from team.history import with_version
from team.models import User
from team.permissions import Permission, require, several_teams

NOT_ON_RECORD = "One of these numbers is nobody’s on this record. Add them to the record first."


class OfRecord(Resource):
    """Something of one record, which is found only where one may see it; each look at it is logged."""

    case: Case

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.case = open_case(kwargs["number"], by=self.user, page=self.address, how=Look.API)
        self.check_writes(self.case.team)

    def people(self, ids: Iterable[int], field: str = "people") -> list[Person]:
        """People by their numbers. Raises ValidationError for one who is not on the record."""
        wanted = set(ids)
        found = list(Person.objects.filter(pk__in=wanted, parts__case=self.case).distinct().order_by("pk"))
        if wanted - {person.pk for person in found}:
            raise ValidationError({field: [NOT_ON_RECORD]})
        return found

    def officer(self, pk: int | None, field: str, permission: Permission = Permission.WRITE_RECORDS) -> Any:
        """Who works on the team's records today, by the number of their account; None for None."""
        if pk is None:
            return None
        officer: User | None = queries.officers_for(self.case, permission).filter(pk=pk).first()
        if officer is None:
            raise ValidationError({field: ["Nobody with this number can be given this in the record's team today."]})
        return officer


LISTED = listing_with_left_out(shapes.CaseLineOut, "CasesList")


class Cases(Resource):
    is_list = True

    @extend_schema(parameters=narrowing(forms.RecordsFilterForm), responses=LISTED)
    def get(self, request: Any) -> Response:
        """Every record one may open, the newest first; and in `left_out` the restricted ones beside them."""
        require(self.user, Permission.SEE_RECORDS, team=None)
        teams = several_teams(self.user, Permission.SEE_RECORDS)
        asked = self.asked(forms.RecordsFilterForm(request.query_params, teams=teams))
        rows = queries.records_narrowed(Case.objects.visible_to(self.user), user=self.user, **asked)
        self.looked(Case, filters=sorted(name for name, value in asked.items() if value))
        rows = rows.select_related("officer_in_case", "supervisor", "team")
        page = self.page(rows, key="raised_at", descending=True)
        answer = self.listed(page, shapes.CaseLineOut, queries.record_lines(page.rows, today=clock.today()))
        answer.data["left_out"] = left_out_of(hidden_here(self.user, asked.get("team")))
        return answer


class OneCase(OfRecord):
    @extend_schema(responses=shapes.CaseInFullOut)
    def get(self, request: Any, number: str) -> Response:
        """One record: its state, who works on it, who is on it."""
        people = queries.people_on(self.case, today=clock.today())
        return self.shown(shapes.CaseInFullOut, self.case, people=people)


class Officers(OfRecord):
    writes = Permission.ASSIGN_RECORDS

    @extend_schema(responses=listing(shapes.CanBeGivenOut))
    def get(self, request: Any, number: str) -> Response:
        """Who works in the record's team today and can be given it, or an action on it, by name."""
        supervise = set(queries.officers_for(self.case, Permission.SUPERVISE_RECORDS).values_list("pk", flat=True))
        officers = [(each, each.pk in supervise) for each in queries.officers_for(self.case)]
        return self.all_shown(shapes.CanBeGivenOut, officers)

    @extend_schema(request=shapes.AssignIn, responses=shapes.CaseOut)
    def post(self, request: Any, number: str) -> Response:
        """Say who is officer in case and who supervises."""
        sent = self.sent(shapes.AssignIn)
        sent["officer_in_case"] = self.officer(sent["officer_in_case"], "officer_in_case")
        sent["supervisor"] = self.officer(sent["supervisor"], "supervisor", Permission.SUPERVISE_RECORDS)
        return self.done(actions.assign_case, self.case, sent, shapes.CaseOut)


# --- the chronology ------------------------------------------------------------------------------


class Chronology(OfRecord):
    is_list = True
    writes = Permission.WRITE_RECORDS

    @extend_schema(parameters=narrowing(forms.ChronologyFilterForm), responses=listing(shapes.EntryOut))
    def get(self, request: Any, number: str) -> Response:
        """What happened, the latest first, each entry with its corrections."""
        on_record = list(CasePerson.objects.filter(case=self.case, taken_off_at=None).select_related("person"))
        asked = self.asked(forms.ChronologyFilterForm(request.query_params, on_record=on_record))
        rows = queries.entries_narrowed(queries.chronology(self.case), **asked).select_related("recorded_by")
        page = self.page(rows, key="happened_at", descending=True)
        return self.listed(page, shapes.EntryOut, queries.told(page.rows))

    @extend_schema(request=shapes.EntryIn, responses={CREATED: shapes.EntryOut})
    def post(self, request: Any, number: str) -> Response:
        """Add an entry by hand."""
        sent = self.sent(shapes.EntryIn)
        sent["people"] = self.people(sent["people"])
        entry = actions.add_entry(self.case, **sent, by=self.user)
        return self.shown(shapes.EntryOut, queries.told([entry])[0], status=CREATED)


class Corrections(OfRecord):
    writes = Permission.WRITE_RECORDS

    @extend_schema(request=shapes.CorrectionIn, responses={CREATED: shapes.EntryOut})
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Put a correction beside an entry, which itself stays as it was."""
        entry = get_object_or_404(queries.chronology(self.case).select_related("recorded_by", "case"), pk=pk)
        sent = self.sent(shapes.CorrectionIn)
        if "people" in sent:
            sent["people"] = self.people(sent["people"])
        actions.correct_entry(entry, **sent, by=self.user)
        return self.shown(shapes.EntryOut, queries.told([entry])[0], status=CREATED)


# --- actions -------------------------------------------------------------------------------------


class Actions(OfRecord):
    writes = Permission.WRITE_RECORDS

    @extend_schema(responses=listing(shapes.ActionOut))
    def get(self, request: Any, number: str) -> Response:
        """What is to be done, the next due first; then what has ended."""
        return self.all_shown(shapes.ActionOut, with_version(queries.actions_of(self.case)))

    @extend_schema(request=shapes.ActionIn, responses={CREATED: shapes.ActionOut})
    def post(self, request: Any, number: str) -> Response:
        """Add something to be done, by somebody, by a day."""
        sent = self.sent(shapes.ActionIn)
        sent["owner"] = self.officer(sent["owner"], "owner")
        return self.done(actions.add_action, self.case, sent, shapes.ActionOut, status=CREATED)


class OfAction(OfRecord):
    writes = Permission.WRITE_RECORDS

    def end(self, act: Callable[..., Any], pk: int) -> Response:
        return self.done(act, self.found(pk), self.sent(shapes.ResultIn), shapes.ActionOut)

    def found(self, pk: int) -> Action:
        rows = Action.objects.select_related("owner", "added_by", "ended_by", "case")
        return get_object_or_404(rows, case=self.case, pk=pk)


class OneAction(OfAction):
    @extend_schema(request=shapes.ChangeActionIn, responses=shapes.ActionOut)
    def patch(self, request: Any, number: str, pk: int) -> Response:
        """Give an action to somebody else, or another date, and say why."""
        action, sent = self.found(pk), self.sent(shapes.ChangeActionIn)
        sent["owner"] = self.officer(sent["owner"], "owner")
        return self.done(actions.change_action, action, sent, shapes.ActionOut)


class CompleteAction(OfAction):
    @extend_schema(request=shapes.ResultIn, responses=shapes.ActionOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Record that an action is done, and what came of it."""
        return self.end(actions.complete_action, pk)


class CancelAction(OfAction):
    @extend_schema(request=shapes.ResultIn, responses=shapes.ActionOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Record that an action is not needed, and why."""
        return self.end(actions.cancel_action, pk)


# --- people, and what was shared -----------------------------------------------------------------


class PersonOnRecord(OfRecord):
    writes = Permission.WRITE_RECORDS

    @extend_schema(request=shapes.ChangePersonIn, responses=PersonOut)
    def put(self, request: Any, number: str, pk: int) -> Response:
        """Put right what is known of somebody on the record; how it was stays on record."""
        on = clock.today()
        known = get_object_or_404(Person.objects.filter(parts__case=self.case).distinct(), pk=pk)
        sent = self.sent(shapes.ChangePersonIn, on=on, known=known.birth)
        values = {"said": said_of(sent), "reason": sent["reason"], "version": sent["version"], "case": self.case}
        return self.done(actions.change_person, known, {**values, "on": on}, PersonOut)


class TakeOff(OfRecord):
    writes = Permission.WRITE_RECORDS

    @extend_schema(request=shapes.ReasonIn, responses={204: None})
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Take somebody off the record, as when it was somebody else; what was written about them stays."""
        rows = CasePerson.objects.select_related("person", "case")
        found = get_object_or_404(rows, case=self.case, pk=pk)
        actions.take_person_off(found, **self.sent(shapes.ReasonIn), by=self.user)
        return Response(status=204)


class SharedItems(OfRecord):
    writes = Permission.WRITE_RECORDS

    @extend_schema(responses=listing(shapes.SharedOut))
    def get(self, request: Any, number: str) -> Response:
        """What was shared with whom, the latest first."""
        return self.all_shown(shapes.SharedOut, queries.shared_on(self.case).prefetch_related("people"))

    @extend_schema(request=shapes.SharedIn, responses={CREATED: shapes.SharedOut})
    def post(self, request: Any, number: str) -> Response:
        """Record what was passed on, to whom, how and on what ground."""
        sent = self.sent(shapes.SharedIn)
        sent["people"] = self.people(sent["people"])
        return self.done(actions.share_information, self.case, sent, shapes.SharedOut, status=CREATED)


# --- closure -------------------------------------------------------------------------------------


class Closures(OfRecord):
    writes = Permission.ASK_CLOSURE

    @extend_schema(responses=shapes.ClosuresOut)
    def get(self, request: Any, number: str) -> Response:
        """What stands in the way of closure, and each request for it, the latest first."""
        found = {
            "in_the_way": [each.what for each in in_the_way(self.case)],
            "ends_undone": ends_undone(self.case),
            "results": queries.closures_of(self.case),
        }
        return self.shown(shapes.ClosuresOut, found)

    @extend_schema(request=shapes.AskClosureIn, responses={CREATED: shapes.ClosureOut})
    def post(self, request: Any, number: str) -> Response:
        """Ask for the record to be closed. Refused with everything that stands in the way."""
        return self.done(
            actions.ask_closure, self.case, self.sent(shapes.AskClosureIn), shapes.ClosureOut, status=CREATED
        )


class OfClosure(OfRecord):
    def answer(self, act: Callable[..., Any], pk: int, sent: dict[str, Any]) -> Response:
        rows = Closure.objects.select_related("asked_by", "answered_by", "case")
        return self.done(act, get_object_or_404(rows, case=self.case, pk=pk), sent, shapes.ClosureOut)


class AgreeClosure(OfClosure):
    writes = Permission.CLOSE_RECORDS

    @extend_schema(request=shapes.AgreeIn, responses=shapes.ClosureOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Agree, and so close the record: never by who asked."""
        return self.answer(actions.agree_closure, pk, {"answer": self.sent(shapes.AgreeIn)["answer"]})


class RefuseClosure(OfClosure):
    writes = Permission.CLOSE_RECORDS

    @extend_schema(request=shapes.AnswerIn, responses=shapes.ClosureOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Do not agree, and say what is missing: the record stays open."""
        return self.answer(actions.refuse_closure, pk, self.sent(shapes.AnswerIn))


class WithdrawClosure(OfClosure):
    writes = Permission.ASK_CLOSURE

    @extend_schema(request=shapes.AnswerIn, responses=shapes.ClosureOut)
    def post(self, request: Any, number: str, pk: int) -> Response:
        """Take one's own request back, and say why."""
        return self.answer(actions.withdraw_closure, pk, self.sent(shapes.AnswerIn))


class Reopen(OfRecord):
    writes = Permission.REOPEN_RECORDS

    @extend_schema(request=shapes.ReasonIn, responses=shapes.CaseOut)
    def post(self, request: Any, number: str) -> Response:
        """Open a closed record again, and say why."""
        return self.done(actions.reopen_case, self.case, self.sent(shapes.ReasonIn), shapes.CaseOut)
