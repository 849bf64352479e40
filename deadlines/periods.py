"""The weeks, months and quarters over which pages count. Days are London dates; a week begins on Monday."""

from __future__ import annotations

from datetime import date

from deadlines.calendar import ONE_DAY, add_months

DAYS_A_WEEK = 7


def monday_of(on: date) -> date:
    """The first day of the week in which a day lies."""
    return on - on.weekday() * ONE_DAY


def weeks_on(on: date, number: int) -> date:
    """The same day of the week that many weeks later; before it for a negative number."""
    return on + number * DAYS_A_WEEK * ONE_DAY


def days_of_week(monday: date) -> list[date]:
    """Its seven days."""
    return [monday + number * ONE_DAY for number in range(DAYS_A_WEEK)]


def months_until(on: date, number: int) -> list[date]:
    """The first days of so many months, the one in which a day lies being the last."""
    first = on.replace(day=1)
    return [add_months(first, each - number + 1) for each in range(number)]


def quarters_until(on: date, number: int) -> list[date]:
    """The first days of so many quarters of a year, the one in which a day lies being the last."""
    first = on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)
    return [add_months(first, 3 * (each - number + 1)) for each in range(number)]


def last_of_month(on: date) -> date:
    """The last day of the month in which a day lies."""
    return add_months(on.replace(day=1), 1) - ONE_DAY


def last_of_quarter(on: date) -> date:
    """The last day of the quarter of a year that begins with the month in which a day lies."""
    return add_months(on.replace(day=1), 3) - ONE_DAY
