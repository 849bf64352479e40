"""How a record comes to another borough's team: asked for by a sergeant here, accepted by a sergeant there (ADR 30).

The sender owns it until the receiver accepts (handbook). Number, URN and every date are kept.
"""

from __future__ import annotations

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases import policies, transfer_policies
from cases.closure import Turn, tell
from cases.enums import Kind, TransferState
from cases.models import Action, Case, Transfer
from cases.restricting import can_be_named, named_on
from cases.restricting_policies import check_can_be_ended, check_can_take_over
from cases.steps import enter, lock, locked, name_on
from cases.transfers import actions_to_pass, stay_on
from deadlines import clock
from pages.words import count, moment
from team.history import save_as
from team.models import Team, User
from team.permissions import Permission, require
from team.queries import who_may


def ask_transfer(case: Case, *, to_team: Team, reason: str, by: User) -> Transfer:
    """Ask another borough's team to take a record over. Until it accepts nothing changes. Raises ValidationError,
    with everything that has to be finished first."""
    with transaction.atomic():
        case = locked(case, Permission.TRANSFER_RECORDS, by)
        policies.check_open(case)
        transfer_policies.check_ask_transfer(case, to_team)
        policies.check_written(reason, field="reason")
        transfer_policies.check_ready_to_transfer(case)
        transfer = Transfer(case=case, from_team=case.team, to_team=to_team, reason=reason, asked_by=by)
        transfer.asked_at = clock.moment()
        save_as(transfer, by)
        enter(case, Kind.RECORD, f"Transfer to {to_team} asked for", text=reason, by=by)
        tell(case, Turn.TRANSFER_ASKED, by=by)
        _record(Event.TRANSFER_ASKED, transfer, by)
        return transfer


def withdraw_transfer(transfer: Transfer, *, answer: str, by: User) -> Transfer:
    """Take the request back, and say why: whoever may ask here. Raises ValidationError."""
    with transaction.atomic():
        case = locked(transfer.case, Permission.TRANSFER_RECORDS, by)
        transfer = _as_it_is_now(transfer, case)
        policies.check_written(answer, field="answer")
        _answer(transfer, TransferState.WITHDRAWN, answer, by)
        enter(case, Kind.RECORD, f"Transfer to {transfer.to_team} withdrawn", text=answer, by=by)
        tell(case, Turn.TRANSFER_ANSWERED, by=by)
        _record(Event.TRANSFER_WITHDRAWN, transfer, by)
        return transfer


def decline_transfer(transfer: Transfer, *, answer: str, by: User) -> Transfer:
    """Do not accept a record, and say why: it stays where it is. Raises ValidationError."""
    with transaction.atomic():
        case, transfer = _locked_by_receiver(transfer, by)
        policies.check_written(answer, field="answer")
        _answer(transfer, TransferState.DECLINED, answer, by)
        title = f"{transfer.to_team} did not accept the record"
        enter(case, Kind.DECISION, title, text=answer, significant=True, by=by)
        tell(case, Turn.TRANSFER_ANSWERED, by=by)
        _record(Event.TRANSFER_DECLINED, transfer, by)
        return transfer


def accept_transfer(transfer: Transfer, *, answer: str = "", by: User) -> Transfer:
    """Take a record over, with everything on it that is still to be done. Raises ValidationError, also for what has
    come to be unfinished since it was asked."""
    with transaction.atomic():
        case, transfer = _locked_by_receiver(transfer, by)
        transfer_policies.check_ready_to_transfer(case)
        _answer(transfer, TransferState.ACCEPTED, answer, by)
        tell(case, Turn.TRANSFER_ANSWERED, by=by)  # what the sender had to do for it ends as the sender's
        before = case.officer_in_case, case.supervisor
        passed = actions_to_pass(case, transfer.to_team)
        _take_off(case, *stay_on(case, transfer.to_team), by=by)
        case.team = transfer.to_team
        save_as(case, by)
        _name_receivers(case, transfer, by=by)
        for action in passed:
            action.owner = by
            save_as(action, by)
        title = f"Record transferred from {transfer.from_team} to {transfer.to_team}"
        text = _in_words(transfer, case, before, passed)
        enter(case, Kind.DECISION, title, text=text, significant=True, by=by)
        tell(case, Turn.TRANSFERRED, by=by)
        _record(Event.CASE_TRANSFERRED, transfer, by)
        return transfer


def _take_off(case: Case, officer: User | None, supervisor: User | None, *, by: User) -> None:
    """Officer in case and supervisor as they stay. What ends with their work here, such as the supervision of an
    investigation, ends as the sender's: the record is theirs still."""
    changed = case.officer_in_case != officer, case.supervisor != supervisor
    if not any(changed):
        return
    case.officer_in_case, case.supervisor = officer, supervisor
    save_as(case, by)
    for turn, is_other in zip((Turn.ASSIGNED, Turn.SUPERVISOR), changed, strict=True):
        if is_other:
            tell(case, turn, by=by)


def _name_receivers(case: Case, transfer: Transfer, *, by: User) -> None:
    """A restricted record stays restricted: whoever accepts it opens it, and whoever can end the restriction there.
    Those of the sender who open no records of the receiver are named no more."""
    if not case.restricted:
        return
    can = set(can_be_named(case).values_list("pk", flat=True))
    for named in named_on(case):
        if named.officer_id not in can:
            named.ended_at, named.ended_by = clock.moment(), by
            named.end_reason = f"The record was transferred to {case.team}"
            save_as(named, by)
    there = set(named_on(case).values_list("officer", flat=True))
    inspectors = who_may(Permission.END_RESTRICTIONS, team=case.team)
    check_can_take_over(case, by, asked_by=transfer.asked_by, field="answer")
    for officer in User.objects.filter(pk__in={by.pk, *(inspectors & can)} - there).order_by("pk"):
        name_on(case, officer, reason=f"{by} accepted the record for {case.team}", by=by)
    check_can_be_ended(case)


def _locked_by_receiver(transfer: Transfer, by: User) -> tuple[Case, Transfer]:
    """Whoever answers cannot open the record: their permission is for the team that is asked."""
    case = lock(transfer.case_id)
    require(by, Permission.ANSWER_TRANSFERS, team=transfer.to_team)
    transfer = _as_it_is_now(transfer, case)
    transfer_policies.check_answers_for_receiver(transfer, by=by)
    return case, transfer


def _as_it_is_now(transfer: Transfer, case: Case) -> Transfer:
    """Asked first whether it was answered: of two who answer at once, the second reads what the first said."""
    related = ("from_team", "to_team", "asked_by", "answered_by")
    transfer = Transfer.objects.select_related(*related).get(pk=transfer.pk)
    transfer.case = case
    transfer_policies.check_answer_transfer(transfer)
    policies.check_open(case)
    return transfer


def _answer(transfer: Transfer, state: TransferState, answer: str, by: User) -> None:
    transfer.state, transfer.answer = state, answer
    transfer.answered_at, transfer.answered_by = clock.moment(), by
    save_as(transfer, by)


def _in_words(transfer: Transfer, case: Case, before: tuple[User | None, User | None], passed: list[Action]) -> str:
    """Who asked and why, who accepted, and whose work it was: all of it can be read in the chronology alone."""
    asked = f"{transfer.asked_by} asked on {moment(transfer.asked_at)}: {transfer.reason}"
    accepted = f"{transfer.answered_by} accepted it for {transfer.to_team}. {transfer.answer}".strip()
    now = (case.officer_in_case, case.supervisor)
    words = ("Officer in case", "Supervisor")
    off = [
        f"{word} until now: {was}." for word, was, here in zip(words, before, now, strict=True) if was and was != here
    ]
    given = [f"{count(len(passed), 'action')} now for {transfer.answered_by}."] if passed else []
    kept = "The number, the URN and every date are kept."
    return "\n\n".join(filter(None, [asked, accepted, " ".join([*off, *given]), kept]))


def _record(event: Event, transfer: Transfer, by: User) -> None:
    detail = {"from_team": transfer.from_team_id, "to_team": transfer.to_team_id}
    case = transfer.case
    record(event, by=by, on=transfer, case_id=case.pk, team_id=case.team_id, detail=detail)
