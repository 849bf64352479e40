"""One cluster for all, as durable as a real one; for each fault a database, copied from what was made once."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from tests.faults.parts import (
    Programs,
    broker,
    copy_database,
    drop_database,
    run_sql,
    use_database,
)
from tests.faults.world import make_many, make_records
from tests.integration.diary.mail_server import MailServer

EMPTY, FEW, MANY = "faults_empty", "faults_few", "faults_many"
_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def _servers(django_db_blocker: Any) -> Iterator[None]:
    """Those of the run. What was committed is kept when they are killed, as in a real installation."""
    if sys.platform != "linux":
        pytest.skip("looks at processes in /proc")
    durable = [f"ALTER SYSTEM SET {name} = on" for name in ("fsync", "synchronous_commit", "full_page_writes")]
    with django_db_blocker.unblock():
        run_sql(*durable, "SELECT pg_reload_conf()", name="postgres")
        yield
        connection.close()


@pytest.fixture(scope="session")
def empty(_servers: None) -> str:
    """A database with every migration, and nothing in it."""
    copy_database("template1", EMPTY)
    use_database(EMPTY)
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    return EMPTY


@pytest.fixture(scope="session")
def few_records(empty: str) -> str:
    return _made(FEW, empty, make_records)


@pytest.fixture(scope="session")
def many_records(few_records: str) -> str:
    return _made(MANY, few_records, make_many)


def _made(name: str, of: str, make: Callable[[], None]) -> str:
    copy_database(of, name)
    use_database(name)
    make()
    connection.close()
    return name


@contextlib.contextmanager
def _copy_of(template: str) -> Iterator[str]:
    name = f"fault_{next(_numbers)}"
    copy_database(template, name)
    use_database(name)
    with contextlib.closing(broker()) as valkey:
        valkey.flushall()
    try:
        yield name
    finally:
        connection.close()
        drop_database(name)


@pytest.fixture
def blank(empty: str) -> Iterator[str]:
    """A database of one's own with nothing in it."""
    with _copy_of(empty) as name:
        yield name


@pytest.fixture
def few(few_records: str) -> Iterator[str]:
    """A database of one's own with thirty records, as they were made."""
    with _copy_of(few_records) as name:
        yield name


@pytest.fixture
def many(many_records: str) -> Iterator[str]:
    """The same with very many beside them: its sweep can be hit in the middle."""
    with _copy_of(many_records) as name:
        yield name


@pytest.fixture
def sink() -> Iterator[MailServer]:
    """The mail server that CAIT sends to."""
    server = MailServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def programs(sink: MailServer, tmp_path: Path) -> Iterator[Programs]:
    """Real programs on the database of the test, which asks for it first."""
    started = Programs(sink.port, tmp_path)
    try:
        yield started
    finally:
        started.end()
