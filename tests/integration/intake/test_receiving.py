"""One pass over a mailbox on a real mail server: everything comes in, once, whatever happens on the way."""

from __future__ import annotations

import gc
import imaplib
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from imap_tools.errors import MailboxLoginError

from audit.events import Event
from audit.models import AuditEvent
from deadlines import clock
from intake import queries, receiving
from intake.enums import State
from intake.models import Mailbox, Message, Source
from intake.places import Place, read_place
from intake.queries import UNREAD_AFTER, unread_mailboxes
from intake.receiving import receive, receive_all
from intake.tasks import receive_mail
from team.enums import Role
from team.models import Team
from tests.factories.clock import move_time_to
from tests.factories.mail import a_message, an_email
from tests.factories.team import a_team, an_officer
from tests.integration.intake.imap_server import ImapServer, running_imap_server
from workbench import post
from workbench.demonstration import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("imap")]

AT = datetime(2010, 1, 14, 9, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECRET = "Tidewell22"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ImapServer]:
    with running_imap_server(tmp_path / "mail") as running:
        yield running


@pytest.fixture
def place(server: ImapServer) -> Place:
    return read_place(server.url())


@contextmanager
def mail_program(server: ImapServer) -> Iterator[imaplib.IMAP4]:
    """Somebody else who has the mailbox open."""
    program = imaplib.IMAP4(post.HERE, server.port, timeout=20)
    try:
        program.login("haringey", PASSWORD)
        program.select("INBOX")
        yield program
    finally:
        program.logout()


def found(server: ImapServer, what: str) -> list[int]:
    """The UIDs of what is ALL, SEEN or UNSEEN on the server."""
    with mail_program(server) as program:
        return [int(uid) for uid in program.uid("SEARCH", what)[1][0].split()]


def flag(server: ImapServer, how: str) -> None:
    """Put the flag of having been read on everything, or take it off."""
    with mail_program(server) as program:
        program.uid("STORE", "1:*", how, r"(\Seen)")


def files(server: ImapServer, user: str = "haringey") -> list[Path]:
    return [file for part in ("new", "cur") for file in (server.where / user / part).iterdir()]


def begin_anew(server: ImapServer) -> None:
    """The server has lost its numbers, as after a move to another machine."""
    server.stop()
    (server.where / "haringey" / "dovecot-uidlist").unlink()
    server.start()


def the_mailbox() -> Mailbox:
    return Mailbox.objects.get()


def subjects() -> list[str]:
    return sorted(Message.objects.values_list("subject", flat=True))


def refusing(subject: str, *, as_what: Exception | None = None) -> Any:
    """Taking in that fails with one email."""
    real = receiving.take_in

    def take_in(mailbox: Mailbox, *, raw: bytes, **other: Any) -> Message | None:
        if f"Subject: {subject}".encode() in raw:
            raise as_what or ValueError(f"Rhys CALLOWAY in {subject}")
        return real(mailbox, raw=raw, **other)

    return take_in


def left_open(act: Callable[[], Any]) -> list[str]:
    """What an act that a broken connection ends has left open."""
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises((OSError, imaplib.IMAP4.error)):
            act()
        gc.collect()
    return [str(each.message) for each in caught if each.category is ResourceWarning]


# --- one pass ------------------------------------------------------------------------------------


def test_one_pass_takes_in_everything_and_marks_it_as_read(server: ImapServer, place: Place) -> None:
    for subject in ("First", "Second", "Third"):
        server.deliver(an_email(subject))
    received = receive(a_team(), place)
    assert (received.new, received.copies, received.left, received.is_whole) == (3, 0, 0, True)
    assert subjects() == ["First", "Second", "Third"]
    assert set(Message.objects.values_list("state", "team__code")) == {(State.WAITING, "HGY")}
    assert found(server, "SEEN") == found(server, "ALL")
    assert AuditEvent.objects.filter(event=Event.MAIL_RECEIVED, team_id=a_team().pk).count() == 3
    mailbox = the_mailbox()
    assert (mailbox.problem, mailbox.left_behind, mailbox.last_uid) == ("", [], max(found(server, "ALL")))
    assert mailbox.read_at == mailbox.tried_at
    assert PASSWORD not in mailbox.place


def test_it_is_marked_as_read_only_when_it_has_been_kept(
    server: ImapServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(an_email("First"))
    server.deliver(an_email("Second"))
    real, unread = receiving.take_in, []

    def take_in(mailbox: Mailbox, *, uid: int, **other: Any) -> Message | None:
        before = found(server, "UNSEEN")
        message = real(mailbox, uid=uid, **other)
        unread.append(uid in before and uid in found(server, "UNSEEN"))
        return message

    monkeypatch.setattr(receiving, "take_in", take_in)
    receive(a_team(), place)
    assert unread == [True, True]
    assert found(server, "UNSEEN") == []


def test_a_second_pass_changes_nothing(server: ImapServer, place: Place) -> None:
    for _ in range(3):
        server.deliver(an_email())
    receive(a_team(), place)
    before = list(Message.objects.order_by("pk").values())
    again = receive(a_team(), place)
    assert (again.new, again.copies, again.left, again.is_whole) == (0, 0, 0, True)
    assert list(Message.objects.order_by("pk").values()) == before
    assert AuditEvent.objects.filter(event=Event.MAIL_RECEIVED).count() == 3


def test_an_empty_mailbox(server: ImapServer, place: Place) -> None:
    assert (receive(a_team(), place).new, receive(a_team(), place).new) == (0, 0)
    assert the_mailbox().read_at is not None


def test_what_somebody_has_opened_elsewhere_comes_in_as_well(server: ImapServer, place: Place) -> None:
    server.deliver(an_email("Opened"))
    flag(server, "+FLAGS")
    server.deliver(an_email("Not opened"))
    assert len(found(server, "SEEN")) == 1
    receive(a_team(), place)
    assert subjects() == ["Not opened", "Opened"]


def test_a_later_pass_takes_in_what_has_come_since(server: ImapServer, place: Place) -> None:
    server.deliver(an_email("First"))
    receive(a_team(), place)
    mark = the_mailbox().last_uid
    server.deliver(an_email("Second"))
    flag(server, "+FLAGS")  # opened before CAIT came by
    assert receive(a_team(), place).new == 1
    assert subjects() == ["First", "Second"]
    assert the_mailbox().last_uid > mark


def test_what_somebody_marks_as_unread_again_is_not_taken_in_again(server: ImapServer, place: Place) -> None:
    server.deliver(an_email())
    receive(a_team(), place)
    flag(server, "-FLAGS")
    assert receive(a_team(), place).new == 0
    assert Message.objects.count() == 1


def test_what_is_read_twice_because_the_mark_was_lost_is_kept_once(server: ImapServer, place: Place) -> None:
    server.deliver(an_email())
    receive(a_team(), place)
    flag(server, "-FLAGS")
    Mailbox.objects.update(last_uid=0)
    again = receive(a_team(), place)
    assert (again.new, again.left, Message.objects.count()) == (0, 0, 1)
    assert found(server, "UNSEEN") == []
    assert the_mailbox().last_uid == found(server, "ALL")[-1]


def test_each_team_has_its_own_mailbox(server: ImapServer) -> None:
    server.deliver(an_email("For Haringey"))
    server.deliver(an_email("For Enfield"), user="enfield")
    receive(a_team("ENF"), read_place(server.url("enfield")))
    receive(a_team(), read_place(server.url()))
    assert dict(Message.objects.values_list("subject", "team__code")) == {"For Haringey": "HGY", "For Enfield": "ENF"}


# --- when it was received ------------------------------------------------------------------------


def test_it_was_received_when_the_server_received_it_whatever_it_says_itself(
    server: ImapServer, place: Place
) -> None:
    server.deliver(an_email(Date="Mon, 04 Jan 2010 12:17:00 +0000"), at=AT)
    receive(a_team(), place)
    message = Message.objects.get()
    assert (message.received_at, message.sent_at) == (AT, datetime(2010, 1, 4, 12, 17, tzinfo=UTC))
    assert message.sent_another_time


def test_a_server_whose_clock_is_ahead_does_not_make_it_arrive_in_the_future(
    server: ImapServer, place: Place
) -> None:
    before = clock.moment()
    server.deliver(an_email(), at=before + timedelta(days=3))
    receive(a_team(), place)
    assert before <= Message.objects.get().received_at <= clock.moment()


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("14-Jan-2010 09:05:00 +0000", AT),
        ("01-Jul-2010 13:00:00 +0100", datetime(2010, 7, 1, 12, 0, tzinfo=UTC)),
        (" 1-Jul-2010 07:00:00 -0500", datetime(2010, 7, 1, 12, 0, tzinfo=UTC)),
        # The hour that the clocks repeat.
        ("31-Oct-2010 01:30:00 +0100", datetime(2010, 10, 31, 0, 30, tzinfo=UTC)),
        ("31-Oct-2010 01:30:00 +0000", datetime(2010, 10, 31, 1, 30, tzinfo=UTC)),
        ("28-Mar-2010 01:30:00 +0000", datetime(2010, 3, 28, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_servers_date_is_the_same_moment_summer_and_winter(said: str, at: datetime) -> None:
    head = f'1 (UID 7 INTERNALDATE "{said}" RFC822.SIZE 44)'.encode()
    assert receiving._internal_date(head) == at


def test_a_server_without_a_date(server: ImapServer) -> None:
    assert receiving._internal_date(b"1 (UID 7 RFC822.SIZE 44)") is None
    before = clock.moment()
    assert before <= a_message(received_at=None).received_at <= clock.moment()


# --- the server begins anew ----------------------------------------------------------------------


def test_when_the_server_begins_anew_everything_is_read_again_and_known_again(
    server: ImapServer, place: Place
) -> None:
    nameless = an_email("Without a number").replace(b"Message-ID", b"X-Was")
    for raw in (an_email("First"), an_email("Second"), nameless):
        server.deliver(raw, at=AT)
    receive(a_team(), place)
    first, was = set(Message.objects.values_list("pk", flat=True)), the_mailbox().validity
    begin_anew(server)
    again = receive(a_team(), place)
    assert (again.new, again.copies, again.left) == (3, 3, 0)
    assert the_mailbox().validity != was
    assert set(Message.objects.filter(state=State.WAITING).values_list("pk", flat=True)) == first
    assert set(Message.objects.filter(state=State.COPY).values_list("copy_of", flat=True)) == first
    server.deliver(an_email("Third"))
    assert (receive(a_team(), place).new, Message.objects.filter(state=State.WAITING).count()) == (1, 4)


def test_what_was_left_behind_is_read_again_too_when_the_server_begins_anew(
    server: ImapServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(an_email("First"))
    server.deliver(an_email("Broken"))
    with monkeypatch.context() as broken:
        broken.setattr(receiving, "take_in", refusing("Broken"))
        receive(a_team(), place)
    begin_anew(server)
    receive(a_team(), place)
    assert Message.objects.get(subject="Broken").state == State.WAITING
    assert (the_mailbox().left_behind, Message.objects.filter(subject="First").count()) == ([], 2)


def test_a_second_delivery_is_a_copy_and_two_without_a_number_are_two(server: ImapServer, place: Place) -> None:
    twice, nameless = an_email("Twice"), an_email("Nameless").replace(b"Message-ID", b"X-Was")
    for raw in (twice, nameless):
        server.deliver(raw, at=AT)
        server.deliver(raw, at=AT + MINUTE)
    received = receive(a_team(), place)
    assert (received.new, received.copies) == (4, 1)
    assert Message.objects.filter(subject="Nameless", state=State.WAITING).count() == 2
    copy = Message.objects.get(state=State.COPY)
    assert copy.copy_of == Message.objects.get(subject="Twice", state=State.WAITING)


# --- what cannot be kept -------------------------------------------------------------------------


def test_one_that_cannot_be_kept_does_not_stop_the_others_and_is_tried_again(
    server: ImapServer, place: Place, monkeypatch: pytest.MonkeyPatch, settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    settings.MAILBOXES = {"HGY": server.url()}
    for subject in ("First", "Broken", "Third"):
        server.deliver(an_email(subject))
    with monkeypatch.context() as broken:
        broken.setattr(receiving, "take_in", refusing("Broken"))
        received = receive(a_team(), place)
        assert (received.new, received.left, received.is_whole) == (2, 1, True)
        assert subjects() == ["First", "Third"]
        unread = found(server, "UNSEEN")
        assert (len(unread), the_mailbox().left_behind) == (1, unread)
        assert "CALLOWAY" not in caplog.text
        (told,) = unread_mailboxes(an_officer(Role.OFFICE_MANAGER))
        assert (told.team, told.late, told.left) == (a_team(), False, 1)
        # As long as it does not work it stays there, once.
        assert (receive(a_team(), place).left, the_mailbox().left_behind) == (1, unread)
    received = receive(a_team(), place)
    assert (received.new, received.left) == (1, 0)
    assert subjects() == ["Broken", "First", "Third"]
    assert (the_mailbox().left_behind, found(server, "UNSEEN")) == ([], [])
    assert unread_mailboxes(an_officer(Role.OFFICE_MANAGER)) == []


def test_one_that_was_left_behind_and_taken_away_since_is_forgotten(
    server: ImapServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(an_email("Broken"))
    with monkeypatch.context() as broken:
        broken.setattr(receiving, "take_in", refusing("Broken"))
        receive(a_team(), place)
    assert len(the_mailbox().left_behind) == 1
    for file in files(server):
        file.unlink()
    received = receive(a_team(), place)
    assert (received.new, received.left, the_mailbox().left_behind) == (0, 0, [])


def test_a_connection_that_breaks_in_between_leaves_the_rest_for_the_next_pass(
    server: ImapServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for subject in ("First", "Second", "Third"):
        server.deliver(an_email(subject))
    real = receiving.take_in

    def take_in(mailbox: Mailbox, **other: Any) -> Message | None:
        message = real(mailbox, **other)
        server.stop()
        return message

    with monkeypatch.context() as breaking:
        breaking.setattr(receiving, "take_in", take_in)
        assert left_open(lambda: receive(a_team(), place)) == []
    mailbox = the_mailbox()
    assert (Message.objects.count(), mailbox.read_at, mailbox.left_behind) == (1, None, [])
    assert mailbox.problem
    server.start()
    assert receive(a_team(), place).new == 2
    assert (subjects(), the_mailbox().problem) == (["First", "Second", "Third"], "")


def test_of_what_is_too_large_the_beginning_is_kept_and_that_is_said(
    server: ImapServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(an_email("Large", "Rhys was seen.\n" * 500))
    monkeypatch.setattr(receiving, "LARGEST", 2000)
    receive(a_team(), place)
    source, message = Source.objects.get(), Message.objects.get()
    assert (len(source.raw), message.subject) == (2000, "Large")
    assert source.size == 2000
    assert "It is too large to be kept whole: read it in the mailbox itself." in message.problems


NASTY = {
    "nothing": b"",
    "nuls": b"Subject: Refer\x00ral\r\nFrom: \x00 <a\x00@b.example>\r\n\r\nRhys\x00",
    "nul in its number": b"Message-ID: <a\x00b@c.example>\r\n\r\nRhys",
    "nul in what it answers": b"References: <a\x00b@c.example>\r\n\r\nRhys",
    "no letters": bytes(range(256)) * 4,
    "halves of characters": b"Subject: =?utf-8?Q?=ED=A0=80?=\r\n\r\n\xed\xa0\x80",
    "long head": b"Subject: " + b"a" * 5000 + b"\r\nTo: " + b"a@b.example, " * 500 + b"\r\n\r\nRhys",
    "absurd date": b"Date: Fri, 31 Dec 9999 23:59:59 -1200\r\n\r\nRhys",
    "nul in a name": b"Content-Type: image/png; name*=utf-8''a%00b\r\n\r\nx",
    "nested": b"Content-Type: message/rfc822\n\n" * 2000,
}


@pytest.mark.parametrize("raw", NASTY.values(), ids=NASTY)
def test_whatever_is_broken_in_it_it_is_kept_byte_for_byte(raw: bytes) -> None:
    message = a_message(raw=raw)
    source = Source.objects.get(message=message)
    assert bytes(source.raw) == raw
    assert source.size == len(raw)


# --- the server cannot be read -------------------------------------------------------------------


def test_a_server_that_is_down_is_told_after_a_quarter_of_an_hour_and_works_again(
    server: ImapServer, place: Place, settings: Any
) -> None:
    settings.MAILBOXES = {"HGY": server.url()}
    move_time_to(AT)
    manager = an_officer(Role.OFFICE_MANAGER)
    receive(a_team(), place)
    read_at = the_mailbox().read_at
    assert read_at is not None
    server.stop()
    server.deliver(an_email("While it was down"))
    with pytest.raises(ConnectionRefusedError):
        receive(a_team(), place)
    assert (the_mailbox().problem, the_mailbox().read_at) == ("ConnectionRefusedError", read_at)

    move_time_to(read_at + UNREAD_AFTER)
    assert unread_mailboxes(manager) == []
    move_time_to(read_at + UNREAD_AFTER + timedelta(seconds=1))
    (told,) = unread_mailboxes(manager)
    assert (told.team, told.late, told.since, told.left) == (a_team(), True, read_at, 0)
    assert unread_mailboxes(an_officer(Role.INSPECTOR)) == [told]
    for nobody in (an_officer(Role.INVESTIGATOR), an_officer(Role.DESK_SERGEANT, a_team("ENF"))):
        assert unread_mailboxes(nobody) == []

    server.start()
    assert receive(a_team(), place).new == 1
    assert (the_mailbox().problem, unread_mailboxes(manager)) == ("", [])


def test_a_mailbox_that_is_not_configured_any_more_is_not_told(settings: Any) -> None:
    long_ago = clock.now() - timedelta(minutes=16)
    place = "cait at mail.example:993, INBOX"
    Mailbox.objects.create(team=a_team(), place=place, problem="gaierror", added_at=long_ago)
    manager = an_officer(Role.OFFICE_MANAGER)
    settings.MAILBOXES = {"HGY": "imaps://cait:Tidewell22@mail.example"}
    assert len(unread_mailboxes(manager)) == 1
    settings.MAILBOXES = {}
    assert unread_mailboxes(manager) == []


def test_nor_one_whose_address_was_put_right(server: ImapServer, place: Place, settings: Any) -> None:
    settings.MAILBOXES = {"HGY": server.url().replace("haringey:", "harringay:")}
    manager = an_officer(Role.OFFICE_MANAGER)
    receive_all()
    later = clock.now() + timedelta(minutes=16)
    assert [told.late for told in unread_mailboxes(manager, now=later)] == [True]
    settings.MAILBOXES = {"HGY": server.url()}
    receive_all()
    assert Mailbox.objects.get(problem="").read_at is not None
    assert unread_mailboxes(manager) == []


def test_one_mailbox_that_cannot_be_read_does_not_stop_the_others(
    server: ImapServer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = f"imap://cait:{SECRET}@{post.HERE}:1"
    settings.MAILBOXES = {"ENF": nowhere, "HGY": server.url(), "BEX": f"imaps://cait:{SECRET}/x@mail.example"}
    for code in ("ENF", "HGY", "BEX"):
        a_team(code)
    server.deliver(an_email("For Haringey"))
    receive_mail()  # as beat wakes it
    assert subjects() == ["For Haringey"]
    assert Mailbox.objects.get(team__code="ENF").problem == "ConnectionRefusedError"
    assert {record.getMessage() for record in caplog.records if record.levelname == "ERROR"} == {
        "The mailbox of ENF could not be read: ConnectionRefusedError",
        "The address of the mailbox of BEX cannot be read.",
    }
    assert SECRET not in caplog.text


# --- two passes at once --------------------------------------------------------------------------


def elsewhere(team: Team, place: Place) -> int:
    """A pass in another connection of its own."""
    try:
        return receive(team, place).new
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_passes_at_once_take_in_each_email_once(server: ImapServer, place: Place) -> None:
    for number in range(15):
        server.deliver(an_email(f"Number {number}"))
    team = a_team()
    with ThreadPoolExecutor(3) as pool:
        new = [going.result(timeout=60) for going in [pool.submit(elsewhere, team, place) for _ in range(3)]]
    assert sum(new) == 15
    assert subjects() == sorted(f"Number {number}" for number in range(15))
    assert set(Message.objects.values_list("state", flat=True)) == {State.WAITING}
    assert AuditEvent.objects.filter(event=Event.MAIL_RECEIVED).count() == Source.objects.count() == 15
    assert (the_mailbox().left_behind, found(server, "UNSEEN")) == ([], [])


# --- how long it may take ------------------------------------------------------------------------


class Watch:
    """The watch of the passes; each email that is taken in takes a minute."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 0.0
        real = receiving.take_in

        def take_in(mailbox: Mailbox, **other: Any) -> Message | None:
            self.at += 60
            return real(mailbox, **other)

        monkeypatch.setattr(receiving, "take_in", take_in)
        monkeypatch.setattr(receiving, "time", SimpleNamespace(monotonic=lambda: self.at, mktime=time.mktime))


def test_when_its_time_is_over_the_rest_waits_for_the_next_pass(
    server: ImapServer, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    Watch(monkeypatch)
    for number in range(5):
        server.deliver(an_email(f"Number {number}"))
    received = receive(a_team(), place, longest=timedelta(minutes=1.5))
    assert (received.new, received.is_whole) == (2, False)
    assert (the_mailbox().read_at, the_mailbox().problem) == (None, "")
    assert the_mailbox().tried_at is not None
    assert receive(a_team(), place, longest=timedelta(minutes=1.5)).new == 2
    last = receive(a_team(), place, longest=timedelta(minutes=1.5))
    assert (last.new, last.is_whole, Message.objects.count()) == (1, True, 5)
    assert the_mailbox().read_at is not None


def test_the_mailbox_that_was_tried_longest_ago_is_the_first(
    server: ImapServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Watch(monkeypatch)
    settings.MAILBOXES = {"ENF": server.url("enfield"), "HGY": server.url()}
    a_team(), a_team("ENF")
    for user in ("enfield", "haringey"):
        server.deliver(an_email(f"{user} 1"), user=user)
        server.deliver(an_email(f"{user} 2"), user=user)
    receive_all()  # the first email takes all of the time
    assert Message.objects.count() == Mailbox.objects.count() == 1
    receive_all()
    assert set(Message.objects.values_list("team__code", flat=True)) == {"ENF", "HGY"}
    receive_all()
    receive_all()
    assert Message.objects.count() == 4


# --- the command ---------------------------------------------------------------------------------


def told_by_the_command(*words: str) -> str:
    """What it writes, and then what it fails with."""
    out, err = StringIO(), StringIO()
    try:
        call_command("receive_mail", *words, stdout=out, stderr=err)
    except CommandError as wrong:
        return f"{out.getvalue()}{err.getvalue()}! {wrong}"
    return out.getvalue() + err.getvalue()


def test_the_command_tells_what_came(server: ImapServer) -> None:
    team, twice = a_team(), an_email()
    server.deliver(twice)
    assert told_by_the_command("--imap", server.url(), "--team", "HGY") == f"{team}: 1 email came in.\n"
    server.deliver(twice)
    server.deliver(an_email())
    told = f"{team}: 2 emails came in, 1 of them a second copy.\n"
    assert told_by_the_command("--imap", server.url(), "--team", "HGY") == told


def test_the_command_reads_the_mailboxes_that_are_configured(server: ImapServer, settings: Any) -> None:
    a_team(), a_team("ENF")
    settings.MAILBOXES = {"ENF": server.url("enfield"), "HGY": server.url()}
    server.deliver(an_email("For Enfield"), user="enfield")
    server.deliver(an_email("For Haringey"))
    told_by_the_command("--team", "ENF")
    assert subjects() == ["For Enfield"]
    told_by_the_command()
    assert subjects() == ["For Enfield", "For Haringey"]


def test_the_command_says_what_is_missing(server: ImapServer) -> None:
    a_team()
    assert told_by_the_command() == ("! No mailbox is configured. Name one with --imap and --team, or set MAILBOXES.")
    assert told_by_the_command("--imap", server.url()) == "! Say with --team whose mailbox it is."
    assert told_by_the_command("--imap", server.url(), "--team", "XYZ").startswith("! There is no team XYZ. Teams: ")
    assert "begins with imaps://" in told_by_the_command("--imap", "pop3://a:b@c", "--team", "HGY")
    assert "there is no folder Desk" in told_by_the_command("--imap", f"{server.url()}/Desk", "--team", "HGY")
    assert Message.objects.count() == 0


def test_the_command_says_that_the_password_is_wrong_and_nobody_repeats_it(
    server: ImapServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    team = a_team()
    caplog.set_level("DEBUG")
    url = f"imap://haringey:{SECRET}@{post.HERE}:{server.port}"
    told = told_by_the_command("--imap", url, "--team", "HGY")
    assert told == (
        f"! {team}: the mailbox of haringey at {post.HERE}:{server.port}, INBOX could not be read: the server does "
        "not accept the user name and password."
    )
    assert the_mailbox().problem == MailboxLoginError.__name__
    everywhere = [told, caplog.text, *capfd.readouterr(), str(Mailbox.objects.values_list()[0])]
    assert SECRET not in "".join(everywhere)


def test_the_command_says_that_the_server_is_down(server: ImapServer, caplog: pytest.LogCaptureFixture) -> None:
    a_team()
    server.stop()
    told = told_by_the_command("--imap", server.url(), "--team", "HGY")
    assert told.endswith("Connection refused. Is the mail server running, and the address right?")
    assert PASSWORD not in told + caplog.text


def test_the_command_fails_where_one_could_not_be_kept(server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    a_team()
    server.deliver(an_email("Broken"))
    server.deliver(an_email("First"))
    monkeypatch.setattr(receiving, "take_in", refusing("Broken"))
    told = told_by_the_command("--imap", server.url(), "--team", "HGY")
    assert told == (
        "Team HGY: 1 email came in.\n! Team HGY: 1 email could not be kept. They are tried again in the next pass."
    )


def test_what_waits_at_a_desk_and_since_when(server: ImapServer, place: Place) -> None:
    team, sergeant = a_team(), an_officer(Role.DESK_SERGEANT)
    assert queries.waiting(team, user=sergeant) == queries.Waiting(0, None)
    server.deliver(an_email("Second URGENT"), at=AT + MINUTE)
    server.deliver(an_email("First"), at=AT)
    receive(team, place)
    assert queries.waiting(team, user=sergeant) == queries.Waiting(2, AT)
    assert [message.subject for message in queries.urgent(sergeant)] == ["Second URGENT"]
    assert queries.waiting(team, user=an_officer(Role.INVESTIGATOR)) == queries.Waiting(0, None)
