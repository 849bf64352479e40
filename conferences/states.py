"""How conferences, plans and core groups go from state to state: one table each, for the policies, the tests and the
pictures in docs/. The police report has its own: `report_states`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import TextChoices

from conferences.enums import ConferenceState, CoreGroupState
from conferences.models import Plan
from team.permissions import Permission


class PlanState(TextChoices):
    """Of a plan no state is stored: it follows from its dates."""

    RUNNING = "running", "Running"
    ENDED = "ended", "Ended"
    WITHDRAWN = "withdrawn", "Recorded by mistake"


class Transition(NamedTuple):
    """By which action, from which state to which, and who may do it. `before`: None where there was none."""

    action: str
    before: str | None
    after: str
    permission: Permission


BOOKED, HELD, CANCELLED = ConferenceState
CONFERENCES = (
    Transition("book_conference", None, BOOKED, Permission.BOOK_CONFERENCES),
    Transition("change_conference", BOOKED, BOOKED, Permission.BOOK_CONFERENCES),
    Transition("move_conference", BOOKED, BOOKED, Permission.BOOK_CONFERENCES),
    Transition("cancel_conference", BOOKED, CANCELLED, Permission.BOOK_CONFERENCES),
    Transition("record_attendance", BOOKED, HELD, Permission.RECORD_OUTCOMES),
    Transition("record_outcomes", HELD, HELD, Permission.RECORD_OUTCOMES),
    Transition("debrief_officer", HELD, HELD, Permission.SUPERVISE_CONFERENCES),
    Transition("check_minutes", HELD, HELD, Permission.RECORD_OUTCOMES),
)

RUNNING, ENDED, WITHDRAWN = PlanState
PLANS = (
    Transition("record_outcomes", None, RUNNING, Permission.RECORD_OUTCOMES),
    Transition("record_plan", None, RUNNING, Permission.RECORD_OUTCOMES),
    Transition("record_outcomes", RUNNING, ENDED, Permission.RECORD_OUTCOMES),
    Transition("end_plan", RUNNING, ENDED, Permission.RECORD_OUTCOMES),
    Transition("correct_outcome", RUNNING, WITHDRAWN, Permission.RECORD_OUTCOMES),
    Transition("correct_outcome", ENDED, RUNNING, Permission.RECORD_OUTCOMES),
    Transition("withdraw_plan", RUNNING, WITHDRAWN, Permission.RECORD_OUTCOMES),
    Transition("withdraw_plan", ENDED, WITHDRAWN, Permission.RECORD_OUTCOMES),
)

CORE_GROUPS = (
    Transition("plan_core_group", None, CoreGroupState.PLANNED, Permission.RECORD_OUTCOMES),
    Transition("move_core_group", CoreGroupState.PLANNED, CoreGroupState.PLANNED, Permission.RECORD_OUTCOMES),
    Transition("record_core_group", CoreGroupState.PLANNED, CoreGroupState.HELD, Permission.RECORD_OUTCOMES),
    Transition("cancel_core_group", CoreGroupState.PLANNED, CoreGroupState.CANCELLED, Permission.RECORD_OUTCOMES),
)


def state_of(plan: Plan) -> PlanState:
    """Where a plan is."""
    if plan.withdrawn_at is not None:
        return WITHDRAWN
    return RUNNING if plan.to_on is None else ENDED


def allows(table: Iterable[Transition], action: str, before: str | None) -> bool:
    """Whether an action is one from that state."""
    return any(each.action == action and each.before == before for each in table)


def diagram(table: tuple[Transition, ...], states: type[TextChoices]) -> str:
    """A table as a Mermaid state diagram; `docs/states.md` holds it, and a test compares the two."""
    lines = ["stateDiagram-v2"]
    for each in table:
        before = "[*]" if each.before is None else states(each.before).name.lower()
        lines.append(f"    {before} --> {states(each.after).name.lower()}: {each.action}")
    lines += [f"    {state.name.lower()}: {state.label}" for state in states]
    ends = set(states) - {each.before for each in table if each.before != each.after}
    lines += [f"    {state.name.lower()} --> [*]" for state in states if state in ends]
    return "\n".join(lines) + "\n"
