"""The virus scanner: clamd, to which a file is sent piece by piece (INSTREAM). No answer is no pass."""

from __future__ import annotations

import socket
import struct

from django.conf import settings

SECONDS_TO_ANSWER = 60
PIECE = 1 << 16
# In the demonstration there is no scanner: it passes whatever is not the test file that every scanner knows.
DEMONSTRATION = "demonstration"
TEST_FILE = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class NotScanned(Exception):
    """The scanner gave no answer that lets a file pass; the message says why, in words for whoever waits."""


def scanned(content: bytes) -> str:
    """The name of the virus that was found; empty where there is none. Raises NotScanned."""
    where = settings.VIRUS_SCANNER
    if not where:
        raise NotScanned("No virus scanner is set up. Tell your CAIT administrator.")
    if where == DEMONSTRATION and settings.EMBEDDED:
        return "Test file" if TEST_FILE in content else ""
    try:
        answer = _asked(where, content)
    except (OSError, ValueError) as wrong:
        raise NotScanned("The virus scanner does not answer.") from wrong
    if answer.endswith("OK"):
        return ""
    if answer.endswith("FOUND"):
        return answer.removesuffix("FOUND").rpartition(":")[2].strip() or "not named"
    if "size limit" in answer.lower():
        raise NotScanned("The file is larger than the virus scanner takes. Tell your CAIT administrator.")
    raise NotScanned("The virus scanner could not check it.")


def _asked(where: str, content: bytes) -> str:
    with _connected(where) as clamd:
        clamd.settimeout(SECONDS_TO_ANSWER)
        try:
            clamd.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                clamd.sendall(struct.pack("!L", len(piece)) + piece)
            clamd.sendall(struct.pack("!L", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # above its limit it hangs up; what it said of that is still there to be read
        answer = b""
        while b"\0" not in answer and len(answer) < 10_000:
            more = clamd.recv(4096)
            if not more:
                break
            answer += more
    text = answer.partition(b"\0")[0].decode("utf-8", "replace").strip()
    if not text:
        raise ConnectionError("nothing was answered")
    return text


def _connected(where: str) -> socket.socket:
    """`unix:/run/clamd.sock`, or `host:port`. Raises OSError; ValueError for what is no address."""
    if where.startswith("unix:"):
        clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        clamd.settimeout(SECONDS_TO_ANSWER)
        try:
            clamd.connect(where.removeprefix("unix:"))
        except OSError:
            clamd.close()
            raise
        return clamd
    host, _, port = where.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS_TO_ANSWER)
