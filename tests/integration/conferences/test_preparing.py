"""The checklist of a conference: its five steps with the dates of their duties, and how far each is."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conferences.actions import brief_officer, cancel_conference, decide_attendance, return_report, submit_report
from conferences.enums import Attending, ConferenceKind, StepKind
from conferences.models import Conference
from conferences.preparing import Line, checklists
from deadlines import clock
from deadlines.clock import LONDON
from diary.models import Duty
from pages.words import day, moment
from team.enums import Role
from team.models import User
from team.permissions import Permission
from tests.factories.assessing import an_assessment, submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_review, held
from tests.factories.limits import DAY
from tests.factories.referrals import a_case
from tests.factories.reports import a_prepared_conference, a_whole_report, endorsed, sent
from tests.factories.researching import searched
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def system() -> User:
    return User.objects.system()


def steps(conference: Conference) -> dict[StepKind, Line]:
    conference.refresh_from_db()
    return {line.kind: line for line in checklists([conference])[conference.pk]}


def states(conference: Conference) -> list[str]:
    return [line.state for line in steps(conference).values()]


def test_of_a_booked_conference_every_step_is_missing_with_the_date_of_its_duty() -> None:
    # Handbook: an initial conference on Tuesday 6 April 2010, the day after Easter.
    conference = a_conference(starts_at=datetime(2010, 4, 6, 10, 0, tzinfo=LONDON))
    lines = checklists([conference])[conference.pk]
    assert [line.kind for line in lines] == list(StepKind)
    assert [line.due_on for line in lines] == [
        date(2010, 3, 29),
        date(2010, 3, 30),
        date(2010, 3, 31),
        date(2010, 3, 31),  # what is sent is endorsed before
        date(2010, 4, 6),
    ]
    assert {(line.state, line.missing, line.late, line.needed) for line in lines} == {
        ("Not started", True, False, True)
    }
    assert {line.view for line in lines} == {
        "cram:research",
        "cram:assess",
        "conferences:report",
        "conferences:brief",
    }
    assert lines[2].permission == Permission.WRITE_REPORTS
    assert lines[4].url.endswith(f"/conferences/{conference.number}/brief/")
    # A date stands as its duty has it, whatever the limit says afterwards.
    duty = Duty.objects.get(kind="conference_cram", subject=conference.pk)
    duty.due["due_on"] = "2010-03-22"
    duty.save()
    assert steps(conference)[StepKind.CRAM].due_on == date(2010, 3, 22)
    # From the next London midnight on it is late, and only what is missing.
    move_time_to(datetime(2010, 3, 30, 0, 0, tzinfo=LONDON))
    assert [line.late for line in steps(conference).values()] == [True, False, False, False, False]
    assert [line.late for line in checklists([conference], now=NOW)[conference.pk]] == [False] * 5


def test_a_step_says_who_did_it_and_a_report_how_far_it_is() -> None:
    case = a_case()
    conference = a_conference(case)
    searched(case)
    assessment = an_assessment(case)
    assert states(conference)[1] == f"Under way, begun {day(assessment.started_at)}"
    cram = submitted(case)
    told = steps(conference)
    assert told[StepKind.RESEARCH].state.startswith("Searches recorded ")
    assert told[StepKind.CRAM].state == f"CRAM {cram.number}, level standard"
    assert not told[StepKind.CRAM].missing
    assert told[StepKind.CRAM].due_on is not None  # when it was due stays to be read
    report = a_whole_report(conference)
    assert states(conference)[2:4] == ["Being written", "Being written"]
    report = submit_report(report, by=system())
    line = steps(conference)[StepKind.ENDORSEMENT]
    assert line.state == f"Waiting for endorsement since {moment(report.submitted_at)}"  # type: ignore[arg-type]
    assert (line.view, line.permission) == ("conferences:endorse_report", Permission.ENDORSE_REPORTS)
    assert line.due_on == Duty.objects.get(kind="endorse_report").due_on
    return_report(report, words="Say who lives there", by=an_officer(Role.SUPERVISOR))
    assert states(conference)[2:4] == ["Returned to be put right", "Returned to be put right"]
    report = endorsed(submit_report(report, by=system()))
    assert steps(conference)[StepKind.REPORT].state == "Endorsed, not sent"
    assert steps(conference)[StepKind.ENDORSEMENT].state.startswith("Version 1 endorsed by")
    sent(report)
    brief_officer(conference, words="Ask who has a key", by=system())
    lines = steps(conference).values()
    assert not any(line.missing or line.late for line in lines)
    assert all(line.done for line in lines)


def test_where_a_report_alone_is_sent_nobody_is_briefed() -> None:
    review = a_review()
    decide_attendance(review, attending=Attending.REPORT_ONLY, why="The school goes", by=system())
    line = steps(review)[StepKind.BRIEFING]
    assert (line.needed, line.missing, line.late, line.due) == (False, False, False, None)
    assert line.state == "Not needed: a report is sent instead"


def test_after_a_conference_nothing_is_late_any_more() -> None:
    conference, other = a_conference(starts_at=NOW + DAY), a_conference()
    cancel_conference(other, why="Withdrawn", by=system())
    held(conference)
    for each, said in (
        (conference, "Not done before the conference"),
        (other, "Not done: the conference was cancelled"),
    ):
        lines = steps(each).values()
        assert {line.state for line in lines} == {said}
        assert {(line.late, line.due) for line in lines} == {(False, None)}


def test_at_short_notice_it_is_due_at_once_and_says_so() -> None:
    conference = a_conference(starts_at=NOW + timedelta(hours=30))
    lines = steps(conference)
    assert lines[StepKind.CRAM].due_on == NOW.date()
    assert all(line.due and line.due.short_notice for line in list(lines.values())[:4])


def test_a_duty_that_is_missing_leaves_no_step_without_a_date() -> None:
    conference = a_conference(starts_at=datetime(2010, 4, 6, 10, 0, tzinfo=LONDON))
    Duty.objects.filter(kind="conference_cram").update(kind="lost")
    assert steps(conference)[StepKind.CRAM].due_on == date(2010, 3, 30)


def test_questions_to_the_database_do_not_grow_with_the_conferences() -> None:
    def ask(conferences: list[Conference]) -> int:
        rows = list(Conference.objects.filter(pk__in=[each.pk for each in conferences]).select_related("case"))
        with CaptureQueriesContext(connection) as asked:
            found = checklists(rows, now=clock.now())
        assert {len(lines) for lines in found.values()} == {5}
        assert all(line.url for lines in found.values() for line in lines)
        return len(asked)

    one = a_prepared_conference()
    a_whole_report(one)
    others = [a_conference(one.case, kind=kind) for kind in (ConferenceKind.REVIEW, ConferenceKind.TRANSFER_IN)]
    other = a_prepared_conference()
    a_whole_report(other)
    assert ask([one, *others, other]) == ask([one]) <= 6
    assert checklists([]) == {}
