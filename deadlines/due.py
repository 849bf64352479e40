"""A due date and why it is that date. Nothing here reads the database: what was stored can always be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from deadlines.calendar import LeftOut, in_words
from deadlines.clock import LONDON, time_in_words, utc
from deadlines.enums import Clock, Direction

# The note of a date that somebody chose, where the limit was only offered.
BY_CHOICE = "the date was chosen by whoever wrote it down"


@dataclass(frozen=True, kw_only=True)
class Why:
    """Why a date is that date, kept with the duty for ever, whatever becomes of the rule.

    `started` is the event counted from (or back from) and `counted` what the count gives, before any note
    such as "short notice" changes it: dates on a day clock, moments in UTC on a clock of hours.
    """

    rule: str
    name: str
    source: str
    value: int
    clock: Clock
    direction: Direction
    event: str
    started: date | datetime
    counted: date | datetime
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Such as "14 days from Wed 2 Dec 2009 (decision) = Wed 16 Dec 2009; rule SS-UPDATE [HMIC 2010, AFI 2]"."""
        start, end = _both_in_words(self.started, self.counted)
        if BY_CHOICE in self.notes:
            others = [note for note in self.notes if note != BY_CHOICE]
            return "; ".join(
                [f"{end}, chosen on {start} ({self.event})", f"rule {self.rule} [{self.source}]", *others]
            )
        way = "from" if self.direction == Direction.AFTER else "before"
        length = f"{self.clock.words(self.value)} {way}" if self.value else "by"
        parts = [f"{length} {start} ({self.event}) = {end}", f"rule {self.rule} [{self.source}]"]
        if self.left_out:
            parts.append(f"days left out: {', '.join(self.left_out_in_words())}")
        return "; ".join([*parts, *self.notes])

    def left_out_in_words(self) -> list[str]:
        """The days that were not counted; weekends together."""
        weekends = [day for day in self.left_out if day.on.weekday() >= 5]
        named = [f"{in_words(day.on)} ({day.name})" for day in self.left_out if day.on.weekday() < 5]
        return (["Saturdays and Sundays"] if weekends else []) + named

    def to_json(self) -> dict[str, Any]:
        """Only strings, numbers and lists; `from_json` gives back an equal Why."""
        return {
            "rule": self.rule,
            "name": self.name,
            "source": self.source,
            "value": self.value,
            "clock": self.clock.value,
            "direction": self.direction.value,
            "event": self.event,
            "started": self.started.isoformat(),
            "counted": self.counted.isoformat(),
            "left_out": [[day.on.isoformat(), day.name] for day in self.left_out],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Why":
        return cls(
            rule=stored["rule"],
            name=stored["name"],
            source=stored["source"],
            value=stored["value"],
            clock=Clock(stored["clock"]),
            direction=Direction(stored["direction"]),
            event=stored["event"],
            started=_date_or_moment(stored["started"]),
            counted=_date_or_moment(stored["counted"]),
            left_out=tuple(LeftOut(date.fromisoformat(on), name) for on, name in stored["left_out"]),
            notes=tuple(stored["notes"]),
        )


@dataclass(frozen=True, kw_only=True)
class Due:
    """When something is due. Made by a rule when the event happens, then stored.

    `due_on`: the London date. `due_at`: the moment in UTC, on a clock of hours alone. `late_from`: late from
    this moment on; the London midnight after `due_on`, or `due_at` itself. `do_by`: the last working day
    before, where `due_on` is not a working day (the due date itself never rolls); otherwise None.
    `short_notice`: the date lay before the event that made it known, so it is due at once.
    """

    due_on: date
    late_from: datetime
    why: Why
    due_at: datetime | None = None
    do_by: date | None = None
    short_notice: bool = False

    def is_late(self, now: datetime) -> bool:
        """Whether it is late at that moment. Raises ValueError for a time without a zone."""
        return utc(now) >= self.late_from

    def to_json(self) -> dict[str, Any]:
        """Only strings, numbers, booleans, lists and None; `from_json` gives back an equal Due."""
        return {
            "due_on": self.due_on.isoformat(),
            "late_from": self.late_from.isoformat(),
            "due_at": self.due_at and self.due_at.isoformat(),
            "do_by": self.do_by and self.do_by.isoformat(),
            "short_notice": self.short_notice,
            "why": self.why.to_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Due":
        due_at, do_by = stored["due_at"], stored["do_by"]
        return cls(
            due_on=date.fromisoformat(stored["due_on"]),
            late_from=datetime.fromisoformat(stored["late_from"]),
            due_at=datetime.fromisoformat(due_at) if due_at else None,
            do_by=date.fromisoformat(do_by) if do_by else None,
            short_notice=stored["short_notice"],
            why=Why.from_json(stored["why"]),
        )


def _date_or_moment(text: str) -> date | datetime:
    return datetime.fromisoformat(text).astimezone(UTC) if "T" in text else date.fromisoformat(text)


def at_in_words(moment: datetime, zone: bool = False) -> str:
    """Such as "Fri 26 Mar 2010, 10:30pm", London time; with its zone "Fri 26 Mar 2010, 10:30pm GMT"."""
    named = time_in_words(moment)
    there = moment.astimezone(LONDON)
    return f"{in_words(there)}, {named}" + (f" {there:%Z}" if zone and not named.endswith(f"{there:%Z}") else "")


def _both_in_words(start: date | datetime, end: date | datetime) -> tuple[str, str]:
    """Times are London's; GMT and BST are named where the clocks change between the two."""
    if not (isinstance(start, datetime) and isinstance(end, datetime)):
        return in_words(start), in_words(end)
    zone = start.astimezone(LONDON).utcoffset() != end.astimezone(LONDON).utcoffset()
    return at_in_words(start, zone), at_in_words(end, zone)
