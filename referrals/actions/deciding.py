"""Strategy discussions, and the decision what is done about a referral."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.enums import Kind, Partner
from cases.models import Case
from cases.policies import check_open, check_written
from cases.steps import enter, locked, overtake_closure
from deadlines import rules
from diary.models import Duty, Mail
from diary.steps import end_open, hold, is_open, keep_held, pause_chase, raise_again, start_chase
from pages.validators import check_fields
from pages.words import day, moment, uncapitalised
from referrals import duties, policies
from referrals.enums import INVESTIGATED, Agency, DecisionKind, Enquiry, Held, Progress
from referrals.models import Answer, Decision, Referral, Strategy
from referrals.queries import held_update, last_decision
from referrals.steps import answers_to, begin_supervision
from referrals.supervision import allocated_since
from team.history import save_as
from team.models import User
from team.permissions import Permission, may


def record_strategy(
    case: Case,
    *,
    how: Held,
    held_at: datetime,
    took_part: Mapping[str, str],
    supervisor: User | None,
    enquiry: Enquiry,
    decided: str,
    reason: str,
    by: User,
) -> Strategy:
    """Record one strategy discussion or meeting; there may be several (HMIC 2010, AFI 2, 6 and 17).

    `took_part`: an `Agency` and who came from it, in words; police and Social Services always. `supervisor`: the
    police supervisor who took part, None for none. Raises ValidationError.
    """
    with transaction.atomic():
        case = locked(case, Permission.WRITE_RECORDS, by)
        check_open(case)
        policies.check_when(held_at, referral=Referral.objects.get(case=case), field="held_at")
        policies.check_took_part(took_part, supervisor, case=case)
        check_written(decided, field="decided")
        check_written(reason, field="reason")
        policies.check_strategy_is_new(case, held_at=held_at, decided=decided)
        named = {str(each): took_part[each] for each in Agency if took_part.get(each)}
        text = [f"{Agency(each).label}: {who}" for each, who in named.items()]
        text += [f"Police supervisor who took part: {supervisor or 'none'}"]
        text += [f"Section 47 enquiry: {Enquiry(enquiry).label}", f"Agreed: {decided}", f"Why: {reason}"]
        title = "Strategy meeting" if how == Held.MEETING else "Strategy discussion by telephone"
        entry = enter(case, Kind.DECISION, title, text="\n".join(text), happened_at=held_at, significant=True, by=by)
        strategy = Strategy.objects.create(
            case=case,
            entry=entry,
            how=how,
            held_at=held_at,
            took_part=named,
            supervisor=supervisor,
            enquiry=enquiry,
            decided=decided,
            reason=reason,
            recorded_by=by,
        )
        record(Event.STRATEGY_RECORDED, by=by, on=strategy, case_id=case.pk, team_id=case.team_id)
        return strategy


class Decided(NamedTuple):
    """The decision, and the request that goes to Social Services with it; None where none can or need go."""

    decision: Decision
    request: Mail | None


def decide_referral(
    case: Case,
    *,
    kind: DecisionKind,
    reason: str,
    decided_at: datetime,
    not_chosen: str = "",
    passed_to: str = "",
    hold_why: str = "",
    seen: int | None = None,
    by: User,
) -> Decided:
    """Decide what is done about a referral, and raise what follows from it in the same transaction.

    Social Services only: they are asked the same day for an update within 14 days, and chased (HMIC 2010, AFI 2);
    `hold_why`: no email is sent, and why. An investigation: it is given to an officer. A later decision takes the
    place of an earlier one, and of what followed from it. `seen`: the number of the last decision that whoever
    decides has seen, 0 for none. Raises ValidationError; ChangedMeanwhile where somebody has decided since.
    """
    with transaction.atomic():
        case = locked(case, Permission.DECIDE_REFERRALS, by)
        check_open(case)
        referral = Referral.objects.select_related("case").get(case=case)
        policies.check_decide(referral)
        last = last_decision(case)
        policies.check_decision_is_seen(last, seen=seen)
        policies.check_reason(reason)
        policies.check_decision_is_new(kind, passed_to, referral=referral, last=last)
        policies.check_decision(kind, referral=referral, last=last, decided_at=decided_at, passed_to=passed_to)
        policies.check_hold_at_once(kind, hold_why)
        decision = Decision(
            case=case,
            number=last.number + 1 if last else 1,
            kind=kind,
            reason=reason,
            not_chosen=not_chosen,
            passed_to=passed_to,
            decided_at=decided_at,
            decided_by=by,
        )
        check_fields(decision, leave_out=["recorded_at"])
        text = [f"Passed to: {passed_to}"] if passed_to else []
        text += [f"Why: {reason}", *([f"Not chosen: {not_chosen}"] if not_chosen else [])]
        text += [f"No email is sent to Social Services: {hold_why}"] if hold_why else []
        kept = None if hold_why or kind != DecisionKind.SOCIAL_SERVICES else held_update(case)
        if kept and kept.held_at:
            text += [f"Emails stay held back, as {kept.held_by} decided on {moment(kept.held_at)}: {kept.held_why}"]
        label = DecisionKind(kind).label  # Social Services keep their capital
        title = label if kind == DecisionKind.SOCIAL_SERVICES else uncapitalised(label)
        decision.entry = enter(
            case,
            Kind.DECISION,
            f"Decision: {title}",
            text="\n\n".join(text),
            happened_at=decided_at,
            significant=True,
            by=by,
        )
        decision.save()
        referral.progress, referral.decision = Progress.DECIDED, kind
        save_as(referral, by)
        overtake_closure(case, f"Overtaken by a decision: {DecisionKind(kind).label}", by=by)
        request = _follow(decision, hold_why, kept, by)
        detail = {"kind": kind, **({"held": "yes"} if hold_why or kept else {})}
        record(Event.REFERRAL_DECIDED, by=by, on=decision, case_id=case.pk, team_id=case.team_id, detail=detail)
        return Decided(decision, request)


def _follow(decision: Decision, hold_why: str, kept: Duty | None, by: User) -> Mail | None:
    """What the decision ends, and what it begins. Emails that were held back until now stay so."""
    case, kind = decision.case, DecisionKind(decision.kind)
    end_open(duties.DECISION, case, done=True, why=f"Decided: {kind.label}", by=by)
    end_open(duties.UPDATE, case, done=False, why=f"Decided again on {day(decision.decided_at)}: {kind.label}", by=by)
    if kind not in INVESTIGATED:
        for fallen in (duties.ALLOCATION, duties.SUPERVISION):
            end_open(fallen, case, done=False, why=f"Decided again: {kind.label}", by=by)
    elif _has_officer(case):
        # One who had left, when it was wanted, is back.
        end_open(duties.ALLOCATION, case, done=True, why=f"Given to {case.officer_in_case}", by=by)
        begin_supervision(case, since=allocated_since(case), by=by)
    elif not is_open(duties.ALLOCATION, case):  # one that is open keeps its date
        raise_again(duties.ALLOCATION, case, rules.ALLOCATION.due_or_at_once(decision.decided_at), by=by)
    if kind != DecisionKind.SOCIAL_SERVICES:
        return None
    duty = raise_again(duties.UPDATE, case, rules.SS_UPDATE.due_or_at_once(decision.decided_at), by=by)
    if hold_why:
        hold(duty, hold_why, by)
    elif kept:
        keep_held(duty, kept, by)
    answers_to(duty, decided_at=decision.decided_at, by=by)
    mail = start_chase(duty, partner=Partner.SOCIAL_SERVICES, decided_at=decision.decided_at)
    if not Answer.objects.filter(duty=duty, judgement="").exists():
        return mail
    pause_chase(duty)
    return None


def _has_officer(case: Case) -> bool:
    """Whether somebody who still works in the team is officer in case."""
    officer = case.officer_in_case
    return officer is not None and may(officer, Permission.WRITE_RECORDS, team=case.team)
