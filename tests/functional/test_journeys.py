"""What people do from beginning to end."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from deadlines import clock
from pages.words import day
from team.enums import Role
from team.models import User
from tests.factories.team import a_team, a_user, an_officer
from tests.functional.browse import MARKING, PASSWORD, press, sign_in, signed_in, type_in, with_password

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def test_an_administrator_adds_an_officer_with_the_keyboard_alone(page: Page) -> None:
    a_team("HGY", "Haringey CAIT")
    administrator = with_password(an_officer(Role.ADMINISTRATOR))

    page.goto("/")
    type_in(page.get_by_label("User name"), administrator.username)
    type_in(page.get_by_label("Password"), PASSWORD)
    page.keyboard.press("Enter")
    press(page.get_by_role("link", name="Accounts"))
    press(page.get_by_role("button", name="Add an account"))
    type_in(page.get_by_label("Rank"), "Detective Constable")
    type_in(page.get_by_label("Given names"), "Kate")
    type_in(page.get_by_label("Family name"), "Lindley")
    type_in(page.get_by_label("User name"), "kate.lindley")
    press(page.get_by_role("button", name="Add the account"))

    expect(page.get_by_role("heading", level=1)).to_have_text("The account of DC Kate Lindley is added")
    first = page.locator("dd.cait-read-out").inner_text()
    press(page.get_by_role("button", name="Give them a role"))
    type_in(page.get_by_label("Role"), "Detective Constable")
    type_in(page.get_by_label("Team", exact=True), "Haringey")
    press(page.get_by_role("button", name="Give the role"))
    expect(page.get_by_role("alert")).to_contain_text(
        "DC Kate Lindley has the role Detective Constable, Haringey CAIT"
    )
    press(page.get_by_role("button", name="Sign out"))

    type_in(page.get_by_label("User name"), "Kate.Lindley")
    type_in(page.get_by_label("Password"), first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a password of your own")
    choose_password(page, first, "password1234")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    group = page.locator(".govuk-form-group", has=page.get_by_label("New password", exact=True))
    expect(group).to_contain_text("This password is too common")
    choose_password(page, first, PASSWORD)

    expect(page.get_by_role("heading", level=1)).to_contain_text("Today,")
    expect(page.get_by_role("banner")).to_contain_text("DC Kate Lindley, investigator")
    expect(page.get_by_role("row", name="DC Kate Lindley Detective Constable")).to_be_visible()


def choose_password(page: Page, old: str, new: str) -> None:
    type_in(page.get_by_label("The password you were given"), old)
    type_in(page.get_by_label("New password", exact=True), new)
    type_in(page.get_by_label("New password again"), new)
    page.keyboard.press("Enter")


def test_everything_works_without_script(new_context: Any) -> None:
    officer = with_password(an_officer(Role.SUPERVISOR))
    page: Page = new_context(java_script_enabled=False).new_page()

    sign_in(page, officer.username, "not the password")
    expect(page.get_by_role("alert")).to_contain_text("The user name or the password is not right. Check both")
    expect(page.get_by_label("User name")).to_have_value(officer.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today,")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Time limits").click()
    page.locator("a[href$='/SS-UPDATE/']").click()
    page.get_by_label("Date it starts from").fill("11/12/2009")
    page.get_by_role("button", name="Work it out").click()
    worked_out = page.get_by_role("status")
    expect(worked_out).to_contain_text("Friday 25 December 2009")
    expect(worked_out).to_contain_text("Do by Thursday 24 December 2009")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to CAIT")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to CAIT")


def test_an_auditor_follows_who_did_what_and_who_looked(page: Page) -> None:
    auditor, officer = with_password(an_officer(Role.AUDITOR)), with_password(a_user(family_name="Kestrel"))
    sign_in(page, officer.username, PASSWORD)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, auditor.username, PASSWORD)

    page.get_by_role("link", name="Who did what").click()
    expect(page.get_by_role("row").filter(has_text=str(auditor))).not_to_have_count(0)
    page.get_by_label("Who").select_option(label=str(officer))
    page.get_by_label("From").fill(day(clock.today()))
    page.get_by_label("To").fill(day(clock.today()))
    page.get_by_role("button", name="Show").click()
    rows = page.get_by_role("table").locator("tbody tr:has(td)")
    expect(rows).to_have_count(2)
    expect(rows).to_contain_text(["Signed out", "Signed in"])
    for row in rows.all():
        expect(row).to_contain_text("DC Alex Kestrel")
    assert f"person={officer.username}" in page.url
    page.reload()
    expect(rows).to_have_count(2)

    page.get_by_role("link", name="Who looked at what").click()
    hers = page.get_by_role("table").locator("tbody tr:has(td)").filter(has_text=str(auditor))
    expect(hers.filter(has_text="Who did what")).not_to_have_count(0)
    expect(hers.first).to_contain_text("Opened the page")
    expect(hers.first).to_contain_text("Who looked at what")


def test_two_administrators_change_one_account_at_once(new_context: Any, live_server: LiveServer) -> None:
    account = a_user("kate.lindley", family_name="Lindley")
    pages = []
    for name in ("Tull", "Pask"):
        context = new_context()
        signed_in(context, an_officer(Role.ADMINISTRATOR, name=name), live_server.url)
        pages.append(context.new_page())
        pages[-1].goto(f"/team/accounts/{account.pk}/change/")
    first, second = pages

    first.get_by_label("Family name").fill("Lindley-Moore")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_role("alert")).to_contain_text("DC Alex Lindley-Moore is changed")

    second.get_by_label("Given names").fill("Katherine")
    second.get_by_label("Email address").fill("kate@police.example")
    second.get_by_role("button", name="Save").click()
    told = second.get_by_role("alert")
    expect(told).to_contain_text("DC Alex Tull")
    expect(told).to_contain_text("Lindley-Moore")
    expect(second.get_by_label("Given names")).to_have_value("Katherine")
    expect(second.get_by_label("Email address")).to_have_value("kate@police.example")
    second.get_by_label("Family name").fill("Lindley-Moore")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("DC Katherine Lindley-Moore")
    assert User.objects.get(pk=account.pk).email == "kate@police.example"


def test_a_form_with_a_mistake_says_so_first(page: Page, live_server: LiveServer) -> None:
    signed_in(page.context, an_officer(Role.ADMINISTRATOR), live_server.url)
    page.goto("/team/accounts/add/")
    page.get_by_label("Given names").fill("Kate")
    page.get_by_role("button", name="Add the account").click()

    expect(page).to_have_title(re.compile(r"^Error: "))
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    wrong = page.get_by_label("Family name")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_accessible_description(re.compile("Enter the family name"))
    press(page.get_by_role("alert").get_by_role("link", name="Enter the family name"))
    expect(wrong).to_be_focused()
    expect(page.get_by_label("Given names")).to_have_value("Kate")


def test_the_skip_link_leads_past_the_navigation(page: Page, live_server: LiveServer) -> None:
    signed_in(page.context, an_officer(Role.ADMINISTRATOR), live_server.url)
    page.goto("/team/accounts/")
    press(page.get_by_role("link", name="Skip to main content"))
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Add an account")).to_be_focused()


# The words at the edge of each printed page: those of "@page", but on the first, which the page's own banner marks.
EDGES = """
() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
  .flatMap((rule) => rule instanceof CSSMediaRule && rule.conditionText === 'print' ? [...rule.cssRules] : [])
  .filter((rule) => rule instanceof CSSPageRule).map((rule) => rule.cssText)
"""


def test_a_printed_list_is_marked_on_every_page_and_has_no_controls(
    page: Page, live_server: LiveServer, tmp_path: Path
) -> None:
    team = a_team()
    for _ in range(60):
        an_officer(Role.INVESTIGATOR, team)
    signed_in(page.context, an_officer(Role.SUPERVISOR, team), live_server.url)
    page.goto("/team/")
    page.emulate_media(media="print")

    expect(page.get_by_text(MARKING, exact=True).first).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.get_by_role("row", name="Name Role")).to_be_visible()
    expect(page.get_by_role("table").locator("tbody tr")).to_have_count(61)
    every, first = page.evaluate(EDGES)
    assert every.count(f'content: "{MARKING}"') == 2
    assert first.startswith("@page :first")
    assert "@top-center { content: none" in first

    printed = tmp_path / "list.pdf"
    page.pdf(path=printed, format="A4")
    if reader := shutil.which("pdftotext"):  # without it, the rules above must do
        done = subprocess.run([reader, printed, "-"], capture_output=True, text=True, check=True)
        sheets = done.stdout.split("\f")[:-1]
        assert len(sheets) > 1
        assert [sheet.count(MARKING) for sheet in sheets] == [2] * len(sheets)
