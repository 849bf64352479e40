"""The figures of a monthly report as they are frozen in it, and read from it again.

A report that was signed reads in years as it did, so whatever is printed is kept in it: names, definitions, headings,
percentages, findings, the team's name and the signer's. What a report of an earlier version of CAIT did not keep is
worked out, or left empty: it is never a reason not to show it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from conferences.figures import ENOUGH
from deadlines.calendar import add_months
from oversight.control import Limits, Signal
from oversight.dashboards import LONGER, MONTHS, Figure, Series
from oversight.enums import Group, Period, Shape
from oversight.measures import Measure
from oversight.models import MonthlyReport
from oversight.templatetags.figures import took
from team.models import Team

# What is kept of the definition of a measure, and what it is where that was not kept.
KEPT: dict[str, Any] = {
    "code": "",
    "name": "",
    "question": "",
    "definition": "",
    "source": "",
    "by": "",
    "was": "",
    "of": "",
    "target": None,
    "fewer_is_better": None,
    "timed": False,
}


class Heading(NamedTuple):
    """Under which a measure stands, as it was called then."""

    value: str
    label: str


class Printed(Figure):
    """A figure with the words in which it was printed."""

    said: str | None = None

    @property
    def words(self) -> str:
        return super().words if self.said is None else self.said

    @property
    def in_per_cent(self) -> bool:
        """Whether there were enough to say so."""
        return self.is_share and self.words.endswith("%")


@dataclass(frozen=True)
class FrozenSeries(Series):
    """Thirteen months with what was said of them."""

    kept: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def values(self) -> tuple[float | None, ...]:
        kept = self.kept.get("values")
        return tuple(kept) if kept and len(kept) == len(self.months) else super().values

    @cached_property
    def limits(self) -> Limits | None:
        if "limits" not in self.kept:
            return super().limits
        return Limits(*self.kept["limits"]) if self.kept["limits"] else None

    @cached_property
    def changed(self) -> Signal | None:
        if "changed" not in self.kept:
            return super().changed
        return Signal(*self.kept["changed"]) if self.kept["changed"] else None

    @property
    def worse(self) -> bool:
        return bool(self.kept["worse"]) if "worse" in self.kept else super().worse

    @property
    def finding(self) -> str:
        return str(self.kept["finding"]) if "finding" in self.kept else super().finding


@dataclass(frozen=True)
class Frozen:
    """One measure as it stands in a report."""

    series: FrozenSeries
    parts: Sequence[tuple[str, Printed]]
    month: date
    kept: Mapping[str, Any]

    @property
    def measure(self) -> Measure:
        return self.series.measure

    @property
    def group(self) -> Heading:
        """The heading; as it is called now where that was not kept."""
        value = self.kept.get("group", "")
        return Heading(value, self.kept.get("group_words") or _label(Group, value))

    @property
    def period(self) -> str:
        """ "At the end of the month" """
        return self.kept.get("period_words") or _label(Period, self.kept.get("period", ""))

    @property
    def digest(self) -> str:
        return str(self.kept.get("digest", ""))

    @property
    def median(self) -> int | None:
        return self.kept.get("median")

    @property
    def half(self) -> str:
        """How long it took, in words."""
        return self.kept["half"] if "half" in self.kept else half(self.median)

    @property
    def figure(self) -> Printed:
        """Of the month that the report is about."""
        return self._of(0)

    @property
    def before(self) -> Printed:
        """Of the month before it."""
        return self._of(1)

    @property
    def year_before(self) -> Printed:
        """Of the same month a year before."""
        return self._of(MONTHS - 1)

    @property
    def short(self) -> bool:
        """Whether it was below the target."""
        return bool(self.kept["short"]) if "short" in self.kept else self.figure.short

    def _of(self, back: int) -> Printed:
        """Of a month that the report does not know nothing is said."""
        month = add_months(self.month, -back)
        for each in self.series.months:
            if each.month == month and isinstance(each, Printed):
                return each
        return _printed(self.measure, 0, 0, month, self.series.team, said="")


def _label(choices: type[Group | Period], value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def _printed(
    measure: Measure,
    counted: int,
    of: int,
    month: date,
    team: Team | None,
    part: str | None = None,
    said: str | None = None,
) -> Printed:
    figure = Printed(measure, counted, of, month, team, part)
    figure.said = said
    return figure


# --- to freeze -----------------------------------------------------------------------------------


def digest_of(measure: Measure) -> str:
    """By which it is known that a measure is defined otherwise than when a report was made."""
    return sha256(measure.sql.encode()).hexdigest()


def frozen_measure(
    series: Series, *, median: int | None, parts: Iterable[tuple[str, str, int, int]]
) -> dict[str, Any]:
    """One measure as it is kept. `parts`: of each its code, its name, what was counted, and of what."""
    measure, month = series.measure, series.months[-1]
    limits, changed = series.limits, series.changed
    return {
        **{name: getattr(measure, name) for name in KEPT},
        "group": measure.group.value,
        "group_words": str(measure.group.label),
        "period": measure.period.value,
        "period_words": str(measure.period.label),
        "shape": measure.shape.value,
        "digest": digest_of(measure),
        "months": [
            [f"{each.month:%Y-%m}", each.counted, each.of, each.words] for each in series.months if each.month
        ],
        "short": month.short,
        "values": series.values,
        "limits": list(limits) if limits else None,
        "changed": list(changed) if changed else None,
        "worse": series.worse,
        "finding": series.finding,
        "median": median,
        "half": half(median),
        "parts": [
            {
                "part": part,
                "name": name,
                "counted": counted,
                "of": of,
                "words": Figure(measure, counted, of).words,
            }
            for part, name, counted, of in parts
        ],
    }


def frozen_report(
    measures: list[dict[str, Any]],
    *,
    of_now: list[dict[str, Any]],
    now_on: date,
    left_out: str,
    counted_at: datetime | None = None,
) -> dict[str, Any]:
    """All that a report keeps with the figures. `enough`: of fewer no percentage is said. `of_now`: what is known
    only as it was on the day `now_on`. `left_out`: in words how many records could not be counted. `counted_at`: of
    the first time alone."""
    first = {"first_counted_at": counted_at.isoformat()} if counted_at else {}
    now = {"of_now": of_now, "now_on": now_on.isoformat()} if of_now else {}
    return {"measures": measures, "enough": ENOUGH, "left_out": left_out, **now, **first}


# --- to read -------------------------------------------------------------------------------------


def frozen_in(report: MonthlyReport) -> list[Frozen]:
    """The figures of a report, as they were counted for it. No query."""
    return [_frozen(each, report) for each in report.kept.get("measures", [])]


def frozen_of_now(report: MonthlyReport) -> list[Frozen]:
    """The figures of what was known only as it was on the day on which they were counted. No query."""
    return [_frozen(each, report) for each in report.kept.get("of_now", [])]


def now_on(report: MonthlyReport) -> date | None:
    """That day; None where nothing of it was kept."""
    kept = report.kept.get("now_on")
    return date.fromisoformat(kept) if kept else None


def _frozen(kept: Mapping[str, Any], report: MonthlyReport) -> Frozen:
    group, period, shape = (kept.get(name, "") for name in ("group", "period", "shape"))
    measure = Measure(
        **{name: kept.get(name, default) for name, default in KEPT.items() if name != "name"},
        name=kept.get("name") or kept.get("code", ""),
        group=Group(group) if group in Group.values else Group.DEMAND,
        period=Period(period) if period in Period.values else Period.MONTH,
        shape=Shape(shape) if shape in Shape.values else Shape.NUMBER,
        sql="",
    )
    months: list[Figure] = [
        _printed(measure, counted, of, date.fromisoformat(f"{month}-01"), report.team, said=said[0] if said else None)
        for month, counted, of, *said in kept.get("months", [])
    ]
    parts = [
        (
            part.get("name") or part.get("part", ""),
            _printed(
                measure,
                part.get("counted", 0),
                part.get("of", 0),
                report.month,
                report.team,
                part.get("part", ""),
                part.get("words"),
            ),
        )
        for part in kept.get("parts", [])
    ]
    now = months[-1] if months else _printed(measure, 0, 0, report.month, report.team, said="")
    return Frozen(FrozenSeries(measure, months, now, report.team, kept), parts, report.month, kept)


def in_groups(frozen: Iterable[Frozen]) -> list[tuple[Heading, list[Frozen]]]:
    """The measures under their headings, in the order in which they are kept."""
    under: dict[str, list[Frozen]] = defaultdict(list)
    for each in frozen:
        under[each.group.value].append(each)
    return [(measures[0].group, measures) for measures in under.values()]


def enough_in(report: MonthlyReport) -> int:
    """Of how many a percentage was said."""
    return int(report.kept.get("enough", ENOUGH))


@dataclass(frozen=True)
class Recount:
    """That a report was counted again, and by whom: its figures are no longer those it was made with."""

    first: datetime
    again: datetime
    by: str


def recount_of(report: MonthlyReport) -> Recount | None:
    """None where the figures are those it was made with."""
    kept = report.kept
    first, again = kept.get("first_counted_at"), kept.get("again_at")
    if not first or not again:
        return None
    return Recount(datetime.fromisoformat(first), datetime.fromisoformat(again), kept.get("again_by", ""))


def moved(was: Iterable[Frozen], now: Iterable[Frozen]) -> list[str]:
    """By code the measures that come out otherwise than before, with both: "referrals: was 4, now 5"."""
    before, after = ({each.measure.code: _numbers(each) for each in every} for every in (was, now))
    none = "not counted"
    return [
        f"{code}: was {before.get(code, none)}, now {after.get(code, none)}"
        for code in dict.fromkeys([*before, *after])
        if before.get(code) != after.get(code)
    ]


def _numbers(each: Frozen) -> str:
    figure = each.figure
    numbers = f"{figure.counted} of {figure.of}" if figure.is_share else str(figure.counted)
    return f"{numbers} ({each.half})" if each.half else numbers


# --- words ---------------------------------------------------------------------------------------


def half(median: int | None) -> str:
    """ "half took 3 hours or less"; empty where that is not counted, or nothing was."""
    if median is None:
        return ""
    return "fewer than half were done in time" if median >= LONGER else f"half took {took(median)} or less"
