"""What is said of an email besides what it says: that it is sealed, that a program wrote it, where answers go."""

from __future__ import annotations

from base64 import b64encode
from email.message import EmailMessage

import pytest

from intake.calendars import told
from intake.cares import AUTOMATIC, NOT_DELIVERED, SEALED, is_by_program
from intake.enums import Looks
from intake.looks import looks_like, says_urgent, urns_in
from intake.reading import read_message
from tests.unit.intake.test_reading import ALPHABET, forwarded, of_part, plain, read, several, typed

BASE64 = b"Content-Transfer-Encoding: base64"
OCTETS = b"application/octet-stream"
BYTES = b64encode(b"0\x80\x06" + b"x" * 60)
REPORT = b"Final-Recipient: rfc822; duty@ss.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"


# --- sealed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        typed(b"application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", BYTES, BASE64),
        typed(b"application/x-pkcs7-mime; smime-type=signed-data; name=smime.p7m", BYTES, BASE64),
        several(b"encrypted", typed(b"application/pgp-encrypted", b"Version: 1"), typed(OCTETS, BYTES, BASE64)),
        several(b"mixed", plain(), typed(b"application/x-microsoft-rpmsg-message", BYTES, BASE64)),
        plain(b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----"),
    ],
)
def test_what_is_sealed_is_said_to_be(part: bytes) -> None:
    assert of_part(part).problems == [SEALED]
    assert len(SEALED) <= 200


def test_a_signature_beside_the_words_seals_nothing() -> None:
    part = several(b"signed", plain(), typed(b"application/pkcs7-signature; name=smime.p7s", BYTES, BASE64))
    assert of_part(part).problems == []


# --- written by a program ------------------------------------------------------------------------


def test_what_came_back_is_said_to_have_come_back_and_is_no_update() -> None:
    part = several(b"report", plain(b"550 no such user"), typed(b"message/delivery-status", REPORT), forwarded())
    found = of_part(b"Subject: Undeliverable: CAIT update requested, URN 0598/09\r\n" + part)
    assert found.problems == [NOT_DELIVERED]
    assert looks_like(found.subject, found.attachments) == Looks.UNCLEAR


@pytest.mark.parametrize(
    "subject",
    ["Undelivered Mail Returned to Sender", "Mail delivery failed: returning message", "failure notice",
     "Delivery Status Notification (Failure)", "Delivery delayed: URN 0598/09 update"],
)  # fmt: skip
def test_what_came_back_from_an_old_server_is_known_by_its_subject(subject: str) -> None:
    assert read(b"Sorry.", b"Subject: " + subject.encode()).problems == [NOT_DELIVERED]


@pytest.mark.parametrize(
    "headers",
    [
        [b"Auto-Submitted: auto-replied"],
        [b"Auto-Submitted: Auto-Generated; owner=x"],
        [b"Precedence: auto_reply"],
        [b"Subject: Automatic reply: URN 0598/09 update"],
        [b"Subject: Out of Office: RE: URN 0598/09 update"],
        [b"Subject: Read: URN 0598/09 update"],
        [b"Subject: Not read: URN 0598/09 update"],
    ],
)
def test_what_a_program_wrote_is_said_to_be_no_answer(headers: list[bytes]) -> None:
    assert read(b"I am away. If urgent ring 020 7946 0000.", *headers).problems == [AUTOMATIC]


@pytest.mark.parametrize("subject", ["Automatic reply: URN 0598/09 update", "Undeliverable: URGENT: URN 0598/09"])
def test_what_a_program_gives_back_is_neither_an_update_nor_urgent(subject: str) -> None:
    assert is_by_program(subject)
    assert looks_like(subject) == Looks.UNCLEAR
    assert not says_urgent(subject, "I am away. If it is urgent ring us.")


@pytest.mark.parametrize(
    "headers", [[b"Auto-Submitted: no"], [b"Subject: Reading of the report: outcome"], [b"Precedence: list"]]
)
def test_what_people_wrote_is_not_said_to_be_by_a_program(headers: list[bytes]) -> None:
    assert read(b"She was seen.", *headers).problems == []
    assert looks_like("Outcome of the initial assessment: undelivered letter") == Looks.UPDATE


# --- where answers go ----------------------------------------------------------------------------


def test_that_answers_go_elsewhere_is_said() -> None:
    (said,) = read(b"A form was sent.", b"Reply-To: Head <head@fernley.example>").problems
    assert said == "It asks for answers to head@fernley.example, which is not where it came from."


@pytest.mark.parametrize(
    "value", [b"G.Teasdale@FERNLEY.example", b"", b"nobody", b"A <g.teasdale@fernley.example>, b@c.example", b"\xff@"]
)
def test_where_answers_go_back_to_the_sender_nothing_is_said(value: bytes) -> None:
    assert read(b"She was seen.", b"Reply-To: " + value).problems == []


# --- urgent --------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [b"Importance: high", b"X-Priority: 1 (Highest)", b"X-Priority: 2"])
def test_an_email_that_is_marked_as_urgent_is_known_to_be(header: bytes) -> None:
    assert read(b"Please look.", header).marked
    assert not read(b"Please look.", b"Importance: normal", b"X-Priority: 3").marked


QUOTED = "Done.\n\nFrom: CAIT\nSent: 1 January 2010\nSubject: URGENT: update requested\n\nThis is urgent."


def test_what_an_answer_quotes_as_outlook_does_makes_it_not_urgent() -> None:
    assert not says_urgent("RE: update requested", QUOTED)
    assert not says_urgent("RE: update", "Done.\n\n-----Original Message-----\nThis is urgent.")
    assert says_urgent("RE: update requested", f"This is urgent.\n{QUOTED}")
    assert says_urgent("FW: concern", QUOTED)
    assert says_urgent("RE: FW: concern", QUOTED)


@pytest.mark.parametrize("words", ["Non-urgent: referral", "not urgent", "This is non urgent"])
def test_what_says_that_it_is_not_urgent_is_not(words: str) -> None:
    assert not says_urgent(words, words)


# --- letters -------------------------------------------------------------------------------------


def test_a_subject_in_windows_letters_that_says_no_alphabet_keeps_each_letter() -> None:
    found = read_message("From: Zoë <z@b.example>\nSubject: Referral Zoë O’Hare\n\nHello".encode("cp1252"))
    assert (found.subject, found.from_name) == ("Referral Zoë O’Hare", "Zoë")


def test_quotation_marks_of_windows_are_kept_where_it_says_it_is_latin_1() -> None:
    found = of_part(typed(b"text/plain; charset=iso-8859-1", "Zoë’s “arm” – £5".encode("cp1252")))
    assert (found.text, found.problems) == ("Zoë’s “arm” – £5", [])
    assert ALPHABET not in read(b"x", b"Subject: =?iso-8859-1?Q?Ann=92s?=").problems
    assert read(b"x", b"Subject: =?iso-8859-1?Q?Ann=92s?=").subject == "Ann’s"


# --- URNs and calendars --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "urns"),
    [
        ("URN: 0598 - 09", ["0598/09"]),
        ("URN 98.09", ["98/09"]),
        ("Urn no. 598\\09", ["598/09"]),
        ("URN – 98/09", ["98/09"]),
        ("ref HGY/0598/09", ["0598/09"]),
        ("URN HGY/98/09", ["98/09"]),
        ("URNs 0598/09 & 0599/09", ["0598/09", "0599/09"]),
        ("the year 2009-10", []),
        ("0598-09", []),
        ("URN 12-09-2009", []),
        ("1/0598/09", []),
        ("CRIS 1234567/09", []),
    ],
)
def test_a_urn_is_known_however_its_reader_wrote_it_behind_the_word(text: str, urns: list[str]) -> None:
    assert urns_in(text) == urns


def test_an_invitation_every_six_weeks_says_so_and_london_is_known_by_what_exchange_calls_it() -> None:
    calendar = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Core group\n"
        'DTSTART;TZID="(UTC+00:00) Dublin, Edinburgh, Lisbon, London":20100714T140000\n'
        "RRULE:FREQ=WEEKLY;INTERVAL=6;COUNT=4\nEND:VEVENT\nEND:VCALENDAR"
    )
    (said,) = told(calendar)
    assert "When: Wednesday 14 July 2010, 2pm London time" in said
    assert "It is repeated: every 6 weeks, or as the invitation says." in said


def test_an_email_by_a_person_needs_no_care() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "Gillian Teasdale <g.teasdale@fernley.example>", "Referral"
    message.set_content("Rhys was seen today.")
    assert read_message(message.as_bytes()).problems == []
