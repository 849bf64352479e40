"""The two ways in: `record` an act, `record_access` for a look. Both need a transaction that is under way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, models, transaction

from audit.events import Event, Look
from audit.models import AccessLog, AuditEvent, named


class NotInTransaction(RuntimeError):
    """An act or a look was to be recorded outside a transaction, so it could be lost while the act stood."""


def record(
    event: Event,
    *,
    by: models.Model | None,
    on: models.Model | type[models.Model] | None = None,
    case_id: int | None = None,
    team_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one audit event in the caller's transaction: no log, no act.

    `by` is the user who acts, None only where nobody is signed in. `detail` holds ids, codes and dates; never a
    name or words from a record. Raises NotInTransaction.
    """
    _must_be_in_transaction()
    return AuditEvent.objects.create(
        event=event,
        by_id=by.pk if by is not None else None,
        case_id=case_id,
        team_id=team_id,
        detail=detail or {},
        **named(on),
    )


def record_many(
    event: Event, *, by: models.Model, about: type[models.Model], team_id: int, rows: Iterable[tuple[int, int, Any]]
) -> None:
    """As `record`, of very many acts of one kind at once. `rows`: of each the id of the object that it is about,
    of the record, and the detail."""
    _must_be_in_transaction()
    columns = "event, by_id, team_id, object_type, object_id, case_id, detail, at"
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute("SELECT cait_moment()")
        at = cursor.fetchone()[0]
        with cursor.copy(f"COPY {AuditEvent._meta.db_table} ({columns}) FROM STDIN") as copy:
            for object_id, case_id, detail in rows:
                copy.write_row(
                    (event, by.pk, team_id, about._meta.label_lower, object_id, case_id, json.dumps(detail), at)
                )


def record_access(
    on: models.Model | type[models.Model],
    *,
    by: models.Model,
    how: Look = Look.PAGE,
    case_id: int | None = None,
    team_id: int | None = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> AccessLog:
    """Write that `by` looked at `on` (an object, or a model for a list) in the caller's transaction: no log, no view.

    `reason` is what the person gave where one is asked for; `detail` holds ids, codes and dates, as with `record`.
    Section 62 of the Data Protection Act 2018 asks for every consultation. Raises NotInTransaction.
    """
    _must_be_in_transaction()
    return AccessLog.objects.create(
        by_id=by.pk, how=how, case_id=case_id, team_id=team_id, reason=reason, detail=detail or {}, **named(on)
    )


def record_access_to_each(
    them: Iterable[models.Model], *, by: models.Model, how: Look = Look.PAGE, detail: dict[str, Any] | None = None
) -> None:
    """As `record_access`, of several records at once, of which each is looked at. One statement."""
    _must_be_in_transaction()
    AccessLog.objects.bulk_create(
        AccessLog(by_id=by.pk, how=how, case_id=each.pk, team_id=each.team_id, detail=detail or {}, **named(each))  # type: ignore[attr-defined]
        for each in them
    )


def _must_be_in_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("Put the act and its audit event into one transaction.atomic() block.")
