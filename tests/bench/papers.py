"""How quickly a police report is drawn, beside Chromium printing the same HTML.

In a process of its own, as a web worker is one: `measure` starts it, `python -m tests.bench.papers` is it, and needs
no database. Both make a tagged file, turn by turn. Chromium is told to print as a program would tell it, from the
command line; how long it takes when it is running already is told beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

Say = Callable[[str], None]

# Six pages in a warm worker, in seconds; and at most so many times what Chromium takes for the long one.
SIX_PAGES, TARGET = 1.0, 2.0
SHORT, LONG = 6, 60
ROUNDS = 5
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
SENTENCES = (
    "Officers were called to the flat by a neighbour who had heard shouting and a child crying for an hour.",
    "The school reported a red mark on the left cheek; the child said that a cupboard door did it.",
    "The mother came to the police station with both children and said that he had broken the door.",
    "A health visitor could not gain access on two visits that were arranged before.",
)


def measure(say: Say) -> dict[str, Any]:
    """Have a process of its own draw the papers. The figures."""
    say("Drawing police reports, and printing them with Chromium …")
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    program = [sys.executable, "-m", "tests.bench.papers"]
    done = subprocess.run(program, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def judged(figures: dict[str, Any]) -> list[str]:
    """What was missed."""
    missed = []
    if figures["short_seconds"] >= SIX_PAGES:
        missed.append(f"{figures['short_pages']} pages: {figures['short_seconds']:.2f} s, not below {SIX_PAGES}")
    if figures["ratio"] > TARGET:
        missed.append(f"{figures['long_pages']} pages: {figures['ratio']:.2f} of Chromium, not {TARGET}")
    return missed


def as_text(figures: dict[str, Any]) -> str:
    """For the screen."""
    lines = [
        "A police report on paper, the middle one of several, in seconds:",
        f"  {figures['short_pages']:>3} pages in a warm worker    {figures['short_seconds']:>6.2f}  "
        f"target {SIX_PAGES}",
        f"  {figures['long_pages']:>3} pages                     {figures['long_seconds']:>6.2f}  "
        f"{figures['ratio']:.2f} of Chromium; target {TARGET}",
        f"  {figures['chromium_pages']:>3} pages by Chromium         {figures['chromium_seconds']:>6.2f}  "
        f"{figures['running_seconds']:.2f} where it runs already: {figures['running_ratio']:.2f}",
    ]
    return "\n".join(lines + [f"  missed: {each}" for each in judged(figures)])


# --- in the process of its own -------------------------------------------------------------------


def context_of(rows: int) -> dict[str, Any]:
    """A report with so many entries of the chronology, as an endorsed one is drawn for the chair."""
    from conferences.enums import ConferenceKind, Paper, RecipientKind, ReportState, Section
    from conferences.models import Conference, Item, Recipient, Report
    from conferences.report_papers import TITLES, parts
    from team.models import Team, User

    at = datetime(2010, 3, 31, 10, tzinfo=UTC)
    officer = User(rank="DC", given_names="Alex", family_name="Adeyemi")
    conference = Conference(kind=ConferenceKind.INITIAL, starts_at=at, chair="Ms G Teasdale", team=Team(name="CAIT"))
    report = Report(number=1, state=ReportState.ENDORSED, submitted_by=officer, endorsed_by=officer, endorsed_at=at)
    items = [
        Item(
            section=Section.CHRONOLOGY,
            text=" ".join(SENTENCES[(number + each) % 4] for each in range(1 + number % 3)),
            source=f"CAD {number}",
            happened_on=date(2000 + number % 10, 1 + number % 12, 1 + number % 28),
        )
        for number in range(rows)
    ]
    items += [Item(section=section, text=SENTENCES[0]) for section in (Section.RISK, Section.ANALYSIS, Section.VIEW)]
    return {
        "report": report,
        "conference": conference,
        "recipient": Recipient(name="Ms G Teasdale", kind=RecipientKind.CHAIR),
        "what": Paper.REPORT,
        "title": TITLES[Paper.REPORT],
        **parts(items),
        "children": ["Ellis Brannock, 4", "Tia Brannock, 9 months"],
        "number": 1,
        "held_on": at.date(),
        "is_endorsed": True,
        "printed_by": officer,
        "printed_at": at,
        "marking": "OFFICIAL-SENSITIVE",
    }


def rows_for(pages: int) -> int:
    """How many entries fill so many pages."""
    many = 400
    return round(pages * many / pages_in(drawn(context_of(many))))


def drawn(context: dict[str, Any]) -> bytes:
    from pages.papers import paper

    return paper("conferences/report_paper.html", context)


def pages_in(pdf: bytes) -> int:
    from io import BytesIO

    from pypdf import PdfReader

    return len(PdfReader(BytesIO(pdf)).pages)


def html_of(context: dict[str, Any]) -> str:
    """The same HTML with the same looks in it, as a browser is given it."""
    from django.template.loader import render_to_string

    html = render_to_string("conferences/report_paper.html", context)
    looks = render_to_string("paper.css", context)
    return html.replace("</head>", f"<style>{looks}</style></head>")


def timed(act: Callable[[], bytes]) -> tuple[float, bytes]:
    began = time.perf_counter()
    made = act()
    return time.perf_counter() - began, made


def main() -> None:
    import django

    django.setup()
    from playwright.sync_api import sync_playwright

    a_row = rows_for(LONG) / LONG
    short, long = context_of(round(a_row * (SHORT - 0.5))), context_of(round(a_row * LONG))
    html = html_of(long)
    found: dict[str, list[tuple[float, bytes]]] = {"short": [], "long": [], "chromium": [], "running": []}
    executable = next(each for name in CHROMIUM if (each := shutil.which(name)))
    with tempfile.TemporaryDirectory(prefix="cait-papers-") as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable)
        page = browser.new_page()
        file = Path(folder) / "report.html"
        file.write_text(html)

        def printed() -> bytes:
            made = file.with_suffix(".pdf")
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            asked = (
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-pdf-header-footer",
                f"--print-to-pdf={made}",
            )
            subprocess.run([executable, *asked, file.as_uri()], check=True, **quiet)  # type: ignore[call-overload]
            return made.read_bytes()

        def printed_where_it_runs() -> bytes:
            page.set_content(html)
            return page.pdf(prefer_css_page_size=True, tagged=True)

        acts = {
            "short": lambda: drawn(short),
            "long": lambda: drawn(long),
            "chromium": printed,
            "running": printed_where_it_runs,
        }
        for act in acts.values():  # each once before, so that all are warm
            act()
        for _ in range(ROUNDS):
            for name, act in acts.items():
                found[name].append(timed(act))
        browser.close()
    seconds = {name: median(took for took, _ in each) for name, each in found.items()}
    pages = {name: pages_in(each[-1][1]) for name, each in found.items()}
    figures = {
        "short_pages": pages["short"],
        "short_seconds": round(seconds["short"], 3),
        "long_pages": pages["long"],
        "long_seconds": round(seconds["long"], 3),
        "chromium_pages": pages["chromium"],
        "chromium_seconds": round(seconds["chromium"], 3),
        "ratio": round(seconds["long"] / seconds["chromium"], 2),
        "running_seconds": round(seconds["running"], 3),
        "running_ratio": round(seconds["long"] / seconds["running"], 2),
    }
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()
