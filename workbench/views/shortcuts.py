"""The keys that are quicker than Tab, for whoever likes the keyboard."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from team.acting import SignedIn
from team.permissions import Permission, may


@require_safe
def shortcuts(request: SignedIn) -> HttpResponse:
    """What each key does, and the switch for this browser."""
    desk_url = reverse("referrals:desk_page") if may(request.user, Permission.HANDLE_MAIL, team=None) else ""
    return render(request, "workbench/shortcuts.html", {"desk_url": desk_url})
