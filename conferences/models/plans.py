"""Child protection plans, which make up the register, and the core groups that carry them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cases.enums import TransferState
from cases.models import Case, Shared, Transfer
from conferences.enums import CoreGroupState, PlanCategory, PlanEnd
from conferences.models.meeting import Conference
from deadlines.clock import CaitMoment
from pages.validators import one_line
from people.models import Person
from team.history import tracked
from team.models import Team, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class DateRange(Func):
    function = "daterange"


def team_at(at: Any, field: str = "_id") -> Coalesce:
    """The team (id, or its "__name") that the record of a plan was with at a moment, or at one that the plan has
    (`OuterRef`): who sent it first after that, or whoever has it now. Before it was raised, the team that raised it.
    As `oversight.measures.whose` counts it."""
    sent = Transfer.objects.filter(case=OuterRef("case"), state=TransferState.ACCEPTED, answered_at__gt=at)
    first = sent.order_by("answered_at", "pk").values(f"from_team{field}")[:1]
    kind = models.BigIntegerField() if field == "_id" else models.CharField()
    return Coalesce(Subquery(first), F(f"case__team{field}"), output_field=kind)


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: User | AnonymousUser) -> PlanQuerySet:
        """The plans on the records that the user may open today: a child is named to nobody else."""
        return self.filter(case__in=Case.objects.visible_to(user))

    def ever_with(self, teams: Collection[int]) -> PlanQuerySet:
        """Those whose record one of some teams (ids) has, or had while they ran."""
        sent = Transfer.objects.filter(state=TransferState.ACCEPTED, from_team__in=teams)
        return self.filter(Q(team__in=teams) | Q(case__in=sent.values("case")))

    def had_by(self, teams: Collection[int], at: Any) -> PlanQuerySet:
        """Those whose record one of some teams (ids) had at a moment (`team_at`): for figures and their lists."""
        return self.ever_with(teams).alias(had_by=team_at(at)).filter(had_by__in=teams)

    def that_count(self) -> PlanQuerySet:
        """Those that were not recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)

    def on(self, day: date) -> PlanQuerySet:
        """The plans at the end of a London day: on the day on which one begins, not on the day on which it ends."""
        return self.that_count().filter(Q(to_on__isnull=True) | Q(to_on__gt=day), from_on__lte=day)

    def running(self) -> PlanQuerySet:
        """Those that no end is recorded of."""
        return self.that_count().filter(to_on__isnull=True)


class Plan(models.Model):
    """A child protection plan: one child, from a day, until another. It belongs to the child (Working Together)."""

    child = models.ForeignKey(Person, models.PROTECT, related_name="plans", db_index=False)
    # On which record its conferences and core groups are prepared.
    case = models.ForeignKey(Case, models.PROTECT, related_name="plans")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    from_on = models.DateField("plan from")
    to_on = models.DateField("plan to", null=True, blank=True)
    end = models.CharField(max_length=12, choices=PlanEnd, blank=True, default="")
    end_note = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    # The conferences that began and ended it; None where it was on the partner's list before.
    begun_at = models.ForeignKey(Conference, models.PROTECT, null=True, blank=True, related_name="plans_begun")
    ended_at = models.ForeignKey(Conference, models.PROTECT, null=True, blank=True, related_name="plans_ended")
    # Of a plan that was there before CAIT: the last conference about the child, and whether it was the initial one.
    conference_on = models.DateField("last conference", null=True, blank=True)
    conference_was_initial = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=300, blank=True, default="", validators=[one_line])

    history = tracked()
    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "child protection plan"
        constraints = [
            # A child is on one plan at a time.
            ExclusionConstraint(
                name="one_plan_of_a_child_at_a_time",
                expressions=[
                    ("child", RangeOperators.EQUAL),
                    (DateRange("from_on", "to_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="plan_ends_after_it_begins_and_says_why",
                condition=Q(to_on__isnull=True, end="", ended_at__isnull=True)
                | Q(to_on__isnull=False, to_on__gte=F("from_on"), end__in=PlanEnd.values),
            ),
            models.CheckConstraint(
                name="withdrawn_plan_says_why",
                condition=Q(withdrawn_at__isnull=True, withdrawn_why="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_why=""),
            ),
            models.CheckConstraint(
                name="plan_of_before_says_of_which_conference",
                condition=Q(begun_at__isnull=False, conference_on__isnull=True)
                | Q(begun_at__isnull=True, conference_on__isnull=False, conference_on__gte=F("from_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["child", "-from_on"], name="plan_by_child"),
            models.Index(
                fields=["team", "from_on", "id"], name="plan_by_team", condition=Q(withdrawn_at__isnull=True)
            ),
            models.Index(
                fields=["team", "from_on", "id"],
                name="running_plan_by_team",
                condition=Q(withdrawn_at__isnull=True, to_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}, from {self.from_on}"


class CategoryFrom(models.Model):
    """The category of a plan from a day on: a review conference may change it. Rows are only ever added; of two of
    one day the later one counts."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="categories", db_index=False)
    category = models.CharField(max_length=10, choices=PlanCategory)
    from_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=CaitMoment())
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "category of a plan"
        constraints = [
            models.CheckConstraint(condition=Q(category__in=PlanCategory.values), name="category_is_known")
        ]
        indexes = [models.Index(fields=["plan", "-from_on", "-id"], name="category_by_plan")]

    def __str__(self) -> str:
        return f"{self.get_category_display()} from {self.from_on}"


class CoreGroup(models.Model):
    """A meeting of those who carry the plans of a family: 10 working days after the initial conference, then every
    6 weeks (Working Together). The CRAM review is brought to it (HMIC 2010, AFI 1)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="core_groups", db_index=False)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=CoreGroupState, default=CoreGroupState.PLANNED)
    starts_at = models.DateTimeField("date and time")
    place = models.CharField(max_length=200, blank=True, default="", validators=[one_line])
    planned_at = models.DateTimeField(db_default=CaitMoment())
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    # When the date that stands now became known.
    dated_at = models.DateTimeField(db_default=CaitMoment())
    attended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # What was said and agreed; or why it was cancelled.
    note = models.TextField(blank=True, default="")
    # What police passed on there.
    shared = models.ForeignKey(Shared, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    history = tracked()

    class Meta:
        verbose_name = "core group"
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="core_groups_are_numbered"),
            models.CheckConstraint(condition=Q(state__in=CoreGroupState.values), name="core_group_state_is_known"),
            models.CheckConstraint(
                name="ended_core_group_says_what",
                condition=Q(state=CoreGroupState.PLANNED, ended_at__isnull=True, ended_by__isnull=True)
                | ~Q(state=CoreGroupState.PLANNED) & Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(note=""),
            ),
        ]
        indexes = [models.Index(fields=["case", "starts_at", "id"], name="core_group_by_case")]

    def __str__(self) -> str:
        return f"Core group {self.number}, {self.case}"
