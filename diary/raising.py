"""How the sweep works through what has fallen: in batches, and row by row where a batch fails.

A row that fails by itself is set aside where people see it, does not stop the others, and is tried again each time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from audit.events import Event
from audit.recording import record
from team.models import User

logger = logging.getLogger(__name__)

# So many rows are looked at in one transaction: whoever works on one of their records waits no longer for it, which
# is a fraction of a second. Each transaction has an event of the audit and a wait for the disk of its own.
AT_A_TIME = 5000
# A statement that another's has come in between of is simply run again, a few times.
TRIES = 3
COME_BETWEEN = ("40001", "40P01")  # could not serialize; deadlock


class NotRecorded(RuntimeError):
    """The audit could not be written, so nothing was raised."""


def _by_index() -> None:
    """Some thousand rows among millions are found one by one. PostgreSQL takes a row of an index for so much dearer
    than one of the whole table that it would read the whole table for each batch: half of the sweep's time."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


@dataclass(frozen=True)
class Fallen:
    """One table that the sweep works through.

    `raise_some`: raise what has fallen of at most so many rows, or of the one row with an id; says of how many.
    `due` and `aside`: which rows have fallen, and which are set aside. `put_aside`: what is written on a locked row.
    """

    what: str
    event: Event
    model: Any
    raise_some: Callable[[int, int | None], int]
    due: Q
    aside: Q
    order: tuple[str, ...]
    put_aside: Callable[[Any, str], None]

    def all(self) -> None:
        """Raise everything that has fallen, the longest fallen first.

        Raises DatabaseError where it is no row that fails, NotRecorded where the audit cannot be written: then the
        sweep has not succeeded, and every page says so.
        """
        while True:
            try:
                if not self._together():
                    break
            except DatabaseError:
                waiting = list(self._rows(self.due)[:AT_A_TIME])
                for pk in waiting:
                    self._by_itself(pk, recorded=True)
                if not waiting or self._rows(self.due).filter(pk__in=waiting).exists():
                    raise
        for pk in self._rows(self.aside)[:AT_A_TIME]:
            self._by_itself(pk, recorded=True)

    def one(self, pk: int) -> None:
        """Raise what has fallen of one row, as part of an action that is recorded by itself; where that fails, set it
        aside."""
        self._by_itself(pk, recorded=False)

    def _together(self) -> int:
        for left in reversed(range(TRIES)):
            try:
                with transaction.atomic():
                    _by_index()
                    return self._recorded(self.raise_some(AT_A_TIME, None))
            except OperationalError as wrong:
                # Nothing is wrong with any row where another's transaction came between.
                if not left or getattr(wrong.__cause__, "sqlstate", None) not in COME_BETWEEN:
                    raise
        raise AssertionError("never reached")

    def _recorded(self, number: int) -> int:
        """No log, no act: what CAIT raises by itself is recorded too, a batch at a time."""
        if number:
            try:
                record(self.event, by=User.objects.system(), on=self.model, detail={"rows": number})
            except DatabaseError as wrong:
                raise NotRecorded(type(wrong).__name__) from wrong
        return number

    def _by_itself(self, pk: int, *, recorded: bool) -> None:
        try:
            with transaction.atomic():
                number = self.raise_some(1, pk)
                if recorded:
                    self._recorded(number)
        except DatabaseError as wrong:
            with transaction.atomic():
                row = self.model.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
                if row is None:
                    return
                if not self.model.objects.filter(self.aside, pk=pk).exists():
                    logger.error("%s %s cannot be checked: %s", self.what, pk, type(wrong).__name__)
                self.put_aside(row, type(wrong).__name__)

    def _rows(self, which: Q) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model.objects.filter(which).order_by(*self.order).values_list("pk", flat=True)
        return rows
