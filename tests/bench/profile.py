"""Where the time of some pages goes: in this process, without a web server, on the filled database."""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from django.db import connection
from django.template.base import Node, Template
from django.test import Client

from team.models import User
from tests.bench.fill import Filled
from tests.bench.floors import Statement, count, recorded
from tests.bench.pages import LOG, Callers, Page, pages_of

Say = Callable[[str], None]
TIMES, TOP = 15, 32


def tell_where_time_goes(filled: Filled, say: Say) -> None:
    """For each page: the whole, what of it is in the database, each statement, what is drawn, the functions."""
    clients = {}
    for who, username in (("sergeant", filled.sergeant), ("command", filled.command)):
        clients[who] = Client()
        clients[who].force_login(User.objects.get(username=username))
    callers = Callers(filled, seed=7)
    for page in pages_of(filled, clients["sergeant"]):
        _tell(page, clients[page.who], callers, say)


def _tell(page: Page, client: Client, callers: Callers, say: Say) -> None:
    def ask() -> None:
        answer = client.post(page.path, callers.form()) if page.posts else client.get(page.path)
        if answer.status_code != page.status:
            raise RuntimeError(f"{page.name} answered {answer.status_code}")

    for _ in range(3):
        ask()
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    with _counted() as drawn:
        ask()
    runs: list[list[Statement]] = []
    for _ in range(5):
        with recorded() as found:
            ask()
        runs.append(found)
    statements = sum(each.ms for each in found)
    say(f"\n=== {page.name}: {median(times):.1f} ms in this process; {count(found)} statements, {statements:.1f} ms")
    say("templates: " + ", ".join(f"{n} x {name}" for name, n in drawn["templates"].most_common(14)))
    say(f"  {sum(drawn['templates'].values())} templates, {sum(drawn['nodes'].values())} nodes: "
        + ", ".join(f"{n} {name}" for name, n in drawn["nodes"].most_common(10)))  # fmt: skip
    slow: dict[str, list[float]] = defaultdict(list)
    for each in found:
        slow[each.shape[:160]].append(each.ms)
    for shape, ms in sorted(slow.items(), key=lambda item: -sum(item[1]))[:12]:
        say(f"  {sum(ms):7.2f} ms  {len(ms)} x  {' '.join(shape.split())[:150]}")
    profile = cProfile.Profile()
    for _ in range(5):
        profile.enable()
        ask()
        profile.disable()
    for order in ("cumulative", "tottime"):
        out = io.StringIO()
        pstats.Stats(profile, stream=out).strip_dirs().sort_stats(order).print_stats(
            TOP if page.posts or page.target else 12
        )
        lines = out.getvalue().splitlines()
        start = next((number for number, line in enumerate(lines) if "ncalls" in line), 0)
        say(f"  five requests, by {order}:")
        for line in lines[start:]:
            say(f"    {line}")


@contextmanager
def _counted() -> Iterator[dict[str, Counter[str]]]:
    """How many templates and nodes are drawn meanwhile."""
    found: dict[str, Counter[str]] = {"templates": Counter(), "nodes": Counter()}
    render, node = Template._render, Node.render_annotated  # type: ignore[attr-defined]

    def counting_template(self: Any, context: Any) -> Any:
        found["templates"][str(self.name)] += 1
        return render(self, context)

    def counting_node(self: Any, context: Any) -> Any:
        found["nodes"][type(self).__name__] += 1
        return node(self, context)

    Template._render, Node.render_annotated = counting_template, counting_node  # type: ignore[attr-defined, method-assign]
    try:
        yield found
    finally:
        Template._render, Node.render_annotated = render, node  # type: ignore[attr-defined, method-assign]
        connection.close()


__all__ = ["LOG", "tell_where_time_goes"]
