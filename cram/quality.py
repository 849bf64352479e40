"""How well assessments are done, counted from what was set down when each was sent and endorsed (AFI 6)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from cram.enums import AssessmentKind
from cram.models import Assessment
from deadlines.ages import days_before
from deadlines.clock import london_date, london_midnight
from team.models import Team, User
from team.permissions import Permission, teams_held

# So many days are looked back on: two 42-day reviews of a record and what lies between.
DAYS = 90


class Measured(NamedTuple):
    """One thing that is asked of each assessment: the field that holds the answer, its name, and what is counted."""

    code: str
    label: str
    means: str


MEASURED = (
    Measured(
        "on_time",
        "On time",
        "Sent before its due date had passed; one before a conference also before the date of the review that it "
        "answers too.",
    ),
    Measured(
        "research_repeated",
        "Research repeated",
        "Of reviews: since the assessment before was sent, each child and suspect on the record was searched for "
        "again in every police system in which they were before, or that was asked for about them. Who never was is "
        "searched for in every system in which another of them was; and each in one at least.",
    ),
    Measured(
        "measures_checked",
        "Control measures checked",
        "Of reviews: every control measure that was running was looked at in the review, or set in it.",
    ),
    Measured(
        "sharing_answered",
        "Sharing answered",
        "Of reviews: what is new was told to Social Services or it says why not, or nothing is new.",
    ),
    Measured(
        "endorsed_in_time",
        "Endorsed in time",
        "Endorsed by another sergeant before the time for it had passed; one that was returned first was returned in "
        "time too.",
    ),
)


@dataclass(frozen=True)
class Part:
    """So many of so many: those of which it was so, and all of which it can be said."""

    code: str
    yes: int
    of: int

    @property
    def no(self) -> int:
        return self.of - self.yes


@dataclass(frozen=True)
class OfKind:
    """Those of one kind: first ones, 42-day reviews and reviews before a conference are counted apart (AFI 1, 6)."""

    kind: AssessmentKind
    sent: int
    parts: list[Part]


@dataclass(frozen=True)
class Quality:
    """The assessments of one team that were sent in the period, and how well they were done."""

    team: Team
    sent: int
    parts: list[Part]
    kinds: list[OfKind]


def since(now: datetime) -> datetime:
    """The beginning of the period: London midnight, so many days ago."""
    return london_midnight(days_before(DAYS - 1, london_date(now)))


def sent_lately(user: User, *, now: datetime) -> QuerySet[Assessment]:
    """Those that were sent in the period, of the records of the teams whose records somebody may open: those
    of restricted records count as well."""
    rows = Assessment.objects.filter(submitted_at__gte=since(now))
    teams = teams_held(user, Permission.SEE_RECORDS)
    return rows if teams is None else rows.filter(case__team__in=teams)


def quality_of(teams: QuerySet[Team], *, user: User, now: datetime) -> list[Quality]:
    """Of each of some teams, by name. Two queries, however many."""
    asked: dict[str, Any] = {"sent": Count("pk")}
    for each in MEASURED:
        asked[f"{each.code}_yes"] = Count("pk", filter=Q(**{each.code: True}))
        asked[f"{each.code}_of"] = Count("pk", filter=Q(**{f"{each.code}__isnull": False}))
    rows = sent_lately(user, now=now).filter(case__team__in=teams).order_by().values("case__team", "kind")
    counted: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in rows.annotate(**asked):
        counted[row["case__team"]][row["kind"]] = row
    found = []
    for team in teams.order_by("name"):
        of_team = counted[team.pk]
        kinds = [
            OfKind(kind, of_team[kind]["sent"], _parts([of_team[kind]])) for kind in AssessmentKind if kind in of_team
        ]
        every = list(of_team.values())
        found.append(Quality(team, sum(row["sent"] for row in every), _parts(every), kinds))
    return found


def _parts(rows: list[Any]) -> list[Part]:
    return [
        Part(each.code, *(sum(row[f"{each.code}_{which}"] for row in rows) for which in ("yes", "of")))
        for each in MEASURED
    ]
