"""What an email says, as far as it can be read. Whatever is broken in it is noted, and never stops the rest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message as Parts
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import islice
from typing import Any, TypeVar

import nh3
from celery.exceptions import SoftTimeLimitExceeded
from imap_tools import MailMessage
from imap_tools.message import MailAttachment

LONGEST_TEXT = 200_000
LONGEST_LINE = 500
# Of HTML with more tags than these only the beginning is read: taking deep nesting apart takes longer and longer.
LONGEST_HTML, MOST_TAGS = 300_000, 20_000
# A longer header is none that anybody reads, and taking it apart takes longer and longer.
LONGEST_HEADER = 10_000
MOST_NAMED = 100
# So much of the words of the HTML must be in the plain text beside it; otherwise both are shown.
SAYS_THE_SAME = 0.9
Read = TypeVar("Read")

_ID = re.compile(r"<[^<>\s]{3,300}>")  # looked for in what was cleaned


@dataclass
class Reading:
    """What was read: text is text, HTML is made text; `attachments` are names, kinds and sizes in bytes.

    `answers`: the ids of the emails that it answers. `problems`: sentences, empty where all could be read.
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


@dataclass
class _Reader:
    """What was noted while one email was read, and how many tags of HTML may still be."""

    problems: list[str]
    tags: int = MOST_TAGS


def unread_message(raw: bytes) -> Reading:
    """An email that is kept without being taken apart."""
    return Reading(text=_raw_text(raw), problems=[NOT_TAKEN_APART])


NOT_TAKEN_APART = "CAIT could not take this email apart. What stands below is its source."


def read_message(raw: bytes) -> Reading:
    """Read an email; never raises for anything that is in it, whatever the bytes."""
    reading = Reading()
    reader = _Reader(reading.problems)
    try:
        mail = MailMessage.from_bytes(_without_long_headers(raw, reader))
        parts: Parts = mail.obj
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # a message nested a thousand deep, or a fault of the parser
        return unread_message(raw)

    def part(name: str, read: Callable[[], Read], default: Read) -> Read:
        try:
            return read()
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # whatever a broken header or part does to the library that reads it
            reading.problems.append(f"{name} could not be read.")
            return default

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
    reading.text = part("Its text", lambda: _text(parts, reader), _raw_text(raw))
    reading.attachments = part("Its attachments", lambda: _attachments(parts), [])
    if len(reading.text) > LONGEST_TEXT:
        reading.text = reading.text[:LONGEST_TEXT]
        reading.problems.append(f"Only the first {LONGEST_TEXT:,} characters are shown.")
    if parts.defects or any(each.defects for each in parts.walk()):
        reading.problems.append("It did not arrive whole, or is not written as an email should be.")
    reading.problems = list(dict.fromkeys(reading.problems))
    return reading


def normalised(raw: bytes) -> bytes:
    """The bytes with line ends alike: servers differ in nothing else of what they were given."""
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


_HEADER = re.compile(rb"(?m)^[!-9;-~]{1,80}:[^\n]*(?:\n[ \t][^\n]*)*")
# Where a head begins: that of the email, and those of its parts.
_HEAD = re.compile(rb"\A|^--[^\n]*\n", re.M)


def _without_long_headers(raw: bytes, reader: _Reader) -> bytes:
    """The bytes with every header cut that is longer than anybody writes, of its parts too; no word of its text."""

    def cut(header: re.Match[bytes]) -> bytes:
        if len(header[0]) <= LONGEST_HEADER:
            return header[0]
        reader.problems.append("A part of it is longer than CAIT reads.")
        return header[0][:LONGEST_HEADER]

    text, kept, done = normalised(raw), [], 0
    for head in _HEAD.finditer(text):
        if head.end() < done:
            continue
        end = _end_of_head(text, head.end())
        kept += [text[done : head.end()], _HEADER.sub(cut, text[head.end() : end])]
        done = end
    return b"".join([*kept, text[done:]])


def _end_of_head(text: bytes, start: int) -> int:
    """Where a head ends: at a blank line; of a message within the message, at that of its own head."""
    end = start
    while True:
        gap = text.find(b"\n\n", end)
        if gap < 0:
            return len(text)
        within = b"message/rfc822" in text[end:gap].lower()
        end = gap + 2
        if not within:
            return end


def fingerprint(raw: bytes) -> str:
    """The same for two deliveries of one email: who, to whom, when, about what, its id, the whole body; but not the
    way it took."""
    text = normalised(raw)
    head, gap, body = text.partition(b"\n\n")
    if not gap:  # nothing says where the head ends
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


def _header(parts: Parts, name: str) -> str:
    """A header as it stands, whatever is broken in it."""
    return next((str(value) for key, value in parts.raw_items() if key.lower() == name.lower()), "")


def _line(text: str) -> str:
    return " ".join(_clean(text).split())[:LONGEST_LINE]


def _clean(text: str) -> str:
    """Without what no database keeps and nobody sees: NULs, halves of characters, and signs that turn text round."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return "".join(each if each == "\n" or each.isprintable() else " " if each.isspace() else "" for each in text)


def _moment(text: str) -> datetime | None:
    at = parsedate_to_datetime(text)
    at = at.replace(tzinfo=UTC) if at.utcoffset() is None else at.astimezone(UTC)
    return at if 1990 <= at.year < 2200 else None


def _text(part: Parts, reader: _Reader) -> str:
    """The words of a part and of what is in it; of what cannot be read, nothing, and a sentence."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        return _best([(each.get_content_type(), _text(each, reader)) for each in _inside(part)])
    if kind == "message/rfc822":
        return "\n\n".join(_forwarded(each, reader) for each in _inside(part))
    if part.is_multipart():
        return "\n\n".join(filter(None, (_text(each, reader) for each in _inside(part))))
    if kind not in ("text/plain", "text/html") or _is_attached(part):
        return ""
    try:
        words = _decoded(part, reader.problems)
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


def _inside(part: Parts) -> list[Parts]:
    inside: Any = part.get_payload()
    return inside if isinstance(inside, list) else []


def _forwarded(part: Parts, reader: _Reader) -> str:
    mail = MailMessage([(b"", b"")])
    mail.obj = part
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


def _decoded(part: Parts, problems: list[str]) -> str:
    payload: Any = part.get_payload(decode=True)
    charset = part.get_content_charset() or "utf-8"
    for attempt in (charset, "utf-8", "windows-1252"):
        try:
            return str((payload or b"").decode(attempt))
        except (LookupError, UnicodeDecodeError, ValueError):
            problems.append("Some letters may be wrong: it is not written in the alphabet it says.")
    return str(payload.decode("latin-1"))


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


def _is_attached(part: Parts) -> bool:
    return bool(part.get_filename()) or part.get_content_disposition() == "attachment"


def _attachments(parts: Parts) -> list[dict[str, Any]]:
    """Everything that is not shown as text."""
    found = []
    for part in parts.walk():
        kind = part.get_content_type()
        is_text = kind in ("text/plain", "text/html") and not _is_attached(part)
        if is_text or (part.is_multipart() and kind != "message/rfc822") or kind.startswith("multipart/"):
            continue
        found.append(_attachment(part, kind))
    return found[:MOST_NAMED]


def _attachment(part: Parts, kind: str) -> dict[str, Any]:
    attachment = MailAttachment(part)
    unnamed = "A calendar invitation" if kind == "text/calendar" else "Without a name"
    try:
        name = _line(attachment.filename)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # a name that is broken as it is written
        name = _line(str(part.get_filename() or ""))
    try:
        size = attachment.size
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        size = 0
    return {"name": name or unnamed, "type": _line(kind), "size": size}
