"""The workbook of what must be put right, and the lines of history of what was brought in."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from old_logs.models import OldLog
from old_logs.workbook import workbook_of
from team.models import User


def midnight(year: int, month: int, day: int) -> datetime:
    """A date as openpyxl gives one: a workbook knows no zones."""
    return datetime(year, month, day)  # noqa: DTZ001


def opened(log: OldLog) -> Any:
    return load_workbook(BytesIO(workbook_of(log, by=User.objects.system())))


def lines_equal_their_rows(model: Any, by: User) -> int:
    """Each row of a tracked table has one line of history, "+", equal to it, in the name of whoever asked."""
    lines = {line.id: line for line in model.history.all()}
    assert len(lines) == model.history.count() == model._base_manager.count()
    for row in model._base_manager.all():
        line = lines[row.pk]
        assert (line.history_type, line.history_user_id) == ("+", by.pk)
        for field in type(line).tracked_fields:
            assert getattr(line, field.attname) == getattr(row, field.attname), field.name
    return len(lines)
