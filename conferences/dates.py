"""When what hangs on a conference or a plan is due, and whose it is: for actions, pages and the check of duties."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from cases.enums import State
from cases.models import Case
from conferences import duties
from conferences.enums import CoreGroupState, StepKind
from conferences.models import Conference, CoreGroup, Plan
from conferences.queries import adjourned_on, booked_for, last_conferences
from cram.duties import BEFORE_CONFERENCE
from deadlines import clock, rules
from deadlines.due import Due
from deadlines.rule import Rule
from diary.kinds import DutyKind
from pages.words import day, uncapitalised
from team.enums import Role
from team.models import User
from team.permissions import may

STEP_DUTIES = {
    StepKind.RESEARCH: duties.RESEARCH,
    StepKind.CRAM: BEFORE_CONFERENCE,
    StepKind.REPORT: duties.REPORT,
    StepKind.BRIEFING: duties.BRIEFING,
}
# Which limit each step has before an initial conference, and before a review.
STEP_RULES = {
    StepKind.RESEARCH: (rules.RESEARCH_BEFORE_INITIAL, rules.RESEARCH_BEFORE_REVIEW),
    StepKind.CRAM: (rules.CRAM_BEFORE_INITIAL, rules.CRAM_BEFORE_REVIEW),
    StepKind.REPORT: (rules.REPORT_BEFORE_INITIAL, rules.REPORT_BEFORE_REVIEW),
    StepKind.BRIEFING: (rules.BRIEFING, rules.BRIEFING),
}

# What the next date counts from where nothing was decided about a child who is on no plan (CAIT default).
ADJOURNED = "adjourned conference"


def about(conference: Conference) -> str:
    """What a queue says a duty is about: "Review conference, 3 December 2009"."""
    return f"{conference.get_kind_display()}, {day(clock.london_date(conference.starts_at))}"


def due_before(rule: Rule, conference: Conference, *, known: datetime | None = None) -> Due:
    """When something is due that counts back from a conference, known since its date was unless it is said."""
    return rule.due_or_at_once(conference.starts_at, known=known or conference.dated_at, event=_event(conference))


def step_due(kind: StepKind, conference: Conference) -> Due:
    """When a step of the preparation is due. The endorsement goes with the report, which is sent by then."""
    of = StepKind.REPORT if kind == StepKind.ENDORSEMENT else kind
    initial, review = STEP_RULES[of]
    known = report_known(conference) if of == StepKind.REPORT else None
    return due_before(initial if conference.is_initial else review, conference, known=known)


def report_known(conference: Conference) -> datetime:
    """Since when it is known that a report has to be sent: since the date of the conference is, or one that was sent
    turned out to be not enough."""
    return max(conference.dated_at, conference.report_again_at or conference.dated_at)


def due_after(rule: Rule, conference: Conference) -> Due:
    """When something is due that counts from a conference."""
    return rule.due_or_at_once(conference.starts_at, event=_event(conference))


def _event(conference: Conference) -> str:
    return uncapitalised(conference.get_kind_display())


def owner_of(kind: DutyKind, conference: Conference) -> User | None:
    """To whom a duty of a conference falls by name: its conference officer, or the record's supervisor; nobody where
    they may not do it, and then whoever holds the role sees it."""
    case = conference.case
    by_name = {Role.PCLO: conference.pclo, Role.SUPERVISOR: case.supervisor}
    person = by_name.get(kind.owner_role)
    return person if person is not None and may(person, kind.permission, team=case.team) else None


# --- while a child is on a plan -------------------------------------------------------------------


def next_conference_by(case: Case, plans: Collection[Plan]) -> Due | None:
    """By when the next conference about the children of a record and of some plans must be held; None where one is
    booked for each who is on a plan (Working Together), and none was adjourned."""
    booked = booked_for(plan.child_id for plan in plans)
    last = last_conferences(plans)
    waiting = [last[plan.pk] for plan in plans if plan.child_id not in booked and plan.pk in last]
    dues = [next_rule(initial).due_or_at_once(on) for on, initial in sorted(set(waiting))]
    if case.state == State.OPEN:
        put_off = adjourned_on([case.pk]).get(case.pk, {})
        dues += [rules.INITIAL_CONFERENCE.due_or_at_once(on, event=ADJOURNED) for on in put_off.values()]
    return min(dues, key=_first, default=None)


def _first(due: Due) -> tuple[date, date, str]:
    """Of two that are due on the same day it is always the same one."""
    return due.due_on, clock.london_date(due.why.started), due.why.rule


def next_rule(initial: bool) -> Rule:
    """Which limit the next review conference has after an initial conference, and after a review."""
    return rules.REVIEW_CONFERENCE_FIRST if initial else rules.REVIEW_CONFERENCE_NEXT


def next_core_group_by(case: Case, plans: Collection[Plan]) -> Due | None:
    """By when the next core group about the children of some plans must be held; None where none is on a plan."""
    if not plans:
        return None
    rule, start = core_group_start(case, plans)
    return rule.due_or_at_once(start)


def core_group_start(case: Case, plans: Collection[Plan]) -> tuple[Rule, date]:
    """What the next core group counts from: the last one held since the plans began; before it the initial
    conference, or, of plans that were there before CAIT, the day on which they were recorded here."""
    begun = min(plan.from_on for plan in plans)
    held = CoreGroup.objects.filter(case=case, state=CoreGroupState.HELD).order_by("-starts_at").first()
    if held is not None and clock.london_date(held.starts_at) >= begun:
        return rules.CORE_GROUP_NEXT, clock.london_date(held.starts_at)
    from_here = [plan for plan in plans if plan.begun_at_id]
    if from_here:
        return rules.CORE_GROUP_FIRST, min(plan.from_on for plan in from_here)
    return rules.CORE_GROUP_NEXT, min(clock.london_date(plan.recorded_at) for plan in plans)
