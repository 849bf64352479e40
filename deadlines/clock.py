"""The one clock. Days are London dates; moments are kept in UTC.

Every "now" that matters is the database's `cait_now()`: one answer for all processes, and tests that move
time replace that one function. Within a transaction it stands still.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import DateField, DateTimeField, Func

LONDON = ZoneInfo("Europe/London")


class CaitNow(Func):
    """`cait_now()` in SQL; also fits `db_default`."""

    function = "cait_now"
    template = "%(function)s()"
    arity = 0
    output_field = DateTimeField()


class CaitMoment(Func):
    """`cait_moment()` in SQL: now, also within a transaction that has waited for a lock."""

    function = "cait_moment"
    template = "%(function)s()"
    arity = 0
    output_field = DateTimeField()


class CaitToday(Func):
    """Today's date in London, in SQL."""

    template = "(cait_now() AT TIME ZONE 'Europe/London')::date"
    arity = 0
    output_field = DateField()


def now() -> datetime:
    """The moment it is, in UTC, to the microsecond."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cait_now()")
        moment: datetime = cursor.fetchone()[0]
    return utc(moment)


def moment() -> datetime:
    """The moment it is by the same clock, not standing still within a transaction: for when something is recorded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cait_moment()")
        recorded: datetime = cursor.fetchone()[0]
    return utc(recorded)


def today() -> date:
    """The date it is in London."""
    return london_date(now())


def utc(moment: date | datetime) -> datetime:
    """The same moment in UTC.

    Raises TypeError for a date without a time and ValueError for a time without a zone: which hour it
    means cannot be known.
    """
    if not isinstance(moment, datetime):
        raise TypeError(f"A date and time is needed, not the date {moment} alone.")
    if moment.utcoffset() is None:
        raise ValueError(f"The time {moment.isoformat()} has no time zone.")
    return moment.astimezone(UTC)


def london_date(when: date | datetime) -> date:
    """The London date of a moment; a date is already one. Raises ValueError for a time without a zone."""
    return utc(when).astimezone(LONDON).date() if isinstance(when, datetime) else when


def time_in_words(moment: datetime) -> str:
    """3pm, 3:20pm, midday, midnight, in London. In the hour that the clocks repeat in October, 1:30am BST or GMT."""
    there = utc(moment).astimezone(LONDON)
    if there.minute == 0 and there.hour in (0, 12):
        return "midday" if there.hour else "midnight"
    minutes = f":{there.minute:02}" if there.minute else ""
    half = "am" if there.hour < 12 else "pm"
    twice = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()
    return f"{there.hour % 12 or 12}{minutes}{half}" + (f" {there.tzname()}" if twice else "")


def minute(moment: datetime) -> datetime:
    """The minute of a moment. Forms show no seconds: what is typed for the same minute is not before it."""
    return moment.replace(second=0, microsecond=0)


def london_day_end(day: date) -> datetime:
    """The moment, in UTC, at which the day is over in London."""
    return london_midnight(day + timedelta(days=1))


class LondonDayEnd(Func):
    """The moment at which a day that a row has is over in London, worked out by the database: as `london_day_end`."""

    template = "((%(expressions)s + 1)::timestamp AT TIME ZONE 'Europe/London')"
    output_field = DateTimeField()


def london_at(day: date, hour: int) -> datetime:
    """The moment, in UTC, at which that hour of the day begins in London; 1am on the night when it comes twice is the
    first."""
    return datetime.combine(day, time(hour), tzinfo=LONDON).astimezone(UTC)


def london_midnight(day: date) -> datetime:
    """The moment, in UTC, at which the day begins in London (clocks never change at midnight)."""
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)
