"""The supervision of an investigation: when it is due, what ends it, who does it, how it is refused."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from cases.actions import add_action, agree_closure, ask_closure, assign_case, reopen_case
from cases.closure import in_the_way
from cases.enums import Court, Kind
from cases.models import Case
from deadlines import clock
from deadlines.clock import LONDON
from diary.models import Duty, DutyState, Watch
from diary.queries import ends_with_the_record
from pages.words import day, moment
from referrals.actions import supervise
from referrals.enums import DecisionKind, Judgement
from referrals.models import Supervision
from team.actions import withdraw_role
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import NotAllowed
from tests.factories.assessing import assessed
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_decided_case,
    a_decision,
    a_triaged_case,
    an_answer,
    an_investigation,
    as_supervised,
    judged,
)
from tests.factories.team import an_officer
from tests.factories.telling import cram_set_aside
from tests.factories.trying import Wrong, tried
from tests.integration.api.asking import Program
from tests.shared import own

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Clocks go forward on 29 March 2009; this chain lies in winter.
MONDAY = datetime(2009, 11, 2, 9, 30, tzinfo=LONDON)
TYPED = "What I typed and must not lose"


def by_cait() -> User:
    return User.objects.system()


def a_supervisor(**other: Any) -> User:
    return an_officer(Role.SUPERVISOR, **other)


def a_review(case: Case, by: User | None = None, **other: Any) -> Supervision:
    return supervise(case, **as_supervised(**other), by=by or a_supervisor())


def assign(case: Case, officer: User | None, supervisor: User | None = None) -> Case:
    return assign_case(case, officer_in_case=officer, supervisor=supervisor, by=by_cait())


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        act()
    return " ".join(refused.value.messages)


def beside(act: Callable[[], Any]) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        act()
    return sorted(refused.value.message_dict)


def duties_of(case: Case) -> list[str]:
    """The states of its supervisions, in the order in which they were raised."""
    return list(Duty.objects.filter(case=case, kind="supervision").order_by("cycle").values_list("state", flat=True))


def the_duty(case: Case) -> Duty:
    """The one that is open."""
    return Duty.objects.get(case=case, kind="supervision", state=DutyState.OPEN)


def last_duty(case: Case) -> Duty:
    return Duty.objects.filter(case=case, kind="supervision").latest("cycle")


def rule_of(case: Case) -> str:
    return the_duty(case).reckoned.why.rule


def close(case: Case) -> None:
    by = an_officer(Role.INSPECTOR)
    assessed(case)
    agree_closure(ask_closure(case, outcome="Nobody was hurt", court=Court.NONE, by=by_cait()), by=by)


# --- when it is due ------------------------------------------------------------------------------


def test_the_whole_chain_twenty_four_hours_seven_days_then_every_twenty_eight() -> None:
    move_time_to(MONDAY)
    case, by = an_investigation(), a_supervisor()
    first = the_duty(case)
    allocated = first.reckoned.why.started
    assert isinstance(allocated, datetime)
    assert timedelta() <= allocated - MONDAY < MINUTE
    assert (first.due_at, first.late_from, first.due_on) == (allocated + DAY, allocated + DAY, date(2009, 11, 3))
    assert (first.owner, first.owner_role, first.cycle) == (None, Role.SUPERVISOR, 0)
    assert "24 hours from Mon 2 Nov 2009, 9:30am (allocation)" in first.reckoned.why.sentence()
    due = [date(2009, 11, 10), date(2009, 12, 9), date(2010, 1, 7), date(2010, 2, 4)]
    held = [MONDAY + days * DAY for days in (1, 9, 38, 66)]
    rules = ["SUPERVISION-SECOND", *["SUPERVISION-NEXT"] * 3]
    for number, (at, next_due, rule) in enumerate(zip(held, due, rules, strict=True), 1):
        move_time_to(at)
        assert a_review(case, by, reviewed_at=at).next_due_on == next_due
        duty = the_duty(case)
        assert (duty.due_on, duty.due_at, duty.cycle, duty.reckoned.why.rule) == (next_due, None, number, rule)
        assert duty.reckoned.why.started == at.date()
    assert duties_of(case) == [DutyState.SATISFIED] * 4 + [DutyState.OPEN]
    assert Supervision.objects.filter(case=case, began_with=first).count() == 4


def test_the_next_is_counted_from_the_review_and_not_from_when_it_is_written_down() -> None:
    move_time_to(MONDAY)
    case = an_investigation()
    move_time_to(MONDAY + 3 * DAY)
    assert a_review(case, reviewed_at=MONDAY + DAY).next_due_on == date(2009, 11, 10)
    assert last_duty(case).raised_at.date() == date(2009, 11, 5)


def test_a_decision_to_investigate_begins_it_where_an_officer_has_the_record_already() -> None:
    move_time_to(MONDAY)
    case = a_triaged_case()
    assign(case, an_officer(Role.INVESTIGATOR))
    assert duties_of(case) == []
    move_time_to(MONDAY + HOUR)
    a_decision(case, kind=DecisionKind.POLICE, decided_at=MONDAY + 30 * MINUTE)
    assert the_duty(case).due_at == MONDAY + 30 * MINUTE + DAY


def test_of_a_decision_recorded_late_it_begins_when_the_officer_got_the_record() -> None:
    move_time_to(MONDAY)
    case = a_triaged_case()
    move_time_to(MONDAY + 2 * HOUR)
    assign(case, an_officer(Role.INVESTIGATOR))
    a_decision(case, kind=DecisionKind.POLICE, decided_at=MONDAY + HOUR)
    assert timedelta() <= the_duty(case).late_from - (MONDAY + 2 * HOUR + DAY) < MINUTE


def test_another_officer_before_the_decision_is_written_down_does_not_put_it_off() -> None:
    move_time_to(MONDAY)
    case = a_triaged_case()
    assign(case, an_officer(Role.INVESTIGATOR))
    move_time_to(MONDAY + 2 * HOUR)
    assign(case, an_officer(Role.INVESTIGATOR))
    a_decision(case, kind=DecisionKind.POLICE, decided_at=MONDAY + HOUR)
    assert the_duty(case).due_at == MONDAY + HOUR + DAY


def test_an_officer_who_has_left_the_team_has_no_investigation_to_be_supervised() -> None:
    case, officer = a_triaged_case(), an_officer(Role.INVESTIGATOR)
    assign(case, officer)
    withdraw_role(officer.memberships.get(), reason="Moved", by=by_cait())
    a_decision(case, kind=DecisionKind.POLICE)
    assert duties_of(case) == []


@pytest.mark.parametrize("kind", [DecisionKind.SOCIAL_SERVICES, DecisionKind.INFORMATION])
def test_what_is_not_investigated_is_not_supervised(kind: DecisionKind) -> None:
    case = a_decided_case(kind)
    assign(case, an_officer(Role.INVESTIGATOR), a_supervisor())
    assert duties_of(case) == []


def test_before_an_officer_has_it_nothing_is_supervised() -> None:
    assert duties_of(a_decided_case(DecisionKind.POLICE)) == []


def test_another_officer_and_another_police_decision_keep_the_date() -> None:
    move_time_to(MONDAY)
    case = an_investigation()
    first = the_duty(case)
    move_time_to(MONDAY + HOUR)
    assign(case, an_officer(Role.INVESTIGATOR))
    judged(an_answer(case), Judgement.CHANGED)
    a_decision(case, kind=DecisionKind.POLICE, reason="The aunt speaks too")
    again = the_duty(case)
    assert (again.pk, again.late_from) == (first.pk, first.late_from)


def test_it_goes_on_while_it_is_decided_again_what_is_done() -> None:
    case = an_investigation()
    judged(an_answer(case), Judgement.CHANGED)
    a_review(case)
    assert duties_of(case) == [DutyState.SATISFIED, DutyState.OPEN]


def test_it_stands_in_nobodys_way_and_whoever_closes_reads_that_it_ends() -> None:
    case = an_investigation()
    assert [each.what for each in in_the_way(case)] == ["The first CRAM is not done"]
    assert ends_with_the_record(case) == ["Supervise the investigation"]


# --- it falls away, and comes again --------------------------------------------------------------


def decide_otherwise(case: Case) -> None:
    a_decision(case, kind=DecisionKind.INFORMATION)


def take_the_officer_off(case: Case) -> None:
    assign(case, None)


def test_it_falls_away_with_its_reason() -> None:
    case, wrong = an_investigation(), Wrong()
    for event, why in (
        (decide_otherwise, "Decided again: Information only"),
        (take_the_officer_off, "Officer in case taken off"),
        (close, "The record was closed without it: Supervise the investigation"),
    ):
        with tried(wrong, event.__name__):
            event(own(case))
            duty = last_duty(case)
            assert (duty.state, duty.ended_why) == (DutyState.CANCELLED, why)
            assert duties_of(case) == [DutyState.CANCELLED]
    assert wrong == {}


def decided_anew(case: Case) -> None:
    decide_otherwise(case)
    a_decision(case, kind=DecisionKind.POLICE)


def allocated_anew(case: Case) -> None:
    take_the_officer_off(case)
    assign(case, an_officer(Role.INVESTIGATOR))


def opened_again(case: Case) -> None:
    close(case)
    reopen_case(case, reason="A new referral", by=an_officer(Role.INSPECTOR))
    assert duties_of(case)[-1] == DutyState.CANCELLED
    assign(case, an_officer(Role.INVESTIGATOR))  # before it is decided again, that is no allocation
    assert duties_of(case)[-1] == DutyState.CANCELLED
    a_decision(case, kind=DecisionKind.POLICE)


def test_it_begins_anew_and_no_review_from_before_counts() -> None:
    case, wrong = an_investigation(), Wrong()
    for reviewed in range(2):
        a_review(case, found=f"Before, {reviewed}")
    assert rule_of(case) == "SUPERVISION-NEXT"
    for event in (decided_anew, allocated_anew, opened_again):
        with tried(wrong, event.__name__):
            event(own(case))
            assert rule_of(case) == "SUPERVISION-FIRST"
            first = the_duty(case)
            assert a_review(case).began_with == first
            assert rule_of(case) == "SUPERVISION-SECOND"
            assert a_review(case, found="Later").began_with == first
            assert rule_of(case) == "SUPERVISION-NEXT"
            assert duties_of(case).count(DutyState.OPEN) == 1
    assert wrong == {}


def test_two_runs_that_begin_at_the_same_moment_are_two() -> None:
    """Decided and decided again, all of it recorded late: both runs count from when the officer got the record."""
    case = a_triaged_case(received_at=clock.now() - DAY)
    assign(case, an_officer(Role.INVESTIGATOR))
    at = clock.now() - HOUR
    a_decision(case, kind=DecisionKind.POLICE, decided_at=at)
    first = a_review(case)
    a_decision(case, kind=DecisionKind.INFORMATION, decided_at=at)
    a_decision(case, kind=DecisionKind.POLICE, decided_at=at)
    assert the_duty(case).late_from == first.began_with.late_from
    a_review(case, found="Later")
    assert rule_of(case) == "SUPERVISION-SECOND"


# --- whose it is ---------------------------------------------------------------------------------


def test_it_is_the_records_supervisors_by_name_and_follows_to_another() -> None:
    supervisor, other = a_supervisor(), a_supervisor()
    case = an_investigation(supervisor=supervisor)
    officer, first = case.officer_in_case, the_duty(case)
    assert first.owner == supervisor
    assign(case, officer, other)
    moved = the_duty(case)
    assert (moved.pk, moved.owner, moved.late_from) == (first.pk, other, first.late_from)
    assert moved.history.count() == 2
    assign(case, officer, None)
    assert the_duty(case).owner is None
    assign(case, officer, supervisor)
    a_review(case, other)  # whoever does it this time
    assert the_duty(case).owner == supervisor


def test_a_supervisor_who_has_left_the_team_is_given_none_by_name() -> None:
    officer = an_officer(Role.INVESTIGATOR)
    supervisor = a_supervisor()
    case = an_investigation(officer, supervisor)
    withdraw_role(supervisor.memberships.get(), reason="Moved", by=by_cait())
    a_review(Case.objects.get(pk=case.pk))
    assert the_duty(case).owner is None


def test_another_supervisor_of_what_is_not_supervised_changes_no_duty() -> None:
    case = a_decided_case()
    before = list(Duty.objects.filter(case=case).values_list("pk", "owner", "state"))
    assign(case, None, a_supervisor())
    assert list(Duty.objects.filter(case=case).values_list("pk", "owner", "state")) == before


# --- what is written -----------------------------------------------------------------------------


def test_a_review_is_kept_told_in_the_chronology_and_one_event() -> None:
    case, by = an_investigation(), a_supervisor()
    events = AuditEvent.objects.count()
    review = a_review(case, by)
    review.refresh_from_db()
    entry = case.entries.latest("id")
    assert review.entry == entry
    assert (entry.title, entry.kind, entry.significant) == ("Supervision of the investigation", Kind.DECISION, True)
    assert (entry.happened_at, entry.recorded_by) == (review.reviewed_at, by)
    assert entry.text == (
        "Found: The mother is seen; the aunt is not.\n\nDirections: DC Fairlie sees the aunt by Friday.\n\n"
        f"The next supervision is due by {day(review.next_due_on)}."
    )
    event = AuditEvent.objects.latest("id")
    assert AuditEvent.objects.count() == events + 1
    assert (event.event, event.by_id, event.case_id) == ("INVESTIGATION_SUPERVISED", by.pk, case.pk)
    assert (event.object_type, event.object_id) == ("referrals.supervision", review.pk)
    ended = Duty.objects.get(case=case, kind="supervision", cycle=0)
    assert (ended.state, ended.ended_by, ended.ended_why) == (DutyState.SATISFIED, by, "Supervised")


def test_the_database_only_adds_reviews_and_keeps_none_that_says_nothing() -> None:
    review = a_review(an_investigation())
    rows = Supervision.objects.filter(pk=review.pk)
    for change in (lambda: rows.update(found="Else"), lambda: rows.delete()):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            change()
    said: dict[str, Any] = {"case": review.case, "began_with": review.began_with, "reviewed_by": review.reviewed_by}
    said |= {"reviewed_at": review.reviewed_at, "next_due_on": review.next_due_on}
    said |= {"found": "x", "directions": "x", "entry": review.case.entries.earliest("id")}
    for wrong in ({"found": ""}, {"directions": ""}, {"reviewed_at": clock.now() + DAY}):
        with pytest.raises(IntegrityError, match="supervision_"), transaction.atomic():
            Supervision.objects.create(**{**said, **wrong})


# --- what is refused -----------------------------------------------------------------------------


def test_a_closed_record_is_not_supervised() -> None:
    case = an_investigation()
    close(case)
    assert "is closed" in refusal(lambda: a_review(case))


def test_what_the_police_do_not_investigate_is_not_supervised() -> None:
    nothing = "The police do not investigate this referral now, so there is nothing to supervise."
    case = a_triaged_case()
    assert refusal(lambda: a_review(case)) == nothing
    a_decision(case)
    assert refusal(lambda: a_review(case)) == nothing
    investigated = an_investigation()
    close(investigated)
    reopen_case(investigated, reason="A new referral", by=an_officer(Role.INSPECTOR))
    assert refusal(lambda: a_review(investigated)) == nothing


def test_what_nobody_has_is_not_supervised() -> None:
    case = a_decided_case(DecisionKind.POLICE)
    assert refusal(lambda: a_review(case)).startswith("Nobody has this investigation yet")


def test_nobody_supervises_their_own_investigation() -> None:
    officer = a_supervisor()
    case = an_investigation(officer)
    said = "You are the officer in case: another sergeant supervises your investigation."
    assert refusal(lambda: a_review(case, officer)) == said


def test_whoever_may_not_is_told_who_may() -> None:
    case = an_investigation()
    with pytest.raises(NotAllowed, match="You cannot supervise records"):
        a_review(case, an_officer(Role.INVESTIGATOR))


def test_a_review_lies_between_the_allocation_and_now_and_after_the_last() -> None:
    move_time_to(MONDAY)
    case = an_investigation(received_at=MONDAY - DAY)
    move_time_to(MONDAY + 2 * HOUR)
    before = lambda: a_review(case, reviewed_at=MONDAY - MINUTE)  # noqa: E731
    assert refusal(before) == f"This is before the investigation was given to an officer, {moment(MONDAY)}"
    assert beside(before) == ["reviewed_at"]
    assert "in the future" in refusal(lambda: a_review(case, reviewed_at=MONDAY + 3 * HOUR))
    a_review(case, reviewed_at=MONDAY)  # the same minute, as a form shows it
    a_review(case, reviewed_at=MONDAY + HOUR)
    earlier = lambda: a_review(case, reviewed_at=MONDAY + HOUR - MINUTE)  # noqa: E731
    assert refusal(earlier) == f"This is before the last supervision, {moment(MONDAY + HOUR)}"
    assert beside(earlier) == ["reviewed_at"]


def test_a_review_says_what_was_found_and_what_is_to_be_done() -> None:
    case = an_investigation()
    assert beside(lambda: a_review(case, found=" \n")) == ["found"]
    assert beside(lambda: a_review(case, directions=" ")) == ["directions"]
    assert duties_of(case) == [DutyState.OPEN]


def test_a_form_that_is_sent_twice_is_recorded_once() -> None:
    case, by, at = an_investigation(), a_supervisor(), clock.moment()
    review = a_review(case, by, reviewed_at=at, seen=0)
    said = refusal(lambda: a_review(case, by, reviewed_at=at, seen=0))
    assert said == f"{by} recorded this supervision on {moment(review.recorded_at)}."
    assert Supervision.objects.count() == 1


def test_the_second_of_two_reads_what_the_first_found_and_may_add_theirs() -> None:
    case, first = an_investigation(), a_supervisor()
    review = a_review(case, first, seen=0)
    with pytest.raises(ChangedMeanwhile) as refused:
        a_review(case, found="Else", seen=0)
    assert refused.value.happened.startswith(f"{first} recorded a supervision on {moment(review.recorded_at)}")
    assert "“The mother is seen; the aunt is not.”" in refused.value.happened
    assert "“DC Fairlie sees the aunt by Friday.”" in refused.value.happened
    a_review(case, found="Else", seen=review.pk)
    assert Supervision.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_who_supervise_at_once_one_does_and_the_others_read_it() -> None:
    case, officers = an_investigation(), [a_supervisor() for _ in range(4)]
    start, done, refused = threading.Barrier(4), [], []

    def act(officer: User) -> None:
        try:
            start.wait(30)
            done.append(a_review(case, officer, found=f"Seen by {officer.pk}", seen=0))
        except ChangedMeanwhile as reason:
            refused.append(reason.messages[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, officers))
    assert (len(done), len(refused), Supervision.objects.count()) == (1, 3, 1)
    assert all(said.startswith(f"{done[0].reviewed_by} recorded a supervision on ") for said in refused)
    assert duties_of(case) == [DutyState.SATISFIED, DutyState.OPEN]


def test_what_was_investigated_before_cait_raised_supervisions_gets_its_first_by_being_supervised() -> None:
    case = an_investigation()
    Watch.objects.filter(duty__case=case, duty__kind="supervision").delete()
    Duty.objects.filter(case=case, kind="supervision").delete()
    review = a_review(case)
    assert review.began_with.reckoned.why.rule == "SUPERVISION-FIRST"
    assert duties_of(case) == [DutyState.SATISFIED, DutyState.OPEN]
    assert rule_of(case) == "SUPERVISION-SECOND"


# --- the page ------------------------------------------------------------------------------------


def address(case: Case, name: str = "referrals:supervise") -> str:
    return reverse(name, args=[case.number])


def page_of(client: Client, case: Case, name: str = "referrals:supervise") -> str:
    answer = client.get(address(case, name))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def typed(**other: Any) -> dict[str, Any]:
    at = f"{clock.moment().astimezone(LONDON):%d/%m/%Y %H:%M}"
    return {"found": "The aunt is seen", "directions": "None needed", "reviewed_at": at, "seen": 0, **other}


def send(client: Client, case: Case, **said: Any) -> str:
    answer = client.post(address(case), typed(**said), follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def signed_in(client: Client, user: User) -> User:
    client.force_login(user)
    return user


def test_the_page_shows_the_facts_then_the_last_directions_then_what_was_before(client: Client) -> None:
    signed_in(client, a_supervisor())
    officer = an_officer(Role.INVESTIGATOR)
    case = cram_set_aside(an_investigation(officer))
    page = page_of(client, case)
    assert "It has not been supervised yet." in page
    assert "24 hours from" in page
    assert "Nothing else is due." in page
    add_action(case, what="See the aunt", owner=officer, due_on=clock.today(), by=by_cait())
    for number in ("first", "second", "third"):
        a_review(case, found=f"Found the {number} time", directions=f"Directions the {number} time")
    page = page_of(client, case)
    assert f"{officer}, since {moment(case.history.latest('history_id').history_date)}" in page
    assert "Police single agency" in page
    assert "See the aunt" in page
    places = [page.index(f"Directions the {each} time") for each in ("third", "second", "first")]
    assert places == sorted(places)
    assert places[0] < page.index("Who investigates") < places[1] < page.index('name="found"')


def test_a_supervision_is_recorded_on_the_page_which_says_when_the_next_is_due(client: Client) -> None:
    by = signed_in(client, a_supervisor())
    case = an_investigation()
    page = send(client, case)
    review = Supervision.objects.get()
    assert f"The supervision is recorded. The next one is due by {day(review.next_due_on)}." in page
    assert (review.reviewed_by, review.directions) == (by, "None needed")
    assert '<a class="govuk-notification-banner__link" href="/queues/">Back to the queue</a>' in page


def test_whoever_opens_it_again_within_a_day_reads_that_it_is_done(client: Client) -> None:
    by = signed_in(client, a_supervisor())
    case = an_investigation()
    assert "This would count as another review" not in page_of(client, case)
    review = a_review(case, by)
    said = f"Supervised on {moment(review.reviewed_at)} by {by}.</b> This would count as another review; "
    assert f"{said}the next is due by {day(review.next_due_on)}." in page_of(client, case)
    move_time_to(review.reviewed_at + DAY)
    assert "This would count as another review" not in page_of(client, case)


def test_what_is_refused_stands_beside_its_field_and_nothing_typed_is_lost(client: Client) -> None:
    signed_in(client, a_supervisor())
    case = an_investigation()
    page = send(client, case, found=TYPED, directions="", reviewed_at="1/1/2009 10:00")
    assert re.findall(r'id="id_(\w+)_error"', page) == ["directions"]
    assert TYPED in page
    page = send(client, case, found=TYPED, reviewed_at="1/1/2009 10:00")
    assert re.findall(r'id="id_(\w+)_error"', page) == ["reviewed_at"]
    assert TYPED in page
    assert Supervision.objects.count() == 0


def test_of_two_on_the_page_the_second_reads_the_first_and_can_send_again(client: Client) -> None:
    signed_in(client, a_supervisor())
    case, first = an_investigation(), a_supervisor()
    review = a_review(case, first)
    page = send(client, case, found=TYPED)
    assert f"{first} recorded a supervision on" in page
    assert TYPED in page
    assert f'name="seen" value="{review.pk}"' in page
    send(client, case, found=TYPED, seen=review.pk)
    assert Supervision.objects.latest("pk").found == TYPED


def test_where_it_cannot_be_done_the_page_says_so_and_keeps_what_was_found(client: Client) -> None:
    signed_in(client, a_supervisor())
    case = an_investigation()
    a_review(case, found="Found before")
    close(case)
    page = page_of(client, case)
    assert "This cannot be done." in page
    assert "is closed" in page
    assert "Found before" in page
    assert 'name="found"' not in page
    unallocated = page_of(client, a_decided_case(DecisionKind.POLICE))
    assert "Nobody has this investigation yet" in unallocated
    assert "Say who works on it" in unallocated


def test_the_record_leads_whoever_may_to_it_and_nobody_to_their_own(client: Client) -> None:
    supervisor, own = a_supervisor(), a_supervisor()
    case, theirs = cram_set_aside(an_investigation(supervisor=supervisor)), an_investigation(own)
    signed_in(client, supervisor)
    page = page_of(client, case, "workbench:case")
    assert f'<a class="govuk-button" href="{address(case)}"' in page
    assert ">Supervise</a>" not in page  # once is enough
    signed_in(client, an_officer(Role.INVESTIGATOR))
    assert address(case) not in page_of(client, case, "workbench:case")
    signed_in(client, own)
    assert address(theirs) not in page_of(client, theirs, "workbench:case")
    assert "You are the officer in case" in page_of(client, theirs)


def test_what_is_not_due_within_a_week_is_an_ordinary_link(client: Client) -> None:
    move_time_to(MONDAY)
    supervisor = signed_in(client, a_supervisor())
    case = cram_set_aside(an_investigation(supervisor=supervisor))
    for number in range(2):
        a_review(case, supervisor, found=f"Found {number}")
    link = f'href="{address(case)}"'
    page = page_of(client, case, "workbench:case")
    assert f'<a class="govuk-link" {link}>Supervise the investigation</a>' in page.split("q1")[0]
    assert f'class="govuk-button" {link}' not in page
    move_time_to(the_duty(case).late_from - 8 * DAY + MINUTE)
    assert f'class="govuk-button" {link}' in page_of(client, case, "workbench:case")


def test_the_record_leads_to_it_while_something_else_is_to_be_done_first(client: Client) -> None:
    supervisor = signed_in(client, a_supervisor())
    case = cram_set_aside(an_investigation())
    add_action(case, what="See the aunt", owner=supervisor, due_on=clock.today(), by=by_cait())
    page = page_of(client, case, "workbench:case")
    assert re.search(r'class="govuk-button" href="[^"]*/actions/', page)  # it is late before the supervision is
    assert f'<a class="govuk-link" href="{address(case)}">Supervise</a>' in page


def test_the_record_of_what_is_not_investigated_leads_nobody_to_it(client: Client) -> None:
    signed_in(client, a_supervisor())
    case = a_decided_case()
    assert address(case) not in page_of(client, case, "workbench:case")


# --- over the API --------------------------------------------------------------------------------


def test_a_program_reads_every_review_and_records_one() -> None:
    program, case = Program(a_supervisor()), an_investigation()
    sent = {"found": "The aunt is seen", "directions": "None needed", "reviewed_at": clock.moment().isoformat()}
    made = program.post("supervisions", case.number, **sent, seen=0)
    assert made.status_code == 201
    said = made.json()
    assert said["next_due_on"] == Supervision.objects.get().next_due_on.isoformat()
    assert said["reviewed_by"]["id"] == program.user.pk
    a_review(case, found="Later")
    rows = Program(an_officer(Role.INVESTIGATOR)).get("supervisions", case.number).json()["results"]
    assert [each["found"] for each in rows] == ["Later", "The aunt is seen"]
    assert rows[1] == said


def test_a_program_that_has_not_seen_anothers_review_is_told() -> None:
    program, case = Program(a_supervisor()), an_investigation()
    a_review(case)
    sent = {"found": "Else", "directions": "None needed", "reviewed_at": clock.moment().isoformat(), "seen": 0}
    answer = program.post("supervisions", case.number, **sent)
    assert answer.status_code == 409
    assert "recorded a supervision on" in answer.json()["detail"]
