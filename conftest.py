"""Once for a whole test run: the embedded servers, up before any worker asks for them; and what is begun first."""

import contextlib
import gc
import os
import shutil
import sys

import pytest

_servers = contextlib.ExitStack()

# Tests of one group run on one worker, one after the other. Those that take longest begin first: one that began late
# would keep its worker busy long after the others have finished. pytest-xdist is told to take groups as they come
# (`--no-loadscope-reorder`), because the number of their tests does not say how long they take.
LONGEST_FIRST = ("servers", "pages", "journeys", "imap", "migrations")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return  # a worker of pytest-xdist: the process that started it has the servers up
    from django.conf import settings

    from cait import embedded

    _keep_what_is_compiled(str(settings.DATA / "compiled"))
    _servers.callback(shutil.rmtree, settings.DATA, ignore_errors=True)  # last, when the servers are down
    _servers.enter_context(embedded.running(settings.DATA, throwaway=True))


def _keep_what_is_compiled(where: str) -> None:
    """For the time of the run, where Python is told to keep nothing: the tests start programs by the hundred, and
    each would spend more time on compiling all that it imports than on its work."""
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = where


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


def pytest_unconfigure(config: pytest.Config) -> None:
    _servers.close()
