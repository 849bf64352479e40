"""The registry of duties: each kind is registered by the room whose event raises it, in its AppConfig.ready()."""

from __future__ import annotations

from dataclasses import dataclass

from team.enums import Role
from team.permissions import Permission


@dataclass(frozen=True)
class DutyKind:
    """One kind of duty: what is to be done, who holds it, where it is done, and who may do it."""

    code: str
    label: str
    owner_role: Role
    # The URL name of the page on which it is done; its one argument is the record's number.
    view: str
    permission: Permission


_KINDS: dict[str, DutyKind] = {}


def register(kind: DutyKind) -> DutyKind:
    """Make a kind known. Raises ValueError where two are called the same."""
    if _KINDS.setdefault(kind.code, kind) != kind:
        raise ValueError(f"Two kinds of duty are called {kind.code}.")
    return kind


def kind_of(code: str) -> DutyKind | None:
    """The kind with that code; None where no room has registered it: the page then shows the bare code."""
    return _KINDS.get(code)
