"""An environment that looks whole and is not is made again: make asks tests/fit.sh before all else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with an environment that was made for it."""
    for made in (".venv/bin", "build"):
        (tmp_path / made).mkdir(parents=True)
    (tmp_path / ".venv" / "place").write_text(f"{tmp_path}\n")
    (tmp_path / "build" / ".environment").touch()
    return tmp_path


def is_kept(checkout: Path) -> bool:
    subprocess.run(["sh", f"{settings.BASE_DIR}/tests/fit.sh"], cwd=checkout, check=True, stderr=subprocess.DEVNULL)
    kept = (checkout / ".venv").exists()
    assert (checkout / "build" / ".environment").exists() == kept
    return kept


def test_a_whole_one_is_kept(checkout: Path) -> None:
    assert is_kept(checkout)


def test_one_whose_installation_was_interrupted_is_thrown_away(checkout: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        pass
    (checkout / "build" / ".installing").write_text(str(ended.pid))
    assert not is_kept(checkout)
    assert not (checkout / "build" / ".installing").exists()


def test_one_that_is_just_being_installed_is_left_alone(checkout: Path) -> None:
    (checkout / "build" / ".installing").write_text(str(os.getpid()))
    assert is_kept(checkout)


def test_one_that_was_moved_is_thrown_away(checkout: Path) -> None:
    (checkout / ".venv" / "place").write_text("/somewhere/else\n")
    assert not is_kept(checkout)


def test_where_there_is_none_nothing_is_done(tmp_path: Path) -> None:
    subprocess.run(["sh", f"{settings.BASE_DIR}/tests/fit.sh"], cwd=tmp_path, check=True)
    assert list(tmp_path.iterdir()) == []
