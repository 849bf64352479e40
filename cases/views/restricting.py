"""Who may open a restricted record; and for the command, which records are restricted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit.recording import record_access
from cases import actions, restricting
from cases import restricting_policies as allowed
from cases.models import Case, Restriction
from cases.queries import heading
from cases.reading import case_page
from cases.restricting_forms import NameOfficerForm, RestrictForm, WhyForm
from pages.acting import attempt, refusal
from pages.paging import page_of
from team.acting import SignedIn, acting_team
from team.permissions import Permission, may, require, teams_where

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@case_page
def restriction(request: SignedIn, case: Case) -> HttpResponse:
    """Who may open the record; restricting it to those named, or naming somebody more."""
    form = _restrict_form(request, case) if not case.restricted else _name_form(request, case)
    if request.method == "POST":
        require(request.user, Permission.RESTRICT_RECORDS, team=case.team)
        if case.restricted:
            outcome = attempt(form, actions.name_officer, case, by=request.user)
            said = f"{form.cleaned_data['officer']} may open this record now." if outcome.done else ""
        else:
            outcome = attempt(form, actions.restrict_case, case, by=request.user)  # type: ignore[arg-type]
            said = "From now on only those named can open this record."
        if outcome.done:
            messages.success(request, said)
            return redirect("cases:restriction", case.number)
    named = list(restricting.named_on(case))
    context = {
        **heading(case),
        "tab": "overview",
        "form": form,
        "running": restricting.restriction_of(case),
        "named": named,
        # Who was put on the record since: whoever reads it takes the name off.
        "called_as_on": restricting.called_as_on(case, [each.officer for each in named]),
        "named_before": list(restricting.named_before(case)),
        "earlier": list(restricting.restrictions_of(case)),
        "may_restrict": may(request.user, Permission.RESTRICT_RECORDS, team=case.team),
        "may_end": may(request.user, Permission.END_RESTRICTIONS, team=case.team),
    }
    return render(request, "cases/restriction.html", context)


def _restrict_form(request: SignedIn, case: Case) -> RestrictForm:
    others = restricting.can_be_named(case).exclude(pk=request.user.pk)
    works = {case.officer_in_case_id, case.supervisor_id} | restricting.who_can_end(case.team)
    # The command is asked where it is needed: it is not named unasked.
    chosen = [each for each in others if each.pk in works and not any(m.is_of_command for m in each.here)]  # type: ignore[attr-defined]
    return RestrictForm(request.POST or None, officers=others, initial={"officers": chosen})


def _name_form(request: SignedIn, case: Case) -> NameOfficerForm:
    named = restricting.named_on(case).order_by().values("officer")
    officers = restricting.can_be_named(case).exclude(pk__in=named)
    return NameOfficerForm(request.POST or None, officers=officers)


@get_or_post
@case_page
def take_name_off(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """Somebody may open the record no more."""
    require(request.user, Permission.RESTRICT_RECORDS, team=case.team)
    named = get_object_or_404(case.named.select_related("officer", "ended_by"), pk=pk)
    form = WhyForm(
        request.POST or None, label="Why can they no longer open it?", missing="Say why they can no longer open it"
    )
    if request.method == "POST" and attempt(form, actions.take_name_off, named, by=request.user).done:
        messages.success(request, f"{named.officer} can no longer open record {case}.")
        # Whoever took themselves off has nothing more to see.
        itself = named.officer == request.user
        return redirect("cases:records") if itself else redirect("cases:restriction", case.number)
    context = {**heading(case), "tab": "overview", "form": form, "named": named}
    named.case = case
    context["in_the_way"] = refusal(allowed.check_still_named, named) or refusal(
        allowed.check_can_be_taken_off, named
    )
    return render(request, "cases/take_name_off.html", context)


@get_or_post
@case_page
def end_restriction(request: SignedIn, case: Case) -> HttpResponse:
    """Everybody in the team may open the record again."""
    require(request.user, Permission.END_RESTRICTIONS, team=case.team)
    form = WhyForm(request.POST or None, label="Why does the restriction end?", missing="Say why it ends")
    if request.method == "POST" and attempt(form, actions.end_restriction, case, by=request.user).done:
        messages.success(request, f"Record {case} is no longer restricted: everybody in {case.team} can open it.")
        return redirect("cases:restriction", case.number)
    context = {**heading(case), "tab": "overview", "form": form}
    context["in_the_way"] = refusal(allowed.check_restricted, case)
    return render(request, "cases/end_restriction.html", context)


# --- for the command -----------------------------------------------------------------------------


@require_safe
def restricted_records(request: SignedIn) -> HttpResponse:
    """Which records are restricted, since when, and who is named on them: nothing of what they say."""
    require(request.user, Permission.OVERSEE_RESTRICTIONS, team=None)
    teams = teams_where(request.user, Permission.OVERSEE_RESTRICTIONS)
    rows = Restriction.objects.filter(ended_at=None, case__team__in=teams).select_related("case__team", "began_by")
    with transaction.atomic():
        team = acting_team(request)
        record_access(Restriction, by=request.user, team_id=team.pk if team else None)
        page = page_of(rows, key="began_at", descending=True, cursor=request.GET.get("after", ""))
    named: dict[int, list[Any]] = {row.case_id: [] for row in page.rows}
    for each in restricting.named_on_all(list(named)):
        named[each.case_id].append(each)
    able = {team.pk: restricting.who_opens_in(team) for team in {row.case.team for row in page.rows}}
    lines = [
        (row, [(each, each.officer_id in able[row.case.team_id]) for each in named[row.case_id]]) for row in page.rows
    ]
    return render(request, "cases/restricted_records.html", {"rows": lines, **page.links(request.GET)})


@get_or_post
def name_on_restricted(request: SignedIn, number: str) -> HttpResponse:
    """Name somebody on a restricted record without opening it."""
    require(request.user, Permission.OVERSEE_RESTRICTIONS, team=None)
    teams = teams_where(request.user, Permission.OVERSEE_RESTRICTIONS)
    rows = Case.objects.filter(restricted=True, team__in=teams).select_related(
        "team", "officer_in_case", "supervisor"
    )
    case = get_object_or_404(rows, number=number)
    with transaction.atomic():
        detail = {"record": case.number}
        record_access(Restriction, by=request.user, case_id=case.pk, team_id=case.team_id, detail=detail)
    form = _name_form(request, case)
    if request.method == "POST" and attempt(form, actions.name_officer, case, by=request.user).done:
        messages.success(request, f"{form.cleaned_data['officer']} may open record {case} now.")
        return redirect("cases:restricted_records")
    context = {"form": form, "case": case, "named": list(restricting.named_on(case))}
    return render(request, "cases/name_on_restricted.html", context)
