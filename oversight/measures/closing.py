"""How records come and go: raised, closed, opened again, transferred; and what keeps them open."""

from __future__ import annotations

from cases.enums import ClosureState
from oversight.enums import Group, Period, Shape
from oversight.measures.days import WAS, on, then, there
from oversight.measures.measure import Measure, ids_in
from oversight.measures.records import KINDS, LEVELS
from team.models import Team

# --- in the month --------------------------------------------------------------------------------

RAISED = Measure(
    code="records_raised",
    group=Group.RECORDS,
    name="Records raised",
    question="How many records come to be?",
    definition="Records that were raised in the month, for the team that raised them: one for each referral that "
    "is logged, and one for each that was brought in from an old log, on the day on which it was brought in.",
    source="The record and its history",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="How it came",
    parts={"cait": "A referral that was logged", "old_log": "Brought in from an old log"},
    sql=f"""
    SELECT h.id AS case_id, h.id AS subject, h.team_id,
           CASE WHEN {there("referrals_referral r WHERE r.case_id = h.id AND r.old_urn <> ''")}
                THEN 'old_log' ELSE 'cait' END AS part,
           {on("h.history_date")} AS "on", NULL::date AS until, TRUE AS counted, NULL::bigint AS minutes
    FROM cases_historicalcase h
    WHERE h.id = ANY(%(cases)s) AND h.history_type = '+'
    """,
)

_AT = "k.case_id", "k.answered_at"

CLOSED = Measure(
    code="records_closed",
    group=Group.RECORDS,
    name="Records closed",
    question="How many records come to an end, and after how long?",
    definition="Records whose closure was agreed in the month, by the level of risk that they had then. How long: "
    "from the day on which the record was raised in CAIT. One that was opened again, and closed again, counts "
    "each time.",
    source="The requests to close records, and their answers (HMIC 2010, AFI 2)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="Level",
    parts=LEVELS,
    timed=True,
    page="cases:closure",
    sql=f"""
    SELECT k.case_id, k.id AS subject, COALESCE({then("team_id", *_AT)}, c.team_id) AS team_id,
           COALESCE(NULLIF({then("level", *_AT)}, ''), 'none') AS part, {on("k.answered_at")} AS "on",
           NULL::date AS until, TRUE AS counted,
           (EXTRACT(EPOCH FROM k.answered_at - c.raised_at) / 60)::bigint AS minutes
    FROM cases_closure k JOIN cases_case c ON c.id = k.case_id
    WHERE k.case_id = ANY(%(cases)s) AND c.id = ANY(%(cases)s) AND k.state = '{ClosureState.AGREED}'
    """,
)

REFUSED = Measure(
    code="closures_refused",
    group=Group.RECORDS,
    name="Closures not agreed",
    question="Is closure asked for too early?",
    definition="Of the requests to close a record that a second person answered in the month, those that they did "
    "not agree to. Requests that were withdrawn do not count.",
    source="The requests to close records, and their answers (HMIC 2010, AFI 2)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    was="not agreed",
    of="requests to close that were answered",
    page="cases:closure",
    sql=f"""
    SELECT k.case_id, k.id AS subject, COALESCE({then("team_id", *_AT)}, c.team_id) AS team_id, '' AS part,
           {on("k.answered_at")} AS "on", NULL::date AS until, k.state = '{ClosureState.REFUSED}' AS counted,
           NULL::bigint AS minutes
    FROM cases_closure k JOIN cases_case c ON c.id = k.case_id
    WHERE k.case_id = ANY(%(cases)s) AND c.id = ANY(%(cases)s)
      AND k.state IN ('{ClosureState.AGREED}', '{ClosureState.REFUSED}')
    """,
)

REOPENED = Measure(
    code="records_reopened",
    group=Group.RECORDS,
    name="Records opened again",
    question="Are records closed too early?",
    definition="Closed records that were opened again in the month. One that was opened again twice counts twice.",
    source="The history of the record",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    sql=f"""
    SELECT h.case_id, h.history_id AS subject, h.team_id, '' AS part, h."on", NULL::date AS until, TRUE AS counted,
           NULL::bigint AS minutes
    FROM (SELECT w.*, lag(w.state) OVER (PARTITION BY w.case_id ORDER BY w.history_id) AS before FROM ({WAS}) w) h
    WHERE h.state = 'open' AND h.before = 'closed'
    """,
)


def _teams(parts: set[str]) -> dict[str, str]:
    """One query."""
    rows = Team.objects.filter(pk__in=ids_in(parts))
    return {str(team.pk): str(team) for team in rows.order_by("name")}


def _transferred(team: str, other: str) -> str:
    return f"""
    SELECT t.case_id, t.id AS subject, t.{team} AS team_id, t.{other}::text AS part, {on("t.answered_at")} AS "on",
           NULL::date AS until, TRUE AS counted, NULL::bigint AS minutes
    FROM cases_transfer t
    WHERE t.case_id = ANY(%(cases)s) AND t.state = 'accepted'
    """


TAKEN_OVER = Measure(
    code="records_taken_over",
    group=Group.RECORDS,
    name="Records taken over",
    question="How much comes from other teams?",
    definition="Records that this team took over from another in the month, by the team that had them.",
    source="The transfers of records",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="From",
    parts=_teams,
    sql=_transferred("to_team_id", "from_team_id"),
)

HANDED_OVER = Measure(
    code="records_handed_over",
    group=Group.RECORDS,
    name="Records handed over",
    question="How much goes to other teams?",
    definition="Records that another team took over from this one in the month, by the team that has them since.",
    source="The transfers of records",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="To",
    parts=_teams,
    sql=_transferred("from_team_id", "to_team_id"),
)

# --- now -----------------------------------------------------------------------------------------

_KNOWN = ", ".join(f"'{kind.code}'" for kind in KINDS)
_IN_THE_WAY = ", ".join(f"'{kind.code}'" for kind in KINDS if kind.in_the_way)

# What stands in the way, as the rooms say it (`cases.closure`): each open duty of such a kind, and what no duty is
# for. Of a risk: that no control measure manages it today. Of a child whose conference was adjourned: that they are
# on no plan, and that no later conference is booked or was held.
THINGS = f"""
    SELECT d.case_id, CASE WHEN d.kind IN ({_IN_THE_WAY}) THEN d.kind ELSE 'unknown' END AS part,
           d.raised_at AS since
    FROM diary_duty d
    WHERE d.case_id = ANY(%(cases)s) AND d.state = 'open'
      AND (d.kind IN ({_IN_THE_WAY}) OR d.kind NOT IN ({_KNOWN}))
    UNION ALL
    SELECT a.case_id, 'actions', a.added_at FROM cases_action a
    WHERE a.case_id = ANY(%(cases)s) AND a.state = 'open'
    UNION ALL
    SELECT t.case_id, 'transfer_asked', t.asked_at FROM cases_transfer t
    WHERE t.case_id = ANY(%(cases)s) AND t.state = 'asked'
    UNION ALL
    SELECT a.case_id, 'cram_under_way', a.started_at FROM cram_assessment a
    WHERE a.case_id = ANY(%(cases)s) AND a.state = 'under_way'
      AND ({there("cram_assessment b WHERE b.case_id = a.case_id AND b.submitted_at IS NOT NULL")}
           OR NOT {there("referrals_referral r WHERE r.case_id = a.case_id AND r.old_urn = ''")})
    UNION ALL
    SELECT r.case_id, 'unmanaged', r.identified_at FROM cram_risk r
    WHERE r.case_id = ANY(%(cases)s) AND r.ended_at IS NULL
      AND NOT EXISTS (SELECT FROM cram_measure m
                      WHERE m.case_id = ANY(%(cases)s) AND m.risk_id = r.id AND m.works = 'yes' AND m.ended_at IS NULL
                        AND m.from_on <= %(today)s AND (m.until IS NULL OR m.until >= %(today)s))
    UNION ALL
    SELECT m.case_id, 'check_overdue', (m.check_on + 1)::timestamp AT TIME ZONE 'Europe/London' FROM cram_measure m
    WHERE m.case_id = ANY(%(cases)s) AND m.works = 'yes' AND m.ended_at IS NULL AND m.check_on < %(today)s
      AND m.from_on <= %(today)s AND (m.until IS NULL OR m.until >= %(today)s)
    UNION ALL
    SELECT m.case_id, 'conference_booked', m.booked_at FROM conferences_conference m
    WHERE m.case_id = ANY(%(cases)s) AND m.state = 'booked'
    UNION ALL
    SELECT m.case_id, 'adjourned', m.starts_at
    FROM conferences_conference m JOIN conferences_conferencechild k ON k.conference_id = m.id
    WHERE m.case_id = ANY(%(cases)s) AND m.state = 'held'
      AND (SELECT o.outcome FROM conferences_outcomefor o
           WHERE o.conference_id = m.id AND o.child_id = k.child_id ORDER BY o.id DESC LIMIT 1) = 'adjourned'
      AND NOT EXISTS (SELECT FROM conferences_conferencechild l
                      JOIN conferences_conference n ON n.id = l.conference_id
                      WHERE l.child_id = k.child_id
                        AND (n.state = 'booked' OR n.state = 'held' AND (n.starts_at, n.id) > (m.starts_at, m.id)))
      AND NOT EXISTS (SELECT FROM conferences_plan p
                      WHERE p.child_id = k.child_id AND p.withdrawn_at IS NULL AND p.to_on IS NULL)
    UNION ALL
    SELECT p.case_id, 'on_a_plan', p.recorded_at FROM conferences_plan p
    WHERE p.case_id = ANY(%(cases)s) AND p.withdrawn_at IS NULL AND p.to_on IS NULL
    UNION ALL
    SELECT g.case_id, 'core_group_planned', g.planned_at FROM conferences_coregroup g
    WHERE g.case_id = ANY(%(cases)s) AND g.state = 'planned'
"""

IN_THE_WAY = Measure(
    code="in_the_way",
    group=Group.RECORDS,
    name="What stands in the way of closure",
    question="What keeps records open?",
    definition="Each kind of thing that stands in the way of closing an open record now, once for each record, "
    "however many of the kind there are. Several may stand in the way of one record, so the whole is more than "
    "the records.",
    source="The same checks that closing a record makes (HMIC 2010, AFI 2)",
    period=Period.NOW,
    shape=Shape.NUMBER,
    by="What stands in the way",
    parts={
        **{kind.code: kind.in_the_way for kind in KINDS if kind.in_the_way},
        "cram_under_way": "A CRAM is under way",
        "unmanaged": "A risk is unmanaged",
        "check_overdue": "A check of a control measure is overdue",
        "actions": "Actions are still to do",
        "conference_booked": "A conference is booked",
        "adjourned": "A conference was adjourned, and none is booked since",
        "on_a_plan": "A child is on a child protection plan",
        "core_group_planned": "A core group is planned, and not recorded",
        "transfer_asked": "A transfer to another team waits for an answer",
        "unknown": "A duty that CAIT does not know is open",
    },
    page="cases:closure",
    sql=f"""
    SELECT c.id AS case_id, c.id AS subject, c.team_id, t.part, {on("min(t.since)")} AS "on", NULL::date AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM cases_case c JOIN ({THINGS}) t ON t.case_id = c.id
    WHERE c.id = ANY(%(cases)s) AND c.state = 'open'
    GROUP BY c.id, t.part
    """,
)

CAN_BE_CLOSED = Measure(
    code="can_be_closed",
    group=Group.RECORDS,
    name="Records that could be closed",
    question="What is only waiting to be closed?",
    definition="Open records of which nothing stands in the way of closure now, but whether a court case is "
    "concluded, which whoever asks for closure says.",
    source="The same checks that closing a record makes (HMIC 2010, AFI 2)",
    period=Period.NOW,
    shape=Shape.NUMBER,
    by="Whether closure is asked for",
    parts={"asked": "Closure is asked for, and waits for an answer", "not_asked": "Nobody has asked for closure"},
    page="cases:closure",
    sql=f"""
    SELECT c.id AS case_id, c.id AS subject, c.team_id,
           CASE WHEN {there("cases_closure k WHERE k.case_id = c.id AND k.state = 'asked'")}
                THEN 'asked' ELSE 'not_asked' END AS part,
           {on("c.raised_at")} AS "on", NULL::date AS until, TRUE AS counted, NULL::bigint AS minutes
    FROM cases_case c
    WHERE c.id = ANY(%(cases)s) AND c.state = 'open' AND NOT EXISTS (SELECT FROM ({THINGS}) t WHERE t.case_id = c.id)
    """,
)

MEASURES = (RAISED, CLOSED, REFUSED, REOPENED, TAKEN_OVER, HANDED_OVER, IN_THE_WAY, CAN_BE_CLOSED)
