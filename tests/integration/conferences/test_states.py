"""Every transition of conferences, plans and core groups, tried from every state; and their pictures in docs/."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import TextChoices

from cases.models import Case
from conferences import actions
from conferences.actions import Decided
from conferences.enums import ConferenceState, CoreGroupState, Outcome, PlanEnd
from conferences.models import Conference, CoreGroup, Plan
from conferences.queries import children_at
from conferences.states import (
    CONFERENCES,
    CORE_GROUPS,
    PLANS,
    PlanState,
    Transition,
    allows,
    diagram,
    state_of,
)
from deadlines import clock
from team.enums import COMMAND_ROLES, Role
from team.models import User
from team.permissions import HOLDERS, NotAllowed
from tests.factories.conferences import a_core_group_of_yesterday, core_group_held, held
from tests.factories.team import a_team, an_officer
from tests.shared import undone

STATES = Path("docs/states.md")
DAY = timedelta(days=1)


def in_a_week() -> Any:
    return clock.moment() + 7 * DAY


def decide(conference: Conference, by: User) -> object:
    said = [Decided(child, Outcome.NO_PLAN) for child in children_at(conference)]
    return actions.record_outcomes(conference, decided=said, by=by)


OF_CONFERENCE: dict[str, Callable[[Any, User], object]] = {
    "change_conference": lambda it, by: actions.change_conference(it, place="Room 5", by=by),
    "move_conference": lambda it, by: actions.move_conference(it, starts_at=in_a_week(), why="Ill", by=by),
    "cancel_conference": lambda it, by: actions.cancel_conference(it, why="No need", by=by),
    "record_attendance": lambda it, by: actions.record_attendance(it, missed="court", missed_why="Trial", by=by),
    "record_outcomes": decide,
    "debrief_officer": lambda it, by: actions.debrief_officer(it, words="Long", by=by),
    "check_minutes": lambda it, by: actions.check_minutes(it, received_on=clock.today(), agree=True, by=by),
}
OF_PLAN: dict[str, Callable[[Any, User], object]] = {
    "end_plan": lambda it, by: actions.end_plan(it, to_on=clock.today(), end=PlanEnd.MOVED, note="SSD", by=by),
    "withdraw_plan": lambda it, by: actions.withdraw_plan(it, why="Their cousin", by=by),
}
OF_CORE_GROUP: dict[str, Callable[[Any, User], object]] = {
    "move_core_group": lambda it, by: actions.move_core_group(it, starts_at=in_a_week(), why="Ill", by=by),
    "record_core_group": lambda it, by: actions.record_core_group(it, attended_by=None, note="As is", by=by),
    "cancel_core_group": lambda it, by: actions.cancel_core_group(it, why="No need", by=by),
}


def conference_in(state: ConferenceState, conference: Conference) -> Conference:
    if state == ConferenceState.HELD:
        return held(conference)
    if state == ConferenceState.CANCELLED:
        return actions.cancel_conference(conference, why="No need", by=User.objects.system())
    return conference


def plan_in(state: PlanState, plan: Plan) -> Plan:
    by = User.objects.system()
    if state == PlanState.ENDED:
        OF_PLAN["end_plan"](plan, by)
    elif state == PlanState.WITHDRAWN:
        OF_PLAN["withdraw_plan"](plan, by)
    return Plan.objects.get(pk=plan.pk)


def core_group_in(state: CoreGroupState, case: Case) -> CoreGroup:
    group = a_core_group_of_yesterday(case)
    if state == CoreGroupState.HELD:
        return core_group_held(group)
    if state == CoreGroupState.CANCELLED:
        return actions.cancel_core_group(group, why="No need", by=User.objects.system())
    return group


def after(table: Iterable[Transition], action: str, before: str) -> set[str]:
    return {each.after for each in table if each.action == action and each.before == before}


def try_all(
    table: tuple[Transition, ...],
    acts: dict[str, Callable[[Any, User], object]],
    thing: Any,
    state: Callable[[Any], str],
) -> None:
    """Each action once by somebody whose role it is, and by everybody whose it is not; what is done is undone."""
    before, team = state(thing), a_team()
    somebody = {role: an_officer(role, None if role in COMMAND_ROLES else team) for role in Role}
    for action, act in acts.items():
        (permission,) = {each.permission for each in table if each.action == action}
        holders = HOLDERS[permission]
        for role in sorted(set(Role) - holders):
            with pytest.raises(NotAllowed):
                act(type(thing).objects.get(pk=thing.pk), somebody[role])
        by = somebody[min(holders)]
        with undone():
            if allows(table, action, before):
                act(type(thing).objects.get(pk=thing.pk), by)
                assert {state(type(thing).objects.get(pk=thing.pk))} == after(table, action, before), action
            else:
                with pytest.raises(ValidationError):
                    act(type(thing).objects.get(pk=thing.pk), by)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ConferenceState)
def test_what_is_done_to_a_conference_is_done_from_its_states_by_its_roles_alone(
    state: ConferenceState, began: Conference
) -> None:
    try_all(CONFERENCES, OF_CONFERENCE, conference_in(state, began), lambda it: str(it.state))


@pytest.mark.django_db
@pytest.mark.parametrize("state", PlanState)
def test_what_is_done_to_a_plan_is_done_from_its_states_by_its_roles_alone(state: PlanState, plan: Plan) -> None:
    try_all(PLANS, OF_PLAN, plan_in(state, plan), state_of)


@pytest.mark.django_db
@pytest.mark.parametrize("state", CoreGroupState)
def test_what_is_done_to_a_core_group_is_done_from_its_states_by_its_roles_alone(
    state: CoreGroupState, plan: Plan
) -> None:
    try_all(CORE_GROUPS, OF_CORE_GROUP, core_group_in(state, plan.case), lambda it: str(it.state))


def test_every_transition_is_an_action() -> None:
    assert {each.action for table in (CONFERENCES, PLANS, CORE_GROUPS) for each in table} <= set(actions.__all__)


@pytest.mark.parametrize(
    ("title", "table", "states"),
    [
        ("a conference", CONFERENCES, ConferenceState),
        ("a child protection plan", PLANS, PlanState),
        ("a core group", CORE_GROUPS, CoreGroupState),
    ],
)
def test_the_picture_in_the_documents_is_the_table(
    title: str, table: tuple[Transition, ...], states: type[TextChoices]
) -> None:
    _, text = STATES.read_text(encoding="utf-8").split(f"# States of {title}\n")
    assert text.split("```mermaid\n")[1].split("```")[0] == diagram(table, states)
