"""What stands around every page: the marking, who and for which team, the navigation, when due dates were checked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from diary.sweep import dates_checked
from team.acting import acting_as, acting_team, teams_to_choose
from team.models import User
from team.permissions import Permission, may
from workbench import demonstration
from workbench.navigation import navigation


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context for `base.html`. Before sign-in only what needs no database."""
    context: dict[str, Any] = {
        "marking": settings.PROTECTIVE_MARKING,
        "demonstration": settings.DEMONSTRATION,
    }
    if settings.DEMONSTRATION:
        context |= {
            "demonstration_accounts": demonstration.PRINTED,
            "demonstration_password": demonstration.PASSWORD,
        }
    user = getattr(request, "user", None)
    if isinstance(user, User):
        # Whoever must first choose a password of their own is shown none of their duties.
        checked = dates_checked(None if user.must_change_password else user)
        context |= {
            "acting_as": acting_as(request),
            "acting_team": acting_team(request),
            # Whoever must first choose a password of their own could follow none of these.
            "can_change_team": len(teams_to_choose(request)) > 1 and not user.must_change_password,
            "search_url": reverse("workbench:search") if may(user, Permission.SEE_RECORDS, team=None) else "",
            "new_referral_url": reverse("referrals:log") if may(user, Permission.LOG_REFERRALS, team=None) else "",
            "navigation": [] if user.must_change_password else navigation(request, late=checked.late),
            "dates_checked": checked,
            "today": checked.today,
        }
    return context
