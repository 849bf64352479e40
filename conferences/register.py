"""The register of child protection plans as at any day, by what is known now; and who moved on and off it.

A child is on it from the day on which the plan begins until the day before it ends (Working Together). Each counts
for the team that had its record then, as in the measures: what a transfer leaves behind holds still (ADR 30).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Case as Which
from django.db.models import CharField, Count, Exists, F, Min, OuterRef, Q, Subquery, Value, When

from cases.models import Case
from conferences.enums import PlanCategory
from conferences.models import CategoryFrom, Plan
from conferences.models.plans import PlanQuerySet, team_at
from deadlines.calendar import add_months
from deadlines.clock import london_day_end
from deadlines.periods import last_of_month, months_until
from people.enums import BirthKnown
from team.models import Team, User
from team.permissions import Permission, teams_held

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
    """The plans at the end of a London day that somebody may count: with the category as it was then, and whether the
    child had been on another plan before."""
    category = CategoryFrom.objects.filter(plan=OuterRef("pk"), from_on__lte=on).order_by("-from_on", "-pk")
    before = Plan.objects.that_count().filter(child=OuterRef("child"), from_on__lt=OuterRef("from_on"))
    # In words: in an aggregate, Django loses sight of a yes or no that stands by itself.
    which = Which(When(Exists(before), then=Value(AGAIN)), default=Value(FIRST), output_field=CharField())
    plans, teams = Plan.objects.on(on), _teams(user, team)
    plans = plans if teams is None else plans.had_by(teams, last_moment(on))
    return plans.annotate(category=Subquery(category.values("category")[:1]), which=which)


def plans_moved(user: User, way: str, from_on: date, to_on: date, *, team: Team | None = None) -> PlanQuerySet:
    """The plans that began ("on") or ended ("off") on the days of a period, both included. One that began counts for
    the team that recorded it, one that ended for the team that had its record last."""
    plans, teams = Plan.objects.that_count(), _teams(user, team)
    if way == "on":
        plans = plans if teams is None else plans.had_by(teams, OuterRef("recorded_at"))
        return plans.filter(from_on__range=(from_on, to_on))
    plans = plans if teams is None else plans.filter(team__in=teams)
    return plans.filter(to_on__range=(from_on, to_on))


def listed(plans: PlanQuerySet, user: User, whose: Any) -> PlanQuerySet:
    """Plans as rows of a list. `whose`: which team had the record then (`team_then`). `may_open`: whether somebody
    may open it today; where they may not, the child is not named to them."""
    opens = Exists(Case.objects.visible_to(user).filter(pk=OuterRef("case")))
    return plans.annotate(whose=whose, may_open=opens).select_related("child", "case__team")


def team_then(on: date) -> Any:
    """The name of the team that had the record at the end of a day."""
    return team_at(last_moment(on), "__name")


def team_of_move(way: str) -> Any:
    """The name of the team for which it counts that a plan began or ended."""
    return team_at(OuterRef("recorded_at"), "__name") if way == "on" else F("team__name")


def first_plan(user: User, *, team: Team | None = None) -> date | None:
    """The day on which the first plan began that somebody may ever have counted; None: there is none."""
    plans, teams = Plan.objects.that_count(), _teams(user, team)
    plans = plans if teams is None else plans.ever_with(teams)
    found: date | None = plans.aggregate(first=Min("from_on"))["first"]
    return found


def _teams(user: User, team: Team | None) -> set[int] | None:
    """The teams (ids) whose children somebody counts; None: all."""
    held = teams_held(user, Permission.SEE_RECORDS)
    return held if team is None else {team.pk} if held is None else {team.pk} & held


def last_moment(on: date) -> datetime:
    """The last moment of a London day."""
    return london_day_end(on) - datetime.resolution


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
    plans, teams = Plan.objects.that_count(), _teams(user, team)
    recorded = ended = Q()
    if teams is not None:
        plans = plans.ever_with(teams).alias(recorded_by_team=team_at(OuterRef("recorded_at")))
        recorded, ended = Q(recorded_by_team__in=teams), Q(team__in=teams)
    asked: dict[str, Any] = {}
    for number, (first, last) in enumerate(spans):
        there = Q(from_on__lte=last) & (Q(to_on__isnull=True) | Q(to_on__gt=last))
        if teams is not None:
            plans = plans.alias(**{f"team_{number}": team_at(last_moment(last))})
            there &= Q(**{f"team_{number}__in": teams})
        asked[f"number_{number}"] = Count("pk", filter=there)
        asked[f"on_{number}"] = Count("pk", filter=recorded & Q(from_on__range=(first, last)))
        asked[f"off_{number}"] = Count("pk", filter=ended & Q(to_on__range=(first, last)))
    plans = plans.filter(Q(to_on__isnull=True) | Q(to_on__gte=spans[0][0]), from_on__lte=on)
    found = plans.aggregate(**asked)
    return [
        Month(first, last, found[f"number_{number}"], found[f"on_{number}"], found[f"off_{number}"])
        for number, (first, last) in enumerate(spans)
    ]
