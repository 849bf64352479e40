"""An IMAP server that says exactly what a test wants it to, for what no well-behaved server does."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.post import HERE

DATE = '"14-Jan-2010 09:05:00 +0000"'
BREAK_OFF = None


def literal(uid: int, raw: bytes, *, date: str = DATE, number: int = 1, name: str = "BODY[]<0>") -> bytes:
    """One email as servers usually give it."""
    when = f" INTERNALDATE {date}" if date else ""
    head = f"* {number} FETCH (UID {uid}{when} {name} {{{len(raw)}}}\r\n".encode()
    return head + raw + b")\r\n"


class ScriptedServer:
    """`emails` are given as usual, but for those UIDs of which `script` says what is answered: all that stands before
    the tagged line. An answer that ends in BREAK_OFF (a tuple of bytes and None) ends the connection there."""

    def __init__(
        self, emails: dict[int, bytes], *, tls: ssl.SSLContext | None = None, starttls: bool = False
    ) -> None:
        self.emails = emails
        self.script: dict[int, bytes | tuple[bytes, None]] = {}
        self.refused: set[int] = set()
        self.store = b"OK"
        self.validity: int | None = 7
        self.said: list[str] = []
        self.before_fetch: Callable[[int], object] = lambda uid: None
        self._tls, self._starttls = tls, starttls
        self._listening = socket.create_server((HERE, 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def url(self, scheme: str = "imap", host: str = HERE) -> str:
        return f"{scheme}://haringey:Tidewell22@{host}:{self.port}"

    def asked(self, word: str) -> list[str]:
        """The commands with that word, in their order."""
        return [line for line in self.said if f" {word}" in line.upper()]

    def fetched(self) -> list[int]:
        return [int(line.split()[3]) for line in self.asked("FETCH")]

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(20)

    def _serve(self) -> None:
        while True:
            try:
                talking, _ = self._listening.accept()
            except OSError:
                return
            talking.settimeout(20)
            with suppress(OSError, ConnectionError), talking:
                if self._tls and not self._starttls:
                    talking = self._tls.wrap_socket(talking, server_side=True)
                self._talk(talking)

    def _talk(self, talking: socket.socket) -> None:
        talking.sendall(b"* OK ready\r\n")
        pending = b""
        while True:
            while b"\r\n" not in pending:
                got = talking.recv(65536)
                if not got:
                    return
                pending += got
            line, _, pending = pending.partition(b"\r\n")
            self.said.append(line.decode())
            tag, _, command = line.decode().partition(" ")
            said = self._answer(command)
            if isinstance(said, tuple):
                talking.sendall(said[0])
                talking.shutdown(socket.SHUT_RDWR)
                talking.close()
                return
            end = self._end(command)
            talking.sendall(said + f"{tag} {end}\r\n".encode())
            if command.upper() == "STARTTLS" and self._tls:
                talking = self._tls.wrap_socket(talking, server_side=True)
            if command.upper() == "LOGOUT":
                talking.close()
                return

    def _end(self, command: str) -> str:
        words = command.upper().split()
        if words[:2] == ["UID", "FETCH"] and int(words[2]) in self.refused:
            return "NO not today"
        if words[:2] == ["UID", "STORE"]:
            return f"{self.store.decode()} done"
        return "OK done"

    def _answer(self, command: str) -> bytes | tuple[bytes, None]:
        words = command.upper().split()
        if words[0] == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1" + (b" STARTTLS" if self._starttls else b"") + b"\r\n"
        if words[0] in ("SELECT", "EXAMINE"):
            validity = f"* OK [UIDVALIDITY {self.validity}] valid\r\n" if self.validity is not None else ""
            return f"* {len(self.emails)} EXISTS\r\n* FLAGS (\\Seen)\r\n{validity}".encode()
        if words[0] == "STATUS":
            return b'* STATUS "INBOX" (UIDVALIDITY 7)\r\n'
        if words[:2] == ["UID", "SEARCH"]:
            first = int(re.findall(r"UID (\d+):\*", command)[0])
            last = max(self.emails, default=0)
            found = [uid for uid in sorted(self.emails) if uid >= first or uid == last]
            return f"* SEARCH {' '.join(map(str, found))}\r\n".encode()
        if words[:2] == ["UID", "FETCH"]:
            uid = int(words[2])
            self.before_fetch(uid)
            if uid in self.refused:
                return b""
            return self.script.get(uid, literal(uid, self.emails[uid]) if uid in self.emails else b"")
        if words[0] == "LOGOUT":
            return b"* BYE\r\n"
        return b""


@contextmanager
def scripted(
    emails: dict[int, bytes], *, tls: ssl.SSLContext | None = None, starttls: bool = False
) -> Iterator[ScriptedServer]:
    """Within it such a server runs."""
    server = ScriptedServer(emails, tls=tls, starttls=starttls)
    try:
        yield server
    finally:
        server.close()


def a_certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate that nobody else signed, for "IP:127.0.0.1" or "DNS:mail.example"; and what a server does with
    it."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=CAIT test"]
    written = ["-keyout", str(key), "-out", str(certificate), "-addext", f"subjectAltName={name}"]
    subprocess.run(["openssl", *words, *written], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
