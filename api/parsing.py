"""What a program may send: JSON, each name once."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

CANNOT_BE_READ = "This is not JSON, or it is damaged."


class Json(JSONParser):
    """As the REST framework's, but that a name which stands twice is refused: of the two one would be lost."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            # How long it may be is Django's limit for any form, which has read it by now.
            return json.loads(stream.read().decode(), object_pairs_hook=_once, parse_constant=_no_number)
        except RecursionError as wrong:
            raise ParseError("Lists or objects stand in each other too deep.") from wrong
        except ValueError as wrong:  # also bytes that are no UTF-8, and a number of thousands of figures
            raise ParseError(CANNOT_BE_READ) from wrong


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ParseError("A name stands twice in one object.")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")
