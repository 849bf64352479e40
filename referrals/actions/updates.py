"""Updates from Social Services: recorded when they come, judged by somebody before they count as an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.enums import Kind, Way
from cases.models import Case
from cases.policies import check_open, check_way, check_written
from cases.steps import enter, locked
from deadlines import clock, rules
from deadlines.clock import minute
from diary.chasing import asked_by, chases_sent
from diary.models import Duty, DutyState
from diary.steps import end_duty, pause_chase, raise_duty, resume_chase, satisfy_duty
from intake.enums import UseKind
from intake.models import Message
from intake.steps import use
from pages.validators import check_fields
from pages.words import uncapitalised
from referrals import duties, policies
from referrals.enums import Came, Judgement
from referrals.models import Answer, Referral
from referrals.queries import last_decision, open_update
from referrals.steps import decide_again
from team.history import save_as
from team.models import User
from team.permissions import Permission


def record_update(
    case: Case,
    *,
    received_at: datetime,
    way: Way,
    from_whom: str,
    text: str,
    message: Message | None = None,
    message_uses: int | None = None,
    by: User,
) -> Answer:
    """Record what Social Services told, asked or not. Chasing stops until somebody has judged it.

    How it came (unasked, on request, after which chase) is worked out from what had been sent by then (HMIC 2010,
    AFI 19). `message`: the email by which it came. Raises ValidationError.
    """
    with transaction.atomic():
        case = locked(case, Permission.RECORD_UPDATES, by)
        check_open(case)
        referral = Referral.objects.get(case=case)
        policies.check_when(received_at, referral=referral, field="received_at")
        check_way(way)
        check_written(text, field="text")
        policies.check_update_is_new(case, received_at=received_at, text=text)
        duty = _asked_for(case, received_at)
        if duty:
            pause_chase(duty)
        by_then = received_at.replace(second=59, microsecond=999_999)  # a form shows minutes
        chases = chases_sent(duty, by=by_then) if duty else 0
        asked = duty is not None and asked_by(duty, by=by_then)
        answer = Answer(
            case=case,
            duty=duty,
            received_at=received_at,
            way=way,
            from_whom=from_whom,
            text=text,
            came=Came.CHASED if chases else Came.ON_REQUEST if asked else Came.UNASKED,
            after_chases=chases,
            recorded_at=clock.moment(),
            recorded_by=by,
        )
        check_fields(answer)
        save_as(answer, by)
        enter(
            case,
            Kind.INFORMATION,
            f"Update from Social Services, {answer.came_words}",
            text=f"{from_whom}, {uncapitalised(Way(way).label)}:\n\n{text}",
            happened_at=received_at,
            source="Social Services",
            significant=True,
            by=by,
        )
        due = rules.UPDATE_JUDGED.due_or_at_once(received_at)
        raise_duty(duties.JUDGE, case, due, subject=answer.pk, by=by)
        if message:
            # What they answer to may stand below what they write, and tell who called.
            use(message, UseKind.UPDATE, case, seen=message_uses, protected=referral.protected, by=by)
        _record(Event.UPDATE_RECORDED, answer, by, **({"message": message.pk} if message else {}))
        return answer


def _asked_for(case: Case, received_at: datetime) -> Duty | None:
    """The request that something received then can answer: one of a decision made by then."""
    duty = open_update(case)
    last = last_decision(case)
    return duty if duty and last and received_at >= minute(last.decided_at) else None


def judge_update(answer: Answer, *, judgement: Judgement, reason: str, by: User) -> Answer:
    """Judge whether circumstances have changed, so that the police are needed after all (HMIC 2010, AFI 2).

    Changed: the referral is decided again. No answer: the chasing goes on. Raises ValidationError, also for the
    second of two.
    """
    with transaction.atomic():
        case = locked(answer.case, Permission.JUDGE_UPDATES, by)
        answer = Answer.objects.select_related("judged_by", "duty", "case").get(pk=answer.pk)
        policies.check_judge(answer)
        check_open(case)
        policies.check_judgement(judgement, answer)
        check_written(reason, field="reason")
        answer.judgement, answer.reason = judgement, reason
        answer.judged_at, answer.judged_by = clock.moment(), by
        save_as(answer, by)
        satisfy_duty(duties.JUDGE, case, subject=answer.pk, why=f"Judged: {Judgement(judgement).label}", by=by)
        titles = {
            Judgement.UNCHANGED: "Update judged: circumstances have not changed",
            Judgement.CHANGED: "Update judged: circumstances have changed",
            Judgement.NO_ANSWER: "Update judged: it does not answer what we asked",
        }
        text = f"Why: {reason}\n\nThe update came from {answer.from_whom}."
        enter(case, Kind.DECISION, titles[Judgement(judgement)], text=text, significant=True, by=by)
        _follow(answer, by)
        _record(Event.UPDATE_JUDGED, answer, by)
        return answer


def _follow(answer: Answer, by: User) -> None:
    """What the judgement ends, and what it begins."""
    duty, case = answer.duty, answer.case
    if answer.judgement != Judgement.NO_ANSWER:
        if duty and duty.state == DutyState.OPEN:
            end_duty(duty, done=True, why=f"Answered {answer.came_words}", by=by)
    elif duty and not Answer.objects.filter(duty=duty, judgement="").exists():
        resume_chase(duty)
    if answer.judgement == Judgement.CHANGED:
        referral = Referral.objects.select_related("case").get(case=case)
        decide_again(referral, at=answer.judged_at, event="circumstances changed", by=by)  # type: ignore[arg-type]


def _record(event: Event, answer: Answer, by: User, **detail: Any) -> None:
    detail |= {"judgement": answer.judgement} if answer.judgement else {}
    record(event, by=by, on=answer, case_id=answer.case_id, team_id=answer.case.team_id, detail=detail)
