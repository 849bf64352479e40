"""How many SQL statements a page takes: few, and the same however much there is. Time is for `make bench`."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import add_entry
from cases.enums import Kind
from cases.models import Case
from deadlines import clock
from diary.models import Notice, NoticeKind
from intake.actions import pass_to_conferences
from team.enums import Role
from team.models import User
from tests.factories.deciding import an_answer, an_approved_address, an_open_update
from tests.factories.mail import a_message
from tests.factories.managing import a_gap
from tests.factories.referrals import a_case, a_child
from tests.factories.team import an_officer
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

MOST = 12
# Who is asking is looked up before any page begins: the session and the account.
BEFORE = 2
CONTROL = re.compile(r"(BEGIN|COMMIT|SAVEPOINT|RELEASE)")
LISTS = {
    "referrals:log_page": {},
    "referrals:mailbox": {},
    "cases:records": {},
    "diary:queues": {},
    "diary:notices": {},
    "conferences:conferences": {},
    "conferences:invitations": {},
    "workbench:people": {},
    "workbench:search": {"q": "Calloway"},
    "oversight:figures": {},
    "oversight:team_figures": {},
    "oversight:all_figures": {},
    "oversight:reports": {},
}


def statements(client: Client, address: str, **asked: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, asked).status_code == 200
    return sum(not CONTROL.match(each["sql"]) for each in captured.captured_queries) - BEFORE


def filled() -> Case:
    """Something of everything that a list shows."""
    an_approved_address()
    case = a_case(children=[a_child("Rhys", "Calloway", address="4 Elm Row")])
    duty = an_open_update(children=[a_child("Reece", "Callaway", address="4 Elm Row")])
    for number, role in enumerate((Role.DESK_SERGEANT, Role.INSPECTOR), 1):
        Notice.objects.create(kind=NoticeKind.LATE, team=duty.team, to_role=role, duty=duty, number=number)
    an_answer(a_case())
    a_message()
    pass_to_conferences(a_message(), by=User.objects.system())
    return case


@pytest.fixture(scope="module")
def built(shared: Shared) -> Case:
    return shared(filled)


@pytest.fixture
def case(built: Case) -> Case:
    return own(built)


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("role", [Role.DESK_SERGEANT, Role.INSPECTOR])
@pytest.mark.parametrize("name", sorted(LISTS))
def test_no_list_takes_more_than_twelve_statements(name: str, role: Role, client: Client) -> None:
    client.force_login(an_officer(role))
    assert 3 <= statements(client, reverse(name), **LISTS[name]) <= MOST


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("role", [Role.DESK_SERGEANT, Role.INSPECTOR, Role.COMMAND])
def test_the_queue_takes_no_more_than_eight_however_many_rows_it_has(role: Role, client: Client) -> None:
    client.force_login(an_officer(role))
    before = statements(client, reverse("diary:queues"))
    assert 3 <= before <= 8
    for _ in range(5):
        duty = an_open_update(children=[a_child("Nia", "Vellacott"), a_child("Tia", "Vellacott")])
        # A duty that leads to one of several on the page of its record.
        a_gap(duty.case)
    assert statements(client, reverse("diary:queues")) == before


@pytest.mark.parametrize(("name", "most"), [("workbench:today", 21), ("workbench:case", 31)])
def test_what_people_wait_for_takes_no_more_than(name: str, most: int, case: Case, client: Client) -> None:
    """Whoever adds to these pages asks with what is asked already, where that can be."""
    client.force_login(an_officer(Role.DESK_SERGEANT))
    asked = [case.number] if name == "workbench:case" else []
    assert 10 <= statements(client, reverse(name, args=asked)) <= most


def test_to_log_a_referral_takes_no_more_than() -> None:
    user, children = an_officer(Role.DESK_SERGEANT), [a_child("Rhys", "Bellweather", address="9 Elm Row")]
    user.forget_roles()
    with CaptureQueriesContext(connection) as captured:
        a_case(children=children, by=user)
    assert 20 <= sum(not CONTROL.match(each["sql"]) for each in captured.captured_queries) <= 38


def test_a_chronology_is_a_list_too(case: Case, client: Client) -> None:
    client.force_login(an_officer(Role.DESK_SERGEANT))
    assert 3 <= statements(client, reverse("cases:chronology", args=[case.number])) <= MOST


@pytest.mark.parametrize("name", ["workbench:case", "cases:chronology"])
def test_a_record_takes_as_many_however_much_happened(name: str, case: Case, client: Client) -> None:
    client.force_login(an_officer(Role.DESK_SERGEANT))
    before = statements(client, reverse(name, args=[case.number]))
    for number in range(60):
        said: dict[str, Any] = {"kind": Kind.NOTE, "title": f"Visit {number}", "text": "Seen"}
        add_entry(case, **said, happened_at=clock.now(), people=case.people.all(), by=User.objects.system())
    assert statements(client, reverse(name, args=[case.number])) == before
