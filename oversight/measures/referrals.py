"""What comes in, and how soon the desk deals with it."""

from __future__ import annotations

from cram.duties import FIRST
from oversight.enums import Group, Period, Shape
from oversight.measures.due import WHOSE, in_time
from oversight.measures.measure import Measure
from oversight.measures.whose import team_at
from referrals.duties import CONFIRMATION, TRIAGE
from referrals.enums import Category, DecisionKind, Held, Source

LOG = "The referral log"

# Referrals that came in with an old log count too: they were received, whoever wrote them down.
_RECEIVED = """
    SELECT r.case_id, r.id AS subject, r.team_id, {part} AS part,
           (r.received_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           {counted} AS counted, NULL::bigint AS minutes
    FROM referrals_referral r {joined}
    WHERE r.case_id = ANY(%(cases)s) {also}
"""


def _received(*, part: str = "''", counted: str = "TRUE", joined: str = "", also: str = "") -> str:
    return _RECEIVED.format(part=part, counted=counted, joined=joined, also=also)


RECEIVED = Measure(
    code="referrals",
    group=Group.DEMAND,
    name="Referrals received",
    question="How much comes in, and from whom?",
    definition="Every referral that reached the team, whatever its source or reason, on the day on which it was "
    "received. One whose record another team has by now still counts for the team that it reached. Where a caller "
    "whose identity is protected comes from is not told.",
    source=f"{LOG} (HMIC 2010, AFI 2)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="Source",
    # Where a protected caller comes from would say who they are, once the list of a source is opened.
    parts={value: str(label) for value, label in Source.choices} | {"protected": "A caller who is protected"},
    sql=_received(part="CASE WHEN r.protected THEN 'protected' ELSE r.source END"),
    page="referrals:referral",
)

BY_CATEGORY = Measure(
    code="referrals_by_category",
    group=Group.DEMAND,
    name="Kinds of harm referred",
    question="What are children referred for?",
    definition="Each kind of harm of each referral that reached the team, on the day on which it was received. A "
    "referral for neglect and for emotional harm counts twice, so that all together are kinds of harm and more than "
    "there are referrals.",
    source=LOG,
    period=Period.MONTH,
    shape=Shape.NUMBER,
    beside="referrals",
    by="Kind of harm",
    parts={value: str(label) for value, label in Category.choices},
    sql=_received(
        part="k.category", joined="CROSS JOIN LATERAL (SELECT DISTINCT unnest(r.categories) AS category) k"
    ),
    page="referrals:referral",
)

# "1-09": Monday, between nine and ten in the morning. Days as ISO counts them.
DAYS_OF_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = 24


def _hour(hour: int) -> str:
    """ "midnight", "9am", "midday", "5pm" """
    if hour % 12 == 0:
        return "midday" if hour == 12 else "midnight"
    return f"{hour % 12}{'am' if hour < 12 else 'pm'}"


BY_HOUR = Measure(
    code="referrals_by_hour",
    group=Group.DEMAND,
    name="Referrals by day and hour",
    question="When does the desk need people?",
    definition="Every referral that reached the team, by the day of the week and the hour at which it was received "
    "in London. One of an old log that gives no time is left out.",
    source=LOG,
    period=Period.MONTH,
    shape=Shape.NUMBER,
    beside="referrals",
    by="Day and hour",
    parts={
        f"{number}-{hour:02}": f"{name}, {_hour(hour)} to {_hour(hour + 1)}"
        for number, name in enumerate(DAYS_OF_WEEK, 1)
        for hour in range(HOURS)
    },
    sql=_received(
        part="to_char(r.received_at AT TIME ZONE 'Europe/London', 'ID-HH24')",
        # The day alone is kept as its beginning (`Referral.received_words`).
        also="AND NOT (r.old_urn <> '' AND (r.received_at AT TIME ZONE 'Europe/London')::time = '00:00')",
    ),
    page="referrals:referral",
)

AGAIN = Measure(
    code="re_referrals",
    group=Group.DEMAND,
    name="Referred again within 12 months",
    question="Do children come back to us whom we had let go?",
    definition="Of the referrals received, those of which a child that the record is about is also on the record of "
    "an earlier referral, to any team, that was received in the 12 months before. By who is on the records now: "
    "somebody who was taken off again does not count, nor do adults and other children there.",
    source=f"{LOG} and who is on the records (HMIC 2010, AFI 26)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    sql=_received(
        counted="""EXISTS (
            SELECT FROM cases_caseperson p
            JOIN cases_caseperson q ON q.person_id = p.person_id AND q.case_id <> p.case_id
                AND q.part = 'child' AND q.taken_off_at IS NULL
            JOIN referrals_referral e ON e.case_id = q.case_id
            WHERE p.case_id = r.case_id AND p.part = 'child' AND p.taken_off_at IS NULL
              AND (e.received_at, e.id) < (r.received_at, r.id)
              AND e.received_at >= ((r.received_at AT TIME ZONE 'Europe/London')::date - interval '12 months')
                  AT TIME ZONE 'Europe/London'
        )"""
    ),
    was="had been referred before",
    of="referrals received",
    fewer_is_better=True,
    page="cases:people",
)

DECIDED = Measure(
    code="decisions",
    group=Group.DESK,
    name="What was decided",
    question="What becomes of what comes in?",
    definition="Every decision about a referral, on the day on which it was made. A referral that is decided again, "
    "as when circumstances have changed, counts once more. It counts for the team that decided.",
    source=f"{LOG} (HMIC 2010, AFI 2)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="Decision",
    parts={value: str(label) for value, label in DecisionKind.choices},
    sql=f"""
    SELECT n.case_id, n.id AS subject, {team_at("n.case_id", "n.recorded_at", otherwise="r.team_id")} AS team_id,
           n.kind AS part, (n.decided_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM referrals_decision n JOIN referrals_referral r ON r.case_id = n.case_id
    WHERE n.case_id = ANY(%(cases)s) AND r.case_id = ANY(%(cases)s)
    """,
    page="referrals:referral",
)

# How long it took is measured from when the referral was received; of one of an old log that would say nothing.
_OF_THE_REFERRAL = "JOIN referrals_referral r ON r.case_id = d.case_id AND r.case_id = ANY(%(cases)s)"
_SINCE_RECEIPT = "CASE WHEN r.old_urn = '' THEN r.received_at END"
_WHEN = (
    "One that was done counts on the day on which it was done, and if it was late on the day on which it was due; "
    "one that is not done counts from when it is late. One that fell away before it was late counts nowhere. "
    f"{WHOSE}"
)

TRIAGED = Measure(
    code="triage_in_time",
    group=Group.DESK,
    name="Triage in time",
    question="Does somebody look at once at what comes in?",
    definition="Of the referrals that were triaged or had to be, those triaged in time: urgent ones within an hour "
    f"of receipt, others by the end of the next working day, as the limits are set. {_WHEN} How long it took is "
    "measured from receipt.",
    source=f"{LOG} and its duties; CAIT default",
    period=Period.MONTH,
    shape=Shape.SHARE,
    by="Urgency",
    parts={"urgent": "Logged as urgent", "other": "Not urgent"},
    sql=in_time(
        (TRIAGE.code,),
        part="CASE WHEN r.urgent THEN 'urgent' ELSE 'other' END",
        joined=_OF_THE_REFERRAL,
        since=_SINCE_RECEIPT,
    ),
    was="triaged in time",
    of="referrals to triage",
    fewer_is_better=False,
    timed=True,
    page="referrals:referral",
)

CONFIRMED = Measure(
    code="confirmed_in_time",
    group=Group.DESK,
    name="Telephone referrals confirmed in time",
    question="Are telephone referrals followed up in writing?",
    definition="Of the telephone referrals that were recorded as confirmed in writing or had to be, those that were "
    f"in time: by the end of the next working day, as the limit is set. {_WHEN}",
    source=f"{LOG} and its duties (HMIC 2010, AFI 2)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    sql=in_time((CONFIRMATION.code,)),
    was="confirmed in time",
    of="telephone referrals to confirm",
    fewer_is_better=False,
    page="referrals:referral",
)

DISCUSSED = Measure(
    code="strategy_discussions",
    group=Group.DESK,
    name="Joint enquiries and their strategy discussion",
    question="How soon do police and Social Services decide together?",
    definition="Referrals for which a joint section 47 enquiry was decided, on the day of the first such decision, "
    "for the team that decided. How long it took is measured from receipt to the first strategy discussion on the "
    "record, over the telephone or in a meeting. No time limit is set for it. Referrals of an old log are left out: "
    "it says nothing of discussions.",
    source="Decisions and strategy discussions on the record (HMIC 2010, AFI 2)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    sql=f"""
    SELECT n.case_id, n.id AS subject, {team_at("n.case_id", "n.recorded_at", otherwise="r.team_id")} AS team_id,
           '' AS part, (n.decided_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           TRUE AS counted,
           -- Typed to the minute, it may seem to lie before a receipt that is known to the second.
           CASE WHEN s.held_at IS NOT NULL
                THEN GREATEST(EXTRACT(EPOCH FROM s.held_at - r.received_at) / 60, 0)::bigint END AS minutes
    FROM (SELECT DISTINCT ON (case_id) * FROM referrals_decision
          WHERE case_id = ANY(%(cases)s) AND kind = 'joint' ORDER BY case_id, number) n
    JOIN referrals_referral r ON r.case_id = n.case_id AND r.case_id = ANY(%(cases)s) AND r.old_urn = ''
    CROSS JOIN LATERAL (SELECT min(held_at) AS held_at FROM referrals_strategy WHERE case_id = n.case_id) s
    """,
    timed=True,
)

SUPERVISED = Measure(
    code="strategy_supervised",
    group=Group.DESK,
    name="Strategy discussions with a supervisor",
    question="Does a police supervisor take part when it is decided together?",
    definition="Of the strategy discussions that were held, over the telephone or in a meeting, those in which a "
    "police supervisor took part. A referral may have several; each counts on the day on which it was held, for the "
    "team that recorded it.",
    source="Strategy discussions on the record (HMIC 2010, AFI 6 and 17)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    by="How it was held",
    parts={value: str(label) for value, label in Held.choices},
    sql=f"""
    SELECT s.case_id, s.id AS subject, {team_at("s.case_id", "s.recorded_at", otherwise="r.team_id")} AS team_id,
           s.how AS part, (s.held_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           s.supervisor_id IS NOT NULL AS counted, NULL::bigint AS minutes
    FROM referrals_strategy s JOIN referrals_referral r ON r.case_id = s.case_id
    WHERE s.case_id = ANY(%(cases)s) AND r.case_id = ANY(%(cases)s)
    """,
    was="with a supervisor",
    of="strategy discussions",
    fewer_is_better=False,
)

ASSESSED = Measure(
    code="first_cram_in_time",
    group=Group.DESK,
    name="First CRAM in time",
    question="Is the risk assessed when the referral comes in?",
    definition="Of the first CRAMs that were sent or had to be, those sent in time: within 24 hours of receipt, as "
    f"the limit is set. {_WHEN} How long it took is measured from receipt.",
    source="CRAMs and their duties (HMIC 2010, AFI 6; CAIT default)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    sql=in_time((FIRST.code,), joined=_OF_THE_REFERRAL, since=_SINCE_RECEIPT),
    was="sent in time",
    of="first CRAMs",
    fewer_is_better=False,
    timed=True,
    page="cram:assess",
)

MEASURES = (RECEIVED, BY_CATEGORY, BY_HOUR, AGAIN, DECIDED, TRIAGED, CONFIRMED, DISCUSSED, SUPERVISED, ASSESSED)
