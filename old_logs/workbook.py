"""The rows of an old log that need a person, as a workbook: to be put right and sent again."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

from django.conf import settings
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from deadlines import clock
from old_logs.enums import RowState, Says
from old_logs.headings import Sheet
from old_logs.models import OldLog, OldRow
from old_logs.restricted import ask_about
from pages.words import moment
from pages.workbooks import words
from team.models import User

# As `headings.CALLED` knows them: when the workbook is sent again, these two columns are left out.
WHERE, WHAT = "Row in the old log", "What to put right"
MARKED = PatternFill("solid", fgColor="FFDD00")
_DATE = re.compile(r"^(\d{4})-(\d\d)-(\d\d)$", re.A)


def workbook_of(log: OldLog, *, by: User) -> bytes:
    """The bytes of an .xlsx: each sheet of the log with the rows that need a person, under its own headings, what is
    wrong in front, and the cells marked. Every cell is words or a date, whatever it begins with. Of a row whose
    record is restricted whoever is not named reads whom to ask."""
    book = Workbook(write_only=True)
    flawed = OldRow.objects.filter(log=log, state=RowState.FLAWED).order_by("sheet", "number")
    ask = ask_about(flawed, user=by)
    at = clock.now()
    for number, each in enumerate(log.sheets):
        rows = list(flawed.filter(sheet=number))
        if rows:
            _write(book, Sheet(**each), rows, log, f"Downloaded by {by}, {moment(at)}.", ask)
    if not book.worksheets:
        sheet = book.create_sheet("Nothing to put right")
        sheet.append([words(sheet, settings.PROTECTIVE_MARKING, bold=True)])
        sheet.append([words(sheet, f"No row of {log.name} needs a person.")])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _write(book: Any, of: Sheet, rows: list[OldRow], log: OldLog, who: str, ask: dict[int, str]) -> None:
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", of.name)[:31] or "Log")
    columns = [Says(says) for says in of.columns]
    cells_by_row = [[] if row.referral_id in ask else cells_of(row, of, columns) for row in rows]
    width = max(len(of.headings), *map(len, cells_by_row))
    headings = [WHERE, WHAT, *of.headings, *[""] * (width - len(of.headings))]
    for column, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(column)].width = 60 if heading == WHAT else 18
    sheet.freeze_panes = "C4"
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = settings.PROTECTIVE_MARKING
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
    sheet.append([words(sheet, settings.PROTECTIVE_MARKING, bold=True)])
    title = f"Rows of {log.name} that need a person. Put them right here, and choose this workbook in CAIT. {who}"
    sheet.append([words(sheet, title)])
    sheet.append([words(sheet, heading, bold=True) for heading in headings])
    for row, cells in zip(rows, cells_by_row, strict=True):
        kept = ask.get(row.referral_id or 0)
        what = kept or " ".join(_about(wrong, of, columns) for wrong in row.wrong)
        marked = set() if kept else {str(wrong["says"]) for wrong in row.wrong}
        cells += [""] * (width - len(cells))
        sheet.append(
            [
                words(sheet, str(row.number)),
                words(sheet, what, wrap=True),
                *(
                    _cell(sheet, text, columns[at : at + 1] and columns[at] in marked)
                    for at, text in enumerate(cells)
                ),
            ]
        )


def cells_of(row: OldRow, of: Sheet, columns: list[Says]) -> list[str]:
    """The cells of a row in their places. Of one that could be brought in at first they are put together again."""
    if row.cells:
        return list(row.cells)
    notes = [(heading, text) for heading, text in row.notes]
    cells = []
    for heading, says in zip(of.headings, columns, strict=True):
        if says != Says.NOTE:
            cells.append(row.said.get(says, ""))
            continue
        found = next((note for note in notes if note[0] == heading), None)
        if found:
            notes.remove(found)
        cells.append(found[1] if found else "")
    return [*cells, *(text for _, text in notes)]


def _about(wrong: dict[str, str], of: Sheet, columns: list[Says]) -> str:
    """What is wrong, after the heading of the column that it is about."""
    heading = next((of.headings[at] for at, says in enumerate(columns) if says == wrong["says"]), "")
    return f"{heading}: {wrong['wrong']}" if heading else wrong["wrong"]


def _cell(sheet: Any, text: str, marked: Any) -> Any:
    cell = words(sheet, text)
    if found := _DATE.match(text):
        try:
            cell = WriteOnlyCell(sheet, value=date(int(found[1]), int(found[2]), int(found[3])))
            cell.number_format = "dd/mm/yyyy"
        except ValueError:
            pass  # it only looks like one
    if marked:
        cell.fill = MARKED
    return cell
