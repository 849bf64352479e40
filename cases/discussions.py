"""When the strategy discussions about a record were held: told by the room that records them.

That room lies above; it registers once, in its AppConfig.ready().
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cases.models import Case


class Discussed(NamedTuple):
    """London dates: the discussion that initiated section 47 enquiries, and the last one held."""

    initiated_on: date | None
    last_on: date | None


Tells = Callable[["Case"], Discussed]
_TOLD_BY: list[Tells] = []


def register(tells: Tells) -> None:
    """Say how the discussions of a record are found. Raises ValueError for a second room."""
    if any(other is not tells for other in _TOLD_BY):
        raise ValueError("It is told by one room already when strategy discussions were held.")
    _TOLD_BY[:] = [tells]


def discussed(case: Case) -> Discussed:
    """When the strategy discussions about a record were held."""
    (tells,) = _TOLD_BY
    return tells(case)
