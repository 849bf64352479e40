"""Whether limits and bank holidays can be changed as somebody asks; the message is the sentence they read.

What has a date today is never touched: a change begins tomorrow at the earliest, and only what has not begun can be
withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError

from deadlines import rules
from deadlines.calendar import BANK_HOLIDAYS_A_YEAR, add_months
from deadlines.enums import Clock, CountedFrom
from deadlines.models import BankHoliday, Limit, Withdrawal
from deadlines.rule import Rule
from pages.validators import one_line
from pages.words import day, moment
from team.history import ChangedMeanwhile
from team.models import User

# Far above anything meant, and so near that no date worked out with it leaves the calendar of dates (CAIT default).
MOST = {Clock.HOURS: 8760, Clock.DAYS: 3650, Clock.WORKING_DAYS: 250, Clock.MONTHS: 120}
# How far ahead bank holidays can be entered, in months: fifty years (CAIT default).
FURTHEST_MONTHS = 600

AGAIN = "If yours is still right, send it again."


def check_why(reason: str) -> None:
    """No limit or bank holiday is changed without a reason."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why"})


# --- limits --------------------------------------------------------------------------------------


def check_value(rule: Rule, value: int) -> None:
    """A number that the clock of the rule can count, and no more than a statute allows. Only the briefing may be due
    by the event itself (AFI 8)."""
    if value < 0 or (value == 0 and rule is not rules.BRIEFING):
        raise ValidationError({"value": "The limit must be more than 0"})
    if rule.statutory_most is not None and value > rule.statutory_most:
        raise ValidationError({"value": f"{rule.statute()} Enter {rule.statutory_most} or fewer."})
    if value > MOST[rule.clock]:
        raise ValidationError({"value": f"The limit can be at most {rule.clock.words(MOST[rule.clock])}"})


def check_counted_from(rule: Rule, counted_from: str) -> None:
    """Which discussion starts it is said of the initial conference, and of no other limit."""
    if rule is rules.INITIAL_CONFERENCE and counted_from not in CountedFrom:
        raise ValidationError({"counted_from": "Say which strategy discussion starts the limit"})
    if rule is not rules.INITIAL_CONFERENCE and counted_from:
        raise ValidationError("Only the limit for the initial conference is counted from one of several discussions.")


def check_begins(effective_from: date, *, today: date) -> None:
    if effective_from <= today:
        raise ValidationError(
            {"effective_from": "What happens today is dated already: a change can begin tomorrow at the earliest."}
        )


def check_free(there: Limit | None, *, rule: Rule, by: User | None) -> None:
    """One value from one date. `there`: what stands there, `by`: who entered it; None where it came with CAIT."""
    if there is None:
        return
    words = f"{in_words(rule, there)} from {day(there.effective_from)}"
    said = f"{by} entered {words} on {moment(there.created_at)}" if by else f"{words} came with CAIT"
    sentence = f"{said}. It can be withdrawn, as it is not in force yet. Or choose another date."
    raise ValidationError({"effective_from": ValidationError(sentence, code="named")})


def check_nothing_newer(
    rows: Sequence[Limit],
    *,
    seen: int | None,
    rule: Rule,
    people: Mapping[int, User],
    withdrawn: Withdrawal | None,
) -> None:
    """Two who change one limit at once: the second reads what the first did before theirs is taken.

    `seen`: the greatest number of a row that whoever changes it has seen; `withdrawn`: what became of that row.
    """
    if seen is None:
        return
    if newer := next((row for row in rows if row.pk > seen), None):
        raise ChangedMeanwhile(
            f"{_name(people, newer.created_by_id)} changed this limit to {in_words(rule, newer)} from "
            f"{day(newer.effective_from)} on {moment(newer.created_at)}, while you had this open.",
            AGAIN,
        )
    if withdrawn:
        raise ChangedMeanwhile(f"{_withdrawn(withdrawn, people)}, while you had this open.", AGAIN)


def check_differs(rows: Sequence[Limit], *, rule: Rule, value: int, counted_from: str, effective_from: date) -> None:
    """What is entered changes something on its date."""
    before = before_that(rows, effective_from)
    if before and (before.value, before.counted_from) == (value, counted_from):
        raise ValidationError(
            {"value": f"On {day(effective_from)} it will be {in_words(rule, before)} already. Enter another limit"}
        )


def before_that(rows: Sequence[Limit], effective_from: date) -> Limit | None:
    """The value that a change from a date on takes the place of."""
    earlier = (row for row in rows if row.effective_from < effective_from)
    return max(earlier, key=lambda row: row.effective_from, default=None)


def check_withdraw_limit(limit: Limit, *, today: date) -> None:
    """Never one that is or was in force: dates were worked out with it."""
    if limit.effective_from <= today:
        raise ValidationError(
            f"This limit is in force since {day(limit.effective_from)}, so it cannot be withdrawn. Change it from a "
            "date to come."
        )


def in_words(rule: Rule, limit: Limit) -> str:
    """A value as it is read: "15 working days, counted from the last strategy discussion"."""
    counted = f", counted from {CountedFrom(limit.counted_from).label}" if limit.counted_from else ""
    return rule.length(limit.value) + counted


# --- bank holidays -------------------------------------------------------------------------------


def check_bank_holidays(holidays: Sequence[tuple[date, str]], *, there: Mapping[date, str], today: date) -> None:
    """What may be entered; every mistake at once, under `on_1`, `name_1` for the first, and so on.

    `there`: those that are entered already. A day of this year that is over may be entered as long as the year is
    not all there: no date in it has been counted yet, and without it none ever could be.
    """
    if not holidays:
        raise ValidationError({"on_1": "Enter at least one bank holiday"})
    wrong: dict[str, str] = {}
    for number, (on, name) in enumerate(holidays, 1):
        wrong[f"on_{number}"] = _wrong_with_day(on, there, today)
        if on in [each for each, _ in holidays[: number - 1]]:
            wrong[f"on_{number}"] = f"{day(on)} stands here twice"
        wrong[f"name_{number}"] = _wrong_with_name(name)
    if any(wrong.values()):
        raise ValidationError({field: said for field, said in wrong.items() if said})


def _wrong_with_day(on: date, there: Mapping[date, str], today: date) -> str:
    if on in there:
        return f"{day(on)} is entered already: {there[on]}"
    counted = sum(each.year == today.year for each in there) >= BANK_HOLIDAYS_A_YEAR
    if on <= today and (counted or on.year != today.year):
        return "What happened until today is dated already: enter a day after today"
    if on > add_months(today, FURTHEST_MONTHS):
        return "Enter a day within fifty years"
    if on.isoweekday() > 5:
        return f"{day(on)} is a {on:%A}. Enter the substitute day: a bank holiday is a Monday to Friday"
    return ""


def _wrong_with_name(name: str) -> str:
    if not name.strip():
        return "Enter the name of this bank holiday"
    most = BankHoliday._meta.get_field("name").max_length or 0
    if len(name) > most:
        return f"The name must be {most} characters or fewer; it has {len(name)}"
    try:
        one_line(name)
    except ValidationError as refused:
        return str(refused.messages[0])
    return ""


def check_withdraw_bank_holiday(holiday: BankHoliday, *, in_its_year: int, today: date) -> None:
    """Only one to come, and none without which its year could not be counted any more.

    `in_its_year`: how many days are entered for that year. Were one missing, whatever is dated meanwhile would be
    due at once, and stay so.
    """
    if holiday.on <= today:
        raise ValidationError(
            f"{day(holiday.on)} is not a day to come, so it cannot be withdrawn: dates were worked out with it."
        )
    if in_its_year == BANK_HOLIDAYS_A_YEAR:
        year = holiday.on.year
        raise ValidationError(
            f"Without it {year} would have {in_its_year - 1} of its {BANK_HOLIDAYS_A_YEAR} bank holidays, and no "
            "date in that year could be worked out. If it was moved, enter the other day first, then withdraw "
            "this one."
        )


# --- what is gone --------------------------------------------------------------------------------


def check_still_there(there: bool, *, withdrawn: Withdrawal | None, people: Mapping[int, User]) -> None:
    """The second of two who withdraw the same reads who was first, and why."""
    if there:
        return
    if withdrawn is None:
        raise ValidationError("This is not there any more.")
    raise ValidationError(f"{_withdrawn(withdrawn, people)}, because: “{withdrawn.reason}”")


def _withdrawn(gone: Withdrawal, people: Mapping[int, User]) -> str:
    what = f"{gone.words} from {day(gone.on)}" if gone.rule else f"{gone.words}, {day(gone.on)},"
    return f"{_name(people, gone.created_by_id)} withdrew {what} on {moment(gone.created_at)}"


def _name(people: Mapping[int, User], pk: int | None) -> str:
    return str(people.get(pk or 0, "Somebody"))
