"""Where a level and the answers contradict each other: the software says so, and the officer answers in writing.

The level is set by judgement, never by counting (handbook section 3; CAIT default). Nothing here sets it.
"""

from __future__ import annotations

from cases.enums import Level
from cram.enums import GapState, Said
from cram.models import Answer, Assessment, Gap, Risk

HIGHER = {"": 0, Level.STANDARD: 1, Level.MEDIUM: 2, Level.HIGH: 3}


def challenges(assessment: Assessment, level: str | None = None) -> list[str]:
    """What speaks against the level that an assessment sets, each in one sentence; empty where nothing does.

    `level`: another one than is set. A level of "high" is never challenged for being too high but where nothing at
    all was found.
    """
    level = assessment.level if level is None else level
    if not level:
        return []
    case = assessment.case
    rows = Answer.objects.filter(assessment=assessment, factor__definite=True, said=Said.YES)
    definite = list(rows.select_related("factor", "person", "address").order_by("factor__place", "pk"))
    risks = list(Risk.objects.filter(case=case).present().order_by("pk"))
    unmanaged = list(Risk.objects.filter(case=case).unmanaged().order_by("pk"))
    gaps = Gap.objects.filter(case=case, state=GapState.OPEN).count()
    found = []
    if level != Level.HIGH:
        found += [f"a risk has no control measure that works: {risk.what}" for risk in unmanaged]
    if definite and not risks:
        found.append(f"no risk is identified, though {_listed(definite)}")
    if level == Level.STANDARD:
        found += [f"“{_said(answer)}” is answered yes" for answer in definite if risks]
        if gaps:
            found.append("1 intelligence gap is open" if gaps == 1 else f"{gaps} intelligence gaps are open")
    elif level == Level.MEDIUM:
        found += [
            f"“{_said(answer)}” is answered yes, and was not last time" for answer in _new(assessment, definite)
        ]
    elif not definite and not risks:
        found.append("the level is high, and neither a risk nor a definite factor is recorded")
    before = assessment.previous.level if assessment.previous else ""
    if before and HIGHER[level] < HIGHER[before] and (unmanaged or _new(assessment, definite)):
        found.append(f"the level is lower than last time ({Level(before).label.lower()}), and there is more risk")
    return list(dict.fromkeys(found))


def _new(assessment: Assessment, definite: list[Answer]) -> list[Answer]:
    if assessment.previous_id is None:
        return []
    rows = Answer.objects.filter(assessment=assessment.previous_id, said=Said.YES)
    before = set(rows.values_list("factor__code", "person", "address"))
    return [each for each in definite if (each.factor.code, each.person_id, each.address_id) not in before]


def _said(answer: Answer) -> str:
    about = answer.person or answer.address
    return f"{answer.factor.name}, {about}" if about else answer.factor.name


def _listed(definite: list[Answer]) -> str:
    first = f"“{_said(definite[0])}” is answered yes"
    if len(definite) == 1:
        return first
    return f"{first}, and {len(definite) - 1} more"
