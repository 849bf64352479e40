"""The registry of duties: each kind is registered by the room whose event raises it, in its AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cases.enums import Partner
from team.enums import Role
from team.permissions import Permission

if TYPE_CHECKING:
    from diary.models import Duty


class Letter(NamedTuple):
    """An email to a partner, and how the chronology tells it. It carries the URN, never a name or circumstances."""

    subject: str
    text: str
    title: str


class Sent(NamedTuple):
    """What a partner had been sent about a duty: whether anything, and how many chases."""

    asked: bool
    chases: int


@dataclass(frozen=True)
class DutyKind:
    """One kind of duty: what is to be done, who holds it, where it is done, and who may do it."""

    code: str
    label: str
    owner_role: Role
    # The URL name of the page on which it is done; its one argument is the record's number.
    view: str
    permission: Permission
    # The word of the link that does it, in a list.
    do: str
    # What is said where it stands in the way of closure; empty where it does not, and ends with the record.
    in_the_way: str = ""
    # A supervisor's review of the record, which falls due by a clock: two of one record may be answered by one.
    review: bool = False
    # Who is asked by email and chased until they answer, and what is written to them: step 0 asks, 1, 2 … chase; and
    # what they had been sent before.
    partner: Partner | None = None
    letter: Callable[[Duty, int, Sent], Letter] | None = None


_KINDS: dict[str, DutyKind] = {}


def register(kind: DutyKind) -> DutyKind:
    """Make a kind known. Raises ValueError where two are called the same."""
    if _KINDS.setdefault(kind.code, kind) != kind:
        raise ValueError(f"Two kinds of duty are called {kind.code}.")
    return kind


def kind_of(code: str) -> DutyKind | None:
    """The kind with that code; None where no room has registered it: the page then shows the bare code."""
    return _KINDS.get(code)


def kinds() -> list[DutyKind]:
    """Every kind that is registered, by what it is called."""
    return sorted(_KINDS.values(), key=lambda kind: kind.label)
