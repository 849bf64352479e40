"""What the check of duties finds of conferences and plans, and how it is put right (`diary/test_checking`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cases.models import Case
from conferences.duties import ALL
from cram.duties import BEFORE_CONFERENCE
from diary.actions import put_duties_right
from diary.models import Duty, DutyState
from team.models import User
from tests.factories.conferences import a_conference, a_plan, a_review, that_decided, that_was_held
from tests.factories.reports import a_submitted_report
from tests.integration.diary.test_checking import lose, wrong

pytestmark = pytest.mark.django_db

WELL: dict[str, tuple[Callable[[], Case], set[str]]] = {
    "booked": (
        lambda: a_conference().case,
        {"conference_research", "conference_cram", "conference_report", "conference_briefing", "conference_outcome"},
    ),
    "a review": (lambda: a_review().case, {"conference_attending"}),
    "a report waits": (lambda: a_submitted_report().conference.case, {"endorse_report"}),
    "held": (
        lambda: that_was_held().case,
        {"conference_outcome", "conference_debrief", "conference_minutes"},
    ),
    "decided": (lambda: that_decided().case, {"next_conference", "core_group"}),
    "a plan of before": (lambda: a_plan().case, {"next_conference", "core_group"}),
}


def test_every_kind_is_lost_once() -> None:
    assert {kind for _, kinds in WELL.values() for kind in kinds} == {kind.code for kind in (*ALL, BEFORE_CONFERENCE)}


@pytest.mark.parametrize("name", WELL)
def test_a_duty_that_is_missing_is_found_and_raised_as_it_was(name: str) -> None:
    make, kinds = WELL[name]
    case = make()
    assert wrong(case) == []
    for kind in sorted(kinds):
        before = Duty.objects.get(case=case, kind=kind, state=DutyState.OPEN)
        lose(case, kind)
        assert wrong(case) == [("missing", kind)]
        put_duties_right(case, by=User.objects.system())
        again = Duty.objects.get(case=case, kind=kind, state=DutyState.OPEN)
        assert (again.due_on, again.late_from, again.subject) == (before.due_on, before.late_from, before.subject)
        assert wrong(case) == []
