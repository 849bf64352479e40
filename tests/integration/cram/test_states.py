"""Every transition of an assessment, tried by every role from every state; and the picture of them in docs/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cases.enums import Level
from cases.models import Case
from cram import actions
from cram.enums import NEVER_SENT, AssessmentState
from cram.models import Assessment
from cram.states import TRANSITIONS, allows, diagram
from team.enums import COMMAND_ROLES, Role
from team.models import Team, User
from team.permissions import HOLDERS, Permission
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.shared import own, undone

STATES = Path("docs/states.md")

ACTS: dict[str, Callable[[Case, Assessment | None, User], object]] = {
    "start_assessment": lambda case, _, by: actions.start_assessment(case, by=by),
    "submit_assessment": lambda _, assessment, by: actions.submit_assessment(assessment, by=by),  # type: ignore[arg-type]
    "discard_assessment": lambda _, assessment, by: actions.discard_assessment(assessment, why="A slip", by=by),  # type: ignore[arg-type]
    "return_assessment": lambda _, assessment, by: actions.return_assessment(assessment, words="Why", by=by),  # type: ignore[arg-type]
    "endorse_assessment": lambda _, assessment, by: actions.endorse_assessment(assessment, by=by),  # type: ignore[arg-type]
}


def in_state(state: AssessmentState | None, team: Team) -> tuple[Case, Assessment | None]:
    """A record whose assessment is in a state, through the actions; it was sent by somebody who does nothing else."""
    case, officer = a_case(team), an_officer(Role.INVESTIGATOR, team)
    if state is None:
        return case, None
    assessment = actions.start_assessment(case, by=officer)
    actions.set_level(assessment, level=Level.STANDARD, rationale="Nothing is known.", by=officer)
    if state == AssessmentState.DISCARDED:
        actions.discard_assessment(assessment, why="A slip", by=officer)
    if state in NEVER_SENT:
        return case, assessment
    actions.submit_assessment(assessment, by=officer)
    if state == AssessmentState.SUBMITTED:
        return case, assessment
    act = actions.return_assessment if state == AssessmentState.RETURNED else actions.endorse_assessment
    act(assessment, words="So", by=an_officer(Role.INSPECTOR, team))
    return case, assessment


def may(action: str, before: AssessmentState | None, role: Role) -> bool:
    permission = next(each.permission for each in TRANSITIONS if each.action == action)
    over = (AssessmentState.ENDORSED, AssessmentState.DISCARDED)
    may_from = allows(action, before) or (action == "start_assessment" and before in over)
    # While one waits for endorsement a sergeant can begin the next: a review does not wait for a supervisor.
    sergeant = role in HOLDERS[Permission.ENDORSE_ASSESSMENTS]
    may_from = may_from or (action == "start_assessment" and before == AssessmentState.SUBMITTED and sergeant)
    return role in HOLDERS[permission] and may_from


def what_came(action: str, case: Case, assessment: Assessment | None, by: User) -> str | None:
    """The state of the newest assessment after an action; nothing where it is refused."""
    try:
        ACTS[action](case, assessment, by)
    except (PermissionDenied, ValidationError):
        return None
    return Assessment.objects.filter(case=case).latest("number").state


@pytest.mark.django_db
@pytest.mark.parametrize("before", [None, *AssessmentState])
def test_an_action_is_done_from_its_states_by_its_roles_alone(before: AssessmentState | None) -> None:
    team = a_team()
    officers = {role: an_officer(role, None if role in COMMAND_ROLES else team) for role in Role}
    case, assessment = in_state(before, team)
    # Without an assessment there is nothing that anything else could be done to.
    acts = ["start_assessment"] if before is None else list(ACTS)
    wrong = {}
    for action in acts:
        (after,) = {each.after for each in TRANSITIONS if each.action == action}
        for role, by in officers.items():
            expected = after if may(action, before, role) else None
            with undone():
                came = what_came(action, own(case), own(assessment), own(by))
            if came != expected:
                wrong[action, role] = f"{came}, not {expected}"
    assert not wrong


def test_the_picture_in_the_documents_is_the_table() -> None:
    text = STATES.read_text(encoding="utf-8")
    assert text.split("```mermaid\n")[1].split("```")[0] == diagram()


@pytest.mark.django_db
def test_one_that_was_overtaken_is_endorsed_and_not_returned() -> None:
    team = a_team()
    case, older = in_state(AssessmentState.SUBMITTED, team)
    assert older is not None
    supervisor = an_officer(Role.SUPERVISOR, team)
    newer = actions.start_assessment(case, by=an_officer(Role.DESK_SERGEANT, team))
    with pytest.raises(ValidationError, match="began a newer CRAM"):
        actions.return_assessment(older, words="Why", by=supervisor)
    actions.endorse_assessment(older, words="Noted.", by=supervisor)
    assert newer.previous == older
