"""An email that is on a restricted record is read by those named on it alone, whoever handles the mailbox."""

from __future__ import annotations

from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Case
from intake.enums import State
from intake.models import Attachment, Message
from referrals.actions import log_referral, put_email_on_record
from referrals.suggestions import restricted_for, suggested
from team.enums import Role
from team.models import User
from tests.factories.mail import a_message, an_email
from tests.factories.referrals import a_case, as_received
from tests.factories.restricting import a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db

SUBJECT, TEXT, FILE = "About Ottoline Quarrendon", "The PE teacher was seen with her.", "What-Ottoline-drew.txt"


def raw() -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "Gillian Teasdale <g.teasdale@fernley.example>", "cait.haringey@police.example"
    message["Subject"], message["Message-ID"] = SUBJECT, "<ottoline@fernley.example>"
    message.set_content(TEXT)
    message.add_attachment(b"Plain words.", maintype="application", subtype="octet-stream", filename=FILE)
    return message.as_bytes()


def a_secret() -> tuple[Case, Message, Message]:
    """A record that was logged from an email and restricted then; the email, and a second copy of it."""
    sent = raw()
    email = a_message(raw=sent)
    said = as_received(message=email, message_uses=0)
    case = log_referral(a_team(), **said, by=an_officer(Role.DESK_SERGEANT)).referral.case
    a_restricted_case(case=case)
    copy = a_message(raw=sent)
    assert copy.state == State.COPY
    return case, email, copy


def named_on(case: Case) -> User:
    return case.named.get(officer__family_name="Castell").officer


def pages_of(email: Message) -> list[str]:
    number = Attachment.objects.filter(message=email).values_list("number", flat=True).first() or 0
    names: dict[str, list[Any]] = {
        "message": [email.pk],
        "message_source": [email.pk],
        "attachment": [email.pk, number],
        "set_aside_message": [email.pk],
        "put_back_message": [email.pk],
    }
    return [reverse(f"referrals:{name}", args=args) for name, args in names.items()]


def tells(text: str) -> bool:
    return any(word in unescape(text) for word in ("Ottoline", "Quarrendon", "PE teacher"))


def test_no_page_shows_it_to_who_handles_the_mailbox_and_is_not_named(client: Client) -> None:
    case, email, copy = a_secret()
    client.force_login(an_officer(Role.DESK_SERGEANT))
    for address in [*pages_of(email), *pages_of(copy)]:
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert not tells(answer.content.decode())
    for asked in ("", "?show=all", "?show=done", "?show=waiting"):
        assert not tells(client.get(reverse("referrals:mailbox") + asked).content.decode())
    for address in ("referrals:desk_page", "referrals:log", "workbench:today", "conferences:invitations"):
        assert not tells(client.get(reverse(address)).content.decode()), address
    assert client.get(f"{reverse('referrals:log')}?message={email.pk}").status_code == 404
    client.force_login(named_on(case))
    assert tells(client.get(reverse("referrals:message", args=[email.pk])).content.decode())
    assert tells(client.get(reverse("referrals:message", args=[copy.pk])).content.decode())


def test_a_program_reads_it_no_more(client: Client) -> None:
    case, email, copy = a_secret()
    program = Program(an_officer(Role.DESK_SERGEANT))
    assert program.get("intake").json()["results"] == []
    for each in (email, copy):
        assert program.get("message", each.pk).status_code == 404
        assert program.post("set_aside_message", each.pk, reason="Not ours", seen=1).status_code == 404
    put = program.post("put_email_on_record", a_case().number, message=email.pk, message_uses=1, text="She was seen")
    assert (put.status_code, "message" in put.json()) == (400, True)
    assert Program(named_on(case)).get("message", email.pk).json()["subject"] == SUBJECT


def test_what_is_put_on_a_restricted_record_later_is_read_by_those_named_alone() -> None:
    case, email = a_restricted_case(), a_message(raw=raw())
    colleague, named = an_officer(Role.DESK_SERGEANT), named_on(case)
    assert Message.objects.visible_to(colleague).filter(pk=email.pk).exists()
    put_email_on_record(case, message=email, message_uses=0, text="She was seen", by=named)
    for rows in (Message.objects.visible_to(colleague), Message.objects.handled_by(colleague)):
        assert not rows.filter(pk=email.pk).exists()
    assert Message.objects.visible_to(named).filter(pk=email.pk).exists()
    # On a record of theirs as well, it tells of both.
    put_email_on_record(a_case(), message=email, message_uses=1, text="She was seen", by=named)
    assert not Message.objects.visible_to(colleague).filter(pk=email.pk).exists()


def test_an_email_that_names_or_answers_a_restricted_record_says_whom_to_ask(client: Client) -> None:
    case = a_restricted_case()
    email = a_message(raw=an_email(f"Re: {case.urn}", "As we said."))
    other = a_message(raw=an_email("Something else", "As we said."))
    colleague = an_officer(Role.DESK_SERGEANT)
    assert suggested(email, user=colleague) == []
    ask = f"{named_on(case)} or {case.restrictions.get().began_by}"
    said = f"It names or answers what is restricted: {case.urn}. Ask {ask}."
    assert restricted_for(email, user=colleague) == said
    assert restricted_for(other, user=colleague) == ""
    assert restricted_for(email, user=named_on(case)) == ""
    client.force_login(colleague)
    page = unescape(client.get(reverse("referrals:message", args=[email.pk])).content.decode())
    assert said in page
    assert str(case.people.get().family_name) not in page
