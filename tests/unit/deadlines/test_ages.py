"""How old somebody is on a day, and on which days somebody of an age can have been born."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadlines.ages import (
    age_in_words,
    born_if_months_old,
    born_if_weeks_old,
    in_the_middle,
    months_old,
    years_old,
)
from deadlines.calendar import add_months

DAY = timedelta(days=1)
DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))
# Where calendars go wrong: the ends of months, and February.
MONTH_ENDS = DAYS.map(lambda on: on.replace(day=1) - DAY) | DAYS.map(lambda on: on.replace(month=2, day=28))
ANY_DAY = DAYS | MONTH_ENDS


def around(*days: date) -> Iterator[date]:
    """Each day with the five before and after it."""
    for day in days:
        yield from (day + number * DAY for number in range(-5, 6))


@pytest.mark.parametrize(
    ("born", "on", "months"),
    [
        (date(2003, 6, 6), date(2003, 6, 6), 0),
        (date(2003, 6, 6), date(2003, 7, 5), 0),
        (date(2003, 6, 6), date(2003, 7, 6), 1),
        (date(2003, 6, 6), date(2004, 6, 5), 11),
        (date(2003, 6, 6), date(2004, 6, 6), 12),
        (date(2010, 1, 31), date(2010, 2, 27), 0),
        (date(2010, 1, 31), date(2010, 2, 28), 0),
        (date(2010, 1, 31), date(2010, 3, 1), 1),
        (date(2012, 1, 31), date(2012, 2, 28), 0),
        (date(2012, 1, 31), date(2012, 2, 29), 0),
        (date(2010, 3, 31), date(2010, 4, 29), 0),
        (date(2010, 3, 31), date(2010, 4, 30), 0),
        (date(2010, 3, 31), date(2010, 5, 1), 1),
        (date(2009, 12, 31), date(2010, 1, 1), 0),
        (date(2010, 6, 6), date(2010, 6, 5), -1),
        (date(2010, 6, 6), date(2010, 5, 5), -2),
    ],
)
def test_a_month_is_over_on_the_same_day_of_the_next_or_on_the_first_after_it(
    born: date, on: date, months: int
) -> None:
    assert months_old(born, on) == months


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2003, 6, 6), date(2010, 6, 5), 6),
        (date(2003, 6, 6), date(2010, 6, 6), 7),
        (date(2004, 2, 29), date(2005, 2, 27), 0),
        (date(2004, 2, 29), date(2005, 2, 28), 0),
        (date(2004, 2, 29), date(2005, 3, 1), 1),
        (date(2004, 2, 29), date(2008, 2, 28), 3),
        (date(2004, 2, 29), date(2008, 2, 29), 4),
        (date(2003, 2, 28), date(2004, 2, 28), 1),
        (date(2003, 12, 31), date(2004, 1, 1), 0),
    ],
)
def test_a_year_is_over_on_the_birthday_and_on_1_march_for_a_leap_day(born: date, on: date, years: int) -> None:
    assert years_old(born, on) == years


@given(ANY_DAY, st.integers(1, 110))
def test_everybody_is_a_year_older_on_the_birthday_and_not_the_day_before(born: date, years: int) -> None:
    there = add_months(born, years * 12)
    birthday = there if there.day == born.day else there + DAY  # born on 29 February: 1 March
    assert years_old(born, birthday) == years
    assert years_old(born, birthday - DAY) == years - 1


@given(ANY_DAY, st.integers(0, 4000))
def test_nobody_grows_younger(born: date, days: int) -> None:
    assert months_old(born, born + (days + 1) * DAY) >= months_old(born, born + days * DAY) >= 0


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(2010, 6, 9), "newborn"),
        (date(2010, 6, 3), "newborn"),
        (date(2010, 6, 2), "1 week"),
        (date(2010, 5, 27), "1 week"),
        (date(2010, 5, 26), "2 weeks"),
        (date(2010, 4, 10), "8 weeks"),
        (date(2010, 4, 9), "2 months"),
        (date(2009, 6, 10), "11 months"),
        (date(2009, 6, 9), "12 months"),
        (date(2008, 6, 10), "23 months"),
        (date(2008, 6, 9), "2"),
        (date(2003, 6, 10), "6"),
        (date(2003, 6, 9), "7"),
        (date(1912, 6, 9), "98"),
    ],
)
def test_an_age_is_said_in_weeks_then_in_months_then_in_years(born: date, words: str) -> None:
    assert age_in_words(born, date(2010, 6, 9)) == words


def test_in_a_short_month_a_baby_is_two_months_old_after_eight_weeks() -> None:
    assert age_in_words(date(2010, 1, 1), date(2010, 2, 28)) == "8 weeks"
    assert age_in_words(date(2010, 1, 1), date(2010, 3, 1)) == "2 months"


@pytest.mark.parametrize(
    ("months", "on", "first", "last"),
    [
        (9, date(2010, 6, 9), date(2009, 8, 10), date(2009, 9, 9)),
        (0, date(2010, 6, 9), date(2010, 5, 10), date(2010, 6, 9)),
        (1, date(2010, 3, 31), date(2010, 2, 1), date(2010, 2, 28)),
        (1, date(2010, 2, 28), date(2009, 12, 29), date(2010, 1, 28)),
        (0, date(2010, 4, 30), date(2010, 3, 31), date(2010, 4, 30)),
    ],
)
def test_who_is_so_many_months_old_was_born_between(months: int, on: date, first: date, last: date) -> None:
    assert born_if_months_old(months, on) == (first, last)


def test_who_is_six_was_born_between_two_birthdays() -> None:
    assert born_if_months_old(72, date(2010, 6, 9), span=12) == (date(2003, 6, 10), date(2004, 6, 9))


def test_who_is_three_weeks_old_was_born_within_one_week() -> None:
    assert born_if_weeks_old(3, date(2010, 6, 9)) == (date(2010, 5, 13), date(2010, 5, 19))


@given(ANY_DAY, st.integers(0, 300))
def test_whoever_is_born_within_the_span_is_so_many_months_old_and_nobody_else(on: date, months: int) -> None:
    first, last = born_if_months_old(months, on)
    assert first <= last
    for born in around(first, in_the_middle(first, last), last):
        assert (first <= born <= last) == (months_old(born, on) == months), f"born on {born}"


@given(ANY_DAY, st.integers(0, 110))
def test_whoever_is_born_within_the_span_is_so_many_years_old_and_nobody_else(on: date, years: int) -> None:
    first, last = born_if_months_old(years * 12, on, span=12)
    assert first <= last
    for born in around(first, in_the_middle(first, last), last):
        assert (first <= born <= last) == (years_old(born, on) == years), f"born on {born}"


@given(ANY_DAY, st.integers(0, 200))
def test_whoever_is_born_within_the_span_is_so_many_weeks_old_and_nobody_else(on: date, weeks: int) -> None:
    first, last = born_if_weeks_old(weeks, on)
    for born in around(first, last):
        assert (first <= born <= last) == ((on - born).days // 7 == weeks), f"born on {born}"


@given(ANY_DAY, st.integers(0, 900))
def test_the_middle_lies_between_and_as_far_from_either(first: date, days: int) -> None:
    last = first + days * DAY
    middle = in_the_middle(first, last)
    assert abs((middle - first) - (last - middle)) <= DAY
