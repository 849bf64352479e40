"""The one clock: the database's `cait_now()`, London dates, no guessing at zones."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from deadlines import clock
from deadlines.models import Limit

pytestmark = pytest.mark.django_db


def move_time_to(moment: str) -> None:
    """As tests across processes do it; here the test's own transaction takes it back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE "
            f"AS $$SELECT timestamptz '{moment}'$$"
        )


def test_now_is_the_databases_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        expected = cursor.fetchone()[0]
    assert clock.now() == expected
    assert clock.now().tzinfo is UTC


def test_replacing_the_function_moves_now_and_today() -> None:
    move_time_to("2010-03-28 23:30:00+00")
    assert clock.now() == datetime(2010, 3, 28, 23, 30, tzinfo=UTC)
    assert clock.today() == date(2010, 3, 29), "half past midnight in London, summer time"


def test_replacing_the_function_moves_default_of_a_row() -> None:
    move_time_to("2009-12-25 10:00:00+00")
    limit = Limit.objects.create(rule="SS-CHASE", value=5, effective_from=date(2009, 12, 25), reason="Test")
    limit.refresh_from_db()
    assert limit.created_at == datetime(2009, 12, 25, 10, tzinfo=UTC)


def test_function_is_stable_so_that_indexes_can_be_used_with_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT provolatile FROM pg_proc WHERE proname = 'cait_now'")
        assert cursor.fetchall() == [("s",)]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2010, 1, 1, 23, 59, tzinfo=UTC), date(2010, 1, 1)),
        (datetime(2010, 6, 1, 22, 59, tzinfo=UTC), date(2010, 6, 1)),
        (datetime(2010, 6, 1, 23, 0, tzinfo=UTC), date(2010, 6, 2)),
        (date(2010, 6, 1), date(2010, 6, 1)),
    ],
)
def test_london_date(moment: date, day: date) -> None:
    assert clock.london_date(moment) == day


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (date(2010, 3, 28), datetime(2010, 3, 28, 0, tzinfo=UTC)),
        (date(2010, 3, 29), datetime(2010, 3, 28, 23, tzinfo=UTC)),
        (date(2009, 10, 25), datetime(2009, 10, 24, 23, tzinfo=UTC)),
        (date(2009, 10, 26), datetime(2009, 10, 26, 0, tzinfo=UTC)),
    ],
)
def test_london_midnight_around_the_clock_changes(day: date, begins: datetime) -> None:
    assert clock.london_midnight(day) == begins


def test_time_without_a_zone_is_refused() -> None:
    naive = datetime(2010, 1, 1, 12)  # noqa: DTZ001
    with pytest.raises(ValueError, match="has no time zone"):
        clock.london_date(naive)
    with pytest.raises(ValueError, match="has no time zone"):
        clock.utc(naive)


def test_date_is_no_moment() -> None:
    with pytest.raises(TypeError, match="date and time is needed"):
        clock.utc(date(2010, 1, 1))
