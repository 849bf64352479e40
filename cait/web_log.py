"""The web server's own log, as careful as ours: gunicorn writes addresses and what could not be read."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from cait.logs import WithoutMessages


class WebServerAboutItself(logging.Filter):
    """gunicorn tells of its workers, and of requests with all that stands in them; of those, that there was one."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.getMessage().startswith(("Worker", "WORKER", "Handling signal", "Shutting down", "Connection")):
            record.msg, record.args = "A request could not be read or answered.", ()
        return True


class WebServerLogger(Logger):
    """gunicorn's log (its setting `logger_class`), without addresses, messages and what was typed."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        if handler := self._get_gunicorn_handler(self.error_log):
            handler.addFilter(WebServerAboutItself())
            handler.setFormatter(WithoutMessages("{asctime} {levelname} {name}: {message}", style="{"))
