"""Sends what the outbox holds. Each email by itself: one that cannot go does not stop the others."""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from audit.events import Event
from audit.recording import record
from cases.enums import Kind, Partner
from cases.steps import enter
from deadlines import clock
from diary.chasing import counted_here, letter_of, rung_for
from diary.digests import works_here
from diary.models import ChaseState, Digest, Mail, MailState, Outgoing, Step
from team.models import Membership, User

logger = logging.getLogger(__name__)

AT_A_TIME = 200
# After a failed try the next comes later and later, an hour apart at the most.
LONGEST_WAIT = timedelta(minutes=60)
NEXT_PASS = timedelta(seconds=50)
LONGEST_PASS = timedelta(seconds=30)
# An email that has not gone after this long is shown to whoever can ring instead.
DELAYED_AFTER = timedelta(minutes=15)

Deliver = Callable[[EmailMessage], object]


@dataclass(frozen=True)
class Sort:
    """One sort of email. `to_send`: what may go out now. `begin`: whatever belongs to its going, in the transaction
    of its sending, and the message; None where nobody is to have it any more. Raises NoAddress."""

    what: str
    model: type[Outgoing]
    to_send: Callable[[datetime], QuerySet[Any]]
    begin: Callable[[int], tuple[Outgoing, EmailMessage] | None]


def going() -> Q:
    """Which emails are not stopped: not what is held back, nor a chase that an answer has stopped."""
    return Q(step__duty__held_at=None, step__duty__chase__state__in=[ChaseState.RUNNING, ChaseState.SET_ASIDE])


def to_send(now: datetime) -> QuerySet[Mail]:
    """What may go out now. Where a later step has fallen, raised or not, that one goes in its place."""
    later = Step.objects.filter(duty=OuterRef("step__duty"), number__gt=OuterRef("step__number"))
    fallen = Q(step__duty__chase__state=ChaseState.RUNNING, step__duty__chase__next_on__lte=clock.london_date(now))
    due = Mail.objects.filter(going(), ~fallen, ~Exists(later), state=MailState.QUEUED, next_try_at__lte=now)
    return due.order_by("next_try_at", "pk")


def send_due(deliver: Deliver | None = None) -> int:
    """Send what may go out now, for half a minute at the most: the sweep waits for the same worker. How many went.

    `deliver`: takes the place of the mail server, for a demonstration that is loaded.
    """
    now = clock.moment()
    waiting = [(sort, pk) for sort in SORTS for pk in sort.to_send(now).values_list("pk", flat=True)[:AT_A_TIME]]
    if not waiting:
        return 0
    if deliver:
        return sum(_send(sort, pk, now, deliver) for sort, pk in waiting)
    server, began, gone = get_connection(), time.monotonic(), 0
    for number, (sort, pk) in enumerate(waiting):
        if time.monotonic() - began > LONGEST_PASS.total_seconds():
            break
        try:
            server.open()
        except Exception as wrong:  # also a setting that makes no sense
            logger.error("The mail server does not answer: %s", type(wrong).__name__)
            # Nothing is wrong with the emails: they are tried again in the next pass.
            for each, unsent in waiting[number:]:
                _failed(each, unsent, f"The mail server does not answer ({type(wrong).__name__})", wait=NEXT_PASS)
            break
        if _send(sort, pk, now, lambda message: server.send_messages([message])):
            gone += 1
        else:
            _close(server)  # a connection after a refusal may be dead: the next email has a new one
    _close(server)
    return gone


def _close(server: BaseEmailBackend) -> None:
    """End a connection, also one that the server has broken off."""
    try:
        server.close()
    except (OSError, smtplib.SMTPException) as wrong:
        logger.warning("The connection to the mail server broke off: %s", type(wrong).__name__)
        server.connection = None  # type: ignore[attr-defined]


def _send(sort: Sort, pk: int, now: datetime, deliver: Deliver) -> bool:
    try:
        with transaction.atomic():
            # Locked first, then asked again: held back, answered or left meanwhile, it does not go.
            mail = sort.model._default_manager.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if mail is None or not sort.to_send(now).filter(pk=pk).exists():
                return False
            begun = sort.begin(pk)
            if begun is None:
                mail.state = MailState.WITHDRAWN
                mail.save()
                return False
            mail, message = begun
            mail.state, mail.sent_at, mail.problem = MailState.SENT, clock.moment(), ""
            mail.tries += 1
            mail.save()
            # Last: whatever fails before it, nothing has gone; and what has gone is told with the same commit.
            deliver(message)
            return True
    except Exception as wrong:  # whatever it is: the others must go out
        logger.error("%s %s could not be sent: %s", sort.what, pk, type(wrong).__name__)
        if isinstance(wrong, NoAddress):
            _failed(sort, pk, wrong.words, wait=NEXT_PASS)
        else:
            _failed(sort, pk, type(wrong).__name__)
        return False


class NoAddress(Exception):
    """The address of an email is no longer approved, and there is no other."""

    words = "Its address is no longer approved, and there is no other"


def _begin_mail(pk: int) -> tuple[Mail, EmailMessage]:
    mail = Mail.objects.select_related("step__duty__team", "step__duty__chase", "case", "rung").get(pk=pk)
    if not _addressed(mail):
        raise NoAddress
    _tell(mail)
    return mail, _message(mail)


def _addressed(mail: Mail) -> bool:
    """Whether its address is still approved, by the team that has the record now; where it is not, the one that has
    taken its place. What another team had written before the record came is written anew: it names the team."""
    duty = mail.step.duty
    is_ours = mail.rung.team_id == duty.team_id
    if is_ours and mail.rung.ended_at is None:
        return True
    rung = rung_for(duty.team, Partner(duty.chase.partner), counted_here(duty, mail.step.number))
    if rung is not None:
        mail.rung, mail.to_whom, mail.address = rung, rung.to_whom, rung.address
        if not is_ours and (letter := letter_of(duty, mail.step.number)):
            mail.subject, mail.text, mail.title = letter.subject, letter.text, letter.title
    return rung is not None


def _message(mail: Mail) -> EmailMessage:
    sender = formataddr((f"{mail.step.duty.team} (CAIT)", settings.MAIL_FROM))
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    # Answers go where the desk reads them.
    team = mail.step.duty.team
    answered_at = settings.MAILBOX_ADDRESSES.get(team.code)
    reply_to = [formataddr((str(team), answered_at))] if answered_at else None
    return EmailMessage(mail.subject, mail.text, sender, [mail.address], headers=headers, reply_to=reply_to)


def _tell(mail: Mail) -> None:
    """In the chronology and the audit; the email itself stays in the outbox, and is read on the record's own page."""
    by, number = User.objects.system(), mail.step.number
    text = f"By email to {mail.to_whom}, {mail.address}. It carries the URN and no name."
    enter(mail.case, Kind.SHARED, mail.title, text=text, by=by)
    event = Event.PARTNER_CHASED if number else Event.UPDATE_ASKED
    team_id = mail.step.duty.team_id
    record(event, by=by, on=mail, case_id=mail.case_id, team_id=team_id, detail={"step": number})


def _failed(sort: Sort, pk: int, problem: str, *, wait: timedelta | None = None) -> None:
    """Note a try that failed, and when the next may be."""
    with transaction.atomic():
        unsent = sort.model._default_manager.filter(pk=pk, state=MailState.QUEUED)
        mail = unsent.select_for_update(skip_locked=True).first()
        if mail is None:
            return
        mail.tries += 1
        wait = wait or min(timedelta(minutes=1) * 2 ** min(mail.tries - 1, 10), LONGEST_WAIT)
        mail.next_try_at, mail.problem = clock.moment() + wait, problem
        mail.save()


# --- the daily email -----------------------------------------------------------------------------


def digests_to_send(now: datetime) -> QuerySet[Digest]:
    """What may go out now: today's. One that could not go on its day says nothing new the day after."""
    due = Digest.objects.filter(state=MailState.QUEUED, on=clock.london_date(now), next_try_at__lte=now)
    return due.order_by("next_try_at", "pk")


def _begin_digest(pk: int) -> tuple[Digest, EmailMessage] | None:
    """None for somebody who has left since it was written, or has another address."""
    digest = Digest.objects.select_related("person").get(pk=pk)
    if not Membership.objects.today().filter(works_here(), user=digest.person, user__email=digest.address).exists():
        return None
    record(Event.DIGEST_SENT, by=User.objects.system(), on=digest, detail={"person": digest.person_id})
    sender = formataddr(("CAIT", settings.MAIL_FROM))
    headers = {"Message-ID": digest.message_id, "Auto-Submitted": "auto-generated"}
    return digest, EmailMessage(digest.subject, digest.text, sender, [digest.address], headers=headers)


# Partners first: a child waits for their answer.
SORTS = (Sort("Email", Mail, to_send, _begin_mail), Sort("Daily email", Digest, digests_to_send, _begin_digest))
