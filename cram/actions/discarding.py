"""A CRAM that was begun by mistake is thrown away. What was found while it was written stays on the record."""

from __future__ import annotations

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.enums import Kind
from cases.steps import enter, locked
from cram import policies
from cram.enums import AssessmentKind, AssessmentState
from cram.models import Assessment
from deadlines import clock
from team.history import check_unchanged, save_as
from team.models import User
from team.permissions import Permission


def discard_assessment(assessment: Assessment, *, why: str, version: int | None = None, by: User) -> Assessment:
    """Throw away a CRAM that was never sent for endorsement: it never counts, and another can be begun.

    Its answers stay to be read. The gaps that it raised, risks, control measures, decisions and actions belong to the
    record and go on: a question about a child does not become less pressing. Raises ValidationError; ChangedMeanwhile
    where it was sent or thrown away already.
    """
    with transaction.atomic():
        case = locked(assessment.case, Permission.ASSESS_RISK, by)
        related = ("submitted_by", "endorsed_by", "discarded_by")
        assessment = Assessment.objects.select_related(*related).get(pk=assessment.pk)
        assessment.case = case
        policies.check_discard(assessment, why)
        check_unchanged(assessment, version)
        assessment.state = AssessmentState.DISCARDED
        assessment.discarded_at, assessment.discarded_by = clock.moment(), by
        assessment.discarded_why = why
        assessment.clean_fields(exclude=["case", "started_at"])
        save_as(assessment, by)
        enter(case, Kind.RECORD, f"{AssessmentKind(assessment.kind).label} thrown away", text=why, by=by)
        detail = {"assessment": assessment.number}
        record(Event.ASSESSMENT_DISCARDED, by=by, on=assessment, case_id=case.pk, team_id=case.team_id, detail=detail)
        return assessment
