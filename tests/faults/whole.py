"""What must be so after every fault, worked out apart from the program, in plain SQL over the tables."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.management import call_command
from django.db import connection

from diary.queries import trouble
from tests.faults.parts import number, rows, the_time
from tests.integration.diary.mail_server import MailServer

# Of each open watched duty the steps that have fallen, against those that were told: in order, so that one told twice
# is seen too.
TOLD = """
SELECT duty.id, fallen.numbers, told.numbers
FROM diary_duty AS duty
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(step.number ORDER BY step.number), '{}') AS numbers
    FROM (VALUES (1, 0), (2, 24), (3, 72), (4, 336)) AS step (number, after)
    WHERE duty.late_from + step.after * interval '1 hour' <= %s
) AS fallen
LEFT JOIN (
    SELECT duty_id, array_agg(number::int ORDER BY number) AS numbers
    FROM diary_notice WHERE kind = 'late' GROUP BY duty_id
) AS told ON told.duty_id = duty.id
WHERE duty.state = 'open' AND NOT duty.from_before AND fallen.numbers <> coalesce(told.numbers, '{}')
    AND duty.id <> ALL (%s)
ORDER BY duty.id LIMIT 10
"""
UNWATCHED = """
SELECT id FROM diary_duty AS duty WHERE state = 'open' AND NOT from_before
    AND NOT EXISTS (SELECT FROM diary_watch WHERE duty_id = duty.id) LIMIT 10
"""
CHASED = """
SELECT duty.id, fallen.numbers, raised.numbers
FROM diary_chase AS chase
JOIN diary_duty AS duty ON duty.id = chase.duty_id
CROSS JOIN LATERAL (
    SELECT array_agg(number ORDER BY number) AS numbers
    FROM generate_series(0, greatest(0, floor(
        ((%s AT TIME ZONE 'Europe/London')::date - chase.started_on - chase.first_after)::numeric / chase.apart
    )::int + 1)) AS number
) AS fallen
LEFT JOIN (
    SELECT duty_id, array_agg(number ORDER BY number) AS numbers FROM diary_step GROUP BY duty_id
) AS raised ON raised.duty_id = duty.id
WHERE duty.state = 'open' AND chase.state IN ('running', 'set_aside')
    AND fallen.numbers <> coalesce(raised.numbers, '{}') AND duty.id <> ALL (%s)
ORDER BY duty.id LIMIT 10
"""
AFTER_THE_END = """
SELECT duty.id, duty.kind, duty.ended_at, raised.at FROM diary_duty AS duty
JOIN (
    SELECT duty_id, raised_at AS at FROM diary_notice WHERE kind = 'late'
    UNION ALL SELECT duty_id, raised_at FROM diary_step
    UNION ALL SELECT step.duty_id, mail.sent_at FROM diary_mail AS mail
        JOIN diary_step AS step ON step.id = mail.step_id WHERE mail.state = 'sent'
) AS raised ON raised.duty_id = duty.id
WHERE duty.ended_at IS NOT NULL AND raised.at > duty.ended_at AND duty.id <> ALL (%s) LIMIT 10
"""
SET_ASIDE = """
SELECT duty_id FROM diary_chase WHERE state = 'set_aside'
UNION SELECT duty_id FROM diary_watch WHERE set_aside_at IS NOT NULL ORDER BY 1
"""
SENT = """
SELECT message_id FROM diary_mail WHERE state = 'sent'
UNION ALL SELECT message_id FROM diary_digest WHERE state = 'sent'
"""


def what_fell_is_raised(
    fallen_by: datetime | None = None, but: Collection[int] = (), raced: Collection[int] = ()
) -> None:
    """Every step of lateness and every chase that has fallen is there once, and no other; of what has ended nothing
    after its end. `fallen_by`: now, unless a clock was further on before. `but`: duties with a poison that lasts.
    `raced`: those whose end the test itself has watched."""
    by: Any = fallen_by or the_time()
    aside = list(but)
    assert rows(TOLD, by, aside) == []
    assert rows(CHASED, by, aside) == []
    assert rows(UNWATCHED) == []
    assert rows(AFTER_THE_END, list(raced)) == []
    assert [duty for (duty,) in rows(SET_ASIDE)] == sorted(but)


def no_email_came_twice(sink: MailServer, *, crashed_between: Collection[str] = ()) -> None:
    """By its Message-ID. `crashed_between`: those delivered just before a crash that undid what was written of it:
    they may come twice, with one and the same Message-ID, and a mail program shows one."""
    arrived = Counter(str(message["Message-ID"]) for message in sink.received)
    assert {which for which, times in arrived.items() if times > 1} <= set(crashed_between)
    sent = {which for (which,) in rows(SENT)}
    assert sent <= set(arrived), "CAIT says that it has gone, and it has not"
    assert set(arrived) <= sent | set(crashed_between), "it has gone, and CAIT does not say so"


def check_duties() -> str:
    """What `manage.py check_duties` says; fails where anything is wrong."""
    out = io.StringIO()
    try:
        call_command("check_duties", stdout=out)
    except SystemExit:
        raise AssertionError(out.getvalue()) from None
    finally:
        connection.close()
    return out.getvalue()


def all_is_as_it_should_be(
    sink: MailServer | None = None,
    *,
    fallen_by: datetime | None = None,
    poison: Collection[int] = (),
    raced: Collection[int] = (),
    crashed_between: Collection[str] = (),
) -> None:
    """Nothing is lost, nothing is there twice, and the pages do not say that dates go unchecked."""
    what_fell_is_raised(fallen_by, poison, raced)
    if sink is not None:
        no_email_came_twice(sink, crashed_between=crashed_between)
    fresh = "SELECT count(*) FROM diary_heartbeat WHERE abs(extract(epoch FROM cait_now() - succeeded_at)) <= 600"
    assert number(fresh) >= 1, "no sweep succeeded in the last ten minutes"
    said = trouble(None, now=the_time())
    chases = "SELECT count(*) FROM diary_chase WHERE state = 'set_aside'"
    assert said.set_aside == number(chases)
    assert said.delayed == 0
    assert "Every duty is there" in check_duties()
