"""The mailbox beside the log: what waits, in which order, in which words; and what is never shown there."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog
from deadlines import clock
from referrals.actions import confirm_referral, save_draft
from referrals.beside import MOST_EMAILS, MOST_LOGGED
from referrals.enums import Method
from referrals.models import Draft, Referral
from team.actions import give_role
from team.enums import Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child, a_referral, aged
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OUTSTANDING = "Written confirmation outstanding"


@pytest.fixture
def sergeant(client: Client) -> User:
    user = an_officer(Role.DESK_SERGEANT, name="Nandra")
    client.force_login(user)
    return user


def page(client: Client, name: str = "desk_page", *args: Any, **asked: Any) -> str:
    answer = client.get(reverse(f"referrals:{name}", args=args), asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def items(text: str) -> list[str]:
    """The rows of the list beside the desk's work, in their order, with the mark of what is open."""
    part = text[text.index('id="desk-list"') :].partition("</section>")[0]
    return [
        ("→ " if "aria-current" in mark else "") + words(row)
        for mark, row in re.findall(r"<li([^>]*)>(.*?)</li>", part, re.S)
    ]


def a_draft(by: User, child: str = "", *, team: Team | None = None, **typed: list[str]) -> Draft:
    return save_draft(team or a_team(), key=uuid4(), typed={"children-0-given_names": [child], **typed}, by=by)


def confirmed(referral: Referral) -> Referral:
    return confirm_referral(
        referral, confirmed_at=clock.now(), confirmed_how="Email from the school", by=User.objects.system()
    )


# --- the list ------------------------------------------------------------------------------------


def test_what_says_it_is_urgent_comes_first_then_the_oldest(client: Client, sergeant: User) -> None:
    now = clock.now()
    for subject, ago in (("Newest", 1), ("Oldest", 47), ("URGENT later", 3), ("URGENT sooner", 30)):
        a_message(subject=subject, received_at=now - ago * MINUTE)
    found = items(page(client))
    order = [next(s for s in ("URGENT sooner", "URGENT later", "Oldest", "Newest") if s in row) for row in found]
    assert order == ["URGENT sooner", "URGENT later", "Oldest", "Newest"]
    assert ["Says it is urgent" in row for row in found] == [True, True, False, False]
    assert "Gillian Teasdale" in found[2]
    assert "Waiting 47 minutes" in found[2]


def test_the_page_says_in_a_sentence_what_waits_and_what_is_next(client: Client, sergeant: User) -> None:
    now = clock.now()
    a_message(subject="Oldest", received_at=now - 47 * MINUTE)
    next_one = a_message(subject="URGENT", received_at=now - 5 * MINUTE)
    a_referral(children=[a_child("Corey", "Blunt")], method=Method.TELEPHONE)
    text = page(client)
    told = words(text)
    assert "2 emails unread , the longest for 47 minutes. 1 referral to triage . 1 written confirmation outst" in told
    box = text[text.index('id="next-h"') :]
    assert f'href="{reverse("referrals:message", args=[next_one.pk])}">Open it</a>' in box
    assert "It says it is urgent." in box
    assert reverse("referrals:log") + "?method=telephone" in box
    assert 'value="telephone" selected' in page(client, "log", method="telephone")


def test_what_somebody_logs_already_is_said_and_another_one_is_next(client: Client, sergeant: User) -> None:
    first, second = a_message(subject="First"), a_message(subject="Second")
    colleague = an_officer(Role.SUPERVISOR, name="Tull")
    draft = a_draft(colleague, message=[str(first.pk)])
    text = page(client)
    assert f"{colleague} is logging it" in items(text)[0]
    assert reverse("referrals:draft", args=[draft.key]) in text
    assert len(items(text)) == 2  # and not once more as a draft
    assert f'href="{reverse("referrals:message", args=[second.pk])}">Open it' in text
    a_draft(sergeant, message=[str(second.pk)])
    text = page(client)
    assert "You are logging it" in items(text)[1]
    assert "Somebody is logging every email that waits." in text


def test_no_more_than_twenty_stand_there_then_how_many_there_are(client: Client, sergeant: User) -> None:
    for number in range(MOST_EMAILS + 3):
        a_message(subject=f"Number {number}", received_at=clock.now() - (99 - number) * MINUTE)
    text = page(client)
    assert len(items(text)) == MOST_EMAILS
    assert f"All {MOST_EMAILS + 3} in the mailbox" in text


def test_the_log_stands_below_by_day_the_latest_first_with_ages_urn_and_state(client: Client, sergeant: User) -> None:
    now = clock.now()
    a_draft(sergeant, "Mina")
    older = a_referral(children=[a_child("Nell", "Abara")], received_at=now - 50 * HOUR)
    newer = a_referral(children=[a_child("Rhys", "Calloway", birth=aged(6)), a_child("Tia", "Calloway")], urgent=True)
    text = page(client)
    draft, first, second = items(text)
    assert "Mina" in draft
    assert "Begun by you" in draft
    assert "Rhys Calloway, 6; Tia Calloway" in first
    assert f"{newer.urn}. Urgent. Triage by" in first
    assert "Nell Abara" in second
    assert f"{older.urn}. " in second
    of_the_list = text[text.index("Log, the latest first") :]
    assert of_the_list.index("Today, ") < of_the_list.index("Rhys Calloway, 6; Tia")


def test_a_telephone_referral_shows_that_its_confirmation_is_outstanding_until_it_is_there(
    client: Client, sergeant: User
) -> None:
    referral = a_referral(method=Method.TELEPHONE, children=[a_child("Corey", "Blunt")])
    a_referral(method=Method.EMAIL)
    assert [OUTSTANDING in row for row in items(page(client))] == [False, True]
    assert reverse("referrals:confirm", args=[referral.case.number]) in page(client)
    assert "late" not in next(row for row in items(page(client)) if OUTSTANDING in row)
    move_time_to(clock.now() + 9 * 24 * HOUR)
    assert re.search(rf"{OUTSTANDING} \d+ days late", items(page(client))[1])
    confirmed(referral)
    text = page(client)
    assert OUTSTANDING not in " ".join(items(text))
    assert "No written confirmation is outstanding." in text
    assert "Every telephone referral is confirmed in writing." in text


# --- beside an email, and beside the form --------------------------------------------------------


def test_it_stands_beside_an_email_with_a_mark_on_what_is_open(client: Client, sergeant: User) -> None:
    a_message(subject="Other", received_at=clock.now() - HOUR)
    message = a_message(subject="This one")
    assert [row.startswith("→ ") for row in items(page(client, "message", message.pk))] == [False, True]
    assert [row.startswith("→ ") for row in items(page(client, "log", message=message.pk))] == [False, True]


def test_it_stands_beside_the_form_with_a_mark_on_the_draft(client: Client, sergeant: User) -> None:
    a_referral()
    draft = a_draft(sergeant, "Mina")
    assert not items(page(client, "log"))[0].startswith("→ ")
    assert items(page(client, "draft", draft.key))[0].startswith("→ ")
    assert "Draft, open here" in page(client, "draft", draft.key)


def test_whoever_handles_no_mail_reads_an_email_of_their_record_without_it(client: Client) -> None:
    message = a_message()
    a_referral(message=message)
    a_message(subject="Of nobody else’s business")
    client.force_login(an_officer(Role.INVESTIGATOR))
    text = page(client, "message", message.pk)
    assert "Mailbox and log" not in text
    assert "nobody else’s" not in text
    assert client.get(reverse("referrals:desk_page")).status_code == 403


# --- what is never shown -------------------------------------------------------------------------


def test_a_protected_caller_is_named_nowhere(client: Client, sergeant: User) -> None:
    a_referral(
        method=Method.TELEPHONE,
        protected=True,
        referrer_name="Gwendolen Quartermain",
        referrer_job="Dinner lady",
        children=[a_child("Rhys")],
    )
    a_draft(sergeant, referrer_name=["Gwendolen Quartermain"], protected=["on"])
    for text in (page(client), page(client, "log"), page(client, "message", a_message().pk)):
        assert "Rhys" in text
        assert "Quartermain" not in text
        assert "Dinner lady" not in text


def test_another_teams_emails_drafts_and_log_are_never_there(client: Client, sergeant: User) -> None:
    theirs = a_team("ENF")
    a_message(theirs, subject="Email of Enfield")
    a_draft(an_officer(Role.DESK_SERGEANT, theirs), "Draftchild", team=theirs)
    a_referral(theirs, method=Method.TELEPHONE, children=[a_child("Logchild")])
    ours = a_message(subject="Ours")
    for text in (page(client), page(client, "log"), page(client, "message", ours.pk)):
        assert len(items(text)) == 1
        assert not re.search("Enfield|Draftchild|Logchild", text)


def test_only_the_acting_teams_desk_is_shown_to_who_works_for_two(client: Client, sergeant: User) -> None:
    theirs = a_team("ENF")
    system = User.objects.system()
    give_role(sergeant, team=theirs, role=Role.RESEARCHER, from_on=clock.today(), by=system)
    a_message(subject="Ours")
    for team, shown in ((a_team(), True), (theirs, False)):
        session = client.session
        session["acting_team"] = team.pk
        session.save()
        text = page(client)
        assert ("Ours" in text) == shown
        assert ("You do not handle the email of" in text) != shown


def test_an_empty_desk_is_kind(client: Client, sergeant: User) -> None:
    text = page(client)
    for sentence in (
        "No email waits. New ones stand here within a minute or two of reaching the mailbox.",
        "No referral is to be triaged.",
        "Every telephone referral is confirmed in writing.",
        "No referral is logged yet.",
    ):
        assert sentence in text


# --- what it costs, and what is recorded ---------------------------------------------------------


def test_each_page_is_one_look_that_names_what_the_list_showed(client: Client, sergeant: User) -> None:
    message, other = a_message(subject="About nobody"), a_message(subject="Other")
    case = a_case()
    draft = a_draft(sergeant)

    def look(name: str, *args: Any, **asked: Any) -> AccessLog:
        before = AccessLog.objects.count()
        page(client, name, *args, **asked)
        (row,) = AccessLog.objects.order_by("pk")[before:]
        assert row.by_id == sergeant.pk
        return row

    everything = {"messages": [message.pk, other.pk], "draft": [str(draft.key)], "records": [case.pk]}
    for name in ("desk_page", "log"):
        row = look(name)
        assert (row.object_type, row.object_id, row.team_id) == ("intake.message", None, a_team().pk)
        assert row.detail == everything
    row = look("message", message.pk)
    assert (row.object_id, row.detail) == (message.pk, {**everything, "messages": [other.pk]})
    row = look("draft", draft.key)
    assert (row.object_type, row.detail) == ("referrals.draft", {**everything, "draft": str(draft.key)})
    another = a_draft(sergeant)
    assert look("draft", draft.key).detail == {**everything, "draft": [str(draft.key), str(another.key)]}


def test_it_takes_as_many_statements_however_much_there_is(client: Client, sergeant: User) -> None:
    def some(number: int) -> None:
        for _ in range(number):
            a_draft(sergeant, message=[str(a_message().pk)])
            a_message(subject="URGENT")
            a_referral(method=Method.TELEPHONE, children=[a_child(), a_child()])

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client)
        return sum(not re.match("BEGIN|COMMIT|SAVEPOINT|RELEASE", each["sql"]) for each in captured.captured_queries)

    some(2)
    few = statements()
    some(MOST_LOGGED)
    assert statements() == few
    assert few <= 17  # with the session and the account; two lists and the three numbers of the desk are on it
