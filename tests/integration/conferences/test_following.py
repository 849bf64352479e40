"""What the actions refuse after a conference, and of plans and core groups; what two at once leave; categories."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cases.models import Case, Entry
from cases.protection import on_plans_of
from conferences import actions
from conferences.actions import Decided
from conferences.enums import Attending, ConferenceKind, Missed, Outcome, PlanCategory, PlanEnd, PoliceView
from conferences.models import Conference, CoreGroup, OutcomeFor, Plan
from deadlines import clock
from deadlines.clock import LONDON, london_date
from diary.checking import findings_of
from diary.models import Duty, DutyState
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import (
    a_core_group,
    a_core_group_of_yesterday,
    a_plan,
    a_review,
    children_on,
    decided,
    held,
    that_began,
    that_decided,
    that_was_held,
)
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
TODAY = NOW.date()
DAY = timedelta(days=1)
CATEGORY = {Outcome.PLAN: PlanCategory.NEGLECT, Outcome.CONTINUES: PlanCategory.NEGLECT}


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def system() -> User:
    return User.objects.system()


def refused(act: Callable[..., Any], *args: Any, **said: Any) -> dict[str, list[str]]:
    """What an action refuses, by field; "" where it names none."""
    with pytest.raises(ValidationError) as wrong, transaction.atomic():
        act(*args, **said, by=system())
    return wrong.value.message_dict if hasattr(wrong.value, "error_dict") else {"": wrong.value.messages}


def two_children() -> Case:
    return a_case(children=[a_child("Rhys", "Calloway"), a_child("Tia", "Calloway")])


def categories(plan: Plan) -> list[tuple[str, date]]:
    return list(plan.categories.order_by("pk").values_list("category", "from_on"))


def a_review_that_decided(
    case: Case, outcome: Outcome, category: PlanCategory | str = "", **other: Any
) -> Conference:
    review = held(a_review(case, starts_at=clock.moment() + DAY), **other)
    return decided(review, outcome, category or CATEGORY.get(outcome, ""))


# --- who attended --------------------------------------------------------------------------------


def test_attendance_says_who_went_or_why_nobody_did(began: Conference) -> None:
    stranger = an_officer(Role.PCLO, a_team("ENF"))
    ours = an_officer(Role.PCLO)
    for said, field, sentence in (
        ({}, "missed", "Select why nobody attended"),
        ({"missed": "holiday"}, "missed", "Select why nobody attended"),
        ({"missed": Missed.COURT, "missed_why": " "}, "missed_why", "Say what happened"),
        ({"missed": Missed.DECIDED}, "missed", "It was not decided that a report is sent instead"),
        ({"attended_by": ours, "missed": Missed.COURT}, "missed", "Either somebody attended, or nobody did"),
        ({"attended_by": stranger}, "attended_by", str(stranger)),
        ({"attended_by": ours, "version": 0}, "", "opened"),
    ):
        (told,) = refused(actions.record_attendance, began, **said)[field]
        assert sentence in told or not field
    began.refresh_from_db()
    assert began.attended is None


def test_of_two_who_record_who_attended_the_second_is_told(began: Conference) -> None:
    stale = Conference.objects.get(pk=began.pk)
    held(began)
    with pytest.raises(ChangedMeanwhile, match="recorded on 10 March 2010, 10am who attended"):
        actions.record_attendance(stale, missed=Missed.OTHER, missed_why="Fog", by=system())
    assert Conference.objects.get(pk=began.pk).attended


# --- what was decided ----------------------------------------------------------------------------


def test_something_is_decided_about_each_child_once_and_about_nobody_else() -> None:
    case = two_children()
    conference = that_was_held(case)
    rhys, tia = children_on(case)
    stranger = children_on(a_case())[0]
    no = [Decided(child, Outcome.NO_PLAN) for child in (rhys, tia, stranger)]
    for said in ([], no[:1], [no[0], no[0]], [no[0], no[1], no[1]], no):
        assert "Say of each child" in refused(actions.record_outcomes, conference, decided=said)[""][0]
    assert not OutcomeFor.objects.exists()
    actions.record_outcomes(conference, decided=no[:2], by=system())
    with pytest.raises(ChangedMeanwhile, match="recorded on 10 March 2010, 10am what was decided"):
        actions.record_outcomes(conference, decided=no[:2], by=system())
    assert OutcomeFor.objects.count() == 2


@pytest.mark.parametrize("on_plan", [False, True])
def test_what_is_decided_fits_the_plan_the_category_and_the_police_view(on_plan: bool, case: Case) -> None:
    (child,) = children_on(case)
    if on_plan:
        a_plan(case, from_on=TODAY - 30 * DAY)
    conference = that_was_held(case, kind=ConferenceKind.REVIEW)
    fits = Outcome.ENDS if on_plan else Outcome.NO_PLAN
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"outcome": "perhaps"}, "outcome", "Select what was decided"),
        ({"outcome": fits, "category": "neglect"}, "category", "There is no category"),
        ({"outcome": fits, "police_view": ""}, "police_view", "Select whether police agreed"),
        ({"outcome": fits, "police_view": PoliceView.DISSENTED, "dissent": " "}, "dissent", "Say why"),
        ({"outcome": fits, "dissent": "He hits"}, "dissent", "Only where police did not agree"),
    ]
    for outcome in (Outcome.PLAN, Outcome.NO_PLAN) if on_plan else (Outcome.CONTINUES, Outcome.ENDS):
        sentence = "It continues, or it ends" if on_plan else "CAIT knows of no plan"
        wrong.append(({"outcome": outcome, "category": CATEGORY.get(outcome, "")}, "outcome", sentence))
    with_plan = Outcome.CONTINUES if on_plan else Outcome.PLAN
    for category in ("", "hunger"):
        wrong.append(({"outcome": with_plan, "category": category}, "category", "Select the category"))
    for said, field, sentence in wrong:
        told = refused(actions.record_outcomes, conference, decided=[Decided(child, **said)])
        assert list(told) == [f"{field}-{child.pk}"], said
        assert sentence in told[f"{field}-{child.pk}"][0]
    assert not OutcomeFor.objects.exists()


def test_a_plan_that_nobody_knows_of_neither_goes_on_nor_ends(was_held: Conference) -> None:
    (child,) = children_on(was_held.case)
    for outcome in (Outcome.CONTINUES, Outcome.ENDS):
        said = [Decided(child, outcome, CATEGORY.get(outcome, ""))]
        told = refused(actions.record_outcomes, was_held, decided=said)
        assert told == {
            f"outcome-{child.pk}": [f"CAIT knows of no plan of {child}. Record the plan they were on first"]
        }


def test_nothing_is_decided_by_a_conference_that_was_not_held(began: Conference) -> None:
    said = [Decided(children_on(began.case)[0], Outcome.NO_PLAN)]
    assert "Record first who attended" in refused(actions.record_outcomes, began, decided=said)[""][0]
    actions.cancel_conference(began, why="Snow", by=system())
    assert "cancelled: Snow" in refused(actions.record_outcomes, began, decided=said)[""][0]


def test_the_category_of_a_plan_is_told_for_each_day(case: Case) -> None:
    (child,) = children_on(case)
    first = that_decided(case)
    began = london_date(first.starts_at)
    plan = Plan.objects.get()
    a_review_that_decided(case, Outcome.CONTINUES, PlanCategory.NEGLECT)
    assert categories(plan) == [("neglect", began)]
    review = a_review_that_decided(case, Outcome.CONTINUES, PlanCategory.SEXUAL)
    changed = london_date(review.starts_at)
    assert categories(plan) == [("neglect", began), ("sexual", changed)]
    wrong = OutcomeFor.objects.latest("pk")
    right = Decided(child, Outcome.CONTINUES, PlanCategory.EMOTIONAL)
    actions.correct_outcome(wrong, decided=right, why="I misread it", by=system())
    assert categories(plan)[-1] == ("emotional", changed)
    told = on_plans_of([child.pk])[child.pk]
    assert (told.since, told.category) == (began, "emotional abuse")
    right = Decided(child, Outcome.ENDS)
    actions.correct_outcome(OutcomeFor.objects.latest("pk"), decided=right, why="It ended", by=system())
    plan.refresh_from_db()
    assert (plan.to_on, plan.ended_at) == (changed, review)
    assert categories(plan)[-1] == ("neglect", changed)
    assert on_plans_of([child.pk]) == {}


def test_what_was_put_right_meanwhile_or_by_a_later_conference_is_not_put_right_again(case: Case) -> None:
    (child,) = children_on(case)
    that_decided(case)
    first = OutcomeFor.objects.get()
    no = Decided(child, Outcome.NO_PLAN)
    assert refused(actions.correct_outcome, first, decided=no, why=" ") == {"why": ["Say why"]}
    wrong = refused(actions.correct_outcome, first, decided=Decided(child, Outcome.ENDS), why="It ended")
    assert list(wrong) == ["outcome"]
    assert Plan.objects.running().exists()
    a_review_that_decided(case, Outcome.ADJOURNED)  # decided nothing, so it stands in nobody's way
    second = actions.correct_outcome(first, decided=no, why="Misheard", by=system())
    with pytest.raises(ChangedMeanwhile, match="put this right on"):
        actions.correct_outcome(first, decided=no, why="Misheard", by=system())
    actions.correct_outcome(second, decided=Decided(child, Outcome.PLAN, "neglect"), why="It was so", by=system())
    a_review_that_decided(case, Outcome.CONTINUES)
    third = OutcomeFor.objects.filter(conference=first.conference).latest("pk")
    told = refused(actions.correct_outcome, third, decided=no, why="Misheard")
    assert "A later conference has decided about" in told[""][0]


def test_an_adjourned_conference_is_put_right_to_a_plan_from_its_own_day(was_held: Conference) -> None:
    conference = decided(was_held, Outcome.ADJOURNED)
    (child,) = children_on(conference.case)
    assert not Plan.objects.exists()
    right = Decided(child, Outcome.PLAN, PlanCategory.PHYSICAL)
    actions.correct_outcome(OutcomeFor.objects.get(), decided=right, why="It went on at noon", by=system())
    plan = Plan.objects.get()
    assert (plan.from_on, plan.begun_at) == (london_date(conference.starts_at), conference)


def test_an_end_is_not_put_right_where_the_child_is_on_another_plan_since(case: Case) -> None:
    (child,) = children_on(case)
    a_plan(case, from_on=TODAY - 90 * DAY)
    a_review_that_decided(case, Outcome.ENDS)
    wrong = OutcomeFor.objects.get()
    move_time_to(NOW + 9 * DAY)
    a_plan(case, from_on=TODAY + 5 * DAY)
    on = Decided(child, Outcome.CONTINUES, PlanCategory.NEGLECT)
    told = refused(actions.correct_outcome, wrong, decided=on, why="It went on")
    assert "A child is on one plan at a time" in told["outcome"][0]
    assert OutcomeFor.objects.get() == wrong
    assert Plan.objects.running().get().from_on == TODAY + 5 * DAY
    dissent = Decided(child, Outcome.ENDS, "", PoliceView.DISSENTED, "He is back")
    actions.correct_outcome(wrong, decided=dissent, why="We did not agree", by=system())
    assert Plan.objects.running().get().from_on == TODAY + 5 * DAY


def test_where_only_the_police_view_or_the_category_is_put_right_the_plan_stays_as_it_is(case: Case) -> None:
    (child,) = children_on(case)
    conference = that_decided(case)
    plan = Plan.objects.get()
    actions.end_plan(plan, to_on=TODAY, end=PlanEnd.MOVED, note="Ms Arikan", by=system())
    said = Decided(child, Outcome.PLAN, PlanCategory.NEGLECT, PoliceView.NOT_GIVEN)
    row = actions.correct_outcome(OutcomeFor.objects.get(), decided=said, why="Nobody asked us", by=system())
    assert refused(actions.correct_outcome, row, decided=Decided(child, Outcome.PLAN), why="I misread it") == {
        "category": ["Select the category of the plan"]
    }
    said = Decided(child, Outcome.PLAN, PlanCategory.SEXUAL)
    actions.correct_outcome(row, decided=said, why="I misread it", by=system())
    there = Plan.objects.get()
    assert (there.pk, there.to_on, there.end) == (plan.pk, TODAY, PlanEnd.MOVED)
    began = london_date(conference.starts_at)
    assert categories(there) == [("neglect", began), ("sexual", began)]


# --- actions, debrief, minutes -------------------------------------------------------------------


def test_a_police_action_is_for_an_officer_of_the_team_by_a_day_to_come_and_is_added_once(
    was_held: Conference, began: Conference
) -> None:
    owner = an_officer(Role.INVESTIGATOR)
    said: dict[str, Any] = {"what": "See the aunt", "owner": owner, "due_on": TODAY}
    assert list(refused(actions.add_police_action, was_held, **said | {"due_on": TODAY - DAY})) == ["due_on"]
    stranger = an_officer(Role.INVESTIGATOR, a_team("ENF"))
    assert list(refused(actions.add_police_action, was_held, **said | {"owner": stranger})) == ["owner"]
    actions.add_police_action(was_held, **said, by=system())
    assert "added this action on" in refused(actions.add_police_action, was_held, **said)[""][0]
    assert was_held.police_actions.count() == 1
    assert "Record first who attended" in refused(actions.add_police_action, began, **said)[""][0]


def test_a_debrief_is_of_somebody_who_went_in_words_and_once(was_held: Conference, began: Conference) -> None:
    assert refused(actions.debrief_officer, was_held, words=" ") == {"words": ["Say what came of the debrief"]}
    actions.debrief_officer(was_held, words="Well done", by=system())
    with pytest.raises(ChangedMeanwhile, match="gave the debrief on"):
        actions.debrief_officer(was_held, words="Well done", by=system())
    missed = held(began, missed=Missed.OTHER, missed_why="Fog")
    assert "nobody is debriefed" in refused(actions.debrief_officer, missed, words="Well done")[""][0]


def test_minutes_come_after_the_conference_and_agree_or_differ(was_held: Conference) -> None:
    for said, field in (
        ({"received_on": TODAY + DAY, "agree": True}, "received_on"),
        ({"received_on": TODAY - 2 * DAY, "agree": True}, "received_on"),
        ({"received_on": TODAY, "agree": False, "differ": " "}, "differ"),
        ({"received_on": TODAY, "agree": True, "differ": "The date"}, "differ"),
    ):
        assert list(refused(actions.check_minutes, was_held, **said)) == [field], said
    actions.check_minutes(was_held, received_on=TODAY, agree=True, by=system())
    with pytest.raises(ChangedMeanwhile, match="checked the minutes that came on 10 March 2010"):
        actions.check_minutes(was_held, received_on=TODAY, agree=False, differ="The date", by=system())
    was_held.refresh_from_db()
    assert was_held.minutes_agree


# --- plans ---------------------------------------------------------------------------------------


def test_a_plan_of_before_has_a_category_and_a_last_conference_since_it_began(case: Case) -> None:
    said: dict[str, Any] = {
        "child": children_on(case)[0],
        "from_on": TODAY - 9 * DAY,
        "category": PlanCategory.NEGLECT,
        "conference_on": TODAY - 9 * DAY,
        "conference_was_initial": True,
    }
    for wrong, fields in (
        ({"category": "hunger"}, ["category"]),
        ({"from_on": TODAY + DAY}, ["from_on", "conference_on"]),
        ({"conference_on": TODAY + DAY}, ["conference_on"]),
        ({"conference_on": TODAY - 10 * DAY}, ["conference_on"]),
        ({"child": children_on(a_case())[0]}, ["children"]),
    ):
        assert list(refused(actions.record_plan, case, **said | wrong)) == fields, wrong
    assert not Plan.objects.exists()


def test_a_child_is_on_one_plan_at_a_time_by_the_rule_and_in_the_database(case: Case) -> None:
    plan = a_plan(case, from_on=TODAY - 60 * DAY)
    actions.end_plan(plan, to_on=TODAY - 30 * DAY, end=PlanEnd.MOVED, note="Ms Arikan", by=system())
    said: dict[str, Any] = {
        "child": plan.child,
        "category": PlanCategory.NEGLECT,
        "conference_on": TODAY,
        "conference_was_initial": True,
    }
    for from_on in (TODAY - 90 * DAY, TODAY - 31 * DAY):
        (told,) = refused(actions.record_plan, case, from_on=from_on, **said)["from_on"]
        assert "is on a plan from 9 January 2010 to 8 February 2010" in told
    # On the day on which one ends another may begin.
    actions.record_plan(case, from_on=TODAY - 30 * DAY, **said, by=system())
    told = refused(actions.record_plan, case, from_on=TODAY, **said)["from_on"][0]
    assert "A child is on one plan at a time" in told
    row = {"child": plan.child, "case": case, "team": case.team, "conference_on": TODAY, "recorded_by": system()}
    for from_on, to_on in ((TODAY, None), (TODAY - 45 * DAY, TODAY - 40 * DAY)):
        end = {"to_on": to_on, "end": PlanEnd.MOVED} if to_on else {}
        with pytest.raises(IntegrityError, match="one_plan_of_a_child_at_a_time"), transaction.atomic():
            Plan.objects.create(from_on=from_on, **end, **row)
    withdrawn = {"withdrawn_at": clock.moment(), "withdrawn_why": "A mistake"}
    Plan.objects.create(from_on=TODAY, **withdrawn, **row)  # counts on no day


def test_a_plan_ends_once_on_a_day_of_it_for_a_reason_that_somebody_told() -> None:
    plan = a_plan(from_on=TODAY - 9 * DAY)
    said: dict[str, Any] = {"to_on": TODAY, "end": PlanEnd.ADULT, "note": "Ms Arikan"}
    for wrong, field in (
        ({"to_on": TODAY + DAY}, "to_on"),
        ({"to_on": TODAY - 10 * DAY}, "to_on"),
        ({"end": PlanEnd.CONFERENCE}, "end"),
        ({"end": ""}, "end"),
        ({"note": " "}, "note"),
    ):
        assert list(refused(actions.end_plan, plan, **said | wrong)) == [field], wrong
    stale = Plan.objects.get()
    actions.end_plan(plan, **said, by=system())
    with pytest.raises(ChangedMeanwhile, match="This plan ended on 10 March 2010"):
        actions.end_plan(stale, **said, by=system())
    assert refused(actions.withdraw_plan, plan, why=" ") == {"why": ["Say why it was a mistake"]}
    actions.withdraw_plan(plan, why="The cousin", by=system())
    with pytest.raises(ChangedMeanwhile, match="This plan was withdrawn on"):
        actions.withdraw_plan(stale, why="The cousin", by=system())
    that_decided()
    begun = Plan.objects.get(begun_at__isnull=False)
    assert "begun by a conference" in refused(actions.withdraw_plan, begun, why="A mistake")[""][0]


# --- core groups ---------------------------------------------------------------------------------


def test_a_core_group_is_of_plans_at_its_own_time() -> None:
    case = a_plan().case
    at = NOW + 9 * DAY
    group = a_core_group(case, at)
    (told,) = refused(actions.plan_core_group, case, starts_at=at)["starts_at"]
    assert "recorded a core group at this time" in told
    for wrong in (NOW + 800 * DAY, NOW - 400 * DAY):
        assert list(refused(actions.plan_core_group, case, starts_at=wrong)) == ["starts_at"]
        assert list(refused(actions.move_core_group, group, starts_at=wrong, why="A room")) == ["starts_at"]
    other = a_core_group(case, at + DAY)
    assert list(refused(actions.move_core_group, other, starts_at=at, why="A room")) == ["starts_at"]
    actions.cancel_core_group(group, why="No room", by=system())
    actions.move_core_group(other, starts_at=at, why="A room", by=system())
    assert "so there is no core group" in refused(actions.plan_core_group, a_case(), starts_at=at)[""][0]


def test_what_a_core_group_said_is_recorded_once_it_has_begun_and_once() -> None:
    group = a_core_group_of_yesterday()
    stale = CoreGroup.objects.get()
    officer, stranger = an_officer(Role.PCLO), an_officer(Role.PCLO, a_team("ENF"))
    said: dict[str, Any] = {"attended_by": officer, "note": "It goes on"}
    shared: dict[str, Any] = {"shared_what": "Bail", "shared_with": "Ms Arikan"}
    for wrong, field in (
        ({"note": " "}, "note"),
        ({"attended_by": stranger}, "attended_by"),
        ({"shared_what": "Bail"}, "shared_with"),
        ({"shared_with": "Ms Arikan"}, "shared_what"),
        ({"attended_by": None, **shared}, "shared_what"),
    ):
        assert list(refused(actions.record_core_group, group, **said | wrong)) == [field], wrong
    recorded = actions.record_core_group(group, **said, **shared, by=system())
    assert recorded.shared is not None
    assert recorded.shared.shared_at == group.starts_at
    assert Entry.objects.filter(case=group.case, kind="shared").count() == 1
    for act, words in (
        (actions.record_core_group, said),
        (actions.cancel_core_group, {"why": "No room"}),
        (actions.move_core_group, {"starts_at": NOW, "why": "No room"}),
    ):
        with pytest.raises(ChangedMeanwhile, match="recorded on"):
            act(stale, **words, by=system())
    to_come = a_core_group(group.case)
    assert list(refused(actions.record_core_group, to_come, **said)) == ["note"]


def test_where_a_report_was_decided_nobody_had_to_go() -> None:
    conference = that_began(kind=ConferenceKind.REVIEW)
    actions.decide_attendance(conference, attending=Attending.REPORT_ONLY, why="Nothing new", by=system())
    actions.record_attendance(conference, missed=Missed.DECIDED, by=system())
    entry = Entry.objects.filter(case=conference.case, kind="contact").get()
    assert entry.text == "Nobody attended: a report was sent instead, as decided."


# --- who attended, put right ---------------------------------------------------------------------


def test_who_attended_is_put_right_with_the_debrief_and_both_stand_in_the_chronology(was_held: Conference) -> None:
    case, was = was_held.case, was_held.attended_by
    ill: dict[str, Any] = {"missed": "sickness", "missed_why": "The officer was ill after all"}
    with pytest.raises(ValidationError, match="Say why"):
        actions.correct_attendance(was_held, **ill, why=" ", by=system())
    actions.correct_attendance(was_held, **ill, why="I ticked the wrong line", by=system())
    was_held.refresh_from_db()
    assert (was_held.attended, was_held.missed) == (False, "sickness")
    assert not Duty.objects.filter(case=case, kind="conference_debrief", state=DutyState.OPEN).exists()
    assert findings_of(case) == []
    entry = case.entries.get(title="Put right: who attended the initial conference")
    assert f"Before: {was} attended." in entry.text
    assert "Why: I ticked the wrong line" in entry.text
    with pytest.raises(ValidationError, match="This is what is recorded already"):
        actions.correct_attendance(was_held, **ill, why="Again", by=system())
    actions.correct_attendance(was_held, attended_by=was, why="They came late", by=system())
    assert Duty.objects.filter(case=case, kind="conference_debrief", state=DutyState.OPEN).count() == 1
    assert findings_of(case) == []


def test_whoever_was_debriefed_was_there(was_held: Conference) -> None:
    conference = actions.debrief_officer(was_held, words="Nothing to add", by=system())
    with pytest.raises(ValidationError, match="has debriefed whoever attended"):
        actions.correct_attendance(conference, missed="court", missed_why="At court", why="A slip", by=system())
