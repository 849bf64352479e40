"""What somebody typed while their session had ended is offered back to them, and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from referrals.actions import triage_referral
from referrals.models import Referral
from team.actions import change_account
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case
from tests.factories.team import a_user, an_officer
from tests.functional.browse import PASSWORD, check_page, signed_in, with_password

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

WAITS = "You were signed out before what you typed was saved."


def administrator(page: Page, live_server: LiveServer, name: str = "Tull") -> User:
    user = with_password(an_officer(Role.ADMINISTRATOR, name=name))
    signed_in(page.context, user, live_server.url)
    return user


def signed_out(page: Page) -> None:
    """As after a tour of duty."""
    page.context.clear_cookies(name="sessionid")


def sign_in_again(page: Page, user: User) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to CAIT")
    page.get_by_label("User name").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def offer(page: Page) -> Locator:
    return page.locator("#typed-offer")


def kept(page: Page) -> Any:
    return page.evaluate("sessionStorage.getItem('cait-typed')")


def opened(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def sent_too_late(page: Page, account: User) -> None:
    """Two fields of an account changed; and when they are sent, the session has ended."""
    page.goto(f"/team/accounts/{account.pk}/change/")
    page.get_by_label("Given names").fill("Katherine")
    page.get_by_label("Email address").fill("kate@police.example")
    signed_out(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#typed-waits")).to_contain_text(WAITS)


def test_what_was_typed_is_put_back_after_signing_in_again_and_saved(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    user, account = administrator(page, live_server), a_user("kate.lindley", family_name="Lindley")
    sent_too_late(page, account)
    check_page(page, complaints)
    # A wrong password loses it no more than a right one.
    page.get_by_label("User name").fill(user.username)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#typed-waits")).to_be_visible()
    sign_in_again(page, user)

    expect(offer(page)).to_contain_text("You were signed out before this was saved.")
    expect(page.get_by_label("Given names")).to_have_value(account.given_names)
    check_page(page, complaints)
    offer(page).get_by_role("button", name="Put back what you typed").click()
    expect(offer(page)).to_be_focused()
    expect(offer(page)).to_contain_text("It is not saved yet")
    expect(page.get_by_label("Given names")).to_have_value("Katherine")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("DC Katherine Lindley")
    assert User.objects.get(pk=account.pk).email == "kate@police.example"
    assert kept(page) is None
    page.goto(f"/team/accounts/{account.pk}/change/")
    opened(page)
    assert offer(page).count() == 0


def test_it_waits_until_the_form_is_opened_and_can_be_thrown_away(page: Page, live_server: LiveServer) -> None:
    user, account = administrator(page, live_server), a_user("kate.lindley", family_name="Lindley")
    sent_too_late(page, account)
    page.goto("/sign-in/")
    sign_in_again(page, user)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today,")
    expect(offer(page)).to_contain_text("kate@police.example")
    offer(page).get_by_role("link", name="Open the form again").click()
    expect(offer(page).get_by_role("button", name="Put back what you typed")).to_be_visible()
    offer(page).get_by_role("button", name="Throw it away").click()
    assert offer(page).count() == 0
    page.reload()
    opened(page)
    assert (offer(page).count(), kept(page)) == (0, None)
    expect(page.get_by_label("Given names")).to_have_value(account.given_names)


def test_nobody_else_who_signs_in_at_the_same_desk_is_shown_it(page: Page, live_server: LiveServer) -> None:
    user, account = administrator(page, live_server), a_user("kate.lindley", family_name="Lindley")
    other = with_password(an_officer(Role.ADMINISTRATOR, name="Pask"))
    sent_too_late(page, account)
    assert "Katherine" in kept(page)
    sign_in_again(page, other)
    opened(page)
    expect(page.get_by_label("Given names")).to_have_value(account.given_names)
    assert (offer(page).count(), kept(page)) == (0, None)
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#typed-waits")).to_be_hidden()
    sign_in_again(page, user)
    page.goto(f"/team/accounts/{account.pk}/change/")
    opened(page)
    assert offer(page).count() == 0


def test_what_was_saved_or_refused_is_not_kept_nor_is_anything_after_signing_out(
    page: Page, live_server: LiveServer
) -> None:
    user, account = administrator(page, live_server), a_user("kate.lindley", family_name="Lindley")
    page.goto(f"/team/accounts/{account.pk}/change/")
    page.get_by_label("Family name").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert kept(page) is None
    sent_too_late(page, account)
    sign_in_again(page, user)
    expect(offer(page)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to CAIT")
    assert kept(page) is None
    expect(page.locator("#typed-waits")).to_be_hidden()


def test_where_a_colleague_was_faster_what_is_put_back_does_not_overwrite_theirs(
    page: Page, live_server: LiveServer
) -> None:
    user, account = administrator(page, live_server), a_user("kate.lindley", family_name="Lindley")
    sent_too_late(page, account)
    theirs: dict[str, Any] = {"rank": account.rank, "given_names": account.given_names, "email": account.email}
    pask = an_officer(Role.ADMINISTRATOR, name="Pask")
    change_account(account, **theirs, family_name="Lindley-Moore", by=pask)
    sign_in_again(page, user)
    offer(page).get_by_role("button", name="Put back what you typed").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="Lindley-Moore")).to_contain_text(str(pask))
    assert User.objects.get(pk=account.pk).family_name == "Lindley-Moore"


def triaged_too_late(page: Page, live_server: LiveServer) -> tuple[User, Referral]:
    """A triage that is sent when the session has ended."""
    sergeant, referral = with_password(an_officer(Role.DESK_SERGEANT)), a_case().referral
    signed_in(page.context, sergeant, live_server.url)
    page.goto(f"/referrals/{referral.case.number}/triage/")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("Why?").fill("A red mark,\nand he is afraid to go home.")
    signed_out(page)
    page.get_by_role("button", name="Record the triage").click()
    return sergeant, referral


def test_what_was_chosen_is_put_back_with_what_was_typed(page: Page, live_server: LiveServer) -> None:
    sergeant, _ = triaged_too_late(page, live_server)
    sign_in_again(page, sergeant)
    expect(page.get_by_label("Yes", exact=True)).not_to_be_checked()
    offer(page).get_by_role("button", name="Put back what you typed").click()
    expect(page.get_by_label("Yes", exact=True)).to_be_checked()
    expect(page.get_by_label("Why?")).to_have_value("A red mark,\nand he is afraid to go home.")
    assert kept(page) is None


def test_where_the_form_is_there_no_more_the_words_can_be_copied(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    sergeant, referral = triaged_too_late(page, live_server)
    colleague = an_officer(Role.DESK_SERGEANT)
    triage_referral(referral, urgent=True, what_next="Ring them", reason="A red mark", by=colleague)
    sign_in_again(page, sergeant)
    expect(offer(page)).to_contain_text("afraid to go home")
    assert offer(page).get_by_role("button", name="Put back what you typed").count() == 0
    check_page(page, complaints)


def test_a_password_is_never_kept(page: Page, live_server: LiveServer) -> None:
    administrator(page, live_server)
    page.goto("/password/")
    for field in page.locator("main input[type=password]").all():
        field.fill(PASSWORD)
    signed_out(page)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to CAIT")
    assert kept(page) is None
    expect(page.locator("#typed-waits")).to_be_hidden()
