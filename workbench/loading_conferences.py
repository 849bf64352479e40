"""Loads the conferences, reports and plans of the demonstration through the real actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from cases.models import Case
from conferences import actions
from conferences.models import Conference, CoreGroup, Plan, Report
from conferences.queries import children_at
from conferences.report_queries import recipients_of
from deadlines import clock
from deadlines.ages import days_before
from deadlines.clock import london_midnight
from people.models import Person
from team.models import User
from workbench.demonstration_conferences import STEPS, On
from workbench.demonstration_crams import Step
from workbench.demonstration_referrals import Told
from workbench.loading_crams import assess

SATURDAY = 5


def steps_of(told: Told, today: date) -> list[tuple[datetime, On]]:
    """What was done on the record of a family, each with its moment."""
    family = told.children[0].family if told.children else ""
    return [(_at(step.days, step.at, today), step) for step in STEPS.get(family, ())]


def confer(step: On, case: Case, today: date, officers: dict[str, User]) -> None:
    """Do one step on a record, at the moment that the clock says."""
    by = officers[step.by]
    if does := _DOES.get(step.does):
        does(case, step.given, today, officers, by)
    else:
        assess(Step(0, step.by, step.does, step.given), case, clock.now(), officers)


def _at(days: int, at: tuple[int, int], today: date) -> datetime:
    return london_midnight(days_before(days, today)) + timedelta(hours=at[0], minutes=at[1])


def _meeting(days: int, at: tuple[int, int], today: date) -> datetime:
    """When a meeting is: on a weekend nobody meets, so before it what lies behind, and after it what lies ahead."""
    step = 1 if days > 0 else -1
    while days_before(days, today).weekday() >= SATURDAY:
        days += step
    return _at(days, at, today)


def _child(case: Case, given_names: str) -> Person:
    return case.people.get(given_names=given_names)


def _conference(case: Case) -> Conference:
    return Conference.objects.filter(case=case).latest("number")


def _report(case: Case) -> Report:
    return Report.objects.filter(conference=_conference(case)).latest("number")


def _book(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    discussed = days_before(given["discussed"], today) if "discussed" in given else None
    actions.book_conference(
        case,
        kind=given["kind"],
        children=[part.person for part in case.parts.filter(part="child").order_by("place", "pk")],
        starts_at=_meeting(given["held"], given["starts"], today),
        place=given["place"],
        chair=given["chair"],
        agencies="Social Services\nSchool or nursery\nHealth visitor",
        pclo=officers[given["pclo"]] if given["pclo"] else None,
        initiated_on=discussed,
        discussed_on=discussed,
        by=by,
    )


def _attending(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.decide_attendance(_conference(case), **given, by=by)


def _brief(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.brief_officer(_conference(case), **given, by=by)


def _attended(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.record_attendance(_conference(case), attended_by=by, our_note=given["note"], by=by)


def _missed(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.record_attendance(_conference(case), missed=given["missed"], missed_why=given.get("why", ""), by=by)


def _decided(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    conference = _conference(case)
    children = {child.given_names: child for child in children_at(conference)}
    decided = [
        actions.Decided(children[name], outcome, category, view, dissent)
        for name, outcome, category, view, dissent in given["decided"]
    ]
    actions.record_outcomes(conference, decided=decided, by=by)


def _police_action(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.add_police_action(
        _conference(case),
        what=given["what"],
        owner=officers[given["owner"]],
        due_on=days_before(-given["within"], today),
        by=by,
    )


def _debrief(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.debrief_officer(_conference(case), **given, by=by)


def _minutes(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.check_minutes(
        _conference(case),
        received_on=days_before(given["received"], today),
        agree=given["agree"],
        differ=given.get("differ", ""),
        by=by,
    )


def _start_report(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.assemble_report(actions.start_report(_conference(case), by=by), by=by)


def _write(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.add_item(_report(case), **given, by=by)


def _submit_report(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.submit_report(_report(case), by=by)


def _endorse_report(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.endorse_report(_report(case), **given, by=by)


def _send_report(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    ways = {each.pk: given["way"] for each in recipients_of(_conference(case))}
    actions.send_report(_report(case), ways=ways, basis=given["basis"], by=by)


def _plan(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.record_plan(
        case,
        child=_child(case, given["child"]),
        from_on=days_before(given["since"], today),
        category=given["category"],
        conference_on=days_before(given["conference"], today),
        conference_was_initial=given["initial"],
        by=by,
    )


def _end_plan(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    plan = Plan.objects.running().get(case=case, child=_child(case, given["child"]))
    ended = days_before(given["ended"], today)
    actions.end_plan(plan, to_on=ended, end=given["end"], note=given["note"], by=by)


def _core_group(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    starts_at = _meeting(given["held"], given["starts"], today)
    actions.plan_core_group(case, starts_at=starts_at, place=given["place"], by=by)


def _core_group_held(case: Case, given: dict[str, Any], today: date, officers: dict[str, User], by: User) -> None:
    actions.record_core_group(
        CoreGroup.objects.filter(case=case).latest("number"),
        attended_by=by,
        note=given["note"],
        shared_what=given["told"],
        shared_with="Selma Arikan, social worker",
        by=by,
    )


_DOES: dict[str, Callable[[Case, dict[str, Any], date, dict[str, User], User], None]] = {
    "book": _book,
    "decide attendance": _attending,
    "brief": _brief,
    "attended": _attended,
    "missed": _missed,
    "decided": _decided,
    "police action": _police_action,
    "debrief": _debrief,
    "minutes": _minutes,
    "start report": _start_report,
    "write": _write,
    "submit report": _submit_report,
    "endorse report": _endorse_report,
    "send report": _send_report,
    "plan": _plan,
    "end plan": _end_plan,
    "core group": _core_group,
    "core group held": _core_group_held,
}
