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
    if not runs:
        return None
    longest = max(runs, key=len)
    return date(longest[0], 1, 1), date(longest[-1], 12, 31)


def add_months(start: date, number: int) -> date:
    """The same day of the month that many calendar months on, clipped to the month's end."""
    years, month = divmod(start.year * 12 + start.month - 1 + number, 12)
    return date(years, month + 1, min(start.day, monthrange(years, month + 1)[1]))
