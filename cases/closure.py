"""What the rooms above have to say about a record, and what they do when its course turns.

Each registers once, in its AppConfig.ready(). So nobody closes a record round a check: whatever closes it asks here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cases.models import Case
    from team.models import User


class Turn(Enum):
    """What happens to a record that other rooms must know of, in the transaction in which it happens."""

    RAISED = auto()  # it is new, and everything that came with its referral stands on it
    PEOPLE = auto()  # somebody was put on it or taken off
    LEADS = auto()  # the reviews of a child hang on it from now on, or no longer do
    ASSESSED = auto()  # a CRAM of it was sent for endorsement
    SEARCHED = auto()  # police systems were searched for it
    ACTIONS = auto()  # an action was set, changed or ended
    PROTECTION = auto()  # a plan or a core group of its children, or a conference, is now, is moved or is no more
    ASSIGNED = auto()  # another officer in case, or none any more
    SUPERVISOR = auto()  # another supervisor, or none any more
    CLOSURE_ASKED = auto()
    CLOSURE_ANSWERED = auto()
    TRANSFER_ASKED = auto()
    TRANSFER_ANSWERED = auto()  # also where it was taken back; the record is the sender's still
    TRANSFERRED = auto()  # another team has it from now on
    RESTRICTED = auto()  # fewer may open it than before
    CLOSED = auto()
    REOPENED = auto()


@dataclass(frozen=True)
class InTheWay:
    """One thing that stands in the way of closure or of a transfer, in words, and the page on which it is done.

    `view` is a URL name whose one argument is the record's number.
    """

    what: str
    view: str


Check = Callable[["Case"], list[InTheWay]]
# What does not stand in the way but ends with the record, undone.
Ends = Callable[["Case"], list[str]]
Hear = Callable[["Case", Turn, "User"], None]


@dataclass(frozen=True)
class _Room:
    check: Check
    hear: Hear | None
    ends: Ends | None
    before_transfer: Check | None


_ROOMS: dict[str, _Room] = {}


def register(
    room: str,
    check: Check,
    hear: Hear | None = None,
    ends: Ends | None = None,
    before_transfer: Check | None = None,
) -> None:
    """Say what of a room stands in the way of closure, what it does at a turn, what of it ends with the record, and
    what has to be finished before another team takes the record over.

    Raises ValueError for a second that says otherwise.
    """
    said = _Room(check, hear, ends, before_transfer)
    if _ROOMS.setdefault(room, said) != said:
        raise ValueError(f"{room} has registered already.")


def rooms() -> list[str]:
    """Which rooms have registered."""
    return sorted(_ROOMS)


def in_the_way(case: Case) -> list[InTheWay]:
    """Everything that stands in the way of closing a record (HMIC 2010, AFI 2); empty where nothing does.

    What two rooms say in the same words, one by its duty and one by the facts, is said once.
    """
    return list(dict.fromkeys(each for room in _ROOMS.values() for each in room.check(case)))


def before_transfer(case: Case) -> list[InTheWay]:
    """Everything that has to be finished before another team takes a record over: what is half written, or waits for
    somebody's answer here (CAIT default)."""
    return [each for room in _ROOMS.values() if room.before_transfer for each in room.before_transfer(case)]


def ends_undone(case: Case) -> list[str]:
    """What ends with the record, undone: whoever agrees to closure reads it first."""
    return [each for room in _ROOMS.values() if room.ends for each in room.ends(case)]


def tell(case: Case, turn: Turn, *, by: User) -> None:
    """Let every room do its part at a turn, in the caller's transaction; the record is locked."""
    for room in _ROOMS.values():
        if room.hear:
            room.hear(case, turn, by)
