"""The two logs are only ever added to, and only together with what they record."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from audit.events import Event
from audit.models import AccessLog, AuditEvent
from audit.recording import NotInTransaction, record, record_access
from team.models import User
from tests.factories.team import a_user

LOGS = [AuditEvent, AccessLog]
Log = type[AuditEvent] | type[AccessLog]


@pytest.mark.django_db
@pytest.mark.parametrize("model", LOGS)
@pytest.mark.parametrize("rows", ["one", "none"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET team_id = 1", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_or_delete(model: Log, rows: str, statement: str) -> None:
    if rows == "one":
        record_access(User, by=a_user())
    table = model._meta.db_table
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.django_db
@pytest.mark.parametrize("model", LOGS)
def test_calling_itself_a_replica_helps_nobody(model: Log) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608  a table of ours


@pytest.mark.django_db
@pytest.mark.parametrize("model", LOGS)
def test_so_it_does_through_the_models(model: Log) -> None:
    user = a_user()
    record_access(user, by=user)
    row = model._default_manager.latest("pk")
    row.team_id = 5
    for change in (row.save, row.delete, model._default_manager.all().delete):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction() -> None:
    user = a_user()
    with pytest.raises(NotInTransaction):
        record(Event.ACCOUNT_ADDED, by=user, on=user)
    with pytest.raises(NotInTransaction):
        record_access(user, by=user)


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_leaves_no_event() -> None:
    user = a_user()
    before = AuditEvent.objects.count()
    with transaction.atomic():
        record(Event.ACCOUNT_CHANGED, by=user, on=user)
        transaction.set_rollback(True)
    assert AuditEvent.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_where_the_log_cannot_be_written_nothing_is_done() -> None:
    from team.actions import close_account

    user = a_user()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent RENAME TO audit_auditevent_away")
    try:
        with pytest.raises(DatabaseError):
            close_account(user, by=User.objects.system())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_auditevent_away RENAME TO audit_auditevent")
    user.refresh_from_db()
    assert user.is_active
