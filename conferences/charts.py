"""The picture beside the register's table: a bar for each month, drawn by the server; the table says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from conferences.register import Month
from pages.words import MONTHS, count, day

# In units of the picture. A narrow screen has nearly one for each of its pixels, so that letters stay readable.
WIDTH, LEFT, RIGHT = 400, 8, 392
TOP, HIGH = 30, 160
# How much of its place a bar takes.
FILLED = 0.72
# A bar carries its number where it has room; the last one always.
LONGEST_LABEL = 3


@dataclass(frozen=True)
class Bar:
    """One month: the outline of its bar, its number above it, the first letter of its name below."""

    path: str
    x: int
    y: int
    number: str
    name: str


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    base: int
    left: int
    right: int
    bars: list[Bar]
    first: str
    last: str
    finding: str
    said: str


def draw(months: Sequence[Month]) -> Picture:
    """How many children were on plans at the end of each of some months, the earliest to the left."""
    most = max(month.number for month in months)
    place = (RIGHT - LEFT) / len(months)
    base = TOP + HIGH
    bars = []
    for number, month in enumerate(months):
        high = round(HIGH * month.number / most) if most else 0
        x, wide = LEFT + (number + (1 - FILLED) / 2) * place, place * FILLED
        bars.append(
            Bar(
                path=f"M{x:.1f} {base}v-{high}h{wide:.1f}v{high}z" if high else "",
                x=round(x + wide / 2),
                y=base - high - 6,
                number=_short(month.number),
                name=MONTHS[month.first.month - 1][0],
            )
        )
    first, last = months[0], months[-1]
    return Picture(
        width=WIDTH,
        height=base + 44,
        base=base,
        left=LEFT,
        right=RIGHT,
        bars=bars,
        first=_month(first.first),
        last=_month(last.first),
        finding=finding(months),
        said=(
            f"Picture of how many children were on plans, month by month: {first.number:,} at the end of "
            f"{_month(first.first)}, {last.number:,} on {day(last.last)}. The table says the same."
        ),
    )


def finding(months: Sequence[Month]) -> str:
    """The heading: "12 more children were on a plan on 10 March 2010 than at the end of March 2009"."""
    change = months[-1].number - months[0].number
    on, before = day(months[-1].last), f"{MONTHS[months[0].first.month - 1]} {months[0].first.year}"
    if not change:
        return f"As many children were on a plan on {on} as at the end of {before}"
    more = "more" if change > 0 else "fewer"
    children = count(abs(change), f"{more} child was", f"{more} children were")
    return f"{children} on a plan on {on} than at the end of {before}"


def _month(first: date) -> str:
    """Mar 2010"""
    return f"{MONTHS[first.month - 1][:3]} {first.year}"


def _short(number: int) -> str:
    """As it has room above a bar: 261; 4.9k"""
    return str(number) if len(str(number)) <= LONGEST_LABEL else f"{number / 1000:.1f}k"
