"""What a calendar that came with an email says, in plain words and for a form. A reader of our own: the libraries
work out what repeats, and take one email's time zone for the next one's of that name.

Nothing is ever worked out of what repeats; what cannot be read of it is left out.
"""

from __future__ import annotations

import re
from calendar import monthcalendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from deadlines.clock import LONDON
from intake.zones import OF_OUTLOOK
from pages.words import long_day, time_of_day

LONGEST = 500_000
MOST_EVENTS = 5
LONGEST_VALUE = 300
LONGEST_WORDS = 5_000

_REPEATS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_ANSWERS = {"ACCEPTED": "They accept", "DECLINED": "They decline", "TENTATIVE": "They may come"}
_WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@dataclass
class _Property:
    name: str
    options: dict[str, str]
    value: str


@dataclass
class _Component:
    """An event, or a part of a time zone: what it says first of each kind counts."""

    kind: str
    said: dict[str, _Property] = field(default_factory=dict)
    inside: list[_Component] = field(default_factory=list)

    def words(self, name: str) -> str:
        said = self.said.get(name)
        return _as_text(said.value) if said else ""


def told(text: str, *, with_words: bool = False) -> list[str]:
    """What each event in a calendar says; empty where there is none that can be read. `with_words`: what is written
    about it as well, as where the email has no text of its own."""
    calendar = _read(text[:LONGEST])
    method = calendar.words("METHOD").upper()
    events = [each for each in calendar.inside if each.kind == "VEVENT" and each.said]
    zones = {each.words("TZID"): each for each in calendar.inside if each.kind == "VTIMEZONE"}
    found = [_event(each, method, zones, with_words) for each in events[:MOST_EVENTS]]
    if len(events) > MOST_EVENTS:
        found.append(f"The calendar has {len(events)} events. The first {MOST_EVENTS} are told.")
    return found


@dataclass(frozen=True)
class Meeting:
    """What an event says, for a form that begins with it; empty or None where it does not say.

    `starts_at`, `ends_at`: in UTC; None for a day without a time, and where its time zone is not known. `at_home`: it
    names no time zone, so that the time is taken as London's. `uid`: what every update of the event has in common,
    empty where it is too long.
    """

    starts_at: datetime | None
    ends_at: datetime | None
    summary: str
    location: str
    organiser: str
    at_home: bool = False
    is_cancelled: bool = False
    uid: str = ""


def meetings(text: str) -> list[Meeting]:
    """The events of a calendar, at most MOST_EVENTS; none of an answer to an invitation."""
    calendar = _read(text[:LONGEST])
    method = calendar.words("METHOD").upper()
    if method in ("REPLY", "COUNTER"):
        return []
    events = [each for each in calendar.inside if each.kind == "VEVENT" and each.said]
    zones = {each.words("TZID"): each for each in calendar.inside if each.kind == "VTIMEZONE"}
    return [_meeting(each, method, zones) for each in events[:MOST_EVENTS]]


def _meeting(event: _Component, method: str, zones: dict[str, _Component]) -> Meeting:
    begins = event.said.get("DTSTART")
    starts_at, ends_at, at_home = None, None, False
    try:
        start = _moment(begins) if begins else None
        if begins and isinstance(start, datetime):
            name = begins.options.get("TZID", "")
            at_home = not (start.tzinfo or name)
            zone = UTC if start.tzinfo else LONDON if at_home else _zone(name, start, zones)
            if zone is not None:
                starts_at = start.replace(tzinfo=zone).astimezone(UTC)
                until = _in_zone(event, _end(event, start), zones, zone)
                ends_at = until.astimezone(UTC) if until else None
    except (OverflowError, ValueError):  # the first or the last year that there is
        starts_at = ends_at = None
    if starts_at and not 1990 <= starts_at.year < 2200:  # such as the first year that there is
        starts_at = None
    return Meeting(
        starts_at=starts_at,
        ends_at=ends_at if starts_at and ends_at and ends_at > starts_at else None,
        summary=_line(event.words("SUMMARY")),
        location=_line(event.words("LOCATION")),
        organiser=_person(event.said.get("ORGANIZER")),
        at_home=at_home and starts_at is not None,
        is_cancelled=_is_cancelled(event, method),
        uid=_uid(event.words("UID")),
    )


def _event(event: _Component, method: str, zones: dict[str, _Component], with_words: bool) -> str:
    lines = [
        _what_it_is(event, method),
        f"About: {_line(event.words('SUMMARY')) or 'it does not say'}",
        f"When: {_when(event, zones)}",
        *([f"Where: {where}"] if (where := _line(event.words("LOCATION"))) else []),
        *([f"Organiser: {who}"] if (who := _person(event.said.get("ORGANIZER"))) else []),
    ]
    if "RECURRENCE-ID" in event.said:
        lines.append("It is one of a series; the others stay as they were.")
    if repeats := event.words("RRULE"):
        how = _how_often(repeats[:LONGEST_VALUE].upper())
        lines.append(f"It is repeated{f': {how}, or as the invitation says' if how else ' as the invitation says'}.")
    if with_words and (words := event.words("DESCRIPTION").strip()):
        lines += ["", words[:LONGEST_WORDS]]
    return "\n".join(lines)


def _how_often(rule: str) -> str:
    """ "every week", "every 6 weeks"; empty for what is none of these."""
    often, step = re.search(r"\bFREQ=([A-Z]+)", rule), re.search(r"\bINTERVAL=(\d{1,3})\b", rule, re.A)
    unit, steps = _REPEATS.get(often[1], "") if often else "", int(step[1]) if step else 1
    return f"every {steps} {unit}s" if unit and steps > 1 else f"every {unit}" if unit else ""


def _is_cancelled(event: _Component, method: str) -> bool:
    return method == "CANCEL" or event.words("STATUS").upper() == "CANCELLED"


def _what_it_is(event: _Component, method: str) -> str:
    if _is_cancelled(event, method):
        return "– A calendar invitation: IT IS CANCELLED –"
    if method == "REPLY":
        attendee = event.said.get("ATTENDEE")
        answer = _ANSWERS.get((attendee.options.get("PARTSTAT", "") if attendee else "").upper(), "")
        who = _person(attendee)
        return (
            f"– An answer to a calendar invitation{f', from {who}' if who else ''}{f': {answer}' if answer else ''} –"
        )
    if method == "COUNTER":
        return "– An answer to a calendar invitation: they propose another time or place –"
    changed = event.words("SEQUENCE")
    if method != "PUBLISH" and changed.isascii() and changed.isdecimal() and changed.strip("0"):
        return "– A calendar invitation: it was changed, and may have moved –"
    return "– A calendar invitation –"


# --- when ----------------------------------------------------------------------------------------


def _when(event: _Component, zones: dict[str, _Component]) -> str:
    begins = event.said.get("DTSTART")
    if begins is None:
        return "it does not say"
    try:
        said = _span_of(event, begins, zones)
    except (OverflowError, ValueError):  # the first or the last year that there is
        said = ""
    return said or f"it says “{_line(begins.value)}”, which cannot be read"


def _span_of(event: _Component, begins: _Property, zones: dict[str, _Component]) -> str:
    start = _moment(begins)
    if start is None:
        return ""
    end = _end(event, start)
    if not isinstance(start, datetime):
        last = _before(end) if isinstance(end, date) and not isinstance(end, datetime) and end > start else start
        return f"{long_day(start)}, all day" if last <= start else f"{long_day(start)} to {long_day(last)}, all day"
    name = begins.options.get("TZID", "")
    zone = UTC if start.tzinfo else _zone(name, start, zones)
    if zone is None:
        why = (
            f"by the time of “{_line(name)}”, which CAIT does not know"
            if name
            else "it names no time zone: the time where it is held"
        )
        return f"{_span(start, end if isinstance(end, datetime) and not end.tzinfo else None, _clock)} ({why})"
    here = start.replace(tzinfo=zone).astimezone(LONDON)
    until = _in_zone(event, end, zones, zone)
    is_elsewhere = zone is not UTC and here.replace(tzinfo=None) != start
    as_written = f" ({_clock(start)} in {_line(name)})" if is_elsewhere else ""
    return f"{_span(here, until.astimezone(LONDON) if until else None, time_of_day)} London time{as_written}"


def _in_zone(
    event: _Component, end: date | datetime | None, zones: dict[str, _Component], zone: tzinfo
) -> datetime | None:
    if not isinstance(end, datetime):
        return None
    if end.tzinfo:
        return end
    said = event.said.get("DTEND")
    name = said.options.get("TZID", "") if said else ""
    return end.replace(tzinfo=(_zone(name, end, zones) if name else None) or zone)


def _end(event: _Component, start: date | datetime) -> date | datetime | None:
    if said := event.said.get("DTEND"):
        return _moment(said)
    lasts = re.fullmatch(
        r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:\d{1,4}S)?)?",
        event.words("DURATION")[:40].upper(),
    )
    if lasts is None:
        return None
    weeks, days, hours, minutes = (int(each or 0) for each in lasts.groups())
    try:
        return start + timedelta(hours=(weeks * 7 + days) * 24 + hours, minutes=minutes)
    except OverflowError:
        return None


def _before(day: date) -> date:
    """An event of whole days ends before the day that it names."""
    return day - timedelta(hours=24)


def _span(start: datetime, end: datetime | None, clock: Callable[[datetime], str]) -> str:
    said = f"{long_day(start.date())}, {clock(start)}"
    # In the hour that the clocks repeat, the figures alone do not say which is later.
    if end is None or (end.astimezone(UTC) if end.tzinfo else end) <= (
        start.astimezone(UTC) if end.tzinfo else start
    ):
        return said
    return f"{said} to {clock(end) if end.date() == start.date() else f'{long_day(end.date())}, {clock(end)}'}"


def _clock(at: datetime) -> str:
    """3:20pm, of a clock elsewhere."""
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def _moment(said: _Property) -> date | datetime | None:
    """A day; or a moment, in UTC or as the clock there shows it."""
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", said.value.strip()[:20].upper())
    if found is None:
        return None
    year, month, day, *time = found.groups()
    try:
        if time[0] is None:
            return date(int(year), int(month), int(day))
        seconds = min(int(time[2]), 59)
        at = datetime(int(year), int(month), int(day), int(time[0]), int(time[1]), seconds, tzinfo=UTC)
    except ValueError:
        return None
    return at if time[3] else at.replace(tzinfo=None)


def _zone(name: str, at: datetime, zones: dict[str, _Component]) -> tzinfo | None:
    """The time zone of a moment: by its name; else as the calendar describes it."""
    if not name:
        return None
    # Some write a path before it, as /example.org/20100101_1/Europe/London
    for key in (name, OF_OUTLOOK.get(name, ""), "/".join(name.split("/")[-2:])):
        try:
            if key and len(key) < 60:
                return ZoneInfo(key)
        except (OSError, ValueError, LookupError):
            continue
    described = zones.get(name)
    return _as_described(described, at) if described else None


def _as_described(zone: _Component, at: datetime) -> tzinfo | None:
    """What the calendar says of a zone, for one moment: of its two halves of a year the one that began last."""
    began = []
    for half in zone.inside:
        offset, first = _offset(half.words("TZOFFSETTO")), half.said.get("DTSTART")
        since = _moment(first) if first else None
        if offset is None or not isinstance(since, datetime):
            return None
        since = since.replace(tzinfo=None)
        rule = half.words("RRULE")
        onsets = [_onset(rule, since, year) for year in (at.year - 1, at.year)] if rule else [since]
        if None in onsets:
            return None
        began += [(onset, offset) for onset in onsets if onset and since <= onset <= at]
    return max(began, key=lambda each: each[0])[1] if began else None


def _onset(rule: str, since: datetime, year: int) -> datetime | None:
    """When a half begins in a year, by a rule such as "on the last Sunday of March"; no other is worked out."""
    parts = dict(each.split("=", 1) for each in rule.upper().split(";") if "=" in each)
    which = re.fullmatch(r"(-1|[1-4])([A-Z]{2})", parts.get("BYDAY", ""))
    month = parts.get("BYMONTH", "")
    is_known = which and which[2] in _WEEKDAYS and re.fullmatch(r"[1-9]|1[0-2]", month)
    if parts.get("FREQ") != "YEARLY" or not which or not is_known or "UNTIL" in parts or not 1 < year < 9999:
        return None
    days = [week[_WEEKDAYS.index(which[2])] for week in monthcalendar(year, int(month))]
    days = [day for day in days if day]
    return since.replace(year=year, month=int(month), day=days[int(which[1]) - (which[1] != "-1")])


def _offset(text: str) -> timezone | None:
    found = re.fullmatch(r"([+-])(\d\d)(\d\d)(?:\d\d)?", text.strip()[:10])
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes)) if minutes < 24 * 60 else None


# --- how it is written ---------------------------------------------------------------------------

_OPTION = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)')


def _read(text: str) -> _Component:
    """The outermost component, with what is in it. Whatever is not closed ends with the text."""
    whole = _Component("")
    around = [whole]
    for said in _properties(text):
        if said.name == "BEGIN":
            kind = said.value.strip().upper()
            if kind == "VCALENDAR":
                around = [whole]
                continue
            # However deep they lie, two are enough: a zone and its halves, an event and its alarm.
            made = _Component(kind)
            if len(around) < 3:
                around[-1].inside.append(made)
            around = [*around[:3], made]
        elif said.name == "END":
            around = around[:-1] or [whole]
        else:
            around[-1].said.setdefault(said.name, said)
    return whole


def _properties(text: str) -> Iterator[_Property]:
    unfolded = re.sub(r"\n[ \t]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    for line in unfolded.split("\n"):
        name = re.match(r"[A-Za-z0-9-]+", line)
        if name is None:
            continue
        options, at = {}, name.end()
        while option := _OPTION.match(line, at):
            options[option[1].upper()] = option[2].strip('"')
            at = option.end()
        if line[at : at + 1] == ":":
            yield _Property(name[0].upper(), options, line[at + 1 :])


def _as_text(value: str) -> str:
    return re.sub(r"\\(.)", lambda sign: "\n" if sign[1] in "nN" else sign[1], value)


def _line(text: str) -> str:
    return " ".join(text[: 4 * LONGEST_VALUE].split())[:LONGEST_VALUE]


def _uid(text: str) -> str:
    """All of it, or nothing: cut off it could be that of another event."""
    uid = " ".join(text.split())
    return uid if len(uid) <= LONGEST_VALUE else ""


def _person(said: _Property | None) -> str:
    if said is None:
        return ""
    address = re.sub(r"(?i)^\s*mailto:", "", said.value[:LONGEST_VALUE]).strip()
    return _line(", ".join(filter(None, (said.options.get("CN", ""), address))))
