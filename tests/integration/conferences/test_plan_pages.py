"""Plans and core groups on the record's tab, the pages that record them, and where else a plan is told of."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case, Shared
from conferences.actions import cancel_core_group, end_plan, record_core_group, withdraw_plan
from conferences.enums import ConferenceKind, Outcome, PlanCategory, PlanEnd
from conferences.models import CoreGroup, Plan
from deadlines import clock
from diary.models import Duty
from pages.words import day, moment
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.assessing import submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import (
    a_core_group,
    a_core_group_of_yesterday,
    a_plan,
    a_review,
    children_on,
    decided,
    held,
    that_began,
    that_decided,
)
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.integration.conferences.test_following_pages import error_of, is_ticked, labels, page_of, send

pytestmark = pytest.mark.django_db
TYPED = "What I typed and must not lose"
DAY = timedelta(days=1)


@pytest.fixture
def pclo(client: Client) -> User:
    """Who is signed in."""
    user = an_officer(Role.PCLO, name="Quill")
    client.force_login(user)
    return user


def url(name: str, case: Case, *args: Any) -> str:
    return reverse(f"conferences:{name}", args=[case.number, *args])


def tab(client: Client, case: Case) -> str:
    return page_of(client, url("of_record", case))


def part(page: str, id: str) -> str:
    """One row or section of a page, by its id."""
    tag = re.search(rf'<(tr|section)[^>]*id="{id}"', page)
    assert tag, id
    return page[tag.start() :].split(f"</{tag[1]}>")[0]


def two_children() -> Case:
    return a_case(children=[a_child("Rhys", "Calloway"), a_child("Tia", "Calloway")])


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        page_of(client, address)
    return len(captured)


# --- plans on the tab ----------------------------------------------------------------------------


def test_each_child_stands_with_its_plan_its_categories_and_the_next_review(client: Client, pclo: User) -> None:
    case = two_children()
    rhys, tia = children_on(case)
    on, first = clock.today() - 60 * DAY, clock.today() - 400 * DAY
    said: dict[str, Any] = {"child": rhys, "from_on": first, "conference_on": first}
    earlier = a_plan(case, category=PlanCategory.SEXUAL, **said)
    end_plan(earlier, to_on=first + 90 * DAY, end=PlanEnd.MOVED, note="Ms Arikan, by telephone", by=pclo)
    wrong = a_plan(case, child=tia, category=PlanCategory.PHYSICAL)
    withdraw_plan(wrong, why="It was their cousin", by=pclo)
    plan = a_plan(case, child=rhys, from_on=on, category=PlanCategory.NEGLECT)
    review = held(that_began(case, kind=ConferenceKind.REVIEW, children=[rhys]))
    decided(review, Outcome.CONTINUES, PlanCategory.EMOTIONAL)
    page = tab(client, case)
    row = part(page, f"child-{rhys.pk}")
    assert f'On a plan since <span class="cait-nowrap">{day(on)}</span>: emotional abuse' in row
    assert f"neglect until {day(review.starts_at)}" in row
    assert "repeat plan" in row
    due = Duty.objects.get(kind="next_conference", state="open")
    assert "Not booked" in row
    assert day(due.due_on) in row
    assert due.reckoned.why.sentence() in row
    assert "Not on a plan" in part(page, f"child-{tia.pk}")
    plans = part(page, "plans")
    assert "Earlier plans of Rhys Calloway" in plans
    assert f"{day(first)} to {day(first + 90 * DAY)}: sexual abuse" in plans
    assert "Another area has taken it over: Ms Arikan, by telephone" in plans
    assert "1 plan of Tia Calloway that was taken back" in plans
    assert "It was their cousin" in plans
    assert url("end_plan", case, plan.pk) in row
    assert url("withdraw_plan", case, earlier.pk) in plans
    booked = a_review(case, children=[rhys])
    row = part(tab(client, case), f"child-{rhys.pk}")
    assert f"Booked for {moment(booked.starts_at)}" in row
    assert "Not booked" not in row


def test_a_plan_that_another_team_carries_is_told_without_a_way_to_it(client: Client, pclo: User) -> None:
    theirs = a_case(a_team("ENF"))
    child = children_on(theirs)[0]
    case = a_case(children=[a_child("Rhys", same_as=child.pk)])
    plan = a_plan(theirs)
    a_review(theirs)
    page = tab(client, case)
    row = part(page, f"child-{child.pk}")
    assert "neglect" in row
    assert f"carried on a record of {plan.team}" in row
    assert "Booked for" in row
    assert theirs.number not in page
    assert f"is carried on a record of {plan.team}: its core groups are there." in page
    for name in ("end_plan", "withdraw_plan"):
        assert url(name, case, plan.pk) not in page
        assert client.get(url(name, case, plan.pk)).status_code == 404
    client.force_login(an_officer(Role.COMMAND, a_team("CAC")))
    page = tab(client, case)
    assert f'href="{url("of_record", theirs)}"' in page
    assert url("record_plan", case) not in page  # who may read it, but not write


def test_that_a_child_is_on_a_plan_stands_on_the_record_and_with_the_child(client: Client, pclo: User) -> None:
    case = two_children()
    rhys, tia = children_on(case)
    addresses = [
        reverse("workbench:case", args=[case.number]),
        reverse("cases:people", args=[case.number]),
        reverse("workbench:person", args=[rhys.pk]),
    ]
    without = [queries(client, address) for address in addresses]
    assert "child protection plan" not in "".join(page_of(client, address) for address in addresses)
    plan = a_plan(case, child=rhys)
    bar, people, person = (page_of(client, address) for address in addresses)
    said = f"Rhys Calloway (neglect) since {day(plan.from_on)}"
    assert f"<dt>On a child protection plan</dt><dd>{said}</dd></div>" in bar
    assert people.count(f"On a child protection plan (neglect) since {day(plan.from_on)}") == 1
    assert f"On a child protection plan (neglect) since {day(plan.from_on)}" in person
    assert "child protection plan" not in page_of(client, reverse("workbench:person", args=[tia.pk]))
    assert [queries(client, address) for address in addresses[1:]] == without[1:]


# --- core groups on the tab ----------------------------------------------------------------------


def test_each_core_group_stands_with_who_went_what_was_shared_and_the_cram_brought_to_it(
    client: Client, pclo: User
) -> None:
    case = that_decided().case
    page = tab(client, case)
    due = Duty.objects.get(kind="core_group", state="open")
    assert due.reckoned.why.sentence() in part(page, "core-groups")
    assert "No core group is recorded." in page
    now = clock.moment()
    first, second, third = (a_core_group(case, now + n * DAY, place="Fernley school") for n in (2, 20, 40))
    cancelled = a_core_group(case, now + 50 * DAY)
    cancel_core_group(cancelled, why="The school is closed", by=pclo)
    move_time_to(now + DAY)
    cram = submitted(case)
    move_time_to(now + 21 * DAY)
    shared: dict[str, Any] = {"shared_what": "He is on bail", "shared_with": "Ms Arikan, social worker"}
    record_core_group(first, attended_by=pclo, note="The plan goes on", **shared, by=pclo)
    page = tab(client, case)
    one, two, three = (part(page, f"core-group-{each.number}") for each in (first, second, third))
    assert page.index(f'id="core-group-{third.number}"') < page.index(f'id="core-group-{first.number}"')
    assert str(pclo) in one
    assert "The plan goes on" in one
    assert f">CRAM {cram.number}</a>" in one
    assert "He is on bail" in one
    assert "Ms Arikan, social worker" in one
    assert "Not recorded yet" in two
    assert "None was sent" in two
    assert f"since {day(first.starts_at)}" in two
    assert f'href="{url("record_core_group", case, second.number)}"' in two
    assert "To come" in three
    assert "None is sent yet" in three
    assert url("record_core_group", case, third.number) not in three
    assert f'href="{url("move_core_group", case, third.number)}"' in three
    assert "1 core group that was cancelled" in page
    assert "The school is closed" in page
    before = queries(client, url("of_record", case))
    a_core_group(case, now + 60 * DAY)
    assert queries(client, url("of_record", case)) == before


def test_a_record_without_a_plan_speaks_of_no_core_group(client: Client, pclo: User) -> None:
    page = tab(client, a_case())
    assert "Core groups" not in page
    assert "Not on a plan" in page


# --- recording plans -----------------------------------------------------------------------------


def test_a_plan_of_before_is_recorded_with_what_is_wrong_beside_its_field(client: Client, pclo: User) -> None:
    case = two_children()
    rhys, tia = children_on(case)
    address = url("record_plan", case)
    assert f'href="{address}"' in tab(client, case)
    page = send(client, address, from_on="")
    for field in ("child", "from_on", "category", "conference_on", "conference_was_initial"):
        assert error_of(page, field), field
    typed: dict[str, Any] = {
        "child": rhys.pk,
        "from_on": day(clock.today() - 30 * DAY),
        "category": "neglect",
        "conference_on": day(clock.today() - 40 * DAY),
        "conference_was_initial": "review",
    }
    page = send(client, address, **typed)
    assert "before the plan began" in error_of(page, "conference_on")
    assert f'value="{day(clock.today() - 40 * DAY)}"' in page
    page = send(client, address, **typed | {"conference_on": day(clock.today() - 10 * DAY)})
    assert "Rhys Calloway has been on a child protection plan since" in page
    plan = Plan.objects.get()
    assert (plan.child, plan.conference_was_initial) == (rhys, False)
    form = page_of(client, address)
    assert labels(form, "child") == ["Tia Calloway"]
    assert is_ticked(form, "child", str(tia.pk))
    send(client, address, **typed | {"child": tia.pk, "conference_on": "today", "conference_was_initial": "initial"})
    assert Plan.objects.get(child=tia).conference_was_initial
    assert "Every child on this record is on a plan already." in page_of(client, address)


def test_a_plan_is_ended_or_taken_back_on_the_version_that_was_seen(client: Client, pclo: User) -> None:
    case = two_children()
    plan, other = (a_plan(case, child=child) for child in children_on(case))
    typed: dict[str, Any] = {"end": "moved", "to_on": "today", "note": TYPED, "version": version_of(plan)}
    page = send(client, url("end_plan", case, plan.pk), **typed | {"to_on": "1 January 2009"})
    assert "The plan began on" in error_of(page, "to_on")
    assert TYPED in page
    assert len(labels(page, "end")) == 3
    page = send(client, url("end_plan", case, plan.pk), **typed)
    assert "ended." in page
    assert TYPED in page
    assert "This plan ended on" in page_of(client, url("end_plan", case, plan.pk))
    page = send(client, url("withdraw_plan", case, other.pk), why="", version=version_of(other))
    assert error_of(page, "why") == "Say why it was a mistake"
    page = send(client, url("withdraw_plan", case, other.pk), why=TYPED, version=version_of(other))
    assert "is off the register" in page
    assert "This plan was withdrawn on" in page_of(client, url("withdraw_plan", case, other.pk))
    begun = that_decided()
    page = page_of(client, url("withdraw_plan", begun.case, Plan.objects.get(begun_at=begun).pk))
    assert "This plan was begun by a conference." in page


# --- recording core groups -----------------------------------------------------------------------


def test_a_core_group_that_was_held_is_recorded_in_one_go(client: Client, pclo: User) -> None:
    case = a_plan().case
    a_core_group(case, place="Fernley school")
    address = url("plan_core_group", case)
    assert 'value="Fernley school"' in page_of(client, address)
    assert error_of(send(client, address, place=""), "starts_at") == "Enter its date and time"
    page = send(client, address, starts_at=moment(clock.moment() - DAY), place="Fernley school")
    assert "What was said there?" in page
    assert "Record what a core group said</h1>" in page
    group = CoreGroup.objects.get(number=2)
    record = url("record_core_group", case, group.number)
    typed: dict[str, Any] = {"attended_by": "", "note": TYPED, "version": version_of(group)}
    page = send(client, record, **typed | {"note": ""})
    assert error_of(page, "note") == "Say what was said and agreed"
    page = send(client, record, **typed, shared_what="He is on bail")
    assert error_of(page, "shared_with") == "Say to whom it was passed on"
    page = send(client, record, **typed, shared_what="He is on bail", shared_with="Ms Arikan")
    assert "Nobody from the police was there." in error_of(page, "shared_what")
    assert TYPED in page
    typed |= {"attended_by": pclo.pk, "shared_what": "He is on bail", "shared_with": "Ms Arikan"}
    page = send(client, record, **typed)
    assert "What the core group said is recorded." in page
    assert TYPED in page
    assert Shared.objects.get().what == "He is on bail"
    assert f"{pclo} recorded on" in page_of(client, record)


def test_a_core_group_to_come_is_planned_moved_and_cancelled(client: Client, pclo: User) -> None:
    case = a_plan().case
    at = clock.moment().replace(second=0, microsecond=0) + 9 * DAY
    page = send(client, url("plan_core_group", case), starts_at=moment(at))
    assert f"The CRAM review is due by {day(at)}." in page
    group = CoreGroup.objects.get()
    assert "This cannot be done." in page_of(client, url("record_core_group", case, group.number))
    page = send(client, url("plan_core_group", case), starts_at=moment(at))
    assert "recorded a core group at this time" in error_of(page, "starts_at")
    move = url("move_core_group", case, group.number)
    typed: dict[str, Any] = {"starts_at": moment(at + DAY), "place": "", "version": version_of(group)}
    assert error_of(send(client, move, **typed), "why") == "Say why"
    assert f"is moved to {moment(at + DAY)}." in send(client, move, **typed, why="No room")
    page = send(client, move, **typed, why=TYPED)
    assert "changed this while you had it open" in page
    assert TYPED in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    assert "is moved to" in send(client, move, **typed | {"version": version[1]}, why=TYPED)
    group.refresh_from_db()
    cancel = url("cancel_core_group", case, group.number)
    assert error_of(send(client, cancel, version=version_of(group)), "why") == "Say why"
    page = send(client, cancel, why="The school is closed", version=version_of(group))
    assert "not held" in page
    for name in ("move_core_group", "record_core_group", "cancel_core_group"):
        assert "This cannot be done." in page_of(client, url(name, case, group.number))


def test_without_a_plan_there_is_no_core_group_to_record(client: Client, pclo: User) -> None:
    case = a_case()
    assert "so there is no core group" in page_of(client, url("plan_core_group", case))
    other = a_core_group_of_yesterday()
    assert client.get(url("move_core_group", case, other.number)).status_code == 404
