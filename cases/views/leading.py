"""Which of a child's open records leads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases import actions, policies
from cases.leading import last_seen, shown_to
from cases.leading_forms import ChooseLeadForm
from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from pages.acting import attempt, open_on, refusal
from team.acting import SignedIn
from team.history import ChangedMeanwhile
from team.permissions import Permission, require


@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def choose_lead(request: SignedIn, case: Case) -> HttpResponse:
    """Choose on which of its open records the reviews of a child hang."""
    require(request.user, Permission.ASSIGN_RECORDS, team=case.team)
    leads = shown_to(request.user, case)
    refused = [refusal(policies.check_may_choose, each.child, each.ask_first) for each in leads]
    # Of siblings some may be on a restricted record, and others not.
    mine = [each for each in leads if not each.ask_first]
    children = [each.child for each in mine]
    first = next((each for each in mine if not each.is_chosen), mine[0] if mine else None)
    initial = {"child": first.child if first else None, "seen": last_seen(children)}
    form = ChooseLeadForm((request.POST or None) if mine or not leads else None, leads=mine, initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.choose_lead, by=request.user)
        if outcome.done:
            lead = outcome.get()
            messages.success(request, f"Reviews of {lead.child} hang on record {lead.case}.")
            more = any(not each.is_chosen and not each.ask_first for each in shown_to(request.user, case))
            return redirect("cases:choose_lead" if more else "workbench:case", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, seen=last_seen(children))
    context = {**heading(case), "tab": "overview", "form": form, "leads": leads}
    context["not_mine"] = [words for words in refused if words]
    in_the_way = refusal(policies.check_to_choose, case, leads)
    context["in_the_way"] = in_the_way or ("" if mine else " ".join(context["not_mine"]))
    return render(request, "cases/choose_lead.html", context)
