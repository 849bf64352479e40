"""Reads that are put together once (ADR 35): the ORM takes several times as long to put a statement together as
PostgreSQL to answer it, and the pages that people wait for ask the same ones again and again.

Nothing that was read is kept: only the statement is, with what is asked about left open. It is built by the same code
as any other, `visible_to` too, with a stand-in for each value; so the permissions stay where they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Model, QuerySet
from django.db.models.sql import Query

from deadlines.ages import days_before
from team.models import Membership, Team, User

# A statement and its values.
Asked = tuple[str, list[Any]]
# Of no team, or of nobody: what the ORM does not ask at all.
NOTHING = "SELECT 1 WHERE false"

P = ParamSpec("P")
R = TypeVar("R")

# Beyond it what was kept is forgotten, and put together anew as it is asked.
MOST_KEPT = 100
# What stands for a value: nothing like it is ever asked about, so that what was worked out from one is noticed.
_NUMBER, _MOST_LIKE_IT, _MARK = -2_000_000_000, 1_000_000_000, "\ue000"
_DAYS, _MOMENTS = date(1000, 1, 1), datetime(1200, 1, 1, tzinfo=UTC)
_YEARS = range(999, 1202)


class Once(Generic[P, R]):
    """A read that is put together once: called, it gives the rows."""

    # In tests: each statement is held against the one that is put together with the values themselves.
    is_checked = False

    def __init__(self, build: Callable[P, QuerySet[Any, R]]) -> None:
        self.build = build
        self.kept: dict[Any, _Kept[R] | None] = {}
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        kept, values = self._found(args, kwargs)
        return [] if kept is None else kept.rows_for(values)

    def asked(self, *args: P.args, **kwargs: P.kwargs) -> Asked:
        """The statement and its values, to stand in another."""
        kept, values = self._found(args, kwargs)
        return (NOTHING, []) if kept is None else (kept.statement, kept.with_values(values))

    def _found(self, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[_Kept[R] | None, list[Any]]:
        about = _About(args, kwargs)
        if about.shape not in self.kept:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            those, named = _StandIns(args, kwargs).given()
            self.kept[about.shape] = _Kept.of(self.build(*those, **named), len(about.values))
        kept = self.kept[about.shape]
        if Once.is_checked:
            _check(kept, about.values, self.build(*args, **kwargs))
        return kept, about.values


def put_together_once(build: Callable[P, QuerySet[Any, R]]) -> Once[P, R]:
    """For a function that puts a read together.

    It may be asked about users, rows (of which it reads the id alone), whole numbers, texts, days and moments, and
    tuples of these; each value of an enum or a bool, and each length of a tuple, has a statement of its own. A list
    of ids is one value, however long, and is looked up with `one_of`. What is worked out from a value, such as the
    day of a moment, is worked out before: the function sees stand-ins.
    """
    return Once(build)


@models.Field.register_lookup
@models.ForeignKey.register_lookup
class OneOf(models.Lookup):
    """As `in`, for a list of ids: one value, so that the statement is the same however many there are."""

    lookup_name = "one_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, values = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*values, self.rhs)


class _About:
    """What is asked about: the values, and all that makes the statement another one."""

    def __init__(self, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self.args, self.kwargs = args, kwargs
        self.values: list[Any] = []
        self._shape: list[Any] = []
        # Where among the values the id of a row is: the team that is asked about may be one's own.
        self._places: dict[tuple[type[Model], Any], int] = {}
        self._given = [*map(self.add, args)], {name: self.add(each) for name, each in kwargs.items()}
        self.shape = (*self._shape, *kwargs)

    def add(self, value: Any) -> Any:
        if isinstance(value, User):
            held = [(each.role, self.row(Team, each.team_id)) for each in value.roles_today]
            self._shape += [value.is_active, value.is_system, *(role for role, _ in held), len(held)]
            return self.user(value, self.row(User, value.pk), held)
        if isinstance(value, Model):
            return self.model(value, self.row(type(value), value.pk))
        if isinstance(value, tuple):
            self._shape.append(len(value))
            return tuple([self.add(each) for each in value])
        if value is None or isinstance(value, bool | Enum):
            self._shape.append(value)
            return value
        if not isinstance(value, int | str | date | list):
            raise TypeError(f"A statement cannot be put together once for a {type(value).__name__}.")
        self._shape.append(type(value))
        self.values.append(value)
        return self.value(value, len(self.values) - 1)

    def row(self, model: type[Model], pk: Any) -> Any:
        place = self._places.setdefault((model, pk), len(self.values))
        if place == len(self.values):
            self.values.append(pk)
        self._shape += [model, place]
        return self.value(pk, place)

    # What stands for each of them is asked for only where a statement is put together.
    def user(self, user: User, pk: Any, held: list[tuple[str, Any]]) -> Any: ...
    def model(self, row: Model, pk: Any) -> Any: ...
    def value(self, value: Any, place: int) -> Any: ...


class _StandIns(_About):
    """What is asked about, with stand-ins for the values."""

    def given(self) -> tuple[list[Any], dict[str, Any]]:
        return self._given

    def user(self, user: User, pk: Any, held: list[tuple[str, Any]]) -> User:
        found = User(pk=pk, username=user.username if user.is_system else "", is_active=user.is_active)
        found.roles_today = [Membership(user=found, role=role, team_id=team) for role, team in held]
        return found

    def model(self, row: Model, pk: Any) -> Model:
        return type(row)(pk=pk)

    def value(self, value: Any, place: int) -> Any:
        return _stand_in(value, place)


def _stand_in(value: Any, place: int) -> Any:
    if isinstance(value, list):
        return [_NUMBER + place]
    if isinstance(value, int):
        return _NUMBER + place
    if isinstance(value, str):
        return f"{_MARK}{place}{_MARK}"
    if isinstance(value, datetime):
        return _MOMENTS.replace(microsecond=place)
    return days_before(-place, _DAYS)


def _is_like_one(value: Any) -> bool:
    if isinstance(value, int):
        return _NUMBER <= value < _NUMBER + _MOST_LIKE_IT
    return _MARK in value if isinstance(value, str) else isinstance(value, date) and value.year in _YEARS


class _PutTogether(Query):
    """A query with its SQL: it can be read, and narrowed no more."""

    compiled: Any
    statement: str
    asked: list[Any]

    def clone(self) -> Any:
        other: Any = object.__new__(type(self))
        other.__dict__ = self.__dict__.copy()
        return other

    def get_compiler(self, using: Any = None, connection: Any = None, elide_empty: bool = True) -> Any:
        compiler = copy(self.compiled)
        compiler.connection = connection or connections[using]
        compiler.as_sql = lambda: (self.statement, self.asked)
        return compiler


@dataclass
class _Kept(Generic[R]):
    """One statement, and where in it which of the values stand."""

    rows: QuerySet[Any, R]
    statement: str
    params: list[Any]
    slots: list[tuple[int, Callable[[list[Any]], Any]]] = field(default_factory=list)

    @classmethod
    def of(cls, rows: QuerySet[Any, R], number: int) -> _Kept[R] | None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            statement, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        together: Any = rows._chain()  # type: ignore[attr-defined]
        # Not as `query`: what is set there would be read as dictionaries.
        query: Any = rows.query.chain(klass=_PutTogether)
        together._query = query
        query.compiled, query.statement = compiler, statement
        kept = cls(together, statement, list(params))
        kept.slots = [(at, found) for at, each in enumerate(params) if (found := _slot(each, number))]
        return kept

    def with_values(self, values: list[Any]) -> list[Any]:
        params = self.params.copy()
        for at, found in self.slots:
            params[at] = found(values)
        return params

    def rows_for(self, values: list[Any]) -> list[R]:
        rows: Any = self.rows._chain()  # type: ignore[attr-defined]
        rows.query.asked = self.with_values(values)
        return list(rows)


def _slot(param: Any, number: int) -> Callable[[list[Any]], Any] | None:
    """How a parameter is made from the values; None where it is always the same."""
    if isinstance(param, list | tuple):
        parts = [_slot(each, number) for each in param]
        if not any(parts):
            return None
        several = list(zip(param, parts, strict=True))
        return lambda values: list(_together(part(values) if part else each for each, part in several))
    if not _is_like_one(param):
        return None
    place = next((place for place in range(number) if _stand_in(param, place) == param), None)
    if place is None:
        raise RuntimeError(f"It was worked out from what is asked about, and is not put together once: {param!r}")
    if isinstance(param, int) and type(param) is not int:  # which column it is held against, for PostgreSQL
        return lambda values: type(param)(values[place])
    return lambda values: values[place]


def _together(found: Iterable[Any]) -> Iterator[Any]:
    """With a list of ids in place of what stood for it."""
    for each in found:
        yield from each if isinstance(each, list) else [each]


def _check(kept: _Kept[Any] | None, values: list[Any], rows: QuerySet[Any, Any]) -> None:
    try:
        asked: Any = rows.query.sql_with_params()
    except EmptyResultSet:
        asked = None
    ours = None if kept is None else (kept.statement, kept.with_values(values))
    if _told(asked) != _told(ours):
        raise RuntimeError(f"Another statement than was put together once:\n{asked}\n{ours}")


def _told(asked: Any) -> Any:
    # The ids of several teams stand in no order.
    return asked and (asked[0], Counter(map(repr, asked[1])))


def counted(*asked: Asked) -> tuple[int, ...]:
    """How many rows some statements give, in one. Each says itself beyond which number nobody counts."""
    numbers = ", ".join(f"(SELECT count(*) FROM ({each}) AS those)" for each, _ in asked)  # noqa: S608
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(f"SELECT {numbers}", [each for _, values in asked for each in values])
        return tuple(cursor.fetchone())
