"""A monthly report as paper: what the inspector makes of the month, then the figures, then how each is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from deadlines import clock
from deadlines.calendar import add_months
from oversight.charts import Spark, spark_of
from oversight.dashboards import month_words
from oversight.models import MonthlyReport
from oversight.report_frozen import Frozen, enough_in, frozen_in, frozen_of_now, in_groups, now_on, recount_of
from oversight.reporting import title_of
from pages.papers import paper
from team.models import User

# The parts of more are read in the workbook: the hours of a week are no sentence.
MOST_PARTS = 12


@dataclass(frozen=True)
class Line:
    """One measure on paper: its figures, a small picture of thirteen months, and its parts where they are few."""

    frozen: Frozen
    spark: Spark | None
    parts: Sequence[str]


def drawn(report: MonthlyReport, *, printed_by: User, request: HttpRequest | None = None) -> bytes:
    """The PDF of a report, as it is frozen."""
    return paper("oversight/report_paper.html", context_of(report, printed_by=printed_by), request=request)


def context_of(report: MonthlyReport, *, printed_by: User) -> dict[str, Any]:
    frozen = frozen_in(report)
    return {
        "report": report,
        "title": title_of(report),
        "month": month_words(report.month),
        "before": month_words(add_months(report.month, -1)),
        "year_before": month_words(add_months(report.month, -12)),
        "groups": [(group, [_line(each) for each in measures]) for group, measures in in_groups(frozen)],
        "of_now": [_line(each) for each in frozen_of_now(report)],
        "now_on": now_on(report),
        "left_out": report.kept.get("left_out", ""),
        "enough": enough_in(report),
        "recount": recount_of(report),
        "printed_by": printed_by,
        "printed_at": clock.now(),
    }


def _line(frozen: Frozen) -> Line:
    parts = [f"{name} {figure.words}" for name, figure in frozen.parts]
    return Line(frozen, spark_of(frozen.series), parts if len(parts) <= MOST_PARTS else ())


def name_of(report: MonthlyReport, ending: str) -> str:
    """What the file is called by whoever keeps it."""
    draft = "" if report.is_signed else ", draft"
    return f"Monthly report {report.month:%Y-%m}, {report.team_words}{draft}.{ending}"
