"""The folder of attachments: outside of what any web server serves, each file under a name that says nothing."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings


def put(content: bytes) -> UUID:
    """Keep a file; the name that it got. It is wholly there, or not at all. Raises OSError."""
    name = uuid4()
    path = path_of(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
    return name


def get(name: UUID) -> bytes:
    """Raises OSError where it is not there."""
    return path_of(name).read_bytes()


def remove(name: UUID) -> None:
    """It may be gone already."""
    path_of(name).unlink(missing_ok=True)


def path_of(name: UUID) -> Path:
    """Where a file lies: in one of 256 folders, so that none grows very long."""
    return Path(settings.ATTACHMENTS) / name.hex[:2] / name.hex
