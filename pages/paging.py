"""Pages of a long list by keyset: as quick on the thousandth page as on the first, and no row shown twice.

Never OFFSET, never a count of a whole table.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)

ROWS_A_PAGE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows. `following` is the cursor of the next page, None on the last; `is_first` as it says."""

    rows: list[Row]
    following: str | None
    is_first: bool

    def links(self, asked: QueryDict) -> dict[str, str]:
        """Where the page's two links lead, the filters in the address kept; empty where there is nowhere to go."""
        first, following = asked.copy(), asked.copy()
        first.pop("after", None)
        following["after"] = self.following or ""
        return {
            "newer_url": "" if self.is_first else f"?{first.urlencode()}",
            "older_url": f"?{following.urlencode()}" if self.following else "",
        }


def page_of(
    rows: QuerySet[Row], *, key: str, descending: bool, cursor: str = "", size: int = ROWS_A_PAGE
) -> Page[Row]:
    """The page of `rows` that begins after `cursor`, in order of `key` and then id.

    An index on (key, id) in that direction serves it; where the key is worked out for each row (an annotation, which
    is never empty), there must be few. Rows may be named tuples of values, with `id` and the key among
    them. Raises SuspiciousOperation (a 400) for a cursor that is not
    one of ours, ValueError for a key that can be empty.
    """
    if getattr(_field(rows, key), "null", False):
        raise ValueError(f"{key} can be empty, and rows without it would be left out of every page but the first.")
    sign, beyond = ("-", "lt") if descending else ("", "gt")
    ordered = rows.order_by(f"{sign}{key}", f"{sign}id")
    if cursor:
        value, pk = _read(rows, key, sign + key, cursor)
        # Written so that the index is used for both columns; a plain OR is not.
        ordered = ordered.filter(**{f"{key}__{beyond}e": value}).filter(
            Q(**{f"{key}__{beyond}": value}) | Q(**{f"id__{beyond}": pk})
        )
    found = list(ordered[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Page(found, _write(found[-1], key, sign + key) if more else None, is_first=not cursor)


def _field(rows: QuerySet[Any], key: str) -> Any:
    """What a key is: a column, or what is worked out for each row."""
    worked_out = rows.query.annotations.get(key)
    return rows.model._meta.get_field(key) if worked_out is None else worked_out.output_field


def _write(row: Any, key: str, order: str) -> str:
    value = getattr(row, key)
    words = json.dumps([order, value.isoformat() if isinstance(value, date) else value, row.id])
    return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")


def _read(rows: QuerySet[Any], key: str, order: str, cursor: str) -> tuple[Any, int]:
    try:
        words = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        written_for, value, pk = json.loads(words)
        if written_for != order or not isinstance(value, str | int) or type(pk) is not int or "\0" in str(value):
            raise ValueError("not one of ours, or written for another order")
        str(value).encode()  # a half of a character is none
        read = _field(rows, key).to_python(value)
        if pk.bit_length() > 63:
            raise OverflowError("no id of ours")
        return read.astimezone(UTC) if isinstance(read, datetime) else read, pk
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError, ValidationError) as wrong:
        raise SuspiciousOperation("The address of this page of the list is damaged.") from wrong
