"""Bringing in what was read of an old log: piece by piece, each wholly or not at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from cases.enums import Series
from cases.steps import pass_over_numbers
from deadlines import clock
from deadlines.together import worked_out_together
from old_logs.enums import RowState, State
from old_logs.headings import Sheet
from old_logs.models import OldLog, OldRow
from old_logs.queries import here_already, logged_in_cait
from old_logs.reading import taken_in_cait, to_json
from old_logs.rows import check_row
from old_logs.said import (
    Checked,
    OldReferral,
    Wrong,
    as_mapping,
)
from old_logs.steps import Dues, bring_in

logger = logging.getLogger(__name__)
# So many rows are brought in in one transaction. A desk that logs a referral of the same year waits for no more.
BROUGHT_AT_A_TIME = 500
TEAM_LOCK = 73_002


class Bringing:
    """One log whose rows are brought in, piece by piece."""

    def __init__(self, log: OldLog) -> None:
        self.log = log
        self.by: Any = log.asked_by
        self.now, self.today = clock.now(), clock.today()
        self.dues = Dues()
        self.sheets = [Sheet(**sheet) for sheet in log.sheets]

    def go_on(self, end: float | None = None) -> bool:
        """Bring in what is left; whether all of it is."""
        with worked_out_together():
            return self._go_on(end)

    def _go_on(self, end: float | None) -> bool:
        with transaction.atomic():
            for year, highest in self.log.highest.items():
                pass_over_numbers(self.log.team, Series.URN, int(year), highest)
        while True:
            ready = OldRow.objects.filter(log=self.log, state=RowState.READY).order_by("pk")
            ids = list(ready.values_list("pk", flat=True)[:BROUGHT_AT_A_TIME])
            if not ids:
                self._end()
                return True
            self._piece(ids)
            if end is not None and time.monotonic() > end:
                return False

    def _piece(self, ids: list[int]) -> None:
        """Bring in some rows, all or none. Where one of them cannot be written, the others are, and it goes to a
        person."""
        try:
            with transaction.atomic():
                self._bring_in(ids)
        except (OperationalError, InterfaceError):
            raise  # of the machine, not of a row: what is left is tried again
        except Exception as wrong:  # whatever one row does, it does not stop the others
            if len(ids) == 1:
                self._put_aside(ids[0], wrong)
                return
            self._piece(ids[: len(ids) // 2])
            self._piece(ids[len(ids) // 2 :])

    def _bring_in(self, ids: list[int]) -> None:
        with connection.cursor() as cursor:
            # Two logs of a team at once: the second sees what the first has brought in.
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TEAM_LOCK, self.log.team_id])
        log = OldLog.objects.select_for_update(of=("self",)).only("pk", "done", "state").get(pk=self.log.pk)
        rows = list(
            OldRow.objects.filter(pk__in=ids, state=RowState.READY)
            .order_by("pk")
            .values_list("pk", "sheet", "number", "said", "notes")
        )
        read = [(pk, number, self._read(sheet, number, said, notes)) for pk, sheet, number, said, notes in rows]
        olds = [checked.referral for _, _, checked in read if checked.referral]
        here = here_already(self.log.team, (old.key for old in olds))
        in_cait = logged_in_cait(self.log.team, {old.number for old in olds if old.number and old.key not in here})
        become: list[tuple[int, str, int | None, str]] = []
        fit: list[tuple[int, int, OldReferral]] = []
        for pk, number, checked in read:
            old = checked.referral
            if old is None:
                become.append((pk, RowState.FLAWED, None, to_json(as_mapping(checked.wrong))))
            elif old.key in here:
                become.append((pk, RowState.HERE, here[old.key], "[]"))
            elif old.number in in_cait:
                wrong = as_mapping([taken_in_cait(old, in_cait[old.number])])
                become.append((pk, RowState.FLAWED, None, to_json(wrong)))
            else:
                fit.append((pk, number, old))
        made = (
            bring_in(self.log, [(number, old) for _, number, old in fit], dues=self.dues, by=self.by) if fit else {}
        )
        become += [(pk, RowState.BROUGHT_IN, made[place], "[]") for place, (pk, _, _) in enumerate(fit)]
        self._become(become)
        log.done += len(rows)
        log.save(update_fields=["done"])

    def _read(self, sheet: int, number: int, said: Any, notes: Any) -> Checked:
        of = self.sheets[sheet]
        where = f"{of.shown}, row {number}" if of.name else f"row {number}"
        return check_row(said, [tuple(each) for each in notes], today=self.today, now=self.now, where=where)

    def _become(self, become: Sequence[tuple[int, str, int | None, str]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {OldRow._meta.db_table} AS kept SET state = new.state, referral_id = new.referral, "  # noqa: S608
                "wrong = new.wrong "
                "FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::jsonb[]) AS new (id, state, referral, "
                "wrong) "
                "WHERE kept.id = new.id",
                [list(column) for column in zip(*become, strict=True)],
            )

    def _put_aside(self, pk: int, wrong: Exception) -> None:
        logger.error("Row %s of an old log cannot be brought in: %s", pk, type(wrong).__name__)
        sentence = (
            "CAIT could not take this row in. Tell your CAIT administrator; the other rows are not held up by it."
        )
        with transaction.atomic():
            log = OldLog.objects.select_for_update(of=("self",)).only("pk", "done").get(pk=self.log.pk)
            self._become([(pk, RowState.FLAWED, None, to_json(as_mapping([Wrong("", "", sentence)])))])
            log.done += 1
            log.save(update_fields=["done"])

    def _end(self) -> None:
        with transaction.atomic():
            log = OldLog.objects.select_for_update(of=("self",)).defer("content").get(pk=self.log.pk)
            log.state, log.done_at, log.content = State.DONE, clock.moment(), None
            log.save(update_fields=["state", "done_at", "content"])
