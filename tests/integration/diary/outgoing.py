"""What became of an email, and what the record says of it."""

from __future__ import annotations

import time

from django.db import connection

from audit.events import Event
from audit.models import AuditEvent
from cases.enums import Kind
from cases.models import Entry
from diary.models import Duty, Mail, Rung
from tests.factories.team import a_team

FIRST, SECOND = "step1@borough.example", "step2@borough.example"


def mail_of(duty: Duty, step: int = 0) -> Mail:
    return Mail.objects.get(step__duty=duty, step__number=step)


def told(duty: Duty) -> list[str]:
    """What the chronology says was written to others."""
    rows = Entry.objects.filter(case=duty.case, kind=Kind.SHARED).order_by("pk")
    return list(rows.values_list("title", flat=True))


def recorded(duty: Duty) -> list[str]:
    acts = [Event.UPDATE_ASKED, Event.PARTNER_CHASED]
    rows = AuditEvent.objects.filter(case_id=duty.case_id, event__in=acts).order_by("pk")
    return list(rows.values_list("event", flat=True))


def the_rung(number: int) -> Rung:
    return Rung.objects.get(number=number, team=a_team(), ended_at=None)


WAIT_FOR_US = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
SECONDS = 30


def until_somebody_waits_for_us() -> None:
    """Until another connection cannot go on before the transaction of this one is over."""
    before = time.monotonic()
    while time.monotonic() - before < SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(WAIT_FOR_US)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("Nobody waits.")
