from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from audit.recording import record_access
from deadlines import clock
from diary import actions
from diary.forms import ReadForm
from diary.models import Notice
from diary.notices import DAYS_SHOWN, notices_of, read_up_to, told_of
from pages.acting import attempt
from pages.paging import page_of
from team.acting import SignedIn, acting_team
from team.permissions import Permission, reaches_several_teams, require


@require_safe
def notices(request: SignedIn) -> HttpResponse:
    """What CAIT told me lately, the newest first."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    with transaction.atomic():
        team = acting_team(request)
        now = record_access(Notice, by=request.user, team_id=team.pk if team else None).at
        rows = notices_of(request.user, now=now).select_related("team")
        page = page_of(rows, key="id", descending=True, cursor=request.GET.get("after", ""))
        up_to = read_up_to(request.user)
        lines = told_of(page.rows, user=request.user, today=clock.london_date(now), up_to=up_to)
    newest = page.rows[0].pk if page.rows else 0
    context: dict[str, Any] = {
        "lines": lines,
        "now": now,
        "days": DAYS_SHOWN,
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        # Those on the pages after the first are older: whoever has read the first has been told of all.
        "newest": newest if page.is_first and newest > up_to else 0,
        **page.links(request.GET),
    }
    return render(request, "diary/notices.html", context)


def read_notices(request: SignedIn) -> HttpResponse:
    """Mark as read what the page showed."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if attempt(ReadForm(request.POST), actions.mark_notices_read, by=request.user).done:
        messages.success(request, "What CAIT had told you is marked as read.")
    return redirect("diary:notices")
