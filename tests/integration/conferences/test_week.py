"""The week of a conference officer: what is on, what is missing of each preparation, what is left to be recorded."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.events import Look
from audit.models import AccessLog
from conferences.actions import cancel_conference
from conferences.enums import Outcome
from deadlines.clock import LONDON
from intake.actions import pass_to_conferences
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import (
    a_conference,
    a_core_group,
    a_plan,
    a_review,
    decided,
    that_was_held,
)
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.researching import searched
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

HERE = "/conferences/"
# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def pclo(client: Client) -> User:
    """Who is signed in, in Haringey."""
    move_time_to(NOW)
    user = an_officer(Role.PCLO, name="Gadd")
    client.force_login(user)
    return user


def page(client: Client, url: str = HERE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    return html[html.index("<main") : html.index("</main")]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def section(html: str, heading: str) -> str:
    """The words of one section of the page, by the id of its heading."""
    return words(html[html.index(f'id="{heading}"') :].partition("</section>")[0].partition(">")[2])


def test_a_week_with_everything_in_it(client: Client, pclo: User) -> None:
    family = a_case(children=[a_child("Rhys", "Penrose"), a_child("Tia", "Penrose")])
    conference = a_conference(family, starts_at=NOW + 2 * DAY, pclo=pclo, place="Civic Centre, room 4")
    searched(family)
    a_conference(starts_at=NOW + 2 * DAY + HOUR, pclo=pclo)
    nobodys = a_review(a_case(children=[a_child("Ada", "Vane")]), starts_at=NOW + DAY + 6 * HOUR)
    others = a_conference(starts_at=NOW + DAY, pclo=an_officer(Role.PCLO, name="Hollis"))
    ahead = a_conference(starts_at=NOW + 9 * DAY, pclo=pclo)
    plan = a_plan(a_case(children=[a_child("Joan", "Oakgate")]))
    a_core_group(plan.case, NOW + 1 * DAY, place="Fernley School")
    over = that_was_held(a_case(children=[a_child("Finn", "Marwick")]))
    a_message(subject="A letter")
    pass_to_conferences(a_message(subject="Invitation"), by=User.objects.system())
    move_time_to(NOW)
    html = page(client)
    # The calendar and the list: mine, and what nobody is named for.
    days = section(html, "calendar-h")
    assert "Thu 11 Mar 2010 nothing 4pm to 6pm Review conference" in days
    assert "Fri 12 Mar 2010 10am to midday Initial conference" in days
    assert "Sat 13 Mar" not in days
    listed = section(html, "week-h")
    assert "4 conferences, and what is still to do" in listed  # with that of yesterday, which was held
    assert "Rhys Penrose; Tia Penrose" in listed
    assert "clashes with an initial conference on" in listed
    assert "not decided yet whether police attend" in listed
    assert f"/cases/{others.case.number}/conferences/" not in html
    # What is missing, each step one click away; the research of the first is done.
    row = html[html.index("Rhys Penrose", html.index('id="week-h"')) :].partition("</tr>")[0]
    assert re.findall(r'<li><a class="govuk-link" href="([^"]*)">', row) == [
        f"/cases/{family.number}/cram/",
        f"/cases/{family.number}/conferences/{conference.number}/report/",
        f"/cases/{family.number}/conferences/{conference.number}/report/",
        f"/cases/{family.number}/conferences/{conference.number}/brief/",
    ]
    # What is over, and what has to be found out.
    assert "What was decided" in section(html, "record")
    assert f'href="/cases/{over.case.number}/conferences/{over.number}/outcome/"' in html
    assert "Finn Marwick" in section(html, "minutes-h")
    assert "Review conference , " in section(html, "find-h").replace(f"{plan.case.number}", "")
    assert "Joan Oakgate" in section(html, "find-h")
    assert re.search(r'cait-counts__n">1</span> <a [^>]*>email not dealt with yet', html)
    # The weeks ahead: the conference of Friday week, and its report.
    assert "15 March 2010 1 0 1" in re.sub(r" reports due in the week of [^<]*?2010", "", section(html, "ahead-h"))
    there = page(client, f"{HERE}?from=2010-03-15")
    assert "1 conference, and what is still to do" in section(there, "week-h")
    assert f"/cases/{ahead.case.number}/conferences/{ahead.number}/report/" in there
    assert "Initial conference , " in section(there, "reports").replace(ahead.case.number, "")
    # Everybody's, with the core group of a record that is not mine.
    everybody = page(client, f"{HERE}?whose=all")
    assert f"/cases/{others.case.number}/conferences/{others.number}/" in everybody
    assert "Core group" in section(everybody, "calendar-h")
    assert "Fernley School" in section(everybody, "calendar-h")
    assert nobodys.case.number in words(everybody)


def test_an_empty_week_leads_to_the_next_in_which_there_is_something(client: Client, pclo: User) -> None:
    a_conference(starts_at=NOW + 60 * DAY, pclo=pclo)
    gone = a_conference(starts_at=NOW + DAY, pclo=pclo)
    cancel_conference(gone, why="No room", by=User.objects.system())
    html = page(client)
    assert "None is booked in this week for you, nor without an officer." in words(html)
    assert '<a class="govuk-link" href="?from=2010-05-03&whose=mine">week of 3 May 2010</a>' in html
    assert "Initial conference" not in section(html, "calendar-h")
    # The day may be any of the week; another kind of address says what is wrong.
    assert "week of 3 May 2010" in words(page(client, f"{HERE}?from=9/5/2010"))
    wrong = words(page(client, f"{HERE}?from=soon"))
    assert "Nothing is shown until what is marked above is put right" in wrong


def test_the_print_has_the_same_and_no_links_but_back(client: Client, pclo: User) -> None:
    conference = a_conference(starts_at=NOW + DAY, pclo=pclo)
    html = page(client, f"{HERE}print/?from=2010-03-10")
    assert "1 conference, and what is still to do" in words(html)
    assert "Research by 10 March 2010" in words(html)
    assert re.findall(r'href="([^"]*)"', html) == [f"{HERE}?from=2010-03-08&whose=mine"]
    page(client, f"{HERE}?whose=all")
    looks = AccessLog.objects.filter(object_type="conferences.conference").order_by("pk")
    assert [look.how for look in looks] == [Look.PRINT, Look.PAGE]
    assert looks[0].detail == {
        "page": "conferences:conferences",
        "filters": ["from", "whose"],
        "asked_from": "2010-03-08",
        "records": [conference.case_id],
    }


def test_each_sees_the_conferences_of_the_records_they_may_open(client: Client, pclo: User) -> None:
    theirs = a_conference(a_case(a_team("ENF")), starts_at=NOW + DAY)
    assert theirs.case.number not in page(client, f"{HERE}?whose=all")
    client.force_login(an_officer(Role.COMMAND))
    html = page(client)
    assert theirs.case.number in html
    assert 'data-label="Team">Team ENF' in html
    assert theirs.case.number not in page(client, f"{HERE}?team=HGY")


def test_more_of_everything_asks_no_more_of_the_database(client: Client, pclo: User) -> None:
    def fill() -> None:
        a_conference(starts_at=NOW + DAY, pclo=pclo)
        decided(that_was_held(a_case()), Outcome.PLAN)
        a_core_group(a_plan(a_case()).case, NOW + DAY)
        move_time_to(NOW)

    def asked(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, url)
        return len(captured)

    fill()
    page(client, "/")
    before = [asked(f"{HERE}?whose=all"), asked("/")]
    fill()
    assert [asked(f"{HERE}?whose=all"), asked("/")] == before
    assert before[0] <= 32


def test_today_tells_whoever_writes_reports_of_the_conferences_within_a_week(client: Client, pclo: User) -> None:
    conference = a_conference(starts_at=NOW + 2 * DAY, pclo=pclo)
    a_conference(starts_at=NOW + 9 * DAY, pclo=pclo)
    a_conference(starts_at=NOW + DAY, pclo=an_officer(Role.PCLO))
    told = section(page(client, "/"), "conferences-h")
    assert told.startswith("My conferences within a week Initial conference")
    assert told.count("Initial conference") == 1
    assert "Fri 12 Mar 2010, 10am" in told
    assert "Still to do: Research" in told
    assert conference.case_id in AccessLog.objects.latest("pk").detail["records"]
    client.force_login(an_officer(Role.INVESTIGATOR))
    assert "My conferences within a week" not in page(client, "/")
