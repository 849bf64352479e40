"""Reads for the pages of oversight."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from deadlines import rules
from deadlines.clock import london_day_end, london_midnight
from deadlines.models import Limit
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


def current_values(on: date) -> dict[str, int]:
    """The value of every time limit for events on a date, by the rule's code; one query."""
    in_force = Limit.objects.filter(effective_from__lte=on).order_by("rule", "-effective_from").distinct("rule")
    return dict(in_force.values_list("rule", "value"))


# An interval gives no date by itself: the limit that it goes with, and how.
USED_WITH = {
    "SS-CHASE": (
        rules.SS_UPDATE,
        "From that date on Social Services are chased again after each such interval",
    ),
    "ONE-REVIEW": (
        rules.CRAM_REVIEW,
        "Where that review and a supervision are due no further apart, one answers both",
    ),
}
