"""The description of the API, and what a program sends and is answered, held against it."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import datetime
from functools import cache
from io import StringIO
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has none of its own
from drf_spectacular.generators import SchemaGenerator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from cait.urls import resources

# What the parts of the description are of, among which its validator looks.
HERE = "urn:cait"
METHODS = ("get", "post", "put", "patch", "delete")


@cache
def description() -> dict[str, Any]:
    """As it is made, warnings aside."""
    with contextlib.redirect_stderr(StringIO()):
        made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(made))


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


def operation(name: str, method: str) -> dict[str, Any]:
    """What is said of one address and method."""
    told: dict[str, Any] = description()["paths"][ADDRESSES[name][0]][method]
    return told


def as_json_schema(part: Any) -> Any:
    """A part of OpenAPI 3.0 in JSON Schema: `nullable` is the one word that it has for itself."""
    if isinstance(part, list):
        return [as_json_schema(each) for each in part]
    if not isinstance(part, dict):
        return part
    made = {name: as_json_schema(value) for name, value in part.items() if name != "nullable"}
    if "$ref" in made:
        made = {"$ref": HERE + made["$ref"]}
    if part.get("nullable") is True:
        # In 3.0 an enum with null is spelt with null among the values; without it, null is none of them.
        if "type" in part and "enum" not in part:
            return {"anyOf": [made, {"type": "null"}]}
        if "enum" in part:
            return {"enum": part["enum"]}
        return {"anyOf": [made, {"type": "null"}]}
    return made


@cache
def components() -> Registry[Any]:
    """The parts that the description refers to; looked through once, and not for each answer."""
    parts = {"components": as_json_schema(description()["components"])}
    return Registry().with_resource(HERE, DRAFT202012.create_resource(parts)).crawl()


def at_an_offset(at: str) -> bool:
    """Whether it is a moment of RFC 3339, which always has an offset."""
    return "T" in at and datetime.fromisoformat(at).tzinfo is not None


def check(shape: dict[str, Any], value: Any) -> None:
    formats = jsonschema.FormatChecker(["date", "uuid", "email"])
    formats.checks("date-time", ValueError)(lambda at: not isinstance(at, str) or at_an_offset(at))
    validator = jsonschema.Draft202012Validator(as_json_schema(shape), registry=components(), format_checker=formats)
    wrong = [
        f"{'/'.join(map(str, each.absolute_path))}: {each.message[:300]}" for each in validator.iter_errors(value)
    ]
    assert wrong == [], (shape, wrong)


def check_answer(name: str, method: str, answer: Any) -> None:
    """Hold one answer against what the description says of it."""
    told_of = operation(name, method)["responses"]
    assert str(answer.status_code) in told_of, (name, answer.status_code, answer.content[:300])
    told = told_of[str(answer.status_code)]
    if "content" not in told:
        assert answer.content in (b"", b"{}"), f"{name}: no body is described, and {answer.content!r} is given"
        return
    of_type = told["content"][answer["Content-Type"].split(";")[0]]
    check(of_type["schema"], answer.json())


def untold(name: str, found: Any, part: dict[str, Any] | None = None) -> set[str]:
    """The keys of an answer that its shape does not have."""
    part = part or operation(name, "get")["responses"]["200"]["content"]["application/json"]["schema"]
    if "$ref" in part:
        part = description()["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
    for each in part.get("allOf", part.get("oneOf", [])):
        if "$ref" in each and isinstance(found, dict):
            return untold(name, found, each)
    if isinstance(found, list):
        return {key for each in found for key in untold(name, each, part.get("items", {"type": "object"}))}
    if isinstance(found, dict) and "properties" in part:
        more = set(found) - set(part["properties"])
        return more | {key for it in set(found) - more for key in untold(name, found[it], part["properties"][it])}
    return set()
