"""Putting right what the check found: part of an action, under the record's lock."""

from __future__ import annotations

from cases.models import Case
from deadlines import clock
from diary.checking import Finding, Wrong, due_of
from diary.models import Duty, DutyState, NoticeKind, Watch
from diary.steps import end_duty, keep_held, pass_to, raise_again, take_over_chase
from diary.telling import fallen_steps, stop_watching
from team.history import save_as
from team.models import User

# Of these nothing is known, so nothing is changed: whoever reads them rings the help desk.
NOT_BY_ITSELF = (Wrong.UNKNOWN, Wrong.UNREADABLE)


def put_right(case: Case, finding: Finding, by: User) -> None:
    """One finding. A date is never changed: a duty with a wrong one is cancelled, and raised again with the right."""
    duty, should_be = finding.duty, finding.expected
    if finding.wrong in NOT_BY_ITSELF:
        return
    if duty is None:
        _raise(case, finding, None, by)
    elif finding.wrong in (Wrong.TWICE, Wrong.NOT_DUE):
        end_duty(duty, done=False, why=f"Put right: {finding.wrong.label}", by=by)
    elif finding.wrong == Wrong.OWNER and should_be and should_be.owner_of:
        pass_to(duty, should_be.owner_of(case), by)
    elif finding.wrong == Wrong.DATE:
        _raise(case, finding, duty, by)
        end_duty(duty, done=False, why=f"Put right: {finding.wrong.label}", by=by)
    elif Duty.objects.get(pk=duty.pk).state != DutyState.OPEN:
        return  # it was raised anew because of another finding, and is whole again
    elif finding.wrong == Wrong.TEAM:
        duty.team = case.team
        save_as(duty, by)
    elif finding.wrong == Wrong.NOT_WATCHED:
        told = max(duty.notices.filter(kind=NoticeKind.LATE).values_list("number", flat=True), default=0)
        stop_watching(duty)
        Watch.objects.create(duty=duty, told=told, tell_at=duty.late_from)
        if duty.late_from <= clock.now():
            fallen_steps().one(duty.pk)
    elif finding.wrong == Wrong.NOT_CHASED and should_be and should_be.begin:
        should_be.begin(duty, by)


def _raise(case: Case, finding: Finding, before: Duty | None, by: User) -> None:
    """What somebody held back stays so: nobody has let it go."""
    should_be = finding.expected
    if should_be is None:
        return
    if before is None:  # what is missing may have been there once, and held back
        same = Duty.objects.filter(case=case, kind=should_be.kind.code, subject=should_be.subject)
        before = same.select_related("held_by").order_by("-pk").first()
    is_open = before is not None and before.state == DutyState.OPEN
    owner = before.owner if before and is_open else should_be.owner_of(case) if should_be.owner_of else None
    due, subject, about = due_of(should_be), should_be.subject, should_be.about
    duty = raise_again(should_be.kind, case, due, owner=owner, subject=subject, about=about, by=by)
    if before and before.held_at:
        keep_held(duty, before, by)
    if before and before.from_before:
        duty.from_before = True
        save_as(duty, by)
        stop_watching(duty)
    if before and is_open:
        take_over_chase(before, duty)
    if should_be.begin:
        should_be.begin(duty, by)
