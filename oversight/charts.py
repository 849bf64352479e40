"""The pictures beside the tables of figures, drawn by the server: thirteen months as a line with what varies by
chance, the same as a small line, and the week as a grid of hours. Every table beside one says the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor, log10
from typing import NamedTuple

from oversight.control import KEPT
from oversight.dashboards import Figure, Series, month_words
from oversight.enums import Shape
from pages.words import MONTHS as MONTH_NAMES

# In units of the picture. A narrow screen has nearly one for each of its pixels, so that letters stay readable.
WIDTH, HEIGHT = 460, 300
LEFT, RIGHT = 44, 352
TOP, BASE = 18, 248
# Labels of lines stand at the right, so far from each other that none lies upon another.
BESIDE = RIGHT + 8
LINE_HEIGHT = 17
# How far a letter's middle lies above the line it is written on.
MIDDLE = 5

SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 150, 34, 4

Points = Sequence[tuple[float, float] | None]
Places = Callable[[float], float]


class Label(NamedTuple):
    """Words in a picture: where, how they lie to that point, and whether they stand out."""

    text: str
    x: float
    y: float
    anchor: str = "start"
    strong: bool = False


class Dot(NamedTuple):
    """One month: where, and whether it is beyond the limits, which is drawn as a ring around it."""

    x: float
    y: float
    beyond: bool


@dataclass(frozen=True)
class Chart:
    """A line of months with its mean, its limits and its target. A path is empty where there is nothing to draw."""

    title: str
    said: str
    line: str
    dots: list[Dot]
    grid: str
    mean: str
    limits: str
    target: str
    # What is missing to the target, month by month: drawn hatched.
    missing: str
    labels: list[Label]
    axis: str = f"M{LEFT} {BASE}H{RIGHT}"
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Spark:
    """A small line without words, for a table says the same: its path, its last point, and its mean."""

    line: str
    x: float
    y: float
    mean: str
    width: int = SPARK_WIDTH
    height: int = SPARK_HEIGHT


def path_of(points: Points) -> str:
    """A line through some points; where one is missing it stops and begins anew. A point by itself has no line."""
    drawn = ""
    run: list[tuple[float, float]] = []
    for point in (*points, None):
        if point is not None:
            run.append(point)
            continue
        if len(run) > 1:
            drawn += "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)
        run = []
    return drawn


def spark_of(series: Series) -> Spark | None:
    """None where no two months beside each other have a value. What stays the same lies in the middle."""
    return _spark(series.values, series.limits.mean if series.limits else None)


@lru_cache(maxsize=KEPT)
def _spark(values: tuple[float | None, ...], mean: float | None) -> Spark | None:
    known = [value for value in values if value is not None]
    if not any(None not in each for each in pairwise(values)):
        return None
    low, high = min(known), max(known)
    if mean is not None:
        low, high = min(low, mean), max(high, mean)
    step = (SPARK_WIDTH - 2 * SPARK_EDGE) / (len(values) - 1)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return SPARK_HEIGHT - SPARK_EDGE - share * (SPARK_HEIGHT - 2 * SPARK_EDGE)

    points = [None if value is None else (SPARK_EDGE + place * step, y(value)) for place, value in enumerate(values)]
    last = next(point for point in reversed(points) if point)
    across = "" if mean is None else f"M0 {y(mean):.1f}H{SPARK_WIDTH}"
    return Spark(path_of(points), round(last[0], 1), round(last[1], 1), across)


def ticks_of(most: float) -> list[float]:
    """From nought on four to six even steps, the last of them at or beyond `most`."""
    if most <= 0:
        return [0, 1]
    rough = most / 5
    size = 10.0 ** floor(log10(rough))
    step = next(times * size for times in (1, 2, 5, 10) if times * size >= rough)
    step = max(step, 1)
    return [number * step for number in range(ceil(most / step) + 1)]


def apart(labels: Iterable[Label], *, low: float = TOP, high: float = BASE) -> list[Label]:
    """Labels that stand beneath each other, moved until none lies upon the next; their order stays."""
    found = sorted(labels, key=lambda label: label.y)
    wanted = [label.y for label in found]
    for place in range(1, len(wanted)):
        wanted[place] = max(wanted[place], wanted[place - 1] + LINE_HEIGHT)
    beyond = max(wanted[-1] - high, 0) if wanted else 0
    for place in reversed(range(len(wanted))):
        below = wanted[place + 1] - LINE_HEIGHT if place + 1 < len(wanted) else wanted[place] - beyond
        wanted[place] = max(min(wanted[place], below), low)
    return [label._replace(y=round(y, 1)) for label, y in zip(found, wanted, strict=True)]


def draw(series: Series) -> Chart | None:
    """Thirteen months of a measure. None where it has no past, or no month of it can be told."""
    known = [value for value in series.values if value is not None]
    if not known:
        return None
    share = series.measure.shape == Shape.SHARE
    sign = "%" if share else ""
    limits, target = series.limits, series.measure.target
    low, ticks = _scale(series, known, share)
    step = (RIGHT - LEFT) / len(series.values)

    def x(place: float) -> float:
        return LEFT + (place + 0.5) * step

    def y(value: float) -> float:
        return BASE - (value - low) / (ticks[-1] - low) * (BASE - TOP)

    def across(value: float) -> str:
        return f"M{LEFT} {y(value):.1f}H{RIGHT}"

    points = [None if value is None else (x(place), y(value)) for place, value in enumerate(series.values)]
    beside = []
    last = next((place for place in reversed(range(len(points))) if points[place]), 0)
    beside.append(Label(_last_words(series, last), BESIDE, y(known[-1]) + MIDDLE, strong=True))
    if limits:
        beside.append(Label(f"Mean {_rounded(limits.mean)}{sign}", BESIDE, y(limits.mean) + MIDDLE))
    ends = [end for end in dict.fromkeys((limits.high, limits.low)) if _told(end, share)] if limits else []
    beside += [Label(f"Limit {_rounded(end)}{sign}", BESIDE, y(end) + MIDDLE) for end in ends]
    if target is not None:
        beside.append(Label(f"Target {target}%", BESIDE, y(target) + MIDDLE))
    return Chart(
        title=f"{series.measure.name}, by month",
        said=_said(series, known, sign),
        line=path_of(points),
        dots=[
            Dot(
                round(point[0], 1),
                round(point[1], 1),
                any(signal.first == place == signal.last for signal in series.signals),
            )
            for place, point in enumerate(points)
            if point
        ],
        grid="".join(across(tick) for tick in ticks[1:]),
        mean=across(limits.mean) if limits else "",
        limits="".join(map(across, ends)),
        target=across(target) if target is not None else "",
        missing=_missing(series, x, y, step),
        labels=[
            *(Label(f"{tick:,.0f}{sign}", LEFT - 8, round(y(tick) + MIDDLE, 1), "end") for tick in ticks),
            *_under(series, x),
            *apart(beside),
        ],
    )


def _scale(series: Series, known: Sequence[float], share: bool) -> tuple[float, list[float]]:
    """Where the picture begins, and its ticks. Numbers begin at nought; shares at half where nothing lies lower."""
    limits, target = series.limits, series.measure.target
    every = [*known, *((limits.low, limits.high) if limits else ()), *((target,) if target is not None else ())]
    if not share:
        ticks = ticks_of(max(every))
        return 0, ticks
    begins = 50 if min(every) >= 50 else 0
    return begins, [float(tick) for tick in range(begins, 101, 10 if begins else 20)]


def _told(end: float, share: bool) -> bool:
    """Nothing goes below nought nor beyond the whole: such a limit limits nothing."""
    return end > 0 and not (share and end >= 100)


def _last_words(series: Series, place: int) -> str:
    """ "84 in Oct"; of a share that cannot be told of the last month, of the last one of which it can."""
    figure = series.months[place]
    name = MONTH_NAMES[figure.month.month - 1][:3] if figure.month else ""
    return f"{figure.words} in {name}"


def _under(series: Series, x: Places) -> list[Label]:
    """Each month by its first letter; the year under the first, unless another begins at once, and under each that
    begins."""
    found = []
    months = [figure.month or date.min for figure in series.months]
    begin = [place for place, month in enumerate(months) if month.month == 1]
    years = begin if begin and begin[0] <= 1 else [0, *begin]
    for place, month in enumerate(months):
        at = round(x(place), 1)
        found.append(Label(MONTH_NAMES[month.month - 1][0], at, BASE + 18, "middle"))
        if place in years:
            found.append(Label(str(month.year), at, BASE + 38, "middle"))
    return found


def _missing(series: Series, x: Places, y: Places, step: float) -> str:
    """For each month below the target what is missing, as wide as half its place."""
    target = series.measure.target
    if target is None:
        return ""
    drawn = ""
    for place, figure in enumerate(series.months):
        if figure.short and figure.value is not None:
            left, wide = x(place) - step / 4, step / 2
            drawn += f"M{left:.1f} {y(target):.1f}h{wide:.1f}V{y(figure.value):.1f}h-{wide:.1f}z"
    return drawn


def _rounded(value: float) -> str:
    """66; 4.5: of small numbers a tenth is worth knowing."""
    return f"{value:,.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"


def _said(series: Series, known: Sequence[float], sign: str) -> str:
    """What the picture shows, in a sentence for whoever does not see it."""
    counted = [figure.month for figure in series.months if figure.known and figure.month]
    first, last = month_words(counted[0]), month_words(counted[-1])
    low, high = _rounded(min(known)), _rounded(max(known))
    between = f"always {low}{sign}" if low == high else f"between {low}{sign} and {high}{sign}"
    words = f"Line of {series.measure.name} from {first} to {last}: {between}"
    if series.limits:
        words += f", on average {_rounded(series.limits.mean)}{sign}"
    if series.measure.target is not None:
        words += f"; the target is {series.measure.target}%"
    return f"{words}. {series.finding}. The table says the same."


# --- the week as a grid ----------------------------------------------------------------------------

# "1-09": Monday, between nine and ten.
DAY_AND_HOUR = re.compile(r"([1-7])-([01]\d|2[0-3])", re.A)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# From nothing to as many as in the busiest hour.
SHADES = 4


class Cell(NamedTuple):
    """One hour of one day of the week: how many, and how dark."""

    figure: Figure
    shade: int
    day: str


@dataclass(frozen=True)
class Hour:
    """One hour of all days: "9am"; with its name in full, "9am to 10am"."""

    name: str
    full: str
    cells: list[Cell]


@dataclass(frozen=True)
class Week:
    """The hours of a week, and what is worth saying of them. `days`: their names, and how they are cut short."""

    hours: list[Hour]
    finding: str
    days: list[tuple[str, str]] = field(default_factory=lambda: [(day[:2], day) for day in DAYS])


def is_week(parts: Iterable[str]) -> bool:
    """Whether the parts of a measure are the hours of a week."""
    parts = list(parts)
    return bool(parts) and all(DAY_AND_HOUR.fullmatch(part) for part in parts)


def week_of(parts: Sequence[tuple[str, Series]]) -> Week:
    """The hours of a week in all the full months together."""
    figures: dict[tuple[int, int], Figure] = {}
    for _, series in parts:
        found = DAY_AND_HOUR.fullmatch(series.now.part or "")
        if found and series.months:
            months = series.months
            figures[int(found[1]), int(found[2])] = Figure(
                series.measure,
                sum(each.counted for each in months),
                sum(each.of for each in months),
                months[-1].month,
                series.team,
                series.now.part,
                months[0].month,
            )
    most = max((figure.of for figure in figures.values()), default=0)
    hours = [
        Hour(
            _hour(hour),
            f"{_hour(hour)} to {_hour((hour + 1) % 24)}",
            [
                Cell(figure, _shade(figure.of, most), name)
                for day, name in enumerate(DAYS, 1)
                if (figure := figures.get((day, hour)))
            ],
        )
        for hour in range(24)
    ]
    return Week(hours, _busiest(figures))


def _shade(number: int, most: int) -> int:
    return ceil(SHADES * number / most) if most else 0


def _hour(hour: int) -> str:
    return {0: "midnight", 12: "midday"}.get(hour) or f"{hour % 12}{'am' if hour < 12 else 'pm'}"


def _busiest(figures: Mapping[tuple[int, int], Figure]) -> str:
    """The day of the week and the hour of the day with the most, if one stands out."""
    by_day = [sum(each.of for (day, _), each in figures.items() if day == number) for number in range(1, 8)]
    by_hour = [sum(each.of for (_, hour), each in figures.items() if hour == number) for number in range(24)]
    if not any(by_day):
        return "Nothing came in these months"
    said = []
    if by_day.count(max(by_day)) == 1:
        said.append(f"on a {DAYS[by_day.index(max(by_day))]}")
    if by_hour.count(max(by_hour)) == 1:
        hour = by_hour.index(max(by_hour))
        said.append(f"between {_hour(hour)} and {_hour((hour + 1) % 24)}")
    return f"Most came {', and most '.join(said)}" if said else "No day and no hour stands out"
