"""The picture of the timeline: three lines of steps and the reviews, above each other over one axis of time.

Here are the places alone; `templates/cram/_timeline_picture.html` draws them as SVG. Why by ourselves: ADR 26.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from cases.enums import Level
from cram.challenges import HIGHER
from cram.turns import Mark
from deadlines.clock import london_date, london_midnight
from pages.words import MONTHS, count, day, time_of_day

if TYPE_CHECKING:
    from cram.timeline import Point

# In units of the picture. A narrow screen has nearly one for each of its pixels, so that letters stay readable.
WIDTH, LEFT, RIGHT = 400, 92, 390
TITLE, STEP, BETWEEN = 30, 22, 22
# How wide a date with its year is, and how far apart the dates between first and last stand.
DATE, APART = 78, 48
LONG_MONTHS, APART_LONG = 11, 66

SHAPES: dict[Mark, str] = {
    Mark.SENT: "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
    Mark.RETURNED: "m-5 -5l10 10m0 -10l-10 10",
    Mark.ENDORSED: "m-5 -5h10v10h-10z",
    Mark.MISSED: "m0 -6l6.5 11h-13z",
}
ALWAYS = (Mark.SENT, Mark.ENDORSED)


@dataclass(frozen=True)
class Label:
    x: int
    y: int
    text: str
    anchor: str = "end"


@dataclass(frozen=True)
class Shape:
    """One review, as a path. `open`: drawn by its lines alone."""

    path: str
    late: bool = False
    open: bool = False


@dataclass
class Panel:
    """One of the pictures above each other: a line of steps, or shapes in rows."""

    title: Label
    labels: list[Label] = field(default_factory=list)
    grid: str = ""
    line: str = ""
    hatched: str = ""
    shapes: list[Shape] = field(default_factory=list)


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    panels: list[Panel]
    axis: str
    dates: list[Label]
    said: str


class _Drawing:
    def __init__(self, points: Sequence[Point], until: datetime) -> None:
        self.points, self.since, self.until = points, points[0].at, until
        self.whole = max((until - self.since).total_seconds(), 60.0)
        self.y = 0

    def x(self, at: datetime) -> int:
        return LEFT + round((RIGHT - LEFT) * (at - self.since).total_seconds() / self.whole)

    def steps(
        self,
        title: str,
        value: Callable[[Point], int],
        labels: Mapping[int, str],
        *,
        high: int,
        hatched: bool = False,
    ) -> Panel:
        """A line that goes up and down by steps. `labels`: of the values at the side, the highest among them."""
        top, most = self.y + TITLE, max(labels)
        places = {each: top + (round(high * (1 - each / most)) if most else 0) for each in range(most + 1)}
        first, *rest = [(self.x(point.at), places[value(point)]) for point in self.points]
        line = f"M{first[0]} {first[1]}" + "".join(f"H{x}V{y}" for x, y in rest) + f"H{RIGHT}"
        panel = Panel(Label(0, self.y + 14, title, "start"), line=line)
        panel.labels = [Label(LEFT - 12, places[each] + 5, text) for each, text in labels.items()]
        panel.grid = "".join(f"M{LEFT} {places[each]}H{RIGHT}" for each in labels)
        if hatched and most:
            panel.hatched = f"{line}V{places[0]}H{first[0]}z"
        self.y = places[0] + BETWEEN
        return panel

    def counts(self, title: str, figure: Callable[[Point], int], *, hatched: bool = False) -> Panel:
        most = max(figure(point) for point in self.points)
        labels = {most: str(most), 0: "0"}
        said = f"{title}: {figure(self.points[-1])}"
        return self.steps(said, figure, labels, high=2 * STEP if most else 0, hatched=hatched)

    def reviews(self) -> Panel:
        """A row for each thing that can become of a review; the rare ones only where they did."""
        there = {mark for point in self.points for mark in point.marks}
        rows = [mark for mark in Mark if mark in ALWAYS or mark in there]
        top = self.y + TITLE + 4
        places = {mark: top + STEP * row for row, mark in enumerate(rows)}
        panel = Panel(Label(0, self.y + 14, "Reviews", "start"))
        panel.labels = [Label(LEFT - 12, y + 5, mark.value) for mark, y in places.items()]
        panel.grid = "".join(f"M{LEFT} {y}H{RIGHT}" for y in places.values())
        for point in self.points:
            for mark in dict.fromkeys(point.marks):
                path = f"M{self.x(point.at)} {places[mark]}{SHAPES[mark]}"
                panel.shapes.append(Shape(path, late=mark == Mark.MISSED, open=mark == Mark.RETURNED))
        self.y = top + STEP * (len(rows) - 1) + BETWEEN
        return panel

    def dates(self) -> list[Label]:
        """The first and the last day of it, and what firsts of months have room between them."""
        y, first, last = self.y + 16, london_date(self.since), london_date(self.until)
        if first == last:
            ends = time_of_day(self.since), time_of_day(self.until)
        else:
            ends = _short(first), _short(last)
        between = [Label(x, y, text, "middle") for x, text in self._months(first, last)]
        return [Label(LEFT, y, ends[0], "start"), *between, Label(RIGHT, y, ends[1])]

    def _months(self, first: date, last: date) -> Iterator[tuple[int, str]]:
        months = (last.year - first.year) * 12 + last.month - first.month
        long = months > LONG_MONTHS
        apart = APART_LONG if long else APART
        room = (RIGHT - LEFT) / max(months, 1)
        every = next((each for each in (1, 2, 3, 6, 12, 24, 60) if each * room >= apart), 120)
        for number in range(first.year * 12 + first.month, last.year * 12 + last.month):
            year, month = divmod(number, 12)
            x = self.x(london_midnight(date(year, month + 1, 1)))
            if number % every == 0 and LEFT + DATE + apart / 2 <= x <= RIGHT - DATE - apart / 2:
                name = MONTHS[month][:3]
                yield x, f"{name} {year}" if long else f"1 {name}"


def _short(on: date) -> str:
    """3 Dec 2009"""
    return f"{on.day} {MONTHS[on.month - 1][:3]} {on.year}"


def draw(points: Sequence[Point], until: datetime) -> Picture:
    """Where everything stands in the picture of some points, the first to the left, until a moment."""
    drawing, last = _Drawing(points, until), points[-1]
    level = Level(last.level).label.lower() if last.level else "none yet"
    levels = {HIGHER[each]: each.label for each in reversed(Level)} | {0: "None yet"}
    panels = [
        drawing.steps(f"Level: {level}", lambda point: HIGHER[point.level], levels, high=3 * STEP),
        drawing.counts("Unmanaged risks", lambda point: point.unmanaged, hatched=True),
        drawing.counts("Open gaps", lambda point: point.gaps),
        drawing.reviews(),
    ]
    dates = drawing.dates()
    ticks = "".join(f"M{each.x} {drawing.y - 4}v5" for each in dates)
    said = (
        f"Picture of the risk from {day(drawing.since)} until {day(until)}: level {level}, "
        f"{count(last.unmanaged, 'unmanaged risk')}, {count(last.gaps, 'open gap')} at the end. "
        "The table says the same."
    )
    axis = f"M{LEFT} {drawing.y - 4}H{RIGHT}{ticks}"
    return Picture(WIDTH, drawing.y + 24, panels, axis, dates, said)
