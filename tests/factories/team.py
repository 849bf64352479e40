from __future__ import annotations

from datetime import date, datetime
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from audit.events import Event
from audit.models import AuditEvent, named
from deadlines import clock
from team.actions import add_team
from team.enums import COMMAND_ROLES, Role, TeamKind
from team.models import Membership, Team, User

NAMES = ["Arbour", "Birtles", "Cotterill", "Dunmow", "Eastgate", "Fairlie", "Gadd", "Hollis", "Ivory", "Jessop"]
_numbers = count(1)


def a_team(code: str = "HGY", name: str = "") -> Team:
    """The team with that code; made when there is none yet."""
    known = Team.objects.filter(code=code).first()
    kind = TeamKind.COMMAND if code == "CAC" else TeamKind.CAIT
    return known or add_team(code=code, name=name or f"Team {code}", kind=kind, by=User.objects.system())


def a_user(username: str = "", *, rank: str = "DC", family_name: str = "") -> User:
    """Somebody with an account and no role who has chosen a password; the one thing no action does for another."""
    with transaction.atomic():
        user, added = _added(username, rank, family_name, by=User.objects.system(), at=clock.moment())
        AuditEvent.objects.bulk_create([added])
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
    with transaction.atomic():
        by, at = User.objects.system(), clock.moment()
        user, added = _added("", "DC", name, by=by, at=at)
        given = Membership(user=user, team=where, role=role, from_on=from_on or clock.today(), to_on=to_on)
        Membership.objects.bulk_create([given])
        Membership.history.bulk_create([_line(given, "+", by=by, at=at)])
        AuditEvent.objects.bulk_create([added, _role_given(given, by=by)])
    return user


# Nearly every test needs somebody, and most need several. To have them by the actions took thirty statements each, a
# fifth of what the tests of records did; so the rows are written at once. They are those that the actions write
# (`test_somebody_of_the_tests_is_as_the_actions_make_them`).


def _added(username: str, rank: str, family_name: str, *, by: User, at: datetime) -> tuple[User, AuditEvent]:
    """As by `add_account`, with the first password changed."""
    number = next(_numbers)
    user = User(
        username=username or f"person{number}",
        password=make_password(f"chosen by person {number}"),
        rank=rank,
        given_names="Alex",
        family_name=family_name or NAMES[number % len(NAMES)],
    )
    User.objects.bulk_create([user])
    user.__dict__.update(_history_user=by, _history_date=at)  # as `save_as` leaves it
    first = _line(user, "+", by=by, at=at)
    first.must_change_password = True
    User.history.bulk_create([first, _line(user, "~", by=by, at=at)])
    return user, AuditEvent(event=Event.ACCOUNT_ADDED, by_id=by.pk, detail={}, **named(user))


def _role_given(given: Membership, *, by: User) -> AuditEvent:
    """As by `give_role`."""
    detail = {"membership": given.pk, "role": given.role}
    detail |= {"from_on": str(given.from_on), "to_on": str(given.to_on or "")}
    return AuditEvent(event=Event.ROLE_GIVEN, by_id=by.pk, team_id=given.team_id, detail=detail, **named(given.user))


def _line(row: Any, kind: str, *, by: User, at: datetime) -> Any:
    """A line of history."""
    lines = row.history.model
    said = {field.attname: getattr(row, field.attname) for field in lines.tracked_fields}
    return lines(**said, history_type=kind, history_user=by, history_date=at)
