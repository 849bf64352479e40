"""The page on which it is decided, item by item, who may read what: what was typed, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from cases.models import Entry
from conferences.actions import Decision
from conferences.enums import FACTS, Section, Sharing
from conferences.models import Item
from conferences.report_queries import Stale, by_section
from pages.validators import one_line
from pages.words import uncapitalised

LEFT_OUT = "left_out"
READS = [*Sharing.choices, (LEFT_OUT, "Left out")]
LONGEST_WHY = 300


@dataclass
class Row:
    """One item with what is chosen about it. `was`: what the page showed when it was opened, as it is sent back with
    it: a row that nobody touched is no decision, whatever somebody else has made of it meanwhile. `theirs`: somebody
    else has changed it since; `mine`: what was chosen then, in words. `corrected`: what the chronology says now,
    where it says something else; `older_cram`: it is not of the last; `moved`: the child lives elsewhere, or it was
    said anew."""

    item: Item
    chosen: str
    why: str
    version: int
    corrected: Entry | None = None
    older_cram: bool = False
    moved: bool = False
    theirs: bool = False
    was: str = ""
    mine: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        return [(value, label, value == self.chosen) for value, label in READS]

    @property
    def is_touched(self) -> bool:
        """Whether something else is chosen than the page showed; where it does not say what it showed, all is."""
        return not self.was or _shown(self.chosen, self.why) != self.was

    @property
    def decision(self) -> Decision:
        left_out = self.chosen == LEFT_OUT
        sharing = self.item.sharing if left_out else self.chosen
        return Decision(self.item.pk, sharing, self.why, left_out, self.version)


class Deciding:
    """The items of a version that is being written. `data`: what was sent, None where the page is only looked at."""

    def __init__(self, items: Iterable[Item], old: Stale, data: Mapping[str, Any] | None = None) -> None:
        self.rows = [self._row(item, old, data) for item in items]
        self.is_bound = data is not None
        # What the action refused altogether.
        self.refused: list[str] = []

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def is_valid(self) -> bool:
        return not self.refused and not any(row.wrong for row in self)

    def decisions(self) -> list[Decision]:
        """What was chosen, as the action takes it."""
        return [row.decision for row in self if row.is_touched]

    def refuse(self, refused: ValidationError) -> None:
        """Put what the action refused beside its item, or at the top."""
        by_name: dict[str, list[str]] = refused.message_dict if hasattr(refused, "error_dict") else {}
        rows = {str(row.item.pk): row for row in self}
        for name, sentences in by_name.items():
            row = rows.get(name.rpartition("-")[2])
            (row.wrong if row else self.refused).extend(sentences)
        if not by_name:
            self.refused += refused.messages

    def stand_beside(self, theirs: Sequence[int], fresh: Mapping[int, Item]) -> None:
        """Show each item as it is now, what somebody else has made of it with what was chosen here beside it: sending
        the page again leaves theirs as it is, choosing again is then meant."""
        for row in self:
            now = fresh.get(row.item.pk)
            if now is not None:
                row.theirs, row.item = row.item.pk in theirs, now
                row.mine = _in_words(row.chosen, row.why) if row.theirs else ""
                row.chosen, row.why = LEFT_OUT if now.left_out else now.sharing, now.why
                row.was = _shown(row.chosen, row.why)
                row.version = now.version  # type: ignore[attr-defined]  # by `items_of`

    def mistakes(self) -> list[tuple[str, str]]:
        """Each mistake and the id of its field, for the top of the page."""
        found = [(each, "") for each in self.refused]
        found += [(f"{short(row.item)}: {each}", f"why-{row.item.pk}") for row in self for each in row.wrong]
        return found + [
            (f"{short(row.item)}: somebody else has changed it meanwhile", f"why-{row.item.pk}")
            for row in self
            if row.theirs
        ]

    def _row(self, item: Item, old: Stale, data: Mapping[str, Any] | None) -> Row:
        row = Row(
            item,
            LEFT_OUT if item.left_out else item.sharing,
            item.why,
            item.version,  # type: ignore[attr-defined]  # by `items_of`
            corrected=old.corrected.get(item.pk),
            older_cram=item.pk in old.older_cram,
            moved=item.pk in old.moved,
        )
        row.was = _shown(row.chosen, row.why)
        # An item that was not on the page, as one that was just added, stays as it is saved.
        if data is not None and f"version-{item.pk}" in data:
            _take(row, data)
        return row


def _take(row: Row, data: Mapping[str, Any]) -> None:
    pk = row.item.pk
    row.chosen = str(data.get(f"reads-{pk}", ""))
    row.why = str(data.get(f"why-{pk}", "")).replace("\x00", "").strip()
    row.was = str(data.get(f"was-{pk}", "")).strip()
    version = str(data[f"version-{pk}"])
    row.version = int(version) if version.isdecimal() and len(version) < 19 else 0
    if row.chosen not in dict(READS):
        row.wrong.append("Select who may read it")
    if len(row.why) > LONGEST_WHY:
        row.wrong.append(f"The reason has {len(row.why):,} characters. Shorten it to {LONGEST_WHY}")
    try:
        one_line(row.why)
    except ValidationError as wrong:
        row.wrong += wrong.messages


def _shown(chosen: str, why: str) -> str:
    """A choice with its reason, as the page sends it back; what everybody reads has none."""
    return f"{chosen} {'' if chosen == Sharing.SHARED else why}".strip()


def _in_words(chosen: str, why: str) -> str:
    label = uncapitalised(str(dict(READS).get(chosen, chosen)))
    return f"{label}, {why}" if why and chosen not in (Sharing.SHARED, LEFT_OUT) else label


def short(item: Item, longest: int = 60) -> str:
    """The beginning of an item, by which it is known."""
    words = " ".join(item.text.split())
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


@dataclass(frozen=True)
class PartOfPage:
    """A part of the report with its rows."""

    section: Section
    rows: list[Row]

    @property
    def label(self) -> str:
        return self.section.label

    @property
    def is_fact(self) -> bool:
        return self.section in FACTS


def parts_of(deciding: Deciding) -> list[PartOfPage]:
    """The rows part by part; also the parts in which nothing stands yet."""
    there = by_section(row.item for row in deciding)
    rows = {row.item.pk: row for row in deciding}
    return [PartOfPage(section, [rows[item.pk] for item in there.get(section, [])]) for section in Section]
