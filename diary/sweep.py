"""The sweep: one pass over everything that may have fallen due. Idempotent; may run twice at once, or after days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from deadlines.clock import CaitNow, london_date, now
from diary.chasing import raise_fallen, write_waiting
from diary.models import Heartbeat, Waker

# Beat wakes the sweep every minute. Ten missed wake-ups are no hiccup: every page and the health check then say so.
STALE_AFTER = timedelta(minutes=10)


def sweep(*, woken_by: Waker) -> datetime:
    """Notice what has fallen due, then write the heartbeat. Returns when it succeeded.

    The heartbeat comes last: a sweep that fails leaves the old one standing, and soon every page says so.
    """
    raise_fallen()
    write_waiting()
    with transaction.atomic():
        beat, _ = Heartbeat.objects.update_or_create(waker=woken_by, defaults={"succeeded_at": CaitNow()})
    beat.refresh_from_db()
    return beat.succeeded_at


class DatesChecked(NamedTuple):
    """When the last sweep succeeded, whether that is too long ago, and when this was asked, moment and date."""

    at: datetime | None
    stale: bool
    now: datetime
    today: date


def dates_checked() -> DatesChecked:
    """When any waker's sweep last succeeded. One query: every page asks it."""
    with connection.cursor() as cursor:
        # A heartbeat from the future, written before a wrong clock was set back, proves nothing.
        cursor.execute(
            "SELECT cait_now(), max(succeeded_at) "  # noqa: S608
            "FILTER (WHERE succeeded_at <= cait_now() + make_interval(secs => %s)) "
            f"FROM {Heartbeat._meta.db_table}",
            [STALE_AFTER.total_seconds()],
        )
        at_present, last = cursor.fetchone()
    stale = last is None or at_present - last > STALE_AFTER
    return DatesChecked(last, stale, at_present, london_date(at_present))


def worker_is_working() -> bool:
    """True when a sweep that came through beat, broker and worker succeeded lately: the whole chain, not a ping."""
    beat = Heartbeat.objects.filter(waker=Waker.BEAT).first()
    return beat is not None and abs(now() - beat.succeeded_at) <= STALE_AFTER
