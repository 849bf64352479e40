"""What the log, its filters and its download say of what is decided."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from cases.models import Case
from diary.models import Duty
from pages.words import day
from referrals.enums import DecisionKind, Judgement
from team.enums import Role
from team.models import User
from tests.factories.deciding import (
    a_decided_case,
    a_triaged_case,
    an_answer,
    judged,
)
from tests.factories.referrals import a_case
from tests.factories.team import an_officer
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db


def logged(client: Client, **asked: Any) -> dict[str, str]:
    """The state that the log shows for each record."""
    page = unescape(client.get("/referrals/", asked).content.decode())
    found = {}
    for row in page.split('<tr role="row">')[2:]:
        number = re.search(r'href="/cases/([A-Z]{3}-\d{4}-\d+)/"', row)
        state = re.search(r'data-label="State">(.*?)</td>', row, re.S)
        assert number
        assert state
        found[number[1]] = " ".join(re.sub(r"<[^>]*>", " ", state[1]).split())
    return found


def one_of_each() -> dict[str, Case]:
    again = a_decided_case(DecisionKind.POLICE)
    judged(an_answer(again), Judgement.CHANGED)
    return {
        "logged": a_case(),
        "triaged": a_triaged_case(),
        "police": a_decided_case(DecisionKind.POLICE),
        "social_services": a_decided_case(DecisionKind.SOCIAL_SERVICES),
        "information": a_decided_case(DecisionKind.INFORMATION),
        "again": again,
    }


@pytest.fixture(scope="module")
def built(shared: Shared) -> tuple[User, dict[str, Case]]:
    return shared(lambda: (an_officer(Role.DESK_SERGEANT), one_of_each()))


@pytest.fixture
def cases(client: Client, built: tuple[User, dict[str, Case]]) -> dict[str, Case]:
    """One of each, and a sergeant of their team is signed in."""
    sergeant, cases = own(built)
    client.force_login(sergeant)
    return cases


def test_the_log_says_of_each_referral_what_is_decided_and_what_is_due(
    client: Client, cases: dict[str, Case]
) -> None:
    shown = logged(client)
    states = {name: shown[case.number] for name, case in cases.items()}
    due = Duty.objects.get(case=cases["social_services"], kind="update").due_on
    assert states["logged"].startswith("To triage")
    assert states["triaged"].startswith("To decide")
    assert states["again"].startswith("To decide")
    assert states["police"] == "Police single agency"
    assert states["information"] == "Information only"
    assert states["social_services"] == f"Social Services only update due {day(due)} in 14 days"
    decision = Duty.objects.get(case=cases["triaged"], kind="decision").due_on
    assert day(decision) in states["triaged"]


def test_the_log_is_narrowed_by_the_decision_that_stands(client: Client, cases: dict[str, Case]) -> None:
    for kind in ("police", "social_services", "information"):
        assert list(logged(client, decision=kind)) == [cases[kind].number]
    assert logged(client, decision="joint") == {}
    assert set(logged(client, progress="triaged")) == {cases["triaged"].number, cases["again"].number}
    assert logged(client, progress="triaged", decision="police") == {}


def test_a_decision_there_is_not_narrows_to_nothing_and_says_why(client: Client, cases: dict[str, Case]) -> None:
    page = client.get("/referrals/", {"decision": "gossip"}).content.decode()
    assert "Nothing is shown until what is marked above is put right" in page


def test_the_download_has_the_decision_that_stands(client: Client, cases: dict[str, Case]) -> None:
    answer = client.post("/referrals/download/", {"reason": "Monthly figures"})
    sheet: Any = load_workbook(BytesIO(answer.content)).active
    headings = [cell.value for cell in sheet[3]]
    lines = [dict(zip(headings, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True)]
    told = {line["Record"]: (line["State"], line["Decision"] or "") for line in lines}
    assert {name: told[case.number] for name, case in cases.items()} == {
        "logged": ("To triage", ""),
        "triaged": ("To decide", ""),
        "police": ("Decided", "Police single agency"),
        "social_services": ("Decided", "Social Services only"),
        "information": ("Decided", "Information only"),
        "again": ("To decide", ""),
    }
