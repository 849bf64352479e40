"""The supervision of an investigation."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.enums import Kind
from cases.models import Case
from cases.policies import check_open
from cases.steps import enter, locked
from deadlines.schedules import supervision_by
from diary.models import Duty
from diary.steps import answer_with, end_open, raise_again
from pages.words import day
from referrals import duties, policies
from referrals.models import Referral, Supervision
from referrals.steps import begin_supervision
from referrals.supervision import (
    allocated_at,
    allocated_since,
    began_with,
    open_supervision,
    reviewed_in,
    supervisions_of,
    supervisor_of,
)
from team.models import User
from team.permissions import Permission


def supervise(
    case: Case,
    *,
    found: str,
    directions: str,
    reviewed_at: datetime,
    seen: int | None = None,
    together_with: Duty | None = None,
    by: User,
) -> Supervision:
    """Record one review of an investigation, and raise the next: 7 days from the first, 28 from each later one (CAIT
    default).

    `found`: how far it has come and what is missing. `directions`: what is to be done, by whom and by when.
    `seen`: the id of the last supervision of the record that whoever reviews has seen, 0 for none. `together_with`:
    another review that is due on the record, where one review answers both (HMIC 2010, AFI 4). Raises
    ValidationError; ChangedMeanwhile where somebody has recorded another since.
    """
    with transaction.atomic():
        case = locked(case, Permission.SUPERVISE_RECORDS, by)
        check_open(case)
        referral = Referral.objects.get(case=case)
        policies.check_supervise(case, referral, is_due=open_supervision(case) is not None, by=by)
        policies.check_says_what_is_to_be_done(found, directions)
        policies.check_supervision_is_new(case, reviewed_at=reviewed_at, found=found, directions=directions)
        policies.check_supervision_is_seen(supervisions_of(case).first(), seen=seen)
        # None is open where it was investigated before CAIT raised supervisions: then this is its first.
        first = began_with(begin_supervision(case, since=allocated_since(case), by=by))
        allocated, reviews = allocated_at(first), reviewed_in(first)
        last = reviews[-1] if reviews else None
        policies.check_reviewed_at(reviewed_at, referral=referral, allocated=allocated, last=last)
        following = supervision_by(allocated, [*reviews, reviewed_at])
        text = (
            f"Found: {found}\n\nDirections: {directions}\n\nThe next supervision is due by {day(following.due_on)}."
        )
        supervision = Supervision.objects.create(
            case=case,
            entry=enter(
                case,
                Kind.DECISION,
                "Supervision of the investigation",
                text=text,
                happened_at=reviewed_at,
                significant=True,
                by=by,
            ),
            began_with=first,
            reviewed_at=reviewed_at,
            reviewed_by=by,
            found=found,
            directions=directions,
            next_due_on=following.due_on,
        )
        due = open_supervision(case)
        if due and together_with:
            answer_with(due, together_with, by=by)
        end_open(duties.SUPERVISION, case, done=True, why="Supervised", by=by)
        raise_again(duties.SUPERVISION, case, following, owner=supervisor_of(case), by=by)
        record(Event.INVESTIGATION_SUPERVISED, by=by, on=supervision, case_id=case.pk, team_id=case.team_id)
        return supervision
