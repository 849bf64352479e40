"""Roles: given, ended and taken back by an administrator, never by whoever holds them."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from audit.models import AuditEvent
from deadlines import clock
from deadlines.calendar import ONE_DAY
from pages import words
from team import actions
from team.enums import Role
from team.models import Membership, User
from team.permissions import NotAllowed, Permission, may
from tests.factories.team import a_team, a_user, an_officer
from tests.integration.team.sending import post

pytestmark = pytest.mark.django_db


def test_nobody_gives_themselves_a_role(client: Client, administrator: User) -> None:
    page = post(
        client,
        "give_role",
        administrator.pk,
        role="auditor",
        team=a_team("CAC").pk,
        posting="posted",
        from_on=words.day(clock.today()),
        to_on="",
    )
    assert "You cannot give yourself a role" in page
    assert [m.role for m in administrator.memberships.all()] == ["administrator"]


def test_nobody_changes_the_end_of_their_own_role(client: Client, administrator: User) -> None:
    own = administrator.memberships.get()
    later = words.day(clock.today() + 300 * ONE_DAY)
    assert "You cannot change your own roles" in post(client, "end_role", own.pk, last_day=later, reason="Mine")
    assert "You cannot change your own roles" in post(client, "withdraw_role", own.pk, reason="Mine")
    own.refresh_from_db()
    assert (own.to_on, own.withdrawn_at) == (None, None)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"posting": "loan", "to_on": ""}, "Enter the last day. A loan always has one."),
        ({"to_on": "1/1/2009"}, "The last day must not be before the first"),
        ({"role": "auditor"}, "is held in the command"),
        ({"role": ""}, "Select a role"),
        ({"team": ""}, "Select a team"),
        ({"from_on": "31/2/2010"}, "There is no 31 February 2010"),
        ({"from_on": "2/12/2009"}, "The first day must be today or later"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(
    client: Client, administrator: User, fields: dict[str, str], said: str
) -> None:
    user = a_user()
    good = {"role": "pclo", "team": a_team().pk, "posting": "posted", "from_on": "2/12/2099", "to_on": ""}
    assert said in post(client, "give_role", user.pk, **(good | fields))
    assert not user.memberships.exists()


def test_nobody_holds_a_role_twice_at_once() -> None:
    officer = an_officer(Role.PCLO)
    held = officer.memberships.get()
    with pytest.raises(Exception, match="already has the role"):
        actions.give_role(
            officer, team=held.team, role=Role.PCLO, from_on=held.from_on + ONE_DAY, by=User.objects.system()
        )
    twin = Membership(user=officer, team=held.team, role=held.role, from_on=held.from_on)
    with pytest.raises(IntegrityError, match="no_role_twice_at_once"), transaction.atomic():
        twin.save()


def test_a_role_lasts_to_the_end_of_its_last_day() -> None:
    today = clock.today()
    officer = an_officer(Role.SUPERVISOR, from_on=today - 5 * ONE_DAY, to_on=today)
    assert may(officer, Permission.SEE_TEAM, team=a_team())
    gone = an_officer(Role.SUPERVISOR, from_on=today - 5 * ONE_DAY, to_on=today - ONE_DAY)
    assert not may(gone, Permission.SEE_TEAM, team=None)


def test_a_role_can_be_ended_today_but_not_in_the_past(client: Client, administrator: User) -> None:
    today = clock.today()
    held = an_officer(Role.PCLO, from_on=today - 9 * ONE_DAY).memberships.get()
    page = post(client, "end_role", held.pk, last_day=words.day(today - ONE_DAY), reason="Moved")
    assert "Enter today or a later day" in page
    page = post(client, "end_role", held.pk, last_day=words.day(today), reason="Moved")
    assert f"ends on {words.day(today)}" in page
    held.refresh_from_db()
    assert (held.to_on, held.reason, held.end_reason) == (today, "", "Moved")


def test_a_role_cannot_be_lengthened_into_the_next_of_its_kind(client: Client, administrator: User) -> None:
    today = clock.today()
    officer = an_officer(Role.PCLO, to_on=today + 5 * ONE_DAY)
    held = officer.memberships.get()
    actions.give_role(officer, team=held.team, role=Role.PCLO, from_on=today + 6 * ONE_DAY, by=administrator)
    page = post(client, "end_role", held.pk, last_day=words.day(today + 10 * ONE_DAY), reason="Longer")
    assert "already has the role" in page
    held.refresh_from_db()
    assert held.to_on == today + 5 * ONE_DAY


def test_a_role_given_by_mistake_is_taken_back_at_once(client: Client, administrator: User) -> None:
    officer = an_officer(Role.PCLO)
    held = officer.memberships.get()
    theirs = Client()
    theirs.force_login(officer)
    assert theirs.get("/team/").status_code == 200
    page = post(client, "withdraw_role", held.pk, reason="Given to the wrong person")
    assert f"{officer} no longer has the role Police Conference Liaison Officer" in page
    assert "taken back" in page
    assert "Taken back: Given to the wrong person" in page
    assert theirs.get("/team/").status_code == 403
    # It can be given anew on the same days, and what was taken back cannot be taken back twice or ended.
    actions.give_role(officer, team=held.team, role=Role.PCLO, from_on=clock.today(), by=administrator)
    assert theirs.get("/team/").status_code == 200
    assert "taken back already" in post(client, "withdraw_role", held.pk, reason="Again")
    today = words.day(clock.today())
    assert "taken back already" in post(client, "end_role", held.pk, last_day=today, reason="Again")


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_close_each_other_one_remains() -> None:
    first, second = an_officer(Role.ADMINISTRATOR), an_officer(Role.ADMINISTRATOR)
    at_once = threading.Barrier(2)
    outcomes: list[str] = []

    def close(user: User, by: User) -> None:
        try:
            at_once.wait(30)
            actions.close_account(user, by=by)
            outcomes.append("closed")
        except NotAllowed:
            outcomes.append("refused")
        finally:
            connection.close()

    both = [threading.Thread(target=close, args=pair) for pair in ((first, second), (second, first))]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(outcomes) == ["closed", "refused"]
    assert User.objects.filter(pk__in=(first.pk, second.pk), is_active=True).count() == 1


@pytest.mark.parametrize("lost", ["account", "role"])
def test_whoever_lost_the_right_while_they_waited_does_nothing(lost: str) -> None:
    by, system = an_officer(Role.ADMINISTRATOR), User.objects.system()
    assert may(by, Permission.MANAGE_ACCOUNTS, team=None)  # read, as a page does when it begins
    if lost == "account":
        actions.close_account(User.objects.get(pk=by.pk), by=system)
    else:
        actions.withdraw_role(by.memberships.get(), reason="Moved", by=system)
    with pytest.raises(NotAllowed):
        actions.give_role(a_user(), team=a_team(), role=Role.PCLO, from_on=clock.today(), by=by)


def test_a_role_that_has_not_begun_can_be_taken_back(administrator: User) -> None:
    officer = an_officer(Role.PCLO, from_on=clock.today() + 9 * ONE_DAY)
    actions.withdraw_role(officer.memberships.get(), reason="Not coming", by=administrator)
    assert AuditEvent.objects.latest("pk").detail["role"] == "pclo"
    assert not Membership.objects.not_withdrawn().filter(user=officer).exists()
