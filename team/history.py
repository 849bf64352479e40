"""Rows whose history is kept field by field: how they are saved, and how two people at once are noticed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from psycopg import sql
from simple_history.models import HistoricalRecords

from deadlines.clock import CaitMoment
from pages import words

if TYPE_CHECKING:
    from team.models import User


class ChangedMeanwhile(ValidationError):
    """Somebody else changed the same thing after this form was opened; the message says who, when and what.

    `happened` says that alone; `then` what to do on the page, which a program has not.
    """

    def __init__(self, happened: str, then: str = "") -> None:
        super().__init__(f"{happened} {then}".strip())
        self.happened = happened


class Lines(HistoricalRecords):
    """Lines of history are looked up by the row that they are of, and by nothing else: no other index is kept."""

    def copy_fields(self, model: Any) -> Any:
        fields = super().copy_fields(model)
        for name, field in fields.items():
            field.db_index = name == model._meta.pk.name
        return fields

    def _get_history_user_fields(self) -> Any:
        fields: dict[str, Any] = super()._get_history_user_fields()
        fields["history_user"].db_index = False
        return fields


def tracked(*, leave_out: tuple[str, ...] = ()) -> HistoricalRecords:
    """Field-by-field history of a model; its lines stay when the row goes."""
    return Lines(
        excluded_fields=list(leave_out),
        cascade_delete_history=False,
        history_id_field=models.BigAutoField(),
        # Accounts are never deleted; a check of each line would be a fifth of what writing it takes.
        user_db_constraint=False,
    )


def save_as(row: Any, by: User) -> None:
    """Save with a line of history in the name of who acts, at the moment of the one clock.

    The caller holds the row's lock, and the moment is that of the writing, not when the transaction began: of two who
    waited for each other, the second is later. `.update()` and the bulk calls write no history, so they are not used
    on a tracked model.
    """
    _by_whom(row, by)
    row.save()


def save_all_as(rows: Sequence[Any], by: User) -> None:
    """As `save_as`, of new rows of one model together: two statements for all, not two for each. What its `save` does
    besides, the caller has done."""
    if rows:
        model = type(rows[0])
        model.objects.bulk_create(rows)
        keep_lines(model, [row.pk for row in rows], by)


def delete_as(row: Any, by: User) -> None:
    """Delete with a line of history in the name of who acts; as `save_as`."""
    _by_whom(row, by)
    row.delete()


def _by_whom(row: Any, by: User) -> None:
    row._history_user = by
    # The database says when, as it writes: to ask before would be one question more for each row.
    row._history_date = CaitMoment()


def version_of(row: Any) -> int:
    """The version of a row that a form is opened on: the id of its newest line of history."""
    return int(_lines(row)[0].history_id)


def saved_at(row: Any) -> datetime:
    """When a row was saved last, by the one clock."""
    at: datetime = _lines(row)[0].history_date
    return at


def with_version(rows: Any) -> Any:
    """Some rows, each with its `version`."""
    lines = rows.model.history.filter(id=models.OuterRef("pk")).order_by("-history_id")
    return rows.annotate(version=models.Subquery(lines.values("history_id")[:1]))


def check_unchanged(row: Any, version: int | None) -> None:
    """Raise ChangedMeanwhile when the row has changed since that version; None: whoever calls did not look."""
    if version is None or version_of(row) == version:
        return
    before = row.history.filter(history_id=version).first()
    if before is None:
        raise ChangedMeanwhile(
            "CAIT cannot tell what changed while you had this open.", "Check every field, then save again."
        )
    newer = [line for line in _lines(row) if line.history_id > version]
    changes = newer[0].diff_against(before).changes
    if not changes:
        return  # such as a new password, which is not tracked, or what was changed back
    who = sorted({str(line.history_user or "somebody") for line in newer})
    said = "; ".join(
        f"{_name(row, c.field)}: {_words(row, c.field, c.old)} became {_words(row, c.field, c.new)}" for c in changes
    )
    raise ChangedMeanwhile(
        f"{' and '.join(who)} changed this while you had it open ({said}).",
        "What you typed is still below. Check it against theirs, then save again.",
    )


def who_changed(row: Any, field: str) -> tuple[Any, datetime] | None:
    """Who changed a field last, and when; None where it is as it was from the beginning."""
    lines = list(_lines(row).select_related("history_user"))
    for newer, older in pairwise(lines):
        if getattr(newer, field) != getattr(older, field):
            return newer.history_user, newer.history_date
    return None


def _lines(row: Any) -> Any:
    """The newest first, by id: ids are given in the order in which the row's lock was held."""
    return row.history.order_by("-history_id")


def _name(row: models.Model, field: str) -> str:
    return str(getattr(row._meta.get_field(field), "verbose_name", field))


def _words(row: models.Model, field: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return words.moment(value)
    if isinstance(value, date):
        return words.day(value)
    if value in (None, ""):
        return "nothing"
    of = row._meta.get_field(field)
    if of.is_relation and of.related_model:
        return str(of.related_model._base_manager.filter(pk=value).first() or value)
    choices: dict[Any, Any] = dict(getattr(of, "flatchoices", ()))
    return str(choices.get(value, value))


# --- very many at once ---------------------------------------------------------------------------


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """So many ids that nobody else gets, for rows that `add_many` adds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        sequence = cursor.fetchone()[0]
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [pk for (pk,) in cursor.fetchall()]


def add_many(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add very many new rows at once, by COPY: a hundred times as quick as one by one. `columns`: of the database.

    For actions whose rows count in tens of thousands. What the database checks it checks here too; what only Python
    does (`clean_fields`, `save`) the caller has done. Of a tracked model, `keep_lines` is called after it.
    """
    if not rows:
        return
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), names)
    # The driver's own errors are told as Django tells them, as with any other statement.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def keep_lines(model: type[Any], ids: Sequence[int], by: User) -> None:
    """The line of history of each of some rows that were just added, as `save_as` writes one."""
    if not ids:
        return
    lines = model.history.model
    columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in lines.tracked_fields)
    statement = sql.SQL(
        "INSERT INTO {lines} ({columns}, history_date, history_type, history_user_id) "
        "SELECT {columns}, cait_moment(), '+', %s FROM {rows} WHERE id = ANY(%s) ORDER BY id"
    ).format(lines=sql.Identifier(lines._meta.db_table), rows=sql.Identifier(model._meta.db_table), columns=columns)
    with connection.cursor() as cursor:
        cursor.execute(statement, [by.pk, list(ids)])
