"""Whether the state of a duty or of a partner's ladder allows an act; the message is the sentence the user reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError

from cases.policies import check_open
from cases.restricting_policies import check_may_open
from diary.kinds import kind_of
from diary.models import Duty, DutyState, Rung
from diary.restricted import somebody_named
from pages.words import moment
from team.enums import Role
from team.history import ChangedMeanwhile, who_changed
from team.models import User
from team.permissions import may

MOST_RUNGS = 6


def check_chased(duty: Duty) -> None:
    """Only what is still open and asked of a partner by email can be held back or let go."""
    check_open(duty.case)
    kind = kind_of(duty.kind)
    if kind is None or kind.partner is None:
        raise ValidationError("Nothing is written to a partner about this, so there is nothing to hold back.")
    if duty.state != DutyState.OPEN:
        raise ValidationError(f"{duty.ended_by} ended this on {moment(duty.ended_at)}: {duty.ended_why}.")  # type: ignore[arg-type]


NOT_HELD = "The emails are not held back."


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
        who = who_changed(duty, "held_at")
        raise ValidationError(f"{who[0]} let the emails be sent again on {moment(who[1])}." if who else NOT_HELD)


def check_why(why: str, *, field: str = "why") -> None:
    """Nothing is held back or let go without a reason."""
    if not why.strip():
        raise ValidationError({field: "Say why"})


def check_give(duty: Duty, to: User | None) -> None:
    """Only what is open is given to somebody, and only to who may do it."""
    check_open(duty.case)
    if duty.state != DutyState.OPEN:
        raise ValidationError(f"{duty.ended_by} ended this on {moment(duty.ended_at)}: {duty.ended_why}.")  # type: ignore[arg-type]
    if duty.owner == to:
        raise ValidationError({"to": f"{to} has it already" if to else "Nobody has it by name already"})
    kind = kind_of(duty.kind)
    if to is not None and kind is not None and kind.review and to == duty.case.officer_in_case:
        raise ValidationError({"to": f"{to} is the officer in case. Another sergeant supervises their work"})
    if to is not None and (kind is None or not may(to, kind.permission, team=duty.team)):
        raise ValidationError({"to": f"{to} cannot do this in {duty.team}. Choose somebody else"})
    if to is not None:
        check_may_open(to, case=duty.case, field="to")
    elif duty.case.restricted and somebody_named(duty):
        role = Role(duty.owner_role).label
        raise ValidationError({"to": f"Nobody named on this restricted record can do it as {role}. Choose somebody"})


def check_put_right(found: Sequence[object], can: Sequence[object]) -> None:
    """Of two who put it right at once, the second reads that it is done. `can`: what CAIT can put right by itself."""
    if not found:
        raise ValidationError("The check finds nothing wrong on this record any more.")
    if not can:
        raise ValidationError("CAIT cannot put this right by itself. Ring the help desk.")


def to_whom(to: User | None) -> str:
    """Whom a duty is given to, within a sentence."""
    return str(to) if to else "whoever holds the role"


def check_owner_is_seen(duty: Duty, *, seen: int | None, whom: str = "") -> None:
    """Two who give it away at once: the second reads whom the first gave it to. `whom`: to whom it was to go; empty
    where that is not said yet."""
    if seen is None or seen == (duty.owner_id or 0):
        return
    who = who_changed(duty, "owner_id")
    given = f"{who[0]} gave it to" if who else "It was given to"
    raise ChangedMeanwhile(
        f"{given} {duty.owner or 'nobody by name'} while you had this open.",
        f"If it should still go to {whom}, choose the button again." if whom else "",
    )


def check_approve(number: int, *, there: int) -> None:
    """Steps follow each other: an address takes the place of one on the ladder, or stands above the highest."""
    if number > there + 1:
        raise ValidationError({"number": f"Step {there + 1} has no address yet. Approve that first"})
    if number > MOST_RUNGS:
        raise ValidationError({"number": f"A ladder has at most {MOST_RUNGS} steps"})


def check_elsewhere(rungs: Iterable[Rung], *, number: int, address: str) -> None:
    """One step up reaches somebody else."""
    for rung in rungs:
        if rung.number != number and rung.address.lower() == address.lower():
            raise ValidationError({"address": f"This address stands on step {rung.number}. Enter another"})


def check_rung_is_seen(rung: Rung | None, *, seen: int | None, address: str, to_whom: str) -> None:
    """Two who approve at once: the second reads what the first approved before theirs takes its place."""
    if rung is None:
        return
    if (rung.address, rung.to_whom) == (address, to_whom):
        raise ValidationError(f"{rung.approved_by} approved this on {moment(rung.approved_at)}.")
    if seen is not None and rung.pk > seen:
        raise ChangedMeanwhile(
            f"{rung.approved_by} approved {rung.address} for step {rung.number} on {moment(rung.approved_at)}, while "
            "you had this open.",
            "If yours is to take its place, send it again.",
        )


def check_end_rung(rung: Rung, *, highest: int) -> None:
    """Ended once, from the top: steps follow each other."""
    if rung.ended_at is not None:
        raise ValidationError(f"{rung.ended_by} ended this address on {moment(rung.ended_at)}.")
    if rung.number != highest:
        raise ValidationError(
            f"Step {rung.number} is not the highest. Approve another address in its place, or end the steps above it "
            "first."
        )
