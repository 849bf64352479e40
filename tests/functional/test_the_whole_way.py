"""The main job of CAIT in a real browser: from an email in the team's mailbox to a closed record, on real servers.

January 2010: 60 emails of every kind arrive over IMAP; one is logged, decided, chased by SMTP, answered by email,
judged and closed. With CAIT_PICTURES=docs/pictures it also makes the pictures of the README.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from audit.models import AccessLog, AuditEvent
from cases.models import Case, Entry
from deadlines import clock
from deadlines.clock import LONDON
from diary.models import Duty
from intake.enums import State, UseKind
from intake.models import Message, Use
from pages.words import moment
from referrals.models import Referral
from team.actions import give_role
from team.enums import Role
from team.models import User
from tests.factories.assessing import assessed
from tests.factories.deciding import an_approved_address
from tests.factories.mail import an_email
from tests.factories.team import a_team, a_user, an_officer
from tests.functional.browse import check_page, signed_in
from tests.functional.test_deciding_journeys import do, swept
from tests.integration.diary.mail_server import MailServer, running_mail_server
from tests.integration.intake.imap_server import ImapServer, running_imap_server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

SAMPLES = Path(__file__).parent.parent / "data" / "mailbox"
MONDAY = datetime(2010, 1, 11, 9, 0, tzinfo=LONDON)


@pytest.fixture
def smtp(settings: Any) -> Iterator[MailServer]:
    with running_mail_server(settings) as server:
        yield server


@pytest.fixture
def imap(settings: Any, tmp_path: Path) -> Iterator[ImapServer]:
    with running_imap_server(tmp_path / "mail") as server:
        settings.MAILBOXES = {"HGY": server.url()}
        settings.MAILBOX_ADDRESSES = {"HGY": "cait.haringey@police.example"}
        yield server


@pytest.fixture
def set_clock(database: None) -> Iterator[Callable[[datetime], None]]:
    """Set the one clock for every process; it goes on from there. As it was before when the test is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('cait_now()'::regprocedure)")
        (before,) = cursor.fetchone()

    def set_to(there: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")
            (real,) = cursor.fetchone()
            seconds = (there - real).total_seconds()
            cursor.execute(
                "CREATE OR REPLACE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS "
                f"$$SELECT now() + interval '{seconds} seconds'$$"
            )

    yield set_to
    with connection.cursor() as cursor:
        cursor.execute(before)


def picture(page: Page, name: str) -> None:
    """For the README, where it was asked for."""
    if folder := os.environ.get("CAIT_PICTURES"):
        where = Path(django_settings.BASE_DIR) / folder
        where.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=where / f"{name}.png")


def named(role: Role, rank: str, given: str, family: str) -> User:
    """An officer of Haringey with a name that may stand in a picture."""
    user = a_user(rank=rank, family_name=family)
    user.given_names = given
    user.save(update_fields=["given_names"])
    give_role(user, team=a_team(name="Haringey CAIT"), role=role, from_on=clock.today(), by=User.objects.system())
    return user


def page_of(context: BrowserContext, user: User, live_server: LiveServer) -> Page:
    signed_in(context, user, live_server.url)
    return context.new_page()


def the_sixty(imap: ImapServer) -> list[dict[str, Any]]:
    """Deliver the samples, each at the moment it claims, as a mail server would have received it."""
    expected: list[dict[str, Any]] = json.loads((SAMPLES / "expected.json").read_text())
    for each in expected:
        raw = (SAMPLES / each["file"]).read_bytes()
        at = parsedate_to_datetime(message_from_bytes(raw)["Date"]).astimezone(UTC)
        imap.deliver(raw, at=at)
    return expected


def test_from_an_email_in_the_mailbox_to_a_closed_record(
    context: BrowserContext,
    new_context: Any,
    live_server: LiveServer,
    imap: ImapServer,
    smtp: MailServer,
    set_clock: Callable[[datetime], None],
    complaints: list[str],
) -> None:
    set_clock(MONDAY)
    sergeant = named(Role.DESK_SERGEANT, "DS", "Colin", "Frayne")
    supervisor = named(Role.SUPERVISOR, "DS", "Priya", "Nandra")
    an_approved_address(number=1, to_whom="Duty desk, First Response", address="duty.desk@haringey.example")
    expected = the_sixty(imap)
    swept()
    call_command("receive_mail")
    call_command("receive_mail")  # a second reading is harmless
    assert Message.objects.count() == 60

    # The mailbox: what says it is urgent stands on top.
    page = page_of(context, sergeant, live_server)
    page.goto("/")
    expect(page.get_by_role("listitem").filter(has_text="emails wait")).to_contain_text("59")
    page.goto("/referrals/mailbox/")
    expect(page.get_by_role("row")).to_have_count(51)
    picture(page, "mailbox")
    page.get_by_role("region", name="These emails say they are urgent").get_by_role(
        "link", name="Marshall, Jenna"
    ).click()
    expect(page.get_by_text("bruising to the left cheek")).to_be_visible()
    picture(page, "email")

    # Logged, with the form filled in from the email.
    page.get_by_role("button", name="Log it as a new referral").click()
    for label, value in {
        "When (date and time)": "5 January 2010, 6:08am",
        "Name of the caller": "Josh Rogers-White",
        "Email": "ffaulkner@haringey.example",
    }.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(value)
    child = page.get_by_role("group", name="Child 1")
    expect(child.get_by_label("First names")).to_have_value("Jenna")
    expect(child.get_by_label("Family name")).to_have_value("Marshall")
    expect(child.get_by_label("Home address")).to_have_value("Flat 47, Cameron Branch, London G2 0WF")
    # Where it comes from is known by the address of Social Services that the inspector approved.
    expect(page.get_by_label("Where it comes from")).to_have_value("social_services")
    page.get_by_label("Physical").check()
    page.get_by_label("Yes. Triage within 1 hour of receipt").check()
    expect(page.locator("#draft-status")).to_contain_text("Draft saved")
    picture(page, "logging")
    page.get_by_role("button", name="Log it and get the URN").click()
    expect(page.locator(".cait-read-out")).to_have_text("0001/10")
    picture(page, "urn")
    case = Case.objects.get()
    urn, number = case.urn, case.number

    # Triage, strategy discussion, decision.
    page.goto("/queues/?whose=mine")
    do(page, "Triage the referral", urn)
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Why?", exact=True).fill("Seen by the school nurse; no fresh injury")
    page.get_by_role("button", name="Record the triage").click()
    assessed(case, by=sergeant, endorsed_by=supervisor)
    page.get_by_role("link", name="Strategy discussion").click()
    page.get_by_label("Telephone discussion").check()
    page.get_by_label("When", exact=True).fill(moment(clock.now()))
    page.get_by_label("Police", exact=True).fill("DS Frayne")
    page.get_by_label("Social Services", exact=True).fill("J Rogers-White, social worker")
    page.get_by_label("Which police supervisor took part?").select_option("No police supervisor took part")
    page.get_by_label("Social Services alone").check()
    page.get_by_label("What was agreed, and who does it?").fill("Social Services visit today and see her alone")
    page.get_by_label("Why?", exact=True).fill("No crime alleged so far")
    page.get_by_role("button", name="Record the discussion").click()
    page.get_by_label("Social Services only").check()
    page.get_by_label("Why?", exact=True).fill("They know the family and see her today")
    page.get_by_role("button", name="Record the decision").click()
    asked = "asks Duty desk, First Response for an update by 25 January 2010"
    expect(page.get_by_role("alert")).to_contain_text(asked)

    # Asked the same day; on day 14 the chase is in the mail server, and answers go to the team's mailbox.
    swept()
    assert [str(each["Subject"]) for each in smtp.received] == [f"{urn}: update asked for by 25 January 2010"]
    set_clock(datetime(2010, 1, 24, 23, 59, tzinfo=LONDON))
    swept()
    assert len(smtp.received) == 1
    set_clock(datetime(2010, 1, 25, 8, 0, tzinfo=LONDON))
    swept()
    swept()
    assert len(smtp.received) == 2
    chase = smtp.received[1]
    assert str(chase["Subject"]) == f"{urn}: update due today, reminder 1"
    assert "cait.haringey@police.example" in str(chase["Reply-To"])
    said = f"{chase['Subject']} {chase.get_content()}"
    assert not [word for word in ("Jenna", "Marshall", "cheek", "Cameron") if word in said]

    # Closure is refused, with what stands in the way.
    page.goto(f"/cases/{number}/closure/")
    expect(page.get_by_role("heading", name="1 thing stands in the way")).to_be_visible()
    expect(page.get_by_role("link", name="Social Services have not answered what we asked")).to_be_visible()
    picture(page, "closure-refused")

    # The answer comes by email, and finds its record by the email that it answers.
    set_clock(datetime(2010, 1, 26, 10, 30, tzinfo=LONDON))
    swept()
    imap.deliver(
        an_email(
            f"RE: {chase['Subject']}",
            "Jenna was seen at home and at nursery, alone. The mark was a fall; the nursery saw it. We close.\n",
            sender="Josh Rogers-White <ffaulkner@haringey.example>",
            in_reply_to=str(chase["Message-ID"]),
        ),
        at=datetime(2010, 1, 26, 10, 5, tzinfo=LONDON),
    )
    call_command("receive_mail")
    page.goto("/referrals/mailbox/?show=all")
    page.get_by_role("link", name=f"RE: {urn}: update due today, reminder 1").click()
    expect(page.get_by_text("It answers our email of 25 January 2010")).to_be_visible()
    picture(page, "answer")
    page.get_by_role("link", name="Record it as an update from Social Services").click()
    expect(page.get_by_label("When it came")).to_have_value("26 January 2010, 10:05am")
    expect(page.get_by_label("How it came")).to_have_value("email")
    page.get_by_role("button", name="Record the update").click()
    expect(page.get_by_text("it came after 1 chase")).to_be_visible()
    page.goto(f"/cases/{number}/closure/")
    expect(page.get_by_role("heading", name="2 things stand in the way")).to_be_visible()
    page.get_by_role("link", name="An update from Social Services is not judged yet").click()
    page.get_by_label("No: circumstances have not changed").check()
    page.get_by_label("Why?", exact=True).fill("Seen twice, alone; the fall was witnessed")
    page.get_by_role("button", name="Record the judgement").click()

    # Asked for by one, agreed by another sergeant.
    page.get_by_role("link", name="Ask for closure").click()
    page.get_by_label("What came of it").fill("A fall, seen by the nursery. She is well.")
    page.get_by_label("There was none").check()
    page.get_by_role("button", name="Ask for closure").click()
    expect(page.get_by_text("You asked to close this record, so somebody else must agree")).to_be_visible()
    other = page_of(new_context(), supervisor, live_server)
    other.goto("/queues/?whose=mine")
    do(other, "Answer the request to close the record", urn)
    other.get_by_role("button", name="Agree and close").click()
    other.get_by_label("I have read the record").check()
    other.get_by_role("button", name="Agree and close").click()
    expect(other.get_by_role("alert")).to_contain_text("is closed")
    other.goto(f"/cases/{number}/chronology/")
    picture(other, "chronology")

    # Every step is in the chronology and in the audit.
    assert list(Entry.objects.filter(case=case).order_by("pk").values_list("title", flat=True)) == [
        f"Referral {urn}: Physical",
        "Triage: no urgent action is needed",
        "First CRAM sent for endorsement",
        "First CRAM endorsed",
        "Strategy discussion by telephone",
        "Decision: Social Services only",
        "Social Services asked for an update",
        "Social Services chased, chase 1",
        "Update from Social Services, after 1 chase",
        "Update judged: circumstances have not changed",
        "Closure asked for",
        "Record closed",
    ]
    assert list(AuditEvent.objects.filter(case_id=case.pk).order_by("pk").values_list("event", flat=True)) == [
        "REFERRAL_LOGGED",
        "REFERRAL_TRIAGED",
        "ASSESSMENT_STARTED",
        "ASSESSMENT_LEVEL_SET",
        "ASSESSMENT_SUBMITTED",
        "ASSESSMENT_ENDORSED",
        "STRATEGY_RECORDED",
        "REFERRAL_DECIDED",
        "UPDATE_ASKED",
        "PARTNER_CHASED",
        "UPDATE_RECORDED",
        "UPDATE_JUDGED",
        "CLOSURE_ASKED",
        "CASE_CLOSED",
    ]
    assert AuditEvent.objects.filter(event="MAIL_RECEIVED").count() == 61
    assert not Duty.objects.filter(case=case, state="open").exists()
    page.goto(f"/referrals/{number}/")
    expect(page.get_by_role("region", name="Emails on this record").get_by_role("listitem")).to_have_count(2)

    # Nobody from elsewhere knows of it, nor of its emails.
    looks = AccessLog.objects.count()
    outsider = page_of(new_context(), an_officer(Role.DESK_SERGEANT, a_team("ENF")), live_server)
    addresses = [
        reverse(name, args=[number])
        for name in ("workbench:case", "cases:closure", "referrals:social_services", "referrals:referral")
    ]
    on_it = Use.objects.filter(case=case).values_list("message_id", flat=True)
    addresses += [reverse("referrals:message", args=[pk]) for pk in on_it]
    addresses += [reverse("workbench:person", args=[case.people.get().pk])]
    for address in addresses:
        answer = outsider.goto(address)
        assert answer
        assert answer.status == 404, address
    outsider.goto(f"/search/?q={urn}")
    expect(outsider.get_by_text("Nothing that you may open fits")).to_be_visible()
    assert AccessLog.objects.count() == looks + 1  # the search itself

    # All 60 are there, each once; the one that was delivered twice waits once.
    kept = Counter(Message.objects.exclude(received_at__gte=MONDAY).values_list("message_id", flat=True))
    assert kept == Counter(each["message_id"] for each in expected)
    attached = {each.message_id: len(each.attachments) for each in Message.objects.all()}
    assert all(attached[each["message_id"]] == each["attachments"] for each in expected)
    assert Message.objects.filter(state=State.COPY).count() == 1
    assert Message.objects.filter(state=State.WAITING).count() == 58
    check_page(page, complaints)


def test_each_kind_of_email_finds_its_place(
    context: BrowserContext,
    new_context: Any,
    live_server: LiveServer,
    imap: ImapServer,
    set_clock: Callable[[datetime], None],
) -> None:
    """A written confirmation to the telephone referral it confirms, an invitation to conferences, the rest aside."""
    from referrals.enums import Method
    from tests.factories.referrals import a_child, a_referral

    set_clock(datetime(2010, 1, 4, 16, 0, tzinfo=LONDON))
    sergeant = named(Role.DESK_SERGEANT, "DS", "Colin", "Frayne")
    telephoned = a_referral(method=Method.TELEPHONE, children=[a_child("Donna", "Jones")])
    set_clock(MONDAY)
    the_sixty(imap)
    call_command("receive_mail")
    page = page_of(context, sergeant, live_server)

    page.goto("/referrals/mailbox/")
    page.get_by_role("link", name="Written confirmation of telephone referral today - Jones").click()
    page.get_by_role("link", name="Record it as the written confirmation").click()
    expect(page.get_by_label("When the confirmation arrived")).to_have_value("5 January 2010, 1:11am")
    page.get_by_role("button", name="Record the confirmation").click()
    expect(page.get_by_role("alert")).to_contain_text("is confirmed in writing")
    assert Referral.objects.get(pk=telephoned.pk).confirmed_at == datetime(2010, 1, 5, 1, 11, tzinfo=UTC)

    page.goto("/referrals/mailbox/")
    page.get_by_role("link", name="Invitation to Initial Child Protection Conference - Bird family").click()
    page.get_by_role("button", name="Pass it to conferences").click()
    expect(page.get_by_role("alert")).to_contain_text("is passed to conferences")
    pclo = page_of(new_context(), named(Role.PCLO, "", "Dawn", "Whitlock"), live_server)
    pclo.goto("/conferences/invitations/")
    pclo.get_by_role("link", name=re.compile("^Invitation to Initial .* - Bird family")).click()
    expect(pclo.get_by_text("Chair: Glen Hughes")).to_be_visible()
    refused = pclo.goto("/referrals/mailbox/")
    assert refused
    assert refused.status == 403

    page.goto("/referrals/mailbox/")
    page.get_by_role("link", name="Mandatory e-learning").first.click()
    page.get_by_role("link", name="Set it aside: not for a record").click()
    page.get_by_role("button", name="Set it aside").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Say why it is not for a record")
    page.get_by_label("Why is it not for a record?").fill("Training")
    page.get_by_role("button", name="Set it aside").click()
    expect(page.get_by_role("alert")).to_contain_text("is set aside")
    made = Counter(Use.objects.values_list("kind", flat=True))
    assert made == {UseKind.CONFIRMATION: 1, UseKind.CONFERENCE: 1, UseKind.SET_ASIDE: 1}
    assert Message.objects.filter(state=State.WAITING).count() == 56
