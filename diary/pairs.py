"""One review for two clocks: the CRAM review and the supervision of one record were not designed together.

Where two reviews of a record fall within so many days of each other, they are offered as one, by the earlier date,
and one supervisory review that answers both counts for both (HMIC 2010, AFI 4; the number is CAIT's default).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import Case as CaseOf
from django.db.models import OuterRef, When
from django.db.models.functions import JSONObject

from cases.models import Case
from deadlines import clock, schedules
from deadlines.rule import NoLimit
from deadlines.together import worked_out_together
from diary.kinds import DutyKind, kind_of, kinds
from diary.models import Duty, DutyQuerySet, DutyState

if TYPE_CHECKING:
    from team.models import User


class Offer(NamedTuple):
    """The other review that one review answers too: of which kind, when it is due by itself, and by when both are."""

    kind: DutyKind
    due_on: date
    by: date


@dataclass(frozen=True)
class Pair:
    """Two open reviews of one record that one review answers, by a day: the earlier of their dates."""

    first: Duty
    second: Duty
    by: date

    def other(self, duty: Duty) -> Duty:
        """The one that a duty is offered together with."""
        return self.second if duty.pk == self.first.pk else self.first

    def offered(self, duty: Duty) -> Offer | None:
        """What the page of one of them says of the other."""
        other = self.other(duty)
        kind = kind_of(other.kind)
        return Offer(kind, other.due_on, self.by) if kind else None


def reviews() -> tuple[str, ...]:
    """The codes of the kinds of duty that one review may answer together; with a single clock none."""
    codes = tuple(sorted(kind.code for kind in kinds() if kind.review))
    return codes if len(codes) > 1 else ()


def pairs_of(cases: Collection[int]) -> dict[int, Pair]:
    """The pair of each of some records (ids) that has one: one query for the duties, however many."""
    if not (codes := reviews()) or not cases:
        return {}
    by_case: dict[int, list[Duty]] = {}
    for duty in _open(codes).filter(case__in=cases):
        by_case.setdefault(duty.case_id, []).append(duty)
    return _pairs(by_case)


def with_reviews(rows: DutyQuerySet, codes: tuple[str, ...]) -> DutyQuerySet:
    """Some duties, each review among them with the open reviews of its record: in the query that reads them all."""
    of_record = _open(codes).filter(case=OuterRef("case"))
    told = ArraySubquery(of_record.values(of=JSONObject(id="pk", kind="kind", due_on="due_on", due="due")))
    return rows.annotate(reviews=CaseOf(When(kind__in=codes, then=told), default=None))


def pairs_among(duties: Iterable[Any]) -> dict[int, Pair]:
    """As `pairs_of`, of the records of some duties of `with_reviews`. No query but for the limit."""
    by_case: dict[int, list[Duty]] = {}
    for duty in duties:
        if duty.reviews and len(duty.reviews) > 1 and duty.case_id not in by_case:
            by_case[duty.case_id] = [
                Duty(**{**each, "due_on": date.fromisoformat(each["due_on"])}) for each in duty.reviews
            ]
    return _pairs(by_case)


def _open(codes: tuple[str, ...]) -> DutyQuerySet:
    rows = Duty.objects.filter(kind__in=codes, state=DutyState.OPEN).order_by("late_from", "pk")
    return rows.only("case", "kind", "due_on", "late_from", "due")


def _pairs(by_case: dict[int, list[Duty]]) -> dict[int, Pair]:
    with worked_out_together():
        found = {case: _pair(duties) for case, duties in by_case.items() if len(duties) > 1}
    return {case: pair for case, pair in found.items() if pair}


def pair_of(duty: Duty) -> Pair | None:
    """The pair that an open review belongs to."""
    pair = pairs_of([duty.case_id]).get(duty.case_id)
    return pair if pair and duty.pk in (pair.first.pk, pair.second.pk) else None


def offered_with(duty: Duty) -> Offer | None:
    """The review that a duty's own review can answer too; None where there is none."""
    pair = pair_of(duty)
    return pair.offered(duty) if pair else None


def _pair(duties: list[Duty]) -> Pair | None:
    """The two that run out first and are no further apart than the limit, of kinds that differ."""
    for first, second in combinations(duties, 2):
        if first.kind == second.kind:
            continue
        known = max(_began(first), _began(second))
        try:
            by = schedules.one_review(first.due_on, second.due_on, known=known)
        except NoLimit:
            continue  # no limit says how far apart: they stay two
        if by:
            return Pair(first, second, by)
    return None


def _began(duty: Duty) -> date:
    started: date | datetime = duty.reckoned.why.started
    return clock.london_date(started)


# What a room does when another review answered its own too: it keeps what was found, and raises its next.
Follow = Callable[[Case, str, str, "User"], None]
_FOLLOWS: dict[str, Follow] = {}


def register_follow(kind: DutyKind, follow: Follow) -> None:
    """Say how a review goes on that was answered with another, once, in the room's AppConfig.ready(): of a record,
    what was found, what is to be done, and by whom. Raises ValueError for a second that says otherwise."""
    if _FOLLOWS.setdefault(kind.code, follow) != follow:
        raise ValueError(f"It is said already how {kind.code} goes on.")


def follow(duty: Duty, *, found: str, directions: str, by: User) -> None:
    """Let the room of a review that was answered with another do what follows. The record is locked."""
    if goes_on := _FOLLOWS.get(duty.kind):
        goes_on(duty.case, found, directions, by)


def check_answers_both(duty: Duty | None, other: Duty) -> None:
    """Only two reviews that are offered together are answered by one. Raises ValidationError."""
    pair = pair_of(duty) if duty and duty.state == DutyState.OPEN else None
    if pair is None or duty is None or pair.other(duty).pk != other.pk:
        raise ValidationError("The two reviews are not due close enough to each other. Record them one by one.")
