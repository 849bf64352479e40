"""What waits for somebody and is no duty on a record, such as a report to be signed: rooms above say it, and Today
shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from team.models import User


@dataclass(frozen=True)
class Waits:
    """One thing: what it is, where it is done, and what else is worth knowing of it. Never a name of a child."""

    label: str
    url: str
    more: str = ""


Source = Callable[[User, datetime], Iterable[Waits]]

_SOURCES: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """A room says what waits for somebody; of whom nothing ever waits it asks the database nothing."""
    _SOURCES[name] = source


def waits_for(user: User, *, now: datetime) -> list[Waits]:
    """All that waits for somebody besides their duties."""
    return [each for name in sorted(_SOURCES) for each in _SOURCES[name](user, now)]
