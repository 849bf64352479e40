"""How a record ends: the page of closure, with all that stands in its way; and how it is opened again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cases import actions, forms, policies, queries
from cases.closure import ends_undone, in_the_way
from cases.models import Case, Closure
from cases.queries import heading
from cases.reading import case_page
from pages.acting import attempt, refusal
from team.acting import SignedIn
from team.permissions import Permission, may, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@case_page
def closure(request: SignedIn, case: Case) -> HttpResponse:
    """What stands in the way; asking for closure, and what was asked and answered before."""
    may_ask = may(request.user, Permission.ASK_CLOSURE, team=case.team)
    form = forms.AskClosureForm(request.POST or None)
    if request.method == "POST":
        require(request.user, Permission.ASK_CLOSURE, team=case.team)
        if attempt(form, actions.ask_closure, case, by=request.user).done:
            messages.success(request, "Closure is asked for. Another sergeant or the inspector answers.")
            return redirect("cases:closure", case.number)
    earlier = list(queries.closures_of(case))
    asked = next((each for each in earlier if each.state == "asked"), None)
    may_answer = may(request.user, Permission.CLOSE_RECORDS, team=case.team)
    context = {
        **heading(case),
        "tab": "closure",
        "form": form,
        "things": in_the_way(case),
        "undone": ends_undone(case),
        "since": queries.since_asked(asked) if asked else [],
        "asked": asked,
        "earlier": [each for each in earlier if each != asked],
        "may_ask": may_ask,
        "may_answer": may_answer,
        "not_by_you": refusal(policies.check_agree_closure, asked, by=request.user) if asked and may_answer else "",
        "asked_by_you": asked is not None and asked.asked_by == request.user and may_ask,
        "may_reopen": may(request.user, Permission.REOPEN_RECORDS, team=case.team),
    }
    return render(request, "cases/closure.html", context)


@get_or_post
@case_page
def agree_closure(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.CLOSE_RECORDS, team=case.team)
    asked = _closure(case, pk)
    form = forms.AgreeClosureForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.agree_closure, asked, by=request.user).done:
        messages.success(request, f"Record {case} is closed.")
        return redirect("workbench:case", case.number)
    refused = refusal(policies.check_answer_closure, asked) or refusal(
        policies.check_agree_closure, asked, by=request.user
    )
    context = {"undone": ends_undone(case), "since": queries.since_asked(asked)} | _of_closure(
        case, asked, form, refused or refusal(policies.check_nothing_in_the_way, case)
    )
    return render(request, "cases/agree_closure.html", context)


@get_or_post
@case_page
def refuse_closure(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.CLOSE_RECORDS, team=case.team)
    asked = _closure(case, pk)
    form = forms.AnswerForm(
        request.POST or None, label="What is missing before it can be closed?", missing="Say what is missing"
    )
    if request.method == "POST" and attempt(form, actions.refuse_closure, asked, by=request.user).done:
        messages.success(request, f"Record {case} stays open. Tell {asked.asked_by}; why is in the chronology too.")
        return redirect("workbench:case", case.number)
    refused = refusal(policies.check_answer_closure, asked)
    refused = refused or refusal(policies.check_refuse_closure, asked, by=request.user)
    context = _of_closure(case, asked, form, refused)
    return render(request, "cases/refuse_closure.html", context)


@get_or_post
@case_page
def withdraw_closure(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.ASK_CLOSURE, team=case.team)
    asked = _closure(case, pk)
    form = forms.AnswerForm(
        request.POST or None, label="Why do you withdraw the request?", missing="Say why you withdraw it"
    )
    if request.method == "POST" and attempt(form, actions.withdraw_closure, asked, by=request.user).done:
        messages.success(request, "The request is withdrawn. The record stays open.")
        return redirect("workbench:case", case.number)
    refused = refusal(policies.check_answer_closure, asked)
    refused = refused or refusal(policies.check_withdraw_closure, asked, by=request.user)
    return render(request, "cases/withdraw_closure.html", _of_closure(case, asked, form, refused))


@get_or_post
@case_page
def reopen_case(request: SignedIn, case: Case) -> HttpResponse:
    """Open a closed record again."""
    require(request.user, Permission.REOPEN_RECORDS, team=case.team)
    form = forms.ReopenForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.reopen_case, case, by=request.user).done:
        messages.success(request, f"Record {case} is open again. Now decide what is done.")
        return redirect("workbench:case", case.number)
    context = {**heading(case), "tab": "closure", "form": form, "in_the_way": refusal(policies.check_reopen, case)}
    return render(request, "cases/reopen_case.html", context)


def _closure(case: Case, pk: int) -> Closure:
    rows = Closure.objects.select_related("asked_by", "answered_by", "case__officer_in_case")
    return get_object_or_404(rows, case=case, pk=pk)


def _of_closure(case: Case, asked: Closure, form: Any, refused: str) -> dict[str, Any]:
    return {**heading(case), "tab": "closure", "asked": asked, "form": form, "in_the_way": refused}
