"""When something is to be decided, and in which order it happened: at moments of the tests' own."""

from __future__ import annotations

import importlib
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from cases.actions import assign_case
from cases.models import Case
from deadlines import clock
from deadlines.clock import LONDON, london_day_end
from diary.models import Chase, ChaseState, Duty, DutyState, Watch
from pages.words import moment
from referrals.actions import triage_referral
from referrals.enums import DecisionKind, Progress
from referrals.models import Decision, Referral
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_decision,
    a_strategy,
    a_triaged_case,
)
from tests.factories.referrals import a_case, a_referral
from tests.factories.team import an_officer
from tests.integration.referrals.test_deciding import (
    POLICE_KINDS,
    beside,
    by_cait,
    decide,
    duties_of,
    refusal,
    the_duty,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FRIDAY = datetime(2009, 12, 11, 15, 0, tzinfo=LONDON)


def test_triage_raises_the_duty_to_decide_within_a_working_day() -> None:
    move_time_to(FRIDAY)
    duty = the_duty(a_triaged_case(), "decision")
    assert (duty.due_on, duty.owner_role, duty.owner) == (date(2009, 12, 14), Role.DESK_SERGEANT, None)
    assert duty.reckoned.why.sentence().startswith("1 working day from Fri 11 Dec 2009 (triage) = Mon 14 Dec 2009")


@pytest.mark.parametrize("at", [FRIDAY, FRIDAY + DAY, FRIDAY + 8 * HOUR], ids=["day", "weekend", "night"])
def test_what_needs_urgent_action_is_decided_within_four_hours_whatever_the_day(at: datetime) -> None:
    move_time_to(at)
    referral = a_referral(received_at=at - HOUR)
    referral = triage_referral(referral, urgent=True, what_next="", reason="He is at home", by=by_cait())
    assert referral.triaged_at is not None
    duty, end = the_duty(referral.case, "decision"), referral.triaged_at + 4 * HOUR
    assert (duty.due_at, duty.late_from, duty.due_on) == (end, end, (at + 4 * HOUR).date())
    assert at + 4 * HOUR <= end < at + 4 * HOUR + MINUTE
    said = duty.reckoned.why.sentence()
    assert "(triage)" in said
    assert "rule DECISION-URGENT" in said
    assert duties_of(referral.case, "decision") == [DutyState.OPEN]


def test_only_the_triage_decides_how_soon_it_is_to_be_decided() -> None:
    move_time_to(FRIDAY)
    duty = the_duty(a_triaged_case(urgent=True, received_at=FRIDAY - HOUR), "decision")
    assert (duty.due_on, duty.due_at) == (date(2009, 12, 14), None)
    assert "rule DECISION " in duty.reckoned.why.sentence()


def test_a_decision_is_not_in_the_future() -> None:
    move_time_to(FRIDAY)
    case, now = a_triaged_case(), clock.now()

    def act() -> Decision:
        return a_decision(case, decided_at=now + MINUTE)

    assert beside(act) == ["decided_at"]
    assert refusal(act).startswith(f"This is in the future: it is {moment(now)} now")


def test_a_decision_typed_for_the_minute_of_the_one_before_is_not_before_it() -> None:
    move_time_to(FRIDAY + timedelta(seconds=1))
    case = a_triaged_case(received_at=FRIDAY - HOUR)
    a_decision(case)
    assert a_decision(case, kind=DecisionKind.POLICE, decided_at=FRIDAY).number == 2
    assert refusal(lambda: a_decision(case, decided_at=FRIDAY - MINUTE)).startswith(
        "This is before the last decision"
    )


def test_a_joint_enquiry_is_decided_after_the_discussion_or_in_its_minute() -> None:
    move_time_to(FRIDAY + timedelta(seconds=1))
    case = a_triaged_case(received_at=FRIDAY - 2 * HOUR)
    a_strategy(case)

    def act(decided_at: datetime) -> Decision:
        return a_decision(case, kind=DecisionKind.JOINT, decided_at=decided_at)

    assert beside(lambda: act(FRIDAY - MINUTE)) == ["kind"]
    assert "none before it that agreed one is recorded" in refusal(lambda: act(FRIDAY - MINUTE))
    assert act(FRIDAY).decided_at == FRIDAY


def test_social_services_only_once_more_asks_them_anew() -> None:
    move_time_to(FRIDAY)
    case = a_decided_case(DecisionKind.SOCIAL_SERVICES)
    move_time_to(FRIDAY + DAY)
    decide(case, DecisionKind.INFORMATION)
    assert duties_of(case, "update") == [DutyState.CANCELLED]
    move_time_to(FRIDAY + 3 * DAY)
    decide(case, DecisionKind.SOCIAL_SERVICES)
    assert duties_of(case, "update") == [DutyState.CANCELLED, DutyState.OPEN]
    assert the_duty(case, "update").due_on == date(2009, 12, 28)


def test_another_investigation_keeps_the_allocation_that_is_open_and_its_date() -> None:
    move_time_to(FRIDAY)
    case = a_decided_case(DecisionKind.POLICE)
    before = the_duty(case, "allocation")
    move_time_to(FRIDAY + 10 * DAY)
    decide(case, DecisionKind.JOINT)
    assert duties_of(case, "allocation") == [DutyState.OPEN]
    after = the_duty(case, "allocation")
    assert (after.pk, after.due_on, after.due) == (before.pk, date(2009, 12, 14), before.due)


def test_an_investigation_after_none_raises_its_allocation_anew() -> None:
    move_time_to(FRIDAY)
    case = a_decided_case(DecisionKind.POLICE)
    decide(case, DecisionKind.INFORMATION)
    move_time_to(FRIDAY + 3 * DAY)
    decide(case, DecisionKind.POLICE)
    assert duties_of(case, "allocation") == [DutyState.CANCELLED, DutyState.OPEN]
    assert the_duty(case, "allocation").due_on == date(2009, 12, 15)


def test_an_update_of_social_services_is_due_fourteen_days_on() -> None:
    move_time_to(FRIDAY)
    case = a_decided_case(DecisionKind.SOCIAL_SERVICES)
    duty = the_duty(case, "update")
    assert (duty.due_on, duty.owner_role) == (date(2009, 12, 25), Role.DESK_SERGEANT)
    assert duty.reckoned.do_by == date(2009, 12, 24)
    why = duty.reckoned.why.sentence()
    assert why.startswith("14 days from Fri 11 Dec 2009 (decision: Social Services only) = Fri 25 Dec 2009")
    chase = Chase.objects.get(duty=duty)
    assert (chase.started_on, chase.next_on, chase.state) == (FRIDAY.date(), date(2009, 12, 25), ChaseState.RUNNING)
    assert (chase.first_after, chase.apart) == (14, 7)


def test_the_days_count_from_the_decision_and_not_from_its_recording() -> None:
    move_time_to(FRIDAY + 3 * DAY)
    case = a_triaged_case(received_at=FRIDAY - HOUR)
    decide(case, DecisionKind.SOCIAL_SERVICES, decided_at=FRIDAY)
    assert the_duty(case, "update").due_on == date(2009, 12, 25)


@pytest.mark.parametrize("kind", POLICE_KINDS)
def test_an_investigation_is_to_be_allocated_by_the_next_working_day(kind: DecisionKind) -> None:
    move_time_to(FRIDAY)
    case = a_triaged_case()
    decide(case, kind)
    duty = the_duty(case, "allocation")
    assert (duty.due_on, duty.owner_role) == (date(2009, 12, 14), Role.SUPERVISOR)
    assert "(decision to investigate)" in duty.reckoned.why.sentence()


def test_an_investigation_taken_off_its_officer_is_to_be_allocated_again() -> None:
    move_time_to(FRIDAY)
    case, officer = a_decided_case(DecisionKind.POLICE), an_officer(Role.INVESTIGATOR)
    assign_case(case, officer_in_case=officer, supervisor=None, by=by_cait())
    move_time_to(FRIDAY + 3 * DAY)
    assign_case(case, officer_in_case=None, supervisor=None, by=by_cait())
    assert duties_of(case, "allocation") == [DutyState.SATISFIED, DutyState.OPEN]
    duty = the_duty(case, "allocation")
    assert duty.due_on == date(2009, 12, 15)
    assert "(officer in case taken off)" in duty.reckoned.why.sentence()


def test_naming_a_supervisor_alone_leaves_the_allocation_and_its_date() -> None:
    move_time_to(FRIDAY)
    case = a_decided_case(DecisionKind.POLICE)
    before = Duty.objects.get(case=case, kind="allocation").due_on
    move_time_to(FRIDAY + 10 * DAY)
    assign_case(case, officer_in_case=None, supervisor=an_officer(Role.SUPERVISOR), by=User.objects.system())
    assert Duty.objects.get(case=case, kind="allocation").due_on == before


def test_what_is_typed_for_this_minute_stands_after_what_cait_wrote_in_it() -> None:
    move_time_to(FRIDAY + timedelta(seconds=1))
    case = a_triaged_case(received_at=FRIDAY)
    strategy = a_strategy(case, held_at=FRIDAY)
    decision = a_decision(case, kind=DecisionKind.JOINT, decided_at=FRIDAY)
    for entry in (strategy.entry, decision.entry):
        assert entry.happened_at == entry.recorded_at
    in_order = list(case.entries.order_by("happened_at", "pk").values_list("pk", flat=True))
    assert in_order == list(case.entries.order_by("pk").values_list("pk", flat=True))
    assert (strategy.held_at, decision.decided_at) == (FRIDAY, FRIDAY)


def test_what_is_typed_for_another_minute_stands_at_that_minute() -> None:
    move_time_to(FRIDAY + timedelta(seconds=1))
    case = a_triaged_case(received_at=FRIDAY - HOUR)
    decision = a_decision(case, decided_at=FRIDAY - MINUTE)
    assert decision.entry.happened_at == FRIDAY - MINUTE


# --- at the migration ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def at_the_migration() -> Any:
    """The models as the migration finds them, and what it does with them."""
    name = "0003_undecided_referrals"
    migration = importlib.import_module(f"referrals.migrations.{name}")
    steps = MigrationLoader(None, replace_migrations=False)  # a new database is made in one step (ADR 29)
    apps = steps.project_state(("referrals", name)).apps
    return lambda: migration.raise_duties(apps, None)


def lost(case: Case) -> None:
    """As if it had been triaged before decisions were asked for."""
    Watch.objects.filter(duty__case=case, duty__kind="decision").delete()
    Duty.objects.filter(case=case, kind="decision").delete()


def test_what_was_triaged_before_there_were_decisions_is_to_be_decided_at_once(at_the_migration: Any) -> None:
    move_time_to(FRIDAY)
    case = a_triaged_case()
    lost(case)
    at_the_migration()
    duty = the_duty(case, "decision")
    today = timezone.now().astimezone(LONDON).date()
    assert (duty.cycle, duty.subject, duty.owner, duty.owner_role) == (0, 0, None, Role.DESK_SERGEANT)
    assert (duty.team, duty.due_on, duty.late_from) == (case.team, today, london_day_end(today))
    assert (duty.reckoned.due_on, duty.reckoned.late_from) == (duty.due_on, duty.late_from)
    assert "triaged before CAIT asked for decisions, so due at once" in duty.reckoned.why.sentence()
    line = duty.history.get()
    assert (line.history_user, line.history_type, line.state) == (by_cait(), "+", DutyState.OPEN)
    a_decision(case)
    assert duties_of(case, "decision") == [DutyState.SATISFIED]


def test_what_is_to_be_decided_after_it_was_decided_has_the_next_cycle(at_the_migration: Any) -> None:
    case = a_decided_case()
    Referral.objects.filter(case=case).update(progress=Progress.TRIAGED)
    at_the_migration()
    assert duties_of(case, "decision") == [DutyState.SATISFIED, DutyState.OPEN]
    assert the_duty(case, "decision").cycle == 1


def test_nothing_else_is_to_be_decided_by_the_migration_and_it_may_run_twice(at_the_migration: Any) -> None:
    triaged, logged, decided, closed = a_triaged_case(), a_case(), a_decided_case(), a_closed_case()
    Referral.objects.filter(case=closed).update(progress=Progress.TRIAGED)
    bare = a_triaged_case()
    lost(bare)
    for _ in range(2):
        at_the_migration()
    assert duties_of(bare, "decision") == duties_of(triaged, "decision") == [DutyState.OPEN]
    assert duties_of(logged, "decision") == []
    assert duties_of(decided, "decision") == duties_of(closed, "decision") == [DutyState.SATISFIED]
