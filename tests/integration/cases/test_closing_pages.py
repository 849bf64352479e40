"""The page of closure as each sees it, what stands in the way on the record, and two who answer at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AccessLog
from cases import actions
from cases.enums import ClosureState, Court, State
from cases.models import Case, Closure
from deadlines import clock
from diary.models import Duty
from pages.words import moment
from team.enums import Role
from team.models import User
from tests.factories.assessing import assessed, submitted
from tests.factories.deciding import (
    an_answer,
    an_open_update,
    asked_to_close,
    judged,
)
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.shared import own

pytestmark = pytest.mark.django_db

OUTCOME = "Nobody was hurt; the school watches."
TYPED = "What I typed and must not lose"
ANSWERS = ["agree_closure", "refuse_closure", "withdraw_closure"]


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey."""
    return signed_in(client, Role.SUPERVISOR, name="Nandra")


def signed_in(client: Client, role: Role, **other: Any) -> User:
    user = an_officer(role, **other)
    client.force_login(user)
    return user


def url_of(name: str, case: Case, *args: int) -> str:
    return reverse(name if ":" in name else f"cases:{name}", args=[case.number, *args])


def page_of(client: Client, name: str, case: Case, *args: int) -> str:
    answer = client.get(url_of(name, case, *args))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def send(client: Client, name: str, case: Case, *args: int, **typed: Any) -> str:
    answer = client.post(url_of(name, case, *args), typed, follow=True)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def wrong(page: str) -> list[str]:
    """The fields beside which something is said."""
    return sorted(set(re.findall(r'id="id_(\w+)_error"', page)))


def offered(page: str, closure: Closure) -> list[str]:
    """Which answers to a request the page leads to."""
    return [name for name in ANSWERS if f'href="{url_of(name, closure.case, closure.pk)}"' in page]


def in_the_way(page: str) -> list[tuple[str, str]]:
    """What the page says stands in the way, each with where its link leads."""
    listed = re.search(r'<ul class="cait-in-the-way">(.*?)</ul>', page, re.S)
    found = re.findall(r'<a class="govuk-link" href="([^"]*)">(.*?)</a>', listed[1] if listed else "")
    return [(what, url) for url, what in found]


def state_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def add_action(case: Case) -> None:
    owner = an_officer(Role.INVESTIGATOR)
    actions.add_action(case, what="Ring the school", owner=owner, due_on=clock.today(), by=owner)


# --- asking --------------------------------------------------------------------------------------


def test_where_nothing_stands_in_the_way_closure_can_be_asked_for(client: Client, ready: Case) -> None:
    constable = signed_in(client, Role.INVESTIGATOR)
    page = page_of(client, "closure", ready)
    assert "Closing this record" in page
    assert "Nothing that CAIT knows of stands in the way." in page
    assert 'name="outcome"' in page
    page = send(client, "closure", ready, outcome=OUTCOME, court="concluded")
    assert "Closure is asked for. Another sergeant or the inspector answers." in page
    closure = Closure.objects.get(case=ready)
    assert (closure.asked_by, closure.outcome, closure.court) == (constable, OUTCOME, Court.CONCLUDED)


def test_what_stands_in_the_way_is_listed_with_where_it_is_done(client: Client, sergeant: User) -> None:
    case = an_open_update().case
    an_answer(case)
    add_action(case)
    page = page_of(client, "closure", case)
    assert "4 things stand in the way" in page
    assert sorted(in_the_way(page)) == [
        ("1 action still to do", url_of("actions_page", case)),
        ("An update from Social Services is not judged yet", url_of("referrals:judge", case)),
        ("Social Services have not answered what we asked", url_of("referrals:social_services", case)),
        ("The first CRAM is not done", url_of("cram:assess", case)),
    ]
    assert 'name="outcome"' not in page


def test_what_ends_undone_is_said_before_it_is_asked_for_and_agreed(
    client: Client, sergeant: User, telephoned: Case, closure: Closure
) -> None:
    assert "get the telephone referral in writing" in page_of(client, "closure", telephoned).lower()
    of_it = asked_to_close(telephoned)
    assert "Get the telephone referral in writing" in page_of(client, "agree_closure", telephoned, of_it.pk)
    for name, args in (("closure", ()), ("agree_closure", (closure.pk,))):
        assert "the telephone referral in writing" not in page_of(client, name, closure.case, *args)


def test_an_empty_request_is_refused_beside_its_fields(client: Client, sergeant: User, ready: Case) -> None:
    assert wrong(send(client, "closure", ready, outcome="")) == ["court", "outcome"]
    assert not Closure.objects.filter(case=ready).exists()


def test_a_court_case_under_way_is_refused_beside_its_field_and_nothing_typed_is_lost(
    client: Client, sergeant: User, ready: Case
) -> None:
    page = send(client, "closure", ready, outcome=TYPED, court="under_way")
    assert wrong(page) == ["court"]
    assert "The record stays open until the court case is concluded" in page
    assert TYPED in page
    assert not Closure.objects.filter(case=ready).exists()


def test_what_stands_in_the_way_refuses_what_is_sent_all_the_same(
    client: Client, sergeant: User, triaged: Case
) -> None:
    page = send(client, "closure", triaged, outcome=OUTCOME, court="none")
    assert "This record cannot be closed yet." in page
    assert "It is not decided what is done about the referral." in page
    assert not Closure.objects.filter(case=triaged).exists()


def test_who_asks_second_is_told_who_asked_and_loses_nothing(
    client: Client, sergeant: User, closure: Closure
) -> None:
    page = send(client, "closure", closure.case, outcome=TYPED, court="none")
    assert TYPED in page
    assert (
        f"{closure.asked_by} asked on {moment(closure.asked_at)} to close this record, because: “{OUTCOME}” "
        "Another sergeant or the inspector answers."
    ) in page
    assert closure.case.closures.count() == 1


# --- the page as each sees it --------------------------------------------------------------------


def test_a_constable_who_asked_may_withdraw_alone(client: Client, ready: Case) -> None:
    by = signed_in(client, Role.INVESTIGATOR)
    closure = asked_to_close(ready, by=by)
    page = page_of(client, "closure", closure.case)
    assert "Closure is asked for" in page
    assert OUTCOME in page
    assert "Another sergeant or the inspector answers." in page
    assert offered(page, closure) == ["withdraw_closure"]
    assert 'name="outcome"' not in page


def test_a_sergeant_who_asked_reads_that_another_must_agree(client: Client, sergeant: User, ready: Case) -> None:
    closure = asked_to_close(ready, by=sergeant)
    page = page_of(client, "closure", closure.case)
    assert (
        "You asked to close this record, so somebody else must agree. Ask another sergeant or the inspector." in page
    )
    assert offered(page, closure) == ["withdraw_closure"]


def test_another_sergeant_may_agree_or_not(client: Client, sergeant: User, closure: Closure) -> None:
    page = page_of(client, "closure", closure.case)
    assert f"{closure.asked_by}, {moment(closure.asked_at)}. Court case: there was none." in page
    assert offered(page, closure) == ["agree_closure", "refuse_closure"]


def test_a_sergeant_who_is_officer_in_case_may_refuse_alone(
    client: Client, sergeant: User, investigation: Case
) -> None:
    actions.assign_case(investigation, officer_in_case=sergeant, supervisor=None, by=User.objects.system())
    closure = asked_to_close(investigation)
    page = page_of(client, "closure", investigation)
    assert "You are or were officer in case, so somebody else must agree." in page
    assert offered(page, closure) == ["refuse_closure"]


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.OFFICE_MANAGER, Role.COMMAND])
def test_whoever_is_no_sergeant_reads_who_answers(client: Client, role: Role, closure: Closure) -> None:
    signed_in(client, role)
    page = page_of(client, "closure", closure.case)
    assert "Another sergeant or the inspector answers." in page
    assert offered(page, closure) == []


def test_the_command_reads_what_stands_in_the_way_and_asks_for_nothing(client: Client, ready: Case) -> None:
    signed_in(client, Role.COMMAND)
    assert 'name="outcome"' not in page_of(client, "closure", ready)
    assert client.post(url_of("closure", ready), {"outcome": OUTCOME, "court": "none"}).status_code == 403
    assert in_the_way(page_of(client, "closure", a_case()))[0][0] == "The referral is not triaged"
    assert not Closure.objects.filter(case=ready).exists()


def test_what_came_in_the_way_after_asking_stands_beside_the_request(
    client: Client, sergeant: User, closure: Closure
) -> None:
    add_action(closure.case)
    page = page_of(client, "closure", closure.case)
    assert "Closure is asked for" in page
    assert in_the_way(page) == [("1 action still to do", url_of("actions_page", closure.case))]


def test_a_closed_record_says_when_and_how_and_a_sergeant_may_open_it_again(
    client: Client, sergeant: User, closed: Case
) -> None:
    case = Case.objects.get(pk=closed.pk)
    assert case.closed_at is not None
    page = page_of(client, "closure", case)
    assert "This record is closed" in page
    assert f"Closed on {moment(case.closed_at)}." in page
    assert f'href="{url_of("reopen_case", case)}"' in page
    assert "<b>Agreed</b> by" in page
    assert OUTCOME in page
    assert 'name="outcome"' not in page


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.COMMAND])
def test_whoever_is_no_sergeant_reads_whom_to_ask_to_open_it_again(client: Client, role: Role, closed: Case) -> None:
    signed_in(client, role)
    page = page_of(client, "closure", closed)
    assert "ask a sergeant to open it again" in page
    assert url_of("reopen_case", closed) not in page


def test_what_was_asked_before_stands_with_how_it_was_answered(
    client: Client, sergeant: User, closure: Closure
) -> None:
    actions.refuse_closure(closure, answer="The aunt is not seen", by=sergeant)
    again = asked_to_close(closure.case)
    page = page_of(client, "closure", closure.case)
    before = page.split("Asked before</h2>")[1]
    assert f"<b>Not agreed</b> by {sergeant}" in before
    assert "The aunt is not seen" in before
    assert str(again.asked_by) not in before.split("</section>")[0]


# --- answering -----------------------------------------------------------------------------------


def test_agreeing_closes_the_record(client: Client, sergeant: User, closure: Closure) -> None:
    page = page_of(client, "agree_closure", closure.case, closure.pk)
    assert OUTCOME in page
    assert "Then nothing can be written on it until it is opened again." in page
    page = send(client, "agree_closure", closure.case, closure.pk, read="on", answer="I have read it")
    assert f"Record {closure.case} is closed." in page
    assert "This record was closed on" in page
    closure.refresh_from_db()
    assert (closure.state, closure.answered_by, closure.answer) == (ClosureState.AGREED, sergeant, "I have read it")
    assert state_of(closure.case) == State.CLOSED


def test_whoever_agrees_says_that_they_have_read_the_record(client: Client, sergeant: User, closure: Closure) -> None:
    page = send(client, "agree_closure", closure.case, closure.pk, answer=TYPED)
    assert wrong(page) == ["read"]
    assert TYPED in page
    assert state_of(closure.case) == State.OPEN


def test_refusing_keeps_the_record_open_and_says_whom_to_tell(
    client: Client, sergeant: User, closure: Closure
) -> None:
    page = send(client, "refuse_closure", closure.case, closure.pk, answer="The aunt is not seen")
    assert f"Record {closure.case} stays open. Tell {closure.asked_by}; why is in the chronology too." in page
    closure.refresh_from_db()
    assert (closure.state, closure.answered_by) == (ClosureState.REFUSED, sergeant)
    assert "The aunt is not seen" in page_of(client, "chronology", closure.case)


def test_withdrawing_keeps_the_record_open(client: Client, ready: Case) -> None:
    by = signed_in(client, Role.INVESTIGATOR)
    closure = asked_to_close(ready, by=by)
    page = send(client, "withdraw_closure", closure.case, closure.pk, answer="A new mark")
    assert "The request is withdrawn. The record stays open." in page
    closure.refresh_from_db()
    assert (closure.state, closure.answer) == (ClosureState.WITHDRAWN, "A new mark")


@pytest.mark.parametrize(
    ("name", "says"), [("refuse_closure", "Say what is missing"), ("withdraw_closure", "Say why you withdraw it")]
)
def test_without_a_reason_neither_is_done(client: Client, sergeant: User, name: str, says: str, ready: Case) -> None:
    closure = asked_to_close(ready, by=sergeant if name == "withdraw_closure" else None)
    page = send(client, name, closure.case, closure.pk, answer="  ")
    assert wrong(page) == ["answer"]
    assert says in page
    closure.refresh_from_db()
    assert closure.state == ClosureState.ASKED


def test_the_page_to_agree_says_why_one_cannot(client: Client, sergeant: User, closure: Closure, ready: Case) -> None:
    mine = asked_to_close(ready, by=sergeant)
    page = page_of(client, "agree_closure", mine.case, mine.pk)
    assert "You asked to close this record, so somebody else must agree." in page
    assert 'name="read"' not in page
    page = send(client, "agree_closure", mine.case, mine.pk, read="on", answer=TYPED)
    assert "You asked to close this record, so somebody else must agree." in page
    assert TYPED in page
    assert state_of(mine.case) == State.OPEN
    add_action(closure.case)
    page = page_of(client, "agree_closure", closure.case, closure.pk)
    assert "1 action still to do." in page
    assert 'name="read"' not in page


def test_what_came_in_the_way_while_the_form_was_open_refuses_and_nothing_typed_is_lost(
    client: Client, sergeant: User, closure: Closure
) -> None:
    page_of(client, "agree_closure", closure.case, closure.pk)
    add_action(closure.case)
    page = send(client, "agree_closure", closure.case, closure.pk, read="on", answer=TYPED)
    assert "1 action still to do." in page
    assert TYPED in page
    assert state_of(closure.case) == State.OPEN


def test_only_whoever_asked_is_offered_to_withdraw(client: Client, sergeant: User, closure: Closure) -> None:
    page = page_of(client, "withdraw_closure", closure.case, closure.pk)
    assert f"{closure.asked_by} asked to close this record. Only they can withdraw the request." in page
    assert 'name="answer"' not in page
    page = send(client, "withdraw_closure", closure.case, closure.pk, answer=TYPED)
    assert "Only they can withdraw the request." in page
    assert TYPED in page
    closure.refresh_from_db()
    assert closure.state == ClosureState.ASKED


def agreed(closure: Closure, by: User) -> None:
    actions.agree_closure(closure, answer="I have read it", by=by)


def refused(closure: Closure, by: User) -> None:
    actions.refuse_closure(closure, answer="Not seen", by=by)


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (agreed, "agreed to close this record on"),
        (refused, "did not agree to close this record on"),
    ],
)
@pytest.mark.parametrize("name", ["agree_closure", "refuse_closure"])
def test_the_second_who_answers_is_told_who_did_and_loses_nothing(
    client: Client, sergeant: User, name: str, first: Callable[[Closure, User], None], says: str, closure: Closure
) -> None:
    other = an_officer(Role.SUPERVISOR, name="Tull")
    page_of(client, name, closure.case, closure.pk)
    first(closure, other)
    page = send(client, name, closure.case, closure.pk, read="on", answer=TYPED)
    assert f"{other} {says} " in page
    assert TYPED in page
    closure.refresh_from_db()
    assert closure.answered_by == other


def test_a_request_of_another_record_is_not_answered_here(
    client: Client, sergeant: User, closure: Closure, ready: Case
) -> None:
    for name in ANSWERS:
        assert client.get(url_of(name, ready, closure.pk)).status_code == 404
        assert client.post(url_of(name, ready, closure.pk), {"read": "on", "answer": "x"}).status_code == 404
        assert client.get(url_of(name, ready, 10**30)).status_code == 404
    closure.refresh_from_db()
    assert closure.state == ClosureState.ASKED


# --- opened again --------------------------------------------------------------------------------


def test_a_closed_record_is_opened_again_with_a_reason(client: Client, sergeant: User, closed: Case) -> None:
    assert wrong(send(client, "reopen_case", closed, reason=" ")) == ["reason"]
    page = send(client, "reopen_case", closed, reason="A new mark")
    assert f"Record {closed} is open again. Now decide what is done." in page
    assert "To be decided again." in page
    assert in_the_way(page) == [
        ("It is not decided what is done about the referral", url_of("referrals:decide", closed)),
    ]


def test_an_open_record_is_not_opened_again(client: Client, sergeant: User, ready: Case) -> None:
    page = page_of(client, "reopen_case", ready)
    assert f"Record {ready} is open." in page
    assert 'name="reason"' not in page
    page = send(client, "reopen_case", ready, reason=TYPED)
    assert f"Record {ready} is open." in page
    assert TYPED in page


def test_the_second_who_opens_it_again_is_told_who_did_and_loses_nothing(
    client: Client, sergeant: User, closed: Case
) -> None:
    other = an_officer(Role.SUPERVISOR, name="Tull")
    page_of(client, "reopen_case", closed)
    actions.reopen_case(closed, reason="A new mark", by=other)
    page = send(client, "reopen_case", closed, reason=TYPED)
    assert f"{other} opened record {closed} again on " in page
    assert TYPED in page
    assert f"{other} opened record {closed} again on " in page_of(client, "reopen_case", closed)


def test_what_is_asked_on_a_closed_record_says_who_can_open_it_again(
    client: Client, sergeant: User, closed: Case
) -> None:
    page = send(client, "closure", closed, outcome=TYPED, court="none")
    assert f"Record {closed} is closed, so nothing can be added to it." in page
    assert "A sergeant or the inspector can open it again." in page
    assert TYPED in page


# --- who may -------------------------------------------------------------------------------------


def test_an_outsider_does_not_even_find_the_pages(client: Client, closure: Closure, closed: Case) -> None:
    signed_in(client, Role.SUPERVISOR, team=a_team("ENF"))
    urls = [url_of(name, closure.case, closure.pk) for name in ANSWERS]
    urls += [url_of("closure", closure.case), url_of("reopen_case", closed), url_of("closure", closed)]
    for url in urls:
        assert client.get(url).status_code == 404
        assert client.post(url, {"read": "on", "answer": "x", "reason": "x"}).status_code == 404
    assert state_of(closed) == State.CLOSED
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.OFFICE_MANAGER, Role.COMMAND])
def test_whoever_is_no_sergeant_is_refused_what_they_send(
    client: Client, role: Role, closure: Closure, closed: Case
) -> None:
    signed_in(client, role)
    for name in ("agree_closure", "refuse_closure"):
        url = url_of(name, closure.case, closure.pk)
        assert client.get(url).status_code == 403
        answer = client.post(url, {"read": "on", "answer": "x"})
        assert answer.status_code == 403
        assert "You cannot answer a request to close a record in Team HGY." in unescape(answer.content.decode())
    answer = client.post(url_of("reopen_case", closed), {"reason": "x"})
    assert answer.status_code == 403
    closure.refresh_from_db()
    assert (closure.state, state_of(closed)) == (ClosureState.ASKED, State.CLOSED)


def test_the_command_withdraws_nothing(client: Client, closure: Closure) -> None:
    signed_in(client, Role.COMMAND)
    assert client.post(url_of("withdraw_closure", closure.case, closure.pk), {"answer": "x"}).status_code == 403


def test_each_look_is_logged_with_its_page(client: Client, sergeant: User, closure: Closure) -> None:
    for name in ("closure", "reopen_case"):
        page_of(client, name, closure.case)
        assert AccessLog.objects.latest("id").detail == {"page": f"cases:{name}"}
    for name in ANSWERS:
        page_of(client, name, closure.case, closure.pk)
        look = AccessLog.objects.latest("id")
        assert (look.detail, look.case_id, look.by_id) == (
            {"page": f"cases:{name}"},
            closure.case_id,
            sergeant.pk,
        )


# --- the record and Today ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "done", "what", "view"),
    [
        ("received", assessed, "The referral is not triaged", "referrals:triage"),
        ("decided", None, "The first CRAM is not done", "cram:assess"),
        ("decided", submitted, "A CRAM is not endorsed", "cram:endorse"),
        ("triaged", assessed, "It is not decided what is done about the referral", "referrals:decide"),
        ("investigation", None, "The investigation is given to no officer", "cases:assign_case"),
        ("awaited", None, "Social Services have not answered what we asked", "referrals:social_services"),
    ],
)
def test_the_record_says_what_stands_in_the_way_and_leads_to_it(
    client: Client,
    sergeant: User,
    built: dict[str, Case],
    of: str,
    done: Callable[[Case], Any] | None,
    what: str,
    view: str,
) -> None:
    case = own(built[of])
    if done:
        done(case)
    page = page_of(client, "workbench:case", case)
    assert "1 thing stands in the way of closure" in page
    assert in_the_way(page) == [(what, url_of(view, case))]
    assert client.get(url_of(view, case)).status_code == 200


def test_where_nothing_stands_in_the_way_the_record_leads_to_its_closure(
    client: Client, sergeant: User, ready: Case
) -> None:
    page = page_of(client, "workbench:case", ready)
    assert "Nothing stands in the way of closure" in page
    assert in_the_way(page) == []
    assert f'href="{url_of("closure", ready)}">Ask for closure</a>' in page


def test_a_closed_record_says_so_and_offers_nothing_to_write(client: Client, sergeant: User, closed: Case) -> None:
    page = page_of(client, "workbench:case", closed)
    assert "This record was closed on" in page
    assert "How it was closed" in page
    assert "in the way of closure" not in page
    for name in ("add_entry", "assign_case", "referrals:decide", "referrals:record_strategy"):
        assert f'href="{url_of(name, closed)}"' not in page


def test_a_request_is_due_of_the_sergeants_and_its_duty_leads_to_the_page(
    client: Client, sergeant: User, closure: Closure
) -> None:
    link = f'href="{url_of("closure", closure.case)}">Answer the request to close the record'
    assert link in unescape(client.get("/").content.decode())
    assert link in page_of(client, "workbench:case", closure.case)
    actions.refuse_closure(closure, answer="Not seen", by=sergeant)
    assert link not in unescape(client.get("/").content.decode())
    assert not Duty.objects.filter(case=closure.case, kind="closure", state="open").exists()


def test_who_asks_when_something_has_come_in_the_way_loses_nothing(
    client: Client, sergeant: User, ready: Case
) -> None:
    add_action(ready)
    assert TYPED in send(client, "closure", ready, outcome=TYPED, court="none")


def test_whoever_answers_reads_what_was_written_since_it_was_asked_for(
    client: Client, sergeant: User, closure: Closure
) -> None:
    page = page_of(client, "agree_closure", closure.case, closure.pk)
    assert "Written on the record since then" not in page
    judged(an_answer(closure.case))
    for name, pk in (("agree_closure", [closure.pk]), ("closure", [])):
        page = page_of(client, name, closure.case, *pk)
        assert "Written on the record since then" in page
        assert "Update judged: circumstances have not changed" in page
        assert "Closure asked for" not in page


def test_whoever_asked_is_not_told_to_answer_it(client: Client, ready: Case) -> None:
    asker = an_officer(Role.SUPERVISOR)
    closure = asked_to_close(ready, by=asker)
    for by, shown in ((asker, False), (an_officer(Role.SUPERVISOR), True)):
        client.force_login(by)
        page = unescape(client.get(reverse("workbench:case", args=[closure.case.number])).content.decode())
        assert ('draggable="false">Answer the request to close the record' in page) is shown
