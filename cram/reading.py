"""What the pages of one assessment share: its sections, what was directed last time, and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from cases.models import Case
from cases.protection import NONE, protections_of
from cases.queries import heading
from cram import duties
from cram.answering import EVERYTHING
from cram.challenges import challenges
from cram.enums import AssessmentKind, AssessmentState, GapState
from cram.models import Assessment, Direction, Endorsement, Gap, Measure, Risk
from cram.queries import Section, kind_of_next, sections_of
from deadlines import clock
from diary.pairs import offered_with
from diary.queries import due_next
from pages.words import count, day


@dataclass(frozen=True)
class Task:
    """One section of an assessment in its list: what, how far, and its page."""

    label: str
    state: str
    url: str
    # What is still to be done stands out.
    to_do: bool = False
    now: bool = False


# Which duties an assessment of each kind is for: one before a conference is the review that was due too.
ANSWERS = {
    AssessmentKind.FIRST: (duties.FIRST.code, duties.ON_PLAN.code),
    AssessmentKind.REVIEW: (duties.REVIEW.code,),
    AssessmentKind.CONFERENCE: (duties.BEFORE_CONFERENCE.code, duties.REVIEW.code),
}


def called(assessment: Assessment) -> str:
    """What its pages call an assessment; while it is written for a booked conference, with the date of that."""
    if assessment.kind == AssessmentKind.CONFERENCE and assessment.state == AssessmentState.UNDER_WAY:
        return before_conference(assessment.case)
    return AssessmentKind(assessment.kind).label


def before_conference(case: Case) -> str:
    """ "CRAM before the conference on 12 January 2010"."""
    on = protections_of([case.pk]).get(case.pk, NONE).conference_on
    return f"CRAM before the conference on {day(on)}" if on else AssessmentKind.CONFERENCE.label


def begins_with(case: Case, last: Assessment | None) -> str:
    """What the button says that begins the next assessment of a record. `last`: the one that counts now."""
    if last is None:
        return "Begin the first CRAM"
    if kind_of_next(case) == AssessmentKind.CONFERENCE:
        return f"Begin the {before_conference(case)}"
    return "Begin a review"


def directions_before(assessment: Assessment) -> list[Direction]:
    """The directions of the last assessment, done or not: they stand at the top of the next (handbook section 3)."""
    if assessment.previous_id is None:
        return []
    rows = Direction.objects.filter(assessment=assessment.previous_id)
    return list(rows.select_related("action", "action__owner", "action__ended_by").order_by("pk"))


def returned_because(assessment: Assessment) -> Endorsement | None:
    """Why an assessment was returned last; None where it never was."""
    rows = Endorsement.objects.filter(assessment=assessment, outcome="returned").select_related("given_by")
    return rows.order_by("-pk").first()


def on_page(case: Case, assessment: Assessment, *, here: str = "") -> dict[str, Any]:
    """What every page of an assessment that is being written shows. `here`: the address of the page itself."""
    sections = sections_of(assessment)
    against = challenges(assessment)
    before = directions_before(assessment)
    done = sum(each.action.state == "done" for each in before)
    dues = due_next(case)
    due = next((each for each in dues if each.duty.kind in ANSWERS[AssessmentKind(assessment.kind)]), None)
    # One that was returned is put right, and reviews nothing anew.
    reviewed = () if assessment.submitted_at else dues
    review = next((each for each in reviewed if each.duty.kind == duties.REVIEW.code), None)
    return {
        **heading(case),
        "tab": "cram",
        "now": case.looked_at,
        "assessment": assessment,
        "cram_called": called(assessment),
        "sections": sections,
        "against": against,
        "directions": before,
        "directions_done": done,
        "due": due,
        "review": review,
        "one_review": offered_with(review.duty) if review else None,
        "returned": returned_because(assessment) if assessment.submitted_at else None,
        "tasks": [
            Task(each.label, each.state, each.url, each.to_do, each.url == here)
            for each in _tasks(case, assessment, sections, against)
        ],
    }


def _tasks(case: Case, assessment: Assessment, sections: list[Section], against: list[str]) -> list[Task]:
    number = case.number
    is_review = assessment.kind != AssessmentKind.FIRST
    found = [Task("Research", "See what was searched", reverse("cram:research", args=[number]))]
    for section in sections:
        asked, of = section.asked, len(section.questions)
        found.append(
            Task(
                f"{section.about.category.label}: {section.about.label}",
                "Done" if asked == of else f"{asked} of {of}",
                reverse("cram:answer", args=[number, section.about.key]),
                asked < of and is_review,
            )
        )
    if len(sections) > 1:
        found.append(Task("All questions on one page", "", reverse("cram:answer", args=[number, EVERYTHING])))
    open_gaps = Gap.objects.filter(case=case, state=GapState.OPEN).count()
    found.append(Task("Intelligence gaps", f"{open_gaps} open", reverse("cram:gaps", args=[number])))
    present, unmanaged = Risk.objects.filter(case=case).present().count(), Risk.objects.filter(case=case).unmanaged()
    bare, overdue = unmanaged.count(), Measure.objects.filter(case=case).not_checked_since(clock.today()).count()
    stand = f"{present} managed" if present else "None"
    if bare or overdue:
        stand = f"{bare} unmanaged" if bare else f"{count(overdue, 'check')} overdue"
    risks = reverse("cram:risks", args=[number])
    found.append(Task("Risks and control measures", stand, risks, bool(bare or overdue)))
    if is_review:
        known = assessment.nothing_new or assessment.new_information.exists()
        found.append(
            Task(
                "What is new, and who was told",
                "Done" if known else "To do",
                reverse("cram:new_information", args=[number]),
                not known,
            )
        )
    answered = not [each for each in against if each not in assessment.challenged or not assessment.challenge_answer]
    level = assessment.get_level_display() if assessment.level else "To do"
    found.append(
        Task(
            "Level",
            level if answered else f"{level}, challenged",
            reverse("cram:level", args=[number]),
            not assessment.level or not answered,
        )
    )
    decided = assessment.decided.count() + assessment.directions.count()
    found.append(
        Task("Decisions and actions", str(decided) if decided else "None", reverse("cram:decisions", args=[number]))
    )
    found.append(Task("Send for endorsement", "", reverse("cram:send", args=[number])))
    return found
