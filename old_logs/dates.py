"""Dates and times as desks write them in a log."""

from __future__ import annotations

import re
from datetime import date, time
from functools import lru_cache

from django.core.exceptions import ValidationError

from deadlines.ages import days_before
from pages.forms import read_day, read_time
from pages.words import day

ISO = re.compile(r"^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?)?$", re.A)
_DAY_AND_TIME = re.compile(
    r"^(.+?)[\s,]+(?:at\s+)?(\d{1,2}[:.]\d\d(?:\s*[ap]m|:\d\d)?|\d{1,2}\s*[ap]m|\d{4}(?:\s*hrs)?)$", re.I | re.A
)
_SAYS_NO_DAY = re.compile(r"yesterday|today|tomorrow|last |this ", re.I)
DATES_LIKE = "Write it like 2 December 2009 or 2/12/2009."
# Years of four figures that come first, and months in words that do: there is but one way to read them.
_YEAR_FIRST = re.compile(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$", re.A)
_MONTH_FIRST = re.compile(r"^([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$", re.I | re.A)
# How Excel counts days, and the days that a log may have.
_COUNTED = re.compile(r"^(\d{5})(?:\.\d+)?$", re.A)
_DAY_0, _FIRST_COUNTED, _LAST_COUNTED = date(1899, 12, 30), 36_526, 73_050
_SECOND_IS_THE_DAY = re.compile(r"^(0?[1-9]|1[0-2])[/.-](1[3-9]|2\d|3[01])[/.-](?:\d{2}|\d{4})$", re.A)


@lru_cache(maxsize=20_000)
def read_on(text: str) -> tuple[date, str] | str:
    """The date that is written, and the time where one is written with it; or the sentence that says it is none."""
    if found := ISO.match(text):
        try:
            return date(int(found[1]), int(found[2]), int(found[3])), _unless_midnight(found[4] or "")
        except ValueError:
            return f"There is no such day. {DATES_LIKE}"
    if _SAYS_NO_DAY.search(text):
        return f"“{text[:40]}” does not say which day. {DATES_LIKE}"
    text = re.sub(r"['’](?=\d\d$)", "", text)  # 2 July '09
    text = _YEAR_FIRST.sub(r"\1-\2-\3", _MONTH_FIRST.sub(r"\2 \1 \3", text))
    if (found := _COUNTED.match(text)) and _FIRST_COUNTED <= int(found[1]) <= _LAST_COUNTED:
        counted = days_before(-int(found[1]), _DAY_0)
        return f"Excel counts days, and {found[1]} may be {day(counted)}. Have it show the column as dates."
    if _SECOND_IS_THE_DAY.match(text):
        return (
            "The month seems to stand first, and CAIT reads the day first: do not bring this log in before you have "
            f"looked at its other dates. {DATES_LIKE}"
        )
    try:
        return read_day(text), ""
    except ValidationError as wrong:
        why = wrong.messages[0]
    if found := _DAY_AND_TIME.match(text):
        try:
            return read_day(found[1]), _unless_midnight(found[2])
        except ValidationError:
            pass
    return f"{why.rstrip('.')}." if re.search(r"\d", text) and "Enter the date" not in why else DATES_LIKE


def _unless_midnight(at: str) -> str:
    """With a date alone programs write midnight."""
    return "" if at in ("00:00", "00:00:00", "0:00:00") else at


@lru_cache(maxsize=5000)
def read_at(text: str) -> time | None:
    plain = re.sub(r"\s*(hours|hrs?|h)\.?$", "", text.strip(), flags=re.I)
    if re.fullmatch(r"\d{3}", plain):  # 0930 that a spreadsheet made a number of
        plain = f"0{plain}"
    if re.fullmatch(r"\d{1,2}", plain):  # 5 may be five o'clock, or 0005
        return None
    try:
        return read_time(plain)
    except ValidationError:
        return None
