"""A server that speaks clamd's INSTREAM, for the tests: it knows one virus, and can be told to misbehave."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

VIRUS = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class Clamd:
    """`behaves`: "well"; "silent" (never answers), "hangs up" (in the middle), "refuses" (above `most` bytes),
    "odd" (says what no scanner says)."""

    def __init__(self, behaves: str = "well", most: int = 100_000_000) -> None:
        self.behaves = behaves
        self.most = most
        self.seen: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    self._speak(connection)
                except OSError:
                    continue  # whoever asked has gone

    def _speak(self, connection: socket.socket) -> None:
        if self.behaves == "hangs up":
            connection.recv(10)
            return
        assert self._read(connection, 10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self._read(connection, 4))[0]:
            content += self._read(connection, size)
            if len(content) > self.most:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.seen.append(content)
        if self.behaves == "silent":
            connection.recv(1)
            return
        answer = b"stream: Eicar-Test-Signature FOUND\0" if VIRUS in content else b"stream: OK\0"
        connection.sendall(b"PONG\0" if self.behaves == "odd" else answer)

    @staticmethod
    def _read(connection: socket.socket, size: int) -> bytes:
        found = b""
        while len(found) < size:
            more = connection.recv(size - len(found))
            if not more:
                raise ConnectionError
            found += more
        return found


@contextmanager
def a_clamd(behaves: str = "well", **said: int) -> Iterator[Clamd]:
    clamd = Clamd(behaves, **said)
    try:
        yield clamd
    finally:
        clamd.listener.shutdown(socket.SHUT_RDWR)  # also for whoever waits in accept
        clamd.listener.close()
