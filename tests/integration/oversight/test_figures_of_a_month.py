"""The figures of some weeks: each is as long as the list it leads to, read to its end, and of that team alone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from cases.actions import assign_case
from cases.models import Case
from diary.models import Duty, DutyState
from intake.actions import set_aside_message
from team.enums import Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_closed_case, a_decided_case, a_triaged_case
from tests.factories.mail import a_message
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.integration.oversight.reading import (
    DAY,
    FIGURES,
    FIRST_MOMENT,
    HOUR,
    MINUTE,
    NOBODYS,
    NOW,
    OPEN_RECORDS,
    OVERDUE,
    RECEIVED,
    TO_TRIAGE,
    WAITING,
    as_counted,
    figures,
    lent,
    page,
    rows_of,
    signed_in,
)
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

HARINGEY, ENFIELD = "Haringey CAIT", "Enfield CAIT"


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


@dataclass
class Months:
    """Two teams after some weeks, of which one has more than a page of everything; and their figures by hand."""

    haringey: Team
    enfield: Team
    by_hand: dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def built(shared: Shared) -> Months:
    def build() -> Months:
        haringey, enfield = a_team("HGY", HARINGEY), a_team("ENF", ENFIELD)
        by_hand = {HARINGEY: a_busy_month(haringey, more=48), ENFIELD: a_busy_month(enfield, more=2)}
        return Months(haringey, enfield, by_hand)

    return shared(build)


@pytest.fixture
def months(built: Months) -> Months:
    return own(built)


def test_each_figure_is_as_long_as_the_list_it_leads_to(client: Client, months: Months) -> None:
    signed_in(client, Role.INSPECTOR, months.haringey)
    found = figures(client)
    assert list(found) == [HARINGEY]
    ours = found[HARINGEY]
    assert list(ours) == FIGURES
    assert all(each.url for each in ours.values())
    assert not any("team=" in each.url for each in ours.values())
    assert as_counted(client, ours) == months.by_hand[HARINGEY]


def test_the_command_reads_every_borough_s_figures_side_by_side_by_name(client: Client, months: Months) -> None:
    signed_in(client, Role.COMMAND)
    found = figures(client)
    assert list(found) == [ENFIELD, HARINGEY]  # and none of the command itself
    for name, code in ((ENFIELD, "ENF"), (HARINGEY, "HGY")):
        links = {label: each.url for label, each in found[name].items()}
        assert links.pop(WAITING) == "", "only the desk opens its mailbox"
        assert all(link.endswith(f"&team={code}") for link in links.values()), links
        assert as_counted(client, found[name]) == months.by_hand[name] | {WAITING: "some"}


def test_another_team_s_figures_are_not_there(client: Client, months: Months) -> None:
    signed_in(client, Role.INSPECTOR, a_team("BRN"))
    html = page(client)
    for theirs in (HARINGEY, ENFIELD, "HGY", "ENF"):
        assert theirs not in html
    assert as_counted(client, figures(client)["Team BRN"]) == dict.fromkeys(FIGURES, 0)


def test_who_investigates_for_one_team_and_supervises_another_reads_the_figures_of_that_one(
    client: Client, months: Months
) -> None:
    inspector = signed_in(client, Role.INSPECTOR, months.enfield)
    lent(inspector, months.haringey, Role.INVESTIGATOR)
    found = figures(client)
    assert list(found) == [ENFIELD]
    links = [each.url for label, each in found[ENFIELD].items() if label != WAITING]
    assert all(link.endswith("&team=ENF") for link in links)
    assert as_counted(client, found[ENFIELD]) == months.by_hand[ENFIELD]


def test_who_supervises_two_teams_finds_behind_every_other_figure_its_list(client: Client, months: Months) -> None:
    inspector = signed_in(client, Role.INSPECTOR, months.haringey)
    lent(inspector, months.enfield, Role.SUPERVISOR)
    found = figures(client)
    assert set(found) == set(months.by_hand)
    for name, of in found.items():
        without_mail = {label: each for label, each in of.items() if label != WAITING}
        assert as_counted(client, without_mail) | {WAITING: 2} == months.by_hand[name]


def test_the_team_is_kept_from_page_to_page(client: Client, months: Months) -> None:
    signed_in(client, Role.COMMAND)
    team = months.haringey
    records = Case.objects.filter(team=team).count()
    duties = Duty.objects.filter(team=team, state=DutyState.OPEN).count()
    there = {"/referrals/": records, "/cases/": records, "/queues/": duties}
    assert {where: len(rows_of(client, f"{where}?team=HGY")) for where in there} == there
    assert min(there.values()) > 50, "more than a page"
