"""What a worker does with attachments: it takes them out of their emails, sees what they are and has them scanned.

Idempotent: what is held is tried again until the scanner has passed it or it is not opened in CAIT. The source keeps
every byte meanwhile, so nothing is lost by it.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from itertools import islice
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from deadlines import clock
from intake import folder
from intake.actions import keep_attachment_again, settle_attachment
from intake.enums import FileState
from intake.kinds_of_files import FileKind, kind_of_file
from intake.models import Attachment, Source
from intake.reading import MOST_NAMED, attached_parts, parsed
from intake.scanner import NotScanned, scanned
from team.models import User

logger = logging.getLogger(__name__)

# As long as a pass that beat wakes may take.
LONGEST_PASS = timedelta(seconds=40)
MOST_AT_A_TIME = 200
LARGEST = 40_000_000
# Until it is tried again: each time twice as long, at most an hour.
FIRST_WAIT, LONGEST_WAIT = 60, 3600


def keep_held(*, longest: timedelta = LONGEST_PASS) -> int:
    """One pass over what is held and due to be tried, the longest due first. How many attachments were settled."""
    end = time.monotonic() + longest.total_seconds()
    due = Attachment.objects.filter(state=FileState.HELD, next_try_at__lte=clock.moment()).order_by(
        "next_try_at", "pk"
    )
    messages = list(dict.fromkeys(due.values_list("message_id", flat=True)[:MOST_AT_A_TIME]))
    settled = 0
    for message in messages:
        if time.monotonic() > end:
            break
        settled += _of_message(message)
    return settled


def hold_missing() -> int:
    """Have every attachment kept again whose file is gone, as after a backup was restored. How many there are."""
    found = 0
    for row in Attachment.objects.filter(state=FileState.KEPT).order_by("pk").iterator(500):
        if row.stored is not None and not folder.path_of(row.stored).exists():
            found += keep_attachment_again(row, by=User.objects.system()) is not None
    return found


def _of_message(pk: int) -> int:
    held = Attachment.objects.filter(message=pk, state=FileState.HELD).order_by("number")
    attachments = list(held.select_related("message__team"))
    _hold(attachments, "It is being checked.")  # first: should it kill us, the next pass does not begin with it
    try:
        contents = taken_out(pk)
    except SoftTimeLimitExceeded:
        raise
    except Exception as wrong:  # a fault of ours, or of the machine: it is not told as one of the email
        logger.error("Email %s cannot be taken apart for its attachments: %s", pk, type(wrong).__name__)
        _hold(attachments, "It could not be taken out of the email. Tell your CAIT administrator.", tried=False)
        return 0
    settled, by = 0, User.objects.system()
    for attachment in attachments:
        try:
            content = contents.get(attachment.number)
            kind = judged(content)
            virus = scanned(content) if content and not kind.why_not else ""
            settled += settle_attachment(attachment, kind=kind, content=content, virus=virus, by=by) is not None
        except SoftTimeLimitExceeded:
            raise
        except NotScanned as why:
            _hold([attachment], str(why), tried=False)
        except OSError as wrong:
            logger.error("Attachment %s cannot be kept: %s", attachment.pk, type(wrong).__name__)
            _hold([attachment], "It could not be written down. Tell your CAIT administrator.", tried=False)
        except Exception as wrong:  # whatever one file does, it does not stop the others
            logger.error("Attachment %s cannot be checked: %s", attachment.pk, type(wrong).__name__)
            _hold([attachment], "It could not be checked. Tell your CAIT administrator.", tried=False)
    return settled


def judged(content: bytes | None) -> FileKind:
    """What an attachment is, and whether it may be opened."""
    if content is None:
        return FileKind("", "It could not be taken out of the email, which did not arrive whole.")
    if len(content) > LARGEST:
        return FileKind("", f"It is larger than {LARGEST // 1_000_000} MB. Open it in the mail program.")
    return kind_of_file(content)


def taken_out(message: int) -> dict[int, bytes]:
    """The bytes of each attachment of an email by its place; without those that cannot be taken out."""
    raw = bytes(Source.objects.get(message=message).raw)
    found = {}
    for number, part in enumerate(islice(attached_parts(parsed(raw)), MOST_NAMED)):
        try:
            if (content := _content(part)) is not None:
                found[number] = content
        except SoftTimeLimitExceeded:
            raise
        except Exception as wrong:  # one broken part takes no other with it
            logger.warning("Attachment %s of email %s is broken: %s", number, message, type(wrong).__name__)
    return found


def _content(part: Any) -> bytes | None:
    if part.get_content_type() == "message/rfc822":
        inside = part.get_payload()
        return inside[0].as_bytes() if isinstance(inside, list) and inside else None
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else None


def _hold(attachments: list[Attachment], why: str, *, tried: bool = True) -> None:
    """Try them again later; `tried`: it counts as a try of its own."""
    with transaction.atomic():
        ids = [attachment.pk for attachment in attachments]
        for row in Attachment.objects.select_for_update().filter(pk__in=ids, state=FileState.HELD).order_by("pk"):
            row.tries += tried
            wait = min(FIRST_WAIT * 2 ** min(max(row.tries - 1, 0), 6), LONGEST_WAIT)
            row.why, row.next_try_at = why, clock.moment() + timedelta(seconds=wait)
            row.save(update_fields=["why", "tries", "next_try_at"])
