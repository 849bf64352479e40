"""The habits of other desks, one row at a time: what is plain is read, and what is not goes to a person."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from old_logs.children import NO_NAME, NOT_PLAIN
from old_logs.enums import Says
from old_logs.headings import columns_of, may_name_more, named_besides
from old_logs.odd_rows import is_period
from old_logs.rows import check_row, urn_key
from old_logs.said import Checked

pytestmark = pytest.mark.django_db  # what a year of two figures is depends on the day

TODAY = date(2026, 11, 26)
ROW = {
    Says.URN: "0001/09",
    Says.RECEIVED_ON: "2009-03-04",
    Says.CHILD: "Nia Orrin",
    Says.CIRCUMSTANCES: "Told a teacher that she was hit.",
}


def check(**said: str) -> Checked:
    row = {str(says): text for says, text in {**ROW, **{Says(name): text for name, text in said.items()}}.items()}
    return check_row({name: text for name, text in row.items() if text}, [], today=TODAY, where="row 5")


def read(**said: str) -> Any:
    checked = check(**said)
    assert checked.wrong == []
    return checked.referral


def wrong(**said: str) -> str:
    checked = check(**said)
    assert checked.referral is None
    return " ".join(each.sentence for each in checked.wrong)


# --- headings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headings", "says"),
    [
        (["Name", "Tel", "Child"], [Says.NOTE, Says.CONTACT, Says.CHILD]),
        (["Surname", "Forename", "Name"], [Says.FAMILY_NAME, Says.GIVEN_NAMES, Says.NOTE]),
        (["Name", "DOB"], [Says.CHILD, Says.BIRTH]),
        (["Serial", "URN"], [Says.NOTE, Says.URN]),
        (["Date", "Date received"], [Says.NOTE, Says.RECEIVED_ON]),
        (["Age", "DOB"], [Says.NOTE, Says.BIRTH]),
        (["Address", "Home address"], [Says.NOTE, Says.ADDRESS]),
        (["Action", "Decision"], [Says.NOTE, Says.DECISION]),
        (["Family", "Child(ren)"], [Says.FAMILY_NAME, Says.CHILD]),
        (["Rec'd (date)", "Referral from", "Ages", "Concerns"], [Says.RECEIVED_ON, Says.SOURCE, Says.BIRTH,
                                                                Says.ALLEGATION]),
    ],
)  # fmt: skip
def test_a_heading_that_says_little_gives_way_to_one_that_says_it_in_so_many_words(
    headings: list[str], says: list[Says]
) -> None:
    assert columns_of(headings, {}) == says


def test_what_the_team_said_of_such_a_heading_counts_all_the_same() -> None:
    assert columns_of(["Name", "Child"], {"name": "referrer"}) == [Says.REFERRER, Says.CHILD]
    assert columns_of(["Date", "Date received"], {"date": "received_on"})[0] == Says.RECEIVED_ON


def test_a_second_column_for_children_is_known_to_be_one() -> None:
    headings = ["Child", "DOB", "Child", "Siblings", "Child 2 DOB", "Name", "Child 3 name", "Siblings on plan?"]
    columns = columns_of(headings, {})
    assert named_besides(headings, columns, {}) == [2]
    assert may_name_more(headings, columns) == [3, 6]
    assert named_besides(headings, columns_of(headings, {"child": "note"}), {"child": "note"}) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["MARCH 2009"], True),
        (["", "", "Apr 09"], True),
        (["Sept '09"], True),
        (["May"], True),
        (["w/c 02/03/2009"], True),
        (["Week 12"], True),
        (["May", "Ann"], False),
        (["April Quill"], False),
        (["0004/09"], False),
        (["2009"], False),
    ],
)
def test_a_month_or_a_week_above_its_referrals_is_none(row: list[str], expected: bool) -> None:
    assert is_period(row) is expected


# --- dates and times -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["2009/03/04", "2009.3.4", "Mar 4 2009", "March 4th, 2009", "Mar. 4, 2009"])
def test_a_date_that_can_be_read_in_one_way_alone_is_read(text: str) -> None:
    assert read(received_on=text).received_on == date(2009, 3, 4)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("39876", "Excel counts days, and 39876 may be 4 March 2009."),
        ("39876.604166", "Excel counts days, and 39876 may be 4 March 2009."),
        ("3/13/2009", "The month seems to stand first"),
        ("03-31-09", "The month seems to stand first"),
        ("20090304", "The date received cannot be read. Write it like"),
        ("approx 4/3/09", "The date received cannot be read. Write it like"),
    ],
)
def test_a_date_that_is_not_plain_is_asked_for_with_what_it_may_be(text: str, why: str) -> None:
    assert why in wrong(received_on=text)


def test_the_day_may_stand_in_the_column_of_the_time_as_well() -> None:
    assert read(received_time="2009-03-04 15:20").received_at == datetime(2009, 3, 4, 15, 20, tzinfo=UTC)
    assert read(received_time="1520 hours").received_at == datetime(2009, 3, 4, 15, 20, tzinfo=UTC)
    assert "The time received cannot be read." in wrong(received_time="2009-03-05 15:20")


# --- URNs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("urn", ["URN 0012/09", "urn: 12/2009", "URN No. 0012/09"])
def test_a_urn_after_the_word_is_that_urn(urn: str) -> None:
    assert urn_key(urn) == urn_key("0012/09")
    assert (read(urn=urn).number, read(urn=urn).urn) == ((2009, 12), urn)


@pytest.mark.parametrize("urn", ["12-Mar", "Sep-09", "1-dec"])
def test_a_urn_of_which_excel_made_a_date_before_it_wrote_a_csv_file_is_asked_for(urn: str) -> None:
    assert "Excel has made a date of this URN." in wrong(urn=urn)


@pytest.mark.parametrize("urn", ["0024/09 & 0025/09", "0040/09\n0041/09", "see 0012/09", "dup of 0012/09"])
def test_what_names_another_referral_is_no_urn_of_this_one(urn: str) -> None:
    assert "This names another referral, or several." in wrong(urn=urn)


@pytest.mark.parametrize("urn", ["0012/09A", "0013/09 (2)", "HGY/0014/09", "0016-09", "AS/12/09"])
def test_a_urn_in_another_form_is_kept_as_it_stands(urn: str) -> None:
    assert (read(urn=urn).urn, read(urn=urn).number) == (urn, None)


def test_a_number_that_excel_has_shortened_is_asked_for() -> None:
    assert "some of its figures are lost" in wrong(contact="2.07946E+11")
    assert "some of its figures are lost" in wrong(urn="1E+05")


# --- children ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("Baby of Sarah QUILL", "b/o QUILL Sarah", "B/O Quill", "Unborn child of Sarah Quill"),
        *("Ann QUILL aka Jones", "Ann QUILL (nee JONES)", "Ann Quill or Jones", "Ann (Annie) Quill", "Ann Quill?"),
        *("Adult - historic", "Mrs Sarah Quill", "Sarah Quill (mother)", "Withheld", "female infant", "Child A"),
        *("VOID", "ZoÃ« Quill", "Oâ€™Brien Ann", "*Ann Quill*"),
    ],
)
def test_what_may_be_no_child_of_that_name_goes_to_a_person(name: str) -> None:
    assert NO_NAME in wrong(child=name)


@pytest.mark.parametrize(
    "name", ["QUILL Ann, Ben & Cara", "Ann, Ben & Cara", "Calloway, Rhys and Ann", "Ann QUILL/JONES", "QUILL/Ann YEO"]
)
def test_where_one_name_may_end_in_two_places_a_person_says_where(name: str) -> None:
    assert wrong(child=name) == NOT_PLAIN


@pytest.mark.parametrize("name", ["Van der BERG Anna", "Ann QUILL Marie", "ANN Marie QUILL"])
def test_capitals_in_the_middle_do_not_say_which_is_the_family_name(name: str) -> None:
    assert wrong(child=name).startswith("It is not plain which is the family name.")


@pytest.mark.parametrize(
    ("name", "children"),
    [
        ("QUILL, Ann and Ben", ["Ann QUILL", "Ben QUILL"]),
        ("Ann QUILL / Ben YEO", ["Ann QUILL", "Ben YEO"]),
        ("Baby boy QUILL", ["Baby boy QUILL"]),
        ("Zoë Van der BERG", ["Zoë Van der BERG"]),
        ("Lee Child", ["Lee Child"]),
        ("João SÃO PEDRO", ["João SÃO PEDRO"]),
        ("Łukasz Żółć", ["Łukasz Żółć"]),
        ("Bo Orman", ["Bo Orman"]),
    ],
)
def test_names_that_are_plain_stay_so(name: str, children: list[str]) -> None:
    assert [f"{each.given_names} {each.family_name}" for each in read(child=name).children] == children


def test_one_cell_for_first_names_is_read_as_carefully() -> None:
    for given in ("b/o Sarah", "Ann, aka Annie", "Ann (twin)"):
        assert NO_NAME in wrong(child="", given_names=given, family_name="Quill")
