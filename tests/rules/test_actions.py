"""Every action of every room: one audit event each, refused without the permission, nothing half-done."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from audit.events import DETAILS, Event
from audit.models import AuditEvent
from deadlines import clock
from team import actions as team
from team.enums import Role
from team.models import User
from team.permissions import NotAllowed
from tests.factories.team import a_team, a_user, an_officer

pytestmark = pytest.mark.django_db


def modules(room: str) -> Iterator[ModuleType]:
    """Where a room's actions stand: actions.py or, when it outgrew that, a folder of that name; and flows.py."""
    for name in ("actions", "flows"):
        if importlib.util.find_spec(f"{room}.{name}"):
            module = importlib.import_module(f"{room}.{name}")
            yield module
            for part in pkgutil.iter_modules(getattr(module, "__path__", [])):
                yield importlib.import_module(f"{module.__name__}.{part.name}")


def actions() -> Iterator[tuple[str, FunctionType]]:
    for room in settings.ROOMS:
        for module in modules(room):
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    yield f"{module.__name__}.{name}", function


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
    "team.actions.withdraw_role": lambda by: (
        lambda officer: lambda: team.withdraw_role(officer.memberships.get(), reason="Given by mistake", by=by)
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


# The next two run outside any transaction of the test's own: only so is an action found out that saves before it asks
# whether it may, or that does not put all it does into one transaction.


def everything() -> dict[str, list[str]]:
    """Every row of every table."""
    return {m._meta.label: sorted(map(str, m._base_manager.values_list())) for m in apps.get_models()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - OWN))
def test_every_action_is_refused_to_every_other_role_and_leaves_no_trace(name: str) -> None:
    for role in sorted(set(Role) - {ALLOWED[name]}):
        act = SCENARIOS[name](an_officer(role))
        before = everything()
        with pytest.raises(NotAllowed, match="You cannot"):
            act()
        assert everything() == before, role


class NoRoom(Exception):
    """The audit cannot be written."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_an_action_that_cannot_be_recorded_is_not_done(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    act = SCENARIOS[name](an_officer(ALLOWED[name]))
    before = everything()

    def full(**fields: Any) -> None:
        raise NoRoom

    monkeypatch.setattr(AuditEvent.objects, "create", full)
    with pytest.raises(NoRoom):
        act()
    assert everything() == before


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_whatever_an_action_records_can_be_read_by_the_auditor(name: str) -> None:
    act = SCENARIOS[name](an_officer(ALLOWED[name]))
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    act()
    recorded = AuditEvent.objects.exclude(pk__in=before).get()
    assert recorded.event in Event
    assert set(recorded.detail) <= set(DETAILS)
