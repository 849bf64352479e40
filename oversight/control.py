"""Whether a figure has changed, or only varies as it always does: an individuals chart (XmR; Shewhart, Wheeler).

From month to month every figure goes up and down. The limits say how far it goes by chance alone: 2.66 times the
average of the changes from one month to the next, on both sides of the mean. A month beyond them, or eight months in
a row on one side of the mean, is a change that somebody should ask about; anything else is not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import sub
from typing import NamedTuple

# Of what is told from fewer months nothing is said.
ENOUGH_MONTHS = 8
IN_A_ROW = 8
FACTOR = 2.66
# What is nearer than this is the same: of shares that never change the mean is not exactly each of them.
SAME = 1e-9
# A page of all teams asks of hundreds of series, again and again of the same months that are over.
KEPT = 5_000
# Months in a row above the mean, or below it, each of them a sign.
RUN = re.compile(rf"\+{{{IN_A_ROW},}}|-{{{IN_A_ROW},}}")


class Limits(NamedTuple):
    """The mean of some months and how far they go by chance; what is shown stays within `least` and `most`."""

    mean: float
    low: float
    high: float


class Signal(NamedTuple):
    """That a figure has changed: from which month to which (their places), and whether it is higher than usual."""

    first: int
    last: int
    higher: bool


@lru_cache(maxsize=KEPT)
def limits_of(values: tuple[float | None, ...], *, most: float | None = None) -> Limits | None:
    """The limits of some months, in their order; None of too few that have a value. `most`: of shares 100."""
    known = [value for value in values if value is not None]
    if len(known) < ENOUGH_MONTHS:
        return None
    mean = sum(known) / len(known)
    moved = sum(map(abs, map(sub, known[1:], known)))
    reach = FACTOR * moved / (len(known) - 1)
    high = mean + reach
    return Limits(mean, max(mean - reach, 0), high if most is None else min(high, most))


@lru_cache(maxsize=KEPT)
def signals_of(values: tuple[float | None, ...], limits: Limits | None) -> tuple[Signal, ...]:
    """Where a figure has changed: the months beyond the limits, and each row of eight or more on one side."""
    if limits is None:
        return ()
    mean, low, high = limits.mean, limits.low - SAME, limits.high + SAME
    places = [place for place, value in enumerate(values) if value is not None]
    known = [value for value in values if value is not None]
    found = []
    if min(known, default=low) < low or max(known, default=high) > high:
        beyond = [each for each in zip(places, known, strict=True) if not low <= each[1] <= high]
        found = [Signal(place, place, value > high) for place, value in beyond]
    sides = "".join(["+" if value > mean + SAME else "-" if value < mean - SAME else "0" for value in known])
    for run in RUN.finditer(sides):
        found.append(Signal(places[run.start()], places[run.end() - 1], run[0][0] == "+"))
    return tuple(sorted(found, key=lambda signal: (signal.last, signal.first)))
