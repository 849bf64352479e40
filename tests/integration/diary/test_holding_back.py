"""Emails to a partner held back and let go: by whom, why, and what the second reads."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from audit.events import Event
from audit.models import AccessLog, AuditEvent
from cases.models import Entry
from diary.actions import hold_chases, release_chases
from diary.models import Duty, Mail, MailState
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_answer, an_approved_address, judged
from tests.factories.team import a_team, an_officer
from tests.integration.diary.read_queue import (
    DAY,
    HOUR,
    NOW,
    an_update,
    late,
    page_of,
    signed_in,
)
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(shared: Shared) -> Duty:
    def build() -> Duty:
        move_time_to(NOW)
        return an_update()

    return shared(build)


@pytest.fixture(autouse=True)
def duty(built: Duty) -> Duty:
    """What Social Services were asked for just now."""
    return own(built)


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.DESK_SERGEANT)


def door(duty: Duty, name: str, number: str = "") -> str:
    return reverse(f"diary:{name}", args=[number or duty.case.number, duty.pk])


def test_a_sergeant_holds_emails_back_and_lets_them_go(client: Client, sergeant: User, duty: Duty) -> None:
    answer = client.post(door(duty, "hold_chases"), {"why": "He is their manager"})
    there = reverse("referrals:social_services", args=[duty.case.number])
    assert (answer.status_code, answer["Location"]) == (302, there)
    duty.refresh_from_db()
    assert (duty.held_by, duty.held_why) == (sergeant, "He is their manager")
    page = page_of(client, there)
    assert ">Send emails again</a>" in page
    assert "No email goes to Social Services about this any more." in page
    page = page_of(client, door(duty, "release_chases"))
    assert "“He is their manager”" in page
    assert '<h1 class="govuk-heading-l cait-h1">Send emails to Social Services again</h1>' in page
    assert "<title>Send emails again: " in page
    assert ">Send them again</button>" in page
    assert client.post(door(duty, "release_chases"), {"why": "Another has taken over"}).status_code == 302
    page = page_of(client, there)
    assert "Emails to Social Services are sent again." in page
    assert ">Hold the emails back</a>" in page
    duty.refresh_from_db()
    assert (duty.held_at, duty.held_by, duty.held_why) == (None, None, "")
    events = AuditEvent.objects.filter(object_type="diary.duty", object_id=duty.pk).order_by("pk")
    assert [event.event for event in events] == [Event.CHASES_HELD, Event.CHASES_RELEASED]
    titles = Entry.objects.filter(case=duty.case, title__startswith="Emails to").order_by("pk")
    assert [entry.title for entry in titles] == [
        "Emails to Social Services held back",
        "Emails to Social Services are sent again",
    ]


@pytest.mark.parametrize(
    ("why", "said"),
    [("", "Say why"), ("   ", "Say why"), ("x" * 301, "must be 300 characters or fewer")],
    ids=["nothing", "blanks", "too long"],
)
def test_nothing_is_held_back_without_a_reason(
    client: Client, sergeant: User, duty: Duty, why: str, said: str
) -> None:
    answer = client.post(door(duty, "hold_chases"), {"why": why})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    duty.refresh_from_db()
    assert duty.held_at is None


def test_nothing_is_let_go_without_a_reason(client: Client, sergeant: User, duty: Duty) -> None:
    hold_chases(duty, why="He is their manager", by=sergeant)
    assert "Say why" in client.post(door(duty, "release_chases"), {"why": " "}).content.decode()
    duty.refresh_from_db()
    assert duty.held_at is not None


def test_the_second_who_holds_them_back_reads_who_did_it_and_why(client: Client, sergeant: User, duty: Duty) -> None:
    first = an_officer(Role.SUPERVISOR)
    hold_chases(duty, why="He is their manager", by=first)
    for answer in (client.get(door(duty, "hold_chases")), client.post(door(duty, "hold_chases"), {"why": "Mine"})):
        page = unescape(answer.content.decode())
        assert f"{first} held the emails back on 14 January 2010, midday, because: “He is their manager”" in page
    duty.refresh_from_db()
    assert duty.held_why == "He is their manager"


def test_what_is_not_held_back_is_not_let_go(client: Client, sergeant: User, duty: Duty) -> None:
    assert "The emails are not held back." in page_of(client, door(duty, "release_chases"))
    answer = client.post(door(duty, "release_chases"), {"why": "Another has taken over"})
    assert "The emails are not held back." in answer.content.decode()
    assert not AuditEvent.objects.filter(event=Event.CHASES_RELEASED).exists()


def test_the_second_who_lets_them_go_reads_who_did(client: Client, sergeant: User, duty: Duty) -> None:
    first = an_officer(Role.SUPERVISOR)
    hold_chases(duty, why="He is their manager", by=sergeant)
    move_time_to(NOW + HOUR)
    release_chases(duty, why="Another has taken over", by=first)
    move_time_to(NOW + 2 * HOUR)
    typed = {"why": "What I typed and must not lose"}
    for answer in (client.get(door(duty, "release_chases")), client.post(door(duty, "release_chases"), typed)):
        assert f"{first} let the emails be sent again on 14 January 2010, 1pm." in unescape(answer.content.decode())
    assert typed["why"] in answer.content.decode()
    assert AuditEvent.objects.filter(event=Event.CHASES_RELEASED).count() == 1


def test_who_lets_them_go_reads_to_whom_the_next_one_goes(client: Client, sergeant: User, duty: Duty) -> None:
    for number in (1, 2):
        an_approved_address(number=number)
    hold_chases(duty, why="He is their manager", by=sergeant)
    assert "to <b>Manager 1</b>, step1@borough.example" in page_of(client, door(duty, "release_chases"))
    move_time_to(NOW + 22 * DAY)
    client.force_login(sergeant)
    assert "to <b>Manager 2</b>, step2@borough.example" in page_of(client, door(duty, "release_chases"))
    client.post(door(duty, "release_chases"), {"why": "Another has taken over"})
    mail = Mail.objects.get(step__duty=duty, state=MailState.QUEUED)
    assert (mail.step.number, mail.address) == (2, "step2@borough.example")


def test_what_has_ended_is_not_held_back(client: Client, sergeant: User, duty: Duty) -> None:
    judged(an_answer(duty.case))
    answer = client.post(door(duty, "hold_chases"), {"why": "He is their manager"})
    assert "CAIT ended this on 14 January 2010, midday: Answered" in answer.content.decode()
    duty.refresh_from_db()
    assert duty.held_at is None


def test_what_no_partner_is_written_to_about_is_not_held_back(client: Client, sergeant: User) -> None:
    duty = late()
    answer = client.post(door(duty, "hold_chases"), {"why": "He is their manager"})
    assert "there is nothing to hold back" in answer.content.decode()


def test_a_worker_holds_nothing_back(client: Client, duty: Duty) -> None:
    signed_in(client, Role.INVESTIGATOR)
    for name in ("hold_chases", "release_chases"):
        assert client.get(door(duty, name)).status_code == 403
        assert client.post(door(duty, name), {"why": "He is their manager"}).status_code == 403
    duty.refresh_from_db()
    assert duty.held_at is None


def test_a_duty_of_another_team_or_of_another_record_is_not_found(client: Client, sergeant: User, duty: Duty) -> None:
    theirs, other = an_update(a_team("BRN")), late()
    assert client.post(door(theirs, "hold_chases"), {"why": "Mine"}).status_code == 404
    wrong = door(duty, "hold_chases", other.case.number)
    assert client.post(wrong, {"why": "Mine"}).status_code == 404
    assert not Duty.objects.exclude(held_at=None).exists()
    assert not AccessLog.objects.filter(case_id=theirs.case_id).exists()


def test_a_look_at_the_form_is_a_look_at_the_record(client: Client, sergeant: User, duty: Duty) -> None:
    page_of(client, door(duty, "hold_chases"))
    look = AccessLog.objects.get(case_id=duty.case_id)
    assert (look.by_id, look.detail) == (sergeant.pk, {"page": "diary:hold_chases"})
