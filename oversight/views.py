from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit.models import AccessLog, AuditEvent
from audit.recording import record_access
from cases.left_out import hidden_here, left_out
from deadlines import clock
from deadlines.calendar import BANK_HOLIDAYS_A_YEAR, BeyondCalendar, horizon, what_to_enter
from deadlines.clock import london_date
from deadlines.models import BankHoliday, Limit, Withdrawal
from deadlines.periods import months_until
from deadlines.rule import NoLimit, Rule
from deadlines.rules import RULES
from oversight import actions, policies
from oversight.dashboards import Figure
from oversight.figures import MOST_COUNTED, figures_of, first_day
from oversight.forms import BankHolidaysForm, ChangeLimitForm, LogFilterForm, WithdrawForm, WorkOutForm
from oversight.lists import figure_of
from oversight.measures import BY_CODE
from oversight.queries import USED_WITH, Values, logged_between, names_for, values_on, who_entered, years_from
from pages.acting import attempt, open_on, refusal
from pages.paging import page_of
from pages.words import count, day
from team.acting import SignedIn
from team.enums import TeamKind
from team.history import ChangedMeanwhile
from team.models import Team
from team.permissions import Permission, may, reaches_several_teams, require, teams_held, teams_where

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def figures(request: SignedIn) -> HttpResponse:
    """Few figures, teams side by side; each leads to its list."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    now = clock.now()
    teams = teams_where(request.user, Permission.SEE_FIGURES).filter(kind=TeamKind.CAIT)
    rows = figures_of(teams, user=request.user, now=now)
    context = {
        "rows": rows,
        "spared": _spared(request, [row.team for row in rows], today=london_date(now)),
        "now": now,
        "since": first_day(now),
        "several": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        "tab": "today",
        "handled": teams_held(request.user, Permission.HANDLE_MAIL),
        "most": MOST_COUNTED,
        "left_out": left_out(
            hidden_here(request.user).filter(team__in=[row.team for row in rows]),
            "restricted record is left out of these figures and their lists",
            "restricted records are left out of these figures and their lists",
        ),
        "oversees": may(request.user, Permission.OVERSEE_RESTRICTIONS, team=None),
    }
    return render(request, "oversight/figures.html", context)


def _spared(request: SignedIn, teams: Sequence[Team], *, today: date) -> Figure:
    """How many reviews were spared since the first of last month, as their list has them."""
    last, this = months_until(today, 2)
    return figure_of(BY_CODE["reviews_spared"], teams, month=this, since=last)


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
    values = values_on(today)
    years = years_from(today.year)
    may_change = may(request.user, Permission.CHANGE_TIME_LIMITS, team=None)
    context = {
        "rules": [_row(rule, values[code]) for code, rule in RULES.items()],
        "horizon": horizon(),
        "years": years,
        "people": who_entered([row for year in years for row in year.rows]),
        "a_year": BANK_HOLIDAYS_A_YEAR,
        "today": today,
        "may_change": may_change,
        "withdrawable": {
            holiday.pk
            for year in years
            for holiday in year.holidays
            if not refusal(policies.check_withdraw_bank_holiday, holiday, in_its_year=len(year.holidays), today=today)
        },
        "to_enter": what_to_enter(today) if may_change else "",
    }
    return render(request, "oversight/time_limits.html", context)


def _row(rule: Rule, values: Values) -> dict[str, Any]:
    """A time limit as it stands in the list."""
    return {
        "rule": rule,
        "length": rule.length(values.in_force.value),
        "changed": values.in_force.effective_from if values.in_force.created_by_id else None,
        "to_come": [(limit.effective_from, policies.in_words(rule, limit)) for limit in values.to_come],
    }


@get_or_post
def time_limit(request: SignedIn, code: str) -> HttpResponse:
    """One time limit: its values since when and why, a form that works out a date and says why, and for who may
    change it another that does."""
    require(request.user, Permission.SEE_TIME_LIMITS, team=None)
    rule = _rule(code)
    if request.method == "POST":
        require(request.user, Permission.CHANGE_TIME_LIMITS, team=None)
    initial = {"seen": _newest(rule), "counted_from": rule.limit_on(clock.today()).counted_from}
    change = ChangeLimitForm(request.POST or None, rule=rule, initial=initial)
    if request.method == "POST":
        outcome = attempt(change, actions.change_limit, rule, by=request.user)
        if outcome.done:
            limit = outcome.get()
            words = policies.in_words(rule, limit)
            messages.success(
                request, f"For events from {day(limit.effective_from)} it is {words}. Dates set already never move."
            )
            return redirect("oversight:time_limit", code)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(change, seen=_newest(rule))
    return render(request, "oversight/time_limit.html", {**_about(request, rule), "change": change})


def _about(request: SignedIn, rule: Rule) -> dict[str, Any]:
    today = clock.today()
    form = None if rule.interval else WorkOutForm(request.GET if "start" in request.GET else None, rule=rule)
    due = None
    if form and form.is_valid():
        try:
            due = rule.due(**form.cleaned_data)
        except (BeyondCalendar, NoLimit) as refused:
            form.add_error("start", str(refused))
    limits = list(Limit.objects.filter(rule=rule.code))
    withdrawn = list(Withdrawal.objects.filter(rule=rule.code))
    in_force = rule.limit_on(today)
    return {
        "rule": rule,
        "length": rule.length(in_force.value),
        "values": [(limit, rule.length(limit.value)) for limit in limits],
        "in_force": in_force,
        "withdrawn": withdrawn,
        "people": who_entered([*limits, *withdrawn]),
        "form": form,
        "due": due,
        "used_with": USED_WITH.get(rule.code),
        "today": today,
        "may_change": may(request.user, Permission.CHANGE_TIME_LIMITS, team=None),
    }


def _rule(code: str) -> Rule:
    if code not in RULES:
        raise Http404
    return RULES[code]


def _newest(rule: Rule) -> int:
    """The greatest number of a value of a limit: what a form that changes it was opened on."""
    return Limit.objects.filter(rule=rule.code).order_by("-pk").values_list("pk", flat=True).first() or 0


@get_or_post
def withdraw_limit(request: SignedIn, code: str, pk: int) -> HttpResponse:
    """Take back a value that is not in force yet."""
    require(request.user, Permission.CHANGE_TIME_LIMITS, team=None)
    rule = _rule(code)
    limit = get_object_or_404(Limit, rule=code, pk=pk)
    form = WithdrawForm(request.POST or None)
    words = policies.in_words(rule, limit)
    if request.method == "POST" and attempt(form, actions.withdraw_limit, limit, by=request.user).done:
        messages.success(request, f"{words} from {day(limit.effective_from)} is withdrawn.")
        return redirect("oversight:time_limit", code)
    context = {"rule": rule, "limit": limit, "words": words, "form": form}
    context["in_the_way"] = refusal(policies.check_withdraw_limit, limit, today=clock.today())
    return render(request, "oversight/withdraw_limit.html", context)


@get_or_post
def enter_bank_holidays(request: SignedIn) -> HttpResponse:
    """Enter bank holidays to come, a year's or one that was proclaimed."""
    require(request.user, Permission.CHANGE_TIME_LIMITS, team=None)
    form = BankHolidaysForm(request.POST or None)
    if request.method == "POST":
        values = {"holidays": form.holidays(), "reason": form.cleaned_data["reason"]} if form.is_valid() else {}
        outcome = attempt(form, actions.enter_bank_holidays, values=values, by=request.user)
        if outcome.done:
            entered = count(len(outcome.get()), "bank holiday is", "bank holidays are")
            messages.success(request, f"{entered} entered. Dates set already never move.")
            return redirect("oversight:time_limits")
    context = {"form": form, "to_enter": what_to_enter(clock.today())}
    return render(request, "oversight/enter_bank_holidays.html", context)


@get_or_post
def withdraw_bank_holiday(request: SignedIn, pk: int) -> HttpResponse:
    """Take back a bank holiday to come."""
    require(request.user, Permission.CHANGE_TIME_LIMITS, team=None)
    holiday = get_object_or_404(BankHoliday, pk=pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.withdraw_bank_holiday, holiday, by=request.user).done:
        messages.success(request, f"{holiday.name}, {day(holiday.on)}, is withdrawn.")
        return redirect("oversight:time_limits")
    in_its_year = BankHoliday.objects.filter(on__year=holiday.on.year).count()
    context = {"form": form, "holiday": holiday}
    check = policies.check_withdraw_bank_holiday
    context["in_the_way"] = refusal(check, holiday, in_its_year=in_its_year, today=clock.today())
    return render(request, "oversight/withdraw_bank_holiday.html", context)
