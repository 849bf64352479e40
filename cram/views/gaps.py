"""What is not known about a record and matters: who finds out, by when, and what was found out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Case
from cases.policies import can_write, check_open
from cases.queries import heading, officers_for
from cases.reading import case_page
from cram import actions, managing_forms, managing_policies
from cram.enums import GapState
from cram.managing import gaps_of
from cram.models import Gap
from deadlines import clock, rules
from pages.acting import attempt, open_on, refusal
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@case_page
def gaps(request: SignedIn, case: Case) -> HttpResponse:
    """What is not known, by whom it is found out and by when; and what was found out."""
    rows = gaps_of(case)
    context = {
        **heading(case),
        "tab": "cram",
        "open": [row for row in rows if row.gap.state == GapState.OPEN],
        "ended": [row for row in rows if row.gap.state != GapState.OPEN],
        "may_write": can_write(case, request.user),
    }
    return render(request, "cram/gaps.html", context)


@get_or_post
@case_page
def raise_gap(request: SignedIn, case: Case) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    initial = {"owner": request.user, "due_on": rules.GAP.offered(clock.now())}
    form = managing_forms.GapForm(request.POST or None, officers=officers_for(case), initial=initial)
    if request.method == "POST" and attempt(form, actions.raise_gap_on, case, by=request.user).done:
        messages.success(request, f"The gap is raised. {form.cleaned_data['owner']} finds out.")
        return redirect("cram:gaps", case.number)
    context = {**heading(case), "tab": "cram", "form": form, "in_the_way": refusal(check_open, case)}
    return render(request, "cram/raise_gap.html", context)


@get_or_post
@case_page
def change_gap(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    gap = _gap(case, pk)
    version = version_of(gap)
    initial = {"owner": gap.owner, "due_on": gap.due_on, "version": version}
    form = managing_forms.ChangeGapForm(request.POST or None, officers=officers_for(case), initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.change_gap, gap, by=request.user)
        if outcome.done:
            messages.success(request, "It is changed who finds out, or by when.")
            return redirect("cram:gaps", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    return render(request, "cram/change_gap.html", _of_gap(case, gap, form))


@get_or_post
@case_page
def answer_gap(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    gap = _gap(case, pk)
    form = managing_forms.AnswerGapForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.answer_gap, gap, by=request.user).done:
        messages.success(request, "What was found out is recorded, here and in the chronology.")
        return redirect("cram:gaps", case.number)
    return render(request, "cram/answer_gap.html", _of_gap(case, gap, form))


@get_or_post
@case_page
def drop_gap(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    gap = _gap(case, pk)
    form = managing_forms.DropGapForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.drop_gap, gap, by=request.user).done:
        messages.success(request, "The gap is recorded as no longer needed.")
        return redirect("cram:gaps", case.number)
    return render(request, "cram/drop_gap.html", _of_gap(case, gap, form))


def _gap(case: Case, pk: int) -> Gap:
    return get_object_or_404(Gap.objects.select_related("owner", "ended_by", "case"), case=case, pk=pk)


def _of_gap(case: Case, gap: Gap, form: Any) -> dict[str, Any]:
    in_the_way = refusal(check_open, case) or refusal(managing_policies.check_gap_is_open, gap)
    return {**heading(case), "tab": "cram", "gap": gap, "form": form, "in_the_way": in_the_way}
