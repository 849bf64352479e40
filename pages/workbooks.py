"""Cells of the workbooks that people download: none is ever a live formula."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from deadlines.clock import LONDON, utc

# What no cell can hold: openpyxl refuses most of it, and writes the last two into a file that cannot be opened.
NO_CELL = re.compile(f"{ILLEGAL_CHARACTERS_RE.pattern}|[\ufffe\uffff]")
LONGEST_CELL = 32_767


def words(sheet: Any, text: str, *, bold: bool = False, wrap: bool = False) -> Any:
    """A cell of words: one that begins with "=" is no formula, and characters that a workbook cannot hold go."""
    cell = WriteOnlyCell(sheet, value=NO_CELL.sub("", text)[:LONGEST_CELL])
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    if wrap:
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def when(sheet: Any, at: datetime) -> Any:
    """A cell with a London date and time: a workbook knows no zones."""
    cell = WriteOnlyCell(sheet, value=utc(at).astimezone(LONDON).replace(tzinfo=None, second=0, microsecond=0))
    cell.number_format = "dd/mm/yyyy hh:mm"
    return cell
