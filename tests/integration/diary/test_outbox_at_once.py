"""Sent while others send too, hold back, answer or end an address: once, and whoever comes second waits."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from diary.actions import end_address, hold_chases
from diary.models import Chase, ChaseState, Duty, Mail, MailState
from diary.outbox import send_due
from referrals.enums import Came, DecisionKind
from team.models import User
from tests.factories.deciding import a_decision, a_triaged_case, an_answer, an_approved_address
from tests.integration.diary.mail_server import MailServer, running_mail_server
from tests.integration.diary.outgoing import FIRST, mail_of, recorded, the_rung, told, until_somebody_waits_for_us

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server(settings) as running:
        yield running


def requests(number: int) -> list[Duty]:
    """By the real clock, and kept: others at work at once see them."""
    an_approved_address()
    made = []
    for _ in range(number):
        case = a_triaged_case()
        a_decision(case, kind=DecisionKind.SOCIAL_SERVICES)
        made.append(Duty.objects.get(case=case, kind="update"))
    return made


def elsewhere(act: Any) -> Any:
    """In another connection of its own."""
    try:
        return act()
    finally:
        connection.close()


def test_senders_at_once_send_each_email_once(server: MailServer) -> None:
    made = requests(8)
    with ThreadPoolExecutor(4) as pool:
        went = list(pool.map(lambda _: elsewhere(send_due), range(4)))
    assert sum(went) == len(server.received) == 8
    assert len({message["Message-ID"] for message in server.received}) == 8
    for duty in made:
        assert told(duty) == ["Social Services asked for an update"]
        assert mail_of(duty).tries == 1


def test_one_that_another_is_sending_is_passed_over(server: MailServer) -> None:
    first, second = requests(2)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Mail.objects.select_for_update().get(step__duty=first)
        assert pool.submit(elsewhere, send_due).result(timeout=10) == 1
    assert (mail_of(first).state, mail_of(second).state) == (MailState.QUEUED, MailState.SENT)
    assert mail_of(first).tries == 0


def test_whoever_holds_emails_back_waits_for_the_one_that_is_being_sent(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (duty,) = requests(1)
    with ThreadPoolExecutor(1) as pool:
        holding: list[Any] = []

        def while_it_is_sent(message: Any) -> None:
            act = lambda: hold_chases(duty, why="He is their manager", by=User.objects.system())  # noqa: E731
            holding.append(pool.submit(elsewhere, act))
            until_somebody_waits_for_us()
            assert not holding[0].done()

        assert send_due(while_it_is_sent) == 1
        assert holding[0].result(timeout=10).held_at is not None
    assert mail_of(duty).state == MailState.SENT


def test_whoever_records_an_update_waits_for_the_one_that_is_being_sent_and_counts_it(server: MailServer) -> None:
    (duty,) = requests(1)
    with ThreadPoolExecutor(1) as pool:
        recording: list[Any] = []

        def while_it_is_sent(message: Any) -> None:
            recording.append(pool.submit(elsewhere, lambda: an_answer(duty.case)))
            until_somebody_waits_for_us()
            assert not recording[0].done()

        assert send_due(while_it_is_sent) == 1
        answer = recording[0].result(timeout=10)
    assert mail_of(duty).state == MailState.SENT
    assert answer.came == Came.ON_REQUEST
    assert Chase.objects.get(duty=duty).state == ChaseState.PAUSED


def test_what_an_update_has_in_hand_is_not_sent_meanwhile_nor_afterwards(server: MailServer) -> None:
    (duty,) = requests(1)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        an_answer(duty.case)
        assert pool.submit(elsewhere, send_due).result(timeout=10) == 0
    assert (send_due(), server.received) == (0, [])
    assert (mail_of(duty).state, mail_of(duty).tries) == (MailState.QUEUED, 0)


def test_whoever_ends_an_address_waits_for_what_is_being_sent_to_it(server: MailServer) -> None:
    (duty,) = requests(1)
    with ThreadPoolExecutor(1) as pool:
        ending: list[Any] = []

        def while_it_is_sent(message: Any) -> None:
            act = lambda: end_address(the_rung(1), by=User.objects.system())  # noqa: E731
            ending.append(pool.submit(elsewhere, act))
            until_somebody_waits_for_us()
            assert not ending[0].done()

        assert send_due(while_it_is_sent) == 1
        assert ending[0].result(timeout=10).ended_at is not None
    assert (mail_of(duty).state, mail_of(duty).address) == (MailState.SENT, FIRST)


def test_what_fails_in_the_sending_leaves_nothing_behind(server: MailServer) -> None:
    (duty,) = requests(1)
    server.refuses.add(FIRST)
    assert send_due() == 0
    assert (told(duty), recorded(duty), mail_of(duty).tries) == ([], [], 1)


def test_a_decision_that_is_rolled_back_sends_nothing(server: MailServer) -> None:
    an_approved_address()
    case = a_triaged_case()
    with transaction.atomic():
        a_decision(case, kind=DecisionKind.SOCIAL_SERVICES)
        transaction.set_rollback(True)
    assert (send_due(), server.received) == (0, [])
