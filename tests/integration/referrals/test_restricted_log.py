"""What is on a restricted record stands in the log for those named alone; nobody misses a URN, and everybody is told
whom to ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from referrals.enums import Category
from referrals.models import Referral
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_child, a_referral
from tests.factories.restricting import a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.referrals.test_download import cells, downloaded, lines

pytestmark = pytest.mark.django_db

HERE, FILE = "/referrals/", "/referrals/download/"
START = datetime(2010, 7, 14, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
# Nothing of these may be told to who is not named.
SAYS = ("Ottoline", "Quarrendon", "The PE teacher")


def a_secret(received_at: datetime = START, **other: Any) -> Referral:
    """A referral whose record a sergeant has restricted."""
    children = [a_child("Ottoline", "Quarrendon")]
    said: dict[str, Any] = {
        "circumstances": "The PE teacher.",
        "categories": [Category.SEXUAL],
        "received_at": received_at,
    }
    referral = a_referral(children=children, **said, **other)
    a_restricted_case(case=referral.case)
    return referral


def asked_about(case: Case) -> str:
    inspector = case.named.get(officer__family_name="Castell").officer
    return f"{inspector} or {case.restrictions.get().began_by}"


@pytest.fixture
def colleague(client: Client) -> User:
    """Who is signed in, in Haringey, and named nowhere."""
    user = an_officer(Role.DESK_SERGEANT)
    client.force_login(user)
    return user


def page(client: Client, **asked: str) -> str:
    answer = client.get(HERE, asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_the_log_leaves_it_out_and_says_whom_to_ask(client: Client, colleague: User) -> None:
    secret, other = a_secret(), a_referral(received_at=START)
    text = page(client)
    assert other.urn in text
    assert not any(word in text for word in SAYS)
    ask = asked_about(secret.case)
    assert f"1 referral is left out, for its record is restricted: {secret.urn}. Ask {ask}." in text
    client.force_login(secret.case.named.get(officer__family_name="Castell").officer)
    text = page(client)
    assert "Ottoline Quarrendon" in text
    assert "is left out" not in text


def test_what_else_the_log_is_narrowed_to_tells_nothing_of_it(client: Client, colleague: User) -> None:
    secret = a_secret()
    said = "1 referral is left out"
    for asked in ({"q": "Quarrendon"}, {"q": "Somebody Else"}, {"category": "sexual"}, {"category": "neglect"}):
        assert said in page(client, **asked), asked
        assert "Ottoline" not in page(client, **asked)
    assert said in page(client, q=secret.urn)
    assert said in page(client, q=secret.case.number)
    assert said not in page(client, q="9999/10")
    assert said in page(client, from_on="14/7/2010", to_on="14/7/2010")
    assert said not in page(client, from_on="15/7/2010")
    assert said not in page(client, to_on="13/7/2010")


def test_of_many_it_is_said_how_many(client: Client, colleague: User) -> None:
    secrets = [a_secret(START + place * DAY) for place in range(6)]
    assert "6 referrals are left out, for their records are restricted" in page(client)
    assert not any(each.urn in page(client) for each in secrets)


def test_another_team_and_whoever_sees_every_team(client: Client) -> None:
    secret = a_secret()
    client.force_login(an_officer(Role.DESK_SERGEANT, a_team("ENF")))
    assert "left out" not in page(client)
    client.force_login(an_officer(Role.COMMAND))
    assert secret.urn in page(client)
    assert not any(word in page(client) for word in SAYS)


def test_without_restricted_records_the_log_costs_one_statement_for_it(client: Client, colleague: User) -> None:
    a_referral(received_at=START)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client)
        return sum('FROM "referrals_referral"' in each["sql"] for each in captured)

    assert cost() == 2  # the list itself, and what it leaves out


def test_the_file_has_each_urn_and_nothing_else_of_it(client: Client, colleague: User) -> None:
    first, secret, last = (
        a_referral(received_at=START),
        a_secret(START + DAY),
        a_referral(received_at=START + 2 * DAY),
    )
    assert "Of 1 referral on restricted records" in unescape(client.get(FILE).content.decode())
    sheet = downloaded(client)
    rows = lines(sheet)
    assert [row["URN"] for row in rows] == [last.urn, secret.urn, first.urn]
    told = {name: value for name, value in rows[1].items() if value is not None}
    assert told.keys() == {"URN", "Received", "Children, with ages then"}
    assert told["Children, with ages then"] == f"Restricted: ask {asked_about(secret.case)}"
    assert not any(word in str(cell) for cell in cells(sheet) for word in SAYS)


def test_a_program_gets_which_are_left_out(client: Client) -> None:
    secret, other = a_secret(), a_referral(received_at=START)
    program = Program(an_officer(Role.DESK_SERGEANT))
    answer = program.get("referrals")
    assert [row["urn"] for row in answer.json()["results"]] == [other.urn]
    assert answer.json()["left_out"] == [
        {
            "case": secret.case.number,
            "urn": secret.urn,
            "team": {"code": "HGY", "name": "Team HGY"},
            "received_at": "2010-07-14T10:00:00Z",
            "ask": asked_about(secret.case),
        }
    ]
    assert not any(word in answer.content.decode() for word in SAYS)
    assert program.get("referrals", from_on="15/7/2010").json()["left_out"] == []
    assert program.get("referral", secret.case.number).status_code == 403
