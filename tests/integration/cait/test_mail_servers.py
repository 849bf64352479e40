"""The demonstration's mail servers under `make run`: up, kept up, on the same ports; and an email goes the whole way.

The tests of one folder follow each other as a day would, as in `test_run.py`.
"""

from __future__ import annotations

import http.cookiejar
import imaplib
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings

from cait import embedded
from cait.celery import app
from cait.run import GaveUp, _free_port
from tests.factories.old_logs import a_row, as_csv
from tests.integration.cait.processes import Running, eventually, free_port, parents, running, words
from tests.integration.cait.test_run import nothing_is_left
from workbench import demonstration, post

pytestmark = [
    pytest.mark.xdist_group("servers"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]

HERE = "127.0.0.1"
HARINGEY = "cait.haringey@police.example"
# Beat wakes the reading of mail every few seconds (`hurried.py`); the sweep may be at work before it.
SECONDS_ON_THE_WAY = 75
HURRIED = "tests.integration.cait.hurried"
COMMANDS = {"imap": "--no-tls", "smtp": "workbench.post"}


@pytest.fixture(scope="module")
def cait(folder: Path) -> Iterator[Running]:
    """CAIT, up and healthy."""
    with running(folder / "data", free_port(), DJANGO_SETTINGS_MODULE=HURRIED) as it:
        eventually(it.is_healthy)
        eventually(lambda: all(answers(port) for port in post.ports(folder / "data").values()))
        yield it


def answers(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex((HERE, port)) == 0


def ports(folder: Path) -> dict[str, int]:
    return post.ports(folder / "data")


def server(cait: Running, name: str) -> int:
    """The process of one of the two mail servers; 0 where there is none."""
    supervisor = cait.children()["supervisor"]
    mine = (pid for pid, parent in parents().items() if parent == supervisor)
    return next((pid for pid in mine if COMMANDS[name] in words(pid)), 0)


def sql(data: Path, statement: str) -> str:
    command = [embedded.postgres_program("psql"), "-h", str(embedded.socket_folder(data)), "-U", "cait", "-Atqc"]
    done = subprocess.run([*command, statement, "cait"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def an_email(subject: str) -> EmailMessage:
    email = EmailMessage()
    email["From"], email["To"] = "Gillian Teasdale <g.teasdale@fernley.example>", HARINGEY
    email["Subject"], email["Message-ID"] = subject, f"<{time.monotonic_ns()}@fernley.example>"
    email.set_content("Rhys CALLOWAY, of 22 Tidewell House, London N17 0ZZ.\n")
    return email


def sent(port: int, email: EmailMessage) -> None:
    with smtplib.SMTP(HERE, port, timeout=20) as by:
        by.send_message(email)


def is_taken_in(data: Path, subject: str) -> bool:
    """Whether it waits at the desk, once."""
    return sql(data, "SELECT subject FROM intake_message WHERE state = 'waiting'").split("\n").count(subject) == 1


def collected() -> None:
    """What `make run` collects for its pages, where it has not run in this folder."""
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "cait.settings.dev"},
            check=True,
        )


class Browser:
    """Somebody signed in at the running CAIT."""

    def __init__(self, port: int | str, username: str) -> None:
        self.at = f"http://{HERE}:{port}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', self.page("/sign-in/"))[0]
        typed = {"csrfmiddlewaretoken": token, "login": username, "password": demonstration.PASSWORD}
        self.page("/sign-in/", urllib.parse.urlencode(typed).encode())

    def page(self, path: str, typed: bytes | None = None) -> str:
        with self.opener.open(f"{self.at}{path}", typed, timeout=60) as answer:
            return unescape(answer.read().decode())


def test_elsewhere_beat_wakes_the_reading_of_mail_each_minute() -> None:
    assert app.conf.beat_schedule["receive_mail"]["schedule"] == 60


def test_both_servers_are_up_on_ports_of_their_own_on_this_machine_alone(cait: Running, folder: Path) -> None:
    chosen = ports(folder)
    assert set(chosen) == {"imap", "smtp"}
    assert len({*chosen.values(), int(cait.port)}) == 3
    assert all(server(cait, name) for name in COMMANDS)
    local = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"
    ]
    for port in chosen.values():
        assert [each for each in local if each.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


@pytest.mark.parametrize("user", ["haringey", "enfield", "outside"])
def test_a_mail_program_reads_each_mailbox_with_the_demonstration_s_password(
    cait: Running, folder: Path, user: str
) -> None:
    with imaplib.IMAP4(HERE, ports(folder)["imap"], timeout=20) as box:
        box.login(user, demonstration.PASSWORD)
        kind, data = box.select("INBOX", readonly=True)
    assert kind == "OK"
    assert int(data[0] or b"0") > 0  # loaded with the demonstration


def test_with_another_password_nobody_reads_a_mailbox(cait: Running, folder: Path) -> None:
    with imaplib.IMAP4(HERE, ports(folder)["imap"], timeout=20) as box, pytest.raises(imaplib.IMAP4.error):
        box.login("haringey", "another")


def test_nobody_but_the_owner_of_the_folder_reads_the_mail_on_disk(cait: Running, folder: Path) -> None:
    assert post.folder(folder / "data").stat().st_mode & 0o077 == 0


def test_what_waited_when_the_demonstration_was_loaded_is_taken_in(cait: Running, folder: Path) -> None:
    """Seven to read and a copy of one of them, whichever of the eight the mailbox gave last."""
    states = "SELECT state, count(*) FROM intake_message WHERE state IN ('copy', 'waiting') GROUP BY 1 ORDER BY 1"
    eventually(lambda: sql(folder / "data", states) == "copy|1\nwaiting|7", SECONDS_ON_THE_WAY)
    assert sql(folder / "data", "SELECT count(*) FROM intake_mailbox WHERE problem <> ''") == "0"


def test_an_email_goes_the_whole_way_to_the_desk(cait: Running, folder: Path) -> None:
    """By SMTP into the mailbox; by beat, worker and IMAP into CAIT; onto the page of the desk, and of no other. And
    another, written in the world outside, beside it."""
    collected()
    subject, another = "Referral of Rhys the whole way", "Written in the world outside"
    desk = Browser(cait.port, "desk_sergeant")
    sent(ports(folder)["smtp"], an_email(subject))
    write(desk, another)
    eventually(lambda: is_taken_in(folder / "data", subject), SECONDS_ON_THE_WAY)
    eventually(lambda: is_taken_in(folder / "data", another), SECONDS_ON_THE_WAY)
    mailbox = desk.page("/referrals/mailbox/")
    (pk,) = re.findall(rf'href="/referrals/mailbox/(\d+)/">{subject}</a>', mailbox)
    assert f">{another}</a>" in mailbox
    told = desk.page(f"/referrals/mailbox/{pk}/")
    assert "Gillian Teasdale" in told
    assert "22 Tidewell House" in told
    assert subject not in Browser(cait.port, "outsider_sergeant").page("/referrals/mailbox/")


def write(somebody: Browser, subject: str) -> None:
    """To Haringey, on the page of the world outside."""
    assert "Answer it" in somebody.page("/demonstration/post/")
    where = "/demonstration/post/write/"
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', somebody.page(where).partition("<main")[2])[0]
    typed = {"to": HARINGEY, "name": "Imogen Farr", "address": "imogen.farr@social-services.example"}
    typed |= {"subject": subject, "text": "Invented.", "answers": "", "csrfmiddlewaretoken": token}
    assert "Sent. It stands in the mailbox" in somebody.page(where, urllib.parse.urlencode(typed).encode())


def test_an_old_log_that_is_chosen_on_the_page_is_read_and_brought_in_by_the_worker(
    cait: Running, folder: Path
) -> None:
    """By the broker, to a real Celery worker, and back onto the page."""
    collected()
    desk, state = Browser(cait.port, "desk_sergeant"), "SELECT state FROM old_logs_oldlog"
    choose(desk, as_csv(a_row(urn="0598/09"), a_row(urn="0599/09", on="yesterday")))
    eventually(lambda: sql(folder / "data", state) == "read", SECONDS_ON_THE_WAY)
    (pk,) = re.findall(r'href="/referrals/old-logs/(\d+)/"', desk.page("/referrals/old-logs/"))
    where = f"/referrals/old-logs/{pk}/"
    page = desk.page(where)
    assert "does not say which day" in page
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', page.partition("<main")[2])[0]
    desk.page(where, urllib.parse.urlencode({"csrfmiddlewaretoken": token}).encode())
    eventually(lambda: sql(folder / "data", state) == "done", SECONDS_ON_THE_WAY)
    assert "1 referral was brought in" in desk.page(where)
    assert sql(folder / "data", "SELECT old_urn FROM referrals_referral WHERE old_urn <> ''") == "0598/09"


def choose(somebody: Browser, content: bytes) -> None:
    """A file, as a browser sends it."""
    where = "/referrals/old-logs/"
    form = somebody.page(where).partition("<main")[2]
    typed = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    parts = [f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in typed]
    parts += ['--edge\r\nContent-Disposition: form-data; name="file"; filename="log.csv"\r\n\r\n']
    body = "".join(parts).encode() + content + b"\r\n--edge--\r\n"
    sent_as = {"Content-Type": "multipart/form-data; boundary=edge"}
    request = urllib.request.Request(f"{somebody.at}{where}", body, sent_as)  # noqa: S310  # this machine's own
    with somebody.opener.open(request, timeout=60) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(("name", "called"), [("imap", "the mailboxes"), ("smtp", "the post")])
def test_a_killed_server_is_started_again_on_the_same_port(
    cait: Running, folder: Path, name: str, called: str
) -> None:
    before, chosen = server(cait, name), ports(folder)
    os.kill(before, signal.SIGKILL)
    cait.says(f"{called} ended with -9; starting it again.")
    eventually(lambda: server(cait, name) not in (0, before))
    eventually(lambda: answers(chosen[name]))
    assert ports(folder) == chosen
    assert cait.is_healthy()


def test_after_that_email_still_comes_in(cait: Running, folder: Path) -> None:
    subject = "Referral of Rhys after all that"
    sent(ports(folder)["smtp"], an_email(subject))
    cait.kill("beat")  # it wakes the reading of mail as soon as it starts
    eventually(lambda: is_taken_in(folder / "data", subject), 2 * SECONDS_ON_THE_WAY)
    problems = "SELECT count(*) FROM intake_mailbox WHERE problem <> ''"
    eventually(lambda: sql(folder / "data", problems) == "0", 2 * SECONDS_ON_THE_WAY)


def lying(folder: Path) -> int:
    """How many emails lie in Haringey's mailbox on disk."""
    inbox = post.folder(folder / "data") / "haringey"
    return sum(len(list((inbox / part).glob("*"))) for part in ("new", "cur"))


def test_a_second_start_keeps_the_mail_and_the_ports_but_one_that_somebody_else_took(
    cait: Running, folder: Path
) -> None:
    """That it keeps both where nobody took one: `test_run.py`."""
    before, everything = ports(folder), cait.tree()
    cait.stop()
    eventually(lambda: not everything & parents().keys())
    assert not any(answers(port) for port in before.values())
    kept = lying(folder)
    with socket.create_server((HERE, before["imap"])), running(folder / "data", free_port()) as it:
        it.says("CAIT is running at")
        after = ports(folder)
        assert after["imap"] != before["imap"]
        assert after["smtp"] == before["smtp"]
        eventually(lambda: all(answers(port) for port in after.values()))
        with imaplib.IMAP4(HERE, after["imap"], timeout=20) as box:
            box.login("haringey", demonstration.PASSWORD)
            _, data = box.select("INBOX", readonly=True)
        assert int(data[0] or b"0") == kept
        subject = "Referral of Rhys by another port"
        sent(after["smtp"], an_email(subject))
        # Read by hand: that beat wakes the reading is seen above, and takes up to a minute.
        command = [sys.executable, "manage.py", "receive_mail"]
        environment = {**os.environ, "CAIT_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "cait.settings.dev"}
        subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True, timeout=60)
        assert is_taken_in(folder / "data", subject)
        assert "starting it again" not in it.said()
        everything = it.tree()
        assert it.stop(signal.SIGINT) == 0
    assert "Everything is stopped" in it.said()
    nothing_is_left(everything, folder / "data")


# --- choosing a port -----------------------------------------------------------------------------


def test_a_port_that_is_free_is_taken() -> None:
    wanted = free_port()
    assert _free_port(wanted) == wanted


def test_a_port_that_somebody_listens_on_is_not_taken() -> None:
    with socket.create_server((HERE, 0)) as other:
        taken = other.getsockname()[1]
        assert _free_port(taken) not in (0, taken)


@pytest.mark.parametrize("wanted", [65536, 70000, -1])
def test_what_is_no_port_leads_to_one(wanted: int) -> None:
    """As near the web's own where that is close to the last of all."""
    assert 0 < _free_port(wanted) < 65536


def test_where_no_port_is_free_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise OSError("taken")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(GaveUp, match="no port is free for the mail servers"):
        _free_port(0)
