"""The post of the demonstration, on this machine alone: a real IMAP server with the teams' mailboxes, and what stands
for the world outside: an SMTP server that delivers what CAIT sends. Nothing leaves.

Mail lies in Maildir folders below the data folder: one for each team, and `outside` for everybody else. All may be
read by IMAP with the demonstration's password, as by any mail program.

`python -m workbench.post PORT FOLDER` is the SMTP server; the IMAP server is pymap. Plain Python, so that the
supervisor can start both without Django.
"""

from __future__ import annotations

import asyncio
import json
import mailbox
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.demonstration import MAILBOXES, PASSWORD

HERE = "127.0.0.1"
OUTSIDE = "outside"


def folder(data: Path) -> Path:
    """Where the mail of a data folder lies."""
    return data / "mail"


def ports(data: Path) -> dict[str, int]:
    """On which ports the two servers of a data folder listen: "imap" and "smtp"; empty before they were started."""
    try:
        known: dict[str, int] = json.loads((folder(data) / "ports.json").read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return known


def choose_ports(data: Path, chosen: dict[str, int]) -> None:
    """Write down on which ports they listen, for every program of CAIT to read."""
    prepare(folder(data))
    new = folder(data) / "ports.new"
    new.write_text(json.dumps(chosen))
    new.replace(folder(data) / "ports.json")  # whole or not at all: other programs read it


def imap_url(port: int, user: str) -> str:
    """The address at which a mailbox of the demonstration is read."""
    return f"imap://{user}:{quote(PASSWORD)}@{HERE}:{port}"


def imap_command(port: int, where: Path) -> list[str]:
    """How the IMAP server is started."""
    return ["pymap", "--host", HERE, "--port", str(port), "--no-tls", "maildir", "--concurrency", "2", str(where)]


def prepare(where: Path) -> None:
    """Make the folders and the accounts, where they are not there yet."""
    from pysasl.hashing import BuiltinHash  # the IMAP server's own way of keeping passwords

    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    users = [*MAILBOXES.values(), OUTSIDE]
    for user in users:
        mailbox.Maildir(where / user, create=True)
    if not (where / "pymap-etc-passwd").exists():
        # Everybody is told the password: a slow hash would keep nothing secret, and each pass over a mailbox waiting.
        hashed = BuiltinHash(rounds=1_000).hash(PASSWORD).replace(":", "\\:")
        (where / "pymap-etc-shadow").write_text("".join(f"{user}:{hashed}:::::::\r\n" for user in users))
        (where / "pymap-etc-passwd").write_text("".join(f"{user}:x::::{user}:\r\n" for user in users))


def deliver(where: Path, user: str, raw: bytes, *, at: datetime | None = None) -> None:
    """Put an email into a mailbox, as received at that moment; without one, now."""
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = mailbox.Maildir(where / user, create=True).add(raw)
    if at is not None:
        (file,) = (where / user / "new").glob(f"{key}*")
        os.utime(file, (at.timestamp(), at.timestamp()))


def received_outside(where: Path, *, most: int) -> list[tuple[str, EmailMessage, datetime]]:
    """What reached everybody outside, the latest first: its name, the email, and when."""
    found = []
    for file in (file for part in ("new", "cur") for file in (where / OUTSIDE / part).glob("*")):
        with suppress(FileNotFoundError):  # the IMAP server has just moved it: it is there the next time
            found.append((file.stat().st_mtime, file.name.partition(":")[0], _read(file)))
    found.sort(key=lambda each: each[:2], reverse=True)
    return [(name, message, datetime.fromtimestamp(at, UTC)) for at, name, message in found[:most]]


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=default)


def mailbox_of(address: str) -> str:
    """Whose mailbox an address is: a team's, or that of everybody outside."""
    return MAILBOXES.get(address.lower(), OUTSIDE)


class Outside:
    """What the SMTP server does with an email: it lies in the mailbox of whom it is for."""

    def __init__(self, where: Path) -> None:
        self.where = where

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        for user in {mailbox_of(address) for address in envelope.rcpt_tos}:
            deliver(self.where, user, envelope.content)
        return "250 OK"


async def _serve(port: int, where: Path) -> None:
    from aiosmtpd.smtp import SMTP

    handler = Outside(where)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, data_size_limit=50_000_000, hostname="outside.example"), HERE, port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
    except KeyboardInterrupt:
        sys.exit(0)
