"""The health check has an answer whatever is broken, and tells nobody how it broke."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.db import OperationalError, connection
from django.test import Client

from deadlines.clock import now
from diary.models import Heartbeat, Waker
from diary.sweep import dates_checked, sweep, worker_is_working

pytestmark = pytest.mark.django_db


def test_a_heartbeat_from_before_a_wrong_clock_was_set_back_proves_nothing() -> None:
    Heartbeat.objects.create(waker=Waker.COMMAND, succeeded_at=now() + timedelta(days=365))
    Heartbeat.objects.create(waker=Waker.BEAT, succeeded_at=now() + timedelta(days=365))
    assert dates_checked().stale
    assert not worker_is_working()
    at = sweep(woken_by=Waker.BEAT)
    assert dates_checked()[:2] == (at, False)
    assert worker_is_working()


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "redis://host:port/", "no-such-thing://", "socket"])
def test_an_address_at_which_there_is_no_broker_is_a_failing_broker(
    client: Client, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    sweep(woken_by=Waker.BEAT)
    monkeypatch.setattr(current_app.conf, "broker_read_url", address)
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json() | {"last_sweep_at": None} == {
        "status": "failing",
        "database": "ok",
        "broker": "failing",
        "worker": "ok",
        "last_sweep_at": None,
    }


def test_a_database_that_was_not_brought_up_to_date_is_a_failing_database(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE diary_heartbeat RENAME TO elsewhere")
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["worker"]) == ("failing", "unknown")
    assert "heartbeat" not in answer.content.decode()


def test_a_database_that_is_away_is_told_without_its_words(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError('connection to "db.internal" failed: password of "cait"')

    monkeypatch.setattr("workbench.health.dates_checked", away)
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["database"] == "failing"
    assert "internal" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


def test_whoever_asks_all_the_time_does_not_fill_the_log(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_read_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr("workbench.health._logged_at", {})
    for _ in range(3):
        client.get("/health/")
    assert [r.getMessage() for r in caplog.records] == ["The broker does not answer: OperationalError"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_only_answers_questions(client: Client, method: str) -> None:
    assert getattr(client, method)("/health/").status_code == 405
