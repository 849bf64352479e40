"""Whether a referral may be logged as a restricted one; the message is what the user reads (ADR 34)."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError

from cases.models import Restriction
from cases.restricting import who_can_end
from referrals.models import Referral
from team.history import ChangedMeanwhile
from team.models import Team, User

NOT_YOURS = (
    "Only a sergeant or an inspector restricts a record. Keep the draft and ask one of them to take it over, or take "
    "the tick out"
)


def check_reason_given(restrict: bool, restrict_reason: str) -> None:
    """A record is restricted with a reason, and no reason is lost for want of a tick."""
    if restrict and not restrict_reason.strip():
        raise ValidationError({"restrict_reason": ValidationError("Say why it is restricted", code="whole")})
    if restrict_reason.strip() and not restrict:
        sentence = "You said why it is restricted. Tick this too, or empty that field"
        raise ValidationError({"restrict": ValidationError(sentence, code="whole")})


def check_can_be_ended(officers: Collection[User], *, team: Team) -> None:
    """One of those who will open it can end the restriction: no record is left with nobody."""
    if not who_can_end(team) & {officer.pk for officer in officers}:
        sentence = (
            f"No inspector of {team} could open it today, and one must be able to end the restriction. Ring the "
            "command. To log it all the same, take the tick out and ask them to restrict it"
        )
        raise ValidationError({"restrict": ValidationError(sentence, code="whole")})


def check_restricts_the_same(referral: Referral, restrict: bool, restrict_reason: str) -> None:
    """As `policies.check_says_the_same`: what is sent to be restricted is not taken for what was logged without."""
    first = Restriction.objects.filter(case=referral.case).order_by("pk").first()
    by_logging = first is not None and first.began_by_id == referral.logged_by_id and first.reason == restrict_reason
    if restrict and not by_logging:
        raise ChangedMeanwhile(
            f"This token was sent before, with {referral.urn}, which was not restricted for this reason. Nothing was "
            "logged now: restrict its record."
        )
