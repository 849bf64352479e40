"""Who may do what: the one table. Whether the *state* allows it is in each room's policies.py.

A permission is held through a role. Roles of the command reach every team; every other role reaches the team it is
held in. Nothing here looks at a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices

from team.enums import Role
from team.models import Membership, Team, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

EVERY_ROLE = frozenset(Role)


class Permission(TextChoices):
    """The label ends the sentence "You cannot …"."""

    SEE_TEAM = "see_team", "see who is in this team"
    MANAGE_ACCOUNTS = "manage_accounts", "change accounts, teams and roles"
    READ_ACCESS_LOG = "read_access_log", "read who did or looked at what"
    SEE_TIME_LIMITS = "see_time_limits", "see the time limits"


# The table. A line that is hard to read aloud is wrong.
HOLDERS: dict[Permission, frozenset[Role]] = {
    Permission.SEE_TEAM: EVERY_ROLE,
    Permission.MANAGE_ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
    Permission.READ_ACCESS_LOG: frozenset({Role.AUDITOR}),
    Permission.SEE_TIME_LIMITS: EVERY_ROLE,
}


class NotAllowed(PermissionDenied):
    """Somebody may not do this; the message is the sentence they read."""


def grants(user: User | AnonymousUser, permission: Permission, team: Team | None = None) -> list[Membership]:
    """The user's memberships of today that carry the permission, for `team` if one is given."""
    if not isinstance(user, User) or not user.is_active:
        return []
    return [
        m
        for m in user.roles_today
        if m.role in HOLDERS[permission] and (team is None or m.is_of_command or m.team_id == team.pk)
    ]


def may(user: User | AnonymousUser, permission: Permission, *, team: Team | None) -> bool:
    """Whether a button or a page is shown. `team`: the one it is about; None only where any team will do."""
    return bool(grants(user, permission, team))


def require(user: User, permission: Permission, *, team: Team | None) -> None:
    """Raise NotAllowed, with a sentence that says who can, unless the user holds the permission.

    `team` is the team whose record or row it is about, and must always be said: without it a role in any team would
    do. None stands for what belongs to no team.

    The roles are read anew: an action asks when it holds its locks, and while it waited for them somebody may have
    closed the account or taken the role back.

    CAIT itself may do everything: it acts only where no person asked.
    """
    if user.is_system:
        return
    user.forget_roles()
    if not user.roles_today:
        raise NotAllowed("You have no role in any team today. Ask a CAIT administrator to give you one.")
    if not may(user, permission, team=team):
        holders = sorted(Role(r).label for r in HOLDERS[permission])
        where = f" in {team}" if team else ""
        raise NotAllowed(f"You cannot {permission.label}{where}. This is done by: {', '.join(holders)}.")


def teams_where(user: User | AnonymousUser, permission: Permission) -> QuerySet[Team]:
    """The teams for which the user holds the permission today."""
    held = grants(user, permission)
    if any(m.is_of_command for m in held):
        return Team.objects.all()
    return Team.objects.filter(pk__in={m.team_id for m in held})
