"""The check of the diary: which duties should be there, worked out from the records alone, against which are there.

A duty that is silently not raised can cost a child's life: so nobody relies on its having been raised. The check
runs every night, and what it finds is itself a duty of the inspector (`diary.nightly`); `manage.py check_duties`
prints it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, TextChoices

from cases.enums import State
from cases.models import Case
from deadlines import clock, schedules
from deadlines.calendar import in_words
from deadlines.due import Due
from deadlines.schedules import brought_forward
from deadlines.together import worked_out_together
from diary import duties
from diary.expecting import Expected, answered_for, expected
from diary.kinds import follows_of, kind_of
from diary.models import Chase, ChaseState, Duty, DutyState, Step, Watch
from diary.sweep import STALE_AFTER, dates_checked
from diary.telling import HIGHER

logger = logging.getLogger(__name__)

# How often it is told that one duty is late (`diary.telling`).
MOST_STEPS = 1 + len(HIGHER)
# So many records are read at once.
AT_A_TIME = 2000


class Wrong(TextChoices):
    """What can be wrong with a duty; what the inspector reads."""

    MISSING = "missing", "Missing"
    TWICE = "twice", "There twice"
    NOT_DUE = "not_due", "Still open, though nothing calls for it"
    OWNER = "owner", "Its own page names somebody else"
    DATE = "date", "Its due date is wrong"
    TEAM = "team", "It stands with another team than its record"
    UNKNOWN = "unknown", "Of a kind that CAIT does not know, so it stays"
    NOT_WATCHED = "not_watched", "Nobody would be told that it is late"
    NOT_CHASED = "not_chased", "Social Services are not being chased as they should be"
    UNREADABLE = "unreadable", "Its duties cannot be checked"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong on one record. `duty`: the one that is there; `expected`: what should be."""

    case: int
    number: str
    wrong: Wrong
    kind: str
    duty: Duty | None = None
    expected: Expected | None = None

    @property
    def label(self) -> str:
        kind = kind_of(self.kind)
        return kind.label if kind else self.kind

    @property
    def words(self) -> str:
        """ "Missing: Get the update from Social Services, from Wed 2 Dec 2009" """
        if self.wrong == Wrong.UNREADABLE:
            return str(self.wrong.label)
        parts = [f"{self.wrong.label}: {self.label}"]
        if self.duty:
            parts.append(f"due {in_words(self.duty.due_on)}")
        if self.expected and self.wrong in (Wrong.MISSING, Wrong.DATE):
            parts.append(f"counted from {in_words(clock.london_date(self.expected.start))}")
        return ", ".join(parts)


def to_check() -> QuerySet[Case]:
    """The records that may have a duty open, or should have one."""
    of_case = Duty.objects.filter(case=OuterRef("pk"), state=DutyState.OPEN)
    return Case.objects.filter(Q(state=State.OPEN) | Exists(of_case)).order_by("pk")


def check_everything() -> Iterator[tuple[int, list[Finding]]]:
    """Piece by piece through every record: how many were looked at, and what is wrong on them."""
    last = 0
    while cases := list(to_check().filter(pk__gt=last).values_list("pk", flat=True)[:AT_A_TIME]):
        yield len(cases), findings(cases)
        last = cases[-1]


def findings_of(case: Case) -> list[Finding]:
    """What is wrong on one record that the caller has locked: nothing is just being written on it. What another sweep
    is telling just now is not untold."""
    found = findings([case.pk])
    untold = [each.duty.pk for each in found if each.wrong == Wrong.NOT_WATCHED and each.duty]
    rows = Watch.objects.filter(duty__in=untold)
    free = set(rows.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
    held = set(rows.values_list("pk", flat=True)) - free
    return [each for each in found if not (each.wrong == Wrong.NOT_WATCHED and each.duty and each.duty.pk in held)]


def findings(cases: Collection[int]) -> list[Finding]:
    """What is wrong with the duties of some records (ids), in their order. A number of queries that does not grow.

    A record that cannot be read does not stop the others: it is a finding itself.
    """
    try:
        with transaction.atomic():
            return _findings(cases)
    except Exception as wrong:  # whatever it is
        if len(cases) > 1:
            return [finding for case in cases for finding in findings([case])]
        (case,) = cases
        logger.error("The duties of record %s cannot be checked: %s", case, type(wrong).__name__)
        return [Finding(case, Case.objects.values_list("number", flat=True).get(pk=case), Wrong.UNREADABLE, "")]


def _findings(cases: Collection[int]) -> list[Finding]:
    with worked_out_together():
        should_be: dict[int, list[Expected]] = {}
        for each in expected(cases):
            should_be.setdefault(each.case, []).append(each)
        there = _there(cases)
        chases = _Chases(there)
        numbers = dict(Case.objects.filter(pk__in=cases).values_list("pk", "number"))
        by_case: dict[int, list[Duty]] = {}
        for duty in there:
            by_case.setdefault(duty.case_id, []).append(duty)
        return [
            Finding(case, numbers[case], *found)
            for case in sorted({*should_be, *by_case})
            for found in _compared(should_be.get(case, []), by_case.get(case, []), chases)
        ]


Found = tuple[Wrong, str, Duty | None, Expected | None]


def _there(cases: Collection[int]) -> list[Duty]:
    """The open duties of some records but for what the check itself raised."""
    rows = Duty.objects.filter(case__in=cases, state=DutyState.OPEN).exclude(kind=duties.FOUND.code)
    return list(rows.select_related("case", "team", "owner", "watch").order_by("pk"))


def _compared(should_be: Iterable[Expected], there: Iterable[Duty], chases: _Chases) -> Iterator[Found]:
    wanted = {(each.kind.code, each.subject): each for each in should_be}
    seen, known = set(), answered_for()
    for duty in there:
        key = (duty.kind, duty.subject)
        if kind_of(duty.kind) is None or duty.kind not in known:
            yield Wrong.UNKNOWN, duty.kind, duty, None
        elif key in seen:
            yield Wrong.TWICE, duty.kind, duty, wanted.get(key)
        elif key not in wanted:
            yield Wrong.NOT_DUE, duty.kind, duty, None
        else:
            seen.add(key)
            for wrong in _wrong_with(duty, wanted[key], chases):
                yield wrong, duty.kind, duty, wanted[key]
    for key, each in wanted.items():
        if key not in seen and not each.perhaps:
            yield Wrong.MISSING, each.kind.code, None, each


def _wrong_with(duty: Duty, should_be: Expected, chases: _Chases) -> Iterator[Wrong]:
    if follows_of(duty.kind) and should_be.owner_of and duty.owner != should_be.owner_of(duty.case):
        yield Wrong.OWNER  # before the date: what takes its place keeps its owner
    if not should_be.perhaps and not _date_is_right(duty, should_be):
        yield Wrong.DATE
    if duty.team_id != duty.case.team_id:
        yield Wrong.TEAM
    if not duty.from_before and not _is_watched(duty, chases.swept_at):
        yield Wrong.NOT_WATCHED
    if should_be.chased_from is not None and not chases.are_right(duty, should_be):
        yield Wrong.NOT_CHASED


def _date_is_right(duty: Duty, should_be: Expected) -> bool:
    try:
        due = duty.reckoned
    except (ValueError, KeyError, TypeError):  # what is stored cannot be read
        return False
    if (duty.due_on, duty.due_at, duty.late_from) != (due.due_on, due.due_at, due.late_from):
        return False
    if should_be.chosen is not None:
        return should_be.rule.is_chosen(due, should_be.chosen)
    return should_be.rule.gave(due, should_be.start, known=should_be.known, brought_to=should_be.brought_to)


def _is_watched(duty: Duty, swept_at: datetime | None) -> bool:
    """Whether it will be told, and has been told where the last sweep should have."""
    watch: Watch | None = getattr(duty, "watch", None)
    if watch is None or (watch.tell_at is None and watch.told < MOST_STEPS):
        return False
    if watch.tell_at is not None and watch.told == 0 and watch.tell_at != duty.late_from:
        return False
    # What fell, or was raised, while the sweep was under way is told by the next.
    fell_at = max(watch.tell_at, duty.raised_at) if watch.tell_at else None
    behind = swept_at is not None and fell_at is not None and fell_at < swept_at - STALE_AFTER
    return not behind or watch.set_aside_at is not None  # what is set aside stands where people see it


class _Chases:
    """The chasing of some duties: three queries however many."""

    def __init__(self, of: Iterable[Duty]) -> None:
        ids = [duty.pk for duty in of if (kind := kind_of(duty.kind)) and kind.partner]
        self.swept_at = dates_checked().at
        self.chases = {chase.duty_id: chase for chase in Chase.objects.filter(duty__in=ids)} if ids else {}
        steps: Any = Step.objects.filter(duty__in=ids).order_by().values("duty_id")
        chased = Q(number__gte=1)
        self.steps = (
            {
                row["duty_id"]: row
                for row in steps.annotate(
                    asked=Count("pk", filter=Q(number=0)),
                    chased=Count("pk", filter=chased),
                    first=Min("number", filter=chased),
                    last=Max("number", filter=chased),
                )
            }
            if ids
            else {}
        )

    def are_right(self, duty: Duty, should_be: Expected) -> bool:
        """Whether it is chased from the right day, stands still while an answer waits to be judged, and has every
        step that has fallen, each once."""
        chase, steps = self.chases.get(duty.pk), self.steps.get(duty.pk)
        if chase is None or steps is None or should_be.chased_from is None:
            return False
        if chase.started_on != clock.london_date(should_be.chased_from) or steps["asked"] != 1:
            return False
        if (chase.state == ChaseState.PAUSED) != should_be.answered or chase.state == ChaseState.ENDED:
            return False
        # Of a decision that was recorded late the first chases are left out: the steps begin later, without a gap.
        if steps["chased"] and not steps["last"] == chase.raised == steps["first"] + steps["chased"] - 1:
            return False
        limits = schedules.chase_limits(should_be.chased_from)
        if (chase.first_after, chase.apart) != limits:
            return False
        if chase.next_on != schedules.chase(should_be.chased_from, chase.raised + 1).due_on:
            return False
        if chase.state != ChaseState.RUNNING or self.swept_at is None:
            return True
        # What was raised while the sweep was under way is chased by the next.
        swept_since = duty.raised_at < self.swept_at - STALE_AFTER
        return not (swept_since and chase.next_on < clock.london_date(self.swept_at))


def due_of(each: Expected) -> Due:
    """The date of a duty that was missing, by the limits as they were when its event happened."""
    if each.chosen is not None:
        return each.rule.chosen(each.chosen, each.start)
    due = each.rule.due_or_at_once(each.start, known=each.known, event=each.event)
    return due if each.brought_to is None else brought_forward(due, each.brought_to, known=each.known)
