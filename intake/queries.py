"""Reads for the pages of the mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from cases.models import Case
from deadlines import clock
from intake.enums import State
from intake.models import Mailbox, Message, Use
from intake.places import read_place
from team.models import Team, User
from team.permissions import Permission, teams_held

# Beyond it nobody reads a number of emails that wait; and a whole table is never counted.
MOST_COUNTED = 1000
# So many stand above the list; they stand in it too.
MOST_URGENT = 10
# Read each minute; a quarter of an hour without it is told to everybody who waits for email.
UNREAD_AFTER = timedelta(minutes=15)


def uses_by_time() -> Prefetch[str]:
    """What was made of each of some emails, in its order: one query, however many."""
    return Prefetch("uses", queryset=Use.objects.select_related("case", "used_by").order_by("pk"), to_attr="made")


def emails_on(case: Case, *, user: User) -> QuerySet[Message]:
    """The emails of a record that one may read, the latest first."""
    rows = Message.objects.visible_to(user).filter(uses__case=case).distinct()
    return rows.defer("text").prefetch_related(uses_by_time()).order_by("-received_at", "-pk")


def invitations(user: User) -> QuerySet[Use]:
    """The emails that were passed to conferences, of those one may read, the latest first."""
    rows = Use.objects.passed_to_conferences(user)
    return rows.defer("message__text").select_related("message__team", "used_by").order_by("-used_at", "-pk")


@dataclass(frozen=True)
class Waiting:
    """How many emails wait at a team's desk, and since when the one that came first."""

    count: int
    since: datetime | None


def waiting(team: Team, *, user: User) -> Waiting:
    """What waits in the mailbox of one team."""
    rows = Message.objects.handled_by(user).filter(team=team, state=State.WAITING).order_by()
    first = rows.order_by("received_at", "pk").values_list("received_at", flat=True).first()
    return Waiting(rows[: MOST_COUNTED + 1].count() if first else 0, first)


def urgent(user: User) -> QuerySet[Message]:
    """The emails that wait and say they are urgent, the oldest first."""
    rows = Message.objects.handled_by(user).filter(state=State.WAITING, urgent=True)
    return rows.defer("text").order_by("received_at", "pk")


@dataclass(frozen=True)
class Unread:
    """A mailbox that could not be read to its end for a while, or in which an email was left behind."""

    mailbox: Mailbox
    late: bool
    since: datetime | None
    left: int


def unread_mailboxes(user: User, *, now: datetime | None = None) -> list[Unread]:
    """The mailboxes one handles that CAIT does not read as it should."""
    teams = teams_held(user, Permission.HANDLE_MAIL)
    rows = Mailbox.objects.select_related("team").filter(place__in=_read_now())
    rows = rows if teams is None else rows.filter(team__in=teams)
    at = now or clock.now()
    found = []
    for mailbox in rows.order_by("team__name", "pk"):
        is_late = at - (mailbox.read_at or mailbox.added_at) > UNREAD_AFTER
        if is_late or mailbox.left_behind:
            found.append(Unread(mailbox, is_late, mailbox.read_at, len(mailbox.left_behind)))
    return found


def _read_now() -> list[str]:
    """The mailboxes that are configured: an address that was put right is not missed."""
    return [read_place(url).name for url in settings.MAILBOXES.values()]
