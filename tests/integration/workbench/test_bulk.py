"""What is copied in bulk for benchmarks lies in weeks like this one, and a sample of it is checked as every night."""

from __future__ import annotations

from datetime import datetime

import pytest

from deadlines import clock
from deadlines.ages import days_before
from deadlines.clock import LONDON
from deadlines.models import BankHoliday
from diary.models import Duty
from tests.factories.referrals import a_case
from workbench.bulk import DAYS_ALIKE, alike, wrong_in_a_sample
from workbench.past import as_at

pytestmark = pytest.mark.django_db


def test_records_are_copied_to_weeks_that_have_the_same_working_days_and_hours() -> None:
    with as_at(datetime(2026, 11, 27, 10, 0, tzinfo=LONDON)):
        weeks = alike(60, 9)
        first = days_before(12, clock.today())
    assert 20 < len(weeks) < 60
    holidays = set(BankHoliday.objects.values_list("on", flat=True))
    for back in weeks:
        days = [days_before(7 * back - each, first) for each in range(DAYS_ALIKE)]
        assert not holidays.intersection(days), "as there is none from the middle of November on"
        assert len({datetime(day.year, day.month, day.day, tzinfo=LONDON).utcoffset() for day in days}) == 1


def test_what_is_wrong_in_a_sample_is_told() -> None:
    case = a_case()
    assert wrong_in_a_sample(10) == (1, [])
    duty = Duty.objects.filter(case=case).earliest("pk")
    Duty.objects.filter(pk=duty.pk).update(due_on=days_before(-3, duty.due_on))
    looked_at, wrong = wrong_in_a_sample(10)
    assert looked_at == 1
    assert [each.split()[0] for each in wrong] == [case.number]
