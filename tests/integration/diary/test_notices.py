"""What somebody was told, as they read it: on a page, on Today, and over the API; each sees what is theirs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog
from cases.actions import assign_case, correct_entry
from cases.models import Entry
from deadlines import clock
from deadlines.clock import LONDON
from deadlines.models import Limit
from diary.actions import give_duty, mark_notices_read
from diary.models import Duty, Heartbeat, Notice, NoticeKind, NoticesRead, Waker
from diary.steps import end_duty, pass_to
from diary.telling import tell_given
from team.actions import give_role, withdraw_role
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_approved_address, an_open_update
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.factories.telling import a_duty, cram_set_aside, sweep_at
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db

# A Monday: what is due a working day later is late with the beginning of Wednesday.
MONDAY = datetime(2009, 12, 7, 10, 0, tzinfo=LONDON)
LATE_FROM = datetime(2009, 12, 9, 0, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PAGE = "/queues/notices/"
System = User.objects.system
OF_UNMANAGED = import_module("diary.migrations.0013_supervisors_are_told_of_unmanaged_risks")
(KINDS_KNOWN,) = OF_UNMANAGED.Migration.operations[1].database_operations


@pytest.fixture(autouse=True)
def monday() -> None:
    move_time_to(MONDAY)


def page_of(client: Client, user: User, url: str = PAGE, **asked: Any) -> str:
    client.force_login(user)
    answer = client.get(url, asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def rows(page: str) -> dict[int, str]:
    """The lines of the page by the id of their notice, as they are read."""
    found = re.findall(r'<tr role="row" id="notice-(\d+)">(.*?)</tr>', page, re.DOTALL)
    return {int(pk): " ".join(re.sub("<[^>]*>", " ", line).split()) for pk, line in found}


def lines(page: str) -> list[str]:
    return list(rows(page).values())


def test_what_was_told_of_an_unmanaged_risk_outlives_a_step_back_to_the_release_before() -> None:
    duty = a_duty(Role.PCLO)
    said: dict[str, Any] = {"team": duty.team, "duty": duty, "to_role": Role.SUPERVISOR}
    told = Notice.objects.create(kind=NoticeKind.UNMANAGED, **said)
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {KINDS_KNOWN.reverse_sql}")
    with pytest.raises(IntegrityError, match="notice_kind_is_known"), transaction.atomic():
        Notice.objects.create(kind=NoticeKind.UNMANAGED, number=1, **said)
    with connection.cursor() as cursor:
        cursor.execute(KINDS_KNOWN.sql)
    assert Notice.objects.get(kind=NoticeKind.UNMANAGED) == told


def a_late_duty(role: Role = Role.PCLO, **other: Any) -> Duty:
    """A duty of which its holder has just been told that it is late."""
    duty = a_duty(role, **other)
    sweep_at(LATE_FROM + HOUR)
    return duty


# --- what is told, and to whom -------------------------------------------------------------------


def test_whoever_has_to_do_it_reads_what_is_late_of_whom_and_does_it_from_there(client: Client) -> None:
    user = an_officer(Role.PCLO)
    case = a_case(children=[a_child("Rhys", "Calloway")])
    duty = a_duty(Role.PCLO, case=case)
    sweep_at(LATE_FROM + HOUR)
    move_time_to(LATE_FROM + 30 * HOUR)
    page = page_of(client, user)
    (line,) = lines(page)
    assert line.startswith("New Late write_pclo Told 9 December 2009, 1am Rhys Calloway")
    assert f"{case.urn} {_due(duty)} 2 days late To do: Conference liaison" in line
    assert f'href="/cases/{case.number}/"' in page


def _due(duty: Duty) -> str:
    on = duty.due_on
    return f"{on.day} December {on.year}"


def test_a_duty_of_a_kind_that_a_room_knows_is_done_from_there(client: Client) -> None:
    desk = an_officer(Role.DESK_SERGEANT)
    case = cram_set_aside(a_case())
    sweep_at(LATE_FROM)
    page = page_of(client, desk)
    (line,) = lines(page)
    assert line.startswith("New Late Triage the referral ")
    assert f'href="{reverse("referrals:triage", args=[case.number])}"' in page


@pytest.mark.parametrize(
    ("role", "heading"),
    [
        (Role.PCLO, "Late write_pclo"),
        (Role.SUPERVISOR, "Late for more than 1 day: told to you as supervisor write_pclo"),
        (Role.INSPECTOR, "Late for more than 3 days: told to you as inspector write_pclo"),
        (Role.COMMAND, "Late for more than 14 days: told to you as command manager write_pclo"),
    ],
)
def test_each_is_told_in_words_as_what_they_are_told_it(role: Role, heading: str, client: Client) -> None:
    user = an_officer(role)
    a_duty(Role.PCLO)
    for days in (0, 1, 3, 14):
        sweep_at(LATE_FROM + days * DAY)
    found = [line for line in lines(page_of(client, user)) if "write_pclo" in line]
    assert [line.startswith(f"New {heading} ") for line in found] == [True]


def test_an_inspector_whose_own_it_is_is_told_as_whoever_has_to_do_it(client: Client) -> None:
    user = an_officer(Role.INSPECTOR)
    a_duty(Role.INSPECTOR)
    sweep_at(LATE_FROM + 3 * DAY)
    found = [line.split(" write_")[0] for line in lines(page_of(client, user)) if "write_inspector" in line]
    assert found == ["New Late for more than 3 days", "New Late for more than 1 day", "New Late"]


def test_how_long_it_was_late_is_told_by_the_limits_of_that_day(client: Client) -> None:
    user = an_officer(Role.INSPECTOR)
    a_duty(Role.PCLO)
    limits: dict[str, Any] = {"rule": "LATE-TO-INSPECTOR", "reason": "Busy"}
    Limit.objects.create(value=48, effective_from=LATE_FROM.date(), **limits)
    sweep_at(LATE_FROM + 2 * DAY)
    Limit.objects.create(value=60, effective_from=(LATE_FROM + 3 * DAY).date(), **limits)
    a_duty(Role.PCLO, from_event=MONDAY + 3 * DAY)
    sweep_at(LATE_FROM + 12 * DAY)
    found = [line.split(": told")[0] for line in lines(page_of(client, user)) if "as inspector write_pclo" in line]
    assert found == ["New Late for longer", "New Late for more than 2 days"]  # 60 hours are no whole days


def test_nobody_reads_what_was_told_to_others(client: Client) -> None:
    officer, colleague = an_officer(Role.PCLO), an_officer(Role.PCLO)
    supervisor, other_supervisor = an_officer(Role.SUPERVISOR), an_officer(Role.SUPERVISOR)
    elsewhere, desk = an_officer(Role.PCLO, a_team("ENF")), an_officer(Role.DESK_SERGEANT)
    reviewer = an_officer(Role.REVIEWER)
    case = cram_set_aside(a_case())
    assign_case(case, officer_in_case=officer, supervisor=supervisor, by=System())
    duty = a_duty(Role.PCLO, case=case, owner=officer)
    sweep_at(LATE_FROM + DAY)
    triage = 1  # of the referral itself, told to the desk

    def of_the_duty(user: User) -> list[int]:
        found = Notice.objects.filter(pk__in=rows(page_of(client, user)), duty=duty)
        return sorted(found.values_list("number", flat=True))

    assert of_the_duty(officer) == [1]
    assert of_the_duty(supervisor) == [2]
    for other in (colleague, other_supervisor, elsewhere, desk, reviewer):
        assert of_the_duty(other) == [], other
    assert len(rows(page_of(client, desk))) == triage


def test_the_command_is_told_of_every_team_and_sees_whose_it_is(client: Client) -> None:
    user = an_officer(Role.COMMAND)
    for code in ("HGY", "ENF"):
        a_duty(Role.PCLO, team=a_team(code))
    sweep_at(LATE_FROM + 14 * DAY)
    found = [line for line in lines(page_of(client, user)) if "write_pclo" in line]
    assert ["Team ENF" in found[0], "Team HGY" in found[1]] == [True, True]


def test_what_was_told_by_name_of_a_team_that_one_has_left_is_not_shown(client: Client) -> None:
    user = an_officer(Role.PCLO)
    duty = a_late_duty(owner=user)
    assert len(rows(page_of(client, user))) == 1
    withdraw_role(user.memberships.get(), reason="Moved", by=System())
    give_role(user, team=a_team("ENF"), role=Role.PCLO, from_on=clock.today(), by=System())
    assert rows(page_of(client, User.objects.get(pk=user.pk))) == {}
    assert Notice.objects.filter(duty=duty, to_person=user).exists()


def read_all(user: User) -> None:
    NoticesRead.objects.create(person=user, up_to=Notice.objects.latest("pk").pk)


def test_what_was_read_is_not_shown_beyond_a_fortnight(client: Client) -> None:
    user = an_officer(Role.PCLO)
    a_late_duty()
    read_all(user)
    move_time_to(LATE_FROM + 14 * DAY + 23 * HOUR)
    assert len(rows(page_of(client, user))) == 1
    move_time_to(LATE_FROM + 15 * DAY)
    page = page_of(client, user)
    assert rows(page) == {}
    assert "CAIT has told you nothing in the last 14 days" in page


def test_what_was_not_read_stays_while_it_is_to_do(client: Client) -> None:
    user, read = an_officer(Role.PCLO), an_officer(Role.PCLO)
    duty, other = a_late_duty(kind="first"), a_duty(Role.PCLO, kind="other", from_event=MONDAY)
    sweep_at(LATE_FROM + 2 * HOUR)
    read_all(read)
    move_time_to(LATE_FROM + 30 * DAY)
    assert len(rows(page_of(client, user))) == 2
    assert rows(page_of(client, read)) == {}
    end_duty(duty, done=True, why="Written", by=user)
    (line,) = lines(page_of(client, user))
    assert line.startswith(f"New Late {other.kind} ")
    assert "other" in panel(page_of(client, user, "/"))


@pytest.mark.parametrize(("done", "words"), [(True, "Done"), (False, "Fell away")])
def test_of_what_has_ended_since_it_says_what_became_of_it(done: bool, words: str, client: Client) -> None:
    user, colleague = an_officer(Role.PCLO), an_officer(Role.INVESTIGATOR)
    duty = a_late_duty()
    move_time_to(LATE_FROM + 2 * HOUR)
    end_duty(duty, done=done, why="The head rang", by=colleague)
    (line,) = lines(page_of(client, user))
    assert line.endswith(f"{_due(duty)} {words} 9 December 2009, 2am, {colleague} The head rang")


def test_whoever_is_given_a_duty_reads_by_whom(client: Client) -> None:
    user, other = an_officer(Role.DESK_SERGEANT), an_officer(Role.DESK_SERGEANT)
    first, second = an_officer(Role.SUPERVISOR), an_officer(Role.INSPECTOR)
    duty = Duty.objects.get(case=a_case(), kind="triage")
    for to, by in ((user, first), (other, first), (user, second)):
        give_duty(duty, to=to, why="On leave", by=by)
    found = [line.split(" Triage")[0] for line in lines(page_of(client, user))]
    assert found == [f"New Given to you by {second}", f"New Given to you by {first}"]
    (line,) = lines(page_of(client, other))
    assert line.startswith(f"New Given to you by {first} Triage the referral Why: On leave Told ")


def test_why_it_was_given_is_told_of_each_time_and_not_where_that_was_corrected(client: Client) -> None:
    user, by = an_officer(Role.DESK_SERGEANT), an_officer(Role.SUPERVISOR)
    duty = Duty.objects.get(case=a_case(), kind="triage")
    for to, why in ((user, "On leave"), (None, "Back"), (user, "Why: at court")):
        give_duty(duty, to=to, why=why, by=by)
        move_time_to(clock.now() + HOUR)
    pass_to(Duty.objects.get(pk=duty.pk), None, by)
    pass_to(Duty.objects.get(pk=duty.pk), user, by)  # as when it follows the record's supervisor

    def reasons() -> list[str]:
        return [
            line.split("Triage the referral")[1].split("Told")[0].strip() for line in lines(page_of(client, user))
        ]

    assert reasons() == ["", "Why: Why: at court", "Why: On leave"]
    entry = Entry.objects.filter(text="Why: On leave").get()
    as_it_was: dict[str, Any] = {"title": entry.title, "happened_at": entry.happened_at}
    correct_entry(entry, **as_it_was, text="Why: Not this", reason="Typed wrong", by=by)
    assert reasons() == ["", "Why: Why: at court", ""]


def test_what_a_colleague_has_by_name_is_not_offered(client: Client) -> None:
    user, colleague = an_officer(Role.DESK_SERGEANT), an_officer(Role.SUPERVISOR)
    duty = Duty.objects.get(case=a_case(), kind="triage")
    give_duty(duty, to=user, why="On leave", by=colleague)
    link = f'href="{reverse("referrals:triage", args=[duty.case.number])}"'
    assert link in page_of(client, user)
    give_duty(duty, to=colleague, why="Mine again", by=colleague)
    page = page_of(client, user)
    assert link not in page
    assert lines(page)[0].endswith(f"To do: {colleague}")


def test_where_nobody_can_say_by_whom_it_was_given_it_says_so_without_a_name(client: Client) -> None:
    user = an_officer(Role.PCLO)
    tell_given(a_duty(Role.PCLO), user)
    (line,) = lines(page_of(client, user))
    assert line.startswith("New Given to you write_pclo ")


def test_the_inspector_reads_what_became_late_in_an_outage(client: Client) -> None:
    user = an_officer(Role.INSPECTOR)
    sweep_at(LATE_FROM - 3 * HOUR)
    a_duty(from_event=MONDAY)
    sweep_at(LATE_FROM + 3 * HOUR)
    page = page_of(client, user)
    (line,) = lines(page)
    assert line.startswith("New Due dates were not checked From 8 December 2009, 9pm to 9 December 2009, 3am due ")
    assert 'href="/queues/?by=late"' in page


# --- reading -------------------------------------------------------------------------------------


def test_all_is_marked_as_read_with_one_button_and_what_comes_later_is_new(client: Client) -> None:
    user, colleague = an_officer(Role.PCLO), an_officer(Role.PCLO)
    a_late_duty(kind="first")
    move_time_to(LATE_FROM + HOUR + MINUTE)  # what is told in this moment stays new
    page = page_of(client, user)
    (newest,) = re.findall(r'name="up_to" value="(\d+)"', page)
    answer = client.post("/queues/notices/read/", {"up_to": newest}, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    page = unescape(answer.content.decode())
    assert "What CAIT had told you is marked as read." in page
    assert "Mark all as read" not in page
    assert lines(page)[0].startswith("Late ")
    a_duty(Role.PCLO, from_event=MONDAY, kind="second")
    sweep_at(LATE_FROM + 2 * HOUR)
    page = page_of(client, user)
    assert [line.split()[0] for line in lines(page)] == ["New", "Late"]
    assert "Mark all as read" in page
    assert [line.split()[0] for line in lines(page_of(client, colleague))] == ["New", "New"]


def test_an_older_page_marks_nothing_as_unread_and_nothing_is_read_before_it_is_told() -> None:
    user = an_officer(Role.PCLO)
    a_late_duty()
    move_time_to(LATE_FROM + HOUR + MINUTE)
    last = Notice.objects.filter(to_role=Role.PCLO).latest("pk").pk
    assert mark_notices_read(up_to=2**63 - 1, by=user).up_to == last
    assert mark_notices_read(up_to=1, by=user).up_to == last
    assert NoticesRead.objects.get().up_to == last


@pytest.mark.parametrize("sent", ["", "x", "0", "-1", str(2**63), "1e3", "9" * 5000])
def test_what_is_no_number_of_ours_marks_nothing(sent: str, client: Client) -> None:
    user = an_officer(Role.PCLO)
    client.force_login(user)
    assert client.post("/queues/notices/read/", {"up_to": sent}).status_code == 302
    assert not NoticesRead.objects.exists()


def told_many(user: User, number: int) -> None:
    duty = a_duty(Role.PCLO)
    Notice.objects.bulk_create(
        Notice(kind=NoticeKind.GIVEN, team=duty.team, to_person=user, to_role=Role.PCLO, duty=duty, number=each)
        for each in range(number)
    )


def test_a_long_list_is_read_page_by_page_and_marked_as_read_on_the_first(client: Client) -> None:
    user = an_officer(Role.PCLO)
    told_many(user, 51)
    page = page_of(client, user)
    first = list(rows(page))
    assert (len(first), first) == (50, sorted(first, reverse=True))
    assert f'name="up_to" value="{first[0]}"' in page
    (older,) = re.findall(r'href="(\?after=[^"]*)" rel="next"', page)
    page = page_of(client, user, PAGE + older)
    (last,) = rows(page)
    assert last == first[-1] - 1
    assert "Mark all as read" not in page
    assert 'rel="prev"' in page
    assert client.get(PAGE, {"after": "x"}).status_code == 400


def test_a_look_is_one_row_of_the_access_log(client: Client) -> None:
    user = an_officer(Role.PCLO)
    a_late_duty()
    before = AccessLog.objects.count()
    page_of(client, user)
    (row,) = AccessLog.objects.order_by("pk")[before:]
    assert (row.by_id, row.object_type, row.team_id) == (user.pk, "diary.notice", a_team().pk)


def statements(client: Client, user: User, url: str = PAGE) -> int:
    client.force_login(user)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured.captured_queries)


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.COMMAND])
def test_it_takes_as_many_statements_however_much_was_told(role: Role, client: Client) -> None:
    user, sergeant = an_officer(role), an_officer(Role.SUPERVISOR)
    Heartbeat.objects.create(waker=Waker.BEAT, succeeded_at=LATE_FROM - HOUR)
    an_approved_address()

    def more(times: int) -> None:
        for _ in range(times):
            pass_to(a_duty(Role.INSPECTOR, from_event=MONDAY), user, sergeant)
            an_open_update(children=[a_child(), a_child()])

    move_time_to(LATE_FROM + 39 * DAY)
    more(1)
    sweep_at(LATE_FROM + 40 * DAY)
    few = statements(client, user)
    more(3)
    sweep_at(LATE_FROM + 41 * DAY)
    assert statements(client, user) == few
    assert len(rows(page_of(client, user))) > 4


# --- Today ---------------------------------------------------------------------------------------


def panel(page: str) -> str:
    found = re.search(r'<section class="cait-box" aria-labelledby="told-h">(.*?)</section>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", " ", found.group(1)).split()) if found else ""


def test_today_shows_the_newest_three_that_are_not_read(client: Client) -> None:
    user = an_officer(Role.PCLO)
    assert panel(page_of(client, user, "/")) == ""
    case = a_case()
    for number in range(4):
        a_duty(Role.PCLO, case=case, kind=f"kind{number}")
        sweep_at(LATE_FROM + number * HOUR)
        move_time_to(MONDAY)
    move_time_to(LATE_FROM + 5 * HOUR)
    shown = panel(page_of(client, user, "/"))
    assert re.findall(r"Late : (\S+), ", shown) == ["kind3", "kind2", "kind1"]
    assert case.urn in shown
    assert "today at 3am" in shown
    assert shown.endswith("All notices")
    assert AccessLog.objects.latest("pk").detail["records"] == [case.pk]
    mark_notices_read(up_to=Notice.objects.latest("pk").pk, by=user)
    assert panel(page_of(client, user, "/")) == ""


def test_today_shows_each_duty_once_with_its_highest_step(client: Client) -> None:
    user = an_officer(Role.PCLO)
    give_role(user, team=a_team(), role=Role.SUPERVISOR, from_on=clock.today(), by=System())
    a_duty(Role.PCLO)
    sweep_at(LATE_FROM + DAY)
    user = User.objects.get(pk=user.pk)
    assert len(rows(page_of(client, user))) >= 2
    shown = panel(page_of(client, user, "/"))
    assert shown.count("write_pclo") == 1
    assert "Late for more than 1 day: told to you as supervisor : write_pclo" in shown


def test_today_shows_what_was_given_while_it_is_still_theirs_and_to_do(client: Client) -> None:
    user, colleague = an_officer(Role.DESK_SERGEANT), an_officer(Role.SUPERVISOR)
    first, second = (Duty.objects.get(case=a_case(), kind="triage") for _ in range(2))
    for duty in (first, second):
        give_duty(duty, to=user, why="On leave", by=colleague)
    assert panel(page_of(client, user, "/")).count("Given to you") == 2
    give_duty(first, to=colleague, why="Mine again", by=colleague)
    shown = panel(page_of(client, user, "/"))
    assert (second.case.urn in shown, first.case.urn in shown) == (True, False)
    end_duty(Duty.objects.get(pk=second.pk), done=True, why="Triaged", by=user)
    assert panel(page_of(client, user, "/")) == ""
    assert len(rows(page_of(client, user))) == 2


def test_today_shows_an_outage_and_takes_one_statement_more_at_the_most(client: Client) -> None:
    user, command = an_officer(Role.INSPECTOR), an_officer(Role.COMMAND)
    sweep_at(LATE_FROM - 3 * HOUR)
    before = statements(client, user, "/")
    a_duty(from_event=MONDAY)
    sweep_at(LATE_FROM + 3 * HOUR)
    assert panel(page_of(client, user, "/")).startswith("Told to you Due dates were not checked : From 8 December")
    assert statements(client, user, "/") <= before + 1
    assert panel(page_of(client, command, "/")) == ""


# --- over the API --------------------------------------------------------------------------------


def test_a_program_reads_what_its_account_was_told_and_marks_it_as_read() -> None:
    user = an_officer(Role.PCLO)
    duty = a_late_duty(owner=user)
    move_time_to(LATE_FROM + HOUR + MINUTE)
    program = Program(user)
    answer = program.get("notices")
    assert answer.status_code == 200
    (notice,) = answer.json()["results"]
    assert notice.pop("raised_at").startswith("2009-12-09T01:00:")
    assert notice == {
        "id": Notice.objects.get(duty=duty).pk,
        "kind": "late",
        "number": 1,
        "team": {"code": "HGY", "name": "Team HGY"},
        "to_person": {"id": user.pk, "name": str(user)},
        "to_role": "pclo",
        "duty": duty.pk,
        "case": duty.case.number,
        "urn": duty.case.urn,
        "heading": "Late",
        "what": "write_pclo",
        "read": False,
    }
    assert program.post("read_notices", up_to=notice["id"]).json() == {"up_to": notice["id"]}
    assert program.get("notices").json()["results"][0]["read"] is True


def test_of_an_outage_there_is_no_record() -> None:
    user = an_officer(Role.INSPECTOR)
    sweep_at(LATE_FROM - 3 * HOUR)
    a_duty(from_event=MONDAY)
    sweep_at(LATE_FROM + 3 * HOUR)
    (notice,) = Program(user).get("notices").json()["results"]
    assert (notice["kind"], notice["duty"], notice["case"], notice["urn"]) == ("outage", None, None, None)
    assert notice["what"].startswith("From 8 December 2009, 9pm ")


def test_a_program_reads_a_long_list_to_its_end_with_as_many_statements() -> None:
    user = an_officer(Role.PCLO)
    program = Program(user)
    told_many(user, 2)

    def asked() -> tuple[int, list[int], str | None]:
        with CaptureQueriesContext(connection) as captured:
            answer = program.get("notices").json()
        return len(captured), [each["id"] for each in answer["results"]], answer["next"]

    asked()
    few, _, _ = asked()
    told_many(user, 51)
    many, first, following = asked()
    assert (many, len(first)) == (few, 50)
    assert following
    rest = program.client.get(following).json()
    assert (len(rest["results"]), rest["next"]) == (3, None)


@pytest.mark.parametrize("after", ["x", "W10", "é", "A" * 5000])
def test_a_damaged_next_is_refused(after: str) -> None:
    assert Program(an_officer(Role.PCLO)).get("notices", after=after).status_code == 400


def test_there_is_nothing_to_narrow_it_by() -> None:
    answer = Program(an_officer(Role.PCLO)).get("notices", whose="mine")
    assert (answer.status_code, set(answer.json())) == (400, {"detail", "whose"})
