"""What a referral does when its record's course turns; the record is locked, the transaction is the caller's."""

from __future__ import annotations

from cases.closure import InTheWay, Turn
from cases.models import Case
from deadlines import clock, rules
from diary.steps import end_open, raise_again
from referrals import duties
from referrals.enums import INVESTIGATED, DecisionKind, Judgement, Progress
from referrals.models import Answer, Decision, Referral
from team.history import save_as
from team.models import User


def hear(case: Case, turn: Turn, by: User) -> None:
    """An investigation is allocated when it has an officer; a record opened again must be decided again."""
    if turn == Turn.ASSIGNED:
        if case.officer_in_case is not None:
            end_open(duties.ALLOCATION, case, done=True, why=f"Given to {case.officer_in_case}", by=by)
        elif Referral.objects.filter(case=case, progress=Progress.DECIDED, decision__in=INVESTIGATED).exists():
            due = rules.ALLOCATION.due_or_at_once(clock.now(), event="officer in case taken off")
            end_open(duties.ALLOCATION, case, done=False, why="Given back", by=by)
            raise_again(duties.ALLOCATION, case, due, by=by)
    elif turn == Turn.REOPENED:
        decide_again(Referral.objects.get(case=case), event="record opened again", by=by)


def decide_again(referral: Referral, *, event: str, by: User) -> None:
    """It must be decided again what is done about a referral, and by when."""
    referral.progress = Progress.TRIAGED
    save_as(referral, by)
    end_open(duties.DECISION, referral.case, done=False, why="To be decided again", by=by)
    due = rules.DECISION.due_or_at_once(clock.now(), event=event)
    raise_again(duties.DECISION, referral.case, due, by=by)


def unfinished(case: Case) -> list[InTheWay]:
    """What of the referral stands in the way of closure, by the facts: with a duty missing, the record stays open.

    Triaged, decided; and where Social Services alone were to deal with it, answered and judged (HMIC 2010, AFI 2).
    """
    kinds = []
    referral = Referral.objects.get(case=case)
    if referral.progress == Progress.LOGGED:
        kinds.append(duties.TRIAGE)
    elif referral.progress == Progress.TRIAGED:
        kinds.append(duties.DECISION)
    elif referral.decision == DecisionKind.SOCIAL_SERVICES and not _answered(case):
        kinds.append(duties.UPDATE)
    if Answer.objects.filter(case=case, judgement="").exists():
        kinds.append(duties.JUDGE)
    return [InTheWay(kind.in_the_way, kind.view) for kind in kinds]


def _answered(case: Case) -> bool:
    """Whether something that came since the last decision was judged an answer."""
    last = Decision.objects.filter(case=case).order_by("-number").first()
    judged = Answer.objects.filter(case=case, judgement__in=[Judgement.UNCHANGED, Judgement.CHANGED])
    return last is not None and judged.filter(judged_at__gte=last.recorded_at).exists()
