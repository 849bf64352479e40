"""What a referral does when its record's course turns; the record is locked, the transaction is the caller's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.closure import InTheWay, Turn
from cases.enums import Kind
from cases.models import Case
from cases.steps import enter
from deadlines import clock, rules
from deadlines.clock import minute
from deadlines.schedules import supervision_by
from diary.models import Duty
from diary.steps import end_open, is_open, pass_to, raise_again
from pages.words import day
from referrals import duties
from referrals.enums import INVESTIGATED, DecisionKind, Judgement, Progress
from referrals.models import Answer, Referral, Supervision
from referrals.policies import check_supervise
from referrals.queries import last_decision
from referrals.supervision import allocated_at, began_with, open_supervision, reviewed_in, supervisor_of
from team.history import save_as, saved_at
from team.models import User
from team.once import put_together_once


def hear(case: Case, turn: Turn, by: User) -> None:
    """An investigation is allocated when it has an officer, and supervised from then on; a record opened again must
    be decided again."""
    if turn == Turn.ASSIGNED:
        if case.officer_in_case is not None:
            end_open(duties.ALLOCATION, case, done=True, why=f"Given to {case.officer_in_case}", by=by)
            if _is_investigated(case):
                begin_supervision(case, since=saved_at(case), by=by)
            return
        end_open(duties.SUPERVISION, case, done=False, why="Officer in case taken off", by=by)
        if _is_investigated(case) and not is_open(duties.ALLOCATION, case):  # one that is open keeps its date
            due = rules.ALLOCATION.due_or_at_once(saved_at(case), event="officer in case taken off")
            raise_again(duties.ALLOCATION, case, due, by=by)
    elif turn == Turn.SUPERVISOR:
        if duty := open_supervision(case):
            pass_to(duty, supervisor_of(case), by)
    elif turn == Turn.REOPENED:
        referral = Referral.objects.select_related("case").get(case=case)
        decide_again(referral, at=saved_at(case), event="record opened again", by=by)
        if referral.needs_confirmation:
            due = rules.PHONE_CONFIRMATION.due_or_at_once(saved_at(case), event="record opened again")
            raise_again(duties.CONFIRMATION, case, due, by=by)


def _is_investigated(case: Case) -> bool:
    return Referral.objects.filter(case=case, progress=Progress.DECIDED, decision__in=INVESTIGATED).exists()


def begin_supervision(case: Case, *, since: datetime, by: User) -> Duty:
    """From its allocation on an investigation is supervised, the first time within 24 hours (CAIT default).

    One that is supervised already, as when another officer gets it, keeps the date that is open. What was reviewed
    before an investigation fell away counts no more when it begins again. The record is locked.
    """
    if duty := open_supervision(case):
        return duty
    return raise_again(duties.SUPERVISION, case, supervision_by(since), owner=supervisor_of(case), by=by)


def supervise_with(case: Case, found: str, directions: str, by: User) -> None:
    """Another review of the record answered the supervision that was due, and has just ended it: it is kept as one,
    and the next is raised, counted from now (HMIC 2010, AFI 4). Raises ValidationError, as for the officer in case.
    The record is locked."""
    check_supervise(case, Referral.objects.get(case=case), is_due=True, by=by)
    last = Duty.objects.filter(case=case, kind=duties.SUPERVISION.code).latest("cycle")
    first, now = began_with(last), clock.moment()
    following = supervision_by(allocated_at(first), [*reviewed_in(first), now])
    text = f"Found: {found}\n\nDirections: {directions}\n\nThe next supervision is due by {day(following.due_on)}."
    title = "Supervision of the investigation"
    entry = enter(case, Kind.DECISION, title, text=text, happened_at=now, significant=True, by=by)
    Supervision.objects.create(
        case=case,
        entry=entry,
        began_with=first,
        reviewed_at=now,
        reviewed_by=by,
        found=found,
        directions=directions,
        next_due_on=following.due_on,
    )
    raise_again(duties.SUPERVISION, case, following, owner=supervisor_of(case), by=by)


def decide_again(referral: Referral, *, at: datetime, event: str, by: User) -> None:
    """It must be decided again what is done about a referral, and by when: counted from `at`. One that is not triaged
    yet comes to that anyway."""
    if referral.progress != Progress.DECIDED:  # what is to be decided already keeps its date
        return
    referral.progress = Progress.TRIAGED
    save_as(referral, by)
    due = rules.DECISION.due_or_at_once(at, event=event)
    raise_again(duties.DECISION, referral.case, due, by=by)


def answers_to(duty: Duty, *, decided_at: datetime, by: User) -> None:
    """An update that came since a decision, which is recorded late or anew, may answer its request: whatever waits to
    be judged is moved to it, and nothing is sent before."""
    waiting = Answer.objects.filter(case=duty.case_id, judgement="", received_at__gte=minute(decided_at))
    for answer in waiting.exclude(duty=duty).order_by("pk"):
        answer.duty = duty
        save_as(answer, by)


def unfinished(case: Case) -> list[InTheWay]:
    """What of the referral stands in the way of closure, by the facts: with a duty missing, the record stays open.

    Triaged, decided; and where Social Services alone were to deal with it, answered and judged (HMIC 2010, AFI 2).
    """
    kinds = []
    ((progress, decision, officer_in_case, is_to_be_judged),) = _facts(case)
    if progress == Progress.LOGGED:
        kinds.append(duties.TRIAGE)
    elif progress == Progress.TRIAGED:
        kinds.append(duties.DECISION)
    elif decision == DecisionKind.SOCIAL_SERVICES and not _answered(case):
        kinds.append(duties.UPDATE)
    elif decision in INVESTIGATED and officer_in_case is None:
        kinds.append(duties.ALLOCATION)
    if is_to_be_judged:
        kinds.append(duties.JUDGE)
    return [InTheWay(kind.in_the_way, kind.view) for kind in kinds]


@put_together_once
def _facts(case: Case) -> QuerySet[Referral, Any]:
    unjudged = Exists(Answer.objects.filter(case=OuterRef("case"), judgement=""))
    rows = Referral.objects.filter(case=case)
    return rows.values_list("progress", "decision", "case__officer_in_case", unjudged)


def _answered(case: Case) -> bool:
    """Whether something that came since the last decision, and was judged since, is an answer."""
    last = last_decision(case)
    judged = Answer.objects.filter(case=case, judgement__in=[Judgement.UNCHANGED, Judgement.CHANGED])
    since = {"received_at__gte": minute(last.decided_at), "judged_at__gte": last.recorded_at} if last else {}
    return bool(since) and judged.filter(**since).exists()
