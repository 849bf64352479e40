"""Whether the state of a duty or of a partner's ladder allows an act; the message is the sentence the user reads."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from cases.policies import check_open
from diary.kinds import kind_of
from diary.models import Duty, DutyState, Rung
from pages.words import moment


def check_chased(duty: Duty) -> None:
    """Only what is still open and asked of a partner by email can be held back or let go."""
    check_open(duty.case)
    kind = kind_of(duty.kind)
    if kind is None or kind.partner is None:
        raise ValidationError("Nothing is written to a partner about this, so there is nothing to hold back.")
    if duty.state != DutyState.OPEN:
        raise ValidationError(f"{duty.ended_by} ended this on {moment(duty.ended_at)}: {duty.ended_why}.")  # type: ignore[arg-type]


def check_hold(duty: Duty) -> None:
    """Held once; the second who tries reads who did it, and why."""
    check_chased(duty)
    if duty.held_at is not None:
        raise ValidationError(
            f"{duty.held_by} held the emails back on {moment(duty.held_at)}, because: “{duty.held_why}”"
        )


def check_release(duty: Duty) -> None:
    """Only what is held back is let go."""
    check_chased(duty)
    if duty.held_at is None:
        raise ValidationError("The emails are not held back.")


def check_why(why: str, *, field: str = "why") -> None:
    """Nothing is held back or let go without a reason."""
    if not why.strip():
        raise ValidationError({field: "Say why"})


def check_approve(number: int, *, there: int) -> None:
    """Steps follow each other: an address takes the place of one on the ladder, or stands above the highest."""
    if number > there + 1:
        raise ValidationError({"number": f"Step {there + 1} has no address yet. Approve that first"})
    if number > MOST_RUNGS:
        raise ValidationError({"number": f"A ladder has at most {MOST_RUNGS} steps"})


def check_end_rung(rung: Rung, *, highest: int) -> None:
    """Ended once, from the top: steps follow each other."""
    if rung.ended_at is not None:
        raise ValidationError(f"{rung.ended_by} ended this address on {moment(rung.ended_at)}.")
    if rung.number != highest:
        raise ValidationError(
            f"Step {rung.number} is not the highest. Approve another address in its place, or end the steps above it "
            "first."
        )


MOST_RUNGS = 6
