"""Every rule has its limit, and each clock is counted as the handbook says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from deadlines import rules
from deadlines.calendar import BeyondCalendar
from deadlines.clock import LONDON
from deadlines.enums import Clock, Direction
from deadlines.models import Limit
from deadlines.rule import NoLimit, Rule

pytestmark = pytest.mark.django_db

H, D, WD, M = Clock.HOURS, Clock.DAYS, Clock.WORKING_DAYS, Clock.MONTHS
AFTER, BEFORE = Direction.AFTER, Direction.BEFORE

# The handbook's table, written out once more by hand.
TABLE = {
    "TRIAGE-URGENT": (1, H, AFTER),
    "TRIAGE-OTHER": (1, WD, AFTER),
    "PHONE-CONFIRMATION": (1, WD, AFTER),
    "CRAM-FIRST": (24, H, AFTER),
    "ENDORSEMENT": (1, WD, AFTER),
    "SS-UPDATE": (14, D, AFTER),
    "SS-CHASE": (7, D, AFTER),
    "CRAM-REVIEW": (42, D, AFTER),
    "CRAM-BEFORE-INITIAL": (3, WD, BEFORE),
    "CRAM-BEFORE-REVIEW": (6, WD, BEFORE),
    "REPORT-BEFORE-INITIAL": (2, WD, BEFORE),
    "REPORT-BEFORE-REVIEW": (5, WD, BEFORE),
    "BRIEFING": (0, H, BEFORE),
    "DEBRIEF": (1, WD, AFTER),
    "INITIAL-CONFERENCE": (15, WD, AFTER),
    "CORE-GROUP-FIRST": (10, WD, AFTER),
    "CORE-GROUP-NEXT": (42, D, AFTER),
    "REVIEW-CONFERENCE-FIRST": (3, M, AFTER),
    "REVIEW-CONFERENCE-NEXT": (6, M, AFTER),
    "S46-END": (72, H, AFTER),
    "ALLOCATION": (1, WD, AFTER),
    "CHILD-SEEN": (24, H, AFTER),
    "SUPERVISION-FIRST": (24, H, AFTER),
    "SUPERVISION-SECOND": (7, D, AFTER),
    "SUPERVISION-NEXT": (28, D, AFTER),
    "INFORMATION-REQUEST": (5, WD, AFTER),
    "CONFERENCE-OUTCOME": (1, WD, AFTER),
    "ONE-REVIEW": (7, D, AFTER),
    # Not in the handbook: our own, so that nothing lies unseen between triage and closure (ADR 13).
    "DECISION-URGENT": (4, H, AFTER),
    "DECISION": (1, WD, AFTER),
    "UPDATE-JUDGED": (1, WD, AFTER),
    "CLOSURE-ANSWER": (1, WD, AFTER),
    "TRANSFER-ANSWER": (1, WD, AFTER),
    # Nor this: a child who was on a plan before CAIT is assessed at go-live, within the days between two reviews.
    "CRAM-ON-PLAN": (42, D, AFTER),
    # Nor these: what follows from an assessment of the risk. Of the last three the date is chosen, this one offered.
    "CRAM-RETURNED": (1, WD, AFTER),
    "GAP": (5, WD, AFTER),
    "MEASURE-CHECK": (28, D, AFTER),
    "RESEARCH": (1, WD, AFTER),
    # Nor this: of what is to be done on a record the date is chosen too.
    "ACTION": (5, WD, AFTER),
    # Nor these: the first step before a conference, whether police attend a review, and what comes back afterwards.
    "RESEARCH-BEFORE-INITIAL": (4, WD, BEFORE),
    "RESEARCH-BEFORE-REVIEW": (7, WD, BEFORE),
    "ATTENDANCE-DECIDED": (6, WD, BEFORE),
    "MINUTES": (20, WD, AFTER),
    # Nor these: who is told that a duty is late, and what the nightly check found (ADR 21, 22).
    "LATE-TO-SUPERVISOR": (24, H, AFTER),
    "LATE-TO-INSPECTOR": (72, H, AFTER),
    "LATE-TO-COMMAND": (336, H, AFTER),
    "CHECK-FINDING": (1, WD, AFTER),
}


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[misc, arg-type]


def change(rule: Rule, value: int, effective_from: date) -> None:
    Limit.objects.create(rule=rule.code, value=value, effective_from=effective_from, reason="Test")


# --- rules and reference data --------------------------------------------------------------------


def test_rules_are_the_handbooks_table() -> None:
    in_force = {
        code: (rule.limit_on(date(2009, 12, 14)).value, rule.clock, rule.direction)
        for code, rule in rules.RULES.items()
    }
    assert in_force == TABLE


def test_every_limit_has_a_rule_and_every_rule_a_limit() -> None:
    assert set(Limit.objects.values_list("rule", flat=True)) == set(rules.RULES)


def test_values_go_back_to_the_first_year_of_the_calendar() -> None:
    for rule in rules.RULES.values():
        assert rule.limit_on(date(2004, 1, 1)).effective_from == date(2004, 1, 1), rule.code


def test_every_rule_says_what_it_is() -> None:
    for code, rule in rules.RULES.items():
        assert rule.code == code
        assert rule.name
        assert rule.starts_with
        assert rule.source


def test_code_is_given_once() -> None:
    with pytest.raises(ValueError, match="Two time limits are called SS-UPDATE"):
        rules._rule("SS-UPDATE", "again", "again", D, "Test")
    assert rules.RULES["SS-UPDATE"] is rules.SS_UPDATE


def test_changed_value_applies_to_events_from_its_date() -> None:
    set_before = rules.SS_UPDATE.due(date(2009, 12, 11))
    change(rules.SS_UPDATE, 10, date(2009, 12, 12))
    assert rules.SS_UPDATE.due(date(2009, 12, 11)) == set_before, "a date already set does not move"
    assert rules.SS_UPDATE.due(date(2009, 12, 12)).due_on == date(2009, 12, 22)
    change(rules.SS_UPDATE, 20, date(2010, 1, 1))
    assert rules.SS_UPDATE.due(date(2009, 12, 31)).due_on == date(2010, 1, 10)
    assert rules.SS_UPDATE.due(date(2010, 1, 1)).due_on == date(2010, 1, 21)


def test_london_date_of_the_event_picks_the_value() -> None:
    change(rules.SS_UPDATE, 10, date(2010, 6, 2))
    assert rules.SS_UPDATE.due(datetime(2010, 6, 1, 22, 59, tzinfo=UTC)).due_on == date(2010, 6, 15)
    assert rules.SS_UPDATE.due(datetime(2010, 6, 1, 23, 0, tzinfo=UTC)).due_on == date(2010, 6, 12)


def test_booking_picks_the_value_before_a_conference() -> None:
    change(rules.REPORT_BEFORE_INITIAL, 4, date(2010, 3, 15))
    conference = date(2010, 4, 6)
    assert rules.REPORT_BEFORE_INITIAL.due(conference, known=date(2010, 3, 14)).due_on == date(2010, 3, 31)
    assert rules.REPORT_BEFORE_INITIAL.due(conference, known=date(2010, 3, 15)).due_on == date(2010, 3, 29)


def test_event_picks_the_value_though_known_only_later() -> None:
    change(rules.SS_UPDATE, 10, date(2009, 12, 12))
    due = rules.SS_UPDATE.due(date(2009, 12, 11), known=date(2009, 12, 14))
    assert (due.due_on, due.short_notice) == (date(2009, 12, 25), False)


def test_event_before_the_first_value() -> None:
    with pytest.raises(NoLimit, match=r"SS-UPDATE .* has no value for Wed 31 Dec 2003"):
        rules.SS_UPDATE.due(date(2003, 12, 31))


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"rule": "SS-UPDATE", "value": 0}, "deadlines_limit_above_zero"),
        ({"rule": "SS-UPDATE", "value": 9, "effective_from": date(2004, 1, 1)}, "deadlines_limit_once_a_day"),
        ({"rule": "INITIAL-CONFERENCE", "value": 9}, "deadlines_limit_counted_from"),
        ({"rule": "INITIAL-CONFERENCE", "value": 9, "counted_from": "first"}, "deadlines_limit_counted_from"),
        ({"rule": "SS-UPDATE", "value": 9, "counted_from": "last"}, "deadlines_limit_counted_from"),
    ],
)
def test_refused_by_the_database(fields: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        Limit.objects.create(**{"effective_from": date(2012, 1, 1), "reason": "Test", **fields})


# --- hours ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "start", "due_at"),
    [
        (rules.CRAM_FIRST, at(2010, 3, 27, 12, 0), at(2010, 3, 28, 13, 0)),  # a night of 23 hours
        (rules.CRAM_FIRST, at(2009, 10, 24, 12, 0), at(2009, 10, 25, 11, 0)),  # a night of 25
        (rules.TRIAGE_URGENT, at(2010, 3, 28, 0, 30), at(2010, 3, 28, 2, 30)),
        (rules.TRIAGE_URGENT, at(2009, 10, 25, 1, 30), at(2009, 10, 25, 1, 30).replace(fold=1)),
        (rules.TRIAGE_URGENT, at(2009, 10, 25, 1, 30).replace(fold=1), at(2009, 10, 25, 2, 30)),
        (rules.S46_END, at(2009, 12, 24, 18, 0), at(2009, 12, 27, 18, 0)),  # no day is left out
    ],
)
def test_hours_are_elapsed(rule: Rule, start: datetime, due_at: datetime) -> None:
    due = rule.due(start)
    assert due.due_at == due_at.astimezone(UTC)
    assert due.due_on == due_at.date()
    assert due.do_by is None


@given(st.datetimes(datetime(2005, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_police_protection_is_72_hours_on_any_day(taken: datetime) -> None:
    due_at = rules.S46_END.count(taken.astimezone(LONDON), 72).due_at
    assert due_at is not None
    assert due_at - taken == timedelta(hours=72)


def test_hours_are_late_from_the_minute() -> None:
    due = rules.S46_END.due(at(2010, 3, 26, 22, 30))
    assert not due.is_late(at(2010, 3, 29, 23, 29))
    assert due.is_late(at(2010, 3, 29, 23, 30))


def test_hours_need_a_time_and_a_zone() -> None:
    with pytest.raises(TypeError, match="date and time is needed"):
        rules.S46_END.due(date(2010, 3, 26))
    with pytest.raises(ValueError, match="has no time zone"):
        rules.S46_END.due(datetime(2010, 3, 26, 22, 30))  # noqa: DTZ001


# --- days ----------------------------------------------------------------------------------------


def test_day_rule_takes_the_london_date_of_a_moment() -> None:
    late_evening = datetime(2010, 6, 1, 23, 30, tzinfo=UTC)  # Wed 2 June in London
    assert rules.SS_UPDATE.due(late_evening) == rules.SS_UPDATE.due(date(2010, 6, 2))


def test_day_rule_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        rules.SS_UPDATE.due(datetime(2010, 6, 1, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "last_moment", "late"),
    [
        (date(2010, 3, 14), at(2010, 3, 28, 23, 59), at(2010, 3, 29, 0, 0)),  # due on the day of 23 hours
        (date(2009, 10, 11), at(2009, 10, 25, 23, 59), at(2009, 10, 26, 0, 0)),  # and of 25
        (date(2009, 12, 11), at(2009, 12, 25, 23, 59), at(2009, 12, 26, 0, 0)),  # never rolls
    ],
)
def test_days_are_late_from_the_next_london_midnight(start: date, last_moment: datetime, late: datetime) -> None:
    due = rules.SS_UPDATE.due(start)
    assert due.due_at is None
    assert not due.is_late(last_moment)
    assert due.is_late(late)
    assert due.late_from == late


def test_lateness_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        rules.SS_UPDATE.due(date(2010, 6, 1)).is_late(datetime(2010, 6, 1, 12))  # noqa: DTZ001


@pytest.mark.parametrize("event", [date(2009, 12, 24), date(2009, 12, 25), date(2009, 12, 27), date(2009, 12, 28)])
def test_event_on_a_day_that_is_not_worked_is_still_day_0(event: date) -> None:
    assert rules.TRIAGE_OTHER.due(event).due_on == date(2009, 12, 29)


def test_christmas_to_new_year() -> None:
    assert rules.INFORMATION_REQUEST.due(date(2009, 12, 23)).due_on == date(2010, 1, 4)


def test_do_by_never_lies_before_the_event() -> None:
    change(rules.SS_UPDATE, 1, date(2009, 12, 26))
    due = rules.SS_UPDATE.due(date(2009, 12, 26))
    assert (due.due_on, due.do_by) == (date(2009, 12, 27), None)


def test_months_from_29_february() -> None:
    assert rules.REVIEW_CONFERENCE_FIRST.due(date(2007, 11, 30)).due_on == date(2008, 2, 29)
    assert rules.REVIEW_CONFERENCE_NEXT.due(date(2008, 2, 29)).due_on == date(2008, 8, 29)


# --- beyond the calendar -------------------------------------------------------------------------


def test_working_days_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(BeyondCalendar, match="bank holidays of 2029 have not been entered"):
        rules.TRIAGE_OTHER.due(date(2028, 12, 29))
    with pytest.raises(BeyondCalendar, match="bank holidays of 2003 have not been entered"):
        rules.CRAM_BEFORE_REVIEW.due(date(2004, 1, 6), known=date(2004, 1, 1))


def test_calendar_days_go_beyond_the_calendar_and_say_what_is_not_known() -> None:
    due = rules.SS_UPDATE.due(date(2028, 12, 24))
    assert (due.due_on, due.do_by) == (date(2029, 1, 7), None)
    assert due.why.notes[0].startswith("the last working day before it is not known: The bank holidays of 2029")


# --- short notice --------------------------------------------------------------------------------


def test_conference_booked_at_two_days_notice() -> None:
    booked = at(2010, 4, 1, 16, 0)
    cram = rules.CRAM_BEFORE_INITIAL.due(date(2010, 4, 6), known=booked)
    assert cram.short_notice
    assert cram.due_on == date(2010, 4, 1)
    assert cram.late_from == at(2010, 4, 2, 0, 0)
    assert "short notice: known on Thu 1 Apr 2010, so due at once" in cram.why.sentence()
    assert cram.why.counted == date(2010, 3, 30), "what the count gave is kept"


def test_due_on_the_day_it_became_known_is_not_short_notice() -> None:
    report = rules.REPORT_BEFORE_INITIAL.due(date(2010, 4, 6), known=at(2010, 3, 31, 16, 0))
    assert (report.due_on, report.short_notice) == (date(2010, 3, 31), False)


def test_counting_back_needs_to_know_since_when() -> None:
    with pytest.raises(TypeError, match="say when the event became known"):
        rules.REPORT_BEFORE_INITIAL.due(date(2010, 4, 6))


def test_briefing_is_due_by_the_start() -> None:
    due = rules.BRIEFING.due(at(2010, 4, 6, 10, 0), known=at(2010, 3, 15, 9, 0))
    assert due.due_at == due.late_from == at(2010, 4, 6, 10, 0)
    assert due.why.sentence().startswith("by Tue 6 Apr 2010, 10am (conference) = Tue 6 Apr 2010, 10am; rule BRIEFING")


def test_briefing_at_short_notice() -> None:
    change(rules.BRIEFING, 24, date(2010, 4, 1))
    due = rules.BRIEFING.due(at(2010, 4, 6, 10, 0), known=at(2010, 4, 6, 9, 0))
    assert due.short_notice
    assert due.due_at == due.late_from == at(2010, 4, 6, 9, 0)


def test_known_at_the_very_moment_is_not_short_notice() -> None:
    start = at(2010, 4, 6, 10, 0)
    assert not rules.BRIEFING.due(start, known=start).short_notice


# --- chosen by whoever writes it down ------------------------------------------------------------


def test_a_date_that_somebody_chose_says_so_and_is_late_from_the_next_midnight() -> None:
    raised = at(2009, 12, 14, 10, 0)
    due = rules.GAP.chosen(date(2009, 12, 16), raised)
    assert (due.due_on, due.due_at, due.late_from) == (date(2009, 12, 16), None, at(2009, 12, 17))
    assert (due.why.started, due.why.counted, due.why.notes) == (
        date(2009, 12, 14),
        date(2009, 12, 16),
        ("the date was chosen by whoever wrote it down",),
    )
    assert rules.GAP.is_chosen(due, date(2009, 12, 16))
    assert not rules.GAP.is_chosen(due, date(2009, 12, 17))
    assert not rules.RESEARCH.is_chosen(due, date(2009, 12, 16))
    assert not rules.GAP.is_chosen(replace(due, due_on=date(2009, 12, 18)), date(2009, 12, 16))


def test_a_date_that_was_chosen_before_its_event_is_due_at_once() -> None:
    due = rules.MEASURE_CHECK.chosen(date(2009, 12, 1), at(2009, 12, 14, 10, 0))
    assert (due.due_on, due.short_notice) == (date(2009, 12, 14), True)
    assert rules.MEASURE_CHECK.is_chosen(due, date(2009, 12, 1))


def test_the_day_that_is_offered_is_the_rules_and_none_beyond_the_calendar() -> None:
    assert rules.GAP.offered(at(2009, 12, 24, 10, 0)) == date(2010, 1, 5)
    assert rules.GAP.offered(at(2040, 3, 5, 10, 0)) is None
