"""The inspector's figures: from a number to its records, and the month's report as it is taken along."""

from __future__ import annotations

import csv
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from deadlines import clock
from deadlines.calendar import ONE_DAY
from deadlines.periods import months_until
from oversight.counting import bring_up_to_date
from oversight.dashboards import month_words
from oversight.report_making import make_due
from pages import words
from team.enums import Role
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.functional.browse import check_page, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

# All sheets, each as a file of its own, as text.
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def sheets_in_libreoffice(workbook: Path) -> dict[str, list[list[str]]]:
    """What LibreOffice reads in each sheet. Of a workbook that it would have to repair it reads nothing."""
    program = ["soffice", "--headless", f"-env:UserInstallation=file://{workbook.parent}/profile"]
    program += ["--convert-to", AS_CSV, "--outdir", str(workbook.parent), str(workbook)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=180, check=True)
    assert "Error" not in done.stdout + done.stderr
    found = {}
    for file in workbook.parent.glob(f"{workbook.stem}-*.csv"):
        with file.open(newline="", encoding="utf-8") as lines:
            found[file.stem.removeprefix(f"{workbook.stem}-")] = list(csv.reader(lines))
    return found


def test_from_the_inspectors_page_to_the_records_and_the_report(
    context: BrowserContext, live_server: LiveServer, later: Any, tmp_path: Path, complaints: list[str]
) -> None:
    team = a_team("HGY", "Haringey CAIT")
    case = a_case(team, children=[a_child("Rhys", "Calloway")])
    a_case(team, children=[a_child("Nia", "=Vellacott")])
    # The first working day of the month after next at the latest.
    of_month = clock.today().replace(day=1)
    days = 0
    while months_until(clock.today() + days * ONE_DAY, 1)[0] == of_month:
        days += 1
    later(days + 7)
    bring_up_to_date()
    (report,) = make_due()
    assert report.month == of_month

    signed_in(context, an_officer(Role.INSPECTOR, team), live_server.url)
    page = context.new_page()
    page.goto("/oversight/team/")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Referrals received", exact=True))
    row.get_by_role("link", name=f"Referrals received, {month_words(of_month)}").click()
    expect(page.locator("#listed")).to_contain_text("2")
    check_page(page, complaints)
    expect(page.get_by_role("row").filter(has_text="Vellacott")).to_have_count(1)
    page.get_by_role("link", name=case.number).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Referral {case.urn} as it was received")

    page.goto("/oversight/team/")
    page.get_by_role("link", name="Monthly reports").click()
    page.get_by_role("link", name=month_words(of_month)).first.click()
    expect(page.get_by_text("Draft, not signed")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Excel", exact=True).click()
    workbook = tmp_path / download.value.suggested_filename
    download.value.save_as(workbook)
    with ZipFile(BytesIO(workbook.read_bytes())) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert len(sheets) == 5
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<f " in sheet]
    read = sheets_in_libreoffice(workbook)
    made_on = words.day(clock.today())
    assert set(read) == {"Figures", "By part", f"As at {made_on}", "Thirteen months", "Definitions"}
    (received,) = [row for row in read["Figures"] if row[1] == "Referrals received"]
    assert received[2] == "2"

    # It opens in the browser.
    pdf = tmp_path / "report.pdf"
    href = page.get_by_role("link", name="PDF", exact=True).get_attribute("href")
    pdf.write_bytes(page.request.get(f"{live_server.url}{href}", timeout=60_000).body())
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert "Referrals received" in text
    assert "Draft, not signed" in text
    assert text.count("OFFICIAL-SENSITIVE") >= 2 * text.count("\f")
