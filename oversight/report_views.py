"""Monthly reports: the list, one report, its commentary and signature, then and now, and as PDF and Excel."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models.fields.json import KeyTextTransform
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from audit.events import Look
from audit.recording import record_access
from cases.opening import opening
from conferences.figures import ENOUGH
from deadlines import clock
from deadlines.calendar import add_months
from oversight import actions
from oversight import report_policies as policies
from oversight.dashboards import as_at, month_words
from oversight.enums import Period
from oversight.models import MonthlyReport
from oversight.report_comparing import differences, finding, records_in
from oversight.report_forms import CommentaryForm, MakeReportForm, ReportFactsForm, ReportsForm, SeenForm
from oversight.report_frozen import Frozen, enough_in, frozen_in, frozen_of_now, in_groups, now_on, recount_of
from oversight.report_papers import drawn, name_of
from oversight.report_workbook import workbook
from oversight.reporting import months_without, title_of
from pages.acting import attempt, open_on, refusal
from pages.paging import page_of
from pages.papers import answer
from pages.words import day
from team.acting import SignedIn
from team.enums import TeamKind
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, may, require, several_teams, teams_where

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def reports(request: SignedIn) -> HttpResponse:
    """Every report that one may read, the latest month first."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    teams = several_teams(request.user, Permission.SEE_FIGURES)
    form = ReportsForm(request.GET, teams=teams)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    rows = MonthlyReport.objects.visible_to(request.user).defer("figures").select_related("team", "signed_by")
    rows = rows.annotate(signed_words=KeyTextTransform("signed_by", "figures"))
    if not form.is_valid():
        rows = rows.none()
    elif asked.get("team"):
        rows = rows.filter(team=asked["team"])
    page = page_of(rows, key="month", descending=True, cursor=request.GET.get("after", ""))
    context = {
        "form": form,
        "team": asked.get("team"),
        "rows": [(row, month_words(row.month)) for row in page.rows],
        "several_teams": teams is not None,
        "to_make": _signs(request),
        **page.links(request.GET),
    }
    return render(request, "oversight/reports.html", context)


def _signs(request: SignedIn) -> list[Any]:
    """The teams whose reports one signs; no query where there are none."""
    if not may(request.user, Permission.SIGN_MONTHLY_REPORTS, team=None):
        return []
    return list(teams_where(request.user, Permission.SIGN_MONTHLY_REPORTS).filter(kind=TeamKind.CAIT))


@get_or_post
def make_report(request: SignedIn, code: str) -> HttpResponse:
    """Make the report of a month that has none, as when CAIT was not running for long."""
    require(request.user, Permission.SIGN_MONTHLY_REPORTS, team=None)
    teams = teams_where(request.user, Permission.SIGN_MONTHLY_REPORTS).filter(kind=TeamKind.CAIT)
    team = get_object_or_404(teams, code=code)
    months = months_without(team, today=clock.today())
    form = MakeReportForm(request.POST or None, months=months)
    if request.method == "POST":
        outcome = attempt(form, actions.make_report, team, by=request.user)
        if outcome.done:
            report = outcome.get()
            messages.success(request, f"The report of {month_words(report.month)} is made.")
            return redirect("oversight:report", report.pk)
    return render(request, "oversight/make_report.html", {"form": form, "team": team, "months": months})


@require_safe
def report(request: SignedIn, pk: int) -> HttpResponse:
    """One report: what the inspector makes of the month, then the figures as they are frozen."""
    it = _found(request, pk)
    signs = may(request.user, Permission.SIGN_MONTHLY_REPORTS, team=it.team)
    context = {**_about(it), "as_at": as_at(), "may_sign": signs and not it.is_signed}
    return render(request, "oversight/report.html", context)


def _found(request: SignedIn, pk: int) -> MonthlyReport:
    """A report that one may read; a 404 for any other."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    rows = MonthlyReport.objects.visible_to(request.user).select_related("team", "signed_by")
    return get_object_or_404(rows, pk=pk)


def _about(it: MonthlyReport) -> dict[str, Any]:
    """What every page of a report shows of it."""
    return {
        "report": it,
        "title": title_of(it),
        "month": month_words(it.month),
        "before": month_words(add_months(it.month, -1)),
        "year_before": month_words(add_months(it.month, -12)),
        "groups": in_groups(frozen_in(it)),
        "of_now": frozen_of_now(it),
        "now_on": now_on(it),
        "left_out": it.kept.get("left_out", ""),
        "enough": enough_in(it),
        "recount": recount_of(it),
    }


def count_report(request: SignedIn, pk: int) -> HttpResponse:
    """Take the figures as they are now into a report that is not signed."""
    it = _to_sign(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    outcome = attempt(SeenForm(request.POST), actions.count_again, it, values={}, by=request.user)
    if outcome.done:
        messages.success(request, "The figures are counted again. The commentary is as it was: read it once more.")
    elif outcome.refused:
        messages.error(request, " ".join(outcome.refused.messages))
    else:
        messages.error(request, "Nothing was counted: what was sent was not whole. Select “Count again” once more.")
    return redirect("oversight:report", it.pk)


def _to_sign(request: SignedIn, pk: int) -> MonthlyReport:
    """A report of a team for which one signs."""
    it = _found(request, pk)
    require(request.user, Permission.SIGN_MONTHLY_REPORTS, team=it.team)
    return it


@get_or_post
def report_commentary(request: SignedIn, pk: int) -> HttpResponse:
    """Write what the figures mean, with the figures below."""
    it = _to_sign(request, pk)
    initial = {"commentary": it.commentary, "version": version_of(it)}
    form = CommentaryForm(request.POST or None, initial=initial)
    theirs = ""
    if request.method == "POST":
        outcome = attempt(form, actions.write_commentary, it, by=request.user)
        if outcome.done:
            messages.success(request, "The commentary is saved.")
            return redirect("oversight:report", it.pk)
        if isinstance(outcome.refused, ChangedMeanwhile):
            it = _to_sign(request, pk)
            theirs = it.commentary
            open_on(form, version=version_of(it))
    in_the_way = refusal(policies.check_not_signed, it)
    context = {**_about(it), "form": form, "theirs": theirs, "in_the_way": in_the_way}
    return render(request, "oversight/report_commentary.html", context)


@get_or_post
def sign_report(request: SignedIn, pk: int) -> HttpResponse:
    """What follows from signing, and the button that does it."""
    it = _to_sign(request, pk)
    form = SeenForm(request.POST or None, initial={"version": version_of(it)})
    if request.method == "POST":
        outcome = attempt(form, actions.sign_report, it, by=request.user)
        if outcome.done:
            messages.success(request, f"The report of {month_words(it.month)} is signed.")
            return redirect("oversight:report", it.pk)
        if isinstance(outcome.refused, ChangedMeanwhile):
            it = _to_sign(request, pk)
            open_on(form, version=version_of(it))
    context = {**_about(it), "form": form, "in_the_way": refusal(policies.check_sign, it)}
    return render(request, "oversight/sign_report.html", context)


@require_safe
def report_now(request: SignedIn, pk: int) -> HttpResponse:
    """Then and now: what comes out otherwise today, and what was done since on the records by which it differs."""
    it = _found(request, pk)
    with transaction.atomic():
        found = differences(it, user=request.user)
        if records := records_in(found):
            record_access(it, by=request.user, team_id=it.team_id, detail={"records": records})
    context = {**_about(it), "differences": found, "finding": finding(found), "as_at": as_at(), "enough": ENOUGH}
    return render(request, "oversight/report_now.html", context)


@require_safe
def report_facts(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """The list of a figure of a report: every record that was counted, the latest first; as long as the figure."""
    it = _found(request, pk)
    frozen = next((each for each in (*frozen_in(it), *frozen_of_now(it)) if each.measure.code == code), None)
    if frozen is None:
        raise Http404
    form = ReportFactsForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest("This list cannot be shown: its address is not whole.")
    part, which = form.cleaned_data["part"], form.cleaned_data["which"]
    with transaction.atomic():
        rows = it.facts.filter(measure=code).select_related("case", "case__team")
        rows = rows.filter(part=part) if part else rows
        rows = rows.filter(counted=which == "counted") if which else rows
        page = page_of(rows, key="on", descending=True, cursor=request.GET.get("after", ""))
        opened = opening((row.case for row in page.rows), user=request.user)
        cases = {row.case_id for row in page.rows if row.case_id not in opened.asks}
        detail = {"records": sorted(cases), "code": code} | ({"part": part} if part else {})
        record_access(it, by=request.user, team_id=it.team_id, detail=detail)
        number = rows.order_by().count()
    names = _names(frozen)
    context = {
        "report": it,
        "title": title_of(it),
        "month": _when(it, frozen),
        "frozen": frozen,
        "part": names.get(part, part),
        "which": which,
        "number": number,
        "rows": [
            (row, names.get(row.part, ""), row.case_id in opened.opens, opened.asks.get(row.case_id, ""))
            for row in page.rows
        ],
        **page.links(request.GET),
    }
    return render(request, "oversight/report_facts.html", context)


def _when(it: MonthlyReport, frozen: Frozen) -> str:
    """The month; of what is known only as it was on a day that day."""
    on = now_on(it)
    return f"as at {day(on)}" if on and frozen.measure.period == Period.NOW else month_words(it.month)


def _names(frozen: Frozen) -> dict[str, str]:
    return {figure.part or "": name for name, figure in frozen.parts}


# --- to keep -------------------------------------------------------------------------------------


@require_safe
def report_pdf(request: SignedIn, pk: int) -> HttpResponse:
    """The report as PDF."""
    it = _found(request, pk)
    with transaction.atomic():
        record_access(it, by=request.user, how=Look.PRINT, team_id=it.team_id)
        pdf = drawn(it, printed_by=request.user, request=request)
    return answer(pdf, name=name_of(it, "pdf"))


@require_safe
def report_workbook(request: SignedIn, pk: int) -> HttpResponse:
    """The report as Excel."""
    it = _found(request, pk)
    with transaction.atomic():
        record_access(it, by=request.user, how=Look.EXPORT, team_id=it.team_id)
        file = workbook(it, by=request.user, at=clock.now())
    response = HttpResponse(file, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, name_of(it, "xlsx")) or "attachment"
    return response
