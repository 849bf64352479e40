"""The check of the diary: nothing is found where all is well, and each thing that can be wrong is; and put right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from cases.actions import assign_case, reopen_case
from cases.enums import State
from cases.models import Case, Entry
from cram.actions import return_assessment
from cram.enums import Said
from deadlines import clock
from diary import checking
from diary.actions import give_duty, hold_chases, put_duties_right
from diary.checking import findings_of
from diary.expecting import answered_for
from diary.kinds import kinds
from diary.models import Chase, ChaseState, Check, Duty, DutyState, Heartbeat, Step, Waker, Watch
from diary.nightly import check_when_due
from diary.queries import trouble
from diary.sweep import sweep
from referrals.actions import supervise
from referrals.enums import DecisionKind, Judgement, Method
from referrals.models import Answer
from team.actions import withdraw_role
from team.enums import Role
from team.models import User
from tests.factories.assessing import an_assessed_case, an_assessment, answered, submitted
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_decision,
    a_triaged_case,
    a_wrong_case,
    an_answer,
    an_approved_address,
    an_investigation,
    an_open_update,
    as_supervised,
    asked_to_close,
    judged,
)
from tests.factories.old_logs import an_old_log
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db


def wrong(case: Case) -> list[tuple[str, str]]:
    return [(finding.wrong.value, finding.kind) for finding in findings_of(case)]


def system() -> User:
    return User.objects.system()


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


@pytest.mark.parametrize("name", WELL)
def test_where_all_is_well_nothing_is_found(name: str) -> None:
    an_approved_address()
    assert wrong(WELL[name]()) == []


@pytest.mark.parametrize("name", WELL)
@pytest.mark.parametrize("days", [1, 15, 40])
def test_nor_later_when_the_sweep_has_run(name: str, days: int) -> None:
    an_approved_address()
    case = WELL[name]()
    move_time_to(clock.now() + timedelta(days=days))
    sweep(woken_by=Waker.COMMAND)
    assert wrong(case) == []


def open_duty(case: Case, kind: str) -> Duty:
    return Duty.objects.get(case=case, kind=kind, state=DutyState.OPEN)


def change(case: Case, kind: str, **fields: Any) -> None:
    Duty.objects.filter(pk=open_duty(case, kind).pk).update(**fields)


def lose(case: Case, kind: str) -> None:
    """As a fault in the database, or of a program, could."""
    duty = open_duty(case, kind)
    with connection.cursor() as cursor:
        for table in ("diary_mail", "diary_step", "diary_chase", "diary_watch"):
            column = (
                "step_id IN (SELECT id FROM diary_step WHERE duty_id = %s)" if "mail" in table else "duty_id = %s"
            )
            cursor.execute(f"DELETE FROM {table} WHERE {column}", [duty.pk])  # noqa: S608
        cursor.execute("DELETE FROM diary_duty WHERE id = %s", [duty.pk])


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
def test_a_duty_that_is_missing_is_found_and_raised_as_it_was(name: str, kind: str) -> None:
    an_approved_address()
    case = WELL[name]()
    before = open_duty(case, kind)
    lose(case, kind)
    assert wrong(case) == [("missing", kind)]
    assert Duty.objects.filter(case=case, kind=kind, state=DutyState.OPEN).count() == 0
    assert len(put_duties_right(case, by=system())) == 1
    again = open_duty(case, kind)
    assert (again.due_on, again.late_from, again.due_at) == (before.due_on, before.late_from, before.due_at)
    assert wrong(case) == []
    assert Entry.objects.filter(case=case, title="Duties put right").count() == 1


def test_one_that_was_ended_without_being_done_is_missing() -> None:
    case = a_case()
    change(case, "triage", state=DutyState.CANCELLED, ended_at=clock.now(), ended_by=system(), ended_why="By hand")
    assert wrong(case) == [("missing", "triage")]
    put_duties_right(case, by=system())
    assert (open_duty(case, "triage").cycle, wrong(case)) == (1, [])


def test_one_that_was_put_right_ends_when_it_is_done() -> None:
    from referrals.actions import triage_referral

    case = a_case()
    lose(case, "triage")
    put_duties_right(case, by=system())
    triage_referral(case.referral, urgent=False, what_next="", reason="No injury", by=system())
    assert wrong(case) == []


def test_one_that_stands_on_a_closed_record_is_cancelled() -> None:
    case = a_case()
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=clock.now())
    assert wrong(case) == [("not_due", "triage"), ("not_due", "first_cram")]
    put_duties_right(case, by=system())
    assert wrong(case) == []
    assert Duty.objects.get(case=case, kind="triage").state == DutyState.CANCELLED


def test_one_that_is_there_twice_is_cancelled_once() -> None:
    case = a_case()
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
def test_a_date_that_was_changed_is_found_and_never_changed_back(name: str, kind: str) -> None:
    an_approved_address()
    case = WELL[name]()
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


def test_a_date_that_another_event_gave_is_found() -> None:
    case = a_case()
    duty = open_duty(case, "triage")
    other = duty.due | {"why": duty.due["why"] | {"started": "2020-01-02"}}
    change(case, "triage", due=other)
    assert wrong(case) == [("date", "triage")]


def test_a_reason_that_cannot_be_read_is_found() -> None:
    case = a_case()
    change(case, "triage", due={"nothing": "of use"})
    assert wrong(case) == [("date", "triage")]
    put_duties_right(case, by=system())
    assert wrong(case) == []


def test_another_team_than_the_records_is_found() -> None:
    case = a_case()
    change(case, "triage", team=a_team("ENF"))
    assert wrong(case) == [("team", "triage")]
    put_duties_right(case, by=system())
    assert wrong(case) == []


def test_a_kind_that_nobody_knows_is_found_and_stays() -> None:
    """As after a step back to a release that has not got it: whoever has it back would miss it."""
    case = a_case()
    Duty.objects.filter(pk=open_duty(case, "triage").pk).update(kind="of_another_age")
    assert wrong(case) == [("unknown", "of_another_age"), ("missing", "triage")]
    put_duties_right(case, by=system())
    assert wrong(case) == [("unknown", "of_another_age")]
    with pytest.raises(ValidationError, match="cannot put this right by itself"):
        put_duties_right(case, by=system())


def test_every_kind_is_answered_for_by_some_room() -> None:
    assert answered_for() | {"found"} == {kind.code for kind in kinds()}


def test_a_record_that_cannot_be_checked_is_found_and_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    well, ill, lost = a_case(), a_case(), a_case()
    lose(lost, "triage")
    real = checking.expected

    def expected(cases: Any) -> Any:
        if ill.pk in cases:
            raise ValueError("as of a row that nobody can read")
        return real(cases)

    monkeypatch.setattr(checking, "expected", expected)
    found = checking.findings([well.pk, ill.pk, lost.pk])
    assert [(each.case, each.wrong.value) for each in found] == [(ill.pk, "unreadable"), (lost.pk, "missing")]
    assert found[0].words == "Its duties cannot be checked"
    at_hour(3)
    check = check_when_due()
    assert check is not None
    assert check.found == 2


def test_the_days_of_a_duty_can_always_be_read() -> None:
    duty = open_duty(a_case(), "triage")
    for column in ("due_on", "late_from"):
        changed = f"UPDATE diary_duty SET {column} = 'infinity' WHERE id = %s"  # noqa: S608
        refused = pytest.raises(IntegrityError, match="duty_days_can_be_read")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(changed, [duty.pk])


def test_one_that_nobody_watches_is_found() -> None:
    case = a_wrong_case()
    assert wrong(case) == [("not_watched", "triage")]
    put_duties_right(case, by=system())
    assert Watch.objects.get(duty__case=case, duty__kind="triage").tell_at == open_duty(case, "triage").late_from


def test_one_that_the_sweep_should_have_told_of_is_found() -> None:
    case = a_case()
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
def test_chasing_that_is_missing_or_wrong_is_found_and_goes_on(broken: Callable[[Duty], None]) -> None:
    an_approved_address()
    duty = an_open_update()
    broken(duty)
    assert wrong(duty.case) == [("not_chased", "update")]
    put_duties_right(duty.case, by=system())
    assert wrong(duty.case) == []
    move_time_to(clock.now() + timedelta(days=21))
    sweep(woken_by=Waker.COMMAND)
    assert [step.number for step in duty.steps.order_by("number")] == [0, 1, 2]


def test_a_gap_in_the_chases_is_found_and_filled() -> None:
    an_approved_address()
    duty = an_open_update()
    move_time_to(clock.now() + timedelta(days=28))
    sweep(woken_by=Waker.COMMAND)
    Step.objects.filter(duty=duty, number=2).delete()
    assert wrong(duty.case) == [("not_chased", "update")]
    put_duties_right(duty.case, by=system())
    assert [step.number for step in duty.steps.order_by("number")] == [0, 1, 2, 3]
    assert wrong(duty.case) == []


def test_what_was_held_back_stays_so_when_it_is_put_right() -> None:
    an_approved_address()
    duty = an_open_update()
    hold_chases(duty, why="The worker is the subject", by=an_officer(Role.SUPERVISOR))
    change(duty.case, "update", due_on=duty.due_on + timedelta(days=1))
    put_duties_right(duty.case, by=system())
    assert open_duty(duty.case, "update").held_why == "The worker is the subject"


def test_a_bank_holiday_that_was_proclaimed_afterwards_is_nothing_wrong() -> None:
    from deadlines.models import BankHoliday

    case = a_case()
    due_on = open_duty(case, "triage").due_on
    BankHoliday.objects.get_or_create(on=due_on, defaults={"name": "A day of thanks"})
    assert wrong(case) == []


def test_records_of_an_old_log_are_as_they_should_be() -> None:
    from old_logs.actions import bring_in_old_log
    from old_logs.working import work_on_all

    log = an_old_log()
    work_on_all()
    log.refresh_from_db()
    bring_in_old_log(log, by=an_officer(Role.DESK_SERGEANT, log.team))
    work_on_all()
    cases = Case.objects.filter(team=log.team)
    assert cases.exists()
    assert Duty.objects.filter(from_before=True).exists()
    assert [each for case in cases for each in wrong(case)] == []


# --- putting right -------------------------------------------------------------------------------


def test_the_second_of_two_reads_that_it_is_done() -> None:
    case = a_wrong_case()
    put_duties_right(case, by=system())
    with pytest.raises(ValidationError, match="finds nothing wrong"):
        put_duties_right(case, by=system())


def test_the_inspector_reads_what_is_wrong_and_puts_it_right(client: Client) -> None:
    case = a_case()
    lose(case, "triage")
    client.force_login(an_officer(Role.INSPECTOR, case.team))
    address = f"/queues/{case.number}/put-right/"
    assert "Missing: Triage the referral, counted from" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert wrong(case) == []
    assert "finds nothing wrong on this record any more" in client.get(address).content.decode()


# --- the command, and the night ------------------------------------------------------------------


def test_the_command_says_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    a_case()
    call_command("check_duties")
    assert capsys.readouterr().out == "Every duty is there, once and with the right date: 1 record checked.\n"


def test_the_command_names_what_is_wrong_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    case = a_case()
    lose(case, "triage")
    a_wrong_case()
    with pytest.raises(SystemExit) as ended_with:
        call_command("check_duties")
    said = capsys.readouterr().out
    assert ended_with.value.code == 1
    assert f"{case.number}  Missing: Triage the referral" in said
    assert "2 wrong, on 2 records" in said
    assert wrong(case) == [("missing", "triage")]


def at_hour(hour: int) -> None:
    move_time_to(clock.london_at(clock.today(), hour) + timedelta(minutes=1))


def test_the_night_s_check_runs_once() -> None:
    case = a_wrong_case()
    at_hour(1)
    assert check_when_due() is None
    at_hour(2)
    check = check_when_due()
    assert check is not None
    assert (check.records, check.found) == (1, 1)
    assert check_when_due() is None
    found = open_duty(case, "found")
    assert (found.owner_role, found.due["why"]["rule"]) == (Role.INSPECTOR, "CHECK-FINDING")


def test_what_it_found_is_one_duty_until_it_is_put_right_and_ends_by_itself_too() -> None:
    case, other = a_wrong_case(), a_wrong_case()
    for days in range(2):
        move_time_to(clock.london_at(clock.today(), 3) + timedelta(days=days))
        check_when_due()
    assert Duty.objects.filter(kind="found", state=DutyState.OPEN).count() == 2
    put_duties_right(case, by=system())
    assert not Duty.objects.filter(case=case, kind="found", state=DutyState.OPEN).exists()
    duty = open_duty(other, "triage")
    Watch.objects.create(duty=duty, tell_at=duty.late_from)
    Watch.objects.filter(duty__kind="found").update(tell_at=None)
    move_time_to(clock.now() + timedelta(days=1))
    Heartbeat.objects.all().delete()
    check_when_due()
    assert not Duty.objects.filter(case=other, kind="found", state=DutyState.OPEN).exists()


def test_one_that_was_broken_off_is_begun_anew() -> None:
    a_wrong_case()
    at_hour(3)
    Check.objects.create(on=clock.today(), records=7)
    check = check_when_due()
    assert check is not None
    assert (check.records, check.found, Check.objects.count()) == (1, 1, 1)


def test_a_night_without_it_is_told() -> None:
    assert trouble(None, now=clock.now()).unchecked == 0
    at_hour(3)
    check_when_due()
    assert trouble(None, now=clock.now()).unchecked == 0
    move_time_to(clock.now() + timedelta(hours=31))
    assert trouble(None, now=clock.now()).unchecked == 1


def test_the_number_of_questions_does_not_grow_with_the_records() -> None:
    from diary.checking import findings

    def asked() -> int:
        from django.test.utils import CaptureQueriesContext

        ids = list(Case.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as captured:
            assert findings(ids) == []
        return len(captured)

    an_approved_address()
    for make in WELL.values():
        make()
    few = asked()
    for make in WELL.values():
        make()
        make()
    assert asked() == few


# --- what is to be judged when it is decided anew ------------------------------------------------


def decided_late(case: Case, kind: DecisionKind = DecisionKind.SOCIAL_SERVICES, *, ago: timedelta) -> None:
    a_decision(case, kind=kind, decided_at=clock.now() - ago, reason=f"As of {clock.moment()}")


@pytest.mark.parametrize("judgement", [Judgement.UNCHANGED, Judgement.NO_ANSWER])
def test_an_update_that_waits_goes_with_the_request_of_a_decision_that_is_recorded_late(judgement: Judgement) -> None:
    an_approved_address()
    move_time_to(clock.now() - timedelta(days=2))
    duty = an_open_update()
    move_time_to(clock.now() + timedelta(hours=5))
    answer = an_answer(duty.case)
    move_time_to(clock.now() + timedelta(minutes=30))
    decided_late(duty.case, DecisionKind.INFORMATION, ago=timedelta(hours=2))
    decided_late(duty.case, ago=timedelta(hours=1))
    assert wrong(duty.case) == []
    answer.refresh_from_db()
    judged(answer, judgement)
    assert wrong(duty.case) == []
    still = Duty.objects.filter(case=duty.case, kind="update", state=DutyState.OPEN).exists()
    assert still == (judgement == Judgement.NO_ANSWER)


@pytest.mark.parametrize("judgement", [Judgement.UNCHANGED, Judgement.NO_ANSWER])
def test_an_update_that_waits_goes_with_the_request_that_was_put_right(judgement: Judgement) -> None:
    an_approved_address()
    case = an_answered_case()
    change(case, "update", due_on=open_duty(case, "update").due_on + timedelta(days=1))
    put_duties_right(case, by=system())
    judged(Answer.objects.get(case=case), judgement)
    assert wrong(case) == []


def test_a_request_that_was_put_right_is_not_sent_a_second_time_and_its_chases_count() -> None:
    an_approved_address()
    duty = an_open_update()
    move_time_to(clock.now() + timedelta(days=21, hours=1))
    sweep(woken_by=Waker.COMMAND)
    before = list(Step.objects.values_list("number", "mail__message_id").order_by("number"))
    change(duty.case, "update", due_on=duty.due_on + timedelta(days=1))
    put_duties_right(duty.case, by=system())
    again = open_duty(duty.case, "update")
    assert again.pk != duty.pk
    assert list(again.steps.values_list("number", "mail__message_id").order_by("number")) == before
    assert wrong(duty.case) == []


def test_what_is_missing_and_was_held_back_is_not_sent_when_it_is_put_right() -> None:
    an_approved_address()
    duty = an_open_update()
    hold_chases(duty, why="The worker is the subject", by=an_officer(Role.SUPERVISOR))
    said = {"ended_at": clock.now(), "ended_by": system(), "ended_why": "By hand"}
    change(duty.case, "update", state=DutyState.CANCELLED, **said)
    put_duties_right(duty.case, by=system())
    assert open_duty(duty.case, "update").held_why == "The worker is the subject"


@pytest.mark.parametrize(
    "fields", [{"tell_at": None}, {"tell_at": datetime(2099, 1, 1, tzinfo=UTC)}, {"told": 2, "tell_at": None}]
)
def test_a_watch_that_would_never_tell_is_found(fields: dict[str, Any]) -> None:
    case = a_case()
    Watch.objects.filter(duty__case=case, duty__kind="triage").update(**fields)
    assert wrong(case) == [("not_watched", "triage")]
    put_duties_right(case, by=system())
    assert wrong(case) == []


@pytest.mark.parametrize("fields", [{"next_on": date(2099, 1, 1)}, {"apart": 70}, {"first_after": 140}])
def test_a_chase_that_would_never_fall_is_found(fields: dict[str, Any]) -> None:
    an_approved_address()
    duty = an_open_update()
    Chase.objects.filter(duty=duty).update(**fields)
    assert wrong(duty.case) == [("not_chased", "update")]
    put_duties_right(duty.case, by=system())
    assert wrong(duty.case) == []


def test_a_missing_allocation_is_found_though_who_has_left_stands_on_the_record() -> None:
    case = an_investigation()
    officer = an_officer(Role.INVESTIGATOR, case.team)
    assign_case(case, officer_in_case=officer, supervisor=None, by=system())
    withdraw_role(officer.memberships.get(), reason="Left", by=system())
    decided_late(case, DecisionKind.INFORMATION, ago=timedelta(0))
    decided_late(case, DecisionKind.POLICE, ago=timedelta(0))
    assert wrong(case) == []
    lose(case, "allocation")
    assert wrong(case) == [("missing", "allocation")]


def test_what_somebody_has_who_left_goes_back_to_its_role_by_night() -> None:
    case = a_case()
    officer = an_officer(Role.SUPERVISOR, case.team)
    give_duty(open_duty(case, "triage"), to=officer, why="Load", by=system())
    withdraw_role(officer.memberships.get(), reason="Left", by=system())
    at_hour(3)
    check_when_due()
    assert open_duty(case, "triage").owner is None
    (entry,) = Entry.objects.filter(case=case, title__startswith="Given back to the role of")
    assert entry.text == f"{officer} cannot do it any more in {case.team}."
