"""Loads the teams of the demonstration and everybody in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test.utils import override_settings

from deadlines.ages import days_before
from deadlines.calendar import add_months
from deadlines.clock import london_midnight
from team.actions import add_account, add_team, change_password, end_role, give_role
from team.enums import Posting, Role, TeamKind
from team.models import Membership, Team, User
from workbench.demonstration import ACCOUNTS, ALSO, COMMAND_TEAM, DAYS_HELD, LENT, PASSWORD, TEAMS, UNTIL
from workbench.past import as_at


class QuickHasher(Argon2PasswordHasher):
    """Everybody is told the password: a slow hash of it would keep nothing secret, and each start waiting for thirty.
    Whoever signs in has it hashed again as everywhere."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


@contextmanager
def quick_hashes() -> Iterator[None]:
    here = f"{QuickHasher.__module__}.{QuickHasher.__qualname__}"
    with override_settings(PASSWORD_HASHERS=[here, *settings.PASSWORD_HASHERS]):
        yield


def load_people(today: date) -> None:
    """The teams and everybody in them; they hold their roles since before the first referral of the borough."""
    by, since = User.objects.system(), days_before(DAYS_HELD, today)
    with as_at(london_midnight(since)), quick_hashes():
        teams = {code: add_team(code=code, name=name, kind=TeamKind.CAIT, by=by) for code, name in TEAMS.items()}
        teams |= {
            code: add_team(code=code, name=name, kind=TeamKind.COMMAND, by=by) for code, name in COMMAND_TEAM.items()
        }
        for a in ACCOUNTS:
            user, _ = add_account(
                username=a.username,
                rank=a.rank,
                given_names=a.given_names,
                family_name=a.family_name,
                email=f"{a.username}@police.example",
                by=by,
            )
            change_password(user, password=PASSWORD, by=user)
            give_role(user, team=teams[a.team], role=Role(a.role), from_on=since, by=by)
    for username, role, days, reason in ALSO:
        user, team = User.objects.get(username=username), teams[_team_of(username)]
        with as_at(london_midnight(days_before(days, today))):
            give_role(user, team=team, role=Role(role), from_on=days_before(days, today), reason=reason, by=by)
    for username, (days, reason) in UNTIL.items():
        last_day = days_before(days, today)
        with as_at(london_midnight(last_day)):
            end_role(Membership.objects.get(user__username=username), last_day=last_day, reason=reason, by=by)
    _lend_a_supervisor(today)


def _team_of(username: str) -> str:
    return next(each.team for each in ACCOUNTS if each.username == username)


def _lend_a_supervisor(today: date) -> None:
    """One loan between two boroughs."""
    give_role(
        User.objects.get(username="graham.oduya"),
        team=Team.objects.get(code="HGY"),
        role=Role.SUPERVISOR,
        posting=Posting.LOAN,
        from_on=days_before(LENT, today),
        to_on=add_months(today, 1),
        reason="Covers plan supervision while DS Petrie is away",
        by=User.objects.system(),
    )
