"""Records that another team transfers, and those that are transferred away: answering, and the list (ADR 30)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit.recording import record_access
from cases import actions, transfer_policies
from cases.forms import AnswerForm
from cases.models import Transfer
from cases.transfer_forms import AcceptTransferForm
from deadlines import clock
from pages.acting import attempt, refusal
from pages.paging import page_of
from team.acting import SignedIn, acting_team
from team.permissions import Permission, require
from workbench.transfers import (
    answered_lately,
    answers,
    asked_by_us,
    handover_of,
    may_open,
    reads_the_handover,
    reads_the_words,
    said_of_restricted,
    to_answer,
    unfinished_on_restricted,
    with_all_of_it,
)

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def transfers(request: SignedIn) -> HttpResponse:
    """What waits for our answer, what we have asked others, and what was answered in the last half year."""
    require(request.user, Permission.ANSWER_TRANSFERS, team=None)
    with transaction.atomic():
        waiting = list(with_all_of_it(to_answer(request.user)).order_by("asked_at", "pk"))
        asked = list(with_all_of_it(asked_by_us(request.user)).order_by("asked_at", "pk"))
        answered = with_all_of_it(answered_lately(request.user, today=clock.today()))
        page = page_of(answered, key="asked_at", descending=True, cursor=request.GET.get("after", ""))
        team = acting_team(request)
        detail = {"records": sorted({each.case_id for each in [*waiting, *asked, *page.rows]})}
        record_access(Transfer, by=request.user, team_id=team.pk if team else None, detail=detail)
    context = {
        "waiting": waiting,
        "asked": asked,
        "rows": [(each, may_open(each, request.user)) for each in page.rows],
        **page.links(request.GET),
    }
    return render(request, "workbench/transfers.html", context)


@require_safe
def transfer(request: SignedIn, pk: int) -> HttpResponse:
    """One transfer: while it waits for us, what comes with the record; else what was asked and answered alone."""
    with transaction.atomic():
        context = _shown(request, pk)
    return render(request, "workbench/transfer.html", context)


@get_or_post
def accept_transfer(request: SignedIn, pk: int) -> HttpResponse:
    """Take the record over."""
    form = AcceptTransferForm(request.POST or None)
    with transaction.atomic():
        context = {**_shown(request, pk), "form": form}
    found: Transfer = context["transfer"]
    require(request.user, Permission.ANSWER_TRANSFERS, team=found.to_team)
    unfinished = unfinished_on_restricted(found, request.user)
    if context["restricted"]:
        form.fields["read"].label = "I have spoken with whom I am to ring: from now on it is ours"
    sent = request.method == "POST" and not unfinished
    if sent and attempt(form, actions.accept_transfer, found, by=request.user).done:
        messages.success(request, f"Record {found.case} is with {found.to_team} now. Say who works on it.")
        return redirect("workbench:case", found.case.number)
    refused = refusal(transfer_policies.check_answer_transfer, found)
    refused = refused or refusal(transfer_policies.check_answers_for_receiver, found, by=request.user)
    context["in_the_way"] = refused or unfinished or refusal(transfer_policies.check_ready_to_transfer, found.case)
    return render(request, "workbench/accept_transfer.html", context)


@get_or_post
def decline_transfer(request: SignedIn, pk: int) -> HttpResponse:
    """Do not accept the record, and say why."""
    label, missing = "Why is it not ours?", "Say why it is not accepted"
    form = AnswerForm(request.POST or None, label=label, missing=missing)
    with transaction.atomic():
        context = {**_shown(request, pk), "form": form}
    found: Transfer = context["transfer"]
    require(request.user, Permission.ANSWER_TRANSFERS, team=found.to_team)
    if request.method == "POST" and attempt(form, actions.decline_transfer, found, by=request.user).done:
        messages.success(request, f"Record {found.case} stays with {found.from_team}. Tell {found.asked_by}.")
        return redirect("workbench:transfers")
    refused = refusal(transfer_policies.check_answer_transfer, found)
    context["in_the_way"] = refused or refusal(transfer_policies.check_answers_for_receiver, found, by=request.user)
    return render(request, "workbench/decline_transfer.html", context)


def _shown(request: SignedIn, pk: int) -> dict[str, Any]:
    """What a page of a transfer says: a look at its record. For the transaction in which that is logged."""
    found = get_object_or_404(with_all_of_it(Transfer.objects.visible_to(request.user)), pk=pk)
    now, reads = clock.now(), reads_the_handover(found, request.user)
    case = found.case
    page = request.resolver_match.view_name if request.resolver_match else ""
    record_access(case, by=request.user, case_id=case.pk, team_id=case.team_id, detail={"page": page})
    return {
        "transfer": found,
        "case": case,
        "now": now,
        "handover": handover_of(found, today=clock.london_date(now)) if reads else None,
        "may_open": may_open(found, request.user),
        "restricted": said_of_restricted(found, request.user),
        "answers": answers(found, request.user),
        "reads_words": reads_the_words(found, request.user),
    }
