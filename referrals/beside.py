"""What stands beside the desk's work: the mailbox and the log of one team, as a list at the left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from cases.enums import State as CaseState
from deadlines.clock import london_date
from intake import queries as mail
from intake.models import Message
from pages.words import day, days_away, is_late, moment, time_of_day
from referrals import queries
from referrals.enums import Method, Progress
from referrals.models import Draft, Referral
from referrals.restricted import kept_back, kept_back_in_words
from team.models import Team, User
from team.permissions import Permission, may

# So many emails that wait stand in the list; the others are in the mailbox.
MOST_EMAILS = 20
# So many referrals of the log; the others are in the log.
MOST_LOGGED = 15
# So many referrals to triage, and so many confirmations that are outstanding, stand on the desk's own page.
MOST_TO_DO = 10


@dataclass(frozen=True, slots=True)
class Email:
    """An email that waits: what somebody has begun to log from it, and whether it is what is open."""

    message: Message
    begun: Draft | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class HalfTyped:
    """A half-typed referral, and whether it is what is open."""

    draft: Draft
    is_open: bool


@dataclass(frozen=True, slots=True)
class Logged:
    """A referral of the log, in words. Its children as they were logged; who called is not read at all."""

    case_id: int
    number: str
    urn: str
    url: str
    on: date
    time: str
    method: str
    children: str
    # How far it has come, and "2 hours late" where that is late.
    state: str
    late: str
    # Urgent, and not triaged yet.
    urgent: bool
    # A telephone referral that nobody has confirmed in writing yet; since when, and "1 day late" where that is late.
    unconfirmed: bool
    confirmation_late: str
    received: str


@dataclass(frozen=True)
class Beside:
    """The list: what waits, the urgent first, then the oldest; what is half typed; the log by day. On the desk's own
    page also what is to be triaged and to be confirmed in writing, the longest waiting first."""

    # How many emails wait, and since when the one that came first. Counted as far as `MOST_COUNTED`.
    waiting: mail.Waiting
    emails: list[Email]
    drafts: list[HalfTyped]
    days: list[tuple[date, list[Logged]]]
    to_triage: list[Logged] = field(default_factory=list)
    unconfirmed: list[Logged] = field(default_factory=list)
    # What of the days of the log is left out, and whom to ask.
    left_out: str = ""

    @property
    def first(self) -> Email | None:
        """The email to be dealt with next: the first that nobody has begun to log."""
        return next((each for each in self.emails if each.begun is None), None)

    def seen(self, *, records: Iterable[int] = ()) -> dict[str, Any]:
        """What the list shows, for the access log. What is open itself has its own words there."""
        logged = [row for _, rows in self.days for row in rows]
        detail: dict[str, list[Any]] = {
            "messages": sorted(each.message.pk for each in self.emails if not each.is_open),
            "draft": [str(each.draft.key) for each in self.drafts if not each.is_open],
            "records": sorted({row.case_id for row in [*logged, *self.to_triage, *self.unconfirmed]} | set(records)),
        }
        return {name: ids for name, ids in detail.items() if ids}


def beside(
    user: User,
    team: Team | None,
    *,
    now: datetime,
    email: Message | None = None,
    draft: Draft | None = None,
    whole_desk: bool = False,
) -> Beside | None:
    """The list for whoever handles the mail of their acting team; None for everybody else.

    `email`, `draft`: what is open beside it. `whole_desk`: with what is to be done, as on the desk's page. A look at
    what it shows: within the transaction that records `seen()`.
    """
    if team is None or not may(user, Permission.HANDLE_MAIL, team=team):
        return None
    kept = list(queries.drafts_for(user).filter(team=team)[: queries.MOST_DRAFTS])
    begun = {each.typed["message"][0]: each for each in reversed(kept) if any(each.typed.get("message", []))}
    emails = [
        Email(message, begun.get(str(message.pk)), is_open=email is not None and message.pk == email.pk)
        for message in mail.first_waiting(team, user=user, most=MOST_EMAILS)
    ]
    # What is being logged from an email of the list stands there.
    of_these = {each.begun.key for each in emails if each.begun}
    drafts = [HalfTyped(each, is_open=each == draft) for each in kept if each.key not in of_these]
    logged, to_triage, unconfirmed = _logged(user, team, now=now, whole_desk=whole_desk)
    return Beside(
        waiting=mail.waiting(team, user=user),
        emails=emails,
        drafts=drafts,
        days=[(on, list(rows)) for on, rows in groupby(logged, key=attrgetter("on"))],
        to_triage=to_triage,
        unconfirmed=unconfirmed,
        left_out=kept_back_in_words(kept_back(user, team=team, from_on=logged[-1].on if logged else None)),
    )


def _logged(user: User, team: Team, *, now: datetime, whole_desk: bool) -> Iterator[list[Logged]]:
    """The latest of the log, what is to be triaged, what is to be confirmed. What is due is one query for all."""
    rows = Referral.objects.visible_to(user).filter(team=team)
    oldest = rows.order_by("received_at", "id")
    lists = [_read(rows.order_by("-received_at", "-id"), MOST_LOGGED), [], []]
    if whole_desk:
        lists[1] = _read(
            oldest.still_there().filter(progress=Progress.LOGGED, old_urn=""), MOST_TO_DO
        )  # those of old logs are in the queue
        lists[2] = _read(queries.narrowed(oldest, user=user, unconfirmed=True), MOST_TO_DO)
    lines = {line.number: line for line in queries.log_lines(row for each in lists for row in each)}
    return ([_in_words(row, lines[row.case__number], now) for row in each] for each in lists)


_MORE = ("method", "confirmed_at", "old_urn", "case__state")


def _read(rows: QuerySet[Referral], most: int) -> list[Any]:
    return list(rows.values_list(*queries.IN_THE_LOG, *_MORE, named=True)[:most])


def _in_words(row: Any, line: queries.Line, now: datetime) -> Logged:
    state, late = _state(row, line, now)
    confirmation = line.confirmation_due
    is_open = row.case__state == CaseState.OPEN
    return Logged(
        case_id=row.case_id,
        number=line.number,
        urn=line.urn,
        url=line.url,
        on=london_date(row.received_at),
        time=time_of_day(row.received_at),
        method="Police system" if row.method == Method.POLICE_SYSTEM else str(Method(row.method).label),
        children=line.children,
        state=state,
        late=late,
        urgent=line.urgent,
        unconfirmed=row.method == Method.TELEPHONE
        and row.confirmed_at is None
        and not row.old_urn
        and is_open
        and not queries.is_gone(row),
        confirmation_late=days_away(confirmation, now) if confirmation and is_late(confirmation, now) else "",
        received=line.received,
    )


def _state(row: Any, line: queries.Line, now: datetime) -> tuple[str, str]:
    """ "Triage by 11:52am", or "To triage" and "2 hours late"; for what is decided, the decision and the update."""
    due = line.due or line.update_due
    if due is None:
        return line.state, ""
    decided = row.progress == Progress.DECIDED
    if is_late(due, now):
        return f"{line.state}. Update" if decided else line.state, days_away(due, now)
    what = {Progress.LOGGED: "Triage", Progress.TRIAGED: "Decide"}.get(row.progress, f"{line.state}. Update")
    return f"{what} by {_when(due, now)}", ""


def _when(due: date | datetime, now: datetime) -> str:
    """A moment of today by its time alone."""
    if not isinstance(due, datetime):
        return day(due)
    return time_of_day(due) if london_date(due) == london_date(now) else moment(due)
