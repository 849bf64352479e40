"""What readers of the code found: each was so, and is so no more."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.urls import reverse
from openpyxl import Workbook

from cases.models import Case, Entry
from deadlines.clock import LONDON
from diary.models import Duty
from intake.kinds_of_files import HAS_MACROS, kind_of_file, name_for
from old_logs import bringing, sheets
from old_logs.actions import discard_old_log
from old_logs.enums import RowState, Says, State
from old_logs.models import OldLog, OldRow
from old_logs.queries import to_be_asked_about
from old_logs.wordings import Decided, read_decision
from old_logs.workbook import cells_of
from old_logs.working import work_on_all
from people.models import Person, Residence
from referrals.enums import DecisionKind, Method
from referrals.models import Referral
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.old_logs import a_row, an_old_log, an_old_referral, brought_in
from tests.factories.referrals import a_referral
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

THE_SAME = {"given": "Rhys", "family": "Calloway", "born": "06/06/2003", "address": "22 Tidewell House"}


def test_where_no_email_goes_the_record_says_so_and_why() -> None:
    referral = an_old_referral(decision="SS only", hold_why="They were asked on paper")
    (told,) = Entry.objects.filter(case=referral.case, title__startswith="Decision in the old log").values_list(
        "text", flat=True
    )
    assert "No email is sent to Social Services: They were asked on paper" in told
    assert "CAIT asks for it" not in told


@pytest.mark.parametrize(
    "words",
    ["Referred to SS for assessment", "Passed to Social Services for info", "Info only - passed to SS"],
)
def test_whether_social_services_owe_an_update_is_not_guessed(words: str) -> None:
    assert read_decision(words) is None
    assert read_decision("Passed to CYPS") == Decided(DecisionKind.SOCIAL_SERVICES)
    assert read_decision("Transfer to Enfield CAIT") == Decided(DecisionKind.PASSED_ON, "Enfield CAIT")


def test_of_a_telephoned_referral_of_an_old_log_nobody_knows_whether_it_was_confirmed(client: Any) -> None:
    by = an_officer(Role.DESK_SERGEANT)
    client.force_login(by)
    log = brought_in(an_old_log(a_row(source="Telephone call from school")))
    referral = Referral.objects.get()
    Referral.objects.filter(pk=referral.pk).update(method=Method.TELEPHONE)
    referral.refresh_from_db()
    assert not referral.needs_confirmation
    assert log.state == State.DONE
    page = client.get(reverse("referrals:referral", args=[referral.case.number])).content.decode()
    assert "Outstanding" not in page
    assert "the old log does not say" in page


def test_a_cell_with_the_words_of_a_nul_holds_no_log_up() -> None:
    log = an_old_log(a_row(circs=r"See C:\u0000x for the drawing."))
    assert log.state == State.READ
    brought_in(log)
    assert Referral.objects.get().circumstances == r"See C:\u0000x for the drawing."


def test_a_slip_of_the_pen_does_not_move_the_numbering_for_good() -> None:
    move_time_to(datetime(2009, 7, 8, 9, 0, tzinfo=LONDON))
    brought_in(an_old_log(a_row(urn="0012/09"), a_row(urn="999999/09"), a_row(urn="99998/09", on="yesterday")))
    assert {each.old_urn: each.urn for each in Referral.objects.all()} == {
        "0012/09": "0012/09",
        "999999/09": "0013/09",
    }
    assert a_referral().urn == "0014/09"


def test_a_fault_of_the_machine_is_told_of_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    from old_logs.actions import bring_in_old_log

    log = an_old_log(a_row(), a_row())
    bring_in_old_log(log, by=User.objects.system())

    def full(*said: Any, **more: Any) -> None:
        raise OperationalError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(bringing, "bring_in", full)
        work_on_all()
    assert set(OldRow.objects.filter(log=log, state__in=["ready", "flawed"]).values_list("state", flat=True)) == {
        RowState.READY
    }
    work_on_all()
    assert OldLog.objects.get().state == State.DONE
    assert Referral.objects.count() == 2


def test_what_goes_back_stands_under_the_columns_as_they_were_read() -> None:
    from old_logs.headings import Sheet
    from old_logs.models import Column
    from team.history import save_as

    log = an_old_log(a_row(urn="0012/09", note="Seen at home"))
    row = OldRow.objects.get(state=RowState.READY)
    column = Column(team=log.team, heading="allegation", says=Says.NOTE)
    save_as(column, User.objects.system())
    sheet = Sheet(**log.sheets[0])
    cells = cells_of(row, sheet, [Says(says) for says in sheet.columns])
    assert dict(zip(sheet.headings, cells, strict=False))["Allegation"] == "Physical"
    assert dict(zip(sheet.headings, cells, strict=False))["Notes"] == "Seen at home"


def test_a_child_in_several_rows_lives_there_since_the_first_of_them_and_is_known_in_the_others() -> None:
    brought_in(
        an_old_log(
            a_row(urn="0003/09", on="03/07/2009", **THE_SAME),
            a_row(urn="0001/09", on="01/07/2009", **THE_SAME),
        )
    )
    assert Person.objects.count() == 1
    assert list(Residence.objects.values_list("from_on", flat=True)) == [date(2009, 7, 1)]
    taken = {each.old_urn: each.as_given[0]["taken_to_be"] for each in Referral.objects.all()}
    assert taken == {"0003/09": "", "0001/09": "Rhys Calloway"}
    brought_in(an_old_log(a_row(urn="0099/08", on="30/12/2008", **THE_SAME), name="before.csv"))
    assert Residence.objects.order_by("from_on").first().from_on == date(2008, 12, 30)  # type: ignore[union-attr]
    assert Case.objects.count() == 3


def test_where_a_caller_works_stands_in_no_entry() -> None:
    referral = an_old_referral(source="Mrs Jones, neighbour")
    assert not Entry.objects.filter(case=referral.case, text__contains="Jones").exists()
    assert referral.referrer_job == "Mrs Jones, neighbour"


def test_how_many_are_asked_about_is_what_the_check_found() -> None:
    log = an_old_log(
        a_row(decision="SS only"),
        a_row(decision="SS only", answered="20/07/2009"),
        a_row(decision="SS only", answered="not yet"),
        a_row(decision="Joint s47"),
    )
    assert to_be_asked_about(log) == 2
    brought_in(log)
    assert Duty.objects.filter(kind="update", chase__state="running").count() == 2


def test_of_two_with_one_log_the_second_hears_that_it_was_thrown_away() -> None:
    log = an_old_log(a_row())
    again = OldLog.objects.get(pk=log.pk)
    discard_old_log(log, by=User.objects.system())
    with pytest.raises(ChangedMeanwhile, match="thrown this log away"):
        discard_old_log(again, by=User.objects.system())


def test_macros_are_found_wherever_they_are_packed() -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "_VBA_PROJECT".encode("utf-16-le")
    assert kind_of_file(old).why_not == HAS_MACROS
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", "<w/>")
        for number in range(5000):
            packed.writestr(f"word/media/{number}", "")
        packed.writestr("word/vbaProject.bin", "x")
    assert kind_of_file(file.getvalue()).why_not
    assert "program" in kind_of_file(b"#!/bin/sh\nrm -rf /\n").why_not


def test_whoever_brings_it_in_sees_where_the_numbering_goes_on(client: Any) -> None:
    move_time_to(datetime(2009, 7, 8, 9, 0, tzinfo=LONDON))
    client.force_login(an_officer(Role.DESK_SERGEANT))
    log = an_old_log(a_row(urn="0812/09"), a_row(urn="0700/08", on="2/7/2008"))
    page = client.get(reverse("old_logs:old_log", args=[log.pk])).content.decode()
    assert "Its highest URN of this year is <b>0812/09</b>" in page


@pytest.mark.parametrize("column", ["sex", "born", "given", "family", "on", "time", "urn", "decision", "address"])
def test_what_is_very_long_is_looked_through_no_further(column: str) -> None:
    (row,) = OldRow.objects.filter(log=an_old_log(a_row(**{column: "a" + " " * 60_000 + "b"})), state=RowState.FLAWED)
    assert row.wrong[0]["wrong"] == "This is longer than the 500 characters that CAIT holds. Shorten it."


def test_one_long_text_in_a_thousand_cells_fills_no_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Workbook()
    for _ in range(200):
        book.active.append(["x" * 30_000])
    book.save(tmp_path / "log.xlsx")
    monkeypatch.setattr(sheets, "MOST_UNPACKED", 5_000_000)
    monkeypatch.setattr(sheets, "check_packed", lambda file: sheets.Besides())
    with pytest.raises(sheets.Refused, match="million characters"):
        list(sheets.lines_of(tmp_path / "log.xlsx"))


def test_a_row_with_thousands_of_columns_is_no_log() -> None:
    log = an_old_log(content=("," * 5_000 + "x\n").encode())
    assert log.state == State.REFUSED
    assert "5,001 columns" in log.refused_why


def test_signs_that_turn_a_name_round_are_left_out_and_renamed_macros_are_found() -> None:
    assert name_for("a\u202efdp.exe", "application/pdf") == "afdp.exe.pdf"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", "<w/>")
        packed.writestr("word/m.bin", "x")
        packed.writestr("[Content_Types].xml", '<Override ContentType="application/vnd.ms-office.vbaProject"/>')
    assert kind_of_file(file.getvalue()).why_not == HAS_MACROS
