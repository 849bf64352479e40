"""A real mail server on this machine, as a borough has one: it keeps what arrives, and refuses what it is told to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as as_modern
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HERE = "127.0.0.1"


class MailServer:
    """What arrived is in `received`, in its order. To the addresses it `refuses` nothing is delivered; at those it
    `hangs_up_on` it says so and ends the connection; at those it `drops` it ends it without a word."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.refuses: set[str] = set()
        self.hangs_up_on: set[str] = set()
        self.drops: set[str] = set()
        self.port = a_free_port()
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self, hostname=HERE, port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def addresses(self) -> list[str]:
        """To whom something arrived, in its order."""
        return [str(message["To"]) for message in self.received]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if address in self.hangs_up_on:
            asyncio.get_running_loop().call_later(0.05, _end, server)  # when it has been said
            return "421 Not now, closing the connection"
        if address in self.drops:
            _end(server)
            return "421 Nobody hears this"
        if address in self.refuses:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content or b"", policy=as_modern)  # type: ignore[arg-type]
        self.received.append(message)
        return "250 Taken"


def _end(server: SMTP) -> None:
    """End a connection at once, whatever was still to be said on it."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running_mail_server(settings: Any) -> Iterator[MailServer]:
    """Within it CAIT sends by a server that runs; `settings` is the fixture of that name."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HERE, server.port
    settings.EMAIL_USE_TLS = False
    server.start()
    try:
        yield server
    finally:
        server.stop()
