"""Who writes on one record at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from cases import actions
from cases.enums import ActionState, Part
from cases.models import Action, Case, CasePerson
from deadlines import clock
from people.models import Person
from people.said import PersonSaid
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case, a_child
from tests.factories.team import an_officer

DAY = timedelta(days=1)


def a_constable() -> User:
    return an_officer(Role.INVESTIGATOR)


def by_cait() -> User:
    return User.objects.system()


def an_action(case: Case) -> Action:
    due_on = clock.today() + DAY
    return actions.add_action(case, what="Ring the school", owner=a_constable(), due_on=due_on, by=by_cait())


def the_child(case: Case) -> Person:
    return Person.objects.get(parts__case=case)


def on_record(case: Case) -> list[CasePerson]:
    return list(CasePerson.objects.filter(case=case, taken_off_at=None))


@pytest.mark.django_db(transaction=True)
def test_of_many_who_complete_one_action_at_once_the_first_does_and_the_others_read_who() -> None:
    case = a_case()
    action, officers = an_action(case), [a_constable() for _ in range(6)]
    entries, start, done, refused = case.entries.count(), threading.Barrier(6), [], []

    def complete(officer: User) -> None:
        try:
            start.wait(30)
            done.append(actions.complete_action(action, result=f"By {officer.username}", by=officer))
        except ValidationError as reason:
            refused.append(reason.messages[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(complete, officers))
    assert (len(done), len(refused)) == (1, 5)
    first = done[0].ended_by
    assert first is not None
    assert all(said.startswith(f"{first} recorded this action as done") for said in refused)
    assert all(said.endswith(f"“By {first.username}”") for said in refused)
    assert case.entries.count() == entries + 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_complete_and_cancel_an_action_at_once_one_is_refused() -> None:
    action, by, start = an_action(a_case()), a_constable(), threading.Barrier(2)

    def end(how: Callable[..., Action]) -> bool:
        try:
            start.wait(30)
            how(action, result="Ended", by=User.objects.get(pk=by.pk))
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(end, [actions.complete_action, actions.cancel_action]))
    assert sorted(ended) == [False, True]
    action.refresh_from_db()
    assert action.state == (ActionState.DONE if ended[0] else ActionState.CANCELLED)
    assert action.history.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_person_put_on_a_record_twice_at_once_is_there_once() -> None:
    case, person = a_case(), the_child(a_case())

    def add(_: int) -> bool:
        try:
            actions.add_person(
                case, part=Part.OTHER_CHILD, said=PersonSaid(same_as=person.pk), on=clock.today(), by=by_cait()
            )
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [False, False, False, True]
    assert len(on_record(case)) == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_children_taken_off_at_once_one_stays() -> None:
    case = a_case(children=[a_child("Rhys"), a_child("Ann")])
    start = threading.Barrier(2)

    def take_off(part: CasePerson) -> bool:
        try:
            start.wait(30)
            actions.take_person_off(part, reason="Wrong", by=by_cait())
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    by_cait()  # made before the two need it
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take_off, CasePerson.objects.filter(case=case))) == [False, True]
    assert len(on_record(case)) == 1
