"""The supervision of an investigation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from cases.models import Case
from cases.policies import check_open
from cases.queries import actions_to_do, heading
from cases.reading import case_page
from deadlines import clock
from diary.duties import ACTION
from diary.pairs import offered_with
from diary.queries import due_next
from pages.acting import attempt, open_on, refusal
from pages.words import day
from referrals import actions, duties, policies
from referrals.deciding_forms import SuperviseForm
from referrals.models import Referral, Supervision
from referrals.queries import last_decision
from referrals.supervision import officer_since, supervisions_of
from team.acting import SignedIn
from team.history import ChangedMeanwhile
from team.permissions import Permission, require

# Whoever opens the form again so soon may not know that it is done.
JUST_NOW = timedelta(hours=24)
BACK_TO_QUEUE = '{} <a class="govuk-notification-banner__link" href="{}">Back to the queue</a>'


@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def supervise(request: SignedIn, case: Case) -> HttpResponse:
    """Look at an investigation, the last review's directions first; record what is found and what is to be done."""
    require(request.user, Permission.SUPERVISE_RECORDS, team=case.team)
    earlier = list(supervisions_of(case))
    form = SuperviseForm(request.POST or None, initial={"reviewed_at": clock.moment(), "seen": _last(earlier)})
    if request.method == "POST":
        outcome = attempt(form, actions.supervise, case, by=request.user)
        if outcome.done:
            due = day(outcome.get().next_due_on)
            said = f"The supervision is recorded. The next one is due by {due}."
            messages.success(request, format_html(BACK_TO_QUEUE, said, reverse("diary:queues")))
            return redirect("workbench:case", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            earlier = list(supervisions_of(case))
            open_on(form, seen=_last(earlier))
    referral, due_now = Referral.objects.get(case=case), due_next(case)
    of_it = [each for each in due_now if each.duty.kind == duties.SUPERVISION.code]
    context: dict[str, Any] = {
        **heading(case),
        "tab": "overview",
        "form": form,
        "now": case.looked_at,
        "decision": last_decision(case),
        "officer_since": officer_since(case) if case.officer_in_case else None,
        "due": of_it[0] if of_it else None,
        "one_review": offered_with(of_it[0].duty) if of_it else None,
        # The actions stand by themselves, in their own words.
        "duties": [each for each in due_now if each not in of_it and each.duty.kind != ACTION.code],
        "actions": actions_to_do(case),
        "last": earlier[0] if earlier else None,
        "earlier": earlier[1:],
        "just_now": _just_now(earlier, case.looked_at or clock.now()),
        "in_the_way": refusal(check_open, case)
        or refusal(policies.check_supervise, case, referral, is_due=bool(of_it), by=request.user),
    }
    return render(request, "referrals/supervise.html", context)


def _just_now(earlier: list[Supervision], now: datetime) -> Supervision | None:
    """The last review, where it was held within the last day."""
    last = max(earlier, key=lambda each: each.reviewed_at, default=None)
    return last if last and now - last.reviewed_at < JUST_NOW else None


def _last(earlier: list[Any]) -> int:
    return earlier[0].pk if earlier else 0
