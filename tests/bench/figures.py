"""How quickly the dashboards and the queue are read where there are a million records, beside what they cannot beat.

In a process of its own, on a new database: `measure` starts it, `python -m tests.bench.figures CASES` is it. The
summaries are filled as so many records over six years in four teams would leave them; the records themselves are
bare, because no page of figures reads more of them than the fifty of a list; one in five hundred is restricted; each
ninth has an open duty, with what stands in its row (`tests.bench.duties`). Each page is drawn, in turn, beside a
static table of fifty rows in the usual frame (T), and its own SQL alone on a plain connection (S).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

Say = Callable[[str], None]

TARGET = 2.0
CASES = 1_000_000
ROUNDS, WARM = 40, 5
YEARS = 6
TEAMS = {"HGY": "Haringey CAIT", "ENF": "Enfield CAIT", "BRN": "Barnet CAIT", "CMD": "Camden CAIT"}


def measure(database: str, say: Say, cases: int = CASES) -> dict[str, Any]:
    """Have a process of its own fill that new and empty database and read it. The figures."""
    say(f"Filling the summaries of {cases:,} records; reading the dashboards …")
    environment = os.environ | {"CAIT_BENCH_DATABASE": database, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    program = [sys.executable, "-m", "tests.bench.figures", str(cases)]
    done = subprocess.run(program, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def judged(figures: dict[str, Any]) -> list[str]:
    """What was missed."""
    return [
        f"{page['name']}: {page['ratio']:.2f} of T + S, not {TARGET}"
        for page in figures["pages"]
        if page["ratio"] > TARGET
    ] + [
        f"{page['name']}: {page['statements']} statements, not {page['most']}"
        for page in figures["pages"]
        if page["most"] and page["statements"] > page["most"]
    ]


def as_text(figures: dict[str, Any]) -> str:
    """For the screen."""
    lines = [
        f"Dashboards and queues among {figures['cases']:,} records with {figures['facts']:,} facts and "
        f"{figures['open']:,} open duties; T {figures['T']:.1f} ms:"
    ]
    lines += [
        f"  {page['name']:<26}{page['ms']:>7.1f} ms  S {page['S']:.1f} ms  {page['statements']} statements  "
        f"{page['ratio']:.2f} of T + S; target {TARGET}"
        for page in figures["pages"]
    ]
    return "\n".join(lines + [f"  missed: {each}" for each in judged(figures)])


# --- in the process of its own -------------------------------------------------------------------

CASE = """
INSERT INTO cases_case (number, urn, team_id, state, level, restricted, raised_at)
SELECT 'HGY-' || 2000 + n / 100000 || '-' || lpad((n %% 100000)::text, 5, '0'), lpad(n::text, 7, '0') || '/26',
       (%(teams)s::bigint[])[1 + n %% %(several)s], 'open', '', n %% 501 = 0,
       %(first)s::timestamptz + (%(last)s::timestamptz - %(first)s) * (n::float / %(cases)s)
FROM generate_series(1, %(cases)s) AS n
"""
# Of what happens one fact for each third record; of what lasts one for each second, of which one in twenty still
# does; of what is so now one for each twentieth.
FACT = """
INSERT INTO oversight_fact (measure, case_id, team_id, subject, part, "on", until, counted, minutes)
SELECT %(measure)s, id, team_id, id, (%(parts)s::text[])[1 + (id * 7919) %% %(number)s],
       (raised_at AT TIME ZONE 'Europe/London')::date,
       CASE WHEN %(period)s = 'at_end' AND id %% 40 > 0
            THEN (raised_at AT TIME ZONE 'Europe/London')::date + 1 + (id %% 200)::int END,
       %(shape)s = 'number' OR id %% 10 > 0, CASE WHEN %(timed)s THEN id %% 5000 END
FROM cases_case WHERE id %% %(each)s = 0
"""
TALLY = """
INSERT INTO oversight_tally (measure, team_id, part, month, counted, "of")
SELECT measure, team_id, part, month, sum(counted), sum("of") FROM (
    SELECT measure, team_id, part,
           CASE WHEN measure = ANY(%(now)s) THEN %(always)s ELSE date_trunc('month', "on")::date END AS month,
           counted::int AS counted, 1 AS "of"
    FROM oversight_fact
    UNION ALL
    SELECT measure, team_id, part, date_trunc('month', until)::date, -counted::int, -1 FROM oversight_fact
    WHERE until IS NOT NULL
) m GROUP BY 1, 2, 3, 4
"""


def main(cases: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from deadlines import clock
    from diary.models import Duty, DutyState
    from oversight.counting import ALWAYS
    from oversight.enums import Period
    from oversight.measures import MEASURES, digest
    from oversight.models import Fact, Upkeep
    from team.actions import add_team
    from team.enums import Role
    from team.models import User
    from tests.bench import duties
    from tests.bench.floors import count, recorded, texts, without
    from tests.factories.team import an_officer

    call_command("migrate", verbosity=0, interactive=False)
    teams = [add_team(code=code, name=name, by=User.objects.system()) for code, name in TEAMS.items()]
    now = clock.now()
    asked: dict[str, Any] = {"teams": [team.pk for team in teams], "several": len(teams), "cases": cases}
    asked |= {"first": now - timedelta(days=365 * YEARS), "last": now}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_case DISABLE TRIGGER oversight_insert")
        cursor.execute(CASE, asked)
        cursor.execute("ALTER TABLE cases_case ENABLE TRIGGER oversight_insert")
        # What is poured in is right by how it is made; indexes are built when it is there.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = 'oversight_fact' AND indexdef NOT LIKE 'CREATE UNIQUE%'"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        for measured in MEASURES:
            # Of those whose names are looked up, such as officers, ids of teams stand for all.
            parts = [str(team.pk) for team in teams] if callable(measured.parts) else list(measured.parts) or [""]
            given: dict[str, Any] = {
                "measure": measured.code,
                "parts": parts,
                "number": len(parts),
                "period": measured.period.value,
            }
            given |= {"shape": measured.shape.value, "timed": measured.timed}
            cursor.execute(
                FACT, given | {"each": {Period.MONTH: 3, Period.AT_END: 2, Period.NOW: 20}[measured.period]}
            )
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("RESET session_replication_role")
        now_codes = [measured.code for measured in MEASURES if measured.period == Period.NOW]
        cursor.execute(TALLY, {"now": now_codes, "always": ALWAYS})
        for table in ("cases_case", "oversight_fact", "oversight_tally"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("CHECKPOINT")
    Upkeep.objects.update_or_create(pk=1, defaults={"until": now, "whole_at": now, "digest": digest()})

    of_role = {role: Client() for role in (Role.INSPECTOR, Role.COMMAND)}
    people = {role: an_officer(role, teams[0]) for role in of_role}
    for role, client in of_role.items():
        client.force_login(people[role])
    with connection.cursor() as cursor:
        duties.fill(cursor, now=now, owner=people[Role.INSPECTOR].pk, by=User.objects.system().pk)
    month = f"{now:%Y}-01" if now.month > 1 else f"{now.year - 1}-12"
    pages = [
        ("oversight, the team", Role.INSPECTOR, "/oversight/team/"),
        ("oversight, all teams", Role.COMMAND, "/oversight/teams/"),
        ("a measure, of a team", Role.INSPECTOR, "/oversight/measures/referrals/"),
        ("a measure, of all teams", Role.COMMAND, "/oversight/measures/open_records/"),
        ("the list of a month", Role.INSPECTOR, f"/oversight/measures/referrals/records/?month={month}"),
        ("a measure of time, of all", Role.COMMAND, "/oversight/measures/triage_in_time/"),
        ("the list of now", Role.COMMAND, "/oversight/measures/open_records/records/"),
        ("queues", Role.INSPECTOR, "/queues/"),
        ("queues, mine", Role.INSPECTOR, "/queues/?whose=mine"),
        ("queues, narrowed", Role.INSPECTOR, "/queues/?kind=update&by=late&level=none"),
        ("queues, command", Role.COMMAND, "/queues/"),
    ]
    table = "/bench/table/"

    def executed(client: Client, path: str) -> list[Any]:
        client.get(path)
        with recorded() as found:
            answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        return found

    own, statements_of = {}, {}
    for name, role, path in pages:
        beyond = without(executed(of_role[role], path), executed(of_role[role], table))
        own[name], statements_of[name] = texts(beyond), count(beyond)
    took: dict[str, list[float]] = defaultdict(list)

    def timed(name: str, act: Callable[[], object], *, counts: bool) -> None:
        began = time.perf_counter()
        act()
        if counts:
            took[name].append((time.perf_counter() - began) * 1000)

    def replay(statements: list[str]) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.cursor.execute(statement)
                if cursor.description:
                    cursor.fetchall()

    for turn in range(WARM + ROUNDS):
        counts = turn >= WARM
        timed("T", lambda: of_role[Role.INSPECTOR].get(table), counts=counts)
        for name, role, path in pages:
            timed(name, lambda role=role, path=path: of_role[role].get(path), counts=counts)  # type: ignore[misc]
            timed(f"S {name}", lambda name=name: replay(own[name]), counts=counts)  # type: ignore[misc]
    static = median(took["T"])
    figures: dict[str, Any] = {"cases": cases, "facts": Fact.objects.count(), "T": static, "pages": []}
    figures["open"] = Duty.objects.filter(state=DutyState.OPEN).count()
    for name, _, _ in pages:
        ms, bare = median(took[name]), median(took[f"S {name}"])
        line = {"name": name, "ms": round(ms, 2), "S": round(bare, 2), "statements": statements_of[name]}
        line["most"] = duties.MOST_STATEMENTS if name.startswith("queues") else None
        figures["pages"].append(line | {"ratio": round(ms / (static + bare), 3)})
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]))
