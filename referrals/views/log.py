"""The log as a list, and as a file."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from audit.events import Look
from audit.recording import record_access
from deadlines import clock
from intake.queries import waiting
from pages.paging import page_of
from referrals import queries
from referrals.forms import (
    DownloadForm,
    LogFilterForm,
)
from referrals.models import Referral
from referrals.restricted import kept_back, kept_back_in_words, with_whom_to_ask
from referrals.spreadsheet import in_order, workbook
from team.acting import SignedIn, acting_team
from team.permissions import Permission, may, reaches_several_teams, require, several_teams, teams_held

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 10_000


@require_safe
def log_page(request: SignedIn) -> HttpResponse:
    """The log: every referral one may see, narrowed and sorted by the address."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    form, rows, filters = _asked(request, Permission.SEE_RECORDS)
    order = request.GET.get("order", "received")
    key, descending = queries.ORDERS.get(order, queries.ORDERS["received"])
    with transaction.atomic():
        team = acting_team(request)
        detail = {"filters": queries.asked_for(filters)}
        record_access(Referral, by=request.user, team_id=team.pk if team else None, detail=detail)
        page = page_of(queries.in_the_log(rows), key=key, descending=descending, cursor=request.GET.get("after", ""))
        lines = queries.log_lines(page.rows)
        left_out = kept_back_in_words(kept_back(request.user, **filters)) if form.is_valid() else ""
    handles = team is not None and may(request.user, Permission.HANDLE_MAIL, team=team)
    may_log = may(request.user, Permission.LOG_REFERRALS, team=None)
    context = {
        "form": form,
        "filtered": bool(form.errors) or any(filters.values()),
        "rows": lines,
        "left_out": left_out,
        "mail": waiting(team, user=request.user) if handles and team else None,
        "sorts": _sorts(request.GET, order),
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        "may_log": may_log,
        "may_bring_in": may(request.user, Permission.BRING_IN_LOGS, team=None),
        "may_download": may(request.user, Permission.DOWNLOAD_LOG, team=None),
        "drafts": list(queries.drafts_for(request.user)[: queries.MOST_DRAFTS]) if may_log else [],
        "asked": request.GET.urlencode(),
        **page.links(request.GET),
    }
    return render(request, "referrals/log.html", context)


def _asked(request: SignedIn, permission: Permission) -> tuple[LogFilterForm, QuerySet[Referral], dict[str, Any]]:
    """The filter, the rows that fit it of the teams for which the permission is held, and what was asked.

    A wrong filter shows nothing, not everything.
    """
    form = LogFilterForm(request.GET, teams=several_teams(request.user, permission))
    rows = Referral.objects.visible_to(request.user)
    if (teams := teams_held(request.user, permission)) is not None:
        rows = rows.filter(team_id__in=teams)
    if not form.is_valid():
        return form, rows.none(), {}
    filters: dict[str, Any] = dict(form.cleaned_data)
    try:
        return form, queries.narrowed(rows, user=request.user, **filters), filters
    except ValidationError as refused:
        form.add_error(None, refused)
        return form, rows.none(), {}


def _sorts(asked: QueryDict, order: str) -> dict[str, dict[str, str]]:
    """For each column that sorts: the link that sorts by it, or the other way round, and how it is sorted now."""
    sorts = {}
    for column in ("received", "urn"):
        down, up = column, f"{column}-oldest"
        link = asked.copy()
        link.pop("after", None)
        link["order"] = up if order == down else down
        now = {down: "descending", up: "ascending"}.get(order, "none")
        if order not in queries.ORDERS and column == "received":
            now = "descending"
        sorts[column] = {"url": f"?{link.urlencode()}", "now": now}
    return sorts


@get_or_post
def download(request: SignedIn) -> HttpResponse:
    """The log as it is narrowed, as an Excel file: asked why, and logged."""
    require(request.user, Permission.DOWNLOAD_LOG, team=None)
    filter_form, rows, filters = _asked(request, Permission.DOWNLOAD_LOG)
    if not filter_form.is_valid():
        return redirect(f"{request.path.removesuffix('download/')}?{request.GET.urlencode()}")
    fitting = rows.order_by()[: MOST_ROWS + 1].count()
    restricted = kept_back(request.user, permission=Permission.DOWNLOAD_LOG, **filters)
    form = DownloadForm(request.POST or None)
    too_many = fitting > MOST_ROWS
    if request.method == "POST" and form.is_valid() and fitting and not too_many:
        with transaction.atomic():
            detail = {"rows": fitting, "filters": queries.asked_for(filters)}
            reason = form.cleaned_data["reason"]
            team = acting_team(request)
            team_id = team.pk if team else None
            record_access(Referral, by=request.user, how=Look.EXPORT, team_id=team_id, reason=reason, detail=detail)
            referrals = rows.select_related("case", "logged_by").order_by("-received_at", "-id")
            at = clock.now()
            narrowed = ", narrowed" if any(filters.values()) else ""
            every = in_order(referrals.iterator(500), with_whom_to_ask(restricted))
            file = workbook(every, by=request.user, at=at, narrowed=narrowed)
        response = HttpResponse(file, content_type=XLSX)
        name = f"Referral log {clock.london_date(at):%Y-%m-%d}.xlsx"
        response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        return response
    context = {
        "form": form,
        "count": fitting,
        "restricted": len(restricted),
        "too_many": too_many,
        "most": MOST_ROWS,
        "filtered": any(filters.values()),
        "asked": request.GET.urlencode(),
    }
    return render(request, "referrals/download.html", context)
