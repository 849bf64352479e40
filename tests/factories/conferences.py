"""Conferences with what goes before and follows them, through the actions with which they are recorded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from cases.enums import CHILDREN
from cases.models import Case
from conferences.actions import (
    Decided,
    book_conference,
    plan_core_group,
    record_attendance,
    record_core_group,
    record_outcomes,
    record_plan,
)
from conferences.enums import ConferenceKind, Outcome, PlanCategory
from conferences.models import Conference, CoreGroup, Plan
from conferences.queries import children_at
from deadlines import clock
from people.models import Person
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

WEEK = timedelta(days=7)


def children_on(case: Case) -> list[Person]:
    """The children on a record, in the order in which they were said."""
    rows = case.parts.filter(part__in=CHILDREN, taken_off_at=None).select_related("person")
    return [each.person for each in rows.order_by("place", "pk")]


def as_booked(case: Case, **other: Any) -> dict[str, Any]:
    """What an invitation says, in the words of `book_conference`: an initial conference in three weeks."""
    return {
        "kind": ConferenceKind.INITIAL,
        "children": children_on(case),
        "starts_at": clock.moment() + 3 * WEEK,
        "place": "Fernley Civic Centre, room 4",
        "chair": "Ms G Teasdale",
        **other,
    }


def a_conference(case: Case | None = None, *, by: User | None = None, **other: Any) -> Conference:
    """A conference that was booked just now."""
    case = case or a_case()
    return book_conference(case, **as_booked(case, **other), by=by or User.objects.system())


def a_review(case: Case | None = None, **other: Any) -> Conference:
    """A review conference that was booked just now, in eight weeks."""
    return a_conference(case, **{"kind": ConferenceKind.REVIEW, "starts_at": clock.moment() + 8 * WEEK, **other})


def held(
    conference: Conference, *, attended_by: User | None = None, by: User | None = None, **other: Any
) -> Conference:
    """A conference that somebody attended: the clock is moved to its end, if it has not come so far."""
    if clock.moment() < conference.ends_at:
        move_time_to(conference.ends_at)
    if "missed" not in other and attended_by is None:
        attended_by = an_officer(Role.PCLO, conference.team)
    return record_attendance(conference, attended_by=attended_by, **other, by=by or User.objects.system())


def decided(
    conference: Conference,
    outcome: Outcome = Outcome.PLAN,
    category: PlanCategory | str = PlanCategory.NEGLECT,
    *,
    by: User | None = None,
    **other: Any,
) -> Conference:
    """What was decided about every child of a conference that was held, the same about each."""
    if outcome not in (Outcome.PLAN, Outcome.CONTINUES):
        category = ""
    said = [Decided(child, outcome, category, **other) for child in children_at(conference)]
    record_outcomes(conference, decided=said, by=by or User.objects.system())
    conference.refresh_from_db()
    return conference


def on_a_plan(case: Case | None = None, category: PlanCategory = PlanCategory.NEGLECT, **other: Any) -> Conference:
    """An initial conference that was held and put every child of the record on a plan; it is just after it now."""
    return decided(held(a_conference(case, **other)), category=category)


def a_plan(case: Case | None = None, *, from_on: date | None = None, by: User | None = None, **other: Any) -> Plan:
    """A plan of before of the record's first child: it began a month ago, with the initial conference."""
    case = case or a_case()
    on = from_on or clock.today() - timedelta(days=30)
    said = {
        "child": children_on(case)[0],
        "category": PlanCategory.NEGLECT,
        "conference_on": on,
        "conference_was_initial": True,
        **other,
    }
    return record_plan(case, from_on=on, **said, by=by or User.objects.system())


def a_core_group(case: Case, starts_at: datetime | None = None, *, by: User | None = None, **other: Any) -> CoreGroup:
    """A core group that was planned just now, in two weeks."""
    at = starts_at or clock.moment() + 2 * WEEK
    return plan_core_group(case, starts_at=at, **other, by=by or User.objects.system())


def core_group_held(group: CoreGroup, *, by: User | None = None, **other: Any) -> CoreGroup:
    """A core group that somebody attended: the clock is moved to it, if it has not come so far."""
    if clock.moment() < group.starts_at:
        move_time_to(group.starts_at + timedelta(hours=1))
    said = {"attended_by": an_officer(Role.PCLO, group.case.team), "note": "The plan goes on as agreed.", **other}
    return record_core_group(group, **said, by=by or User.objects.system())


def that_began(case: Case | None = None, **other: Any) -> Conference:
    """A conference that was booked just now and began yesterday: nobody has recorded yet who attended."""
    return a_conference(case, **{"starts_at": clock.moment() - timedelta(days=1), **other})


def that_was_held(case: Case | None = None, **other: Any) -> Conference:
    """A conference of yesterday that somebody attended; what was decided is not recorded yet."""
    return held(that_began(case, **other))


def that_decided(case: Case | None = None, **other: Any) -> Conference:
    """A conference of yesterday that put every child of the record on a plan."""
    return decided(that_was_held(case, **other))


def a_core_group_of_yesterday(case: Case | None = None) -> CoreGroup:
    """A core group that began yesterday, of a record whose child is on a plan; what it said is not recorded yet."""
    return a_core_group(case or a_plan().case, clock.moment() - timedelta(days=1))
