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
    from team.models import User


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
    # Of what CAIT asks for of records older than itself, at once of very many: it has a list of its own, apart from
    # what is freshly late, and nobody is told that it is late, until somebody has it by name: from then on it is a
    # duty as any other. What is said of one of them, and of several.
    apart: tuple[str, str] | None = None
    # A supervisor's review of the record, which falls due by a clock: two of one record may be answered by one.
    review: bool = False
    # Where the page shows many of them: how the id begins of the one that a duty is about, before its subject.
    anchor: str = ""
    # Who is asked by email and chased until they answer, and what is written to them: step 0 asks, 1, 2 … chase; and
    # what they had been sent before.
    partner: Partner | None = None
    letter: Callable[[Duty, int, Sent], Letter] | None = None


# What follows within the same transaction when a duty is given to somebody, or back to its role.
Follows = Callable[["Duty", "User"], None]

# Who (ids) may not do a duty, whatever their role: it is about what they did themselves.
OwnWork = Callable[["Duty"], set[int]]

_KINDS: dict[str, DutyKind] = {}
_FOLLOWS: dict[str, Follows] = {}
_OWN_WORK: dict[str, OwnWork] = {}


def register(kind: DutyKind) -> DutyKind:
    """Make a kind known. Raises ValueError where two are called the same."""
    if _KINDS.setdefault(kind.code, kind) != kind:
        raise ValueError(f"Two kinds of duty are called {kind.code}.")
    return kind


def kind_of(code: str) -> DutyKind | None:
    """The kind with that code; None where no room has registered it: the page then shows the bare code."""
    return _KINDS.get(code)


def kinds_apart() -> list[DutyKind]:
    """The kinds that have a list of their own."""
    return [kind for kind in kinds() if kind.apart]


def register_owned(kind: DutyKind, follows: Follows) -> None:
    """Say that a duty of that kind is about a thing with an owner of its own, and how that follows whoever is given
    the duty: there is one owner, and the check of the diary compares them. Raises ValueError for a second."""
    if _FOLLOWS.setdefault(kind.code, follows) != follows:
        raise ValueError(f"What follows when a {kind.code} is given is registered already.")


def follows_of(code: str) -> Follows | None:
    """How the owner of what a duty of that kind is about follows the duty's; None where it has none of its own."""
    return _FOLLOWS.get(code)


def register_own_work(kind: DutyKind, whose: OwnWork) -> None:
    """Say whose work a duty of that kind is about, where nobody judges their own. Raises ValueError for a second."""
    if _OWN_WORK.setdefault(kind.code, whose) != whose:
        raise ValueError(f"Whose work a {kind.code} is about is registered already.")


def whose_work(duty: Duty) -> set[int]:
    """Who (ids) may not do a duty, for it is about their own work."""
    whose = _OWN_WORK.get(duty.kind)
    return whose(duty) if whose else set()


def kinds() -> list[DutyKind]:
    """Every kind that is registered, by what it is called."""
    return sorted(_KINDS.values(), key=lambda kind: kind.label)
