"""What turned in the risk on a record, and when: read from the facts as they were at each moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from cases.enums import Level
from cases.models import Case
from cram import duties
from cram.enums import AssessmentKind, AssessmentState, GapState, Works
from cram.models import Assessment, Gap, Measure, Risk
from deadlines.clock import london_date, london_day_end, london_midnight
from diary.models import Duty
from pages.words import day, moment, uncapitalised


class Mark(StrEnum):
    """What of the reviews stands at a moment: each has a row of its own in the picture, called so."""

    SENT = "Sent"
    RETURNED = "Returned"
    ENDORSED = "Endorsed"
    MISSED = "Date missed"


@dataclass(frozen=True)
class Turn:
    """Something that happened at one moment. `level`: which was set; `gap`: what became of one."""

    at: datetime
    said: str = ""
    mark: Mark | None = None
    level: str = ""
    gap: GapState | None = None


def reviews(case: Case) -> Iterator[Turn]:
    """Each time an assessment was sent, returned or endorsed, with the level as it was then. Two queries."""
    rows = Assessment.history.filter(id__in=Assessment.objects.filter(case=case).values("pk"))
    before: dict[int, str] = {}
    for line in rows.order_by("history_id"):
        state, was = line.state, before.get(line.id, "")
        before[line.id] = state
        if state == was:
            continue
        label = AssessmentKind(line.kind).label
        if state == AssessmentState.SUBMITTED:
            said = f"{label} sent for endorsement, level {Level(line.level).label.lower()}"
            yield Turn(line.submitted_at, said, Mark.SENT, line.level)
        elif state == AssessmentState.RETURNED:
            yield Turn(line.history_date, f"{label} returned to be put right", Mark.RETURNED)
        elif state == AssessmentState.ENDORSED:
            yield Turn(line.endorsed_at, f"{label} endorsed", Mark.ENDORSED)


NOT_DONE = {
    duties.FIRST.code: "First CRAM not done",
    duties.REVIEW.code: "CRAM review not done",
    duties.BEFORE_CONFERENCE.code: "CRAM before a conference not done",
    duties.ENDORSE.code: "CRAM not endorsed",
}


def missed(case: Case) -> Iterator[Turn]:
    """Each date of a CRAM, a review or an endorsement that passed without it. What was late before the team worked
    with CAIT is not held against anybody."""
    for duty in Duty.objects.filter(case=case, kind__in=NOT_DONE, from_before=False):
        # One that was raised late, as when a record was opened again, was not due when it would have been.
        if duty.late_from >= duty.raised_at and (duty.ended_at is None or duty.ended_at >= duty.late_from):
            by = moment(duty.due_at) if duty.due_at else day(duty.due_on)
            about = f" ({uncapitalised(duty.about)})" if duty.about else ""
            yield Turn(duty.late_from, f"{NOT_DONE[duty.kind]} by {by}{about}", Mark.MISSED)


def gaps(case: Case) -> Iterator[Turn]:
    """Each intelligence gap that was raised, and that ended."""
    for gap in Gap.objects.filter(case=case):
        yield Turn(gap.raised_at, gap=GapState.OPEN)
        if gap.ended_at is not None:
            yield Turn(gap.ended_at, gap=GapState(gap.state))


class Risks:
    """The risks of a record with their control measures, as they were at any moment. Two queries.

    The history of each measure tells how it was: whether it was found to work, from when and until when it ran.
    """

    def __init__(self, case: Case) -> None:
        risks = Risk.objects.filter(case=case).select_related("person")
        self.risks = {risk.pk: risk for risk in risks.order_by("pk")}
        self._lines: dict[int, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
        rows = Measure.history.filter(id__in=Measure.objects.filter(case=case).values("pk"))
        for line in rows.order_by("history_id"):
            self._lines[line.risk_id][line.id].append(line)

    def turns(self) -> Iterator[Turn]:
        """Every moment at which a risk may have come to be managed or unmanaged."""
        for risk in self.risks.values():
            yield Turn(risk.identified_at, f"Risk identified: {risk.what}")
            if risk.ended_at is not None:
                yield Turn(risk.ended_at, f"Risk ended: {risk.what}")
        for measures in self._lines.values():
            for lines in measures.values():
                for line in lines:
                    yield Turn(line.history_date)
                    yield Turn(london_midnight(line.from_on))
                    if line.until is not None:
                        yield Turn(london_day_end(line.until))

    def present(self, at: datetime) -> set[int]:
        """Which risks (ids) there were at a moment."""
        return {
            pk
            for pk, risk in self.risks.items()
            if risk.identified_at <= at and (risk.ended_at is None or risk.ended_at > at)
        }

    def unmanaged(self, at: datetime) -> set[int]:
        """Which of them no control measure managed at a moment (`Risk.objects.unmanaged`, then)."""
        on = london_date(at)
        return {pk for pk in self.present(at) if not any(manages(line, on) for line in self.measures(pk, at))}

    def measures(self, risk: int, at: datetime) -> list[Any]:
        """The control measures of a risk (id) that were set and had not ended at a moment, each as it was then."""
        then = (_at(lines, at) for lines in self._lines[risk].values())
        return [line for line in then if line is not None and line.ended_at is None]


def _at(lines: list[Any], at: datetime) -> Any:
    """A control measure as it was at a moment, of its lines of history in order; None before it was set."""
    return next((line for line in reversed(lines) if line.history_date <= at), None)


def manages(line: Any, on: date) -> bool:
    """As `MeasureQuerySet.effective`, of a control measure or a line of its history."""
    runs = line.ended_at is None and line.from_on <= on and (line.until is None or line.until >= on)
    return bool(runs and line.works == Works.YES)


def check_is_overdue(line: Any, on: date) -> bool:
    """As `MeasureQuerySet.not_checked_since`: it manages its risk only by what was found before."""
    return manages(line, on) and bool(line.check_on < on)
