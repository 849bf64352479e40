"""What the pages and the log say of a limit that was changed: beside whose source, from what to what, from when."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.events import DETAILS, Event
from audit.models import AuditEvent
from deadlines import rules
from deadlines.clock import LONDON
from deadlines.models import Limit
from deadlines.rule import Rule
from oversight.actions import change_limit
from team.actions import add_account
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_open_update
from tests.factories.limits import a_limit_to_come
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

# A Thursday at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
ON_MONDAY = date(2010, 1, 18)
LIST = "/oversight/time-limits/"
SAYS = "The law says 72 hours at most (Children Act 1989, s46(6))."


@pytest.fixture
def administrator() -> User:
    move_time_to(NOW)
    return an_officer(Role.ADMINISTRATOR, name="Dunmow")


@pytest.fixture
def signed_in(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


def change(by: User, rule: Rule = rules.SS_UPDATE, **other: Any) -> Limit:
    said = {"value": 10, "effective_from": ON_MONDAY, "reason": "The board agreed", **other}
    return change_limit(rule, **said, by=by)


def sent(rule: Rule, **other: Any) -> dict[str, Any]:
    seen = Limit.objects.filter(rule=rule.code).latest("pk").pk
    return {"value": "10", "effective_from": "18/1/2010", "reason": "The board agreed", "seen": seen, **other}


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def page(client: Client, url: str) -> str:
    return words(client.get(url).content.decode())


def cells(client: Client, rule: Rule) -> dict[str, str]:
    """The row of a limit in the list, by heading."""
    html = client.get(LIST).content.decode()
    (row,) = [row for row in html.split('<tr role="row">') if f'href="{LIST}{rule.code}/"' in row]
    return {label: words(cell) for label, cell in re.findall(r'data-label="([^"]+)"[^>]*>(.*?)</td>', row, re.S)}


def summary(answer: Any) -> list[str]:
    """What stands above the form."""
    html = answer.content.decode().partition("govuk-error-summary__list")[2].partition("</ul>")[0]
    return [words(each) for each in re.findall(r"<li>(.*?)</li>", html, re.S)]


# --- the law -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [73, 8760, 10**9])
def test_no_limit_is_made_longer_than_the_law_says(administrator: User, value: int) -> None:
    with pytest.raises(ValidationError) as error:
        change(administrator, rules.S46_END, value=value)
    assert error.value.message_dict == {"value": [f"{SAYS} Enter 72 or fewer."]}
    assert Limit.objects.filter(rule="S46-END").count() == 1


def test_it_may_be_made_shorter_and_as_long_again(administrator: User) -> None:
    change(administrator, rules.S46_END, value=48)
    change(administrator, rules.S46_END, value=72, effective_from=ON_MONDAY + DAY)
    assert rules.S46_END.limit_on(ON_MONDAY + DAY).value == 72


def test_the_page_says_what_the_law_says(signed_in: Client) -> None:
    here = f"{LIST}S46-END/"
    told = page(signed_in, here)
    assert f"Longest {SAYS} It can be made shorter, never longer." in told
    assert f"{SAYS} Enter 72 or fewer." in told
    answer = signed_in.post(here, sent(rules.S46_END, value="100"))
    assert summary(answer) == [f"New limit: the law says{SAYS.removeprefix('The law says')} Enter 72 or fewer."]
    assert 'value="100"' in answer.content.decode()
    assert "The law says" not in page(signed_in, f"{LIST}SS-UPDATE/")


# --- who says so ---------------------------------------------------------------------------------


def test_who_says_so_of_a_changed_limit_is_its_source_and_who_changed_it(
    signed_in: Client, administrator: User
) -> None:
    change(administrator)
    here, changed = f"{LIST}SS-UPDATE/", f"changed since 18 January 2010 by {administrator}: The board agreed"
    said = "Who says so HMIC 2010, AFI 2 (rule SS-UPDATE)"
    assert said in page(signed_in, here)
    assert changed not in page(signed_in, here)
    assert cells(signed_in, rules.SS_UPDATE)["Who says so"] == "HMIC 2010, AFI 2"
    move_time_to(NOW + 4 * DAY)
    assert f"{said} {changed}" in page(signed_in, here)
    assert cells(signed_in, rules.SS_UPDATE) == {
        "Limit": "10 days",
        "Starts with": "Decision: Social Services only",
        "Who says so": "HMIC 2010, AFI 2 changed since 18 January 2010",
    }


def test_a_date_that_is_worked_out_or_set_with_it_says_so(signed_in: Client, administrator: User) -> None:
    change(administrator)
    note = "the limit was changed from Mon 18 Jan 2010 on: The board agreed"
    assert note in page(signed_in, f"{LIST}SS-UPDATE/?start=18/1/2010")
    assert note not in page(signed_in, f"{LIST}SS-UPDATE/?start=17/1/2010")
    before = an_open_update()
    move_time_to(NOW + 4 * DAY)
    after = an_open_update()
    assert [note in duty.reckoned.why.notes for duty in (before, after)] == [False, True]


# --- what is to come -----------------------------------------------------------------------------


def test_the_list_says_what_each_limit_will_be_and_from_when(signed_in: Client, administrator: User) -> None:
    assert cells(signed_in, rules.SS_UPDATE)["Limit"] == "14 days"
    change(administrator, value=30, effective_from=date(2010, 11, 27))
    change(administrator)
    assert cells(signed_in, rules.SS_UPDATE)["Limit"] == (
        "14 days from 18 January 2010: 10 days from 27 November 2010: 30 days"
    )
    change(administrator, rules.INITIAL_CONFERENCE, value=12, counted_from="last")
    assert cells(signed_in, rules.INITIAL_CONFERENCE)["Limit"].startswith(
        "15 working days from 18 January 2010: 12 working days, counted from the last strategy discussion from 1 "
    )
    change(administrator, rules.BRIEFING, value=24)
    assert cells(signed_in, rules.BRIEFING)["Limit"] == "by the start from 18 January 2010: 24 hours"


def test_the_list_asks_the_database_no_more_for_it(signed_in: Client) -> None:
    def ask() -> int:
        signed_in.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            signed_in.get(LIST)
        return len(asked)

    few = ask()
    for code in ("SS-UPDATE", "SS-CHASE", "CRAM-FIRST"):
        a_limit_to_come(code)
    assert ask() == few


# --- the log -------------------------------------------------------------------------------------


def test_the_auditor_reads_what_a_limit_was_before_and_what_it_is_after(client: Client, administrator: User) -> None:
    change(administrator)
    change(administrator, value=9, effective_from=ON_MONDAY + DAY)
    change(administrator, value=12, effective_from=ON_MONDAY - DAY)  # before both: what it takes the place of is 14
    changed = AuditEvent.objects.filter(event=Event.LIMIT_CHANGED).order_by("pk")
    assert [(each.detail["value_before"], each.detail["value"]) for each in changed] == [(14, 10), (10, 9), (14, 12)]
    assert all(set(each.detail) <= set(DETAILS) for each in changed)
    change(administrator, rules.INITIAL_CONFERENCE, value=12, counted_from="initiating")
    client.force_login(an_officer(Role.AUDITOR))
    told = page(client, "/oversight/acts/")
    assert "rule: SS-UPDATE; value before: 14; value: 10; for events from: 18 January 2010" in told
    assert "value before: 15; value: 12; counted before from: last; counted from: initiating" in told


# --- plain words ---------------------------------------------------------------------------------


def test_a_name_keeps_its_capital_above_the_form(signed_in: Client) -> None:
    by = User.objects.system()
    whole, _ = add_account(username="tull", rank="", given_names="Yvonne", family_name="Tull", by=by)
    alone, _ = add_account(username="pask", rank="", given_names="", family_name="Pask", by=by)
    for number, who in enumerate((whole, alone)):
        rule = (rules.SS_UPDATE, rules.CRAM_REVIEW)[number]
        limit = a_limit_to_come(rule.code)
        Limit.objects.filter(pk=limit.pk).update(created_by_id=who.pk)
        answer = signed_in.post(f"{LIST}{rule.code}/", sent(rule, effective_from="16/1/2010"))
        (said,) = summary(answer)
        assert said.startswith(f"For events from: {who} entered {limit.value} days from 16 January 2010")


def test_a_change_can_begin_tomorrow_in_that_word(signed_in: Client) -> None:
    assert "Tomorrow or later: “tomorrow”, or a date such as 1/4/2027." in page(signed_in, f"{LIST}SS-UPDATE/")
    answer = signed_in.post(f"{LIST}SS-UPDATE/", sent(rules.SS_UPDATE, effective_from="tomorrow"))
    assert answer.status_code == 302
    assert Limit.objects.latest("pk").effective_from == NOW.date() + DAY


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"seen": ""}, "This page was not sent whole. Open it again from the time limits."),
        ({"seen": "x"}, "This page was not sent whole. Open it again from the time limits."),
        ({"seen": "-1"}, "This page was not sent whole. Open it again from the time limits."),
        ({"value": "1.5"}, "New limit: the limit must be a whole number, such as 12"),
        ({"value": "9" * 6000}, "New limit: the limit must be a whole number, such as 12"),
        ({"reason": "a\0b"}, "Why: take out characters that cannot be seen: type it again by hand"),
        ({"counted_from": "first"}, "Which discussion starts it: say which strategy discussion starts the limit"),
    ],
)
def test_odd_input_is_answered_in_plain_words(signed_in: Client, odd: dict[str, str], said: str) -> None:
    form = sent(rules.INITIAL_CONFERENCE, counted_from="last", **odd) if "counted_from" not in odd else None
    form = form or sent(rules.INITIAL_CONFERENCE, **odd)
    assert summary(signed_in.post(f"{LIST}INITIAL-CONFERENCE/", form)) == [said]
    assert not Limit.objects.exclude(created_by_id=None).exists()
