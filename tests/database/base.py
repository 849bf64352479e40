"""PostgreSQL, whose flush between transactional tests keeps reference rows and may empty append-only tables.

The migrations of one run are applied once: whichever worker of pytest-xdist needs a database next copies the first.

Only here are the append-only triggers stepped around, by switching them off: a right of the tables' owner alone.
"""

import fcntl
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base, creation, operations

from cait import embedded
from tests.database.migrating import drawing_few_models

# The copy that is made of the first worker's database as soon as every migration has run, and before any test.
MIGRATED = "migrated"

# Rows put there by migrations: every test finds them as a real installation does.
REFERENCE_TABLES = {
    "django_content_type",
    "django_migrations",
    "auth_permission",
    "cram_factor",
    "cram_version",
    "deadlines_bankholiday",
    "deadlines_limit",
}
# Of these, the rows that somebody entered since go as well: which they are.
CHANGED_BY_PEOPLE = {
    "cram_factor": "version_id IN (SELECT id FROM cram_version WHERE drafted_by_id IS NOT NULL)",
    "cram_version": "drafted_by_id IS NOT NULL",
    "deadlines_bankholiday": "created_by_id IS NOT NULL",
    "deadlines_limit": "created_by_id IS NOT NULL",
}


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(self, style: Any, tables: Any, **kwargs: Any) -> list[str]:
        """Rows are deleted where there are any: to truncate a hundred tables takes ten times as long."""
        go = dict.fromkeys({*tables} - REFERENCE_TABLES, "true") | CHANGED_BY_PEOPLE
        filled = self._filled(go)
        if not filled:
            return []
        off, on = [], []
        for table, trigger, mode in self._triggers(filled):
            off.append(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            on.append(f"ALTER TABLE {table} ENABLE {mode} TRIGGER {trigger}")
        deleted = [f"DELETE FROM {self.quote_name(table)} WHERE {go[table]}" for table in filled]  # noqa: S608
        # Whatever order they come in: what points where is checked when all are gone, and before triggers are put on.
        return [*off, "SET CONSTRAINTS ALL DEFERRED", *deleted, "SET CONSTRAINTS ALL IMMEDIATE", *on]

    def _triggers(self, tables: list[str]) -> list[tuple[str, str, str]]:
        """Those of ours on some tables, which refuse that rows go; each with the word that puts it on as it was."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgname, CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE '' END "
                "FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s) ORDER BY 1, 2",
                [tables],
            )
            return list(cursor.fetchall())

    def _filled(self, go: dict[str, str]) -> list[str]:
        """The tables that hold a row which goes, of some with the condition for it: one statement."""
        asked = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT FROM {self.quote_name(table)} WHERE {which})"  # noqa: S608
            for table, which in go.items()
        )
        with self.connection.cursor() as cursor:
            cursor.execute(asked)
            return sorted(table for (table,) in cursor.fetchall())


class DatabaseCreation(creation.DatabaseCreation):
    def create_test_db(self, *args: Any, **kwargs: Any) -> str:
        """A copy of the first one of the run, where there is one; Django then finds no migration left to apply.

        Only in the embedded PostgreSQL, which goes with the run: a real one would keep the copy for the next run,
        which may have other migrations.
        """
        if not embedded.postgres_is_ours():
            return super().create_test_db(*args, **kwargs)
        with open(settings.DATA / "migrated.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # who comes second waits for the first
            if self._is_there(MIGRATED):
                self.connection.settings_dict["TEST"]["TEMPLATE"] = MIGRATED
                return super().create_test_db(*args, **kwargs)
            with drawing_few_models():
                name = super().create_test_db(*args, **kwargs)
            self.connection.close()  # a database that is in use cannot be copied
            with self._nodb_cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute(f"CREATE DATABASE {MIGRATED} TEMPLATE {self.connection.ops.quote_name(name)}")
            return name

    def _is_there(self, name: str) -> bool:
        with self._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None

    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:
        """Also where somebody is still connected: while Playwright's event loop runs, the thread of the tests has a
        second connection, which nothing closes."""
        with self._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f"DROP DATABASE {self.connection.ops.quote_name(test_database_name)} WITH (FORCE)")


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    ops_class = DatabaseOperations
