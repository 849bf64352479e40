from __future__ import annotations

import imaplib
import ssl
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from intake.actions import BeganAnew
from intake.places import Place, read_place
from intake.receiving import Received, receive
from pages.words import count
from team.enums import TeamKind
from team.models import Team

# As long as a pass that beat wakes may take.
SECONDS_TO_WAIT = 60
SECOND = ("a second copy", "second copies")


class Command(BaseCommand):
    help = "One pass over the teams' mailboxes that are configured, or over the one that is named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--imap", metavar="URL", help="imaps://USER:PASSWORD@HOST:PORT/FOLDER, or imap://")
        parser.add_argument("--team", metavar="CODE", help="whose mailbox it is, such as HGY")

    def handle(self, *args: Any, **options: Any) -> None:
        url, code = options["imap"], options["team"]
        if url and not code:
            raise CommandError("Say with --team whose mailbox it is.")
        wanted = {code: url} if url else settings.MAILBOXES
        if code and not url:
            wanted = {each: where for each, where in wanted.items() if each == code}
        if not wanted:
            raise CommandError("No mailbox is configured. Name one with --imap and --team, or set MAILBOXES.")
        failed = [sentence for each, where in wanted.items() if (sentence := self._receive(each, where))]
        if failed:
            raise CommandError("\n".join(failed))

    def _receive(self, code: str, url: str) -> str:
        """Read one mailbox and tell what came; the sentence that says why it could not be read."""
        team = Team.objects.filter(code=code, kind=TeamKind.CAIT).first()
        if team is None:
            return f"There is no team {code}. Teams: {', '.join(Team.objects.values_list('code', flat=True))}."
        try:
            place = read_place(url)
        except ValueError as wrong:
            return str(wrong)
        try:
            received = _received(team, place)
        except (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError, BeganAnew) as wrong:
            return f"{team}: the mailbox of {place.name} could not be read: {_why(wrong, place)}"
        if not received.alone:
            return f"{team}: another pass is reading the mailbox of {place.name}. Try again in a minute."
        self.stdout.write(
            f"{team}: {count(received.new, 'email')} came in"
            + (f", {received.copies} of them {SECOND[received.copies > 1]}" if received.copies else "")
            + "."
        )
        if received.left:
            return (
                f"{team}: {count(received.left, 'email')} could not be kept. They are tried again in the next pass."
            )
        return ""


def _received(team: Team, place: Place) -> Received:
    """One pass. Where another is just reading the mailbox, as beat's, it is waited for."""
    end = time.monotonic() + SECONDS_TO_WAIT
    received = receive(team, place)
    while not received.alone and time.monotonic() < end:
        time.sleep(0.5)
        received = receive(team, place)
    return received


def _why(wrong: Exception, place: Place) -> str:
    """What is wrong in words; what a server says is left out, for it may repeat what it was sent."""
    if isinstance(wrong, MailboxLoginError):
        return "the server does not accept the user name and password."
    if isinstance(wrong, MailboxFolderSelectError):
        return f"there is no folder {place.folder}."
    if isinstance(wrong, ssl.SSLError):
        return "the server shows no certificate for its name that this machine trusts (SSL_CERT_FILE names others)."
    if isinstance(wrong, OSError) and wrong.strerror:
        return f"{wrong.strerror}. Is the mail server running, and the address right?"
    return f"the mail server broke off ({type(wrong).__name__}). Try again."
