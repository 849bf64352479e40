"""Whether the state of a child protection plan or a core group allows an act; the message is the sentence users
read."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError

from cases.enums import State
from cases.models import Case
from cases.policies import check_happened, check_open
from conferences.enums import CoreGroupState, PlanCategory, PlanEnd
from conferences.models import CoreGroup, Plan
from conferences.policies import check_children, check_when
from pages.words import day, moment, uncapitalised
from people.models import Person
from team.history import ChangedMeanwhile
from team.models import User

# --- plans ---------------------------------------------------------------------------------------


def check_plan_can_go_on(plan: Plan) -> None:
    """A plan that runs is carried on an open record."""
    if plan.case.state != State.OPEN:
        raise ValidationError(
            {"outcome": "The record that carried the plan is closed. Have it opened again first, then put this right"}
        )


def check_plan_of_before(
    case: Case, child: Person, *, from_on: date, category: str, conference_on: date, today: date
) -> None:
    """A plan that was there before CAIT: it began, and its last conference was held, before today."""
    check_open(case)
    check_children(case, [child])
    wrong = {}
    if category not in PlanCategory.values:
        wrong["category"] = "Select the category of the plan"
    if from_on > today:
        wrong["from_on"] = f"This must be {day(today)} or before"
    if conference_on > today:
        wrong["conference_on"] = f"This must be {day(today)} or before"
    elif conference_on < from_on:
        wrong["conference_on"] = "This is before the plan began. Check both dates"
    if wrong:
        raise ValidationError(wrong)
    check_no_other_plan(child, from_on=from_on, to_on=None)


def check_no_other_plan(
    child: Person, *, from_on: date, to_on: date | None, field: str = "from_on", but: Plan | None = None
) -> None:
    """A child is on one plan at a time. `but`: the plan itself, of one that is there already."""
    plans = Plan.objects.that_count().filter(child=child).exclude(pk__in=[but.pk] if but else [])
    for plan in plans.order_by("from_on"):
        if (plan.to_on is None or plan.to_on > from_on) and (to_on is None or plan.from_on < to_on):
            until = f" to {day(plan.to_on)}" if plan.to_on else ""
            raise ValidationError(
                {field: f"{child} is on a plan from {day(plan.from_on)}{until}. A child is on one plan at a time"}
            )


# Why a plan ends that no conference here ended.
ENDED_WITHOUT_CONFERENCE = (PlanEnd.ADULT, PlanEnd.MOVED, PlanEnd.DIED)


def check_end_plan(plan: Plan, to_on: date, end: str, note: str, *, today: date) -> None:
    """A plan is ended by a conference, or because the child is 18, has moved or has died."""
    check_open(plan.case)
    check_plan_runs(plan)
    wrong = {}
    if end not in ENDED_WITHOUT_CONFERENCE:
        wrong["end"] = "Select why it ended. What a conference decided is recorded with that conference"
    if to_on > today:
        wrong["to_on"] = f"This must be {day(today)} or before"
    elif to_on < plan.from_on:
        wrong["to_on"] = f"The plan began on {day(plan.from_on)}. Check the date"
    if not note.strip():
        wrong["note"] = "Say from whom it is known"
    if wrong:
        raise ValidationError(wrong)


def check_plan_runs(plan: Plan) -> None:
    """Only a plan that runs can be ended."""
    if plan.withdrawn_at is not None:
        raise ChangedMeanwhile(
            f"This plan was withdrawn on {moment(plan.withdrawn_at)}: {plan.withdrawn_why}", "Nothing is left to do."
        )
    if plan.to_on is not None:
        raise ChangedMeanwhile(f"This plan ended on {day(plan.to_on)}.", "Nothing is left to do.")


def check_withdraw_plan(plan: Plan, why: str) -> None:
    """A plan is withdrawn where it was recorded by mistake; what a conference decided is put right there."""
    check_open(plan.case)
    if plan.withdrawn_at is not None:
        check_plan_runs(plan)
    if plan.begun_at_id is not None:
        raise ValidationError(
            "This plan was begun by a conference. Put right there what was decided about the child."
        )
    if not why.strip():
        raise ValidationError({"why": "Say why it was a mistake"})


# --- core groups ---------------------------------------------------------------------------------


def check_plan_core_group(case: Case, starts_at: datetime, *, now: datetime) -> None:
    """A core group carries plans: there is one on the record. A form that is sent twice adds one."""
    check_open(case)
    if not Plan.objects.running().filter(case=case).exists():
        raise ValidationError("No child is on a plan that is carried on this record, so there is no core group.")
    check_when(starts_at, now=now)
    check_core_group_is_new(case, starts_at)


def check_core_group_is_new(case: Case, starts_at: datetime) -> None:
    """One core group at a time."""
    rows = CoreGroup.objects.filter(case=case, starts_at=starts_at).exclude(state=CoreGroupState.CANCELLED)
    if (same := rows.select_related("planned_by").first()) is not None:
        raise ValidationError(
            {"starts_at": f"{same.planned_by} recorded a core group at this time on {moment(same.planned_at)}"}
        )


def check_core_group_planned(group: CoreGroup) -> None:
    """Only a core group that is to come is moved, recorded or cancelled."""
    check_open(group.case)
    if group.state != CoreGroupState.PLANNED:
        raise ChangedMeanwhile(
            f"{group.ended_by} recorded on {moment(group.ended_at)}: {uncapitalised(group.get_state_display())}.",  # type: ignore[arg-type]
            "Nothing is left to do.",
        )


def check_core_group_held(group: CoreGroup, note: str, *, now: datetime) -> None:
    """What a core group said is recorded once it has begun."""
    check_happened(group.starts_at, now=now, field="note")
    if not note.strip():
        raise ValidationError({"note": "Say what was said and agreed"})


def check_shared_at(what: str, with_whom: str, attended_by: User | None) -> None:
    """What police pass on at a core group says to whom, and somebody was there to do it."""
    if what.strip() and not with_whom.strip():
        raise ValidationError({"shared_with": "Say to whom it was passed on"})
    if with_whom.strip() and not what.strip():
        raise ValidationError({"shared_what": "Say what was passed on"})
    if what.strip() and attended_by is None:
        raise ValidationError({"shared_what": "Nobody from the police was there. Record it under “Shared” instead"})
