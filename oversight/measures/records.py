"""The open records and their duties: how many, how old, whose."""

from __future__ import annotations

from cases.enums import Level
from conferences.duties import ALL as OF_CONFERENCES
from cram.duties import ALL as OF_CRAM
from cram.duties import BEFORE_CONFERENCE
from diary.duties import ACTION, CLOSURE, FOUND, TRANSFER
from diary.kinds import kind_of
from oversight.enums import Group, Period, Shape
from oversight.measures.days import HAD, WAS, between, on
from oversight.measures.due import WHOSE, in_time
from oversight.measures.measure import Measure, ids_in
from referrals.duties import ALL as OF_REFERRALS
from team.models import User

# The first day of each band of ages, in days since the record was raised: one and two rounds of reviews, half a year.
AGES = {0: "Less than 6 weeks", 42: "6 to 12 weeks", 84: "12 weeks to half a year", 183: "Half a year to a year"}
AGES |= {365: "More than a year"}

LEVELS = {**{level.value: str(level.label) for level in reversed(Level)}, "none": "No level set yet"}
NOBODY = "nobody"

OPEN = Measure(
    code="open_records",
    group=Group.RECORDS,
    name="Open records",
    question="How much is on the team’s hands, and how grave is it?",
    definition="Records that were open at the end of the month, by the level of risk that the last CRAM set.",
    source="The record and its history",
    period=Period.AT_END,
    shape=Shape.NUMBER,
    by="Level",
    parts=LEVELS,
    sql=f"""
    SELECT w.case_id, w.history_id AS subject, w.team_id, COALESCE(NULLIF(w.level, ''), 'none') AS part,
           w."on", w.until, TRUE AS counted, NULL::bigint AS minutes
    FROM ({WAS}) w
    WHERE w.state = 'open' AND w.until IS DISTINCT FROM w."on"
    """,
)

BY_AGE = Measure(
    code="open_by_age",
    group=Group.RECORDS,
    name="Open records by age",
    question="Does anything lie for too long?",
    definition="Records that are open now, by the days since they were raised.",
    source="The record",
    period=Period.NOW,
    shape=Shape.NUMBER,
    beside="open_records",
    by="Age",
    parts={str(first): name for first, name in AGES.items()},
    sql=f"""
    SELECT c.id AS case_id, c.id AS subject, c.team_id,
           (SELECT max(age) FROM unnest(ARRAY{list(AGES)}) AS age
            WHERE age <= GREATEST(%(today)s - (c.raised_at AT TIME ZONE 'Europe/London')::date, 0))::text AS part,
           (c.raised_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM cases_case c
    WHERE c.id = ANY(%(cases)s) AND c.state = 'open'
    """,
)


def _officers(parts: set[str]) -> dict[str, str]:
    """Nobody first; then who is officer in case, by name. One query."""
    rows = User.objects.filter(pk__in=ids_in(parts))
    return {NOBODY: "Nobody"} | {
        str(user.pk): str(user) for user in rows.order_by("family_name", "given_names", "pk")
    }


BY_OFFICER = Measure(
    code="open_by_officer",
    group=Group.RECORDS,
    name="Open records by officer in case",
    question="Who carries how much, and what does nobody carry?",
    definition="Records that are open now, by their officer in case. Nobody: of many referrals no officer is "
    "needed, because Social Services deal with them or nothing but information came.",
    source="The record",
    period=Period.NOW,
    shape=Shape.NUMBER,
    beside="open_records",
    by="Officer in case",
    parts=_officers,
    sql=f"""
    SELECT c.id AS case_id, c.id AS subject, c.team_id,
           COALESCE(c.officer_in_case_id::text, '{NOBODY}') AS part,
           {on("c.raised_at")} AS "on", NULL::date AS until, TRUE AS counted, NULL::bigint AS minutes
    FROM cases_case c
    WHERE c.id = ANY(%(cases)s) AND c.state = 'open'
    """,
)

# Every kind of duty that CAIT knows.
KINDS = (*OF_REFERRALS, *OF_CRAM, BEFORE_CONFERENCE, *OF_CONFERENCES, ACTION, CLOSURE, TRANSFER, FOUND)


def kinds_named(parts: set[str]) -> dict[str, str]:
    """Kinds of duties by what they are called; one that no room knows any more by its bare code."""
    known = {part: kind.label if (kind := kind_of(part)) else part for part in parts}
    return dict(sorted(known.items(), key=lambda each: each[1]))


def overdue(also: str, *, part: str = "d.kind") -> str:
    """The SQL of what was overdue at the end of each day. `also`: which duties; the duty is `d`."""
    late, ended = f"GREATEST({on('d.late_from')}, {on('d.raised_at')})", on("d.ended_at")
    return f"""
    SELECT o.case_id, o.subject, o.team_id, o.part, lower(o.days) AS "on", upper(o.days) AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM (
        SELECT d.case_id, d.id AS subject, h.team_id, {part} AS part,
               unnest(h.days * {between(late, ended)}) AS days
        FROM diary_duty d JOIN ({HAD}) h ON h.case_id = d.case_id
        WHERE d.case_id = ANY(%(cases)s) AND d.late_from <= %(until)s
          AND (d.ended_at IS NULL OR d.ended_at > d.late_from) {also}
    ) o
    """


OVERDUE = Measure(
    code="overdue",
    group=Group.RECORDS,
    name="Overdue duties",
    question="What was not done by its time, and is still not done?",
    definition="Duties whose time had passed and that were still to be done at the end of the month, by what is "
    "to be done. One that was made up for on the day on which it became late does not count, nor does one that "
    "came in with an old log.",
    source="The duties of the records",
    period=Period.AT_END,
    shape=Shape.NUMBER,
    by="What is to be done",
    parts=kinds_named,
    fewer_is_better=True,
    sql=overdue("AND NOT d.from_before"),
)

OVERDUE_FROM_OLD_LOGS = Measure(
    code="overdue_from_old_logs",
    group=Group.RECORDS,
    name="Overdue from old logs",
    question="How much that old logs left open is still to be settled?",
    definition="Duties that came in with an old log, were due before the team worked with CAIT, and were still to "
    "be done at the end of the month, by what is to be done.",
    source="The duties of the records that old logs brought in",
    period=Period.AT_END,
    shape=Shape.NUMBER,
    by="What is to be done",
    parts=kinds_named,
    fewer_is_better=True,
    sql=overdue("AND d.from_before"),
)

IN_TIME = Measure(
    code="duties_in_time",
    group=Group.RECORDS,
    name="Duties done in time",
    question="Is what must be done by a time done by then?",
    definition="Of the duties that were done, or whose time was over, those that were done in time, by what is to "
    "be done. One done in time counts on the day on which it was done, any other on the day on which it was due. "
    "What fell away before its time was over does not count, nor does what came in with an old log, or was raised "
    f"only when its time was over, as when a record is opened again. {WHOSE}",
    source="The duties of the records",
    period=Period.MONTH,
    shape=Shape.SHARE,
    by="What is to be done",
    parts=kinds_named,
    was="done in time",
    of="duties done, or not done by their time",
    fewer_is_better=False,
    sql=in_time([kind.code for kind in KINDS], part="d.kind", also="AND d.late_from >= d.raised_at"),
)

MEASURES = (OPEN, BY_AGE, BY_OFFICER, OVERDUE, OVERDUE_FROM_OLD_LOGS, IN_TIME)
