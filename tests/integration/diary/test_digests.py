"""The one email a day that tells each person what is late and due: once, from 6am, and nothing of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.events import Event
from audit.models import AuditEvent
from deadlines import clock
from deadlines.clock import LONDON
from diary import digests, outbox, queries
from diary.digests import NOTHING, write_digests
from diary.models import Digest, Duty, MailState, Waker
from diary.outbox import send_due
from diary.sweep import sweep
from team.actions import close_account, give_role, withdraw_role
from team.enums import Posting, Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, a_user, an_officer
from tests.factories.telling import a_duty
from tests.integration.diary.mail_server import MailServer, running_mail_server

pytestmark = pytest.mark.django_db

# A Monday, and the Wednesday with whose beginning is late what is due a working day after Monday.
MONDAY = datetime(2009, 12, 7, 10, 0, tzinfo=LONDON)
WEDNESDAY = datetime(2009, 12, 9, 6, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
System = User.objects.system


@pytest.fixture(autouse=True)
def monday() -> None:
    move_time_to(MONDAY)


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server(settings) as running:
        yield running


def somebody(role: Role = Role.PCLO, **other: Any) -> User:
    """Somebody who works here and has an address."""
    user = an_officer(role, **other)
    return with_address(user)


def with_address(user: User, address: str = "") -> User:
    user.email = address or f"{user.username}@police.example"
    user.save(update_fields=["email"])
    return user


def written_at(when: datetime) -> None:
    move_time_to(when)
    write_digests()


def digest_of(user: User) -> Digest:
    return Digest.objects.get(person=user)


def queued() -> list[User]:
    return [digest.person for digest in Digest.objects.filter(state=MailState.QUEUED).order_by("person")]


# --- when ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2009, 12, 9), (2010, 6, 9), (2010, 3, 28), (2009, 10, 25)],
    ids=["winter", "summer", "clocks forward", "clocks back"],
)  # fmt: skip
def test_it_is_written_from_6am_in_london(year: int, month: int, day: int) -> None:
    six = datetime(year, month, day, 6, 0, tzinfo=LONDON)
    move_time_to(six - 3 * DAY)
    user = somebody()
    a_duty(Role.PCLO, from_event=six - 9 * DAY)
    written_at(six - MINUTE)
    assert not Digest.objects.exists()
    written_at(six)
    assert (digest_of(user).on, digest_of(user).state) == (six.date(), MailState.QUEUED)


def test_it_is_written_once_a_day_to_each() -> None:
    users = [somebody(), somebody()]
    a_duty(Role.PCLO)
    for number in range(3):
        written_at(WEDNESDAY + number * MINUTE)
    assert queued() == users
    written_at(WEDNESDAY + 18 * 60 * MINUTE - MINUTE)
    assert Digest.objects.count() == 2
    written_at(WEDNESDAY + DAY)
    assert Digest.objects.count() == 4


def test_a_sweep_that_comes_late_writes_it_late_and_days_that_were_missed_are_left_out() -> None:
    somebody()
    a_duty(Role.PCLO)
    move_time_to(WEDNESDAY + 3 * DAY + 300 * MINUTE)
    sweep(woken_by=Waker.COMMAND)
    assert list(Digest.objects.values_list("on", flat=True)) == [(WEDNESDAY + 3 * DAY).date()]


def test_of_two_sweeps_at_once_one_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    user = somebody()
    a_duty(Role.PCLO)
    move_time_to(WEDNESDAY)
    as_both_saw_it = digests._people(WEDNESDAY.date())
    monkeypatch.setattr(digests, "_people", lambda today: as_both_saw_it)
    write_digests()
    write_digests()
    assert Digest.objects.filter(person=user).count() == 1


def test_a_clock_that_goes_ahead_and_back_doubles_nothing() -> None:
    user = somebody()
    a_duty(Role.PCLO)
    for when in (WEDNESDAY, WEDNESDAY + 2 * DAY, WEDNESDAY + MINUTE, WEDNESDAY + DAY, WEDNESDAY + 2 * DAY):
        written_at(when)
    assert Digest.objects.filter(person=user).count() == 3


# --- what is in it -------------------------------------------------------------------------------


def counted(user: User) -> tuple[int, int]:
    """What the queue counts of the same: what is late, and what is due today."""
    user.forget_roles()
    visible = Duty.objects.visible_to(user)
    counts = queries.counts(visible, user=user, now=clock.now(), whose="mine", began="cait")
    return counts.late, counts.today - counts.late


def said(user: User) -> str:
    return digest_of(user).subject


def test_it_counts_what_is_theirs_by_name_and_by_role_as_the_queue_does() -> None:
    user, colleague = somebody(), somebody()
    case = a_case()
    a_duty(Role.PCLO, case=case, kind="by_role")
    a_duty(Role.PCLO, case=case, kind="of_the_user", owner=user)
    a_duty(Role.PCLO, case=case, kind="of_a_colleague", owner=colleague)
    a_duty(Role.INVESTIGATOR, case=case, kind="by_name_of_another_role", owner=user, from_event=MONDAY + DAY)
    a_duty(Role.INVESTIGATOR, case=case, kind="of_another_role")
    a_duty(Role.PCLO, team=a_team("ENF"), kind="of_another_team")
    a_duty(Role.PCLO, case=case, kind="later", from_event=MONDAY + 2 * DAY)
    written_at(WEDNESDAY)
    assert (counted(user), said(user)) == ((2, 1), "CAIT: 2 late, 1 due today")
    assert (counted(colleague), said(colleague)) == ((2, 0), "CAIT: 2 late, 0 due today")
    text = digest_of(user).text
    assert text.startswith(f"{user}, this is what is yours to do on 9 December 2009.\n\n")
    assert "Late: 2\n" in text
    assert "Due today: 1\n" in text
    assert "     1  by_role\n" in text


def test_a_kind_is_called_by_its_label() -> None:
    user = somebody(Role.DESK_SERGEANT)
    a_case()
    written_at(WEDNESDAY)
    assert "     1  Triage the referral\n" in digest_of(user).text
    assert "     1  First CRAM\n" in digest_of(user).text
    assert counted(user) == (2, 0)


def test_what_is_theirs_by_name_in_a_team_that_they_have_left_is_not_theirs_any_more() -> None:
    user = somebody(team=a_team("ENF"))
    a_duty(Role.PCLO, team=a_team("HGY"), owner=user)
    written_at(WEDNESDAY)
    assert counted(user) == (0, 0)
    assert said(user) == NOTHING


def test_a_manager_of_the_command_is_told_of_what_they_have_by_name_in_any_team() -> None:
    user = somebody(Role.COMMAND)
    a_duty(Role.COMMAND, owner=user)
    written_at(WEDNESDAY)
    assert counted(user) == (1, 0)
    assert said(user) == "CAIT: 1 late, 0 due today"


def test_whoever_holds_a_role_in_two_teams_has_one_email_of_both() -> None:
    user = somebody()
    on = clock.today()
    loan: dict[str, Any] = {"posting": Posting.LOAN, "from_on": on, "to_on": on + 9 * DAY, "reason": "Leave"}
    give_role(user, team=a_team("ENF"), role=Role.PCLO, **loan, by=System())
    for code in ("HGY", "ENF"):
        a_duty(Role.PCLO, team=a_team(code))
    written_at(WEDNESDAY)
    assert said(user) == "CAIT: 2 late, 0 due today"
    assert counted(user) == (2, 0)


def test_what_an_old_log_brought_in_is_left_out() -> None:
    user = somebody(Role.DESK_SERGEANT)
    an_old_referral(decision="")
    written_at(WEDNESDAY)
    assert said(user) == NOTHING


def test_where_nothing_is_due_none_is_sent_and_it_is_not_looked_up_again(
    server: MailServer, django_assert_max_num_queries: Any
) -> None:
    user = somebody()
    written_at(WEDNESDAY)
    digest = digest_of(user)
    assert (digest.state, digest.text) == (MailState.WITHDRAWN, "")
    a_duty(Role.PCLO, from_event=MONDAY)
    move_time_to(WEDNESDAY + MINUTE)
    with django_assert_max_num_queries(3):
        write_digests()
    assert send_due() == 0
    assert server.received == []


def test_the_number_of_questions_does_not_grow_with_the_people(django_assert_max_num_queries: Any) -> None:
    users = [somebody() for _ in range(9)]
    a_duty(Role.PCLO)
    move_time_to(WEDNESDAY)
    with django_assert_max_num_queries(7):
        write_digests()
    assert queued() == users


# --- to whom -------------------------------------------------------------------------------------


def has_left() -> User:
    return close_account(somebody(), by=System())


def had_the_role_till_yesterday() -> User:
    return somebody(from_on=MONDAY.date(), to_on=(WEDNESDAY - DAY).date())


def begins_tomorrow() -> User:
    return somebody(from_on=(WEDNESDAY + DAY).date())


def had_it_taken_back() -> User:
    user = somebody()
    withdraw_role(user.memberships.get(), reason="Given by mistake", by=System())
    return user


def has_no_role() -> User:
    return with_address(a_user())


@pytest.mark.parametrize(
    "who",
    [
        has_left,
        had_the_role_till_yesterday,
        begins_tomorrow,
        had_it_taken_back,
        has_no_role,
        lambda: an_officer(Role.PCLO),
        lambda: somebody(Role.AUDITOR),
        lambda: somebody(Role.ADMINISTRATOR),
    ],
)
def test_nobody_else_is_written_to(who: Callable[[], User]) -> None:
    other = who()
    user = somebody()
    a_duty(Role.PCLO, owner=other, kind="theirs")
    a_duty(Role.PCLO)
    written_at(WEDNESDAY)
    assert queued() == [user]
    assert not Digest.objects.exclude(person=user).exists()


def test_whoever_gets_a_role_or_an_address_today_is_written_to_then() -> None:
    late, without = begins_tomorrow(), an_officer(Role.PCLO)
    a_duty(Role.PCLO)
    written_at(WEDNESDAY)
    assert queued() == []
    with_address(without)
    written_at(WEDNESDAY + MINUTE)
    assert queued() == [without]
    written_at(WEDNESDAY + DAY)
    assert set(queued()) == {without, late}


def loses_the_account(user: User) -> None:
    close_account(user, by=System())


def loses_the_role(user: User) -> None:
    withdraw_role(user.memberships.get(), reason="Moved", by=System())


def has_another_address(user: User) -> None:
    with_address(user, "new@police.example")


@pytest.mark.parametrize("happens", [loses_the_account, loses_the_role, has_another_address])
def test_what_happens_between_writing_and_sending_counts(happens: Callable[[User], None], server: MailServer) -> None:
    user, colleague = somebody(), somebody()
    a_duty(Role.PCLO)
    written_at(WEDNESDAY)
    happens(user)
    move_time_to(WEDNESDAY + MINUTE)
    assert send_due() == 1
    assert server.addresses() == [colleague.email]
    assert digest_of(user).state == MailState.WITHDRAWN
    assert AuditEvent.objects.filter(event=Event.DIGEST_SENT).count() == 1
    assert send_due() == 0


# --- sending -------------------------------------------------------------------------------------


def test_it_is_sent_once_and_recorded_and_says_nothing_of_a_record(server: MailServer, settings: Any) -> None:
    user = somebody()
    case = a_case(children=[a_child("Thaddeus", "Quillfeather")], circumstances="A xylophone was thrown at the boy.")
    a_duty(Role.PCLO, case=case)
    move_time_to(WEDNESDAY)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(WEDNESDAY + MINUTE)
    assert [send_due(), send_due()] == [1, 0]
    (message,) = server.received
    assert (message["To"], message["Subject"]) == (user.email, "CAIT: 1 late, 0 due today")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == digest_of(user).message_id == f"<digest.{user.pk}.20091209@police.example>"
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("CAIT", settings.MAIL_FROM)
    whole = f"{message.as_string()}{message.get_content()}".lower()
    telling = ["Thaddeus", "Quillfeather", "xylophone", case.number, case.urn]
    assert [word for word in telling if word.lower() in whole] == []
    (event,) = AuditEvent.objects.filter(event=Event.DIGEST_SENT)
    assert (event.by_id, event.object_type, event.object_id) == (System().pk, "diary.digest", digest_of(user).pk)
    assert (event.case_id, event.detail) == (None, {"person": user.pk})


def test_while_the_mail_server_is_down_it_waits_and_is_the_same_email_when_it_goes(server: MailServer) -> None:
    user = somebody()
    a_duty(Role.PCLO)
    written_at(WEDNESDAY)
    before = digest_of(user).message_id
    server.stop()
    move_time_to(WEDNESDAY + MINUTE)
    assert send_due() == 0
    digest = digest_of(user)
    assert (digest.state, digest.tries) == (MailState.QUEUED, 1)
    assert digest.problem.startswith("The mail server does not answer")
    assert not AuditEvent.objects.filter(event=Event.DIGEST_SENT).exists()
    server.start()
    move_time_to(WEDNESDAY + 2 * MINUTE)
    assert send_due() == 1
    assert [message["Message-ID"] for message in server.received] == [before]


def test_one_who_is_refused_stops_no_other(server: MailServer) -> None:
    refused, other = somebody(), somebody()
    a_duty(Role.PCLO)
    written_at(WEDNESDAY)
    server.refuses.add(refused.email)
    move_time_to(WEDNESDAY + MINUTE)
    assert send_due() == 1
    assert server.addresses() == [other.email]
    assert (digest_of(refused).state, digest_of(refused).tries) == (MailState.QUEUED, 1)


def test_yesterdays_is_never_sent_today(server: MailServer) -> None:
    user = somebody()
    a_duty(Role.PCLO)
    written_at(WEDNESDAY)
    move_time_to(datetime(2009, 12, 10, 0, 0, tzinfo=LONDON))
    assert send_due() == 0
    move_time_to(WEDNESDAY + DAY)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(WEDNESDAY + DAY + MINUTE)
    assert send_due() == 1
    assert [message["Message-ID"] for message in server.received] == [f"<digest.{user.pk}.20091210@police.example>"]


def test_what_cannot_be_recorded_is_not_sent(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    user = somebody()
    a_duty(Role.PCLO)
    written_at(WEDNESDAY)
    move_time_to(WEDNESDAY + MINUTE)
    monkeypatch.setattr(outbox, "record", lambda *_, **__: 1 / 0)
    assert send_due() == 0
    assert (server.received, digest_of(user).state) == ([], MailState.QUEUED)
