"""Many things that are tried in one test, each from the same state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.shared import undone

Wrong = dict[str, str]


@contextmanager
def tried(wrong: Wrong, *what: object) -> Iterator[None]:
    """What is done within is undone; what is not as it should be stands in `wrong` by what was tried, and the test
    goes on to the next."""
    try:
        with undone():
            yield
    except (AssertionError, pytest.fail.Exception) as said:
        wrong[", ".join(repr(each)[:60] for each in what)] = str(said)
