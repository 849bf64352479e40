"""What CAIT told somebody, as they read it: by name, or by a role that they hold; and how far they have read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, Subquery, Value
from django.db.models.functions import Coalesce

from deadlines.ages import days_before
from deadlines.clock import london_date, london_midnight
from diary.models import Duty, DutyState, Notice, NoticeKind, NoticeQuerySet, NoticesRead
from diary.queries import QueueRow, as_shown, queue_rows, to_show
from team.enums import Role
from team.models import User

# What is older nobody looks for: what is still late stands in the queue.
DAYS_SHOWN = 14

# How long something is late by each step, without a number: the limits may change. Step 1 is "Late".
STILL_LATE = {2: "Still late", 3: "Late for longer", 4: "Late for very long"}
TOLD_AS = {Role.SUPERVISOR: "supervisor", Role.INSPECTOR: "inspector", Role.COMMAND: "command manager"}


def told_to(user: User) -> Q:
    """What is told to a person: by name, or to nobody by name and to a role that they hold in that team; what is told
    to the command, to its managers of every team."""
    held: dict[int, set[str]] = {}
    for membership in user.roles_today:
        held.setdefault(membership.team_id, set()).add(membership.role)
    by_role = Q(pk__in=[])
    for team, roles in held.items():
        by_role |= Q(team=team, to_person=None, to_role__in=roles)
    if any(Role.COMMAND in roles for roles in held.values()):
        by_role |= Q(to_person=None, to_role=Role.COMMAND)
    return Q(to_person=user) | by_role


def notices_of(user: User, *, now: datetime) -> NoticeQuerySet:
    """What somebody was told lately, of the records that they may open today."""
    since = london_midnight(days_before(DAYS_SHOWN, london_date(now)))
    # Notices come in the order of their ids: with the last one that is too old, no older one is looked at.
    too_old = Notice.objects.filter(raised_at__lt=since).order_by("-id").values("id")[:1]
    recent = Notice.objects.visible_to(user).filter(id__gt=Coalesce(Subquery(too_old), Value(0)))
    return recent.filter(told_to(user))


def unread(user: User, *, now: datetime, most: int) -> list[Told]:
    """The newest that somebody was told and has not marked as read. One query."""
    read = NoticesRead.objects.filter(person=user).values("up_to")[:1]
    rows = notices_of(user, now=now).filter(id__gt=Coalesce(Subquery(read), Value(0)))
    return [Told(notice, new=True) for notice in rows.select_related("duty__case", "team").order_by("-id")[:most]]


def read_up_to(user: User) -> int:
    """Up to which notice somebody has marked as read; 0 for none."""
    return NoticesRead.objects.filter(person=user).values_list("up_to", flat=True).first() or 0


@dataclass
class Told:
    """One notice as a page shows it."""

    notice: Notice
    new: bool
    # Of a duty: as it stands in a queue, with its children and whether the reader may do it.
    row: QueueRow | None = None
    given_by: str = ""

    @property
    def heading(self) -> str:
        """What is told, in a few words."""
        if self.notice.kind == NoticeKind.OUTAGE:
            return str(NoticeKind.OUTAGE.label)
        if self.notice.kind == NoticeKind.GIVEN:
            return f"Given to you by {self.given_by}" if self.given_by else str(NoticeKind.GIVEN.label)
        late = STILL_LATE.get(self.notice.number, "Late")
        role = Role(self.notice.to_role)
        # Whoever has to do it is told as such, however late it is.
        higher = self.notice.number > 1 and self.notice.duty is not None and self.notice.duty.owner_role != role
        return f"{late}: told to you as {TOLD_AS.get(role, role.short)}" if higher else late

    @property
    def what(self) -> str:
        """The duty that it is about; of an outage, what became late meanwhile."""
        return as_shown(self.notice.duty).label if self.notice.duty else self.notice.words

    @property
    def ended(self) -> str:
        """What became of the duty, where it has ended since."""
        duty = self.notice.duty
        return "" if duty is None or duty.state == DutyState.OPEN else str(DutyState(duty.state).label)


def told_of(notices: Sequence[Notice], *, user: User, today: date, up_to: int) -> list[Told]:
    """The lines for some notices. One query for the duties and one for who gave them, however many there are."""
    duties = Duty.objects.visible_to(user).filter(pk__in={notice.duty_id for notice in notices if notice.duty_id})
    shown = queue_rows(to_show(duties).select_related("case", "ended_by"), user=user, today=today)
    rows = {row.shown.duty.pk: row for row in shown}
    givers = _givers(notice for notice in notices if notice.kind == NoticeKind.GIVEN)
    told = []
    for notice in notices:
        row = rows.get(notice.duty_id or 0)
        notice.duty = row.shown.duty if row else None
        told.append(Told(notice, notice.pk > up_to, row, givers.get(notice.pk, "")))
    return told


def _givers(given: Iterable[Notice]) -> dict[int, str]:
    """Who gave a duty to whom it was given, of each notice that tells of it: whoever saved its owner just before."""
    by_duty: dict[int, list[Notice]] = {}
    for notice in given:
        by_duty.setdefault(notice.duty_id or 0, []).append(notice)
    if not by_duty:
        return {}
    history: Any = Duty.history
    lines = history.filter(id__in=by_duty, owner__isnull=False).select_related("history_user")
    givers: dict[int, str] = {}
    for line in lines.order_by("history_id"):
        for notice in by_duty[line.id]:
            if line.owner_id == notice.to_person_id and line.history_date <= notice.raised_at:
                givers[notice.pk] = str(line.history_user or "")
    return givers
