"""The queues page tells how far the chasing has come, and what of it does not work."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from deadlines import clock
from diary import queries
from diary.actions import end_address, hold_chases
from diary.models import Chase, ChaseState, Duty, Mail, MailState, Waker
from diary.queries import Trouble
from diary.sweep import sweep
from referrals.enums import Judgement
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_answer, an_approved_address, judged
from tests.factories.team import a_team
from tests.integration.diary.read_queue import (
    DAY,
    HOUR,
    NOW,
    an_update,
    page_of,
    row,
    signed_in,
    words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.DESK_SERGEANT)


# --- how far the chasing has come -----------------------------------------------------------------


def progress(client: Client, duty: Duty) -> str:
    found = re.search(r'rowheader">[^<]*<span class="cait-sub">([^<]*)<', row(page_of(client), duty))
    return found[1] if found else ""


def test_a_row_says_how_far_the_chasing_has_come(client: Client, sergeant: User) -> None:
    duty = an_update()
    assert progress(client, duty) == "Not sent: no address is approved"
    an_approved_address()
    sweep(woken_by=Waker.COMMAND)
    assert progress(client, duty) == "Request is being sent"
    for day, said in ((0, "Asked"), (14, "Chased once"), (21, "Chased 2 times")):
        move_time_to(NOW + day * DAY)
        sweep(woken_by=Waker.COMMAND)
        Mail.objects.filter(state=MailState.QUEUED).update(state=MailState.SENT, sent_at=NOW + day * DAY)
        assert progress(client, duty) == said


def test_a_row_says_what_stands_in_the_way_of_chasing(client: Client, sergeant: User) -> None:
    an_approved_address()
    held, answered, set_aside = an_update(), an_update(), an_update()
    hold_chases(held, why="He is their manager", by=sergeant)
    an_answer(answered.case)
    Chase.objects.filter(duty=set_aside).update(state=ChaseState.SET_ASIDE, set_aside_at=NOW)
    assert progress(client, held) == "Emails held back"
    assert progress(client, answered) == "Answered, to be judged"
    assert progress(client, set_aside).startswith("Could not be checked")


# --- what does not work ---------------------------------------------------------------------------


TROUBLE = "What does not work just now"


def trouble() -> Trouble:
    """What of Haringey's chasing does not work."""
    return queries.trouble([a_team()], now=clock.now())


def test_where_everything_works_no_trouble_is_spoken_of(client: Client, sergeant: User) -> None:
    an_approved_address()
    an_update()
    assert TROUBLE not in page_of(client)


def test_an_email_without_an_address_is_told_of(client: Client, sergeant: User) -> None:
    an_update()
    said = words(page_of(client))
    assert TROUBLE in said
    assert "1 email has no approved address to go to." in said
    an_update()
    assert "2 emails have no approved address to go to." in words(page_of(client))


def test_what_is_held_back_or_answered_needs_no_address(client: Client, sergeant: User) -> None:
    hold_chases(an_update(), why="He is their manager", by=sergeant)
    an_answer(an_update().case)
    judged(an_answer(an_update().case))
    assert TROUBLE not in page_of(client)


@pytest.mark.parametrize("tries", [0, 3], ids=["never tried", "tried"])
def test_an_email_that_has_not_gone_for_a_while_is_told_of(client: Client, sergeant: User, tries: int) -> None:
    an_approved_address()
    duty = an_update()
    Mail.objects.filter(step__duty=duty).update(tries=tries, written_at=NOW)
    move_time_to(NOW + timedelta(minutes=14))
    assert TROUBLE not in page_of(client)
    move_time_to(NOW + timedelta(minutes=15))
    assert "1 email has not gone for a while." in words(page_of(client))
    Mail.objects.filter(step__duty=duty).update(state=MailState.SENT, sent_at=NOW)
    assert TROUBLE not in page_of(client)


def test_while_nothing_sends_the_outbox_that_is_told_of_though_the_sweep_runs(client: Client, sergeant: User) -> None:
    an_approved_address()
    for _ in range(2):
        an_update()
    for minutes in range(1, 17, 5):
        move_time_to(NOW + timedelta(minutes=minutes))
        sweep(woken_by=Waker.BEAT)
    assert set(Mail.objects.values_list("state", "tries")) == {(MailState.QUEUED, 0)}
    assert trouble() == Trouble(set_aside=0, delayed=2, no_address=0)
    assert "2 emails have not gone for a while." in words(page_of(client))


def test_what_may_not_go_is_not_delayed(client: Client, sergeant: User) -> None:
    an_approved_address()
    held, answered, withdrawn, free = (an_update() for _ in range(4))
    hold_chases(held, why="He is their manager", by=sergeant)
    answer = an_answer(answered.case)
    judged(an_answer(withdrawn.case))
    move_time_to(NOW + HOUR)
    assert trouble() == Trouble(set_aside=0, delayed=1, no_address=0)
    Mail.objects.filter(step__duty=free).update(state=MailState.SENT, sent_at=NOW)
    assert TROUBLE not in page_of(client)
    judged(answer, Judgement.NO_ANSWER)
    assert trouble() == Trouble(set_aside=0, delayed=1, no_address=0)


def test_what_is_written_to_an_address_that_was_ended_lacks_one_only_where_there_is_no_other(
    client: Client, sergeant: User
) -> None:
    first, second = an_approved_address(), an_approved_address(number=2)
    an_update()
    move_time_to(NOW + 15 * DAY)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(NOW + 15 * DAY + HOUR)
    end_address(second, by=User.objects.system())
    assert trouble() == Trouble(set_aside=0, delayed=1, no_address=0)
    end_address(first, by=User.objects.system())
    assert trouble() == Trouble(set_aside=0, delayed=0, no_address=1)
    assert "1 email has no approved address to go to." in words(page_of(client))
    an_approved_address(address="new@borough.example")
    assert trouble() == Trouble(set_aside=0, delayed=1, no_address=0)


def test_with_an_address_approved_nothing_lacks_one_though_it_is_not_written_yet(
    client: Client, sergeant: User
) -> None:
    an_update()
    assert trouble() == Trouble(set_aside=0, delayed=0, no_address=1)
    an_approved_address(a_team("BRN"))
    assert trouble() == Trouble(set_aside=0, delayed=0, no_address=1)
    an_approved_address()
    assert trouble() == Trouble(set_aside=0, delayed=0, no_address=0)
    assert TROUBLE not in page_of(client)


def test_a_chase_that_could_not_be_checked_is_told_of(client: Client, sergeant: User) -> None:
    an_approved_address()
    duty = an_update()
    Chase.objects.filter(duty=duty).update(state=ChaseState.SET_ASIDE, set_aside_at=NOW)
    assert "1 update could not be checked for chases." in words(page_of(client))


def test_the_trouble_of_another_team_is_not_ours(client: Client, sergeant: User) -> None:
    an_update(a_team("BRN"))
    assert TROUBLE not in page_of(client)


def test_trouble_is_told_to_whoever_can_do_something_about_it(client: Client) -> None:
    signed_in(client, Role.INVESTIGATOR)
    an_update()
    assert TROUBLE not in page_of(client)
