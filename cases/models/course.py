"""What turns the course of a record, and is asked and answered: closure, transfer; and which record leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cases.enums import ClosureState, Court, TransferState
from cases.models.record import Case
from deadlines.clock import CaitMoment
from people.models import Person
from team.history import tracked
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Closure(models.Model):
    """A request to close a record, and what a second person answered: nobody closes a record alone."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="closures", db_index=False)
    asked_at = models.DateTimeField(db_default=CaitMoment())
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # What came of it, and why no child is left at a risk that nobody manages.
    outcome = models.TextField()
    court = models.CharField("court case", max_length=10, choices=Court)
    state = models.CharField(max_length=10, choices=ClosureState, default=ClosureState.ASKED)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.TextField(blank=True, default="")

    history = tracked()

    class Meta:
        verbose_name = "request to close a record"
        verbose_name_plural = "requests to close a record"
        constraints = [
            models.UniqueConstraint(fields=["case"], name="one_request_at_a_time", condition=Q(state="asked")),
            models.CheckConstraint(condition=Q(state__in=ClosureState.values), name="closure_state_is_known"),
            models.CheckConstraint(
                condition=Q(court__in=[Court.NONE, Court.CONCLUDED]), name="closure_after_the_court_case"
            ),
            models.CheckConstraint(condition=~Q(outcome=""), name="closure_says_what_came_of_it"),
            models.CheckConstraint(
                name="answered_closure_says_when_and_by_whom",
                condition=Q(state=ClosureState.ASKED, answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (~Q(state=ClosureState.ASKED) & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="closure_is_agreed_by_another",
                condition=~Q(state=ClosureState.AGREED) | ~Q(answered_by=models.F("asked_by")),
            ),
        ]
        indexes = [models.Index(fields=["case", "-id"], name="closure_by_case")]

    def __str__(self) -> str:
        return f"{self.case}, {self.get_state_display()}"


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, user: User | AnonymousUser) -> TransferQuerySet:
        """Those that the user may ask for or answer today: of the team that has the record, or had it, and of the
        one that is to take it over. More of the record they read only where they may open it."""
        asks, answers = (
            teams_held(user, each) for each in (Permission.TRANSFER_RECORDS, Permission.ANSWER_TRANSFERS)
        )
        if asks is None or answers is None:
            return self
        return self.filter(Q(from_team_id__in=asks) | Q(to_team_id__in=answers))


class Transfer(models.Model):
    """A request that another borough's team takes a record over, and its answer (ADR 30). Until it is accepted the
    record stays where it is: the sender owns it until the receiver accepts."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="transfers", db_index=False)
    from_team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    to_team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=TransferState, default=TransferState.ASKED)
    asked_at = models.DateTimeField(db_default=CaitMoment())
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # Why it is not accepted, or was taken back; what whoever accepts adds.
    answer = models.TextField(blank=True, default="")

    history = tracked()
    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = "transfer of a record"
        verbose_name_plural = "transfers of records"
        constraints = [
            models.UniqueConstraint(fields=["case"], name="one_transfer_at_a_time", condition=Q(state="asked")),
            models.CheckConstraint(condition=Q(state__in=TransferState.values), name="transfer_state_is_known"),
            models.CheckConstraint(condition=~Q(from_team=models.F("to_team")), name="transfer_is_to_another_team"),
            models.CheckConstraint(condition=~Q(reason=""), name="transfer_says_why"),
            models.CheckConstraint(
                name="answered_transfer_says_when_and_by_whom",
                condition=Q(state=TransferState.ASKED, answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (~Q(state=TransferState.ASKED) & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="transfer_that_is_not_accepted_says_why",
                condition=~Q(state__in=[TransferState.DECLINED, TransferState.WITHDRAWN]) | ~Q(answer=""),
            ),
            models.CheckConstraint(
                name="transfer_is_accepted_by_another",
                condition=~Q(state=TransferState.ACCEPTED) | ~Q(answered_by=models.F("asked_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-id"], name="transfer_by_case"),
            models.Index(fields=["from_team", "-asked_at", "-id"], name="transfer_by_sender"),
            models.Index(fields=["to_team", "-asked_at", "-id"], name="transfer_by_receiver"),
        ]

    def __str__(self) -> str:
        return f"{self.case} to {self.to_team}"


class Lead(models.Model):
    """A choice of the record on which the reviews of a child hang, of several open ones. Rows are only ever added:
    the last one counts whose record is open and still about the child; without one the oldest open record leads."""

    child = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    # The open records (ids) there were of the child: where another comes to them, it is asked again.
    among = ArrayField(models.BigIntegerField())
    chosen_at = models.DateTimeField(db_default=CaitMoment())
    chosen_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField()

    class Meta:
        verbose_name = "choice of the lead record"
        verbose_name_plural = "choices of the lead record"
        indexes = [models.Index(fields=["child", "-id"], name="lead_by_child")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="lead_has_a_reason"),
            models.CheckConstraint(condition=Q(among__len__gte=2), name="lead_is_one_of_several"),
        ]

    def __str__(self) -> str:
        return f"{self.child}: {self.case}"
