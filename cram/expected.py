"""Which duties of assessing the risk should be open, worked out from the facts on a record alone (`diary.expecting`).

Written apart from the actions that raise them, on purpose: two accounts of one thing, held against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from django.db.models import Exists, OuterRef

from cases.enums import Part, State
from cases.leading import stands_of
from cases.models import Case, CasePerson
from cases.protection import NONE, Protection, protections_of
from cases.receipt import received_at
from cram import duties
from cram.enums import AssessmentState, GapState, Outcome, RequestState
from cram.models import Assessment, Endorsement, Gap, Measure, ResearchRequest
from cram.queries import reviewed_elsewhere, writer_of
from deadlines import rules
from deadlines.schedules import core_group_for_review
from diary.expecting import Expected, owned_by
from team.models import User


def expected(cases: Collection[int]) -> list[Expected]:
    """Every duty of assessing that should be open on some records (ids)."""
    still = {case.pk: case for case in Case.objects.filter(pk__in=cases, state=State.OPEN)}
    return [*_assessments(still), *_gaps(still), *_measures(still), *_requests(still)]


def _assessments(cases: dict[int, Case]) -> Iterator[Expected]:
    last: dict[int, Assessment] = {}
    returned: dict[int, Assessment] = {}
    rows = Assessment.objects.filter(case__in=cases, submitted_at__isnull=False).select_related("submitted_by")
    for assessment in rows.order_by("submitted_at", "pk"):
        last[assessment.case_id] = assessment
        if assessment.state == AssessmentState.RETURNED:
            returned[assessment.case_id] = assessment
        elif assessment.state == AssessmentState.SUBMITTED and assessment.submitted_at:
            yield Expected(
                case=assessment.case_id,
                kind=duties.ENDORSE,
                rule=rules.ENDORSEMENT,
                start=assessment.submitted_at,
                subject=assessment.pk,
            )
    protected = protections_of(cases)
    received_then = received_at(set(cases) - set(last))
    for case, since in received_then.items():
        yield Expected(case=case, kind=duties.FIRST, rule=rules.CRAM_FIRST, start=since)
    # Of an old log one is due only while a child is on a plan.
    yield from _for_plans(set(cases) - set(last) - set(received_then), protected)
    led = reviewed_elsewhere(set(last))
    for case, assessment in last.items():
        if assessment.first_submitted_at and case not in led:
            groups = protected.get(case, NONE).core_groups
            on, known = core_group_for_review(assessment.first_submitted_at, groups) or (None, None)
            yield Expected(
                case=case,
                kind=duties.REVIEW,
                rule=rules.CRAM_REVIEW,
                start=assessment.first_submitted_at,
                known=known,
                brought_to=on,
            )
    when: dict[int, Endorsement] = {}
    for each in Endorsement.objects.filter(assessment__in=returned.values(), outcome=Outcome.RETURNED).order_by("pk"):
        when[each.assessment_id] = each
    for case, assessment in returned.items():
        yield Expected(
            case=case,
            kind=duties.RETURNED,
            rule=rules.CRAM_RETURNED,
            start=when[assessment.pk].given_at,
            subject=assessment.pk,
            owner_of=_written_by(assessment),
        )


def _written_by(assessment: Assessment) -> Callable[[Case], User | None]:
    return lambda case: writer_of(assessment)


def _for_plans(cases: Collection[int], protected: dict[int, Protection]) -> Iterator[Expected]:
    """A child on a plan whom no CRAM of an open record is about has one due on the record that leads for them: of a
    plan that was there before, in the time of a review; of one that is new, at once (handbook section 2)."""
    plans = {case: protected.get(case, NONE).plans for case in cases}
    children = {plan.child for theirs in plans.values() for plan in theirs}
    assessed = Assessment.objects.filter(case=OuterRef("case"), submitted_at__isnull=False)
    here = CasePerson.objects.filter(Exists(assessed), part=Part.CHILD, taken_off_at=None, case__state=State.OPEN)
    children -= set(here.filter(person__in=children).values_list("person_id", flat=True))
    leads = {child: stands.leads for child, stands in stands_of(children).items()}
    for case, theirs in plans.items():
        to_assess = [plan for plan in theirs if leads.get(plan.child) == case]
        running = [plan for plan in to_assess if plan.running]
        is_new = any(not plan.before_cait for plan in running)
        if running:
            yield Expected(
                case=case,
                kind=duties.FIRST if is_new else duties.ON_PLAN,
                rule=rules.CRAM_FIRST if is_new else rules.CRAM_ON_PLAN,
                start=min(plan.at for plan in to_assess if plan.before_cait != is_new),
                event=duties.ON_A_PLAN,
            )


def _gaps(cases: dict[int, Case]) -> Iterator[Expected]:
    for gap in Gap.objects.filter(case__in=cases, state=GapState.OPEN).select_related("owner"):
        yield Expected(
            case=gap.case_id,
            kind=duties.GAP,
            rule=rules.GAP,
            start=gap.raised_at,
            chosen=gap.due_on,
            subject=gap.pk,
            about=gap.question,
            owner_of=owned_by(gap.owner),
        )


def _measures(cases: dict[int, Case]) -> Iterator[Expected]:
    for measure in Measure.objects.filter(case__in=cases, ended_at__isnull=True).select_related("owner"):
        yield Expected(
            case=measure.case_id,
            kind=duties.MEASURE,
            rule=rules.MEASURE_CHECK,
            start=measure.set_at,
            chosen=measure.check_on,
            subject=measure.pk,
            about=measure.what,
            owner_of=owned_by(measure.owner),
        )


def _requests(cases: dict[int, Case]) -> Iterator[Expected]:
    for request in ResearchRequest.objects.filter(case__in=cases, state=RequestState.ASKED):
        yield Expected(
            case=request.case_id,
            kind=duties.RESEARCH,
            rule=rules.RESEARCH,
            start=request.asked_at,
            chosen=request.due_on,
            subject=request.pk,
            about=request.asked_in_words,
        )
