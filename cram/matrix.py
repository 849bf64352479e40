"""Reads of the versions of the matrix: what each asks, and how one differs from the version before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from re import findall
from typing import Any

from django.db.models import QuerySet

from cram.enums import Category, VersionState
from cram.models import Factor, Version
from pages.words import uncapitalised

# What can be said of a factor, in the order in which pages show it.
WORDS = ("name", "question", "definition", "evidence", "source")
LABELS = {
    "name": "Name",
    "question": "Question",
    "definition": "What it means",
    "evidence": "Evidence base",
    "source": "Source",
    "definite": "Kind",
    "category": "Asked about",
    "place": "Place",
}
# Places lie apart, so that a factor can be put between two others.
STEP = 10
MOST_PLACES = 30_000


def versions() -> QuerySet[Version]:
    """Every version, the draft first and then the newest."""
    rows = Version.objects.select_related("drafted_by", "published_by", "based_on")
    return rows.order_by("state", "-from_on")


def the_draft() -> Version | None:
    """The version that is being drafted; there is one at most."""
    return Version.objects.filter(state=VersionState.DRAFT).select_related("drafted_by", "based_on").first()


def newest_published() -> Version | None:
    """The published version whose first day is the last: in force, or still to come."""
    return Version.objects.filter(state=VersionState.PUBLISHED).order_by("-from_on").first()


def parts(number: str) -> tuple[int, ...]:
    """A number of a version as versions are ordered: 1.10 comes after 1.9."""
    return tuple(int(each) for each in number.split("."))


def next_number(version: Version) -> str:
    """The number that a version which follows is offered: 1.1 after 1.0."""
    first, last = parts(version.number)
    return f"{first}.{last + 1}"


def next_place(version: Version) -> int:
    """The place of a factor that is added at the end."""
    places = Factor.objects.filter(version=version).order_by("-place").values_list("place", flat=True)
    return min((places.first() or 0) + STEP, MOST_PLACES)


def published_category(code: str) -> Category | None:
    """About whom a factor is asked in the versions that were published; None where it is in none of them."""
    rows = Factor.objects.filter(code=code, version__state=VersionState.PUBLISHED)
    found = rows.values_list("category", flat=True).first()
    return Category(found) if found else None


def last_change(draft: Version) -> Any:
    """The newest line of history of a draft's factors: the version of the whole that a page is opened on."""
    rows = Factor.history.filter(version=draft.pk).select_related("history_user")
    return rows.order_by("-history_id").first()


def seen(draft: Version) -> int:
    """That line's number, as a form carries it."""
    line = last_change(draft)
    return line.history_id if line else 0


@dataclass(frozen=True)
class Group:
    """The factors about one kind of person or home, or those that only may indicate vulnerability."""

    key: str
    name: str
    about: str
    factors: list[Factor]


ABOUT = {
    Category.VICTIM: "Asked of each child.",
    Category.SUSPECT: "Asked of each suspect.",
    Category.HOUSEHOLD: "Asked of each household in which one of the children lives.",
}


def groups_of(version: Version) -> list[Group]:
    """A version as it is read: the definite factors by category, and apart from them what may indicate
    vulnerability. One query."""
    factors = list(Factor.objects.filter(version=version))
    found = [
        Group(each.value, each.label, ABOUT[each], [f for f in factors if f.definite and f.category == each])
        for each in Category
    ]
    rest = [factor for factor in factors if not factor.definite]
    about = "Kept apart from the definite factors: none of these is a risk by itself."
    found.append(Group("may-indicate", "May indicate vulnerability", about, rest))
    return [group for group in found if group.factors]


# --- how one version differs from the one before -------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """Some words of a text, and whether they stand in this one of two versions alone."""

    text: str
    only_here: bool


@dataclass(frozen=True)
class Field:
    """One thing that was changed: as it was, and as it is."""

    label: str
    before: list[Piece]
    now: list[Piece]


@dataclass(frozen=True)
class Changed:
    before: Factor
    now: Factor
    fields: list[Field]


@dataclass(frozen=True)
class Comparison:
    """What a version adds, takes out and changes, beside the version it is based on."""

    added: list[Factor] = field(default_factory=list)
    taken_out: list[Factor] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    same: int = 0

    @property
    def differs(self) -> bool:
        return bool(self.added or self.taken_out or self.changed)


def compare(version: Version) -> Comparison:
    """A version beside the one it was drafted from. Two queries."""
    now = _by_code(Factor.objects.filter(version=version))
    before = _by_code(Factor.objects.filter(version=version.based_on_id)) if version.based_on_id else {}
    both = [(before[code], factor, _fields(before[code], factor)) for code, factor in now.items() if code in before]
    return Comparison(
        added=[factor for code, factor in now.items() if code not in before],
        taken_out=[factor for code, factor in before.items() if code not in now],
        changed=[Changed(old, new, fields) for old, new, fields in both if fields],
        same=sum(not fields for _, _, fields in both),
    )


def _by_code(factors: Iterable[Factor]) -> dict[str, Factor]:
    return {factor.code: factor for factor in factors}


def _fields(before: Factor, now: Factor) -> list[Field]:
    found = []
    for name in LABELS:
        if getattr(before, name) != getattr(now, name):
            found.append(Field(LABELS[name], *_pieces(in_words(before, name), in_words(now, name))))
    return found


def in_words(factor: Factor, name: str) -> str:
    """What a factor says in one of its fields, as it is read."""
    if name == "definite":
        return kind_in_words(factor.definite)
    if name == "category":
        return f"each {uncapitalised(factor.get_category_display())}"
    return str(getattr(factor, name))


def kind_in_words(definite: bool) -> str:
    return "A definite risk factor" if definite else "May indicate vulnerability"


def _pieces(before: str, now: str) -> tuple[list[Piece], list[Piece]]:
    """Two texts word by word, each with what stands in it alone."""
    old, new = findall(r"\s+|[^\s]+", before), findall(r"\s+|[^\s]+", now)
    was, is_now = [], []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was += [Piece("".join(old[i:j]), tag != "equal")] if j > i else []
        is_now += [Piece("".join(new[k:m]), tag != "equal")] if m > k else []
    return was, is_now
