"""The emails on a record that another team took over: who reads them; and what comes for it afterwards (ADR 30)."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import accept_transfer
from cases.models import Case
from deadlines import clock
from diary.models import Mail
from diary.outbox import send_due
from intake import queries
from intake.actions import pass_to_conferences, set_aside_message
from intake.enums import UseKind
from intake.models import Message
from intake.steps import use
from pages.words import day
from referrals.suggestions import gone_from
from team.actions import give_role
from team.enums import Role
from team.models import User
from team.permissions import NotAllowed
from tests.factories.deciding import an_approved_address, an_open_update
from tests.factories.mail import a_kept_attachment, a_message
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_receiver, a_transfer, transferred
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db

PAGES = ("message", "message_source", "attachment")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ATTACHMENTS", tmp_path / "attachments")


def put_on(case: Case, message: Message, **other: Any) -> Message:
    with transaction.atomic():
        return use(message, UseKind.INFORMATION, case, **other, by=User.objects.system())


def in_enfield(role: Role = Role.INVESTIGATOR) -> User:
    return an_officer(role, a_team("ENF"))


def reads(user: User, message: Message) -> bool:
    return Message.objects.visible_to(user).filter(pk=message.pk).exists()


def get(client: Client, name: str, *args: Any, **asked: Any) -> tuple[int, str]:
    answer = client.get(reverse(name, args=args), asked)
    return answer.status_code, unescape(answer.content.decode())


def test_the_new_team_reads_email_and_attachment_and_does_nothing_else_with_it(client: Client) -> None:
    case, message = a_case(), a_kept_attachment().message
    put_on(case, message)
    waits = a_transfer(case)
    assert not reads(in_enfield(), message)  # asked is not accepted
    accept_transfer(waits, by=a_receiver())
    officer = in_enfield()
    client.force_login(officer)
    for name in PAGES:
        status, page = get(client, f"referrals:{name}", message.pk, *([0] if name == "attachment" else []))
        assert status == 200, name
        if name == "message":
            assert case.urn in page
            assert "About a record?" not in page
    _, page = get(client, "referrals:referral", case.number)
    assert f'href="{reverse("referrals:message", args=[message.pk])}"' in page
    assert Program(officer).get("message", message.pk).status_code == 200
    # It stays in the mailbox that it came to: that team alone handles it, and lists it.
    sergeant = in_enfield(Role.DESK_SERGEANT)
    own = a_message(a_team("ENF"), subject="For Enfield")
    client.force_login(sergeant)
    assert get(client, "referrals:message", message.pk)[0] == 200
    assert "About a record?" not in get(client, "referrals:message", message.pk)[1]
    for name in ("set_aside_message", "put_back_message"):
        assert get(client, f"referrals:{name}", message.pk)[0] == 404
    assert get(client, "referrals:put_email_on_record", case.number, message.pk)[0] == 404
    with pytest.raises(NotAllowed):
        set_aside_message(message, reason="Not ours", by=sergeant)
    assert Program(sergeant).post("set_aside_message", message.pk, reason="No", seen=1).status_code == 403
    _, page = get(client, "referrals:mailbox", show="all")
    assert own.subject in page
    assert message.subject not in page
    assert [each["id"] for each in Program(sergeant).get("intake").json()["results"]] == [own.pk]
    # The old team's desk has it still; whoever reads by the record there finds it with the record; others never.
    assert reads(an_officer(Role.DESK_SERGEANT), message)
    for nobody in (an_officer(Role.INVESTIGATOR), an_officer(Role.INSPECTOR, a_team("BRN"))):
        assert not reads(nobody, message)
    client.force_login(an_officer(Role.INVESTIGATOR, a_team("BRN")))
    for name in PAGES:
        assert get(client, f"referrals:{name}", message.pk, *([0] if name == "attachment" else []))[0] == 404
    # With the record it goes on, and comes back.
    transferred(case, a_team("BRN"))
    assert not reads(officer, message)
    assert reads(an_officer(Role.RESEARCHER, a_team("BRN")), message)


def test_an_email_that_tells_of_a_family_that_stayed_is_not_read_by_the_new_team() -> None:
    moved, stayed, message, theirs = a_case(), a_case(), a_message(), a_message()
    put_on(stayed, put_on(moved, message))
    put_on(moved, pass_to_conferences(theirs, by=User.objects.system()))
    transferred(moved)
    officer = in_enfield()
    assert not reads(officer, message)
    assert list(queries.emails_on(moved, user=officer)) == [theirs]
    assert list(queries.emails_on(stayed, user=an_officer(Role.INVESTIGATOR))) == [message]
    # Nor are lists of invitations longer for it.
    assert [each.message for each in queries.invitations(an_officer(Role.PCLO))] == [theirs]
    assert not queries.invitations(in_enfield(Role.PCLO)).exists()
    # Whoever may open both records reads it; and everybody there, when the other has moved too.
    give_role(officer, team=a_team(), role=Role.RESEARCHER, from_on=clock.today(), by=User.objects.system())
    assert reads(User.objects.get(pk=officer.pk), message)
    transferred(stayed)
    assert reads(in_enfield(), message)


def test_who_a_protected_caller_is_knows_who_may_in_every_team_that_has_a_record_of_it() -> None:
    moved, message = a_case(protected=True), a_message()
    put_on(moved, message, protected=True)
    transferred(moved)
    for role, may_know in (
        (Role.DESK_SERGEANT, True),
        (Role.SUPERVISOR, True),
        (Role.OFFICE_MANAGER, False),
        (Role.INVESTIGATOR, False),
    ):
        assert reads(in_enfield(role), message) is may_know, role
        # Nothing is taken from the team that it came to.
        assert reads(an_officer(role), message) is may_know, role
    for role in (Role.COMMAND, Role.REVIEWER):
        assert not reads(an_officer(role), message), role
    # A sergeant there who only reads here does not learn who called here.
    put_on(a_case(), both := a_message(), protected=True)
    put_on(second := a_case(), both)
    transferred(second)
    sergeant = in_enfield(Role.DESK_SERGEANT)
    give_role(sergeant, team=a_team(), role=Role.RESEARCHER, from_on=clock.today(), by=User.objects.system())
    sergeant = User.objects.get(pk=sergeant.pk)
    assert not reads(sergeant, both)
    assert reads(sergeant, message)


def test_what_comes_for_a_record_that_left_says_who_has_it_and_nothing_else(client: Client) -> None:
    an_approved_address()
    answered = an_open_update().case
    assert send_due(lambda message: None) == 1
    mail = Mail.objects.get(case=answered)
    stayed = a_case()
    said: dict[str, Any] = {"subject": "Your request", "text": "See above."}
    answer = a_message(**{**said, "In_Reply_To": mail.message_id})
    by_urn = a_message(**{**said, "subject": f"RE: URN {answered.urn}"})
    by_number = a_message(**{**said, "text": f"Your record {answered.number.lower()}, and {stayed.urn}."})
    sergeant = an_officer(Role.DESK_SERGEANT)
    assert gone_from(by_urn, user=sergeant) == []  # it is here still
    transferred(answered)
    line = f"<p>{answered.urn} is with Team ENF since {day(clock.today())}. Forward this email to them.</p>"
    client.force_login(sergeant)
    for message in (answer, by_urn, by_number):
        status, page = get(client, "referrals:message", message.pk)
        assert (status, page.count(line)) == (200, 1)
        aside = page.partition('id="becomes-h"')[2].partition("</aside>")[0]
        assert answered.number not in aside
        assert not any(child.family_name in aside for child in answered.people.all())
        assert "No record is named in it" not in aside
        # It is no new referral.
        assert "govuk-button" not in aside.partition("About a record?")[0]
        assert (stayed.number in aside) is (message == by_number)
    # The place is where it is now, since when it is there; back here it is here again.
    transferred(answered, a_team("BRN"))
    assert [(each.urn, each.team) for each in gone_from(by_urn, user=sergeant)] == [(answered.urn, a_team("BRN"))]
    enfield = in_enfield(Role.DESK_SERGEANT)
    theirs = a_message(a_team("ENF"), **{**said, "text": f"Your record {answered.number}."})
    assert gone_from(theirs, user=enfield) == []  # not of their log
    assert gone_from(by_urn, user=enfield) == []
    silent = a_message(subject="", text="See above.")
    with CaptureQueriesContext(connection) as captured:
        assert gone_from(silent, user=sergeant) == []
    assert len(captured) == 0
    transferred(answered, a_team())
    assert gone_from(by_urn, user=sergeant) == []
