"""A supervisor reads an assessment that was sent, and endorses it or returns it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.models import Case
from cases.queries import heading, officers_for
from cases.reading import case_page
from cram import actions, policies
from cram.assessing_forms import DirectionForm, EndorseForm, ReturnForm
from cram.enums import AssessmentState
from cram.models import Risk
from cram.paper import as_it_was
from cram.queries import sections_of, submitted
from cram.reading import directions_before
from deadlines import rules
from pages.acting import attempt, refusal
from team.acting import SignedIn
from team.history import version_of
from team.permissions import Permission, require

# So many directions can be given at once; further ones are actions on the record.
AT_ONCE = 3


@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def endorse(request: SignedIn, case: Case) -> HttpResponse:
    """What changed since last time side by side, the directions of last time, the level and what speaks against it;
    then endorse it with directions, or return it with reasons."""
    require(request.user, Permission.ENDORSE_ASSESSMENTS, team=case.team)
    waiting = submitted(case).filter(state=AssessmentState.SUBMITTED).select_related("case", "previous")
    assessment = waiting.order_by("number").first()  # the older first, where a newer was sent meanwhile
    if assessment is None:
        messages.warning(request, "No CRAM of this record waits for endorsement.")
        return redirect("cram:assess", case.number)
    do = request.POST.get("do") if request.method == "POST" else None
    initial = {"version": version_of(assessment)}
    endorsing = EndorseForm(request.POST if do == "endorse" else None, prefix="endorse", initial=initial)
    returning = ReturnForm(request.POST if do == "return" else None, prefix="return", initial=initial)
    directions = _direction_forms(request, case, do)
    if do == "endorse" and all(each.is_valid() for each in directions) and endorsing.is_valid():
        values: dict[str, Any] = dict(endorsing.cleaned_data)
        values["directions"] = [actions.Directed(**each.cleaned_data) for each in directions if each.has_changed()]
        if attempt(endorsing, actions.endorse_assessment, assessment, values=values, by=request.user).done:
            messages.success(request, "The CRAM is endorsed.")
            return redirect("workbench:case", case.number)
    if do == "return" and attempt(returning, actions.return_assessment, assessment, by=request.user).done:
        messages.success(request, f"The CRAM is returned to {assessment.submitted_by}, with your reasons.")
        return redirect("workbench:case", case.number)
    sent = as_it_was(assessment)
    was_unmanaged = [each.risk.pk for each in sent["risks"] if each.unmanaged]
    context = {
        **heading(case),
        "tab": "cram",
        "now": case.looked_at,
        "assessment": assessment,
        "sections": sections_of(assessment),
        "directions": directions_before(assessment),
        **sent,
        "unmanaged_since": Risk.objects.filter(case=case).unmanaged().exclude(pk__in=was_unmanaged).order_by("pk"),
        "decided": assessment.decided.select_related("decided_by").order_by("pk"),
        "given": assessment.directions.select_related("action", "action__owner").order_by("pk"),
        "new_information": assessment.new_information.select_related("shared", "recorded_by").order_by("pk"),
        "endorse_form": endorsing,
        "return_form": returning,
        "direction_forms": directions,
        "form": endorsing if do == "endorse" else returning if do == "return" else None,
        "wrong": [form for form in directions if form.errors],
        "in_the_way": refusal(policies.check_endorse, assessment, by=request.user),
    }
    return render(request, "cram/endorse.html", context)


def _direction_forms(request: SignedIn, case: Case, do: str | None) -> list[DirectionForm]:
    typed = request.POST if do == "endorse" else None
    offered = rules.GAP.offered(case.looked_at or case.raised_at)
    return [
        DirectionForm(
            typed,
            prefix=f"direction-{number}",
            officers=officers_for(case),
            empty_permitted=True,
            use_required_attribute=False,
            initial={"due_on": offered},
        )
        for number in range(AT_ONCE)
    ]
