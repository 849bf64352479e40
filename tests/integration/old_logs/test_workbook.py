"""The workbook of a desk, 608 rows on three sheets: each is read as what it is, shown, mended, brought in once."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from audit.events import Event
from audit.models import AuditEvent
from cases.enums import Part
from cases.models import Case, CasePerson
from diary.models import Duty
from old_logs.enums import RowState, State
from old_logs.models import OldLog, OldRow
from old_logs.queries import counts as how_many
from people.models import Address, Person
from referrals.models import Answer, Referral
from team.enums import Role
from team.models import User
from tests.factories.old_logs import EXPECTED, WORKBOOK, an_old_log, brought_in, worked_on, wrong_with
from tests.factories.team import an_officer
from tests.integration.old_logs.as_read import counts, of, page_of, read_so, words
from tests.integration.old_logs.put_right import lines_equal_their_rows, midnight, opened
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

FLAWS = {
    "no child named": "No child is named.",
    "date received cannot be read": "The date received ",
    "URN used twice": "This URN is used twice:",
}


@pytest.fixture(scope="module")
def built(shared: Shared) -> OldLog:
    return shared(an_old_log, content=WORKBOOK.read_bytes(), name="referral-desk-log.xlsx")


@pytest.fixture
def log(built: OldLog) -> OldLog:
    """It was read just now, and nothing is brought in yet."""
    return own(built)


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey."""
    user = an_officer(Role.DESK_SERGEANT)
    client.force_login(user)
    return user


# --- how it is read ------------------------------------------------------------------------------


def test_each_row_of_the_workbook_is_ready_or_has_the_flaw_it_really_has(log: OldLog) -> None:
    assert [sheet["name"] for sheet in log.sheets] == EXPECTED["sheets"]
    rows = {(log.sheets[row.sheet]["name"], row.number): row for row in OldRow.objects.filter(log=log)}
    for expected in EXPECTED["rows"]:
        row = rows.pop((expected["sheet"], expected["row"]))
        assert row.said["urn"] == expected["urn"]
        if expected["flaw"] is None:
            assert (row.state, row.wrong) == (RowState.READY, []), row.number
        else:
            (wrong,) = row.wrong
            assert row.state == RowState.FLAWED
            assert wrong["wrong"].startswith(FLAWS[expected["flaw"]])
    assert {row.state for row in rows.values()} <= {RowState.NO_REFERRAL}


def test_no_row_of_the_workbook_is_passed_over(log: OldLog) -> None:
    rows = Counter(OldRow.objects.filter(log=log).values_list("sheet", flat=True))
    for number, sheet in enumerate(load_workbook(WORKBOOK)):
        kept = log.sheets[number]
        assert (kept["rows"], kept["rows"] + kept["blank"]) == (rows[number], sheet.max_row)
        filled = sum(
            1 for cells in sheet.iter_rows(values_only=True) if any(str(each or "").strip() for each in cells)
        )
        assert kept["rows"] == filled
    assert sum(how_many(log).values()) == log.done == log.of == sum(rows.values())


def test_the_workbook_of_the_desks_log_is_mended_and_brought_in_whole(log: OldLog) -> None:
    """The real one: every flaw of it put right, nothing is left."""
    book = opened(log)
    assert sum(sheet.max_row - 3 for sheet in book) == 20
    serial = 700
    for sheet in book:
        at = {cell.value: cell.column for cell in sheet[3]}
        for row in range(4, sheet.max_row + 1):
            what = sheet.cell(row, 2).value
            if "No child is named" in what:
                sheet.cell(row, at["Child forename(s)"]).value = "Ann"
            elif "used twice" in what:
                serial += 1
                sheet.cell(row, at["URN"]).value = f"{serial:04}/09"
            else:
                sheet.cell(row, at["Date rec'd"]).value = midnight(2009, 7, 2)
    mended = BytesIO()
    book.save(mended)
    again = an_old_log(content=mended.getvalue(), name="put-right.xlsx")
    assert wrong_with(again) == []
    assert how_many(again)[RowState.READY] == 20


# --- how it is shown -----------------------------------------------------------------------------


def test_the_summary_accounts_for_every_row(log: OldLog, client: Client, sergeant: User) -> None:
    page = page_of(client, of(log))
    assert counts(page) == ["580", "0", "20", "8", "15"]
    said = words(page)
    assert "The 3 sheets: 608 rows in all, and 15 blank" in said
    assert "Jul-Sep 2009 in row 4 204 5" in said
    assert "Bring in 580 referrals" in said
    assert "Download the 20 rows that need a person (Excel)" in said
    assert "nothing is brought in yet" in said
    assert "Need a person (20) Can be brought in (580) No referral (8)" in said
    assert "Jul-Sep 2009, row 59 URN 0055/09 Date rec'd yesterday The date received cannot be read" in said


def test_a_long_list_comes_page_by_page_in_few_statements(log: OldLog, client: Client, sergeant: User) -> None:
    with CaptureQueriesContext(connection) as captured:
        page = page_of(client, of(log), show="ready")
    assert len(captured) <= 12
    following = re.search(r'href="(\?[^"]*after=[^"]*)"', page)
    assert following is not None
    assert "show=ready" in following[1]
    assert "row 5 <" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "row 5 <" not in page_of(client, of(log) + following[1]).replace("\N{NO-BREAK SPACE}", " ")


def test_a_sheet_that_is_no_part_of_the_log_is_left_out(log: OldLog, client: Client, sergeant: User) -> None:
    here = of(log, then="columns/")
    typed = read_so(page_of(client, here))
    client.post(here, {**typed, "heading-1": "0", "heading-2": ""})
    page = words(page_of(client, of(worked_on(log))))
    assert "Oct-Dec 2009 no part of the log" in page
    assert "Jan-Mar 2010 no part of the log" in page


# --- brought in ----------------------------------------------------------------------------------


def of_records() -> dict[str, int]:
    """How many rows there are in every table of records, and how many referrals were logged or brought in."""
    rooms = ("cases", "referrals", "people", "diary", "intake")
    found = {m._meta.label: m._base_manager.count() for m in apps.get_models() if m._meta.app_label in rooms}
    events = AuditEvent.objects.filter(event__in=[Event.REFERRAL_BROUGHT_IN, Event.REFERRAL_LOGGED])
    return {**found, "events": events.count()}


def test_the_workbook_is_brought_in_whole_and_once(log: OldLog, client: Client) -> None:
    by = an_officer(Role.DESK_SERGEANT)
    log = brought_in(log, by=by)
    expected = [each for each in EXPECTED["rows"] if each["flaw"] is None]
    found = how_many(log)
    assert (log.state, log.content, log.done, log.of) == (State.DONE, None, 580, 580)
    assert (found[RowState.BROUGHT_IN], found[RowState.FLAWED], found[RowState.READY]) == (580, 20, 0)
    named = Counter(CasePerson.objects.filter(part=Part.CHILD).values_list("case__referral__old_urn", flat=True))
    assert named == {each["urn"]: each["children"] for each in expected}
    assert Referral.objects.count() == Case.objects.count() == 580
    assert AuditEvent.objects.filter(event=Event.REFERRAL_BROUGHT_IN, by_id=by.pk).count() == 580
    for model in (Referral, Case, CasePerson, Person, Duty, Answer):
        assert lines_equal_their_rows(model, by)
    assert Address.objects.count() == Address.objects.values("key").distinct().count()
    # The list of them comes page by page.
    client.force_login(by)
    with CaptureQueriesContext(connection) as captured:
        assert page_of(client, of(log), show="brought-in").count("/cases/") >= 50
    assert len(captured) <= 12
    # Whoever sends it again, or somebody else, adds nothing.
    before = of_records()
    again = brought_in_or_read(an_old_log(content=WORKBOOK.read_bytes(), name="again.xlsx"))
    found = how_many(again)
    assert (found[RowState.HERE], found[RowState.FLAWED], found[RowState.READY]) == (580, 20, 0)
    assert of_records() == before


def brought_in_or_read(log: OldLog) -> OldLog:
    return brought_in(log) if how_many(log)[RowState.READY] else log
