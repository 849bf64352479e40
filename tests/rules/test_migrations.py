"""Migrations go back as well as forward, on a database of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter

from tests.database.base import MIGRATED

# In one process and one plan: each `migrate <room> zero` by itself would work out the state of every model anew.
# Those states refer to themselves, and are looked through for rubbish less often than Python does by itself. How an
# installation applies the migrations, every model drawn, is seen where `make run` makes its database (`test_run.py`).
THERE_AND_BACK = """
import gc
import sys
import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tests.database.migrating import drawing_few_models
gc.set_threshold(100_000, 10, 10)
django.setup()
rooms = sys.argv[1:]
with drawing_few_models():
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


class Singly(MigrationLoader):
    """Every migration as it was written, without those that make several in one step."""

    def load_disk(self) -> None:
        super().load_disk()
        for key in [key for key, migration in self.disk_migrations.items() if migration.replaces]:
            del self.disk_migrations[key]


def test_a_new_database_is_made_as_one_that_was_upgraded_step_by_step() -> None:
    """ADR 29: the same tables, columns, indexes and constraints; whatever else there is, the steps do themselves."""
    together = MigrationLoader(None, ignore_no_migrations=True)
    singly = Singly(None, ignore_no_migrations=True)
    of_several = {key: migration for key, migration in together.disk_migrations.items() if migration.replaces}
    assert {room for room, _ in of_several} == {"cases", "cram", "diary", "intake", "referrals"}
    for (room, name), migration in of_several.items():
        last = migration.replaces[-1]
        there = tables(together.project_state((room, name)), room)
        assert there == tables(singly.project_state(last), room), room
        assert last in singly.graph.nodes, "the steps stay, for whoever has taken some of them"


def tables(state: ProjectState, room: str) -> dict[str, tuple[object, ...]]:
    return {name: whole(model) for (label, name), model in state.models.items() if label == room}


def whole(model: ModelState) -> tuple[object, ...]:
    written = {name: MigrationWriter.serialize(field)[0] for name, field in model.fields.items()}
    columns = [(name, written[name]) for name, field in model.fields.items() if not field.many_to_many]
    many = {name: written[name] for name, field in model.fields.items() if field.many_to_many}
    rest = {key: value for key, value in model.options.items() if key not in ("indexes", "constraints")}
    named = {each.name: each.deconstruct() for key in ("indexes", "constraints") for each in model.options[key]}
    return columns, many, rest, named, model.bases
