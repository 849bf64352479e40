"""What a measure is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from oversight.enums import Group, Period, Shape

Names = Callable[[set[str]], Mapping[str, str]]


def ids_in(parts: Iterable[str]) -> list[int]:
    """The parts that are ids of rows: an address may ask for anything."""
    return [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 19]


@dataclass(frozen=True)
class Measure:
    """One figure, defined once: page, list, paper, workbook and API all read this.

    `sql` says which facts it counts, of some records as they are at a moment: rows of `case_id, subject, team_id,
    part, "on", until, counted, minutes` (see `oversight.models.Fact`). It is given `%(cases)s`, ids of records;
    `%(until)s`, the moment; and `%(today)s`, its London date. It reads the records alone and asks no clock, so that
    the same moment gives the same facts whenever it is asked.
    """

    code: str
    group: Group
    name: str
    # What a manager asks, which the figure answers.
    question: str
    # What is counted, in words; of a share, of what.
    definition: str
    # From what it is counted, and who asks for it.
    source: str
    period: Period
    shape: Shape
    sql: str
    # What it is divided by, such as "Source"; empty where it is whole.
    by: str = ""
    # The names of its parts, in their order; or who knows them, where they are many: officers.
    parts: Mapping[str, str] | Names = field(default_factory=dict)
    # Of a share in the words of a sentence: what was so, and of what: "attended", "initial conferences held".
    was: str = ""
    of: str = ""
    # Per cent, where one was set.
    target: int | None = None
    # Whether less is better; None where neither is.
    fewer_is_better: bool | None = None
    # Whether how long it took is counted as well: its minutes have a median.
    timed: bool = False
    # The code of the measure whose number it takes apart otherwise: on the dashboards that one alone has a row, and
    # its page leads to this one.
    beside: str = ""
    # The URL name of a page of the record (by its number) where what is counted is seen; its overview by default.
    page: str = "workbench:case"

    def names(self, parts: set[str]) -> dict[str, str]:
        """The names of some parts, those that are always there first."""
        if callable(self.parts):
            return dict(self.parts(parts))
        known = dict(self.parts)
        return known | {part: part for part in sorted(parts - set(known)) if part}

    @property
    def lasts(self) -> bool:
        """Whether it counts what lasts, not what happens."""
        return self.period != Period.MONTH
