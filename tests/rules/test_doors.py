"""Who may open what: every address, as every role, as somebody with no role, and without signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audit.events import Look
from audit.models import AccessLog, AuditEvent
from cases.models import Case
from team.enums import COMMAND_ROLES, Role
from tests.factories.team import a_team, a_user, an_officer
from tests.rules.doors import DOORS, LOGS, SEES

PRIVATE = sorted(name for name, door in DOORS.items() if not door.public)


def addresses(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for p in patterns:
        if isinstance(p, URLResolver):
            yield from addresses(p.url_patterns, f"{p.namespace}:" if p.namespace else space)
        else:
            assert p.name, f"{p.pattern} has no name"
            yield f"{space}{p.name}"


Made = dict[Callable[[], dict[str, Any]], dict[str, Any]]


def address(name: str, made: Made | None = None) -> str:
    """The address of a door, with what it is about. `made`: what the test has for other doors already."""
    needs, made = DOORS[name].needs, {} if made is None else made
    if needs is None:
        return reverse(name)
    if needs not in made:
        made[needs] = needs()
    return reverse(name, kwargs=made[needs])


def test_every_address_is_declared_and_every_declaration_exists() -> None:
    assert sorted(addresses(get_resolver().url_patterns)) == sorted(DOORS)


@pytest.mark.django_db
def test_without_signing_in_one_is_sent_to_the_sign_in_page() -> None:
    made = Made()
    for name, door in DOORS.items():
        answer = Client().get(address(name, made))
        if door.public:
            assert answer.status_code in (200, 503), name
        elif door.program:
            assert answer.status_code == 401, name
            assert answer["WWW-Authenticate"] == "Token", name
            assert set(answer.json()) == {"detail"}, name
        else:
            assert answer.status_code == 302, name
            assert answer["Location"].startswith(reverse("account_login")), name


def several(roles: Iterable[Role], most: int) -> Any:
    """So many roles to a test: what stands behind the doors, which takes longest, is made once for all of them."""
    them = sorted(roles)
    parts = [them[first : first + most] for first in range(0, len(them), most)]
    return pytest.mark.parametrize("roles", parts, ids=["-".join(part) for part in parts])


@pytest.mark.django_db
@several(Role, most=4)
def test_each_role_opens_its_own_doors_and_no_other_and_changes_nothing_by_it(roles: list[Role]) -> None:
    """But for the access log: a GET writes nothing."""
    made = Made()
    here = {name: address(name, made) for name in DOORS}
    wrong, writes = {}, []
    for role in roles:
        client = Client()
        client.force_login(an_officer(role))
        acts = AuditEvent.objects.count()
        reset_queries()  # only so many are kept
        for name, door in DOORS.items():
            closed = 404 if door.hidden or (door.record and role not in SEES) else 403
            expected = door.status if door.public or role in door.opens_for else closed
            with CaptureQueriesContext(connection) as captured:
                status = client.get(here[name]).status_code
            if status != expected:
                wrong[role, name] = f"{status}, not {expected}"
            writes += [
                (role, name, q["sql"])
                for q in captured.captured_queries
                if q["sql"].split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE") and '"audit_accesslog"' not in q["sql"]
            ]
        assert AuditEvent.objects.count() == acts, role
    assert not wrong
    assert writes == []


@pytest.mark.django_db
@several(SEES - COMMAND_ROLES, most=4)
def test_a_record_of_another_team_is_not_found(roles: list[Role]) -> None:
    drafts = {name for name in DOORS if name.startswith("referrals:") and "draft" in name}
    made = Made()
    for role in roles:
        client = Client()
        client.force_login(an_officer(role, a_team("ENF")))
        opened = {}
        for name, door in DOORS.items():
            if door.record or door.hidden or (name in drafts - {"referrals:save_draft"} and role in LOGS):
                opened[name] = client.get(address(name, made)).status_code
        assert set(opened.values()) == {404}, (role, opened)
    assert not AccessLog.objects.exists()


# Where the record is told by what stands on it, and not by its number in the address.
NUMBERED = {"api:duty", "api:assessment", "api:conference", "api:report", "api:plan"}
# The addresses of a record, by the first role that opens them.
RECORDS = {name: min(door.opens_for) for name, door in DOORS.items() if door.record and door.status == 200}


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(set(RECORDS.values())))
def test_every_look_at_a_record_is_one_row_of_the_access_log(role: Role, client: Client) -> None:
    user, made = an_officer(role), Made()
    client.force_login(user)
    for name in (name for name, first in RECORDS.items() if first == role):
        url = address(name, made)
        before = AccessLog.objects.count()
        assert client.get(url).status_code == 200, name
        (row,) = AccessLog.objects.order_by("pk")[before:]
        assert (row.by_id, row.object_type, row.case_id) == (user.pk, "cases.case", row.object_id), name
        assert DOORS[name].program == (row.how == Look.API), name
        assert name in NUMBERED or Case.objects.get(pk=row.case_id or 0).number in url, name


@pytest.mark.django_db
def test_a_role_in_the_past_or_to_come_opens_nothing(client: Client) -> None:
    from deadlines import clock
    from deadlines.calendar import ONE_DAY

    today = clock.today()
    for begins, ends in ((today - 9 * ONE_DAY, today - ONE_DAY), (today + ONE_DAY, None)):
        client.force_login(an_officer(Role.ADMINISTRATOR, from_on=begins, to_on=ends))
        assert client.get(reverse("team:accounts")).status_code == 403


@pytest.mark.django_db
def test_an_account_without_a_role_opens_only_what_needs_none(client: Client) -> None:
    client.force_login(a_user())
    made = Made()
    opened = {n for n in PRIVATE if client.get(address(n, made)).status_code == 200}
    assert opened == {
        *("workbench:today", "workbench:shortcuts", "team:change", "account_logout", "account_change_password"),
        *("api:way_in", "api-schema"),
    }
