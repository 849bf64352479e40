"""Which statements a page executes, so that they can be replayed without it: the least that it can take."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

CONTROL = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET TRANSACTION)", re.I)
LITERAL = re.compile(r"'(?:[^']|'')*'(?:::\w+)?|\b\d+\b")
INSERT = re.compile(r'\s*INSERT INTO "(?P<table>\w+)" \((?P<columns>[^)]*)\) VALUES \(')
UNLESS_THERE = " ON CONFLICT DO NOTHING"


@dataclass
class Statement:
    """One statement as it went to the database; of an INSERT that gave ids, which."""

    text: str
    ids: list[int] = field(default_factory=list)
    ms: float = 0.0

    @property
    def is_control(self) -> bool:
        return bool(CONTROL.match(self.text))

    @property
    def shape(self) -> str:
        """Without what is looked for, so that the same look-up of two requests is the same."""
        return LITERAL.sub("?", self.text)


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Everything that is executed meanwhile, with where transactions begin and end."""
    found: list[Statement] = []
    ids: dict[int, list[int]] = {}
    took: dict[int, float] = {}

    def note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if many:
            raise RuntimeError(f"Sent as many statements at once, which cannot be told apart: {sql}")
        began = time.perf_counter()
        result = execute(sql, params, many, context)
        took[len(connection.queries_log)] = (time.perf_counter() - began) * 1000
        answer = getattr(context["cursor"].cursor, "pgresult", None)
        # Where one is made, the id of the new row; read without taking it from whoever waits for it.
        said = sql if isinstance(sql, str) else sql.as_string(connection.connection)
        if answer is not None and INSERT.match(said) and answer.ntuples:
            given = [answer.get_value(row, 0) or b"" for row in range(answer.ntuples)]
            ids[len(connection.queries_log)] = [int(each) for each in given if each.isdigit()]
        elif said.endswith(UNLESS_THERE) and INSERT.match(said) and (made := context["cursor"].cursor.rowcount) > 0:
            # It returns no id, and what follows names it: those that the sequence gave last.
            with connection.connection.cursor() as cursor:
                (last,) = cursor.execute("SELECT lastval()").fetchone()
            ids[len(connection.queries_log)] = list(range(last - made + 1, last + 1))
        return result

    connection.ensure_connection()
    before, connection.force_debug_cursor = connection.force_debug_cursor, True
    connection.queries_log.clear()
    try:
        with connection.execute_wrapper(note):
            yield found
        for number, each in enumerate(connection.queries_log):
            found.append(Statement(each["sql"], ids.get(number, []), took.get(number, 0.0)))
    finally:
        connection.force_debug_cursor = before


def without(page: list[Statement], *floors: list[Statement]) -> list[Statement]:
    """What a page executes beyond a floor: each statement of the floor is left out once."""
    left = Counter(each.shape for floor in floors for each in floor)
    rest = []
    for each in page:
        if left[each.shape] > 0:
            left[each.shape] -= 1
        else:
            rest.append(each)
    return rest


DECLARE = re.compile(r'\s*DECLARE "?\w+"? (?:NO SCROLL |SCROLL )?CURSOR (?:WITH HOLD |WITHOUT HOLD )?FOR ', re.I)


def texts(statements: list[Statement]) -> list[str]:
    """As they are replayed. What the page reads through a cursor that it declares is asked plainly: the rows alone,
    without the cursor's own statements, are what it cannot do without."""
    return [DECLARE.sub("", each.text, count=1) for each in statements]


def with_ids(statements: list[Statement]) -> list[str]:
    """To be executed on a copy of the database, in whatever order: each new row gets the id that it got before."""
    return [_with_id(each) for each in statements]


def _with_id(statement: Statement) -> str:
    if not statement.ids:
        return DECLARE.sub("", statement.text, count=1)
    insert = INSERT.match(statement.text)
    # The key is what is returned first; behind it stands what the database filled in.
    returning = re.search(r'RETURNING "\w+"\."(\w+)"(?:, "\w+"\."\w+")*\s*$', statement.text)
    rows = list(_rows_of(statement.text, insert.end())) if insert else []
    key = returning[1] if returning else "id" if statement.text.endswith(UNLESS_THERE) else ""
    if not insert or not key or len(statement.ids) != len(rows):
        raise RuntimeError(f"Nobody knows how to say the ids of {statement.text[:200]}")
    columns = insert["columns"]
    if f'"{key}"' in columns.split(", "):
        return statement.text  # its id is its own already
    # The application's own statement, on a copy that is thrown away.
    said = [f'INSERT INTO "{insert["table"]}" ("{key}", {columns}) VALUES (']  # noqa: S608
    for number, (each, following) in enumerate(zip(statement.ids, [*rows[1:], None], strict=True)):
        said += [f"{each}, ", statement.text[rows[number] : following]]
    return "".join(said)


def _rows_of(text: str, first: int) -> Iterator[int]:
    """Where each row of VALUES begins, behind its bracket; `first`: the first of them. What stands in quotation marks
    is passed over."""
    yield first
    depth, quoted = 1, False
    for at in range(first, len(text)):
        if text[at] == "'":
            quoted = not quoted
        elif not quoted and text[at] in "()":
            depth += 1 if text[at] == "(" else -1
            if depth == 1 and text[at] == "(":
                yield at + 1
        elif not quoted and depth == 0 and text.startswith(("RETURNING", "ON CONFLICT"), at):
            return


def count(statements: list[Statement]) -> int:
    """How many there are, BEGIN, COMMIT and savepoints left out."""
    return sum(not each.is_control for each in statements)
