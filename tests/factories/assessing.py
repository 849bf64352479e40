"""Records whose risk is assessed, through the actions with which sergeants assess it."""

from __future__ import annotations

from typing import Any

from cases.enums import Level
from cases.models import Case
from cram.actions import endorse_assessment, save_answers, set_level, start_assessment, submit_assessment
from cram.actions.assessing import Answered, Saved
from cram.enums import AssessmentKind, Category, Said
from cram.models import Assessment, Factor
from cram.queries import being_written
from team.enums import Role
from team.models import Team, User
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

WITHOUT = "The researcher is away until Monday"
WHY = "Nothing speaks for more: the children are with their grandmother"


def an_assessed_case(team: Team | None = None, **other: Any) -> Case:
    """The record of a referral that was logged and assessed just now: what is left of it for the desk is the rest."""
    return assessed(a_case(team, **other)).case


def an_assessment(case: Case, *, kind: AssessmentKind | None = None, by: User | None = None) -> Assessment:
    """An assessment that was begun just now."""
    return start_assessment(case, kind=kind, by=by or User.objects.system())


def a_factor(assessment: Assessment, category: Category = Category.VICTIM, *, number: int = 0) -> Factor:
    """A definite factor of the matrix that an assessment was begun on, in the order in which they are asked."""
    return Factor.objects.filter(version=assessment.matrix_id, category=category, definite=True)[number]


def answered(assessment: Assessment, said: Said, *, number: int = 0, by: User | None = None, **other: Any) -> Saved:
    """What was answered to one definite factor about the first child of the record, on a form just opened. Who finds
    out what is not known is somebody new, unless they are named."""
    child = assessment.case.parts.filter(part="child", taken_off_at=None).earliest("place", "pk").person_id
    factor = a_factor(assessment, number=number)
    now = assessment.answers.filter(factor=factor, person=child).first()
    if said == Said.NOT_KNOWN and by is None:
        other = {"gap_owner": an_officer(Role.INVESTIGATOR, assessment.case.team), **other}
    typed = {"said": said, "note": "As the school told us", "version": now.version if now else 0, **other}
    return save_answers(
        assessment, answers=[Answered(factor.code, person=child, **typed)], by=by or User.objects.system()
    )


def submitted(
    case: Case,
    level: str = Level.STANDARD,
    by: User | None = None,
    *,
    kind: AssessmentKind | None = None,
    **other: Any,
) -> Assessment:
    """A CRAM of a record that waits for endorsement, begun already or not; of a review, that nothing is new, and why
    research or a check may be missing."""
    by = by or User.objects.system()
    assessment = being_written(case) or an_assessment(case, kind=kind, by=by)
    if assessment.kind != AssessmentKind.FIRST:
        other = {"nothing_new": True, **other}
    set_level(assessment, level=level, **{"rationale": WHY, **other}, by=by)
    return submit_assessment(assessment, sent_without=WITHOUT, by=by)


def assessed(
    case: Case, level: str = Level.STANDARD, by: User | None = None, endorsed_by: User | None = None
) -> Assessment:
    """A CRAM of a record, endorsed by somebody else, so that nothing of it stands in the way of closure."""
    assessment = submitted(case, level, by)
    sergeant = endorsed_by or an_officer(Role.SUPERVISOR, case.team)
    return endorse_assessment(assessment, by=sergeant).assessment
