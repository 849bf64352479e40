"""The dashboards: the figures of a team, of all teams side by side, one measure at length, and the list of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from audit.recording import record_access
from cases.models import Case
from cases.opening import Opening, opening
from cases.queries import record_lines
from deadlines import clock
from oversight import charts
from oversight.cards import cards_of
from oversight.dashboards import (
    Figure,
    Series,
    address_of,
    as_at,
    medians_of,
    medians_of_teams,
    parts_of,
    series_of,
)
from oversight.enums import Group
from oversight.figures_forms import FactsForm, WhichTeamForm
from oversight.lists import facts_listed, figure_of, looked_at, not_told, part_named
from oversight.measures import BESIDE, BY_CODE, IN_ROWS, Measure
from oversight.models import Fact
from oversight.templatetags.figures import counts, said_of, spark, team_cells, took
from pages.paging import page_of
from team.acting import SignedIn, acting_team
from team.enums import TeamKind
from team.models import Team
from team.permissions import Permission, require, teams_where


def _teams(request: SignedIn) -> list[Team]:
    """The boroughs' teams whose figures one sees, by name."""
    teams = teams_where(request.user, Permission.SEE_FIGURES).filter(kind=TeamKind.CAIT)
    return list(teams.order_by("name"))


def _chosen(request: SignedIn, teams: Sequence[Team]) -> Team | None:
    """The one that the address names; the only one there is. A 404 for one that one may not see."""
    code = request.GET.get("team", "")
    if not code:
        return teams[0] if len(teams) == 1 else None
    return next((team for team in teams if team.code == code), None) or _none()


def _none() -> Any:
    raise Http404


def _frame(request: SignedIn, teams: Sequence[Team], *, tab: str = "", team: Team | None = None) -> dict[str, Any]:
    """What every page of figures shows: its tabs, and as at when the figures are."""
    return {
        "tab": tab,
        "teams": teams,
        "several": len(teams) > 1,
        "team": team,
        "as_at": as_at(),
        "today": clock.today(),
    }


@require_safe
def team_figures(request: SignedIn) -> HttpResponse:
    """The team: each measure now, in the last full month, and over thirteen months with the limits of chance."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    teams = _teams(request)
    acting = acting_team(request)
    team = _chosen(request, teams) or (acting if acting in teams else next(iter(teams), None))
    context = _frame(request, teams, tab="team", team=team)
    found = series_of([team] if team else [], today=context["today"], measures=IN_ROWS)
    series = [found[each.code, None] for each in IN_ROWS]
    if context["several"]:
        context["form"] = WhichTeamForm(initial={"team": team.code if team else ""}, teams=teams)
    asked = f"?team={team.code}" if context["several"] and team else ""
    context |= {"groups": _rows_of("oversight/_team_rows.jinja", _groups(series), asked=asked), "last": _last(series)}
    context["cards"] = cards_of(series, team=team, today=context["today"]) if team else []
    return render(request, "oversight/team_figures.html", context)


def _groups(series: Sequence[Series]) -> list[tuple[Group, list[Series]]]:
    """By heading, in the order of the headings; those that there are."""
    found = [(group, [each for each in series if each.measure.group == group]) for group in Group]
    return [(group, rows) for group, rows in found if rows]


def _rows_of(template: str, groups: Sequence[tuple[Group, Any]], **context: Any) -> list[tuple[Group, SafeString]]:
    """The rows of each heading's table. By Jinja2: they are nearly all of such a page."""
    context |= {"counts": counts, "said_of": said_of, "spark": spark, "team_cells": team_cells}
    context["address_of"] = address_of
    return [
        # It has escaped everything itself.
        (group, mark_safe(render_to_string(template, {**context, "rows": rows}, using="rows")))  # noqa: S308
        for group, rows in groups
    ]


def _last(series: Sequence[Series]) -> Series | None:
    """One that has months, from which a table's heads have their names."""
    return next((each for each in series if each.months), None)


@require_safe
def all_figures(request: SignedIn) -> HttpResponse:
    """All teams, side by side: each measure in the last full month, or now where it has no past."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    teams = _teams(request)
    context = _frame(request, teams, tab="all")
    found = series_of(teams, today=context["today"], measures=IN_ROWS)
    together = [found[each.code, None] for each in IN_ROWS]
    groups = [
        (group, [(each, [found[each.measure.code, team.pk] for team in teams]) for each in rows])
        for group, rows in _groups(together)
    ]
    context |= {"groups": _rows_of("oversight/_all_rows.jinja", groups), "last": _last(together)}
    return render(request, "oversight/all_figures.html", context)


@require_safe
def measure(request: SignedIn, code: str) -> HttpResponse:
    """One measure: what it asks, what it counts, thirteen months with the limits of chance, its parts, its teams."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    it = _measure(code)
    teams = _teams(request)
    team = _chosen(request, teams)
    of = [team] if team else teams
    context = _frame(request, teams, team=team)
    found = series_of(of, today=context["today"], measures=[it])
    whole = found[code, None]
    if context["several"]:
        initial = {"team": team.code if team else ""}
        context["form"] = WhichTeamForm(initial=initial, teams=teams, together="All teams together")
    context |= {
        "measure": it,
        "whole": whole,
        "months": _months(whole, team),
        "chart": charts.draw(whole),
        **_beside(it),
        "by_team": _by_team(whole, [found[code, each.pk] for each in teams])
        if context["several"] and not team
        else [],
        **_parts(it, of, context["today"]),
    }
    return render(request, "oversight/measure.html", context)


def _beside(it: Measure) -> dict[str, Any]:
    """The others of those that stand beside each other, and by what each is taken apart."""
    family = (BY_CODE[it.beside or it.code], *BESIDE[it.beside or it.code])
    return {"beside": [(each.by, each.name, address_of(each.code)) for each in family if each != it]}


@dataclass(frozen=True)
class Month:
    """One line of the table beside the chart. `median`: how many minutes it took, where that is known."""

    figure: Figure
    beyond: str
    median: int | None


def _by_team(whole: Series, of_teams: Sequence[Series]) -> list[tuple[Series, int | None]]:
    """Each team with how many minutes half of the last full month took, where that is counted."""
    medians: dict[int, int] = {}
    if whole.measure.timed and whole.last and whole.last.month:
        teams = [each.team for each in of_teams if each.team]
        medians = medians_of_teams(whole.measure, teams, month=whole.last.month)
    return [(each, medians.get(each.team.pk) if each.team else None) for each in of_teams]


def _months(whole: Series, team: Team | None) -> list[Month]:
    """The months of a measure, the latest first."""
    medians: dict[date, int] = {}
    if whole.measure.timed and team and whole.months and whole.months[0].month:
        medians = medians_of(whole.measure, team, since=whole.months[0].month)
    rows = zip(whole.months, whole.beyond, strict=True)
    return [
        Month(each, beyond if each.known else "not counted yet", medians.get(each.month or date.min))
        for each, beyond in rows
    ][::-1]


def _parts(it: Measure, of: Sequence[Team], today: date) -> dict[str, Any]:
    """The parts of a measure: as a table by month, the latest first, or as the hours of a week."""
    if not it.by:
        return {}
    parts = parts_of(it, of, today=today)
    if charts.is_week(series.now.part or "" for _, series in parts):
        return {"week": charts.week_of(parts)}
    return {
        "parts": [(name, series, series.months[::-1]) for name, series in parts if series.anything],
        "nothing_of": [name for name, series in parts if not series.anything],
    }


@require_safe
def facts(request: SignedIn, code: str) -> HttpResponse:
    """The list of a figure: every record that it counts, the latest first."""
    require(request.user, Permission.SEE_FIGURES, team=None)
    it = _measure(code)
    form = FactsForm(request.GET, teams=teams_where(request.user, Permission.SEE_FIGURES))
    if not form.is_valid():
        if "team" in form.errors:
            raise Http404
        raise SuspiciousOperation("The address of this list is damaged.")
    asked = form.cleaned_data
    teams = _teams(request)
    of = [asked["team"]] if asked["team"] else teams
    context = _frame(request, teams, team=of[0] if len(of) == 1 else None)
    part, which = asked["part"] or None, asked["which"]
    when = {"month": asked["month"], "since": asked["since"]}
    figure = figure_of(it, of, part=part, **when)
    told = not_told(it, **when, today=context["today"]) is None
    acting = asked["team"] or acting_team(request)
    rows = Fact.objects.visible_to(request.user).filter(team__in=of)
    with transaction.atomic():
        rows = facts_listed(rows, it, part=part, which=which, **when) if told else rows.none()
        page = page_of(rows.select_related("team"), key="on", descending=True, cursor=request.GET.get("after", ""))
        cases = Case.objects.select_related("team").in_bulk({row.case_id for row in page.rows})
        opened = opening(cases.values(), user=request.user)
        detail = looked_at(it, page.rows, asked, withheld=opened.asks)
        record_access(Fact, by=request.user, team_id=acting.pk if acting else None, detail=detail)
    context |= {
        "measure": it,
        "figure": figure,
        "which": which,
        "number": _number(figure, which) if told else 0,
        "told": told,
        "part": part,
        "part_name": part_named(it, of, part) if part else "",
        "rows": _rows(page.rows, it, cases, opened, today=context["today"]),
        **page.links(request.GET),
    }
    shown = {
        "rows": context["rows"],
        "measure": it,
        "until": it.lasts and figure.month,
        "several": context["team"] is None,
        "took": took,
    }
    lines = render_to_string("oversight/_fact_rows.jinja", shown, using="rows")
    context["lines"] = mark_safe(lines)  # noqa: S308  # that engine escapes everything
    return render(request, "oversight/facts.html", context)


def _number(figure: Figure, which: str) -> int:
    return {"counted": figure.counted, "not": figure.not_counted}.get(which, figure.of)


@dataclass(frozen=True)
class Line:
    """One fact as it is listed. Where it may not be opened another team has the record by now; or it is restricted,
    and then `ask` says whom to ask and nothing else is shown."""

    fact: Fact
    part: str
    record: Case
    may_open: bool
    children: list[str]
    ask: str


def _rows(
    facts: Sequence[Fact], it: Measure, cases: Mapping[int, Case], opened: Opening, *, today: date
) -> list[Line]:
    """The lines of a page of facts: two queries at most, however many."""
    children = {line.case.pk: line.children for line in record_lines([cases[pk] for pk in opened.opens], today=today)}
    names = it.names({fact.part for fact in facts}) if it.by and facts else {}
    return [
        Line(
            fact,
            names.get(fact.part, fact.part),
            cases[fact.case_id],
            fact.case_id in opened.opens,
            children.get(fact.case_id, []),
            opened.asks.get(fact.case_id, ""),
        )
        for fact in facts
    ]


def _measure(code: str) -> Measure:
    return BY_CODE.get(code) or _none()
