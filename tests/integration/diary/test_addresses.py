"""To whom partners' emails go: who approves an address, on which step, and who ends it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.events import Event
from audit.models import AuditEvent
from cases.enums import Partner
from diary.actions import approve_address, end_address
from diary.chasing import ladder
from diary.models import Rung
from team.enums import Role
from team.models import Team, User
from team.permissions import NotAllowed
from tests.factories.deciding import an_approved_address
from tests.factories.team import a_team, an_officer
from tests.integration.diary.read_queue import (
    ADDRESSES,
    page_of,
    signed_in,
    words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.DESK_SERGEANT)


@pytest.fixture
def inspector(client: Client) -> User:
    return signed_in(client, Role.INSPECTOR)


def as_typed(number: Any = 1, **other: Any) -> dict[str, Any]:
    return {
        "team": a_team().pk,
        "number": number,
        "to_whom": "Team manager, First Response",
        "address": "first.response@borough.example",
        "seen": seen_now(),
        **other,
    }


def seen_now() -> int:
    """What a form that is opened now has seen: the newest address on the ladder."""
    return max((rung.pk for rung in ladder(a_team(), Partner.SOCIAL_SERVICES)), default=0)


def seen_on(page: str) -> str:
    found = re.search(r'<input type="hidden" name="seen" value="(\d+)"', page)
    assert found is not None
    return found[1]


def on_the_ladder(team: Team | None = None) -> list[tuple[int, str]]:
    return [(rung.number, rung.address) for rung in ladder(team or a_team(), Partner.SOCIAL_SERVICES)]


def test_the_inspector_approves_an_address(client: Client, inspector: User) -> None:
    answer = client.post(ADDRESSES, as_typed())
    assert (answer.status_code, answer["Location"]) == (302, ADDRESSES)
    rung = Rung.objects.get()
    assert (rung.number, rung.address, rung.approved_by, rung.team) == (
        1,
        "first.response@borough.example",
        inspector,
        a_team(),
    )
    event = AuditEvent.objects.get(event=Event.ADDRESS_APPROVED)
    assert (event.by_id, event.object_id, event.detail) == (inspector.pk, rung.pk, {"step": 1})
    assert "first.response@borough.example is approved for step 1." in page_of(client, ADDRESSES)


def test_the_form_remembers_which_addresses_it_was_opened_on(client: Client, inspector: User) -> None:
    assert seen_on(page_of(client, ADDRESSES)) == "0"
    first = an_approved_address()
    an_approved_address(number=2)
    newest = an_approved_address(address="new@borough.example")
    assert first.pk < newest.pk
    assert seen_on(page_of(client, ADDRESSES)) == str(newest.pk) == str(seen_now())


@pytest.mark.parametrize("seen", ["", "x", None], ids=["empty", "damaged", "missing"])
def test_a_form_that_does_not_say_what_it_has_seen_approves_nothing(
    client: Client, inspector: User, seen: str | None
) -> None:
    typed = as_typed(seen=seen)
    answer = client.post(ADDRESSES, {name: value for name, value in typed.items() if value is not None})
    assert answer.status_code == 200
    assert 'value="first.response@borough.example"' in unescape(answer.content.decode())
    assert on_the_ladder() == []


def test_the_second_who_approves_reads_what_the_first_approved_and_may_send_it_again(
    client: Client, inspector: User
) -> None:
    first, other = an_approved_address(), an_officer(Role.INSPECTOR, name="Tull")
    seen = seen_on(page_of(client, ADDRESSES))
    assert seen == str(first.pk)
    theirs = approve_address(
        a_team(),
        partner=Partner.SOCIAL_SERVICES,
        number=1,
        to_whom="Duty manager",
        address="duty@borough.example",
        seen=first.pk,
        by=other,
    )
    answer = client.post(ADDRESSES, as_typed(seen=seen))
    assert answer.status_code == 200
    page = unescape(answer.content.decode())
    assert (
        f"{other} approved duty@borough.example for step 1 on 14 January 2010, midday, while you had this open. "
        "If yours is to take its place, send it again."
    ) in page
    assert 'value="first.response@borough.example"' in page
    assert 'value="Team manager, First Response"' in page
    assert on_the_ladder() == [(1, "duty@borough.example")]
    assert seen_on(page) == str(theirs.pk)
    assert client.post(ADDRESSES, as_typed(seen=seen_on(page))).status_code == 302
    assert on_the_ladder() == [(1, "first.response@borough.example")]


def test_what_was_approved_on_another_step_meanwhile_is_in_nobody_s_way(client: Client, inspector: User) -> None:
    an_approved_address()
    seen = seen_on(page_of(client, ADDRESSES))
    an_approved_address(number=2)
    assert client.post(ADDRESSES, as_typed(1, seen=seen)).status_code == 302
    assert on_the_ladder() == [(1, "first.response@borough.example"), (2, "step2@borough.example")]


def test_on_a_step_that_was_empty_when_the_form_was_opened_the_second_is_told_too(
    client: Client, inspector: User
) -> None:
    seen = seen_on(page_of(client, ADDRESSES))
    an_approved_address()
    page = unescape(client.post(ADDRESSES, as_typed(1, seen=seen)).content.decode())
    assert "CAIT approved step1@borough.example for step 1 on 14 January 2010, midday, while you had this" in page
    assert on_the_ladder() == [(1, "step1@borough.example")]


def test_what_is_approved_already_is_not_approved_again(client: Client, inspector: User) -> None:
    assert client.post(ADDRESSES, as_typed()).status_code == 302
    for seen in (0, seen_now()):
        page = unescape(client.post(ADDRESSES, as_typed(seen=seen)).content.decode())
        assert f"{inspector} approved this on 14 January 2010, midday." in page
    assert Rung.objects.count() == 1
    assert AuditEvent.objects.filter(event=Event.ADDRESS_APPROVED).count() == 1


def test_another_who_reads_the_same_address_is_approved(client: Client, inspector: User) -> None:
    client.post(ADDRESSES, as_typed())
    assert client.post(ADDRESSES, as_typed(to_whom="Her successor")).status_code == 302
    assert [rung.to_whom for rung in ladder(a_team(), Partner.SOCIAL_SERVICES)] == ["Her successor"]
    assert Rung.objects.count() == 2


@pytest.mark.parametrize("number", [1, 3], ids=["on a step that has one", "above"])
@pytest.mark.parametrize("address", ["step2@borough.example", "STEP2@Borough.Example"])
def test_one_address_stands_on_one_step(client: Client, inspector: User, number: int, address: str) -> None:
    for step in (1, 2):
        an_approved_address(number=step)
    page = unescape(client.post(ADDRESSES, as_typed(number, address=address)).content.decode())
    beside = re.search(r'id="id_address[-_]error"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert beside is not None
    assert "This address stands on step 2. Enter another" in words(beside[1])
    assert on_the_ladder() == [(1, "step1@borough.example"), (2, "step2@borough.example")]


def test_an_address_that_was_ended_or_is_another_team_s_may_stand_on_any_step(
    client: Client, inspector: User
) -> None:
    an_approved_address()
    end_address(an_approved_address(number=2), by=inspector)
    an_approved_address(a_team("BRN"), address="theirs@borough.example")
    for number, address in ((2, "step2@borough.example"), (1, "theirs@borough.example")):
        assert client.post(ADDRESSES, as_typed(number, address=address)).status_code == 302
    assert on_the_ladder() == [(1, "theirs@borough.example"), (2, "step2@borough.example")]


def test_the_form_offers_the_next_step(client: Client, inspector: User) -> None:
    for number in (1, 2):
        assert re.search(rf'name="number" value="{number}"', page_of(client, ADDRESSES))
        an_approved_address(number=number)


def test_a_new_address_takes_the_place_of_the_old_on_its_step(client: Client, inspector: User) -> None:
    old = an_approved_address()
    an_approved_address(number=2)
    client.post(ADDRESSES, as_typed())
    assert on_the_ladder() == [(1, "first.response@borough.example"), (2, "step2@borough.example")]
    old.refresh_from_db()
    assert old.ended_by == inspector
    assert old.address == "step1@borough.example"


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        (
            {"address": "nonsense"},
            "address",
            "Enter an email address of plain letters and figures, like duty.desk@borough.example",
        ),
        ({"address": ""}, "address", "Enter the email address"),
        (
            {"address": "a@borough.example\nBcc: b@borough.example"},
            "address",
            "Enter an email address of plain letters and figures, like duty.desk@borough.example",
        ),
        ({"to_whom": ""}, "to_whom", "Enter who reads it"),
        ({"to_whom": "x" * 121}, "to_whom", "must be 120 characters or fewer"),
        ({"number": ""}, "number", "Enter the step"),
        ({"number": "0"}, "number", "Step must be 1 or more"),
        ({"number": "3"}, "number", "Step 2 has no address yet. Approve that first"),
        ({"number": "99999999999999999999"}, "number", "Step 2 has no address yet. Approve that first"),
    ],
)
def test_what_is_refused_is_said_beside_its_field_and_what_was_typed_is_kept(
    client: Client, inspector: User, typed: dict[str, Any], field: str, said: str
) -> None:
    an_approved_address()
    answer = client.post(ADDRESSES, as_typed(**{"number": "2", **typed}))
    assert answer.status_code == 200
    page = unescape(answer.content.decode())
    beside = re.search(rf'id="id_{field}[-_]error"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert beside is not None
    assert said in words(beside[1])
    kept = {"to_whom": "Team manager, First Response", "address": "first.response@borough.example", **typed}
    for name in {"to_whom", "address"} - {field}:
        assert f'value="{kept[name]}"' in page
    assert on_the_ladder() == [(1, "step1@borough.example")]


def test_a_ladder_has_an_end(client: Client, inspector: User) -> None:
    for number in range(1, 7):
        an_approved_address(number=number)
    page = client.post(ADDRESSES, as_typed(7)).content.decode()
    assert "A ladder has at most 6 steps" in page
    assert len(on_the_ladder()) == 6


@pytest.mark.parametrize("role", [Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INVESTIGATOR, Role.COMMAND])
def test_others_read_the_addresses_and_approve_none(client: Client, role: Role) -> None:
    signed_in(client, role)
    an_approved_address()
    page = client.get(ADDRESSES)
    assert page.status_code == 200
    assert '<form method="post" class="cait-fields"' not in page.content.decode()
    assert client.post(ADDRESSES, as_typed()).status_code == 403
    assert on_the_ladder() == [(1, "step1@borough.example")]


def test_an_inspector_approves_none_for_another_team(client: Client, inspector: User) -> None:
    there = a_team("BRN")
    answer = client.post(ADDRESSES, as_typed(team=there.pk))
    assert answer.status_code == 200
    assert on_the_ladder(there) == on_the_ladder() == []
    with pytest.raises(NotAllowed):
        approve_address(
            there,
            partner=Partner.SOCIAL_SERVICES,
            number=1,
            to_whom="Manager",
            address="manager@borough.example",
            by=inspector,
        )


def test_only_the_highest_address_is_ended(client: Client, inspector: User) -> None:
    first, second = an_approved_address(), an_approved_address(number=2)
    page = page_of(client, ADDRESSES)
    assert reverse("diary:end_address", args=[second.pk]) in page
    assert reverse("diary:end_address", args=[first.pk]) not in page
    there = reverse("diary:end_address", args=[first.pk])
    assert "Step 1 is not the highest." in page_of(client, there)
    assert "Step 1 is not the highest." in client.post(there, {"sent": "yes"}).content.decode()
    assert len(on_the_ladder()) == 2
    answer = client.post(reverse("diary:end_address", args=[second.pk]), {"sent": "yes"})
    assert answer.status_code == 302
    assert on_the_ladder() == [(1, "step1@borough.example")]
    assert AuditEvent.objects.get(event=Event.ADDRESS_ENDED).by_id == inspector.pk


def test_an_address_is_ended_once(client: Client, inspector: User) -> None:
    rung = an_approved_address()
    end_address(rung, by=inspector)
    there = reverse("diary:end_address", args=[rung.pk])
    assert f"{inspector} ended this address on 14 January 2010" in page_of(client, there)
    client.post(there, {"sent": "yes"})
    assert AuditEvent.objects.filter(event=Event.ADDRESS_ENDED).count() == 1


def test_an_address_of_another_team_is_not_found(client: Client, inspector: User) -> None:
    rung = an_approved_address(a_team("BRN"))
    there = reverse("diary:end_address", args=[rung.pk])
    assert client.get(there).status_code == client.post(there, {"sent": "yes"}).status_code == 404
    rung.refresh_from_db()
    assert rung.ended_at is None


def test_others_end_no_address(client: Client, sergeant: User) -> None:
    rung = an_approved_address()
    assert client.post(reverse("diary:end_address", args=[rung.pk]), {"sent": "yes"}).status_code == 403
    assert len(on_the_ladder()) == 1
