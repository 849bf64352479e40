"""What must not be put into use by mistake, and what a log must not hold."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from cait.checks import demonstration_only_on_this_machine
from cait.logs import RefusalsWithoutAddresses, TaskFailuresWithoutMessages, WithoutMessages

PROD = {
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": "cait.example",
    "DATABASE_URL": "postgresql://cait@nowhere.invalid/cait",
    "REDIS_URL": "redis://nowhere.invalid",
    "EMAIL_HOST": "nowhere.invalid",
    "VIRUS_SCANNER": "nowhere.invalid:3310",
    "ATTACHMENTS": "/attachments",
    "MAIL_FROM": "cait@police.example",
}


@pytest.mark.parametrize(
    ("demonstration", "debug", "hosts", "refused"),
    [
        (True, False, ["localhost", "127.0.0.1", "[::1]"], False),
        (True, False, ["localhost", "cait.example"], True),
        (True, False, ["*"], True),
        (True, True, ["cait.example"], True),
        (False, False, ["cait.example"], False),
    ],
)
def test_demonstration_people_are_only_for_this_machine(
    demonstration: bool, debug: bool, hosts: list[str], refused: bool
) -> None:
    with override_settings(DEMONSTRATION=demonstration, DEBUG=debug, ALLOWED_HOSTS=hosts):
        assert bool(demonstration_only_on_this_machine()) == refused


def manage(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "CAIT_", "DATABASE_", "REDIS_"))}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=settings.BASE_DIR, env={**ours, **env}, capture_output=True, text=True)


@pytest.mark.parametrize("how", [["--settings", "cait.settings.prod"], ["--settings=cait.settings.prod"]])
def test_the_settings_a_command_names_are_those_it_runs_with(how: list[str]) -> None:
    said = manage("seed_demo", "--skip-checks", *how, **PROD)
    assert said.returncode == 1
    assert "only for demonstration mode" in said.stderr


@pytest.mark.parametrize(("said", "without"), [("no", True), ("", False), ("yes", False)])
def test_the_demonstration_goes_without_its_borough_where_that_is_said(
    said: str, without: bool, tmp_path: Path
) -> None:
    here = {"DJANGO_SETTINGS_MODULE": "cait.settings.dev", "CAIT_DATA": str(tmp_path), "CAIT_BOROUGH": said}
    told = manage("diffsettings", "--all", **here)
    assert f"WITHOUT_BOROUGH = {without}" in told.stdout, told.stderr


def test_a_real_installation_says_which_setting_is_missing() -> None:
    said = manage("check", DJANGO_SETTINGS_MODULE="cait.settings.prod", **(PROD | {"SECRET_KEY": ""}))
    assert said.returncode == 1
    assert "Set SECRET_KEY, or SECRET_KEY_FILE" in said.stderr


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"EMAIL_TLS": "true"}, "Set EMAIL_TLS to yes or no."),
        ({"MAIL_FROM": "CAIT <cait@police.example>"}, "Set MAIL_FROM to an email address alone"),
    ],
)
def test_mail_settings_that_would_send_wrongly_are_refused(wrong: dict[str, str], says: str) -> None:
    said = manage("check", DJANGO_SETTINGS_MODULE="cait.settings.prod", **(PROD | wrong))
    assert said.returncode == 1
    assert says in said.stderr


def test_a_log_holds_no_message_of_an_exception() -> None:
    try:
        try:
            raise KeyError("Ellis Brannock")
        except KeyError as inner:
            raise ValueError("of 14 Marl Road") from inner
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "It failed", None, sys.exc_info())
    line = WithoutMessages("%(message)s").format(record)
    assert "Brannock" not in line
    assert "Marl" not in line
    assert "KeyError" in line
    assert "test_a_log_holds_no_message" in line


def test_a_failed_tasks_line_holds_none_either() -> None:
    args = {"name": "sweep", "exc": "ValueError('Ellis Brannock')", "traceback": "Ellis Brannock"}
    record = logging.LogRecord("celery", logging.ERROR, __file__, 1, "%(name)s: %(exc)s %(traceback)s", (args,), None)
    assert TaskFailuresWithoutMessages().filter(record)
    assert "Brannock" not in record.getMessage()
    assert "sweep" in record.getMessage()


def test_a_refusals_line_does_not_hold_the_address() -> None:
    record = logging.LogRecord("django.security.csrf", logging.WARNING, __file__, 1, "%s", ("/14 Marl Road/",), None)
    assert RefusalsWithoutAddresses().filter(record)
    assert record.getMessage() == "A request was refused."
