"""The handbook's table of worked dates, row by row: two people get the same date."""

from datetime import date, datetime
from itertools import islice

import pytest

from deadlines import rules, schedules
from deadlines.clock import LONDON
from deadlines.rule import Rule

pytestmark = pytest.mark.django_db


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("rule", "event", "due_on", "do_by"),
    [
        (rules.TRIAGE_OTHER, date(2009, 12, 24), date(2009, 12, 29), None),
        (rules.TRIAGE_OTHER, date(2010, 4, 1), date(2010, 4, 6), None),
        (rules.SS_UPDATE, date(2009, 12, 11), date(2009, 12, 25), date(2009, 12, 24)),
        (rules.SS_UPDATE, date(2010, 3, 22), date(2010, 4, 5), date(2010, 4, 1)),
        (rules.CRAM_REVIEW, date(2009, 11, 16), date(2009, 12, 28), date(2009, 12, 24)),
        (rules.INITIAL_CONFERENCE, date(2009, 12, 13), date(2010, 1, 6), None),
        (rules.INITIAL_CONFERENCE, date(2009, 12, 14), date(2010, 1, 7), None),
        (rules.INITIAL_CONFERENCE, date(2010, 3, 22), date(2010, 4, 14), None),
        (rules.CORE_GROUP_FIRST, date(2009, 12, 16), date(2010, 1, 4), None),
        (rules.REVIEW_CONFERENCE_FIRST, date(2009, 11, 30), date(2010, 2, 28), date(2010, 2, 26)),
    ],
)
def test_counted_on(rule: Rule, event: date, due_on: date, do_by: date | None) -> None:
    due = rule.due(event)
    assert (due.due_on, due.do_by) == (due_on, do_by)


def test_chases_of_11_december() -> None:
    falls = [(chase.due_on, chase.do_by) for chase in islice(schedules.chases(date(2009, 12, 11)), 3)]
    assert falls == [
        (date(2009, 12, 25), date(2009, 12, 24)),
        (date(2010, 1, 1), date(2009, 12, 31)),
        (date(2010, 1, 8), None),
    ]


@pytest.mark.parametrize(
    ("rule", "conference", "due_on"),
    [
        (rules.CRAM_BEFORE_INITIAL, date(2010, 4, 6), date(2010, 3, 30)),
        (rules.REPORT_BEFORE_INITIAL, date(2010, 4, 6), date(2010, 3, 31)),
        (rules.CRAM_BEFORE_REVIEW, date(2010, 1, 5), date(2009, 12, 23)),
        (rules.REPORT_BEFORE_REVIEW, date(2010, 1, 5), date(2009, 12, 24)),
    ],
)
def test_counted_back(rule: Rule, conference: date, due_on: date) -> None:
    due = rule.due(conference, known=date(2009, 12, 1))
    assert due.due_on == due_on
    assert not due.short_notice


@pytest.mark.parametrize(
    ("taken", "ends"),
    [
        (london(2010, 3, 26, 22, 30), london(2010, 3, 29, 23, 30)),
        (london(2009, 10, 24, 10, 0), london(2009, 10, 27, 9, 0)),
    ],
)
def test_police_protection_over_a_clock_change(taken: datetime, ends: datetime) -> None:
    due = rules.S46_END.due(taken)
    assert due.due_at == ends
    assert due.due_on == ends.date()


def test_one_review_answers_both() -> None:
    review = rules.CRAM_REVIEW.due(date(2009, 12, 14))
    supervision = schedules.supervision_by(
        london(2009, 12, 13, 9, 0), [london(2009, 12, 14, 9, 0), london(2009, 12, 21, 9, 0)]
    )
    assert (review.due_on, supervision.due_on) == (date(2010, 1, 25), date(2010, 1, 18))
    one = schedules.one_review(review.due_on, supervision.due_on, known=date(2009, 12, 21))
    assert one == date(2010, 1, 18)
