"""The worker's task, as beat or whoever chose a file wakes it."""

from __future__ import annotations

import pytest

from cait.celery import app
from old_logs import tasks, waking
from old_logs.actions import add_old_log, bring_in_old_log
from old_logs.enums import RowState, State
from old_logs.models import OldLog
from old_logs.queries import counts
from team.models import User
from tests.factories.old_logs import a_row, as_csv
from tests.factories.team import a_team

pytestmark = pytest.mark.django_db


def test_beat_wakes_tasks_that_there_are() -> None:
    app.loader.import_default_modules()
    woken = {each["task"] for each in app.conf.beat_schedule.values()}
    assert {"old_logs.tasks.work", "intake.tasks.keep_attachments"} <= woken
    assert woken <= set(app.tasks)


def test_a_woken_worker_reads_a_log_and_brings_it_in() -> None:
    by = User.objects.system()
    log = add_old_log(a_team(), name="log.csv", content=as_csv(a_row(), a_row()), by=by)
    tasks.work()
    assert OldLog.objects.get().state == State.READ
    bring_in_old_log(log, by=by)
    tasks.work()
    assert OldLog.objects.get().state == State.DONE
    assert counts(log)[RowState.BROUGHT_IN] == 2


def test_when_its_time_is_over_it_lets_others_in_and_is_woken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from old_logs import bringing

    by = User.objects.system()
    log = add_old_log(a_team(), name="log.csv", content=as_csv(a_row(), a_row(), a_row()), by=by)
    tasks.work()
    bring_in_old_log(log, by=by)
    woken: list[bool] = []
    monkeypatch.setattr(bringing, "BROUGHT_AT_A_TIME", 1)
    monkeypatch.setattr(tasks, "SECONDS_AT_A_TIME", 0)
    monkeypatch.setattr(waking, "wake_a_worker", lambda: woken.append(True))
    while OldLog.objects.get().state != State.DONE:
        before = len(woken)
        tasks.work()
        assert len(woken) <= before + 1
    assert len(woken) >= 2
    assert counts(log)[RowState.BROUGHT_IN] == 3
