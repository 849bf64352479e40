"""How many conferences police attended: each figure with its list, each miss with its reason (HMIC 2010, AFI 8)."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from audit.models import AccessLog
from conferences.actions import cancel_conference
from conferences.enums import ConferenceKind, ConferenceState, Missed
from conferences.figures import ATTENDANCE_TARGET, ENOUGH, Attendance, Figures
from conferences.models import Conference, Report, StepDone
from deadlines.clock import LONDON
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, held
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred

pytestmark = pytest.mark.django_db

HERE = "/conferences/attendance/"
LIST = f"{HERE}list/"
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
DAY = timedelta(days=1)


def page(client: Client, url: str = HERE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    return html[html.index("<main") : html.index("</main")]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def listed(html: str) -> int:
    return len(re.findall(r'<th scope="row" role="rowheader"', html))


def sent(conference: Conference, at: datetime, *, on_time: bool) -> None:
    """A report to it, as it is when it was sent."""
    by, other = User.objects.system(), an_officer(Role.SUPERVISOR)
    StepDone.objects.create(conference=conference, kind="cram", done_at=at, done_by=by, what="CRAM 1")
    Report.objects.create(
        conference=conference,
        number=1,
        state="sent",
        started_by=by,
        submitted_at=at,
        submitted_by=by,
        endorsed_at=at,
        endorsed_by=other,
        sent_at=at,
        sent_by=by,
        on_time=on_time,
    )


def a_year_of_conferences() -> dict[str, Conference]:
    """Six of Haringey, in January and March, one of each sort; one of Enfield; two that count nowhere."""
    system = User.objects.system()
    move_time_to(datetime(2010, 1, 4, 10, 0, tzinfo=LONDON))
    case = a_case()
    january = datetime(2010, 1, 20, 10, 0, tzinfo=LONDON)
    review = ConferenceKind.REVIEW
    made = {
        "attended": a_conference(case, starts_at=january),
        "missed": a_conference(case, starts_at=january + DAY),
        "review": a_conference(case, kind=review, starts_at=january + 40 * DAY),
        "report": a_conference(case, kind=review, starts_at=january + 41 * DAY),
        "neither": a_conference(case, kind=review, starts_at=january + 42 * DAY),
        "unrecorded": a_conference(case, starts_at=january + 43 * DAY),
        "theirs": a_conference(a_case(a_team("ENF")), starts_at=january + DAY),
        "cancelled": a_conference(case, starts_at=january + 44 * DAY),
        "to come": a_conference(case, starts_at=NOW + DAY),
    }
    cancel_conference(made["cancelled"], why="No room", by=system)
    sent(made["attended"], january - 5 * DAY, on_time=True)
    sent(made["report"], january + 40 * DAY, on_time=False)
    for name in ("attended", "theirs"):
        held(made[name])
    for name in ("missed", "report", "neither"):
        held(made[name], missed=Missed.SICKNESS, missed_why="The officer was ill")
    held(made["review"])
    move_time_to(NOW)
    return made


def test_each_figure_is_the_length_of_its_list_and_each_miss_says_why(client: Client) -> None:
    made = a_year_of_conferences()
    client.force_login(an_officer(Role.PCLO))
    html = page(client)
    assert "Police attended 1 of 2 initial conferences: too few for a percentage" in words(html)
    assert f"{ATTENDANCE_TARGET}% of initial conferences (HMIC 2010" in words(html)
    rows = {
        re.findall(r">([^<]*)</th>", row)[0]: words(row.partition("</th>")[2])
        for row in html[html.index("Month by month") :].split('<tr role="row">')[2:15]
    }
    assert len(rows) == 13
    january, march = (re.sub(r" ?, (January|March) 2010", "", rows[name]) for name in ("January 2010", "March 2010"))
    assert january == "2 1 1 1 of 2 0 0 0 0 1 of 2 1 not 0"
    assert march == "0 0 0 none held 3 1 1 1 0 of 3 3 not 1"
    links = re.findall(r'href="([^"]*/list/[^"]*)">(\d+)<', html)
    assert len(links) == 13
    for url, number in links:
        assert listed(page(client, url)) == int(number), url
    misses = words(html[html.index('id="missed-h"') :])
    assert misses.count("Whoever was to go was sick") == 2
    assert "The officer was ill" in misses
    assert f"/cases/{made['missed'].case.number}/conferences/{made['missed'].number}/" in html
    assert "Of 1 conference that is over nobody has recorded yet who attended" in words(html)
    assert AccessLog.objects.filter(object_type="conferences.conference").latest("pk").detail["records"]


def test_the_command_sees_teams_side_by_side_and_narrows_to_one(client: Client) -> None:
    a_year_of_conferences()
    client.force_login(an_officer(Role.COMMAND))
    html = page(client)
    assert "Police attended 2 of 3 initial conferences" in words(html)
    assert 'href="?team=ENF">Team ENF</a>' in html
    narrowed = page(client, f"{HERE}?team=ENF")
    assert "Police attended 1 of 1 initial conference: too few" in words(narrowed)
    links = re.findall(r'href="([^"]*/list/[^"]*)">(\d+)<', narrowed)
    assert links
    for url, number in links:
        assert listed(page(client, url)) == int(number), url
    client.force_login(an_officer(Role.INSPECTOR, a_team("ENF")))
    assert listed(page(client, LIST)) == 1


def test_a_record_that_is_with_another_team_by_now_counts_and_is_not_named(client: Client) -> None:
    made = a_year_of_conferences()
    case = made["missed"].case
    held(made["unrecorded"])
    move_time_to(NOW)
    client.force_login(an_officer(Role.INSPECTOR))
    before = page(client)
    transferred(case)
    html = page(client)
    figures = re.compile(r'href="([^"]*/list/[^"]*)">(\d+)<')
    assert figures.findall(html) == figures.findall(before)
    for told in (html, page(client, LIST), page(client, "/conferences/timeliness/list/")):
        assert "record with Team ENF now" in words(told)
        assert case.number not in told
        assert "The officer was ill" not in told
    assert listed(page(client, LIST)) == 6
    looks = AccessLog.objects.filter(object_type="conferences.conference").order_by("-pk")[:4]
    assert [look.detail["records"] for look in looks] == [[]] * 4


def test_a_list_that_was_asked_for_wrongly_shows_nothing(client: Client) -> None:
    client.force_login(an_officer(Role.INSPECTOR))
    assert "Nothing is shown until" in words(page(client, f"{LIST}?figure=everything"))
    assert "No conference fits." in words(page(client, LIST))
    assert "Nothing was missed" in words(page(client))
    assert ConferenceState.BOOKED.label not in page(client)


@pytest.mark.parametrize(
    ("attended", "of", "share", "short"),
    [
        (0, 0, "none held", False),
        (4, ENOUGH - 1, "4 of 9", False),
        (10, 10, "100%", False),
        (19, 20, "95%", False),
        # Rounded down, so that what is below the target never looks as if it had been met.
        (189, 200, "94%", True),
        (9, 10, "90%", True),
    ],
)
def test_a_percentage_is_said_of_enough_and_held_against_the_target(
    attended: int, of: int, share: str, short: bool
) -> None:
    row = Attendance(Counter({"initial": of, "initial_attended": attended}))
    assert (row.share, row.short) == (share, short)
    finding = Figures(row).finding
    assert ("below the target of 95%" in finding) == short
    assert (f"{share}, " in finding) == (of >= ENOUGH)
