"""What is made before a program does something about a conference, a plan or a core group, and what it sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cases.models import Case
from conferences.actions import (
    add_police_action,
    brief_officer,
    check_minutes,
    debrief_officer,
    keep_from,
    record_core_group,
)
from conferences.enums import PoliceView
from conferences.models import Conference, CoreGroup, Report
from conferences.queries import children_at
from deadlines import clock
from team.history import version_of
from team.models import User
from tests.factories.conferences import (
    a_conference,
    a_core_group,
    a_plan,
    children_on,
    decided,
    held,
    that_began,
    that_decided,
    that_was_held,
)
from tests.factories.referrals import a_case
from tests.factories.reports import a_recipient, a_report, an_endorsed_report, an_item
from tests.integration.api.assessing import in_a_day

Made = tuple[list[Any], dict[str, Any]]
HOUR = timedelta(hours=1)


def in_weeks(number: int) -> str:
    return (clock.moment() + number * timedelta(weeks=1)).isoformat()


def booked(by: User) -> Made:
    case = a_case()
    sent = {"kind": "initial", "children": [child.pk for child in children_on(case)], "starts_at": in_weeks(3)}
    return [case.number], {**sent, "place": "Fernley Civic Centre", "chair": "Ms G Teasdale"}


def on_conference(make: Callable[[], Conference], *, version: bool = False, **sent: Any) -> Callable[[User], Made]:
    """`version`: as it is read, to be sent back. What can be called is worked out when it is sent."""

    def made(by: User) -> Made:
        conference = make()
        said = {name: each() if callable(each) else each for name, each in sent.items()}
        return [conference.pk], {**said, **({"version": version_of(conference)} if version else {})}

    return made


def outcomes(by: User) -> Made:
    conference = that_was_held()
    about = {"outcome": "plan", "category": "neglect", "police_view": "agreed"}
    return [conference.pk], {"outcomes": [{"child": each.pk, **about} for each in children_at(conference)]}


def corrected_outcome(by: User) -> Made:
    conference = that_decided()
    sent = {"outcome": "no_plan", "police_view": "dissented", "dissent": "He is not safe", "why": "The wrong child"}
    return [conference.pk, conference.outcomes.get().pk], sent


def recorded_plan(by: User) -> Made:
    case, month = a_case(), in_a_day(-30)
    sent = {"child": children_on(case)[0].pk, "from_on": month, "category": "neglect", "conference_on": month}
    return [case.number], {**sent, "conference_was_initial": True}


def on_plan(**sent: Any) -> Callable[[User], Made]:
    def made(by: User) -> Made:
        plan = a_plan()
        said = {name: each() if callable(each) else each for name, each in sent.items()}
        return [plan.pk], {**said, "version": version_of(plan)}

    return made


def planned_core_group(by: User) -> Made:
    return [a_plan().case.number], {"starts_at": in_weeks(2)}


def on_core_group(begun: bool = False, **sent: Any) -> Callable[[User], Made]:
    def made(by: User) -> Made:
        case = a_plan().case
        group = a_core_group(case, clock.moment() - HOUR if begun else None, place="The school")
        said = {name: each() if callable(each) else each for name, each in sent.items()}
        return [case.number, group.pk], {**said, "version": version_of(group)}

    return made


# --- the police report ---------------------------------------------------------------------------


def on_report(make: Callable[[], Report], *, version: bool = True, **sent: Any) -> Callable[[User], Made]:
    def made(by: User) -> Made:
        report = make()
        return [report.conference_id], {**sent, **({"version": version_of(report)} if version else {})}

    return made


def a_report_just_begun() -> Report:
    return a_report(a_conference())


def changed_item(by: User) -> Made:
    item = an_item(a_report_just_begun())
    return [item.report.conference_id, item.pk], {"left_out": True, "version": version_of(item)}


def sharing_decided(by: User) -> Made:
    item = an_item(a_report_just_begun())
    decision = {"item": item.pk, "sharing": "withheld", "why": "It names who told us", "version": version_of(item)}
    return [item.report.conference_id], {"decisions": [decision]}


def kept_item(by: User) -> Made:
    item = an_item(a_report_just_begun())
    chair = item.report.conference.recipients.get()
    kept = [{"recipient": chair.pk, "why": "She is his sister"}]
    return [item.report.conference_id, item.pk], {"kept": kept, "seen": ""}


def taken_off_recipient(by: User) -> Made:
    recipient = a_recipient()
    return [recipient.conference_id, recipient.pk], {}


def sent_report(by: User) -> Made:
    report = an_endorsed_report()
    chair = report.conference.recipients.get()
    sent = {"ways": [{"recipient": chair.pk, "way": "email"}], "basis": "safeguarding"}
    return [report.conference_id], {**sent, "version": version_of(report)}


# --- all of it -----------------------------------------------------------------------------------


def a_whole_conference(case: Case, *, by: User, supervisor: User) -> Conference:
    """An initial conference of a record from its booking to its minutes, with a plan for each child: something of
    everything."""
    conference = that_began(case, chair="Ms M Hallam", pclo=by, by=by)
    brief_officer(conference, words="Ask who has the child tonight", by=supervisor)
    chair = conference.recipients.get()
    keep_from(an_item(a_report(conference, by=by), by=by), kept={chair.pk: "She is his sister"}, by=by)
    held(conference, attended_by=by, our_note="A plan for each child", by=by)
    decided(conference, police_view=PoliceView.DISSENTED, dissent="He is not safe there", by=by)
    add_police_action(conference, what="Tell the school", owner=by, due_on=clock.today(), by=by)
    debrief_officer(conference, words="A long meeting", by=supervisor)
    check_minutes(conference, received_on=clock.today(), agree=False, differ="The dissent is missing", by=by)
    conference.refresh_from_db()
    return conference


def a_core_group_held(case: Case, *, by: User) -> CoreGroup:
    """At which something was passed on."""
    group = a_core_group(case, clock.moment() - HOUR, by=by)
    return record_core_group(
        group, attended_by=by, note="The plan goes on", shared_what="On bail", shared_with="S Arikan", by=by
    )
