"""Reads for the pages of oversight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from django.db.models import QuerySet

from deadlines import rules
from deadlines.calendar import BANK_HOLIDAYS_A_YEAR
from deadlines.clock import london_day_end, london_midnight
from deadlines.models import BankHoliday, Limit, Withdrawal
from deadlines.rule import Rule
from team.models import Team, User


def logged_between(
    rows: QuerySet[Any], *, person: User | None, team: Team | None, from_on: date | None, to_on: date | None
) -> QuerySet[Any]:
    """Rows of one of the two logs, narrowed by who, which team and which London dates (both included)."""
    if person is not None:
        rows = rows.filter(by_id=person.pk)
    if team is not None:
        rows = rows.filter(team_id=team.pk)
    if from_on is not None:
        rows = rows.filter(at__gte=london_midnight(from_on))
    if to_on is not None:
        rows = rows.filter(at__lt=london_day_end(to_on))
    return rows


def names_for(rows: list[Any]) -> tuple[dict[int, User], dict[int, Team]]:
    """The people and teams whose ids stand in rows of the logs; two queries however many rows."""
    people = {r.by_id for r in rows} | {r.object_id for r in rows if r.object_type == User._meta.label_lower}
    teams = {r.team_id for r in rows} | {r.object_id for r in rows if r.object_type == Team._meta.label_lower}
    return User.objects.in_bulk([p for p in people if p]), Team.objects.in_bulk([t for t in teams if t])


def who_entered(rows: Iterable[Limit | BankHoliday | Withdrawal]) -> dict[int, User]:
    """The people by whose ids values, bank holidays and withdrawals were entered; one query however many rows."""
    ids = {row.created_by_id for row in rows if row.created_by_id}
    return User.objects.in_bulk(ids) if ids else {}


def withdrawal_of(rule: str, row_id: int) -> Withdrawal | None:
    """What became of a row that is gone: of a limit or, without a rule, of a bank holiday."""
    return Withdrawal.objects.filter(rule=rule, row_id=row_id).first()


@dataclass(frozen=True)
class Values:
    """The value of a time limit for events on a date, and those to come after it, the next first."""

    in_force: Limit
    to_come: list[Limit]


def values_on(on: date) -> dict[str, Values]:
    """Of every time limit, by the rule's code; one query."""
    of_rule: dict[str, list[Limit]] = defaultdict(list)
    for limit in Limit.objects.order_by("rule", "effective_from"):
        of_rule[limit.rule].append(limit)
    return {
        code: Values(
            max((row for row in rows if row.effective_from <= on), key=lambda row: row.effective_from),
            [row for row in rows if row.effective_from > on],
        )
        for code, rows in of_rule.items()
    }


@dataclass(frozen=True)
class Year:
    """The bank holidays of a year, those that were withdrawn, and whether dates in it can be worked out."""

    number: int
    holidays: list[BankHoliday]
    withdrawn: list[Withdrawal]

    @property
    def rows(self) -> list[BankHoliday | Withdrawal]:
        return [*self.holidays, *self.withdrawn]

    @property
    def is_entered(self) -> bool:
        return len(self.holidays) >= BANK_HOLIDAYS_A_YEAR


def years_from(first: int) -> list[Year]:
    """The years from one on for which anything is entered, that one, and the first that is not all there; by number.

    Two queries."""
    holidays, withdrawn = defaultdict(list), defaultdict(list)
    for holiday in BankHoliday.objects.filter(on__year__gte=first):
        holidays[holiday.on.year].append(holiday)
    for gone in Withdrawal.objects.filter(rule="", on__year__gte=first):
        withdrawn[gone.on.year].append(gone)
    missing = next(year for year in count(first) if len(holidays[year]) < BANK_HOLIDAYS_A_YEAR)
    years = sorted({first, missing, *holidays, *withdrawn})
    return [Year(year, holidays[year], withdrawn[year]) for year in years]


# An interval gives no date by itself: the limit that it goes with, and how.
USED_WITH: dict[str, tuple[Rule | None, str]] = {
    "SS-CHASE": (
        rules.SS_UPDATE,
        "From that date on Social Services are chased again after each such interval",
    ),
    "ONE-REVIEW": (
        rules.CRAM_REVIEW,
        "Where that review and a supervision are due no further apart, one answers both",
    ),
    **dict.fromkeys(
        ("LATE-TO-SUPERVISOR", "LATE-TO-INSPECTOR", "LATE-TO-COMMAND"),
        (None, "Whoever has to do it is told as soon as a duty is late; then, so many hours later, those above them"),
    ),
}
