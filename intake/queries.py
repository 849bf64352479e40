"""Reads for the pages of the mailbox."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet, Value

from cases.models import Case
from deadlines import clock
from intake import folder
from intake.enums import FileState, State, UseKind
from intake.models import Attachment, Mailbox, Message, Use
from intake.places import readable
from intake.reading import digest
from intake.restricted import kept_waiting
from team.models import Team, User
from team.once import Asked, put_together_once
from team.permissions import Permission, teams_where

logger = logging.getLogger(__name__)

# Beyond it nobody reads a number of emails that wait; and a whole table is never counted.
MOST_COUNTED = 1000
# So many stand above the list; they stand in it too.
MOST_URGENT = 10
# Read each minute; a quarter of an hour without it is told to everybody who waits for email.
UNREAD_AFTER = timedelta(minutes=15)


def uses_by_time() -> Prefetch[str]:
    """What was made of each of some emails, in its order: one query, however many."""
    return Prefetch("uses", queryset=Use.objects.select_related("case", "used_by").order_by("pk"), to_attr="made")


def logged_as(message: Message) -> list[Use]:
    """As which referrals an email was logged already."""
    return list(message.uses.filter(kind=UseKind.REFERRAL).select_related("case", "used_by").order_by("pk"))


def emails_on(case: Case, *, user: User) -> QuerySet[Message]:
    """The emails of a record that one may read, the latest first."""
    rows = Message.objects.visible_to(user).filter(uses__case=case).distinct()
    return rows.defer("text").prefetch_related(uses_by_time(), "files").order_by("-received_at", "-pk")


def invitations(user: User) -> QuerySet[Use]:
    """The emails that were passed to conferences, of those one may read, the latest first."""
    rows = Use.objects.passed_to_conferences(user)
    return rows.defer("message__text").select_related("message__team", "used_by").order_by("-used_at", "-pk")


def opened(attachment: Attachment) -> bytes | None:
    """The bytes of an attachment that may be opened, as they were when the scanner passed them. None: it may not; or
    what lies in the folder is not what was put there, which is logged as an error."""
    if attachment.state != FileState.KEPT or attachment.stored is None:
        return None
    try:
        content = folder.get(attachment.stored)
    except OSError as wrong:
        logger.error("Attachment %s cannot be read: %s", attachment.pk, type(wrong).__name__)
        return None
    if digest(content) != attachment.digest:
        logger.error("Attachment %s is not what was kept.", attachment.pk)
        return None
    return content


LATELY = timedelta(hours=7 * 24)


def invitations_lately(team: Team, *, user: User, now: datetime) -> Asked:
    """What counts how many invitations were passed to a team's conferences in the last week; one more than
    MOST_COUNTED stands for "more"."""
    return _passed_since.asked(user, team, now - LATELY)


@put_together_once
def _passed_since(user: User, team: Team, since: datetime) -> QuerySet[Use, Any]:
    rows = Use.objects.passed_to_conferences(user).filter(message__team=team, used_at__gte=since)
    return rows.order_by().values_list("pk")[: MOST_COUNTED + 1]


@dataclass(frozen=True)
class Waiting:
    """How many emails wait at a team's desk, and since when the one that came first. `restricted`: that others wait
    which are about restricted records, and whom to ask."""

    count: int
    since: datetime | None
    restricted: str = ""


def waiting(team: Team, *, user: User) -> Waiting:
    """What waits in the mailbox of one team. One query, where none of it is kept back."""
    found = _waiting(user, team)
    times = [at for at, is_kept in found if not is_kept]
    restricted = kept_waiting(user, team=team) if len(times) < len(found) else ""
    return Waiting(len(times), min(times, default=None), restricted)


@put_together_once
def _waiting(user: User, team: Team) -> QuerySet[Message, tuple[datetime, bool]]:
    """When each was received, and whether it is kept back."""
    waits = {"team": team, "state": State.WAITING}
    shown = Message.objects.handled_by(user).filter(**waits).order_by("received_at", "pk")
    kept = Message.objects.handled_by(user, kept_back=True).filter(**waits).order_by()
    parts = [
        rows.annotate(is_kept=Value(is_kept)).values_list("received_at", "is_kept")[: MOST_COUNTED + 1]
        for rows, is_kept in ((shown, False), (kept, True))
    ]
    return parts[0].union(parts[1], all=True)


def first_waiting(team: Team, *, user: User, most: int) -> list[Message]:
    """What is to be read first of what waits in the mailbox of one team: what says it is urgent, then the oldest."""
    rows = Message.objects.handled_by(user).filter(team=team, state=State.WAITING).defer("text")
    rows = rows.order_by("received_at", "pk")
    # Two reads by their indexes in one statement; sorted by both at once, every email that waits would be read.
    found = rows.filter(urgent=True)[:most].union(rows.filter(urgent=False)[:most], all=True)
    return sorted(found, key=lambda each: (not each.urgent, each.received_at, each.pk))[:most]


def urgent(user: User) -> QuerySet[Message]:
    """The emails that wait and say they are urgent, the oldest first."""
    rows = Message.objects.handled_by(user).filter(state=State.WAITING, urgent=True)
    return rows.defer("text").order_by("received_at", "pk")


@put_together_once
def urgent_in(team: Team, user: User) -> QuerySet[Message]:
    """The first of these in the mailbox of one team."""
    return urgent(user).filter(team=team)[:MOST_URGENT]


@dataclass(frozen=True)
class Unread:
    """A team's mailbox that was not read to its end for a while, or in which emails were left behind.

    `since`: when it was last read to its end; None: never.
    """

    team: Team
    late: bool
    since: datetime | None
    left: int


def unread_mailboxes(user: User, *, now: datetime | None = None) -> list[Unread]:
    """The configured mailboxes one handles that CAIT does not read as it should. An address that was put right is not
    missed."""
    if not settings.MAILBOXES:
        return []
    places = {code: place.name for code, place in readable(settings.MAILBOXES).items()}
    rows = Mailbox.objects.filter(team__code__in=places, place__in=places.values())
    known = {(mailbox.team_id, mailbox.place): mailbox for mailbox in rows}
    at = now or clock.now()
    found = []
    for team in teams_where(user, Permission.HANDLE_MAIL).filter(code__in=settings.MAILBOXES).order_by("name"):
        mailbox = known.get((team.pk, places.get(team.code, "")))
        since = mailbox.read_at or mailbox.added_at if mailbox else None
        is_late = since is None or at - since > UNREAD_AFTER
        left = len(mailbox.left_behind) if mailbox else 0
        if is_late or left:
            found.append(Unread(team, is_late, mailbox.read_at if mailbox else None, left))
    return found
