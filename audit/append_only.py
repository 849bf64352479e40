"""Tables whose rows are only ever added. For migrations: the trigger by which the database refuses everything else.

FOR EACH STATEMENT, so that a statement which finds no row is refused too. Not django-pgtrigger: its protection can be
switched off from Python and does not see TRUNCATE. See docs/adr/0006-append-only-audit.md.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

REFUSE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are only ever added; % is refused.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""


def refuse_change() -> migrations.RunSQL:
    """The function of the trigger; once, in audit's first migration."""
    return migrations.RunSQL(REFUSE, "DROP FUNCTION audit_refuse_change()")


def only_added(table: str) -> migrations.RunSQL:
    """From this migration on, the table's rows can be added and neither changed nor deleted."""
    put_on: list[str | tuple[str, Any]] = [
        f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()",
        # ALWAYS: also for a session that says it is a replica.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_added",
    ]
    return migrations.RunSQL(put_on, f"DROP TRIGGER only_added ON {table}")
