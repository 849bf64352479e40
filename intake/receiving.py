"""One pass over a mailbox by IMAP. An email is marked as read on the server only when CAIT has kept it."""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.consts import SHORT_MONTH_NAMES
from imap_tools.errors import ImapToolsError

from deadlines import clock
from intake.actions import BeganAnew, take_in
from intake.models import Mailbox
from intake.places import Place, readable
from team.models import Team, User

logger = logging.getLogger(__name__)

SECONDS_TO_ANSWER = 20
# Of a larger one only the beginning is kept.
LARGEST = 60_000_000
# The sweep waits for the same worker.
LONGEST_PASS = timedelta(seconds=40)
# Before it there was no email to a team: a server that says so has no date.
FIRST_YEAR = 1990
# Of the database's advisory locks those that are ours; the other half is the mailbox's own number.
READING = 7143


@dataclass
class Received:
    """What one pass brought: how many emails were new, how many of these second copies, how many could not be kept.

    `is_whole`: the mailbox was read to its end. `alone`: False where another pass was just reading it, and nothing
    was done.
    """

    new: int = 0
    copies: int = 0
    left: int = 0
    is_whole: bool = True
    alone: bool = True


def receive_all() -> None:
    """One pass over every mailbox that is configured, the one that was tried longest ago first. One that cannot be
    read does not stop the others."""
    teams = {team.code: team for team in Team.objects.filter(code__in=settings.MAILBOXES)}
    for code in sorted(set(settings.MAILBOXES) - set(teams)):
        logger.error("A mailbox is configured for %s, and there is no such team.", code)
    places = readable({code: settings.MAILBOXES[code] for code in teams})
    names = [place.name for place in places.values()]
    tried = dict(Mailbox.objects.filter(place__in=names).values_list("team__code", "tried_at"))
    began = time.monotonic()
    long_ago = datetime.min.replace(tzinfo=UTC)
    for code in sorted(places, key=lambda code: tried.get(code) or long_ago):
        left = LONGEST_PASS - timedelta(seconds=time.monotonic() - began)
        if left <= timedelta():
            return
        try:
            receive(teams[code], places[code], longest=left)
        except SoftTimeLimitExceeded:
            raise
        except Exception as wrong:
            logger.error("The mailbox of %s could not be read: %s", code, type(wrong).__name__)


def receive(team: Team, place: Place, *, longest: timedelta | None = None) -> Received:
    """One pass over one mailbox: whatever is new in it is kept, in the order in which it came; then what was left
    behind before is tried again. Where another pass is just reading it, nothing is done.

    `longest`: what is left when it is over waits for the next pass. Raises what the network and the server raise;
    that it did is noted with the mailbox.
    """
    mailbox = mailbox_of(team, place.name)
    end = time.monotonic() + longest.total_seconds() if longest else None
    with _alone(mailbox) as alone:
        if not alone:
            return Received(is_whole=False, alone=False)
        try:
            with _opened(place) as box:
                received = _read(mailbox, box, place, end)
        except Exception as wrong:
            _note_trouble(mailbox, wrong)
            raise
        _note(mailbox, read_to_the_end=received.is_whole)
        return received


def mailbox_of(team: Team, place: str) -> Mailbox:
    """The row of a mailbox, made when it is first read."""
    return Mailbox.objects.get_or_create(team=team, place=place)[0]


@contextmanager
def _alone(mailbox: Mailbox) -> Iterator[bool]:
    """Whether nobody else reads this mailbox; within it, nobody else begins to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [READING, mailbox.pk])
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [READING, mailbox.pk])
            except DatabaseError as wrong:  # then the connection is gone, and the lock with it
                logger.error("A mailbox could not be let go of: %s", type(wrong).__name__)


@contextmanager
def _opened(place: Place) -> Iterator[BaseMailBox]:
    box = _connected(place)
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


def _connected(place: Place) -> BaseMailBox:
    """A connection that is private, but for imap:// alone: the server must show a certificate for its name, which
    nobody on the way can."""
    if place.scheme == "imap":
        return MailBoxUnencrypted(place.host, place.port, timeout=SECONDS_TO_ANSWER)
    spoken = MailBox if place.scheme == "imaps" else MailBoxStartTls
    return spoken(place.host, place.port, timeout=SECONDS_TO_ANSWER, ssl_context=ssl.create_default_context())


def _read(mailbox: Mailbox, box: BaseMailBox, place: Place, end: float | None) -> Received:
    validity = _validity(box, place)
    mailbox = _begin(mailbox, validity)
    by, received = User.objects.system(), Received()
    # What was left behind comes last: should it break the connection, what is new is in already.
    for uid in [*_newer(box, mailbox.last_uid, place.since), *mailbox.left_behind]:
        if end is not None and time.monotonic() > end:
            received.is_whole = False
            break
        _about_to_read(mailbox, uid)
        found: dict[str, Any] = {}
        try:
            found = _fetch(box, uid)
            message = take_in(mailbox, uid=uid, validity=validity, by=by, **found) if found else None
        except SoftTimeLimitExceeded:
            if found:  # taking it apart took all the time there was: it is kept as it is
                take_in(mailbox, uid=uid, validity=validity, apart=False, by=by, **found)
            raise
        except (imaplib.IMAP4.abort, OSError, BeganAnew):
            raise  # the connection is gone: the next pass leaves this one behind and goes on
        except Exception as wrong:  # whatever one email does to us, those behind it must come in
            logger.error("Email %s of mailbox %s could not be kept: %s", uid, mailbox.pk, type(wrong).__name__)
            _leave_behind(mailbox, uid)
            received.left += 1
            continue
        if not found:
            logger.warning("Email %s of mailbox %s was taken away before it was read.", uid, mailbox.pk)
            _leave_behind(mailbox, uid, gone=True)
            continue
        if message is not None:
            received.new += 1
            received.copies += message.copy_of_id is not None
        _mark_as_read(box, uid)
    return received


def _validity(box: BaseMailBox, place: Place) -> int:
    """The UIDVALIDITY under which the folder was opened."""
    _, data = box.client.response("UIDVALIDITY")
    if data and data[0]:
        return int(data[0])
    return int(box.folder.status(place.folder, ["UIDVALIDITY"])["UIDVALIDITY"])


def _begin(mailbox: Mailbox, validity: int) -> Mailbox:
    """The mailbox's row; where the server has begun anew, with the mark at the beginning.

    What the last pass died of is left behind: a worker that is killed, or a connection that breaks at one email, must
    not do so in each pass.
    """
    with transaction.atomic():
        mailbox = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        if mailbox.validity != validity:
            mailbox.validity, mailbox.last_uid, mailbox.left_behind = validity, 0, []
        elif mailbox.reading is not None:
            mailbox.left_behind = [*(uid for uid in mailbox.left_behind if uid != mailbox.reading), mailbox.reading]
            mailbox.last_uid = max(mailbox.last_uid, mailbox.reading)
        mailbox.reading = None
        mailbox.save()
        return mailbox


def _newer(box: BaseMailBox, last: int, since: date | None) -> list[int]:
    """The UIDs above the mark, in their order. A server answers with its last one even where there is none."""
    wanted = ["UID", f"{last + 1}:*"]
    if since:
        wanted += ["SINCE", f"{since.day:02}-{SHORT_MONTH_NAMES[since.month - 1]}-{since.year}"]
    kind, data = box.client.uid("SEARCH", *wanted)
    if kind != "OK":
        raise imaplib.IMAP4.error("The server does not say what it has.")
    found = b" ".join(each for each in data if isinstance(each, bytes)).split()
    return sorted(uid for uid in map(int, found) if uid > last)


def _about_to_read(mailbox: Mailbox, uid: int) -> None:
    """Written down first: whatever kills us, the next pass knows where."""
    with transaction.atomic():
        row = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        row.reading = uid
        row.save(update_fields=["reading"])


def _fetch(box: BaseMailBox, uid: int) -> dict[str, Any]:
    """The bytes of one email and the server's internal date; empty where it is there no more.

    How large it is, is not asked: servers may guess. One byte more than is kept tells whether it is whole.
    """
    kind, data = box.client.uid("FETCH", str(uid), f"(UID INTERNALDATE BODY.PEEK[]<0.{LARGEST + 1}>)")
    if kind != "OK":
        raise imaplib.IMAP4.error("The server refuses an email that it has.")
    # A server may speak of other emails in between, such as one that somebody has just opened elsewhere.
    answers = [(line, raw) for line, raw in _answers(data) if re.search(rb"\bUID %d\b" % uid, line)]
    with_body = [(line, raw) for line, raw in answers if raw is not None]
    if not with_body:
        if any(b"BODY[" in line for line, _ in answers):
            raise imaplib.IMAP4.error("The server does not give an email that it has.")
        return {}
    line, raw = with_body[-1]
    return {"raw": raw[:LARGEST], "is_whole": len(raw) <= LARGEST, "received_at": _internal_date(line)}


def _answers(data: list[Any]) -> Iterator[tuple[bytes, bytes | None]]:
    """What a server said, an email each: its line, and the body where it came with one."""
    line, raw = b"", None
    for each in data:
        said = each[0] if isinstance(each, tuple) else each
        if not isinstance(said, bytes):
            continue
        if re.match(rb"\d+ \(", said):
            if line:
                yield _short(line, raw)
            line, raw = b"", None
        line += said
        if isinstance(each, tuple):
            raw = bytes(each[1])
    if line:
        yield _short(line, raw)


def _short(line: bytes, raw: bytes | None) -> tuple[bytes, bytes | None]:
    """Few bytes may stand in the line itself. NIL is no body: the server could not give it."""
    if raw is None and (short := re.search(rb'BODY\[\](?:<0>)? "((?:[^"\\]|\\.)*)"', line)):
        raw = re.sub(rb"\\(.)", rb"\1", short[1])
    return line, raw


def _internal_date(head: bytes) -> datetime | None:
    try:
        found = imaplib.Internaldate2tuple(head)
        at = datetime.fromtimestamp(time.mktime(found), UTC) if found else None
    except (ValueError, OverflowError, KeyError):
        return None
    return at if at and at.year >= FIRST_YEAR else None


def _mark_as_read(box: BaseMailBox, uid: int) -> None:
    """Now that the transaction has ended. Should it fail, nothing is lost: the mark is CAIT's own."""
    try:
        box.client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as wrong:
        logger.warning("An email could not be marked as read: %s", type(wrong).__name__)


def _leave_behind(mailbox: Mailbox, uid: int, *, gone: bool = False) -> None:
    """Go past an email that could not be kept, and try it again at the end of each pass; not one that is there no
    more. Raises BeganAnew."""
    with transaction.atomic():
        row = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        if row.validity != mailbox.validity:
            raise BeganAnew
        row.last_uid, row.reading = max(row.last_uid, uid), None
        row.left_behind = [each for each in row.left_behind if each != uid] + ([] if gone else [uid])
        row.save()


def _note_trouble(mailbox: Mailbox, wrong: Exception) -> None:
    try:
        _note(mailbox, problem=type(wrong).__name__)
    except DatabaseError as also:  # what went wrong first must be heard of
        logger.error("Nor could that be noted: %s", type(also).__name__)


def _note(mailbox: Mailbox, *, problem: str = "", read_to_the_end: bool = False) -> None:
    with transaction.atomic():
        row = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        row.tried_at, row.problem = clock.moment(), problem
        if read_to_the_end:
            row.read_at, row.reading = row.tried_at, None
        row.save()
