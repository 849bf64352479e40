"""Emails as they arrive and should not: each is read as far as it goes, and what could not be read is said."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from intake.enums import Looks
from intake.looks import looks_like
from intake.reading import NO_CALENDAR, PACKED_BY_OUTLOOK, Reading, read_message
from tests.unit.intake.test_reading import (
    ALPHABET,
    TORN,
    forwarded,
    html,
    of_part,
    plain,
    read,
    several,
    typed,
)

BASE64, QUOTED = b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable"
SAID = b"Rhys was seen today."


# --- alphabets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charset", "body", "text", "problems"),
    [
        (b"x-unknown", "Zoë".encode(), "Zoë", [ALPHABET]),
        (b"utf-8", "Zoë".encode("latin-1"), "Zoë", [ALPHABET]),
        (b"utf-7", b"Zo+AOs- +ADw-script+AD4-", "Zoë <script>", []),
        (b"utf-7", b"Zo+AOs", "Zoë", []),
        (b"gb18030", "你好 Zoë".encode("gb18030"), "你好 Zoë", []),
        (b"gb18030", b"Rhys \xff\xff was seen", "Rhys ÿÿ was seen", [ALPHABET]),
        (b"iso-2022-jp", "Rhys こんにちは".encode("iso-2022-jp"), "Rhys こんにちは", []),
        (b"iso-2022-jp", b"Rhys \x1b$B\x24\xff was seen", "Rhys $B$ÿ was seen", [ALPHABET]),
        (b"punycode", b"Rhys was seen-", "Rhys was seen-", [ALPHABET]),
        (b"utf-16", b"\xff\xfeR", "ÿþR", [ALPHABET]),
        (b"base64", SAID, SAID.decode(), [ALPHABET]),
        (b"=?utf-8?Q?utf-8?=", SAID, SAID.decode(), [ALPHABET]),
    ],
)
@pytest.mark.filterwarnings("default")
def test_alphabets_that_are_unknown_wrong_or_broken(
    charset: bytes, body: bytes, text: str, problems: list[str]
) -> None:
    found = of_part(typed(b'text/plain; charset="' + charset + b'"', body))
    assert (found.text, found.problems) == (text, problems)


@pytest.mark.parametrize(
    "subject", [b"=?gb18030?B?/////w==?=", b"=?iso-2022-jp?B?GyRC?=", b"=?utf-7?Q?+A?=", b"\xff"]
)
def test_a_subject_in_a_broken_alphabet_takes_nothing_else_with_it(subject: bytes) -> None:
    found = read(SAID, b"Subject: " + subject)
    assert (found.text, found.from_address) == (SAID.decode(), "g.teasdale@fernley.example")


# --- how bodies are packed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("packed", "problems"),
    [
        (b64encode(SAID)[:9] + b"!*~\r\n" + b64encode(SAID)[9:], [TORN]),
        (b64encode(SAID).rstrip(b"="), [TORN]),
        (b64encode(SAID) + b"====", [TORN]),
        (b"\r\n\r\n" + b64encode(SAID), []),
    ],
)
def test_base64_with_rubbish_in_it_or_without_its_end(packed: bytes, problems: list[str]) -> None:
    found = of_part(typed(b"text/plain", packed, BASE64))
    assert (found.text, found.problems) == (SAID.decode(), problems)


@pytest.mark.parametrize("packed", [b"A", b"=", b"\xff\xfe", b"not base64 at all, but words!"])
def test_what_is_no_base64_is_said_to_be_broken(packed: bytes) -> None:
    assert TORN in of_part(typed(b"text/plain", packed, BASE64)).problems


@pytest.mark.parametrize("end", [b"=", b"=C", b"=C3", b"=\r", b"=ZZ", b"=3D="])
def test_quoted_printable_that_was_cut(end: bytes) -> None:
    assert of_part(typed(b"text/plain", b"Rhys was=20seen" + end, QUOTED)).text.startswith("Rhys was seen")


@pytest.mark.parametrize("packed", [b"x-nobody-knows", b"", b"8bit, base64", b"=?utf-8?Q?base64?="])
def test_what_is_packed_in_a_way_that_nobody_knows_is_shown_as_it_is(packed: bytes) -> None:
    assert of_part(typed(b"text/plain", SAID, b"Content-Transfer-Encoding: " + packed)).text == SAID.decode()


def test_an_email_without_the_edge_at_its_end_is_read_and_that_is_said() -> None:
    whole = several(b"mixed", plain(), typed(b"application/pdf; name=report.pdf", b64encode(b"x" * 900), BASE64))
    found = of_part(whole.replace(b"--edge--", b""))
    assert (found.text, [each["name"] for each in found.attachments]) == (SAID.decode(), ["report.pdf"])
    assert found.problems == [TORN]


def test_words_in_a_holder_whose_edges_are_missing_are_shown() -> None:
    found = of_part(typed(b"multipart/mixed; boundary=other", b"--edge\r\n\r\n" + SAID + b"\r\n--edge--"))
    assert SAID.decode() in found.text
    assert found.problems == [TORN]


# --- who and when --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        (b"", "", ""),
        (b"From:", "", ""),
        (b"From: <>", "", ""),
        (b"From: A <a@b.example>, C <c@d.example>", "A", "a@b.example"),
        (b"From: A <a@b.example>\r\nFrom: C <c@d.example>", "A", "a@b.example"),
        (b"From: =?utf-8?B?WmvDq?= <a@b.example>", None, "a@b.example"),
        (b"From: =?x-unknown?Q?Teasdale?= <a@b.example>", "Teasdale", "a@b.example"),
        (b"From: Zo\xeb <a@b.example>", None, "a@b.example"),
        (b"From: <<<a@b.example", None, None),
        (b"From: " + b"(" * 3000, None, None),
    ],
)
def test_a_sender_who_is_missing_several_or_broken(sender: bytes, name: str | None, address: str | None) -> None:
    found = read_message(b"\r\n".join(filter(None, [sender, b"Subject: Referral", b"", SAID])).replace(
        b"Referral\r\n", b"Referral\r\n\r\n"))  # fmt: skip
    assert (found.subject, found.text) == ("Referral", SAID.decode())
    assert name in (None, found.from_name)
    if address == "a@b.example" and not found.from_address:
        assert found.problems == ["The sender could not be read."]
    else:
        assert address in (None, found.from_address)


@pytest.mark.parametrize(
    "said",
    [b"Thu, 31 Feb 2010 10:00:00 +0000", b"Sat, 1 Jan 0000 00:00:00 +0000", b"14 Jan 0010 10:00:00 +0000",
     b"Fri, 31 Dec 9999 23:59:59 -2359",
     b"Thu, 14 Jan 2010 25:61:61 +0000", b"\xff\xfe", b"=?utf-8?Q?Thu?=", b"0", b"Thu, 14 Jan 99999 10:00:00 +0000",
     b"Thu, 14 Jan 2010 10:00:00 +99999999999999"],
)  # fmt: skip
def test_an_absurd_date_is_no_date_and_the_rest_is_read(said: bytes) -> None:
    found = read(SAID, b"Subject: Referral", b"Date: " + said)
    assert (found.sent_at, found.subject, found.text) == (None, "Referral", SAID.decode())


def test_of_two_dates_the_first_counts() -> None:
    found = read(SAID, b"Date: Thu, 14 Jan 2010 10:00:00 +0000", b"Date: Thu, 14 Jan 1999 10:00:00 +0000")
    assert found.sent_at == datetime(2010, 1, 14, 10, tzinfo=UTC)


# --- HTML ----------------------------------------------------------------------------------------


def test_of_html_alone_every_word_is_read_and_nothing_that_loads_or_runs() -> None:
    page = (
        b"<html><head><style>.a{background:url(http://tracker.invalid/s.png)}</style><script src=//x.invalid></script"
        b"></head><body onload=alert(1)><p>Rhys was seen.</p><p style='display:none'>Hidden from you.</p>"
        b"<font size=0 color=white>White on white.</font><img src=http://tracker.invalid/x.gif onerror=alert(1)>"
        b"<iframe src=http://x.invalid></iframe><svg><script>alert(2)</script></svg><object data=x></object>"
        b"<a href='javascript:alert(3)'>Press here</a><!-- <script>alert(4)</script> --><form action=x><input>"
        b"</form><noscript>No script.</noscript></body></html>"
    )
    found = of_part(html(page))
    words = " ".join(found.text.split())
    for shown in ("Rhys was seen.", "Hidden from you.", "White on white.", "Press here", "No script."):
        assert shown in words
    for never in ("<", "tracker", "alert", "invalid", "javascript", "url("):
        assert never not in words


# --- winmail.dat ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [b"application/ms-tnef; name=winmail.dat", b"application/ms-tnef", b"application/vnd.ms-tnef",
     b"application/octet-stream; name=WINMAIL.DAT"],
)  # fmt: skip
def test_what_outlook_packed_is_named_and_what_to_do_is_said(kind: bytes) -> None:
    found = of_part(several(b"mixed", plain(), typed(kind, b64encode(b"\x78\x9f\x3e\x22" * 50), BASE64)))
    assert (found.text, found.problems) == (SAID.decode(), [PACKED_BY_OUTLOOK])
    assert len(found.attachments) == 1
    assert len(PACKED_BY_OUTLOOK) <= 200


def test_an_email_that_is_nothing_but_winmail_dat() -> None:
    found = of_part(typed(b"application/ms-tnef; name=winmail.dat", b64encode(b"\x78\x9f\x3e\x22" * 50), BASE64))
    assert (found.text, found.problems) == ("", [PACKED_BY_OUTLOOK])


# --- messages within messages --------------------------------------------------------------------


def test_messages_within_messages_are_read_down_to_the_last() -> None:
    middle = forwarded(b"Middle", several(b"mixed", plain(b"In the middle."), forwarded(b"Last"), edge=b"inner"))
    found = of_part(several(b"mixed", plain(b"First."), middle, edge=b"outer"))
    assert [line for line in found.text.split("\n") if line in ("First.", "In the middle.", "She was seen.")] == [
        "First.", "In the middle.", "She was seen."
    ]  # fmt: skip
    assert [each["type"] for each in found.attachments] == ["message/rfc822", "message/rfc822"]
    assert found.problems == []


# --- calendars -----------------------------------------------------------------------------------

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Initial Child Protection Conference\r\n"
    b"DTSTART;TZID=GMT Standard Time:20100714T140000\r\nDTEND;TZID=GMT Standard Time:20100714T160000\r\n"
    b"LOCATION:Room 2\r\nDESCRIPTION:Please bring your report.\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
IN_WORDS = (
    "– A calendar invitation –\nAbout: Initial Child Protection Conference\n"
    "When: Wednesday 14 July 2010, 2pm to 4pm London time\nWhere: Room 2"
)
INVITED = typed(b"text/calendar; method=REQUEST; charset=utf-8", CALENDAR)
AS_FILE = typed(
    b"application/octet-stream; name=invite.ics", b64encode(CALENDAR), BASE64, b"Content-Disposition: attachment"
)


def looks(found: Reading) -> Looks:
    return looks_like(found.subject, found.attachments)


@pytest.mark.parametrize(
    "part",
    [
        several(b"alternative", plain(), INVITED),
        several(b"mixed", plain(), AS_FILE),
        several(b"mixed", several(b"alternative", plain(), html(SAID), INVITED, edge=b"a"), AS_FILE, edge=b"b"),
    ],
    ids=["beside the text", "as a file alone", "as both"],
)
def test_what_an_invitation_says_stands_above_its_text_once(part: bytes) -> None:
    found = of_part(part)
    assert (found.text, found.problems) == (f"{IN_WORDS}\n\n{SAID.decode()}", [])
    assert looks(found) == Looks.CONFERENCE


def test_an_email_that_is_nothing_but_a_calendar_says_all_that_it_says() -> None:
    found = of_part(INVITED)
    assert (found.text, looks(found)) == (f"{IN_WORDS}\n\nPlease bring your report.", Looks.CONFERENCE)


def test_an_invitation_that_was_forwarded_is_one_too() -> None:
    found = of_part(several(b"mixed", plain(), forwarded(part=several(b"mixed", INVITED, edge=b"i")), edge=b"o"))
    assert found.text.startswith(IN_WORDS)
    assert looks(found) == Looks.CONFERENCE


@pytest.mark.parametrize(
    "broken", [b"", b"BEGIN:VCALENDAR", b"\x00\xff" * 50, b"\r\n" * 500, b"BEGIN:VEVENT\r\n" * 9]
)
def test_a_broken_calendar_is_said_and_the_email_is_read(broken: bytes) -> None:
    found = of_part(several(b"mixed", plain(), typed(b"text/calendar", broken)))
    assert found.text == SAID.decode()
    assert NO_CALENDAR in found.problems
    assert looks(found) == Looks.CONFERENCE


def test_without_a_calendar_the_subject_says_what_it_looks_like() -> None:
    assert looks_like("Referral", [{"name": "report.pdf", "type": "application/pdf", "size": 3}]) == Looks.REFERRAL
    assert looks_like("Referral", [{"name": "Invite.ICS", "type": "application/pdf", "size": 3}]) == Looks.CONFERENCE
