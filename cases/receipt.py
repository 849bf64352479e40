"""When what a record is about reached the team: told by the room through which records come in.

That room lies above; it registers once, in its AppConfig.ready().
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

Receipts = Callable[[Collection[int]], dict[int, datetime]]
_TOLD_BY: list[Receipts] = []


def register(receipts: Receipts) -> None:
    """Say how the moments of receipt of some records (ids) are found. Raises ValueError for a second room."""
    if any(other is not receipts for other in _TOLD_BY):
        raise ValueError("It is told by one room already when records were received.")
    _TOLD_BY[:] = [receipts]


def received_at(cases: Collection[int]) -> dict[int, datetime]:
    """When what each of some records (ids) is about was received."""
    (receipts,) = _TOLD_BY
    return receipts(cases)
