"""A restricted record that another team is asked to take over: who reads what before and after."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import add_action, decline_transfer
from cases.models import Case, Transfer
from deadlines import clock
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case, a_child
from tests.factories.restricting import a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_receiver, a_transfer
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db

WHY = "The family moved to Enfield on Monday."


def a_secret() -> tuple[Case, Transfer, User]:
    """A restricted record of Ottoline, the request to take it over, and who restricted it and asked."""
    sergeant = an_officer(Role.SUPERVISOR)
    case = a_restricted_case(case=a_case(children=[a_child("Ottoline", "Quarrendon")]), by=sergeant)
    return case, a_transfer(case, a_team("ENF"), by=sergeant), sergeant


def page(client: Client, user: User, name: str, *args: Any, status: int = 200) -> str:
    client.force_login(user)
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == status
    return unescape(answer.content.decode())


def test_the_page_of_asking_says_who_reads_what_is_typed(client: Client) -> None:
    sergeant = an_officer(Role.SUPERVISOR)
    case, other = a_restricted_case(by=sergeant), a_case()
    an_officer(Role.SUPERVISOR, a_team("ENF"))
    said = "is read by every sergeant and inspector of the team that you ask"
    assert said in page(client, sergeant, "cases:transfer", case.number)
    assert said not in page(client, sergeant, "cases:transfer", other.number)


def test_who_is_to_answer_reads_why_and_whom_to_ring_and_nothing_of_the_record(client: Client) -> None:
    case, transfer, sergeant = a_secret()
    add_action(case, what="See the PE teacher", owner=sergeant, due_on=clock.today(), by=sergeant)
    there = a_receiver()
    inspector = case.named.get(officer__family_name="Castell").officer
    for name in ("transfer", "accept_transfer", "decline_transfer"):
        text = page(client, there, f"workbench:{name}", transfer.pk)
        assert WHY in text
        assert "Ottoline" not in text
        assert "PE teacher" not in text
    ring = f"This record is restricted. Before you answer ring {inspector} or {sergeant}."
    assert ring in page(client, there, "workbench:transfer", transfer.pk)
    found = Program(there).get("transfer", transfer.pk).json()
    assert (found["reason"], found["handover"], found["ring"]) == (WHY, None, ring)


def test_colleagues_of_the_sender_read_that_it_is_asked_and_not_why(client: Client) -> None:
    case, transfer, sergeant = a_secret()
    colleague = an_officer(Role.SUPERVISOR)
    text = page(client, colleague, "workbench:transfer", transfer.pk)
    assert case.number in text
    assert "This record is restricted. Ask" in text
    assert WHY not in text
    assert "Ottoline" not in text
    found = Program(colleague).get("transfer", transfer.pk).json()
    assert (found["reason"], found["answer"], found["handover"]) == ("", "", None)
    assert WHY in page(client, sergeant, "workbench:transfer", transfer.pk)
    # Nor why it was declined, on Today either.
    decline_transfer(transfer, answer="Her teacher lives with you", by=a_receiver())
    for user, sees in ((colleague, False), (sergeant, True)):
        today = page(client, user, "workbench:today")
        assert ("Her teacher lives with you" in today) == sees
        text = page(client, user, "workbench:transfer", transfer.pk)
        assert ("Her teacher lives with you" in text) == sees
        listed = Program(user).get("transfers").json()["results"][0]
        assert (listed["answer"] == "Her teacher lives with you") == sees
    # Those who were asked read it no more, nor where they would answer once more.
    there = a_receiver()
    for name in ("transfer", "accept_transfer", "decline_transfer"):
        text = page(client, there, f"workbench:{name}", transfer.pk)
        assert WHY not in text
        assert "Her teacher lives with you" not in text
    answers: dict[str, Any] = {"accept_transfer": {"read": True}, "decline_transfer": {"answer": "Not ours"}}
    for name, said in answers.items():
        refused = Program(there).post(name, transfer.pk, **said)
        assert refused.status_code == 400
        assert "did not accept this record for Team ENF" in refused.content.decode()
        assert "Her teacher" not in refused.content.decode()


def test_whoever_accepts_it_opens_it_then_and_the_sender_no_more(client: Client) -> None:
    case, transfer, sergeant = a_secret()
    there, beside = a_receiver(), an_officer(Role.SUPERVISOR, a_team("ENF"))
    inspector = an_officer(Role.INSPECTOR, a_team("ENF"))
    for user in (there, beside, inspector):
        page(client, user, "workbench:case", case.number, status=404)
    client.force_login(there)
    sent = client.post(reverse("workbench:accept_transfer", args=[transfer.pk]), {"read": "on"}, follow=True)
    assert "Ottoline" in sent.content.decode()
    for user in (there, inspector):
        assert "Ottoline" in page(client, user, "workbench:case", case.number)
    for user in (beside, sergeant, an_officer(Role.SUPERVISOR)):
        text = page(client, user, "workbench:case", case.number, status=403)
        assert "Ottoline" not in text
        assert WHY not in page(client, user, "workbench:transfer", transfer.pk)
    assert "was transferred to Team ENF" in page(client, sergeant, "workbench:case", case.number, status=403)
    # The log of the sender keeps its URN, and says whom to ask.
    log = page(client, sergeant, "referrals:log_page")
    assert f"{case.urn}. Ask {inspector}" in log
    assert "Ottoline" not in log
