"""One measuring of a filled database: what the pages execute, then everything round by round, then the table."""

from __future__ import annotations

import json
import os
import platform
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from cait.run import BIN, start
from cases.models import Case, Entry
from team.models import User
from tests.bench.fill import Filled
from tests.bench.floors import Statement, count, recorded, texts, with_ids, without
from tests.bench.measure import BURST, Replay, Server, Thing, Timed, Visit, go_round
from tests.bench.pages import FEW, LIST_LIMIT, LOG, MANY, Callers, Page, pages_of
from tests.bench.table import Line, as_rows, as_text, figures

Say = Callable[[str], None]

WORKERS = 8
WARM = 2
EMPTY, TABLE = "E", "T"
SESSION = "sessionid"


def measure_all(
    filled: Filled,
    *,
    rounds: int,
    clients: int,
    copy: str,
    make_copy: Callable[[], None],
    json_file: Path | None,
    say: Say,
) -> int:
    """Print the table and write the file. 1 where a target is missed, otherwise 0."""
    began = time.monotonic()
    several = max(2, rounds // 4)
    users = {"sergeant": filled.sergeant, "command": filled.command}
    signed_in = {who: [_signed_in(username) for _ in range(clients)] for who, username in users.items()}
    pages = pages_of(filled, signed_in["sergeant"][0])
    connection.close()
    make_copy()
    say("Recording what each page executes …")
    floors = {name: _executed(signed_in["sergeant"][0], path) for name, path in FLOORS.items()}
    # Of each page all that it executes beyond E, and what of it is replayed.
    beyond: dict[str, list[Statement]] = {}
    replays: dict[str, list[str]] = {}
    for page in pages:
        if not page.posts:
            executed = _executed(signed_in[page.who][0], page.path)
            beyond[page.name] = without(executed, floors[EMPTY])
            own = beyond[page.name] if page.floor == EMPTY else without(executed, floors[TABLE])
            replays[page.name] = texts(own)
    plan = {1: rounds, clients: several}
    say("Recording referrals as they are logged …")
    recorded_posts = _executed_posts(filled, signed_in["sergeant"][0], plan, floors[EMPTY])
    beyond[LOG] = recorded_posts[1][0][0]
    wanted = {n: [[with_ids(each) for each in one] for one in by] for n, by in recorded_posts.items()}
    before = _rows_of(copy)
    database = _url()
    timed: dict[int, dict[str, Timed]] = {}
    with _web(say) as port:
        token, cookies = _cookies(port, signed_in)
        server = Server(port, cookies)
        for n, turns in plan.items():
            things = _things(filled, pages, replays, wanted[n], database, copy, token, n, turns)
            if n == 1:
                say("Warming up …")
                go_round([t for t in things if not _is_done_once(t)], server, clients=1, rounds=3, warm=0)
                seen: list[Thing] = [t for t in things if isinstance(t, Visit) and not t.bodies]
                go_round(seen, server, clients=clients, rounds=3, warm=0)
            say(f"Measuring with {n} connection{'s' if n > 1 else ''}, {turns} rounds …")
            timed[n] = go_round(things, server, clients=n, rounds=turns, warm=WARM)
    _check_replays(before, _rows_of(copy), sum((turns + WARM) * BURST * n for n, turns in plan.items()))
    lines = _judge(pages, timed, beyond)
    shown = {n: {each: median(timed[n][each].times) for each in FLOORS} for n in timed}
    text = as_text(lines, shown)
    say(f"\n{text}\n\nMeasured in {time.monotonic() - began:.0f} s.")
    if json_file:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        report = _report(filled, plan, timed, lines, beyond, replays, pages)
        json_file.write_text(json.dumps(report, indent=1, ensure_ascii=False))
        say(f"Everything is in {json_file}.")
    connection.close()
    return int(any(line.missed for line in lines))


FLOORS = {EMPTY: "/bench/empty/", TABLE: "/bench/table/"}


# --- what the pages execute ----------------------------------------------------------------------


def _signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def _executed(client: Client, path: str) -> list[Statement]:
    """What the second request of a page executes; the first finds some things unread."""
    client.get(path)
    with recorded() as found:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return found


def _executed_posts(
    filled: Filled, client: Client, plan: dict[int, int], floor: list[Statement]
) -> dict[int, list[list[list[Statement]]]]:
    """For so many connections, for each client, what the logging of one referral after the other executes."""
    callers = Callers(filled, seed=1)
    found: dict[int, list[list[list[Statement]]]] = {}
    for n, turns in plan.items():
        found[n] = [[_logged(callers, client, floor) for _ in range((turns + WARM) * BURST)] for _ in range(n)]
    return found


def _logged(callers: Callers, client: Client, floor: list[Statement]) -> list[Statement]:
    with recorded() as found:
        answer = client.post("/referrals/log/", callers.form())
    if answer.status_code != 302:
        wrong = re.findall(r"govuk-error-summary__list.*?</ul>", answer.content.decode(), re.S)
        raise RuntimeError(f"The referral was not logged: {answer.status_code} {wrong[:5]}")
    return without(found, floor)


def _is_done_once(thing: Thing) -> bool:
    return bool(thing.bodies if isinstance(thing, Visit) else thing.once)


def _things(
    filled: Filled,
    pages: list[Page],
    replays: dict[str, list[str]],
    posts: list[list[list[str]]],
    database: str,
    copy: str,
    token: str,
    clients: int,
    turns: int,
) -> list[Thing]:
    """In the order in which they are met in each round: the floors, then each page beside its own SQL."""
    things: list[Thing] = [Visit(name, path, is_short=True) for name, path in FLOORS.items()]
    callers = Callers(filled, seed=1000 + clients)
    for page in pages:
        if page.posts:
            bodies = [[callers.body(token) for _ in range((turns + WARM) * BURST)] for _ in range(clients)]
            things.append(Visit(page.name, page.path, page.status, bodies, page.who))
            things.append(Replay(_sql(page), copy, once=posts))
        else:
            things.append(Visit(page.name, page.path, page.status, who=page.who))
            things.append(Replay(_sql(page), database, replays[page.name]))
    return things


def _sql(page: Page) -> str:
    return f"{page.name}: its SQL alone"


def _rows_of(database: str) -> dict[str, int]:
    """How many rows there are where a logged referral leaves some."""
    import psycopg

    tables = ("referrals_referral", "cases_case", "cases_entry", "people_person", "audit_auditevent")
    with psycopg.connect(database) as there:
        return {table: there.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # type: ignore  # noqa: S608


def _check_replays(before: dict[str, int], after: dict[str, int], replayed: int) -> None:
    """Raise RuntimeError unless each replay has really put a referral into the copy, with all that comes with it."""
    more = {table: after[table] - before[table] for table in before}
    if more != {**more, "referrals_referral": replayed, "cases_case": replayed, "people_person": 4 * replayed}:
        raise RuntimeError(f"{replayed} referrals were replayed, and there are more rows: {more}")


# --- the web -------------------------------------------------------------------------------------


@contextmanager
def _web(say: Say) -> Iterator[int]:
    """gunicorn as a real installation has it, with eight workers; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    say(f"Starting gunicorn with {WORKERS} workers …")
    process = start(
        [
            *(str(BIN / "gunicorn"), "cait.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)),
            *("--worker-class", "sync", "--log-level", "warning", "--no-control-socket", "--timeout", "120"),
            *("--logger-class", "cait.web_log.WebServerLogger"),
        ]
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError("gunicorn ended by itself; the reason stands above.")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("gunicorn does not answer.")


def _cookies(port: int, signed_in: dict[str, list[Client]]) -> tuple[str, dict[str, list[str]]]:
    """A token for forms, and for each user and client the cookies. The token fits the cookie, whoever sends both."""
    first = signed_in["sergeant"][0]
    page = first.get("/referrals/log/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    if token is None:
        raise RuntimeError("The form of a referral has no token in it.")
    csrf = first.cookies["csrftoken"].value
    cookies = {
        who: [f"{SESSION}={client.cookies[SESSION].value}; csrftoken={csrf}" for client in clients]
        for who, clients in signed_in.items()
    }
    return token[1], cookies


# --- judging -------------------------------------------------------------------------------------


def _judge(pages: list[Page], timed: dict[int, dict[str, Timed]], beyond: dict[str, list[Statement]]) -> list[Line]:
    lines = []
    for page in pages:
        for n, found in timed.items():
            ours = median(found[page.name].times)
            floor = median(found[page.floor].times) + median(found[_sql(page)].times)
            statements = count(beyond[page.name])
            missed = []
            if page.target is not None and ours > page.target * floor:
                missed.append("time")
            if page.is_list and statements > LIST_LIMIT:
                missed.append(f"over {LIST_LIMIT} statements")
            if page.name == MANY and statements != count(beyond[FEW]):
                missed.append(f"{count(beyond[FEW])} statements with 10 entries")
            of = f"{page.floor} + S"
            line = Line(page.name, n, ours, of, floor, ours / floor, page.target, statements, page.is_list, missed)
            lines.append(line)
    return lines


def _cost(timed: Timed) -> float:
    return timed.wall / len(timed.times)


def _url() -> str:
    return os.environ["CAIT_BENCH_DATABASE"]


def _report(
    filled: Filled,
    plan: dict[int, int],
    timed: dict[int, dict[str, Timed]],
    lines: list[Line],
    beyond: dict[str, list[Statement]],
    replays: dict[str, list[str]],
    pages: list[Page],
) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version(), pg_size_pretty(pg_database_size(current_database()))")
        version, size = cursor.fetchone()
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', "
                       "'shared_buffers', 'full_page_writes', 'jit')")  # fmt: skip
        settings = dict(cursor.fetchall())
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "postgresql": version,
            "settings": settings,
        },
        "filled": {
            **asdict(filled),
            "cases_now": Case.objects.count(),
            "entries_now": Entry.objects.count(),
            "size": size,
        },
        "measured": {"rounds": plan, "burst": BURST, "workers": WORKERS, "warm": WARM},
        "lines": as_rows(lines),
        # The same ratios by what a request costs when all are busy: the time of all of them by their number.
        "ratios_by_throughput": {
            f"{page.name}, {n}": round(
                _cost(found[page.name]) / (_cost(found[page.floor]) + _cost(found[_sql(page)])), 2
            )
            for page in pages
            for n, found in timed.items()
        },
        "times": {str(n): {name: figures(each) for name, each in found.items()} for n, found in timed.items()},
        "statements": {
            page.name: {
                "reading_and_writing": count(beyond[page.name]),
                "with_transactions": len(beyond[page.name]),
                "replayed": len(replays.get(page.name, beyond[page.name])),
                "shapes": [each.shape[:300] for each in beyond[page.name]],
            }
            for page in pages
        },
        "ended": timezone.now().isoformat(timespec="seconds"),
    }
