"""The duties that conferences, plans and core groups raise. The subject of each is its conference, but for those of a
plan, of which a record has one, and the endorsement, whose subject is the version of the report."""

from diary.kinds import DutyKind
from team.enums import Role
from team.permissions import Permission

# --- the preparation, in its order (HMIC 2010, AFI 8); the CRAM before a conference is in `cram.duties` ----------

RESEARCH = DutyKind(
    code="conference_research",
    label="Research before a conference",
    owner_role=Role.RESEARCHER,
    view="cram:research",
    permission=Permission.RECORD_RESEARCH,
    do="Search",
)

DECIDE = DutyKind(
    code="conference_attending",
    label="Decide whether police attend",
    owner_role=Role.SUPERVISOR,
    view="conferences:of_record",
    permission=Permission.SUPERVISE_CONFERENCES,
    do="Decide",
)

REPORT = DutyKind(
    code="conference_report",
    label="Police report to a conference",
    owner_role=Role.PCLO,
    view="conferences:of_record",
    permission=Permission.WRITE_REPORTS,
    do="Prepare",
)

ENDORSE = DutyKind(
    code="endorse_report",
    label="Endorse the police report",
    owner_role=Role.SUPERVISOR,
    view="conferences:of_record",
    permission=Permission.ENDORSE_REPORTS,
    do="Endorse",
)

BRIEFING = DutyKind(
    code="conference_briefing",
    label="Brief the conference officer",
    owner_role=Role.SUPERVISOR,
    view="conferences:of_record",
    permission=Permission.SUPERVISE_CONFERENCES,
    do="Brief",
)

# --- what follows -------------------------------------------------------------------------------------------------

# Raised with the booking, so that no conference goes by unseen.
OUTCOME = DutyKind(
    code="conference_outcome",
    label="Record who attended and what was decided",
    owner_role=Role.PCLO,
    view="conferences:of_record",
    permission=Permission.RECORD_OUTCOMES,
    do="Record",
    in_the_way="What a conference decided is not recorded",
)

DEBRIEF = DutyKind(
    code="conference_debrief",
    label="Debrief the conference officer",
    owner_role=Role.SUPERVISOR,
    view="conferences:of_record",
    permission=Permission.SUPERVISE_CONFERENCES,
    do="Debrief",
    in_the_way="A conference officer is not debriefed",
)

MINUTES = DutyKind(
    code="conference_minutes",
    label="Check the minutes of a conference",
    owner_role=Role.PCLO,
    view="conferences:of_record",
    permission=Permission.RECORD_OUTCOMES,
    do="Check",
)

# --- while a child is on a plan -----------------------------------------------------------------------------------

# Working Together: 3 months after the initial conference, then every 6; done when it is booked.
NEXT = DutyKind(
    code="next_conference",
    label="Find out when the review conference is",
    owner_role=Role.PCLO,
    view="conferences:of_record",
    permission=Permission.BOOK_CONFERENCES,
    do="Book",
)

# Working Together: 10 working days after the initial conference, then every 6 weeks.
CORE_GROUP = DutyKind(
    code="core_group",
    label="Record the core group",
    owner_role=Role.PCLO,
    view="conferences:of_record",
    permission=Permission.RECORD_OUTCOMES,
    do="Record",
)

ALL = (RESEARCH, DECIDE, REPORT, ENDORSE, BRIEFING, OUTCOME, DEBRIEF, MINUTES, NEXT, CORE_GROUP)
