"""Lets something be done as at an earlier moment: the demonstration is loaded through the real actions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from deadlines.clock import utc


@contextmanager
def as_at(moment: datetime) -> Iterator[None]:
    """Within it the one clock says `moment` and goes on from there. Only for this transaction's own eyes.

    The clock's function is replaced and put back in the caller's transaction, so no other process ever sees it
    changed. Raises RuntimeError outside demonstration mode and outside a transaction.
    """
    if not (settings.DEMONSTRATION or settings.EMBEDDED):
        raise RuntimeError("The clock is set back only for a demonstration.")
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Set the clock back within a transaction.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('cait_now()'::regprocedure)")
        (as_it_was,) = cursor.fetchone()
        cursor.execute(
            "CREATE OR REPLACE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"'SELECT timestamptz ''{utc(moment).isoformat()}'' '"
        )
        yield
        cursor.execute(as_it_was)
