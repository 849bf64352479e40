"""`make run` as a child of a test, watched and put away."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cait.run import end_with_this_process

# Against waiting for ever; how long anything takes is not what is tried, and the machine may have much else to do.
SECONDS = 600

WORDS = {"web": "cait.wsgi", "worker": "worker", "beat": "beat"}
# The environment of the tests themselves, and of the `make` they may run in, is not for what they start.
OF_THE_TESTS = ("DJANGO_", "CAIT_", "DATABASE_", "REDIS_", "MAKE", "MFLAGS", "PORT", "DATA", "ARGS")
DIRECTLY = [sys.executable, "-m", "cait.run"]


def eventually(true: Callable[[], object], seconds: float = SECONDS) -> None:
    """Wait until something is so; fail when it is not so for very long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"still not so after {seconds} seconds"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def clean_environment(**ours: str) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(OF_THE_TESTS)} | ours


def parents() -> dict[int, int]:
    """The parent of every process that runs; what has only not been reaped yet does not."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text().rsplit(")", 1)[1].split()[:2]
            if state != "Z":
                found[int(stat.parent.name)] = int(parent)
    return found


def words(pid: int) -> list[str]:
    """The command of a process; empty when it has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return []


class Running:
    """One start of CAIT on a data folder: `python -m cait.run`, or another command that comes to the same."""

    def __init__(self, data: Path, port: int | str, command: list[str], environment: dict[str, str]) -> None:
        self.port, self.log = port, data.with_suffix(".log")
        self.log.unlink(missing_ok=True)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                command,
                # What fills the demonstration in the background would only take the others' time.
                env=clean_environment(CAIT_DATA=str(data), PORT=str(port), **{"CAIT_BOROUGH": "no", **environment}),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_this_process(),  # killed tests put nothing away
            )

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status and answer of /health/; status 0 when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except (OSError, ValueError):
            return 0, {}

    def is_healthy(self) -> bool:
        assert self.process.poll() is None, self.said()
        return self.health()[0] == 200

    def last_sweep(self) -> str:
        return str(self.health()[1].get("last_sweep_at") or "")

    def said(self) -> str:
        return self.log.read_text()

    def says(self, sentence: str) -> None:
        """Wait until it has said something; fail at once when it ended without."""

        def said_or_ended() -> bool:
            ended = self.process.poll() is not None
            if sentence in self.said():
                return True
            assert not ended, f"it ended without saying “{sentence}”, but:\n{self.said()}"
            return False

        eventually(said_or_ended)

    def tree(self) -> set[int]:
        """Everything that was started and still runs: make, supervisor, servers, programs and their children."""
        parent_of = parents()
        found, more = set[int](), {self.process.pid} & parent_of.keys()
        while more:
            found |= more
            more = {pid for pid, parent in parent_of.items() if parent in found} - found
        return found

    def children(self) -> dict[str, int]:
        """The pid of the supervisor and of each program: web, worker, beat."""
        supervisor = next(pid for pid in self.tree() if "cait.run" in words(pid) and "python" in words(pid)[0])
        found = {"supervisor": supervisor}
        for pid, parent in parents().items():
            if parent == supervisor:
                found |= {name: pid for name, word in WORDS.items() if word in words(pid)}
        return found

    def kill(self, name: str) -> None:
        """kill -9 one program, and wait until another has taken its place."""
        before = self.children()[name]
        os.kill(before, signal.SIGKILL)
        eventually(lambda: self.children().get(name, before) != before)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


@contextlib.contextmanager
def running(data: Path, port: int | str, command: list[str] = DIRECTLY, **environment: str) -> Iterator[Running]:
    """CAIT on `data`; stopped, if need be by force, at the end."""
    it = Running(data, port, command, environment)
    try:
        yield it
    finally:
        if it.process.poll() is None:
            try:
                it.stop()
            except subprocess.TimeoutExpired:
                it.process.kill()
                it.process.wait()
