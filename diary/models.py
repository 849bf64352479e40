"""What the diary keeps: every duty, whom it chases and what was written to them, and when the sweep last looked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from cases.enums import Partner
from cases.models import Case
from deadlines.clock import CaitMoment, CaitNow
from deadlines.due import Due
from pages.validators import one_line
from team.enums import Role
from team.history import tracked
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class DutyState(models.TextChoices):
    OPEN = "open", "To do"
    SATISFIED = "satisfied", "Done"
    CANCELLED = "cancelled", "Fell away"


class DutyQuerySet(models.QuerySet["Duty"]):
    def visible_to(self, user: User | AnonymousUser) -> DutyQuerySet:
        """The duties of the records the user may open today."""
        teams = teams_held(user, Permission.SEE_RECORDS)
        return self if teams is None else self.filter(team_id__in=teams)


class Duty(models.Model):
    """Something that must be done on a record by a time, whoever does it.

    Written in the transaction of the event that causes it; its date and the reason for it are stored then and never
    change. `subject`: what it is about where a record can have several at once, such as a conference; 0 for the
    record itself. `cycle`: 0, 1, 2 … where it comes again.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="duties", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    # The code of a DutyKind. No `choices`: a kind belongs to the room that registers it.
    kind = models.CharField(max_length=30)
    subject = models.BigIntegerField(default=0)
    cycle = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=DutyState, default=DutyState.OPEN)
    # A person, or whoever holds the role in the record's team.
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    owner_role = models.CharField(max_length=20, choices=Role)
    due_on = models.DateField()
    due_at = models.DateTimeField(null=True, blank=True)
    late_from = models.DateTimeField()
    due = models.JSONField()  # a deadlines.due.Due, with the reason for the date
    # It was due, or would have been, before the team worked with CAIT: the record came in with an old log.
    from_before = models.BooleanField(default=False, db_default=False)
    raised_at = models.DateTimeField(db_default=CaitMoment())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    ended_why = models.CharField(max_length=300, blank=True, default="")
    # Nothing is written to a partner about it, as when the worker who would read it is the subject.
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    held_why = models.CharField(max_length=300, blank=True, default="", validators=[one_line])

    history = tracked()
    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "duty"
        verbose_name_plural = "duties"
        indexes = [
            models.Index(fields=["team", "late_from", "id"], name="open_duty_by_team", condition=Q(state="open")),
            models.Index(fields=["owner", "late_from", "id"], name="open_duty_by_owner", condition=Q(state="open")),
            # Those of old logs are late for years, and may be tens of thousands: without them by an index of its own.
            models.Index(
                fields=["team", "late_from", "id"],
                name="open_fresh_duty_by_team",
                condition=Q(state="open", from_before=False),
            ),
            models.Index(fields=["late_from", "id"], name="open_duty_by_time", condition=Q(state="open")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "subject", "cycle"], name="duty_exactly_once"),
            models.CheckConstraint(condition=Q(state__in=DutyState.values), name="duty_state_is_known"),
            models.CheckConstraint(condition=Q(owner_role__in=Role.values), name="duty_owner_role_is_known"),
            models.CheckConstraint(
                name="ended_duty_says_when_and_why",
                condition=Q(state=DutyState.OPEN, ended_at__isnull=True, ended_by__isnull=True, ended_why="")
                | (~Q(state=DutyState.OPEN) & Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_why="")),
            ),
            models.CheckConstraint(
                name="held_duty_says_by_whom_and_why",
                condition=Q(held_at__isnull=True, held_by__isnull=True, held_why="")
                | (Q(held_at__isnull=False, held_by__isnull=False) & ~Q(held_why="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.case}"

    @property
    def reckoned(self) -> Due:
        """The date with the reason for it, as it was worked out when the duty was raised."""
        return Due.from_json(self.due)


# What any mail server takes and anybody can read: no quotes, no letters that look like others or are not seen.
plain_address = RegexValidator(
    r"^[A-Za-z0-9._%+'-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}\Z",
    "Enter an email address of plain letters and figures, like duty.desk@borough.example",
)


class Rung(models.Model):
    """One address of a partner's ladder: whom a team writes to first, and whom when they do not answer.

    Only to these does CAIT write. An address is never changed: another is approved in its place.
    """

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    partner = models.CharField(max_length=20, choices=Partner)
    # 1 is asked and chased first; the highest is chased until they answer.
    number = models.PositiveSmallIntegerField("step")
    to_whom = models.CharField("who reads it", max_length=120, validators=[one_line])
    address = models.EmailField("email address", validators=[plain_address])
    approved_at = models.DateTimeField(db_default=CaitMoment())
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    history = tracked()

    class Meta:
        verbose_name = "address of a partner"
        verbose_name_plural = "addresses of partners"
        constraints = [
            models.UniqueConstraint(
                fields=["team", "partner", "number"],
                name="one_address_on_each_step",
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(condition=Q(partner__in=Partner.values), name="rung_partner_is_known"),
            models.CheckConstraint(condition=Q(number__gte=1), name="rungs_begin_at_one"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="ended_rung_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.to_whom}, {self.address}"


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


class ChaseState(models.TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Waiting until the answer is judged"
    ENDED = "ended", "Ended"
    SET_ASIDE = "set_aside", "Could not be checked"


class Chase(models.Model):
    """How far the chasing for one duty has come: what the sweep goes by. Its limits are those of the day it began."""

    duty = models.OneToOneField(Duty, models.PROTECT, related_name="chase")
    partner = models.CharField(max_length=20, choices=Partner)
    # The London date of the decision, and of the limits then: the first chase, and how many days apart the others.
    started_on = models.DateField()
    first_after = models.PositiveSmallIntegerField()
    apart = models.PositiveSmallIntegerField()
    # How many chases are raised, and when the next falls.
    raised = models.PositiveIntegerField(default=0)
    next_on = models.DateField()
    state = models.CharField(max_length=10, choices=ChaseState, default=ChaseState.RUNNING)
    # Of one that the sweep could not deal with: since when and why, in a word of the program.
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_why = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["next_on", "id"], name="running_chase", condition=Q(state="running")),
            models.Index(fields=["id"], name="chase_set_aside", condition=Q(state="set_aside")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(partner__in=Partner.values), name="chase_partner_is_known"),
            models.CheckConstraint(condition=Q(state__in=ChaseState.values), name="chase_state_is_known"),
            models.CheckConstraint(condition=Q(apart__gte=1), name="chases_are_a_day_apart_or_more"),
            # PostgreSQL knows days that Python does not: one such row would stop every page that lists it.
            models.CheckConstraint(
                condition=Q(started_on__range=(FIRST_DAY, LAST_DAY), next_on__range=(FIRST_DAY, LAST_DAY)),
                name="chase_days_can_be_read",
            ),
            models.CheckConstraint(
                condition=Q(state=ChaseState.SET_ASIDE, set_aside_at__isnull=False)
                | (~Q(state=ChaseState.SET_ASIDE) & Q(set_aside_at__isnull=True)),
                name="chase_set_aside_says_since_when",
            ),
        ]

    def __str__(self) -> str:
        return f"chase of {self.duty}"


class StepState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    WRITTEN = "written", "Written"
    OVERTAKEN = "overtaken", "Overtaken by the next"
    DROPPED = "dropped", "Not needed any more"


class Step(models.Model):
    """One step of a chase: 0 asks, 1, 2 … chase. There is each exactly once, however often the sweep runs."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="steps", db_index=False)
    number = models.PositiveIntegerField()
    due_on = models.DateField()
    raised_at = models.DateTimeField(db_default=CaitMoment())
    state = models.CharField(max_length=10, choices=StepState, db_default=StepState.WAITING)

    class Meta:
        indexes = [models.Index(fields=["id"], name="step_waiting", condition=Q(state="waiting"))]
        constraints = [
            models.UniqueConstraint(fields=["duty", "number"], name="step_exactly_once"),
            models.CheckConstraint(condition=Q(state__in=StepState.values), name="step_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"step {self.number} of {self.duty}"


class MailState(models.TextChoices):
    QUEUED = "queued", "To be sent"
    SENT = "sent", "Sent"
    WITHDRAWN = "withdrawn", "Not sent, no longer needed"


class Mail(models.Model):
    """The outbox: an email that is written down in the transaction that causes it and sent afterwards.

    Its Message-ID is fixed when it is written: should a crash make it go out twice, a mail program sees one.
    """

    step = models.OneToOneField(Step, models.PROTECT, related_name="mail")
    # Whose address it is; one that is no longer approved when it is sent is not written to.
    rung = models.ForeignKey(Rung, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=200, unique=True)
    to_whom = models.CharField(max_length=120)
    address = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    # How the chronology tells of it when it has gone.
    title = models.CharField(max_length=200)
    written_at = models.DateTimeField(db_default=CaitMoment())
    state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=CaitMoment())
    # Why the last try failed: a word of the program, never of the email.
    problem = models.CharField(max_length=100, blank=True, default="")

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

    def __str__(self) -> str:
        return self.subject


class Waker(models.TextChoices):
    BEAT = "beat", "the worker, woken by beat"
    COMMAND = "command", "the command `manage.py sweep`"


class Heartbeat(models.Model):
    """When each waker's sweep last succeeded. Screens and the health check speak from it; a stopped diary is seen."""

    waker = models.CharField(max_length=10, choices=Waker, primary_key=True)
    succeeded_at = models.DateTimeField(db_default=CaitNow())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(waker__in=Waker.values), name="waker_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.waker} {self.succeeded_at}"
