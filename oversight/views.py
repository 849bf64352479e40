from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.models import AccessLog, AuditEvent
from audit.recording import record_access
from deadlines import clock
from deadlines.calendar import BeyondCalendar, horizon
from deadlines.models import BankHoliday, Limit
from deadlines.rule import NoLimit
from deadlines.rules import RULES
from oversight.figures import MOST_COUNTED, figures_of, first_day
from oversight.forms import LogFilterForm, WorkOutForm
from oversight.queries import USED_WITH, current_values, logged_between, names_for
from pages.paging import page_of
from team.acting import SignedIn
from team.enums import TeamKind
from team.permissions import Permission, reaches_several_teams, require, teams_held, teams_where


@require_safe
def figures(request: SignedIn) -> HttpResponse:
    """Few figures, teams side by side; each leads to its list."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    now = clock.now()
    teams = teams_where(request.user, Permission.SEE_FIGURES).filter(kind=TeamKind.CAIT)
    rows = figures_of(teams, user=request.user, now=now)
    context = {
        "rows": rows,
        "now": now,
        "since": first_day(now),
        "several": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        "handled": teams_held(request.user, Permission.HANDLE_MAIL),
        "most": MOST_COUNTED,
    }
    return render(request, "oversight/figures.html", context)


@require_safe
def audit_events(request: SignedIn) -> HttpResponse:
    """Who did what: every act, the newest first."""
    return _log(request, AuditEvent, "oversight/audit_events.html")


@require_safe
def access_log(request: SignedIn) -> HttpResponse:
    """Who looked at what: every look, the newest first."""
    return _log(request, AccessLog, "oversight/access_log.html")


def _log(request: SignedIn, model: type[AuditEvent] | type[AccessLog], template: str) -> HttpResponse:
    """One page of a log. Reading a log is itself logged, in the same transaction."""
    require(request.user, Permission.READ_ACCESS_LOG, team=None)
    form = LogFilterForm(request.GET)
    every: QuerySet[Any] = model._default_manager.all()
    # A wrong choice shows nothing: rows that do not fit what was asked would be read as if they did.
    rows = logged_between(every, **form.cleaned_data) if form.is_valid() else every.none()
    with transaction.atomic():
        record_access(model, by=request.user, detail=_asked(form))
        page = page_of(rows, key="at", descending=True, cursor=request.GET.get("after", ""))
    people, teams = names_for(page.rows)
    context = {
        "form": form,
        "filtered": bool(form.errors) or any(form.cleaned_data.values()),
        "rows": page.rows,
        "people": people,
        "teams": teams,
        **page.links(request.GET),
    }
    return render(request, template, context)


def _asked(form: LogFilterForm) -> dict[str, Any]:
    """Whose rows, of which team and which days were asked for: ids and dates."""
    asked = form.cleaned_data if form.is_valid() else {}
    key = {"from_on": "asked_from", "to_on": "asked_to"}
    return {key.get(name, name): getattr(value, "pk", str(value)) for name, value in asked.items() if value}


@require_safe
def time_limits(request: SignedIn) -> HttpResponse:
    """Every time limit with what starts it, its value today and who says so; and the calendar it is counted on."""
    require(request.user, Permission.SEE_TIME_LIMITS, team=None)
    today = clock.today()
    values = current_values(today)
    holidays = BankHoliday.objects.filter(on__year__gte=today.year, on__year__lte=today.year + 1)
    context = {
        "rules": [(rule, rule.length(values[code])) for code, rule in RULES.items()],
        "horizon": horizon(),
        "holidays": [(year, list(days)) for year, days in groupby(holidays, key=lambda h: h.on.year)],
        "today": today,
    }
    return render(request, "oversight/time_limits.html", context)


@require_safe
def time_limit(request: SignedIn, code: str) -> HttpResponse:
    """One time limit: its values since when and why, and a form that works out a date and says why."""
    require(request.user, Permission.SEE_TIME_LIMITS, team=None)
    rule = RULES.get(code)
    if rule is None:
        raise Http404
    today = clock.today()
    form = None if rule.interval else WorkOutForm(request.GET if "start" in request.GET else None, rule=rule)
    due = None
    if form and form.is_valid():
        try:
            due = rule.due(**form.cleaned_data)
        except (BeyondCalendar, NoLimit) as refused:
            form.add_error("start", str(refused))
    context = {
        "rule": rule,
        "length": rule.length(current_values(today)[code]),
        "values": [(limit, rule.length(limit.value)) for limit in Limit.objects.filter(rule=code)],
        "form": form,
        "due": due,
        "used_with": USED_WITH.get(code),
        "today": today,
    }
    return render(request, "oversight/time_limit.html", context)
