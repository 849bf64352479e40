"""Reads that the team's pages share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from knox.models import AuthToken

from audit.events import Event
from audit.models import AuditEvent
from deadlines.calendar import add_months
from team.enums import Posting
from team.models import CalendarAddress, Membership, Team, User
from team.once import put_together_once
from team.permissions import HOLDERS, Permission, may


@dataclass
class Person:
    """Somebody who holds roles in a team today."""

    user: User
    memberships: list[Membership] = field(default_factory=list)
    # On loan to other teams, so perhaps not to be found in this one.
    loans_elsewhere: list[Membership] = field(default_factory=list)


def people_in(team: Team) -> list[Person]:
    """Everybody with a role in the team today, by name, with their roles there and their loans elsewhere.

    Two queries. A role says who belongs to the team, not who is on duty.
    """
    people: dict[int, Person] = {}
    for m in _held_in(team):
        people.setdefault(m.user_id, Person(m.user)).memberships.append(m)
    for loan in _lent_by(team):
        if loan.user_id in people:  # unless their last role here was taken back between the two
            people[loan.user_id].loans_elsewhere.append(loan)
    return list(people.values())


@put_together_once
def _held_in(team: Team) -> QuerySet[Membership]:
    rows = Membership.objects.today().filter(team=team, user__is_active=True).select_related("user")
    return rows.order_by("user__family_name", "user__given_names", "user_id", "role")


@put_together_once
def _lent_by(team: Team) -> QuerySet[Membership]:
    """The loans elsewhere of everybody with a role in the team."""
    here = Membership.objects.today().filter(team=team, user__is_active=True).values("user")
    loans = Membership.objects.today().filter(posting=Posting.LOAN, user__in=here).exclude(team=team)
    return loans.select_related("team").order_by("to_on", "id")


def who_may(permission: Permission, *, team: Team) -> set[int]:
    """Who (ids) may do something in a team today, through a role there. One query."""
    working = Membership.objects.today().filter(team=team, role__in=HOLDERS[permission], user__is_active=True)
    return set(working.values_list("user_id", flat=True))


def teams_with_people() -> list[tuple[Team, int]]:
    """Every team, by name, with how many people hold a role in it today. Two queries."""
    today = Membership.objects.today().filter(user__is_active=True).order_by()
    people = dict(today.values_list("team").annotate(Count("user", distinct=True)))
    return [(team, people.get(team.pk, 0)) for team in Team.objects.order_by("name")]


def loans_ending(people: Iterable[Person], *, today: date) -> list[Membership]:
    """The loans of these people to their team that end within a month, the next to end first. No query."""
    loans = [each for person in people for each in person.memberships if each.posting == Posting.LOAN]
    ending = [(each.to_on, each) for each in loans if each.to_on and each.to_on <= add_months(today, 1)]
    return [each for _, each in sorted(ending, key=lambda found: (found[0], found[1].user.family_name, found[1].pk))]


def last_signed_in(user: User) -> datetime | None:
    """When somebody last signed in, by the audit; None for never."""
    signed_in = AuditEvent.objects.filter(by_id=user.pk, event=Event.SIGNED_IN).order_by("-at", "-id").first()
    return signed_in.at if signed_in else None


def tokens_of(user: User) -> list[AuthToken]:
    """The tokens with which programs act as somebody, the newest first, ended ones too."""
    return list(AuthToken.objects.filter(user=user).order_by("-created"))


def calendar_address_of(user: User) -> CalendarAddress | None:
    """The private address of somebody's calendar; None where they have none."""
    return CalendarAddress.objects.filter(user=user, ended_at=None).first()


def calendar_read_with(secret: str) -> CalendarAddress | None:
    """The address with that secret, with whose it is; None unless it may be read today.

    It carries no more than its owner could see by signing in: nothing for a closed account, for somebody who holds no
    role that opens records today, or who must choose a password first.
    """
    rows = CalendarAddress.objects.filter(digest=CalendarAddress.digest_of(secret), ended_at=None)
    address = rows.select_related("user").first()
    if address is None or address.user.must_change_password:
        return None
    return address if may(address.user, Permission.SEE_RECORDS, team=None) else None


def accounts_named(words: str) -> QuerySet[User]:
    """Accounts whose name or user name holds each of the words; all of them for no words."""
    accounts = User.objects.people()
    for word in words.split():
        accounts = accounts.filter(
            Q(family_name__icontains=word) | Q(given_names__icontains=word) | Q(username__icontains=word)
        )
    return accounts
