"""The mailbox and its pages: what waits and how it is told, what is made of an email, and who may read one."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog, AuditEvent
from cases.models import Case
from deadlines import clock
from deadlines.clock import LONDON
from diary.models import Waker
from diary.outbox import send_due
from diary.sweep import sweep
from intake.actions import pass_to_conferences, put_back_message, set_aside_message
from intake.enums import State, UseKind
from intake.models import Message, Use
from intake.queries import invitations
from pages.words import moment
from referrals.actions import save_draft
from referrals.enums import Came, Method
from referrals.models import Answer, Draft, Referral
from team.actions import give_role
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_closed_case, an_approved_address, an_open_update
from tests.factories.mail import a_message, an_email
from tests.factories.referrals import a_case, a_child, a_referral
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried
from tests.integration.referrals.test_logging_form import beside, shown

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
START = datetime(2010, 1, 4, 8, 0, tzinfo=UTC)
MAILBOX = "/referrals/mailbox/"
TYPED = "What I typed and must not lose"
SCRIPT = "<script>alert(1)</script>"
TRACKER = "<img src='http://tracker.invalid/x.gif'>"


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey."""
    return signed_in(client, Role.DESK_SERGEANT, name="Nandra")


def signed_in(client: Client, role: Role, **other: Any) -> User:
    user = an_officer(role, **other)
    client.force_login(user)
    return user


def by_cait() -> User:
    return User.objects.system()


def raw_page(client: Client, name: str, *args: Any, **asked: Any) -> str:
    answer = client.get(reverse(f"referrals:{name}", args=args), asked)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def page(client: Client, name: str, *args: Any, **asked: Any) -> str:
    return unescape(raw_page(client, name, *args, **asked))


def status(client: Client, name: str, *args: Any, **asked: Any) -> int:
    return client.get(reverse(f"referrals:{name}", args=args), asked).status_code


def send(client: Client, name: str, *args: Any, **typed: Any) -> str:
    """The page that follows a form."""
    answer = client.post(reverse(f"referrals:{name}", args=args), typed, follow=True)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def form_of(client: Client, name: str, *args: Any, **asked: Any) -> dict[str, Any]:
    """What a browser would send of a form as it stands on its page."""
    fields = shown(raw_page(client, name, *args, **asked))
    return {field: values for field, values in fields.items() if field not in ("csrfmiddlewaretoken", "q")}


def chosen(form: dict[str, Any], **other: Any) -> dict[str, Any]:
    """The form of a referral with what no email can say."""
    return {**form, "categories": ["physical"], "urgent": "no", "source": "school", "do": "log", **other}


def of_a_child(**said: Any) -> Message:
    """An email about a child who is one today."""
    text = f"Rhys CALLOWAY, DOB 06/06/{clock.today().year - 6}, of 22 Tidewell House, London N17 0ZZ."
    return a_message(**{"subject": "Referral - Calloway", "text": text, **said})


def listed(client: Client, **asked: str) -> list[str]:
    """The subjects in the table of the mailbox, in their order."""
    table = page(client, "mailbox", **asked).partition("<tbody")[2]
    return re.findall(r'<th scope="row".*?<a class="govuk-link" href="[^"]*">(.*?)</a>', table, re.S)


def rows_of(text: str) -> list[str]:
    return [
        " ".join(re.sub(r"<[^>]*>", " ", row).split())
        for row in re.findall(r'<tr role="row">(.*?)</tr>', text.partition("<tbody")[2], re.S)
    ]


def looks(message: Message | None, user: User) -> list[dict[str, Any]]:
    """The rows of the access log about an email, or about the list, by a user."""
    rows = AccessLog.objects.filter(object_type="intake.message", by_id=user.pk)
    rows = rows.filter(object_id=message.pk) if message else rows.filter(object_id=None)
    return list(rows.order_by("id").values_list("detail", flat=True))


def state_of(message: Message) -> str:
    message.refresh_from_db()
    return message.state


def last_event() -> AuditEvent:
    return AuditEvent.objects.latest("id")


# --- the list ------------------------------------------------------------------------------------


def test_what_waits_stands_with_the_oldest_first_and_how_long_it_waits(client: Client, sergeant: User) -> None:
    for days in (1, 3, 2):
        a_message(subject=f"{days} days", received_at=clock.now() - days * DAY, sender="Gwen <gwen@fernley.example>")
    assert listed(client) == ["3 days", "2 days", "1 days"]
    first = rows_of(page(client, "mailbox"))[0]
    assert "Gwen gwen@fernley.example" in first
    assert "Waiting 3 days" in first


def test_what_says_it_is_urgent_stands_on_top_too_with_the_oldest_first(client: Client, sergeant: User) -> None:
    a_message(subject="Referral", received_at=START)
    a_message(subject="URGENT later", received_at=START + 2 * HOUR)
    a_message(subject="URGENT earlier", received_at=START + HOUR)
    set_aside_message(a_message(subject="URGENT and done"), reason="Training", by=by_cait())
    text = page(client, "mailbox")
    box = text[text.index("These emails say they are urgent") : text.index("<table")]
    assert re.findall(r">(URGENT.*?)</a>", box) == ["URGENT earlier", "URGENT later"]
    assert listed(client) == ["Referral", "URGENT earlier", "URGENT later"]
    assert "Says it is urgent. URGENT earlier" in " ".join(rows_of(text))


def test_where_nothing_is_urgent_there_is_no_box_for_it(client: Client, sergeant: User) -> None:
    a_message(subject="Referral")
    assert "These emails say they are urgent" not in page(client, "mailbox")
    assert "These emails say they are urgent" not in page(client, "mailbox", show="all")


def test_each_email_is_on_one_page_of_fifty_once(client: Client, sergeant: User) -> None:
    same = START + HOUR
    for number in range(120):
        a_message(subject=f"Email {number}", received_at=same if 40 < number < 110 else START + number * MINUTE)
    seen: list[str] = []
    sizes: list[int] = []
    url = f"{MAILBOX}?show=waiting"
    while url:
        text = unescape(client.get(url).content.decode())
        names = re.findall(r">(Email \d+)</a>", text.partition("<tbody")[2])
        seen, sizes = seen + names, [*sizes, len(names)]
        following = re.search(r'href="(\?[^"]*after=[^"]+)"', text)
        url = f"{MAILBOX}{following[1]}" if following else ""
        assert len(sizes) < 9
    in_order = Message.objects.order_by("received_at", "id").values_list("subject", flat=True)
    assert (sizes, seen) == ([50, 50, 20], list(in_order))


def test_an_email_that_was_dealt_with_between_two_pages_hides_no_other(client: Client, sergeant: User) -> None:
    for number in range(60):
        a_message(subject=f"Email {number}", received_at=START + number * MINUTE)
    text = unescape(client.get(MAILBOX).content.decode())
    following = re.search(r'href="(\?[^"]*after=[^"]+)"', text)
    assert following
    for message in Message.objects.order_by("received_at")[:20]:
        set_aside_message(message, reason="Training", by=by_cait())
    names = re.findall(r">(Email \d+)</a>", client.get(f"{MAILBOX}{following[1]}").content.decode())
    assert names == [f"Email {number}" for number in range(50, 60)]


def test_an_address_of_a_list_that_is_damaged_is_no_error_of_ours(client: Client, sergeant: User) -> None:
    assert client.get(MAILBOX, {"after": "damaged"}).status_code == 400
    assert client.get(MAILBOX, {"show": "nonsense"}).status_code == 200


def test_what_was_dealt_with_tells_by_whom_as_what_and_why_and_the_latest_first(
    client: Client, sergeant: User
) -> None:
    for number in (1, 2):
        message = a_message(subject=f"Training {number}", received_at=START + number * HOUR)
        set_aside_message(message, reason="Nothing about a child", by=sergeant)
    a_message(subject="Waits")
    assert listed(client, show="dealt_with") == ["Training 2", "Training 1"]
    first = rows_of(page(client, "mailbox", show="dealt_with"))[0]
    assert f"Not for a record {sergeant}: Nothing about a child" in first
    assert "Waiting" not in first


def test_all_shows_what_waits_what_is_done_and_second_copies(client: Client, sergeant: User) -> None:
    raw = an_email(subject="Twice", message_id="<1@fernley.example>")
    a_message(raw=raw, received_at=START)
    copy = a_message(raw=raw, received_at=START + HOUR)
    assert copy.state == State.COPY
    assert listed(client) == ["Twice"]
    assert listed(client, show="all") == ["Twice", "Twice"]
    assert "Second copy, delivered twice" in rows_of(page(client, "mailbox", show="all"))[0]


def test_a_logged_email_leads_to_its_record_from_the_list(client: Client, sergeant: User) -> None:
    message = of_a_child()
    send(client, "log", **chosen(form_of(client, "log", message=message.pk)))
    case = Case.objects.get()
    assert listed(client) == []
    assert f"Logged as a referral: {case.urn}" in rows_of(page(client, "mailbox", show="dealt_with"))[0]


def test_each_empty_list_says_so(client: Client, sergeant: User) -> None:
    assert "No email waits." in page(client, "mailbox")
    assert "No email has been dealt with yet." in page(client, "mailbox", show="dealt_with")
    assert "No email has come in yet." in page(client, "mailbox", show="all")


def test_who_is_logging_an_email_stands_in_the_list_and_on_its_page(client: Client, sergeant: User) -> None:
    message, other = of_a_child(), a_message(subject="Another")
    colleague = an_officer(Role.SUPERVISOR, name="Tull")
    save_draft(a_team(), key=uuid4(), typed={"message": [str(message.pk)]}, by=colleague)
    rows = rows_of(page(client, "mailbox"))
    assert [f"{colleague} is logging it" in row for row in rows] == [True, False]
    assert f"{colleague} is logging it as a referral" in page(client, "message", message.pk)
    assert "is logging it as a referral" not in page(client, "message", other.pk)


def test_who_is_logging_an_email_is_told_however_many_other_drafts_there_are(client: Client, sergeant: User) -> None:
    message = of_a_child()
    save_draft(a_team(), key=uuid4(), typed={"message": [str(message.pk)]}, by=sergeant)
    elsewhere = an_officer(Role.DESK_SERGEANT, a_team("ENF"))
    for _ in range(50):
        save_draft(a_team("ENF"), key=uuid4(), typed={"message": [""]}, by=elsewhere)
    assert "is logging it" in rows_of(page(client, "mailbox"))[0]


def test_a_draft_of_another_team_marks_no_email_of_ours(client: Client, sergeant: User) -> None:
    message = of_a_child()
    elsewhere = an_officer(Role.DESK_SERGEANT, a_team("ENF"))
    save_draft(a_team("ENF"), key=uuid4(), typed={"message": [str(message.pk)]}, by=elsewhere)
    assert "is logging it" not in page(client, "mailbox")
    assert "is logging it" not in page(client, "message", message.pk)
    assert "Filled in from the email" in page(client, "log", message=message.pk)  # and not on to theirs
    ours = save_draft(a_team(), key=uuid4(), typed={"message": [str(message.pk)]}, by=sergeant)
    assert f"{sergeant} is logging it" in rows_of(page(client, "mailbox"))[0]
    answer = client.get(reverse("referrals:log"), {"message": message.pk})
    assert answer["Location"] == reverse("referrals:draft", args=[ours.key])


@pytest.mark.parametrize("named", ["theirs", "999999999", "x"])
def test_a_draft_keeps_no_email_that_one_does_not_handle(client: Client, sergeant: User, named: str) -> None:
    theirs = a_message(a_team("ENF"))
    form = chosen(form_of(client, "log", message=of_a_child().pk), do="save")
    send(client, "log", **{**form, "message": str(theirs.pk) if named == "theirs" else named})
    draft = Draft.objects.get()
    assert draft.typed["children-0-family_name"] == ["Calloway"]
    assert {"message", "message_uses"} & set(draft.typed) == set()
    client.force_login(an_officer(Role.DESK_SERGEANT, a_team("ENF")))
    assert "is logging it" not in page(client, "mailbox")


def test_fifty_emails_cost_no_more_statements_than_five(client: Client, sergeant: User) -> None:
    """In each of the lists: they wait, half of them are dealt with, all are."""

    def some(number: int) -> list[Message]:
        """That wait, though each was dealt with before, and are being logged, by one officer each."""
        made = []
        for each in range(number):
            message, by = a_message(subject=f"URGENT {each}", received_at=START + each * MINUTE), a_colleague()
            save_draft(a_team(), key=uuid4(), typed={"message": [str(message.pk)]}, by=by)
            set_aside_message(message, reason="Training", by=a_colleague())
            made.append(put_back_message(message, reason="No", by=a_colleague()))
        return made

    def a_colleague() -> User:
        return an_officer(Role.SUPERVISOR)

    def cost(show: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(MAILBOX, {"show": show}).status_code == 200
        return len(captured)

    def costs(messages: list[Message]) -> dict[str, int]:
        found = {"waiting": cost("waiting")}
        for first, show in ((0, "all"), (1, "dealt_with")):
            for message in messages[first::2]:
                set_aside_message(message, reason="Training", by=a_colleague())
            found[show] = cost(show)
        return found

    give_role(sergeant, team=a_team("ENF"), role=Role.SUPERVISOR, from_on=clock.today(), by=by_cait())
    client.get(MAILBOX)
    few = costs(some(6))
    assert costs(some(50)) == few


def test_whoever_handles_two_mailboxes_is_told_of_which_each_is(client: Client, sergeant: User) -> None:
    a_message(a_team("ENF", "Enfield"), subject="Theirs")
    assert listed(client) == []
    give_role(sergeant, team=a_team("ENF"), role=Role.SUPERVISOR, from_on=clock.today(), by=by_cait())
    assert "Enfield" in rows_of(page(client, "mailbox"))[0]


# --- who may -------------------------------------------------------------------------------------

PAGES_OF_ONE = ["message", "message_source", "set_aside_message", "put_back_message"]
FORMS_OF_A_RECORD = ["put_email_on_record", "confirm", "record_update"]


def test_whoever_handles_mail_opens_its_pages(client: Client) -> None:
    message, case, wrong = a_message(), a_case(), Wrong()
    for role in (Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR, Role.OFFICE_MANAGER):
        with tried(wrong, role):
            signed_in(client, role)
            assert [status(client, name, message.pk) for name in PAGES_OF_ONE] == [200] * 4
            assert status(client, "mailbox") == status(client, "put_email_on_record", case.number, message.pk) == 200
            assert "passed to conferences" in send(client, "pass_to_conferences", message.pk, seen="0")
    assert wrong == {}


def test_whoever_does_not_handle_mail_opens_no_page_of_it(client: Client) -> None:
    message, case = a_message(), a_case()
    for role in (Role.RESEARCHER, Role.INVESTIGATOR, Role.PCLO, Role.COMMAND):
        signed_in(client, role)
        assert status(client, "mailbox") == 403, role
        assert [status(client, name, message.pk) for name in PAGES_OF_ONE] == [404, 404, 403, 403], role
        assert status(client, "put_email_on_record", case.number, message.pk) == 404, role
        for name in ("set_aside_message", "put_back_message", "pass_to_conferences"):
            answer = client.post(reverse(f"referrals:{name}", args=[message.pk]), {"reason": "No"})
            assert answer.status_code == 403, (role, name)
        assert client.get(reverse("referrals:log"), {"message": message.pk}).status_code in (403, 404), role
        assert state_of(message) == State.WAITING, role


def test_a_researcher_reads_an_email_that_stands_on_a_record_and_can_do_nothing_with_it(client: Client) -> None:
    sergeant = signed_in(client, Role.DESK_SERGEANT)
    message, case = a_message(subject="What the school says"), a_case()
    send(client, "put_email_on_record", case.number, message.pk, message=message.pk, text="Seen", message_uses=0)
    signed_in(client, Role.RESEARCHER)
    assert "What the school says" in page(client, "referral", case.number)
    text = page(client, "message", message.pk)
    assert f'Put on a record: <a class="govuk-link" href="{reverse("workbench:case", args=[case.number])}">' in text
    assert str(sergeant) in text
    for link in ("Log it as a new referral", "Not for a record", "Pass it to conferences", "Put it back", "Find"):
        assert link not in text, link
    assert MAILBOX + '"' not in text


def test_an_email_of_another_team_is_not_there(client: Client, sergeant: User) -> None:
    theirs, case = a_message(a_team("ENF"), subject="Theirs"), a_case(method=Method.TELEPHONE)
    assert [status(client, name, theirs.pk) for name in PAGES_OF_ONE] == [404] * 4
    assert client.post(reverse("referrals:set_aside_message", args=[theirs.pk]), {"reason": "No"}).status_code == 404
    assert client.post(reverse("referrals:pass_to_conferences", args=[theirs.pk])).status_code == 404
    assert status(client, "put_email_on_record", case.number, theirs.pk) == 404
    assert status(client, "log", message=theirs.pk) == 404
    for name in ("confirm", "record_update"):
        assert status(client, name, case.number, message=theirs.pk) == 404
    for show in ("waiting", "all"):
        assert listed(client, show=show) == []
    assert (state_of(theirs), looks(theirs, sergeant)) == (State.WAITING, [])


def test_an_email_that_cannot_be_is_not_there(client: Client, sergeant: User) -> None:
    for named in ("", "x", "-1", "0", "٣", "9" * 30, "1 OR 1=1"):
        assert status(client, "log", message=named) == 404, named


# --- what is shown of an email -------------------------------------------------------------------


def html_mail(**said: Any) -> Message:
    raw = (
        "From: Gwen <gwen@fernley.example>\r\nTo: cait@police.example\r\n"
        f"Subject: Referral {SCRIPT}\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        f"<html><body><p>Rhys &lt;b&gt;was&lt;/b&gt; late.</p>{SCRIPT}{TRACKER}"
        "<a href='http://evil.invalid/' onclick='x()'>Click</a><form action='http://evil.invalid/'></form>"
        "<style>body{display:none}</style></body></html>\r\n"
    )
    return a_message(raw=raw.encode(), **said)


def test_nothing_in_an_email_is_alive_on_any_page(client: Client, sergeant: User) -> None:
    message, case = html_mail(), a_case()
    live = ("<script>alert", "<img src='http", "<a href='http", "evil.invalid/' onclick='x()'>C", "<style>body")
    for name in (*PAGES_OF_ONE, "log", "mailbox", "put_email_on_record"):
        args: tuple[Any, ...] = {"log": (), "mailbox": (), "put_email_on_record": (case.number, message.pk)}.get(
            name, (message.pk,)
        )
        source = raw_page(client, name, *args, **({"message": message.pk} if name == "log" else {}))
        assert "Referral &lt;script&gt;alert(1)&lt;/script&gt;" in source, name
        assert [each for each in (*live, "<b>was</b>") if each in source] == [], name


def test_the_message_page_shows_the_words_of_a_web_mail_alone(client: Client, sergeant: User) -> None:
    text = page(client, "message", html_mail().pk)
    assert '<div class="cait-email">Rhys <b>was</b> late.' in text
    assert "tracker.invalid" not in text
    assert "display:none" not in text


def test_the_source_is_shown_whole_and_as_text(client: Client, sergeant: User) -> None:
    message = html_mail()
    source = raw_page(client, "message_source", message.pk)
    shown_source = unescape(source.partition('aria-label="Source of the email">')[2].partition("</pre>")[0])
    assert shown_source.strip() == bytes(message.source.raw).decode().replace("\r\n", "\n").strip()
    assert message.source.digest in source
    assert "Only its beginning is shown" not in source


def test_a_source_with_every_byte_is_shown(client: Client, sergeant: User) -> None:
    raw = b"Subject: Bytes\r\n\r\n" + bytes(range(256)) + b"\r\n</pre><script>alert(1)</script>"
    source = raw_page(client, "message_source", a_message(raw=raw).pk)
    assert "&lt;/pre&gt;&lt;script&gt;" in source
    assert "\0" not in source


def test_of_a_long_source_the_beginning_is_shown_and_it_is_said(client: Client, sergeant: User) -> None:
    source = page(client, "message_source", a_message(raw=b"Subject: Long\r\n\r\n" + b"word " * 30_000).pk)
    assert "Only its beginning is shown." in source
    assert len(source) < 120_000


def test_what_came_with_it_and_what_could_not_be_read_is_told(client: Client, sergeant: User) -> None:
    raw = (
        b"From: gwen@fernley.example\r\nSubject: Form\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nHere.\r\n"
        b'--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="<b>form.pdf"\r\n\r\n'
        b"PDF\r\n"
    )
    source = raw_page(client, "message", a_message(raw=raw).pk)
    assert "&lt;b&gt;form.pdf" in source
    assert "It did not arrive whole" in source
    assert "1 attachment" in page(client, "mailbox")


def test_an_email_that_claims_another_time_is_received_when_the_server_had_it(client: Client, sergeant: User) -> None:
    message = a_message(received_at=START, Date="Mon, 21 Dec 2009 10:00:00 +0000")
    text = page(client, "message", message.pk)
    assert f"{moment(START)} <span" in text
    assert "Says it was sent 21 December 2009, 10am" in text


def test_an_email_without_subject_and_text_can_be_opened(client: Client, sergeant: User) -> None:
    message = a_message(raw=b"\r\n")
    text = page(client, "message", message.pk)
    assert "(no subject)" in text
    assert "There is no text in this email." in text
    assert listed(client) == ["(no subject)"]


def test_a_second_copy_leads_to_the_first_and_nothing_is_made_of_it(client: Client, sergeant: User) -> None:
    raw = an_email(message_id="<1@fernley.example>")
    first, copy = a_message(raw=raw), a_message(raw=raw)
    text = page(client, "message", copy.pk)
    assert reverse("referrals:message", args=[first.pk]) in text
    assert "Log it as a new referral" not in text
    answer = send(client, "set_aside_message", copy.pk, reason="Twice", seen="0")
    assert "This is a second copy of an email. Deal with the first" in answer
    assert state_of(copy) == State.COPY


def test_a_record_is_found_on_the_message_page_and_a_short_word_is_refused_beside_the_field(
    client: Client, sergeant: User
) -> None:
    case = a_case(children=[a_child("Zoltan", "Vane")])
    message = a_message(subject="About a child")
    assert "No record is named in it that you can open." in page(client, "message", message.pk)
    assert f'href="{reverse("referrals:put_email_on_record", args=[case.number, message.pk])}"' in page(
        client, "message", message.pk, q="Vane"
    )
    assert "Enter at least 3 letters" in page(client, "message", message.pk, q="Va")
    assert "No referral of" in page(client, "message", message.pk, q="Zzyzx")


def big_buttons(text: str) -> list[str]:
    """The buttons below the frame of the page that stand out."""
    return re.findall(r'<(?:a|button) class="govuk-button"[^>]*>(.*?)<', text.partition("<main")[2])


def test_the_likeliest_button_stands_out_and_no_other(client: Client, sergeant: User) -> None:
    case = a_case(children=[a_child("Zoltan", "Vane")], method=Method.TELEPHONE)
    wrong = Wrong()
    for subject, main in (
        ("Referral - Calloway", "Log it as a new referral"),
        ("About the Calloway family", "Log it as a new referral"),
        ("About the Vane family", "Log it as a new referral"),
        ("About Zoltan Vane", "Put it on the record"),
        ("Your {urn}", "Put it on the record"),
        ("RE: URN {urn} Vane - outcome of initial assessment", "Record it as an update from Social Services"),
        ("Written confirmation of telephone referral - Vane", "Record it as the written confirmation"),
        ("Invitation to Review Child Protection Conference - Vane", "Pass it to conferences"),
    ):
        with tried(wrong, subject):
            text = page(client, "message", a_message(subject=subject.format(urn=case.urn)).pk)
            assert big_buttons(text) == [main]
    assert wrong == {}


def test_exactly_one_button_stands_out_whatever_an_email_looks_like(client: Client, sergeant: User) -> None:
    case = a_case(children=[a_child("Zoltan", "Vane")])
    wrong = Wrong()
    for subject in (
        "Outcome of initial assessment - Vane",
        "Referral - Vane, Zoltan",
        "Written confirmation of telephone referral {urn}",
    ):
        with tried(wrong, subject):
            text = page(client, "message", a_message(subject=subject.format(urn=case.urn)).pk)
            assert len(big_buttons(text)) == 1, big_buttons(text)
    assert wrong == {}


def test_whatever_an_email_looks_like_it_can_be_logged_put_on_the_record_and_set_aside(
    client: Client, sergeant: User
) -> None:
    case = a_case(children=[a_child("Zoltan", "Vane")], method=Method.TELEPHONE)
    for subject in ("Referral", "About Zoltan Vane", f"URN {case.urn} outcome", f"Conference {case.urn}"):
        text = page(client, "message", a_message(subject=f"{subject} {case.urn}").pk)
        assert "What do you want to do with it?" in text, subject
        assert "Find a record: URN, record number or name" in text, subject
        for words in (
            "Log it as a new referral",
            "Record it as the written confirmation",
            "Record it as an update from Social Services",
            "Put it on the record",
            "Pass it to conferences",
            "Set it aside: not for a record",
            "Show the original with its headers",
        ):
            assert text.count(f">{words}<") == 1, (subject, words)


def test_where_the_name_does_not_fit_a_new_referral_stands_out_and_it_is_said(client: Client, sergeant: User) -> None:
    case = a_case(children=[a_child("Zoltan", "Vane")])
    text = page(client, "message", a_message(subject=f"RE: URN {case.urn} Calloway - outcome of assessment").pk)
    assert "Nobody called Calloway is on it: read both before you go on." in text
    assert big_buttons(text) == ["Log it as a new referral"]


def test_of_what_was_dealt_with_no_button_stands_out_and_another_can_be_logged(
    client: Client, sergeant: User
) -> None:
    case = a_case(children=[a_child("Zoltan", "Vane")])
    for subject in ("Referral", f"Your {case.urn}", "Conference"):
        message = set_aside_message(a_message(subject=subject), reason="Training", by=by_cait())
        text = page(client, "message", message.pk)
        assert "What was done with it" in text
        assert f'href="{reverse("referrals:log")}?message={message.pk}">Log another referral from it</a>' in text
        assert "Log it as a new referral" not in text
        assert "Set it aside" not in text
        assert big_buttons(text) == []


def test_setting_aside_asks_about_the_email_by_its_name(client: Client, sergeant: User) -> None:
    text = page(client, "set_aside_message", a_message(subject="Car park closure").pk)
    assert "Set “Car park closure” aside?</h1>" in text
    assert "<title>Set an email aside" in text


def test_what_belongs_to_a_closed_record_can_only_have_it_opened_again(client: Client, sergeant: User) -> None:
    case = a_closed_case()
    message = a_message(subject=f"RE: URN {case.urn}")
    text = page(client, "message", message.pk)
    assert "<b>closed</b>" in text
    assert reverse("cases:closure", args=[case.number]) in text
    assert reverse("referrals:put_email_on_record", args=[case.number, message.pk]) not in text


def test_on_a_closed_record_a_form_of_an_email_says_so_and_takes_nothing(client: Client, sergeant: User) -> None:
    case, message = a_closed_case(), a_message()
    entries, wrong = case.entries.count(), Wrong()
    for name in FORMS_OF_A_RECORD:
        args = (case.number, message.pk) if name == "put_email_on_record" else (case.number,)
        with tried(wrong, name):
            text = page(client, name, *args, message=message.pk)
            assert "This cannot be done." in text
            typed = {"text": TYPED, "from_whom": "Gwen", "way": "email", "confirmed_how": TYPED}
            now = as_typed(clock.now())
            typed |= {"message": str(message.pk), "message_uses": "0", "received_at": now, "confirmed_at": now}
            answer = send(client, name, *args, **typed)
            assert "There is a problem" in answer
            assert TYPED in answer
            assert (state_of(message), Use.objects.count(), case.entries.count()) == (State.WAITING, 0, entries)
    assert wrong == {}


def as_typed(when: datetime) -> str:
    return f"{when.astimezone(LONDON):%d/%m/%Y %H:%M}"


# --- logged from an email ------------------------------------------------------------------------


def test_an_email_is_logged_and_stands_on_the_record_that_it_became(client: Client, sergeant: User) -> None:
    message = of_a_child(received_at=clock.now() - HOUR)
    form = form_of(client, "log", message=message.pk)
    assert (form["message"], form["message_uses"]) == ([str(message.pk)], ["0"])
    assert (form["children-0-given_names"], form["children-0-family_name"]) == (["Rhys"], ["Calloway"])
    answer = send(client, "log", **chosen(form))
    assert "The referral is logged" in answer
    referral = Referral.objects.get()
    assert (referral.logged_by, referral.received_at) == (
        sergeant,
        message.received_at.replace(second=0, microsecond=0),
    )
    made = Use.objects.get()
    assert (made.message, made.kind, made.case, made.used_by) == (message, UseKind.REFERRAL, referral.case, sergeant)
    assert (state_of(message), message.protected) == (State.DEALT_WITH, False)
    event = AuditEvent.objects.get(event="REFERRAL_LOGGED")
    assert (event.by_id, event.case_id, event.detail["message"]) == (sergeant.pk, referral.case_id, message.pk)
    text = page(client, "referral", referral.case.number)
    section = text[text.index("Emails on this record") :]
    assert f'href="{reverse("referrals:message", args=[message.pk])}">Referral - Calloway</a>' in section
    assert "; logged as a referral" in section
    record = reverse("workbench:case", args=[referral.case.number])
    assert f'Logged as a referral: <a class="govuk-link" href="{record}">' in page(client, "message", message.pk)


def test_a_referral_without_an_email_speaks_of_none(client: Client, sergeant: User) -> None:
    case = a_case()
    assert "Emails on this record" not in page(client, "referral", case.number)
    assert "message" not in AuditEvent.objects.get(event="REFERRAL_LOGGED").detail


def test_a_draft_keeps_its_email(client: Client, sergeant: User) -> None:
    message = of_a_child()
    form = form_of(client, "log", message=message.pk)
    send(client, "log", **chosen(form, do="save", circumstances=TYPED))
    draft = Draft.objects.get()
    assert draft.typed["message"] == [str(message.pk)]
    source = raw_page(client, "draft", draft.key)
    assert "Filled in from the email" in source
    again = shown(source)
    assert (again["message"], again["message_uses"], again["circumstances"]) == ([str(message.pk)], ["0"], [TYPED])
    again.pop("csrfmiddlewaretoken")
    assert "The referral is logged" in send(client, "draft", draft.key, **chosen(again))
    assert Use.objects.get().message == message
    assert Draft.objects.count() == 0


def test_opening_an_email_that_is_half_typed_goes_on_with_the_draft(client: Client, sergeant: User) -> None:
    message = of_a_child()
    send(client, "log", **chosen(form_of(client, "log", message=message.pk), do="save"))
    draft = Draft.objects.get()
    answer = client.get(reverse("referrals:log"), {"message": message.pk})
    assert (answer.status_code, answer["Location"]) == (302, reverse("referrals:draft", args=[draft.key]))


def test_the_second_who_opens_it_is_sent_to_the_draft_of_the_first(client: Client, sergeant: User) -> None:
    message = of_a_child()
    send(client, "log", **chosen(form_of(client, "log", message=message.pk), do="save"))
    draft = Draft.objects.get()
    second = signed_in(client, Role.SUPERVISOR)
    answer = client.get(reverse("referrals:log"), {"message": message.pk}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("referrals:take_over_draft", args=[draft.key])
    assert str(sergeant) in unescape(answer.content.decode())
    send(client, "take_over_draft", draft.key)
    draft.refresh_from_db()
    assert (draft.owner, draft.typed["message"]) == (second, [str(message.pk)])


def two_forms(message: Message) -> tuple[Client, Client, dict[str, Any], dict[str, Any], User]:
    """Two at the desk who opened one email before either typed; the first of them."""
    one, other = Client(), Client()
    first = signed_in(one, Role.DESK_SERGEANT, name="Nandra")
    signed_in(other, Role.SUPERVISOR, name="Tull")
    forms = [form_of(each, "log", message=message.pk) for each in (one, other)]
    return one, other, forms[0], forms[1], first


def is_logged_already(text: str, case: Case) -> bool:
    """Whether the page of the form says that its email is a referral, and asks whether this is another one."""
    words = " ".join(re.sub(r"<[^>]*>", " ", unescape(text)).split())
    said = f"This email is logged already: {case.urn} by " in words
    asked = "It tells of another child or family too" in words
    assert said == asked
    return said


def fields_of(text: str) -> dict[str, Any]:
    """What a browser would send of the form on a page."""
    return {field: values for field, values in shown(text).items() if field not in ("csrfmiddlewaretoken", "q")}


def test_of_two_who_log_one_email_the_second_is_told_and_loses_nothing_and_may_mean_it() -> None:
    message = of_a_child()
    one, other, form, others, first = two_forms(message)
    send(one, "log", **chosen(form))
    logged = Referral.objects.get()
    answer = other.post(
        reverse("referrals:log"), chosen(others, circumstances=TYPED, **{"children-0-same_as": "new"})
    )
    text = answer.content.decode()
    assert Referral.objects.count() == 1
    assert f"{first} dealt with this email on" in unescape(text)
    assert f"logged as a referral, {logged.urn}." in unescape(text)
    again = shown(text)
    assert again["circumstances"] == [TYPED]
    assert (again["message"], again["message_uses"]) == ([str(message.pk)], ["1"])
    assert is_logged_already(text, logged.case)
    again.pop("csrfmiddlewaretoken")
    unticked = send(other, "log", **chosen(again))
    assert f"{first} logged this email as {logged.urn} on" in beside(unticked, "another")
    assert Referral.objects.count() == 1
    again = fields_of(unticked)
    assert again["circumstances"] == [TYPED]
    assert "The referral is logged" in send(other, "log", **chosen(again, another="on"))
    assert list(Use.objects.order_by("pk").values_list("kind", flat=True)) == [UseKind.REFERRAL] * 2
    assert Referral.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_at_the_same_moment_one_logs_it_and_the_other_is_told() -> None:
    message = of_a_child()
    one, other, form, others, _ = two_forms(message)
    together = threading.Barrier(2)

    def post(client: Client, fields: dict[str, Any]) -> str:
        try:
            together.wait(timeout=20)
            return unescape(client.post(reverse("referrals:log"), chosen(fields), follow=True).content.decode())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(post, *each) for each in ((one, form), (other, others))]
        pages = [each.result(timeout=60) for each in sent]
    assert (Referral.objects.count(), Use.objects.count()) == (1, 1)
    told = ["dealt with this email on" in text or "Say whether Rhys Calloway" in text for text in pages]
    assert sorted(told) == [False, True]
    assert sorted("The referral is logged" in text for text in pages) == [False, True]


def test_a_form_that_is_sent_twice_is_logged_once_and_the_email_used_once(client: Client, sergeant: User) -> None:
    form = chosen(form_of(client, "log", message=of_a_child().pk))
    send(client, "log", **form)
    assert "This form was sent before" in send(client, "log", **form)
    assert (Referral.objects.count(), Use.objects.count()) == (1, 1)


def a_logged_message(client: Client) -> tuple[Message, Case]:
    """An email that was logged as a referral, and the record that it became."""
    message = of_a_child()
    send(client, "log", **chosen(form_of(client, "log", message=message.pk)))
    return message, Use.objects.get(message=message).case  # type: ignore[return-value]


VANE = {"children-0-given_names": "Zoltan", "children-0-family_name": "Vane"}


def test_a_second_family_of_one_email_is_logged_from_it_where_it_is_said_to_be_another(
    client: Client, sergeant: User
) -> None:
    message, _ = a_logged_message(client)
    form = form_of(client, "log", message=message.pk)
    assert form["message_uses"] == ["1"]
    assert "another" not in form  # nothing is ticked for anybody
    answer = send(client, "log", **chosen(form, **VANE, another="on"))
    assert "The referral is logged" in answer
    families = Use.objects.filter(message=message).order_by("pk").values_list("case__people__family_name", flat=True)
    assert list(families) == ["Calloway", "Vane"]


def test_an_email_is_not_logged_twice_by_mistake(client: Client, sergeant: User) -> None:
    message, case = a_logged_message(client)
    source = raw_page(client, "log", message=message.pk)
    assert is_logged_already(source, case)
    assert f'href="{reverse("workbench:case", args=[case.number])}">{case.urn}</a>' in source
    answer = send(client, "log", **chosen(form_of(client, "log", message=message.pk), **VANE, circumstances=TYPED))
    assert f"{sergeant} logged this email as {case.urn} on" in beside(answer, "another")
    assert fields_of(answer)["circumstances"] == [TYPED]
    assert (Referral.objects.count(), Use.objects.count()) == (1, 1)
    assert a_referral().urn_serial == 2  # none was lost


def test_the_draft_of_an_email_that_was_logged_before_says_so_too_and_keeps_the_tick(
    client: Client, sergeant: User
) -> None:
    message, case = a_logged_message(client)
    send(client, "log", **chosen(form_of(client, "log", message=message.pk), **VANE, another="on", do="save"))
    draft = Draft.objects.get()
    source = raw_page(client, "draft", draft.key)
    assert is_logged_already(source, case)
    assert "The referral is logged" in send(client, "draft", draft.key, **chosen(fields_of(source)))
    assert Referral.objects.count() == 2


def test_of_an_email_that_was_not_logged_nothing_more_is_asked(client: Client, sergeant: User) -> None:
    case = a_case()
    message = set_aside_message(of_a_child(), reason="Training", by=by_cait())
    assert not is_logged_already(raw_page(client, "log", message=message.pk), case)
    assert "logged already" not in raw_page(client, "log")
    send(client, "log", **chosen(form_of(client, "log", message=message.pk)))
    assert Referral.objects.count() == 2


def test_what_logs_without_having_looked_is_asked_too() -> None:
    message = a_message()
    first = a_referral(message=message)
    with pytest.raises(ValidationError) as refused:
        a_referral(message=message)
    assert list(refused.value.message_dict) == ["another"]
    assert first.urn in refused.value.messages[0]
    assert a_referral(message=message, another=True).urn_serial == first.urn_serial + 1


def test_an_email_that_one_does_not_handle_is_refused_with_a_sentence(client: Client, sergeant: User) -> None:
    theirs = a_message(a_team("ENF"), subject="Theirs alone")
    form = chosen(form_of(client, "log", message=of_a_child().pk), circumstances=TYPED)
    wrong = Wrong()
    for named in (str(theirs.pk), "999999999", "x", "-1"):
        with tried(wrong, named):
            answer = send(client, "log", **{**form, "message": named})
            assert "You can no longer read the email that this came with. Ask the desk sergeant." in answer
            assert TYPED in answer
            assert "Theirs alone" not in answer
            assert (Referral.objects.count(), Use.objects.count()) == (0, 0)
            assert looks(theirs, sergeant) == []
    assert wrong == {}


def test_an_email_is_logged_for_the_team_to_which_it_came_alone(client: Client, sergeant: User) -> None:
    give_role(sergeant, team=a_team("ENF", "Enfield"), role=Role.SUPERVISOR, from_on=clock.today(), by=by_cait())
    message = of_a_child()
    form = chosen(form_of(client, "log", message=message.pk), circumstances=TYPED)
    answer = send(client, "log", **{**form, "team": str(a_team("ENF").pk)})
    assert f"This email came to {a_team()}, and the record is Enfield’s. Forward the email to them." in answer
    assert TYPED in answer
    assert (Referral.objects.count(), state_of(message)) == (0, State.WAITING)
    assert a_referral(a_team("ENF")).urn_serial == 1  # none was lost


# --- a written confirmation ----------------------------------------------------------------------


def test_an_email_confirms_what_was_telephoned(client: Client, sergeant: User) -> None:
    referral = a_referral(method=Method.TELEPHONE, received_at=clock.now() - DAY)
    message = a_message(subject="Written confirmation", received_at=clock.now() - HOUR)
    form = form_of(client, "confirm", referral.case.number, message=message.pk)
    assert form["confirmed_at"] == [moment(message.received_at)]
    assert form["confirmed_how"] == [
        "Email from Gillian Teasdale, g.teasdale@fernley.example, “Written confirmation”, kept in the team’s mailbox"
    ]
    assert "is confirmed in writing." in send(client, "confirm", referral.case.number, **form)
    referral.refresh_from_db()
    assert referral.confirmed_at == message.received_at.replace(second=0, microsecond=0)
    made = Use.objects.get()
    assert (made.kind, made.case, made.used_by) == (UseKind.CONFIRMATION, referral.case, sergeant)
    assert state_of(message) == State.DEALT_WITH
    event = AuditEvent.objects.get(event="REFERRAL_CONFIRMED")
    assert event.detail["message"] == message.pk
    assert "written confirmation of a telephone referral" in page(client, "referral", referral.case.number)


def test_who_confirms_for_a_protected_caller_stands_nowhere(client: Client, sergeant: User) -> None:
    referral = a_referral(method=Method.TELEPHONE, protected=True, received_at=clock.now() - DAY)
    message = a_message(subject="Written confirmation", received_at=clock.now() - HOUR)
    form = form_of(client, "confirm", referral.case.number, message=message.pk)
    assert form["confirmed_how"] == ["Email, kept in the team’s mailbox"]
    assert "Written confirmation" not in str(form)
    assert "Teasdale" not in str(form)
    assert "fernley" not in str(form)
    send(client, "confirm", referral.case.number, **form)
    message.refresh_from_db()
    assert message.protected


# --- an update -----------------------------------------------------------------------------------


def test_an_update_by_email_came_when_the_server_had_it_and_counts_the_chases_by_then(client: Client) -> None:
    friday = datetime(2009, 12, 11, 15, 0, tzinfo=LONDON)
    chased = [datetime(2009, 12, 25, 9, 0, tzinfo=LONDON), datetime(2010, 1, 1, 9, 0, tzinfo=LONDON)]
    move_time_to(friday)
    for number in (1, 2):
        an_approved_address(number=number)
    case = an_open_update(received_at=friday - HOUR).case
    for at in (friday + HOUR, *chased):
        move_time_to(at)
        sweep(woken_by=Waker.COMMAND)
        move_time_to(at + MINUTE)
        assert send_due(lambda message: None) == 1
    signed_in(client, Role.DESK_SERGEANT, from_on=friday.date())
    came_at = chased[0] + DAY
    move_time_to(chased[1] + DAY)
    message = a_message(subject=f"RE: URN {case.urn}", text="Seen at home, well.", received_at=came_at)
    form = form_of(client, "record_update", case.number, message=message.pk)
    assert (form["received_at"], form["way"]) == ([moment(came_at)], ["email"])
    assert form["from_whom"] == ["Gillian Teasdale, g.teasdale@fernley.example"]
    assert "The update is recorded." in send(client, "record_update", case.number, **form)
    answer = Answer.objects.get()
    assert (answer.received_at, answer.came, answer.after_chases) == (came_at, Came.CHASED, 1)
    assert (Use.objects.get().kind, Use.objects.get().case) == (UseKind.UPDATE, case)
    assert AuditEvent.objects.get(event="UPDATE_RECORDED").detail["message"] == message.pk
    assert "; update from social services" in page(client, "referral", case.number).lower()


def test_the_same_update_from_one_email_is_recorded_once(client: Client, sergeant: User) -> None:
    case, message = a_case(received_at=clock.now() - DAY), a_message(received_at=clock.now() - HOUR)
    form = form_of(client, "record_update", case.number, message=message.pk)
    send(client, "record_update", case.number, **form)
    again = send(client, "record_update", case.number, **{**form, "message_uses": ["1"], "text": [TYPED]})
    assert "dealt with this email on" in again
    assert TYPED in again
    assert Answer.objects.count() == 1


# --- put on a record -----------------------------------------------------------------------------


def test_what_an_email_tells_becomes_an_entry_of_the_chronology(client: Client, sergeant: User) -> None:
    case, message = a_case(received_at=START), a_message(text="Seen at the clinic.", received_at=START + HOUR)
    form = form_of(client, "put_email_on_record", case.number, message.pk)
    assert form["text"] == ["Seen at the clinic."]
    answer = send(client, "put_email_on_record", case.number, message.pk, **form)
    assert "What the email tells stands in the chronology" in answer
    entry = case.entries.latest("id")
    assert (entry.text, entry.happened_at) == ("Seen at the clinic.", message.received_at)
    assert entry.source == "Gillian Teasdale, g.teasdale@fernley.example"
    assert (Use.objects.get().kind, state_of(message)) == (UseKind.INFORMATION, State.DEALT_WITH)
    event = AuditEvent.objects.get(event="MAIL_PUT_ON_RECORD")
    assert (event.by_id, event.case_id, event.detail) == (sergeant.pk, case.pk, {"message": message.pk})


def test_whoever_puts_it_on_a_record_after_a_colleague_is_told_loses_nothing_and_may_mean_it(
    client: Client, sergeant: User
) -> None:
    case, message = a_case(), a_message()
    form = {**form_of(client, "put_email_on_record", case.number, message.pk), "text": [TYPED]}
    colleague = an_officer(Role.SUPERVISOR, name="Tull")
    set_aside_message(message, reason="Training", by=colleague)
    answer = client.post(reverse("referrals:put_email_on_record", args=[case.number, message.pk]), form)
    text = answer.content.decode()
    assert f"{colleague} dealt with this email on" in unescape(text)
    assert "not for a record (Training)" in unescape(text)
    again = shown(text)
    assert (again["text"], again["message_uses"]) == ([TYPED], ["1"])
    again.pop("csrfmiddlewaretoken")
    assert "stands in the chronology" in send(client, "put_email_on_record", case.number, message.pk, **again)


def test_without_its_email_nothing_is_put_on_a_record(client: Client, sergeant: User) -> None:
    case, message = a_case(), a_message()
    form = {**form_of(client, "put_email_on_record", case.number, message.pk), "message": "", "text": TYPED}
    answer = send(client, "put_email_on_record", case.number, message.pk, **form)
    assert "This form has lost its email." in answer
    assert TYPED in answer
    assert Use.objects.count() == 0


def test_another_teams_email_in_the_hidden_field_is_refused_with_a_sentence(client: Client, sergeant: User) -> None:
    case = a_case(method=Method.TELEPHONE, received_at=clock.now() - DAY)
    message, theirs = a_message(), a_message(a_team("ENF"))
    wrong = Wrong()
    for name in FORMS_OF_A_RECORD:
        args = (case.number, message.pk) if name == "put_email_on_record" else (case.number,)
        with tried(wrong, name):
            form = form_of(client, name, *args, message=message.pk)
            answer = send(client, name, *args, **{**form, "message": theirs.pk})
            assert "You can no longer read the email that this came with. Ask the desk sergeant." in answer
            assert Use.objects.count() == 0
            assert looks(theirs, sergeant) == []
    assert wrong == {}


def test_whoever_may_no_longer_read_the_email_of_a_form_loses_nothing(client: Client) -> None:
    signed_in(client, Role.OFFICE_MANAGER)
    case = a_case(method=Method.TELEPHONE, received_at=clock.now() - DAY)
    message = of_a_child(received_at=clock.now() - HOUR)
    forms = {}
    for name in FORMS_OF_A_RECORD:
        args = (case.number, message.pk) if name == "put_email_on_record" else (case.number,)
        forms[name] = args, form_of(client, name, *args, message=message.pk)
    protect(message)
    wrong = Wrong()
    for name, (args, form) in forms.items():
        with tried(wrong, name):
            url = f"{reverse(f'referrals:{name}', args=args)}?message={message.pk}"
            answer = client.post(url, {**form, "text": TYPED, "confirmed_how": TYPED})
            assert answer.status_code == 200
            assert "You can no longer read the email that this came with." in unescape(answer.content.decode())
            assert TYPED in unescape(answer.content.decode())
    assert wrong == {}


# --- set aside, put back, passed on --------------------------------------------------------------


def test_what_is_for_no_record_is_set_aside_with_the_reason(client: Client, sergeant: User) -> None:
    message = a_message(subject="Car park closure")
    form = form_of(client, "set_aside_message", message.pk)
    answer = send(client, "set_aside_message", message.pk, **{**form, "reason": "Nothing about a child"})
    assert "“Car park closure” is set aside." in answer
    made = Use.objects.get()
    assert (made.kind, made.reason, made.case, made.used_by) == (
        UseKind.SET_ASIDE, "Nothing about a child", None, sergeant,
    )  # fmt: skip
    assert state_of(message) == State.DEALT_WITH
    event = last_event()
    assert (event.event, event.object_type, event.object_id) == ("MAIL_SET_ASIDE", "intake.message", message.pk)
    assert "Nothing about a child" not in str(event.detail)
    assert "Nothing about a child" in page(client, "message", message.pk)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_nothing_is_set_aside_or_put_back_without_a_reason(client: Client, sergeant: User, reason: str) -> None:
    waits, done = a_message(), set_aside_message(a_message(), reason="Training", by=sergeant)
    assert "There is a problem" in send(client, "set_aside_message", waits.pk, reason=reason, seen="0")
    assert "There is a problem" in send(client, "put_back_message", done.pk, reason=reason)
    assert (state_of(waits), state_of(done)) == (State.WAITING, State.DEALT_WITH)


def test_whoever_sets_aside_what_a_colleague_dealt_with_is_told(client: Client, sergeant: User) -> None:
    message = a_message()
    form = {**form_of(client, "set_aside_message", message.pk), "reason": TYPED}
    colleague = an_officer(Role.SUPERVISOR, name="Tull")
    pass_to_conferences(message, by=colleague)
    answer = send(client, "set_aside_message", message.pk, **form)
    assert f"{colleague} dealt with this email on" in answer
    assert "passed to conferences" in answer
    assert TYPED in answer
    assert Use.objects.count() == 1


def test_what_was_set_aside_by_mistake_is_put_back_and_waits_again(client: Client, sergeant: User) -> None:
    message = set_aside_message(a_message(), reason="Training", by=by_cait())
    assert "waits to be dealt with again." in send(client, "put_back_message", message.pk, reason="A child is named")
    assert (state_of(message), last_event().event) == (State.WAITING, "MAIL_PUT_BACK")
    assert len(listed(client)) == 1
    made = re.findall(r"<li>(.*?)</li>", page(client, "message", message.pk))
    assert any("Put back to be dealt with: A child is named" in each for each in made)
    assert any("Not for a record: Training" in each for each in made)
    assert "waits to be dealt with already" in send(client, "put_back_message", message.pk, reason="Twice")


def test_an_invitation_is_passed_to_conferences_and_found_there(client: Client, sergeant: User) -> None:
    message = a_message(subject="Invitation to Initial Child Protection Conference - Vane family")
    assert "is passed to conferences." in send(client, "pass_to_conferences", message.pk, seen="0")
    assert (state_of(message), last_event().event) == (State.DEALT_WITH, "MAIL_PASSED_ON")
    officer = an_officer(Role.PCLO)
    assert [each.message for each in invitations(officer)] == [message]
    client.force_login(officer)
    assert "Vane family" in page(client, "message", message.pk)


def test_what_was_dealt_with_is_not_passed_on_and_it_is_said_why(client: Client, sergeant: User) -> None:
    message = set_aside_message(a_message(), reason="Training", by=an_officer(Role.SUPERVISOR))
    for seen in ("0", "1", "", "x", "9" * 9):
        assert "dealt with this email on" in send(client, "pass_to_conferences", message.pk, seen=seen), seen
    assert Use.objects.count() == 1
    assert client.get(reverse("referrals:pass_to_conferences", args=[message.pk])).status_code == 405


def test_whoever_passes_on_what_a_colleague_dealt_with_is_told_of_no_form(client: Client, sergeant: User) -> None:
    message = set_aside_message(a_message(), reason="Training", by=an_officer(Role.SUPERVISOR))
    answer = send(client, "pass_to_conferences", message.pk, seen="0")
    assert "dealt with this email on" in answer
    assert "What you typed is still below" not in answer


# --- who a protected caller is -------------------------------------------------------------------


def protect(message: Message) -> Case:
    """The email is logged by a sergeant as a referral of a protected caller."""
    desk = Client()
    signed_in(desk, Role.DESK_SERGEANT)
    form = chosen(form_of(desk, "log", message=message.pk), protected="on", circumstances="A neighbour saw it.")
    assert "The referral is logged" in send(desk, "log", **form)
    return Use.objects.select_related("case").get(message=message).case  # type: ignore[return-value]


def test_who_a_protected_caller_is_stands_on_no_page_for_whoever_may_not_know(client: Client) -> None:
    raw = an_email(
        "Referral - Calloway",
        f"Rhys CALLOWAY, DOB 06/06/{clock.today().year - 6}.",
        sender="Wilhelmina Quill <w.quill@nextdoor.example>",
        message_id="<q@nextdoor.example>",
    )
    message = a_message(raw=raw)
    early_copy = a_message(raw=raw)
    case = protect(message)
    late_copy = a_message(raw=raw)
    for each in (message, early_copy, late_copy):
        each.refresh_from_db()
        assert each.protected
    for role in (Role.OFFICE_MANAGER, Role.RESEARCHER, Role.INVESTIGATOR, Role.COMMAND):
        signed_in(client, role)
        for each in (message, early_copy, late_copy):
            assert [status(client, name, each.pk) for name in ("message", "message_source")] == [404, 404], role
        for name in ("put_back_message", "set_aside_message"):
            assert status(client, name, message.pk) in (403, 404), role
        pages = [page(client, "referral", case.number)]
        pages.append(client.get(f"/referrals/{case.number}/logged/").content.decode())
        pages.append(client.get(reverse("workbench:case", args=[case.number])).content.decode())
        pages.append(client.get(reverse("cases:chronology", args=[case.number])).content.decode())
        if role == Role.OFFICE_MANAGER:
            pages += [page(client, "mailbox", show=show) for show in ("waiting", "dealt_with", "all")]
            assert status(client, "log", message=message.pk) == 404
        for text in pages:
            assert "Quill" not in text, role
            assert "nextdoor" not in text, role
        assert "Emails on this record" not in pages[0], role


def test_a_sergeant_reads_the_email_of_a_protected_caller(client: Client, sergeant: User) -> None:
    message = of_a_child(sender="Wilhelmina Quill <w.quill@nextdoor.example>")
    case = protect(message)
    assert "Quill" in page(client, "message", message.pk)
    assert "Emails on this record" in page(client, "referral", case.number)


def test_what_is_put_on_a_protected_callers_record_names_nobody_and_is_hidden(client: Client, sergeant: User) -> None:
    case, message = a_case(protected=True), a_message(sender="Wilhelmina Quill <w.quill@nextdoor.example>")
    text = page(client, "put_email_on_record", case.number, message.pk)
    assert "The caller of this record is protected." in text
    form = form_of(client, "put_email_on_record", case.number, message.pk)
    assert form["from_whom"] == [""]
    send(client, "put_email_on_record", case.number, message.pk, **form)
    assert case.entries.latest("id").source == ""
    message.refresh_from_db()
    assert message.protected
    signed_in(client, Role.OFFICE_MANAGER)
    assert status(client, "message", message.pk) == 404


def test_an_email_that_is_an_update_of_a_protected_callers_record_is_hidden_too(
    client: Client, sergeant: User
) -> None:
    case = a_case(protected=True, received_at=clock.now() - DAY)
    message = a_message(sender="Wilhelmina Quill <w.quill@nextdoor.example>", received_at=clock.now() - HOUR)
    form = form_of(client, "record_update", case.number, message=message.pk)
    assert form["from_whom"] == [""]
    send(client, "record_update", case.number, **form | {"from_whom": ["S Arikan, social worker"]})
    assert Use.objects.get().kind == UseKind.UPDATE
    message.refresh_from_db()
    assert message.protected


QUILL = "Wilhelmina Quill <w.quill@nextdoor.example>"


def test_what_tells_who_a_protected_caller_is_is_refused_beside_its_field(client: Client, sergeant: User) -> None:
    message = of_a_child(sender=QUILL)
    form = chosen(form_of(client, "log", message=message.pk), protected="on", circumstances="A neighbour saw it.")
    wrong = Wrong()
    for field in ("circumstances", "who_has_child", "other_children", "whereabouts", "done_so_far"):
        for told in ("Wilhelmina Quill", "W.QUILL@nextdoor.example", "wilhelmina quill"):
            with tried(wrong, field, told):
                answer = send(client, "log", **{**form, field: f"Ring {told} tonight."})
                assert beside(answer, field).startswith("This tells who the caller is: “")
                assert fields_of(answer)[field] == [f"Ring {told} tonight."]
                assert (Referral.objects.count(), state_of(message)) == (0, State.WAITING)
                again = {**fields_of(answer), field: "Ring back tonight."}
                assert "The referral is logged" in send(client, "log", **chosen(again))
                message.refresh_from_db()
                assert message.protected
    assert wrong == {}


def test_the_lines_of_the_form_do_not_tell_who_a_protected_caller_is_either(client: Client, sergeant: User) -> None:
    asked = chosen(form_of(client, "log", message=of_a_child(sender=QUILL).pk), circumstances="A neighbour saw it.")
    wrong = Wrong()
    for field in ("will_be_lost", "no_child_because"):
        form = {**asked, "protected": "on", field: "What Wilhelmina Quill saw"}
        if field == "no_child_because":
            form |= {name: "" for name in form if name.startswith("children-0-")}
        with tried(wrong, field):
            assert beside(send(client, "log", **form), field).startswith("This tells who the caller is: “")
            assert Referral.objects.count() == 0
    assert wrong == {}


def test_whom_the_sergeant_names_as_protected_caller_is_left_out_as_well(client: Client, sergeant: User) -> None:
    form = chosen(form_of(client, "log"), protected="on", method="telephone", referrer_name="Zebulon Quarrington")
    form |= VANE | {"circumstances": "Zebulon Quarrington saw it."}
    answer = send(client, "log", **form)
    assert "“Zebulon Quarrington”" in beside(answer, "circumstances")
    assert Referral.objects.count() == 0
    again = chosen(fields_of(answer))
    del again["protected"]
    assert "The referral is logged" in send(client, "log", **again)


@pytest.mark.parametrize("words", [1, 6000])
def test_of_a_protected_caller_the_whole_email_is_not_logged_as_it_came(
    client: Client, sergeant: User, words: int
) -> None:
    message = of_a_child(sender=QUILL, text="I live next door. " * words)
    form = chosen(form_of(client, "log", message=message.pk), protected="on", **VANE)
    answer = send(client, "log", **form)
    assert beside(answer, "circumstances").startswith("This is the whole email.")
    assert Referral.objects.count() == 0
    again = chosen(fields_of(answer), circumstances="I saw it.")
    assert "The referral is logged" in send(client, "log", **again)


def test_of_whoever_is_not_protected_the_whole_email_may_be_logged_with_the_name(
    client: Client, sergeant: User
) -> None:
    message = of_a_child(sender=QUILL, text="Wilhelmina Quill, next door")
    form = form_of(client, "log", message=message.pk)
    assert "The referral is logged" in send(client, "log", **chosen(form, **VANE))


def test_a_name_of_three_letters_is_no_reason_to_refuse_a_text(client: Client, sergeant: User) -> None:
    message = of_a_child(sender="Lin <l@nextdoor.example>")
    form = chosen(form_of(client, "log", message=message.pk), protected="on", circumstances="The clinic is feeling.")
    assert "The referral is logged" in send(client, "log", **form)


# --- who looked ----------------------------------------------------------------------------------


def test_every_look_at_the_list_and_at_an_email_is_logged(client: Client, sergeant: User) -> None:
    case = a_case(method=Method.TELEPHONE, children=[a_child("Zoltan", "Vane")])
    message = of_a_child(subject=f"URN {case.urn}")
    page(client, "mailbox", show="all")
    assert looks(None, sergeant) == [{"filters": ["show: all"], "messages": [message.pk]}]
    page(client, "message", message.pk)
    assert looks(message, sergeant) == [{"records": [case.pk]}]
    page(client, "message_source", message.pk)
    assert looks(message, sergeant)[1:] == [{"page": "source"}]
    opened = [
        ("set_aside_message", (message.pk,)),
        ("put_back_message", (message.pk,)),
        ("log", ()),
        ("confirm", (case.number,)),
        ("record_update", (case.number,)),
        ("put_email_on_record", (case.number, message.pk)),
    ]
    for number, (name, args) in enumerate(opened, 3):
        page(client, name, *args, message=message.pk)
        assert len(looks(message, sergeant)) == number, name
    on_record = AccessLog.objects.filter(case_id=case.pk, by_id=sergeant.pk).values_list("detail__page", flat=True)
    assert set(on_record) == {"referrals:confirm", "referrals:record_update", "referrals:put_email_on_record"}


@pytest.mark.parametrize("do", ["check", "log", "add_children"])
def test_an_email_that_is_shown_with_a_form_that_was_sent_is_a_look(client: Client, sergeant: User, do: str) -> None:
    message = a_message(text="Words of the email alone.")
    form = {"do": do, "key": str(uuid4()), "version": "0", "team": str(a_team().pk), "message": str(message.pk)}
    for prefix in ("children", "adults"):
        form |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "0"}
    assert "Words of the email alone." in send(client, "log", **form)
    assert looks(message, sergeant) == [{}]


def test_the_list_names_in_the_log_each_email_that_it_showed_and_no_other(client: Client, sergeant: User) -> None:
    waits, urgent = a_message(subject="Waits"), a_message(subject="URGENT")
    done = set_aside_message(a_message(), reason="Training", by=by_cait())
    a_message(a_team("ENF"))
    for show in ("waiting", "dealt_with"):
        page(client, "mailbox", show=show)
    assert looks(None, sergeant) == [
        {"filters": ["show: waiting"], "messages": [waits.pk, urgent.pk]},
        {"filters": ["show: dealt_with"], "messages": [done.pk]},
    ]


def test_an_urgent_email_that_stands_on_top_alone_is_named_in_the_log_too(client: Client, sergeant: User) -> None:
    for number in range(50):
        a_message(subject="Referral", received_at=START + number * MINUTE)
    urgent = a_message(subject="URGENT")
    assert "URGENT" not in listed(client)
    assert urgent.pk in looks(None, sergeant)[-1]["messages"]
    assert len(looks(None, sergeant)[-1]["messages"]) == 51


def test_a_form_of_a_record_that_was_refused_shows_its_email_which_is_a_look(client: Client, sergeant: User) -> None:
    case, message = a_case(method=Method.TELEPHONE), a_message(text="Words of the email alone.")
    wrong = Wrong()
    for name in FORMS_OF_A_RECORD:
        args = (case.number, message.pk) if name == "put_email_on_record" else (case.number,)
        with tried(wrong, name):
            answer = send(client, name, *args, message=message.pk, message_uses="0")
            assert "There is a problem" in answer
            assert "Words of the email alone." in answer
            assert looks(message, sergeant) == [{}]
    assert wrong == {}


def test_a_record_that_was_looked_for_from_an_email_is_a_look(client: Client, sergeant: User) -> None:
    case, message = a_case(children=[a_child("Zoltan", "Vane")]), a_message(subject="About a child")
    page(client, "message", message.pk, q="Vane")
    assert looks(message, sergeant) == [{"records": [case.pk]}]


def test_going_on_with_a_draft_is_a_look_at_its_email(client: Client, sergeant: User) -> None:
    message = of_a_child()
    send(client, "log", **chosen(form_of(client, "log", message=message.pk), do="save"))
    draft = Draft.objects.get()
    before = len(looks(message, sergeant))
    page(client, "draft", draft.key)
    row = AccessLog.objects.filter(object_type="referrals.draft", by_id=sergeant.pk).latest("id")
    assert row.detail == {"draft": str(draft.key)}
    assert looks(message, sergeant)[before:] == [{}]


def test_an_email_that_is_not_shown_is_no_look(client: Client, sergeant: User) -> None:
    theirs = a_message(a_team("ENF"))
    status(client, "message", theirs.pk)
    assert not AccessLog.objects.filter(object_type="intake.message").exists()


def test_a_look_at_an_email_is_read_by_the_auditor_in_words(client: Client, sergeant: User) -> None:
    message = of_a_child()
    page(client, "message", message.pk)
    send(client, "log", **chosen(form_of(client, "log", message=message.pk)))
    signed_in(client, Role.AUDITOR)
    access = unescape(client.get("/oversight/access/").content.decode())
    assert f"email in the mailbox {message.pk}" in access
    acts = unescape(client.get("/oversight/acts/").content.decode())
    words = " ".join(re.sub(r"<[^>]*>", " ", acts).split())
    assert re.search(rf"Logged a referral .{{0,200}}email \(number\):? {message.pk}\b", words), words[:3000]


# --- what waits is told elsewhere ----------------------------------------------------------------


def within(text: str) -> str:
    """What stands below the frame of a page."""
    return text.partition("<main")[2]


def test_the_log_tells_whoever_handles_mail_how_much_waits_and_nobody_else(client: Client, sergeant: User) -> None:
    a_message(received_at=clock.now() - HOUR)
    assert MAILBOX in within(page(client, "log_page"))
    signed_in(client, Role.RESEARCHER)
    assert MAILBOX not in page(client, "log_page")


MARKED = re.compile(r'<a class="govuk-service-navigation__link" href="([^"]*)" aria-current="[a-z]*">')


def test_the_mailbox_is_an_entry_of_its_own_for_whoever_handles_mail(client: Client) -> None:
    for role in Role:
        signed_in(client, role)
        handles = role in (Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR, Role.OFFICE_MANAGER)
        frame = client.get(reverse("workbench:today")).content.decode().partition("<main")[0]
        assert (f'href="{MAILBOX}">Mailbox</a>' in frame) == handles, role


def test_the_pages_of_an_email_belong_to_the_mailbox_and_its_forms_to_what_they_are_of(
    client: Client, sergeant: User
) -> None:
    message, case = a_message(), a_case(method=Method.TELEPHONE)
    assert MARKED.findall(raw_page(client, "mailbox")) == [MAILBOX]
    for name in PAGES_OF_ONE:
        assert MARKED.findall(raw_page(client, name, message.pk)) == [MAILBOX], name
    assert MARKED.findall(raw_page(client, "log", message=message.pk)) == [reverse("referrals:log_page")]
    of_a_record = raw_page(client, "put_email_on_record", case.number, message.pk)
    assert MARKED.findall(of_a_record) == [reverse("cases:records")]


def test_the_emails_of_a_record_stand_on_the_social_services_page_too(client: Client, sergeant: User) -> None:
    case = a_case(received_at=clock.now() - DAY)
    assert "Emails on this record" not in page(client, "social_services", case.number)
    message = a_message(subject="RE: our request", received_at=clock.now() - HOUR)
    a_message(subject="Of nothing here")
    form = form_of(client, "record_update", case.number, message=message.pk)
    send(client, "record_update", case.number, **form)
    text = page(client, "social_services", case.number)
    section = text[text.index("Emails on this record") :]
    assert f'href="{reverse("referrals:message", args=[message.pk])}">RE: our request</a>' in section
    assert "; update from Social Services" in section
    assert "Of nothing here" not in text


def test_the_email_of_a_protected_caller_is_not_named_on_the_social_services_page_to_whoever_may_not_know(
    client: Client, sergeant: User
) -> None:
    case = protect(of_a_child(subject="From Wilhelmina", sender=QUILL))
    assert "From Wilhelmina" in page(client, "social_services", case.number)
    for role in (Role.OFFICE_MANAGER, Role.RESEARCHER, Role.COMMAND):
        signed_in(client, role)
        text = page(client, "social_services", case.number)
        assert "Emails on this record" not in text
        assert "Wilhelmina" not in text


# --- what comes after the URN --------------------------------------------------------------------


def after_the_urn(text: str) -> tuple[list[str], bool]:
    """The buttons of the page of the URN, and whether a link leads back to the mailbox."""
    return big_buttons(text), f'<a class="govuk-link" href="{MAILBOX}">Mailbox</a>' in within(text)


def test_after_the_urn_the_first_duty_that_one_may_do_is_the_main_button(client: Client, sergeant: User) -> None:
    assert after_the_urn(page(client, "logged", a_case().number)) == (["First CRAM now"], True)  # within 24 hours
    case = a_case(method=Method.TELEPHONE, urgent=True)
    text = page(client, "logged", case.number)
    assert after_the_urn(text) == (["Triage the referral now"], True)
    assert f'href="{reverse("referrals:triage", args=[case.number])}" role="button"' in text
    signed_in(client, Role.OFFICE_MANAGER)  # who logs and does not triage
    text = page(client, "logged", case.number)
    assert after_the_urn(text) == (["Get the telephone referral in writing now"], True)


def test_where_one_may_do_nothing_the_record_is_the_main_button(client: Client) -> None:
    case = a_case()
    signed_in(client, Role.OFFICE_MANAGER)
    assert after_the_urn(page(client, "logged", case.number)) == (["Open the record"], True)
    signed_in(client, Role.RESEARCHER)
    assert after_the_urn(page(client, "logged", case.number)) == (["Open the record"], False)
