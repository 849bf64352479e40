"""What an email says, as far as it can be read. Whatever is broken in it is noted, and never stops the rest."""

from __future__ import annotations

import codecs
import hashlib
import re
from binascii import a2b_qp
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import islice
from typing import Any, Protocol, TypeVar, cast

import nh3
from celery.exceptions import SoftTimeLimitExceeded
from imap_tools import MailMessage
from imap_tools.message import MailAttachment

from intake.calendars import Meeting, meetings, told
from intake.cares import cares, is_marked_urgent
from intake.looks import is_calendar
from intake.parts import LONGEST_HEAD, Part, TooMuch, beginning_of_head, normalised, taken_apart

LONGEST_TEXT = 200_000
LONGEST_LINE = 500
# Of HTML with more tags than these only the beginning is read: taking deep nesting apart takes longer and longer.
LONGEST_HTML, MOST_TAGS = 300_000, 20_000
# Of the body of one text so many bytes are decoded, and of all texts together.
LONGEST_BODY, LONGEST_BODIES = 2_000_000, 6_000_000
# Of an attachment's body so much is decoded to know its size; of a larger one it is reckoned.
LONGEST_MEASURED = 1_000_000
MOST_NAMED, MOST_CALENDARS = 100, 10
# So much of the words of the HTML must be in the plain text beside it; otherwise both are shown.
SAYS_THE_SAME = 0.9
Read = TypeVar("Read")

_ID = re.compile(r"<[^<>\s]{3,300}>")  # looked for in what was cleaned


@dataclass
class Reading:
    """What was read: text is text, HTML is made text; `attachments` are names, kinds and sizes in bytes.

    `answers`: the ids of the emails that it answers. `problems`: sentences, empty where all could be read and nothing
    is to be taken care of. `marked`: its sender's program marks it as urgent.
    """

    from_name: str = ""
    from_address: str = ""
    to: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    message_id: str = ""
    answers: list[str] = field(default_factory=list)
    text: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    marked: bool = False


@dataclass
class _Reader:
    """What was noted while one email was read, how many tags of HTML may still be, and how many bytes of text."""

    problems: list[str]
    tags: int = MOST_TAGS
    bodies: int = LONGEST_BODIES

    def long_header(self) -> None:
        self.problems.append("A part of it is longer than CAIT reads.")


def unread_message(raw: bytes) -> Reading:
    """An email that is kept without being taken apart."""
    return Reading(text=_raw_text(raw), problems=[NOT_TAKEN_APART])


NOT_TAKEN_APART = "CAIT could not take this email apart. What stands below is its source."


def read_message(raw: bytes) -> Reading:
    """Read an email; never raises for anything that is in it, whatever the bytes."""
    reading = Reading()
    reader = _Reader(reading.problems)
    try:
        parts = taken_apart(raw, cut=reader.long_header)
        _read_head(parts, reading)
    except SoftTimeLimitExceeded:
        raise
    except TooMuch as too_much:
        return _not_taken_apart(raw, str(too_much))
    except Exception:  # a fault of the library that reads its headers
        return unread_message(raw)
    part = _trying(reading)
    reading.text = part("Its text", lambda: _text(parts, reader), _raw_text(raw))
    invites = part("Its calendar", lambda: _invitations(parts, reader, with_words=not reading.text), "")
    reading.text = "\n\n".join(filter(None, (invites, reading.text)))
    reading.attachments = part("Its attachments", lambda: _attachments(parts, reader), [])
    if len(reading.text) > LONGEST_TEXT:
        reading.text = reading.text[:LONGEST_TEXT]
        reading.problems.append(f"Only the first {LONGEST_TEXT:,} characters are shown.")
    if part("What Outlook packed", lambda: any(map(_is_packed_by_outlook, attached_parts(parts))), False):
        reading.problems.append(PACKED_BY_OUTLOOK)
    about = {"subject": reading.subject, "sender": reading.from_address, "text": reading.text}
    reading.problems += part("What is to be taken care of", lambda: cares(parts, **about), [])
    reading.marked = part("Whether it is urgent", lambda: is_marked_urgent(parts), False)
    if any(each.defects for each in parts.walk()):
        reading.problems.append("It did not arrive whole, or is not written as an email should be.")
    reading.problems = list(dict.fromkeys(reading.problems))
    return reading


PACKED_BY_OUTLOOK = (
    "Some of it is in winmail.dat, which Outlook makes and CAIT cannot open. Ask the sender to send it again as HTML "
    "or plain text, with its files attached."
)
NO_CALENDAR = "The calendar that came with it could not be read: open it in the mail program."


_OUTLOOKS = ("application/ms-tnef", "application/vnd.ms-tnef")


def _is_packed_by_outlook(part: Part) -> bool:
    return _filename(part).lower() == "winmail.dat" or part.get_content_type() in _OUTLOOKS


def _invitations(parts: Part, reader: _Reader, *, with_words: bool) -> str:
    """What the calendars in it say, each once: many programs send the same one twice."""
    said: dict[str, None] = {}
    found = [each for each in attached_parts(parts) if is_calendar(_name(each), each.get_content_type())]
    for each in found[:MOST_CALENDARS]:
        try:
            events = [_clean(event) for event in told(_decoded(each, reader), with_words=with_words)]
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # whatever is broken in a calendar, the email is read
            events = []
        if not events:
            reader.problems.append(NO_CALENDAR)
        said.update(dict.fromkeys(events))
    return "\n\n".join(said)


def meetings_in(raw: bytes) -> list[Meeting]:
    """What the calendars in an email say, for a form, each event once; nothing of what cannot be read. Never raises
    for anything that is in it."""
    reader, found = _Reader([]), dict[Meeting, None]()
    try:
        parts = [each for each in attached_parts(parsed(raw)) if is_calendar(_name(each), each.get_content_type())]
        for each in parts[:MOST_CALENDARS]:
            found.update(dict.fromkeys(meetings(_clean(_decoded(each, reader)))))
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # what was read before it stands
        return list(found)
    return list(found)


def _not_taken_apart(raw: bytes, why: str) -> Reading:
    """An email that is more than is taken apart: its source, with whose it is, as far as its first headers say."""
    reading = Reading()
    try:
        _read_head(beginning_of_head(raw), reading)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # then nobody knows
        reading = Reading()
    reading.text, reading.problems = _raw_text(raw), [why]
    return reading


class _Trying(Protocol):
    def __call__(self, name: str, read: Callable[[], Read], default: Read) -> Read: ...


def _trying(reading: Reading) -> _Trying:
    """Reads one thing; where it cannot be read, that is noted."""

    def part(name: str, read: Callable[[], Read], default: Read) -> Read:
        try:
            return read()
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # whatever a broken header or part does to the library that reads it
            reading.problems.append(f"{name} could not be read.")
            return default

    return part


def _read_head(parts: Part, reading: Reading) -> None:
    """Who, to whom, when and about what."""
    part, mail = _trying(reading), _as_mail(parts)
    sender = part("The sender", lambda: mail.from_values, None)
    if sender:
        reading.from_name, reading.from_address = _line(sender.name), _line(sender.email)
    reading.to = part("Whom it was sent to", lambda: _line(", ".join(mail.to)), "")
    reading.subject = part("The subject", lambda: _line(mail.subject), _line(_header(parts, "Subject")))
    if parts["Date"]:
        reading.sent_at = part("The date on which it was sent", lambda: _moment(str(parts["Date"])), None)
    ids: list[str] = part("Its number", lambda: _ID.findall(_line(_header(parts, "Message-ID"))), [])
    reading.message_id = ids[0] if ids else ""
    headers = ("In-Reply-To", "References")
    named = part("What it answers", lambda: _clean(" ".join(_header(parts, each) for each in headers)), "")
    reading.answers = list(dict.fromkeys(_ID.findall(named)))[:MOST_NAMED]


def parsed(raw: bytes) -> Part:
    """An email taken apart as `read_message` does it. Raises TooMuch."""
    return taken_apart(raw, cut=lambda: None)


def fingerprint(raw: bytes) -> str:
    """The same for two deliveries of one email: who, to whom, when, about what, its id, the whole body; but not the
    way it took."""
    text = normalised(raw)
    head, gap, body = text.partition(b"\n\n")
    if not gap or len(head) > LONGEST_HEAD:  # nothing says where the head ends
        return hashlib.sha256(text).hexdigest()
    said = re.findall(rb"(?im)^(%s):((?:.*\n?(?:[ \t].*\n?)*))" % b"|".join(_ALIKE), head)
    alike = sorted(name.lower() + b": " + b" ".join(value.split()) for name, value in said)
    return hashlib.sha256(b"\n".join([*alike, b"", body.strip()])).hexdigest()


_ALIKE = (b"From", b"Date", b"Subject", b"Message-ID", b"To", b"Content-Type", b"Content-Transfer-Encoding")


def digest(raw: bytes) -> str:
    """SHA-256 of the source as it is kept."""
    return hashlib.sha256(raw).hexdigest()


def _raw_text(raw: bytes) -> str:
    return _clean(raw[:LONGEST_TEXT].decode("utf-8", "replace"))


def _header(parts: Part, name: str) -> str:
    """A header as it stands, whatever is broken in it."""
    return next((str(value) for key, value in parts.raw_items() if key.lower() == name.lower()), "")


def _line(text: str) -> str:
    return " ".join(_clean(text).split())[:LONGEST_LINE]


# What is said to be Latin-1 is mostly Windows-1252: where that has no letter there is a ’ or a “ in this.
_OF_WINDOWS = {number: bytes([number]).decode("windows-1252", "ignore") for number in range(0x80, 0xA0)}


def _clean(text: str) -> str:
    """Without what no database keeps and nobody sees: NULs, halves of characters, and signs that turn text round."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode().translate(_OF_WINDOWS)
    return "".join(each if each == "\n" or each.isprintable() else " " if each.isspace() else "" for each in text)


# The library takes the year 10 for 2010.
_LONG_AGO = re.compile(r"[A-Za-z]{3}\s{1,3}0\d{3}\b")


def _moment(text: str) -> datetime | None:
    if _LONG_AGO.search(text):
        return None
    at = parsedate_to_datetime(text)
    at = at.replace(tzinfo=UTC) if at.utcoffset() is None else at.astimezone(UTC)
    return at if 1990 <= at.year < 2200 else None


def _text(part: Part, reader: _Reader) -> str:
    """The words of a part and of what is in it; of what cannot be read, nothing, and a sentence."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        return _best([(each.get_content_type(), _text(each, reader)) for each in _inside(part)])
    if kind == "message/rfc822":
        return "\n\n".join(_forwarded(each, reader) for each in _inside(part))
    if part.is_multipart():
        return "\n\n".join(filter(None, (_text(each, reader) for each in _inside(part))))
    # A holder in which no part can be found is text.
    if not (_is_text(kind) or kind.startswith("multipart/")) or _is_attached(part):
        return ""
    try:
        words = _decoded(part, reader)
        shown = _clean(_without_html(words, reader) if kind == "text/html" else words[: 2 * LONGEST_TEXT]).strip()
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # one broken part takes no other with it
        reader.problems.append("A part of its text could not be read.")
        return ""
    if words.strip() and not shown:
        reader.problems.append("A part of it has no words that CAIT can show.")
    return shown


def _best(read: list[tuple[str, str]]) -> str:
    """Of several ways of saying the same the plain text; both where the other says what it does not."""
    plain = next((text for kind, text in read if kind == "text/plain" and text), "")
    other = max((text for kind, text in read if kind != "text/plain"), key=len, default="")
    words, plain_words = set(other.casefold().split()), set(plain.casefold().split())
    if not plain or not words or len(words & plain_words) >= SAYS_THE_SAME * len(words):
        return plain or other
    return f"{plain}\n\n– The same email as HTML, which says something else –\n\n{other}"


def _inside(part: Part) -> list[Part]:
    inside: Any = part.get_payload()
    return inside if isinstance(inside, list) else []


def _as_mail(part: Part) -> MailMessage:
    """A message as the library reads its headers."""
    mail = MailMessage([(b"", b"")])
    mail.obj = part
    return mail


def _forwarded(part: Part, reader: _Reader) -> str:
    mail = _as_mail(part)
    head = ["– A message that was sent with it –"]
    for name, read in (("From", lambda: _sender(mail)), ("Subject", lambda: mail.subject)):
        try:
            words = read()
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # then as it stands
            words = _header(part, name)
        head.append(f"{name}: {_line(words)}")
    return "\n".join([*head, "", _text(part, reader)])


def _sender(mail: MailMessage) -> str:
    sender = mail.from_values
    return f"{sender.name} <{sender.email}>" if sender else ""


# Read by these, long text takes for ever, and nobody writes emails in them.
_NO_ALPHABETS = {"punycode", "idna"}


def _decoded(part: Part, reader: _Reader) -> str:
    """The words of a part in letters, as far as they may be read."""
    body = part.body
    most = min(LONGEST_BODY, reader.bodies)
    reader.bodies -= min(len(body), most)
    if len(body) > most:
        reader.problems.append("Only its beginning is shown.")
    payload = _unpacked(part, body[:most])
    charset = _codec(part.get_content_charset() or "utf-8")
    for attempt in (charset, "utf-8", "windows-1252"):
        try:
            return payload.decode(attempt)
        except (LookupError, UnicodeDecodeError, ValueError):
            reader.problems.append("Some letters may be wrong: it is not written in the alphabet it says.")
    return payload.decode("latin-1")


def _codec(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return charset
    return "unknown" if name in _NO_ALPHABETS else charset


def _unpacked(part: Part, body: bytes) -> bytes:
    """A body as it was before it was packed for its journey; what is broken in it is among the part's defects."""
    part.unfold(body)
    payload: Any = part.get_payload(decode=True)
    part.fold()
    return bytes(payload or b"")


_NEW_LINE = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "hr"}
_CELL = {"td", "th"}
_NOT_READ = {"script", "style", "title"}


def _without_html(html: str, reader: _Reader) -> str:
    """The words of a page, a line for each block."""
    if len(html) > LONGEST_HTML:
        html = html[:LONGEST_HTML]
        reader.problems.append("Only its beginning is shown.")
    starts = [found.start() for found in islice(re.finditer("<", html), reader.tags + 1)]
    if len(starts) > reader.tags:
        html = html[: starts[reader.tags]]
        reader.problems.append("Only its beginning is shown.")
    reader.tags = max(reader.tags - len(starts), 0)
    bare = nh3.clean(" ".join(html.split()), tags=_NEW_LINE | _CELL, clean_content_tags=_NOT_READ, attributes={})
    said = re.sub(r"<(/?)(\w+)>", lambda tag: " " if tag[2] in _CELL else "\n", bare)
    lines = (" ".join(line.split()) for line in unescape(said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _is_attached(part: Part) -> bool:
    return bool(_filename(part)) or part.get_content_disposition() == "attachment"


def _is_text(kind: str) -> bool:
    return kind in ("text/plain", "text/html")


def _filename(part: Part) -> str:
    """What the part says it is called; nothing, where that is so broken that it cannot be read."""
    try:
        return str(part.get_filename() or "")
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        return ""


def attached_parts(parts: Part) -> Iterator[Part]:
    """Everything that is not shown as text, in the order in which it is listed."""
    for part in cast(Iterator[Part], parts.walk()):
        kind = part.get_content_type()
        is_text = _is_text(kind) and not _is_attached(part)
        if not (is_text or (part.is_multipart() and kind != "message/rfc822") or kind.startswith("multipart/")):
            yield part


def _attachments(parts: Part, reader: _Reader) -> list[dict[str, Any]]:
    found = list(attached_parts(parts))
    if len(found) > MOST_NAMED:
        reader.problems.append(f"{len(found)} attachments came with it. Only the first {MOST_NAMED} are named.")
    return [_attachment(part, part.get_content_type()) for part in found[:MOST_NAMED]]


def _attachment(part: Part, kind: str) -> dict[str, Any]:
    unnamed = "A calendar invitation" if kind == "text/calendar" else "Without a name"
    name = _name(part)
    try:
        size = _size(part)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        size = 0
    return {"name": name or unnamed, "type": _line(kind), "size": size}


def _name(part: Part) -> str:
    try:
        return _line(MailAttachment(part).filename)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # a name that is broken as it is written
        return _line(_filename(part))


_NO_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def _size(part: Part) -> int:
    """How many bytes an attachment has when it is unpacked."""
    body = part.body
    packed = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if _inside(part):
        return len(body)
    if packed == "base64":
        return len(body.translate(None, _NO_BASE64)) * 3 // 4
    if packed == "quoted-printable":
        return len(a2b_qp(body))
    return len(body) if len(body) > LONGEST_MEASURED else len(_unpacked(part, body))
