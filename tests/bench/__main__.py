"""`make bench`: fill a database with very many records, and measure the pages on it beside what they cannot beat.

And an old log of as many rows, read, checked and brought in, beside bare calamine and COPY; a sweep among two million
duties, beside one bare INSERT; dashboards among a million records; and police reports on paper, beside Chromium.

One run, one database, one connection and then eight. Three floors: E, an empty page behind the login; T, a static
table of fifty rows in the usual frame; S, for each page, its own SQL alone on a plain connection, with its
transactions. Exit code 1 where a target is missed. `--keep DIR` leaves the filled database in a folder and uses it
again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from cait import embedded

COPY = "_for_replays"
OLD_LOG = "_old_log"
SWEEP = "_sweep"
FIGURES = "_figures"


def say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--cases", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=30, help="with one connection; with eight, a quarter of it")
    asked.add_argument("--clients", type=int, default=8)
    asked.add_argument("--keep", type=Path, help="a data folder that is filled once and then used again")
    asked.add_argument("--json", type=Path, default=Path("build/bench.json"))
    asked.add_argument(
        "--profile", action="store_true", help="say where the time of each page goes, and measure nothing"
    )
    asked.add_argument("--fill-only", action="store_true")
    a = asked.parse_args()
    return run(
        a.cases,
        a.rounds,
        clients=a.clients,
        keep=a.keep,
        json_file=a.json,
        profile=a.profile,
        fill_only=a.fill_only,
    )


def run(
    cases: int,
    rounds: int,
    *,
    clients: int = 8,
    keep: Path | None = None,
    json_file: Path | None = None,
    profile: bool = False,
    fill_only: bool = False,
) -> int:
    """The whole of it; 0 where every target is met, 1 otherwise. To be called once in a process."""
    data = (keep or Path(tempfile.mkdtemp(prefix="cait-bench-"))).resolve()
    os.environ["CAIT_BENCH_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    # Not throw-away: a commit must cost what it costs.
    with contextlib.ExitStack() as leaving:
        if keep is None:
            leaving.callback(shutil.rmtree, data, ignore_errors=True)
        leaving.enter_context(embedded.running(data))
        database = leaving.enter_context(_database(data, keep=keep is not None))
        os.environ["CAIT_BENCH_DATABASE"] = database
        import django

        django.setup()
        # Only now: these need the settings.
        from django.db import connection

        from tests.bench import fill, whole

        filled = fill.still_filled() if _is_there(database) else None
        if filled is None:
            connection.close()
            _make_anew(database)
            say(f"Filling {cases:,} records …")
            filled = fill.fill(cases, say)
        else:
            say(f"{data} holds {filled.cases:,} records already.")
        if keep is not None:
            say(f"The data folder is {data}.")
        if fill_only:
            connection.close()
            return 0
        fill.dates_are_checked()
        if profile:
            from tests.bench.profile import tell_where_time_goes

            tell_where_time_goes(filled, say)
            connection.close()
            return 0
        copy = with_name(database, urlsplit(database).path.strip("/") + COPY)
        leaving.callback(_drop, copy)
        missed = whole.measure_all(
            filled,
            rounds=rounds,
            clients=clients,
            copy=copy,
            make_copy=lambda: _copy(database, copy),
            json_file=json_file,
            say=say,
        )
        return max(
            missed,
            _old_log(cases, database, leaving, json_file),
            _sweep(cases, database, leaving, json_file),
            _figures(cases, database, leaving, json_file),
            _papers(json_file),
        )


def _old_log(rows: int, database: str, leaving: contextlib.ExitStack, json_file: Path | None) -> int:
    """An old log of as many rows as there are records. 1 where a target is missed, otherwise 0."""
    from tests.bench import old_log

    empty = with_name(database, urlsplit(database).path.strip("/") + OLD_LOG)
    _make_anew(empty)
    leaving.callback(_drop, empty)
    figures = old_log.measure(rows, empty, say)
    say(f"\n{old_log.as_text(figures)}")
    if json_file:
        report = json.loads(json_file.read_text())
        json_file.write_text(json.dumps(report | {"old_log": figures}, indent=1, ensure_ascii=False))
    return int(bool(old_log.judged(figures)))


def _sweep(cases: int, database: str, leaving: contextlib.ExitStack, json_file: Path | None) -> int:
    """A sweep among twenty times as many duties as there are records. 1 where a target is missed, otherwise 0."""
    from tests.bench import sweep

    empty = with_name(database, urlsplit(database).path.strip("/") + SWEEP)
    _make_anew(empty)
    leaving.callback(_drop, empty)
    # A whole run has 2,000,000 and 50,000, however many records the pages are measured on.
    duties = min(sweep.DUTIES, cases * 20)
    figures = sweep.measure(empty, say, duties, duties * sweep.DUE // sweep.DUTIES)
    say(f"\n{sweep.as_text(figures)}")
    if json_file:
        report = json.loads(json_file.read_text())
        json_file.write_text(json.dumps(report | {"sweep": figures}, indent=1, ensure_ascii=False))
    return int(bool(sweep.judged(figures)))


def _figures(cases: int, database: str, leaving: contextlib.ExitStack, json_file: Path | None) -> int:
    """Dashboards among ten times as many records as the other pages. 1 where a target is missed, otherwise 0."""
    from tests.bench import figures as dashboards

    empty = with_name(database, urlsplit(database).path.strip("/") + FIGURES)
    _make_anew(empty)
    leaving.callback(_drop, empty)
    # A whole run has 1,000,000, however many records the other pages are measured on.
    figures = dashboards.measure(empty, say, min(dashboards.CASES, cases * 10))
    say(f"\n{dashboards.as_text(figures)}")
    if json_file:
        report = json.loads(json_file.read_text())
        json_file.write_text(json.dumps(report | {"figures": figures}, indent=1, ensure_ascii=False))
    return int(bool(dashboards.judged(figures)))


def _papers(json_file: Path | None) -> int:
    """Police reports on paper. 1 where a target is missed, otherwise 0."""
    from tests.bench import papers

    figures = papers.measure(say)
    say(f"\n{papers.as_text(figures)}")
    if json_file:
        report = json.loads(json_file.read_text())
        json_file.write_text(json.dumps(report | {"papers": figures}, indent=1, ensure_ascii=False))
    return int(bool(papers.judged(figures)))


def with_name(url: str, name: str) -> str:
    """The address of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextlib.contextmanager
def _database(data: Path, *, keep: bool) -> Iterator[str]:
    """The embedded one; or one beside that which DATABASE_URL names, dropped at the end unless it is kept."""
    named = os.environ.get("DATABASE_URL")
    if not named:
        yield embedded.database_url(data)
        return
    ours = with_name(named, urlsplit(named).path.strip("/") + "_bench")
    try:
        yield ours
    finally:
        if not keep:
            _drop(ours)


def _name(database: str) -> str:
    return urlsplit(database).path.strip("/")


def _on_the_server(database: str, *statements: str) -> None:
    with psycopg.connect(with_name(database, "postgres"), autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


def _is_there(database: str) -> bool:
    try:
        psycopg.connect(database).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_anew(database: str) -> None:
    _drop(database)
    _on_the_server(database, f'CREATE DATABASE "{_name(database)}" TEMPLATE template0')


def _drop(database: str) -> None:
    _on_the_server(database, f'DROP DATABASE IF EXISTS "{_name(database)}" WITH (FORCE)')


def _copy(database: str, copy: str) -> None:
    """A copy of the files, as they are: nobody may be connected meanwhile."""
    began = time.monotonic()
    say("Copying the database for the replays …")
    _drop(copy)
    _on_the_server(
        database,
        f'CREATE DATABASE "{_name(copy)}" TEMPLATE "{_name(database)}" STRATEGY file_copy',
        "CHECKPOINT",
    )
    say(f"  {time.monotonic() - began:6.1f} s")


if __name__ == "__main__":
    sys.exit(main())
