"""Attachments: held until their kind is known and the scanner has passed them, then downloads and nothing else."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from audit.events import Event, Look
from audit.models import AccessLog, AuditEvent
from deadlines import clock
from intake import keeping, scanner
from intake.actions import keep_attachment_again, settle_attachment
from intake.enums import FileState
from intake.keeping import LARGEST, hold_missing, keep_held, taken_out
from intake.kinds_of_files import EXCEL, PDF, TEXT, WORD, FileKind, kind_of_file, name_for
from intake.models import Attachment, Message
from intake.queries import opened
from referrals.models import Referral
from team.enums import Role
from team.models import Team, User
from tests.factories.mail import a_message
from tests.factories.team import a_team, an_officer
from tests.integration.intake.clamd import VIRUS, a_clamd

pytestmark = pytest.mark.django_db

A_PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
A_PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00" + b"\0" * 40
A_PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "ATTACHMENTS", tmp_path / "attachments")
    monkeypatch.setattr(settings, "VIRUS_SCANNER", scanner.DEMONSTRATION)
    return tmp_path / "attachments"


def with_files(*files: tuple[str, bytes], kind: str = "application/octet-stream") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "Gillian Teasdale <g.teasdale@fernley.example>", "cait.haringey@police.example"
    message["Subject"], message["Message-ID"] = "Photographs", f"<{len(files)}.{hash(files)}@fernley.example>"
    message.set_content("Please see what is attached.")
    for name, content in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def packed(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


def kept(message: Message, number: int = 0) -> Attachment:
    return Attachment.objects.get(message=message, number=number)


def at_once() -> None:
    """As if the wait until the next try were over."""
    for row in Attachment.objects.filter(state=FileState.HELD):
        row.next_try_at = clock.now() - timedelta(seconds=1)
        row.save()


# --- taken out, looked at, scanned, kept ---------------------------------------------------------


def test_it_is_held_when_the_email_is_taken_in_and_kept_by_the_next_pass(folder: Path) -> None:
    message = a_message(raw=with_files(("report.pdf", A_PDF), ("bruise.png", A_PICTURE)))
    assert [(each.name, each.state) for each in message.files.all()] == [
        ("report.pdf", "held"),
        ("bruise.png", "held"),
    ]
    assert not folder.exists()
    assert keep_held() == 2
    first = kept(message)
    assert (first.state, first.kind, first.size) == (FileState.KEPT, PDF, len(A_PDF))
    assert first.digest == hashlib.sha256(A_PDF).hexdigest()
    assert first.stored is not None
    lies_at = folder / first.stored.hex[:2] / first.stored.hex
    assert lies_at.read_bytes() == A_PDF
    assert lies_at.stat().st_mode & 0o777 == 0o600
    assert "report" not in str(lies_at)
    assert opened(first) == A_PDF
    assert keep_held() == 0


def test_each_is_settled_by_an_audit_event_and_once() -> None:
    message = a_message(raw=with_files(("report.pdf", A_PDF)))
    keep_held()
    (event,) = AuditEvent.objects.filter(event=Event.ATTACHMENT_SETTLED)
    assert event.detail == {"message": message.pk, "state": "kept"}
    again = settle_attachment(kept(message), kind=FileKind(PDF), content=A_PDF, by=User.objects.system())
    assert again is None
    assert AuditEvent.objects.filter(event=Event.ATTACHMENT_SETTLED).count() == 1


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("picture.jpg", A_PROGRAM, "a program"),
        ("notes.pdf", b"\x7fELF" + b"\0" * 100, "a program"),
        ("letter.txt", b"<html><script>alert(1)</script></html>", "web page"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "web page"),
        ("files.zip", packed(a_txt=b"a"), "packed archive"),
        ("report.docx", packed(word__document_xml=b"<w/>", word__vbaProject_bin=b"x"), "macros"),
        ("empty.pdf", b"", "empty"),
        ("strange.bin", bytes(range(256)), "does not open this kind"),
    ],
    ids=lambda said: said if isinstance(said, str) else "its bytes",
)
def test_what_may_do_something_is_not_opened_whatever_it_is_called(
    folder: Path, name: str, content: bytes, why: str
) -> None:
    message = a_message(raw=with_files((name, content)))
    keep_held()
    file = kept(message)
    assert file.state == FileState.REFUSED
    assert why in file.why
    assert opened(file) is None
    assert not folder.exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (A_PDF, PDF),
        (A_PICTURE, "image/png"),
        (b"Plain words, O\x92Brien and caf\xe9.\r\n", TEXT),
        ("Wörter".encode("utf-16"), TEXT),
        (packed(word__document_xml=b"<w/>"), WORD),
        (packed(xl__workbook_xml=b"<w/>"), EXCEL),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "application/msword"),
        (b"{\\rtf1\\ansi words}", "application/rtf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * 40, "image/jpeg"),
        (b"ID3\x03\x00\x00\x00\x00\x00\x21" + b"\0" * 100, "audio/mpeg"),
    ],
    ids=lambda said: said if isinstance(said, str) else "its bytes",
)
def test_documents_pictures_and_recordings_may_be_opened(content: bytes, kind: str) -> None:
    assert kind_of_file(content) == FileKind(kind)


def test_a_file_gets_the_end_of_its_own_kind() -> None:
    assert name_for("report.exe", PDF) == "report.exe.pdf"
    assert name_for("../../etc/passwd", TEXT) == "etc passwd.txt"
    assert name_for('a"b\\c:d.PDF', PDF) == "a b c d.PDF"
    assert name_for("...", PDF) == "attachment.pdf"
    assert len(name_for("x" * 400, PDF)) < 160


def test_an_email_within_an_email_is_an_email() -> None:
    inner = EmailMessage(policy=SMTP)
    inner["Subject"], inner["From"] = "Inner", "a@b.example"
    inner.set_content("What was forwarded.")
    outer = EmailMessage(policy=SMTP)
    outer["Subject"], outer["From"] = "Outer", "c@d.example"
    outer.set_content("See below.")
    outer.add_attachment(inner)
    message = a_message(raw=outer.as_bytes())
    keep_held()
    file = kept(message)
    assert file.state == FileState.KEPT
    assert b"What was forwarded." in (opened(file) or b"")


def test_one_that_is_larger_than_is_kept_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LARGEST", 10)
    message = a_message(raw=with_files(("report.pdf", A_PDF)))
    keep_held()
    assert "larger than" in kept(message).why
    assert LARGEST > 25_000_000


def test_25_mb_go_the_whole_way() -> None:
    content = A_PDF + b"%" * 25_000_000
    message = a_message(raw=with_files(("large.pdf", content)))
    keep_held()
    assert kept(message).size == len(content)
    assert opened(kept(message)) == content


def test_broken_base64_is_no_reason_to_lose_the_others() -> None:
    raw = with_files(("a.pdf", A_PDF), ("b.pdf", A_PDF + b"%b"))
    body = raw.split(b"\r\n\r\n")
    broken = raw.replace(body[2][:20], b"!!!! ???? " + body[2][:3], 1)
    message = a_message(raw=broken)
    keep_held()
    assert Attachment.objects.filter(message=message, state=FileState.HELD).count() == 0
    assert taken_out(message.pk)[1] == A_PDF + b"%b"


# --- the scanner ---------------------------------------------------------------------------------


def test_the_scanner_is_sent_every_byte_and_what_it_passes_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    content = A_PDF + b"%" * 300_000
    with a_clamd() as clamd:
        monkeypatch.setattr(settings, "VIRUS_SCANNER", f"127.0.0.1:{clamd.port}")
        message = a_message(raw=with_files(("report.pdf", content)))
        keep_held()
    assert clamd.seen == [content]
    assert kept(message).state == FileState.KEPT


def test_a_virus_is_never_written_down(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    with a_clamd() as clamd:
        monkeypatch.setattr(settings, "VIRUS_SCANNER", f"127.0.0.1:{clamd.port}")
        message = a_message(raw=with_files(("report.pdf", A_PDF + VIRUS)))
        keep_held()
    file = kept(message)
    assert (file.state, file.stored) == (FileState.REFUSED, None)
    assert "Eicar-Test-Signature" in file.why
    assert not folder.exists()


@pytest.mark.parametrize("behaves", ["hangs up", "odd", "silent"])
def test_no_answer_is_no_pass(behaves: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "SECONDS_TO_ANSWER", 0.5)
    with a_clamd(behaves) as clamd:
        monkeypatch.setattr(settings, "VIRUS_SCANNER", f"127.0.0.1:{clamd.port}")
        message = a_message(raw=with_files(("report.pdf", A_PDF)))
        assert keep_held() == 0
    file = kept(message)
    assert file.state == FileState.HELD
    assert "virus scanner" in file.why


def test_held_while_the_scanner_is_down_it_is_kept_when_it_is_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_clamd() as clamd:
        where = f"127.0.0.1:{clamd.port}"
    monkeypatch.setattr(settings, "VIRUS_SCANNER", where)  # nobody listens there any more
    message = a_message(raw=with_files(("report.pdf", A_PDF)))
    assert keep_held() == 0
    first = kept(message)
    assert first.why == "The virus scanner does not answer."
    assert first.next_try_at > clock.now()
    assert keep_held() == 0  # not due yet
    with a_clamd() as clamd:
        monkeypatch.setattr(settings, "VIRUS_SCANNER", f"127.0.0.1:{clamd.port}")
        at_once()
        assert keep_held() == 1
    assert kept(message).state == FileState.KEPT


def test_without_a_scanner_everything_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VIRUS_SCANNER", "")
    message = a_message(raw=with_files(("report.pdf", A_PDF)))
    keep_held()
    assert kept(message).state == FileState.HELD
    assert "No virus scanner is set up" in kept(message).why


def test_what_is_too_large_for_the_scanner_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_clamd(most=1000) as clamd:
        monkeypatch.setattr(settings, "VIRUS_SCANNER", f"127.0.0.1:{clamd.port}")
        message = a_message(raw=with_files(("report.pdf", A_PDF + b"%" * 3_000_000)))
        keep_held()
    assert kept(message).state == FileState.HELD
    assert "virus scanner" in kept(message).why


def test_the_demonstration_s_pass_is_for_the_demonstration_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EMBEDDED", False)
    with pytest.raises(scanner.NotScanned):
        scanner.scanned(A_PDF)


# --- the folder ----------------------------------------------------------------------------------


def test_where_the_folder_cannot_be_written_to_it_stays_held(folder: Path) -> None:
    folder.parent.joinpath("attachments").write_text("a file where the folder should be")
    message = a_message(raw=with_files(("report.pdf", A_PDF)))
    assert keep_held() == 0
    assert kept(message).state == FileState.HELD
    assert "Tell your CAIT administrator" in kept(message).why


def test_what_was_changed_on_the_disk_is_not_given_out(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    message = a_message(raw=with_files(("report.pdf", A_PDF)))
    keep_held()
    (file,) = (each for each in folder.rglob("*") if each.is_file())
    file.write_bytes(A_PDF + b"changed")
    assert opened(kept(message)) is None
    assert "is not what was kept" in caplog.text
    file.unlink()
    assert opened(kept(message)) is None


def test_after_a_restore_what_is_gone_is_made_again(folder: Path) -> None:
    message = a_message(raw=with_files(("report.pdf", A_PDF)))
    keep_held()
    (file,) = (each for each in folder.rglob("*") if each.is_file())
    file.unlink()
    out = io.StringIO()
    call_command("keep_attachments", missing=True, stdout=out)
    assert "1 file gone" in out.getvalue()
    assert "1 attachment settled, 0 held" in out.getvalue()
    assert opened(kept(message)) == A_PDF
    assert hold_missing() == 0


def test_it_is_held_again_once() -> None:
    message = a_message(raw=with_files(("report.pdf", A_PDF)))
    keep_held()
    assert keep_attachment_again(kept(message), by=User.objects.system()) is not None
    assert keep_attachment_again(kept(message), by=User.objects.system()) is None


def test_the_database_holds_no_kept_attachment_without_its_file() -> None:
    message = a_message(raw=with_files(("report.pdf", A_PDF)))
    keep_held()
    file = kept(message)
    file.stored = None
    with pytest.raises(IntegrityError), transaction.atomic():
        file.save()


# --- downloads -----------------------------------------------------------------------------------


def signed_in(team: Team, role: Role = Role.DESK_SERGEANT) -> Client:
    client = Client()
    client.force_login(an_officer(role, team))
    return client


def address(message: Message, number: int = 0) -> str:
    return f"/referrals/mailbox/{message.pk}/attachments/{number}/"


def test_it_is_a_download_and_nothing_else_and_each_is_logged() -> None:
    team = a_team()
    message = a_message(team, raw=with_files(('bruise "1".png', A_PICTURE)))
    keep_held()
    answer = signed_in(team).get(address(message))
    assert answer.status_code == 200
    assert answer.content == A_PICTURE
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]
    (look,) = AccessLog.objects.filter(how=Look.EXPORT)
    assert (look.object_id, look.detail) == (message.pk, {"attachment": 0})


def test_what_is_held_or_refused_is_told_of_and_not_given_out() -> None:
    team = a_team()
    message = a_message(team, raw=with_files(("report.pdf", A_PDF), ("setup.pdf", A_PROGRAM)))
    client = signed_in(team)
    held = client.get(address(message))
    assert held.status_code == 404
    assert "held until it is checked" in held.content.decode()
    keep_held()
    refused = client.get(address(message, 1))
    assert refused.status_code == 404
    assert "It is a program" in refused.content.decode()
    page = client.get(f"/referrals/mailbox/{message.pk}/").content.decode()
    assert address(message) in page
    assert address(message, 1) not in page
    assert "Not opened in CAIT" in page


def test_another_team_and_whoever_may_not_read_the_email_finds_nothing() -> None:
    team = a_team()
    message = a_message(team, raw=with_files(("report.pdf", A_PDF)))
    keep_held()
    assert signed_in(a_team("ENF")).get(address(message)).status_code == 404
    assert signed_in(team, Role.INVESTIGATOR).get(address(message)).status_code == 404
    assert signed_in(team).get(address(message, 7)).status_code == 404
    assert not AccessLog.objects.filter(how=Look.EXPORT).exists()


def test_emails_that_came_before_have_theirs_held_too(django_db_blocker: Any) -> None:
    from importlib import import_module

    message = a_message(raw=with_files(("report.pdf", A_PDF), ("bruise.png", A_PICTURE)))
    Attachment.objects.filter(message=message).delete()
    hold = import_module("intake.migrations.0003_attachments_of_before").HOLD
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(hold)
        cursor.execute(hold)
    assert [each.name for each in message.files.all()] == ["report.pdf", "bruise.png"]
    assert keep_held() == 2
    assert Referral.objects.count() == 0
