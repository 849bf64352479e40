"""Where the level and the answers contradict each other: what is said of it, and that it is answered in writing."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from cases.enums import Level
from cases.models import Case
from cram.actions import Answered, answer_gap, end_risk, save_answers, set_level, submit_assessment
from cram.challenges import challenges
from cram.enums import AssessmentState, Said, Works
from cram.models import Assessment, Gap
from team.models import User
from tests.factories.assessing import WHY, an_assessment, answered, submitted
from tests.factories.managing import a_managed_risk, a_measure, a_risk
from tests.factories.referrals import a_case, a_child
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

STANDARD, MEDIUM, HIGH = Level.STANDARD, Level.MEDIUM, Level.HIGH
ON_A_PLAN = "“Subject to a child protection plan, Ellis Brannock” is answered yes"


def system() -> User:
    return User.objects.system()


def a_childs_case() -> Case:
    return a_case(children=[a_child("Ellis", "Brannock")])


@pytest.fixture(scope="module")
def built_assessment(shared: Shared) -> Assessment:
    return shared(lambda: an_assessment(a_childs_case()))


@pytest.fixture
def assessment(built_assessment: Assessment) -> Assessment:
    """A first CRAM that is being written, about one child."""
    return own(built_assessment)


def levelled(assessment: Assessment, level: Level = STANDARD, answer: str = "") -> Assessment:
    return set_level(assessment, level=level, rationale=WHY, challenge_answer=answer, by=system())


def said(assessment: Assessment, level: Level) -> list[str]:
    return challenges(assessment, level)


# --- what speaks against it ----------------------------------------------------------------------


def test_where_nothing_is_found_nothing_speaks_against_standard_or_medium(assessment: Assessment) -> None:
    answered(assessment, Said.NO)
    assert (said(assessment, STANDARD), said(assessment, MEDIUM), challenges(assessment)) == ([], [], [])


def test_a_high_level_is_challenged_where_nothing_at_all_is_recorded(assessment: Assessment) -> None:
    assert said(assessment, HIGH) == ["the level is high, and neither a risk nor a definite factor is recorded"]
    answered(assessment, Said.YES)
    a_risk(assessment.case)
    assert said(assessment, HIGH) == []


def test_a_definite_factor_without_a_risk_speaks_against_every_level(assessment: Assessment) -> None:
    answered(assessment, Said.YES)
    for level in Level:
        assert said(assessment, level) == [f"no risk is identified, though {ON_A_PLAN}"]
    answered(assessment, Said.YES, number=1)
    assert said(assessment, HIGH) == [f"no risk is identified, though {ON_A_PLAN}, and 1 more"]


def test_a_definite_factor_speaks_against_standard_though_its_risk_is_managed(assessment: Assessment) -> None:
    answered(assessment, Said.YES)
    a_managed_risk(assessment.case)
    assert said(assessment, STANDARD) == [ON_A_PLAN]
    assert said(assessment, MEDIUM) == []


def test_what_only_may_indicate_vulnerability_speaks_against_nothing(assessment: Assessment) -> None:
    child = assessment.case.people.get()
    disabled = Answered("disability", person=child.pk, said=Said.YES)
    save_answers(assessment, answers=[disabled], by=system())
    assert [said(assessment, level) for level in (STANDARD, MEDIUM)] == [[], []]


@pytest.mark.parametrize("works", [Works.UNCHECKED, Works.DOUBT, Works.NO])
def test_a_risk_that_nothing_manages_speaks_against_anything_but_high(works: Works, assessment: Assessment) -> None:
    risk = a_risk(assessment.case, "The uncle reaching the children")
    a_measure(risk, works=works)
    sentence = "a risk has no control measure that works: The uncle reaching the children"
    assert [said(assessment, level) for level in Level] == [[sentence], [sentence], []]
    a_measure(risk, what="He is in custody", works=Works.YES)
    assert said(assessment, STANDARD) == []


def test_a_risk_that_is_present_no_more_speaks_against_nothing(assessment: Assessment) -> None:
    end_risk(a_risk(assessment.case), why="He is in custody", by=system())
    assert said(assessment, STANDARD) == []


def test_open_gaps_speak_against_standard_until_they_are_answered(assessment: Assessment) -> None:
    answered(assessment, Said.NOT_KNOWN)
    assert (said(assessment, STANDARD), said(assessment, MEDIUM)) == (["1 intelligence gap is open"], [])
    answered(assessment, Said.NOT_KNOWN, number=1)
    assert said(assessment, STANDARD) == ["2 intelligence gaps are open"]
    for gap in Gap.objects.all():
        answer_gap(gap, resolution="The school knows", by=system())
    assert said(assessment, STANDARD) == []


def test_on_a_review_what_was_not_so_last_time_speaks_against_medium(assessment: Assessment) -> None:
    answered(assessment, Said.YES)
    a_managed_risk(assessment.case)
    submitted(assessment.case, MEDIUM)
    review = an_assessment(assessment.case)
    answered(review, Said.YES)
    assert said(review, MEDIUM) == []
    answered(review, Said.YES, number=1)
    assert said(review, MEDIUM) == [
        "“Injury caused by a weapon, Ellis Brannock” is answered yes, and was not last time"
    ]


def test_a_lower_level_than_last_time_is_challenged_where_there_is_more_risk() -> None:
    case = a_childs_case()
    risk = a_risk(case)
    submitted(case, HIGH)  # which its unmanaged risk speaks for
    review = an_assessment(case)
    lower = "the level is lower than last time (high), and there is more risk"
    assert lower in said(review, MEDIUM)
    assert lower not in said(review, HIGH)
    a_measure(risk, works=Works.YES)
    assert said(review, MEDIUM) == []
    answered(review, Said.YES)
    assert lower in said(review, MEDIUM)


# --- answered in writing -------------------------------------------------------------------------


def test_what_speaks_against_it_is_answered_before_it_is_sent_and_stands_with_it(assessment: Assessment) -> None:
    answered(assessment, Said.NOT_KNOWN)
    levelled(assessment)
    with pytest.raises(ValidationError) as refused:
        submit_assessment(assessment, by=system())
    assert refused.value.messages == [
        "The level does not fit the answers: 1 intelligence gap is open. Change the level, or say why it is right."
    ]
    now = levelled(assessment, answer="The nurse is rung today")
    assert now.challenged == ["1 intelligence gap is open"]
    sent = submit_assessment(assessment, by=system())
    assert (sent.state, sent.challenge_answer) == (AssessmentState.SUBMITTED, "The nurse is rung today")
    entry = assessment.case.entries.latest("pk")
    assert entry.text.endswith("Against it spoke: 1 intelligence gap is open. The nurse is rung today")


def test_a_level_that_fits_needs_no_answer_and_another_level_is_one(assessment: Assessment) -> None:
    answered(assessment, Said.NOT_KNOWN)
    levelled(assessment, MEDIUM)
    assert submit_assessment(assessment, by=system()).challenged == []


def test_what_came_to_speak_against_it_since_is_read_before_it_is_sent(assessment: Assessment) -> None:
    answered(assessment, Said.NOT_KNOWN)
    levelled(assessment, answer="The nurse is rung today")
    a_risk(assessment.case, "The uncle reaching the children")
    with pytest.raises(ValidationError) as refused:
        submit_assessment(assessment, by=system())
    assert refused.value.messages == [
        "Since you said why the level is right, this has come to speak against it: a risk has no control measure "
        "that works: The uncle reaching the children. Look at the level again."
    ]
    levelled(assessment, answer="He is abroad until Friday")
    assert submit_assessment(assessment, by=system()).state == AssessmentState.SUBMITTED


def test_what_spoke_against_it_and_does_no_more_keeps_nothing_back(assessment: Assessment) -> None:
    answered(assessment, Said.NOT_KNOWN)
    levelled(assessment, answer="The nurse is rung today")
    answered(assessment, Said.NO)
    assert submit_assessment(assessment, by=system()).state == AssessmentState.SUBMITTED


def test_the_level_is_never_set_by_itself(assessment: Assessment) -> None:
    for number in range(5):
        answered(assessment, Said.YES, number=number)
    assert Assessment.objects.get(pk=assessment.pk).level == ""
    levelled(assessment, answer="All of it is of long ago")
    assert submit_assessment(assessment, by=system()).level == STANDARD
