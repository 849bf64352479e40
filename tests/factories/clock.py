"""The one clock, moved for a test."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def move_time_to(there: datetime) -> None:
    """For everybody who asks the database, until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE "
            f"AS $$SELECT timestamptz '{there.isoformat()}'$$"
        )
