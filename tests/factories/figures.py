"""The summaries of the figures, held against the records they are made of."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import connection

from cases.models import Case
from deadlines.clock import london_date
from oversight.counting import ALWAYS, COLUMNS, facts_of
from oversight.enums import Period
from oversight.measures import BY_CODE
from oversight.models import Fact, Tally, Upkeep


def worked_out() -> set[tuple[Any, ...]]:
    """Every fact of every measure, worked out from the records alone, as at the moment of the summaries."""
    until = Upkeep.objects.get().until
    assert until
    sql, given = facts_of(list(Case.objects.values_list("pk", flat=True)), until=until)
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        found = cursor.fetchall()
    keys = Counter((row[0], row[2], row[4], row[5]) for row in found)
    assert [key for key, times in keys.items() if times > 1] == []
    assert [row for row in found if row[5] > london_date(until)] == []
    return set(found)


def kept() -> set[tuple[Any, ...]]:
    return set(Fact.objects.values_list("measure", *COLUMNS))


def added_up() -> dict[tuple[Any, ...], tuple[int, int]]:
    """The tallies as they must be, from the facts, in plain Python."""
    found: dict[tuple[Any, ...], list[int]] = {}

    def add(fact: Fact, day: Any, by: int) -> None:
        now = BY_CODE[fact.measure].period == Period.NOW
        tally = found.setdefault(
            (fact.measure, fact.team_id, fact.part, ALWAYS if now else day.replace(day=1)), [0, 0]
        )
        tally[0] += by * fact.counted
        tally[1] += by

    for fact in Fact.objects.all():
        add(fact, fact.on, 1)
        if fact.until:
            add(fact, fact.until, -1)
    return {key: (counted, of) for key, (counted, of) in found.items() if counted or of}


def tallied() -> dict[tuple[Any, ...], tuple[int, int]]:
    """The tallies as they are kept."""
    rows = Tally.objects.exclude(of=0, counted=0).values_list("measure", "team", "part", "month", "counted", "of")
    return {row[:4]: row[4:] for row in rows}


def figures_are_right() -> None:
    """Facts and tallies are as if all were made anew."""
    made, now = worked_out(), kept()
    assert sorted(map(str, made - now)) == sorted(map(str, now - made)) == []
    assert tallied() == added_up()
