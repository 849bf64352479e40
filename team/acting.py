"""For which team somebody is working just now: they may hold roles in several."""

from __future__ import annotations

from django.http import HttpRequest

from team.enums import Role
from team.models import Membership, Team, User

CHOSEN = "acting_team"


class SignedIn(HttpRequest):
    """A request behind the login: the middleware lets nobody else through."""

    user: User


def acting_team(request: HttpRequest) -> Team | None:
    """The team chosen on "Change team", as long as a role in it is held today; otherwise the newest posting's."""
    memberships = _memberships(request)
    return chosen_team(request) or (memberships[0].team if memberships else None)


def chosen_team(request: HttpRequest) -> Team | None:
    """The team chosen on "Change team"; None before that, and when no role in it is held any more."""
    chosen = request.session.get(CHOSEN)
    return next((m.team for m in _memberships(request) if m.team_id == chosen), None)


def teams_to_choose(request: HttpRequest) -> list[Team]:
    """The teams in which the user holds a role today, by name."""
    return sorted({m.team for m in _memberships(request)}, key=lambda team: team.name)


def choose_team(request: HttpRequest, team: Team) -> None:
    request.session[CHOSEN] = team.pk


def acting_as(request: HttpRequest) -> str:
    """Who is signed in, in the header's words: "DS Priya Nandra, supervisor"."""
    if not isinstance(request.user, User):
        return ""
    team = acting_team(request)
    roles = [Role(m.role).short for m in _memberships(request) if m.team == team]
    return ", ".join([str(request.user), *sorted(roles)])


def _memberships(request: HttpRequest) -> list[Membership]:
    return request.user.roles_today if isinstance(request.user, User) else []
