"""How quickly the sweep raises what is due among two million duties, beside one bare INSERT … SELECT … ON CONFLICT.

In a process of its own, on a new database: `measure` starts it, `python -m tests.bench.sweep DUTIES DUE` is it. On
four days as many duties become late; on the first and the third the bare statement raises the same notices, on the
others the sweep does. It does more: it locks, sets the next step, commits batch by batch, writes the audit. The same
with chases that fall, on four days more. Then a second sweep, which has nothing to raise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

Say = Callable[[str], None]

# How many times the bare statement the sweep may take.
TARGET = 2.0
DUTIES, DUE = 2_000_000, 50_000
FIRST_DAY = datetime.fromisoformat("2026-03-02T12:00:00+00:00")


def measure(database: str, say: Say, duties: int = DUTIES, due: int = DUE) -> dict[str, Any]:
    """Have a process of its own fill that new and empty database and sweep it. The figures."""
    say(f"Filling {duties:,} duties, of which {due:,} a day become late; sweeping them …")
    environment = os.environ | {"CAIT_BENCH_DATABASE": database, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    program = [sys.executable, "-m", "tests.bench.sweep", str(duties), str(due)]
    done = subprocess.run(program, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def judged(figures: dict[str, Any]) -> list[str]:
    """What was missed."""
    missed = [
        f"{what}: {figures[what]['ratio']:.2f} times bare, not {TARGET}"
        for what in ("lateness", "chases")
        if figures[what]["ratio"] > TARGET
    ]
    return missed + ([f"a second sweep raised {figures['again']}"] if figures["again"] else [])


def as_text(figures: dict[str, Any]) -> str:
    """For the screen."""
    lines = [f"A sweep of {figures['due']:,} due among {figures['duties']:,} duties:"]
    for what, words in (("lateness", "told that they are late"), ("chases", "chases raised")):
        of = figures[what]
        lines.append(
            f"  {words:<26}{of['ours']:>7.2f} s  bare {of['bare']:.2f} s  {of['ratio']:.2f} of it; target {TARGET}"
        )
    lines.append(f"  a second sweep at once   {figures['second']:>7.2f} s  raised {figures['again']}")
    return "\n".join(lines + [f"  missed: {each}" for each in judged(figures)])


# --- in the process of its own -------------------------------------------------------------------

# A tenth of the duties is on each record; half are open; those of days 1, 2, 3, 4 … first.
DUTY = """
INSERT INTO diary_duty (case_id, team_id, kind, subject, cycle, state, owner_role, due_on, late_from, due,
                        from_before, raised_at, ended_why, held_why, ended_at, ended_by_id)
SELECT cases.id, %(team)s, 'triage', n %% 10, 0, CASE WHEN n <= %(open)s THEN 'open' ELSE 'satisfied' END,
       'desk_sergeant', at::date, at, %(due)s::jsonb, false, %(first)s,
       CASE WHEN n <= %(open)s THEN '' ELSE 'Done' END, '', CASE WHEN n <= %(open)s THEN NULL ELSE %(first)s END,
       CASE WHEN n <= %(open)s THEN NULL ELSE %(by)s END
FROM generate_series(1, %(duties)s) AS n
CROSS JOIN LATERAL (
    SELECT %(first)s + make_interval(days => CASE WHEN n <= %(open)s THEN (n - 1) / %(a_day)s ELSE -7 END) AS at
) AS when_late
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM cases_case) AS cases ON cases.place = (n - 1) / 10
"""
CASE = """
INSERT INTO cases_case (number, urn, team_id, state, level, raised_at)
SELECT 'HGY-2026-' || lpad(n::text, 6, '0'), lpad(n::text, 6, '0') || '/26', %(team)s, 'open', '', %(first)s
FROM generate_series(1, %(cases)s) AS n
"""
WATCH = """
INSERT INTO diary_watch (duty_id, told, tell_at, set_aside_why)
SELECT id, 0, late_from, '' FROM diary_duty WHERE state = 'open'
"""
CHASE = """
INSERT INTO diary_chase (duty_id, partner, started_on, first_after, apart, raised, next_on, state, set_aside_why)
SELECT id, 'social_services', late_from::date - 10, 14, 7, 0, late_from::date + 4, 'running', ''
FROM diary_duty WHERE state = 'open'
"""
BARE_NOTICES = """
INSERT INTO diary_notice (kind, team_id, to_person_id, to_role, duty_id, number, words, raised_at)
SELECT 'late', duty.team_id, duty.owner_id, duty.owner_role, duty.id, 1, '', cait_moment()
FROM diary_watch AS watch
JOIN diary_duty AS duty ON duty.id = watch.duty_id
JOIN cases_case AS record ON record.id = duty.case_id
WHERE watch.tell_at <= %(now)s AND watch.set_aside_at IS NULL AND duty.state = 'open'
ON CONFLICT (duty_id, kind, number) DO NOTHING
"""
BARE_STEPS = """
INSERT INTO diary_step (duty_id, number, due_on, raised_at)
SELECT duty_id, 1, next_on, cait_moment() FROM diary_chase WHERE state = 'running' AND next_on <= %(today)s
ON CONFLICT (duty_id, number) DO NOTHING
"""


def main(duties: int, due: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from deadlines import clock
    from diary.chasing import fallen_chases
    from diary.models import Notice, Step
    from diary.telling import fallen_steps
    from team.actions import add_team
    from team.models import User

    call_command("migrate", verbosity=0, interactive=False)
    by = User.objects.system()
    team = add_team(code="HGY", name="Haringey CAIT", by=by)
    asked: dict[str, Any] = {"team": team.pk, "by": by.pk, "first": FIRST_DAY}
    asked |= {"cases": duties // 10, "duties": duties}
    asked |= {"open": duties // 2, "a_day": due, "due": json.dumps({"why": "x" * 600})}
    with connection.cursor() as cursor:
        for statement in (CASE, DUTY, WATCH, CHASE):
            cursor.execute(statement, asked)
        for table in ("cases_case", "diary_duty", "diary_watch", "diary_chase"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("CHECKPOINT")

    def move_to(at: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE "
                f"AS $$SELECT timestamptz '{at.isoformat()}'$$"
            )

    def timed(act: Callable[[], object]) -> float:
        began = time.perf_counter()
        act()
        return time.perf_counter() - began

    def bare(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"now": clock.now(), "today": clock.today()})
            if cursor.rowcount != due:
                raise RuntimeError(f"{cursor.rowcount} rows, not {due}")

    def put_away(statement: str) -> None:
        """So that the next day's are its own; not measured."""
        with connection.cursor() as cursor:
            cursor.execute(statement, {"now": clock.now(), "today": clock.today()})

    figures: dict[str, Any] = {"duties": duties, "due": due}
    ways = {
        "lateness": (
            BARE_NOTICES,
            "UPDATE diary_watch SET tell_at = NULL WHERE tell_at <= %(now)s",
            lambda: fallen_steps().all(),
            Notice,
            0,
        ),
        "chases": (
            BARE_STEPS,
            "UPDATE diary_chase SET state = 'ended' WHERE state = 'running' AND next_on <= %(today)s",
            lambda: fallen_chases().all(),
            Step,
            4,
        ),
    }
    for what, (statement, away, ours, model, later) in ways.items():
        took: dict[str, list[float]] = {"bare": [], "ours": []}
        for day in range(4):
            move_to(FIRST_DAY + timedelta(days=day + later))
            before = model._default_manager.count()
            if day % 2 == 0:
                took["bare"].append(timed(lambda: bare(statement)))  # noqa: B023
            else:
                took["ours"].append(timed(ours))
            if (raised := model._default_manager.count() - before) != due:
                raise RuntimeError(f"{raised} {what} were raised, not {due}")
            put_away(away)
        means = {name: sum(each) / len(each) for name, each in took.items()}
        figures[what] = {**{name: round(mean, 3) for name, mean in means.items()}, "all": took}
        figures[what]["ratio"] = round(means["ours"] / means["bare"], 3)

    def sweep() -> None:
        fallen_chases().all()
        fallen_steps().all()

    sweep()
    before = Notice.objects.count() + Step.objects.count()
    figures["second"] = round(timed(sweep), 3)
    figures["again"] = Notice.objects.count() + Step.objects.count() - before
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
