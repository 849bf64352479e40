"""The demonstration's post: what is sent lies where it belongs, byte for byte; and the pages of the world outside,
which answer through a real mail server. What stands there from the beginning: `test_demonstration.py`."""

from __future__ import annotations

import re
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django import conf
from django.test import Client

from diary.models import Mail, MailState, Waker
from diary.outbox import send_due
from diary.sweep import sweep
from team.enums import Role
from team.models import User
from tests.factories.deciding import an_approved_address, an_open_update
from tests.factories.mail import an_email
from tests.factories.team import a_team, an_officer
from tests.integration.workbench.demonstrating import everything, lying
from workbench import demonstration, post

pytestmark = pytest.mark.django_db

HERE = "/demonstration/post/"
WRITE = "/demonstration/post/write/"
HARINGEY, ENFIELD = "cait.haringey@police.example", "cait.enfield@police.example"
SECONDS_TO_START = 30
DAY = timedelta(days=1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((post.HERE, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("post") / "mail"
    post.prepare(where)
    return where


@pytest.fixture
def where(mail: Path) -> Path:
    """The folder in which the mail lies: none yet."""
    for letter in mail.glob("*/*/*"):
        letter.unlink()
    return mail


@pytest.fixture(scope="module")
def port(mail: Path) -> Iterator[int]:
    """On which port the SMTP server of the demonstration runs, as `make run` starts it: one for all tests."""
    number = free_port()
    command = [sys.executable, "-m", "workbench.post", str(number), str(mail)]
    with subprocess.Popen(command, cwd=conf.settings.BASE_DIR, stderr=subprocess.PIPE) as server:
        end = time.monotonic() + SECONDS_TO_START
        while not answers(number):
            assert server.poll() is None, server.stderr and server.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.05)
        try:
            yield number
        finally:
            server.terminate()


def answers(number: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex((post.HERE, number)) == 0


@pytest.fixture
def world(where: Path, settings: Any) -> Path:
    """A demonstration whose mail lies there; without a mail server."""
    settings.DEMONSTRATION, settings.MAIL_FOLDER = True, where
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = post.HERE, free_port(), False
    settings.MAILBOX_ADDRESSES = dict(demonstration.MAILBOX_ADDRESSES)
    return where


@pytest.fixture
def with_server(world: Path, port: int, settings: Any) -> Path:
    settings.EMAIL_PORT = port
    return world


@pytest.fixture
def somebody(client: Client) -> User:
    """Who is signed in."""
    user = an_officer(Role.DESK_SERGEANT)
    client.force_login(user)
    return user


def sent(port: int, to: str | list[str], raw: bytes) -> None:
    with smtplib.SMTP(post.HERE, port, timeout=20) as server:
        server.sendmail("somebody@fernley.example", to, raw)


# --- the server ----------------------------------------------------------------------------------


def test_what_is_sent_to_a_team_lies_in_its_mailbox_byte_for_byte(where: Path, port: int) -> None:
    raw = an_email("Grüße — 🙂", "Dear colleague,\n\n.\n..two dots\nFrom the beginning of a line\n\n  \ttail \n")
    sent(port, HARINGEY, raw)
    assert lying(where, "haringey") == [raw]
    assert everything(where) == {"haringey": 1, "enfield": 0, "outside": 0}


def test_each_team_has_its_own_and_everybody_else_is_outside(where: Path, port: int) -> None:
    ours, theirs, other = (an_email(f"To {name}") for name in ("Haringey", "Enfield", "a manager"))
    sent(port, HARINGEY, ours)
    sent(port, ENFIELD, theirs)
    for address in ("manager@borough.example", "cait.haringey@police.invalid", f"x{HARINGEY}"):
        sent(port, address, other)
    assert lying(where, "haringey") == [ours]
    assert lying(where, "enfield") == [theirs]
    assert lying(where, "outside") == [other] * 3


def test_capitals_in_an_address_make_no_difference(where: Path, port: int) -> None:
    sent(port, HARINGEY.title(), an_email())
    assert everything(where) == {"haringey": 1, "enfield": 0, "outside": 0}


def test_to_several_it_lies_once_in_each_mailbox(where: Path, port: int) -> None:
    raw = an_email()
    sent(port, [HARINGEY, ENFIELD, HARINGEY, "a@borough.example", "b@borough.example"], raw)
    assert {user: lying(where, user) for user in ("haringey", "enfield", "outside")} == {
        "haringey": [raw],
        "enfield": [raw],
        "outside": [raw],
    }


def test_what_the_head_says_does_not_matter_but_to_whom_it_is_handed(where: Path, port: int) -> None:
    sent(port, "somebody@borough.example", an_email(to=HARINGEY))
    assert everything(where) == {"haringey": 0, "enfield": 0, "outside": 1}


@pytest.mark.parametrize(
    "raw",
    [b"\r\n", b"no head at all\r\n", b"Subject: \xff\xfe\x00\x01\r\n\r\n\x80\x81\r\n", b"A: " + b"x" * 900 + b"\r\n"],
    ids=["nothing", "no head", "no characters", "a long line"],
)
def test_whatever_it_is_it_is_kept_as_it_came(where: Path, port: int, raw: bytes) -> None:
    sent(port, HARINGEY, raw)
    assert lying(where, "haringey") == [raw]


def test_a_large_one_arrives_whole(where: Path, port: int) -> None:
    raw = an_email("Large") + b"0123456789abcdef\r\n" * 300_000
    sent(port, HARINGEY, raw)
    assert lying(where, "haringey") == [raw]


def test_it_is_on_this_machine_alone(port: int) -> None:
    listening = Path("/proc/net/tcp").read_text()
    hexed = f":{port:04X}"
    local = [line.split()[1] for line in listening.splitlines()[1:] if line.split()[3] == "0A"]
    assert [each for each in local if each.endswith(hexed)] == [f"0100007F{hexed}"]


def test_at_a_moment_it_is_delivered_as_received_then(where: Path) -> None:
    at = datetime(2009, 12, 11, 10, 0, tzinfo=UTC)
    post.deliver(where, post.OUTSIDE, an_email("Old"), at=at)
    post.deliver(where, post.OUTSIDE, an_email("New"))
    (_, new, _), (_, old, then) = post.received_outside(where, most=5)
    assert (new["Subject"], old["Subject"], then) == ("New", "Old", at)
    assert [message["Subject"] for _, message, _ in post.received_outside(where, most=1)] == ["New"]


def test_what_is_moved_while_it_is_looked_at_does_not_stop_the_others(
    where: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for subject in ("Stays", "Moves"):
        post.deliver(where, post.OUTSIDE, an_email(subject))
    real = post._read

    def read(file: Path) -> EmailMessage:
        if b"Subject: Moves" in file.read_bytes():
            file.unlink()
        return real(file)

    monkeypatch.setattr(post, "_read", read)
    assert [message["Subject"] for _, message, _ in post.received_outside(where, most=5)] == ["Stays"]


def test_the_ports_of_a_folder_that_is_none_are_not_known(tmp_path: Path) -> None:
    assert post.ports(tmp_path / "nothing") == {}
    (tmp_path / "a file").write_text("")
    assert post.ports(tmp_path / "a file") == {}


def test_a_folder_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "never" / "prepared"
    post.deliver(folder, "haringey", an_email())
    assert len(lying(folder, "haringey")) == 1


def test_prepared_again_nothing_is_lost_and_the_password_stays(where: Path) -> None:
    raw = an_email()
    post.deliver(where, "haringey", raw)
    shadow = (where / "pymap-etc-shadow").read_bytes()
    post.prepare(where)
    assert lying(where, "haringey") == [raw]
    assert (where / "pymap-etc-shadow").read_bytes() == shadow
    assert demonstration.PASSWORD.encode() not in shadow


# --- the pages -----------------------------------------------------------------------------------


def page(client: Client, url: str = HERE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def value(html: str, name: str) -> str:
    """What stands in a field of the form."""
    if name == "text":
        return re.findall(r'<textarea name="text".*?>\n?(.*?)</textarea>', html, re.S)[0]
    if name == "to":
        chosen = re.findall(r'<option value="([^"]*)" selected>', html)
        return chosen[0] if chosen else ""
    attributes = r'(?:[^>"]|"[^"]*")*'
    tag = re.findall(rf'<input {attributes}name="{name}"{attributes}>', html)[0]
    found = re.search(r' value="([^"]*)"', tag)
    return found[1] if found else ""


def typed(**other: str) -> dict[str, str]:
    return {
        "to": HARINGEY,
        "name": "Imogen Farr",
        "address": "imogen.farr@social-services.example",
        "subject": "Referral - Okell, Temi",
        "text": "Dear colleague,\r\n\r\nPlease find a referral.\r\n",
        "answers": "",
        **other,
    }


def headings(html: str) -> list[str]:
    """The subjects of what stands in the world outside."""
    return re.findall(r'<h2 [^>]*id="mail-\d+">(.*?)</h2>', html)


def asked_by_cait(settings: Any) -> Mail:
    """A request that CAIT has sent to Social Services by the mail server."""
    an_approved_address()
    duty = an_open_update()
    sweep(woken_by=Waker.COMMAND)
    assert send_due() == 1
    return Mail.objects.get(step__duty=duty, state=MailState.SENT)


def arrived(where: Path, user: str = "haringey") -> EmailMessage:
    """The one email of a mailbox."""
    (raw,) = lying(where, user)
    return message_from_bytes(raw, policy=default)


def test_what_cait_sent_stands_in_the_world_outside(
    client: Client, somebody: User, with_server: Path, settings: Any
) -> None:
    assert "CAIT has sent nothing yet." in page(client)
    mail = asked_by_cait(settings)
    html = page(client)
    assert headings(html) == [mail.subject]
    assert "step1@borough.example, today at" in html
    assert " ".join(mail.text.split()) in " ".join(html.split())
    assert "CAIT has sent nothing yet." not in html


def test_the_latest_stands_first_and_no_more_than_fifty(client: Client, somebody: User, world: Path) -> None:
    now = datetime.now(UTC)
    for number in range(52):
        at = now - timedelta(minutes=number)
        post.deliver(world, post.OUTSIDE, an_email(f"Number {number}", to="a@borough.example"), at=at)
    assert headings(page(client)) == [f"Number {number}" for number in range(50)]


def test_an_answer_is_filled_in_sent_and_lies_in_the_team_s_mailbox(
    client: Client, somebody: User, with_server: Path, settings: Any
) -> None:
    mail = asked_by_cait(settings)
    (link,) = re.findall(r'href="(/demonstration/post/write/\?answers=[^"]*)"', page(client))
    form = page(client, link)
    filled = {name: value(form, name) for name in ("to", "name", "address", "subject", "text", "answers")}
    assert filled == {
        "to": HARINGEY,
        "name": "",
        "address": "step1@borough.example",
        "subject": f"RE: {mail.subject}",
        "text": "",
        "answers": mail.message_id,
    }
    answer = client.post(link, {**filled, "name": "S Arikan", "text": "Seen at home, well."})
    assert (answer.status_code, answer["Location"]) == (302, HERE)
    assert "Sent. It stands in the mailbox within a minute or two." in page(client)
    message = arrived(with_server)
    assert message["In-Reply-To"] == mail.message_id
    assert message["To"] == HARINGEY
    assert message["From"] == "S Arikan <step1@borough.example>"
    assert message["Subject"] == f"RE: {mail.subject}"
    assert message.get_content().strip() == "Seen at home, well."
    assert len(lying(with_server, "outside")) == 1  # what CAIT sent, and nothing else


def test_an_answer_of_another_team_goes_to_that_team(
    client: Client, somebody: User, with_server: Path, settings: Any
) -> None:
    enfield = a_team("ENF")
    an_approved_address(enfield)
    an_open_update(enfield)
    sweep(woken_by=Waker.COMMAND)
    assert send_due() == 1
    (link,) = re.findall(r'href="(/demonstration/post/write/\?answers=[^"]*)"', page(client))
    assert value(page(client, link), "to") == ENFIELD


def test_a_new_email_is_sent_as_it_was_typed(client: Client, somebody: User, with_server: Path) -> None:
    client.get(WRITE)
    said = {
        "name": 'Zoë "Zo" O’Farrell, manager',
        "subject": "Überweisung — 🙂 " + "Temi " * 30,
        "text": "First line\r\n.\r\nFrom here\r\n" + "ä" * 1500 + "\r\n",
    }
    assert client.post(WRITE, typed(to=ENFIELD, **said)).status_code == 302
    message = arrived(with_server, "enfield")
    sender: Any = message["From"]
    assert sender.addresses[0].display_name == said["name"]
    assert sender.addresses[0].addr_spec == "imogen.farr@social-services.example"
    assert message["Subject"] == said["subject"].strip()
    assert message.get_content().split() == said["text"].split()
    assert message["In-Reply-To"] is None
    assert re.fullmatch(r"<[^<>@\s]+@social-services\.example>", message["Message-ID"])


def test_an_email_without_a_subject_is_sent_as_well(client: Client, somebody: User, with_server: Path) -> None:
    said = typed(subject="  ")
    assert client.post(WRITE, said).status_code == 302
    message = arrived(with_server, "haringey")
    assert not message["Subject"]
    assert message.get_content().split() == said["text"].split()


def test_two_emails_never_have_one_id(client: Client, somebody: User, with_server: Path) -> None:
    for _ in range(2):
        client.post(WRITE, typed())
    ids = {message_from_bytes(raw, policy=default)["Message-ID"] for raw in lying(with_server, "haringey")}
    assert len(ids) == 2


KEPT = ("name", "address", "subject", "text")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"subject": "Referral\nBcc: all@police.example"}, "take out line breaks"),
        ({"subject": "Referral\r\nX-Urgent: yes"}, "take out line breaks"),
        ({"subject": "Referral\u2028second"}, "take out line breaks"),
        ({"name": "Imogen\nFarr"}, "take out line breaks"),
        ({"name": "Imogen \u202eFarr"}, "take out line breaks"),
        ({"answers": "<1@police.example>\nBcc: all@police.example"}, "take out line breaks"),
        ({"address": "imogen.farr"}, "email address"),
        ({"address": "imogen.farr@"}, "email address"),
        ({"address": "imogen.farr@social services"}, "email address"),
        ({"address": "@social-services.example"}, "email address"),
        ({"address": "a@x.example, b@x.example"}, "email address"),
        ({"address": "Imogen <a@x.example>"}, "email address"),
        ({"address": "a@x.example\nBcc: b@x.example"}, "email address"),
        ({"address": ""}, "email address"),
        ({"text": " \n"}, "Enter the message"),
        ({"subject": "x" * 201}, "200"),
        ({"text": "x" * 20_001}, "20"),
        ({"to": "all@police.example"}, "from the list"),
        ({"to": ""}, "Select"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_a_sentence_and_what_was_typed_is_kept(
    client: Client, somebody: User, with_server: Path, wrong: dict[str, str], says: str
) -> None:
    said = typed(**wrong)
    answer = client.post(WRITE, said)
    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    summary = re.findall(r'class="govuk-error-summary".*?</ul>', html, re.S)[0]
    assert says in summary.replace("Take out", "take out")
    assert everything(with_server) == {"haringey": 0, "enfield": 0, "outside": 0}
    for name in KEPT:
        if name not in wrong:
            assert value(html, name).strip() == said[name].strip(), name
    if "to" not in wrong:
        assert value(html, "to") == HARINGEY


@pytest.mark.parametrize("to", ["", "all@police.example"])
def test_where_no_team_is_chosen_it_is_said_in_english(client: Client, somebody: User, world: Path, to: str) -> None:
    assert "Select a to" not in client.post(WRITE, typed(to=to)).content.decode()


@pytest.mark.parametrize("name", ["subject", "name"])
def test_a_wrong_field_keeps_what_stands_in_it(client: Client, somebody: User, with_server: Path, name: str) -> None:
    html = unescape(client.post(WRITE, typed(**{name: "One\u202eTwo"})).content.decode())
    assert value(html, name) == "One\u202eTwo"


def test_where_no_mail_server_answers_it_says_so_and_keeps_what_was_typed(
    client: Client, somebody: User, world: Path
) -> None:
    said = typed(text="What I typed and must not lose", answers="<update.1.0@police.example>")
    answer = client.post(WRITE, said)
    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    assert "It could not be sent (ConnectionRefusedError)." in html
    assert {name: value(html, name) for name in said} == said
    assert everything(world) == {"haringey": 0, "enfield": 0, "outside": 0}


def test_where_the_mail_server_hangs_up_it_says_so(
    client: Client, somebody: User, world: Path, settings: Any
) -> None:
    with socket.create_server((post.HERE, 0)) as door:
        settings.EMAIL_PORT = door.getsockname()[1]
        settings.EMAIL_TIMEOUT = 1  # nobody says hello
        html = unescape(client.post(WRITE, typed()).content.decode())
    assert "It could not be sent (SMTPServerDisconnected)." in html
    assert value(html, "text").strip() == typed()["text"].strip()


@pytest.mark.parametrize(
    "address", ["zoe@bücher.example", '"a b"@x.example', "a@[127.0.0.1]", "o'hara+x@x.example", "a@localhost"]
)
def test_an_odd_address_is_sent_or_refused_in_a_sentence(
    client: Client, somebody: User, with_server: Path, address: str
) -> None:
    answer = client.post(WRITE, typed(address=address))
    if answer.status_code == 302:
        sender: Any = arrived(with_server)["From"]
        assert sender.addresses[0].addr_spec == address
    else:
        assert answer.status_code == 200
        assert "govuk-error-summary" in answer.content.decode()
        assert everything(with_server)["haringey"] == 0


@pytest.mark.parametrize("key", ["", "nonsense", "../../outside/new/x", "%00", "🙂", "x" * 500])
def test_an_answer_to_nothing_is_an_empty_form(client: Client, somebody: User, world: Path, key: str) -> None:
    post.deliver(world, post.OUTSIDE, an_email())
    answer = client.get(WRITE, {"answers": key})
    assert answer.status_code == 200
    assert value(unescape(answer.content.decode()), "subject") == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: Nobody's\r\n\r\nNeither from nor to anybody.\r\n",
        b"From: a@x.example\r\nSubject: Undisclosed\r\nTo: undisclosed-recipients:;\r\n\r\nTo nobody.\r\n",
        b"From: \r\nTo: a@x.example\r\nSubject: Empty\r\n\r\nFrom nobody.\r\n",
        b"",
    ],
    ids=["no head", "nobody named", "an empty sender", "nothing"],
)
def test_an_email_that_names_nobody_can_be_read_and_answered(
    client: Client, somebody: User, world: Path, raw: bytes
) -> None:
    post.deliver(world, post.OUTSIDE, raw)
    (link,) = re.findall(r'href="(/demonstration/post/write/\?answers=[^"]*)"', page(client))
    assert client.get(link).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"To: a@x.example\r\nSubject: Odd\r\nContent-Type: text/plain; charset=x-none\r\n\r\nHello.\r\n",
        b"To: a@x.example\r\nSubject: Odd\r\nContent-Type: text/plain; charset=\xff\r\n\r\n\xff\r\n",
        b"To: a@x.example\r\nSubject: Odd\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n",
        b"To: a@x.example\r\nSubject: Odd\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n",
        b"To: =?x-none?q?a?= <a@x.example>\r\nSubject: =?utf-8?b?!!!?= Odd\r\n\r\nHello.\r\n",
        b"To: a@x.example\r\nSubject: Odd\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n",
    ],
    ids=["no charset", "no characters", "no parts", "no base64", "no words", "html"],
)
def test_whatever_reached_the_world_outside_the_list_is_shown(
    client: Client, somebody: User, world: Path, raw: bytes
) -> None:
    post.deliver(world, post.OUTSIDE, raw)
    post.deliver(world, post.OUTSIDE, an_email("Sound"))
    subjects = headings(page(client))
    assert len(subjects) == 2
    assert "Sound" in subjects


def test_what_stands_in_an_email_is_never_a_tag(client: Client, somebody: User, world: Path) -> None:
    post.deliver(world, post.OUTSIDE, an_email("<script>alert(1)</script>", "<b>bold</b>\n"))
    raw = client.get(HERE).content.decode()
    assert "<script>alert" not in raw
    assert "<b>bold</b>" not in raw
    assert "&lt;b&gt;bold&lt;/b&gt;" in raw


@pytest.mark.parametrize(("demonstration", "folder"), [(False, True), (True, False), (False, False)])
@pytest.mark.parametrize("url", [HERE, WRITE])
def test_in_a_real_installation_there_is_no_world_outside(
    client: Client, somebody: User, where: Path, settings: Any, url: str, demonstration: bool, folder: bool
) -> None:
    settings.DEMONSTRATION, settings.MAIL_FOLDER = demonstration, where if folder else None
    assert client.get(url).status_code == 404
    if url == WRITE:
        assert client.post(url, typed()).status_code == 404
    assert everything(where) == {"haringey": 0, "enfield": 0, "outside": 0}


def test_the_list_only_answers_questions(client: Client, somebody: User, world: Path) -> None:
    assert client.post(HERE).status_code == 405


def test_nobody_writes_from_there_without_having_signed_in(client: Client, with_server: Path) -> None:
    assert client.get(HERE).status_code == 302
    assert client.post(WRITE, typed()).status_code == 302
    assert everything(with_server) == {"haringey": 0, "enfield": 0, "outside": 0}
