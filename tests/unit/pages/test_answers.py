"""What holds for every answer, and addresses that come from no page of ours."""

from __future__ import annotations

import base64
import json

import pytest
from django.test import Client
from django.urls import reverse

from team.enums import Role
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db


def cursor(*words: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(words).encode()).decode()


@pytest.mark.parametrize(
    "after",
    [
        "nonsense",
        "%00",
        cursor("family_name", "A\0", 1),
        cursor("family_name", None, 1),
        cursor("family_name", "A", "1"),
        cursor("-family_name", "A", 1),
        cursor("family_name", "A", True),
        cursor("A", 1),
        cursor("family_name", "\ud800", 1),
        cursor("family_name", "A", 1 << 70),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ],
)
def test_a_damaged_address_of_a_page_is_refused(client: Client, after: str) -> None:
    client.force_login(an_officer(Role.ADMINISTRATOR))
    assert client.get(f"{reverse('team:accounts')}?after={after}").status_code == 400


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "never", 5])
def test_a_damaged_moment_is_refused(client: Client, at: str) -> None:
    client.force_login(an_officer(Role.AUDITOR))
    assert client.get(f"{reverse('oversight:audit_events')}?after={cursor('-at', at, 1)}").status_code == 400


@pytest.mark.parametrize("address", ["/team/?team=%00", "/%00/", "/oversight/time-limits/%00/"])
def test_a_nul_byte_is_refused(client: Client, address: str) -> None:
    client.force_login(an_officer(Role.SUPERVISOR))
    assert client.get(address).status_code == 400


def test_no_cache_on_the_way_keeps_a_page(client: Client) -> None:
    client.force_login(an_officer(Role.SUPERVISOR))
    assert client.get("/")["Cache-Control"] == "private, no-cache"


def test_an_interval_gives_no_date_by_itself(client: Client) -> None:
    client.force_login(an_officer(Role.SUPERVISOR))
    page = client.get(reverse("oversight:time_limit", args=["SS-CHASE"]), {"start": "11/12/2009"})
    assert b"gives no date by itself" in page.content
    assert b"Due on" not in page.content


@pytest.mark.parametrize(
    ("code", "asked", "said"),
    [
        ("SS-UPDATE", {"start": "11/12/2009"}, ["Due on Friday 25 December 2009", "Do by Thursday 24 December 2009"]),
        ("S46-END", {"start": "26/3/2010 22:30"}, ["Due by Monday 29 March 2010, 11:30pm"]),
        ("CRAM-BEFORE-INITIAL", {"start": "6/4/2010", "known": "1/3/2010"}, ["Tuesday 30 March 2010"]),
        ("CRAM-BEFORE-INITIAL", {"start": "6/4/2010", "known": "5/4/2010"}, ["Short notice"]),
        (
            "BRIEFING",
            {"start": "14/12/2009 10:00", "known": "2/12/2009 9:00"},
            ["Due by Monday 14 December 2009, 10am"],
        ),
        ("TRIAGE-OTHER", {"start": "30/12/2028"}, ["have not been entered"]),
        ("SS-UPDATE", {"start": "1/1/1950"}, ["has no value"]),
        ("SS-UPDATE", {"start": "soon"}, ["Enter the date like"]),
    ],
)
def test_a_date_is_worked_out_and_what_cannot_be_is_said(
    client: Client, code: str, asked: dict[str, str], said: list[str]
) -> None:
    client.force_login(an_officer(Role.SUPERVISOR))
    page = client.get(reverse("oversight:time_limit", args=[code]), asked).content.decode()
    assert all(words in page for words in said)
