"""Duties that were due before CAIT: marked in words wherever they stand, and left out of the queue where asked."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from conferences.actions import withdraw_plan
from diary.actions import give_duty
from diary.checking import findings_of
from diary.forms import DutiesForm
from diary.models import Duty, Watch
from team.enums import Role
from team.models import User
from tests.factories.conferences import a_plan
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

QUEUE = "/queues/"
TAG = "from the old log</span>"


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey."""
    user = an_officer(Role.DESK_SERGEANT)
    client.force_login(user)
    return user


def page_of(client: Client, url: str = QUEUE, **asked: Any) -> str:
    answer = client.get(url, asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def rows(page: str) -> set[int]:
    return {int(pk) for pk in re.findall(r'<tr role="row" id="duty-(\d+)"', page)}


def duty_of(case: Case) -> Duty:
    return Duty.objects.get(case=case, kind="triage")


def a_fresh_duty() -> Duty:
    """The triage of a referral that came in CAIT."""
    return duty_of(a_case())


def an_old_duty() -> Duty:
    """The triage of a referral that nobody had decided when its log was kept."""
    return duty_of(an_old_referral(decision="").case)


def test_the_queue_says_which_began_in_an_old_log(client: Client, sergeant: User) -> None:
    old, fresh = an_old_duty(), a_fresh_duty()
    page = page_of(client, kind="triage")
    assert rows(page) == {old.pk, fresh.pk}
    assert page.count(TAG) == 1
    line = re.search(rf'id="duty-{old.pk}".*?</tr>', page, re.DOTALL)
    assert line is not None
    assert TAG in line[0]


def test_the_queue_is_narrowed_to_what_began_in_cait_or_in_old_logs(client: Client, sergeant: User) -> None:
    old, fresh = an_old_duty(), a_fresh_duty()
    assert rows(page_of(client, kind="triage", began="cait")) == {fresh.pk}
    assert rows(page_of(client, kind="triage", began="old_log")) == {old.pk}
    page = page_of(client, kind="triage", began="cait", by="late")
    assert rows(page) == set()
    assert re.findall(r'cait-counts__n">([^<]*)<', page)[0] == "0"  # the counts are of what is asked for
    assert "began=cait" in page  # and their links keep it
    wrong = page_of(client, began="elsewhere")
    assert rows(wrong) == set()
    assert "Nothing is shown until" in wrong


def test_programs_narrow_their_list_the_same_way(client: Client, sergeant: User) -> None:
    assert "began" in DutiesForm(teams=None).fields
    old, fresh = an_old_duty(), a_fresh_duty()
    for began, wanted in (("", {old.pk, fresh.pk}), ("cait", {fresh.pk}), ("old_log", {old.pk})):
        answer = client.get(reverse("api:duties"), {"kind": "triage", **({"began": began} if began else {})})
        if answer.status_code == 401:
            pytest.skip("programs alone ask here")
        assert {each["id"] for each in answer.json()["results"]} == wanted


def test_it_costs_no_statement(client: Client, sergeant: User) -> None:
    an_old_duty()
    page_of(client)
    with CaptureQueriesContext(connection) as all_of_them:
        page_of(client)
    with CaptureQueriesContext(connection) as narrowed:
        page_of(client, began="old_log")
    assert len(narrowed) == len(all_of_them)


def test_today_has_what_is_fresh_and_leads_to_what_came_with_an_old_log(client: Client, sergeant: User) -> None:
    fresh = a_fresh_duty()
    assert "began=old_log" not in page_of(client, reverse("workbench:today"))
    old = an_old_duty()
    assert old.late_from < fresh.late_from
    page = page_of(client, reverse("workbench:today"))
    assert fresh.case.number in page
    assert old.case.number not in page
    assert "?whose=mine&began=old_log" in page


def test_the_record_says_so_too(client: Client, sergeant: User) -> None:
    assert TAG in page_of(client, f"/cases/{an_old_duty().case.number}/")
    assert TAG not in page_of(client, f"/cases/{a_case().number}/")


def test_the_page_of_social_services_says_so_too(client: Client, sergeant: User) -> None:
    case = an_old_referral(decision="SS only").case
    assert TAG in page_of(client, f"/referrals/{case.number}/social-services/")


def test_children_on_plans_without_a_cram_have_a_queue_of_their_own(client: Client, sergeant: User) -> None:
    fresh = a_fresh_duty()
    assert "a queue of" not in page_of(client)
    plans = [a_plan(an_old_referral().case) for _ in range(2)]
    of_plans = set(Duty.objects.filter(kind="plan_cram").values_list("pk", flat=True))
    assert len(of_plans) == 2
    # It does not bury what is freshly late, on whatever list, and is not counted there.
    for asked in ({}, {"began": "old_log"}, {"whose": "nobodys"}, {"by": "week"}):
        page = page_of(client, **asked)
        assert not rows(page) & of_plans
        assert "2 records with children on plans have no CRAM yet: they have" in page
    assert fresh.pk in rows(page_of(client))
    page = page_of(client, kind="plan_cram")
    assert rows(page) == of_plans
    assert re.findall(r'cait-counts__n">([^<]*)<', page)[0] == "0"
    assert "no CRAM yet" not in page
    withdraw_plan(plans[0], why="It was their cousin", by=User.objects.system())
    page = page_of(client)
    assert "1 record with a child on a plan has no CRAM yet: it has" in page
    # Once somebody has it by name, it is theirs as any other: in their own lists, watched, and told.
    other = an_old_referral().case
    a_plan(other)
    duty = Duty.objects.get(case=other, kind="plan_cram")
    give_duty(duty, to=sergeant, why="She knows the family", by=an_officer(Role.SUPERVISOR))
    for page in (page_of(client, whose="mine"), page_of(client), page_of(client, officer=sergeant.pk)):
        assert duty.pk in rows(page)
        assert "1 record with a child on a plan has no CRAM yet: it has" in page
    today = page_of(client, reverse("workbench:today"))
    assert "First CRAM of a child on a plan" in today
    assert "?whose=mine&began=old_log" not in today
    assert findings_of(other) == []
    assert Watch.objects.get(duty=duty).tell_at == duty.late_from
    give_duty(duty, to=None, why="She is on leave", by=an_officer(Role.SUPERVISOR))
    assert duty.pk not in rows(page_of(client))
    assert duty.pk in rows(page_of(client, kind="plan_cram", began="old_log"))
    assert not Watch.objects.filter(duty=duty).exists()
    assert findings_of(other) == []
    # The record itself, and a program that asks for it, says all that is due.
    case = plans[1].case
    assert "First CRAM of a child on a plan" in page_of(client, f"/cases/{case.number}/")
    colleague = an_officer(Role.DESK_SERGEANT, enfield := a_team("ENF"))
    client.force_login(colleague)
    assert "no CRAM yet" not in page_of(client)
    # Of the team to which the list is narrowed, and so its link.
    a_plan(an_old_referral(enfield).case)
    client.force_login(an_officer(Role.COMMAND))
    assert "3 records with children on plans" in page_of(client)
    page = page_of(client, team="ENF")
    assert "1 record with a child on a plan" in page
    assert '?kind=plan_cram&began=old_log&team=ENF"' in page
    assert len(rows(page_of(client, kind="plan_cram", began="old_log", team="ENF"))) == 1
