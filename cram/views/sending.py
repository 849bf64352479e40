"""What is new, the level, decisions and actions of an assessment; and sending it for endorsement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from cases.models import Case, Shared
from cases.queries import officers_for
from cases.reading import case_page
from cram import actions, duties, policies
from cram.assessing_forms import ActionForm, DecisionForm, LevelForm, NewInformationForm, SendForm, VersionForm
from cram.models import Assessment
from cram.paper import as_it_was
from cram.queries import being_written
from cram.reading import on_page
from cram.repeating import missing_in
from cram.views.written import written
from deadlines import rules
from diary.models import Duty, DutyState
from diary.pairs import pair_of
from pages.acting import attempt, open_on, refusal
from pages.words import day
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@case_page
def level(request: SignedIn, case: Case) -> HttpResponse:
    """Set the level, and answer what contradicts it."""
    assessment = written(request, case)
    if isinstance(assessment, HttpResponse):
        return assessment
    here = reverse("cram:level", args=[case.number])
    context = on_page(case, assessment, here=here)
    initial = {
        "level": assessment.level,
        "rationale": assessment.rationale,
        "challenge_answer": assessment.challenge_answer,
        "version": version_of(assessment),
    }
    form = LevelForm(request.POST or None, against=context["against"], initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.set_level, assessment, by=request.user)
        if outcome.done:
            return _after_level(request, case, outcome.get())
        if isinstance(outcome.refused, ChangedMeanwhile) and (now := being_written(case)):
            open_on(form, version=version_of(now))
            context = on_page(case, now, here=here)
        form.shows(context["against"])
    return render(request, "cram/level.html", context | {"form": form})


def _after_level(request: SignedIn, case: Case, assessment: Assessment) -> HttpResponse:
    if refusal(policies.check_challenge_is_answered, assessment):
        messages.warning(request, "The level is saved. It does not fit the answers: say below why it is right.")
        return redirect("cram:level", case.number)
    messages.success(request, "The level is saved.")
    return redirect("cram:send", case.number)


@get_or_post
@case_page
def new_information(request: SignedIn, case: Case) -> HttpResponse:
    """What has become known since the last CRAM, and who in Social Services was told (HMIC 2010, AFI 1)."""
    assessment = written(request, case)
    if isinstance(assessment, HttpResponse):
        return assessment
    shared = Shared.objects.filter(case=case).order_by("-shared_at", "-pk")
    since = assessment.previous.submitted_at if assessment.previous else None
    form = NewInformationForm(
        request.POST if request.method == "POST" and request.POST.get("do") == "add" else None,
        shared=shared,
        initial={"assessed": assessment.number},
    )
    if request.method == "POST":
        if request.POST.get("do") == "nothing":
            seen = VersionForm(request.POST)
            outcome = attempt(seen, actions.set_level, assessment, nothing_new=True, by=request.user)
            if outcome.done:
                messages.success(request, "Recorded: nothing is new since the last CRAM.")
            elif outcome.refused:
                messages.error(request, " ".join(outcome.refused.messages))
            return redirect("cram:new_information", case.number)
        if _added(form, actions.add_new_information, request, assessment):
            messages.success(request, "It is recorded in the review.")
            return redirect("cram:new_information", case.number)
    context = on_page(case, assessment, here=reverse("cram:new_information", args=[case.number]))
    rows = assessment.new_information.select_related("shared", "recorded_by").order_by("pk")
    context |= {"form": form, "rows": list(rows), "since": since, "version": version_of(assessment)}
    return render(request, "cram/new_information.html", context)


@get_or_post
@case_page
def decisions(request: SignedIn, case: Case) -> HttpResponse:
    """Add decisions and actions to an assessment."""
    assessment = written(request, case)
    if isinstance(assessment, HttpResponse):
        return assessment
    do = request.POST.get("do") if request.method == "POST" else None
    opened_on = {"assessed": assessment.number}
    decision = DecisionForm(request.POST if do == "decision" else None, prefix="decision", initial=opened_on)
    initial = {"due_on": rules.GAP.offered(case.looked_at or case.raised_at), **opened_on}
    direction = ActionForm(
        request.POST if do == "action" else None, prefix="action", officers=officers_for(case), initial=initial
    )
    if do == "decision" and _added(decision, actions.add_decision, request, assessment):
        messages.success(request, "The decision is added.")
        return redirect("cram:decisions", case.number)
    if do == "action" and _added(direction, actions.add_assessment_action, request, assessment):
        messages.success(request, "The action is added.")
        return redirect("cram:decisions", case.number)
    context = on_page(case, assessment, here=reverse("cram:decisions", args=[case.number]))
    context |= {
        "decision_form": decision,
        "action_form": direction,
        "form": decision if do == "decision" else direction if do == "action" else None,
        "decided": list(assessment.decided.select_related("decided_by").order_by("pk")),
        "given": list(assessment.directions.select_related("action", "action__owner").order_by("pk")),
    }
    return render(request, "cram/decisions.html", context)


def _added(form: forms.Form, action: Callable[..., object], request: SignedIn, assessment: Assessment) -> bool:
    """Whether it was added. Where the page was opened on an earlier CRAM, sending it again is meant for this one."""
    outcome = attempt(form, action, assessment, by=request.user)
    if isinstance(outcome.refused, ChangedMeanwhile):
        open_on(form, **{form.add_prefix("assessed"): assessment.number})
    return outcome.done


@get_or_post
@case_page
def send(request: SignedIn, case: Case) -> HttpResponse:
    """Look at the assessment as a whole, and send it for endorsement."""
    assessment = written(request, case)
    if isinstance(assessment, HttpResponse):
        return assessment
    context = on_page(case, assessment, here=reverse("cram:send", args=[case.number]))
    missing = missing_in(assessment)
    initial = {"sent_without": assessment.sent_without, "version": version_of(assessment)}
    form = SendForm(request.POST or None, missing=bool(missing), initial=initial)
    review = context["review"].duty if context["review"] else None
    pair = pair_of(review) if review else None
    other = pair.other(review) if pair and review else None
    if other is None or refusal(policies.check_answers_too, assessment, review, other, by=request.user):
        context["one_review"] = None  # offered to whoever may do the other review too
    if request.method == "POST":
        both: dict[str, Any] = {}
        if request.POST.get("both") and other is not None:
            both["together_with"] = other
        outcome = attempt(form, actions.submit_assessment, assessment, by=request.user, **both)
        if outcome.done:
            return _sent(request, case)
        if isinstance(outcome.refused, ChangedMeanwhile) and (now := being_written(case)):
            open_on(form, version=version_of(now))
    context |= {
        "form": form,
        "in_the_way": refusal(policies.check_submit, assessment),
        "missing": missing,
        "new_information": assessment.new_information.select_related("shared", "recorded_by").order_by("pk"),
        **as_it_was(assessment),
    }
    return render(request, "cram/send.html", context)


def _sent(request: SignedIn, case: Case) -> HttpResponse:
    following = Duty.objects.filter(case=case, kind=duties.REVIEW.code, state=DutyState.OPEN).first()
    words = "The CRAM is sent for endorsement."
    if following:
        words += f" The next review is due by {day(following.due_on)}."
    messages.success(
        request,
        format_html(
            '{} <a class="govuk-notification-banner__link" href="{}">Back to the queue</a>',
            words,
            reverse("diary:queues"),
        ),
    )
    return redirect("workbench:case", case.number)
