"""An assessment is begun, answered as one works, given a level and sent; what it keeps, raises and refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.models import AuditEvent
from cases.actions import add_person, agree_closure, take_person_off
from cases.enums import Kind, Level, Part
from cases.models import Case, Entry
from cram.actions import (
    Answered,
    add_assessment_action,
    add_decision,
    save_answers,
    set_level,
    start_assessment,
    submit_assessment,
)
from cram.enums import AssessmentKind, AssessmentState, Category, Said
from cram.models import Answer, Assessment
from cram.policies import check_start
from cram.queries import being_written, last_submitted, matrix_in_force, sections_of
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState
from pages.words import moment
from people.said import PersonSaid
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from team.permissions import NotAllowed
from tests.factories.assessing import WHY, a_factor, an_assessment, answered, assessed, submitted
from tests.factories.clock import move_time_to
from tests.factories.deciding import asked_to_close
from tests.factories.matrix import a_version_to_come
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

# A Monday.
MONDAY = datetime(2009, 11, 16, 10, 0, tzinfo=LONDON)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def system() -> User:
    return User.objects.system()


def a_constable(**other: Any) -> User:
    return an_officer(Role.INVESTIGATOR, **other)


def refusal(act: Callable[..., Any], *args: Any, **said: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        act(*args, **{"by": system(), **said})
    return " ".join(refused.value.messages)


def beside(act: Callable[..., Any], *args: Any, **said: Any) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        act(*args, **{"by": system(), **said})
    return sorted(refused.value.message_dict)


def open_duties(case: Case) -> list[str]:
    rows = Duty.objects.filter(case=case, state=DutyState.OPEN).exclude(kind="triage")
    return sorted(rows.values_list("kind", flat=True))


def all_well(case: Case) -> bool:
    return [each.words for each in findings_of(case)] == []


def the_answer(assessment: Assessment) -> Answer:
    return Answer.objects.get(assessment=assessment)


# --- begun ---------------------------------------------------------------------------------------


def test_every_referral_has_a_first_one_due_24_hours_after_it_was_received() -> None:
    move_time_to(MONDAY)
    duty = Duty.objects.get(case=a_case(received_at=MONDAY - 2 * HOUR), kind="first_cram")
    assert (duty.due_at, duty.late_from) == (MONDAY + 22 * HOUR, MONDAY + 22 * HOUR)
    assert (duty.owner, duty.owner_role) == (None, Role.DESK_SERGEANT)
    assert "24 hours from Mon 16 Nov 2009, 8am (receipt)" in duty.reckoned.why.sentence()
    assert duty.reckoned.why.source.startswith("HMIC 2010, AFI 6")


def test_it_is_begun_on_the_version_of_the_matrix_that_is_in_force(case: Case) -> None:
    by = an_officer(Role.DESK_SERGEANT)
    assessment = start_assessment(case, by=by)
    assert (assessment.number, assessment.kind, assessment.state) == (1, "first", "under_way")
    assert (assessment.matrix.number, assessment.previous, assessment.started_by) == ("1.0", None, by)
    assert assessment.history.get().history_user == by
    assert (being_written(case), last_submitted(case)) == (assessment, None)
    assert open_duties(case) == ["first_cram"]  # begun is not done
    assert all_well(case)


def test_what_was_begun_on_one_version_stays_on_it(begun: Assessment) -> None:
    factors = [question.factor.pk for section in sections_of(begun) for question in section.questions]
    a_version_to_come()
    move_time_to(clock.now() + DAY)
    assert matrix_in_force() != begun.matrix
    now = Assessment.objects.get(pk=begun.pk)
    assert now.matrix.number == "1.0"
    assert factors == [q.factor.pk for section in sections_of(now) for q in section.questions]


def test_one_is_written_at_a_time_and_the_second_reads_who_began(case: Case) -> None:
    by = an_officer(Role.DESK_SERGEANT, name="Frayne")
    first = start_assessment(case, by=by)
    with pytest.raises(ChangedMeanwhile) as refused:
        start_assessment(case, by=a_constable())
    began = moment(first.started_at)
    assert refused.value.message == f"{by} began a CRAM of this record on {began}. Go on with that one."
    twin = Assessment(case=case, number=2, kind="first", matrix=first.matrix, started_by=by)
    with pytest.raises(IntegrityError, match="one_assessment_is_written_at_a_time"), transaction.atomic():
        twin.save()


def test_before_the_first_version_none_is_begun(case: Case) -> None:
    move_time_to(datetime(2003, 12, 1, 10, 0, tzinfo=LONDON))
    assert matrix_in_force() is None
    with pytest.raises(ValidationError, match="No version of the matrix is in force today"):
        check_start(case, None, by=User.objects.system())


@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.OFFICE_MANAGER, Role.COMMAND, Role.REVIEWER])
def test_who_does_not_assess_begins_none(role: Role, case: Case) -> None:
    by = an_officer(role)
    with pytest.raises(NotAllowed, match="You cannot assess the risk on a record"):
        start_assessment(case, by=by)


# --- whom it asks about --------------------------------------------------------------------------


def sections(assessment: Assessment) -> list[tuple[str, str]]:
    return [(section.about.key.split("-")[0], section.about.label) for section in sections_of(assessment)]


def a_family() -> Case:
    children = [a_child("Ellis", "Brannock", address="14 Marl Road, N17"), a_child("Nia", "Brannock")]
    case = a_case(children=children)
    suspect = PersonSaid(given_names="Dean", family_name="Corrie")
    add_person(case, part=Part.SUSPECT, said=suspect, on=clock.today(), by=system())
    return case


def test_each_child_each_suspect_and_each_household_is_asked_about() -> None:
    case = a_family()
    assert sections(an_assessment(case)) == [
        ("child", "Ellis Brannock"),
        ("child", "Nia Brannock"),
        ("suspect", "Dean Corrie"),
        ("household", "14 Marl Road, N17"),
    ]


def test_where_nobody_knows_where_the_children_live_the_household_is_asked_about_all_the_same() -> None:
    assessment = an_assessment(a_case(children=[a_child("Ellis", "Brannock")]))
    assert sections(assessment)[-1] == ("household", "where the children live (address not known)")
    assert sections_of(assessment)[-1].about.key == "household-0"


def test_the_factors_that_may_indicate_stand_apart_from_the_definite_ones() -> None:
    child = sections_of(an_assessment(a_family()))[0]
    assert [each.factor.code for each in child.may_indicate] == ["disability", "private_fostering", "home_education"]
    assert len(child.definite) + len(child.may_indicate) == len(child.questions)
    assert child.asked == 0


def test_who_came_to_the_record_is_asked_about_and_who_was_answered_of_stays() -> None:
    case = a_family()
    assessment = an_assessment(case)
    suspect = case.parts.get(part=Part.SUSPECT)
    factor = a_factor(assessment, Category.SUSPECT)
    said = Answered(factor.code, person=suspect.person_id, said=Said.YES)
    save_answers(assessment, answers=[said], by=system())
    take_person_off(suspect, reason="Another man", by=system())
    add_person(case, part=Part.CHILD, said=PersonSaid(given_names="Tom"), on=clock.today(), by=system())
    labels = [label for _, label in sections(assessment)]
    assert "Dean Corrie" in labels
    assert "Tom (family name not known)" in labels
    submitted(case, Level.HIGH, challenge_answer="He was named by mistake")
    assert [label for _, label in sections(Assessment.objects.get(pk=assessment.pk))] == [
        "Dean Corrie"
    ]  # what was answered


# --- the level -----------------------------------------------------------------------------------


def test_the_level_is_set_with_a_rationale_and_both_may_wait(begun: Assessment) -> None:
    by = a_constable()
    assert beside(set_level, begun, level=Level.HIGH, rationale=" ") == ["rationale"]
    assert beside(set_level, begun, level="", rationale="He is back") == ["level"]
    assert beside(set_level, begun, level="enormous", rationale="He is back") == ["level"]
    set_level(begun, level="", rationale="", by=by)
    now = set_level(begun, level=Level.HIGH, rationale="He is back tonight", by=by)
    assert (now.level, now.rationale, now.history.latest("history_id").history_user) == (
        Level.HIGH,
        "He is back tonight",
        by,
    )
    assert Case.objects.get(pk=begun.case_id).level == ""  # the record's own waits until it is sent


def test_two_who_set_it_at_once_do_not_overwrite_each_other(begun: Assessment) -> None:
    first = a_constable()
    opened_on = version_of(begun)
    set_level(begun, level=Level.HIGH, rationale="He is back tonight", version=opened_on, by=first)
    with pytest.raises(ChangedMeanwhile) as refused:
        set_level(begun, level=Level.STANDARD, rationale="All is quiet", version=opened_on, by=a_constable())
    assert f"{first} changed this while you had it open" in refused.value.message
    assert "Standard" not in refused.value.message
    assert Assessment.objects.get(pk=begun.pk).level == Level.HIGH


def test_a_decision_says_what_and_why_and_stands_in_the_chronology_once(begun: Assessment) -> None:
    by = a_constable()
    assert beside(add_decision, begun, what=" ", why="x") == ["what"]
    assert beside(add_decision, begun, what="x", why=" ") == ["why"]
    said: dict[str, Any] = {"what": "He stays away", "why": "She is afraid", "not_chosen": "An order"}
    decided = add_decision(begun, **said, by=by)
    assert f"{by} recorded this decision on" in refusal(add_decision, begun, **said)
    assert list(begun.decided.all()) == [decided]
    entry = Entry.objects.filter(case=begun.case).latest("pk")
    assert (entry.title, entry.kind, entry.significant) == ("He stays away", Kind.DECISION, True)
    assert entry.text == "Why: She is afraid\n\nNot chosen: An order"


def test_an_action_that_it_calls_for_is_an_action_of_the_record(begun: Assessment) -> None:
    by, owner = a_constable(), a_constable()
    said: dict[str, Any] = {"what": "See the aunt", "owner": owner, "due_on": clock.today()}
    action = add_assessment_action(begun, **said, by=by)
    assert (action.case, action.owner, action.added_by) == (begun.case, owner, by)
    direction = begun.directions.get()
    assert (direction.action, direction.by_supervisor) == (action, False)
    assert f"{by} added this action on" in refusal(add_assessment_action, begun, **said)
    elsewhere = a_constable(team=a_team("ENF"))
    assert beside(add_assessment_action, begun, **{**said, "owner": elsewhere}) == ["owner"]
    assert beside(add_assessment_action, begun, **{**said, "due_on": clock.today() - DAY}) == ["due_on"]
    assert begun.case.actions.count() == 1


# --- sent ----------------------------------------------------------------------------------------


def test_once_it_is_sent_it_counts_and_the_level_goes_to_the_record() -> None:
    move_time_to(MONDAY)
    case, by = a_case(received_at=MONDAY - HOUR), an_officer(Role.DESK_SERGEANT)
    assessment = submitted(case, Level.MEDIUM, by)
    assert (assessment.state, assessment.submitted_by) == (AssessmentState.SUBMITTED, by)
    assert last_submitted(case) == assessment
    case.refresh_from_db()
    assert (case.level, case.history.latest("history_id").history_user) == (Level.MEDIUM, by)
    assert open_duties(case) == ["cram_review", "endorse_cram"]
    first = Duty.objects.get(case=case, kind="first_cram")
    assert (first.state, first.ended_by, first.ended_why) == (DutyState.SATISFIED, by, "First CRAM sent")
    review, endorse = (Duty.objects.get(case=case, kind=kind) for kind in ("cram_review", "endorse_cram"))
    assert (str(review.due_on), review.owner_role) == ("2009-12-28", Role.SUPERVISOR)  # the handbook's own example
    assert "42 days from Mon 16 Nov 2009" in review.reckoned.why.sentence()
    assert (str(endorse.due_on), endorse.subject, endorse.owner) == ("2009-11-17", assessment.pk, None)
    entry = Entry.objects.filter(case=case).latest("pk")
    assert (entry.title, entry.significant) == ("First CRAM sent for endorsement", True)
    assert entry.text == f"Level: Medium. Why: {WHY}"
    assert AuditEvent.objects.latest("pk").detail == {"assessment": 1, "level": "medium"}
    assert all_well(case)


def test_without_a_level_and_its_reason_it_is_not_sent(begun: Assessment) -> None:
    assert refusal(submit_assessment, begun) == "Set the level and say why, before you send the CRAM."
    assert open_duties(begun.case) == ["first_cram"]


def test_what_is_sent_twice_is_sent_once(begun: Assessment) -> None:
    by = a_constable()
    set_level(begun, level=Level.HIGH, rationale=WHY, challenge_answer="He is back", by=by)
    submit_assessment(begun, by=by)
    with pytest.raises(ChangedMeanwhile, match=f"{by} sent this CRAM for endorsement on"):
        submit_assessment(begun, by=by)
    assert Duty.objects.filter(case=begun.case, kind="endorse_cram").count() == 1


def test_what_changed_since_the_page_was_opened_is_read_before_it_is_sent(begun: Assessment) -> None:
    set_level(begun, level=Level.STANDARD, rationale=WHY, by=system())
    opened_on = version_of(begun)
    set_level(begun, level=Level.MEDIUM, rationale=WHY, by=system())
    with pytest.raises(ChangedMeanwhile, match="Standard became Medium"):
        submit_assessment(begun, version=opened_on, by=system())


def test_nothing_of_what_was_sent_is_changed_any_more(begun: Assessment) -> None:
    owner = a_constable()
    answered(begun, Said.NO)
    submitted(begun.case)
    acts: list[Callable[[], Any]] = [
        lambda: answered(begun, Said.YES),
        lambda: set_level(begun, level=Level.HIGH, rationale="x", by=system()),
        lambda: add_decision(begun, what="x", why="x", by=system()),
        lambda: add_assessment_action(begun, what="x", owner=owner, due_on=clock.today(), by=system()),
    ]
    for act in acts:
        with pytest.raises(ChangedMeanwhile, match="What you typed is still below"):
            act()
    assert the_answer(begun).said == Said.NO


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cram_answer SET said = 'yes'",
        "DELETE FROM cram_answer",
        "INSERT INTO cram_answer (assessment_id, factor_id, said, note, source, version, answered_by_id) "
        "SELECT assessment_id, factor_id, 'yes', '', '', 1, answered_by_id FROM cram_answer",
    ],
)
def test_the_database_itself_refuses_another_answer_to_what_was_sent(statement: str, begun: Assessment) -> None:
    answered(begun, Said.NO)
    submitted(begun.case)
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="answers of a CRAM that was sent stay"), transaction.atomic():
        connection.cursor().execute(statement)


def test_on_a_closed_record_nothing_is_assessed() -> None:
    case = agree_closure(asked_to_close(), by=an_officer(Role.SUPERVISOR)).case
    assert "is closed" in refusal(start_assessment, case)


# --- how well it was done ------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "on_time"), [(23, True), (24, False)])
def test_whether_the_first_was_sent_in_time_is_set_down_with_it(hours: int, on_time: bool) -> None:
    move_time_to(MONDAY)
    case = a_case(received_at=MONDAY)
    move_time_to(MONDAY + hours * HOUR)
    assessment = submitted(case)
    assert assessment.on_time is on_time
    # The rest is asked of reviews alone.
    assert (assessment.research_repeated, assessment.measures_checked, assessment.sharing_answered) == (None,) * 3


def test_a_first_before_a_conference_is_in_time_by_the_same_date(case: Case) -> None:
    assessment = submitted(case, kind=AssessmentKind.CONFERENCE)
    assert (assessment.kind, assessment.on_time) == (AssessmentKind.CONFERENCE, True)
    assert (open_duties(case), all_well(case)) == (["cram_review", "endorse_cram"], True)


def test_a_case_that_is_assessed_can_be_closed(case: Case) -> None:
    assessed(case)
    assert open_duties(case) == ["cram_review"]
