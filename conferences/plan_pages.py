"""What the record's tab says of child protection plans and core groups: reads alone, a fixed number of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q

from cases.enums import CHILDREN, State
from cases.models import Case, CasePerson
from cases.opening import opening
from conferences import duties
from conferences.dates import next_rule
from conferences.enums import ConferenceState, CoreGroupState
from conferences.models import CategoryFrom, Conference, ConferenceChild, CoreGroup, Plan
from conferences.queries import last_conferences
from cram.models import Assessment
from deadlines import clock
from deadlines.clock import london_midnight
from deadlines.due import Due
from deadlines.rule import NoLimit
from deadlines.together import worked_out_together
from diary.models import Duty, DutyState
from people.models import Person
from team.models import User
from team.permissions import Permission, may


@dataclass
class PlanShown:
    """A plan with its categories, the first at the beginning. `nth`: whether it is the child's first plan, second …;
    0 of one that was withdrawn. `may_open`: whether whoever looks may open the record that carries it; `ask`: whom to
    ask about that where it is restricted, and they may not."""

    plan: Plan
    categories: list[CategoryFrom]
    nth: int = 0
    may_open: bool = True
    ask: str = ""

    @property
    def category(self) -> str:
        return self.categories[-1].get_category_display() if self.categories else ""

    @property
    def categories_before(self) -> list[tuple[str, date]]:
        """Each earlier category, and the day until which it was that; not those put right on the same day."""
        return [
            (each.get_category_display(), after.from_on)
            for each, after in zip(self.categories, self.categories[1:], strict=False)
            if each.from_on != after.from_on and each.category != after.category
        ]


@dataclass
class ChildShown:
    """A child of the record: the plan they are on, and those they were on, the latest first. `last`: the last
    conference about them since the plan began, and whether it was the initial one; `due`: by when the next one is;
    `ask_booked`: whom to ask about the one that is booked, on a restricted record that one may not open."""

    child: Person
    running: PlanShown | None = None
    earlier: list[PlanShown] = field(default_factory=list)
    withdrawn: list[PlanShown] = field(default_factory=list)
    last: tuple[date, bool] | None = None
    booked: Conference | None = None
    may_open_booked: bool = False
    ask_booked: str = ""
    due: Due | None = None


@dataclass
class CoreGroupShown:
    """A core group, and the CRAM that was brought to it: the last one sent since the one before it, or since the
    plans began (`since`). `is_over`: it has begun, so a CRAM that is sent now comes too late for it."""

    group: CoreGroup
    cram: Assessment | None
    since: datetime | None
    is_over: bool


def plans_and_core_groups(case: Case, user: User) -> dict[str, Any]:
    """What `_plans.html` and `_core_groups.html` show of a record, for somebody who may open it."""
    now = case.looked_at or clock.now()
    open_duties = Duty.objects.filter(
        case=case, state=DutyState.OPEN, kind__in=(duties.NEXT.code, duties.CORE_GROUP.code)
    )
    due = {duty.kind: duty.reckoned for duty in open_duties}
    children = _children(case, user, due.get(duties.NEXT.code))
    carried = [
        shown.plan
        for each in children
        for shown in [each.running, *each.earlier]
        if shown is not None and shown.plan.case_id == case.pk
    ]
    groups = list(CoreGroup.objects.filter(case=case).select_related("attended_by", "shared", "ended_by"))
    groups.sort(key=lambda each: (each.starts_at, each.pk))
    running = [plan for plan in carried if plan.to_on is None]
    return {
        "children_on_plans": children,
        "carries_plans": bool(running),
        "core_groups": _core_groups(case, groups, carried, now),
        "core_groups_cancelled": [each for each in groups if each.state == CoreGroupState.CANCELLED],
        "core_group_due": due.get(duties.CORE_GROUP.code),
        "carried_elsewhere": [
            each for each in children if each.running is not None and each.running.plan.case_id != case.pk
        ],
        "may_record_plans": case.state == State.OPEN and may(user, Permission.RECORD_OUTCOMES, team=case.team),
    }


# --- plans ---------------------------------------------------------------------------------------


def _children(case: Case, user: User, next_due: Due | None) -> list[ChildShown]:
    """The children on the record, and those who are not any more but whose plan it carries."""
    parts = CasePerson.objects.filter(case=case, part__in=CHILDREN, taken_off_at=None).select_related("person")
    shown = {part.person_id: ChildShown(part.person) for part in parts.order_by("place", "pk")}
    rows = Plan.objects.filter(Q(child__in=shown) | Q(case=case)).select_related(
        "child", "case__team", "team", "begun_at", "ended_at"
    )
    categories = Prefetch("categories", CategoryFrom.objects.order_by("from_on", "pk"), to_attr="in_order")
    plans = list(rows.prefetch_related(categories).order_by("from_on", "pk"))
    running = [plan for plan in plans if plan.withdrawn_at is None and plan.to_on is None]
    booked = _booked(running)
    records = [*(plan.case for plan in plans), *(each.case for each in booked.values())]
    opened = opening((each for each in records if each != case), user=user)
    opens = opened.opens | {case.pk}
    for plan in plans:
        theirs = shown.setdefault(plan.child_id, ChildShown(plan.child))
        it = PlanShown(plan, plan.in_order, may_open=plan.case_id in opens, ask=opened.asks.get(plan.case_id, ""))
        if plan.withdrawn_at is not None:
            theirs.withdrawn.insert(0, it)
            continue
        it.nth = 1 + len(theirs.earlier) + (theirs.running is not None)
        if plan.to_on is None:
            theirs.running = it
        else:
            theirs.earlier.insert(0, it)
    for child, conference in booked.items():
        theirs = shown[child]
        theirs.booked = conference
        theirs.may_open_booked = conference.case_id in opens
        theirs.ask_booked = opened.asks.get(conference.case_id, "")
    if running:
        _next_conferences(shown, running, next_due)
    return list(shown.values())


def _booked(running: Sequence[Plan]) -> dict[int, Conference]:
    """The next conference that is booked about each child (id) on a plan."""
    if not running:
        return {}
    rows = ConferenceChild.objects.filter(
        child__in=[plan.child_id for plan in running], conference__state=ConferenceState.BOOKED
    ).select_related("conference__case__team")
    return {row.child_id: row.conference for row in rows.order_by("-conference__starts_at", "-conference_id")}


def _next_conferences(shown: dict[int, ChildShown], running: Sequence[Plan], next_due: Due | None) -> None:
    """Of each child on a plan by when the next conference must be held, where none is booked."""
    last = last_conferences(running)
    with worked_out_together():
        for plan in running:
            child = shown[plan.child_id]
            child.last = last.get(plan.pk)
            if child.booked is None and child.last is not None:
                child.due = _due(child.last, next_due)


def _due(last: tuple[date, bool], stored: Due | None) -> Due | None:
    """By when the next conference after one must be held. A date that is stored with its duty is that date."""
    on, initial = last
    rule = next_rule(initial)
    if stored is not None and (stored.why.rule, stored.why.started) == (rule.code, on):
        return stored
    try:
        return rule.due_or_at_once(on)
    except NoLimit:
        return None


# --- core groups ---------------------------------------------------------------------------------


def _core_groups(
    case: Case, groups: Iterable[CoreGroup], carried: Collection[Plan], now: datetime
) -> list[CoreGroupShown]:
    """Those that are planned or were held, the latest first, each with the CRAM that was brought to it."""
    standing = [each for each in groups if each.state != CoreGroupState.CANCELLED]
    if not standing:
        return []
    sent: list[Assessment] = list(
        Assessment.objects.filter(case=case, submitted_at__isnull=False).order_by("submitted_at", "pk")
    )
    found = []
    since = london_midnight(min(plan.from_on for plan in carried)) if carried else None
    for group in standing:
        brought = [
            each for each in sent if each.submitted_at and _is_between(each.submitted_at, since, group.starts_at)
        ]
        found.append(CoreGroupShown(group, brought[-1] if brought else None, since, is_over=group.starts_at <= now))
        since = group.starts_at
    return found[::-1]


def _is_between(at: datetime, since: datetime | None, until: datetime) -> bool:
    return (since is None or at > since) and at <= until
