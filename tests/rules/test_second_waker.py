"""What wakes the sweep without Celery, as it is handed out for systemd."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

from django.conf import settings

DOCS = Path(settings.BASE_DIR) / "docs"
PYTHON = "/srv/cait/.venv/bin/python"


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=True)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(DOCS / name)
    return read


def test_the_service_runs_the_sweep_as_a_user_of_its_own() -> None:
    service = unit("cait-sweep.service")["Service"]
    assert service["Type"] == "oneshot"
    assert service["User"] == service["Group"] == "cait"
    assert service["EnvironmentFile"].startswith("/etc/")
    assert service["ExecStart"] == f"{PYTHON} manage.py sweep"
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")


def test_the_timer_wakes_it_each_minute() -> None:
    timer = unit("cait-sweep.timer")
    assert timer["Timer"]["OnCalendar"] == "*-*-* *:*:30"
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_systemd_accepts_both(tmp_path: Path) -> None:
    """Where it is on the machine; otherwise what is read above must do."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return
    for name in ("cait-sweep.service", "cait-sweep.timer"):
        # The program that it starts must be there.
        (tmp_path / name).write_text((DOCS / name).read_text().replace(PYTHON, sys.executable))
    asked = [analyze, "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    ours = [line for line in said.stderr.splitlines() if "cait-sweep" in line]
    assert (said.returncode, ours) == (0, []), said.stderr


def test_the_readmes_name_them() -> None:
    for readme in ("README.md", "deploy/README.md"):
        text = (Path(settings.BASE_DIR) / readme).read_text()
        assert "cait-sweep.service" in text, readme
        assert "cait-sweep.timer" in text, readme
