"""A week of conferences as whoever prepares and attends them needs it: what is on, what is missing, what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.enums import State
from cases.left_out import hidden_here, left_out
from cases.models import Case
from cases.queries import record_lines
from conferences import duties
from conferences.clashes import clash_in_words, clashing
from conferences.emails import waiting
from conferences.enums import ConferenceState, CoreGroupState
from conferences.models import Conference, ConferenceChild, CoreGroup
from conferences.models.meeting import ConferenceQuerySet
from conferences.preparing import Line, checklists
from conferences.queries import worked_on
from deadlines.clock import LONDON, london_date, london_day_end, london_midnight
from deadlines.periods import days_of_week, monday_of, weeks_on
from diary import queries as diary
from diary.models import Duty, DutyState
from team.models import Team, User
from team.once import put_together_once

Meeting = TypeVar("Meeting", Conference, CoreGroup)

# Rows of a list below the week; the whole list is in the queue.
MOST = 10
# Beyond it nobody reads a number as a number.
MOST_COUNTED = 1000
WEEKS_AHEAD = 4
# Lines on Today; the week has them all.
ON_TODAY = 5


@dataclass(frozen=True)
class Asked:
    """Which week, whose and of which team. `whose`: "mine", or anybody's."""

    monday: date
    whose: str
    team: Team | None = None

    @property
    def sunday(self) -> date:
        return days_of_week(self.monday)[-1]

    @property
    def mine(self) -> bool:
        return self.whose == "mine"


@dataclass
class Row:
    """One conference of a list, with whom it is about and how far its preparation is."""

    conference: Conference
    children: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[Line]:
        """The steps that are still to be done; none of one that is over."""
        is_to_come = self.conference.state == ConferenceState.BOOKED
        return [line for line in self.lines if line.missing] if is_to_come else []

    @property
    def starts_at(self) -> datetime:
        return self.conference.starts_at


@dataclass
class Group:
    """One core group, with the children of its record."""

    group: CoreGroup
    children: list[str] = field(default_factory=list)

    @property
    def starts_at(self) -> datetime:
        return self.group.starts_at


@dataclass
class Day:
    """One day of the calendar: what is before midday and what after it, in the order of time."""

    on: date
    morning: list[Row | Group] = field(default_factory=list)
    afternoon: list[Row | Group] = field(default_factory=list)


@dataclass(frozen=True)
class Ahead:
    """One week of the weeks ahead, in numbers."""

    monday: date
    initial: int
    reviews: int
    reports: int


@dataclass(frozen=True)
class DueRow:
    """Something due about a conference, or about the plans of a record (`conference` is None)."""

    duty: Duty
    conference: Conference | None
    children: list[str]

    @property
    def case(self) -> Case:
        return self.duty.case


@dataclass(frozen=True)
class Week:
    """What stands on the page of a week."""

    rows: list[Row]
    # Monday to Friday, and a day of the weekend on which there is something.
    days: list[Day]
    reports: list[DueRow]
    to_record: list[DueRow]
    groups_to_record: list[Group]
    minutes: list[DueRow]
    to_find_out: list[DueRow]
    ahead: list[Ahead]
    # How many emails nobody has dealt with yet; one more than MOST_COUNTED stands for "more".
    invitations: int
    # The Monday of the next week in which there is a conference, where this one has none.
    next_monday: date | None
    # Of which restricted records nothing stands here, and whom to ask; empty where there are none.
    left_out: str

    @property
    def unrecorded(self) -> int:
        """How many conferences and core groups are over of which something has to be recorded; of each kind one more
        than MOST stands for "more"."""
        return len(self.to_record) + len(self.groups_to_record)


def week_of(user: User, asked: Asked, *, now: datetime) -> Week:
    """Everything of one week, of what somebody may see. A number of queries that does not grow with it."""
    today = london_date(now)
    meetings = _until(user, asked, weeks_on(asked.monday, WEEKS_AHEAD + 1))
    here = [each for each in meetings if london_date(each.starts_at) <= asked.sunday]
    later = meetings[len(here) :]
    groups, late = _groups_of(user, asked, now=now)
    reports = list(_duties(user, asked, duties.REPORT.code, now=now).filter(due_on__lt=_end_of_weeks(asked)))
    due = _due(user, asked, now=now)
    due["reports"] = [each for each in reports if _is_of_week(each, asked, today)]
    about = _about(due)
    children = names_of_children([*here, *about.values()])
    of_records = _names_on(records=[*(each.case for each in [*groups, *late]), *_of_plans(due)], today=today)
    rows = _rows(here, children, now=now, user=user, asked=asked)
    shown = [Group(each, of_records[each.case_id]) for each in groups]
    return Week(
        rows=rows,
        days=_calendar(asked.monday, [*rows, *shown]),
        groups_to_record=[Group(each, of_records[each.case_id]) for each in late],
        ahead=_ahead(asked, later, reports),
        invitations=len(waiting(user, asked.team).values("pk")[: MOST_COUNTED + 1]),
        next_monday=None if rows else _next_monday(user, asked, later),
        left_out=_left_out(user, asked, now=now),
        **{
            name: [
                DueRow(duty, about[duty.subject], children[duty.subject])
                if duty.subject
                else DueRow(duty, None, of_records[duty.case_id])
                for duty in rows
            ]
            for name, rows in due.items()
        },
    )


def _end_of_weeks(asked: Asked) -> date:
    """The Monday after the last of the weeks ahead."""
    return weeks_on(asked.monday, WEEKS_AHEAD + 1)


def _next_monday(user: User, asked: Asked, later: list[Conference]) -> date | None:
    """The Monday of the next week in which a conference is booked. `later`: those of the weeks ahead."""
    first = next((each.starts_at for each in later if each.state == ConferenceState.BOOKED), None)
    if first is None:
        rows = conferences(user, asked).booked().filter(starts_at__gte=london_midnight(_end_of_weeks(asked)))
        first = rows.order_by("starts_at").values_list("starts_at", flat=True).first()
    return monday_of(london_date(first)) if first else None


# --- conferences ---------------------------------------------------------------------------------


def conferences(user: User, asked: Asked) -> ConferenceQuerySet:
    """The conferences that somebody may see: their own with those that nobody is named for yet, or everybody's."""
    rows = Conference.objects.visible_to(user).exclude(state=ConferenceState.CANCELLED)
    if asked.team:
        rows = rows.filter(team=asked.team)
    return rows.filter(Q(pclo=user) | Q(pclo=None)) if asked.mine else rows


def _until(user: User, asked: Asked, end: date) -> list[Conference]:
    """Those from the Monday on until a day, that day not included, in the order of time."""
    rows = conferences(user, asked).filter(
        starts_at__gte=london_midnight(asked.monday), starts_at__lt=london_midnight(end)
    )
    return list(rows.select_related("case", "team", "pclo").order_by("starts_at", "pk"))


def _rows(
    here: list[Conference], children: dict[int, list[str]], *, now: datetime, user: User, asked: Asked
) -> list[Row]:
    """The conferences of the week with what is missing of their preparation, and what they clash with: of any record,
    whoever may open it."""
    lines = checklists(here, now=now)
    found = [Row(each, children[each.pk], lines[each.pk]) for each in here]
    if officers := {each.pclo_id for each in here} - {None}:
        others = _within(asked, Conference.objects.booked().filter(pclo__in=officers))
        clash = clashing(others.select_related("case", "team"))
        for each in found:
            each.clashes = [clash_in_words(other, user=user) for other in clash.get(each.conference.pk, ())]
    return found


def names_of_children(rows: Iterable[Conference]) -> dict[int, list[str]]:
    """Whom some conferences are about, by their ids: each child with the age on that day."""
    on = {each.pk: london_date(each.starts_at) for each in rows}
    found: dict[int, list[str]] = {pk: [] for pk in on}
    for each in ConferenceChild.objects.filter(conference__in=on).select_related("child").order_by("pk"):
        found[each.conference_id].append(each.child.with_age(on[each.conference_id]))
    return found


def soon(user: User, team: Team, *, now: datetime) -> list[Row]:
    """The next conferences of somebody in a team, today and within a week. One query where there are none."""
    today = london_date(now)
    found = _booked(user, team, london_midnight(today), london_day_end(weeks_on(today, 1)))
    if not found:
        return []
    lines, children = checklists(found, now=now), names_of_children(found)
    return [Row(each, children[each.pk], lines[each.pk]) for each in found]


@put_together_once
def _booked(user: User, team: Team, since: datetime, until: datetime) -> QuerySet[Conference]:
    """The first of somebody's conferences in a team from one moment on to another."""
    rows = conferences(user, Asked(date.min, "mine", team)).booked().filter(starts_at__gte=since, starts_at__lt=until)
    return rows.select_related("case", "pclo").order_by("starts_at", "pk")[:ON_TODAY]


def _within(asked: Asked, rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Those that begin in the week."""
    return rows.filter(starts_at__gte=london_midnight(asked.monday), starts_at__lt=london_day_end(asked.sunday))


def _ahead(asked: Asked, later: list[Conference], reports: list[Duty]) -> list[Ahead]:
    """The weeks after the one that is shown."""
    held = Counter((monday_of(london_date(each.starts_at)), each.is_initial) for each in later)
    due = Counter(monday_of(each.due_on) for each in reports)
    mondays = [weeks_on(asked.monday, number + 1) for number in range(WEEKS_AHEAD)]
    return [Ahead(monday, held[monday, True], held[monday, False], due[monday]) for monday in mondays]


# --- core groups ---------------------------------------------------------------------------------


def _groups(user: User, asked: Asked) -> QuerySet[CoreGroup]:
    """The core groups that somebody may see: of the records that they work on, or of all."""
    rows = CoreGroup.objects.exclude(state=CoreGroupState.CANCELLED).select_related("case__team")
    rows = rows.exclude(~Q(case__state=State.OPEN), state=CoreGroupState.PLANNED)  # nothing can be recorded of it
    rows = rows.filter(case__in=Case.objects.visible_to(user))
    if asked.team:
        rows = rows.filter(case__team=asked.team)
    return rows.filter(case__in=worked_on(user)) if asked.mine else rows


def _groups_of(user: User, asked: Asked, *, now: datetime) -> tuple[list[CoreGroup], list[CoreGroup]]:
    """Those of the week, and the first of those that are over and of which nothing is recorded. One query."""
    rows = _groups(user, asked).order_by("starts_at", "pk")
    late = rows.filter(starts_at__lt=now, state=CoreGroupState.PLANNED)[: MOST + 1]
    found = sorted(_within(asked, rows).union(late), key=lambda each: (each.starts_at, each.pk))
    return (
        [each for each in found if asked.monday <= london_date(each.starts_at) <= asked.sunday],
        [each for each in found if each.starts_at < now and each.state == CoreGroupState.PLANNED],
    )


def _names_on(*, records: list[Case], today: date) -> dict[int, list[str]]:
    """The children of some records, by their ids."""
    cases = {each.pk: each for each in records}
    return {line.case.pk: line.children for line in record_lines(cases.values(), today=today)} if cases else {}


# --- what is due ---------------------------------------------------------------------------------


def _duties(user: User, asked: Asked, *kinds: str, now: datetime) -> QuerySet[Duty]:
    """Open duties of some kinds, as the queue narrows them."""
    whose = "mine" if asked.mine else ""
    rows = diary.narrowed(
        Duty.objects.visible_to(user), user=user, now=now, team=asked.team, whose=whose, kind=list(kinds)
    )
    return rows.select_related("case__team").order_by("late_from", "pk")


def _is_of_week(report: Duty, asked: Asked, today: date) -> bool:
    """Whether a report is due in the week; in this one also what is late already."""
    is_this_week = asked.monday <= today <= asked.sunday
    return report.due_on <= asked.sunday and (is_this_week or report.due_on >= asked.monday)


def _due(user: User, asked: Asked, *, now: datetime) -> dict[str, list[Duty]]:
    """What has to be recorded or found out, whatever week is shown; of each one more than MOST. One query."""
    begun = Conference.objects.filter(pk=OuterRef("subject"), starts_at__lt=now)
    planned = CoreGroup.objects.filter(case=OuterRef("case"), state=CoreGroupState.PLANNED)
    to_record = _duties(user, asked, duties.OUTCOME.code, now=now).filter(Exists(begun))
    minutes = _duties(user, asked, duties.MINUTES.code, now=now)
    to_find_out = _duties(user, asked, duties.NEXT.code, duties.CORE_GROUP.code, now=now).exclude(
        Exists(planned), kind=duties.CORE_GROUP.code
    )
    found = to_record[: MOST + 1].union(minutes[: MOST + 1], to_find_out[: MOST + 1], all=True)
    lists: dict[str, list[Duty]] = {"to_record": [], "minutes": [], "to_find_out": []}
    of_kind = {duties.OUTCOME.code: "to_record", duties.MINUTES.code: "minutes"}
    for duty in sorted(found, key=lambda duty: (duty.late_from, duty.pk)):
        lists[of_kind.get(duty.kind, "to_find_out")].append(duty)
    return lists


def _about(due: dict[str, list[Duty]]) -> dict[int, Conference]:
    """The conferences that duties are about, by their ids."""
    subjects = {duty.subject for rows in due.values() for duty in rows} - {0}
    rows = Conference.objects.filter(pk__in=subjects).select_related("case", "pclo")
    return {each.pk: each for each in rows} if subjects else {}


def _of_plans(due: dict[str, list[Duty]]) -> list[Case]:
    """The records of duties about the plans of their children."""
    return [duty.case for rows in due.values() for duty in rows if not duty.subject]


def _calendar(monday: date, entries: list[Row | Group]) -> list[Day]:
    days = {on: Day(on) for on in days_of_week(monday)}
    for each in sorted(entries, key=lambda each: each.starts_at):
        there = each.starts_at.astimezone(LONDON)
        day = days[there.date()]
        (day.morning if there.hour < 12 else day.afternoon).append(each)
    return [day for on, day in days.items() if on.weekday() < 5 or day.morning or day.afternoon]


# --- what is on restricted records ---------------------------------------------------------------

LEFT_OUT = (
    "restricted record has a conference, a core group or something due that is not shown here",
    "restricted records have conferences, core groups or something due that is not shown here",
)


def _left_out(user: User, asked: Asked, *, now: datetime) -> str:
    """Of which restricted records, on which somebody is not named, something would stand in the week. What is
    somebody's own is on none of them. One query where there are none."""
    of_it = {"case": OuterRef("pk")}
    meetings = _within(asked, Conference.objects.filter(**of_it).exclude(state=ConferenceState.CANCELLED))
    groups = _within(asked, CoreGroup.objects.filter(**of_it).exclude(state=CoreGroupState.CANCELLED))
    begun = Conference.objects.filter(pk=OuterRef("subject"), starts_at__lt=now)
    listed = Q(kind__in=[duties.MINUTES.code, duties.NEXT.code, duties.CORE_GROUP.code])
    listed |= Q(kind=duties.REPORT.code, due_on__lte=asked.sunday)
    due = Duty.objects.filter(listed | Q(Exists(begun), kind=duties.OUTCOME.code), **of_it, state=DutyState.OPEN)
    if asked.mine:
        meetings, groups, due = meetings.filter(pclo=None), groups.none(), due.filter(owner=None)
    rows = hidden_here(user, asked.team).filter(Exists(meetings) | Exists(groups) | Exists(due))
    return left_out(rows, *LEFT_OUT)
