"""Values of time limits and bank holidays that are still to come, as an administrator enters them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from deadlines import clock
from deadlines.models import BankHoliday, Limit
from deadlines.rules import RULES
from oversight.actions import change_limit, enter_bank_holidays
from team.models import User

DAY = timedelta(days=1)


def a_limit_to_come(code: str = "SS-UPDATE", *, by: User | None = None, **other: Any) -> Limit:
    """Another value of a limit, from the day after tomorrow or, where there is one to come already, after that."""
    last = Limit.objects.filter(rule=code).latest("effective_from")
    said = {
        "value": last.value + 1,
        "counted_from": last.counted_from,
        "effective_from": max(last.effective_from, clock.today() + DAY) + DAY,
        "reason": "The inspectors say so",
        **other,
    }
    return change_limit(RULES[code], **said, by=by or User.objects.system())


def a_free_day(after: date | None = None) -> date:
    """The first Monday to Friday after a day, or today, that is no bank holiday."""
    there = set(BankHoliday.objects.values_list("on", flat=True))
    days = ((after or clock.today()) + number * DAY for number in count(1))
    return next(day for day in days if day.isoweekday() <= 5 and day not in there)


def a_bank_holiday_to_come(on: date | None = None, *, by: User | None = None) -> BankHoliday:
    """One that was proclaimed beside those of its year."""
    holidays = [(on or a_free_day(), "Jubilee")]
    (entered,) = enter_bank_holidays(holidays=holidays, reason="Proclaimed", by=by or User.objects.system())
    return entered
