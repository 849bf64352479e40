"""What is due stands in the database: the broker may lose all it holds, and be away."""

from __future__ import annotations

import contextlib

from django.test import Client

from tests.faults.middle import has_swept, hit_in_the_middle
from tests.faults.parts import (
    SWEEP,
    Programs,
    broker,
    forget_what_valkey_held,
    kill_valkey,
    recovered,
    start_servers,
    waiting_tasks,
    wake,
)
from tests.faults.whole import all_is_as_it_should_be
from tests.integration.cait.processes import eventually
from tests.integration.diary.mail_server import MailServer


def test_03_the_broker_forgets_everything(many: str, programs: Programs, sink: MailServer) -> None:
    with hit_in_the_middle(programs) as (worker, gate):
        for _ in range(5):  # more than the worker's other child takes at once
            wake(SWEEP)
        with contextlib.closing(broker()) as valkey:
            valkey.flushall()
            assert valkey.dbsize() == 0
        gate.open()
        eventually(has_swept)
    assert waiting_tasks() == []
    recovered()
    assert worker.is_running()
    all_is_as_it_should_be(sink)


def test_04_the_broker_goes_down_and_comes_back_empty(
    many: str, programs: Programs, sink: MailServer, client: Client
) -> None:
    """The sweep that is under way goes on without it, and the worker connects again by itself."""
    with hit_in_the_middle(programs) as (worker, gate):
        kill_valkey()
        gate.open()
        eventually(has_swept)
        assert client.get("/health/").json()["broker"] == "failing"
        # It cannot say to the broker that it is done; it does not end over that.
        eventually(lambda: "Connection to broker lost" in worker.said())
    forget_what_valkey_held()
    start_servers()
    with contextlib.closing(broker()) as valkey:
        assert valkey.llen("celery") == 0
    recovered()
    assert worker.is_running()
    assert client.get("/health/").status_code == 200
    all_is_as_it_should_be(sink)
