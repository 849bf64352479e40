"""Dates and times as people say them, in London. Nothing here asks what time it is: the caller says.

The same words serve templates (`pages.templatetags.words`) and sentences made in Python.
"""

from __future__ import annotations

from datetime import date, datetime

from deadlines import clock
from deadlines.clock import london_date

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(when: date | datetime) -> str:
    """2 December 2009"""
    on = london_date(when)
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def short_day(when: date | datetime) -> str:
    """Wed 2 Dec 2009"""
    on = london_date(when)
    return f"{DAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1][:3]} {on.year}"


def long_day(when: date | datetime) -> str:
    """Wednesday 2 December 2009"""
    return f"{london_date(when):%A} {day(when)}"


def time_of_day(when: datetime) -> str:
    """3pm, 3:20pm, midday, midnight. In the hour that the clocks repeat in October, 1:30am BST or 1:30am GMT."""
    return clock.time_in_words(when)


def moment(when: datetime) -> str:
    """2 December 2009, 3:20pm"""
    return f"{day(when)}, {time_of_day(when)}"


def lately(when: datetime, today: date) -> str:
    """today at 7:44am; yesterday at 5:42pm; any other day in full."""
    days_ago = (london_date(today) - london_date(when)).days
    if days_ago in (0, 1):
        return f"{'yesterday' if days_ago else 'today'} at {time_of_day(when)}"
    return moment(when)


def recorded(value: object) -> str:
    """A value as the logs keep it, in words: a date as a day, a code without its underscores, a list with commas."""
    if isinstance(value, list):
        return ", ".join(map(recorded, value))
    try:
        return day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value).replace("_", " ")


def uncapitalised(label: str) -> str:
    """A label within a sentence: "By telephone" becomes "by telephone"."""
    return f"{label[:1].lower()}{label[1:]}"


def count(number: int, one: str, many: str = "") -> str:
    """1 day; 3 days; 1 child, 2 children with `many` given. Thousands have a comma."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def days_away(due: date | datetime, reference: date | datetime) -> str:
    """due today; tomorrow; in 4 days; 1 day late.

    Where both are moments, hours count: "due today, in 5 minutes", and from the minute it runs out on "20 minutes
    late" or "3 hours late". With only a day on either side, nothing is late before its day is over.
    """
    days = (london_date(due) - london_date(reference)).days
    if isinstance(due, datetime) and isinstance(reference, datetime):
        away = int(abs(due - reference).total_seconds()) // 60
        span = count(max(away, 1), "minute") if away < 60 else count(away // 60, "hour")
        if due <= reference and (days == 0 or away < 24 * 60):
            return f"{span} late"
        if days == 0:
            return f"due today, in {span}"
        if days == 1 and away < 12 * 60:
            return f"in {span}"
    if days > 1:
        return f"in {count(days, 'day')}"
    if days == 1:
        return "tomorrow"
    return f"{count(-days, 'day')} late" if days else "due today"


def waiting(since: datetime, now: datetime) -> str:
    """How long something waits: 5 minutes, 1 hour 36 minutes, 5 hours, 2 days; a minute at the least."""
    minutes = max(int((now - since).total_seconds()) // 60, 1)
    hours, over = divmod(minutes, 60)
    if not hours:
        return count(minutes, "minute")
    if hours < 3:
        return f"{count(hours, 'hour')} {count(over, 'minute')}" if over else count(hours, "hour")
    return count(hours, "hour") if hours < 48 else count(hours // 24, "day")


def is_late(due: date | datetime, reference: date | datetime) -> bool:
    """True where `days_away` says "late": as `deadlines.due.Due.is_late`, from the minute or the day after."""
    if isinstance(due, datetime) and isinstance(reference, datetime):
        return due <= reference
    return london_date(due) < london_date(reference)
