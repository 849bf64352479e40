"""The log as an Excel file: asked why, marked, logged; and every cell of words is words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import AccessLog
from people.births import Birth
from referrals.enums import Category, Method, Source
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_child, a_referral
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

HERE = "/referrals/download/"
WHY = "Monthly figures for the inspector"
START = datetime(2010, 7, 14, 10, 0, tzinfo=UTC)


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey."""
    user = an_officer(Role.DESK_SERGEANT)
    client.force_login(user)
    return user


def downloaded(client: Client, asked: str = "") -> Any:
    """The sheet of the file, read back."""
    answer = client.post(HERE + asked, {"reason": WHY})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return load_workbook(BytesIO(answer.content)).active


def lines(sheet: Any) -> list[dict[str, Any]]:
    """The referrals of a sheet, each by its headings."""
    headings = [cell.value for cell in sheet[3]]
    return [dict(zip(headings, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True)]


def cells(sheet: Any) -> list[Any]:
    return [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_without_a_reason_there_is_no_file(client: Client, sergeant: User) -> None:
    a_referral()
    for reason in ("", "   ", "two\nlines"):
        answer = client.post(HERE, {"reason": reason})
        page = answer.content.decode()
        assert answer["Content-Type"].startswith("text/html")
        assert 'id="id_reason_error"' in page
    assert not AccessLog.objects.filter(how="export").exists()


def test_opening_the_page_downloads_nothing(client: Client, sergeant: User) -> None:
    a_referral()
    page = client.get(HERE).content.decode()
    assert "The file holds 1 referral." in page
    assert not AccessLog.objects.filter(how="export").exists()


def test_each_referral_is_one_row(client: Client, sergeant: User) -> None:
    children = [a_child("Rhys", "Calloway", birth=Birth.on(START.date().replace(year=2003, month=6)))]
    first = a_referral(
        received_at=START,
        children=[*children, a_child("Tia", "Calloway")],
        method=Method.TELEPHONE,
        source=Source.HEALTH,
        referrer_name="Gwen Teasdale",
        referrer_job="Health visitor",
        categories=[Category.PHYSICAL, Category.NEGLECT],
        urgent=True,
        circumstances="Line one.\nLine two.",
        by=sergeant,
    )
    second = a_referral(received_at=START - timedelta(hours=1), children=[], no_child_because="Her own childhood")
    sheet = downloaded(client)
    there = lines(sheet)
    assert [row["URN"] for row in there] == [first.urn, second.urn]
    logged = there[0].pop("Logged")
    assert there[0] == {
        "URN": first.urn,
        "Record": first.case.number,
        "Received": datetime(2010, 7, 14, 11, 0),  # noqa: DTZ001  # London time, as a workbook keeps it
        "How": "Telephone",
        "Source": "Health",
        "Caller": "Gwen Teasdale, Health visitor",
        "Children, with ages then": "Rhys Calloway, 7; Tia Calloway",
        "Kind of harm": "Physical, neglect",
        "Urgent": "yes",
        "State": "To triage",
        "Decision": None,
        "Written confirmation": "outstanding",
        "What happened": "Line one.\nLine two.",
        "Logged by": str(sergeant),
    }
    assert isinstance(logged, datetime)
    assert there[1]["Children, with ages then"] == "none named: Her own childhood"


def test_the_file_is_marked_on_its_first_line_and_on_every_printed_page(client: Client, sergeant: User) -> None:
    a_referral()
    sheet = downloaded(client)
    assert sheet["A1"].value == settings.PROTECTIVE_MARKING
    assert sheet.oddHeader.center.text == sheet.oddFooter.center.text == settings.PROTECTIVE_MARKING
    assert f"Downloaded by {sergeant}" in sheet["A2"].value
    assert sheet.print_title_rows in ("3:3", "$3:$3")


def test_what_looks_like_a_formula_is_words(client: Client, sergeant: User) -> None:
    formulas = ["=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "#N/A", "=", "1/2/2010"]
    for typed in formulas:
        a_referral(
            children=[a_child(typed, typed)],
            circumstances=typed,
            referrer_name=typed,
            referrer_job=typed,
            by=sergeant,
        )
        a_referral(children=[], no_child_because=typed)
    sheet = downloaded(client)
    assert {cell.data_type for cell in cells(sheet)} <= {"s", "inlineStr", "d", "n"}
    assert [cell.coordinate for cell in cells(sheet) if cell.data_type == "n"] == []
    rows = lines(sheet)
    for typed in formulas:
        (row,) = [row for row in rows if row["What happened"] == typed]
        assert row["Children, with ages then"] == f"{typed} {typed}"
        assert row["Caller"] == f"{typed}, {typed}"


def test_odd_characters_do_not_break_the_file(client: Client, sergeant: User) -> None:
    odds = ["\x01", "\x0b", "\x1f", "\x7f", "\x85", "\ufffe", "\uffff", "\r\n", "🙂", "_x0041_"]
    for number, odd in enumerate(odds):
        a_referral(circumstances=f"before{odd}after", children=[a_child("Rhys", f"Calloway{number}")])
    rows = {row["Children, with ages then"]: row for row in lines(downloaded(client))}
    for number, odd in enumerate(odds):
        row = rows[f"Rhys Calloway{number}"]
        assert row["What happened"].startswith("before"), repr(odd)
        assert row["What happened"].endswith("after"), repr(odd)


def test_a_very_long_text_does_not_break_the_file(client: Client, sergeant: User) -> None:
    a_referral(circumstances="x" * 40_000)
    (row,) = lines(downloaded(client))
    assert len(row["What happened"]) == 32_767


def test_a_protected_caller_is_left_out(client: Client, sergeant: User) -> None:
    a_referral(
        protected=True,
        source=Source.VOLUNTARY,
        referrer_name="Zebulon Quarrington",
        referrer_job="Lollipop warden",
        referrer_telephone="020 7946 0991",
        referrer_email="zq@warden.example",
    )
    sheet = downloaded(client)
    words = " ".join(str(cell.value) for cell in cells(sheet))
    for secret in ("Zebulon", "Quarrington", "warden", "7946", "Voluntary"):
        assert secret not in words
    assert lines(sheet)[0]["Source"] == "A caller"


def test_the_download_is_logged_with_its_reason_and_no_word_of_a_record(client: Client, sergeant: User) -> None:
    a_referral(children=[a_child("Rhys", "Calloway")])
    a_referral(children=[a_child("Ottoline", "Vane")])
    downloaded(client, "?q=Calloway&source=school")
    look = AccessLog.objects.get(how="export")
    assert (look.by_id, look.reason, look.object_type) == (sergeant.pk, WHY, "referrals.referral")
    assert look.detail == {"rows": 1, "filters": ["q", "source"]}
    assert "alloway" not in str(vars(look))


def test_the_file_is_narrowed_as_the_log_was(client: Client, sergeant: User) -> None:
    urgent = a_referral(urgent=True)
    a_referral()
    sheet = downloaded(client, "?urgent=yes")
    assert [row["Record"] for row in lines(sheet)] == [urgent.case.number]
    assert sheet["A2"].value.startswith("Referral log, narrowed.")


def test_nothing_that_fits_is_no_file(client: Client, sergeant: User) -> None:
    a_referral()
    answer = client.post(f"{HERE}?q=Nobody", {"reason": WHY})
    assert answer["Content-Type"].startswith("text/html")
    assert "there is nothing to download" in answer.content.decode()
    assert not AccessLog.objects.filter(how="export").exists()


def test_a_wrong_filter_downloads_nothing(client: Client, sergeant: User) -> None:
    a_referral()
    answer = client.post(f"{HERE}?from_on=31/2/2010", {"reason": WHY})
    assert (answer.status_code, answer["Location"]) == (302, "/referrals/?from_on=31%2F2%2F2010")


def test_another_team_is_not_in_the_file(client: Client, sergeant: User) -> None:
    ours = a_referral()
    a_referral(a_team("ENF"))
    assert [row["Record"] for row in lines(downloaded(client))] == [ours.case.number]


def test_the_command_downloads_every_team(client: Client) -> None:
    a_referral()
    a_referral(a_team("ENF"))
    client.force_login(an_officer(Role.COMMAND))
    assert len(lines(downloaded(client))) == 2


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.OFFICE_MANAGER])
def test_whoever_may_not_download_is_not_offered_it(client: Client, role: Role) -> None:
    a_referral()
    client.force_login(an_officer(role))
    assert client.post(HERE, {"reason": WHY}).status_code == 403
    assert "Download as Excel" not in client.get(reverse("referrals:log_page")).content.decode()


def test_the_name_of_the_file_says_what_and_of_which_day(client: Client, sergeant: User) -> None:
    a_referral()
    answer = client.post(HERE, {"reason": WHY})
    assert re.fullmatch(r'attachment; filename="Referral log \d{4}-\d\d-\d\d\.xlsx"', answer["Content-Disposition"])
