from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cases.enums import Partner
from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from diary import actions, forms, policies
from diary.chasing import ladder, next_rung
from diary.models import Duty, Rung
from pages.acting import attempt, open_on, refusal
from team.acting import SignedIn, acting_team
from team.history import ChangedMeanwhile
from team.permissions import Permission, may, require, teams_where

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


# --- holding emails back -------------------------------------------------------------------------


@get_or_post
@case_page
def hold_chases(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """Hold back every email about a duty."""
    return _hold(request, case, pk, hold=True)


@get_or_post
@case_page
def release_chases(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """Let the emails about a duty go again."""
    return _hold(request, case, pk, hold=False)


def _hold(request: SignedIn, case: Case, pk: int, *, hold: bool) -> HttpResponse:
    require(request.user, Permission.HOLD_CHASES, team=case.team)
    duty = get_object_or_404(Duty.objects.select_related("case", "held_by", "ended_by"), case=case, pk=pk)
    form = forms.WhyForm(request.POST or None)
    act = actions.hold_chases if hold else actions.release_chases
    if request.method == "POST" and attempt(form, act, duty, by=request.user).done:
        said = "No email goes to Social Services about this any more. Ring them, or visit, where it is needed."
        messages.success(request, said if hold else "Emails to Social Services are sent again.")
        return redirect("referrals:social_services", case.number)
    check = policies.check_hold if hold else policies.check_release
    context = {**heading(case), "tab": "social_services", "form": form, "hold": hold, "duty": duty}
    context["in_the_way"] = refusal(check, duty)
    context["goes_to"] = next_rung(duty)
    return render(request, "diary/hold_chases.html", context)


# --- addresses -----------------------------------------------------------------------------------


@get_or_post
def addresses(request: SignedIn) -> HttpResponse:
    """Whom CAIT writes to at Social Services, step by step; the inspector approves another."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    team = acting_team(request)
    teams = teams_where(request.user, Permission.APPROVE_ADDRESSES)
    if team is None or not may(request.user, Permission.SEE_RECORDS, team=team):
        raise Http404
    rungs = list(ladder(team, Partner.SOCIAL_SERVICES))
    seen = max((rung.pk for rung in rungs), default=0)
    initial = {"team": team, "number": len(rungs) + 1, "seen": seen}
    form = forms.AddressForm(request.POST or None, teams=teams, initial=initial)
    if request.method == "POST":
        require(request.user, Permission.APPROVE_ADDRESSES, team=team)
        values = {}
        if form.is_valid():
            values = {**form.cleaned_data, "partner": Partner.SOCIAL_SERVICES}
            team = values.pop("team")
        outcome = attempt(form, actions.approve_address, team, values=values, by=request.user)
        if outcome.done:
            messages.success(
                request, f"{form.cleaned_data['address']} is approved for step {form.cleaned_data['number']}."
            )
            return redirect("diary:addresses")
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, seen=seen)
    may_approve = may(request.user, Permission.APPROVE_ADDRESSES, team=team)
    context = {"form": form, "rungs": rungs, "team": team, "may_approve": may_approve}
    return render(request, "diary/addresses.html", context)


@get_or_post
def end_address(request: SignedIn, pk: int) -> HttpResponse:
    """End the highest address of a ladder."""
    require(request.user, Permission.APPROVE_ADDRESSES, team=None)
    teams = teams_where(request.user, Permission.APPROVE_ADDRESSES)
    rung = get_object_or_404(Rung.objects.select_related("team", "ended_by"), pk=pk, team__in=teams)
    form = forms.EndForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.end_address, rung, by=request.user).done:
        messages.success(request, f"Nothing is written to {rung.address} any more.")
        return redirect("diary:addresses")
    rung.refresh_from_db()  # a colleague may have been first
    highest = max((each.number for each in ladder(rung.team, Partner(rung.partner))), default=0)
    context = {"form": form, "rung": rung, "below": rung.number - 1}
    context["in_the_way"] = refusal(policies.check_end_rung, rung, highest=highest)
    return render(request, "diary/end_address.html", context)
