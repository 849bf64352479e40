"""Every action of every room: one audit event each, refused without the permission, nothing half-done."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest
from django.conf import settings

from audit.models import AuditEvent
from deadlines import clock
from team import actions as team
from team.enums import Role
from team.models import User
from team.permissions import NotAllowed
from tests.factories.team import a_team, a_user, an_officer

pytestmark = pytest.mark.django_db


def actions() -> Iterator[tuple[str, FunctionType]]:
    for room in settings.ROOMS:
        try:
            module = importlib.import_module(f"{room}.actions")
        except ModuleNotFoundError:
            continue
        for name, function in inspect.getmembers(module, inspect.isfunction):
            full = f"{room}.actions.{name}"
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield full, function


def closed_user() -> User:
    return team.close_account(a_user(), by=User.objects.system())


# How to do each action once: given who acts, a call without arguments. An action that is not here fails.
SCENARIOS: dict[str, Callable[[User], Callable[[], Any]]] = {
    "team.actions.add_team": lambda by: lambda: team.add_team(code="QQQ", name="Quay CAIT", by=by),
    "team.actions.add_account": lambda by: lambda: team.add_account(username="new", family_name="New", by=by),
    "team.actions.change_account": lambda by: (
        lambda user: (
            lambda: team.change_account(user, family_name="Renamed", given_names="Alex", rank="DS", email="", by=by)
        )
    )(a_user()),
    "team.actions.change_password": lambda by: lambda: team.change_password(by, password="a long new one", by=by),
    "team.actions.reset_password": lambda by: (lambda user: lambda: team.reset_password(user, by=by))(a_user()),
    "team.actions.close_account": lambda by: (lambda user: lambda: team.close_account(user, by=by))(a_user()),
    "team.actions.reopen_account": lambda by: (lambda user: lambda: team.reopen_account(user, by=by))(closed_user()),
    "team.actions.give_role": lambda by: (
        lambda user, where: lambda: team.give_role(user, team=where, role=Role.PCLO, from_on=clock.today(), by=by)
    )(a_user(), a_team()),
    "team.actions.end_role": lambda by: (
        lambda officer: (
            lambda: team.end_role(officer.memberships.get(), last_day=clock.today(), reason="Moved", by=by)
        )
    )(an_officer(Role.PCLO)),
}
# Who may do it; everybody may choose their own password.
ALLOWED = dict.fromkeys(SCENARIOS, Role.ADMINISTRATOR)
OWN = {"team.actions.change_password"}


def test_every_action_has_a_scenario() -> None:
    assert sorted(name for name, _ in actions()) == sorted(SCENARIOS)


@pytest.mark.parametrize(("name", "function"), list(actions()))
def test_every_action_ends_with_by(name: str, function: FunctionType) -> None:
    parameters = list(inspect.signature(function).parameters.values())
    assert parameters[-1].name == "by"
    assert parameters[-1].kind is inspect.Parameter.KEYWORD_ONLY
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters[1:])


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_action_writes_one_audit_event_by_who_acted(name: str) -> None:
    by = an_officer(ALLOWED[name])
    act = SCENARIOS[name](by)
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    act()
    written = AuditEvent.objects.exclude(pk__in=before)
    assert [e.by_id for e in written] == [by.pk]


@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - OWN))
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_every_action_is_refused_to_every_other_role_and_leaves_no_trace(name: str, role: Role) -> None:
    act = SCENARIOS[name](an_officer(role))
    before = AuditEvent.objects.count()
    with pytest.raises(NotAllowed, match="You cannot"):
        act()
    assert AuditEvent.objects.count() == before
