"""The description of the API is OpenAPI 3, is whole, and is true: answers and examples are held against it."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema  # type: ignore[import-untyped]  # it has none of its own
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from ruamel.yaml import YAML

from cait.urls import resources
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
from tests.integration.api.prepared import READS, another_person, as_sent, prepared
from tests.integration.api.test_acting import ACTS

pytestmark = pytest.mark.django_db

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "api.md"
# Where the parts of the description are kept once they are JSON Schema.
COMPONENTS = "x-components"
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The description as it is made, warnings aside."""
    with contextlib.redirect_stderr(StringIO()):
        made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(made))


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
    assert YAML(typ="safe", pure=True).load(as_yaml.content.decode())["paths"].keys() == schema["paths"].keys()
    as_json = program.client.get(address, headers={"Accept": "application/vnd.oai.openapi+json"})
    assert as_json.status_code == 200
    assert as_json.json()["paths"].keys() == schema["paths"].keys()


def addresses(found: list[Any], before: str = "/api/v1/") -> dict[str, tuple[str, set[str]]]:
    """Every address by its name, as OpenAPI writes it, and its methods."""
    known: dict[str, tuple[str, set[str]]] = {}
    for each in found:
        if hasattr(each, "url_patterns"):
            known |= addresses(each.url_patterns, before)
        else:
            path = before + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(each.pattern)).replace("{pk}", "{id}")
            known[each.name] = path, {method for method in METHODS if hasattr(each.callback.cls, method)}
    return known


ADDRESSES = addresses(resources)


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


def as_json_schema(part: Any) -> Any:
    """A part of OpenAPI 3.0 in JSON Schema: `nullable` is the one word that it has for itself."""
    if isinstance(part, list):
        return [as_json_schema(each) for each in part]
    if not isinstance(part, dict):
        return part
    made = {name: as_json_schema(value) for name, value in part.items() if name != "nullable"}
    if "$ref" in made:
        made = {"$ref": made["$ref"]}
    if part.get("nullable") is True:
        # In 3.0 an enum with null is spelt with null among the values; without it, null is none of them.
        if "type" in part and "enum" not in part:
            return {"anyOf": [made, {"type": "null"}]}
        if "enum" in part:
            return {"enum": part["enum"]}
        return {"anyOf": [made, {"type": "null"}]}
    return made


def at_an_offset(at: str) -> bool:
    """Whether it is a moment of RFC 3339, which always has an offset."""
    return "T" in at and datetime.fromisoformat(at).tzinfo is not None


def check(schema: dict[str, Any], shape: dict[str, Any], value: Any) -> None:
    if COMPONENTS not in schema:
        schema[COMPONENTS] = as_json_schema(schema["components"])
    whole = {**as_json_schema(shape), "components": schema[COMPONENTS]}
    formats = jsonschema.FormatChecker(["date", "uuid", "email"])
    formats.checks("date-time", ValueError)(lambda at: not isinstance(at, str) or at_an_offset(at))
    wrong = [
        f"{'/'.join(map(str, each.absolute_path))}: {each.message[:300]}"
        for each in jsonschema.Draft202012Validator(whole, format_checker=formats).iter_errors(value)
    ]
    assert wrong == [], shape


def answered(schema: dict[str, Any], name: str, method: str, answer: Any) -> None:
    """Hold one answer against what the description says of it."""
    operation = schema["paths"][ADDRESSES[name][0]][method]
    assert str(answer.status_code) in operation["responses"], (answer.status_code, answer.content[:300])
    told = operation["responses"][str(answer.status_code)]
    if "content" not in told:
        assert answer.content in (b"", b"{}"), f"{name}: no body is described, and {answer.content!r} is given"
        return
    of_type = told["content"][answer["Content-Type"].split(";")[0]]
    check(schema, of_type["schema"], answer.json())


def untold(schema: dict[str, Any], name: str, found: Any, part: dict[str, Any] | None = None) -> set[str]:
    """The keys of an answer that its shape does not have."""
    part = (
        part
        or schema["paths"][ADDRESSES[name][0]]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    )
    if "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
    for each in part.get("allOf", part.get("oneOf", [])):
        if "$ref" in each and isinstance(found, dict):
            return untold(schema, name, found, each)
    if isinstance(found, list):
        return {key for each in found for key in untold(schema, name, each, part.get("items", {"type": "object"}))}
    if isinstance(found, dict) and "properties" in part:
        more = set(found) - set(part["properties"])
        return more | {
            key for it in set(found) - more for key in untold(schema, name, found[it], part["properties"][it])
        }
    return set()


@pytest.mark.parametrize("protected", [False, True], ids=["shown", "protected"])
def test_what_is_read_is_as_it_says(protected: bool, schema: dict[str, Any]) -> None:
    it = prepared(protected=protected)
    another_person(it.case, "Quennell")
    bare = a_case()
    program = Program(an_officer(Role.DESK_SERGEANT))
    for name in sorted(READS):
        answer = program.get(name, *it.args(name))
        answered(schema, name, "get", answer)
        assert untold(schema, name, answer.json()) == set(), name
        if READS[name] == "number":
            answered(schema, name, "get", program.get(name, bare.number))


def test_what_is_bare_closed_held_or_late_is_as_it_says(schema: dict[str, Any]) -> None:
    program = Program(an_officer(Role.DESK_SERGEANT))
    closed = a_closed_case()
    an_approved_address()
    waiting = an_open_update()
    for name in ("case", "closure", "referral", "decisions", "updates"):
        for number in (closed.number, waiting.case.number, a_triaged_case().number, a_decided_case().number):
            answered(schema, name, "get", program.get(name, number))
    answered(schema, "duty", "get", program.get("duty", waiting.pk))
    program.post("hold_chases", waiting.pk, why="The worker is the subject")
    answered(schema, "duty", "get", program.get("duty", waiting.pk))
    copy = a_message(raw=bytes(a_message().source.raw))
    answered(schema, "message", "get", program.get("message", copy.pk))
    a_message(raw=b"From: x\r\n\r\n\xff\xfe", received_at=None)
    for name in ("intake", "duties", "cases", "referrals", "people"):
        answered(schema, name, "get", program.get(name))


@pytest.mark.parametrize("name", sorted(ACTS))
def test_what_is_sent_and_what_is_answered_is_as_it_says(name: str, schema: dict[str, Any]) -> None:
    program = Program(an_officer(Role.DESK_SERGEANT))
    act = ACTS[name]
    args, sent = act.makes(program.user)
    operation = schema["paths"][ADDRESSES[name][0]][act.method]
    assert ("requestBody" in operation) == bool(sent)
    if sent:
        assert set(operation["requestBody"]["content"]) == {"application/json"}
        check(schema, operation["requestBody"]["content"]["application/json"]["schema"], sent)
    answered(schema, name, act.method, getattr(program, act.method)(name, *args, **sent))
    for wrong in ({}, {"nothing": 1}):
        answered(schema, name, act.method, getattr(program, act.method)(name, *args, **wrong))


# Nothing has to be said with these.
NOTHING_SENT = {"report", "assemble_report", "take_off_recipient"}


@pytest.mark.parametrize("name", sorted(set(ACTS) - NOTHING_SENT))
def test_what_must_be_sent_is_what_it_says_must_be_sent(name: str, schema: dict[str, Any]) -> None:
    program = Program(an_officer(Role.DESK_SERGEANT))
    act = ACTS[name]
    args, _ = act.makes(program.user)
    shape = schema["paths"][ADDRESSES[name][0]][act.method]["requestBody"]["content"]["application/json"]["schema"]
    told = schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
    said = getattr(program, act.method)(name, *args).json()
    missing = set(said) - {"detail"}
    if name in ("add_person", "person_on_record"):
        missing -= {"given_names"} - set(told["required"])  # one of two names: no schema says so
    assert missing == set(told.get("required", []))


def test_who_is_known_already_is_as_it_says(schema: dict[str, Any]) -> None:
    it = prepared()
    program = Program(an_officer(Role.DESK_SERGEANT))
    sent = {"people": [{"given_names": "Rhys", "family_name": "Calloway", "address": "4 Elm Row"}]}
    answer = program.post("known_already", **sent)
    assert answer.json()["results"][0][0]["person"]["id"] == it.child.pk
    answered(schema, "known_already", "post", answer)


def test_the_same_sent_again_is_as_it_says(schema: dict[str, Any]) -> None:
    a_team()
    program, sent = Program(an_officer(Role.DESK_SERGEANT)), as_sent()
    for status in (201, 200):
        answer = program.post("referrals", **sent)
        assert answer.status_code == status
        answered(schema, "referrals", "post", answer)


def test_refusals_are_as_it_says(schema: dict[str, Any]) -> None:
    number = a_case().number
    answered(schema, "case", "get", Client().get(reverse("api:case", args=[number])))
    answered(schema, "case", "get", Program(a_user()).get("case", number))
    answered(schema, "cases", "get", Program(a_user()).get("cases"))
    program = Program(an_officer(Role.DESK_SERGEANT))
    answered(schema, "cases", "get", program.get("cases", state="x"))


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
    check(schema, body, sent)
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
