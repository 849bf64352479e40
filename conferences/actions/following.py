"""After a conference: who attended, what was decided about each child, the debrief, the minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.enums import Kind
from cases.models import Action
from cases.policies import check_can_work_on, check_due
from cases.steps import enter, locked, set_action
from conferences import duties, plan_policies, policies
from conferences.enums import ConferenceState, EmailUse, Missed, Outcome, PlanCategory, PlanEnd, PoliceView
from conferences.in_words import also_at, also_in_words, outcome_in_words, who_attended
from conferences.models import CategoryFrom, Conference, OutcomeFor, Plan, PoliceAction
from conferences.queries import plan_of, running_plans
from conferences.steps import (
    enter_elsewhere,
    lock_about,
    raise_what_follows,
    settle_debrief,
    tell_all,
    use_email,
)
from deadlines import clock
from diary.steps import satisfy_duty
from intake.models import Message
from pages.words import day, moment, uncapitalised
from people.models import Person
from team.history import check_unchanged, save_as
from team.models import User
from team.permissions import Permission


def record_attendance(
    conference: Conference,
    *,
    attended_by: User | None = None,
    missed: Missed | str = "",
    missed_why: str = "",
    our_note: str = "",
    version: int | None = None,
    by: User,
) -> Conference:
    """Record that a conference was held and who attended it, or why nobody did (HMIC 2010, AFI 8). `our_note`: what
    was said, to be held against the minutes. Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        linked = lock_about(conference.case, conference=conference)
        conference = _conference(conference, Permission.RECORD_OUTCOMES, by)
        policies.check_booked(conference)
        check_unchanged(conference, version)
        now = clock.moment()
        policies.check_attendance(conference, attended_by=attended_by, missed=missed, missed_why=missed_why, now=now)
        if attended_by is not None:
            check_can_work_on(attended_by, case=conference.case, field="attended_by")
        conference.state = ConferenceState.HELD
        conference.attended, conference.attended_by = attended_by is not None, attended_by
        conference.missed, conference.missed_why, conference.our_note = missed, missed_why, our_note
        conference.attendance_at, conference.attendance_by = now, by
        conference.clean_fields(exclude=["case", "team", "message"])
        save_as(conference, by)
        raise_what_follows(conference, by=by)
        said = who_attended(conference)
        title = f"{conference.get_kind_display()} held on {moment(conference.starts_at)}"
        text = "\n\n".join(filter(None, [said, our_note]))
        enter(conference.case, Kind.CONTACT, title, text=text, happened_at=conference.starts_at, by=by)
        tell_all(conference.case, linked, by=by)
        _record(Event.ATTENDANCE_RECORDED, conference, by, attended="yes" if attended_by else "no")
        return conference


def correct_attendance(
    conference: Conference,
    *,
    attended_by: User | None = None,
    missed: Missed | str = "",
    missed_why: str = "",
    why: str,
    version: int | None = None,
    by: User,
) -> Conference:
    """Put right who attended, or why nobody did: the figure of attendance counts what stands now, and the chronology
    tells both. Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        conference = _conference(conference, Permission.RECORD_OUTCOMES, by)
        policies.check_held(conference)
        check_unchanged(conference, version)
        now = clock.moment()
        policies.check_attendance(conference, attended_by=attended_by, missed=missed, missed_why=missed_why, now=now)
        policies.check_attendance_is_news(conference, attended_by=attended_by, missed=missed, missed_why=missed_why)
        policies.check_why(why)
        if attended_by is not None:
            check_can_work_on(attended_by, case=conference.case, field="attended_by")
        before = who_attended(conference)
        conference.attended, conference.attended_by = attended_by is not None, attended_by
        conference.missed, conference.missed_why = missed, missed_why
        conference.clean_fields(exclude=["case", "team", "message"])
        save_as(conference, by)
        settle_debrief(conference, by=by)
        title = f"Put right: who attended the {uncapitalised(conference.get_kind_display())}"
        text = f"{who_attended(conference)}\n\nBefore: {before}\n\nWhy: {why}"
        enter(conference.case, Kind.CONTACT, title, text=text, by=by)
        _record(Event.ATTENDANCE_CORRECTED, conference, by, attended="yes" if attended_by else "no")
        return conference


@dataclass(frozen=True)
class Decided:
    """What was decided about one child, and whether police agreed."""

    child: Person
    outcome: Outcome | str
    category: PlanCategory | str = ""
    police_view: PoliceView | str = PoliceView.AGREED
    dissent: str = ""


def record_outcomes(
    conference: Conference, *, decided: Sequence[Decided], also_decided: str = "", by: User
) -> list[OutcomeFor]:
    """Record what a conference decided about each of its children: a plan begins, goes on or ends with it.
    `also_decided`: what it decided besides (HMIC 2010, AFI 8).

    Raises ValidationError, with the errors of each child under "outcome-12", its id after the field; ChangedMeanwhile
    where it is recorded already.
    """
    with transaction.atomic():
        linked = lock_about(conference.case, conference=conference)
        conference = _conference(conference, Permission.RECORD_OUTCOMES, by)
        policies.check_held(conference)
        policies.check_first_outcome(conference)
        policies.check_every_child(conference, [each.child for each in decided])
        plans = running_plans(each.child.pk for each in decided)
        _check_all(conference, decided, plans)
        rows = [_decide(conference, each, plans.get(each.child.pk), "", by) for each in decided]
        _set_also_decided(conference, also_decided, by)
        case = conference.case
        satisfy_duty(duties.OUTCOME, case, why="Recorded", subject=conference.pk, by=by)
        tell_all(case, linked, by=by)
        people = [each.child for each in decided]
        title = f"What the {uncapitalised(conference.get_kind_display())} decided"
        text = "\n".join(filter(None, [*map(outcome_in_words, rows), also_in_words(also_decided)]))
        enter(case, Kind.DECISION, title, text=text, people=people, significant=True, by=by)
        _record(Event.OUTCOME_RECORDED, conference, by, outcomes=len(rows))
        return rows


def correct_outcome(
    outcome: OutcomeFor,
    *,
    decided: Decided,
    also_decided: str | None = None,
    why: str,
    version: int | None = None,
    by: User,
) -> OutcomeFor:
    """Put right what was recorded of one child: the plan is as if it had been recorded so from the beginning. What
    stood there stays beside it. `also_decided`: what was decided besides, of the whole conference; None where it
    stays, as it does where it says what it said at that version. Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        linked = lock_about(outcome.conference.case, conference=outcome.conference)
        conference = _conference(outcome.conference, Permission.RECORD_OUTCOMES, by)
        outcome = OutcomeFor.objects.select_related("conference", "child").get(pk=outcome.pk)
        policies.check_held(conference)
        policies.check_last_outcome(outcome)
        policies.check_why(why)
        decided = Decided(outcome.child, decided.outcome, decided.category, decided.police_view, decided.dissent)
        if decided.outcome == outcome.outcome:
            row = _say_again(outcome, conference, decided, why, by)
        else:
            _undo(outcome, conference, why, by)
            plan = running_plans([outcome.child_id]).get(outcome.child_id)
            _check_one(conference, decided, plan)
            row = _decide(conference, decided, plan, why, by)
        now, before = [outcome_in_words(row)], [outcome_in_words(outcome)]
        besides = also_decided is not None and also_decided != also_at(conference, version)
        if also_decided is not None and besides:
            check_unchanged(conference, version)
            before.append(also_in_words(conference.also_decided) or "Nothing else was recorded.")
            _set_also_decided(conference, also_decided, by)
            now.append(also_in_words(also_decided) or "Nothing else.")
        tell_all(conference.case, linked, by=by)
        title = f"Put right: what the {uncapitalised(conference.get_kind_display())} decided"
        text = f"{' '.join(now)}\n\nBefore: {' '.join(before)}\n\nWhy: {why}"
        enter(conference.case, Kind.DECISION, title, text=text, people=[outcome.child], significant=True, by=by)
        changed = {"fields": ["also_decided"]} if besides else {}
        _record(Event.OUTCOME_CORRECTED, conference, by, child=outcome.child_id, **changed)
        return row


def add_police_action(conference: Conference, *, what: str, owner: User, due_on: date, by: User) -> Action:
    """Add what a conference decided that police do: an action of the record. Raises ValidationError."""
    with transaction.atomic():
        conference = _conference(conference, Permission.RECORD_OUTCOMES, by)
        policies.check_held(conference)
        check_due(due_on, today=clock.today())
        check_can_work_on(owner, case=conference.case, field="owner")
        same = PoliceAction.objects.filter(conference=conference, action__what=what, action__owner=owner)
        if (row := same.filter(action__due_on=due_on).select_related("action__added_by").first()) is not None:
            raise ValidationError(f"{row.action.added_by} added this action on {moment(row.action.added_at)}.")
        action = set_action(conference.case, what=what, owner=owner, due_on=due_on, by=by)
        PoliceAction.objects.create(conference=conference, action=action)
        _record(Event.POLICE_ACTION_ADDED, conference, by, owner=owner.pk, due_on=str(due_on))
        return action


def debrief_officer(conference: Conference, *, words: str, version: int | None = None, by: User) -> Conference:
    """Record the debrief of whoever attended, by their supervisor (HMIC 2010, AFI 8). Raises ValidationError;
    ChangedMeanwhile."""
    with transaction.atomic():
        conference = _conference(conference, Permission.SUPERVISE_CONFERENCES, by)
        policies.check_debrief(conference, words)
        check_unchanged(conference, version)
        conference.debrief = words
        conference.debriefed_at, conference.debriefed_by = clock.moment(), by
        save_as(conference, by)
        satisfy_duty(duties.DEBRIEF, conference.case, why="Debriefed", subject=conference.pk, by=by)
        title = f"Conference officer debriefed after the {uncapitalised(conference.get_kind_display())}"
        enter(conference.case, Kind.RECORD, title, text=words, by=by)
        _record(Event.OFFICER_DEBRIEFED, conference, by)
        return conference


def check_minutes(
    conference: Conference,
    *,
    received_on: date,
    agree: bool,
    differ: str = "",
    message: Message | None = None,
    version: int | None = None,
    by: User,
) -> Conference:
    """Record that the minutes have come, and whether they agree with our own note (HMIC 2010, AFI 8). `message`: the
    email with which they came. Raises ValidationError, NotAllowed; ChangedMeanwhile."""
    with transaction.atomic():
        conference = _conference(conference, Permission.RECORD_OUTCOMES, by)
        policies.check_minutes(conference, received_on, differ=differ, agree=agree, today=clock.today())
        check_unchanged(conference, version)
        told = use_email(message, conference, EmailUse.MINUTES, by=by)
        conference.minutes_on, conference.minutes_agree = received_on, agree
        conference.minutes_differ, conference.minutes_checked_by = differ, by
        save_as(conference, by)
        satisfy_duty(duties.MINUTES, conference.case, why="Checked", subject=conference.pk, by=by)
        title = f"Minutes of the {uncapitalised(conference.get_kind_display())} checked"
        text = "They agree with our note." if agree else f"They differ from our note: {differ}"
        enter(conference.case, Kind.INFORMATION, title, text=f"Received {day(received_on)}. {text}{told}", by=by)
        detail = {"message": message.pk} if message is not None else {}
        _record(Event.MINUTES_CHECKED, conference, by, **detail)
        return conference


def _check_all(conference: Conference, decided: Sequence[Decided], plans: dict[int, Plan]) -> None:
    """Every child's errors at once, each under "field-child"."""
    wrong: dict[str, Any] = {}
    for each in decided:
        try:
            _check_one(conference, each, plans.get(each.child.pk))
        except ValidationError as refused:
            wrong |= {f"{field}-{each.child.pk}": errors for field, errors in refused.message_dict.items()}
    if wrong:
        raise ValidationError(wrong)


def _check_one(conference: Conference, each: Decided, plan: Plan | None) -> None:
    _check_said(conference, each, plan)
    if each.outcome == Outcome.PLAN:
        on = clock.london_date(conference.starts_at)
        plan_policies.check_no_other_plan(each.child, from_on=on, to_on=None, field="outcome")


def _check_said(conference: Conference, each: Decided, plan: Plan | None) -> None:
    policies.check_outcome(
        conference,
        each.child,
        each.outcome,
        category=each.category,
        police_view=each.police_view,
        dissent=each.dissent,
        plan=plan,
    )


def _written(conference: Conference, each: Decided, why: str, by: User) -> OutcomeFor:
    row = OutcomeFor(
        conference=conference,
        child=each.child,
        outcome=each.outcome,
        category=each.category,
        police_view=each.police_view,
        dissent=each.dissent,
        corrected_why=why,
        recorded_by=by,
        recorded_at=clock.moment(),
    )
    row.clean_fields(exclude=["conference", "child"])
    row.save()
    return row


def _decide(conference: Conference, each: Decided, plan: Plan | None, why: str, by: User) -> OutcomeFor:
    row = _written(conference, each, why, by)
    on = clock.london_date(conference.starts_at)
    if each.outcome == Outcome.PLAN:
        plan = Plan(
            child=each.child,
            case=conference.case,
            team=conference.case.team,
            from_on=on,
            begun_at=conference,
            recorded_by=by,
            recorded_at=clock.moment(),
        )
        save_as(plan, by)
        _categorise(plan, each.category, on, conference, by)
    elif each.outcome == Outcome.CONTINUES and plan is not None:
        last = plan.categories.order_by("-from_on", "-pk").first()
        if last is None or last.category != each.category:
            _categorise(plan, each.category, max(on, plan.from_on), conference, by)
    elif each.outcome == Outcome.ENDS and plan is not None:
        plan.to_on, plan.end, plan.ended_at = max(on, plan.from_on), PlanEnd.CONFERENCE, conference
        save_as(plan, by)
        ended = f"The child protection plan of {plan.child} ended on {day(plan.to_on)}"
        enter_elsewhere(plan, conference, ended, by=by)
    return row


def _say_again(outcome: OutcomeFor, conference: Conference, each: Decided, why: str, by: User) -> OutcomeFor:
    """The same was decided, and only its category or what police said to it is put right: the plan stays as it is,
    also where it has ended since."""
    plan = plan_of(outcome, conference)
    _check_said(conference, each, plan if each.outcome in policies.ON_A_PLAN else None)
    row = _written(conference, each, why, by)
    if plan is not None and each.category != outcome.category:
        from_on = max(clock.london_date(conference.starts_at), plan.from_on)
        _categorise(plan, each.category, from_on, conference, by)
    return row


def _categorise(plan: Plan, category: PlanCategory | str, from_on: date, conference: Conference, by: User) -> None:
    CategoryFrom.objects.create(plan=plan, category=category, from_on=from_on, recorded_by=by)
    label = uncapitalised(PlanCategory(category).label)
    said = f"The child protection plan of {plan.child} is for {label} from {day(from_on)}"
    enter_elsewhere(plan, conference, said, by=by)


def _undo(outcome: OutcomeFor, conference: Conference, why: str, by: User) -> None:
    """The plan as it was before an outcome was recorded."""
    if outcome.outcome == Outcome.PLAN:
        for plan in Plan.objects.that_count().filter(child=outcome.child, begun_at=conference):
            plan.withdrawn_at, plan.withdrawn_why = clock.moment(), f"What was decided was put right: {why}"[:300]
            save_as(plan, by)
    elif outcome.outcome == Outcome.ENDS:
        for plan in (
            Plan.objects.that_count().filter(child=outcome.child, ended_at=conference).select_related("case", "child")
        ):
            plan_policies.check_plan_can_go_on(plan)
            plan_policies.check_no_other_plan(
                outcome.child, from_on=plan.from_on, to_on=None, field="outcome", but=plan
            )
            plan.to_on, plan.end, plan.ended_at = None, "", None
            plan.team = plan.case.team  # which may have taken the record over since it ended
            save_as(plan, by)
            goes_on = f"The child protection plan of {plan.child} goes on after all"
            enter_elsewhere(plan, conference, goes_on, by=by)
    elif outcome.outcome == Outcome.CONTINUES:
        running = running_plans([outcome.child_id]).get(outcome.child_id)
        on = clock.london_date(conference.starts_at)
        if running is not None and running.categories.filter(from_on=on).exists():
            before = running.categories.filter(from_on__lt=on).order_by("-from_on", "-pk").first()
            if before is not None:
                _categorise(running, before.category, on, conference, by)


def _set_also_decided(conference: Conference, words: str, by: User) -> None:
    if words != conference.also_decided:
        conference.also_decided = words
        save_as(conference, by)


def _conference(conference: Conference, permission: Permission, by: User) -> Conference:
    case = locked(conference.case, permission, by)
    related = ("team", "pclo", "attendance_by", "debriefed_by", "minutes_checked_by")
    conference = Conference.objects.select_related(*related).get(pk=conference.pk)
    conference.case = case
    return conference


def _record(event: Event, conference: Conference, by: User, **detail: Any) -> None:
    case = conference.case
    detail = {"conference": conference.number, **detail}
    record(event, by=by, on=conference, case_id=case.pk, team_id=case.team_id, detail=detail)
