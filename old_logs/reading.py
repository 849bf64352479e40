"""Reading an old log: every row that is not blank is checked and written down, with what becomes of it."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from deadlines import clock
from old_logs.enums import RowState, State
from old_logs.headings import LOOKED_AT, Sheet, columns_of, find_heading
from old_logs.models import OldLog, OldRow
from old_logs.odd_rows import ANOTHER_CHILD, Columns, is_alone, is_period, odd
from old_logs.queries import here_already, logged_in_cait, remembered, rows_of
from old_logs.rows import check_row, number_of
from old_logs.said import (
    OldReferral,
    Wrong,
    as_mapping,
    is_heading_again,
    is_total,
    repeat_above,
    said_by,
    shown,
)
from pages.words import day, moment
from referrals.enums import DecisionKind
from team.history import add_many

logger = logging.getLogger(__name__)
# So many rows are read in one transaction.
READ_AT_A_TIME = 2000
# And so many characters, however few rows they are.
HEAVY = 10_000_000
MOST_ROWS = 300_000


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
                    if "\\u0000" in line:
                        said = _without_nul(said)
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


def _without_nul(said: Any) -> Any:
    """PostgreSQL holds no NUL."""
    if isinstance(said, str):
        return said.replace("\0", " ")
    if isinstance(said, list):
        return [_without_nul(each) for each in said]
    return {name: _without_nul(each) for name, each in said.items()} if isinstance(said, dict) else said


class Reading:
    """One log, read from the beginning: every row that is not blank becomes an OldRow."""

    def __init__(self, log: OldLog) -> None:
        self.log = log
        self.now, self.today = clock.now(), clock.today()
        self.remembered = remembered(log.team) | log.chosen
        self.sheets: list[Sheet] = []
        self.columns: list[Any] = []
        self.because_of: Columns
        self.known: frozenset[str] = frozenset()
        self.above: list[str] = []
        self.waiting: list[Waiting] = []
        self.weight = 0
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
        except (OperationalError, InterfaceError, OSError):
            raise  # of the machine, not of the file: it is tried again
        except Exception as wrong:  # whatever the file holds, its log does not stand still for ever
            logger.error("An old log cannot be read: %s", type(wrong).__name__)
            OldRow.objects.filter(log=self.log).delete()
            state, why = State.REFUSED, "CAIT could not read this file. Tell your CAIT administrator."
        with transaction.atomic():
            log = OldLog.objects.select_for_update(of=("self",)).defer("content").get(pk=self.log.pk)
            if log.state != State.READING:
                return
            log.state, log.refused_why = state, why
            log.sheets = [asdict(sheet) for sheet in self.sheets]
            log.highest, log.done, log.of = self.highest, self.count, self.count
            log.save(update_fields=["state", "refused_why", "sheets", "highest", "done", "of"])

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
            if len(sheet.first) < LOOKED_AT:
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
        sheet.columns = [str(says) for says in self.columns]
        self.because_of = Columns(sheet, self.columns, self.remembered)
        self.known = frozenset(filter(None, sheet.headings))
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
        elif number <= sheet.heading or not sheet.heading or self._is_between(cells):
            self._add(place, number, RowState.NO_REFERRAL, cells=cells)
        else:
            self._check(place, number, cells)
        self.weight += sum(map(len, cells))
        if len(self.waiting) >= READ_AT_A_TIME or self.weight > HEAVY:
            self._keep()

    def _is_between(self, cells: list[str]) -> bool:
        """A total, a month, or the heading once more."""
        again = not self.known.isdisjoint(cells) and is_heading_again(cells, self.sheets[-1])
        return again or is_total(cells) or is_period(cells)

    def _check(self, place: int, number: int, cells: list[str]) -> None:
        sheet = self.sheets[place]
        missing = repeat_above(cells, self.above)
        if not is_alone(cells):  # a note between two rows takes nothing away from "as above"
            self.above = cells
        said, notes = said_by(cells, self.columns, sheet.headings)
        if other := odd(cells, said):
            self._flawed(place, number, said, notes, cells, [other])
            return
        where = f"{sheet.shown}, row {number}" if sheet.name else f"row {number}"
        checked = check_row(said, notes, today=self.today, now=self.now)
        checked.wrong = self.because_of.in_these_words(checked.wrong) + self.because_of.wrong(cells)
        checked.remarks += self.because_of.remarks(cells)
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
                f"This URN is used twice: in {before} too. If this is another child of that referral, "
                f"{ANOTHER_CHILD} If not, find out which is right, and give the other its own."
            )
            checked.wrong.append(Wrong("urn", said["urn"], sentence))
        if checked.wrong or checked.referral is None:
            self._flawed(place, number, said, notes, cells, checked.wrong)
            return
        self._add(
            place, number, RowState.READY, said=said, notes=notes, remarks=checked.remarks, old=checked.referral
        )

    def _flawed(self, place: int, number: int, said: Any, notes: Any, cells: list[str], wrong: list[Wrong]) -> None:
        self._add(place, number, RowState.FLAWED, said=said, notes=notes, cells=cells, wrong=wrong)

    def _add(self, place: int, number: int, state: RowState, **parts: Any) -> None:
        self.waiting.append(Waiting(place, number, state, **parts))

    def _keep(self) -> None:
        """What was read since is written down in its order, with how far it came."""
        self._compare()
        with transaction.atomic():
            add_many(OldRow, COLUMNS, [each.as_row(self.log.pk) for each in self.waiting])
            log = OldLog.objects.select_for_update(of=("self",)).only("pk", "done", "of").get(pk=self.log.pk)
            log.done, log.of = self.count, max(self.of, self.count)
            log.save(update_fields=["done", "of"])
        self.waiting, self.weight = [], 0

    def _compare(self) -> None:
        """Which of the rows that say enough are here already, by their URN, and say the same still."""
        olds = [each.old for each in self.waiting if each.old]
        here = here_already(self.log.team, (old.key for old in olds))
        before = rows_of(here.values()) if here else {}
        in_cait = logged_in_cait(self.log.team, {old.number for old in olds if old.number and old.key not in here})
        for each in self.waiting:
            old = each.old
            if old is None:
                # It goes back to be mended: until it comes again nobody else gets its number.
                self._goes_up_to(number_of(each.said.get("urn", ""), self.today))
                continue
            each.digest = digest_of(each.said)
            referral = here.get(old.key)
            if referral:
                kept = before.get(referral)
                each.referral = referral
                each.become(
                    RowState.HERE, differences(each.said, kept) if kept and kept.digest != each.digest else []
                )
            elif old.number in in_cait:
                each.become(RowState.FLAWED, [taken_in_cait(old, in_cait[old.number])])
            else:
                self._goes_up_to(number_of(old.urn, self.today))  # also where the year is not the referral's own

    def _goes_up_to(self, number: tuple[int, int] | None) -> None:
        if number:
            year, serial = number
            self.highest[str(year)] = max(self.highest.get(str(year), 0), serial)


@dataclass(slots=True)
class Waiting:
    """A row that was read and is not written down yet; fields as of OldRow. `old`: of one that says enough."""

    place: int
    number: int
    state: RowState
    said: dict[str, str] = field(default_factory=dict)
    notes: Sequence[Any] = ()
    cells: Sequence[str] = ()
    wrong: Sequence[Wrong] = ()
    remarks: Sequence[Wrong] = ()
    old: OldReferral | None = None
    digest: str = ""
    referral: int | None = None

    @property
    def is_to_be_asked_about(self) -> bool:
        """Whether Social Services owe an update about it."""
        old = self.old
        return bool(old and old.decision == DecisionKind.SOCIAL_SERVICES and old.answered_at is None)

    def become(self, state: RowState, wrong: Sequence[Wrong]) -> None:
        """What it turns out to be; with something wrong it goes back to a person."""
        self.state, self.wrong = (RowState.FLAWED if wrong else state), wrong

    def as_row(self, log: int) -> tuple[Any, ...]:
        """As COLUMNS wants it."""
        return (
            *(log, self.place, self.number, self.state),
            *(to_json(self.said) if self.said else "{}", to_json(self.notes) if self.notes else "[]"),
            *(to_json(self.cells) if self.cells else "[]", to_json(as_mapping(self.wrong)) if self.wrong else "[]"),
            to_json(as_mapping(self.remarks)) if self.remarks else "[]",
            *(self.digest, self.referral, self.is_to_be_asked_about),
        )


COLUMNS = (
    *("log_id", "sheet", "number", "state", "said", "notes", "cells", "wrong", "remarks", "digest", "referral_id"),
    "owed",
)
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(value: Any) -> str:
    """As COPY takes it."""
    return _dumps(value)


def digest_of(said: dict[str, str]) -> str:
    """By it two rows are seen to say the same, whatever stands in columns that are kept as notes."""
    text = "\0".join(f"{says}={said[says]}" for says in sorted(said))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


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
    """The URN was given in CAIT: to a referral that was logged there, and may be the same one, kept in both; or to
    one of an old log whose own could not be taken over."""
    if referral.old_urn:
        sentence = (
            f"CAIT gave {referral.urn} to the referral that an old log calls “{referral.old_urn}”, record "
            f"{referral.case.number}. If it is this one, leave this row out; if not, write “{old.urn} old”."
        )
        return Wrong("urn", old.urn, sentence)
    return Wrong(
        "urn",
        old.urn,
        f"{referral.logged_by} logged a referral {referral.urn} in CAIT on {moment(referral.logged_at)}, record "
        f"{referral.case.number}. If it is this one, leave this row out; if not, write “{old.urn} old”.",
    )
