"""How an assessment goes from state to state: one table, for the policies, the tests and the picture in docs/."""

from __future__ import annotations

from typing import NamedTuple

from cram.enums import AssessmentState
from team.permissions import Permission

UNDER_WAY, SUBMITTED, RETURNED, ENDORSED, DISCARDED = AssessmentState


class Transition(NamedTuple):
    """By which action, from which state to which, and who may do it. `before`: None where there was no assessment."""

    action: str
    before: AssessmentState | None
    after: AssessmentState
    permission: Permission


TRANSITIONS = (
    Transition("start_assessment", None, UNDER_WAY, Permission.ASSESS_RISK),
    Transition("submit_assessment", UNDER_WAY, SUBMITTED, Permission.ASSESS_RISK),
    Transition("submit_assessment", RETURNED, SUBMITTED, Permission.ASSESS_RISK),
    Transition("return_assessment", SUBMITTED, RETURNED, Permission.ENDORSE_ASSESSMENTS),
    Transition("endorse_assessment", SUBMITTED, ENDORSED, Permission.ENDORSE_ASSESSMENTS),
    Transition("discard_assessment", UNDER_WAY, DISCARDED, Permission.ASSESS_RISK),
)


def allows(action: str, before: AssessmentState | str | None) -> bool:
    """Whether an action is one from that state."""
    return any(each.action == action and each.before == before for each in TRANSITIONS)


def diagram() -> str:
    """The table as a Mermaid state diagram; `docs/states.md` holds it, and a test compares the two."""
    lines = ["stateDiagram-v2"]
    for each in TRANSITIONS:
        before = "[*]" if each.before is None else each.before.name.lower()
        lines.append(f"    {before} --> {each.after.name.lower()}: {each.action}")
    lines += [f"    {state.name.lower()}: {state.label}" for state in AssessmentState]
    ends = set(AssessmentState) - {each.before for each in TRANSITIONS}
    lines += [f"    {state.name.lower()} --> [*]" for state in AssessmentState if state in ends]
    return "\n".join(lines) + "\n"
