"""The main job of CAIT for a program: a referral logged, decided, answered, judged and closed, without a page."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from audit.events import Look
from audit.models import AccessLog, AuditEvent
from cases.models import Case
from deadlines import clock
from referrals.models import Referral
from team.enums import Role
from tests.factories.deciding import an_approved_address
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db


def a_referral_as_sent(**other: Any) -> dict[str, Any]:
    return {
        "token": str(uuid4()),
        "team": "HGY",
        "received_at": clock.now().isoformat(),
        "method": "telephone",
        "source": "school",
        "children": [{"given_names": "Rhys", "family_name": "Calloway", "birth": "6 years", "address": "4 Elm Row"}],
        "adults": [{"given_names": "Tanya", "family_name": "Calloway", "relation": "mother"}],
        "circumstances": "A bruise on the left arm.",
        "categories": ["physical"],
        "urgent": False,
        "referrer_name": "G Teasdale",
        **other,
    }


def test_from_a_referral_to_a_closed_record() -> None:
    a_team()
    an_approved_address()
    desk, other = Program(an_officer(Role.DESK_SERGEANT)), Program(an_officer(Role.SUPERVISOR))
    logged = desk.post("referrals", **a_referral_as_sent())
    assert logged.status_code == 201, logged.json()
    number = logged.json()["case"]
    assert logged.json()["urn"] == Referral.objects.get().urn
    assert [each["given_names"] for each in map(person, people_of(desk, number))] == ["Rhys", "Tanya"]

    assert desk.get("referrals").json()["results"][0]["case"] == number
    assert desk.post("confirm", number, confirmed_at=now(), confirmed_how="Email").status_code == 200
    assert desk.post("triage", number, urgent=False, reason="Old bruise").status_code == 200
    assess(desk, other, number)
    decided = desk.post("decisions", number, kind="social_services", reason="No crime", decided_at=now(), seen=0)
    assert decided.status_code == 201, decided.json()
    assert decided.json()["asked"]

    (duty,) = [each for each in desk.get("duties", case=number).json()["results"] if each["kind"] == "update"]
    assert "14 days" in duty["why"]
    refused = desk.post("closure", number, outcome="Answered", court="none")
    assert refused.status_code == 400
    assert "Social Services" in refused.json()["detail"]

    told = desk.post(
        "updates", number, received_at=now(), way="telephone", from_whom="S Arikan, manager", text="All is well"
    )
    assert told.status_code == 201, told.json()
    judged = desk.post("judge", number, told.json()["id"], judgement="unchanged", reason="Nothing new")
    assert judged.status_code == 200, judged.json()

    asked = desk.post("closure", number, outcome="Seen well", court="none")
    assert asked.status_code == 201, asked.json()
    own = desk.post("agree_closure", number, asked.json()["id"], read=True)
    assert own.status_code == 400
    agreed = other.post("agree_closure", number, asked.json()["id"], read=True)
    assert agreed.status_code == 200, agreed.json()
    assert desk.get("case", number).json()["state"] == "closed"

    case = Case.objects.get(number=number)
    titles = [each["entry"]["title"] for each in desk.get("chronology", number).json()["results"]]
    assert titles[0] == "Record closed"
    acts = AuditEvent.objects.filter(case_id=case.pk).order_by("pk").values_list("event", flat=True)
    assert list(acts) == [
        *("REFERRAL_LOGGED", "REFERRAL_CONFIRMED", "REFERRAL_TRIAGED"),
        *("ASSESSMENT_STARTED", "ASSESSMENT_LEVEL_SET", "ASSESSMENT_SUBMITTED", "ASSESSMENT_ENDORSED"),
        "REFERRAL_DECIDED",
        *("UPDATE_RECORDED", "UPDATE_JUDGED", "CLOSURE_ASKED", "CASE_CLOSED"),
    ]
    assert set(AccessLog.objects.filter(case_id=case.pk).values_list("how", flat=True)) == {Look.API}


def assess(desk: Program, other: Program, number: str) -> None:
    """The first CRAM, as the plain case has it: a level with its reason, sent by one and endorsed by another."""
    begun = desk.post("start_assessment", number, kind=None)
    assert begun.status_code == 201, begun.json()
    pk, version = begun.json()["id"], begun.json()["version"]
    for program, name, sent in (
        (desk, "level", {"level": "standard", "rationale": "An old bruise, seen by a doctor"}),
        (desk, "submit_assessment", {}),
        (other, "endorse_assessment", {}),
    ):
        answer = program.post(name, pk, version=version, **sent)
        assert answer.status_code == 200, answer.json()
        version = answer.json()["version"]


def now() -> str:
    return clock.moment().isoformat()


def people_of(program: Program, number: str) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = program.get("case", number).json()["people"]
    return people


def person(on_record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = on_record["person"]
    return found
