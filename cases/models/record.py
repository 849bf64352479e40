"""The record of a referral: its number, whose it is, who may open it, and who is on it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from cases.enums import Level, Part, Series, State, TransferState
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
        """The records the user may open today: those of the teams in which their role lets them see records; of the
        restricted ones those on which they are named (handbook, section 9: need to know)."""
        teams = teams_held(user, Permission.SEE_RECORDS)
        rows = self.filter(Q(restricted=False) | Q(pk__in=named_to(user)))
        return rows if teams is None else rows.filter(team_id__in=teams)

    def hidden_from(self, user: User | AnonymousUser) -> CaseQuerySet:
        """The restricted records, of whichever team, on which the user is not named."""
        return self.filter(restricted=True).exclude(pk__in=named_to(user))

    def that_were_transferred(self) -> CaseQuerySet:
        """Those that another team had before. Few: found by their transfers."""
        moved = Case.objects.filter(transfers__state=TransferState.ACCEPTED)
        return self.filter(pk__in=moved.values("pk"))


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
    # Whether only those named may open it: so as long as a Restriction of it runs.
    restricted = models.BooleanField(default=False, db_default=False)
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
            # Few: whatever leaves them out of a list reads these alone.
            models.Index(fields=["team", "id"], name="restricted_case", condition=Q(restricted=True)),
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


class Restriction(models.Model):
    """Why and how long only those named may open a record, such as where a professional or a police officer is
    suspected (handbook, sections 3 and 9)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="restrictions", db_index=False)
    reason = models.TextField()
    began_at = models.DateTimeField(db_default=CaitMoment())
    began_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    end_reason = models.TextField(blank=True, default="")

    history = tracked()

    class Meta:
        verbose_name = "restriction of a record"
        verbose_name_plural = "restrictions of records"
        indexes = [models.Index(fields=["case", "-id"], name="restriction_by_case")]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="one_restriction_at_a_time", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="restriction_says_why"),
            models.CheckConstraint(
                name="ended_restriction_says_when_by_whom_and_why",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"restriction of {self.case}"


class NamedOfficer(models.Model):
    """Somebody who may open a restricted record, as long as their role lets them see the records of its team."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="named", db_index=False)
    officer = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=500, validators=[one_line])
    named_at = models.DateTimeField(db_default=CaitMoment())
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    end_reason = models.CharField(max_length=500, blank=True, default="", validators=[one_line])

    history = tracked()

    class Meta:
        verbose_name = "officer named on a restricted record"
        verbose_name_plural = "officers named on restricted records"
        indexes = [
            models.Index(fields=["officer", "case"], name="named_by_officer", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["case", "-id"], name="named_by_case"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "officer"], name="officer_named_once", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="naming_says_why"),
            models.CheckConstraint(
                name="ended_naming_says_when_by_whom_and_why",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer} on {self.case}"


def named_to(user: User | AnonymousUser) -> models.QuerySet[Any, Any]:
    """The restricted records (ids) on which somebody is named."""
    return NamedOfficer.objects.filter(officer=user.pk, ended_at=None).values("case")


def not_hidden_from(user: User | AnonymousUser, path: str = "case") -> Q:
    """For rows that hang on a record and are narrowed by their own team: without those of the restricted records on
    which the user is not named. `path` leads to the record."""
    return ~Q(**{f"{path}__in": Case.objects.hidden_from(user)})


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
