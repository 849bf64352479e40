"""How a record ends: asked for by one, agreed by another; and how it is opened again."""

from __future__ import annotations

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases import policies
from cases.closure import Turn, tell
from cases.enums import ClosureState, Court, Kind, State
from cases.models import Case, Closure
from cases.queries import REOPENED
from cases.steps import enter, lock_linked, locked, tell_linked
from deadlines import clock
from pages.words import uncapitalised
from team.history import save_as
from team.models import User
from team.permissions import Permission


def ask_closure(case: Case, *, outcome: str, court: Court, by: User) -> Closure:
    """Ask for a record to be closed. Raises ValidationError with everything that stands in the way."""
    with transaction.atomic():
        case = locked(case, Permission.ASK_CLOSURE, by)
        policies.check_open(case)
        policies.check_ask_closure(case)
        policies.check_written(outcome, field="outcome")
        policies.check_court(court)
        policies.check_nothing_in_the_way(case)
        closure = Closure(case=case, outcome=outcome, court=court, asked_by=by, asked_at=clock.moment())
        save_as(closure, by)
        text = f"{outcome}\n\nCourt case: {uncapitalised(Court(court).label)}."
        enter(case, Kind.RECORD, "Closure asked for", text=text, by=by)
        tell(case, Turn.CLOSURE_ASKED, by=by)
        _record(Event.CLOSURE_ASKED, closure, by)
        return closure


def agree_closure(closure: Closure, *, answer: str = "", by: User) -> Closure:
    """Agree, and so close the record. Raises ValidationError: for who asked, and for what came in the way since."""
    with transaction.atomic():
        linked = lock_linked(closure.case)
        case, closure = _locked(closure, Permission.CLOSE_RECORDS, by)
        policies.check_agree_closure(closure, by=by)
        policies.check_nothing_in_the_way(case)
        _answer(closure, ClosureState.AGREED, answer, by)
        case.state, case.closed_at = State.CLOSED, closure.answered_at
        save_as(case, by)
        text = "\n\n".join(filter(None, [f"{closure.asked_by} asked: {closure.outcome}", answer]))
        enter(case, Kind.DECISION, "Record closed", text=text, significant=True, by=by)
        tell(case, Turn.CLOSURE_ANSWERED, by=by)
        tell(case, Turn.CLOSED, by=by)
        tell_linked(linked, by=by)
        _record(Event.CASE_CLOSED, closure, by)
        return closure


def refuse_closure(closure: Closure, *, answer: str, by: User) -> Closure:
    """Do not agree, and say why: the record stays open. Raises ValidationError."""
    with transaction.atomic():
        case, closure = _locked(closure, Permission.CLOSE_RECORDS, by)
        policies.check_refuse_closure(closure, by=by)
        policies.check_written(answer, field="answer")
        _answer(closure, ClosureState.REFUSED, answer, by)
        enter(case, Kind.DECISION, "Closure not agreed", text=answer, significant=True, by=by)
        tell(case, Turn.CLOSURE_ANSWERED, by=by)
        _record(Event.CLOSURE_REFUSED, closure, by)
        return closure


def withdraw_closure(closure: Closure, *, answer: str, by: User) -> Closure:
    """Take one's own request back, and say why. Raises ValidationError."""
    with transaction.atomic():
        case, closure = _locked(closure, Permission.ASK_CLOSURE, by)
        policies.check_withdraw_closure(closure, by=by)
        policies.check_written(answer, field="answer")
        _answer(closure, ClosureState.WITHDRAWN, answer, by)
        enter(case, Kind.RECORD, "Request to close withdrawn", text=answer, by=by)
        tell(case, Turn.CLOSURE_ANSWERED, by=by)
        _record(Event.CLOSURE_WITHDRAWN, closure, by)
        return closure


def reopen_case(case: Case, *, reason: str, by: User) -> Case:
    """Open a closed record again, and say why. Raises ValidationError."""
    with transaction.atomic():
        linked = lock_linked(case)
        case = locked(case, Permission.REOPEN_RECORDS, by)
        policies.check_reopen(case)
        policies.check_written(reason, field="reason")
        case.state, case.closed_at = State.OPEN, None
        save_as(case, by)
        enter(case, Kind.DECISION, REOPENED, text=reason, significant=True, by=by)
        tell(case, Turn.REOPENED, by=by)
        tell_linked(linked, by=by)
        record(Event.CASE_REOPENED, by=by, on=case, case_id=case.pk, team_id=case.team_id)
        return case


def _locked(closure: Closure, permission: Permission, by: User) -> tuple[Case, Closure]:
    """Asked first whether it was answered: of two who answer at once, the second reads what the first said."""
    case = locked(closure.case, permission, by)
    closure = Closure.objects.select_related("asked_by", "answered_by").get(pk=closure.pk)
    closure.case = case
    policies.check_answer_closure(closure)
    policies.check_open(case)
    return case, closure


def _answer(closure: Closure, state: ClosureState, answer: str, by: User) -> None:
    closure.state, closure.answer = state, answer
    closure.answered_at, closure.answered_by = clock.moment(), by
    save_as(closure, by)


def _record(event: Event, closure: Closure, by: User) -> None:
    record(event, by=by, on=closure, case_id=closure.case_id, team_id=closure.case.team_id)
