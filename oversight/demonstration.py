"""The monthly reports of the demonstration: three that the inspector has signed, and last month’s, which waits.

They are made through the real actions, each at the time at which it would have been. Facts have dates, so what is
counted today of a month that is over is what would have been counted then.
"""

from __future__ import annotations

from cases.coming import Turn
from deadlines import clock
from deadlines.calendar import WorkingCalendar
from deadlines.clock import london_at
from deadlines.periods import last_of_month, months_until
from oversight.actions import make_report, sign_report, write_commentary
from oversight.counting import bring_up_to_date
from oversight.models import MonthlyReport, Upkeep
from oversight.report_frozen import Frozen, frozen_in
from oversight.report_making import make_due
from team.enums import TeamKind
from team.models import Team, User
from team.permissions import Permission
from team.queries import who_may

SIGNED = 3
# On which working day after the month the inspector writes and signs.
SIGNED_ON = 3

WHAT_WE_DO = (
    "What we do: the desk looks twice a day at what has to be triaged next, and hands over what is left at six.",
    "What we do: the review before a conference is begun when the invitation comes, not in the week before it.",
    "What we do: at each supervision the sergeant goes through the open intelligence gaps with the officer.",
)


def reports_of_before(turn_to: Turn) -> None:
    """Whatever of them is not there yet, of each borough’s team that has an inspector."""
    now = clock.now()
    turn_to(now)
    months = months_until(clock.today(), SIGNED + 2)[:-2]
    there = set(MonthlyReport.objects.filter(month__in=months).values_list("team", "month"))
    teams = list(Team.objects.filter(kind=TeamKind.CAIT).order_by("code"))
    missing = [(team, month) for team in teams for month in months if (team.pk, month) not in there]
    if not missing:
        return
    # Whoever is counting is waited for; from then on nobody does until these are made.
    Upkeep.objects.select_for_update().filter(pk=1).first()
    bring_up_to_date()
    calendar, system = WorkingCalendar(), User.objects.system()
    inspectors = {team.pk: _inspector(team) for team in teams}
    for team, month in missing:
        inspector, over = inspectors[team.pk], last_of_month(month)
        if inspector is None:
            continue
        turn_to(london_at(calendar.add(over, 1), 7))
        report = make_report(team, month=month, by=system)
        turn_to(london_at(calendar.add(over, SIGNED_ON), 10))
        report = write_commentary(report, commentary=_commentary(report), by=inspector)
        turn_to(london_at(calendar.add(over, SIGNED_ON), 11))
        sign_report(report, by=inspector)
    turn_to(now)
    make_due()


def _inspector(team: Team) -> User | None:
    return User.objects.filter(pk__in=who_may(Permission.SIGN_MONTHLY_REPORTS, team=team)).order_by("pk").first()


def _commentary(report: MonthlyReport) -> str:
    """What an inspector would make of the figures: what came in, what was attended and answered, what is done."""
    of = {each.measure.code: each for each in frozen_in(report)}
    paragraphs = [
        _of_referrals(of["referrals"]),
        _of_conferences(of["attendance"]),
        _of_partners(of["updates_in_time"]),
        WHAT_WE_DO[report.month.month % len(WHAT_WE_DO)],
    ]
    return "\n\n".join(each for each in paragraphs if each)


def _of_referrals(each: Frozen) -> str:
    said = f"{each.figure.words} referrals came in, after {each.before.words} in the month before."
    if each.series.changed:
        return f"{said} That is more than chance would do; we ask the schools and the hospital what has changed."
    return f"{said} So much it varies from month to month."


def _of_conferences(each: Frozen) -> str:
    counted, of = each.figure.counted, each.figure.of
    if not of:
        return ""
    if counted == of:
        return "Police were at every initial conference."
    return f"Police were at {counted} of {of} initial conferences. I have gone through each that we missed."


def _of_partners(each: Frozen) -> str:
    counted, of = each.figure.counted, each.figure.of
    if not of:
        return ""
    said = f"Social Services answered {counted} of {of} requests in time."
    return f"{said} What was late I raised with their team manager at the monthly meeting." if counted < of else said
