"""PostgreSQL, whose flush between transactional tests keeps reference rows and may empty append-only tables.

Only here are the append-only triggers stepped around, by switching them off: a right of the tables' owner alone.
"""

from typing import Any

from django.db.backends.postgresql import base, creation, operations

# Rows put there by migrations: every test finds them as a real installation does.
REFERENCE_TABLES = {
    "django_content_type",
    "django_migrations",
    "auth_permission",
    "deadlines_bankholiday",
    "deadlines_limit",
}


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(self, style: Any, tables: Any, **kwargs: Any) -> list[str]:
        sql = super().sql_flush(style, [t for t in tables if t not in REFERENCE_TABLES], **kwargs)
        if not sql:
            return sql
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'only_added'")
            append_only = [table for (table,) in cursor.fetchall()]
        off = [f"ALTER TABLE {table} DISABLE TRIGGER only_added" for table in append_only]
        on = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_added" for table in append_only]
        return [*off, *sql, *on]


class DatabaseCreation(creation.DatabaseCreation):
    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:
        """Also where somebody is still connected: while Playwright's event loop runs, the thread of the tests has a
        second connection, which nothing closes."""
        with self._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f"DROP DATABASE {self.connection.ops.quote_name(test_database_name)} WITH (FORCE)")


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    ops_class = DatabaseOperations
