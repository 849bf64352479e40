"""What reading the room with fresh eyes found: each a duty that was lost, doubled or misdated."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from cases.actions import add_person, assign_case, take_person_off
from cases.closure import in_the_way
from cases.enums import Part
from cases.models import Case, CasePerson
from cases.steps import put_on_case
from conferences.actions import (
    Decided,
    cancel_conference,
    change_conference,
    check_minutes,
    correct_outcome,
    debrief_officer,
    end_plan,
    move_conference,
    record_outcomes,
    withdraw_plan,
)
from conferences.enums import Outcome, PlanCategory, PlanEnd, StepKind
from conferences.models import Conference, OutcomeFor, Plan
from conferences.queries import steps_done
from cram.actions import return_assessment
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState
from team.enums import Role
from team.models import User
from tests.factories.assessing import submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import (
    a_conference,
    a_plan,
    a_review,
    children_on,
    decided,
    held,
    on_a_plan,
)
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_case, a_child
from tests.factories.reports import a_submitted_report
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def system() -> User:
    return User.objects.system()


def due(case: Case, kind: str) -> date | None:
    return Duty.objects.filter(case=case, kind=kind, state=DutyState.OPEN).values_list("due_on", flat=True).first()


def with_the_same_child(case: Case) -> Case:
    other = a_case()
    put_on_case(other, [(children_on(case)[0], Part.CHILD)], place=1, by=system())
    return other


def test_what_was_put_off_and_put_right_counts_as_decided() -> None:
    case = a_case()
    conference = decided(held(a_conference(case)), Outcome.ADJOURNED)
    right = Decided(children_on(case)[0], Outcome.PLAN, PlanCategory.NEGLECT)
    correct_outcome(OutcomeFor.objects.get(), decided=right, why="It was decided after all", by=system())
    assert conference.starts_at.date() == date(2010, 3, 31)
    assert due(case, "next_conference") == date(2010, 6, 30)
    assert findings_of(case) == []


def test_an_adjourned_conference_is_to_be_held_and_stands_in_the_way_of_closure() -> None:
    case = a_case()
    conference = debriefed(decided(held(a_conference(case)), Outcome.ADJOURNED))
    on = clock.london_date(conference.starts_at)
    assert (due(case, "next_conference") or on) > on
    assert any("adjourned" in each.what for each in in_the_way(case))
    assert findings_of(case) == []
    again = a_conference(case, starts_at=clock.moment() + timedelta(days=7))
    assert due(case, "next_conference") is None
    assert findings_of(case) == []
    decided(held(again), Outcome.NO_PLAN)
    assert due(case, "next_conference") is None
    assert findings_of(case) == []


def debriefed(conference: Conference) -> Conference:
    conference = debrief_officer(conference, words="Nothing to add", by=system())
    return check_minutes(conference, received_on=clock.today(), agree=True, by=system())


def test_an_end_is_not_put_right_onto_a_closed_record() -> None:
    case = a_case()
    plan = a_plan(case)
    other = with_the_same_child(case)
    review = decided(held(a_review(other, children=children_on(case))), Outcome.ENDS)
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=clock.moment())
    right = Decided(plan.child, Outcome.CONTINUES, PlanCategory.NEGLECT)
    with pytest.raises(ValidationError, match="The record that carried the plan is closed"):
        correct_outcome(OutcomeFor.objects.get(conference=review), decided=right, why="It goes on", by=system())


def test_the_record_that_carries_the_plan_is_told_though_the_child_was_taken_off_the_other() -> None:
    case = a_case()
    a_plan(case)
    other = with_the_same_child(case)
    review = a_review(other, children=children_on(case))
    assert due(case, "next_conference") is None
    take_person_off(CasePerson.objects.get(case=other, person=children_on(case)[0]), reason="A slip", by=system())
    cancel_conference(review, why="No room", by=system())
    assert due(case, "next_conference") is not None
    assert findings_of(case) == findings_of(other) == []


def test_a_review_on_another_record_ends_the_plan_of_one_that_the_child_was_taken_off() -> None:
    case = a_case(children=[a_child("Rhys", "Vane"), a_child("Tia", "Vane")])
    a_plan(case)
    child = children_on(case)[0]
    other = with_the_same_child(case)
    take_person_off(CasePerson.objects.get(case=case, person=child), reason="Lives elsewhere", by=system())
    decided(held(a_review(other, children=[child])), Outcome.ENDS)
    assert (due(case, "next_conference"), due(case, "core_group")) == (None, None)
    assert findings_of(case) == findings_of(other) == []


def test_a_review_about_another_child_there_is_known_where_the_plan_is_carried() -> None:
    """Booked on a record on which the child only is there too: nobody looks for the next conference any more; and one
    that is changed to be about somebody else is looked for again."""
    case = a_case()
    a_plan(case)
    child = children_on(case)[0]
    other = a_case()
    put_on_case(other, [(child, Part.OTHER_CHILD)], place=1, by=system())
    review = a_review(other, children=[child])
    assert due(case, "next_conference") is None
    assert findings_of(case) == findings_of(other) == []
    theirs = [each for each in children_on(other) if each != child]
    change_conference(review, children=theirs, by=system())
    assert due(case, "next_conference") is not None
    change_conference(review, children=[*theirs, child], by=system())
    assert due(case, "next_conference") is None
    assert findings_of(case) == findings_of(other) == []


def test_an_initial_conference_of_a_new_baby_goes_on_with_the_plans_of_the_others() -> None:
    case = a_case(children=[a_child("Rhys", "Vane"), a_child("Mia", "Vane")])
    a_plan(case)
    conference = held(a_conference(case))
    rhys, mia = children_on(case)
    said = [
        Decided(rhys, Outcome.CONTINUES, PlanCategory.NEGLECT),
        Decided(mia, Outcome.PLAN, PlanCategory.NEGLECT),
    ]
    record_outcomes(conference, decided=said, by=system())
    assert Plan.objects.running().count() == 2
    assert findings_of(case) == []


def test_a_cram_that_is_only_put_right_is_not_the_one_before_a_conference() -> None:
    case = a_case()
    assessment = submitted(case)
    return_assessment(assessment, words="Spelling", by=an_officer(Role.SUPERVISOR, case.team))
    move_time_to(NOW + timedelta(hours=2))
    conference = a_conference(case)
    move_time_to(NOW + timedelta(hours=3))
    submitted(case)
    assert StepKind.CRAM not in steps_done(conference)
    assert findings_of(case) == []


def test_the_new_supervisor_gets_the_cram_before_a_conference_too() -> None:
    team = a_team()
    one, two = an_officer(Role.SUPERVISOR, team), an_officer(Role.SUPERVISOR, team)
    case = assign_case(a_case(team), officer_in_case=None, supervisor=one, by=system())
    a_conference(case)
    assign_case(case, officer_in_case=None, supervisor=two, by=system())
    owners = Duty.objects.filter(case=case, kind__in=["conference_cram", "conference_briefing"])
    assert set(owners.values_list("owner", flat=True)) == {two.pk}


def test_duties_that_are_counted_anew_do_not_say_that_something_was_held() -> None:
    case = a_case(children=[a_child("Rhys", "Vane"), a_child("Tia", "Vane")])
    rhys, tia = children_on(case)
    first = a_plan(case, child=rhys, from_on=date(2010, 1, 4))
    move_time_to(NOW + timedelta(days=3))
    a_plan(case, child=tia, from_on=date(2010, 2, 1))
    withdraw_plan(first, why="It was their cousin", by=system())
    ended = Duty.objects.filter(case=case, kind__in=["next_conference", "core_group"]).exclude(state=DutyState.OPEN)
    assert {duty.state for duty in ended} == {DutyState.CANCELLED}
    assert all(duty.ended_why.startswith("Counted anew") for duty in ended)
    assert findings_of(case) == []


def test_two_reviews_that_are_due_on_one_day_are_one_for_everybody() -> None:
    case = a_case(children=[a_child("Rhys", "Vane"), a_child("Tia", "Vane")])
    rhys, tia = children_on(case)
    a_plan(case, child=rhys, from_on=date(2009, 11, 30))
    a_plan(case, child=tia, from_on=date(2009, 11, 28))
    assert due(case, "next_conference") == date(2010, 2, 28)
    assert findings_of(case) == []


def test_what_was_put_off_later_does_not_keep_the_earlier_from_being_put_right() -> None:
    case = a_case()
    on_a_plan(case)
    first = OutcomeFor.objects.get()
    decided(held(a_review(case)), Outcome.CONTINUES)
    put_off = Decided(first.child, Outcome.ADJOURNED)
    correct_outcome(OutcomeFor.objects.latest("pk"), decided=put_off, why="It was adjourned", by=system())
    right = Decided(first.child, Outcome.PLAN, PlanCategory.SEXUAL)
    correct_outcome(first, decided=right, why="The wrong category", by=system())
    assert findings_of(case) == []


def test_a_plan_that_ended_first_does_not_move_what_is_due_since_it_began() -> None:
    case = an_old_referral().case
    tia = add_person(case, part=Part.CHILD, said=a_child("Tia", "Vane"), on=clock.today(), by=system())
    first = a_plan(case)
    due = Duty.objects.get(case=case, kind="plan_cram").due_on
    move_time_to(NOW + timedelta(days=3))
    a_plan(case, child=tia)
    end_plan(first, to_on=clock.today(), end=PlanEnd.MOVED, note="By telephone", by=system())
    assert Duty.objects.get(case=case, kind="plan_cram", state=DutyState.OPEN).due_on == due
    assert findings_of(case) == []


def test_a_conference_that_is_moved_has_its_new_day_in_the_queue_of_endorsements() -> None:
    report = a_submitted_report()
    conference = report.conference
    move_conference(conference, starts_at=conference.starts_at + timedelta(days=1), why="A room", by=system())
    duty = Duty.objects.get(kind="endorse_report", state=DutyState.OPEN)
    conference.refresh_from_db()
    assert duty.about.endswith(f"{clock.london_date(conference.starts_at):%B %Y}")
    assert str(clock.london_date(conference.starts_at).day) in duty.about
