"""The summaries: what is counted anew is what changed, and comes out as if all were counted anew."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions import assign_case
from cases.models import Case
from deadlines import clock
from diary.models import Duty
from oversight import counting
from oversight.counting import bring_up_to_date
from oversight.models import Changed, Fact, Tally, Uncounted, Upkeep
from oversight.tasks import count
from team.enums import Role
from tests.factories.clock import move_time_to
from tests.factories.figures import added_up, figures_are_right, kept, tallied
from tests.factories.referrals import a_case
from tests.factories.team import an_officer
from tests.integration.api.asking import Program

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


# --- a record that cannot be counted --------------------------------------------------------------

# What a measure may come to on one record (`{case}`) in spite of all tests: two facts with one key, or a number that
# the database cannot work out.
TWICE = """
    SELECT 'broken', c.id, c.id, c.team_id, '', DATE '2010-01-01', NULL::date, TRUE, n::bigint
    FROM cases_case c, generate_series(1, 2) AS n WHERE c.id = ANY(%(cases)s) AND c.id = {case}
"""
NOUGHT = """
    SELECT 'broken', c.id, c.id, c.team_id, '', DATE '2010-01-01', NULL::date, TRUE, (1 / (c.id - {case}))::bigint
    FROM cases_case c WHERE c.id = ANY(%(cases)s) AND c.id = {case}
"""


def fails_for(case: Case, patch: pytest.MonkeyPatch, broken: str) -> None:
    real = counting.facts_of

    def facts_of(cases: list[int], **given: Any) -> tuple[str, dict[str, Any]]:
        sql, asked = real(cases, **given)
        return f"{sql} UNION ALL {broken.format(case=case.pk)}", asked

    patch.setattr(counting, "facts_of", facts_of)


@pytest.mark.parametrize(
    ("broken", "why"),
    [(TWICE, "CardinalityViolation 21000"), (NOUGHT, "DivisionByZero 22012")],
    ids=["twice", "nought"],
)
def test_a_record_that_cannot_be_counted_stops_no_other(
    broken: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cases = [a_case() for _ in range(5)]
    bad = cases[3]
    bring_up_to_date()
    before = {row for row in kept() if row[1] == bad.pk}
    officer, supervisor = an_officer(Role.INVESTIGATOR), an_officer(Role.SUPERVISOR)
    for case in cases:
        assign_case(case, officer_in_case=officer, supervisor=None, by=supervisor)
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR, "oversight.counting"):
        fails_for(bad, patch, broken)
        assert bring_up_to_date() == 5
        upkeep = Upkeep.objects.get()
        assert upkeep.whole_at == upkeep.until, "all others are counted"
        (row,) = Uncounted.objects.all()
        assert (row.case_id, row.why) == (bad.pk, why)
        (line,) = caplog.messages
        assert (str(bad.pk) in line, why in line, "\n" in line) == (True, True, False)
        assert {row for row in kept() if row[1] == bad.pk} == before, "its figures stay as they were"
        of_officer = Fact.objects.filter(measure="open_by_officer", part=str(officer.pk))
        assert set(of_officer.values_list("case", flat=True)) == {case.pk for case in cases} - {bad.pk}
        assert tallied() == added_up()
        says_so()
        # It is not tried each minute, but when it changes, and once a day.
        move_time_to(clock.now() + timedelta(hours=23))
        bring_up_to_date()
        assert Uncounted.objects.get().at == row.at
        move_time_to(row.at + timedelta(days=1))
        bring_up_to_date()
        assert Uncounted.objects.get().at >= row.at + timedelta(days=1)
        call_command("rebuild_figures")
        assert "1 record could not be counted" in capsys.readouterr().out
        assert Uncounted.objects.get().case_id == bad.pk
    assign_case(bad, officer_in_case=supervisor, supervisor=None, by=supervisor)
    bring_up_to_date()
    assert not Uncounted.objects.exists()
    figures_are_right()
    assert Fact.objects.filter(measure="open_by_officer", part=str(supervisor.pk), case=bad).exists()


def says_so() -> None:
    """Beside “as at” on each page of figures, and over the API."""
    said = "Of all teams, 1 record could not be counted: it stands as it was last, or not at all."
    command = an_officer(Role.COMMAND)
    client, program = Client(), Program(command)
    client.force_login(command)
    for page in ("team/", "teams/", "measures/referrals/", "measures/referrals/records/"):
        html = client.get(f"/oversight/{page}").content.decode()
        assert said in re.sub(r"\s+", " ", html), page
    for address in ("figures/", "figures/referrals/"):
        assert program.client.get(f"/api/v1/{address}").json()["left_out"] == 1


def test_what_is_no_fault_of_a_record_sets_none_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A measure that cannot be asked, and a server that does not answer: then nothing is counted, and all of it is
    there to be counted later."""
    case = a_case()
    fails_for(case, monkeypatch, "SELECT nothing FROM nowhere")
    with pytest.raises(ProgrammingError), transaction.atomic():
        bring_up_to_date()
    monkeypatch.setattr(counting, "count", unanswered)
    with pytest.raises(OperationalError):
        bring_up_to_date()
    assert Changed.objects.filter(case_id=case.pk).exists()
    assert not Uncounted.objects.exists()


def unanswered(cases: list[int], **given: Any) -> None:
    raise OperationalError("the server is gone")
