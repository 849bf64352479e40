"""Starts the embedded servers once for a whole test run, before any worker asks for them."""

import contextlib
import shutil

import pytest

_servers = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return  # a worker of pytest-xdist: the process that started it has the servers up
    from django.conf import settings

    from cait import embedded

    _servers.callback(shutil.rmtree, settings.DATA, ignore_errors=True)  # last, when the servers are down
    _servers.enter_context(embedded.running(settings.DATA, throwaway=True))


def pytest_unconfigure(config: pytest.Config) -> None:
    _servers.close()
