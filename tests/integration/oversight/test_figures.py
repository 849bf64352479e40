"""The figures: each is as long as the list it leads to; and the filter by team of the lists they lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import oversight.figures
import oversight.views
from audit.models import AccessLog
from cases.actions import assign_case
from cases.models import Case
from deadlines.clock import LONDON
from intake.actions import set_aside_message
from referrals.enums import DecisionKind
from team.actions import give_role
from team.enums import Posting, Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_closed_case, a_decided_case, a_triaged_case
from tests.factories.mail import a_message
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.telling import cram_set_aside

pytestmark = pytest.mark.django_db

HERE = "/oversight/"
# A Thursday, at midday; the first of its last 28 days is Friday 18 December.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
FIRST_MOMENT = datetime(2009, 12, 18, 0, 0, tzinfo=LONDON)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

RECEIVED = "Referrals, last 28 days"
TO_TRIAGE = "To triage"
OPEN_RECORDS = "Open records"
NOBODYS = "Without officer in case"
OVERDUE = "Overdue duties"
WAITING = "Emails that wait"
FIGURES = [RECEIVED, TO_TRIAGE, OPEN_RECORDS, NOBODYS, OVERDUE, WAITING]


@dataclass(frozen=True)
class Figure:
    """One figure as it stands on the page, and where it leads; empty where it is no link."""

    shown: str
    url: str


@pytest.fixture
def inspector(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.INSPECTOR)


@pytest.fixture
def command(client: Client) -> User:
    return signed_in(client, Role.COMMAND)


def signed_in(client: Client, role: Role, team: Team | None = None) -> User:
    move_time_to(NOW)
    user = an_officer(role, team)
    client.force_login(user)
    return user


def page(client: Client, url: str = HERE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return unescape(answer.content.decode())


def figures(client: Client) -> dict[str, dict[str, Figure]]:
    """Of each team, by its name, each figure by its heading."""
    found = {}
    for row in re.findall(r'<tr role="row">(.*?)</tr>', page(client).partition("<tbody")[2], re.S):
        name = re.findall(r'<th scope="row" role="rowheader">(.*?)</th>', row)[0]
        cells = re.findall(r'<td role="cell" data-label="([^"]*)"[^>]*>(.*?)</td>', row, re.S)
        found[name] = {label: figure(cell) for label, cell in cells}
    return found


def figure(cell: str) -> Figure:
    link = re.search(r'<a class="govuk-link" href="([^"]*)">([\d,+]+)</a>', cell)
    if link:
        return Figure(link[2], link[1])
    return Figure(re.findall(r"^([\d,+]+)", cell)[0], "")


# How a row of each list begins.
ROWS = {
    "/referrals/": r'rowheader"><a class="govuk-link" href="/cases/([A-Z]{3}-\d{4}-\d+)/"',
    "/cases/": r'rowheader"><a class="govuk-link" href="/cases/([A-Z]{3}-\d{4}-\d+)/"',
    "/queues/": r'<tr role="row" id="duty-(\d+)"',
    "/referrals/mailbox/": r'rowheader"[^>]*>(?:<span[^>]*>[^<]*</span> )?<a [^>]*href="/referrals/mailbox/(\d+)/"',
}


def rows_of(client: Client, url: str) -> list[str]:
    """Every row of a list, read to its end as one follows its links."""
    where, found = url.partition("?")[0], []
    while url:
        html = page(client, url)
        found += re.findall(ROWS[where], html.partition("<table")[2])
        further = re.search(r'href="([^"]*)" rel="next"', html)
        url = where + further[1] if further else ""
    assert len(found) == len(set(found)), "a row was shown twice"
    return found


def as_counted(client: Client, of: dict[str, Figure]) -> dict[str, int]:
    """The figures of a team, once it is seen that each that is a link is as long as the list it leads to."""
    for label, each in of.items():
        if each.url:
            assert len(rows_of(client, each.url)) == int(each.shown), (label, each)
    return {label: int(each.shown) for label, each in of.items()}


def a_busy_month(team: Team, *, more: int = 0) -> dict[str, int]:
    """What a team has after some weeks, and what its figures are by hand. `more`: so many old records with them."""
    move_time_to(NOW)
    a_case(team, received_at=FIRST_MOMENT)
    a_case(team, received_at=FIRST_MOMENT - MINUTE)
    a_case(team, received_at=NOW - 10 * DAY)
    a_case(team, received_at=NOW - HOUR)
    a_triaged_case(team, received_at=NOW - HOUR)
    a_decided_case(team=team, received_at=NOW - HOUR)
    a_closed_case(team)
    given = a_decided_case(team=team, received_at=NOW - HOUR)
    supervisor, officer = an_officer(Role.SUPERVISOR, team), an_officer(Role.INVESTIGATOR, team)
    assign_case(given, officer_in_case=officer, supervisor=supervisor, reason="", by=User.objects.system())
    for number in range(more):
        a_case(team, received_at=NOW - 20 * DAY - number * MINUTE)
    for hours in (1, 26):
        a_message(team, received_at=NOW - hours * HOUR)
    set_aside_message(a_message(team, received_at=NOW - 30 * HOUR), reason="Training", by=User.objects.system())
    return {
        RECEIVED: 7 + more,
        TO_TRIAGE: 4 + more,
        OPEN_RECORDS: 7 + more,
        NOBODYS: 6 + more,
        OVERDUE: 2 * (3 + more),  # triage and first CRAM
        WAITING: 2,
    }


def test_each_figure_is_as_long_as_the_list_it_leads_to(client: Client, inspector: User) -> None:
    by_hand = a_busy_month(a_team(), more=55)
    a_busy_month(a_team("ENF"))
    found = figures(client)
    assert list(found) == ["Team HGY"]
    ours = found["Team HGY"]
    assert list(ours) == FIGURES
    assert all(each.url for each in ours.values())
    assert not any("team=" in each.url for each in ours.values())
    assert as_counted(client, ours) == by_hand


def test_the_command_reads_every_borough_s_figures_side_by_side_by_name(client: Client, command: User) -> None:
    haringey, enfield = a_team("HGY", "Haringey CAIT"), a_team("ENF", "Enfield CAIT")
    by_hand = {"Enfield CAIT": a_busy_month(enfield), "Haringey CAIT": a_busy_month(haringey, more=3)}
    found = figures(client)
    assert list(found) == ["Enfield CAIT", "Haringey CAIT"]  # and none of the command itself
    for name, code in (("Enfield CAIT", "ENF"), ("Haringey CAIT", "HGY")):
        links = {label: each.url for label, each in found[name].items()}
        assert links.pop(WAITING) == "", "only the desk opens its mailbox"
        assert all(link.endswith(f"&team={code}") for link in links.values()), links
        assert as_counted(client, found[name]) == by_hand[name]


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


@pytest.mark.parametrize(("number", "shown"), [(2, "2"), (3, "2+"), (4, "2+")])
def test_a_figure_stops_where_nobody_reads_it_any_more(
    client: Client, inspector: User, monkeypatch: pytest.MonkeyPatch, number: int, shown: str
) -> None:
    for module in (oversight.figures, oversight.views):
        monkeypatch.setattr(module, "MOST_COUNTED", 2)
    for _ in range(number):
        cram_set_aside(a_case(received_at=NOW - 10 * DAY))
        a_message(received_at=NOW - HOUR)
    found = figures(client)["Team HGY"]
    assert {each.shown for each in found.values()} == {shown}
    assert {len(rows_of(client, each.url)) for each in found.values()} == {number}
    assert "A figure with a plus, such as 1,000+, is not counted further." in page(client)


def test_beyond_a_thousand_it_says_so_with_a_comma() -> None:
    from pages.templatetags.words import figure

    assert [figure(each, 1000) for each in (0, 999, 1000, 1001)] == ["0", "999", "1,000", "1,000+"]


# --- who sees them -------------------------------------------------------------------------------

SEE_FIGURES = {Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR, Role.COMMAND, Role.REVIEWER}


@pytest.mark.parametrize("role", list(Role))
def test_figures_are_for_those_who_answer_for_them(client: Client, role: Role) -> None:
    signed_in(client, role)
    a_case()
    assert client.get(HERE).status_code == (200 if role in SEE_FIGURES else 403)
    if role in SEE_FIGURES:
        assert figures(client)["Team HGY"][OPEN_RECORDS].shown == "1"


def test_another_team_s_figures_are_not_there(client: Client, inspector: User) -> None:
    a_busy_month(a_team("ENF"))
    html = page(client)
    assert "Team ENF" not in html
    assert "ENF" not in html
    assert as_counted(client, figures(client)["Team HGY"]) == dict.fromkeys(FIGURES, 0)


def lent(user: User, team: Team, role: Role) -> None:
    """The same person works for another team too."""
    on = NOW.date()
    by = User.objects.system()
    loan: dict[str, Any] = {"posting": Posting.LOAN, "from_on": on, "to_on": on + 7 * DAY, "reason": "Covers a leave"}
    give_role(user, team=team, role=role, **loan, by=by)


def test_who_investigates_for_one_team_and_supervises_another_reads_the_figures_of_that_one(
    client: Client, inspector: User
) -> None:
    lent(inspector, a_team("ENF"), Role.INVESTIGATOR)
    by_hand = a_busy_month(a_team())
    a_busy_month(a_team("ENF"))
    found = figures(client)
    assert list(found) == ["Team HGY"]
    links = [each.url for label, each in found["Team HGY"].items() if label != WAITING]
    assert all(link.endswith("&team=HGY") for link in links)
    assert as_counted(client, found["Team HGY"]) == by_hand


def test_who_handles_two_mailboxes_finds_behind_each_figure_its_own_emails(client: Client, inspector: User) -> None:
    lent(inspector, a_team("ENF"), Role.SUPERVISOR)
    a_message(a_team())
    for _ in range(2):
        a_message(a_team("ENF"))
    found = figures(client)
    assert {name: each[WAITING].shown for name, each in found.items()} == {"Team HGY": "1", "Team ENF": "2"}
    for each in found.values():
        assert len(rows_of(client, each[WAITING].url)) == int(each[WAITING].shown), each[WAITING]


def test_who_supervises_two_teams_finds_behind_every_other_figure_its_list(client: Client, inspector: User) -> None:
    lent(inspector, a_team("ENF"), Role.SUPERVISOR)
    by_hand = {"Team HGY": a_busy_month(a_team()), "Team ENF": a_busy_month(a_team("ENF"), more=2)}
    for name, of in figures(client).items():
        without_mail = {label: each for label, each in of.items() if label != WAITING}
        assert as_counted(client, without_mail) | {WAITING: 2} == by_hand[name]


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


# --- the lists, narrowed to one team -------------------------------------------------------------

LISTS = ["/referrals/", "/cases/", "/queues/"]
UNKNOWN = "Select a team from the list"


def team_choices(html: str) -> list[str]:
    """What can be chosen as team; nothing where it is not asked."""
    found = re.search(r'<select name="team".*?</select>', html, re.S)
    return re.findall(r'<option value="([^"]*)"', found[0]) if found else []


@pytest.mark.parametrize("where", LISTS)
def test_a_list_is_narrowed_to_one_team(client: Client, command: User, where: str) -> None:
    ours, theirs = (cram_set_aside(a_case(a_team(code))) for code in ("HGY", "ENF"))
    assert len(rows_of(client, where)) == 2
    assert sorted(team_choices(page(client, where))) == ["", "ENF", "HGY"]  # and no command
    html = page(client, f"{where}?team=ENF")
    assert theirs.urn in html
    assert theirs.number in html
    assert ours.number not in html
    assert re.search(r'<option value="ENF" selected>', html)
    assert len(rows_of(client, f"{where}?team=")) == 2


def test_the_team_is_kept_from_page_to_page(client: Client, command: User) -> None:
    for _ in range(52):
        cram_set_aside(a_case(a_team("HGY")))
    for _ in range(3):
        a_case(a_team("ENF"))
    assert [len(rows_of(client, f"{where}?team=HGY")) for where in LISTS] == [52] * len(LISTS)


@pytest.mark.parametrize("where", LISTS)
def test_who_sees_one_team_is_not_asked_for_it_and_sees_no_other_by_its_code(
    client: Client, inspector: User, where: str
) -> None:
    ours = cram_set_aside(a_case(a_team("HGY")))
    theirs = a_case(a_team("ENF"))
    alone = rows_of(client, where)
    assert len(alone) == 1
    for code in ("ENF", "HGY", "XXX"):
        html = page(client, f"{where}?team={code}")
        assert team_choices(html) == []
        assert ours.number in html
        assert theirs.number not in html
        assert UNKNOWN not in html
        assert rows_of(client, f"{where}?team={code}") == alone


@pytest.mark.parametrize("where", LISTS)
@pytest.mark.parametrize("code", ["XXX", "CAC", "hgy", "1", "🙂", "HGY ENF", "x" * 300])
def test_a_team_that_there_is_not_gives_a_sentence_and_shows_nothing(
    client: Client, command: User, where: str, code: str
) -> None:
    case = a_case(a_team("HGY"))
    html = page(client, f"{where}?team={code}")
    assert UNKNOWN in html
    assert "There is a problem" in html
    assert rows_of(client, f"{where}?team={code}") == []
    assert case.number not in html


@pytest.mark.parametrize("where", LISTS)
def test_of_two_teams_a_third_is_no_choice(client: Client, inspector: User, where: str) -> None:
    lent(inspector, a_team("ENF"), Role.INVESTIGATOR)
    theirs = a_case(a_team("BRN"))
    a_case(a_team("HGY"))
    html = page(client, f"{where}?team=BRN")
    assert sorted(team_choices(html)) == ["", "ENF", "HGY"]
    assert UNKNOWN in html
    assert theirs.number not in html
    assert rows_of(client, f"{where}?team=BRN") == []


def counts(html: str) -> list[str]:
    return re.findall(r'cait-counts__n">([^<]*)<', html)


def test_the_counts_above_the_queue_are_of_the_team_that_was_chosen(client: Client, command: User) -> None:
    for code, number in (("HGY", 2), ("ENF", 1)):
        for _ in range(number):
            cram_set_aside(a_case(a_team(code), received_at=NOW - 10 * DAY))
    assert [counts(page(client, f"/queues/{asked}"))[0] for asked in ("", "?team=HGY", "?team=ENF")] == [
        "3",
        "2",
        "1",
    ]


def test_where_the_filter_is_wrong_no_count_is_greater_than_its_list(client: Client, command: User) -> None:
    a_case(a_team("HGY"), received_at=NOW - 10 * DAY)
    html = page(client, "/queues/?team=XXX")
    assert set(counts(html)) <= {"0"}


def test_the_name_of_the_filter_is_logged(client: Client, command: User) -> None:
    a_case()
    for where, kind in (
        ("/referrals/", "referrals.referral"),
        ("/cases/", "cases.case"),
        ("/queues/", "diary.duty"),
    ):
        page(client, f"{where}?team=HGY")
        assert AccessLog.objects.filter(object_type=kind).latest("pk").detail == {"filters": ["team"]}


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
