"""Restricted records, through the actions that restrict them."""

from __future__ import annotations

from cases.actions import end_restriction, restrict_case
from cases.models import Case, NamedOfficer
from team.enums import Role
from team.models import Team, User
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

WHY_RESTRICTED = "Her teacher may have harmed her."


def a_restricted_case(
    *named: User, case: Case | None = None, team: Team | None = None, by: User | None = None
) -> Case:
    """A record that a sergeant restricted just now to some officers, and to an inspector and that sergeant."""
    case = case or a_case(team)
    inspector = an_officer(Role.INSPECTOR, case.team, name="Castell")
    by = by or an_officer(Role.SUPERVISOR, case.team)
    return restrict_case(case, reason=WHY_RESTRICTED, officers=[inspector, *named], by=by)


def somebody_named_before() -> NamedOfficer:
    """Somebody who could open a record that is not restricted any more."""
    case = a_restricted_case(officer := an_officer(Role.INVESTIGATOR))
    inspector = case.named.get(officer__family_name="Castell").officer
    named = case.named.get(officer=officer)
    end_restriction(case, reason="It was not he", by=inspector)
    named.refresh_from_db()
    return named
