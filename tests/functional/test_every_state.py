"""What holds for every page, in the states that pages can be in, and for the error pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import OperationalError
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

import referrals.views.log
import workbench.views.home
from audit.events import Look
from audit.models import AccessLog
from cases import actions as cases
from cases.actions import refuse_closure
from cases.models import Case
from cram.actions import return_assessment
from cram.enums import Said
from cram.models import Assessment
from cram.queries import sections_of
from deadlines import clock
from deadlines.calendar import ONE_DAY
from diary.actions import hold_chases
from diary.models import Duty, Heartbeat, Waker
from old_logs.actions import add_old_log
from pages.paging import page_of
from people.births import Birth
from people.enums import Relation
from referrals.actions import save_draft
from referrals.enums import Judgement, Method
from team.actions import give_role
from team.enums import Role
from team.models import Membership, User
from tests.factories.assessing import an_assessment, answered, assessed, submitted
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_decision,
    a_strategy,
    a_triaged_case,
    an_answer,
    an_approved_address,
    an_open_update,
    asked_to_close,
    judged,
)
from tests.factories.managing import a_risk
from tests.factories.old_logs import WORKBOOK, a_row, an_old_log, as_csv, brought_in
from tests.factories.referrals import a_case, a_child, a_referral, aged
from tests.factories.team import a_team, a_user, an_officer
from tests.functional.browse import LONG_EMAIL, LONG_NAME, LONG_WORD, check_page, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]


@pytest.fixture(autouse=True)
def swept(database: None) -> None:
    Heartbeat.objects.create(waker=Waker.BEAT)


# --- states --------------------------------------------------------------------------------------


def a_failed_filter(page: Page) -> None:
    page.goto("/oversight/acts/?from_on=soon")
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")


def an_empty_log(page: Page) -> None:
    page.goto("/oversight/access/?to_on=1/1/2009")
    expect(page.get_by_text("Nobody looked at anything that fits")).to_be_visible()


def a_full_log(page: Page) -> None:
    AccessLog.objects.bulk_create(AccessLog(by_id=1, how=Look.PAGE, object_type="audit.accesslog") for _ in range(52))
    page.goto("/oversight/access/")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()


def no_account_found(page: Page) -> None:
    page.goto("/team/accounts/?q=nobody")
    expect(page.get_by_text("No account has “nobody”")).to_be_visible()


def a_refused_form(page: Page) -> None:
    page.goto("/team/accounts/add/")
    page.get_by_role("button", name="Add the account").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()


def a_refused_role(page: Page) -> None:
    page.goto(f"/team/accounts/{a_user().pk}/give-role/")
    page.get_by_label("On loan from another team").check()
    page.get_by_label("First day").fill("31/2/2010")
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_text("There is no 31 February 2010").first).to_be_visible()


def a_closed_account(page: Page) -> None:
    page.goto(f"/team/accounts/{a_user().pk}/close/")
    page.get_by_role("button", name="Close the account").click()
    expect(page.get_by_role("alert")).to_contain_text("is closed. They can no longer see anything.")


def a_first_password(page: Page) -> None:
    page.goto(f"/team/accounts/{a_user().pk}/password/")
    page.get_by_role("button", name="Give a new password").click()
    expect(page.get_by_text("shown only now")).to_be_visible()


def something_in_the_way(page: Page) -> None:
    me = User.objects.get(memberships__role=Role.ADMINISTRATOR)
    page.goto(f"/team/accounts/{me.pk}/close/")
    expect(page.get_by_text("This cannot be done.")).to_be_visible()


def a_team_to_choose(page: Page) -> None:
    me = User.objects.get(memberships__role=Role.ADMINISTRATOR)
    give_role(me, team=a_team(), role=Role.INSPECTOR, from_on=clock.today(), by=User.objects.system())
    page.goto("/team/change/")
    page.get_by_label("Team HGY").check()
    page.get_by_role("button", name="Work for this team").click()
    expect(page.get_by_role("alert")).to_contain_text("You are now working for")


def a_date_worked_out(page: Page) -> None:
    page.goto("/oversight/time-limits/SS-UPDATE/?start=11/12/2009")
    expect(page.get_by_role("status")).to_be_visible()


def a_stale_diary(page: Page) -> None:
    Heartbeat.objects.update(succeeded_at=clock.now() - 3 * ONE_DAY)
    page.goto("/")
    expect(page.get_by_role("region", name="Warning")).to_contain_text("Due dates were last checked")


def a_role_yet_to_begin(page: Page) -> None:
    Membership.objects.update(from_on=clock.today() + ONE_DAY)
    page.goto("/")
    expect(page.get_by_text("You hold no role in any team today")).to_be_visible()


def an_empty_referral_log(page: Page) -> None:
    page.goto("/referrals/")
    expect(page.get_by_text("No referral is logged yet")).to_be_visible()


def a_long_referral_log(page: Page) -> None:
    """Of pages that hold two: to log as many as fill one takes longer than all else here."""
    for _ in range(5):
        a_referral()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(referrals.views.log, "page_of", partial(page_of, size=2))
        page.goto("/referrals/?order=urn")
        page.get_by_role("link", name="Next").click()
        expect(page.get_by_role("link", name="Beginning")).to_be_visible()
        expect(page.get_by_role("link", name="Next")).to_be_visible()


def a_wrong_filter_of_the_log(page: Page) -> None:
    a_referral()
    page.goto("/referrals/?from_on=soon&to_on=2/1/2010")
    expect(page.get_by_text("Nothing is shown until")).to_be_visible()


def a_referral_that_says_nothing(page: Page) -> None:
    page.goto("/referrals/log/")
    page.get_by_role("button", name="Log it and get the URN").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Answer “Is urgent action needed?”")


def a_child_who_is_known(page: Page) -> None:
    address = "Flat 12, The Old Seed Warehouse, 14 to 22 Llanfairpwllgwyngyllgogerychwyrn Crescent, London N17 6QX"
    said = a_child("Rhys", "Calloway", birth=aged(6), address=address)
    for _ in range(2):
        a_referral(children=[said])
    page.goto("/referrals/log/")
    page.get_by_label("First names").first.fill("Reece")
    page.get_by_label("Family name").first.fill("Callaway")
    page.get_by_label("Home address").first.fill(address)
    expect(page.get_by_text("Is Reece Callaway one of these?")).to_be_visible()
    page.get_by_role("button", name="Add another child").click()
    page.get_by_role("button", name="Log it and get the URN").click()
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_contain_text("Say whether Reece Callaway is somebody who is known already")
    page.get_by_role("link", name="Say whether Reece Callaway").click()
    expect(page.get_by_role("radio", name="Rhys Calloway").first).to_be_focused()


def drafts_of_the_desk(page: Page) -> None:
    colleague = an_officer(Role.DESK_SERGEANT)
    for _ in range(2):
        save_draft(
            a_team(),
            key=uuid4(),
            typed={"children-TOTAL_FORMS": ["1"], "children-0-given_names": [LONG_WORD]},
            by=colleague,
        )
    page.goto("/referrals/")
    page.get_by_role("link", name=LONG_WORD).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("began this referral")
    page.get_by_role("button", name="Take it over").click()
    expect(page.get_by_label("First names").first).to_have_value(LONG_WORD)


def a_record_with_everything(page: Page) -> None:
    me = User.objects.get(memberships__role=Role.DESK_SERGEANT)
    children = [a_child("Ellis"), a_child("", "Aldous", birth=Birth.due(clock.today()))]
    adult = a_child("Kieran", "Stroud", relation=Relation.PARTNER, may_have_harmed=True, address="9 Fore Court")
    case = a_case(children=children, adults=[adult], method=Method.TELEPHONE, urgent=True, will_be_lost="The mark")
    a_case(children=[replace(children[0], same_as=case.people.order_by("pk")[0].pk)])
    cases.add_action(case, what="Ask the hospital " * 15, owner=me, due_on=clock.today(), by=me)
    entry = case.entries.get(kind="referral")
    for title in ("Misread", "Misread again"):
        cases.correct_entry(
            entry, title=title, text="He did not go in.", happened_at=entry.happened_at, reason=LONG_WORD, by=me
        )
    page.goto(f"/cases/{case.number}/")
    expect(page.get_by_text("1 other referral of people on this record")).to_be_visible()


def a_closed_record(page: Page) -> None:
    case = a_case()
    Case.objects.update(state="closed", closed_at=clock.now())
    page.goto(f"/cases/{case.number}/chronology/add/")
    expect(page.get_by_text("is closed, so nothing can be added to it")).to_be_visible()


def a_chronology_without_a_match(page: Page) -> None:
    case = a_case()
    page.goto(f"/cases/{case.number}/chronology/?kind=shared")
    expect(page.get_by_text("No entry fits what you chose")).to_be_visible()


def a_queue_with_everything(page: Page) -> None:
    duty = an_open_update(children=[a_child(LONG_NAME, LONG_WORD)])
    a_case(children=[a_child("Rhys"), a_child("Tia")], method=Method.TELEPHONE, urgent=True)
    asked_to_close()
    asleep = Duty.objects.filter(kind="confirmation")
    asleep.update(late_from=clock.now() - ONE_DAY, due_on=clock.today() - ONE_DAY)
    page.goto(f"/queues/?why={duty.pk}")
    expect(page.get_by_text("Why ", exact=False).first).to_be_visible()
    expect(page.get_by_role("heading", name="What does not work just now")).to_be_visible()


def an_empty_queue(page: Page) -> None:
    page.goto("/queues/")
    expect(page.get_by_text("Nothing is due.")).to_be_visible()
    page.goto("/queues/?by=late")
    expect(page.get_by_text("Nothing fits what you chose")).to_be_visible()


def a_refused_strategy(page: Page) -> None:
    page.goto(f"/referrals/{a_triaged_case().number}/strategy/")
    page.get_by_role("button", name="Record the discussion").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()


def a_refused_decision(page: Page) -> None:
    case = a_triaged_case()
    a_strategy(case)
    a_decision(case, reason=LONG_WORD)
    page.goto(f"/referrals/{case.number}/decide/")
    page.get_by_label("Passed to another unit or team").check()
    page.get_by_label("Why?", exact=True).fill("Theirs")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter the unit or team it is passed to")


def social_services_with_everything(page: Page) -> None:
    an_approved_address(to_whom=LONG_NAME[:100], address=LONG_EMAIL)
    duty = an_open_update()
    judged(an_answer(duty.case, text=LONG_WORD), Judgement.NO_ANSWER)
    an_answer(duty.case)
    hold_chases(duty, why=LONG_WORD, by=User.objects.system())
    page.goto(f"/referrals/{duty.case.number}/social-services/")
    page.get_by_text("The email").first.click()
    expect(page.get_by_text("asks for an update on referral")).to_be_visible()


def a_record_asked_to_be_closed(page: Page) -> None:
    case = a_decided_case()
    refuse_closure(asked_to_close(case), answer=LONG_WORD, by=an_officer(Role.SUPERVISOR))
    asked_to_close(case)
    page.goto(f"/cases/{case.number}/closure/")
    expect(page.get_by_role("button", name="Agree and close")).to_be_visible()


def things_in_the_way_of_closure(page: Page) -> None:
    page.goto(f"/cases/{an_open_update().case.number}/closure/")
    expect(page.get_by_role("heading", name="2 things stand in the way")).to_be_visible()


def a_record_closed_by_two(page: Page) -> None:
    case = a_closed_case()
    page.goto(f"/cases/{case.number}/closure/")
    expect(page.get_by_role("button", name="Open it again")).to_be_visible()
    page.goto(f"/cases/{case.number}/")
    expect(page.get_by_text("This record was closed on")).to_be_visible()


def addresses_of_social_services(page: Page) -> None:
    an_approved_address(to_whom=LONG_NAME[:100], address=LONG_EMAIL)
    page.goto("/queues/addresses/")
    page.get_by_label("Step").fill("4")
    page.get_by_label("Who reads it").fill("Team manager")
    page.get_by_label("Email address").fill("manager@borough.example")
    page.get_by_role("button", name="Approve it").click()
    expect(page.get_by_text("Step 2 has no address yet").first).to_be_visible()


def a_file_that_is_missing(page: Page) -> None:
    page.goto("/referrals/old-logs/")
    page.get_by_role("button", name="Read and check it").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Choose the file that holds the old log")


def old_logs_that_were_read(page: Page) -> None:
    an_old_log(a_row(), a_row(on="soon"), name=f"{LONG_WORD} {LONG_WORD}.csv")
    add_old_log(a_team(), name="Referrals.xlsx", content=as_csv(), by=User.objects.system())
    page.goto("/referrals/old-logs/")
    expect(page.get_by_text("Checked, nothing is brought in yet")).to_be_visible()


def an_old_log_at_work(page: Page) -> None:
    log = add_old_log(a_team(), name=f"{LONG_WORD}.csv", content=as_csv(), by=User.objects.system())
    log.done, log.of = 12_000, 100_000
    log.save()
    page.goto(f"/referrals/old-logs/{log.pk}/?stay&seen=12000")
    expect(page.get_by_text("12,000 of about 100,000 rows")).to_be_visible()


def an_old_log_that_could_not_be_read(page: Page) -> None:
    log = an_old_log(content=b"%PDF-1.4", name=f"{LONG_WORD}.pdf")
    page.goto(f"/referrals/old-logs/{log.pk}/")
    expect(page.get_by_text("This is a PDF, whatever it is called")).to_be_visible()


def an_old_log_with_everything(page: Page) -> None:
    odd = a_row(urn=LONG_WORD, family=LONG_WORD, born="06/06/1903", allegation=LONG_WORD, decision=LONG_WORD)
    log = an_old_log(content=WORKBOOK.read_bytes(), name=f"{LONG_WORD}.xlsx")
    page.goto(f"/referrals/old-logs/{an_old_log(odd).pk}/")
    expect(page.get_by_role("heading", name="Nothing can be brought in")).to_be_visible()
    page.goto(f"/referrals/old-logs/{log.pk}/?show=ready")
    page.get_by_role("button", name="Bring in 580 referrals").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Say whether CAIT writes to Social Services")


def an_old_log_that_is_brought_in(page: Page) -> None:
    log = brought_in(an_old_log(a_row(given=LONG_NAME), a_row(on="soon")))
    page.goto(f"/referrals/old-logs/{log.pk}/?show=brought-in")
    expect(page.get_by_role("heading", name="1 referral was brought in")).to_be_visible()


def columns_of_an_old_log(page: Page) -> None:
    log = an_old_log(content=f"{LONG_WORD},Day,Kid\n0001/09,02/07/2009,{LONG_NAME}\n".encode())
    page.goto(f"/referrals/old-logs/{log.pk}/columns/")
    page.get_by_label("Number of the heading row").fill("1")
    page.get_by_role("button", name="Show the columns of these rows").click()
    page.get_by_label("Day").select_option("Date received")
    page.get_by_role("button", name="Read the log again").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Say which column has the URN")


A, B, D = Role.AUDITOR, Role.ADMINISTRATOR, Role.DESK_SERGEANT
STATES: list[tuple[Role, Callable[[Page], None]]] = [
    (A, a_failed_filter),
    (A, an_empty_log),
    (A, a_full_log),
    (B, no_account_found),
    (B, a_refused_form),
    (B, a_refused_role),
    (B, a_closed_account),
    (B, a_first_password),
    (B, something_in_the_way),
    (B, a_team_to_choose),
    (B, a_date_worked_out),
    (B, a_stale_diary),
    (B, a_role_yet_to_begin),
    (D, an_empty_referral_log),
    (D, a_long_referral_log),
    (D, a_wrong_filter_of_the_log),
    (D, a_referral_that_says_nothing),
    (D, a_child_who_is_known),
    (D, drafts_of_the_desk),
    (D, a_record_with_everything),
    (D, a_closed_record),
    (D, a_chronology_without_a_match),
    (D, a_queue_with_everything),
    (D, an_empty_queue),
    (D, a_refused_strategy),
    (D, a_refused_decision),
    (D, social_services_with_everything),
    (D, a_record_asked_to_be_closed),
    (D, things_in_the_way_of_closure),
    (D, a_record_closed_by_two),
    (Role.INSPECTOR, addresses_of_social_services),
    (D, a_file_that_is_missing),
    (D, old_logs_that_were_read),
    (D, an_old_log_at_work),
    (D, an_old_log_that_could_not_be_read),
    (D, an_old_log_with_everything),
    (D, an_old_log_that_is_brought_in),
    (D, columns_of_an_old_log),
]


@pytest.mark.parametrize(("role", "state"), STATES, ids=lambda it: getattr(it, "__name__", None))
def test_a_page_is_in_order_in_a_state(
    role: Role, state: Callable[[Page], None], page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    signed_in(page.context, an_officer(role), live_server.url)
    state(page)
    check_page(page, complaints)


def test_a_cram_is_in_order_in_each_of_its_states(page: Page, live_server: LiveServer, complaints: list[str]) -> None:
    """One CRAM, as its states follow each other: to set it up takes longer than to look at a page of it."""
    me, other = an_officer(Role.DESK_SERGEANT), an_officer(Role.INSPECTOR)
    signed_in(page.context, me, live_server.url)
    case = a_case(children=[a_child(LONG_NAME, LONG_WORD)])
    here = f"/cases/{case.number}/cram/"
    answered(an_assessment(case, by=me), Said.NO, number=1, by=me)
    assessed(case, by=me)
    review = an_assessment(case, by=me)

    def seen(*words: str) -> None:
        for each in words:
            expect(page.locator("main")).to_contain_text(each)
        check_page(page, complaints)

    # A risk that nothing manages; and a form that says nothing of the next.
    a_risk(case, what=f"{LONG_WORD} {LONG_WORD} {LONG_NAME}")
    page.goto(f"{here}risks/")
    seen("Unmanaged")
    page.goto("/cram/unmanaged/")
    seen(LONG_WORD)
    page.goto(f"{here}risks/identify/")
    page.get_by_role("button", name="Record the risk").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    check_page(page, complaints)
    # A question that a colleague answers while it is open; saved again, it stands beside that of last time.
    child = sections_of(review)[0].about.key
    answered(review, Said.YES, number=1, note=LONG_WORD, by=me)
    page.goto(f"{here}answer/{child}/")
    first = page.locator(".cait-factor").nth(1)
    first.get_by_label("Yes").check()
    first.get_by_label("Evidence").fill("Seen by the school")
    answered(review, Said.NO, note=f"{LONG_NAME} {LONG_WORD}", by=other)
    page.get_by_role("button", name="Save and go on").click()
    seen("answered meanwhile: No", "save again to put yours in its place")
    answered(review, Said.YES, number=1, by=me)
    page.goto(f"{here}answer/{child}/")
    seen("Last time: No", "Changed: was No")
    # The level contradicts the answers.
    page.goto(f"{here}level/")
    page.get_by_label("Standard", exact=True).check()
    page.get_by_label("Why this level").fill(LONG_WORD)
    page.get_by_role("button", name="Save the level").click()
    seen("The level does not fit the answers")
    # It is sent while the page is open; then it is their own, and comes back.
    submitted(case, by=me, challenge_answer="She is with her aunt")
    page.get_by_role("button", name="Save the level").click()
    seen("This is not saved", LONG_WORD)
    page.goto(f"{here}endorse/")
    seen("You sent this CRAM yourself")
    return_assessment(Assessment.objects.latest("pk"), words=f"{LONG_WORD} {LONG_NAME}", by=other)
    page.goto(here)
    seen(LONG_WORD, "eturned")


def test_a_restricted_record_is_in_order_for_who_is_named_and_who_is_not(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    me, inspector = an_officer(Role.SUPERVISOR), an_officer(Role.INSPECTOR, name=LONG_NAME)
    colleague, command = an_officer(Role.DESK_SERGEANT), an_officer(Role.COMMAND)
    case = a_case(children=[a_child(LONG_NAME, LONG_WORD)])
    here = f"/cases/{case.number}/restriction/"

    def seen(who: User, address: str, *words: str) -> None:
        signed_in(page.context, who, live_server.url)
        page.goto(address)
        for each in words:
            expect(page.locator("main")).to_contain_text(each)
        check_page(page, complaints)

    signed_in(page.context, me, live_server.url)
    page.goto(here)
    expect(page.get_by_label(str(inspector))).to_be_checked()
    page.get_by_role("button", name="Restrict it").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    check_page(page, complaints)
    page.get_by_label("Why is it restricted?").fill(f"{LONG_WORD} {LONG_NAME}")
    page.get_by_role("button", name="Restrict it").click()
    expect(page.get_by_role("alert")).to_contain_text("From now on only those named can open this record.")
    check_page(page, complaints)
    named = case.named.get(officer=inspector)
    seen(me, f"{here}{named.pk}/take-off/", "Name another inspector first")
    seen(inspector, "/", f"You can open restricted record {case}")
    seen(colleague, here, "This record is restricted", "If a child may be in danger now")
    seen(colleague, "/queues/", "on a restricted record that you cannot open", str(me))
    seen(colleague, "/", "on a restricted record that you cannot open")
    seen(colleague, "/referrals/", "is left out, for its record is restricted")
    seen(colleague, "/cases/", "is restricted and not in this list")
    seen(colleague, f"/search/?q={LONG_NAME}+{LONG_WORD}", "Somebody like this is on a restricted record")
    seen(command, "/cases/restricted/", case.number)
    seen(command, f"/cases/restricted/{case.number}/name/", "You need not open it yourself")


@pytest.mark.parametrize("signed", [False, True])
def test_a_demonstration_says_so(
    signed: bool, page: Page, live_server: LiveServer, complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DEMONSTRATION", True)
    if signed:
        signed_in(page.context, an_officer(Role.SUPERVISOR), live_server.url)
    page.goto("/")
    expect(page.get_by_role("region", name="Demonstration", exact=True)).to_contain_text("Do not enter real ones")
    check_page(page, complaints)


# --- error pages ---------------------------------------------------------------------------------

FORGE = """
(to) => {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = to
  form.append(document.querySelector('[name=csrfmiddlewaretoken]').cloneNode())
  document.body.append(form)
  form.submit()
}
"""


def forbidden(page: Page, patch: pytest.MonkeyPatch) -> None:
    page.goto("/oversight/acts/")


def not_found(page: Page, patch: pytest.MonkeyPatch) -> None:
    page.goto("/no-such-page/")


def not_a_form(page: Page, patch: pytest.MonkeyPatch) -> None:
    page.goto("/")
    with page.expect_navigation():
        page.evaluate(FORGE, "/team/")


def form_refused(page: Page, patch: pytest.MonkeyPatch) -> None:
    page.goto("/sign-out/")
    page.context.clear_cookies(name="csrftoken")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign out").click()


def bad_request(page: Page, patch: pytest.MonkeyPatch) -> None:
    page.goto("/team/accounts/?after=damaged")


def too_many_tries(page: Page, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settings, "ACCOUNT_RATE_LIMITS", {**settings.ACCOUNT_RATE_LIMITS, "change_password": "1/h/user"})
    for _ in range(2):
        page.goto("/password/")
        page.get_by_role("button", name="Change password").click()


def our_mistake(page: Page, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workbench.views.home, "people_in", failing(ZeroDivisionError))
    page.goto("/")


def database_away(page: Page, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workbench.views.home, "people_in", failing(OperationalError))
    page.goto("/")


def failing(error: type[Exception]) -> Callable[..., None]:
    def fail(*args: object) -> None:
        raise error

    return fail


ERRORS: list[tuple[Callable[[Page, pytest.MonkeyPatch], None], str]] = [
    (forbidden, "You cannot do this"),
    (not_found, "Page or record not found"),
    (not_a_form, "Nothing was sent"),
    (form_refused, "Your form was not saved"),
    (bad_request, "CAIT could not read what was sent"),
    (too_many_tries, "Too many tries"),
    (our_mistake, "Something is wrong with CAIT"),
    (database_away, "CAIT cannot reach its records just now"),
]


@pytest.mark.parametrize(("error", "heading"), ERRORS, ids=lambda it: getattr(it, "__name__", None))
def test_an_error_page_is_in_order(
    error: Callable[[Page, pytest.MonkeyPatch], None],
    heading: str,
    page: Page,
    live_server: LiveServer,
    complaints: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed_in(page.context, an_officer(Role.ADMINISTRATOR), live_server.url)
    error(page, monkeypatch)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    check_page(page, complaints)
