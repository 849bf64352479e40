"""The register of child protection plans as at a day, and who moved on and off it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.recording import record_access
from cases.restricting import whom_to_ask
from conferences.charts import draw
from conferences.enums import PlanCategory
from conferences.figures_forms import MovesForm, RegisterForm
from conferences.models import Plan
from conferences.register import (
    divided,
    first_plan,
    groups_of,
    listed,
    months_of,
    plans_moved,
    plans_on,
    team_of_move,
    team_then,
)
from deadlines import clock
from deadlines.periods import months_until
from pages.paging import Page, page_of
from team.acting import SignedIn, acting_team
from team.permissions import Permission, reaches_several_teams, require, several_teams


@require_safe
def register(request: SignedIn) -> HttpResponse:
    """How many children were on a plan at the end of a day, in groups, month by month, and each of them."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    form = RegisterForm(request.GET, teams=several_teams(request.user, Permission.SEE_RECORDS))
    with transaction.atomic():
        today = clock.today()
        said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
        on, team = said.get("on") or today, said.get("team")
        page: Page[Plan] | None = None
        context: dict[str, Any] = {}
        if form.is_valid():
            plans = plans_on(request.user, on, team=team)
            group = groups_of(on).get(said["group"])
            rows = listed(plans.filter(group.fits) if group else plans, request.user, team_then(on))
            page = page_of(rows, key="from_on", descending=False, cursor=request.GET.get("after", ""))
            months = months_of(request.user, on, team=team)
            context = {
                "group": group,
                "categories": dict(PlanCategory.choices),
                "rows": page.rows,
                "asks": _asks(page.rows),
                "months": months,
                "picture": draw(months),
                "number": months[-1].number,
                "divisions": divided(plans, on),
                "first": first_plan(request.user, team=team) if not months[-1].number else None,
                **page.links(request.GET),
            }
        _record_look(request, "conferences:register", said, page)
    context |= {
        "form": form,
        "on": on,
        "today": today,
        "team": team,
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
    }
    return render(request, "conferences/register.html", context)


@require_safe
def moves(request: SignedIn) -> HttpResponse:
    """The children whose plans began or ended in a period, those whose plan began first at the top."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    form = MovesForm(request.GET, teams=several_teams(request.user, Permission.SEE_RECORDS))
    with transaction.atomic():
        today = clock.today()
        said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
        page: Page[Plan] | None = None
        context: dict[str, Any] = {}
        if form.is_valid():
            to_on = said["to_on"] or today
            from_on = said["from_on"] or months_until(to_on, 1)[0]
            way = said["way"] or "on"
            rows = plans_moved(request.user, way, from_on, to_on, team=said.get("team"))
            rows = listed(rows, request.user, team_of_move(way))
            page = page_of(rows, key="from_on", descending=False, cursor=request.GET.get("after", ""))
            context = {"rows": page.rows, "asks": _asks(page.rows), "way": way, "from_on": from_on, "to_on": to_on}
            context |= page.links(request.GET)
        _record_look(request, "conferences:register_moves", said, page)
    context |= {"form": form, "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS)}
    return render(request, "conferences/register_moves.html", context)


def _asks(rows: Sequence[Any]) -> dict[int, str]:
    """Whom to ask about the restricted records (ids) of some plans that are not named. No query where there are
    none."""
    return whom_to_ask(plan.case for plan in rows if plan.case.restricted and not plan.may_open)


def _record_look(request: SignedIn, page: str, said: dict[str, Any], rows: Page[Plan] | None) -> None:
    acting = acting_team(request)
    detail = {
        "page": page,
        "filters": sorted(name for name, value in said.items() if value),
        "records": sorted({plan.case_id for plan in rows.rows if plan.may_open}) if rows else [],  # type: ignore[attr-defined]
    }
    record_access(Plan, by=request.user, team_id=acting.pk if acting else None, detail=detail)
