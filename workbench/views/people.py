"""Children and adults, and the records they are on."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from audit.recording import record_access
from cases.left_out import hidden_here, left_out
from cases.protection import on_plans_of
from deadlines import clock
from pages.paging import page_of
from people.models import Person
from team.acting import SignedIn, acting_team
from team.permissions import Permission, reaches_several_teams, require
from workbench.people import (
    homes_of,
    latest_records,
    left_out_of,
    may_have_harmed,
    on_records,
    people_visible_to,
    records_of,
    relations_of,
    with_other_names,
)


@require_safe
def people(request: SignedIn) -> HttpResponse:
    """Who was put on a record lately, and the way to find everybody else."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    with transaction.atomic():
        rows = latest_records(request.user)
        page = page_of(rows, key="raised_at", descending=True, cursor=request.GET.get("after", ""), size=25)
        everybody = [part for case in page.rows for part in case.everybody]  # type: ignore[attr-defined]  # prefetched
        shown = sorted({part.person_id for part in everybody})
        team = acting_team(request)
        detail = {"people": shown, "records": sorted(case.pk for case in page.rows)}
        record_access(Person, by=request.user, team_id=team.pk if team else None, detail=detail)
    context = {
        "cases": page.rows,
        "left_out": left_out(
            hidden_here(request.user), "restricted record is left out", "restricted records are left out"
        ),
        "today": clock.today(),
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        **page.links(request.GET),
    }
    return render(request, "workbench/people.html", context)


@require_safe
def person(request: SignedIn, pk: int) -> HttpResponse:
    """One child or adult: who they are, where they live, what they are to others, every record they are on."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    today = clock.today()
    with transaction.atomic():
        visible = people_visible_to(request.user).prefetch_related(with_other_names(request.user))
        found = get_object_or_404(visible, pk=pk)
        (row,) = on_records([found], user=request.user, today=today)
        relations = relations_of(found, user=request.user)
        related = {each.person_id for each in relations} | {each.to_id for each in relations}
        detail = {"records": records_of([row]), "people": sorted(related - {pk})}
        record_access(found, by=request.user, detail=detail)
    context = {
        "row": row,
        "person": found,
        "homes": homes_of(found, user=request.user),
        "left_out": left_out_of([found], user=request.user),
        "relations": relations,
        "on_plan": on_plans_of([found.pk]).get(found.pk),
        "suspects": may_have_harmed(found, user=request.user),
        "today": today,
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
    }
    return render(request, "workbench/person.html", context)
