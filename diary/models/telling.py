"""Who is told what: that a duty is late, and ever later; that one was given to them; what an outage held up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from cases.models import not_hidden_from
from deadlines.clock import CaitMoment
from diary.models.duties import Duty
from pages.validators import one_line
from team.enums import Role
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Watch(models.Model):
    """How far it has been told that an open duty is late: what the sweep goes by. It goes with the duty.

    Apart from the duty, because the sweep changes it: a row of two numbers is changed 50,000 times in a second.
    """

    duty = models.OneToOneField(Duty, models.PROTECT, primary_key=True, related_name="watch")
    told = models.PositiveSmallIntegerField(default=0)  # how many steps
    # When the next step falls; empty after the last.
    tell_at = models.DateTimeField(null=True)
    # Of one that the sweep could not deal with: since when and why, in a word of the program.
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_why = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["tell_at", "duty"],
                name="watch_to_tell",
                condition=Q(tell_at__isnull=False, set_aside_at__isnull=True),
            ),
            models.Index(fields=["duty"], name="watch_set_aside", condition=Q(set_aside_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"watch on {self.duty_id}"


class NoticeKind(models.TextChoices):
    LATE = "late", "Late"
    GIVEN = "given", "Given to you"
    UNMANAGED = "unmanaged", "A control measure fails or has ended, and nothing manages its risk"
    OUTAGE = "outage", "Due dates were not checked"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User | AnonymousUser) -> NoticeQuerySet:
        """What is told about the records that the user may open today. What was told of a duty that another team has
        by now is not shown any more: to the team that was told, its record is gone."""
        teams = teams_held(user, Permission.SEE_RECORDS)
        seen = not_hidden_from(user, "duty__case")
        if teams is None:
            return self.filter(Q(duty=None) | seen)
        return self.filter(Q(duty=None) | Q(seen, duty__team_id__in=teams), team_id__in=teams)


class Notice(models.Model):
    """Something that CAIT tells somebody on its pages: a person, or whoever holds a role in a team.

    Of a late duty one for each step (1 to whoever has to do it, 2 a supervisor, 3 the inspector, 4 the command), each
    exactly once however often the sweep runs. Rows are only added.
    """

    kind = models.CharField(max_length=10, choices=NoticeKind)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    to_person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    to_role = models.CharField(max_length=20, choices=Role, blank=True, default="")
    duty = models.ForeignKey(Duty, models.PROTECT, null=True, blank=True, related_name="notices", db_index=False)
    # Of a late duty its step; of one that was given, how often it was.
    number = models.PositiveSmallIntegerField(default=0)
    # Of an outage, which has no duty: since when due dates were not checked, and what became late meanwhile.
    since = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=1000, blank=True, default="", validators=[one_line])
    raised_at = models.DateTimeField(db_default=CaitMoment())

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["to_person", "-id"], name="notice_by_person", condition=Q(to_person__isnull=False)),
            models.Index(
                fields=["team", "to_role", "-id"], name="notice_by_role", condition=Q(to_person__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["duty", "kind", "number"], name="notice_exactly_once"),
            models.UniqueConstraint(
                fields=["team", "since"], name="outage_told_once", condition=Q(kind=NoticeKind.OUTAGE)
            ),
            models.CheckConstraint(condition=Q(kind__in=NoticeKind.values), name="notice_kind_is_known"),
            models.CheckConstraint(condition=Q(to_role__in=["", *Role.values]), name="notice_role_is_known"),
            models.CheckConstraint(condition=Q(to_person__isnull=False) | ~Q(to_role=""), name="notice_says_to_whom"),
            models.CheckConstraint(
                name="notice_is_of_a_duty_or_of_an_outage",
                condition=Q(kind=NoticeKind.OUTAGE, duty__isnull=True, since__isnull=False) & ~Q(words="")
                | ~Q(kind=NoticeKind.OUTAGE) & Q(duty__isnull=False, since__isnull=True, words=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.duty_id or self.words}"


class NoticesRead(models.Model):
    """How far somebody has read what they were told: the notices up to an id."""

    person = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="+")
    up_to = models.BigIntegerField()

    class Meta:
        verbose_name = "notices read"
        verbose_name_plural = "notices read"

    def __str__(self) -> str:
        return f"{self.person_id} up to {self.up_to}"
