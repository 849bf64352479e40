"""An assessment as paper, for the case file."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from audit.events import Look
from cases.models import Case
from cases.reading import case_page
from cram.models import Assessment
from cram.paper import assessment_paper
from team.acting import SignedIn


@require_safe
@case_page(how=Look.PRINT)
def assessment_pdf(request: SignedIn, case: Case, assessed: int) -> HttpResponse:
    """One assessment as PDF: on its own version of the matrix, with risks and gaps as they were when it was sent."""
    rows = Assessment.objects.filter(case=case, number=assessed)
    related = ("matrix", "previous", "started_by", "submitted_by", "endorsed_by", "discarded_by")
    assessment = rows.select_related(*related).first()
    if assessment is None:
        raise Http404
    assessment.case = case
    return assessment_paper(assessment, printed_by=request.user, request=request)
