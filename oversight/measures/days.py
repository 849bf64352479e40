"""On which days a record was whose, and open: of what stood on a record at the end of a month, where it counts.

What is open on a record goes with it to another team. So it counted, on each day, for the team that had the record.
"""

from __future__ import annotations

# A record as it was from each change of it until the next, by its field history: what it is now and what it was then
# are told by the same rows. Days on which it changed several times count as it was at their end.
_WAS = """
    SELECT h.id AS case_id, h.history_id, h.team_id, h.state, h.level, h.officer_in_case_id,
           (h.history_date AT TIME ZONE 'Europe/London')::date AS "on",
           (lead(h.history_date) OVER (PARTITION BY h.id ORDER BY h.history_date, h.history_id)
               AT TIME ZONE 'Europe/London')::date AS until
    FROM cases_historicalcase h
    WHERE h.id = ANY({cases})
"""
WAS = _WAS.format(cases="%(cases)s")

_DAYS = f"""
    SELECT w.case_id, w.team_id, range_agg(daterange(w."on", w.until)) AS days
    FROM ({WAS}) w
    WHERE w.until IS DISTINCT FROM w."on" {{also}}
    GROUP BY w.case_id, w.team_id
"""

# The days at whose end each team had a record: `case_id, team_id, days`, a multirange.
HAD = _DAYS.format(also="")
# Those of them at whose end it was open.
OPEN = _DAYS.format(also="AND w.state = 'open'")


def had(table: str) -> str:
    """The SQL of the same days of the records that a table has rows of, for what may have been so before the record
    was raised: until its first day is over it counts for the team that had it then."""
    of_them = _WAS.format(cases=f"ARRAY(SELECT t.case_id FROM {table} t WHERE t.case_id = ANY(%(cases)s))")
    return f"""
    SELECT w.case_id, w.team_id, range_agg(daterange(NULLIF(w."on", w.began), w.until)) AS days
    FROM (SELECT w.*, min(w."on") OVER (PARTITION BY w.case_id) AS began FROM ({of_them}) w) w
    WHERE w.until IS DISTINCT FROM w."on"
    GROUP BY w.case_id, w.team_id
    """


def on(moment: str) -> str:
    """The SQL of the London day of a moment."""
    return f"({moment} AT TIME ZONE 'Europe/London')::date"


def between(first: str, ended: str) -> str:
    """The SQL of the days from one on until the day before another; without end where that is none. A clock that was
    put back meanwhile must not stop the counting of everything else."""
    return f"datemultirange(daterange({first}, CASE WHEN {ended} IS NOT NULL THEN GREATEST({first}, {ended}) END))"


def then(field: str, case: str, moment: str) -> str:
    """The SQL of a field of a record as it was at a moment."""
    return f"""(
        SELECT h.{field} FROM cases_historicalcase h
        WHERE h.id = {case} AND h.history_date <= {moment}
        ORDER BY h.history_date DESC, h.history_id DESC LIMIT 1
    )"""


def there(rows: str) -> str:
    """The SQL of whether there is a row, asked of each by an index: for an EXISTS among the columns, or beside an OR,
    PostgreSQL may read the whole table once instead, which takes long for a few records of a million."""
    return f"((SELECT TRUE FROM {rows} LIMIT 1) IS NOT NULL)"
