"""Which row of a sheet is its heading, and what each column says, however a desk wrote it."""

from __future__ import annotations

from collections import Counter

import pytest

from old_logs.enums import Says
from old_logs.headings import BY_NAME, CALLED, Sheet, columns_of, find_heading, heading_key, known_as

DESK = ["URN", "Date rec'd", "Time", "Child surname", "Child forename(s)", "DOB", "Brief circs", "Decision"]


@pytest.mark.parametrize(
    "heading", ["Date rec'd", "DATE REC’D", " Date  recd ", "date recd:", "Date_recd", "Date\nrec'd", "(Date recd)"]
)
def test_a_heading_is_the_same_however_it_is_written(heading: str) -> None:
    assert heading_key(heading) == "date recd"
    assert known_as(heading, {}) == Says.RECEIVED_ON


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("Ref No", Says.URN),
        ("Ref. No.", Says.URN),
        ("URN / Ref", Says.URN),
        ("Date & Time", Says.RECEIVED_ON),
        ("Date/Time rec'd", Says.RECEIVED_ON),
        ("Rec'd by", Says.RECEIVED_BY),
        ("Child's Surname", Says.FAMILY_NAME),
        ("Surname(s)", Says.FAMILY_NAME),
        ("Child’s forename(s)", Says.GIVEN_NAMES),
        ("Name of child", Says.CHILD),
        ("Child(ren)'s name(s)", Says.CHILD),
        ("Child's name/DOB", None),
        ("D.O.B.", Says.BIRTH),
        ("DOB/Age", Says.BIRTH),
        ("M/F", Says.SEX),
        ("P/Code", Says.POSTCODE),
        ("Brief circs.", Says.CIRCUMSTANCES),
        ("Strat disc?", Says.STRATEGY),
        ("SS update rec'd", Says.UPDATE_RECEIVED),
        ("14 day date", Says.UPDATE_DUE),
        ("OIC", None),
        ("What to put right", Says.LEFT_OUT),
        ("", None),
    ],
)
def test_a_column_says_what_desks_mean_by_its_heading(heading: str, says: Says | None) -> None:
    assert known_as(heading, {}) == says


def test_no_heading_means_two_things_and_each_is_written_as_it_is_looked_up() -> None:
    assert [
        name for name, times in Counter(each for names in CALLED.values() for each in names).items() if times > 1
    ] == []
    assert [name for name in BY_NAME if heading_key(name) != name] == []


def test_what_a_team_said_of_a_heading_goes_before_what_desks_call_it() -> None:
    remembered = {"name": "referrer", "oic": "decided_by"}
    assert known_as("Name", {}) == Says.CHILD
    assert known_as("Name", remembered) == Says.REFERRER
    assert known_as("OIC", remembered) == Says.DECIDED_BY


def test_the_heading_is_found_below_titles_and_a_row_of_groups() -> None:
    titles = [
        [1, ["HARINGEY CAIT", "URN"]],
        [2, ["Date", "of", "print"]],
        [11, ["", "", "", "Child", "", "", "Details"]],
    ]
    assert find_heading([*titles, [12, DESK], [13, ["0001/09", "2/12/09", "", "Calloway"]]], {}) == 12


def test_of_two_rows_that_could_be_the_heading_the_first_that_says_most_is() -> None:
    assert find_heading([[3, DESK[:4]], [4, DESK], [9, DESK]], {}) == 4


@pytest.mark.parametrize(
    "row",
    [[], ["", ""], ["URN", "Date"], ["Source", "Method", "Tel"], ["Notes"] * 9, ["URN"] * 9, ["0001/09", "2/12/09"]],
)
def test_a_row_of_which_too_little_is_known_is_no_heading(row: list[str]) -> None:
    assert find_heading([[1, row]], {}) is None


def test_of_two_columns_that_say_the_same_the_second_is_a_note_and_lost_by_nobody() -> None:
    assert columns_of(["URN", "Ref No", "", "Lunch", "Notes", "Comments"], {}) == [Says.URN, *[Says.NOTE] * 5]


def test_a_sheet_is_called_by_its_name_and_a_csv_file_has_none() -> None:
    assert (Sheet("Jul-Sep 2009").shown, Sheet("").shown) == ("sheet “Jul-Sep 2009”", "the file")
