"""A measure as its SQL counts it, and the parts of a recount by hand that several measures share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from cases.models import Case
from deadlines import clock
from deadlines.clock import london_date
from diary.models import Duty, DutyState
from oversight.enums import Shape
from oversight.measures import Measure


class Counted(NamedTuple):
    """A fact, but for how long it took."""

    subject: int
    team: str
    part: str
    on: date
    counted: bool = True


class Found(NamedTuple):
    """What the SQL of a measure yields of every record there is."""

    facts: set[Counted]
    minutes: dict[int, int | None]


def found(measure: Measure, *, until: datetime | None = None) -> Found:
    until = until or clock.now()
    given: dict[str, Any] = {
        "cases": list(Case.objects.values_list("pk", flat=True)),
        "until": until,
        "today": london_date(until),
    }
    columns = 'subject, t.code, part, "on", counted, minutes, until, case_id'
    with connection.cursor() as cursor:
        sql = f"SELECT {columns} FROM ({measure.sql}) f JOIN team_team t ON t.id = f.team_id"  # noqa: S608
        cursor.execute(sql, given)
        rows = cursor.fetchall()
    assert len({(row[0], row[2], row[3]) for row in rows}) == len(rows), "a fact is there twice"
    assert {row[2] for row in rows} <= set(measure.names(set())) | ({""} if not measure.by else set())
    assert measure.shape == Shape.SHARE or all(row[4] for row in rows)
    assert all(row[6] is None for row in rows), "none of these lasts"
    return Found({Counted(*row[:5]) for row in rows}, {row[0]: row[5] for row in rows})


def team_then(case: Case, at: datetime) -> str:
    """With which team a record was at a moment; before it was raised, who raised it."""
    lines = case.history.order_by("history_date", "history_id")
    line = lines.filter(history_date__lte=at).last() or lines.first()
    assert line
    code: str = line.team.code
    return code


def team_of(duty: Duty) -> str:
    """Whose a duty was when it was decided how it went."""
    late = max(duty.late_from, duty.raised_at)
    return team_then(duty.case, min(duty.ended_at or late, late))


def done_in_time(duties: Iterable[Duty], *, until: datetime, part: Mapping[int, str] | None = None) -> set[Counted]:
    """What `oversight.measures.due` says in words. `part`: by the record's id."""
    facts = set()
    for duty in duties:
        if duty.from_before:
            continue
        done = duty.state == DutyState.SATISFIED
        if not done and not duty.late_from <= min(duty.ended_at or until, until):
            continue
        on = min(london_date(duty.ended_at), duty.due_on) if duty.ended_at else duty.due_on
        in_time = done and duty.ended_at is not None and duty.ended_at < duty.late_from
        facts.add(Counted(duty.pk, team_of(duty), part[duty.case_id] if part else "", on, in_time))
    return facts
