"""What stands on a record: its chronology, what is to be done, what was shared. Facts stay: an entry is added, never
overwritten."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.enums import ANYBODY, ActionState, Basis, Happened, Kind, Partner, Way
from cases.models.record import Case
from deadlines.clock import CaitMoment
from pages.validators import one_line
from people.models import Person
from team.history import tracked
from team.models import User


class Entry(models.Model):
    """One entry of the chronology. Rows are only ever added; a correction is an entry that `corrects` another.

    Two times: when it happened, as well as that is known, and when it was written down.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind)
    happened_at = models.DateTimeField()
    happened = models.CharField(max_length=5, choices=Happened, default=Happened.AT)
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=200, validators=[one_line])
    text = models.TextField(blank=True, default="")
    # Who or what it is known from, as far as it may be named.
    source = models.CharField(max_length=200, blank=True, default="", validators=[one_line])
    # Written by CAIT with the act it tells of.
    automatic = models.BooleanField(default=False)
    significant = models.BooleanField(default=False)
    people = models.ManyToManyField(Person, related_name="+", blank=True)
    # Always the first entry, never a correction of it: corrections of one entry stand in a row.
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", db_index=False
    )
    reason = models.CharField(max_length=500, blank=True, default="", validators=[one_line])

    class Meta:
        verbose_name = "entry of the chronology"
        verbose_name_plural = "chronology"
        indexes = [
            models.Index(
                fields=["case", "-happened_at", "-id"],
                name="entry_by_case_and_time",
                condition=Q(corrects__isnull=True),
            ),
            models.Index(fields=["corrects", "id"], name="correction_of", condition=Q(corrects__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="entry_kind_is_known"),
            models.CheckConstraint(condition=Q(happened__in=Happened.values), name="entry_happened_is_known"),
            models.CheckConstraint(condition=~Q(title=""), name="entry_has_a_title"),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(reason=""), name="correction_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Action(models.Model):
    """Something to be done on a record, by a London date, by somebody by name or by any investigator.

    Whoever has its duty owns it (`diary.hearing.own_what_is_given`).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="actions", db_index=False)
    what = models.CharField("what is to be done", max_length=300, validators=[one_line])
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField("due date")
    state = models.CharField(max_length=10, choices=ActionState, default=ActionState.OPEN)
    added_at = models.DateTimeField(db_default=CaitMoment())
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # What came of it, or why it is not needed.
    result = models.TextField(blank=True, default="")

    history = tracked()

    class Meta:
        verbose_name = "action"
        indexes = [
            models.Index(fields=["case", "due_on", "id"], name="action_by_case"),
            models.Index(fields=["owner", "due_on", "id"], name="open_action_by_owner", condition=Q(state="open")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ActionState.values), name="action_state_is_known"),
            models.CheckConstraint(
                name="ended_action_says_when_and_what",
                condition=Q(state=ActionState.OPEN, ended_at__isnull=True, ended_by__isnull=True, result="")
                | (~Q(state=ActionState.OPEN) & Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(result="")),
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def whose(self) -> str:
        """Who does it, in words."""
        return str(self.owner or ANYBODY)


class Shared(models.Model):
    """What was passed on to whom, when, by whom, on what ground. Rows are only ever added.

    Source: HMIC 2010, AFI 1 (new information goes out unasked); Data Protection Act 2018, section 62.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="shared", db_index=False)
    partner = models.CharField(max_length=20, choices=Partner)
    to_whom = models.CharField("name and job", max_length=200, validators=[one_line])
    what = models.TextField()
    way = models.CharField(max_length=12, choices=Way)
    basis = models.CharField(max_length=15, choices=Basis)
    shared_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    people = models.ManyToManyField(Person, related_name="+", blank=True)

    class Meta:
        verbose_name = "information shared"
        verbose_name_plural = "information shared"
        indexes = [models.Index(fields=["case", "-shared_at", "-id"], name="shared_by_case")]
        constraints = [
            models.CheckConstraint(condition=Q(partner__in=Partner.values), name="shared_partner_is_known"),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="shared_way_is_known"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="shared_basis_is_known"),
            models.CheckConstraint(condition=~Q(what="") & ~Q(to_whom=""), name="shared_says_what_and_to_whom"),
        ]

    def __str__(self) -> str:
        return f"{self.get_partner_display()}, {self.to_whom}"
