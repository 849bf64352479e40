"""Every time limit, named: what starts it, what is counted, and who says so. One row of the handbook's table each.

The number itself is reference data (`Limit`); the unit is the rule's clock. "CAIT default" marks what no public
source fixes. Limits that hang together (chases, chained reviews) are worked out in `deadlines.schedules`.
"""

from deadlines.enums import Clock, Direction
from deadlines.rule import Rule

RULES: dict[str, Rule] = {}


def _rule(
    code: str,
    name: str,
    starts_with: str,
    clock: Clock,
    source: str,
    direction: Direction = Direction.AFTER,
    interval: bool = False,
    statutory_most: int | None = None,
) -> Rule:
    if code in RULES:
        raise ValueError(f"Two time limits are called {code}.")
    RULES[code] = Rule(
        code=code,
        name=name,
        starts_with=starts_with,
        clock=clock,
        source=source,
        direction=direction,
        interval=interval,
        statutory_most=statutory_most,
    )
    return RULES[code]


# --- a referral ----------------------------------------------------------------------------------

TRIAGE_URGENT = _rule("TRIAGE-URGENT", "triage of an urgent referral", "receipt", Clock.HOURS, "CAIT default")
"""Elapsed hours from receipt; for mail the server's internal date."""

TRIAGE_OTHER = _rule(
    "TRIAGE-OTHER", "triage of a referral that is not urgent", "receipt", Clock.WORKING_DAYS, "CAIT default"
)
"""Working days from receipt. Working Together sets one for the local authority, not for the police."""

DECISION_URGENT = _rule(
    "DECISION-URGENT",
    "decision on a referral that needs urgent action",
    "triage",
    Clock.HOURS,
    "HMIC 2010, AFI 2; CAIT default",
)
"""Elapsed hours from triage; the number is our default."""

DECISION = _rule(
    "DECISION",
    "decision on a referral that needs no urgent action",
    "triage",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 2; CAIT default",
)
"""Every referral is decided (AFI 2); what is triaged and then lies undecided is seen. The number is our default."""

PHONE_CONFIRMATION = _rule(
    "PHONE-CONFIRMATION",
    "written confirmation of a telephone referral",
    "telephone call",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 2; CAIT default",
)
"""Urgent referrals may be telephoned but "must be followed-up by email" (AFI 2); the number is our default."""

CRAM_FIRST = _rule("CRAM-FIRST", "first CRAM", "receipt", Clock.HOURS, "HMIC 2010, AFI 6; CAIT default")
"""Completed by the desk sergeant "at the point of receipt", for every referral (AFI 6); the number is our default."""

CRAM_ON_PLAN = _rule(
    "CRAM-ON-PLAN",
    "first CRAM of a child who was on a plan before CAIT",
    "child on a plan, known",
    Clock.DAYS,
    "HMIC 2010, AFI 1; CAIT default",
)
"""No child on a plan is without a CRAM for longer than from one review to the next; the number is our default."""

CHILD_SEEN = _rule("CHILD-SEEN", "child seen", "referral that needs the child seen", Clock.HOURS, "CAIT default")
"""Elapsed hours from the referral."""

SS_UPDATE = _rule(
    "SS-UPDATE",
    "update from Social Services",
    "decision: Social Services only",
    Clock.DAYS,
    "HMIC 2010, AFI 2",
)
"""Where a Social Services only response is decided, "an update from Social Services is requested within 14 days"."""

SS_CHASE = _rule(
    "SS-CHASE",
    "days between two chases of Social Services",
    "decision: Social Services only",
    Clock.DAYS,
    "CAIT default",
    interval=True,
)
"""The days between chases, from SS-UPDATE on, until answered: `schedules.chase`. AFI 19 wants chasing counted."""

UPDATE_JUDGED = _rule(
    "UPDATE-JUDGED",
    "update from Social Services judged",
    "receipt of the update",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 2; CAIT default",
)
"""The record stays open until somebody has judged whether circumstances have changed; the number is our default."""

INFORMATION_REQUEST = _rule(
    "INFORMATION-REQUEST",
    "answer to a request for information",
    "request for information",
    Clock.WORKING_DAYS,
    "CAIT default",
)
"""From or to a partner, through the Multi-Agency Team (AFI 18); the number is our default."""

# --- assessing the risk --------------------------------------------------------------------------

CRAM_REVIEW = _rule("CRAM-REVIEW", "CRAM review", "last CRAM submitted", Clock.DAYS, "HMIC 2010, AFI 1")
"""At the 42-day point, to fall in with core groups: `schedules.cram_review`. Any CRAM submitted restarts it."""

CRAM_BEFORE_INITIAL = _rule(
    "CRAM-BEFORE-INITIAL",
    "CRAM before an initial conference",
    "initial conference",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 1; CAIT default",
    Direction.BEFORE,
)
"""A CRAM is completed before every conference (AFI 1); how long before is our default."""

CRAM_BEFORE_REVIEW = _rule(
    "CRAM-BEFORE-REVIEW",
    "CRAM before a review conference",
    "review conference",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 1; CAIT default",
    Direction.BEFORE,
)
"""As before an initial conference; early enough for the report, which goes earlier to a review."""

ENDORSEMENT = _rule(
    "ENDORSEMENT",
    "supervisor’s endorsement",
    "CRAM or review submitted",
    Clock.WORKING_DAYS,
    "CAIT default",
)
"""Timeliness of supervisory review is itself measured (AFI 6); the number is our default."""

CRAM_RETURNED = _rule(
    "CRAM-RETURNED", "returned CRAM put right and sent again", "return", Clock.WORKING_DAYS, "CAIT default"
)
"""A supervisor returns a CRAM with reasons; whoever submitted it puts it right."""

GAP = _rule(
    "GAP",
    "intelligence gap answered",
    "gap raised",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 1; CAIT default",
)
"""A gap has an owner and a date (AFI 1). Whoever raises it chooses the date; this one is offered."""

MEASURE_CHECK = _rule(
    "MEASURE-CHECK",
    "control measure checked again",
    "last look at the control measure",
    Clock.DAYS,
    "HMIC 2010, AFI 1; CAIT default",
)
"""A control measure is checked: does it still work? Whoever looks at it chooses the date; this one is offered."""

RESEARCH = _rule(
    "RESEARCH",
    "research done",
    "request for research",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 1 and 8; CAIT default",
)
"""The checks of police systems that the researcher is asked for. Whoever asks chooses the date; this one is
offered."""

ACTION = _rule(
    "ACTION",
    "action done",
    "action set",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 2; CAIT default",
)
"""A record closes only when all police actions are complete (AFI 2). Whoever sets one chooses the date; this one is
offered."""

CLOSURE_ANSWER = _rule(
    "CLOSURE-ANSWER", "answer to a request to close a record", "request", Clock.WORKING_DAYS, "CAIT default"
)
"""A supervisor agrees or refuses; nobody agrees to their own request."""

TRANSFER_ANSWER = _rule(
    "TRANSFER-ANSWER", "answer about the transfer of a record", "request", Clock.WORKING_DAYS, "CAIT default"
)
"""The sender owns the record until the receiver accepts it, so the sender sees to the answer."""

# --- conferences and plans -----------------------------------------------------------------------

INITIAL_CONFERENCE = _rule(
    "INITIAL-CONFERENCE",
    "initial conference held",
    "strategy discussion",
    Clock.WORKING_DAYS,
    "Working Together",
)
"""Which of several discussions counts changed with Working Together 2010: `schedules.initial_conference_by`."""

RESEARCH_BEFORE_INITIAL = _rule(
    "RESEARCH-BEFORE-INITIAL",
    "research before an initial conference",
    "initial conference",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 8; CAIT default",
    Direction.BEFORE,
)
"""The first step of the preparation (AFI 8), before the CRAM that rests on it; the number is our default."""

RESEARCH_BEFORE_REVIEW = _rule(
    "RESEARCH-BEFORE-REVIEW",
    "research before a review conference",
    "review conference",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 8; CAIT default",
    Direction.BEFORE,
)
"""As before an initial conference."""

ATTENDANCE_DECIDED = _rule(
    "ATTENDANCE-DECIDED",
    "decision whether police attend a review conference",
    "review conference",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 8; CAIT default",
    Direction.BEFORE,
)
"""Reviews are attended case by case, with the reason (AFI 8); before the report, which says so where nobody comes."""

REPORT_BEFORE_INITIAL = _rule(
    "REPORT-BEFORE-INITIAL",
    "police report for an initial conference",
    "initial conference",
    Clock.WORKING_DAYS,
    "London practice",
    Direction.BEFORE,
)
"""Practice seen in public London documents."""

REPORT_BEFORE_REVIEW = _rule(
    "REPORT-BEFORE-REVIEW",
    "police report for a review conference",
    "review conference",
    Clock.WORKING_DAYS,
    "London practice",
    Direction.BEFORE,
)
"""Practice seen in public London documents."""

BRIEFING = _rule(
    "BRIEFING",
    "briefing of the conference liaison officer",
    "conference",
    Clock.HOURS,
    "HMIC 2010, AFI 8; CAIT default",
    Direction.BEFORE,
)
"""Before the conference (AFI 8): elapsed hours before its start, 0 for "by its start"."""

DEBRIEF = _rule(
    "DEBRIEF",
    "debrief of the conference liaison officer",
    "conference",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 8; CAIT default",
)
"""After the conference (AFI 8); the number is our default."""

CONFERENCE_OUTCOME = _rule(
    "CONFERENCE-OUTCOME", "outcome of a conference recorded", "conference", Clock.WORKING_DAYS, "CAIT default"
)
"""Per child: the outcome belongs to the child."""

MINUTES = _rule(
    "MINUTES",
    "minutes of a conference received and checked",
    "conference",
    Clock.WORKING_DAYS,
    "HMIC 2010, AFI 8; CAIT default",
)
"""Whoever chairs sends them (AFI 8 wants them on the record); the number is our default."""

CORE_GROUP_FIRST = _rule(
    "CORE-GROUP-FIRST", "first core group held", "initial conference", Clock.WORKING_DAYS, "Working Together"
)
"""Working days from the initial conference: `schedules.core_group_by`."""

CORE_GROUP_NEXT = _rule(
    "CORE-GROUP-NEXT", "next core group held", "last core group", Clock.DAYS, "Working Together; London practice"
)
"""Every 6 weeks, counted in days from the last one held."""

REVIEW_CONFERENCE_FIRST = _rule(
    "REVIEW-CONFERENCE-FIRST",
    "first review conference held",
    "initial conference",
    Clock.MONTHS,
    "Working Together",
)
"""Calendar months from the initial conference: `schedules.review_conference_by`."""

REVIEW_CONFERENCE_NEXT = _rule(
    "REVIEW-CONFERENCE-NEXT",
    "next review conference held",
    "last review conference",
    Clock.MONTHS,
    "Working Together",
)
"""Calendar months from the date the last one was really held."""

# --- an investigation ----------------------------------------------------------------------------

ALLOCATION = _rule(
    "ALLOCATION", "investigation allocated", "decision to investigate", Clock.WORKING_DAYS, "CAIT default"
)
"""Working days from the decision."""

SUPERVISION_FIRST = _rule(
    "SUPERVISION-FIRST", "first supervision of an investigation", "allocation", Clock.HOURS, "CAIT default"
)
"""Elapsed hours from allocation: `schedules.supervision_by`."""

SUPERVISION_SECOND = _rule(
    "SUPERVISION-SECOND",
    "second supervision of an investigation",
    "first review completed",
    Clock.DAYS,
    "CAIT default",
)
"""Days from the first review's completion."""

SUPERVISION_NEXT = _rule(
    "SUPERVISION-NEXT",
    "next supervision of an investigation",
    "last review completed",
    Clock.DAYS,
    "CAIT default",
)
"""Days from the last review's completion."""

ONE_REVIEW = _rule(
    "ONE-REVIEW",
    "one review that answers a CRAM review and a supervision",
    "event that starts the later of the two reviews",
    Clock.DAYS,
    "HMIC 2010, AFI 4; CAIT default",
    interval=True,
)
"""How far apart the two may fall (AFI 4 found the two clocks not designed together): `schedules.one_review`."""

S46_END = _rule(
    "S46-END",
    "police protection ends",
    "taken into police protection",
    Clock.HOURS,
    "Children Act 1989, s46(6)",
    statutory_most=72,
)
"""Elapsed hours, with no extension: nobody makes them more. An hour shorter or longer on the clock when the clocks
change."""

# --- what is late, and what is missing -----------------------------------------------------------

LATE_TO_SUPERVISOR = _rule(
    "LATE-TO-SUPERVISOR",
    "hours after which a supervisor is told that a duty is late",
    "duty late",
    Clock.HOURS,
    "CAIT default",
    interval=True,
)
"""Elapsed hours; whoever has to do it is told at once. `schedules.hours_of_telling`."""

LATE_TO_INSPECTOR = _rule(
    "LATE-TO-INSPECTOR",
    "hours after which the inspector is told that a duty is late",
    "duty late",
    Clock.HOURS,
    "CAIT default",
    interval=True,
)
"""Elapsed hours: `schedules.hours_of_telling`."""

LATE_TO_COMMAND = _rule(
    "LATE-TO-COMMAND",
    "hours after which the command is told that a duty is late",
    "duty late",
    Clock.HOURS,
    "CAIT default",
    interval=True,
)
"""Elapsed hours: `schedules.hours_of_telling`."""

CHECK_FINDING = _rule(
    "CHECK-FINDING",
    "what the nightly check found put right",
    "nightly check",
    Clock.WORKING_DAYS,
    "CAIT default",
)
"""A duty that is missing or wrong is itself a duty of the inspector; the number is our default."""
