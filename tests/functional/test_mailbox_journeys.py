"""From the mailbox to a URN, and every other end of an email, in a real browser."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from deadlines import clock
from deadlines.calendar import ONE_DAY
from diary.models import Heartbeat, Waker
from intake.actions import put_back_message, set_aside_message
from intake.enums import State, UseKind
from intake.models import Message, Use
from referrals.actions import save_draft
from referrals.enums import Method
from referrals.models import Draft, Referral
from team.enums import Role
from team.models import User
from tests.factories.deciding import a_closed_case
from tests.factories.mail import a_message, an_email
from tests.factories.referrals import a_case, a_child, a_referral
from tests.factories.team import a_team, an_officer
from tests.functional.browse import PASSWORD, TOO_WIDE, check_page, press, signed_in, type_in, with_password

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

SOON = 20_000
LONG_WORD = "Wolfeschlegelsteinhausenbergerdorff" * 4


@pytest.fixture(autouse=True)
def swept(database: None) -> None:
    Heartbeat.objects.create(waker=Waker.BEAT)


def at_the_desk(page: Page, live_server: LiveServer, role: Role = Role.DESK_SERGEANT, name: str = "") -> User:
    user = an_officer(role, name=name)
    signed_in(page.context, user, live_server.url)
    return user


def of_a_child(subject: str = "URGENT referral: Calloway, Rhys", **said: Any) -> Message:
    born = f"06/06/{clock.today().year - 6}"
    text = (
        f"Dear colleague,\n\nRhys CALLOWAY, DOB {born}, of 22 Tidewell House,\nLondon N17 0ZZ.\n\n"
        "He came in late with a red mark across the left cheek.\n"
    )
    return a_message(subject=subject, text=text, **said)


def a_long_message(subject: str = "") -> Message:
    """An email as nobody who draws pages expects: of words that cannot be broken, with an attachment, cut off."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{LONG_WORD} <{LONG_WORD[:60]}@{LONG_WORD[:60]}.example>"
    mail["To"] = f"{LONG_WORD[:60]}@police.example"
    mail["Subject"] = subject or f"URGENT {LONG_WORD} {LONG_WORD}"
    mail["Date"] = "Mon, 04 Jan 2010 10:00:00 +0000"
    mail["X-Long"] = LONG_WORD * 3
    mail.set_content(f"{LONG_WORD}\n\n{LONG_WORD * 4}\n")
    mail.add_attachment(b"PDF", maintype="application", subtype="pdf", filename=f"{LONG_WORD}.pdf")
    return a_message(raw=mail.as_bytes().rstrip().rpartition(b"\r\n")[0])


def open_urgent(page: Page) -> None:
    page.goto("/referrals/mailbox/")
    page.get_by_role("region", name="These emails say they are urgent").get_by_role("link", name="URGENT").click()


# --- journeys ------------------------------------------------------------------------------------


def test_a_sergeant_logs_an_urgent_email_from_the_mailbox(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    message = of_a_child()
    a_message(subject="Car park closure", received_at=clock.now() - ONE_DAY)
    user = at_the_desk(page, live_server)
    open_urgent(page)
    expect(page.get_by_text("It says it is urgent.")).to_be_visible()
    page.get_by_role("button", name="Log it as a new referral").click()

    child = page.get_by_role("group", name="Child 1")
    expect(child.get_by_label("First names")).to_have_value("Rhys")
    expect(child.get_by_label("Family name")).to_have_value("Calloway")
    expect(child.get_by_label("Home address")).to_have_value("22 Tidewell House, London N17 0ZZ")
    expect(page.get_by_label("How it reached us")).to_have_value("email")
    expect(page.get_by_label("In the caller’s own words")).to_have_value(message.text)
    page.get_by_text("Show the email").click()
    expect(page.locator(".cait-email")).to_be_visible()
    page.get_by_label("Where it comes from").select_option(label="School or nursery")
    page.get_by_label("Physical").check()
    page.get_by_label("Yes. Triage within 1 hour of receipt").check()
    page.get_by_role("button", name="Log it and get the URN").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("The referral is logged")
    logged = Referral.objects.get()
    expect(page.locator(".cait-read-out")).to_have_text(logged.urn)
    assert (logged.urgent, logged.method, logged.circumstances) == (True, Method.EMAIL, message.text)
    made = Use.objects.get()
    assert (made.message, made.kind, made.case, made.used_by) == (message, UseKind.REFERRAL, logged.case, user)
    assert Draft.objects.count() == 0
    page.goto("/referrals/mailbox/")
    expect(page.get_by_role("link", name="URGENT")).to_have_count(0)
    expect(page.get_by_role("link", name="Car park closure")).to_be_visible()
    assert complaints == []


def test_what_is_typed_on_an_emails_form_is_kept_and_the_colleague_is_told_who_logs_it(
    page: Page, live_server: LiveServer, new_context: Any, complaints: list[str]
) -> None:
    message = of_a_child()
    user = at_the_desk(page, live_server, name="Nandra")
    page.goto(f"/referrals/log/?message={message.pk}")
    page.get_by_label("What will be lost if we wait?").fill("The bedding")
    expect(page.locator("#draft-status")).to_contain_text("Draft saved", timeout=SOON)
    assert Draft.objects.get().typed["message"] == [str(message.pk)]

    colleague = new_context().new_page()
    at_the_desk(colleague, live_server, Role.SUPERVISOR)
    colleague.goto("/referrals/mailbox/")
    expect(colleague.get_by_role("table")).to_contain_text(f"{user} is logging it")
    colleague.goto(f"/referrals/log/?message={message.pk}")
    expect(colleague).to_have_url(f"{live_server.url}/referrals/drafts/{Draft.objects.get().key}/take-over/")
    page.reload()
    expect(page.get_by_label("What will be lost if we wait?")).to_have_value("The bedding")
    expect(page.get_by_text("Filled in from the email")).to_be_visible()
    assert complaints == []


def test_an_email_is_set_aside_with_the_keyboard_alone(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    message = a_message(subject="Car park closure", text="Level 2 is closed.")
    at_the_desk(page, live_server)
    page.goto("/referrals/mailbox/")
    press(page.get_by_role("link", name="Car park closure"))
    press(page.get_by_role("link", name="Set it aside: not for a record"))
    press(page.get_by_role("button", name="Set it aside"))
    expect(page.get_by_role("alert")).to_contain_text("Say why it is not for a record")
    type_in(page.get_by_label("Why is it not for a record?"), "Nothing about a child")
    page.keyboard.press("Enter")

    expect(page.get_by_text("is set aside. It stays in the mailbox")).to_be_visible()
    expect(page.get_by_text("No email waits.")).to_be_visible()
    message.refresh_from_db()
    assert message.state == State.DEALT_WITH
    assert Use.objects.get().reason == "Nothing about a child"
    assert complaints == []


def test_an_update_is_found_by_its_urn_and_recorded(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")], received_at=clock.now() - ONE_DAY)
    message = a_message(subject=f"RE: URN {case.urn} Calloway - outcome", text="Seen at home, well.")
    at_the_desk(page, live_server)
    page.goto(f"/referrals/mailbox/{message.pk}/")
    page.get_by_role("link", name="Record it as an update from Social Services").click()
    expect(page.get_by_label("What they told us")).to_have_value("Seen at home, well.")
    page.get_by_role("button", name="Record the update").click()
    expect(page.get_by_text("The update is recorded.")).to_be_visible()
    assert (Use.objects.get().kind, Use.objects.get().case) == (UseKind.UPDATE, case)
    assert complaints == []


def test_information_about_a_known_family_is_put_on_their_record_with_the_button_that_stands_out(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")], received_at=clock.now() - ONE_DAY)
    message = a_message(subject="Rhys Calloway", text="Seen at the clinic.")
    at_the_desk(page, live_server)
    page.goto(f"/referrals/mailbox/{message.pk}/")
    expect(page.get_by_text("The subject names Rhys and Calloway")).to_be_visible()
    main = page.locator("main .govuk-button:not(.govuk-button--secondary)")
    expect(main).to_have_text(f"Put it on the record: {case.urn}")
    main.click()
    expect(page.get_by_label("What they told")).to_have_value("Seen at the clinic.")
    page.get_by_role("button", name="Put it on the record").click()
    expect(page.get_by_text("What the email tells stands in the chronology")).to_be_visible()
    assert (Use.objects.get().kind, Use.objects.get().case) == (UseKind.INFORMATION, case)
    assert complaints == []


def test_an_email_that_is_logged_already_is_logged_again_with_a_tick_alone(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    message = of_a_child()
    first = a_referral(message=message)
    at_the_desk(page, live_server)
    page.goto(f"/referrals/mailbox/{message.pk}/")
    page.get_by_role("link", name="Log another referral from it").click()
    expect(page.get_by_text("This email is logged already:")).to_be_visible()
    expect(page.get_by_role("link", name=first.urn)).to_be_visible()
    page.get_by_label("Where it comes from").select_option(label="School or nursery")
    page.get_by_label("Physical").check()
    page.get_by_label("Yes. Triage within 1 hour of receipt").check()
    page.get_by_role("button", name="Log it and get the URN").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text(f"logged this email as {first.urn}")
    assert Referral.objects.count() == 1
    page.get_by_label("It tells of another child or family too").check()
    page.get_by_role("button", name="Log it and get the URN").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The referral is logged")
    expect(page.get_by_role("button", name="Triage the referral now")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Mailbox").click()
    expect(page.get_by_text("No email waits.")).to_be_visible()
    assert (Referral.objects.count(), Use.objects.count()) == (2, 2)
    assert complaints == []


def test_an_urgent_email_is_opened_from_today(page: Page, live_server: LiveServer, complaints: list[str]) -> None:
    of_a_child()
    at_the_desk(page, live_server)
    page.goto("/")
    page.get_by_role("region", name="An email says it is urgent").get_by_role("link", name="URGENT").click()
    expect(page.get_by_text("It says it is urgent.")).to_be_visible()
    main = page.get_by_role("navigation", name="Main")
    expect(main.get_by_role("link", name="Mailbox")).to_have_attribute("aria-current", "true")
    assert complaints == []


def test_an_invitation_is_passed_to_conferences_with_one_button(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    message = a_message(subject="Invitation to Initial Child Protection Conference - Vane family")
    at_the_desk(page, live_server)
    page.goto(f"/referrals/mailbox/{message.pk}/")
    page.get_by_role("button", name="Pass it to conferences").click()
    expect(page.get_by_text("is passed to conferences.")).to_be_visible()
    assert Use.objects.get().kind == UseKind.CONFERENCE
    assert complaints == []


def test_no_script_of_an_email_runs_and_nothing_of_it_is_fetched(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    raw = (
        b"From: gwen@fernley.example\r\nSubject: Hello <img src=x onerror=\"document.title='taken'\">\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>Rhys was late.</p>"
        b"<script>document.title='taken'</script><img src='http://tracker.invalid/x.gif'>\r\n"
    )
    message = a_message(raw=raw)
    case = a_case()
    asked: list[str] = []
    open_before = page.context.pages
    listen = lambda request: asked.append(request.url)  # noqa: E731
    page.context.on("request", listen)  # also of a window that a script would open
    at_the_desk(page, live_server)
    for name, args in (
        ("mailbox", []),
        ("message", [message.pk]),
        ("message_source", [message.pk]),
        ("put_email_on_record", [case.number, message.pk]),
    ):
        page.goto(reverse(f"referrals:{name}", args=args))
        assert page.title() != "taken"
    page.context.remove_listener("request", listen)
    assert [url for url in asked if not url.startswith(live_server.url)] == []
    assert len(asked) > 4
    assert page.context.pages == open_before
    assert complaints == []


def test_the_desk_is_worked_with_the_keyboard_alone_and_its_shortcuts_switched_off(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    a_message(subject="Later")
    oldest = a_message(subject="Oldest", received_at=clock.now() - ONE_DAY)
    user = with_password(an_officer(Role.DESK_SERGEANT))
    page.goto("/sign-in/")
    type_in(page.get_by_label("User name"), user.username)
    type_in(page.get_by_label("Password"), PASSWORD)
    page.keyboard.press("Enter")
    press(page.get_by_role("main").get_by_role("link", name="Referral desk"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Referral desk")

    hint = page.get_by_text("(press ?)")  # shown by the script: from now on keys are heard
    expect(hint).to_be_visible()
    of_list = page.get_by_role("region", name="Mailbox and log")
    for key, subject in (("j", "Oldest"), ("j", "Later"), ("j", "Later"), ("k", "Oldest"), ("ArrowDown", "Later")):
        page.keyboard.press(key)
        expect(of_list.get_by_role("link", name=subject)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_server.url}/referrals/mailbox/{oldest.pk}/")
    expect(of_list.locator("[aria-current]")).to_contain_text("Open here")
    expect(hint).to_be_visible()

    page.keyboard.press("Control+j")
    page.keyboard.press("/")
    search = page.get_by_label("Name, address, URN or record")
    expect(search).to_be_focused()
    page.keyboard.type("n?/j")
    expect(search).to_have_value("n?/j")
    page.keyboard.press("Tab")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keyboard shortcuts")
    expect(page.get_by_text("there are none here")).to_be_hidden()
    press(page.get_by_role("button", name="Switch them off"))
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("switched off in this browser")
    expect(hint).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("n")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keyboard shortcuts")
    page.reload()
    press(page.get_by_role("button", name="Switch them on"))
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log a referral")
    assert complaints == []


# --- how they are drawn --------------------------------------------------------------------------


def a_mailbox_with_everything(page: Page) -> None:
    a_long_message()
    of_a_child()
    put_back_message(
        set_aside_message(a_long_message("Training"), reason=LONG_WORD, by=User.objects.system()),
        reason="No",
        by=User.objects.system(),
    )
    page.goto("/referrals/mailbox/")
    expect(page.get_by_role("row")).to_have_count(4)


def what_was_dealt_with(page: Page) -> None:
    set_aside_message(a_long_message(), reason=LONG_WORD, by=User.objects.system())
    raw = an_email(message_id="<1@fernley.example>")
    for _ in range(2):
        a_message(raw=raw)
    page.goto("/referrals/mailbox/?show=all")
    expect(page.get_by_text("Second copy, delivered twice")).to_be_visible()


def a_desk_with_everything(page: Page) -> None:
    a_long_message()
    logged_by_somebody = a_message(subject="Another")
    user = an_officer(Role.SUPERVISOR)
    for typed in ({"message": [str(logged_by_somebody.pk)]}, {"children-0-given_names": [LONG_WORD]}):
        save_draft(a_team(), key=uuid4(), typed=typed, by=user)
    a_referral(children=[a_child("Rhys"), a_child(LONG_WORD[:80])], method=Method.TELEPHONE, urgent=True)
    page.goto("/referrals/desk/")
    expect(page.get_by_role("region", name="Mailbox and log")).to_contain_text("Written confirmation outstanding")


def an_empty_mailbox(page: Page) -> None:
    page.goto("/referrals/mailbox/")
    expect(page.get_by_text("No email waits.")).to_be_visible()


def a_message_with_everything(page: Page) -> None:
    telephoned = a_referral(children=[a_child("Rhys", "Calloway")], method=Method.TELEPHONE)
    closed = a_closed_case()
    subject = f"Written confirmation of telephone referral {telephoned.urn} {closed.urn} {LONG_WORD}"
    message = a_long_message(subject)
    set_aside_message(message, reason=LONG_WORD, by=User.objects.system())
    put_back_message(message, reason="A child is named", by=User.objects.system())
    page.goto(f"/referrals/mailbox/{message.pk}/")
    expect(page.get_by_text("closed", exact=True)).to_be_visible()
    expect(page.get_by_text("Attachments", exact=True)).to_be_visible()


def a_message_where_nothing_is_found(page: Page) -> None:
    message = a_long_message()
    page.goto(f"/referrals/mailbox/{message.pk}/?q=Zz")
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")


def an_email_as_it_came(page: Page) -> None:
    page.goto(f"/referrals/mailbox/{a_long_message().pk}/source/")
    expect(page.get_by_label("Source of the email")).to_contain_text("X-Long")


def an_email_for_a_record(page: Page) -> None:
    case = a_case(protected=True)
    page.goto(f"/referrals/{case.number}/email/{a_long_message().pk}/")
    page.get_by_text("Show the email").click()
    page.get_by_label("What they told").fill("")
    page.get_by_role("button", name="Put it on the record").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter what they told")
    page.get_by_text("Show the email").click()


def an_email_to_set_aside(page: Page) -> None:
    page.goto(f"/referrals/mailbox/{a_long_message().pk}/set-aside/")
    page.get_by_role("button", name="Set it aside").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")


def an_email_to_put_back(page: Page) -> None:
    message = set_aside_message(a_long_message(), reason="Training", by=User.objects.system())
    page.goto(f"/referrals/mailbox/{message.pk}/put-back/")
    expect(page.get_by_role("button", name="Put it back")).to_be_visible()


def an_email_that_is_logged_already(page: Page) -> None:
    message = a_long_message()
    for number in range(2):
        a_referral(message=message, another=number > 0)
    page.goto(f"/referrals/log/?message={message.pk}")
    page.get_by_role("button", name="Log it and get the URN").click()
    expect(page.get_by_text("This email is logged already:")).to_be_visible()


def today_with_urgent_emails(page: Page) -> None:
    for _ in range(2):
        a_long_message()
    page.goto("/")
    expect(page.get_by_role("region", name="These emails say they are urgent")).to_be_visible()


def emails_on_the_social_services_page(page: Page) -> None:
    message = a_long_message()
    case = a_referral(message=message).case
    page.goto(reverse("referrals:social_services", args=[case.number]))
    expect(page.get_by_role("region", name="Emails on this record")).to_be_visible()


def a_referral_from_an_email(page: Page) -> None:
    page.goto(f"/referrals/log/?message={a_long_message().pk}")
    page.get_by_text("Show the email").click()
    expect(page.locator(".cait-email")).to_be_visible()


@pytest.mark.parametrize(
    "state",
    [
        a_mailbox_with_everything,
        what_was_dealt_with,
        an_empty_mailbox,
        a_desk_with_everything,
        a_message_with_everything,
        a_message_where_nothing_is_found,
        an_email_as_it_came,
        an_email_for_a_record,
        an_email_to_set_aside,
        an_email_to_put_back,
        a_referral_from_an_email,
        an_email_that_is_logged_already,
        today_with_urgent_emails,
        emails_on_the_social_services_page,
    ],
    ids=lambda state: state.__name__,
)
def test_a_page_of_the_mailbox_is_in_order(
    state: Any, page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    at_the_desk(page, live_server)
    state(page)
    check_page(page, complaints)


def test_on_a_telephone_nothing_has_to_be_pushed_sideways(page: Page, live_server: LiveServer) -> None:
    message = a_long_message()
    at_the_desk(page, live_server)
    page.set_viewport_size({"width": 400, "height": 800})
    wrong = {}
    for name in ("mailbox", "message", "message_source", "set_aside_message"):
        page.goto(reverse(f"referrals:{name}", args=[] if name == "mailbox" else [message.pk]))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if too_wide := page.evaluate(TOO_WIDE):
            wrong[name] = too_wide
    assert wrong == {}
