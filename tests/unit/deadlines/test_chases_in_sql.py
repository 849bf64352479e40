"""Chases counted by the database are the ones that are counted by the page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from deadlines import schedules
from deadlines.models import Limit

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
DECIDED = date(2009, 12, 11)
DECISIONS = st.dates(date(2004, 1, 1), date(2035, 12, 31))


def chase_on(started: date, first_after: int, apart: int, number: int) -> date:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cait_chase_on(%s, %s, %s, %s)", [started, first_after, apart, number])
        day: date = cursor.fetchone()[0]
    return day


def chases_fallen(started: date, first_after: int, apart: int, by: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cait_chases_fallen(%s, %s, %s, %s)", [started, first_after, apart, by])
        number: int = cursor.fetchone()[0]
    return number


@settings(max_examples=150, deadline=None)
@given(decided=DECISIONS, number=st.integers(1, 1000))
def test_the_database_gives_a_chase_the_day_that_the_page_gives_it(decided: date, number: int) -> None:
    there = chase_on(decided, *schedules.chase_limits(decided), number)
    assert there == schedules.chase(decided, number).due_on


@settings(max_examples=150, deadline=None)
@given(decided=DECISIONS, days=st.integers(-400, 4000))
def test_the_database_counts_as_many_chases_as_the_page(decided: date, days: int) -> None:
    by = decided + days * DAY
    there = chases_fallen(decided, *schedules.chase_limits(decided), by)
    assert there == schedules.chases_fallen(decided, by)


def test_both_count_alike_on_every_day_around_the_first_chases() -> None:
    limits = schedules.chase_limits(DECIDED)
    for days in range(-2, 60):
        by = DECIDED + days * DAY
        assert chases_fallen(DECIDED, *limits, by) == schedules.chases_fallen(DECIDED, by), by


def test_both_count_alike_with_the_limits_of_another_day() -> None:
    for rule, value in (("SS-UPDATE", 10), ("SS-CHASE", 3)):
        Limit.objects.create(rule=rule, value=value, effective_from=date(2009, 12, 12), reason="Test")
    for decided in (DECIDED, DECIDED + DAY):
        limits = schedules.chase_limits(decided)
        for days in range(40):
            by = decided + days * DAY
            assert chases_fallen(decided, *limits, by) == schedules.chases_fallen(decided, by), by
        for number in range(1, 12):
            assert chase_on(decided, *limits, number) == schedules.chase(decided, number).due_on


def test_whatever_the_limits_as_many_have_fallen_as_days_of_chases_are_over() -> None:
    """Every first day from 0 to 20, every distance from 1 to 10, by every day of four months, in one question."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE cait_chases_fallen(%(on)s, first, apart, %(on)s + by) <> "
            "(SELECT count(*) FROM generate_series(1, 130) AS n WHERE cait_chase_on(%(on)s, first, apart, n) "
            "<= %(on)s + by)) "
            "FROM generate_series(0, 20) AS first, generate_series(1, 10) AS apart, generate_series(-5, 120) AS by",
            {"on": DECIDED},
        )
        assert cursor.fetchone() == (21 * 10 * 126, 0)


def test_the_first_chase_falls_on_day_14_and_not_on_day_13() -> None:
    assert chases_fallen(DECIDED, 14, 7, date(2009, 12, 24)) == 0
    assert chases_fallen(DECIDED, 14, 7, date(2009, 12, 25)) == 1
    assert chase_on(DECIDED, 14, 7, 1) == date(2009, 12, 25)


def test_before_the_decision_no_chase_has_fallen() -> None:
    assert [chases_fallen(DECIDED, 14, 7, DECIDED - days * DAY) for days in (1, 7, 14, 500)] == [0, 0, 0, 0]


def test_chases_are_counted_beyond_the_calendar() -> None:
    assert chases_fallen(date(2028, 12, 11), 14, 7, date(2040, 12, 30)) == 627
    assert chases_fallen(date(2028, 12, 11), 14, 7, date(2040, 12, 31)) == 628
    assert chase_on(date(2028, 12, 11), 14, 7, 628) == date(2040, 12, 31)
