"""Every number on every dashboard is as many as the records it leads to, counted again over the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client

from oversight.counting import bring_up_to_date
from oversight.models import Fact
from team.enums import Role
from tests.factories.figures import figures_are_right
from tests.factories.team import an_officer
from tests.integration.api.asking import Program
from tests.integration.oversight.dashboards import ALL, TEAM, numbers, page, words
from tests.integration.oversight.four_months import World, four_months
from tests.shared import Shared

pytestmark = pytest.mark.django_db


def counted() -> World:
    world = four_months()
    bring_up_to_date()
    return world


@pytest.fixture(scope="module")
def world(shared: Shared) -> World:
    return shared(counted)


def rows_over_the_api(program: Program, address: str) -> int:
    """How many rows there are of a list, read to its end."""
    path = "/api/v1" + urlsplit(address).path.replace("/oversight/measures/", "/figures/")
    following, rows = f"{path}?{urlsplit(address).query}", 0
    while following:
        answer = program.client.get(following)
        assert answer.status_code == 200, (address, answer.content[:300])
        said = answer.json()
        rows += len(said["results"])
        following = said["next"]
    return rows


def walked(client: Client, teams: list[str]) -> Iterator[tuple[str, int]]:
    """The dashboards, and the page of each measure that counts anything: addresses of lists, and their numbers.
    `teams`: of who sees several; each measure is read of one of them besides all."""
    seen: dict[str, int] = {}
    measures = [f"/oversight/measures/{code}/" for code in sorted(codes())]
    pages = [TEAM, ALL, *measures, *(f"{TEAM}?team={team}" for team in teams)]
    if teams:
        pages += [f"{each}?team={teams[number % len(teams)]}" for number, each in enumerate(measures)]
    for each in pages:
        for address, number in numbers(page(client, each)):
            assert seen.setdefault(address, number) == number, f"{each} says {number} of {address}"
    # Nothing is most of what a page says of so small a world; of nothing a few are enough.
    nothing = [address for address, number in seen.items() if not number]
    yield from ((address, number) for address, number in seen.items() if number or address in nothing[::25])


def codes() -> set[str]:
    return set(Fact.objects.values_list("measure", flat=True))


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.COMMAND])
def test_every_number_is_as_many_as_the_api_counts(world: World, role: Role) -> None:
    user = an_officer(role, world.teams[0])
    client, program = Client(), Program(user)
    client.force_login(user)
    found = list(walked(client, [team.code for team in world.teams] if role == Role.COMMAND else []))
    assert len([number for _, number in found if number]) > 100
    wrong = [
        f"{address}: {number}, not {rows}"
        for address, number in found
        if (rows := rows_over_the_api(program, address)) != number
    ]
    assert wrong == []


def test_the_world_that_is_walked_counts_most_measures(world: World) -> None:
    figures_are_right()
    assert len(codes()) > 30


TODAY = {"referrals": "referrals", "cases": "cases", "queues": "duties"}


def test_the_figures_of_today_are_as_many_as_the_api_counts(world: World) -> None:
    """They are read live, and lead to the log, the records and the queue."""
    user = an_officer(Role.COMMAND)
    client, program = Client(), Program(user)
    client.force_login(user)
    html = page(client, "/oversight/")
    checked = 0
    for address, said in re.findall(
        r'<a class="govuk-link" href="(/(?:referrals|cases|queues)/[^"]*)">([\d,]+)</a>', html
    ):
        parts = urlsplit(unescape(address))
        if parts.path not in ("/referrals/", "/cases/", "/queues/"):
            continue
        asked = [(name, value) for name, value in parse_qsl(parts.query) if name != "order"]
        asked = [(name, _day(value) if name == "from_on" else value) for name, value in asked]
        answer = program.client.get(f"/api/v1/{TODAY[parts.path.strip('/')]}/?{urlencode(asked)}")
        assert answer.status_code == 200, answer.content
        assert len(answer.json()["results"]) == int(said), address
        checked += 1
    assert checked >= 10


def _day(words: str) -> str:
    day, month, year = words.split("/")
    return f"{year}-{int(month):02}-{int(day):02}"


# --- the figures of conferences, which are read live ------------------------------------------------

OF_CONFERENCES = {
    "/conferences/attendance/": r"/conferences/attendance/list/",
    "/conferences/timeliness/": r"/conferences/timeliness/list/|/queues/",
    "/conferences/register/": r"/conferences/register/",
}


def rows_in(client: Client, address: str) -> int:
    """How many rows the table of a list has; that of the register stands below its figures."""
    where, _, below = address.partition("#")
    html = page(client, where).partition("<main")[2]
    html = html[html.index(f'id="{below}"') :].partition("</table>")[0] if below else html
    assert 'rel="next"' not in html, "it goes on elsewhere"
    return len(re.findall(r'<tr role="row"[^>]*>\s*<th scope="row"|<tr role="row" id="duty-', html))


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.COMMAND])
def test_the_figures_of_conferences_are_as_long_as_their_lists(world: World, role: Role) -> None:
    client = Client()
    client.force_login(an_officer(role, world.teams[0]))
    asked = ["", *(f"?team={team.code}" for team in world.teams if role == Role.COMMAND)]
    seen: dict[str, dict[str, int]] = {where: {} for where in OF_CONFERENCES}
    for where, lists in OF_CONFERENCES.items():
        link = re.compile(rf'<a class="govuk-link"[^>]*? href="((?:{lists})\?[^"]*)">(.*?)</a>', re.S)
        for narrowed in asked:
            html = page(client, where + narrowed).partition("<main")[2]
            for address, said in link.findall(html):
                number = re.match(r"[\d,]+(?!\d* [A-Z])", words(said))
                if number:
                    seen[where][unescape(address)] = int(number[0].replace(",", ""))
    wrong = [
        f"{address}: {number}, not {rows}"
        for of_page in seen.values()
        for address, number in of_page.items()
        if (rows := rows_in(client, address)) != number
    ]
    assert wrong == []
    assert all(len(of_page) >= 4 for of_page in seen.values()), {where: len(each) for where, each in seen.items()}
