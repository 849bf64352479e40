"""The description of the API in OpenAPI 3: what every address has in common. The rest is made of the views."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers


def listing(shape: Any) -> Any:
    """The shape of a list: `results`, and in `next` the address of what follows."""
    name = f"{shape.__name__.removesuffix('Out').removesuffix('Line')}List"
    following = serializers.URLField(allow_null=True, help_text="The address of what follows; null at the end.")
    return inline_serializer(name, {"results": shape(many=True), "next": following})


class Described(AutoSchema):
    """Operations are called after the view and what is done: `log_referral` would be a name for people."""

    def get_operation_id(self) -> str:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self.view).__name__).lower()
        return f"{words}_{self.method.lower()}"


REFUSALS = {
    "400": "Something that was sent cannot be used: `detail`, and what is wrong by each field's name.",
    "401": "No token, or one that has ended.",
    "403": "Your role does not do this; `detail` says whose does.",
    "404": "It does not exist, or you may not know that it does.",
    "409": "Somebody else was first. `detail` says who did what; look again, then decide whether to send yours.",
}
PROBLEM = {
    "type": "object",
    "description": "What is wrong: in a sentence, and by the name of each field that was sent.",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
    "additionalProperties": {},
}


class TokenScheme(KnoxTokenScheme):
    target_class = "api.access.Token"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token …`"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "api.access.Session"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


def add_refusals(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """What any address may answer instead of what was asked for."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    body = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            for status, description in REFUSALS.items():
                changes = method in ("post", "patch", "put")
                if (status == "409" and not changes) or (status == "404" and "{" not in path):
                    continue
                operation["responses"].setdefault(status, {"description": description, "content": body})
    return result
