"""How punctual Social Services are: each conference against the day by which it had to be (Working Together)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from conferences.actions import Decided, record_outcomes
from conferences.dates import next_conference_by
from conferences.enums import ConferenceKind, Outcome, PlanCategory
from conferences.models import Conference
from conferences.timeliness import FIRST_REVIEW, INITIAL, LATER_REVIEW, judge
from deadlines.clock import LONDON
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_plan, children_on, decided, held
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

HERE = "/conferences/timeliness/"
LIST = f"{HERE}list/"
REVIEW = ConferenceKind.REVIEW


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 10, 0, tzinfo=LONDON)


def was_held(case: Case, on: datetime, outcome: Outcome, **other: Any) -> Conference:
    """A conference that was booked two days before and decided the same about each child."""
    move_time_to(on - timedelta(days=2))
    return decided(held(a_conference(case, starts_at=on, **other)), outcome)


def judged(*conferences: Conference) -> list[tuple[str, date | None, int]]:
    return [(each.kind, each.by, each.days_late) for each in judge(conferences)]


def test_an_initial_conference_is_held_against_the_discussion_that_counts() -> None:
    """Handbook: a discussion of Sunday 13 December 2009 gives Wednesday 6 January 2010, one of Monday 22 March 2010
    gives Wednesday 14 April; before April 2010 the last of several counts, afterwards the one that initiated it."""
    move_time_to(at(2009, 12, 14))
    first, last = date(2009, 12, 1), date(2009, 12, 13)
    case = a_case()
    before = [
        held(a_conference(case, starts_at=at(2010, 1, 6), initiated_on=first, discussed_on=last)),
        held(a_conference(case, starts_at=at(2010, 1, 8), initiated_on=last)),
        held(a_conference(case, starts_at=at(2010, 1, 11))),
    ]
    assert judged(*before) == [
        (INITIAL, date(2010, 1, 6), 0),
        (INITIAL, date(2010, 1, 6), 2),
        (INITIAL, None, 0),
    ]
    move_time_to(at(2010, 4, 12))
    first, last = date(2010, 4, 13), date(2010, 4, 30)
    conference = a_conference(case, starts_at=at(2010, 5, 12), initiated_on=first, discussed_on=last)
    assert judged(held(conference)) == [(INITIAL, date(2010, 5, 5), 7)]


def test_reviews_chain_from_the_conference_before_about_the_same_plan() -> None:
    case = a_case()
    initial = was_held(case, at(2009, 2, 2), Outcome.PLAN)
    first = was_held(case, at(2009, 5, 5), Outcome.CONTINUES, kind=REVIEW)
    adjourned = was_held(case, at(2009, 11, 4), Outcome.ADJOURNED, kind=REVIEW)
    later = was_held(case, at(2009, 11, 9), Outcome.ENDS, kind=REVIEW)
    # No plan, no review that could be late.
    after = was_held(case, at(2009, 12, 1), Outcome.NO_PLAN, kind=REVIEW)
    assert judged(initial, first, adjourned, later, after) == [
        (INITIAL, None, 0),
        (FIRST_REVIEW, date(2009, 5, 2), 3),
        (LATER_REVIEW, date(2009, 11, 5), 4),
    ]


def test_a_plan_of_before_counts_from_what_was_said_with_it() -> None:
    move_time_to(at(2010, 1, 4))
    case = a_case()
    a_plan(case, from_on=date(2009, 6, 1), conference_on=date(2009, 8, 31), conference_was_initial=False)
    review = was_held(case, at(2010, 2, 28), Outcome.CONTINUES, kind=REVIEW)
    assert judged(review) == [(LATER_REVIEW, date(2010, 2, 28), 0)]


def test_the_figure_and_the_duty_have_one_rule_for_the_first_review() -> None:
    """Handbook: 3 months after the initial conference, 6 after a review; initial is the first conference here about a
    child, as a transfer-in, and not that of a new baby for an older brother who is on a plan."""
    move_time_to(at(2009, 1, 5))
    moved, case = a_case(), a_case(children=[a_child("Rhys", "Penrose"), a_child("Tia", "Penrose")])
    rhys, tia = children_on(case)
    before: dict[str, Any] = {
        "from_on": date(2008, 6, 2),
        "conference_on": date(2008, 12, 1),
        "conference_was_initial": False,
    }
    of_before = a_plan(moved, **before)
    was_held(moved, at(2009, 2, 2), Outcome.CONTINUES, kind=ConferenceKind.TRANSFER_IN)
    was_held(case, at(2009, 2, 3), Outcome.PLAN, children=[rhys])
    of_rhys = rhys.plans.get()
    was_held(case, at(2009, 5, 1), Outcome.CONTINUES, kind=REVIEW, children=[rhys])
    # The baby's, to which the older brother's plan belongs as well.
    move_time_to(at(2009, 7, 30))
    baby = held(a_conference(case, starts_at=at(2009, 8, 3)))
    record_outcomes(
        baby,
        decided=[
            Decided(rhys, Outcome.CONTINUES, PlanCategory.NEGLECT),
            Decided(tia, Outcome.PLAN, PlanCategory.NEGLECT),
        ],
        by=User.objects.system(),
    )
    of_tia = tia.plans.get()
    expected = {
        of_before: (FIRST_REVIEW, date(2009, 5, 2)),
        of_rhys: (LATER_REVIEW, date(2010, 2, 3)),
        of_tia: (FIRST_REVIEW, date(2009, 11, 3)),
    }
    for plan, (kind, by) in expected.items():
        due = next_conference_by(plan.case, [plan])
        assert due is not None
        assert due.due_on == by
        review = was_held(plan.case, at(2010, 2, 1), Outcome.CONTINUES, kind=REVIEW, children=[plan.child])
        assert judged(review)[0][:2] == (kind, by), plan


def page(client: Client, url: str = HERE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    return html[html.index("<main") : html.index("</main")]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_each_figure_leads_to_its_list_and_a_review_that_was_never_booked_is_told(client: Client) -> None:
    move_time_to(at(2009, 12, 14))
    team, client_of = a_team(), an_officer(Role.INSPECTOR, from_on=date(2009, 1, 1))
    case = a_case(team)
    held(a_conference(case, starts_at=at(2010, 1, 8), initiated_on=date(2009, 12, 13)))
    held(a_conference(case, starts_at=at(2010, 1, 11)))
    held(a_conference(a_case(a_team("ENF")), starts_at=at(2010, 1, 12)))
    a_plan(a_case(team), from_on=date(2009, 9, 1))
    move_time_to(at(2010, 3, 10))
    client.force_login(client_of)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client)
        return len(captured)

    html = page(client)
    assert "1 record with children whose review conference should have been held by now" in words(html)
    assert "January to March 2010 2" in re.sub(r" ?, January to March 2010", "", words(html))
    assert "2 days late" in words(html)
    links = re.findall(r'href="([^"]*/list/[^"]*)">(\d+)<', html)
    assert sorted(int(number) for _, number in links) == [1, 1, 2]
    for url, number in links:
        assert len(re.findall(r'<th scope="row"', page(client, url))) == int(number), url
    late = words(page(client, f"{LIST}?how=late"))
    assert "8 January 2010 6 January 2010 2 days late" in late
    assert "no strategy discussion is recorded with it" in words(page(client, f"{LIST}?how=unknown"))
    assert "Nothing is shown until" in words(page(client, f"{LIST}?how=often"))
    few = asked()
    held(a_conference(a_case(team), starts_at=at(2010, 3, 8), initiated_on=date(2010, 2, 22)))
    assert asked() <= few + 1  # the limit and the holidays of another year at the most
