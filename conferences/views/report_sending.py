"""Who gets the police report; sending it for endorsement, endorsing it, and sending it to the conference."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from conferences import actions
from conferences import report_policies as policies
from conferences.enums import Paper
from conferences.models import Conference, Recipient, Report
from conferences.queries import children_at
from conferences.report_forms import EndorseForm, OnVersion, RecipientForm, ReturnForm, SendForm
from conferences.report_pages import chosen_recipient, of_report
from conferences.report_papers import read_by
from conferences.report_queries import (
    Stale,
    goes_to,
    items_of,
    last_copies,
    newest,
    recipients_of,
    stale,
    without_copy,
)
from conferences.report_states import OVER
from conferences.views.conference import found_of
from pages.acting import attempt, open_on, refusal
from pages.words import count
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@case_page
def recipients(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Who gets the report, and what each of them does not get."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    conference = found_of(case, nr)
    found = newest(conference)
    items = items_of(found) if found else []
    copies = last_copies(conference)
    context = {
        **heading(case),
        "tab": "conferences",
        "conference": conference,
        "report": found,
        "goes": [(each, copies.get(each.recipient.pk)) for each in goes_to(items, recipients_of(conference))],
        "without_copy": without_copy(conference),
        "taken_off": Recipient.objects.filter(conference=conference, taken_off_at__isnull=False).order_by("pk"),
        "in_the_way": refusal(policies.check_recipients_may_change, conference, found),
    }
    return render(request, "conferences/recipients.html", context)


@get_or_post
@case_page
def add_recipient(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Add somebody who gets the report."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    conference = found_of(case, nr)
    form = RecipientForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.add_recipient, conference, by=request.user).done:
        messages.success(
            request, f"{form.cleaned_data['name']} gets a copy. Say what is kept from them, if anything."
        )
        return redirect("conferences:recipients", case.number, nr)
    context = {**heading(case), "tab": "conferences", "conference": conference, "form": form}
    context["in_the_way"] = refusal(policies.check_recipients_may_change, conference, newest(conference))
    return render(request, "conferences/add_recipient.html", context)


@get_or_post
@case_page
def take_off_recipient(request: SignedIn, case: Case, nr: int, pk: int) -> HttpResponse:
    """Take somebody off who was to get the report."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    conference = found_of(case, nr)
    recipient = get_object_or_404(Recipient, conference=conference, pk=pk)
    recipient.conference = conference
    form = OnVersion(request.POST if request.method == "POST" else None)
    if (
        request.method == "POST"
        and attempt(form, actions.take_off_recipient, recipient, values={}, by=request.user).done
    ):
        messages.success(request, f"{recipient} gets no copy.")
        return redirect("conferences:recipients", case.number, nr)
    context = {**heading(case), "tab": "conferences", "conference": conference, "recipient": recipient, "form": form}
    context["in_the_way"] = refusal(policies.check_take_off, recipient)
    return render(request, "conferences/take_off_recipient.html", context)


def _with_report(request: SignedIn, case: Case, nr: int) -> tuple[Conference, Report | None]:
    conference = found_of(case, nr)
    found = newest(conference)
    if found is None:
        messages.warning(request, "The report is not begun yet. Begin it here.")
    return conference, found


def _around(request: SignedIn, found: Report, form: Any, **other: Any) -> dict[str, Any]:
    items, people = items_of(found), recipients_of(found.conference)
    recipient = chosen_recipient(people, request.GET.get("for", ""))
    old = stale(found, items) if found.state not in OVER else Stale()
    # What each of them reads, whole: whoever sends or endorses it has seen it.
    children = children_at(found.conference)
    reading = [
        {
            "goes": each,
            "report": read_by(found, each, Paper.REPORT, children=children),
            "annex": read_by(found, each, Paper.ANNEX, children=children),
        }
        for each in goes_to(items, people)
    ]
    return {
        **of_report(found, items, recipient, old=old, user=request.user),
        "items": items,
        "reading": reading,
        "form": form,
        **other,
    }


@get_or_post
@case_page
def submit_report(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Send the report for endorsement."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    _, found = _with_report(request, case, nr)
    if found is None:
        return redirect("conferences:report", case.number, nr)
    form = OnVersion(request.POST if request.method == "POST" else None, initial={"version": version_of(found)})
    if request.method == "POST":
        outcome = attempt(form, actions.submit_report, found, by=request.user)
        if outcome.done:
            messages.success(request, "The report is sent for endorsement.")
            return redirect("conferences:report", case.number, nr)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version_of(found))
    in_the_way = refusal(policies.check_being_written, found)
    return render(request, "conferences/submit_report.html", _around(request, found, form, in_the_way=in_the_way))


@get_or_post
@case_page
def endorse_report(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Read the report as each recipient will, and what is withheld; endorse it, or return it with what is wrong."""
    require(request.user, Permission.ENDORSE_REPORTS, team=case.team)
    _, found = _with_report(request, case, nr)
    if found is None:
        return redirect("conferences:report", case.number, nr)
    do = request.POST.get("do") if request.method == "POST" else None
    initial = {"version": version_of(found)}
    endorsing = EndorseForm(request.POST if do == "endorse" else None, prefix="endorse", initial=initial)
    returning = ReturnForm(request.POST if do == "return" else None, prefix="return", initial=initial)
    if do == "endorse" and attempt(endorsing, actions.endorse_report, found, by=request.user).done:
        messages.success(request, "The report is endorsed. It can be sent.")
        return redirect("conferences:report", case.number, nr)
    if do == "return" and attempt(returning, actions.return_report, found, by=request.user).done:
        messages.success(request, f"The report is returned to {found.submitted_by}, with your reasons.")
        return redirect("conferences:report", case.number, nr)
    form = endorsing if do == "endorse" else returning if do == "return" else None
    context = _around(
        request,
        found,
        form,
        endorse_form=endorsing,
        return_form=returning,
        cannot=refusal(policies.check_waits, found) or refusal(policies.check_another, found, by=request.user),
        cram_is_missing=refusal(policies.check_cram_was_there, found) or refusal(policies.check_still_so, found),
    )
    return render(request, "conferences/endorse_report.html", context)


@get_or_post
@case_page
def send_report(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Send the endorsed report: which copies go to whom, and what each of them does not get."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    conference, found = _with_report(request, case, nr)
    if found is None:
        return redirect("conferences:report", case.number, nr)
    people = recipients_of(conference)
    form = SendForm(request.POST or None, recipients=people, initial={"version": version_of(found)})
    if request.method == "POST":
        outcome = attempt(form, actions.send_report, found, by=request.user)
        if outcome.done:
            copies = count(len(outcome.get()), "copy is", "copies are")
            messages.success(request, f"{copies} made and kept. Open each below, and pass it on as you have said.")
            return redirect("conferences:report", case.number, nr)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version_of(found))
    in_the_way = refusal(policies.check_ready_to_send, found, people)
    return render(request, "conferences/send_report.html", _around(request, found, form, in_the_way=in_the_way))
