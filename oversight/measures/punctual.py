"""How punctual Social Services are with conferences, as `conferences.timeliness` judges each of them, by the same
limits: 15 working days from the strategy discussion to the initial one, a review after 3 months, then every 6."""

from __future__ import annotations

from conferences.enums import INITIALS, ConferenceKind, Outcome
from conferences.timeliness import FIRST_REVIEW, INITIAL, KINDS, LATER_REVIEW
from deadlines import rules
from deadlines.enums import CountedFrom
from oversight.enums import Group, Period, Shape
from oversight.measures.days import on
from oversight.measures.measure import Measure

_INITIALS = ", ".join(f"'{kind}'" for kind in INITIALS)


def _limit(rule: rules.Rule, day: str, field: str = "value") -> str:
    """The SQL of a limit as it is for what happened on a day."""
    return f"""(
        SELECT l.{field} FROM deadlines_limit l
        WHERE l.rule = '{rule.code}' AND l.effective_from <= {day} ORDER BY l.effective_from DESC LIMIT 1
    )"""


def _put_off(conference: str, child: str) -> str:
    """The SQL of whether a conference decided nothing about a child: the last outcome that was recorded counts."""
    return f"""COALESCE((
        SELECT o.outcome = '{Outcome.ADJOURNED}' FROM conferences_outcomefor o
        WHERE o.conference_id = {conference} AND o.child_id = {child} ORDER BY o.id DESC LIMIT 1
    ), FALSE)"""


# It is in time where fewer working days than the limit lie between: then that day, or one after it, is the last.
_OF_AN_INITIAL = f"""
    SELECT '{INITIAL}' AS kind,
           (SELECT count(*) FROM generate_series(1, d.day - s.day - 1) AS n
            WHERE EXTRACT(isodow FROM s.day + n) < 6
              AND NOT EXISTS (SELECT FROM deadlines_bankholiday b WHERE b."on" = s.day + n)
           ) < {_limit(rules.INITIAL_CONFERENCE, "m.initiated_on")} AS in_time
    FROM (
        SELECT CASE WHEN m.discussed_on IS NULL
                      OR {_limit(rules.INITIAL_CONFERENCE, "m.initiated_on", "counted_from")}
                         = '{CountedFrom.INITIATING_DISCUSSION}'
               THEN m.initiated_on ELSE m.discussed_on END AS day
    ) s
    WHERE m.kind IN ({_INITIALS}) AND m.initiated_on IS NOT NULL
      AND (NOT EXISTS (SELECT FROM conferences_conferencechild k WHERE k.conference_id = m.id)
           OR EXISTS (SELECT FROM conferences_conferencechild k
                      WHERE k.conference_id = m.id AND NOT {_put_off("m.id", "k.child_id")}))
"""

# The conferences about a child (`k`) since the plan (`p`) began, and whether each was the initial one.
_SINCE_IT_BEGAN = f"""
    SELECT p.conference_on AS day, p.conference_was_initial AS initial WHERE p.conference_on IS NOT NULL
    UNION ALL
    SELECT h.day, h.id IS NOT DISTINCT FROM p.begun_at_id OR h.place = 1 AND h.kind = '{ConferenceKind.TRANSFER_IN}'
    FROM (
        SELECT e.id, e.kind, {on("e.starts_at")} AS day, row_number() OVER (ORDER BY e.starts_at, e.id) AS place
        FROM conferences_conferencechild j JOIN conferences_conference e ON e.id = j.conference_id
        WHERE j.child_id = k.child_id AND e.state = 'held' AND {on("e.starts_at")} >= p.from_on
          AND NOT {_put_off("e.id", "k.child_id")}
    ) h
"""

# Of several children the one whose review was due first; a child who was on no plan before says nothing.
_OF_A_REVIEW = f"""
    SELECT r.kind, d.day <= r.by AS in_time
    FROM (
        SELECT CASE WHEN b.initial THEN '{FIRST_REVIEW}' ELSE '{LATER_REVIEW}' END AS kind,
               (b.day + make_interval(months => CASE WHEN b.initial
                   THEN {_limit(rules.REVIEW_CONFERENCE_FIRST, "b.day")}
                   ELSE {_limit(rules.REVIEW_CONFERENCE_NEXT, "b.day")} END))::date AS by
        FROM conferences_conferencechild k
        CROSS JOIN LATERAL (
            SELECT p.* FROM conferences_plan p
            WHERE p.child_id = k.child_id AND p.withdrawn_at IS NULL AND p.from_on < d.day
              AND (p.to_on IS NULL OR p.to_on >= d.day)
            ORDER BY p.from_on, p.id LIMIT 1
        ) p
        LEFT JOIN LATERAL (
            SELECT e.day, e.initial FROM ({_SINCE_IT_BEGAN}) e WHERE e.day < d.day
            ORDER BY e.day DESC, e.initial DESC LIMIT 1
        ) b ON TRUE
        WHERE k.conference_id = m.id AND NOT {_put_off("m.id", "k.child_id")}
        ORDER BY 2 NULLS LAST, 1 LIMIT 1
    ) r
    WHERE m.kind NOT IN ({_INITIALS}) AND r.by IS NOT NULL
"""

CALLED = Measure(
    code="conferences_in_time",
    group=Group.PARTNERS,
    name="Conferences held in time",
    question="Do Social Services hold conferences by the day by which they must?",
    definition="Of the conferences that were held in the month, those that were held in time: an initial one within "
    "15 working days of the strategy discussion, the first review within 3 months of it, a later one within 6 months "
    "of the review before, as the limits are set. One whose discussion, or conference before, is not known counts "
    "nowhere here; nor does one that was adjourned without a decision, nor a review about no child who was on a plan "
    "before. Of several children the one whose review was due first counts.",
    source="The conferences that are recorded, and the plans (Working Together)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    by="Kind",
    parts=KINDS,
    was="held in time",
    of="conferences held",
    fewer_is_better=False,
    page="conferences:of_record",
    sql=f"""
    SELECT m.case_id, m.id AS subject, m.team_id, j.kind AS part, d.day AS "on", NULL::date AS until,
           j.in_time AS counted, NULL::bigint AS minutes
    FROM conferences_conference m
    CROSS JOIN LATERAL (SELECT {on("m.starts_at")} AS day) d
    CROSS JOIN LATERAL ({_OF_AN_INITIAL} UNION ALL {_OF_A_REVIEW}) j
    WHERE m.case_id = ANY(%(cases)s) AND m.state = 'held' AND j.in_time IS NOT NULL
    """,
)

MEASURES = (CALLED,)
