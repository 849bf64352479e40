"""What Today shows of what is to be decided, judged and allocated."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Case
from deadlines import clock
from diary.models import Duty, DutyState
from referrals.enums import DecisionKind, Progress
from team.enums import Role
from team.models import User
from tests.factories.deciding import (
    a_decided_case,
    a_triaged_case,
    an_answer,
    an_open_update,
)
from tests.factories.team import a_team
from tests.factories.telling import cram_set_aside
from tests.integration.referrals.test_deciding_log import logged, one_of_each
from tests.integration.referrals.test_deciding_pages import a_decision_typed, of_yesterday, send, signed_in

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey."""
    return signed_in(client, Role.DESK_SERGEANT)


def counted(client: Client, what: str) -> int:
    page = unescape(client.get("/").content.decode())
    found = re.search(rf'cait-counts__n">(\d+)</span> <a class="govuk-link" href="([^"]*)">{what}</a>', page)
    assert found, what
    return int(found[1])


def my_duties(client: Client) -> list[str]:
    page = unescape(client.get("/").content.decode())
    rows = page.split('id="due-h"')[1].split("</section>")[0]
    return re.findall(r'rowheader"><a class="govuk-link" href="([^"]*)">', rows)


def test_today_counts_what_is_to_be_decided_in_the_team(client: Client, sergeant: User) -> None:
    assert counted(client, "to decide") == 0
    one_of_each()
    a_triaged_case(a_team("ENF"))
    assert (counted(client, "to decide"), counted(client, "to triage")) == (2, 1)
    assert set(logged(client, progress="triaged", order="received-oldest")) == {
        each.number for each in Case.objects.filter(referral__progress=Progress.TRIAGED, team=a_team())
    }


def test_today_shows_what_is_due_of_me_and_leads_to_it(client: Client, sergeant: User) -> None:
    triaged, answered = (cram_set_aside(case) for case in (of_yesterday(), an_answer(a_decided_case()).case))
    a_triaged_case(a_team("ENF"))
    cram_set_aside(a_decided_case(DecisionKind.POLICE))
    assert sorted(my_duties(client)) == sorted(
        [
            reverse("referrals:decide", args=[triaged.number]),
            reverse("referrals:judge", args=[answered.number]),
        ]
    )
    send(client, "decide", triaged, **a_decision_typed())
    assert my_duties(client) == [reverse("referrals:judge", args=[answered.number])]


def test_a_supervisor_sees_what_is_to_be_allocated(client: Client) -> None:
    signed_in(client, Role.SUPERVISOR)
    case = a_decided_case(DecisionKind.POLICE)
    of_yesterday()
    assert my_duties(client) == [reverse("cases:assign_case", args=[case.number])]


def test_today_counts_my_duties_by_when_they_run_out(client: Client, sergeant: User) -> None:
    cram_set_aside(an_open_update().case)
    triaged = cram_set_aside(a_triaged_case())
    Duty.objects.filter(case=triaged, kind="decision").update(late_from=clock.now() - HOUR)
    numbers = [
        counted(client, what) for what in ("of my duties late", "late or due today", "late or due within a week")
    ]
    assert numbers == [1, 1, 1]
    Duty.objects.filter(kind="update", state=DutyState.OPEN).update(late_from=clock.now() + 2 * DAY)
    assert counted(client, "late or due within a week") == 2
