"""Emails to which something was done on the way: how they are made, for the tests of properties."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from random import Random

from hypothesis import strategies as st

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "mailbox").glob("*.eml"))
HEAD = b"From: Gillian Teasdale <g.teasdale@fernley.example>\r\nTo: cait@police.example\r\nSubject: Referral\r\n"
INVITATION = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Conference\r\nDTSTART;TZID=Europe/Paris:"
    b"20100114T140000\r\nDTEND:20100114T160000Z\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def _composed() -> list[bytes]:
    """Emails of the kinds of which the samples have few."""
    plain = b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\nRhys was seen \x1b$B$3$s\x1b(B today.\r\n"
    html = b"Content-Type: text/html\r\n\r\n<p>Rhys<script>alert(1)</script> <img src=http://a.invalid/x.gif></p>\r\n"
    packed = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    packed += b64encode(b"report" * 200) + b"\r\n"
    outlook = b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\x3e\x22\x01\x00\r\n"
    calendar = b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + INVITATION
    quoted = (
        b"Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C4=E3=\r\n"
    )
    both = _holding(b"alternative", b"b", plain, html)
    within = b"Content-Type: message/rfc822\r\n\r\n" + HEAD + _holding(b"mixed", b"c", quoted, calendar)
    return [
        HEAD + _holding(b"mixed", b"a", both, packed, outlook, calendar),
        HEAD + _holding(b"mixed", b"a", within, packed),
        HEAD + _holding(b"digest", b"ab", b"\r\n" + HEAD + plain, b"\r\n" + HEAD + html),
        HEAD + html,
        HEAD + within,
        plain,
    ]


def _holding(kind: bytes, edge: bytes, *parts: bytes) -> bytes:
    inside = b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        b"Content-Type: multipart/" + kind + b"; boundary=" + edge + b"\r\n\r\n" + inside + b"--" + edge + b"--\r\n"
    )


WHOLE = [*(sample.read_bytes() for sample in SAMPLES), *_composed()]
_PIECES = [
    b"\x00", b"\xff\xfe", b"\x81", "\u202e".encode(), b"\xed\xa0\x80", b"\r\n\r\n", b"\n", b"=", b"--", b"\r\n--a\n",
    b"=?utf-8?B?YWJjZ?=", b"=?utf-8?Q?=ED=A0=80=00?=", b"Content-Type: multipart/alternative\r\n", b"charset=x-no",
    b"Content-Type: text/html\r\n", b"Content-Type: message/rfc822\r\n\r\n", b"charset=utf-7", b"&#0;&#xd800;",
    b"Content-Transfer-Encoding: base64\r\n", b"Message-ID: <\x00@b>\r\n", b"filename*=x-no''%00", b"<![", b"<",
    b"; x*0*=a; name*1=b",
    b"Date: Thu, 31 Feb 0000 99:99:99 +9999\r\n", b"DTSTART:99991231T235959Z\r\n", b"charset=punycode", b"\x1b$B",
    b"From: =?x?Q?\r\nFrom:\r\n", b"begin 644 a\r\n", b"; boundary=a", b"--a--\r\n", b"\r", b"BEGIN:VEVENT\r\n",
]  # fmt: skip
_HARMS = [
    "cut", "truncate", "insert", "repeat", "flip", "lose lines", "double lines", "mix lines", "edge", "nest",
    "splice",
]  # fmt: skip


def mutilate(raw: bytes, what: str, chance: Random) -> bytes:
    """An email after one accident."""
    at = chance.randrange(len(raw) + 1)
    to = min(len(raw), at + chance.randrange(400))
    lines = raw.splitlines(keepends=True)
    some = [chance.random() < 0.1 for _ in lines]
    match what:
        case "cut":
            return raw[:at] + raw[to:]
        case "truncate":
            return raw[:at]
        case "insert":
            piece = chance.choice(_PIECES) if chance.random() < 0.8 else chance.randbytes(chance.randrange(20))
            return raw[:at] + piece + raw[at:]
        case "repeat":
            return raw[:to] + raw[at:]
        case "flip":
            hurt = bytearray(raw)
            for _ in range(chance.randrange(1, 30) if raw else 0):
                hurt[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            return bytes(hurt)
        case "lose lines":
            return b"".join(line for line, lost in zip(lines, some, strict=True) if not lost)
        case "double lines":
            return b"".join(line * (1 + doubled) for line, doubled in zip(lines, some, strict=True))
        case "mix lines":
            here = chance.randrange(len(lines) + 1)
            few = lines[here : here + 12]
            chance.shuffle(few)
            return b"".join([*lines[:here], *few, *lines[here + 12 :]])
        case "edge":
            return raw.replace(b"--", chance.choice([b"-", b"---", b"--a", b""]), chance.randrange(1, 6))
        case "nest":
            return HEAD + _holding(b"mixed", chance.choice([b"a", b"a--", b"aa", b" "]), raw, raw[:at])
        case _:
            other = chance.choice(WHOLE)
            return raw[:at] + other[chance.randrange(len(other)) :]


def mutilated_by(chance: Random) -> bytes:
    """An email after one to five accidents."""
    raw = chance.choice(WHOLE)
    for _ in range(chance.randrange(1, 6)):
        raw = mutilate(raw, chance.choice(_HARMS), chance)
    return raw


mutilated = st.builds(
    lambda whole, harms, chance: _after(whole, harms, chance),
    st.sampled_from(WHOLE),
    st.lists(st.sampled_from(_HARMS), min_size=1, max_size=5),
    st.randoms(use_true_random=True),
)


def _after(raw: bytes, harms: list[str], chance: Random) -> bytes:
    for harm in harms:
        raw = mutilate(raw, harm, chance)
    return raw
