"""Many who decide about one referral at once: one does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from diary.models import Duty, DutyState
from referrals.enums import DecisionKind
from referrals.models import Decision
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from tests.factories.deciding import a_decision, a_triaged_case
from tests.factories.team import an_officer


@pytest.mark.django_db(transaction=True)
def test_of_many_who_decide_at_once_one_decides_and_the_others_read_who() -> None:
    case, officers = a_triaged_case(), [an_officer(Role.DESK_SERGEANT) for _ in range(6)]
    start, done, refused = threading.Barrier(6), [], []

    def act(officer: User) -> None:
        try:
            start.wait(30)
            done.append(a_decision(case, kind=DecisionKind.SOCIAL_SERVICES, seen=0, by=officer))
        except ChangedMeanwhile as reason:
            refused.append(reason.messages[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, officers))
    assert (len(done), len(refused), Decision.objects.count()) == (1, 5, 1)
    assert all(said.startswith(f"{done[0].decided_by} recorded a decision on ") for said in refused)
    assert [each.state for each in Duty.objects.filter(case=case, kind="update")] == [DutyState.OPEN]
