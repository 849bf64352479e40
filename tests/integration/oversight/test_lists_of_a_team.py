"""The lists that figures lead to, narrowed to one team."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.test import Client

from audit.models import AccessLog
from cases.models import Case
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case
from tests.factories.team import a_team
from tests.factories.telling import cram_set_aside
from tests.integration.oversight.reading import DAY, NOW, lent, page, rows_of, signed_in
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

LISTS = ["/referrals/", "/cases/", "/queues/"]
UNKNOWN = "Select a team from the list"


def team_choices(html: str) -> list[str]:
    """What can be chosen as team; nothing where it is not asked."""
    found = re.search(r'<select name="team".*?</select>', html, re.S)
    return re.findall(r'<option value="([^"]*)"', found[0]) if found else []


@dataclass
class Two:
    """A record of Haringey and one of Enfield."""

    ours: Case
    theirs: Case


@pytest.fixture(scope="module")
def built(shared: Shared) -> Two:
    def build() -> Two:
        move_time_to(NOW)
        ours, theirs = (cram_set_aside(a_case(a_team(code))) for code in ("HGY", "ENF"))
        return Two(ours, theirs)

    return shared(build)


@pytest.fixture(autouse=True)
def two(built: Two) -> Two:
    return own(built)


@pytest.fixture
def inspector(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.INSPECTOR)


@pytest.fixture
def command(client: Client) -> User:
    return signed_in(client, Role.COMMAND)


@pytest.mark.parametrize("where", LISTS)
def test_a_list_is_narrowed_to_one_team(client: Client, command: User, two: Two, where: str) -> None:
    assert len(rows_of(client, where)) == 2
    assert sorted(team_choices(page(client, where))) == ["", "ENF", "HGY"]  # and no command
    html = page(client, f"{where}?team=ENF")
    assert two.theirs.urn in html
    assert two.theirs.number in html
    assert two.ours.number not in html
    assert re.search(r'<option value="ENF" selected>', html)
    assert len(rows_of(client, f"{where}?team=")) == 2


@pytest.mark.parametrize("where", LISTS)
def test_who_sees_one_team_is_not_asked_for_it_and_sees_no_other_by_its_code(
    client: Client, inspector: User, two: Two, where: str
) -> None:
    alone = rows_of(client, where)
    assert len(alone) == 1
    for code in ("ENF", "HGY", "XXX"):
        html = page(client, f"{where}?team={code}")
        assert team_choices(html) == []
        assert two.ours.number in html
        assert two.theirs.number not in html
        assert UNKNOWN not in html
        assert rows_of(client, f"{where}?team={code}") == alone


@pytest.mark.parametrize("where", LISTS)
@pytest.mark.parametrize("code", ["XXX", "CAC", "hgy", "1", "🙂", "HGY ENF", "x" * 300])
def test_a_team_that_there_is_not_gives_a_sentence_and_shows_nothing(
    client: Client, command: User, two: Two, where: str, code: str
) -> None:
    html = page(client, f"{where}?team={code}")
    assert UNKNOWN in html
    assert "There is a problem" in html
    assert rows_of(client, f"{where}?team={code}") == []
    assert two.ours.number not in html
    assert two.theirs.number not in html


def test_of_two_teams_a_third_is_no_choice(client: Client, inspector: User) -> None:
    lent(inspector, a_team("ENF"), Role.INVESTIGATOR)
    theirs = a_case(a_team("BRN"))
    for where in LISTS:
        html = page(client, f"{where}?team=BRN")
        assert sorted(team_choices(html)) == ["", "ENF", "HGY"], where
        assert UNKNOWN in html, where
        assert theirs.number not in html, where
        assert rows_of(client, f"{where}?team=BRN") == [], where


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
    for where, kind in (
        ("/referrals/", "referrals.referral"),
        ("/cases/", "cases.case"),
        ("/queues/", "diary.duty"),
    ):
        page(client, f"{where}?team=HGY")
        assert AccessLog.objects.filter(object_type=kind).latest("pk").detail == {"filters": ["team"]}
