"""What a row of an old log says, and what was found wrong with it; and words as they stand in cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from old_logs.dates import ISO
from old_logs.enums import Says
from old_logs.headings import Sheet
from old_logs.wordings import (
    DITTO,
    NAMES_ALL_THE_SAME,
    NOT_KNOWN,
)
from pages.words import day
from people.said import PersonSaid
from referrals.enums import Category, DecisionKind, Method, Source

# As the columns of the database.
LONGEST_URN, LONGEST_NAME, LONGEST_ADDRESS, LONGEST_TELEPHONE, LONGEST_WHY = 40, 80, 200, 60, 300
LONGEST = {Says.REFERRER: 120, Says.CONTACT: 254, Says.SOURCE: 200, Says.DECIDED_BY: 120}
LONGEST_VALUE = 300


class Wrong(NamedTuple):
    """What is wrong with one cell, for whoever mends it. `says`: which column; empty for the row as a whole."""

    says: str
    value: str
    sentence: str


@dataclass
class OldReferral:
    """A row of an old log, read: what becomes of it in CAIT."""

    urn: str
    key: str
    # Year and serial, where the URN is written as CAIT writes one.
    number: tuple[int, int] | None
    received_at: datetime
    received_on: date
    day_alone: bool
    source: Source
    method: Method
    referrer_name: str
    referrer_job: str
    telephone: str
    email: str
    protected: bool
    children: list[PersonSaid]
    no_child_because: str
    circumstances: str
    categories: tuple[Category, ...]
    told: str
    # Nothing was decided; or it was said that a strategy meeting is to be held.
    decision: DecisionKind | None
    decision_words: str
    passed_to: str
    decided_by: str
    to_decide: bool
    answered_at: datetime | None


@dataclass
class Checked:
    """What became of the check: the referral where nothing stands in its way, what does, and what a person should
    know although it does not."""

    wrong: list[Wrong] = field(default_factory=list)
    remarks: list[Wrong] = field(default_factory=list)
    referral: OldReferral | None = None


# What a row says, by column; and what stands in the columns that are kept as notes, each with its heading.
Said = dict[str, str]
Notes = list[tuple[str, str]]


def said_by(cells: Sequence[str], columns: Sequence[Says], headings: Sequence[str]) -> tuple[Said, Notes]:
    """The cells of a row by what their columns say. A cell beyond the last heading is a note without one."""
    said: Said = {}
    notes: Notes = []
    for place, text in enumerate(cells):
        if not text:
            continue
        says = columns[place] if place < len(columns) else Says.NOTE
        if says is Says.NOTE:
            notes.append((headings[place] if place < len(headings) else "", text))
        elif says is not Says.LEFT_OUT:
            said[says] = text
    return said, notes


def repeat_above(cells: list[str], above: Sequence[str]) -> list[int]:
    """Put what stands above in place of "as above" and ditto marks. The places where nothing stands above."""
    missing = []
    for place, text in enumerate(cells):
        if text and len(text) <= 14 and text.lower() in DITTO and text not in NAMES_ALL_THE_SAME:
            if place < len(above) and above[place]:
                cells[place] = above[place]
            else:
                missing.append(place)
    return missing


def known(text: str) -> str:
    return "" if text.strip().lower() in NOT_KNOWN else text


_PLAIN = re.compile(r"[ -~]*")


def line(text: str) -> str:
    """One line, without what cannot be seen."""
    plain = " ".join(text.split())
    return plain if _PLAIN.fullmatch(plain) else "".join(each for each in plain if not unseen(each))


def unseen(text: str) -> bool:
    return any(unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp") for each in text)


@lru_cache(maxsize=20_000)
def shown(text: str) -> str:
    """What stands in a cell as a person reads it: a date of Excel's is "2 December 2009"."""
    if len(text) in (10, 16) and (found := ISO.match(text)):
        try:
            on = day(date(int(found[1]), int(found[2]), int(found[3])))
        except ValueError:
            return text
        return f"{on}, {found[4]}" if found[4] else on
    return text


_TOTAL = re.compile(r"(sub|grand)?[\s-]*totals?\b|count\b", re.I)


def is_total(cells: Sequence[str]) -> bool:
    """A row that counts the others."""
    first = next((each for each in cells if each), "")
    return bool(_TOTAL.match(first)) and sum(map(bool, cells)) <= 4


def is_heading_again(cells: Sequence[str], sheet: Sheet) -> bool:
    """The heading, repeated further down as on each printed page."""
    filled = [(place, each) for place, each in enumerate(cells) if each]
    same = sum(1 for place, each in filled if place < len(sheet.headings) and sheet.headings[place] == each)
    return same >= 3 and same * 2 > len(filled)


def as_mapping(wrong: Sequence[Wrong]) -> list[Mapping[str, str]]:
    """As they are kept with the row."""
    return [{"says": str(each.says), "value": each.value, "wrong": each.sentence} for each in wrong]
