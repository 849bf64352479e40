"""What stands on the papers of a police report: what one recipient reads and nothing else; and the speaking note.

A paper is made from the items that its reader may read (`report_queries.reads`), never from all of them with some
hidden: what is withheld comes into no template, and so into no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from conferences.enums import FACTS, OPINIONS, Attending, Paper, RecipientKind, ReportState, Section, Sharing
from conferences.models import Conference, Item, Report
from conferences.queries import children_at, cram_for
from conferences.report_queries import Goes, by_section, counts, not_for, reads
from deadlines import clock
from deadlines.clock import london_date
from pages.papers import paper, paper_within
from pages.words import count, day, uncapitalised
from people.models import Person
from team.models import User

TITLES = {Paper.REPORT: "Police report", Paper.ANNEX: "Confidential annex to the police report"}


@dataclass(frozen=True)
class Part:
    """One part of a report with its items, as somebody reads it."""

    section: Section
    items: list[Item]

    @property
    def label(self) -> str:
        return self.section.label

    @property
    def is_chronology(self) -> bool:
        return self.section == Section.CHRONOLOGY


def parts(items: Sequence[Item]) -> dict[str, list[Part]]:
    """Items as they are read: facts apart from opinion (HMIC 2010, AFI 8), each part in its order."""
    there = by_section(items)
    return {
        "facts": [Part(section, there[section]) for section in FACTS if section in there],
        "opinions": [Part(section, there[section]) for section in OPINIONS if section in there],
    }


def concerns_to(report: Report) -> str:
    """To whom a concern is brought where police do not attend: the record's supervisor, else whoever endorsed the
    report (HMIC 2010, AFI 8)."""
    supervisor = report.conference.case.supervisor or report.endorsed_by
    return str(supervisor) if supervisor else "the detective sergeant who endorses this report"


def read_by(report: Report, goes: Goes, what: Paper, *, children: Sequence[Person]) -> dict[str, Any]:
    """What one recipient reads: for a page that shows it beforehand, and for the paper. `children`: of the
    conference."""
    items = goes.report if what == Paper.REPORT else goes.annex
    conference = report.conference
    return {
        "report": report,
        "conference": conference,
        "recipient": goes.recipient,
        "what": what,
        "title": TITLES[what],
        "children": ages(conference, named(children, goes)),
        **parts(items),
        "report_only": conference.attending == Attending.REPORT_ONLY,
        "concerns_to": concerns_to(report),
    }


def drawn(
    report: Report,
    goes: Goes,
    what: Paper,
    *,
    number: int | None = None,
    printed_by: User,
    request: HttpRequest | None = None,
) -> bytes:
    """One paper for one recipient. `number`: of the copy that is sent; None for one that is only looked at before."""
    conference, now = report.conference, clock.now()
    context = {
        **read_by(report, goes, what, children=children_at(conference)),
        "case": conference.case,
        "number": number,
        "held_on": london_date(conference.starts_at),
        "printed_by": printed_by,
        "printed_at": now,
        "is_endorsed": report.state in (ReportState.ENDORSED, ReportState.SENT),
    }
    return paper("conferences/report_paper.html", context, request=request)


def named(children: Sequence[Person], goes: Goes) -> list[Person]:
    """Which children stand at the head of a paper: all for the chair, who has called the conference; for others those
    whom they read of among the children of the report."""
    if goes.recipient.kind == RecipientKind.CHAIR:
        return list(children)
    read = {item.about_id for item in goes.report if item.section == Section.CHILDREN}
    return [child for child in children if child.pk in read]


def ages(conference: Conference, children: Sequence[Person]) -> list[str]:
    """Children as old as they are on the day of the conference."""
    on = london_date(conference.starts_at)
    return [child.with_age(on) for child in children]


# --- the speaking note ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Much:
    """How much of each part stands on the note, and how long each line may be."""

    facts: int
    others: int
    longest: int
    children: int = 8


# The first that fits on one sheet is taken.
HOW_MUCH = (
    Much(10, 6, 260),
    Much(8, 5, 180),
    Much(5, 4, 140),
    Much(4, 2, 90, children=4),
    Much(2, 1, 60, children=2),
)


@dataclass(frozen=True)
class Line:
    """One line of the note: shortened, where it is too long."""

    text: str
    on: date | None


def speaking_note(report: Report, items: Sequence[Item], *, printed_by: User, request: HttpRequest) -> bytes:
    """One sheet for whoever speaks at the conference: who, the level, the main facts, risks, strengths and the view.

    Only what everybody there may hear: what is withheld, for the chair alone or kept from one of the recipients is
    counted, and never named.
    """
    sayable = [item for item in reads(items, None) if not not_for(item)]
    contexts = (_note(report, items, sayable, much, printed_by) for much in HOW_MUCH)
    return paper_within("conferences/speaking_note.html", contexts, sheets=1, request=request)


def _note(report: Report, items: Sequence[Item], sayable: list[Item], much: Much, by: User) -> dict[str, Any]:
    conference, there = report.conference, by_section(sayable)
    facts = [item for section in MAIN_FACTS for item in _newest(there.get(section, []), section)]
    children = ages(conference, children_at(conference))
    shown = {
        "Main facts": _lines(facts, much.facts, much.longest),
        "Risks": _lines(there.get(Section.RISK, []), much.others, much.longest),
        "Strengths": _lines(there.get(Section.STRENGTHS, []), much.others, much.longest),
        "What police make of it": _lines(there.get(Section.ANALYSIS, []), much.others, much.longest),
        "The police view": _lines(there.get(Section.VIEW, []), much.others, much.longest),
    }
    wanted = (facts, *(there.get(section, []) for section in OPINIONS))
    more = sum(len(each) for each in wanted) - sum(len(lines) for lines in shown.values())
    return {
        "case": conference.case,
        "report": report,
        "conference": conference,
        "children": children[: much.children],
        "more_children": len(children[much.children :]),
        "level": _level(conference, sayable),
        "parts": shown,
        "more": more,
        "unsaid": list(_unsaid(items, sayable)),
        "printed_by": by,
        "printed_at": clock.now(),
    }


def _level(conference: Conference, sayable: Sequence[Item]) -> str:
    """The level of risk of the CRAM before the conference, where the item that tells it may be said; else empty."""
    cram = cram_for(conference)
    if cram is None or all(item.drawn_from != f"cram-{cram.pk}-level" for item in sayable):
        return ""
    return str(cram.get_level_display())


MAIN_FACTS = (Section.REASON, Section.CONVICTIONS, Section.INTELLIGENCE, Section.CHRONOLOGY)


def _newest(items: list[Item], section: Section) -> list[Item]:
    """Of what happened the newest first: it is said where there is no time for all."""
    return items[::-1] if section == Section.CHRONOLOGY else items


def _lines(items: Sequence[Item], most: int, longest: int) -> list[Line]:
    return [Line(_short(item.text, longest), item.happened_on) for item in items[:most]]


def _short(text: str, longest: int) -> str:
    # A title that stands on a line of its own ends there.
    words = " ".join(re.sub(r"([^.!?:;,\s])\s*\n", r"\1. ", text).split())
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


def _unsaid(items: Sequence[Item], sayable: Sequence[Item]) -> Iterator[str]:
    """How much must not be said, without a word of what it is."""
    there = counts(items)
    if there.withheld:
        yield f"{count(there.withheld, 'item is', 'items are')} withheld"
    if there.chair_only:
        yield f"{count(there.chair_only, 'item is', 'items are')} for the chair only"
    shared = [item for item in items if item.sharing == Sharing.SHARED and not item.left_out]
    if kept := len(shared) - len(sayable):
        yield f"{count(kept, 'item is', 'items are')} kept from somebody who gets the report"


def name_of(report: Report, what: str) -> str:
    """What the file is called by whoever keeps it."""
    conference = report.conference
    on = day(london_date(conference.starts_at))
    return f"{what}, {uncapitalised(conference.get_kind_display())} {on}, record {conference.case.number}.pdf"
