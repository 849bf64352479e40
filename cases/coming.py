"""Records of earlier months that are still coming in, as while the demonstration fills itself in: until all are there
nothing is said for good of the months that are over. A room above says that some are coming, and others what follows
when all are there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

# Turns the clock to a moment, for what is done as at then.
Turn = Callable[[datetime], None]

_COMING: list[Callable[[], bool]] = []
_FOLLOWS: list[Callable[[Turn], None]] = []


def register_coming(are_coming: Callable[[], bool]) -> None:
    """A room says whether some are still coming."""
    if are_coming not in _COMING:
        _COMING.append(are_coming)


def register_follows(follows: Callable[[Turn], None]) -> None:
    """A room says what it does when all are there, in the transaction of whoever brought them; maybe once more."""
    if follows not in _FOLLOWS:
        _FOLLOWS.append(follows)


def still_coming() -> bool:
    return any(are_coming() for are_coming in _COMING)


def all_are_there(turn_to: Turn) -> None:
    """Whoever brought them says so."""
    for follows in _FOLLOWS:
        follows(turn_to)
