"""A diary that has stopped is seen: by the health check, on every page, by the one clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from deadlines.clock import now
from diary.models import Heartbeat, Waker
from diary.sweep import STALE_AFTER, dates_checked, sweep
from diary.tasks import sweep as sweep_task
from team.enums import Role
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db


def move_time(by: timedelta) -> None:
    """For everybody who asks the database, until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE AS "
            f"$$ SELECT now() + interval '{by.total_seconds()} seconds' $$"
        )


def test_before_the_first_sweep_dates_have_never_been_checked() -> None:
    checked = dates_checked()
    assert checked.at is None
    assert checked.stale


def test_each_waker_keeps_its_own_heartbeat() -> None:
    call_command("sweep")
    sweep_task()
    assert set(Heartbeat.objects.values_list("waker", flat=True)) == {Waker.COMMAND, Waker.BEAT}
    sweep_task()
    assert Heartbeat.objects.count() == 2


@pytest.mark.parametrize(("late", "stale"), [(timedelta(), False), (timedelta(seconds=1), True)])
def test_dates_are_stale_after_ten_minutes_and_not_before(late: timedelta, stale: bool) -> None:
    at = sweep(woken_by=Waker.COMMAND)
    move_time(STALE_AFTER + late)
    assert (dates_checked().at, dates_checked().stale) == (at, stale)


def test_every_page_says_so_when_due_dates_are_not_checked(client: Client) -> None:
    client.force_login(an_officer(Role.SUPERVISOR))
    page = reverse("workbench:today")
    assert "have never been checked" in client.get(page).content.decode()
    sweep(woken_by=Waker.BEAT)
    fresh = client.get(page).content.decode()
    assert "checked since" not in fresh
    assert "Due dates last checked today at" in fresh
    move_time(timedelta(minutes=11))
    assert "Due dates were last checked" in client.get(page).content.decode()


def test_health_is_the_whole_chain(client: Client) -> None:
    """A sweep by hand keeps due dates fresh, but says nothing of the worker."""
    sweep(woken_by=Waker.COMMAND)
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "failing"
    assert answer.json()["last_sweep_at"]

    sweep(woken_by=Waker.BEAT)
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "worker": "ok",
        "last_sweep_at": Heartbeat.objects.get(waker=Waker.BEAT).succeeded_at.isoformat(),
    }
    assert answer["Cache-Control"].startswith("max-age=0")

    move_time(timedelta(minutes=11))
    assert client.get("/health/").status_code == 503


def test_health_fails_without_a_broker_and_does_not_break(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(woken_by=Waker.BEAT)
    monkeypatch.setattr(current_app.conf, "broker_read_url", "redis://127.0.0.1:1/0")
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["broker"] == "failing"
    assert answer.json()["database"] == "ok"


def test_health_only_answers_questions(client: Client) -> None:
    assert client.post("/health/").status_code == 405


def test_a_sweep_that_fails_leaves_the_old_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    first = sweep(woken_by=Waker.BEAT)
    move_time(timedelta(minutes=1))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE diary_heartbeat ADD CONSTRAINT frozen CHECK (succeeded_at <= now())")
    with pytest.raises(Exception, match="frozen"):
        sweep(woken_by=Waker.BEAT)
    assert Heartbeat.objects.get().succeeded_at == first
    assert first <= now()
