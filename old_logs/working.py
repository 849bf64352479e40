"""What a worker does with an old log: it reads and checks every row, and brings in those that can be.

Idempotent, and by pieces: whatever kills the worker, the piece that it was at is undone as a whole, and the next
wake-up goes on behind the last that is whole. One worker at a time has a log, by a lock that PostgreSQL gives back
when the worker's connection ends, however that comes about.
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from cases.enums import Series
from cases.steps import pass_over_numbers
from deadlines import clock
from deadlines.together import worked_out_together
from old_logs.enums import AT_WORK, RowState, State
from old_logs.headings import LOOKED_AT, Sheet, columns_of, find_heading
from old_logs.models import OldLog, OldRow
from old_logs.queries import here_already, logged_in_cait, remembered, rows_of
from old_logs.rows import (
    Checked,
    OldReferral,
    Wrong,
    as_mapping,
    check_row,
    is_heading_again,
    is_total,
    repeat_above,
    said_by,
    shown,
)
from old_logs.steps import Dues, bring_in
from pages.words import day, moment
from team.history import add_many

logger = logging.getLogger(__name__)

# So many rows are read, or brought in, in one transaction.
READ_AT_A_TIME, BROUGHT_AT_A_TIME = 2000, 1000
MOST_ROWS = 300_000
LOCK, TEAM_LOCK = 73_001, 73_002


def work_on_all(*, seconds: float | None = None) -> bool:
    """Go on with each log that is to be read or brought in. Whether something is left to do, after so many
    seconds."""
    end = None if seconds is None else time.monotonic() + seconds
    for pk in list(OldLog.objects.filter(state__in=AT_WORK).order_by("pk").values_list("pk", flat=True)):
        if not work_on(pk, end=end):
            return True
    return False


def work_on(pk: int, *, end: float | None = None) -> bool:
    """Go on with one log, to its end or until `end` (of time.monotonic). Whether there is nothing left to do for this
    worker: it is done, or another has it."""
    with _alone(pk) as ours:
        if not ours:
            return True
        log = OldLog.objects.select_related("team", "added_by", "asked_by").filter(pk=pk).first()
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
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, pk])


# --- reading -------------------------------------------------------------------------------------


class NotRead(Exception):
    """The file cannot be read; the message is the sentence for whoever sent it."""


def taken_apart(content: bytes) -> Iterator[Any]:
    """The sheets and rows of a file as `old_logs.sheets` gives them, from a process of its own. Raises NotRead."""
    with tempfile.NamedTemporaryFile(prefix="cait-old-log-") as file:
        file.write(content)
        file.flush()
        program = [sys.executable, "-m", "old_logs.sheets", file.name]
        with subprocess.Popen(
            program,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            text=True,
            encoding="utf-8",
        ) as child:
            assert child.stdout is not None  # noqa: S101  # it is piped
            try:
                ended = False
                for line in child.stdout:
                    said = json.loads(line)
                    if isinstance(said, dict) and "refused" in said:
                        raise NotRead(said["refused"])
                    if isinstance(said, dict) and "end" in said:
                        ended = True
                    else:
                        yield said
                if not ended:
                    raise NotRead(
                        "The file is built so that reading it would take more memory or time than any log "
                        "needs, or is "
                        "damaged. Copy its cells into a new workbook in Excel, and choose that."
                    )
            finally:
                child.kill()


class Reading:
    """One log, read from the beginning: every row that is not blank becomes an OldRow."""

    def __init__(self, log: OldLog) -> None:
        self.log = log
        self.today = clock.today()
        self.remembered = remembered(log.team) | log.chosen
        self.sheets: list[Sheet] = []
        self.columns: list[Any] = []
        self.above: list[str] = []
        self.waiting: list[tuple[Any, ...]] = []
        self.checked: list[tuple[int, OldReferral, dict[str, Any]]] = []
        self.first_with: dict[str, str] = {}
        self.highest: dict[str, int] = {}
        self.count = self.of = 0

    def read(self) -> None:
        """Read it, and say so; or say why it cannot be read."""
        OldRow.objects.filter(log=self.log).delete()
        try:
            self._read()
            if not self.sheets or not any(sheet.rows for sheet in self.sheets):
                raise NotRead("There is nothing in the file. Choose the file again, or ask for another copy.")
            state, why = State.READ, ""
        except NotRead as wrong:
            OldRow.objects.filter(log=self.log).delete()
            state, why = State.REFUSED, str(wrong)[:600]
        with transaction.atomic():
            log = OldLog.objects.select_for_update(of=("self",)).get(pk=self.log.pk)
            if log.state != State.READING:
                return
            log.state, log.refused_why = state, why
            log.sheets = [asdict(sheet) for sheet in self.sheets]
            log.highest, log.done, log.of = self.highest, self.count, self.count
            log.save()

    def _read(self) -> None:
        begin: list[Any] = []
        last = 0
        for line in taken_apart(bytes(self.log.content or b"")):
            if isinstance(line, dict):
                self._begin(begin)
                self.sheets.append(Sheet(line["sheet"], line["hidden"]))
                self.of += line["rows"]
                begin, last, self.above = [], 0, []
                continue
            number, cells = line
            sheet = self.sheets[-1]
            sheet.blank += number - last - 1
            last = number
            self.count += 1
            sheet.rows += 1
            if self.count > MOST_ROWS:
                raise NotRead(f"The file has more than {MOST_ROWS:,} rows. Save its sheets as files of their own.")
            if begin is not None and len(sheet.first) < LOOKED_AT:
                sheet.first.append([number, cells])
                begin.append((number, cells))
                if len(sheet.first) == LOOKED_AT:
                    self._begin(begin)
                    begin = []
                continue
            self._row(number, cells)
        self._begin(begin)
        self._keep()
        for sheet in self.sheets:
            sheet.first = [[number, [each[:60] for each in cells[:40]]] for number, cells in sheet.first[:12]]

    def _begin(self, rows: Sequence[Any]) -> None:
        """The first rows of a sheet are there: find its heading, and go through them."""
        if not self.sheets or not rows:
            return
        sheet = self.sheets[-1]
        chosen = self.log.chosen_headings.get(str(len(self.sheets) - 1))
        sheet.heading = find_heading(sheet.first, self.remembered) if chosen is None else chosen
        sheet.headings = next((cells for number, cells in sheet.first if number == sheet.heading), [])
        self.columns = columns_of(sheet.headings, self.remembered)
        for number, cells in rows:
            self._row(number, cells)

    def _row(self, number: int, cells: list[str]) -> None:
        sheet = self.sheets[-1]
        place = len(self.sheets) - 1
        if sheet.heading is None:
            sentence = (
                "No row of this sheet was taken for its heading. Say which it is under “Columns”, or that the "
                "sheet is no "
                "part of the log."
            )
            self._flawed(place, number, {}, [], cells, [Wrong("", "", sentence)])
        elif number <= sheet.heading or not sheet.heading or is_total(cells) or is_heading_again(cells, sheet):
            self._add(place, number, RowState.NO_REFERRAL, cells=cells)
        else:
            self._check(place, number, cells)
        if len(self.waiting) + len(self.checked) >= READ_AT_A_TIME:
            self._keep()

    def _check(self, place: int, number: int, cells: list[str]) -> None:
        sheet = self.sheets[place]
        missing = repeat_above(cells, self.above)
        self.above = cells
        said, notes = said_by(cells, self.columns, sheet.headings)
        where = f"{sheet.shown}, row {number}" if sheet.name else f"row {number}"
        checked = check_row(said, notes, today=self.today, where=where)
        checked.wrong += [
            Wrong(
                str(self.columns[at]) if at < len(self.columns) else "",
                cells[at],
                "This says “as above”, but nothing stands above it. Write what is meant.",
            )
            for at in missing
        ]
        if checked.referral and (before := self.first_with.setdefault(checked.referral.key, where)) != where:
            sentence = (
                f"This URN is used twice: in {before} too. Find out which is right, and give the other its own."
            )
            checked.wrong.append(Wrong("urn", said["urn"], sentence))
        if checked.wrong or checked.referral is None:
            self._flawed(place, number, said, notes, cells, checked.wrong)
            return
        row = {
            "place": place,
            "number": number,
            "said": said,
            "notes": notes,
            "cells": cells,
            "remarks": checked.remarks,
        }
        self.checked.append((number, checked.referral, row))

    def _flawed(self, place: int, number: int, said: Any, notes: Any, cells: list[str], wrong: list[Wrong]) -> None:
        self._add(place, number, RowState.FLAWED, said=said, notes=notes, cells=cells, wrong=as_mapping(wrong))

    def _add(self, place: int, number: int, state: RowState, *, referral: int | None = None, **parts: Any) -> None:
        jsons = [_json(parts.get(name, empty)) for name, empty in JSONS]
        self.waiting.append((self.log.pk, place, number, state, *jsons, parts.get("digest", ""), referral))

    def _keep(self) -> None:
        """What was read since is written down, with how far it came."""
        self._compare()
        with transaction.atomic():
            add_many(OldRow, COLUMNS, self.waiting)
            log = OldLog.objects.select_for_update(of=("self",)).only("pk", "done", "of").get(pk=self.log.pk)
            log.done, log.of = self.count, max(self.of, self.count)
            log.save(update_fields=["done", "of"])
        self.waiting = []

    def _compare(self) -> None:
        """Which of the rows that say enough are here already, by their URN, and say the same still."""
        here = here_already(self.log.team, (old.key for _, old, _ in self.checked))
        before = rows_of(here.values())
        in_cait = logged_in_cait(self.log.team, {old.number for _, old, _ in self.checked if old.number})
        for number, old, row in self.checked:
            digest = digest_of(row["said"])
            referral = here.get(old.key)
            wrong = differences(row["said"], before.get(referral)) if referral else []
            if not referral and old.number in in_cait:
                wrong = [taken_in_cait(old, in_cait[old.number])]
            if wrong and not (referral and before[referral].digest == digest):
                self._flawed(row["place"], number, row["said"], row["notes"], row["cells"], wrong)
                continue
            if not referral and old.number:
                year, serial = old.number
                self.highest[str(year)] = max(self.highest.get(str(year), 0), serial)
            self._add(
                row["place"],
                number,
                RowState.HERE if referral else RowState.READY,
                said=row["said"],
                notes=row["notes"],
                remarks=as_mapping(row["remarks"]),
                digest=digest,
                referral=referral,
            )
        self.checked = []


JSONS: tuple[tuple[str, Any], ...] = (("said", {}), ("notes", []), ("cells", []), ("wrong", []), ("remarks", []))
COLUMNS = ("log_id", "sheet", "number", "state", *(name for name, _ in JSONS), "digest", "referral_id")
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _json(value: Any) -> str:
    # PostgreSQL holds no NUL, and no half of a character.
    text = _dumps(value)
    return text if "\\u0000" not in text else text.replace("\\u0000", " ")


def digest_of(said: dict[str, str]) -> str:
    """By it two rows are seen to say the same, whatever stands in columns that are kept as notes."""
    return hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).hexdigest()


def differences(said: dict[str, str], before: OldRow | None) -> list[Wrong]:
    """What a row says otherwise than when it was brought in."""
    if before is None:
        return []
    on = day(before.log.done_at or before.log.asked_at or before.log.added_at)
    return [
        Wrong(
            says,
            said.get(says, ""),
            f"This referral is here already: the log said “{shown(before.said[says])[:100]}” when it was "
            f"brought in on {on}. "
            "CAIT’s record was not changed. Put it right on the record, or leave this row out."
            if says in before.said
            else f"This referral is here already: nothing stood here when it was brought in on {on}. CAIT’s "
            f"record was not "
            "changed. Add it to the record, or leave this row out.",
        )
        for says in sorted({*said, *before.said})
        if said.get(says) != before.said.get(says)
    ]


def taken_in_cait(old: OldReferral, referral: Any) -> Wrong:
    """The URN was given to a referral that was logged in CAIT: it may be the same one, kept in both."""
    return Wrong(
        "urn",
        old.urn,
        f"{referral.logged_by} logged a referral {referral.urn} in CAIT on {moment(referral.logged_at)}, record "
        f"{referral.case.number}. If it is this one, leave this row out; if not, write “{old.urn} old”.",
    )


# --- bringing in ---------------------------------------------------------------------------------


class Bringing:
    """One log whose rows are brought in, piece by piece."""

    def __init__(self, log: OldLog) -> None:
        self.log = log
        self.by: Any = log.asked_by
        self.today = clock.today()
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
        except DatabaseError as wrong:
            if connection.connection is None or connection.connection.closed:
                raise
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
        in_cait = logged_in_cait(self.log.team, {old.number for old in olds if old.number})
        become: list[tuple[int, str, int | None, str]] = []
        fit: list[tuple[int, int, OldReferral]] = []
        for pk, number, checked in read:
            old = checked.referral
            if old is None:
                become.append((pk, RowState.FLAWED, None, _json(as_mapping(checked.wrong))))
            elif old.key in here:
                become.append((pk, RowState.HERE, here[old.key], "[]"))
            elif old.number in in_cait:
                wrong = as_mapping([taken_in_cait(old, in_cait[old.number])])
                become.append((pk, RowState.FLAWED, None, _json(wrong)))
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
        return check_row(said, [tuple(each) for each in notes], today=self.today, where=where)

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

    def _put_aside(self, pk: int, wrong: DatabaseError) -> None:
        logger.error("Row %s of an old log cannot be brought in: %s", pk, type(wrong).__name__)
        sentence = (
            "CAIT could not take this row in. Tell your CAIT administrator; the other rows are not held up by it."
        )
        with transaction.atomic():
            log = OldLog.objects.select_for_update(of=("self",)).only("pk", "done").get(pk=self.log.pk)
            self._become([(pk, RowState.FLAWED, None, _json(as_mapping([Wrong("", "", sentence)])))])
            log.done += 1
            log.save(update_fields=["done"])

    def _end(self) -> None:
        with transaction.atomic():
            log = OldLog.objects.select_for_update(of=("self",)).get(pk=self.log.pk)
            log.state, log.done_at, log.content = State.DONE, clock.moment(), None
            log.save()


def work_on_now(log: OldLog) -> OldLog:
    """Read, or go on with, one log here and now, for a command. Raises RuntimeError where a worker has it."""
    work_on(log.pk)
    log = OldLog.objects.select_related("team").get(pk=log.pk)
    if log.state in AT_WORK:
        raise RuntimeError("A worker has this log just now.")
    return log
