"""Putting right what the check found: part of an action, under the record's lock."""

from __future__ import annotations

from cases.models import Case
from deadlines import clock
from diary.checking import Finding, Wrong, due_of
from diary.models import Duty, DutyState, Watch
from diary.steps import end_duty, keep_held, raise_again
from diary.telling import fallen_steps, watch
from team.history import save_as
from team.models import User


def put_right(case: Case, finding: Finding, by: User) -> None:
    """One finding. A date is never changed: a duty with a wrong one is cancelled, and raised again with the right."""
    duty, should_be = finding.duty, finding.expected
    if duty is None:
        _raise(case, finding, None, by)
    elif finding.wrong in (Wrong.TWICE, Wrong.NOT_DUE, Wrong.UNKNOWN):
        end_duty(duty, done=False, why=f"Put right: {finding.wrong.label}", by=by)
    elif finding.wrong == Wrong.DATE:
        end_duty(duty, done=False, why=f"Put right: {finding.wrong.label}", by=by)
        _raise(case, finding, duty, by)
    elif Duty.objects.get(pk=duty.pk).state != DutyState.OPEN:
        return  # it was raised anew because of another finding, and is whole again
    elif finding.wrong == Wrong.TEAM:
        duty.team = case.team
        save_as(duty, by)
    elif finding.wrong == Wrong.NOT_WATCHED:
        if not Watch.objects.filter(duty=duty).exists():
            watch(duty)
        elif duty.late_from <= clock.now():
            fallen_steps().one(duty.pk)
    elif finding.wrong == Wrong.NOT_CHASED and should_be and should_be.begin:
        should_be.begin(duty)


def _raise(case: Case, finding: Finding, before: Duty | None, by: User) -> None:
    should_be = finding.expected
    if should_be is None:
        return
    owner = before.owner if before else None
    duty = raise_again(should_be.kind, case, due_of(should_be), owner=owner, subject=should_be.subject, by=by)
    if before and before.held_at:
        keep_held(duty, before, by)
    if should_be.begin:
        should_be.begin(duty)
