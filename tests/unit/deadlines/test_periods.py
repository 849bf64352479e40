"""Weeks, months and quarters over which pages count."""

from __future__ import annotations

from datetime import date

from deadlines.periods import days_of_week, last_of_month, monday_of, months_until, quarters_until, weeks_on


def test_a_week_begins_on_monday_also_over_the_new_year() -> None:
    assert {monday_of(date(2010, 1, day)) for day in (1, 2, 3)} == {date(2009, 12, 28)}
    assert monday_of(date(2010, 1, 4)) == date(2010, 1, 4)
    assert days_of_week(date(2009, 12, 28))[-1] == date(2010, 1, 3)
    assert (weeks_on(date(2010, 1, 4), -1), weeks_on(date(2010, 1, 4), 2)) == (date(2009, 12, 28), date(2010, 1, 18))


def test_months_and_quarters_end_with_the_one_in_which_a_day_lies() -> None:
    assert months_until(date(2010, 2, 28), 3) == [date(2009, 12, 1), date(2010, 1, 1), date(2010, 2, 1)]
    assert quarters_until(date(2010, 1, 31), 3) == [date(2009, 7, 1), date(2009, 10, 1), date(2010, 1, 1)]
    assert quarters_until(date(2010, 12, 31), 1) == [date(2010, 10, 1)]


def test_the_last_day_of_a_month() -> None:
    assert [last_of_month(date(2008, month, 15)) for month in (2, 12)] == [date(2008, 2, 29), date(2008, 12, 31)]
