"""A referral from triage to its closed record, in a real browser, with a real mail server in between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from audit.models import AuditEvent
from cases.models import Case, Entry
from deadlines import clock
from deadlines.calendar import ONE_DAY
from diary.models import Duty, Waker
from diary.outbox import send_due
from diary.sweep import sweep
from pages.words import day, moment
from team.enums import Role
from tests.factories.assessing import assessed
from tests.factories.deciding import a_triaged_case, an_approved_address
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.functional.browse import signed_in
from tests.integration.diary.mail_server import MailServer, running_mail_server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server(settings) as server:
        yield server


def swept() -> None:
    sweep(woken_by=Waker.COMMAND)
    send_due()


def as_somebody(context: BrowserContext, role: Role, live_server: LiveServer, team: str = "HGY") -> Page:
    signed_in(context, an_officer(role, a_team(team)), live_server.url)
    return context.new_page()


def do(page: Page, what: str, urn: str) -> None:
    """Follow the link of the queue that does a duty."""
    page.get_by_role("row").filter(has_text=what).filter(has_text=urn).locator(".cait-table__do a").click()


def test_social_services_only_from_triage_to_closure(
    context: BrowserContext, new_context: Any, live_server: LiveServer, mail_server: MailServer, later: Any
) -> None:
    an_approved_address(number=1)
    an_approved_address(number=2)
    case = assessed(a_case(children=[a_child("Rhys", "Calloway")])).case
    urn, page = case.urn, as_somebody(context, Role.DESK_SERGEANT, live_server)

    # The queue leads to what is due; each step says what comes next.
    page.goto("/queues/?whose=mine")
    do(page, "Triage the referral", urn)
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Why?", exact=True).fill("No injury")
    page.get_by_role("button", name="Record the triage").click()
    expect(page.get_by_role("alert")).to_contain_text("Now decide what is done about it")
    page.get_by_role("link", name="Strategy discussion").click()
    page.get_by_label("Telephone discussion").check()
    page.get_by_label("When", exact=True).fill(moment(clock.now()))
    page.get_by_label("Police", exact=True).fill("DS Frayne")
    page.get_by_label("Which police supervisor took part?").select_option("No police supervisor took part")
    page.get_by_label("No section 47 enquiry").check()
    page.get_by_label("What was agreed, and who does it?").fill("They visit today")
    page.get_by_label("Why?", exact=True).fill("No crime alleged")
    page.get_by_role("button", name="Record the discussion").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Name who took part for Social Services")
    expect(page.get_by_label("What was agreed, and who does it?")).to_have_value("They visit today")
    page.get_by_label("Social Services", exact=True).fill("S Arikan, team manager")
    page.get_by_role("button", name="Record the discussion").click()
    expect(page.get_by_role("alert")).to_contain_text("The strategy discussion is recorded")
    page.get_by_label("Social Services only").check()
    page.get_by_label("Why?", exact=True).fill("They know the family")
    page.get_by_role("button", name="Record the decision").click()
    due = clock.today() + 14 * ONE_DAY
    expect(page.get_by_role("alert")).to_contain_text(f"An email asks Manager 1 for an update by {day(due)}")

    # Asked the same day, chased on day 14 and not before, then a week later one step up.
    swept()
    assert mail_server.addresses() == ["step1@borough.example"]
    later(13)
    swept()
    assert len(mail_server.received) == 1
    later(14)
    swept()
    later(21)
    swept()
    swept()
    assert mail_server.addresses()[1:] == [
        "step1@borough.example",
        "step2@borough.example",
    ]
    for message in mail_server.received:
        said = f"{message['Subject']} {message.get_content()}"
        assert urn in said
        assert "Calloway" not in said
        assert "Rhys" not in said
        assert "cheek" not in said

    # The queue says how far it has come; the answer must be judged.
    page.goto("/queues/")
    expect(page.get_by_role("row").filter(has_text="Chased 2 times")).to_contain_text("7 days late")
    do(page, "Get the update from Social Services", urn)
    page.get_by_role("button", name="Record an update").click()
    page.get_by_label("How it came").select_option("By telephone")
    page.get_by_label("Name and job of who told us").fill("S Arikan, team manager")
    page.get_by_label("What they told us").fill("Seen at home, well. His aunt helps now.")
    page.get_by_role("button", name="Record the update").click()
    expect(page.get_by_text("it came after 2 chases")).to_be_visible()
    number = case.number
    page.goto(f"/cases/{number}/closure/")
    expect(page.get_by_role("heading", name="2 things stand in the way")).to_be_visible()
    page.get_by_role("link", name="An update from Social Services is not judged yet").click()
    page.get_by_label("No: circumstances have not changed").check()
    page.get_by_label("Why?", exact=True).fill("A safe arrangement")
    page.get_by_role("button", name="Record the judgement").click()
    expect(page.get_by_role("alert")).to_contain_text("not chased any more")

    # Asked for by one, agreed by another.
    page.get_by_role("link", name="Ask for closure").click()
    page.get_by_label("What came of it").fill("His aunt helps; nobody was hurt.")
    page.get_by_label("There was none").check()
    page.get_by_role("button", name="Ask for closure").click()
    expect(page.get_by_text("You asked to close this record, so somebody else must agree")).to_be_visible()
    other = as_somebody(new_context(), Role.SUPERVISOR, live_server)
    other.goto("/queues/?whose=mine")
    do(other, "Answer the request to close the record", urn)
    other.get_by_role("button", name="Agree and close").click()
    other.get_by_role("button", name="Agree and close").click()
    expect(other.locator(".govuk-error-summary")).to_contain_text("Confirm that no child is left at risk")
    other.get_by_label("I have read the record").check()
    other.get_by_role("button", name="Agree and close").click()
    expect(other.get_by_role("alert")).to_contain_text("is closed")
    later(28)
    swept()
    assert len(mail_server.received) == 3

    # Every step is in the chronology and in the audit; nobody from elsewhere knows of it.
    assert list(Entry.objects.filter(case=case).order_by("pk").values_list("title", flat=True)) == [
        f"Referral {urn}: Physical",
        "First CRAM sent for endorsement",
        "First CRAM endorsed",
        "Triage: no urgent action is needed",
        "Strategy discussion by telephone",
        "Decision: Social Services only",
        "Social Services asked for an update",
        "Social Services chased, chase 1",
        "Social Services chased, chase 2",
        "Update from Social Services, after 2 chases",
        "Update judged: circumstances have not changed",
        "Closure asked for",
        "Record closed",
    ]
    assert list(AuditEvent.objects.filter(case_id=case.pk).order_by("pk").values_list("event", flat=True)) == [
        "REFERRAL_LOGGED",
        "ASSESSMENT_STARTED",
        "ASSESSMENT_LEVEL_SET",
        "ASSESSMENT_SUBMITTED",
        "ASSESSMENT_ENDORSED",
        "REFERRAL_TRIAGED",
        "STRATEGY_RECORDED",
        "REFERRAL_DECIDED",
        "UPDATE_ASKED",
        "PARTNER_CHASED",
        "PARTNER_CHASED",
        "UPDATE_RECORDED",
        "UPDATE_JUDGED",
        "CLOSURE_ASKED",
        "CASE_CLOSED",
    ]
    outsider = as_somebody(context, Role.DESK_SERGEANT, live_server, "ENF")
    for name in ("workbench:case", "cases:closure", "referrals:social_services", "referrals:decide"):
        answer = outsider.goto(reverse(name, args=[number]))
        assert answer
        assert answer.status == 404
    assert not Duty.objects.filter(case=case, state="open").exists()


def test_of_two_who_decide_at_once_the_second_is_shown_both(
    context: BrowserContext, new_context: Any, live_server: LiveServer
) -> None:
    case = a_triaged_case()
    first = as_somebody(context, Role.DESK_SERGEANT, live_server)
    second = as_somebody(new_context(), Role.SUPERVISOR, live_server)
    for page in (first, second):
        page.goto(f"/referrals/{case.number}/decide/")
    first.get_by_label("Information only").check()
    first.get_by_label("Why?", exact=True).fill("The school is content")
    first.get_by_role("button", name="Record the decision").click()
    second.get_by_label("Police single agency").check()
    second.get_by_label("Why?", exact=True).fill("A belt was used")
    second.get_by_role("button", name="Record the decision").click()
    told = second.locator(".govuk-error-summary")
    expect(told).to_contain_text("recorded a decision on")
    expect(told).to_contain_text("Information only, because: “The school is content”")
    expect(second.get_by_label("Why?", exact=True)).to_have_value("A belt was used")
    expect(second.get_by_label("Police single agency")).to_be_checked()
    second.get_by_role("button", name="Record the decision").click()
    expect(second.get_by_role("alert")).to_contain_text("Decided: Police single agency")
    assert list(case.decisions.order_by("number").values_list("kind", flat=True)) == ["information", "police"]
    assert Case.objects.get(pk=case.pk).referral.decision == "police"
