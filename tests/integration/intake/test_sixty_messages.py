"""The sixty emails of a week, read in one pass: each accounted for, byte for byte."""

from __future__ import annotations

import imaplib
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from audit.events import Event
from audit.models import AuditEvent
from intake.enums import Looks, State
from intake.looks import looks_like, urns_in
from intake.models import Mailbox, Message, Source
from intake.places import read_place
from intake.reading import digest, normalised
from intake.receiving import Received, receive
from team.models import Team
from tests.factories.team import a_team
from tests.integration.intake.imap_server import ImapServer, running_imap_server
from tests.shared import Shared
from workbench import post
from workbench.demonstration import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("imap")]

SAMPLES = Path(__file__).parents[2] / "data" / "mailbox"
EXPECTED: list[dict[str, Any]] = json.loads((SAMPLES / "expected.json").read_text())
LOOKS = {
    "referral": Looks.REFERRAL,
    "duplicate": Looks.REFERRAL,
    "update": Looks.UPDATE,
    "confirms": Looks.CONFIRMATION,
    "conference": Looks.CONFERENCE,
    "noise": Looks.UNCLEAR,
}


@contextmanager
def delivered(where: Path) -> Iterator[ImapServer]:
    """The sixty are in Haringey's mailbox, each received when it says that it was sent."""
    with running_imap_server(where / "mail") as running:
        for expected in EXPECTED:
            raw = sample(expected)
            running.deliver(raw, at=parsedate_to_datetime(message_from_bytes(raw)["Date"]))
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImapServer]:
    with delivered(tmp_path_factory.mktemp("sixty")) as running:
        yield running


@pytest.fixture(scope="module")
def received(shared: Shared, server: ImapServer) -> Received:
    """What one pass brought; each test finds them so."""
    return shared(one_pass, server)


def sample(expected: dict[str, Any]) -> bytes:
    return (SAMPLES / expected["file"]).read_bytes()


def one_pass(server: ImapServer, team: Team | None = None) -> Received:
    return receive(team or a_team(), read_place(server.url()))


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


def unread(server: ImapServer) -> int:
    with mail_program(server) as program:
        return len(program.uid("SEARCH", "UNSEEN")[1][0].split())


def mark_all_unread(server: ImapServer) -> None:
    with mail_program(server) as program:
        program.uid("STORE", "1:*", "-FLAGS", r"(\Seen)")


def given_by(server: ImapServer) -> dict[int, bytes]:
    """Every byte of each email as the server gives it to any mail program, by its UID."""
    with mail_program(server) as program:
        uids = [int(uid) for uid in program.uid("SEARCH", "ALL")[1][0].split()]
        return {uid: program.uid("FETCH", str(uid), "(BODY.PEEK[])")[1][0][1] for uid in uids}


def unfolded(raw: bytes) -> bytes:
    """With each header in one line: the server of the tests folds a long one (a Word document's Content-Type in 16 of
    the sixty) elsewhere than the sender did, and changes nothing else."""
    return re.sub(rb"[ \t]*\n[ \t]+", b" ", normalised(raw))


def account_for_all() -> None:
    """Each of the sixty is there once, with what came with it, as it was sent."""
    rows = list(Message.objects.select_related("source", "copy_of"))
    assert len(rows) == len(EXPECTED) == 60
    told = Counter((message.message_id, len(message.attachments)) for message in rows)
    assert told == Counter((each["message_id"], each["attachments"]) for each in EXPECTED)
    kept = Counter(unfolded(bytes(message.source.raw)) for message in rows)
    assert kept == Counter(unfolded(sample(each)) for each in EXPECTED)
    for message in rows:
        assert message.source.digest == digest(bytes(message.source.raw))
        assert message.source.size == len(message.source.raw)
        assert (message.problems, message.received_at) == ([], message.sent_at)
    (copy,) = [message for message in rows if message.state == State.COPY]
    (twice,) = [each["message_id"] for each in EXPECTED if each["kind"] == "duplicate"]
    assert copy.copy_of is not None
    assert copy.message_id == copy.copy_of.message_id == twice
    assert Counter(message.state for message in rows) == {State.WAITING: 59, State.COPY: 1}
    assert Source.objects.count() == AuditEvent.objects.filter(event=Event.MAIL_RECEIVED).count() == 60


def test_sixty_emails_are_all_accounted_for(server: ImapServer, received: Received) -> None:
    assert (received.new, received.copies, received.left, received.is_whole) == (60, 1, 0, True)
    account_for_all()
    assert unread(server) == 0


def test_each_is_kept_byte_for_byte_as_the_server_gives_it(server: ImapServer, received: Received) -> None:
    assert {message.uid: bytes(message.source.raw) for message in Message.objects.all()} == given_by(server)
    sent = [normalised(sample(each)) for each in EXPECTED]
    kept = [normalised(bytes(source.raw)) for source in Source.objects.all()]
    assert sum(raw in sent for raw in kept) >= 44  # the others differ in where a header is folded


def test_each_of_the_sixty_looks_like_what_it_is(server: ImapServer, received: Received) -> None:
    subjects = dict(Message.objects.values_list("message_id", "subject"))
    looks = {each["file"]: looks_like(subjects[each["message_id"]]) for each in EXPECTED}
    assert looks == {each["file"]: LOOKS[each["kind"]] for each in EXPECTED}
    for each in EXPECTED:
        if each["kind"] == "update":
            subject = subjects[each["message_id"]]
            assert [f"URN {urn}" for urn in urns_in(subject)] == re.findall(r"URN \d{4}/\d\d", subject)
    said_urgent = {each["message_id"] for each in EXPECTED if b"URGENT" in sample(each)}
    assert set(Message.objects.filter(urgent=True).values_list("message_id", flat=True)) == said_urgent
    assert len(said_urgent) == 6


def test_nothing_of_their_html_is_kept_as_text(server: ImapServer, received: Received) -> None:
    for text in Message.objects.values_list("text", flat=True):
        assert text
        assert not re.search(r"<\w|alert\(|tracker\.invalid|\x00", text)


def test_read_once_more_they_are_the_same_sixty(server: ImapServer, received: Received) -> None:
    """As where CAIT was killed when it had kept one and not yet marked it as read; or the mark went as well."""
    mark_all_unread(server)
    assert unread(server) == 60
    assert one_pass(server).new == 0
    account_for_all()
    Mailbox.objects.update(last_uid=0)
    again = one_pass(server)
    assert (again.new, again.left, unread(server)) == (0, 0, 0)
    account_for_all()
