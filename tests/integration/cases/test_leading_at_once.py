"""What is done at once to records of one child leaves one lead record, and one review."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from cases import actions
from cases.enums import Part, State
from cases.leading import leaders
from cases.models import Case, Closure
from deadlines import clock
from diary.checking import findings
from diary.models import Duty, DutyState
from referrals.actions import log_referral
from tests.factories.assessing import assessed
from tests.factories.deciding import a_decided_case, a_decision, asked_to_close
from tests.factories.referrals import as_received
from tests.factories.team import a_team
from tests.integration.cases.leads import (
    a_sergeant,
    another_of,
    by_cait,
    choose,
    known,
    reopened,
    reviews,
    two_assessed,
)


def at_once(*acts: Callable[[], Any]) -> list[BaseException | None]:
    """What each of some acts raised, all begun in the same moment on connections of their own."""
    start = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> BaseException | None:
        try:
            start.wait(30)
            act()
        except Exception as raised:
            return raised
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


@pytest.mark.django_db(transaction=True)
def test_two_linked_records_are_closed_and_opened_again_at_once_without_a_deadlock() -> None:
    first, second, child = two_assessed()
    third = another_of(child)
    assessed(third)
    sergeant = a_sergeant()
    for _ in range(3):
        asked: list[Closure] = [asked_to_close(each) for each in (second, first)]
        done = at_once(*(lambda each=each: actions.agree_closure(each, by=sergeant) for each in asked))
        assert done == [None, None]
        assert reviews(first, second, third) == [0, 0, 1]
        assert at_once(lambda: reopened(second), lambda: reopened(first)) == [None, None]
        assert reviews(first, second, third) == [1, 0, 0]
        for each in (first, second):  # opened again, it is decided again
            a_decision(each)


@pytest.mark.django_db(transaction=True)
def test_whatever_is_done_at_once_to_linked_records_leaves_one_review() -> None:
    first, second, child = two_assessed()
    other = a_decided_case()
    assessed(other)
    closure, sergeant = asked_to_close(first), a_sergeant()
    said = as_received(children=[known(child)])
    done = at_once(
        lambda: actions.agree_closure(closure, by=sergeant),
        lambda: choose(second, child),
        lambda: actions.add_person(other, part=Part.CHILD, said=known(child), on=clock.today(), by=by_cait()),
        lambda: log_referral(a_team(), **said, by=by_cait()),
    )
    # Whoever chose after the closure and before anything else came was told that there is no other record.
    assert [each for each in done if not (each is None or isinstance(each, ValidationError))] == []
    records = Case.objects.filter(parts__person=child, state=State.OPEN).order_by("pk")
    assert findings([case.pk for case in records]) == []
    led = leaders([case.pk for case in records])
    assert len({each.pk for theirs in led.values() for each in theirs}) == 1
    assert not Duty.objects.filter(case=first, state=DutyState.OPEN).exists()
