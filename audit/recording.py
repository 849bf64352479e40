"""The two ways in: `record` an act, `record_access` for a look. Both need a transaction that is under way."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

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


def _must_be_in_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("Put the act and its audit event into one transaction.atomic() block.")
