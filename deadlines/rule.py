"""How any time limit is counted (handbook, "How they are counted, so that two people get the same date")."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from deadlines.calendar import BeyondCalendar, WorkingCalendar, add_months, in_words
from deadlines.clock import london_date, london_day_end, utc
from deadlines.due import BY_CHOICE, Due, Why, at_in_words
from deadlines.enums import Clock, Direction
from deadlines.models import Limit

# How a note begins that says why a date could not be worked out, and one that names a limit that was changed: what a
# date says of itself is read again by these words, so they stay as they are.
AT_ONCE = "due at once, because the date cannot be worked out: "
CHANGED = "the limit "
# So much of the reason stands with every date; the whole of it stands with the limit.
LONGEST_REASON = 300


class NoLimit(LookupError):
    """A rule has no value for an event on that date."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One named time limit. Its number is not here but in `Limit`, effective from a date."""

    code: str
    name: str
    starts_with: str
    clock: Clock
    source: str
    direction: Direction = Direction.AFTER
    # An interval has no date of its own: `deadlines.schedules` counts with it.
    interval: bool = False
    # No value may be greater than what a statute sets; None where none sets a limit that cannot be made longer.
    statutory_most: int | None = None

    def length(self, value: int) -> str:
        """A value of this limit in words: "14 days"; a limit of nothing is kept by the event itself."""
        return self.clock.words(value) if value else "by the start"

    def limit_on(self, day: date) -> Limit:
        """The reference data for events on that London date. Raises NoLimit before its first row."""
        if limit := Limit.objects.in_force(self.code, day):
            return limit
        raise NoLimit(f"The time limit {self.code} ({self.name}) has no value for {in_words(day)}.")

    def statute(self) -> str:
        """What the law says, for who would change the limit; empty where it says nothing."""
        if self.statutory_most is None:
            return ""
        return f"The law says {self.clock.words(self.statutory_most)} at most ({self.source})."

    def changed(self, limit: Limit) -> tuple[str, ...]:
        """That somebody entered the value, and why: a note for each date that is worked out with it. Nothing of a
        value that came with CAIT, which the rule's own source stands for."""
        if limit.created_by_id is None:
            return ()
        which = CHANGED if limit.rule == self.code else f"{CHANGED}{limit.rule} "
        why = " ".join(limit.reason.split())
        why = why if len(why) <= LONGEST_REASON else f"{why[:LONGEST_REASON].rstrip()} …"
        return (f"{which}was changed from {in_words(limit.effective_from)} on: {why.rstrip('.')}",)

    def due(
        self,
        start: date | datetime,
        *,
        known: date | datetime | None = None,
        event: str = "",
    ) -> Due:
        """When it is due, for an event at `start`; `event` says in words which event, if not `starts_with`.

        A clock of hours needs a moment; a day clock takes a moment's London date. A rule that counts back
        needs `known`, when the event became known (a conference was booked): its value is the one in force
        then, and a date that lies before it is due at once. Elsewhere the value is the one at `start`.

        Raises TypeError (a moment or `known` is missing, or the rule is an interval), ValueError (a time without
        a zone), NoLimit, and BeyondCalendar where working days are counted.
        """
        if self.interval:
            raise TypeError(f"{self.code} is an interval and gives no date by itself: see deadlines.schedules.")
        settled = start if self.direction == Direction.AFTER else known
        if settled is None:
            raise TypeError(f"{self.code} counts back: say when the event became known.")
        limit = self.limit_on(london_date(settled))
        return self.count(start, limit.value, known=known, event=event, notes=self.changed(limit))

    def due_or_at_once(self, start: date | datetime, *, known: date | datetime | None = None, event: str = "") -> Due:
        """As `due`, for a duty that must be raised whatever becomes of the calendar.

        Where its date cannot be worked out, because bank holidays are not entered or the rule has no value for that
        date, it is due on the day of the event itself, or when that became known where the rule counts back, and the
        reason says why. Raises TypeError, ValueError.
        """
        try:
            return self.due(start, known=known, event=event)
        except (BeyondCalendar, NoLimit) as unknown:
            started = self._at_once(start, known)
            why = Why(
                rule=self.code,
                name=self.name,
                source=self.source,
                value=0,
                clock=self.clock,
                direction=self.direction,
                event=event or self.starts_with,
                started=started,
                counted=started,
                notes=(f"{AT_ONCE}{unknown}",),
            )
            if isinstance(started, datetime):
                return _due_at(started, why, None)
            return Due(due_on=started, late_from=london_day_end(started), why=why)

    def offered(self, start: date | datetime) -> date | None:
        """The day that is offered where somebody chooses the date; None where it cannot be worked out."""
        try:
            return self.due(start).due_on
        except (BeyondCalendar, NoLimit):
            return None

    def chosen(self, on: date, start: date | datetime) -> Due:
        """A date that somebody chose, for an event at `start`: the limit was only offered. One that lies before the
        event is due at once."""
        started = london_date(start)
        why = Why(
            rule=self.code,
            name=self.name,
            source=self.source,
            value=max((on - started).days, 0),
            clock=Clock.DAYS,
            direction=Direction.AFTER,
            event=self.starts_with,
            started=started,
            counted=on,
            notes=(BY_CHOICE,),
        )
        return due_on_day(on, why, known=started)

    def is_chosen(self, due: Due, on: date) -> bool:
        """Whether a date that was stored is the one that was chosen."""
        return due.why.rule == self.code and due.why.counted == on and self._is_due(due, on, due.why.started)

    def _at_once(self, start: date | datetime, known: date | datetime | None) -> date | datetime:
        """When something is due whose date cannot be worked out."""
        event = start if self.direction == Direction.AFTER or known is None else known
        return utc(event) if self.clock == Clock.HOURS else london_date(event)

    def gave(
        self,
        due: Due,
        start: date | datetime,
        *,
        known: date | datetime | None = None,
        brought_to: date | None = None,
    ) -> bool:
        """Whether a date that was stored is the one that this rule gave for an event at `start`.

        `known`: as of `due`. `brought_to`: the earlier day to which a schedule brought it forward, such as a core
        group (`deadlines.schedules.cram_review`).

        Judged by what it says of itself, not worked out again: a bank holiday that was entered afterwards never moves
        a date. One that is due at once, because it could not be worked out, is right.
        """
        started = utc(start) if self.clock == Clock.HOURS else london_date(start)
        why = due.why
        if (why.rule, why.clock, why.direction) != (self.code, self.clock, self.direction):
            return False
        at_once = self._at_once(start, known)
        if why.value == 0 and why.counted == at_once and any(note.startswith(AT_ONCE) for note in why.notes):
            return self._is_due(due, at_once)
        settled = start if self.direction == Direction.AFTER or known is None else known
        limit = Limit.objects.in_force(self.code, london_date(settled))
        if why.started != started or limit is None or limit.value != why.value:
            return False
        due_on = why.counted if brought_to is None else brought_to
        if self.clock != Clock.WORKING_DAYS:
            number = why.value if self.direction == Direction.AFTER else -why.value
            return self._count(start, number, WorkingCalendar())[1] == why.counted and self._is_due(
                due, due_on, known
            )
        return _left_out_fits(why) and self._is_due(due, due_on, known)

    def _is_due(self, due: Due, counted: date | datetime, known: date | datetime | None = None) -> bool:
        """By what was counted, or at once where that lay before it became known."""
        at_once = due.short_notice and known is not None
        if isinstance(counted, datetime):
            is_then = due.due_at == counted or (at_once and due.due_at == utc(known))  # type: ignore[arg-type]
            return due.due_at == due.late_from and is_then
        is_then = due.due_on == counted or (at_once and due.due_on == london_date(known))  # type: ignore[arg-type]
        return due.late_from == london_day_end(due.due_on) and is_then

    def count(
        self,
        start: date | datetime,
        value: int,
        *,
        known: date | datetime | None = None,
        event: str = "",
        notes: tuple[str, ...] = (),
    ) -> Due:
        """As `due`, with the number given: for a schedule made of several limits."""
        calendar = WorkingCalendar()
        started, counted = self._count(start, value if self.direction == Direction.AFTER else -value, calendar)
        why = Why(
            rule=self.code,
            name=self.name,
            source=self.source,
            value=value,
            clock=self.clock,
            direction=self.direction,
            event=event or self.starts_with,
            started=started,
            counted=counted,
            left_out=tuple(calendar.left_out(started, counted)) if self.clock == Clock.WORKING_DAYS else (),
            notes=notes,
        )
        if isinstance(counted, datetime):
            return _due_at(counted, why, known)
        return due_on_day(counted, why, known=known, calendar=calendar)

    def _count(
        self, start: date | datetime, number: int, calendar: WorkingCalendar
    ) -> tuple[date | datetime, date | datetime]:
        """The start as this clock sees it, and the end of the count."""
        if self.clock == Clock.HOURS:
            moment = utc(start)
            return moment, moment + timedelta(hours=number)
        day = london_date(start)
        if self.clock == Clock.DAYS:
            return day, day + timedelta(days=number)
        if self.clock == Clock.WORKING_DAYS:
            return day, calendar.add(day, number)
        return day, add_months(day, number)


def _left_out_fits(why: Why) -> bool:
    """Whether so many working days lie between: every Saturday and Sunday is left out, and whatever bank holidays it
    says, and no day twice."""
    first, last = sorted((london_date(why.started), london_date(why.counted)))
    between = {first + timedelta(days=number) for number in range((last - first).days + 1)} - {why.started}
    left_out = {day.on for day in why.left_out}
    return (
        len(left_out) == len(why.left_out)
        and left_out <= between - {why.counted}
        and {day for day in between if day.weekday() >= 5} <= left_out
        and len(between - left_out) == why.value
    )


def due_on_day(
    day: date,
    why: Why,
    *,
    known: date | datetime | None = None,
    calendar: WorkingCalendar | None = None,
) -> Due:
    """Due on a day: late from the next London midnight; at once where the day lies before `known`."""
    known_on = london_date(why.started if known is None else known)
    if known is not None and day < known_on:
        why = _with(why, f"short notice: known on {in_words(known_on)}, so due at once")
        return Due(due_on=known_on, late_from=london_day_end(known_on), why=why, short_notice=True)
    do_by = None
    try:
        do_by = (calendar or WorkingCalendar()).last_working_day_by(day)
    except BeyondCalendar as beyond:
        # The date itself does not hang on the calendar: a duty must not fail for want of the day before it.
        why = _with(why, f"the last working day before it is not known: {beyond}")
    if do_by is not None and (do_by == day or do_by < known_on):
        do_by = None
    return Due(due_on=day, late_from=london_day_end(day), why=why, do_by=do_by)


def _due_at(moment: datetime, why: Why, known: date | datetime | None) -> Due:
    """Due at a moment and late from it; at once where it lies before `known`, here a moment too."""
    short_notice = known is not None and moment < utc(known)
    if known is not None and short_notice:
        moment = utc(known)
        why = _with(why, f"short notice: known at {at_in_words(moment)}, so due at once")
    return Due(due_on=london_date(moment), due_at=moment, late_from=moment, why=why, short_notice=short_notice)


def _with(why: Why, note: str) -> Why:
    return replace(why, notes=(*why.notes, note))
