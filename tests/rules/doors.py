"""Every address, and who may open it. An address that is not here fails the tests.

A later room adds its addresses with the same few words, and for records the teams from which they may be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from team.enums import Role
from team.models import User
from tests.factories.team import a_user

EVERYBODY = frozenset(Role)
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
AUDITOR = frozenset({Role.AUDITOR})


@dataclass(frozen=True)
class Door:
    """One address: the roles it opens for (200), or `public`. `needs` makes what the address is about."""

    opens_for: frozenset[Role] = field(default_factory=frozenset)
    public: bool = False
    needs: Callable[[], dict[str, Any]] | None = None
    # What a signed-in person gets where it is not 200: sign-in sends them on to their first page.
    status: int = 200


def an_account() -> dict[str, Any]:
    return {"pk": a_user().pk}


def a_closed_account() -> dict[str, Any]:
    user = a_user()
    from team.actions import close_account

    close_account(user, by=User.objects.system())
    return {"pk": user.pk}


def a_membership() -> dict[str, Any]:
    from tests.factories.team import an_officer

    return {"pk": an_officer(Role.INVESTIGATOR).memberships.get().pk}


DOORS: dict[str, Door] = {
    "health": Door(public=True, status=503),  # no worker runs beside these tests
    "account_login": Door(public=True, status=302),
    "account_logout": Door(EVERYBODY),
    "account_change_password": Door(EVERYBODY),
    "workbench:today": Door(EVERYBODY),
    "team:people": Door(EVERYBODY),
    "team:change": Door(EVERYBODY),
    "team:add_team": Door(ADMINISTRATOR),
    "team:accounts": Door(ADMINISTRATOR),
    "team:account": Door(ADMINISTRATOR, needs=an_account),
    "team:add_account": Door(ADMINISTRATOR),
    "team:change_account": Door(ADMINISTRATOR, needs=an_account),
    "team:reset_password": Door(ADMINISTRATOR, needs=an_account),
    "team:close_account": Door(ADMINISTRATOR, needs=an_account),
    "team:reopen_account": Door(ADMINISTRATOR, needs=a_closed_account),
    "team:give_role": Door(ADMINISTRATOR, needs=an_account),
    "team:end_role": Door(ADMINISTRATOR, needs=a_membership),
    "team:withdraw_role": Door(ADMINISTRATOR, needs=a_membership),
    "oversight:audit_events": Door(AUDITOR),
    "oversight:access_log": Door(AUDITOR),
    "oversight:time_limits": Door(EVERYBODY),
    "oversight:time_limit": Door(EVERYBODY, needs=lambda: {"code": "SS-UPDATE"}),
}
