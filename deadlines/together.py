"""Very many dates worked out at once: within `worked_out_together` the reference tables are read once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Read = TypeVar("Read")

_read: ContextVar[dict[Hashable, Any] | None] = ContextVar("read", default=None)


@contextmanager
def worked_out_together() -> Iterator[None]:
    """For one piece of work of some seconds: a limit or bank holiday that is changed meanwhile counts from the
    next."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def together() -> bool:
    """Whether dates are worked out together just now."""
    return _read.get() is not None


def read_once(key: Hashable, read: Callable[[], Read]) -> Read:
    """What was read, as long as the dates are worked out together; otherwise it is read each time."""
    kept = _read.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    found: Read = kept[key]
    return found
