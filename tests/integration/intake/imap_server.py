"""A real IMAP server on this machine, as a force has one: pymap, with the mailboxes in folders of files."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

from workbench import post

SECONDS_TO_START = 20

# pymap takes one second and a half to load and a hundredth of one to start. So it is loaded once, by a program that
# starts a server for each line that it is told, as the command of that line would, and says its number. It ends them
# all when there is nobody left to tell it more.
LOADED_ONCE = """
import os
import signal
import sys
from pymap.backend import backends
from pymap.main import main
from pymap.service import services
loaded = [*backends.items(), *services.items()]
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that have ended
started = []
for line in sys.stdin:
    number = os.fork()
    if number == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.stdin.close()
        sys.argv = line.rstrip("\\n").split("\\0")
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        main()
        os._exit(0)
    started.append(number)
    print(number, flush=True)
for number in started:
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        pass
"""


@cache
def _loaded() -> subprocess.Popen[str]:
    program = [sys.executable, "-c", LOADED_ONCE]
    loaded = subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    atexit.register(loaded.communicate)  # it hears that there is nobody left, and is waited for
    return loaded


class ImapServer:
    """It can be stopped and started again; what was delivered stays."""

    def __init__(self, where: Path) -> None:
        post.prepare(where)
        self.where = where
        self.port = _a_free_port()
        self._process: int | None = None

    def url(self, user: str = "haringey") -> str:
        """Where a mailbox of it is read."""
        return post.imap_url(self.port, user)

    def deliver(self, raw: bytes, *, at: datetime | None = None, user: str = "haringey") -> None:
        """An email arrives; at that moment, or just now."""
        post.deliver(self.where, user, raw, at=at)

    def start(self) -> None:
        loaded = _loaded()
        assert loaded.stdin is not None
        assert loaded.stdout is not None
        print(*post.imap_command(self.port, self.where), sep="\0", file=loaded.stdin, flush=True)
        self._process = int(loaded.stdout.readline())
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            if self._answers():
                return
            time.sleep(0.01)
        raise RuntimeError("The IMAP server did not start.")

    def stop(self) -> None:
        if self._process is None:
            return
        os.kill(self._process, signal.SIGTERM)
        end = time.monotonic() + SECONDS_TO_START
        while _is_there(self._process):
            if time.monotonic() > end:
                raise RuntimeError("The IMAP server did not stop.")
            time.sleep(0.01)
        self._process = None

    def _answers(self) -> bool:
        with socket.socket() as knocking:
            return knocking.connect_ex((post.HERE, self.port)) == 0


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


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
