"""What one row of an old log says, and what of it goes to a person: nothing is passed over, nothing is guessed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from old_logs.children import NO_NAME
from old_logs.enums import Says
from old_logs.headings import Sheet, columns_of, find_heading
from old_logs.rows import check_row, urn_key
from old_logs.said import Checked, OldReferral, is_heading_again, is_total, repeat_above, said_by
from old_logs.sheets import lines_of
from people.births import Birth
from referrals.enums import DecisionKind, Method, Source

pytestmark = pytest.mark.django_db  # what a year of two figures is depends on the day

TODAY = date(2026, 11, 26)
LOG = Path(__file__).parents[2] / "data" / "old_logs"
ROW = {
    Says.URN: "0001/09",
    Says.RECEIVED_ON: "2009-07-02",
    Says.GIVEN_NAMES: "Rhys",
    Says.FAMILY_NAME: "Calloway",
    Says.CIRCUMSTANCES: "Came in late with a red mark.",
}
NO_CHILD_NAMED = (
    "No child is named. Write the name; or, where none can be named, write “no child” and why, like “no child: an "
    "adult tells of their own childhood”."
)


def check(notes: Any = None, **said: str) -> Checked:
    """A row that says this besides or instead; what is empty it does not say. `notes`: by their headings."""
    row = {
        str(says): text for says, text in {**ROW, **{Says(name): text for name, text in said.items()}}.items() if text
    }
    return check_row(row, list((notes or {}).items()), today=TODAY, where="row 5")


def read(notes: Any = None, **said: str) -> OldReferral:
    checked = check(notes, **said)
    assert [each.sentence for each in checked.wrong] == []
    assert checked.referral
    return checked.referral


def wrong(notes: Any = None, **said: str) -> list[str]:
    checked = check(notes, **said)
    assert checked.referral is None
    return [each.sentence for each in checked.wrong]


def names(**said: str) -> list[str]:
    return [f"{child.given_names} {child.family_name}".strip() for child in read(**said).children]


def whole(name: str) -> dict[str, str]:
    return {"given_names": "", "family_name": "", "child": name}


# --- the log of a desk ---------------------------------------------------------------------------


def test_every_row_of_a_desks_log_has_the_children_and_the_flaw_that_it_really_has() -> None:
    expected: dict[str, Any] = json.loads((LOG / "expected.json").read_text())
    wanted = {(row["sheet"], row["row"]): row for row in expected["rows"]}
    flaws = {"no child named": "No child is named.", "date received cannot be read": "The date received"}
    sheets: dict[str, list[Any]] = {}
    for line in lines_of(LOG / "referral-desk-log.xlsx"):
        if isinstance(line, dict):
            sheets[line["sheet"]] = []
        else:
            sheets[list(sheets)[-1]].append(line)
    seen: set[str] = set()
    for name, rows in sheets.items():
        heading = find_heading(rows[:50], {})
        headings = next(cells for number, cells in rows if number == heading)
        columns = columns_of(headings, {})
        above: list[str] = []
        for number, cells in rows:
            if number <= (heading or 0) or is_total(cells):
                assert (name, number) not in wanted
                continue
            row = wanted.pop((name, number))
            assert repeat_above(cells, above) == []
            above = cells
            said, notes = said_by(cells, columns, headings)
            checked = check_row(said, notes, today=TODAY, where="")
            sentences = [each.sentence for each in checked.wrong]
            if urn_key(said[Says.URN]) in seen:
                assert row["flaw"] == "URN used twice"
            elif row["flaw"]:
                assert len(sentences) == 1
                assert sentences[0].startswith(flaws[row["flaw"]])
                continue
            seen.add(urn_key(said[Says.URN]))
            assert (sentences, checked.referral and len(checked.referral.children)) == ([], row["children"]), number
    assert wanted == {}


# --- when it was received ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["2009-12-02", "2009-12-02 00:00", "2.12.09", "2-Dec-2009", "02/12/09", "2nd December 2009", "Wed 2nd Dec 09",
     "2 Dec '09", "02/12/2009 00:00:00"],
)  # fmt: skip
def test_a_date_is_read_in_every_style_and_is_a_day_alone(text: str) -> None:
    referral = read(received_on=text)
    assert (referral.received_on, referral.day_alone) == (date(2009, 12, 2), True)


@pytest.mark.parametrize(
    "text",
    [
        "2009-12-02 14:30",
        "2009-12-02 14:30:00",
        "02/12/2009 14:30:59",
        "2/12/09 1430hrs",
        "2/12/09 1430",
        "2/12/09 at 2.30pm",
    ],
)
def test_a_time_in_the_same_cell_is_read_with_the_date(text: str) -> None:
    referral = read(received_on=text)
    assert (referral.received_at, referral.day_alone) == (datetime(2009, 12, 2, 14, 30, tzinfo=UTC), False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "The date received is missing."),
        ("nk", "The date received is missing."),
        ("12/2009", "The date received cannot be read."),
        ("31/02/2010", "There is no 31 February 2010."),
        ("yesterday", "“yesterday” does not say which day."),
        ("2/7/9", "Enter the year with four figures"),
        ("2/7", "Add the year"),
        ("40000", "The date received cannot be read."),
        ("2/7/2009 - 3/7/2009", "The date received cannot be read."),
        ("2009-02-30", "There is no such day."),
        ("=A1+14", "The date received cannot be read."),
        ("2/7/2030", "The date received is in the future. Check the year."),
        ("2/7/2003", "CAIT holds referrals from 2004 on."),
    ],
)
def test_a_date_that_is_not_plain_goes_to_a_person(text: str, why: str) -> None:
    (sentence,) = wrong(received_on=text)
    assert why in sentence


@pytest.mark.parametrize("text", ["14:30", "14.30", "1430", "1430hrs", "1430 hrs.", "2.30pm", "2:30 PM", "14:30:00"])
def test_a_time_is_read_in_every_style(text: str) -> None:
    assert read(received_on="2009-12-02", received_time=text).received_at == datetime(2009, 12, 2, 14, 30, tzinfo=UTC)


def test_a_time_of_which_a_spreadsheet_took_the_nought_is_that_time() -> None:
    assert read(received_on="2009-12-02", received_time="930").received_at.hour == 9


@pytest.mark.parametrize("text", ["5", "0", "14", "14.3", "25:00", "24:00", "am", "c1430", "2009-12-02 14:30"])
def test_a_time_that_is_not_plain_goes_to_a_person(text: str) -> None:
    assert wrong(received_time=text) == ["The time received cannot be read. Write it like 15:20, or leave it empty."]


@pytest.mark.parametrize("text", ["nk", "?", "not known", "N/K", ""])
def test_a_time_that_is_not_known_leaves_the_day_alone(text: str) -> None:
    assert read(received_time=text).day_alone


def test_an_hour_that_the_clocks_jumped_over_goes_to_a_person() -> None:
    assert "the clocks go forward" in wrong(received_on="28/03/2010", received_time="01:30")[0]


# --- URN -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urn", "number"),
    [("0598/09", (2009, 598)), ("598/2009", (2009, 598)), ("598", None), ("HGY 12", None), ("0598/09 old", None),
     ("0598/19", None)],
)  # fmt: skip
def test_a_urn_is_kept_as_it_stands_and_its_number_taken_over_where_it_is_one(
    urn: str, number: tuple[int, int] | None
) -> None:
    assert (read(urn=urn).urn, read(urn=urn).number) == (urn, number)


@pytest.mark.parametrize(
    ("urn", "why"),
    [
        ("", "There is no URN."),
        ("?", "There is no URN."),
        ("x" * 41, "This is no URN"),
        ("2009-05-01", "Excel has made a date of this URN."),
        ("=A1&B1", "This is a formula, not a URN."),
    ],
)
def test_what_is_no_urn_goes_to_a_person(urn: str, why: str) -> None:
    (sentence,) = wrong(urn=urn)
    assert sentence.startswith(why)


@pytest.mark.parametrize("urn", ["0598/09", "598/09", "598/2009", " 598 / 09 ", "00598/09"])
def test_one_urn_is_one_however_it_is_written(urn: str) -> None:
    assert urn_key(urn) == "598/2009"


# --- children ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["Rhys/Ann", "Rhys / Ann", "Rhys\nAnn", "Rhys & Ann", "Rhys, Ann", "Rhys and Ann", "Rhys;Ann"]
)
def test_several_children_in_a_cell_are_so_many_children(cell: str) -> None:
    assert names(given_names=cell) == ["Rhys Calloway", "Ann Calloway"]
    assert names(given_names=cell, family_name="Calloway / Quill") == ["Rhys Calloway", "Ann Quill"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"given_names": "nk"}, ["Calloway"]),
        ({"given_names": "N/K"}, ["Calloway"]),
        ({"given_names": "Rhys / nk"}, ["Rhys Calloway", "Calloway"]),
        ({"family_name": "not known"}, ["Rhys"]),
        ({"family_name": ""}, ["Rhys"]),
        ({"family_name": "Smith/Jones"}, ["Rhys Smith/Jones"]),
        ({"family_name": "O’Brien-Ní Dhomhnaill"}, ["Rhys O’Brien-Ní Dhomhnaill"]),
        ({"given_names": "Sandy"}, ["Sandy Calloway"]),
        ({"given_names": "Na", "family_name": "Do"}, ["Na Do"]),
        ({"given_names": "u/b"}, ["Unborn baby Calloway"]),
        ({"given_names": "Unborn"}, ["Unborn baby Calloway"]),
        ({"given_names": "unborn", "birth": "EDD 9/10/2009"}, ["Calloway"]),
        ({"given_names": "Baby", "birth": "1/7/2009"}, ["Baby Calloway"]),
        ({"given_names": "", "child": "Rhys / Ann"}, ["Rhys Calloway", "Ann Calloway"]),
        ({"given_names": "", "child": "Rhys Calloway"}, ["Rhys Calloway"]),
        (whole("Rhys Calloway"), ["Rhys Calloway"]),
        (whole("CALLOWAY Rhys"), ["Rhys CALLOWAY"]),
        (whole("McDONALD Ann"), ["Ann McDONALD"]),
        (whole("O'BRIEN Ann"), ["Ann O'BRIEN"]),
        (whole("ANN QUILL"), ["ANN QUILL"]),
        (whole("Calloway, Rhys"), ["Rhys Calloway"]),
        (whole("De Souza, Maria"), ["Maria De Souza"]),
        (whole("Rhys and Ann Calloway"), ["Rhys Calloway", "Ann Calloway"]),
        (whole("CALLOWAY, Rhys and Ann"), ["Rhys CALLOWAY", "Ann CALLOWAY"]),
        (whole("Calloway, Rhys; Quill, Ann"), ["Rhys Calloway", "Ann Quill"]),
        (whole("Unborn baby"), ["Unborn baby"]),
        (whole("Rhys"), ["Rhys"]),
    ],
)
def test_children_have_the_names_that_the_row_gives_them(said: dict[str, str], expected: list[str]) -> None:
    assert names(**said) == expected


@pytest.mark.parametrize(
    "name",
    [
        "Rhys (6)",
        "Rhys +2",
        "Rhys & siblings",
        "Twins",
        "as above (Rhys)",
        "=HYPERLINK",
        "unknown male",
        "Rh�s",
        "Rhys" * 30,
    ],
)
def test_what_names_no_child_goes_to_a_person(name: str) -> None:
    assert wrong(given_names=name)[-1] == NO_NAME


@pytest.mark.parametrize("name", ["Ann Quill, Ben Quill", "Ann, Ben and Cara Quill", "Quill, Ann, Ben"])
def test_a_comma_that_may_part_a_name_or_two_children_goes_to_a_person(name: str) -> None:
    assert wrong(**whole(name)) == [
        "It is not plain where one name ends and the next begins. Write a stroke between children."
    ]


def test_a_name_with_the_birth_in_the_same_cell_goes_to_a_person() -> None:
    assert NO_NAME in wrong(**whole("Rhys Calloway 6/6/2003"))


def test_family_names_that_are_nobodys_go_to_a_person() -> None:
    assert (
        "It is not plain which family name is whose." in wrong(given_names="A/B/C", family_name="Quill/Calloway")[0]
    )


@pytest.mark.parametrize("said", [whole(""), whole("n/k"), {"given_names": "?", "family_name": "nk"}])
def test_a_row_that_names_no_child_goes_to_a_person(said: dict[str, str]) -> None:
    assert wrong(**said) == [NO_CHILD_NAMED]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("no child: an adult tells of her own childhood", "an adult tells of her own childhood"),
        ("No child - adult survivor", "adult survivor"),
        ("No child named", "The old log says that no child is named"),
        ("None named", "The old log says that no child is named"),
    ],
)
def test_why_no_child_can_be_named_is_taken_and_whatever_else_is_there_is_told(cell: str, why: str) -> None:
    referral = read(given_names=cell, address="22 Tidewell House", birth="1961")
    assert (referral.children, referral.no_child_because) == ([], why)
    assert all(each in referral.told for each in ("Calloway", "22 Tidewell House", "1961"))


# --- births and sexes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("6/6/2003", Birth.on(date(2003, 6, 6))),
        ("2003-06-06", Birth.on(date(2003, 6, 6))),
        ("06.06.03", Birth.on(date(2003, 6, 6))),
        ("15/09/94", Birth.on(date(1994, 9, 15))),
        ("DOB: 6-Jun-03", Birth.on(date(2003, 6, 6))),
        ("6yrs", Birth.between(date(2002, 7, 3), date(2003, 7, 2))),
        ("6", Birth.between(date(2002, 7, 3), date(2003, 7, 2))),
        ("2003", Birth.between(date(2003, 1, 1), date(2003, 12, 31))),
        ("EDD 9/10/2009", Birth.due(date(2009, 10, 9))),
        ("nk", Birth()),
        ("?", Birth()),
    ],
)
def test_a_birth_is_read_as_desks_write_it(text: str, birth: Birth) -> None:
    checked = check(birth=text)
    assert checked.referral
    assert (checked.referral.children[0].birth, checked.remarks) == (birth, [])


@pytest.mark.parametrize(
    "text", ["27-Jun-2010", "2010-06-27", "15/09/10", "31/02/2003", "37000", "6/6/2003?", "unborn", "EDD 1/1/2012"]
)
def test_a_birth_that_cannot_be_is_left_open_with_a_remark_and_stays_as_it_was_said(text: str) -> None:
    checked = check(birth=text)
    assert checked.referral
    assert checked.referral.children[0].birth == Birth()
    assert [each.sentence.endswith("what the log says is kept as a note.") for each in checked.remarks] == [True]
    assert "Child’s date of birth or age: " in checked.referral.told


@pytest.mark.parametrize("text", ["1985", "15/09/85", "1/7/1991", "1990-01-01", "19"])
def test_an_adult_is_not_taken_for_a_child(text: str) -> None:
    (sentence,) = wrong(birth=text)
    assert sentence.startswith("Whoever was born then was an adult when the referral was received.")


def test_births_of_several_children_are_theirs_where_there_are_as_many() -> None:
    for text in ("6/6/2003 / 7/7/2005", "6/6/03\n7/7/05", "6/6/03 & 7/7/05", "06.06.2003, 07.07.2005"):
        children = read(given_names="Rhys/Ann", birth=text).children
        assert [each.birth for each in children] == [Birth.on(date(2003, 6, 6)), Birth.on(date(2005, 7, 7))]


@pytest.mark.parametrize("text", ["6/6/2003", "6/4", "3 and 5 months", "6, 4, 2"])
def test_a_birth_that_is_not_plainly_anybodys_is_nobodys_and_is_told(text: str) -> None:
    checked = check(given_names="Rhys/Ann", birth=text)
    assert checked.referral
    assert [each.birth for each in checked.referral.children] == [Birth(), Birth()]
    assert [each.sentence.startswith("There are several children") for each in checked.remarks] == [True]
    assert "Child’s date of birth or age: " in checked.referral.told


def test_a_sex_is_read_and_one_that_is_not_plain_is_told() -> None:
    assert [read(sex=text).children[0].sex for text in ("F", "boy", "nk", "F?")] == ["female", "male", "", ""]
    assert [each.sex for each in read(given_names="Rhys/Ann", sex="M/F").children] == ["male", "female"]
    assert [each.sex for each in read(given_names="Rhys/Ann", sex="M").children] == ["", ""]
    assert ["Child’s sex" in read(sex=text).told for text in ("F", "M/F", "F?")] == [False, True, True]


# --- what Excel makes of it ----------------------------------------------------------------------


@pytest.mark.parametrize("says", ["family_name", "address", "decision", "source", "circumstances"])
def test_a_cell_that_went_wrong_in_excel_goes_to_a_person(says: str) -> None:
    assert "Excel could not work this out, and shows #REF!. Write what is meant." in wrong(**{says: "#REF!"})


def test_a_formula_among_the_notes_is_words() -> None:
    assert "Link: =HYPERLINK" in read({"Link": '=HYPERLINK("http://harm.example","Ann")'}).told


@pytest.mark.parametrize(("says", "most"), [("contact", 60), ("referrer", 120), ("source", 200), ("address", 200)])
def test_nothing_is_cut_off_that_is_too_long(says: str, most: int) -> None:
    assert read(**{says: "a" * most})
    (sentence,) = wrong(**{says: "a" * (most + 1)})
    assert f"{most} characters" in sentence


def test_what_happened_can_be_long_and_not_longer_than_cait_holds() -> None:
    assert len(read(circumstances="a" * 20_000).circumstances) == 20_000
    assert "longer than the 20,000 characters" in wrong(circumstances="a" * 20_001)[0]
    assert "It is not said what happened." in wrong(circumstances="")[0]


# --- callers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"referrer": "Ms Poole (anon)"},
        {"contact": "do not disclose 020 7946 0011"},
        {"source": "Member of public - anonymous"},
        {"circumstances": "Shouting. The caller wishes to remain anonymous."},
    ],
)
def test_a_caller_who_asked_not_to_be_named_is_protected_wherever_the_row_says_so(said: dict[str, str]) -> None:
    referral = read(**{"source": "Neighbour", **said})
    assert referral.protected
    assert "Where it comes from" not in referral.told


def test_a_caller_from_child_protection_is_not_hidden() -> None:
    assert not read(referrer="Ms Poole, Public Protection Desk", contact="childprotection@haringey.example").protected


def test_words_that_tell_who_a_protected_caller_is_go_to_a_person() -> None:
    sentence = "This tells who the caller is, who asked not to be named: “Jane Poole”. Take it out."
    assert wrong(referrer="Jane Poole - anon", circumstances="Jane  POOLE heard shouting.") == [sentence]
    assert wrong({"Notes": "Rang Jane Poole back"}, referrer="Jane Poole - anon") == [sentence]
    for said in (
        {"allegation": "Physical, says Jane Poole"},
        {"strategy": "rang Jane Poole"},
        {"decision": "NFA, Jane Poole told"},
    ):
        assert wrong(referrer="Jane Poole - anon", **said) == [sentence]
    assert wrong(referrer="Jane Poole - anon", circumstances="Mrs Poole rang again.") == [
        sentence.replace("Jane Poole", "Poole")
    ]
    reached = "anon please; 020 7946 0011"
    assert wrong(contact=reached, circumstances="Rang from 02079 460011.") == [
        sentence.replace("Jane Poole", reached)
    ]


def test_nothing_has_been_received_later_today() -> None:
    now = datetime(2009, 7, 2, 14, tzinfo=UTC)
    rows = {"urn": "0001/09", "received_on": "2/7/2009", "family_name": "Orme", "circumstances": "A red mark."}
    assert check_row(rows | {"received_time": "14:59"}, [], today=date(2009, 7, 2), now=now).referral
    late = check_row(rows | {"received_time": "15:01"}, [], today=date(2009, 7, 2), now=now)
    assert [each.sentence for each in late.wrong] == ["The time received is in the future. Check it."]


def test_a_contact_is_an_email_address_or_a_telephone_number() -> None:
    assert (read(contact="a@b.example").email, read(contact="020 7946 0011").telephone) == (
        "a@b.example",
        "020 7946 0011",
    )
    assert read(source="School", method="Tel").method == Method.TELEPHONE
    assert (read(source="Lodger").source, read(source="Lodger").referrer_job) == (Source.OTHER, "Lodger")


# --- what was decided ----------------------------------------------------------------------------


def test_what_was_decided_is_taken_over_and_its_words_stay() -> None:
    referral = read(decision="Joint s47", decided_by="DS Roberts")
    assert (referral.decision, referral.decision_words, referral.decided_by) == (
        DecisionKind.JOINT, "Joint s47", "DS Roberts"
    )  # fmt: skip
    assert (read(decision="Strat meeting").to_decide, read(decision="nk").to_decide) == (True, False)
    assert read(decided_by="?").decided_by == "not said"


def test_a_decision_that_nobody_knows_goes_to_a_person() -> None:
    assert wrong(decision="Lunch")[0].startswith("CAIT does not know this decision. Write one of: Joint s47;")


@pytest.mark.parametrize("text", ["", "nk", "awaited", "N"])
def test_an_update_that_has_not_come_has_not_come(text: str) -> None:
    assert read(decision="SS only", update_received=text).answered_at is None


def test_an_update_from_social_services_has_its_day_or_goes_to_a_person() -> None:
    assert read(decision="SS only", update_received="22/7/2009").answered_at
    assert read(decision="Joint s47", update_received="rubbish").answered_at is None
    assert "rubbish" in read(decision="Joint s47", update_received="rubbish").told
    for text, why in (("y", "It cannot be read"), ("1/7/2009", "is dated before"), ("1/7/2030", "is in the future")):
        assert why in wrong(decision="SS only", update_received=text)[0]


# --- ditto marks, totals, headings ---------------------------------------------------------------


@pytest.mark.parametrize("mark", ['"', "”", "ditto", "Ditto.", "as above", "AS ABOVE", "do", "do.", "a/a", "Same"])
def test_as_above_is_what_stands_above(mark: str) -> None:
    cells = ["0002/09", mark, ""]
    assert repeat_above(cells, ["0001/09", "22 Tidewell House", "x"]) == []
    assert cells == ["0002/09", "22 Tidewell House", ""]


def test_as_above_below_nothing_is_told_and_a_name_is_no_ditto() -> None:
    cells = ['"', "ditto", "Do", "DO", "as above, flat 2"]
    assert repeat_above(cells, ["", *"xxx"][:1]) == [0, 1]
    assert cells == ['"', "ditto", "Do", "DO", "as above, flat 2"]


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (["TOTAL", "=COUNTA(A5:A207)"], True),
        (["", "Sub-total", "7"], True),
        (["Grand totals:", "7"], True),
        (["Count", "7"], True),
        (["Totalled the car"], False),
        (["Total", "2/12/09", "Rhys", "Calloway", "x"], False),
        (["0001/09", "Total"], False),
        ([], False),
    ],
)
def test_a_total_is_no_referral_and_a_referral_no_total(cells: list[str], total: bool) -> None:
    assert is_total(cells) == total


def test_a_heading_repeated_on_each_page_is_no_referral() -> None:
    sheet = Sheet("", headings=["URN", "Date", "Time", "DOB"])
    assert is_heading_again(["URN", "Date", "Time", "DOB"], sheet)
    assert is_heading_again(["URN", "Date", "Time", "", "", "x"], sheet)
    assert not is_heading_again(["0001/09", "Date", "Time", "x"], sheet)


# --- another desk’s log --------------------------------------------------------------------------


def test_the_log_of_a_desk_that_kept_it_otherwise_is_read_and_what_is_not_plain_goes_to_a_person(
    tmp_path: Path,
) -> None:
    book = Workbook()
    sheet = book.active
    sheet["B2"] = "ENFIELD CHILD ABUSE TEAM"
    sheet.merge_cells("B2:H4")
    sheet["E11"] = "Child"
    sheet.merge_cells("E11:F11")
    head = [
        "Ref No",
        "Date",
        "Time in",
        "Child's Surname",
        "Child's forename(s)",
        "DOB/Age",
        "Details",
        "Outcome",
        "OIC",
    ]
    rows: list[list[Any]] = [
        [41, "Thurs 2nd July 09", "1430hrs", "QUILL", "Ann & Ben", "6 & 4", "Shouting.", "Joint s47", "DC Baker"],
        [42, "2/7/9", "14.30", "Do", "Thi", "6/6/03", "Bruise.", "SS only", "DC Baker"],
        [43, "3.7.09", "2.30pm", '"', "Lan", date(2003, 6, 6), "as above", "NFA", "ditto"],
        [],
        head,
        [date(2009, 5, 1), "3/7/09", 905, "Poole", "Cy + siblings", "1961", "Marks.", "tbc", ""],
    ]
    for number, row in enumerate([head, *rows], 12):
        for column, value in enumerate(row, 2):
            sheet.cell(number, column, value)
    book.save(tmp_path / "log")
    lines = [line for line in lines_of(tmp_path / "log") if isinstance(line, list)]
    headings: list[str] = next(cells for number, cells in lines if number == 12)
    assert (find_heading(lines, {}), [number for number, _ in lines]) == (12, [2, 11, 12, 13, 14, 15, 17, 18])
    columns = columns_of(headings, {})
    above: list[str] = []
    found: dict[int, Checked] = {}
    for number, cells in lines[3:]:
        if is_heading_again(cells, Sheet("", headings=headings)):
            continue
        assert repeat_above(cells, above) == []
        above = cells
        said, notes = said_by(cells, columns, headings)
        found[number] = check_row(said, notes, today=TODAY, where=f"row {number}")
    sentences = {number: [each.sentence.split(".")[0] for each in checked.wrong] for number, checked in found.items()}
    assert sentences == {
        13: [],
        14: ["The date received cannot be read"],
        15: [],
        18: ["Excel has made a date of this URN", NO_NAME.split(".")[0]],
    }
    first, third = found[13].referral, found[15].referral
    assert first
    assert third
    assert [(each.given_names, each.family_name) for each in first.children] == [("Ann", "QUILL"), ("Ben", "QUILL")]
    assert first.received_at == datetime(2009, 7, 2, 13, 30, tzinfo=UTC)
    assert "OIC: DC Baker" in first.told
    assert [(each.given_names, each.family_name) for each in third.children] == [("Lan", "Do")]
    assert third.circumstances == "Bruise."
