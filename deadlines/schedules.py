"""Limits that hang together: chases, reviews brought forward, conferences and supervisions that chain.

All take London dates, or moments whose London date counts, and raise what `Rule.due` raises.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate, count

from deadlines import rules
from deadlines.calendar import in_words
from deadlines.clock import london_date
from deadlines.due import Due
from deadlines.enums import CountedFrom
from deadlines.models import Limit
from deadlines.rule import CHANGED, NoLimit, due_on_day


def chase(decision: date | datetime, number: int) -> Due:
    """The chase of that number (1 is the first) after a decision "Social Services only".

    The first falls when the update is due, the others 7 days apart, counted from the decision whenever the
    last one was sent (handbook; HMIC 2010, AFI 2 for the 14 days). Raises ValueError below 1.
    """
    if number < 1:
        raise ValueError("Chases are numbered from 1.")
    first, apart = _chase_limits(decision)
    note = f"chase {number}: the first on day {first.value}, then every {rules.SS_CHASE.clock.words(apart.value)}"
    rule, used = (rules.SS_UPDATE, [first]) if number == 1 else (rules.SS_CHASE, [first, apart])
    changed = (said for limit in used for said in rule.changed(limit))
    return rule.count(decision, first.value + (number - 1) * apart.value, notes=(note, *changed))


def chase_limits(decision: date | datetime) -> tuple[int, int]:
    """After how many days the first chase falls, and how many days apart the others do. Raises NoLimit.

    With them the database finds what has fallen, without asking for limits again: `cait_chases_fallen` and
    `cait_chase_on` (migration 0006) count as this page does, and a test holds them to it.
    """
    first, apart = _chase_limits(decision)
    return first.value, apart.value


def _chase_limits(decision: date | datetime) -> tuple[Limit, Limit]:
    on = london_date(decision)
    return rules.SS_UPDATE.limit_on(on), rules.SS_CHASE.limit_on(on)


def chases(decision: date | datetime) -> Iterator[Due]:
    """Every chase, for ever: until Social Services answer."""
    return (chase(decision, number) for number in count(1))


def chases_fallen(decision: date | datetime, by: date) -> int:
    """How many chases have fallen due on or before a London date."""
    first, apart = chase_limits(decision)
    return max(0, ((by - london_date(decision)).days - first) // apart + 1)


def cram_review(
    submitted: date | datetime, *, core_groups: Iterable[date] = (), known: date | datetime | None = None
) -> Due:
    """The next review of a CRAM: 42 days, or an earlier core group (HMIC 2010, AFI 1; CAIT default).

    `core_groups`: the dates known for the child's core groups; the first one after the CRAM counts. `known`:
    when they became known; one that was already over then makes the review due at once.
    """
    due = rules.CRAM_REVIEW.due(submitted)
    earlier = [day for day in map(london_date, core_groups) if london_date(submitted) < day < due.due_on]
    return brought_forward(due, min(earlier), known=known) if earlier else due


def brought_forward(due: Due, core_group: date, *, known: date | datetime | None = None) -> Due:
    """A CRAM review as `cram_review` brings it forward to the core group on a London date."""
    changed = (note for note in due.why.notes if note.startswith(CHANGED))
    note = f"brought forward to the core group on {in_words(core_group)}"
    return due_on_day(core_group, replace(due.why, notes=(*changed, note)), known=known)


def core_group_for_review(
    submitted: date | datetime, core_groups: Iterable[tuple[date, datetime]]
) -> tuple[date, datetime] | None:
    """The core group to which the review of a CRAM is brought forward, of those there are, each with the moment at
    which it became known: the first that falls between the CRAM and its 42 days. None: none does."""
    due_on = rules.CRAM_REVIEW.due(submitted).due_on
    earlier = [each for each in core_groups if london_date(submitted) < each[0] < due_on]
    return min(earlier, default=None)


def cram_counts_from(conference: date | datetime, *, known: date | datetime) -> date:
    """The first London date whose CRAM counts for a conference: it is no older than the days between two reviews, as
    they were when the date of the conference became known (HMIC 2010, AFI 1; CAIT default)."""
    return london_date(conference) - _between_reviews(known)


def is_near(conference: date | datetime, today: date) -> bool:
    """Whether a conference comes within the days between two reviews: a CRAM of today counts for it."""
    return london_date(conference) <= today + _between_reviews(today)


def _between_reviews(on: date | datetime) -> timedelta:
    try:
        return timedelta(days=rules.CRAM_REVIEW.limit_on(london_date(on)).value)
    except NoLimit:
        return timedelta(0)


def initial_conference_by(
    initiating: date | datetime,
    *,
    latest: date | datetime | None = None,
    counted_from: CountedFrom | None = None,
) -> Due:
    """The latest date for the initial conference, 15 working days from a strategy discussion (Working Together).

    `initiating` is the discussion that initiated section 47 enquiries, `latest` the last one held, if there
    were more. Before 1 April 2010 the last one counts, from then the initiating one; an area that counts
    otherwise says so with `counted_from`. Limit and rule are those in force at the initiating discussion.
    """
    limit = rules.INITIAL_CONFERENCE.limit_on(london_date(initiating))
    counts = CountedFrom(counted_from or limit.counted_from)
    start = initiating if latest is None or counts == CountedFrom.INITIATING_DISCUSSION else latest
    rule = rules.INITIAL_CONFERENCE
    return rule.count(start, limit.value, event=str(counts.label), notes=rule.changed(limit))


def core_group_by(initial_conference: date | datetime, held: Sequence[date | datetime] = ()) -> Due:
    """The next core group: 10 working days from the initial conference, then every 6 weeks from the last held."""
    if not held:
        return rules.CORE_GROUP_FIRST.due(initial_conference)
    return rules.CORE_GROUP_NEXT.due(max(held, key=london_date))


def review_conference_by(initial_conference: date | datetime, held: Sequence[date | datetime] = ()) -> Due:
    """The next review conference: 3 calendar months from the initial one, then 6 from the last review held.

    Clipped to the month's end and chained from the date it was really held (Working Together).
    """
    if not held:
        return rules.REVIEW_CONFERENCE_FIRST.due(initial_conference)
    return rules.REVIEW_CONFERENCE_NEXT.due(max(held, key=london_date))


def supervision_by(allocated: datetime, completed: Sequence[datetime] = ()) -> Due:
    """The next supervision: 24 hours from allocation, 7 days from the first review, 28 from each later one.

    CAIT default. `completed`: when each review of the investigation was completed.
    """
    if not completed:
        return rules.SUPERVISION_FIRST.due(allocated)
    if len(completed) == 1:
        return rules.SUPERVISION_SECOND.due(completed[0])
    return rules.SUPERVISION_NEXT.due(max(completed))


def one_review(first: date, second: date, *, known: date | datetime) -> date | None:
    """The date of one review that answers a CRAM review and a supervision due on those dates; None if apart.

    The earlier of the two, where they fall within 7 days of each other, 7 included (HMIC 2010, AFI 4; CAIT
    default). `known`: the later of their two starting events, whose limit counts.
    """
    apart = rules.ONE_REVIEW.limit_on(london_date(known)).value
    return min(first, second) if abs((first - second).days) <= apart else None


def hours_of_telling_since() -> list[tuple[date, list[int]]]:
    """`hours_of_telling` from each London date on which one of its limits changes, the earliest first.

    For the database, which tells of very many at once. What is late already keeps the hours of the day on which it
    became late.
    """
    rules_of_telling = (rules.LATE_TO_SUPERVISOR, rules.LATE_TO_INSPECTOR, rules.LATE_TO_COMMAND)
    rows = Limit.objects.filter(rule__in=[rule.code for rule in rules_of_telling])
    changes = sorted(set(rows.values_list("effective_from", flat=True)))
    # Before each of them has a value none is told of.
    known = max(rows.filter(rule=rule.code).earliest("effective_from").effective_from for rule in rules_of_telling)
    return [(on, hours_of_telling(on)) for on in changes if on >= known]


def hours_of_telling(on: date) -> list[int]:
    """How many hours after a duty became late each step of telling falls, as the limits are on a London date.

    1 whoever has to do it, at once; 2 a supervisor; 3 the inspector; 4 the command. No step falls before the one
    below it, whatever the limits say.
    """
    told = (rules.LATE_TO_SUPERVISOR, rules.LATE_TO_INSPECTOR, rules.LATE_TO_COMMAND)
    return list(accumulate((0, *(rule.limit_on(on).value for rule in told)), max))
