"""What others wrote on one's records since one last opened them."""

from __future__ import annotations

from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AccessLog
from cases.enums import Kind
from cases.models import Case
from cases.reading import open_case
from cases.steps import enter
from deadlines import clock
from diary.notices import GIVEN_TO
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case, a_child
from tests.factories.restricting import a_restricted_case
from tests.factories.team import an_officer
from tests.integration.diary.read_queue import HOUR, NOW
from workbench.lately import Changed, changed_since

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    move_time_to(NOW)
    return an_officer(Role.INVESTIGATOR)


@pytest.fixture
def colleague() -> User:
    return an_officer(Role.SUPERVISOR)


def led_by(officer: User) -> Case:
    case = a_case(children=[a_child("Rhys")], received_at=NOW - HOUR)
    Case.objects.filter(pk=case.pk).update(officer_in_case=officer)
    return case


def write(case: Case, by: User, title: str = "Told by the school") -> None:
    enter(case, Kind.NOTE, title, happened_at=clock.now(), by=by)


def looks(case: Case, by: User) -> None:
    open_case(case.number, by=by, page="workbench:case")


def changed(user: User) -> list[Changed]:
    return changed_since(user, now=clock.now())


def test_today_names_them_and_says_so_in_the_access_log(client: Client, officer: User, colleague: User) -> None:
    case = led_by(officer)
    client.force_login(officer)
    page = unescape(client.get("/").content.decode())
    assert "Changed on my records since I last opened them" in page
    assert f"{case.urn}</span>" in page
    assert "You have not opened it yet" in page
    assert case.pk in AccessLog.objects.filter(by_id=officer.pk).latest("pk").detail["records"]
    assert client.get(f"/cases/{case.number}/").status_code == 200
    assert "Changed on my records" not in unescape(client.get("/").content.decode())
    for each in [led_by(officer) for _ in range(11)]:
        write(each, colleague)
    page = unescape(client.get("/").content.decode())
    assert (page.count("You have not opened it yet"), "There are more" in page) == (10, True)


def test_a_record_is_there_until_it_is_opened_and_again_when_somebody_writes(officer: User, colleague: User) -> None:
    case = led_by(officer)
    (first,) = changed(officer)
    assert (first.case, first.looked_at) == (case, None)
    move_time_to(NOW + HOUR)
    looks(case, officer)
    assert changed(officer) == []
    move_time_to(NOW + 2 * HOUR)
    write(case, officer, "My own")
    looks(case, colleague)
    assert changed(officer) == []
    write(case, colleague)
    (again,) = changed(officer)
    assert (again.last.title, again.last.recorded_by) == ("Told by the school", colleague)
    assert again.looked_at is not None
    assert NOW + HOUR <= again.looked_at < NOW + 2 * HOUR
    assert again.named.startswith("Rhys ")
    move_time_to(NOW + 3 * HOUR)
    looks(case, officer)
    assert changed(officer) == []


def test_the_supervisor_reads_it_too_and_nobody_else(officer: User, colleague: User) -> None:
    case = led_by(officer)
    assert changed(colleague) == []
    Case.objects.filter(pk=case.pk).update(supervisor=colleague)
    assert [each.case for each in changed(colleague)] == [case]
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=NOW)
    assert changed(officer) == changed(colleague) == []


def test_a_restricted_record_is_there_only_for_who_is_named(officer: User) -> None:
    case, named = a_restricted_case(), an_officer(Role.INVESTIGATOR)
    Case.objects.filter(pk=case.pk).update(officer_in_case=officer)
    assert changed(officer) == []
    assert changed(named) == []


def test_that_a_duty_was_given_is_no_change(officer: User, colleague: User) -> None:
    case = led_by(officer)
    looks(case, officer)
    move_time_to(NOW + HOUR)
    enter(case, Kind.RECORD, f"{GIVEN_TO}{officer}", happened_at=clock.now(), by=colleague)
    assert changed(officer) == []


def test_the_last_to_change_comes_first_in_a_fixed_number_of_queries(officer: User, colleague: User) -> None:
    cases = [led_by(officer) for _ in range(3)]
    assert len(officer.roles_today) == 1
    with CaptureQueriesContext(connection) as few:
        assert len(changed(officer)) == 3
    for hours, case in enumerate((cases[1], cases[2], cases[0]), start=1):
        move_time_to(NOW + hours * HOUR)
        write(case, colleague)
    with CaptureQueriesContext(connection) as many:
        assert [each.case for each in changed(officer)] == [cases[0], cases[2], cases[1]]
    assert len(few) == len(many) == 4  # one of them asks the time
