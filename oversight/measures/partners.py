"""What Social Services are asked for and tell us. A team asks the Social Services of its borough: the figure of a
team is that of its partner."""

from __future__ import annotations

from cases.enums import Partner
from oversight.enums import Group, Period, Shape
from oversight.measures.measure import Measure
from oversight.measures.whose import team_at
from referrals.duties import UPDATE
from referrals.enums import Came

# Whom CAIT chases by itself.
PARTNERS = {Partner.SOCIAL_SERVICES.value: str(Partner.SOCIAL_SERVICES.label)}

# What a request was answered with: the first update about it that is not judged to be no answer.
_ANSWERED = """
    LEFT JOIN LATERAL (
        SELECT min(a.received_at) AS at FROM referrals_answer a
        WHERE a.duty_id = d.id AND a.judgement <> 'no_answer'
    ) a ON TRUE
    LEFT JOIN diary_chase c ON c.duty_id = d.id
"""

# Whose the record was when it was decided how it went: when the update came, or when it became late; but not before
# it was asked for, as what is recorded late may have come before.
_WHOSE = team_at(
    "d.case_id",
    "GREATEST(LEAST(COALESCE(a.at, d.ended_at), d.late_from), d.raised_at)",
    otherwise="d.team_id",
)

IN_TIME = Measure(
    code="updates_in_time",
    group=Group.PARTNERS,
    name="Updates in time",
    question="Do Social Services tell us within 14 days what we asked?",
    definition="Of the updates that Social Services were asked for after the decision “Social Services only”, those "
    "that came by their date, 14 days from the decision as the limit is set, whenever they were judged. One that "
    "came counts on the day on which it was received, and if that was late on the day on which it was due; one that "
    "has not come counts from when it is late. What came and did not answer the question is no update. A request "
    "that fell away before it was late counts nowhere, nor does one of an old log. How long it took is measured "
    "from the request. It counts for the team that had the record when the update came or, if that was late, when it "
    "became late. An update that waits to be judged counts as one that came: if it is judged later to be no answer, "
    "or is only recorded later, the month in which it came may change.",
    source="Requests to Social Services and their updates (HMIC 2010, AFI 2 and 19)",
    period=Period.MONTH,
    shape=Shape.SHARE,
    by="Partner",
    parts=PARTNERS,
    sql=f"""
    SELECT d.case_id, d.id AS subject, {_WHOSE} AS team_id, COALESCE(c.partner, '{Partner.SOCIAL_SERVICES}') AS part,
           LEAST((COALESCE(a.at, d.ended_at) AT TIME ZONE 'Europe/London')::date, d.due_on) AS "on",
           NULL::date AS until,
           COALESCE(a.at < d.late_from, d.state = 'satisfied' AND d.ended_at < d.late_from) AS counted,
           -- What is recorded late may have come before the request was.
           CASE WHEN a.at IS NOT NULL THEN GREATEST(EXTRACT(EPOCH FROM a.at - d.raised_at) / 60, 0)::bigint END
               AS minutes
    FROM diary_duty d {_ANSWERED}
    WHERE d.case_id = ANY(%(cases)s) AND d.kind = '{UPDATE.code}' AND NOT d.from_before
      AND (a.at IS NOT NULL OR d.state = 'satisfied' OR d.late_from <= LEAST(d.ended_at, %(until)s))
    """,
    was="came in time",
    of="updates asked for",
    fewer_is_better=False,
    timed=True,
    page="referrals:social_services",
)

# Whether a chase had gone to more than the first address of the ladder when an update (`a`) was received. A form
# shows minutes: what went in the same minute had gone (`referrals.actions.record_update`).
_ESCALATED = """EXISTS (
        SELECT FROM diary_step s
        JOIN diary_mail m ON m.step_id = s.id AND m.state = 'sent'
        JOIN diary_rung g ON g.id = m.rung_id AND g.number > 1
        WHERE s.duty_id = a.duty_id AND s.number >= 1
          AND m.sent_at < date_trunc('minute', a.received_at) + interval '1 minute'
    )"""
ESCALATED = "escalated"

_CAME = f"""
    SELECT a.case_id, a.id AS subject, {team_at("a.case_id", "a.recorded_at", otherwise="r.team_id")} AS team_id,
           {{part}} AS part, (a.received_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM referrals_answer a JOIN referrals_referral r ON r.case_id = a.case_id
    WHERE a.case_id = ANY(%(cases)s) AND r.case_id = ANY(%(cases)s)
"""

CAME = Measure(
    code="updates",
    group=Group.PARTNERS,
    name="Updates received",
    question="What does it take until Social Services tell us something?",
    definition="Every update from Social Services that was recorded, on the day on which it was received, whatever "
    "was judged of it, by what had been sent to them until then: nothing; the request alone; a chase; a chase to "
    "somebody higher than the first address. It counts for the team that recorded it. Of an old log it is only "
    "known that it came.",
    source="Updates on the record and the emails sent before them (HMIC 2010, AFI 19)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="What brought it about",
    parts={
        Came.UNASKED.value: "Unasked",
        Came.ON_REQUEST.value: "On request",
        Came.CHASED.value: "After a chase",
        ESCALATED: "After a chase higher up",
        Came.NOT_SAID.value: "Before CAIT",
    },
    sql=_CAME.format(part=f"CASE WHEN a.came = '{Came.CHASED}' AND {_ESCALATED} THEN '{ESCALATED}' ELSE a.came END"),
    page="referrals:social_services",
)

CAME_BY_PARTNER = Measure(
    code="updates_by_partner",
    group=Group.PARTNERS,
    name="Updates received by partner",
    question="Who tells us something?",
    definition="Every update that was recorded, on the day on which it was received, by the partner who was asked; "
    "one that nobody was asked for, by the partner that it came from. It counts for the team that recorded it.",
    source="Updates on the record (HMIC 2010, AFI 19)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    beside="updates",
    by="Partner",
    parts=PARTNERS,
    # Updates that nobody asked for come from Social Services alone.
    sql=_CAME.format(
        part=f"""COALESCE((
            SELECT c.partner FROM diary_chase c WHERE c.duty_id = a.duty_id LIMIT 1
        ), '{Partner.SOCIAL_SERVICES}')"""
    ),
    page="referrals:social_services",
)

_SENT = """
    SELECT m.case_id, m.id AS subject, g.team_id, {part} AS part,
           (m.sent_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM diary_mail m
    JOIN diary_step s ON s.id = m.step_id AND s.number >= 1
    JOIN diary_rung g ON g.id = m.rung_id
    WHERE m.case_id = ANY(%(cases)s) AND m.state = 'sent'
"""

CHASES = Measure(
    code="chases_sent",
    group=Group.PARTNERS,
    name="Chases sent",
    question="How often must we remind Social Services, and how high up?",
    definition="Every email that was sent to Social Services to remind them of an update, on the day on which it "
    "went. The request itself is none, nor is what was written and not sent. The first chase goes to the address "
    "that was asked, each later one a step higher.",
    source="The emails to partners (HMIC 2010, AFI 2 and 19)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    by="To whom",
    parts={"first": "The first address", ESCALATED: "Somebody higher up"},
    sql=_SENT.format(part=f"CASE WHEN g.number > 1 THEN '{ESCALATED}' ELSE 'first' END"),
    fewer_is_better=True,
    page="referrals:social_services",
)

CHASES_BY_PARTNER = Measure(
    code="chases_by_partner",
    group=Group.PARTNERS,
    name="Chases sent by partner",
    question="Whom must we remind?",
    definition="Every email that was sent to remind a partner of an update, on the day on which it went, by the "
    "partner. The request itself is none, nor is what was written and not sent.",
    source="The emails to partners (HMIC 2010, AFI 2 and 19)",
    period=Period.MONTH,
    shape=Shape.NUMBER,
    beside="chases_sent",
    by="Partner",
    parts=PARTNERS,
    sql=_SENT.format(part="g.partner"),
    fewer_is_better=True,
    page="referrals:social_services",
)

# For how many days an update is late, from the first of each band; when it gets there `oversight.measures.turning`
# says.
LATE = {0: "Up to a week late", 7: "1 to 2 weeks late", 14: "2 to 4 weeks late", 28: "4 weeks late or more"}

OUTSTANDING = Measure(
    code="updates_outstanding",
    group=Group.PARTNERS,
    name="Updates outstanding",
    question="What do Social Services owe us now, and since when?",
    definition="The updates that Social Services were asked for and that have not come, or are not judged to be an "
    "answer yet, on open records now, by how late they are today. Those that were asked for before the team worked "
    "with CAIT stand apart.",
    source="Requests to Social Services that are open (HMIC 2010, AFI 2)",
    period=Period.NOW,
    shape=Shape.NUMBER,
    by="How late",
    parts={"due": "Not late", **{str(first): name for first, name in LATE.items()}, "before": "From an old log"},
    sql=f"""
    SELECT d.case_id, d.id AS subject, d.team_id,
           CASE WHEN d.from_before THEN 'before'
                WHEN d.late_from > %(until)s THEN 'due'
                ELSE (SELECT max(days) FROM unnest(ARRAY{list(LATE)}) AS days
                      WHERE days <= %(today)s - (d.late_from AT TIME ZONE 'Europe/London')::date)::text END AS part,
           (d.raised_at AT TIME ZONE 'Europe/London')::date AS "on", NULL::date AS until,
           TRUE AS counted, NULL::bigint AS minutes
    FROM diary_duty d
    WHERE d.case_id = ANY(%(cases)s) AND d.kind = '{UPDATE.code}' AND d.state = 'open'
    """,
    fewer_is_better=True,
    page="referrals:social_services",
)

MEASURES = (IN_TIME, CAME, CAME_BY_PARTNER, CHASES, CHASES_BY_PARTNER, OUTSTANDING)
