"""Reads of duties that pages share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cases.models import Case
from deadlines.due import Due
from diary.kinds import kind_of
from diary.models import Duty, DutyState
from team.enums import Role
from team.permissions import Permission


@dataclass(frozen=True)
class DueNext:
    """One duty as a page shows it: what, when and why then, whose, and where it is done."""

    duty: Duty
    label: str
    view: str
    permission: Permission | None
    due: Due

    @property
    def when(self) -> date | datetime:
        """The moment on a clock of hours, otherwise the day."""
        return self.due.due_at or self.due.due_on

    @property
    def owner(self) -> str:
        return str(self.duty.owner) if self.duty.owner else Role(self.duty.owner_role).label


def due_next(case: Case) -> list[DueNext]:
    """The open duties of a record, the next to run out first. One query."""
    rows = Duty.objects.filter(case=case, state=DutyState.OPEN).select_related("owner").order_by("late_from", "id")
    return [as_shown(duty) for duty in rows]


def as_shown(duty: Duty) -> DueNext:
    """A duty with the words of its kind; the bare code where no room knows the kind, so that it is seen and asked
    about."""
    kind = kind_of(duty.kind)
    label, view, permission = (kind.label, kind.view, kind.permission) if kind else (duty.kind, "", None)
    return DueNext(duty, label, view, permission, duty.reckoned)
