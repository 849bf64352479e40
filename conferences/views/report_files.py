"""The papers of a police report: looked at before they are sent, the speaking note, and every copy that was sent."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from audit.events import Look
from cases.models import Case
from cases.reading import case_page
from conferences.enums import Paper, RecipientKind
from conferences.models import Copy, Report
from conferences.report_papers import TITLES, drawn, name_of, speaking_note
from conferences.report_queries import goes_to, items_of, recipients_of
from conferences.views.conference import found_of
from conferences.views.report import version_asked
from pages.papers import answer
from team.acting import SignedIn
from team.permissions import Permission, require


def _report(request: SignedIn, case: Case, nr: int) -> Report:
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    report = version_asked(found_of(case, nr), request.GET.get("version", ""))
    if report is None:
        raise Http404
    return report


def _paper(request: SignedIn, report: Report, what: Paper) -> HttpResponse:
    people = recipients_of(report.conference)
    if what == Paper.ANNEX:
        people = [each for each in people if each.kind == RecipientKind.CHAIR]
    elif asked := request.GET.get("for", ""):
        people = [each for each in people if str(each.pk) == asked]
    if not people:
        raise Http404
    (goes, *_) = goes_to(items_of(report), people)
    if what not in goes.papers:
        raise Http404
    pdf = drawn(report, goes, what, printed_by=request.user, request=request)
    return answer(pdf, name=name_of(report, TITLES[what]))


@require_safe
@case_page(how=Look.PRINT)
def preview(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """The report as one recipient will read it, `?for=`; without it as the chair will."""
    return _paper(request, _report(request, case, nr), Paper.REPORT)


@require_safe
@case_page(how=Look.PRINT)
def annex(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """The confidential annex, as the chair will read it."""
    return _paper(request, _report(request, case, nr), Paper.ANNEX)


@require_safe
@case_page(how=Look.PRINT)
def note(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """One sheet for whoever speaks at the conference."""
    report = _report(request, case, nr)
    pdf = speaking_note(report, items_of(report), printed_by=request.user, request=request)
    return answer(pdf, name=name_of(report, "Speaking note"))


@require_safe
@case_page(how=Look.PRINT)
def copy(request: SignedIn, case: Case, nr: int, copy: int) -> HttpResponse:
    """One copy as it was sent, byte for byte."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    conference = found_of(case, nr)
    found = get_object_or_404(Copy.objects.select_related("report", "recipient"), conference=conference, number=copy)
    found.report.conference = conference
    name = name_of(found.report, f"{TITLES[Paper(found.paper)]}, copy {found.number}")
    return answer(bytes(found.pdf), name=name)
