"""The summaries: what is counted anew is what changed, and comes out as if all were counted anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import assign_case
from deadlines import clock
from diary.models import Duty
from oversight import counting
from oversight.counting import bring_up_to_date
from oversight.models import Changed, Fact, Tally, Upkeep
from oversight.tasks import count
from team.enums import Role
from tests.factories.clock import move_time_to
from tests.factories.figures import figures_are_right, kept, tallied
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db


def test_what_changed_is_counted_anew_and_nothing_else() -> None:
    case, another = a_case(), a_case()
    assert set(Changed.objects.values_list("case_id", flat=True)) == {case.pk, another.pk}
    assert bring_up_to_date() == 2
    assert not Changed.objects.exists()
    figures_are_right()
    assert {row[1] for row in kept()} == {case.pk, another.pk}

    untouched = dict(Fact.objects.filter(case=another).values_list("pk", "measure"))
    assign_case(case, officer_in_case=an_officer(Role.INVESTIGATOR), supervisor=None, by=an_officer(Role.SUPERVISOR))
    assert set(Changed.objects.values_list("case_id", flat=True)) == {case.pk}
    assert bring_up_to_date() == 1
    figures_are_right()
    assert dict(Fact.objects.filter(case=another).values_list("pk", "measure")) == untouched
    assert bring_up_to_date() == 0


def test_time_alone_makes_a_duty_late_and_the_clock_may_go_back() -> None:
    case = a_case()
    bring_up_to_date()
    at = clock.now()
    before = kept()
    move_time_to(at + timedelta(days=3))
    assert bring_up_to_date() == 1
    figures_are_right()
    assert kept() != before
    move_time_to(at)
    assert bring_up_to_date() == 1
    figures_are_right()
    assert kept() == before
    assert {row[1] for row in before} == {case.pk}


def test_they_are_whole_as_at_a_moment_when_nothing_is_left() -> None:
    a_case()
    before = clock.moment()
    count()
    upkeep = Upkeep.objects.get()
    assert upkeep.whole_at == upkeep.until
    assert upkeep.until
    assert before <= upkeep.until <= clock.moment()


def test_what_changes_after_the_moment_waits_for_the_next() -> None:
    """A duty that falls away just after it became late, while all is being counted as it was just before."""
    case = a_case()
    duty = case.duties.earliest("late_from")
    move_time_to(duty.late_from - timedelta(seconds=10))
    assert counting._turn_on()
    move_time_to(duty.late_from + timedelta(seconds=5))
    Duty.objects.get(pk=duty.pk).save()
    while counting._count_some():
        pass
    assert Changed.objects.filter(case_id=case.pk).exists()
    figures_are_right()
    bring_up_to_date()
    assert not Changed.objects.exists()
    figures_are_right()


def test_a_record_of_tomorrow_stops_nothing() -> None:
    """Where the clock went back, or midnight passes while all is counted."""
    case = a_case()
    move_time_to(clock.now() - timedelta(days=2))
    bring_up_to_date()
    assert Fact.objects.filter(case=case, measure="open_by_age", part="0").exists()


def test_another_version_that_counts_otherwise_is_left_alone() -> None:
    a_case()
    assert counting._turn_on()
    Upkeep.objects.update(digest="of a newer version")
    assert counting._count_some() is None
    assert Changed.objects.exists()


def test_they_are_made_anew_by_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    a_case()
    bring_up_to_date()
    was, facts = tallied(), kept()
    Tally.objects.update(counted=99)
    Fact.objects.filter(measure="referrals").delete()
    call_command("rebuild_figures")
    assert "made anew from 1 record." in capsys.readouterr().out
    assert (tallied(), kept()) == (was, facts)
    figures_are_right()


def test_when_a_measure_is_defined_otherwise_all_is_counted_anew() -> None:
    a_case()
    bring_up_to_date()
    Upkeep.objects.update(digest="of another version")
    Fact.objects.all().delete()
    Tally.objects.all().delete()
    assert bring_up_to_date() == 1
    figures_are_right()
    assert Fact.objects.exists()


def test_a_little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        a_case()
    monkeypatch.setattr(counting, "ROWS", 2)
    monkeypatch.setattr(counting, "CASES", 1)
    with CaptureQueriesContext(connection) as asked:
        assert bring_up_to_date() >= 3
    assert len([each for each in asked if "DELETE FROM oversight_changed WHERE" in each["sql"]]) == 3
    figures_are_right()
