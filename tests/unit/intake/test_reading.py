"""What is read of an email: words, who and when, what came with it; nothing that is broken stops the rest."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from intake import reading
from intake.parts import TOO_DEEP
from intake.reading import Reading, digest, fingerprint, normalised, read_message

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "mailbox").glob("*.eml"))
HEAD = b"From: Gillian Teasdale <g.teasdale@fernley.example>\r\nTo: cait.haringey@police.example\r\n"
TORN = "It did not arrive whole, or is not written as an email should be."
NO_TEXT = "Its text could not be read."
ALPHABET = "Some letters may be wrong: it is not written in the alphabet it says."
SOURCE = "CAIT could not take this email apart. What stands below is its source."
# Base64 that no program can read, as a subject that was cut has it.
BROKEN_WORD = b"=?utf-8?B?YWJjZ?="
TURNS_TEXT_ROUND = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


def read(body: bytes = b"Hello", *headers: bytes) -> Reading:
    """What is read of an email with these headers and this body."""
    return read_message(b"\r\n".join([HEAD.rstrip(), *headers, b"", body]))


def typed(kind: bytes, body: bytes, *headers: bytes) -> bytes:
    """One part of an email."""
    return b"\r\n".join([b"Content-Type: " + kind, *headers, b"", body])


def several(kind: bytes, *parts: bytes, edge: bytes = b"edge") -> bytes:
    """A part that holds others."""
    inside = b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in parts)
    return typed(b"multipart/" + kind + b'; boundary="' + edge + b'"', inside + b"--" + edge + b"--")


def of_part(part: bytes) -> Reading:
    """What is read of an email that consists of this part."""
    return read_message(HEAD + part)


def plain(text: bytes = b"Rhys was seen today.") -> bytes:
    return typed(b"text/plain; charset=utf-8", text)


def html(text: bytes) -> bytes:
    return typed(b"text/html; charset=utf-8", text)


# --- who, when, about what -----------------------------------------------------------------------


def test_who_wrote_it_to_whom_and_about_what() -> None:
    found = read(
        b"Hello",
        b"Subject: =?iso-8859-1?Q?Referral_-_Zo=EB?=",
        b"Message-ID: <1@fernley.example>",
        b"Date: Thu, 14 Jan 2010 10:05:00 +0100",
    )
    assert (found.from_name, found.from_address) == ("Gillian Teasdale", "g.teasdale@fernley.example")
    assert (found.to, found.subject) == ("cait.haringey@police.example", "Referral - Zoë")
    assert (found.message_id, found.text, found.problems) == ("<1@fernley.example>", "Hello", [])
    assert found.sent_at == datetime(2010, 1, 14, 9, 5, tzinfo=UTC)


def test_an_email_with_nothing_in_it() -> None:
    assert read_message(b"") == Reading()


def test_an_email_without_a_head() -> None:
    found = read_message(b"\r\nRhys was seen today.")
    assert (found.text, found.subject, found.message_id, found.sent_at) == ("Rhys was seen today.", "", "", None)


def test_a_subject_over_several_lines_is_one_line_and_no_longer_than_is_kept() -> None:
    found = read(b"Hello", b"Subject: Referral\r\n  - Calloway,\r\n\tRhys")
    assert found.subject == "Referral - Calloway, Rhys"
    assert len(read(b"Hello", b"Subject: " + b"Rhys " * 400).subject) <= reading.LONGEST_LINE


def test_what_an_email_answers_each_once() -> None:
    found = read(
        b"Hello",
        b"In-Reply-To: <b@c.example>",
        b"References: <a@c.example>\r\n <b@c.example> nonsense <c d@e.example>",
    )
    assert found.answers == ["<b@c.example>", "<a@c.example>"]


def test_of_very_many_that_it_answers_the_first_are_kept() -> None:
    found = read(b"Hello", b"References: " + b" ".join(b"<%d@c.example>" % number for number in range(500)))
    assert len(found.answers) == reading.MOST_NAMED
    assert found.answers[0] == "<0@c.example>"


@pytest.mark.parametrize("said", [b"", b"Message-ID: 1@fernley.example", b"Message-ID: <>", b"Message-ID: < a@b >"])
def test_an_email_without_a_number_of_its_own(said: bytes) -> None:
    found = read(b"Hello", *([said] if said else []))
    assert (found.message_id, found.text, found.problems) == ("", "Hello", [])


def test_a_number_that_is_too_long_to_be_kept_is_none() -> None:
    assert read(b"Hello", b"Message-ID: <" + b"a" * 400 + b"@b.example>").message_id == ""


def test_without_a_date_it_says_none_and_nothing_is_wrong() -> None:
    found = read()
    assert (found.sent_at, found.problems) == (None, [])


@pytest.mark.parametrize(
    "said",
    [b"the day before yesterday", b"Thu, 99 Jan 2010 10:05:00 +0000", b"Thu, 14 Jan 2010 10:05:00 +9999999"],
)
def test_a_date_that_cannot_be_read_is_noted_and_the_rest_is_there(said: bytes) -> None:
    found = read(b"Hello", b"Subject: Referral", b"Date: " + said)
    assert found.sent_at is None
    assert found.problems == ["The date on which it was sent could not be read."]
    assert (found.subject, found.text) == ("Referral", "Hello")


@pytest.mark.parametrize(
    "said",
    [b"Thu, 1 Jan 1970 00:00:00 +0000", b"Thu, 1 Jan 2500 00:00:00 +0000", b"Fri, 31 Dec 9999 23:59:59 -1200"],
)
def test_an_absurd_date_is_none(said: bytes) -> None:
    found = read(b"Hello", b"Date: " + said)
    assert (found.sent_at, found.text) == (None, "Hello")


def test_a_date_without_a_zone_is_read_as_utc() -> None:
    assert read(b"Hello", b"Date: 14 Jan 2010 10:05:00").sent_at == datetime(2010, 1, 14, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize("header", [b"Subject", b"From", b"To"])
def test_a_broken_header_is_noted_and_the_rest_is_there(header: bytes) -> None:
    lines = {b"From": b"a@b.example", b"To": b"c@d.example", b"Subject": b"Referral"}
    lines[header] = BROKEN_WORD + (b"" if header == b"Subject" else b" <e@f.example>")
    found = read_message(b"".join(name + b": " + said + b"\r\n" for name, said in lines.items()) + b"\r\nHello")
    assert len(found.problems) == 1
    assert "could not be read" in found.problems[0]
    assert found.text == "Hello"
    # The subject stands as it was written: better than none.
    assert [found.from_address, found.to, found.subject].count("") == (header != b"Subject")


# --- the alphabet --------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "iso-8859-15", "utf-16", "mac-roman"])
def test_letters_of_every_alphabet(charset: str) -> None:
    said = "Zoë’s café" if charset not in ("iso-8859-1", "iso-8859-15") else "Zoë's café"
    found = of_part(typed(f"text/plain; charset={charset}".encode(), said.encode(charset)))
    assert (found.text, found.problems) == (said, [])


def test_quoted_printable_and_base64() -> None:
    quoted = typed(
        b"text/plain; charset=utf-8", b"Zo=C3=AB was=\r\n seen", b"Content-Transfer-Encoding: quoted-printable"
    )
    assert of_part(quoted).text == "Zoë was seen"
    packed = typed(b"text/plain; charset=utf-8", b"Wm/DqyB3YXMgc2Vlbg==", b"Content-Transfer-Encoding: base64")
    assert of_part(packed).text == "Zoë was seen"


@pytest.mark.parametrize("charset", [b"x-unknown", b"hex", b"rot13", b"", b"utf\x00-8", b"undefined"])
def test_an_alphabet_that_nobody_knows_is_read_as_the_usual_one(charset: bytes) -> None:
    found = of_part(typed(b'text/plain; charset="' + charset + b'"', "Zoë".encode()))
    assert found.text == "Zoë"


def test_a_wrong_alphabet_is_said() -> None:
    found = of_part(typed(b"text/plain; charset=utf-8", "Zoë".encode("windows-1252")))
    assert (found.text, found.problems) == ("Zoë", [ALPHABET])
    ascii_only = of_part(typed(b"text/plain; charset=us-ascii", "Zoë".encode()))
    assert (ascii_only.text, ascii_only.problems) == ("Zoë", [ALPHABET])


def test_bytes_of_no_alphabet_still_are_text() -> None:
    found = of_part(typed(b"text/plain; charset=utf-8", b"Rhys \x81\x8d\xff was seen"))
    assert found.text.startswith("Rhys")
    assert found.text.endswith("was seen")
    assert found.problems == [ALPHABET]


def test_a_subject_in_an_unknown_alphabet_is_read_as_well_as_it_can_be() -> None:
    assert read(b"Hello", b"Subject: =?x-unknown?Q?Referral?=").subject == "Referral"


# --- what is never kept --------------------------------------------------------------------------


def test_nuls_are_left_out_of_everything_that_is_read() -> None:
    found = read(
        b"Rhys\x00 was seen",
        b"Subject: Refer\x00ral",
        b"Content-Type: text/plain",
    )
    assert (found.subject, found.text) == ("Referral", "Rhys was seen")


def test_nuls_are_left_out_of_the_numbers_of_emails_as_well() -> None:
    found = read(b"Hello", b"Message-ID: <a\x00b@c.example>", b"References: <d\x00e@f.example>")
    assert not any("\x00" in said for said in [found.message_id, *found.answers])


def test_signs_that_turn_text_round_are_left_out() -> None:
    found = of_part(typed(b"text/plain; charset=utf-8", f"Rhys{TURNS_TEXT_ROUND} fdp.exe".encode()))
    assert found.text == "Rhys fdp.exe"
    named = several(b"mixed", plain(), typed('application/pdf; name="a\u202efdp.exe"'.encode(), b"x"))
    assert of_part(named).attachments[0]["name"] == "afdp.exe"
    assert read(b"Hello", f"Subject: Rhys{TURNS_TEXT_ROUND}!".encode()).subject == "Rhys!"


def test_line_ends_are_alike_and_other_white_space_is_a_blank() -> None:
    found = of_part(typed(b"text/plain", b"one\r\ntwo\rthree\n\tfour\x0bfive\x07six"))
    assert found.text == "one\ntwo\nthree\n four fivesix"


def test_of_a_very_long_text_the_beginning_is_shown_and_that_is_said() -> None:
    found = read(b"abcdefghi\r\n" * 30_000)
    assert len(found.text) == reading.LONGEST_TEXT
    assert found.problems == ["Only the first 200,000 characters are shown."]


# --- HTML ----------------------------------------------------------------------------------------


def test_of_html_alone_its_words_are_read_and_nothing_else() -> None:
    page = (
        b"<html><head><title>No</title><style>p{color:red}</style></head><body><p>Rhys was<br>seen &amp; is\r\n well."
        b"</p><table><tr><td>DOB</td><td>06/06/2003</td></tr></table><!-- hidden --><script>alert(1)</script>"
        b"<img src='http://tracker.invalid/x.gif' alt='x'></body></html>"
    )
    found = of_part(html(page))
    assert [line for line in found.text.split("\n") if line] == ["Rhys was", "seen & is well.", "DOB 06/06/2003"]
    assert (found.attachments, found.problems) == ([], [])


def test_deeply_nested_html_is_read_to_its_bottom() -> None:
    found = of_part(html(b"<div>" * 5000 + b"at the bottom" + b"</div>" * 5000))
    assert (found.text, found.problems) == ("at the bottom", [])


def test_html_that_is_cut_or_not_closed_is_read_as_far_as_it_goes() -> None:
    found = of_part(html(b"<p>Rhys <b>was seen</p><p>and is <i>well <a href="))
    assert found.text.split("\n")[0] == "Rhys was seen"


@pytest.mark.parametrize(("sign", "times"), [(b"<!--", 20_000), (b'<a b="', 4_000)])
def test_html_that_is_never_closed_is_read_in_no_time(sign: bytes, times: int) -> None:
    began = time.monotonic()
    of_part(html(sign * times))
    assert time.monotonic() - began < 1


def test_html_that_its_parser_refuses_leaves_the_plain_text() -> None:
    found = of_part(several(b"alternative", plain(b"Rhys was seen."), html(b"<p>Rhys was seen.</p><![ if !mso]>")))
    assert found.text == "Rhys was seen."


def test_html_that_its_parser_refuses_is_still_read_somehow() -> None:
    assert "Rhys was seen" in of_part(html(b"<p>Rhys was seen.</p><![ if !mso]>")).text


@pytest.mark.parametrize("words", [b"http://school.example/report", b"report.txt"])
def test_html_that_is_no_html_is_read_without_a_warning(words: bytes) -> None:
    found = of_part(html(words))
    assert (found.text, found.problems) == (words.decode(), [])


BEGINNING = "Only its beginning is shown."
NO_WORDS = "A part of it has no words that CAIT can show."


def test_of_html_with_very_many_tags_the_beginning_is_read_and_that_is_said() -> None:
    found = of_part(html(b"".join(b"<p>%d" % number for number in range(reading.MOST_TAGS + 1))))
    assert found.problems == [BEGINNING]
    assert found.text.split() == [str(number) for number in range(reading.MOST_TAGS)]


def test_all_the_parts_of_an_email_share_its_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_Reader", partial(reading._Reader, tags=5))
    parts = [html(b"<p>%s<p>%s" % (each, each.upper())) for each in (b"a", b"b", b"c", b"d")]
    found = of_part(several(b"mixed", *parts))
    assert found.text.split() == ["a", "A", "b", "B", "c"]
    assert found.problems == [BEGINNING, NO_WORDS]


def test_many_parts_of_nested_html_are_read_in_no_time() -> None:
    began = time.monotonic()
    found = of_part(several(b"mixed", *[html(b"<div>" * 19_000 + b"x")] * 20))
    assert time.monotonic() - began < 5
    assert BEGINNING in found.problems


def test_html_longer_than_anybody_writes_is_cut() -> None:
    found = of_part(html(b"word " * (reading.LONGEST_HTML // 5) + b"the end"))
    assert "the end" not in found.text
    assert found.problems
    assert "the end" in of_part(html(b"w " * 1000 + b"the end")).text


def test_that_html_was_cut_is_said_however_few_its_words() -> None:
    found = of_part(html(b"<p>Rhys was seen.</p><p style='" + b"w" * reading.LONGEST_HTML + b"'>the end</p>"))
    assert found.text == "Rhys was seen."
    assert found.problems == [BEGINNING]


@pytest.mark.parametrize(
    "part",
    [html(b"<img src='http://fernley.example/letter.png'>"), html(b"<script>alert(1)</script>"), plain(b"\x07\x08")],
)
def test_a_part_that_has_bytes_and_no_words_is_said(part: bytes) -> None:
    found = of_part(part)
    assert (found.text, found.problems) == ("", [NO_WORDS])


@pytest.mark.parametrize("part", [html(b" \r\n"), plain(b""), plain(b"\r\n\r\n")])
def test_a_part_that_is_empty_is_nothing_to_tell(part: bytes) -> None:
    assert of_part(part).problems == []


# --- very long headers ---------------------------------------------------------------------------

LONG = "A part of it is longer than CAIT reads."


@pytest.mark.parametrize("folded", [b"a" * 40_000, b"\r\n ".join([b"a" * 70] * 600)])
def test_a_header_that_is_very_long_is_cut_and_that_is_said(folded: bytes) -> None:
    found = read(b"Hello", b"Subject: " + folded, b"Message-ID: <1@b.example>")
    assert found.subject.startswith("aaaa")
    assert (found.message_id, found.text, found.problems) == ("<1@b.example>", "Hello", [LONG])


def test_a_header_of_a_part_is_cut_as_well() -> None:
    long = typed(b"application/pdf; name=report.pdf; x=" + b"y" * 40_000, b"abc")
    found = of_part(several(b"mixed", plain(), long))
    assert (found.text, found.problems) == ("Rhys was seen today.", [LONG])
    assert len(found.attachments) == 1


def test_headers_as_long_as_somebody_may_write_them_are_whole() -> None:
    to = b", ".join(b"a%d@b.example" % number for number in range(500))
    found = read_message(b"To: " + to + b"\r\nSubject: Referral\r\n\r\nHello")
    assert (found.problems, found.text, found.subject) == ([], "Hello", "Referral")


@pytest.mark.parametrize(
    "body",
    [b"History: " + b"Rhys was seen at school. " * 1000, b"History:" + b"\r\n  Rhys was seen at school." * 1000],
    ids=["one line", "indented lines"],
)
def test_what_only_looks_like_a_long_header_in_the_text_is_whole(body: bytes) -> None:
    found = read(body + b"\r\nthe end")
    assert found.text.endswith("the end")
    assert (found.text.count("Rhys was seen"), found.problems) == (1000, [])


@pytest.mark.parametrize("header", [b"Subject", b"From", b"To", b"References", b"Content-Type"])
@pytest.mark.parametrize("said", [b"=?utf-8?Q?a?= ", b"<a@b.example>, ", b'"\\', b"(", b"x*0*=a; "])
def test_however_long_a_header_is_it_is_read_in_no_time(header: bytes, said: bytes) -> None:
    began = time.monotonic()
    found = read(b"Hello", header + b": " + said * 100_000)
    assert time.monotonic() - began < 5
    assert LONG in found.problems


# --- when the time is over -----------------------------------------------------------------------


def out_of_time(*_: Any, **__: Any) -> Any:
    raise SoftTimeLimitExceeded


TAKES_ALL_THE_TIME = {
    "the whole": ("taken_apart", plain()),
    "the sender": ("MailMessage.from_values", plain()),
    "the subject": ("MailMessage.subject", plain()),
    "the date": ("parsedate_to_datetime", plain()),
    "the text": ("_decoded", plain()),
    "the html": ("_without_html", html(b"<p>Rhys")),
    "a part within others": ("_decoded", several(b"mixed", several(b"alternative", plain(), edge=b"a"), edge=b"b")),
    "a name of an attachment": ("MailAttachment.filename", several(b"mixed", plain(), typed(b"image/png", b"x"))),
    "a size of an attachment": ("_size", several(b"mixed", plain(), typed(b"image/png", b"x"))),
    "who sent a forwarded message": ("_sender", typed(b"message/rfc822", b"From: a@b.example\r\n\r\nRhys")),
}


@pytest.mark.parametrize(("what", "part"), TAKES_ALL_THE_TIME.values(), ids=TAKES_ALL_THE_TIME)
def test_when_the_time_is_over_that_is_never_swallowed(
    what: str, part: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, _, name = what.rpartition(".")
    is_read = name in ("from_values", "subject", "filename")
    target: Any = getattr(reading, where) if where else reading
    monkeypatch.setattr(target, name, property(out_of_time) if is_read else out_of_time)
    with pytest.raises(SoftTimeLimitExceeded):
        read_message(HEAD + b"Date: Thu, 14 Jan 2010 10:05:00 +0100\r\n" + part)


def test_an_email_that_is_not_taken_apart_is_its_source_and_says_so() -> None:
    found = reading.unread_message(HEAD + b"\r\nRhys\x00 was seen")
    assert found.problems == [SOURCE]
    assert found.text.startswith("From: Gillian Teasdale")
    assert found.text.endswith("Rhys was seen")
    assert (found.subject, found.from_address, found.message_id, found.attachments) == ("", "", "", [])
    assert len(reading.unread_message(b"a" * 500_000).text) == reading.LONGEST_TEXT


# --- several ways of saying the same -------------------------------------------------------------


OTHERWISE = "\n\n– The same email as HTML, which says something else –\n\n"


def test_of_plain_text_and_html_that_say_the_same_the_plain_text_is_shown() -> None:
    found = of_part(several(b"alternative", plain(b"Rhys was\r\nseen."), html(b"<p>RHYS was <b>seen.</b></p>")))
    assert found.text == "Rhys was\nseen."


def test_html_that_says_what_the_plain_text_does_not_is_shown_below_it() -> None:
    found = of_part(several(b"alternative", plain(b"The plain one."), html(b"<p>Something else.</p>")))
    assert (found.text, found.problems) == (f"The plain one.{OTHERWISE}Something else.", [])


@pytest.mark.parametrize(("missing", "is_shown"), [(10, False), (11, True)])
def test_a_tenth_of_the_words_may_differ(missing: int, is_shown: bool) -> None:
    words = [b"word%d" % number for number in range(100)]
    found = of_part(
        several(b"alternative", plain(b" ".join(words[missing:])), html(b"<p>" + b" ".join(words) + b"</p>"))
    )
    assert (OTHERWISE in found.text) == is_shown
    assert ("word0" in found.text) == is_shown


def test_plain_text_that_says_more_than_the_html_is_shown_alone() -> None:
    found = of_part(several(b"alternative", plain(b"Rhys was seen at school."), html(b"<p>Rhys was seen</p>")))
    assert found.text == "Rhys was seen at school."


def test_an_empty_plain_text_gives_way_to_html() -> None:
    found = of_part(several(b"alternative", plain(b" \r\n"), html(b"<p>Rhys was seen.</p>")))
    assert found.text == "Rhys was seen."


def test_plain_text_that_says_far_less_stands_above_the_html() -> None:
    lines = b"".join(b"<p>Line %d of what was meant.</p>" % number for number in range(60))
    found = of_part(several(b"alternative", plain(b"See the HTML."), html(lines)))
    assert found.text.startswith(f"See the HTML.{OTHERWISE}Line 0 of what was meant.")
    assert found.text.endswith("Line 59 of what was meant.")


def test_alternatives_within_others() -> None:
    related = several(b"related", html(b"<p>The plain one.</p>"), typed(b"image/png; name=logo.png", b"x"), edge=b"c")
    inner = several(b"alternative", plain(b"The plain one."), related, edge=b"b")
    found = of_part(several(b"mixed", inner, typed(b"application/pdf; name=report.pdf", b"abc"), edge=b"a"))
    assert (found.text, found.problems) == ("The plain one.", [])
    assert [each["name"] for each in found.attachments] == ["logo.png", "report.pdf"]


def test_html_within_a_related_part_is_read_where_nothing_is_beside_it() -> None:
    related = several(b"related", html(b"<p>Rhys was seen.</p>"), typed(b"image/png; name=logo.png", b"x"), edge=b"b")
    found = of_part(several(b"alternative", related, edge=b"a"))
    assert found.text == "Rhys was seen."


def test_texts_that_follow_each_other_are_all_shown() -> None:
    found = of_part(several(b"mixed", plain(b"First."), html(b"<p>Second.</p>"), plain(b"Third.")))
    assert found.text == "First.\n\nSecond.\n\nThird."


def test_an_invitation_shows_its_words_and_not_its_calendar() -> None:
    calendar = b"BEGIN:VCALENDAR\r\n" + b"X-ZONE:Europe/London\r\n" * 60 + b"END:VCALENDAR"
    found = of_part(
        several(
            b"alternative",
            plain(b"Initial Child Protection Conference on 14 January, room 2."),
            html(b"<p>Initial Child Protection Conference on 14 January, room 2.</p>"),
            typed(b"text/calendar; method=REQUEST; charset=utf-8", calendar),
        )
    )
    assert found.text == "Initial Child Protection Conference on 14 January, room 2."
    assert [each["name"] for each in found.attachments] == ["A calendar invitation"]


def test_an_invitation_in_html_alone_shows_its_words_and_not_its_calendar() -> None:
    calendar = b"BEGIN:VCALENDAR\r\n" + b"X-ZONE:Europe/London\r\n" * 60 + b"END:VCALENDAR"
    found = of_part(
        several(
            b"alternative", html(b"<p>Conference in room 2.</p>"), typed(b"text/calendar; method=REQUEST", calendar)
        )
    )
    assert found.text == "Conference in room 2."


# --- what came with it ---------------------------------------------------------------------------


def test_attachments_with_their_names_kinds_and_sizes() -> None:
    found = of_part(
        several(
            b"mixed",
            plain(),
            typed(b"application/pdf", b"YWJj", b"Content-Disposition: attachment; filename=report.pdf",
                  b"Content-Transfer-Encoding: base64"),
            typed(b"text/plain; name*=utf-8''Zo%C3%AB.txt", b"12345"),
        )
    )  # fmt: skip
    assert found.attachments == [
        {"name": "report.pdf", "type": "application/pdf", "size": 3},
        {"name": "Zoë.txt", "type": "text/plain", "size": 5},
    ]
    assert (found.text, found.problems) == ("Rhys was seen today.", [])


def test_attachments_without_a_name_are_told_as_well() -> None:
    found = of_part(
        several(
            b"mixed",
            plain(),
            typed(b"image/jpeg", b"abc"),
            typed(b"text/plain", b"kept apart", b"Content-Disposition: attachment"),
            typed(b"text/calendar", b"BEGIN:VCALENDAR", b"Content-Disposition: attachment"),
            typed(b"application/ms-tnef", b"x"),
        )
    )
    assert [each["name"] for each in found.attachments] == [
        "Without a name",
        "Without a name",
        "A calendar invitation",
        "Without a name",
    ]
    assert found.text == "Rhys was seen today."


def test_broken_base64_is_no_reason_to_lose_the_rest() -> None:
    broken = typed(b"application/pdf; name=report.pdf", b"YWJj!!!YQ\x80=", b"Content-Transfer-Encoding: base64")
    found = of_part(several(b"mixed", plain(), broken))
    assert found.text == "Rhys was seen today."
    assert [each["name"] for each in found.attachments] == ["report.pdf"]
    text = typed(b"text/plain", b"UmF5Z", b"Content-Transfer-Encoding: base64")
    assert of_part(text).problems == [TORN]


def test_an_attachment_whose_name_cannot_be_read_leaves_the_others() -> None:
    broken = typed(b'application/pdf; name="' + BROKEN_WORD + b'"', b"abc")
    found = of_part(several(b"mixed", plain(), broken, typed(b"application/pdf; name=report.pdf", b"abc")))
    assert "report.pdf" in [each["name"] for each in found.attachments]
    assert len(found.attachments) == 2


def test_of_very_many_attachments_the_first_are_named() -> None:
    found = of_part(several(b"mixed", plain(), *[typed(b"image/png", b"x")] * 300))
    assert len(found.attachments) == reading.MOST_NAMED


# --- messages that were sent with it -------------------------------------------------------------


def forwarded(subject: bytes = b"=?utf-8?Q?Zo=C3=AB?=", part: bytes = b"\r\nShe was seen.") -> bytes:
    inside = b"From: S Arikan <s.arikan@borough.example>\r\nSubject: " + subject + b"\r\n" + part
    return typed(b"message/rfc822", inside)


def test_a_forwarded_message_is_read_where_it_stands_and_named_as_an_attachment() -> None:
    found = of_part(several(b"mixed", plain(b"See below."), forwarded()))
    assert found.text == (
        "See below.\n\n– A message that was sent with it –\nFrom: S Arikan <s.arikan@borough.example>\n"
        "Subject: Zoë\n\nShe was seen."
    )
    assert [each["type"] for each in found.attachments] == ["message/rfc822"]
    assert found.problems == []


def test_what_a_forwarded_message_has_with_it_is_named_too() -> None:
    inner = several(
        b"mixed", plain(b"She was seen."), typed(b"application/pdf; name=report.pdf", b"abc"), edge=b"inner"
    )
    found = of_part(several(b"mixed", plain(b"See below."), forwarded(part=inner)))
    assert [each["name"] for each in found.attachments] == ["Without a name", "report.pdf"]
    assert found.text.endswith("She was seen.")


def test_a_forwarded_message_with_a_broken_subject_leaves_the_words() -> None:
    found = of_part(several(b"mixed", plain(b"See below."), forwarded(BROKEN_WORD)))
    assert "See below." in found.text
    assert "She was seen." in found.text


# --- what did not arrive whole -------------------------------------------------------------------


def test_an_email_that_was_cut_is_read_as_far_as_it_goes_and_that_is_said() -> None:
    whole = HEAD + several(b"mixed", plain(), typed(b"application/pdf; name=report.pdf", b"abc" * 100))
    found = read_message(whole[:-150])
    assert found.text == "Rhys was seen today."
    assert [each["name"] for each in found.attachments] == ["report.pdf"]
    assert found.problems == [TORN]


def test_wherever_an_email_is_cut_it_is_read() -> None:
    whole = HEAD + several(b"mixed", plain(), typed(b"application/pdf; name=report.pdf", b"abc" * 10))
    for end in range(len(whole)):
        read_message(whole[:end])


@pytest.mark.parametrize("kind", [b"mixed", b"alternative", b"related"])
def test_parts_without_their_edge_are_said_to_be_broken(kind: bytes) -> None:
    found = of_part(typed(b"multipart/" + kind, b"--edge\r\nContent-Type: text/plain\r\n\r\nRhys\r\n--edge--"))
    assert found.problems == [TORN]


def nested(depth: int, kind: str) -> bytes:
    if kind == "rfc822":
        return HEAD + b"Content-Type: message/rfc822\n\n" * depth + b"\nat the bottom\n"
    heads = [b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (each, each) for each in range(depth)]
    return HEAD + b"".join(heads) + b"\nat the bottom\n"


@pytest.mark.parametrize("kind", ["mixed", "rfc822"])
@pytest.mark.parametrize("depth", [1000, 5000])
def test_of_what_is_nested_too_deep_the_source_is_shown(kind: str, depth: int) -> None:
    found = read_message(nested(depth, kind))
    assert found.problems == [TOO_DEEP]
    assert found.text.startswith("From: Gillian Teasdale")
    assert len(found.text) <= reading.LONGEST_TEXT


@pytest.mark.parametrize("kind", ["mixed", "rfc822"])
def test_however_deep_it_is_nested_something_is_said(kind: str) -> None:
    for depth in [50, 450, *range(850, 1000, 25)]:
        found = read_message(nested(depth, kind))
        assert "at the bottom" in found.text or found.problems


# --- the same email ------------------------------------------------------------------------------


def email(**other: Any) -> bytes:
    said = {
        "From": "a@b.example",
        "Date": "Thu, 14 Jan 2010 10:05:00 +0000",
        "Subject": "Referral",
        "Message-ID": "<1@b>",
    }
    said |= {name.replace("_", "-"): value for name, value in other.items() if name != "body"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"{lines}\r\n{other.get('body', 'Hello')}".encode()


def test_two_deliveries_of_one_email_have_the_same_fingerprint_whichever_way_they_took() -> None:
    assert fingerprint(email()) == fingerprint(email(Received="from elsewhere", X_Spam="no"))
    assert fingerprint(email()) == fingerprint(email().replace(b"\r\n", b"\n"))
    assert fingerprint(email(Subject="Referral of Rhys")) == fingerprint(email(Subject="Referral\r\n of Rhys"))
    assert fingerprint(email()) == fingerprint(email().replace(b"Subject:", b"SUBJECT:") + b"\r\n\r\n")


@pytest.mark.parametrize(
    "other",
    [{"From": "c@d.example"}, {"Subject": "Update"}, {"Message_ID": "<2@b>"}, {"To": "e@f.example"},
     {"body": "Hello."}, {"Date": "Thu, 14 Jan 2010 10:06:00 +0000"}],
)  # fmt: skip
def test_another_email_has_another_fingerprint(other: dict[str, str]) -> None:
    assert fingerprint(email()) != fingerprint(email(**other))


@pytest.mark.parametrize(
    "kind",
    [{"Content_Type": "text/html"}, {"Content_Type": "text/plain; charset=utf-16"},
     {"Content_Transfer_Encoding": "base64"}],
)  # fmt: skip
def test_another_way_of_reading_the_same_bytes_is_another_email(kind: dict[str, str]) -> None:
    said = {"Content_Type": "text/plain", "Content_Transfer_Encoding": "7bit"}
    assert fingerprint(email(**said)) != fingerprint(email(**{**said, **kind}))
    assert fingerprint(email(**said)) == fingerprint(email(**said))


def test_a_capital_makes_another_email() -> None:
    assert fingerprint(email(Subject="Referral")) != fingerprint(email(Subject="referral"))
    assert fingerprint(email(Content_Type='multipart/mixed; boundary="a"')) != fingerprint(
        email(Content_Type='multipart/mixed; boundary="A"')
    )
    assert fingerprint(email(body="Rhys")) != fingerprint(email(body="rhys"))


def test_line_ends_of_every_kind_are_the_same() -> None:
    raw = email(body="One\r\nTwo\r\n\r\nThree", Subject="Referral\r\n of Rhys")
    assert fingerprint(raw.replace(b"\r\n", b"\r")) == fingerprint(raw.replace(b"\r\n", b"\n")) == fingerprint(raw)


def test_where_no_blank_line_ends_the_head_every_byte_counts() -> None:
    one, other = (b"Subject: Referral\nRhys was seen on %s\n" % day for day in (b"Monday", b"Tuesday"))
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) != fingerprint(one.replace(b"Referral", b"referral"))
    assert fingerprint(one + b"Received: by one\n") != fingerprint(one + b"Received: by another\n")


def test_only_line_ends_are_made_alike_and_the_digest_is_of_every_byte() -> None:
    assert normalised(b"a\r\nb\nc\r d\r\r\n") == b"a\nb\nc\n d\n\n"
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest(b"a\r\n") != digest(b"a\n")


# --- the sixty of the samples --------------------------------------------------------------------


def test_every_sample_is_read_without_a_problem() -> None:
    assert len(SAMPLES) == 60
    for sample in SAMPLES:
        found = read_message(sample.read_bytes())
        assert (found.problems, bool(found.text), bool(found.sent_at)) == ([], True, True), sample.name
        assert "<" not in found.text, sample.name
