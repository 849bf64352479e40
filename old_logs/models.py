"""An old log as it was sent, and what became of each of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from deadlines.clock import CaitMoment
from old_logs.enums import RowState, Says, State
from pages.validators import one_line
from referrals.models import Referral
from team.history import tracked
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class OldLogQuerySet(models.QuerySet["OldLog"]):
    def visible_to(self, user: User | AnonymousUser) -> OldLogQuerySet:
        """The old logs of the teams for which the user may bring one in today."""
        teams = teams_held(user, Permission.BRING_IN_LOGS)
        return self if teams is None else self.filter(team_id__in=teams)


class OldLog(models.Model):
    """One file: read and checked row by row first; brought in when somebody has seen what will become of it."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField("file", max_length=255, validators=[one_line])
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    # Until its rows are brought in: when somebody says otherwise what its columns are, it is read again.
    content = models.BinaryField(null=True)
    added_at = models.DateTimeField(db_default=CaitMoment())
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.READING)
    # Why it could not be read.
    refused_why = models.CharField(max_length=600, blank=True, default="")
    # What is in it: a headings.Sheet each, as far as it was read.
    sheets = models.JSONField(default=list, blank=True)
    # What each heading says, as somebody chose it for this file: {heading key: Says}; and by the number of the sheet
    # which row is its heading, 0 for none.
    chosen = models.JSONField(default=dict, blank=True)
    chosen_headings = models.JSONField(default=dict, blank=True)
    # The highest serial of each year among its URNs: CAIT's own numbering goes on above it.
    highest = models.JSONField(default=dict, blank=True)
    # How far a worker has come with it: rows read or brought in, of how many.
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    # Who had it brought in, when; and why no email goes to Social Services about its referrals, where none does.
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    hold_why = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    done_at = models.DateTimeField(null=True, blank=True)

    objects = OldLogQuerySet.as_manager()

    class Meta:
        verbose_name = "old log"
        indexes = [
            models.Index(fields=["team", "-added_at", "-id"], name="old_log_by_team"),
            models.Index(fields=["id"], name="old_log_at_work", condition=Q(state__in=["reading", "bringing_in"])),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="old_log_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.REFUSED) ^ Q(refused_why=""), name="refused_old_log_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.BRINGING_IN, State.DONE], asked_at__isnull=False, asked_by__isnull=False)
                | (
                    ~Q(state__in=[State.BRINGING_IN, State.DONE])
                    & Q(asked_at__isnull=True, asked_by__isnull=True, hold_why="")
                ),
                name="old_log_brought_in_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DONE, done_at__isnull=False)
                | (~Q(state=State.DONE) & Q(done_at__isnull=True)),
                name="old_log_done_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OldRow(models.Model):
    """One row of an old log that is not blank, and what became of it: none is passed over."""

    log = models.ForeignKey(OldLog, models.CASCADE, related_name="rows", db_index=False)
    sheet = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField("row")
    state = models.CharField(max_length=12, choices=RowState)
    # What the row says, by column and with what stands above in place of "as above"; and the columns kept as notes.
    said = models.JSONField(default=dict, blank=True)
    notes = models.JSONField(default=list, blank=True)
    # The cells in their places, of a row that goes back to be mended or is no referral.
    cells = models.JSONField(default=list, blank=True)
    # What must be put right, and what a person should know: {"says", "value", "wrong"} each.
    wrong = models.JSONField(default=list, blank=True)
    remarks = models.JSONField(default=list, blank=True)
    # Social Services owe an update about it, and are asked for it when it is brought in.
    owed = models.BooleanField(default=False)
    # By it a row is known that was brought in already and says the same still.
    digest = models.CharField(max_length=32, blank=True, default="")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = "row of an old log"
        verbose_name_plural = "rows of old logs"
        indexes = [
            models.Index(fields=["log", "state", "id"], name="old_row_by_state"),
            models.Index(fields=["referral"], name="old_row_of", condition=Q(state="brought_in")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["log", "sheet", "number"], name="old_row_once"),
            models.CheckConstraint(condition=Q(state__in=RowState.values), name="old_row_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=RowState.BROUGHT_IN) | Q(referral__isnull=False),
                name="brought_in_row_says_as_what",
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of {self.log}"


class Column(models.Model):
    """What a column of that heading says in a team's logs: as somebody chose it last."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    heading = models.CharField(max_length=200)  # as headings.heading_key writes it
    says = models.CharField(max_length=20, choices=Says)

    history = tracked()

    class Meta:
        verbose_name = "column of old logs"
        verbose_name_plural = "columns of old logs"
        constraints = [
            models.UniqueConstraint(fields=["team", "heading"], name="old_column_once"),
            models.CheckConstraint(condition=Q(says__in=Says.values), name="old_column_says_something_known"),
        ]

    def __str__(self) -> str:
        return f"{self.heading}: {self.get_says_display()}"
