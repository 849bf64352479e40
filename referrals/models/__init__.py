"""What the room keeps: the referral and what is half typed, what is decided, how an investigation is supervised."""

from referrals.models.deciding import Answer, Decision, Strategy
from referrals.models.referral import (
    LONGEST_TITLE,
    Draft,
    Referral,
    ReferralQuerySet,
    categories_in_words,
    children_given,
    read_urn,
    source_in_words,
    urn_of,
)
from referrals.models.supervising import Supervision

__all__ = [
    "LONGEST_TITLE",
    "Answer",
    "Decision",
    "Draft",
    "Referral",
    "ReferralQuerySet",
    "Strategy",
    "Supervision",
    "categories_in_words",
    "children_given",
    "read_urn",
    "source_in_words",
    "urn_of",
]
