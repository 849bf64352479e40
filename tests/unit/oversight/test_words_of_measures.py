"""What a manager reads of each measure."""

from __future__ import annotations

import re

import pytest

from oversight.enums import Group, Period, Shape
from oversight.measures import BESIDE, BY_CODE, IN_ROWS, MEASURES, Measure


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.code)
def test_a_measure_says_what_it_is(measure: Measure) -> None:
    assert re.fullmatch(r"[a-z_0-9]{3,30}", measure.code)
    assert measure.name
    assert measure.name[0].isupper()
    assert measure.name[-1].isalpha()
    assert re.fullmatch(r"[A-Z][^?]*\?", measure.question)
    assert re.fullmatch(r"[A-Z].*\.", measure.definition)
    assert "  " not in measure.definition
    assert " ." not in measure.definition
    assert measure.source
    assert not measure.source.endswith(".")
    assert measure.group in Group
    assert measure.period in Period
    # A share in the words of a sentence: "62 of 65 initial conferences attended".
    assert bool(measure.was and measure.of) == (measure.shape == Shape.SHARE)
    assert measure.target is None or measure.shape == Shape.SHARE
    assert "now()" not in measure.sql
    assert "cait_" not in measure.sql


def test_no_two_measures_are_called_the_same() -> None:
    assert len(BY_CODE) == len(MEASURES)
    assert len({each.name for each in MEASURES}) == len(MEASURES)


def test_what_stands_beside_another_is_taken_apart_and_under_the_same_heading() -> None:
    """And every measure either has a row or stands beside one that has."""
    beside = [(BY_CODE[main], each) for main, others in BESIDE.items() for each in others]
    assert {each.code for each in (*IN_ROWS, *(it for _, it in beside))} == set(BY_CODE)
    assert len(IN_ROWS) + len(beside) == len(MEASURES)
    assert all(each.by and each.group == main.group and main.by for main, each in beside)


@pytest.mark.parametrize(
    "measure", [each for each in MEASURES if not callable(each.parts)], ids=lambda each: each.code
)
def test_each_part_has_a_name_of_its_own(measure: Measure) -> None:
    names = measure.names(set())
    assert bool(names) == bool(measure.by)
    assert len(set(names.values())) == len(names)
    assert all(0 < len(part) <= 40 for part in names)
    assert all(name and name[-1] != "." for name in names.values())


def test_the_hours_of_the_week_are_named_in_their_order() -> None:
    parts = BY_CODE["referrals_by_hour"].names(set())
    assert len(parts) == 7 * 24
    assert list(parts)[:2] == ["1-00", "1-01"]
    assert sorted(parts) == list(parts)
    assert parts["1-00"] == "Monday, midnight to 1am"
    assert parts["3-11"] == "Wednesday, 11am to midday"
    assert parts["5-12"] == "Friday, midday to 1pm"
    assert parts["7-23"] == "Sunday, 11pm to midnight"
