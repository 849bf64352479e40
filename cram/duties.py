"""The duties that assessing the risk raises."""

from diary.kinds import DutyKind
from team.enums import Role
from team.permissions import Permission

# HMIC 2010, AFI 6: by the desk sergeant at the point of receipt, for every referral.
FIRST = DutyKind(
    code="first_cram",
    label="First CRAM",
    owner_role=Role.DESK_SERGEANT,
    view="cram:assess",
    permission=Permission.ASSESS_RISK,
    do="Assess",
    in_the_way="The first CRAM is not done",
)

# From which event the first CRAM of a record of an old log is counted.
ON_A_PLAN = "a child on a plan, known"

# HMIC 2010, AFI 1: of a child who was on a plan before the record came to CAIT with an old log. There are hundreds on
# the first day, so they stand apart, and nobody is told ever higher up of what was never asked for before; until one
# is given to somebody by name.
ON_PLAN = DutyKind(
    code="plan_cram",
    label="First CRAM of a child on a plan",
    owner_role=Role.SUPERVISOR,
    view="cram:assess",
    permission=Permission.ASSESS_RISK,
    do="Assess",
    in_the_way="The first CRAM of a child on a plan is not done",
    apart=("record with a child on a plan has no CRAM yet", "records with children on plans have no CRAM yet"),
)

# HMIC 2010, AFI 1: at the 42-day point. Ends with the record.
REVIEW = DutyKind(
    code="cram_review",
    label="CRAM review",
    owner_role=Role.SUPERVISOR,
    view="cram:assess",
    permission=Permission.ASSESS_RISK,
    do="Review",
    review=True,
)

# HMIC 2010, AFI 1: before every case conference. Raised by its booking (`conferences`); its subject is the
# conference.
BEFORE_CONFERENCE = DutyKind(
    code="conference_cram",
    label="CRAM before a conference",
    owner_role=Role.SUPERVISOR,
    view="cram:assess",
    permission=Permission.ASSESS_RISK,
    do="Assess",
)

# What a supervisor has sent back to be put right.
RETURNED = DutyKind(
    code="cram_returned",
    label="Put the returned CRAM right",
    owner_role=Role.DESK_SERGEANT,
    view="cram:assess",
    permission=Permission.ASSESS_RISK,
    do="Put it right",
    in_the_way="A returned CRAM is not put right",
)

# Nobody endorses their own work; one working day (CAIT default).
ENDORSE = DutyKind(
    code="endorse_cram",
    label="Endorse the CRAM",
    owner_role=Role.SUPERVISOR,
    view="cram:endorse",
    permission=Permission.ENDORSE_ASSESSMENTS,
    do="Endorse",
    in_the_way="A CRAM is not endorsed",
)

# HMIC 2010, AFI 1: what is not known and matters. Its subject is the gap.
GAP = DutyKind(
    code="gap",
    label="Find out what is not known",
    owner_role=Role.INVESTIGATOR,
    view="cram:gaps",
    anchor="gap",
    permission=Permission.WRITE_RECORDS,
    do="Answer",
    in_the_way="An intelligence gap is open",
)

# HMIC 2010, AFI 1 and 2: does it still work? Its subject is the control measure.
MEASURE = DutyKind(
    code="check_measure",
    label="Check that a control measure works",
    owner_role=Role.INVESTIGATOR,
    view="cram:risks",
    anchor="measure",
    permission=Permission.WRITE_RECORDS,
    do="Check",
)

# HMIC 2010, AFI 8: the researcher's queue. Its subject is the request.
RESEARCH = DutyKind(
    code="research",
    label="Search police systems",
    owner_role=Role.RESEARCHER,
    view="cram:research",
    permission=Permission.RECORD_RESEARCH,
    do="Search",
    in_the_way="Research that was asked for is not done",
)

ALL = (FIRST, ON_PLAN, REVIEW, RETURNED, ENDORSE, GAP, MEASURE, RESEARCH)
