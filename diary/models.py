"""What the diary keeps: every duty, and when the sweep last looked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Case
from deadlines.clock import CaitMoment, CaitNow
from deadlines.due import Due
from team.enums import Role
from team.history import tracked
from team.models import Team, User


class DutyState(models.TextChoices):
    OPEN = "open", "To do"
    SATISFIED = "satisfied", "Done"
    CANCELLED = "cancelled", "Fell away"


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
    raised_at = models.DateTimeField(db_default=CaitMoment())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_why = models.CharField(max_length=300, blank=True, default="")

    history = tracked()

    class Meta:
        verbose_name = "duty"
        verbose_name_plural = "duties"
        indexes = [
            models.Index(fields=["team", "late_from", "id"], name="open_duty_by_team", condition=Q(state="open")),
            models.Index(fields=["owner", "late_from", "id"], name="open_duty_by_owner", condition=Q(state="open")),
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
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.case}"

    @property
    def reckoned(self) -> Due:
        """The date with the reason for it, as it was worked out when the duty was raised."""
        return Due.from_json(self.due)


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
