"""The referral log as an Excel workbook, marked on every page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from deadlines.clock import LONDON, utc
from pages.words import moment
from referrals.enums import Progress
from referrals.models import Referral

HEADINGS = (
    ("URN", 10),
    ("Record", 16),
    ("Received", 17),
    ("How", 14),
    ("Source", 22),
    ("Caller", 34),
    ("Children, with ages then", 40),
    ("Kind of harm", 22),
    ("Urgent", 8),
    ("State", 12),
    ("Decision", 28),
    ("Written confirmation", 20),
    ("What happened", 70),
    ("Logged by", 24),
    ("Logged", 17),
)
# What no cell can hold: openpyxl refuses most of it, and writes the last two into a file that cannot be opened.
NO_CELL = re.compile(f"{ILLEGAL_CHARACTERS_RE.pattern}|[\ufffe\uffff]")


def workbook(referrals: Iterable[Referral], *, by: Any, at: datetime, narrowed: str) -> bytes:
    """The bytes of an .xlsx with one row for each referral. Every cell of words is words, whatever it begins with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Referral log")
    for column, (_, width) in enumerate(HEADINGS):
        sheet.column_dimensions[chr(ord("A") + column)].width = width
    sheet.freeze_panes = "A4"
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = settings.PROTECTIVE_MARKING
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
    sheet.append([_words(sheet, settings.PROTECTIVE_MARKING, bold=True)])
    sheet.append([_words(sheet, f"Referral log{narrowed}. Downloaded by {by}, {moment(at)}.")])
    sheet.append([_words(sheet, heading, bold=True) for heading, _ in HEADINGS])
    for referral in referrals:
        sheet.append(_cells(sheet, referral))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _cells(sheet: Any, referral: Referral) -> list[Any]:
    confirmation = "outstanding" if referral.needs_confirmation else "received" if referral.confirmed_at else ""
    return [
        _words(sheet, referral.urn),
        _words(sheet, referral.case.number),
        _moment(sheet, referral.received_at),
        _words(sheet, referral.get_method_display()),
        _words(sheet, referral.source_shown),
        _words(sheet, "" if referral.protected else referral.caller),
        _words(sheet, "; ".join(referral.children_as_given) or f"none named: {referral.no_child_because}"),
        _words(sheet, referral.category_words()),
        _words(sheet, "yes" if referral.urgent else "no"),
        _words(sheet, referral.get_progress_display()),
        _words(sheet, referral.get_decision_display() if referral.progress == Progress.DECIDED else ""),
        _words(sheet, confirmation),
        _words(sheet, referral.circumstances, wrap=True),
        _words(sheet, str(referral.logged_by)),
        _moment(sheet, referral.logged_at),
    ]


def _words(sheet: Any, text: str, *, bold: bool = False, wrap: bool = False) -> Any:
    """A cell of words: one that begins with "=" is no formula, and characters that a workbook cannot hold go."""
    cell = WriteOnlyCell(sheet, value=NO_CELL.sub("", text)[:32_767])
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    if wrap:
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _moment(sheet: Any, when: datetime) -> Any:
    """A cell with a London date and time: a workbook knows no zones."""
    cell = WriteOnlyCell(sheet, value=utc(when).astimezone(LONDON).replace(tzinfo=None, second=0, microsecond=0))
    cell.number_format = "dd/mm/yyyy hh:mm"
    return cell
