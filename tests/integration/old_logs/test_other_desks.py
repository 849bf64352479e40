"""Whole logs as other desks keep them: no row and no child is lost, and none is made up."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, time
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment

from cases.models import Entry
from old_logs.enums import RowState, State
from old_logs.models import OldLog, OldRow
from tests.factories.old_logs import an_old_log, brought_in, referral_of, states_of, wrong_with

pytestmark = pytest.mark.django_db

READY, FLAWED, NO_REFERRAL = (str(each) for each in (RowState.READY, RowState.FLAWED, RowState.NO_REFERRAL))
HEADINGS = ["URN", "Date received", "Child name", "DOB", "Details", "Decision"]
ON = date(2009, 3, 4)


def a_book(*rows: Sequence[Any]) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return book


def the_log(book: Workbook | bytes, name: str = "log.xlsx") -> OldLog:
    if isinstance(book, bytes):
        return an_old_log(content=book, name=name)
    file = io.BytesIO()
    book.save(file)
    return an_old_log(content=file.getvalue(), name=name)


def remarks_of(log: OldLog) -> list[str]:
    return [each["wrong"] for row in OldRow.objects.filter(log=log) for each in row.remarks]


def test_children_who_stand_below_each_other_are_asked_about_in_one_sentence() -> None:
    book = a_book(
        HEADINGS,
        ["0101/09", ON, "Leo Harwick", date(2001, 5, 6), "A bruise seen at PE.", "Joint s47"],
        [None, None, "Mia Harwick", date(2004, 2, 1)],
        ["0102/09", ON, "Ivy Corran", None, "Missed appointments.", "SS only"],
    )
    book.active.merge_cells("A2:A3")
    log = the_log(book)
    assert states_of(log) == [NO_REFERRAL, READY, FLAWED, READY]
    (sentence,) = wrong_with(log)
    assert "If it is another child of the referral above, add the child to that row" in sentence


def test_a_row_for_each_child_of_one_urn_says_what_to_do_with_the_second() -> None:
    said = [ON, time(9, 30)]
    log = the_log(
        a_book(
            ["Ref No", "Date rec'd", "Time", "Childs name", "Brief details"],
            ["211/09", *said, "Oscar Pell", "Father threw a plate at mother."],
            ["211/09", *said, "Ruby Pell", "as above"],
        )
    )
    assert states_of(log) == [NO_REFERRAL, READY, FLAWED]
    assert "If this is another child of that referral, add the child to that row" in wrong_with(log)[0]


def test_notes_and_months_between_the_rows_are_told_apart_from_referrals() -> None:
    log = the_log(
        a_book(
            HEADINGS,
            ["MARCH 2009"],
            ["0001/09", ON, "Ann Quill", None, "A mark on the leg.", "NFA"],
            ["*** DS Hill on leave until 20/3 - ring DS Yeo ***"],
            ["0002/09", '"', "Ben Yeo", None, "Left alone.", "as above"],
            ["0003/09"],
        )
    )
    assert states_of(log) == [NO_REFERRAL, NO_REFERRAL, READY, FLAWED, READY, FLAWED]
    note, urn = wrong_with(log)
    assert note.startswith("Nothing else stands in this row: “*** DS Hill on leave")
    assert urn.startswith("Nothing else stands in this row: “0003/09”. If it is a heading or a note, leave")


def test_where_no_column_has_the_urn_that_is_said_and_not_of_each_cell() -> None:
    log = the_log(
        a_book(["No", "Date", "Child", "Circs"], [1, ON, "Ann Quill", "Seen."], [2, ON, "Bea Roe", "Seen."])
    )
    assert wrong_with(log) == ["The columns of this sheet do not say which has the URN. Say it under “Columns”."] * 2


def test_a_caller_in_a_column_called_name_is_no_child() -> None:
    log = the_log(
        a_book(
            ["URN", "Date", "Name", "Tel", "Child", "Circs"],
            ["0001/09", ON, "Mrs Pell", "020 7946 0000", "Ann Quill", "Hit with a belt."],
        )
    )
    assert referral_of(brought_in(log)).children_as_given == ["Ann Quill"]


def test_children_in_several_columns_are_not_left_in_a_note() -> None:
    row = ["0001/09", ON, "Ann Quill", "Ben Quill", "Hit with a belt."]
    log = the_log(a_book(["URN", "Date", "Child", "Child", "Circs"], row, ["0002/09", ON, "Cal Roe", "", "Alone."]))
    assert states_of(log) == [NO_REFERRAL, FLAWED, READY]
    assert wrong_with(log)[0].startswith("Two columns name children.")


def test_that_a_note_may_name_other_children_is_said_before_it_is_brought_in() -> None:
    row = ["0001/09", ON, "Ann Quill", "Ben (4), Cal (2)", "Hit with a belt."]
    log = the_log(a_book(["URN", "Date", "Child", "Siblings", "Circs"], row))
    assert states_of(log) == [NO_REFERRAL, READY]
    assert remarks_of(log) == [
        "“Siblings” may name other children: “Ben (4), Cal (2)”. It is kept as a note, and they are not put on the "
        "record."
    ]


def test_a_comma_that_parts_a_cell_of_a_text_moves_no_cell_into_another_column() -> None:
    text = "URN,Date,Child,Circs,DS\n0001/09,4/3/09,Ann Quill,Hit, pushed,Yeo\n0002/09,4/3/09,Bea Roe,Hit,Yeo\n"
    log = the_log(text.encode(), "log.csv")
    assert states_of(log) == [NO_REFERRAL, FLAWED, READY]
    assert wrong_with(log)[0].startswith("This row has more cells than the heading.")


def test_what_is_pinned_to_a_cell_as_a_comment_is_in_the_record() -> None:
    book = a_book(HEADINGS, ["0001/09", ON, "Ann Quill", None, "A mark.", "NFA"])
    book.active["F2"].comment = Comment("SS rang 12/3: they have moved.", "DS Yeo")
    book.create_sheet("2010").append(HEADINGS)
    book["2010"].append(["0001/10", date(2010, 3, 4), "Bea Roe", None, "A mark.", "NFA"])
    brought_in(the_log(book))
    (told,) = Entry.objects.filter(text__contains="Comment on cell").select_related("case__referral")
    assert told.case.referral.old_urn == "0001/09"
    assert "Comment on cell F2: SS rang 12/3: they have moved." in told.text


def test_comments_that_cannot_be_read_refuse_the_file() -> None:
    book = a_book(HEADINGS, ["0001/09", ON, "Ann Quill", None, "A mark.", "NFA"])
    book.active["F2"].comment = Comment("SS rang.", "DS Yeo")
    file, broken = io.BytesIO(), io.BytesIO()
    book.save(file)
    with ZipFile(file) as packed, ZipFile(broken, "w") as into:
        for name in packed.namelist():
            into.writestr(name, b"<comments" if name.endswith("comment1.xml") else packed.read(name))
    log = the_log(broken.getvalue())
    assert (log.state, log.refused_why[:42]) == (State.REFUSED, "The comments on its cells cannot be read. ")


def test_a_spreadsheet_of_openoffice_with_a_password_says_so_whatever_its_file_is_called() -> None:
    file = io.BytesIO()
    with ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", bytes(range(256)))
        packed.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
            '<manifest:encryption-data manifest:checksum="x"/></manifest:file-entry></manifest:manifest>',
        )
    log = the_log(file.getvalue(), "log.ods")
    assert (log.state, log.refused_why[:30]) == (State.REFUSED, "The workbook needs a password.")
