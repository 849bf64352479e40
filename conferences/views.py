from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.recording import record_access
from deadlines import clock
from intake.models import Message
from intake.queries import invitations
from pages.paging import page_of
from team.acting import SignedIn, acting_team
from team.permissions import Permission, may, reaches_several_teams, require


@require_safe
def conferences(request: SignedIn) -> HttpResponse:
    """The invitations to conferences that came by email, the latest first."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    with transaction.atomic():
        page = page_of(invitations(request.user), key="used_at", descending=True, cursor=request.GET.get("after", ""))
        team = acting_team(request)
        detail = {"filters": ["passed to conferences"], "messages": sorted(use.message_id for use in page.rows)}
        record_access(Message, by=request.user, team_id=team.pk if team else None, detail=detail)
    context = {
        "uses": page.rows,
        "now": clock.now(),
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        "handles": may(request.user, Permission.HANDLE_MAIL, team=None),
        **page.links(request.GET),
    }
    return render(request, "conferences/conferences.html", context)
