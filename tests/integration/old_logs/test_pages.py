"""The pages of old logs: choosing a file, what becomes of each row, what the columns say, bringing in."""

from __future__ import annotations

import re
import tempfile
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from audit.events import Event, Look
from audit.models import AccessLog, AuditEvent
from deadlines import clock
from old_logs.actions import add_old_log, bring_in_old_log
from old_logs.enums import RowState, State
from old_logs.models import Column, OldLog, OldRow
from old_logs.policies import MOST_BYTES
from pages.uploads import OneFile
from team.actions import give_role
from team.enums import Role
from team.models import User
from tests.factories.old_logs import (
    HEADINGS,
    WORKBOOK,
    a_row,
    an_old_log,
    as_csv,
    brought_in,
    worked_on,
)
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.integration.old_logs.as_read import HERE, column, counts, errors, of, page_of, read_so, words

pytestmark = pytest.mark.django_db

UPDATE_OWED = {"decision": "SS only"}


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey."""
    user = an_officer(Role.DESK_SERGEANT)
    client.force_login(user)
    return user


def a_file(content: bytes = b"", name: str = "log.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sent(client: Client, **typed: Any) -> Any:
    return client.post(HERE, {"team": a_team().pk, **typed})


# --- choosing a file -----------------------------------------------------------------------------


def test_a_file_that_is_chosen_is_read_and_nothing_is_brought_in(client: Client, sergeant: User) -> None:
    answer = sent(client, file=a_file(WORKBOOK.read_bytes(), "referral-desk-log.xlsx"))
    log = OldLog.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == of(log)
    assert (log.name, log.state, log.added_by, bytes(log.content or b"")) == (
        "referral-desk-log.xlsx",
        State.READING,
        sergeant,
        WORKBOOK.read_bytes(),
    )
    assert AuditEvent.objects.filter(event=Event.OLD_LOG_ADDED, by_id=sergeant.pk).count() == 1
    assert not OldRow.objects.exists()


def test_what_is_wrong_with_a_file_stands_beside_the_field(client: Client, sergeant: User) -> None:
    assert "Choose the file that holds the old log" in errors(sent(client))
    assert "The file is empty. Choose the file again" in errors(sent(client, file=a_file()))
    assert not OldLog.objects.exists()


def test_a_file_that_is_too_large_is_refused_in_words_and_not_kept(
    client: Client, sergeant: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    answer = sent(client, file=a_file(b"x" * (MOST_BYTES + 1)))
    assert "The file is larger than 40 MB, which is more than CAIT reads" in errors(answer)
    assert "Choose the file that holds" not in errors(answer)
    assert not answer.wsgi_request.FILES
    assert list(tmp_path.iterdir()) == []
    assert not OldLog.objects.exists()
    assert sent(client, file=a_file(b"x" * MOST_BYTES)).status_code == 302


def test_one_file_is_kept_and_only_of_the_field_that_is_asked_for(client: Client, sergeant: User) -> None:
    answer = sent(client, other=a_file(b"1"), file=[a_file(as_csv(), "one.csv"), a_file(as_csv(), "two.csv")])
    assert answer.status_code == 302
    assert OldLog.objects.get().name == "one.csv"
    assert set(answer.wsgi_request.FILES) == {"file"}


def test_a_name_that_is_too_long_or_has_what_cannot_be_seen_is_mended(client: Client, sergeant: User) -> None:
    for name in ("a\N{ZERO WIDTH SPACE}\N{RIGHT-TO-LEFT OVERRIDE}log.csv", f"{'a' * 300}.csv", f"a.{'b' * 300}"):
        assert sent(client, file=a_file(as_csv(), name)).status_code == 302
    short, long, odd = OldLog.objects.order_by("pk").values_list("name", flat=True)
    assert short == "alog.csv"
    assert len(long) == 255
    assert long.endswith(".csv")
    assert len(odd) <= 255


def test_a_forged_form_brings_no_file(sergeant: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sergeant)
    assert sent(client, file=a_file(as_csv())).status_code == 403
    assert not OldLog.objects.exists()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page_of(client))
    assert token is not None
    answer = client.post(HERE, {"csrfmiddlewaretoken": token[1], "team": a_team().pk, "file": a_file(as_csv())})
    assert answer.status_code == 302
    assert OldLog.objects.count() == 1


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.AUDITOR, None])
def test_nothing_is_kept_of_a_file_from_whoever_may_not_send_one(
    role: Role | None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []
    monkeypatch.setattr(OneFile, "new_file", lambda *args, **kwargs: kept.append(args))
    if role:
        client.force_login(an_officer(role))
    assert sent(client, file=a_file(as_csv())).status_code == (403 if role else 302)
    assert kept == []
    assert not OldLog.objects.exists()


def test_who_works_for_several_teams_says_whose_log_it_is(client: Client, sergeant: User) -> None:
    assert "Choose a team" not in page_of(client)
    enfield = a_team("ENF")
    give_role(sergeant, team=enfield, role=Role.DESK_SERGEANT, by=User.objects.system(), from_on=clock.today())
    assert "Choose a team" in page_of(client)
    assert "Select a team" in errors(client.post(HERE, {"team": "", "file": a_file(as_csv())}))
    client.post(HERE, {"team": enfield.pk, "file": a_file(as_csv())})
    assert OldLog.objects.get().team == enfield
    assert "Team ENF" in page_of(client)


def test_a_log_for_a_team_that_one_does_not_work_for_is_refused(client: Client, sergeant: User) -> None:
    answer = client.post(HERE, {"team": a_team("ENF").pk, "file": a_file(as_csv())})
    assert answer.status_code == 200
    assert not OldLog.objects.exists()


# --- the list ------------------------------------------------------------------------------------


def test_the_list_says_of_each_log_how_it_stands_the_latest_first(client: Client, sergeant: User) -> None:
    assert "No old log was read yet" in page_of(client)
    done = brought_in(an_old_log(a_row(), name="done.csv"), by=sergeant)
    an_old_log(a_row(), a_row(on="soon"), name="read.csv", by=sergeant)
    an_old_log(content=b"%PDF", name="refused.pdf", by=sergeant)
    add_old_log(a_team(), name="reading.csv", content=as_csv(), by=sergeant)
    an_old_log(a_row(), team=a_team("ENF"), name="theirs.csv")
    page = page_of(client)
    assert re.findall(r">(\w+\.\w+)</a>", page) == ["reading.csv", "refused.pdf", "read.csv", "done.csv"]
    said = words(page)
    assert "Being read" in said
    assert "Could not be read" in said
    assert "1 can be brought in 1 needs a person" in said
    assert "Brought in" in said
    assert "1 brought in" in said
    assert of(done) in page


def test_the_list_comes_page_by_page_and_its_statements_do_not_grow(client: Client, sergeant: User) -> None:
    an_old_log(a_row(), by=sergeant)
    page_of(client)
    with CaptureQueriesContext(connection) as one:
        page_of(client)
    for number in range(21):
        add_old_log(a_team(), name=f"{number}.csv", content=as_csv(), by=sergeant)
    with CaptureQueriesContext(connection) as many:
        page = page_of(client)
    assert len(many) == len(one) <= 12
    assert not any('"old_logs_oldlog"."content"' in q["sql"] for q in many.captured_queries)
    older = re.search(r'href="(\?after=[^"]*)"', page)
    assert older is not None
    assert "log.csv" not in page
    assert "log.csv" in page_of(client, HERE + older[1])


# --- one log, by state ---------------------------------------------------------------------------


def test_while_it_is_read_the_page_says_how_far_and_looks_again(client: Client, sergeant: User) -> None:
    log = add_old_log(a_team(), name="log.csv", content=as_csv(), by=sergeant)
    page = page_of(client, of(log))
    assert "CAIT is reading log.csv" in page
    assert "The file is being opened" in page
    assert f'<meta http-equiv="refresh" content="3;url={of(log)}?seen=0">' in page
    assert "Nothing has moved" not in page
    assert "Nothing has moved" in page_of(client, of(log), seen="0")


def test_how_far_it_has_come_is_said_in_words(client: Client, sergeant: User) -> None:
    log = add_old_log(a_team(), name="log.csv", content=as_csv(), by=sergeant)
    log.done, log.of = 12_000, 100_000
    log.save()
    page = page_of(client, of(log), seen="10000")
    assert "12,000 of about 100,000 rows" in page
    assert re.search(r'<progress [^>]*max="100000" value="12000"', page)
    assert "Nothing has moved" not in page
    still = page_of(client, of(log), stay="")
    assert "http-equiv" not in still
    assert "Look again by itself" in still
    assert AccessLog.objects.count() == 0  # it shows no row


def test_a_log_that_could_not_be_read_says_why_and_what_to_do(client: Client, sergeant: User) -> None:
    log = an_old_log(content=b"%PDF-1.4 and so on", name="log.pdf")
    page = page_of(client, of(log))
    assert "This is a PDF, whatever it is called. Open it in Excel" in words(page)
    assert "Choose another file" in page
    assert of(log, then="discard/") in page
    assert "http-equiv" not in page


def test_rows_stand_in_the_order_of_the_file(client: Client, sergeant: User) -> None:
    brought_in(an_old_log(a_row(urn="0002/09", allegation="Neglect")))
    log = an_old_log(a_row(urn="0001/09", on="?"), a_row(urn="0002/09"), a_row(urn="0003/09", on="soon"))
    page = words(page_of(client, of(log)))
    assert [int(n) for n in re.findall(r"Row (\d+) URN", page)] == sorted(
        int(n) for n in re.findall(r"Row (\d+) URN", page)
    )
    assert "here already" in page


def test_each_kind_of_row_has_its_list(client: Client, sergeant: User) -> None:
    before = brought_in(an_old_log(a_row(urn="0001/09", given="Ellis", family="Brannock")))
    case = OldRow.objects.get(log=before, state=RowState.BROUGHT_IN).referral.case  # type: ignore[union-attr]
    first = dict(OldRow.objects.get(log=before, state=RowState.BROUGHT_IN).said)
    assert first["urn"] == "0001/09"
    again = as_csv(
        a_row(urn="0001/09", given="Ellis", family="Brannock"),
        a_row(urn="0002/09", given="Tia and Rhys", born="01/02/2003"),
        above=[["Referrals to the desk, 2009"]],
    )
    log = an_old_log(content=again)
    here = page_of(client, of(log), show="here")
    assert "0001/09" in here
    assert f"/cases/{case.number}/" in here
    ready = words(page_of(client, of(log), show="ready"))
    assert "Tia and Rhys" in ready
    assert "it is not plain whose birth this is" in ready
    assert "Referrals to the desk, 2009" in page_of(client, of(log), show="no-referral")
    assert "No row needs a person" in page_of(client, of(log), show="flawed")
    done = page_of(client, of(before), show="brought-in")
    assert f"/cases/{case.number}/" in done
    assert "Ellis Brannock" in done


def test_every_look_at_rows_is_logged_and_nothing_else_written(client: Client, sergeant: User) -> None:
    log = an_old_log(a_row(), a_row(on="soon"))
    acts = AuditEvent.objects.count()
    for then, how, detail in (
        ("", Look.PAGE, {"filters": ["show: flawed"]}),
        ("?show=ready", Look.PAGE, {"filters": ["show: ready"]}),
        ("columns/", Look.PAGE, {"page": "columns"}),
        ("download/", Look.EXPORT, {"rows": 1}),
    ):
        before = AccessLog.objects.count()
        assert client.get(of(log, then=then)).status_code == 200
        (look,) = AccessLog.objects.order_by("pk")[before:]
        assert (look.object_type, look.object_id, look.team_id) == ("old_logs.oldlog", log.pk, log.team_id)
        assert (look.by_id, look.how, look.detail) == (sergeant.pk, how, detail)
    assert AuditEvent.objects.count() == acts


@pytest.mark.parametrize("then", ["", "columns/", "download/", "discard/"])
def test_a_log_of_another_team_is_not_found(then: str, client: Client, sergeant: User) -> None:
    log = an_old_log(team=a_team("ENF"))
    looks = AccessLog.objects.count()
    assert client.get(of(log, then=then)).status_code == 404
    assert client.post(of(log, then=then)).status_code in (404, 405)
    assert client.get(f"{HERE}{log.pk + 1}/{then}").status_code == 404
    assert AccessLog.objects.count() == looks
    client.force_login(an_officer(Role.INVESTIGATOR, a_team("ENF")))
    assert client.get(of(log, then=then)).status_code == 403


# --- bringing in ---------------------------------------------------------------------------------


def test_what_follows_is_said_and_whether_emails_go_must_be_answered(client: Client, sergeant: User) -> None:
    log = an_old_log(
        a_row(**UPDATE_OWED),
        a_row(decision="Single agency - SS", answered="not yet"),
        a_row(**UPDATE_OWED, answered="20/07/2009"),
        a_row(decision="nk"),
        a_row(),
    )
    page = words(page_of(client, of(log)))
    assert "2 referrals are for Social Services alone and the log has no update from them" in page
    assert "Say whether CAIT writes to Social Services" in errors(client.post(of(log)))
    answer = client.post(of(log), {"emails": "hold", "hold_why": ""})
    assert "Say why they are held back" in errors(answer)
    assert OldLog.objects.get(pk=log.pk).state == State.READ
    assert client.post(of(log), {"emails": "hold", "hold_why": "All were rung"})["Location"] == of(log)
    log = OldLog.objects.get(pk=log.pk)
    assert (log.state, log.hold_why, log.asked_by) == (State.BRINGING_IN, "All were rung", sergeant)
    page = page_of(client, of(log))
    assert "CAIT is bringing in log.csv" in page
    assert "0 of 5 referrals" in page
    assert "http-equiv" in page
    worked_on(log)
    page = words(page_of(client, of(log)))
    assert "5 referrals were brought in" in page
    assert f"{sergeant} had them brought in" in page
    assert "are held back: “All were rung”" in page
    assert "Throw this log away" not in page


def test_a_reason_that_is_typed_although_emails_go_is_not_kept(client: Client, sergeant: User) -> None:
    log = an_old_log(a_row(**UPDATE_OWED))
    client.post(of(log), {"emails": "write", "hold_why": "Changed my mind"})
    log = OldLog.objects.get(pk=log.pk)
    assert (log.state, log.hold_why) == (State.BRINGING_IN, "")


def test_nothing_is_asked_about_emails_where_none_would_go(client: Client, sergeant: User) -> None:
    log = an_old_log(a_row(), a_row(on="soon"))
    page = page_of(client, of(log))
    assert "No email goes to Social Services: no referral of this log waits" in page
    assert 'name="emails"' not in page
    assert client.post(of(log)).status_code == 302
    page = words(page_of(client, of(worked_on(log))))
    assert "1 referral was brought in" in page
    assert "The 1 row that needs a person is listed below" in page


def test_whoever_is_second_is_told_who_was_first(client: Client, sergeant: User) -> None:
    log = an_old_log(a_row())
    first = an_officer(Role.SUPERVISOR)
    bring_in_old_log(log, by=first)
    answer = client.post(of(log))
    assert answer.status_code == 200
    assert f"{first} has had this log brought in meanwhile" in unescape(answer.content.decode())
    worked_on(log)
    assert f"{first} has had this log brought in meanwhile" in errors(client.post(of(log)))


def test_where_no_row_can_be_brought_in_the_page_says_what_to_do(client: Client, sergeant: User) -> None:
    before = as_csv(a_row(urn="0009/09"))
    brought_in(an_old_log(content=before))
    page = words(page_of(client, of(an_old_log(content=before))))
    assert "Every referral of this log is here already, and says the same" in page
    assert "Bring in 0" not in page
    log = an_old_log(a_row(on="soon"))
    assert "Download the rows that need a person, put right what is marked" in words(page_of(client, of(log)))
    assert "No row of this log can be brought in" in errors(client.post(of(log)))


# --- columns -------------------------------------------------------------------------------------


ODD = ["Our number", "Day", "Kid", "What happened then"]


def an_odd_log(**other: Any) -> OldLog:
    """A log whose columns nobody knows by their names."""
    content = "Log of the desk\nOur number,Day,Kid,What happened then\n0001/09,02/07/2009,Ellis Brannock,A mark\n"
    return an_old_log(content=content.encode(), name="odd.csv", **other)


def test_the_columns_are_shown_as_they_were_read_with_samples(client: Client, sergeant: User) -> None:
    log = an_old_log(content=as_csv(a_row(given="Ellis"), a_row(given="Tia"), above=[["A title"]]))
    page = page_of(client, of(log, then="columns/"))
    sends = read_so(page)
    assert sends["heading-0"] == "2"
    assert sends[column("Child forename(s)")] == "given_names"
    assert sends[column("Notes")] == "note"
    assert len(sends) == 1 + len(HEADINGS)
    assert "Such as Ellis · Tia" in words(page)
    assert "A title" in page
    assert "The team’s next logs are read the same way" in page


def test_a_log_without_a_heading_leads_to_its_columns_and_is_read_when_they_are_said(
    client: Client, sergeant: User
) -> None:
    log = an_odd_log()
    page = words(page_of(client, of(log)))
    assert "CAIT does not understand this log yet" in page
    assert "Say what the columns are" in page
    here = of(log, then="columns/")
    assert "The columns stand here when you have said which row is the heading" in page_of(client, here)
    assert "Say of at least one sheet which row is its heading" in errors(client.post(here, {"heading-0": ""}))
    assert "Row 9 is none of the first rows" in errors(client.post(here, {"heading-0": "9"}))
    assert "Enter the number of the heading row" in errors(client.post(here, {"heading-0": "two"}))

    asked = client.post(here, {"heading-0": "2"})
    page = unescape(asked.content.decode())
    assert "These are the columns below the rows you chose" in page
    typed = read_so(page)
    assert typed["heading-0"] == "2"
    assert set(typed) == {"heading-0", *(column(each) for each in ODD)}
    assert "Such as Ellis Brannock" in words(page)

    typed[column("Our number")] = "urn"
    typed[column("Day")] = "received_on"
    refused = client.post(here, typed)
    assert "Say which column has the child’s name" in errors(refused)
    assert read_so(unescape(refused.content.decode())) == typed  # nothing typed is lost
    assert OldLog.objects.get(pk=log.pk).state == State.READ

    typed[column("Kid")] = "child"
    typed[column("What happened then")] = "circumstances"
    assert client.post(here, typed)["Location"] == of(log)
    log = worked_on(log)
    assert counts(page_of(client, of(log)))[0] == "1"
    event = AuditEvent.objects.get(event=Event.OLD_LOG_COLUMNS_CHOSEN)
    assert event.by_id == sergeant.pk


def test_the_teams_next_log_is_read_the_same_way_and_another_teams_is_not(client: Client, sergeant: User) -> None:
    log = an_odd_log()
    says = dict(zip(ODD, ["urn", "received_on", "child", "circumstances"], strict=True))
    client.post(of(log, then="columns/"), {"heading-0": "2", **{column(each): says[each] for each in ODD}})
    assert dict(Column.objects.filter(team=log.team).values_list("heading", "says"))["kid"] == "child"
    assert counts(page_of(client, of(an_odd_log())))[0] == "1"
    theirs = an_odd_log(team=a_team("ENF"))
    assert not OldRow.objects.filter(log=theirs, state=RowState.READY).exists()


def test_two_columns_of_a_sheet_cannot_say_the_same_but_those_of_two_sheets_can(
    client: Client, sergeant: User
) -> None:
    book = Workbook()
    for title, name in (("2008", "Surname"), ("2009", "Child surname")):
        sheet = book.create_sheet(title)
        sheet.append(["URN", "Date received", name, "Circs"])
        sheet.append([f"0001/{title[2:]}", f"02/07/{title}", "Brannock", "A mark"])
    book.remove(book.worksheets[0])
    file = BytesIO()
    book.save(file)
    log = an_old_log(content=file.getvalue(), name="two.xlsx")
    here = of(log, then="columns/")
    typed = read_so(page_of(client, here))
    assert typed[column("Surname")] == typed[column("Child surname")] == "family_name"
    answer = client.post(here, {**typed, column("Circs"): "family_name"})
    assert "Two columns of a sheet cannot both say “Child’s family name”" in errors(answer)
    assert client.post(here, typed).status_code == 302
    assert counts(page_of(client, of(worked_on(log))))[0] == "2"


def test_the_columns_below_other_rows_are_shown_before_anything_is_read(client: Client, sergeant: User) -> None:
    log = an_old_log(a_row())
    here = of(log, then="columns/")
    typed = read_so(page_of(client, here))
    answer = client.post(here, {**typed, column("Source"): "note", "show": "yes"})
    page = unescape(answer.content.decode())
    assert "These are the columns below the rows you chose" in page
    assert read_so(page)[column("Source")] == "note"
    assert OldLog.objects.get(pk=log.pk).state == State.READ


def test_the_columns_of_a_log_that_is_brought_in_stay(client: Client, sergeant: User) -> None:
    log = brought_in(an_old_log(a_row()))
    page = page_of(client, of(log, then="columns/"))
    assert "This cannot be done." in page
    assert "has had this log brought in" in page
    typed = {"heading-0": "1", **{column(each): "note" for each in HEADINGS.values()}}
    assert "has had this log brought in" in errors(client.post(of(log, then="columns/"), typed))


# --- the rest, and throwing away -----------------------------------------------------------------


def test_the_rows_that_need_a_person_are_downloaded(client: Client, sergeant: User) -> None:
    log = an_old_log(a_row(urn="0007/09", on="soon"), a_row(), name="desk log.csv")
    answer = client.get(of(log, then="download/"))
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")
    assert 'filename="To put right, desk log.xlsx"' in answer["Content-Disposition"]
    values = [cell.value for row in load_workbook(BytesIO(answer.content)).active.iter_rows() for cell in row]
    assert "0007/09" in values


def test_before_a_log_is_read_there_is_nothing_to_download(client: Client, sergeant: User) -> None:
    log = add_old_log(a_team(), name="log.csv", content=as_csv(), by=sergeant)
    assert client.get(of(log, then="download/"))["Location"] == of(log)
    assert AccessLog.objects.count() == 0


def test_a_log_is_thrown_away_once_and_only_before_it_is_brought_in(client: Client, sergeant: User) -> None:
    log = an_old_log(a_row(), name="wrong.csv")
    assert "Throw wrong.csv away?" in page_of(client, of(log, then="discard/"))
    answer = client.post(of(log, then="discard/"), follow=True)
    assert "wrong.csv was thrown away. Nothing of it was brought in." in answer.content.decode()
    assert not OldLog.objects.exists()
    assert client.post(of(log, then="discard/")).status_code == 404
    log = brought_in(an_old_log(a_row()))
    assert "This cannot be done." in page_of(client, of(log, then="discard/"))
    assert "has had this log brought in" in errors(client.post(of(log, then="discard/")))
    assert OldLog.objects.filter(pk=log.pk).exists()


def test_the_referral_log_leads_there_for_those_who_may(client: Client, sergeant: User) -> None:
    a_case()
    assert f'href="{HERE}"' in page_of(client, "/referrals/")
    client.force_login(an_officer(Role.INVESTIGATOR))
    assert f'href="{HERE}"' not in page_of(client, "/referrals/")
