"""PostgreSQL falls over in the middle of a batch, undoes it for another's sake, or refuses a row or the audit."""

from __future__ import annotations

import psycopg
import pytest
from django.test import Client

from diary.models import Duty
from diary.queries import trouble
from diary.sweep import dates_checked
from team.enums import Role
from tests.factories.team import an_officer
from tests.faults.middle import THEN, has_swept, hit_in_the_middle, some_but_not_all_are_told, told
from tests.faults.parts import (
    SWEEP,
    PostgresLog,
    Programs,
    break_table,
    connected,
    database,
    heal,
    heartbeat,
    mail_is_sent,
    number,
    postmaster,
    recovered,
    rows,
    run_sql,
    set_clock,
    start_servers,
    stop_postgres_at_once,
    swept_again,
    the_time,
    unfinished_messages,
    wake,
)
from tests.faults.whole import all_is_as_it_should_be, what_fell_is_raised
from tests.faults.world import BEGAN, DAY, MINUTE
from tests.integration.cait.processes import eventually
from tests.integration.diary.mail_server import MailServer


def test_07_postgresql_stops_at_once_in_the_middle_of_a_batch(
    many: str, programs: Programs, sink: MailServer
) -> None:
    before = postmaster()
    with hit_in_the_middle(programs) as (worker, _):
        kept = told()
        stop_postgres_at_once()
        start_servers()
        assert postmaster() != before
        # What was committed is there, what was not is not; nobody believes that dates were checked.
        assert told() == kept
        assert some_but_not_all_are_told()
        assert not has_swept()
    eventually(lambda: unfinished_messages() == 0)
    recovered()
    assert worker.is_running()
    all_is_as_it_should_be(sink)


def somebody_waits_for_a_lock() -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return number(waiting) > 0


def test_08_a_batch_cannot_be_serialized(few: str, programs: Programs, sink: MailServer) -> None:
    """Another transaction has changed its rows since it looked: it is simply run again, within the same sweep."""
    run_sql(f"ALTER DATABASE {database()} SET default_transaction_isolation = 'serializable'")
    set_clock(THEN)
    log = PostgresLog()
    programs.worker()
    with connected() as other:
        other.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        with other.transaction():
            other.execute("LOCK TABLE diary_watch IN EXCLUSIVE MODE")
            wake(SWEEP)
            eventually(somebody_waits_for_a_lock)
            changed = other.execute("UPDATE diary_watch SET told = told WHERE tell_at <= cait_now()")
            assert changed.rowcount > 10
    eventually(has_swept)
    assert log.has("could not serialize access")
    what_fell_is_raised()
    recovered()
    all_is_as_it_should_be(sink)


def test_08_a_batch_is_the_victim_of_a_deadlock(few: str, programs: Programs, sink: MailServer) -> None:
    run_sql(f"ALTER DATABASE {database()} SET deadlock_timeout = '3s'")
    set_clock(THEN)
    log = PostgresLog()
    programs.worker()
    duty = number("SELECT duty_id FROM diary_watch WHERE tell_at <= cait_now() ORDER BY tell_at LIMIT 1")
    with connected() as other, other.transaction():
        other.execute("SET LOCAL deadlock_timeout = '5min'")  # it is not the victim
        other.execute("SELECT FROM diary_duty WHERE id = %s FOR UPDATE", [duty])
        wake(SWEEP)
        eventually(somebody_waits_for_a_lock)
        other.execute("UPDATE diary_watch SET told = told WHERE duty_id = %s", [duty])
    eventually(lambda: log.has("deadlock detected"))
    eventually(has_swept)
    recovered()
    all_is_as_it_should_be(sink)


def test_13_one_row_is_poison(few: str, programs: Programs, sink: MailServer) -> None:
    """It is set aside where people see it, stops no other, is tried again each time, and heals."""
    worker = programs.worker()
    recovered()
    assert len(sink.received) > 0  # what was asked for when it was decided has gone
    triage = Duty.objects.filter(kind="triage", state="open").order_by("pk")[1].pk
    update = Duty.objects.filter(kind="update", state="open", held_at=None, chase__state="running").first()
    assert update is not None
    poison = [triage, update.pk]
    break_table("diary_notice", "fault_notice", f"NEW.duty_id = {triage} AND NEW.kind = 'late'")
    break_table("diary_step", "fault_step", f"NEW.duty_id = {update.pk}")
    set_clock(THEN)
    recovered()
    assert [duty for (duty,) in rows("SELECT duty_id FROM diary_watch WHERE set_aside_why <> ''")] == [triage]
    assert trouble(None, now=the_time()).set_aside == 1
    assert worker.said().count("cannot be checked") == 2
    what_fell_is_raised(but=poison)
    set_clock(THEN + DAY)
    recovered()
    assert number("SELECT count(*) FROM diary_notice WHERE kind = 'late' AND duty_id = %s", triage) == 0
    all_is_as_it_should_be(sink, poison=poison)
    assert worker.said().count("cannot be checked") == 2  # it is said once
    heal("diary_notice", "fault_notice")
    heal("diary_step", "fault_step")
    recovered()
    assert trouble(None, now=the_time()).set_aside == 0
    all_is_as_it_should_be(sink)


def test_14_the_audit_cannot_be_written(few: str, programs: Programs, sink: MailServer, client: Client) -> None:
    """No log, no act: nothing is raised, and ten minutes later the health check and every page say so."""
    falls = rows("SELECT min(tell_at) FROM diary_watch WHERE tell_at > %s", BEGAN + DAY)[0][0]
    set_clock(falls - 2 * MINUTE)
    worker = programs.worker()
    recovered()
    client.force_login(an_officer(Role.INSPECTOR))
    before, beat = told(), heartbeat()
    break_table("audit_auditevent", "fault_audit")
    set_clock(falls + 2 * MINUTE)
    wake(SWEEP)
    eventually(lambda: "NotRecorded" in worker.said())
    eventually(lambda: unfinished_messages() == 0)
    assert (told(), heartbeat()) == (before, beat)
    assert client.get("/health/").status_code == 200  # it may be a hiccup
    set_clock(falls + 9 * MINUTE)
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["worker"]) == (503, "failing")
    assert dates_checked().stale
    assert "Due dates were last checked" in client.get("/").content.decode()
    with pytest.raises(AssertionError):
        what_fell_is_raised()
    heal("audit_auditevent", "fault_audit")
    swept_again()
    mail_is_sent()
    assert told() > before
    assert client.get("/health/").status_code == 200
    assert "Due dates were last checked" not in client.get("/").content.decode()
    all_is_as_it_should_be(sink)
