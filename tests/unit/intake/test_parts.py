"""An email taken apart: as the library does it where it is whole, and in no time whatever it is made of."""

from __future__ import annotations

import time
from base64 import encodebytes
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message

import pytest

from intake import parts, reading
from intake.parts import TOO_DEEP, TOO_LARGE, TOO_LONG, TOO_MANY, normalised
from intake.reading import parsed, read_message
from tests.unit.intake.mutilation import HEAD, WHOLE

MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
BEGINNING = "Only its beginning is shown."
FIRST = "Only the first 200,000 characters are shown."
# Generous: on a slow machine, with something else beside it. Before the limits the worst took minutes.
SECONDS = 5


def shape(part: Message) -> list[object]:
    """What a part is, and what is in it, byte for byte."""
    inside = part.get_payload()
    if isinstance(inside, list):
        return [part.get_content_type(), [shape(each) for each in inside if isinstance(each, Message)]]
    return [part.get_content_type(), part.items(), part.get_payload(decode=True)]


@pytest.mark.parametrize("raw", WHOLE, ids=range(len(WHOLE)))
def test_a_whole_email_has_the_parts_that_the_library_finds(raw: bytes) -> None:
    assert shape(parsed(raw)) == shape(message_from_bytes(normalised(raw)))


def nested(depth: int) -> bytes:
    heads = [b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (each, each) for each in range(depth)]
    return HEAD + b"".join(heads) + b"\nat the bottom\n"


def prefixes(depth: int) -> bytes:
    edges = [b"x" * (each + 1) for each in range(depth)]
    heads = [b'Content-Type: multipart/mixed; boundary="%s"\n\n--%s\n' % (edge, edge) for edge in edges]
    return HEAD + b"".join(heads) + b"\nat the bottom\n"


MIB = 1_000_000
BOMBS: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "200,000 parts": (lambda: MIXED + b"--b\r\n\r\nx\r\n" * 200_000, [TOO_MANY]),
    "a few more parts than are read": (lambda: MIXED + b"--b\r\n\r\nx\r\n" * 1_000, [TOO_MANY]),
    "2,000 holders within each other": (lambda: nested(2_000), [TOO_DEEP]),
    "100 holders around 5 MB": (lambda: nested(100) + b"a line\n" * 700_000, [TOO_DEEP]),
    "100,000 holders within each other": (lambda: nested(100_000), [TOO_MANY]),
    "500 messages within each other": (lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 500, [TOO_DEEP]),
    "a million messages within each other": (lambda: HEAD + b"Content-Type: message/rfc822\n\n" * MIB, [TOO_DEEP]),
    "a header of 50 MB": (lambda: HEAD + b"X-A: " + b"a" * 50 * MIB + b"\r\n\r\nx", [TOO_LONG]),
    "a folded header of 50 MB": (lambda: HEAD + b"X-A: " + b"aaaa\r\n " * 7 * MIB + b"\r\n\r\nx", [TOO_LONG]),
    "a million headers": (lambda: HEAD + b"X-A: b\r\n" * MIB + b"\r\nx", [TOO_LONG]),
    "a million headers and nothing else": (lambda: b"a:\n" * MIB, [TOO_LONG]),
    "many parts with many headers": (lambda: MIXED + (b"--b\n" + b"X: y\n" * 100 + b"\nx\n") * 200, [TOO_LONG]),
    "edges that begin alike": (lambda: prefixes(900), [TOO_DEEP]),
    "60 MB of almost edges": (lambda: MIXED + b"--bb\n" * 11 * MIB, [TOO_MANY]),
    "60 MB of dashes": (lambda: HEAD + b"\r\n" + b"--\n" * 19 * MIB, [BEGINNING, FIRST]),
    "60 MB in one line": (lambda: HEAD + b"\r\n" + b"a" * 59 * MIB, [BEGINNING, FIRST]),
    "60 MB of empty lines": (lambda: HEAD + b"\r\n" * 29 * MIB, [BEGINNING]),
    "60 MB of HTML": (lambda: HEAD + b"Content-Type: text/html\r\n\r\n" + b"<p>a</p>\r\n" * 5 * MIB, [BEGINNING]),
    "more than 60 MB": (lambda: HEAD + b"\r\n" + b"a" * 60 * MIB, [TOO_LARGE]),
    "letters of an alphabet that takes for ever": (
        lambda: HEAD + b"Content-Type: text/plain; charset=punycode\r\n\r\na-" + b"b" * 190_000,
        ["Some letters may be wrong: it is not written in the alphabet it says."],
    ),
}


@pytest.mark.parametrize(("bomb", "problems"), BOMBS.values(), ids=BOMBS)
def test_what_was_made_to_take_for_ever_is_read_in_no_time_and_that_is_said(
    bomb: Callable[[], bytes], problems: list[str]
) -> None:
    raw = bomb()
    began = time.monotonic()
    found = read_message(raw)
    reading.fingerprint(raw)
    assert time.monotonic() - began < SECONDS
    assert found.problems == problems
    assert len(found.text) <= reading.LONGEST_TEXT


@pytest.mark.parametrize("problem", [TOO_LARGE, TOO_MANY, TOO_DEEP, TOO_LONG])
def test_what_is_said_of_a_limit_can_be_kept_and_says_what_to_do(problem: str) -> None:
    assert len(problem) <= 200
    assert "Open it in the mail program" in problem


def test_of_what_is_not_taken_apart_one_still_sees_whose_it_is() -> None:
    found = read_message(b"Message-ID: <1@b.example>\r\n" + nested(2_000))
    assert (found.from_address, found.subject) == ("g.teasdale@fernley.example", "Referral")
    assert found.message_id == "<1@b.example>"
    assert found.text.startswith("Message-ID: <1@b.example>")
    assert found.attachments == []


@pytest.mark.parametrize("depth", [parts.DEEPEST - 1, parts.DEEPEST])
def test_what_lies_as_deep_as_is_read_is_read(depth: int) -> None:
    assert "at the bottom" in read_message(nested(depth)).text
    assert read_message(nested(depth)).text.startswith("at the bottom")


def test_a_message_within_a_message_may_be_as_deep_as_people_forward_them() -> None:
    raw = HEAD + b"\r\nat the bottom"
    for number in range(15):
        edge = b"e%d" % number
        holder = b"Content-Type: multipart/mixed; boundary=" + edge + b"\r\n\r\n--" + edge + b"\r\n"
        raw = HEAD + holder + b"Content-Type: message/rfc822\r\n\r\n" + raw + b"\r\n--" + edge + b"--\r\n"
    found = read_message(raw)
    assert found.problems == []
    assert found.text.endswith("at the bottom")
    assert found.text.count("– A message that was sent with it –") == 15


def test_as_many_parts_as_are_read_are_read() -> None:
    found = read_message(MIXED + b"--b\r\n\r\nx\r\n" * (parts.MOST_PARTS - 1) + b"--b--\r\n")
    assert (found.text.count("x"), found.problems) == (parts.MOST_PARTS - 1, [])


def test_dashes_in_a_text_are_no_edges() -> None:
    found = read_message(MIXED + b"--b\r\n\r\n--\r\n-- \r\n--bb\r\n--b-\r\n -- b\r\n--b--\r\n")
    assert (found.text.split("\n"), found.problems) == (["--", "-- ", "--bb", "--b-", " -- b"], [])


def test_an_edge_that_is_another_one_with_dashes_is_the_innermost_ones() -> None:
    inner = b'Content-Type: multipart/mixed; boundary="b--"\r\n\r\n--b--\r\n\r\nInner\r\n--b----\r\n'
    found = read_message(MIXED + b"--b\r\n" + inner + b"--b\r\n\r\nOuter\r\n--b--\r\n")
    assert (found.text, found.problems) == ("Inner\n\nOuter", [])


def test_a_message_that_came_with_it_is_taken_out_as_it_came() -> None:
    inside = b"From: a@b.example\nSubject:  as it   stands\n\nRhys was seen.\n"
    raw = MIXED + b"--b\nContent-Type: message/rfc822\n\n" + inside + b"\n--b--\n"
    (attached,) = reading.attached_parts(parsed(raw))
    (message,) = attached.get_payload()
    assert message.as_bytes() == inside


def test_the_size_of_an_attachment_is_that_of_the_file() -> None:
    for size in (0, 1, 2, 3, 1000, 1_500_001):
        packed = encodebytes(b"x" * size)
        head = b"--b\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\n"
        assert read_message(MIXED + head + packed + b"\n--b--\n").attachments[0]["size"] == size
