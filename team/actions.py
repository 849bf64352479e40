"""Everything that changes an account, a team or a role. Each ends with `by=` and writes one audit event."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from knox.models import AuthToken

from audit.events import Event
from audit.recording import record
from deadlines import clock
from team import policies
from team.enums import Posting, Role, TeamKind
from team.history import check_unchanged, save_as
from team.models import CalendarAddress, Membership, Team, User
from team.permissions import Permission, require
from team.queries import calendar_address_of

# Shown once to the administrator and read out over a telephone: no letters that sound or look alike.
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105
PASSWORD_GROUPS = 4
# Of the address of a calendar, which nobody types: as many as cannot be guessed.
CALENDAR_SECRET_BYTES = 32


def add_team(*, code: str, name: str, kind: TeamKind = TeamKind.CAIT, by: User) -> Team:
    """Add a borough's team or a command. Raises ValidationError for a code or name that is taken or malformed."""
    with (
        _taken_becomes_a_sentence("code", "Another team has this code or name. Choose another."),
        transaction.atomic(),
    ):
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        team = Team(code=code.upper(), name=name, kind=kind)
        team.full_clean()
        team.save()
        record(Event.TEAM_ADDED, by=by, on=team, team_id=team.pk, detail={"code": team.code})
        return team


def add_account(
    *, username: str, family_name: str, given_names: str = "", rank: str = "", email: str = "", by: User
) -> tuple[User, str]:
    """Add an account that must change its password when it first signs in.

    Returns the user and that first password, which is stored nowhere. Raises ValidationError.
    """
    taken = "Another account has this user name. Choose another."
    with _taken_becomes_a_sentence("username", taken), transaction.atomic():
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        user = User(username=username, family_name=family_name, given_names=given_names, rank=rank, email=email)
        password = _first_password(user)
        user.full_clean()
        save_as(user, by)
        record(Event.ACCOUNT_ADDED, by=by, on=user)
        return user, password


def change_account(
    user: User, *, family_name: str, given_names: str, rank: str, email: str, version: int | None = None, by: User
) -> User:
    """Change a name, rank or address. `version`: the one that the form was opened on.

    Raises ChangedMeanwhile when somebody else has changed the account since, ValidationError for a bad value.
    """
    with transaction.atomic():
        user = _locked(user, by)
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        check_unchanged(user, version)
        new = {"family_name": family_name, "given_names": given_names, "rank": rank, "email": email}
        changed = sorted(field for field, value in new.items() if getattr(user, field) != value)
        if not changed:
            return user
        for field in changed:
            setattr(user, field, new[field])
        user.full_clean()
        save_as(user, by)
        record(Event.ACCOUNT_CHANGED, by=by, on=user, detail={"fields": changed})
        return user


def reset_password(user: User, *, by: User) -> str:
    """Give somebody a new first password and return it, which they must change. Their sessions, tokens and the
    address of their calendar end."""
    with transaction.atomic():
        user = _locked(user, by)
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        policies.check_reset_password(user, by=by)
        password = _first_password(user)
        save_as(user, by)
        _forget_tokens(user)
        _end_calendar_address(user, by)
        record(Event.PASSWORD_RESET, by=by, on=user)
        return password


def close_account(user: User, *, by: User) -> User:
    """Close an account at once: its sessions end with their next page, its tokens and the address of its calendar
    now. What the person did stays under their name."""
    with transaction.atomic():
        user = _locked(user, by)
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        policies.check_close_account(user, by=by)
        user.is_active = False
        save_as(user, by)
        _forget_tokens(user)
        _end_calendar_address(user, by)
        record(Event.ACCOUNT_CLOSED, by=by, on=user)
        return user


def reopen_account(user: User, *, by: User) -> str:
    """Open a closed account again and return its new first password; its roles are as they were.

    The old password is not trusted again, and with it go the sessions that were open when the account was closed.
    """
    with transaction.atomic():
        user = _locked(user, by)
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        policies.check_reopen_account(user, by=by)
        user.is_active = True
        password = _first_password(user)
        save_as(user, by)
        record(Event.ACCOUNT_REOPENED, by=by, on=user)
        return password


def give_token(user: User, *, by: User) -> str:
    """Give a program a token with which it acts as somebody, for a year, and return it: only its digest is kept.

    Raises ValidationError.
    """
    with transaction.atomic():
        user = _locked(user, by)
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        policies.check_give_token(user)
        _, token = AuthToken.objects.create(user)
        record(Event.TOKEN_GIVEN, by=by, on=user)
        return str(token)


def withdraw_tokens(user: User, *, by: User) -> int:
    """Withdraw every token of an account at once; how many they were. Raises ValidationError where there is none."""
    with transaction.atomic():
        user = _locked(user, by)
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        policies.check_withdraw_tokens(user, by=by)
        withdrawn = _forget_tokens(user)
        record(Event.TOKENS_WITHDRAWN, by=by, on=user)
        return withdrawn


def make_calendar_address(*, by: User) -> str:
    """Make a private address for one's own calendar and return the secret in it: only its digest is kept.

    One made earlier ends with it.
    """
    with transaction.atomic():
        user = _locked(by, by)
        require(by, Permission.SEE_RECORDS, team=None)
        policies.check_make_calendar_address(user)
        _end_calendar_address(user, by)
        secret = secrets.token_urlsafe(CALENDAR_SECRET_BYTES)
        address = CalendarAddress(user=user, digest=CalendarAddress.digest_of(secret))
        save_as(address, by)
        record(Event.CALENDAR_ADDRESS_MADE, by=by, on=address)
        return secret


def end_calendar_address(*, by: User) -> None:
    """End the address of one's own calendar at once. Raises ValidationError where there is none."""
    with transaction.atomic():
        _locked(by, by)
        require(by, Permission.SEE_RECORDS, team=None)
        policies.check_end_calendar_address(by)
        record(Event.CALENDAR_ADDRESS_ENDED, by=by, on=_end_calendar_address(by, by))


def give_role(
    user: User,
    *,
    team: Team,
    role: Role,
    from_on: date,
    to_on: date | None = None,
    posting: Posting = Posting.POSTED,
    reason: str = "",
    by: User,
) -> Membership:
    """Give somebody a role in a team for a time. Raises ValidationError when the state does not allow it."""
    with transaction.atomic():
        user = _locked(user, by)
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        policies.check_give_role(
            user, team=team, role=role, posting=posting, from_on=from_on, to_on=to_on, today=clock.today(), by=by
        )
        membership = Membership(
            user=user, team=team, role=role, posting=posting, from_on=from_on, to_on=to_on, reason=reason
        )
        membership.full_clean(validate_constraints=False)  # said better by the policy; kept by the database
        save_as(membership, by)
        detail = _detail(membership) | {"from_on": str(from_on), "to_on": str(to_on or "")}
        record(Event.ROLE_GIVEN, by=by, on=user, team_id=team.pk, detail=detail)
        return membership


def end_role(membership: Membership, *, last_day: date, reason: str, by: User) -> Membership:
    """Set or change the last day of a role. Raises ValidationError; days that are over are never changed."""
    with transaction.atomic():
        membership = _locked_with_its_user(membership, by)
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        policies.check_end_role(membership, last_day=last_day, today=clock.today(), by=by)
        before, membership.to_on, membership.end_reason = membership.to_on, last_day, reason
        save_as(membership, by)
        detail = _detail(membership) | {"to_on": str(last_day), "last_day_before": str(before or "")}
        record(Event.ROLE_ENDED, by=by, on=membership.user, team_id=membership.team_id, detail=detail)
        return membership


def withdraw_role(membership: Membership, *, reason: str, by: User) -> Membership:
    """Take a role back at once, as when it was given by mistake. It stays in the list: it was held until now.

    Raises ValidationError for a role that is over or was taken back before, and for one's own.
    """
    with transaction.atomic():
        membership = _locked_with_its_user(membership, by)
        require(by, Permission.MANAGE_ACCOUNTS, team=None)
        policies.check_withdraw_role(membership, today=clock.today(), by=by)
        membership.withdrawn_at, membership.end_reason = clock.moment(), reason
        save_as(membership, by)
        detail = _detail(membership)
        record(Event.ROLE_WITHDRAWN, by=by, on=membership.user, team_id=membership.team_id, detail=detail)
        return membership


def change_password(user: User, *, password: str, by: User) -> User:
    """Take the password somebody has chosen for themselves (the form and its checks are allauth's)."""
    with transaction.atomic():
        locked = _locked(user, by)
        policies.check_change_password(locked, by=by)
        locked.set_password(password)
        locked.must_change_password = False
        save_as(locked, by)
        record(Event.PASSWORD_CHANGED, by=by, on=locked)
        # allauth goes on with the row it was given: it keeps the session alive by its new password.
        user.password, user.must_change_password = locked.password, False
        return user


@contextlib.contextmanager
def _taken_becomes_a_sentence(field: str, sentence: str) -> Iterator[None]:
    """Two people adding the same at the same moment: the database refuses the second, who reads why."""
    try:
        yield
    except IntegrityError as taken:
        raise ValidationError({field: sentence}) from taken


def _locked(user: User, by: User) -> User:
    """The user's row as it is now, locked together with that of whoever acts.

    So of two administrators who close each other's account the second is refused: theirs is closed by then.
    """
    # no_key: history and memberships point at users, and who adds one of those must not wait.
    rows = User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=(user.pk, by.pk)).order_by("pk")
    return next(row for row in rows if row.pk == user.pk)


def _locked_with_its_user(membership: Membership, by: User) -> Membership:
    """The person's row is locked first, as when a role is given: whatever is done to their roles, one at a time."""
    user = _locked(membership.user, by)
    membership = Membership.objects.select_for_update(of=("self",)).select_related("team").get(pk=membership.pk)
    membership.user = user
    return membership


def _detail(membership: Membership) -> dict[str, str | int]:
    return {"membership": membership.pk, "role": membership.role}


def _forget_tokens(user: User) -> int:
    """What programs had ends with the password, or the account, that was trusted until now."""
    deleted, _ = AuthToken.objects.filter(user=user).delete()
    return int(deleted)


def _end_calendar_address(user: User, by: User) -> CalendarAddress | None:
    """Whose row is locked: there is at most one."""
    address = calendar_address_of(user)
    if address is not None:
        address.ended_at = clock.moment()
        save_as(address, by)
    return address


def _first_password(user: User) -> str:
    groups = ["".join(secrets.choice(PASSWORD_LETTERS) for _ in range(4)) for _ in range(PASSWORD_GROUPS)]
    password = "-".join(groups)
    user.set_password(password)
    user.must_change_password = True
    return password
