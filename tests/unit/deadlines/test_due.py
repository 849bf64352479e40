"""Why a date is that date: said in one sentence, and stored for ever without loss."""

import json
from datetime import UTC, date, datetime

import pytest

from deadlines import rules, schedules
from deadlines.calendar import LeftOut
from deadlines.clock import LONDON
from deadlines.due import Due, Why
from deadlines.models import BankHoliday, Limit

pytestmark = pytest.mark.django_db


def examples() -> list[Due]:
    """One of each kind: every clock, left-out days, notes, short notice, do by."""
    moment = datetime(2010, 3, 26, 22, 30, 15, 250, tzinfo=LONDON)
    return [
        rules.S46_END.due(moment),
        rules.SS_UPDATE.due(date(2009, 12, 11)),
        rules.TRIAGE_OTHER.due(moment),
        rules.REVIEW_CONFERENCE_FIRST.due(date(2009, 11, 30)),
        rules.CRAM_BEFORE_REVIEW.due(date(2010, 1, 5), known=date(2010, 1, 4)),
        rules.BRIEFING.due(moment, known=moment.replace(hour=23)),
        schedules.chase(date(2009, 12, 11), 3),
        schedules.cram_review(date(2009, 11, 16), core_groups=[date(2009, 12, 1)]),
    ]


def test_round_trip_loses_nothing() -> None:
    for due in examples():
        assert Due.from_json(json.loads(json.dumps(due.to_json()))) == due
        why = Why.from_json(json.loads(json.dumps(due.why.to_json())))
        assert why == due.why
        assert why.sentence() == due.why.sentence()
        assert type(why.started) is type(due.why.started)
        assert type(why.counted) is type(due.why.counted)


def test_moments_are_kept_in_utc() -> None:
    due = rules.S46_END.due(datetime(2010, 6, 1, 12, tzinfo=LONDON))
    assert due.to_json()["due_at"] == "2010-06-04T11:00:00+00:00"
    assert Due.from_json(due.to_json()).late_from.tzinfo is UTC


def test_what_was_stored_is_told_whatever_becomes_of_the_rule() -> None:
    stored = rules.TRIAGE_OTHER.due(date(2009, 12, 24)).to_json()
    told = Due.from_json(stored).why.sentence()
    Limit.objects.all().delete()
    BankHoliday.objects.all().delete()
    assert Due.from_json(stored).why.sentence() == told


def test_sentence_of_calendar_days() -> None:
    assert rules.SS_UPDATE.due(date(2009, 12, 2)).why.sentence() == (
        "14 days from Wed 2 Dec 2009 (decision: Social Services only) = Wed 16 Dec 2009; "
        "rule SS-UPDATE [HMIC 2010, AFI 2]"
    )


def test_sentence_names_the_days_left_out() -> None:
    due = rules.TRIAGE_OTHER.due(date(2009, 12, 24), event="e-mail from Social Services")
    assert due.why.sentence() == (
        "1 working day from Thu 24 Dec 2009 (e-mail from Social Services) = Tue 29 Dec 2009; "
        "rule TRIAGE-OTHER [CAIT default]; days left out: Saturdays and Sundays, "
        "Fri 25 Dec 2009 (Christmas Day), Mon 28 Dec 2009 (Substitute day for Boxing Day)"
    )
    assert due.why.left_out[1] == LeftOut(date(2009, 12, 26), "Saturday")


def test_sentence_without_days_left_out_does_not_mention_them() -> None:
    assert rules.TRIAGE_OTHER.due(date(2009, 12, 14)).why.sentence() == (
        "1 working day from Mon 14 Dec 2009 (receipt) = Tue 15 Dec 2009; rule TRIAGE-OTHER [CAIT default]"
    )


def test_sentence_counting_back() -> None:
    due = rules.REPORT_BEFORE_INITIAL.due(date(2010, 4, 6), known=date(2010, 3, 15))
    assert due.why.sentence() == (
        "2 working days before Tue 6 Apr 2010 (initial conference) = Wed 31 Mar 2010; "
        "rule REPORT-BEFORE-INITIAL [London practice]; days left out: Saturdays and Sundays, "
        "Fri 2 Apr 2010 (Good Friday), Mon 5 Apr 2010 (Easter Monday)"
    )


@pytest.mark.parametrize(
    ("taken", "sentence"),
    [
        (
            datetime(2010, 3, 26, 22, 30, tzinfo=LONDON),
            "72 hours from Fri 26 Mar 2010, 10:30pm GMT (taken into police protection) "
            "= Mon 29 Mar 2010, 11:30pm BST",
        ),
        (
            datetime(2009, 10, 24, 10, 0, tzinfo=LONDON),
            "72 hours from Sat 24 Oct 2009, 10am BST (taken into police protection) = Tue 27 Oct 2009, 9am GMT",
        ),
        (
            datetime(2010, 6, 1, 12, 0, tzinfo=UTC),
            "72 hours from Tue 1 Jun 2010, 1pm (taken into police protection) = Fri 4 Jun 2010, 1pm",
        ),
    ],
)
def test_sentence_of_hours_names_the_zone_when_the_clocks_change(taken: datetime, sentence: str) -> None:
    assert rules.S46_END.due(taken).why.sentence() == f"{sentence}; rule S46-END [Children Act 1989, s46(6)]"
