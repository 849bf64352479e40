"""What is written is sent once, by a real mail server; what cannot go stays, is tried again, and is not told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

from audit.events import Event
from audit.models import AuditEvent
from cases.enums import Kind, Partner
from cases.models import Entry
from deadlines import clock
from deadlines.clock import LONDON
from diary import outbox
from diary.actions import end_address, hold_chases, release_chases
from diary.chasing import rung_for
from diary.models import Chase, ChaseState, Duty, Mail, MailState, Waker
from diary.outbox import send_due
from diary.sweep import sweep
from diary.tasks import send_mail
from referrals.enums import Came, DecisionKind, Judgement
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_decision, a_triaged_case, an_answer, an_approved_address, judged
from tests.factories.referrals import a_child
from tests.factories.team import a_team
from tests.integration.diary.mail_server import MailServer, running_mail_server
from tests.integration.diary.outgoing import FIRST, SECOND, mail_of, recorded, the_rung, told
from tests.shared import Shared, own, undone

pytestmark = pytest.mark.django_db

DECIDED = datetime(2009, 12, 11, 10, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server(settings) as running:
        yield running


def asked(team: Team | None = None, at: datetime = DECIDED, **other: Any) -> Duty:
    """A request that was written at that moment, a minute ago."""
    move_time_to(at)
    case = a_triaged_case(team, received_at=at - HOUR, **other)
    a_decision(case, kind=DecisionKind.SOCIAL_SERVICES, decided_at=at)
    move_time_to(at + MINUTE)
    return Duty.objects.get(case=case, kind="update")


@pytest.fixture(scope="module")
def built(shared: Shared) -> Duty:
    def build() -> Duty:
        move_time_to(DECIDED)
        for number in (1, 2):
            an_approved_address(number=number)
        return asked()

    return shared(build)


@pytest.fixture(autouse=True)
def duty(built: Duty) -> Duty:
    """The request of a team that writes to two."""
    return own(built)


def words(message: EmailMessage) -> str:
    text: str = message.get_content()
    return f"{message['Subject']}\n{text}"


# --- what goes out -------------------------------------------------------------------------------


def test_a_request_is_sent_to_the_first_of_the_ladder(server: MailServer, duty: Duty) -> None:
    before = clock.moment()
    assert send_due() == 1
    after = clock.moment()
    (message,) = server.received
    assert message["To"] == FIRST
    assert message["Subject"] == f"{duty.case.urn}: update asked for by 25 December 2009"
    mail = mail_of(duty)
    assert (mail.state, mail.tries, mail.problem) == (MailState.SENT, 1, "")
    assert mail.sent_at is not None
    assert before <= mail.sent_at <= after


def test_its_headers_say_who_sent_it_and_that_a_machine_did(server: MailServer, duty: Duty, settings: Any) -> None:
    send_due()
    (message,) = server.received
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == mail_of(duty).message_id == f"<update.{duty.pk}.0@police.example>"
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (f"{duty.team} (CAIT)", settings.MAIL_FROM)


def test_the_name_of_a_team_may_have_a_comma_and_accents_in_it(server: MailServer) -> None:
    team = a_team("ZOE", 'Zoë "North", East')
    move_time_to(DECIDED)
    an_approved_address(team)
    asked(team)
    assert send_due() == 2
    (sender,) = server.received[1]["From"].addresses
    assert sender.display_name == f"{team} (CAIT)"


def test_its_message_id_is_the_same_however_often_it_is_tried(server: MailServer, duty: Duty) -> None:
    before = mail_of(duty).message_id
    server.stop()
    send_due()
    server.start()
    move_time_to(DECIDED + HOUR)
    send_due()
    assert [message["Message-ID"] for message in server.received] == [before]


def test_each_email_has_a_message_id_of_its_own(server: MailServer, duty: Duty) -> None:
    asked()
    move_time_to(DECIDED + 14 * DAY)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 14 * DAY + HOUR)
    send_due()
    ids = [message["Message-ID"] for message in server.received]
    assert len(ids) == len(set(ids)) == 2


def test_an_email_carries_the_urn_and_no_name_and_no_circumstances(server: MailServer, duty: Duty) -> None:
    child = a_child("Thaddeus", "Quillfeather")
    theirs = asked(children=[child], circumstances="A xylophone was thrown at the boy.")
    send_due()
    for day in (14, 21):
        move_time_to(DECIDED + day * DAY)
        sweep(woken_by=Waker.COMMAND)
        move_time_to(DECIDED + day * DAY + HOUR)
        send_due()
    assert len(server.received) == 6
    urns = [message["Subject"].split(":")[0] for message in server.received]
    assert sorted(urns) == sorted([duty.case.urn, theirs.case.urn] * 3)
    for message in server.received:
        whole = message.as_string() + words(message)
        assert not [word for word in ("Thaddeus", "Quillfeather", "xylophone") if word.lower() in whole.lower()]


def test_a_chase_says_which_it_is_and_since_when_it_is_due(server: MailServer, duty: Duty) -> None:
    send_due()
    server.received.clear()
    move_time_to(DECIDED + 22 * DAY)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 22 * DAY + HOUR)
    send_due()
    (message,) = server.received
    assert message["To"] == SECOND
    # Chase 2, and the first reminder that goes.
    assert message["Subject"] == f"{duty.case.urn}: update overdue, reminder 1"
    assert "It was due by 25 December 2009. This is reminder 1." in words(message)
    assert told(duty)[-1] == "Social Services chased, chase 2"
    assert "On 11 December 2009 we decided" in words(message)


def test_the_chase_that_goes_on_the_day_says_that_it_is_due_today(server: MailServer, duty: Duty) -> None:
    send_due()
    server.received.clear()
    move_time_to(DECIDED + 14 * DAY + HOUR)
    sweep(woken_by=Waker.COMMAND)
    send_due()
    (message,) = server.received
    assert message["Subject"] == f"{duty.case.urn}: update due today, reminder 1"
    assert "It is due today, 25 December 2009." in words(message)
    assert "overdue" not in words(message)


def test_where_nothing_has_gone_before_a_chase_asks_and_says_since_when_it_is_due(
    server: MailServer, duty: Duty
) -> None:
    move_time_to(DECIDED + 22 * DAY)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 22 * DAY + HOUR)
    send_due()
    (message,) = server.received
    assert message["To"] == SECOND
    assert message["Subject"] == f"{duty.case.urn}: update asked for, overdue"
    assert "It was due by 25 December 2009." in words(message)
    assert "On 11 December 2009 we decided" in words(message)
    assert "reminder" not in words(message)
    assert told(duty) == ["Social Services asked for an update, at chase 2"]
    move_time_to(DECIDED + 29 * DAY)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 29 * DAY + HOUR)
    send_due()
    assert server.received[1]["Subject"] == f"{duty.case.urn}: update overdue, reminder 2"


def test_what_is_sent_is_sent_once(server: MailServer, duty: Duty) -> None:
    assert [send_due(), send_due()] == [1, 0]
    move_time_to(DECIDED + 5 * DAY)
    send_mail()
    assert server.addresses() == [FIRST]


def test_all_that_waits_goes_in_the_order_in_which_it_was_written(server: MailServer, duty: Duty) -> None:
    others = [asked(at=DECIDED + number * HOUR) for number in (1, 2)]
    move_time_to(DECIDED + 5 * HOUR)
    assert send_due() == 3
    subjects = [message["Subject"].split(":")[0] for message in server.received]
    assert subjects == [each.case.urn for each in (duty, *others)]


def test_one_pass_sends_no_more_than_it_should_and_the_next_goes_on(
    server: MailServer, duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        asked()
    monkeypatch.setattr(outbox, "AT_A_TIME", 2)
    assert [send_due(), send_due(), send_due()] == [2, 1, 0]
    assert len(server.received) == 3


def test_with_nothing_to_send_no_mail_server_is_asked(settings: Any) -> None:
    Mail.objects.update(state=MailState.SENT, sent_at=clock.moment())
    settings.EMAIL_BACKEND = "there.is.none"
    assert send_due() == 0


def test_the_task_sends(server: MailServer, duty: Duty) -> None:
    send_mail()
    assert server.addresses() == [FIRST]


def test_the_command_sweeps_and_sends(server: MailServer, duty: Duty, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sweep")
    assert server.addresses() == [FIRST]
    assert "Due dates checked at 2009-12-11 10:01:00 UTC." in capsys.readouterr().out


# --- what is told of it --------------------------------------------------------------------------


def test_what_has_gone_stands_in_the_chronology_and_the_audit_by_cait_itself(server: MailServer, duty: Duty) -> None:
    assert (told(duty), recorded(duty)) == ([], [])
    send_due()
    entry = Entry.objects.get(case=duty.case, kind=Kind.SHARED)
    mail = mail_of(duty)
    assert (entry.title, entry.recorded_by) == ("Social Services asked for an update", User.objects.system())
    assert f"By email to Manager 1, {FIRST}." in entry.text
    assert entry.automatic
    event = AuditEvent.objects.get(event=Event.UPDATE_ASKED)
    assert (event.by_id, event.case_id, event.team_id) == (User.objects.system().pk, duty.case_id, duty.team_id)
    assert (event.object_type, event.object_id, event.detail) == ("diary.mail", mail.pk, {"step": 0})


def test_a_chase_is_told_of_as_a_chase(server: MailServer, duty: Duty) -> None:
    send_due()
    move_time_to(DECIDED + 14 * DAY)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 14 * DAY + HOUR)
    send_due()
    assert told(duty) == ["Social Services asked for an update", "Social Services chased, chase 1"]
    assert recorded(duty) == [Event.UPDATE_ASKED, Event.PARTNER_CHASED]


def test_what_cannot_be_told_does_not_go(server: MailServer, duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "record", lambda *_, **__: 1 / 0)
    assert send_due() == 0
    assert server.received == []
    assert (mail_of(duty).state, mail_of(duty).tries, told(duty)) == (MailState.QUEUED, 1, [])


def test_how_an_answer_came_is_known_from_what_has_gone(server: MailServer, duty: Duty) -> None:
    assert an_answer(duty.case).came == Came.UNASKED
    other = asked()
    send_due()
    move_time_to(DECIDED + 2 * HOUR)
    assert an_answer(other.case).came == Came.ON_REQUEST


# --- what cannot go ------------------------------------------------------------------------------


def test_while_the_mail_server_is_down_it_stays_and_is_told_of_nowhere(server: MailServer, duty: Duty) -> None:
    server.stop()
    assert send_due() == 0
    mail = mail_of(duty)
    assert (mail.state, mail.sent_at, mail.tries) == (MailState.QUEUED, None, 1)
    assert mail.problem == "The mail server does not answer (ConnectionRefusedError)"
    assert (told(duty), recorded(duty)) == ([], [])


def test_while_it_is_down_all_that_waits_is_tried_again_in_the_next_pass(server: MailServer, duty: Duty) -> None:
    made = [duty, asked(), asked()]
    server.stop()
    move_time_to(DECIDED + HOUR)
    for times in range(1, 10):
        before = clock.moment()
        assert send_due() == 0
        after = clock.moment()
        for each in made:
            mail = mail_of(each)
            assert mail.problem == "The mail server does not answer (ConnectionRefusedError)"
            assert mail.tries == times
            # Less than the minute after which the next pass comes.
            assert before <= mail.next_try_at - timedelta(seconds=50) <= after
        move_time_to(DECIDED + HOUR + times * MINUTE)
    server.start()
    assert send_due() == 3
    assert [mail_of(each).state for each in made] == [MailState.SENT] * 3


def test_a_setting_that_makes_no_sense_is_waited_out_too(settings: Any, duty: Duty) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "no.such.host.invalid", 1
    assert send_due() == 0
    mail = mail_of(duty)
    assert (mail.state, mail.tries) == (MailState.QUEUED, 1)
    assert mail.problem.startswith("The mail server does not answer (")


def test_what_itself_fails_is_tried_again_later_and_later_an_hour_apart_at_the_most(
    server: MailServer, duty: Duty
) -> None:
    server.refuses.add(FIRST)
    waits = []
    for _ in range(9):
        before = clock.moment()
        assert send_due() == 0
        waits.append(round((mail_of(duty).next_try_at - before) / MINUTE))
        move_time_to(mail_of(duty).next_try_at)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert mail_of(duty).tries == 9


def test_before_its_time_it_is_not_tried_again(server: MailServer, duty: Duty) -> None:
    server.stop()
    send_due()
    server.start()
    assert send_due() == 0
    assert (server.received, mail_of(duty).tries) == ([], 1)


def test_when_the_mail_server_is_back_it_goes_and_the_problem_is_forgotten(server: MailServer, duty: Duty) -> None:
    server.stop()
    send_due()
    server.start()
    move_time_to(mail_of(duty).next_try_at)
    assert send_due() == 1
    mail = mail_of(duty)
    assert (mail.state, mail.tries, mail.problem) == (MailState.SENT, 2, "")
    assert told(duty) == ["Social Services asked for an update"]


def test_the_sweep_goes_on_while_the_mail_server_is_down(server: MailServer, duty: Duty) -> None:
    server.stop()
    move_time_to(DECIDED + 14 * DAY)
    call_command("sweep")
    assert mail_of(duty, 1).state == MailState.QUEUED


def test_one_who_is_refused_does_not_stop_the_others(server: MailServer, duty: Duty) -> None:
    other_team = a_team("BRN")
    an_approved_address(other_team, address="gone@borough.example")
    refused, last = asked(other_team), asked()
    server.refuses.add("gone@borough.example")
    move_time_to(DECIDED + HOUR)
    assert send_due() == 2
    assert server.addresses() == [FIRST, FIRST]
    mail = mail_of(refused)
    assert (mail.state, mail.tries, mail.problem) == (MailState.QUEUED, 1, "SMTPRecipientsRefused")
    assert (told(refused), recorded(refused)) == ([], [])
    assert told(last) == ["Social Services asked for an update"]


def hung_up_on(server: MailServer, address: str) -> None:
    server.hangs_up_on.add(address)


def dropped(server: MailServer, address: str) -> None:
    server.drops.add(address)


def turned_away(server: MailServer, address: str) -> None:
    server.refuses.add(address)


WAYS_TO_FAIL = [hung_up_on, dropped, turned_away]


@contextmanager
def failing(server: MailServer, fails: Callable[[MailServer, str], None]) -> Iterator[Callable[[], None]]:
    """A server that has received nothing yet, and fails at one address in that way until it is mended."""

    def mend() -> None:
        for bads in (server.hangs_up_on, server.drops, server.refuses):
            bads.clear()

    server.received.clear()
    fails(server, "bad@borough.example")
    try:
        yield mend
    finally:
        mend()


def test_an_address_at_which_the_server_ends_the_connection_stops_no_other(server: MailServer, duty: Duty) -> None:
    bad_team, other_team = a_team("BRN"), a_team("ENF")
    an_approved_address(bad_team, address="bad@borough.example")
    an_approved_address(other_team, address="good@borough.example")
    bad, good, last, late = asked(bad_team), asked(other_team), asked(), asked(bad_team)
    move_time_to(DECIDED + HOUR)
    for fails in WAYS_TO_FAIL:
        with failing(server, fails), undone():
            assert send_due() == 3
            assert server.addresses() == [FIRST, "good@borough.example", FIRST]
            for each in (duty, good, last):
                assert (mail_of(each).state, mail_of(each).tries) == (MailState.SENT, 1)
                assert told(each) == ["Social Services asked for an update"]
            for each in (bad, late):
                mail = mail_of(each)
                assert (mail.state, mail.tries, told(each), recorded(each)) == (MailState.QUEUED, 1, [], [])
                assert mail.problem
                assert not mail.problem.startswith("The mail server does not answer")


def test_pass_by_pass_all_else_goes_and_what_failed_goes_when_it_is_mended(server: MailServer, duty: Duty) -> None:
    bad_team = a_team("BRN")
    an_approved_address(bad_team, address="bad@borough.example")
    bad = asked(bad_team)
    for number in range(1, 4):
        asked(at=DECIDED + number * HOUR)
    for fails in WAYS_TO_FAIL:
        with failing(server, fails) as mended, undone():
            went = []
            for number in range(4):
                move_time_to(DECIDED + number * HOUR + 30 * MINUTE)
                went.append(send_due())
            assert went == [1, 1, 1, 1]
            assert (mail_of(bad).state, mail_of(bad).tries) == (MailState.QUEUED, 4)
            mended()
            move_time_to(DECIDED + 5 * HOUR)
            assert send_due() == 1
            assert (mail_of(bad).state, mail_of(bad).tries, mail_of(bad).problem) == (MailState.SENT, 5, "")
            assert told(bad) == ["Social Services asked for an update"]
            assert len({message["Message-ID"] for message in server.received}) == len(server.received) == 5


def test_where_every_address_fails_each_is_tried_once_in_a_pass(server: MailServer, duty: Duty) -> None:
    made = [duty, *(asked() for _ in range(4))]
    server.drops.add(FIRST)
    assert send_due() == 0
    assert [mail_of(each).tries for each in made] == [1] * 5
    server.drops.clear()
    move_time_to(DECIDED + HOUR)
    assert send_due() == 5


def test_a_pass_ends_after_half_a_minute_and_the_next_goes_on(
    server: MailServer, duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        asked()
    # When it begins, then before each email: the third would begin after more than half a minute.
    seconds = iter([0.0, 0.0, 29.0, 31.0, 100.0, 100.0, 100.0])
    monkeypatch.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    assert send_due() == 2
    waiting = Mail.objects.filter(state=MailState.QUEUED)
    assert list(waiting.values_list("tries", "problem")) == [(0, ""), (0, "")]
    assert send_due() == 2
    assert len(server.received) == 4


def test_where_the_server_goes_down_within_a_pass_what_has_gone_is_not_sent_again(
    server: MailServer, duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [asked(), asked()]
    opened: list[int] = []
    real = outbox.get_connection

    def goes_down_after_one() -> Any:
        backend = real()
        really_open = backend.open

        def open_once() -> Any:
            opened.append(1)
            if len(opened) > 2:  # once by itself, once to send
                raise ConnectionRefusedError
            return really_open()

        monkeypatch.setattr(backend, "open", open_once)
        return backend

    with monkeypatch.context() as down:
        down.setattr(outbox, "get_connection", goes_down_after_one)
        assert send_due() == 1
    assert (mail_of(duty).state, mail_of(duty).tries, mail_of(duty).problem) == (MailState.SENT, 1, "")
    for each in others:
        assert mail_of(each).state == MailState.QUEUED
        assert mail_of(each).problem == "The mail server does not answer (ConnectionRefusedError)"
    move_time_to(DECIDED + 3 * MINUTE)
    assert send_due() == 2
    assert len({message["Message-ID"] for message in server.received}) == len(server.received) == 3


def test_what_was_refused_goes_when_the_address_is_put_right(server: MailServer, duty: Duty) -> None:
    server.refuses.add(FIRST)
    send_due()
    server.refuses.clear()
    move_time_to(DECIDED + HOUR)
    assert send_due() == 1
    assert told(duty) == ["Social Services asked for an update"]


# --- what may not go -----------------------------------------------------------------------------


def test_what_is_held_back_is_not_sent_and_goes_when_it_is_let_go(server: MailServer, duty: Duty) -> None:
    hold_chases(duty, why="He is their manager", by=User.objects.system())
    assert send_due() == 0
    assert (server.received, mail_of(duty).tries) == ([], 0)
    release_chases(duty, why="Another has taken over", by=User.objects.system())
    assert send_due() == 1


def test_what_an_answer_has_stopped_is_not_sent(server: MailServer, duty: Duty) -> None:
    answer = an_answer(duty.case)
    assert (send_due(), server.received) == (0, [])
    judged(answer, Judgement.NO_ANSWER)
    assert send_due() == 1


def test_what_is_withdrawn_is_never_sent(server: MailServer, duty: Duty) -> None:
    judged(an_answer(duty.case))
    assert mail_of(duty).state == MailState.WITHDRAWN
    move_time_to(DECIDED + DAY)
    assert (send_due(), server.received) == (0, [])


def test_of_a_chase_that_could_not_be_checked_what_is_written_still_goes(server: MailServer, duty: Duty) -> None:
    Chase.objects.filter(duty=duty).update(state=ChaseState.SET_ASIDE, set_aside_at=DECIDED)
    assert send_due() == 1


def test_what_no_sweep_has_overtaken_yet_does_not_go_once_the_next_has_fallen(server: MailServer, duty: Duty) -> None:
    move_time_to(DECIDED + 14 * DAY - 11 * HOUR)
    server.stop()
    send_due()
    server.start()
    move_time_to(DECIDED + 14 * DAY)
    assert (send_due(), server.received, mail_of(duty).tries) == (0, [], 1)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 14 * DAY + MINUTE)
    assert send_due() == 1
    assert mail_of(duty).state == MailState.WITHDRAWN
    assert server.received[0]["Subject"] == f"{duty.case.urn}: update asked for, overdue"


def test_what_is_overtaken_does_not_go_though_the_next_has_no_address_to_go_to(
    server: MailServer, duty: Duty
) -> None:
    for rung in (rung_for(duty.team, Partner.SOCIAL_SERVICES, number) for number in (2, 1)):
        assert rung is not None
        end_address(rung, by=User.objects.system())
    move_time_to(DECIDED + 14 * DAY)
    sweep(woken_by=Waker.COMMAND)
    assert list(duty.steps.values_list("number", "state")) == [(0, "written"), (1, "waiting")]
    move_time_to(DECIDED + 14 * DAY + MINUTE)
    assert (send_due(), server.received, mail_of(duty).tries) == (0, [], 0)
    an_approved_address(address="new@borough.example")
    assert send_due() == 0
    sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 14 * DAY + 2 * MINUTE)
    assert send_due() == 1
    assert server.addresses() == ["new@borough.example"]
    assert mail_of(duty).state == MailState.WITHDRAWN


@pytest.mark.parametrize("swept", [True, False])
def test_after_the_release_whoever_sends_before_any_sweep_sends_the_last_alone(
    server: MailServer, duty: Duty, swept: bool
) -> None:
    hold_chases(duty, why="He is their manager", by=User.objects.system())
    for day in (14, 21):
        move_time_to(DECIDED + day * DAY)
        if swept:
            sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 22 * DAY)
    release_chases(duty, why="Another has taken over", by=User.objects.system())
    move_time_to(DECIDED + 22 * DAY + MINUTE)
    assert send_due() == 1
    sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 22 * DAY + 2 * MINUTE)
    assert send_due() == 0
    assert server.addresses() == [SECOND]
    rows = Mail.objects.filter(step__duty=duty).order_by("step__number").values_list("step__number", "state")
    assert list(rows) == [(0, MailState.WITHDRAWN), (2, MailState.SENT)]


@pytest.mark.parametrize("swept", [True, False])
def test_after_no_answer_whoever_sends_before_any_sweep_sends_the_last_alone(
    server: MailServer, duty: Duty, swept: bool
) -> None:
    answer = an_answer(duty.case)
    for day in (14, 21):
        move_time_to(DECIDED + day * DAY)
        if swept:
            sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 22 * DAY)
    judged(answer, Judgement.NO_ANSWER)
    move_time_to(DECIDED + 22 * DAY + MINUTE)
    assert send_due() == 1
    sweep(woken_by=Waker.COMMAND)
    move_time_to(DECIDED + 22 * DAY + 2 * MINUTE)
    assert send_due() == 0
    assert server.addresses() == [SECOND]
    rows = Mail.objects.filter(step__duty=duty).order_by("step__number").values_list("step__number", "state")
    assert list(rows) == [(0, MailState.WITHDRAWN), (2, MailState.SENT)]


# --- an address that is no longer approved -------------------------------------------------------


def test_an_email_written_to_an_address_that_was_replaced_goes_to_the_one_in_its_place(
    server: MailServer, duty: Duty
) -> None:
    new = an_approved_address(address="new@borough.example", to_whom="Her successor")
    assert send_due() == 1
    assert server.addresses() == ["new@borough.example"]
    mail = mail_of(duty)
    assert (mail.rung, mail.address, mail.to_whom) == (new, "new@borough.example", "Her successor")
    entry = Entry.objects.get(case=duty.case, kind=Kind.SHARED)
    assert "By email to Her successor, new@borough.example." in entry.text
    assert FIRST not in entry.text


def test_an_email_written_to_the_top_of_the_ladder_goes_to_the_one_below_when_that_is_ended(
    server: MailServer, duty: Duty
) -> None:
    move_time_to(DECIDED + 22 * DAY)
    sweep(woken_by=Waker.COMMAND)
    assert mail_of(duty, 2).address == SECOND
    end_address(the_rung(2), by=User.objects.system())
    move_time_to(DECIDED + 22 * DAY + MINUTE)
    assert send_due() == 1
    assert server.addresses() == [FIRST]


def test_an_email_whose_address_was_ended_without_another_waits_with_its_problem_until_there_is_one(
    server: MailServer, duty: Duty
) -> None:
    for number in (2, 1):
        end_address(the_rung(number), by=User.objects.system())
    assert (send_due(), server.received) == (0, [])
    mail = mail_of(duty)
    assert (mail.state, mail.address, mail.tries) == (MailState.QUEUED, FIRST, 1)
    assert mail.problem == "Its address is no longer approved, and there is no other"
    assert (told(duty), recorded(duty)) == ([], [])
    an_approved_address(address="new@borough.example")
    move_time_to(DECIDED + HOUR)
    assert send_due() == 1
    assert server.addresses() == ["new@borough.example"]
    assert mail_of(duty).problem == ""


def test_one_without_an_address_does_not_stop_the_others(server: MailServer, duty: Duty) -> None:
    for number in (2, 1):
        end_address(the_rung(number), by=User.objects.system())
    other_team = a_team("BRN")
    an_approved_address(other_team, address="good@borough.example")
    other = asked(other_team)
    move_time_to(DECIDED + HOUR)
    assert send_due() == 1
    assert (mail_of(duty).state, mail_of(other).state) == (MailState.QUEUED, MailState.SENT)


def test_an_address_on_another_step_leaves_an_email_where_it_goes(server: MailServer, duty: Duty) -> None:
    an_approved_address(number=2, address="new@borough.example")
    an_approved_address(a_team("BRN"), address="theirs@borough.example")
    assert send_due() == 1
    assert server.addresses() == [FIRST]


@pytest.mark.parametrize("meanwhile", ["held", "answered"])
def test_it_is_asked_again_under_its_lock_whether_it_may_go(
    server: MailServer, duty: Duty, meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held back or answered between the list of what may go and the sending of it."""
    real = outbox.get_connection

    def meanwhile_then_connect() -> Any:
        if meanwhile == "held":
            hold_chases(duty, why="He is their manager", by=User.objects.system())
        else:
            an_answer(duty.case)
        return real()

    monkeypatch.setattr(outbox, "get_connection", meanwhile_then_connect)
    assert (send_due(), server.received) == (0, [])
    assert (mail_of(duty).state, mail_of(duty).tries) == (MailState.QUEUED, 0)
