"""Conferences and core groups in one's private calendar: when, how long, of which record, and never a name."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from conferences.actions import cancel_conference, move_conference, move_core_group
from deadlines.clock import LONDON
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_core_group, a_plan, held
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.integration.diary.test_calendar_address import Component, address_of, asked, stamp

pytestmark = pytest.mark.django_db

NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
DAY = timedelta(days=1)


def meetings(address: str) -> dict[str, Component]:
    """What stands in the calendar but for duties, by what it is."""
    found = [each for each in asked(Client(), address).inside if not each["UID"].startswith(("duty", "action"))]
    return {each["SUMMARY"]: each for each in found}


def test_a_conference_stands_there_until_it_is_cancelled_and_keeps_its_place_when_it_moves() -> None:
    move_time_to(NOW)
    pclo, system = an_officer(Role.PCLO), User.objects.system()
    case = a_case(children=[a_child("Rhys", "Penrose")])
    conference = a_conference(case, starts_at=NOW + 9 * DAY, lasts=90, pclo=pclo, chair="Ms G Teasdale")
    a_conference(starts_at=NOW + 9 * DAY, pclo=an_officer(Role.PCLO))
    plan = a_plan(a_case(children=[a_child("Joan", "Oakgate")]))
    a_core_group(plan.case, NOW + 5 * DAY)
    group = a_core_group(a_plan(case).case, NOW + 6 * DAY)
    address = address_of(pclo)
    title, of_group = f"Initial conference: {case.number}", f"Core group: {case.number}"
    before = meetings(address)
    assert set(before) == {title, of_group}
    first = before[title]
    assert (first["DTSTART"], first["DTEND"]) == (
        stamp(NOW + 9 * DAY),
        stamp(NOW + 9 * DAY + timedelta(minutes=90)),
    )
    assert first["TRANSP"] == "OPAQUE"
    assert first["URL"].endswith(f"/cases/{case.number}/conferences/")
    assert not any(
        name in value for each in before.values() for _, value in each.said for name in ("Penrose", "Teas")
    )
    move_time_to(NOW + DAY)
    move_conference(conference, starts_at=NOW + 20 * DAY, why="The chair is ill", by=system)
    move_core_group(group, starts_at=NOW + 8 * DAY, why="A room", by=system)
    after = meetings(address)
    assert {name: each["UID"] for name, each in after.items()} == {name: each["UID"] for name, each in before.items()}
    assert after[title]["DTSTART"] == stamp(NOW + 20 * DAY)
    assert after[title]["LAST-MODIFIED"] > first["LAST-MODIFIED"]
    assert after[of_group]["DTSTART"] == stamp(NOW + 8 * DAY)
    conference.refresh_from_db()
    cancel_conference(conference, why="No room", by=system)
    assert title not in meetings(address)


def test_what_was_held_or_is_somebody_else_s_is_not_there() -> None:
    move_time_to(NOW)
    pclo = an_officer(Role.PCLO)
    address = address_of(pclo)
    held(a_conference(starts_at=NOW + DAY, pclo=pclo))
    assert meetings(address) == {}


def test_what_names_nobody_is_the_conference_officers_of_the_team() -> None:
    move_time_to(NOW)
    nobodys = a_conference(starts_at=NOW + 9 * DAY)
    a_conference(a_case(a_team("ENF")), starts_at=NOW + 9 * DAY)
    assert set(meetings(address_of(an_officer(Role.PCLO)))) == {f"Initial conference: {nobodys.case.number}"}
    assert meetings(address_of(an_officer(Role.SUPERVISOR))) == {}
