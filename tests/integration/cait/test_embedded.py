"""The embedded servers, with the real binaries: shared, kept, stopped by the last one out, up again after kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cait import embedded
from tests.integration.cait.processes import eventually

pytestmark = pytest.mark.xdist_group("servers")

USER = """
import sys
from pathlib import Path
from cait import embedded
with embedded.running(Path(sys.argv[1]), throwaway=True):
    print("in", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    with tempfile.TemporaryDirectory(prefix="cait embedded ", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "data"


def another_user(data: Path) -> subprocess.Popen[str]:
    """Another process that uses the folder until its standard input ends; returns at once."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def is_in(user: subprocess.Popen[str]) -> bool:
    return user.stdout is not None and user.stdout.readline() == "in\n"


def leave(user: subprocess.Popen[str]) -> None:
    user.communicate("", timeout=60)


def up(data: Path) -> tuple[bool, bool]:
    sockets = embedded.socket_folder(data)
    return embedded.answers(sockets / embedded.SOCKET), embedded.answers(sockets / embedded.VALKEY)


def psql(data: Path, sql: str) -> str:
    command = [embedded.postgres_program("psql"), "-h", str(embedded.socket_folder(data)), "-U", "cait", "-Atc", sql]
    return subprocess.run([*command, "cait"], capture_output=True, text=True, check=True).stdout.strip()


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split()[0])


def test_users_share_the_servers_and_the_last_one_out_stops_them(data: Path) -> None:
    first, second = another_user(data), another_user(data)  # both at once: one of them starts the servers
    assert is_in(first)
    assert is_in(second)
    assert up(data) == (True, True)
    pid = postmaster(data)
    leave(first)
    assert up(data) == (True, True)
    assert postmaster(data) == pid
    leave(second)
    assert up(data) == (False, False)


def test_a_killed_user_holds_nothing_and_what_was_written_stays(data: Path) -> None:
    killed = another_user(data)
    assert is_in(killed)
    psql(data, "CREATE TABLE kept AS SELECT 42 AS n")
    killed.kill()
    killed.communicate()
    with embedded.running(data, throwaway=True):
        assert psql(data, "SELECT n FROM kept") == "42"
    assert up(data) == (False, False)


def test_killed_servers_are_started_again(data: Path) -> None:
    with embedded.running(data, throwaway=True):
        os.kill(postmaster(data), signal.SIGKILL)
        os.kill(int((data / "valkey" / "pid").read_text()), signal.SIGKILL)
        eventually(lambda: up(data) == (False, False))
        embedded.keep_up(data)
        assert up(data) == (True, True)
        assert psql(data, "SELECT 1") == "1"


def test_a_path_too_long_for_a_socket_is_no_obstacle(data: Path) -> None:
    deep = data / ("long" * 30)
    assert embedded.socket_folder(deep).parent == Path("/tmp")
    with embedded.running(deep, throwaway=True):
        assert up(deep) == (True, True)
    embedded.throw_away(deep)
    assert not deep.exists()
    assert not embedded.socket_folder(deep).exists()


def test_a_server_the_environment_names_is_left_alone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/cait")
    with embedded.running(data, throwaway=True):
        assert up(data) == (False, True)
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with embedded.running(data, throwaway=True):
        assert up(data) == (True, False)


def test_only_what_is_ours_and_not_in_use_is_thrown_away(data: Path) -> None:
    data.mkdir()
    somebodys = data / "somebody's"
    somebodys.touch()
    assert not embedded.throw_away(data), "CAIT never ran here"
    with embedded.running(data, throwaway=True), pytest.raises(RuntimeError, match="Stop it first"):
        embedded.throw_away(data)
    assert embedded.throw_away(data)
    assert list(data.iterdir()) == [somebodys]
    somebodys.unlink()
    with embedded.running(data, throwaway=True):
        pass
    embedded.throw_away(data)
    assert not data.exists()


def test_a_socket_folder_that_is_a_link_is_refused(data: Path) -> None:
    data.mkdir()
    (data.parent / "elsewhere").mkdir()
    (data / "run").symlink_to(data.parent / "elsewhere")
    with pytest.raises(embedded.ServerDidNotStart, match="belongs to somebody else"), embedded.running(data):
        pass


def test_the_servers_find_their_programs_below_a_folder_that_only_we_may_enter(data: Path) -> None:
    """As root the servers run as nobody, and the whole project may lie in a private folder."""
    data.mkdir(mode=0o700)
    program = data / "program"
    program.touch(mode=0o700)
    assert subprocess.run([*embedded._as_server(), "test", "-x", str(program)]).returncode == 0
