"""The real parts: the database and its clock, the broker, worker and beat, and what hurts them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import redis
from celery import current_app
from django.conf import settings
from django.db import connection

from cait import embedded
from cait.run import BIN, end_with_this_process
from tests.integration.cait.processes import clean_environment, eventually, parents

SWEEP, SEND = "diary.tasks.sweep", "diary.tasks.send_mail"
QUEUE = "celery"
SECONDS = 90


# --- the database --------------------------------------------------------------------------------


def connected(name: str = "") -> psycopg.Connection[Any]:
    """A connection of one's own, beside Django's."""
    host = str(embedded.socket_folder(settings.DATA))
    return psycopg.connect(dbname=name or database(), host=host, user="cait", autocommit=True)


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Asked on a connection of one's own, which no fault has broken."""
    with connected() as own:
        return own.execute(statement.encode(), values or None).fetchall()


def number(statement: str, *values: Any) -> int:
    return int(rows(statement, *values)[0][0])


def run_sql(*statements: str, name: str = "") -> None:
    with connected(name) as own:
        for statement in statements:
            own.execute(statement.encode())


def database() -> str:
    """The one that this test hurts."""
    return str(connection.settings_dict["NAME"])


def use_database(name: str) -> None:
    """From now on Django in this process is in another database."""
    connection.close()
    connection.settings_dict["NAME"] = name


def copy_database(of: str, name: str) -> None:
    connection.close()
    run_sql(f'CREATE DATABASE "{name}" TEMPLATE "{of}" STRATEGY FILE_COPY', name="postgres")


def drop_database(name: str) -> None:
    run_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', name="postgres")


def set_clock(there: datetime) -> None:
    """From now on it is then, for every process, and the clock goes on from there."""
    ahead = (there - datetime.now(UTC)).total_seconds()
    connection.close()  # a transaction of ours would not see it
    run_sql(
        "CREATE OR REPLACE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE "
        f"AS $$SELECT now() + interval '{ahead:.6f} seconds'$$"
    )


def move_clock(by: timedelta) -> None:
    set_clock(the_time() + by)


def the_time() -> datetime:
    found: datetime = rows("SELECT cait_now()")[0][0]
    return found


def postmaster() -> int:
    return int((settings.DATA / "postgres" / "postmaster.pid").read_text().split()[0])


def stop_postgres_at_once() -> None:
    """As `pg_ctl stop -m immediate` does: nothing is finished, nothing is written down."""
    connection.close()
    os.kill(postmaster(), signal.SIGQUIT)
    sockets = embedded.socket_folder(settings.DATA)
    eventually(lambda: not embedded.answers(sockets / embedded.SOCKET))


def start_servers() -> None:
    """Whichever is down."""
    embedded.start(settings.DATA, throwaway=True)


class PostgresLog:
    """What PostgreSQL wrote to its log since this was made."""

    def __init__(self) -> None:
        self.file = settings.DATA / "postgres.log"
        self.before = self.file.stat().st_size

    def has(self, words: str) -> bool:
        with open(self.file, "rb") as log:
            log.seek(self.before)
            return words.encode() in log.read()


# --- a gate in the middle of a sweep -------------------------------------------------------------

GATE = 8_411_903


@contextlib.contextmanager
def gate_before(duty: int, table: str = "diary_notice") -> Iterator[Gate]:
    """A sweep that raises something of this duty waits in the middle of its batch, until the gate is opened."""
    run_sql(
        "CREATE OR REPLACE FUNCTION fault_gate() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NEW; END$$",
        f"CREATE TRIGGER fault_gate BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.duty_id = {duty}) "
        "EXECUTE FUNCTION fault_gate()",
    )
    gate = Gate()
    try:
        yield gate
    finally:
        gate.open()
        heal(table, "fault_gate")


class Gate:
    def __init__(self) -> None:
        self._keeper = connected()
        self._keeper.execute("SELECT pg_advisory_lock(%s)", [GATE])

    def is_waited_at(self) -> bool:
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
        return number(waiting, GATE) > 0

    def wait(self) -> None:
        """Until a sweep stands at it."""
        eventually(self.is_waited_at, SECONDS)

    def open(self) -> None:
        self._keeper.close()


# --- the broker ----------------------------------------------------------------------------------


def broker() -> redis.Redis:
    return redis.Redis(unix_socket_path=str(embedded.socket_folder(settings.DATA) / embedded.VALKEY))


def wake(*tasks: str) -> None:
    """As beat does. On a connection of its own: an older one may have gone with the broker."""
    with current_app.connection_for_write() as own:
        for task in tasks or (SWEEP,):
            current_app.send_task(task, expires=55, connection=own)


def waiting_messages() -> list[dict[str, Any]]:
    """The messages that no worker has taken yet."""
    with contextlib.closing(broker()) as asked:
        return [json.loads(each) for each in asked.lrange(QUEUE, 0, -1)]


def waiting_tasks() -> list[str]:
    return sorted(each["headers"]["task"] for each in waiting_messages())


def unfinished_messages() -> int:
    """Waiting, or taken by a worker and not finished."""
    with contextlib.closing(broker()) as asked:
        return int(asked.llen(QUEUE)) + int(asked.hlen("unacked"))


def kill_valkey() -> None:
    os.kill(int((settings.DATA / "valkey" / "pid").read_text()), signal.SIGKILL)
    sockets = embedded.socket_folder(settings.DATA)
    eventually(lambda: not embedded.answers(sockets / embedded.VALKEY))


def forget_what_valkey_held() -> None:
    shutil.rmtree(settings.DATA / "valkey")


# --- worker, beat, the command -------------------------------------------------------------------


def environment(mail_port: int) -> dict[str, str]:
    """A real installation's, with this machine's servers."""
    sockets = quote(str(embedded.socket_folder(settings.DATA)), safe="")
    return clean_environment(
        DJANGO_SETTINGS_MODULE="cait.settings.prod",
        SECRET_KEY="x" * 60,
        ALLOWED_HOSTS="cait.example",
        DATABASE_URL=f"postgresql://cait@{sockets}/{database()}",
        REDIS_URL=embedded.redis_url(settings.DATA),
        MAIL_FROM=settings.MAIL_FROM,
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=str(mail_port),
        EMAIL_TLS="no",
        VIRUS_SCANNER="127.0.0.1:1",
        ATTACHMENTS=str(settings.DATA / "attachments"),
        PYTHONWARNINGS="ignore:You're running the worker with superuser privileges",
    )


class Program:
    """One real process with its children."""

    def __init__(self, command: list[str], mail_port: int, log: Path) -> None:
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment(mail_port),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_this_process(),
            )

    def children(self) -> list[int]:
        return sorted(pid for pid, parent in parents().items() if parent == self.process.pid)

    def signal_all(self, which: int) -> None:
        """The program and its children."""
        os.killpg(self.process.pid, which)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def is_running(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.signal_all(signal.SIGKILL)
        self.process.wait()


class Programs:
    """Starts real programs on the database that this test hurts, and ends them."""

    def __init__(self, mail_port: int, folder: Path) -> None:
        self.mail_port, self.folder = mail_port, folder
        self.started: list[Program] = []

    def start(self, *command: str) -> Program:
        log = self.folder / f"{len(self.started)}.log"
        program = Program(list(command), self.mail_port, log)
        self.started.append(program)
        return program

    def worker(self, *more: str) -> Program:
        """As `make run` starts it."""
        words = ("--quiet", "worker", "--concurrency", "2", "--loglevel", "WARNING")
        return self.start(str(BIN / "celery"), "-A", "cait", *words, *more)

    def beat(self, *more: str) -> Program:
        """As `make run` and the README start it, unless another scheduler is said."""
        scheduler = more or ("--scheduler", "celery.beat:Scheduler")
        words = ("--quiet", "beat", "--loglevel", "WARNING", "--pidfile=")
        return self.start(str(BIN / "celery"), "-A", "cait", *words, *scheduler)

    def command(self, *words: str) -> Program:
        """`manage.py`, as cron or systemd starts it."""
        return self.start(sys.executable, "manage.py", *words)

    def end(self) -> None:
        for program in self.started:
            program.end()


def heartbeat(waker: str = "beat") -> datetime | None:
    """When that waker's sweep last succeeded, as the clock of the database was then."""
    found = rows("SELECT succeeded_at FROM diary_heartbeat WHERE waker = %s", waker)
    return found[0][0] if found else None


def is_quiet() -> bool:
    """Nobody is at work in the database: also not for somebody who was killed meanwhile."""
    busy = "backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()"
    return not number(f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {busy}")  # noqa: S608


def swept_again() -> None:
    """Wake the worker once more, and wait until that sweep has succeeded: what was under way before is over."""
    eventually(is_quiet, SECONDS)
    before = the_time()
    wake(SWEEP)
    eventually(lambda: (at := heartbeat()) is not None and at > before, SECONDS)


def mail_is_sent() -> None:
    """Wake the worker to send, and wait until it has tried everything. What a killed worker had in hand lies there
    for an hour before the broker gives it to another."""
    before = unfinished_messages()
    wake(SEND)

    def is_over() -> bool:
        if unfinished_messages() > before:
            return False
        time.sleep(0.2)  # a message is for a moment neither here nor there
        return unfinished_messages() <= before and is_quiet()

    eventually(is_over, SECONDS)


def recovered() -> None:
    """The next wake-ups of beat, after whatever it was."""
    swept_again()
    mail_is_sent()


def heal(table: str, name: str) -> None:
    run_sql(f"DROP TRIGGER {name} ON {table}")


def break_table(table: str, name: str, when: str = "TRUE") -> None:
    """No such row can be written to a table, until it is healed."""
    run_sql(
        "CREATE OR REPLACE FUNCTION fault_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'refused by a fault'; END$$",
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION fault_refuse()",
    )
