"""The risks of a record and what manages them, and the unmanaged risks of every record one may open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from audit.recording import record_access
from cases.models import Case
from cases.policies import can_write, check_open
from cases.queries import heading, officers_for, record_lines
from cases.reading import case_page
from cram import actions, managing, managing_forms, managing_policies
from cram.models import Measure, MeasureCheck, Risk
from deadlines import clock, rules
from pages.acting import attempt, open_on, refusal
from pages.paging import page_of
from pages.words import day
from team.acting import SignedIn, acting_team
from team.forms import OfTeamForm
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, may, reaches_several_teams, require, several_teams

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
UNMANAGED = (
    '{} Nothing manages the risk “{}” now. <a class="govuk-notification-banner__link" href="{}">Set a control '
    "measure</a>, or say why the risk is no longer present."
)


@require_safe
@case_page
def risks(request: SignedIn, case: Case) -> HttpResponse:
    """Each risk with what manages it, whether that works, and by when it is checked again."""
    context = heading(case)
    rows = managing.risks_of(case, today=context["today"])
    context |= {
        "tab": "cram",
        "present": [row for row in rows if row.risk.ended_at is None],
        "over": [row for row in rows if row.risk.ended_at is not None],
        "may_write": can_write(case, request.user),
        "may_assess": can_write(case, request.user) and may(request.user, Permission.ASSESS_RISK, team=case.team),
    }
    return render(request, "cram/risks.html", context)


@get_or_post
@case_page
def identify_risk(request: SignedIn, case: Case) -> HttpResponse:
    require(request.user, Permission.ASSESS_RISK, team=case.team)
    context = heading(case)
    form = managing_forms.RiskForm(request.POST or None, on_record=[each.part for each in context["people"]])
    if request.method == "POST":
        outcome = attempt(form, actions.identify_risk, case, by=request.user)
        if outcome.done:
            messages.success(request, "The risk is recorded. It is unmanaged until a control measure works.")
            return redirect("cram:set_measure", case.number, outcome.get().pk)
    context |= {"tab": "cram", "form": form, "in_the_way": refusal(check_open, case)}
    return render(request, "cram/identify_risk.html", context)


@get_or_post
@case_page
def end_risk(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.ASSESS_RISK, team=case.team)
    risk = _risk(case, pk)
    form = managing_forms.WhyForm(
        request.POST or None,
        label="Why is it no longer present?",
        missing="Say why the risk is no longer present",
    )
    if request.method == "POST" and attempt(form, actions.end_risk, risk, by=request.user).done:
        messages.success(request, "The risk is recorded as no longer present. What managed it has ended with it.")
        return redirect("cram:risks", case.number)
    context = _of_risk(case, risk, form)
    context["measures"] = list(risk.measures.filter(ended_at__isnull=True).order_by("pk"))
    return render(request, "cram/end_risk.html", context)


@get_or_post
@case_page
def set_measure(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """Set a control measure for a risk."""
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    risk, today = _risk(case, pk), clock.today()
    form = managing_forms.MeasureForm(
        request.POST or None,
        officers=officers_for(case),
        may_accept=may(request.user, Permission.ENDORSE_ASSESSMENTS, team=case.team),
        initial={"owner": request.user, "from_on": today, "check_on": _offered(None)},
    )
    if request.method == "POST":
        outcome = attempt(form, actions.set_measure, risk, by=request.user)
        if outcome.done:
            measure = outcome.get()
            said = f"The control measure is set. {measure.owner} checks it by {day(measure.check_on)}."
            _tell(request, case, risk, said)
            return redirect("cram:risks", case.number)
    return render(request, "cram/set_measure.html", _of_risk(case, risk, form))


@get_or_post
@case_page
def change_measure(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """Another officer, last day or next check."""
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    measure = _measure(case, pk)
    version = version_of(measure)
    initial = {name: getattr(measure, name) for name in ("owner", "until", "check_on")}
    form = managing_forms.ChangeMeasureForm(
        request.POST or None, officers=officers_for(case), initial={**initial, "version": version}
    )
    if request.method == "POST":
        outcome = attempt(form, actions.change_measure, measure, by=request.user)
        if outcome.done:
            messages.success(request, "The control measure is changed.")
            return redirect("cram:risks", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    context = _of_measure(case, measure, form, managing_policies.check_measure_runs)
    return render(request, "cram/change_measure.html", context)


@get_or_post
@case_page
def check_measure(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """Does a control measure still work?"""
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    measure = _measure(case, pk)
    checks = _checks(measure)
    initial = {"next_on": _offered(measure.until), "seen": checks[0].pk if checks else 0}
    form = managing_forms.CheckForm(request.POST or None, initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.check_measure, measure, by=request.user)
        if outcome.done:
            next_on = day(outcome.get().next_on)
            _tell(request, case, measure.risk, f"The check is recorded. The next one is due by {next_on}.")
            return redirect("cram:risks", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            checks = _checks(measure)
            open_on(form, seen=checks[0].pk if checks else 0)
    context = _of_measure(case, measure, form, managing_policies.check_can_be_checked)
    return render(request, "cram/check_measure.html", {**context, "checks": checks})


@get_or_post
@case_page
def end_measure(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    measure = _measure(case, pk)
    form = managing_forms.WhyForm(
        request.POST or None, label="Why does it end?", missing="Say why the control measure ends"
    )
    if request.method == "POST" and attempt(form, actions.end_measure, measure, by=request.user).done:
        _tell(request, case, measure.risk, "The control measure has ended.")
        return redirect("cram:risks", case.number)
    others = Measure.objects.filter(risk=measure.risk).effective(clock.today()).exclude(pk=measure.pk)
    context = _of_measure(case, measure, form, managing_policies.check_measure_runs)
    return render(request, "cram/end_measure.html", {**context, "is_last": not others.exists()})


def _offered(until: date | None) -> date | None:
    """The day that is offered for the next check: by the limit, and before it runs out."""
    offered = rules.MEASURE_CHECK.offered(clock.now())
    return min(offered, until) if offered and until else offered


def _tell(request: SignedIn, case: Case, risk: Risk, said: str) -> None:
    """Say what was done, and what follows where nothing manages the risk."""
    if Risk.objects.filter(pk=risk.pk).unmanaged().exists():
        address = reverse("cram:set_measure", args=[case.number, risk.pk])
        messages.warning(request, format_html(UNMANAGED, said, risk.what, address))
    else:
        messages.success(request, said)


def _risk(case: Case, pk: int) -> Risk:
    return get_object_or_404(Risk.objects.select_related("person", "ended_by", "case"), case=case, pk=pk)


def _of_risk(case: Case, risk: Risk, form: Any) -> dict[str, Any]:
    in_the_way = refusal(check_open, case) or refusal(managing_policies.check_risk_is_present, risk)
    return {**heading(case), "tab": "cram", "risk": risk, "form": form, "in_the_way": in_the_way}


def _measure(case: Case, pk: int) -> Measure:
    return get_object_or_404(Measure.objects.select_related("risk", "owner", "ended_by", "case"), case=case, pk=pk)


def _checks(measure: Measure) -> list[MeasureCheck]:
    rows = MeasureCheck.objects.filter(measure=measure).select_related("checked_by")
    return list(rows.order_by("-pk"))


def _of_measure(case: Case, measure: Measure, form: Any, check: Any) -> dict[str, Any]:
    in_the_way = refusal(check_open, case) or refusal(check, measure)
    return {**heading(case), "tab": "cram", "measure": measure, "form": form, "in_the_way": in_the_way}


# --- of every record -----------------------------------------------------------------------------


@require_safe
def unmanaged(request: SignedIn) -> HttpResponse:
    """Every present risk that nothing manages, on the open records one may open: what nothing has managed for longest
    comes first (HMIC 2010, AFI 2); of very many, what was identified first."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    form = OfTeamForm(request.GET, teams=several_teams(request.user, Permission.SEE_RECORDS))
    team = form.cleaned_data.get("team") if form.is_valid() else None
    acting = acting_team(request)
    with transaction.atomic():
        detail = {"page": "cram:unmanaged", "filters": ["team"] if team else []}
        looked = record_access(Risk, by=request.user, team_id=acting.pk if acting else None, detail=detail)
        today = clock.london_date(looked.at)
        rows = managing.unmanaged_risks(request.user, today=today, team=team)
        rows = rows if form.is_valid() else rows.none()
        rows = rows.select_related("case__officer_in_case", "case__team", "person", "identified_by")
        number = managing.count_unmanaged(request.user, today=today, team=team) if form.is_valid() else 0
        # Since when is worked out for each: of very many, only for those on the page.
        many = number > managing.MOST_COUNTED
        rows = managing.with_measures(rows)
        rows, key = (rows, "identified_at") if many else (managing.longest_unmanaged(rows), "since")
        page = page_of(rows, key=key, descending=False, cursor=request.GET.get("after", ""))
        lines = managing.shown(page.rows, today=today)
        hidden = managing.left_out_of_unmanaged(request.user, today=today, team=team) if form.is_valid() else ""
        children = {line.case.pk: line.children for line in record_lines({r.case for r in page.rows}, today=today)}
    context = {
        "form": form,
        "filtered": bool(form.errors or team),
        "lines": [(line, children[line.risk.case_id]) for line in lines],
        "number": number,
        "many": many,
        "left_out": hidden,
        "now": looked.at,
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        **page.links(request.GET),
    }
    return render(request, "cram/unmanaged.html", context)
