"""An email that is on a restricted record is read by those named on it alone, whoever handles the mailbox."""

from __future__ import annotations

from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Case
from conferences.matching import restricted_like
from intake.actions import set_aside_message
from intake.enums import State
from intake.models import Attachment, Message
from intake.queries import emails_on, waiting
from intake.restricted import kept_off, kept_waiting, what_follows
from referrals.actions import log_referral, put_email_on_record
from referrals.suggestions import restricted_for, suggested
from team.enums import Role
from team.models import User
from tests.factories.mail import a_message, an_email
from tests.factories.referrals import a_case, as_received
from tests.factories.restricting import a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred
from tests.integration.api.asking import Program
from tests.integration.referrals.test_suggestions import an_answer, an_asked_case

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


def test_an_email_that_names_a_restricted_record_says_whom_to_ask(client: Client) -> None:
    case = a_restricted_case()
    email = a_message(raw=an_email(f"Re: {case.urn}", "As we said."))
    other = a_message(raw=an_email("Something else", "As we said."))
    colleague = an_officer(Role.DESK_SERGEANT)
    assert suggested(email, user=colleague) == []
    ask = f"{named_on(case)} or {case.restrictions.get().began_by}"
    said = f"It names what is restricted: {case.urn}. Ask {ask}."
    assert restricted_for(email, user=colleague) == said
    assert restricted_for(other, user=colleague) == ""
    # By what it is called in the email alone.
    by_number = a_message(raw=an_email(f"Re: {case.number}", "As we said."))
    assert restricted_for(by_number, user=colleague) == f"It names what is restricted: {case.number}. Ask {ask}."
    assert restricted_for(email, user=named_on(case)) == ""
    client.force_login(colleague)
    page = unescape(client.get(reverse("referrals:message", args=[email.pk])).content.decode())
    assert said in page
    assert str(case.people.get().family_name) not in page


# --- what nobody has made anything of yet --------------------------------------------------------


def ask(case: Case) -> str:
    return f"Ask {named_on(case)} or {case.restrictions.get().began_by}."


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_an_answer_to_what_was_asked_about_a_restricted_record_is_counted_and_not_shown(client: Client) -> None:
    case, sent = an_asked_case()
    colleague = an_officer(Role.DESK_SERGEANT)
    email, other = an_answer(sent, SUBJECT), a_message(subject="Something else")
    assert set(Message.objects.handled_by(colleague)) == {email, other}
    a_restricted_case(case=case)
    for rows in (Message.objects.handled_by(colleague), Message.objects.visible_to(colleague)):
        assert list(rows) == [other]
    said = f"1 email that waits is about a restricted record. {ask(case)}"
    client.force_login(colleague)
    assert client.get(reverse("referrals:message", args=[email.pk])).status_code == 404
    for name in ("referrals:mailbox", "referrals:desk_page", "referrals:log_page", "workbench:today"):
        text = page(client, name)
        assert said in text, name
        assert not tells(text), name
        assert case.urn not in said
    listed = Program(colleague).get("intake").json()
    assert ([each["id"] for each in listed["results"]], listed["not_shown"]) == ([other.pk], said)
    assert waiting(a_team(), user=colleague).count == 1


def test_it_is_not_told_to_who_reads_it_or_handles_another_mailbox_or_when_it_is_dealt_with(client: Client) -> None:
    case, sent = an_asked_case()
    a_restricted_case(case=case)
    email, second = an_answer(sent, SUBJECT), an_answer(sent, "And another thing")
    colleague, named = an_officer(Role.DESK_SERGEANT), named_on(case)
    several = f"2 emails that wait are about restricted records. {ask(case)}"
    assert kept_waiting(colleague) == kept_waiting(colleague, team=a_team()) == several
    assert kept_waiting(colleague, team=a_team("ENF")) == ""
    assert kept_waiting(an_officer(Role.DESK_SERGEANT, a_team("ENF"))) == ""
    assert kept_waiting(an_officer(Role.INVESTIGATOR)) == ""
    assert kept_waiting(named) == ""
    assert set(Message.objects.visible_to(named)) == {email, second}
    client.force_login(named)
    assert "restricted record" not in page(client, "referrals:mailbox")
    set_aside_message(email, reason="Known already", by=User.objects.system())
    assert kept_waiting(colleague) == f"1 email that waits is about a restricted record. {ask(case)}"
    set_aside_message(second, reason="Known already", by=User.objects.system())
    assert kept_waiting(colleague) == ""


def test_whom_to_ask_is_told_of_the_records_that_it_is_about_alone() -> None:
    case, sent = an_asked_case()
    a_restricted_case(case=case)
    a_restricted_case(by=an_officer(Role.SUPERVISOR, name="Unasked"))
    an_answer(sent)
    assert kept_waiting(an_officer(Role.DESK_SERGEANT)).endswith(f"record. {ask(case)}")


def test_where_the_record_went_to_another_team_its_old_desk_reads_whom_to_ask() -> None:
    case = a_restricted_case()
    email = a_message(raw=an_email(f"Re: {case.urn}", "As we said."))
    colleague = an_officer(Role.DESK_SERGEANT)
    before = restricted_for(email, user=colleague)
    assert case.urn in before
    there = an_officer(Role.INSPECTOR, a_team("ENF"))
    transferred(case)
    for said in (restricted_for(email, user=colleague), restricted_like(email, user=colleague)):
        assert f"sk {there}" in said
    assert restricted_for(email, user=there) == restricted_like(email, user=there) == ""
    # Of a third team's mailbox it never was.
    elsewhere = a_message(a_team("BRN"), raw=an_email(f"Re: {case.urn}", "As we said."))
    assert restricted_for(elsewhere, user=an_officer(Role.DESK_SERGEANT, a_team("BRN"))) == ""
    assert restricted_like(elsewhere, user=an_officer(Role.DESK_SERGEANT, a_team("BRN"))) == ""


# --- on two records ------------------------------------------------------------------------------


def test_a_record_says_that_an_email_of_it_is_on_a_restricted_one_too(client: Client) -> None:
    secret, email, _ = a_secret()
    shown, colleague, named = a_case(), an_officer(Role.DESK_SERGEANT), named_on(secret)
    assert kept_off(shown, user=colleague) == ""
    put_email_on_record(shown, message=email, message_uses=1, text="The PE teacher", by=named)
    said = f"1 email of this record is on a restricted one too, and is not shown. {ask(secret)}"
    client.force_login(colleague)
    for name in ("referrals:referral", "referrals:social_services"):
        text = page(client, name, shown.number)
        assert said in text, name
        assert SUBJECT not in text, name
    assert list(emails_on(shown, user=named)) == [email]
    assert kept_off(shown, user=named) == kept_off(secret, user=named) == ""


def test_what_follows_is_told_before_an_email_is_put_on_a_second_record(client: Client) -> None:
    secret, email, _ = a_secret()
    shown, named = a_case(), named_on(secret)
    too = "This email is about a restricted record too: those alone read it who are named on that."
    client.force_login(named)
    assert too in page(client, "referrals:put_email_on_record", shown.number, email.pk)
    for name in ("referrals:record_update", "referrals:confirm"):
        text = unescape(client.get(reverse(name, args=[shown.number]), {"message": email.pk}).content.decode())
        assert too in text, name
    assert too in what_follows(email, None)
    # The other way round.
    other, second = a_message(subject="Something else"), a_case()
    put_email_on_record(second, message=other, message_uses=0, text="She was seen", by=User.objects.system())
    then = f"This email is on {second.urn} too. As this record is restricted, those alone read it there who"
    assert then in page(client, "referrals:put_email_on_record", secret.number, other.pk)
    assert "If you restrict what you log, those alone read it there" in what_follows(other, None, restricts=True)
    assert what_follows(other, shown) == what_follows(other, None) == what_follows(None, secret) == ""
    assert "named on both" in what_follows(email, a_restricted_case())
    assert what_follows(email, secret) == ""
