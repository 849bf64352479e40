"""The monthly reports that are made by themselves, on the first working day after the month.

Whatever wakes it: a waker that comes and finds that the day has come, a report is missing and the figures are whole
makes it; after an outage too, however many months that was. While records of earlier months are still coming in none
is made. Of two at once one does; nobody makes it twice.
"""

from __future__ import annotations

import logging

from django.core.exceptions import ValidationError

from cases.coming import still_coming
from deadlines import clock
from deadlines.calendar import BeyondCalendar
from deadlines.periods import months_until
from oversight.actions import make_report
from oversight.models import MonthlyReport, Upkeep
from oversight.reporting import are_whole, month_to_report, without_report
from team.models import User

logger = logging.getLogger(__name__)


def make_due() -> list[MonthlyReport]:
    """The reports that are due and not there; returns those that were made."""
    today = clock.today()
    try:
        due = month_to_report(today)
    except BeyondCalendar as unknown:
        logger.error("Monthly reports wait for the bank holidays: %s", unknown)
        return []
    if still_coming():
        return []
    # Until the first working day the month before last is the latest.
    if not are_whole(Upkeep.objects.filter(pk=1).first(), due or months_until(today, 3)[0]):
        return []
    by, made = User.objects.system(), []
    for team, missing in without_report(due, today=today):
        try:
            made.append(make_report(team, month=missing, by=by))
        except ValidationError as refused:  # somebody else has just made it, or the counting has begun again
            logger.info("No monthly report of %s: %s", team.code, " ".join(refused.messages))
    return made
