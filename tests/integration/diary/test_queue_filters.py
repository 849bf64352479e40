"""Narrowing the queue, what "Why?" says, and reviews that are offered as one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from audit.models import AccessLog
from cases.enums import Level
from cases.models import Case
from deadlines import rules
from deadlines.clock import LONDON
from diary import kinds, queries
from diary.actions import give_duty
from diary.models import Duty, Waker, Watch
from diary.queue_views import groups_of
from diary.steps import raise_duty
from diary.sweep import sweep
from diary.whys import explained, with_told
from pages.words import day
from referrals import duties
from team.actions import close_account, end_role, give_role
from team.enums import Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_open_update
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.telling import cram_set_aside

pytestmark = pytest.mark.django_db

HERE = "/queues/"
# A Thursday, at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
DAY = timedelta(days=1)


def signed_in(client: Client, role: Role, team: Team | None = None) -> User:
    move_time_to(NOW)
    user = an_officer(role, team)
    client.force_login(user)
    return user


@pytest.fixture
def sergeant(client: Client) -> User:
    return signed_in(client, Role.DESK_SERGEANT)


def page_of(client: Client, url: str = HERE, **asked: Any) -> str:
    answer = client.get(url, asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def rows(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'<tr role="row" id="duty-(\d+)"', page)]


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def late(team: Team | None = None, days: int = 10, **other: Any) -> Duty:
    case = cram_set_aside(a_case(team, received_at=NOW - days * DAY, **other))
    return Duty.objects.get(case=case, kind="triage")


def owned(duty: Duty, owner: User) -> Duty:
    Duty.objects.filter(pk=duty.pk).update(owner=owner)
    return duty


# --- narrowed ------------------------------------------------------------------------------------


def test_several_kinds_are_chosen(client: Client, sergeant: User) -> None:
    triage, update = late(), an_open_update(received_at=NOW)
    judge = raise_duty(duties.JUDGE, late(days=1).case, rules.UPDATE_JUDGED.due(NOW), by=User.objects.system())
    assert set(rows(page_of(client, kind=["update", "judge"]))) == {update.pk, judge.pk}
    assert triage.pk in rows(page_of(client, kind=["triage"]))
    page = page_of(client, kind=["update", "nonsense"])
    assert rows(page) == []
    assert "There is a problem" in page


def test_an_empty_kind_in_an_address_is_none(client: Client, sergeant: User) -> None:
    duty = late()
    assert rows(page_of(client, kind="")) == [duty.pk]


def test_by_level_and_by_none(client: Client, sergeant: User) -> None:
    high, none = late(), late(days=9)
    Case.objects.filter(pk=high.case_id).update(level=Level.HIGH)
    assert rows(page_of(client, level="high")) == [high.pk]
    assert rows(page_of(client, level="none")) == [none.pk]
    assert rows(page_of(client, level="medium")) == []
    assert rows(page_of(client, level="grave")) == []


def test_an_officer_has_it_by_name_or_is_in_case(client: Client, sergeant: User) -> None:
    officer, other = an_officer(Role.INVESTIGATOR), an_officer(Role.INVESTIGATOR)
    by_name, in_case = owned(late(days=12), officer), late(days=11)
    owned(late(), other)
    Case.objects.filter(pk=in_case.case_id).update(officer_in_case=officer)
    page = page_of(client, officer=officer.pk)
    assert rows(page) == [by_name.pk, in_case.pk]
    assert f'<option value="{officer.pk}" selected>{officer}</option>' in page


@pytest.mark.parametrize("wrong", ["x", "-1", "0", "9" * 30, "²"])
def test_an_officer_who_is_none_shows_nothing_and_says_so(client: Client, sergeant: User, wrong: str) -> None:
    late()
    page = page_of(client, officer=wrong)
    assert rows(page) == []
    assert "Select an officer from the list" in page


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("whose", "Choose whose duties from the list"),
        ("by", "Choose by when they are due from the list"),
        ("kind", "Choose what is to be done from the list"),
        ("level", "Select a level from the list"),
        ("began", "Choose which old logs from the list"),
    ],
)
def test_a_damaged_address_is_told_in_plain_words(client: Client, sergeant: User, name: str, sentence: str) -> None:
    page = page_of(client, **{name: "damaged"})
    assert re.findall(r'<a href="#id_\w+">(.*?)</a>', page) == [sentence]


def test_who_sees_every_team_chooses_a_team_before_an_officer(client: Client) -> None:
    signed_in(client, Role.COMMAND)
    ours, theirs = an_officer(Role.INVESTIGATOR), an_officer(Role.INVESTIGATOR, a_team("BRN"))
    duty = owned(late(), ours)
    page = page_of(client)
    assert "To choose an officer, choose a team and apply." in page
    assert 'name="officer"' not in page
    page = page_of(client, team="HGY", officer=ours.pk)
    assert rows(page) == [duty.pk]
    assert f'value="{theirs.pk}"' not in page
    assert "Select an officer from the list" in page_of(client, officer=ours.pk)


def test_my_team_s_is_for_who_works_in_one_of_several(client: Client, sergeant: User) -> None:
    assert 'value="my_team"' not in page_of(client)
    there = a_team("BRN")
    ours, theirs = late(), late(there)
    assert "There is a problem" in page_of(client, whose="my_team")
    other = an_officer(Role.DESK_SERGEANT, there)
    give_role(other, team=a_team(), role=Role.SUPERVISOR, from_on=NOW.date(), by=User.objects.system())
    client.force_login(other)
    assert set(rows(page_of(client))) == {ours.pk, theirs.pk}
    (only,) = rows(page_of(client, whose="my_team"))
    assert only == (ours.pk if "Team HGY" in page_of(client).split("cait-header__team")[1][:60] else theirs.pk)


# --- nobody's ------------------------------------------------------------------------------------


def test_nobody_s_is_what_no_person_is_there_to_do(client: Client, sergeant: User) -> None:
    has_role = late(days=20)  # the desk sergeant is signed in
    no_role = raise_duty(duties.ALLOCATION, has_role.case, rules.PHONE_CONFIRMATION.due(NOW), by=sergeant)
    stays, leaves, closed = (an_officer(Role.INSPECTOR) for _ in range(3))
    owned(late(days=13), stays)
    left, gone = owned(late(days=12), leaves), owned(late(days=11), closed)
    end_role(leaves.memberships.get(), last_day=NOW.date(), reason="Posted away", by=User.objects.system())
    close_account(closed, by=User.objects.system())
    assert set(rows(page_of(client, whose="nobodys"))) == {gone.pk, no_role.pk}
    move_time_to(NOW + DAY)
    client.force_login(sergeant)
    assert set(rows(page_of(client, whose="nobodys"))) == {left.pk, gone.pk, no_role.pk}
    an_officer(Role.SUPERVISOR, a_team("BRN"))
    assert no_role.pk in rows(page_of(client, whose="nobodys"))
    an_officer(Role.SUPERVISOR)
    assert no_role.pk not in rows(page_of(client, whose="nobodys"))
    assert "“Nobody’s”: who had it has left the team" in page_of(client)


# --- chosen --------------------------------------------------------------------------------------


def tags(page: str) -> dict[str, str]:
    found = re.findall(r'moj-filter__tag" href="([^"]*)"><span[^>]*>Remove this filter: </span>([^<]*)<', page)
    return {said: url for url, said in found}


def test_each_thing_that_is_chosen_can_be_taken_away_by_itself(client: Client, sergeant: User) -> None:
    assert tags(page_of(client)) == {}
    asked: dict[str, Any] = {
        "by": "late",
        "kind": ["triage", "update"],
        "level": "none",
        "whose": "mine",
        "officer": sergeant.pk,
    }
    page = page_of(client, **asked)
    found = tags(page)
    assert set(found) == {
        "Late",
        "Triage the referral",
        "Get the update from Social Services",
        "Level: not assessed",
        "Mine",
        str(sergeant),
    }
    assert "Filter (6 chosen)" in page
    assert 'href="/queues/">Clear all' in page
    assert "kind=update" in found["Triage the referral"]
    assert "kind=triage" not in found["Triage the referral"]
    assert "by=" not in found["Late"]
    assert set(tags(page_of(client, HERE + found["Triage the referral"]))) == set(found) - {"Triage the referral"}


def test_what_is_right_can_be_taken_away_where_another_is_wrong(client: Client, sergeant: User) -> None:
    page = page_of(client, by="late", level="grave")
    assert set(tags(page)) == {"Late"}
    assert '<details class="cait-fold" open>' in page


def test_the_access_log_names_the_filters_and_nothing_of_what_was_chosen(client: Client, sergeant: User) -> None:
    page_of(client, officer=sergeant.pk, kind=["triage"], level="high", whose="nobodys")
    assert AccessLog.objects.latest("pk").detail == {"filters": ["kind", "level", "officer", "whose"]}


# --- counted -------------------------------------------------------------------------------------


def test_each_choice_of_time_says_how_many_it_shows(client: Client, sergeant: User) -> None:
    late()
    cram_set_aside(an_open_update(received_at=NOW).case)
    page = words(page_of(client, by="late"))
    for said in ("Any time (2)", "Late (1)", "By today (1)", "Within a week (1)"):
        assert said in page


@pytest.mark.parametrize(("most", "wanted"), [(2, ["Late: 2+"]), (3, ["Late: 3", "Due later"])])
def test_where_counting_stops_no_number_is_made_up(
    client: Client, sergeant: User, monkeypatch: pytest.MonkeyPatch, most: int, wanted: list[str]
) -> None:
    for _ in range(3):
        late()
    cram_set_aside(an_open_update(received_at=NOW).case)
    found = queries.counts(Duty.objects.visible_to(sergeant), user=sergeant, now=NOW)
    monkeypatch.setattr(queries, "MOST_COUNTED", most)
    lines = queries.queue_rows(
        queries.to_show(Duty.objects.filter(state="open").order_by("late_from")), user=sergeant, today=NOW.date()
    )
    capped = queries.counts(Duty.objects.visible_to(sergeant), user=sergeant, now=NOW)
    assert (found.late, found.all) == (3, 4)
    said = [
        group.name
        if group.number is None
        else f"{group.name}: {min(group.number, most)}{'+' * (group.number > most)}"
        for group in groups_of(lines, capped, NOW)
    ]
    assert said[: len(wanted)] == wanted


# --- why -----------------------------------------------------------------------------------------


def why(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {name: words(said).strip() for name, said in found}


def test_why_says_rule_start_count_and_who_was_told(client: Client, sergeant: User) -> None:
    supervisor = an_officer(Role.SUPERVISOR)
    duty = late(days=8)  # a Wednesday: due on Thursday
    Case.objects.filter(pk=duty.case_id).update(supervisor=supervisor)
    told = why(page_of(client, why=duty.pk))
    assert told["Rule"].startswith("Triage of a referral that is not urgent: 1 working day from receipt.")
    assert "CAIT default; rule TRIAGE-OTHER" in told["Rule"]
    assert told["Started by"] == "Receipt, Wednesday 6 January 2010."
    assert told["Counted"].startswith("1 working day later it is Thursday 7 January 2010.")
    assert told["Who was told"] == "Nobody yet. When it is late: the referral desk, at the next check."
    assert "Raised" in told
    sweep(woken_by=Waker.COMMAND)
    told = why(page_of(client, why=duty.pk))
    assert told["Who was told"].startswith("That it is late: the referral desk, 14 January 2010, ")
    assert str(supervisor) in told["Who was told"]
    assert "Next: the command, at the start of 22 January 2010." in told["Who was told"]


def test_who_was_told_by_name(client: Client, sergeant: User) -> None:
    duty = late()
    give_duty(duty, to=sergeant, why="Mine", by=sergeant)
    sweep(woken_by=Waker.COMMAND)
    assert f"That it is late: {sergeant}, 14 January" in why(page_of(client, why=duty.pk))["Who was told"]


def test_of_what_an_old_log_brought_nobody_is_told(client: Client, sergeant: User) -> None:
    duty = Duty.objects.get(case=an_old_referral(decision="").case)
    assert "Nobody: it was due before the team worked with CAIT." in why(page_of(client, why=duty.pk))["Who was told"]


def test_what_could_not_be_checked_says_so(client: Client, sergeant: User) -> None:
    duty = late()
    Watch.objects.filter(duty=duty).update(set_aside_at=NOW, set_aside_why="DataError")
    assert "It could not be checked whom to tell." in why(page_of(client, why=duty.pk))["Who was told"]


def test_days_that_were_left_out_are_named(client: Client, sergeant: User) -> None:
    case = late().case
    due = rules.PHONE_CONFIRMATION.due(datetime(2009, 12, 24, 10, 0, tzinfo=LONDON))
    duty = raise_duty(duties.CONFIRMATION, case, due, by=User.objects.system())
    shown = with_told(queries.to_show(Duty.objects.filter(pk=duty.pk)), duty.pk).get()
    said = explained(shown, now=NOW).counted
    assert "Left out: Saturdays and Sundays, Fri 25 Dec 2009" in said


# --- one review for two --------------------------------------------------------------------------


def test_two_reviews_that_one_answers_say_so(client: Client, sergeant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_KINDS", dict(kinds._KINDS))
    other = kinds.register(replace(duties.SUPERVISION, code="other_review", label="Review the CRAM"))
    duty, system = late(), User.objects.system()
    both = [
        raise_duty(duties.SUPERVISION, duty.case, rules.CRAM_REVIEW.due(NOW - 40 * DAY), by=system),
        raise_duty(other, duty.case, rules.CRAM_REVIEW.due(NOW - 38 * DAY), by=system),
    ]
    alone = raise_duty(other, late().case, rules.CRAM_REVIEW.due(NOW - 38 * DAY), by=system)
    page = page_of(client)
    said = f"One review answers both, by {day(both[0].due_on)}"
    assert page.count(said) == 2
    for pk in (duty.pk, alone.pk):
        row = re.search(rf'id="duty-{pk}".*?</tr>', page, re.DOTALL)
        assert row is not None
        assert "One review" not in row[0]
