from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from deadlines import clock
from team.acting import acting_team
from team.queries import loans_ending, people_in


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Home: what one has to know at the start of a tour of duty."""
    team = acting_team(request)
    on = clock.today()
    context = {
        "today": on,
        "people": people_in(team) if team else [],
        "loans": loans_ending(team, today=on) if team else [],
    }
    return render(request, "workbench/today.html", context)
