"""Who may open what: every address, as every role, as somebody with no role, and without signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audit.events import Look
from audit.models import AccessLog, AuditEvent
from cases.models import Case, CasePerson
from cases.steps import restrict
from team.enums import COMMAND_ROLES, Role
from team.models import User
from tests.factories.team import a_team, a_user, an_officer
from tests.rules.doors import DOORS, LOGS, SEES
from tests.shared import Shared

# What stands behind the doors takes longest to build: on one worker it is built once.
pytestmark = pytest.mark.xdist_group("doors")

PRIVATE = sorted(name for name, door in DOORS.items() if not door.public)


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for p in patterns:
        if isinstance(p, URLResolver):
            yield from names(p.url_patterns, f"{p.namespace}:" if p.namespace else space)
        else:
            assert p.name, f"{p.pattern} has no name"
            yield f"{space}{p.name}"


@pytest.fixture(scope="module")
def addresses(shared: Shared) -> dict[str, str]:
    """The address of every door, with what it is about: where several are about the same, it is built once."""
    needs = dict.fromkeys(door.needs for door in DOORS.values() if door.needs)
    made = {each: shared(each) for each in needs}
    return {name: reverse(name, kwargs=made[door.needs] if door.needs else None) for name, door in DOORS.items()}


def test_every_address_is_declared_and_every_declaration_exists() -> None:
    assert sorted(names(get_resolver().url_patterns)) == sorted(DOORS)


@pytest.mark.django_db
def test_without_signing_in_one_is_sent_to_the_sign_in_page(addresses: dict[str, str]) -> None:
    for name, door in DOORS.items():
        answer = Client().get(addresses[name])
        if door.public:
            assert answer.status_code in (200, 503), name
        elif door.program:
            assert answer.status_code == 401, name
            assert answer["WWW-Authenticate"] == "Token", name
            assert set(answer.json()) == {"detail"}, name
        else:
            assert answer.status_code == 302, name
            assert answer["Location"].startswith(reverse("account_login")), name


# Where the record is told by what stands on it, and not by its number in the address.
NUMBERED = {"api:duty", "api:assessment", "api:assessment_pdf", "api:conference", "api:report", "api:plan"}
# The addresses of a record, by the first role that opens them.
RECORDS = {name: min(door.opens_for) for name, door in DOORS.items() if door.record and door.status == 200}


def is_one_look(name: str, looks: list[AccessLog], by: User, address: str) -> None:
    """Every look at a record is one row of the access log."""
    (row,) = looks
    assert (row.by_id, row.object_type, row.case_id) == (by.pk, "cases.case", row.object_id), name
    if name == "api:assessment_pdf":  # a paper is a print, whoever takes it
        assert row.how == Look.PRINT
    else:
        assert DOORS[name].program == (row.how == Look.API), name
    assert name in NUMBERED or Case.objects.get(pk=row.case_id or 0).number in address, name


class Writing:
    """The statements that write, but for the access log. To capture what was said, as for a person to read, takes an
    eighth of the time of a page, and there are thousands."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        said = sql if isinstance(sql, str) else sql.as_string(connection.connection)
        if said.split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE") and '"audit_accesslog"' not in said:
            self.said.append(said)
        return execute(sql, *rest)


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(Role))
def test_each_role_opens_its_own_doors_and_no_other_and_changes_nothing_by_it(
    role: Role, client: Client, addresses: dict[str, str]
) -> None:
    """But for the access log, of which every look at a record is one row: a GET writes nothing."""
    wrong, writes = {}, {}
    user = an_officer(role)
    client.force_login(user)
    acts = AuditEvent.objects.count()
    for name, door in DOORS.items():
        closed = 404 if door.hidden or (door.record and role not in SEES) else 403
        expected = door.status if door.public or role in door.opens_for else closed
        looks = AccessLog.objects.count()
        with connection.execute_wrapper(writing := Writing()):
            status = client.get(addresses[name]).status_code
        if status != expected:
            wrong[name] = f"{status}, not {expected}"
        elif RECORDS.get(name) == role:
            is_one_look(name, list(AccessLog.objects.order_by("pk")[looks:]), user, addresses[name])
        if writing.said:
            writes[name] = writing.said
    assert AuditEvent.objects.count() == acts
    assert not wrong
    assert writes == {}


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(SEES - COMMAND_ROLES))
def test_a_record_of_another_team_is_not_found(role: Role, client: Client, addresses: dict[str, str]) -> None:
    drafts = {name for name in DOORS if name.startswith("referrals:") and "draft" in name}
    client.force_login(an_officer(role, a_team("ENF")))
    opened = {}
    for name, door in DOORS.items():
        if door.record or door.hidden or (name in drafts - {"referrals:save_draft"} and role in LOGS):
            opened[name] = client.get(addresses[name]).status_code
    assert {name: status for name, status in opened.items() if status != 404} == {}
    assert opened
    assert not AccessLog.objects.exists()


# A family name that the tests make up, and nothing else on a page.
NAMES_OF_TESTS = "^[A-Z][a-z]{2}(ley|ford|wick|combe|stow|thorpe|mere|worth|den|gate|by)(-[0-9]+)?$"


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(SEES - COMMAND_ROLES))
def test_a_restricted_record_opens_for_nobody_who_is_not_named(
    role: Role, client: Client, addresses: dict[str, str]
) -> None:
    """Nor does any page tell of it by a child's name: every address that the role opens is looked at, the lists too,
    with every record of the team restricted."""
    cases = list(Case.objects.filter(team=a_team(), restricted=False))
    somebody = [an_officer(Role.INSPECTOR)]
    for case in cases:
        restrict(case, reason="A colleague is suspected", officers=somebody, by=User.objects.system())
    named = CasePerson.objects.filter(case__in=cases, person__family_name__regex=NAMES_OF_TESTS)
    families = set(named.values_list("person__family_name", flat=True))
    assert len(families) > 5
    client.force_login(an_officer(role))
    wrong = {}
    for name, door in DOORS.items():
        if role not in door.opens_for or door.file:
            continue
        answer = client.get(addresses[name])
        if door.record and answer.status_code not in (403, 404):
            wrong[name] = f"{answer.status_code}"
        # What stands in a sheet that was only read is its own: it may have a name that another record has too.
        elif name != "old_logs:old_log" and (
            said := {family for family in families if f" {family}" in answer.content.decode()}
        ):
            wrong[name] = f"names {said}"
    assert wrong == {}
    assert not AccessLog.objects.filter(case_id__in=[case.pk for case in cases]).exists()


@pytest.mark.django_db
def test_a_role_in_the_past_or_to_come_opens_nothing(client: Client) -> None:
    from deadlines import clock
    from deadlines.calendar import ONE_DAY

    today = clock.today()
    for begins, ends in ((today - 9 * ONE_DAY, today - ONE_DAY), (today + ONE_DAY, None)):
        client.force_login(an_officer(Role.ADMINISTRATOR, from_on=begins, to_on=ends))
        assert client.get(reverse("team:accounts")).status_code == 403


@pytest.mark.django_db
def test_an_account_without_a_role_opens_only_what_needs_none(client: Client, addresses: dict[str, str]) -> None:
    client.force_login(a_user())
    opened = {name for name in PRIVATE if client.get(addresses[name]).status_code == 200}
    assert opened == {
        *("workbench:today", "workbench:shortcuts", "team:change", "account_logout", "account_change_password"),
        *("api:way_in", "api-schema"),
    }
