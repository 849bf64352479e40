"""The police report to a conference: its items with who may read each, its versions, and every copy that was sent."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from conferences.enums import (
    BEING_WRITTEN,
    Paper,
    RecipientKind,
    ReportOutcome,
    ReportState,
    Section,
    Sharing,
)
from conferences.models.meeting import Conference
from deadlines.clock import CaitMoment
from pages.validators import one_line
from people.models import Person
from team.history import tracked
from team.models import User

NOT_SENT_YET = Q(state__in=[*BEING_WRITTEN, ReportState.SUBMITTED, ReportState.ENDORSED])


class Report(models.Model):
    """One version of the police report to a conference. What was sent is never changed: what comes later is the next
    version, which begins as a copy (HMIC 2010, AFI 8)."""

    conference = models.ForeignKey(Conference, models.PROTECT, related_name="reports", db_index=False)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.DRAFT)
    started_at = models.DateTimeField(db_default=CaitMoment())
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    endorsed_at = models.DateTimeField(null=True, blank=True)
    endorsed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # Whether it was sent before its time was over, by the duty as it was then; None: no duty was open.
    on_time = models.BooleanField(null=True, blank=True)

    history = tracked()

    class Meta:
        verbose_name = "police report"
        constraints = [
            models.UniqueConstraint(fields=["conference", "number"], name="reports_are_numbered"),
            models.UniqueConstraint(
                fields=["conference"], name="one_report_is_under_way_at_a_time", condition=NOT_SENT_YET
            ),
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="report_state_is_known"),
            models.CheckConstraint(
                name="submitted_report_says_by_whom",
                condition=Q(state__in=[ReportState.DRAFT, ReportState.OVERTAKEN])
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="endorsed_report_says_by_whom",
                condition=Q(state__in=[ReportState.ENDORSED, ReportState.SENT])
                & Q(endorsed_at__isnull=False, endorsed_by__isnull=False)
                | Q(state=ReportState.OVERTAKEN)
                | ~Q(state__in=[ReportState.ENDORSED, ReportState.SENT, ReportState.OVERTAKEN])
                & Q(endorsed_at__isnull=True, endorsed_by__isnull=True),
            ),
            models.CheckConstraint(
                name="nobody_endorses_their_own_report",
                condition=Q(endorsed_by__isnull=True) | ~Q(endorsed_by=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="sent_report_says_when_and_by_whom",
                condition=Q(state=ReportState.SENT, sent_at__isnull=False, sent_by__isnull=False)
                | ~Q(state=ReportState.SENT) & Q(sent_at__isnull=True, sent_by__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Police report, version {self.number}, {self.conference}"

    @property
    def is_being_written(self) -> bool:
        return self.state in BEING_WRITTEN


class Item(models.Model):
    """One paragraph of a report: a fact with its source, or an opinion, and who may read it.

    What is for the chair only or withheld says why. `drawn_from`: which row of the record it was taken from, such as
    "entry-12", so that it is taken once. The database refuses a change once the report waits for endorsement.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="items", db_index=False)
    section = models.CharField(max_length=12, choices=Section)
    # In the order in which they are read within their section.
    place = models.PositiveIntegerField()
    text = models.TextField()
    source = models.CharField(max_length=200, blank=True, default="", validators=[one_line])
    happened_on = models.DateField("date", null=True, blank=True)
    about = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    sharing = models.CharField(max_length=10, choices=Sharing, default=Sharing.SHARED)
    why = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    drawn_from = models.CharField(max_length=40, blank=True, default="")
    # Left out of the report by whoever writes it; kept, so that it is not taken from the record again.
    left_out = models.BooleanField(default=False)

    history = tracked()

    class Meta:
        verbose_name = "item of a report"
        ordering = ["place", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(section__in=Section.values), name="item_section_is_known"),
            models.CheckConstraint(condition=~Q(text=""), name="item_is_not_empty"),
            models.CheckConstraint(
                name="item_that_is_not_shared_says_why",
                condition=Q(sharing=Sharing.SHARED, why="")
                | Q(sharing__in=[Sharing.CHAIR_ONLY, Sharing.WITHHELD]) & ~Q(why=""),
            ),
            models.UniqueConstraint(
                fields=["report", "drawn_from"], name="item_drawn_once", condition=~Q(drawn_from="")
            ),
        ]
        indexes = [models.Index(fields=["report", "section", "place", "id"], name="item_by_report")]

    def __str__(self) -> str:
        return self.text[:60]


class Recipient(models.Model):
    """Somebody who gets a copy of the report to a conference. What each may read is theirs alone (`KeptFrom`)."""

    conference = models.ForeignKey(Conference, models.PROTECT, related_name="recipients", db_index=False)
    kind = models.CharField(max_length=12, choices=RecipientKind)
    name = models.CharField("name and job", max_length=200, validators=[one_line])
    email = models.EmailField("email address", blank=True, default="")
    taken_off_at = models.DateTimeField(null=True, blank=True)

    history = tracked()

    class Meta:
        verbose_name = "recipient of a report"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RecipientKind.values), name="recipient_kind_is_known"),
            models.CheckConstraint(condition=~Q(name=""), name="recipient_has_a_name"),
            models.UniqueConstraint(
                fields=["conference", "name"], name="recipient_once", condition=Q(taken_off_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["conference"],
                name="one_chair_gets_the_report",
                condition=Q(kind=RecipientKind.CHAIR, taken_off_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KeptFrom(models.Model):
    """An item that may be shared, but not with this recipient, and why."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="kept_from", db_index=False)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="kept_from")
    why = models.CharField(max_length=300, validators=[one_line])

    history = tracked()

    class Meta:
        verbose_name = "item kept from a recipient"
        constraints = [
            models.UniqueConstraint(fields=["item", "recipient"], name="item_kept_from_somebody_once"),
            models.CheckConstraint(condition=~Q(why=""), name="kept_from_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.item} not for {self.recipient}"


class ReportEndorsement(models.Model):
    """What a supervisor said of a report that was sent for endorsement. Rows are only ever added."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="endorsements")
    outcome = models.CharField(max_length=10, choices=ReportOutcome)
    words = models.TextField(blank=True, default="")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "endorsement of a report"
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=ReportOutcome.values), name="report_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(outcome=ReportOutcome.ENDORSED) | ~Q(words=""), name="returned_report_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.report}"


class Copy(models.Model):
    """One numbered copy of a report or its annex, as it was sent to one recipient, byte for byte. Rows are only ever
    added, and the database refuses to change or delete one."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="copies", db_index=False)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="copies", db_index=False)
    paper = models.CharField(max_length=10, choices=Paper)
    # 1, 2, 3 … of the conference, whatever the version.
    number = models.PositiveSmallIntegerField()
    conference = models.ForeignKey(Conference, models.PROTECT, related_name="copies", db_index=False)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    pdf = models.BinaryField()
    # SHA-256 of it.
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = "copy of a report"
        constraints = [
            models.UniqueConstraint(fields=["conference", "number"], name="copies_are_numbered"),
            models.UniqueConstraint(fields=["report", "recipient", "paper"], name="copy_sent_once"),
            models.CheckConstraint(condition=Q(paper__in=Paper.values), name="paper_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_paper_display()}, copy {self.number}"
