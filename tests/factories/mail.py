"""Emails as mail programs write them, and the messages that CAIT keeps of them. Every name is invented."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Any

from intake.actions import settle_attachment, take_in
from intake.kinds_of_files import FileKind
from intake.models import Attachment, Message
from intake.receiving import mailbox_of
from team.models import Team, User
from tests.factories.team import a_team

_numbers = count(1)


def an_email(
    subject: str = "Referral - Calloway, Rhys (06.06.2003)",
    text: str = "Dear colleague,\n\nRhys CALLOWAY, DOB 06/06/2003, of 22 Tidewell House, London N17 0ZZ.\n",
    *,
    sender: str = "Gillian Teasdale <g.teasdale@fernley.example>",
    to: str = "cait.haringey@police.example",
    message_id: str = "",
    **headers: str,
) -> bytes:
    """The bytes of an email. `headers`: others, with _ for - in their names."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = message_id or f"<{next(_numbers)}@fernley.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def a_message(
    team: Team | None = None, *, raw: bytes | None = None, received_at: datetime | None = None, **said: Any
) -> Message:
    """An email that was taken in from a team's mailbox just now; `said` as in `an_email`."""
    mailbox = mailbox_of(team or a_team(), "cait at mail.example:993, INBOX")
    raw = an_email(**said) if raw is None else raw
    system = User.objects.system()
    message = take_in(mailbox, uid=mailbox.last_uid + 1, raw=raw, received_at=received_at, by=system)
    assert message is not None
    return message


def an_attachment(team: Team | None = None, content: bytes = b"Plain words.") -> Attachment:
    """What came with an email that was taken in just now; it is held."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "Gillian Teasdale <g.teasdale@fernley.example>", "cait.haringey@police.example"
    message["Subject"], message["Message-ID"] = "What was found", f"<{next(_numbers)}@fernley.example>"
    message.set_content("Please see what is attached.")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="found.txt")
    return Attachment.objects.get(message=a_message(team, raw=message.as_bytes()))


def a_kept_attachment(team: Team | None = None) -> Attachment:
    """One that the scanner has passed, and that lies in the folder of attachments."""
    held = an_attachment(team)
    kept = settle_attachment(held, kind=FileKind("text/plain"), content=b"Plain words.", by=User.objects.system())
    assert kept is not None
    return kept
