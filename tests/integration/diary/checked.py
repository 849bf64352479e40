"""What is wrong with the duties of a record, and how it can come to be wrong."""

from __future__ import annotations

from typing import Any

from django.db import connection

from cases.models import Case
from diary.checking import findings_of
from diary.models import Duty, DutyState
from team.models import User


def wrong(case: Case) -> list[tuple[str, str]]:
    return [(finding.wrong.value, finding.kind) for finding in findings_of(case)]


def system() -> User:
    return User.objects.system()


def open_duty(case: Case, kind: str) -> Duty:
    return Duty.objects.get(case=case, kind=kind, state=DutyState.OPEN)


def change(case: Case, kind: str, **fields: Any) -> None:
    Duty.objects.filter(pk=open_duty(case, kind).pk).update(**fields)


def lose(case: Case, kind: str) -> None:
    """As a fault in the database, or of a program, could."""
    duty = open_duty(case, kind)
    with connection.cursor() as cursor:
        for table in ("diary_mail", "diary_step", "diary_chase", "diary_watch"):
            column = (
                "step_id IN (SELECT id FROM diary_step WHERE duty_id = %s)" if "mail" in table else "duty_id = %s"
            )
            cursor.execute(f"DELETE FROM {table} WHERE {column}", [duty.pk])  # noqa: S608
        cursor.execute("DELETE FROM diary_duty WHERE id = %s", [duty.pk])
