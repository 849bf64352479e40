"""The check of the diary: nothing is found where all is well, and each thing that can be wrong is; and put right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions import assign_case, reopen_case
from cases.enums import State
from cases.models import Case, Entry
from cram.actions import return_assessment
from cram.enums import Said
from deadlines import clock
from diary.actions import hold_chases, put_duties_right
from diary.checking import findings
from diary.expecting import answered_for
from diary.kinds import kinds
from diary.models import Chase, ChaseState, Duty, DutyState, Heartbeat, Step, Waker, Watch
from diary.sweep import sweep
from referrals.actions import supervise
from referrals.enums import DecisionKind, Judgement, Method
from referrals.models import Answer
from team.actions import withdraw_role
from team.enums import Role
from tests.factories.assessing import an_assessed_case, an_assessment, answered, submitted
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_decision,
    a_triaged_case,
    an_answer,
    an_approved_address,
    an_investigation,
    an_open_update,
    as_supervised,
    asked_to_close,
    judged,
)
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.integration.diary.checked import change, lose, open_duty, system, wrong
from tests.shared import Shared, own, undone

pytestmark = pytest.mark.django_db

Well = Callable[[str], Case]


def an_answered_case() -> Case:
    case = an_open_update().case
    an_answer(case)
    return case


def a_case_to_decide_again() -> Case:
    case = an_open_update().case
    judged(an_answer(case), Judgement.CHANGED)
    return case


def a_reopened_case() -> Case:
    return reopen_case(a_closed_case(), reason="Another call", by=an_officer(Role.INSPECTOR))


def an_unallocated_case() -> Case:
    case = a_decided_case(DecisionKind.POLICE)
    officer = an_officer(Role.INVESTIGATOR)
    assign_case(case, officer_in_case=officer, supervisor=None, by=system())
    assign_case(case, officer_in_case=None, supervisor=None, reason="Left", by=system())
    return case


def a_case_with_a_gap() -> Case:
    assessment = an_assessment(a_case())
    answered(assessment, Said.NOT_KNOWN)
    return assessment.case


def a_returned_case() -> Case:
    by = an_officer(Role.SUPERVISOR)
    return return_assessment(submitted(a_case()), words="Who has the child tonight?", by=by).assessment.case


def a_twice_supervised_case() -> Case:
    case = an_investigation()
    for _ in range(2):
        supervise(case, **as_supervised(found=f"As of {clock.moment()}"), by=an_officer(Role.SUPERVISOR, case.team))
    return case


WELL: dict[str, Callable[[], Case]] = {
    "logged": a_case,
    "urgent": lambda: a_case(urgent=True),
    "telephoned": lambda: a_case(method=Method.TELEPHONE),
    "triaged": a_triaged_case,
    "information": a_decided_case,
    "investigated": lambda: a_decided_case(DecisionKind.POLICE),
    "unallocated again": an_unallocated_case,
    "supervised": an_investigation,
    "supervised twice": a_twice_supervised_case,
    "asked": lambda: an_open_update().case,
    "answered": an_answered_case,
    "decided again": a_case_to_decide_again,
    "closure asked": lambda: asked_to_close().case,
    "closed": a_closed_case,
    "reopened": a_reopened_case,
    "assessment begun": lambda: an_assessment(a_case()).case,
    "not known": a_case_with_a_gap,
    "assessment sent": lambda: submitted(a_case()).case,
    "assessment returned": a_returned_case,
    "assessed": an_assessed_case,
}


@pytest.fixture(scope="module")
def built(shared: Shared) -> dict[str, Case]:
    """One record of each kind."""

    def build() -> dict[str, Case]:
        an_approved_address()
        return {name: make() for name, make in WELL.items()}

    return shared(build)


@pytest.fixture
def well(built: dict[str, Case]) -> Well:
    """The record of that name."""
    return lambda name: own(built[name])


@pytest.fixture
def case(well: Well) -> Case:
    return well("logged")


@pytest.fixture
def asked(well: Well) -> Duty:
    return open_duty(well("asked"), "update")


def wrong_ones(well: Well) -> dict[str, list[tuple[str, str]]]:
    found = {name: wrong(well(name)) for name in WELL}
    return {name: wrongs for name, wrongs in found.items() if wrongs}


def test_where_all_is_well_nothing_is_found(well: Well) -> None:
    assert wrong_ones(well) == {}


@pytest.mark.parametrize("days", [1, 15, 40])
def test_nor_later_when_the_sweep_has_run(well: Well, days: int) -> None:
    move_time_to(clock.now() + timedelta(days=days))
    sweep(woken_by=Waker.COMMAND)
    assert wrong_ones(well) == {}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("logged", "triage"),
        ("telephoned", "confirmation"),
        ("triaged", "decision"),
        ("investigated", "allocation"),
        ("unallocated again", "allocation"),
        ("asked", "update"),
        ("decided again", "decision"),
        ("closure asked", "closure"),
        ("reopened", "decision"),
        ("supervised", "supervision"),
        ("supervised twice", "supervision"),
        ("answered", "judge"),
        ("logged", "first_cram"),
        ("not known", "gap"),
        ("assessment sent", "endorse_cram"),
        ("assessment returned", "cram_returned"),
        ("assessed", "cram_review"),
    ],
)
def test_a_duty_that_is_missing_is_found_and_raised_as_it_was(well: Well, name: str, kind: str) -> None:
    case = well(name)
    before = open_duty(case, kind)
    lose(case, kind)
    assert wrong(case) == [("missing", kind)]
    assert Duty.objects.filter(case=case, kind=kind, state=DutyState.OPEN).count() == 0
    assert len(put_duties_right(case, by=system())) == 1
    again = open_duty(case, kind)
    assert (again.due_on, again.late_from, again.due_at) == (before.due_on, before.late_from, before.due_at)
    assert wrong(case) == []
    assert Entry.objects.filter(case=case, title="Duties put right").count() == 1


def test_one_that_was_ended_without_being_done_is_missing(case: Case) -> None:
    change(case, "triage", state=DutyState.CANCELLED, ended_at=clock.now(), ended_by=system(), ended_why="By hand")
    assert wrong(case) == [("missing", "triage")]
    put_duties_right(case, by=system())
    assert (open_duty(case, "triage").cycle, wrong(case)) == (1, [])


def test_one_that_was_put_right_ends_when_it_is_done(case: Case) -> None:
    from referrals.actions import triage_referral

    lose(case, "triage")
    put_duties_right(case, by=system())
    triage_referral(case.referral, urgent=False, what_next="", reason="No injury", by=system())
    assert wrong(case) == []


def test_one_that_stands_on_a_closed_record_is_cancelled(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=clock.now())
    assert wrong(case) == [("not_due", "triage"), ("not_due", "first_cram")]
    put_duties_right(case, by=system())
    assert wrong(case) == []
    assert Duty.objects.get(case=case, kind="triage").state == DutyState.CANCELLED


def test_one_that_is_there_twice_is_cancelled_once(case: Case) -> None:
    first = open_duty(case, "triage")
    Duty.objects.bulk_create([Duty(**{**as_it_is(first), "cycle": 1})])
    assert wrong(case) == [("twice", "triage")]
    put_duties_right(case, by=system())
    assert open_duty(case, "triage").pk == first.pk


def as_it_is(duty: Duty) -> dict[str, Any]:
    return {f.attname: getattr(duty, f.attname) for f in Duty._meta.fields if f.name not in ("id", "raised_at")}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("logged", "triage"),
        ("logged", "first_cram"),
        ("urgent", "triage"),
        ("triaged", "decision"),
        ("asked", "update"),
        ("not known", "gap"),
        ("assessed", "cram_review"),
    ],
)
def test_a_date_that_was_changed_is_found_and_never_changed_back(well: Well, name: str, kind: str) -> None:
    case = well(name)
    duty = open_duty(case, kind)
    right = duty.late_from
    moved = {"due_on": duty.due_on + timedelta(days=7), "late_from": duty.late_from + timedelta(days=7)}
    change(case, duty.kind, **moved)
    assert ("date", duty.kind) in wrong(case)
    put_duties_right(case, by=system())
    duty.refresh_from_db()
    assert (duty.state, duty.late_from) == (DutyState.CANCELLED, moved["late_from"])
    assert open_duty(case, duty.kind).late_from == right
    assert wrong(case) == []


def test_a_date_that_another_event_gave_is_found(case: Case) -> None:
    duty = open_duty(case, "triage")
    other = duty.due | {"why": duty.due["why"] | {"started": "2020-01-02"}}
    change(case, "triage", due=other)
    assert wrong(case) == [("date", "triage")]


def test_a_reason_that_cannot_be_read_is_found(case: Case) -> None:
    change(case, "triage", due={"nothing": "of use"})
    assert wrong(case) == [("date", "triage")]
    put_duties_right(case, by=system())
    assert wrong(case) == []


def test_another_team_than_the_records_is_found(case: Case) -> None:
    change(case, "triage", team=a_team("ENF"))
    assert wrong(case) == [("team", "triage")]
    put_duties_right(case, by=system())
    assert wrong(case) == []


def test_a_kind_that_nobody_knows_is_found_and_stays(case: Case) -> None:
    """As after a step back to a release that has not got it: whoever has it back would miss it."""
    Duty.objects.filter(pk=open_duty(case, "triage").pk).update(kind="of_another_age")
    assert wrong(case) == [("unknown", "of_another_age"), ("missing", "triage")]
    put_duties_right(case, by=system())
    assert wrong(case) == [("unknown", "of_another_age")]
    with pytest.raises(ValidationError, match="cannot put this right by itself"):
        put_duties_right(case, by=system())


def test_every_kind_is_answered_for_by_some_room() -> None:
    assert answered_for() | {"found"} == {kind.code for kind in kinds()}


def test_the_days_of_a_duty_can_always_be_read(case: Case) -> None:
    duty = open_duty(case, "triage")
    for column in ("due_on", "late_from"):
        changed = f"UPDATE diary_duty SET {column} = 'infinity' WHERE id = %s"  # noqa: S608
        refused = pytest.raises(IntegrityError, match="duty_days_can_be_read")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(changed, [duty.pk])


def unwatched(case: Case) -> Case:
    Watch.objects.filter(duty=open_duty(case, "triage")).delete()
    return case


def test_one_that_nobody_watches_is_found(case: Case) -> None:
    unwatched(case)
    assert wrong(case) == [("not_watched", "triage")]
    put_duties_right(case, by=system())
    assert Watch.objects.get(duty__case=case, duty__kind="triage").tell_at == open_duty(case, "triage").late_from


def test_one_that_the_sweep_should_have_told_of_is_found(case: Case) -> None:
    Heartbeat.objects.create(waker=Waker.BEAT, succeeded_at=clock.now() + timedelta(days=9))
    move_time_to(clock.now() + timedelta(days=9))
    assert wrong(case) == [("not_watched", "triage"), ("not_watched", "first_cram")]
    put_duties_right(case, by=system())
    assert [watch.told for watch in Watch.objects.filter(duty__case=case)] == [3, 3]
    assert wrong(case) == []


def without_its_chase(duty: Duty) -> None:
    Chase.objects.filter(duty=duty).delete()


def begun_elsewhen(duty: Duty) -> None:
    chase = Chase.objects.get(duty=duty)
    chase.started_on -= timedelta(days=3)
    chase.save()


def without_its_request(duty: Duty) -> None:
    step = Step.objects.get(duty=duty, number=0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM diary_mail WHERE step_id = %s", [step.pk])
    step.delete()


def ended(duty: Duty) -> None:
    Chase.objects.filter(duty=duty).update(state=ChaseState.ENDED)


def standing_still(duty: Duty) -> None:
    Chase.objects.filter(duty=duty).update(state=ChaseState.PAUSED)


@pytest.mark.parametrize("broken", [without_its_chase, begun_elsewhen, without_its_request, ended, standing_still])
def test_chasing_that_is_missing_or_wrong_is_found_and_goes_on(asked: Duty, broken: Callable[[Duty], None]) -> None:
    broken(asked)
    assert wrong(asked.case) == [("not_chased", "update")]
    put_duties_right(asked.case, by=system())
    assert wrong(asked.case) == []
    move_time_to(clock.now() + timedelta(days=21))
    sweep(woken_by=Waker.COMMAND)
    assert [step.number for step in asked.steps.order_by("number")] == [0, 1, 2]


def test_a_gap_in_the_chases_is_found_and_filled(asked: Duty) -> None:
    move_time_to(clock.now() + timedelta(days=28))
    sweep(woken_by=Waker.COMMAND)
    Step.objects.filter(duty=asked, number=2).delete()
    assert wrong(asked.case) == [("not_chased", "update")]
    put_duties_right(asked.case, by=system())
    assert [step.number for step in asked.steps.order_by("number")] == [0, 1, 2, 3]
    assert wrong(asked.case) == []


def test_what_was_held_back_stays_so_when_it_is_put_right(asked: Duty) -> None:
    hold_chases(asked, why="The worker is the subject", by=an_officer(Role.SUPERVISOR))
    change(asked.case, "update", due_on=asked.due_on + timedelta(days=1))
    put_duties_right(asked.case, by=system())
    assert open_duty(asked.case, "update").held_why == "The worker is the subject"


def test_a_bank_holiday_that_was_proclaimed_afterwards_is_nothing_wrong(case: Case) -> None:
    from deadlines.models import BankHoliday

    due_on = open_duty(case, "triage").due_on
    BankHoliday.objects.get_or_create(on=due_on, defaults={"name": "A day of thanks"})
    assert wrong(case) == []


# --- putting right -------------------------------------------------------------------------------


def test_the_second_of_two_reads_that_it_is_done(case: Case) -> None:
    unwatched(case)
    put_duties_right(case, by=system())
    with pytest.raises(ValidationError, match="finds nothing wrong"):
        put_duties_right(case, by=system())


def test_the_inspector_reads_what_is_wrong_and_puts_it_right(case: Case, client: Client) -> None:
    lose(case, "triage")
    client.force_login(an_officer(Role.INSPECTOR, case.team))
    address = f"/queues/{case.number}/put-right/"
    assert "Missing: Triage the referral, counted from" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert wrong(case) == []
    assert "finds nothing wrong on this record any more" in client.get(address).content.decode()


def test_the_number_of_questions_does_not_grow_with_the_records(well: Well) -> None:
    def ask(cases: list[int]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert findings(cases) == []
        return len(captured)

    made = [well(name).pk for name in WELL]
    few = ask(made)
    assert ask([*made, *(make().pk for make in WELL.values())]) == few


# --- what is to be judged when it is decided anew ------------------------------------------------


def decided_late(case: Case, kind: DecisionKind = DecisionKind.SOCIAL_SERVICES, *, ago: timedelta) -> None:
    a_decision(case, kind=kind, decided_at=clock.now() - ago, reason=f"As of {clock.moment()}")


JUDGEMENTS = [Judgement.UNCHANGED, Judgement.NO_ANSWER]


@pytest.mark.usefixtures("built")  # an address is approved
def test_an_update_that_waits_goes_with_the_request_of_a_decision_that_is_recorded_late() -> None:
    move_time_to(clock.now() - timedelta(days=2))
    case = an_open_update().case
    move_time_to(clock.now() + timedelta(hours=5))
    an_answer(case)
    move_time_to(clock.now() + timedelta(minutes=30))
    decided_late(case, DecisionKind.INFORMATION, ago=timedelta(hours=2))
    decided_late(case, ago=timedelta(hours=1))
    assert wrong(case) == []
    still = {}
    for judgement in JUDGEMENTS:
        with undone():
            judged(Answer.objects.get(case=case), judgement)
            assert wrong(case) == [], judgement
            still[judgement] = Duty.objects.filter(case=case, kind="update", state=DutyState.OPEN).exists()
    assert still == {Judgement.UNCHANGED: False, Judgement.NO_ANSWER: True}


@pytest.mark.parametrize("judgement", JUDGEMENTS)
def test_an_update_that_waits_goes_with_the_request_that_was_put_right(well: Well, judgement: Judgement) -> None:
    case = well("answered")
    change(case, "update", due_on=open_duty(case, "update").due_on + timedelta(days=1))
    put_duties_right(case, by=system())
    judged(Answer.objects.get(case=case), judgement)
    assert wrong(case) == []


def test_a_request_that_was_put_right_is_not_sent_a_second_time_and_its_chases_count(asked: Duty) -> None:
    move_time_to(clock.now() + timedelta(days=21, hours=1))
    sweep(woken_by=Waker.COMMAND)
    before = list(asked.steps.values_list("number", "mail__message_id").order_by("number"))
    change(asked.case, "update", due_on=asked.due_on + timedelta(days=1))
    put_duties_right(asked.case, by=system())
    again = open_duty(asked.case, "update")
    assert again.pk != asked.pk
    assert list(again.steps.values_list("number", "mail__message_id").order_by("number")) == before
    assert wrong(asked.case) == []


def test_what_is_missing_and_was_held_back_is_not_sent_when_it_is_put_right(asked: Duty) -> None:
    hold_chases(asked, why="The worker is the subject", by=an_officer(Role.SUPERVISOR))
    said = {"ended_at": clock.now(), "ended_by": system(), "ended_why": "By hand"}
    change(asked.case, "update", state=DutyState.CANCELLED, **said)
    put_duties_right(asked.case, by=system())
    assert open_duty(asked.case, "update").held_why == "The worker is the subject"


@pytest.mark.parametrize(
    "fields", [{"tell_at": None}, {"tell_at": datetime(2099, 1, 1, tzinfo=UTC)}, {"told": 2, "tell_at": None}]
)
def test_a_watch_that_would_never_tell_is_found(case: Case, fields: dict[str, Any]) -> None:
    Watch.objects.filter(duty__case=case, duty__kind="triage").update(**fields)
    assert wrong(case) == [("not_watched", "triage")]
    put_duties_right(case, by=system())
    assert wrong(case) == []


@pytest.mark.parametrize("fields", [{"next_on": date(2099, 1, 1)}, {"apart": 70}, {"first_after": 140}])
def test_a_chase_that_would_never_fall_is_found(asked: Duty, fields: dict[str, Any]) -> None:
    Chase.objects.filter(duty=asked).update(**fields)
    assert wrong(asked.case) == [("not_chased", "update")]
    put_duties_right(asked.case, by=system())
    assert wrong(asked.case) == []


def test_a_missing_allocation_is_found_though_who_has_left_stands_on_the_record(well: Well) -> None:
    case = well("supervised")
    officer = an_officer(Role.INVESTIGATOR, case.team)
    assign_case(case, officer_in_case=officer, supervisor=None, by=system())
    withdraw_role(officer.memberships.get(), reason="Left", by=system())
    decided_late(case, DecisionKind.INFORMATION, ago=timedelta(0))
    decided_late(case, DecisionKind.POLICE, ago=timedelta(0))
    assert wrong(case) == []
    lose(case, "allocation")
    assert wrong(case) == [("missing", "allocation")]
