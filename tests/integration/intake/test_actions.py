"""What is made of an email, by whom; who may read one; and that what was made of it stays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.events import Event
from audit.models import AuditEvent
from cases.models import Case
from deadlines import clock
from intake import queries
from intake.actions import BeganAnew, pass_to_conferences, put_back_message, set_aside_message, take_in
from intake.enums import State, UseKind
from intake.models import Mailbox, Message, Source, Use
from intake.receiving import mailbox_of
from intake.steps import use
from team.actions import give_role
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import NotAllowed
from tests.factories.mail import a_message, an_email
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried

pytestmark = pytest.mark.django_db

WHY = "An advertisement"
HANDLERS = (Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR, Role.OFFICE_MANAGER)
OTHERS = tuple(role for role in Role if role not in HANDLERS)


def system() -> User:
    return User.objects.system()


def put_on(case: Case, message: Message, kind: UseKind = UseKind.INFORMATION, **other: Any) -> Message:
    """An email on a record, as another room's action puts it there."""
    with transaction.atomic():
        return use(message, kind, case, **{"by": system(), **other})


def delivered_again(message: Message) -> Message:
    """The same email, once more."""
    return a_message(message.team, raw=bytes(Source.objects.get(message=message).raw))


def again(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as wrong:
        act()
    return " ".join(wrong.value.messages)


def events(event: Event) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(event=event).order_by("pk"))


# --- taken in ------------------------------------------------------------------------------------


def test_what_is_taken_in_waits_with_its_source_and_one_event() -> None:
    raw = an_email("Referral URGENT", "Rhys was seen.", message_id="<1@fernley.example>")
    message = a_message(raw=raw, received_at=datetime(2010, 1, 14, 9, 5, tzinfo=UTC))
    assert (message.state, message.urgent, message.protected, message.copy_of) == (State.WAITING, True, False, None)
    assert (message.text, message.message_id, message.problems) == ("Rhys was seen.", "<1@fernley.example>", [])
    source = Source.objects.get(message=message)
    assert (bytes(source.raw), source.size) == (raw, len(raw))
    (event,) = events(Event.MAIL_RECEIVED)
    assert (event.by_id, event.team_id, event.detail) == (system().pk, message.team_id, {})


def test_the_same_uid_is_taken_in_once_and_the_mark_never_goes_back() -> None:
    mailbox = mailbox_of(a_team(), "cait at mail.example:993, INBOX")
    assert take_in(mailbox, uid=7, raw=an_email(), by=system()) is not None
    assert take_in(mailbox, uid=7, raw=an_email(), by=system()) is None
    assert take_in(mailbox, uid=3, raw=an_email(), by=system()) is not None
    assert Mailbox.objects.get().last_uid == 7
    assert (Message.objects.count(), Source.objects.count(), len(events(Event.MAIL_RECEIVED))) == (2, 2, 2)


def test_what_cannot_be_kept_leaves_nothing_and_the_mark_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = mailbox_of(a_team(), "cait at mail.example:993, INBOX")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("intake.actions.record", fail)
    with pytest.raises(OSError, match="disk"):
        take_in(mailbox, uid=7, raw=an_email(), by=system())
    assert (Message.objects.count(), Source.objects.count(), Mailbox.objects.get().last_uid) == (0, 0, 0)


def test_a_second_delivery_is_a_copy_of_the_first_whatever_became_of_it() -> None:
    first = a_message()
    second = delivered_again(first)
    set_aside_message(first, reason=WHY, by=system())
    third = delivered_again(first)
    for copy in (second, third):
        assert (copy.state, copy.copy_of) == (State.COPY, first)
    assert again(first).state == State.DEALT_WITH


def test_the_same_email_to_two_teams_is_two() -> None:
    first = a_message()
    other = a_message(a_team("ENF"), raw=bytes(Source.objects.get(message=first).raw))
    assert (other.state, other.copy_of) == (State.WAITING, None)


def test_without_a_number_of_its_own_it_is_a_copy_only_where_it_came_at_the_same_moment() -> None:
    raw, at = an_email().replace(b"Message-ID", b"X-Was"), datetime(2010, 1, 14, 9, 5, tzinfo=UTC)
    states = [a_message(raw=raw, received_at=at + timedelta(seconds=later)).state for later in (0, 1, 0)]
    assert states == [State.WAITING, State.WAITING, State.COPY]


def test_the_same_words_under_another_number_are_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.reading.fingerprint", lambda raw: "the same")
    first = a_message(message_id="<1@fernley.example>")
    other = a_message(message_id="<2@fernley.example>")
    assert (other.state, other.copy_of, other.fingerprint) == (State.WAITING, None, first.fingerprint)
    assert a_message(message_id="<1@fernley.example>").copy_of == first


def test_what_is_not_taken_apart_is_kept_with_its_source() -> None:
    mailbox, raw = mailbox_of(a_team(), "cait at mail.example:993, INBOX"), an_email("Referral URGENT")
    message = take_in(mailbox, uid=1, raw=raw, apart=False, by=system())
    assert message is not None
    assert bytes(Source.objects.get(message=message).raw) == raw
    assert message.problems == ["CAIT could not take this email apart. What stands below is its source."]
    assert (message.subject, message.message_id, message.state) == ("", "", State.WAITING)
    assert "Subject: Referral URGENT" in message.text


def test_an_uid_under_another_validity_is_not_taken_in() -> None:
    mailbox = mailbox_of(a_team(), "cait at mail.example:993, INBOX")
    Mailbox.objects.update(validity=5)
    with pytest.raises(BeganAnew):
        take_in(mailbox, uid=7, raw=an_email(), validity=4, by=system())
    assert (Message.objects.count(), Mailbox.objects.get().last_uid) == (0, 0)
    message = take_in(mailbox, uid=7, raw=an_email(), validity=5, by=system())
    assert message is not None
    assert message.validity == 5


@pytest.mark.parametrize("role", OTHERS)
def test_others_take_nothing_in(role: Role) -> None:
    mailbox, by = mailbox_of(a_team(), "cait at mail.example:993, INBOX"), an_officer(role)
    with pytest.raises(NotAllowed):
        take_in(mailbox, uid=1, raw=an_email(), by=by)


# --- set aside, passed on, put back --------------------------------------------------------------


@pytest.mark.parametrize("role", HANDLERS)
def test_an_email_is_set_aside_and_put_back(role: Role) -> None:
    message, by = a_message(), an_officer(role)
    assert set_aside_message(message, reason=WHY, by=by).state == State.DEALT_WITH
    assert put_back_message(message, reason="A mistake", by=by).state == State.WAITING
    assert again(message).state == State.WAITING
    rows = Use.objects.filter(message=message).order_by("pk")
    made: list[Any] = list(rows.values_list("kind", "reason", "used_by", "case"))
    assert made == [(UseKind.SET_ASIDE, WHY, by.pk, None), (UseKind.PUT_BACK, "A mistake", by.pk, None)]
    for event in (Event.MAIL_SET_ASIDE, Event.MAIL_PUT_BACK):
        (one,) = events(event)
        assert (one.by_id, one.team_id, one.case_id, one.detail) == (by.pk, message.team_id, None, {})


@pytest.mark.parametrize("role", HANDLERS)
def test_an_invitation_is_passed_to_conferences(role: Role) -> None:
    message, by = a_message(), an_officer(role)
    assert pass_to_conferences(message, seen=0, by=by).state == State.DEALT_WITH
    (made,) = Use.objects.filter(message=message)
    assert (made.kind, made.reason, made.used_by, made.case) == (UseKind.CONFERENCE, "", by, None)
    assert [event.by_id for event in events(Event.MAIL_PASSED_ON)] == [by.pk]
    liaison = an_officer(Role.PCLO)
    assert list(queries.invitations(liaison)) == [made]
    assert list(queries.invitations(an_officer(Role.PCLO, a_team("ENF")))) == []


ACTS: dict[str, Callable[[Message, User], Any]] = {
    "set aside": lambda message, by: set_aside_message(message, reason=WHY, by=by),
    "put back": lambda message, by: put_back_message(message, reason=WHY, by=by),
    "passed on": lambda message, by: pass_to_conferences(message, by=by),
    "put on a record": lambda message, by: put_on(a_case(message.team), message, by=by),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_others_do_nothing_with_an_email_nor_does_another_teams_desk(act: Callable[[Message, User], Any]) -> None:
    message, wrong = a_message(), Wrong()
    for role in Role:
        by = an_officer(role, a_team("ENF") if role in HANDLERS else None)
        with tried(wrong, role):
            with pytest.raises(NotAllowed):
                act(message, by)
            assert (again(message).state, Use.objects.count()) == (State.WAITING, 0)
    assert wrong == {}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_whoever_may_not_read_an_email_does_nothing_with_it(act: Callable[[Message, User], Any]) -> None:
    message = put_on(a_case(), a_message(), protected=True)
    before = Use.objects.count()
    with pytest.raises(NotAllowed, match="You cannot read this email"):
        act(message, an_officer(Role.OFFICE_MANAGER))
    assert Use.objects.count() == before


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_without_a_reason_nothing_is_set_aside_or_put_back(reason: str) -> None:
    message, dealt_with = a_message(), set_aside_message(a_message(), reason=WHY, by=system())
    for act in (
        lambda: set_aside_message(message, reason=reason, by=system()),
        lambda: put_back_message(dealt_with, reason=reason, by=system()),
    ):
        with pytest.raises(ValidationError) as wrong:
            act()
        assert list(wrong.value.message_dict) == ["reason"]
    assert (again(message).state, again(dealt_with).state) == (State.WAITING, State.DEALT_WITH)
    assert (Use.objects.count(), len(events(Event.MAIL_PUT_BACK))) == (1, 0)


@pytest.mark.parametrize("reason", ["An\nadvertisement", "a" * 301])
def test_a_reason_is_one_line_that_can_be_kept(reason: str) -> None:
    message = a_message()
    assert refused(lambda: set_aside_message(message, reason=reason, by=system()))
    assert (again(message).state, Use.objects.count()) == (State.WAITING, 0)


def test_what_was_dealt_with_is_not_dealt_with_again_and_one_reads_what_became_of_it() -> None:
    message, by = a_message(), an_officer(Role.DESK_SERGEANT, name="Frayne")
    set_aside_message(message, reason=WHY, by=by)
    for act in (
        lambda: set_aside_message(message, reason=WHY, by=system()),
        lambda: pass_to_conferences(message, by=system()),
    ):
        told = refused(act)
        assert str(by) in told
        assert told.endswith("not for a record (An advertisement).")
    assert Use.objects.count() == 1


def test_what_waits_is_not_put_back() -> None:
    message = a_message()
    told = refused(lambda: put_back_message(message, reason=WHY, by=system()))
    assert told == "This email waits to be dealt with already."


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_copy_is_dealt_with_as_the_first(act: Callable[[Message, User], Any]) -> None:
    copy = delivered_again(a_message())
    assert refused(lambda: act(copy, system())).startswith("This is a second copy of an email.")
    assert (again(copy).state, Use.objects.count()) == (State.COPY, 0)


# --- on a record ---------------------------------------------------------------------------------


def test_one_email_may_tell_of_two_families() -> None:
    message, first, second = a_message(), a_case(), a_case()
    put_on(first, message, UseKind.REFERRAL)
    assert put_on(second, message, UseKind.UPDATE).state == State.DEALT_WITH
    assert set(Use.objects.values_list("case", "kind")) == {(first.pk, "referral"), (second.pk, "update")}
    for case in (first, second):
        assert list(queries.emails_on(case, user=an_officer(Role.INVESTIGATOR))) == [message]


def test_the_same_is_not_made_of_it_twice_on_one_record() -> None:
    message, case = a_message(), a_case()
    put_on(case, message)
    assert f"put on a record, {case.urn}." in refused(lambda: put_on(case, message))
    put_on(case, message, UseKind.UPDATE)
    assert Use.objects.count() == 2
    assert list(queries.emails_on(case, user=an_officer(Role.INVESTIGATOR))) == [message]


def test_what_came_to_one_team_is_not_put_on_anothers_record() -> None:
    message, other = a_message(), a_case(a_team("ENF"))
    told = refused(lambda: put_on(other, message))
    assert told == "This email came to Team HGY, and the record is Team ENF’s. Forward the email to them."
    assert (again(message).state, Use.objects.count()) == (State.WAITING, 0)


def test_what_is_on_a_record_may_be_put_back_and_stays_there() -> None:
    message, case = a_message(), a_case()
    put_on(case, message)
    put_back_message(message, reason="The other child as well", by=system())
    assert again(message).state == State.WAITING
    assert list(queries.emails_on(case, user=an_officer(Role.INVESTIGATOR))) == [message]


# --- two at the desk -----------------------------------------------------------------------------


def test_the_second_at_the_desk_is_told_what_the_first_has_made_of_it() -> None:
    message, first = a_message(), an_officer(Role.DESK_SERGEANT, name="Frayne")
    case = a_case()
    put_on(case, message, UseKind.REFERRAL, seen=0, by=first)
    for act in (
        lambda: set_aside_message(message, reason=WHY, seen=0, by=system()),
        lambda: pass_to_conferences(message, seen=0, by=system()),
        lambda: put_on(a_case(), message, seen=0),
    ):
        with pytest.raises(ChangedMeanwhile) as wrong:
            act()
        (told,) = wrong.value.messages
        assert str(first) in told
        assert f"logged as a referral, {case.urn}." in told
    assert Use.objects.count() == 1
    put_on(a_case(), message, seen=1)  # having seen it
    assert Use.objects.count() == 2


def test_only_what_one_has_not_seen_is_told() -> None:
    message = a_message()
    set_aside_message(message, reason="First reason", by=system())
    put_back_message(message, reason="Second reason", by=system())
    with pytest.raises(ChangedMeanwhile) as wrong:
        set_aside_message(message, reason=WHY, seen=1, by=system())
    assert "First reason" not in wrong.value.messages[0]
    assert "Second reason" in wrong.value.messages[0]
    assert set_aside_message(message, reason=WHY, seen=2, by=system()).state == State.DEALT_WITH


def elsewhere(act: Callable[[], Any]) -> Any:
    """In another connection of its own."""
    try:
        return act()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_deals_with_it() -> None:
    message = a_message()
    sergeants = [an_officer(Role.DESK_SERGEANT) for _ in range(4)]

    def act(by: User) -> bool:
        try:
            set_aside_message(message, reason=WHY, seen=0, by=by)
        except ChangedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        went: list[Future[Any]] = [pool.submit(elsewhere, partial(act, by)) for by in sergeants]
        assert sorted(going.result(timeout=20) for going in went) == [False, False, False, True]
    assert (Use.objects.count(), len(events(Event.MAIL_SET_ASIDE))) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_the_same_moment_are_one_and_its_copy() -> None:
    mailbox, raw, by = mailbox_of(a_team(), "cait at mail.example:993, INBOX"), an_email(), system()

    def arrive(uid: int) -> Message | None:
        return take_in(mailbox, uid=uid, raw=raw, by=by)

    with ThreadPoolExecutor(4) as pool:
        went: list[Future[Any]] = [pool.submit(elsewhere, partial(arrive, uid)) for uid in (1, 2, 2, 3)]
        assert [going.result(timeout=20) for going in went].count(None) == 1
    assert sorted(Message.objects.values_list("state", flat=True)) == ["copy", "copy", "waiting"]


# --- a protected caller --------------------------------------------------------------------------


def test_copies_before_and_afterwards_are_as_protected_as_the_first() -> None:
    first, case = a_message(), a_case()
    before = delivered_again(first)
    assert put_on(case, first, protected=True).protected
    afterwards = delivered_again(first)
    assert [again(each).protected for each in (first, before, afterwards)] == [True, True, True]


def test_what_was_protected_once_stays_so() -> None:
    message = put_on(a_case(), a_message(), protected=True)
    put_back_message(message, reason="The other child as well", by=system())
    put_on(a_case(), message, protected=False)
    assert again(message).protected


def test_another_email_is_not_protected_by_it() -> None:
    other = a_message()
    put_on(a_case(), a_message(), protected=True)
    assert not again(other).protected


@pytest.mark.django_db(transaction=True)
def test_a_copy_that_arrives_while_the_first_is_being_protected_is_protected_too() -> None:
    first, case = a_message(), a_case()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            put_on(case, first, protected=True)
            arriving = pool.submit(elsewhere, lambda: delivered_again(first))
            try:
                arriving.result(timeout=1)  # it is there already, or waits for us
            except TimeoutError:
                pass
        copy = arriving.result(timeout=20)
    assert copy.copy_of == first
    assert again(copy).protected


# --- who may read one ----------------------------------------------------------------------------


@pytest.fixture
def emails() -> dict[str, Message]:
    """One of each sort, in Haringey and in Enfield."""
    made: dict[str, Message] = {}
    for code in ("HGY", "ENF"):
        team = a_team(code)
        case = a_case(team)
        made[f"{code} waits"] = a_message(team)
        made[f"{code} copy"] = delivered_again(made[f"{code} waits"])
        made[f"{code} aside"] = set_aside_message(a_message(team), reason=WHY, by=system())
        made[f"{code} record"] = put_on(case, a_message(team))
        made[f"{code} conference"] = pass_to_conferences(a_message(team), by=system())
        made[f"{code} secret record"] = put_on(case, a_message(team), protected=True)
        made[f"{code} secret copy"] = delivered_again(made[f"{code} secret record"])
        passed_on = pass_to_conferences(a_message(team), by=system())
        made[f"{code} secret conference"] = put_on(case, passed_on, protected=True)
    return made


OPEN_TO_THE_DESK = {"HGY waits", "HGY copy", "HGY aside", "HGY record", "HGY conference"}
USED = {"HGY record", "HGY conference"}
ALL_OF_HARINGEY = OPEN_TO_THE_DESK | {"HGY secret record", "HGY secret copy", "HGY secret conference"}
READ_BY: dict[Role, set[str]] = {
    Role.DESK_SERGEANT: ALL_OF_HARINGEY,
    Role.SUPERVISOR: ALL_OF_HARINGEY,
    Role.INSPECTOR: ALL_OF_HARINGEY,
    Role.OFFICE_MANAGER: OPEN_TO_THE_DESK,
    Role.INVESTIGATOR: USED,
    Role.PCLO: USED,
    Role.RESEARCHER: USED,
    Role.COMMAND: USED | {"ENF record", "ENF conference"},
    Role.REVIEWER: USED | {"ENF record", "ENF conference"},
    Role.AUDITOR: set(),
    Role.ADMINISTRATOR: set(),
}


def names(emails: dict[str, Message], rows: Any) -> set[str]:
    pks = {message.pk for message in rows}
    return {name for name, message in emails.items() if message.pk in pks}


def test_who_reads_which_emails(emails: dict[str, Message]) -> None:
    wrong = Wrong()
    for role in Role:
        with tried(wrong, role):
            user = an_officer(role)
            visible = Message.objects.visible_to(user)
            assert names(emails, visible) == READ_BY[role]
            assert visible.count() == len(READ_BY[role])  # each once
            handled = READ_BY[role] if role in HANDLERS else set()
            assert names(emails, Message.objects.handled_by(user)) == handled
    for role in HANDLERS:
        # Whoever handles one mailbox reads in another team as their role there does.
        with tried(wrong, role, "ENF"):
            user = an_officer(role, a_team("ENF"))
            in_enfield = {name.replace("HGY", "ENF") for name in READ_BY[role]}
            assert names(emails, Message.objects.visible_to(user)) == in_enfield
            give_role(user, team=a_team(), role=Role.RESEARCHER, from_on=clock.today(), to_on=None, by=system())
            user = User.objects.get(pk=user.pk)
            assert names(emails, Message.objects.visible_to(user)) == in_enfield | USED
            assert names(emails, Message.objects.handled_by(user)) == in_enfield
    assert wrong == {}
    # Nobody else reads any.
    closed = an_officer(Role.INSPECTOR)
    closed.is_active = False
    for nobody in (AnonymousUser(), closed):
        assert not Message.objects.visible_to(nobody).exists()
        assert not Message.objects.handled_by(nobody).exists()
    # What is on a record is read there by whoever may.
    case = Use.objects.get(message=emails["HGY record"]).case
    assert case is not None
    for role, read in READ_BY.items():
        there = names(emails, queries.emails_on(case, user=an_officer(role)))
        assert there == read & {"HGY record", "HGY secret record", "HGY secret conference"}, role


# --- only ever added -----------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["intake_source", "intake_use"])
@pytest.mark.parametrize("rows", ["some", "none"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET message_id = message_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_sources_and_uses(table: str, rows: str, statement: str) -> None:
    if rows == "some":
        set_aside_message(a_message(), reason=WHY, by=system())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else it is they that refuse TRUNCATE
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_so_it_does_through_the_models() -> None:
    message = set_aside_message(a_message(), reason=WHY, by=system())
    source, made = Source.objects.get(message=message), Use.objects.get(message=message)
    source.raw, made.reason = b"something else", "Another reason"
    for change in (source.save, source.delete, made.save, made.delete):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            change()


def put_on_twice(case: Case, message: Message) -> None:
    for _ in range(2):
        Use.objects.create(message=message, kind=UseKind.UPDATE, case=case, used_by=system())


def test_what_is_no_second_use_on_one_record_is_kept() -> None:
    message, case = a_message(), a_case()
    Use.objects.create(message=message, kind=UseKind.UPDATE, case=case, used_by=system())
    Use.objects.create(message=message, kind=UseKind.INFORMATION, case=case, used_by=system())
    Use.objects.create(message=message, kind=UseKind.UPDATE, case=a_case(), used_by=system())
    for _ in range(2):
        Use.objects.create(message=message, kind=UseKind.SET_ASIDE, reason=WHY, used_by=system())
    assert Use.objects.count() == 5


MAY_CHANGE = {"state": State.DEALT_WITH, "protected": True}
OTHERWISE: dict[str, str] = {
    "subject": "'Another'", "text": "text || '.'", "urgent": "NOT urgent", "received_at": "now()", "answers": "'{a}'",
    "problems": "'{a}'", "attachments": "'[1]'", "taken_in_at": "taken_in_at + interval '1 day'", "sent_at": "now()",
    "uid": "uid + 1", "validity": "validity + 1", "id": "id + 1000", "from_name": "'Another'", "to": "'Another'",
    "from_address": "'Another'", "message_id": "'Another'", "fingerprint": "'Another'",
}  # fmt: skip


@pytest.mark.parametrize("column", OTHERWISE)
def test_what_an_email_says_is_never_changed(column: str) -> None:
    message = a_message()
    before = Message.objects.filter(pk=message.pk).values().get()
    statement = f"UPDATE intake_message SET \"{column}\" = {OTHERWISE[column]}, state = 'dealt_with'"  # noqa: S608
    refusal = pytest.raises(DatabaseError, match="What an email says is never changed; UPDATE is refused")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Message.objects.filter(pk=message.pk).values().get() == before


def test_every_column_of_an_email_is_tried_but_those_that_lead_elsewhere() -> None:
    columns = {field.attname for field in Message._meta.concrete_fields}
    assert columns == {*OTHERWISE, *MAY_CHANGE, "mailbox_id", "team_id", "copy_of_id"}


@pytest.mark.parametrize("column", ["mailbox_id", "team_id", "copy_of_id"])
def test_nor_whose_it_is(column: str) -> None:
    message, other = a_message(), a_message(a_team("ENF"))
    to = other.pk if column == "copy_of_id" else getattr(other, column)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(**{column: to})


def test_how_far_the_desk_has_come_and_whether_it_is_hidden_may_change() -> None:
    message = a_message()
    for column, value in MAY_CHANGE.items():
        assert Message.objects.filter(pk=message.pk).update(**{column: value}) == 1
    kept = again(message)
    assert (kept.state, kept.protected) == (State.DEALT_WITH, True)
    kept.save()  # with everything else as it was


def test_an_email_is_never_deleted() -> None:
    message = a_message()
    statement = "DELETE FROM intake_message"
    refusal = pytest.raises(DatabaseError, match="DELETE is refused")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Message.objects.filter(pk=message.pk).exists()


WRONG_ROWS: dict[str, Callable[[Message], Any]] = {
    "copy_says_of_what": lambda message: Message.objects.filter(pk=message.pk).update(state=State.COPY),
    "message_state_is_known": lambda message: Message.objects.filter(pk=message.pk).update(state="lost"),
    "message_once": lambda message: Message.objects.create(
        mailbox=message.mailbox, validity=message.validity, uid=message.uid, team=message.team,
        received_at=message.received_at, fingerprint="",
    ),
    "use_kind_is_known": lambda message: Use.objects.create(message=message, kind="eaten", used_by=system()),
    "use_on_a_record_says_which": lambda message: Use.objects.create(
        message=message, kind=UseKind.UPDATE, used_by=system()
    ),
    "use_set_aside_says_why": lambda message: Use.objects.create(
        message=message, kind=UseKind.SET_ASIDE, used_by=system()
    ),
    "use_once_on_a_record": lambda message: put_on_twice(a_case(), message),
    "mailbox_once_for_a_team": lambda message: Mailbox.objects.create(
        team=message.team, place=message.mailbox.place
    ),
}  # fmt: skip


@pytest.mark.parametrize("constraint", WRONG_ROWS)
def test_what_must_never_be_is_refused_by_the_database(constraint: str) -> None:
    message = a_message()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        WRONG_ROWS[constraint](message)
