"""The check of the diary as a command, and of every night: what it says and what is made of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from cases.models import Case, Entry
from deadlines import clock
from diary import checking
from diary.actions import give_duty, put_duties_right
from diary.models import Check, Duty, DutyState, Heartbeat, Watch
from diary.nightly import check_when_due
from diary.queries import trouble
from team.actions import withdraw_role
from team.enums import Role
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_wrong_case
from tests.factories.old_logs import an_old_log
from tests.factories.referrals import a_case
from tests.factories.team import an_officer
from tests.integration.diary.checked import lose, open_duty, system, wrong

pytestmark = pytest.mark.django_db


def at_hour(hour: int) -> None:
    move_time_to(clock.london_at(clock.today(), hour) + timedelta(minutes=1))


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
