"""The description of the API is OpenAPI 3, is whole, and is true: answers and examples are held against it."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

import api.views
from referrals.models import Referral
from team.enums import Role
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_triaged_case,
    an_approved_address,
    an_open_update,
)
from tests.factories.mail import a_message
from tests.factories.referrals import a_case
from tests.factories.team import a_team, a_user, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.described import ADDRESSES, check, check_answer, description
from tests.integration.api.prepared import as_sent, prepared

pytestmark = pytest.mark.django_db

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "api.md"


@pytest.fixture
def schema() -> dict[str, Any]:
    """The description as it is made, warnings aside."""
    return description()


# --- the description itself ----------------------------------------------------------------------


def test_it_is_openapi_3_by_the_validator_of_its_maker(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.")
    validate_schema(schema)


def test_it_is_made_without_a_warning() -> None:
    GENERATOR_STATS.reset()
    err = StringIO()
    with contextlib.redirect_stderr(err):
        call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO(), stderr=err)
    assert err.getvalue() == ""


def test_it_is_given_to_whoever_has_a_token_and_to_nobody_else(schema: dict[str, Any]) -> None:
    address = reverse("api-schema")
    with transaction.atomic():
        assert Client().get(address).status_code == 401
    program = Program(a_user())
    as_yaml = program.client.get(address)
    assert as_yaml.status_code == 200
    assert "openapi" in as_yaml["Content-Type"]
    assert yaml.load(as_yaml.content, yaml.CSafeLoader)["paths"].keys() == schema["paths"].keys()
    as_json = program.client.get(address, headers={"Accept": "application/vnd.oai.openapi+json"})
    assert as_json.status_code == 200
    assert as_json.json()["paths"].keys() == schema["paths"].keys()


def test_each_process_makes_it_once_and_gives_all_of_it_to_everybody(
    schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Mock(wraps=SchemaGenerator)
    monkeypatch.setattr(api.views, "SchemaGenerator", make)
    api.views.description.cache_clear()
    as_json = {"Accept": "application/vnd.oai.openapi+json"}
    for user in (an_officer(Role.ADMINISTRATOR), an_officer(Role.DESK_SERGEANT), a_user()):
        answer = Program(user).client.get(reverse("api-schema"), headers=as_json)
        assert answer.json() == schema
        assert answer["Content-Disposition"] == 'inline; filename="CAIT.json"'
    assert make.call_count == 1


def test_every_address_is_in_it_with_all_that_it_does(schema: dict[str, Any]) -> None:
    told = {path: set(methods) for path, methods in schema["paths"].items()}
    assert told == dict(ADDRESSES.values())


def test_every_operation_has_a_name_of_its_own_and_is_told_in_a_sentence(schema: dict[str, Any]) -> None:
    operations = [each for methods in schema["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names)
    assert [each["operationId"] for each in operations if not each.get("description")] == []


def test_every_operation_needs_a_token_and_says_how_it_is_refused(schema: dict[str, Any]) -> None:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert {"token": []} in operation["security"], path
            assert {"401", "403"} <= set(operation["responses"]), path
            if method != "get":
                assert {"400", "409"} <= set(operation["responses"]), path
            if "{" in path:
                assert "404" in operation["responses"], path


def parameters(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return {each["name"]: each for each in schema["paths"][ADDRESSES[name][0]]["get"].get("parameters", [])}


def test_what_a_list_can_be_narrowed_by_is_in_it(schema: dict[str, Any]) -> None:
    log = {"q", "progress", "source", "category", "urgent", "decision", "unconfirmed", "from_on", "to_on", "team"}
    expected = {
        "referrals": log,
        "cases": {"state", "officer", "team"},
        "duties": {"whose", "by", "kind", "level", "officer", "began", "case", "team"},
        "intake": {"state", "urgent", "team"},
        "people": {"q"},
        "assessments": {"case", "state", "kind", "team"},
        "conferences": {"case", "state", "kind", "from_on", "to_on", "team"},
        "plans": {"on", "running", "child", "case", "team"},
        "chronology": {"kind", "person", "from_on", "to_on", "significant", "number"},
    }
    for name, asked in expected.items():
        assert set(parameters(schema, name)) == asked | {"after"}, name
    assert set(parameters(schema, "referrals")["progress"]["schema"]["enum"]) == {"logged", "triaged", "decided"}
    assert parameters(schema, "referrals")["from_on"]["schema"] == {"type": "string", "format": "date"}
    assert parameters(schema, "chronology")["significant"]["schema"]["type"] == "boolean"


def test_about_whom_a_chronology_is_narrowed_is_no_team(schema: dict[str, Any]) -> None:
    assert "team" not in parameters(schema, "chronology")["person"].get("description", "")


# --- answers are as it says ----------------------------------------------------------------------


def test_what_is_bare_closed_held_or_late_is_as_it_says(schema: dict[str, Any]) -> None:
    program = Program(an_officer(Role.DESK_SERGEANT))
    closed = a_closed_case()
    an_approved_address()
    waiting = an_open_update()
    for name in ("case", "closure", "referral", "decisions", "updates"):
        for number in (closed.number, waiting.case.number, a_triaged_case().number, a_decided_case().number):
            check_answer(name, "get", program.get(name, number))
    check_answer("duty", "get", program.get("duty", waiting.pk))
    program.post("hold_chases", waiting.pk, why="The worker is the subject")
    check_answer("duty", "get", program.get("duty", waiting.pk))
    copy = a_message(raw=bytes(a_message().source.raw))
    check_answer("message", "get", program.get("message", copy.pk))
    a_message(raw=b"From: x\r\n\r\n\xff\xfe", received_at=None)
    for name in ("intake", "duties", "cases", "referrals", "people"):
        check_answer(name, "get", program.get(name))


def test_who_is_known_already_is_as_it_says(schema: dict[str, Any]) -> None:
    it = prepared()
    program = Program(an_officer(Role.DESK_SERGEANT))
    sent = {"people": [{"given_names": "Rhys", "family_name": "Calloway", "address": "4 Elm Row"}]}
    answer = program.post("known_already", **sent)
    assert answer.json()["results"][0][0]["person"]["id"] == it.child.pk
    check_answer("known_already", "post", answer)


def test_the_same_sent_again_is_as_it_says(schema: dict[str, Any]) -> None:
    a_team()
    program, sent = Program(an_officer(Role.DESK_SERGEANT)), as_sent()
    for status in (201, 200):
        answer = program.post("referrals", **sent)
        assert answer.status_code == status
        check_answer("referrals", "post", answer)


def test_refusals_are_as_it_says(schema: dict[str, Any]) -> None:
    number = a_case().number
    check_answer("case", "get", Client().get(reverse("api:case", args=[number])))
    check_answer("case", "get", Program(a_user()).get("case", number))
    check_answer("cases", "get", Program(a_user()).get("cases"))
    program = Program(an_officer(Role.DESK_SERGEANT))
    check_answer("cases", "get", program.get("cases", state="x"))


# --- the document --------------------------------------------------------------------------------


def example() -> dict[str, Any]:
    """The referral of the curl in the document."""
    (body,) = re.findall(r"-d '(\{.*?\})'$", DOCUMENT.read_text(), re.S | re.M)
    return json.loads(body.replace("'$(uuidgen)'", str(uuid4())))


def test_the_example_of_the_document_is_logged(schema: dict[str, Any]) -> None:
    sent = example()
    move_time_to(datetime.fromisoformat(sent["received_at"]))
    program = Program(an_officer(Role.DESK_SERGEANT))
    body = schema["paths"]["/api/v1/referrals/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    check(body, sent)
    answer = program.post("referrals", **sent)
    assert answer.status_code == 201, answer.json()
    referral = Referral.objects.get()
    assert str(referral.token) == sent["token"]
    assert [part.person.full_name for part in referral.case.parts.order_by("place")] == [
        "Rhys Calloway", "Tanya Calloway",
    ]  # fmt: skip
    assert re.search(r"/api/v1/cases/[A-Z]{3}-\d{4}-\d{4}/decisions/", DOCUMENT.read_text())
    assert program.post("referrals", **sent).status_code == 200


def test_the_refusal_of_the_document_is_the_one_that_is_given() -> None:
    move_time_to(datetime(2026, 11, 26, 10, 52, tzinfo=UTC))
    program = Program(an_officer(Role.DESK_SERGEANT))
    said = program.post("referrals", **{**example(), "received_at": "2026-11-27T10:52:00Z"}).json()
    (told,) = re.findall(r'^ {6}(\{"detail": .*?\]\})$', DOCUMENT.read_text(), re.S | re.M)
    assert json.loads(told) == said


def test_the_statuses_of_the_document_are_those_that_programs_are_told(schema: dict[str, Any]) -> None:
    told = {each for row in re.findall(r"^\| ([\d, ]+) \|", DOCUMENT.read_text(), re.M) for each in row.split(", ")}
    described = {
        status
        for methods in schema["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
    }
    assert {each for each in described if each.startswith("4")} <= told


def test_every_address_that_the_document_names_is_one(schema: dict[str, Any]) -> None:
    named = set(re.findall(r"/api/v1/[\w/-]*", DOCUMENT.read_text())) - {"/api/v1/"}
    known = [re.compile(re.sub(r"\{\w+\}", r"[\\w-]+", path) + r"\Z") for path in schema["paths"]]
    assert {each for each in named if not any(pattern.match(each) for pattern in known)} == set()


def spelt(part: Any) -> set[str]:
    """Every name of a field or parameter in the description, and every value that is one of a few."""
    if isinstance(part, list):
        return {word for each in part for word in spelt(each)}
    if not isinstance(part, dict):
        return set()
    found = set(part.get("properties", {})) | {str(each) for each in part.get("enum", [])}
    if "in" in part:
        found.add(str(part.get("name")))
    return found.union(*(spelt(each) for each in part.values()))


# Of errors, of people who may be known already, and of accounts.
NOT_DESCRIBED = {"detail", "known", "new"}


def test_every_field_that_the_document_names_is_one(schema: dict[str, Any]) -> None:
    named = set(re.findall(r"`([a-z_]+)`", DOCUMENT.read_text()))
    assert {"left_out", "version", "answered_with"} <= named
    assert named - spelt(schema) - NOT_DESCRIBED == set()
