"""What is not known, which risks there are, and what manages each of them. They belong to the record."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from cases.enums import ANYBODY
from cases.models import Case
from cram.enums import Approach, GapState, Works
from cram.models.assessing import Assessment
from deadlines import clock
from deadlines.clock import CaitMoment
from pages.validators import one_line
from people.models import Address, Person
from team.history import tracked
from team.models import User


class Owned(models.Model):
    """Something that somebody sees to: by name, or whoever holds the role of its duty, where nobody has that by name.

    Whoever has its duty owns it (`cram.steps.own_what_is_given`).
    """

    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        abstract = True

    @property
    def whose(self) -> str:
        """Who sees to it, in words."""
        return str(self.owner or ANYBODY)


class Gap(Owned):
    """An intelligence gap: what is not known and matters, who finds out and by when (HMIC 2010, AFI 1).

    One that an answer “not known” raised says of which factor (its code, the same in every version) and about whom;
    there is one such at a time.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="gaps", db_index=False)
    question = models.CharField("what we need to know", max_length=300, validators=[one_line])
    due_on = models.DateField("by")
    factor = models.CharField(max_length=40, blank=True, default="")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    address = models.ForeignKey(Address, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    raised_in = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="gaps", db_index=False
    )
    raised_at = models.DateTimeField(db_default=CaitMoment())
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=GapState, default=GapState.OPEN)
    # What was found out, or why it is no longer needed.
    resolution = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    history = tracked()

    class Meta:
        verbose_name = "intelligence gap"
        indexes = [models.Index(fields=["case", "state", "due_on", "id"], name="gap_by_case")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=GapState.values), name="gap_state_is_known"),
            models.CheckConstraint(condition=~Q(question=""), name="gap_says_what"),
            models.UniqueConstraint(
                fields=["case", "factor", "person", "address"],
                name="one_open_gap_of_a_factor",
                condition=Q(state="open") & ~Q(factor=""),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="ended_gap_says_when_and_what",
                condition=Q(state=GapState.OPEN, ended_at__isnull=True, ended_by__isnull=True, resolution="")
                | (~Q(state=GapState.OPEN) & Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(resolution="")),
            ),
        ]

    def __str__(self) -> str:
        return self.question


class RiskQuerySet(models.QuerySet["Risk"]):
    def present(self) -> RiskQuerySet:
        return self.filter(ended_at__isnull=True)

    def unmanaged(self, on: date | None = None) -> RiskQuerySet:
        """The present risks that no control measure manages on a London date, today unless another is given."""
        measures = Measure.objects.effective(on or clock.today()).filter(risk=OuterRef("pk"))
        return self.present().filter(~Exists(measures))


class Risk(models.Model):
    """A risk to a child that was identified. It is present until somebody says, and says why, that it is no more."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="risks", db_index=False)
    what = models.CharField("risk", max_length=300, validators=[one_line])
    # From whom it comes, where it comes from somebody.
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # To which children it is; where none is named, to every child of the record. Rows are only ever added.
    children = models.ManyToManyField(Person, related_name="+", blank=True)
    identified_in = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="risks", db_index=False
    )
    identified_at = models.DateTimeField(db_default=CaitMoment())
    identified_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    ended_why = models.TextField(blank=True, default="")

    history = tracked()
    objects = RiskQuerySet.as_manager()

    class Meta:
        verbose_name = "risk"
        indexes = [
            models.Index(fields=["case", "id"], name="risk_by_case"),
            models.Index(fields=["identified_at", "id"], name="present_risk", condition=Q(ended_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="risk_says_what"),
            models.CheckConstraint(
                name="ended_risk_says_why",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_why="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_why="")),
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def to_whom(self) -> str:
        """The children whose risk it is: "Ellis Brannock; Tia Brannock", or "every child"."""
        children = sorted(self.children.all(), key=lambda child: child.pk)
        return "; ".join(map(str, children)) or "every child"


class MeasureQuerySet(models.QuerySet["Measure"]):
    def running(self, on: date) -> MeasureQuerySet:
        """Those that were not ended and have not run out on a London date."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=on), ended_at__isnull=True, from_on__lte=on)

    def effective(self, on: date) -> MeasureQuerySet:
        """Those that manage their risk on a London date: they run, and were found to work when last checked."""
        return self.running(on).filter(works=Works.YES)

    def not_checked_since(self, on: date) -> MeasureQuerySet:
        """Those that manage their risk on a London date by what was found before, and should have been looked at
        again by then: nobody knows whether they still work."""
        return self.effective(on).filter(check_on__lt=on)


class Measure(Owned):
    """A control measure: what manages a risk, who sees to it, from when until when, and when it is checked again.

    A risk without one that works is unmanaged (HMIC 2010, AFI 1 and 2).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="measures", db_index=False)
    risk = models.ForeignKey(Risk, models.PROTECT, related_name="measures", db_index=False)
    approach = models.CharField(max_length=10, choices=Approach)
    what = models.CharField("control measure", max_length=300, validators=[one_line])
    # Who of another agency carries it out, if not the owner.
    carried_out_by = models.CharField(max_length=200, blank=True, default="", validators=[one_line])
    from_on = models.DateField("from")
    # Its last day; none where it goes on.
    until = models.DateField(null=True, blank=True)
    check_on = models.DateField("to be checked by")
    works = models.CharField(max_length=10, choices=Works, default=Works.UNCHECKED)
    set_in = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="measures", db_index=False
    )
    set_at = models.DateTimeField(db_default=CaitMoment())
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    ended_why = models.TextField(blank=True, default="")

    history = tracked()
    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = "control measure"
        indexes = [
            models.Index(fields=["risk", "id"], name="measure_by_risk"),
            models.Index(fields=["case", "id"], name="measure_by_case"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(approach__in=Approach.values), name="measure_approach_is_known"),
            models.CheckConstraint(condition=Q(works__in=Works.values), name="measure_works_is_known"),
            models.CheckConstraint(condition=~Q(what=""), name="measure_says_what"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("from_on")), name="measure_ends_after_it_begins"
            ),
            models.CheckConstraint(
                name="ended_measure_says_why",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_why="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_why="")),
            ),
        ]

    def __str__(self) -> str:
        return self.what


class MeasureCheck(models.Model):
    """One look at whether a control measure still works. Rows are only ever added."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="checks", db_index=False)
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="measure_checks", db_index=False
    )
    works = models.CharField(max_length=10, choices=Works)
    found = models.TextField()
    next_on = models.DateField()
    checked_at = models.DateTimeField(db_default=CaitMoment())
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "check of a control measure"
        indexes = [models.Index(fields=["measure", "-id"], name="check_by_measure")]
        constraints = [
            models.CheckConstraint(
                condition=Q(works__in=[Works.YES, Works.DOUBT, Works.NO]), name="check_says_whether_it_works"
            ),
            models.CheckConstraint(condition=~Q(found=""), name="check_says_what_was_found"),
        ]

    def __str__(self) -> str:
        return f"{self.get_works_display()}, {self.measure}"
