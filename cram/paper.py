"""What stands on the paper of one assessment: all of it, with the record's risks and gaps as they were when it was
sent, or thrown away. Of one that is still being written: as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from cases.enums import Part
from cases.models import Case
from cases.queries import people_on
from cram.enums import Approach, Works
from cram.models import Assessment, Direction, Gap, MeasureCheck, Risk, Search
from cram.queries import About, Question, Section, sections_of
from cram.timeline import timeline_of
from cram.turns import Risks
from deadlines import clock
from deadlines.clock import london_date
from team.models import User


@dataclass(frozen=True)
class MeasureThen:
    """A control measure as it was at a moment: `line`, of its history; and the last look at it until then."""

    line: Any
    owner: User | None
    last: MeasureCheck | None
    has_run_out: bool

    @property
    def approach(self) -> str:
        return Approach(self.line.approach).label

    @property
    def works(self) -> str:
        return Works(self.line.works).label


@dataclass(frozen=True)
class RiskThen:
    risk: Risk
    unmanaged: bool
    measures: list[MeasureThen]


@dataclass(frozen=True)
class SectionOnPaper:
    """What was answered about one person or household, what is definite apart; and what was not asked, by name."""

    about: About
    definite: list[Question]
    may_indicate: list[Question]
    not_asked: list[Question]


def paper_of(assessment: Assessment) -> dict[str, Any]:
    """The context of its template. As many queries, however long the record."""
    case = assessment.case
    now = case.looked_at or clock.now()
    then = assessment.submitted_at or assessment.discarded_at or clock.moment()
    since = assessment.previous.submitted_at if assessment.previous else None
    people = people_on(case, today=london_date(now))
    return {
        "case": case,
        "today": london_date(now),
        "printed_at": now,
        "children": [each for each in people if each.part.part == Part.CHILD],
        "other_children": [each for each in people if each.part.part == Part.OTHER_CHILD],
        "suspects": [each for each in people if each.may_have_harmed],
        "assessment": assessment,
        "then": then,
        "risks": risks_then(case, then),
        "gaps": gaps_then(case, then),
        "gaps_ended": _gaps_ended(case, since, then),
        "sections": [_on_paper(section) for section in sections_of(assessment)],
        "decided": assessment.decided.select_related("decided_by").order_by("pk"),
        "given": directions_of(assessment),
        "new_information": assessment.new_information.select_related("shared", "recorded_by").order_by("pk"),
        "searches": searches_for(assessment, since, then),
        "endorsements": assessment.endorsements.select_related("given_by").order_by("pk"),
        "timeline": timeline_of(case),
    }


def _on_paper(section: Section) -> SectionOnPaper:
    definite = [each for each in section.definite if each.is_asked]
    may_indicate = [each for each in section.may_indicate if each.is_asked]
    not_asked = [each for each in section.questions if not each.is_asked]
    return SectionOnPaper(section.about, definite, may_indicate, not_asked)


def directions_of(assessment: Assessment) -> Any:
    """The actions that an assessment calls for, in the order in which they were given."""
    rows = Direction.objects.filter(assessment=assessment).select_related("action__owner", "action__ended_by")
    return rows.order_by("pk")


def risks_then(case: Case, then: datetime) -> list[RiskThen]:
    """The risks that were present at a moment, unmanaged ones first, each with its control measures as they were."""
    known = Risks(case)
    present = sorted(known.present(then))
    lines = {risk: known.measures(risk, then) for risk in present}
    every = [line for measures in lines.values() for line in measures]
    owners = User.objects.in_bulk({line.owner_id for line in every})
    rows = MeasureCheck.objects.filter(measure__in=[line.id for line in every], checked_at__lte=then)
    last = {check.measure_id: check for check in rows.select_related("checked_by").order_by("pk")}
    unmanaged, on = known.unmanaged(then), london_date(then)
    found = [
        RiskThen(
            known.risks[risk],
            risk in unmanaged,
            [
                MeasureThen(line, owners.get(line.owner_id), last.get(line.id), bool(line.until and line.until < on))
                for line in measures
            ],
        )
        for risk, measures in lines.items()
    ]
    return sorted(found, key=lambda each: not each.unmanaged)


def gaps_then(case: Case, then: datetime) -> Any:
    """The gaps that were open at a moment, the next due first."""
    rows = Gap.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=then), case=case, raised_at__lte=then)
    return rows.select_related("owner", "person", "address").order_by("due_on", "pk")


def _gaps_ended(case: Case, since: datetime | None, then: datetime) -> Any:
    rows = Gap.objects.filter(case=case, ended_at__lte=then)
    if since is not None:
        rows = rows.filter(ended_at__gt=since)
    return rows.select_related("person", "address", "ended_by").order_by("ended_at", "pk")


def searches_for(assessment: Assessment, since: datetime | None, then: datetime) -> Any:
    """The research that an assessment rests on: since the last one was sent, until this one was."""
    rows = Search.objects.filter(case=assessment.case, recorded_at__lte=then)
    if since is not None:
        rows = rows.filter(Q(assessment=assessment) | Q(searched_at__gt=since))
    return rows.select_related("searched_by").prefetch_related("people").order_by(F("searched_at"), "pk")
