"""Mail servers that do not behave: what they say of one email never harms another, and nobody stands between."""

from __future__ import annotations

import imaplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.management import CommandError, call_command
from django.db import connection

from deadlines import clock
from intake import reading, receiving
from intake.actions import BeganAnew
from intake.enums import State
from intake.management.commands import receive_mail as receive_mail_command
from intake.models import Mailbox, Message, Source
from intake.places import Place, read_place
from intake.queries import unread_mailboxes
from intake.reading import NOT_TAKEN_APART
from intake.receiving import READING, Received, receive, receive_all
from intake.tasks import receive_mail
from team.enums import Role
from team.models import Team
from tests.factories.mail import an_email
from tests.factories.team import a_team, an_officer
from tests.integration.intake.scripted_server import BREAK_OFF, ScriptedServer, a_certificate, literal, scripted

pytestmark = pytest.mark.django_db

AT = datetime(2010, 1, 14, 9, 5, tzinfo=UTC)
THREE = {3: "First", 5: "Second", 9: "Third"}
SECRET = "Tidewell22"


def emails() -> dict[int, bytes]:
    return {uid: an_email(subject) for uid, subject in THREE.items()}


def one_pass(server: ScriptedServer, **other: Any) -> Received:
    return receive(a_team(), read_place(server.url()), **other)


def the_mailbox() -> Mailbox:
    return Mailbox.objects.get()


def kept() -> dict[int, bytes]:
    return {source.message.uid: bytes(source.raw) for source in Source.objects.select_related("message")}


FOREIGN = b"* 4 FETCH (FLAGS (\\Seen) UID 44)\r\n"
OTHERS_BODY = literal(44, b"Subject: Another\r\n\r\nNobody asked for it.", number=4)
STRAY = b"* 17 EXISTS\r\n* OK still here\r\n"


# --- what stands round an email ------------------------------------------------------------------


@pytest.mark.parametrize("before", [b"", FOREIGN, OTHERS_BODY, STRAY, FOREIGN + OTHERS_BODY])
@pytest.mark.parametrize("after", [b"", FOREIGN, OTHERS_BODY, STRAY, b"* 1 FETCH (FLAGS (\\Seen) UID 5)\r\n"])
def test_what_a_server_says_of_others_does_not_get_into_an_email(before: bytes, after: bytes) -> None:
    with scripted(emails()) as server:
        server.script[5] = before + literal(5, server.emails[5]) + after
        received = one_pass(server)
        assert (received.new, received.left) == (3, 0)
        assert kept() == server.emails
    assert set(Message.objects.values_list("received_at", flat=True)) == {AT}


def test_flags_of_the_same_email_before_it_are_not_its_body() -> None:
    with scripted(emails()) as server:
        server.script[5] = b"* 2 FETCH (UID 5 FLAGS ())\r\n" + FOREIGN + literal(5, server.emails[5])
        one_pass(server)
        assert kept() == server.emails


def test_an_answer_about_another_alone_is_no_answer() -> None:
    """A UID that begins like the one asked for is another."""
    with scripted(emails()) as server:
        server.script[5] = literal(55, b"Subject: Another\r\n\r\nx") + literal(15, b"Subject: Another\r\n\r\nx")
        received = one_pass(server)
        assert (received.new, received.left, sorted(kept())) == (2, 0, [3, 9])
        assert the_mailbox().left_behind == []


def test_what_looks_like_an_answer_within_an_email_is_its_text() -> None:
    with scripted(emails()) as server:
        server.emails[5] = an_email("Second", '7 (UID 9 BODY[]<0> "no")\n) \n* 9 FETCH (UID 9 BODY[] {3}\nabc)\n')
        one_pass(server)
        assert kept() == server.emails


def test_the_date_may_stand_behind_the_body_or_be_missing() -> None:
    before = clock.moment()
    with scripted(emails()) as server:
        server.script[3] = literal(3, server.emails[3], date="")
        server.script[5] = literal(5, server.emails[5], date="NIL")
        assert one_pass(server).new == 3
        assert kept() == server.emails
    for uid in (3, 5):
        assert before <= Message.objects.get(uid=uid).received_at <= clock.moment()
    assert Message.objects.get(uid=9).received_at == AT


@pytest.mark.parametrize(
    "date",
    ['"01-Jan-1970 00:00:00 +0000"', '"31-Dec-1989 23:59:59 +0000"', '"14-Foo-2010 09:05:00 +0000"', '"yesterday"',
     '"14-Jan-0000 09:05:00 +0000"', '""'],
)  # fmt: skip
def test_an_odd_date_is_none(date: str) -> None:
    before = clock.moment()
    with scripted({3: an_email()}) as server:
        server.script[3] = literal(3, server.emails[3], date=date)
        received = one_pass(server)
        assert (received.new, received.left) == (1, 0)
    assert before <= Message.objects.get().received_at <= clock.moment()


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (b'BODY[]<0> "Hello"', b"Hello"),
        (b'BODY[] "say \\"yes\\" or \\\\ no"', b'say "yes" or \\ no'),
        (b'BODY[]<0> ""', b""),
        (b"BODY[]<0> {0}\r\n", b""),
    ],
)
def test_few_bytes_may_stand_in_the_line_itself(said: bytes, body: bytes) -> None:
    with scripted(emails()) as server:
        server.script[5] = b'* 2 FETCH (UID 5 INTERNALDATE "14-Jan-2010 09:05:00 +0000" ' + said + b")\r\n" + FOREIGN
        received = one_pass(server)
        assert (received.new, received.left) == (3, 0)
        assert kept() == {**server.emails, 5: body}
    assert Message.objects.get(uid=5).received_at == AT


def test_what_a_server_could_not_give_is_left_behind_and_not_kept_as_empty() -> None:
    with scripted(emails()) as server:
        server.script[5] = b'* 2 FETCH (UID 5 INTERNALDATE "14-Jan-2010 09:05:00 +0000" BODY[]<0> NIL)\r\n' + FOREIGN
        received = one_pass(server)
        assert (received.new, received.left) == (2, 1)
        assert 5 not in kept()
        del server.script[5]
        assert one_pass(server).new == 1
        assert kept() == server.emails


def test_one_byte_more_than_is_kept_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "LARGEST", 500)
    whole, larger = b"a" * 500, b"b" * 501
    with scripted({3: whole, 5: larger}) as server:
        one_pass(server)
        assert [line.split(" ", 2)[2] for line in server.asked("FETCH")] == [
            f"FETCH {uid} (UID INTERNALDATE BODY.PEEK[]<0.501>)" for uid in (3, 5)
        ]
    assert kept() == {3: whole, 5: larger[:500]}
    too_large = "It is too large to be kept whole: read it in the mailbox itself."
    assert [too_large in each.problems for each in Message.objects.order_by("uid")] == [False, True]


# --- what a server refuses -----------------------------------------------------------------------


def test_one_that_is_refused_is_left_behind_and_tried_again_after_what_is_new() -> None:
    with scripted(emails()) as server:
        server.refused = {5}
        received = one_pass(server)
        assert (received.new, received.left, received.is_whole) == (2, 1, True)
        assert (the_mailbox().left_behind, the_mailbox().last_uid, the_mailbox().reading) == ([5], 9, None)
        server.emails[12], server.said = an_email("Fourth"), []
        assert (one_pass(server).new, one_pass(server).new) == (1, 0)
        assert server.fetched() == [12, 5, 5]
        server.refused = set()
        assert one_pass(server).new == 1
        assert (kept(), the_mailbox().left_behind) == (server.emails, [])


def test_one_that_is_given_without_its_body_is_left_behind() -> None:
    with scripted(emails()) as server:
        server.script[5] = b"* 2 FETCH (UID 5 BODY[]<0> )\r\n"
        received = one_pass(server)
        assert (received.new, received.left, the_mailbox().left_behind) == (2, 1, [5])


@pytest.mark.parametrize("answer", [b"NO", b"BAD"])
def test_that_one_cannot_be_marked_as_read_does_not_stop_the_others(
    answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted(emails()) as server:
        server.store = answer
        received = one_pass(server)
        assert (received.new, received.left, received.is_whole) == (3, 0, True)
        assert len(server.asked("STORE")) == 3
        assert one_pass(server).new == 0
    assert (the_mailbox().problem, the_mailbox().left_behind) == ("", [])


# --- what a pass dies of -------------------------------------------------------------------------


def broken_off(raw: bytes, uid: int) -> tuple[bytes, None]:
    """It says that it goes, in the middle of a body."""
    return (literal(uid, raw)[:120] + b"\r\n* BYE sorry\r\n", BREAK_OFF)


def test_an_email_that_breaks_the_connection_stops_no_other() -> None:
    with scripted(emails()) as server:
        server.script[5] = broken_off(server.emails[5], 5)
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            one_pass(server)
        mailbox = the_mailbox()
        assert (sorted(kept()), mailbox.last_uid, mailbox.reading, mailbox.left_behind) == ([3], 3, 5, [])
        assert mailbox.problem
        assert mailbox.read_at is None
        # The next one goes round it, and tries it again when the others are in.
        server.said = []
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            one_pass(server)
        assert server.fetched() == [9, 5]
        assert (sorted(kept()), the_mailbox().last_uid) == ([3, 9], 9)
        # And so on, for what has come since, until the server is mended.
        server.emails[12] = an_email("Fourth")
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            one_pass(server)
        assert sorted(kept()) == [3, 9, 12]
        assert the_mailbox().left_behind == [5]
        del server.script[5]
        received = one_pass(server)
        assert (received.new, received.is_whole, kept()) == (1, True, server.emails)
        assert (the_mailbox().left_behind, the_mailbox().reading, the_mailbox().problem) == ([], None, "")
        assert the_mailbox().last_uid == 12


def test_what_is_being_read_is_written_down_before_it_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = receiving._fetch, []

    def fetch(box: Any, uid: int) -> dict[str, Any]:
        seen.append((uid, the_mailbox().reading))
        return real(box, uid)

    monkeypatch.setattr(receiving, "_fetch", fetch)
    with scripted(emails()) as server:
        one_pass(server)
    assert seen == [(3, 3), (5, 5), (9, 9)]
    assert the_mailbox().reading is None


def test_what_a_worker_was_killed_over_is_left_behind_and_tried_at_the_end() -> None:
    with scripted(emails()) as server:
        team, place = a_team(), read_place(server.url())
        Mailbox.objects.create(team=team, place=place.name, validity=7, last_uid=0, reading=3)
        received = receive(team, place)
        assert server.fetched() == [5, 9, 3]
        assert (received.new, kept(), the_mailbox().left_behind) == (3, server.emails, [])


def test_where_the_server_began_anew_nothing_of_before_is_left_behind() -> None:
    with scripted(emails()) as server:
        team, place = a_team(), read_place(server.url())
        Mailbox.objects.create(team=team, place=place.name, validity=6, last_uid=80, reading=81, left_behind=[4])
        received = receive(team, place)
        assert server.fetched() == [3, 5, 9]
        mailbox = the_mailbox()
        assert (received.new, mailbox.validity, mailbox.left_behind, mailbox.last_uid) == (3, 7, [], 9)


def test_where_it_begins_anew_while_it_is_read_the_pass_ends() -> None:
    with scripted(emails()) as server:
        real = receiving._fetch

        def fetch(box: Any, uid: int) -> dict[str, Any]:
            found = real(box, uid)
            if uid == 5:
                Mailbox.objects.update(validity=8, last_uid=0)
            return found

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(receiving, "_fetch", fetch)
            with pytest.raises(BeganAnew):
                one_pass(server)
        assert sorted(kept()) == [3]
        assert (the_mailbox().validity, the_mailbox().last_uid, the_mailbox().problem) == (8, 0, "BeganAnew")


def test_a_server_that_says_its_number_only_when_it_is_asked() -> None:
    with scripted(emails()) as server:
        server.validity = None
        assert one_pass(server).new == 3
        assert the_mailbox().validity == 7


# --- how long an email may take ------------------------------------------------------------------


def too_long_for(subject: bytes) -> Any:
    real = reading.read_message

    def read_message(raw: bytes) -> reading.Reading:
        if b"Subject: " + subject in raw:
            raise SoftTimeLimitExceeded
        return real(raw)

    return read_message


def test_an_email_that_takes_all_the_time_is_kept_as_it_is(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    with scripted(emails()) as server:
        settings.MAILBOXES = {"HGY": server.url()}
        a_team()
        monkeypatch.setattr(reading, "read_message", too_long_for(b"Second"))
        with pytest.raises(SoftTimeLimitExceeded):
            receive_mail()
        assert kept() == {uid: server.emails[uid] for uid in (3, 5)}
        assert (the_mailbox().last_uid, the_mailbox().reading, the_mailbox().left_behind) == (5, None, [])
        assert Message.objects.get(uid=5).problems == [NOT_TAKEN_APART]
        receive_mail()
        assert kept() == server.emails
    assert Message.objects.get(uid=5).state == State.WAITING
    assert Message.objects.get(uid=9).problems == []


def test_when_the_time_is_over_no_other_mailbox_is_begun(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    with scripted(emails()) as server, scripted(emails()) as other:
        a_team(), a_team("ENF")
        settings.MAILBOXES = {"ENF": server.url(), "HGY": other.url()}
        monkeypatch.setattr(reading, "read_message", too_long_for(b""))
        with pytest.raises(SoftTimeLimitExceeded):
            receive_all()
        assert (len(server.said) > 0, other.said) == (True, [])


# --- from a day on -------------------------------------------------------------------------------


def test_what_came_before_a_day_is_not_asked_for() -> None:
    with scripted(emails()) as server:
        receive(a_team(), read_place(f"{server.url()}/INBOX?since=2026-11-01"))
        receive(a_team(), read_place(server.url()))
        first, second = server.asked("SEARCH")
    assert first.endswith("SEARCH UID 1:* SINCE 01-Nov-2026")
    assert second.endswith("SEARCH UID 10:*")
    assert Mailbox.objects.count() == 1


# --- one pass at a time --------------------------------------------------------------------------


def elsewhere(act: Any) -> Any:
    """In another connection of its own."""
    try:
        return act()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_while_one_reads_a_mailbox_another_pass_does_nothing() -> None:
    team = a_team()
    with scripted(emails()) as server, ThreadPoolExecutor(1) as pool:
        place = read_place(server.url())
        during: list[Received] = []

        def second(uid: int) -> None:
            if not during:
                during.append(pool.submit(elsewhere, lambda: receive(team, place)).result(timeout=20))

        server.before_fetch = second
        first = receive(team, place)
        assert (first.new, first.is_whole) == (3, True)
        assert during == [Received(is_whole=False, alone=False)]
        assert len(server.asked("LOGIN")) == 1
        # Afterwards anybody may read it.
        assert pool.submit(elsewhere, lambda: receive(team, place)).result(timeout=20).is_whole


def test_the_command_waits_while_another_pass_reads_and_says_so_where_that_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    team, busy = a_team(), [True, True, False]
    real = receive

    def sometimes(team: Team, place: Place) -> Received:
        return Received(is_whole=False, alone=False) if busy and busy.pop(0) else real(team, place)

    monkeypatch.setattr(receive_mail_command, "receive", sometimes)
    with scripted(emails()) as server:
        out = StringIO()
        call_command("receive_mail", imap=server.url(), team=team.code, stdout=out)
        assert out.getvalue() == f"{team}: 3 emails came in.\n"
        busy += [True] * 9
        monkeypatch.setattr(receive_mail_command, "SECONDS_TO_WAIT", 0)
        with pytest.raises(CommandError, match=r"another pass is reading the mailbox .* Try again in a minute"):
            call_command("receive_mail", imap=server.url(), team=team.code)


@pytest.mark.django_db(transaction=True)
def test_after_a_pass_that_failed_another_may_begin() -> None:
    team = a_team()
    with scripted(emails()) as server, ThreadPoolExecutor(1) as pool:
        place = read_place(server.url())
        server.script[3] = broken_off(server.emails[3], 3)
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            receive(team, place)
        del server.script[3]
        assert pool.submit(elsewhere, lambda: receive(team, place)).result(timeout=20).new == 3


@pytest.mark.django_db(transaction=True)
def test_two_mailboxes_are_read_at_the_same_time() -> None:
    one, other = a_team(), a_team("ENF")
    with scripted(emails()) as server, ThreadPoolExecutor(1) as pool:
        place = read_place(server.url())
        mailbox = receiving.mailbox_of(one, place.name)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [READING, mailbox.pk])
        try:
            assert pool.submit(elsewhere, lambda: receive(one, place)).result(timeout=20).new == 0
            assert pool.submit(elsewhere, lambda: receive(other, place)).result(timeout=20).new == 3
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [READING, mailbox.pk])


# --- what is told --------------------------------------------------------------------------------


def test_a_mailbox_that_was_never_read_is_told_too(settings: Any) -> None:
    settings.MAILBOXES = {"HGY": f"imaps://cait:{SECRET}@mail.example", "ENF": f"imaps://cait:{SECRET}@mail.example"}
    team, _ = a_team(), a_team("ENF")
    (told,) = unread_mailboxes(an_officer(Role.OFFICE_MANAGER))
    assert (told.team, told.late, told.since, told.left) == (team, True, None, 0)
    settings.MAILBOXES = {"HGY": f"pop3://cait:{SECRET}@mail.example"}
    (told,) = unread_mailboxes(an_officer(Role.OFFICE_MANAGER))
    assert (told.team, told.late) == (team, True)


def test_a_mailbox_that_was_just_added_is_given_its_quarter_of_an_hour(settings: Any) -> None:
    settings.MAILBOXES = {"HGY": f"imaps://cait:{SECRET}@mail.example"}
    place = read_place(settings.MAILBOXES["HGY"])
    row = receiving.mailbox_of(a_team(), place.name)
    row.refresh_from_db()
    manager = an_officer(Role.OFFICE_MANAGER)
    assert unread_mailboxes(manager, now=row.added_at + timedelta(minutes=15)) == []
    (told,) = unread_mailboxes(manager, now=row.added_at + timedelta(minutes=16))
    assert (told.team, told.since) == (a_team(), None)


def test_a_mailbox_of_a_team_that_is_not_there_is_logged(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    with scripted(emails()) as server:
        settings.MAILBOXES = {"XYZ": server.url(), "HGY": server.url()}
        a_team()
        receive_all()
    assert "A mailbox is configured for XYZ, and there is no such team." in caplog.text
    assert Message.objects.count() == 3


# --- who the server is ---------------------------------------------------------------------------

TLS = pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])


def over_tls(server: ScriptedServer, scheme: str, team: Team) -> Received:
    return receive(team, read_place(server.url(scheme)))


@TLS
def test_a_server_with_a_certificate_that_is_trusted_is_read(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, tls = a_certificate(tmp_path / "ours", "IP:127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with scripted(emails(), tls=tls, starttls=scheme != "imaps") as server:
        assert over_tls(server, scheme, a_team()).new == 3
        assert kept() == server.emails


@TLS
def test_a_server_whose_certificate_nobody_signed_hears_no_password(scheme: str, tmp_path: Path) -> None:
    _, tls = a_certificate(tmp_path / "anybodys", "IP:127.0.0.1")
    with scripted(emails(), tls=tls, starttls=scheme != "imaps") as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            over_tls(server, scheme, a_team())
        assert SECRET not in "".join(server.said)
        assert server.asked("LOGIN") == []
    assert (Message.objects.count(), the_mailbox().problem) == (0, "SSLCertVerificationError")


@TLS
def test_nor_does_one_with_a_certificate_for_another_name(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, tls = a_certificate(tmp_path / "anothers", "DNS:mail.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with scripted(emails(), tls=tls, starttls=scheme != "imaps") as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            over_tls(server, scheme, a_team())
        assert server.asked("LOGIN") == []


def test_the_command_says_what_is_wrong_with_the_certificate(tmp_path: Path) -> None:
    team = a_team()
    _, tls = a_certificate(tmp_path / "anybodys", "IP:127.0.0.1")
    with scripted(emails(), tls=tls) as server, pytest.raises(CommandError) as wrong:
        call_command("receive_mail", "--imap", server.url("imaps"), "--team", "HGY", stdout=StringIO())
    told = str(wrong.value)
    assert told.startswith(f"{team}: the mailbox of haringey at ")
    assert "the server shows no certificate for its name that this machine trusts" in told
    assert SECRET not in told


def test_the_command_says_that_a_server_broke_off() -> None:
    a_team()
    with scripted(emails()) as server:
        server.script[3] = broken_off(server.emails[3], 3)
        with pytest.raises(CommandError, match=r"could not be read: the mail server broke off \(abort\). Try again."):
            call_command("receive_mail", "--imap", server.url(), "--team", "HGY", stdout=StringIO())
