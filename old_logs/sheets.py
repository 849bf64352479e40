"""Takes a spreadsheet apart, in a process of its own: `python -m old_logs.sheets FILE`.

What somebody sends may be damaged, or made to harm. Here it can take no more memory or time than it is given, and if
it breaks what reads it, the worker goes on. Nothing of CAIT is imported. On the standard output, a line of JSON each:

    {"sheet": "Jul-Sep 2009", "hidden": false, "rows": 209}   the rows that follow are of this sheet, at most so many
    [5, ["0001/09", "2009-07-01", "17:39", …]]   the number of a row and its cells, all of them text
    {"refused": "This is a PDF …"}               why the file cannot be read, in words for whoever sent it
    {"end": true}                                all of it was read

Dates are written 2009-07-01, times 17:39. Blank rows are left out, and cells after the last that is not blank. A cell
with a formula gives what Excel worked out; one that was never worked out gives the formula, as words, and what went
wrong Excel's word for it, like #REF!.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
import resource
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

# A log of 100,000 rows takes a fifth of it; and a minute is long for one.
MOST_MEMORY, MOST_SECONDS = 3_000_000_000, 90
MOST_UNPACKED, MOST_PARTS = 400_000_000, 5_000
# A sheet's XML packs to a tenth or a thirtieth. What packs much better is made to fill a machine.
MOST_TIMES, SMALL = 100, 20_000_000
# Excel's own limit is 32,767; and a log has twenty columns.
LONGEST_CELL, MOST_COLUMNS = 100_000, 1_000

TOO_MUCH = (
    f"The cells of the file hold more than {MOST_UNPACKED // 1_000_000} million characters, as no log does. Copy the "
    "log alone into a new workbook in Excel, and choose that."
)
AGAIN = "Open it in Excel, save it as an Excel workbook (.xlsx), and choose that."
PASSWORD = f"The workbook needs a password. Save a copy without one. {AGAIN}"


class Refused(Exception):
    """The file cannot be read; the message is the sentence for whoever sent it."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    # Whatever language the machine speaks.
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
    try:
        for line in lines_of(Path(sys.argv[1])):
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        out.write('{"end":true}\n')
    except Refused as why:
        out.write(json.dumps({"refused": str(why)}, ensure_ascii=False) + "\n")
    out.flush()


def lines_of(file: Path) -> Iterator[Any]:
    """Each sheet and row of a file, by what it is and not by what it is called. Raises Refused."""
    characters = 0
    for line in _lines_of(file):
        if isinstance(line, list):
            number, cells = line
            characters += sum(map(len, cells))
            if characters > MOST_UNPACKED:  # one long text may stand in a thousand cells, and be packed once
                raise Refused(TOO_MUCH)
            if len(cells) > MOST_COLUMNS:
                raise Refused(f"Row {number} has {len(cells):,} columns, as no log does. {AGAIN}")
            if max(map(len, cells), default=0) > LONGEST_CELL:
                raise Refused(
                    f"A cell of row {number} is longer than {LONGEST_CELL:,} characters. Shorten it. {AGAIN}"
                )
        yield line


def _lines_of(file: Path) -> Iterator[Any]:
    with file.open("rb") as opened:
        head = opened.read(8)
    if not head:
        raise Refused("The file is empty. Choose the file again; if it is still empty, ask for another copy.")
    if head.startswith(b"PK\x03\x04"):
        yield from _workbook(file, check_packed(file))
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        yield from _workbook(file, Besides())
    elif kind := _told_by(head):
        raise Refused(f"This is {kind}, whatever it is called. {AGAIN}")
    else:
        yield from _text(file.read_bytes())


def _told_by(head: bytes) -> str:
    kinds = {
        b"%PDF": "a PDF",
        b"MZ": "a program",
        b"\x7fELF": "a program",
        b"\x89PNG": "a picture",
        b"\xff\xd8\xff": "a picture",
        b"GIF8": "a picture",
        b"{\\rtf": "a text document",
        b"Rar!": "a packed archive",
        b"7z\xbc\xaf": "a packed archive",
        b"\x1f\x8b": "a packed archive",
        b"PK": "a packed archive",
    }
    return next((words for begins, words in kinds.items() if head.startswith(begins)), "")


# --- workbooks -----------------------------------------------------------------------------------

# A formula that was never worked out: its cell ends, or the value is empty. One that came to no words at all, like
# =IF(A2="","",A2), is of a cell that says that it holds words.
_BARE = re.compile(
    rb"""<(?:\w+:)?c\b(?![^<>]*\bt=["']str["'])[^<>]*>\s*"""
    rb"<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
# A formula is not longer than 8,192 characters, some of them written as &quot;.
CHUNK, OVERLAP = 1 << 20, 20_000


# What zipfile raises about a file that is not whole, or was tampered with.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError),
    *(NotImplementedError, RuntimeError),
)


class Besides(NamedTuple):
    """What a workbook holds besides its values: formulas that were never worked out, and some that went wrong.
    `is_packed`: it is one of those that are, as all since 2007."""

    formulas: bool = False
    errors: bool = False
    is_packed: bool = False


def check_packed(file: Path) -> Besides:
    """What a packed workbook holds besides its values.

    Raises Refused where it is no workbook, or would fill the machine: each part is unpacked once, piece by piece, and
    the size that it says it has is not believed.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            names = [part.filename for part in parts]
            if not any(name in names for name in ("xl/workbook.xml", "xl/workbook.bin", "content.xml")):
                kind = "a Word document" if "word/document.xml" in names else "a packed archive"
                raise Refused(f"This is {kind}, whatever it is called. {AGAIN}")
            if any(part.flag_bits & 1 for part in parts):
                raise Refused(PASSWORD)
            unpacked, most = 0, min(max(SMALL, MOST_TIMES * file.stat().st_size), MOST_UNPACKED)
            if len(parts) > MOST_PARTS or len(names) != len(set(names)):
                raise Refused(f"The workbook is not built as Excel builds one. {AGAIN}")
            formulas = errors = False
            for part in parts:
                with packed.open(part) as opened:
                    before = b""
                    while piece := opened.read(CHUNK):
                        unpacked += len(piece)
                        if unpacked > most:
                            raise Refused(
                                f"The workbook unpacks to more than {most // 1_000_000} million characters, as no "
                                "log does: it was not opened. Copy its cells into a new workbook in Excel, and "
                                "choose that."
                            )
                        if part.filename.startswith("xl/worksheets/"):
                            xml = before + piece
                            formulas = formulas or bool(_BARE.search(xml))
                            errors = errors or b't="e"' in xml
                            before = xml[-OVERLAP:]
            return Besides(formulas, errors, is_packed=True)
    except _DAMAGED as wrong:
        raise Refused(f"The workbook is damaged: not all of it is there. {AGAIN}") from wrong


def _workbook(file: Path, besides: Besides) -> Iterator[Any]:
    import python_calamine as calamine

    from old_logs.comments import comments_of

    try:
        book = calamine.CalamineWorkbook.from_path(str(file))
        of = list(book.sheets_metadata)
    except calamine.PasswordError as wrong:
        raise Refused(PASSWORD) from wrong
    except (calamine.CalamineError, ValueError, OSError) as wrong:
        raise Refused(
            PASSWORD if _is_locked(file) else f"The file cannot be opened as a spreadsheet. {AGAIN}"
        ) from wrong
    waiting_in = _formulas_and_errors(file, besides)
    try:
        comments_in = comments_of(file) if besides.is_packed else {}
    except (SyntaxError, KeyError, *_DAMAGED) as wrong:
        raise Refused(f"The comments on its cells cannot be read. Delete them. {AGAIN}") from wrong
    for number, sheet_is in enumerate(of):
        if sheet_is.typ not in (calamine.SheetTypeEnum.WorkSheet, calamine.SheetTypeEnum.MacroSheet):
            continue
        try:
            sheet = book.get_sheet_by_index(number)
        except calamine.CalamineError as wrong:
            raise Refused(f"The sheet “{sheet_is.name}” cannot be read. {AGAIN}") from wrong
        hidden = sheet_is.visible != calamine.SheetVisibleEnum.Visible
        yield {"sheet": sheet_is.name, "hidden": hidden, "rows": sheet.total_height}
        waiting = waiting_in.get(sheet_is.name, {})
        for row, comments in comments_in.get(sheet_is.name, {}).items():  # behind the last column
            behind = dict(enumerate(comments, sheet.end[1] + 1 if sheet.end else 0))
            waiting.setdefault(row, {}).update(behind)
        # The rows come from the first of the sheet on, the cells of each from the first column in which something is.
        before = [""] * (sheet.start or (0, 0))[1]
        for at, cells in enumerate(sheet.iter_rows(), 1):
            texts = before + [each.strip() if type(each) is str else words_of(each) for each in cells]
            if own := waiting.pop(at, None):
                _fill(texts, own)
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield [at, texts]
        for at in sorted(waiting):  # below whatever else is in the sheet
            texts = []
            _fill(texts, waiting[at])
            yield [at, texts]


def _is_locked(file: Path) -> bool:
    """Whether it needs a password, which is told only of a file whose name ends as its kind does."""
    import python_calamine as calamine

    with tempfile.TemporaryDirectory(prefix="cait-old-log-") as folder:
        for end in ("xlsx", "xls", "ods"):
            named = Path(folder, f"log.{end}")
            named.symlink_to(file.resolve())
            try:
                calamine.CalamineWorkbook.from_path(str(named))
            except calamine.PasswordError:
                return True
            except (calamine.CalamineError, ValueError, OSError):
                continue
    return False


def _fill(texts: list[str], formulas: dict[int, str]) -> None:
    for column, formula in formulas.items():
        texts.extend([""] * (column + 1 - len(texts)))
        if not texts[column]:
            texts[column] = formula


def _formulas_and_errors(file: Path, besides: Besides) -> dict[str, dict[int, dict[int, str]]]:
    """The formulas and errors of each sheet by row and column, from 1 and from 0: slowly, and only where there are
    some, for what reads the values does not give them."""
    found: dict[str, dict[int, dict[int, str]]] = {}
    for kind in "f" * besides.formulas + "e" * besides.errors:
        _find(file, kind, found)
    return found


def _find(file: Path, kind: str, found: dict[str, dict[int, dict[int, str]]]) -> None:
    import openpyxl

    try:
        with file.open("rb") as opened:  # a name that does not end in .xlsx is refused
            for sheet in openpyxl.load_workbook(opened, read_only=True, data_only=kind == "e").worksheets:
                sheet.reset_dimensions()  # what a sheet says of its size may be wrong
                rows = found.setdefault(sheet.title, {})
                for row in sheet.iter_rows():
                    for cell in row:
                        value = cell.value
                        if cell.data_type == kind and value is not None:
                            rows.setdefault(cell.row, {})[cell.column - 1] = str(getattr(value, "text", value))
    except Exception as wrong:  # whatever openpyxl makes of a workbook that another program wrote
        raise Refused(f"The workbook has formulas that went wrong or were never worked out. {AGAIN}") from wrong


def words_of(value: Any) -> str:
    """What stands in a cell, as text."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" if (value.hour, value.minute) != (0, 0) else f"{value:%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return "" if value is None else str(value).strip()


# --- text ----------------------------------------------------------------------------------------


def decoded(content: bytes) -> str:
    """The text of a CSV file: UTF-8 or UTF-16, or Windows-1252, in which Excel writes one in this country. Raises
    Refused for what is no text."""
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    encoding = next((each for mark, each in marks.items() if content.startswith(mark)), "")
    if not encoding and content[:2000].count(0) * 3 > len(
        content[:2000]
    ):  # Latin letters in UTF-16 have a zero byte each
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    if encoding.startswith("utf-16"):
        text = content.decode(encoding, errors="replace")
    else:
        text = "".join(map(_line_decoded, content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)))
    text = text.rstrip("\x1a")  # with which older systems end a file
    odd = sum(1 for each in text[:20_000] if each < " " and each not in "\t\r\n\f\v")
    if "\0" in text[:20_000] or odd > len(text) // 200:
        raise Refused(f"This is no spreadsheet, whatever it is called. {AGAIN}")
    if re.match(r"\s*(<[!?a-z]|MIME-Version:)", text, re.I):
        raise Refused(f"This is a web page or XML, which some systems call an Excel file. {AGAIN}")
    return text


def _line_decoded(line: bytes) -> str:
    """One line, for a file that was put together from two may have both; what is no letter in either is “�”."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _text(content: bytes) -> Iterator[Any]:
    text = decoded(content)
    if not text.strip():
        raise Refused("The file is empty. Choose the file again; if it is still empty, ask for another copy.")
    csv.field_size_limit(LONGEST_CELL)
    yield {"sheet": "", "hidden": False, "rows": text.count("\n") + 1}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), skipinitialspace=True, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            texts = [each.strip() for each in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield [number, texts]
    except csv.Error as wrong:
        if "field limit" in str(wrong) and '"' not in text:
            why = f"a cell there is longer than {LONGEST_CELL:,} characters"
        else:
            why = "a quotation mark there opens a cell and is not closed as it should be"
        raise Refused(
            f"The file cannot be read after row {number}: {why}. Nothing of it was taken. {AGAIN}"
        ) from wrong


def _delimiter(text: str) -> str:
    """What stands between the cells: whatever is there most evenly in the first rows."""
    rows = [row for row in text.splitlines()[:60] if row.strip()]
    return max(",;\t|", key=lambda each: (sum(1 for row in rows if row.count(each) >= 2), text[:20_000].count(each)))


if __name__ == "__main__":
    main()
