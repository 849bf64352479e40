"""The police report to a conference: its items, who may read each, and what each recipient will read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from conferences import actions
from conferences import report_policies as policies
from conferences.actions.reporting import Taken
from conferences.assembling import draw, look_at_others, of_other_records
from conferences.enums import Section, Sharing
from conferences.models import Conference, Item, Report
from conferences.report_deciding import Deciding, parts_of
from conferences.report_forms import AddItemForm, ItemForm, KeepForm, as_typed
from conferences.report_pages import chosen_recipient, of_report, part_shown, sheet_of
from conferences.report_queries import (
    ClosedOff,
    Stale,
    closed_off,
    drawn_keys,
    items_and_closed_off,
    items_of,
    kept_state,
    newest,
    recipients_of,
    reports_of,
    stale,
    taken_from_restricted,
)
from conferences.report_states import OVER
from conferences.views.conference import found_of
from pages.acting import attempt, open_on, refusal
from pages.words import count
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def version_asked(conference: Conference, asked: str) -> Report | None:
    """The version that an address asks for, else the newest; None where there is none yet. Raises Http404."""
    if not asked:
        return newest(conference)
    if not asked.isdecimal() or len(asked) > 4:
        raise Http404
    report: Report = get_object_or_404(reports_of(conference), number=int(asked))
    report.conference = conference
    return report


@get_or_post
@case_page
def report(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """The report with facts apart from opinion, item by item who may read it; beside it what one recipient will read.
    Begins it, or its next version."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    conference = found_of(case, nr)
    if request.method == "POST" and request.POST.get("do") == "start":
        return _start(request, conference)
    found = version_asked(conference, request.GET.get("version", ""))
    if found is None:
        context = {
            **heading(case),
            "tab": "conferences",
            "conference": conference,
            "in_the_way": refusal(policies.check_start, conference, None),
        }
        return render(request, "conferences/report_none.html", context)
    items, closed = items_and_closed_off(found)
    old = stale(found, items) if found.state not in OVER else Stale()
    part = part_shown(items, request.GET.get("part", ""))
    whole = [item for item in items if part is None or item.section == part]
    sheet = sheet_of(whole, request.GET.get("page", ""), request.GET.get("item", ""))
    # What was sent is saved, also where the items of the part have moved to another page since.
    here = [item for item in whole if item in sheet.items or f"version-{item.pk}" in request.POST]
    deciding = Deciding(here, old, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if (answer := _decide(request, found, deciding)) is not None:
            return answer
        items = items_of(found)
    recipient = chosen_recipient(recipients_of(conference), request.GET.get("for", ""))
    context = {
        **of_report(found, items, recipient, old=old, user=request.user),
        "deciding": deciding,
        "parts": [each for each in parts_of(deciding) if part is None or each.section == part],
        "part": part,
        "sheet": sheet,
        "mistakes": deciding.mistakes(),
        "not_shown": taken_from_restricted(closed),
        "asked": request.GET.urlencode(),
    }
    return render(request, "conferences/report.html", context)


def _start(request: SignedIn, conference: Conference) -> HttpResponse:
    case, last = conference.case, newest(conference)
    try:
        begun = actions.start_report(conference, by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("conferences:report", case.number, conference.number)
    try:
        taken = actions.assemble_report(begun, by=request.user)
    except ValidationError:  # nothing on the record is new
        taken = None
    words = f"Version {begun.number} of the report is begun."
    if taken:
        words += f" {_taken(taken)}"
    closed = closed_off(last, Item.objects.filter(report=last)) if last is not None else ClosedOff()
    if left := closed.of_another_team:
        what = count(len(left), "item came from a record that is", "items came from records that are")
        words += f" {what} with another team now, and not taken over: ask that team."
    if closed.restricted:
        words += f" {taken_from_restricted(closed)}"
    messages.success(request, words)
    return redirect("conferences:report", case.number, conference.number)


def _taken(taken: Taken) -> str:
    words = f"{count(taken.items, 'item was', 'items were')} taken from the record: say who may read each."
    return f"{words} {taken.more}".strip()


def _decide(request: SignedIn, found: Report, deciding: Deciding) -> HttpResponse | None:
    """Save who may read what; None where the page is shown again."""
    if not deciding.is_valid():
        return None
    try:
        done = actions.decide_sharing(found, decisions=deciding.decisions(), by=request.user)
    except ValidationError as refused:
        deciding.refuse(refused)
        return None
    if done.theirs:
        deciding.stand_beside(done.theirs, {item.pk: item for item in items_of(found)})
        return None
    messages.success(request, f"Saved: {count(done.saved, 'item was', 'items were')} changed.")
    return redirect(request.get_full_path())


@get_or_post
@case_page
def assemble(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """What the record holds that is not in the report yet; and take it into the report."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    conference = found_of(case, nr)
    found = newest(conference)
    if request.method == "POST" and found is not None:
        try:
            taken = actions.assemble_report(found, by=request.user)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, _taken(taken))
        return redirect("conferences:report", case.number, nr)
    known = drawn_keys(found) if found is not None else {}
    others = of_other_records(conference, request.user)
    with transaction.atomic():
        look_at_others(conference, others, by=request.user)
    context = {
        **heading(case),
        "tab": "conferences",
        "conference": conference,
        "report": found,
        "drawn": [each for each in [*draw(conference), *others.drawn] if each.key not in known],
        "more": others.more,
        "in_the_way": refusal(policies.check_being_written, found)
        if found is not None
        else "The report is not begun yet.",
    }
    return render(request, "conferences/assemble.html", context)


@get_or_post
@case_page
def add_item(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Add a fact or an opinion."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    conference = found_of(case, nr)
    found = newest(conference)
    if found is None:
        messages.warning(request, "The report is not begun yet. Begin it here.")
        return redirect("conferences:report", case.number, nr)
    asked = request.GET.get("part", "")
    part = asked if asked in Section.values else None
    form = AddItemForm(request.POST or None, initial={"section": part, "reads": Sharing.SHARED})
    if request.method == "POST":
        outcome = attempt(form, actions.add_item, found, by=request.user)
        if outcome.done:
            messages.success(request, "It is in the report.")
            return _back(case, nr, outcome.get())
    context = {**heading(case), "tab": "conferences", "conference": conference, "form": form}
    context["in_the_way"] = refusal(policies.check_being_written, found)
    return render(request, "conferences/add_item.html", context)


@get_or_post
@case_page
def item(request: SignedIn, case: Case, nr: int, pk: int) -> HttpResponse:
    """One item: its words, who may read it, and from which recipients it is kept."""
    require(request.user, Permission.WRITE_REPORTS, team=case.team)
    conference = found_of(case, nr)
    rows = Item.objects.select_related("report", "about", "report__submitted_by", "report__endorsed_by")
    found = get_object_or_404(rows.filter(report__conference=conference), pk=pk)
    found.report.conference = conference
    shown = items_of(found.report)
    if found not in shown:
        raise Http404  # of a record that is with another team or restricted by now
    version, seen, recipients = version_of(found), kept_state(found), recipients_of(conference)
    do = request.POST.get("do") if request.method == "POST" else None
    is_dated = found.section == Section.CHRONOLOGY
    others = [each for each in shown if each.section == found.section and each != found]
    form = ItemForm(
        request.POST if do == "words" else None,
        initial=as_typed(found, version),
        others=[] if is_dated else others,
        prefix="words",
    )
    keep = KeepForm(
        request.POST if do == "keep" else None,
        recipients=recipients,
        kept=list(found.kept_from.all()),
        seen=seen,
        prefix="keep",
    )
    if do == "words":
        outcome = attempt(form, actions.change_item, found, by=request.user)
        if outcome.done:
            messages.success(request, "The item is saved.")
            return _back(case, nr, outcome.get())
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, **{"words-version": version})
    elif do == "keep":
        outcome = attempt(keep, actions.keep_from, found, by=request.user)
        if outcome.done:
            messages.success(request, "It is saved who does not get this item.")
            return _back(case, nr, outcome.get())
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(keep, **{"keep-seen": seen})  # type: ignore[arg-type]
    old = stale(found.report, [found])
    context: dict[str, Any] = {
        **heading(case),
        "tab": "conferences",
        "conference": conference,
        "item": found,
        "item_form": form,
        "keep_form": keep,
        "form": keep if do == "keep" else form,
        "corrected": old.corrected.get(pk),
        "older_cram": pk in old.older_cram,
        "moved": pk in old.moved,
        "in_the_way": refusal(policies.check_being_written, found.report),
    }
    return render(request, "conferences/item.html", context)


def _back(case: Case, nr: int, found: Item) -> HttpResponse:
    """To where the item stands in the report."""
    address = reverse("conferences:report", args=[case.number, nr])
    return redirect(f"{address}?part={found.section}&item={found.pk}#item-{found.pk}")
