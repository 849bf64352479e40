"""The door: signing in, its throttling, the first password, closed accounts; and what of it is recorded."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from audit.events import Event
from audit.models import AuditEvent
from deadlines import clock
from team import actions
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

PASSWORD = "otter lantern gravel"
SIGN_IN = "/sign-in/"


@pytest.fixture(autouse=True)
def _no_tries_counted_yet() -> None:
    cache.clear()


@pytest.fixture
def officer() -> User:
    user = an_officer(Role.SUPERVISOR)
    return actions.change_password(user, password=PASSWORD, by=user)


def sign_in(client: Client, username: str, password: str, **extra: str) -> str:
    """What the page says after trying."""
    return client.post(SIGN_IN, {"login": username, "password": password, **extra}, follow=True).content.decode()


def events(*kinds: Event) -> list[tuple[str, int | None, int | None]]:
    return list(AuditEvent.objects.filter(event__in=kinds).order_by("id").values_list("event", "by_id", "object_id"))


def test_somebody_with_an_account_signs_in_and_out(client: Client, officer: User) -> None:
    page = sign_in(client, officer.username.upper(), PASSWORD)
    assert str(officer) in page
    assert "supervisor" in page
    client.post(reverse("account_logout"))
    assert client.get("/").status_code == 302
    assert events(Event.SIGNED_IN, Event.SIGNED_OUT) == [
        (Event.SIGNED_IN, officer.pk, officer.pk),
        (Event.SIGNED_OUT, officer.pk, officer.pk),
    ]


def test_signing_in_is_no_change_of_the_account(client: Client, officer: User) -> None:
    before = version_of(officer)
    sign_in(client, officer.username, PASSWORD)
    assert version_of(officer) == before


def test_a_password_hashed_anew_is_no_change_of_the_account(client: Client, officer: User) -> None:
    before = version_of(officer)
    with override_settings(PASSWORD_HASHERS=[*reversed(settings.PASSWORD_HASHERS)]):
        sign_in(client, officer.username, PASSWORD)
    officer.refresh_from_db()
    assert str(officer.password).startswith("argon2")
    assert version_of(officer) == before


def test_opening_the_sign_out_page_signs_nobody_out(client: Client, officer: User) -> None:
    sign_in(client, officer.username, PASSWORD)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(("username", "known"), [("officer", True), ("nobody", False)])
def test_a_wrong_password_and_an_unknown_name_read_the_same(
    client: Client, officer: User, username: str, known: bool
) -> None:
    name = officer.username if known else username
    page = sign_in(client, name, "wrong")
    assert "The user name or the password is not right" in page
    assert f'value="{name}"' in page
    assert 'value="wrong"' not in page
    assert events(Event.SIGN_IN_FAILED) == [(Event.SIGN_IN_FAILED, None, officer.pk if known else None)]
    assert "wrong" not in str(AuditEvent.objects.get(event=Event.SIGN_IN_FAILED).detail)


def test_many_wrong_passwords_close_the_door_for_that_name_alone(client: Client, officer: User) -> None:
    for _ in range(10):
        sign_in(client, officer.username, "wrong")
    assert "too many failed tries" in sign_in(client, officer.username, PASSWORD)
    assert client.get("/").status_code == 302
    other = an_officer(Role.PCLO)
    actions.change_password(other, password=PASSWORD, by=other)
    assert str(other) in sign_in(client, other.username, PASSWORD)


def test_the_throttle_does_not_look_at_the_host(client: Client, officer: User) -> None:
    for port in range(10):
        client.post(
            SIGN_IN, {"login": officer.username, "password": "wrong"}, headers={"host": f"localhost:{port + 1}"}
        )
    assert "too many failed tries" in sign_in(client, officer.username, PASSWORD)


def test_a_right_password_of_a_closed_account_is_recorded(client: Client, officer: User) -> None:
    actions.close_account(officer, by=User.objects.system())
    sign_in(client, officer.username, PASSWORD)
    failed = AuditEvent.objects.get(event=Event.SIGN_IN_FAILED)
    assert (failed.object_id, failed.detail) == (officer.pk, {"why": "closed"})


def test_a_closed_account_is_told_so_only_with_its_right_password(client: Client, officer: User) -> None:
    actions.close_account(officer, by=User.objects.system())
    assert "Your account is closed" in sign_in(client, officer.username, PASSWORD)
    assert "Your account is closed" not in sign_in(client, officer.username, "wrong")
    assert client.get("/").status_code == 302


def test_closing_an_account_ends_its_sessions_with_the_next_page(client: Client, officer: User) -> None:
    sign_in(client, officer.username, PASSWORD)
    assert client.get("/").status_code == 200
    actions.close_account(officer, by=User.objects.system())
    assert client.get("/").status_code == 302


def test_a_new_password_ends_the_sessions_of_the_old(client: Client, officer: User) -> None:
    sign_in(client, officer.username, PASSWORD)
    actions.reset_password(officer, by=User.objects.system())
    assert client.get("/").status_code == 302


def test_a_first_password_must_be_changed_before_anything_else(client: Client) -> None:
    system = User.objects.system()
    user, first = actions.add_account(username="newcomer", family_name="Newcomer", by=system)
    sign_in(client, user.username, first)
    for page in (reverse("workbench:today"), reverse("team:people"), reverse("oversight:time_limits")):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"]) == (302, reverse("account_change_password"))
    fields = {"oldpassword": first, "password1": PASSWORD, "password2": PASSWORD}
    page = client.post(reverse("account_change_password"), fields, follow=True).content.decode()
    assert "Your password is changed" in page
    assert client.get(reverse("workbench:today")).status_code == 200
    assert events(Event.PASSWORD_CHANGED) == [(Event.PASSWORD_CHANGED, user.pk, user.pk)]


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("short", "short", "12 characters"),
        ("1234567890123", "1234567890123", "commonly used|too common"),
        ("otter lantern raven", "otter lantern ravel", "same"),
        (PASSWORD, PASSWORD, "not the one you have now"),
    ],
)
def test_a_weak_or_mistyped_password_is_refused(
    client: Client, officer: User, new: str, again: str, said: str
) -> None:
    client.force_login(officer)
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": again}
    page = client.post(reverse("account_change_password"), fields).content.decode()
    assert re.search(said, page)
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)


def test_after_signing_in_one_goes_where_one_wanted_but_never_outside(client: Client, officer: User) -> None:
    fields = {"login": officer.username, "password": PASSWORD}
    there = client.post(SIGN_IN, fields | {"next": "/team/"})
    assert there["Location"] == "/team/"
    client.post(reverse("account_logout"))
    outside = client.post(SIGN_IN, fields | {"next": "https://elsewhere.example/"})
    assert outside["Location"] == "/"


@pytest.mark.parametrize("there", ["http://[evil", "http://testserver/team/", "//elsewhere.example", "\\\\elsewhere"])
def test_an_address_that_is_none_or_names_a_host_leads_home(client: Client, officer: User, there: str) -> None:
    assert client.get(SIGN_IN, {"next": there}).status_code == 200
    fields = {"login": officer.username, "password": PASSWORD}
    assert client.post(SIGN_IN, fields | {"next": there})["Location"] == "/"
    new = {"oldpassword": PASSWORD, "password1": "gravel lantern otter", "password2": "gravel lantern otter"}
    page = client.post(reverse("account_change_password"), new | {"next": there}, follow=True).content.decode()
    assert "Your password is changed" in page
    assert client.post(reverse("account_logout"), {"next": there}).status_code == 302


def test_who_holds_roles_in_two_teams_says_first_for_which_they_are_here(client: Client, officer: User) -> None:
    by, today = User.objects.system(), clock.today()
    actions.give_role(officer, team=a_team("ENF", "Enfield"), role=Role.DESK_SERGEANT, from_on=today, by=by)
    page = sign_in(client, officer.username, PASSWORD)
    assert "For which team are you working now?" in page
    assert page.count('type="radio"') == 2
    assert not re.search(r"<input[^>]*\schecked", page)


def test_signing_out_is_confirmed(client: Client, officer: User) -> None:
    sign_in(client, officer.username, PASSWORD)
    assert "You are signed out." in client.post(reverse("account_logout"), follow=True).content.decode()


def test_an_account_opened_again_has_no_old_sessions_and_a_new_password(client: Client, officer: User) -> None:
    sign_in(client, officer.username, PASSWORD)
    actions.close_account(officer, by=User.objects.system())
    first = actions.reopen_account(officer, by=User.objects.system())
    assert client.get("/").status_code == 302
    assert "not right" in sign_in(client, officer.username, PASSWORD)
    sign_in(client, officer.username, first)
    assert client.get("/")["Location"] == reverse("account_change_password")


def test_a_password_that_is_ones_name_is_refused(client: Client) -> None:
    user = an_officer(Role.SUPERVISOR, name="Featherstone")
    actions.change_password(user, password=PASSWORD, by=user)
    client.force_login(user)
    fields = {"oldpassword": PASSWORD, "password1": "featherstone1", "password2": "featherstone1"}
    assert "too similar" in client.post(reverse("account_change_password"), fields).content.decode()


def test_cait_itself_cannot_sign_in(client: Client) -> None:
    system = User.objects.system()
    assert "not right" in sign_in(client, system.username, "!")
    assert client.get("/").status_code == 302


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"])
def test_passwords_are_kept_with_argon2(client: Client) -> None:
    user = an_officer(Role.SUPERVISOR)
    actions.change_password(user, password=PASSWORD, by=user)
    assert str(user.password).split("$")[0] == Argon2PasswordHasher.algorithm
    assert str(user) in sign_in(client, user.username, PASSWORD)
