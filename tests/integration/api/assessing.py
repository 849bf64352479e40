"""What is made before a program does something about the risk on a record, and what it sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.models import Case, Shared
from cram.actions import (
    add_decision,
    add_new_information,
    ask_research,
    endorse_assessment,
    record_searches,
    set_level,
    submit_assessment,
)
from cram.enums import Said, Works
from cram.models import Assessment
from deadlines import clock
from deadlines.calendar import ONE_DAY
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.assessing import WHY, a_factor, an_assessment, answered, submitted
from tests.factories.managing import a_gap, a_managed_risk, a_measure, a_risk
from tests.factories.referrals import a_case
from tests.factories.researching import research_asked
from tests.factories.team import an_officer

Made = tuple[list[Any], dict[str, Any]]


def in_a_day(days: int = 1) -> str:
    return (clock.today() + days * ONE_DAY).isoformat()


def an_officer_s_number() -> int:
    return an_officer(Role.INVESTIGATOR).pk


def on_assessment(make: Callable[[], Assessment], *, version: bool = False, **sent: Any) -> Callable[[User], Made]:
    """`version`: as it is read, to be sent back."""

    def made(by: User) -> Made:
        assessment = make()
        said = {name: each() if callable(each) else each for name, each in sent.items()}
        return [assessment.pk], {**said, **({"version": version_of(assessment)} if version else {})}

    return made


def begun() -> Assessment:
    return an_assessment(a_case())


def with_a_level() -> Assessment:
    return set_level(begun(), level="standard", rationale=WHY, by=User.objects.system())


def sent() -> Assessment:
    return submitted(a_case())


def an_answer_to(assessment: Assessment, **said: Any) -> dict[str, Any]:
    """One answer about the first child of its record, as a program sends it."""
    child = assessment.case.parts.filter(part="child").earliest("place").person_id
    return {"factor": a_factor(assessment).code, "person": child, "said": "yes", "note": "As the school says", **said}


def answers(by: User) -> Made:
    assessment = begun()
    return [assessment.pk], {"answers": [an_answer_to(assessment)]}


def changed_gap(by: User) -> Made:
    gap = a_gap()
    sent = {"owner": by.pk, "due_on": in_a_day(), "reason": "On leave", "version": version_of(gap)}
    return [gap.case.number, gap.pk], sent


def on_gap(**sent: Any) -> Callable[[User], Made]:
    def made(by: User) -> Made:
        gap = a_gap()
        return [gap.case.number, gap.pk], sent

    return made


def ended_risk(by: User) -> Made:
    risk = a_managed_risk()
    return [risk.case.number, risk.pk], {"why": "He is in custody"}


def new_measure(by: User) -> Made:
    risk, today = a_risk(), clock.today().isoformat()
    sent = {"approach": "reduce", "what": "Bail", "owner": an_officer_s_number(), "from_on": today}
    return [risk.case.number, risk.pk], {**sent, "check_on": in_a_day(7)}


def changed_measure(by: User) -> Made:
    measure = a_measure()
    sent = {"owner": by.pk, "until": None, "check_on": in_a_day(), "reason": "On leave"}
    return [measure.case.number, measure.pk], {**sent, "version": version_of(measure)}


def checked_measure(by: User) -> Made:
    measure = a_measure()
    return [measure.case.number, measure.pk], {"works": "yes", "found": "Seen", "next_on": in_a_day(7), "seen": 0}


def ended_measure(by: User) -> Made:
    measure = a_measure()
    return [measure.case.number, measure.pk], {"why": "The bail has ended"}


def dropped_research(by: User) -> Made:
    asked = research_asked(a_case())
    return [asked.case.number, asked.pk], {"why": "He has left the country"}


def a_whole_assessment(case: Case, *, by: User, endorsed_by: User, shared: Shared) -> Assessment:
    """The first CRAM of a record, endorsed: something of everything, nothing that stands in the way of closure."""
    assessment = an_assessment(case, by=by)
    child = case.parts.filter(part="child").earliest("place").person
    answered(assessment, Said.YES, by=by)
    answered(assessment, Said.NOT_KNOWN, number=1, by=by)
    answered(assessment, Said.NO, number=1, by=by)  # it ends the gap that the answer before raised
    a_measure(a_risk(case, person=child, by=by), works=Works.YES, owner=by, by=by)
    asked = ask_research(
        case, systems=["pnc"], people=[child], why="Was he ever violent?", due_on=clock.today(), by=by
    )
    record_searches(
        case, searches=[("pnc", False, "")], people=[child], searched_at=clock.moment(), request=asked, by=by
    )
    add_decision(assessment, what="Joint visit", why="The door was not opened", not_chosen="Waiting", by=by)
    add_new_information(assessment, what="A man outside", shared=shared, by=by)
    set_level(assessment, level="medium", rationale=WHY, challenge_answer="Bail holds him", by=by)
    submit_assessment(assessment, by=by)
    return endorse_assessment(assessment, words="Well seen", by=endorsed_by).assessment
