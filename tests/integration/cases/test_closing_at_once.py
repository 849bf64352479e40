"""Who asks, answers and writes at once while a record ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from cases import actions
from cases.enums import ClosureState, Court, State
from cases.models import Case, Closure, Entry
from deadlines import clock
from team.enums import Role
from team.models import User
from tests.factories.deciding import (
    a_ready_case,
    asked_to_close,
)
from tests.factories.team import an_officer

OUTCOME = "Nobody was hurt; the school watches."


def a_constable() -> User:
    return an_officer(Role.INVESTIGATOR)


def a_sergeant() -> User:
    return an_officer(Role.SUPERVISOR)


def state_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_one_asks_and_the_others_read_who() -> None:
    case, officers, start = a_ready_case(), [a_constable() for _ in range(5)], threading.Barrier(5)

    def act(officer: User) -> str:
        try:
            start.wait(30)
            actions.ask_closure(case, outcome=OUTCOME, court=Court.NONE, by=officer)
        except ValidationError as reason:
            return str(reason.messages[0])
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(5) as pool:
        said = sorted(pool.map(act, officers))
    asked = Closure.objects.get()
    assert said[0] == ""
    assert all(each.startswith(f"{asked.asked_by} asked on ") for each in said[1:])


@pytest.mark.django_db(transaction=True)
def test_of_two_sergeants_who_answer_at_once_one_does_and_the_other_reads_who() -> None:
    for _ in range(3):
        closure, officers, start = asked_to_close(), [a_sergeant(), a_sergeant()], threading.Barrier(2)

        def act(
            officer: User,
            answer: Callable[..., Closure],
            closure: Closure = closure,
            start: threading.Barrier = start,
        ) -> str:
            try:
                start.wait(30)
                answer(closure, answer="So I think", by=officer)
            except ValidationError as reason:
                return str(reason.messages[0])
            finally:
                connection.close()
            return ""

        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(act, officers, [actions.agree_closure, actions.refuse_closure]))
        closure.refresh_from_db()
        first = 0 if closure.state == ClosureState.AGREED else 1
        assert closure.answered_by == officers[first]
        did = ["agreed to close", "did not agree to close"][first]
        assert said[first] == ""
        assert said[1 - first].startswith(f"{officers[first]} {did} this record on ")
        assert said[1 - first].endswith("“So I think”")
        assert state_of(closure.case) == [State.CLOSED, State.OPEN][first]
        assert Entry.objects.filter(case=closure.case, title__in=["Record closed", "Closure not agreed"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_action_added_while_a_record_is_closed_leaves_no_closed_record_with_an_action() -> None:
    for _ in range(3):
        closure, sergeant, owner, start = asked_to_close(), a_sergeant(), a_constable(), threading.Barrier(2)

        def close(closure: Closure = closure, by: User = sergeant, start: threading.Barrier = start) -> None:
            try:
                start.wait(30)
                actions.agree_closure(closure, by=by)
            except ValidationError:
                pass  # the action came first
            finally:
                connection.close()

        def add(closure: Closure = closure, owner: User = owner, start: threading.Barrier = start) -> None:
            try:
                start.wait(30)
                actions.add_action(closure.case, what="Visit", owner=owner, due_on=clock.today(), by=owner)
            except ValidationError:
                pass  # the record was closed first
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            for done in (pool.submit(close), pool.submit(add)):
                done.result()
        is_closed = state_of(closure.case) == State.CLOSED
        assert is_closed != closure.case.actions.exists()
