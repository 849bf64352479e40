"""Whether two conferences of one conference officer are at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from conferences.models import Conference
from pages.words import day, time_of_day, uncapitalised
from team.models import User
from team.permissions import Permission, teams_held

# From one place to the next (CAIT default).
TRAVEL = timedelta(minutes=30)
# As the database has it: no conference is booked for longer.
LONGEST = timedelta(minutes=600)


def is_clash(starts_at: datetime, ends_at: datetime, other: Conference) -> bool:
    """Whether nobody can be at both, with half an hour between them to get from one to the other."""
    return other.starts_at < ends_at + TRAVEL and starts_at < other.ends_at + TRAVEL


def clashes(
    pclo: User | None, starts_at: datetime, lasts: int, *, besides: Conference | None = None
) -> list[Conference]:
    """The booked conferences of a conference officer that clash with a time, the earliest first, on whatever record.
    `lasts`: minutes. `besides`: the one that is moved."""
    if pclo is None:
        return []
    ends_at = starts_at + timedelta(minutes=lasts)
    rows = Conference.objects.booked().filter(
        pclo=pclo, starts_at__lt=ends_at + TRAVEL, starts_at__gt=starts_at - LONGEST - TRAVEL
    )
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    rows = rows.select_related("case", "team").order_by("starts_at", "pk")
    return [each for each in rows if is_clash(starts_at, ends_at, each)]


def clashing(conferences: Iterable[Conference]) -> dict[int, list[Conference]]:
    """Which of some conferences clash with which others of them, by their ids: those that one officer has. No
    query."""
    found: dict[int, list[Conference]] = defaultdict(list)
    whose: dict[int, list[Conference]] = defaultdict(list)
    for each in conferences:
        if each.pclo_id is not None:
            whose[each.pclo_id].append(each)
    for theirs in whose.values():
        for each in theirs:
            found[each.pk] += [
                other for other in theirs if other != each and is_clash(each.starts_at, each.ends_at, other)
            ]
    return {pk: others for pk, others in found.items() if others}


def clash_sentence(
    pclo: User | None, starts_at: datetime, lasts: int, *, besides: Conference | None = None, user: User
) -> str:
    """What a conference officer has at that time already, for somebody who books or moves; empty where nothing
    clashes. It can be saved all the same (CAIT default: half an hour lies between two)."""
    found = clashes(pclo, starts_at, lasts, besides=besides)
    words = "; ".join(clash_in_words(each, user=user) for each in found)
    return f"{pclo} is booked already: {words}" if found else ""


def clash_in_words(clash: Conference, *, user: User) -> str:
    """What clashes, for somebody who may not open its record as well: then nothing says what it is about."""
    teams = teams_held(user, Permission.SEE_RECORDS)
    lasts = f"{day(clash.starts_at)}, {time_of_day(clash.starts_at)} to {time_of_day(clash.ends_at)}"
    if not clash.case.restricted and (teams is None or clash.team_id in teams):
        kind = uncapitalised(clash.get_kind_display())
        return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} on {clash.case.number}, {lasts}, at {clash.place}"
    return f"a conference of {clash.team}, {lasts}"
