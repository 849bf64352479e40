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
from imap_tools import MailMessage
from imap_tools.message import MailAttachment

LONGEST_TEXT = 200_000
LONGEST_LINE = 500
# Of HTML with more tags than these only the beginning is read: taking deep nesting apart takes longer and longer.
LONGEST_HTML, MOST_TAGS = 1_000_000, 20_000
MOST_NAMED = 100
# HTML that says so much more than the plain text beside it is what was meant to be read.
SAYS_MORE = 3
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


def read_message(raw: bytes) -> Reading:
    """Read an email; never raises, whatever the bytes."""
    reading = Reading()
    try:
        mail = MailMessage.from_bytes(raw)
        parts: Parts = mail.obj
    except Exception:  # a message nested a thousand deep, or a fault of the parser
        reading.problems.append("CAIT could not take this email apart. What stands below is its source.")
        reading.text = _raw_text(raw)
        return reading

    def part(name: str, read: Callable[[], Read], default: Read) -> Read:
        try:
            return read()
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
    reading.text = part("Its text", lambda: _text(parts, reading.problems), _raw_text(raw))
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
    return raw.replace(b"\r\n", b"\n")


def fingerprint(raw: bytes) -> str:
    """The same for two deliveries of one email: who, when, about what, and the whole body; not the way it took."""
    text = normalised(raw)
    head, _, body = text.partition(b"\n\n")
    said = re.findall(rb"(?im)^(?:From|Date|Subject|Message-ID|To):(?:.*\n?(?:[ \t].*\n?)*)", head)
    alike = sorted(b" ".join(each.split()).lower() for each in said)
    return hashlib.sha256(b"\n".join([*alike, b"", body.strip()])).hexdigest()


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


def _text(part: Parts, problems: list[str]) -> str:
    """The words of a part and of what is in it; of what cannot be read, nothing, and a sentence."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        return _best([(each.get_content_type(), _text(each, problems)) for each in _inside(part)])
    if kind == "message/rfc822":
        return "\n\n".join(_forwarded(each, problems) for each in _inside(part))
    if part.is_multipart():
        return "\n\n".join(filter(None, (_text(each, problems) for each in _inside(part))))
    if kind not in ("text/plain", "text/html") or _is_attached(part):
        return ""
    try:
        words = _decoded(part, problems)
        return _clean(_without_html(words, problems) if kind == "text/html" else words[: 2 * LONGEST_TEXT]).strip()
    except Exception:  # one broken part takes no other with it
        problems.append("A part of its text could not be read.")
        return ""


def _best(read: list[tuple[str, str]]) -> str:
    """Of several ways of saying the same the plain text, unless it is empty or says far less."""
    plain = next((text for kind, text in read if kind == "text/plain" and text), "")
    other = max((text for kind, text in read if kind != "text/plain"), key=len, default="")
    return other if len(other) > SAYS_MORE * len(plain) + LONGEST_LINE or not plain else plain


def _inside(part: Parts) -> list[Parts]:
    inside: Any = part.get_payload()
    return inside if isinstance(inside, list) else []


def _forwarded(part: Parts, problems: list[str]) -> str:
    mail = MailMessage([(b"", b"")])
    mail.obj = part
    head = ["– A message that was sent with it –"]
    for name, read in (("From", lambda: _sender(mail)), ("Subject", lambda: mail.subject)):
        try:
            words = read()
        except Exception:  # then as it stands
            words = _header(part, name)
        head.append(f"{name}: {_line(words)}")
    return "\n".join([*head, "", _text(part, problems)])


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


def _without_html(html: str, problems: list[str]) -> str:
    """The words of a page, a line for each block."""
    html = html[:LONGEST_HTML]
    starts = [found.start() for found in islice(re.finditer("<", html), MOST_TAGS + 1)]
    if len(starts) > MOST_TAGS:
        html = html[: starts[MOST_TAGS]]
        problems.append("Only its beginning is shown.")
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
    except Exception:  # a name that is broken as it is written
        name = _line(str(part.get_filename() or ""))
    try:
        size = attachment.size
    except Exception:
        size = 0
    return {"name": name or unnamed, "type": _line(kind), "size": size}
