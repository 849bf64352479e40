"""Lets something be done as at an earlier moment: the demonstration is loaded through the real actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from cases.enums import Series
from cases.models import Numbering
from deadlines.clock import utc
from team.models import Team


@contextmanager
def as_at(moment: datetime) -> Iterator[None]:
    """Within it the one clock says `moment` and goes on from there. Only for this transaction's own eyes.

    The clock's function is replaced and put back in the caller's transaction, so no other process ever sees it
    changed. Raises RuntimeError outside demonstration mode and outside a transaction.
    """
    with _another_clock(f"SELECT timestamptz ''{utc(moment).isoformat()}''"):
        yield


@contextmanager
def clock_of_its_own() -> Iterator[Callable[[datetime], None]]:
    """As `as_at`, for what happens at very many moments: what it yields turns the clock to each of them."""
    with _another_clock(f"SELECT current_setting(''{SETTING}'')::timestamptz"), connection.cursor() as cursor:

        def turn_to(moment: datetime) -> None:
            cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, utc(moment).isoformat()])

        yield turn_to


SETTING = "demonstration.clock"


@contextmanager
def _another_clock(says: str) -> Iterator[None]:
    if not (settings.DEMONSTRATION or settings.EMBEDDED):
        raise RuntimeError("The clock is set back only for a demonstration.")
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Set the clock back within a transaction.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('cait_now()'::regprocedure)")
        (as_it_was,) = cursor.fetchone()
        cursor.execute(
            "CREATE OR REPLACE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"'{says} '"
        )
        yield
        cursor.execute(as_it_was)


@contextmanager
def numbers_of_its_own() -> Iterator[Callable[[Team, int, int], None]]:
    """Within it, records and referrals are numbered as they are told, from a table that this transaction alone sees:
    the numbers of the plan were kept free for it, and whoever logs a referral meanwhile waits for nobody."""
    table = Numbering._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {table} "
            f"(LIKE public.{table} INCLUDING INDEXES INCLUDING DEFAULTS INCLUDING IDENTITY) ON COMMIT DROP"
        )

        def next_is(team: Team, year: int, number: int) -> None:
            for series in Series:
                cursor.execute(
                    f"INSERT INTO pg_temp.{table} (team_id, series, year, last) VALUES (%s, %s, %s, %s) "  # noqa: S608
                    "ON CONFLICT (team_id, series, year) DO UPDATE SET last = excluded.last",
                    [team.pk, series, year, number - 1],
                )

        yield next_is
        cursor.execute(f"DROP TABLE pg_temp.{table}")


def keep_free(last: dict[tuple[str, int], int]) -> None:
    """So many numbers of each team and year are the plan's: what is logged from now on has those that follow."""
    table, teams = Numbering._meta.db_table, {team.code: team.pk for team in Team.objects.all()}
    with connection.cursor() as cursor:
        for (code, year), number in last.items():
            for series in Series:
                cursor.execute(
                    f"INSERT INTO {table} AS there (team_id, series, year, last) VALUES (%s, %s, %s, %s) "  # noqa: S608
                    "ON CONFLICT (team_id, series, year) DO UPDATE SET last = greatest(there.last, excluded.last)",
                    [teams[code], series, year, number],
                )
