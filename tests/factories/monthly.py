"""Monthly reports, made and signed as the inspector does."""

from __future__ import annotations

from datetime import date

from deadlines import clock
from deadlines.periods import months_until
from oversight.actions import make_report, sign_report, write_commentary
from oversight.counting import bring_up_to_date
from oversight.models import MonthlyReport
from team.models import Team, User
from tests.factories.referrals import a_referral
from tests.factories.team import a_team

COMMENTARY = "More came in than in any month before.\n\nTwo schools have a new policy."


def last_month() -> date:
    return months_until(clock.today(), 2)[0]


def a_month_without_report() -> tuple[Team, date]:
    """A team, and a month that is over and whose figures are whole."""
    bring_up_to_date()
    return a_team(), months_until(clock.today(), 9)[0]


def a_monthly_report(team: Team | None = None, *, month: date | None = None, by: User | None = None) -> MonthlyReport:
    """The report of last month, or of another; made when there is none yet."""
    team, month = team or a_team(), month or last_month()
    there = MonthlyReport.objects.filter(team=team, month=month).first()
    if there is not None:
        return there
    bring_up_to_date()
    return make_report(team, month=month, by=by or User.objects.system())


def a_report_with_commentary(team: Team | None = None, *, month: date | None = None) -> MonthlyReport:
    return write_commentary(a_monthly_report(team, month=month), commentary=COMMENTARY, by=User.objects.system())


def a_signed_report(team: Team | None = None, *, month: date | None = None) -> MonthlyReport:
    return sign_report(a_report_with_commentary(team, month=month), by=User.objects.system())


def a_corrected_report(team: Team | None = None) -> MonthlyReport:
    """A signed report of the month before last, and a referral of that month that was logged after it."""
    month = months_until(clock.today(), 3)[0]
    report = a_signed_report(team, month=month)
    a_referral(report.team, received_at=clock.london_at(month, 10))
    bring_up_to_date()
    return report
