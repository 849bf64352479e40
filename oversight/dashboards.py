"""The figures as pages, papers and programs read them: from the tallies alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, reduce
from itertools import accumulate
from typing import Any, NamedTuple, overload

from django.db import connection
from django.db.models import Count, Q, Subquery, Value
from django.urls import reverse
from django.utils.functional import cached_property  # without the lock of functools': asked 1,000 times a page
from django.utils.http import urlencode

from cases.enums import TransferState
from cases.models import Transfer
from conferences.figures import ENOUGH
from deadlines import clock
from deadlines.periods import last_of_month, months_until
from diary.sweep import STALE_AFTER
from oversight.control import Limits, Signal, limits_of, signals_of
from oversight.enums import Period, Shape
from oversight.measures import MEASURES, Measure
from oversight.models import Uncounted, Upkeep
from pages.words import MONTHS as MONTH_NAMES
from pages.words import count
from team.models import Team

# What was counted, and of how many.
Number = tuple[int, int]
NOTHING: Number = (0, 0)

# Full months that are looked back on, so that the same month of last year stands beside the last.
MONTHS = 13


@lru_cache(maxsize=500)
def month_words(month: date) -> str:
    """ "November 2009" """
    return f"{MONTH_NAMES[month.month - 1]} {month.year}"


class Figure(NamedTuple):
    """What one measure is in one month, or now (no month), of one team or of several together. `since`: in all
    months from that one on until `month`. `known`: not where nothing at all was counted of the team until after it,
    because it did not work with CAIT yet."""

    measure: Measure
    counted: int
    of: int
    month: date | None = None
    team: Team | None = None
    part: str | None = None
    since: date | None = None
    known: bool = True

    @property
    def is_share(self) -> bool:
        return self.measure.shape == Shape.SHARE

    @property
    def words(self) -> str:
        """ "1,050"; "95%" where there are enough to say so, otherwise "4 of 5"; "none"."""
        if not self.is_share:
            return f"{self.counted:,}"
        if not self.of:
            return "none"
        return f"{self.per_cent}%" if self.of >= ENOUGH else f"{self.counted} of {self.of}"

    @property
    def per_cent(self) -> int | None:
        """Rounded down: 94.9 per cent is not 95. None of nothing."""
        return self.counted * 100 // self.of if self.of else None

    @property
    def share(self) -> str:
        """ "95%"; nothing of none; of few that they are too few."""
        return "too few" if 0 < self.of < ENOUGH else f"{self.per_cent}%" if self.of else ""

    @property
    def value(self) -> float | None:
        """What is drawn: of a share per cent, where there are enough to say so."""
        return _value(self.is_share, self.counted, self.of) if self.known else None

    @property
    def not_counted(self) -> int:
        return self.of - self.counted

    @property
    def when(self) -> str:
        """ "now"; "October 2009"; "end of October 2009"; of what happens without a month "in all"."""
        if self.month is None:
            return "now" if self.measure.lasts else "in all"
        words = month_words(self.month)
        if self.since:
            return f"{month_words(self.since)} to {words}"
        return f"end of {words}" if self.measure.lasts else words

    @property
    def short(self) -> bool:
        """Whether it is below the target; of few it is not said."""
        target = self.measure.target
        return target is not None and self.of >= ENOUGH and self.counted * 100 < target * self.of

    @property
    def address(self) -> str:
        """The list of what it counts."""
        return self.listed("counted" if self.is_share else "")

    @property
    def address_of_all(self) -> str:
        return self.listed("")

    @property
    def address_of_others(self) -> str:
        return self.listed("not")

    def listed(self, which: str) -> str:
        """The address of the list: what was counted, what was not, or of a share both."""
        team = self.team.code if self.team else ""
        asked = {"team": team, "part": self.part, "which": which, "since": self.since, "month": self.month}
        query = "&".join([_asked(name, value) for name, value in asked.items() if value])
        return _list_of(self.measure.code) + (f"?{query}" if query else "")


def _value(share: bool, counted: int, of: int) -> float | None:
    if not share:
        return float(counted)
    return counted * 100 / of if of >= ENOUGH else None


# A page of all teams has each of these hundreds of times.
@lru_cache(maxsize=200)
def _list_of(code: str) -> str:
    return reverse("oversight:facts", args=[code])


@lru_cache(maxsize=200)
def address_of(code: str) -> str:
    """The page of a measure."""
    return reverse("oversight:measure", args=[code])


@lru_cache(maxsize=1000)
def _asked(name: str, value: str | date) -> str:
    return urlencode({name: f"{value:%Y-%m}" if isinstance(value, date) else value})


class Months(Sequence[Figure]):
    """The months of a series: bare numbers, and a figure of one only when it is asked for. A page of all teams has
    thousands, and shows three in a row."""

    def __init__(
        self,
        measure: Measure,
        numbers: Sequence[Number],
        months: Sequence[date],
        team: Team | None,
        part: str | None,
        unknown: int = 0,
    ) -> None:
        """`unknown`: how many of the first months were before anything was counted."""
        self.measure, self.numbers, self.months, self.team, self.part = measure, numbers, months, team, part
        self.unknown = unknown

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> Figure: ...

    @overload
    def __getitem__(self, place: slice) -> list[Figure]: ...

    def __getitem__(self, place: int | slice) -> Figure | list[Figure]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        counted, of = self.numbers[place]
        known = place % len(self) >= self.unknown
        return Figure(self.measure, counted, of, self.months[place], self.team, self.part, known=known)

    @property
    def values(self) -> tuple[float | None, ...]:
        share = self.measure.shape == Shape.SHARE
        known = self.numbers[self.unknown :]
        values = [_value(True, *each) for each in known] if share else [float(counted) for counted, _ in known]
        return (*[None] * (len(self) - len(known)), *values)


@dataclass(frozen=True)
class Series:
    """One measure of one team, or of several together: the full months, the earliest first, and now.

    `now`: what lasts as it is now; of what happens this month so far."""

    measure: Measure
    months: Sequence[Figure]
    now: Figure
    team: Team | None = None

    @cached_property
    def last(self) -> Figure | None:
        """The last full month; None of what has no past."""
        return self.months[-1] if self.months else None

    @cached_property
    def year_before(self) -> Figure | None:
        """The same month of the year before the last."""
        return self.months[0] if len(self.months) == MONTHS else None

    @property
    def foremost(self) -> Figure:
        """The one that stands for all: of what lasts now; of what happens the last full month."""
        return self.now if self.measure.lasts else self.last or self.now

    @property
    def anything(self) -> bool:
        if isinstance(self.months, Months):
            return bool(self.now.of) or any(of for _, of in self.months.numbers)
        return any(figure.of for figure in (*self.months, self.now))

    @cached_property
    def values(self) -> tuple[float | None, ...]:
        months = self.months
        return months.values if isinstance(months, Months) else tuple([figure.value for figure in months])

    @cached_property
    def limits(self) -> Limits | None:
        return limits_of(self.values, most=100 if self.measure.shape == Shape.SHARE else None)

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        return signals_of(self.values, self.limits)

    @cached_property
    def changed(self) -> Signal | None:
        """That it has changed, and still is so in the last full month."""
        lately = [signal for signal in self.signals if signal.last == len(self.months) - 1]
        return min(lately, key=lambda signal: signal.first) if lately else None

    @property
    def worse(self) -> bool:
        """Whether it has changed to the worse, and still is so."""
        fewer = self.measure.fewer_is_better
        return self.changed is not None and fewer is not None and self.changed.higher == fewer

    @property
    def finding(self) -> str:
        """Whether it has changed, in words: as it is now, otherwise the latest change that was more than chance."""
        if not self.months:
            return "Known only as it is now"
        if self.limits is None:
            return "Too few months to say"
        if not self.signals:
            return "No more than chance"
        signal = self.changed or self.signals[-1]
        how = "Higher" if signal.higher else "Lower"
        first, last = (month_words(self.months[place].month) for place in (signal.first, signal.last))
        if first == last:
            return f"{how} than usual in {first}"
        return f"{how} than usual since {first}" if self.changed else f"{how} than usual from {first} to {last}"

    @property
    def beyond(self) -> list[str]:
        """Of each month in words whether it is more than chance; empty where it is not. Of what is both beyond the
        limits and in a row the former is said."""
        said = [""] * len(self.months)
        for signal in sorted(self.signals, key=lambda signal: signal.first == signal.last):
            side = "above" if signal.higher else "below"
            words = f"{side} the limits" if signal.first == signal.last else f"in a row {side} the mean"
            for place in range(signal.first, signal.last + 1):
                said[place] = words
        return said


@dataclass(frozen=True)
class AsAt:
    """As at when the figures are: none where they were never whole. `behind`: whether that is too long ago.
    `left_out`: how many records could not be counted, of all teams or of the one that was asked for (`of_one`)."""

    at: datetime | None
    behind: bool
    left_out: int = 0
    of_one: bool = False

    @property
    def left_out_words(self) -> str:
        """Empty where every record is counted."""
        if not self.left_out:
            return ""
        stand = "it stands as it was" if self.left_out == 1 else "they stand as they were"
        what = f"{'' if self.of_one else 'Of all teams, '}{count(self.left_out, 'record')} could not be counted"
        return f"{what}: {stand} last, or not at all."


def months_before(today: date, number: int = MONTHS) -> list[date]:
    """The first days of the full months before the one in which a day lies, the earliest first."""
    return months_until(today, number + 1)[:-1]


_SUMS = """
    SELECT measure, team_id, GREATEST(month, %(first)s) AS month, {part} AS part, sum(counted), sum("of")
    FROM oversight_tally
    WHERE team_id = ANY(%(teams)s) AND month <= %(last)s {only}
      AND (measure = ANY(%(lasting)s) OR measure = ANY(%(others)s) AND month >= %(first)s)
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT '', t.id, min(began.month), '', 0, 0
    FROM unnest(%(teams)s::bigint[]) AS t(id), unnest(%(all)s::text[]) AS m(code),
         LATERAL (SELECT y.month FROM oversight_tally y
                  WHERE y.team_id = t.id AND y.measure = m.code AND y."of" > 0 ORDER BY y.month LIMIT 1) began
    GROUP BY 2
"""
# Those that say of a month that is over how it was: from which a team's first month is known.
_WITH_PAST = [each.code for each in MEASURES if each.period != Period.NOW]


def _sums(
    measures: Iterable[Measure],
    teams: Collection[int],
    *,
    first: date,
    last: date,
    parts: bool = False,
    only: str | None = None,
) -> tuple[dict[tuple[str, int, str], dict[date, Number]], dict[int, date]]:
    """By measure, team and part (empty where they are taken together): by month what was counted, and of what. Of
    what lasts the changes of each month, and with the first of them all before. `only`: one part alone.

    And by team the first month of which there is anything, of whatever measure: what was before nobody knows, it is
    no nought. One query."""
    measures = list(measures)
    given: dict[str, Any] = {
        "teams": list(teams),
        "lasting": [m.code for m in measures if m.lasts],
        "others": [m.code for m in measures if not m.lasts],
        "first": first,
        "last": last,
        "only": only,
        "all": _WITH_PAST,
    }
    said = {"part": "part" if parts else "''", "only": "" if only is None else "AND part = %(only)s"}
    found: dict[tuple[str, int, str], dict[date, Number]] = defaultdict(dict)
    began: dict[int, date] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(**said), given)
        for code, team, month, part, counted, of in cursor.fetchall():
            if code:
                found[code, team, part][month] = (counted, of)
            else:
                began[team] = month
    return found, began


def _unknown(began: Iterable[date], months: Sequence[date]) -> int:
    """How many of some months, of which the last is the present one, were before the first of some teams began."""
    first = min(began, default=months[-1])
    return sum(month < first for month in months[:-1])


def _plus(one: Number, other: Number) -> Number:
    return one[0] + other[0], one[1] + other[1]


def _numbers(measure: Measure, sums: Mapping[date, Number], months: Sequence[date]) -> list[Number]:
    """Month by month: of what lasts all until then."""
    found = [sums.get(month, NOTHING) for month in months]
    return list(accumulate(found, _plus)) if measure.lasts else found


def _together(numbers: Sequence[list[Number]], months: Sequence[date]) -> list[Number]:
    if len(numbers) == 1:
        return numbers[0]
    return [reduce(_plus, each) for each in zip(*numbers, strict=True)] or [NOTHING] * len(months)


def _series(
    measure: Measure,
    numbers: list[Number],
    months: Sequence[date],
    team: Team | None,
    part: str | None = None,
    *,
    unknown: int,
) -> Series:
    """Of some months, of which the last is the present one."""
    counted, of = numbers[-1]
    now = Figure(measure, counted, of, None if measure.lasts else months[-1], team, part)
    past = [] if measure.period == Period.NOW else numbers[:-1]
    return Series(measure, Months(measure, past, months[:-1], team, part, unknown), now, team)


def series_of(
    teams: Sequence[Team], *, today: date, measures: Iterable[Measure] = MEASURES, number: int = MONTHS
) -> dict[tuple[str, int | None], Series]:
    """By measure and team's id, and by measure and None of all these teams together. One query."""
    measures = list(measures)
    months = months_until(today, number + 1)
    sums, began = _sums(measures, [team.pk for team in teams], first=months[0], last=months[-1])
    unknown = _unknown(began.values(), months)
    of_each = {team.pk: _unknown([began[team.pk]] if team.pk in began else [], months) for team in teams}
    found: dict[tuple[str, int | None], Series] = {}
    for measure in measures:
        of_teams = [_numbers(measure, sums.get((measure.code, team.pk, ""), {}), months) for team in teams]
        for team, numbers in zip(teams, of_teams, strict=True):
            found[measure.code, team.pk] = _series(measure, numbers, months, team, unknown=of_each[team.pk])
        only = found[measure.code, teams[0].pk] if len(teams) == 1 else None
        whole = only or _series(measure, _together(of_teams, months), months, None, unknown=unknown)
        found[measure.code, None] = whole
    return found


def parts_of(
    measure: Measure, teams: Sequence[Team], *, today: date, number: int = MONTHS
) -> list[tuple[str, Series]]:
    """The parts of a measure with their names, in their order, of some teams together. One query; one for names."""
    months = months_until(today, number + 1)
    sums, began = _sums([measure], [team.pk for team in teams], first=months[0], last=months[-1], parts=True)
    unknown = _unknown(began.values(), months)
    of_part: dict[str, list[list[Number]]] = defaultdict(list)
    for (_, _, part), of_months in sums.items():
        of_part[part].append(_numbers(measure, of_months, months))
    only = teams[0] if len(teams) == 1 else None
    return [
        (name, _series(measure, _together(of_part[part], months), months, only, part, unknown=unknown))
        for part, name in measure.names(set(of_part)).items()
    ]


def part_of(measure: Measure, teams: Sequence[Team], *, part: str, today: date, number: int = MONTHS) -> Series:
    """One part of a measure, of some teams together, also where there was none of it. One query."""
    months = months_until(today, number + 1)
    sums, began = _sums([measure], [team.pk for team in teams], first=months[0], last=months[-1], only=part)
    numbers = _together([_numbers(measure, of_months, months) for of_months in sums.values()], months)
    only = teams[0] if len(teams) == 1 else None
    return _series(measure, numbers, months, only, part, unknown=_unknown(began.values(), months))


def as_at(team: Team | None = None) -> AsAt:
    """As at when the figures are, of all teams or of one. One query."""
    left = Uncounted.objects.order_by()
    if team is not None:
        # One that was transferred counts in figures of either team.
        sent = Transfer.objects.filter(state=TransferState.ACCEPTED, from_team=team)
        left = left.filter(Q(case__team=team) | Q(case__in=sent.values("case")))
    counted = left.values(every=Value(1)).annotate(rows=Count("pk")).values("rows")
    rows = Upkeep.objects.filter(pk=1).annotate(left_out=Subquery(counted))
    at, left_out = rows.values_list("whole_at", "left_out").first() or (None, 0)
    return AsAt(at, at is None or clock.now() - at > STALE_AFTER, left_out or 0, team is not None)


# What was not done in time took longer than whatever was: how much longer turns out only when it is done, and a month
# that is over must not come out otherwise for it.
LONGER = 2**62
MEDIAN = f"percentile_disc(0.5) WITHIN GROUP (ORDER BY CASE WHEN counted THEN minutes ELSE {LONGER} END)"
_MEDIANS = f"""
    SELECT date_trunc('month', "on")::date, {MEDIAN} FROM oversight_fact
    WHERE measure = %s AND team_id = %s AND "on" >= %s
    GROUP BY 1
"""  # noqa: S608  # words of our own


# Of each team by itself, so that its month is found by the index.
_MEDIANS_OF_TEAMS = f"""
    SELECT t.id, m.half FROM unnest(%s::bigint[]) AS t(id), LATERAL (
        SELECT {MEDIAN} AS half FROM oversight_fact
        WHERE measure = %s AND team_id = t.id AND "on" BETWEEN %s AND %s
    ) m
"""  # noqa: S608  # words of our own


def medians_of_teams(measure: Measure, teams: Sequence[Team], *, month: date) -> dict[int, int]:
    """By team (id) how many minutes half of those of one month took at most; as `medians_of`. One query."""
    given: list[Any] = [[team.pk for team in teams], measure.code, month, last_of_month(month)]
    with connection.cursor() as cursor:
        cursor.execute(_MEDIANS_OF_TEAMS, given)
        return {team: minutes for team, minutes in cursor.fetchall() if minutes is not None}


def medians_of(measure: Measure, team: Team, *, since: date) -> dict[date, int]:
    """By month how many minutes half of them took at most; `LONGER` where fewer than half were done in time. Of one
    team: of all together it would be a look at every fact. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_MEDIANS, [measure.code, team.pk, since])
        return {month: minutes for month, minutes in cursor.fetchall() if minutes is not None}
