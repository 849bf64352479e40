"""Monthly reports as pages, papers and workbooks read them: the figures that are frozen in each, and the facts behind
them; and for which month one is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Min
from django.urls import reverse

from deadlines import clock
from deadlines.calendar import WorkingCalendar, add_months
from deadlines.periods import last_of_month, months_until
from diary.besides import Waits
from oversight.dashboards import MEDIAN, MONTHS, Figure, Series, month_words, series_of
from oversight.enums import Group, Period, ReportState
from oversight.measures import MEASURES, Measure, digest
from oversight.models import MonthlyReport, Upkeep
from oversight.report_frozen import frozen_measure
from pages.words import day
from team.enums import TeamKind
from team.models import Team, User
from team.permissions import Permission, teams_held

# So many months back one can be made that there is none of.
MOST_MONTHS_BACK = MONTHS


# --- when ----------------------------------------------------------------------------------------


def month_to_report(today: date) -> date | None:
    """The first day of last month, from the first working day after it on; None before that day.

    Raises BeyondCalendar where nobody has entered which days are bank holidays.
    """
    month = months_until(today, 2)[0]
    return month if today >= WorkingCalendar().add(last_of_month(month), 1) else None


def are_whole(upkeep: Upkeep | None, month: date) -> bool:
    """Whether nothing is left to be counted of what was so at the end of a month, as measures are defined now."""
    if upkeep is None or upkeep.whole_at is None or upkeep.until != upkeep.whole_at or upkeep.digest != digest():
        return False
    return clock.london_date(upkeep.whole_at) > last_of_month(month)


def months_without(team: Team, *, today: date) -> list[date]:
    """The months that are over and of which the team has no report, the latest first. One query."""
    months = months_until(today, MOST_MONTHS_BACK + 1)[:-1]
    there = set(MonthlyReport.objects.filter(team=team, month__in=months).values_list("month", flat=True))
    return [month for month in reversed(months) if month not in there]


def without_report(due: date | None, *, today: date) -> list[tuple[Team, date]]:
    """The reports that are missing, the earliest month first: of each borough's team that of last month, where it is
    `due`, and those of the months since its first one: what CAIT could not make in time, not what was before it was
    used. Three queries at most."""
    months = months_until(today, MOST_MONTHS_BACK + 1)[:-1]
    months = months if due else months[:-1]
    there = set(MonthlyReport.objects.filter(month__in=months).values_list("team_id", "month"))
    teams = Team.objects.filter(kind=TeamKind.CAIT).order_by("code")
    missing = [(team, month) for month in months for team in teams if (team.pk, month) not in there]
    earlier = {team.pk for team, month in missing if month != due}
    began: dict[int, date] = {}
    if earlier:
        rows = MonthlyReport.objects.filter(team__in=earlier).order_by()
        began = dict(rows.values_list("team").annotate(first=Min("month")))
    return [(team, month) for team, month in missing if month == due or began.get(team.pk, today) <= month]


def to_sign(user: User) -> list[MonthlyReport]:
    """The reports that wait for the signature of somebody, the oldest first; no query where they sign none."""
    teams = teams_held(user, Permission.SIGN_MONTHLY_REPORTS)
    if teams is not None and not teams:
        return []
    rows = MonthlyReport.objects.filter(state=ReportState.DRAFT).defer("figures").select_related("team")
    rows = rows if teams is None else rows.filter(team__in=teams)
    return list(rows.order_by("month", "team__name"))


def waits_to_be_signed(user: User, now: datetime) -> list[Waits]:
    """The same as Today shows them."""
    return [
        Waits(
            f"Sign the monthly report of {month_words(report.month)}",
            reverse("oversight:report", args=[report.pk]),
            f"{report.team}, made on {day(report.made_at)}",
        )
        for report in to_sign(user)
    ]


# --- what is frozen ------------------------------------------------------------------------------


def measures_with_past() -> list[Measure]:
    """What can be said of a month that is over."""
    return _in_order(measure for measure in MEASURES if measure.period != Period.NOW)


def measures_of_now() -> list[Measure]:
    """What is known only as it is on the day on which a report is made."""
    return _in_order(measure for measure in MEASURES if measure.period == Period.NOW)


def _in_order(measures: Iterable[Measure]) -> list[Measure]:
    """By their headings, as they are printed."""
    return sorted(measures, key=lambda measure: list(Group).index(measure.group))


def about_facts(team_id: int, month: date) -> dict[str, Any]:
    """What `FACTS` is given."""
    measures = measures_with_past()
    return {
        "team": team_id,
        "first": month,
        "last": last_of_month(month),
        "monthly": [each.code for each in measures if not each.lasts],
        "lasting": [each.code for each in measures if each.lasts],
        "timed": [each.code for each in measures if each.timed],
        "now": [each.code for each in measures_of_now()],
    }


# The facts of a team that count in a month, as they are now: what happened in it, and what lasted at its end.
FACTS = """
    SELECT measure, case_id, subject, part, "on", counted,
           CASE WHEN measure = ANY(%(timed)s) AND counted THEN minutes END AS minutes
    FROM oversight_fact
    WHERE team_id = %(team)s AND measure = ANY(%(monthly)s) AND "on" BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT measure, case_id, subject, part, "on", counted,
           CASE WHEN measure = ANY(%(timed)s) AND counted THEN minutes END
    FROM oversight_fact
    WHERE team_id = %(team)s AND measure = ANY(%(lasting)s) AND "on" <= %(last)s
      AND (until IS NULL OR until > %(last)s)
"""

# Those of what is known only as it is now.
FACTS_OF_NOW = """
    SELECT measure, case_id, subject, part, "on", counted, NULL::bigint AS minutes
    FROM oversight_fact
    WHERE team_id = %(team)s AND measure = ANY(%(now)s) AND until IS NULL
"""

_COUNTED = f"""
    SELECT measure, part, count(*) FILTER (WHERE counted), count(*),
           CASE WHEN measure = ANY(%(timed)s) THEN {MEDIAN} END
    FROM ({{facts}}) f GROUP BY GROUPING SETS ((measure), (measure, part))
"""  # noqa: S608  # words of our own


@dataclass(frozen=True)
class Counted:
    """What a measure is, or a part of it, counted from the facts; the median of what they took in minutes."""

    counted: int = 0
    of: int = 0
    median: int | None = None


def counted_now(team_id: int, month: date, *, facts: str = FACTS) -> dict[tuple[str, str | None], Counted]:
    """By measure and part, and by measure and None, what the facts of a month come to now. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(facts=facts), about_facts(team_id, month))
        return {(code, part): Counted(counted, of, median) for code, part, counted, of, median in cursor.fetchall()}


def figures_of(team: Team, month: date) -> list[dict[str, Any]]:
    """The figures of a month as they are frozen: of each measure with a past its definition, the month and the twelve
    before it, and its parts."""
    series = series_of([team], today=add_months(month, 1), measures=measures_with_past())
    now = counted_now(team.pk, month)
    return [
        frozen_measure(
            series[measure.code, None],
            median=now.get((measure.code, None), Counted()).median,
            parts=_parts(measure, now),
        )
        for measure in measures_with_past()
    ]


def figures_of_now(team: Team, month: date) -> list[dict[str, Any]]:
    """The figures of what is known only as it is now, as they are frozen in the report of a month: of each measure
    one, and its parts."""
    now = counted_now(team.pk, month, facts=FACTS_OF_NOW)
    found = []
    for measure in measures_of_now():
        whole = now.get((measure.code, None), Counted())
        figure = Figure(measure, whole.counted, whole.of, month, team)
        found.append(frozen_measure(Series(measure, [figure], figure, team), median=None, parts=_parts(measure, now)))
    return found


def _parts(measure: Measure, now: Mapping[tuple[str, str | None], Counted]) -> list[tuple[str, str, int, int]]:
    """Of each part that there is its code, its name, what was counted, and of what."""
    there = {part for code, part in now if code == measure.code and part is not None}
    names = measure.names(there) if measure.by else {}
    return [
        (part, name, here.counted, here.of) for part, name in names.items() if (here := now.get((measure.code, part)))
    ]


# --- words ---------------------------------------------------------------------------------------


def title_of(report: MonthlyReport) -> str:
    """ "Monthly report, November 2009: Haringey CAIT" """
    return f"Monthly report, {month_words(report.month)}: {report.team_words}"
