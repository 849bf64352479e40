"""The summaries that the figures are read from, and the monthly reports. Nobody types anything into the summaries:
they are worked out from the records (`oversight.counting`), and can be thrown away and made anew at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from cases.models import Case
from deadlines.clock import CaitMoment
from oversight.enums import ReportState
from team.history import tracked
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class FactQuerySet(models.QuerySet["Fact"]):
    def visible_to(self, user: User | AnonymousUser) -> FactQuerySet:
        """What is counted of the teams whose figures the user may see today."""
        teams = teams_held(user, Permission.SEE_FIGURES)
        return self if teams is None else self.filter(team_id__in=teams)


class Fact(models.Model):
    """One thing that a measure counts: a referral that was received, a review that fell due, a record that was open.

    What happened has the London day `on` alone. What lasted has `until` too, the first day on which it was no more
    so; none while it lasts.
    """

    measure = models.CharField(max_length=30)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    # The id of what is counted, among those of its measure: a duty's, a conference's.
    subject = models.BigIntegerField()
    # Into which part of the measure it falls: a source, a kind of duty, an officer's id.
    part = models.CharField(max_length=40)
    on = models.DateField()
    until = models.DateField(null=True, blank=True)
    # Of a measure that is a share: whether it was so.
    counted = models.BooleanField()
    # Of a measure of time: how long it took.
    minutes = models.BigIntegerField(null=True, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["case"], name="fact_by_case"),
            models.Index(fields=["measure", "team", "-on", "-id"], name="fact_by_team"),
            models.Index(fields=["measure", "-on", "-id"], name="fact_by_measure"),
            models.Index(fields=["measure", "team", "-on", "-id"], name="lasting_fact", condition=Q(until=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["measure", "subject", "part", "on"], name="fact_counted_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("on")), name="fact_lasts_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.measure}, {self.case_id}, {self.on}"


class Tally(models.Model):
    """The facts of one part of a measure in one month, counted. Of what lasts: those that began in the month, less
    those that ended in it, so that the sum of all months until one says how many there were at its end."""

    measure = models.CharField(max_length=30)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    part = models.CharField(max_length=40)
    # Its first day.
    month = models.DateField()
    counted = models.IntegerField()
    of = models.IntegerField()

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(fields=["team", "measure", "month", "part"], name="one_tally_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.measure}, {self.month}: {self.counted} of {self.of}"


class Changed(models.Model):
    """A record on which something changed that figures are worked out from. Rows are written by triggers of the
    database, whatever changes the record, and go when it is counted anew."""

    case_id = models.BigIntegerField()
    at = models.DateTimeField(db_default=CaitMoment())

    class Meta:
        verbose_name = "record to count anew"
        verbose_name_plural = "records to count anew"

    def __str__(self) -> str:
        return str(self.case_id)


class Uncounted(models.Model):
    """A record whose facts the database could not work out: it stands in the figures as it was last, or not at all,
    and stops no other. It is tried again when it changes, and once a day."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="+")
    # As at when it was tried last.
    at = models.DateTimeField()
    # What the database said, by its name alone: no word of the record.
    why = models.CharField(max_length=100)

    class Meta:
        verbose_name = "record that could not be counted"
        verbose_name_plural = "records that could not be counted"

    def __str__(self) -> str:
        return f"{self.case_id}: {self.why}"


class Upkeep(models.Model):
    """How far the figures are worked out: one row."""

    # Time passes too: what was not late becomes late. Facts are as they were at this moment.
    until = models.DateTimeField(null=True, blank=True)
    # When nothing was left to be counted.
    whole_at = models.DateTimeField(null=True, blank=True)
    # Of the measures as they are defined; when another version defines them otherwise, all is counted anew.
    digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_upkeep")]

    def __str__(self) -> str:
        return f"as at {self.whole_at}"


class MonthlyReportQuerySet(models.QuerySet["MonthlyReport"]):
    def visible_to(self, user: User | AnonymousUser) -> MonthlyReportQuerySet:
        """The reports of the teams whose figures the user may see today."""
        teams = teams_held(user, Permission.SEE_FIGURES)
        return self if teams is None else self.filter(team_id__in=teams)


class MonthlyReport(models.Model):
    """The figures of a team in a month, made on the first working day after it. The inspector says what they mean
    and signs; from then on it stays as it is (HMIC 2010, AFI 26)."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.DRAFT)
    made_at = models.DateTimeField(db_default=CaitMoment())
    # When the figures in it were counted: with the making, and whenever it is counted again before it is signed.
    counted_at = models.DateTimeField()
    # The figures as they are printed: for each measure the month, and the twelve before it, and all words that stand
    # with them (`oversight.report_frozen`).
    figures = models.JSONField()
    commentary = models.TextField(blank=True, default="")
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    history = tracked(leave_out=("figures",))
    objects = MonthlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = "monthly report"
        constraints = [
            models.UniqueConstraint(fields=["team", "month"], name="one_report_of_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="report_is_of_a_month"),
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="monthly_report_state_is_known"),
            models.CheckConstraint(
                name="signed_report_says_by_whom_and_what",
                condition=Q(state=ReportState.DRAFT, signed_at=None, signed_by=None)
                | Q(state=ReportState.SIGNED, signed_at__isnull=False, signed_by__isnull=False) & ~Q(commentary=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}, {self.month}"

    @property
    def is_signed(self) -> bool:
        return self.state == ReportState.SIGNED

    @property
    def kept(self) -> dict[str, Any]:
        """What is frozen in it; the first reports kept a list of measures alone."""
        return self.figures if isinstance(self.figures, dict) else {"measures": self.figures}

    @property
    def team_words(self) -> str:
        """The team; of what is signed as it was called then."""
        return self.kept.get("team") or str(self.team)

    @property
    def signer_words(self) -> str:
        """Who signed, by the rank and name that stood below it; empty where nobody has."""
        return self.kept.get("signed_by") or (str(self.signed_by) if self.signed_by else "")


class ReportFact(models.Model):
    """A fact as it was counted in a monthly report, so that a figure that comes out otherwise later is explained
    record by record."""

    report = models.ForeignKey(MonthlyReport, models.CASCADE, related_name="facts", db_index=False)
    measure = models.CharField(max_length=30)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    subject = models.BigIntegerField()
    part = models.CharField(max_length=40)
    on = models.DateField()
    counted = models.BooleanField()
    minutes = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "measure", "subject", "part", "on"], name="fact_of_a_report_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}: {self.measure}, {self.case_id}"
