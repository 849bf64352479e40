"""Who may do what: the one table. Whether the *state* allows it is in each room's policies.py.

A permission is held through a role. Roles of the command reach every team; every other role reaches the team it is
held in. Nothing here looks at a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices

from team.enums import Role, TeamKind
from team.models import Membership, Team, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

EVERY_ROLE = frozenset(Role)
# Sergeants and their inspector: who decides.
SERGEANTS = frozenset({Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR})
# Everybody who works on records in a borough's team.
WORKERS = SERGEANTS | {Role.INVESTIGATOR, Role.PCLO, Role.RESEARCHER, Role.OFFICE_MANAGER}


class Permission(TextChoices):
    """The label ends the sentence "You cannot …"."""

    SEE_TEAM = "see_team", "see who is in this team"
    MANAGE_ACCOUNTS = "manage_accounts", "change accounts, teams and roles"
    READ_ACCESS_LOG = "read_access_log", "read who did or looked at what"
    SEE_FIGURES = "see_figures", "see the figures"
    SEE_TIME_LIMITS = "see_time_limits", "see the time limits"
    CHANGE_TIME_LIMITS = "change_time_limits", "change the time limits"
    LOG_REFERRALS = "log_referrals", "log referrals"
    TRIAGE_REFERRALS = "triage_referrals", "triage referrals"
    SEE_CALLERS = "see_callers", "see who a protected caller is"
    HANDLE_MAIL = "handle_mail", "handle the team’s mailbox"
    DOWNLOAD_LOG = "download_log", "download the referral log"
    SIGN_MONTHLY_REPORTS = "sign_monthly_reports", "make, comment on or sign monthly reports"
    BRING_IN_LOGS = "bring_in_logs", "bring in old logs"
    SEE_RECORDS = "see_records", "open records"
    WRITE_RECORDS = "write_records", "write on records"
    ASSIGN_RECORDS = "assign_records", "say who works on a record"
    SUPERVISE_RECORDS = "supervise_records", "supervise records"
    DECIDE_REFERRALS = "decide_referrals", "decide what is done about a referral"
    RECORD_UPDATES = "record_updates", "record what Social Services answer"
    JUDGE_UPDATES = "judge_updates", "judge what Social Services answer"
    HOLD_CHASES = "hold_chases", "hold emails to Social Services back"
    GIVE_DUTIES = "give_duties", "give duties to somebody else"
    PUT_DUTIES_RIGHT = "put_duties_right", "put right what the check of duties found"
    APPROVE_ADDRESSES = "approve_addresses", "approve addresses of Social Services"
    ASSESS_RISK = "assess_risk", "assess the risk on a record"
    ENDORSE_ASSESSMENTS = "endorse_assessments", "endorse assessments"
    RECORD_RESEARCH = "record_research", "record searches of police systems"
    CHANGE_MATRIX = "change_matrix", "change the matrix"
    BOOK_CONFERENCES = "book_conferences", "book conferences"
    WRITE_REPORTS = "write_reports", "write police reports to conferences"
    ENDORSE_REPORTS = "endorse_reports", "endorse police reports to conferences"
    SUPERVISE_CONFERENCES = "supervise_conferences", "brief conference officers or decide whether police attend"
    RECORD_OUTCOMES = "record_outcomes", "record what conferences and core groups decide"
    ASK_CLOSURE = "ask_closure", "ask for a record to be closed"
    CLOSE_RECORDS = "close_records", "answer a request to close a record"
    REOPEN_RECORDS = "reopen_records", "open a closed record again"
    TRANSFER_RECORDS = "transfer_records", "transfer records to another team"
    ANSWER_TRANSFERS = "answer_transfers", "answer for a record that another team transfers"
    RESTRICT_RECORDS = "restrict_records", "restrict records or say who may open them"
    END_RESTRICTIONS = "end_restrictions", "end the restriction of a record"
    OVERSEE_RESTRICTIONS = (
        "oversee_restrictions",
        "see which records are restricted, or name somebody without opening one",
    )


# The table. A line that is hard to read aloud is wrong.
HOLDERS: dict[Permission, frozenset[Role]] = {
    Permission.SEE_TEAM: EVERY_ROLE,
    Permission.MANAGE_ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
    Permission.READ_ACCESS_LOG: frozenset({Role.AUDITOR}),
    Permission.SEE_FIGURES: SERGEANTS | {Role.COMMAND, Role.REVIEWER},
    Permission.SEE_TIME_LIMITS: EVERY_ROLE,
    Permission.CHANGE_TIME_LIMITS: frozenset({Role.ADMINISTRATOR}),
    Permission.LOG_REFERRALS: SERGEANTS | {Role.OFFICE_MANAGER},
    Permission.TRIAGE_REFERRALS: SERGEANTS,
    Permission.SEE_CALLERS: SERGEANTS,
    Permission.HANDLE_MAIL: SERGEANTS | {Role.OFFICE_MANAGER},
    Permission.DOWNLOAD_LOG: SERGEANTS | {Role.COMMAND},
    Permission.SIGN_MONTHLY_REPORTS: frozenset({Role.INSPECTOR}),
    Permission.BRING_IN_LOGS: SERGEANTS,
    Permission.SEE_RECORDS: WORKERS | {Role.COMMAND, Role.REVIEWER},
    Permission.WRITE_RECORDS: WORKERS,
    Permission.ASSIGN_RECORDS: SERGEANTS,
    Permission.SUPERVISE_RECORDS: SERGEANTS,
    Permission.DECIDE_REFERRALS: SERGEANTS,
    Permission.RECORD_UPDATES: WORKERS,
    Permission.JUDGE_UPDATES: SERGEANTS,
    Permission.HOLD_CHASES: SERGEANTS,
    Permission.GIVE_DUTIES: SERGEANTS,
    Permission.PUT_DUTIES_RIGHT: frozenset({Role.INSPECTOR}),
    Permission.APPROVE_ADDRESSES: frozenset({Role.INSPECTOR}),
    Permission.ASSESS_RISK: SERGEANTS | {Role.INVESTIGATOR, Role.PCLO},
    Permission.ENDORSE_ASSESSMENTS: SERGEANTS,
    Permission.RECORD_RESEARCH: WORKERS,
    Permission.CHANGE_MATRIX: frozenset({Role.COMMAND}),
    Permission.BOOK_CONFERENCES: SERGEANTS | {Role.PCLO, Role.OFFICE_MANAGER},
    Permission.WRITE_REPORTS: SERGEANTS | {Role.PCLO},
    Permission.ENDORSE_REPORTS: SERGEANTS,
    Permission.SUPERVISE_CONFERENCES: SERGEANTS,
    Permission.RECORD_OUTCOMES: SERGEANTS | {Role.PCLO, Role.INVESTIGATOR},
    Permission.ASK_CLOSURE: WORKERS,
    Permission.CLOSE_RECORDS: SERGEANTS,
    Permission.REOPEN_RECORDS: SERGEANTS,
    Permission.TRANSFER_RECORDS: SERGEANTS,
    Permission.ANSWER_TRANSFERS: SERGEANTS,
    # The command names somebody on a record that it need not open itself.
    Permission.RESTRICT_RECORDS: SERGEANTS | {Role.COMMAND},
    Permission.END_RESTRICTIONS: frozenset({Role.INSPECTOR, Role.COMMAND}),
    Permission.OVERSEE_RESTRICTIONS: frozenset({Role.COMMAND}),
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


def teams_held(user: User | AnonymousUser, permission: Permission) -> set[int] | None:
    """The ids of the teams for which the user holds the permission today; None where it reaches every team."""
    held = grants(user, permission)
    return None if any(m.is_of_command for m in held) else {m.team_id for m in held}


def reaches_several_teams(user: User | AnonymousUser, permission: Permission) -> bool:
    """Whether a list must say of which team each row is."""
    held = teams_held(user, permission)
    return held is None or len(held) > 1


def several_teams(user: User | AnonymousUser, permission: Permission) -> QuerySet[Team] | None:
    """The boroughs' teams that a list can be narrowed to; None where there is but one."""
    if not reaches_several_teams(user, permission):
        return None
    return teams_where(user, permission).filter(kind=TeamKind.CAIT)


def teams_where(user: User | AnonymousUser, permission: Permission) -> QuerySet[Team]:
    """The teams for which the user holds the permission today."""
    held = teams_held(user, permission)
    return Team.objects.all() if held is None else Team.objects.filter(pk__in=held)
