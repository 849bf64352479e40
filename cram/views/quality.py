"""How well assessments are done: the figures of each team, and the list behind each of them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.recording import record_access
from cases.opening import opening
from cram.models import Assessment
from cram.quality import DAYS, MEASURED, quality_of, sent_lately, since
from cram.quality_forms import QualityForm
from deadlines import clock
from pages.paging import page_of
from team.acting import SignedIn, acting_team
from team.enums import TeamKind
from team.permissions import Permission, reaches_several_teams, require, several_teams, teams_where


@require_safe
def quality(request: SignedIn) -> HttpResponse:
    """Teams side by side; each figure leads to its list (HMIC 2010, AFI 6)."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    now = clock.now()
    teams = teams_where(request.user, Permission.SEE_FIGURES).filter(kind=TeamKind.CAIT)
    context = {
        "rows": quality_of(teams, user=request.user, now=now),
        "measured": MEASURED,
        "since": since(now),
        "days": DAYS,
        "several": reaches_several_teams(request.user, Permission.SEE_RECORDS),
    }
    return render(request, "cram/quality.html", context)


@require_safe
def assessments(request: SignedIn) -> HttpResponse:
    """The assessments behind a figure, those begun last first."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    form = QualityForm(request.GET, teams=several_teams(request.user, Permission.SEE_RECORDS))
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    acting = acting_team(request)
    with transaction.atomic():
        detail = {"page": "cram:quality_list", "filters": sorted(name for name, value in asked.items() if value)}
        record_access(Assessment, by=request.user, team_id=acting.pk if acting else None, detail=detail)
        rows = sent_lately(request.user, now=clock.now())
        rows = form.narrow(rows) if form.is_valid() else rows.none()
        rows = rows.select_related("case", "case__team", "submitted_by", "endorsed_by")
        page = page_of(rows, key="started_at", descending=True, cursor=request.GET.get("after", ""))
        restricted = opening((each.case for each in page.rows if each.case.restricted), user=request.user)
    context = {
        "form": form,
        "filtered": any(asked.values()),
        "rows": page.rows,
        # Of restricted records one reads that a CRAM was sent, and whom to ask; nothing else.
        "asks": restricted.asks,
        "measured": MEASURED,
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        **page.links(request.GET),
    }
    return render(request, "cram/quality_list.html", context)
