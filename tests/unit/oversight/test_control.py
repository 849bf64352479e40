"""The limits of chance, against an example worked by hand, and what is a change."""

from __future__ import annotations

import pytest

from oversight.control import Limits, Signal, limits_of, signals_of

# Mean 88 / 8 = 11; the changes are 2, 1, 2, 4, 1, 2, 1, together 13, on average 13 / 7; times 2.66 that is 4.94.
KNOWN = (10, 12, 11, 13, 9, 10, 12, 11)


def test_an_example_worked_by_hand() -> None:
    limits = limits_of(KNOWN)
    assert limits
    assert (limits.mean, round(limits.low, 2), round(limits.high, 2)) == (11, 6.06, 15.94)
    assert signals_of(KNOWN, limits) == ()


def test_a_month_beyond_the_limits_is_a_change_and_one_on_them_is_none() -> None:
    limits = Limits(mean=11, low=6, high=16)
    assert signals_of((11, 16, 17, 6, 5), limits) == (Signal(2, 2, higher=True), Signal(4, 4, higher=False))


@pytest.mark.parametrize("number", range(8))
def test_of_fewer_than_eight_months_nothing_is_said(number: int) -> None:
    assert limits_of((*KNOWN[:number], *[None] * 6)) is None
    assert signals_of(KNOWN[:number], None) == ()


def test_months_without_a_value_are_passed_over() -> None:
    """They break no row, and count in no mean; the places stay those of all months."""
    assert limits_of((None, *KNOWN[:4], None, *KNOWN[4:])) == limits_of(KNOWN)
    limits = Limits(mean=5, low=0, high=10)
    assert signals_of((None, 6, 6, None, 6, 6, 6, 6, 6, 6), limits) == (Signal(1, 9, higher=True),)


def test_what_never_changes_has_limits_upon_its_mean() -> None:
    limits = limits_of((7,) * 9)
    assert limits == Limits(7, 7, 7)
    assert signals_of((7,) * 9, limits) == ()
    # Thirteen times 16.67 per cent: the mean is not exactly each of them, and nothing has changed.
    for share in (200 / 12, 100 / 3, 70.1):
        assert signals_of((share,) * 13, limits_of((share,) * 13, most=100)) == ()


def test_nothing_is_expected_below_nought_nor_a_share_beyond_the_whole() -> None:
    shares = (100, 90, 100, 92, 100, 100, 94, 100)
    limits = limits_of(shares, most=100)
    assert limits
    assert limits.high == 100
    assert limits.low > 0
    unlimited = limits_of(shares)
    assert unlimited
    assert unlimited.high > 100
    few = limits_of((0, 3, 0, 2, 0, 4, 0, 1))
    assert few
    assert few.low == 0


def test_eight_in_a_row_on_one_side_of_the_mean_are_a_change_and_seven_are_none() -> None:
    limits = Limits(mean=10, low=0, high=20)
    seven, eight = [11] * 7, [9] * 8
    assert signals_of((9, *seven, 9), limits) == ()
    assert signals_of((11, *eight, 11), limits) == (Signal(1, 8, higher=False),)
    # One upon the mean is on neither side.
    assert signals_of((*[9] * 4, 10, *[9] * 4), limits) == ()


def test_changes_come_in_the_order_in_which_they_end() -> None:
    limits = Limits(mean=10, low=5, high=15)
    assert signals_of((11, 11, 16, 11, 11, 11, 11, 11, 4), limits) == (
        Signal(2, 2, higher=True),
        Signal(0, 7, higher=True),
        Signal(8, 8, higher=False),
    )
