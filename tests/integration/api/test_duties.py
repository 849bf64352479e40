"""Duties for programs: given to somebody, how late each is, and who was told so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deadlines import clock, rules
from deadlines.calendar import ONE_DAY
from diary import duties
from diary.models import Duty, Waker
from diary.steps import end_duty, raise_again
from diary.sweep import sweep
from team.enums import Role
from team.models import User
from tests.factories.deciding import an_open_update
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.prepared import said_wrong
from tests.integration.api.reading import pages

pytestmark = pytest.mark.django_db


def at_the_desk() -> Program:
    return Program(an_officer(Role.DESK_SERGEANT))


def test_a_duty_is_given_by_user_name_and_back_to_the_role() -> None:
    program, officer = at_the_desk(), an_officer(Role.INVESTIGATOR)
    duty = an_open_update()
    given = program.post("give_duty", duty.pk, to=officer.username.upper(), why="Court").json()
    assert given["owner"] == {"id": officer.pk, "name": str(officer)}
    late = said_wrong(program.post("give_duty", duty.pk, to=None, why="Back", seen=0), 409)
    assert f"gave it to {officer} while you had this open." in late["detail"]
    back = program.post("give_duty", duty.pk, to=None, why="Back", seen=officer.pk)
    assert back.json()["owner"] is None
    assert "Nobody has it by name already" in str(said_wrong(program.post("give_duty", duty.pk, to=None, why="Back")))


@pytest.mark.parametrize("to", ["nobody.here", "cait", "", " ", "x" * 151, 7])
def test_a_duty_is_given_to_nobody_there_is_not(to: Any) -> None:
    program, duty = at_the_desk(), an_open_update()
    assert set(said_wrong(program.post("give_duty", duty.pk, to=to, why="Court"))) == {"detail", "to"}
    assert set(said_wrong(program.post("give_duty", duty.pk, why="Court"))) == {"detail", "to"}
    stranger = an_officer(Role.SUPERVISOR, a_team("ENF"))
    said = said_wrong(program.post("give_duty", duty.pk, to=stranger.username, why="Court"))
    assert set(said) == {"detail", "to"}


def test_a_late_duty_says_by_how_much_and_who_was_told() -> None:
    program = at_the_desk()
    case = a_case(received_at=clock.moment() - 30 * ONE_DAY)
    sweep(woken_by=Waker.COMMAND)
    (duty,) = program.get("duties", case=case.number, kind="triage").json()["results"]
    late_from = Duty.objects.get(pk=duty["id"]).late_from
    assert duty["late_by_hours"] == (clock.now() - late_from) // timedelta(hours=1)
    first, *others = duty["told"]
    assert (first["step"], first["to"], first["role"]) == (1, None, "desk_sergeant")
    assert [each["step"] for each in others] == [2, 3, 4]
    ids = [each["id"] for each in program.get("duties", level="none", whose="nobodys").json()["results"]]
    assert ids == []


def test_what_became_of_the_duties_of_a_record_is_read_what_ended_last_first() -> None:
    program, case = at_the_desk(), a_case(received_at=clock.moment() - 30 * ONE_DAY)
    assert pages(program, "ended_duties", case.number) == [[]]
    sweep(woken_by=Waker.COMMAND)
    triage, cram = (Duty.objects.get(case=case, kind=kind) for kind in ("triage", "first_cram"))
    end_duty(cram, done=False, why="It came twice", by=program.user)
    end_duty(triage, done=True, why="Triaged", by=program.user)
    elsewhere = Duty.objects.get(case=a_case(), kind="triage")
    end_duty(elsewhere, done=True, why="Triaged", by=program.user)
    (found,) = pages(program, "ended_duties", case.number)
    assert [(each["kind"], each["state"]) for each in found] == [("triage", "satisfied"), ("first_cram", "cancelled")]
    first, second = found
    assert (first["ended_why"], first["ended_by"]["id"]) == ("Triaged", program.user.pk)
    assert first["late_by_hours"] > 24
    assert [each["step"] for each in first["told"]] == [1, 2, 3, 4]
    assert second["ended_why"] == "It came twice"
    assert first == program.get("duty", triage.pk).json()


def test_of_many_that_ended_each_is_read_once_with_as_many_statements() -> None:
    program, case = at_the_desk(), a_case()
    system = User.objects.system()

    def more(several: int, begin: int) -> None:
        for number in range(begin, begin + several):
            due = rules.ACTION.chosen(clock.today(), clock.now())
            duty = raise_again(duties.ACTION, case, due, subject=number, by=system)
            end_duty(duty, done=True, why="Done", by=system)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert program.get("ended_duties", case.number).status_code == 200
        return len(captured)

    more(2, 1)
    statements()
    few = statements()
    more(50, 3)
    assert statements() == few
    found = pages(program, "ended_duties", case.number)
    assert [len(page) for page in found] == [50, 2]
    assert len({each["id"] for page in found for each in page}) == 52
    said_wrong(program.get("ended_duties", case.number, after="x"), 400)
    assert set(said_wrong(program.get("ended_duties", case.number, kind="triage"), 400)) == {"detail", "kind"}
