"""Migrations go back as well as forward, on a database of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from tests.database.base import MIGRATED

# In one process and one plan: each `migrate <room> zero` by itself would work out the state of every model anew.
# Those states refer to themselves, and are looked through for rubbish less often than Python does by itself.
THERE_AND_BACK = """
import gc
import sys
import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
gc.set_threshold(100_000, 10, 10)
django.setup()
rooms = sys.argv[1:]
call_command("migrate", verbosity=0)
MigrationExecutor(connection).migrate([(room, None) for room in rooms])
assert not {room for room, _ in MigrationExecutor(connection).loader.applied_migrations} & {*rooms}
call_command("migrate", verbosity=0)
"""


@pytest.fixture
def a_database() -> Iterator[str]:
    """The address of a database beside the tests' own: empty, or as their own was when every migration had run."""
    name = f"migrations_{os.getpid()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [MIGRATED])
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {MIGRATED if cursor.fetchone() else 'template1'}")
    host = str(settings.DATABASES["default"]["HOST"]).replace("/", "%2F")
    user, port = settings.DATABASES["default"]["USER"], settings.DATABASES["default"]["PORT"] or 5432
    secret = settings.DATABASES["default"].get("PASSWORD")
    yield f"postgresql://{user}{f':{secret}' if secret else ''}@{host}:{port}/{name}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.xdist_group("migrations")
@pytest.mark.django_db
def test_every_migration_of_ours_goes_back_and_forward_again(a_database: str) -> None:
    rooms = filter(has_migrations, settings.ROOMS)
    done = subprocess.run(
        [sys.executable, "-c", THERE_AND_BACK, *rooms],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "cait.settings.test", "DATABASE_URL": a_database},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def has_migrations(room: str) -> bool:
    return (settings.BASE_DIR / room / "migrations").is_dir()
