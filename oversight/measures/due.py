"""What fell due and whether it was done in time, of one kind of duty or several: the same question of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from oversight.measures.whose import team_at

# Whose the record was when it was decided how it went: when the duty ended, or when it became late. An open duty goes
# with its record to another team, and what the one left late is not held against the other; one that has ended stays.
_WHOSE = f"""
    CASE WHEN d.ended_at <= d.late_from THEN d.team_id
         ELSE {team_at("d.case_id", "GREATEST(d.late_from, d.raised_at)", otherwise="d.team_id")} END
"""
WHOSE = "It counts for the team that had the record when it was done or, if that was late, when it became late."


def in_time(
    kinds: Sequence[str], *, part: str = "''", also: str = "", joined: str = "", since: str = "d.raised_at"
) -> str:
    """The SQL of a share: of the duties of some kinds that were done or whose time was over, those done in time.

    One that was done counts on the day on which it was done, and if that was late on the day on which it was due; one
    that is not done counts from when it is late. What fell away before it was late counts nowhere, nor does what was
    due before the team worked with CAIT. It counts for the team whose it was then. What is due at a moment is late
    from that moment on, as everywhere. `part`, `joined`, `also`: SQL for the part, further tables, and what else must
    be so; the duty is `d`. `since`: from when the time is measured that it took, where it was done; none where that
    is none.
    """
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return f"""
    SELECT d.case_id, d.id AS subject, {_WHOSE} AS team_id, {part} AS part,
           LEAST((d.ended_at AT TIME ZONE 'Europe/London')::date, d.due_on) AS "on", NULL::date AS until,
           d.state = 'satisfied' AND d.ended_at < d.late_from AS counted,
           CASE WHEN d.state = 'satisfied' THEN (EXTRACT(EPOCH FROM d.ended_at - {since}) / 60)::bigint END AS minutes
    FROM diary_duty d {joined}
    WHERE d.case_id = ANY(%(cases)s) AND d.kind IN ({named}) AND NOT d.from_before
      AND (d.state = 'satisfied' OR d.late_from <= LEAST(d.ended_at, %(until)s)) {also}
    """
