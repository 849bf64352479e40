"""Whether the state of an account or a membership allows an act; the message is the sentence the user reads."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from knox.models import AuthToken

from team.enums import COMMAND_ROLES, Posting, Role, TeamKind
from team.models import Membership, Team, User
from team.queries import calendar_address_of


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
            "Ask a CAIT administrator."
        )


def check_reset_password(user: User, *, by: User) -> None:
    if user == by:
        raise ValidationError("Change your own password on the page “Change password”.")
    if not user.is_active:
        raise ValidationError(f"The account of {user} is closed. Open it again first.")


def check_give_token(user: User) -> None:
    """A program acts in somebody's name, who can sign in and has chosen their own password."""
    if user.is_system or not user.is_active:
        raise ValidationError(f"The account of {user} is closed. Open it again first.")
    if user.must_change_password:
        raise ValidationError(f"{user} has not chosen a password of their own yet. They sign in first.")


def check_withdraw_tokens(user: User, *, by: User) -> None:
    """There is something to withdraw; the second of two who try is told."""
    if not AuthToken.objects.filter(user=user).exists():
        raise ValidationError(f"No program has a token for the account of {user}.")


def check_make_calendar_address(user: User) -> None:
    """`user` is the row as it is now: a session that a new first password has ended makes no address that lasts."""
    if user.must_change_password:
        raise PermissionDenied("Choose a password of your own first. Then make an address for your calendar.")


def check_end_calendar_address(user: User) -> None:
    """There is one to end; the second of two tries is told."""
    if calendar_address_of(user) is None:
        raise ValidationError("You have no calendar address.")


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
    _check_not_held_twice(user, team=team, role=role, from_on=from_on, to_on=to_on)


def check_end_role(membership: Membership, *, last_day: date, today: date, by: User) -> None:
    """Days that are over stay as they were: they say under which role somebody acted. Nobody sets their own end."""
    _check_can_be_ended(membership, today=today, by=by)
    if last_day < membership.from_on:
        raise ValidationError(
            {"last_day": f"The last day must not be before the first, {membership.from_on:%-d %B %Y}."}
        )
    if last_day < today:
        raise ValidationError({"last_day": "Enter today or a later day. To end it at once, take the role back."})
    try:
        _check_not_held_twice(
            membership.user,
            team=membership.team,
            role=Role(membership.role),
            from_on=membership.from_on,
            to_on=last_day,
            but=membership,
        )
    except ValidationError as refused:
        raise ValidationError({"last_day": refused.messages}) from refused


def check_withdraw_role(membership: Membership, *, today: date, by: User) -> None:
    """Only what is held, or is still to begin, can be taken back, and nobody takes back their own."""
    _check_can_be_ended(membership, today=today, by=by)


def _check_can_be_ended(membership: Membership, *, today: date, by: User) -> None:
    if membership.user == by:
        raise ValidationError("You cannot change your own roles. Ask another administrator.")
    if membership.is_withdrawn:
        raise ValidationError("This role was taken back already. To go on with it, give it anew.")
    if membership.to_on is not None and membership.to_on < today:
        raise ValidationError(f"This role ended on {membership.to_on:%-d %B %Y}. To go on with it, give it anew.")


def _check_not_held_twice(
    user: User, *, team: Team, role: Role, from_on: date, to_on: date | None, but: Membership | None = None
) -> None:
    overlap = Membership.objects.not_withdrawn().filter(user=user, team=team, role=role).exclude(to_on__lt=from_on)
    if to_on is not None:
        overlap = overlap.filter(from_on__lte=to_on)
    if but is not None:
        overlap = overlap.exclude(pk=but.pk)
    if overlap.exists():
        raise ValidationError(f"{user} already has the role {role.label} in {team} on some of these days.")
