"""The page of a record from which it is transferred to another borough's team. Its answer is in `workbench`."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cases import actions, transfer_policies
from cases.closure import before_transfer
from cases.enums import State, TransferState
from cases.forms import AnswerForm
from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from cases.transfer_forms import AskTransferForm
from cases.transfers import teams_that_can_answer, transfers_of
from pages.acting import attempt, refusal
from team.acting import SignedIn
from team.permissions import Permission, may, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@case_page
def transfer(request: SignedIn, case: Case) -> HttpResponse:
    """What has to be finished first; asking another team, and what was asked and answered before."""
    may_ask = may(request.user, Permission.TRANSFER_RECORDS, team=case.team)
    form = AskTransferForm(request.POST or None, teams=teams_that_can_answer(case))
    if request.method == "POST":
        require(request.user, Permission.TRANSFER_RECORDS, team=case.team)
        outcome = attempt(form, actions.ask_transfer, case, by=request.user)
        if outcome.done:
            team = outcome.get().to_team
            messages.success(request, f"{team} is asked. The record stays with {case.team} until they accept it.")
            return redirect("cases:transfer", case.number)
    every = list(transfers_of(case))
    asked = next((each for each in every if each.state == TransferState.ASKED), None)
    context = {
        **heading(case),
        "tab": "overview",
        "form": form,
        "things": before_transfer(case) if case.state == State.OPEN else [],
        "asked": asked,
        "earlier": [each for each in every if each != asked],
        "may_ask": may_ask,
        "none_can_answer": not form.fields["to_team"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return render(request, "cases/transfer.html", context)


@get_or_post
@case_page
def withdraw_transfer(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """Take the request back."""
    require(request.user, Permission.TRANSFER_RECORDS, team=case.team)
    asked = get_object_or_404(transfers_of(case), pk=pk)
    asked.case = case
    label, missing = "Why do you withdraw the request?", "Say why you withdraw it"
    form = AnswerForm(request.POST or None, label=label, missing=missing)
    if request.method == "POST" and attempt(form, actions.withdraw_transfer, asked, by=request.user).done:
        messages.success(request, f"The request is withdrawn. The record stays with {case.team}.")
        return redirect("workbench:case", case.number)
    context = {**heading(case), "tab": "overview", "form": form, "asked": asked}
    context["in_the_way"] = refusal(transfer_policies.check_answer_transfer, asked)
    return render(request, "cases/withdraw_transfer.html", context)
