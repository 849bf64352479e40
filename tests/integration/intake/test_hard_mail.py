"""Whatever arrives: items stored = messages delivered, each with its source byte for byte, marked where a person must
look; and nothing of it runs or loads anything on a page."""

from __future__ import annotations

import imaplib
import re
from base64 import encodebytes
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.events import Event
from audit.models import AuditEvent
from intake.actions import take_in
from intake.enums import State
from intake.models import Mailbox, Message, Source
from intake.parts import TOO_DEEP, TOO_LONG, TOO_MANY
from intake.places import read_place
from intake.reading import PACKED_BY_OUTLOOK, digest
from intake.receiving import mailbox_of, receive
from team.enums import Role
from team.models import User
from tests.factories.mail import a_message, an_email
from tests.factories.team import a_team, an_officer
from tests.integration.intake.imap_server import ImapServer, running_imap_server
from tests.unit.intake.mutilation import HEAD, INVITATION, WHOLE, mutilated, mutilated_by
from workbench import post
from workbench.demonstration import PASSWORD

pytestmark = pytest.mark.django_db

AT = datetime(2010, 1, 14, 9, 5, tzinfo=UTC)
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=edge\r\n\r\n--edge\r\n"


def check_stored(mailbox: Mailbox, delivered: dict[int, bytes]) -> None:
    """As many items as were delivered, each with its source and one event."""
    rows = Message.objects.filter(mailbox=mailbox, uid__in=delivered).select_related("source")
    assert {row.uid: bytes(row.source.raw) for row in rows} == delivered
    for row in rows:
        assert (row.source.digest, row.source.size) == (digest(delivered[row.uid]), len(delivered[row.uid]))
        assert (row.state == State.COPY) == (row.copy_of_id is not None)
    assert Message.objects.count() == Source.objects.count()
    assert Message.objects.count() == AuditEvent.objects.filter(event=Event.MAIL_RECEIVED).count()


# --- whatever is done to it ----------------------------------------------------------------------


@pytest.mark.filterwarnings("default")  # what a decoder deplores in such bytes is no fault of ours
@settings(
    deadline=None, max_examples=100, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(mutilated | st.binary(max_size=200) | st.sampled_from(WHOLE), min_size=1, max_size=6))
def test_as_many_items_are_stored_as_messages_were_delivered(delivered: list[bytes]) -> None:
    mailbox, by = mailbox_of(a_team(), "cait at mail.example:993, INBOX"), User.objects.system()
    mailbox.refresh_from_db()
    before = Message.objects.count()
    named = dict(enumerate(delivered, mailbox.last_uid + 1))
    for uid, raw in named.items():
        assert take_in(mailbox, uid=uid, raw=raw, received_at=AT, by=by) is not None
    assert Message.objects.count() == before + len(delivered)
    check_stored(mailbox, named)
    # Delivered again, as where the mark was lost: nothing is doubled.
    assert [take_in(mailbox, uid=uid, raw=raw, received_at=AT, by=by) for uid, raw in named.items()] == [None] * len(
        named
    )
    assert Message.objects.count() == before + len(delivered)


@pytest.mark.xdist_group("imap")
@pytest.mark.filterwarnings("default")
def test_so_it_is_when_they_come_through_a_mail_server(tmp_path: Path) -> None:
    chance = Random(35)
    delivered = [mutilated_by(chance) for _ in range(30)]
    with running_imap_server(tmp_path / "mail") as server:
        for raw in delivered:
            server.deliver(raw, at=AT)
        given = given_by(server)
        team = a_team()
        received = receive(team, read_place(server.url()))
        assert (received.new, received.left, received.is_whole) == (30, 0, True)
        assert receive(team, read_place(server.url())).new == 0
    mailbox = Mailbox.objects.get()
    assert (mailbox.problem, mailbox.left_behind, mailbox.reading) == ("", [], None)
    # The server of the tests mends what it is given, each time with other edges where it finds none: each is kept as
    # it gives it to any mail program.
    rows = dict(Message.objects.filter(mailbox=mailbox).values_list("uid", "source__raw"))
    assert len(given) == len(rows) == Source.objects.count() == 30
    assert {uid: without_edges(bytes(raw)) for uid, raw in rows.items()} == {
        uid: without_edges(raw) for uid, raw in given.items()
    }
    check_stored(mailbox, {uid: bytes(raw) for uid, raw in rows.items()})


def without_edges(raw: bytes) -> bytes:
    return re.sub(rb"={15}\d{19}==", b"edge", raw)


def given_by(server: ImapServer) -> dict[int, bytes]:
    """Every byte of each email as the server gives it to any mail program, by its UID."""
    program = imaplib.IMAP4(post.HERE, server.port, timeout=20)
    try:
        program.login("haringey", PASSWORD)
        program.select("INBOX")
        uids = [int(uid) for uid in program.uid("SEARCH", "ALL")[1][0].split()]
        return {uid: program.uid("FETCH", str(uid), "(BODY.PEEK[])")[1][0][1] for uid in uids}
    finally:
        program.logout()


# --- the list ------------------------------------------------------------------------------------


def test_an_attachment_of_25_mb_arrives_whole_and_is_named() -> None:
    packed = encodebytes(Random(25).randbytes(1_000_000) * 25)
    raw = (
        MIXED
        + b"Content-Type: text/plain\r\n\r\nSee the film.\r\n--edge\r\nContent-Type: video/mp4; name=film.mp4\r\n"
    )
    raw += b"Content-Transfer-Encoding: base64\r\n\r\n" + packed + b"\r\n--edge--\r\n"
    message = a_message(raw=raw)
    assert (message.text, message.problems, message.subject) == ("See the film.", [], "Referral")
    assert message.attachments == [{"name": "film.mp4", "type": "video/mp4", "size": 25_000_000}]
    check_stored(message.mailbox, {message.uid: raw})


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (MIXED + b"\r\nx\r\n--edge\r\n" * 50_000, TOO_MANY),
        (HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 500, TOO_DEEP),
        (HEAD + b"X-A: b\r\n" * 500_000, TOO_LONG),
    ],
    ids=["parts", "depth", "headers"],
)
def test_what_is_beyond_a_limit_waits_with_its_source_for_a_person(raw: bytes, problem: str) -> None:
    message = a_message(raw=raw)
    assert (message.problems, message.state, message.subject) == ([problem], State.WAITING, "Referral")
    assert message.from_address == "g.teasdale@fernley.example"
    check_stored(message.mailbox, {message.uid: raw})


def test_two_deliveries_of_what_is_beyond_a_limit_are_one_and_its_copy() -> None:
    raw = b"Message-ID: <1@b.example>\r\n" + MIXED + b"\r\nx\r\n--edge\r\n" * 50_000
    first, second = a_message(raw=raw), a_message(raw=b"Received: from elsewhere\r\n" + raw)
    assert (first.state, second.state, second.copy_of) == (State.WAITING, State.COPY, first)


def test_two_deliveries_of_one_that_was_cut_are_one_and_its_copy() -> None:
    whole = an_email(text="Rhys was seen.\n" * 50, message_id="<1@fernley.example>")
    raw = whole[: len(whole) // 2]
    first, second, other = a_message(raw=raw), a_message(raw=raw), a_message(raw=whole)
    assert [first.state, second.state, other.state] == [State.WAITING, State.COPY, State.WAITING]


# --- on the pages --------------------------------------------------------------------------------


@pytest.fixture
def sergeant(client: Client) -> User:
    officer = an_officer(Role.DESK_SERGEANT)
    client.force_login(officer)
    return officer


def page(client: Client, message: Message) -> str:
    response = client.get(reverse("referrals:message", args=[message.pk]))
    assert response.status_code == 200
    return response.content.decode()


def part(kind: bytes, body: bytes) -> bytes:
    return b"Content-Type: " + kind + b"\r\n\r\n" + body + b"\r\n--edge\r\n"


def test_what_looks_like_html_is_words_on_the_page_and_loads_nothing(client: Client, sergeant: User) -> None:
    page_of_it = b"<script>alert('script')</script><img src=http://tracker.invalid/x.gif><p>&lt;b&gt;Rhys</p>"
    raw = MIXED + part(b"text/plain", b"<script>alert('plain')</script>") + part(b"text/html", page_of_it)
    shown = page(client, a_message(raw=raw))
    assert "&lt;script&gt;alert(&#x27;plain&#x27;)&lt;/script&gt;" in shown
    assert "&lt;b&gt;Rhys" in shown
    for never in ("<script>alert", "tracker.invalid", "alert('script')"):
        assert never not in shown


@pytest.mark.parametrize("kind", [b"text/calendar; method=REQUEST", b"application/octet-stream; name=invite.ics"])
@pytest.mark.parametrize("subject", [b"Referral - Calloway, Rhys", b"Lunch", b"RE: 0598/09"])
def test_an_invitation_is_offered_as_one_to_a_conference(
    client: Client, sergeant: User, kind: bytes, subject: bytes
) -> None:
    raw = MIXED.replace(b"Subject: Referral", b"Subject: " + subject) + part(b"text/plain", b"Please come.")
    message = a_message(raw=raw + part(kind, INVITATION))
    shown = page(client, message)
    main = shown[shown.index("<main") : shown.index("</main")]
    (button,) = re.findall(r'class="govuk-button"[^>]*>([^<]*)', main)
    assert button == "Pass it to conferences"
    assert "When: Thursday 14 January 2010, 1pm to 4pm London time (2pm in Europe/Paris)" in shown
    assert "looks like an invitation to a conference" in client.get(reverse("referrals:mailbox")).content.decode()


def test_that_outlook_packed_it_and_what_to_do_is_said_on_the_page(client: Client, sergeant: User) -> None:
    message = a_message(raw=MIXED + part(b"application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22"))
    shown = page(client, message)
    assert PACKED_BY_OUTLOOK in shown
    assert reverse("referrals:message_source", args=[message.pk]) in shown
