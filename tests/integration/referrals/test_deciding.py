"""What is decided about a referral: by whom, in which words it is refused, and what each decision raises and ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.models import AuditEvent
from cases.actions import assign_case
from cases.enums import Kind
from cases.models import Case, Entry
from deadlines import clock
from deadlines.clock import LONDON
from diary.actions import hold_chases, release_chases
from diary.models import Chase, ChaseState, Duty, DutyState, Mail, MailState, Step, Waker
from diary.steps import start_chase
from diary.sweep import sweep
from pages.words import moment
from referrals.actions import Decided, decide_referral, record_strategy
from referrals.enums import DecisionKind, Enquiry, Held, Judgement, Progress
from referrals.models import Decision, Referral, Strategy
from team.actions import close_account
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import NotAllowed
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_decision,
    a_strategy,
    a_triaged_case,
    an_answer,
    an_approved_address,
    as_decided,
    as_discussed,
    judged,
)
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# The Friday of the handbook's example.
FRIDAY = datetime(2009, 12, 11, 15, 0, tzinfo=LONDON)
POLICE_KINDS = [DecisionKind.JOINT, DecisionKind.POLICE]
OTHER_KINDS = [DecisionKind.SOCIAL_SERVICES, DecisionKind.PASSED_ON, DecisionKind.INFORMATION]


def by_cait() -> User:
    return User.objects.system()


def a_sergeant(**other: Any) -> User:
    return an_officer(Role.DESK_SERGEANT, **other)


@pytest.fixture(scope="module")
def built(shared: Shared) -> Case:
    return shared(a_triaged_case, received_at=clock.now() - HOUR)


@pytest.fixture
def case(built: Case) -> Case:
    """A record whose referral was received an hour ago and triaged just now."""
    return own(built)


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


def progress_of(case: Case) -> tuple[str, str]:
    referral = Referral.objects.get(case=case)
    return referral.progress, referral.decision


def duties_of(case: Case, kind: str) -> list[str]:
    """The states of the duties of one kind, in the order in which they were raised."""
    return list(Duty.objects.filter(case=case, kind=kind).order_by("cycle").values_list("state", flat=True))


def the_duty(case: Case, kind: str) -> Duty:
    """The one that is open."""
    return Duty.objects.get(case=case, kind=kind, state=DutyState.OPEN)


def ready_for(case: Case, kind: DecisionKind, at: datetime | None = None) -> dict[str, Any]:
    """What a decision of that kind, made then or now, needs beside its reason."""
    if kind == DecisionKind.JOINT and not Strategy.objects.filter(case=case).exists():
        a_strategy(case, held_at=at or clock.now())
    return {"kind": kind, "passed_to": "Sapphire unit"} if kind == DecisionKind.PASSED_ON else {"kind": kind}


def decide(case: Case, kind: DecisionKind, **other: Any) -> Decision:
    return a_decision(case, **(ready_for(case, kind, other.get("decided_at")) | other))


# --- triage raises the duty to decide ------------------------------------------------------------


def test_before_triage_nothing_is_to_be_decided() -> None:
    assert duties_of(a_case(), "decision") == []


@pytest.mark.parametrize("kind", list(DecisionKind))
def test_each_decision_ends_the_duty_and_is_kept_with_its_reason(case: Case, kind: DecisionKind) -> None:
    by, at = a_sergeant(), clock.now() - 5 * MINUTE
    decision = decide(case, kind, decided_at=at, not_chosen="A visit", by=by)
    decision.refresh_from_db()
    assert (decision.number, decision.kind, decision.reason) == (1, kind, "The school is content")
    assert (decision.not_chosen, decision.decided_at, decision.decided_by) == ("A visit", at, by)
    assert decision.recorded_at > at
    assert progress_of(case) == (Progress.DECIDED, kind)
    duty = Duty.objects.get(case=case, kind="decision")
    assert (duty.state, duty.ended_by, duty.ended_why) == (DutyState.SATISFIED, by, f"Decided: {kind.label}")


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (DecisionKind.JOINT, "Decision: joint section 47 enquiry"),
        (DecisionKind.POLICE, "Decision: police single agency"),
        (DecisionKind.SOCIAL_SERVICES, "Decision: Social Services only"),
        (DecisionKind.PASSED_ON, "Decision: passed to another unit or team"),
        (DecisionKind.INFORMATION, "Decision: information only"),
    ],
)
def test_each_decision_stands_in_the_chronology(case: Case, kind: DecisionKind, title: str) -> None:
    by = a_sergeant()
    decision = decide(case, kind, decided_at=clock.now() - MINUTE, not_chosen="A visit", by=by)
    entry = newest(case)
    assert (entry.title, entry.kind, entry.significant, entry.automatic) == (title, Kind.DECISION, True, True)
    assert (entry.happened_at, entry.recorded_by, decision.entry) == (clock.now() - MINUTE, by, entry)
    passed = "Passed to: Sapphire unit\n\n" if kind == DecisionKind.PASSED_ON else ""
    assert entry.text == f"{passed}Why: The school is content\n\nNot chosen: A visit"


def test_a_decision_is_one_event_with_its_kind(case: Case) -> None:
    by = a_sergeant()
    decision = a_decision(case, by=by)
    event = AuditEvent.objects.latest("id")
    assert (event.event, event.by_id, event.case_id, event.team_id) == (
        "REFERRAL_DECIDED",
        by.pk,
        case.pk,
        case.team_id,
    )
    assert (event.object_type, event.object_id) == ("referrals.decision", decision.pk)
    assert event.detail == {"kind": "information"}


def test_the_history_of_the_referral_is_in_the_name_of_who_decides(case: Case) -> None:
    by = a_sergeant()
    a_decision(case, by=by)
    line = Referral.objects.get(case=case).history.latest("history_id")
    assert (line.history_user, line.decision) == (by, DecisionKind.INFORMATION)


# --- what is refused -----------------------------------------------------------------------------


def test_nothing_is_decided_before_triage() -> None:
    case = a_case()
    assert refusal(lambda: a_decision(case)) == (
        "Triage the referral first: nobody has looked yet whether urgent action is needed."
    )
    assert not Decision.objects.exists()


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_nothing_is_decided_without_a_reason(case: Case, reason: str) -> None:
    assert beside(lambda: a_decision(case, reason=reason)) == ["reason"]
    assert progress_of(case) == (Progress.TRIAGED, "")
    assert duties_of(case, "decision") == [DutyState.OPEN]


def test_a_decision_comes_after_the_referral() -> None:
    received = clock.now() - HOUR
    case = a_triaged_case(received_at=received)

    def act() -> Decision:
        return a_decision(case, decided_at=received - MINUTE)

    assert beside(act) == ["decided_at"]
    assert refusal(act) == f"This is before the referral was received, {moment(received)}"
    assert a_decision(case, decided_at=received).number == 1


def test_a_decision_comes_after_the_one_before() -> None:
    now = clock.now()
    case = a_triaged_case(received_at=now - DAY)
    a_decision(case, decided_at=now - HOUR)

    def act() -> Decision:
        return a_decision(case, kind=DecisionKind.POLICE, decided_at=now - 2 * HOUR)

    assert beside(act) == ["decided_at"]
    assert refusal(act) == f"This is before the last decision, {moment(now - HOUR)}"
    assert Decision.objects.count() == 1
    assert a_decision(case, kind=DecisionKind.POLICE, decided_at=now - HOUR).number == 2


SAID_TWICE = [
    (DecisionKind.INFORMATION, ""),
    (DecisionKind.SOCIAL_SERVICES, ""),
    (DecisionKind.POLICE, ""),
    (DecisionKind.JOINT, ""),
    (DecisionKind.PASSED_ON, "Sapphire unit"),
]


@pytest.mark.parametrize(("kind", "passed_to"), SAID_TWICE)
def test_the_same_is_not_decided_twice(case: Case, kind: DecisionKind, passed_to: str) -> None:
    first = a_sergeant()
    decision = decide(case, kind, by=first)
    duties, entries = list(Duty.objects.order_by("pk").values_list("pk", "state")), case.entries.count()

    def act() -> Decision:
        return a_decision(case, kind=kind, passed_to=passed_to, reason="To say it once more", by=a_sergeant())

    assert beside(act) == ["kind"]
    assert refusal(act) == (
        f"{first} decided so on {moment(decision.decided_at)} already. Add what is new to the chronology"
    )
    assert Decision.objects.get() == decision
    assert (list(Duty.objects.order_by("pk").values_list("pk", "state")), case.entries.count()) == (duties, entries)


def test_passed_to_others_it_is_another_decision(case: Case) -> None:
    decide(case, DecisionKind.PASSED_ON)
    assert decide(case, DecisionKind.PASSED_ON, passed_to="Brent CAIT").number == 2
    assert decide(case, DecisionKind.PASSED_ON).number == 3


@pytest.mark.parametrize("kind", list(DecisionKind))
def test_the_same_may_be_decided_after_another_decision_or_when_it_must_be_decided_again(
    case: Case, kind: DecisionKind
) -> None:
    other = DecisionKind.POLICE if kind == DecisionKind.INFORMATION else DecisionKind.INFORMATION
    numbers = [decide(case, each).number for each in (kind, other, kind)]
    judged(an_answer(case), Judgement.CHANGED)
    assert [*numbers, decide(case, kind).number] == [1, 2, 3, 4]
    assert progress_of(case) == (Progress.DECIDED, kind)


def test_a_joint_enquiry_needs_a_strategy_discussion_of_the_same_record(case: Case) -> None:
    a_strategy(a_triaged_case())

    def act() -> Decision:
        return a_decision(case, kind=DecisionKind.JOINT)

    assert beside(act) == ["kind"]
    assert refusal(act) == (
        "A joint enquiry is agreed in a strategy discussion with Social Services, and none before it that agreed "
        "one is recorded. Record it first"
    )
    assert not Decision.objects.exists()
    a_strategy(case)
    assert act().kind == DecisionKind.JOINT


def test_of_several_discussions_one_before_the_decision_is_enough() -> None:
    now = clock.now()
    case = a_triaged_case(received_at=now - DAY)
    a_strategy(case, held_at=now - MINUTE)
    a_strategy(case, held_at=now - 3 * HOUR)
    assert a_decision(case, kind=DecisionKind.JOINT, decided_at=now - 2 * HOUR).kind == DecisionKind.JOINT


@pytest.mark.parametrize("passed_to", ["", "  "])
def test_what_is_passed_on_is_passed_to_somebody(case: Case, passed_to: str) -> None:

    def act() -> Decision:
        return a_decision(case, kind=DecisionKind.PASSED_ON, passed_to=passed_to)

    assert beside(act) == ["passed_to"]
    assert refusal(act) == "Enter the unit or team it is passed to"


@pytest.mark.parametrize("kind", [each for each in DecisionKind if each != DecisionKind.PASSED_ON])
def test_only_what_is_passed_on_has_somebody_there(case: Case, kind: DecisionKind) -> None:
    ready = ready_for(case, kind) | {"passed_to": "Sapphire unit"}
    assert beside(lambda: a_decision(case, **ready)) == ["passed_to"]
    assert not Decision.objects.exists()


@pytest.mark.parametrize("passed_to", ["x" * 201, "two\nlines"])
def test_to_whom_it_is_passed_is_one_line(case: Case, passed_to: str) -> None:
    assert beside(lambda: a_decision(case, kind=DecisionKind.PASSED_ON, passed_to=passed_to)) == ["passed_to"]


def test_nothing_is_decided_on_a_closed_record() -> None:
    case = a_closed_case()
    assert refusal(lambda: a_decision(case)) == (
        f"Record {case} is closed, so nothing can be added to it. A sergeant or the inspector can open it again."
    )


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.OFFICE_MANAGER, Role.RESEARCHER, Role.COMMAND])
def test_whoever_is_no_sergeant_decides_nothing(case: Case, role: Role) -> None:
    with pytest.raises(NotAllowed, match="You cannot decide what is done about a referral in Team HGY"):
        a_decision(case, by=an_officer(role))
    assert not Decision.objects.exists()


def test_a_sergeant_of_another_team_decides_nothing(case: Case) -> None:
    with pytest.raises(NotAllowed):
        a_decision(case, by=a_sergeant(team=a_team("ENF")))


def test_a_refused_decision_leaves_nothing_behind(case: Case) -> None:
    entries, events, duties = case.entries.count(), AuditEvent.objects.count(), Duty.objects.count()
    refusal(lambda: a_decision(case, kind=DecisionKind.SOCIAL_SERVICES, passed_to="Somebody"))
    assert (case.entries.count(), AuditEvent.objects.count(), Duty.objects.count()) == (entries, events, duties)


# --- one after the other -------------------------------------------------------------------------


def test_decisions_of_a_record_are_numbered_from_one() -> None:
    first, second = a_triaged_case(), a_triaged_case()
    kinds = [DecisionKind.POLICE, DecisionKind.POLICE, DecisionKind.INFORMATION, DecisionKind.POLICE]
    cases = (first, second, first, first)
    numbers = [a_decision(case, kind=kind).number for case, kind in zip(cases, kinds, strict=True)]
    assert numbers == [1, 1, 2, 3]
    assert list(Decision.objects.filter(case=first).order_by("pk").values_list("number", flat=True)) == [1, 2, 3]


def test_a_number_is_given_once() -> None:
    decision = a_decision(a_triaged_case())
    twin = Decision(
        case=decision.case,
        number=1,
        entry=decision.case.entries.earliest("id"),
        kind=decision.kind,
        reason="Again",
        decided_at=decision.decided_at,
        decided_by=decision.decided_by,
    )
    with pytest.raises(IntegrityError, match="decisions_follow_each_other"), transaction.atomic():
        twin.save()


@pytest.mark.parametrize("kind", [each for each in DecisionKind if each != DecisionKind.SOCIAL_SERVICES])
def test_a_later_decision_ends_what_social_services_were_asked(kind: DecisionKind) -> None:
    an_approved_address()
    case = a_decided_case(DecisionKind.SOCIAL_SERVICES)
    by = a_sergeant()
    decide(case, kind, by=by)
    duty = Duty.objects.get(case=case, kind="update")
    assert (duty.state, duty.ended_by) == (DutyState.CANCELLED, by)
    assert duty.ended_why.endswith(kind.label)
    assert Chase.objects.get(duty=duty).state == ChaseState.ENDED
    assert Mail.objects.get().state == MailState.WITHDRAWN


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_later_decision_not_to_investigate_ends_the_allocation(kind: DecisionKind) -> None:
    case = a_decided_case(DecisionKind.POLICE)
    decide(case, kind)
    duty = Duty.objects.get(case=case, kind="allocation")
    assert (duty.state, duty.ended_why) == (DutyState.CANCELLED, f"Decided again: {kind.label}")


# --- Social Services only ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [each for each in DecisionKind if each != DecisionKind.SOCIAL_SERVICES])
def test_any_other_decision_asks_social_services_for_nothing(kind: DecisionKind) -> None:
    an_approved_address()
    case = a_triaged_case()
    decided = decide_referral(case, **as_decided(**ready_for(case, kind)), by=by_cait())
    assert decided.request is None
    assert duties_of(case, "update") == []
    assert not Mail.objects.exists()


def test_the_request_is_written_with_the_decision_to_the_first_address() -> None:
    first = an_approved_address()
    an_approved_address(number=2)
    case = a_triaged_case()
    decided = decide_referral(case, **as_decided(kind=DecisionKind.SOCIAL_SERVICES), by=by_cait())
    mail = Mail.objects.get()
    assert (decided.request, mail.address, mail.step.number) == (mail, first.address, 0)
    assert mail.step.duty == the_duty(case, "update")


def test_without_an_address_the_duty_is_there_and_its_request_waits(case: Case) -> None:
    decided = decide_referral(case, **as_decided(kind=DecisionKind.SOCIAL_SERVICES), by=by_cait())
    assert decided.request is None
    assert Step.objects.get(duty=the_duty(case, "update")).state == "waiting"


# --- no email from the beginning -----------------------------------------------------------------


def asked_and_held(case: Case, why: str = "He is their manager", **other: Any) -> Decided:
    """Social Services alone deal with it, and no email is sent."""
    return decide_referral(case, **as_decided(kind=DecisionKind.SOCIAL_SERVICES, hold_why=why, **other), by=by_cait())


def test_a_decision_may_hold_its_email_back_from_the_beginning() -> None:
    an_approved_address()
    case, by = a_triaged_case(), a_sergeant()
    said = as_decided(kind=DecisionKind.SOCIAL_SERVICES, hold_why="He is their manager")
    decided = decide_referral(case, **said, by=by)
    duty = the_duty(case, "update")
    assert decided.request is None
    assert (duty.held_by, duty.held_why) == (by, "He is their manager")
    assert duty.held_at is not None
    assert duty.history.latest("history_id").history_user == by
    assert not Mail.objects.exists()
    assert Step.objects.get(duty=duty).state == "waiting"
    assert Chase.objects.get(duty=duty).state == ChaseState.RUNNING
    assert newest(case).text.endswith("No email is sent to Social Services: He is their manager")
    sweep(woken_by=Waker.COMMAND)
    assert not Mail.objects.exists()


def test_what_was_held_back_from_the_beginning_is_asked_when_it_is_let_go() -> None:
    first = an_approved_address()
    case = a_triaged_case()
    asked_and_held(case)
    release_chases(the_duty(case, "update"), why="Another has taken over", by=a_sergeant())
    mail = Mail.objects.get()
    assert (mail.step.number, mail.address, mail.state) == (0, first.address, MailState.QUEUED)


def test_without_a_reason_nothing_is_held_back() -> None:
    an_approved_address()
    case = a_triaged_case()
    asked_and_held(case, why="")
    assert the_duty(case, "update").held_at is None
    assert Mail.objects.get().state == MailState.QUEUED
    assert "No email is sent" not in newest(case).text


@pytest.mark.parametrize("kind", [each for each in DecisionKind if each != DecisionKind.SOCIAL_SERVICES])
def test_where_no_email_would_be_sent_none_is_held_back(case: Case, kind: DecisionKind) -> None:
    ready = ready_for(case, kind) | {"hold_why": "He is their manager"}
    assert beside(lambda: a_decision(case, **ready)) == ["hold_why"]
    assert refusal(lambda: a_decision(case, **ready)) == (
        "An email is sent for “Social Services only” alone. Choose it, or empty this"
    )
    assert not Decision.objects.exists()


@pytest.mark.parametrize("why", ["x" * 301, "two\nlines"])
def test_why_no_email_is_sent_is_one_line(case: Case, why: str) -> None:
    with pytest.raises(ValidationError):
        asked_and_held(case, why=why)
    assert (progress_of(case), duties_of(case, "update")) == ((Progress.TRIAGED, ""), [])


@pytest.mark.parametrize("at_once", [True, False], ids=["with the decision", "later"])
def test_what_was_held_back_stays_so_with_the_next_request(at_once: bool) -> None:
    an_approved_address()
    case, by = a_triaged_case(), a_sergeant()
    if at_once:
        asked_and_held(case)
    else:
        decide(case, DecisionKind.SOCIAL_SERVICES)
        hold_chases(the_duty(case, "update"), why="He is their manager", by=a_sergeant())
    before = the_duty(case, "update")
    decide(case, DecisionKind.INFORMATION)
    said = as_decided(kind=DecisionKind.SOCIAL_SERVICES)
    assert decide_referral(case, **said, by=by).request is None
    duty = Duty.objects.get(case=case, kind="update", cycle=1)
    assert (duty.held_by, duty.held_at, duty.held_why) == (before.held_by, before.held_at, "He is their manager")
    told = Entry.objects.filter(case=case, title="Decision: Social Services only").latest("pk").text
    assert f"Emails stay held back, as {before.held_by} decided on " in told
    assert AuditEvent.objects.latest("pk").detail["held"] == "yes"
    sweep(woken_by=Waker.COMMAND)
    assert not Mail.objects.filter(step__duty=duty).exists()


def test_a_new_reason_takes_the_place_of_the_one_that_was_held_by(case: Case) -> None:
    asked_and_held(case)
    decide(case, DecisionKind.INFORMATION)
    asked_and_held(case, why="His wife is their manager")
    assert the_duty(case, "update").held_why == "His wife is their manager"


def test_what_was_let_go_is_not_held_back_with_the_next_request() -> None:
    an_approved_address()
    case = a_triaged_case()
    asked_and_held(case)
    release_chases(the_duty(case, "update"), why="Another has taken over", by=a_sergeant())
    decide(case, DecisionKind.INFORMATION)
    decide(case, DecisionKind.SOCIAL_SERVICES)
    duty = the_duty(case, "update")
    assert duty.held_at is None
    assert Mail.objects.get(step__duty=duty).state == MailState.QUEUED


# --- an investigation is given to an officer -----------------------------------------------------


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_what_is_not_investigated_is_allocated_to_nobody(case: Case, kind: DecisionKind) -> None:
    decide(case, kind)
    assert duties_of(case, "allocation") == []


@pytest.mark.parametrize("kind", POLICE_KINDS)
def test_where_there_is_an_officer_already_nothing_is_to_be_allocated(case: Case, kind: DecisionKind) -> None:
    assign_case(case, officer_in_case=an_officer(Role.INVESTIGATOR), supervisor=None, by=by_cait())
    decide(case, kind)
    assert duties_of(case, "allocation") == []


def test_the_allocation_is_done_when_an_officer_is_named() -> None:
    case, officer, by = a_decided_case(DecisionKind.POLICE), an_officer(Role.INVESTIGATOR), a_sergeant()
    assign_case(case, officer_in_case=officer, supervisor=None, by=by)
    duty = Duty.objects.get(case=case, kind="allocation")
    assert (duty.state, duty.ended_by, duty.ended_why) == (DutyState.SATISFIED, by, f"Given to {officer}")


def test_naming_a_supervisor_alone_allocates_nothing() -> None:
    case = a_decided_case(DecisionKind.POLICE)
    assign_case(case, officer_in_case=None, supervisor=an_officer(Role.SUPERVISOR), by=by_cait())
    assert the_duty(case, "allocation").kind == "allocation"


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_an_officer_taken_off_what_is_not_investigated_is_not_replaced(case: Case, kind: DecisionKind) -> None:
    decide(case, kind)
    assign_case(case, officer_in_case=an_officer(Role.INVESTIGATOR), supervisor=None, by=by_cait())
    assign_case(case, officer_in_case=None, supervisor=None, by=by_cait())
    assert duties_of(case, "allocation") == []


def test_an_officer_after_another_raises_nothing() -> None:
    case = a_decided_case(DecisionKind.POLICE)
    for _ in range(2):
        assign_case(case, officer_in_case=an_officer(Role.INVESTIGATOR), supervisor=None, by=by_cait())
    assert duties_of(case, "allocation") == [DutyState.SATISFIED]


# --- what the database refuses -------------------------------------------------------------------


@pytest.mark.parametrize("table", ["referrals_decision", "referrals_strategy"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_changes_and_deletes_no_decision_and_no_discussion(table: str, statement: str) -> None:
    a_strategy(a_decided_case())
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_so_it_does_through_the_models() -> None:
    strategy = a_strategy(a_decided_case())
    for row in (strategy, Decision.objects.get()):
        for change in (row.save, row.delete):
            with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
                change()


def test_a_duty_is_asked_about_once() -> None:
    case = a_decided_case(DecisionKind.SOCIAL_SERVICES)
    duty = the_duty(case, "update")
    with pytest.raises(IntegrityError), transaction.atomic():
        start_chase(duty, partner=Chase.objects.get(duty=duty).partner, decided_at=clock.now())  # type: ignore[arg-type]


# --- two at once ---------------------------------------------------------------------------------


def test_the_second_who_decides_reads_who_decided_what(case: Case) -> None:
    other = a_sergeant()
    first = a_decision(case, kind=DecisionKind.POLICE, reason="He admits it", seen=0, by=other)
    first.refresh_from_db()
    with pytest.raises(ChangedMeanwhile) as refused:
        a_decision(case, seen=0, by=a_sergeant())
    assert refused.value.messages == [
        f"{other} recorded a decision on {moment(first.recorded_at)}, while you had this open: Police single agency, "
        "because: “He admits it” What you typed is still below. If yours is to take its place, send it again; "
        "otherwise cancel."
    ]
    assert Decision.objects.count() == 1
    assert a_decision(case, seen=1, by=a_sergeant()).number == 2


def test_a_decision_sent_twice_is_taken_once(case: Case) -> None:
    by, said = a_sergeant(), as_decided(seen=0)
    decide_referral(case, **said, by=by)
    with pytest.raises(ChangedMeanwhile):
        decide_referral(case, **said, by=by)
    assert (Decision.objects.count(), progress_of(case)) == (1, (Progress.DECIDED, DecisionKind.INFORMATION))


# --- strategy discussions ------------------------------------------------------------------------


def test_several_discussions_of_one_record_are_kept_each_by_itself() -> None:
    case, now = a_triaged_case(received_at=clock.now() - DAY), clock.now()
    first = a_strategy(case, held_at=now - 2 * HOUR)
    second = a_strategy(case, how=Held.MEETING, held_at=now - HOUR, enquiry=Enquiry.JOINT, decided="Interview him")
    assert list(Strategy.objects.order_by("held_at")) == [first, second]
    assert (first.entry.title, second.entry.title) == ("Strategy discussion by telephone", "Strategy meeting")


def test_a_discussion_keeps_who_took_part_and_what_was_agreed() -> None:
    case, by, at = a_triaged_case(received_at=clock.now() - DAY), an_officer(Role.INVESTIGATOR), clock.now() - HOUR
    took_part = {
        "police": "DC Lindley",
        "social_services": "S Arikan",
        "health": "Dr Orme",
        "school": "",
        "other": "",
    }
    strategy = record_strategy(
        case, **as_discussed(held_at=at, took_part=took_part, enquiry=Enquiry.SOCIAL_SERVICES), by=by
    )
    strategy.refresh_from_db()
    assert strategy.took_part == {"police": "DC Lindley", "social_services": "S Arikan", "health": "Dr Orme"}
    assert strategy.who_took_part == [
        ("Police", "DC Lindley"),
        ("Social Services", "S Arikan"),
        ("Health", "Dr Orme"),
    ]
    assert (strategy.held_at, strategy.enquiry, strategy.recorded_by) == (at, Enquiry.SOCIAL_SERVICES, by)
    assert (strategy.decided, strategy.reason) == ("Social Services visit today", "No crime alleged")


@pytest.mark.parametrize(
    ("how", "title"),
    [(Held.TELEPHONE, "Strategy discussion by telephone"), (Held.MEETING, "Strategy meeting")],
)
def test_a_discussion_stands_in_the_chronology_with_all_who_took_part(how: Held, title: str) -> None:
    case, sergeant, at = a_triaged_case(received_at=clock.now() - DAY), a_sergeant(), clock.now() - HOUR
    took_part = {
        "police": "DS Frayne",
        "social_services": "S Arikan",
        "health": "Dr Orme",
        "school": "Ms Bell",
        "other": "Mr Ali, probation",
    }
    a_strategy(case, how=how, held_at=at, took_part=took_part, supervisor=sergeant, enquiry=Enquiry.POLICE)
    entry = newest(case)
    assert (entry.title, entry.kind, entry.happened_at, entry.significant) == (title, Kind.DECISION, at, True)
    assert entry.text.splitlines() == [
        "Police: DS Frayne",
        "Social Services: S Arikan",
        "Health: Dr Orme",
        "School or nursery: Ms Bell",
        "Others: Mr Ali, probation",
        f"Police supervisor who took part: {sergeant}",
        "Section 47 enquiry: Police alone",
        "Agreed: Social Services visit today",
        "Why: No crime alleged",
    ]


def test_that_no_supervisor_took_part_is_said(case: Case) -> None:
    assert a_strategy(case, supervisor=None).supervisor is None
    assert "Police supervisor who took part: none" in newest(case).text


@pytest.mark.parametrize("role", [Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR])
def test_a_sergeant_or_inspector_of_the_team_is_a_supervisor(role: Role) -> None:
    officer = an_officer(role)
    strategy = a_strategy(a_triaged_case(), supervisor=officer)
    strategy.refresh_from_db()
    assert strategy.supervisor == officer


def test_nobody_else_is_a_supervisor(case: Case) -> None:
    gone = an_officer(Role.SUPERVISOR)
    close_account(gone, by=by_cait())
    for officer in (an_officer(Role.INVESTIGATOR), a_sergeant(team=a_team("ENF")), an_officer(Role.COMMAND), gone):

        def act(officer: User = officer) -> Strategy:
            return a_strategy(case, supervisor=officer)

        assert beside(act) == ["supervisor"]
        assert refusal(act) == f"{officer} is no sergeant or inspector in Team HGY today"
    assert not Strategy.objects.exists()


@pytest.mark.parametrize(("agency", "named"), [("police", "the police"), ("social_services", "Social Services")])
def test_without_police_or_social_services_it_is_no_strategy_discussion(case: Case, agency: str, named: str) -> None:
    for took_part in ({agency: ""}, {}):
        both = {"police": "DS Frayne", "social_services": "S Arikan"}
        del both[agency]

        def act(took_part: dict[str, str] = both | took_part) -> Strategy:
            return a_strategy(case, took_part=took_part)

        assert beside(act) == [agency]
        assert refusal(act).startswith(f"Name who took part for {named}. Without them it is no strategy discussion")


@pytest.mark.parametrize("field", ["decided", "reason"])
def test_what_was_agreed_and_why_is_said(case: Case, field: str) -> None:
    assert beside(lambda: a_strategy(case, **{field: "  "})) == [field]


def test_a_discussion_is_held_after_receipt_and_not_in_the_future() -> None:
    now = clock.moment()
    case = a_triaged_case(received_at=now - HOUR)
    for held_at in (now + MINUTE, now - 2 * HOUR):
        assert beside(lambda held_at=held_at: a_strategy(case, held_at=held_at)) == ["held_at"]  # type: ignore[misc]
    assert a_strategy(case, held_at=now - HOUR).held_at == now - HOUR


def test_a_discussion_sent_twice_is_recorded_once(case: Case) -> None:
    by, said = a_sergeant(), as_discussed()
    first = record_strategy(case, **said, by=by)
    again = refusal(lambda: record_strategy(case, **said, by=a_sergeant()))
    assert again == f"{by} recorded this discussion on {moment(first.recorded_at)}."
    assert Strategy.objects.count() == 1


def test_a_discussion_may_be_held_before_triage_and_by_anybody_who_writes_on_the_record() -> None:
    case, by = a_case(), an_officer(Role.INVESTIGATOR)
    assert record_strategy(case, **as_discussed(), by=by).recorded_by == by
    event = AuditEvent.objects.latest("id")
    assert (event.event, event.by_id, event.case_id) == ("STRATEGY_RECORDED", by.pk, case.pk)


def test_a_discussion_raises_and_ends_no_duty(case: Case) -> None:
    before = list(Duty.objects.order_by("pk").values_list("kind", "state"))
    a_strategy(case)
    assert list(Duty.objects.order_by("pk").values_list("kind", "state")) == before


def test_the_command_records_no_discussion_and_nobody_does_on_a_closed_record(case: Case) -> None:
    command = an_officer(Role.COMMAND)
    with pytest.raises(NotAllowed, match="You cannot write on records"):
        record_strategy(case, **as_discussed(), by=command)
    closed = a_closed_case()
    assert refusal(lambda: a_strategy(closed)).startswith(f"Record {closed} is closed")


def test_the_database_holds_who_must_have_taken_part(case: Case) -> None:
    strategy = a_strategy(case)
    with pytest.raises(IntegrityError, match="strategy_with_social_services"), transaction.atomic():
        Strategy.objects.create(
            case=case,
            entry=case.entries.earliest("id"),
            how=strategy.how,
            held_at=strategy.held_at,
            took_part={"police": "DS Frayne"},
            enquiry=strategy.enquiry,
            decided="x",
            reason="x",
            recorded_by=strategy.recorded_by,
        )


def test_an_investigation_of_somebody_who_has_left_is_allocated_anew(case: Case) -> None:
    officer = an_officer(Role.INVESTIGATOR)
    assign_case(case, officer_in_case=officer, supervisor=None, by=User.objects.system())
    close_account(officer, by=User.objects.system())
    a_decision(Case.objects.get(pk=case.pk), kind=DecisionKind.POLICE)
    assert Duty.objects.filter(case=case, kind="allocation", state=DutyState.OPEN).exists()


@pytest.mark.parametrize("agency", ["police", "social_services"])
def test_a_space_is_no_name_of_who_took_part(agency: str) -> None:
    took_part = {"police": "DS Frayne", "social_services": "S Arikan", agency: " "}
    with pytest.raises(ValidationError, match="Without them it is no strategy discussion"):
        a_strategy(a_triaged_case(), took_part=took_part)


def test_a_leaver_who_is_taken_off_leaves_the_late_allocation_late(case: Case) -> None:
    officer = an_officer(Role.INVESTIGATOR)
    assign_case(case, officer_in_case=officer, supervisor=None, by=User.objects.system())
    close_account(officer, by=User.objects.system())
    a_decision(Case.objects.get(pk=case.pk), kind=DecisionKind.POLICE)
    assign_case(Case.objects.get(pk=case.pk), officer_in_case=None, supervisor=None, by=User.objects.system())
    assert [(duty.cycle, duty.state) for duty in Duty.objects.filter(case=case, kind="allocation")] == [(0, "open")]


@pytest.mark.parametrize("agreed", [Enquiry.POLICE, Enquiry.SOCIAL_SERVICES, Enquiry.NONE])
def test_a_discussion_that_agreed_something_else_is_not_enough_for_a_joint_enquiry(
    case: Case, agreed: Enquiry
) -> None:
    a_strategy(case, enquiry=agreed)
    with pytest.raises(ValidationError, match="none before it that agreed one"):
        a_decision(case, kind=DecisionKind.JOINT)


def test_what_is_decided_again_as_joint_needs_a_discussion_since() -> None:
    now = clock.now()
    case = a_triaged_case(received_at=now - 3 * HOUR)
    a_strategy(case, held_at=now - 2 * HOUR)
    a_decision(case, decided_at=now - HOUR)
    judged(an_answer(case), Judgement.CHANGED)
    with pytest.raises(ValidationError, match="none before it that agreed one"):
        a_decision(case, kind=DecisionKind.JOINT)
    a_strategy(case)
    a_decision(case, kind=DecisionKind.JOINT)
