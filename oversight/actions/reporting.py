"""Monthly reports are made, counted again, commented on and signed. What was signed stays (HMIC 2010, AFI 26)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from audit.events import Event
from audit.recording import record
from deadlines import clock
from deadlines.clock import london_date
from deadlines.periods import months_until
from oversight import report_policies as policies
from oversight.dashboards import as_at
from oversight.enums import ReportState
from oversight.models import MonthlyReport, ReportFact, Upkeep
from oversight.report_frozen import frozen_in, frozen_of_now, frozen_report, moved
from oversight.reporting import FACTS, FACTS_OF_NOW, about_facts, figures_of, figures_of_now
from team.history import save_as
from team.models import Team, User
from team.permissions import Permission, require


def make_report(team: Team, *, month: date, by: User) -> MonthlyReport:
    """Make the report of a month that is over, given by its first day. Raises ValidationError, also where there is
    one or the figures are not whole yet."""
    with transaction.atomic():
        require(by, Permission.SIGN_MONTHLY_REPORTS, team=team)
        upkeep = _whole_and_still()
        there = MonthlyReport.objects.filter(team=team, month=month).defer("figures").first()
        today = london_date(clock.moment())
        policies.check_make(team, month, there=there, upkeep=upkeep, today=today)
        report = MonthlyReport(team=team, month=month)
        report.made_at = clock.moment()
        _count(report, upkeep, by)
        _record(Event.MONTHLY_REPORT_MADE, report, by)
        return report


def count_again(report: MonthlyReport, *, by: User) -> MonthlyReport:
    """Take the figures as they are now into a report that is not signed; the commentary stays. Raises
    ValidationError; ChangedMeanwhile where it is signed."""
    with transaction.atomic():
        report = _locked(report, by)
        policies.check_not_signed(report)
        upkeep = _whole_and_still()
        policies.check_whole(upkeep, report.month)
        before = [*frozen_in(report), *frozen_of_now(report)]
        _count(report, upkeep, by)
        after = [*frozen_in(report), *frozen_of_now(report)]
        _record(Event.MONTHLY_REPORT_COUNTED, report, by, moved=moved(before, after))
        return report


def write_commentary(
    report: MonthlyReport, *, commentary: str, version: int | None = None, by: User
) -> MonthlyReport:
    """Say what the figures of a report mean. Raises ValidationError; ChangedMeanwhile where somebody else has written
    since that version, or signed."""
    with transaction.atomic():
        report = _locked(report, by)
        policies.check_not_signed(report)
        policies.check_commentary_as_seen(report, version)
        policies.check_commentary(report, commentary)
        report.commentary = commentary.strip()
        save_as(report, by)
        _record(Event.MONTHLY_REPORT_COMMENTED, report, by)
        return report


def sign_report(report: MonthlyReport, *, version: int | None = None, by: User) -> MonthlyReport:
    """Sign a report, which from then on stays as it is. Raises ValidationError; ChangedMeanwhile where it is not what
    was read, or signed."""
    with transaction.atomic():
        report = _locked(report, by)
        policies.check_sign(report)
        policies.check_as_seen(report, version)
        report.state, report.signed_at, report.signed_by = ReportState.SIGNED, clock.moment(), by
        report.figures = {**report.kept, "team": str(report.team), "signed_by": str(by)}
        save_as(report, by)
        _record(Event.MONTHLY_REPORT_SIGNED, report, by)
        return report


def _whole_and_still() -> Upkeep | None:
    """How far the figures are counted, which nobody moves on until this is done: what is read is of one moment.
    Raises ValidationError where they are being counted: nobody waits for that."""
    try:
        return Upkeep.objects.select_for_update(nowait=True).filter(pk=1).first()
    except OperationalError as refused:
        if not isinstance(refused.__cause__, LockNotAvailable):
            raise
        raise ValidationError(policies.BEING_COUNTED) from refused


def _locked(report: MonthlyReport, by: User) -> MonthlyReport:
    rows = MonthlyReport.objects.select_for_update(of=("self",)).select_related("team", "signed_by")
    report = rows.get(pk=report.pk)
    require(by, Permission.SIGN_MONTHLY_REPORTS, team=report.team)
    return report


_KEEP = """
    INSERT INTO oversight_reportfact (report_id, measure, case_id, subject, part, "on", counted, minutes)
    SELECT %(report)s, f.* FROM ({facts}) f
"""


def _count(report: MonthlyReport, upkeep: Upkeep | None, by: User) -> None:
    """Put the figures and the facts behind them into a report."""
    if upkeep is None or upkeep.whole_at is None:
        raise RuntimeError("The policy lets nothing pass that was never counted.")
    # Where the clock was put back since, it was not counted later than it is now.
    counted_at = min(upkeep.whole_at, clock.moment())
    counted_on = london_date(upkeep.whole_at)
    # What is so now says nothing of a month that has long been over.
    with_now = months_until(counted_on, 2)[0] == report.month
    kept: dict[str, Any] = {
        "of_now": figures_of_now(report.team, report.month) if with_now else [],
        "now_on": counted_on,
        "left_out": as_at(report.team).left_out_words,
    }
    measures = figures_of(report.team, report.month)
    if report._state.adding:
        report.figures = frozen_report(measures, counted_at=counted_at, **kept)
    else:
        # What was known only then stays, where it is too late to ask for it again.
        there = [each.measure.code for each in frozen_of_now(report)] if not with_now else []
        ReportFact.objects.filter(report=report).exclude(measure__in=there).delete()
        first = {"first_counted_at": report.counted_at.isoformat(), **report.kept}
        again = {"again_at": clock.moment().isoformat(), "again_by": str(by)}
        report.figures = {**first, **frozen_report(measures, **kept), **again}
    report.counted_at = counted_at
    save_as(report, by)
    given = {"report": report.pk, **about_facts(report.team_id, report.month)}
    with connection.cursor() as cursor:
        for facts in (FACTS, FACTS_OF_NOW) if with_now else (FACTS,):
            cursor.execute(_KEEP.format(facts=facts), given)


def _record(event: Event, report: MonthlyReport, by: User, *, moved: list[str] | None = None) -> None:
    detail: dict[str, Any] = {"month": str(report.month)} | ({"moved": moved} if moved else {})
    record(event, by=by, on=report, team_id=report.team_id, detail=detail)
