"""Which records count otherwise because time has passed, and nothing else."""

from __future__ import annotations

from oversight.measures.partners import LATE

# `%(ages)s`: the first days on which an open record is a band older (`oversight.measures.records.AGES`).
# Each gives ids of records for the time from one moment to a later one: `%(since)s` and `%(until)s`, and their London
# dates `%(since_on)s` and `%(until_on)s`.
TURNING = [
    # An open duty becomes late.
    """
    SELECT case_id FROM diary_duty
    WHERE state = 'open' AND late_from > %(since)s AND late_from <= %(until)s
    """,
    # An update that Social Services owe is a band later.
    f"""
    SELECT d.case_id FROM diary_duty d, unnest(ARRAY{[days for days in LATE if days]}) AS days
    WHERE d.state = 'open' AND d.kind = 'update' AND NOT d.from_before AND %(since_on)s < %(until_on)s
      AND d.late_from >= ((%(since_on)s::date - days + 1)::timestamp AT TIME ZONE 'Europe/London')
      AND d.late_from < ((%(until_on)s::date - days + 1)::timestamp AT TIME ZONE 'Europe/London')
    """,
    # A control measure begins to run, has had its last day, or should have been looked at again.
    """
    SELECT case_id FROM cram_measure
    WHERE ended_at IS NULL AND %(since_on)s < %(until_on)s
      AND (from_on > %(since_on)s AND from_on <= %(until_on)s
           OR until >= %(since_on)s AND until < %(until_on)s
           OR check_on >= %(since_on)s AND check_on < %(until_on)s)
    """,
    # The time of a conference has come: from then on it is asked who attended.
    """
    SELECT case_id FROM conferences_conference
    WHERE state = 'booked' AND starts_at >= %(since)s AND starts_at < %(until)s
    """,
    # An open record is a band older.
    """
    SELECT c.id FROM cases_case c, unnest(%(ages)s::int[]) AS age
    WHERE c.state = 'open' AND %(since_on)s < %(until_on)s
      AND c.raised_at >= ((%(since_on)s::date - age + 1)::timestamp AT TIME ZONE 'Europe/London')
      AND c.raised_at < ((%(until_on)s::date - age + 1)::timestamp AT TIME ZONE 'Europe/London')
    """,
]
