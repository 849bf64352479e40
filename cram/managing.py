"""Reads of what is not known, which risks there are and what manages them, for every page that shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Greatest, Least

from cases.enums import State
from cases.left_out import hidden_here, left_out
from cases.models import Case
from cram.enums import GapState, Said, Works
from cram.models import Answer, Assessment, Factor, Gap, Measure, MeasureCheck, Risk
from cram.turns import check_is_overdue, manages
from deadlines.clock import LondonDayEnd, london_day_end
from team.history import with_version
from team.models import Team, User
from team.once import Asked, counted, put_together_once

# --- what was answered ---------------------------------------------------------------------------


def answered_yes(assessment: Assessment | None) -> list[Answer]:
    """The factors that were answered “yes”, in the order of the matrix; none of no assessment. One query."""
    if assessment is None:
        return []
    return _said_yes(assessment)


@put_together_once
def _said_yes(assessment: Assessment) -> QuerySet[Answer]:
    rows = Answer.objects.filter(assessment=assessment, said=Said.YES).select_related("factor", "person", "address")
    return rows.order_by("factor__place", "pk")


# --- intelligence gaps ---------------------------------------------------------------------------


@dataclass(frozen=True)
class GapShown:
    """A gap, and the answer "not known" that raised it, if one did: the factor as its matrix names it."""

    gap: Gap
    factor: str = ""

    @property
    def about(self) -> str:
        """Whom or what the factor was asked about; empty where the gap was raised by hand."""
        return str(self.gap.person or self.gap.address or "") if self.factor else ""


def gaps_of(case: Case, *, state: GapState | None = None) -> list[GapShown]:
    """The gaps of a record: open ones first, the next due at the top; then what has ended, the latest first. Two
    queries at most. `state`: only those."""
    found = _gaps(case, state)
    named = {
        (factor.version_id, factor.code): factor.name
        for factor in Factor.objects.filter(
            version__in={gap.raised_in.matrix_id for gap in found if gap.factor and gap.raised_in},
            code__in={gap.factor for gap in found},
        )
    }
    return [
        GapShown(gap, named.get((gap.raised_in.matrix_id, gap.factor), "") if gap.raised_in else "") for gap in found
    ]


@put_together_once
def _gaps(case: Case, state: GapState | None) -> QuerySet[Gap]:
    rows = Gap.objects.filter(case=case)
    if state:
        rows = rows.filter(state=state)
    rows = rows.select_related("owner", "person", "address", "raised_in", "raised_by", "ended_by")
    return rows.order_by(F("ended_at").desc(nulls_first=True), "due_on", "pk")


# --- risks and control measures ------------------------------------------------------------------


@dataclass
class MeasureShown:
    """A control measure with its checks, the latest first, as it stands on a London date."""

    measure: Measure
    checks: list[MeasureCheck]
    today: date

    @property
    def last(self) -> MeasureCheck | None:
        return self.checks[0] if self.checks else None

    @property
    def has_run_out(self) -> bool:
        return self.measure.until is not None and self.measure.until < self.today

    @property
    def has_begun(self) -> bool:
        return self.measure.from_on <= self.today

    @property
    def manages(self) -> bool:
        return manages(self.measure, self.today)

    @property
    def check_is_overdue(self) -> bool:
        return check_is_overdue(self.measure, self.today)

    @property
    def managed_until(self) -> datetime | None:
        """When one that once worked ceased to manage its risk, or will; None where it never has worked."""
        if not any(check.works == Works.YES for check in self.checks):
            return None
        ends = [at for at in (self.measure.ended_at, self._failed_at) if at]
        if self.measure.until:
            ends.append(london_day_end(self.measure.until))
        return min(ends, default=None)

    @property
    def _failed_at(self) -> datetime | None:
        """The first of the last checks that found it in doubt or not to work."""
        failed = None
        for check in self.checks:
            if check.works == Works.YES:
                break
            failed = check.checked_at
        return failed


@dataclass
class RiskShown:
    """A risk with its control measures: those that are set, and those that have ended."""

    risk: Risk
    measures: list[MeasureShown] = field(default_factory=list)
    ended: list[MeasureShown] = field(default_factory=list)

    @property
    def is_unmanaged(self) -> bool:
        """As `RiskQuerySet.unmanaged`: present, and no control measure works."""
        return self.risk.ended_at is None and not any(each.manages for each in self.measures)

    @property
    def check_overdue_since(self) -> date | None:
        """By when the first of what manages it should have been looked at again; None where all was in time."""
        return min((each.measure.check_on for each in self.measures if each.check_is_overdue), default=None)

    @property
    def unmanaged_since(self) -> datetime | None:
        """Since when nothing manages it: since the last measure that worked ceased to, or since it was identified."""
        if not self.is_unmanaged:
            return None
        ends = [each.managed_until for each in [*self.measures, *self.ended]]
        return max([self.risk.identified_at, *(end for end in ends if end)])


def with_measures(rows: QuerySet[Risk]) -> QuerySet[Risk]:
    """Some risks with all that `shown` says of them, in three queries more however many."""
    checks = MeasureCheck.objects.select_related("checked_by").order_by("-pk")
    measures = with_version(Measure.objects.select_related("owner", "set_by", "ended_by")).order_by("pk")
    measures = measures.prefetch_related(Prefetch("checks", queryset=checks, to_attr="looked_at"))
    return rows.prefetch_related("children", Prefetch("measures", queryset=measures, to_attr="all_measures"))


def shown(risks: Iterable[Risk], *, today: date) -> list[RiskShown]:
    """Risks of `with_measures` with their control measures as they stand on a London date. No query."""
    found = []
    for risk in risks:
        measures = [
            MeasureShown(measure, measure.looked_at, today)
            for measure in risk.all_measures  # type: ignore[attr-defined]
        ]
        set_still = [each for each in measures if each.measure.ended_at is None]
        found.append(RiskShown(risk, set_still, [each for each in measures if each.measure.ended_at is not None]))
    return found


def risks_of(case: Case, *, today: date, present: bool = False) -> list[RiskShown]:
    """The risks of a record: those that are present, unmanaged ones first; then what has ended, the latest first.
    Four queries. `present`: only those."""
    found = shown(_risks(case, present), today=today)
    return sorted(found, key=lambda each: (each.risk.ended_at is not None, not each.is_unmanaged))


@put_together_once
def _risks(case: Case, present: bool) -> QuerySet[Risk]:
    rows = Risk.objects.filter(case=case)
    if present:
        rows = rows.present()
    rows = rows.select_related("person", "identified_by", "ended_by")
    return with_measures(rows.order_by(F("ended_at").desc(nulls_first=True), "pk"))


# Beyond it nobody reads a number of risks; and a whole table is never counted.
MOST_COUNTED = 1000


def unmanaged_risks(user: User, *, today: date, team: Team | None = None) -> QuerySet[Risk]:
    """The unmanaged risks on the open records that somebody may open, or of one of these teams. In no order."""
    cases = Case.objects.visible_to(user).filter(state=State.OPEN)
    if team:
        cases = cases.filter(team=team)
    return Risk.objects.filter(case__in=cases).unmanaged(today)


def left_out_of_unmanaged(user: User, *, today: date, team: Team | None = None) -> str:
    """Of which restricted records, on which somebody is not named, an unmanaged risk would stand among these. One
    query where there are none."""
    risks = Risk.objects.filter(case=OuterRef("pk")).unmanaged(today)
    rows = hidden_here(user, team).filter(Exists(risks), state=State.OPEN)
    return left_out(
        rows,
        "restricted record has an unmanaged risk that is not shown here",
        "restricted records have unmanaged risks that are not shown here",
    )


def is_unmanaged_of(measure: OuterRef, today: date) -> Exists:
    """Whether the risk of a control measure (its id) is on an open record and unmanaged on a London date."""
    risks = Risk.objects.filter(case__state=State.OPEN, measures=measure)
    return Exists(risks.unmanaged(today))


def longest_unmanaged(rows: QuerySet[Risk]) -> QuerySet[Risk]:
    """Some unmanaged risks, each with `since`, by which they can be put in order: as `RiskShown.unmanaged_since`."""
    worked = MeasureCheck.objects.filter(works=Works.YES)
    worked_later = worked.filter(measure=OuterRef("measure"), pk__gte=OuterRef("pk"))
    failed = MeasureCheck.objects.filter(~Exists(worked_later), measure=OuterRef("pk")).order_by("pk")
    ends = Least("ended_at", Subquery(failed.values("checked_at")[:1]), LondonDayEnd("until"))
    measures = Measure.objects.filter(Exists(worked.filter(measure=OuterRef("pk"))), risk=OuterRef("pk"))
    measures = measures.annotate(managed_until=ends)
    last = measures.order_by("-managed_until").values("managed_until")[:1]
    return rows.annotate(since=Greatest("identified_at", Subquery(last), output_field=DateTimeField()))


def count_unmanaged(user: User, *, today: date, team: Team | None = None) -> int:
    """How many there are; one more than MOST_COUNTED stands for "more"."""
    (number,) = counted(_unmanaged.asked(user, today, team))
    return number


def unmanaged_here(user: User, *, today: date, team: Team) -> Asked:
    """What counts them in one team, to be asked with other things."""
    return _unmanaged.asked(user, today, team)


@put_together_once
def _unmanaged(user: User, today: date, team: Team | None) -> QuerySet[Risk, Any]:
    return unmanaged_risks(user, today=today, team=team).order_by().values_list("pk")[: MOST_COUNTED + 1]
