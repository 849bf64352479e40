"""What is due on restricted records that somebody may not open: how much, how much of it is late and whom to ask, so
that no lateness is hidden; and nothing else of these records (ADR 34)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from cases.models import Case
from cases.restricting import hidden_in
from diary.kinds import kinds_apart
from pages.words import count
from team.models import Team, User
from team.permissions import Permission, may, teams_held

# As `Case.objects.hidden_from`; its one value is who asks. More can stand behind it.
HIDDEN = """
    SELECT record.id FROM cases_case AS record
    WHERE record.restricted AND NOT EXISTS (
        SELECT 1 FROM cases_namedofficer AS named
        WHERE named.case_id = record.id AND named.officer_id = %s AND named.ended_at IS NULL
    )
"""
# Of each record: its id, its team's, how many of its duties are open, and how many of these are late.
Found = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Withheld:
    """How many open duties are on so many restricted records, and how many of them are late. `ask`: whom, in words;
    empty for whoever sees which records are restricted, and so finds it there (`oversees`)."""

    duties: int = 0
    late: int = 0
    records: int = 0
    ask: str = ""
    oversees: bool = False

    def __bool__(self) -> bool:
        return self.duties > 0

    @property
    def words(self) -> str:
        """ "3 duties, 1 of them late, are on restricted records that you cannot open." """
        where = "a restricted record" if self.records == 1 else "restricted records"
        late = ""
        if self.late:
            late = f", {self.late:,} of them late,"
            if self.late == self.duties:
                late = ", which is late," if self.duties == 1 else ", all late,"
        return f"{count(self.duties, 'duty', 'duties')}{late} {_are(self.duties)} on {where} that you cannot open."


NOTHING_WITHHELD = Withheld()


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def withheld(user: User, *, now: datetime, team: Team | None = None) -> Withheld:
    """What is withheld of what is open in the teams whose records somebody may open, or in one of them. One query,
    and one more where there is any."""
    statement, values = asked(user, now=now, team=team)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return withheld_of([row for (row,) in cursor.fetchall()], user=user)


def asked(user: User, *, now: datetime, team: Team | None = None) -> tuple[str, list[Any]]:
    """The statement that finds it, for a statement that asks more; what it finds is read by `withheld_of`. By hand:
    every queue and Today ask it, and the ORM takes longer to put it together than it takes to run. Each record is
    asked for its duties: joined, every open duty there is would be read for the few that are restricted.

    Narrowed by nothing but the team: what a filter leaves of it would tell what the record says. As in the queue,
    what has a list of its own is not counted.
    """
    teams = teams_held(user, Permission.SEE_RECORDS)
    of = teams if team is None else {team.pk} & ({team.pk} if teams is None else teams)
    here = "" if of is None else "AND record.team_id = ANY(%s)"
    statement = f"""
        SELECT ARRAY[hidden.id, found.team_id, found.open, found.late]
        FROM ({HIDDEN} {here}) AS hidden CROSS JOIN LATERAL (
            SELECT duty.team_id, count(*) AS open, count(*) FILTER (WHERE duty.late_from <= %s) AS late
            FROM diary_duty AS duty
            WHERE duty.case_id = hidden.id AND duty.state = 'open'
              AND NOT (duty.from_before AND duty.kind = ANY(%s))
            GROUP BY duty.team_id
        ) AS found
    """  # noqa: S608  # words of our own
    apart = [kind.code for kind in kinds_apart()]
    return statement, [user.pk, *([] if of is None else [sorted(of)]), now, apart]


def withheld_of(found: Found, *, user: User) -> Withheld:
    """What `asked` found, in words; one query where there is any, but none for whoever sees which records are
    restricted."""
    if not found:
        return NOTHING_WITHHELD
    oversees = may(user, Permission.OVERSEE_RESTRICTIONS, team=None)
    return Withheld(
        duties=sum(number for *_, number, _ in found),
        late=sum(late for *_, late in found),
        records=len(found),
        ask="" if oversees else whom(found),
        oversees=oversees,
    )


def whom(found: Collection[Sequence[int]]) -> str:
    """Whom to ask about the records: of these no more is read than what was found."""
    return hidden_in([Case(pk=case, team_id=team) for case, team, *_ in found])
