"""How a spreadsheet is taken apart: whatever a desk, or somebody who means harm, may send."""

from __future__ import annotations

import io
import resource
import warnings
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from old_logs.reading import NotRead, taken_apart
from old_logs.sheets import MOST_PARTS, Refused, lines_of

SHEET = "xl/worksheets/sheet1.xml"
AGAIN = "Open it in Excel, save it as an Excel workbook (.xlsx), and choose that."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOG = "URN,Date rec'd,Child's name\n0001/09,2/12/09,Siân O’Brien £5 é\n"
READ = [[1, ["URN", "Date rec'd", "Child's name"]], [2, ["0001/09", "2/12/09", "Siân O’Brien £5 é"]]]


@pytest.fixture
def lines(tmp_path: Path) -> Callable[[bytes], list[Any]]:
    def of(content: bytes) -> list[Any]:
        file = tmp_path / "log"
        file.write_bytes(content)
        return list(lines_of(file))

    return of


@pytest.fixture
def rows(lines: Callable[[bytes], list[Any]]) -> Callable[[bytes], list[Any]]:
    """The rows alone: number and cells."""
    return lambda content: [line for line in lines(content) if isinstance(line, list)]


@pytest.fixture
def refusal(lines: Callable[[bytes], list[Any]]) -> Callable[[bytes], str]:
    def of(content: bytes) -> str:
        with pytest.raises(Refused) as refused:
            lines(content)
        return str(refused.value)

    return of


Rows = Callable[[bytes], list[Any]]
Refusal = Callable[[bytes], str]


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def a_book(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def of_cells(cells: bytes) -> bytes:
    """A workbook whose only row has these cells, as Excel writes them."""
    return with_parts(a_book(["x"]), {SHEET: lambda xml: b'%b<row r="1">%b</row></sheetData></worksheet>' % (
        xml[: xml.index(b"<row")], cells)})  # fmt: skip


def with_parts(content: bytes, parts: dict[str, Callable[[bytes], bytes] | None]) -> bytes:
    """A workbook with some of its parts changed, or left out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as into:
        for name in packed.namelist():
            change = parts.get(name, lambda xml: xml)
            if change:
                into.writestr(name, change(packed.read(name)))
    return file.getvalue()


def packed(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as into:
        for name, text in parts.items():
            into.writestr(name.replace("__", "/").replace("_", "."), text)
    return file.getvalue()


# --- what stands in a workbook -------------------------------------------------------------------


def test_every_sheet_is_read_and_those_that_are_hidden_say_so(lines: Rows) -> None:
    book = Workbook()
    book.active.title = "Jul-Sep 2009"
    book.active.append(["URN"])
    for title, state in (("Old", "hidden"), ("Older", "veryHidden"), ("Blank", "visible")):
        book.create_sheet(title).sheet_state = state
        if title != "Blank":
            book[title].append(["0001/09"])
    found = lines(saved(book))
    assert [(line["sheet"], line["hidden"]) for line in found if isinstance(line, dict)] == [
        ("Jul-Sep 2009", False), ("Old", True), ("Older", True), ("Blank", False)
    ]  # fmt: skip
    assert [line for line in found if isinstance(line, list)] == [[1, ["URN"]], [1, ["0001/09"]], [1, ["0001/09"]]]


@pytest.mark.parametrize(("first", "row", "column"), [("A1", 1, 0), ("C5", 5, 2), ("A5", 5, 0), ("C1", 1, 2)])
def test_a_row_keeps_its_number_and_its_columns_wherever_the_data_begin(
    rows: Rows, first: str, row: int, column: int
) -> None:
    book = Workbook()
    book.active[first] = "URN"
    book.active.cell(row + 2, column + 2, "0001/09")
    blank = [""] * column
    assert rows(saved(book)) == [[row, [*blank, "URN"]], [row + 2, [*blank, "", "0001/09"]]]


@pytest.mark.parametrize(
    ("value", "shown", "written"),
    [
        (date(2009, 7, 1), "", "2009-07-01"),
        (40000.604166666664, "dd/mm/yyyy hh:mm:ss", "2009-07-06 14:30"),
        (time(17, 39), "", "17:39"),
        (timedelta(hours=25, minutes=3), "", "25:03"),
        (40000, "[$-809]dddd d mmmm yyyy;@", "2009-07-06"),
        (40000, "General", "40000"),
        (598, "0000", "598"),
        (598, '"dy"0000', "598"),
        (0.25, "0%", "0.25"),
        (1.1, "", "1.1"),
        (0, "", "0"),
        (True, "", "TRUE"),
        (False, "", "FALSE"),
        ("  Ann \n Ben ", "", "Ann \n Ben"),
        ("a" * 32_767, "", "a" * 32_767),
        ("Siân O’Brien 👶", "", "Siân O’Brien 👶"),
        ("'=1+1", "", "'=1+1"),
    ],
)
def test_a_cell_is_what_stands_in_it_as_text(rows: Rows, value: Any, shown: str, written: str) -> None:
    book = Workbook()
    book.active["A1"] = value
    if shown:
        book.active["A1"].number_format = shown
    assert rows(saved(book)) == [[1, [written]]]


def test_every_minute_of_a_day_is_read_as_that_minute(rows: Rows) -> None:
    book = Workbook()
    for minute in range(1440):
        book.active.cell(minute + 1, 1, float(f"{minute / 1440:.10f}")).number_format = "hh:mm"
    read = [cells[0] for _, cells in rows(saved(book))]
    assert read == [f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440)]


def test_dates_of_a_workbook_that_counts_from_1904_are_the_days_that_they_were(rows: Rows) -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active["A1"] = date(2009, 7, 1)
    assert rows(saved(book)) == [[1, ["2009-07-01"]]]


def test_merged_cells_say_what_they_say_once(rows: Rows) -> None:
    book = Workbook()
    book.active["A1"] = "HARINGEY CAIT"
    book.active.merge_cells("A1:D2")
    book.active["E2"] = "RESTRICTED"
    assert rows(saved(book)) == [[1, ["HARINGEY CAIT"]], [2, ["", "", "", "", "RESTRICTED"]]]


def test_blank_rows_and_cells_of_spaces_are_left_out_and_the_numbers_stay(rows: Rows) -> None:
    assert rows(a_book(["URN", "", "  "], [], [" "], ["0001/09"])) == [[1, ["URN"]], [4, ["0001/09"]]]


# --- formulas ------------------------------------------------------------------------------------


def test_a_formula_gives_what_excel_worked_out(rows: Rows) -> None:
    assert rows(of_cells(b'<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>')) == [
        [1, ["2", "ab"]]
    ]


@pytest.mark.parametrize("formula", ["=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://harm.example","Ann")'])
def test_a_formula_that_was_never_worked_out_is_words_and_is_not_worked_out_here(rows: Rows, formula: str) -> None:
    assert rows(a_book(["x", formula], ["y"], [formula])) == [[1, ["x", formula]], [2, ["y"]], [3, [formula]]]


def test_a_formula_that_came_to_nothing_is_an_empty_cell(rows: Rows) -> None:
    empty = b'<c r="A1" t="str"><f>IF(B1="","",B1)</f><v></v></c>'
    assert rows(of_cells(empty + b'<c r="B1"><v>7</v></c>')) == [[1, ["", "7"]]]
    assert rows(of_cells(empty)) == []


def test_a_cell_that_went_wrong_says_so_as_excel_does_and_is_not_blank(rows: Rows) -> None:
    empty = b'<c r="A1" t="str"><f>IF(C1="","","")</f><v></v></c>'
    wrong = b'<c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C1" t="e"><v>#REF!</v></c>'
    assert rows(of_cells(empty + wrong)) == [[1, ["", "#DIV/0!", "#REF!"]]]


def test_formulas_stand_in_the_row_in_which_the_data_stand(rows: Rows) -> None:
    book = Workbook()
    book.active["C5"], book.active["D5"] = "0001/09", "=B5+14"
    book.active["A2"] = "=1+1"
    assert rows(saved(book)) == [[2, ["=1+1"]], [5, ["", "", "0001/09", "=B5+14"]]]


# --- what is no workbook -------------------------------------------------------------------------


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "The file is empty."),
    "blanks": (b" \r\n\t \n", "The file is empty."),
    "a mark of UTF-8 alone": (b"\xef\xbb\xbf", "The file is empty."),
    "a mark of UTF-16 alone": (b"\xff\xfe", "The file is empty."),
    "a PDF": (b"%PDF-1.4\n%\xe2\xe3", "This is a PDF, whatever it is called."),
    "a program of Windows": (b"MZ\x90\0\x03", "This is a program, whatever it is called."),
    "a program of Linux": (b"\x7fELF\x02\x01", "This is a program, whatever it is called."),
    "a picture": (b"\x89PNG\r\n\x1a\n", "This is a picture, whatever it is called."),
    "rich text": (b"{\\rtf1 log}", "This is a text document, whatever it is called."),
    "a web page": (b"<html><table><tr><td>URN", "This is a web page or XML"),
    "a web page after a mark": (b"\xef\xbb\xbf\n<!DOCTYPE html>", "This is a web page or XML"),
    "part of a web page": (b"<meta http-equiv=Content-Type><table>", "This is a web page or XML"),
    "XML of Excel 2003": (b'<?xml version="1.0"?><Workbook>', "This is a web page or XML"),
    "a web page in one file": (b"MIME-Version: 1.0\nContent-Type: multipart/related", "This is a web page or XML"),
    "zeros": (b"\0" * 5000, "This is no spreadsheet, whatever it is called."),
    "signs that are no letters": (b"\x01\x02\x03" * 500, "This is no spreadsheet, whatever it is called."),
    "a zero byte": (b"URN,Name,X\n1,a\0b,2\n", "This is no spreadsheet, whatever it is called."),
    "nothing in an old workbook": (OLE + b"\0" * 3000, "The file cannot be opened as a spreadsheet."),
    "noise in an old workbook": (OLE + bytes(range(256)) * 40, "The file cannot be opened as a spreadsheet."),
    "a packed text": (packed(a_txt="x"), "This is a packed archive, whatever it is called."),
    "nothing packed": (packed(), "This is a packed archive, whatever it is called."),
    "a Word document": (packed(word__document_xml="<x/>"), "This is a Word document, whatever it is called."),
    "a workbook without sheets": (packed(xl__workbook_xml="<x/>"), "The file cannot be opened as a spreadsheet."),
    "half a workbook": (a_book(["URN"])[:2000], "The workbook is damaged: not all of it is there."),
    "a workbook without its end": (a_book(["URN"])[:-40], "The workbook is damaged: not all of it is there."),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_says_what_it_is_and_what_to_do(refusal: Refusal, kind: str) -> None:
    content, why = UNREADABLE[kind]
    said = refusal(content)
    assert said.startswith(why)
    assert said.endswith((AGAIN, "Choose the file again; if it is still empty, ask for another copy."))


@pytest.mark.parametrize(
    "cells", [b'<c r="A1"><v>1</c>', b'<c r="!!"><v>1</v></c>', b'<c r="A1" t="s"><v>999</v></c>']
)
def test_a_sheet_that_is_damaged_refuses_the_whole_file(refusal: Refusal, cells: bytes) -> None:
    assert refusal(of_cells(cells)) == f"The sheet “Sheet” cannot be read. {AGAIN}"


def test_a_sheet_that_is_missing_refuses_the_whole_file(refusal: Refusal) -> None:
    assert "“Sheet” cannot be read" in refusal(with_parts(a_book(["URN"]), {SHEET: None}))


def test_a_part_that_does_not_add_up_is_damage(refusal: Refusal) -> None:
    content = bytearray(a_book(["URN"] * 500))
    content[content.index(SHEET.encode()) + len(SHEET) + 60] ^= 0xFF
    assert refusal(bytes(content)) == f"The workbook is damaged: not all of it is there. {AGAIN}"


def test_a_workbook_with_a_password_says_so(refusal: Refusal) -> None:
    content = bytearray(a_book(["URN"]))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.index(mark) + at] |= 1
    assert refusal(bytes(content)).startswith("The workbook needs a password.")


def test_two_parts_of_one_name_are_not_built_by_excel(refusal: Refusal) -> None:
    file = io.BytesIO(a_book(["URN"]))
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as packed_again:
        warnings.simplefilter("ignore")
        packed_again.writestr(SHEET, "<x/>")
    assert refusal(file.getvalue()).startswith("The workbook is not built as Excel builds one.")


def test_thousands_of_parts_are_not_built_by_excel(refusal: Refusal) -> None:
    parts = {f"a{number}": "" for number in range(MOST_PARTS)}
    assert refusal(packed(xl__workbook_xml="<x/>", **parts)).startswith("The workbook is not built as Excel")


def test_a_workbook_that_would_fill_the_machine_is_not_unpacked(refusal: Refusal) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as into:
        into.writestr("xl/workbook.xml", "<x/>")
        with into.open(SHEET, "w") as sheet:
            for _ in range(200):
                sheet.write(b"\0" * 1_000_000)
    assert len(file.getvalue()) < 200_000
    assert refusal(file.getvalue()).startswith("The workbook unpacks to more than 20 million characters")


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_letters_are_read_in_whichever_way_a_csv_file_was_written(rows: Rows, encoding: str) -> None:
    assert rows(LOG.encode(encoding)) == READ


@pytest.mark.parametrize("between", [";", "\t", "|"])
def test_whatever_stands_between_the_cells_is_found(rows: Rows, between: str) -> None:
    assert rows(LOG.replace(",", between).encode()) == READ


def test_a_comma_in_what_is_told_does_not_part_a_file_of_semicolons(rows: Rows) -> None:
    told = "He ran, fell, got up, and ran"
    assert rows(f"URN;Date;Circs\n1;2;{told}\n3;4;{told}\n".encode())[1:] == [
        [2, ["1", "2", told]],
        [3, ["3", "4", told]],
    ]


def test_a_file_put_together_of_two_has_the_letters_of_both(rows: Rows) -> None:
    both = "URN,Name,X\n1,Siân,é\n".encode() + "2,O’Brien,£\n".encode("cp1252")
    assert rows(both)[1:] == [[2, ["1", "Siân", "é"]], [3, ["2", "O’Brien", "£"]]]


def test_a_letter_that_is_none_is_seen_to_be_none_and_spoils_no_other(rows: Rows) -> None:
    assert rows(b"URN,Name,X\n1,S\x81n,O\x92Brien\n")[1:] == [[2, ["1", "S�n", "O’Brien"]]]


def test_quoted_cells_hold_lines_commas_and_quotes(rows: Rows) -> None:
    text = 'URN,Name,Circs\n1,"Ann\nBen","He said ""no"", twice"\n2, "Calloway, Rhys", x\n'
    assert rows(text.encode())[1:] == [
        [2, ["1", "Ann\nBen", 'He said "no", twice']], [3, ["2", "Calloway, Rhys", "x"]]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "last"),
    [('URN,Name,X\n1,"abc,2\n3,4,5\n', 1), ('URN,Name,X\n1,a,b\n2,"said "no" twice",3\n', 2)],
)
def test_a_quotation_mark_that_is_not_closed_refuses_the_whole_file(refusal: Refusal, text: str, last: int) -> None:
    assert refusal(text.encode()) == (
        f"The file cannot be read after row {last}: a quotation mark there opens a cell and is not closed as it "
        f"should be. Nothing of it was taken. {AGAIN}"
    )


def test_a_cell_of_more_than_a_hundred_thousand_characters_refuses_the_file(refusal: Refusal) -> None:
    said = refusal(b"URN,Date,X\n1,2," + b"a" * 1_000_100)
    assert "after row 1: a cell there is longer than 100,000 characters." in said


@pytest.mark.parametrize("text", ["URN,Date,X\r\n1,2,3\r\n", "URN,Date,X\r1,2,3", "URN,Date,X\n1,2,3\n\x1a"])
def test_lines_end_as_any_system_ends_them(rows: Rows, text: str) -> None:
    assert rows(text.encode()) == [[1, ["URN", "Date", "X"]], [2, ["1", "2", "3"]]]


def test_a_file_of_blanks_has_no_row(rows: Rows) -> None:
    assert rows(b"  \n , ,\n,,,\n") == []
    assert rows(a_book(["", " "], [])) == []


def test_a_formula_in_a_csv_file_is_words(rows: Rows) -> None:
    assert rows(b"URN,Date,X\n=cmd|' /C calc'!A0,2,3\n")[1] == [2, ["=cmd|' /C calc'!A0", "2", "3"]]


# --- in a process of its own ---------------------------------------------------------------------


def test_the_process_gives_the_sheets_and_the_rows_and_leaves_its_end_out() -> None:
    assert list(taken_apart(LOG.encode("cp1252"))) == [{"sheet": "", "hidden": False, "rows": 3}, *READ]


def test_what_the_process_refuses_is_said_in_its_words() -> None:
    with pytest.raises(NotRead, match="This is a PDF"):
        list(taken_apart(b"%PDF-1.4"))


def test_a_sheet_whose_cells_would_fill_the_memory_ends_the_process_alone() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(NotRead, match="would take more memory or time than any log needs"):
        list(taken_apart(of_cells(b'<c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>')))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_a_workbook_of_excel_97_to_2003_is_read_as_it_is() -> None:
    file = Path(__file__).parents[2] / "data" / "old_logs" / "of-2003.xls"
    said = list(lines_of(file))
    assert said[0] == {"sheet": "Jul-Sep 2009", "hidden": False, "rows": 6}
    assert [line[0] for line in said if isinstance(line, list)] == [1, 3, 4, 5, 6, 7]
    assert said[3][1][:4] == ["0001/09", "2009-07-02", "15:20", "School"]
    assert said[3][1][6:9] == ["Rhys / Ann", "2003-06-06", "M/F"]
    assert (said[4][1][9], said[5][1][1]) == ("as above", "31/02/2009")
