"""An assessment is begun, answered as one works, given a level, and sent for endorsement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.closure import Turn, tell
from cases.enums import Kind, Level
from cases.models import Action, Case, Shared
from cases.steps import enter, lock_linked, locked, tell_linked
from cram import duties, policies
from cram.challenges import challenges
from cram.enums import AssessmentKind, AssessmentState, Said
from cram.models import Answer, Assessment, Decided, Direction, Factor, NewInformation
from cram.queries import Key, answers_of, endorser_of, kind_of_next, last_submitted, matrix_in_force
from cram.repeating import Missing, missing_in
from cram.steps import direct, end_gap_of, raise_gap, settle_review
from deadlines import clock, rules
from diary.models import Duty, DutyState
from diary.pairs import follow
from diary.steps import answer_with, end_open, raise_again
from pages.words import day
from team.history import check_unchanged, save_as
from team.models import User
from team.permissions import Permission


def start_assessment(case: Case, *, kind: AssessmentKind | None = None, by: User) -> Assessment:
    """Begin the record's next CRAM, on the version of the matrix in force today. `kind`, unless it is said: the
    first, the one before a conference that is booked, or else a review. Raises ValidationError; ChangedMeanwhile
    where one is under way."""
    with transaction.atomic():
        case = locked(case, Permission.ASSESS_RISK, by)
        matrix = matrix_in_force()
        policies.check_start(case, matrix, by=by)
        previous = last_submitted(case)
        assessment = Assessment(
            case=case,
            number=Assessment.objects.filter(case=case).count() + 1,
            kind=kind or (kind_of_next(case) if previous else AssessmentKind.FIRST),
            matrix=matrix,
            previous=previous,
            level="",
            started_by=by,
        )
        save_as(assessment, by)
        _record(Event.ASSESSMENT_STARTED, assessment, by)
        return assessment


@dataclass(frozen=True)
class Answered:
    """What was typed about one factor. `version`: of the answer that the form was opened on, 0 where there was none.

    Of a "not known" what is to be found out, by whom and by when; left out, CAIT fills them.
    """

    factor: str
    person: int | None = None
    address: int | None = None
    said: str = Said.NOT_ASKED
    note: str = ""
    source: str = ""
    version: int = 0
    gap_question: str = ""
    gap_owner: User | None = None
    gap_due_on: date | None = None

    @property
    def key(self) -> Key:
        return self.factor, self.person, self.address


@dataclass(frozen=True)
class Saved:
    """What became of some answers: how many were saved, and those that somebody else had changed meanwhile, as they
    are now. What was typed for these is not saved yet, and stays in the form."""

    saved: int
    theirs: list[Answer] = field(default_factory=list)


def save_answers(assessment: Assessment, *, answers: Sequence[Answered], by: User) -> Saved:
    """Save answers as one works. Of two people at once neither overwrites the other: an answer that was changed since
    the form was opened is left as it is, and given back.

    “Not known” raises an intelligence gap, unless one is open; another answer ends it. Raises ValidationError.
    """
    with transaction.atomic():
        assessment = _locked(assessment, by)
        policies.check_is_asked(assessment, [each.key for each in answers])
        there = answers_of(assessment)
        factors = {factor.code: factor for factor in Factor.objects.filter(version=assessment.matrix_id)}
        theirs, changed = [], []
        policies.check_of_this_assessment(each.version for each in answers if each.key not in there)
        for each in answers:
            now = there.get(each.key)
            if _is_same(each, now):
                continue
            if now is not None and now.version != each.version:
                if not _is_as_opened(each, now):
                    theirs.append(now)
                continue
            there[each.key] = _save(assessment, factors[each.factor], each, now, by)
            changed.append(each)
            _settle_gap(assessment, factors[each.factor], each, by)
        if changed:
            _record(Event.ASSESSMENT_ANSWERED, assessment, by, answers=len(changed))
        return Saved(len(changed), theirs)


def set_level(
    assessment: Assessment,
    *,
    level: str | None = None,
    rationale: str | None = None,
    challenge_answer: str | None = None,
    read: Sequence[str] | None = None,
    nothing_new: bool | None = None,
    version: int | None = None,
    by: User,
) -> Assessment:
    """Set the level with its rationale, and answer what contradicts it. Both may wait until it is sent; None leaves
    what is set.

    `read`: the contradictions that whoever answers has read; None for all that there are. `nothing_new`: of a review,
    that there is nothing that Social Services should hear. Raises ValidationError; ChangedMeanwhile where somebody
    else has set it since.
    """
    with transaction.atomic():
        assessment = _locked(assessment, by)
        check_unchanged(assessment, version)
        assessment.level = assessment.level if level is None else level
        assessment.rationale = assessment.rationale if rationale is None else rationale
        policies.check_level(assessment)
        if challenge_answer is not None:
            assessment.challenge_answer = challenge_answer
            # What it answers is what was there to be read.
            against = challenges(assessment) if challenge_answer.strip() else []
            assessment.challenged = [each for each in against if read is None or each in read]
        if nothing_new is not None:
            policies.check_nothing_new(assessment, nothing_new)
            assessment.nothing_new = nothing_new
        assessment.clean_fields(exclude=["case", "started_at"])
        save_as(assessment, by)
        _record(Event.ASSESSMENT_LEVEL_SET, assessment, by, level=assessment.level or "none")
        return assessment


def add_decision(
    assessment: Assessment, *, what: str, why: str, not_chosen: str = "", assessed: int | None = None, by: User
) -> Decided:
    """Add a decision to an assessment: what, why, and what was not chosen. `assessed`: the number of the assessment
    that the form was opened on. Raises ValidationError; ChangedMeanwhile where that was another."""
    with transaction.atomic():
        assessment = _locked(assessment, by)
        policies.check_opened_on_this(assessment, assessed)
        policies.check_decided(assessment, what, why)
        decided = Decided(assessment=assessment, what=what, why=why, not_chosen=not_chosen, decided_by=by)
        decided.clean_fields(exclude=["decided_at"])
        decided.save()
        text = f"Why: {why}" + (f"\n\nNot chosen: {not_chosen}" if not_chosen else "")
        enter(assessment.case, Kind.DECISION, what, text=text, significant=True, by=by)
        _record(Event.ASSESSMENT_DECISION_ADDED, assessment, by)
        return decided


def add_assessment_action(
    assessment: Assessment, *, what: str, owner: User, due_on: date, assessed: int | None = None, by: User
) -> Action:
    """Add an action that an assessment calls for: its directions stand at the top of the next. `assessed` as of a
    decision. Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        assessment = _locked(assessment, by)
        policies.check_opened_on_this(assessment, assessed)
        policies.check_direction_is_new(assessment, what=what, owner=owner, due_on=due_on)
        action = direct(assessment, what=what, owner=owner, due_on=due_on, by=by)
        _record(Event.ASSESSMENT_ACTION_ADDED, assessment, by, owner=owner.pk, due_on=str(due_on))
        return action


def add_new_information(
    assessment: Assessment,
    *,
    what: str,
    shared: Shared | None = None,
    why_not: str = "",
    assessed: int | None = None,
    by: User,
) -> NewInformation:
    """Record in a review what has become known, and what of the record's sharing passed it on, or why nobody was told
    (HMIC 2010, AFI 1). `assessed` as of a decision. Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        assessment = _locked(assessment, by)
        policies.check_opened_on_this(assessment, assessed)
        policies.check_new_information(assessment, what, shared, why_not)
        if shared is not None:
            shared = Shared.objects.get(pk=shared.pk, case=assessment.case)
        row = NewInformation(assessment=assessment, what=what, shared=shared, why_not=why_not, recorded_by=by)
        row.clean_fields(exclude=["recorded_at"])
        row.save()
        if assessment.nothing_new:
            assessment.nothing_new = False
            save_as(assessment, by)
        _record(Event.NEW_INFORMATION_ADDED, assessment, by)
        return row


def submit_assessment(
    assessment: Assessment,
    *,
    sent_without: str = "",
    version: int | None = None,
    together_with: Duty | None = None,
    by: User,
) -> Assessment:
    """Send an assessment for endorsement: from now on it is the record's CRAM, its level the record's level, and the
    next review counts from now (HMIC 2010, AFI 1); of one that was returned from when it was first sent (CAIT
    default).

    `sent_without`: why a review is sent although research was not repeated, or a control measure not checked.
    `together_with`: another review that is due on the record, where this one answers both (HMIC 2010, AFI 4): whoever
    sends it may do the other too, and the other goes on from here. Raises ValidationError; ChangedMeanwhile.
    """
    with transaction.atomic():
        # With its first CRAM a record of an old log is reviewed from now on, and others may leave theirs to it; and
        # of whatever record it is, its children have one, so that none is due on the others because of a plan.
        linked = lock_linked(assessment.case) if assessment.previous_id is None else []
        assessment = _locked(assessment, by)
        case = assessment.case
        check_unchanged(assessment, version)
        policies.check_submit(assessment)
        missing = missing_in(assessment)
        policies.check_sent_without(missing.in_words, sent_without)
        now = clock.moment()
        first_time = assessment.submitted_at is None
        # What is sent again was put right, and nothing was reviewed anew: it answers no review that came due since.
        due = _duty_answered(assessment) if first_time else None
        if first_time:
            _judge_how_well(assessment, missing, _late_from(assessment, due), now=now)
            assessment.first_submitted_at = now
        assessment.state = AssessmentState.SUBMITTED
        assessment.submitted_at, assessment.submitted_by = now, by
        assessment.sent_without = sent_without if missing else ""
        save_as(assessment, by)
        case.level = assessment.level
        save_as(case, by)
        if together_with is not None:
            policies.check_answers_too(assessment, due, together_with, by=by)
            answer_with(together_with, due, by=by)  # type: ignore[arg-type]
            together_with.case = case
            follow(together_with, found=_found(assessment), directions=_directed(assessment), by=by)
        for first in (duties.FIRST, duties.ON_PLAN):
            end_open(first, case, done=True, why="First CRAM sent", by=by)
        if first_time:
            end_open(duties.REVIEW, case, done=True, why="Reviewed", by=by)
        end_open(duties.RETURNED, case, done=True, why="Put right and sent again", by=by)
        settle_review(case, by=by)
        tell_linked(linked, by=by)
        tell(case, Turn.ASSESSED, by=by)
        raise_again(
            duties.ENDORSE,
            case,
            rules.ENDORSEMENT.due_or_at_once(now),
            owner=endorser_of(assessment),
            subject=assessment.pk,
            by=by,
        )
        text = [f"Level: {Level(assessment.level).label}. Why: {assessment.rationale}"]
        if assessment.challenge_answer:
            text.append(f"Against it spoke: {'; '.join(assessment.challenged)}. {assessment.challenge_answer}")
        if missing:
            text.append(f"Sent although {missing.in_words}: {sent_without}")
        title = f"{AssessmentKind(assessment.kind).label} sent for endorsement"
        enter(case, Kind.DECISION, title, text="\n\n".join(text), significant=True, by=by)
        _record(Event.ASSESSMENT_SUBMITTED, assessment, by, level=assessment.level)
        return assessment


def _found(assessment: Assessment) -> str:
    """What the other review that this one answers keeps of it."""
    kind, level = AssessmentKind(assessment.kind).label, Level(assessment.level).label
    return f"{kind} {assessment.number}, level {level.lower()}. {assessment.rationale}"


def _directed(assessment: Assessment) -> str:
    rows = Direction.objects.filter(assessment=assessment).select_related("action__owner").order_by("pk")
    lines = [f"{each.action.what}: {each.action.whose}, by {day(each.action.due_on)}" for each in rows]
    return "\n".join(lines) or "None beside what is being done."


def _duty_answered(assessment: Assessment) -> Duty | None:
    # The first may be made before a conference.
    kinds = (duties.FIRST.code, duties.ON_PLAN.code, duties.REVIEW.code)
    rows = Duty.objects.filter(case=assessment.case, kind__in=kinds, state=DutyState.OPEN)
    return rows.order_by("late_from", "pk").first()


def _late_from(assessment: Assessment, due: Duty | None) -> datetime | None:
    """From when an assessment is late. One before a conference has two dates, that of the conference and that of the
    review which it answers too: the earlier counts."""
    if due is not None and assessment.kind != AssessmentKind.CONFERENCE:
        return due.late_from
    rows = Duty.objects.filter(case=assessment.case, kind=duties.BEFORE_CONFERENCE.code, state=DutyState.OPEN)
    dates = [each.late_from for each in rows] + ([due.late_from] if due else [])
    return min(dates, default=None)


def _judge_how_well(assessment: Assessment, missing: Missing, late_from: datetime | None, *, now: datetime) -> None:
    """How well the review was done, by the facts at the moment it is sent (HMIC 2010, AFI 6)."""
    assessment.on_time = None if late_from is None else now < late_from
    if assessment.kind == AssessmentKind.FIRST:
        return
    assessment.research_repeated = not missing.research
    assessment.measures_checked = not missing.measures
    assessment.sharing_answered = assessment.nothing_new or assessment.new_information.exists()


def _is_same(each: Answered, now: Answer | None) -> bool:
    if now is None:
        return each.said == Said.NOT_ASKED and not each.note.strip() and not each.source.strip()
    return (each.said, each.note, each.source) == (now.said, now.note, now.source)


def _is_as_opened(each: Answered, now: Answer) -> bool:
    """Whether an answer stands as it was when the form was opened: somebody else changed it, and nobody here did."""
    if each.version == 0:
        return _is_same(each, None)
    line = now.history.filter(version=each.version).order_by("-history_id").first()
    return line is not None and _is_same(each, line)


def _save(assessment: Assessment, factor: Factor, each: Answered, now: Answer | None, by: User) -> Answer:
    answer = now or Answer(
        assessment=assessment, factor=factor, person_id=each.person, address_id=each.address, version=0
    )
    answer.said, answer.note, answer.source = each.said, each.note, each.source
    answer.version += 1
    answer.answered_at, answer.answered_by = clock.moment(), by
    answer.clean_fields()
    save_as(answer, by)
    return answer


def _settle_gap(assessment: Assessment, factor: Factor, each: Answered, by: User) -> None:
    if each.said == Said.NOT_KNOWN:
        raise_gap(
            assessment.case,
            question=each.gap_question or factor.question,
            owner=each.gap_owner or by,
            due_on=each.gap_due_on or rules.GAP.offered(clock.now()) or clock.today(),
            factor=factor.code,
            person=each.person,
            address=each.address,
            raised_in=assessment,
            by=by,
        )
    elif each.said in (Said.YES, Said.NO):
        end_gap_of(assessment.case, each.key, resolution=f"{Said(each.said).label}. {each.note}".strip(), by=by)


def _locked(assessment: Assessment, by: User) -> Assessment:
    case = locked(assessment.case, Permission.ASSESS_RISK, by)
    assessment = Assessment.objects.select_related(
        "matrix", "previous", "started_by", "submitted_by", "endorsed_by", "discarded_by"
    ).get(pk=assessment.pk)
    assessment.case = case
    policies.check_being_written(assessment)
    return assessment


def _record(event: Event, assessment: Assessment, by: User, **detail: Any) -> None:
    case = assessment.case
    record(
        event,
        by=by,
        on=assessment,
        case_id=case.pk,
        team_id=case.team_id,
        detail={"assessment": assessment.number, **detail},
    )
