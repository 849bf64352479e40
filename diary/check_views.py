from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from diary import actions, forms, policies
from diary.checking import findings_of
from diary.mending import NOT_BY_ITSELF
from pages.acting import attempt, refusal
from pages.words import count
from team.acting import SignedIn
from team.permissions import Permission, require


@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def put_right(request: SignedIn, case: Case) -> HttpResponse:
    """What the check finds wrong with a record's duties just now, and a button that puts it right."""
    require(request.user, Permission.PUT_DUTIES_RIGHT, team=case.team)
    form = forms.EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        outcome = attempt(form, actions.put_duties_right, case, by=request.user)
        if outcome.done:
            words = count(len(outcome.get()), "thing is", "things are")
            messages.success(request, f"{words} put right. The duties stand on the record, with the right dates.")
            return redirect("workbench:case", case.number)
    found = findings_of(case)
    context = {**heading(case), "tab": "overview", "form": form, "found": found}
    context["in_the_way"] = refusal(
        policies.check_put_right, found, [each for each in found if each.wrong not in NOT_BY_ITSELF]
    )
    return render(request, "diary/put_right.html", context)
