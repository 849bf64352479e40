"""An email taken apart into its parts, in one go over its bytes. How many there are and how deep they lie is counted
on the bytes; beyond a limit nothing is read."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from email.errors import (
    CloseBoundaryNotFoundDefect,
    MissingHeaderBodySeparatorDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any

LARGEST = 60_000_000
MOST_PARTS = 1_000
# Each message within a message takes up to three: itself, its parts, and two ways of saying the same.
DEEPEST = 50
# Of all heads together. A longer head is written by no mail program.
LONGEST_HEAD, MOST_HEADER_LINES = 2_000_000, 10_000
# Lines that may be edges of parts: those that begin with two dashes.
MOST_EDGES = 20_000
# A longer header is none that anybody reads, and taking it apart takes longer and longer.
LONGEST_HEADER = 10_000

_ELSE = "what stands below is its source. Open it in the mail program"
TOO_LARGE = f"It is larger than CAIT takes apart: {_ELSE}."
TOO_MANY = f"It has more parts than CAIT takes apart: {_ELSE}, or ask the sender to send it in several emails."
TOO_DEEP = f"It holds messages within messages, too deep for CAIT: {_ELSE}, or ask for each on its own."
TOO_LONG = f"Its headers are longer than CAIT reads: {_ELSE} only if you know who sent it."


class TooMuch(Exception):
    """More than is taken apart; it says in a sentence what, and what to do."""


class Part(Message):
    """A part of an email as it came, with line ends alike: its headers, and the parts in it or its body."""

    text: bytes = b""
    start: int = 0
    begins: int = 0
    stop: int = 0
    is_folded: bool = False

    @property
    def body(self) -> bytes:
        """What stands below its headers."""
        return self.text[self.begins : self.stop]

    def get_payload(self, i: Any = None, decode: Any = False) -> Any:
        """The parts in it; or its body, with `decode` as it was before it was packed for its journey."""
        if self.is_folded:
            self.unfold(self.body)
        return super().get_payload(i, decode)

    def unfold(self, body: bytes) -> None:
        """Have its body, or the beginning of it, as its payload."""
        self.is_folded = False
        self.set_payload(body.decode("ascii", "surrogateescape"))

    def fold(self) -> None:
        """Its body is in the text alone again, and not a second time in its payload."""
        self.set_payload("")
        self.is_folded = True

    def as_bytes(self, unixfrom: bool = False, policy: Any = None) -> bytes:
        """Headers and all."""
        return self.text[self.start : self.stop]


def normalised(raw: bytes) -> bytes:
    """The bytes with line ends alike: servers differ in nothing else of what they were given."""
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def taken_apart(raw: bytes, *, cut: Callable[[], object]) -> Part:
    """The parts of an email. `cut` is called for every header that is longer than anybody writes: its beginning is
    kept. Raises TooMuch."""
    if len(raw) > LARGEST:
        raise TooMuch(TOO_LARGE)
    return _Taker(b"\n" + normalised(raw), cut).whole()


def beginning_of_head(raw: bytes) -> Part:
    """The first headers of an email that is not taken apart, so that one knows whose it is."""
    head = normalised(raw[:LONGEST_HEADER]).partition(b"\n\n")[0]
    return BytesHeaderParser(_class=Part).parsebytes(head + b"\n\n")


@dataclass(frozen=True)
class _Edge:
    """A line between parts: from its line end before to that behind it; of which of the open holders it is."""

    start: int
    end: int
    level: int
    is_last: bool


_LINES = re.compile(rb"\n--([^\n]*)")
_HEAD = re.compile(rb"(?:From [^\n]*\n)?(?:[!-9;-~]*:[^\n]*(?:\n|\Z)|[ \t][^\n]*(?:\n|\Z))*+")
_HEADER = re.compile(rb"(?m)^[!-9;-~]{1,80}:[^\n]*(?:\n[ \t][^\n]*)*")


class _Taker:
    """Goes through one email. `open`: the edges of the holders around the part being read, outermost first."""

    def __init__(self, text: bytes, cut: Callable[[], object]) -> None:
        self.text, self.cut = text, cut
        self.open: list[bytes] = []
        self.depth = self.parts = self.head_bytes = self.head_lines = 0
        self._lines: list[tuple[int, int, bytes]] | None = None

    def whole(self) -> Part:
        return self._part(1, "text/plain")

    def _part(self, start: int, usually: str) -> Part:
        """The part that begins there; it stops at an edge of what is around it, or at the end of all."""
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise TooMuch(TOO_MANY)
        edge = self._edge(start)
        stop = max(edge.start if edge else len(self.text), start)
        part = self._head(start, stop)
        part.set_default_type(usually)
        kind = part.get_content_type()
        if kind.startswith("message/") and kind != "message/delivery-status":
            self._message(part)
        elif kind.startswith("multipart/"):
            between = _edge_of(part)
            if between is not None:
                self._holder(part, between)
            else:
                part.defects.append(NoBoundaryInMultipartDefect())
        return part

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise TooMuch(TOO_DEEP)

    def _message(self, part: Part) -> None:
        self._deeper()
        inside = self._part(part.begins, "text/plain")
        part.is_folded = False
        part.set_payload([inside])
        part.stop = inside.stop
        self.depth -= 1

    def _holder(self, part: Part, between: bytes) -> None:
        """A part that holds others, with a line between them."""
        self._deeper()
        usually = "message/rfc822" if part.get_content_type() == "multipart/digest" else "text/plain"
        level, end, is_closed = len(self.open), part.begins, False
        inside: list[Message | str] = []
        self.open.append(between)
        edge = self._edge(end)
        while edge and edge.level == level and not is_closed:
            end, is_closed = edge.end, edge.is_last
            if not is_closed:
                found = self._part(min(edge.end + 1, len(self.text)), usually)
                inside.append(found)
                end = found.stop
                edge = self._edge(end)
        self.open.pop()
        self.depth -= 1
        edge = self._edge(end)
        part.stop = max(edge.start if edge else len(self.text), part.begins)
        if inside:
            part.is_folded = False
            part.set_payload(inside)
        else:
            part.defects.append(StartBoundaryNotFoundDefect())
        if not is_closed:
            part.defects.append(CloseBoundaryNotFoundDefect())

    def _head(self, start: int, stop: int) -> Part:
        """A part with its headers, and where its body begins."""
        found = _HEAD.match(self.text, start, min(stop, start + LONGEST_HEAD))
        end = found.end() if found else start
        self.head_bytes += end - start
        self.head_lines += self.text.count(b"\n", start, end)
        if self.head_bytes >= LONGEST_HEAD or self.head_lines > MOST_HEADER_LINES:
            raise TooMuch(TOO_LONG)
        part = BytesHeaderParser(_class=Part).parsebytes(_HEADER.sub(self._as_long_as_read, self.text[start:end]))
        part.fold()
        part.text, part.start, part.begins, part.stop = self.text, start, end, stop
        if end < stop:
            if self.text[end : end + 1] == b"\n":
                part.begins += 1
            else:
                part.defects.append(MissingHeaderBodySeparatorDefect())
        return part

    def _as_long_as_read(self, header: re.Match[bytes]) -> bytes:
        if len(header[0]) <= LONGEST_HEADER:
            return _in_letters(header[0])
        self.cut()
        return _in_letters(header[0][:LONGEST_HEADER])

    def _edge(self, start: int) -> _Edge | None:
        """The next line from there on that is an edge of one of the open holders; of several, of the innermost."""
        if not self.open:
            return None
        lines = self._all_lines()
        for at in range(bisect_left(lines, (start - 1,)), len(lines)):
            begins, ends, said = lines[at]
            for level in reversed(range(len(self.open))):
                if said == self.open[level]:
                    return _Edge(begins, ends, level, is_last=False)
                if said == self.open[level] + b"--":
                    return _Edge(begins, ends, level, is_last=True)
        return None

    def _all_lines(self) -> list[tuple[int, int, bytes]]:
        """Every line that may be an edge, looked for once, where there is a holder at all."""
        if self._lines is None:
            self._lines = []
            for line in _LINES.finditer(self.text):
                if len(self._lines) == MOST_EDGES:
                    raise TooMuch(TOO_MANY)
                said = line[1][: LONGEST_HEADER + 2].rstrip(b" \t")
                self._lines.append((line.start(), line.end(), said))
        return self._lines


def _in_letters(header: bytes) -> bytes:
    """A header that has letters as they are, without saying in which alphabet: where they are none of UTF-8, in that
    of Windows. The library leaves them out."""
    if not header.isascii():
        try:
            header.decode()
        except UnicodeDecodeError:
            return header.decode("windows-1252", "replace").encode()
    return header


def _edge_of(part: Part) -> bytes | None:
    """What stands in the lines between the parts of a holder."""
    try:
        between = part.get_boundary()
        return between.encode("ascii", "surrogateescape") if between else None
    except Exception:  # whatever the library makes of a broken header
        return None
