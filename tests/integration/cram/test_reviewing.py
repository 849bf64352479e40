"""An assessment is endorsed or returned by a second person, and reviewed: by when, on what, and how well."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string

from cases.actions import agree_closure, assign_case, reopen_case, share_information
from cases.enums import Basis, Level, Partner, Way
from cases.models import Case, Entry
from cram.actions import (
    Directed,
    add_new_information,
    endorse_assessment,
    return_assessment,
    set_level,
    submit_assessment,
)
from cram.enums import AssessmentState, Outcome, Said, Works
from cram.models import Assessment
from cram.paper import as_it_was
from cram.queries import last_submitted, sections_of
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState
from pages.words import moment
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from team.permissions import NotAllowed
from tests.factories.assessing import WHY, WITHOUT, an_assessed_case, an_assessment, answered, assessed, submitted
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_investigation, asked_to_close
from tests.factories.managing import a_measure, a_risk, checked
from tests.factories.referrals import a_case
from tests.factories.researching import searched
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

# A Monday.
MONDAY = datetime(2009, 11, 16, 10, 0, tzinfo=LONDON)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def system() -> User:
    return User.objects.system()


def a_sergeant(**other: Any) -> User:
    return an_officer(Role.SUPERVISOR, **other)


def open_duty(case: Case, kind: str) -> Duty:
    return Duty.objects.get(case=case, kind=kind, state=DutyState.OPEN)


def states(case: Case, kind: str) -> list[str]:
    return list(Duty.objects.filter(case=case, kind=kind).order_by("cycle", "pk").values_list("state", flat=True))


def all_well(case: Case) -> bool:
    return [each.words for each in findings_of(case)] == []


def returned(assessment: Assessment, by: User | None = None, words: str = "Who has the child tonight?") -> Assessment:
    return return_assessment(assessment, words=words, by=by or a_sergeant()).assessment


# --- endorsed ------------------------------------------------------------------------------------


def test_another_endorses_it_with_what_they_add(sent: Assessment) -> None:
    by = a_sergeant()
    endorsement = endorse_assessment(sent, words="A thin picture, well argued", by=by)
    sent.refresh_from_db()
    assert (sent.state, sent.endorsed_by, sent.endorsed_in_time) == ("endorsed", by, True)
    assert (endorsement.outcome, endorsement.given_by) == (Outcome.ENDORSED, by)
    case = sent.case
    assert states(case, "endorse_cram") == [DutyState.SATISFIED]
    entry = Entry.objects.filter(case=case).latest("pk")
    assert (entry.title, entry.text, entry.significant) == (
        "First CRAM endorsed",
        "A thin picture, well argued",
        True,
    )
    assert all_well(case)


def test_nobody_endorses_or_returns_their_own(case: Case) -> None:
    by = a_sergeant()
    assessment = submitted(case, by=by)
    for act in (lambda: endorse_assessment(assessment, by=by), lambda: returned(assessment, by)):
        with pytest.raises(ValidationError, match="You sent this CRAM yourself"):
            act()
    endorsed = {"state": "endorsed", "endorsed_at": clock.moment(), "endorsed_by": by}
    with pytest.raises(IntegrityError, match="nobody_endorses_their_own"), transaction.atomic():
        Assessment.objects.filter(pk=assessment.pk).update(**endorsed)


def test_the_endorsement_falls_to_the_records_supervisor_unless_they_sent_it(case: Case) -> None:
    supervisor = a_sergeant()
    own = a_case()
    for each in (case, own):
        officer = an_officer(Role.INVESTIGATOR)
        assign_case(each, officer_in_case=officer, supervisor=supervisor, by=system())
    submitted(case)
    submitted(own, by=supervisor)
    assert (open_duty(case, "endorse_cram").owner, open_duty(own, "endorse_cram").owner) == (supervisor, None)


@pytest.mark.parametrize(("hours", "in_time"), [(37, True), (38, False)])
def test_whether_it_was_endorsed_in_time_is_set_down_with_it(hours: int, in_time: bool) -> None:
    move_time_to(MONDAY)
    assessment = submitted(a_case())
    move_time_to(MONDAY + hours * HOUR)  # late from midnight after Tuesday
    assert endorse_assessment(assessment, by=a_sergeant()).assessment.endorsed_in_time is in_time


@pytest.mark.parametrize(("days", "in_time"), [(1, True), (10, False)])
def test_one_that_waited_too_long_to_be_returned_was_not_endorsed_in_time(days: int, in_time: bool) -> None:
    move_time_to(MONDAY)
    assessment = submitted(a_case())
    move_time_to(MONDAY + days * DAY)
    returned(assessment)
    submitted(assessment.case)
    assert endorse_assessment(assessment, by=a_sergeant()).assessment.endorsed_in_time is in_time


def test_what_a_supervisor_directs_becomes_actions_and_stands_with_it(sent: Assessment, case: Case) -> None:
    by, owner = a_sergeant(), an_officer(Role.INVESTIGATOR)
    directed = Directed("See the aunt", owner, clock.today())
    endorse_assessment(sent, directions=[directed], by=by)
    direction = sent.directions.get()
    assert (direction.by_supervisor, direction.action.what, direction.action.owner) == (True, "See the aunt", owner)
    assert direction.action.added_by == by
    elsewhere = Directed("See the aunt", an_officer(Role.INVESTIGATOR, a_team("ENF")), clock.today())
    other = submitted(case)
    with pytest.raises(ValidationError, match="holds no role in"):
        endorse_assessment(other, directions=[elsewhere], by=by)
    assert Assessment.objects.get(pk=other.pk).state == AssessmentState.SUBMITTED


def test_who_comes_second_reads_what_the_first_did(sent: Assessment) -> None:
    first, second = a_sergeant(), a_sergeant()
    opened_on = version_of(sent)
    returned(sent, first)
    with pytest.raises(ChangedMeanwhile, match="This CRAM was returned to be put right"):
        endorse_assessment(sent, version=opened_on, by=second)
    submitted(sent.case)
    with pytest.raises(ChangedMeanwhile, match="changed this while you had it open"):
        endorse_assessment(sent, version=opened_on, by=second)
    done = endorse_assessment(sent, by=first)
    said = f"{first} endorsed this CRAM on {moment(done.given_at)}. Nothing is left to do."
    with pytest.raises(ChangedMeanwhile) as refused:
        endorse_assessment(sent, by=second)
    assert refused.value.message == said
    with pytest.raises(ChangedMeanwhile):
        returned(sent, second)


def test_what_is_still_being_written_is_not_endorsed(begun: Assessment) -> None:
    with pytest.raises(ValidationError, match="still being written"):
        endorse_assessment(begun, by=a_sergeant())


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.PCLO, Role.RESEARCHER, Role.COMMAND])
def test_who_is_no_sergeant_endorses_nothing(role: Role, sent: Assessment) -> None:
    by = an_officer(role)
    with pytest.raises(NotAllowed, match="You cannot endorse assessments"):
        endorse_assessment(sent, by=by)


# --- returned ------------------------------------------------------------------------------------


def test_it_is_returned_with_reasons_put_right_and_sent_again() -> None:
    move_time_to(MONDAY)
    by, sergeant = an_officer(Role.DESK_SERGEANT), a_sergeant()
    assessment = submitted(a_case(), Level.STANDARD, by)
    case = assessment.case
    with pytest.raises(ValidationError) as refused:
        returned(assessment, sergeant, words=" ")
    assert list(refused.value.message_dict) == ["words"]
    returned(assessment, sergeant)
    duty = open_duty(case, "cram_returned")
    assert (duty.owner, duty.subject, str(duty.due_on)) == (by, assessment.pk, "2009-11-17")
    assert (states(case, "endorse_cram"), all_well(case)) == ([DutyState.SATISFIED], True)
    assert (last_submitted(case), last_submitted(case).state) == (assessment, "returned")  # type: ignore[union-attr]
    entry = Entry.objects.filter(case=case).latest("pk")
    assert (entry.title, entry.text) == ("First CRAM returned to be put right", "Who has the child tonight?")
    move_time_to(MONDAY + DAY)
    answered(assessment, Said.NO)  # it can be changed again
    set_level(assessment, level=Level.MEDIUM, rationale="The aunt has her", by=by)
    submit_assessment(assessment, by=by)
    assessment.refresh_from_db()
    assert (assessment.state, assessment.submitted_at.date().isoformat()) == ("submitted", "2009-11-17")  # type: ignore[union-attr]
    assert Case.objects.get(pk=case.pk).level == Level.MEDIUM
    assert (states(case, "cram_returned"), states(case, "endorse_cram")) == (
        [DutyState.SATISFIED],
        [DutyState.SATISFIED, DutyState.OPEN],
    )
    # The next review counts from the day on which it was sent first: it was put right, and nothing reviewed anew.
    assert (states(case, "cram_review"), str(open_duty(case, "cram_review").due_on)) == (
        [DutyState.OPEN],
        "2009-12-28",
    )
    assert (assessment.on_time, all_well(case)) == (True, True)  # as it was sent first
    endorse_assessment(assessment, by=sergeant)
    assert [each.outcome for each in assessment.endorsements.order_by("pk")] == ["returned", "endorsed"]


def test_what_is_put_right_after_the_next_review_came_due_leaves_that_late() -> None:
    move_time_to(datetime(2009, 12, 12, 10, 0, tzinfo=LONDON))
    case = an_investigation()
    returned(submitted(case))
    move_time_to(clock.now() + 43 * DAY)
    review, supervision = open_duty(case, "cram_review"), open_duty(case, "supervision")
    with pytest.raises(ValidationError, match="No review of the CRAM is due with the other one"):
        submit_assessment(Assessment.objects.get(case=case), together_with=supervision, by=a_sergeant())
    again = submitted(case)
    assert list(Duty.objects.filter(case=case, kind="cram_review", state=DutyState.OPEN)) == [review]
    assert review.late_from < again.submitted_at  # type: ignore[operator]
    assert all_well(case)
    with pytest.raises(IntegrityError, match="submitted_assessment_was_sent_first"), transaction.atomic():
        Assessment.objects.filter(pk=again.pk).update(first_submitted_at=None)


def test_what_was_returned_keeps_another_from_being_begun(sent: Assessment) -> None:
    assessment = returned(sent)
    with pytest.raises(ChangedMeanwhile, match="Go on with that one"):
        an_assessment(assessment.case)


# --- reviewed ------------------------------------------------------------------------------------


def test_the_next_review_counts_from_the_last_that_was_sent() -> None:
    move_time_to(MONDAY)
    case = an_assessed_case()
    move_time_to(MONDAY + 41 * DAY)
    review = submitted(case, Level.MEDIUM)
    assert (review.kind, review.number, review.on_time) == ("review", 2, True)
    assert review.previous == Assessment.objects.get(case=case, number=1)
    due = Duty.objects.filter(case=case, kind="cram_review").order_by("cycle").values_list("due_on", flat=True)
    assert [str(each) for each in due] == ["2009-12-28", "2010-02-07"]
    assert states(case, "cram_review") == [DutyState.SATISFIED, DutyState.OPEN]
    assert all_well(case)


def test_a_review_that_is_sent_after_its_date_is_late() -> None:
    move_time_to(MONDAY)
    case = an_assessed_case()
    move_time_to(MONDAY + 43 * DAY)
    assert submitted(case).on_time is False


def test_a_review_shows_each_answer_beside_that_of_last_time(begun: Assessment) -> None:
    answered(begun, Said.NO)
    answered(begun, Said.NOT_ASKED, number=1)
    case = assessed(begun.case).case
    review = an_assessment(case)
    answered(review, Said.YES)
    answered(review, Said.NO, number=1)
    changed, new, untouched = sections_of(review)[0].questions[:3]
    assert (changed.is_changed, changed.is_first_answer, changed.before.said) == (True, False, Said.NO)  # type: ignore[union-attr]
    assert (new.is_changed, new.is_first_answer) == (False, True)
    assert (untouched.is_asked, untouched.before, untouched.said) == (False, None, Said.NOT_ASKED)


def test_what_was_answered_last_time_is_answered_again_before_a_review_is_sent(begun: Assessment) -> None:
    for number in range(2):
        answered(begun, Said.NO, number=number)
    case = assessed(begun.case).case
    review = an_assessment(case)
    with pytest.raises(ValidationError, match="2 factors that were answered last time"):
        submitted(case)
    answered(review, Said.NO)
    with pytest.raises(ValidationError, match="A factor that was answered last time is not answered yet: "):
        submitted(case)
    answered(review, Said.NOT_KNOWN, number=1)
    assert submitted(case, Level.MEDIUM).state == AssessmentState.SUBMITTED


def test_a_review_says_what_is_new_and_who_was_told_or_that_nothing_is(assessed_case: Case) -> None:
    with pytest.raises(ValidationError, match="or that nothing is new"):
        submitted(assessed_case, nothing_new=False)
    review = Assessment.objects.get(case=assessed_case, number=2)
    with pytest.raises(ValidationError) as refused:
        add_new_information(review, what="He has moved in", by=system())
    assert list(refused.value.message_dict) == ["why_not"]
    said: dict[str, Any] = {"partner": Partner.SOCIAL_SERVICES, "to_whom": "S Arikan", "what": "He has moved in"}
    said |= {"way": Way.EMAIL, "basis": Basis.CRIME, "shared_at": clock.moment()}
    shared = share_information(assessed_case, **said, by=system())
    set_level(review, level=Level.STANDARD, rationale=WHY, nothing_new=True, by=system())
    new = add_new_information(review, what="He has moved in", shared=shared, by=system())
    with pytest.raises(ValidationError, match="recorded this on"):  # a form that is sent twice
        add_new_information(review, what="He has moved in", shared=shared, by=system())
    review.refresh_from_db()
    assert (review.nothing_new, list(review.new_information.all())) == (False, [new])
    with pytest.raises(ValidationError, match="Something new is recorded in this review already"):
        set_level(review, level=Level.STANDARD, rationale=WHY, nothing_new=True, by=system())
    sent = submit_assessment(review, sent_without=WITHOUT, by=system())
    assert (sent.sharing_answered, sent.research_repeated, sent.measures_checked) == (True, False, True)


def test_research_is_repeated_where_something_was_searched_since_the_last() -> None:
    move_time_to(MONDAY)
    case = a_case()
    searched(case)
    move_time_to(MONDAY + HOUR)
    assessed(case)
    move_time_to(MONDAY + DAY)
    assert submitted(case).research_repeated is False
    move_time_to(MONDAY + 2 * DAY)
    searched(case)
    assert submitted(case).research_repeated is True


def test_every_control_measure_that_runs_is_checked_in_the_review(case: Case) -> None:
    risk = a_risk(case)
    first, second = a_measure(risk, what="Bail", works=Works.YES), a_measure(risk, what="An alarm", works=Works.YES)
    assessed(case)
    review = an_assessment(case)
    checked(first, assessment=review)
    set_level(review, level=Level.STANDARD, rationale=WHY, nothing_new=True, by=system())
    with pytest.raises(ValidationError) as refused:
        submit_assessment(review, sent_without=" \n", by=system())
    missing = "research was not repeated and 1 control measure was not checked"
    assert refused.value.message_dict == {"sent_without": [f"Say why the CRAM is sent although {missing}"]}
    sent = submit_assessment(review, sent_without=WITHOUT, by=system())
    assert (sent.measures_checked, sent.sent_without) == (False, WITHOUT)
    # What was made good before it is sent again needs no reason; how it was sent first is kept.
    returned(sent)
    checked(second, assessment=review)
    searched(case)
    sent = submit_assessment(review, by=system())
    assert (sent.measures_checked, sent.research_repeated, sent.sent_without) == (False, False, "")
    endorse_assessment(sent, by=a_sergeant())
    review = an_assessment(case)
    for each in (first, second):
        checked(each, found="Seen again", assessment=review)
    a_measure(risk, what="A lock")  # nobody could look at it before
    (then,) = as_it_was(review)["risks"]
    page = {"assessment": review, "since": sent.submitted_at}
    shown = [render_to_string("cram/_checked_then.html", {**page, "measure": each}) for each in then.measures]
    assert not [each for each in shown if "ot checked again" in each or "ot checked since" in each]
    assert submitted(case).measures_checked is True


def test_a_record_that_is_opened_again_is_reviewed_when_it_would_have_been() -> None:
    move_time_to(MONDAY)
    case = agree_closure(asked_to_close(), by=a_sergeant()).case
    assert states(case, "cram_review") == [DutyState.CANCELLED]
    move_time_to(MONDAY + 10 * DAY)
    reopen_case(case, reason="Another call", by=a_sergeant())
    assert (str(open_duty(case, "cram_review").due_on), all_well(case)) == ("2009-12-28", True)


def test_one_that_was_closed_before_any_was_asked_for_has_its_first_when_it_is_opened_again(case: Case) -> None:
    Duty.objects.filter(case=case).update(
        state=DutyState.CANCELLED, ended_at=clock.now(), ended_by=system(), ended_why="As before CAIT asked for it"
    )
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=clock.now())
    reopen_case(case, reason="Another call", by=a_sergeant())
    assert states(case, "first_cram") == [DutyState.CANCELLED, DutyState.OPEN]
