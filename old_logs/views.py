"""The pages of old logs: which were read, what becomes of each row of one, what its columns say."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from audit.events import Look
from audit.recording import record_access
from deadlines import clock
from old_logs import actions, lists, policies, queries
from old_logs.enums import AT_WORK, RowState, State
from old_logs.forms import BringInForm, ColumnsForm, DiscardForm, OldLogForm
from old_logs.headings import Sheet
from old_logs.models import OldLog, OldRow
from old_logs.workbook import workbook_of
from pages.acting import attempt, refusal
from pages.paging import page_of
from pages.uploads import takes_a_file, was_too_large
from pages.words import count
from referrals.models import urn_of
from team.acting import SignedIn, acting_team
from team.enums import TeamKind
from team.permissions import Permission, reaches_several_teams, require, teams_where

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOGS_A_PAGE = 20
# So many seconds after it was drawn, the page of a log that a worker has asks again.
LOOKS_AGAIN = 3


def _may(request: SignedIn) -> None:
    require(request.user, Permission.BRING_IN_LOGS, team=None)


def _found(request: SignedIn, pk: int) -> OldLog:
    _may(request)
    rows = OldLog.objects.visible_to(request.user).defer("content")
    return get_object_or_404(rows.select_related("team", "added_by", "asked_by"), pk=pk)


def _record(request: SignedIn, log: OldLog, **more: Any) -> None:
    """Reading its rows is a look at what they tell. Within the transaction in which they are read."""
    record_access(log, by=request.user, team_id=log.team_id, **more)


@get_or_post
@takes_a_file("file", most=policies.MOST_BYTES, allowed=_may)
def old_logs(request: SignedIn) -> HttpResponse:
    """The old logs of one's teams, and another one to be read."""
    _may(request)
    teams = teams_where(request.user, Permission.BRING_IN_LOGS).filter(kind=TeamKind.CAIT).order_by("name")
    if request.method == "POST":
        form = OldLogForm(request.POST, request.FILES, teams=teams, too_large=was_too_large(request))
        if form.is_valid():
            team, values = form.cleaned_data["team"], form.values()
            if (added := attempt(form, actions.add_old_log, team, values=values, by=request.user)).done:
                return redirect("old_logs:old_log", added.get().pk)
    else:
        here = acting_team(request)
        choices = list(teams)
        of = here if here in choices else choices[0] if len(choices) == 1 else None
        form = OldLogForm(teams=teams, initial={"team": of})
    rows = OldLog.objects.visible_to(request.user).defer("content", "sheets")
    page = page_of(
        rows.select_related("team", "added_by", "asked_by"),
        key="added_at",
        descending=True,
        cursor=request.GET.get("after", ""),
        size=LOGS_A_PAGE,
    )
    counts = queries.counts_of(page.rows)
    context = {
        "form": form,
        "lines": [(log, counts[log.pk]) for log in page.rows],
        "several_teams": reaches_several_teams(request.user, Permission.BRING_IN_LOGS),
        **page.links(request.GET),
    }
    return render(request, "old_logs/old_logs.html", context)


@get_or_post
def old_log(request: SignedIn, pk: int) -> HttpResponse:
    """One old log: how far a worker has come with it; or what becomes of each of its rows, and bringing it in."""
    log = _found(request, pk)
    form = None
    if request.method == "POST":
        asked = queries.to_be_asked_about(log) if log.state == State.READ else 0
        form = BringInForm(request.POST, asked=asked)
        values = form.values() if form.is_valid() else {}
        if attempt(form, actions.bring_in_old_log, log, values=values, by=request.user).done:
            return redirect("old_logs:old_log", log.pk)
        log = _found(request, pk)  # somebody else may have been first
    if log.state in AT_WORK:
        return render(request, "old_logs/at_work.html", {"log": log, "form": form or {}, **_moving(request, log)})
    if log.state == State.REFUSED:
        return render(request, "old_logs/refused.html", {"log": log, "form": form or {}})
    with transaction.atomic():
        counts = queries.counts(log)
        kinds = {show: (label, counts[state]) for show, (state, label) in lists.SHOWN.items() if counts[state]}
        show = request.GET.get("show", "")
        show = show if show in lists.SHOWN else next(iter(kinds), "flawed")
        _record(request, log, detail={"filters": [f"show: {show}"]})
        rows = OldRow.objects.filter(log=log, state=lists.SHOWN[show][0]).select_related("referral__case")
        page = page_of(rows, key="id", descending=False, cursor=request.GET.get("after", ""))
        lines = lists.lines_of(log, page.rows, user=request.user)
    asked = queries.to_be_asked_about(log) if log.state == State.READ else 0
    sheets = [Sheet(**each) for each in log.sheets]
    context = {
        "log": log,
        "form": form or BringInForm(asked=asked),
        "asked": asked,
        "counts": counts,
        "blank": sum(sheet.blank for sheet in sheets),
        "rows": sum(sheet.rows for sheet in sheets),
        "sheets": sheets,
        "goes_on_above": _goes_on_above(log),
        "not_understood": "" if log.state == State.DONE or counts[RowState.READY] else lists.not_understood(log),
        "kinds": kinds,
        "show": show,
        "label": lists.SHOWN[show][1],
        "lines": lines,
        **page.links(request.GET),
    }
    return render(request, "old_logs/old_log.html", context)


def _goes_on_above(log: OldLog) -> str:
    """The highest URN of this year in a log that can be brought in: CAIT's own numbering goes on above it."""
    year = clock.today().year
    highest = log.highest.get(str(year)) if log.state == State.READ else None
    return urn_of(year, highest) if highest else ""


def _moving(request: SignedIn, log: OldLog) -> dict[str, Any]:
    """Whether a worker has come on since this page was drawn last, and whether the page asks again by itself."""
    seen = request.GET.get("seen", "")
    about = "about " if log.state == State.READING else ""
    return {
        "how_far": f"{log.done:,} of {about}{count(log.of, 'row' if about else 'referral')}",
        "still": seen == str(log.done),
        "again": "" if "stay" in request.GET else f"{LOOKS_AGAIN};url={request.path}?seen={log.done}",
    }


@get_or_post
def choose_columns(request: SignedIn, pk: int) -> HttpResponse:
    """Which row is the heading of each sheet, and what each column says."""
    log = _found(request, pk)
    known = queries.remembered(log.team) | log.chosen
    form = ColumnsForm(request.POST if request.method == "POST" else None, log=log, known=known)
    checks = False
    if request.method == "POST":
        checks = form.is_valid() and ("show" in request.POST or bool(form.are_new))
        if form.is_valid() and not checks:
            values = form.values()
            if attempt(form, actions.choose_columns, log, values=values, by=request.user).done:
                messages.success(request, "What the columns say is kept. CAIT reads the log again.")
                return redirect("old_logs:old_log", log.pk)
    with transaction.atomic():
        _record(request, log, detail={"page": "columns"})
        log.refresh_from_db(fields=["state", "asked_by"])
    context = {
        "log": log,
        "form": form,
        "checks": checks,
        "in_the_way": refusal(policies.check_not_begun, log),
    }
    return render(request, "old_logs/columns.html", context)


@require_safe
def download_rest(request: SignedIn, pk: int) -> HttpResponse:
    """The rows that need a person, as a workbook in which they are put right and sent again."""
    log = _found(request, pk)
    if log.state in (State.READING, State.REFUSED):
        return redirect("old_logs:old_log", log.pk)
    with transaction.atomic():
        _record(request, log, how=Look.EXPORT, detail={"rows": queries.counts(log)[RowState.FLAWED]})
        file = workbook_of(log, by=request.user)
    response = HttpResponse(file, content_type=XLSX)
    name = f"To put right, {log.name.rsplit('.', 1)[0]}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@get_or_post
def discard_old_log(request: SignedIn, pk: int) -> HttpResponse:
    """Throw an old log away of which nothing was brought in."""
    log = _found(request, pk)
    form = DiscardForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and attempt(form, actions.discard_old_log, log, by=request.user).done:
        messages.success(request, f"{log.name} was thrown away. Nothing of it was brought in.")
        return redirect("old_logs:old_logs")
    log = _found(request, pk) if request.method == "POST" else log
    context = {"log": log, "form": form, "in_the_way": refusal(policies.check_not_begun, log)}
    return render(request, "old_logs/discard.html", context)
