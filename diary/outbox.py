"""Sends what the outbox holds. Each email by itself: one that cannot go does not stop the others."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q, QuerySet

from audit.events import Event
from audit.recording import record
from cases.enums import Kind
from cases.steps import enter
from deadlines import clock
from diary.models import ChaseState, Mail, MailState
from team.models import User

logger = logging.getLogger(__name__)

AT_A_TIME = 200
# After a failed try the next comes later and later, an hour apart at the most.
LONGEST_WAIT = timedelta(minutes=60)
# An email that has not gone after this long is shown to whoever can ring instead.
DELAYED_AFTER = timedelta(minutes=15)

Deliver = Callable[[EmailMessage], object]


def to_send(now: datetime) -> QuerySet[Mail]:
    """What may go out now: not what is held back, nor a chase that an answer has stopped."""
    going = Q(step__duty__held_at=None, step__duty__chase__state__in=[ChaseState.RUNNING, ChaseState.SET_ASIDE])
    return Mail.objects.filter(going, state=MailState.QUEUED, next_try_at__lte=now).order_by("next_try_at", "pk")


def send_due(deliver: Deliver | None = None) -> int:
    """Send what may go out now. How many went.

    `deliver`: takes the place of the mail server, for a demonstration that is loaded.
    """
    now = clock.moment()
    waiting = list(to_send(now).values_list("pk", flat=True)[:AT_A_TIME])
    if not waiting:
        return 0
    if deliver:
        return sum(_send(pk, now, deliver) for pk in waiting)
    server = get_connection()
    try:
        server.open()
    except (OSError, smtplib.SMTPException) as wrong:
        logger.error("The mail server does not answer: %s", type(wrong).__name__)
        for pk in waiting:
            _failed(pk, f"The mail server does not answer ({type(wrong).__name__})")
        return 0
    try:
        return sum(_send(pk, now, lambda message: server.send_messages([message])) for pk in waiting)
    finally:
        server.close()


def _send(pk: int, now: datetime, deliver: Deliver) -> bool:
    try:
        with transaction.atomic():
            # Locked first, then asked again: held back or answered meanwhile, it does not go.
            mail = Mail.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if mail is None or not to_send(now).filter(pk=pk).exists():
                return False
            mail = Mail.objects.select_related("step__duty__team", "case").get(pk=pk)
            mail.state, mail.sent_at, mail.problem = MailState.SENT, clock.moment(), ""
            mail.tries += 1
            mail.save()
            _tell(mail)
            # Last: whatever fails before it, nothing has gone; and what has gone is told with the same commit.
            deliver(_message(mail))
            return True
    except Exception as wrong:  # whatever it is: the others must go out
        logger.error("Email %s could not be sent: %s", pk, type(wrong).__name__)
        _failed(pk, type(wrong).__name__)
        return False


def _message(mail: Mail) -> EmailMessage:
    sender = formataddr((f"{mail.step.duty.team} (CAIT)", settings.MAIL_FROM))
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    return EmailMessage(mail.subject, mail.text, sender, [mail.address], headers=headers)


def _tell(mail: Mail) -> None:
    """In the chronology and the audit; the email itself stays in the outbox, and is read on the record's own page."""
    by, number = User.objects.system(), mail.step.number
    text = f"By email to {mail.to_whom}, {mail.address}. It carries the URN and no name."
    enter(mail.case, Kind.SHARED, mail.title, text=text, by=by)
    event = Event.PARTNER_CHASED if number else Event.UPDATE_ASKED
    team_id = mail.step.duty.team_id
    record(event, by=by, on=mail, case_id=mail.case_id, team_id=team_id, detail={"step": number})


def _failed(pk: int, problem: str) -> None:
    """Note a try that failed, and when the next may be."""
    with transaction.atomic():
        mail = Mail.objects.select_for_update(skip_locked=True).filter(pk=pk, state=MailState.QUEUED).first()
        if mail is None:
            return
        mail.tries += 1
        wait = min(timedelta(minutes=1) * 2 ** min(mail.tries - 1, 10), LONGEST_WAIT)
        mail.next_try_at, mail.problem = clock.moment() + wait, problem
        mail.save()
