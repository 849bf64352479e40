"""The police report is sent for endorsement, endorsed or returned by another person, and sent to the conference."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from audit.events import Event
from audit.recording import record
from cases.enums import Basis, Kind, Partner, Way
from cases.models import Case
from cases.steps import enter, locked, share
from conferences import duties
from conferences import report_policies as policies
from conferences.dates import about
from conferences.enums import Paper, RecipientKind, ReportOutcome, ReportState, StepKind
from conferences.models import Conference, Copy, Recipient, Report, ReportEndorsement
from conferences.queries import children_at
from conferences.report_papers import ages, concerns_to, drawn
from conferences.report_queries import Goes, endorser_of, goes_to, items_of, recipients_of
from conferences.steps import step_done
from deadlines import clock, rules
from diary.models import Duty, DutyState
from diary.steps import raise_again, satisfy_duty
from pages.words import count, uncapitalised
from team.history import ChangedMeanwhile, check_unchanged, save_as, version_of
from team.models import User
from team.permissions import Permission


def submit_report(report: Report, *, version: int | None = None, by: User) -> Report:
    """Send a version for endorsement: its items stay as they are from now on. Refused without the CRAM before the
    conference (HMIC 2010, AFI 1). Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        report = _report(report, Permission.WRITE_REPORTS, by)
        policies.check_submit(report)
        check_unchanged(report, version)
        report.state = ReportState.SUBMITTED
        report.submitted_at, report.submitted_by = clock.moment(), by
        save_as(report, by)
        conference = report.conference
        raise_again(
            duties.ENDORSE,
            conference.case,
            rules.ENDORSEMENT.due_or_at_once(report.submitted_at),
            owner=endorser_of(report),
            subject=report.pk,
            about=about(conference),
            by=by,
        )
        enter(conference.case, Kind.RECORD, f"{_named(report)} sent for endorsement", by=by)
        _record(Event.REPORT_SUBMITTED, report, by)
        return report


def endorse_report(report: Report, *, words: str = "", version: int | None = None, by: User) -> ReportEndorsement:
    """Endorse a version, so that it can be sent (HMIC 2010, AFI 8). Raises ValidationError, also for one's own work;
    ChangedMeanwhile where it is endorsed or returned already."""
    with transaction.atomic():
        report = _report(report, Permission.ENDORSE_REPORTS, by)
        policies.check_endorse(report, by=by)
        check_unchanged(report, version)
        report.state = ReportState.ENDORSED
        report.endorsed_at, report.endorsed_by = clock.moment(), by
        save_as(report, by)
        endorsement = _say(report, ReportOutcome.ENDORSED, words, by)
        conference = report.conference
        satisfy_duty(duties.ENDORSE, conference.case, why="Endorsed", subject=report.pk, by=by)
        step_done(conference, StepKind.ENDORSEMENT, what=f"Version {report.number} endorsed by {by}"[:300], by=by)
        enter(conference.case, Kind.DECISION, f"{_named(report)} endorsed", text=words, significant=True, by=by)
        _record(Event.REPORT_ENDORSED, report, by)
        return endorsement


def return_report(report: Report, *, words: str, version: int | None = None, by: User) -> ReportEndorsement:
    """Return a version to be put right, with what is wrong. Raises ValidationError; ChangedMeanwhile as above."""
    with transaction.atomic():
        report = _report(report, Permission.ENDORSE_REPORTS, by)
        policies.check_return(report, words, by=by)
        check_unchanged(report, version)
        report.state = ReportState.RETURNED
        save_as(report, by)
        endorsement = _say(report, ReportOutcome.RETURNED, words, by)
        case = report.conference.case
        satisfy_duty(duties.ENDORSE, case, why=f"Returned: {words}"[:300], subject=report.pk, by=by)
        enter(case, Kind.DECISION, f"{_named(report)} returned to be put right", text=words, significant=True, by=by)
        _record(Event.REPORT_RETURNED, report, by)
        return endorsement


def send_report(
    report: Report, *, ways: Mapping[int, Way | str], basis: Basis | str, version: int | None = None, by: User
) -> list[Copy]:
    """Send an endorsed version: a numbered copy for each recipient, without what is kept from them, kept byte for
    byte; and the annex for the chair.

    `ways`: of each recipient (id) how the report goes to them. Raises ValidationError, with "way-12" for that of a
    recipient; ChangedMeanwhile.
    """
    with transaction.atomic():
        report, recipients, standing = _ready_to_send(report, ways, basis, version, by)
        goes = goes_to(items_of(report), recipients)
    # Many long papers take more than a minute: nobody who works on the record waits for that. Nothing that stands on
    # them has changed since, or none of them goes out.
    papers = _drawn(report, goes, standing.next_copy, by)
    with transaction.atomic():
        report, recipients, now = _ready_to_send(report, ways, basis, version, by)
        if now != standing:
            raise ChangedMeanwhile(
                "Something that stands on the copies changed while they were made, and none of them went out.",
                "Look at who gets what, then send it again.",
            )
        conference = report.conference
        report.state, report.sent_at, report.sent_by = ReportState.SENT, clock.moment(), by
        duty = _open_duty(report)
        report.on_time = None if duty is None else report.sent_at < duty.late_from
        copies = _copies(report, papers, report.sent_at, by)
        save_as(report, by)
        what = f"Version {report.number} sent, {count(len(copies), 'copy', 'copies')}"
        step_done(conference, StepKind.REPORT, what=what, by=by)
        if conference.report_again_at is not None:
            conference.report_again, conference.report_again_at = "", None
            save_as(conference, by)
        people = children_at(conference)
        for each in goes:
            theirs = [copy for copy in copies if copy.recipient_id == each.recipient.pk]
            share(
                conference.case,
                partner=_partner(each.recipient),
                to_whom=each.recipient.name,
                what=f"{_named(report)}: {_numbered(theirs)}",
                way=Way(ways[each.recipient.pk]),
                basis=Basis(basis),
                shared_at=report.sent_at,
                people=people,
                is_told=False,
                by=by,
            )
        lines = [
            f"{each.recipient}: {_numbered([copy for copy in copies if copy.recipient_id == each.recipient.pk])}. "
            f"{Way(ways[each.recipient.pk]).label}."
            for each in goes
        ]
        enter(
            conference.case,
            Kind.SHARED,
            f"{_named(report)} sent",
            text="\n".join([*lines, f"{Basis(basis).label}."]),
            people=people,
            significant=True,
            by=by,
        )
        _record(Event.REPORT_SENT, report, by, copies=len(copies))
        return copies


@dataclass(frozen=True)
class _Standing:
    """What stands on the copies besides their items, which the database keeps as they were endorsed."""

    report: int
    conference: int
    recipients: list[tuple[int, str, str]]
    children: list[str]
    concerns_to: str
    next_copy: int


def _ready_to_send(
    report: Report, ways: Mapping[int, Way | str], basis: Basis | str, version: int | None, by: User
) -> tuple[Report, list[Recipient], _Standing]:
    """A version that may be sent, its record locked; who gets it, and what stands on their copies now."""
    report = _report(report, Permission.WRITE_REPORTS, by)
    conference, recipients = report.conference, recipients_of(report.conference)
    policies.check_ready_to_send(report, recipients)
    policies.check_ways(recipients, ways, basis)
    check_unchanged(report, version)
    last = Copy.objects.filter(conference=conference).aggregate(last=Max("number"))["last"] or 0
    standing = _Standing(
        version_of(report),
        version_of(conference),
        [(each.pk, each.kind, each.name) for each in recipients],
        ages(conference, children_at(conference)),
        concerns_to(report),
        last + 1,
    )
    return report, recipients, standing


@dataclass(frozen=True)
class _Made:
    """A copy as it was drawn."""

    recipient: Recipient
    paper: Paper
    number: int
    pdf: bytes


def _drawn(report: Report, goes: list[Goes], first: int, by: User) -> list[_Made]:
    wanted = [(each, paper) for each in goes for paper in each.papers]
    return [
        _Made(each.recipient, paper, number, drawn(report, each, paper, number=number, printed_by=by))
        for number, (each, paper) in enumerate(wanted, first)
    ]


def _copies(report: Report, papers: list[_Made], at: datetime, by: User) -> list[Copy]:
    return [
        Copy.objects.create(
            report=report,
            recipient=each.recipient,
            paper=each.paper,
            number=each.number,
            conference=report.conference,
            sent_at=at,
            sent_by=by,
            pdf=each.pdf,
            digest=hashlib.sha256(each.pdf).hexdigest(),
        )
        for each in papers
    ]


def _partner(recipient: Recipient) -> Partner:
    return Partner.SOCIAL_SERVICES if recipient.kind == RecipientKind.CHAIR else Partner.OTHER


def _numbered(copies: list[Copy]) -> str:
    """ "police report, copy 1, and confidential annex, copy 2"."""
    return ", and ".join(f"{uncapitalised(Paper(copy.paper).label)}, copy {copy.number}" for copy in copies)


def _named(report: Report) -> str:
    kind = uncapitalised(report.conference.get_kind_display())
    return f"Police report to the {kind}, version {report.number}"


def _open_duty(report: Report) -> Duty | None:
    conference = report.conference
    rows = Duty.objects.filter(case=conference.case, kind=duties.REPORT.code, subject=conference.pk)
    return rows.filter(state=DutyState.OPEN).first()


def _say(report: Report, outcome: ReportOutcome, words: str, by: User) -> ReportEndorsement:
    at = clock.moment()
    return ReportEndorsement.objects.create(report=report, outcome=outcome, words=words, given_at=at, given_by=by)


def _report(report: Report, permission: Permission, by: User) -> Report:
    case: Case = locked(report.conference.case, permission, by)
    conference = Conference.objects.select_related("team", "pclo", "attendance_by").get(pk=report.conference_id)
    conference.case = case
    related = ("started_by", "submitted_by", "endorsed_by", "sent_by")
    report = Report.objects.select_related(*related).get(pk=report.pk)
    report.conference = conference
    return report


def _record(event: Event, report: Report, by: User, **detail: Any) -> None:
    case = report.conference.case
    detail = {"conference": report.conference.number, "report": report.number, **detail}
    record(event, by=by, on=report, case_id=case.pk, team_id=case.team_id, detail=detail)
