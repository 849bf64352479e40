"""Who reads by a program, and who no longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from audit.models import AccessLog
from deadlines import clock
from deadlines.calendar import ONE_DAY
from team.actions import close_account, end_role, reset_password, withdraw_role, withdraw_tokens
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case
from tests.factories.team import a_user, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.prepared import said_wrong
from tests.integration.api.reading import (
    an_investigator,
)

pytestmark = pytest.mark.django_db


def close(user: User) -> None:
    close_account(user, by=User.objects.system())


def end_token(user: User) -> None:
    AuthToken.objects.filter(user=user).update(expiry=clock.now() - timedelta(seconds=1))


def first_password(user: User) -> None:
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])


def by_system(act: Callable[..., Any]) -> Callable[[User], Any]:
    return lambda user: act(user, by=User.objects.system())


def take_role(user: User) -> None:
    withdraw_role(user.memberships.get(), reason="Given by mistake", by=User.objects.system())


@pytest.mark.parametrize(
    ("happens", "status"),
    [
        (close, 401),
        (end_token, 401),
        (by_system(withdraw_tokens), 401),
        (by_system(reset_password), 401),
        (first_password, 403),
        (take_role, 403),
    ],
)
def test_who_may_no_longer_is_told_so(happens: Callable[[User], Any], status: int) -> None:
    program = an_investigator()
    assert program.get("cases").status_code == 200
    before = AccessLog.objects.count()
    happens(program.user)
    answer = program.get("cases")
    said = said_wrong(answer, status)
    assert len(said["detail"].split()) > 1
    if status == 401:
        assert answer["WWW-Authenticate"] == "Token"
    assert AccessLog.objects.count() == before


def test_a_token_that_has_ended_is_still_there_after_it_was_refused() -> None:
    program = an_investigator()
    end_token(program.user)
    said_wrong(program.get("cases"), 401)
    assert AuthToken.objects.filter(user=program.user).count() == 1


def test_who_never_had_a_role_or_has_it_no_more_reads_no_record() -> None:
    a_case()
    yesterday = clock.today() - ONE_DAY
    for user in (a_user(), an_officer(Role.INVESTIGATOR, from_on=yesterday - ONE_DAY, to_on=yesterday)):
        said = said_wrong(Program(user).get("cases"), 403)
        assert "no role" in said["detail"]


def test_a_role_that_ends_today_is_held_today() -> None:
    user = an_officer(Role.INVESTIGATOR)
    end_role(user.memberships.get(), last_day=clock.today(), reason="Moved", by=User.objects.system())
    assert Program(user).get("cases").status_code == 200


def test_with_a_session_the_same_holds() -> None:
    user = an_officer(Role.INVESTIGATOR)
    client = Client()
    client.force_login(user)
    assert client.get(reverse("api:cases")).status_code == 200
    first_password(user)
    assert "first password" in said_wrong(client.get(reverse("api:cases")), 403)["detail"]
    for name in ("api:way_in", "api-schema"):
        with transaction.atomic():
            assert "first password" in said_wrong(client.get(reverse(name)), 403)["detail"]
    close(user)
    said_wrong(client.get(reverse("api:cases")), 401)
