"""Research on police systems: asked for, and recorded as a researcher records it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.models import Case
from cram.actions import Recorded, ask_research, record_searches
from cram.models import ResearchRequest
from deadlines import clock
from people.models import Person
from team.models import User


def everybody_on(case: Case) -> list[Person]:
    return list(Person.objects.filter(parts__case=case, parts__taken_off_at=None).distinct().order_by("pk"))


def as_asked(case: Case, **other: Any) -> dict[str, Any]:
    """A request for research in the words of `ask_research`."""
    return {
        "systems": ["pnc", "cris"],
        "people": everybody_on(case),
        "why": "Was the partner ever violent?",
        "due_on": clock.today(),
        **other,
    }


def research_asked(case: Case, *, by: User | None = None, **other: Any) -> ResearchRequest:
    """A request that stands in the researcher's queue since just now."""
    return ask_research(case, **as_asked(case, **other), by=by or User.objects.system())


def as_searched(case: Case, **other: Any) -> dict[str, Any]:
    """Searches in the words of `record_searches`."""
    return {
        "searches": [("cris", False, ""), ("pnc", True, "Assault on an earlier partner, 2006")],
        "people": everybody_on(case),
        "searched_at": clock.moment(),
        **other,
    }


def searched(case: Case, *, by: User | None = None, **other: Any) -> Recorded:
    """What was searched just now."""
    return record_searches(case, **as_searched(case, **other), by=by or User.objects.system())


def searched_systems(case: Case, *systems: str, at: datetime | None = None, **other: Any) -> Recorded:
    """Some systems that were searched and held nothing."""
    if at is not None:
        other["searched_at"] = at
    return searched(case, searches=[(system, False, "") for system in systems], **other)
