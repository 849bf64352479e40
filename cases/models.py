"""The record of a referral, and what stands on it. Facts stay: an entry is added, never overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from cases.enums import (
    ANYBODY,
    ActionState,
    Basis,
    ClosureState,
    Court,
    Happened,
    Kind,
    Level,
    Part,
    Partner,
    Series,
    State,
    TransferState,
    Way,
)
from deadlines.clock import CaitMoment
from pages.validators import one_line
from people.models import Person
from team.history import tracked
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

NUMBER = r"[A-Z]{3}-\d{4}-\d{4,6}"


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser) -> CaseQuerySet:
        """The records the user may open today: those of the teams in which their role lets them see records."""
        teams = teams_held(user, Permission.SEE_RECORDS)
        return self if teams is None else self.filter(team_id__in=teams)

    def that_were_transferred(self) -> CaseQuerySet:
        """Those that another team had before. Few: found by their transfers."""
        return self.filter(pk__in=Transfer.objects.filter(state=TransferState.ACCEPTED).values("case"))


class Case(models.Model):
    """One electronic record for each referral, crime or not: the single point of reference (HMIC 2010, AFI 2)."""

    # Team, year and number: HGY-2009-1187. In the address of every page of the record.
    number = models.CharField("record", max_length=15, unique=True, validators=[RegexValidator(f"^{NUMBER}$")])
    # The URN of its referral, 0598/09, as it is read out; the referral keeps year and number apart.
    urn = models.CharField("URN", max_length=12)
    team = models.ForeignKey(Team, models.PROTECT, related_name="cases", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    # Empty until the first assessment sets it.
    level = models.CharField(max_length=10, choices=Level, blank=True, default="")
    officer_in_case = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    supervisor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    raised_at = models.DateTimeField(db_default=CaitMoment())
    closed_at = models.DateTimeField(null=True, blank=True)
    people = models.ManyToManyField(Person, through="CasePerson", related_name="cases")

    # When whoever is shown it looked (cases.reading); None elsewhere.
    looked_at: datetime | None = None

    history = tracked()
    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "record"
        indexes = [
            models.Index(fields=["team", "-raised_at", "-id"], name="case_by_team_and_time"),
            models.Index(fields=["-raised_at", "-id"], name="case_by_time"),
            models.Index(fields=["urn"], name="case_by_urn"),
            models.Index(fields=["officer_in_case", "-raised_at", "-id"], name="case_by_officer"),
            models.Index(
                fields=["team", "-raised_at", "-id"],
                name="open_case_of_nobody",
                condition=Q(state="open", officer_in_case__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=f"^{NUMBER}$"), name="record_number_is_one"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="case_state_is_known"),
            models.CheckConstraint(condition=Q(level__in=["", *Level.values]), name="case_level_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.OPEN, closed_at__isnull=True)
                | Q(state=State.CLOSED, closed_at__isnull=False),
                name="closed_case_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Numbering(models.Model):
    """The last number given in a series of a team and year. Its row's lock makes the numbers follow each other."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    series = models.CharField(max_length=10, choices=Series)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "series", "year"], name="one_numbering_for_each_year"),
            models.CheckConstraint(condition=Q(series__in=Series.values), name="numbering_series_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.last}"


class CasePerson(models.Model):
    """What somebody is to one record. One person may be there in several parts: a mother and a suspect."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="parts", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="parts")
    part = models.CharField(max_length=12, choices=Part)
    # In the order in which they were said, so that the record is called after the first child.
    place = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField(db_default=CaitMoment())
    # Taken off again, as when it was somebody else; the reason stands in the chronology.
    taken_off_at = models.DateTimeField(null=True, blank=True)

    history = tracked()

    class Meta:
        verbose_name = "person on a record"
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "person", "part"], name="part_once_on_a_case"),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="part_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_part_display()}, {self.case}"


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
