"""Working days against a count day by day that knows nothing of the tables."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deadlines.calendar import BeyondCalendar, LeftOut, WorkingCalendar, add_months, horizon
from deadlines.models import BankHoliday

pytestmark = pytest.mark.django_db

PUBLISHED = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(2004, 2029)))
DAY = timedelta(days=1)

days = st.dates(date(2005, 1, 1), date(2027, 6, 30))
numbers = st.integers(1, 60)
# The rows do not change between examples, so one transaction serves them all.
with_rows = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def worked(day: date) -> bool:
    return day.weekday() < 5 and day not in PUBLISHED


def enter_year(year: int, rows: int) -> None:
    """That many of the year's Mondays."""
    monday = next(date(year, 1, day) for day in range(1, 8) if date(year, 1, day).weekday() == 0)
    BankHoliday.objects.bulk_create(
        BankHoliday(on=monday + week * 7 * DAY, name=f"Monday {week}") for week in range(rows)
    )


@with_rows
@given(days, numbers)
def test_adding_is_counting_day_by_day(start: date, number: int) -> None:
    passed = [start + n * DAY for n in range(1, 200)]
    assert WorkingCalendar().add(start, number) == [day for day in passed if worked(day)][number - 1]


@with_rows
@given(days, numbers)
def test_subtracting_is_counting_back_day_by_day(start: date, number: int) -> None:
    start += 200 * DAY
    passed = [start - n * DAY for n in range(1, 200)]
    assert WorkingCalendar().add(start, -number) == [day for day in passed if worked(day)][number - 1]


@with_rows
@given(days.filter(worked), numbers)
def test_adding_then_subtracting_comes_back(start: date, number: int) -> None:
    calendar = WorkingCalendar()
    assert calendar.add(calendar.add(start, number), -number) == start


@with_rows
@given(days, st.integers(0, 400), numbers)
def test_later_event_is_never_due_earlier(start: date, apart: int, number: int) -> None:
    calendar = WorkingCalendar()
    assert calendar.add(start, number) <= calendar.add(start + apart * DAY, number)


@with_rows
@given(days, numbers)
def test_days_left_out_and_days_counted_make_up_the_whole(start: date, number: int) -> None:
    calendar = WorkingCalendar()
    end = calendar.add(start, number)
    left_out = [day.on for day in calendar.left_out(start, end)]
    assert not any(worked(day) for day in left_out)
    assert len(left_out) + number == (end - start).days


@with_rows
@given(days)
def test_last_working_day_by(day: date) -> None:
    last = WorkingCalendar().last_working_day_by(day)
    assert worked(last)
    assert not any(worked(last + n * DAY) for n in range(1, (day - last).days + 1))


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        (date(2009, 12, 24), 1, date(2009, 12, 29)),  # Christmas Eve
        (date(2009, 12, 25), 1, date(2009, 12, 29)),  # on a bank holiday
        (date(2009, 12, 26), 1, date(2009, 12, 29)),  # on a Saturday
        (date(2009, 12, 31), 1, date(2010, 1, 4)),
        (date(2009, 12, 29), 0, date(2009, 12, 29)),
        (date(2009, 12, 26), 0, date(2009, 12, 26)),
        (date(2022, 9, 16), 1, date(2022, 9, 20)),  # the state funeral
        (date(2010, 1, 4), -1, date(2009, 12, 31)),
        (date(2009, 12, 27), -1, date(2009, 12, 24)),
    ],
)
def test_add(start: date, number: int, end: date) -> None:
    assert WorkingCalendar().add(start, number) == end


def test_left_out_names_each_day_between_in_order_from_either_side() -> None:
    expected = [
        LeftOut(date(2009, 12, 25), "Christmas Day"),
        LeftOut(date(2009, 12, 26), "Saturday"),
        LeftOut(date(2009, 12, 27), "Sunday"),
        LeftOut(date(2009, 12, 28), "Substitute day for Boxing Day"),
    ]
    calendar = WorkingCalendar()
    assert list(calendar.left_out(date(2009, 12, 24), date(2009, 12, 29))) == expected
    assert list(calendar.left_out(date(2009, 12, 29), date(2009, 12, 24))) == expected
    assert list(calendar.left_out(date(2009, 12, 25), date(2009, 12, 29))) == expected[1:], "day 0 is not judged"
    assert list(calendar.left_out(date(2009, 12, 25), date(2009, 12, 25))) == []


def test_calendar_reads_each_year_once(django_assert_num_queries) -> None:
    calendar = WorkingCalendar()
    with django_assert_num_queries(2):
        calendar.add(date(2009, 12, 14), 15)
        calendar.last_working_day_by(date(2010, 1, 3))


# --- the ends of the calendar --------------------------------------------------------------------


def test_horizon_is_what_is_entered() -> None:
    assert horizon() == (date(2004, 1, 1), date(2028, 12, 31))


def test_beyond_the_end() -> None:
    calendar = WorkingCalendar()
    assert calendar.add(date(2028, 12, 28), 1) == date(2028, 12, 29)
    with pytest.raises(BeyondCalendar) as error:
        calendar.add(date(2028, 12, 29), 1)
    assert str(error.value) == (
        "The bank holidays of 2029 have not been entered. The calendar runs from Thu 1 Jan 2004 to Sun 31 Dec 2028."
    )
    assert error.value.year == 2029


def test_beyond_the_beginning() -> None:
    calendar = WorkingCalendar()
    assert calendar.add(date(2004, 1, 5), -1) == date(2004, 1, 2)
    with pytest.raises(BeyondCalendar, match="bank holidays of 2003"):
        calendar.add(date(2004, 1, 2), -1)
    with pytest.raises(BeyondCalendar, match="bank holidays of 2003"):
        calendar.last_working_day_by(date(2003, 6, 4))
    with pytest.raises(BeyondCalendar, match="bank holidays of 2003"):
        list(calendar.left_out(date(2003, 12, 30), date(2004, 1, 2)))


def test_year_half_entered_is_still_beyond() -> None:
    enter_year(2029, rows=7)
    assert horizon() == (date(2004, 1, 1), date(2028, 12, 31))
    with pytest.raises(BeyondCalendar, match="bank holidays of 2029"):
        WorkingCalendar().add(date(2028, 12, 29), 1)


def test_year_wholly_entered_moves_the_horizon() -> None:
    enter_year(2029, rows=8)
    assert horizon() == (date(2004, 1, 1), date(2029, 12, 31))
    assert WorkingCalendar().add(date(2028, 12, 29), 1) == date(2029, 1, 2)


def test_year_beyond_a_gap_does_not_move_the_horizon() -> None:
    enter_year(2030, rows=8)
    assert horizon() == (date(2004, 1, 1), date(2028, 12, 31))


def test_empty_calendar() -> None:
    BankHoliday.objects.all().delete()
    assert horizon() is None
    with pytest.raises(BeyondCalendar, match=r"^The bank holidays of 2009 have not been entered\.$"):
        WorkingCalendar().is_working_day(date(2009, 12, 14))


# --- calendar months -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        (date(2009, 11, 30), 3, date(2010, 2, 28)),
        (date(2007, 11, 29), 3, date(2008, 2, 29)),
        (date(2007, 11, 30), 3, date(2008, 2, 29)),
        (date(2008, 2, 29), 6, date(2008, 8, 29)),
        (date(2008, 2, 29), 12, date(2009, 2, 28)),
        (date(2009, 8, 31), 6, date(2010, 2, 28)),
        (date(2009, 6, 30), 6, date(2009, 12, 30)),
        (date(2009, 12, 31), 6, date(2010, 6, 30)),
    ],
)
def test_months_clip_to_the_months_end(start: date, number: int, end: date) -> None:
    assert add_months(start, number) == end


@given(days, st.integers(1, 24))
def test_months_keep_the_day_or_clip(start: date, number: int) -> None:
    end = add_months(start, number)
    assert (end.year - start.year) * 12 + end.month - start.month == number
    assert end.day == start.day or (end.day < start.day and (end + DAY).day == 1)
