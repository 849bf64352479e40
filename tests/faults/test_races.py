"""A duty ends, or is held back, at the very moment at which it falls due: it is told of before, or not at all."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import pytest
from django.db import connection, transaction

from cases.actions import accept_transfer, agree_closure
from cases.models import Closure, Transfer
from diary.actions import hold_chases
from diary.models import Duty, Waker
from diary.sweep import sweep
from referrals.enums import DecisionKind
from team.enums import Role
from team.models import User
from tests.factories.deciding import a_decision, an_open_update, asked_to_close
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_transfer
from tests.faults.parts import gate_before, number, rows, set_clock
from tests.faults.test_clock import pass_of_the_diary
from tests.faults.whole import all_is_as_it_should_be
from tests.faults.world import BEGAN, DAY, HOUR, MINUTE
from tests.integration.cait.processes import eventually
from tests.integration.diary.mail_server import MailServer

Act = Callable[[Duty], object]


def closed(duty: Duty) -> None:
    supervisor = User.objects.get(username="closes")
    agree_closure(Closure.objects.get(case=duty.case_id), by=supervisor)


def decided_again(duty: Duty) -> None:
    a_decision(duty.case, kind=DecisionKind.INFORMATION)


def held_back(duty: Duty) -> None:
    hold_chases(duty, why="The worker is the subject", by=User.objects.system())


def transferred(duty: Duty) -> None:
    receiver = User.objects.get(username="accepts")
    accept_transfer(Transfer.objects.get(case=duty.case_id), by=receiver)


def asked_for_elsewhere() -> Duty:
    """What Social Services are asked on a record that Enfield is to take over."""
    duty = an_open_update()
    a_transfer(duty.case)
    return duty


def of_closure() -> Duty:
    return Duty.objects.get(case=asked_to_close().case, kind="closure")


# Of each: how a duty is made that it happens to, and what of it the sweep raises.
ACTS: dict[str, tuple[Act, Callable[[], Duty], str]] = {
    "closed": (closed, of_closure, "diary_notice"),
    "decided again": (decided_again, an_open_update, "diary_notice"),
    "held back": (held_back, an_open_update, "diary_step"),
    "transferred": (transferred, asked_for_elsewhere, "diary_notice"),
}
# It goes on being due, and nothing is written to anybody.
GOES_ON = ("held back", "transferred")


@pytest.fixture
def sink() -> MailServer:
    """Not a server: what this process sends by itself is kept in it."""
    return MailServer()


@pytest.fixture(autouse=True)
def supervisor(few: str) -> None:
    set_clock(BEGAN + DAY)
    an_officer(Role.SUPERVISOR, a_team())
    closes = an_officer(Role.SUPERVISOR, a_team())
    closes.username = "closes"
    closes.save(update_fields=["username"])
    accepts = an_officer(Role.SUPERVISOR, a_team("ENF"))
    accepts.username = "accepts"
    accepts.save(update_fields=["username"])


def falls_at(duty: Duty) -> datetime:
    """The moment at which the sweep has something to raise of it: for an update also its first chase."""
    return duty.late_from


def in_another(act: Callable[[], object]) -> Callable[[], None]:
    """Within another thread, whose connection it closes."""

    def acted() -> None:
        try:
            act()
        finally:
            connection.close()

    return acted


def swept() -> None:
    sweep(woken_by=Waker.COMMAND)


def raised(duty: Duty) -> tuple[int, int, int]:
    """How often it was told that it is late, how many chases were raised, and how many emails of them have gone."""
    return (
        number("SELECT count(*) FROM diary_notice WHERE kind = 'late' AND duty_id = %s", duty.pk),
        number("SELECT count(*) FROM diary_step WHERE number > 0 AND duty_id = %s", duty.pk),
        number(
            "SELECT count(*) FROM diary_mail m JOIN diary_step s ON s.id = m.step_id "
            "WHERE m.state = 'sent' AND s.number > 0 AND s.duty_id = %s",
            duty.pk,
        ),
    )


@contextlib.contextmanager
def together() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.mark.parametrize("what", ACTS)
def test_17_the_sweep_comes_while_a_record_is_being(what: str, sink: MailServer) -> None:
    """It does not wait, and does not tell of what is just ending."""
    act, make, _ = ACTS[what]
    duty = make()
    pass_of_the_diary(sink)
    set_clock(falls_at(duty) + MINUTE)
    with together() as pool, contextlib.closing(connection), transaction.atomic():
        act(duty)
        pool.submit(in_another(swept)).result(timeout=30)
        assert raised(duty) == (0, 0, 0) if what != "held back" else raised(duty)[1:] == (0, 0)
    pass_of_the_diary(sink)
    told, chases, sent = raised(duty)
    if what in GOES_ON:
        assert (told, chases, sent) == (1, 1, 0)
    else:
        assert (told, chases, sent) == (0, 0, 0)
    if what == "transferred":
        assert who_was_told(duty) == "ENF"
    all_is_as_it_should_be(sink)


def who_was_told(duty: Duty) -> str:
    of = "SELECT team.code FROM diary_notice notice JOIN team_team team ON team.id = notice.team_id"
    ((code,),) = rows(f"{of} WHERE notice.kind = 'late' AND notice.duty_id = %s", duty.pk)
    return str(code)


def somebody_waits_for_a_row() -> bool:
    waiting = "locktype IN ('transactionid', 'tuple') AND NOT granted"
    return number(f"SELECT count(*) FROM pg_locks WHERE {waiting}") > 0  # noqa: S608


@pytest.mark.parametrize("what", ACTS)
def test_17_the_sweep_is_telling_when_a_record_is_to_be(what: str, sink: MailServer) -> None:
    """What is being told just now is waited for: it was told before, and nothing after."""
    act, make, table = ACTS[what]
    duty = make()
    pass_of_the_diary(sink)
    set_clock(falls_at(duty) + MINUTE)
    with together() as pool, gate_before(duty.pk, table) as gate:
        sweeping = pool.submit(in_another(swept))
        gate.wait()
        assert raised(duty)[:2] == (0, 1 if what in ("decided again", "transferred") else 0)  # its chase comes before
        acting = pool.submit(in_another(lambda: act(duty)))
        eventually(somebody_waits_for_a_row, 30)
        assert not acting.done()
        gate.open()
        sweeping.result(timeout=30)
        acting.result(timeout=30)
    before = raised(duty)
    pass_of_the_diary(sink)
    told, chases, sent = raised(duty)
    if what in GOES_ON:
        assert (told, chases, sent) == (1, 1, 0)
    else:
        assert (told, chases, sent) == before
        assert told == 1
    all_is_as_it_should_be(sink)


AT_ONCE = 24


def test_17_many_times_at_once(sink: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep goes from one to the next while others end: what was told was told before its end was kept."""
    monkeypatch.setattr("diary.raising.AT_A_TIME", 1)  # so that they come between one and the next
    of_each = {what: [make() for _ in range(AT_ONCE)] for what, (_, make, _) in ACTS.items()}
    pass_of_the_diary(sink)
    raced: list[int] = []
    at_the_end: dict[int, tuple[int, int, int]] = {}
    for place, (what, (act, _, _)) in enumerate(ACTS.items()):
        # The clock only goes on, also where what is next falls at the same moment as what was before.
        set_clock(falls_at(of_each[what][0]) + MINUTE + place * HOUR)
        go = threading.Barrier(3)
        with together() as pool:
            # From the end and from the middle, so that the sweep meets them.
            parts = (of_each[what][::-2], of_each[what][AT_ONCE // 2 :: -2])
            acts = [
                pool.submit(in_another(partial(_act_on, act, part, of_each[what], go, at_the_end))) for part in parts
            ]
            acts.append(pool.submit(in_another(partial(_sweeps, go))))
            for each in acts:
                each.result(timeout=60)
    pass_of_the_diary(sink)
    for what, duties in of_each.items():
        acted_on = [duty for duty in duties if duty.pk in at_the_end]
        if what in GOES_ON:
            assert {raised(duty) for duty in acted_on} == {(1, 1, 0)}
            continue
        raced += [duty.pk for duty in acted_on]
        assert [raised(duty) for duty in acted_on] == [at_the_end[duty.pk] for duty in acted_on]
        met = [sum(raised(duty)) > 0 for duty in acted_on]
        assert any(met), "the sweep came too late to meet one"
        assert not all(met), "the sweep came before them all"
    all_is_as_it_should_be(sink, raced=raced)


def _act_on(
    act: Act,
    duties: list[Duty],
    every: list[Duty],
    go: threading.Barrier,
    at_the_end: dict[int, tuple[int, int, int]],
) -> None:
    """On one before the sweep comes to it, and on the others from when it has told of the first: it is among them."""
    go.wait(timeout=30)
    told = "SELECT count(*) FROM diary_notice WHERE kind = 'late' AND duty_id = ANY(%s)"
    for place, duty in enumerate(duties):
        if place == 1:
            eventually(lambda: number(told, [each.pk for each in every]) > 0, 30)
        act(duty)
        at_the_end[duty.pk] = raised(duty)


def _sweeps(go: threading.Barrier) -> None:
    go.wait(timeout=30)
    for _ in range(3):
        swept()
