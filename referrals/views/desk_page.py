"""The referral desk: the mailbox beside the log, and what is to be done next."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.recording import record_access
from deadlines import clock
from intake.models import Message
from intake.queries import unread_mailboxes
from referrals import queries
from referrals.beside import beside
from team.acting import SignedIn, acting_team
from team.permissions import Permission, may, require


@require_safe
def desk_page(request: SignedIn) -> HttpResponse:
    """What waits at the desk of the acting team, and what to do first."""
    require(request.user, Permission.HANDLE_MAIL, team=None)
    team, now = acting_team(request), clock.now()
    with transaction.atomic():
        found = beside(request.user, team, now=now, whole_desk=True)
        if team and found:
            record_access(Message, by=request.user, team_id=team.pk, detail=found.seen())
    context = {
        "beside": found,
        "counts": queries.desk_counts(team, user=request.user) if team and found else None,
        "most": queries.MOST_COUNTED,
        "unread": unread_mailboxes(request.user, now=now),
        "may_log": team is not None and may(request.user, Permission.LOG_REFERRALS, team=team),
        "may_triage": team is not None and may(request.user, Permission.TRIAGE_REFERRALS, team=team),
        "now": now,
    }
    return render(request, "referrals/desk.html", context)
