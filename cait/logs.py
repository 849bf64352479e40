"""Logs without people in them.

An exception's message can hold what somebody typed or what a row holds ("Key (family_name)=(…) already exists"), so
only its type and the places it passed through are written. What was done and seen is kept by audit/, not here.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutMessages(logging.Formatter):
    """Writes a traceback's places and types, and no exception's message."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # where another formatter has left what it wrote
        return super().format(record)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802  logging's name
        lines: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            places = traceback.extract_tb(error.__traceback__)
            lines += [f"  {p.filename}:{p.lineno} in {p.name}" for p in places]
            lines.append(f"{type(error).__module__}.{type(error).__qualname__} (its message is not logged)")
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


class RefusalsWithoutAddresses(logging.Filter):
    """An address or a host that is refused is whatever somebody typed; that one was refused says enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args, record.exc_info = "A request was refused.", (), None
        return True


class RequestsWithoutAddresses(logging.Filter):
    """Django's line about a request that failed names its address; where it failed stands in the places below."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "A request failed.", ()
        return True


class TaskFailuresWithoutMessages(logging.Filter):
    """Celery puts the exception's words into the line itself; the type says enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, dict) and "exc" in record.args:
            error = record.exc_info[0] if record.exc_info else None
            record.args = {**record.args, "exc": error.__name__ if error else "", "traceback": ""}
        return True
