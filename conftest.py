"""Once for a whole test run: the embedded servers, up before any worker asks for them; and what is begun first."""

import contextlib
import gc
import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest

_servers = contextlib.ExitStack()

# Tests of one group run on one worker, one after the other. Those that take longest begin first: one that began late
# would keep its worker busy long after the others have finished. pytest-xdist is told to take groups as they come
# (`--no-loadscope-reorder`), because the number of their tests does not say how long they take.
LONGEST_FIRST = ("servers", "pages", "journeys", "doors", "demonstration", "imap", "migrations")


# Of what a test makes little refers to itself. With Python's own 700, a fortieth of the time of the tests went into
# looking for what does, and half of that of the migrations, which make much that stays.
MADE_BETWEEN_LOOKS = 50_000


def pytest_configure(config: pytest.Config) -> None:
    from tests.shared import check_what_is_put_together_once, keep_connected, keep_managers_of_history

    gc.set_threshold(MADE_BETWEEN_LOOKS, 20, 20)
    keep_connected()
    keep_managers_of_history()
    check_what_is_put_together_once()
    if hasattr(config, "workerinput"):
        return  # a worker of pytest-xdist: the process that started it has the servers up
    from django.conf import settings

    from cait import embedded

    _keep_what_is_compiled(str(settings.BASE_DIR / "build" / "compiled"))
    _servers.callback(shutil.rmtree, settings.DATA, ignore_errors=True)  # last, when the servers are down
    _servers.enter_context(embedded.running(settings.DATA, throwaway=True))


def _keep_what_is_compiled(where: str) -> None:
    """With all else that is made, and for the next run as well, where Python is told to keep nothing beside its
    sources: the tests start programs by the hundred, and each would spend more time on compiling all that it imports
    than on its work; and each worker half a minute on that of the tests."""
    if sys.dont_write_bytecode:
        sys.dont_write_bytecode, sys.pycache_prefix = False, where
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = where


def pytest_itemcollected(item: pytest.Item) -> None:
    """What the tests of a module share is built on one worker alone."""
    if "shared" in getattr(item, "fixturenames", ()) and item.get_closest_marker("xdist_group") is None:
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)  # keeps the order of the tests of one group


def _turn(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    return LONGEST_FIRST.index(group.args[0]) if group and group.args[0] in LONGEST_FIRST else len(LONGEST_FIRST)


def pytest_collection_finish() -> None:
    """Thousands of tests, once collected, stay until the end: not to be looked through again with all rubbish."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """What the tests of a module build once: see `tests/shared.py`."""
    from tests.shared import shared_transaction

    with django_db_blocker.unblock(), shared_transaction() as it:
        yield it


def pytest_unconfigure(config: pytest.Config) -> None:
    _servers.close()
