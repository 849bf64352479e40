"""`make run` with its real programs: what dies is started again, what is told to stop stops, data is kept.

The tests of one folder follow each other as a day would: up, hurt in every way, stopped, up again, killed, up again.
So they run one after the other, on one worker of pytest-xdist (`test_the_tests_of_a_group_run_on_one_worker`).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cait import embedded
from cait.run import Errand, GaveUp, Program
from tests.integration.cait.processes import Running, clean_environment, eventually, free_port, parents, running
from workbench import post
from workbench.demonstration import ACCOUNTS

pytestmark = [
    pytest.mark.xdist_group("servers"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]

# What make would have to build first is not what is tried here.
MAKE = ["make", f"PYTHON={sys.executable}", "-o", "build/.environment", "-o", "build/static/staticfiles.json", "run"]


@pytest.fixture(scope="module")
def cait(folder: Path) -> Iterator[Running]:
    """CAIT, up and healthy: on what `test_mail_servers.py` left, which began with nothing; with nothing where this is
    alone."""
    with running(folder / "data", free_port()) as it:
        eventually(it.is_healthy)
        yield it


def sql(data: Path, statement: str) -> str:
    command = [embedded.postgres_program("psql"), "-h", str(embedded.socket_folder(data)), "-U", "cait", "-Atqc"]
    done = subprocess.run([*command, statement, "cait"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def nothing_is_left(of: set[int], data: Path) -> None:
    eventually(lambda: not of & parents().keys())
    sockets = embedded.socket_folder(data)
    assert not embedded.answers(sockets / embedded.SOCKET)
    assert not embedded.answers(sockets / embedded.VALKEY)


def sweeps_again(cait: Running) -> None:
    """The whole chain works: beat, which wakes the sweep as soon as it starts, reaches the worker."""
    before = cait.last_sweep()
    cait.kill("beat")
    eventually(lambda: cait.last_sweep() > before)
    eventually(cait.is_healthy)


def test_it_becomes_healthy_and_prints_where_and_with_whom(cait: Running) -> None:
    status, answer = cait.health()
    assert (status, answer["status"]) == (200, "ok")
    assert set(answer) == {"status", "database", "broker", "worker", "last_sweep_at"}
    cait.says("outsider_sergeant")
    assert f"http://127.0.0.1:{cait.port}/" in cait.said()
    assert "demonstration only" in cait.said()


def test_connections_that_say_nothing_hold_nobody_up(cait: Running) -> None:
    """As a browser opens them in advance: more than there are processes, fewer than there are threads."""
    silent = [socket.create_connection(("127.0.0.1", int(cait.port))) for _ in range(6)]
    try:
        assert cait.health()[0] == 200  # it waits 10 seconds at the most
    finally:
        for each in silent:
            each.close()


def test_a_killed_web_is_started_again_and_nobody_is_turned_away(cait: Running) -> None:
    os.kill(cait.children()["web"], signal.SIGKILL)
    cait.says("web ended with -9; starting it again.")
    # There is no web now. Who asks waits for the next one.
    with urllib.request.urlopen(f"http://127.0.0.1:{cait.port}/health/", timeout=60) as answer:
        assert answer.status == 200
    assert cait.said().count("starting it again") == 1


def test_a_killed_worker_and_a_killed_beat_are_started_again(cait: Running) -> None:
    cait.kill("worker")
    sweeps_again(cait)


def test_a_killed_database_is_started_again(cait: Running, folder: Path) -> None:
    pid_file = folder / "data" / "postgres" / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    cait.says("PostgreSQL had ended and was started again.")
    eventually(cait.is_healthy)
    sweeps_again(cait)


def test_a_killed_broker_is_started_again(cait: Running, folder: Path) -> None:
    os.kill(int((folder / "data" / "valkey" / "pid").read_text()), signal.SIGKILL)
    cait.says("Valkey had ended and was started again.")
    eventually(cait.is_healthy)
    sweeps_again(cait)


def test_a_broker_that_hangs_is_told_by_the_health_check(cait: Running, folder: Path) -> None:
    valkey = int((folder / "data" / "valkey" / "pid").read_text())
    os.kill(valkey, signal.SIGSTOP)
    try:
        status, answer = cait.health()
    finally:
        os.kill(valkey, signal.SIGCONT)
    assert status == 503
    assert (answer["status"], answer["broker"], answer["database"]) == ("failing", "failing", "ok")
    eventually(cait.is_healthy)


@pytest.mark.parametrize("port", ["the same", "another"])
def test_a_second_one_on_the_same_data_is_refused(cait: Running, folder: Path, port: str) -> None:
    link = folder / port  # the same folder, and a log of its own
    link.symlink_to(folder / "data")
    with running(link, cait.port if port == "the same" else free_port()) as second:
        assert second.process.wait(60) == 1
    assert "already running" in second.said()
    assert "Traceback" not in second.said()
    assert cait.is_healthy()


def test_a_taken_port_is_named_whoever_took_it(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running(folder / "other", port) as it:
            assert it.process.wait(60) == 1
    assert f"port {port} cannot be used" in it.said()
    assert "make run PORT=" in it.said()
    assert "Traceback" not in it.said()
    assert "PostgreSQL" not in it.said(), "said before anything was started"


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1", "８０００"])
def test_what_is_no_port_is_refused_in_plain_words(folder: Path, port: str) -> None:
    with running(folder / "no-port", port) as it:
        assert it.process.wait(60) == 1
    assert "is not a port" in it.said()
    assert "Traceback" not in it.said()


def refused(*words: str, **environment: str) -> str:
    """What `python -m cait.run` or another module says when it ends with 1."""
    done = subprocess.run(
        [sys.executable, "-m", *words], env=clean_environment(**environment), capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


def test_a_real_installation_is_not_started_like_a_demonstration(folder: Path) -> None:
    real = {"ALLOWED_HOSTS": "cait.example", "SECRET_KEY": "x" * 60, "DATABASE_URL": "postgresql://db.example/cait"}
    real |= {"VIRUS_SCANNER": "scanner.example:3310", "ATTACHMENTS": "/attachments"}
    real |= {"EMAIL_HOST": "mail.example", "MAIL_FROM": "cait@police.example"}
    said = refused("cait.run", DJANGO_SETTINGS_MODULE="cait.settings.prod", REDIS_URL="redis://b.example", **real)
    assert "is for the demonstration" in said


def test_a_data_folder_that_is_none_is_named(folder: Path) -> None:
    (folder / "a file").touch()
    assert f"{folder / 'a file'} cannot be used" in refused("cait.run", CAIT_DATA=str(folder / "a file"))


def test_a_terminal_that_cannot_show_every_character_is_no_obstacle(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        data = folder / "Åse"
        assert "cannot be used" in refused("cait.run", CAIT_DATA=str(data), PORT=port, PYTHONIOENCODING="ascii")


def test_a_killed_supervisor_takes_its_programs_along_and_the_next_start_by_make_works_and_stops(
    cait: Running, folder: Path
) -> None:
    """The next start is by the one command of the README."""
    data = folder / "data"
    sql(data, "UPDATE team_user SET family_name = 'Kept' WHERE username = 'pclo'")
    programs, mail = set(cait.children().values()), (post.ports(data), letters(data))
    assert mail[1]
    assert "Traceback" not in cait.said(), "in all that was done to it until now"
    os.kill(cait.children()["supervisor"], signal.SIGKILL)
    cait.process.wait()
    # At once, on the same port: what the killed one left behind is still stopping.
    with running(data, cait.port, [*MAKE, f"DATA={data}"]) as it:
        # Not by its health: until it has the port, the old one may answer.
        it.says("CAIT is running at")
        assert not programs & parents().keys()
        eventually(it.is_healthy)
        assert sql(data, "SELECT count(*) FROM team_user") == str(len(ACCOUNTS) + 1)  # and CAIT itself
        assert sql(data, "SELECT family_name FROM team_user WHERE username = 'pclo'") == "Kept"
        assert (post.ports(data), letters(data)) == mail
        eventually(lambda: all(listens(port) for port in post.ports(data).values()))
        everything = it.tree()
        assert {"supervisor", "web", "worker", "beat"} == set(it.children())
        it.stop()  # the signal goes to make, which passes it on; its own exit code is make's affair
    nothing_is_left(everything, data)
    assert "Everything is stopped" in it.said()
    assert "Traceback" not in it.said()


def letters(data: Path) -> list[bytes]:
    """What lies in the demonstration's mailboxes."""
    return sorted(file.read_bytes() for file in post.folder(data).glob("*/[cn][ue][rw]/*"))


def listens(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0


TOLD_ALL_THE_TIME = """
import signal, time
from cait.run import Stop
stop = Stop()
signal.signal(signal.SIGALRM, lambda number, frame: stop.set())
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
end = time.monotonic() + 1
while time.monotonic() < end:
    assert stop.wait(5)
signal.setitimer(signal.ITIMER_REAL, 0)
"""


def test_told_to_stop_while_it_is_being_told_it_does_not_wait_for_itself() -> None:
    """As when a signal goes to a whole group: to us, and to make, which passes it on in the same moment."""
    subprocess.run([sys.executable, "-c", TOLD_ALL_THE_TIME], check=True, timeout=60)


def test_told_to_stop_while_it_prepares_it_stops_in_order(cait: Running, folder: Path) -> None:
    data = folder / "data"
    with running(data, free_port()) as it:
        it.says("Bringing the database up to date")
        everything = it.tree()
        assert it.stop() == 0, it.said()
    assert "Everything is stopped" in it.said()
    assert "CAIT is running at" not in it.said()
    nothing_is_left(everything, data)


def reset(data: Path) -> int:
    return subprocess.run([sys.executable, "-m", "cait.reset"], env=clean_environment(CAIT_DATA=str(data))).returncode


def test_reset_throws_the_data_away(cait: Running, folder: Path) -> None:
    data = folder / "data"
    assert reset(data) == 0
    assert not data.exists()
    assert reset(data) == 0, "there is nothing to throw away"
    assert not data.exists(), "and it leaves nothing behind"


def test_a_program_that_dies_at_once_every_time_ends_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    broken = Program("web", ["python", "-c", "raise SystemExit(3)"])
    for _ in range(4):
        broken.process.wait(60)
        broken.watch()
    broken.process.wait(60)
    with pytest.raises(GaveUp, match="web died 5 times"):
        broken.watch()
    assert capsys.readouterr().out.count("web ended with 3; starting it again.") == 4


def ended(errand: Errand) -> None:
    errand.process.wait(60)
    errand.watch()


def test_what_fills_the_demonstration_ends_when_it_is_done_and_stops_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = Errand("the filling", ["python", "-c", "pass"])
    ended(done)
    assert (done.is_over, done.deaths.times) == (True, [])
    broken = Errand("the filling", ["python", "-c", "raise SystemExit(3)"])
    for _ in range(5):
        assert not broken.is_over
        ended(broken)
    assert broken.is_over
    said = capsys.readouterr().out
    assert said.count("the filling ended with 3; starting it again.") == 4
    assert "the filling died 5 times in 60 seconds. The next start tries again." in said
