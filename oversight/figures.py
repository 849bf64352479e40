"""The figures: counted by the same reads as the lists they lead to, so that each is its list's length.

How many emails wait is told to whoever sees the figures; only the desk opens the list."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import DateTimeField, IntegerField, OuterRef, QuerySet, Subquery

from cases.enums import State
from cases.models import Case
from cases.queries import records_narrowed
from deadlines.ages import days_before
from deadlines.clock import london_date
from diary.models import Duty
from diary.queries import narrowed as duties_narrowed
from intake.enums import State as MessageState
from intake.models import Message
from referrals.duties import ALLOCATION
from referrals.models import Referral
from referrals.queries import narrowed as referrals_narrowed
from team.models import Team, User

# Beyond it nobody reads a number as a number; and a whole table is never counted.
MOST_COUNTED = 1000
DAYS = 28


class Counted(Subquery):
    """How many rows another query has, for each row of this one; one more than MOST_COUNTED stands for "more"."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        super().__init__(rows.order_by().values("pk")[: MOST_COUNTED + 1])


@dataclass(frozen=True)
class Figures:
    """The figures of one team; each number stops at MOST_COUNTED, shown as "more than"."""

    team: Team
    received: int
    to_triage: int
    open_records: int
    nobodys: int
    to_allocate: int
    overdue: int
    waiting: int
    waiting_since: datetime | None


def first_day(now: datetime) -> date:
    """The first of the last DAYS days, today included."""
    return days_before(DAYS - 1, london_date(now))


def figures_of(teams: QuerySet[Team], *, user: User, now: datetime) -> list[Figures]:
    """The figures of some teams, by name. One query, however many."""
    of_team = {"team": OuterRef("pk")}
    referrals = Referral.objects.visible_to(user).filter(**of_team)
    cases = Case.objects.visible_to(user).filter(**of_team)
    mail = Message.objects.filter(state=MessageState.WAITING, **of_team)
    visible = Duty.objects.visible_to(user)
    duties = duties_narrowed(visible, user=user, now=now, by="late").filter(**of_team)
    rows = teams.annotate(
        received=Counted(referrals_narrowed(referrals, user=user, from_on=first_day(now))),
        to_triage=Counted(referrals_narrowed(referrals, user=user, progress="logged")),
        open_records=Counted(records_narrowed(cases, user=user, state=State.OPEN)),
        nobodys=Counted(records_narrowed(cases, user=user, state=State.OPEN, officer="nobody")),
        to_allocate=Counted(duties_narrowed(visible, user=user, now=now, kind=[ALLOCATION.code]).filter(**of_team)),
        overdue=Counted(duties),
        waiting=Counted(mail),
        waiting_since=Subquery(
            mail.order_by("received_at", "pk").values("received_at")[:1], output_field=DateTimeField()
        ),
    )
    names = [each.name for each in fields(Figures) if each.name != "team"]
    return [Figures(team, **{name: getattr(team, name) for name in names}) for team in rows.order_by("name")]
