"""Whom a partner's chases go to, how far each has come, and its steps."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from cases.enums import Partner
from deadlines.clock import CaitMoment
from diary.models.duties import FIRST_DAY, LAST_DAY, Duty
from pages.validators import one_line
from team.history import tracked
from team.models import Team, User

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


class ChaseState(models.TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Waiting until the answer is judged"
    ENDED = "ended", "Ended"
    SET_ASIDE = "set_aside", "Could not be checked"


class Chase(models.Model):
    """How far the chasing for one duty has come: what the sweep goes by. Its limits are those of the day it began.

    The sweep changes very many at once, so there is one key and no more indexes than it needs, and on each page room
    for the changed row beside the old one (ADR 31).
    """

    duty = models.OneToOneField(Duty, models.PROTECT, primary_key=True, related_name="chase")
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
            models.Index(fields=["next_on", "duty"], name="running_chase", condition=Q(state="running")),
            models.Index(fields=["duty"], name="chase_set_aside", condition=Q(state="set_aside")),
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
