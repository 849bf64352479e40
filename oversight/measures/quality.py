"""How well reviews are done, and what is missing from the records."""

from __future__ import annotations

from cram.enums import AssessmentKind
from cram.quality import MEASURED
from oversight.enums import Group, Period, Shape
from oversight.measures.due import WHOSE, in_time
from oversight.measures.measure import Measure
from oversight.measures.whose import team_at
from referrals.duties import SUPERVISION

SUPERVISED = Measure(
    code="supervision_in_time",
    group=Group.QUALITY,
    name="Supervision in time",
    question="Are investigations supervised when they should be?",
    definition="Of the supervisions of an investigation that were done or had to be, those done in time: within 24 "
    "hours of its allocation, then after 7 days, then every 28 days, as the limits are set. One that was done "
    "counts on the day on which it was done, and if it was late on the day on which it was due; one that is not "
    "done counts from when it is late. One that another review of the record answered too was done. One that fell "
    f"away before it was late, as when the record was closed, counts nowhere. {WHOSE}",
    source="Supervisions and their duties (HMIC 2010, AFI 6; CAIT default)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    sql=in_time((SUPERVISION.code,)),
    was="done in time",
    of="supervisions",
    fewer_is_better=False,
)

_MEANS = {each.code: each.means for each in MEASURED}


def _of_reviews(code: str, field: str, *, name: str, question: str, was: str) -> Measure:
    """What was set down of each review when it was sent, as `cram.quality` counts it."""
    return _of_assessments(
        code,
        field,
        at="first_submitted_at",
        name=name,
        question=question,
        definition=f"{_MEANS[field]} Reviews are the 42-day ones and those before a conference; each counts on the "
        "day on which it was first sent. One that was returned and put right still counts then, as it was then.",
        was=was,
        of="reviews sent",
    )


def _of_assessments(code: str, field: str, *, at: str, **said: str) -> Measure:
    return Measure(
        code=code,
        group=Group.QUALITY,
        source="CRAMs, as they were when they were sent and endorsed (HMIC 2010, AFI 6)",
        period=Period.MONTH,
        shape=Shape.SHARE,
        by="Kind",
        parts={
            value: str(label)
            for value, label in AssessmentKind.choices
            if value != AssessmentKind.FIRST or at == "endorsed_at"
        },
        # What says nothing of a record, such as of a first CRAM whether research was repeated, is none.
        sql=f"""
        SELECT a.case_id, a.id AS subject, {team_at("a.case_id", f"a.{at}", otherwise="c.team_id")} AS team_id,
               a.kind AS part, (a.{at} AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
               a.{field} AS counted, NULL::bigint AS minutes
        FROM cram_assessment a JOIN cases_case c ON c.id = a.case_id
        WHERE a.case_id = ANY(%(cases)s) AND c.id = ANY(%(cases)s) AND a.{at} IS NOT NULL AND a.{field} IS NOT NULL
        """,
        fewer_is_better=False,
        page="cram:assess",
        **said,  # type: ignore[arg-type]
    )


ENDORSED = _of_assessments(
    "endorsed_in_time",
    "endorsed_in_time",
    at="endorsed_at",
    name="CRAMs endorsed in time",
    question="Does a supervisor look at each CRAM at once?",
    definition=f"{_MEANS['endorsed_in_time']} First CRAMs, 42-day reviews and those before a conference, each on "
    "the day on which it was endorsed. One that waits to be endorsed does not count yet; once it is late it stands "
    "among the overdue duties.",
    was="endorsed in time",
    of="CRAMs endorsed",
)

RESEARCHED = _of_reviews(
    "research_repeated",
    "research_repeated",
    name="Research repeated for the review",
    question="Do reviews rest on what is known now?",
    was="with research repeated",
)

CHECKED = _of_reviews(
    "measures_checked",
    "measures_checked",
    name="Control measures checked in the review",
    question="Does a review look whether what protects the child still works?",
    was="with every control measure checked",
)

SHARED = _of_reviews(
    "sharing_answered",
    "sharing_answered",
    name="Sharing answered in the review",
    question="Do Social Services hear what is new?",
    was="that answer who was told",
)

SPARED = Measure(
    code="reviews_spared",
    group=Group.QUALITY,
    name="Reviews spared",
    question="How many reviews did one review answer with another?",
    definition="Reviews that were not done on their own, because another review of the same record that fell due at "
    "about the same time answered them too: a CRAM review and a supervision. Each counts on the day on which it was "
    "answered.",
    source="Duties that were answered with another (HMIC 2010, AFI 4)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    sql="""
    SELECT d.case_id, d.id AS subject, d.team_id, '' AS part,
           (d.ended_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM diary_duty d
    WHERE d.case_id = ANY(%(cases)s) AND d.answered_with_id IS NOT NULL
    """,
)

# --- what is missing now -------------------------------------------------------------------------

# The children of an open record who are born, each once: whoever the record is about, and other children there.
_CHILDREN = """
    SELECT p.case_id, min(p.id) AS subject, c.team_id, '' AS part,
           (c.raised_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           bool_or({counted}) AS counted, NULL::bigint AS minutes
    FROM cases_caseperson p
    JOIN cases_case c ON c.id = p.case_id AND c.state = 'open'
    JOIN people_person n ON n.id = p.person_id AND n.birth_known <> 'unborn'
    WHERE p.case_id = ANY(%(cases)s) AND c.id = ANY(%(cases)s)
      AND p.part IN ('child', 'other_child') AND p.taken_off_at IS NULL
    GROUP BY p.case_id, p.person_id, c.team_id, c.raised_at
"""


def _of_children(code: str, *, counted: str, name: str, question: str, definition: str, was: str) -> Measure:
    return Measure(
        code=code,
        group=Group.QUALITY,
        name=name,
        question=question,
        definition=f"{definition} Of the children on records that are open now: those that the record is about, and "
        "other children there. A child on two open records counts twice; one who is not born yet does not count, "
        "nor does one who was taken off the record.",
        source="Who is on the record",
        period=Period.NOW,
        shape=Shape.SHARE,
        sql=_CHILDREN.format(counted=counted),
        was=was,
        of="children on open records",
        fewer_is_better=False,
        page="cases:people",
    )


BIRTHS = _of_children(
    "births_known",
    counted="n.birth_known = 'exact'",
    name="Dates of birth known",
    question="Do we know who each child is?",
    definition="Children whose date of birth is on the record; an age or a year alone is none.",
    was="with a date of birth",
)

ADDRESSES = _of_children(
    "addresses_known",
    counted="EXISTS (SELECT FROM people_residence h WHERE h.person_id = p.person_id)",
    name="Addresses of children known",
    question="Do we know where each child lives?",
    definition="Children of whom it was ever said where they live.",
    was="with an address",
)

MISSING = Measure(
    code="missing_now",
    group=Group.QUALITY,
    name="What is missing from open records",
    question="What must be put right on the records now?",
    definition="Each thing that is missing from a record that is open now: an officer in case, where it is decided "
    "to investigate and where it is not; a level of risk, which the first CRAM sets; the written confirmation of a "
    "telephone referral, which is not asked for of an old log. A record of which two things are missing counts "
    "twice, so that all together are things and not records.",
    source="The record and its referral",
    period=Period.NOW,
    shape=Shape.NUMBER,
    by="What is missing",
    parts={
        "officer": "Officer in case of an investigation",
        "no_officer": "Officer in case, no investigation",
        "level": "Level of risk",
        "confirmation": "Confirmation of a telephone referral",
    },
    sql="""
    SELECT c.id AS case_id, c.id AS subject, c.team_id, m.part,
           (c.raised_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM cases_case c
    JOIN referrals_referral r ON r.case_id = c.id
    CROSS JOIN LATERAL (
        SELECT r.progress = 'decided' AND r.decision IN ('joint', 'police') AS investigated
    ) i
    CROSS JOIN LATERAL (VALUES
        ('officer', c.officer_in_case_id IS NULL AND i.investigated),
        ('no_officer', c.officer_in_case_id IS NULL AND NOT i.investigated),
        ('level', c.level = ''),
        ('confirmation', r.method = 'telephone' AND r.confirmed_at IS NULL AND r.old_urn = '')
    ) m (part, missing)
    WHERE c.id = ANY(%(cases)s) AND r.case_id = ANY(%(cases)s) AND c.state = 'open' AND m.missing
    """,
    fewer_is_better=True,
)

MEASURES = (SUPERVISED, ENDORSED, RESEARCHED, CHECKED, SHARED, SPARED, BIRTHS, ADDRESSES, MISSING)
