"""Which records of the demonstration's borough are restricted, why, and to whom. All of it made up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from workbench.borough_plan import SEED, Does, Family, Record
from workbench.demonstration import ACCOUNTS, ALSO, UNTIL
from workbench.demonstration_referrals import Then

# One family of so many.
OF = 30
AFTER = timedelta(minutes=4)
INSPECTORS = {"HGY": "inspector", "ENF": "nadia.forsyth"}
WHY = (
    "{mum} works at the front office of our own station, and some of the team know her.",
    "The family live next door to an officer of this borough, who has told us so.",
    "A colleague in the team is a friend of the family and has told the inspector.",
    "{mum} is the sister of somebody who works for the police in this borough.",
    "The grandfather was a police officer here. Only those who need to know open this.",
    "{mum} cleans at the station in the evenings. Nothing about her family lies open there.",
)
USERNAMES = frozenset(each.username for each in ACCOUNTS)
# Who had no role in the team for the whole of the two years: a record on which they act stays open to the team.
NOT_ALWAYS = frozenset({*UNTIL, *(username for username, *_ in ALSO), "graham.oduya"})


def with_restrictions(families: Iterable[Family]) -> tuple[Family, ...]:
    """The families as they were planned; of some, of which one thing was told, the record is restricted as soon as it
    is logged: to the inspector and to everybody who does something on it."""
    rng = Random(SEED + 1)  # noqa: S311  nothing is secret in it
    return tuple(_restricted(family, rng) if rng.randrange(OF) == 0 else family for family in families)


def _restricted(family: Family, rng: Random) -> Family:
    record = family.records[0]
    names = {INSPECTORS[family.team], *_named(record)} - {record.by}
    if len(family.records) > 1 or (names | {record.by}) & NOT_ALWAYS:
        return family
    mum = record.told.adults[0].given
    at = record.logged + AFTER
    hours = (at - record.received) / timedelta(hours=1)
    restrict = Then(hours, record.by, "restrict", (rng.choice(WHY).format(mum=mum), *sorted(names)))
    does = sorted((Does(at, restrict), *record.does), key=lambda each: each.at)
    return replace(family, records=(replace(record, does=tuple(does)),))


def _named(record: Record) -> Iterator[str]:
    """Everybody who does something on a record, or to whom it is given."""
    for each in record.does:
        yield each.what.by
        yield from _usernames(vars(each.what))


def _usernames(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        if said in USERNAMES:
            yield said
    elif isinstance(said, dict):
        for value in said.values():
            yield from _usernames(value)
    elif isinstance(said, tuple | list):
        for value in said:
            yield from _usernames(value)
