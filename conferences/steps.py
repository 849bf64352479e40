"""What the room does as part of its own actions and when a record's course turns. The record is locked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q

from cases.closure import Turn, tell
from cases.enums import Kind, State
from cases.models import Case
from cases.restricting import whom_to_ask
from cases.steps import enter, lock_linked
from conferences import duties, policies
from conferences.dates import (
    STEP_DUTIES,
    about,
    due_after,
    due_before,
    next_conference_by,
    next_core_group_by,
    owner_of,
    step_due,
)
from conferences.enums import Attending, ConferenceState, CoreGroupState, EmailUse, StepKind
from conferences.models import Conference, CoreGroup, EmailUsed, Plan, StepDone
from conferences.queries import children_of, counts_for, cram_for, steps_done
from cram.duties import BEFORE_CONFERENCE
from cram.models import Search
from deadlines import clock, rules
from deadlines.clock import london_date
from deadlines.due import Due
from diary.kinds import DutyKind
from diary.models import Duty, DutyState
from diary.steps import cancel_duty, end_duty, raise_again, satisfy_duty
from intake.models import Message
from intake.steps import pass_on
from pages.words import day, moment
from people.models import Person
from team.history import delete_as, save_as
from team.models import User

NO_PLAN = "No child is on a plan any more"
AGAIN = "A child is on a plan after all"


def use_email(message: Message | None, conference: Conference, use: EmailUse, *, by: User) -> str:
    """What is done with a conference was told by an email, which is dealt with thereby: in words, for the chronology.
    Empty where no email told it."""
    if message is None:
        return ""
    policies.check_email(message, conference.case, by=by)
    pass_on(message, by=by)
    EmailUsed.objects.create(message=message, conference=conference, use=use, used_by=by)
    return f"\n\nBy an email, received {moment(message.received_at)}."


def raise_preparation(conference: Conference, *, by: User) -> None:
    """Raise every duty that a booked conference brings: each step that is not done, the decision whether police
    attend a review, and what follows it. Those that are open already must be ended before."""
    done = steps_done(conference)
    for kind, duty in STEP_DUTIES.items():
        if kind not in done and not _falls_away(kind, conference):
            _raise(duty, conference, step_due(kind, conference), by)
    if conference.attending == Attending.UNDECIDED:
        _raise(duties.DECIDE, conference, due_before(rules.ATTENDANCE_DECIDED, conference), by)
    # What follows the conference: so that none goes by unseen.
    _raise(duties.OUTCOME, conference, due_after(rules.CONFERENCE_OUTCOME, conference), by)
    take_up_what_was_done(conference, by=by)


def _falls_away(kind: StepKind, conference: Conference) -> bool:
    return kind == StepKind.BRIEFING and conference.attending == Attending.REPORT_ONLY


def take_up_what_was_done(conference: Conference, *, by: User) -> None:
    """What was done on the record since the booking is a step of the preparation: searches, and the CRAM."""
    done = steps_done(conference)
    if StepKind.RESEARCH not in done:
        search = Search.objects.filter(case=conference.case).order_by("-recorded_at", "-pk").first()
        if search is not None and counts_for(conference, search.recorded_at):
            step_done(conference, StepKind.RESEARCH, what=f"Searches recorded {moment(search.recorded_at)}", by=by)
    if StepKind.CRAM not in done and (cram := cram_for(conference)) is not None:
        what = f"CRAM {cram.number}, level {cram.get_level_display().lower()}"
        step_done(conference, StepKind.CRAM, what=what, by=by)


def step_done(conference: Conference, kind: StepKind, *, what: str, by: User) -> None:
    """Mark a step of the preparation as done, and end its duty. One that is done already stays as it is."""
    if conference.steps.filter(kind=kind).exists():
        return
    step = StepDone(conference=conference, kind=kind, done_at=clock.moment(), done_by=by, what=what)
    step.clean_fields(exclude=["conference", "done_by"])
    save_as(step, by)
    if kind in STEP_DUTIES:
        satisfy_duty(STEP_DUTIES[kind], conference.case, why=what, subject=conference.pk, by=by)


def undo_steps(conference: Conference, kinds: Iterable[StepKind], *, by: User) -> None:
    """These steps have to be done again; their history stays."""
    for step in conference.steps.filter(kind__in=list(kinds)):
        delete_as(step, by)


def take_report_back(conference: Conference, *, why: str, by: User) -> None:
    """The police report that was sent says what is not so any more: it has to be written, endorsed and sent again.
    Nothing where none was sent, or that is known already."""
    if StepKind.REPORT not in steps_done(conference):
        return
    undo_report(conference, why=why, by=by)
    _raise(duties.REPORT, conference, step_due(StepKind.REPORT, conference), by)


def undo_report(conference: Conference, *, why: str, by: User) -> None:
    """The report and its endorsement are not done any more; where one was sent, the pages say why."""
    if StepKind.REPORT in steps_done(conference):
        conference.report_again, conference.report_again_at = why, clock.moment()
        save_as(conference, by)
    undo_steps(conference, [StepKind.REPORT, StepKind.ENDORSEMENT], by=by)


def end_preparation(conference: Conference, *, why: str, by: User) -> None:
    """End every open duty of a conference, as when it is moved or cancelled, with the reason."""
    kinds = [kind.code for kind in (*duties.ALL, BEFORE_CONFERENCE) if kind != duties.ENDORSE]
    rows = Duty.objects.filter(case=conference.case, kind__in=kinds, subject=conference.pk, state=DutyState.OPEN)
    for duty in rows.order_by("pk"):
        duty.case = conference.case
        end_duty(duty, done=False, why=why[:300], by=by)


def end_endorsement(conference: Conference, *, why: str, by: User) -> None:
    """A report that waits for endorsement is not endorsed any more: the conference is over, or will not be."""
    for report in conference.reports.all():
        cancel_duty(duties.ENDORSE, conference.case, why=why[:300], subject=report.pk, by=by)


def raise_what_follows(conference: Conference, *, by: User) -> None:
    """After a conference was held: the debrief of whoever went, and the minutes; nothing of its preparation stays."""
    over = (duties.RESEARCH, BEFORE_CONFERENCE, duties.REPORT, duties.BRIEFING, duties.DECIDE)
    for kind in over:
        cancel_duty(kind, conference.case, why="The conference was held without it", subject=conference.pk, by=by)
    end_endorsement(conference, why="The conference was held without it", by=by)
    settle_debrief(conference, by=by)
    if conference.minutes_on is None:
        _raise(duties.MINUTES, conference, due_after(rules.MINUTES, conference), by)


def settle_debrief(conference: Conference, *, by: User) -> None:
    """Whoever attended is debriefed; where nobody did, nobody is."""
    rows = Duty.objects.filter(
        case=conference.case, kind=duties.DEBRIEF.code, subject=conference.pk, state=DutyState.OPEN
    )
    wanted = bool(conference.attended) and conference.debriefed_at is None
    if not wanted:
        why = "Nobody from the police attended"
        cancel_duty(duties.DEBRIEF, conference.case, why=why, subject=conference.pk, by=by)
    elif not rows.exists():
        _raise(duties.DEBRIEF, conference, due_after(rules.DEBRIEF, conference), by)


def _raise(kind: DutyKind, conference: Conference, due: Due, by: User) -> None:
    raise_again(
        kind,
        conference.case,
        due,
        owner=owner_of(kind, conference),
        subject=conference.pk,
        about=about(conference),
        by=by,
    )


# --- while a child is on a plan -------------------------------------------------------------------


def lock_about(case: Case, children: Iterable[Person] = (), *, conference: Conference | None = None) -> list[Case]:
    """Lock a record with every record on which its children, those of a conference, or some others are or were, and
    those on which their plans are carried, in the order of their ids. The other open ones, to be told."""
    them = {*children_of(case), *(child.pk for child in children)}
    if conference is not None:
        them |= set(conference.children.values_list("child_id", flat=True))
    carried = Plan.objects.that_count().filter(child__in=them).values_list("case_id", flat=True)
    return lock_linked(case, them, besides=set(carried))


def settle_plans(case: Case, *, acted_on: Case | None = None, by: User) -> None:
    """Put the duties of the plans that are carried on a record to how they should be: the next conference, until it
    is booked, also about a child whose conference was adjourned; and the next core group. `acted_on`: the other
    record on which something was done just now."""
    plans = list(Plan.objects.running().filter(case=case).order_by("pk")) if case.state == State.OPEN else []
    is_over = _settle(duties.NEXT, case, next_conference_by(case, plans), by=by)
    if is_over and acted_on is not None:
        _enter_booked_elsewhere(case, plans, acted_on, by=by)
    _settle(duties.CORE_GROUP, case, next_core_group_by(case, plans), by=by)


def enter_elsewhere(plan: Plan, conference: Conference, what: str, *, by: User) -> None:
    """What a conference changed of a plan, in the chronology of the record that carries it: nobody takes a plan off a
    record without those who work on that reading it. Nothing where it is the record of the conference, whose own
    entry says it. Both are locked."""
    if plan.case_id == conference.case_id:
        return
    title = f"{what}, by a conference on {_called_on(plan.case, conference.case)}"
    text = f"Recorded there. Ask {_ask_about(conference.case)} about it."
    enter(plan.case, Kind.DECISION, title, text=text, people=[plan.child], significant=True, by=by)


def _enter_booked_elsewhere(case: Case, plans: Collection[Plan], other: Case, *, by: User) -> None:
    """That a booking on another record ended the duty to have the next conference, for whoever had it."""
    booked = Conference.objects.booked().filter(case=other).values("children__child")
    # Also those about whom a conference on this record was adjourned.
    held = Conference.objects.held().filter(case=case).values("children__child")
    waited_for = Q(pk__in=[plan.child_id for plan in plans]) | Q(pk__in=held)
    children = list(Person.objects.filter(waited_for, pk__in=booked).order_by("pk"))
    if not children:
        return
    about_whom = ", ".join(str(child) for child in children)
    title = f"The next conference about {about_whom} is booked on {_called_on(case, other)}"
    text = f"So nobody has to see to it here any more. Ask {_ask_about(other)} about it."
    enter(case, Kind.RECORD, title, text=text, people=children, significant=True, by=by)


def _called_on(case: Case, other: Case) -> str:
    """How another record is called on a record: whoever may open that need not be allowed to know of the other."""
    return f"record {other}" if other.team_id == case.team_id and not other.restricted else "another record"


def _ask_about(case: Case) -> str:
    return whom_to_ask([case])[case.pk] if case.restricted else str(case.team)


def settle_core_groups(case: Case, *, by: User) -> None:
    """Without a plan there is no core group to come. Where it turns out that a plan goes on after all, as when an
    outcome is put right, those that were cancelled for that are planned again."""
    if case.state != State.OPEN:
        return
    plans = Plan.objects.running().filter(case=case)
    since = min(plans.values_list("from_on", flat=True), default=None)
    if since is None:
        _cancel_core_groups(case, by=by)
    else:
        _plan_core_groups_again(case, since, by=by)


def _plan_core_groups_again(case: Case, since: date, *, by: User) -> None:
    """Those to come that were cancelled while a plan ran, which began on that London day; not of a plan before it."""
    now = clock.moment()
    rows = CoreGroup.objects.filter(case=case, starts_at__gt=now).order_by("starts_at", "pk")
    planned = {group.starts_at for group in rows if group.state == CoreGroupState.PLANNED}
    for group in rows:
        ended = group.ended_at if (group.state, group.note) == (CoreGroupState.CANCELLED, NO_PLAN) else None
        if ended is not None and london_date(ended) >= since and group.starts_at not in planned:
            group.state, group.note, group.ended_at, group.ended_by = CoreGroupState.PLANNED, "", None, None
            group.dated_at = now
            save_as(group, by)
            enter(case, Kind.RECORD, f"Core group on {moment(group.starts_at)} planned again", text=AGAIN, by=by)
            planned.add(group.starts_at)


def _cancel_core_groups(case: Case, *, by: User) -> None:
    """What was planned does not outlive the last plan; one that is over is still recorded, or cancelled by whoever
    knows that it was not held."""
    now = clock.moment()
    rows = CoreGroup.objects.filter(case=case, state=CoreGroupState.PLANNED, starts_at__gt=now)
    for group in rows.order_by("starts_at", "pk"):
        group.state, group.note = CoreGroupState.CANCELLED, NO_PLAN
        group.ended_at, group.ended_by = now, by
        save_as(group, by)
        enter(case, Kind.RECORD, f"Core group on {moment(group.starts_at)} cancelled", text=NO_PLAN, by=by)


def _settle(kind: DutyKind, case: Case, due: Due | None, *, by: User) -> bool:
    """One open duty of that kind with that date, or none; the one before says what became of it. Whether there was
    one, and is none any more."""
    there = Duty.objects.filter(case=case, kind=kind.code, state=DutyState.OPEN).order_by("pk").first()
    if there is not None:
        there.case = case
        was = there.reckoned.why
        if due is not None and (was.rule, was.started) == (due.why.rule, due.why.started):
            return False
        done, why = _what_became(kind, case, due, london_date(was.started))
        end_duty(there, done=done, why=why, by=by)
    if due is not None:
        raise_again(kind, case, due, by=by)
    return there is not None and due is None


def _what_became(kind: DutyKind, case: Case, due: Due | None, was: date) -> tuple[bool, str]:
    """Whether what a duty asked for was done, and why it ends."""
    if due is None:
        if kind == duties.NEXT and conference_booked(case):
            return True, "It is booked"
        return False, NO_PLAN
    started = london_date(due.why.started)
    if started > was and started in days_held(kind, case):
        return True, "It was held"
    return False, f"Counted anew, from {day(started)}"


def days_held(kind: DutyKind, case: Case) -> set[date]:
    """The London days on which core groups of a record, or conferences about its children, were held."""
    if kind == duties.CORE_GROUP:
        groups = CoreGroup.objects.filter(case=case, state=CoreGroupState.HELD)
        return {london_date(at) for at in groups.values_list("starts_at", flat=True)}
    plans = Plan.objects.running().filter(case=case).values("child")
    rows = Conference.objects.held().filter(Q(case=case) | Q(children__child__in=plans))
    return {london_date(at) for at in rows.values_list("starts_at", flat=True)}


def conference_booked(case: Case) -> bool:
    """Whether a conference is booked on a record, or about a child whose plan is carried on it."""
    plans = Plan.objects.running().filter(case=case).values("child")
    return Conference.objects.booked().filter(Q(case=case) | Q(children__child__in=plans)).exists()


def tell_all(case: Case, linked: Iterable[Case], *, by: User) -> None:
    """The reviews of a record, and of the other open records of its children, hang on plans and core groups: each is
    told that something about them has changed. All are locked."""
    for each in (case, *linked):
        settle_core_groups(each, by=by)
    for each in (case, *linked):
        if each.state == State.OPEN:
            tell(each, Turn.PROTECTION, by=by)
            if each != case:
                settle_plans(each, acted_on=case, by=by)
    settle_plans(case, by=by)


def booked_on(case: Case) -> list[Conference]:
    """The booked conferences that are prepared on a record, with it as it is locked."""
    rows = list(Conference.objects.filter(case=case, state=ConferenceState.BOOKED).order_by("starts_at", "pk"))
    for conference in rows:
        conference.case = case
    return rows
