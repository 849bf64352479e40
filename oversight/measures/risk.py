"""The risk on the records: whether it is reviewed in time, what nobody manages, and what is not known."""

from __future__ import annotations

from cram.duties import BEFORE_CONFERENCE, GAP, REVIEW
from oversight.enums import Group, Period, Shape
from oversight.measures.days import HAD, OPEN, between, on, then
from oversight.measures.due import WHOSE, in_time
from oversight.measures.measure import Measure
from oversight.measures.records import LEVELS, overdue

# What was raised only when its time was over, as when a record is opened again, is not held against anybody
# (`cram.turns.missed`).
_IN_ITS_TIME = "AND d.late_from >= d.raised_at"
_COUNTS = (
    "One done in time counts on the day on which it was done, any other on the day on which it was due. What fell "
    "away before its time was over does not count, nor does what came in with an old log, or was raised only when "
    f"its time was over, as when a record is opened again. {WHOSE}"
)

REVIEWS = Measure(
    code="reviews_in_time",
    group=Group.RISK,
    name="CRAM reviews in time",
    question="Is risk looked at again within 42 days?",
    definition="Of the CRAM reviews that were done, or whose time was over, those that were sent in time: within "
    f"42 days of the last CRAM, or by the core group to which they were brought forward. {_COUNTS}",
    source="The reviews that fell due (HMIC 2010, AFI 1 and 6)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    was="in time",
    of="CRAM reviews done, or not done by their time",
    fewer_is_better=False,
    page="cram:assess",
    sql=in_time([REVIEW.code], also=_IN_ITS_TIME),
)

BEFORE_CONFERENCES = Measure(
    code="conference_crams_in_time",
    group=Group.RISK,
    name="CRAMs before conferences in time",
    question="Is risk looked at before each conference, soon enough for the report?",
    definition="Of the CRAMs before initial and review conferences that were done, or whose time was over, those "
    "that were sent in time: 3 working days before an initial conference, 6 before a review, as the limits were "
    f"when it was booked. {_COUNTS}",
    source="The CRAMs that conferences asked for (HMIC 2010, AFI 1)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    by="Conference",
    parts={"initial": "Before an initial conference", "review": "Before a review conference"},
    was="in time",
    of="CRAMs before conferences done, or not done by their time",
    fewer_is_better=False,
    page="cram:assess",
    sql=in_time(
        [BEFORE_CONFERENCE.code],
        part="CASE WHEN m.kind = 'review' THEN 'review' ELSE 'initial' END",
        joined="JOIN conferences_conference m ON m.id = d.subject",
        also=_IN_ITS_TIME,
    ),
)

FIRST_LEVELS = Measure(
    code="first_cram_levels",
    group=Group.RISK,
    name="First CRAMs by level",
    question="How grave is what comes in?",
    definition="First CRAMs that were sent for endorsement in the month, by the level of risk that they set. One "
    "that was returned and put right counts once, when it was first sent, with the level that it set then.",
    source="The first CRAMs (HMIC 2010, AFI 6)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="Level",
    parts={value: name for value, name in LEVELS.items() if value != "none"},
    page="cram:assess",
    sql=f"""
    SELECT a.case_id, a.id AS subject,
           COALESCE({then("team_id", "a.case_id", "a.first_submitted_at")}, c.team_id) AS team_id,
           -- As the line says that the first sending wrote; the level may have been put right since.
           COALESCE((SELECT h.level FROM cram_historicalassessment h
                     WHERE h.id = a.id AND h.first_submitted_at IS NOT NULL ORDER BY h.history_id LIMIT 1),
                    a.level) AS part,
           {on("a.first_submitted_at")} AS "on", NULL::date AS until, TRUE AS counted, NULL::bigint AS minutes
    FROM cram_assessment a JOIN cases_case c ON c.id = a.case_id
    WHERE a.case_id = ANY(%(cases)s) AND c.id = ANY(%(cases)s)
      AND a.kind = 'first' AND a.first_submitted_at IS NOT NULL
    """,
)

# The days on which a control measure managed each risk: it was found to work, by what was last said of it, it had
# begun, its last day was not over, and it had not been ended. As each was then, by its field history.
_MANAGED = f"""
    SELECT l.risk_id, range_agg(daterange(l."on", l.next) * daterange(l.from_on, l.until, '[]')) AS days
    FROM (
        SELECT h.risk_id, h.works, h.ended_at, h.from_on, h.until, {on("h.history_date")} AS "on",
               {on("lead(h.history_date) OVER (PARTITION BY h.id ORDER BY h.history_date, h.history_id)")} AS next
        FROM cram_measure m JOIN cram_historicalmeasure h ON h.id = m.id
        WHERE m.case_id = ANY(%(cases)s)
    ) l
    WHERE l.works = 'yes' AND l.ended_at IS NULL
    GROUP BY l.risk_id
"""

UNMANAGED = Measure(
    code="unmanaged_risks",
    group=Group.RISK,
    name="Unmanaged risks",
    question="Which children are at a risk that nothing holds?",
    definition="Risks on open records that no control measure managed at the end of the month. A control measure "
    "manages a risk from the day on which somebody found that it works, within the days for which it was set, "
    "until somebody finds otherwise or ends it. A risk that was identified and managed on the same day does not "
    "count.",
    source="The risks and control measures of the records (HMIC 2010, AFI 1 and 2)",
    period=Period.AT_END,
    shape=Shape.NUMBER,
    fewer_is_better=True,
    page="cram:risks",
    # Whether a control measure will run out, or begin, is not told before its day.
    sql=f"""
    SELECT u.case_id, u.subject, u.team_id, '' AS part, lower(u.days) AS "on",
           CASE WHEN upper(u.days) <= %(today)s THEN upper(u.days) END AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM (
        SELECT r.case_id, r.id AS subject, o.team_id,
               unnest(o.days * {between(on("r.identified_at"), on("r.ended_at"))}
                      * datemultirange(daterange(NULL, %(today)s, '(]'))
                      - COALESCE(m.days, '{{}}'::datemultirange)) AS days
        FROM cram_risk r JOIN ({OPEN}) o ON o.case_id = r.case_id LEFT JOIN ({_MANAGED}) m ON m.risk_id = r.id
        WHERE r.case_id = ANY(%(cases)s)
    ) u
    """,
)

GAPS = Measure(
    code="open_gaps",
    group=Group.RISK,
    name="Open intelligence gaps",
    question="How much that matters is not known?",
    definition="Intelligence gaps that were open at the end of the month: what was asked and is not known, until "
    "it is answered or somebody says why it is no longer needed.",
    source="The intelligence gaps of the records (HMIC 2010, AFI 1)",
    period=Period.AT_END,
    shape=Shape.NUMBER,
    by="How it was raised",
    parts={"factor": "By an answer “not known” in a CRAM", "hand": "By hand"},
    page="cram:gaps",
    sql=f"""
    SELECT g.case_id, g.subject, g.team_id, g.part, lower(g.days) AS "on", upper(g.days) AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM (
        SELECT g.case_id, g.id AS subject, h.team_id, CASE WHEN g.factor = '' THEN 'hand' ELSE 'factor' END AS part,
               unnest(h.days * {between(on("g.raised_at"), on("g.ended_at"))}) AS days
        FROM cram_gap g JOIN ({HAD}) h ON h.case_id = g.case_id
        WHERE g.case_id = ANY(%(cases)s)
    ) g
    """,
)

GAPS_OVERDUE = Measure(
    code="overdue_gaps",
    group=Group.RISK,
    name="Overdue intelligence gaps",
    question="What should be known by now?",
    definition="Intelligence gaps that were open at the end of the month though the day by which somebody was to "
    "find out had passed. One that was given another day counts again when that has passed too.",
    source="The intelligence gaps of the records (HMIC 2010, AFI 1)",
    period=Period.AT_END,
    shape=Shape.NUMBER,
    fewer_is_better=True,
    page="cram:gaps",
    sql=overdue(f"AND d.kind = '{GAP.code}' AND NOT d.from_before", part="''"),
)

MEASURES = (REVIEWS, BEFORE_CONFERENCES, FIRST_LEVELS, UNMANAGED, GAPS, GAPS_OVERDUE)
