"""All that the database holds, to be held against what it holds afterwards."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from audit.models import AccessLog


def everything(*, looks: bool = True) -> dict[str, list[str]]:
    """Every row of every table: what is the same before and after is not half saved. `looks`: with the access log.

    As PostgreSQL writes a row, and in one statement: it is asked hundreds of times.
    """
    tables = {m._meta.db_table for m in apps.get_models(include_auto_created=True) if looks or m is not AccessLog}
    found: dict[str, list[str]] = {table: [] for table in sorted(tables)}
    with connection.cursor() as cursor:
        asked = (f"SELECT '{table}', each::text FROM {table} AS each" for table in found)  # noqa: S608
        cursor.execute(" UNION ALL ".join(asked))
        for table, row in cursor.fetchall():
            found[table].append(row)
    return {table: sorted(rows) for table, rows in found.items()}
