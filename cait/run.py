"""`make run`: the whole of CAIT on this machine, under one supervisor.

Starts the embedded servers (unless real ones are named), brings the database up to date, loads the demonstration
people when it is empty, then keeps web, worker and beat running: a program that dies is started again, and one that
dies five times in a minute ends the whole with a clear message. Ctrl-C and SIGTERM stop everything; a second start
keeps the data.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import FrameType

from cait import embedded
from workbench import demonstration, post

DEATHS_ALLOWED = 5
SECONDS_OF_DEATHS = 60
SECONDS_TO_STOP = 20
SECONDS_TO_BE_HEALTHY = 60
PR_SET_PDEATHSIG = 1
# On a machine of one's own, where everything runs as root, Celery's warning only hides what matters.
QUIET = "ignore:You're running the worker with superuser privileges"
BIN = Path(sys.executable).parent
# What the demonstration's borough comes by, in the background, when all else is up.
FILLING = ["python", "manage.py", "seed_demo", "--go-on"]


class GaveUp(RuntimeError):
    """CAIT cannot run; the message says why and what to do."""


def programs(door: int, data: Path) -> dict[str, list[str]]:
    """The programs, in the order in which they start. `door`: the descriptor on which the web listens."""
    ports, mail = post.ports(data), post.folder(data)
    return {
        "the mailboxes": post.imap_command(ports["imap"], mail),
        "the post": ["python", "-m", "workbench.post", str(ports["smtp"]), str(mail)],
        "web": [
            # Threads, because no proxy stands before it here: a browser opens connections that it may never use, and
            # each would hold up a worker that does one thing at a time.
            *("gunicorn", "cait.wsgi", "--bind", f"fd://{door}", "--workers", "2", "--threads", "8"),
            *("--log-level", "warning", "--logger-class", "cait.web_log.WebServerLogger", "--no-control-socket"),
            *("--timeout", "60", "--graceful-timeout", "10"),
        ],
        "worker": ["celery", "-A", "cait", "--quiet", "worker", "--concurrency", "2", "--loglevel", "WARNING"],
        # The plain scheduler keeps nothing on disk: there is no file to be lost or corrupt.
        "beat": [
            *("celery", "-A", "cait", "--quiet", "beat", "--loglevel", "WARNING"),
            *("--scheduler", "celery.beat:Scheduler", "--pidfile="),
        ],
    }


class Stop:
    """Whether we were told to stop. Set by a signal handler, so it holds no lock.

    A `threading.Event` holds one: told twice in the same moment, by a terminal and by make, it waits for itself.
    """

    told = False

    def set(self) -> None:
        self.told = True

    def wait(self, seconds: float) -> bool:
        """True as soon as we were told, False when the seconds are over."""
        end = time.monotonic() + seconds
        while not self.told and time.monotonic() < end:
            time.sleep(0.05)
        return self.told


class Deaths:
    """Counts how often something died. Raises GaveUp when that is too often."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.times: list[float] = []

    def another(self, how: str) -> None:
        now = time.monotonic()
        self.times = [t for t in self.times if now - t < SECONDS_OF_DEATHS] + [now]
        if len(self.times) >= DEATHS_ALLOWED:
            raise GaveUp(
                f"{self.name} died {DEATHS_ALLOWED} times in {SECONDS_OF_DEATHS} seconds, "
                "so everything was stopped. The reason stands above."
            )
        say(f"{self.name} {how}")


class Program:
    """One program of ours: started again when it dies, until it has died too often."""

    def __init__(self, name: str, command: list[str], *, inherits: tuple[int, ...] = ()) -> None:
        self.name, self.command, self.inherits = name, command, inherits
        self.deaths = Deaths(name)
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return start([str(BIN / self.command[0]), *self.command[1:]], inherits=self.inherits)

    def watch(self) -> None:
        """Start it again if it died. Raises GaveUp when it dies too often."""
        if self.process.poll() is None:
            return
        self._kill()  # its own children, where it was killed and could not take them along
        self.deaths.another(f"ended with {self.process.returncode}; starting it again.")
        self.process = self._start()

    def ask_to_stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def wait_until_stopped(self, end: float) -> None:
        try:
            self.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop; killing it.")
        self._kill()
        self.process.wait()

    def _kill(self) -> None:
        """Kill whatever is left of the program's session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Errand(Program):
    """A program that ends when its work is done. Everything else runs on without it: where it dies too often, that is
    said, and the next start goes on with it."""

    is_over = False

    def watch(self) -> None:
        if self.is_over or self.process.poll() is None:
            return
        self._kill()
        if self.process.returncode == 0:
            self.is_over = True
            return
        try:
            self.deaths.another(f"ended with {self.process.returncode}; starting it again.")
        except GaveUp:
            self.is_over = True
            say(
                f"{self.name} died {DEATHS_ALLOWED} times in {SECONDS_OF_DEATHS} seconds. The next start tries again."
            )
        else:
            self.process = self._start()


def main() -> int:
    """Run until told to stop. Returns the exit code: 0 when told, 1 when CAIT cannot go on."""
    stop = Stop()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # which is what nohup asks for
        signal.signal(signal.SIGHUP, told)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cait.settings.dev")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show “ or … is no reason to stop
    try:
        from django.conf import settings

        if not settings.EMBEDDED:
            raise GaveUp("`make run` is for the demonstration. README.md says how a real installation is started.")
        with _alone_on(settings.DATA), _after_the_last(settings.DATA) as sign, _open_door() as door:
            if embedded.postgres_is_ours() or embedded.valkey_is_ours():
                say("Starting PostgreSQL and Valkey …")
            with embedded.running(settings.DATA):
                _choose_mail_ports(settings.DATA, door.getsockname()[1])
                _prepare(sign, stop)
                if not stop.told:
                    _keep_running(door, sign, settings.DATA, stop)
    except (GaveUp, embedded.ServerDidNotStart) as reason:
        say(f"CAIT stopped: {reason}")
        return 1
    except OSError as reason:
        what = reason.filename or "the data folder"
        say(f"CAIT stopped: {what} cannot be used ({reason.strerror}). Choose another data folder with DATA=.")
        return 1
    say("Everything is stopped. Your data is kept.")
    return 0


def _keep_running(door: socket.socket, sign: int, data: Path, stop: Stop) -> None:
    from django.conf import settings

    running: list[Program] = []
    servers: dict[str, Deaths] = {}
    try:
        for name, command in programs(door.fileno(), data).items():
            running.append(Program(name, command, inherits=(sign, door.fileno()) if name == "web" else (sign,)))
        healthy = Stop()
        threading.Thread(target=_announce, args=(door.getsockname()[1], stop, healthy), daemon=True).start()
        while not stop.wait(0.5):
            if healthy.told and not isinstance(running[-1], Errand) and not settings.WITHOUT_BOROUGH:
                running.append(Errand("the filling of the demonstration", FILLING, inherits=(sign,)))
            for program in running:
                program.watch()
            for name in embedded.keep_up(data):
                servers.setdefault(name, Deaths(name)).another("had ended and was started again.")
    finally:
        say("Stopping …")
        for program in running:
            program.ask_to_stop()
        end = time.monotonic() + SECONDS_TO_STOP
        for program in running:
            program.wait_until_stopped(end)


@contextlib.contextmanager
def _open_door() -> Iterator[socket.socket]:
    """Listen on the port named by PORT, else 8000. Raises GaveUp where it is no port, or taken.

    The supervisor itself holds the port from the first moment: nobody else can come between, so whatever answers
    there is ours, and while the web is started again who knocks waits instead of being turned away.
    """
    named = os.environ.get("PORT") or "8000"
    if not (named.isascii() and named.isdigit() and 0 < int(named) < 65536):
        raise GaveUp(f"PORT={named} is not a port. Choose a number from 1024 to 65535, such as PORT=8000.")
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", int(named)))
            door.listen(512)
        except OSError as reason:
            raise GaveUp(
                f"port {named} cannot be used ({reason.strerror}). Choose another, for example: "
                f"make run PORT={int(named) + 1 if 1024 <= int(named) < 65535 else 8000}"
            ) from reason
        yield door


@contextlib.contextmanager
def _alone_on(data: Path) -> Iterator[None]:
    """Refuse a second `make run` on one data folder: two supervisors would fight over it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(data / ".run", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise GaveUp(
                f"CAIT is already running on {data}. Stop it first, or choose another folder with DATA=."
            ) from taken
        yield


@contextlib.contextmanager
def _after_the_last(data: Path) -> Iterator[int]:
    """Wait until the programs of a killed supervisor have gone: they finish their work first, and hold the port.

    They are known by a lock that every program of ours inherits. Yields its descriptor. Raises GaveUp.
    """
    with open(data / ".programs", "w") as sign:
        end = time.monotonic() + SECONDS_TO_STOP
        while True:
            try:
                fcntl.flock(sign, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as held:
                if time.monotonic() > end:
                    raise GaveUp(
                        f"what an earlier CAIT started on {data} is still at work. Try again soon."
                    ) from held
                time.sleep(0.1)
        yield sign.fileno()


def _choose_mail_ports(data: Path, port: int) -> None:
    """Two free ports for the demonstration's mail servers: the same as the last time, or near the web's own.

    Nobody holds them until the servers do: where somebody else takes one in between, a server says so and dies.
    """
    known = post.ports(data)
    wanted = {"imap": known.get("imap", port + 143), "smtp": known.get("smtp", port + 25)}
    chosen: dict[str, int] = {}
    for name, number in wanted.items():
        chosen[name] = _free_port(number, but=chosen.values())
    post.choose_ports(data, chosen)


def _free_port(wanted: int, *, but: Collection[int] = ()) -> int:
    """The port, or another where it is taken, and none of `but`."""
    for number in (wanted, 0, 0):
        with socket.socket() as probe, contextlib.suppress(OSError, OverflowError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((post.HERE, number))
            chosen: int = probe.getsockname()[1]
            if chosen not in but:
                return chosen
    raise GaveUp("no port is free for the mail servers of the demonstration.")


def _prepare(sign: int, stop: Stop) -> None:
    """Bring the database up to date and, when it is empty, load the demonstration people."""
    say("Bringing the database up to date …")
    preparing = start([sys.executable, "manage.py", "prepare"], inherits=(sign,))
    while preparing.poll() is None:
        if stop.wait(0.1):
            say("Stopping as soon as the database is up to date …")
            preparing.wait()
    if preparing.returncode:
        raise GaveUp("the database could not be brought up to date. The reason stands above.")


def _announce(port: int, stop: Stop, healthy: Stop) -> None:
    """Print the address and the accounts once the health check says ok, and tell `healthy`."""
    from django.conf import settings

    address = f"http://127.0.0.1:{port}/"
    complain_at = time.monotonic() + SECONDS_TO_BE_HEALTHY
    while (answer := _health(port)) != "ok":
        if time.monotonic() > complain_at:
            say(f"CAIT is not healthy after {SECONDS_TO_BE_HEALTHY} seconds ({answer}). Look at {address}health/.")
            complain_at = float("inf")  # said once; it may yet come
        if stop.wait(0.3):
            return
    healthy.set()
    say(f"\nCAIT is running at {address}  (Ctrl-C stops it)\n")
    if settings.DEMONSTRATION:
        say(f"Demonstration accounts, password “{demonstration.PASSWORD}”:")
        for account in demonstration.PRINTED:
            say(f"  {account.username:<18} {account.who:<20} {account.does}")


def _health(port: int) -> str:
    """ok, or in a few words why not. Asked without urllib, which would go through a proxy where one is named."""
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        web.request("GET", "/health/")
        status = web.getresponse().status
    except (OSError, http.client.HTTPException) as reason:
        return str(reason) or type(reason).__name__
    finally:
        web.close()
    return "ok" if status == 200 else f"it answers {status}"


def start(command: list[str], *, inherits: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """Start a program that ends with us, in a session of its own: Ctrl-C reaches only us, and we stop in order."""
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONWARNINGS": QUIET},
        start_new_session=True,
        preexec_fn=end_with_this_process(),
        pass_fds=inherits,
    )


def end_with_this_process() -> Callable[[], None]:
    """What a child does before all else, so that it is told to stop when this process is killed.

    Linux only; elsewhere the programs of a killed supervisor go on until they are stopped by hand.
    """
    us = os.getpid()

    def end_with_us() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != us:  # we died before it was said
                os._exit(1)

    return end_with_us


def say(words: str) -> None:
    # A terminal that was closed, or a pipe, must not keep us from stopping in order.
    with contextlib.suppress(OSError):
        print(words, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
