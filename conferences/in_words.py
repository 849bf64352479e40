"""What was recorded after a conference, in the words of the chronology."""

from __future__ import annotations

from conferences.enums import Missed, Outcome, PlanCategory, PoliceView
from conferences.models import Conference, OutcomeFor
from pages.words import uncapitalised


def outcome_in_words(row: OutcomeFor) -> str:
    words = f"{row.child}: {uncapitalised(Outcome(row.outcome).label)}"
    if row.category:
        words += f" ({uncapitalised(PlanCategory(row.category).label)})"
    view = PoliceView(row.police_view).label
    return f"{words}. {view}{f': {row.dissent}' if row.dissent else '.'}"


def also_at(conference: Conference, version: int | None) -> str:
    """What was decided besides, as a form of that version showed it."""
    shown = conference.history.filter(history_id=version).first() if version is not None else None
    return str((shown or conference).also_decided)


def also_in_words(also_decided: str) -> str:
    return f"Also decided: {also_decided}" if also_decided else ""


def who_attended(conference: Conference) -> str:
    if conference.attended_by:
        return f"{conference.attended_by} attended."
    label = uncapitalised(Missed(conference.missed).label)
    return f"Nobody attended: {label}. {conference.missed_why}".strip()
