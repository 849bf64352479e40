"""An email that was passed to conferences leaves nothing to do."""

from __future__ import annotations

from django.db import transaction

from audit.events import Event
from audit.recording import record
from conferences import policies
from conferences.enums import EmailUse
from conferences.models import EmailUsed
from intake.models import Message
from intake.steps import pass_on
from team.models import User
from team.permissions import Permission, require


def set_aside_email(message: Message, *, why: str, by: User) -> EmailUsed:
    """An email to conferences leaves nothing to do here: it stays, with the reason. Raises ValidationError,
    NotAllowed; ChangedMeanwhile."""
    with transaction.atomic():
        rows = Message.objects.select_for_update(of=("self",), no_key=True).select_related("team")
        message = rows.get(pk=message.pk)
        require(by, Permission.BOOK_CONFERENCES, team=message.team)
        policies.check_passed_on(message, by=by)
        policies.check_waits(message)
        policies.check_why(why)
        pass_on(message, by=by)
        used = EmailUsed(message=message, use=EmailUse.NOTHING, why=why, used_by=by)
        used.clean_fields(exclude=["message", "used_at"])
        used.save()
        record(Event.CONFERENCE_EMAIL_SET_ASIDE, by=by, on=message, team_id=message.team_id, detail={"why": why})
        return used
