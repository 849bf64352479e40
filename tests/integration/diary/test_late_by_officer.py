"""How much is late of whom: as many as the queue has of each of them."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from deadlines import clock
from diary import queries
from diary.models import Duty
from diary.officers import late_by_officer
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.team import a_team, an_officer
from tests.integration.diary.read_queue import NOW, page_of, rows
from tests.integration.diary.test_queue_filters import late, owned

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> None:
    move_time_to(NOW)


def those(user: User, *here: User) -> list[tuple[str, int, bool]]:
    found = late_by_officer(a_team(), user=user, now=clock.now(), here={each.pk for each in here})
    return [(str(each.officer), each.late, each.works_here) for each in found]


def test_what_one_has_by_name_and_what_stands_on_ones_records_is_counted_once() -> None:
    sergeant = an_officer(Role.SUPERVISOR)
    has, leads = an_officer(Role.INVESTIGATOR), an_officer(Role.INVESTIGATOR)
    both = owned(late(days=12), leads)
    Case.objects.filter(pk=both.case_id).update(officer_in_case=leads)
    another = owned(late(days=10), has)
    Case.objects.filter(pk=another.case_id).update(officer_in_case=leads)
    nobodys = late(days=9)
    Case.objects.filter(pk=nobodys.case_id).update(officer_in_case=leads)
    assert len(those(sergeant)) == 2
    with CaptureQueriesContext(connection) as asked:
        found = those(sergeant, leads)
    assert found == [(str(leads), 3, True), (str(has), 1, False)]
    assert len(asked) == 4  # two of them ask for the team and the time
    for officer, number in ((leads, 3), (has, 1)):
        rows = queries.narrowed(
            Duty.objects.visible_to(sergeant), user=sergeant, now=clock.now(), by="late", officer=officer.pk
        )
        assert rows.count() == number


def test_of_whom_nothing_is_late_or_may_be_seen_nothing_is_said() -> None:
    owned(late(), an_officer(Role.INVESTIGATOR))
    assert those(an_officer(Role.SUPERVISOR, a_team("BRN"))) == []


def test_today_says_it_to_a_sergeant_and_each_number_is_that_of_its_list(client: Client) -> None:
    officer, gone = an_officer(Role.INVESTIGATOR), an_officer(Role.INVESTIGATOR, a_team("BRN"))
    owned(late(days=12), officer)
    owned(late(days=9), officer)
    owned(late(), gone)
    client.force_login(an_officer(Role.INSPECTOR))
    today = page_of(client, "/")
    (address,) = re.findall(rf'href="([^"]*officer={officer.pk}[^"]*)"', today)
    assert f'>2<span class="govuk-visually-hidden"> late of {officer}</span>' in today
    assert f'{gone} <span class="cait-sub">works here no more</span>' in today
    assert len(rows(page_of(client, address))) == 2
    client.force_login(officer)
    assert "by officer" not in page_of(client, "/")
