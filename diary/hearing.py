"""What becomes of duties when a record's course turns, or one of its actions does."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from cases.closure import Turn
from cases.enums import ActionState, ClosureState, State, TransferState
from cases.models import Action, Case, Closure, Transfer
from cases.restricting import named_on
from deadlines import rules
from diary import duties
from diary.kinds import kind_of
from diary.models import Duty, DutyState
from diary.steps import end_duty, end_open, hand_over, pass_to, raise_again
from pages.words import day
from team.history import save_as
from team.models import User


def hear(case: Case, turn: Turn, by: User) -> None:
    """What becomes of duties when a record's course turns. The record is locked."""
    if turn == Turn.CLOSURE_ASKED:
        asked_at = Closure.objects.get(case=case, state=ClosureState.ASKED).asked_at
        raise_again(duties.CLOSURE, case, rules.CLOSURE_ANSWER.due_or_at_once(asked_at), by=by)
    elif turn == Turn.CLOSURE_ANSWERED:
        end_open(duties.CLOSURE, case, done=True, why="Answered", by=by)
    elif turn == Turn.TRANSFER_ASKED:
        asked_at = Transfer.objects.get(case=case, state=TransferState.ASKED).asked_at
        raise_again(duties.TRANSFER, case, rules.TRANSFER_ANSWER.due_or_at_once(asked_at), by=by)
    elif turn == Turn.TRANSFER_ANSWERED:
        withdrawn = Transfer.objects.filter(case=case).latest("pk").state == TransferState.WITHDRAWN
        why = "The request was withdrawn" if withdrawn else "Answered"
        end_open(duties.TRANSFER, case, done=not withdrawn, why=why, by=by)
    elif turn == Turn.TRANSFERRED:
        hand_over(case, by)
        settle_actions(case, by=by)
    elif turn == Turn.RESTRICTED:
        _give_back_what_is_hidden(case, by)
    elif turn in (Turn.ACTIONS, Turn.REOPENED):
        settle_actions(case, by=by)
    elif turn == Turn.CLOSED:
        # Nothing that stands in the way is open any more; what is left ends with the record.
        for duty in Duty.objects.filter(case=case, state=DutyState.OPEN).order_by("pk"):
            kind = kind_of(duty.kind)
            why = f"The record was closed without it: {kind.label if kind else ''}"
            end_duty(duty, done=False, why=why, by=by)


def _give_back_what_is_hidden(case: Case, by: User) -> None:
    """What somebody has by name on a record that they can no longer open goes back to whoever holds its role; where
    nobody who is named holds that, to one of them."""
    named = set(named_on(case).values_list("officer", flat=True))
    for duty in Duty.objects.filter(case=case, state=DutyState.OPEN).select_related("owner").order_by("pk"):
        if duty.owner_id not in named:
            duty.case = case
            pass_to(duty, None, by)


def who_asked_or_did_it(duty: Duty) -> set[int]:
    """Who (ids) does not agree that a record is closed: whoever asked, and whoever is or was officer in case
    (`cases.policies.check_agree_closure`)."""
    asked = Closure.objects.filter(case=duty.case_id, state=ClosureState.ASKED).values_list("asked_by", flat=True)
    lines: Any = Case.history
    did_it = lines.filter(id=duty.case_id, officer_in_case__isnull=False).values_list("officer_in_case", flat=True)
    return {*asked, *did_it}


def settle_actions(case: Case, *, by: User) -> None:
    """Put the duties of a record's actions to how they should be: of each open one there is one, of its owner, by its
    date. Another date is another duty, of whoever had the one before. The record is locked."""
    if case.state != State.OPEN:
        return
    rows = Duty.objects.filter(case=case, kind=duties.ACTION.code, state=DutyState.OPEN)
    there = {duty.subject: duty for duty in rows.select_related("owner").order_by("pk")}
    actions = Action.objects.filter(case=case).select_related("owner")
    for action in actions.filter(Q(state=ActionState.OPEN) | Q(pk__in=there)).order_by("pk"):
        duty = there.get(action.pk)
        if action.state != ActionState.OPEN:
            if duty is not None:
                end_duty(duty, done=action.state == ActionState.DONE, why=action.get_state_display(), by=by)
            continue
        owner = duty.owner if duty else action.owner
        if duty is not None and not rules.ACTION.is_chosen(duty.reckoned, action.due_on):
            end_duty(duty, done=False, why=f"Another date: {day(action.due_on)}", by=by)
            duty = None
        if duty is None:
            due = rules.ACTION.chosen(action.due_on, action.added_at)
            duty = raise_again(duties.ACTION, case, due, owner=owner, subject=action.pk, about=action.what, by=by)
        pass_to(duty, action.owner, by)


def own_what_is_given(duty: Duty, by: User) -> None:
    """Whoever is given the duty of an action does that; nobody by name where it was given back to its role. The
    record is locked."""
    action = Action.objects.get(pk=duty.subject)
    if action.owner_id != duty.owner_id:  # not where the action was given, and its duty follows
        action.owner = duty.owner
        save_as(action, by)
