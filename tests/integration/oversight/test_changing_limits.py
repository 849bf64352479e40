"""Time limits are changed from a date on: by whom, how, and that no date set already moves."""

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

from audit.events import DETAILS, Event
from audit.models import AuditEvent
from deadlines import clock, rules
from deadlines.clock import LONDON
from deadlines.enums import Clock, CountedFrom
from deadlines.models import Limit, Withdrawal
from deadlines.rule import Rule
from diary.models import Duty
from oversight import policies
from oversight.actions import change_limit, withdraw_limit
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import NotAllowed
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_open_update
from tests.factories.limits import a_limit_to_come
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

# A Thursday at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
TODAY = NOW.date()
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TOMORROW = TODAY + DAY
ON_MONDAY = date(2010, 1, 18)
HERE = "/oversight/time-limits/SS-UPDATE/"


@pytest.fixture
def administrator() -> User:
    move_time_to(NOW)
    return an_officer(Role.ADMINISTRATOR, name="Dunmow")


@pytest.fixture
def signed_in(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


def change(by: User, rule: Rule = rules.SS_UPDATE, **other: Any) -> Limit:
    said = {"value": 10, "effective_from": ON_MONDAY, "reason": "The inspectors say so", **other}
    return change_limit(rule, **said, by=by)


def refused(by: User, rule: Rule = rules.SS_UPDATE, **other: Any) -> dict[str, list[str]]:
    """What is said of which field; nothing is changed by it."""
    before = list(Limit.objects.values_list())
    with pytest.raises(ValidationError) as error:
        change(by, rule, **other)
    assert list(Limit.objects.values_list()) == before
    return error.value.message_dict if hasattr(error.value, "error_dict") else {"": error.value.messages}


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


# --- what a change does --------------------------------------------------------------------------


def test_a_change_applies_to_what_happens_from_its_date_and_no_date_set_before_moves(administrator: User) -> None:
    before = an_open_update()
    assert before.due_on == TODAY + 14 * DAY
    change(administrator)
    assert Duty.objects.get(pk=before.pk).due_on == before.due_on
    move_time_to(datetime(2010, 1, 17, 23, 59, tzinfo=LONDON))
    assert an_open_update().due_on == date(2010, 1, 31)
    move_time_to(datetime(2010, 1, 18, 0, 0, tzinfo=LONDON))
    assert an_open_update().due_on == date(2010, 1, 28)
    assert Duty.objects.get(pk=before.pk).due_on == before.due_on


def test_what_is_kept_of_a_change(administrator: User) -> None:
    limit = change(administrator, reason="  The inspectors say so\n")
    kept = Limit.objects.get(pk=limit.pk)
    assert (kept.rule, kept.value, kept.counted_from, kept.effective_from) == ("SS-UPDATE", 10, "", ON_MONDAY)
    assert (kept.reason, kept.created_by_id) == ("The inspectors say so", administrator.pk)
    assert NOW <= kept.created_at < NOW + MINUTE
    event = AuditEvent.objects.get(event=Event.LIMIT_CHANGED)
    assert (event.by_id, event.object_type, event.object_id) == (administrator.pk, "deadlines.limit", limit.pk)
    assert event.detail == {"rule": "SS-UPDATE", "value_before": 14, "value": 10, "effective_from": "2010-01-18"}


def test_which_discussion_counts_is_changed_with_the_limit_of_the_initial_conference(administrator: User) -> None:
    rule = rules.INITIAL_CONFERENCE
    before = rule.limit_on(TODAY)
    assert (before.value, before.counted_from) == (15, "last")
    change(administrator, rule, value=15, counted_from="initiating")  # the number alone need not differ
    assert rule.limit_on(ON_MONDAY).counted_from == CountedFrom.INITIATING_DISCUSSION
    detail = AuditEvent.objects.get(event=Event.LIMIT_CHANGED).detail
    assert (detail["counted_from_before"], detail["counted_from"]) == ("last", "initiating")
    assert (detail["value_before"], detail["value"]) == (15, 15)
    assert set(detail) <= set(DETAILS)


def test_the_briefing_may_be_due_by_the_start_and_so_again(administrator: User) -> None:
    change(administrator, rules.BRIEFING, value=24)
    change(administrator, rules.BRIEFING, value=0, effective_from=ON_MONDAY + DAY)
    assert rules.BRIEFING.limit_on(ON_MONDAY + DAY).value == 0


@pytest.mark.parametrize(
    "rule", [rules.CRAM_FIRST, rules.SS_UPDATE, rules.TRIAGE_OTHER, rules.REVIEW_CONFERENCE_NEXT]
)
def test_the_greatest_limit_still_gives_a_date(administrator: User, rule: Rule) -> None:
    most = policies.MOST[rule.clock]
    change(administrator, rule, value=most)
    start = datetime.combine(ON_MONDAY, NOW.timetz()) if rule.clock == Clock.HOURS else ON_MONDAY
    assert rule.due(start).due_on > ON_MONDAY
    said = refused(administrator, rule, value=most + 1, effective_from=ON_MONDAY + DAY)
    assert said == {"value": [f"The limit can be at most {rule.clock.words(most)}"]}


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("on", [TODAY, TODAY - DAY, date(2004, 1, 1), date(1900, 1, 1)])
def test_a_change_begins_tomorrow_at_the_earliest(administrator: User, on: date) -> None:
    said = "What happens today is dated already: a change can begin tomorrow at the earliest."
    assert refused(administrator, effective_from=on) == {"effective_from": [said]}
    assert change(administrator, effective_from=TOMORROW).effective_from == TOMORROW


def test_tomorrow_is_london_s(administrator: User) -> None:
    move_time_to(datetime(2010, 6, 1, 23, 30, tzinfo=LONDON))
    change(administrator, effective_from=date(2010, 6, 2))
    move_time_to(datetime(2010, 6, 2, 0, 0, tzinfo=LONDON))  # in UTC it is still the first
    assert "effective_from" in refused(administrator, effective_from=date(2010, 6, 2), value=9)


@pytest.mark.parametrize("value", [0, -1, 3651, 40_000, 10**30])
def test_a_limit_that_no_clock_counts(administrator: User, value: int) -> None:
    said = "The limit can be at most 3650 days" if value > 0 else "The limit must be more than 0"
    assert refused(administrator, value=value) == {"value": [said]}


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_change_has_a_reason(administrator: User, reason: str) -> None:
    assert refused(administrator, reason=reason) == {"reason": ["Say why"]}
    limit = change(administrator)
    with pytest.raises(ValidationError, match="Say why"):
        withdraw_limit(limit, reason=reason, by=administrator)


@pytest.mark.parametrize("counted_from", ["", "first"])
def test_of_the_initial_conference_it_is_said_what_counts(administrator: User, counted_from: str) -> None:
    said = refused(administrator, rules.INITIAL_CONFERENCE, counted_from=counted_from)
    assert said == {"counted_from": ["Say which strategy discussion starts the limit"]}


def test_of_no_other_limit_it_is_said(administrator: User) -> None:
    assert "Only the limit for the initial conference" in refused(administrator, counted_from="last")[""][0]


def test_what_is_so_already_is_no_change(administrator: User) -> None:
    said = "On 18 January 2010 it will be 14 days already. Enter another limit"
    assert refused(administrator, value=14) == {"value": [said]}
    change(administrator)
    said = "On 19 January 2010 it will be 10 days already. Enter another limit"
    assert refused(administrator, value=10, effective_from=ON_MONDAY + DAY) == {"value": [said]}
    change(administrator, value=14, effective_from=ON_MONDAY + DAY)  # compared with what is in force by then
    counted = refused(administrator, rules.INITIAL_CONFERENCE, value=15, counted_from="last")["value"][0]
    assert "15 working days, counted from the last strategy discussion already" in counted


def test_one_value_from_one_date(administrator: User) -> None:
    change(administrator)
    for value in (9, 10):
        (said,) = refused(an_officer(Role.ADMINISTRATOR), value=value)["effective_from"]
        assert said == (
            f"{administrator} entered 10 days from 18 January 2010 on 14 January 2010, midday. It can be withdrawn, "
            "as it is not in force yet. Or choose another date."
        )


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_nobody_but_an_administrator_changes_a_limit(administrator: User, role: Role) -> None:
    other, limit = an_officer(role), change(administrator)
    with pytest.raises(NotAllowed, match=r"You cannot change the time limits\. This is done by: "):
        change(other, effective_from=TOMORROW)
    with pytest.raises(NotAllowed):
        withdraw_limit(limit, reason="No", by=other)
    assert Limit.objects.filter(rule="SS-UPDATE").count() == 2


# --- withdrawing ---------------------------------------------------------------------------------


def test_what_is_not_in_force_yet_can_be_withdrawn(administrator: User) -> None:
    limit = change(administrator, rules.INITIAL_CONFERENCE, value=12, counted_from="last")
    pk = limit.pk
    withdraw_limit(limit, reason=" Entered by mistake ", by=administrator)
    assert rules.INITIAL_CONFERENCE.limit_on(ON_MONDAY).value == 15
    event = AuditEvent.objects.get(event=Event.LIMIT_WITHDRAWN)
    assert (event.by_id, event.object_id) == (administrator.pk, pk)
    assert event.detail == {
        "rule": "INITIAL-CONFERENCE",
        "value": 12,
        "counted_from": "last",
        "effective_from": "2010-01-18",
    }
    gone = Withdrawal.objects.get()
    assert (gone.words, gone.on) == ("12 working days, counted from the last strategy discussion", ON_MONDAY)
    assert (gone.reason, gone.created_by_id) == ("Entered by mistake", administrator.pk)
    assert NOW <= gone.created_at < NOW + MINUTE
    change(administrator, rules.INITIAL_CONFERENCE, value=11, counted_from="last")  # the date is free again


def test_what_is_or_was_in_force_is_never_withdrawn(administrator: User) -> None:
    limit = change(administrator, effective_from=TOMORROW)
    first = Limit.objects.get(rule="SS-UPDATE", effective_from=date(2004, 1, 1))
    move_time_to(datetime(2010, 1, 15, 0, 0, tzinfo=LONDON))
    for row, since in ((limit, "15 January 2010"), (first, "1 January 2004")):
        with pytest.raises(ValidationError) as error:
            withdraw_limit(row, reason="Entered by mistake", by=administrator)
        assert error.value.messages == [
            f"This limit is in force since {since}, so it cannot be withdrawn. Change it from a date to come."
        ]
    assert Limit.objects.filter(rule="SS-UPDATE").count() == 2


def test_the_second_who_withdraws_the_same_reads_who_was_first_and_why(administrator: User) -> None:
    limit = change(administrator)
    withdraw_limit(Limit.objects.get(pk=limit.pk), reason="Entered by mistake", by=administrator)
    with pytest.raises(ValidationError) as error:
        withdraw_limit(limit, reason="Me too", by=an_officer(Role.ADMINISTRATOR))
    assert error.value.messages == [
        f"{administrator} withdrew 10 days from 18 January 2010 on 14 January 2010, midday, because: "
        "“Entered by mistake”"
    ]
    assert AuditEvent.objects.filter(event=Event.LIMIT_WITHDRAWN).count() == 1


# --- two at once ---------------------------------------------------------------------------------


def newest() -> int:
    return Limit.objects.filter(rule="SS-UPDATE").latest("pk").pk


def test_whoever_did_not_see_another_s_change_is_told_of_it(administrator: User) -> None:
    seen, other = newest(), an_officer(Role.ADMINISTRATOR)
    change(administrator, seen=seen)
    with pytest.raises(ChangedMeanwhile) as error:
        change(other, value=9, effective_from=ON_MONDAY + DAY, seen=seen)
    assert error.value.happened == (
        f"{administrator} changed this limit to 10 days from 18 January 2010 on 14 January 2010, midday, while you "
        "had this open."
    )
    change(other, value=9, effective_from=ON_MONDAY + DAY, seen=newest())


def test_whoever_saw_what_was_withdrawn_since_is_told_of_it(administrator: User) -> None:
    limit, other = change(administrator), an_officer(Role.ADMINISTRATOR)
    seen = newest()
    withdraw_limit(limit, reason="Entered by mistake", by=administrator)
    with pytest.raises(ChangedMeanwhile) as error:
        change(other, value=9, seen=seen)
    assert error.value.happened.startswith(f"{administrator} withdrew 10 days from 18 January 2010 on 14 January")
    change(other, value=9, seen=newest())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("apart", [0, 1], ids=["from one date", "from two dates"])
def test_of_many_who_change_a_limit_at_once_one_does_and_the_others_read_who(apart: int) -> None:
    officers, first, seen = [an_officer(Role.ADMINISTRATOR) for _ in range(4)], clock.today() + DAY, newest()
    start, done, told = threading.Barrier(4), [], []

    def act(number: int) -> None:
        try:
            start.wait(30)
            on = first + number * apart * DAY
            done.append(change(officers[number], value=20 + number, effective_from=on, seen=seen))
        except ValidationError as reason:
            told.append(reason.messages[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, range(4)))
    assert (len(done), len(told), Limit.objects.filter(rule="SS-UPDATE").count()) == (1, 3, 2)
    winner = User.objects.get(pk=done[0].created_by_id)
    assert all(said.startswith(f"{winner} {'changed this limit' if apart else 'entered'}") for said in told)


def test_whoever_waited_over_midnight_is_judged_by_the_new_day(
    administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction's own now stands still while it waits for the lock."""
    monkeypatch.setattr(clock, "moment", lambda: datetime(2010, 1, 15, 0, 0, 1, tzinfo=LONDON))
    assert "effective_from" in refused(administrator, effective_from=TOMORROW)


# --- the pages -----------------------------------------------------------------------------------


def sent(**other: Any) -> dict[str, Any]:
    return {"value": "10", "effective_from": "18/1/2010", "reason": "AFI 2", "seen": newest(), **other}


def test_the_page_changes_a_limit_and_says_who_did_and_why(signed_in: Client, administrator: User) -> None:
    page = words(signed_in.get(HERE))
    assert "Change it from a date" in page
    assert "New limit, in calendar days" in page
    assert "Which discussion starts it" not in page
    answer = signed_in.post(HERE, sent(), follow=True)
    assert answer.redirect_chain == [(HERE, 302)]
    page = words(answer)
    assert "For events from 18 January 2010 it is 10 days. Dates set already never move." in page
    assert "not in force yet 10 days for events from 18 January 2010" in page
    assert f"AFI 2 {administrator}, 14 January 2010, midday" in page
    assert "14 days for events from 1 January 2004 (in force)" in page
    assert page.count("Withdraw") == 1


def test_the_page_asks_which_discussion_counts_where_it_must(signed_in: Client) -> None:
    where = "/oversight/time-limits/INITIAL-CONFERENCE/"
    html = signed_in.get(where).content.decode()
    assert re.search(r'value="last"[^>]* checked', html)
    seen = Limit.objects.filter(rule="INITIAL-CONFERENCE").latest("pk").pk
    answer = signed_in.post(where, sent(counted_from="", seen=seen))
    assert "Say which strategy discussion starts the limit" in words(answer)
    assert signed_in.post(where, sent(counted_from="initiating", seen=seen)).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"value": "0"}, "The limit must be more than 0"),
        ({"value": ""}, "Enter the new limit, in calendar days"),
        ({"value": "ten"}, "must be a whole number"),
        ({"value": "9" * 30}, "at most 3650 days"),
        ({"effective_from": ""}, "Enter the date from which it applies"),
        ({"effective_from": "14/1/2010"}, "a change can begin tomorrow at the earliest"),
        ({"effective_from": "soon"}, "Enter the date like"),
        ({"effective_from": "31/12/9999"}, "cannot be right"),
        ({"reason": " "}, "Say why"),
        ({"reason": "x" * 5001}, "5000 characters or fewer"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_nothing_typed_is_lost(
    signed_in: Client, typed: dict[str, str], said: str
) -> None:
    answer = signed_in.post(HERE, sent(**{"value": "11", "reason": "AFI 2 again", **typed}))
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "There is a problem" in html
    assert said in unescape(html.partition('class="govuk-error-message"')[2])
    if "reason" not in typed:
        assert "AFI 2 again" in html
    assert Limit.objects.filter(rule="SS-UPDATE").count() == 1


def test_the_page_tells_of_another_s_change_and_takes_it_when_it_is_sent_again(signed_in: Client) -> None:
    typed = sent(effective_from="20/1/2010", value="9")
    a_limit_to_come(by=an_officer(Role.ADMINISTRATOR, name="Eastgate"))
    answer = signed_in.post(HERE, typed)
    html = answer.content.decode()
    assert "Eastgate changed this limit to 15 days from 16 January 2010" in words(answer)
    assert 'value="20/1/2010"' in html
    seen = re.findall(r'name="seen" value="(\d+)"', html)
    assert seen == [str(newest())]
    assert signed_in.post(HERE, {**typed, "seen": seen[0]}).status_code == 302


def test_the_page_withdraws_what_is_to_come(signed_in: Client, administrator: User) -> None:
    limit = a_limit_to_come()
    where = f"{HERE}{limit.pk}/withdraw/"
    assert where in signed_in.get(HERE).content.decode()
    assert "Withdraw 15 days from 16 January 2010?" in words(signed_in.get(where))
    assert "Say why" in words(signed_in.post(where, {"reason": ""}))
    page = words(signed_in.post(where, {"reason": "Entered by mistake"}, follow=True))
    assert "15 days from 16 January 2010 is withdrawn." in page
    assert "15 days for events from 16 January 2010: withdrawn before that day" in page
    assert f"Entered by mistake {administrator}, 14 January 2010, midday" in page
    assert signed_in.get(where).status_code == 404


def test_the_page_says_that_what_is_in_force_cannot_be_withdrawn(signed_in: Client) -> None:
    limit = Limit.objects.get(rule="SS-UPDATE")
    page = words(signed_in.get(f"{HERE}{limit.pk}/withdraw/"))
    assert "This cannot be done. This limit is in force since 1 January 2004" in page
    assert signed_in.get(f"/oversight/time-limits/SS-CHASE/{limit.pk}/withdraw/").status_code == 404
    assert signed_in.get(f"/oversight/time-limits/NO-SUCH/{limit.pk}/withdraw/").status_code == 404


def test_whoever_may_not_change_limits_reads_them_all_the_same(client: Client, administrator: User) -> None:
    change(administrator, reason="AFI 2")
    client.force_login(an_officer(Role.INVESTIGATOR))
    page = words(client.get(HERE))
    assert "not in force yet 10 days for events from 18 January 2010" in page
    assert f"AFI 2 {administrator}, 14 January 2010, midday" in page
    assert "Change it from a date" not in page
    assert "Withdraw" not in page
    assert client.post(HERE, sent()).status_code == 403


def test_a_date_is_still_worked_out_beside_the_form(signed_in: Client) -> None:
    change(User.objects.get(memberships__role=Role.ADMINISTRATOR))
    assert "Due on Thursday 28 January 2010" in words(signed_in.get(HERE, {"start": "18/1/2010"}))


def test_every_limit_has_its_page(signed_in: Client) -> None:
    for code in rules.RULES:
        assert "Change it from a date" in words(signed_in.get(f"/oversight/time-limits/{code}/")), code
