"""Every duty: what must be done on a record by when, by whom, and what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from cases.models import Case, not_hidden_from
from deadlines.clock import CaitMoment
from deadlines.due import Due
from pages.validators import one_line
from team.enums import Role
from team.history import tracked
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
FIRST_MOMENT, LAST_MOMENT = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (FIRST_DAY, LAST_DAY))


class DutyState(models.TextChoices):
    OPEN = "open", "To do"
    SATISFIED = "satisfied", "Done"
    CANCELLED = "cancelled", "Fell away"


class DutyQuerySet(models.QuerySet["Duty"]):
    def visible_to(self, user: User | AnonymousUser) -> DutyQuerySet:
        """The duties of the records the user may open today."""
        teams = teams_held(user, Permission.SEE_RECORDS)
        rows = self.filter(not_hidden_from(user))
        return rows if teams is None else rows.filter(team_id__in=teams)


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
    # In words what it is about, where a record has several: the question of a gap. Only for who may open the record.
    about = models.CharField(max_length=300, blank=True, default="", db_default="")
    state = models.CharField(max_length=10, choices=DutyState, default=DutyState.OPEN)
    # A person, or whoever holds the role in the record's team.
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    owner_role = models.CharField(max_length=20, choices=Role)
    due_on = models.DateField()
    due_at = models.DateTimeField(null=True, blank=True)
    late_from = models.DateTimeField()
    due = models.JSONField()  # a deadlines.due.Due, with the reason for the date
    # It was due, or would have been, before the team worked with CAIT: the record came in with an old log. Or it has
    # a list of its own, until somebody has it by name (`diary.kinds.DutyKind.apart`).
    from_before = models.BooleanField(default=False, db_default=False)
    raised_at = models.DateTimeField(db_default=CaitMoment())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    ended_why = models.CharField(max_length=300, blank=True, default="")
    # The other review that answered this one too: one review for two clocks (HMIC 2010, AFI 4).
    answered_with = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
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
            # Narrowed by kind, which most have millions of that have ended.
            models.Index(
                fields=["kind", "team", "late_from", "id"], name="open_duty_by_kind", condition=Q(state="open")
            ),
            # How many there are of what has a list of its own.
            models.Index(
                fields=["kind", "team"], name="open_old_duty_by_kind", condition=Q(state="open", from_before=True)
            ),
            models.Index(fields=["late_from", "id"], name="open_duty_by_time", condition=Q(state="open")),
            # Few: how many reviews answered two clocks.
            models.Index(
                fields=["team", "ended_at"], name="duty_answered_with", condition=Q(answered_with__isnull=False)
            ),
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
            # PostgreSQL knows days that Python does not: one such row would stop every page that lists it.
            models.CheckConstraint(
                name="duty_days_can_be_read",
                condition=Q(due_on__range=(FIRST_DAY, LAST_DAY), late_from__range=(FIRST_MOMENT, LAST_MOMENT))
                & (Q(due_at__isnull=True) | Q(due_at__range=(FIRST_MOMENT, LAST_MOMENT))),
            ),
            models.CheckConstraint(
                name="duty_is_answered_with_another_that_was_done",
                condition=Q(answered_with__isnull=True)
                | (Q(state=DutyState.SATISFIED) & ~Q(answered_with=models.F("id"))),
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
    def late_by(self) -> timedelta | None:
        """How long after its time it was ended; None of one that is open or was in time."""
        return self.ended_at - self.late_from if self.ended_at and self.ended_at > self.late_from else None

    @property
    def reckoned(self) -> Due:
        """The date with the reason for it, as it was worked out when the duty was raised."""
        return Due.from_json(self.due)
