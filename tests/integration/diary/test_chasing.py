"""Social Services are asked at once and chased until they answer: each step once, up the ladder, by the decision."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.enums import Partner
from deadlines import clock
from deadlines.clock import LONDON
from deadlines.models import Limit
from diary import chasing, raising
from diary.actions import end_address, hold_chases, release_chases
from diary.chasing import fallen_chases, rung_for, write_waiting
from diary.models import Chase, ChaseState, Duty, DutyState, Heartbeat, Mail, MailState, Step, StepState, Waker
from diary.queries import trouble
from diary.sweep import sweep
from referrals.actions import decide_referral
from referrals.enums import DecisionKind, Judgement
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_decision,
    a_strategy,
    a_triaged_case,
    an_answer,
    an_approved_address,
    as_decided,
    judged,
)
from tests.factories.team import a_team
from tests.integration.diary.chased import (
    DAY,
    DECIDED,
    HOUR,
    LADDER,
    SOCIAL_SERVICES,
    a_ladder,
    an_update,
    mails,
    sent,
    steps,
    sweep_on,
    written,
)
from tests.shared import Shared, own, undone

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(shared: Shared) -> Duty:
    def build() -> Duty:
        a_ladder()
        return an_update()

    return shared(build)


@pytest.fixture(autouse=True)
def duty(built: Duty) -> Duty:
    """What Haringey, which has a ladder of three, asked for just now; other teams have none."""
    return own(built)


@pytest.fixture
def elsewhere() -> Team:
    """A team without a ladder."""
    return a_team("BRN")


# --- the request ---------------------------------------------------------------------------------


def test_the_decision_asks_social_services_at_once(duty: Duty) -> None:
    assert (duty.due_on, duty.owner_role, duty.state) == (date(2009, 12, 25), "desk_sergeant", DutyState.OPEN)
    assert steps(duty) == [(0, StepState.WRITTEN)]
    assert mails(duty) == [written(0)]
    chase = duty.chase
    assert (chase.started_on, chase.first_after, chase.apart) == (date(2009, 12, 11), 14, 7)
    assert (chase.raised, chase.next_on, chase.state) == (0, date(2009, 12, 25), ChaseState.RUNNING)


def test_a_decision_says_which_email_goes_with_it() -> None:
    case = a_triaged_case()
    decided = decide_referral(case, **as_decided(kind=SOCIAL_SERVICES), by=User.objects.system())
    assert decided.request == Mail.objects.get(case=case)


def test_no_other_decision_asks_social_services() -> None:
    case = a_triaged_case()
    a_strategy(case)
    asked = {}
    for kind in DecisionKind:
        with undone():
            a_decision(case, kind=kind, passed_to="Brent" if kind == DecisionKind.PASSED_ON else "")
            rows = Duty.objects.filter(case=case, kind="update"), Chase.objects.filter(duty__case=case)
            asked[kind] = [each.exists() for each in (*rows, Mail.objects.filter(case=case))]
    assert asked == {kind: [kind == SOCIAL_SERVICES] * 3 for kind in DecisionKind}


def test_duty_chase_and_email_stand_and_fall_with_the_decision() -> None:
    case = a_triaged_case()
    of_case = Duty.objects.filter(case=case, kind="update"), Chase.objects.filter(duty__case=case)
    rows = (*of_case, Mail.objects.filter(case=case))
    with undone():
        a_decision(case, kind=SOCIAL_SERVICES)
        assert [each.count() for each in rows] == [1, 1, 1]
    assert [each.count() for each in rows] == [0, 0, 0]


def test_an_email_that_cannot_be_written_does_not_undo_the_decision_and_is_written_when_it_can(
    elsewhere: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_ladder(team=elsewhere)
    case = a_triaged_case(elsewhere)
    with monkeypatch.context() as broken:
        broken.setattr(chasing, "rung_for", lambda *_: 1 / 0)
        a_decision(case, kind=SOCIAL_SERVICES)
        duty = Duty.objects.get(case=case, kind="update")
        assert (steps(duty), mails(duty)) == ([(0, StepState.WAITING)], [])
        move_time_to(clock.now() + DAY)
        sweep(woken_by=Waker.COMMAND)
        assert trouble([duty.team], now=clock.now()).delayed == 1
    sweep(woken_by=Waker.COMMAND)
    assert mails(duty) == [written(0)]


def test_what_cannot_be_raised_does_not_undo_what_somebody_is_doing(duty: Duty) -> None:
    poisoned(duty)
    duty = hold_chases(duty, why="He is their manager", by=User.objects.system())
    sweep_on(14)
    assert release_chases(duty, why="Another worker", by=User.objects.system()).held_at is None
    answer = an_answer(duty.case)
    assert judged(answer, Judgement.NO_ANSWER).judged_at is not None


def test_without_an_approved_address_the_request_waits(elsewhere: Team) -> None:
    duty = an_update(team=elsewhere)
    assert steps(duty) == [(0, StepState.WAITING)]
    sweep_on(1)
    assert steps(duty) == [(0, StepState.WAITING)]
    assert mails(duty) == []


def test_once_an_address_is_approved_the_next_sweep_writes_what_waited(elsewhere: Team) -> None:
    duty = an_update(team=elsewhere)
    sweep_on(1)
    an_approved_address(elsewhere)
    assert mails(duty) == []
    sweep_on(1, hours=1)
    assert (steps(duty), mails(duty)) == ([(0, StepState.WRITTEN)], [written(0)])


def test_an_address_of_another_team_is_not_written_to(elsewhere: Team) -> None:
    duty = an_update(team=elsewhere)
    sweep_on(1)
    assert mails(duty) == []


# --- day by day ----------------------------------------------------------------------------------


def test_before_day_14_nothing_is_chased(duty: Duty) -> None:
    for day in (0, 1, 7, 13):
        sweep_on(day)
    sweep_on(13, hours=13)
    assert steps(duty) == [(0, StepState.WRITTEN)]


def test_the_first_chase_falls_with_the_beginning_of_day_14_in_london() -> None:
    duty = an_update(datetime(2010, 6, 1, 10, 0, tzinfo=LONDON))
    move_time_to(datetime(2010, 6, 14, 22, 59, 59, tzinfo=UTC))
    sweep(woken_by=Waker.COMMAND)
    assert duty.steps.count() == 1
    move_time_to(datetime(2010, 6, 14, 23, 0, tzinfo=UTC))
    sweep(woken_by=Waker.COMMAND)
    assert [step for step, _ in steps(duty)] == [0, 1]
    assert duty.steps.get(number=1).due_on == date(2010, 6, 15)


def test_the_first_chase_falls_on_day_14_and_the_second_on_day_21(duty: Duty) -> None:
    raised = {}
    for day in range(23):
        sweep_on(day)
        raised[day] = duty.steps.count()
    assert [day for day in range(1, 23) if raised[day] > raised[day - 1]] == [14, 21]
    assert [step.due_on for step in duty.steps.order_by("number")] == [
        date(2009, 12, 11),
        date(2009, 12, 25),
        date(2010, 1, 1),
    ]


def test_chases_go_up_the_ladder_and_for_ever_to_its_top(duty: Duty) -> None:
    for number in range(6):
        sweep_on(14 + 7 * number)
        sent(duty)
    told = [(number, address) for number, address, _ in mails(duty)]
    first, second, top = LADDER
    assert told == [(0, first), (1, first), (2, second), (3, top), (4, top), (5, top), (6, top)]


@pytest.mark.parametrize(
    ("rungs", "asked"), [(1, [1, 1, 1, 1]), (2, [1, 1, 2, 2]), (4, [1, 1, 2, 3])], ids=["1", "2", "4"]
)
def test_whom_each_step_goes_to(elsewhere: Team, rungs: int, asked: list[int]) -> None:
    a_ladder(rungs, elsewhere)
    found = [rung_for(elsewhere, Partner.SOCIAL_SERVICES, step) for step in range(4)]
    assert [rung.number for rung in found if rung] == asked


def test_without_a_ladder_a_step_goes_to_nobody(elsewhere: Team) -> None:
    assert rung_for(elsewhere, Partner.SOCIAL_SERVICES, 0) is None


def test_a_chase_goes_to_whoever_is_on_the_ladder_then(elsewhere: Team) -> None:
    a_ladder(2, elsewhere)
    duty = an_update(team=elsewhere)
    sent(duty)
    an_approved_address(elsewhere, address="new@borough.example")
    sweep_on(14)
    assert mails(duty)[1] == written(1, "new@borough.example")
    sent(duty)
    highest = rung_for(elsewhere, Partner.SOCIAL_SERVICES, 2)
    assert highest is not None
    end_address(highest, by=User.objects.system())
    sweep_on(21)
    assert mails(duty)[2] == written(2, "new@borough.example")


def test_a_sweep_that_runs_twice_doubles_nothing(duty: Duty) -> None:
    for day in (14, 21):
        for hours in (0, 0, 1, 9):
            sweep_on(day, hours)
        sent(duty)
    assert steps(duty) == [(0, StepState.WRITTEN), (1, StepState.WRITTEN), (2, StepState.WRITTEN)]
    assert [number for number, _, _ in mails(duty)] == [0, 1, 2]
    assert duty.chase.raised == 2


def test_after_a_stop_every_step_is_there_once_and_only_the_last_is_written(duty: Duty) -> None:
    sent(duty)
    sweep_on(37)
    assert steps(duty) == [
        (0, StepState.WRITTEN),
        (1, StepState.OVERTAKEN),
        (2, StepState.OVERTAKEN),
        (3, StepState.OVERTAKEN),
        (4, StepState.WRITTEN),
    ]
    assert mails(duty)[1:] == [written(4, LADDER[2])]
    assert [step.due_on for step in duty.steps.order_by("number")][1:] == [
        date(2009, 12, 25),
        date(2010, 1, 1),
        date(2010, 1, 8),
        date(2010, 1, 15),
    ]
    assert (duty.chase.raised, duty.chase.next_on) == (4, date(2010, 1, 22))


def test_a_late_chase_does_not_move_the_next(duty: Duty) -> None:
    sweep_on(20)
    sent(duty)
    sweep_on(21)
    assert [number for number, _, state in mails(duty) if state == MailState.QUEUED] == [2]


def test_a_decision_that_is_recorded_late_is_chased_by_its_own_date() -> None:
    move_time_to(DECIDED + 20 * DAY)
    case = a_triaged_case(received_at=DECIDED - HOUR)
    a_decision(case, kind=SOCIAL_SERVICES, decided_at=DECIDED)
    duty = Duty.objects.get(case=case, kind="update")
    assert (steps(duty), mails(duty)) == ([(0, StepState.OVERTAKEN), (1, StepState.WRITTEN)], [written(1)])
    sweep_on(20)
    assert (steps(duty), mails(duty)) == ([(0, StepState.OVERTAKEN), (1, StepState.WRITTEN)], [written(1)])
    assert duty.chase.next_on == date(2010, 1, 1)


def test_of_a_decision_that_is_recorded_late_only_the_last_chase_that_has_fallen_counts() -> None:
    move_time_to(DECIDED + 37 * DAY)
    case = a_triaged_case(received_at=DECIDED - HOUR)
    a_decision(case, kind=SOCIAL_SERVICES, decided_at=DECIDED)
    duty = Duty.objects.get(case=case, kind="update")
    sweep_on(37)
    assert steps(duty) == [(0, StepState.OVERTAKEN), (4, StepState.WRITTEN)]
    assert mails(duty) == [written(4, LADDER[2])]
    assert duty.steps.get(number=4).due_on == date(2010, 1, 15)
    assert (duty.chase.raised, duty.chase.next_on) == (4, date(2010, 1, 22))


def test_an_email_that_has_not_gone_is_withdrawn_by_the_next(duty: Duty) -> None:
    sweep_on(14)
    sweep_on(21)
    assert mails(duty) == [
        (0, LADDER[0], MailState.WITHDRAWN),
        (1, LADDER[0], MailState.WITHDRAWN),
        written(2, LADDER[1]),
    ]


def test_without_an_address_steps_pile_up_and_only_the_last_goes_when_there_is_one(elsewhere: Team) -> None:
    duty = an_update(team=elsewhere)
    for day in (14, 21, 28):
        sweep_on(day)
    assert [state for _, state in steps(duty)][-1] == StepState.WAITING
    assert mails(duty) == []
    a_ladder(team=elsewhere)
    sweep_on(29)
    assert [number for number, _, _ in mails(duty)] == [3]
    assert steps(duty) == [*[(number, StepState.OVERTAKEN) for number in range(3)], (3, StepState.WRITTEN)]


def test_the_limits_are_those_of_the_day_of_the_decision() -> None:
    Limit.objects.create(rule="SS-UPDATE", value=3, effective_from=date(2009, 12, 13), reason="Test")
    Limit.objects.create(rule="SS-CHASE", value=2, effective_from=date(2009, 12, 13), reason="Test")
    earlier = an_update()
    sweep_on(13)
    assert earlier.steps.count() == 1
    later = an_update(DECIDED + 13 * DAY)
    sweep_on(16)
    assert [earlier.steps.count(), later.steps.count()] == [2, 2]
    sweep_on(18)
    assert [earlier.steps.count(), later.steps.count()] == [2, 3]


def test_each_record_is_chased_by_itself(duty: Duty) -> None:
    later = an_update(DECIDED + 7 * DAY)
    sweep_on(21)
    assert [duty.steps.count(), later.steps.count()] == [3, 2]


def test_more_than_are_looked_at_in_one_transaction_are_all_raised(
    duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raising, "AT_A_TIME", 2)
    made = [duty, *(an_update() for _ in range(4))]
    sweep_on(14)
    assert [steps(each) for each in made] == [[(0, StepState.WRITTEN), (1, StepState.WRITTEN)]] * 5


def test_the_number_of_questions_does_not_grow_with_the_chases(duty: Duty) -> None:
    def ask(made: list[Duty]) -> int:
        with undone():
            move_time_to(DECIDED + 14 * DAY)
            with CaptureQueriesContext(connection) as asked:
                fallen_chases().all()
            assert Step.objects.filter(duty__in=made, number=1).count() == len(made)
        return len(asked)

    few = ask([duty])
    assert few <= 12  # two of them record it, and one for each batch
    assert ask([duty, *(an_update() for _ in range(5))]) == few


# --- answered, judged, decided again -------------------------------------------------------------


def test_an_answer_stops_the_chasing_until_it_is_judged(duty: Duty) -> None:
    move_time_to(DECIDED + DAY)
    an_answer(duty.case)
    for day in (14, 28):
        sweep_on(day)
    assert steps(duty) == [(0, StepState.WRITTEN)]
    chase = Chase.objects.get(duty=duty)
    assert (chase.state, chase.raised) == (ChaseState.PAUSED, 0)


def test_a_step_that_waits_is_not_written_while_an_answer_is_to_be_judged(elsewhere: Team) -> None:
    duty = an_update(team=elsewhere)
    an_answer(duty.case)
    a_ladder(team=elsewhere)
    sweep_on(1)
    assert (steps(duty), mails(duty)) == ([(0, StepState.WAITING)], [])


def test_what_is_no_answer_lets_the_chasing_go_on_from_the_decision(duty: Duty) -> None:
    sent(duty)
    move_time_to(DECIDED + DAY)
    answer = an_answer(duty.case)
    move_time_to(DECIDED + 23 * DAY)
    judged(answer, Judgement.NO_ANSWER)
    for _ in range(2):
        assert steps(duty) == [(0, StepState.WRITTEN), (1, StepState.OVERTAKEN), (2, StepState.WRITTEN)]
        assert mails(duty)[1:] == [written(2, LADDER[1])]
        assert (duty.chase.raised, Chase.objects.get(duty=duty).next_on) == (2, date(2010, 1, 8))
        sweep_on(23)
        duty.chase.refresh_from_db()


def test_of_two_answers_both_must_be_no_answer_before_the_chasing_goes_on(duty: Duty) -> None:
    sent(duty)
    first = an_answer(duty.case)
    move_time_to(DECIDED + DAY)
    second = an_answer(duty.case, text="Nobody was at home.")
    judged(first, Judgement.NO_ANSWER)
    sweep_on(14)
    assert duty.steps.count() == 1
    judged(second, Judgement.NO_ANSWER)
    assert steps(duty) == [(0, StepState.WRITTEN), (1, StepState.WRITTEN)]
    sweep_on(14)
    assert duty.steps.count() == 2


@pytest.mark.parametrize("judgement", [Judgement.UNCHANGED, Judgement.CHANGED])
def test_an_answer_ends_the_chasing_for_good(duty: Duty, judgement: Judgement) -> None:
    sent(duty)
    judged(an_answer(duty.case), judgement)
    duty.refresh_from_db()
    assert (duty.state, Chase.objects.get(duty=duty).state) == (DutyState.SATISFIED, ChaseState.ENDED)
    sweep_on(50)
    assert duty.steps.count() == 1


def test_an_email_that_has_not_gone_is_withdrawn_when_they_have_answered(duty: Duty) -> None:
    judged(an_answer(duty.case))
    assert mails(duty) == [(0, LADDER[0], MailState.WITHDRAWN)]


def test_a_step_that_still_waits_is_not_written_after_the_answer(elsewhere: Team) -> None:
    duty = an_update(team=elsewhere)
    judged(an_answer(duty.case))
    assert steps(duty) == [(0, StepState.DROPPED)]
    a_ladder(team=elsewhere)
    sweep_on(1)
    assert (steps(duty), mails(duty)) == ([(0, StepState.DROPPED)], [])


def test_whatever_waits_is_dropped_when_it_is_decided_otherwise(elsewhere: Team) -> None:
    duty = an_update(team=elsewhere)
    for day in (14, 21):
        sweep_on(day)
    a_decision(duty.case)
    assert steps(duty) == [(number, StepState.DROPPED) for number in range(3)]


def test_what_was_overtaken_stays_so_when_the_duty_ends(duty: Duty) -> None:
    sent(duty)
    sweep_on(21)
    hold_chases(duty, why="He is their manager", by=User.objects.system())
    sweep_on(28)
    a_decision(duty.case)
    assert steps(duty) == [
        (0, StepState.WRITTEN),
        (1, StepState.OVERTAKEN),
        (2, StepState.WRITTEN),
        (3, StepState.DROPPED),
    ]
    assert mails(duty)[1:] == [(2, LADDER[1], MailState.WITHDRAWN)]


def test_another_decision_ends_the_chasing(duty: Duty) -> None:
    a_decision(duty.case)
    duty.refresh_from_db()
    assert (duty.state, Chase.objects.get(duty=duty).state) == (DutyState.CANCELLED, ChaseState.ENDED)
    assert mails(duty) == [(0, LADDER[0], MailState.WITHDRAWN)]
    sweep_on(50)
    assert duty.steps.count() == 1


def test_the_same_decision_after_another_asks_anew_and_chases_by_the_new_date(duty: Duty) -> None:
    sent(duty)
    move_time_to(DECIDED + 5 * DAY)
    a_decision(duty.case)
    move_time_to(DECIDED + 10 * DAY)
    a_decision(duty.case, kind=SOCIAL_SERVICES, decided_at=DECIDED + 10 * DAY)
    second = Duty.objects.get(case=duty.case, kind="update", cycle=1)
    assert mails(second) == [written(0)]
    sweep_on(23)
    assert [duty.steps.count(), second.steps.count()] == [1, 1]
    sweep_on(24)
    assert [duty.steps.count(), second.steps.count()] == [1, 2]


def test_a_late_judgement_of_no_answer_does_not_wake_a_chase_that_has_ended(duty: Duty) -> None:
    answer = an_answer(duty.case)
    move_time_to(DECIDED + DAY)
    a_decision(duty.case)
    judged(answer, Judgement.NO_ANSWER)
    sweep_on(50)
    assert Chase.objects.get(duty=duty).state == ChaseState.ENDED
    assert duty.steps.count() == 1


# --- held back -----------------------------------------------------------------------------------


def test_while_emails_are_held_back_steps_fall_and_nothing_is_written(duty: Duty) -> None:
    sent(duty)
    hold_chases(duty, why="He is their manager", by=User.objects.system())
    for day in (14, 21, 28):
        sweep_on(day)
    assert [number for number, _ in steps(duty)] == [0, 1, 2, 3]
    assert [number for number, _, _ in mails(duty)] == [0]
    assert Duty.objects.get(pk=duty.pk).state == DutyState.OPEN


def test_of_what_fell_while_it_was_held_back_only_the_last_goes(duty: Duty) -> None:
    sent(duty)
    hold_chases(duty, why="He is their manager", by=User.objects.system())
    for day in (14, 21, 28):
        sweep_on(day)
    release_chases(duty, why="Another has taken over", by=User.objects.system())
    for _ in range(2):
        assert steps(duty)[1:] == [(1, StepState.OVERTAKEN), (2, StepState.OVERTAKEN), (3, StepState.WRITTEN)]
        assert mails(duty)[1:] == [written(3, LADDER[2])]
        sweep_on(29)


def test_what_fell_and_no_sweep_has_seen_is_caught_up_with_when_it_is_let_go(duty: Duty) -> None:
    hold_chases(duty, why="He is their manager", by=User.objects.system())
    move_time_to(DECIDED + 29 * DAY)
    release_chases(duty, why="Another has taken over", by=User.objects.system())
    assert steps(duty) == [
        (0, StepState.WRITTEN),
        (1, StepState.OVERTAKEN),
        (2, StepState.OVERTAKEN),
        (3, StepState.WRITTEN),
    ]
    assert mails(duty) == [(0, LADDER[0], MailState.WITHDRAWN), written(3, LADDER[2])]
    assert (duty.chase.raised, duty.chase.next_on) == (3, date(2010, 1, 15))


def test_what_is_let_go_while_an_answer_is_to_be_judged_waits_for_the_judgement(duty: Duty) -> None:
    sent(duty)
    hold_chases(duty, why="He is their manager", by=User.objects.system())
    answer = an_answer(duty.case)
    move_time_to(DECIDED + 15 * DAY)
    release_chases(duty, why="Another has taken over", by=User.objects.system())
    assert (steps(duty), Chase.objects.get(duty=duty).state) == ([(0, StepState.WRITTEN)], ChaseState.PAUSED)
    judged(answer, Judgement.NO_ANSWER)
    assert mails(duty)[1:] == [written(1)]


def test_what_is_no_answer_lets_nothing_go_that_is_held_back(duty: Duty) -> None:
    sent(duty)
    answer = an_answer(duty.case)
    hold_chases(duty, why="He is their manager", by=User.objects.system())
    move_time_to(DECIDED + 15 * DAY)
    judged(answer, Judgement.NO_ANSWER)
    assert steps(duty) == [(0, StepState.WRITTEN), (1, StepState.WAITING)]
    assert [number for number, _, _ in mails(duty)] == [0]


def test_to_hold_one_back_does_not_hold_the_others(duty: Duty) -> None:
    other = an_update()
    hold_chases(duty, why="He is their manager", by=User.objects.system())
    sweep_on(14)
    assert [number for number, _, _ in mails(duty)] == [0]
    assert [number for number, _, _ in mails(other)] == [0, 1]


# --- what the sweep cannot deal with -------------------------------------------------------------


def poisoned(duty: Duty) -> None:
    """No number comes after the highest that the database can hold."""
    Chase.objects.filter(duty=duty).update(raised=2**31 - 1)


def test_a_chase_that_cannot_be_checked_is_set_aside_where_people_see_it_and_stops_no_other(duty: Duty) -> None:
    bad, *others = an_update(), an_update()
    others.append(duty)
    poisoned(bad)
    sweep_on(14)
    chase = Chase.objects.get(duty=bad)
    assert (chase.state, chase.set_aside_why) == (ChaseState.SET_ASIDE, "DataError")
    assert chase.set_aside_at is not None
    assert [steps(each) for each in others] == [[(0, StepState.WRITTEN), (1, StepState.WRITTEN)]] * 2
    assert [each.chase.state for each in Duty.objects.filter(pk__in=[each.pk for each in others])] == ["running"] * 2


def test_what_was_set_aside_is_tried_again_and_recovers_once_it_is_mended(duty: Duty) -> None:
    poisoned(duty)
    sweep_on(14)
    since = Chase.objects.get(duty=duty).set_aside_at
    sweep_on(15)
    chase = Chase.objects.get(duty=duty)
    assert (chase.state, chase.set_aside_at) == (ChaseState.SET_ASIDE, since)
    Chase.objects.filter(duty=duty).update(raised=0)
    sweep_on(22)
    chase = Chase.objects.get(duty=duty)
    assert (chase.state, chase.set_aside_at, chase.set_aside_why) == (ChaseState.RUNNING, None, "")
    assert (chase.raised, chase.next_on) == (2, date(2010, 1, 8))
    assert steps(duty)[-1] == (2, StepState.WRITTEN)


def test_a_chase_whose_step_cannot_be_kept_is_set_aside_by_the_same_way(duty: Duty) -> None:
    other = an_update()
    connection.check_constraints()  # so that nothing else stands in the way of ALTER TABLE
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE diary_step ADD CONSTRAINT bad CHECK (duty_id <> {duty.pk} OR number = 0)")
    sweep_on(14)
    chase = Chase.objects.get(duty=duty)
    assert (chase.state, chase.set_aside_why, chase.raised) == (ChaseState.SET_ASIDE, "IntegrityError", 0)
    assert other.steps.count() == 2
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE diary_step DROP CONSTRAINT bad")
    sweep_on(14, hours=1)
    assert steps(duty) == [(0, StepState.WRITTEN), (1, StepState.WRITTEN)]


def test_many_that_cannot_be_checked_do_not_stop_the_others(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raising, "AT_A_TIME", 2)
    for bad in (duty, an_update(), an_update()):
        poisoned(bad)
    others = [an_update(), an_update()]
    sweep_on(14)
    assert Chase.objects.filter(state=ChaseState.SET_ASIDE).count() == 3
    assert [each.steps.count() for each in others] == [2, 2]


def test_what_is_set_aside_is_let_alone_once_they_have_answered(duty: Duty) -> None:
    poisoned(duty)
    sweep_on(14)
    judged(an_answer(duty.case))
    chase = Chase.objects.get(duty=duty)
    assert (chase.state, chase.set_aside_at, chase.set_aside_why) == (ChaseState.ENDED, None, "")
    sweep_on(50)
    assert Chase.objects.get(duty=duty).state == ChaseState.ENDED


def test_an_email_that_cannot_be_written_stops_no_other_and_is_written_later(
    elsewhere: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, other = an_update(team=elsewhere), an_update(team=elsewhere)
    a_ladder(team=elsewhere)
    real, asked = chasing.kind_of, []

    def fails_once(code: str) -> Any:
        asked.append(code)
        return 1 / 0 if len(asked) == 1 else real(code)

    monkeypatch.setattr(chasing, "kind_of", fails_once)
    write_waiting()
    assert (mails(bad), mails(other)) == ([], [written(0)])
    assert steps(bad) == [(0, StepState.WAITING)]
    write_waiting()
    assert mails(bad) == [written(0)]


def test_a_sweep_that_sets_something_aside_has_still_been_made(duty: Duty) -> None:
    poisoned(duty)
    sweep_on(14)
    assert Heartbeat.objects.get().succeeded_at == DECIDED + 14 * DAY


@pytest.mark.parametrize("column", ["started_on", "next_on"])
def test_no_chase_has_a_day_that_the_program_cannot_read(duty: Duty, column: str) -> None:
    set_it = f"UPDATE diary_chase SET {column} = '5874897-12-31' WHERE duty_id = %s"  # noqa: S608
    refused = pytest.raises(IntegrityError, match="chase_days_can_be_read")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(set_it, [duty.pk])


def with_a_broken_statement(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on no statement that raises steps is understood; how often one was tried."""
    tried, real = [], chasing._raise

    def counted(which: str, *args: Any, **other: Any) -> int:
        tried.append(which)
        assert len(tried) < 100, "it goes round and round"
        return real(which, *args, **other)

    monkeypatch.setattr(chasing, "RAISE", "SELECT nonsense FROM diary_chase WHERE {which}")
    monkeypatch.setattr(chasing, "_raise", counted)
    return tried


def test_a_statement_that_fails_by_itself_is_no_success_though_nothing_is_due(
    duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = with_a_broken_statement(monkeypatch)
    with pytest.raises(DatabaseError, match="nonsense"):
        sweep_on(13)
    assert tried == [chasing.RUNNING]
    assert not Heartbeat.objects.exists()
    assert Chase.objects.get(duty=duty).state == ChaseState.RUNNING


def test_a_statement_that_fails_for_every_row_ends_and_is_no_success(
    duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raising, "AT_A_TIME", 2)
    made = [duty, *(an_update() for _ in range(4))]
    with monkeypatch.context() as broken:
        with_a_broken_statement(broken)
        with pytest.raises(DatabaseError, match="nonsense"):
            sweep_on(14)
    assert not Heartbeat.objects.exists()
    for hours in range(4):  # a few of those that were set aside at a time
        sweep_on(14, hours)
    assert [each.steps.count() for each in made] == [2] * 5


# --- what the database refuses -------------------------------------------------------------------


def test_a_step_is_there_once(duty: Duty) -> None:
    with pytest.raises(IntegrityError, match="step_exactly_once"), transaction.atomic():
        Step.objects.create(duty=duty, number=0, due_on=duty.due_on)


@pytest.mark.parametrize(
    ("constraint", "new"),
    [
        ("chase_state_is_known", {"state": "asleep"}),
        ("chase_partner_is_known", {"partner": "the baker"}),
        ("chases_are_a_day_apart_or_more", {"apart": 0}),
        ("chase_set_aside_says_since_when", {"state": ChaseState.SET_ASIDE}),
        ("chase_set_aside_says_since_when", {"set_aside_at": DECIDED}),
    ],
)
def test_the_database_refuses_a_chase_that_cannot_be(duty: Duty, constraint: str, new: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Chase.objects.filter(duty=duty).update(**new)
