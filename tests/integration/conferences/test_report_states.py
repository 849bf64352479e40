"""Every transition of a police report, tried by every role from every state; and the picture of them in docs/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from conferences import actions
from conferences.enums import ReportState
from conferences.models import Conference, Report
from conferences.report_states import TRANSITIONS, allows, diagram
from team.enums import COMMAND_ROLES, Role
from team.models import Team, User
from team.permissions import HOLDERS
from tests.factories.reports import a_prepared_conference, a_whole_report, as_sent
from tests.factories.team import a_team, an_officer
from tests.shared import Shared, own, undone

STATES = Path("docs/states.md")
Act = Callable[[Conference, Report, User], object]

ACTS: dict[str, Act] = {
    "start_report": lambda conference, _, by: actions.start_report(conference, by=by),
    "submit_report": lambda _, report, by: actions.submit_report(report, by=by),
    "return_report": lambda _, report, by: actions.return_report(report, words="Who told us?", by=by),
    "endorse_report": lambda _, report, by: actions.endorse_report(report, by=by),
    "send_report": lambda _, report, by: actions.send_report(report, **as_sent(report), by=by),
}


@pytest.fixture(scope="module")
def built_report(shared: Shared) -> Report:
    return shared(a_whole_report)


def in_state(state: ReportState, report: Report, team: Team) -> tuple[Conference, Report]:
    """A whole draft brought to a state by the actions; CAIT itself wrote and sent it, and an inspector read it."""
    conference, by = report.conference, User.objects.system()
    if state == ReportState.DRAFT:
        return conference, report
    report = actions.submit_report(report, by=by)
    if state == ReportState.SUBMITTED:
        return conference, report
    inspector = an_officer(Role.INSPECTOR, team)
    if state == ReportState.RETURNED:
        return conference, actions.return_report(report, words="Who told us?", by=inspector).report
    report = actions.endorse_report(report, by=inspector).report
    if state == ReportState.SENT:
        actions.send_report(report, **as_sent(report), by=by)
    if state == ReportState.OVERTAKEN:
        actions.start_report(conference, by=by)
    report.refresh_from_db()
    return conference, report


@pytest.mark.django_db
@pytest.mark.parametrize("before", list(ReportState))
def test_an_action_is_done_from_its_states_by_its_roles_alone(
    before: ReportState, built_report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What stands on the papers is tried elsewhere; to draw one for each role would take a second each.
    monkeypatch.setattr(actions.issuing, "drawn", lambda *_, **__: b"%PDF-")
    team = a_team()
    conference, report = in_state(before, own(built_report), team)
    officers = {role: an_officer(role, None if role in COMMAND_ROLES else team) for role in Role}
    for action, act in ACTS.items():
        permission = next(each.permission for each in TRANSITIONS if each.action == action)
        # What is over has a next version after it: one was begun already after what was overtaken.
        may_from = allows(action, before) or (action == "start_report" and before == ReportState.SENT)
        for role, by in officers.items():
            with undone():
                if role in HOLDERS[permission] and may_from:
                    act(conference, report, by)
                    after = {each.after for each in TRANSITIONS if each.action == action and each.before == before}
                    state = Report.objects.get(pk=report.pk).state
                    assert {state} == (after or {before}), f"{action} from {before} by {role}"
                else:
                    with pytest.raises((PermissionDenied, ValidationError)):
                        act(conference, report, by)


@pytest.mark.django_db
def test_a_first_version_is_begun_by_those_who_write_reports() -> None:
    conference = a_prepared_conference()
    for role in Role:
        by = an_officer(role)
        with undone():
            if role in HOLDERS[TRANSITIONS[0].permission]:
                assert actions.start_report(conference, by=by).state == ReportState.DRAFT
            else:
                with pytest.raises(PermissionDenied):
                    actions.start_report(conference, by=by)


def test_the_picture_in_the_documents_is_the_table() -> None:
    text = STATES.read_text(encoding="utf-8").split("# States of a police report")[1]
    assert text.split("```mermaid\n")[1].split("```")[0] == diagram()
