"""Records that one borough's team asks another to take over, through the actions that record it."""

from __future__ import annotations

from cases.actions import accept_transfer, ask_transfer
from cases.models import Case, Transfer
from team.enums import Role
from team.models import Team, User
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer


def a_receiver(team: Team | None = None) -> User:
    """A sergeant of the team that is asked; without one named, of Enfield."""
    return an_officer(Role.SUPERVISOR, team or a_team("ENF"))


def a_transfer(case: Case | None = None, to_team: Team | None = None, *, by: User | None = None) -> Transfer:
    """A record that was asked to be taken over just now, by CAIT itself where nobody is named; somebody there can
    answer."""
    case, to_team = case or a_case(), to_team or a_team("ENF")
    a_receiver(to_team)
    reason = "The family moved to Enfield on Monday."
    return ask_transfer(case, to_team=to_team, reason=reason, by=by or User.objects.system())


def a_transfer_to_us() -> Transfer:
    """A record of another borough's team that Haringey is asked to take over."""
    return a_transfer(a_case(a_team("BRN")), a_team())


def transferred(case: Case | None = None, to_team: Team | None = None, *, by: User | None = None) -> Case:
    """A record that another team has taken over just now."""
    transfer = a_transfer(case, to_team)
    return accept_transfer(transfer, by=by or a_receiver(transfer.to_team)).case
