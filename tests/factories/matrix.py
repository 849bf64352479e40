"""Versions of the matrix, as the command drafts and publishes them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from cram.actions import add_factor, change_factor, draft_matrix, publish_matrix
from cram.enums import Category
from cram.matrix import newest_published, next_number, the_draft
from cram.models import Factor, Version
from deadlines import clock
from team.models import User

DAY = timedelta(days=1)
SEEDED = "1.0"
# A factor that no version has yet.
NEW = {
    "category": Category.VICTIM,
    "definite": True,
    "name": "Carries injuries to school",
    "question": "Has the school seen injuries on this child?",
    "definition": "Marks that staff saw and noted, however small.",
    "evidence": "Schools see children on most days of the year.",
    "source": "Working Together to Safeguard Children",
    "place": 255,
}


def a_drafted_matrix(by: User | None = None) -> Version:
    """The version that is drafted; where there is none, one that follows the newest."""
    before = newest_published()
    number = next_number(before) if before else SEEDED
    return the_draft() or draft_matrix(number=number, reason="A review calls for it", by=by or User.objects.system())


def as_said(factor: Factor, **other: Any) -> dict[str, Any]:
    """What a factor says, as its form sends it."""
    fields = ("code", "definite", "name", "question", "definition", "evidence", "source", "place")
    return {**{field: getattr(factor, field) for field in fields}, **other}


def changed(draft: Version, code: str = "neglect", *, by: User | None = None, **other: Any) -> Factor:
    """A factor of a draft, given another name where nothing else is said."""
    factor = Factor.objects.get(version=draft, code=code)
    said = as_said(factor, **(other or {"name": f"{factor.name}, of any kind"}))
    return change_factor(draft, **said, by=by or User.objects.system())


def added(draft: Version, code: str = "seen_at_school", *, by: User | None = None, **other: Any) -> Factor:
    return add_factor(draft, code=code, **{**NEW, **other}, by=by or User.objects.system())


def a_version_to_come(from_on: date | None = None) -> Version:
    """A version that was published and begins tomorrow, or on that day."""
    draft = a_drafted_matrix()
    changed(draft)
    return publish_matrix(draft, from_on=from_on or clock.today() + DAY, by=User.objects.system())


def a_changed_matrix() -> Version:
    """A draft that differs from the version before it, so that it can be published."""
    draft = a_drafted_matrix()
    if not Factor.objects.filter(version=draft, code="seen_at_school").exists():
        added(draft)
    return draft
