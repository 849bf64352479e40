"""Migrations that make in one step what a row of earlier ones made: much quicker on a new database.

For each small change Django would work out the state of every model again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module

from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import (
    AddConstraint,
    AddIndex,
    ModelOperation,
    RemoveConstraint,
    RemoveIndex,
)

OF_TABLES = (ModelOperation, FieldOperation, AddConstraint, RemoveConstraint, AddIndex, RemoveIndex)


def besides_tables(room: str, names: Iterable[str]) -> Iterator[Operation]:
    """What some migrations of a room do that is no table, column, index or constraint, in their order: triggers,
    functions, rows. The tables are there as they are in the end."""
    for name in names:
        for operation in import_module(f"{room}.migrations.{name}").Migration.operations:
            if not isinstance(operation, OF_TABLES):
                yield operation
