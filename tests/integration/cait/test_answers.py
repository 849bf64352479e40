"""What any answer does and leaves behind, whoever asks: headers, logs, nothing on the disk."""

from __future__ import annotations

import io
import logging
import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from gunicorn.config import Config

from cait.web_log import WebServerLogger
from team.enums import Role
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db


def test_a_cookie_with_a_nul_is_refused_in_plain_words(client: Client) -> None:
    client.cookies["sessionid"] = "\0abcdefghijk"
    answer = client.get("/", headers={"cookie": 'sessionid="\\000abcdefghijk"'})
    assert answer.status_code == 400
    assert "CAIT could not read what was sent" in answer.content.decode()


def test_what_django_answers_by_itself_is_under_the_same_policy(client: Client) -> None:
    answer = client.get("/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_file_sent_to_a_page_that_takes_none_is_never_stored(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    large = SimpleUploadedFile("large.bin", b"x" * 4_000_000)
    answer = client.post("/sign-in/", {"login": "nobody", "password": "wrong", "file": large})
    assert "The user name or the password is not right" in answer.content.decode()
    assert not answer.wsgi_request.FILES
    assert list(tmp_path.iterdir()) == []


def test_head_is_answered_by_the_headers_of_the_page(client: Client) -> None:
    client.force_login(an_officer(Role.SUPERVISOR))
    page, head = client.get("/oversight/time-limits/"), client.head("/oversight/time-limits/")
    assert head.status_code == 200
    assert head["Content-Length"] == str(len(page.content))
    assert head["Content-Type"] == page["Content-Type"]


def test_an_error_is_logged_without_the_address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import oversight.views

    def fail(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("Ellis Brannock")

    logger = logging.getLogger("django.request")
    written = io.StringIO()
    monkeypatch.setattr(logger.handlers[0], "stream", written)
    monkeypatch.setattr(oversight.views, "require", fail)
    client.raise_request_exception = False
    client.force_login(an_officer(Role.SUPERVISOR))
    assert client.get("/oversight/time-limits/Brannock of 12 High Street/").status_code == 500
    assert "ZeroDivisionError" in written.getvalue()
    assert "Brannock" not in written.getvalue()


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("Error handling request POST /sign-in/?q=Brannock", "A request could not be read or answered."),
        ("Invalid request from ip=127.0.0.1: Invalid HTTP Version: 'Brannock'", "could not be read or answered."),
        ("WORKER TIMEOUT (pid:17)", "WORKER TIMEOUT (pid:17)"),
        ("Worker (pid:17) was sent SIGKILL!", "Worker (pid:17) was sent SIGKILL!"),
    ],
)
def test_the_web_servers_log_tells_of_itself_alone(line: str, written: str) -> None:
    log = WebServerLogger(Config())
    out = io.StringIO()
    log._get_gunicorn_handler(log.error_log).setStream(out)
    try:
        raise ValueError("Brannock")
    except ValueError:
        log.exception(line)
    assert written in out.getvalue()
    assert "Brannock" not in out.getvalue()
