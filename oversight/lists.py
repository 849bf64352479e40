"""The list behind a figure: the facts that it counts, as pages and programs read them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, Sum

from deadlines.periods import last_of_month
from diary.kinds import kind_of
from oversight.dashboards import Figure
from oversight.enums import Period
from oversight.measures import Measure
from oversight.measures.records import kinds_named
from oversight.models import Fact, FactQuerySet, Tally
from team.models import Team


def facts_listed(
    rows: FactQuerySet,
    measure: Measure,
    *,
    month: date | None,
    part: str | None = None,
    which: str = "",
    since: date | None = None,
) -> FactQuerySet:
    """The facts that a figure counts: its list. `month`: none stands for now, of what happens for all months; with
    `since` of what happens for all from that one on. `which`: "counted", "not", or both."""
    rows = rows.filter(measure=measure.code)
    if month is None:
        rows = rows.filter(until=None)
    elif measure.lasts:
        last = last_of_month(month)
        rows = rows.filter(Q(until=None) | Q(until__gt=last), on__lte=last)
    else:
        rows = rows.filter(on__gte=since or month, on__lte=last_of_month(month))
    if part is not None:
        rows = rows.filter(part=part)
    return rows.filter(counted=which == "counted") if which else rows


def figure_of(
    measure: Measure,
    teams: Sequence[Team],
    *,
    month: date | None,
    part: str | None = None,
    since: date | None = None,
) -> Figure:
    """One figure by itself, as its list is headed: from the tallies too, so that it is told at once of the longest
    list. `month`, `part`, `since` as with `facts_listed`."""
    rows = Tally.objects.filter(measure=measure.code, team__in=teams)
    if month is not None:
        rows = rows.filter(month__lte=month)
    if month is not None and not measure.lasts:
        rows = rows.filter(month__gte=since or month)
    if part is not None:
        rows = rows.filter(part=part)
    sums = rows.aggregate(counted=Sum("counted", default=0), of=Sum("of", default=0))
    only = teams[0] if len(teams) == 1 else None
    return Figure(measure, sums["counted"], sums["of"], month, only, part, since)


def not_told(
    measure: Measure, *, month: date | None, since: date | None = None, today: date
) -> tuple[str, str] | None:
    """Why there can be nothing, and which part of the address asks for it: of a month that is still to come nothing
    can be told, nor of one that is not over where its end counts, nor of any month where only now is known."""
    if month is None:
        return None
    if measure.period == Period.NOW:
        return "month", "This is known only as it is now. Ask for no month."
    if measure.lasts and since:
        return "since", "This counts what lasted at the end of a month. Ask for one month."
    if measure.lasts and month >= today.replace(day=1):
        return "month", "This counts what lasted at the end of a month, and this month is not over."
    return ("month", "This month is still to come.") if month > today else None


def part_named(measure: Measure, teams: Sequence[Team], part: str) -> str:
    """What a part is called that an address asks for; empty where it is none of those that are always there, and was
    never counted in these teams: who is an officer of another team is not told. Two queries."""
    always = measure.names(set())
    if part in always:
        return always[part]
    known = measure.parts is kinds_named and kind_of(part) is not None
    if not known and not Tally.objects.filter(measure=measure.code, team__in=teams, part=part).exists():
        return ""
    return measure.names({part}).get(part, "")


def looked_at(
    measure: Measure, rows: Sequence[Fact], asked: dict[str, Any], *, withheld: Container[int]
) -> dict[str, Any]:
    """What the access log keeps of a look at a page of a list: whatever narrowed it, as the form has read it, and the
    records but for those of which nothing was shown."""
    records = sorted({row.case_id for row in rows if row.case_id not in withheld})
    detail: dict[str, Any] = {"code": measure.code, "records": records}
    # Where something was found it is a part; otherwise it may be any words that somebody put into the address.
    part = asked["part"] if rows else ""
    months = {name: asked[name].isoformat() for name in ("since", "month") if asked[name]}
    return detail | {name: said for name, said in {"part": part, **months, "which": asked["which"]}.items() if said}
