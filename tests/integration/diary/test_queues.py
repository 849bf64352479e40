"""The queues page: what a row says, whose it is, and who sees it."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AccessLog
from cases.models import Case
from deadlines import rules
from deadlines.clock import LONDON
from diary import queries
from diary.models import Duty, DutyState
from diary.steps import raise_duty
from referrals import duties
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_decided_case, an_approved_address
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.factories.telling import cram_set_aside
from tests.integration.diary.read_queue import (
    HERE,
    HOUR,
    NOW,
    an_update,
    counts,
    due_today,
    groups,
    late,
    many,
    page_of,
    row,
    rows,
    signed_in,
    triage_of,
    words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.DESK_SERGEANT)


# --- in which order, under which words ------------------------------------------------------------


def test_an_urgent_one_is_late_within_the_day(client: Client, sergeant: User) -> None:
    overdue = triage_of(a_case(received_at=NOW - 2 * HOUR, urgent=True))
    soon = triage_of(a_case(received_at=NOW - HOUR / 2, urgent=True))
    assert groups(page_of(client)) == {"Late: 1": [overdue.pk], "Due today: 1": [soon.pk]}


def test_at_midnight_in_london_what_was_due_is_late(client: Client, sergeant: User) -> None:
    duty = due_today()
    move_time_to(datetime(2010, 1, 14, 23, 59, tzinfo=LONDON))
    assert groups(page_of(client)) == {"Due today: 1": [duty.pk]}
    move_time_to(datetime(2010, 1, 15, 0, 0, tzinfo=LONDON))
    assert groups(page_of(client)) == {"Late: 1": [duty.pk]}


def test_what_is_done_or_fell_away_is_not_there(client: Client, sergeant: User) -> None:
    done = cram_set_aside(a_decided_case(received_at=NOW - HOUR))
    assert Duty.objects.filter(case=done, state=DutyState.SATISFIED).count() == 3
    assert rows(page_of(client)) == []
    assert "Nothing is due." in page_of(client)


def test_a_row_says_what_of_which_children_and_by_when(client: Client, sergeant: User) -> None:
    duty = late(children=[a_child("Nia", "Vellacott")])
    told = words(row(page_of(client), duty))
    for said in (
        "Triage the referral",
        "Nia Vellacott",
        duty.case.urn,
        "5 January 2010",
        "Referral desk",
        "9 days late",
    ):
        assert said in told


def test_a_duty_of_a_kind_that_nobody_knows_is_seen_by_its_bare_code(client: Client, sergeant: User) -> None:
    duty = late()
    Duty.objects.filter(pk=duty.pk).update(kind="sing")
    assert "sing" in words(row(page_of(client), duty))


# --- narrowed -------------------------------------------------------------------------------------


def test_mine_are_those_of_my_roles_and_those_with_my_name(client: Client, sergeant: User) -> None:
    of_my_role = late()
    case, colleague = of_my_role.case, an_officer(Role.DESK_SERGEANT)
    due = rules.PHONE_CONFIRMATION.due(NOW)
    system = User.objects.system()
    by_name = raise_duty(duties.ALLOCATION, case, due, owner=sergeant, by=system)
    raise_duty(duties.ALLOCATION, case, due, cycle=1, by=system)
    raise_duty(duties.CONFIRMATION, case, due, owner=colleague, by=system)
    assert rows(page_of(client, whose="mine")) == [of_my_role.pk, by_name.pk]
    assert len(rows(page_of(client))) == 4


def test_a_role_in_one_team_makes_no_duty_of_another_team_mine() -> None:
    move_time_to(NOW)
    user = an_officer(Role.DESK_SERGEANT)
    ours, theirs = late(), late(a_team("BRN"))
    still = Duty.objects.filter(state=DutyState.OPEN)
    assert set(still.filter(queries.mine(user))) == {ours}
    assert set(still.filter(queries.mine(an_officer(Role.DESK_SERGEANT, theirs.team)))) == {theirs}


def test_on_my_records_are_those_of_the_officer_in_case_and_the_supervisor(client: Client, sergeant: User) -> None:
    mine, supervised = late(days=20), late(days=10)
    late(days=15)
    Case.objects.filter(pk=mine.case_id).update(officer_in_case=sergeant)
    Case.objects.filter(pk=supervised.case_id).update(supervisor=sergeant)
    assert rows(page_of(client, whose="my_records")) == [mine.pk, supervised.pk]


# --- counted --------------------------------------------------------------------------------------


def test_a_count_stops_where_nobody_reads_it_any_more(
    client: Client, sergeant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(4)
    monkeypatch.setattr(queries, "MOST_COUNTED", 2)
    found = queries.counts(Duty.objects.visible_to(sergeant), user=sergeant, now=NOW)
    assert (found.week, found.all) == (3, 3)


# --- page by page ---------------------------------------------------------------------------------


def test_read_to_the_end_each_row_is_there_once_and_in_order(client: Client, sergeant: User) -> None:
    made = many(120)
    url, seen, pages = HERE, [], 0
    while url:
        page = page_of(client, url)
        seen += rows(page)
        pages += 1
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = HERE + following[1] if following else ""
    assert (pages, len(seen), set(seen)) == (3, 120, made)
    in_order = Duty.objects.filter(pk__in=made).order_by("late_from", "pk").values_list("pk", flat=True)
    assert seen == list(in_order)


def test_the_filters_are_kept_from_page_to_page(client: Client, sergeant: User) -> None:
    made = many(60)
    late()
    page = page_of(client, kind="confirmation")
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following is not None
    assert {*rows(page), *rows(page_of(client, HERE + following[1]))} == made


def test_a_damaged_address_of_a_page_is_refused(client: Client, sergeant: User) -> None:
    assert client.get(HERE, {"after": "nonsense"}).status_code == 400


def test_questions_to_the_database_do_not_grow_with_the_rows(client: Client, sergeant: User) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(client)
        return len(asked)

    an_approved_address()
    made = [an_update() for _ in range(2)] + [late() for _ in range(3)]
    Case.objects.filter(pk=made[0].case_id).update(officer_in_case=sergeant)
    ask()
    few = ask()
    for number in range(6):
        duty = an_update() if number % 2 else late()
        Case.objects.filter(pk=duty.case_id).update(officer_in_case=an_officer(Role.INVESTIGATOR))
        Duty.objects.filter(pk=duty.pk).update(owner=an_officer(Role.INVESTIGATOR))
    assert len(rows(page_of(client))) == 11
    assert ask() == few


# --- why this date --------------------------------------------------------------------------------


def test_the_link_to_the_reason_keeps_the_filters(client: Client) -> None:
    user = signed_in(client, Role.INVESTIGATOR)  # who gives nothing away has nothing to lose
    duty = late()
    Duty.objects.filter(pk=duty.pk).update(owner=user)
    page = page_of(client, by="late", whose="mine")
    assert f'href="?by=late&whose=mine&why={duty.pk}#duty-{duty.pk}"' in page
    opened = page_of(client, by="late", whose="mine", why=duty.pk)
    assert f'href="?by=late&whose=mine#duty-{duty.pk}"' in opened


# --- who sees what, and may do what ---------------------------------------------------------------


def test_another_team_s_duties_are_not_there(client: Client, sergeant: User) -> None:
    ours = late()
    theirs = late(a_team("BRN"), children=[a_child("Nia", "Vellacott")])
    page = page_of(client, why=theirs.pk)
    assert rows(page) == [ours.pk]
    assert "Vellacott" not in page
    assert theirs.case.number not in page
    assert counts(page) == ["1", "1", "1"]


def test_who_sees_several_teams_reads_of_which_each_row_is(client: Client) -> None:
    signed_in(client, Role.COMMAND)
    ours, theirs = late(), late(a_team("BRN"))
    page = page_of(client)
    assert set(rows(page)) == {ours.pk, theirs.pk}
    assert str(theirs.team) in row(page, theirs)


def test_who_may_see_no_records_sees_no_queue(client: Client) -> None:
    signed_in(client, Role.ADMINISTRATOR)
    assert client.get(HERE).status_code == 403


def test_every_look_stands_in_the_access_log(client: Client, sergeant: User) -> None:
    page_of(client)
    page_of(client, by="late", kind="triage")
    first, second = AccessLog.objects.filter(object_type="diary.duty").order_by("pk")
    assert (first.by_id, first.how, first.team_id, first.object_id) == (sergeant.pk, "page", a_team().pk, None)
    assert [look.detail for look in (first, second)] == [{"filters": []}, {"filters": ["by", "kind"]}]


def test_the_page_only_answers_questions(client: Client, sergeant: User) -> None:
    assert client.post(HERE).status_code == 405
