"""Conferences and whether police were there; and the children on child protection plans, as the register has them."""

from __future__ import annotations

from conferences.enums import INITIALS, ConferenceKind, Missed, PlanCategory, PlanEnd
from conferences.figures import ATTENDANCE_TARGET, PARTS
from oversight.enums import Group, Period, Shape
from oversight.measures.days import had, on, there
from oversight.measures.measure import Measure
from oversight.measures.whose import team_at

_INITIALS = ", ".join(f"'{kind}'" for kind in INITIALS)
_INITIAL = f"m.kind IN ({_INITIALS})"

# Which conferences were held, as `conferences.figures` counts them: with the team that had the record then, on the
# London day on which they were.
_HELD = f"""
    SELECT m.case_id, m.id AS subject, m.team_id, {{part}} AS part, {on("m.starts_at")} AS "on", NULL::date AS until,
           {{counted}} AS counted, NULL::bigint AS minutes
    FROM conferences_conference m
    WHERE m.case_id = ANY(%(cases)s) AND m.state = 'held' {{also}}
"""
# What was sent before the conference was moved by months, and its preparation begun again, is not counted.
_SENT = """
    conferences_report r JOIN conferences_stepdone s ON s.conference_id = r.conference_id AND s.kind = 'cram'
    WHERE r.conference_id = m.id AND r.sent_at >= s.done_at AND
"""
_WAS_THERE = there(f"{_SENT} r.sent_at < m.starts_at")
_ON_TIME = there(f"{_SENT} r.on_time")

KINDS = {kind.value: str(kind.label) for kind in ConferenceKind}
_SOURCE = "The attendance that is recorded of each conference (HMIC 2010, AFI 8)"
_PAGE = "conferences:of_record"

HELD = Measure(
    code="conferences_held",
    group=Group.CONFERENCES,
    name=PARTS["held"].label,
    question="How many conferences were there?",
    definition="Initial and review conferences that were held in the month and of which it is recorded who "
    "attended. Conferences that were cancelled do not count.",
    source=_SOURCE,
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="Kind",
    parts=KINDS,
    page=_PAGE,
    sql=_HELD.format(part="m.kind", counted="TRUE", also=""),
)

ATTENDED = Measure(
    code="attendance",
    group=Group.CONFERENCES,
    name=PARTS["initial_attended"].label,
    question="Do police attend every initial conference?",
    definition=f"{PARTS['initial'].means} Of these, those that police attended: somebody from the police was there.",
    source=_SOURCE,
    period=Period.MONTH,
    shape=Shape.SHARE,
    by="Kind",
    parts={kind.value: str(kind.label) for kind in INITIALS},
    was="attended",
    of="initial conferences held",
    target=ATTENDANCE_TARGET,
    fewer_is_better=False,
    page=_PAGE,
    sql=_HELD.format(part="m.kind", counted="m.attended", also=f"AND {_INITIAL}"),
)

REVIEWS_ATTENDED = Measure(
    code="reviews_attended",
    group=Group.CONFERENCES,
    name=PARTS["review_attended"].label,
    question="How often do police attend a review?",
    definition="Review conferences that were held. Of these, those that police attended: somebody from the police "
    "was there. Reviews are attended case by case; where nobody goes, a report is sent instead.",
    source=_SOURCE,
    period=Period.MONTH,
    shape=Shape.SHARE,
    was="attended",
    of="review conferences held",
    page=_PAGE,
    sql=_HELD.format(part="''", counted="m.attended", also=f"AND NOT {_INITIAL}"),
)

REPORT_INSTEAD = Measure(
    code="report_instead",
    group=Group.CONFERENCES,
    name="Reviews with a report instead",
    question="Where police do not attend a review, does a report?",
    definition="Review conferences that were held and that nobody from the police attended. Of these, those to "
    "which a police report had been sent before they began.",
    source=_SOURCE,
    period=Period.MONTH,
    shape=Shape.SHARE,
    was="had a report instead",
    of="reviews that police did not attend",
    fewer_is_better=False,
    page=_PAGE,
    sql=_HELD.format(part="''", counted=_WAS_THERE, also=f"AND NOT {_INITIAL} AND NOT m.attended"),
)

MISSED = Measure(
    code="conferences_missed",
    group=Group.CONFERENCES,
    name="Conferences without police",
    question="Which conferences heard nothing from the police, and why?",
    definition="Initial conferences that nobody from the police attended, and review conferences that nobody "
    "attended and to which no police report had been sent before they began, by the reason why nobody was there.",
    source=_SOURCE,
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="Why nobody was there",
    parts={missed.value: str(missed.label) for missed in Missed},
    fewer_is_better=True,
    page=_PAGE,
    sql=_HELD.format(
        part="m.missed", counted="TRUE", also=f"AND NOT m.attended AND ({_INITIAL} OR NOT {_WAS_THERE})"
    ),
)

REPORTS = Measure(
    code="reports_on_time",
    group=Group.CONFERENCES,
    name=PARTS["on_time"].label,
    question="Does the police report come soon enough to be read?",
    definition=f"{PARTS['held'].means} Of these, those of which this is so: {PARTS['on_time'].means}",
    source="The police reports, and the dates that their conferences gave them (HMIC 2010, AFI 8)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    by="Conference",
    parts={"initial": "Initial conferences", "review": "Review conferences"},
    was="had a report on time",
    of="conferences held",
    fewer_is_better=False,
    page=_PAGE,
    sql=_HELD.format(part=f"CASE WHEN {_INITIAL} THEN 'initial' ELSE 'review' END", counted=_ON_TIME, also=""),
)

UNRECORDED = Measure(
    code="conferences_unrecorded",
    group=Group.CONFERENCES,
    name="Conferences not recorded yet",
    question="Of which conferences does nobody know yet who was there?",
    definition=f"{PARTS['unrecorded'].means} As it is now.",
    source=_SOURCE,
    period=Period.NOW,
    shape=Shape.NUMBER,
    by="Kind",
    parts=KINDS,
    fewer_is_better=True,
    page=_PAGE,
    sql=f"""
    SELECT m.case_id, m.id AS subject, m.team_id, m.kind AS part, {on("m.starts_at")} AS "on", NULL::date AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM conferences_conference m
    WHERE m.case_id = ANY(%(cases)s) AND m.state = 'booked' AND m.starts_at < %(until)s
    """,
)

RECORDED = Measure(
    code="conferences_recorded",
    group=Group.CONFERENCES,
    name="Conferences recorded",
    question="Is the attendance of the month whole yet?",
    definition="Of the conferences whose time came in the month, and that were not cancelled, those of which it is "
    "recorded who attended. Attendance is counted of these alone: as long as some are not recorded, it can still "
    "come out otherwise.",
    source=_SOURCE,
    period=Period.MONTH,
    shape=Shape.SHARE,
    by="Kind",
    parts=KINDS,
    was="recorded",
    of="conferences whose time has come",
    fewer_is_better=False,
    page=_PAGE,
    sql=f"""
    SELECT m.case_id, m.id AS subject, m.team_id, m.kind AS part, {on("m.starts_at")} AS "on", NULL::date AS until,
           m.state = 'held' AS counted, NULL::bigint AS minutes
    FROM conferences_conference m
    WHERE m.case_id = ANY(%(cases)s) AND (m.state = 'held' OR m.state = 'booked' AND m.starts_at < %(until)s)
    """,
)

# --- plans, as their register counts them (`conferences.register`) --------------------------------

CATEGORIES = {category.value: str(category.label) for category in PlanCategory}

ON_PLANS = Measure(
    code="on_plans",
    group=Group.CONFERENCES,
    name="Children on plans",
    question="How many children are on a child protection plan, and for what?",
    definition="Children who were on a child protection plan at the end of the month, by its category then: from "
    "the day on which the plan begins until the day before it ends, as it is known now. Plans that were recorded "
    "by mistake do not count. Each counts for the team that had its record then; before the record was raised, for "
    "the team that raised it.",
    source="The register of child protection plans (Working Together)",
    period=Period.AT_END,
    shape=Shape.NUMBER,
    by="Category",
    parts=CATEGORIES,
    page=_PAGE,
    # Of two categories from one day the later one counts. The first is there from the day on which the plan begins.
    sql=f"""
    SELECT o.case_id, o.subject, o.team_id, o.part, lower(o.days) AS "on", upper(o.days) AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM (
        SELECT p.case_id, p.id AS subject, h.team_id, k.category AS part,
               unnest(h.days * datemultirange(daterange(GREATEST(k.from_on, p.from_on), LEAST(k.next, p.to_on))))
                   AS days
        FROM conferences_plan p
        JOIN (
            SELECT c.plan_id, c.category, c.from_on,
                   lead(c.from_on) OVER (PARTITION BY c.plan_id ORDER BY c.from_on) AS next
            FROM (
                SELECT DISTINCT ON (c.plan_id, c.from_on) c.plan_id, c.category, c.from_on
                FROM conferences_categoryfrom c JOIN conferences_plan p ON p.id = c.plan_id
                WHERE p.case_id = ANY(%(cases)s)
                ORDER BY c.plan_id, c.from_on, c.id DESC
            ) c
        ) k ON k.plan_id = p.id
        JOIN ({had("conferences_plan")}) h ON h.case_id = p.case_id
        WHERE p.case_id = ANY(%(cases)s) AND p.withdrawn_at IS NULL
          AND (LEAST(k.next, p.to_on) IS NULL OR LEAST(k.next, p.to_on) > GREATEST(k.from_on, p.from_on))
    ) o
    """,
)

# A plan is recorded on the day on which it begins or later.
_BEGUN = f"""
    SELECT p.case_id, p.id AS subject, {team_at("p.case_id", "p.recorded_at", otherwise="p.team_id")} AS team_id,
           {{part}} AS part, p.from_on AS "on", NULL::date AS until, {{counted}} AS counted, NULL::bigint AS minutes
    FROM conferences_plan p
    WHERE p.case_id = ANY(%(cases)s) AND p.withdrawn_at IS NULL
"""
_WHOSE_BEGUN = "Each counts for the team that recorded it, though another may have the record by now."

PLANS_BEGUN = Measure(
    code="plans_begun",
    group=Group.CONFERENCES,
    name="Plans begun",
    question="How many children come on a plan, and for what?",
    definition="Child protection plans that began in the month, by the category with which they began. Plans that "
    f"were recorded by mistake do not count. {_WHOSE_BEGUN}",
    source="The register of child protection plans (Working Together)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="Category",
    parts=CATEGORIES,
    page=_PAGE,
    sql=_BEGUN.format(
        part="""(SELECT k.category FROM conferences_categoryfrom k
            WHERE k.plan_id = p.id AND k.from_on <= p.from_on ORDER BY k.from_on DESC, k.id DESC LIMIT 1)""",
        counted="TRUE",
    ),
)

REPEAT_PLANS = Measure(
    code="repeat_plans",
    group=Group.CONFERENCES,
    name="Repeat plans",
    question="Do children come on a plan again?",
    definition="Child protection plans that began in the month. Of these, those of children who had been on "
    "another plan before, however long ago, as far as CAIT knows. "
    f"{_WHOSE_BEGUN}",
    source="The register of child protection plans (Working Together)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    was="of a child who had been on a plan before",
    of="plans begun",
    fewer_is_better=True,
    page=_PAGE,
    sql=_BEGUN.format(
        part="''",
        counted="""EXISTS (SELECT FROM conferences_plan b
            WHERE b.child_id = p.child_id AND b.withdrawn_at IS NULL AND b.from_on < p.from_on)""",
    ),
)

PLANS_ENDED = Measure(
    code="plans_ended",
    group=Group.CONFERENCES,
    name="Plans ended",
    question="How many children come off a plan, why, and after how long?",
    definition="Child protection plans that ended in the month, by why they ended. How long: from the day on "
    "which the plan began. Plans that were recorded by mistake do not count.",
    source="The register of child protection plans (Working Together)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="Why it ended",
    parts={end.value: str(end.label) for end in PlanEnd},
    timed=True,
    page=_PAGE,
    sql="""
    SELECT p.case_id, p.id AS subject, p.team_id, p."end" AS part, p.to_on AS "on", NULL::date AS until,
           TRUE AS counted, (p.to_on - p.from_on)::bigint * 24 * 60 AS minutes
    FROM conferences_plan p
    WHERE p.case_id = ANY(%(cases)s) AND p.withdrawn_at IS NULL AND p.to_on IS NOT NULL
    """,
)

_ASSESSED_HERE = there("cram_assessment a WHERE a.case_id = p.case_id AND a.submitted_at IS NOT NULL")
_ASSESSED = there("""
    cases_caseperson k JOIN cram_assessment a ON a.case_id = k.case_id AND a.submitted_at IS NOT NULL
    WHERE k.person_id = p.child_id AND k.part = 'child' AND k.taken_off_at IS NULL
""")

ASSESSED = Measure(
    code="on_plans_assessed",
    group=Group.CONFERENCES,
    name="Children on plans with a CRAM",
    question="Is the risk to every child on a plan assessed?",
    definition="Children who are on a child protection plan now. Of these, those with a CRAM: one was sent for "
    "endorsement, whenever that was, on the record on which the plan is carried or on another that is about the "
    "child.",
    source="The register of child protection plans, and the CRAMs of the records (HMIC 2010, AFI 1 and 5)",
    period=Period.NOW,
    shape=Shape.SHARE,
    by="Category",
    parts=CATEGORIES,
    was="have a CRAM",
    of="children on plans",
    fewer_is_better=False,
    page=_PAGE,
    sql=f"""
    SELECT p.case_id, p.id AS subject, p.team_id,
           (SELECT k.category FROM conferences_categoryfrom k
            WHERE k.plan_id = p.id ORDER BY k.from_on DESC, k.id DESC LIMIT 1) AS part,
           p.from_on AS "on", NULL::date AS until,
           {_ASSESSED_HERE} OR {_ASSESSED} AS counted,
           NULL::bigint AS minutes
    FROM conferences_plan p
    WHERE p.case_id = ANY(%(cases)s) AND p.withdrawn_at IS NULL AND p.to_on IS NULL
    """,
)

MEASURES = (
    ATTENDED,
    REVIEWS_ATTENDED,
    RECORDED,
    REPORT_INSTEAD,
    MISSED,
    REPORTS,
    HELD,
    UNRECORDED,
    ON_PLANS,
    PLANS_BEGUN,
    PLANS_ENDED,
    REPEAT_PLANS,
    ASSESSED,
)
