"""What a program may send: JSON, of a length that a form could have too."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser


class TooLong(APIException):
    status_code = 413
    default_detail = "This is longer than anything CAIT takes. Send less at once."


class Json(JSONParser):
    """Read whole before it is taken apart, so that Django's limit for a form holds here too."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLong
        try:
            return super().parse(stream, media_type, parser_context)
        except RequestDataTooBig as wrong:
            raise TooLong from wrong
        except RecursionError as wrong:
            raise ParseError("JSON parse error - lists or objects stand in each other too deep.") from wrong
