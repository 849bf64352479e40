"""Whether the state of an assessment allows an act; the message is the sentence the user reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError

from cases.enums import ActionState
from cases.models import Action, Case
from cases.policies import check_can_work_on, check_due, check_open
from cram.challenges import challenges
from cram.enums import AssessmentKind, AssessmentState, RequestState, Said, System
from cram.models import Assessment, Decided, Direction, NewInformation, ResearchRequest, Search, Version
from cram.queries import being_written, sections_of, whose_work
from deadlines import clock
from deadlines.clock import minute
from diary.kinds import kind_of
from diary.models import Duty
from pages.words import day, moment
from people.models import Person
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import Permission, may

EARLIER = "This page was opened on an earlier CRAM of the record, which was sent or thrown away since."


def check_start(case: Case, matrix: Version | None, *, by: User) -> None:
    """One assessment is written at a time, on the version of the matrix in force today.

    While one waits for endorsement a sergeant begins the next, as when something comes in at night: once it is begun
    the one that waits cannot be returned any more (CAIT default).
    """
    check_open(case)
    if (now := being_written(case)) is not None:
        raise ChangedMeanwhile(
            f"{now.started_by} began a CRAM of this record on {moment(now.started_at)}.", "Go on with that one."
        )
    waits = Assessment.objects.filter(case=case, state=AssessmentState.SUBMITTED).exists()
    if waits and not by.is_system and not may(by, Permission.ENDORSE_ASSESSMENTS, team=case.team):
        raise ValidationError(
            "A CRAM of this record waits for endorsement. Until then only a sergeant begins another."
        )
    if matrix is None:
        raise ValidationError("No version of the matrix is in force today. Tell your CAIT administrator.")


def check_being_written(assessment: Assessment) -> None:
    """Only what is still being written can be changed."""
    check_open(assessment.case)
    if assessment.state == AssessmentState.SUBMITTED:
        raise ChangedMeanwhile(
            f"{assessment.submitted_by} sent this CRAM for endorsement on {moment(assessment.submitted_at)}.",  # type: ignore[arg-type]
            "What you typed is still below. Ask the supervisor to return it, or put it into the next review.",
        )
    check_not_discarded(assessment, "What you typed is still below. Put it into the CRAM that is begun next.")
    if assessment.state == AssessmentState.ENDORSED:
        raise ChangedMeanwhile(
            f"{assessment.endorsed_by} endorsed this CRAM on {moment(assessment.endorsed_at)}.",  # type: ignore[arg-type]
            "What you typed is still below. Put it into the next review.",
        )


def check_not_discarded(assessment: Assessment, then: str = "Nothing is left to do.") -> None:
    """What was thrown away is not written, sent or endorsed any more."""
    if assessment.state == AssessmentState.DISCARDED:
        raise ChangedMeanwhile(
            f"{assessment.discarded_by} threw this CRAM away on {moment(assessment.discarded_at)}: "  # type: ignore[arg-type]
            f"“{assessment.discarded_why}”",
            then,
        )


def check_can_discard(assessment: Assessment) -> None:
    """A CRAM that was begun by mistake is thrown away; one that was ever sent is the record's, and stays."""
    check_not_discarded(assessment)
    check_being_written(assessment)
    if assessment.submitted_at is not None:
        raise ValidationError(
            "This CRAM was sent for endorsement once, and its level is the record’s. Put it right and send it again."
        )


def check_discard(assessment: Assessment, why: str) -> None:
    """Whoever throws a CRAM away says why."""
    check_can_discard(assessment)
    if not why.strip():
        raise ValidationError({"why": "Say why"})


def check_level(assessment: Assessment) -> None:
    """The level is set by professional judgement with a written rationale (handbook section 3). One that was sent
    once keeps having both."""
    level, rationale = assessment.level, assessment.rationale.strip()
    if not rationale and (level or assessment.submitted_at):
        raise ValidationError({"rationale": "Say why the level is right"})
    if not level and (rationale or assessment.submitted_at):
        raise ValidationError({"level": "Select the level"})


def check_of_this_assessment(versions: Iterable[int]) -> None:
    """What was never answered here has no version: a page on which it has was opened on an earlier CRAM."""
    if any(versions):
        raise ChangedMeanwhile(EARLIER, "Open the CRAM that is being written now, and answer there what is still so.")


def check_opened_on_this(assessment: Assessment, number: int | None) -> None:
    """What is added to an assessment was meant for it; None: whoever calls named it. Who is told sends it again."""
    if number is not None and number != assessment.number:
        raise ChangedMeanwhile(
            EARLIER,
            f"What you typed is still below. If it belongs in {assessment.get_kind_display()} {assessment.number}, "
            "which is being written now, send it again.",
        )


def check_challenge_is_answered(assessment: Assessment) -> None:
    """What contradicts the level is answered in writing, as it stands now (CAIT default)."""
    against = challenges(assessment)
    if not against:
        return
    if not assessment.challenge_answer.strip():
        raise ValidationError(
            "The level does not fit the answers: "
            + "; ".join(against)
            + ". Change the level, or say why it is right."
        )
    if unanswered := [each for each in against if each not in assessment.challenged]:
        raise ValidationError(
            "Since you said why the level is right, this has come to speak against it: "
            + "; ".join(unanswered)
            + ". Look at the level again."
        )


def check_submit(assessment: Assessment) -> None:
    """An assessment is whole before a supervisor reads it: a level with its reason, contradictions answered, and of a
    review what Social Services were told."""
    check_being_written(assessment)
    if not assessment.level or not assessment.rationale:
        raise ValidationError("Set the level and say why, before you send the CRAM.")
    check_challenge_is_answered(assessment)
    if assessment.kind == AssessmentKind.FIRST:
        return
    again = [
        f"{question.factor.name}, {section.about.label}"
        for section in sections_of(assessment)
        for question in section.questions
        if not question.is_asked and question.before is not None and question.before.said != Said.NOT_ASKED
    ]
    if again:
        raise ValidationError(
            f"{len(again)} factors that were answered last time are not answered yet. The first is: {again[0]}."
            if len(again) > 1
            else f"A factor that was answered last time is not answered yet: {again[0]}."
        )
    if not assessment.nothing_new and not assessment.new_information.exists():
        raise ValidationError(
            "Say what is new since the last CRAM and who in Social Services was told, or that nothing is new."
        )


def check_sent_without(missing: str, why: str) -> None:
    """Whoever sends a review without all that it repeats says why: whoever endorses it reads that (HMIC 2010, AFI 1).
    `missing`: what it lacks, in words."""
    if missing and not why.strip():
        raise ValidationError({"sent_without": f"Say why the CRAM is sent although {missing}"})


def check_answers_too(assessment: Assessment, due: Duty | None, other: Duty, *, by: User) -> None:
    """One review answers another that is due with it, for whoever may do both (HMIC 2010, AFI 4; CAIT default)."""
    if due is None:
        raise ValidationError("No review of the CRAM is due with the other one. Record them one by one.")
    kind = kind_of(other.kind)
    if kind is None or not may(by, kind.permission, team=assessment.case.team):
        raise ValidationError(
            "You cannot do the other review that is due, so this one does not answer it too. Send the CRAM by itself."
        )
    if assessment.case.officer_in_case == by:
        raise ValidationError(
            "You are the officer in case: another sergeant supervises your investigation. Send the CRAM by itself."
        )


def check_nothing_new(assessment: Assessment, nothing_new: bool) -> None:
    """That nothing is new is not said beside something new."""
    if nothing_new and assessment.new_information.exists():
        raise ValidationError({"nothing_new": "Something new is recorded in this review already"})


def check_new_information(assessment: Assessment, what: str, shared: object, why_not: str) -> None:
    """New information was passed on, or it is said why not (HMIC 2010, AFI 1). A form that is sent twice is recorded
    once."""
    if not what.strip():
        raise ValidationError({"what": "Say what is new"})
    if shared is None and not why_not.strip():
        raise ValidationError({"why_not": "Select what was shared, or say why it was not"})
    if shared is not None and why_not.strip():
        raise ValidationError({"why_not": "Leave this empty where it was shared"})
    rows = NewInformation.objects.filter(assessment=assessment, what=what)
    if (same := rows.select_related("recorded_by").first()) is not None:
        raise ValidationError(f"{same.recorded_by} recorded this on {moment(same.recorded_at)}.")


def check_endorse(assessment: Assessment, *, by: User) -> None:
    """A second person endorses, and only what waits for it: nobody endorses their own work (CAIT default)."""
    check_open(assessment.case)
    if assessment.state == AssessmentState.ENDORSED:
        raise ChangedMeanwhile(
            f"{assessment.endorsed_by} endorsed this CRAM on {moment(assessment.endorsed_at)}.",  # type: ignore[arg-type]
            "Nothing is left to do.",
        )
    if assessment.state == AssessmentState.RETURNED:
        raise ChangedMeanwhile("This CRAM was returned to be put right.", "It comes back when it is sent again.")
    check_not_discarded(assessment)
    if assessment.state != AssessmentState.SUBMITTED:
        raise ValidationError("This CRAM is still being written. Its officer sends it when it is whole.")
    if by.pk in whose_work(assessment):
        raise ValidationError("You sent this CRAM yourself, or set its level. Another sergeant endorses it.")


def check_return(assessment: Assessment, words: str) -> None:
    """Whoever returns an assessment says why; one that was overtaken by a newer is not put right any more."""
    newer = Assessment.objects.filter(case=assessment.case, number__gt=assessment.number)
    newer = newer.exclude(state=AssessmentState.DISCARDED)
    if (other := newer.select_related("started_by").order_by("number").first()) is not None:
        raise ValidationError(
            f"{other.started_by} began a newer CRAM on {moment(other.started_at)}, so this one is not put right any "
            "more. Endorse it with what you have to add, or return the newer one."
        )
    if not words.strip():
        raise ValidationError({"words": "Say what must be put right"})


def check_decided(assessment: Assessment, what: str, why: str) -> None:
    """A decision says what and why. A form that is sent twice is recorded once."""
    if not what.strip():
        raise ValidationError({"what": "Say what is decided"})
    if not why.strip():
        raise ValidationError({"why": "Say why"})
    rows = Decided.objects.filter(assessment=assessment, what=what, why=why)
    if (same := rows.select_related("decided_by").first()) is not None:
        raise ValidationError(f"{same.decided_by} recorded this decision on {moment(same.decided_at)}.")


def check_direction_is_new(assessment: Assessment, *, what: str, owner: User, due_on: date) -> None:
    """A form that is sent twice adds one action."""
    same = Action.objects.filter(what=what, owner=owner, due_on=due_on, state=ActionState.OPEN)
    rows = Direction.objects.filter(assessment=assessment, action__in=same)
    if (direction := rows.select_related("action__added_by").first()) is not None:
        action = direction.action
        raise ValidationError(f"{action.added_by} added this action on {moment(action.added_at)}.")


def check_gap(question: str, *, owner: User, due_on: date, case: Case) -> None:
    """A gap says what is to be found out, by somebody who can, and not by a day that is over."""
    if not question.strip():
        raise ValidationError({"question": "Say what we need to know"})
    check_due(due_on, today=clock.today())
    check_can_work_on(owner, case=case, field="owner")


def check_is_asked(assessment: Assessment, keys: Sequence[tuple[str, int | None, int | None]]) -> None:
    """Only factors of the assessment's own matrix are answered, about whoever it asks about."""
    asked = {
        (question.factor.code, *section.about.ids)
        for section in sections_of(assessment)
        for question in section.questions
    }
    if any(key not in asked for key in keys):
        raise ValidationError("Somebody was put on the record or taken off it meanwhile. Open the section again.")


# --- research on police systems ------------------------------------------------------------------


def check_systems(systems: Sequence[str]) -> None:
    """A request says what is to be searched, and nothing that is no police system."""
    if not systems:
        raise ValidationError({"systems": ValidationError("Select which systems are to be searched", code="whole")})
    if unknown := [each for each in systems if each not in System.values]:
        raise ValidationError({"systems": f"This is no system that CAIT knows: {unknown[0]}"})


def check_asked_why(why: str) -> None:
    """Whoever searches knows what is looked for: police systems are searched for a reason."""
    if not why.strip():
        raise ValidationError({"why": "Say what is looked for, and why"})


def check_since(since: date | None, *, by_on: date) -> None:
    """What is new is new since a day that is over, or since that day itself."""
    if since is not None and since > by_on:
        raise ValidationError({"since": f"This must be {day(by_on)} or before"})


def check_request_is_new(request: ResearchRequest, people: Iterable[Person]) -> None:
    """A form that is sent twice is recorded once."""
    ids = {person.pk for person in people}
    rows = ResearchRequest.objects.filter(
        case=request.case, state=RequestState.ASKED, systems=request.systems, why=request.why, since=request.since
    )
    rows = rows.filter(due_on=request.due_on).select_related("asked_by").prefetch_related("people")
    for same in rows:
        if {person.pk for person in same.people.all()} == ids:
            raise ValidationError(f"{same.asked_by} asked for this on {moment(same.asked_at)} already.")


def check_drop_research(request: ResearchRequest) -> None:
    """A request ends once; the second who tries reads who ended it, and how."""
    if request.state == RequestState.ASKED or request.ended_at is None:
        return
    if request.state == RequestState.DONE:
        raise ChangedMeanwhile(
            f"{request.ended_by} recorded the last of these searches on {moment(request.ended_at)}.",
            "Nothing is left to do.",
        )
    raise ChangedMeanwhile(
        f"{request.ended_by} recorded on {moment(request.ended_at)} that this research is not needed: "
        f"“{request.ended_why}”",
        "Nothing is left to do.",
    )


def check_not_needed(why: str) -> None:
    """Whoever asked reads why nobody searched."""
    if not why.strip():
        raise ValidationError({"why": "Say why it is not needed"})


def check_searches(searches: Sequence[tuple[str, bool, str]]) -> None:
    """At least one system was searched, each is named once, and of what was found it is said what."""
    if not searches:
        raise ValidationError({"searches": "Say of at least one system what the search found"})
    systems = [system for system, _, _ in searches]
    if unknown := [each for each in systems if each not in System.values]:
        raise ValidationError({"searches": f"This is no system that CAIT knows: {unknown[0]}"})
    if twice := [each for each in System if systems.count(each) > 1]:
        raise ValidationError({"searches": f"{twice[0].short} stands there twice. Say in one what was found"})
    if silent := [System(system) for system, found, result in searches if found and not result.strip()]:
        raise ValidationError({"searches": f"Say what was found in {silent[0].short}"})


def check_searched_at(searched_at: datetime, *, now: datetime) -> None:
    """What is recorded as searched was searched."""
    if searched_at > now:
        sentence = f"This is in the future: it is {moment(now)} now. Check the date and the time"
        raise ValidationError({"searched_at": sentence})


def check_searches_are_new(of: Search, searches: Sequence[tuple[str, bool, str]], people: Iterable[Person]) -> None:
    """A form that is sent twice is recorded once. `of`: one of the searches, with what they have in common."""
    ids = {person.pk for person in people}
    rows = Search.objects.filter(
        case=of.case, searched_at__gte=minute(of.searched_at), since=of.since, searched_by=of.searched_by
    )
    for same in rows.select_related("recorded_by").prefetch_related("people").order_by("pk"):
        says = (same.system, same.found, same.result)
        at_once = minute(same.searched_at) == minute(of.searched_at)
        if at_once and says in searches and {person.pk for person in same.people.all()} == ids:
            raise ValidationError(
                f"{same.recorded_by} recorded this search of {System(same.system).short} on "
                f"{moment(same.recorded_at)} already. Leave out what is recorded."
            )
