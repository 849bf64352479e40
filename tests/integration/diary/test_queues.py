"""The queues page: what is late first, whose it is, and what of the chasing does not work; and its few forms."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.events import Event
from audit.models import AccessLog, AuditEvent
from cases.enums import Partner
from cases.models import Case, Entry
from deadlines import clock, rules
from deadlines.clock import LONDON
from diary import queries
from diary.actions import approve_address, end_address, hold_chases, release_chases
from diary.chasing import ladder
from diary.models import Chase, ChaseState, Duty, DutyState, Mail, MailState, Rung, Waker
from diary.queries import Trouble
from diary.steps import raise_duty
from diary.sweep import sweep
from referrals import duties
from referrals.enums import Judgement
from team.enums import Role
from team.models import Team, User
from team.permissions import NotAllowed
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_decided_case, an_answer, an_approved_address, an_open_update, judged
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.factories.telling import cram_set_aside

pytestmark = pytest.mark.django_db

HERE = "/queues/"
ADDRESSES = "/queues/addresses/"
# A Thursday, at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.DESK_SERGEANT)


@pytest.fixture
def inspector(client: Client) -> User:
    return signed_in(client, Role.INSPECTOR)


def signed_in(client: Client, role: Role, team: Team | None = None) -> User:
    move_time_to(NOW)
    user = an_officer(role, team)
    client.force_login(user)
    return user


def page_of(client: Client, url: str = HERE, **asked: Any) -> str:
    answer = client.get(url, asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def rows(page: str) -> list[int]:
    """The duties of a page, in its order."""
    return [int(pk) for pk in re.findall(r'<tr role="row" id="duty-(\d+)"', page)]


def row(page: str, duty: Duty) -> str:
    found = re.search(rf'<tr role="row" id="duty-{duty.pk}".*?</tr>', page, re.DOTALL)
    assert found is not None
    return found[0]


def groups(page: str) -> dict[str, list[int]]:
    parts = re.split(r'class="cait-table__group">([^<]+)</th>', page)[1:]
    return {name: rows(body) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def counts(page: str) -> list[str]:
    return re.findall(r'cait-counts__n">([^<]*)<', page)


def links(page: str) -> dict[str, str]:
    """Of each count the address of its list."""
    return {words: url for url, words in re.findall(r'cait-counts__n">.*?href="([^"]*)">([^<]*)<', page)}


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def triage_of(case: Case) -> Duty:
    return Duty.objects.get(case=cram_set_aside(case), kind="triage")


def late(team: Team | None = None, days: int = 10, **other: Any) -> Duty:
    return triage_of(a_case(team, received_at=NOW - days * DAY, **other))


def due_today(**other: Any) -> Duty:
    return triage_of(a_case(received_at=NOW - DAY, **other))


def due_tomorrow(**other: Any) -> Duty:
    return triage_of(a_case(received_at=NOW - HOUR, **other))


def an_update(team: Team | None = None, **other: Any) -> Duty:
    duty = an_open_update(team, received_at=NOW - HOUR, **other)
    cram_set_aside(duty.case)
    return duty


def many(number: int) -> set[int]:
    """So many duties on one record, of which several run out in the same moment."""
    case = a_case(received_at=NOW - HOUR)
    ended = {"ended_at": NOW, "ended_by": User.objects.system(), "ended_why": "Triaged"}
    Duty.objects.filter(case=case).update(state=DutyState.SATISFIED, **ended)
    made = set()
    for subject in range(number):
        due = rules.PHONE_CONFIRMATION.due(NOW - (subject % 3) * DAY)
        made.add(raise_duty(duties.CONFIRMATION, case, due, subject=subject, by=User.objects.system()).pk)
    return made


# --- in which order, under which words -----------------------------------------------------------


def test_what_is_late_comes_first_then_what_runs_out_next(client: Client, sergeant: User) -> None:
    later, tomorrow, today, later_still = an_update(), due_tomorrow(), due_today(), an_update()
    older, newer = late(days=20), late(days=10)
    page = page_of(client)
    assert rows(page) == [duty.pk for duty in (older, newer, today, tomorrow, later, later_still)]
    assert groups(page) == {
        "Late: 2": [older.pk, newer.pk],
        "Due today: 1": [today.pk],
        "Due within a week: 1": [tomorrow.pk],
        "Due later: 2": [later.pk, later_still.pk],
    }


def test_an_urgent_one_is_late_within_the_day(client: Client, sergeant: User) -> None:
    overdue = triage_of(a_case(received_at=NOW - 2 * HOUR, urgent=True))
    soon = triage_of(a_case(received_at=NOW - HOUR / 2, urgent=True))
    assert groups(page_of(client)) == {"Late: 1": [overdue.pk], "Due today: 1": [soon.pk]}


def test_at_midnight_in_london_what_was_due_is_late(client: Client, sergeant: User) -> None:
    duty = due_today()
    move_time_to(datetime(2010, 1, 14, 23, 59, tzinfo=LONDON))
    assert groups(page_of(client)) == {"Due today: 1": [duty.pk]}
    move_time_to(datetime(2010, 1, 15, 0, 0, tzinfo=LONDON))
    assert groups(page_of(client)) == {"Late: 1": [duty.pk]}


def test_what_is_done_or_fell_away_is_not_there(client: Client, sergeant: User) -> None:
    done = cram_set_aside(a_decided_case(received_at=NOW - HOUR))
    assert Duty.objects.filter(case=done, state=DutyState.SATISFIED).count() == 3
    assert rows(page_of(client)) == []
    assert "Nothing is due." in page_of(client)


def test_a_row_says_what_of_which_children_and_by_when(client: Client, sergeant: User) -> None:
    duty = late(children=[a_child("Nia", "Vellacott")])
    told = words(row(page_of(client), duty))
    for said in (
        "Triage the referral",
        "Nia Vellacott",
        duty.case.urn,
        "5 January 2010",
        "Referral desk",
        "9 days late",
    ):
        assert said in told


def test_a_duty_of_a_kind_that_nobody_knows_is_seen_by_its_bare_code(client: Client, sergeant: User) -> None:
    duty = late()
    Duty.objects.filter(pk=duty.pk).update(kind="sing")
    assert "sing" in words(row(page_of(client), duty))


# --- narrowed ------------------------------------------------------------------------------------


def test_it_is_narrowed_by_time(client: Client, sergeant: User) -> None:
    overdue, today, tomorrow = late(), due_today(), due_tomorrow()
    an_update()
    assert rows(page_of(client, by="late")) == [overdue.pk]
    assert rows(page_of(client, by="today")) == [overdue.pk, today.pk]
    assert rows(page_of(client, by="week")) == [overdue.pk, today.pk, tomorrow.pk]


def test_within_a_week_is_up_to_the_end_of_the_seventh_day(client: Client, sergeant: User) -> None:
    duty = an_update()
    move_time_to(NOW + 6 * DAY)
    assert rows(page_of(client, by="week")) == []
    move_time_to(NOW + 7 * DAY)
    assert rows(page_of(client, by="week")) == [duty.pk]


def test_it_is_narrowed_by_kind(client: Client, sergeant: User) -> None:
    overdue, update = late(), an_update()
    assert rows(page_of(client, kind="update")) == [update.pk]
    assert rows(page_of(client, kind="triage")) == [overdue.pk]
    assert rows(page_of(client, kind="triage", by="week")) == [overdue.pk]
    assert rows(page_of(client, kind="update", by="week")) == []


def test_mine_are_those_of_my_roles_and_those_with_my_name(client: Client, sergeant: User) -> None:
    of_my_role = late()
    case, colleague = of_my_role.case, an_officer(Role.DESK_SERGEANT)
    due = rules.PHONE_CONFIRMATION.due(NOW)
    system = User.objects.system()
    by_name = raise_duty(duties.ALLOCATION, case, due, owner=sergeant, by=system)
    raise_duty(duties.ALLOCATION, case, due, cycle=1, by=system)
    raise_duty(duties.CONFIRMATION, case, due, owner=colleague, by=system)
    assert rows(page_of(client, whose="mine")) == [of_my_role.pk, by_name.pk]
    assert len(rows(page_of(client))) == 4


def test_a_role_in_one_team_makes_no_duty_of_another_team_mine() -> None:
    move_time_to(NOW)
    user = an_officer(Role.DESK_SERGEANT)
    ours, theirs = late(), late(a_team("BRN"))
    still = Duty.objects.filter(state=DutyState.OPEN)
    assert set(still.filter(queries.mine(user))) == {ours}
    assert set(still.filter(queries.mine(an_officer(Role.DESK_SERGEANT, theirs.team)))) == {theirs}


def test_on_my_records_are_those_of_the_officer_in_case_and_the_supervisor(client: Client, sergeant: User) -> None:
    mine, supervised = late(days=20), late(days=10)
    late(days=15)
    Case.objects.filter(pk=mine.case_id).update(officer_in_case=sergeant)
    Case.objects.filter(pk=supervised.case_id).update(supervisor=sergeant)
    assert rows(page_of(client, whose="my_records")) == [mine.pk, supervised.pk]


def test_an_unknown_filter_shows_nothing_and_says_so(client: Client, sergeant: User) -> None:
    late()
    page = page_of(client, whose="everybody")
    assert rows(page) == []
    assert "Nothing is shown until what is marked in the filter is put right." in page


def test_when_nothing_fits_the_page_says_what_to_do(client: Client, sergeant: User) -> None:
    an_update()
    assert "Nothing fits what you chose." in page_of(client, by="late")


# --- counted -------------------------------------------------------------------------------------


def test_the_counts_are_of_what_is_late_due_today_and_within_a_week(client: Client, sergeant: User) -> None:
    for _ in range(3):
        late()
    due_today()
    due_tomorrow()
    an_update()
    assert counts(page_of(client)) == ["3", "4", "5"]


def test_the_counts_keep_the_other_filters_and_not_that_of_time(client: Client, sergeant: User) -> None:
    late()
    due_today()
    an_update()
    page = page_of(client, kind="triage", by="late")
    assert counts(page) == ["1", "2", "2"]
    assert rows(page_of(client, HERE + links(page)["late or due today"])) == rows(page_of(client, kind="triage"))


@pytest.mark.parametrize(
    ("name", "number"), [("late", 2), ("late or due today", 3), ("late or due within a week", 4)]
)
def test_a_count_leads_to_as_many_rows(client: Client, sergeant: User, name: str, number: int) -> None:
    late()
    late()
    due_today()
    due_tomorrow()
    an_update()
    assert len(rows(page_of(client, HERE + links(page_of(client))[name]))) == number


def test_a_count_stops_where_nobody_reads_it_any_more(
    client: Client, sergeant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(4)
    monkeypatch.setattr(queries, "MOST_COUNTED", 2)
    found = queries.counts(Duty.objects.visible_to(sergeant), user=sergeant, now=NOW)
    assert (found.week, found.all) == (3, 3)


# --- page by page --------------------------------------------------------------------------------


def test_read_to_the_end_each_row_is_there_once_and_in_order(client: Client, sergeant: User) -> None:
    made = many(120)
    url, seen, pages = HERE, [], 0
    while url:
        page = page_of(client, url)
        seen += rows(page)
        pages += 1
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = HERE + following[1] if following else ""
    assert (pages, len(seen), set(seen)) == (3, 120, made)
    in_order = Duty.objects.filter(pk__in=made).order_by("late_from", "pk").values_list("pk", flat=True)
    assert seen == list(in_order)


def test_the_filters_are_kept_from_page_to_page(client: Client, sergeant: User) -> None:
    made = many(60)
    late()
    page = page_of(client, kind="confirmation")
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following is not None
    assert {*rows(page), *rows(page_of(client, HERE + following[1]))} == made


def test_a_damaged_address_of_a_page_is_refused(client: Client, sergeant: User) -> None:
    assert client.get(HERE, {"after": "nonsense"}).status_code == 400


def test_questions_to_the_database_do_not_grow_with_the_rows(client: Client, sergeant: User) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(client)
        return len(asked)

    an_approved_address()
    made = [an_update() for _ in range(2)] + [late() for _ in range(3)]
    Case.objects.filter(pk=made[0].case_id).update(officer_in_case=sergeant)
    ask()
    few = ask()
    for number in range(20):
        duty = an_update() if number % 2 else late()
        Case.objects.filter(pk=duty.case_id).update(officer_in_case=an_officer(Role.INVESTIGATOR))
        Duty.objects.filter(pk=duty.pk).update(owner=an_officer(Role.INVESTIGATOR))
    assert len(rows(page_of(client))) == 25
    assert ask() == few


# --- why this date -------------------------------------------------------------------------------


def test_the_reason_for_a_date_opens_below_its_row(client: Client, sergeant: User) -> None:
    duty, other = late(), late()
    assert "<b>Why " not in page_of(client)
    page = page_of(client, why=duty.pk)
    assert f'id="why-{duty.pk}"' in page
    assert f'id="why-{other.pk}"' not in page
    assert "<b>Why 5 January 2010?</b>" in page


def test_the_link_to_the_reason_keeps_the_filters(client: Client) -> None:
    user = signed_in(client, Role.INVESTIGATOR)  # who gives nothing away has nothing to lose
    duty = late()
    Duty.objects.filter(pk=duty.pk).update(owner=user)
    page = page_of(client, by="late", whose="mine")
    assert f'href="?by=late&whose=mine&why={duty.pk}#duty-{duty.pk}"' in page
    opened = page_of(client, by="late", whose="mine", why=duty.pk)
    assert f'href="?by=late&whose=mine#duty-{duty.pk}"' in opened


@pytest.mark.parametrize("why", ["", "x", "-1", "²", "9" * 40, "0"])
def test_a_reason_of_nothing_opens_nothing(client: Client, sergeant: User, why: str) -> None:
    late()
    assert 'id="why-' not in page_of(client, why=why)


# --- who sees what, and may do what --------------------------------------------------------------


def test_another_team_s_duties_are_not_there(client: Client, sergeant: User) -> None:
    ours = late()
    theirs = late(a_team("BRN"), children=[a_child("Nia", "Vellacott")])
    page = page_of(client, why=theirs.pk)
    assert rows(page) == [ours.pk]
    assert "Vellacott" not in page
    assert theirs.case.number not in page
    assert counts(page) == ["1", "1", "1"]


def test_who_sees_several_teams_reads_of_which_each_row_is(client: Client) -> None:
    signed_in(client, Role.COMMAND)
    ours, theirs = late(), late(a_team("BRN"))
    page = page_of(client)
    assert set(rows(page)) == {ours.pk, theirs.pk}
    assert str(theirs.team) in row(page, theirs)


def test_who_may_see_no_records_sees_no_queue(client: Client) -> None:
    signed_in(client, Role.ADMINISTRATOR)
    assert client.get(HERE).status_code == 403


def test_the_link_that_does_it_is_for_those_who_may(client: Client, sergeant: User) -> None:
    duty = late()
    link = f'href="{reverse("referrals:triage", args=[duty.case.number])}"'
    assert link in row(page_of(client), duty)
    signed_in(client, Role.INVESTIGATOR)
    assert link not in row(page_of(client), duty)


def test_the_command_sees_every_team_and_does_nothing_there(client: Client) -> None:
    signed_in(client, Role.COMMAND)
    duty = late()
    assert "/triage/" not in row(page_of(client), duty)


def test_every_look_stands_in_the_access_log(client: Client, sergeant: User) -> None:
    page_of(client)
    page_of(client, by="late", kind="triage")
    first, second = AccessLog.objects.filter(object_type="diary.duty").order_by("pk")
    assert (first.by_id, first.how, first.team_id, first.object_id) == (sergeant.pk, "page", a_team().pk, None)
    assert [look.detail for look in (first, second)] == [{"filters": []}, {"filters": ["by", "kind"]}]


def test_the_page_only_answers_questions(client: Client, sergeant: User) -> None:
    assert client.post(HERE).status_code == 405


# --- how far the chasing has come ----------------------------------------------------------------


def progress(client: Client, duty: Duty) -> str:
    found = re.search(r'rowheader">[^<]*<span class="cait-sub">([^<]*)<', row(page_of(client), duty))
    return found[1] if found else ""


def test_a_row_says_how_far_the_chasing_has_come(client: Client, sergeant: User) -> None:
    duty = an_update()
    assert progress(client, duty) == "Not sent: no address is approved"
    an_approved_address()
    sweep(woken_by=Waker.COMMAND)
    assert progress(client, duty) == "Request is being sent"
    for day, said in ((0, "Asked"), (14, "Chased once"), (21, "Chased 2 times")):
        move_time_to(NOW + day * DAY)
        sweep(woken_by=Waker.COMMAND)
        Mail.objects.filter(state=MailState.QUEUED).update(state=MailState.SENT, sent_at=NOW + day * DAY)
        assert progress(client, duty) == said


def test_a_row_says_what_stands_in_the_way_of_chasing(client: Client, sergeant: User) -> None:
    an_approved_address()
    held, answered, set_aside = an_update(), an_update(), an_update()
    hold_chases(held, why="He is their manager", by=sergeant)
    an_answer(answered.case)
    Chase.objects.filter(duty=set_aside).update(state=ChaseState.SET_ASIDE, set_aside_at=NOW)
    assert progress(client, held) == "Emails held back"
    assert progress(client, answered) == "Answered, to be judged"
    assert progress(client, set_aside).startswith("Could not be checked")


# --- what does not work --------------------------------------------------------------------------

TROUBLE = "What does not work just now"


def trouble() -> Trouble:
    """What of Haringey's chasing does not work."""
    return queries.trouble([a_team()], now=clock.now())


def test_where_everything_works_no_trouble_is_spoken_of(client: Client, sergeant: User) -> None:
    an_approved_address()
    an_update()
    assert TROUBLE not in page_of(client)


def test_an_email_without_an_address_is_told_of(client: Client, sergeant: User) -> None:
    an_update()
    said = words(page_of(client))
    assert TROUBLE in said
    assert "1 email has no approved address to go to." in said
    an_update()
    assert "2 emails have no approved address to go to." in words(page_of(client))


def test_what_is_held_back_or_answered_needs_no_address(client: Client, sergeant: User) -> None:
    hold_chases(an_update(), why="He is their manager", by=sergeant)
    an_answer(an_update().case)
    judged(an_answer(an_update().case))
    assert TROUBLE not in page_of(client)


@pytest.mark.parametrize("tries", [0, 3], ids=["never tried", "tried"])
def test_an_email_that_has_not_gone_for_a_while_is_told_of(client: Client, sergeant: User, tries: int) -> None:
    an_approved_address()
    duty = an_update()
    Mail.objects.filter(step__duty=duty).update(tries=tries, written_at=NOW)
    move_time_to(NOW + timedelta(minutes=14))
    assert TROUBLE not in page_of(client)
    move_time_to(NOW + timedelta(minutes=15))
    assert "1 email has not gone for a while." in words(page_of(client))
    Mail.objects.filter(step__duty=duty).update(state=MailState.SENT, sent_at=NOW)
    assert TROUBLE not in page_of(client)


def test_while_nothing_sends_the_outbox_that_is_told_of_though_the_sweep_runs(client: Client, sergeant: User) -> None:
    an_approved_address()
    for _ in range(2):
        an_update()
    for minutes in range(1, 17, 5):
        move_time_to(NOW + timedelta(minutes=minutes))
        sweep(woken_by=Waker.BEAT)
    assert set(Mail.objects.values_list("state", "tries")) == {(MailState.QUEUED, 0)}
    assert trouble() == Trouble(set_aside=0, delayed=2, no_address=0)
    assert "2 emails have not gone for a while." in words(page_of(client))


def test_what_may_not_go_is_not_delayed(client: Client, sergeant: User) -> None:
    an_approved_address()
    held, answered, withdrawn, free = (an_update() for _ in range(4))
    hold_chases(held, why="He is their manager", by=sergeant)
    answer = an_answer(answered.case)
    judged(an_answer(withdrawn.case))
    move_time_to(NOW + HOUR)
    assert trouble() == Trouble(set_aside=0, delayed=1, no_address=0)
    Mail.objects.filter(step__duty=free).update(state=MailState.SENT, sent_at=NOW)
    assert TROUBLE not in page_of(client)
    judged(answer, Judgement.NO_ANSWER)
    assert trouble() == Trouble(set_aside=0, delayed=1, no_address=0)


def test_what_is_written_to_an_address_that_was_ended_lacks_one_only_where_there_is_no_other(
    client: Client, sergeant: User
) -> None:
    first, second = an_approved_address(), an_approved_address(number=2)
    an_update()
    move_time_to(NOW + 15 * DAY)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(NOW + 15 * DAY + HOUR)
    end_address(second, by=User.objects.system())
    assert trouble() == Trouble(set_aside=0, delayed=1, no_address=0)
    end_address(first, by=User.objects.system())
    assert trouble() == Trouble(set_aside=0, delayed=0, no_address=1)
    assert "1 email has no approved address to go to." in words(page_of(client))
    an_approved_address(address="new@borough.example")
    assert trouble() == Trouble(set_aside=0, delayed=1, no_address=0)


def test_with_an_address_approved_nothing_lacks_one_though_it_is_not_written_yet(
    client: Client, sergeant: User
) -> None:
    an_update()
    assert trouble() == Trouble(set_aside=0, delayed=0, no_address=1)
    an_approved_address(a_team("BRN"))
    assert trouble() == Trouble(set_aside=0, delayed=0, no_address=1)
    an_approved_address()
    assert trouble() == Trouble(set_aside=0, delayed=0, no_address=0)
    assert TROUBLE not in page_of(client)


def test_a_chase_that_could_not_be_checked_is_told_of(client: Client, sergeant: User) -> None:
    an_approved_address()
    duty = an_update()
    Chase.objects.filter(duty=duty).update(state=ChaseState.SET_ASIDE, set_aside_at=NOW)
    assert "1 update could not be checked for chases." in words(page_of(client))


def test_the_trouble_of_another_team_is_not_ours(client: Client, sergeant: User) -> None:
    an_update(a_team("BRN"))
    assert TROUBLE not in page_of(client)


def test_trouble_is_told_to_whoever_can_do_something_about_it(client: Client) -> None:
    signed_in(client, Role.INVESTIGATOR)
    an_update()
    assert TROUBLE not in page_of(client)


# --- addresses -----------------------------------------------------------------------------------


def as_typed(number: Any = 1, **other: Any) -> dict[str, Any]:
    return {
        "team": a_team().pk,
        "number": number,
        "to_whom": "Team manager, First Response",
        "address": "first.response@borough.example",
        "seen": seen_now(),
        **other,
    }


def seen_now() -> int:
    """What a form that is opened now has seen: the newest address on the ladder."""
    return max((rung.pk for rung in ladder(a_team(), Partner.SOCIAL_SERVICES)), default=0)


def seen_on(page: str) -> str:
    found = re.search(r'<input type="hidden" name="seen" value="(\d+)"', page)
    assert found is not None
    return found[1]


def on_the_ladder(team: Team | None = None) -> list[tuple[int, str]]:
    return [(rung.number, rung.address) for rung in ladder(team or a_team(), Partner.SOCIAL_SERVICES)]


def test_the_inspector_approves_an_address(client: Client, inspector: User) -> None:
    answer = client.post(ADDRESSES, as_typed())
    assert (answer.status_code, answer["Location"]) == (302, ADDRESSES)
    rung = Rung.objects.get()
    assert (rung.number, rung.address, rung.approved_by, rung.team) == (
        1,
        "first.response@borough.example",
        inspector,
        a_team(),
    )
    event = AuditEvent.objects.get(event=Event.ADDRESS_APPROVED)
    assert (event.by_id, event.object_id, event.detail) == (inspector.pk, rung.pk, {"step": 1})
    assert "first.response@borough.example is approved for step 1." in page_of(client, ADDRESSES)


def test_the_form_remembers_which_addresses_it_was_opened_on(client: Client, inspector: User) -> None:
    assert seen_on(page_of(client, ADDRESSES)) == "0"
    first = an_approved_address()
    an_approved_address(number=2)
    newest = an_approved_address(address="new@borough.example")
    assert first.pk < newest.pk
    assert seen_on(page_of(client, ADDRESSES)) == str(newest.pk) == str(seen_now())


@pytest.mark.parametrize("seen", ["", "x", None], ids=["empty", "damaged", "missing"])
def test_a_form_that_does_not_say_what_it_has_seen_approves_nothing(
    client: Client, inspector: User, seen: str | None
) -> None:
    typed = as_typed(seen=seen)
    answer = client.post(ADDRESSES, {name: value for name, value in typed.items() if value is not None})
    assert answer.status_code == 200
    assert 'value="first.response@borough.example"' in unescape(answer.content.decode())
    assert on_the_ladder() == []


def test_the_second_who_approves_reads_what_the_first_approved_and_may_send_it_again(
    client: Client, inspector: User
) -> None:
    first, other = an_approved_address(), an_officer(Role.INSPECTOR, name="Tull")
    seen = seen_on(page_of(client, ADDRESSES))
    assert seen == str(first.pk)
    theirs = approve_address(
        a_team(),
        partner=Partner.SOCIAL_SERVICES,
        number=1,
        to_whom="Duty manager",
        address="duty@borough.example",
        seen=first.pk,
        by=other,
    )
    answer = client.post(ADDRESSES, as_typed(seen=seen))
    assert answer.status_code == 200
    page = unescape(answer.content.decode())
    assert (
        f"{other} approved duty@borough.example for step 1 on 14 January 2010, midday, while you had this open. "
        "If yours is to take its place, send it again."
    ) in page
    assert 'value="first.response@borough.example"' in page
    assert 'value="Team manager, First Response"' in page
    assert on_the_ladder() == [(1, "duty@borough.example")]
    assert seen_on(page) == str(theirs.pk)
    assert client.post(ADDRESSES, as_typed(seen=seen_on(page))).status_code == 302
    assert on_the_ladder() == [(1, "first.response@borough.example")]


def test_what_was_approved_on_another_step_meanwhile_is_in_nobody_s_way(client: Client, inspector: User) -> None:
    an_approved_address()
    seen = seen_on(page_of(client, ADDRESSES))
    an_approved_address(number=2)
    assert client.post(ADDRESSES, as_typed(1, seen=seen)).status_code == 302
    assert on_the_ladder() == [(1, "first.response@borough.example"), (2, "step2@borough.example")]


def test_on_a_step_that_was_empty_when_the_form_was_opened_the_second_is_told_too(
    client: Client, inspector: User
) -> None:
    seen = seen_on(page_of(client, ADDRESSES))
    an_approved_address()
    page = unescape(client.post(ADDRESSES, as_typed(1, seen=seen)).content.decode())
    assert "CAIT approved step1@borough.example for step 1 on 14 January 2010, midday, while you had this" in page
    assert on_the_ladder() == [(1, "step1@borough.example")]


def test_what_is_approved_already_is_not_approved_again(client: Client, inspector: User) -> None:
    assert client.post(ADDRESSES, as_typed()).status_code == 302
    for seen in (0, seen_now()):
        page = unescape(client.post(ADDRESSES, as_typed(seen=seen)).content.decode())
        assert f"{inspector} approved this on 14 January 2010, midday." in page
    assert Rung.objects.count() == 1
    assert AuditEvent.objects.filter(event=Event.ADDRESS_APPROVED).count() == 1


def test_another_who_reads_the_same_address_is_approved(client: Client, inspector: User) -> None:
    client.post(ADDRESSES, as_typed())
    assert client.post(ADDRESSES, as_typed(to_whom="Her successor")).status_code == 302
    assert [rung.to_whom for rung in ladder(a_team(), Partner.SOCIAL_SERVICES)] == ["Her successor"]
    assert Rung.objects.count() == 2


@pytest.mark.parametrize("number", [1, 3], ids=["on a step that has one", "above"])
@pytest.mark.parametrize("address", ["step2@borough.example", "STEP2@Borough.Example"])
def test_one_address_stands_on_one_step(client: Client, inspector: User, number: int, address: str) -> None:
    for step in (1, 2):
        an_approved_address(number=step)
    page = unescape(client.post(ADDRESSES, as_typed(number, address=address)).content.decode())
    beside = re.search(r'id="id_address[-_]error"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert beside is not None
    assert "This address stands on step 2. Enter another" in words(beside[1])
    assert on_the_ladder() == [(1, "step1@borough.example"), (2, "step2@borough.example")]


def test_an_address_that_was_ended_or_is_another_team_s_may_stand_on_any_step(
    client: Client, inspector: User
) -> None:
    an_approved_address()
    end_address(an_approved_address(number=2), by=inspector)
    an_approved_address(a_team("BRN"), address="theirs@borough.example")
    for number, address in ((2, "step2@borough.example"), (1, "theirs@borough.example")):
        assert client.post(ADDRESSES, as_typed(number, address=address)).status_code == 302
    assert on_the_ladder() == [(1, "theirs@borough.example"), (2, "step2@borough.example")]


def test_the_form_offers_the_next_step(client: Client, inspector: User) -> None:
    for number in (1, 2):
        assert re.search(rf'name="number" value="{number}"', page_of(client, ADDRESSES))
        an_approved_address(number=number)


def test_a_new_address_takes_the_place_of_the_old_on_its_step(client: Client, inspector: User) -> None:
    old = an_approved_address()
    an_approved_address(number=2)
    client.post(ADDRESSES, as_typed())
    assert on_the_ladder() == [(1, "first.response@borough.example"), (2, "step2@borough.example")]
    old.refresh_from_db()
    assert old.ended_by == inspector
    assert old.address == "step1@borough.example"


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        (
            {"address": "nonsense"},
            "address",
            "Enter an email address of plain letters and figures, like duty.desk@borough.example",
        ),
        ({"address": ""}, "address", "Enter the email address"),
        (
            {"address": "a@borough.example\nBcc: b@borough.example"},
            "address",
            "Enter an email address of plain letters and figures, like duty.desk@borough.example",
        ),
        ({"to_whom": ""}, "to_whom", "Enter who reads it"),
        ({"to_whom": "x" * 121}, "to_whom", "must be 120 characters or fewer"),
        ({"number": ""}, "number", "Enter the step"),
        ({"number": "0"}, "number", "Step must be 1 or more"),
        ({"number": "3"}, "number", "Step 2 has no address yet. Approve that first"),
        ({"number": "99999999999999999999"}, "number", "Step 2 has no address yet. Approve that first"),
    ],
)
def test_what_is_refused_is_said_beside_its_field_and_what_was_typed_is_kept(
    client: Client, inspector: User, typed: dict[str, Any], field: str, said: str
) -> None:
    an_approved_address()
    answer = client.post(ADDRESSES, as_typed(**{"number": "2", **typed}))
    assert answer.status_code == 200
    page = unescape(answer.content.decode())
    beside = re.search(rf'id="id_{field}[-_]error"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert beside is not None
    assert said in words(beside[1])
    kept = {"to_whom": "Team manager, First Response", "address": "first.response@borough.example", **typed}
    for name in {"to_whom", "address"} - {field}:
        assert f'value="{kept[name]}"' in page
    assert on_the_ladder() == [(1, "step1@borough.example")]


def test_a_ladder_has_an_end(client: Client, inspector: User) -> None:
    for number in range(1, 7):
        an_approved_address(number=number)
    page = client.post(ADDRESSES, as_typed(7)).content.decode()
    assert "A ladder has at most 6 steps" in page
    assert len(on_the_ladder()) == 6


@pytest.mark.parametrize("role", [Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INVESTIGATOR, Role.COMMAND])
def test_others_read_the_addresses_and_approve_none(client: Client, role: Role) -> None:
    signed_in(client, role)
    an_approved_address()
    page = client.get(ADDRESSES)
    assert page.status_code == 200
    assert '<form method="post" class="cait-fields"' not in page.content.decode()
    assert client.post(ADDRESSES, as_typed()).status_code == 403
    assert on_the_ladder() == [(1, "step1@borough.example")]


def test_an_inspector_approves_none_for_another_team(client: Client, inspector: User) -> None:
    there = a_team("BRN")
    answer = client.post(ADDRESSES, as_typed(team=there.pk))
    assert answer.status_code == 200
    assert on_the_ladder(there) == on_the_ladder() == []
    with pytest.raises(NotAllowed):
        approve_address(
            there,
            partner=Partner.SOCIAL_SERVICES,
            number=1,
            to_whom="Manager",
            address="manager@borough.example",
            by=inspector,
        )


def test_only_the_highest_address_is_ended(client: Client, inspector: User) -> None:
    first, second = an_approved_address(), an_approved_address(number=2)
    page = page_of(client, ADDRESSES)
    assert reverse("diary:end_address", args=[second.pk]) in page
    assert reverse("diary:end_address", args=[first.pk]) not in page
    there = reverse("diary:end_address", args=[first.pk])
    assert "Step 1 is not the highest." in page_of(client, there)
    assert "Step 1 is not the highest." in client.post(there, {"sent": "yes"}).content.decode()
    assert len(on_the_ladder()) == 2
    answer = client.post(reverse("diary:end_address", args=[second.pk]), {"sent": "yes"})
    assert answer.status_code == 302
    assert on_the_ladder() == [(1, "step1@borough.example")]
    assert AuditEvent.objects.get(event=Event.ADDRESS_ENDED).by_id == inspector.pk


def test_an_address_is_ended_once(client: Client, inspector: User) -> None:
    rung = an_approved_address()
    end_address(rung, by=inspector)
    there = reverse("diary:end_address", args=[rung.pk])
    assert f"{inspector} ended this address on 14 January 2010" in page_of(client, there)
    client.post(there, {"sent": "yes"})
    assert AuditEvent.objects.filter(event=Event.ADDRESS_ENDED).count() == 1


def test_an_address_of_another_team_is_not_found(client: Client, inspector: User) -> None:
    rung = an_approved_address(a_team("BRN"))
    there = reverse("diary:end_address", args=[rung.pk])
    assert client.get(there).status_code == client.post(there, {"sent": "yes"}).status_code == 404
    rung.refresh_from_db()
    assert rung.ended_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_on_one_step_at_once_one_address_stands() -> None:
    team, inspectors = a_team(), [an_officer(Role.INSPECTOR) for _ in range(4)]

    def approve(by: User) -> int:
        try:
            address = f"{by.username}@borough.example"
            partner = Partner.SOCIAL_SERVICES
            return approve_address(team, partner=partner, number=1, to_whom="Manager", address=address, by=by).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(approve, inspectors))
    assert len(made) == Rung.objects.count() == 4
    assert len(on_the_ladder()) == 1


def test_others_end_no_address(client: Client, sergeant: User) -> None:
    rung = an_approved_address()
    assert client.post(reverse("diary:end_address", args=[rung.pk]), {"sent": "yes"}).status_code == 403
    assert len(on_the_ladder()) == 1


# --- held back and let go ------------------------------------------------------------------------


def door(duty: Duty, name: str, number: str = "") -> str:
    return reverse(f"diary:{name}", args=[number or duty.case.number, duty.pk])


def test_a_sergeant_holds_emails_back_and_lets_them_go(client: Client, sergeant: User) -> None:
    duty = an_update()
    answer = client.post(door(duty, "hold_chases"), {"why": "He is their manager"})
    there = reverse("referrals:social_services", args=[duty.case.number])
    assert (answer.status_code, answer["Location"]) == (302, there)
    duty.refresh_from_db()
    assert (duty.held_by, duty.held_why) == (sergeant, "He is their manager")
    page = page_of(client, there)
    assert ">Send emails again</a>" in page
    assert "No email goes to Social Services about this any more." in page
    page = page_of(client, door(duty, "release_chases"))
    assert "“He is their manager”" in page
    assert '<h1 class="govuk-heading-l cait-h1">Send emails to Social Services again</h1>' in page
    assert "<title>Send emails again: " in page
    assert ">Send them again</button>" in page
    assert client.post(door(duty, "release_chases"), {"why": "Another has taken over"}).status_code == 302
    page = page_of(client, there)
    assert "Emails to Social Services are sent again." in page
    assert ">Hold the emails back</a>" in page
    duty.refresh_from_db()
    assert (duty.held_at, duty.held_by, duty.held_why) == (None, None, "")
    events = AuditEvent.objects.filter(object_type="diary.duty", object_id=duty.pk).order_by("pk")
    assert [event.event for event in events] == [Event.CHASES_HELD, Event.CHASES_RELEASED]
    titles = Entry.objects.filter(case=duty.case, title__startswith="Emails to").order_by("pk")
    assert [entry.title for entry in titles] == [
        "Emails to Social Services held back",
        "Emails to Social Services are sent again",
    ]


@pytest.mark.parametrize(
    ("why", "said"),
    [("", "Say why"), ("   ", "Say why"), ("x" * 301, "must be 300 characters or fewer")],
    ids=["nothing", "blanks", "too long"],
)
def test_nothing_is_held_back_without_a_reason(client: Client, sergeant: User, why: str, said: str) -> None:
    duty = an_update()
    answer = client.post(door(duty, "hold_chases"), {"why": why})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    duty.refresh_from_db()
    assert duty.held_at is None


def test_nothing_is_let_go_without_a_reason(client: Client, sergeant: User) -> None:
    duty = an_update()
    hold_chases(duty, why="He is their manager", by=sergeant)
    assert "Say why" in client.post(door(duty, "release_chases"), {"why": " "}).content.decode()
    duty.refresh_from_db()
    assert duty.held_at is not None


def test_the_second_who_holds_them_back_reads_who_did_it_and_why(client: Client, sergeant: User) -> None:
    duty, first = an_update(), an_officer(Role.SUPERVISOR)
    hold_chases(duty, why="He is their manager", by=first)
    for answer in (client.get(door(duty, "hold_chases")), client.post(door(duty, "hold_chases"), {"why": "Mine"})):
        page = unescape(answer.content.decode())
        assert f"{first} held the emails back on 14 January 2010, midday, because: “He is their manager”" in page
    duty.refresh_from_db()
    assert duty.held_why == "He is their manager"


def test_what_is_not_held_back_is_not_let_go(client: Client, sergeant: User) -> None:
    duty = an_update()
    assert "The emails are not held back." in page_of(client, door(duty, "release_chases"))
    answer = client.post(door(duty, "release_chases"), {"why": "Another has taken over"})
    assert "The emails are not held back." in answer.content.decode()
    assert not AuditEvent.objects.filter(event=Event.CHASES_RELEASED).exists()


def test_the_second_who_lets_them_go_reads_who_did(client: Client, sergeant: User) -> None:
    duty, first = an_update(), an_officer(Role.SUPERVISOR)
    hold_chases(duty, why="He is their manager", by=sergeant)
    move_time_to(NOW + HOUR)
    release_chases(duty, why="Another has taken over", by=first)
    move_time_to(NOW + 2 * HOUR)
    typed = {"why": "What I typed and must not lose"}
    for answer in (client.get(door(duty, "release_chases")), client.post(door(duty, "release_chases"), typed)):
        assert f"{first} let the emails be sent again on 14 January 2010, 1pm." in unescape(answer.content.decode())
    assert typed["why"] in answer.content.decode()
    assert AuditEvent.objects.filter(event=Event.CHASES_RELEASED).count() == 1


def test_who_lets_them_go_reads_to_whom_the_next_one_goes(client: Client, sergeant: User) -> None:
    for number in (1, 2):
        an_approved_address(number=number)
    duty = an_update()
    hold_chases(duty, why="He is their manager", by=sergeant)
    assert "to <b>Manager 1</b>, step1@borough.example" in page_of(client, door(duty, "release_chases"))
    move_time_to(NOW + 22 * DAY)
    client.force_login(sergeant)
    assert "to <b>Manager 2</b>, step2@borough.example" in page_of(client, door(duty, "release_chases"))
    client.post(door(duty, "release_chases"), {"why": "Another has taken over"})
    mail = Mail.objects.get(step__duty=duty, state=MailState.QUEUED)
    assert (mail.step.number, mail.address) == (2, "step2@borough.example")


def test_what_has_ended_is_not_held_back(client: Client, sergeant: User) -> None:
    duty = an_update()
    judged(an_answer(duty.case))
    answer = client.post(door(duty, "hold_chases"), {"why": "He is their manager"})
    assert "CAIT ended this on 14 January 2010, midday: Answered" in answer.content.decode()
    duty.refresh_from_db()
    assert duty.held_at is None


def test_what_no_partner_is_written_to_about_is_not_held_back(client: Client, sergeant: User) -> None:
    duty = late()
    answer = client.post(door(duty, "hold_chases"), {"why": "He is their manager"})
    assert "there is nothing to hold back" in answer.content.decode()


def test_a_worker_holds_nothing_back(client: Client) -> None:
    signed_in(client, Role.INVESTIGATOR)
    duty = an_update()
    for name in ("hold_chases", "release_chases"):
        assert client.get(door(duty, name)).status_code == 403
        assert client.post(door(duty, name), {"why": "He is their manager"}).status_code == 403
    duty.refresh_from_db()
    assert duty.held_at is None


def test_a_duty_of_another_team_or_of_another_record_is_not_found(client: Client, sergeant: User) -> None:
    theirs, ours, other = an_update(a_team("BRN")), an_update(), late()
    assert client.post(door(theirs, "hold_chases"), {"why": "Mine"}).status_code == 404
    wrong = door(ours, "hold_chases", other.case.number)
    assert client.post(wrong, {"why": "Mine"}).status_code == 404
    assert not Duty.objects.exclude(held_at=None).exists()
    assert not AccessLog.objects.filter(case_id=theirs.case_id).exists()


def test_a_look_at_the_form_is_a_look_at_the_record(client: Client, sergeant: User) -> None:
    duty = an_update()
    page_of(client, door(duty, "hold_chases"))
    look = AccessLog.objects.get(case_id=duty.case_id)
    assert (look.by_id, look.detail) == (sergeant.pk, {"page": "diary:hold_chases"})
