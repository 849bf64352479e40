"""Every duty that conferences, plans and core groups bring: there once, on its date, moved and ended with them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from cases.closure import in_the_way
from cases.models import Case, Entry
from conferences.actions import (
    Decided,
    brief_officer,
    cancel_conference,
    cancel_core_group,
    correct_outcome,
    decide_attendance,
    end_plan,
    move_conference,
    move_core_group,
    record_attendance,
    record_outcomes,
    withdraw_plan,
)
from conferences.calendar import meetings
from conferences.enums import Attending, ConferenceKind, CoreGroupState, Outcome, PlanCategory, PlanEnd, StepKind
from conferences.models import Conference, CoreGroup, OutcomeFor, Plan
from conferences.queries import steps_done
from cram.enums import AssessmentKind
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState
from team.enums import Role
from team.models import User
from tests.factories.assessing import an_assessment, assessed, submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import (
    a_conference,
    a_core_group,
    a_plan,
    a_review,
    children_on,
    core_group_held,
    decided,
    held,
    on_a_plan,
)
from tests.factories.referrals import a_case, a_child
from tests.factories.researching import searched
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
ALL_OF_IT = {
    "conference_research",
    "conference_cram",
    "conference_report",
    "conference_briefing",
    "conference_outcome",
}


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def system() -> User:
    return User.objects.system()


def at(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour, 0, tzinfo=LONDON)


def open_duties(case: Case, subject: int | None = None) -> dict[str, date]:
    rows = Duty.objects.filter(case=case, state=DutyState.OPEN)
    if subject is not None:
        rows = rows.filter(subject=subject)
    return dict(rows.values_list("kind", "due_on"))


def sound(case: Case) -> None:
    """Two accounts of one thing agree: what the actions raised, and what the facts say."""
    assert findings_of(case) == []


# --- before --------------------------------------------------------------------------------------

# An initial conference on Tuesday 6 April 2010, the day after Easter Monday (handbook: CRAM Tue 30 Mar, report Wed
# 31 Mar), and reviews on Tuesday 5 January 2010 (CRAM Wed 23 Dec, report Thu 24 Dec) and in an ordinary week.
INITIAL, REVIEW = ConferenceKind.INITIAL, ConferenceKind.REVIEW
DATES = [
    (
        ConferenceKind.INITIAL,
        at(2010, 4, 6),
        {"research": (2010, 3, 29), "cram": (2010, 3, 30), "report": (2010, 3, 31), "briefing": (2010, 4, 6)},
    ),
    (
        ConferenceKind.REVIEW,
        at(2010, 5, 4),  # the day after the early May bank holiday
        {"research": (2010, 4, 22), "cram": (2010, 4, 23), "report": (2010, 4, 26), "briefing": (2010, 5, 4)},
    ),
    (
        ConferenceKind.PRE_BIRTH,
        at(2010, 4, 21),
        {"research": (2010, 4, 15), "cram": (2010, 4, 16), "report": (2010, 4, 19), "briefing": (2010, 4, 21)},
    ),
]


@pytest.mark.parametrize(("kind", "starts_at", "due"), DATES)
def test_a_booking_raises_each_step_of_the_preparation_with_its_date(
    kind: ConferenceKind, starts_at: datetime, due: dict[str, tuple[int, int, int]]
) -> None:
    conference = a_conference(kind=kind, starts_at=starts_at)
    found = open_duties(conference.case, conference.pk)
    assert {f"conference_{step}": date(*on) for step, on in due.items()}.items() <= found.items()
    assert found["conference_outcome"] > starts_at.date()
    assert ("conference_attending" in found) == (kind == ConferenceKind.REVIEW)
    sound(conference.case)


@pytest.mark.parametrize(
    ("kind", "moved_to", "due"),
    [
        # Across Easter: Good Friday 2 April and Easter Monday 5 April are left out.
        (INITIAL, at(2010, 4, 6), {"cram": (2010, 3, 30), "report": (2010, 3, 31), "outcome": (2010, 4, 7)}),
        (INITIAL, at(2010, 4, 1), {"cram": (2010, 3, 29), "report": (2010, 3, 30), "outcome": (2010, 4, 6)}),
        (INITIAL, at(2010, 4, 7), {"cram": (2010, 3, 31), "report": (2010, 4, 1), "outcome": (2010, 4, 8)}),
        # Across the early May bank holiday.
        (INITIAL, at(2010, 5, 5), {"cram": (2010, 4, 29), "report": (2010, 4, 30), "outcome": (2010, 5, 6)}),
        # A review, of which the report is due 5 working days before, and the CRAM 6: over Easter, and over May Day.
        (REVIEW, at(2010, 4, 8), {"cram": (2010, 3, 29), "report": (2010, 3, 30), "outcome": (2010, 4, 9)}),
        (REVIEW, at(2010, 5, 4), {"cram": (2010, 4, 23), "report": (2010, 4, 26), "outcome": (2010, 5, 5)}),
        # At two days' notice: what lay before is due at once.
        (INITIAL, at(2010, 3, 12), {"cram": (2010, 3, 10), "report": (2010, 3, 10), "outcome": (2010, 3, 15)}),
    ],
)
def test_a_conference_that_is_moved_takes_every_date_with_it(
    kind: ConferenceKind, moved_to: datetime, due: dict[str, tuple[int, int, int]]
) -> None:
    conference = a_conference(kind=kind, starts_at=at(2010, 3, 31))
    before = set(Duty.objects.filter(case=conference.case, subject=conference.pk))
    move_conference(conference, starts_at=moved_to, why="The chair is ill", by=system())
    found = open_duties(conference.case, conference.pk)
    assert {f"conference_{step}": date(*on) for step, on in due.items()}.items() <= found.items()
    assert set(found) == ALL_OF_IT | ({"conference_attending"} if kind == REVIEW else set())
    for duty in before:
        duty.refresh_from_db()
        assert duty.state == DutyState.CANCELLED
        assert "The chair is ill" in duty.ended_why
    sound(conference.case)


def test_what_is_due_at_once_says_that_notice_was_short() -> None:
    conference = a_conference(starts_at=at(2010, 3, 12))
    duty = Duty.objects.get(case=conference.case, kind="conference_cram")
    assert duty.reckoned.short_notice
    assert "short notice: known on Wed 10 Mar 2010" in duty.reckoned.why.sentence()


def test_a_cancelled_conference_leaves_no_duty_and_says_why(review: Conference) -> None:
    cancel_conference(review, why="Social Services closed their case", by=system())
    assert open_duties(review.case, review.pk) == {}
    reasons = set(Duty.objects.filter(subject=review.pk).values_list("ended_why", flat=True))
    assert reasons == {"The conference was cancelled: Social Services closed their case"}
    sound(review.case)


def test_searches_and_a_cram_after_the_booking_are_its_first_two_steps(case: Case) -> None:
    assessed(case)
    move_time_to(NOW + timedelta(hours=1))
    conference = a_conference(case)
    assert steps_done(conference) == {}
    move_time_to(NOW + timedelta(hours=2))
    searched(case)
    assert set(steps_done(conference)) == {StepKind.RESEARCH}
    assessment = submitted(case)
    assert assessment.kind == AssessmentKind.CONFERENCE
    assert set(steps_done(conference)) == {StepKind.RESEARCH, StepKind.CRAM}
    assert not {"conference_research", "conference_cram"} & set(open_duties(case))
    sound(case)


def test_a_cram_months_before_a_review_is_not_the_one_before_it(case: Case) -> None:
    assessed(case)
    conference = a_review(case, starts_at=at(2010, 9, 1))
    move_time_to(at(2010, 4, 1))
    assert submitted(case).kind == AssessmentKind.REVIEW
    assert StepKind.CRAM not in steps_done(conference)
    sound(case)
    move_time_to(at(2010, 8, 2))
    assert an_assessment(case).kind == AssessmentKind.CONFERENCE
    submitted(case)
    assert StepKind.CRAM in steps_done(conference)
    sound(case)


def test_a_conference_moved_by_months_is_prepared_anew(case: Case) -> None:
    conference = a_conference(case, starts_at=at(2010, 3, 31))
    searched(case)
    submitted(case)
    brief_officer(conference, words="Say that the uncle is on bail", by=system())
    move_conference(conference, starts_at=at(2010, 4, 14), why="A room is free then", by=system())
    assert set(steps_done(conference)) == {StepKind.RESEARCH, StepKind.CRAM, StepKind.BRIEFING}
    sound(case)
    move_conference(conference, starts_at=at(2010, 6, 16), why="The family is abroad", by=system())
    assert steps_done(conference) == {}
    assert set(open_duties(case, conference.pk)) == ALL_OF_IT
    sound(case)


def test_a_review_that_only_a_report_goes_to_needs_no_briefing(review: Conference) -> None:
    decide_attendance(review, attending=Attending.REPORT_ONLY, why="Nothing new since the last", by=system())
    found = open_duties(review.case, review.pk)
    assert not {"conference_attending", "conference_briefing"} & set(found)
    sound(review.case)
    review.refresh_from_db()
    decide_attendance(review, attending=Attending.GOING, why="The father was arrested", by=system())
    assert "conference_briefing" in open_duties(review.case, review.pk)
    sound(review.case)


def test_police_attend_every_initial_conference(conference: Conference) -> None:
    with pytest.raises(ValidationError, match="Police attend every initial conference"):
        decide_attendance(conference, attending=Attending.REPORT_ONLY, why="Nobody is free", by=system())


def test_a_booked_conference_stands_in_the_way_of_closure(conference: Conference) -> None:
    assert any("A conference is booked" in each.what for each in in_the_way(conference.case))


# --- after ---------------------------------------------------------------------------------------


def test_a_conference_that_was_held_leaves_its_outcome_debrief_and_minutes_to_be_done() -> None:
    conference = held(a_conference(starts_at=at(2010, 3, 31)))
    assert open_duties(conference.case, conference.pk) == {
        "conference_outcome": date(2010, 4, 1),
        "conference_debrief": date(2010, 4, 1),
        "conference_minutes": date(2010, 4, 30),
    }
    sound(conference.case)
    decided(conference, Outcome.NO_PLAN)
    assert "conference_outcome" not in open_duties(conference.case, conference.pk)
    sound(conference.case)


def test_a_missed_conference_needs_no_debrief() -> None:
    conference = held(a_conference(), missed="sickness", missed_why="The conference officer was ill")
    assert "conference_debrief" not in open_duties(conference.case)
    sound(conference.case)


def test_attendance_is_not_recorded_before_the_conference(conference: Conference) -> None:
    with pytest.raises(ValidationError, match="Record who attended once it has begun"):
        record_attendance(conference, attended_by=None, missed="sickness", missed_why="Ill", by=system())


# --- on a plan -----------------------------------------------------------------------------------


def test_a_plan_brings_the_next_conference_and_the_first_core_group() -> None:
    """Handbook: an initial conference of 16 December 2009, first core group by 4 January 2010."""
    move_time_to(at(2009, 12, 1))
    case = a_case()
    conference = on_a_plan(case, starts_at=at(2009, 12, 16))
    found = open_duties(case)
    assert (found["next_conference"], found["core_group"]) == (date(2010, 3, 16), date(2010, 1, 4))
    assert Plan.objects.get(child=children_on(case)[0]).begun_at == conference
    assert any("is on a child protection plan" in each.what for each in in_the_way(case))
    sound(case)


def test_the_next_conference_is_three_months_then_six_and_ends_when_it_is_booked() -> None:
    move_time_to(at(2009, 11, 9))
    case = a_case()
    on_a_plan(case, starts_at=at(2009, 11, 30))
    assert open_duties(case)["next_conference"] == date(2010, 2, 28)
    review = a_review(case, starts_at=at(2010, 2, 15))
    assert "next_conference" not in open_duties(case)
    sound(case)
    cancel_conference(review, why="No room", by=system())
    assert open_duties(case)["next_conference"] == date(2010, 2, 28)
    sound(case)
    review = a_review(case, starts_at=at(2010, 2, 16))
    decided(held(review), Outcome.CONTINUES, PlanCategory.NEGLECT)
    assert open_duties(case)["next_conference"] == date(2010, 8, 16)
    sound(case)


def test_a_review_that_ends_the_plans_ends_what_they_bring(case: Case) -> None:
    on_a_plan(case)
    review = a_review(case)
    decided(held(review), Outcome.ENDS)
    assert not {"next_conference", "core_group"} & set(open_duties(case))
    assert Plan.objects.get().end == PlanEnd.CONFERENCE
    sound(case)


def test_core_groups_chain_every_six_weeks(case: Case) -> None:
    on_a_plan(case, starts_at=at(2010, 3, 31))
    core_group_held(a_core_group(case, at(2010, 4, 14)))
    assert open_duties(case)["core_group"] == date(2010, 5, 26)
    sound(case)


def test_the_review_of_the_cram_is_brought_forward_to_a_core_group_and_goes_back_with_it(case: Case) -> None:
    on_a_plan(case, starts_at=at(2010, 3, 31))
    submitted(case)
    assert open_duties(case)["cram_review"] == date(2010, 5, 12)
    group = a_core_group(case, at(2010, 4, 14))
    duty = Duty.objects.get(case=case, kind="cram_review", state=DutyState.OPEN)
    assert duty.due_on == date(2010, 4, 14)
    assert "brought forward to the core group on Wed 14 Apr 2010" in duty.reckoned.why.sentence()
    sound(case)
    move_core_group(group, starts_at=at(2010, 4, 21), why="A room", by=system())
    assert open_duties(case)["cram_review"] == date(2010, 4, 21)
    sound(case)
    group.refresh_from_db()
    cancel_core_group(group, why="The school is closed", by=system())
    assert open_duties(case)["cram_review"] == date(2010, 5, 12)
    sound(case)


@pytest.mark.parametrize("how", ["outcome", "end", "withdraw"])
def test_no_core_group_is_planned_without_a_plan_and_one_that_is_over_is_recorded(how: str, client: Client) -> None:
    case = a_case(children=[a_child("Rhys", "Penrose"), a_child("Tia", "Penrose")])
    rhys, tia = children_on(case)
    plans = [a_plan(case, child=child) for child in (rhys, tia)]
    over = a_core_group(case, at(2010, 3, 9))
    to_come = a_core_group(case, at(2011, 3, 10))
    ends: dict[str, Any] = {"to_on": date(2010, 3, 10), "end": PlanEnd.MOVED, "note": "By telephone", "by": system()}
    end_plan(plans[0], **ends)
    to_come.refresh_from_db()
    assert to_come.state == CoreGroupState.PLANNED  # the other plan runs still
    if how == "outcome":
        decided(held(a_review(case, children=[tia])), Outcome.ENDS)
    elif how == "end":
        end_plan(plans[1], **ends)
    else:
        withdraw_plan(plans[1], why="It was their cousin", by=system())
    to_come.refresh_from_db()
    ended = (CoreGroupState.CANCELLED, "No child is on a plan any more")
    assert (to_come.state, to_come.note) == ended
    assert Entry.objects.filter(case=case, title="Core group on 10 March 2011, 10am cancelled").count() == 1
    stands = "A core group is planned, and not recorded: 9 March 2010"
    assert stands in [each.what for each in in_the_way(case)]
    if how == "end":
        in_its_week(client, case, over)
    over.refresh_from_db()
    cancel_core_group(over, why="It was not held", by=system())
    assert stands not in [each.what for each in in_the_way(case)]
    sound(case)
    # It turns out that the plan goes on after all; another plan, later, has core groups of its own.
    if how == "outcome":
        wrong, said = OutcomeFor.objects.get(child=tia), Decided(tia, Outcome.CONTINUES, PlanCategory.NEGLECT)
        correct_outcome(wrong, decided=said, why="As the minutes say", by=system())
    else:
        if how == "end":
            move_time_to(clock.moment() + timedelta(days=2))
        a_plan(case, child=tia, from_on=clock.today() if how == "end" else plans[1].from_on)
    to_come.refresh_from_db()
    goes_on = how != "end"
    assert (to_come.state, to_come.note) == ((CoreGroupState.PLANNED, "") if goes_on else ended)
    assert case.entries.filter(title="Core group on 10 March 2011, 10am planned again").count() == goes_on
    still = "A core group is still planned for 10 March 2011: cancel it, or record it when it was held"
    assert (still in [each.what for each in in_the_way(case)]) is goes_on
    sound(case)


def in_its_week(client: Client, case: Case, over: CoreGroup) -> None:
    """What is planned on a closed record, as one closed before this rule, is nobody's to record."""
    pclo = an_officer(Role.PCLO, case.team)
    client.force_login(pclo)
    address = "/conferences/?whose=all"
    assert over.case.number in client.get(address).content.decode()
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=clock.moment())
    assert over.case.number not in client.get(address).content.decode()
    Case.objects.filter(pk=case.pk).update(supervisor=pclo)
    assert case.number not in [each.record for each in meetings(pclo, clock.now())]
    Case.objects.filter(pk=case.pk).update(state="open", closed_at=None)
    assert case.number in [each.record for each in meetings(pclo, clock.now())]


def test_a_plan_of_before_brings_the_next_conference_from_the_last() -> None:
    plan = a_plan(from_on=date(2009, 6, 1), conference_on=date(2009, 12, 1), conference_was_initial=False)
    found = open_duties(plan.case)
    assert (found["next_conference"], found["core_group"]) == (date(2010, 6, 1), date(2010, 4, 21))
    sound(plan.case)
    end_plan(plan, to_on=date(2010, 3, 1), end=PlanEnd.MOVED, note="Social Services by telephone", by=system())
    assert not {"next_conference", "core_group"} & set(open_duties(plan.case))
    sound(plan.case)


def test_a_plan_recorded_by_mistake_is_withdrawn_with_its_duties() -> None:
    plan = a_plan()
    withdraw_plan(plan, why="It was their cousin", by=system())
    assert not {"next_conference", "core_group"} & set(open_duties(plan.case))
    sound(plan.case)


def test_what_was_decided_is_put_right_with_the_plan_and_its_duties(case: Case) -> None:
    on_a_plan(case)
    child = children_on(case)[0]
    outcome = OutcomeFor.objects.get()
    correct_outcome(outcome, decided=Decided(child, Outcome.NO_PLAN), why="I ticked the wrong child", by=system())
    assert not Plan.objects.that_count().exists()
    assert "next_conference" not in open_duties(case)
    sound(case)
    outcome = OutcomeFor.objects.latest("pk")
    again = Decided(child, Outcome.PLAN, PlanCategory.SEXUAL)
    correct_outcome(outcome, decided=again, why="It was the right one", by=system())
    assert Plan.objects.that_count().get().categories.get().category == PlanCategory.SEXUAL
    sound(case)


def test_an_end_that_was_put_right_opens_the_plan_again(case: Case) -> None:
    on_a_plan(case)
    decided(held(a_review(case)), Outcome.ENDS)
    wrong = OutcomeFor.objects.latest("pk")
    right = Decided(wrong.child, Outcome.CONTINUES, PlanCategory.NEGLECT)
    correct_outcome(wrong, decided=right, why="It goes on", by=system())
    assert Plan.objects.running().count() == 1
    assert "next_conference" in open_duties(case)
    sound(case)


def test_each_childs_error_stands_under_its_own_field() -> None:
    conference = held(a_conference())
    (child,) = children_on(conference.case)
    with pytest.raises(ValidationError) as refused:
        record_outcomes(conference, decided=[Decided(child, Outcome.PLAN)], by=system())
    assert refused.value.message_dict == {f"category-{child.pk}": ["Select the category of the plan"]}


def test_a_conference_stays_booked_until_somebody_says_who_attended(conference: Conference) -> None:
    move_time_to(conference.ends_at + timedelta(days=3))
    assert Conference.objects.get(pk=conference.pk).state == "booked"
    assert open_duties(conference.case)["conference_outcome"] < clock.today()
    sound(conference.case)
