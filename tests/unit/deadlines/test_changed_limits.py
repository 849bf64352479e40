"""A date that was worked out with a value that somebody entered says so for ever; and no value is beyond the law."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError

from deadlines import rules, schedules
from deadlines.clock import LONDON
from deadlines.due import Due
from deadlines.models import BankHoliday, Limit
from deadlines.rule import AT_ONCE, LONGEST_REASON, Rule

pytestmark = pytest.mark.django_db

FIRST = date(2009, 12, 14)
DAY = timedelta(days=1)
AFTER_14 = "the limit was changed from Mon 14 Dec 2009 on: the board agreed"


def change(
    rule: Rule, value: int, *, reason: str = "the board agreed", by: int | None = 7, counted_from: str = ""
) -> None:
    Limit.objects.create(
        rule=rule.code,
        value=value,
        counted_from=counted_from,
        effective_from=FIRST,
        reason=reason,
        created_by_id=by,
    )


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=LONDON)


# --- the note ------------------------------------------------------------------------------------


def test_a_date_says_that_its_limit_was_changed_since_when_and_why() -> None:
    change(rules.SS_UPDATE, 10)
    due = rules.SS_UPDATE.due(FIRST)
    assert due.why.sentence() == (
        "10 days from Mon 14 Dec 2009 (decision: Social Services only) = Thu 24 Dec 2009; "
        f"rule SS-UPDATE [HMIC 2010, AFI 2]; {AFTER_14}"
    )
    assert rules.SS_UPDATE.due_or_at_once(FIRST) == due
    assert Due.from_json(due.to_json()) == due
    assert rules.SS_UPDATE.due(FIRST - DAY).why.notes == (), "nor does a date that it was not worked out with"


def test_a_value_that_came_with_cait_needs_no_note() -> None:
    change(rules.SS_UPDATE, 10, by=None)
    assert rules.SS_UPDATE.due(FIRST).why.notes == ()
    for rule in rules.RULES.values():
        assert rule.changed(rule.limit_on(date(2004, 1, 1))) == (), rule.code


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("The board agreed.\nSee its minutes. ", "The board agreed. See its minutes"),
        ("  two   blanks ", "two blanks"),
        ("x" * LONGEST_REASON, "x" * LONGEST_REASON),
        ("x" * 5000, "x" * LONGEST_REASON + " …"),
    ],
)
def test_the_reason_stands_on_one_line_and_is_not_longer_than_is_read(reason: str, said: str) -> None:
    change(rules.SS_UPDATE, 10, reason=reason)
    assert rules.SS_UPDATE.due(FIRST).why.notes == (f"the limit was changed from Mon 14 Dec 2009 on: {said}",)


def test_the_booking_decides_whether_a_limit_that_counts_back_was_changed() -> None:
    change(rules.REPORT_BEFORE_INITIAL, 4)
    conference = date(2010, 4, 6)
    assert rules.REPORT_BEFORE_INITIAL.due(conference, known=FIRST - DAY).why.notes == ()
    assert rules.REPORT_BEFORE_INITIAL.due(conference, known=FIRST).why.notes == (AFTER_14,)


def test_short_notice_is_said_beside_it() -> None:
    change(rules.BRIEFING, 24)
    due = rules.BRIEFING.due(noon(FIRST + DAY), known=noon(FIRST + DAY) - timedelta(hours=1))
    assert due.why.notes[0] == AFTER_14
    assert due.why.notes[1].startswith("short notice")


def test_a_chase_names_each_limit_that_was_changed_and_that_it_was_counted_with() -> None:
    change(rules.SS_CHASE, 3)
    assert schedules.chase(FIRST, 1).why.notes == ("chase 1: the first on day 14, then every 3 days",)
    assert schedules.chase(FIRST, 2).why.notes[1:] == (AFTER_14,)
    change(rules.SS_UPDATE, 10, reason="AFI 2")
    of_update = "was changed from Mon 14 Dec 2009 on: AFI 2"
    assert schedules.chase(FIRST, 1).why.notes[1:] == (f"the limit {of_update}",)
    assert schedules.chase(FIRST, 2).why.notes[1:] == (f"the limit SS-UPDATE {of_update}", AFTER_14)
    assert len(schedules.chase(FIRST - DAY, 2).why.notes) == 1


def test_the_initial_conference_says_it() -> None:
    change(rules.INITIAL_CONFERENCE, 12, counted_from="last")
    assert schedules.initial_conference_by(FIRST).why.notes == (AFTER_14,)
    assert schedules.initial_conference_by(FIRST - DAY, latest=FIRST).why.notes == ()


def test_a_review_that_is_brought_forward_still_says_it() -> None:
    change(rules.CRAM_REVIEW, 40)
    due = schedules.cram_review(FIRST, core_groups=[date(2010, 1, 4)])
    assert due.why.notes == (AFTER_14, "brought forward to the core group on Mon 4 Jan 2010")
    assert len(schedules.cram_review(FIRST - DAY, core_groups=[date(2010, 1, 4)]).why.notes) == 1


def test_beyond_the_calendar_the_reason_is_that_alone() -> None:
    change(rules.TRIAGE_OTHER, 2)
    due = rules.TRIAGE_OTHER.due_or_at_once(date(2029, 3, 5))
    assert [note.startswith(AT_ONCE) for note in due.why.notes] == [True]


# --- known again ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule", [rules.SS_UPDATE, rules.TRIAGE_OTHER, rules.CRAM_FIRST, rules.REVIEW_CONFERENCE_NEXT]
)
def test_a_date_of_a_changed_limit_is_known_as_its_own(rule: Rule) -> None:
    start = noon(FIRST)
    before = rule.due(start)
    change(rule, 5)
    due = rule.due(start)
    assert due.why.notes == (AFTER_14,)
    assert rule.gave(due, start)
    assert not rule.gave(before, start), "another value is in force on that day"
    assert not rule.gave(due, start - DAY)
    assert rule.gave(rule.due(start - DAY), start - DAY)


def test_one_that_is_due_at_once_is_right_whatever_was_changed_or_entered_since() -> None:
    start = date(2029, 3, 5)
    due = rules.TRIAGE_OTHER.due_or_at_once(start)
    change(rules.TRIAGE_OTHER, 3)
    BankHoliday.objects.bulk_create(
        BankHoliday(on=date(2029, 1, 1) + week * 7 * DAY, name="Monday") for week in range(8)
    )
    assert rules.TRIAGE_OTHER.due(start).why.value == 3
    assert rules.TRIAGE_OTHER.gave(due, start)


def test_what_counts_back_beyond_the_calendar_is_due_when_it_became_known() -> None:
    rule, conference, booked = rules.REPORT_BEFORE_INITIAL, noon(date(2029, 3, 7)), noon(date(2028, 12, 1))
    due = rule.due_or_at_once(conference, known=booked)
    assert (due.due_on, [note.startswith(AT_ONCE) for note in due.why.notes]) == (date(2028, 12, 1), [True])
    assert rule.gave(due, conference, known=booked)
    assert not rule.gave(due, conference, known=booked + DAY), "it became known on another day"
    assert not rule.gave(due, conference)


def test_what_counts_back_is_known_by_the_limit_of_the_day_on_which_it_was_booked() -> None:
    rule, conference, booked = rules.REPORT_BEFORE_INITIAL, noon(FIRST + 21 * DAY), noon(FIRST)
    change(rule, 4)
    due = rule.due_or_at_once(conference, known=booked)
    assert (due, due.why.value) == (rule.due(conference, known=booked), 4)
    assert rule.gave(due, conference, known=booked)
    assert not rule.gave(due, conference, known=booked - DAY), "another value was in force on that day"
    assert not rule.gave(due, conference + DAY, known=booked)
    short = rule.due_or_at_once(conference, known=conference - DAY)
    assert (short.short_notice, rule.gave(short, conference, known=conference - DAY)) == (True, True)
    assert not rule.gave(short, conference, known=booked), "it was not booked at short notice"


def test_a_limit_of_nothing_with_a_note_is_not_taken_for_a_date_that_could_not_be_worked_out() -> None:
    """A briefing is due by the start: its value is 0, and so is that of what is due at once."""
    change(rules.BRIEFING, 0)
    start = noon(FIRST + DAY)
    by_the_start = rules.BRIEFING.due(start, known=noon(FIRST))
    assert (by_the_start.why.value, by_the_start.why.notes) == (0, (AFTER_14,))
    assert rules.BRIEFING.gave(by_the_start, start)
    Limit.objects.filter(rule="BRIEFING", effective_from=FIRST).update(value=24)
    assert not rules.BRIEFING.gave(by_the_start, start), "judged as any other: the limit is another"


# --- the law -------------------------------------------------------------------------------------


def test_what_the_law_says() -> None:
    assert rules.S46_END.statute() == "The law says 72 hours at most (Children Act 1989, s46(6))."
    assert [rule for rule in rules.RULES.values() if rule.statute()] == [rules.S46_END]


def test_no_value_that_came_with_cait_is_beyond_the_law() -> None:
    for rule in rules.RULES.values():
        if rule.statutory_most is not None:
            assert all(limit.value <= rule.statutory_most for limit in Limit.objects.filter(rule=rule.code))


@pytest.mark.parametrize("rule", [rule for rule in rules.RULES.values() if rule.statutory_most is not None])
def test_the_database_refuses_a_limit_beyond_the_law(rule: Rule) -> None:
    """Of every rule of a statute, so that none is said in `rules` alone."""
    most = rule.statutory_most or 0
    change(rule, most)
    with pytest.raises(IntegrityError, match="deadlines_limit_within_the_law"):
        Limit.objects.filter(rule=rule.code, effective_from=FIRST).update(value=most + 1)
