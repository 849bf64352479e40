"""The timeline of risk: level, open gaps, unmanaged risks and reviews over the life of a record, as each was then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from cases.enums import Level
from cases.models import Case
from cases.receipt import received_at
from cram import turns
from cram.challenges import HIGHER
from cram.enums import GapState
from cram.picture import Picture, draw
from cram.turns import Mark, Risks, Turn
from deadlines import clock
from deadlines.clock import london_date, minute
from pages.words import count, day, uncapitalised


@dataclass(frozen=True)
class Point:
    """The figures from a moment on, until the next, and what happened then."""

    at: datetime
    level: str = ""
    gaps: int = 0
    unmanaged: int = 0
    said: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Row:
    """A London day on which something turned: what happened, and how it stood when the day was over."""

    points: list[Point]

    @property
    def on(self) -> date:
        return london_date(self.points[0].at)

    @property
    def said(self) -> list[str]:
        return [words for point in self.points for words in point.said]

    @property
    def level(self) -> str:
        """ "Medium"; "High, then medium" where two were set on the day; "None yet"."""
        there = [Level(level).label for level, _ in groupby(point.level for point in self.points) if level]
        first, *later = there or ["None yet"]
        return ", then ".join([first, *map(uncapitalised, later)])

    @property
    def gaps(self) -> str:
        return _at_the_end(point.gaps for point in self.points)

    @property
    def unmanaged(self) -> str:
        return _at_the_end(point.unmanaged for point in self.points)


def _at_the_end(figures: Iterable[int]) -> str:
    """ "2"; "2 (3 for a time)" where it was more on that day."""
    *_, last = there = list(figures)
    return f"{last} ({max(there)} for a time)" if max(there) > last else str(last)


@dataclass(frozen=True)
class Timeline:
    """The points of a record from its receipt until now, or until it was closed."""

    points: list[Point]
    until: datetime
    closed: bool

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def rows(self) -> list[Row]:
        """The table, the oldest day first."""
        days = groupby(self.points, key=lambda point: london_date(point.at))
        return [Row(list(points)) for _, points in days]

    @property
    def finding(self) -> str:
        """The heading: "Risk rose to high on 4 January 2010; 1 risk is unmanaged, 2 gaps are open"."""
        one, several = ("was", "were") if self.closed else ("is", "are")
        figures = (("risk", self.last.unmanaged, "unmanaged"), ("gap", self.last.gaps, "open"))
        left = [f"{count(n, noun)} {one if n == 1 else several} {what}" for noun, n, what in figures if n]
        if not left and self.last.level:
            left = [f"no risk {one} unmanaged, no gap {one} open"]
        return "; ".join(filter(None, [self._course(), ", ".join(left)]))

    def _course(self) -> str:
        levels = [(level, next(points)) for level, points in groupby(self.points, lambda point: point.level) if level]
        if not levels:
            return "No level was set" if self.closed else "No level is set yet"
        level, since = levels[-1]
        label, on = Level(level).label.lower(), day(since.at)
        if len(levels) == 1:
            return f"Risk {label} since {on}"
        return f"Risk {'rose' if HIGHER[level] > HIGHER[levels[-2][0]] else 'fell'} to {label} on {on}"

    @property
    def picture(self) -> Picture:
        """How it is drawn, worked out where a page draws it."""
        return draw(self.points, self.until)


def timeline_of(case: Case) -> Timeline:
    """The timeline of a record, in nine queries at most, however long its life."""
    received = received_at([case.pk]).get(case.pk, case.raised_at)
    risks = Risks(case)
    found = [*turns.reviews(case), *turns.missed(case), *turns.gaps(case), *risks.turns()]
    until = case.closed_at or clock.moment()  # after the facts are read: none of them is later
    after = sorted((turn for turn in found if received <= turn.at <= until), key=lambda turn: turn.at)
    points = list(_points([Turn(received, "Received"), *after], risks))
    return Timeline(points, until, closed=case.closed_at is not None)


def _points(found: list[Turn], risks: Risks) -> Iterator[Point]:
    """A point for each minute in which something was said or a figure changed."""
    last, unmanaged = Point(found[0].at), set[int]()
    for _, each in groupby(found, key=lambda turn: minute(turn.at)):
        here = list(each)
        of_gaps = Counter(turn.gap for turn in here if turn.gap)
        raised = of_gaps[GapState.OPEN]
        before, unmanaged = unmanaged, risks.unmanaged(here[-1].at)
        said = [
            *(turn.said for turn in here if turn.said),
            *_of_gaps(of_gaps),
            *_of_risks(risks, before, unmanaged, here),
        ]
        point = Point(
            here[0].at,
            level=next((turn.level for turn in reversed(here) if turn.level), last.level),
            gaps=last.gaps + raised - (of_gaps.total() - raised),
            unmanaged=len(unmanaged),
            said=tuple(said),
            marks=tuple(turn.mark for turn in here if turn.mark),
        )
        if replace(point, at=last.at) != replace(last, said=(), marks=()):
            yield point
            last = point


def _of_gaps(turned: Counter[GapState]) -> Iterator[str]:
    words = {GapState.OPEN: "raised", GapState.ANSWERED: "answered", GapState.NOT_NEEDED: "no longer needed"}
    yield from (
        f"{count(turned[state], 'intelligence gap')} {what}" for state, what in words.items() if turned[state]
    )


def _of_risks(risks: Risks, before: set[int], now: set[int], here: list[Turn]) -> Iterator[str]:
    """Which risks came to be managed or unmanaged. Of a new one it is said where it is managed at once."""
    present = risks.present(here[-1].at)
    for pk, risk in risks.risks.items():
        is_new = risk.identified_at >= here[0].at
        if pk in now - before and not is_new:
            yield f"No longer managed: {risk.what}"
        elif pk in present - now and (pk in before or is_new):
            yield f"Managed: {risk.what}"
