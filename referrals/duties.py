"""The duties that a referral raises."""

from diary.kinds import DutyKind
from team.enums import Role
from team.permissions import Permission

TRIAGE = DutyKind(
    code="triage",
    label="Triage the referral",
    owner_role=Role.DESK_SERGEANT,
    view="referrals:triage",
    permission=Permission.TRIAGE_REFERRALS,
)

# HMIC 2010, AFI 2: urgent referrals may be telephoned but must be followed up by email.
CONFIRMATION = DutyKind(
    code="confirmation",
    label="Get the telephone referral in writing",
    owner_role=Role.DESK_SERGEANT,
    view="referrals:confirm",
    permission=Permission.LOG_REFERRALS,
)
