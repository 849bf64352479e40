"""How punctual Social Services are with conferences, as a figure to raise with them (Working Together): 15 working
days from the strategy discussion to the initial one, then a review after 3 months, then every 6.

Nothing is stored: when a conference had to be held at the latest is worked out from what is known of the one before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from conferences.enums import ConferenceState, Outcome
from conferences.models import Conference, ConferenceChild, OutcomeFor, Plan
from conferences.models.meeting import ConferenceQuerySet
from conferences.queries import held_about, since_it_began
from deadlines import rules, schedules
from deadlines.calendar import BeyondCalendar
from deadlines.clock import london_date, london_day_end, london_midnight
from deadlines.periods import last_of_quarter, quarters_until
from deadlines.rule import NoLimit
from deadlines.together import worked_out_together
from team.models import Team, User

# This quarter of the year, and the four before it: the same one a year ago stands beside this one.
QUARTERS = 5
INITIAL, FIRST_REVIEW, LATER_REVIEW = "initial", "first_review", "later_review"
IN_TIME, LATE, UNKNOWN = "in_time", "late", "unknown"
KINDS = {
    INITIAL: "Initial conferences, 15 working days after the strategy discussion",
    FIRST_REVIEW: "First reviews, 3 months after the initial conference",
    LATER_REVIEW: "Later reviews, 6 months after the review before",
}
HOW = {IN_TIME: "In time", LATE: "Late", UNKNOWN: "Not known"}


@dataclass(frozen=True)
class Judged:
    """One conference that was held: of which kind it is here, and by when it had to be. None: that is not known."""

    conference: Conference
    kind: str
    by: date | None

    @property
    def on(self) -> date:
        return london_date(self.conference.starts_at)

    @property
    def days_late(self) -> int:
        return max((self.on - self.by).days, 0) if self.by else 0

    @property
    def how(self) -> str:
        return UNKNOWN if self.by is None else LATE if self.days_late else IN_TIME


@dataclass(frozen=True)
class Figure:
    """Of one kind of conference, in one quarter: how many were in time, late or cannot be judged."""

    kind: str
    judged: list[Judged]

    def _number(self, how: str) -> int:
        return sum(each.how == how for each in self.judged)

    @property
    def in_time(self) -> int:
        return self._number(IN_TIME)

    @property
    def late(self) -> int:
        return self._number(LATE)

    @property
    def unknown(self) -> int:
        return self._number(UNKNOWN)

    @property
    def known(self) -> int:
        return self.in_time + self.late

    @property
    def longest(self) -> int:
        """By how many days the latest of them was late."""
        return max((each.days_late for each in self.judged), default=0)


@dataclass(frozen=True)
class Quarter:
    """Three months, and what was held in them of each kind."""

    first: date
    figures: list[Figure]

    @property
    def last(self) -> date:
        return last_of_quarter(self.first)


@dataclass(frozen=True)
class Table:
    """One kind of conference: its figure in each quarter, the latest first."""

    label: str
    rows: list[tuple[Quarter, Figure]]


def by_kind(quarters: list[Quarter]) -> list[Table]:
    """A table for each kind."""
    return [
        Table(label, [(quarter, quarter.figures[number]) for quarter in quarters])
        for number, label in enumerate(KINDS.values())
    ]


def since(now: datetime) -> date:
    """The first day of the quarters that are counted."""
    return quarters_until(london_date(now), QUARTERS)[0]


def held_between(user: User, first: date, last: date, *, team: Team | None = None) -> ConferenceQuerySet:
    """The conferences that were held on some London days, both included, that count for somebody."""
    rows = Conference.objects.counted_for(user).filter(
        state=ConferenceState.HELD, starts_at__gte=london_midnight(first), starts_at__lt=london_day_end(last)
    )
    return rows.filter(team=team) if team else rows


def quarters_of(user: User, *, now: datetime, team: Team | None = None) -> list[Quarter]:
    """The figures of each quarter, the latest first. Six queries, and those for limits and bank holidays."""
    today = london_date(now)
    found: dict[tuple[date, str], list[Judged]] = defaultdict(list)
    for each in judge(held_between(user, since(now), today, team=team)):
        found[quarters_until(each.on, 1)[0], each.kind].append(each)
    return [
        Quarter(first, [Figure(kind, found[first, kind]) for kind in KINDS])
        for first in reversed(quarters_until(today, QUARTERS))
    ]


def judge(conferences: Iterable[Conference]) -> list[Judged]:
    """By when each of some conferences had to be held. Those that decided nothing about any child, because they were
    adjourned, are left out: the one that follows counts. So are reviews about no child who is on a plan. A number of
    queries that does not grow with them."""
    conferences = list(conferences)
    with worked_out_together():
        return list(_judge(conferences, _Before(conferences)))


def _judge(conferences: list[Conference], before: _Before) -> Iterator[Judged]:
    for each in conferences:
        if before.was_adjourned(each):
            continue
        if each.is_initial:
            yield Judged(each, INITIAL, before.initial_by(each.initiated_on, each.discussed_on))
            continue
        of_children = [found for child in before.children[each.pk] if (found := before.review_by(each, child))]
        if of_children:
            # Of several children the one whose review was due first.
            kind, by = min(of_children, key=lambda found: (found[1] or date.max, found[0]))
            yield Judged(each, kind, by)


class _Before:
    """What was before some conferences: the earlier ones about the same children, and their plans."""

    def __init__(self, conferences: list[Conference]) -> None:
        self.children: dict[int, list[int]] = defaultdict(list)
        rows = ConferenceChild.objects.filter(conference__in=conferences).order_by("pk")
        for conference, child in rows.values_list("conference_id", "child_id"):
            self.children[conference].append(child)
        reviewed = {child for each in conferences if not each.is_initial for child in self.children[each.pk]}
        self.plans: dict[int, list[Plan]] = defaultdict(list)
        for plan in Plan.objects.that_count().filter(child__in=reviewed).order_by("from_on", "pk"):
            self.plans[plan.child_id].append(plan)
        self.held = held_about(reviewed)
        # The last outcome of a child that was recorded counts.
        self.outcomes: dict[tuple[int, int], str] = {}
        decided = OutcomeFor.objects.filter(conference__in=conferences).order_by("pk")
        for conference, child, outcome in decided.values_list("conference_id", "child_id", "outcome"):
            self.outcomes[conference, child] = outcome
        self._initial: dict[tuple[date, date | None], date | None] = {}
        self._review: dict[tuple[str, date], date | None] = {}

    def was_adjourned(self, conference: Conference) -> bool:
        """Whether nothing was decided about any of its children."""
        children = self.children[conference.pk]
        return bool(children) and all(self._is_adjourned(conference.pk, child) for child in children)

    def _is_adjourned(self, conference: int, child: int) -> bool:
        return self.outcomes.get((conference, child)) == Outcome.ADJOURNED

    def initial_by(self, initiated_on: date | None, discussed_on: date | None) -> date | None:
        """None where no discussion is known, or the date cannot be worked out."""
        if initiated_on is None:
            return None
        key = (initiated_on, discussed_on)
        if key not in self._initial:
            try:
                self._initial[key] = schedules.initial_conference_by(initiated_on, latest=discussed_on).due_on
            except (BeyondCalendar, NoLimit):
                self._initial[key] = None
        return self._initial[key]

    def review_by(self, conference: Conference, child: int) -> tuple[str, date | None] | None:
        """Of one child of a review: which review it is, and by when it had to be. None: it says nothing of a review,
        because the child was on no plan before that day, or nothing was decided about them."""
        on = london_date(conference.starts_at)
        if self._is_adjourned(conference.pk, child):
            return None
        plan = next(
            (each for each in self.plans[child] if each.from_on < on and (not each.to_on or on <= each.to_on)), None
        )
        if plan is None:
            return None
        earlier = [each for each in since_it_began(plan, self.held[child]) if each[0] < on]
        if not earlier:
            return LATER_REVIEW, None
        last, was_initial = max(earlier)
        kind = FIRST_REVIEW if was_initial else LATER_REVIEW
        return kind, self._by(kind, last)

    def _by(self, kind: str, last: date) -> date | None:
        if (kind, last) not in self._review:
            rule = rules.REVIEW_CONFERENCE_FIRST if kind == FIRST_REVIEW else rules.REVIEW_CONFERENCE_NEXT
            try:
                self._review[kind, last] = rule.due(last).due_on
            except (BeyondCalendar, NoLimit):
                self._review[kind, last] = None
        return self._review[kind, last]
