"""The rows of an old log as a page lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from old_logs.enums import RowState, Says
from old_logs.headings import Sheet
from old_logs.models import OldLog, OldRow
from old_logs.policies import check_columns
from old_logs.restricted import ask_about
from old_logs.said import shown
from pages.acting import refusal
from team.models import User

# By what the address asks for, in the order in which the links stand.
SHOWN = {
    "flawed": (RowState.FLAWED, "Need a person"),
    "ready": (RowState.READY, "Can be brought in"),
    "brought-in": (RowState.BROUGHT_IN, "Brought in"),
    "here": (RowState.HERE, "Here already"),
    "no-referral": (RowState.NO_REFERRAL, "No referral"),
}
LONGEST_SHOWN = 120


@dataclass(frozen=True)
class Point:
    """One thing about a row: the column it is about as the log heads it, what stands there, and what to know."""

    heading: str
    value: str
    sentence: str


@dataclass(frozen=True)
class Line:
    """One row of the log: where it stands, what is wrong with it or should be known, and what it says."""

    row: OldRow
    where: str
    wrong: list[Point]
    remarks: list[Point]
    said: dict[str, str]
    child: str
    cells: str
    is_kept: bool = False


def lines_of(log: OldLog, rows: Sequence[OldRow], *, user: User) -> list[Line]:
    """The lines for some rows of a log. Of one whose record is restricted by now, and on which the user is not named,
    its URN and whom to ask."""
    sheets = [Sheet(**each) for each in log.sheets]
    headings = [_headings(sheet) for sheet in sheets]
    ask = ask_about(rows, user=user)
    return [
        _kept_back(row, sheets[row.sheet], ask[row.referral_id])
        if row.referral_id in ask
        else _line(row, sheets[row.sheet], headings[row.sheet])
        for row in rows
    ]


def _kept_back(row: OldRow, sheet: Sheet, ask: str) -> Line:
    urn = {Says.URN.value: _short(row.said.get(Says.URN, ""))}
    return Line(row, where(sheet, row.number), [Point("", "", ask)], [], urn, ask, "", is_kept=True)


def where(sheet: Sheet, number: int) -> str:
    """Where a row stands: a CSV file has but one sheet, without a name."""
    return f"{sheet.name}, row\N{NO-BREAK SPACE}{number}" if sheet.name else f"Row\N{NO-BREAK SPACE}{number}"


def _headings(sheet: Sheet) -> dict[str, str]:
    """By what a column says, how it is headed."""
    found: dict[str, str] = {}
    for says, heading in zip(sheet.columns, sheet.headings, strict=True):
        found.setdefault(says, heading)
    return found


def _line(row: OldRow, sheet: Sheet, headings: Mapping[str, str]) -> Line:
    said = {says: _short(text) for says, text in row.said.items()}
    names = [said.get(Says.GIVEN_NAMES, ""), said.get(Says.FAMILY_NAME, "")]
    return Line(
        row,
        where(sheet, row.number),
        [_point(each, headings) for each in row.wrong] or [Point("", "", "")],
        [_point(each, headings) for each in row.remarks],
        said,
        said.get(Says.CHILD) or " ".join(each for each in names if each),
        _short(" · ".join(shown(each) for each in row.cells if each)),
    )


def _point(about: Mapping[str, Any], headings: Mapping[str, str]) -> Point:
    says = str(about["says"])
    heading = headings.get(says) or (Says(says).label if says in Says.values else "")
    return Point(heading, _short(shown(about["value"])), about["wrong"])


def _short(text: str) -> str:
    text = shown(" ".join(text.split()))
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def not_understood(log: OldLog) -> str:
    """Why no row can be brought in before somebody says what the columns are; empty where that is plain."""
    sheets = [Sheet(**each) for each in log.sheets]
    if all(sheet.heading is None for sheet in sheets):
        return "CAIT found no row that looks like the heading of the log, so it does not know what the columns are."
    parts = [sheet for sheet in sheets if sheet.heading]
    said = {
        f"{at}:{heading}:{place}": Says(says)
        for at, sheet in enumerate(parts)
        for place, (heading, says) in enumerate(zip(sheet.headings, sheet.columns, strict=True))
    }
    return refusal(
        check_columns, said, [[key for key in said if key.startswith(f"{at}:")] for at in range(len(parts))]
    )
