"""A conference in a real browser: from the invitation in the mailbox to the register of plans."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from typing import Any

import pytest
from holidays import country_holidays
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from conferences.models import Copy, Item
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState
from pages.words import day
from team.enums import Role
from team.models import User
from tests.factories.assessing import assessed, submitted
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.researching import searched
from tests.factories.team import a_team, an_officer
from tests.functional.browse import MARKING, check_page, signed_in
from tests.papers import wrong_with

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

SECRET = "A neighbour who must not be named heard the screaming"


def a_page(context: BrowserContext, live_server: LiveServer, user: User) -> Page:
    signed_in(context, user, live_server.url)
    return context.new_page()


def read(pdf: bytes) -> list[str]:
    """The words of each sheet, as another program takes them out."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def working_days_before(on: date, number: int) -> date:
    """Counted here once more, with the bank holidays of another source."""
    free = country_holidays("GB", subdiv="ENG")
    while number:
        on -= timedelta(days=1)
        number -= on.weekday() < 5 and on not in free
    return on


def test_from_an_invitation_to_two_children_on_the_register(
    context: BrowserContext, new_context: Any, live_server: LiveServer, later: Any, complaints: list[str]
) -> None:
    team = a_team()
    desk, pclo = an_officer(Role.DESK_SERGEANT, team), an_officer(Role.PCLO, team)
    supervisor = an_officer(Role.SUPERVISOR, team)
    case = a_case(team, children=[a_child("Ellis", "Brannock"), a_child("Tia", "Brannock")], by=desk)
    assessed(case)
    on = (clock.moment() + timedelta(days=21)).astimezone(LONDON).replace(hour=14, minute=0)
    on += timedelta(days=2 * (on.weekday() > 4))
    message = a_message(
        team,
        subject=f"Review Child Protection Conference - Brannock family, your ref {case.urn}",
        text=f"Dear colleague,\n\nThe review conference is on {on:%A} {on.day} {on:%B} {on.year} at 2.00pm.\n",
    )
    here = f"/cases/{case.number}/conferences/"

    # The desk passes the email on.
    page = a_page(context, live_server, desk)
    page.goto("/referrals/mailbox/")
    page.locator("main").get_by_role("link", name="Review Child Protection Conference").first.click()
    page.get_by_role("button", name="Pass it to conferences").click()
    expect(page.get_by_role("alert")).to_contain_text("passed to conferences")

    # From the invitation to the booking: four clicks of the week's page.
    signed_in(context, pclo, live_server.url)
    page.goto("/conferences/")
    page.locator("main a[href*='/conferences/invitations/']").first.click()
    page.get_by_role("link", name="Deal with it").click()
    page.get_by_role("link", name="Book on this record").first.click()
    expect(page.get_by_label("Review conference")).to_be_checked()
    assert page.get_by_label("Date and time").input_value() == f"{day(on.date())}, 2pm"
    page.get_by_label("Where", exact=True).fill("Fernley Civic Centre, room 4")
    page.get_by_label("Chair").fill("Ms G Teasdale")
    page.get_by_label("Conference officer").select_option(str(pclo.pk))
    page.get_by_role("button", name="Book").click()
    expect(page.locator("main")).to_contain_text("Fernley Civic Centre, room 4")

    # The same email leads to what it might also be about.
    page.goto(f"/conferences/invitations/{message.pk}/")
    check_page(page, complaints)
    page.get_by_role("link", name="Move this conference").click()
    check_page(page, complaints)

    # Five steps of the preparation, each with its date.
    page.goto(here)
    steps = page.locator(".cait-steps").first.get_by_role("listitem")
    expect(steps).to_have_count(5)
    preparation = [
        ("Research", 7),
        ("CRAM before the conference", 6),
        ("Police report", 5),
        ("Endorsement of the report", 5),
        ("Briefing", 0),
    ]
    for number, (name, days) in enumerate(preparation):
        expect(steps.nth(number)).to_contain_text(name)
        expect(steps.nth(number)).to_contain_text(f"Missing. {day(working_days_before(on.date(), days))}")
    kinds = Duty.objects.filter(case=case, state=DutyState.OPEN, kind__startswith="conference_")
    assert kinds.count() == 6

    # The report is refused before its CRAM review.
    page.goto(f"{here}1/report/")
    page.get_by_role("button", name="Begin").first.click()
    expect(page.locator("main")).to_contain_text("CRAM")
    page.goto(f"{here}1/report/submit/")
    expect(page.locator("main")).to_contain_text("What still stops it")
    searched(case)
    submitted(case, by=desk)
    page.goto(here)
    expect(page.locator(".cait-steps").first.get_by_text("Done")).to_have_count(2)

    # Assembled, edited, one item withheld.
    page.goto(f"{here}1/report/assemble/")
    page.get_by_role("button", name="Take").click()
    expect(page.get_by_role("alert")).to_contain_text("taken from the record")
    drawn = Item.objects.filter(section="children", left_out=False).earliest("pk")
    page.locator(f"#item-{drawn.pk}").get_by_role("link", name="Change it").click()
    page.get_by_label("What the report says").fill("Ellis has lived with an aunt since Monday.")
    page.locator("input[name=words-reads][value=shared]").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(f"#item-{drawn.pk}")).to_contain_text("Ellis has lived with an aunt since Monday.")
    an_item(page, here, "chronology", SECRET, "withheld", "She is afraid of the family")
    an_item(page, here, "analysis", "The children are frightened of going home.", "shared")
    an_item(
        page, here, "chronology", "The father was seen at the school gate.", "chair_only", "The mother is not told"
    )
    other = a_page(new_context(), live_server, supervisor)
    other.goto(f"{here}1/attendance/")
    other.get_by_label("A report is sent instead").check()
    other.get_by_label("Why?").fill("Nothing new since the last conference")
    other.get_by_role("button", name="Decide").click()
    expect(other.locator("main")).to_contain_text("Nothing new since the last conference")

    # Endorsed by another person.
    page.goto(f"{here}1/report/recipients/add/")
    page.get_by_label("Parent or carer").check()
    page.get_by_label("Name and job").fill("Mrs D Brannock, mother")
    page.get_by_role("button", name="Add").click()
    page.goto(f"{here}1/report/submit/")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("endorsement")
    page.goto(f"{here}1/report/endorse/")
    expect(page.locator("main").get_by_role("button", name="Endorse", exact=True)).to_have_count(0)
    other.goto(f"{here}1/report/endorse/")
    other.get_by_role("button", name="Endorse", exact=True).click()
    expect(other.get_by_role("alert")).to_contain_text("endorsed")
    page.goto(f"{here}1/report/send/")
    for by_email in page.locator("input[name^=way][value=email]").all():
        by_email.check()
    page.get_by_role("button", name="Send it").click(timeout=60_000)  # three papers are drawn meanwhile
    copies = {(each.recipient.name, each.paper): bytes(each.pdf) for each in Copy.objects.all()}
    assert len(copies) == 3
    for (name, paper), pdf in copies.items():
        assert wrong_with(pdf) == []
        sheets = read(pdf)
        assert all(MARKING in sheet for sheet in sheets)
        assert SECRET not in " ".join(" ".join(sheets).split())
        assert SECRET.encode() not in pdf
        assert ("father was seen" in " ".join(sheets)) == (paper == "annex")
        assert name.split(",")[0] in sheets[0]
    report = " ".join(" ".join(read(copies["Ms G Teasdale", "report"])).split())
    assert "frightened of going home" in report
    assert "Ellis has lived with an aunt since Monday." in report
    assert drawn.text not in report
    # Nobody attends: the endorsed report asks for any concern to be brought to the supervisor.
    assert "concern" in report
    assert str(supervisor.family_name) in report

    # Not attended; the outcome is a plan for each of two children.
    later(24)
    signed_in(context, pclo, live_server.url)
    page.goto("/queues/?kind=conference_outcome")
    page.get_by_role("row").get_by_role("link", name="Record").last.click()
    page.get_by_role("button", name="Record who attended").click()
    page.get_by_label("A report was sent instead, as decided").check()
    page.get_by_role("button", name="Record").click()
    expect(page.locator("main")).to_contain_text("A report was sent instead, as decided")
    page.goto(f"{here}1/outcome/")
    page.get_by_label("Yes, the same for all 2 children").check()
    page.get_by_label("A child protection plan begins").first.check()
    page.get_by_label("Neglect").first.check()
    page.get_by_label("Police agreed").first.check()
    page.get_by_role("button", name="Record what was decided").click()
    expect(page.locator("main")).to_contain_text("A child protection plan begins")

    # The register shows them, and three months later the next conference must have been held.
    page.goto("/conferences/register/")
    expect(page.locator("main")).to_contain_text("Ellis Brannock")
    expect(page.locator("main")).to_contain_text("Tia Brannock")
    duty = Duty.objects.get(case=case, kind="next_conference", state=DutyState.OPEN)
    assert duty.reckoned.why.rule == "REVIEW-CONFERENCE-FIRST"
    page.goto(here)
    expect(page.locator("main")).to_contain_text(day(duty.due_on))
    assert findings_of(case) == []


def an_item(page: Page, here: str, section: str, text: str, reads: str, why: str = "") -> None:
    page.goto(f"{here}1/report/add/")
    page.get_by_label("Part of the report").select_option(section)
    page.get_by_label("What the report says").fill(text)
    page.get_by_label("Where it is known from").fill("CRIS")
    if section == "chronology":
        page.get_by_label("When it happened").fill("1/3/2020")
    page.locator(f"input[name=reads][value={reads}]").check()
    if why:
        page.get_by_label("Why not everybody").fill(why)
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(lambda address: not address.endswith("/add/"))
