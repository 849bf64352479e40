"""The assessment that a page is about, while it is being written."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from cases.models import Case
from cases.queries import heading
from cram.enums import AssessmentState
from cram.models import Assessment
from cram.queries import being_written, submitted
from team.acting import SignedIn
from team.permissions import Permission, require

# What a form carries that nobody typed.
NOT_TYPED = (
    *("csrfmiddlewaretoken", "do", "read", "version", "said-", "version-", "both"),
    *("assessed", "decision-assessed", "action-assessed"),
)


def written(request: SignedIn, case: Case) -> Assessment | HttpResponse:
    """The assessment of a record that is being written. Where none is any more, whoever only looks is led to where
    the next is begun; and whoever sent something reads why it was not taken, with all that they typed."""
    require(request.user, Permission.ASSESS_RISK, team=case.team)
    assessment = being_written(case)
    if assessment is not None:
        return assessment
    if request.method != "POST":
        messages.warning(request, "No CRAM of this record is being written. Begin one here.")
        return redirect("cram:assess", case.number)
    newest = Assessment.objects.filter(case=case).select_related("discarded_by").order_by("-number").first()
    thrown_away = newest if newest is not None and newest.state == AssessmentState.DISCARDED else None
    return not_taken(request, case, last=submitted(case).first(), thrown_away=thrown_away)


def not_taken(request: SignedIn, case: Case, **why: object) -> HttpResponse:
    """Why what was sent was not taken, with all that was typed."""
    typed = [text for name, text in request.POST.items() if not name.startswith(NOT_TYPED) and str(text).strip()]
    context = {**heading(case), "tab": "cram", "typed": typed, **why}
    return render(request, "cram/not_taken.html", context, status=409)
