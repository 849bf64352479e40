"""Everything that is written about an email that arrived. Each ends with `by=` and writes one audit event."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.policies import check_written
from deadlines import clock
from intake import folder, policies, reading
from intake.enums import FileState, State, UseKind
from intake.kinds_of_files import FileKind
from intake.looks import says_urgent
from intake.models import Attachment, Mailbox, Message, Source, Use
from intake.steps import locked
from team.models import User
from team.permissions import Permission, require


class BeganAnew(Exception):
    """While a mailbox was read, its server began anew with other UIDs: the next pass reads it again."""


def take_in(
    mailbox: Mailbox,
    *,
    uid: int,
    raw: bytes,
    is_whole: bool = True,
    received_at: datetime | None = None,
    validity: int | None = None,
    apart: bool = True,
    by: User,
) -> Message | None:
    """Keep an email as it came, and move the mailbox's mark past it, in one transaction. None: it was kept before.

    `is_whole`: False where only its beginning could be taken. `received_at`: the server's internal date; without one,
    now. `validity`: the UIDVALIDITY under which it was fetched; None, that of the mailbox. `apart`: False to keep it
    without looking into it, where that takes too long. Whatever is broken in it, it is kept. Raises BeganAnew where
    the UID belongs to another UIDVALIDITY than the mailbox now has.
    """
    # First: it may take a while, and nobody waits for it.
    read = reading.read_message(raw) if apart else reading.unread_message(raw)
    said = {name: value for name, value in vars(read).items() if name != "marked"}
    with transaction.atomic():
        mailbox = Mailbox.objects.select_for_update(of=("self",)).select_related("team").get(pk=mailbox.pk)
        require(by, Permission.HANDLE_MAIL, team=mailbox.team)
        if validity is not None and validity != mailbox.validity:
            raise BeganAnew
        now, validity = clock.moment(), mailbox.validity or 0
        _pass_by(mailbox, uid)
        if Message.objects.filter(mailbox=mailbox, validity=validity, uid=uid).exists():
            return None
        if not is_whole:
            read.problems.append("It is too large to be kept whole: read it in the mailbox itself.")
        message = Message(
            mailbox=mailbox,
            validity=validity,
            uid=uid,
            team=mailbox.team,
            # A server whose clock is ahead would make it arrive in the future.
            received_at=min(received_at or now, now),
            fingerprint=reading.fingerprint(raw),
            urgent=read.marked or says_urgent(read.subject, read.text),
            **said,
        )
        first = _delivered_before(message)
        if first:
            message.state, message.copy_of, message.protected = State.COPY, first, first.protected
        message.save()
        Source.objects.create(message=message, raw=raw, digest=reading.digest(raw), size=len(raw))
        for number, each in enumerate(read.attachments):
            Attachment.objects.create(message=message, number=number, name=each["name"], size=each["size"])
        _record(Event.MAIL_RECEIVED, message, by)
        return message


def _pass_by(mailbox: Mailbox, uid: int) -> None:
    mailbox.last_uid = max(mailbox.last_uid, uid)
    mailbox.left_behind = [each for each in mailbox.left_behind if each != uid]
    mailbox.reading = None
    mailbox.save(update_fields=["last_uid", "left_behind", "reading"])


def _delivered_before(message: Message) -> Message | None:
    """The first delivery of the same email; one without an id of its own only where it was received at the same
    moment: two such emails with the same words may be two."""
    same = Message.objects.filter(team=message.team, fingerprint=message.fingerprint, copy_of=None)
    same = same.filter(message_id=message.message_id)
    if not message.message_id:
        same = same.filter(received_at=message.received_at)
    # Locked: that its sender is protected is not decided while its copy comes in.
    return same.select_for_update(of=("self",), no_key=True).order_by("pk").first()


def settle_attachment(
    attachment: Attachment, *, kind: FileKind, content: bytes | None, virus: str = "", by: User
) -> Attachment | None:
    """An attachment was checked: it is kept in the folder of attachments, or not opened in CAIT. None: another pass
    settled it. `content`: None where it could not be taken out. Raises OSError where the folder cannot be written to;
    then nothing is settled."""
    stored = None
    try:
        with transaction.atomic():
            require(by, Permission.HANDLE_MAIL, team=attachment.message.team)
            rows = Attachment.objects.select_for_update(of=("self",)).filter(pk=attachment.pk, state=FileState.HELD)
            kept = rows.select_related("message").first()
            if kept is None:
                return None
            kept.kind, kept.settled_at = kind.kind[:100], clock.moment()
            if content is not None:
                kept.digest, kept.size = reading.digest(content), len(content)
            kept.state, kept.why = FileState.REFUSED, kind.why_not
            if virus:
                kept.why = f"The virus scanner found a virus in it: {virus}"[:300]
            elif content is not None and not kind.why_not:
                stored = folder.put(content)
                kept.state, kept.stored = FileState.KEPT, stored
            kept.save()
            detail = {"message": kept.message_id, "state": kept.state}
            record(Event.ATTACHMENT_SETTLED, by=by, on=kept, team_id=kept.message.team_id, detail=detail)
            return kept
    except BaseException:
        if stored is not None:  # a file that no row names would lie there for ever
            folder.remove(stored)
        raise


def keep_attachment_again(attachment: Attachment, *, by: User) -> Attachment | None:
    """The file of an attachment is gone: it is held, and taken out of its email again. None: it is held already."""
    with transaction.atomic():
        require(by, Permission.HANDLE_MAIL, team=attachment.message.team)
        rows = Attachment.objects.select_for_update(of=("self",)).filter(pk=attachment.pk, state=FileState.KEPT)
        row = rows.select_related("message").first()
        if row is None:
            return None
        row.state, row.why, row.stored, row.settled_at = FileState.HELD, "Its file was gone.", None, None
        row.next_try_at, row.tries = clock.moment(), 0
        row.save()
        detail = {"message": row.message_id, "state": row.state}
        record(Event.ATTACHMENT_SETTLED, by=by, on=row, team_id=row.message.team_id, detail=detail)
        return row


def set_aside_message(message: Message, *, reason: str, seen: int | None = None, by: User) -> Message:
    """An email that is for no record: it stays, with the reason. Raises ValidationError."""
    with transaction.atomic():
        message = locked(message, by)
        policies.check_seen(message, seen)
        policies.check_set_aside(message)
        check_written(reason, field="reason")
        _made(message, UseKind.SET_ASIDE, State.DEALT_WITH, by, reason)
        _record(Event.MAIL_SET_ASIDE, message, by)
        return message


def put_back_message(message: Message, *, reason: str, by: User) -> Message:
    """An email that was dealt with waits at the desk again; what was made of it stays. Raises ValidationError."""
    with transaction.atomic():
        message = locked(message, by)
        policies.check_put_back(message)
        check_written(reason, field="reason")
        _made(message, UseKind.PUT_BACK, State.WAITING, by, reason)
        _record(Event.MAIL_PUT_BACK, message, by)
        return message


def pass_to_conferences(message: Message, *, seen: int | None = None, by: User) -> Message:
    """An invitation to a conference: the Police Conference Liaison Officer finds it. Raises ValidationError."""
    with transaction.atomic():
        message = locked(message, by)
        policies.check_seen(message, seen, typed=False)
        policies.check_set_aside(message)
        _made(message, UseKind.CONFERENCE, State.DEALT_WITH, by)
        _record(Event.MAIL_PASSED_ON, message, by)
        return message


def _made(message: Message, kind: UseKind, state: State, by: User, reason: str = "") -> None:
    made = Use(message=message, kind=kind, reason=reason, used_by=by)
    made.clean_fields(exclude=["used_at"])
    made.save()
    message.state = state
    message.save(update_fields=["state"])


def _record(event: Event, message: Message, by: User) -> None:
    record(event, by=by, on=message, team_id=message.team_id)
