"""What is not known, which risks there are, and what manages each of them (HMIC 2010, AFI 1 and 2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.enums import Kind
from cases.models import Case
from cases.policies import check_can_work_on, check_due, check_on_record, check_open, check_written
from cases.steps import enter, locked
from cram import duties
from cram import managing_policies as policies
from cram.enums import Approach, GapState, Works
from cram.models import Assessment, Gap, Measure, MeasureCheck, Risk
from cram.queries import being_written
from cram.steps import end_gap, pass_on, raise_anew, raise_check, raise_gap
from deadlines import clock, rules
from diary.models import Duty
from diary.steps import cancel_duty, satisfy_duty
from diary.telling import tell_unmanaged
from pages.words import day
from people.models import Person
from team.history import check_unchanged, save_as, saved_at
from team.models import User
from team.permissions import Permission, require

# --- intelligence gaps ---------------------------------------------------------------------------


def raise_gap_on(case: Case, *, question: str, owner: User, due_on: date, by: User) -> Gap:
    """Raise an intelligence gap by hand, with an owner and a date. Raises ValidationError, also where the same is
    asked already."""
    with transaction.atomic():
        case = locked(case, Permission.WRITE_RECORDS, by)
        check_open(case)
        policies.check_gap_is_new(case, question)
        gap = raise_gap(case, question=question, owner=owner, due_on=due_on, raised_in=being_written(case), by=by)
        _record(Event.GAP_RAISED, gap, by, owner=owner.pk, due_on=str(due_on))
        return gap


def change_gap(gap: Gap, *, owner: User, due_on: date, reason: str, version: int | None = None, by: User) -> Gap:
    """Give a gap to somebody else, or another date, and say why. Raises ChangedMeanwhile, ValidationError.

    Another date is another duty: a date that was set never moves.
    """
    with transaction.atomic():
        gap = _locked_gap(gap, by)
        case = gap.case
        check_unchanged(gap, version)
        check_written(reason, field="reason")
        moved, given = gap.due_on != due_on, gap.owner != owner
        if not (moved or given):
            return gap
        # Only what is changed is asked about: a late one can be given to somebody else and stays late.
        if moved:
            check_due(due_on, today=clock.today())
        if given:
            check_can_work_on(owner, case=case, field="owner")
        before, gap.owner, gap.due_on = gap.owner, owner, due_on
        save_as(gap, by)
        if moved:
            due = rules.GAP.chosen(due_on, gap.raised_at)
            raise_anew(duties.GAP, gap, due, owner=before, about=gap.question, reason=reason, by=by)
        if given:
            pass_on(duties.GAP, gap, by)
        text = f"Now {owner} finds out, by {day(due_on)}. {reason}"
        enter(case, Kind.ACTION, f"Not known, changed: {gap.question}", text=text, by=by)
        _record(Event.GAP_CHANGED, gap, by, owner=owner.pk, due_on=str(due_on))
        return gap


def answer_gap(gap: Gap, *, resolution: str, by: User) -> Gap:
    """Record what was found out. Raises ValidationError; ChangedMeanwhile where it has ended already."""
    return _end_gap(gap, GapState.ANSWERED, resolution, "resolution", by)


def drop_gap(gap: Gap, *, reason: str, by: User) -> Gap:
    """Record why nobody needs to know any more. Raises ValidationError; ChangedMeanwhile where it has ended."""
    return _end_gap(gap, GapState.NOT_NEEDED, reason, "reason", by)


def _end_gap(gap: Gap, state: GapState, said: str, field: str, by: User) -> Gap:
    with transaction.atomic():
        gap = _locked_gap(gap, by)
        check_written(said, field=field)
        end_gap(gap, state=state, resolution=said, by=by)
        _record(Event.GAP_ENDED, gap, by)
        return gap


# --- risks ---------------------------------------------------------------------------------------


def identify_risk(
    case: Case,
    *,
    what: str,
    children: Sequence[Person] = (),
    person: Person | None = None,
    assessment: Assessment | None = None,
    by: User,
) -> Risk:
    """Identify a risk to some children, or with none named to every child of the record; it is unmanaged until a
    control measure is set that works.

    `person`: from whom it comes, where it comes from somebody on the record. Raises ValidationError, also where it is
    identified already.
    """
    with transaction.atomic():
        case = locked(case, Permission.ASSESS_RISK, by)
        check_open(case)
        policies.check_are_children(children, case=case)
        policies.check_risk(case, what, children)
        people = [person] if person else []
        check_on_record(people, case=case)
        risk = Risk(case=case, what=what, person=person, identified_by=by, identified_at=clock.moment())
        risk.identified_in = _being_written(case, assessment)
        risk.clean_fields(exclude=["case"])
        save_as(risk, by)
        risk.children.add(*children)
        comes = f" from {person}" if person else ""
        text = f"To {risk.to_whom}{comes}. No control measure manages it yet."
        people = list(dict.fromkeys([*children, *people]))
        enter(case, Kind.DECISION, f"Risk identified: {what}", text=text, people=people, significant=True, by=by)
        _record(Event.RISK_IDENTIFIED, risk, by)
        return risk


def end_risk(risk: Risk, *, why: str, by: User) -> Risk:
    """Record that a risk is no longer present, and why. The control measures that manage it end with it. Raises
    ValidationError; ChangedMeanwhile where it has ended already."""
    with transaction.atomic():
        risk = _locked_risk(risk, Permission.ASSESS_RISK, by)
        check_written(why, field="why")
        case = risk.case
        risk.ended_at, risk.ended_by, risk.ended_why = clock.moment(), by, why
        save_as(risk, by)
        measures = list(Measure.objects.filter(risk=risk, ended_at__isnull=True).order_by("pk"))
        for measure in measures:
            measure.case = case
            _end(measure, f"The risk is no longer present: {why}", "The risk is no longer present", by)
        text = "\n".join([f"Why: {why}", *(f"Ended with it: {measure.what}" for measure in measures)])
        people = [*risk.children.order_by("pk"), *([risk.person] if risk.person else [])]
        title = f"Risk no longer present: {risk.what}"
        enter(case, Kind.DECISION, title, text=text, people=people, significant=True, by=by)
        _record(Event.RISK_ENDED, risk, by)
        return risk


# --- control measures ----------------------------------------------------------------------------


def set_measure(
    risk: Risk,
    *,
    approach: str,
    what: str,
    owner: User,
    from_on: date,
    check_on: date,
    until: date | None = None,
    carried_out_by: str = "",
    works: str = Works.UNCHECKED,
    found: str = "",
    assessment: Assessment | None = None,
    by: User,
) -> Measure:
    """Set what manages a risk: who sees to it, from when until when, and by when it is checked that it works.

    `works`, `found`: what is known of that now. Only a sergeant or the inspector accepts a risk. Raises NotAllowed,
    ValidationError, also where the same is set already.
    """
    with transaction.atomic():
        risk = _locked_risk(risk, Permission.WRITE_RECORDS, by)
        case = risk.case
        if approach == Approach.ACCEPT:
            require(by, Permission.ENDORSE_ASSESSMENTS, team=case.team)
        policies.check_measure_is_new(risk, what)
        policies.check_measure_dates(from_on, until, check_on)
        policies.check_first_look(approach, works, found, from_on=from_on)
        check_can_work_on(owner, case=case, field="owner")
        measure = Measure(
            case=case,
            risk=risk,
            approach=approach,
            what=what,
            carried_out_by=carried_out_by,
            owner=owner,
            from_on=from_on,
            until=until,
            check_on=check_on,
            works=works,
            set_in=_being_written(case, assessment),
            set_at=clock.moment(),
            set_by=by,
        )
        measure.clean_fields(exclude=["case", "risk"])
        save_as(measure, by)
        if works != Works.UNCHECKED:
            _look(measure, works, found, check_on, measure.set_in, by)
        raise_check(measure, by=by)
        runs = f"From {day(from_on)}" + (f" until {day(until)}" if until else "")
        text = f"For the risk: {risk.what}\n{Approach(approach).label}. {runs}. {owner} checks it by {day(check_on)}."
        if carried_out_by:
            text += f" Carried out by {carried_out_by}."
        if found:
            text += f"\n{Works(works).label}: {found}"
        kind, accepts = Kind.DECISION, approach == Approach.ACCEPT
        enter(case, kind, f"Control measure: {what}", text=text, significant=accepts, by=by)
        _record(Event.MEASURE_SET, measure, by, risk=risk.pk, owner=owner.pk, due_on=str(check_on), works=str(works))
        return measure


def change_measure(
    measure: Measure,
    *,
    owner: User,
    until: date | None,
    check_on: date,
    reason: str,
    version: int | None = None,
    by: User,
) -> Measure:
    """Give a control measure to somebody else, or another last day or next check, and say why; as `change_gap`.
    Raises NotAllowed, ChangedMeanwhile, ValidationError."""
    with transaction.atomic():
        measure = _locked_measure(measure, by)
        case, risk = measure.case, measure.risk
        policies.check_measure_runs(measure)
        check_unchanged(measure, version)
        check_written(reason, field="reason")
        moved, given = measure.check_on != check_on, measure.owner != owner
        if not (moved or given) and measure.until == until:
            return measure
        if moved or measure.until != until:
            if measure.approach == Approach.ACCEPT:  # until when a risk is accepted is said by who may accept it
                require(by, Permission.ENDORSE_ASSESSMENTS, team=case.team)
            policies.check_other_days(measure, until, check_on)
        if given:
            check_can_work_on(owner, case=case, field="owner")
        before = measure.owner
        measure.owner, measure.until, measure.check_on = owner, until, check_on
        save_as(measure, by)
        if moved:
            due = rules.MEASURE_CHECK.chosen(check_on, saved_at(measure))
            raise_anew(duties.MEASURE, measure, due, owner=before, about=measure.what, reason=reason, by=by)
        if given:
            pass_on(duties.MEASURE, measure, by)
        lasts = f"Its last day is {day(until)}." if until else "It has no last day."
        text = f"Now {owner} checks it by {day(check_on)}. {lasts} {reason}"
        enter(case, Kind.DECISION, f"Control measure changed: {measure.what}", text=text, by=by)
        _record(Event.MEASURE_CHANGED, measure, by, risk=risk.pk, owner=owner.pk, due_on=str(check_on))
        return measure


def check_measure(
    measure: Measure,
    *,
    works: str,
    found: str,
    next_on: date,
    seen: int | None = None,
    assessment: Assessment | None = None,
    by: User,
) -> MeasureCheck:
    """Record whether a control measure still works, what was found, and by when it is checked again.

    `seen`: the id of the last check that whoever checks has seen, 0 for none. Raises ValidationError;
    ChangedMeanwhile where somebody has checked it since, or ended it.
    """
    with transaction.atomic():
        measure = _locked_measure(measure, by)
        case, risk = measure.case, measure.risk
        policies.check_can_be_checked(measure)
        if measure.approach == Approach.ACCEPT:  # whether a risk is still accepted is said by who may accept it
            require(by, Permission.ENDORSE_ASSESSMENTS, team=case.team)
        last = MeasureCheck.objects.filter(measure=measure).select_related("checked_by").order_by("-pk").first()
        policies.check_check_is_seen(last, seen=seen)
        policies.check_found(works, found)
        policies.check_next_check(next_on, measure.until, field="next_on")
        measure.works, measure.check_on = works, next_on
        measure.clean_fields(exclude=["case", "risk"])
        save_as(measure, by)
        check = _look(measure, works, found, next_on, _being_written(case, assessment), by)
        satisfy_duty(duties.MEASURE, case, why="Checked", subject=measure.pk, by=by)
        duty = raise_check(measure, by=by)
        fails = works != Works.YES
        follows = _what_follows(risk) if fails else ""
        if follows:
            tell_unmanaged(duty, by)
        text = f"{found}\nChecked again by {day(next_on)}.{follows}"
        title = f"{Works(works).label}: {measure.what}"
        enter(case, Kind.INFORMATION, title, text=text, significant=fails, by=by)
        _record(Event.MEASURE_CHECKED, measure, by, risk=risk.pk, works=str(works), due_on=str(next_on))
        return check


def end_measure(measure: Measure, *, why: str, by: User) -> Measure:
    """End a control measure and say why. Raises ValidationError; ChangedMeanwhile where it has ended already.

    Where it alone managed its risk, the record's supervisor is told.
    """
    with transaction.atomic():
        measure = _locked_measure(measure, by)
        policies.check_measure_runs(measure)
        check_written(why, field="why")
        case, risk = measure.case, measure.risk
        managed = not _what_follows(risk)
        duty = _end(measure, why, "The control measure has ended", by)
        follows = _what_follows(risk)
        if managed and follows and duty:
            tell_unmanaged(duty, by)
        text = f"Why: {why}{follows}"
        title = f"Control measure ended: {measure.what}"
        enter(case, Kind.DECISION, title, text=text, significant=bool(follows), by=by)
        _record(Event.MEASURE_ENDED, measure, by, risk=risk.pk)
        return measure


def _look(
    measure: Measure, works: str, found: str, next_on: date, assessment: Assessment | None, by: User
) -> MeasureCheck:
    check = MeasureCheck(
        measure=measure,
        assessment=assessment,
        works=works,
        found=found,
        next_on=next_on,
        checked_at=clock.moment(),
        checked_by=by,
    )
    check.clean_fields(exclude=["measure"])
    check.save()
    return check


def _end(measure: Measure, why: str, ended_why: str, by: User) -> Duty | None:
    """With its check, which is cancelled."""
    measure.ended_at, measure.ended_by, measure.ended_why = clock.moment(), by, why
    save_as(measure, by)
    return cancel_duty(duties.MEASURE, measure.case, why=ended_why, subject=measure.pk, by=by)


def _what_follows(risk: Risk) -> str:
    """What the chronology says where nothing manages a present risk any more; empty where something does."""
    if Risk.objects.filter(pk=risk.pk).unmanaged().exists():
        return f"\nThe risk is unmanaged now: {risk.what}"
    return ""


def _being_written(case: Case, assessment: Assessment | None) -> Assessment | None:
    """The assessment that is being written: whatever is found meanwhile is part of it."""
    now = being_written(case)
    policies.check_in_assessment(assessment, now)
    return now


def _locked_gap(gap: Gap, by: User) -> Gap:
    case = locked(gap.case, Permission.WRITE_RECORDS, by)
    check_open(case)
    gap = Gap.objects.select_related("owner", "ended_by").get(pk=gap.pk)
    gap.case = case
    policies.check_gap_is_open(gap)
    return gap


def _locked_risk(risk: Risk, permission: Permission, by: User) -> Risk:
    case = locked(risk.case, permission, by)
    check_open(case)
    risk = Risk.objects.select_related("person", "ended_by").get(pk=risk.pk)
    risk.case = case
    policies.check_risk_is_present(risk)
    return risk


def _locked_measure(measure: Measure, by: User) -> Measure:
    case = locked(measure.case, Permission.WRITE_RECORDS, by)
    check_open(case)
    measure = Measure.objects.select_related("risk", "owner", "ended_by").get(pk=measure.pk)
    measure.case = case
    return measure


def _record(event: Event, on: Gap | Risk | Measure, by: User, **detail: Any) -> None:
    record(event, by=by, on=on, case_id=on.case_id, team_id=on.case.team_id, detail=detail)
