"""The six figures at the top of a team's page: those on which somebody has to act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from oversight.dashboards import Figure, Series, part_of
from pages.words import count
from referrals.duties import UPDATE
from team.models import Team


@dataclass(frozen=True)
class About:
    """Which measure a card is of, or which part of it, and how what it counts is called, one and several."""

    code: str
    one: str
    many: str
    # Whether each of them is something that should not be.
    none_wanted: bool = False
    # Of a share: whether the card leads to what was so, or to all of it.
    which: str = ""
    # Of a part by itself: which, its own name, and what it counts.
    part: str = ""
    name: str = ""
    definition: str = ""


ABOUT = (
    About("unmanaged_risks", "risk", "risks", none_wanted=True),
    About("overdue", "duty", "duties", none_wanted=True),
    About(
        "overdue",
        "update",
        "updates",
        none_wanted=True,
        part=UPDATE.code,
        name="Social Services updates late",
        definition="Of the overdue duties the updates that Social Services were asked for and have not given in "
        "time, however often they were chased. They stay here until somebody has judged what came to be an answer.",
    ),
    About("attendance", "conference", "conferences"),
    About("on_plans", "child", "children"),
    About("re_referrals", "referral", "referrals", which="counted"),
)


@dataclass(frozen=True)
class Card:
    """One of the six: its figure, its past, and the list it leads to."""

    series: Series
    about: About

    @property
    def code(self) -> str:
        """By which it is found on its page."""
        return f"{self.about.code}-{self.about.part}" if self.about.part else self.about.code

    @property
    def name(self) -> str:
        return self.about.name or self.series.measure.name

    @property
    def definition(self) -> str:
        return self.about.definition or self.series.measure.definition

    @property
    def figure(self) -> Figure:
        return self.series.foremost

    @property
    def act(self) -> bool:
        """Whether somebody has to act: there is what should not be, or it is below its target."""
        return bool(self.about.none_wanted and self.figure.counted) or self.figure.short

    @property
    def number(self) -> int:
        """As many as stand in the list that the card leads to."""
        of_a_share = self.figure.is_share and self.about.which == ""
        return self.figure.of if of_a_share else self.figure.counted

    @property
    def see(self) -> str:
        """ "See the 4 risks"; "See the risk"; empty where there is none."""
        if not self.number:
            return ""
        return f"See the {count(self.number, self.about.one, self.about.many)}"

    @property
    def address(self) -> str:
        return self.figure.listed(self.about.which)


def cards_of(series: Iterable[Series], *, team: Team, today: date) -> list[Card]:
    """The cards of a team, in their order. One query for each that is a part by itself."""
    whole = {each.measure.code: each for each in series}
    found = []
    for about in ABOUT:
        measure = whole[about.code].measure
        of_part = part_of(measure, [team], part=about.part, today=today) if about.part else None
        found.append(Card(of_part or whole[about.code], about))
    return found
