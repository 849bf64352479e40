"""The bank holidays as migrated, against two independent sources; nothing is fetched."""

from datetime import date

import holidays
import pytest
from django.db import IntegrityError
from govuk_bank_holidays.bank_holidays import BankHolidays

from deadlines.models import BankHoliday

pytestmark = pytest.mark.django_db


def rows(first: int, last: int) -> set[date]:
    days = BankHoliday.objects.filter(on__year__range=(first, last))
    return set(days.values_list("on", flat=True))


def test_same_weekdays_as_the_holidays_package() -> None:
    published = holidays.country_holidays("GB", subdiv="ENG", years=range(2004, 2029))
    assert rows(2004, 2028) == {day for day in published if day.weekday() < 5}


def test_same_days_as_gov_uk() -> None:
    published = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    assert {day["date"].year for day in published} == set(range(2012, 2029))
    assert rows(2012, 2028) == {day["date"] for day in published}


def test_no_year_but_those() -> None:
    assert BankHoliday.objects.count() == len(rows(2004, 2028))


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(2009, 12, 25), "Christmas Day"),
        (date(2009, 12, 28), "Substitute day for Boxing Day"),
        (date(2011, 4, 29), "Wedding of Prince William and Catherine Middleton"),
        (date(2012, 6, 5), "Queen’s Diamond Jubilee"),
        (date(2020, 5, 8), "Early May bank holiday (VE day)"),
        (date(2022, 6, 3), "Platinum Jubilee bank holiday"),
        (date(2022, 9, 19), "Bank Holiday for the State Funeral of Queen Elizabeth II"),
        (date(2023, 5, 8), "Bank holiday for the coronation of King Charles III"),
    ],
)
def test_special_days_by_name(on: date, name: str) -> None:
    assert BankHoliday.objects.get(on=on).name == name


@pytest.mark.parametrize("on", [date(2012, 5, 28), date(2020, 5, 4), date(2022, 5, 30)])
def test_days_that_were_moved_away_are_worked(on: date) -> None:
    assert on.weekday() == 0
    assert not BankHoliday.objects.filter(on=on).exists()


def test_weekend_is_refused() -> None:
    with pytest.raises(IntegrityError, match="deadlines_bank_holiday_on_a_weekday"):
        BankHoliday.objects.create(on=date(2027, 12, 25), name="Christmas Day")
