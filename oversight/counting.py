"""The summaries, kept up to date: what changed is counted anew, and what time alone has changed.

Triggers of the database write down which records changed, whatever changed them (migration 0002). `bring_up_to_date`
takes these, works out their facts as each measure defines them, and moves the tallies by the difference; it is woken
every minute, and what it does not get done the next one does. Facts are as they were at one moment, `Upkeep.until`,
which is moved on first: the records that count otherwise since then because time passed are written down like those
that changed. What is changed after that moment waits for the next.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction

from cases.models import Case
from deadlines import clock
from deadlines.clock import london_date
from oversight.enums import Period
from oversight.measures import MEASURES, digest
from oversight.measures.records import AGES
from oversight.measures.turning import TURNING
from oversight.models import Changed, Fact, Tally, Uncounted, Upkeep

logger = logging.getLogger(__name__)

# So many of the rows that say what changed are taken at once, and so many records when all are counted anew.
ROWS, CASES = 10_000, 2_000
COLUMNS = ("case_id", "subject", "team_id", "part", "on", "until", "counted", "minutes")


def bring_up_to_date() -> int:
    """Count what changed since the last time, and what time has changed. Returns how many records were counted.

    Whoever comes while another is at it does nothing: the other takes what has come meanwhile.
    """
    if not _turn_on():
        return 0
    done = 0
    while (counted := _count_some()) is not None:
        done += counted
    return done


def _turn_on() -> bool:
    """Move the moment of the facts on to now; False where somebody else is at it.

    The clock may have gone back; then what counted as late meanwhile is looked at again.
    """
    with transaction.atomic():
        Upkeep.objects.get_or_create(pk=1)
        upkeep = Upkeep.objects.select_for_update(skip_locked=True).filter(pk=1).first()
        if upkeep is None:
            return False
        now = clock.moment()
        # Where the clock was ahead and has gone back, nothing waits until it comes there again.
        with connection.cursor() as cursor:
            cursor.execute("UPDATE oversight_changed SET at = %s WHERE at > %s", [now, now])
        if upkeep.digest != digest() or upkeep.until is None:
            # A measure may be tallied otherwise than it was, of the same facts: nothing of before is kept.
            _throw_away()
            _write_down("SELECT id FROM cases_case", now)
            upkeep.digest, upkeep.whole_at = digest(), None
        elif upkeep.until != now:
            since, until = sorted((upkeep.until, now))
            given: dict[str, Any] = {"since": since, "until": until, "ages": [age for age in AGES if age]}
            given |= {"since_on": london_date(since), "until_on": london_date(until)}
            for each in (*TURNING, TRIED_A_DAY_AGO):
                _write_down(each, now, **given)
        upkeep.until = now
        upkeep.save()
    return True


TRIED_A_DAY_AGO = "SELECT case_id FROM oversight_uncounted WHERE at <= %(until)s::timestamptz - interval '1 day'"


def _write_down(cases: str, now: datetime, **given: Any) -> None:
    """That the records of a query are to be counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO oversight_changed (case_id, at) SELECT DISTINCT c.*, %(now)s::timestamptz FROM ({cases}) c",
            {"now": now, **given},
        )


def _count_some() -> int | None:
    """Take some of what changed and count it; how many records. None where nothing is left, and figures are whole,
    or where another version of CAIT counts by now."""
    with transaction.atomic():
        upkeep = Upkeep.objects.select_for_update().get(pk=1)
        until = upkeep.until
        if until is None or upkeep.digest != digest():
            return None
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM oversight_changed WHERE id IN"
                " (SELECT id FROM oversight_changed WHERE at <= %s ORDER BY id LIMIT %s) RETURNING case_id",
                [until, ROWS],
            )
            cases = sorted({row[0] for row in cursor.fetchall()})
        for first in range(0, len(cases), CASES):
            count_or_set_aside(cases[first : first + CASES], until=until)
        if not cases:
            upkeep.whole_at = until
            upkeep.save()
    return len(cases) or None


def _throw_away() -> None:
    for summaries in (Fact, Tally, Changed):
        summaries.objects.all()._raw_delete(using=connection.alias)


def facts_of(cases: list[int], *, until: datetime) -> tuple[str, dict[str, Any]]:
    """The query that works out the facts of some records as they were at a moment, of every measure."""
    each = (f"SELECT '{m.code}'::varchar AS measure, {_named(*COLUMNS)} FROM ({m.sql}) m" for m in MEASURES)
    return " UNION ALL ".join(each), {"cases": cases, "until": until, "today": london_date(until)}


def _named(*columns: str) -> str:
    return ", ".join(f'"{name}"' for name in columns)


# A fact is known again by these.
KEY = ("measure", "subject", "part", "on")
REST = ("case_id", "team_id", "until", "counted", "minutes")

# What has no past is tallied in one month, long ago.
ALWAYS = date(1900, 1, 1)
NOW = ", ".join(f"'{each.code}'" for each in MEASURES if each.period == Period.NOW) or "''"

# Of what happens a tally has its month. What lasts adds one to the month in which it began, and takes one from that
# in which it ended.
COUNT = f"""
    WITH fresh AS MATERIALIZED (SELECT {_named(*KEY, *REST)} FROM (%s) f),
    old AS MATERIALIZED (SELECT {_named(*KEY, *REST)} FROM oversight_fact WHERE case_id = ANY(%%(cases)s)),
    gone AS MATERIALIZED (SELECT * FROM old EXCEPT SELECT * FROM fresh),
    come AS MATERIALIZED (SELECT * FROM fresh EXCEPT SELECT * FROM old),
    deleted AS (
        DELETE FROM oversight_fact f USING gone g
        WHERE (f.measure, f.subject, f.part, f."on") = (g.measure, g.subject, g.part, g."on")
          AND NOT EXISTS (SELECT FROM come c
                          WHERE (c.measure, c.subject, c.part, c."on") = (g.measure, g.subject, g.part, g."on"))
    ),
    written AS (
        INSERT INTO oversight_fact ({_named(*KEY, *REST)}) SELECT * FROM come
        ON CONFLICT ({_named(*KEY)}) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in REST)}
    ),
    moved AS (SELECT 1 AS by, * FROM come UNION ALL SELECT -1, * FROM gone),
    tallied AS (
        SELECT measure, team_id, part, "on" AS day, by * counted::int AS counted, by AS "of" FROM moved
        UNION ALL
        SELECT measure, team_id, part, until, -by * counted::int, -by FROM moved WHERE until IS NOT NULL
    )
    INSERT INTO oversight_tally (measure, team_id, part, month, counted, "of")
    SELECT measure, team_id, part,
           CASE WHEN measure IN ({NOW}) THEN DATE '{ALWAYS}' ELSE date_trunc('month', day)::date END,
           sum(counted), sum("of")
    FROM tallied
    GROUP BY 1, 2, 3, 4 HAVING sum("of") <> 0 OR sum(counted) <> 0
    ON CONFLICT (team_id, measure, month, part)
    DO UPDATE SET counted = oversight_tally.counted + EXCLUDED.counted, "of" = oversight_tally."of" + EXCLUDED."of"
"""


def count(cases: list[int], *, until: datetime) -> None:
    """Work out the facts of some records anew, and move the tallies by what has become otherwise. One at a time."""
    sql, given = facts_of(cases, until=until)
    with connection.cursor() as cursor:
        cursor.execute(COUNT % sql, given)


def count_or_set_aside(cases: list[int], *, until: datetime) -> None:
    """As `count`. Where the facts of a record cannot be worked out, as when two are the same or a number is too
    large, that record alone is set aside, and its figures stay as they were. Raises where that is not the record's
    fault: the server does not answer, or a measure cannot be asked at all."""
    try:
        with transaction.atomic():
            count(cases, until=until)
            # Now, not when all is committed.
            connection.check_constraints()
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM oversight_uncounted WHERE case_id = ANY(%s)", [cases])
    except DatabaseError as wrong:
        why = _code(wrong)
        if isinstance(wrong, OperationalError) or why.startswith(OF_THE_STATEMENT):
            raise
        if len(cases) == 1:
            logger.error("Record %s could not be counted and is set aside: %s", cases[0], _named_error(wrong, why))
            given = {"at": until, "why": _named_error(wrong, why)}
            Uncounted.objects.update_or_create(case_id=cases[0], defaults=given)
            return
    else:
        return
    half = len(cases) // 2
    for some in (cases[:half], cases[half:]):
        count_or_set_aside(some, until=until)


# The class of the errors of a statement that is wrong whatever it is asked about.
OF_THE_STATEMENT = "42"


def _code(wrong: DatabaseError) -> str:
    """Of five characters, as the database has them; empty where it did not say."""
    return getattr(wrong.__cause__, "sqlstate", None) or ""


def _named_error(wrong: DatabaseError, code: str) -> str:
    """ "CardinalityViolation 21000": what it says besides may name somebody."""
    return f"{type(wrong.__cause__ or wrong).__name__} {code}".strip()


def rebuild() -> int:
    """Throw the summaries away and make them anew; returns of how many records. Who reads meanwhile reads the old
    ones: it is one transaction. Nothing but time is lost by it, and nothing is gained where all is well."""
    with transaction.atomic():
        Upkeep.objects.get_or_create(pk=1)
        upkeep = Upkeep.objects.select_for_update().get(pk=1)
        upkeep.until, upkeep.digest = clock.moment(), digest()
        _throw_away()
        cases = list(Case.objects.order_by("pk").values_list("pk", flat=True))
        for first in range(0, len(cases), CASES):
            count_or_set_aside(cases[first : first + CASES], until=upkeep.until)
        upkeep.whole_at = upkeep.until
        upkeep.save()
    return len(cases)
