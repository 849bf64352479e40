"""Bank holidays are entered and withdrawn for days to come; administrators are warned before the calendar ends."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from audit.events import Event
from audit.models import AuditEvent
from deadlines import rules
from deadlines.calendar import BANK_HOLIDAYS_A_YEAR, BeyondCalendar, ends_soon, horizon, what_to_enter
from deadlines.clock import LONDON
from deadlines.models import BankHoliday, Withdrawal
from diary.models import Duty
from oversight.actions import enter_bank_holidays, withdraw_bank_holiday
from team.enums import Role
from team.models import User
from team.permissions import NotAllowed
from tests.factories.clock import move_time_to
from tests.factories.limits import a_bank_holiday_to_come, a_free_day
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

# A Thursday at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
TODAY = NOW.date()
DAY = timedelta(days=1)
# As they will be.
OF_2029 = [
    (date(2029, 1, 1), "New Year’s Day"),
    (date(2029, 3, 30), "Good Friday"),
    (date(2029, 4, 2), "Easter Monday"),
    (date(2029, 5, 7), "Early May bank holiday"),
    (date(2029, 5, 28), "Spring bank holiday"),
    (date(2029, 8, 27), "Summer bank holiday"),
    (date(2029, 12, 25), "Christmas Day"),
    (date(2029, 12, 26), "Boxing Day"),
]
HERE = "/oversight/time-limits/"
ENTER = f"{HERE}bank-holidays/enter/"
WARNING = "The calendar runs out"


@pytest.fixture
def administrator() -> User:
    return at(NOW)


@pytest.fixture
def signed_in(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


def at(now: datetime) -> User:
    """An administrator at that moment."""
    move_time_to(now)
    return an_officer(Role.ADMINISTRATOR, name="Dunmow")


def on(day: date) -> User:
    return at(datetime(day.year, day.month, day.day, 12, 0, tzinfo=LONDON))


def enter(by: User, *holidays: tuple[date, str], reason: str = "gov.uk") -> list[BankHoliday]:
    return enter_bank_holidays(holidays=holidays, reason=reason, by=by)


def refused(by: User, *holidays: tuple[date, str]) -> dict[str, list[str]]:
    """What is said of which field; nothing is entered."""
    before = BankHoliday.objects.count()
    with pytest.raises(ValidationError) as error:
        enter(by, *holidays)
    assert BankHoliday.objects.count() == before
    said: dict[str, list[str]] = error.value.message_dict
    return said


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


# --- entering ------------------------------------------------------------------------------------


def test_dates_that_are_worked_out_afterwards_leave_it_out_and_none_set_before_moves(administrator: User) -> None:
    before = Duty.objects.get(case=a_case(urgent=False), kind="triage")
    assert before.due_on == date(2010, 1, 15)
    enter(administrator, (date(2010, 1, 15), "Day of mourning"))
    after = Duty.objects.get(case=a_case(urgent=False), kind="triage")
    assert after.due_on == date(2010, 1, 18)
    assert Duty.objects.get(pk=before.pk).due_on == before.due_on


def test_a_year_counts_once_it_is_all_there(administrator: User) -> None:
    with pytest.raises(BeyondCalendar):
        rules.TRIAGE_OTHER.due(date(2028, 12, 29))
    enter(administrator, *OF_2029[:7])
    with pytest.raises(BeyondCalendar):
        rules.TRIAGE_OTHER.due(date(2028, 12, 29))
    enter(administrator, OF_2029[7])
    assert rules.TRIAGE_OTHER.due(date(2028, 12, 29)).due_on == date(2029, 1, 2)
    assert horizon() == (date(2004, 1, 1), date(2029, 12, 31))


def test_what_is_kept_of_it(administrator: User) -> None:
    enter(administrator, *reversed(OF_2029), reason=" gov.uk ")
    kept = BankHoliday.objects.filter(on__year=2029)
    assert [(row.on, row.name) for row in kept] == OF_2029
    assert {(row.reason, row.created_by_id) for row in kept} == {("gov.uk", administrator.pk)}
    event = AuditEvent.objects.get(event=Event.BANK_HOLIDAYS_ENTERED)
    assert (event.by_id, event.object_type, event.object_id) == (administrator.pk, "deadlines.bankholiday", None)
    assert event.detail == {"days": [str(day) for day, _ in OF_2029]}


def test_those_that_came_with_cait_are_nobody_s() -> None:
    assert set(BankHoliday.objects.values_list("created_by_id", "reason")) == {(None, "")}


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (TODAY, "What happened until today is dated already: enter a day after today"),
        (TODAY - DAY, "What happened until today is dated already: enter a day after today"),
        (date(2009, 12, 29), "What happened until today is dated already: enter a day after today"),
        (date(2003, 12, 25), "What happened until today is dated already: enter a day after today"),
        (date(2010, 4, 2), "2 April 2010 is entered already: Good Friday"),
        (date(2009, 12, 25), "25 December 2009 is entered already: Christmas Day"),
        (date(2010, 1, 16), "16 January 2010 is a Saturday. Enter the substitute day: a bank holiday is a Monday to"),
        (date(2010, 1, 17), "17 January 2010 is a Sunday. Enter the substitute day: a bank holiday is a Monday to"),
        (date(2060, 1, 15), "Enter a day within fifty years"),
        (date(9999, 12, 31), "Enter a day within fifty years"),
    ],
)
def test_a_day_that_cannot_be_entered(administrator: User, day: date, said: str) -> None:
    answer = refused(administrator, (date(2010, 1, 15), "Jubilee"), (day, "Another"))
    assert list(answer) == ["on_2"]
    assert answer["on_2"][0].startswith(said)


def test_the_nearest_and_the_furthest_day(administrator: User) -> None:
    assert len(enter(administrator, (TODAY + DAY, "Jubilee"), (date(2060, 1, 14), "Jubilee"))) == 2


def test_everything_that_is_wrong_is_said_at_once(administrator: User) -> None:
    twice = (date(2010, 1, 15), "Jubilee")
    others = [(TODAY, ""), (date(2010, 1, 18), "x" * 101), (date(2010, 1, 19), "a\nb")]
    answer = refused(administrator, twice, twice, *others)
    assert answer == {
        "on_2": ["15 January 2010 stands here twice"],
        "on_3": ["What happened until today is dated already: enter a day after today"],
        "name_3": ["Enter the name of this bank holiday"],
        "name_4": ["The name must be 100 characters or fewer; it has 101"],
        "name_5": ["Take out line breaks and characters that cannot be seen: type it again by hand"],
    }
    assert refused(administrator) == {"on_1": ["Enter at least one bank holiday"]}


def test_why_is_asked_for(administrator: User) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        enter(administrator, (TODAY + DAY, "Jubilee"), reason=" ")


def test_of_this_year_what_is_over_can_be_entered_as_long_as_nothing_in_it_was_counted() -> None:
    """Otherwise a year that was forgotten could never be counted any more."""
    by = on(date(2029, 4, 10))
    assert ends_soon(date(2029, 4, 10)) == date(2028, 12, 31)
    assert "on_1" in refused(by, (date(2028, 12, 27), "Jubilee"))
    enter(by, *OF_2029)
    assert rules.TRIAGE_OTHER.due(date(2029, 4, 10)).due_on == date(2029, 4, 11)
    assert "on_1" in refused(by, (date(2029, 4, 9), "Jubilee"))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_nobody_but_an_administrator_enters_or_withdraws_one(administrator: User, role: Role) -> None:
    other, holiday = an_officer(role), a_bank_holiday_to_come()
    with pytest.raises(NotAllowed, match="You cannot change the time limits"):
        enter(other, (a_free_day(), "Jubilee"))
    with pytest.raises(NotAllowed):
        withdraw_bank_holiday(holiday, reason="No", by=other)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_the_same_day_at_once_one_does_and_the_other_reads_so() -> None:
    officers, day = [an_officer(Role.ADMINISTRATOR) for _ in range(2)], a_free_day()
    start, done, told = threading.Barrier(2), [], []

    def act(officer: User) -> None:
        try:
            start.wait(30)
            done.extend(enter(officer, (day, "Jubilee")))
        except ValidationError as reason:
            told.append(reason.message_dict["on_1"][0])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(act, officers))
    assert len(done) == 1
    assert len(told) == 1
    assert told[0].endswith("is entered already: Jubilee")


# --- withdrawing ---------------------------------------------------------------------------------


def test_one_to_come_is_withdrawn(administrator: User) -> None:
    holiday = a_bank_holiday_to_come()
    pk, day = holiday.pk, holiday.on
    withdraw_bank_holiday(holiday, reason="Moved", by=administrator)
    assert not BankHoliday.objects.filter(on=day).exists()
    event = AuditEvent.objects.get(event=Event.BANK_HOLIDAY_WITHDRAWN)
    assert (event.by_id, event.object_id, event.detail) == (administrator.pk, pk, {"days": str(day)})
    gone = Withdrawal.objects.get()
    assert (gone.rule, gone.words, gone.on, gone.reason) == ("", "Jubilee", day, "Moved")


def test_one_that_came_with_cait_can_be_moved_to_another_day(administrator: User) -> None:
    """As in 2020, when the early May bank holiday became VE day."""
    early_may = BankHoliday.objects.get(on=date(2010, 5, 3))
    with pytest.raises(ValidationError) as error:
        withdraw_bank_holiday(early_may, reason="Moved", by=administrator)
    assert error.value.messages == [
        "Without it 2010 would have 7 of its 8 bank holidays, and no date in that year could be worked out. If it "
        "was moved, enter the other day first, then withdraw this one."
    ]
    enter(administrator, (date(2010, 5, 7), "Early May bank holiday"))
    withdraw_bank_holiday(early_may, reason="Moved", by=administrator)
    assert rules.TRIAGE_OTHER.due(date(2010, 4, 30)).due_on == date(2010, 5, 3)


def test_of_a_year_that_is_not_all_there_any_is_withdrawn(administrator: User) -> None:
    entered = enter(administrator, *OF_2029[:2])
    withdraw_bank_holiday(entered[0], reason="Misread", by=administrator)
    assert BankHoliday.objects.filter(on__year=2029).count() == 1


@pytest.mark.parametrize("later", [0, 1])
def test_one_whose_day_has_come_is_never_withdrawn(administrator: User, later: int) -> None:
    holiday = a_bank_holiday_to_come(date(2010, 1, 18))
    on(date(2010, 1, 18) + later * DAY)
    with pytest.raises(ValidationError, match="18 January 2010 is not a day to come, so it cannot be withdrawn"):
        withdraw_bank_holiday(holiday, reason="Moved", by=administrator)


def test_the_second_who_withdraws_the_same_reads_who_was_first_and_why(administrator: User) -> None:
    holiday = a_bank_holiday_to_come()
    withdraw_bank_holiday(BankHoliday.objects.get(pk=holiday.pk), reason="Moved", by=administrator)
    with pytest.raises(ValidationError) as error:
        withdraw_bank_holiday(holiday, reason="Me too", by=administrator)
    assert error.value.messages == [
        f"{administrator} withdrew Jubilee, 15 January 2010, on 14 January 2010, midday, because: “Moved”"
    ]


# --- the calendar runs out -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "soon"),
    [
        (date(2027, 12, 30), False),
        (date(2027, 12, 31), False),  # exactly a year before
        (date(2028, 1, 1), True),
        (date(2028, 2, 28), True),
        (date(2028, 2, 29), True),
        (date(2024, 2, 29), False),
        (date(2028, 12, 31), True),
        (date(2029, 1, 1), True),
        (date(2032, 2, 29), True),
    ],
)
def test_the_warning_begins_when_the_end_is_less_than_a_year_ahead(today: date, soon: bool) -> None:
    assert ends_soon(today) == (date(2028, 12, 31) if soon else None)
    assert bool(what_to_enter(today)) == soon


def test_a_calendar_with_nothing_in_it_ends_today() -> None:
    BankHoliday.objects.all().delete()
    for today in (date(2010, 1, 14), date(2028, 2, 29)):
        assert ends_soon(today) == today
        said = f"The bank holidays of {today.year} are not all entered. Enter them now: until then"
        assert what_to_enter(today).startswith(said)


def test_a_gap_that_lies_behind_is_no_reason_to_warn() -> None:
    mondays = [date(2032, 1, 5) + week * 7 * DAY for week in range(BANK_HOLIDAYS_A_YEAR)]
    BankHoliday.objects.bulk_create(BankHoliday(on=monday, name="Monday") for monday in mondays)
    assert ends_soon(date(2031, 6, 1)) == date(2028, 12, 31)
    assert ends_soon(date(2032, 6, 1)) == date(2032, 12, 31)
    assert what_to_enter(date(2032, 6, 1)).startswith("The bank holidays are entered until 31 December 2032")


def test_what_the_warning_says() -> None:
    assert what_to_enter(date(2028, 6, 1)) == (
        "The bank holidays are entered until 31 December 2028. Enter those of 2029 before that day: after it no date "
        "that counts working days can be worked out, and before it none that reaches into 2029."
    )


@pytest.mark.parametrize("where", ["/", HERE])
def test_an_administrator_is_warned_on_today_and_beside_the_limits(client: Client, where: str) -> None:
    for today, warned in ((date(2027, 12, 31), False), (date(2028, 1, 1), True), (date(2029, 1, 2), True)):
        by = on(today)
        client.force_login(by)
        answer = client.get(where)
        assert (WARNING in words(answer)) == warned, today
        assert what_to_enter(today) in words(answer)
    assert ENTER in answer.content.decode()
    enter(by, *OF_2029)
    assert WARNING in words(client.get(where))  # for 2030: it is less than a year ahead
    client.force_login(an_officer(Role.SUPERVISOR))
    assert WARNING not in words(client.get(where))


# --- the pages -----------------------------------------------------------------------------------


def typed(*holidays: tuple[str, str], reason: str = "gov.uk", first: int = 1) -> dict[str, str]:
    rows = {f"on_{number}": day for number, (day, _) in enumerate(holidays, first)}
    return {**rows, **{f"name_{number}": name for number, (_, name) in enumerate(holidays, first)}, "reason": reason}


def test_a_year_is_entered_on_one_page(signed_in: Client, administrator: User) -> None:
    rows = [(f"{day.day}/{day.month}/{day.year}", name) for day, name in OF_2029]
    page = words(signed_in.post(ENTER, typed(*rows), follow=True))
    assert "8 bank holidays are entered. Dates set already never move." in page
    assert "2029 Entered." in page
    assert f"Monday 1 January 2029 New Year’s Day Entered by {administrator}, 14 January 2010, midday: gov.uk" in page
    assert "2030 0 of 8 entered: dates in this year cannot be worked out yet." in page


def test_a_year_that_is_not_all_there_says_so(signed_in: Client) -> None:
    signed_in.post(ENTER, typed(("1/1/2029", "New Year’s Day"), ("30/3/2029", "Good Friday"), first=4))
    page = words(signed_in.get(HERE))
    assert "2029 2 of 8 entered: dates in this year cannot be worked out yet." in page
    assert "2010 Entered." in page
    assert "2028 Entered." in page


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(signed_in: Client) -> None:
    data = {**typed(("16/1/2010", "Jubilee"), reason=""), "on_3": "15/1/2010", "name_3": "", "name_6": "Wedding"}
    html = signed_in.post(ENTER, data).content.decode()
    wrong = {
        "name_1": "",
        "name_2": "Enter the name of this bank holiday",
        "on_3": "Enter the date of this bank holiday",
        "reason": "Say why",
    }
    for field, said in wrong.items():
        assert re.findall(rf'id="id_{field}_error">.*</span> (.*)</p>', html) == [said] * bool(said)
    assert [re.findall(rf'name="{name}" value="([^"]*)"', html) for name in ("on_1", "on_2", "name_3")] == [
        ["16/1/2010"],
        ["15/1/2010"],
        ["Wedding"],
    ]
    data = {**data, "name_3": "Jubilee", "on_6": "soon", "reason": "gov.uk"}
    assert "Enter the date like" in signed_in.post(ENTER, data).content.decode()
    data = {**data, "on_6": "19/1/2010"}
    html = unescape(signed_in.post(ENTER, data).content.decode())
    assert re.search(r'id="id_on_1_error">.*16 January 2010 is a Saturday', html)
    assert "id_name_2_error" not in html
    assert "id_on_3_error" not in html
    assert not BankHoliday.objects.exclude(created_by_id=None).exists()


def test_a_page_with_nothing_typed_asks_for_one(signed_in: Client) -> None:
    assert "Enter at least one bank holiday" in words(signed_in.post(ENTER, typed()))


def test_the_page_withdraws_one_to_come(signed_in: Client, administrator: User) -> None:
    holiday = a_bank_holiday_to_come()
    where = f"{HERE}bank-holidays/{holiday.pk}/withdraw/"
    assert where in signed_in.get(HERE).content.decode()
    assert "Withdraw Jubilee, Friday 15 January 2010?" in words(signed_in.get(where))
    assert "Say why" in words(signed_in.post(where, {"reason": ""}))
    page = words(signed_in.post(where, {"reason": "Moved"}, follow=True))
    assert "Jubilee, 15 January 2010, is withdrawn." in page
    assert f"Jubilee, 15 January 2010, was withdrawn by {administrator}, 14 January 2010, midday: Moved" in page
    assert signed_in.get(where).status_code == 404


def test_the_page_says_why_one_cannot_be_withdrawn(signed_in: Client) -> None:
    for day, said in ((date(2010, 1, 1), "is not a day to come"), (date(2010, 4, 2), "Without it 2010 would have 7")):
        where = f"{HERE}bank-holidays/{BankHoliday.objects.get(on=day).pk}/withdraw/"
        page = words(signed_in.get(where))
        assert "This cannot be done." in page
        assert said in page
        assert "Withdraw it" not in page
        assert said in words(signed_in.post(where, {"reason": "Moved"}))


def test_withdrawing_is_offered_only_where_it_can_be_done(signed_in: Client, administrator: User) -> None:
    """Not of a year that is just all there: it could not be counted any more. Every one that is offered can be."""

    def offered() -> set[date]:
        pks = re.findall(r"bank-holidays/(\d+)/withdraw/", signed_in.get(HERE).content.decode())
        return set(BankHoliday.objects.filter(pk__in=pks).values_list("on", flat=True))

    assert {day.year for day in offered()} == {2011, 2012, 2022, 2023}  # in which one was proclaimed beside the eight
    page = words(signed_in.get(HERE))
    assert "Where one is moved, enter its new day first: then the old one can be withdrawn" in page
    enter(administrator, (date(2010, 5, 7), "Early May bank holiday"), OF_2029[0])
    days = {day for day in offered() if day.year in (2010, 2029)}
    to_come = BankHoliday.objects.filter(on__year=2010, on__gt=TODAY)  # New Year’s Day is over
    assert days == {*to_come.values_list("on", flat=True), OF_2029[0][0]}  # nothing in 2029 can be counted yet
    for holiday in BankHoliday.objects.filter(on__in=days):
        assert "This cannot be done" not in words(signed_in.get(f"{HERE}bank-holidays/{holiday.pk}/withdraw/"))
    withdraw_bank_holiday(BankHoliday.objects.get(on=date(2010, 5, 3)), reason="Moved", by=administrator)
    assert not [day for day in offered() if day.year == 2010]


def test_who_may_not_change_them_reads_them_without_a_way_to(client: Client, administrator: User) -> None:
    a_bank_holiday_to_come()
    client.force_login(an_officer(Role.INVESTIGATOR))
    page = words(client.get(HERE))
    assert "Friday 15 January 2010 Jubilee" in page
    assert "Dates set already never move" in page
    assert "Withdraw" not in page
    assert "Enter bank holidays" not in page
    assert client.post(ENTER, typed()).status_code == 403
