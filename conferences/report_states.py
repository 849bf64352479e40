"""How a version of the police report goes from state to state: one table, for the policies, the tests and the picture
in docs/."""

from __future__ import annotations

from typing import NamedTuple

from conferences.enums import ReportState
from team.permissions import Permission

DRAFT, SUBMITTED, RETURNED, ENDORSED, SENT, OVERTAKEN = ReportState


class Transition(NamedTuple):
    """By which action, from which state to which, and who may do it. `before`: None where there was no version; the
    one that `start_report` adds then is being written, and an endorsed one before it is overtaken."""

    action: str
    before: ReportState | None
    after: ReportState
    permission: Permission


TRANSITIONS = (
    Transition("start_report", None, DRAFT, Permission.WRITE_REPORTS),
    Transition("submit_report", DRAFT, SUBMITTED, Permission.WRITE_REPORTS),
    Transition("submit_report", RETURNED, SUBMITTED, Permission.WRITE_REPORTS),
    Transition("return_report", SUBMITTED, RETURNED, Permission.ENDORSE_REPORTS),
    Transition("endorse_report", SUBMITTED, ENDORSED, Permission.ENDORSE_REPORTS),
    Transition("send_report", ENDORSED, SENT, Permission.WRITE_REPORTS),
    Transition("start_report", ENDORSED, OVERTAKEN, Permission.WRITE_REPORTS),
)
# What is over: the next version begins after it, as a copy.
OVER = (SENT, OVERTAKEN)


def allows(action: str, before: ReportState | str | None) -> bool:
    """Whether an action is one from that state."""
    return any(each.action == action and each.before == before for each in TRANSITIONS)


def diagram() -> str:
    """The table as a Mermaid state diagram; `docs/states.md` holds it, and a test compares the two."""
    lines = ["stateDiagram-v2"]
    for each in TRANSITIONS:
        before = "[*]" if each.before is None else each.before.name.lower()
        lines.append(f"    {before} --> {each.after.name.lower()}: {each.action}")
    lines += [f"    {state.name.lower()}: {state.label}" for state in ReportState]
    ends = set(ReportState) - {each.before for each in TRANSITIONS}
    lines += [f"    {state.name.lower()} --> [*]" for state in ReportState if state in ends]
    return "\n".join(lines) + "\n"
