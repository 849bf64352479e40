"""Reads that the team's pages share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, QuerySet

from audit.events import Event
from audit.models import AuditEvent
from deadlines.calendar import add_months
from team.models import Membership, Team, User


@dataclass
class Person:
    """Somebody who holds roles in a team today."""

    user: User
    memberships: list[Membership] = field(default_factory=list)


def people_in(team: Team) -> list[Person]:
    """Everybody with a role in the team today, by name, with their roles there. One query."""
    memberships = (
        Membership.objects.today()
        .filter(team=team, user__is_active=True)
        .select_related("user")
        .order_by("user__family_name", "user__given_names", "user_id", "role")
    )
    people: dict[int, Person] = {}
    for m in memberships:
        people.setdefault(m.user_id, Person(m.user)).memberships.append(m)
    return list(people.values())


def loans_ending(team: Team, *, by: date) -> list[Membership]:
    """Loans to the team that end within a month of the date, the next to end first."""
    return list(
        Membership.objects.today()
        .filter(team=team, posting="loan", to_on__lte=add_months(by, 1))
        .select_related("user")
        .order_by("to_on", "user__family_name", "id")
    )


def last_signed_in(user: User) -> datetime | None:
    """When somebody last signed in, by the audit; None for never."""
    signed_in = AuditEvent.objects.filter(by_id=user.pk, event=Event.SIGNED_IN).order_by("-at", "-id").first()
    return signed_in.at if signed_in else None


def accounts_named(words: str) -> QuerySet[User]:
    """Accounts whose name or user name holds each of the words; all of them for no words."""
    accounts = User.objects.people()
    for word in words.split():
        accounts = accounts.filter(
            Q(family_name__icontains=word) | Q(given_names__icontains=word) | Q(username__icontains=word)
        )
    return accounts
