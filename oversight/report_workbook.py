"""A monthly report as an Excel workbook, marked on every page: what a manager works on with. No cell is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from oversight.dashboards import LONGER, Figure, month_words
from oversight.enums import Shape
from oversight.models import MonthlyReport
from oversight.report_frozen import Frozen, Printed, frozen_in, frozen_of_now, now_on, recount_of
from oversight.reporting import title_of
from oversight.templatetags.figures import took
from pages.words import day, moment
from pages.workbooks import words
from team.models import User

Headings = Sequence[tuple[str, int]]


def workbook(report: MonthlyReport, *, by: User, at: datetime) -> bytes:
    """The bytes of an .xlsx: the figures, their parts, what was so on the day, thirteen months of each, and what each
    counts."""
    book = Workbook(write_only=True)
    frozen = frozen_in(report)
    said = (
        f"Signed by {report.signer_words}, {moment(report.signed_at)}"
        if report.is_signed and report.signed_at
        else "Draft, not signed"
    )
    if recount := recount_of(report):
        said += f". Counted again by {recount.by}, {moment(recount.again)}"
    left_out = f" {said_of}" if (said_of := report.kept.get("left_out")) else ""
    head = f"{title_of(report)}. {said}.{left_out} Downloaded by {by}, {moment(at)}."
    of_now, on = frozen_of_now(report), now_on(report)
    sheets: list[tuple[str, Headings, Iterable[Sequence[Any]]]] = [
        ("Figures", _figures_headings(frozen), _figures(frozen)),
        ("By part", PARTS, _parts(frozen)),
        ("Thirteen months", _months_headings(frozen), _months(frozen)),
        ("Definitions", DEFINITIONS, _definitions([*frozen, *of_now])),
    ]
    if on:
        sheets.insert(2, (f"As at {day(on)}", PARTS, _of_now(of_now)))
    for name, headings, rows in sheets:
        _sheet(book, name, head, headings, rows)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet(book: Workbook, name: str, head: str, headings: Headings, rows: Iterable[Sequence[Any]]) -> None:
    sheet: Any = book.create_sheet(name)
    for column, (_, width) in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C4"
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = settings.PROTECTIVE_MARKING
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
    sheet.append([words(sheet, settings.PROTECTIVE_MARKING, bold=True)])
    sheet.append([words(sheet, head)])
    sheet.append([words(sheet, heading, bold=True) for heading, _ in headings])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any) -> Any:
    """Numbers are numbers, a share is one that is shown per cent, and whatever else there is are words."""
    if value is None:
        return None
    if isinstance(value, float):
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = "0%"
        return cell
    return value if isinstance(value, int) else words(sheet, str(value), wrap=True)


def _share(figure: Figure) -> float | None:
    """Of a share, where there were enough to say so; as it was printed: rounded down, for 94.9 per cent is not 95."""
    if not isinstance(figure, Printed) or not figure.in_per_cent:
        return None
    return int(figure.words.removesuffix("%")) / 100


def _of(figure: Figure) -> int | None:
    return figure.of if figure.is_share else None


# --- the sheets ----------------------------------------------------------------------------------


def _figures_headings(frozen: Sequence[Frozen]) -> Headings:
    month, before, year_before = (
        (month_words(each.month) if each.month else "" for each in (first.figure, first.before, first.year_before))
        if (first := frozen[0] if frozen else None)
        else ("", "", "")
    )
    return (
        *(("Group", 22), ("Measure", 40)),
        *(
            heading
            for named in (month, before, year_before)
            for heading in ((named, 16), (f"of, {named}", 18), (f"Per cent, {named}", 24))
        ),
        *(("Target, per cent", 16), ("Half took no longer than, minutes", 30), ("Is it a change?", 44)),
    )


def _figures(frozen: Iterable[Frozen]) -> Iterable[Sequence[Any]]:
    for each in frozen:
        figures = (each.figure, each.before, each.year_before)
        cells = [
            cell
            for figure in figures
            for cell in ((figure.counted, _of(figure), _share(figure)) if figure.words else (None, None, None))
        ]
        target = each.measure.target
        per_cent = None if target is None else target / 100
        minutes = took(each.median) if each.median and each.median >= LONGER else each.median
        yield (each.group.label, each.measure.name, *cells, per_cent, minutes, each.series.finding)


PARTS: Headings = (("Measure", 40), ("By", 20), ("Part", 40), ("How many", 12), ("of", 8), ("Per cent", 10))


def _parts(frozen: Iterable[Frozen]) -> Iterable[Sequence[Any]]:
    for each in frozen:
        for name, figure in each.parts:
            yield each.measure.name, each.measure.by, name, figure.counted, _of(figure), _share(figure)


def _of_now(frozen: Iterable[Frozen]) -> Iterable[Sequence[Any]]:
    """Each as a whole, then its parts."""
    for each in frozen:
        figure = each.figure
        yield each.measure.name, "", "All", figure.counted, _of(figure), _share(figure)
        yield from _parts([each])


def _months_headings(frozen: Sequence[Frozen]) -> Headings:
    months = frozen[0].series.months if frozen else ()
    return (
        ("Measure", 40),
        ("What", 12),
        *((month_words(each.month), 16) for each in months if each.month),
    )


def _months(frozen: Iterable[Frozen]) -> Iterable[Sequence[Any]]:
    for each in frozen:
        months = each.series.months
        yield (each.measure.name, "How many", *(figure.counted for figure in months))
        if each.measure.shape == Shape.SHARE:
            yield (each.measure.name, "of", *(figure.of for figure in months))
            yield (each.measure.name, "Per cent", *(_share(figure) for figure in months))


DEFINITIONS: Headings = (("Measure", 40), ("Question", 50), ("What it counts", 90), ("When", 24), ("Source", 50))


def _definitions(frozen: Iterable[Frozen]) -> Iterable[Sequence[Any]]:
    for each in frozen:
        measure = each.measure
        yield measure.name, measure.question, measure.definition, each.period, measure.source
