"""A CRAM that was begun by mistake is thrown away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from cram import actions, policies
from cram.assessing_forms import DiscardForm
from cram.enums import GapState
from cram.models import Gap
from cram.queries import being_written
from cram.views.written import written
from pages.acting import attempt, open_on, refusal
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of


@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def discard(request: SignedIn, case: Case) -> HttpResponse:
    """Throw away the CRAM that is being written, with the reason; what stays of it is said before."""
    assessment = written(request, case)
    if isinstance(assessment, HttpResponse):
        return assessment
    form = DiscardForm(request.POST or None, initial={"version": version_of(assessment)})
    if request.method == "POST":
        outcome = attempt(form, actions.discard_assessment, assessment, by=request.user)
        if outcome.done:
            messages.success(request, "The CRAM is thrown away. Begin another when it is needed.")
            return redirect("cram:assess", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile) and (now := being_written(case)):
            open_on(form, version=version_of(now))
    context = {
        **heading(case),
        "tab": "cram",
        "form": form,
        "assessment": assessment,
        "answered": assessment.answers.exclude(said="not_asked").count(),
        "gaps": Gap.objects.filter(raised_in=assessment, state=GapState.OPEN).order_by("pk"),
        "in_the_way": refusal(policies.check_can_discard, assessment),
    }
    return render(request, "cram/discard.html", context)
