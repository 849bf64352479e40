"""How well assessments are done, counted for each team; each figure leads to its list."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from cram.models import Assessment
from cram.quality import DAYS, quality_of
from deadlines import clock
from team.enums import Role
from team.models import Team
from tests.factories.assessing import assessed, submitted
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db


def words(client: Client, address: str) -> str:
    html = unescape(client.get(address).content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", html[html.index("<main") :]).split())


def test_each_figure_is_the_length_of_its_list(client: Client) -> None:
    team, other = a_team(), a_team("ENF")
    inspector = an_officer(Role.INSPECTOR, team)
    first = assessed(a_case(team))
    submitted(a_case(team))
    submitted(a_case(other))
    case = first.case
    review = submitted(case)  # a second one: nothing was searched, nothing has to be checked
    (row,) = quality_of(Team.objects.filter(pk=team.pk), user=inspector, now=clock.now())
    assert row.sent == 3
    assert {part.code: (part.yes, part.of) for part in row.parts} == {
        "on_time": (3, 3),
        "research_repeated": (0, 1),
        "measures_checked": (1, 1),
        "sharing_answered": (1, 1),
        "endorsed_in_time": (1, 1),
    }
    client.force_login(inspector)
    page = words(client, "/cram/quality/")
    assert "0 of 1 1 not" in page
    shown = words(client, "/cram/quality/list/?which=research_repeated&met=no")
    assert f"CRAM review {review.number}" in shown
    assert "research not repeated" in shown
    assert shown.count(case.number) == 1
    assert words(client, "/cram/quality/list/").count("First CRAM 1") == 2


def test_what_lies_further_back_is_not_counted(client: Client) -> None:
    team = a_team()
    command = an_officer(Role.COMMAND)
    assessed(a_case(team))
    client.force_login(command)
    assert "No CRAM was sent" not in words(client, "/cram/quality/list/")
    move_time_to(clock.now() + timedelta(days=DAYS + 1))
    assert "No CRAM was sent in the last 90 days." in words(client, "/cram/quality/list/")
    (row,) = quality_of(Team.objects.filter(pk=team.pk), user=command, now=clock.now())
    assert row.sent == 0
    assert Assessment.objects.count() == 1
