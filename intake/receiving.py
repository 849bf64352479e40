"""One pass over a mailbox by IMAP. An email is marked as read on the server only when CAIT has kept it."""

from __future__ import annotations

import imaplib
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from deadlines import clock
from intake.actions import take_in
from intake.models import Mailbox
from intake.places import Place, read_place
from team.models import Team, User

logger = logging.getLogger(__name__)

SPOKEN = {"imaps": MailBox, "imap+starttls": MailBoxStartTls, "imap": MailBoxUnencrypted}
SECONDS_TO_ANSWER = 20
# Of a larger one only the beginning is kept.
LARGEST = 60_000_000
# The sweep waits for the same worker.
LONGEST_PASS = timedelta(seconds=40)


@dataclass
class Received:
    """What one pass brought: how many emails were new, how many of these second copies, how many could not be kept.

    `is_whole`: the mailbox was read to its end.
    """

    new: int = 0
    copies: int = 0
    left: int = 0
    is_whole: bool = True


def receive_all() -> None:
    """One pass over every mailbox that is configured, the one that was tried longest ago first. One that cannot be
    read does not stop the others."""
    teams = {team.code: team for team in Team.objects.filter(code__in=settings.MAILBOXES)}
    tried = dict(Mailbox.objects.values_list("team__code", "tried_at"))
    for code in sorted(set(settings.MAILBOXES) - set(teams)):
        logger.error("A mailbox is configured for %s, and there is no such team.", code)
    began = time.monotonic()
    long_ago = datetime.min.replace(tzinfo=UTC)
    for code in sorted(teams, key=lambda code: tried.get(code) or long_ago):
        left = LONGEST_PASS - timedelta(seconds=time.monotonic() - began)
        if left <= timedelta():
            return
        try:
            receive(teams[code], read_place(settings.MAILBOXES[code]), longest=left)
        except Exception as wrong:
            logger.error("The mailbox of %s could not be read: %s", code, type(wrong).__name__)


def receive(team: Team, place: Place, *, longest: timedelta | None = None) -> Received:
    """One pass over one mailbox: whatever is new in it is kept, in the order in which it came.

    `longest`: what is left when it is over waits for the next pass. Raises what the network and the server raise;
    that it did is noted with the mailbox.
    """
    mailbox = mailbox_of(team, place.name)
    end = time.monotonic() + longest.total_seconds() if longest else None
    try:
        with _opened(place) as box:
            received = _read(mailbox, box, place, end)
    except Exception as wrong:
        _note(mailbox, problem=type(wrong).__name__)
        raise
    _note(mailbox, read_to_the_end=received.is_whole)
    return received


def mailbox_of(team: Team, place: str) -> Mailbox:
    """The row of a mailbox, made when it is first read."""
    return Mailbox.objects.get_or_create(team=team, place=place)[0]


@contextmanager
def _opened(place: Place) -> Iterator[BaseMailBox]:
    box = SPOKEN[place.scheme](place.host, place.port, timeout=SECONDS_TO_ANSWER)
    try:
        ascii_only = place.user.isascii() and place.password.isascii()
        (box.login if ascii_only else box.login_utf8)(place.user, place.password, initial_folder=place.folder)
        yield box
    finally:
        try:
            box.logout()
        except (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError) as wrong:
            # It had its say, or never answered: what matters has been raised already.
            logger.info("A mail server did not say goodbye: %s", type(wrong).__name__)
            with suppress(OSError):
                box.client.shutdown()


def _read(mailbox: Mailbox, box: BaseMailBox, place: Place, end: float | None) -> Received:
    mailbox = _begin(mailbox, box.folder.status(place.folder, ["UIDVALIDITY"])["UIDVALIDITY"])
    by, received = User.objects.system(), Received()
    for uid in [*mailbox.left_behind, *_newer(box, mailbox.last_uid)]:
        if end is not None and time.monotonic() > end:
            received.is_whole = False
            break
        try:
            found = _fetch(box, uid)
            message = take_in(mailbox, uid=uid, by=by, **found) if found else None
        except imaplib.IMAP4.abort:
            raise  # the connection is gone: the next pass begins here again
        except OSError:
            raise
        except Exception as wrong:  # whatever one email does to us, those behind it must come in
            logger.error("Email %s of mailbox %s could not be kept: %s", uid, mailbox.pk, type(wrong).__name__)
            _leave_behind(mailbox, uid)
            received.left += 1
            continue
        if not found:
            logger.warning("Email %s of mailbox %s was taken away before it was read.", uid, mailbox.pk)
            _leave_behind(mailbox, uid, gone=True)
        elif message is not None:
            received.new += 1
            received.copies += message.copy_of_id is not None
        # Now that the transaction has ended. Should this fail, nothing is lost: the mark is CAIT's own.
        box.client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
    return received


def _begin(mailbox: Mailbox, validity: int) -> Mailbox:
    """The mailbox's row; where the server has begun anew, with the mark at the beginning."""
    with transaction.atomic():
        mailbox = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        if mailbox.validity != validity:
            mailbox.validity, mailbox.last_uid, mailbox.left_behind = validity, 0, []
            mailbox.save()
        return mailbox


def _newer(box: BaseMailBox, last: int) -> list[int]:
    """The UIDs above the mark, in their order. A server answers with its last one even where there is none."""
    kind, data = box.client.uid("SEARCH", "UID", f"{last + 1}:*")
    if kind != "OK":
        raise imaplib.IMAP4.error("The server does not say what it has.")
    found = b" ".join(each for each in data if isinstance(each, bytes)).split()
    return sorted(uid for uid in map(int, found) if uid > last)


def _fetch(box: BaseMailBox, uid: int) -> dict[str, Any]:
    """The bytes of one email, its size and the server's internal date; empty where it is there no more."""
    head, _ = _asked(box, uid, "(INTERNALDATE RFC822.SIZE)")
    if not head:
        return {}
    size = re.search(rb"RFC822\.SIZE (\d+)", head)
    wanted = int(size[1]) if size else 0
    _, raw = _asked(box, uid, f"(BODY.PEEK[]<0.{LARGEST}>)" if wanted > LARGEST else "(BODY.PEEK[])")
    if raw is None:
        raise imaplib.IMAP4.error("The server does not give an email that it has.")
    return {"raw": raw, "size": max(wanted, len(raw)), "received_at": _internal_date(head)}


def _asked(box: BaseMailBox, uid: int, what: str) -> tuple[bytes, bytes | None]:
    """What a server says of one email: its line, and the literal where there is one."""
    kind, data = box.client.uid("FETCH", str(uid), what)
    if kind != "OK":
        raise imaplib.IMAP4.error("The server refuses an email that it has.")
    line, literal = b"", None
    for each in data:
        if isinstance(each, tuple):
            line, literal = line + each[0], bytes(each[1])
        elif isinstance(each, bytes):
            line += each
    if literal is None and (short := re.search(rb'BODY\[\](?:<0>)? (?:NIL|"((?:[^"\\]|\\.)*)")', line)):
        literal = re.sub(rb"\\(.)", rb"\1", short[1] or b"")  # a server may write few bytes without a literal
    return line, literal


def _internal_date(head: bytes) -> datetime | None:
    found = imaplib.Internaldate2tuple(head)
    return datetime.fromtimestamp(time.mktime(found), UTC) if found else None


def _leave_behind(mailbox: Mailbox, uid: int, *, gone: bool = False) -> None:
    """Go past an email that could not be kept, and try it again in the next pass; not one that is there no more."""
    with transaction.atomic():
        row = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        row.last_uid = max(row.last_uid, uid)
        row.left_behind = sorted({*row.left_behind, uid} - ({uid} if gone else set()))
        row.save()


def _note(mailbox: Mailbox, *, problem: str = "", read_to_the_end: bool = False) -> None:
    with transaction.atomic():
        row = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        row.tried_at, row.problem = clock.moment(), problem
        if read_to_the_end:
            row.read_at = row.tried_at
        row.save()
