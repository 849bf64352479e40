"""The preparation of conferences as a checklist: each step with its date, how far it is, and where it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from conferences import duties
from conferences.dates import STEP_DUTIES, step_due
from conferences.enums import Attending, ConferenceState, ReportState, StepKind
from conferences.models import Conference, Report, StepDone
from cram.enums import BEING_WRITTEN, AssessmentState
from cram.models import Assessment
from deadlines import clock
from deadlines.due import Due
from diary.models import Duty, DutyState
from pages.words import day, moment
from team.permissions import Permission

NOT_STARTED = "Not started"
# Which permission the page asks for on which a step is done.
PERMISSIONS = {
    "cram:research": Permission.SEE_RECORDS,
    "cram:assess": Permission.SEE_RECORDS,
    "conferences:report": Permission.WRITE_REPORTS,
    "conferences:endorse_report": Permission.ENDORSE_REPORTS,
    "conferences:brief": Permission.SUPERVISE_CONFERENCES,
}


@dataclass(frozen=True)
class Line:
    """One step of the preparation of one conference.

    `due`: its date as its duty has it, with the reason for it; None where nothing is due any more. `state` says in
    one line how far it is. `late`: it is not done, and its time is over. `needed`: no for the briefing where a report
    alone is sent. `view`, `args`: the page on which it is done, which opens for whoever holds `permission`.
    """

    kind: StepKind
    due: Due | None
    done: StepDone | None
    late: bool
    needed: bool
    state: str
    view: str
    args: tuple[Any, ...]
    permission: Permission

    @property
    def label(self) -> str:
        return self.kind.label

    @property
    def due_on(self) -> date | None:
        return self.due.due_on if self.due else None

    @property
    def missing(self) -> bool:
        """Whether it is still to be done."""
        return self.needed and self.done is None

    @property
    def url(self) -> str:
        return reverse(self.view, args=self.args)


def checklists(conferences: Iterable[Conference], *, now: datetime | None = None) -> dict[int, list[Line]]:
    """Of each of some conferences (ids) the five steps of its preparation, in their order. A fixed number of queries,
    however many; their records should be selected with them."""
    conferences = list(conferences)
    if not conferences:
        return {}
    at = now or clock.now()
    known = _Known({each.pk for each in conferences}, {each.case_id for each in conferences})
    return {each.pk: [_line(kind, each, known, at) for kind in StepKind] for each in conferences}


class _Known:
    """What is read for some conferences (ids) at once."""

    def __init__(self, conferences: Collection[int], cases: Collection[int]) -> None:
        self.done: dict[tuple[int, str], StepDone] = {
            (step.conference_id, step.kind): step
            for step in StepDone.objects.filter(conference__in=conferences).select_related("done_by")
        }
        self.reports: dict[int, list[Report]] = defaultdict(list)
        rows = Report.objects.filter(conference__in=conferences).select_related("submitted_by", "endorsed_by")
        for report in rows.order_by("number"):
            self.reports[report.conference_id].append(report)
        self.crams: dict[int, Assessment] = {
            cram.case_id: cram for cram in Assessment.objects.filter(case__in=cases, state__in=BEING_WRITTEN)
        }
        self.duties = _duties(conferences, cases, [each.pk for theirs in self.reports.values() for each in theirs])


def _duties(conferences: Collection[int], cases: Collection[int], reports: Collection[int]) -> dict[Any, Duty]:
    """The duty of each step, by its kind and what it is about: the last one that did not fall away."""
    codes = [kind.code for kind in STEP_DUTIES.values()]
    rows = Duty.objects.filter(case__in=cases, kind__in=codes, subject__in=conferences)
    ending = Duty.objects.filter(case__in=cases, kind=duties.ENDORSE.code, subject__in=reports)
    found = (rows | ending).exclude(state=DutyState.CANCELLED).order_by("cycle")
    return {(duty.kind, duty.subject): duty for duty in found}


def _line(kind: StepKind, conference: Conference, known: _Known, now: datetime) -> Line:
    done = known.done.get((conference.pk, kind))
    needed = done is not None or not (kind == StepKind.BRIEFING and conference.attending == Attending.REPORT_ONLY)
    report = known.reports[conference.pk][-1] if known.reports.get(conference.pk) else None
    is_to_do = done is None and needed and conference.state == ConferenceState.BOOKED
    due = _due(kind, conference, report, known, is_to_do=is_to_do) if needed else None
    view, args = _where(kind, conference, report)
    return Line(
        kind=kind,
        due=due,
        done=done,
        late=is_to_do and due is not None and due.is_late(now),
        needed=needed,
        state=_state(kind, conference, done, report, known) if needed else "Not needed: a report is sent instead",
        view=view,
        args=args,
        permission=PERMISSIONS[view],
    )


def _due(
    kind: StepKind, conference: Conference, report: Report | None, known: _Known, *, is_to_do: bool
) -> Due | None:
    if kind == StepKind.ENDORSEMENT and report is not None and report.state == ReportState.SUBMITTED:
        duty = known.duties.get((duties.ENDORSE.code, report.pk))
    else:
        code = STEP_DUTIES[StepKind.REPORT if kind == StepKind.ENDORSEMENT else kind].code
        duty = known.duties.get((code, conference.pk))
    is_right = duty is not None and (duty.state == DutyState.OPEN or not is_to_do)
    if duty is not None and is_right:
        return duty.reckoned
    return step_due(kind, conference) if is_to_do else None


def _where(kind: StepKind, conference: Conference, report: Report | None) -> tuple[str, tuple[Any, ...]]:
    """The address of the page on which a step is done."""
    record = conference.case.number
    if kind == StepKind.RESEARCH:
        return "cram:research", (record,)
    if kind == StepKind.CRAM:
        return "cram:assess", (record,)
    if kind == StepKind.BRIEFING:
        return "conferences:brief", (record, conference.number)
    is_waiting = report is not None and report.state == ReportState.SUBMITTED
    view = "conferences:endorse_report" if kind == StepKind.ENDORSEMENT and is_waiting else "conferences:report"
    return view, (record, conference.number)


def _state(
    kind: StepKind, conference: Conference, done: StepDone | None, report: Report | None, known: _Known
) -> str:
    """How far a step is, in one line."""
    if done is not None:
        return done.what
    if conference.state == ConferenceState.HELD:
        return "Not done before the conference"
    if conference.state == ConferenceState.CANCELLED:
        return "Not done: the conference was cancelled"
    if kind == StepKind.CRAM and (cram := known.crams.get(conference.case_id)):
        return f"{AssessmentState(cram.state).label}, begun {day(cram.started_at)}"
    if kind in (StepKind.REPORT, StepKind.ENDORSEMENT) and report is not None:
        again = f"{conference.report_again}. " if kind == StepKind.REPORT and conference.report_again else ""
        return again + _state_of_report(report)
    return NOT_STARTED


def _state_of_report(report: Report) -> str:
    if report.state == ReportState.SUBMITTED and report.submitted_at:
        return f"Waiting for endorsement since {moment(report.submitted_at)}"
    if report.state == ReportState.SENT:
        return f"Version {report.number} was sent; the next one is not begun"
    return ReportState(report.state).label
