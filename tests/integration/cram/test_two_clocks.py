"""One review for two clocks: the review of the risk and the supervision of the investigation (HMIC 2010, AFI 4)."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client

from cases.actions import assign_case
from cases.models import Case
from cram.actions import add_assessment_action, set_level, start_assessment, submit_assessment
from cram.enums import AssessmentState
from cram.models import Assessment
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState
from referrals.actions import supervise
from referrals.models import Supervision
from team.enums import Role
from team.models import User
from tests.factories.assessing import WHY, WITHOUT, an_assessment, assessed, submitted
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_investigation, as_supervised
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db


def system() -> User:
    return User.objects.system()


def open_duty(case: Case, kind: str) -> Duty:
    return Duty.objects.get(case=case, kind=kind, state=DutyState.OPEN)


def reviewed_on_both_clocks() -> Case:
    """The handbook's: a CRAM of 14 December, so a review on 25 January; the third supervision due on 18 January."""
    move_time_to(datetime(2009, 12, 12, 10, 0, tzinfo=LONDON))
    case = an_investigation()
    for on, act in ((13, supervised), (14, assessed), (21, supervised)):
        move_time_to(datetime(2009, 12, on, 10, 0, tzinfo=LONDON))
        act(case)
    move_time_to(datetime(2010, 1, 18, 10, 0, tzinfo=LONDON))
    return case


def supervised(case: Case, together_with: Duty | None = None) -> Supervision:
    by = an_officer(Role.SUPERVISOR)
    return supervise(case, **as_supervised(found=f"As of {clock.moment()}"), together_with=together_with, by=by)


def test_a_supervision_that_is_held_with_the_review_says_so_and_both_go_on() -> None:
    case = reviewed_on_both_clocks()
    review = open_duty(case, "cram_review")
    start_assessment(case, by=system())
    with transaction.atomic():
        supervised(case, together_with=review)
        submitted(case)
    answered_with = Duty.objects.get(case=case, answered_with=review)
    assert (answered_with.kind, answered_with.ended_why) == ("supervision", "Answered with: CRAM review")
    review.refresh_from_db()
    assert (review.state, review.ended_why) == (DutyState.SATISFIED, "Reviewed")
    following = (open_duty(case, "supervision").due_on, open_duty(case, "cram_review").due_on)
    assert tuple(map(str, following)) == ("2010-02-15", "2010-03-01")
    assert findings_of(case) == []


def reviewing(case: Case) -> Assessment:
    """A review that can be sent, with an action that it calls for."""
    review = start_assessment(case, by=system())
    owner = an_officer(Role.INVESTIGATOR)
    add_assessment_action(review, what="See the aunt", owner=owner, due_on=clock.today(), by=system())
    return set_level(review, level="medium", rationale=WHY, nothing_new=True, by=system())


def offered(client: Client, case: Case, by: User) -> bool:
    """Whether somebody who sends the review is asked if it answers the other one too."""
    client.force_login(by)
    return b"This review answers the other one too" in client.get(f"/cases/{case.number}/cram/send/").content


def test_a_review_that_answers_the_supervision_too_is_one_and_the_next_of_both_are_raised(client: Client) -> None:
    case = reviewed_on_both_clocks()
    review, supervision, by = reviewing(case), open_duty(case, "supervision"), an_officer(Role.SUPERVISOR)
    assert offered(client, case, by)
    submit_assessment(review, sent_without=WITHOUT, together_with=supervision, by=by)
    supervision.refresh_from_db()
    assert (supervision.state, supervision.ended_why) == (DutyState.SATISFIED, "Answered with: CRAM review")
    kept = Supervision.objects.filter(case=case).latest("pk")
    assert (kept.reviewed_by, kept.found) == (by, f"CRAM review 2, level medium. {WHY}")
    assert kept.directions.startswith("See the aunt: ")
    following = (open_duty(case, "supervision").due_on, open_duty(case, "cram_review").due_on)
    assert tuple(map(str, following)) == ("2010-02-15", "2010-03-01")
    assert (kept.next_due_on, findings_of(case)) == (following[0], [])


@pytest.mark.parametrize("own", [True, False])
def test_a_review_answers_the_supervision_of_nobody_who_may_not_hold_it(own: bool, client: Client) -> None:
    case = reviewed_on_both_clocks()
    by = an_officer(Role.SUPERVISOR if own else Role.INVESTIGATOR)
    if own:
        assign_case(case, officer_in_case=by, supervisor=None, reason="Load", by=system())
    review, supervision = reviewing(case), open_duty(case, "supervision")
    sentence = "another sergeant supervises your investigation" if own else "You cannot do the other review"
    assert not offered(client, case, by)
    with pytest.raises(ValidationError, match=sentence):
        submit_assessment(review, sent_without=WITHOUT, together_with=supervision, by=by)
    supervision.refresh_from_db()
    assert (supervision.state, Assessment.objects.get(pk=review.pk).state) == (DutyState.OPEN, "under_way")
    submit_assessment(review, sent_without=WITHOUT, by=by)  # by itself it is sent
    assert findings_of(case) == []


def test_what_is_not_due_close_enough_is_not_answered_by_one() -> None:
    case, elsewhere = reviewed_on_both_clocks(), reviewed_on_both_clocks()
    review = an_assessment(case)
    set_level(review, level="standard", rationale=WHY, nothing_new=True, by=system())
    with pytest.raises(ValidationError, match="not due close enough"):
        submit_assessment(
            review,
            sent_without=WITHOUT,
            together_with=open_duty(elsewhere, "supervision"),
            by=an_officer(Role.SUPERVISOR),
        )
    assert Assessment.objects.get(pk=review.pk).state == AssessmentState.UNDER_WAY
    assert not Duty.objects.filter(answered_with__isnull=False).exists()
