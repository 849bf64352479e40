from __future__ import annotations

from datetime import date
from itertools import count

from deadlines import clock
from team.actions import add_account, add_team, give_role
from team.enums import COMMAND_ROLES, Role, TeamKind
from team.models import Team, User

NAMES = ["Arbour", "Birtles", "Cotterill", "Dunmow", "Eastgate", "Fairlie", "Gadd", "Hollis", "Ivory", "Jessop"]
_numbers = count(1)


def a_team(code: str = "HGY", name: str = "") -> Team:
    """The team with that code; made when there is none yet."""
    known = Team.objects.filter(code=code).first()
    kind = TeamKind.COMMAND if code == "CAC" else TeamKind.CAIT
    return known or add_team(code=code, name=name or f"Team {code}", kind=kind, by=User.objects.system())


def a_user(username: str = "", *, rank: str = "DC", family_name: str = "") -> User:
    """Somebody with an account and no role who has chosen a password; the one thing no action does for another."""
    number = next(_numbers)
    user, _ = add_account(
        username=username or f"person{number}",
        rank=rank,
        given_names="Alex",
        family_name=family_name or NAMES[number % len(NAMES)],
        by=User.objects.system(),
    )
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])
    return user


def an_officer(
    role: Role | str,
    team: Team | None = None,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    name: str = "",
) -> User:
    """Somebody who holds one role: in the given team, in Haringey, or in the command for its roles."""
    role = Role(role)
    where = team or a_team("CAC" if role in COMMAND_ROLES else "HGY")
    user = a_user(family_name=name)
    give_role(user, team=where, role=role, from_on=from_on or clock.today(), to_on=to_on, by=User.objects.system())
    return user
