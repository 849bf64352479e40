"""Rows that do not stand for one referral each: headings of months, notes, further children. What is not plain goes
to a person in one sentence, and not in one for each cell that is empty."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from old_logs.enums import NAMES, NEEDED, Says
from old_logs.headings import Sheet, may_name_more, named_besides
from old_logs.said import LONGEST_VALUE, Said, Wrong, shown

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_PERIOD = re.compile(
    rf"(?:{_MONTH}\.?(?:\s*[-–/]?\s*['’]?(?:\d{{2}}|\d{{4}}))?|"
    r"(?:w/?[ce]\.?|week (?:commencing|ending|beginning))[\s:]*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|"
    r"(?:week|month)\s*(?:no\.?\s*)?\d{1,2})",
    re.I | re.A,
)
# What only a referral's first row says, of those in which its children stand below each other.
_OF_THE_FIRST = (Says.URN, Says.RECEIVED_ON, Says.CIRCUMSTANCES, Says.ALLEGATION, Says.DECISION)
ANOTHER_CHILD = (
    "add the child to that row, with a stroke between the names, or to its record once it is brought in; and leave "
    "this row out."
)


def is_period(cells: Sequence[str]) -> bool:
    """A row that says a month or a week alone, above the referrals of that time."""
    filled = [each for each in cells if each]
    return len(filled) == 1 and bool(_PERIOD.fullmatch(filled[0]))


def is_alone(cells: Sequence[str]) -> bool:
    return sum(map(bool, cells)) == 1


def odd(cells: Sequence[str], said: Said) -> Wrong | None:
    """What is to be said of a row that stands for no referral of its own, as far as one sees."""
    if is_alone(cells):
        words = next(each for each in cells if each)
        return Wrong(
            "",
            words[:LONGEST_VALUE],
            f"Nothing else stands in this row: “{shown(words)[:60]}”. If it is a heading or a note, leave the row "
            "out; if it is a referral, write its URN, the date received, the child and what happened.",
        )
    if any(said.get(says) for says in NAMES) and not any(said.get(says) for says in _OF_THE_FIRST):
        return Wrong(
            Says.URN,
            "",
            "This row names a child, but no URN, date or what happened. If it is another child of the referral "
            f"above, {ANOTHER_CHILD} If it is a referral of its own, write what is missing.",
        )
    return None


class Columns:
    """What is to be said of the rows of a sheet because of its columns."""

    def __init__(self, sheet: Sheet, columns: Sequence[Says], remembered: Mapping[str, str]) -> None:
        self.sheet = sheet
        self.missing = {
            says: "The columns of this sheet do not say which has the "
            f"{'URN' if says == Says.URN else 'date received'}. Say it under “Columns”."
            for says in NEEDED
            if says not in columns
        }
        self.besides = named_besides(sheet.headings, columns, remembered)
        self.more = may_name_more(sheet.headings, columns)

    def wrong(self, cells: Sequence[str]) -> list[Wrong]:
        """What of a row goes to a person."""
        found = [
            Wrong(
                Says.CHILD,
                cells[place][:LONGEST_VALUE],
                "Two columns name children. Put all names into the first, with a stroke between them; or say under "
                "“Columns” that this one is a note.",
            )
            for place in self.besides
            if place < len(cells) and cells[place]
        ]
        # Of a workbook each cell is where it stands; a text has commas alone.
        if not self.sheet.name and len(cells) > len(self.sheet.headings):
            sentence = (
                "This row has more cells than the heading. A comma in its text may have parted one in two: put the "
                "cells right, or give the last one a heading."
            )
            found.append(Wrong("", cells[-1][:LONGEST_VALUE], sentence))
        return found

    def remarks(self, cells: Sequence[str]) -> list[Wrong]:
        """What whoever has a row brought in should know."""
        return [
            Wrong(
                "",
                cells[place][:LONGEST_VALUE],
                f"“{self.sheet.headings[place][:60]}” may name other children: “{cells[place][:60]}”. It is kept "
                "as a note, and they are not put on the record.",
            )
            for place in self.more
            if place < len(cells) and cells[place]
        ]

    def in_these_words(self, wrong: Sequence[Wrong]) -> list[Wrong]:
        """What is missing in a row because no column says it is not said of its cell."""
        return [Wrong("", "", self.missing[Says(each.says)]) if self._lacks(each) else each for each in wrong]

    def _lacks(self, wrong: Wrong) -> bool:
        return not wrong.value and wrong.says in self.missing
