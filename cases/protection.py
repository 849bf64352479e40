"""What conferences, plans and core groups ask of the reviews of a record: told by the room that keeps them.

That room lies above; it registers once, in its AppConfig.ready().
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class PlanKnown:
    """A plan of a child (id): since when it is known; whether it was there before the record came to CAIT, and still
    runs."""

    child: int
    at: datetime
    before_cait: bool
    running: bool


@dataclass(frozen=True)
class Protection:
    """Of one record. Each core group is a London date and the moment at which it became known.

    `plans`: those of its children, where one of them is on one, also those that have ended. `conference_on`: the next
    booked conference that has no CRAM yet.
    """

    plans: tuple[PlanKnown, ...] = ()
    core_groups: tuple[tuple[date, datetime], ...] = ()
    conference_on: date | None = None


@dataclass(frozen=True)
class OnPlan:
    """That a child is on a child protection plan: since which London day, and its category in words."""

    since: date
    category: str


NONE = Protection()
Protections = Callable[[Collection[int]], dict[int, Protection]]
OnPlans = Callable[[Collection[int]], dict[int, OnPlan]]
_TOLD_BY: list[Protections] = []
_WHO_IS_BY: list[OnPlans] = []


def register(protections: Protections) -> None:
    """Say how it is found for some records (ids). Raises ValueError for a second room."""
    if any(other is not protections for other in _TOLD_BY):
        raise ValueError("It is told by one room already what protects the children of a record.")
    _TOLD_BY[:] = [protections]


def protections_of(cases: Collection[int]) -> dict[int, Protection]:
    """Of each of some records (ids) of whose children there is anything to say."""
    (protections,) = _TOLD_BY
    return protections(cases) if cases else {}


def register_on_plans(on_plans: OnPlans) -> None:
    """Say how it is found which of some children (ids) are on a plan, in one query. Raises ValueError for a second
    room."""
    if any(other is not on_plans for other in _WHO_IS_BY):
        raise ValueError("It is told by one room already which children are on a plan.")
    _WHO_IS_BY[:] = [on_plans]


def on_plans_of(children: Collection[int]) -> dict[int, OnPlan]:
    """Of each of some children (ids) who is on a plan today."""
    (on_plans,) = _WHO_IS_BY
    return on_plans(children) if children else {}
