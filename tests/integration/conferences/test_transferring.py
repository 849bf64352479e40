"""What is still to come goes with a record to another team; what was held or has ended stays in the figures."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cases.closure import before_transfer
from cases.models import Case
from conferences.actions import correct_outcome, end_plan
from conferences.actions.following import Decided
from conferences.enums import ConferenceState, Outcome, PlanCategory, PlanEnd
from conferences.figures import counted
from conferences.models import Conference, OutcomeFor, Plan
from conferences.record_pages import conferences_shown
from deadlines import clock
from diary.checking import findings
from diary.models import Duty, DutyState
from team.enums import Role
from team.models import User
from tests.factories.conferences import a_conference, a_review, children_on, decided, held, on_a_plan, that_began
from tests.factories.referrals import a_case, a_child
from tests.factories.reports import a_report, a_submitted_report
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_receiver, transferred
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db


def wrong(case: Case) -> list[str]:
    return [each.words for each in findings([case.pk])]


def test_what_is_booked_and_runs_goes_with_it_and_what_was_held_or_has_ended_stays(client: Client) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway"), a_child("Reece", "Calloway")])
    initial = on_a_plan(case)
    rhys, reece = children_on(case)
    system, pclo = User.objects.system(), an_officer(Role.PCLO)
    ended = Plan.objects.get(child=reece)
    end_plan(ended, to_on=clock.today(), end=PlanEnd.MOVED, note="They said so", by=system)
    review = a_review(case, pclo=pclo, children=[rhys])
    sergeant = an_officer(Role.SUPERVISOR)
    figure = counted(sergeant, now=clock.now()).count()
    before = {duty.pk: (duty.due_on, duty.late_from) for duty in Duty.objects.filter(state=DutyState.OPEN)}
    assert wrong(case) == []

    case = transferred(case)
    teams = {each.pk: each.team for each in Conference.objects.select_related("team")}
    assert teams == {initial.pk: a_team(), review.pk: a_team("ENF")}
    assert Conference.objects.get(pk=review.pk).pclo is None
    plans = {each.child: each.team for each in Plan.objects.select_related("team", "child")}
    assert plans == {rhys: a_team("ENF"), reece: a_team()}
    duties = Duty.objects.filter(state=DutyState.OPEN)
    assert {duty.pk: (duty.due_on, duty.late_from) for duty in duties} == before
    assert {(duty.team, duty.owner) for duty in duties.select_related("team", "owner")} == {(a_team("ENF"), None)}
    assert wrong(case) == []
    assert counted(sergeant, now=clock.now()).count() == figure == 1

    # Of the record its new team sees all of it, on its pages and as a program.
    receiver = a_receiver()
    shown = conferences_shown(case, user=receiver, now=clock.now())
    assert [each.conference for each in shown.booked] == [review]
    assert [each.conference for each in shown.over] == [initial]
    assert shown.hidden == []
    program = Program(receiver)
    ids = {each["id"] for each in program.get("conferences", case=case.number).json()["results"]}
    assert ids == {initial.pk, review.pk}
    assert program.get("conference", initial.pk).status_code == 200
    assert program.get("plan", ended.pk).status_code == 200
    assert Program(sergeant).get("conference", initial.pk).status_code == 403
    client.force_login(receiver)
    answer = client.get(reverse("conferences:conference", args=[case.number, initial.number]))
    assert answer.status_code == 200

    # On another record of the child, what is on this one is named by the team that has it.
    elsewhere = a_case(children=[a_child("Rhys", "Calloway", same_as=rhys.pk)])
    there = conferences_shown(elsewhere, user=sergeant, now=clock.now())
    assert (there.booked, there.over, there.hidden) == ([], [], [a_team("ENF")])


def test_what_is_decided_afterwards_is_of_the_team_that_has_the_record() -> None:
    system = User.objects.system()
    waiting = held(a_conference(a_case()))
    transferred(waiting.case)
    decided(waiting)
    assert Plan.objects.get(begun_at=waiting).team == a_team("ENF")
    assert wrong(waiting.case) == []

    initial = on_a_plan(a_case())
    review = decided(held(a_review(initial.case)), Outcome.ENDS)
    plan = Plan.objects.get(begun_at=initial)
    transferred(initial.case)
    plan.refresh_from_db()
    assert plan.team == a_team()
    (outcome,) = OutcomeFor.objects.filter(conference=review)
    right = Decided(outcome.child, Outcome.CONTINUES, PlanCategory.NEGLECT)
    correct_outcome(outcome, decided=right, why="It goes on", by=system)
    plan.refresh_from_db()
    assert (plan.to_on, plan.team) == (None, a_team("ENF"))
    assert wrong(initial.case) == []
    assert review.state == ConferenceState.HELD


def test_a_police_report_is_finished_by_those_who_wrote_it() -> None:
    report = a_report(a_conference())
    assert [each.what for each in before_transfer(report.conference.case)] == [
        "A police report to a conference is being written"
    ]
    waiting = a_submitted_report().conference.case
    assert "A police report to a conference is not endorsed" in [each.what for each in before_transfer(waiting)]
    # Nobody finishes what a conference that is over does not need any more.
    case = held(report.conference).case
    assert before_transfer(case) == []


def test_whose_conference_it_was_says_first_who_attended() -> None:
    case = a_case()
    conference = that_began(case)
    assert [each.what for each in before_transfer(case)] == ["Who attended a conference is not recorded"]
    held(conference)
    assert before_transfer(case) == []
