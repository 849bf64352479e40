"""Research on police systems: what is asked for, what ends it, what is kept of each search, how it is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from audit.models import AuditEvent
from cases.actions import add_person, take_person_off
from cases.closure import in_the_way
from cases.enums import Kind, Part
from cases.models import Case, Entry
from cram import research
from cram.actions import drop_research
from cram.enums import RequestState, System
from cram.models import ResearchRequest, Search
from cram.repeating import missing_in, not_searched_again
from cram.research import last_research, offered_since, searches_since
from deadlines import clock
from deadlines.clock import LONDON, minute
from deadlines.rules import RESEARCH
from diary.checking import findings_of
from diary.models import Duty, DutyState
from pages.words import day, moment
from people.models import Person
from people.said import PersonSaid
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from tests.factories.assessing import an_assessment, submitted
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case
from tests.factories.researching import (
    as_searched,
    everybody_on,
    research_asked,
    searched,
    searched_systems,
)
from tests.factories.team import an_officer
from tests.integration.cram.family import a_family

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2009, 12, 14, 9, 30, tzinfo=LONDON)


def system() -> User:
    return User.objects.system()


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        act()
    return " ".join(refused.value.messages)


def beside(act: Callable[[], Any]) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        act()
    return sorted(refused.value.message_dict)


def duty_of(request: ResearchRequest) -> Duty:
    return Duty.objects.get(case=request.case, kind="research", subject=request.pk)


def state_of(request: ResearchRequest) -> str:
    return ResearchRequest.objects.get(pk=request.pk).state


# --- asked for -----------------------------------------------------------------------------------


def test_what_is_asked_for_stands_in_the_researchers_queue_on_the_day_that_was_chosen(family: Case) -> None:
    by = an_officer(Role.INVESTIGATOR)
    request = research_asked(family, by=by, due_on=clock.today() + DAY * 2, since=clock.today())
    assert (request.systems, request.state, request.asked_by) == (["cris", "pnc"], RequestState.ASKED, by)
    assert list(request.people.order_by("pk")) == everybody_on(family)
    duty = duty_of(request)
    assert (duty.owner, duty.owner_role, duty.due_on) == (None, Role.RESEARCHER, request.due_on)
    assert RESEARCH.is_chosen(duty.reckoned, request.due_on)
    assert findings_of(family) == []
    entry = Entry.objects.filter(case=family).latest("pk")
    assert (entry.kind, entry.title) == (Kind.ACTION, "Research asked for: CRIS, PNC")
    assert f"New since {day(clock.today())}. By {day(request.due_on)}." in entry.text
    assert list(entry.people.order_by("pk")) == everybody_on(family)
    assert AuditEvent.objects.latest("pk").detail == {"systems": ["cris", "pnc"], "due_on": str(request.due_on)}


def test_a_form_that_is_sent_twice_is_asked_for_once_and_another_request_is_another(family: Case) -> None:
    first = research_asked(family)
    assert f"asked for this on {moment(first.asked_at)} already" in refusal(lambda: research_asked(family))
    others: list[dict[str, Any]] = [{"systems": ["pnc"]}, {"why": "Who?"}, {"since": clock.today()}, {"people": []}]
    for other in others:
        research_asked(family, **other)
    assert ResearchRequest.objects.filter(case=family).count() == 5
    assert Duty.objects.filter(case=family, kind="research").count() == 5
    drop_research(first, why="A mistake", by=system())
    research_asked(family)  # what was not needed may be asked for again
    assert findings_of(family) == []


def test_a_request_says_what_why_and_by_when(family: Case) -> None:
    elsewhere = a_case()
    ask = lambda **other: lambda: research_asked(family, **other)  # noqa: E731
    assert beside(ask(systems=[])) == ["systems"]
    assert beside(ask(systems=["pnc", "google"])) == ["systems"]
    assert beside(ask(why=" \n")) == ["why"]
    assert beside(ask(due_on=clock.today() - DAY)) == ["due_on"]
    assert beside(ask(since=clock.today() + DAY)) == ["since"]
    assert "not on this record" in refusal(ask(people=everybody_on(elsewhere)))
    assert not ResearchRequest.objects.exists()


def test_one_that_is_not_needed_ends_with_its_reason_and_its_duty_and_once(family: Case) -> None:
    request = research_asked(family)
    assert beside(lambda: drop_research(request, why=" ", by=system())) == ["why"]
    by = an_officer(Role.DESK_SERGEANT)
    dropped = drop_research(request, why="He is dead", by=by)
    assert (dropped.state, dropped.ended_by, dropped.ended_why) == (RequestState.NOT_NEEDED, by, "He is dead")
    assert duty_of(request).state == DutyState.CANCELLED
    assert findings_of(request.case) == []
    entry = Entry.objects.filter(case=request.case).latest("pk")
    assert (entry.title, entry.text) == ("Research not needed: CRIS, PNC", "He is dead")
    with pytest.raises(ChangedMeanwhile, match=re.escape(f"{by} recorded on {moment(dropped.ended_at)}")):  # type: ignore[arg-type]
        drop_research(request, why="Again", by=system())
    assert state_of(request) == RequestState.NOT_NEEDED


def test_what_is_asked_for_stands_in_the_way_of_closure_until_it_is_done(family: Case) -> None:
    sentence = "Research that was asked for is not done"
    assert sentence not in [each.what for each in in_the_way(family)]
    research_asked(family)
    assert sentence in [each.what for each in in_the_way(family)]
    searched(family)
    assert sentence not in [each.what for each in in_the_way(family)]


# --- searched ------------------------------------------------------------------------------------


def test_one_form_is_a_row_for_each_system_and_one_entry_for_all(family: Case) -> None:
    by = an_officer(Role.RESEARCHER)
    recorded = searched(family, by=by, since=clock.today() - DAY)
    cris, pnc = recorded.searches
    assert [(row.system, row.found, row.result) for row in (cris, pnc)] == [
        ("cris", False, "Nothing found"),
        ("pnc", True, "Assault on an earlier partner, 2006"),
    ]
    assert {(row.searched_by, row.recorded_by, row.since) for row in (cris, pnc)} == {(by, by, clock.today() - DAY)}
    assert list(cris.people.order_by("pk")) == everybody_on(family)
    entry = Entry.objects.filter(case=family).latest("pk")
    assert entry.title == "Searched: CRIS, PNC. Something found: PNC"
    assert (entry.kind, entry.source, entry.significant) == (Kind.INFORMATION, "Police systems", True)
    assert entry.happened_at == pnc.searched_at
    assert "PNC: Assault on an earlier partner, 2006" in entry.text
    assert AuditEvent.objects.latest("pk").detail == {"systems": ["cris", "pnc"]}


def test_where_nothing_is_found_the_entry_is_not_significant(family: Case) -> None:
    searched_systems(family, "visor", "cad")
    entry = Entry.objects.filter(case=family).latest("pk")
    assert (entry.title, entry.significant) == ("Searched: ViSOR, CAD. Nothing found", False)
    assert "Everything that is held" in entry.text


def test_a_search_says_what_it_found_and_was_made_already(family: Case) -> None:
    elsewhere = a_case()
    record = lambda **other: lambda: searched(family, **other)  # noqa: E731
    assert beside(record(searches=[])) == ["searches"]
    assert "what was found in PNC" in refusal(record(searches=[("pnc", True, " ")]))
    assert "PNC stands there twice" in refusal(record(searches=[("pnc", False, ""), ("pnc", True, "x")]))
    assert "no system that CAIT knows" in refusal(record(searches=[("google", True, "x")]))
    assert beside(record(searched_at=clock.moment() + HOUR)) == ["searched_at"]
    assert beside(record(since=clock.today() + DAY)) == ["since"]
    assert "not on this record" in refusal(record(people=everybody_on(elsewhere)))
    assert not Search.objects.exists()


def test_a_form_that_is_sent_twice_is_recorded_once(family: Case) -> None:
    by = an_officer(Role.RESEARCHER)
    typed = as_searched(family, searched_at=minute(clock.moment()))
    searched(family, by=by, **typed)
    assert f"{by} recorded this search of CRIS on" in refusal(lambda: searched(family, by=by, **typed))
    assert Search.objects.filter(case=family).count() == 2
    searched(family, by=by, **{**typed, "searches": [("cris", True, "A report of 2007")]})  # another thing was found
    searched(family, by=an_officer(Role.INVESTIGATOR), **typed)  # two who search at once have both searched
    assert Search.objects.filter(case=family).count() == 5


def test_a_row_stays_as_it_is(family: Case) -> None:
    (row, _) = searched(family).searches
    for change in ("UPDATE cram_search SET found = true", "DELETE FROM cram_search_people"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    row.refresh_from_db()
    assert not row.found


def test_it_belongs_to_the_assessment_that_is_being_written_and_counts_for_it() -> None:
    move_time_to(MONDAY)
    case = a_family()
    searched(case)
    assert Search.objects.filter(case=case, assessment=None).count() == 2
    submitted(case)
    move_time_to(MONDAY + DAY * 40)
    review = an_assessment(case)
    (row, _) = searched(case).searches
    assert row.assessment == review


def a_suspect_on(case: Case) -> Person:
    said = PersonSaid("Kieran", "Stroud")
    return add_person(case, part=Part.SUSPECT, said=said, on=clock.today(), by=system())


def test_research_is_repeated_where_everybody_is_searched_for_wherever_they_were_before_or_were_asked_for() -> None:
    move_time_to(MONDAY)
    case = a_family()
    ellis, tia = everybody_on(case)
    searched(case)
    searched_systems(case, "visor", people=[tia])
    sent_at = submitted(case).submitted_at
    move_time_to(MONDAY + DAY * 40)

    def left() -> dict[Person, list[System]]:
        rows = not_searched_again(case, sent_at, until=clock.moment())
        return {each.person: each.systems for each in rows}

    assert left() == {ellis: [], tia: []}
    searched_systems(case, "pnc")
    assert left() == {ellis: [System.CRIS], tia: [System.CRIS, System.VISOR]}
    stroud = a_suspect_on(case)
    searched_systems(case, "cris", "visor", people=[ellis, tia])
    assert left() == {stroud: []}
    searched_systems(case, "pnc", people=[stroud])
    assert left() == {stroud: [System.CRIS, System.VISOR]}
    assert missing_in(an_assessment(case)).in_words == "research was repeated only in part"
    assert submitted(case).research_repeated is False  # not by some searches
    searched_systems(case, "cris", "visor", people=[stroud])
    assert left() == {}
    asked = research_asked(case, systems=["cad"], people=[ellis])
    assert left() == {ellis: [System.CAD]}
    drop_research(asked, why="Nobody rang", by=system())
    assert left() == {}


# --- what ends a request -------------------------------------------------------------------------


def test_it_is_done_when_every_system_was_searched_whoever_did_it(family: Case) -> None:
    researcher = an_officer(Role.RESEARCHER)
    request = research_asked(family)
    recorded = searched(family, searches=[("pnc", False, "")], request=request, by=researcher)
    assert (recorded.done, [each.left for each in recorded.left]) == ([], [[System.CRIS]])
    assert (state_of(request), duty_of(request).state) == (RequestState.ASKED, DutyState.OPEN)
    manager = an_officer(Role.OFFICE_MANAGER)
    recorded = searched(family, searches=[("cris", False, "")], by=manager)
    assert (recorded.done, recorded.left) == ([request], [])
    request = ResearchRequest.objects.get(pk=request.pk)
    assert (request.state, request.ended_by) == (RequestState.DONE, manager)
    assert duty_of(request).state == DutyState.SATISFIED
    assert [row.request for row in Search.objects.filter(case=family).order_by("pk")] == [request, None]
    assert findings_of(family) == []
    with pytest.raises(ChangedMeanwhile, match="recorded the last of these searches"):
        drop_research(request, why="Too late", by=system())


@pytest.mark.parametrize("asked_since", [None, MONDAY.date() - DAY])
def test_a_search_that_does_not_reach_back_so_far_does_not_end_it(asked_since: date | None) -> None:
    move_time_to(MONDAY)
    case = a_family()
    request = research_asked(case, systems=["pnc"], since=asked_since)
    searched_systems(case, "pnc", since=MONDAY.date(), request=request)
    assert state_of(request) == RequestState.ASKED
    searched_systems(case, "pnc", since=asked_since)
    assert state_of(request) == RequestState.DONE


def test_nor_one_that_was_made_before_it_was_asked_for() -> None:
    move_time_to(MONDAY)
    case = a_family()
    request = research_asked(case, systems=["pnc"])
    searched_systems(case, "pnc", at=request.asked_at - HOUR, request=request)
    assert state_of(request) == RequestState.ASKED
    searched_systems(case, "pnc", at=minute(request.asked_at))  # in the same minute, as a form shows it
    assert state_of(request) == RequestState.DONE


def test_nor_one_about_somebody_else_until_everybody_was_searched_for(family: Case) -> None:
    ellis, tia = everybody_on(family)
    request = research_asked(family, systems=["pnc"])
    searched_systems(family, "pnc", people=[ellis], request=request)
    assert state_of(request) == RequestState.ASKED
    searched_systems(family, "pnc", people=[tia], request=request)
    assert state_of(request) == RequestState.DONE


def test_who_was_taken_off_the_record_need_not_be_searched_for_any_more(family: Case) -> None:
    ellis, tia = everybody_on(family)
    request = research_asked(family, systems=["pnc"])
    take_person_off(family.parts.get(person=tia), reason="Another family", by=system())
    searched_systems(family, "pnc", people=[ellis])
    assert state_of(request) == RequestState.DONE


def test_what_was_found_for_a_request_that_has_ended_meanwhile_is_kept_all_the_same(family: Case) -> None:
    request = drop_research(research_asked(family), why="A mistake", by=system())
    recorded = searched(request.case, request=request)
    assert {row.request for row in recorded.searches} == {request}
    assert (recorded.done, state_of(request)) == ([], RequestState.NOT_NEEDED)


# --- since when ----------------------------------------------------------------------------------


def test_the_last_research_and_what_was_searched_since() -> None:
    move_time_to(MONDAY)
    case = a_family()
    assert last_research(case) is None
    searched_systems(case, "pnc", at=MONDAY - DAY * 10)
    searched_systems(case, "cris")
    searched_systems(a_case(), "cad")
    assert last_research(case) == MONDAY.date()
    assert [row.system for row in searches_since(case, MONDAY.date())] == ["cris"]
    assert [row.system for row in searches_since(case, MONDAY + HOUR)] == []
    assert [row.system for row in searches_since(case, None)] == ["cris", "pnc"]


def test_before_the_first_cram_is_sent_everything_is_searched_and_then_what_is_new_since_the_last_research() -> None:
    move_time_to(MONDAY)
    case = a_family()
    children = everybody_on(case)
    searched_systems(case, *System.values)
    assert offered_since(case, children) is None
    submitted(case)
    assert offered_since(case, children) == MONDAY.date()
    move_time_to(MONDAY + DAY * 30)
    then = clock.today()
    searched_systems(case, *System.values[1:], since=MONDAY.date())
    searched_systems(case, System.values[0], people=children[:1], since=MONDAY.date())
    # One system and one child are left: what is new about them is new since the search before.
    assert (last_research(case), offered_since(case, children)) == (then, MONDAY.date())
    assert offered_since(case, children[:1]) == then


def test_who_was_never_searched_for_in_a_system_is_searched_for_whole_and_so_is_what_no_search_reached() -> None:
    move_time_to(MONDAY)
    case = a_family()
    searched_systems(case, *System.values[1:])
    submitted(case)
    assert offered_since(case, everybody_on(case)) is None  # one system was never searched
    searched_systems(case, System.values[0])
    assert offered_since(case, everybody_on(case)) == MONDAY.date()
    stroud = a_suspect_on(case)
    assert offered_since(case, everybody_on(case)) is None
    searched_systems(case, *System.values, people=[stroud], since=MONDAY.date())
    assert offered_since(case, [stroud]) is None  # nobody knows what there was before
    move_time_to(MONDAY + DAY)
    searched_systems(case, *System.values, people=[stroud])
    assert offered_since(case, [stroud]) == clock.today()


def test_each_system_with_whom_it_was_searched_about_last() -> None:
    move_time_to(MONDAY)
    case = a_family()
    ellis, tia = everybody_on(case)
    searched_systems(case, "pnc", "cris", at=MONDAY - DAY)
    searched_systems(case, "pnc", people=[ellis])
    searched_systems(case, "visor", people=[ellis])
    searched_systems(case, "cad", people=[])
    by = {each.system: each for each in research.systems_searched(case, [ellis, tia])}
    today, before = MONDAY.date(), MONDAY.date() - DAY
    assert (by[System.PNC].last, by[System.PNC].about) == (today, [(today, [ellis]), (before, [tia])])
    assert (by[System.CRIS].about_all, by[System.PNC].about_all) == (True, False)
    assert (by[System.VISOR].never, by[System.CAD].never) == ([tia], [ellis, tia])
    assert by[System.MERLIN].last is None
