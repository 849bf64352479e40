"""`manage.py import_referral_log`: a rehearsal first, and with --commit what the page does."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from diary.models import Duty
from old_logs.models import OldLog
from referrals.models import Referral
from tests.factories.old_logs import WORKBOOK, a_row, as_csv
from tests.factories.team import a_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(tmp_path: Path) -> Path:
    a_team()
    file = tmp_path / "log.csv"
    file.write_bytes(as_csv(a_row(urn="0001/09", decision="SS only"), a_row(urn="0002/09", given="", family="")))
    return file


def run(file: Path, **said: Any) -> str:
    out = StringIO()
    call_command("import_referral_log", str(file), team=said.pop("team", "HGY"), stdout=out, **said)
    return out.getvalue()


def test_a_rehearsal_says_what_becomes_of_each_row_and_changes_nothing(log: Path) -> None:
    said = run(log)
    assert said.startswith("1 row can be brought in, 0 here already, 1 need a person; 1 are no referral")
    assert "row 3: No child is named." in said
    assert said.endswith("This was a rehearsal: nothing was changed.\n")
    assert (Referral.objects.count(), OldLog.objects.count()) == (0, 0)


def test_with_commit_what_can_be_is_brought_in_and_the_second_time_nothing(log: Path) -> None:
    assert run(log, commit=True, hold="Asked on paper").endswith("1 referral brought in.\n")
    assert Duty.objects.get().held_why == "Asked on paper"
    again = run(log, commit=True)
    assert again.startswith("0 rows can be brought in, 1 here already, 1 need a person;")
    assert again.endswith("Nothing was changed.\n")
    assert (Referral.objects.count(), OldLog.objects.count()) == (1, 1)


def test_the_report_has_the_rows_that_need_a_person(log: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xlsx"
    assert f"The rows that need a person are in {report}." in run(log, report=report)
    (sheet,) = load_workbook(report).worksheets
    assert [row[2] for row in sheet.iter_rows(min_row=4, values_only=True)] == ["0002/09"]


def test_of_the_desks_workbook_580_rows_can_be_brought_in_and_20_need_a_person() -> None:
    a_team()
    assert run(WORKBOOK, team="hgy").startswith("580 rows can be brought in, 0 here already, 20 need a person;")


def test_what_cannot_be_done_is_said_in_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    pdf = tmp_path / "log.xlsx"
    pdf.write_bytes(b"%PDF-1.4")
    with pytest.raises(CommandError, match="There is no team QQQ"):
        run(pdf, team="QQQ")
    a_team()
    with pytest.raises(CommandError, match="This is a PDF"):
        run(pdf)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run(tmp_path / "nothing.csv")
    pdf.write_bytes(b"")
    with pytest.raises(CommandError, match="The file is empty"):
        run(pdf)
    assert OldLog.objects.count() == 0
