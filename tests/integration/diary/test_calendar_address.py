"""The private address of one's own calendar: what a calendar program reads there, and who can make it stop."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from psycopg import sql

from audit.events import Event, Look
from audit.models import AccessLog, AuditEvent
from cait.web_log import WebServerAboutItself
from cases.actions import add_action, cancel_action, change_action, complete_action
from cases.models import Action, Case
from deadlines import clock, rules
from deadlines.clock import LONDON
from diary import calendar
from diary.calendar import CalendarEvent, written
from diary.models import Duty, DutyState
from diary.steps import raise_duty
from intake.calendars import told
from referrals import duties
from referrals.actions import triage_referral
from team.actions import (
    change_password,
    close_account,
    end_calendar_address,
    give_role,
    make_calendar_address,
    reopen_account,
    reset_password,
    withdraw_role,
)
from team.enums import Role
from team.models import CalendarAddress, User
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_open_update
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, a_user, an_officer
from tests.factories.telling import cram_set_aside

pytestmark = pytest.mark.django_db

# A Thursday, at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PAGE = "/queues/calendar/"
END = "/queues/calendar/end/"


@pytest.fixture
def sergeant() -> User:
    move_time_to(NOW)
    return an_officer(Role.DESK_SERGEANT)


@pytest.fixture
def program() -> Client:
    """A calendar program: it signs in nowhere."""
    return Client()


# --- a reader of what was written, as strict as the standard -------------------------------------


@dataclass
class Component:
    kind: str
    said: list[tuple[str, str]] = field(default_factory=list)
    inside: list[Component] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        """What it says of that name, which it does exactly once; as it was before it was escaped."""
        (value,) = [value for key, value in self.said if key == name]
        return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.said)


def read(content: bytes) -> Component:
    """A calendar, taken apart by RFC 5545; every departure from it is an error."""
    assert content.endswith(b"\r\n")
    raw = content.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 and line and b"\r" not in line and b"\n" not in line for line in raw)
    for line in raw:
        line.decode()  # none is broken within a letter
    whole = content.decode().replace("\r\n ", "").removesuffix("\r\n")
    top = Component("")
    within = [top]
    for each in whole.split("\r\n"):
        name, colon, value = each.partition(":")
        assert colon
        assert re.fullmatch(r"[A-Z-]+(;VALUE=(DATE|DURATION))?", name)
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value)
        if name == "BEGIN":
            within.append(Component(value))
            within[-2].inside.append(within[-1])
        elif name == "END":
            assert within.pop().kind == value
        else:
            if name == "SUMMARY":
                assert re.fullmatch(r"([^\\;,]|\\[\\;,n])*", value)
            within[-1].said.append((name, value))
    (found,) = top.inside
    assert within == [top]
    assert found.kind == "VCALENDAR"
    assert all(each.kind == "VEVENT" for each in found.inside)
    uids = [each["UID"] for each in found.inside]
    assert len(set(uids)) == len(uids)
    return found


def stamp(moment: datetime) -> str:
    """As a calendar tells a moment."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def address_of(user: User) -> str:
    return f"/calendar/{make_calendar_address(by=user)}.ics"


def asked(program: Client, address: str) -> Component:
    answer = program.get(address)
    assert answer.status_code == 200
    return read(answer.content)


def events(program: Client, user: User) -> list[Component]:
    return asked(program, address_of(user)).inside


def titles(program: Client, user: User) -> list[str]:
    return [each["SUMMARY"] for each in events(program, user)]


def triage_of(case: Case) -> Duty:
    return Duty.objects.get(case=case, kind="triage")


def a_duty(**other: Any) -> Duty:
    """Of the desk, to be triaged by the end of Friday."""
    return triage_of(cram_set_aside(a_case(**{"received_at": NOW - HOUR, **other})))


def an_action(owner: User, due_on: date = date(2010, 1, 15), **other: Any) -> Action:
    what = "Ring Dolores Vellacott"
    case = cram_set_aside(a_case(received_at=NOW - HOUR))
    return add_action(case, **{"what": what, **other}, owner=owner, due_on=due_on, by=User.objects.system())


def uid_of(action: Action) -> str:
    return f"duty-{Duty.objects.get(kind='action', subject=action.pk, state=DutyState.OPEN).pk}@police.example"


def many(case: Case, number: int) -> None:
    """So many more duties of the desk on one record, all late."""
    for subject in range(number):
        due = rules.PHONE_CONFIRMATION.due(NOW - 20 * DAY)
        raise_duty(duties.TRIAGE, case, due, subject=subject + 1, by=User.objects.system())


# --- what stands in it ---------------------------------------------------------------------------


def test_a_duty_stands_on_its_day(program: Client, sergeant: User) -> None:
    duty = a_duty()
    (event,) = events(program, sergeant)
    assert sorted(event.said) == sorted(
        [
            ("UID", f"duty-{duty.pk}@police.example"),
            ("DTSTAMP", stamp(AccessLog.objects.get(how=Look.CALENDAR).at)),
            ("DTSTART;VALUE=DATE", "20100115"),
            ("SUMMARY", f"Triage the referral: {duty.case.number}"),
            ("URL", f"http://testserver/cases/{duty.case.number}/"),
            ("LAST-MODIFIED", stamp(duty.raised_at)),
            ("TRANSP", "TRANSPARENT"),
            ("CLASS", "PRIVATE"),
        ]
    )
    assert event["URL"] == f"http://testserver{reverse('workbench:case', args=[duty.case.number])}"


def test_what_is_due_by_the_hour_stands_at_its_moment(program: Client, sergeant: User) -> None:
    duty = a_duty(urgent=True, received_at=NOW)
    (event,) = events(program, sergeant)
    assert duty.due_at
    assert event["DTSTART"] == stamp(duty.due_at) == "20100114T130000Z"
    assert event["DTEND"] == "20100114T131500Z"


def test_in_summer_a_moment_is_written_in_the_same_hour_as_everywhere() -> None:
    summer = datetime(2010, 7, 1, 9, 30, tzinfo=LONDON)
    event = CalendarEvent(uid="x-1", title="Triage", record="HGY-2010-0001", due=summer, changed_at=summer)
    (found,) = read(written([event], now=summer, site="https://cait.example")).inside
    assert (found["DTSTART"], found["DTEND"]) == ("20100701T083000Z", "20100701T084500Z")


def test_what_is_late_says_so_and_stays_on_its_day(program: Client, sergeant: User) -> None:
    duty = a_duty(received_at=NOW - 10 * DAY)
    (event,) = events(program, sergeant)
    assert event["SUMMARY"] == f"Late: Triage the referral: {duty.case.number}"
    assert event["DTSTART;VALUE=DATE"] == f"{duty.due_on:%Y%m%d}"


def test_from_midnight_in_london_it_is_late(program: Client, sergeant: User) -> None:
    a_duty()
    an_action(sergeant)
    address = address_of(sergeant)
    move_time_to(datetime(2010, 1, 15, 23, 59, tzinfo=LONDON))
    assert not any("Late" in each["SUMMARY"] for each in asked(program, address).inside)
    midnight = datetime(2010, 1, 16, tzinfo=LONDON)
    move_time_to(midnight)
    found = asked(program, address).inside
    assert [each["SUMMARY"].startswith("Late: ") for each in found] == [True, True, True]
    assert {each["LAST-MODIFIED"] for each in found} == {"20100116T000000Z"}


def test_an_action_stands_there_once_without_its_words_and_moves_when_it_is_put_off(
    program: Client, sergeant: User
) -> None:
    action = an_action(sergeant)
    address = address_of(sergeant)
    _, event = asked(program, address).inside
    assert event["UID"] == uid_of(action)
    assert event["SUMMARY"] == f"Do an action: {action.case.number}"
    assert event["DTSTART;VALUE=DATE"] == "20100115"
    move_time_to(NOW + HOUR)
    change_action(action, owner=sergeant, due_on=date(2010, 1, 20), reason="Leave", by=sergeant)
    _, event = asked(program, address).inside
    assert (event["UID"], event["DTSTART;VALUE=DATE"]) == (uid_of(action), "20100120")
    assert event["LAST-MODIFIED"].startswith("20100114T13")


def test_what_is_done_goes_away(program: Client, sergeant: User) -> None:
    duty, done, cancelled = a_duty(), an_action(sergeant), an_action(sergeant)
    address = address_of(sergeant)
    before = {each["UID"] for each in asked(program, address).inside}
    ended = {f"duty-{duty.pk}@police.example", uid_of(done), uid_of(cancelled)}
    triage_referral(duty.case.referral, urgent=False, what_next="", reason="No injury", by=sergeant)
    complete_action(done, result="Rung", by=sergeant)
    cancel_action(cancelled, result="Not needed", by=sergeant)
    assert before - {each["UID"] for each in asked(program, address).inside} == ended


def test_it_is_ones_own_alone(program: Client, sergeant: User) -> None:
    """Of a role in its team and given by name; not a colleague's, another role's or another team's."""
    ours = a_duty()
    theirs = a_duty(team=a_team("ENF"))
    system, due = User.objects.system(), rules.PHONE_CONFIRMATION.due(NOW)
    by_name = raise_duty(duties.ALLOCATION, ours.case, due, owner=sergeant, by=system)
    raise_duty(duties.ALLOCATION, ours.case, due, cycle=1, by=system)
    raise_duty(duties.CONFIRMATION, ours.case, due, owner=an_officer(Role.DESK_SERGEANT), by=system)
    # Given by name, but of a team whose records are not theirs to open.
    raise_duty(duties.ALLOCATION, theirs.case, due, owner=sergeant, by=system)
    an_action(an_officer(Role.DESK_SERGEANT))
    mine = {each["UID"] for each in events(program, sergeant) if each["URL"].split("/")[-2] == ours.case.number}
    assert not any(theirs.case.number in each["URL"] for each in events(program, sergeant))
    assert mine == {f"duty-{duty.pk}@police.example" for duty in (ours, by_name)}


def test_whoever_opens_records_and_has_nothing_to_do_reads_an_empty_calendar(program: Client) -> None:
    for role in (Role.RESEARCHER, Role.COMMAND, Role.REVIEWER):
        calendar_of = asked(program, address_of(an_officer(role)))
        assert (calendar_of.inside, calendar_of["X-WR-CALNAME"]) == ([], "CAIT duties")


def test_what_an_old_log_brought_does_not_push_out_what_is_due_now(program: Client, sergeant: User) -> None:
    fresh, old = a_duty(), a_duty(received_at=NOW - 900 * DAY)
    Duty.objects.filter(pk=old.pk).update(from_before=True)
    assert [each["UID"] for each in events(program, sergeant)] == [f"duty-{fresh.pk}@police.example"]


def test_a_kind_of_duty_that_nobody_knows_is_there_by_its_bare_code(program: Client, sergeant: User) -> None:
    duty = a_duty()
    Duty.objects.filter(pk=duty.pk).update(kind="sing; dance, \\")
    assert titles(program, sergeant) == [f"sing; dance, \\: {duty.case.number}"]


def test_nothing_is_said_of_anybody(program: Client) -> None:
    """Not of children, callers, colleagues, whoever reads it, what happened or what is to be done."""
    move_time_to(NOW)
    sergeant = an_officer(Role.DESK_SERGEANT, name="Quillfeather")
    child = a_child("Nia", "Vellacott", address="4 Elm Row, London N17 6QX")
    case = a_case(received_at=NOW, children=[child], referrer_name="Zebulon Quarrington", urgent=True)
    an_open_update(children=[child], received_at=NOW - HOUR)
    add_action(case, what="Ring Dolores", owner=sergeant, due_on=NOW.date(), by=User.objects.system())
    answer = program.get(address_of(sergeant))
    assert len(read(answer.content).inside) == 5
    said = answer.content.decode() + str(answer.headers)
    words = ("Nia", "Vellacott", "Elm Row", "N17", "Zebulon", "Dolores", "Quillfeather", sergeant.username, "Alex")
    assert [each for each in words if each in said.replace("\r\n ", "")] == []
    allowed = re.sub(
        r"(?m)^(UID|DTSTAMP|DTSTART|DTEND|URL|LAST-MODIFIED|PRODID).*\r\n|[A-Z]{3}-\d{4}-\d{4}", "", said
    )
    assert set(re.findall(r"SUMMARY:(.*)\r\n", allowed)) == {
        "Triage the referral: ",
        "First CRAM: ",
        "Get the update from Social Services: ",
        "Do an action: ",
    }


def test_a_calendar_is_empty_for_somebody_whose_role_opens_none_of_their_records_any_more(
    program: Client, sergeant: User
) -> None:
    an_action(sergeant)
    address = address_of(sergeant)
    withdraw_role(sergeant.memberships.get(), reason="Moved", by=User.objects.system())
    team = a_team("ENF")
    give_role(sergeant, team=team, role=Role.PCLO, from_on=clock.today(), by=User.objects.system())
    assert asked(program, address).inside == []


# --- as a calendar program wants it --------------------------------------------------------------


def test_the_calendar_says_what_it_is_and_how_often_to_ask(program: Client, sergeant: User) -> None:
    assert asked(program, address_of(sergeant)).said == [
        ("VERSION", "2.0"),
        ("PRODID", "-//CAIT//Duties//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("X-WR-CALNAME", "CAIT duties"),
        ("REFRESH-INTERVAL;VALUE=DURATION", "PT1H"),
        ("X-PUBLISHED-TTL", "PT1H"),
    ]


def test_a_long_line_is_folded_between_letters_and_signs_are_escaped() -> None:
    title = (
        "Überprüfung, “first”; a\\b\r\nBEGIN:VEVENT\nthen 文字文字文字文字文字文字文字文字文字文字 "
        + "x" * 300
        + "😀" * 40
    )
    event = CalendarEvent(uid="é" * 60, title=title, record="HGY-2010-0001", due=NOW.date(), changed_at=NOW)
    content = written([event] * 1, now=NOW, site=f"https://{'a' * 100}.example")
    (found,) = read(content).inside
    assert found["SUMMARY"] == title.replace("\r\n", "\n") + ": HGY-2010-0001"
    assert found["UID"] == "é" * 60 + "@police.example"
    assert found["URL"].startswith(f"https://{'a' * 100}.example/cases/")
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75


def test_cait_itself_reads_what_it_writes(program: Client, sergeant: User) -> None:
    """With the reader that tells of invitations which come by email."""
    duty = a_duty()
    answer = program.get(address_of(sergeant))
    (said,) = told(answer.content.decode())
    assert f"About: Triage the referral: {duty.case.number}" in said
    assert "When: Friday 15 January 2010, all day" in said


def test_it_comes_as_a_calendar_that_nobody_keeps(program: Client, sergeant: User) -> None:
    answer = program.get(address_of(sergeant))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="cait-duties.ics"'
    assert "Set-Cookie" not in answer
    assert not program.cookies


def test_head_has_the_headers_alone_and_is_a_reading_too(program: Client, sergeant: User) -> None:
    a_duty()
    address = address_of(sergeant)
    whole, head = program.get(address), program.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(whole.content))
    assert head["Content-Type"] == whole["Content-Type"]
    assert AccessLog.objects.filter(how=Look.CALENDAR).count() == 2


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_sent_to_it(program: Client, sergeant: User, method: str) -> None:
    assert getattr(program, method)(address_of(sergeant)).status_code == 405


def test_a_long_calendar_ends_with_what_runs_out_last(
    program: Client, sergeant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = a_duty()
    many(duty.case, 5)
    an_action(sergeant)
    monkeypatch.setattr(calendar, "MOST_EVENTS", 4)
    found = events(program, sergeant)
    assert [each["SUMMARY"].startswith("Late: ") for each in found] == [True] * 4
    late = Duty.objects.exclude(subject=0).order_by("late_from", "pk").values_list("pk", flat=True)
    assert [each["UID"] for each in found] == [f"duty-{pk}@police.example" for pk in late[:4]]


def test_five_hundred_can_be_written_and_read() -> None:
    rows = [
        CalendarEvent(uid=f"duty-{n}", title="Triage", record="HGY-2010-0001", due=NOW.date(), changed_at=NOW)
        for n in range(500)
    ]
    assert len(read(written(rows, now=NOW, site="https://cait.example")).inside) == calendar.MOST_EVENTS


def test_it_takes_as_many_statements_however_much_is_due(program: Client, sergeant: User) -> None:
    duty = a_duty()
    an_action(sergeant)
    address = address_of(sergeant)
    with CaptureQueriesContext(connection) as few:
        before = len(asked(program, address).inside)
    many(duty.case, 12)
    for _ in range(6):
        an_action(sergeant)
    with CaptureQueriesContext(connection) as more:
        assert len(asked(program, address).inside) > before + 12
    assert len(more) == len(few) <= 10


# --- who may read it -----------------------------------------------------------------------------


def not_found(program: Client, address: str) -> Any:
    """The one answer to whatever may not be read; nothing of it is a look at anything."""
    before = AccessLog.objects.count()
    answer = program.get(address)
    assert answer.status_code == 404
    assert AccessLog.objects.count() == before
    return answer


@pytest.mark.parametrize("secret", ["x", "A" * 43, "é" * 20, "%ff%fe", "..", "a" * 3000, "' OR 1=1", "None"])
def test_an_address_that_nobody_has_is_not_found(program: Client, sergeant: User, secret: str) -> None:
    make_calendar_address(by=sergeant)
    not_found(program, f"/calendar/{secret}.ics")


def test_every_address_that_may_not_be_read_is_answered_in_the_same_way(program: Client, sergeant: User) -> None:
    ended, closed = address_of(sergeant), an_officer(Role.PCLO)
    end_calendar_address(by=sergeant)
    of_closed = address_of(closed)
    close_account(closed, by=User.objects.system())
    answers = [not_found(program, each) for each in (ended, of_closed, f"/calendar/{'A' * 43}.ics")]
    assert len({each.content for each in answers}) == 1
    assert len({str(sorted(each.headers.items())) for each in answers}) == 1


def test_the_digest_is_no_key(program: Client, sergeant: User) -> None:
    address = address_of(sergeant)
    digest = CalendarAddress.objects.get().digest
    assert digest not in address
    not_found(program, f"/calendar/{digest}.ics")
    not_found(program, address.swapcase())
    not_found(program, address.removesuffix(".ics"))


def test_one_that_has_ended_is_refused_at_once(program: Client, sergeant: User) -> None:
    address = address_of(sergeant)
    asked(program, address)
    end_calendar_address(by=sergeant)
    not_found(program, address)


def test_another_ends_the_first(program: Client, sergeant: User) -> None:
    first = address_of(sergeant)
    acts = AuditEvent.objects.count()
    second = address_of(sergeant)
    assert first != second
    not_found(program, first)
    asked(program, second)
    assert AuditEvent.objects.count() == acts + 1
    assert CalendarAddress.objects.filter(ended_at=None).count() == 1


def test_a_colleagues_is_left_alone(program: Client, sergeant: User) -> None:
    theirs = address_of(an_officer(Role.DESK_SERGEANT))
    address_of(sergeant)
    end_calendar_address(by=sergeant)
    asked(program, theirs)


def test_closing_an_account_ends_it_for_good(program: Client, sergeant: User) -> None:
    address = address_of(sergeant)
    close_account(sergeant, by=User.objects.system())
    not_found(program, address)
    password = reopen_account(sergeant, by=User.objects.system())
    assert password
    User.objects.filter(pk=sergeant.pk).update(must_change_password=False)
    not_found(program, address)


def test_a_new_first_password_ends_it_as_it_ends_tokens(program: Client, sergeant: User) -> None:
    address = address_of(sergeant)
    reset_password(sergeant, by=User.objects.system())
    not_found(program, address)
    User.objects.filter(pk=sergeant.pk).update(must_change_password=False)
    not_found(program, address)


def test_a_session_from_before_a_new_first_password_makes_none(client: Client, sergeant: User) -> None:
    """As when the page was asked for in the moment before: it acts with the account as it was then."""
    client.force_login(sergeant)
    before = User.objects.get(pk=sergeant.pk)
    reset_password(sergeant, by=User.objects.system())
    with pytest.raises(PermissionDenied, match="Choose a password of your own first"):
        make_calendar_address(by=before)
    assert client.post(PAGE).status_code == 302
    assert not CalendarAddress.objects.exists()


def test_a_password_of_ones_own_leaves_it(program: Client, sergeant: User) -> None:
    address = address_of(sergeant)
    change_password(sergeant, password="a long new one", by=sergeant)
    asked(program, address)


@pytest.mark.parametrize("state", [{"is_active": False}, {"must_change_password": True}])
def test_an_account_that_may_do_nothing_reads_nothing(
    program: Client, sergeant: User, state: dict[str, bool]
) -> None:
    """Also where its address has not ended."""
    address = address_of(sergeant)
    User.objects.filter(pk=sergeant.pk).update(**state)
    not_found(program, address)


def test_without_a_role_today_nothing_is_read(program: Client) -> None:
    move_time_to(NOW)
    user = an_officer(Role.PCLO, to_on=NOW.date())
    address = address_of(user)
    asked(program, address)
    move_time_to(NOW + DAY)
    not_found(program, address)
    move_time_to(NOW)
    asked(program, address)
    withdraw_role(user.memberships.get(), reason="Moved", by=User.objects.system())
    not_found(program, address)


def test_a_role_that_opens_no_records_reads_nothing(program: Client, sergeant: User) -> None:
    address = address_of(sergeant)
    withdraw_role(sergeant.memberships.get(), reason="Moved", by=User.objects.system())
    team = a_team("CAC")
    give_role(sergeant, team=team, role=Role.ADMINISTRATOR, from_on=clock.today(), by=User.objects.system())
    not_found(program, address)


# --- what is kept of it --------------------------------------------------------------------------


def test_each_reading_is_a_look_under_the_owners_name(program: Client, sergeant: User) -> None:
    a_duty()
    address = address_of(sergeant)
    for _ in range(2):
        asked(program, address)
    first, second = AccessLog.objects.filter(how=Look.CALENDAR)
    for look in (first, second):
        assert (look.by_id, look.object_type, look.object_id) == (sergeant.pk, "diary.duty", None)
        assert look.team_id == sergeant.memberships.get().team_id
        assert look.detail == {"calendar_address": CalendarAddress.objects.get().pk}
    assert (first.label(), first.object_words()) == ("Read by a calendar program", "duty")


def test_it_is_somebody_elses_browser_that_reads_and_still_a_look_of_its_owner(
    client: Client, sergeant: User
) -> None:
    address = address_of(sergeant)
    client.force_login(an_officer(Role.PCLO))
    asked(client, address)
    assert AccessLog.objects.get(how=Look.CALENDAR).by_id == sergeant.pk


def test_what_cannot_be_logged_is_not_read(program: Client, sergeant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    address = address_of(sergeant)

    def full(*args: Any, **fields: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(AccessLog.objects, "create", full)
    program.raise_request_exception = False
    answer = program.get(address)
    assert answer.status_code == 500
    assert b"VCALENDAR" not in answer.content


def test_the_secret_is_kept_nowhere(sergeant: User) -> None:
    secret = make_calendar_address(by=sergeant)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        assert "team_historicalcalendaraddress" in tables
        for table in tables:
            rows = sql.SQL("SELECT count(*) FROM {} AS row WHERE row::text LIKE %s").format(sql.Identifier(table))
            cursor.execute(rows, [f"%{secret}%"])
            assert cursor.fetchone() == (0,), table


def test_each_is_one_act_with_a_line_of_history(sergeant: User) -> None:
    make_calendar_address(by=sergeant)
    address = CalendarAddress.objects.get()
    end_calendar_address(by=sergeant)
    made, ended = AuditEvent.objects.filter(object_type="team.calendaraddress").order_by("pk")
    assert (made.event, ended.event) == (Event.CALENDAR_ADDRESS_MADE, Event.CALENDAR_ADDRESS_ENDED)
    assert {(act.by_id, act.object_id, act.object_words()) for act in (made, ended)} == {
        (sergeant.pk, address.pk, f"calendar address {address.pk}")
    }
    lines = address.history.order_by("history_id")
    assert [(line.history_user, line.ended_at is None) for line in lines] == [(sergeant, True), (sergeant, False)]
    assert not any(hasattr(line, "digest") for line in lines)


def test_what_is_not_there_cannot_be_ended(sergeant: User) -> None:
    with pytest.raises(ValidationError, match="You have no calendar address"):
        end_calendar_address(by=sergeant)
    assert not AuditEvent.objects.filter(event=Event.CALENDAR_ADDRESS_ENDED).exists()


def test_the_database_keeps_one_each_and_no_secret(sergeant: User) -> None:
    make_calendar_address(by=sergeant)
    mine = CalendarAddress.objects.get()
    with pytest.raises(IntegrityError, match="one_calendar_address_each"), transaction.atomic():
        CalendarAddress.objects.create(user=sergeant, digest="ab" * 32)
    with pytest.raises(IntegrityError, match="digest"), transaction.atomic():
        CalendarAddress.objects.create(user=a_user(), digest=mine.digest)
    with pytest.raises(IntegrityError, match="calendar_digest_is_one"), transaction.atomic():
        CalendarAddress.objects.create(user=a_user(), digest="a secret in clear")


# --- no log holds it -----------------------------------------------------------------------------


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What our own handlers write from now on."""
    said = io.StringIO()
    for name in ("", "django", "django.request", "django.security"):
        for handler in logging.getLogger(name).handlers:
            if type(handler) is logging.StreamHandler:
                monkeypatch.setattr(handler, "stream", said)
    return said


def test_no_log_of_ours_holds_the_address(
    client: Client, sergeant: User, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is made, read, refused and not found, and when reading it fails."""
    client.force_login(sergeant)
    address = made_on(client)
    secret = address.split("/")[-1].removesuffix(".ics")
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 405
    assert client.get(address, headers={"host": "elsewhere.example"}).status_code == 400
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(calendar, "calendar_read_with", lambda secret: [][int(secret == secret)])
        assert client.get(address).status_code == 500
    assert client.post(END).status_code == 302
    assert client.get(address).status_code == 404
    written_down = lines.getvalue()
    assert "A request failed" in written_down
    assert "calendar_feed" in written_down  # where it failed
    assert secret not in written_down
    assert secret[:10] not in written_down


@pytest.mark.parametrize(
    "said",
    ["Error handling request {}", "Invalid request from ip=127.0.0.1: {}", "GET {}", "{}"],
)
def test_the_web_server_tells_of_a_request_without_its_address(said: str) -> None:
    record = logging.LogRecord("gunicorn.error", logging.ERROR, __file__, 1, said, (), None)
    record.msg = said.format("/calendar/a-secret.ics")
    assert WebServerAboutItself().filter(record)
    assert "a-secret" not in record.getMessage()


def test_the_proxy_writes_no_address() -> None:
    proxy = (Path(settings.BASE_DIR) / "deploy" / "nginx.conf").read_text()
    formats = re.findall(r"log_format\s+(\w+)\s+'([^']*)'", proxy)
    assert [name for name, _ in formats] == re.findall(r"access_log\s+\S+\s+(\w+);", proxy)
    for _, of in formats:
        assert not re.search(r"\$(request(_uri)?|uri|document_uri|args|http_referer|request_filename)\b", of)


# --- the page ------------------------------------------------------------------------------------


def made_on(client: Client) -> str:
    """Make an address on the page: the path of what it shows."""
    answer = client.post(PAGE)
    assert answer.status_code == 200
    (url,) = re.findall(r'<input [^>]*readonly value="([^"]*)"', answer.content.decode())
    assert url.startswith("http://testserver/calendar/")
    return unescape(url.removeprefix("http://testserver"))


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())))


def test_the_page_says_what_the_calendar_shows_and_makes_an_address(client: Client, sergeant: User) -> None:
    client.force_login(sergeant)
    page = words(client.get(PAGE))
    for said in (
        "No name, and nothing about a child",
        "Whoever has the address can read the calendar",
        "You have no address yet",
        "Make an address",
        "no more than 500 duties",
    ):
        assert said in page
    assert "Stop using it" not in page
    a_duty()
    assert len(asked(Client(), made_on(client)).inside) == 1
    page = words(client.get(PAGE))
    assert "You made it on 14 January 2010, midday." in page
    for button in ("Make another address", "Stop using it"):
        assert button in page


def test_the_address_is_shown_once_and_kept_by_nobody(client: Client, sergeant: User) -> None:
    client.force_login(sergeant)
    answer = client.post(PAGE)
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r"/calendar/([A-Za-z0-9_-]{43})\.ics", answer.content.decode())
    assert found
    secret = found[1]
    assert answer.content.decode().count(secret) == 1
    assert secret not in str(answer.headers) + str(client.cookies)
    assert secret not in str(dict(client.session))
    for url in (PAGE, "/queues/", "/"):
        assert secret not in client.get(url).content.decode()


def test_another_is_made_on_the_page(client: Client, sergeant: User, program: Client) -> None:
    client.force_login(sergeant)
    one_before = "The address that you made before no longer works."
    assert one_before not in words(client.post(PAGE))
    assert one_before in words(client.post(PAGE))
    first, second = made_on(client), made_on(client)
    not_found(program, first)
    asked(program, second)


def test_it_is_stopped_on_the_page(client: Client, sergeant: User, program: Client) -> None:
    client.force_login(sergeant)
    address = made_on(client)
    assert "has ended. Nobody can read it any more." in words(client.post(END, follow=True))
    not_found(program, address)
    answer = client.post(END, follow=True)
    assert "You have no calendar address." in words(answer)
    assert answer.redirect_chain == [(PAGE, 302)]


def test_looking_at_the_page_makes_and_ends_nothing(client: Client, sergeant: User) -> None:
    client.force_login(sergeant)
    for url in (PAGE, END):
        client.get(url)
        client.head(url)
    assert not CalendarAddress.objects.exists()


def test_who_opens_no_records_has_no_calendar(client: Client) -> None:
    for user in (an_officer(Role.ADMINISTRATOR), an_officer(Role.AUDITOR), a_user()):
        client.force_login(user)
        for url in (PAGE, END):
            assert client.post(url).status_code == 403
    assert not CalendarAddress.objects.exists()


def test_it_stands_under_queues(client: Client, sergeant: User) -> None:
    client.force_login(sergeant)
    page = client.get(PAGE).content.decode()
    assert re.search(
        r'<a [^>]*href="/queues/"[^>]*aria-current="[a-z]+"|aria-current="[a-z]+"[^>]*href="/queues/"', page
    )


# --- more of it ----------------------------------------------------------------------------------


def test_another_room_puts_its_own_into_the_calendar(
    program: Client, sergeant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "_EVENTS", dict(calendar._EVENTS))

    def hearings(user: User, now: datetime) -> list[CalendarEvent]:
        at = now + HOUR
        return [CalendarEvent(uid="hearing-1", title="Hearing", record="HGY-2010-0001", due=at, changed_at=now)]

    calendar.register_events("hearings", hearings)
    assert titles(program, sergeant) == ["Hearing: HGY-2010-0001"]
    calendar.register_events("hearings", hearings)
    with pytest.raises(ValueError, match="hearings"):
        calendar.register_events("hearings", calendar.my_duties)
