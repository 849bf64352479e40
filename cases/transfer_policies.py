"""Whether the state of a record allows that another team takes it over; the message is what the user reads."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from cases.closure import before_transfer
from cases.enums import TransferState
from cases.models import Case, Transfer
from cases.transfer_states import is_answered
from cases.transfers import asked_transfer, teams_that_can_answer
from pages.words import moment
from team.models import Team, User


def check_ask_transfer(case: Case, to_team: Team | None = None) -> None:
    """One request at a time, to another borough's team in which somebody can answer; the second who asks reads who
    asked first."""
    if asked := asked_transfer(case):
        raise ValidationError(
            f"{asked.asked_by} asked on {moment(asked.asked_at)} to transfer this record to {asked.to_team}, because "
            f"“{asked.reason}”. They have not answered yet."
        )
    if to_team is not None and not teams_that_can_answer(case).filter(pk=to_team.pk).exists():
        raise ValidationError(
            {"to_team": "Choose another borough’s team in which a sergeant or the inspector can answer"}
        )


def check_ready_to_transfer(case: Case) -> None:
    """Nothing is handed over half written, or while it waits for an answer of the team that has it."""
    things = [each.what for each in before_transfer(case)]
    if things:
        first = f"{case.team} must finish something before this record can be transferred."
        raise ValidationError([first, *(f"{each}." for each in things)])


def check_answer_transfer(transfer: Transfer) -> None:
    """A request is answered once; the second who tries reads who answered, and how. What was answered about a
    restricted record reads who is named on it (`workbench.transfers.reads_the_words`): here it is not said."""
    if not is_answered(transfer.state):
        return
    did = {
        TransferState.ACCEPTED: f"accepted this record for {transfer.to_team}",
        TransferState.DECLINED: f"did not accept this record for {transfer.to_team}",
        TransferState.WITHDRAWN: "withdrew the request to transfer this record",
    }
    raise ValidationError(
        f"{transfer.answered_by} {did[TransferState(transfer.state)]} on {moment(transfer.answered_at)}"  # type: ignore[arg-type]
        + (f": “{transfer.answer}”" if transfer.answer and not transfer.case.restricted else ".")
    )


def check_answers_for_receiver(transfer: Transfer, *, by: User) -> None:
    """Nobody who works in both teams answers their own request (CAIT default)."""
    if transfer.asked_by == by:
        raise ValidationError(
            f"You asked to transfer this record, so somebody else in {transfer.to_team} must answer. You can "
            "withdraw the request."
        )
