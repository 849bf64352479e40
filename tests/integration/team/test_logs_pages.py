"""The auditor's pages: narrowed by who, team and day; reading them is itself logged."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog
from deadlines import clock
from pages import words
from team import actions
from team.enums import Role
from team.models import User
from tests.factories.team import a_team, a_user, an_officer

pytestmark = pytest.mark.django_db
PAGES = ["oversight:audit_events", "oversight:access_log"]


@pytest.fixture
def auditor(client: Client) -> User:
    user = an_officer(Role.AUDITOR, name="Pask")
    client.force_login(user)
    return user


@pytest.mark.parametrize("name", PAGES)
def test_each_reading_writes_one_row(client: Client, auditor: User, name: str) -> None:
    client.get(reverse(name))
    assert list(AccessLog.objects.values_list("by_id", "how")) == [(auditor.pk, "page")]
    client.get(reverse(name))
    assert AccessLog.objects.count() == 2


def test_acts_are_narrowed_by_who_and_when(client: Client, auditor: User) -> None:
    other = an_officer(Role.ADMINISTRATOR, name="Tull")
    subject = a_user(family_name="Subject")
    actions.close_account(subject, by=other)
    here, today = reverse("oversight:audit_events"), words.day(clock.today())
    rows = client.get(here, {"person": other.username, "from_on": today, "to_on": today}).content.decode()
    assert rows.count('role="rowheader"') == 1
    assert "Closed an account" in rows
    assert str(subject) in rows
    nothing = client.get(here, {"person": other.username, "to_on": "1/1/2009"}).content.decode()
    assert "Nothing was done that fits what you chose" in nothing


def test_what_was_done_can_be_read(client: Client, auditor: User) -> None:
    officer = an_officer(Role.DESK_SERGEANT)
    held = officer.memberships.get()
    last = date(2031, 3, 9)
    actions.end_role(held, last_day=last, reason="Moves", by=User.objects.system())
    team = a_team("QQQ", "Quay CAIT")
    page = client.get(reverse("oversight:audit_events")).content.decode()
    assert f"role: desk sergeant; first day: {words.day(clock.today())}<" in page
    assert "role: desk sergeant; last day: 9 March 2031<" in page
    assert f'data-label="About" class="cait-breaks">{team}</td>' in page
    assert "membership" not in page


def test_whose_rows_the_auditor_asked_for_is_logged_with_it(client: Client, auditor: User) -> None:
    other = a_user()
    client.get(reverse("oversight:access_log"), {"person": other.username, "from_on": "2/12/2009"})
    assert AccessLog.objects.get().detail == {"person": other.pk, "asked_from": "2009-12-02"}
    page = client.get(reverse("oversight:access_log")).content.decode()
    assert f"person (number of the account): {other.pk}; from: 2 December 2009<" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from_on": "40/1/2010"}, "There is no 40 January 2010"),
        ({"from_on": "2/1/2010", "to_on": "1/1/2010"}, "must not be before"),
        ({"person": "no such"}, "Select"),
    ],
)
def test_a_wrong_choice_is_said_and_shows_no_other_rows(
    client: Client, auditor: User, asked: dict[str, str], said: str
) -> None:
    page = client.get(reverse("oversight:audit_events"), asked).content.decode()
    assert said in page
    assert 'role="rowheader"' not in page


@pytest.mark.parametrize("name", PAGES)
def test_the_number_of_queries_does_not_grow(client: Client, auditor: User, name: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(name))
        return len(captured)

    few = queries()
    for _ in range(15):
        actions.close_account(a_user(), by=User.objects.system())
        client.get(reverse(name))
    assert queries() <= few + 1  # the teams named in the rows, where there are any
    assert few <= 12
