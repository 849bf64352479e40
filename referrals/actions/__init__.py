"""Everything that is written about a referral. Each ends with `by=` and writes one audit event."""

from referrals.actions.deciding import Decided, decide_referral, record_strategy
from referrals.actions.desk import (
    Logged,
    confirm_referral,
    discard_draft,
    log_referral,
    save_draft,
    take_over_draft,
    triage_referral,
)
from referrals.actions.mail import put_email_on_record
from referrals.actions.supervising import supervise
from referrals.actions.updates import judge_update, record_update

__all__ = [
    "Decided",
    "Logged",
    "confirm_referral",
    "decide_referral",
    "discard_draft",
    "judge_update",
    "log_referral",
    "put_email_on_record",
    "record_strategy",
    "record_update",
    "save_draft",
    "supervise",
    "take_over_draft",
    "triage_referral",
]
