"""The CRAM of a record: where it stands, its history, and each assessment to read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from cram import actions, policies
from cram.answering import EVERYTHING
from cram.enums import AssessmentKind
from cram.models import Assessment
from cram.paper import as_it_was
from cram.queries import being_written, matrix_in_force, sections_of
from cram.reading import ANSWERS, begins_with, on_page
from cram.timeline import timeline_of
from diary.queries import due_next
from pages.acting import refusal
from team.acting import SignedIn
from team.permissions import Permission, may, require

# Which duties its page names.
SHOWN = {kind for kinds in ANSWERS.values() for kind in kinds}
RELATED = ("submitted_by", "endorsed_by", "matrix", "started_by", "discarded_by")


@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def assess(request: SignedIn, case: Case) -> HttpResponse:
    """Where the CRAM of a record stands; begin the next."""
    may_assess = may(request.user, Permission.ASSESS_RISK, team=case.team)
    if request.method == "POST":
        require(request.user, Permission.ASSESS_RISK, team=case.team)
        return _begin(request, case)
    assessment = being_written(case)
    context: dict[str, Any] = (
        on_page(case, assessment) if assessment else {**heading(case), "tab": "cram", "now": case.looked_at}
    )
    rows = Assessment.objects.filter(case=case).select_related(*RELATED)
    every = list(rows.order_by("-number"))
    last = next((each for each in every if each.submitted_at), None)
    context |= {
        "assessment": assessment,
        "last": last,
        "every": every,
        "timeline": timeline_of(case),
        "may_assess": may_assess,
        "may_endorse": may(request.user, Permission.ENDORSE_ASSESSMENTS, team=case.team),
        "waits": next((each for each in every if each.state == "submitted"), None),
        "in_the_way": refusal(policies.check_start, case, matrix_in_force(), by=request.user)
        if not assessment
        else "",
        "begins": "" if assessment else begins_with(case, last),
        "duties": [each for each in due_next(case) if each.duty.kind in SHOWN],
    }
    return render(request, "cram/assess.html", context)


def _begin(request: SignedIn, case: Case) -> HttpResponse:
    try:
        assessment = actions.start_assessment(case, by=request.user)
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
        return redirect("cram:assess", case.number)
    if assessment.kind == AssessmentKind.FIRST:  # the plain case takes two minutes: everything on one page
        return redirect("cram:answer", case.number, EVERYTHING)
    return redirect("cram:assess", case.number)


@require_safe
@case_page
def assessment(request: SignedIn, case: Case, assessed: int) -> HttpResponse:
    """One assessment to read: what was answered, on its own version of the matrix."""
    rows = Assessment.objects.filter(case=case, number=assessed)
    found = rows.select_related(
        "case", "matrix", "previous", "submitted_by", "endorsed_by", "started_by", "discarded_by"
    ).first()
    if found is None:
        raise Http404
    context = {
        **heading(case),
        "tab": "cram",
        "assessment": found,
        "sections": sections_of(found),
        **as_it_was(found),
        "endorsements": found.endorsements.select_related("given_by").order_by("pk"),
        "decided": found.decided.select_related("decided_by").order_by("pk"),
        "new_information": found.new_information.select_related("shared", "recorded_by").order_by("pk"),
        "given": found.directions.select_related("action", "action__owner").order_by("pk"),
    }
    return render(request, "cram/assessment.html", context)
