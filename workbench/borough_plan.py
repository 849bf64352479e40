"""The plan of the demonstration's borough: whose children were referred in two years, by whom, and what became of it.

Haringey as the inspectors saw it (HMIC 2010), in invented people; Enfield beside it, smaller. Only Python and a seed:
the same moment gives the same plan, so that its filling can be broken off and gone on with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Generic, TypeVar

from deadlines.ages import days_before
from deadlines.clock import london_date, london_midnight
from people.enums import Relation, Sex
from referrals.enums import Category, DecisionKind, Method, Source
from workbench import borough_names as names
from workbench.borough_names import listed
from workbench.demonstration_conferences import On
from workbench.demonstration_crams import Step
from workbench.demonstration_referrals import Somebody, Then, Told

SEED = 1187
YEARS = 2
DAYS = 365 * YEARS
# Referrals in two years, those of the demonstration that are made by hand among them.
REFERRALS = {"HGY": 1050 * YEARS, "ENF": 150 * YEARS}
# Children on plans today, with those made by hand: of so many the CRAM has been reviewed; of the others Social
# Services' list was handed over within the last six weeks, and their first review is to come (HMIC 2010, AFI 5).
ON_PLANS, REVIEWED, ON_PLANS_BY_HAND = 261, 40, 14
# Families about whom a conference was held and whose plan has ended since, or never began.
PLANS_ENDED, NO_PLANS = 24, 12
LAST_MONTHS = 92

# Whose day is how long ago (days), in how many of a week's referrals.
SIX_WEEKS = 41
# Their list was handed over so many days ago at the least: then every plan is recorded, over bank holidays too.
LISTED = 14
BY_WEEKDAY = (19, 20, 19, 18, 16, 5, 3)


@dataclass(frozen=True)
class Does:
    """Something that was done on a record, at one moment."""

    at: datetime
    what: Then | Step | On


@dataclass(frozen=True)
class Record:
    """One referral and the life of its record, in the order in which it happened."""

    told: Told
    received: datetime
    logged: datetime
    by: str
    decision: DecisionKind
    does: tuple[Does, ...] = ()


@dataclass(frozen=True)
class Family:
    """All that was ever told about one family, the oldest first; `on_plan`: so many of its children are on plans."""

    number: int
    records: tuple[Record, ...]
    on_plan: int = 0

    @property
    def team(self) -> str:
        return self.records[0].told.team

    @property
    def last(self) -> datetime:
        return self.records[-1].received


T = TypeVar("T")


class Deck(Generic[T]):
    """Deals its cards in a mixed order and mixes them anew when all are dealt: neighbours do not read alike."""

    def __init__(self, cards: Sequence[T], rng: Random) -> None:
        self.cards, self.rng = list(cards), rng
        self.left: list[T] = []

    def deal(self) -> T:
        if not self.left:
            self.left = self.rng.sample(self.cards, len(self.cards))
        return self.left.pop()

    def deal_fitting(self, fits: Callable[[T], bool]) -> T:
        """The next that fits; those before it are dealt later."""
        passed_over: list[T] = []
        while not fits(card := self.deal()):
            passed_over.append(card)
        self.left += reversed(passed_over)
        return card


class Decks:
    """A deck for each list of words that is asked for."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.decks: dict[object, Deck[Any]] = {}

    def of(self, words: Sequence[T], key: object = None) -> T:
        """The next of some words. `key`: what they are known by; else they are the same ones each time."""
        dealt: T = self._deck(words, key).deal()
        return dealt

    def fitting(self, words: Sequence[T], fits: Callable[[T], bool]) -> T:
        """The next that fits; one does."""
        dealt: T = self._deck(words, None).deal_fitting(fits)
        return dealt

    def _deck(self, words: Sequence[T], key: object) -> Deck[T]:
        key = id(words) if key is None else key
        if key not in self.decks:
            self.decks[key] = Deck(words, self.rng)
        return self.decks[key]


def weighted(rng: Random, **of: float) -> str:
    """One of some codes, by their weights."""
    return rng.choices(list(of), list(of.values()))[0]


def at_hour(day: date, hour: float) -> datetime:
    """A moment of a London day, to the minute."""
    return london_midnight(day) + timedelta(minutes=round(hour * 60))


@dataclass
class Household:
    """A family before anything is told about it."""

    number: int
    team: str
    children: list[Somebody]
    adults: list[Somebody]
    address: str


def families_of(now: datetime) -> tuple[Family, ...]:
    """Every family of the borough as at a moment, in the order in which they are filled in: those that were told
    about last come first, so that the queues are alive within minutes."""
    from workbench.borough_lives import Lives
    from workbench.borough_restricted import with_restrictions

    rng = Random(SEED)  # noqa: S311  nothing is secret in it
    lives = Lives(rng, now)
    households = Households(rng, london_date(now))
    found: list[Family] = []
    again = ToTellAgain(rng)
    for kind, team, days in _referred(rng, london_date(now)):
        place = again.choose(team, days) if kind == "again" else None
        if place is not None:
            found[place] = lives.told_again(found[place], days)
        else:
            what, _, size = kind.rpartition(" ") if kind[-1].isdigit() else ("plain", "", "0")
            place = len(found)
            found.append(lives.family(what, households.make(team, days, int(size)), days))
        again.add(place, found[place], days)
    order = sorted(found, key=lambda family: family.last, reverse=True)
    return with_restrictions(replace(family, number=number) for number, family in enumerate(order, 1))


def _referred(rng: Random, today: date) -> Iterator[tuple[str, str, int]]:
    """What kind of family was told about, to which team, how many days ago; the oldest first."""
    from workbench.demonstration_families import FAMILIES
    from workbench.demonstration_referrals import REFERRALS as BY_HAND

    wanted: list[tuple[str, str, int]] = []
    # On Social Services' list, and of those in the conference's hands: by their children, until there are enough.
    listed_children = ON_PLANS - REVIEWED - ON_PLANS_BY_HAND
    while listed_children > 0:
        size = min(listed_children, rng.choices((1, 2, 3, 4), (24, 40, 24, 12))[0])
        wanted.append((f"list {size}", "HGY", _workday(rng.randint(LISTED, SIX_WEEKS - 3), today)))
        listed_children -= size
    reviewed = REVIEWED
    while reviewed > 0:
        size = min(reviewed, rng.choices((1, 2, 3, 4), (24, 40, 24, 12))[0])
        wanted.append((f"plan {size}", "HGY", _workday(rng.randint(95, 250), today)))
        reviewed -= size
    ended = [rng.randint(230, DAYS - 20) for _ in range(PLANS_ENDED)]
    wanted += [(f"ended {rng.randint(1, 3)}", "HGY", _workday(days, today)) for days in ended]
    none = [rng.randint(60, DAYS - 20) for _ in range(NO_PLANS)]
    wanted += [(f"no plan {rng.randint(1, 3)}", "HGY", _workday(days, today)) for days in none]
    for team, all_of_them in REFERRALS.items():
        by_hand = sum(told.team == team for told in (*BY_HAND, *FAMILIES))
        there = sum(each[1] == team for each in wanted)
        weights = [_busy(days, team, today) for days in range(DAYS)]
        for days in rng.choices(range(DAYS), weights, k=all_of_them - by_hand - there):
            again = days < DAYS - 120 and rng.random() < 0.17
            wanted.append(("again" if again else "plain", team, days))
    wanted.sort(key=lambda each: -each[2])
    return iter(wanted)


def _workday(days: int, today: date) -> int:
    """So many days ago, or a little more, where that was a weekend."""
    return days + max(0, days_before(days, today).weekday() - 4)


def _busy(days: int, team: str, today: date) -> float:
    """How much of a team's referrals comes on a day: fewer at weekends and when schools are closed; and fewer others
    while Social Services hand their list over."""
    day = days_before(days, today)
    holiday = day.month == 8 or (day.month == 12 and day.day > 20) or (day.month == 4 and day.day < 14)
    busy = BY_WEEKDAY[day.weekday()] * (0.6 if holiday else 1.0)
    return busy * (0.62 if team == "HGY" and days <= SIX_WEEKS else 1.0)


class ToTellAgain:
    """Of which families something can be told once more: those that were told about some weeks before, and whose
    record is not in a conference's hands."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        # Of each team: how many days ago each was told about last, by its place.
        self.known: dict[str, dict[int, int]] = {team: {} for team in REFERRALS}
        self.told: dict[int, int] = {}

    def add(self, place: int, family: Family, days: int) -> None:
        self.known[family.team].pop(place, None)
        conferred = any(isinstance(each.what, On) for each in family.records[-1].does)
        self.told[place] = len(family.records)
        if not conferred and self.told[place] < 4:
            self.known[family.team][place] = days

    def choose(self, team: str, days: int) -> int | None:
        """One of them, by its place. Those told about twice are told about a third time more often than others."""
        fit = [place for place, last in self.known[team].items() if 25 < last - days < 500]
        return self.rng.choices(fit, [2 * self.told[place] - 1 for place in fit])[0] if fit else None


# --- who they are --------------------------------------------------------------------------------


class Households:
    """Makes families, none like another."""

    def __init__(self, rng: Random, today: date) -> None:
        self.rng, self.today, self.number = rng, today, 0
        self.streets, self.estates = Deck(listed(names.STREETS), rng), Deck(listed(names.ESTATES), rng)
        self.groups = [[Deck(tuple(words.split()), rng) for words in group] for group in names.GROUPS]
        self.women, self.men = Deck(names.ADULT_WOMEN.split(), rng), Deck(names.ADULT_MEN.split(), rng)

    def make(self, team: str, days: int, size: int = 0) -> Household:
        """As it was so many days ago. `size`: so many children."""
        rng, then = self.rng, days_before(days, self.today)
        self.number += 1
        size = size or rng.choices((1, 2, 3, 4, 5), (48, 30, 14, 6, 2))[0]
        group = rng.choices(range(len(self.groups)), (34, 13, 12, 8, 8, 9, 7, 9))[0]
        (girls, boys, families), own = self.groups[group], 0.75 if names.ABROAD[group] else 0.0
        family = families.deal()
        oldest = rng.randint((size - 1) * 32, 188)
        children: list[Somebody] = []
        for place in range(size):
            months = max(
                0, oldest - round(place * oldest / max(1, size - 1) * rng.uniform(0.55, 0.95)) if place else oldest
            )
            boy = rng.random() < 0.51
            given = _not_yet(boys if boy else girls, {child.given for child in children})
            born = days_before(round(months * 30.44) + rng.randint(1, 27), then)
            children.append(Somebody(given, family, sex=Sex.MALE if boy else Sex.FEMALE, born=born))
        children.sort(key=lambda child: str(child.born))
        taken = {child.given for child in children}
        mother = Somebody(
            _not_yet(girls if rng.random() < own else self.women, taken),
            family,
            sex=Sex.FEMALE,
            relation=Relation.MOTHER,
            born=_grown(rng, oldest, then) if rng.random() < 0.6 else None,
        )
        adults, taken = [mother], taken | {mother.given}
        if rng.random() < 0.64:
            code = weighted(rng, father=45, step_parent=20, parents_partner=35)
            other = rng.random() < 0.55 or code != Relation.FATHER
            adults.append(
                Somebody(
                    _not_yet(boys if rng.random() < own else self.men, taken),
                    families.deal() if other else family,
                    sex=Sex.MALE,
                    relation=Relation(code),
                    born=_grown(rng, oldest, then) if rng.random() < 0.45 else None,
                    address="" if rng.random() < 0.3 else None,
                )
            )
        return Household(self.number, team, children, adults, self._address(team))

    def _address(self, team: str) -> str:
        house = f"{self.rng.randint(1, 140)} {self.streets.deal()}"
        if self.rng.random() < 0.34:
            house = f"{self.rng.randint(1, 62)} {self.estates.deal()}, {self.streets.deal()}"
        return f"{house}, {self.rng.choice(names.POSTCODES[team])}"


def _not_yet(deck: Deck[str], taken: set[str]) -> str:
    """The next name that nobody in the family has."""
    for _ in range(len(deck.cards)):
        if (name := deck.deal()) not in taken:
            return name
    raise ValueError("A family has more children than there are names.")


def _grown(rng: Random, oldest_child: int, today: date) -> date:
    return days_before(round((oldest_child + rng.randint(17 * 12, 38 * 12)) * 30.44), today)


# --- from whom, how and about what ---------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """From whom a referral came, how and when on its day."""

    source: Source
    method: Method
    name: str
    job: str
    hour: float


SOURCES = {"social_services": 37, "school": 18, "health": 13, "police": 15, "public": 7, "family": 5} | {
    "voluntary": 2,
    "probation": 1.5,
    "other": 1,
    "child": 0.5,
}
METHODS = {
    Source.SOCIAL_SERVICES: {"email": 86, "telephone": 14},
    Source.SCHOOL: {"email": 60, "telephone": 40},
    Source.HEALTH: {"email": 52, "telephone": 38, "letter": 10},
    Source.POLICE: {"police_system": 92, "telephone": 8},
    Source.PUBLIC: {"telephone": 84, "in_person": 16},
    Source.FAMILY: {"telephone": 74, "in_person": 26},
    Source.CHILD: {"telephone": 50, "in_person": 50},
}
CATEGORIES = {"neglect": 29, "emotional": 30, "physical": 27, "sexual": 8, "unclear": 6}
BECOMES: dict[Category, dict[str, float]] = {
    Category.PHYSICAL: {"social_services": 34, "joint": 36, "police": 6, "information": 18, "passed_on": 6},
    Category.EMOTIONAL: {"social_services": 56, "joint": 12, "police": 4, "information": 19, "passed_on": 9},
    Category.NEGLECT: {"social_services": 60, "joint": 16, "police": 2, "information": 17, "passed_on": 5},
    Category.SEXUAL: {"social_services": 12, "joint": 48, "police": 26, "information": 8, "passed_on": 6},
    Category.UNCLEAR: {"social_services": 46, "joint": 8, "police": 4, "information": 24, "passed_on": 18},
}


# A referral made by hand, by its place; one of the plan, by its family and its place there.
Key = int | tuple[int, int]


def numbers_of(families: Sequence[Family], by_hand: Sequence[tuple[str, datetime]]) -> dict[Key, tuple[int, int]]:
    """Year and number of every referral in its team, in the order in which they were logged: those of the plan by
    (family, place), and those made by hand by their place in what is given."""
    all_of_them: list[tuple[str, datetime, Key]] = [
        (family.team, record.logged, (family.number, place))
        for family in families
        for place, record in enumerate(family.records)
    ]
    all_of_them += [(team, logged, place) for place, (team, logged) in enumerate(by_hand)]
    last: dict[tuple[str, int], int] = {}
    found: dict[Key, tuple[int, int]] = {}
    for team, logged, key in sorted(all_of_them, key=lambda each: (each[1], isinstance(each[2], int))):
        year = london_date(logged).year
        last[team, year] = last.get((team, year), 0) + 1
        found[key] = (year, last[team, year])
    return found
