"""Who writes or answers one assessment at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from cram.actions import Answered, Saved, endorse_assessment, return_assessment, save_answers
from cram.enums import Said
from diary.checking import findings_of
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from tests.factories.assessing import a_factor, an_assessment, submitted
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_five_who_answer_one_factor_at_the_same_moment_four_read_the_fifth() -> None:
    assessment, officers, start = (
        an_assessment(a_case()),
        [an_officer(Role.INVESTIGATOR) for _ in range(5)],
        threading.Barrier(5),
    )
    child, code = assessment.case.people.get().pk, a_factor(assessment).code

    def act(officer: User) -> Saved:
        try:
            start.wait(30)
            typed = Answered(code, person=child, said=Said.YES, note=f"By {officer.pk}")
            return save_answers(assessment, answers=[typed], by=officer)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(act, officers))
    assert sorted(each.saved for each in done) == [0, 0, 0, 0, 1]
    winner = officers[[each.saved for each in done].index(1)]
    assert {each.answered_by for one in done for each in one.theirs} == {winner}
    assert assessment.answers.get().note == f"By {winner.pk}"


def test_of_two_who_answer_at_the_same_moment_one_does() -> None:
    assessment, sergeants, start = (
        submitted(a_case()),
        [an_officer(Role.SUPERVISOR) for _ in range(2)],
        threading.Barrier(2),
    )

    def act(number: int) -> bool:
        try:
            start.wait(30)
            if number:
                endorse_assessment(assessment, by=sergeants[number])
            else:
                return_assessment(assessment, words="Who has the child tonight?", by=sergeants[number])
        except ChangedMeanwhile:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(act, (0, 1))) == [False, True]
    assert assessment.endorsements.count() == 1
    assert findings_of(assessment.case) == []
