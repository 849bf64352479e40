"""What CAIT told somebody, as they read it: by name, or by a role that they hold; and how far they have read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from cases.enums import Kind
from cases.models import Entry
from deadlines import schedules
from deadlines.ages import days_before
from deadlines.clock import london_date, london_midnight
from deadlines.rule import NoLimit
from deadlines.together import worked_out_together
from diary.models import Duty, DutyState, Notice, NoticeKind, NoticeQuerySet, NoticesRead
from diary.queries import QueueRow, as_shown, queue_rows, to_show
from pages.words import count, uncapitalised
from team.enums import Role
from team.models import User
from team.once import put_together_once

# What is older is shown only to who has not read it, while it is still to do.
DAYS_SHOWN = 14

# How long something is late by each step, where it cannot be said in days. Step 1 is "Late".
STILL_LATE = {2: "Still late", 3: "Late for longer", 4: "Late for very long"}
# How the chronology tells that a duty was given to somebody, and back to a role.
GIVEN_TO, GIVEN_BACK = "Given to ", "Given back to the role of "
# The entry that an act writes follows what it tells within the same transaction.
ONE_ACT = timedelta(minutes=1)
# As many as are told somebody of one duty: each step, that it was given, and that nothing manages its risk.
MOST_OF_ONE_DUTY = 6
# As many as stand on Today.
MOST_UNREAD = 3
TOLD_AS = {Role.SUPERVISOR: "supervisor", Role.INSPECTOR: "inspector", Role.COMMAND: "command manager"}


# Whether the risk that a control measure (its id, by which the duty to check it is found) manages is unmanaged still
# on a London date.
StillUnmanaged = Callable[[OuterRef, date], Exists]
_STILL_UNMANAGED: list[StillUnmanaged] = []


def register_unmanaged(is_unmanaged: StillUnmanaged) -> None:
    """A room says of which control measures the risk is unmanaged still: notices of others are over."""
    if is_unmanaged not in _STILL_UNMANAGED:
        _STILL_UNMANAGED.append(is_unmanaged)


def still_unmanaged(today: date) -> Q:
    """Of which notices of unmanaged risks that is still so: nobody has checked the control measure again, and nothing
    else manages its risk, which is present and on an open record."""
    found = Q(pk__in=[])
    for is_unmanaged in _STILL_UNMANAGED:
        found |= Q(is_unmanaged(OuterRef("duty__subject"), today))
    return Q(kind=NoticeKind.UNMANAGED) & ~Q(duty__state=DutyState.SATISFIED) & found


def was_given() -> Q:
    """Which entries of a chronology tell that a duty was given to somebody, or back: who does it, and nothing of the
    child."""
    titled = Q(title__startswith=GIVEN_TO) | Q(title__startswith=GIVEN_BACK)
    return Q(kind=Kind.RECORD) & titled


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
    """What somebody was told lately, and what they have not read of duties that are still open; of the records that
    they may open today."""
    return _notices_since(user, _first_shown(now))


def _first_shown(now: datetime) -> datetime:
    return london_midnight(days_before(DAYS_SHOWN, london_date(now)))


def _notices_since(user: User, since: datetime) -> NoticeQuerySet:
    # Notices come in the order of their ids: with the last one that is too old, no older one is looked at.
    last = Notice.objects.filter(raised_at__lt=since).order_by("-id").values("id")[:1]
    too_old, read = Coalesce(Subquery(last), Value(0)), _read(user)
    told = Notice.objects.visible_to(user).filter(told_to(user))
    # Whoever has read as far as that has none of the older ones, and then they are not looked for. Of others what
    # they were told since they read, found by whom it was told to.
    open_duties = Duty.objects.visible_to(user).filter(state=DutyState.OPEN)
    older = told.filter(GreaterThan(too_old, read), id__gt=read, duty__in=open_duties)
    return Notice.objects.filter(pk__in=told.filter(id__gt=too_old).values("pk").union(older.values("pk"), all=True))


def _read(user: User) -> Any:
    return Coalesce(Subquery(NoticesRead.objects.filter(person=user).values("up_to")[:1]), Value(0))


def unread(user: User, *, now: datetime, most: int = MOST_UNREAD) -> list[Told]:
    """The newest that somebody was told and has not marked as read: what is still to do, and what was given while it
    is still theirs; that nothing manages a risk, while it is so (`still_unmanaged`). One line of each duty, with the
    highest step; what is told of a risk has a line of its own. One query, and the limits where one is
    needed."""
    highest: dict[object, Notice] = {}
    for notice in _unread(user, _first_shown(now), london_date(now))[: most * MOST_OF_ONE_DUTY]:
        of = (notice.duty_id, notice.kind == NoticeKind.UNMANAGED) if notice.duty_id else f"outage {notice.pk}"
        highest[of] = max(highest.get(of, notice), notice, key=_step)
    return _said([Told(notice, new=True) for notice in list(highest.values())[:most]])


@put_together_once
def _unread(user: User, since: datetime, today: date) -> QuerySet[Notice]:
    theirs = ~Q(kind=NoticeKind.GIVEN) | Q(duty__owner=user)
    to_do = Q(duty=None) | Q(duty__state=DutyState.OPEN) & ~Q(kind=NoticeKind.UNMANAGED)
    to_do |= still_unmanaged(today)
    rows = _notices_since(user, since).filter(id__gt=_read(user)).filter(to_do)
    rows = rows.filter(theirs).select_related("duty__case", "team").order_by("-id")
    return rows[: MOST_UNREAD * MOST_OF_ONE_DUTY]


def _step(notice: Notice) -> int:
    return notice.number if notice.kind == NoticeKind.LATE else 0


def _said(lines: list[Told]) -> list[Told]:
    """The lines, with how long something was late at the least when it was told: by the limits of that day."""
    higher = [line for line in lines if line.notice.kind == NoticeKind.LATE and line.notice.number > 1]
    with worked_out_together():
        for line in higher:
            try:
                hours = schedules.hours_of_telling(london_date(line.notice.raised_at))
            except NoLimit:
                continue
            days, over = divmod(hours[line.notice.number - 1], 24)
            line.late_for = "" if over or not days else count(days, "day")
    return lines


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
    given_why: str = ""
    # Of what stays late: "3 days"; empty where it cannot be said.
    late_for: str = ""
    # That nothing manages a risk is not so any more.
    is_over: bool = False
    # Whether the reader is led to doing it: they may, and it is theirs or nobody's by name.
    is_led: bool = False

    @property
    def heading(self) -> str:
        """What is told, in a few words."""
        if self.notice.kind == NoticeKind.OUTAGE:
            return str(NoticeKind.OUTAGE.label)
        if self.notice.kind == NoticeKind.UNMANAGED:
            return str(NoticeKind.UNMANAGED.label)
        if self.notice.kind == NoticeKind.GIVEN:
            return f"Given to you by {self.given_by}" if self.given_by else str(NoticeKind.GIVEN.label)
        late = f"Late for more than {self.late_for}" if self.late_for else STILL_LATE.get(self.notice.number, "Late")
        role = Role(self.notice.to_role)
        # Whoever has to do it is told as such, however late it is.
        higher = self.notice.number > 1 and self.notice.duty is not None and self.notice.duty.owner_role != role
        return f"{late}: told to you as {TOLD_AS.get(role, role.short)}" if higher else late

    @property
    def what(self) -> str:
        """The duty that it is about; of what fails, the control measure; of an outage, what became late meanwhile."""
        if self.notice.kind == NoticeKind.UNMANAGED and self.notice.duty:
            return self.notice.duty.about
        return as_shown(self.notice.duty).label if self.notice.duty else self.notice.words

    @property
    def ended(self) -> str:
        """What became of the duty, where it has ended since."""
        duty = self.notice.duty
        return "" if duty is None or duty.state == DutyState.OPEN else str(DutyState(duty.state).label)


def told_of(notices: Sequence[Notice], *, user: User, today: date, up_to: int) -> list[Told]:
    """The lines for some notices. As many queries however many there are: for the duties, for who gave them and why,
    for which risks are unmanaged still, and for the limits."""
    duties = Duty.objects.visible_to(user).filter(pk__in={notice.duty_id for notice in notices if notice.duty_id})
    shown = queue_rows(to_show(duties).select_related("case", "ended_by"), user=user, today=today)
    rows = {row.shown.duty.pk: row for row in shown}
    given = [notice for notice in notices if notice.kind == NoticeKind.GIVEN and notice.duty_id in rows]
    givers, whys = _givers(given), _whys(given, rows, user)
    over = _over(notices, today)
    lines = []
    for notice in notices:
        row = rows.get(notice.duty_id or 0)
        notice.duty = row.shown.duty if row else None
        by, why = givers.get(notice.pk, ""), whys.get(notice.pk, "")
        led = row is not None and row.may_do and row.shown.duty.owner_id in (None, user.pk)
        told = Told(notice, notice.pk > up_to, row, given_by=by, given_why=why, is_led=led)
        told.is_over = notice.pk in over
        lines.append(told)
    return _said(lines)


def _over(notices: Iterable[Notice], today: date) -> set[int]:
    """Which of them (ids) tell of an unmanaged risk that is managed again, or present no more; no query for none."""
    told = {notice.pk for notice in notices if notice.kind == NoticeKind.UNMANAGED}
    still = Notice.objects.filter(still_unmanaged(today), pk__in=told) if told else Notice.objects.none()
    return told - set(still.values_list("pk", flat=True))


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


def _whys(given: Sequence[Notice], rows: Mapping[int, QueueRow], user: User) -> dict[int, str]:
    """Why a duty was given, of each notice that tells its reader of it: from the entry that the same act wrote.

    Nothing where there is none, as when it followed the record's supervisor, or where the entry was corrected.
    """
    shown = {notice.pk: rows[notice.duty_id].shown for notice in given if notice.duty_id}
    if not shown:
        return {}
    corrected = Entry.objects.filter(corrects=OuterRef("pk"))
    entries = Entry.objects.filter(case__in={each.duty.case_id for each in shown.values()}, kind=Kind.RECORD)
    entries = entries.filter(~Exists(corrected), corrects=None, title__startswith=GIVEN_TO).order_by("-pk")
    found: dict[tuple[int, str], list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.case_id, entry.title), []).append(entry)
    whys = {}
    for notice in given:
        duty, title = shown[notice.pk].duty, f"{GIVEN_TO}{user}: {uncapitalised(shown[notice.pk].label)}"
        for entry in found.get((duty.case_id, title), []):
            if timedelta() <= entry.recorded_at - notice.raised_at < ONE_ACT:
                whys[notice.pk] = entry.text.partition("Why: ")[2]
    return whys
