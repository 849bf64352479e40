"""Strategy discussions, the decision, and what Social Services were asked and answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cases.enums import Partner, Way
from cases.models import Case
from cases.policies import check_open
from cases.queries import heading, officers_for, reopened
from cases.reading import case_page
from deadlines import clock
from diary.chasing import ladder
from intake.models import Message
from intake.queries import emails_on
from intake.restricted import kept_off, what_follows
from pages.acting import attempt, open_on, refusal
from pages.validators import LONGEST_TEXT
from pages.words import day
from referrals import actions, policies, queries
from referrals.deciding_forms import DecideForm, JudgeForm, StrategyForm, UpdateForm
from referrals.enums import DecisionKind, Judgement, Progress
from referrals.models import Answer, Referral
from referrals.views.mail import form_of_email, is_protected, opened_anew
from team.acting import SignedIn
from team.history import ChangedMeanwhile
from team.permissions import Permission, may, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@case_page
def record_strategy(request: SignedIn, case: Case) -> HttpResponse:
    """Record a strategy discussion or meeting."""
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    supervisors = officers_for(case, Permission.SUPERVISE_RECORDS)
    form = StrategyForm(request.POST or None, supervisors=supervisors)
    if request.method == "POST" and attempt(form, actions.record_strategy, case, by=request.user).done:
        to_decide = Referral.objects.filter(case=case, progress=Progress.TRIAGED).exists()
        if to_decide and may(request.user, Permission.DECIDE_REFERRALS, team=case.team):
            messages.success(request, "The strategy discussion is recorded. Now decide what is done.")
            return redirect("referrals:decide", case.number)
        messages.success(request, "The strategy discussion is recorded, here and in the chronology.")
        return redirect("workbench:case", case.number)
    context = {**heading(case), "tab": "referral", "form": form, "in_the_way": refusal(check_open, case)}
    context["earlier"] = queries.strategies_of(case)
    return render(request, "referrals/record_strategy.html", context)


@get_or_post
@case_page
def decide(request: SignedIn, case: Case) -> HttpResponse:
    """Decide what is done about a referral, or decide it again."""
    require(request.user, Permission.DECIDE_REFERRALS, team=case.team)
    last = queries.last_decision(case)
    seen = last.number if last else 0
    form = DecideForm(request.POST or None, initial={"decided_at": clock.moment(), "seen": seen})
    if request.method == "POST":
        outcome = attempt(form, actions.decide_referral, case, by=request.user)
        if outcome.done:
            messages.success(request, _decided(outcome.get()))
            duty = queries.open_update(case)
            if duty and outcome.get().request is None:
                messages.warning(request, HELD if duty.held_at else NO_ADDRESS)
            return redirect("workbench:case", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            last = queries.last_decision(case)
            open_on(form, seen=last.number if last else 0)
    referral = Referral.objects.get(case=case)
    context = {**heading(case), "tab": "referral", "form": form, "last": last, "referral": referral}
    context |= {"strategies": queries.strategies_of(case), "answer": queries.last_answer(case)}
    context["reopened"] = reopened(case)
    context["open_update"] = queries.open_update(case)
    context["held"] = queries.held_update(case)
    context["first_address"] = ladder(case.team, Partner.SOCIAL_SERVICES).first()
    context["in_the_way"] = refusal(check_open, case) or refusal(policies.check_decide, referral)
    return render(request, "referrals/decide.html", context)


NO_ADDRESS = (
    "No email could be written to Social Services: no address of theirs is approved. Ring them now, and ask your "
    "inspector to approve one. It goes out as soon as that is done."
)

HELD = (
    "No email is sent to Social Services: emails are held back on this record. Ask them for the update another way, "
    "and record it."
)


def _decided(decided: actions.Decided) -> str:
    """What happened, and what follows."""
    kind = DecisionKind(decided.decision.kind)
    said = f"Decided: {kind.label}."
    if decided.request is not None:
        due = decided.request.step.duty.due_on
        if decided.request.step.number:
            return f"{said} The update is overdue already: an email asks {decided.request.to_whom} for it now."
        return (
            f"{said} An email asks {decided.request.to_whom} for an update by {day(due)}. It carries the URN alone: "
            f"tell them which referral {decided.decision.case.urn} is."
        )
    if kind == DecisionKind.PASSED_ON:
        return (
            f"Decided: passed to {decided.decision.passed_to}. Tell them, and record what you pass on under Shared."
        )
    if kind in (DecisionKind.JOINT, DecisionKind.POLICE) and decided.decision.case.officer_in_case is None:
        return f"{said} Now give the investigation to an officer."
    if kind == DecisionKind.INFORMATION:
        return f"{said} When nothing is left to do, ask for closure."
    return said


@require_safe
@case_page
def social_services(request: SignedIn, case: Case) -> HttpResponse:
    """What Social Services were asked, when they were chased, what they answered, and how that was judged."""
    open_duty = queries.open_update(case)
    may_record = may(request.user, Permission.RECORD_UPDATES, team=case.team)
    context = {
        **heading(case),
        "tab": "social_services",
        "asked": queries.asked_of_social_services(case),
        "answers": queries.answers_of(case),
        "emails": emails_on(case, user=request.user),
        "emails_kept_off": kept_off(case, user=request.user),
        "open_duty": open_duty,
        "now": clock.now(),
        "ladder": list(ladder(case.team, Partner.SOCIAL_SERVICES)),
        "may_record": may_record,
        "may_judge": may(request.user, Permission.JUDGE_UPDATES, team=case.team),
        "may_hold": may(request.user, Permission.HOLD_CHASES, team=case.team),
        "is_open": not refusal(check_open, case),
    }
    return render(request, "referrals/social_services.html", context)


@get_or_post
@case_page
def record_update(request: SignedIn, case: Case) -> HttpResponse:
    """Record what Social Services told, asked or not."""
    require(request.user, Permission.RECORD_UPDATES, team=case.team)
    form, email = form_of_email(request, UpdateForm, {"received_at": clock.moment()}, _update_said(case))
    outcome = attempt(form, actions.record_update, case, by=request.user) if request.method == "POST" else None
    if outcome and outcome.done:
        if may(request.user, Permission.JUDGE_UPDATES, team=case.team):
            messages.success(request, "The update is recorded. Now judge whether circumstances have changed.")
            return redirect(f"{reverse('referrals:judge', args=[case.number])}?answer={outcome.get().pk}")
        messages.success(request, "The update is recorded. A sergeant judges whether circumstances have changed.")
        return redirect("referrals:social_services", case.number)
    if outcome:
        opened_anew(form, outcome.refused, email)
    context: dict[str, Any] = {**heading(case), "tab": "social_services", "form": form, "email": email}
    context["protected"] = email is not None and is_protected(case)
    context["follows"] = what_follows(email, case)
    context["in_the_way"] = refusal(check_open, case)
    return render(request, "referrals/record_update.html", context)


def _update_said(case: Case) -> Callable[[Message], dict[str, Any]]:
    """What an email says, as an update; who sent it only where the record's caller is not protected."""

    def said(email: Message) -> dict[str, Any]:
        from_whom = "" if is_protected(case) else email.sender[:200]
        said = {"received_at": email.received_at, "way": Way.EMAIL, "from_whom": from_whom}
        return {**said, "text": email.text[:LONGEST_TEXT]}

    return said


@get_or_post
@case_page
def judge(request: SignedIn, case: Case) -> HttpResponse:
    """Judge an update, without saying which the one that has waited longest: have circumstances changed?"""
    require(request.user, Permission.JUDGE_UPDATES, team=case.team)
    answer = _to_judge(request, case)
    context: dict[str, Any] = {**heading(case), "tab": "social_services", "answer": answer}
    context["last"] = queries.last_decision(case)
    context["waiting"] = queries.answers_of(case).filter(judgement="").count()
    form = JudgeForm(request.POST or None, asked=answer is not None and answer.duty_id is not None)
    if answer is None:
        context |= {"form": JudgeForm(asked=True), "in_the_way": "No update waits to be judged."}
        return render(request, "referrals/judge.html", context)
    if request.method == "POST":
        outcome = attempt(form, actions.judge_update, answer, by=request.user)
        if outcome.done:
            messages.success(request, _judged(case, outcome.get()))
            again = outcome.get().judgement == Judgement.CHANGED and not refusal(policies.check_decide, case.referral)
            if again:
                return redirect("referrals:decide", case.number)
            return redirect("referrals:judge" if _to_judge_next(case) else "workbench:case", case.number)
    context |= {"form": form, "in_the_way": refusal(policies.check_judge, answer) or refusal(check_open, case)}
    return render(request, "referrals/judge.html", context)


def _to_judge(request: SignedIn, case: Case) -> Answer | None:
    """The update the form was opened on, also where a colleague judged it meanwhile; otherwise the first to judge."""
    opened_on = request.POST.get("answer", "") or request.GET.get("answer", "")
    if opened_on.isascii() and opened_on.isdecimal() and len(opened_on) < 19:
        return Answer.objects.filter(case=case, pk=int(opened_on)).first()
    return queries.answers_of(case).filter(judgement="").order_by("received_at", "pk").first()


def _judged(case: Case, answer: Answer) -> str:
    """What happened, and what is so now."""
    if answer.judgement == Judgement.CHANGED and case.referral.progress == Progress.LOGGED:
        return "Judged: circumstances have changed. Now triage the referral."
    if answer.judgement == Judgement.CHANGED:
        return "Judged: circumstances have changed. Now decide again what is done."
    said = "Judged: circumstances have not changed."
    if answer.judgement == Judgement.NO_ANSWER:
        said = "Judged: it does not answer what we asked."
    if _to_judge_next(case):
        return f"{said} Another update waits to be judged."
    if open_update := queries.open_update(case):
        return f"{said} Social Services are still asked{'' if open_update.held_at else ', and chased'}."
    if answer.duty_id is None:
        return said
    return f"{said} Social Services are not chased any more. When nothing is left to do, ask for closure."


def _to_judge_next(case: Case) -> bool:
    return queries.answers_of(case).filter(judgement="").exists()
