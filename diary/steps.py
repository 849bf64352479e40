"""How a duty is raised and ended, as part of the action that causes it and in its transaction."""

from __future__ import annotations

from cases.models import Case
from deadlines import clock
from deadlines.due import Due
from diary.kinds import DutyKind
from diary.models import Duty, DutyState
from team.history import save_as
from team.models import User


def raise_duty(
    kind: DutyKind, case: Case, due: Due, *, owner: User | None = None, subject: int = 0, cycle: int = 0, by: User
) -> Duty:
    """Write a duty with its date and the reason for it. The caller holds the record's lock or has just raised it.

    Raises IntegrityError where it is there already: a duty is raised once.
    """
    duty = Duty(
        case=case,
        team=case.team,
        kind=kind.code,
        subject=subject,
        cycle=cycle,
        owner=owner,
        owner_role=kind.owner_role,
        due_on=due.due_on,
        due_at=due.due_at,
        late_from=due.late_from,
        due=due.to_json(),
    )
    save_as(duty, by)
    return duty


def satisfy_duty(kind: DutyKind, case: Case, *, why: str, subject: int = 0, cycle: int = 0, by: User) -> Duty | None:
    """End a duty because what it asks for was done. None where there is no open one. The record is locked."""
    return _end(DutyState.SATISFIED, kind, case, why, subject, cycle, by)


def cancel_duty(kind: DutyKind, case: Case, *, why: str, subject: int = 0, cycle: int = 0, by: User) -> Duty | None:
    """End a duty because its cause fell away. None where there is no open one. The record is locked."""
    return _end(DutyState.CANCELLED, kind, case, why, subject, cycle, by)


def _end(state: DutyState, kind: DutyKind, case: Case, why: str, subject: int, cycle: int, by: User) -> Duty | None:
    duty = Duty.objects.filter(case=case, kind=kind.code, subject=subject, cycle=cycle, state=DutyState.OPEN).first()
    if duty is None:
        return None
    duty.state, duty.ended_why = state, why
    duty.ended_at, duty.ended_by = clock.moment(), by
    save_as(duty, by)
    return duty
