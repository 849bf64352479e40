"""Plans that no conference here began or ended, and the core groups that carry plans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from audit.events import Event
from audit.recording import record
from cases.enums import Basis, Kind, Partner, Way
from cases.models import Case
from cases.policies import check_can_work_on
from cases.steps import enter, locked, share
from conferences import plan_policies, policies
from conferences.enums import CoreGroupState, PlanCategory, PlanEnd
from conferences.models import CategoryFrom, CoreGroup, Plan
from conferences.steps import lock_about, tell_all
from deadlines import clock
from pages.words import day, moment, uncapitalised
from people.models import Person
from team.history import check_unchanged, save_as
from team.models import User
from team.permissions import Permission


def record_plan(
    case: Case,
    *,
    child: Person,
    from_on: date,
    category: PlanCategory | str,
    conference_on: date,
    conference_was_initial: bool,
    by: User,
) -> Plan:
    """Record a plan that was there before CAIT knew of it, as Social Services have it on their list.

    `conference_on`: the London date of the last conference about the child, from which the next one counts. Raises
    ValidationError.
    """
    with transaction.atomic():
        linked = lock_about(case, [child])
        case = locked(case, Permission.RECORD_OUTCOMES, by)
        plan_policies.check_plan_of_before(
            case,
            child,
            from_on=from_on,
            category=category,
            conference_on=conference_on,
            today=clock.today(),
        )
        plan = Plan(
            child=child,
            case=case,
            team=case.team,
            from_on=from_on,
            conference_on=conference_on,
            conference_was_initial=conference_was_initial,
            recorded_at=clock.moment(),
            recorded_by=by,
        )
        save_as(plan, by)
        CategoryFrom.objects.create(plan=plan, category=category, from_on=from_on, recorded_by=by)
        label = uncapitalised(PlanCategory(category).label)
        title = f"{child} has been on a child protection plan since {day(from_on)} ({label})"
        enter(case, Kind.INFORMATION, title, people=[child], significant=True, by=by)
        tell_all(case, linked, by=by)
        _record_plan(Event.PLAN_RECORDED, plan, by)
        return plan


def end_plan(plan: Plan, *, to_on: date, end: PlanEnd | str, note: str, version: int | None = None, by: User) -> Plan:
    """Record that a plan ended without a conference here: the child is 18, another area has taken it over, or the
    child has died. Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        linked = lock_about(plan.case, [plan.child])
        plan = _plan(plan, by)
        plan_policies.check_end_plan(plan, to_on, end, note, today=clock.today())
        check_unchanged(plan, version)
        plan.to_on, plan.end, plan.end_note = to_on, end, note
        plan.clean_fields(exclude=["case", "team", "child", "begun_at", "ended_at"])
        save_as(plan, by)
        title = f"The child protection plan of {plan.child} ended on {day(to_on)}"
        text = f"{PlanEnd(end).label}. {note}"
        enter(plan.case, Kind.INFORMATION, title, text=text, people=[plan.child], significant=True, by=by)
        tell_all(plan.case, linked, by=by)
        _record_plan(Event.PLAN_ENDED, plan, by)
        return plan


def withdraw_plan(plan: Plan, *, why: str, version: int | None = None, by: User) -> Plan:
    """Take a plan off the register that was recorded by mistake; it stays to be read. Raises ValidationError;
    ChangedMeanwhile."""
    with transaction.atomic():
        linked = lock_about(plan.case, [plan.child])
        plan = _plan(plan, by)
        plan_policies.check_withdraw_plan(plan, why)
        check_unchanged(plan, version)
        plan.withdrawn_at, plan.withdrawn_why = clock.moment(), why
        plan.clean_fields(exclude=["case", "team", "child", "begun_at", "ended_at"])
        save_as(plan, by)
        title = f"The child protection plan of {plan.child} from {day(plan.from_on)} was recorded by mistake"
        enter(plan.case, Kind.INFORMATION, title, text=why, people=[plan.child], significant=True, by=by)
        tell_all(plan.case, linked, by=by)
        _record_plan(Event.PLAN_WITHDRAWN, plan, by)
        return plan


# --- core groups ---------------------------------------------------------------------------------


def plan_core_group(case: Case, *, starts_at: datetime, place: str = "", by: User) -> CoreGroup:
    """Record when a core group is, or was: the CRAM review is brought forward to it (HMIC 2010, AFI 1). Raises
    ValidationError."""
    with transaction.atomic():
        linked = lock_about(case)
        case = locked(case, Permission.RECORD_OUTCOMES, by)
        now = clock.moment()
        plan_policies.check_plan_core_group(case, starts_at, now=now)
        number = (CoreGroup.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0) + 1
        group = CoreGroup(
            case=case,
            number=number,
            starts_at=starts_at,
            place=place,
            planned_at=now,
            planned_by=by,
            dated_at=now,
        )
        group.clean_fields(exclude=["case"])
        save_as(group, by)
        enter(case, Kind.RECORD, f"Core group on {moment(starts_at)}", text=place, by=by)
        tell_all(case, linked, by=by)
        _record_group(Event.CORE_GROUP_PLANNED, group, by, starts_at=starts_at.isoformat())
        return group


def move_core_group(
    group: CoreGroup, *, starts_at: datetime, place: str = "", why: str, version: int | None = None, by: User
) -> CoreGroup:
    """Move a core group to another time, with the reason: a CRAM review that was brought forward to it moves with it.
    Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        linked = lock_about(group.case)
        group = _group(group, by)
        check_unchanged(group, version)
        policies.check_why(why)
        policies.check_when(starts_at, now=clock.moment())
        if starts_at != group.starts_at:
            plan_policies.check_core_group_is_new(group.case, starts_at)
        before = group.starts_at
        group.starts_at, group.place, group.dated_at = starts_at, place, clock.moment()
        group.clean_fields(exclude=["case"])
        save_as(group, by)
        title = f"Core group moved from {moment(before)} to {moment(starts_at)}"
        enter(group.case, Kind.RECORD, title, text=why, by=by)
        tell_all(group.case, linked, by=by)
        _record_group(Event.CORE_GROUP_MOVED, group, by, starts_at=starts_at.isoformat(), why=why)
        return group


def record_core_group(
    group: CoreGroup,
    *,
    attended_by: User | None,
    note: str,
    shared_what: str = "",
    shared_with: str = "",
    version: int | None = None,
    by: User,
) -> CoreGroup:
    """Record what a core group said and agreed, who of the police attended, and what police passed on there to whom.
    Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        linked = lock_about(group.case)
        group = _group(group, by)
        check_unchanged(group, version)
        plan_policies.check_core_group_held(group, note, now=clock.moment())
        plan_policies.check_shared_at(shared_what, shared_with, attended_by)
        if attended_by is not None:
            check_can_work_on(attended_by, case=group.case, field="attended_by")
        if shared_what.strip():
            group.shared = share(
                group.case,
                partner=Partner.SOCIAL_SERVICES,
                to_whom=shared_with,
                what=shared_what,
                way=Way.MEETING,
                basis=Basis.SAFEGUARDING,
                shared_at=group.starts_at,
                by=by,
            )
        group.state, group.attended_by, group.note = CoreGroupState.HELD, attended_by, note
        group.ended_at, group.ended_by = clock.moment(), by
        group.clean_fields(exclude=["case", "shared"])
        save_as(group, by)
        said = f"{attended_by} attended." if attended_by else "Nobody from the police attended."
        title, at = f"Core group held on {moment(group.starts_at)}", group.starts_at
        enter(group.case, Kind.CONTACT, title, text=f"{said}\n\n{note}", happened_at=at, by=by)
        tell_all(group.case, linked, by=by)
        _record_group(Event.CORE_GROUP_RECORDED, group, by, attended="yes" if attended_by else "no")
        return group


def cancel_core_group(group: CoreGroup, *, why: str, version: int | None = None, by: User) -> CoreGroup:
    """Record that a core group is not held; a CRAM review that was brought forward to it counts 42 days again. Raises
    ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        linked = lock_about(group.case)
        group = _group(group, by)
        check_unchanged(group, version)
        policies.check_why(why)
        group.state, group.note = CoreGroupState.CANCELLED, why
        group.ended_at, group.ended_by = clock.moment(), by
        save_as(group, by)
        enter(group.case, Kind.RECORD, f"Core group on {moment(group.starts_at)} cancelled", text=why, by=by)
        tell_all(group.case, linked, by=by)
        _record_group(Event.CORE_GROUP_CANCELLED, group, by, why=why)
        return group


def _plan(plan: Plan, by: User) -> Plan:
    case = locked(plan.case, Permission.RECORD_OUTCOMES, by)
    plan = Plan.objects.select_related("child", "team").get(pk=plan.pk)
    plan.case = case
    return plan


def _group(group: CoreGroup, by: User) -> CoreGroup:
    case = locked(group.case, Permission.RECORD_OUTCOMES, by)
    group = CoreGroup.objects.select_related("ended_by").get(pk=group.pk)
    group.case = case
    plan_policies.check_core_group_planned(group)
    return group


def _record_plan(event: Event, plan: Plan, by: User) -> None:
    case = plan.case
    record(event, by=by, on=plan, case_id=case.pk, team_id=case.team_id, detail={"child": plan.child_id})


def _record_group(event: Event, group: CoreGroup, by: User, **detail: Any) -> None:
    case = group.case
    detail = {"core_group": group.number, **detail}
    record(event, by=by, on=group, case_id=case.pk, team_id=case.team_id, detail=detail)
