"""The questions of an assessment as they stand on a page, and what was typed there.

Not a Django form: an assessment of a large family asks a hundred questions, and each would be five fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from cases.models import Case
from cram.actions import Answered
from cram.enums import GapState, Said
from cram.models import Answer, Assessment, Gap
from cram.queries import Key, Question, Section, answers_of
from pages.validators import LONGEST_TEXT, one_line
from pages.words import day

EVERYTHING = "all"
LONGEST_SOURCE = 200


@dataclass
class Row:
    """One question with what stands in its fields: what was typed, or else what was saved."""

    question: Question
    name: str
    said: str
    note: str
    source: str
    version: int
    gap: Gap | None = None
    # What somebody else saved meanwhile, where what was typed is not saved.
    theirs: Answer | None = None
    # Somebody else answered it since the page was opened, and nothing was typed here.
    is_fresh: bool = False
    wrong: list[str] = field(default_factory=list)

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Value, words, and whether it is chosen."""
        return [(value, str(label), value == self.said) for value, label in Said.choices]

    @property
    def lines(self) -> int:
        """How high the field of its evidence is."""
        return min(6, 1 + len(self.note) // 60 + self.note.count("\n"))


class Answers:
    """The questions of some sections, as they are saved or as they were typed; `wrong` where what was typed cannot be
    saved."""

    def __init__(self, case: Case, sections: Sequence[Section], data: Mapping[str, Any] | None = None) -> None:
        self.sections = sections
        # What the action refused altogether.
        self.refused: list[str] = []
        gaps = {
            (gap.factor, gap.person_id, gap.address_id): gap
            for gap in Gap.objects.filter(case=case, state=GapState.OPEN).exclude(factor="").select_related("owner")
        }
        self.rows: dict[str, list[Row]] = {}
        for section in sections:
            self.rows[section.about.key] = [
                self._row(section, question, gaps, data) for question in section.questions
            ]
        self.is_bound = data is not None
        self.gone = _gone([row.name for row in self], data or {})

    def __iter__(self) -> Iterator[Row]:
        return (row for rows in self.rows.values() for row in rows)

    @property
    def errors(self) -> bool:
        """For the page's title: whether anything is wrong."""
        return bool(self.gone) or any(row.wrong or row.theirs for row in self)

    @property
    def left_from_before(self) -> list[Row]:
        """What was answered last time and is not answered yet."""
        return [
            row
            for row in self
            if row.said == Said.NOT_ASKED
            and not row.note
            and row.question.before is not None
            and row.question.before.said != Said.NOT_ASKED
        ]

    def as_last_time(self) -> None:
        """Answer what is left as it was answered last time; each answer says of when it is."""
        for row in self.left_from_before:
            if (before := row.question.before) is not None:
                row.said, row.source = before.said, before.source
                row.note = f"As on {day(before.answered_at)}. {before.note}".strip()[:LONGEST_TEXT]

    def typed(self) -> list[Answered]:
        """What was typed and can be saved, as the action takes it."""
        return [
            Answered(
                row.question.factor.code,
                *row.question.about.ids,
                said=row.said,
                note=row.note,
                source=row.source,
                version=row.version,
            )
            for row in self
            if not row.wrong
        ]

    def is_valid(self) -> bool:
        return not self.refused and not self.gone and not any(row.wrong for row in self)

    def go_on_from(self, before: Answers) -> None:
        """What was typed here was typed after `before` was sent, which stands beside its answers now."""
        earlier = {row.name: row for row in before if not (row.wrong or row.theirs or row.is_fresh)}
        for row in self:
            if row.name in earlier:
                row.version = earlier[row.name].version

    def stand_beside(self, theirs: Sequence[Answer], assessment: Assessment) -> None:
        """Put what others saved meanwhile beside what was typed: sending it again is then meant. What was saved has
        its new version."""
        others = {(answer.factor.code, answer.person_id, answer.address_id): answer for answer in theirs}
        answers = answers_of(assessment)
        for row in self:
            key: Key = (row.question.factor.code, *row.question.about.ids)
            now = answers.get(key)
            if row.wrong:
                continue
            if key in others:
                row.theirs = others[key]
            elif now is not None and (now.said, now.note, now.source) != (row.said, row.note, row.source):
                # Nobody touched it here: what is shown is what somebody else answered.
                row.said, row.note, row.source, row.is_fresh = now.said, now.note, now.source, True
            if now is not None:
                row.version = now.version

    def mistakes(self) -> list[tuple[str, str]]:
        """Each mistake and the id of its field, for the top of the page."""
        found = [(each, "") for each in [*self.refused, *self.gone]]
        found += [(f"{row.question.factor.name}: {each}", f"note-{row.name}") for row in self for each in row.wrong]
        return found + [
            (f"{row.question.factor.name}: {row.theirs.answered_by} has answered it meanwhile", f"note-{row.name}")
            for row in self
            if row.theirs
        ]

    def _row(self, section: Section, question: Question, gaps: dict[Key, Gap], data: Mapping[str, Any] | None) -> Row:
        about, now = section.about, question.now
        name = f"{about.key}-{question.factor.code}"
        row = Row(
            question,
            name,
            said=question.said,
            note=now.note if now else "",
            source=now.source if now else "",
            version=now.version if now else 0,
            gap=gaps.get((question.factor.code, *about.ids)),
        )
        # A section that was not on the page, as when somebody was just put on the record, stays as it is saved.
        if data is not None and f"version-{name}" in data:
            _take(row, data)
        return row


def _gone(names: Collection[str], data: Mapping[str, Any]) -> list[str]:
    """Of what was typed what has no place any more, because somebody was taken off the record since: in words."""
    sent = [name.removeprefix("version-") for name in data if name.startswith("version-")]
    fields = [f"{part}-{name}" for name in sent if name not in names for part in ("note", "source")]
    return [
        f"What you typed about somebody who is not on the record any more is not saved: “{text}”"
        for field in fields
        if (text := data.get(field, "").strip())
    ]


def _take(row: Row, data: Mapping[str, Any]) -> None:
    row.said = data.get(f"said-{row.name}", row.said)
    row.note = data.get(f"note-{row.name}", "").replace("\r\n", "\n").replace("\x00", "").strip()
    row.source = data.get(f"source-{row.name}", "").replace("\x00", "").strip()
    version = data[f"version-{row.name}"]
    row.version = int(version) if version.isdecimal() and len(version) < 10 else 0
    if row.said not in Said.values:
        row.said = Said.NOT_ASKED
        row.wrong.append("Select an answer")
    if len(row.note) > LONGEST_TEXT:
        row.wrong.append(f"The evidence has {len(row.note):,} characters. Shorten it to {LONGEST_TEXT:,}")
    if len(row.source) > LONGEST_SOURCE:
        row.wrong.append(f"The source has {len(row.source):,} characters. Shorten it to {LONGEST_SOURCE}")
    try:
        one_line(row.source)
    except ValidationError as wrong:
        row.wrong += wrong.messages
