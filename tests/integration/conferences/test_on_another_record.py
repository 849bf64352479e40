"""A conference on one record about a child whose plan another record carries: whoever works on that one reads in its
chronology what became of the plan, and of the duty to have the next conference."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cases.enums import Kind, Part
from cases.models import Case, Entry
from cases.restricting import whom_to_ask
from cases.steps import put_on_case
from conferences.actions import Decided, cancel_conference, change_conference, correct_outcome, record_outcomes
from conferences.enums import Outcome, PlanCategory
from conferences.models import Conference, OutcomeFor, Plan
from conferences.queries import children_at
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings
from diary.models import Duty, DutyState
from pages.words import day
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_plan, a_review, children_on, decided, held
from tests.factories.referrals import a_case
from tests.factories.restricting import a_restricted_case
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def system() -> User:
    return User.objects.system()


@pytest.fixture
def plan() -> Plan:
    """It is carried on one record; its child is on another one too (`other_of`)."""
    return a_plan()


def other_of(plan: Plan, **said: Any) -> Case:
    other = a_case(**said)
    put_on_case(other, [(plan.child, Part.CHILD)], place=1, by=system())
    return other


def review_about(plan: Plan, other: Case, **said: Any) -> Conference:
    return a_review(other, children=[plan.child], **said)


def told(case: Case) -> list[Entry]:
    """What the chronology of a record says of conferences on others, in its order."""
    rows = Entry.objects.filter(case=case, significant=True, title__contains=" on ").order_by("pk")
    return [each for each in rows if "another record" in each.title or " on record " in each.title]


def titles(case: Case) -> list[str]:
    return [each.title for each in told(case)]


def next_conference(case: Case) -> bool:
    return Duty.objects.filter(case=case, kind="next_conference", state=DutyState.OPEN).exists()


def fine(*cases: Case) -> bool:
    return findings([case.pk for case in cases]) == []


def test_a_booking_on_another_record_that_ends_the_duty_here_is_read_here(plan: Plan) -> None:
    other = other_of(plan)
    assert next_conference(plan.case)
    review = review_about(plan, other)
    (entry,) = told(plan.case)
    assert not next_conference(plan.case)
    assert entry.title == f"The next conference about {plan.child} is booked on record {other}"
    assert entry.text == f"So nobody has to see to it here any more. Ask {other.team} about it."
    assert (entry.kind, list(entry.people.all())) == (Kind.RECORD, [plan.child])
    # It is told again when it is so again, and not besides.
    change_conference(review, place="Marlpit Hall", by=system())
    cancel_conference(review, why="No room", by=system())
    assert next_conference(plan.case)
    assert len(told(plan.case)) == 1
    theirs = [each for each in children_on(other) if each != plan.child]
    second = a_review(other, children=theirs)
    assert len(told(plan.case)) == 1
    change_conference(second, children=[*theirs, plan.child], by=system())
    assert titles(plan.case) == [entry.title] * 2
    assert told(other) == []
    assert fine(plan.case, other)


def test_a_booking_here_is_told_by_itself_alone(plan: Plan) -> None:
    other = other_of(plan)
    review_about(plan, plan.case)
    assert not next_conference(plan.case)
    assert told(plan.case) == told(other) == []
    assert fine(plan.case, other)


def test_a_conference_that_was_put_off_here_and_is_booked_on_another_record_is_read_here() -> None:
    case = a_case()
    put_off = decided(held(a_conference(case)), Outcome.ADJOURNED)
    (child,) = children_at(put_off)
    assert next_conference(case)
    other = a_case()
    put_on_case(other, [(child, Part.CHILD)], place=1, by=system())
    a_conference(other, children=[child])
    assert not next_conference(case)
    assert titles(case) == [f"The next conference about {child} is booked on record {other}"]
    assert fine(case, other)


def test_an_end_that_a_conference_on_another_record_decided_is_read_where_the_plan_is_carried(plan: Plan) -> None:
    other = other_of(plan)
    review = held(review_about(plan, other))
    before = len(told(plan.case))
    decided(review, Outcome.ENDS)
    (entry,) = told(plan.case)[before:]
    plan.refresh_from_db()
    assert plan.to_on
    ended = f"The child protection plan of {plan.child} ended on {day(plan.to_on)}"
    assert entry.title == f"{ended}, by a conference on record {other}"
    assert entry.text == f"Recorded there. Ask {other.team} about it."
    assert (entry.kind, list(entry.people.all())) == (Kind.DECISION, [plan.child])
    assert told(other) == []
    # Put right, it is read too, also that its category is another one.
    outcome = OutcomeFor.objects.get(conference=review)
    goes_on = Decided(plan.child, Outcome.CONTINUES, PlanCategory.SEXUAL)
    correct_outcome(outcome, decided=goes_on, why="I misread it", by=system())
    on = day(clock.london_date(review.starts_at))
    the_plan = f"The child protection plan of {plan.child}"
    assert titles(plan.case)[before + 1 :] == [
        f"{the_plan} goes on after all, by a conference on record {other}",
        f"{the_plan} is for sexual abuse from {on}, by a conference on record {other}",
    ]
    assert fine(plan.case, other)


def test_a_category_that_a_conference_on_another_record_decided_is_read_where_the_plan_is_carried(plan: Plan) -> None:
    other = other_of(plan)
    review = held(review_about(plan, other))
    before = len(told(plan.case))
    decided(review, Outcome.CONTINUES, PlanCategory.NEGLECT)
    assert len(told(plan.case)) == before  # nothing is changed
    on = day(clock.london_date(review.starts_at))
    the_plan = f"The child protection plan of {plan.child}"
    by_it = f"by a conference on record {other}"

    def put_right(outcome: Outcome, category: PlanCategory | str = "") -> None:
        wrong = OutcomeFor.objects.filter(conference=review).latest("pk")
        correct_outcome(wrong, decided=Decided(plan.child, outcome, category), why="I misread it", by=system())

    # The same outcome of another category; then an outcome that gives the plan back the category it had.
    put_right(Outcome.CONTINUES, PlanCategory.PHYSICAL)
    put_right(Outcome.ENDS)
    assert titles(plan.case)[before:] == [
        f"{the_plan} is for physical abuse from {on}, {by_it}",
        f"{the_plan} is for neglect from {on}, {by_it}",
        f"{the_plan} ended on {on}, {by_it}",
    ]
    assert fine(plan.case, other)


def test_a_plan_that_begins_is_carried_where_its_conference_was_and_told_there_alone() -> None:
    case = a_case()
    other = a_case()
    put_on_case(other, [(children_on(case)[0], Part.CHILD)], place=1, by=system())
    decided(held(a_conference(case, children=[children_on(case)[0]])))
    assert told(case) == told(other) == []


def test_what_the_conference_of_the_record_itself_decided_is_told_once(plan: Plan) -> None:
    review = held(review_about(plan, plan.case))
    record_outcomes(review, decided=[Decided(plan.child, Outcome.ENDS)], by=system())
    assert told(plan.case) == []


@pytest.mark.parametrize("which", ["restricted", "another team’s"])
def test_a_record_that_they_need_not_know_of_is_not_named(plan: Plan, which: str) -> None:
    other = other_of(plan) if which == "restricted" else other_of(plan, team=a_team("ENF"))
    goes = an_officer(Role.PCLO, other.team)
    if which == "restricted":
        a_restricted_case(goes, case=other)
    ask = whom_to_ask([other])[other.pk] if which == "restricted" else "Team ENF"
    decided(held(review_about(plan, other, place="Marlpit Hall"), attended_by=goes), Outcome.ENDS)
    booked, ended = told(plan.case)
    assert booked.title == f"The next conference about {plan.child} is booked on another record"
    assert ended.title.endswith(", by a conference on another record")
    for entry in (booked, ended):
        assert f"Ask {ask} about it." in entry.text
        for telling in (other.number, other.urn, "Marlpit"):
            assert telling not in f"{entry.title} {entry.text}"
    assert fine(plan.case, other)


def test_a_restricted_record_that_carries_the_plan_reads_which_record_it_was(plan: Plan) -> None:
    a_restricted_case(case=plan.case)
    other = other_of(plan)
    decided(held(review_about(plan, other)), Outcome.ENDS)
    assert [f"on record {other}" in title for title in titles(plan.case)] == [True, True]
    assert fine(plan.case, other)
