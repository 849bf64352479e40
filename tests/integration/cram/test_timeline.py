"""The timeline of risk: each figure as it was at each moment, said in words, in a table and in a picture."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from cases.enums import Level
from cases.models import Case
from cram.actions import (
    answer_gap,
    check_measure,
    drop_gap,
    end_risk,
    endorse_assessment,
    identify_risk,
    raise_gap_on,
    return_assessment,
    set_level,
    set_measure,
    submit_assessment,
)
from cram.enums import Approach, Said, Works
from cram.models import Measure, Risk
from cram.timeline import Timeline, timeline_of
from cram.turns import Mark
from deadlines.clock import LONDON, london_date
from team.enums import Role
from team.models import User
from tests.factories.assessing import an_assessment, answered, submitted
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

# A Thursday.
RECEIVED = datetime(2009, 12, 3, 10, 0, tzinfo=LONDON)
RISK = "Kieran Stroud reaches the children"
System = User.objects.system


def later(days: int = 0, hour: int = 10, minute: int = 0) -> datetime:
    """So many days after the receipt; the clock stands there from now on."""
    at = (RECEIVED + timedelta(days=days)).replace(hour=hour, minute=minute)
    move_time_to(at)
    return at


@pytest.fixture
def case() -> Case:
    later()
    a_team()
    return a_case()


def on(days: int) -> date:
    return london_date(RECEIVED) + timedelta(days=days)


def a_risk(case: Case, what: str = RISK) -> Risk:
    return identify_risk(case, what=what, by=System())


def a_measure(risk: Risk, *, today: date, until: date | None = None, **other: Any) -> Measure:
    owner = an_officer(Role.INVESTIGATOR)
    said = {"works": Works.YES, "found": "He was told, and keeps to it", **other}
    return set_measure(
        risk, approach=Approach.REDUCE, what="Bail: not to go there", owner=owner, from_on=today, until=until,
        check_on=until or today + timedelta(days=7), **said, by=System(),
    )  # fmt: skip


def told(timeline: Timeline) -> list[tuple[date, str, str, str, list[str]]]:
    return [(row.on, row.level, row.unmanaged, row.gaps, row.said) for row in timeline.rows]


def test_a_new_record_says_that_nothing_is_set(case: Case) -> None:
    timeline = timeline_of(case)
    assert told(timeline) == [(on(0), "None yet", "0", "0", ["Received"])]
    assert timeline.finding == "No level is set yet"


def test_level_returned_and_sent_again_stands_as_it_was_then(case: Case) -> None:
    sergeant, supervisor = an_officer(Role.DESK_SERGEANT), an_officer(Role.SUPERVISOR)
    later(0, 11)
    assessment = submitted(case, Level.STANDARD, by=sergeant)
    later(0, 12)
    return_assessment(assessment, words="What of the father?", by=supervisor)
    later(1)
    assessment.refresh_from_db()
    set_level(
        assessment, level=Level.HIGH, rationale="He is back", challenge_answer="He is back tonight", by=sergeant
    )
    assessment = submit_assessment(assessment, by=sergeant)
    later(1, 15)
    endorse_assessment(assessment, by=supervisor)
    timeline = timeline_of(case)
    assert told(timeline) == [
        (
            on(0),
            "Standard",
            "0",
            "0",
            [
                "Received",
                "First CRAM sent for endorsement, level standard",
                "First CRAM returned to be put right",
            ],
        ),
        (on(1), "High", "0", "0", ["First CRAM sent for endorsement, level high", "First CRAM endorsed"]),
    ]
    assert timeline.finding == "Risk rose to high on 4 December 2009; no risk is unmanaged, no gap is open"
    assert [mark for point in timeline.points for mark in point.marks] == [
        Mark.SENT,
        Mark.RETURNED,
        Mark.SENT,
        Mark.ENDORSED,
    ]


def test_two_levels_of_one_day_are_both_told(case: Case) -> None:
    assessment = submitted(case, Level.HIGH, challenge_answer="It is")
    later(0, 12)
    return_assessment(assessment, words="Why?", by=an_officer(Role.SUPERVISOR))
    later(0, 13)
    assessment.refresh_from_db()
    set_level(assessment, level=Level.MEDIUM, rationale="Less", by=System())
    submit_assessment(assessment, by=System())
    (row,) = timeline_of(case).rows
    assert row.level == "High, then medium"
    assert timeline_of(case).finding.startswith("Risk fell to medium on 3 December 2009")


def test_gaps_are_counted_from_when_they_were_raised_until_they_ended(case: Case) -> None:
    owner = an_officer(Role.INVESTIGATOR)
    later(0, 12)
    gaps = [raise_gap_on(case, question=each, owner=owner, due_on=on(9), by=System()) for each in ("Where?", "Who?")]
    later(0, 15)
    drop_gap(gaps[0], reason="He has left", by=System())
    later(1, 9)
    answer_gap(gaps[1], resolution="His brother", by=System())
    raised = ["Received", "2 intelligence gaps raised", "1 intelligence gap no longer needed"]
    assert told(timeline_of(case)) == [
        (on(0), "None yet", "0", "1 (2 for a time)", raised),
        (on(1), "None yet", "0", "0", ["1 intelligence gap answered"]),
    ]


def test_not_known_raises_a_gap_on_the_line_and_its_answer_ends_it(case: Case) -> None:
    sergeant = an_officer(Role.DESK_SERGEANT)
    assessment = an_assessment(case, by=sergeant)
    later(0, 11)
    answered(assessment, Said.NOT_KNOWN, by=sergeant)
    assert timeline_of(case).last.gaps == 1
    assert timeline_of(case).finding == "No level is set yet; 1 gap is open"
    later(0, 12)
    answered(assessment, Said.NO, by=sergeant)
    assert timeline_of(case).last.gaps == 0


def test_a_risk_is_unmanaged_as_its_measures_were_at_each_moment(case: Case) -> None:
    later(1)
    risk = a_risk(case)
    later(2)
    measure = a_measure(risk, today=on(2), until=on(20))
    later(5)
    check_measure(measure, works=Works.DOUBT, found="Seen near the school", next_on=on(8), by=System())
    later(8)
    check_measure(measure, works=Works.YES, found="It was his brother", next_on=on(20), by=System())
    later(25)
    assert told(timeline_of(case)) == [
        (on(0), "None yet", "0", "0", ["Received"]),
        (on(1), "None yet", "1", "0", ["First CRAM not done by 4 December 2009, 10am", f"Risk identified: {RISK}"]),
        (on(2), "None yet", "0", "0", [f"Managed: {RISK}"]),
        (on(5), "None yet", "1", "0", [f"No longer managed: {RISK}"]),
        (on(8), "None yet", "0", "0", [f"Managed: {RISK}"]),
        (on(21), "None yet", "1", "0", [f"No longer managed: {RISK}"]),
    ]
    assert timeline_of(case).finding == "No level is set yet; 1 risk is unmanaged"
    later(26)
    end_risk(risk, why="He is in custody", by=System())
    assert told(timeline_of(case))[-1] == (on(26), "None yet", "0", "0", [f"Risk ended: {RISK}"])


def test_a_measure_that_is_to_begin_manages_from_its_first_day(case: Case) -> None:
    risk = a_risk(case)
    a_measure(risk, today=on(3), works=Works.UNCHECKED, found="")
    later(4)
    measure = risk.measures.get()
    check_measure(measure, works=Works.YES, found="It works", next_on=on(9), by=System())
    assert [(row.on, row.unmanaged) for row in timeline_of(case).rows][-1] == (on(4), "0")


def test_the_line_agrees_with_what_the_record_says_today(case: Case) -> None:
    """Unmanaged by the history is unmanaged by the rows (`Risk.objects.unmanaged`)."""
    managed, bare = a_risk(case), a_risk(case, "No heating")
    a_measure(managed, today=on(0))
    for days in (0, 3):
        later(days, 11)
        assert timeline_of(case).last.unmanaged == Risk.objects.filter(case=case).unmanaged().count() == 1
    assert bare in Risk.objects.filter(case=case).unmanaged()


def test_dates_that_passed_are_told_and_stay_told(case: Case) -> None:
    later(2)
    submitted(case)
    later(2 + 43)
    timeline = timeline_of(case)
    late = [row.said for row in timeline.rows if any(Mark.MISSED in point.marks for point in row.points)]
    assert late == [
        ["First CRAM not done by 4 December 2009, 10am"],
        ["CRAM not endorsed by 7 December 2009"],
        ["CRAM review not done by 16 January 2010"],
    ]


def test_the_timeline_of_a_closed_record_ends_there(case: Case) -> None:
    submitted(case)
    case.closed_at = later(3)
    later(90)
    timeline = timeline_of(case)
    assert timeline.until == case.closed_at
    assert timeline.finding == "Risk standard since 3 December 2009; no risk was unmanaged, no gap was open"


def test_as_many_queries_however_long_its_life(case: Case, django_assert_max_num_queries: Any) -> None:
    with CaptureQueriesContext(connection) as few:
        timeline_of(case)
    owner = an_officer(Role.INVESTIGATOR)
    for number in range(4):
        later(number, 12)
        raise_gap_on(case, question=f"Question {number}", owner=owner, due_on=on(9), by=System())
        a_measure(a_risk(case, f"Risk {number}"), today=on(number))
    submitted(case, Level.HIGH, challenge_answer="It is")
    with CaptureQueriesContext(connection) as many:
        timeline_of(case)
    assert len(few) == len(many) <= 9


def test_the_picture_says_the_figures_in_words_and_stays_within_its_frame(case: Case) -> None:
    a_risk(case)
    later(1)
    submitted(case, Level.HIGH, challenge_answer="It is")
    later(40)
    timeline = timeline_of(case)
    picture = timeline.picture
    titles = [panel.title.text for panel in picture.panels]
    assert titles == ["Level: high", "Unmanaged risks: 1", "Open gaps: 0", "Reviews"]
    level = picture.panels[0]
    assert [label.text for label in level.labels] == ["High", "Medium", "Standard", "None yet"]
    assert level.line.startswith("M92 96")
    assert level.line.endswith("V30H390")
    assert [date.text for date in picture.dates] == ["3 Dec 2009", "12 Jan 2010"]
    assert picture.said.startswith("Picture of the risk from 3 December 2009 until 12 January 2010: level high")
    assert {label.text for label in picture.panels[3].labels} == {"Sent", "Endorsed", "Date missed"}
    assert all(0 <= label.y <= picture.height for panel in picture.panels for label in panel.labels)


def test_a_life_of_years_has_dates_that_do_not_touch(case: Case) -> None:
    later(1500)
    dates = timeline_of(case).picture.dates
    places = [label.x for label in dates]
    assert places == sorted(places)
    assert [label.text for label in dates] == ["3 Dec 2009", "Jan 2012", "11 Jan 2014"]


def test_of_one_day_the_picture_tells_times(case: Case) -> None:
    later(0, 15, 20)
    assert [label.text for label in timeline_of(case).picture.dates] == ["10am", "3:20pm"]


def test_on_the_page_the_picture_stands_beside_its_table_without_inline_style(case: Case) -> None:
    a_risk(case, "A <risk> & more")
    html = render_to_string("cram/_timeline.html", {"timeline": timeline_of(case)})
    assert "No level is set yet; 1 risk is unmanaged" in html
    assert "Risk identified: A &lt;risk&gt; &amp; more." in html
    assert 'role="img"' in html
    assert "style=" not in html
