"""How old somebody is, and when somebody of an age was born. Days are London dates."""

from __future__ import annotations

from datetime import date

from deadlines.calendar import ONE_DAY, add_months

MONTHS_A_YEAR = 12
# A small child's age is said in months until the second birthday, a baby's in weeks until it is two months old.
MONTHS_UNTIL = 2 * MONTHS_A_YEAR
WEEKS_UNTIL = 2


def months_old(born: date, on: date) -> int:
    """Completed months from birth to a day; negative before it.

    A month is completed on the same day of the month or, where that month has no such day, on the first of the next:
    born on 31 January, one month old on 1 March. So somebody born on 29 February is a year older on 1 March.
    """
    months = (on.year - born.year) * MONTHS_A_YEAR + on.month - born.month
    return months if on.day >= born.day else months - 1


def years_old(born: date, on: date) -> int:
    """Completed years from birth to a day."""
    return months_old(born, on) // MONTHS_A_YEAR


def age_in_words(born: date, on: date) -> str:
    """6; 9 months; 3 weeks; newborn in the first week. The age that was reached on that day."""
    months = months_old(born, on)
    if months >= MONTHS_UNTIL:
        return str(months // MONTHS_A_YEAR)
    weeks = (on - born).days // 7
    if months < WEEKS_UNTIL:
        return "newborn" if weeks < 1 else f"{weeks} week{'' if weeks == 1 else 's'}"
    return f"{months} months"


def born_if_months_old(months: int, on: date, *, span: int = 1) -> tuple[date, date]:
    """First and last day on which somebody can be born who is that many months old on a day.

    `span`: how many months the age as it was said covers, 12 where it was said in years.
    """
    return add_months(on, -(months + span)) + ONE_DAY, add_months(on, -months)


def born_if_weeks_old(weeks: int, on: date) -> tuple[date, date]:
    """First and last day on which somebody can be born who is that many weeks old on a day."""
    return on - (weeks + 1) * 7 * ONE_DAY + ONE_DAY, on - weeks * 7 * ONE_DAY


def days_before(number: int, on: date) -> date:
    """The day of birth of somebody who is that many days old."""
    return on - number * ONE_DAY


def in_the_middle(first: date, last: date) -> date:
    """The day half way between two."""
    return first + (last - first) // 2
