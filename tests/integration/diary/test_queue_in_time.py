"""The queues page in time: what is late first, then what runs out next; narrowed and counted by it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from diary.models import Duty
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.integration.diary.read_queue import (
    DAY,
    HERE,
    NOW,
    an_update,
    counts,
    due_today,
    due_tomorrow,
    groups,
    late,
    links,
    page_of,
    row,
    rows,
    signed_in,
)
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db


@dataclass
class Due:
    """What is due of Haringey on that Thursday, one of each and some twice."""

    older: Duty
    newer: Duty
    today: Duty
    tomorrow: Duty
    later: Duty
    later_still: Duty

    @property
    def in_order(self) -> list[int]:
        return [each.pk for each in vars(self).values()]


@pytest.fixture(scope="module")
def built(shared: Shared) -> Due:
    def build() -> Due:
        move_time_to(NOW)
        later, tomorrow, today, later_still = an_update(), due_tomorrow(), due_today(), an_update()
        return Due(late(days=20), late(days=10), today, tomorrow, later, later_still)

    return shared(build)


@pytest.fixture(autouse=True)
def due(built: Due) -> Due:
    return own(built)


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.DESK_SERGEANT)


def test_what_is_late_comes_first_then_what_runs_out_next(client: Client, sergeant: User, due: Due) -> None:
    page = page_of(client)
    assert rows(page) == due.in_order
    assert groups(page) == {
        "Late: 2": [due.older.pk, due.newer.pk],
        "Due today: 1": [due.today.pk],
        "Due within a week: 1": [due.tomorrow.pk],
        "Due later: 2": [due.later.pk, due.later_still.pk],
    }


def test_it_is_narrowed_by_time(client: Client, sergeant: User, due: Due) -> None:
    assert rows(page_of(client, by="late")) == due.in_order[:2]
    assert rows(page_of(client, by="today")) == due.in_order[:3]
    assert rows(page_of(client, by="week")) == due.in_order[:4]


def test_within_a_week_is_up_to_the_end_of_the_seventh_day(client: Client, sergeant: User, due: Due) -> None:
    move_time_to(NOW + 6 * DAY)
    assert rows(page_of(client, by="week")) == due.in_order[:4]
    move_time_to(NOW + 7 * DAY)
    assert rows(page_of(client, by="week")) == due.in_order


def test_it_is_narrowed_by_kind(client: Client, sergeant: User, due: Due) -> None:
    assert rows(page_of(client, kind="update")) == due.in_order[4:]
    assert rows(page_of(client, kind="triage")) == due.in_order[:4]
    assert rows(page_of(client, kind="triage", by="late")) == due.in_order[:2]
    assert rows(page_of(client, kind="update", by="week")) == []


def test_an_unknown_filter_shows_nothing_and_says_so(client: Client, sergeant: User) -> None:
    page = page_of(client, whose="everybody")
    assert rows(page) == []
    assert "Nothing is shown until what is marked in the filter is put right." in page


def test_when_nothing_fits_the_page_says_what_to_do(client: Client, sergeant: User) -> None:
    assert "Nothing fits what you chose." in page_of(client, by="late", kind="update")


# --- counted -------------------------------------------------------------------------------------


def test_the_counts_are_of_what_is_late_due_today_and_within_a_week(client: Client, sergeant: User) -> None:
    assert counts(page_of(client)) == ["2", "3", "4"]


def test_the_counts_keep_the_other_filters_and_not_that_of_time(client: Client, sergeant: User) -> None:
    page = page_of(client, kind="triage", by="late")
    assert counts(page) == ["2", "3", "4"]
    assert rows(page_of(client, HERE + links(page)["late or due today"])) == rows(
        page_of(client, kind="triage", by="today")
    )
    assert counts(page_of(client, kind="update", by="late")) == ["0", "0", "0"]


def test_a_count_leads_to_as_many_rows(client: Client, sergeant: User) -> None:
    found = links(page_of(client))
    rows_of = {name: len(rows(page_of(client, HERE + url))) for name, url in found.items()}
    assert rows_of == {"late": 2, "late or due today": 3, "late or due within a week": 4}


# --- why this date -------------------------------------------------------------------------------


def test_the_reason_for_a_date_opens_below_its_row(client: Client, sergeant: User, due: Due) -> None:
    assert "<b>Why " not in page_of(client)
    page = page_of(client, why=due.newer.pk)
    assert f'id="why-{due.newer.pk}"' in page
    assert f'id="why-{due.older.pk}"' not in page
    assert "<b>Why 5 January 2010?</b>" in page


@pytest.mark.parametrize("why", ["", "x", "-1", "²", "9" * 40, "0"])
def test_a_reason_of_nothing_opens_nothing(client: Client, sergeant: User, why: str) -> None:
    assert 'id="why-' not in page_of(client, why=why)


# --- who may do what -----------------------------------------------------------------------------


def test_the_link_that_does_it_is_for_those_who_may(client: Client, sergeant: User, due: Due) -> None:
    link = f'href="{reverse("referrals:triage", args=[due.newer.case.number])}"'
    assert link in row(page_of(client), due.newer)
    signed_in(client, Role.INVESTIGATOR)
    assert link not in row(page_of(client), due.newer)


def test_the_command_sees_every_team_and_does_nothing_there(client: Client, due: Due) -> None:
    signed_in(client, Role.COMMAND)
    assert "/triage/" not in row(page_of(client), due.newer)
