"""A worker is woken at once where something waits; were the wake-up lost, beat's next one does it."""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake_a_worker() -> None:
    """Never fails: what is to be done stands in the database, and beat wakes a worker every minute."""
    from old_logs.tasks import work  # it needs what wakes it

    try:
        work.delay()
    except OperationalError as wrong:
        logger.warning("No worker could be woken for an old log: %s", type(wrong).__name__)
