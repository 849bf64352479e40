"""What reading the room with fresh eyes found: it hid a risk, lost words, or let somebody do too much."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from cases.enums import Level
from cases.models import Case
from cases.policies import in_the_way
from cram import actions, duties
from cram.challenges import challenges
from cram.enums import Approach, Said, Works
from cram.models import Answer
from cram.queries import endorser_of, sections_of
from deadlines import clock, rules
from diary.checking import findings
from diary.models import Duty
from diary.steps import cancel_duty
from people.said import PersonSaid
from people.steps import record_people
from referrals.models import Referral
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import Team, User
from tests.factories.assessing import a_factor, answered, assessed, submitted
from tests.factories.managing import a_risk
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db
SYSTEM = User.objects.system


def of_an_old_log(case: Case) -> Case:
    """As if the record had come with an old log: nobody at the desk received it, and no first CRAM is due."""
    Referral.objects.filter(case=case).update(old_urn=f"07/{case.pk}")
    cancel_duty(duties.FIRST, case, why="It came with an old log", by=SYSTEM())
    return case


def open_reviews(case: Case) -> int:
    return Duty.objects.filter(case=case, kind=duties.REVIEW.code, state="open").count()


def test_no_record_leaves_its_reviews_to_one_that_is_never_reviewed() -> None:
    team = a_team()
    old = of_an_old_log(a_case(team, children=[a_child("Ellis", "Brannock")]))
    child = old.people.get()
    new = a_case(team, children=[PersonSaid(given_names="Ellis", family_name="Brannock", same_as=child.pk)])
    assessed(new)
    assert open_reviews(new) == 1
    assert findings([old.pk, new.pk]) == []
    assessed(old)  # from now on the older one, which leads, is reviewed
    assert (open_reviews(old), open_reviews(new)) == (1, 0)
    assert findings([old.pk, new.pk]) == []


def test_nobody_endorses_what_they_sent_once_or_set_the_level_of() -> None:
    team = a_team()
    one, other, third = (an_officer(Role.SUPERVISOR, team) for _ in range(3))
    constable = an_officer(Role.INVESTIGATOR, team)
    case = a_case(team)
    assessment = submitted(case, by=one)
    actions.return_assessment(assessment, words="Ask the aunt", by=other)
    assessment = actions.submit_assessment(assessment, by=constable)
    with pytest.raises(ValidationError, match="or set its level"):
        actions.endorse_assessment(assessment, by=one)
    case.supervisor = one
    assessment.case = case
    assert endorser_of(assessment) is None
    actions.endorse_assessment(assessment, by=third)


def test_what_contradicts_the_level_counts_as_answered_only_where_it_was_read(case: Case) -> None:
    assessment = actions.start_assessment(case, by=SYSTEM())
    answered(assessment, Said.YES)
    said: dict[str, Any] = {"level": Level.MEDIUM, "rationale": "He is away.", "challenge_answer": "Old bruises."}
    medium = challenges(assessment, Level.MEDIUM)
    actions.set_level(assessment, **said, read=medium, by=SYSTEM())
    a_risk(case)
    actions.set_level(assessment, **said | {"level": Level.STANDARD}, read=medium, by=SYSTEM())
    with pytest.raises(ValidationError, match="this has come to speak against it"):
        actions.submit_assessment(assessment, by=SYSTEM())
    assessment = actions.set_level(assessment, nothing_new=True, by=SYSTEM())
    assert assessment.level == Level.STANDARD
    with pytest.raises(ValidationError, match="this has come to speak against it"):
        actions.submit_assessment(assessment, by=SYSTEM())


def test_a_risk_in_a_home_whose_address_was_not_known_does_not_vanish_from_the_review(case: Case) -> None:
    assessment = actions.start_assessment(case, by=SYSTEM())
    code = next(each for each in sections_of(assessment) if each.about.key == "household-0").definite[0].factor.code
    actions.save_answers(assessment, answers=[actions.Answered(code, said=Said.YES, note="A knife.")], by=SYSTEM())
    said: dict[str, Any] = {
        "level": Level.HIGH,
        "rationale": "A knife in the home.",
        "challenge_answer": "Looked at today.",
    }
    actions.set_level(assessment, **said, by=SYSTEM())
    actions.endorse_assessment(
        actions.submit_assessment(assessment, by=SYSTEM()), by=an_officer(Role.SUPERVISOR, case.team)
    )
    child = case.people.get()
    moved = PersonSaid(
        given_names=child.given_names, family_name=child.family_name, same_as=child.pk, address="14 Marl Road, N17"
    )
    record_people([moved], on=clock.today(), by=SYSTEM())
    review = actions.start_assessment(case, by=SYSTEM())
    keys = [each.about.key for each in sections_of(review)]
    assert "household-0" in keys
    assert len([key for key in keys if key.startswith("household-")]) == 2
    actions.set_level(review, **said, nothing_new=True, by=SYSTEM())
    with pytest.raises(ValidationError, match="not answered yet"):
        actions.submit_assessment(review, by=SYSTEM())


def test_a_page_that_was_opened_on_an_earlier_cram_is_not_written_into_the_next(case: Case) -> None:
    first = actions.start_assessment(case, by=SYSTEM())
    answered(first, Said.NO)
    assessed(case)
    review = actions.start_assessment(case, by=SYSTEM())
    stale = actions.Answered(a_factor(first).code, person=case.people.get().pk, said=Said.NO, note="Old", version=1)
    with pytest.raises(ChangedMeanwhile, match="opened on an earlier CRAM"):
        actions.save_answers(review, answers=[stale], by=SYSTEM())
    assert not Answer.objects.filter(assessment=review).exists()


def test_whether_a_risk_is_still_accepted_is_said_by_who_may_accept_it() -> None:
    team = a_team()
    sergeant, constable = an_officer(Role.SUPERVISOR, team), an_officer(Role.INVESTIGATOR, team)
    risk = a_risk(a_case(team))
    offered = rules.MEASURE_CHECK.offered(clock.now())
    assert offered is not None
    measure = actions.set_measure(
        risk,
        approach=Approach.ACCEPT,
        what="Accepted until the court order",
        owner=sergeant,
        from_on=clock.today(),
        check_on=offered,
        works=Works.YES,
        found="The aunt is there each night.",
        by=sergeant,
    )
    look: dict[str, Any] = {"works": Works.YES, "found": "As before", "next_on": offered}
    with pytest.raises(PermissionDenied):
        actions.check_measure(measure, **look, by=constable)
    with pytest.raises(ValidationError, match="within a year"):
        actions.check_measure(measure, **look | {"next_on": offered.replace(year=offered.year + 3)}, by=sergeant)
    actions.check_measure(measure, **look, by=sergeant)


def test_what_was_typed_for_a_cram_that_was_sent_meanwhile_is_given_back(client: Client) -> None:
    team = a_team()
    officer = an_officer(Role.INVESTIGATOR, team)
    case = a_case(team)
    submitted(case)
    client.force_login(officer)
    for page, typed in (("level", "rationale"), ("decisions", "decision-why"), ("answer/all", "note-child-1-breach")):
        told = client.post(f"/cases/{case.number}/cram/{page}/", {typed: "He sleeps at his brother’s.", "do": "x"})
        assert told.status_code == 409
        words = " ".join(re.sub(r"<[^>]*>", " ", unescape(told.content.decode())).split())
        assert "This is not saved" in words
        assert "He sleeps at his brother’s." in words


def test_a_first_cram_under_way_stands_in_the_way_on_a_record_of_an_old_log_too() -> None:
    case = of_an_old_log(a_case())
    actions.start_assessment(case, by=SYSTEM())
    assert "A CRAM is under way" in [each.what for each in in_the_way(case)]


def test_a_returned_cram_keeps_a_level_and_a_reason(case: Case) -> None:
    assessment = submitted(case)
    actions.return_assessment(assessment, words="Why standard?", by=an_officer(Role.SUPERVISOR, case.team))
    with pytest.raises(ValidationError, match="Say why the level is right"):
        actions.set_level(assessment, level="", rationale="", by=SYSTEM())


def test_the_same_question_answered_twice_at_once_keeps_the_second(case: Case) -> None:
    assessment = actions.start_assessment(case, by=SYSTEM())
    code, person = a_factor(assessment).code, case.people.get().pk
    twice = [actions.Answered(code, person=person, said=said, note=said) for said in (Said.NO, Said.YES)]
    saved = actions.save_answers(assessment, answers=twice, by=SYSTEM())
    assert Answer.objects.get().said == Said.NO
    assert [each.said for each in saved.theirs] == [Said.NO]


def test_while_one_waits_for_endorsement_only_a_sergeant_begins_the_next() -> None:
    team: Team = a_team()
    case = a_case(team)
    submitted(case)
    with pytest.raises(ValidationError, match="only a sergeant"):
        actions.start_assessment(case, by=an_officer(Role.INVESTIGATOR, team))
    actions.start_assessment(case, by=an_officer(Role.DESK_SERGEANT, team))
