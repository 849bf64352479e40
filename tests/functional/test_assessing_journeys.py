"""The risk on a record in a real browser: from the first CRAM over its review to a new control measure, endorsed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from cases.models import Case
from cram.models import Answer, Assessment, Gap
from deadlines import clock
from deadlines.calendar import ONE_DAY
from people.said import PersonSaid
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.functional.browse import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def a_page(context: BrowserContext, live_server: LiveServer, user: User) -> Page:
    signed_in(context, user, live_server.url)
    return context.new_page()


def a_family(desk: User) -> Case:
    adults = [PersonSaid(given_names="Kieran", family_name="Stroud", may_have_harmed=True)]
    children = [a_child("Ellis", "Brannock", address="14 Marl Road, N17"), a_child("Tia", "Brannock")]
    return a_case(a_team(), children=children, adults=adults, by=desk)


def of_tia(page: Page) -> Locator:
    """Her questions, on the page with all of them."""
    return page.locator("section").filter(has=page.get_by_role("heading", name="Victim: Tia Brannock"))


def say(page: Page | Locator, factor: str, answer: str, evidence: str) -> None:
    """Answer one factor on the page of a section."""
    of = page.locator("fieldset.cait-factor").filter(has_text=factor).first
    of.get_by_label(answer, exact=True).check()
    of.get_by_label("Evidence").fill(evidence)


def test_from_the_first_cram_over_its_review_to_an_endorsed_measure(
    context: BrowserContext, new_context: Any, live_server: LiveServer, later: Any
) -> None:
    team = a_team()
    desk, supervisor = an_officer(Role.DESK_SERGEANT, team), an_officer(Role.SUPERVISOR, team)
    case = a_family(desk)
    here, page = f"/cases/{case.number}/cram/", a_page(context, live_server, desk)

    # The first CRAM, from the queue; three answers are not known, and each is a gap in the queue.
    page.goto("/queues/?kind=first_cram")
    page.get_by_role("link", name="Assess").first.click()
    page.get_by_role("button", name="Begin the first CRAM").click()
    for factor in ("Repeated injuries", "Goes missing"):
        say(of_tia(page), factor, "Not known", "Asked; nobody could say.")
    say(page, "Violent or sexual offending", "Not known", "The check is not back.")
    say(page, "Domestic abuse", "Yes", "Two calls last year.")
    page.get_by_role("button", name="Save and leave").click()
    expect(page.get_by_role("alert")).to_contain_text("What you answered is saved")
    page.goto("/queues/?kind=gap")
    expect(page.get_by_role("row").filter(has_text="Find out what is not known")).to_have_count(3)

    # A risk with its control measure; the level is challenged, and answered in writing.
    page.goto(f"{here}risks/identify/")
    page.get_by_label("What is the risk?").fill("Kieran Stroud hurting the children")
    page.get_by_role("button", name="Record the risk").click()
    a_measure(page, "Bail: no contact", desk)
    page.goto(f"{here}level/")
    page.get_by_label("Standard", exact=True).check()
    page.get_by_label("Why this level").fill("He is on bail, away from the children.")
    page.get_by_role("button", name="Save the level").click()
    expect(page.get_by_role("heading", name="The level does not fit the answers")).to_be_visible()
    expect(page.locator(".cait-box--act")).to_contain_text("3 intelligence gaps are open")
    page.get_by_label("Why the level is right all the same").fill("The gaps are answered this week.")
    page.get_by_role("button", name="Save the level").click()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("alert")).to_contain_text("The CRAM is sent for endorsement")
    other = a_page(new_context(), live_server, supervisor)
    other.goto(f"{here}endorse/")
    other.get_by_role("button", name="Endorse", exact=True).click()
    expect(other.get_by_role("alert")).to_contain_text("The CRAM is endorsed")

    # 42 days later its review stands in the queue; what has changed is shown beside last time.
    later(42)
    signed_in(context, desk, live_server.url)
    page.goto("/queues/?kind=cram_review")
    expect(page.get_by_role("row").filter(has_text="CRAM review")).to_contain_text("due today")
    page.goto(here)
    page.get_by_role("button", name="Begin a review").click()
    page.get_by_role("link", name="Suspect: Kieran Stroud").click()
    say(page, "Domestic abuse", "Yes", "Two calls last year.")
    say(page, "Violent or sexual offending", "Yes", "Assault, 2006.")
    page.get_by_role("button", name="Save and go on").click()
    page.goto(f"{here}answer/all/")
    expect(page.locator("fieldset").filter(has_text="Violent or sexual offending").first).to_contain_text(
        "Changed: was Not known"
    )
    for factor in ("Repeated injuries", "Goes missing"):
        say(of_tia(page), factor, "No", "The hospitals were asked.")
    page.get_by_role("button", name="Save and leave").click()

    # The control measure is found not to work: the risk is unmanaged, and closure is refused, naming it.
    page.goto(f"{here}risks/")
    page.get_by_role("row").filter(has_text="Bail: no contact").locator(".cait-table__do a").first.click()
    page.get_by_label("It does not work").check()
    page.get_by_label("What did you find, and how do you know?").fill("He was seen at the home twice.")
    page.get_by_label("To be checked again by").fill(f"{clock.today() + 7 * ONE_DAY:%d/%m/%Y}")
    page.get_by_role("button", name="Record the check").click()
    expect(page.locator(".cait-due--late", has_text="Unmanaged").first).to_be_visible()
    page.goto(f"/cases/{case.number}/closure/")
    expect(page.locator("main")).to_contain_text("A risk is unmanaged: Kieran Stroud hurting the children")

    # A new control measure, and the review is endorsed by another sergeant.
    a_measure(page, "He is remanded in custody", desk)
    page.goto(f"{here}new-information/")
    page.get_by_label("What is new").fill("He was seen at the home twice.")
    page.get_by_label("Why nobody was told").fill("The social worker saw him herself.")
    page.get_by_role("button", name="Add it").click()
    page.goto(f"{here}level/")
    page.get_by_label("High", exact=True).check()
    page.get_by_label("Why this level").fill("He broke his bail.")
    page.get_by_role("button", name="Save the level").click()
    expect(page.locator("main")).to_contain_text("Research was not repeated.")
    page.get_by_label("Why it is sent all the same").fill("The searches are asked for; he is in custody.")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("alert")).to_contain_text("The next review is due by")
    signed_in(other.context, supervisor, live_server.url)
    other.goto(f"{here}endorse/")
    expect(other.locator("main")).to_contain_text("Changed: was Not known")
    other.get_by_role("button", name="Endorse", exact=True).click()
    expect(other.get_by_role("alert")).to_contain_text("The CRAM is endorsed")
    last = Assessment.objects.filter(case=case).latest("number")
    assert (last.endorsed_by, last.measures_checked, last.sharing_answered) == (supervisor, True, True)
    assert not Gap.objects.filter(case=case, state="open").exists()


def a_measure(page: Page, what: str, owner: User) -> None:
    """Set a control measure that works for the one risk of the record."""
    if not page.url.endswith("/risks/"):
        page.goto(page.url.split("/cram/")[0].split("/closure/")[0] + "/cram/risks/")
    page.get_by_role("button", name="Set a control measure").first.click()
    page.get_by_label("Keeps the child away from the risk").check()
    page.get_by_label("What is the control measure?").fill(what)
    page.get_by_label("It works", exact=True).check()
    page.get_by_label("How you know").fill("Seen by the officer.")
    page.get_by_label("Which officer checks that it works").select_option(str(owner.pk))
    page.get_by_role("button", name="Set the control measure").click()
    expect(page.locator("main")).to_contain_text(what)


def test_two_browsers_on_one_assessment_neither_loses_a_word(
    context: BrowserContext, new_context: Any, live_server: LiveServer
) -> None:
    """What each types is saved by itself. Of the same question the second sees the first's answer, keeps what they
    typed, and puts it in its place only by pressing the button; both stand in the history."""
    team = a_team()
    one, two = an_officer(Role.DESK_SERGEANT, team), an_officer(Role.INVESTIGATOR, team)
    case = a_family(one)
    first, second = a_page(context, live_server, one), a_page(new_context(), live_server, two)
    first.goto(f"/cases/{case.number}/cram/")
    first.get_by_role("button", name="Begin the first CRAM").click()
    suspect = f"/cases/{case.number}/cram/answer/suspect-{case.people.get(given_names='Kieran').pk}/"
    first.goto(suspect)
    second.goto(suspect)
    say(first, "Domestic abuse", "Yes", "Of the first.")
    expect(first.locator("#saved-by-itself")).to_contain_text("Saved at")
    say(second, "Domestic abuse", "No", "Of the second.")
    say(second, "Breach of bail", "No", "Also of the second.")
    expect(second.locator("fieldset").filter(has_text="Domestic abuse").first).to_contain_text(
        "answered meanwhile: Yes"
    )
    say(first, "Connected to other children", "Yes", "Also of the first.")
    first.get_by_role("button", name="Save and leave").click()
    expect(first.get_by_role("alert")).to_contain_text("What you answered is saved")
    notes = set(Answer.objects.values_list("note", flat=True))
    assert notes == {"Of the first.", "Also of the second.", "Also of the first."}
    second.get_by_role("button", name="Save and go on").click()
    expect(second.locator("fieldset").filter(has_text="Domestic abuse").first).to_contain_text(
        "save again to put yours"
    )
    expect(second.get_by_label("Evidence").filter(has_text="Of the second.").first).to_be_visible()
    second.get_by_role("button", name="Save and go on").click()
    answer = Answer.objects.filter(factor__code="domestic_abuse").get()
    assert answer.note == "Of the second."
    assert {line.note for line in answer.history.all()} >= {"Of the first.", "Of the second."}
    # Whoever leaves the page while it saves, and has typed on, loses neither: the browser sends both on its way out.
    second.goto(suspect)
    second.evaluate(NEVER_ARRIVES)
    say(second, "Domestic abuse", "Yes", "On its way.")
    expect(second.locator("html[data-saving]")).to_be_attached()
    say(second, "Breach of bail", "Yes", "Typed since.")
    second.goto(f"/cases/{case.number}/cram/")
    for _ in range(50):
        notes = set(Answer.objects.values_list("note", flat=True))
        if {"On its way.", "Typed since."} <= notes:
            break
        second.wait_for_timeout(100)
    assert {"On its way.", "Typed since."} <= notes


# What the page saves by itself is sent and never arrives; what it sends on its way out does.
NEVER_ARRIVES = """
() => {
  const fetched = window.fetch
  window.fetch = (address, how) => {
    if (how?.keepalive) return fetched(address, how)
    document.documentElement.dataset.saving = true
    return new Promise(() => {})
  }
}
"""
