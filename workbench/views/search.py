"""Find a record or a person from anywhere."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from audit.recording import record_access
from deadlines import clock
from people.models import Person
from team.acting import SignedIn, acting_team
from team.permissions import Permission, reaches_several_teams, require
from workbench.searching import MOST, searched

LONGEST = 100


@require_safe
def search(request: SignedIn) -> HttpResponse:
    """By name, address, URN or record number. One record alone is opened at once."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    words = " ".join(request.GET.get("q", "").split())[:LONGEST]
    today = clock.today()
    found, refused = None, ""
    if words:
        try:
            with transaction.atomic():
                found = searched(words, user=request.user, today=today)
                team = acting_team(request)
                # What was asked is not kept, for it may be a name; whom it found, is.
                detail = found.looked_at()
                record_access(Person, by=request.user, team_id=team.pk if team else None, detail=detail)
        except ValidationError as wrong:
            refused = " ".join(wrong.messages)
    if found and len(found.referrals) == 1 and not found.left_out:
        return redirect("workbench:case", found.referrals[0].case.number)
    context = {
        "searched": words,
        "found": found,
        "refused": refused,
        "most": MOST,
        "today": today,
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
    }
    return render(request, "workbench/search.html", context)
