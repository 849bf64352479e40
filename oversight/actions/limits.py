"""Changing time limits from a date on, and entering bank holidays. No date that is worked out already moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from audit.events import Event
from audit.recording import record
from deadlines import clock
from deadlines.clock import london_date
from deadlines.models import BankHoliday, Limit, Withdrawal
from deadlines.rule import Rule
from deadlines.rules import RULES
from oversight import policies
from oversight.queries import who_entered, withdrawal_of
from team.models import User
from team.permissions import Permission, require


def change_limit(
    rule: Rule,
    *,
    value: int,
    counted_from: str = "",
    effective_from: date,
    reason: str,
    seen: int | None = None,
    by: User,
) -> Limit:
    """Give a limit another value for events from a date on, tomorrow at the earliest.

    `seen`: the greatest number of a value of this limit that whoever changes it has seen. Raises ValidationError;
    ChangedMeanwhile where somebody has changed the limit since.
    """
    with transaction.atomic():
        rows, today = _locked_limits(rule.code)
        require(by, Permission.CHANGE_TIME_LIMITS, team=None)
        policies.check_value(rule, value)
        policies.check_counted_from(rule, counted_from)
        policies.check_begins(effective_from, today=today)
        policies.check_why(reason)
        _check_others(rule, rows, effective_from=effective_from, seen=seen)
        policies.check_differs(rows, rule=rule, value=value, counted_from=counted_from, effective_from=effective_from)
        limit = Limit(rule=rule.code, value=value, counted_from=counted_from, effective_from=effective_from)
        limit.reason, limit.created_at, limit.created_by_id = reason.strip(), clock.moment(), by.pk
        limit.save()
        before = _before(policies.before_that(rows, effective_from))
        record(Event.LIMIT_CHANGED, by=by, on=limit, detail=before | _detail(limit))
        return limit


def withdraw_limit(limit: Limit, *, reason: str, by: User) -> Withdrawal:
    """Take back a value that is not in force yet, as when it was entered by mistake. Raises ValidationError."""
    with transaction.atomic():
        rows, today = _locked_limits(limit.rule)
        require(by, Permission.CHANGE_TIME_LIMITS, team=None)
        _check_still_there(limit, rows)
        limit = next(row for row in rows if row == limit)
        policies.check_withdraw_limit(limit, today=today)
        policies.check_why(reason)
        words = policies.in_words(RULES[limit.rule], limit)
        gone = _withdrawn(Withdrawal(rule=limit.rule, words=words, on=limit.effective_from), limit.pk, reason, by)
        record(Event.LIMIT_WITHDRAWN, by=by, on=limit, detail=_detail(limit))
        limit.delete()
        return gone


def enter_bank_holidays(*, holidays: Sequence[tuple[date, str]], reason: str, by: User) -> list[BankHoliday]:
    """Enter one or several bank holidays to come: each its day and its name.

    Raises ValidationError; what is wrong with a day stands under `on_1`, with a name under `name_1`, and so on.
    """
    with transaction.atomic():
        rows, today = _locked_bank_holidays()
        require(by, Permission.CHANGE_TIME_LIMITS, team=None)
        policies.check_bank_holidays(holidays, there={row.on: row.name for row in rows}, today=today)
        policies.check_why(reason)
        at = clock.moment()
        entered = [
            BankHoliday(on=on, name=name.strip(), reason=reason.strip(), created_at=at, created_by_id=by.pk)
            for on, name in holidays
        ]
        for holiday in entered:
            holiday.save()
        days = sorted(str(holiday.on) for holiday in entered)
        record(Event.BANK_HOLIDAYS_ENTERED, by=by, on=BankHoliday, detail={"days": days})
        return entered


def withdraw_bank_holiday(holiday: BankHoliday, *, reason: str, by: User) -> Withdrawal:
    """Take back a bank holiday to come, as when it was moved to another day. Raises ValidationError."""
    with transaction.atomic():
        rows, today = _locked_bank_holidays()
        require(by, Permission.CHANGE_TIME_LIMITS, team=None)
        _check_still_there(holiday, rows)
        holiday = next(row for row in rows if row == holiday)
        in_its_year = sum(row.on.year == holiday.on.year for row in rows)
        policies.check_withdraw_bank_holiday(holiday, in_its_year=in_its_year, today=today)
        policies.check_why(reason)
        gone = _withdrawn(Withdrawal(words=holiday.name, on=holiday.on), holiday.pk, reason, by)
        record(Event.BANK_HOLIDAY_WITHDRAWN, by=by, on=holiday, detail={"days": str(holiday.on)})
        holiday.delete()
        return gone


def _locked_limits(code: str) -> tuple[list[Limit], date]:
    """The values of a limit, which one person changes at a time, and the date when that is this one's turn."""
    _lock(code)
    return list(Limit.objects.filter(rule=code).order_by("-pk")), london_date(clock.moment())


def _locked_bank_holidays() -> tuple[list[BankHoliday], date]:
    """As with a limit: whoever waited over midnight is judged by the new day."""
    _lock("bank holidays")
    return list(BankHoliday.objects.all()), london_date(clock.moment())


def _lock(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('time limits'), hashtext(%s))", [what])


def _check_others(rule: Rule, rows: list[Limit], *, effective_from: date, seen: int | None) -> None:
    """What others have entered or withdrawn meanwhile."""
    people = who_entered(rows)
    there = next((row for row in rows if row.effective_from == effective_from), None)
    policies.check_free(there, rule=rule, by=people.get(there.created_by_id or 0) if there else None)
    gone = None
    if seen and not any(row.pk == seen for row in rows):
        gone = withdrawal_of(rule.code, seen)
        people |= who_entered([gone] if gone else [])
    policies.check_nothing_newer(rows, seen=seen, rule=rule, people=people, withdrawn=gone)


def _check_still_there(row: Limit | BankHoliday, rows: Sequence[Limit | BankHoliday]) -> None:
    there = row in rows
    gone = None if there else withdrawal_of(row.rule if isinstance(row, Limit) else "", row.pk)
    policies.check_still_there(there, withdrawn=gone, people=who_entered([gone] if gone else []))


def _withdrawn(gone: Withdrawal, row_id: int, reason: str, by: User) -> Withdrawal:
    gone.row_id, gone.reason, gone.created_at, gone.created_by_id = row_id, reason.strip(), clock.moment(), by.pk
    gone.save()
    return gone


def _detail(limit: Limit) -> dict[str, str | int]:
    """Codes, numbers and dates of a value: why it was changed stands with the value itself."""
    detail: dict[str, str | int] = {"rule": limit.rule, "value": limit.value}
    if limit.counted_from:
        detail["counted_from"] = limit.counted_from
    return detail | {"effective_from": str(limit.effective_from)}


def _before(limit: Limit | None) -> dict[str, str | int]:
    """What it was until the change, so that the log says it even when nobody can look it up any more."""
    if limit is None:
        return {}
    before: dict[str, str | int] = {"value_before": limit.value}
    return before | ({"counted_from_before": limit.counted_from} if limit.counted_from else {})
