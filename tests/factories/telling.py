"""Duties that somebody is told of, as they are raised by whichever room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.models import Case
from deadlines import clock
from deadlines.rules import CLOSURE_ANSWER
from diary.kinds import DutyKind
from diary.models import Duty, Notice, NoticeKind, Waker
from diary.steps import end_duty, raise_duty
from diary.sweep import sweep
from team.enums import Role
from team.models import Team, User
from team.permissions import Permission
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case


def a_duty(
    role: Role = Role.DESK_SERGEANT,
    *,
    owner: User | None = None,
    team: Team | None = None,
    case: Case | None = None,
    from_event: datetime | None = None,
    kind: str = "",
) -> Duty:
    """A duty of that role, due one working day from an event, or from now."""
    case = case or a_case(team)
    what: dict[str, Any] = {"view": "workbench:case", "permission": Permission.WRITE_RECORDS, "do": "Write"}
    of_kind = DutyKind(kind or f"write_{role}", "Write to the school", role, **what)
    due = CLOSURE_ANSWER.due(from_event or clock.now())
    return raise_duty(of_kind, case, due, owner=owner, by=User.objects.system())


def cram_set_aside(case: Case) -> Case:
    """The same record without the duty of its first CRAM, which ended as if it were done: for what is about how
    duties are told and shown, with as few of them as can be."""
    end_duty(Duty.objects.get(case=case, kind="first_cram"), done=True, why="Done", by=User.objects.system())
    return case


def told(duty: Duty) -> list[tuple[int, str, int | None]]:
    """What was told of its lateness: the step, the role, and who by name."""
    rows = Notice.objects.filter(duty=duty, kind=NoticeKind.LATE).order_by("id")
    return list(rows.values_list("number", "to_role", "to_person"))


def sweep_at(when: datetime) -> None:
    move_time_to(when)
    sweep(woken_by=Waker.COMMAND)
