"""When somebody was born, in every way the desk types it; and what cannot be."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from pages import words
from people.births import Birth, check_birth, read_birth
from people.enums import BirthKnown

pytestmark = pytest.mark.django_db

ON = date(2010, 6, 9)
DAY = timedelta(days=1)
SIX = Birth.between(date(2003, 6, 10), date(2004, 6, 9))
LIKE = "Write the birth like 6/6/2003, 6 years, 9 months, 2003, or “due 9/6/2010” for an unborn child"


def refusal(text: str) -> str:
    with pytest.raises(ValidationError) as refused:
        read_birth(text, on=ON)
    return str(refused.value.messages[0])


def objection(birth: Birth) -> str:
    with pytest.raises(ValidationError) as refused:
        check_birth(birth, on=ON)
    return str(refused.value.messages[0])


# --- what is typed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["6/6/2003", "06/06/2003", "6.6.2003", "6-6-03", "6/6/03", "6 June 2003", "6th Jun 2003", "2003-06-06",
     " 6/6/2003 "],
)  # fmt: skip
def test_a_date_of_birth_is_read_as_any_date(text: str) -> None:
    assert read_birth(text, on=ON) == Birth.on(date(2003, 6, 6))


@pytest.mark.parametrize(
    "text",
    ["6", "6 years", "6 year", "6y", "6 y", "6yrs", "6 yrs", "6 yr", "6 Years Old", "6 years old", "6 y/o", "6y/o",
     "aged 6", "age 6", "about 6", "abt 6", "approx 6", "approx. 6 years", "approximately 6", "c. 6", "~6", "6.",
     "about 6 years old", "approx aged 6"],
)  # fmt: skip
def test_an_age_in_years_counts_back_from_the_referral(text: str) -> None:
    assert read_birth(text, on=ON) == SIX


@pytest.mark.parametrize("text", ["6yo", "6 yo"])
def test_an_age_as_officers_abbreviate_it(text: str) -> None:
    assert read_birth(text, on=ON) == SIX


@pytest.mark.parametrize("text", ["circa 6", "circa 6 years", "Circa 6"])
def test_an_age_with_circa_before_it(text: str) -> None:
    assert read_birth(text, on=ON) == SIX


@pytest.mark.parametrize(
    "text", ["9 months", "9 month", "9m", "9 mths", "9mth", "9 mos", "9 months old", "about 9 months"]
)
def test_an_age_in_months(text: str) -> None:
    assert read_birth(text, on=ON) == Birth.between(date(2009, 8, 10), date(2009, 9, 9))


@pytest.mark.parametrize("text", ["3 weeks", "3 week", "3w", "3 wks", "3wk", "3 weeks old", "about 3 weeks"])
def test_an_age_in_weeks(text: str) -> None:
    assert read_birth(text, on=ON) == Birth.between(date(2010, 5, 13), date(2010, 5, 19))


@pytest.mark.parametrize("text", ["2003", "about 2003", "c. 2003", "c2003", "approx 2003", "~2003", "circa 2003"])
def test_a_year_alone(text: str) -> None:
    assert read_birth(text, on=ON) == Birth.between(date(2003, 1, 1), date(2003, 12, 31))


def test_the_year_of_the_referral_ends_with_the_referral() -> None:
    assert read_birth("2010", on=ON) == Birth.between(date(2010, 1, 1), ON)


@pytest.mark.parametrize("text", ["about 6/6/2003", "approx 6 June 2003", "c. 6.6.03"])
def test_a_date_that_is_only_about_right_is_a_month_to_either_side(text: str) -> None:
    assert read_birth(text, on=ON) == Birth.between(date(2003, 5, 6), date(2003, 7, 6))


def test_a_date_that_is_only_about_right_does_not_reach_beyond_the_referral() -> None:
    assert read_birth("about 6/6/2010", on=ON) == Birth.between(date(2010, 5, 6), ON)


@pytest.mark.parametrize(
    "text",
    ["due 9/6/2010", "Due 9 June 2010", "due: 9/6/2010", "due on 9/6/2010", "EDD 9.6.10", "edd: 9/6/2010",
     "expected 9/6/2010", "expected on 9 June 2010", "unborn 9/6/2010"],
)  # fmt: skip
def test_a_child_that_is_not_yet_born(text: str) -> None:
    assert read_birth(text, on=ON) == Birth.due(date(2010, 6, 9))


@pytest.mark.parametrize("text", ["unborn, due 9/6/2010", "unborn due 9/6/2010", "unborn, EDD 9.6.10"])
def test_a_child_said_to_be_unborn_and_due(text: str) -> None:
    assert read_birth(text, on=ON) == Birth.due(date(2010, 6, 9))


@pytest.mark.parametrize("text", ["", "  ", "nk", "NK", "n/k", "N/K.", "not known", "Unknown", "unk", "?", "??", "-"])
def test_nothing_is_known(text: str) -> None:
    assert read_birth(text, on=ON) == Birth()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rubbish", LIKE),
        ("six", LIKE),
        ("child", LIKE),
        ("'85", LIKE),
        ("’85", LIKE),
        ("6/6/85", "Enter all four figures of the year: 1985 or 2085?"),
        ("31/2/2003", "There is no 31 February 2003"),
        ("6/6", "Add the year: write the date like 2 December 2009 or 2/12/2009"),
        ("6/6/1803", "The year 1803 cannot be right"),
        ("121", "Check the age: 121 years"),
        ("121 years", "Check the age: 121 years"),
        ("due", "Add when the birth is expected, like “due 9/6/2010”"),
        ("unborn", "Add when the birth is expected, like “due 9/6/2010”"),
        ("due soon", "Enter the date like 2 December 2009 or 2/12/2009"),
        ("due 31/6/2010", "There is no 31 June 2010"),
    ],
)
def test_what_is_wrong_with_a_birth_is_said_plainly(text: str, sentence: str) -> None:
    assert refusal(text) == sentence


@given(st.text("0123456789 /.-abcdeghklmnortuwyABCDMNOY?~'", max_size=16) | st.text(max_size=16))
def test_whatever_is_typed_gets_a_birth_that_can_be_kept_or_a_sentence(text: str) -> None:
    with contextlib.suppress(ValidationError):
        birth = read_birth(text, on=ON)
        spans = birth.earliest is not None and birth.latest is not None
        assert spans == (birth.known in (BirthKnown.EXACT, BirthKnown.APPROXIMATE))
        assert (birth.expected is not None) == (birth.known == BirthKnown.UNBORN)
        if birth.earliest and birth.latest:
            assert birth.earliest <= birth.latest
            assert (birth.known == BirthKnown.APPROXIMATE) or birth.earliest == birth.latest


@pytest.mark.parametrize("text", ["20/6/2010", "about 20/6/2010", "about 10/6/2010", "2011", "about 2011"])
def test_nobody_is_taken_to_be_born_after_the_referral(text: str) -> None:
    with contextlib.suppress(ValidationError):
        birth = read_birth(text, on=ON)
        check_birth(birth, on=ON)
        assert birth.latest is not None
        assert birth.latest <= ON


# --- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["6/6/2030", "10/6/2010", "2011"])
def test_a_birth_after_the_referral_is_refused(text: str) -> None:
    birth = read_birth(text, on=ON)
    assert birth.earliest is not None
    on = words.day(birth.earliest)
    assert objection(birth) == (
        f"{on} is after 9 June 2010, the day this was said. For an unborn child write “due {on}”"
    )


def test_a_birth_on_the_day_of_the_referral_is_one() -> None:
    check_birth(Birth.on(ON), on=ON)


def test_somebody_older_than_anybody_is_refused() -> None:
    check_birth(Birth.on(date(1889, 6, 10)), on=ON)
    assert objection(Birth.on(date(1889, 6, 9))) == "Check the year: somebody born in 1889 would be over 120"
    assert objection(read_birth("1870", on=ON)) == "Check the year: somebody born in 1870 would be over 120"


def test_a_birth_long_overdue_is_refused() -> None:
    check_birth(Birth.due(ON - 42 * DAY), on=ON)
    assert objection(Birth.due(ON - 43 * DAY)) == (
        "The birth was expected more than 6 weeks before 9 June 2010: write the date of birth"
    )


def test_a_birth_expected_later_than_any_child_is_refused() -> None:
    check_birth(Birth.due(ON + 310 * DAY), on=ON)
    assert objection(Birth.due(ON + 311 * DAY)) == (
        "The birth is expected more than 10 months after 9 June 2010: check the date"
    )


def test_nothing_known_is_never_refused() -> None:
    check_birth(Birth(), on=ON)


# --- how it is said ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "age", "said"),
    [
        (Birth.on(date(2003, 6, 9)), "7", "9 June 2003"),
        (Birth.on(date(2009, 9, 9)), "9 months", "9 September 2009"),
        (SIX, "about 6", "between 10 June 2003 and 9 June 2004"),
        (Birth.due(date(2010, 8, 1)), "due 1 August 2010", "due 1 August 2010"),
        (Birth(), "", "not known"),
    ],
)
def test_an_age_and_a_birth_in_words(birth: Birth, age: str, said: str) -> None:
    assert (birth.age(ON), birth.words()) == (age, said)


@given(st.integers(2, 110))
def test_an_age_in_years_is_told_as_it_was_said(years: int) -> None:
    assert read_birth(f"{years}", on=ON).age(ON) == f"about {years}"


@given(st.integers(2, 23))
def test_an_age_in_months_is_told_as_it_was_said(months: int) -> None:
    assert read_birth(f"{months} months", on=ON).age(ON) == f"about {months} months"


@given(st.integers(2, 7))
def test_an_age_in_weeks_is_told_as_it_was_said(weeks: int) -> None:
    assert read_birth(f"{weeks} weeks", on=ON).age(ON) == f"about {weeks} weeks"


@given(st.dates(date(1900, 1, 1), ON))
def test_every_date_of_birth_is_read_as_it_is_told(born: date) -> None:
    assert read_birth(Birth.on(born).words(), on=ON) == Birth.on(born)


# --- two births ----------------------------------------------------------------------------------

EXACT = Birth.on(date(2003, 8, 1))
UNBORN = Birth.due(date(2010, 8, 1))


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        (EXACT, EXACT, True),
        (EXACT, Birth.on(date(2003, 8, 2)), False),
        (EXACT, SIX, True),
        (Birth.on(date(2003, 6, 10)), SIX, True),
        (Birth.on(date(2004, 6, 9)), SIX, True),
        (Birth.on(date(2003, 6, 9)), SIX, False),
        (Birth.on(date(2004, 6, 10)), SIX, False),
        (UNBORN, UNBORN, True),
        (UNBORN, EXACT, False),
        (UNBORN, SIX, False),
        (Birth(), EXACT, True),
        (Birth(), UNBORN, True),
    ],
)
def test_two_births_can_or_cannot_be_of_one_person(one: Birth, other: Birth, fit: bool) -> None:
    assert (one.fits(other), other.fits(one)) == (fit, fit)


@pytest.mark.parametrize(
    ("one", "other"),
    [(EXACT, SIX), (EXACT, Birth()), (SIX, Birth()), (UNBORN, Birth())],
)
def test_a_birth_that_says_more_is_better(one: Birth, other: Birth) -> None:
    assert one.better_than(other)
    assert not other.better_than(one)


def test_a_birth_that_contradicts_is_not_better() -> None:
    assert not Birth.on(date(2005, 1, 1)).better_than(SIX)
    assert not EXACT.better_than(Birth.on(date(2003, 8, 2)))


def test_a_birth_is_not_better_than_itself() -> None:
    assert not any(birth.better_than(birth) for birth in (EXACT, SIX, UNBORN, Birth()))


def test_a_narrower_span_says_more_than_a_wider_one() -> None:
    narrow = Birth.between(date(2003, 7, 1), date(2003, 9, 1))
    assert narrow.better_than(SIX)
    assert not SIX.better_than(narrow)
