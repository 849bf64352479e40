"""Which conferences police attended, and how punctual Social Services were with them: figures, and their lists."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.recording import record_access
from cases.opening import Opening, opening
from conferences import duties, timeliness
from conferences.figures import (
    ATTENDANCE_TARGET,
    ENOUGH,
    MONTHS,
    PARTS,
    counted,
    figures_of,
    missed,
    since,
)
from conferences.figures_forms import AttendanceForm, FiguresForm, TimelinessForm
from conferences.models import Conference
from conferences.timeliness import Judged, by_kind, held_between, judge, quarters_of
from conferences.week import names_of_children
from deadlines import clock
from diary import queries as diary
from diary.models import Duty
from pages.paging import Page, page_of
from team.acting import SignedIn, acting_team
from team.enums import TeamKind
from team.models import Team, User
from team.permissions import Permission, reaches_several_teams, require, several_teams, teams_where

# Of the reasons on the page of the figures; the list has them all.
MOST_REASONS = 20
# Beyond it nobody reads a number as a number.
MOST_OVERDUE = 1000


@require_safe
def attendance(request: SignedIn) -> HttpResponse:
    """Months, and teams side by side; each figure leads to its list, each miss to its conference."""
    user = request.user
    require(user, Permission.SEE_RECORDS, team=None)
    form = FiguresForm(request.GET, teams=several_teams(user, Permission.SEE_RECORDS))
    team = form.cleaned_data.get("team") if form.is_valid() else None
    teams = [team] if team else _teams(request)
    with transaction.atomic():
        now = clock.now()
        rows = counted(user, now=now, team=team)
        latest = missed(rows).select_related("case__team", "team").order_by("-starts_at", "-pk")[: MOST_REASONS + 1]
        misses = list(latest) if not form.errors else []
        opened = _opening(user, misses)
        _record_look(request, "conferences:attendance", {"team": team}, opened.opens)
    context = {
        "form": form,
        "team": team,
        "figures": None if form.errors else figures_of(rows, teams, now=now),
        "misses": misses[:MOST_REASONS],
        "opens": opened.opens,
        "asks": opened.asks,
        "more_misses": len(misses) > MOST_REASONS,
        "parts": PARTS,
        "since": since(now),
        "now": now,
        "months": MONTHS,
        "target": ATTENDANCE_TARGET,
        "enough": ENOUGH,
        "several_teams": reaches_several_teams(user, Permission.SEE_RECORDS),
    }
    return render(request, "conferences/attendance.html", context)


@require_safe
def attendance_list(request: SignedIn) -> HttpResponse:
    """The conferences behind a figure, the latest first."""
    user = request.user
    require(user, Permission.SEE_RECORDS, team=None)
    form = AttendanceForm(request.GET, teams=several_teams(user, Permission.SEE_RECORDS))
    with transaction.atomic():
        now = clock.now()
        said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
        page = None
        if form.is_valid():
            rows = counted(user, now=now, team=said.get("team"), from_on=said["from_on"], to_on=said["to_on"])
            part = PARTS.get(said["figure"])
            rows = rows.filter(part.fits) if part else rows
            rows = rows.select_related("case__team", "team", "attended_by")
            page = page_of(rows, key="starts_at", descending=True, cursor=request.GET.get("after", ""))
        opened = _opening(user, page.rows if page else [])
        _record_look(request, "conferences:attendance_list", said, opened.opens)
    context = {
        "form": form,
        "part": PARTS.get(said.get("figure", "")),
        "since": since(now),
        "now": now,
        "several_teams": reaches_several_teams(user, Permission.SEE_RECORDS),
        **_listed(request, page, opened),
    }
    return render(request, "conferences/attendance_list.html", context)


@require_safe
def timeliness_page(request: SignedIn) -> HttpResponse:
    """Quarter by quarter how many conferences Social Services held in time: a figure to raise with them."""
    user = request.user
    require(user, Permission.SEE_RECORDS, team=None)
    form = FiguresForm(request.GET, teams=several_teams(user, Permission.SEE_RECORDS))
    team = form.cleaned_data.get("team") if form.is_valid() else None
    now = clock.now()
    overdue = diary.narrowed(
        Duty.objects.visible_to(user), user=user, now=now, team=team, kind=[duties.NEXT.code], by="late"
    )
    context = {
        "form": form,
        "team": team,
        "tables": [] if form.errors else by_kind(quarters_of(user, now=now, team=team)),
        "overdue": 0 if form.errors else overdue.order_by()[: MOST_OVERDUE + 1].count(),
        "most": MOST_OVERDUE,
        "since": timeliness.since(now),
        "several_teams": reaches_several_teams(user, Permission.SEE_RECORDS),
    }
    return render(request, "conferences/timeliness.html", context)


@require_safe
def timeliness_list(request: SignedIn) -> HttpResponse:
    """The conferences behind a figure of timeliness, the latest first, each with the day by which it had to be."""
    user = request.user
    require(user, Permission.SEE_RECORDS, team=None)
    form = TimelinessForm(request.GET, teams=several_teams(user, Permission.SEE_RECORDS))
    with transaction.atomic():
        now = clock.now()
        said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
        page, judged = None, dict[int, Judged]()
        if form.is_valid():
            first, last = _period(said, now)
            found = judge(held_between(user, first, last, team=said.get("team")))
            judged = {
                each.conference.pk: each
                for each in found
                if said["figure"] in ("", each.kind) and said["how"] in ("", each.how)
            }
            rows = Conference.objects.filter(pk__in=judged).select_related("case__team", "team")
            page = page_of(rows, key="starts_at", descending=True, cursor=request.GET.get("after", ""))
        opened = _opening(user, page.rows if page else [])
        _record_look(request, "conferences:timeliness_list", said, opened.opens)
    context = {
        "form": form,
        "judged_of": judged,
        "since": timeliness.since(now),
        "several_teams": reaches_several_teams(user, Permission.SEE_RECORDS),
        **_listed(request, page, opened),
    }
    return render(request, "conferences/timeliness_list.html", context)


def _period(said: dict[str, Any], now: datetime) -> tuple[date, date]:
    """No longer than the figures go back: each conference of it is judged anew."""
    first, today = timeliness.since(now), clock.london_date(now)
    return max(said["from_on"] or first, first), min(said["to_on"] or today, today)


def _opening(user: User, rows: list[Conference]) -> Opening:
    """Whose records somebody may open today. A conference stays in the figures of the team that had it; where its
    record is with another by now, or restricted, neither its number nor a child is named."""
    return opening((each.case for each in rows), user=user)


def _listed(request: SignedIn, page: Page[Conference] | None, opened: Opening) -> dict[str, Any]:
    rows = page.rows if page else []
    children = names_of_children(each for each in rows if each.case_id in opened.opens)
    listed = [(each, children.get(each.pk, [])) for each in rows]
    links = page.links(request.GET) if page else {}
    return {"rows": listed, "opens": opened.opens, "asks": opened.asks, **links}


def _teams(request: SignedIn) -> list[Team]:
    """The teams whose figures stand side by side, by name."""
    return list(teams_where(request.user, Permission.SEE_RECORDS).filter(kind=TeamKind.CAIT).order_by("name"))


def _record_look(request: SignedIn, page: str, said: dict[str, Any], opens: set[int]) -> None:
    acting = acting_team(request)
    filters = sorted(name for name, value in said.items() if value)
    detail = {"page": page, "filters": filters, "records": sorted(opens)}
    record_access(Conference, by=request.user, team_id=acting.pk if acting else None, detail=detail)
