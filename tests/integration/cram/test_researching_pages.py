"""The pages of research: what they show, what they offer, what they refuse; and the researcher’s queue."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from cram.actions import drop_research
from cram.enums import System
from cram.models import ResearchRequest, Search
from deadlines import clock
from deadlines.clock import LONDON
from pages.words import day, moment
from team.enums import Role
from team.models import User
from tests.factories.assessing import submitted
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case
from tests.factories.researching import (
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
TYPED = "What I typed and must not lose"


# --- the pages -----------------------------------------------------------------------------------


def shown(answer: Any) -> str:
    """What is read on a page, in one line."""
    main = answer.content.decode().split("<main", 1)[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def page(client: Client, case: Case, name: str = "research", **query: Any) -> str:
    answer = client.get(reverse(f"cram:{name}", args=[case.number]), query)
    assert answer.status_code == 200
    return shown(answer)


@pytest.fixture
def researcher(client: Client) -> User:
    """Who is signed in, in Haringey."""
    user = an_officer(Role.RESEARCHER, name="Duarte")
    client.force_login(user)
    return user


def as_typed(case: Case, **came: str) -> dict[str, Any]:
    """What the browser sends of the form of searches: of each system that is named, what it holds; "" for nothing."""
    typed: dict[str, Any] = {f"{each}_came": "no" for each in System}
    typed |= {f"{each}_result": "" for each in System}
    for each, result in came.items():
        typed |= {f"{each}_came": "found" if result else "nothing", f"{each}_result": result}
    people = [person.pk for person in everybody_on(case)]
    return {"searched_at": moment(clock.moment()), "since": "", "people": people, **typed}


def test_a_record_that_was_never_searched_says_so(client: Client, researcher: User, family: Case) -> None:
    text = page(client, family)
    assert "Nothing has been searched yet." in text
    assert "Nothing is to be searched. Ask the researcher for whatever the next CRAM rests on." in text


def test_the_page_shows_what_is_to_do_first_then_the_last_research_and_every_search(
    client: Client, researcher: User, family: Case
) -> None:
    searched(family, by=researcher)
    research_asked(family, systems=["pnc", "visor"], why="Where does he sleep?")
    drop_research(research_asked(family, systems=["cad"]), why="Nobody rang", by=User.objects.system())
    text = page(client, family)
    assert f"Last research completed: {day(clock.now())} , {researcher}: CRIS, PNC" in text
    assert text.index("To do") < text.index("When each system was searched last") < text.index("Every search")
    assert "Where does he sleep?" in text
    assert "Something found. Assault on an earlier partner, 2006" in text
    assert "Not needed. Nobody rang" in text


def test_the_page_asks_as_often_of_many_as_of_few(client: Client) -> None:
    move_time_to(MONDAY)
    client.force_login(an_officer(Role.RESEARCHER))
    case = a_family()

    def asks() -> int:
        research_asked(case, why=f"What else, {ResearchRequest.objects.count()}?")
        drop_research(research_asked(case, systems=["cad"]), why="No", by=User.objects.system())
        searched_systems(case, "visor", "cad")
        client.get(reverse("cram:research", args=[case.number]))
        with CaptureQueriesContext(connection) as captured:
            page(client, case)
        return len(captured)

    few = asks()
    for hours in range(1, 4):
        move_time_to(MONDAY + HOUR * hours)
        most = asks()
    assert most == few


def test_a_long_list_of_searches_is_read_page_by_page(client: Client, researcher: User, family: Case) -> None:
    at = clock.moment()
    for hours in range(8):
        searched_systems(family, *System.values, at=at - HOUR * hours)
    first = client.get(reverse("cram:research", args=[family.number]))
    assert len(first.context["rows"]) == 50
    second = client.get(reverse("cram:research", args=[family.number]) + first.context["older_url"])
    assert len(second.context["rows"]) == 6


def test_whoever_writes_on_the_record_asks_and_the_researcher_searches(client: Client, family: Case) -> None:
    officer = an_officer(Role.INVESTIGATOR)
    client.force_login(officer)
    address = reverse("cram:ask_research", args=[family.number])
    form = client.get(address).context["form"]
    assert form.initial["people"] == [person.pk for person in everybody_on(family)]
    typed = {"systems": ["pnc", "merlin"], "people": form.initial["people"], "why": TYPED, "due_on": "yesterday"}
    answer = client.post(address, typed)
    assert TYPED in answer.content.decode()
    assert "The due date must be today" in shown(answer)
    answer = client.post(address, {**typed, "due_on": "tomorrow"}, follow=True)
    assert "It stands in the researcher’s queue" in shown(answer)
    request = ResearchRequest.objects.get(case=family)

    researcher = an_officer(Role.RESEARCHER)
    client.force_login(researcher)
    address = reverse("cram:record_searches", args=[family.number]) + f"?for={request.pk}"
    assert shown(client.get(address)).count("Asked for") == 3
    answer = client.post(address, as_typed(family, pnc="Two convictions, 2006"), follow=True)
    assert "1 search is recorded. Still to search for what was asked: MERLIN." in shown(answer)
    assert shown(client.get(address)).count("Asked for") == 2  # what is searched already is not marked any more
    answer = client.post(address, as_typed(family, merlin=""), follow=True)
    assert "1 search is recorded. With that 1 request is done." in shown(answer)
    assert {row.request for row in Search.objects.filter(case=family)} == {request}


def test_the_form_offers_what_was_asked_for(client: Client) -> None:
    move_time_to(MONDAY)
    client.force_login(an_officer(Role.RESEARCHER))
    case = a_family()
    ellis, tia = everybody_on(case)
    searched_systems(case, *System.values, at=MONDAY - DAY * 3)
    searched_systems(case, "pnc", people=[ellis], at=MONDAY - DAY)
    request = research_asked(case, people=[tia], since=MONDAY.date() - DAY * 9)
    address = reverse("cram:record_searches", args=[case.number])
    page = client.get(f"{address}?for={request.pk}")
    asked = page.context["form"].initial
    assert (asked["people"], asked["since"]) == ([tia.pk], request.since)
    assert "is the one that the request names" in page.content.decode()
    page = client.get(address)
    assert "is since when nothing was missed, for everybody on the record" in page.content.decode()
    by_itself = page.context["form"].initial
    assert (by_itself["people"], by_itself["since"]) == ([ellis.pk, tia.pk], None)
    submitted(case)
    assert client.get(address).context["form"].initial["since"] == MONDAY.date() - DAY * 3
    asking = client.get(reverse("cram:ask_research", args=[case.number])).context["form"]
    assert asking.initial["since"] == MONDAY.date() - DAY * 3


@pytest.mark.parametrize("said", ["x", "²", "9" * 19, "999999999"])
def test_a_request_that_is_none_of_the_record_is_not_found(
    said: str, client: Client, researcher: User, family: Case, case: Case
) -> None:
    address = reverse("cram:record_searches", args=[family.number])
    assert client.get(address, {"for": said}).status_code == 404
    assert client.get(address, {"for": research_asked(case).pk}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({}, "Say of at least one system what the search found"),
        ({"pnc_came": "found"}, "Say what was found in PNC"),
        ({"pnc_result": TYPED}, "You wrote what PNC holds. Say whether something was found there"),
        ({"pnc_came": "nothing", "searched_at": ""}, "Enter when it was searched"),
        ({"pnc_came": "nothing", "since": "soon"}, "nter the date like"),
    ],
)
def test_a_search_that_is_not_whole_is_refused_beside_its_field(
    wrong: dict[str, str], sentence: str, client: Client, researcher: User, family: Case
) -> None:
    answer = client.post(reverse("cram:record_searches", args=[family.number]), {**as_typed(family), **wrong})
    assert answer.status_code == 200
    text = shown(answer)
    assert text.count(sentence) == 2  # at the top and beside it
    assert not Search.objects.exists()
    assert TYPED not in wrong.values() or TYPED in answer.content.decode()


def test_a_form_of_searches_that_is_sent_twice_says_so(client: Client, researcher: User, family: Case) -> None:
    typed = as_typed(family, pnc="Two convictions, 2006")
    address = reverse("cram:record_searches", args=[family.number])
    assert client.post(address, typed).status_code == 302
    assert "recorded this search of PNC on" in shown(client.post(address, typed))
    assert Search.objects.count() == 1


def test_a_form_for_a_request_that_has_ended_says_so_and_still_takes_what_was_found(
    client: Client, researcher: User, family: Case
) -> None:
    request = drop_research(research_asked(family), why="He is dead", by=User.objects.system())
    address = reverse("cram:record_searches", args=[request.case.number]) + f"?for={request.pk}"
    assert "that this research is not needed: “He is dead”" in shown(client.get(address))
    assert client.post(address, as_typed(request.case, pnc="")).status_code == 302


def test_two_who_say_that_it_is_not_needed_the_second_reads_who_did(
    client: Client, researcher: User, family: Case
) -> None:
    request = research_asked(family)
    address = reverse("cram:drop_research", args=[request.case.number, request.pk])
    assert client.post(address, {"why": "He is dead"}).status_code == 302
    answer = client.post(address, {"why": TYPED})
    assert "that this research is not needed: “He is dead”" in shown(answer)
    assert TYPED in answer.content.decode()
    assert "This cannot be done." in shown(client.get(address))


def test_nobody_is_named_where_nobody_is_on_the_record(client: Client, researcher: User) -> None:
    case = a_case(children=[], no_child_because="The caller rang off")
    text = page(client, case, "record_searches")
    assert "About whom" not in text
    assert client.post(reverse("cram:record_searches", args=[case.number]), as_typed(case, cad="")).status_code == 302
    assert "nobody by name" in page(client, case)


# --- the researcher's queue ----------------------------------------------------------------------


def test_it_stands_in_the_researchers_queue_and_on_their_first_page(
    client: Client, researcher: User, family: Case
) -> None:
    address = reverse("cram:research", args=[family.number])
    request = research_asked(family)
    for where in ("/queues/?whose=mine&kind=research", "/queues/?kind=research", "/"):
        answer = client.get(where)
        assert answer.status_code == 200
        assert "Search police systems" in shown(answer)
        assert f'href="{address}"' in answer.content.decode()
    assert re.search(
        rf'<a [^>]*href="{address}"[^>]*>Search\b', client.get("/queues/?kind=research").content.decode()
    )
    searched(family, request=request)
    assert f'href="{address}"' not in client.get("/queues/?whose=mine&kind=research").content.decode()


def test_in_nobody_elses_own_queue(client: Client, family: Case) -> None:
    case = research_asked(family).case
    client.force_login(an_officer(Role.INVESTIGATOR))
    address = reverse("cram:research", args=[case.number])
    assert address not in client.get("/queues/?whose=mine").content.decode()
    assert address in client.get("/queues/").content.decode()
