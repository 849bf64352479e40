"""Why a duty is due when it is, piece by piece, and who was told that it is late: the row that "Why?" opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from deadlines.due import Why
from deadlines.enums import Clock, Direction
from diary.models import Duty, DutyQuerySet, Notice, NoticeKind
from diary.telling import HIGHER
from pages.words import day, long_day, moment, time_of_day, uncapitalised
from team.enums import Role
from team.models import User


class Told(NamedTuple):
    """Somebody who was told that a duty is late, by name or whoever holds a role, and when in words."""

    whom: str
    at: str


@dataclass(frozen=True)
class Explained:
    """What the row says. `following`: who is told next, and when; empty where nobody is."""

    rule: str
    source: str
    started: str
    counted: str
    notes: list[str]
    do_by: date | None
    told: list[Told]
    following: str
    set_aside: bool
    from_before: bool


def with_told(rows: DutyQuerySet, pk: int) -> DutyQuerySet:
    """Some duties, the one with that id with what `explained` says of it: in the query that reads them all."""
    late = Notice.objects.filter(duty=OuterRef("pk"), kind=NoticeKind.LATE).filter(duty=pk)
    whom = JSONObject(
        at="raised_at",
        role="to_role",
        person="to_person",
        rank="to_person__rank",
        given_names="to_person__given_names",
        family_name="to_person__family_name",
    )
    told = ArraySubquery(late.order_by("number").values(whom=whom))
    return rows.select_related("case__supervisor", "watch").annotate(told_late=told)


def explained(duty: Any, *, now: datetime) -> Explained:
    """Of a duty of `with_told`. No query."""
    due = duty.reckoned
    why, watch = due.why, getattr(duty, "watch", None)
    return Explained(
        rule=_sentence(f"{why.name}: {_length(why)}"),
        source=f"{why.source}; rule {why.rule}",
        started=_sentence(f"{why.event}, {_when(why.started)}"),
        counted=_counted(why),
        notes=[_sentence(note) for note in why.notes],
        do_by=due.do_by,
        told=[Told(_told_by_name(each), _at(datetime.fromisoformat(each["at"]))) for each in duty.told_late],
        following=_following(duty, watch.told + 1, watch.tell_at, now) if watch and watch.tell_at else "",
        set_aside=bool(watch and watch.set_aside_at),
        from_before=duty.from_before,
    )


def whoever(role: str) -> str:
    """Whoever holds a role, within a sentence."""
    return f"the {Role(role).short}"


def _told_by_name(told: dict[str, Any]) -> str:
    if told["person"] is None:
        return whoever(told["role"])
    return str(User(**{name: told[name] for name in ("rank", "given_names", "family_name")}))


def _following(duty: Duty, number: int, at: datetime, now: datetime) -> str:
    """As `diary.telling` tells: 1 whoever has to do it, 2 a supervisor, 3 the inspector, 4 the command; and nobody
    below whoever has to do it."""
    owner = str(duty.owner) if duty.owner else whoever(duty.owner_role)
    if number == 1:
        whom = owner
    elif duty.owner_role in HIGHER[number - 2 :]:
        whom = whoever(duty.owner_role)
    else:
        whom = whoever(HIGHER[number - 2])
    if number == 2 and whom == whoever(Role.SUPERVISOR) and duty.case.supervisor:
        whom = str(duty.case.supervisor)
    return f"{whom}, {_at(at) if at > now else 'at the next check'}"


def _at(when: datetime) -> str:
    """With "midnight" nobody knows which night is meant."""
    time = time_of_day(when)
    return f"at the start of {day(when)}" if time == "midnight" else moment(when)


def _length(why: Why) -> str:
    event = uncapitalised(why.event) if not why.event[1:2].isupper() else why.event
    if not why.value:
        return f"by {event}"
    return f"{why.clock.words(why.value)} {'from' if why.direction == Direction.AFTER else 'before'} {event}"


def _when(at: date | datetime) -> str:
    return f"{long_day(at)}, {time_of_day(at)}" if isinstance(at, datetime) else long_day(at)


def _counted(why: Why) -> str:
    """The count and its end, and which days were left out."""
    end = _when(why.counted)
    if not why.value:
        return _sentence(end)
    later = "later" if why.direction == Direction.AFTER else "earlier"
    said = f"{why.clock.words(why.value)} {later} it is {end}."
    if left_out := why.left_out_in_words():
        return f"{said} Left out: {', '.join(left_out)}."
    if why.clock == Clock.HOURS:
        return f"{said} Every hour counts, by night and at weekends too."
    if why.clock == Clock.WORKING_DAYS:
        return f"{said} No weekend or bank holiday lies between."
    return f"{said} Weekends and bank holidays count."


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
