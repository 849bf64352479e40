"""What an email tells of a referral that is logged already."""

from __future__ import annotations

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.enums import Kind
from cases.models import Case, Entry
from cases.policies import check_open, check_written
from cases.steps import enter, locked
from intake.enums import UseKind
from intake.models import Message
from intake.steps import use
from referrals.models import Referral
from team.models import User
from team.permissions import Permission


def put_email_on_record(
    case: Case, *, text: str, from_whom: str = "", message: Message, message_uses: int | None = None, by: User
) -> Entry:
    """Put what an email tells into a record's chronology: `text` is what matters of it.

    `from_whom`: who told it, as far as it may be shown. Where the record's caller is protected, the email itself is
    read by those alone who may know them. Raises ValidationError; ChangedMeanwhile where a colleague dealt with it.
    """
    with transaction.atomic():
        case = locked(case, Permission.HANDLE_MAIL, by)
        check_open(case)
        check_written(text, field="text")
        protected = Referral.objects.filter(case=case, protected=True).exists()
        message = use(message, UseKind.INFORMATION, case, seen=message_uses, protected=protected, by=by)
        title = "Information by email"
        entry = enter(
            case, Kind.INFORMATION, title, text=text, happened_at=message.received_at, source=from_whom, by=by
        )
        detail = {"message": message.pk}
        record(Event.MAIL_PUT_ON_RECORD, by=by, on=entry, case_id=case.pk, team_id=case.team_id, detail=detail)
        return entry
