"""Rows of an old log whose record is restricted by now: whom to ask, and nothing of what they say (ADR 34)."""

from __future__ import annotations

from collections.abc import Iterable

from old_logs.models import OldRow
from referrals.restricted import kept_among, with_whom_to_ask
from team.models import User


def ask_about(rows: Iterable[OldRow], *, user: User) -> dict[int, str]:
    """What is said in place of the rows of which the record is restricted and the user not named on it, by the id of
    the referral. One query where there is none."""
    referrals = [row.referral_id for row in rows if row.referral_id]
    kept = with_whom_to_ask(kept_among(referrals, user=user)) if referrals else []
    return {each.referral.pk: f"Restricted: ask {each.ask}" for each in kept}
