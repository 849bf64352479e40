"""What takes long to build is built once for all tests of a module, and each test works on its own copy of it.

A module says so with a fixture of its own:

    @pytest.fixture(scope="module")
    def built(shared: Shared) -> Case:
        return shared(a_ready_case)

    @pytest.fixture
    def case(built: Case) -> Case:
        return own(built)

The tests' transactions lie within the module's as savepoints: what a test does is undone before the next one, and
what was built when the module is over. So `clock.now()`, the beginning of the transaction, is the module's; and tests
that commit (`transaction=True`) cannot share anything, and stand in a module of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
T = TypeVar("T")


class Shared:
    """Builds within the module's transaction."""

    def __call__(self, build: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `build` makes. It is checked at once: what is left to check would be checked again in each test."""
        made = build(*args, **kwargs)
        connection.check_constraints()
        return made


@contextmanager
def shared_transaction() -> Iterator[Shared]:
    """Open until the last test of a module is over; nothing of it stays."""
    with transaction.atomic():
        yield Shared()
        transaction.set_rollback(True)


def own(built: T) -> T:
    """A copy of what was built, as it was then: what a test sets on it no other test sees."""
    return deepcopy(built)


def check_what_is_put_together_once() -> None:
    """Hold each statement that was put together once against the one that is put together for what it is asked
    about: whoever builds one in another way than `team/once.py` allows is told so by every test that asks it."""
    from team.once import Once

    Once.is_checked = True


def keep_connected() -> None:
    """Let the connection to the database live as long as the worker.

    Django closes it after every test: whatever comes next has to learn every table, index and function anew, which is
    a tenth of the time of most tests.
    """
    from django.test import TestCase

    def tear_down(cls: type[TestCase]) -> None:
        cls._rollback_atomics(cls.cls_atomics)  # type: ignore[attr-defined]
        super(TestCase, cls).tearDownClass()

    TestCase.tearDownClass = classmethod(tear_down)  # type: ignore[assignment,method-assign]


def keep_managers_of_history() -> None:
    """Let the class of a manager of history be made once.

    The library makes another one each time that somebody asks for `row.history`, which is at each save: that was a
    fiftieth of the time of most tests.
    """
    from simple_history.manager import HistoryDescriptor

    made = cache(lambda manager, queryset: manager.from_queryset(queryset))

    def get(self: HistoryDescriptor, instance: object, owner: object) -> object:
        return made(self.manager_class, self.queryset_class)(self.model, instance)

    HistoryDescriptor.__get__ = get


@contextmanager
def undone() -> Iterator[None]:
    """What is done within is undone: to try one thing after another from the same state.

    What only a commit would check is checked before, where nothing has failed.
    """
    with transaction.atomic():
        yield
        if not transaction.get_rollback():
            connection.check_constraints()
        transaction.set_rollback(True)
