"""Research on police systems: it is asked for, and what each search found is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from audit.events import Event
from audit.recording import record
from cases.closure import Turn, tell
from cases.enums import Kind
from cases.models import Case, CasePerson
from cases.policies import check_due, check_on_record, check_open
from cases.steps import enter, locked
from cram import duties, policies
from cram.enums import RequestState, System
from cram.models import ResearchRequest, Search
from cram.queries import being_written
from cram.research import Asked, to_do
from deadlines import clock, rules
from deadlines.clock import london_date, minute
from diary.steps import cancel_duty, raise_duty, satisfy_duty
from pages.words import day
from people.models import Person
from team.history import save_as
from team.models import User
from team.permissions import Permission

SOURCE = "Police systems"
NOTHING_FOUND = "Nothing found"


def ask_research(
    case: Case,
    *,
    systems: Sequence[str],
    people: Iterable[Person] = (),
    why: str,
    since: date | None = None,
    due_on: date,
    by: User,
) -> ResearchRequest:
    """Ask the researcher to search some systems about some of the people on the record, by a day (HMIC 2010, AFI 1
    and 8). `since`: only what is new since that day. Raises ValidationError."""
    with transaction.atomic():
        case = locked(case, Permission.WRITE_RECORDS, by)
        people = list(people)
        check_open(case)
        policies.check_systems(systems)
        policies.check_asked_why(why)
        policies.check_since(since, by_on=clock.today())
        check_due(due_on, today=clock.today())
        check_on_record(people, case=case)
        request = ResearchRequest(
            case=case,
            systems=[system for system in System if system in systems],
            why=why,
            since=since,
            due_on=due_on,
            asked_at=clock.moment(),
            asked_by=by,
        )
        request.clean_fields(exclude=["case"])
        policies.check_request_is_new(request, people)
        save_as(request, by)
        request.people.add(*people)
        due = rules.RESEARCH.chosen(due_on, request.asked_at)
        raise_duty(duties.RESEARCH, case, due, subject=request.pk, about=request.asked_in_words, by=by)
        title = f"Research asked for: {_named(request.systems)}"
        text = f"{why}\n\n{_period(since)}. By {day(due_on)}."
        enter(case, Kind.ACTION, title, text=text, people=people, by=by)
        _record(Event.RESEARCH_ASKED, request, by, systems=request.systems, due_on=str(due_on))
        return request


def drop_research(request: ResearchRequest, *, why: str, by: User) -> ResearchRequest:
    """Record that what was asked for need not be searched any more. Raises ValidationError; ChangedMeanwhile where it
    is done, or dropped, already."""
    with transaction.atomic():
        case = locked(request.case, Permission.WRITE_RECORDS, by)
        check_open(case)
        request = ResearchRequest.objects.select_related("ended_by").get(pk=request.pk)
        request.case = case
        policies.check_drop_research(request)
        policies.check_not_needed(why)
        request.ended_why = why
        _end(request, RequestState.NOT_NEEDED, by)
        cancel_duty(duties.RESEARCH, case, why="Not needed", subject=request.pk, by=by)
        enter(case, Kind.ACTION, f"Research not needed: {_named(request.systems)}", text=why, by=by)
        _record(Event.RESEARCH_NOT_NEEDED, request, by, systems=request.systems)
        return request


class Searched(NamedTuple):
    """What one system was found to hold; in few words that it is nothing, or none."""

    system: str
    found: bool
    result: str = ""


@dataclass(frozen=True)
class Recorded:
    """What became of some searches: their rows, the requests that they answered, and those that are still to do."""

    searches: list[Search]
    done: list[ResearchRequest]
    left: list[Asked]


def record_searches(
    case: Case,
    *,
    searches: Sequence[tuple[str, bool, str]],
    people: Iterable[Person] = (),
    since: date | None = None,
    searched_at: datetime,
    request: ResearchRequest | None = None,
    by: User,
) -> Recorded:
    """Record which systems whoever acts has searched, when, about whom, and what each search found: a row for each
    system, that stays as it is.

    `since`: the search was for what is new since that day. `request`: for which it was made; one that has ended
    meanwhile stays ended, and what was found is recorded all the same. A request ends as soon as all it asks for has
    been searched, whoever did it. Raises ValidationError.
    """
    with transaction.atomic():
        case = locked(case, Permission.RECORD_RESEARCH, by)
        now, people = clock.moment(), list(people)
        check_open(case)
        policies.check_searches(searches)
        policies.check_searched_at(searched_at, now=now)
        policies.check_since(since, by_on=london_date(searched_at))
        check_on_record(people, case=case)
        if request is not None:
            request = ResearchRequest.objects.get(pk=request.pk, case=case)
        said = [Searched(system, found, result.strip() and result) for system, found, result in searches]
        said = [each if each.result else each._replace(result=NOTHING_FOUND) for each in said]
        made = Search(case=case, since=since, searched_at=searched_at, searched_by=by)
        policies.check_searches_are_new(made, said, people)
        # A form shows minutes: what was searched in this minute was searched after what was done earlier in it.
        at = now if searched_at == minute(now) else searched_at
        assessment = being_written(case)
        rows = []
        for each in sorted(said, key=lambda each: list(System).index(System(each.system))):
            row = Search(
                case=case,
                request=request,
                assessment=assessment,
                system=each.system,
                since=since,
                found=each.found,
                result=each.result,
                searched_at=at,
                searched_by=by,
                recorded_at=now,
                recorded_by=by,
            )
            row.clean_fields(exclude=["case", "request", "assessment"])
            row.save()
            row.people.add(*people)
            rows.append(row)
        done, left = _settle(case, by)
        tell(case, Turn.SEARCHED, by=by)
        _tell(case, rows, people, by)
        detail = {"systems": [row.system for row in rows]}
        record(Event.SEARCHES_RECORDED, by=by, on=case, case_id=case.pk, team_id=case.team_id, detail=detail)
        return Recorded(rows, done, left)


def _settle(case: Case, by: User) -> tuple[list[ResearchRequest], list[Asked]]:
    """End each request of a record that is answered now, with its duty."""
    on_record = set(CasePerson.objects.filter(case=case, taken_off_at=None).values_list("person", flat=True))
    done, left = [], []
    for each in to_do(case, on_record=on_record):
        if each.left:
            left.append(each)
            continue
        each.request.case = case
        _end(each.request, RequestState.DONE, by)
        satisfy_duty(duties.RESEARCH, case, why="Searched", subject=each.request.pk, by=by)
        done.append(each.request)
    return done, left


def _end(request: ResearchRequest, state: RequestState, by: User) -> None:
    request.state = state
    request.ended_at, request.ended_by = clock.moment(), by
    save_as(request, by)


def _tell(case: Case, rows: list[Search], people: list[Person], by: User) -> None:
    """One entry for all that was searched at once."""
    found = [row.system for row in rows if row.found]
    came = f"Something found: {_named(found)}" if found else NOTHING_FOUND
    text = [_period(rows[0].since), *(f"{System(row.system).short}: {row.result}" for row in rows)]
    enter(
        case,
        Kind.INFORMATION,
        f"Searched: {_named([row.system for row in rows])}. {came}",
        text="\n\n".join(text),
        happened_at=rows[0].searched_at,
        source=SOURCE,
        people=people,
        significant=bool(found),
        by=by,
    )


def _named(systems: Iterable[str]) -> str:
    return ", ".join(System(system).short for system in systems)


def _period(since: date | None) -> str:
    return f"New since {day(since)}" if since else "Everything that is held"


def _record(event: Event, request: ResearchRequest, by: User, **detail: object) -> None:
    case = request.case
    record(event, by=by, on=request, case_id=case.pk, team_id=case.team_id, detail=detail)
