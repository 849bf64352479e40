from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit.recording import record_access
from cases.enums import Partner
from cases.models import Case
from cases.queries import heading, my_actions
from cases.reading import case_page
from deadlines import clock
from diary import actions, forms, policies, queries
from diary.chasing import ladder, next_rung
from diary.models import Duty, Rung
from pages.acting import attempt, open_on, refusal
from pages.paging import page_of
from team.acting import SignedIn, acting_team
from team.history import ChangedMeanwhile
from team.permissions import Permission, may, reaches_several_teams, require, several_teams, teams_held, teams_where

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
MOST_ACTIONS = 20


@require_safe
def queues(request: SignedIn) -> HttpResponse:
    """What is due, for me and for my team: what is late first, then in the order in which it runs out."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    form = forms.QueueFilterForm(request.GET, teams=several_teams(request.user, Permission.SEE_RECORDS))
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    visible = Duty.objects.visible_to(request.user)
    with transaction.atomic():
        team = acting_team(request)
        detail = {"filters": sorted(name for name, value in asked.items() if value)}
        now = record_access(Duty, by=request.user, team_id=team.pk if team else None, detail=detail).at
        rows = queries.narrowed(visible, user=request.user, now=now, **asked) if form.is_valid() else visible.none()
        rows = rows.select_related("case__officer_in_case", "owner", "team")
        page = page_of(rows, key="late_from", descending=False, cursor=request.GET.get("after", ""))
        lines = queries.queue_rows(page.rows, user=request.user, today=clock.london_date(now))
        visible = visible if form.is_valid() else visible.none()  # a wrong filter counts nothing either
        narrower = {name: value for name, value in asked.items() if name != "by"}
        counts = queries.counts(visible, user=request.user, now=now, **narrower)
    why = request.GET.get("why", "")
    context = {
        "form": form,
        "filtered": bool(form.errors) or any(asked.values()),
        "groups": _groups(lines, now),
        "counts": counts,
        "now": now,
        "today": clock.london_date(now),
        "why": int(why) if why.isascii() and why.isdecimal() and len(why) < 19 else 0,
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        "trouble": queries.trouble(teams_held(request.user, Permission.HOLD_CHASES), now=now),
        "may_approve": may(request.user, Permission.APPROVE_ADDRESSES, team=None),
        "my_actions": my_actions(request.user, most=MOST_ACTIONS),
        "links": _links(request, asked),
        "asked": _without(request, "why"),
        **page.links(request.GET),
    }
    return render(request, "diary/queues.html", context)


def _groups(lines: list[queries.QueueRow], now: datetime) -> list[tuple[str, list[queries.QueueRow]]]:
    """The rows of a page under what is late, due today, due later: the rows come in that order already."""
    groups: dict[str, list[queries.QueueRow]] = {"Late": [], "Due today": [], "Later": []}
    end = queries.until("today", now)
    for line in lines:
        late_from = line.shown.duty.late_from
        groups["Late" if late_from <= now else "Due today" if late_from <= end else "Later"].append(line)
    return [(name, rows) for name, rows in groups.items() if rows]


def _links(request: SignedIn, asked: dict[str, Any]) -> dict[str, str]:
    """For each count the address of its list, the other filters kept."""
    return {by: f"?{_without(request, 'after', 'why', by=by)}" for by in ("late", "today", "week")}


def _without(request: SignedIn, *names: str, **new: str) -> str:
    """The query of the address without some names, and with others."""
    asked = request.GET.copy()
    for name in names:
        asked.pop(name, None)
    for name, value in new.items():
        asked[name] = value
    return asked.urlencode()


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
