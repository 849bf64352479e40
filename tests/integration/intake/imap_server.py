"""A real IMAP server on this machine, as a force has one: pymap, with the mailboxes in folders of files."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from workbench import post

SECONDS_TO_START = 20


class ImapServer:
    """It can be stopped and started again; what was delivered stays."""

    def __init__(self, where: Path) -> None:
        post.prepare(where)
        self.where = where
        self.port = _a_free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, user: str = "haringey") -> str:
        """Where a mailbox of it is read."""
        return post.imap_url(self.port, user)

    def deliver(self, raw: bytes, *, at: datetime | None = None, user: str = "haringey") -> None:
        """An email arrives; at that moment, or just now."""
        post.deliver(self.where, user, raw, at=at)

    def start(self) -> None:
        program, *how = post.imap_command(self.port, self.where)
        self._process = subprocess.Popen(
            [str(Path(sys.executable).parent / program), *how], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            with socket.socket() as knocking:
                if knocking.connect_ex((post.HERE, self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("The IMAP server did not start.")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None


def _a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((post.HERE, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running_imap_server(where: Path) -> Iterator[ImapServer]:
    """Within it a mail server runs, with its mailboxes below `where`."""
    server = ImapServer(where)
    server.start()
    try:
        yield server
    finally:
        server.stop()
