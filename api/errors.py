"""What a program is told when something cannot be done: `detail` in a sentence, and what is wrong by each field.

As RFC 9457 has it (application/problem+json), with the fields beside `detail`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import HttpResponse, JsonResponse
from rest_framework import exceptions, views
from rest_framework.response import Response

from team.history import ChangedMeanwhile

PROBLEM = "application/problem+json"
SENTENCES = {
    400: "Some of what you sent cannot be used. What is wrong stands beside each field.",
    401: "Send a token (Authorization: Token …), or sign in.",
    403: "This was refused.",
    404: "There is nothing here that you may see.",
    405: "This address does not do that. The description at /api/schema/ says what it does.",
    406: "CAIT answers programs in JSON alone.",
    413: "This is longer than anything CAIT takes. Send less at once.",
    415: "Send JSON, and say so: Content-Type: application/json.",
    503: "CAIT cannot reach its database just now. Ask again in a minute.",
}
NO_SLASH = "There is nothing at this address. Every address of CAIT ends with a slash."
LOOK_AGAIN = "Look at it again, then send yours only if it is still right."
# Raised before anything was shown: no look is recorded.
NOTHING_SHOWN = (401, 403, 404, 405, 406, 413, 415)


class TooLong(exceptions.APIException):
    status_code = 413


class Unanswered(Exception):
    """Something must be said first: what, and among what one can choose, by the name of each field; plain data."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__()
        self.fields = fields


def problem(status: int, detail: str = "", fields: Mapping[str, Any] | None = None) -> JsonResponse:
    """The answer that says what is wrong: always JSON, whatever was asked for. `fields`: what is wrong, by name."""
    # What is wrong stands first, and no field that was sent under its name takes its place.
    said: dict[str, Any] = {"detail": ""}
    said |= fields or {}
    said["detail"] = detail or SENTENCES[status]
    return JsonResponse(said, status=status, content_type=PROBLEM)


def handle(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """What the REST framework asks when a view raises. None: it is an error of ours, and Django answers."""
    if isinstance(exc, ValidationError):
        return _refused(exc)
    if isinstance(exc, Unanswered):
        return problem(400, fields=exc.fields)
    if isinstance(exc, RequestDataTooBig):
        exc = TooLong()
    if isinstance(exc, SuspiciousOperation):
        return problem(400, "The `after` of this address is damaged. Begin the list again.")
    response = views.exception_handler(exc, context)
    if response is None:
        return None
    answer = _of_framework(exc, response)
    for header in ("WWW-Authenticate", "Retry-After"):
        if header in response:
            answer[header] = response[header]
    return answer


def _refused(refused: ValidationError) -> JsonResponse:
    """What an action refuses: in its own words, beside the field they are about."""
    if isinstance(refused, ChangedMeanwhile):
        return problem(409, f"{refused.happened} {LOOK_AGAIN}")
    if not hasattr(refused, "error_dict"):
        return problem(400, " ".join(refused.messages))
    fields = dict(refused.message_dict)
    whole = fields.pop(NON_FIELD_ERRORS, [])
    return problem(400, " ".join(whole), fields)


def _of_framework(exc: Exception, response: Response) -> JsonResponse:
    """What the REST framework refuses itself."""
    status, data = response.status_code, response.data
    if isinstance(exc, exceptions.ValidationError):
        if not isinstance(data, dict):
            return problem(status, " ".join(map(str, data)))
        fields = {name: _plain(wrong) for name, wrong in data.items()}
        whole = fields.pop("non_field_errors", [])
        return problem(status, " ".join(whole), fields)
    # These say what it is about; of the others ours is the plainer sentence.
    own = (PermissionDenied, exceptions.ParseError, exceptions.PermissionDenied, exceptions.AuthenticationFailed)
    if isinstance(exc, own) or status not in SENTENCES:
        return problem(status, str(data["detail"]))
    return problem(status, SENTENCES[status])


def _plain(wrong: Any) -> Any:
    """What is wrong with one field: sentences; of a list or an object, by the place or the name within it."""
    if not isinstance(wrong, dict):
        return wrong
    if set(wrong) == {"non_field_errors"}:
        return wrong["non_field_errors"]
    return {str(place): _plain(each) for place, each in wrong.items()}
