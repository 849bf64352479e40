"""The conferences of a week: what a conference officer's tour of duty runs from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.events import Look
from audit.recording import record_access
from conferences.models import Conference
from conferences.week import MOST, MOST_COUNTED, Asked, Group, Week, week_of
from conferences.week_forms import WeekForm
from deadlines import clock
from deadlines.periods import monday_of, weeks_on
from team.acting import SignedIn, acting_team
from team.enums import Role
from team.permissions import Permission, may, reaches_several_teams, require, several_teams, teams_held


@require_safe
def conferences(request: SignedIn) -> HttpResponse:
    """One week: the calendar, what is missing of each preparation, and what is still to be recorded or found out."""
    return render(request, "conferences/week.html", _week(request, Look.PAGE))


@require_safe
def print_week(request: SignedIn) -> HttpResponse:
    """The same week for the wall of the office."""
    return render(request, "conferences/print_week.html", _week(request, Look.PRINT))


def _week(request: SignedIn, how: Look) -> dict[str, Any]:
    user = request.user
    require(user, Permission.SEE_RECORDS, team=None)
    asked = request.GET.copy()
    if not asked.get("whose"):
        # Whoever goes to conferences begins with their own.
        asked["whose"] = "mine" if any(each.role == Role.PCLO for each in user.roles_today) else "all"
    form = WeekForm(asked, teams=several_teams(user, Permission.SEE_RECORDS))
    acting = acting_team(request)
    with transaction.atomic():
        now = clock.now()
        monday = monday_of(clock.london_date(now))
        week = None
        said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
        if form.is_valid():
            monday = monday_of(said["from"] or monday)
            week = week_of(user, Asked(monday, said["whose"], said.get("team")), now=now)
        detail = {
            "page": "conferences:conferences",
            "filters": sorted(name for name, value in said.items() if value),
            "asked_from": str(monday),
            "records": _records(week) if week else [],
        }
        record_access(Conference, by=user, how=how, team_id=acting.pk if acting else None, detail=detail)
    return {
        "form": form,
        "week": week,
        "monday": monday,
        "team": said.get("team"),
        "mine": said.get("whose") == "mine",
        "most": MOST,
        "most_counted": MOST_COUNTED,
        "now": now,
        "today": clock.london_date(now),
        "several_teams": reaches_several_teams(user, Permission.SEE_RECORDS),
        "books": teams_held(user, Permission.BOOK_CONFERENCES),
        "records_outcomes": teams_held(user, Permission.RECORD_OUTCOMES),
        "handles": may(user, Permission.HANDLE_MAIL, team=None),
        **_ways(asked, monday, now),
    }


def _ways(asked: Any, monday: date, now: datetime) -> dict[str, Any]:
    """Where the links to other weeks lead, what was asked kept."""

    def of(on: date) -> str:
        there = asked.copy()
        there["from"] = on.isoformat()
        return f"?{there.urlencode()}"

    kept = asked.copy()
    kept.pop("from", None)
    this = monday_of(clock.london_date(now))
    return {
        "earlier": of(weeks_on(monday, -1)),
        "later": of(weeks_on(monday, 1)),
        "this": "" if monday == this else of(this),
        "same": of(monday),
        "kept": kept.urlencode(),
    }


def _records(week: Week) -> list[int]:
    """The records of which something stands on the page."""
    due = [*week.reports, *week.to_record, *week.minutes, *week.to_find_out]
    entries = [entry for day in week.days for entry in (*day.morning, *day.afternoon)]
    groups = [*week.groups_to_record, *(entry for entry in entries if isinstance(entry, Group))]
    return sorted(
        {row.conference.case_id for row in week.rows}
        | {each.group.case_id for each in groups}
        | {row.duty.case_id for row in due}
    )
