"""The referral log as an Excel workbook, marked on every page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from io import BytesIO
from typing import Any

from django.conf import settings
from openpyxl import Workbook

from pages.words import moment
from pages.workbooks import when, words
from referrals.enums import Progress
from referrals.models import Referral
from referrals.restricted import KeptBack

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


def in_order(referrals: Iterable[Referral], kept: Iterable[KeptBack]) -> Iterator[Referral | KeptBack]:
    """Some referrals, the latest received first, with those that are kept back among them."""
    return merge(referrals, kept, key=_place, reverse=True)


def _place(row: Referral | KeptBack) -> tuple[datetime, int]:
    referral = row.referral if isinstance(row, KeptBack) else row
    return referral.received_at, referral.pk


def workbook(rows: Iterable[Referral | KeptBack], *, by: Any, at: datetime, narrowed: str) -> bytes:
    """The bytes of an .xlsx with one row for each referral: of one that is kept back, its URN, when it was received
    and whom to ask, so that no URN is missing. Every cell of words is words, whatever it begins with."""
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
    sheet.append([words(sheet, settings.PROTECTIVE_MARKING, bold=True)])
    sheet.append([words(sheet, f"Referral log{narrowed}. Downloaded by {by}, {moment(at)}.")])
    sheet.append([words(sheet, heading, bold=True) for heading, _ in HEADINGS])
    for row in rows:
        sheet.append(_kept_back(sheet, row) if isinstance(row, KeptBack) else _cells(sheet, row))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _kept_back(sheet: Any, row: KeptBack) -> list[Any]:
    cells = [None] * len(HEADINGS)
    cells[0], cells[2] = words(sheet, row.referral.urn), when(sheet, row.referral.received_at)
    cells[6] = words(sheet, f"Restricted: ask {row.ask}")
    return cells


def _cells(sheet: Any, referral: Referral) -> list[Any]:
    confirmation = "outstanding" if referral.needs_confirmation else "received" if referral.confirmed_at else ""
    confirmation = "" if referral.is_gone else confirmation
    decided = referral.progress == Progress.DECIDED and not referral.is_gone
    return [
        words(sheet, referral.urn),
        words(sheet, referral.case.number),
        when(sheet, referral.received_at),
        words(sheet, referral.get_method_display()),
        words(sheet, referral.source_shown),
        words(sheet, "" if referral.protected else referral.caller),
        words(sheet, "; ".join(referral.children_as_given) or f"none named: {referral.no_child_because}"),
        words(sheet, referral.category_words()),
        words(sheet, "yes" if referral.urgent else "no"),
        words(sheet, "Transferred" if referral.is_gone else referral.get_progress_display()),
        words(sheet, referral.get_decision_display() if decided else ""),
        words(sheet, confirmation),
        words(sheet, referral.circumstances, wrap=True),
        words(sheet, str(referral.logged_by)),
        when(sheet, referral.logged_at),
    ]
