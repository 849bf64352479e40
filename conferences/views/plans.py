"""Plans that no conference here began or ended, and the core groups that carry plans."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cases.enums import CHILDREN
from cases.models import Case
from cases.policies import check_open
from cases.queries import heading, officers_for
from cases.reading import case_page
from conferences import actions, plan_forms, plan_policies
from conferences.enums import CoreGroupState
from conferences.models import CoreGroup, Plan
from conferences.queries import running_plans
from deadlines import clock
from pages.acting import Outcome, attempt, open_on, refusal
from pages.words import day, moment
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@case_page
def record_plan(request: SignedIn, case: Case) -> HttpResponse:
    """A plan that was there before CAIT knew of it."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    context = heading(case)
    children = [each.person for each in context["people"] if each.part.part in CHILDREN]
    on_plan = running_plans(child.pk for child in children)
    free = [child for child in children if child.pk not in on_plan]
    initial = {"child": free[0].pk} if len(free) == 1 else {}
    form = plan_forms.PlanForm(request.POST or None, children=free, initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.record_plan, case, by=request.user)
        if outcome.done:
            plan = outcome.get()
            since = f"{plan.child} has been on a child protection plan since {day(plan.from_on)}."
            messages.success(request, f"{since} What it brings is due from now on.")
            return _back(case, "plans")
    nobody = "Every child on this record is on a plan already." if children else "No child is named on this record."
    in_the_way = refusal(check_open, case) or ("" if free else nobody)
    return render(
        request,
        "conferences/record_plan.html",
        {**context, "tab": "conferences", "form": form, "in_the_way": in_the_way},
    )


@get_or_post
@case_page
def end_plan(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """A plan ended without a conference here."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    plan = _plan(case, pk)
    version = version_of(plan)
    form = plan_forms.EndPlanForm(request.POST or None, initial={"version": version})
    if request.method == "POST":
        outcome = attempt(form, actions.end_plan, plan, by=request.user)
        if outcome.done:
            messages.success(request, f"It is recorded that the plan of {plan.child} ended.")
            return _back(case, "plans")
        _show_again(form, outcome, version)
    context = _context(case, form, refusal(plan_policies.check_plan_runs, plan))
    return render(request, "conferences/end_plan.html", {**context, "plan": plan})


@get_or_post
@case_page
def withdraw_plan(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """A plan that was recorded by mistake."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    plan = _plan(case, pk)
    version = version_of(plan)
    form = plan_forms.WithdrawPlanForm(request.POST or None, initial={"version": version})
    if request.method == "POST":
        outcome = attempt(form, actions.withdraw_plan, plan, by=request.user)
        if outcome.done:
            messages.success(request, f"The plan of {plan.child} is off the register. It stays to be read.")
            return _back(case, "plans")
        _show_again(form, outcome, version)
    context = _context(case, form, refusal(plan_policies.check_withdraw_plan, plan, "why"))
    return render(request, "conferences/withdraw_plan.html", {**context, "plan": plan})


# --- core groups ---------------------------------------------------------------------------------


@get_or_post
@case_page
def plan_core_group(request: SignedIn, case: Case) -> HttpResponse:
    """When a core group is, or was: then straight on to what was said there."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    now = clock.moment()
    before = CoreGroup.objects.filter(case=case).exclude(place="").order_by("-starts_at", "-pk").first()
    initial = {"place": before.place} if before else {}
    form = plan_forms.CoreGroupForm(request.POST or None, initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.plan_core_group, case, by=request.user)
        if outcome.done:
            group = outcome.get()
            if group.starts_at <= now:
                messages.success(request, "The core group is recorded. What was said there?")
                return redirect("conferences:record_core_group", case.number, group.number)
            messages.success(
                request, f"The core group is recorded. The CRAM review is due by {day(group.starts_at)}."
            )
            return _back(case, "core-groups")
    in_the_way = refusal(plan_policies.check_plan_core_group, case, now, now=now)
    return render(request, "conferences/plan_core_group.html", _context(case, form, in_the_way))


@get_or_post
@case_page
def move_core_group(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    group = _group(case, nr)
    version = version_of(group)
    initial = {"version": version, "place": group.place}
    form = plan_forms.MoveCoreGroupForm(request.POST or None, initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.move_core_group, group, by=request.user)
        if outcome.done:
            messages.success(request, f"The core group is moved to {moment(outcome.get().starts_at)}.")
            return _back(case, "core-groups")
        _show_again(form, outcome, version)
    return render(request, "conferences/move_core_group.html", _of_group(group, form))


@get_or_post
@case_page
def record_core_group(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """What a core group said, who of the police was there, and what was passed on."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    group = _group(case, nr)
    version = version_of(group)
    form = plan_forms.RecordCoreGroupForm(
        request.POST or None, officers=officers_for(case), initial={"version": version}
    )
    if request.method == "POST":
        outcome = attempt(form, actions.record_core_group, group, by=request.user)
        if outcome.done:
            messages.success(request, "What the core group said is recorded.")
            return _back(case, "core-groups")
        _show_again(form, outcome, version)
    context = _of_group(group, form)
    context["in_the_way"] = context["in_the_way"] or refusal(
        plan_policies.check_core_group_held, group, "note", now=clock.moment()
    )
    return render(request, "conferences/record_core_group.html", context)


@get_or_post
@case_page
def cancel_core_group(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    group = _group(case, nr)
    version = version_of(group)
    form = plan_forms.CancelCoreGroupForm(request.POST or None, initial={"version": version})
    if request.method == "POST":
        outcome = attempt(form, actions.cancel_core_group, group, by=request.user)
        if outcome.done:
            messages.success(request, "It is recorded that the core group is not held.")
            return _back(case, "core-groups")
        _show_again(form, outcome, version)
    return render(request, "conferences/cancel_core_group.html", _of_group(group, form))


def _plan(case: Case, pk: int) -> Plan:
    plan = get_object_or_404(Plan.objects.select_related("child", "begun_at"), case=case, pk=pk)
    plan.case = case
    return plan


def _group(case: Case, nr: int) -> CoreGroup:
    group = get_object_or_404(CoreGroup.objects.select_related("ended_by"), case=case, number=nr)
    group.case = case
    return group


def _of_group(group: CoreGroup, form: Any) -> dict[str, Any]:
    context = _context(group.case, form, refusal(plan_policies.check_core_group_planned, group))
    return {**context, "group": group, "is_planned": group.state == CoreGroupState.PLANNED}


def _context(case: Case, form: Any, in_the_way: str) -> dict[str, Any]:
    way = refusal(check_open, case) or in_the_way
    return {**heading(case), "tab": "conferences", "form": form, "in_the_way": way}


def _show_again(form: Any, outcome: Outcome[Any], version: int) -> None:
    """Whoever was told of another's change sends the form again on purpose."""
    if isinstance(outcome.refused, ChangedMeanwhile):
        open_on(form, version=version)


def _back(case: Case, part: str) -> HttpResponse:
    return redirect(f"{reverse('conferences:of_record', args=[case.number])}#{part}")
