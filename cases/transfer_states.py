"""How a transfer goes from state to state: one table, for the policies, the tests and the picture in docs/."""

from __future__ import annotations

from typing import NamedTuple

from cases.enums import TransferState
from team.permissions import Permission

ASKED, ACCEPTED, DECLINED, WITHDRAWN = TransferState


class Transition(NamedTuple):
    """By which action, from which state to which, and who may do it. `before`: None where there was no transfer."""

    action: str
    before: TransferState | None
    after: TransferState
    permission: Permission


TRANSITIONS = (
    Transition("ask_transfer", None, ASKED, Permission.TRANSFER_RECORDS),
    Transition("accept_transfer", ASKED, ACCEPTED, Permission.ANSWER_TRANSFERS),
    Transition("decline_transfer", ASKED, DECLINED, Permission.ANSWER_TRANSFERS),
    Transition("withdraw_transfer", ASKED, WITHDRAWN, Permission.TRANSFER_RECORDS),
)


def is_answered(state: TransferState | str) -> bool:
    """Whether nothing is done to a transfer any more."""
    return all(each.before != state for each in TRANSITIONS)


def diagram() -> str:
    """The table as a Mermaid state diagram; `docs/states.md` holds it, and a test compares the two."""
    lines = ["stateDiagram-v2"]
    for each in TRANSITIONS:
        before = "[*]" if each.before is None else each.before.name.lower()
        lines.append(f"    {before} --> {each.after.name.lower()}: {each.action}")
    lines += [f"    {state.name.lower()}: {state.label}" for state in TransferState]
    lines += [f"    {state.name.lower()} --> [*]" for state in TransferState if is_answered(state)]
    return "\n".join(lines) + "\n"
