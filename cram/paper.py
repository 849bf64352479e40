"""What stands on the paper of one assessment: all of it, with the record's risks and gaps as they were when it was
sent, or thrown away. Of one that is still being written: as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, prefetch_related_objects
from django.http import HttpRequest, HttpResponse

from cases.enums import ANYBODY, Part
from cases.models import Case
from cases.queries import people_on
from cram.enums import Approach, Works
from cram.models import Assessment, Direction, Gap, Measure, MeasureCheck, Risk, Search
from cram.queries import About, Question, Section, sections_of
from cram.repeating import not_searched_again
from cram.timeline import timeline_of
from cram.turns import Risks, check_is_overdue
from deadlines import clock
from deadlines.clock import london_date
from pages.papers import answer, paper
from team.models import User


@dataclass(frozen=True)
class MeasureThen:
    """A control measure as it was at a moment: `line`, of its history; and the last look at it until then."""

    line: Any
    owner: User | None
    last: MeasureCheck | None
    has_begun: bool
    has_run_out: bool
    # It managed its risk by what was found before, and should have been looked at again by then.
    check_is_overdue: bool

    @property
    def whose(self) -> str:
        return str(self.owner or ANYBODY)

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

    @property
    def check_overdue_since(self) -> date | None:
        """As `RiskShown.check_overdue_since`, then."""
        return min((each.line.check_on for each in self.measures if each.check_is_overdue), default=None)


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
    people = people_on(case, today=london_date(now))
    return {
        "case": case,
        "today": london_date(now),
        "printed_at": now,
        "children": [each for each in people if each.part.part == Part.CHILD],
        "other_children": [each for each in people if each.part.part == Part.OTHER_CHILD],
        "suspects": [each for each in people if each.may_have_harmed],
        "assessment": assessment,
        **as_it_was(assessment),
        "sections": [_on_paper(section) for section in sections_of(assessment)],
        "decided": assessment.decided.select_related("decided_by").order_by("pk"),
        "given": directions_of(assessment),
        "new_information": assessment.new_information.select_related("shared", "recorded_by").order_by("pk"),
        "endorsements": assessment.endorsements.select_related("given_by").order_by("pk"),
        "timeline": timeline_of(case),
    }


def assessment_paper(assessment: Assessment, *, printed_by: User, request: HttpRequest | None) -> HttpResponse:
    """One assessment as PDF, for the case file, as it is answered to whoever prints it."""
    context = {**paper_of(assessment), "printed_by": printed_by}
    name = f"CRAM {assessment.number} of {assessment.case.number}.pdf"
    return answer(paper("cram/paper.html", context, request=request), name=name)


def as_it_was(assessment: Assessment) -> dict[str, Any]:
    """The record's risks, control measures, gaps and research as they were when an assessment was sent, or thrown
    away; as they are now of one that is being written, also where it was returned to be put right. `since`: when the
    one before was sent; of a review also what has ended since, and who was not searched for again. As many queries,
    however much."""
    case = assessment.case
    sent = None if assessment.is_being_written else assessment.submitted_at
    then = sent or assessment.discarded_at or clock.moment()
    since = assessment.previous.submitted_at if assessment.previous else None
    return {
        "then": then,
        "since": since,
        "risks": risks_then(case, then),
        "risks_ended": _ended(Risk.objects.filter(case=case), since, then) if since else [],
        "measures_ended": _ended(Measure.objects.filter(case=case), since, then) if since else [],
        "gaps": gaps_then(case, then),
        "gaps_ended": _ended(Gap.objects.filter(case=case).select_related("person", "address"), since, then),
        "searches": searches_for(assessment, since, then),
        "not_searched": not_searched_again(case, since, until=then) if since else [],
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
    prefetch_related_objects([known.risks[risk] for risk in present], "children")
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
                MeasureThen(
                    line,
                    owners.get(line.owner_id),
                    last.get(line.id),
                    has_begun=line.from_on <= on,
                    has_run_out=bool(line.until and line.until < on),
                    check_is_overdue=check_is_overdue(line, on),
                )
                for line in measures
            ],
        )
        for risk, measures in lines.items()
    ]
    return sorted(found, key=lambda each: not each.unmanaged)


def gaps_then(case: Case, then: datetime) -> list[Gap]:
    """The gaps that were open at a moment, each with whose it was and by when, the next due first. Not to be saved.

    Two queries: the history of each gap tells how it was.
    """
    rows = Gap.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=then), case=case, raised_at__lte=then)
    found = {gap.pk: gap for gap in rows.select_related("owner", "person", "address")}
    lines: Any = Gap.history.filter(id__in=found, history_date__lte=then).select_related("owner")
    for line in lines.order_by("history_id"):
        found[line.id].owner, found[line.id].due_on = line.owner, line.due_on
    return sorted(found.values(), key=lambda gap: (gap.due_on, gap.pk))


def _ended(rows: Any, since: datetime | None, then: datetime) -> Any:
    """Those of some risks, measures or gaps that ended until a moment, since another where there is one."""
    rows = rows.filter(ended_at__lte=then)
    if since is not None:
        rows = rows.filter(ended_at__gt=since)
    return rows.select_related("ended_by").order_by("ended_at", "pk")


def searches_for(assessment: Assessment, since: datetime | None, then: datetime) -> Any:
    """The research that an assessment rests on: since the last one was sent, until this one was."""
    rows = Search.objects.filter(case=assessment.case, recorded_at__lte=then)
    if since is not None:
        rows = rows.filter(Q(assessment=assessment) | Q(searched_at__gt=since))
    return rows.select_related("searched_by").prefetch_related("people").order_by(F("searched_at"), "pk")
