"""The worker and beat are killed, doubled, stopped and misled."""

from __future__ import annotations

import contextlib
import os
import shelve
import signal
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.test import Client

from diary.sweep import dates_checked
from tests.faults.middle import THEN, has_swept, hit_in_the_middle, in_the_middle, some_but_not_all_are_told
from tests.faults.parts import (
    QUEUE,
    SEND,
    SWEEP,
    Program,
    Programs,
    broker,
    gate_before,
    heartbeat,
    mail_is_sent,
    move_clock,
    number,
    recovered,
    set_clock,
    swept_again,
    unfinished_messages,
    waiting_tasks,
    wake,
)
from tests.faults.whole import all_is_as_it_should_be, what_fell_is_raised
from tests.faults.world import DAY, HOUR, MADE
from tests.integration.cait.processes import eventually
from tests.integration.diary.mail_server import MailServer


def test_01_a_worker_s_child_is_killed_in_the_middle_of_a_sweep(
    many: str, programs: Programs, sink: MailServer
) -> None:
    """Its message is not lost with it: the worker does it again, and nobody wakes it."""
    with hit_in_the_middle(programs) as (worker, gate):
        children = worker.children()
        for child in children:
            os.kill(child, signal.SIGKILL)
        gate.open()
        eventually(has_swept)
    assert worker.is_running()
    assert not {*children} & {*worker.children()}
    recovered()
    all_is_as_it_should_be(sink)


def test_02_a_worker_is_killed_with_its_children_in_the_middle_of_a_sweep(
    many: str, programs: Programs, sink: MailServer
) -> None:
    """Another takes its place, as after every crash: its next wake-up finds what is left."""
    with hit_in_the_middle(programs) as (worker, gate):
        os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        worker.end()  # what its supervisor does with children that are left
        gate.open()
    assert some_but_not_all_are_told()
    assert not has_swept()
    programs.worker()
    recovered()
    all_is_as_it_should_be(sink)


def test_05_two_beats_and_the_second_waker_at_once(many: str, programs: Programs, sink: MailServer) -> None:
    set_clock(THEN - 9 * HOUR)  # in the night, before the second waker would begin the nightly check
    programs.beat()
    programs.beat()
    eventually(lambda: waiting_tasks().count(SWEEP) == 2)
    with gate_before(in_the_middle()) as gate:
        programs.worker()
        gate.wait()
        command = programs.command("sweep")
        # It passes over what the worker has in hand just now, and waits for nobody.
        assert command.process.wait(90) == 0, command.said()
        assert gate.is_waited_at()
        assert some_but_not_all_are_told()
        gate.open()
    recovered()
    all_is_as_it_should_be(sink)


def fifty_times(task: str) -> None:
    """The broker delivers one message of it again and again."""
    wake(task)
    with contextlib.closing(broker()) as valkey:
        (message,) = valkey.lrange(QUEUE, 0, -1)
        for _ in range(49):
            valkey.lpush(QUEUE, message)
    assert waiting_tasks() == [task] * 50


def test_06_one_message_is_delivered_fifty_times(few: str, programs: Programs, sink: MailServer) -> None:
    set_clock(THEN)
    fifty_times(SWEEP)
    worker = programs.worker()
    eventually(lambda: unfinished_messages() == 0)
    what_fell_is_raised()
    assert sink.received == []
    worker.end()
    fifty_times(SEND)
    programs.worker()
    eventually(lambda: unfinished_messages() == 0)
    sent = number("SELECT count(*) FROM diary_mail WHERE state = 'sent'")
    assert len(sink.received) > sent > 0  # and the daily emails
    recovered()
    all_is_as_it_should_be(sink)


def told_to_end(program: Program) -> None:
    program.process.send_signal(signal.SIGTERM)
    program.process.wait(60)


def has_woken(before: object) -> bool:
    return heartbeat() != before


def test_12_beat_s_file_is_rubbish_or_gone_or_there_is_none(
    few: str, programs: Programs, sink: MailServer, tmp_path: Path
) -> None:
    set_clock(THEN)
    file = tmp_path / "celerybeat-schedule"
    file.write_bytes(b"rubbish " * 4096)
    programs.worker()
    beat = programs.beat("--schedule", str(file))
    eventually(lambda: has_woken(None))
    told_to_end(beat)
    with shelve.open(str(file)) as kept:  # noqa: S301  # written by beat itself
        assert "sweep" in kept["entries"], "it has not made its file anew"
    for left in tmp_path.glob("celerybeat-schedule*"):
        left.unlink()
    before = heartbeat()
    beat = programs.beat("--schedule", str(file))
    eventually(lambda: has_woken(before))
    for left in tmp_path.glob("celerybeat-schedule*"):  # while it runs
        left.unlink()
    assert beat.is_running()
    told_to_end(beat)
    before = heartbeat()
    beat = programs.beat()  # as `make run` starts it
    eventually(lambda: has_woken(before))
    assert list(settings.BASE_DIR.glob("celerybeat-schedule*")) == []
    assert beat.is_running()
    recovered()
    all_is_as_it_should_be(sink)


@pytest.mark.parametrize("how", ["stopped", "listening elsewhere"])
def test_16_a_worker_is_connected_and_takes_nothing(
    few: str, programs: Programs, sink: MailServer, client: Client, how: str
) -> None:
    set_clock(MADE + 5 * DAY)
    worker = programs.worker()
    recovered()
    assert client.get("/health/").status_code == 200
    if how == "stopped":
        worker.signal_all(signal.SIGSTOP)
    else:
        worker.end()
        other = programs.worker("--queues", "elsewhere")
        eventually(lambda: current_app.control.ping(timeout=1))
        assert other.is_running()
    wake(SWEEP, SWEEP)
    move_clock(10 * DAY)
    assert dates_checked().stale
    command = programs.command("sweep")
    assert command.process.wait(90) == 0, command.said()
    # The second waker keeps the duties raised; that the worker does nothing is an alarm all the same.
    what_fell_is_raised()
    assert not dates_checked().stale
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["worker"], answer.json()["broker"]) == (503, "failing", "ok")
    # What the broker had put into the hand of the one that is stopped is lost where it does not come back.
    assert waiting_tasks() == [SWEEP] * (1 if how == "stopped" else 2)
    before = heartbeat()
    if how == "stopped":
        worker.signal_all(signal.SIGCONT)
    else:
        programs.worker()
    eventually(lambda: has_woken(before))  # by what has waited
    swept_again()
    mail_is_sent()
    assert client.get("/health/").status_code == 200
    all_is_as_it_should_be(sink)
