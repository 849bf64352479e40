"""The duties that a referral raises."""

from cases.enums import Partner
from diary.kinds import DutyKind
from referrals.letters import update_letter
from team.enums import Role
from team.permissions import Permission

TRIAGE = DutyKind(
    code="triage",
    label="Triage the referral",
    owner_role=Role.DESK_SERGEANT,
    view="referrals:triage",
    permission=Permission.TRIAGE_REFERRALS,
    do="Triage",
    in_the_way="The referral is not triaged",
)

# HMIC 2010, AFI 2: urgent referrals may be telephoned but must be followed up by email.
CONFIRMATION = DutyKind(
    code="confirmation",
    label="Get the telephone referral in writing",
    owner_role=Role.DESK_SERGEANT,
    view="referrals:confirm",
    permission=Permission.LOG_REFERRALS,
    do="Record it",
)

DECISION = DutyKind(
    code="decision",
    label="Decide what is done",
    owner_role=Role.DESK_SERGEANT,
    view="referrals:decide",
    permission=Permission.DECIDE_REFERRALS,
    do="Decide",
    in_the_way="It is not decided what is done about the referral",
)

ALLOCATION = DutyKind(
    code="allocation",
    label="Give the investigation to an officer",
    owner_role=Role.SUPERVISOR,
    view="cases:assign_case",
    permission=Permission.ASSIGN_RECORDS,
    do="Allocate",
    in_the_way="The investigation is given to no officer",
)

# From allocation, then from the last review: 24 hours, 7 days, then every 28 days (CAIT default). It ends with the
# record, and stands in nobody's way.
SUPERVISION = DutyKind(
    code="supervision",
    label="Supervise the investigation",
    owner_role=Role.SUPERVISOR,
    view="referrals:supervise",
    permission=Permission.SUPERVISE_RECORDS,
    do="Supervise",
    review=True,
)

# HMIC 2010, AFI 2: requested the same day, within 14 days, chased and escalated.
UPDATE = DutyKind(
    code="update",
    label="Get the update from Social Services",
    owner_role=Role.DESK_SERGEANT,
    view="referrals:social_services",
    permission=Permission.RECORD_UPDATES,
    do="See the record",
    in_the_way="Social Services have not answered what we asked",
    partner=Partner.SOCIAL_SERVICES,
    letter=update_letter,
)

# HMIC 2010, AFI 2: the record stays open until somebody has judged whether circumstances have changed.
JUDGE = DutyKind(
    code="judge",
    label="Judge the update from Social Services",
    owner_role=Role.DESK_SERGEANT,
    view="referrals:judge",
    permission=Permission.JUDGE_UPDATES,
    do="Judge",
    in_the_way="An update from Social Services is not judged yet",
)

ALL = (TRIAGE, CONFIRMATION, DECISION, ALLOCATION, SUPERVISION, UPDATE, JUDGE)
