"""Tokens of programs: given by a command, shown once, withdrawn by an administrator, ended with the account."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from knox.crypto import hash_token
from knox.models import AuthToken

from audit.models import AuditEvent
from deadlines import clock
from pages.words import day, moment
from team.actions import change_password, close_account, give_token, reopen_account, reset_password, withdraw_tokens
from team.enums import Role
from team.models import User
from team.permissions import NotAllowed
from tests.factories.team import a_user, an_officer

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r"Generated token (\S+) for user (\S+)\n")


def run(*args: str) -> str:
    out = StringIO()
    call_command("drf_create_token", *args, stdout=out)
    return out.getvalue()


def generated(*args: str) -> str:
    said = TOKEN.fullmatch(run(*args))
    assert said
    return said[1]


def status(token: str) -> int:
    with transaction.atomic():  # a refusal undoes the transaction in which it is given
        return asked(token)


def asked(token: str) -> int:
    answer = Client(headers={"Authorization": f"Token {token}"}).get(reverse("api:way_in"))
    return int(answer.status_code)


def acts() -> list[tuple[str, int | None, int | None]]:
    about = AuditEvent.objects.filter(event__startswith="TOKEN").order_by("pk")
    return list(about.values_list("event", "object_id", "by_id"))


def refused(*args: str) -> str:
    before = (AuthToken.objects.count(), AuditEvent.objects.count())
    with pytest.raises(CommandError) as wrong:
        run(*args)
    assert (AuthToken.objects.count(), AuditEvent.objects.count()) == before
    return str(wrong.value)


def test_the_command_prints_one_line_with_a_token_that_works() -> None:
    user = an_officer(Role.DESK_SERGEANT)
    said = run(user.username)
    found = TOKEN.fullmatch(said)
    assert found, said
    assert found[2] == user.username
    assert len(found[1]) >= 64
    assert status(found[1]) == 200
    client = Client(headers={"Authorization": f"Token {found[1]}"})
    assert client.get(reverse("api:cases")).status_code == 200
    assert acts() == [("TOKEN_GIVEN", user.pk, User.objects.system().pk)]


def test_the_user_name_may_be_typed_in_any_capitals() -> None:
    user = a_user("desk_sergeant")
    said = run("Desk_Sergeant")
    found = TOKEN.fullmatch(said)
    assert found
    assert found[2] == "desk_sergeant"
    assert AuthToken.objects.get().user == user


def test_a_second_token_leaves_the_first() -> None:
    user = a_user()
    first, second = generated(user.username), generated(user.username)
    assert first != second
    assert (status(first), status(second)) == (200, 200)


@pytest.mark.parametrize("how", ["-r", "--reset"])
def test_reset_withdraws_what_there_was(how: str) -> None:
    user, other = a_user(), a_user()
    first, theirs = generated(user.username), generated(other.username)
    second = generated(how, user.username)
    assert (status(first), status(second), status(theirs)) == (401, 200, 200)
    assert [event for event, about, _ in acts() if about == user.pk] == [
        "TOKEN_GIVEN", "TOKENS_WITHDRAWN", "TOKEN_GIVEN",
    ]  # fmt: skip


def test_reset_where_there_is_none_gives_one() -> None:
    user = a_user()
    assert status(generated("-r", user.username)) == 200
    assert [event for event, _, _ in acts()] == ["TOKEN_GIVEN"]


def test_an_unknown_user_name_is_refused() -> None:
    assert refused("nobody.here") == "There is no account with the user name “nobody.here”."


def test_cait_itself_gets_no_token() -> None:
    User.objects.system()
    assert "There is no account" in refused("cait")
    with pytest.raises(ValidationError):
        give_token(User.objects.system(), by=User.objects.system())


def test_a_closed_account_gets_no_token() -> None:
    user = a_user()
    close_account(user, by=User.objects.system())
    assert "is closed" in refused(user.username)


def test_an_account_with_its_first_password_gets_no_token_and_reset_takes_none_away() -> None:
    user = a_user()
    token = generated(user.username)
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])
    assert "not chosen a password" in refused(user.username)
    refused("-r", user.username)
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])
    assert status(token) == 200


def test_only_the_digest_of_a_token_is_in_the_database() -> None:
    token = generated(a_user().username)
    row = AuthToken.objects.get()
    assert row.digest == hash_token(token) != token
    assert len(row.token_key) < 20
    assert token.startswith(row.token_key)
    rest = token[len(row.token_key) :]
    for model in apps.get_models():
        for values in model._base_manager.values_list():
            assert rest not in str(values), model


def test_a_token_ends_after_a_year() -> None:
    generated(a_user().username)
    row = AuthToken.objects.get()
    assert abs(row.expiry - row.created - timedelta(days=365)) < timedelta(seconds=5)


def test_asking_does_not_make_a_token_last_longer() -> None:
    token = generated(a_user().username)
    before = AuthToken.objects.values().get()
    assert status(token) == 200
    assert AuthToken.objects.values().get() == before


def test_one_ended_token_leaves_the_others() -> None:
    user = a_user()
    first, second = generated(user.username), generated(user.username)
    (row,) = [each for each in AuthToken.objects.all() if first.startswith(each.token_key)]
    AuthToken.objects.filter(pk=row.pk).update(expiry=clock.now() - timedelta(seconds=1))
    assert (status(first), status(second)) == (401, 200)
    assert AuthToken.objects.count() == 2


# --- the account's page --------------------------------------------------------------------------


def page(client: Client, user: User, name: str = "account") -> str:
    return client.get(reverse(f"team:{name}", args=[user.pk])).content.decode()


def test_the_account_shows_its_tokens_and_never_what_they_are(client: Client, administrator: User) -> None:
    user = a_user()
    assert "none can act in this name" in page(client, user)
    assert reverse("team:withdraw_tokens", args=[user.pk]) not in page(client, user)
    token = generated(user.username)
    row = AuthToken.objects.get()
    shown = page(client, user)
    assert f"A token given {moment(row.created)}, ends {day(clock.london_date(row.expiry))}" in shown
    assert token not in shown
    assert row.token_key not in shown
    assert row.digest not in shown
    AuthToken.objects.update(expiry=clock.now() - timedelta(seconds=1))
    assert f"ended {day(clock.today())}" in page(client, user)


def test_an_administrator_withdraws_every_token(client: Client, administrator: User) -> None:
    user, other = a_user(), a_user()
    tokens, theirs = [generated(user.username) for _ in range(2)], generated(other.username)
    asked = page(client, user, "withdraw_tokens")
    assert f"Withdraw the tokens of {user}?" in asked
    assert [status(each) for each in tokens] == [200, 200]
    answer = client.post(reverse("team:withdraw_tokens", args=[user.pk]), follow=True).content.decode()
    assert "The 2 tokens are withdrawn." in answer
    assert "none can act in this name" in answer
    assert [status(each) for each in (*tokens, theirs)] == [401, 401, 200]
    assert acts()[-1] == ("TOKENS_WITHDRAWN", user.pk, administrator.pk)


def test_the_second_of_two_who_withdraw_is_told(client: Client, administrator: User) -> None:
    user = a_user()
    generated(user.username)
    address = reverse("team:withdraw_tokens", args=[user.pk])
    assert "The token is withdrawn." in client.post(address, follow=True).content.decode()
    events = AuditEvent.objects.count()
    second = client.post(address, follow=True).content.decode()
    assert "No program has a token for the account of" in second
    assert AuditEvent.objects.count() == events


def test_nobody_else_withdraws(client: Client) -> None:
    user = a_user()
    token = generated(user.username)
    for role in (Role.DESK_SERGEANT, Role.AUDITOR):
        client.force_login(an_officer(role))
        assert client.post(reverse("team:withdraw_tokens", args=[user.pk])).status_code == 403
    with pytest.raises(NotAllowed):
        withdraw_tokens(user, by=user)
    with pytest.raises(NotAllowed):
        give_token(user, by=user)
    assert status(token) == 200


# --- with the account ----------------------------------------------------------------------------


def test_closing_the_account_ends_its_tokens_and_opening_it_again_does_not_bring_them_back() -> None:
    user, system = a_user(), User.objects.system()
    token = generated(user.username)
    close_account(user, by=system)
    assert (status(token), AuthToken.objects.count()) == (401, 0)
    reopen_account(user, by=system)
    assert status(token) == 401


def test_a_new_first_password_ends_the_tokens() -> None:
    user, other = a_user(), a_user()
    token, theirs = generated(user.username), generated(other.username)
    reset_password(user, by=User.objects.system())
    assert (status(token), status(theirs)) == (401, 200)


def test_a_password_of_one_s_own_leaves_the_tokens() -> None:
    user = a_user()
    token = generated(user.username)
    change_password(user, password="a long new one of mine", by=user)
    assert status(token) == 200


def test_the_auditor_reads_who_gave_and_who_withdrew(client: Client, administrator: User) -> None:
    user = a_user()
    generated(user.username)
    client.post(reverse("team:withdraw_tokens", args=[user.pk]))
    client.force_login(an_officer(Role.AUDITOR))
    shown: Any = client.get(reverse("oversight:audit_events")).content.decode()
    assert "Gave a program a token for an account" in shown
    assert "Withdrew the tokens of an account" in shown
