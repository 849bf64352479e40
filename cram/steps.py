"""What the room does when a record's course turns, and as part of its own actions. The record is locked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.closure import InTheWay, Turn
from cases.enums import Kind, State
from cases.left_out import called_elsewhere
from cases.models import Action, Case
from cases.policies import check_can_work_on, check_due
from cases.protection import NONE, Protection, protections_of
from cases.receipt import received_at
from cases.restricting import named_on
from cases.steps import enter, set_action
from cram import duties, policies
from cram.enums import AssessmentState, GapState, RequestState
from cram.models import Assessment, Direction, Gap, Measure, ResearchRequest, Risk
from cram.queries import Key, due_for_plans, endorser_of, last_submitted, reviewed_elsewhere
from deadlines import clock, rules
from deadlines.due import Due
from deadlines.schedules import core_group_for_review, cram_review
from diary.kinds import DutyKind
from diary.models import Duty, DutyState
from diary.steps import cancel_duty, end_open, pass_to, raise_again, raise_duty, satisfy_duty
from pages.words import day
from team.history import save_as, saved_at
from team.models import User
from team.once import put_together_once
from team.permissions import Permission
from team.queries import who_may

# Which first CRAM of a record of an old log is due, and by which rule: of a plan that was there before, or not.
FIRST_FOR_PLAN = ((duties.ON_PLAN, rules.CRAM_ON_PLAN, True), (duties.FIRST, rules.CRAM_FIRST, False))

# What has an owner of its own, by the kind of its duty: whoever has the one has the other.
OWNED: dict[str, Any] = {duties.GAP.code: Gap, duties.MEASURE.code: Measure}

# As much of a reason as stands with a duty that ended; the whole of it is in the chronology.
LONGEST_WHY = 300


def hear(case: Case, turn: Turn, by: User) -> None:
    """Every referral has a first CRAM; reviews hang on the record that leads, while it is open."""
    if turn == Turn.RAISED:
        _raise_first(case, by=by)
    elif turn in (Turn.PEOPLE, Turn.LEADS, Turn.PROTECTION, Turn.REOPENED):
        settle_review(case, by=by)
    elif turn == Turn.SUPERVISOR:
        _pass_endorsements_on(case, by=by)
    elif turn == Turn.TRANSFERRED:
        _take_over(case, by=by)
    elif turn == Turn.RESTRICTED:
        _take_from_those_not_named(case, by=by)
    if turn == Turn.REOPENED:
        if last_submitted(case) is None:  # closed before CAIT asked for one
            _raise_first(case, by=by)
        # What ended with the record is checked again, on the day on which it would have been.
        for measure in Measure.objects.filter(case=case, ended_at__isnull=True).order_by("pk"):
            raise_check(measure, by=by)


def _raise_first(case: Case, *, by: User) -> None:
    """Nothing where the record came with an old log."""
    if received := received_at([case.pk]).get(case.pk):
        raise_again(duties.FIRST, case, rules.CRAM_FIRST.due_or_at_once(received), by=by)


def _pass_endorsements_on(case: Case, *, by: User) -> None:
    """What waits for endorsement falls to the record's new supervisor, or to whoever holds the role."""
    waiting = Assessment.objects.filter(case=case, state=AssessmentState.SUBMITTED).select_related("submitted_by")
    for assessment in waiting.order_by("pk"):
        assessment.case = case
        rows = Duty.objects.filter(case=case, kind=duties.ENDORSE.code, subject=assessment.pk, state=DutyState.OPEN)
        for duty in rows:
            pass_to(duty, endorser_of(assessment), by)


def _take_over(case: Case, *, by: User) -> None:
    """What is not known, and what manages a risk, falls to whoever took the record over, where its owner cannot work
    on it in their team."""
    owned = Duty.objects.filter(case=case, kind__in=OWNED, state=DutyState.OPEN, owner__isnull=False)
    for duty in owned.exclude(owner__in=who_may(Permission.WRITE_RECORDS, team=case.team)).order_by("pk"):
        pass_to(duty, by, by)


def _take_from_those_not_named(case: Case, *, by: User) -> None:
    """What is not known, and what manages a risk, is nobody's by name where its owner may not open the record any
    more; also where no duty is open, because the record is closed."""
    named = named_on(case).values("officer")
    for model in OWNED.values():
        owned = model.objects.filter(case=case, ended_at__isnull=True, owner__isnull=False)
        for row in owned.exclude(owner__in=named).order_by("pk"):
            row.owner = None
            save_as(row, by)


def own_what_is_given(duty: Duty, by: User) -> None:
    """Whoever is given the duty of a gap or a control measure owns that too; nobody by name where it was given back
    to its role. The record is locked."""
    row = OWNED[duty.kind].objects.get(pk=duty.subject)
    if row.owner_id != duty.owner_id:  # not where the gap or the measure was given, and its duty follows
        row.owner = duty.owner
        save_as(row, by)


def settle_review(case: Case, *, by: User) -> None:
    """Put the next review of a record to how it should be: 42 days from when the last CRAM was first sent, or the
    core group before (HMIC 2010, AFI 1), unless another record leads for its children. Where a child is on a plan
    and there was never a CRAM, one is due."""
    if case.state != State.OPEN:
        return
    protection = protections_of([case.pk]).get(case.pk, NONE)
    last = last_submitted(case)
    if last is None or last.first_submitted_at is None:
        _settle_first(case, protection, by=by)
        return
    if leading := reviewed_elsewhere([case.pk]).get(case.pk):
        first = leading[0]
        # Whoever may open this record need not be allowed to know of that one.
        is_named = first.team_id == case.team_id and not first.restricted
        there = f"record {first}" if is_named else called_elsewhere(first)
        end_open(duties.REVIEW, case, done=False, why=f"Reviewed on {there}, which leads", by=by)
        return
    group = core_group_for_review(last.first_submitted_at, protection.core_groups)
    on, known = group or (None, None)
    rows = Duty.objects.filter(case=case, kind=duties.REVIEW.code, state=DutyState.OPEN).order_by("pk")
    if (duty := rows.first()) is not None:
        if rules.CRAM_REVIEW.gave(duty.reckoned, last.first_submitted_at, known=known, brought_to=on):
            return
        why = f"Brought forward to the core group on {day(on)}" if on else "No core group comes before it any more"
        end_open(duties.REVIEW, case, done=False, why=why, by=by)
    due = cram_review(last.first_submitted_at, core_groups=[on] if on else (), known=known)
    raise_again(duties.REVIEW, case, due, by=by)


def _settle_first(case: Case, protection: Protection, *, by: User) -> None:
    """A record of an old log has no first CRAM due, until a child of it is on a plan (handbook section 2)."""
    if received_at([case.pk]):
        return
    wanted = due_for_plans([case.pk], {case.pk: protection}).get(case.pk)
    for kind, rule, before_cait in FIRST_FOR_PLAN:
        rows = Duty.objects.filter(case=case, kind=kind.code, state=DutyState.OPEN).order_by("pk")
        if wanted is None or wanted.before_cait != before_cait:
            others = "Its children have a CRAM on another record, or have it due there"
            why = others if protection.plans else "No child of it is on a plan any more"
            end_open(kind, case, done=False, why="Counted anew from another plan" if wanted else why, by=by)
            continue
        if (duty := rows.first()) is not None:
            if rule.gave(duty.reckoned, wanted.since):
                continue
            end_open(kind, case, done=False, why="Counted anew from another plan", by=by)
        raise_again(kind, case, rule.due_or_at_once(wanted.since, event=duties.ON_A_PLAN), by=by)


def raise_check(measure: Measure, *, by: User) -> Duty:
    """A control measure is checked by the day that was chosen when it was last looked at, by its owner."""
    due = rules.MEASURE_CHECK.chosen(measure.check_on, saved_at(measure))
    said: Any = {"owner": measure.owner, "subject": measure.pk, "about": measure.what, "by": by}
    return raise_again(duties.MEASURE, measure.case, due, **said)


def raise_anew(
    kind: DutyKind, thing: Gap | Measure, due: Due, *, owner: User | None, about: str, reason: str, by: User
) -> None:
    """Another date is another duty, of whoever had the one before. The record is locked."""
    cancel_duty(kind, thing.case, why=f"Another date: {reason}"[:LONGEST_WHY], subject=thing.pk, by=by)
    raise_again(kind, thing.case, due, owner=owner, subject=thing.pk, about=about, by=by)


def pass_on(kind: DutyKind, thing: Gap | Measure, by: User) -> None:
    """Whoever owns a gap or a control measure now has its duty too, and is told. The record is locked."""
    rows = Duty.objects.filter(case=thing.case, kind=kind.code, subject=thing.pk, state=DutyState.OPEN)
    for duty in rows.order_by("pk"):
        pass_to(duty, thing.owner, by)


def raise_gap(
    case: Case,
    *,
    question: str,
    owner: User,
    due_on: date,
    factor: str = "",
    person: int | None = None,
    address: int | None = None,
    raised_in: Assessment | None = None,
    by: User,
) -> Gap:
    """Raise an intelligence gap with its duty, as part of an action. `factor`: the code of the factor that was
    answered “not known”, and about whom (ids): of one factor about one person a gap that is open already stays.

    Raises ValidationError. The record is locked.
    """
    if factor:
        same = {"factor": factor, "person_id": person, "address_id": address}
        if gap := Gap.objects.filter(case=case, state=GapState.OPEN, **same).first():
            return gap
    policies.check_gap(question, owner=owner, due_on=due_on, case=case)
    gap = Gap(
        case=case,
        question=question,
        owner=owner,
        due_on=due_on,
        factor=factor,
        person_id=person,
        address_id=address,
        raised_in=raised_in,
        raised_at=clock.moment(),
        raised_by=by,
    )
    gap.clean_fields(exclude=["case"])
    save_as(gap, by)
    due = rules.GAP.chosen(due_on, gap.raised_at)
    raise_duty(duties.GAP, case, due, owner=owner, subject=gap.pk, about=question, by=by)
    text = f"{owner} finds out, by {day(due_on)}."
    enter(case, Kind.ACTION, f"Not known: {question}", text=text, by=by)
    return gap


def end_gap(gap: Gap, *, state: GapState, resolution: str, by: User) -> None:
    """End an open gap with what was found out, or why it is no longer needed. The record is locked."""
    gap.state, gap.resolution = state, resolution
    gap.ended_at, gap.ended_by = clock.moment(), by
    save_as(gap, by)
    if state == GapState.ANSWERED:
        satisfy_duty(duties.GAP, gap.case, why="Answered", subject=gap.pk, by=by)
    else:
        cancel_duty(duties.GAP, gap.case, why="No longer needed", subject=gap.pk, by=by)
    enter(gap.case, Kind.INFORMATION, f"{GapState(state).label}: {gap.question}", text=resolution, by=by)


def end_gap_of(case: Case, key: Key, *, resolution: str, by: User) -> None:
    """The answer to a factor ends the gap that it had raised. The record is locked."""
    factor, person, address = key
    rows = Gap.objects.filter(case=case, state=GapState.OPEN, factor=factor, person=person, address=address)
    for gap in rows:
        gap.case = case
        end_gap(gap, state=GapState.ANSWERED, resolution=resolution, by=by)


def direct(
    assessment: Assessment, *, what: str, owner: User, due_on: date, by_supervisor: bool = False, by: User
) -> Action:
    """An action on the record that comes from an assessment, as part of an action on it. The record is locked."""
    case = assessment.case
    check_due(due_on, today=clock.today())
    check_can_work_on(owner, case=case, field="owner")
    action = set_action(case, what=what, owner=owner, due_on=due_on, by=by)
    Direction.objects.create(assessment=assessment, action=action, by_supervisor=by_supervisor)
    return action


def half_done(case: Case) -> list[InTheWay]:
    """What of assessing has to be finished before another team takes the record over: a CRAM is written and endorsed
    by those who know what is in it (CAIT default)."""
    said = {
        AssessmentState.UNDER_WAY: InTheWay("A CRAM is under way", duties.REVIEW.view),
        AssessmentState.RETURNED: InTheWay(duties.RETURNED.in_the_way, duties.RETURNED.view),
        AssessmentState.SUBMITTED: InTheWay(duties.ENDORSE.in_the_way, duties.ENDORSE.view),
    }
    there = set(Assessment.objects.filter(case=case, state__in=said).values_list("state", flat=True))
    return [each for state, each in said.items() if state in there]


def unfinished(case: Case) -> list[InTheWay]:
    """What of the risk stands in the way of closure, by the facts: no unmanaged risk to a child (HMIC 2010, AFI 2),
    and none of which nobody has looked in time whether it is still managed (CAIT default).

    One query where nothing does: every page of a record's overview asks.
    """
    today = clock.london_date(case.looked_at) if case.looked_at else clock.today()
    (there,) = _facts(case, today)
    found = []
    if not there["sent"] and received_at([case.pk]):
        found.append(InTheWay(duties.FIRST.in_the_way, duties.FIRST.view))
    if there["returned"]:
        found.append(InTheWay(duties.RETURNED.in_the_way, duties.RETURNED.view))
    if there["under_way"] and (there["sent"] or not found):
        found.append(InTheWay("A CRAM is under way", duties.REVIEW.view))
    if there["waiting"]:
        found.append(InTheWay(duties.ENDORSE.in_the_way, duties.ENDORSE.view))
    if there["unmanaged"]:
        risks = Risk.objects.filter(case=case).unmanaged(today).order_by("pk")
        found += [InTheWay(f"A risk is unmanaged: {risk.what}", duties.MEASURE.view) for risk in risks]
    if there["unchecked"]:
        late = Measure.objects.filter(case=case).not_checked_since(today).order_by("check_on", "pk")
        found += [
            InTheWay(f"A check is overdue since {day(each.check_on)}: {each.what}", duties.MEASURE.view)
            for each in late
        ]
    if there["gap"]:
        found.append(InTheWay(duties.GAP.in_the_way, duties.GAP.view))
    if there["research"]:
        found.append(InTheWay(duties.RESEARCH.in_the_way, duties.RESEARCH.view))
    return found


@put_together_once
def _facts(case: Case, today: date) -> QuerySet[Case, dict[str, bool]]:
    of_it = Assessment.objects.filter(case=OuterRef("pk"))
    facts = {
        "sent": Exists(of_it.filter(submitted_at__isnull=False)),
        "returned": Exists(of_it.filter(state=AssessmentState.RETURNED)),
        "under_way": Exists(of_it.filter(state=AssessmentState.UNDER_WAY)),
        "waiting": Exists(of_it.filter(state=AssessmentState.SUBMITTED)),
        "unmanaged": Exists(Risk.objects.filter(case=OuterRef("pk")).unmanaged(today)),
        "unchecked": Exists(Measure.objects.filter(case=OuterRef("pk")).not_checked_since(today)),
        "gap": Exists(Gap.objects.filter(case=OuterRef("pk"), state=GapState.OPEN)),
        "research": Exists(ResearchRequest.objects.filter(case=OuterRef("pk"), state=RequestState.ASKED)),
    }
    return Case.objects.filter(pk=case.pk).annotate(**facts).values(*facts)
