"""A supervisor endorses an assessment, or returns it with reasons. Nobody endorses their own work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.enums import Kind
from cases.steps import enter, locked
from cram import duties, policies
from cram.enums import AssessmentKind, AssessmentState, Outcome
from cram.models import Assessment, Endorsement
from cram.queries import writer_of
from cram.steps import direct
from deadlines import clock, rules
from diary.models import Duty
from diary.steps import raise_again, satisfy_duty
from team.history import check_unchanged, save_as
from team.models import User
from team.permissions import Permission


class Directed(NamedTuple):
    """What a supervisor directs: what is to be done, by whom and by when."""

    what: str
    owner: User
    due_on: date


def endorse_assessment(
    assessment: Assessment,
    *,
    words: str = "",
    directions: Sequence[Directed] = (),
    version: int | None = None,
    by: User,
) -> Endorsement:
    """Endorse an assessment. `directions` become actions on the record, and stand at the top of the next review.

    Raises ValidationError, also for one's own; ChangedMeanwhile where it is endorsed or returned already.
    """
    with transaction.atomic():
        assessment = _locked(assessment, version, by)
        now = clock.moment()
        assessment.state = AssessmentState.ENDORSED
        assessment.endorsed_at, assessment.endorsed_by = now, by
        assessment.endorsed_in_time = _in_time(assessment, now)
        save_as(assessment, by)
        endorsement = _say(assessment, Outcome.ENDORSED, words, by)
        for each in directions:
            direct(assessment, **each._asdict(), by_supervisor=True, by=by)
        case = assessment.case
        satisfy_duty(duties.ENDORSE, case, why="Endorsed", subject=assessment.pk, by=by)
        title = f"{AssessmentKind(assessment.kind).label} endorsed"
        enter(case, Kind.DECISION, title, text=words, significant=True, by=by)
        _record(Event.ASSESSMENT_ENDORSED, assessment, by)
        return endorsement


def return_assessment(assessment: Assessment, *, words: str, version: int | None = None, by: User) -> Endorsement:
    """Return an assessment to be put right, with reasons. Raises ValidationError; ChangedMeanwhile as above."""
    with transaction.atomic():
        assessment = _locked(assessment, version, by)
        policies.check_return(assessment, words)
        assessment.state = AssessmentState.RETURNED
        save_as(assessment, by)
        endorsement = _say(assessment, Outcome.RETURNED, words, by)
        case = assessment.case
        satisfy_duty(duties.ENDORSE, case, why="Returned", subject=assessment.pk, by=by)
        raise_again(
            duties.RETURNED,
            case,
            rules.CRAM_RETURNED.due_or_at_once(endorsement.given_at),
            owner=writer_of(assessment),
            subject=assessment.pk,
            by=by,
        )
        title = f"{AssessmentKind(assessment.kind).label} returned to be put right"
        enter(case, Kind.DECISION, title, text=words, significant=True, by=by)
        _record(Event.ASSESSMENT_RETURNED, assessment, by)
        return endorsement


def _say(assessment: Assessment, outcome: Outcome, words: str, by: User) -> Endorsement:
    at = clock.moment()
    return Endorsement.objects.create(assessment=assessment, outcome=outcome, words=words, given_at=at, given_by=by)


def _in_time(assessment: Assessment, now: datetime) -> bool | None:
    """Whether it never waited too long: also before it was returned. None where none was asked to endorse it."""
    duties_of_it = Duty.objects.filter(case=assessment.case, kind=duties.ENDORSE.code, subject=assessment.pk)
    waited = [(each.ended_at or now) < each.late_from for each in duties_of_it]
    return all(waited) if waited else None


def _locked(assessment: Assessment, version: int | None, by: User) -> Assessment:
    case = locked(assessment.case, Permission.ENDORSE_ASSESSMENTS, by)
    related = ("submitted_by", "endorsed_by", "discarded_by")
    assessment = Assessment.objects.select_related(*related).get(pk=assessment.pk)
    assessment.case = case
    policies.check_endorse(assessment, by=by)
    check_unchanged(assessment, version)
    return assessment


def _record(event: Event, assessment: Assessment, by: User) -> None:
    case = assessment.case
    detail = {"assessment": assessment.number}
    record(event, by=by, on=assessment, case_id=case.pk, team_id=case.team_id, detail=detail)
