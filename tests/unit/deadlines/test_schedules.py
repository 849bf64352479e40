"""Limits that hang together."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from deadlines import rules, schedules
from deadlines.enums import CountedFrom
from deadlines.models import Limit

pytestmark = pytest.mark.django_db

DECIDED = date(2009, 12, 11)
DAY = timedelta(days=1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


# --- chases --------------------------------------------------------------------------------------


def test_first_chase_falls_when_the_update_is_due() -> None:
    assert schedules.chase(DECIDED, 1).due_on == rules.SS_UPDATE.due(DECIDED).due_on


def test_chases_go_on_for_ever_7_days_apart() -> None:
    falls = [chase.due_on for chase in islice(schedules.chases(DECIDED), 30)]
    assert falls == [DECIDED + (14 + 7 * k) * DAY for k in range(30)]


def test_chases_go_on_beyond_the_calendar() -> None:
    assert schedules.chase(date(2028, 12, 11), 6).due_on == date(2029, 1, 29)


def test_chase_says_which_it_is() -> None:
    assert schedules.chase(DECIDED, 2).why.sentence() == (
        "21 days from Fri 11 Dec 2009 (decision: Social Services only) = Fri 1 Jan 2010; "
        "rule SS-CHASE [CAIT default]; chase 2: the first on day 14, then every 7 days"
    )


def test_the_first_chase_says_whose_limit_it_keeps() -> None:
    assert "rule SS-UPDATE [HMIC 2010, AFI 2]" in schedules.chase(DECIDED, 1).why.sentence()


def test_there_is_no_chase_0() -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        schedules.chase(DECIDED, 0)


def test_changed_limits_do_not_move_chases_of_an_earlier_decision() -> None:
    for rule, value in (("SS-UPDATE", 10), ("SS-CHASE", 3)):
        Limit.objects.create(rule=rule, value=value, effective_from=date(2009, 12, 12), reason="Test")
    assert schedules.chase(DECIDED, 3).due_on == date(2010, 1, 8)
    assert schedules.chase(date(2009, 12, 12), 3).due_on == date(2009, 12, 28)


def test_chases_fallen_counts_the_days_of_the_chases() -> None:
    falls = [chase.due_on for chase in islice(schedules.chases(DECIDED), 10)]
    for days in range(60):
        by = DECIDED + days * DAY
        assert schedules.chases_fallen(DECIDED, by) == sum(fall <= by for fall in falls), by


# --- CRAM reviews --------------------------------------------------------------------------------

SUBMITTED = date(2009, 11, 16)


def test_review_is_brought_forward_to_an_earlier_core_group() -> None:
    due = schedules.cram_review(SUBMITTED, core_groups=[date(2009, 12, 20), date(2010, 1, 30)])
    assert (due.due_on, due.do_by) == (date(2009, 12, 20), date(2009, 12, 18))
    assert due.why.sentence() == (
        "42 days from Mon 16 Nov 2009 (last CRAM submitted) = Mon 28 Dec 2009; rule CRAM-REVIEW [HMIC 2010, AFI 1]; "
        "brought forward to the core group on Sun 20 Dec 2009"
    )


@pytest.mark.parametrize(
    "core_groups",
    [[], [date(2009, 11, 16)], [date(2009, 11, 2)], [date(2009, 12, 28)], [date(2010, 1, 4)]],
    ids=["none", "same day", "before", "same date as the review", "later"],
)
def test_review_is_not_moved_by_other_core_groups(core_groups: list[date]) -> None:
    assert schedules.cram_review(SUBMITTED, core_groups=core_groups) == rules.CRAM_REVIEW.due(SUBMITTED)


def test_earliest_core_group_after_the_cram_counts() -> None:
    core_groups = [date(2009, 12, 21), date(2009, 11, 9), date(2009, 12, 7)]
    assert schedules.cram_review(SUBMITTED, core_groups=core_groups).due_on == date(2009, 12, 7)


def test_core_group_already_over_when_known() -> None:
    due = schedules.cram_review(SUBMITTED, core_groups=[date(2009, 12, 7)], known=noon(date(2009, 12, 9)))
    assert (due.due_on, due.short_notice) == (date(2009, 12, 9), True)


def test_a_review_that_was_brought_forward_is_known_by_its_core_group() -> None:
    group, rule = date(2009, 12, 7), rules.CRAM_REVIEW
    known = noon(date(2009, 12, 1))
    due = schedules.cram_review(SUBMITTED, core_groups=[group], known=known)
    assert due == schedules.brought_forward(rule.due(SUBMITTED), group, known=known)
    assert rule.gave(due, SUBMITTED, known=known, brought_to=group)
    assert not rule.gave(due, SUBMITTED), "no core group brings it forward any more"
    assert not rule.gave(due, SUBMITTED, known=known, brought_to=group + DAY)
    assert not rule.gave(rule.due(SUBMITTED), SUBMITTED, known=known, brought_to=group)


def test_one_that_was_due_at_once_for_a_core_group_is_not_so_for_another() -> None:
    group, rule, known = date(2009, 12, 7), rules.CRAM_REVIEW, noon(date(2009, 12, 9))
    over = schedules.cram_review(SUBMITTED, core_groups=[group], known=known)
    assert rule.gave(over, SUBMITTED, known=known, brought_to=group)
    assert not rule.gave(over, SUBMITTED, known=known + DAY, brought_to=date(2009, 12, 20)), "it was moved"
    assert not rule.gave(over, SUBMITTED), "it was cancelled"


@pytest.mark.parametrize(
    ("days", "first"),
    [
        ([], None),
        ([date(2009, 11, 16), date(2009, 12, 28), date(2010, 1, 4)], None),
        ([date(2009, 12, 21), date(2009, 11, 9), date(2009, 12, 7)], date(2009, 12, 7)),
    ],
    ids=["none", "the day of the CRAM, and from its own date on", "the first between"],
)
def test_the_core_group_for_a_review_is_the_first_between(days: list[date], first: date | None) -> None:
    known = noon(SUBMITTED)
    assert schedules.core_group_for_review(SUBMITTED, [(each, known) for each in days]) == (
        None if first is None else (first, known)
    )
    assert schedules.cram_review(SUBMITTED, core_groups=days).due_on == (first or date(2009, 12, 28))


# --- conferences ---------------------------------------------------------------------------------


def test_a_cram_counts_for_a_conference_for_the_days_between_two_reviews() -> None:
    conference, booked = date(2010, 4, 6), noon(date(2010, 3, 1))
    assert schedules.cram_counts_from(conference, known=booked) == date(2010, 2, 23)
    assert (schedules.is_near(conference, date(2010, 2, 23)), schedules.is_near(conference, date(2010, 2, 22))) == (
        True,
        False,
    )
    Limit.objects.create(rule="CRAM-REVIEW", value=10, effective_from=date(2010, 3, 2), reason="Test")
    assert schedules.cram_counts_from(conference, known=booked) == date(2010, 2, 23), "booked before the change"
    assert schedules.cram_counts_from(conference, known=booked + DAY) == date(2010, 3, 27)
    assert schedules.cram_counts_from(date(2003, 5, 6), known=date(2003, 5, 1)) == date(2003, 5, 6), "no limit then"


def test_last_discussion_counts_before_april_2010() -> None:
    due = schedules.initial_conference_by(date(2009, 12, 7), latest=date(2009, 12, 14))
    assert due.due_on == date(2010, 1, 7)
    assert due.why.event == "the last strategy discussion"


def test_initiating_discussion_counts_from_april_2010() -> None:
    last_of_march = schedules.initial_conference_by(date(2010, 3, 31), latest=date(2010, 4, 9))
    first_of_april = schedules.initial_conference_by(date(2010, 4, 1), latest=date(2010, 4, 9))
    assert last_of_march.why.started == date(2010, 4, 9)
    assert first_of_april.why.started == date(2010, 4, 1)
    assert first_of_april.due_on == date(2010, 4, 26)
    assert first_of_april.why.event == "the strategy discussion that initiated section 47 enquiries"


def test_area_may_count_otherwise() -> None:
    first, last = date(2010, 5, 4), date(2010, 5, 10)
    due = schedules.initial_conference_by(first, latest=last, counted_from=CountedFrom.LAST_DISCUSSION)
    assert due.why.started == last
    first, last = date(2009, 5, 5), date(2009, 5, 11)
    due = schedules.initial_conference_by(first, latest=last, counted_from=CountedFrom.INITIATING_DISCUSSION)
    assert due.why.started == first


@pytest.mark.parametrize("day", [date(2009, 12, 14), date(2010, 5, 4)])
def test_only_discussion_counts(day: date) -> None:
    assert schedules.initial_conference_by(day).why.started == day


def test_core_groups_every_6_weeks_from_the_last_one_held() -> None:
    conference = date(2009, 12, 16)
    assert schedules.core_group_by(conference).due_on == date(2010, 1, 4)
    held = [date(2010, 2, 12), date(2009, 12, 30)]
    assert schedules.core_group_by(conference, held[1:]).due_on == date(2010, 2, 10)
    assert schedules.core_group_by(conference, held).due_on == date(2010, 3, 26)


def test_review_conferences_chain_from_the_date_really_held() -> None:
    conference = date(2009, 11, 30)
    assert schedules.review_conference_by(conference).due_on == date(2010, 2, 28)
    held = [date(2010, 8, 31), date(2010, 2, 24)]
    assert schedules.review_conference_by(conference, held[1:]).due_on == date(2010, 8, 24)
    assert schedules.review_conference_by(conference, held).due_on == date(2011, 2, 28)


# --- supervision ---------------------------------------------------------------------------------


def test_supervision_24_hours_then_7_days_then_every_28() -> None:
    allocated = noon(date(2009, 12, 1))
    reviews = [noon(date(2009, 12, 2)), noon(date(2009, 12, 10)), noon(date(2010, 1, 4))]
    first = schedules.supervision_by(allocated)
    assert first.due_at == noon(date(2009, 12, 2))
    falls = [schedules.supervision_by(allocated, reviews[:n]).due_on for n in (1, 2, 3)]
    assert falls == [date(2009, 12, 9), date(2010, 1, 7), date(2010, 2, 1)]
    assert schedules.supervision_by(allocated, reviews[::-1]).due_on == date(2010, 2, 1), "in any order"


@pytest.mark.parametrize(("apart", "one"), [(0, True), (7, True), (8, False)])
def test_one_review_within_7_days(apart: int, one: bool) -> None:
    first = date(2010, 1, 18)
    second = first + apart * DAY
    expected = first if one else None
    assert schedules.one_review(first, second, known=date(2009, 12, 21)) == expected
    assert schedules.one_review(second, first, known=date(2009, 12, 21)) == expected


def test_one_review_by_the_limit_of_the_later_event() -> None:
    Limit.objects.create(rule="ONE-REVIEW", value=2, effective_from=date(2009, 12, 22), reason="Test")
    first, second = date(2010, 1, 18), date(2010, 1, 25)
    assert schedules.one_review(first, second, known=date(2009, 12, 21)) == first
    assert schedules.one_review(first, second, known=date(2009, 12, 22)) is None


def test_the_last_one_held_is_found_among_dates_and_moments() -> None:
    held = [date(2010, 3, 1), datetime(2010, 4, 12, 10, 0, tzinfo=UTC)]
    assert schedules.review_conference_by(date(2009, 11, 30), held).due_on == date(2010, 10, 12)
    assert schedules.core_group_by(date(2009, 11, 30), held).due_on == date(2010, 5, 24)
