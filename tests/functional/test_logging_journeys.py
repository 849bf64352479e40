"""A referral from the first word to the URN, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from cases.models import CasePerson
from people.models import Person
from referrals.actions import take_over_draft
from referrals.models import Draft, Referral
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case, a_child
from tests.factories.team import an_officer
from tests.functional.browse import PASSWORD, press, sign_in, signed_in, tab_to, type_in, with_password
from tests.integration.cait.processes import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

# The script waits a moment after the last key, and longer when it could not be kept.
SOON = 20_000
# Its moments pass ten times as fast.
HURRY = "window.setTimeout = ((wait) => (then, time) => wait(then, time / 10))(window.setTimeout)"


@pytest.fixture
def hurried(page: Page) -> None:
    page.add_init_script(HURRY)


def at_the_desk(page: Page, live_server: LiveServer) -> User:
    """Who is signed in, with an empty form before them."""
    user = with_password(an_officer(Role.DESK_SERGEANT))
    signed_in(page.context, user, live_server.url)
    page.goto("/referrals/log/")
    return user


def child(page: Page, number: int = 1) -> Locator:
    return page.get_by_role("group", name=f"Child {number}")


def status(page: Page) -> Locator:
    return page.locator("#draft-status")


def tick(it: Locator) -> None:
    """Go there with Tab and press the space bar."""
    tab_to(it)
    it.page.keyboard.press("Space")


def fill(page: Page) -> None:
    """All that must be said, but for the child."""
    page.get_by_label("How it reached us").select_option(label="Email")
    page.get_by_label("Where it comes from").select_option(label="School or nursery")
    page.get_by_label("In the caller’s own words").fill("A red mark across the left cheek.")
    page.get_by_label("Physical").check()
    page.get_by_label("No. Triage within 1 working day").check()


def name_child(page: Page, given: str, family: str, number: int = 1) -> None:
    child(page, number).get_by_label("First names").fill(given)
    child(page, number).get_by_label("Family name").fill(family)


def test_a_sergeant_logs_a_referral_with_the_keyboard_alone(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    at_the_desk(page, live_server)
    type_in(page.get_by_label("How it reached us"), "Tele")
    type_in(page.get_by_label("Where it comes from"), "Health")
    type_in(page.get_by_label("Name of the caller"), "Gwen Teasdale")
    tick(page.get_by_label("I rang back on a number I looked up myself"))
    type_in(child(page).get_by_label("First names"), "Rhys")
    type_in(child(page).get_by_label("Family name"), "Calloway")
    type_in(child(page).get_by_label("Born, age, or expected date"), "6/6/2020")
    type_in(page.get_by_label("In the caller’s own words"), "A red mark.")
    tick(page.get_by_label("Physical"))
    tick(page.get_by_label("Yes. Triage within 1 hour of receipt"))
    press(page.get_by_role("button", name="Log it and get the URN"))

    expect(page.get_by_role("heading", level=1)).to_have_text("The referral is logged")
    logged = Referral.objects.get()
    expect(page.locator(".cait-read-out")).to_have_text(logged.urn)
    assert (logged.method, logged.source, logged.urgent, logged.rang_back) == ("telephone", "health", True, True)
    assert (logged.referrer_name, logged.circumstances) == ("Gwen Teasdale", "A red mark.")
    assert str(Person.objects.get()) == "Rhys Calloway"
    assert Draft.objects.count() == 0
    assert complaints == []


@pytest.mark.usefixtures("hurried")
def test_typing_shows_who_is_known_already_and_keeps_the_draft(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    earlier = a_case(children=[a_child("Rhys", "Calloway")])
    at_the_desk(page, live_server)
    name_child(page, "Rhys", "Callaway")

    expect(page.get_by_text("Is Rhys Callaway one of these?")).to_be_visible(timeout=SOON)
    expect(page.locator("#known")).to_contain_text("1 earlier referral")
    expect(page.locator("#known").get_by_role("link", name=earlier.urn)).to_be_visible()
    expect(status(page)).to_contain_text("Draft saved today at")
    assert re.search(r"/referrals/drafts/[0-9a-f-]{36}/$", page.url)
    assert Draft.objects.get().typed["children-0-family_name"] == ["Callaway"]
    assert complaints == []


@pytest.mark.usefixtures("hurried")
def test_who_it_is_is_answered_beside_the_form_and_logged(page: Page, live_server: LiveServer) -> None:
    a_case(children=[a_child("Rhys", "Calloway")])
    at_the_desk(page, live_server)
    fill(page)
    name_child(page, "Rhys", "Callaway")
    page.get_by_label("Rhys Calloway: possibly the same").check(timeout=SOON)
    page.get_by_role("button", name="Log it and get the URN").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("The referral is logged")
    assert CasePerson.objects.filter(person=Person.objects.get()).count() == 2


@pytest.mark.usefixtures("hurried")
def test_after_a_reload_one_goes_on_where_one_was(page: Page, live_server: LiveServer) -> None:
    at_the_desk(page, live_server)
    fill(page)
    name_child(page, "Rhys", "Calloway")
    expect(status(page)).to_contain_text("Draft saved", timeout=SOON)
    page.wait_for_url("**/referrals/drafts/*/")
    page.reload()

    expect(child(page).get_by_label("First names")).to_have_value("Rhys")
    expect(page.get_by_label("In the caller’s own words")).to_have_value("A red mark across the left cheek.")
    expect(page.get_by_label("Physical")).to_be_checked()
    with page.expect_response("**/save/"):
        page.get_by_label("What will be lost if we wait?").fill("The bedding")
    page.get_by_role("button", name="Log it and get the URN").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The referral is logged")
    assert Referral.objects.get().will_be_lost == "The bedding"


def test_whoever_leaves_the_page_within_the_second_loses_nothing(page: Page, live_server: LiveServer) -> None:
    at_the_desk(page, live_server)
    page.get_by_label("In the caller’s own words").fill("A red mark.")
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today")
    eventually(Draft.objects.exists)  # the browser sends it beside the next page
    assert Draft.objects.get().typed["circumstances"] == ["A red mark."]


@pytest.mark.usefixtures("hurried")
def test_a_session_that_ends_while_one_types_loses_nothing(
    page: Page, live_server: LiveServer, new_context: Any
) -> None:
    user = at_the_desk(page, live_server)
    name_child(page, "Rhys", "Calloway")
    expect(status(page)).to_contain_text("Draft saved", timeout=SOON)
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("In the caller’s own words").fill("Typed after the session ended.")

    expect(page.locator("#draft-alarm")).to_contain_text("Not kept: you are signed out.", timeout=SOON)
    assert "circumstances" not in Draft.objects.get().typed or Draft.objects.get().typed["circumstances"] == [""]
    second = page.context.new_page()
    sign_in(second, user.username, PASSWORD)
    expect(second.get_by_role("heading", level=1)).to_contain_text("Today,")
    page.bring_to_front()

    expect(status(page)).to_contain_text("Draft saved", timeout=SOON)
    expect(page.get_by_label("In the caller’s own words")).to_have_value("Typed after the session ended.")
    assert Draft.objects.get().typed["circumstances"] == ["Typed after the session ended."]
    page.reload()
    expect(page.get_by_label("In the caller’s own words")).to_have_value("Typed after the session ended.")


@pytest.mark.usefixtures("hurried")
def test_a_session_that_ended_before_anything_was_kept_loses_nothing(page: Page, live_server: LiveServer) -> None:
    user = at_the_desk(page, live_server)
    page.context.clear_cookies(name="sessionid")
    name_child(page, "Rhys", "Calloway")
    expect(page.locator("#draft-alarm")).to_contain_text("Not kept: you are signed out.", timeout=SOON)
    second = page.context.new_page()
    sign_in(second, user.username, PASSWORD)
    expect(second.get_by_role("heading", level=1)).to_contain_text("Today,")
    page.bring_to_front()

    expect(status(page)).to_contain_text("Draft saved", timeout=SOON)
    assert Draft.objects.get().typed["children-0-given_names"] == ["Rhys"]


@pytest.mark.usefixtures("hurried")
def test_whoever_types_on_after_a_colleague_took_over_reads_who_has_it(page: Page, live_server: LiveServer) -> None:
    at_the_desk(page, live_server)
    name_child(page, "Rhys", "Calloway")
    expect(status(page)).to_contain_text("Draft saved", timeout=SOON)
    colleague = an_officer(Role.SUPERVISOR, name="Tull")
    take_over_draft(Draft.objects.get(), by=colleague)
    page.get_by_label("In the caller’s own words").fill("Typed too late.")

    expect(page.locator("#draft-alarm")).to_contain_text(
        f"{colleague} has gone on with this referral since", timeout=SOON
    )
    expect(page.get_by_label("In the caller’s own words")).to_have_value("Typed too late.")


def test_a_referral_is_logged_without_script(new_context: Any, live_server: LiveServer) -> None:
    a_case(children=[a_child("Rhys", "Calloway")])
    page: Page = new_context(java_script_enabled=False).new_page()
    at_the_desk(page, live_server)
    fill(page)
    name_child(page, "Rhys", "Callaway")
    page.get_by_role("button", name="Add another child").click()
    expect(child(page).get_by_label("First names")).to_have_value("Rhys")
    expect(page.get_by_label("Physical")).to_be_checked()
    name_child(page, "Zoltan", "Vane", number=2)

    page.get_by_role("button", name="Check now").click()
    expect(status(page)).to_contain_text("Draft saved today at")
    expect(page.get_by_text("Is Rhys Callaway one of these?")).to_be_visible()
    page.get_by_role("button", name="Log it and get the URN").click()
    expect(page.locator("#known")).to_contain_text("Say whether Rhys Callaway is somebody who is known already")
    page.get_by_label("Rhys Callaway is none of these").check()
    page.get_by_role("button", name="Log it and get the URN").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("The referral is logged")
    logged = Referral.objects.latest("id")
    expect(page.locator(".cait-read-out")).to_have_text(logged.urn)
    assert [str(part.person) for part in logged.case.parts.all()] == ["Rhys Callaway", "Zoltan Vane"]
