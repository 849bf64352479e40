"""How quickly an old log of very many rows is read, checked and brought in, beside bare calamine and COPY.

In a process of its own, as a worker is one, on a new database beside the filled one: `measure` starts it, `python -m
tests.bench.old_log ROWS` is it. The floor reads the same workbook with calamine and copies its cells as they are into
one table without a key; it is measured before ours and after it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench.names import ENDS, GIVEN, STEMS, STREETS

Say = Callable[[str], None]

# Reading and checking of the floor's rows a second, at least; and the most memory of it, in MB.
TARGET, MOST_MEMORY = 0.1, 500
HEADINGS = (
    *("URN", "Date rec'd", "Time", "Rec'd by", "Source", "Referrer", "Contact", "Child surname", "Child forename(s)"),
    *("DOB", "M/F", "Address", "P/code", "Allegation", "Brief circs", "Strat disc?", "Decision", "DS"),
    *("SS update due", "SS update rec'd"),
)
SOURCES = (
    "CYPS First Response",
    "School",
    "GP",
    "MERLIN / Form 78",
    "Member of public",
    "Whittington Health",
    "Probation",
)
ALLEGATIONS = (
    "Neglect / left home alone",
    "Physical - bruising to face",
    "Emotional abuse",
    "Sexual abuse (historic)",
)
DECISIONS = ("Joint s47", "Single agency - police", "SS only", "SS only", "Info only", "Transfer to Elmgate CAIT", "")
SENTENCES = (
    "School reports bruising to the left cheek seen at registration; the child said that a cupboard door did it.",
    "A neighbour heard shouting and a child crying on most evenings of this week.",
    "The health visitor could not gain access on two visits that were arranged before.",
    "Grandmother says that the parents use drugs in the front room while the children are at home.",
)


def write_log(file: Path, rows: int) -> None:
    """A workbook as a desk keeps one: one in fifty rows has something that a person must put right."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Log")
    sheet.append(["REFERRAL DESK LOG"])
    sheet.append(list(HEADINGS))
    chance = random.Random(2009)
    serials: dict[int, int] = {}
    for number in range(rows):
        year = 2005 + number * 5 // rows
        serials[year] = serials.get(year, 0) + 1
        on = date(year, chance.randint(1, 12), chance.randint(1, 28))
        decision = chance.choice(DECISIONS)
        answered = decision == "SS only" and chance.random() < 0.6
        children = [chance.choice(GIVEN) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
        born = date(year - chance.randint(1, 15), chance.randint(1, 12), chance.randint(1, 28))
        family = f"{chance.choice(STEMS)}{chance.choice(ENDS)}"
        sheet.append(
            [
                f"{serials[year]:05}/{year % 100:02}",
                "yesterday" if number % 50 == 7 else on,
                f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}",
                chance.choice(GIVEN),
                chance.choice(SOURCES),
                f"{chance.choice(GIVEN)} {chance.choice(STEMS)}{chance.choice(ENDS)}",
                f"01632 96{chance.randint(0, 9999):04}",
                family.upper() if number % 3 else family,
                " / ".join(children),
                born if number % 2 else f"{born.day}.{born.month}.{born.year % 100:02}",
                chance.choice(("F", "M", "m", "F ")) if len(children) == 1 else "M/F",
                f"{chance.randint(1, 300)} {chance.choice(STEMS)}{chance.choice(ENDS)} {chance.choice(STREETS)}",
                "N17 0AB",
                chance.choice(ALLEGATIONS),
                " ".join(chance.sample(SENTENCES, chance.randint(1, 3))),
                chance.choice(("y", "N", "tel", "")),
                decision,
                f"DS {chance.choice(STEMS)}{chance.choice(ENDS)}",
                None,
                on.replace(year=year + 1) if answered else None,
            ]
        )
    book.save(file)


def measure(rows: int, database: str, say: Say) -> dict[str, Any]:
    """Write the log, and have a process of its own do the rest in that new and empty database. The figures."""
    with tempfile.TemporaryDirectory(prefix="cait-old-log-") as folder:
        file = Path(folder) / "old log.xlsx"
        say(f"Writing an old log of {rows:,} rows …")
        write_log(file, rows)
        say("Reading it bare; then reading, checking and bringing it in; then bare again …")
        environment = os.environ | {"CAIT_BENCH_DATABASE": database, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
        program = [sys.executable, "-m", "tests.bench.old_log", str(file), str(rows)]
        done = subprocess.run(program, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def judged(figures: dict[str, Any]) -> list[str]:
    """What was missed."""
    missed = []
    if figures["checked_ratio"] < TARGET:
        missed.append(f"read and checked: {figures['checked_ratio']:.2f} of bare, not {TARGET}")
    if figures["memory_mb"] >= MOST_MEMORY:
        missed.append(f"memory: {figures['memory_mb']} MB, not below {MOST_MEMORY}")
    return missed


def as_text(figures: dict[str, Any]) -> str:
    """For the screen."""
    lines = [
        f"An old log of {figures['rows']:,} rows, in rows a second:",
        f"  bare calamine + COPY        {figures['bare']:>8,}",
        f"  read and checked            {figures['checked']:>8,}  {figures['checked_ratio']:.2f} of bare; "
        f"target {TARGET}",
        f"  brought in, as records      {figures['brought_in']:>8,}  {figures['brought_in_ratio']:.3f} of bare",
        f"  from the file to records    {figures['whole']:>8,}  {figures['whole_ratio']:.3f} of bare",
        f"  memory at most              {figures['memory_mb']:>8,}  MB, and {figures['child_mb']:,} MB of what takes "
        "the file apart",
        f"  {figures['became']['brought_in']:,} brought in, {figures['became']['flawed']:,} for a person",
    ]
    return "\n".join(lines + [f"  missed: {each}" for each in judged(figures)])


# --- in the process of its own -------------------------------------------------------------------


def bare(file: Path) -> float:
    """Rows a second of nothing but reading the cells and copying them."""
    import python_calamine
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(f"CREATE TABLE bare ({', '.join(f'c{at} text' for at in range(len(HEADINGS)))})")
        began, count = time.perf_counter(), 0
        sheet = python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0)
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for cells in sheet.iter_rows():
                copy.write_row([str(each) for each in cells])
                count += 1
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE bare")
    return count / took


def main(file: Path, rows: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from old_logs import actions
    from old_logs.queries import counts
    from old_logs.working import work_on_now
    from team.actions import add_team
    from team.models import User

    call_command("migrate", verbosity=0, interactive=False)
    actions.wake_a_worker = lambda: None  # this process is the worker
    by = User.objects.system()
    team = add_team(code="HGY", name="Haringey CAIT", by=by)
    floors = [bare(file)]
    content = file.read_bytes()
    began = time.perf_counter()
    log = work_on_now(actions.add_old_log(team, name=file.name, content=content, by=by))
    read = time.perf_counter()
    log = work_on_now(actions.bring_in_old_log(log, by=by))
    done = time.perf_counter()
    floors.append(bare(file))
    floor = sum(floors) / len(floors)
    became = counts(log)
    if sum(became.values()) != rows + 2:
        raise RuntimeError(f"Of {rows + 2} rows {sum(became.values())} are accounted for: {became}")
    checked, brought_in = rows / (read - began), became["brought_in"] / (done - read)
    figures = {
        "rows": rows,
        "bare": round(floor),
        "checked": round(checked),
        "checked_ratio": round(checked / floor, 3),
        "brought_in": round(brought_in),
        "brought_in_ratio": round(brought_in / floor, 4),
        "whole": round(rows / (done - began)),
        "whole_ratio": round(rows / (done - began) / floor, 4),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "became": became,
    }
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
