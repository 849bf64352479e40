"""Transferring a record on the pages: asking, the one page that the receiver reads, the lists, the sender's links."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AccessLog
from cases import actions
from cases.models import Case, Transfer
from deadlines import clock
from pages.words import day
from team.enums import Role
from team.models import User
from tests.factories.assessing import an_assessment
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_plan
from tests.factories.deciding import an_investigation
from tests.factories.managing import a_gap
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_receiver, a_transfer, transferred
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db


def signed_in(client: Client, user: User) -> User:
    client.force_login(user)
    return user


def page_of(client: Client, name: str, *args: Any, status: int = 200) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == status
    return unescape(answer.content.decode())


def send(client: Client, name: str, *args: Any, **typed: Any) -> str:
    answer = client.post(reverse(name, args=args), typed, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def leads_to(page: str, name: str, *args: Any) -> bool:
    return f'href="{reverse(name, args=args)}"' in page


def test_a_sergeant_asks_from_the_record_and_takes_it_back(client: Client) -> None:
    case, enfield = a_case(), a_team("ENF")
    signed_in(client, an_officer(Role.INVESTIGATOR))
    assert not leads_to(page_of(client, "workbench:case", case.number), "cases:transfer", case.number)
    assert "A sergeant or the inspector asks." in page_of(client, "cases:transfer", case.number)

    sergeant = signed_in(client, an_officer(Role.SUPERVISOR))
    assert leads_to(page_of(client, "workbench:case", case.number), "cases:transfer", case.number)
    assert "In no other borough’s team" in page_of(client, "cases:transfer", case.number)
    a_receiver()
    page = send(client, "cases:transfer", case.number, reason="They moved")
    assert "Choose the team that is to take it over" in page
    assert "They moved" in page
    page = send(client, "cases:transfer", case.number, reason="They moved", to_team=enfield.pk)
    assert "Team ENF is asked. The record stays with Team HGY until they accept it." in page
    asked = Transfer.objects.get()
    assert "They moved" in page
    assert "<form" not in page.partition("<main")[2]
    assert "The transfer to Team ENF waits for an answer" in page_of(client, "workbench:case", case.number)
    assert leads_to(page_of(client, "workbench:transfers"), "cases:transfer", case.number)
    assert "Team ENF has not answered yet" in page_of(client, "workbench:transfer", asked.pk)

    assert "Say why you withdraw it" in send(client, "cases:withdraw_transfer", case.number, asked.pk, answer="")
    page = send(client, "cases:withdraw_transfer", case.number, asked.pk, answer="They are back")
    assert "The request is withdrawn. The record stays with Team HGY." in page
    page = page_of(client, "cases:withdraw_transfer", case.number, asked.pk)
    assert f"{sergeant} withdrew the request" in page
    page = page_of(client, "cases:transfer", case.number)
    assert "Asked before" in page
    assert "They are back" in page

    an_assessment(case)
    page = page_of(client, "cases:transfer", case.number)
    assert "1 thing has to be finished first" in page
    assert "A CRAM is under way" in page


def test_the_receiver_reads_enough_to_answer_and_nothing_of_the_chronology(client: Client) -> None:
    officer = an_officer(Role.INVESTIGATOR)
    case = an_investigation(officer, an_officer(Role.SUPERVISOR))
    plan, conference = a_plan(case), a_conference(case)
    a_gap(case, question="Which other children can he reach?", owner=officer)
    for what in ("See the aunt", "Ring the school"):
        actions.add_action(case, what=what, owner=officer, due_on=clock.today(), by=User.objects.system())
    transfer = a_transfer(case)
    signed_in(client, a_receiver())
    today = page_of(client, "workbench:today")
    assert "Another team asks us to take a record over" in today
    assert AccessLog.objects.latest("pk").detail["records"] == [case.pk]
    for page in (today, page_of(client, "workbench:transfers")):
        assert leads_to(page, "workbench:transfer", transfer.pk)

    looks = AccessLog.objects.count()
    page = page_of(client, "workbench:transfer", transfer.pk)
    (look,) = AccessLog.objects.order_by("pk")[looks:]
    assert (look.case_id, look.team_id, look.detail) == (case.pk, a_team().pk, {"page": "workbench:transfer"})
    for said in (
        case.number,
        case.urn,
        transfer.reason,
        str(transfer.asked_by),
        f"{plan.child.with_age(clock.today())}: on a child protection plan (neglect) since {day(plan.from_on)}",
        str(officer),
        "is taken off: works in no role in Team ENF",
        "Initial conference",
        conference.place,
        "2 actions of officers who do not work in Team ENF: whoever accepts gets them, the first due",
        "Police report to a conference",
    ):
        assert said in page, said
    for kept in ("Which other children can he reach?", "See the aunt", case.referral.circumstances, "No injury"):
        assert kept not in page, kept
    page_of(client, "workbench:case", case.number, status=404)
    signed_in(client, an_officer(Role.INVESTIGATOR, a_team("ENF")))
    page_of(client, "workbench:transfer", transfer.pk, status=404)
    assert "Another team asks us" not in page_of(client, "workbench:today")
    client.force_login(a_receiver())
    assert "Get an answer about the transfer" not in page_of(client, "workbench:transfer", Transfer.objects.get().pk)


def test_the_receiver_accepts_or_says_why_not(client: Client) -> None:
    first, second = a_transfer(), a_transfer()
    receiver = signed_in(client, a_receiver())
    page = send(client, "workbench:accept_transfer", first.pk, answer="We know them")
    assert "Confirm that you have read what is open" in page
    assert "We know them" in page
    page = send(client, "workbench:accept_transfer", first.pk, read="on", answer="We know them")
    assert f"Record {first.case} is with Team ENF now. Say who works on it." in page
    assert Case.objects.get(pk=first.case_id).team == a_team("ENF")
    page = page_of(client, "workbench:accept_transfer", first.pk)
    assert f"{receiver} accepted this record for Team ENF" in page

    assert "Say why it is not accepted" in send(client, "workbench:decline_transfer", second.pk, answer="")
    page = send(client, "workbench:decline_transfer", second.pk, answer="They live in Hackney")
    assert f"Record {second.case} stays with Team HGY. Tell {second.asked_by}." in page
    assert leads_to(page, "workbench:case", first.case.number)
    assert leads_to(page, "workbench:transfer", second.pk)
    client.force_login(an_officer(Role.SUPERVISOR))
    page = page_of(client, "workbench:today")
    assert "A record of ours was not accepted" in page
    assert "“They live in Hackney” It is still ours." in page
    assert leads_to(page, "workbench:case", second.case.number)
    move_time_to(clock.moment() + timedelta(days=8))
    assert "was not accepted" not in page_of(client, "workbench:today")
    client.force_login(receiver)
    page = page_of(client, "workbench:transfer", second.pk)
    assert "They live in Hackney" in page
    assert second.case.people.get().given_names not in page

    third = a_transfer()
    an_assessment(third.case)
    page = page_of(client, "workbench:transfer", third.pk)
    assert "Team HGY must finish something first" in page
    assert not leads_to(page, "workbench:accept_transfer", third.pk)


def test_whoever_had_it_reads_to_whom_it_went_and_everybody_else_finds_nothing(client: Client) -> None:
    case = transferred()
    sentence = f"Record {case} was transferred to Team ENF on {day(clock.today())}. Ask them."
    looks = AccessLog.objects.count()
    signed_in(client, an_officer(Role.INVESTIGATOR))
    for name in ("workbench:case", "cases:chronology", "referrals:referral", "cram:assess", "conferences:of_record"):
        page = page_of(client, name, case.number, status=403)
        assert sentence in page
        assert "This record is with another team" in page
    answer = Program(an_officer(Role.INVESTIGATOR)).get("case", case.number)
    assert (answer.status_code, answer.json()) == (403, {"detail": sentence})
    # Nothing of the record was shown.
    assert AccessLog.objects.count() == looks
    signed_in(client, an_officer(Role.SUPERVISOR, a_team("BRN")))
    page_of(client, "workbench:case", case.number, status=404)
    # The log of the sender keeps the line, and says where it is.
    signed_in(client, an_officer(Role.DESK_SERGEANT))
    page = page_of(client, "referrals:log_page")
    assert leads_to(page, "workbench:case", case.number)
    assert "Transferred to Team ENF" in page
    # From there it goes on, and back.
    on = transferred(case, a_team("BRN"))
    assert sentence in page_of(client, "workbench:case", case.number, status=403)
    signed_in(client, a_receiver())
    assert "transferred to Team BRN" in page_of(client, "workbench:case", on.number, status=403)
    transferred(on, a_team())
    page_of(client, "workbench:case", case.number, status=403)
    signed_in(client, an_officer(Role.INVESTIGATOR))
    page_of(client, "workbench:case", case.number)


def test_the_lists_keep_what_was_answered_for_half_a_year(client: Client) -> None:
    case = transferred()
    there = signed_in(client, a_receiver())
    assert leads_to(page_of(client, "workbench:transfers"), "workbench:case", case.number)
    ours = signed_in(client, an_officer(Role.SUPERVISOR))
    page = page_of(client, "workbench:transfers")
    assert leads_to(page, "workbench:transfer", Transfer.objects.get().pk)
    assert "Accepted" in page
    assert AccessLog.objects.latest("pk").detail["records"] == [case.pk]
    assert [each["state"] for each in Program(ours).get("transfers").json()["results"]] == ["accepted"]
    move_time_to(clock.now() + timedelta(days=190))
    assert case.number not in page_of(client, "workbench:transfers")
    waiting = a_transfer()
    found = Program(there).get("transfer", waiting.pk).json()
    assert found["handover"]["children"][0]["name_and_age"] == waiting.case.people.get().with_age(clock.today())
    assert [each["duty"] for each in found["handover"]["due"]] != []
    assert Program(ours).get("transfer", waiting.pk).json()["handover"] is None
