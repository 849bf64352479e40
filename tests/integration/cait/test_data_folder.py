"""Where the embedded servers may live, and what may be there: awkward names, other things, traces of a crash."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import kombu
import psycopg
import pytest

from cait import embedded
from tests.integration.cait.processes import clean_environment, eventually, parents, words

pytestmark = [
    pytest.mark.xdist_group("servers"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short path, so that the sockets find room below it."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    with tempfile.TemporaryDirectory(prefix="cait-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def servers(data: Path) -> list[str]:
    """The servers of a folder that run, by name; not PostgreSQL's own children, which call themselves otherwise, but
    in their first moment still as it does."""
    place = str(embedded.socket_folder(data))
    parent = parents()
    found = {pid: command for pid in parent if (command := words(pid)) and any(place in word for word in command)}
    return sorted(Path(command[0].split()[0]).name for pid, command in found.items() if parent[pid] not in found)


@pytest.mark.parametrize("name", ["100% #1? Åse's & Co", 'a,b "c"'])
def test_servers_are_reached_by_their_addresses_whatever_the_folder_is_called(folder: Path, name: str) -> None:
    data = folder / name
    with embedded.running(data, throwaway=True):
        named = dj_database_url.parse(embedded.database_url(data))
        with psycopg.connect(host=named["HOST"], user=named["USER"], dbname=named["NAME"]) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
        with kombu.Connection(embedded.redis_url(data)) as broker:
            broker.ensure_connection(max_retries=0)
            assert broker.connected
    embedded.throw_away(data)
    assert not embedded.socket_folder(data).exists()


def test_what_the_shell_says_of_another_postgres_leads_nobody_astray(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"PGPORT": "5433", "PGHOST": "db.example", "PGSSLMODE": "verify-full", "PGOPTIONS": "-csearch_path=x"}
    for name, value in elsewhere.items():
        monkeypatch.setenv(name, value)
    with embedded.running(folder / "data", throwaway=True):
        assert servers(folder / "data") == ["postgres", "valkey-server"]
        named = dj_database_url.parse(embedded.database_url(folder / "data"))
        with psycopg.connect(host=named["HOST"], user=named["USER"], dbname=named["NAME"]) as database:
            assert "public" in str(database.execute("SHOW search_path").fetchone())


def test_two_who_find_dead_servers_start_one_of_each(folder: Path) -> None:
    with embedded.running(folder / "data", throwaway=True):
        data = folder / "data"
        os.kill(int((data / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        os.kill(int((data / "valkey" / "pid").read_text()), signal.SIGKILL)
        eventually(lambda: not servers(data))
        keepers = [threading.Thread(target=embedded.keep_up, args=(data,)) for _ in range(4)]
        for keeper in keepers:
            keeper.start()
        for keeper in keepers:
            keeper.join()
        assert servers(data) == ["postgres", "valkey-server"]
        assert embedded.keep_up(data) == []
    assert servers(data) == []


def test_a_lock_whose_number_another_program_has_now_is_no_obstacle(folder: Path) -> None:
    """As after the machine went down: the file names a process that is somebody else's today."""
    data = folder / "data"
    with embedded.running(data, throwaway=True):
        lock = (data / "postgres" / "postmaster.pid").read_text()
    as_server = embedded._as_server()  # PostgreSQL takes only its own user's processes for itself
    with subprocess.Popen([*as_server, "sleep", "1000"]) as somebody:
        (data / "postgres" / "postmaster.pid").write_text("\n".join([str(somebody.pid), *lock.splitlines()[1:], ""]))
        with embedded.running(data, throwaway=True):
            assert servers(data) == ["postgres", "valkey-server"]
        assert somebody.poll() is None, "and it is left alone"
        somebody.kill()


def test_what_a_killed_starter_left_half_started_is_taken_over(folder: Path) -> None:
    """Whoever was killed in the middle of starting leaves servers that nobody waits for."""
    data = folder / "data"
    with embedded.running(data, throwaway=True):
        pass
    command = [embedded.postgres_program("postgres"), "-D", str(data / "postgres")]
    command += ["-k", str(embedded.socket_folder(data))]
    half = subprocess.Popen([*embedded._as_server(), *command], stderr=subprocess.DEVNULL, start_new_session=True)
    with embedded.running(data, throwaway=True):
        assert servers(data) == ["postgres", "valkey-server"]
    half.wait(60)
    assert servers(data) == []


def test_a_server_that_cannot_start_leaves_no_other_one_up(folder: Path) -> None:
    data = folder / "data"
    (data / "valkey").mkdir(parents=True)
    (data / ".users").touch()
    shutil.rmtree(data / "valkey")
    (data / "valkey").symlink_to(folder)  # not to be trusted
    with pytest.raises(embedded.ServerDidNotStart, match="belongs to somebody else"), embedded.running(data):
        pass
    assert servers(data) == []


def test_a_folder_of_another_user_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = folder / "data"
    (data / "run").mkdir(parents=True)
    (data / ".users").touch()
    if os.geteuid() == 0:
        os.chown(data / "run", 54321, 54321)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(embedded.ServerDidNotStart, match="belongs to somebody else"), embedded.running(data):
        pass


def test_what_is_not_ours_is_never_thrown_away(folder: Path) -> None:
    (folder / "photographs").mkdir()
    embedded.throw_away(folder)  # CAIT never ran here
    with embedded.running(folder, throwaway=True):
        pass
    embedded.throw_away(folder)
    assert [each.name for each in folder.iterdir()] == ["photographs"]


def test_who_waits_while_the_folder_is_thrown_away_begins_a_new_one(folder: Path) -> None:
    data = folder / "data"
    locks: list[bool] = []

    def wait_for_it() -> None:
        with embedded._starting(data):
            locks.append((data / ".starting").exists())

    waiting = threading.Thread(target=wait_for_it)
    with embedded._starting(data):
        waiting.start()
        shutil.rmtree(data)
    waiting.join(60)
    assert locks == [True], "the lock it holds is the one that stands in the folder"


def test_a_command_hears_which_settings_it_is_to_use_and_embeds_nothing_for_a_real_installation(folder: Path) -> None:
    (folder / "database").write_text("postgresql://cait@db.example/cait")
    (folder / "key").write_text("x" * 60)
    env = clean_environment(
        ALLOWED_HOSTS="cait.example",
        SECRET_KEY_FILE=str(folder / "key"),
        DATABASE_URL_FILE=str(folder / "database"),
        REDIS_URL="redis://broker.example",
        EMAIL_HOST="mail.example",
        VIRUS_SCANNER="scanner.example:3310",
        ATTACHMENTS="/attachments",
        MAIL_FROM="cait@police.example",
        CAIT_DATA=str(folder / "data"),
    )
    said = subprocess.run(
        [sys.executable, "manage.py", "diffsettings", "--settings", "cait.settings.prod"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "'HOST': 'db.example'" in said
    assert "'cait.example'" in said
    assert not (folder / "data").exists()
