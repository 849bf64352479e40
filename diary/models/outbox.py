"""The outbox: what is written to somebody in the transaction that causes it, and sent afterwards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Case
from deadlines.clock import CaitMoment
from diary.models.chases import Rung, Step
from team.models import User


class MailState(models.TextChoices):
    QUEUED = "queued", "To be sent"
    SENT = "sent", "Sent"
    WITHDRAWN = "withdrawn", "Not sent, no longer needed"


class Outgoing(models.Model):
    """An email that is written down in the transaction that causes it and sent afterwards.

    Its Message-ID is fixed when it is written: should a crash make it go out twice, a mail program sees one.
    """

    message_id = models.CharField(max_length=200, unique=True)
    address = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    written_at = models.DateTimeField(db_default=CaitMoment())
    state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=CaitMoment())
    # Why the last try failed: a word of the program, never of the email.
    problem = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.subject


class Mail(Outgoing):
    """An email to a partner, about a step of a chase."""

    step = models.OneToOneField(Step, models.PROTECT, related_name="mail")
    # Whose address it is; one that is no longer approved when it is sent is not written to.
    rung = models.ForeignKey(Rung, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    to_whom = models.CharField(max_length=120)
    # How the chronology tells of it when it has gone.
    title = models.CharField(max_length=200)

    class Meta:
        verbose_name = "email"
        indexes = [models.Index(fields=["next_try_at", "id"], name="mail_to_send", condition=Q(state="queued"))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="mail_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | (~Q(state=MailState.SENT) & Q(sent_at__isnull=True)),
                name="sent_mail_says_when",
            ),
        ]


class Digest(Outgoing):
    """What is due, once a day to each person: numbers and a link, nothing of a record."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()  # in London

    class Meta:
        verbose_name = "daily email"
        indexes = [models.Index(fields=["next_try_at", "id"], name="digest_to_send", condition=Q(state="queued"))]
        constraints = [
            models.UniqueConstraint(fields=["person", "on"], name="one_digest_a_day"),
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="digest_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | (~Q(state=MailState.SENT) & Q(sent_at__isnull=True)),
                name="sent_digest_says_when",
            ),
        ]
