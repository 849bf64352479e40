"""Loads the CRAMs of the demonstration through the real actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cases.actions import complete_action
from cases.enums import ActionState
from cases.models import Case
from cram import actions
from cram.challenges import challenges
from cram.enums import AssessmentKind, AssessmentState, GapState
from cram.models import Assessment, Direction, Gap, Measure, Risk
from cram.queries import sections_of
from deadlines.ages import days_before
from deadlines.clock import london_date
from team.models import User
from workbench.demonstration_crams import Step


def assess(step: Step, case: Case, at: datetime, officers: dict[str, User]) -> None:
    """Do one step on a record, at the moment that the clock says."""
    by, given = officers[step.by], step.given
    _DOES[step.does](case, given, at, officers, by)


def _cram(case: Case, given: dict[str, Any], at: datetime, officers: dict[str, User], by: User) -> None:
    assessment = actions.start_assessment(case, by=by)
    wanted = {(code, name): (said, note, source) for code, name, said, note, source in given["answers"]}
    answers = []
    for section in sections_of(assessment):
        name = section.about.person.given_names if section.about.person else ""
        for question in section.questions:
            if found := wanted.get((question.factor.code, name)):
                said, note, source = found
                answers.append(
                    actions.Answered(question.factor.code, *section.about.ids, said=said, note=note, source=source)
                )
    if len(answers) != len(wanted):
        raise ValueError(f"Not everything that the demonstration answers is asked: {sorted(wanted)}")
    if answers:
        actions.save_answers(assessment, answers=answers, by=by)
    level = {"level": given["level"], "rationale": given["rationale"]}
    nothing_new = True if assessment.kind != AssessmentKind.FIRST else None
    assessment = actions.set_level(assessment, **level, nothing_new=nothing_new, by=by)
    if challenges(assessment):
        answer = given.get("challenge", "It was talked over with the supervisor; the next look is within days.")
        actions.set_level(assessment, **level, challenge_answer=answer, by=by)
    # Only a review that lacks something keeps it.
    without = given.get("without", "Nothing points to anything new; the researcher is asked for it this week.")
    actions.submit_assessment(assessment, sent_without=without, by=by)


def _endorse(case: Case, given: dict[str, Any], at: datetime, officers: dict[str, User], by: User) -> None:
    waiting = Assessment.objects.get(case=case, state=AssessmentState.SUBMITTED)
    directions = [
        actions.Directed(what, waiting.submitted_by or by, days_before(-days, london_date(at)))
        for what, days in given.get("directions", ())
    ]
    if case.officer_in_case:
        directions = [each._replace(owner=case.officer_in_case) for each in directions]
    actions.endorse_assessment(waiting, words=given["words"], directions=directions, by=by)


def _risk(case: Case, given: dict[str, Any], at: datetime, officers: dict[str, User], by: User) -> None:
    person = case.people.get(given_names=given["person"])
    actions.identify_risk(case, what=given["what"], person=person, by=by)


def _measure(case: Case, given: dict[str, Any], at: datetime, officers: dict[str, User], by: User) -> None:
    today = london_date(at)
    actions.set_measure(
        Risk.objects.get(case=case, what=given["risk"]),
        approach=given["approach"],
        what=given["what"],
        owner=officers[given["owner"]],
        carried_out_by=given["carried_out_by"],
        from_on=today,
        until=None if given["runs"] is None else days_before(-given["runs"], today),
        check_on=days_before(-given["checked_in"], today),
        works=given["works"],
        found=given["found"],
        by=by,
    )


def _check(case: Case, given: dict[str, Any], at: datetime, officers: dict[str, User], by: User) -> None:
    actions.check_measure(
        Measure.objects.get(case=case, what=given["measure"]),
        works=given["works"],
        found=given["found"],
        next_on=days_before(-given["checked_in"], london_date(at)),
        by=by,
    )


def _answer(case: Case, given: dict[str, Any], at: datetime, officers: dict[str, User], by: User) -> None:
    gap = Gap.objects.get(case=case, state=GapState.OPEN, factor=given["factor"])
    actions.answer_gap(gap, resolution=given["words"], by=by)


def _direction(case: Case, given: dict[str, Any], at: datetime, officers: dict[str, User], by: User) -> None:
    rows = Direction.objects.filter(action__case=case, action__state=ActionState.OPEN).select_related("action")
    complete_action(rows.earliest("pk").action, result=given["words"], by=by)


def _search(case: Case, given: dict[str, Any], at: datetime, officers: dict[str, User], by: User) -> None:
    actions.record_searches(case, searches=given["searches"], people=list(case.people.all()), searched_at=at, by=by)


def _ask_research(case: Case, given: dict[str, Any], at: datetime, officers: dict[str, User], by: User) -> None:
    due_on = days_before(-given["in_days"], london_date(at))
    people = list(case.people.all())
    actions.ask_research(case, systems=given["systems"], people=people, why=given["why"], due_on=due_on, by=by)


_DOES: dict[str, Callable[[Case, dict[str, Any], datetime, dict[str, User], User], None]] = {
    "cram": _cram,
    "endorse": _endorse,
    "risk": _risk,
    "measure": _measure,
    "check": _check,
    "answer": _answer,
    "direction": _direction,
    "search": _search,
    "ask research": _ask_research,
}
