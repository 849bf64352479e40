"""What a worker does with an old log: it reads and checks every row, and brings in those that can be.

Idempotent, and by pieces: whatever kills the worker, the piece that it was at is undone as a whole. Reading begins
again then; bringing in goes on behind the last piece that is whole. One worker at a time is at it, whatever the
logs, so that another is free for the sweep: by locks that PostgreSQL gives back when the worker's connection ends,
however that comes about.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from old_logs.bringing import Bringing
from old_logs.enums import AT_WORK, State
from old_logs.models import OldLog
from old_logs.reading import Reading

logger = logging.getLogger(__name__)
# Of the database's advisory locks those that are ours: of a log by its number, and of all of them.
LOCK, ALL = 73_001, 0


def work_on_all(*, seconds: float | None = None) -> bool:
    """Go on with each log that is to be read or brought in; what is to be read first, for somebody waits to see it.
    Whether something is left to do, after so many seconds."""
    end = None if seconds is None else time.monotonic() + seconds
    with _alone(ALL) as ours:
        if not ours:
            return False
        # In any order, so that a large log of one team does not hold up another's.
        at_work = OldLog.objects.filter(state__in=AT_WORK).order_by("-state", "?")
        for pk in list(at_work.values_list("pk", flat=True)):
            try:
                if not work_on(pk, end=end):
                    return True
            except Exception as wrong:  # of one log, or of the machine: it is tried again, and no other is held up
                logger.error("Old log %s could not be gone on with: %s", pk, type(wrong).__name__)
    return False


def work_on(pk: int, *, end: float | None = None) -> bool:
    """Go on with one log, to its end or until `end` (of time.monotonic). Whether there is nothing left to do for this
    worker: it is done, or another has it."""
    with _alone(pk) as ours:
        if not ours:
            return True
        rows = OldLog.objects.select_related("team", "added_by", "asked_by")
        log = rows.defer("content").filter(pk=pk).first()
        if log is not None and log.state == State.READING:
            Reading(log).read()
        elif log is not None and log.state == State.BRINGING_IN:
            return Bringing(log).go_on(end)
        return True


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, pk])
        ours = bool(cursor.fetchone()[0])
    try:
        yield ours
    finally:
        if ours:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, pk])
            except DatabaseError as wrong:  # then the connection is gone, and the lock with it
                logger.error("An old log could not be let go of: %s", type(wrong).__name__)


def work_on_now(log: OldLog) -> OldLog:
    """Read, or bring in, one log here and now, for a command. Where a worker has it already, which was woken when it
    was added, it is waited for; were the worker killed, it is gone on with here."""
    while True:
        work_on(log.pk)
        log = OldLog.objects.select_related("team").defer("content").get(pk=log.pk)
        if log.state not in AT_WORK:
            return log
        time.sleep(0.2)
