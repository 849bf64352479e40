"""Whoever has to do something is told when it is late, and ever higher up while it stays so: each step once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.events import Event
from audit.models import AuditEvent
from cases.actions import assign_case
from deadlines import clock
from deadlines.clock import LONDON
from deadlines.models import Limit
from diary import raising, telling
from diary.models import Duty, Heartbeat, Notice, NoticeKind, Waker, Watch
from diary.raising import NotRecorded
from diary.steps import end_duty, pass_to
from diary.sweep import sweep
from diary.telling import fallen_steps
from team.actions import close_account, give_role, withdraw_role
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.telling import a_duty, sweep_at, told

pytestmark = pytest.mark.django_db

# A Monday: what is due a working day later is late with the beginning of Wednesday.
MONDAY = datetime(2009, 12, 7, 10, 0, tzinfo=LONDON)
LATE_FROM = datetime(2009, 12, 9, 0, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
System = User.objects.system
DESK, SUPERVISOR, INSPECTOR, COMMAND = Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR, Role.COMMAND
# After how many hours each step falls.
HOURS = [0, 24, 72, 336]


@pytest.fixture(autouse=True)
def monday(request: pytest.FixtureRequest) -> None:
    if not request.node.get_closest_marker("django_db").kwargs:  # where it would stay so for other tests
        move_time_to(MONDAY)


def steps(duty: Duty) -> list[int]:
    return [number for number, _, _ in told(duty)]


def ended(duty: Duty, *, done: bool = True) -> Duty:
    return end_duty(duty, done=done, why="Written", by=System())


# --- when ----------------------------------------------------------------------------------------


def test_each_step_is_told_once_at_its_hour_and_not_a_minute_before() -> None:
    duty = a_duty()
    assert duty.late_from == LATE_FROM
    sweep_at(MONDAY + HOUR)
    assert steps(duty) == []
    for number, hours in enumerate(HOURS):
        sweep_at(LATE_FROM + hours * HOUR - MINUTE)
        assert len(steps(duty)) == number
        sweep_at(LATE_FROM + hours * HOUR)
        assert len(steps(duty)) == number + 1
        sweep_at(LATE_FROM + hours * HOUR + MINUTE)
        assert steps(duty) == list(range(1, number + 2))
    sweep_at(LATE_FROM + 100 * DAY)
    assert steps(duty) == [1, 2, 3, 4]
    watch = Watch.objects.get(duty=duty)
    assert (watch.told, watch.tell_at) == (4, None)


def test_on_a_clock_of_hours_it_is_told_with_the_minute_and_a_day_is_24_hours_when_the_clocks_change() -> None:
    move_time_to(datetime(2010, 3, 25, 10, 0, tzinfo=LONDON))
    duty = a_duty()
    # Due on Friday, late with Saturday; on Sunday the clocks go forward.
    assert duty.late_from == datetime(2010, 3, 27, 0, 0, tzinfo=LONDON)
    third = datetime(2010, 3, 30, 1, 0, tzinfo=LONDON)
    sweep_at(third - MINUTE)
    assert steps(duty) == [1, 2]
    sweep_at(third)
    assert steps(duty) == [1, 2, 3]


def test_what_is_late_already_when_it_is_raised_is_told_by_the_next_sweep() -> None:
    duty = a_duty(from_event=MONDAY - 5 * DAY)
    sweep_at(MONDAY + MINUTE)
    assert steps(duty) == [1, 2, 3]


def test_after_a_stop_every_step_that_fell_is_told_once_the_oldest_first() -> None:
    later = a_duty(from_event=MONDAY + DAY)
    sooner = a_duty()
    assert sooner.pk > later.pk
    sweep_at(LATE_FROM + 3 * DAY)
    rows = Notice.objects.filter(duty__in=[sooner, later]).order_by("id").values_list("duty", "number")
    fell = [(sooner.pk, 1), (later.pk, 1), (sooner.pk, 2), (later.pk, 2), (sooner.pk, 3)]
    assert list(rows) == fell


def test_a_sweep_that_runs_often_doubles_nothing() -> None:
    duty = a_duty()
    for hours in (0, 0, 1, 23, 24, 24, 25, 71, 72, 72):
        sweep_at(LATE_FROM + hours * HOUR)
    assert steps(duty) == [1, 2, 3]


def test_a_clock_that_goes_ahead_and_back_doubles_nothing() -> None:
    duty = a_duty()
    sweep_at(LATE_FROM + HOUR)
    sweep_at(LATE_FROM + HOUR + 2 * DAY)
    assert steps(duty) == [1, 2]
    sweep_at(LATE_FROM + 2 * HOUR)
    sweep_at(LATE_FROM + 24 * HOUR)
    assert steps(duty) == [1, 2]
    sweep_at(LATE_FROM + 72 * HOUR)
    assert steps(duty) == [1, 2, 3]


# --- to whom -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "roles"),
    [
        (DESK, [DESK, SUPERVISOR, INSPECTOR, COMMAND]),
        (Role.INVESTIGATOR, [Role.INVESTIGATOR, SUPERVISOR, INSPECTOR, COMMAND]),
        (Role.PCLO, [Role.PCLO, SUPERVISOR, INSPECTOR, COMMAND]),
        (SUPERVISOR, [SUPERVISOR, SUPERVISOR, INSPECTOR, COMMAND]),
        (INSPECTOR, [INSPECTOR, INSPECTOR, INSPECTOR, COMMAND]),
        (COMMAND, [COMMAND] * 4),
    ],
)
def test_nobody_below_whoever_has_to_do_it_is_told(owner: Role, roles: list[Role]) -> None:
    an_officer(SUPERVISOR)
    duty = a_duty(owner)
    sweep_at(LATE_FROM + 20 * DAY)
    assert told(duty) == [(number, role, None) for number, role in enumerate(roles, 1)]
    assert set(Notice.objects.filter(duty=duty).values_list("team", flat=True)) == {duty.team_id}


def test_whoever_has_it_by_name_is_told_first_then_the_supervisor_of_the_record_by_name() -> None:
    officer, supervisor = an_officer(Role.INVESTIGATOR), an_officer(SUPERVISOR)
    case = a_case()
    assign_case(case, officer_in_case=officer, supervisor=supervisor, by=System())
    duty = a_duty(Role.INVESTIGATOR, owner=officer, case=case)
    of_an_inspector = a_duty(INSPECTOR, case=case)
    sweep_at(LATE_FROM + 20 * DAY)
    assert told(duty) == [
        (1, Role.INVESTIGATOR, officer.pk),
        (2, SUPERVISOR, supervisor.pk),
        (3, INSPECTOR, None),
        (4, COMMAND, None),
    ]
    assert [person for _, _, person in told(of_an_inspector)] == [None] * 4


def test_it_is_told_to_whoever_has_it_when_the_step_falls() -> None:
    first, second = an_officer(Role.INVESTIGATOR), an_officer(Role.INVESTIGATOR)
    duty = a_duty(Role.INVESTIGATOR, owner=first)
    pass_to(duty, second, System())
    sweep_at(LATE_FROM)
    assert told(duty) == [(1, Role.INVESTIGATOR, second.pk)]


def test_of_somebody_who_has_left_whoever_holds_the_role_is_told() -> None:
    officer, supervisor = an_officer(Role.INVESTIGATOR), an_officer(SUPERVISOR)
    case = a_case()
    assign_case(case, officer_in_case=officer, supervisor=supervisor, by=System())
    duty = a_duty(Role.INVESTIGATOR, owner=officer, case=case)
    close_account(officer, by=System())
    withdraw_role(supervisor.memberships.get(), reason="Moved", by=System())
    sweep_at(LATE_FROM + DAY)
    assert told(duty) == [(1, Role.INVESTIGATOR, None), (2, SUPERVISOR, None)]


def test_whoever_holds_two_roles_is_told_once() -> None:
    officer = an_officer(Role.INVESTIGATOR)
    give_role(officer, team=a_team(), role=Role.RESEARCHER, from_on=clock.today(), by=System())
    duty = a_duty(Role.INVESTIGATOR, owner=officer)
    sweep_at(LATE_FROM)
    assert told(duty) == [(1, Role.INVESTIGATOR, officer.pk)]


# --- what is not told ----------------------------------------------------------------------------


@pytest.mark.parametrize("done", [True, False])
def test_of_what_ended_nobody_is_told_any_more(done: bool) -> None:
    in_time, late = a_duty(kind="a"), a_duty(kind="b")
    ended(in_time, done=done)
    sweep_at(LATE_FROM + HOUR)
    ended(late, done=done)
    sweep_at(LATE_FROM + 20 * DAY)
    assert (steps(in_time), steps(late)) == ([], [1])
    assert not Watch.objects.filter(duty__in=[in_time, late]).exists()


def test_of_what_ended_and_is_watched_still_nobody_is_told_either() -> None:
    duty = ended(a_duty())
    Watch.objects.create(duty=duty, tell_at=LATE_FROM)
    sweep_at(LATE_FROM + 20 * DAY)
    assert steps(duty) == []
    assert Watch.objects.get(duty=duty).tell_at is None


def test_what_an_old_log_brought_in_is_not_watched() -> None:
    case = an_old_referral(decision="").case
    duty = Duty.objects.get(case=case)
    assert duty.from_before
    sweep_at(MONDAY + 20 * DAY)
    assert not Watch.objects.filter(duty=duty).exists()
    assert steps(duty) == []


# --- limits --------------------------------------------------------------------------------------


def a_limit(rule: str, value: int, *, on: date) -> None:
    Limit.objects.create(rule=rule, value=value, effective_from=on, reason="Test")


def test_a_limit_that_is_made_longer_holds_for_what_becomes_late_from_that_day_on() -> None:
    before = a_duty()
    sweep_at(LATE_FROM)
    a_limit("LATE-TO-SUPERVISOR", 48, on=date(2009, 12, 10))
    sweep_at(LATE_FROM + 24 * HOUR)
    assert steps(before) == [1, 2]
    after = a_duty(from_event=LATE_FROM + 3 * DAY)
    sweep_at(after.late_from + 48 * HOUR - MINUTE)
    assert steps(after) == [1]
    sweep_at(after.late_from + 48 * HOUR)
    assert steps(after) == [1, 2]


def test_a_limit_that_was_made_shorter_counts_from_the_next_step_and_nothing_is_told_twice() -> None:
    duty = a_duty()
    sweep_at(LATE_FROM)
    a_limit("LATE-TO-SUPERVISOR", 2, on=date(2009, 12, 9))
    a_limit("LATE-TO-INSPECTOR", 4, on=date(2009, 12, 9))
    sweep_at(LATE_FROM + 24 * HOUR)
    assert steps(duty) == [1, 2, 3]
    sweep_at(LATE_FROM + 72 * HOUR)
    assert steps(duty) == [1, 2, 3]


def test_no_step_falls_before_the_one_below_it() -> None:
    a_limit("LATE-TO-SUPERVISOR", 100, on=date(2009, 12, 1))
    duty = a_duty()
    sweep_at(LATE_FROM + 99 * HOUR)
    assert steps(duty) == [1]
    sweep_at(LATE_FROM + 100 * HOUR)
    assert steps(duty) == [1, 2, 3]


# --- what cannot be told -------------------------------------------------------------------------


def refused_for(*duties: Duty) -> None:
    """From now on no notice of these can be kept."""
    ids = ", ".join(str(duty.pk) for duty in duties)
    connection.check_constraints()  # so that nothing else stands in the way of ALTER TABLE
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE diary_notice ADD CONSTRAINT bad CHECK (duty_id NOT IN ({ids})) NOT VALID")


def mended() -> None:
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE diary_notice DROP CONSTRAINT bad")


def test_what_cannot_be_told_is_set_aside_stops_no_other_and_is_tried_again() -> None:
    bad, other = a_duty(kind="a"), a_duty(kind="b")
    refused_for(bad)
    sweep_at(LATE_FROM)
    watch = Watch.objects.get(duty=bad)
    assert (watch.told, watch.set_aside_why) == (0, "IntegrityError")
    since = watch.set_aside_at
    assert (steps(bad), steps(other)) == ([], [1])
    assert Heartbeat.objects.get().succeeded_at == LATE_FROM
    sweep_at(LATE_FROM + DAY)
    assert Watch.objects.get(duty=bad).set_aside_at == since
    assert (steps(bad), steps(other)) == ([], [1, 2])
    mended()
    sweep_at(LATE_FROM + DAY + HOUR)
    watch = Watch.objects.get(duty=bad)
    assert (watch.told, watch.set_aside_at, watch.set_aside_why) == (2, None, "")
    assert watch.tell_at == LATE_FROM + 72 * HOUR
    assert (steps(bad), steps(other)) == ([1, 2], [1, 2])


def test_many_that_cannot_be_told_do_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raising, "AT_A_TIME", 2)
    case = a_case()
    made = [a_duty(case=case, kind=f"kind{number}") for number in range(7)]
    refused_for(*made[:3])
    sweep_at(LATE_FROM)
    assert Watch.objects.filter(set_aside_at__isnull=False).count() == 3
    assert [steps(duty) for duty in made] == [[]] * 3 + [[1]] * 4


def test_what_is_set_aside_and_ends_is_let_alone() -> None:
    bad = a_duty()
    refused_for(bad)
    sweep_at(LATE_FROM)
    ended(bad)
    mended()
    sweep_at(LATE_FROM + DAY)
    assert steps(bad) == []


def test_a_statement_that_fails_by_itself_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    duty = a_duty()
    with monkeypatch.context() as broken:
        broken.setattr(telling, "TELL", "SELECT nonsense FROM diary_watch WHERE {which}")
        with pytest.raises(DatabaseError, match="nonsense"):
            sweep_at(LATE_FROM)
    assert not Heartbeat.objects.exists()
    sweep_at(LATE_FROM + MINUTE)
    assert steps(duty) == [1]


@contextmanager
def without_an_audit() -> Iterator[None]:
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent RENAME TO audit_full")
        yield
        cursor.execute("ALTER TABLE audit_full RENAME TO audit_auditevent")


def test_while_the_audit_cannot_be_written_nothing_is_told_nothing_set_aside_and_no_sweep_has_been_made() -> None:
    duty = a_duty()
    sweep_at(MONDAY + HOUR)
    with without_an_audit():
        for hours in (0, 30):
            with pytest.raises(NotRecorded):
                sweep_at(LATE_FROM + hours * HOUR)
        assert steps(duty) == []
        watch = Watch.objects.get(duty=duty)
        assert (watch.told, watch.tell_at, watch.set_aside_at) == (0, LATE_FROM, None)
        assert Heartbeat.objects.get().succeeded_at == MONDAY + HOUR
    sweep_at(LATE_FROM + 31 * HOUR)
    assert steps(duty) == [1, 2]


def test_what_was_set_aside_stays_so_while_the_audit_cannot_be_written() -> None:
    bad = a_duty()
    refused_for(bad)
    sweep_at(LATE_FROM)
    mended()
    with without_an_audit(), pytest.raises(NotRecorded):
        sweep_at(LATE_FROM + HOUR)
    assert steps(bad) == []
    sweep_at(LATE_FROM + 2 * HOUR)
    assert steps(bad) == [1]


def test_what_was_told_is_recorded_a_batch_at_a_time() -> None:
    case = a_case()
    for number in range(3):
        a_duty(case=case, kind=f"kind{number}")
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    sweep_at(LATE_FROM)
    sweep_at(LATE_FROM + HOUR)
    (event,) = AuditEvent.objects.exclude(pk__in=before).filter(event=Event.LATENESS_TOLD)
    # With the triage and the first CRAM of the referral.
    assert (event.by_id, event.object_type, event.detail) == (System().pk, "diary.watch", {"rows": 5})


def test_the_number_of_questions_does_not_grow_with_what_is_told(django_assert_max_num_queries: Any) -> None:
    case = a_case()
    made = [a_duty(case=case, kind=f"kind{number}") for number in range(12)]
    move_time_to(LATE_FROM + 5 * DAY)
    with django_assert_max_num_queries(19):  # with the limits, two that record it, and one for each batch
        fallen_steps().all()
    assert Notice.objects.filter(duty__in=made).count() == 36


# --- given ---------------------------------------------------------------------------------------


def test_whoever_is_given_a_duty_is_told_each_time_and_nobody_of_what_they_took_themselves() -> None:
    first, second, sergeant = an_officer(Role.INVESTIGATOR), an_officer(Role.INVESTIGATOR), an_officer(SUPERVISOR)
    duty = a_duty(Role.INVESTIGATOR)
    for to in (first, second, None, first, sergeant, first, first):
        pass_to(duty, to, sergeant)
    rows = Notice.objects.filter(duty=duty, kind=NoticeKind.GIVEN).order_by("id")
    assert list(rows.values_list("number", "to_person")) == [
        (0, first.pk), (1, second.pk), (2, first.pk), (3, first.pk),
    ]  # fmt: skip


# --- at the same time ----------------------------------------------------------------------------


def at_once(times: int, act: Any) -> None:
    def one(_: int) -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_tell_each_step_once_and_one_passes_over_what_another_has_in_hand() -> None:
    # By the real clock: one that is moved in one transaction others do not see.
    case = a_case()
    made = [a_duty(case=case, kind=f"kind{number}", from_event=clock.now() - 40 * DAY) for number in range(8)]
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Watch.objects.select_for_update().get(duty=made[0])
        pool.submit(at_once, 3, lambda: sweep(woken_by=Waker.BEAT)).result(timeout=60)
        assert [steps(duty) for duty in made] == [[]] + [[1, 2, 3, 4]] * 7
    at_once(3, lambda: sweep(woken_by=Waker.BEAT))
    assert [steps(duty) for duty in made] == [[1, 2, 3, 4]] * 8


# --- what the database refuses -------------------------------------------------------------------


@pytest.mark.parametrize("change", ["UPDATE diary_notice SET number = 9", "DELETE FROM diary_notice"])
def test_what_somebody_was_told_is_never_changed(change: str) -> None:
    duty = a_duty()
    sweep_at(LATE_FROM)
    assert steps(duty) == [1]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ("notice_kind_is_known", {"kind": "gossip"}),
        ("notice_says_to_whom", {"to_role": ""}),
        ("notice_role_is_known", {"to_role": "the baker"}),
        ("notice_is_of_a_duty_or_of_an_outage", {"duty": None}),
        ("notice_is_of_a_duty_or_of_an_outage", {"words": "Late"}),
        ("notice_is_of_a_duty_or_of_an_outage", {"kind": "outage"}),
        ("notice_exactly_once", {"number": 1}),
    ],
)
def test_the_database_refuses_a_notice_that_cannot_be(constraint: str, said: dict[str, Any]) -> None:
    duty = a_duty()
    sweep_at(LATE_FROM)
    fields: dict[str, Any] = {"kind": "late", "team": duty.team, "duty": duty, "to_role": DESK, "number": 2, **said}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Notice.objects.create(**fields)
