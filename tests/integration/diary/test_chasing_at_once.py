"""Sweeps, answers and other sweeps at the same time: each chase is raised and written once, and none too many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from cases.models import Case
from deadlines import clock
from deadlines.ages import days_before
from deadlines.clock import LONDON
from diary import chasing
from diary.chasing import fallen_chases
from diary.models import Chase, ChaseState, Duty, Mail, MailState, StepState, Waker
from diary.sweep import sweep
from tests.factories.deciding import (
    a_decision,
    a_triaged_case,
    an_answer,
    judged,
)
from tests.integration.diary.chased import (
    DAY,
    HOUR,
    LADDER,
    SOCIAL_SERVICES,
    a_ladder,
    mails,
    steps,
    written,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def long_ago() -> datetime:
    """A moment by the real clock, 37 days ago: a clock that is moved in one transaction others do not see."""
    day = days_before(37, clock.today())
    return datetime(day.year, day.month, day.day, 12, 0, tzinfo=LONDON)


def decided_then(when: datetime) -> Duty:
    """A request of that day, and no sweep since."""
    case: Case = a_triaged_case(received_at=when - HOUR)
    a_decision(case, kind=SOCIAL_SERVICES, decided_at=when)
    duty = Duty.objects.get(case=case, kind="update")
    # As it was on that day, before anything had fallen.
    Mail.objects.filter(step__duty=duty).delete()
    duty.steps.filter(number__gt=0).delete()
    duty.steps.update(state=StepState.WAITING)
    Chase.objects.filter(duty=duty).update(raised=0, next_on=when.date() + 14 * DAY)
    with transaction.atomic():
        chasing.write(duty.steps.get().pk)
    return duty


def at_once(times: int, act: Any) -> list[Any]:
    def one(_: int) -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_sweeps_at_once_raise_and_write_everything_once(long_ago: datetime) -> None:
    a_ladder()
    made = [decided_then(long_ago) for _ in range(8)]
    at_once(4, lambda: sweep(woken_by=Waker.BEAT))
    sweep(woken_by=Waker.BEAT)
    for duty in made:
        assert [number for number, _ in steps(duty)] == [0, 1, 2, 3, 4]
        assert mails(duty) == [(0, LADDER[0], MailState.WITHDRAWN), written(4, LADDER[2])]
        assert duty.chase.raised == 4


def test_a_sweep_passes_over_what_another_has_in_hand(long_ago: datetime) -> None:
    a_ladder()
    held, free = decided_then(long_ago), decided_then(long_ago)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Chase.objects.select_for_update().get(duty=held)
        pool.submit(at_once, 1, lambda: fallen_chases().all()).result(timeout=10)
        assert [held.steps.count(), free.steps.count()] == [1, 5]
    fallen_chases().all()
    assert held.steps.count() == 5


def test_an_answer_and_sweeps_at_once_end_without_a_chase_to_send(long_ago: datetime) -> None:
    a_ladder()
    duty = decided_then(long_ago)

    with ThreadPoolExecutor(3) as pool:
        sweeps = [pool.submit(at_once, 1, lambda: sweep(woken_by=Waker.BEAT)) for _ in range(2)]
        answered = pool.submit(at_once, 1, lambda: judged(an_answer(duty.case)))
        for each in (*sweeps, answered):
            each.result()
    sweep(woken_by=Waker.BEAT)
    assert Chase.objects.get(duty=duty).state == ChaseState.ENDED
    assert not Mail.objects.filter(step__duty=duty, state=MailState.QUEUED).exists()
