"""How a monthly report goes from state to state: one table, for the policies, the tests and the picture in docs/."""

from __future__ import annotations

from typing import NamedTuple

from oversight.enums import ReportState
from team.permissions import Permission

DRAFT, SIGNED = ReportState


class Transition(NamedTuple):
    """By which action, from which state to which, and who may do it. `before`: None where there was no report."""

    action: str
    before: ReportState | None
    after: ReportState
    permission: Permission = Permission.SIGN_MONTHLY_REPORTS


TRANSITIONS = (
    Transition("make_report", None, DRAFT),
    Transition("count_again", DRAFT, DRAFT),
    Transition("write_commentary", DRAFT, DRAFT),
    Transition("sign_report", DRAFT, SIGNED),
)


def stays(state: ReportState | str) -> bool:
    """Whether nothing is done to a report any more."""
    return all(each.before != state for each in TRANSITIONS)


def diagram() -> str:
    """The table as a Mermaid state diagram; `docs/states.md` holds it, and a test compares the two."""
    lines = ["stateDiagram-v2"]
    for each in TRANSITIONS:
        before = "[*]" if each.before is None else each.before.name.lower()
        lines.append(f"    {before} --> {each.after.name.lower()}: {each.action}")
    lines += [f"    {state.name.lower()}: {state.label}" for state in ReportState]
    lines += [f"    {state.name.lower()} --> [*]" for state in ReportState if stays(state)]
    return "\n".join(lines) + "\n"
