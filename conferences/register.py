"""The register of child protection plans as at any day, by what is known now; and who moved on and off it.

A child is on it from the day on which the plan begins until the day before it ends (Working Together).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db.models import Case, CharField, Count, Exists, Min, OuterRef, Q, Subquery, Value, When

from conferences.enums import PlanCategory
from conferences.models import CategoryFrom, Plan
from conferences.models.plans import PlanQuerySet
from deadlines.calendar import add_months
from deadlines.periods import last_of_month, months_until
from people.enums import BirthKnown
from team.models import Team, User

# Months of the chart: the same month a year ago stands beside this one.
MONTHS = 13
# Completed months at which one length of a plan ends and the next begins; as Social Services publish them, but for
# the longest.
LENGTHS = (3, 6, 12, 24)
# Completed years at which the next group of ages begins (as children on plans are published for England).
AGES = (1, 5, 10, 16)
# Whether the child had been on another plan before.
FIRST, AGAIN = "first", "again"


@dataclass(frozen=True)
class Group:
    """Some of the children on the register: how they are called, and which plans are theirs."""

    code: str
    label: str
    fits: Q


@dataclass(frozen=True)
class Counted:
    """A group with how many there are."""

    group: Group
    number: int


@dataclass(frozen=True)
class Division:
    """The register divided in one way; every child is in one group of it."""

    title: str
    groups: list[Counted]


@dataclass(frozen=True)
class Month:
    """How many were on a plan on its last day, or on the day asked for, and how many moved on and off until then."""

    first: date
    last: date
    number: int
    on: int
    off: int


def plans_on(user: User, on: date, *, team: Team | None = None) -> PlanQuerySet:
    """The plans at the end of a London day that somebody may see: with the category as it was then, and whether the
    child had been on another plan before."""
    category = CategoryFrom.objects.filter(plan=OuterRef("pk"), from_on__lte=on).order_by("-from_on", "-pk")
    before = Plan.objects.that_count().filter(child=OuterRef("child"), from_on__lt=OuterRef("from_on"))
    # In words: in an aggregate, Django loses sight of a yes or no that stands by itself.
    which = Case(When(Exists(before), then=Value(AGAIN)), default=Value(FIRST), output_field=CharField())
    return _of(team, Plan.objects.visible_to(user).on(on)).annotate(
        category=Subquery(category.values("category")[:1]), which=which
    )


def plans_moved(user: User, way: str, from_on: date, to_on: date, *, team: Team | None = None) -> PlanQuerySet:
    """The plans that began ("on") or ended ("off") on the days of a period, both included."""
    field = "from_on" if way == "on" else "to_on"
    return _of(team, Plan.objects.visible_to(user).that_count()).filter(**{f"{field}__range": (from_on, to_on)})


def _of(team: Team | None, plans: PlanQuerySet) -> PlanQuerySet:
    return plans.filter(team=team) if team else plans


def first_plan(user: User, *, team: Team | None = None) -> date | None:
    """The day on which the first plan began that somebody may see; None: there is none."""
    found: date | None = _of(team, Plan.objects.visible_to(user).that_count()).aggregate(first=Min("from_on"))[
        "first"
    ]
    return found


def divisions(on: date) -> dict[str, list[Group]]:
    """The ways in which the register of a day is divided, by their titles."""
    return {
        "Category": [Group(f"category-{each}", each.label, Q(category=each)) for each in PlanCategory],
        "How long on the plan": _lengths(on),
        "First plan or another": [
            Group(FIRST, "The first plan of the child", Q(which=FIRST)),
            Group(AGAIN, "On a plan before, too", Q(which=AGAIN)),
        ],
        "Age on that day": _ages(on),
    }


def groups_of(on: date) -> dict[str, Group]:
    """Every group of the register of a day, by its code."""
    return {group.code: group for groups in divisions(on).values() for group in groups}


def _lengths(on: date) -> list[Group]:
    """By completed months: a plan from 28 February is three months old on 28 May, and on 31 May."""
    ends = [add_months(on, -months) for months in LENGTHS]
    between = [
        Group(f"months-{shorter}", f"{shorter} to {longer} months", Q(from_on__lte=later, from_on__gt=earlier))
        for (shorter, longer), (later, earlier) in zip(pairwise(LENGTHS), pairwise(ends), strict=True)
    ]
    return [
        Group("months-0", f"Under {LENGTHS[0]} months", Q(from_on__gt=ends[0])),
        *between,
        Group(f"months-{LENGTHS[-1]}", f"Over {LENGTHS[-1]} months", Q(from_on__lte=ends[-1])),
    ]


def _ages(on: date) -> list[Group]:
    """Of a child whose birth is known only about, the youngest that they can be."""
    born = [add_months(on, -12 * years) for years in AGES]
    unborn = Q(child__birth_known=BirthKnown.UNBORN) | Q(child__born_earliest__gt=on)
    between = [
        Group(
            f"age-{younger}",
            f"{younger} to {older - 1}",
            Q(child__born_latest__lte=later, child__born_latest__gt=earlier),
        )
        for (younger, older), (later, earlier) in zip(pairwise(AGES), pairwise(born), strict=True)
    ]
    return [
        Group("unborn", "Not born yet", unborn),
        Group("age-0", "Under 1", Q(child__born_earliest__lte=on, child__born_latest__gt=born[0])),
        *between,
        Group(f"age-{AGES[-1]}", f"{AGES[-1]} and over", Q(child__born_latest__lte=born[-1])),
        Group("age-unknown", "Not known", Q(child__birth_known=BirthKnown.UNKNOWN)),
    ]


def divided(plans: PlanQuerySet, on: date) -> list[Division]:
    """The register of a day (`plans_on`) divided in every way. One query."""
    ways = divisions(on)
    asked: dict[str, Any] = {group.code: Count("pk", filter=group.fits) for group in groups_of(on).values()}
    found = plans.order_by().aggregate(**asked)
    return [
        Division(title, [Counted(group, found[group.code]) for group in groups]) for title, groups in ways.items()
    ]


def months_of(user: User, on: date, *, team: Team | None = None) -> list[Month]:
    """The register at the end of each of the last months, the last of them as at the day. One query."""
    spans = [(first, min(last_of_month(first), on)) for first in months_until(on, MONTHS)]
    asked: dict[str, Any] = {}
    for number, (first, last) in enumerate(spans):
        there = Q(from_on__lte=last) & (Q(to_on__isnull=True) | Q(to_on__gt=last))
        asked[f"number_{number}"] = Count("pk", filter=there)
        asked[f"on_{number}"] = Count("pk", filter=Q(from_on__range=(first, last)))
        asked[f"off_{number}"] = Count("pk", filter=Q(to_on__range=(first, last)))
    plans = _of(team, Plan.objects.visible_to(user).that_count())
    plans = plans.filter(Q(to_on__isnull=True) | Q(to_on__gte=spans[0][0]), from_on__lte=on)
    found = plans.aggregate(**asked)
    return [
        Month(first, last, found[f"number_{number}"], found[f"on_{number}"], found[f"off_{number}"])
        for number, (first, last) in enumerate(spans)
    ]
