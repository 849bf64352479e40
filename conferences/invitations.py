"""What an invitation by email says of a conference, so that the form to book it begins with it. Nothing is booked of
itself, and what cannot be read is left empty."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError

from conferences.enums import ConferenceKind
from deadlines.clock import london_date
from intake.calendars import Meeting
from intake.models import Message
from intake.reading import meetings_in
from pages.forms import in_london, read_day, read_time
from pages.words import DAYS, long_day

# An invitation says what it has to say at its beginning; below are older emails and disclaimers.
READ = 4000
SHORTEST, LONGEST = 15, 600
LONGEST_LINE = 200
MOST_AGENCIES = 30

# The rarer kinds first: a pre-birth conference is called an initial one as well.
_KINDS = (
    (ConferenceKind.PRE_BIRTH, r"pre[- ]?birth"),
    (ConferenceKind.TRANSFER_IN, r"transfer(?:red)?(?:[- ]in)?"),
    (ConferenceKind.REVIEW, r"rcpc|review"),
    (ConferenceKind.PRE_BIRTH, r"unborn"),
    (ConferenceKind.INITIAL, r"icpc|initial"),
)
# In the text such a word counts where it speaks of a conference alone: "review" is in every second email.
_OF_A_CONFERENCE = r"\b(?:%s)\b(?:[ -]+(?:child|children|protection|case|cp|baby)\b){0,4}[ -]+conference"
_BY_ITSELF = re.compile(r"\b(?:(icpc)|(rcpc))\b", re.I)

_MONTH = r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
_MONTH += r"|nov(?:ember)?|dec(?:ember)?"
_DAY = re.compile(
    r"\b(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s+(?:the\s+)?)?"
    rf"(?P<day>\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})\.?,?\s+\d{{4}}|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})\b",
    re.I | re.A,
)
_CLOCK = r"(?:\d{1,2}[:.]\d{2}(?:\s?(?:[ap]m|hrs)\b)?|\d{1,2}\s?[ap]m\b|\d{4}\s?hrs\b|(?:12\s)?(?:midday|noon)\b)"
# Behind the day, on the same line or the next: "at 2.30pm", ", 14:30 to 16:00", "Time: 10am – 12 noon".
_TIME = re.compile(
    rf"[\s,;:.(–-]{{0,8}}(?:(?:at|from|time|starting)\b[\s:]{{0,3}}){{0,2}}(?P<from>{_CLOCK})"
    rf"(?:\s{{0,3}}(?:to|until|till|-|–)\s{{0,3}}(?P<to>{_CLOCK}))?",
    re.I | re.A,
)
# Where a line break does not end it, a full stop does, unless it ends a title or an initial: "Ms. G. Teasdale".
_SAID = r"(?P<said>[^\n;]{1,200}?)(?=[;\n]|\Z|(?<!\b[A-Z])(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bDr)(?<!\bSt)\.(?:\s|\Z))"
_CHAIR = re.compile(rf"\b(?:(?:independent )?chair(?:person|man|woman)?\s{{0,2}}[:–-]|chaired by)\s*{_SAID}", re.I)
_PLACE = re.compile(rf"^[ \t]*(?:venue|place|location|where|address)\s{{0,2}}[:–-][ \t]*{_SAID}", re.I | re.M)
_PLACE_AFTER_TIME = re.compile(rf"[\s,]{{1,3}}(?:at|in)\s+{_SAID}", re.I)
_AGENCIES = re.compile(
    r"^[ \t]*(?:agencies(?: invited)?|(?:also )?invited|invitees|attendees)\s{0,2}[:–-][ \t]*"
    r"(?P<said>[^\n]{1,1000}(?:\n[ \t]*[-*•][^\n]{1,200}){0,30}|(?:\n[ \t]*[-*•][^\n]{1,200}){1,30})",
    re.I | re.M,
)


@dataclass
class Invitation:
    """What was read. `starts_at`: a moment; or the day alone, in words; None: neither. `lasts`: minutes.

    `not_read`: what the form asks for and the email does not say, in words. `notes`: what to look at, in sentences.
    """

    kind: ConferenceKind | None = None
    starts_at: datetime | str | None = None
    lasts: int | None = None
    place: str = ""
    chair: str = ""
    agencies: str = ""
    not_read: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Update:
    """What the calendar of an email says of a conference that may be booked already: empty or None where it does not
    say. `uids`: what its meetings are called; `starts_at`: of the first that is not cancelled."""

    uids: tuple[str, ...] = ()
    starts_at: datetime | None = None
    lasts: int | None = None
    place: str = ""
    is_cancelled: bool = False

    @property
    def uid(self) -> str:
        return self.uids[0] if self.uids else ""


def read_update(message: Message) -> Update:
    """What the calendar of an email says; its words are left to whoever reads them, since they tell of the old time
    as well as of the new one. One query; never raises for anything that is in it."""
    meetings = meetings_in(bytes(message.source.raw))
    standing = [each for each in meetings if not each.is_cancelled]
    first = next((each for each in standing if each.starts_at), None)
    told = [first, *meetings] if first else meetings
    return Update(
        uids=tuple(dict.fromkeys(each.uid for each in told if each.uid)),
        starts_at=first.starts_at if first else None,
        lasts=_minutes(first.starts_at, first.ends_at) if first and first.starts_at and first.ends_at else None,
        place=_line(first.location) if first else "",
        is_cancelled=bool(meetings) and not standing,
    )


def read_invitation(message: Message) -> Invitation:
    """What an email says of the conference to which it invites: its calendar before its words. One query; never
    raises for anything that is in it."""
    meetings = meetings_in(bytes(message.source.raw))
    text = message.text[:READ]
    found = Invitation(kind=_kind([*(each.summary for each in meetings), message.subject], text))
    if any(each.is_cancelled for each in meetings):
        found.notes.append("The calendar says that it is cancelled. Cancel the conference that is booked.")
    _from_calendar(found, [each for each in meetings if not each.is_cancelled])
    _from_words(found, text, received_on=london_date(message.received_at))
    found.agencies = _agencies(text)
    asked = (
        ("the type of conference", found.kind),
        ("the date and time", found.starts_at),
        ("the place", found.place),
        ("the chair", found.chair),
        ("who else is invited", found.agencies),
    )
    found.not_read = [what for what, value in asked if not value]
    return found


# --- what kind -----------------------------------------------------------------------------------


def _kind(heads: Iterable[str], text: str) -> ConferenceKind | None:
    for head in heads:
        for kind, words in _KINDS:
            if re.search(rf"\b(?:{words})\b", head, re.I):
                return kind
    for kind, words in _KINDS:
        if re.search(_OF_A_CONFERENCE % words, text, re.I):
            return kind
    if short := _BY_ITSELF.search(text):
        return ConferenceKind.INITIAL if short[1] else ConferenceKind.REVIEW
    return None


# --- when and where ------------------------------------------------------------------------------


def _from_calendar(found: Invitation, meetings: list[Meeting]) -> None:
    dated = [each for each in meetings if each.starts_at]
    if len({each.starts_at for each in dated}) > 1:
        found.notes.append("The calendar has several dates: the first is below. Check it against the email.")
    first = dated[0] if dated else meetings[0] if meetings else None
    if first is None:
        return
    found.starts_at, found.place = first.starts_at, first.location[:LONGEST_LINE]
    if first.at_home:
        found.notes.append("The calendar names no time zone: the time is taken as London’s.")
    if first.starts_at and first.ends_at:
        found.lasts = _minutes(first.starts_at, first.ends_at)
    if first.organiser:
        found.notes.append(f"The calendar was sent by {first.organiser}.")


def _from_words(found: Invitation, text: str, *, received_on: date) -> None:
    """What the calendar does not say, from the words of the email."""
    said = _days(text)
    said = [each for each in said if each.on >= received_on] or said  # birthdays lie before
    told = {each.starts_at or each.on for each in said}
    if found.starts_at is None and len(told) == 1:
        first = next((each for each in said if each.starts_at), said[0])
        found.starts_at, found.lasts = first.starts_at or long_day(first.on), found.lasts or first.lasts
        if not first.starts_at:
            found.notes.append("The email says the day, and no time that could be read. Add the time.")
        if first.is_on_another_day:
            found.notes.append(
                f"Check the date: {long_day(first.on)} is not the day of the week that the email says."
            )
        after = text[first.end : first.end + 2 * LONGEST_LINE]
        if not found.place and (place := _PLACE_AFTER_TIME.match(after)):
            found.place = _line(place["said"])
    elif found.starts_at is None and told:
        found.notes.append("The email names several dates, so that none is filled in.")
    if not found.place and (place := _PLACE.search(text)):
        found.place = _line(place["said"])
    if chair := _CHAIR.search(text):
        found.chair = _line(chair["said"])


@dataclass(frozen=True)
class _Said:
    """A day that the email names, with its time; `end`: where in the text it ends."""

    on: date
    starts_at: datetime | None
    lasts: int | None
    is_on_another_day: bool
    end: int


def _days(text: str) -> list[_Said]:
    """The days that an email names: those with a time alone, where there are any."""
    found = []
    for day in _DAY.finditer(text):
        time = _TIME.match(text, day.end())
        try:
            on = read_day(re.sub(r"\bof\s", "", day["day"], flags=re.I).replace(".,", ","))
            starts_at = in_london(on, read_time(_as_typed(time["from"])), "") if time else None
        except ValidationError:
            continue
        weekday = (day["weekday"] or "").capitalize()
        lasts = _until(on, starts_at, time["to"]) if time and starts_at and time["to"] else None
        is_on_another_day = bool(weekday) and weekday != DAYS[on.weekday()]
        found.append(_Said(on, starts_at, lasts, is_on_another_day, (time or day).end()))
    return [each for each in found if each.starts_at] or found


def _until(on: date, starts_at: datetime, until: str) -> int | None:
    try:
        return _minutes(starts_at, in_london(on, read_time(_as_typed(until)), ""))
    except ValidationError:
        return None


def _as_typed(time: str) -> str:
    """Without spaces, and "noon" for "12 noon"."""
    return re.sub(r"\s|12(?=\s[mn])", "", time.lower())


def _minutes(start: datetime, end: datetime) -> int | None:
    """How long it is, where that is what a conference may last."""
    minutes = (end - start) // timedelta(minutes=1)
    return minutes if SHORTEST <= minutes <= LONGEST else None


# --- who -----------------------------------------------------------------------------------------


def _agencies(text: str) -> str:
    """Who else is invited, one on each line."""
    found = _AGENCIES.search(text)
    if found is None:
        return ""
    names = [_line(each.lstrip(" \t-*•")) for each in re.split(r"[,;\n]", found["said"])]
    return "\n".join([name for name in names if name][:MOST_AGENCIES])


def _line(text: str) -> str:
    return " ".join(text.split()).rstrip(" .,")[:LONGEST_LINE]
