"""One client, or several at once, going round what is measured; nothing of Django is loaded here.

All clients stand before the same thing at the same moment, and all things are met once in each round: a slow moment
of the machine hits our pages and what they are compared with alike.
"""

from __future__ import annotations

import http.client
import multiprocessing
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg

# How often each client does a thing before all go on to the next. What is short, more often where several are at it:
# it would be over before the last of them has begun, and eight would never be there at once.
BURST, SHORT_BURST = 2, 8
SECONDS_TO_WAIT = 300


@dataclass(frozen=True)
class Visit:
    """A request of a page: each on a connection of its own, since a sync worker closes it."""

    name: str
    path: str
    status: int = 200
    # For each client, what it sends, one after the other; empty for a page that is only read.
    bodies: list[list[str]] = field(default_factory=list)
    who: str = "sergeant"
    is_short: bool = False


@dataclass(frozen=True)
class Replay:
    """The bare SQL of a page, with its transactions, on a plain connection."""

    name: str
    database: str
    statements: list[str] = field(default_factory=list)
    # For what can be done once only: for each client, the statements of one after the other.
    once: list[list[list[str]]] = field(default_factory=list)

    @property
    def is_short(self) -> bool:
        return not self.once


Thing = Visit | Replay


def _burst(thing: Thing, clients: int) -> int:
    return SHORT_BURST if thing.is_short and clients > 1 else BURST


@dataclass(frozen=True)
class Server:
    """Where the pages are, and for each client and each user the cookies with which it is signed in."""

    port: int
    cookies: dict[str, list[str]]


@dataclass
class Timed:
    """Of one thing with so many clients: how long each took, in ms, and over what time all of them were done."""

    times: list[float] = field(default_factory=list)
    wall: float = 0.0


def go_round(things: list[Thing], server: Server, *, clients: int, rounds: int, warm: int) -> dict[str, Timed]:
    """Measure all of them so many rounds, after some that are not counted. Raises RuntimeError where one failed."""
    processes = multiprocessing.get_context("spawn")
    barrier = processes.Barrier(clients)
    pipes, workers = [], []
    for client in range(clients):
        ours, theirs = processes.Pipe()
        args = (theirs, barrier, things, server, client, rounds, warm)
        worker = processes.Process(target=_client, args=args, daemon=True)
        worker.start()
        pipes.append(ours)
        workers.append(worker)
    answers: list[Any] = [pipe.recv() for pipe in pipes]
    for worker in workers:
        worker.join()
    for answer in answers:
        if isinstance(answer, str):
            raise RuntimeError(answer)
    found: dict[str, Timed] = defaultdict(Timed)
    for thing in things:
        spans = [answer[thing.name] for answer in answers]
        found[thing.name].times = [(end - start) * 1000 for each in spans for start, end in each]
        for turn in range(rounds):
            burst = _burst(thing, clients)
            those = [span for each in spans for span in each[turn * burst : (turn + 1) * burst]]
            found[thing.name].wall += max(end for _, end in those) - min(start for start, _ in those)
    return found


def _client(
    pipe: Any, barrier: Any, things: list[Thing], server: Server, client: int, rounds: int, warm: int
) -> None:
    try:
        pipe.send(_rounds(barrier, things, server, client, rounds, warm))
    except Exception as wrong:
        barrier.abort()
        pipe.send(f"{type(wrong).__name__}: {wrong}")


def _rounds(
    barrier: Any, things: list[Thing], server: Server, client: int, rounds: int, warm: int
) -> dict[str, list[tuple[float, float]]]:
    connections = {
        name: psycopg.connect(name, autocommit=True, cursor_factory=psycopg.ClientCursor, prepare_threshold=None)
        for name in {thing.database for thing in things if isinstance(thing, Replay)}
    }
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for turn in range(warm + rounds):
        for thing in things:
            barrier.wait(SECONDS_TO_WAIT)
            burst = _burst(thing, barrier.parties)
            for again in range(burst):
                number = turn * burst + again
                if isinstance(thing, Visit):
                    start = time.perf_counter()
                    _visit(thing, server, client, number)
                else:
                    statements = thing.once[client][number] if thing.once else thing.statements
                    cursor = connections[thing.database].cursor()
                    start = time.perf_counter()
                    _replay(cursor, statements)
                end = time.perf_counter()
                if turn >= warm:
                    spans[thing.name].append((start, end))
    for connection in connections.values():
        connection.close()
    return spans


def _visit(visit: Visit, server: Server, client: int, number: int) -> None:
    web = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Cookie": server.cookies[visit.who][client]}
    if visit.bodies:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        web.request("POST", visit.path, visit.bodies[client][number], headers)
    else:
        web.request("GET", visit.path, headers=headers)
    answer = web.getresponse()
    answer.read()
    web.close()
    if answer.status != visit.status:
        raise RuntimeError(f"{visit.name} ({visit.path}) answered {answer.status}, not {visit.status}")


def _replay(cursor: Any, statements: list[str]) -> None:
    for statement in statements:
        cursor.execute(statement)
        if cursor.description:
            cursor.fetchall()
