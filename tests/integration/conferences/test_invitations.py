"""The invitations to conferences: those that the desk passed on, and who reads them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AccessLog
from conferences.actions import cancel_conference
from deadlines.clock import LONDON
from intake.actions import pass_to_conferences, set_aside_message
from intake.models import Message
from team.enums import Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference
from tests.factories.deciding import a_closed_case
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

HERE = "/conferences/invitations/"
# A Thursday, at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
EMPTY = "No invitation has been passed on yet."


@pytest.fixture
def pclo(client: Client) -> User:
    """Who is signed in: the conference liaison officer of Haringey."""
    return signed_in(client, Role.PCLO)


def signed_in(client: Client, role: Role, team: Team | None = None, **other: Any) -> User:
    move_time_to(NOW)
    user = an_officer(role, team, **other)
    client.force_login(user)
    return user


def an_invitation(
    family: str = "Vane", team: Team | None = None, *, at: datetime = NOW, by: User | None = None, **said: Any
) -> Message:
    """An invitation that was passed on at that moment."""
    message = a_message(team, subject=f"Invitation to Initial Child Protection Conference - {family} family", **said)
    move_time_to(at)
    return pass_to_conferences(message, by=by or User.objects.system())


def page(client: Client, url: str = HERE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def listed(html: str) -> list[int]:
    """The emails of the list, in its order."""
    return [int(pk) for pk in re.findall(r'rowheader"[^>]*><a [^>]*href="/referrals/mailbox/(\d+)/"', html)]


def following(html: str) -> str:
    found = re.search(r'href="([^"]*)" rel="next"', html)
    return found[1] if found else ""


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_only_what_was_passed_on_is_listed(client: Client, pclo: User) -> None:
    passed = an_invitation()
    a_message(subject="Invitation that waits")
    set_aside_message(a_message(subject="Invitation to a party"), reason="Not ours", by=User.objects.system())
    html = page(client)
    assert listed(html) == [passed.pk]
    assert "party" not in html
    assert EMPTY not in html


def test_a_row_says_what_from_whom_when_and_who_passed_it_on(client: Client, pclo: User) -> None:
    officer = an_officer(Role.OFFICE_MANAGER, name="Sowerby")
    sender = "Gillian Teasdale <g.teasdale@fernley.example>"
    message = an_invitation(by=officer, received_at=NOW - 2 * HOUR, at=NOW - HOUR, sender=sender)
    move_time_to(NOW)
    told = words(page(client).partition("<tbody")[2])
    for said in (
        message.subject,
        "Gillian Teasdale, g.teasdale@fernley.example",
        "14 January 2010, 10am",
        "today at 11am",
        str(officer),
    ):
        assert said in told, said
    assert "attachment" not in told


def test_attachments_are_counted(client: Client, pclo: User) -> None:
    email = EmailMessage(policy=SMTP)
    email["From"], email["Subject"] = "cp@fernley.example", "Invitation"
    email.set_content("Please find attached.")
    for name in ("agenda.txt", "report.txt"):
        email.add_attachment(b"Invented", maintype="text", subtype="plain", filename=name)
    pass_to_conferences(a_message(raw=email.as_bytes()), by=User.objects.system())
    assert "2 attachments" in words(page(client))


def test_an_email_without_a_subject_can_still_be_opened(client: Client, pclo: User) -> None:
    message = a_message(raw=b"From: cp@fernley.example\r\n\r\nA conference will be held.\r\n")
    pass_to_conferences(message, by=User.objects.system())
    assert f'href="/referrals/mailbox/{message.pk}/">(no subject)</a>' in page(client)
    assert "A conference will be held." in page(client, f"/referrals/mailbox/{message.pk}/")


def test_a_subject_is_never_a_tag(client: Client, pclo: User) -> None:
    an_invitation("<script>alert(1)</script>")
    raw = client.get(HERE).content.decode()
    assert "<script>alert" not in raw
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in raw


def test_what_was_passed_on_last_comes_first_whenever_it_arrived(client: Client, pclo: User) -> None:
    first = an_invitation(received_at=NOW - HOUR, at=NOW + MINUTE)
    second = an_invitation(received_at=NOW - 3 * HOUR, at=NOW + 3 * MINUTE)
    third = an_invitation(received_at=NOW - 2 * HOUR, at=NOW + 2 * MINUTE)
    assert listed(page(client)) == [second.pk, third.pk, first.pk]


def test_read_to_the_end_each_invitation_is_there_once_and_in_order(client: Client, pclo: User) -> None:
    made = [an_invitation(at=NOW + (number // 3) * MINUTE).pk for number in range(120)]
    pages, url = [], HERE
    while url:
        html = page(client, url)
        pages.append(listed(html))
        url = HERE + following(html) if following(html) else ""
    assert [len(each) for each in pages] == [50, 50, 20]
    assert [pk for each in pages for pk in each] == made[::-1]


@pytest.mark.parametrize("after", ["nonsense", "🙂"])
def test_a_damaged_address_of_a_page_is_refused(client: Client, pclo: User, after: str) -> None:
    assert client.get(HERE, {"after": after}).status_code == 400


def test_where_nothing_was_passed_on_the_page_says_who_does(client: Client, pclo: User) -> None:
    a_message(subject="Invitation that waits")
    html = page(client)
    assert EMPTY in html
    assert "<table" not in html


SEE_NONE = [Role.ADMINISTRATOR, Role.AUDITOR]


@pytest.mark.parametrize("role", [role for role in Role if role not in SEE_NONE])
def test_whoever_sees_records_reads_the_invitation(client: Client, role: Role) -> None:
    signed_in(client, role)
    message = an_invitation()
    assert listed(page(client)) == [message.pk]
    assert "Vane family" in page(client, f"/referrals/mailbox/{message.pk}/")


@pytest.mark.parametrize("role", SEE_NONE)
def test_whoever_sees_no_records_sees_no_invitations(client: Client, role: Role) -> None:
    signed_in(client, role)
    an_invitation()
    answer = client.get(HERE)
    assert answer.status_code == 403
    assert "Vane" not in answer.content.decode()


def test_another_team_s_invitations_are_not_there(client: Client, pclo: User) -> None:
    ours = an_invitation()
    theirs = an_invitation("Vellacott", a_team("BRN"))
    html = page(client)
    assert listed(html) == [ours.pk]
    assert "Vellacott" not in html
    assert client.get(f"/referrals/mailbox/{theirs.pk}/").status_code == 404


def test_the_liaison_officer_of_another_team_sees_none_of_ours(client: Client) -> None:
    signed_in(client, Role.PCLO, a_team("BRN"))
    an_invitation(team=a_team("HGY"))
    assert EMPTY in page(client)


def test_the_command_reads_of_which_team_each_is(client: Client, pclo: User) -> None:
    ours, theirs = an_invitation(), an_invitation(team=a_team("BRN", "Barnet CAIT"))
    assert 'data-label="Team"' not in page(client)
    signed_in(client, Role.COMMAND)
    html = page(client)
    assert listed(html) == [theirs.pk, ours.pk]
    assert re.findall(r'data-label="Team">([^<]*)<', html) == ["Barnet CAIT", "Team HGY"]


def test_what_tells_who_a_protected_caller_is_is_for_those_who_may_know(client: Client, pclo: User) -> None:
    hidden, plain = an_invitation("Vane"), an_invitation("Penrose")
    Message.objects.filter(pk=hidden.pk).update(protected=True)
    html = page(client)
    assert listed(html) == [plain.pk]
    assert "Vane" not in html
    assert client.get(f"/referrals/mailbox/{hidden.pk}/").status_code == 404
    signed_in(client, Role.DESK_SERGEANT)
    assert listed(page(client)) == [plain.pk, hidden.pk]


def test_the_way_to_the_mailbox_is_for_those_who_handle_it(client: Client, pclo: User) -> None:
    link = '<div class="cait-acts"><a class="govuk-link" href="/referrals/mailbox/">Mailbox</a></div>'
    assert link not in page(client)
    signed_in(client, Role.OFFICE_MANAGER)
    assert link in page(client)


def test_every_look_stands_in_the_access_log(client: Client, pclo: User) -> None:
    message = an_invitation()
    page(client)
    look = AccessLog.objects.get(object_type="intake.message")
    assert (look.by_id, look.how, look.team_id, look.object_id) == (pclo.pk, "page", a_team().pk, None)
    assert look.detail == {"filters": ["passed to conferences"], "messages": [message.pk]}


def test_the_page_only_answers_questions(client: Client, pclo: User) -> None:
    assert client.post(HERE).status_code == 405


def test_questions_to_the_database_do_not_grow_with_the_invitations(client: Client, pclo: User) -> None:
    def ask() -> int:
        page(client)
        with CaptureQueriesContext(connection) as asked:
            page(client)
        return len(asked)

    an_invitation(by=an_officer(Role.OFFICE_MANAGER))
    few = ask()
    for _ in range(20):
        an_invitation(by=an_officer(Role.OFFICE_MANAGER))
    assert len(listed(page(client))) == 21
    assert ask() == few


# --- what is booked from them --------------------------------------------------------------------


def one(client: Client, message: Message, **asked: str) -> str:
    answer = client.get(f"{HERE}{message.pk}/", asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def books(html: str) -> list[str]:
    """The records on which the page offers to book, in its order."""
    return re.findall(r'href="/cases/([A-Z0-9-]+)/conferences/book/\?message=', html)


def test_each_says_whether_a_conference_was_booked_from_it(client: Client, pclo: User) -> None:
    waiting, done = an_invitation(), an_invitation("Penrose", at=NOW + MINUTE)
    conference = a_conference(message=done)
    html = page(client)
    assert listed(html) == [done.pk, waiting.pk]
    assert f'href="/cases/{conference.case.number}/conferences/1/"' in html
    assert f'href="{HERE}{waiting.pk}/"' in html
    assert f'href="{HERE}{done.pk}/"' not in html
    assert listed(page(client, f"{HERE}?show=waiting")) == [waiting.pk]
    assert AccessLog.objects.latest("pk").detail["filters"] == ["passed to conferences", "not dealt with yet"]
    assert conference.case.number in one(client, done).split("Is it about another family too?")[0]
    cancel_conference(conference, why="Withdrawn", by=User.objects.system())
    assert listed(page(client, f"{HERE}?show=waiting")) == [done.pk, waiting.pk]
    signed_in(client, Role.INVESTIGATOR)
    assert "Deal with it" not in page(client)
    a_conference(message=waiting)
    a_conference(message=done)
    assert "Every email that was passed on is dealt with." in page(client, f"{HERE}?show=waiting")


def test_the_likeliest_record_stands_first_and_another_can_be_looked_for(client: Client, pclo: User) -> None:
    named = a_case(children=[a_child("Rhys", "Calloway")])
    numbered = a_case(children=[a_child("Nia", "Penrose")])
    other = a_case(children=[a_child("Tia", "Vellacott")])
    theirs = a_case(a_team("BRN"), children=[a_child("Jo", "Calloway")])
    text = f"Our reference is {numbered.urn}."
    message = pass_to_conferences(a_message(subject="ICPC - Calloway", text=text), by=User.objects.system())
    html = one(client, message)
    assert books(html) == [numbered.number, named.number]
    told = words(html)
    assert f"The text names {numbered.urn}." in told
    assert "The subject names Calloway." in told
    assert "Rhys Calloway" in told
    assert theirs.number not in html
    look = AccessLog.objects.get(object_type="intake.message", object_id=message.pk)
    assert look.detail == {"records": sorted([named.pk, numbered.pk])}
    for looked_for in (other.number, f" {other.urn} ", "vellacott"):
        assert books(one(client, message, q=looked_for)) == [numbered.number, named.number, other.number]
    for unknown in (theirs.number, "9999/99", "Nobody", "<b>"):
        assert f"No record of {message.team} fits." in one(client, message, q=unknown)
    assert "Take out line breaks" in one(client, message, q="a\u202eb")
    conference = a_conference(named)
    assert f"/cases/{named.number}/conferences/{conference.number}/" in one(client, message)


def test_on_a_closed_record_it_is_not_offered(client: Client, pclo: User) -> None:
    closed = a_closed_case()
    message = pass_to_conferences(a_message(subject=f"RCPC {closed.urn}"), by=User.objects.system())
    html = one(client, message)
    assert books(html) == []
    assert f"The subject names {closed.urn}" in html
    assert f'href="/cases/{closed.number}/closure/"' in html
    assert "No record is named in it that you can open." in one(client, an_invitation("Unheard"))


def test_who_books_from_an_email_is_led_there_from_the_mailbox(client: Client) -> None:
    email = a_message(subject="Invitation to Initial Child Protection Conference")
    other = a_message(subject="Referral")

    def way(message: Message) -> bool:
        return f'href="{HERE}{message.pk}/"' in page(client, f"/referrals/mailbox/{message.pk}/")

    signed_in(client, Role.OFFICE_MANAGER)
    assert way(email)
    assert not way(other)
    passed = pass_to_conferences(other, by=User.objects.system())
    assert way(passed)
    signed_in(client, Role.INVESTIGATOR)
    assert not way(passed)
    assert client.get(f"{HERE}{passed.pk}/").status_code == 403
    # A conference officer reads what was passed on, and nothing else.
    signed_in(client, Role.PCLO)
    assert way(passed)
    assert client.get(f"{HERE}{email.pk}/").status_code == 404
    signed_in(client, Role.PCLO, a_team("BRN"))
    assert client.get(f"{HERE}{passed.pk}/").status_code == 404
