"""What Social Services told: how it came by what had really been sent, who judged it, and what follows from that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from audit.models import AuditEvent
from cases.actions import agree_closure, ask_closure, reopen_case
from cases.enums import Court, Kind, Way
from cases.models import Case, Entry
from deadlines import clock
from deadlines.clock import LONDON
from diary.actions import hold_chases
from diary.models import Chase, ChaseState, Duty, DutyState, Mail, MailState, Waker
from diary.outbox import send_due
from diary.sweep import sweep
from pages.words import moment
from referrals import duties
from referrals.actions import (
    confirm_referral,
    judge_update,
    log_referral,
    record_strategy,
    record_update,
    triage_referral,
)
from referrals.enums import Came, DecisionKind, Judgement, Method, Progress
from referrals.models import Answer, Referral
from team.enums import Role
from team.models import User
from team.permissions import NotAllowed
from tests.factories.assessing import assessed
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_decision,
    a_triaged_case,
    an_answer,
    an_approved_address,
    an_open_update,
    as_discussed,
    as_told,
    asked_to_close,
    judged,
)
from tests.factories.referrals import a_case, as_received
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# The Friday of the handbook's example.
FRIDAY = datetime(2009, 12, 11, 15, 0, tzinfo=LONDON)
FIRST_CHASE = datetime(2009, 12, 25, 9, 0, tzinfo=LONDON)
SECOND_CHASE = datetime(2010, 1, 1, 9, 0, tzinfo=LONDON)


def swept_at(there: datetime) -> int:
    """How many emails went out when the sweep ran, and what was due was sent a minute later."""
    move_time_to(there)
    sweep(woken_by=Waker.COMMAND)
    move_time_to(there + MINUTE)
    return send_due(lambda message: None)


def asked_on_friday(*, addresses: int = 2) -> Duty:
    """What Social Services are asked for since the Friday; nothing is sent yet."""
    move_time_to(FRIDAY)
    for number in range(1, addresses + 1):
        an_approved_address(number=number)
    return an_open_update(received_at=FRIDAY - HOUR)


def by_cait() -> User:
    return User.objects.system()


def a_sergeant(**other: Any) -> User:
    return an_officer(Role.DESK_SERGEANT, **other)


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        act()
    return " ".join(refused.value.messages)


def beside(act: Callable[[], Any]) -> list[str]:
    """The fields beside which a refusal stands."""
    with pytest.raises(ValidationError) as refused:
        act()
    return sorted(refused.value.message_dict)


def newest(case: Case) -> Entry:
    return case.entries.latest("id")


def chase_of(duty: Duty) -> Chase:
    return Chase.objects.get(duty=duty)


def now_is(duty: Duty) -> tuple[str, str]:
    """The state of the duty, and of its chase."""
    duty.refresh_from_db()
    return duty.state, chase_of(duty).state


def came(answer: Answer) -> tuple[str, int, str]:
    answer.refresh_from_db()
    return answer.came, answer.after_chases, answer.came_words


def judge(answer: Answer, judgement: Judgement, *, by: User | None = None) -> Answer:
    return judge_update(answer, judgement=judgement, reason="The aunt has them", by=by or by_cait())


def is_asked(case: Case) -> bool:
    return Duty.objects.filter(case=case, kind="update", state=DutyState.OPEN).exists()


# --- how it came ---------------------------------------------------------------------------------


def open_kinds(case: Case) -> list[str]:
    """Which duties of a record's referral are open."""
    kinds = [kind.code for kind in duties.ALL]
    return sorted(Duty.objects.filter(case=case, state=DutyState.OPEN, kind__in=kinds).values_list("kind", flat=True))


def test_what_nobody_asked_for_came_unasked() -> None:
    answer = an_answer(a_triaged_case())
    assert came(answer) == (Came.UNASKED, 0, "unasked")
    assert answer.duty is None


def test_before_the_request_has_gone_it_came_unasked() -> None:
    duty = asked_on_friday()
    move_time_to(FRIDAY + HOUR)
    answer = an_answer(duty.case)
    assert came(answer) == (Came.UNASKED, 0, "unasked")
    assert answer.duty == duty


def test_after_the_request_has_gone_it_came_on_request() -> None:
    duty = asked_on_friday()
    assert swept_at(FRIDAY + HOUR) == 1
    move_time_to(FRIDAY + DAY)
    assert came(an_answer(duty.case)) == (Came.ON_REQUEST, 0, "on request")


def test_on_day_fourteen_before_the_sweep_it_still_came_on_request() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    move_time_to(FIRST_CHASE)
    assert came(an_answer(duty.case)) == (Came.ON_REQUEST, 0, "on request")


def test_the_chases_that_have_gone_are_counted() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    assert swept_at(FIRST_CHASE - DAY) == 0
    assert swept_at(FIRST_CHASE) == 1
    move_time_to(FIRST_CHASE + HOUR)
    assert came(an_answer(duty.case, text="One")) == (Came.CHASED, 1, "after 1 chase")
    judge(Answer.objects.get(), Judgement.NO_ANSWER)
    assert swept_at(SECOND_CHASE) == 1
    move_time_to(SECOND_CHASE + HOUR)
    assert came(an_answer(duty.case, text="Two")) == (Came.CHASED, 2, "after 2 chases")
    assert newest(duty.case).title == "Update from Social Services, after 2 chases"


def test_it_counts_when_it_was_received_and_not_when_it_was_recorded() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    swept_at(FIRST_CHASE)
    swept_at(SECOND_CHASE)
    move_time_to(SECOND_CHASE + DAY)
    told = {
        FRIDAY + 30 * MINUTE: (Came.UNASKED, 0),
        FRIDAY + DAY: (Came.ON_REQUEST, 0),
        FIRST_CHASE + DAY: (Came.CHASED, 1),
        SECOND_CHASE + HOUR: (Came.CHASED, 2),
    }
    for received_at, expected in told.items():
        assert came(an_answer(duty.case, received_at=received_at))[:2] == expected


def test_in_the_minute_of_the_chase_it_came_after_it_and_a_minute_before_it_did_not() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    swept_at(FIRST_CHASE)
    sent_at = Mail.objects.get(step__number=1).sent_at
    assert sent_at is not None
    move_time_to(FIRST_CHASE + HOUR)
    minute = sent_at.replace(second=0, microsecond=0)
    assert came(an_answer(duty.case, received_at=minute))[:2] == (Came.CHASED, 1)
    assert came(an_answer(duty.case, received_at=minute - MINUTE))[:2] == (Came.ON_REQUEST, 0)


def test_a_chase_that_was_written_and_has_not_gone_is_not_counted() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    move_time_to(FIRST_CHASE)
    sweep(woken_by=Waker.COMMAND)
    assert Mail.objects.get(step__number=1).state == MailState.QUEUED
    move_time_to(FIRST_CHASE + HOUR)
    assert came(an_answer(duty.case)) == (Came.ON_REQUEST, 0, "on request")


def test_a_chase_without_an_address_is_not_counted() -> None:
    duty = asked_on_friday(addresses=0)
    assert swept_at(SECOND_CHASE) == 0
    move_time_to(SECOND_CHASE + HOUR)
    assert came(an_answer(duty.case)) == (Came.UNASKED, 0, "unasked")


def test_of_chases_that_were_held_back_only_the_one_that_went_is_counted() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    swept_at(SECOND_CHASE)
    assert list(Mail.objects.filter(state=MailState.SENT).values_list("step__number", flat=True)) == [0, 2]
    move_time_to(SECOND_CHASE + HOUR)
    assert came(an_answer(duty.case)) == (Came.CHASED, 1, "after 1 chase")


def test_a_new_request_is_counted_from_its_own_emails() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    swept_at(FIRST_CHASE)
    move_time_to(FIRST_CHASE + HOUR)
    a_decision(duty.case)
    a_decision(duty.case, kind=DecisionKind.SOCIAL_SERVICES)
    move_time_to(FIRST_CHASE + 2 * HOUR)
    answer = an_answer(duty.case)
    assert came(answer)[:2] == (Came.UNASKED, 0)
    assert answer.duty == Duty.objects.get(case=duty.case, kind="update", state=DutyState.OPEN)


# --- recorded ------------------------------------------------------------------------------------


def test_an_update_is_kept_with_who_told_it_and_how() -> None:
    case, by, at = a_triaged_case(received_at=clock.now() - DAY), an_officer(Role.INVESTIGATOR), clock.now() - HOUR
    answer = record_update(case, **as_told(received_at=at, way=Way.TELEPHONE), by=by)
    answer.refresh_from_db()
    assert (answer.received_at, answer.way, answer.recorded_by) == (at, Way.TELEPHONE, by)
    assert (answer.from_whom, answer.text) == ("S Arikan, social worker", "Seen at home, well.")
    assert (answer.judgement, answer.reason, answer.judged_at, answer.judged_by) == ("", "", None, None)
    assert answer.history.get().history_user == by


def test_an_update_stands_in_the_chronology_when_it_came() -> None:
    case, by, at = a_triaged_case(received_at=clock.now() - DAY), an_officer(Role.INVESTIGATOR), clock.now() - HOUR
    record_update(case, **as_told(received_at=at), by=by)
    entry = newest(case)
    assert (entry.title, entry.kind) == ("Update from Social Services, unasked", Kind.INFORMATION)
    assert entry.text == "S Arikan, social worker, by email:\n\nSeen at home, well."
    assert (entry.happened_at, entry.source, entry.significant) == (at, "Social Services", True)
    assert (entry.recorded_by, entry.automatic) == (by, True)


def test_an_update_is_to_be_judged_by_the_next_working_day() -> None:
    move_time_to(FRIDAY)
    case = a_triaged_case(received_at=FRIDAY - DAY)
    answer = an_answer(case, received_at=FRIDAY - HOUR)
    duty = Duty.objects.get(case=case, kind="judge")
    assert (duty.state, duty.subject, duty.due_on) == (DutyState.OPEN, answer.pk, date(2009, 12, 14))
    assert (duty.owner_role, duty.owner) == (Role.DESK_SERGEANT, None)
    assert "(receipt of the update)" in duty.reckoned.why.sentence()


def test_an_update_stops_the_chasing_until_it_is_judged() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    an_answer(duty.case)
    assert now_is(duty) == (DutyState.OPEN, ChaseState.PAUSED)
    assert [swept_at(at) for at in (FIRST_CHASE, SECOND_CHASE)] == [0, 0]


def test_a_chase_that_was_written_does_not_go_once_an_update_is_there() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    move_time_to(FIRST_CHASE)
    sweep(woken_by=Waker.COMMAND)
    an_answer(duty.case)
    move_time_to(FIRST_CHASE + HOUR)
    assert send_due(lambda message: None) == 0


def test_an_update_is_one_event() -> None:
    case, by = a_triaged_case(), an_officer(Role.INVESTIGATOR)
    answer = record_update(case, **as_told(), by=by)
    event = AuditEvent.objects.latest("id")
    assert (event.event, event.by_id, event.case_id, event.team_id) == (
        "UPDATE_RECORDED",
        by.pk,
        case.pk,
        case.team_id,
    )
    assert (event.object_type, event.object_id, event.detail) == ("referrals.answer", answer.pk, {})


def test_an_update_that_says_nothing_is_refused() -> None:
    case = a_triaged_case()
    assert beside(lambda: an_answer(case, text=" \n ")) == ["text"]
    assert beside(lambda: an_answer(case, from_whom="")) == ["from_whom"]
    assert beside(lambda: an_answer(case, from_whom="x" * 201)) == ["from_whom"]
    assert not Answer.objects.exists()
    assert not Duty.objects.filter(kind="judge").exists()


def test_an_update_comes_after_the_referral_and_not_in_the_future() -> None:
    now = clock.now()
    case = a_triaged_case(received_at=now - HOUR)
    assert beside(lambda: an_answer(case, received_at=now + MINUTE)) == ["received_at"]
    assert beside(lambda: an_answer(case, received_at=now - 2 * HOUR)) == ["received_at"]
    assert an_answer(case, received_at=now - HOUR).received_at == now - HOUR


def test_an_update_sent_twice_is_recorded_once() -> None:
    case, by, said = a_triaged_case(), a_sergeant(), as_told()
    first = record_update(case, **said, by=by)
    again = refusal(lambda: record_update(case, **said, by=an_officer(Role.INVESTIGATOR)))
    assert again == f"{by} recorded this update on {moment(first.recorded_at)}."
    assert (Answer.objects.count(), Duty.objects.filter(kind="judge").count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_an_update_sent_many_times_at_once_is_recorded_once() -> None:
    case, by, said, start = a_triaged_case(), a_sergeant(), as_told(), threading.Barrier(4)

    def act(_: int) -> bool:
        try:
            start.wait(30)
            record_update(case, **said, by=User.objects.get(pk=by.pk))
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(act, range(4))) == [False, False, False, True]
    assert Answer.objects.count() == 1


@pytest.mark.parametrize("role", [Role.OFFICE_MANAGER, Role.INVESTIGATOR, Role.RESEARCHER, Role.PCLO])
def test_whoever_works_on_records_records_an_update_and_does_not_judge_it(role: Role) -> None:
    by = an_officer(role)
    answer = record_update(a_triaged_case(), **as_told(), by=by)
    assert answer.recorded_by == by
    with pytest.raises(NotAllowed, match="You cannot judge what Social Services answer in Team HGY"):
        judge(answer, Judgement.UNCHANGED, by=by)
    answer.refresh_from_db()
    assert answer.judgement == ""


@pytest.mark.parametrize("role", [Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR])
def test_sergeants_and_their_inspector_judge(role: Role) -> None:
    by = an_officer(role)
    assert judge(an_answer(a_triaged_case()), Judgement.UNCHANGED, by=by).judged_by == by


def test_the_command_records_no_update() -> None:
    case = a_triaged_case()
    with pytest.raises(NotAllowed, match="You cannot record what Social Services answer"):
        record_update(case, **as_told(), by=an_officer(Role.COMMAND))


def test_a_sergeant_of_another_team_records_and_judges_nothing() -> None:
    case, other = a_triaged_case(), a_sergeant(team=a_team("ENF"))
    with pytest.raises(NotAllowed):
        record_update(case, **as_told(), by=other)
    answer = an_answer(case)
    with pytest.raises(NotAllowed):
        judge(answer, Judgement.UNCHANGED, by=other)


def test_nothing_is_recorded_on_a_closed_record() -> None:
    case = a_closed_case()
    assert refusal(lambda: an_answer(case)).startswith(f"Record {case} is closed")


# --- judged --------------------------------------------------------------------------------------


def test_a_judgement_is_kept_with_its_reason() -> None:
    answer, by = an_answer(a_triaged_case()), a_sergeant()
    judge(answer, Judgement.UNCHANGED, by=by)
    answer.refresh_from_db()
    assert (answer.judgement, answer.reason, answer.judged_by) == (Judgement.UNCHANGED, "The aunt has them", by)
    assert answer.judged_at is not None
    assert answer.history.latest("history_id").history_user == by
    event = AuditEvent.objects.latest("id")
    assert (event.event, event.by_id, event.object_id) == ("UPDATE_JUDGED", by.pk, answer.pk)
    assert event.detail == {"judgement": "unchanged"}


@pytest.mark.parametrize(
    ("judgement", "title"),
    [
        (Judgement.UNCHANGED, "Update judged: circumstances have not changed"),
        (Judgement.CHANGED, "Update judged: circumstances have changed"),
        (Judgement.NO_ANSWER, "Update judged: it does not answer what we asked"),
    ],
)
def test_each_judgement_ends_its_duty_and_stands_in_the_chronology(judgement: Judgement, title: str) -> None:
    answer, by = an_answer(an_open_update().case), a_sergeant()
    judge(answer, judgement, by=by)
    duty = Duty.objects.get(kind="judge")
    assert (duty.state, duty.ended_by) == (DutyState.SATISFIED, by)
    assert duty.ended_why == f"Judged: {judgement.label}"
    entry = newest(answer.case)
    assert (entry.title, entry.kind, entry.significant, entry.recorded_by) == (title, Kind.DECISION, True, by)
    assert entry.text == "Why: The aunt has them\n\nThe update came from S Arikan, social worker."


def test_circumstances_that_have_not_changed_end_what_was_asked() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    move_time_to(FRIDAY + DAY)
    by = a_sergeant()
    judge(an_answer(duty.case), Judgement.UNCHANGED, by=by)
    assert now_is(duty) == (DutyState.SATISFIED, ChaseState.ENDED)
    assert (duty.ended_by, duty.ended_why) == (by, "Answered on request")
    assert Referral.objects.get(case=duty.case).progress == Progress.DECIDED
    assert swept_at(SECOND_CHASE) == 0


def test_changed_circumstances_are_decided_again() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    move_time_to(FRIDAY + 3 * DAY)
    judge(an_answer(duty.case), Judgement.CHANGED)
    assert now_is(duty) == (DutyState.SATISFIED, ChaseState.ENDED)
    referral = Referral.objects.get(case=duty.case)
    assert (referral.progress, referral.get_progress_display()) == (Progress.TRIAGED, "To decide")
    states = Duty.objects.filter(case=duty.case, kind="decision").order_by("cycle").values_list("state", flat=True)
    assert list(states) == [DutyState.SATISFIED, DutyState.OPEN]
    again = Duty.objects.get(case=duty.case, kind="decision", state=DutyState.OPEN)
    assert again.due_on == date(2009, 12, 15)
    assert "(circumstances changed)" in again.reckoned.why.sentence()
    a_decision(duty.case, kind=DecisionKind.POLICE)
    again.refresh_from_db()
    assert again.state == DutyState.SATISFIED


def test_what_does_not_answer_lets_the_chasing_go_on_as_it_would_have() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    move_time_to(FRIDAY + 3 * DAY)
    judge(an_answer(duty.case), Judgement.NO_ANSWER)
    assert now_is(duty) == (DutyState.OPEN, ChaseState.RUNNING)
    assert chase_of(duty).next_on == FIRST_CHASE.date()
    assert swept_at(FIRST_CHASE) == 1


def test_of_the_chases_that_fell_meanwhile_the_last_goes() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    answer = an_answer(duty.case)
    move_time_to(SECOND_CHASE)
    judge(answer, Judgement.NO_ANSWER)
    assert Mail.objects.get(state=MailState.QUEUED).step.number == 2
    assert [step.state for step in duty.steps.order_by("number")] == ["written", "overtaken", "written"]
    assert swept_at(SECOND_CHASE + HOUR) == 1
    assert list(Mail.objects.filter(state=MailState.SENT).values_list("step__number", flat=True)) == [0, 2]


def test_what_nobody_asked_for_can_be_no_answer_to_be_chased() -> None:
    answer = an_answer(a_triaged_case())
    assert beside(lambda: judge(answer, Judgement.NO_ANSWER)) == ["judgement"]
    answer.refresh_from_db()
    assert answer.judgement == ""


def test_nothing_is_judged_without_a_reason() -> None:
    answer = an_answer(a_triaged_case())

    def act() -> Answer:
        return judge_update(answer, judgement=Judgement.UNCHANGED, reason=" ", by=by_cait())

    assert beside(act) == ["reason"]
    assert Duty.objects.get(kind="judge").state == DutyState.OPEN


def test_the_second_who_judges_reads_who_judged_and_how() -> None:
    duty, first = an_open_update(), a_sergeant()
    answer = an_answer(duty.case)
    judge(answer, Judgement.UNCHANGED, by=first)
    answer.refresh_from_db()
    assert answer.judged_at is not None
    assert refusal(lambda: judge(answer, Judgement.CHANGED, by=a_sergeant())) == (
        f"{first} judged this update on {moment(answer.judged_at)}: No: circumstances have not changed, because: "
        "“The aunt has them”"
    )
    assert Referral.objects.get(case=duty.case).progress == Progress.DECIDED


@pytest.mark.django_db(transaction=True)
def test_of_two_who_judge_at_once_one_does_and_the_other_reads_who() -> None:
    answer, officers, start = an_answer(an_open_update().case), [a_sergeant(), a_sergeant()], threading.Barrier(2)

    def act(officer: User, judgement: Judgement) -> str:
        try:
            start.wait(30)
            judge(answer, judgement, by=officer)
        except ValidationError as reason:
            return str(reason.messages[0])
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(act, officers, [Judgement.UNCHANGED, Judgement.NO_ANSWER]))
    answer.refresh_from_db()
    assert sorted(map(bool, said)) == [False, True]
    assert max(said).startswith(f"{answer.judged_by} judged this update on ")
    assert said[0 if answer.judgement == Judgement.UNCHANGED else 1] == ""


# --- several -------------------------------------------------------------------------------------


def test_each_of_several_updates_is_judged_by_itself() -> None:
    duty = an_open_update()
    first, second = an_answer(duty.case, text="One"), an_answer(duty.case, text="Two")
    assert set(Duty.objects.filter(kind="judge").values_list("subject", flat=True)) == {first.pk, second.pk}
    judge(second, Judgement.UNCHANGED)
    states = dict(Duty.objects.filter(kind="judge").values_list("subject", "state"))
    assert states == {first.pk: DutyState.OPEN, second.pk: DutyState.SATISFIED}


def test_the_chasing_goes_on_only_when_none_waits_to_be_judged() -> None:
    duty = an_open_update()
    first, second = an_answer(duty.case, text="One"), an_answer(duty.case, text="Two")
    judge(first, Judgement.NO_ANSWER)
    assert now_is(duty) == (DutyState.OPEN, ChaseState.PAUSED)
    judge(second, Judgement.NO_ANSWER)
    assert now_is(duty) == (DutyState.OPEN, ChaseState.RUNNING)


def test_what_is_answered_stays_so_whatever_a_later_update_says() -> None:
    duty = an_open_update()
    first, second = an_answer(duty.case, text="One"), an_answer(duty.case, text="Two")
    judge(first, Judgement.UNCHANGED)
    judge(second, Judgement.NO_ANSWER)
    assert now_is(duty) == (DutyState.SATISFIED, ChaseState.ENDED)


def test_an_update_to_a_request_that_fell_away_does_not_end_the_new_one() -> None:
    move_time_to(FRIDAY)
    duty = an_open_update()
    answer = an_answer(duty.case)
    move_time_to(FRIDAY + HOUR)
    a_decision(duty.case)
    a_decision(duty.case, kind=DecisionKind.SOCIAL_SERVICES)
    judge(answer, Judgement.UNCHANGED)
    assert now_is(duty) == (DutyState.CANCELLED, ChaseState.ENDED)
    assert is_asked(duty.case)


def test_an_unasked_update_that_changes_everything_is_decided_again() -> None:
    case = a_decided_case(DecisionKind.INFORMATION)
    judge(an_answer(case), Judgement.CHANGED)
    assert Referral.objects.get(case=case).progress == Progress.TRIAGED
    assert Duty.objects.filter(case=case, kind="decision", state=DutyState.OPEN).count() == 1


def test_changed_twice_is_to_be_decided_once_and_by_the_first_date() -> None:
    move_time_to(FRIDAY)
    case = a_decided_case(DecisionKind.INFORMATION)
    for text, day in (("One", 0), ("Two", 10)):
        move_time_to(FRIDAY + day * DAY)
        judge(an_answer(case, text=text), Judgement.CHANGED)
    states = Duty.objects.filter(case=case, kind="decision").order_by("cycle").values_list("state", flat=True)
    assert list(states) == [DutyState.SATISFIED, DutyState.OPEN]
    again = Duty.objects.get(case=case, kind="decision", state=DutyState.OPEN)
    assert again.due_on == date(2009, 12, 14)
    assert Referral.objects.get(case=case).progress == Progress.TRIAGED


def test_changed_before_the_first_decision_leaves_its_duty_and_its_date() -> None:
    move_time_to(FRIDAY)
    case = a_triaged_case()
    before = Duty.objects.get(case=case, kind="decision")
    move_time_to(FRIDAY + 10 * DAY)
    judge(an_answer(case), Judgement.CHANGED)
    after = Duty.objects.get(case=case, kind="decision")
    assert (after.pk, after.state, after.due_on, after.due) == (before.pk, DutyState.OPEN, before.due_on, before.due)


def test_emails_held_back_stay_so_when_an_update_does_not_answer() -> None:
    duty = asked_on_friday()
    swept_at(FRIDAY + HOUR)
    answer = an_answer(duty.case)
    hold_chases(duty, why="The worker is the subject", by=a_sergeant())
    judge(answer, Judgement.NO_ANSWER)
    assert now_is(duty) == (DutyState.OPEN, ChaseState.RUNNING)
    assert swept_at(FIRST_CHASE) == 0


# --- what the database refuses -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"came": Came.CHASED, "after_chases": 0}, "answer_after_which_chase"),
        ({"came": Came.ON_REQUEST, "after_chases": 1}, "answer_after_which_chase"),
        ({"judgement": Judgement.UNCHANGED}, "judged_answer_says_by_whom_and_why"),
        ({"text": ""}, "answer_says_what_and_from_whom"),
    ],
)
def test_the_database_holds_what_an_update_must_say(wrong: dict[str, Any], name: str) -> None:
    answer = an_answer(a_triaged_case())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Answer.objects.filter(pk=answer.pk).update(**wrong)


# --- the whole course ----------------------------------------------------------------------------

COURSE = [
    ("REFERRAL_LOGGED", "Referral 0001/09: Physical"),
    ("REFERRAL_TRIAGED", "Triage: no urgent action is needed"),
    ("ASSESSMENT_SUBMITTED", "First CRAM sent for endorsement"),
    ("ASSESSMENT_ENDORSED", "First CRAM endorsed"),
    ("STRATEGY_RECORDED", "Strategy discussion by telephone"),
    ("REFERRAL_DECIDED", "Decision: Social Services only"),
    ("UPDATE_ASKED", "Social Services asked for an update"),
    ("PARTNER_CHASED", "Social Services chased, chase 1"),
    ("UPDATE_RECORDED", "Update from Social Services, after 1 chase"),
    ("UPDATE_JUDGED", "Update judged: circumstances have not changed"),
    ("CLOSURE_ASKED", "Closure asked for"),
    ("CASE_CLOSED", "Record closed"),
    ("CASE_REOPENED", "Record opened again"),
]


def test_each_step_of_a_course_is_one_event_and_one_entry_in_the_order_in_which_it_was_taken() -> None:
    move_time_to(FRIDAY)
    an_approved_address()
    desk, constable, other = a_sergeant(), an_officer(Role.INVESTIGATOR), an_officer(Role.SUPERVISOR)
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    referral = log_referral(a_team(), **as_received(), by=desk).referral
    case = referral.case
    triage_referral(referral, urgent=False, what_next="", reason="No injury", by=desk)
    assessed(case, by=desk, endorsed_by=other)
    record_strategy(case, **as_discussed(), by=constable)
    a_decision(case, kind=DecisionKind.SOCIAL_SERVICES, by=desk)
    swept_at(FRIDAY + HOUR)
    swept_at(FIRST_CHASE)
    move_time_to(FIRST_CHASE + HOUR)
    answer = record_update(case, **as_told(), by=constable)
    judge(answer, Judgement.UNCHANGED, by=desk)
    closure = ask_closure(case, outcome="The aunt has them", court=Court.NONE, by=constable)
    agree_closure(closure, by=other)
    reopen_case(case, reason="A new mark", by=desk)
    # What the sweep raises, a batch at a time, is of no one record.
    events = AuditEvent.objects.exclude(pk__in=before).exclude(case_id=None).order_by("pk")
    # What is written in an assessment stands in the chronology when it is sent.
    events = events.exclude(event__in=["ASSESSMENT_STARTED", "ASSESSMENT_LEVEL_SET"])
    entries = case.entries.order_by("pk")
    assert [each.event for each in events] == [event for event, _ in COURSE]
    assert [each.title for each in entries] == [title for _, title in COURSE]
    system = by_cait()
    who = [desk, desk, desk, other, constable, desk, system, system, constable, desk, constable, other, desk]
    assert [each.by_id for each in events] == [each.pk for each in who]
    assert [each.recorded_by for each in entries] == who
    assert {each.case_id for each in events} == {case.pk}
    left = Duty.objects.filter(case=case, state=DutyState.OPEN)
    assert sorted(duty.kind for duty in left) == ["cram_review", "decision"]


def test_an_update_may_be_recorded_before_triage() -> None:
    case = a_case()
    judged(an_answer(case))
    assert Referral.objects.get(case=case).progress == Progress.LOGGED


def test_an_update_that_changes_everything_before_triage_leaves_it_to_triage() -> None:
    answer = judged(an_answer(a_case()), Judgement.CHANGED)
    assert Referral.objects.get(case=answer.case).progress == Progress.LOGGED
    assert open_kinds(answer.case) == ["triage"]


def test_what_came_before_the_decision_does_not_answer_its_request() -> None:
    case = a_triaged_case(received_at=clock.now() - 5 * DAY)
    a_decision(case, kind=DecisionKind.SOCIAL_SERVICES)
    answer = judged(an_answer(case, received_at=clock.now() - 2 * DAY))
    assert (answer.duty, answer.came) == (None, Came.UNASKED)
    assert open_kinds(case) == ["update"]


def test_what_came_before_the_decision_stops_no_chase() -> None:
    duty = asked_on_friday()
    answer = an_answer(duty.case, received_at=FRIDAY - MINUTE)
    assert (answer.duty, now_is(duty)) == (None, (DutyState.OPEN, ChaseState.RUNNING))
    assert swept_at(FIRST_CHASE) == 1
    assert beside(lambda: judge(answer, Judgement.NO_ANSWER)) == ["judgement"]
    judge(answer, Judgement.UNCHANGED)
    assert now_is(duty) == (DutyState.OPEN, ChaseState.RUNNING)


def test_what_came_in_the_minute_of_the_decision_answers_its_request() -> None:
    move_time_to(FRIDAY + timedelta(seconds=1))
    duty = an_open_update(received_at=FRIDAY - HOUR)
    answer = judged(an_answer(duty.case, received_at=FRIDAY))
    assert answer.duty == duty
    assert now_is(duty) == (DutyState.SATISFIED, ChaseState.ENDED)


def test_what_came_before_the_decision_may_still_change_everything() -> None:
    duty = asked_on_friday()
    judge(an_answer(duty.case, received_at=FRIDAY - MINUTE), Judgement.CHANGED)
    assert Referral.objects.get(case=duty.case).progress == Progress.TRIAGED
    assert open_kinds(duty.case) == ["decision", "update"]


def test_of_a_chase_that_was_the_first_to_go_it_came_after_a_chase() -> None:
    duty = asked_on_friday()
    assert swept_at(FIRST_CHASE) == 1
    move_time_to(FIRST_CHASE + HOUR)
    assert came(an_answer(duty.case)) == (Came.CHASED, 1, "after 1 chase")


@pytest.mark.parametrize("judgement", [Judgement.UNCHANGED, Judgement.CHANGED])
def test_what_still_waited_to_be_written_is_dropped_with_the_answer(judgement: Judgement) -> None:
    duty = asked_on_friday(addresses=0)
    move_time_to(FRIDAY + HOUR)
    judge(an_answer(duty.case), judgement)
    assert [step.state for step in duty.steps.all()] == ["dropped"]
    an_approved_address()
    assert swept_at(SECOND_CHASE) == 0


def test_an_update_in_hand_since_a_decision_that_is_recorded_late_may_answer_it() -> None:
    an_approved_address()
    case = a_triaged_case(received_at=clock.now() - 3 * DAY)
    answer = an_answer(case, received_at=clock.now() - DAY)
    a_decision(case, kind=DecisionKind.SOCIAL_SERVICES, decided_at=clock.now() - 2 * DAY)
    duty = Duty.objects.get(case=case, kind="update")
    answer.refresh_from_db()
    assert (answer.duty, Chase.objects.get(duty=duty).state) == (duty, ChaseState.PAUSED)
    judged(answer)
    assert open_kinds(case) == []
    assert Mail.objects.get(step__duty=duty).state == MailState.WITHDRAWN


def test_who_have_answered_can_be_asked_again() -> None:
    duty = an_open_update()
    judged(an_answer(duty.case))
    a_decision(duty.case, kind=DecisionKind.SOCIAL_SERVICES)
    assert open_kinds(duty.case) == ["update"]


def test_a_confirmation_that_was_asked_for_again_is_satisfied_when_it_comes() -> None:
    case = a_decided_case(method=Method.TELEPHONE)
    agree_closure(asked_to_close(case), by=an_officer(Role.SUPERVISOR))
    reopen_case(Case.objects.get(pk=case.pk), reason="A new call", by=an_officer(Role.SUPERVISOR))
    assert "confirmation" in open_kinds(case)
    referral = Referral.objects.get(case=case)
    confirm_referral(referral, confirmed_at=clock.now(), confirmed_how="Email", by=an_officer(Role.DESK_SERGEANT))
    assert "confirmation" not in open_kinds(case)
