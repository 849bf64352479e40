"""Whether the state of an account or a membership allows an act; the message is the sentence the user reads."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError

from team.enums import COMMAND_ROLES, Posting, Role, TeamKind
from team.models import Membership, Team, User


def check_close_account(user: User, *, by: User) -> None:
    """An administrator cannot lock themselves out, and a closed account cannot be closed again."""
    if user == by:
        raise ValidationError("You cannot close your own account. Ask another administrator.")
    if not user.is_active:
        raise ValidationError(f"The account of {user} is already closed.")


def check_reopen_account(user: User, *, by: User) -> None:
    if user.is_active:
        raise ValidationError(f"The account of {user} is already open.")


def check_change_password(user: User, *, by: User) -> None:
    """`user` is the row as it is now, `by` as it was when the old password was checked."""
    if user != by:
        raise ValidationError("You can only change your own password.")
    if not user.is_active or user.password != by.password:
        raise PermissionDenied(
            "Your account was closed or given a new password while you were choosing one, so yours was not taken. "
            "Ask your administrator."
        )


def check_reset_password(user: User, *, by: User) -> None:
    if user == by:
        raise ValidationError("Change your own password on the page “Change password”.")
    if not user.is_active:
        raise ValidationError(f"The account of {user} is closed. Open it again first.")


def check_give_role(
    user: User,
    *,
    team: Team,
    role: Role,
    posting: Posting,
    from_on: date,
    to_on: date | None,
    today: date,
    by: User,
) -> None:
    """The account is open, the role belongs to that kind of team, the days make sense, nothing is held twice.

    Nobody gives themselves a role, and none begins in the past: it says under which role somebody acted.
    """
    if user == by:
        raise ValidationError("You cannot give yourself a role. Ask another administrator.")
    if from_on < today and not by.is_system:
        raise ValidationError({"from_on": "The first day must be today or later."})
    if not user.is_active:
        raise ValidationError(f"The account of {user} is closed. Open it again first.")
    of_command = team.kind == TeamKind.COMMAND
    if (role in COMMAND_ROLES) != of_command:
        where = "in the command" if role in COMMAND_ROLES else "in a borough's team"
        raise ValidationError({"team": f"The role {role.label} is held {where}. Choose another team or role."})
    if to_on is not None and to_on < from_on:
        raise ValidationError({"to_on": "The last day must not be before the first."})
    if posting == Posting.LOAN and to_on is None:
        raise ValidationError({"to_on": "Enter the last day. A loan always has one."})
    overlap = Membership.objects.filter(user=user, team=team, role=role).exclude(to_on__lt=from_on)
    if to_on is not None:
        overlap = overlap.filter(from_on__lte=to_on)
    if overlap.exists():
        raise ValidationError(f"{user} already has the role {role.label} in {team} on some of these days.")


def check_end_role(membership: Membership, *, last_day: date, today: date) -> None:
    """Days that are over stay as they were: they say under which role somebody acted."""
    if membership.to_on is not None and membership.to_on < today:
        raise ValidationError(f"This role ended on {membership.to_on:%-d %B %Y}.")
    if last_day < membership.from_on:
        raise ValidationError(
            {"last_day": f"The last day must not be before the first, {membership.from_on:%-d %B %Y}."}
        )
    if last_day < today:
        raise ValidationError(
            {"last_day": "Enter today or a later day. To stop somebody's access at once, close their account."}
        )
