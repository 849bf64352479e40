"""Working days: Monday to Friday less the bank holidays of England and Wales (handbook, "Time limits").

The day of the event is day 0, also where it is not a working day. The calendar is what has been entered: a
day in a year whose bank holidays are not all there is never guessed at, it raises BeyondCalendar.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count
from django.db.models.functions import ExtractYear

from deadlines.models import BankHoliday
from deadlines.together import read_once

ONE_DAY = timedelta(days=1)

# New Year, Good Friday, Easter Monday, early May, spring, summer, Christmas and Boxing Day: with substitute days
# each falls on a weekday of its own in every year. A year with fewer rows has not been entered yet.
BANK_HOLIDAYS_A_YEAR = 8

# Administrators are warned a year before the calendar runs out (CAIT default).
WARNED_MONTHS_BEFORE = 12


class BeyondCalendar(ValueError):
    """A working day was asked for in a year whose bank holidays are not entered."""

    def __init__(self, year: int) -> None:
        known = horizon()
        runs = f" The calendar runs from {in_words(known[0])} to {in_words(known[1])}." if known else ""
        super().__init__(f"The bank holidays of {year} have not been entered.{runs}")
        self.year = year


class LeftOut(NamedTuple):
    """A day that did not count, and what it was: a bank holiday's name, or Saturday or Sunday."""

    on: date
    name: str


def in_words(day: date) -> str:
    """Such as "Wed 2 Dec 2009"."""
    return f"{day:%a} {day.day} {day:%b %Y}"


class WorkingCalendar:
    """Reads a year's bank holidays once, when first needed. Make one for each calculation; never keep it."""

    def __init__(self) -> None:
        self._years: dict[int, dict[date, str]] = {}

    def _bank_holidays(self, year: int) -> dict[date, str]:
        if year not in self._years:
            rows = BankHoliday.objects.filter(on__range=(date(year, 1, 1), date(year, 12, 31)))
            names = read_once(("bank holidays", year), lambda: dict(rows.values_list("on", "name")))
            if len(names) < BANK_HOLIDAYS_A_YEAR:
                raise BeyondCalendar(year)
            self._years[year] = names
        return self._years[year]

    def why_left_out(self, day: date) -> str | None:
        """The bank holiday's name, "Saturday" or "Sunday"; None for a working day. Raises BeyondCalendar."""
        if name := self._bank_holidays(day.year).get(day):
            return name
        return f"{day:%A}" if day.weekday() >= 5 else None

    def is_working_day(self, day: date) -> bool:
        """Raises BeyondCalendar."""
        return self.why_left_out(day) is None

    def add(self, start: date, number: int) -> date:
        """The date that many working days after the start; before it for a negative number.

        The start is day 0 whatever day it is, and 0 gives it back. Raises BeyondCalendar.
        """
        step = ONE_DAY if number > 0 else -ONE_DAY
        day, left = start, abs(number)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def last_working_day_by(self, day: date) -> date:
        """That day or, where it is not a working day, the last one before it. Raises BeyondCalendar."""
        while not self.is_working_day(day):
            day -= ONE_DAY
        return day

    def left_out(self, start: date, end: date) -> Iterator[LeftOut]:
        """The days that do not count between an event (day 0, itself not judged) and a date on either side.

        In order of date, the other end included. Raises BeyondCalendar.
        """
        first, last = (start + ONE_DAY, end) if start < end else (end, start - ONE_DAY)
        for number in range((last - first).days + 1):
            day = first + number * ONE_DAY
            if name := self.why_left_out(day):
                yield LeftOut(day, name)


def horizon() -> tuple[date, date] | None:
    """First and last day of the calendar: the longest run of years that are wholly entered; None without any."""
    return _longest(_runs())


def ends_soon(today: date) -> date | None:
    """The last day that the calendar reaches from today, when it lies less than a year ahead; None until then.

    Where the calendar does not reach today, it is the day on which it ended; today where there is none at all.
    """
    return _ends_soon(_runs(), today)


def what_to_enter(today: date) -> str:
    """The sentence that asks for bank holidays before the calendar runs out; empty where there is no hurry."""
    runs = _runs()
    last = _ends_soon(runs, today)
    if last is None:
        return ""
    if not any(today.year in run for run in runs):
        return (
            f"The bank holidays of {today.year} are not all entered. Enter them now: until then no date of this year "
            "that counts working days can be worked out."
        )
    after = last.year + 1
    return (
        f"The bank holidays are entered until {last.day} {last:%B %Y}. Enter those of {after} before that day: after "
        f"it no date that counts working days can be worked out, and before it none that reaches into {after}."
    )


def _ends_soon(runs: list[list[int]], today: date) -> date | None:
    here = next((run for run in runs if today.year in run), None)
    if here:
        last = date(here[-1], 12, 31)
    else:
        known = _longest(runs)
        last = min(known[1], today) if known else today
    return last if last < add_months(today, WARNED_MONTHS_BEFORE) else None


def _runs() -> list[list[int]]:
    """The years that are wholly entered, those that follow each other together."""
    years = (
        BankHoliday.objects.annotate(year=ExtractYear("on"))
        .values("year")
        .annotate(days=Count("pk"))
        .filter(days__gte=BANK_HOLIDAYS_A_YEAR)
        .order_by("year")
        .values_list("year", flat=True)
    )
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return runs


def _longest(runs: list[list[int]]) -> tuple[date, date] | None:
    if not runs:
        return None
    longest = max(runs, key=len)
    return date(longest[0], 1, 1), date(longest[-1], 12, 31)


def add_months(start: date, number: int) -> date:
    """The same day of the month that many calendar months on, clipped to the month's end."""
    years, month = divmod(start.year * 12 + start.month - 1 + number, 12)
    return date(years, month + 1, min(start.day, monthrange(years, month + 1)[1]))
