"""The figures: what each counts, what the page says of them, and who reads them."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import oversight.figures
import oversight.views
from cases.actions import assign_case
from cases.models import Case
from deadlines.clock import LONDON
from referrals.enums import DecisionKind
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_closed_case, a_decided_case
from tests.factories.mail import a_message
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.telling import cram_set_aside
from tests.integration.oversight.reading import (
    DAY,
    FIGURES,
    HERE,
    HOUR,
    NOBODYS,
    NOW,
    OPEN_RECORDS,
    OVERDUE,
    RECEIVED,
    WAITING,
    as_counted,
    figures,
    lent,
    page,
    rows_of,
    signed_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspector(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.INSPECTOR)


@pytest.fixture
def command(client: Client) -> User:
    return signed_in(client, Role.COMMAND)


def test_what_the_command_is_led_to_is_of_that_team_alone(client: Client, command: User) -> None:
    ours, theirs = a_case(a_team("HGY")), a_case(a_team("ENF"))
    found = figures(client)
    assert rows_of(client, found["Team HGY"][OPEN_RECORDS].url) == [ours.number]
    assert rows_of(client, found["Team ENF"][OPEN_RECORDS].url) == [theirs.number]
    assert rows_of(client, found["Team ENF"][RECEIVED].url) == [theirs.number]


def test_of_a_team_without_anything_each_figure_is_nought_and_leads_to_an_empty_list(
    client: Client, inspector: User
) -> None:
    assert as_counted(client, figures(client)["Team HGY"]) == dict.fromkeys(FIGURES, 0)
    assert "the longest" not in page(client)
    assert "cait-figure--act" not in page(client)


def test_a_figure_follows_what_is_done(client: Client, inspector: User) -> None:
    case = a_case(received_at=NOW - 10 * DAY)
    before = as_counted(client, figures(client)["Team HGY"])
    supervisor, officer = an_officer(Role.SUPERVISOR), an_officer(Role.INVESTIGATOR)
    assign_case(case, officer_in_case=officer, supervisor=supervisor, reason="", by=User.objects.system())
    after = as_counted(client, figures(client)["Team HGY"])
    assert (before[NOBODYS], after[NOBODYS]) == (1, 0)
    assert {**before, NOBODYS: 0} == after


def test_a_duty_is_overdue_from_the_moment_it_is_late(client: Client, inspector: User) -> None:
    cram_set_aside(a_case(received_at=NOW - DAY))
    move_time_to(datetime(2010, 1, 14, 23, 59, tzinfo=LONDON))
    assert as_counted(client, figures(client)["Team HGY"])[OVERDUE] == 0
    move_time_to(datetime(2010, 1, 15, 0, 0, tzinfo=LONDON))
    assert as_counted(client, figures(client)["Team HGY"])[OVERDUE] == 1
    assert "cait-figure--act" in page(client)


def test_of_those_without_an_officer_it_says_how_many_need_one(client: Client, inspector: User) -> None:
    """A record that is decided for Social Services only, or not decided yet, may have none."""

    def told() -> str:
        cell = page(client).partition('data-label="Without officer in case"')[2].partition("</td>")[0]
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", cell.partition(">")[2])).strip()

    a_case(received_at=NOW - HOUR)
    assert told() == "1"
    investigated = a_decided_case(kind=DecisionKind.POLICE, received_at=NOW - HOUR)
    assert told() == "2 of which 1 is an investigation that needs one"
    a_decided_case(kind=DecisionKind.POLICE, received_at=NOW - HOUR)
    a_decided_case(kind=DecisionKind.POLICE, team=a_team("ENF"), received_at=NOW - HOUR)
    assert told() == "3 of which 2 are investigations that need one"
    url = re.findall(r'href="(/queues/\?kind=[^"]*)"', page(client))[0]
    assert len(rows_of(client, url)) == 2
    supervisor, officer = an_officer(Role.SUPERVISOR), an_officer(Role.INVESTIGATOR)
    assign_case(investigated, officer_in_case=officer, supervisor=supervisor, reason="", by=User.objects.system())
    assert told() == "2 of which 1 is an investigation that needs one"


def test_the_page_says_how_long_the_oldest_email_waits(client: Client, inspector: User) -> None:
    a_message(received_at=NOW - 26 * HOUR)
    a_message(received_at=NOW - HOUR)
    told = re.sub(r"<[^>]+>", "", page(client))
    assert re.search(r"2 the longest 26 hours", told), told


def test_the_page_says_since_when_it_counts_and_of_which_moment_it_is(client: Client, inspector: User) -> None:
    html = page(client)
    assert "As it is now, 14 January 2010, midday." in html
    assert "Received since 18 December 2009" in html
    assert figures(client)["Team HGY"][RECEIVED].url == "/referrals/?from_on=18/12/2009"


def test_a_figure_stops_where_nobody_reads_it_any_more(
    client: Client, inspector: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (oversight.figures, oversight.views):
        monkeypatch.setattr(module, "MOST_COUNTED", 2)
    seen = {}
    for number in range(1, 5):
        cram_set_aside(a_case(received_at=NOW - 10 * DAY))
        a_message(received_at=NOW - HOUR)
        found = figures(client)["Team HGY"]
        (seen[number],) = {each.shown for each in found.values()}
        assert {len(rows_of(client, each.url)) for each in found.values()} == {number}
    assert seen == {1: "1", 2: "2", 3: "2+", 4: "2+"}
    assert "A figure with a plus, such as 1,000+, is not counted further." in page(client)


def test_beyond_a_thousand_it_says_so_with_a_comma() -> None:
    from pages.templatetags.words import figure

    assert [figure(each, 1000) for each in (0, 999, 1000, 1001)] == ["0", "999", "1,000", "1,000+"]


# --- who sees them -------------------------------------------------------------------------------

SEE_FIGURES = {Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR, Role.COMMAND, Role.REVIEWER}


def test_figures_are_for_those_who_answer_for_them(client: Client) -> None:
    move_time_to(NOW)
    a_case()
    seen = set()
    for role in Role:
        client.force_login(an_officer(role))
        status = client.get(HERE).status_code
        assert status in (200, 403), role
        if status == 200:
            seen.add(role)
            assert figures(client)["Team HGY"][OPEN_RECORDS].shown == "1", role
    assert seen == SEE_FIGURES


def test_who_handles_two_mailboxes_finds_behind_each_figure_its_own_emails(client: Client, inspector: User) -> None:
    lent(inspector, a_team("ENF"), Role.SUPERVISOR)
    a_message(a_team())
    for _ in range(2):
        a_message(a_team("ENF"))
    found = figures(client)
    assert {name: each[WAITING].shown for name, each in found.items()} == {"Team HGY": "1", "Team ENF": "2"}
    for each in found.values():
        assert len(rows_of(client, each[WAITING].url)) == int(each[WAITING].shown), each[WAITING]


def test_the_page_only_answers_questions(client: Client, inspector: User) -> None:
    assert client.post(HERE).status_code == 405


def test_questions_to_the_database_do_not_grow_with_the_teams(client: Client, command: User) -> None:
    def ask() -> int:
        page(client)
        with CaptureQueriesContext(connection) as asked:
            page(client)
        return len(asked)

    for code in ("HGY", "ENF"):
        a_case(a_team(code))
    few = ask()
    for code in ("BRN", "CMD", "ISL", "HCK"):
        team = a_team(code)
        a_case(team, received_at=NOW - 10 * DAY)
        a_message(team)
    assert len(figures(client)) == 6
    assert ask() == few


def test_the_filter_of_a_figure_means_what_the_figure_counts(client: Client, command: User) -> None:
    """Open again after it was closed counts as open; closed and nobody's does not."""
    closed = a_closed_case(a_team("HGY"))
    found = figures(client)["Team HGY"]
    assert (found[OPEN_RECORDS].shown, found[NOBODYS].shown) == ("0", "0")
    assert rows_of(client, found[NOBODYS].url) == []
    Case.objects.filter(pk=closed.pk).update(state="open", closed_at=None)
    found = figures(client)["Team HGY"]
    assert (found[OPEN_RECORDS].shown, found[NOBODYS].shown) == ("1", "1")
    assert rows_of(client, found[NOBODYS].url) == [closed.number]
