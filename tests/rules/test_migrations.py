"""Migrations go back as well as forward, on a database of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

ENV = {**os.environ, "DJANGO_SETTINGS_MODULE": "cait.settings.test"}


@pytest.fixture
def a_database() -> Iterator[str]:
    """The address of an empty database beside the tests' own."""
    name = f"migrations_{os.getpid()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    host = str(settings.DATABASES["default"]["HOST"]).replace("/", "%2F")
    user, port = settings.DATABASES["default"]["USER"], settings.DATABASES["default"]["PORT"] or 5432
    secret = settings.DATABASES["default"].get("PASSWORD")
    yield f"postgresql://{user}{f':{secret}' if secret else ''}@{host}:{port}/{name}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrate(database: str, *words: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from django.core.management import execute_from_command_line as e; e({['', *words]})",
        ],
        env={**ENV, "DATABASE_URL": database},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_every_migration_of_ours_goes_back_and_forward_again(a_database: str) -> None:
    migrate(a_database, "migrate", "-v0")
    for room in filter(has_migrations, settings.ROOMS):
        migrate(a_database, "migrate", room, "zero", "-v0")
    migrate(a_database, "migrate", "-v0")


def has_migrations(room: str) -> bool:
    return (settings.BASE_DIR / room / "migrations").is_dir()
