from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Where the whole of CAIT runs for the files of its group, one after the other: the first that asks finds nothing
    in it, the next what that one left, as on another day. To migrate and load it takes longer than all the rest."""
    with tempfile.TemporaryDirectory(prefix="cait run ", ignore_cleanup_errors=True) as name:
        yield Path(name)
