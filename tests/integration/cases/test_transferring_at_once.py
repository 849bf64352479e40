"""A transfer is accepted at the very moment at which somebody else does something on its record."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from cases import actions
from cases.enums import Kind, TransferState
from cases.models import Case, Transfer
from deadlines import clock
from diary.checking import findings
from people.said import PersonSaid
from team.enums import Role
from team.models import User
from team.permissions import NotAllowed
from tests.factories.referrals import a_case
from tests.factories.team import an_officer
from tests.factories.transferring import a_receiver, a_transfer

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype IN ('transactionid', 'tuple') AND NOT granted"
SECONDS = 30


def until_somebody_waits() -> None:
    before = time.monotonic()
    while time.monotonic() - before < SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("Nobody waits for a row.")


def while_accepting(transfer: Transfer, act: Callable[[], Any]) -> Future[Any]:
    """Another begins to act while a record is being taken over, and goes on when it is."""

    def acted() -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            actions.accept_transfer(transfer, by=a_receiver())
            acting = pool.submit(acted)
            until_somebody_waits()
        acting.exception(timeout=SECONDS)
    return acting


def test_whoever_writes_on_it_just_then_reads_that_they_cannot_any_more() -> None:
    transfer, officer = a_transfer(), an_officer(Role.INVESTIGATOR)
    said: dict[str, Any] = {"kind": Kind.NOTE, "title": "Seen", "text": "Well", "happened_at": clock.now()}
    acting = while_accepting(transfer, lambda: actions.add_entry(transfer.case, **said, by=officer))
    refused = acting.exception()
    assert isinstance(refused, NotAllowed)
    assert str(refused).startswith("You cannot write on records in Team ENF.")
    assert not transfer.case.entries.filter(title="Seen").exists()


def test_what_is_done_on_another_record_of_the_child_just_then_finds_it_all_the_same() -> None:
    transfer = a_transfer()
    child = transfer.case.people.get()
    here = a_case(children=[PersonSaid(given_names="Rhys", same_as=child.pk)])
    sergeant = an_officer(Role.SUPERVISOR)
    acting = while_accepting(
        transfer, lambda: actions.choose_lead(here, child=child, reason="The newer", by=sergeant)
    )
    assert acting.result().among == sorted([transfer.case_id, here.pk])
    # The record that is gone says so without its name: whoever has it need not be allowed to know of this one.
    assert transfer.case.entries.latest("pk").title == f"Reviews of {child} hang on a record of Team HGY"


def test_of_one_who_accepts_and_one_who_withdraws_at_once_one_does_and_the_other_reads_who() -> None:
    transfer, start = a_transfer(), threading.Barrier(2)
    receiver, sender = a_receiver(), an_officer(Role.SUPERVISOR)

    def act(answer: Callable[..., Transfer], by: User) -> str:
        try:
            start.wait(SECONDS)
            answer(transfer, answer="So I think", by=by)
        except (ValidationError, NotAllowed) as refused:
            return str(refused)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(act, [actions.accept_transfer, actions.withdraw_transfer], [receiver, sender]))
    transfer.refresh_from_db()
    case = Case.objects.get(pk=transfer.case_id)
    if transfer.state == TransferState.ACCEPTED:
        assert (case.team, transfer.answered_by) == (transfer.to_team, receiver)
        assert said == ["", said[1]]
        assert "You cannot transfer records to another team in Team ENF" in said[1]
    else:
        assert (transfer.state, case.team) == (TransferState.WITHDRAWN, transfer.from_team)
        assert f"{sender} withdrew the request" in said[0]
        assert said[1] == ""
    assert findings([case.pk]) == []
