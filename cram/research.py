"""Reads of the research on a record: which police systems were searched, when, about whom, and what is to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Max, QuerySet

from cases.models import Case
from cram.enums import RequestState, System
from cram.models import ResearchRequest, Search
from cram.queries import last_submitted
from deadlines.clock import london_date, london_midnight, minute
from people.models import Person
from team.once import put_together_once

# Of requests that have ended so many are shown; each stands in the chronology too.
ENDED_SHOWN = 10


def searches_of(case: Case) -> QuerySet[Search]:
    """Every search on a record, the newest first."""
    return Search.objects.filter(case=case).order_by("-searched_at", "-pk")


def searches_since(case: Case, since: date | datetime | None) -> QuerySet[Search]:
    """The searches that were made on a London day or after it, or at a moment or after it; None: every one."""
    rows = searches_of(case)
    if since is None:
        return rows
    return rows.filter(searched_at__gte=since if isinstance(since, datetime) else london_midnight(since))


def last_research(case: Case) -> date | None:
    """The London date of the record's last search; None where nothing was searched yet."""
    return next((london_date(at) for (at,) in _last_searched(case)), None)


@put_together_once
def _last_searched(case: Case) -> QuerySet[Search, Any]:
    return searches_of(case).values_list("searched_at")[:1]


def offered_since(case: Case, people: Iterable[Person]) -> date | None:
    """From which day on a search about some people looks for what is new, unless somebody says otherwise; None: for
    everything.

    A review asks for what is new since the last research was completed (HMIC 2010, AFI 1): since the oldest of the
    days until which each system was searched about each of them, whichever of these are ticked then. Where one of
    them never was in one of the systems, everything is searched.
    """
    if last_submitted(case) is None:
        return None
    until = _searched_until(case)
    ids: list[int | None] = [person.pk for person in people] or [None]
    days = [until.get((system, person)) for system in System for person in ids]
    return None if None in days else min(each for each in days if each)


def _searched_until(case: Case) -> dict[tuple[str, int | None], date]:
    """Until which day each system was searched about each person, without a time left out: a search for what was new
    since a day goes on from an earlier one that reached that day, and says nothing of what lies before it."""
    until: dict[tuple[str, int | None], date] = {}
    rows = Search.objects.filter(case=case).order_by("searched_at", "pk")
    for system, person, since, at in rows.values_list("system", "people", "since", "searched_at"):
        if since is None or ((reached := until.get((system, person))) and since <= reached):
            until[system, person] = london_date(at)
    return until


@dataclass(frozen=True)
class LastResearch:
    """The research of the last day on which anything was searched: by whom, and which systems."""

    on: date
    who: list[str]
    systems: list[System]


def research_of_the_last_day(case: Case) -> LastResearch | None:
    """None where nothing was searched yet. Two queries."""
    on = last_research(case)
    if on is None:
        return None
    rows = list(searches_since(case, on).select_related("searched_by"))
    systems = {row.system for row in rows}
    who = dict.fromkeys(str(row.searched_by) for row in reversed(rows))
    return LastResearch(on, list(who), [each for each in System if each in systems])


@dataclass
class SystemSearched:
    """When one system was searched last: at all, and about each of the people on the record."""

    system: System
    last: date | None = None
    about: list[tuple[date, list[Person]]] = field(default_factory=list)
    never: list[Person] = field(default_factory=list)

    @property
    def about_all(self) -> bool:
        """Whether everybody on the record was searched for on the same last day."""
        return len(self.about) == 1 and not self.never and self.about[0][0] == self.last


def systems_searched(case: Case, people: Iterable[Person]) -> list[SystemSearched]:
    """Each system, and when it was searched last about each of some people. One query."""
    people = list(dict.fromkeys(people))
    rows = Search.objects.filter(case=case).order_by().values_list("system", "people").annotate(at=Max("searched_at"))
    found: dict[str, dict[int | None, datetime]] = {}
    for system, person, at in rows:
        found.setdefault(system, {})[person] = at
    return [_searched(system, found.get(system, {}), people) for system in System]


def _searched(system: System, at: dict[int | None, datetime], people: list[Person]) -> SystemSearched:
    days: dict[date, list[Person]] = {}
    for person in people:
        if person.pk in at:
            days.setdefault(london_date(at[person.pk]), []).append(person)
    return SystemSearched(
        system,
        last=london_date(max(at.values())) if at else None,
        about=sorted(days.items(), reverse=True),
        never=[person for person in people if person.pk not in at],
    )


# --- what was asked for --------------------------------------------------------------------------


def still_to_search(
    request: ResearchRequest, searches: Iterable[Search], *, on_record: Collection[int]
) -> list[System]:
    """Of which of its systems a request is not answered yet, by the searches of its record.

    A search answers it that was made since it was asked for, reaches back as far, and is about the people it names;
    who has been taken off the record since (`on_record`: the ids of who is on it) need not be searched any more.
    """
    wanted = {person.pk for person in request.people.all()} & set(on_record)
    fits = [each for each in searches if _answers(each, request)]
    left = []
    for system in map(System, request.systems):
        of_it = [each for each in fits if each.system == system]
        about = {person.pk for each in of_it for person in each.people.all()}
        if not of_it or wanted - about:
            left.append(system)
    return left


def _answers(search: Search, request: ResearchRequest) -> bool:
    if search.searched_at < minute(request.asked_at):  # a form shows no seconds
        return False
    return search.since is None or (request.since is not None and search.since <= request.since)


def systems_of(request: ResearchRequest) -> list[System]:
    """The systems that a request names, in the order in which they are always named."""
    return [system for system in System if system in request.systems]


@dataclass(frozen=True)
class Asked:
    """A request, and the systems that are still to be searched for it."""

    request: ResearchRequest
    left: list[System] = field(default_factory=list)

    @property
    def systems(self) -> list[System]:
        return systems_of(self.request)

    @property
    def searched(self) -> list[System]:
        return [system for system in self.systems if system not in self.left]


def to_do(case: Case, *, on_record: Collection[int]) -> list[Asked]:
    """The requests that are to be done, the next due first. Four queries, however many."""
    rows = ResearchRequest.objects.filter(case=case, state=RequestState.ASKED)
    requests = list(rows.select_related("asked_by").prefetch_related("people").order_by("due_on", "pk"))
    if not requests:
        return []
    since = minute(min(request.asked_at for request in requests))
    searches = list(searches_since(case, since).prefetch_related("people"))
    return [Asked(request, still_to_search(request, searches, on_record=on_record)) for request in requests]


def left_of(request: ResearchRequest, *, on_record: Collection[int]) -> list[System]:
    """The systems that are still to be searched for one request; none where it has ended."""
    if request.state != RequestState.ASKED:
        return []
    searches = searches_since(request.case, minute(request.asked_at)).prefetch_related("people")
    return still_to_search(request, searches, on_record=on_record)


def ended(case: Case) -> list[Asked]:
    """The requests that were done or not needed, the last of them first."""
    rows = ResearchRequest.objects.filter(case=case).exclude(state=RequestState.ASKED)
    rows = rows.select_related("asked_by", "ended_by").order_by("-ended_at", "-pk")
    return [Asked(request) for request in rows[:ENDED_SHOWN]]
