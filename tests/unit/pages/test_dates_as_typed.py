"""What people type for a date, and what they are told when it cannot be one."""

import contextlib
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from deadlines.clock import LONDON
from pages import words
from pages.forms import DayField, MomentField, read_day, read_moment
from tests.factories.clock import move_time_to


def refusal(read: object, text: str) -> str:
    with pytest.raises(ValidationError) as refused:
        read(text)  # type: ignore[operator]
    assert refused.value.code == "invalid"
    return str(refused.value.messages[0])


@pytest.mark.parametrize(
    "text",
    [
        "2/12/2009", "02/12/2009", "2.12.2009", "2-12-2009", "2 12 2009", "2 / 12 / 2009",
        "2 Dec 2009", "2 December 2009", "2nd December 2009", "2 dec. 2009", "2Dec2009", "2-Dec-2009",
        "Wed 2 Dec 2009", "Wednesday, 2 December 2009", "2 December, 2009", "  2  December  2009 ", "2009-12-02",
    ],
)  # fmt: skip
def test_a_day_as_people_write_it(text: str) -> None:
    assert read_day(text) == date(2009, 12, 2)


@pytest.mark.django_db
def test_a_year_of_two_figures() -> None:
    assert read_day("2.12.09") == date(2009, 12, 2)
    assert read_day("2 Dec 09") == date(2009, 12, 2)
    assert refusal(read_day, "2/12/85") == "Enter all four figures of the year: 1985 or 2085?"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2010, 1, 14, 12, 0, tzinfo=LONDON), [date(2010, 1, 13), date(2010, 1, 14), date(2010, 1, 15)]),
        (datetime(2010, 2, 28, 23, 59, tzinfo=LONDON), [date(2010, 2, 27), date(2010, 2, 28), date(2010, 3, 1)]),
        # In UTC it is still the first.
        (datetime(2010, 6, 2, 0, 0, tzinfo=LONDON), [date(2010, 6, 1), date(2010, 6, 2), date(2010, 6, 3)]),
        (datetime(2010, 12, 31, 12, 0, tzinfo=LONDON), [date(2010, 12, 30), date(2010, 12, 31), date(2011, 1, 1)]),
    ],
)
def test_the_days_beside_today_have_names(now: datetime, days: list[date]) -> None:
    move_time_to(now)
    assert [read_day(text) for text in ("yesterday", "Today", " TOMORROW ")] == days
    assert read_moment("tomorrow 9am").astimezone(LONDON) == datetime.combine(days[2], time(9), tzinfo=LONDON)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("30/2/2010", "There is no 30 February 2010"),
        ("29 February 2010", "There is no 29 February 2010"),
        ("31 Nov 2009", "There is no 31 November 2009"),
        ("0/1/2010", "There is no 0 January 2010"),
        ("12/31/2009", "There is no month 31: write the day first, then the month"),
        ("2009-13-01", "There is no month 13: write the day first, then the month"),
        ("2 Dezember 2009", "“Dezember” is not a month: write the date like 2 December 2009 or 2/12/2009"),
        ("2 December", "Add the year: write the date like 2 December 2009 or 2/12/2009"),
        ("2/12", "Add the year: write the date like 2 December 2009 or 2/12/2009"),
        ("2/12/209", "Enter the year with four figures: 209 cannot be right"),
        ("2/12/20099", "Enter the year with four figures: 20099 cannot be right"),
        ("2/12/0209", "The year 209 cannot be right"),
        ("soon", "Enter the date like 2 December 2009 or 2/12/2009"),
        ("2", "Enter the date like 2 December 2009 or 2/12/2009"),
        ("2/12/2009 10:52", "Enter the date like 2 December 2009 or 2/12/2009"),
        ("٢/١٢/٢٠٠٩", "Enter the date like 2 December 2009 or 2/12/2009"),
    ],
)
def test_what_is_wrong_with_a_day_is_said_plainly(text: str, sentence: str) -> None:
    assert refusal(read_day, text) == sentence


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_as_it_is_written(on: date) -> None:
    for text in (words.day(on), words.short_day(on), f"{on.day}/{on.month}/{on.year}", on.isoformat()):
        assert read_day(text) == on


@pytest.mark.django_db
@given(st.text("0123456789 /.-:,apmTGMTBSjandec", max_size=24) | st.text(max_size=24))
def test_whatever_is_typed_gets_a_date_or_a_sentence(text: str) -> None:
    for read in (read_day, read_moment):
        with contextlib.suppress(ValidationError):
            read(text)


@pytest.mark.parametrize(
    ("text", "london"),
    [
        ("14/1/2010 10:52", (10, 52)),
        ("14/1/2010, 10:52", (10, 52)),
        ("14/1/2010 at 10.52", (10, 52)),
        ("14.1.2010 10.52", (10, 52)),
        ("14/1/2010 1052", (10, 52)),
        ("14 January 2010 1052", (10, 52)),
        ("14/1/2010 1052 hrs", (10, 52)),
        ("14/1/2010 1052hrs", (10, 52)),
        ("14 January 2010, 3:20pm", (15, 20)),
        ("14 January 2010, 3.20 PM", (15, 20)),
        ("14 January 2010 at 3pm", (15, 0)),
        ("14 January 2010 12am", (0, 0)),
        ("14 January 2010 12pm", (12, 0)),
        ("14 January 2010, midday", (12, 0)),
        ("14 January 2010, noon", (12, 0)),
        ("14 January 2010, midnight", (0, 0)),
        ("14 January 2010 00:00", (0, 0)),
        ("2010-01-14T10:52", (10, 52)),
        ("2010-01-14 10:52:30", (10, 52)),
        ("Thu 14 Jan 2010, 10:52 GMT", (10, 52)),
    ],
)
def test_a_moment_as_people_write_it(text: str, london: tuple[int, int]) -> None:
    assert read_moment(text) == datetime(2010, 1, 14, *london, tzinfo=UTC)


def test_summer_time_is_meant_in_summer() -> None:
    assert read_moment("1 July 2009, 12:30am") == datetime(2009, 6, 30, 23, 30, tzinfo=UTC)
    assert read_moment("1 July 2009, 12:30am BST") == datetime(2009, 6, 30, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("14 January 2010", "Add the time, like 15:20 or 3:20pm"),
        ("14/1/2010", "Add the time, like 15:20 or 3:20pm"),
        ("14 January", "Add the year: write the date like 2 December 2009 or 2/12/2009"),
        ("30/2/2010 10:52", "There is no 30 February 2010"),
        ("10:52", "Add the date, like 2/12/2009 10:52"),
        ("3am", "Add the date, like 2/12/2009 3am"),
        ("14/1/2010 25:00", "“25:00” is not a time: write it like 15:20 or 3:20pm"),
        ("14/1/2010 10:60", "“10:60” is not a time: write it like 15:20 or 3:20pm"),
        ("14/1/2010 15:20pm", "“15:20pm” is not a time: write it like 15:20 or 3:20pm"),
        ("14/1/2010 0:20am", "“0:20am” is not a time: write it like 15:20 or 3:20pm"),
        ("14/1/2010 24:00", "Enter midnight as 00:00 of the day that begins then"),
        ("28/3/2010 1:30", "There is no 01:30 on 28 March 2010: the clocks go forward from 1am to 2am"),
        ("28 March 2010, 1am", "There is no 01:00 on 28 March 2010: the clocks go forward from 1am to 2am"),
        ("14/1/2010 10:52 BST", "London is not on BST at that time: leave BST out"),
        ("1/7/2009 10:52 GMT", "London is not on GMT at that time: leave GMT out"),
    ],
)
def test_what_is_wrong_with_a_moment_is_said_plainly(text: str, sentence: str) -> None:
    assert refusal(read_moment, text) == sentence


def test_the_clock_change_nights() -> None:
    assert read_moment("28/3/2010 0:59") == datetime(2010, 3, 28, 0, 59, tzinfo=UTC)
    assert read_moment("28/3/2010 2:00") == datetime(2010, 3, 28, 1, 0, tzinfo=UTC)
    assert read_moment("25/10/2009 1:30") == datetime(2009, 10, 25, 0, 30, tzinfo=UTC)
    assert read_moment("25/10/2009 1:30 BST") == datetime(2009, 10, 25, 0, 30, tzinfo=UTC)
    assert read_moment("25/10/2009 1:30 GMT") == datetime(2009, 10, 25, 1, 30, tzinfo=UTC)


@given(st.integers(0, 129 * 365 * 24 * 60))
def test_every_moment_is_read_as_it_is_written(minutes: int) -> None:
    at = datetime(1972, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert read_moment(words.moment(at)) == at


def test_every_minute_of_the_clock_change_nights_is_read_as_it_is_written() -> None:
    for night in (datetime(2009, 10, 24, 23, tzinfo=UTC), datetime(2010, 3, 27, 23, tzinfo=UTC)):
        for minutes in range(5 * 60):
            at = night + timedelta(minutes=minutes)
            assert read_moment(words.moment(at)) == at, at.astimezone(LONDON)


class Form(forms.Form):
    on = DayField(label="Decided on")
    at = MomentField(label="Reached us", required=False)


def test_fields_give_dates_and_aware_moments() -> None:
    form = Form({"on": "2/12/2009", "at": "2/12/2009 3pm"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"on": date(2009, 12, 2), "at": datetime(2009, 12, 2, 15, tzinfo=UTC)}
    assert Form({"on": "2/12/2009"}).is_valid()


def test_fields_show_what_is_stored_and_keep_what_was_typed() -> None:
    stored = {"on": date(2009, 12, 2), "at": datetime(2009, 12, 2, 15, tzinfo=UTC)}
    html = Form(initial=stored).as_div()
    assert 'value="2 December 2009"' in html
    assert 'value="2 December 2009, 3pm"' in html
    assert 'value="2/13/2009"' in Form({"on": "2/13/2009"}).as_div()


def test_a_date_written_in_another_way_is_no_change() -> None:
    form = Form({"on": "02.12.2009", "at": "2/12/2009 15:00"},
                initial={"on": date(2009, 12, 2), "at": datetime(2009, 12, 2, 15, tzinfo=UTC)})  # fmt: skip
    assert form.changed_data == []
