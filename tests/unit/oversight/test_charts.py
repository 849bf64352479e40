"""The pictures beside the figures: what they draw, and what they say to whoever does not see them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from deadlines.periods import months_until
from oversight.charts import (
    BASE,
    LEFT,
    LINE_HEIGHT,
    RIGHT,
    SPARK_HEIGHT,
    SPARK_WIDTH,
    TOP,
    Label,
    apart,
    draw,
    is_week,
    path_of,
    spark_of,
    ticks_of,
    week_of,
)
from oversight.dashboards import Figure, Series
from oversight.enums import Group, Period, Shape
from oversight.measures import BY_CODE, Measure

MONTHS = months_until(date(2009, 12, 1), 13)


def a_measure(shape: Shape = Shape.NUMBER, target: int | None = None, fewer: bool | None = None) -> Measure:
    about: dict[str, Any] = {"question": "Is it so?", "definition": "What is so.", "source": "The records", "sql": ""}
    return Measure(
        code="so",
        group=Group.QUALITY,
        name="What is so",
        period=Period.MONTH,
        shape=shape,
        target=target,
        fewer_is_better=fewer,
        **about,
    )


def a_series(numbers: Sequence[int], *, of: int = 0, target: int | None = None, fewer: bool | None = None) -> Series:
    """Thirteen months; with `of` shares of so many."""
    measure = a_measure(Shape.SHARE if of else Shape.NUMBER, target, fewer)
    figures = [Figure(measure, n, of or n, month) for n, month in zip(numbers, MONTHS, strict=True)]
    return Series(measure, figures, Figure(measure, 0, 0, date(2010, 1, 1)))


UP_AND_DOWN = [10, 12, 11, 13, 9, 10, 12, 11, 10, 12, 11, 13, 9]


def test_numbers_are_drawn_from_nought_within_the_frame() -> None:
    chart = draw(a_series(UP_AND_DOWN))
    assert chart
    assert len(chart.dots) == 13
    assert all(LEFT < dot.x < RIGHT and TOP <= dot.y < BASE for dot in chart.dots)
    assert [dot.beyond for dot in chart.dots] == [False] * 13
    assert chart.line.count("M") == 1
    assert chart.line.count("L") == 12
    # More is higher up.
    assert chart.dots[3].y < chart.dots[4].y
    assert [label.text for label in chart.labels[:5]] == ["0", "5", "10", "15", "20"]
    assert chart.labels[0].y == BASE + 5
    assert (chart.target, chart.missing) == ("", "")


def test_the_lines_carry_their_names_and_none_lies_upon_another() -> None:
    chart = draw(a_series([95, 96, 94, 95, 96, 95, 94, 96, 95, 96, 94, 95, 96], of=100, target=95))
    assert chart
    beside = [label for label in chart.labels if label.x > RIGHT]
    assert {label.text for label in beside} >= {"Mean 95%", "Target 95%", "96% in Dec"}
    assert [label.text for label in beside if label.strong] == ["96% in Dec"]
    assert all(below.y - above.y >= LINE_HEIGHT for above, below in pairwise(beside))
    assert [label.text for label in chart.labels[:2]] == ["50%", "60%"]


def test_under_the_line_stand_the_months_and_where_a_year_begins() -> None:
    chart = draw(a_series(UP_AND_DOWN))
    assert chart
    under = [label.text for label in chart.labels if label.y > BASE + 10]
    assert under == ["D", "J", "2009", *"FMAMJJASOND"]


def test_what_is_missing_to_the_target_is_hatched_month_by_month() -> None:
    chart = draw(a_series([20] * 11 + [18, 19], of=20, target=95))
    assert chart
    assert chart.missing.count("M") == 1
    left, top, bottom = map(float, re.findall(r"M([\d.]+) ([\d.]+)h[\d.]+V([\d.]+)h", chart.missing)[0])
    assert left < chart.dots[11].x
    assert top < bottom == chart.dots[11].y


def test_what_is_beyond_the_limits_has_a_ring() -> None:
    series = a_series([*UP_AND_DOWN[:12], 40])
    chart = draw(series)
    assert chart
    assert [dot.beyond for dot in chart.dots] == [False] * 12 + [True]
    assert series.beyond[12] == "above the limits"


def test_a_share_of_few_leaves_a_gap() -> None:
    measure = a_measure(Shape.SHARE)
    few = {0, 5, 6}
    figures = [Figure(measure, 4, 5 if n in few else 10, month) for n, month in enumerate(MONTHS)]
    chart = draw(Series(measure, figures, figures[0]))
    assert chart
    assert len(chart.dots) == 10
    assert chart.line.count("M") == 2


@pytest.mark.parametrize("of", [0, 4, 9])
def test_nothing_is_drawn_where_nothing_can_be_told(of: int) -> None:
    measure = a_measure(Shape.SHARE)
    figures = [Figure(measure, 0, of, month) for month in MONTHS]
    series = Series(measure, figures, figures[0])
    assert draw(series) is None
    assert spark_of(series) is None
    assert draw(Series(measure, [], figures[0])) is None
    assert series.finding == "Too few months to say"


def test_nought_in_all_months_is_a_line_upon_the_axis() -> None:
    chart = draw(a_series([0] * 13))
    assert chart
    assert {dot.y for dot in chart.dots} == {BASE}
    assert "always 0" in chart.said


def test_whoever_does_not_see_it_is_told_the_same() -> None:
    chart = draw(a_series([20] * 11 + [18, 18], of=20, target=95, fewer=False))
    assert chart
    assert chart.said == (
        "Line of What is so from December 2008 to December 2009: between 90% and 100%, on average 98%; the target is "
        "95%. Lower than usual in December 2009. The table says the same."
    )


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (5, [0, 1, 2, 3, 4, 5]),
        (7, [0, 2, 4, 6, 8]),
        (42, [0, 10, 20, 30, 40, 50]),
        (2_600, [0, 1000, 2000, 3000]),
    ],
)
def test_the_axis_has_even_steps_that_reach_beyond_the_most(most: float, ticks: list[float]) -> None:
    assert ticks_of(most) == ticks


def test_labels_are_moved_apart_and_stay_within() -> None:
    moved = apart([Label("a", 0, 240), Label("b", 0, 248), Label("c", 0, 30), Label("d", 0, 246)])
    assert [label.text for label in moved] == ["c", "a", "d", "b"]
    assert moved[0].y == 30
    assert moved[-1].y <= BASE
    assert all(below.y - above.y >= LINE_HEIGHT for above, below in pairwise(moved))
    assert apart([]) == []


def test_a_small_line_stays_in_its_frame_and_ends_with_a_dot() -> None:
    for numbers in (UP_AND_DOWN, [5] * 13, [0] * 12 + [1000]):
        spark = spark_of(a_series(numbers))
        assert spark
        places = [tuple(map(float, each)) for each in re.findall(r"([\d.]+) ([\d.]+)", spark.line)]
        assert len(places) == 13
        assert all(0 <= x <= SPARK_WIDTH and 0 <= y <= SPARK_HEIGHT for x, y in places)
        assert (spark.x, spark.y) == places[-1]


def test_a_point_by_itself_has_no_line() -> None:
    assert path_of([None, (1, 2), None]) == ""
    assert path_of([(1, 2), (3, 4), None, (5, 6)]) == "M1.0 2.0L3.0 4.0"


# --- the week ------------------------------------------------------------------------------------


def test_a_week_is_known_by_its_parts() -> None:
    assert is_week(BY_CODE["referrals_by_hour"].names(set()))
    assert not is_week(BY_CODE["referrals"].names(set()))
    assert not is_week([])
    assert not is_week(["1-09", "8-09"])
    assert not is_week(["1-24"])


def test_the_busiest_hour_is_darkest() -> None:
    measure = BY_CODE["referrals_by_hour"]

    def part(code: str, number: int) -> tuple[str, Series]:
        figures = [Figure(measure, number, number, month, None, code) for month in MONTHS]
        return code, Series(measure, figures, figures[-1])

    numbers = {"1-09": 4, "2-09": 1, "1-17": 2}
    week = week_of([part(code, numbers.get(code, 0)) for code in measure.names(set())])
    assert [len(hour.cells) for hour in week.hours] == [7] * 24
    assert (week.hours[0].name, week.hours[12].name, week.hours[23].full) == (
        "midnight",
        "midday",
        "11pm to midnight",
    )
    nine = week.hours[9].cells
    assert [(cell.figure.of, cell.shade) for cell in nine[:3]] == [(52, 4), (13, 1), (0, 0)]
    assert week.hours[17].cells[0].shade == 2
    assert (nine[0].figure.since, nine[0].figure.month) == (MONTHS[0], MONTHS[12])
    assert week.finding == "Most came on a Monday, and most between 9am and 10am"


# --- what a series says ---------------------------------------------------------------------------


def test_a_change_that_lasts_is_said_since_when() -> None:
    up = a_series([*[5, 6, 5, 6, 5], *[11, 12, 11, 12, 11, 12, 11, 12]], fewer=True)
    assert up.finding == "Higher than usual since May 2009"
    assert up.worse
    assert not a_series([*[5, 6, 5, 6, 5], *[11, 12, 11, 12, 11, 12, 11, 12]], fewer=False).worse
    over = a_series([*[11, 12, 11, 12, 11, 12, 11, 12], *[9, 10, 9, 10, 9]], fewer=True)
    assert over.finding == "Higher than usual from December 2008 to July 2009"
    assert over.changed is None
    assert not over.worse
    assert a_series(UP_AND_DOWN).finding == "No more than chance"


def test_a_figure_says_what_it_can() -> None:
    measure = a_measure(Shape.SHARE, target=95)
    assert [Figure(measure, *each).words for each in ((19, 20), (4, 5), (0, 0), (949, 1000))] == [
        *("95%", "4 of 5", "none", "94%")
    ]
    assert [Figure(measure, *each).short for each in ((19, 20), (18, 20), (1, 9))] == [False, True, False]
    assert Figure(a_measure(), 1050, 1050).words == "1,050"
