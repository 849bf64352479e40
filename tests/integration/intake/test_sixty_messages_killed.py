"""Whoever reads the sixty emails of a week is killed half way: nothing is lost, and nothing doubled."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from audit.events import Event
from audit.models import AuditEvent
from intake.models import Mailbox, Message, Source
from tests.factories.team import a_team
from tests.integration.intake.imap_server import ImapServer
from tests.integration.intake.test_sixty_messages import account_for_all, delivered, unread
from workbench.demonstration import PASSWORD

pytestmark = pytest.mark.xdist_group("imap")

SECONDS = 120


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ImapServer]:
    with delivered(tmp_path) as running:
        yield running


def this_tests_database() -> str:
    """Its address, for another program: servers that are named are not started."""
    said = connection.settings_dict
    user, password, host = (quote(str(said[name]), safe="") for name in ("USER", "PASSWORD", "HOST"))
    port = f":{said['PORT']}" if said["PORT"] else ""
    return f"postgresql://{user}{':' if password else ''}{password}@{host}{port}/{said['NAME']}"


def reading_program(server: ImapServer) -> subprocess.Popen[str]:
    """`manage.py receive_mail`, as somebody starts it at a terminal."""
    words = ["manage.py", "receive_mail", "--imap", server.url(), "--team", "HGY"]
    named = {"DJANGO_SETTINGS_MODULE": "cait.settings.test", "DATABASE_URL": this_tests_database()}
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=settings.BASE_DIR,
        env={**os.environ, **named},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(program: subprocess.Popen[str]) -> str:
    out, err = program.communicate(timeout=SECONDS)
    assert PASSWORD not in out + err
    return out + err


def killed_between(program: subprocess.Popen[str], few: int, many: int) -> int:
    """How many emails had been kept when it was killed without a word."""
    end = time.monotonic() + SECONDS
    while Message.objects.count() < few:
        assert time.monotonic() < end
        assert program.poll() is None, ended(program)
        time.sleep(0.005)
    program.send_signal(signal.SIGKILL)
    assert program.wait(20) == -signal.SIGKILL
    ended(program)
    kept = Message.objects.count()
    assert few <= kept <= many
    return kept


@pytest.mark.django_db(transaction=True)
def test_whoever_is_killed_half_way_loses_nothing_and_doubles_nothing(server: ImapServer) -> None:
    team = a_team()
    first = killed_between(reading_program(server), 5, 55)
    assert Source.objects.count() == AuditEvent.objects.filter(event=Event.MAIL_RECEIVED).count() == first
    # What is marked as read has been kept; of what has been kept at most one is not marked.
    assert first - 1 <= 60 - unread(server) <= first
    second = killed_between(reading_program(server), first + 5, 59)
    last = reading_program(server)
    told = ended(last)
    assert last.returncode == 0, told
    came = re.fullmatch(rf"{team}: (\d+) emails? came in(?:, 1 of them a second copy)?\.\n", told)
    assert came is not None, told
    assert int(came[1]) == 60 - second
    account_for_all()
    assert unread(server) <= 2  # those that were kept when it was killed, before they could be marked
    mailbox = Mailbox.objects.get()
    assert (mailbox.problem, mailbox.left_behind) == ("", [])
    assert mailbox.read_at is not None


@pytest.mark.django_db(transaction=True)
def test_one_that_is_killed_and_one_that_goes_on_at_the_same_time(server: ImapServer) -> None:
    a_team()
    killed, other = reading_program(server), reading_program(server)
    killed_between(killed, 5, 60)
    told = ended(other)
    assert other.returncode == 0, told
    assert Message.objects.count() == 60
    account_for_all()
