"""How a record ends: what stands in the way of it, who asks, who agrees, and how it is opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.models import AuditEvent
from cases import actions
from cases.closure import ends_undone, in_the_way, register, rooms
from cases.enums import ClosureState, Court, Kind, Level, State
from cases.models import Case, Closure, Entry
from cases.policies import check_nothing_in_the_way
from cases.queries import in_the_way_of_closure
from cases.transfers import in_the_way_of_transfer
from cram.actions import return_assessment
from cram.enums import Said
from deadlines import clock
from deadlines.clock import LONDON
from diary.models import Chase, ChaseState, Duty, DutyState
from pages.words import moment
from referrals.actions import confirm_referral
from referrals.enums import DecisionKind, Judgement, Progress
from referrals.models import Decision, Referral
from team.enums import Role
from team.history import who_changed
from team.models import User
from team.permissions import NotAllowed
from tests.factories.assessing import an_assessment, answered, assessed, submitted
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_closed_case,
    a_decision,
    a_ready_case,
    a_triaged_case,
    an_answer,
    asked_to_close,
    judged,
)
from tests.factories.team import a_team, an_officer
from tests.shared import own

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FRIDAY = datetime(2009, 12, 11, 15, 0, tzinfo=LONDON)
OUTCOME = "Nobody was hurt; the school watches."
# Each thing in the way, and the page on which it is done.
UNTRIAGED = ("The referral is not triaged", "referrals:triage")
UNDECIDED = ("It is not decided what is done about the referral", "referrals:decide")
UNANSWERED = ("Social Services have not answered what we asked", "referrals:social_services")
UNJUDGED = ("An update from Social Services is not judged yet", "referrals:judge")
UNALLOCATED = ("The investigation is given to no officer", "cases:assign_case")
UNASSESSED = ("The first CRAM is not done", "cram:assess")
UNENDORSED = ("A CRAM is not endorsed", "cram:endorse")
RETURNED = ("A returned CRAM is not put right", "cram:assess")
UNKNOWN = ("An intelligence gap is open", "cram:gaps")
IN_CASE = "You are or were officer in case, so somebody else must agree. Ask another sergeant or the inspector."


def by_cait() -> User:
    return User.objects.system()


def a_constable(**other: Any) -> User:
    return an_officer(Role.INVESTIGATOR, **other)


def a_sergeant(**other: Any) -> User:
    return an_officer(Role.SUPERVISOR, **other)


def refusal(act: Callable[[], Any]) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        act()
    return refused.value.messages


def beside(act: Callable[[], Any]) -> list[str]:
    """The fields beside which a refusal stands."""
    with pytest.raises(ValidationError) as refused:
        act()
    return sorted(refused.value.message_dict)


def ask(case: Case, *, by: User | None = None, **other: Any) -> Closure:
    return actions.ask_closure(case, **({"outcome": OUTCOME, "court": Court.NONE} | other), by=by or a_constable())


def newest(case: Case) -> Entry:
    return case.entries.latest("id")


def the_closure_duty(case: Case) -> Duty:
    return Duty.objects.filter(case=case, kind="closure").latest("cycle")


def state_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def things(case: Case) -> list[tuple[str, str]]:
    return [(each.what, each.view) for each in in_the_way(case)]


def lost(case: Case, kind: str) -> None:
    """As if the duty had never been raised, whatever was the matter."""
    Duty.objects.filter(case=case, kind=kind).update(
        state=DutyState.CANCELLED, ended_at=clock.now(), ended_by=by_cait(), ended_why="Lost"
    )


def an_action(case: Case) -> Any:
    return actions.add_action(case, what="Ring the school", owner=a_constable(), due_on=clock.today(), by=by_cait())


# --- what stands in the way ----------------------------------------------------------------------


def with_an_answer(case: Case) -> Case:
    an_answer(case)
    return case


def with_a_returned_assessment(case: Case) -> Case:
    return return_assessment(submitted(case), words="Who has the child tonight?", by=a_sergeant()).assessment.case


def with_a_gap(case: Case) -> Case:
    answered(an_assessment(case), Said.NOT_KNOWN)
    return assessed(case, Level.MEDIUM).case


def with_an_action(case: Case) -> Case:
    an_action(case)
    return case


def under_way(case: Case) -> Case:
    return an_assessment(case).case


class Way(NamedTuple):
    """What stands in the way, of what record of the folder, after what is done to it; and which duty says so too."""

    name: str
    of: str
    done: Callable[[Case], Case] | None
    things: list[tuple[str, str]]
    duty: str = ""


IN_THE_WAY = [
    Way("an action", "ready", with_an_action, [("1 action still to do", "cases:actions_page")]),
    Way(
        "two actions",
        "ready",
        lambda case: with_an_action(with_an_action(case)),
        [("2 actions still to do", "cases:actions_page")],
    ),
    Way("not triaged", "received", lambda case: assessed(case).case, [UNTRIAGED], "triage"),
    Way("not decided", "triaged", lambda case: assessed(case).case, [UNDECIDED], "decision"),
    Way("not answered", "awaited", None, [UNANSWERED], "update"),
    Way("not judged", "ready", with_an_answer, [UNJUDGED], "judge"),
    Way("not allocated", "investigation", None, [UNALLOCATED], "allocation"),
    Way("not assessed", "decided", None, [UNASSESSED], "first_cram"),
    Way("assessment begun", "decided", under_way, [UNASSESSED]),
    Way("not endorsed", "decided", lambda case: submitted(case).case, [UNENDORSED], "endorse_cram"),
    Way("returned", "decided", with_a_returned_assessment, [RETURNED], "cram_returned"),
    Way("not known", "decided", with_a_gap, [UNKNOWN], "gap"),
    Way("under review", "ready", under_way, [("A CRAM is under way", "cram:assess")]),
    Way("nothing done", "received", None, [UNTRIAGED, UNASSESSED]),
]


@pytest.mark.parametrize("way", IN_THE_WAY, ids=[each.name for each in IN_THE_WAY])
def test_closure_is_refused_with_what_stands_in_the_way_though_a_duty_is_missing(
    way: Way, built: dict[str, Case]
) -> None:
    case = own(built[way.of])
    case = way.done(case) if way.done else case

    def refused() -> None:
        assert things(case) == way.things
        said = ["This record cannot be closed yet.", *(f"{each}." for each, _ in way.things)]
        assert refusal(lambda: ask(case)) == said
        assert not Closure.objects.filter(case=case).exists()
        assert not Duty.objects.filter(case=case, kind="closure").exists()

    refused()
    if way.duty:  # the facts keep it open all the same
        lost(case, way.duty)
        # The next review of the risk is in nobody's way.
        assert not Duty.objects.filter(case=case, state=DutyState.OPEN).exclude(kind="cram_review").exists()
        refused()


def test_everything_that_stands_in_the_way_is_named_once(awaited: Case) -> None:
    an_action(awaited)
    an_answer(awaited, text="One")
    an_answer(awaited, text="Two")
    assert sorted(things(awaited)) == sorted([("1 action still to do", "cases:actions_page"), UNANSWERED, UNJUDGED])
    said = refusal(lambda: ask(awaited))
    assert sorted(said[1:]) == sorted(["1 action still to do.", f"{UNANSWERED[0]}.", f"{UNJUDGED[0]}."])


def test_when_each_thing_is_done_nothing_stands_in_the_way(awaited: Case) -> None:
    action = an_action(awaited)
    judged(an_answer(awaited))
    assert things(awaited) == [("1 action still to do", "cases:actions_page")]
    actions.complete_action(action, result="Done", by=by_cait())
    assert things(awaited) == []
    assert ask(awaited).state == ClosureState.ASKED


def test_an_action_that_is_not_needed_is_not_in_the_way(ready: Case) -> None:
    actions.cancel_action(an_action(ready), result="The school rang", by=by_cait())
    assert things(ready) == []


def test_an_investigation_with_an_officer_is_not_in_the_way(investigation: Case) -> None:
    actions.assign_case(investigation, officer_in_case=a_constable(), supervisor=None, by=by_cait())
    assert things(investigation) == []


def test_what_does_not_answer_is_still_in_the_way(awaited: Case) -> None:
    judged(an_answer(awaited), Judgement.NO_ANSWER)
    assert things(awaited) == [UNANSWERED]


def test_changed_circumstances_are_in_the_way_until_it_is_decided_again(awaited: Case) -> None:
    judged(an_answer(awaited), Judgement.CHANGED)
    assert things(awaited) == [UNDECIDED]
    a_decision(awaited)
    assert things(awaited) == []


def test_a_written_confirmation_still_to_come_is_not_in_the_way_and_said_to_end_undone(
    telephoned: Case, decided: Case
) -> None:
    assert things(telephoned) == []
    assert ends_undone(telephoned) == ["Get the telephone referral in writing", "CRAM review"]
    ask(telephoned)
    assert ends_undone(telephoned) == ["Get the telephone referral in writing", "CRAM review"]
    assert ends_undone(decided) == []


def test_a_duty_nobody_knows_is_in_the_way(ready: Case) -> None:
    duty = Duty.objects.get(case=ready, kind="decision")
    Duty.objects.filter(pk=duty.pk).update(
        kind="forgotten", state=DutyState.OPEN, ended_at=None, ended_by=None, ended_why=""
    )
    assert things(ready) == [("A duty that CAIT does not know is open: forgotten", "workbench:case")]


def test_by_the_facts_an_answer_from_before_the_last_decision_is_none() -> None:
    case = a_ready_case(DecisionKind.SOCIAL_SERVICES)
    judged(an_answer(case))
    assert things(case) == []
    a_decision(case)
    assert things(case) == []
    a_decision(case, kind=DecisionKind.SOCIAL_SERVICES)
    lost(case, "update")
    assert things(case) == [UNANSWERED]


def test_things_in_the_way_of_one_record_are_not_in_that_of_another(
    ready: Case, decided: Case, awaited: Case
) -> None:
    an_action(decided)
    assert things(awaited) == [UNANSWERED]
    check_nothing_in_the_way(ready)


def test_the_rooms_that_have_a_say_are_known() -> None:
    assert rooms() == ["cases", "conferences", "cram", "diary", "referrals"]


def test_no_room_has_its_say_twice() -> None:
    with pytest.raises(ValueError, match="cases has registered already"):
        register("cases", lambda case: [])
    register("cases", in_the_way_of_closure, before_transfer=in_the_way_of_transfer)
    assert rooms() == ["cases", "conferences", "cram", "diary", "referrals"]


# --- asked for -----------------------------------------------------------------------------------


@pytest.mark.parametrize("court", [Court.NONE, Court.CONCLUDED])
def test_a_request_is_kept_with_what_came_of_it(court: Court, ready: Case) -> None:
    by = a_constable()
    closure = ask(ready, court=court, by=by)
    closure.refresh_from_db()
    assert (closure.case, closure.state, closure.outcome, closure.court) == (
        ready,
        ClosureState.ASKED,
        OUTCOME,
        court,
    )
    assert (closure.asked_by, closure.answered_by, closure.answer) == (by, None, "")
    assert closure.history.get().history_user == by
    assert state_of(ready) == State.OPEN


def test_a_request_stands_in_the_chronology_and_is_one_event(ready: Case) -> None:
    by = a_constable()
    events = AuditEvent.objects.count()
    closure = ask(ready, court=Court.CONCLUDED, by=by)
    entry, event = newest(ready), AuditEvent.objects.latest("id")
    assert (entry.title, entry.kind, entry.recorded_by) == ("Closure asked for", Kind.RECORD, by)
    assert entry.text == f"{OUTCOME}\n\nCourt case: it is concluded."
    assert (event.event, event.by_id, event.case_id, event.object_id) == (
        "CLOSURE_ASKED",
        by.pk,
        ready.pk,
        closure.pk,
    )
    assert AuditEvent.objects.count() == events + 1


def test_a_request_is_to_be_answered_by_the_next_working_day() -> None:
    move_time_to(FRIDAY)
    case = a_ready_case()
    ask(case)
    duty = the_closure_duty(case)
    assert (duty.state, duty.due_on, duty.owner_role) == (DutyState.OPEN, date(2009, 12, 14), Role.SUPERVISOR)
    assert duty.reckoned.why.sentence().startswith("1 working day from Fri 11 Dec 2009 (request) = Mon 14 Dec 2009")


def test_the_record_stays_open_until_the_court_case_is_concluded(ready: Case) -> None:

    def act() -> Closure:
        return ask(ready, court=Court.UNDER_WAY)

    assert beside(act) == ["court"]
    assert refusal(act) == ["The record stays open until the court case is concluded"]


def test_the_database_knows_no_closure_while_a_court_case_is_under_way(closure: Closure) -> None:
    with pytest.raises(IntegrityError, match="closure_after_the_court_case"), transaction.atomic():
        Closure.objects.filter(pk=closure.pk).update(court=Court.UNDER_WAY)


@pytest.mark.parametrize("outcome", ["", "  \n"])
def test_what_came_of_it_is_said(outcome: str, ready: Case) -> None:
    assert beside(lambda: ask(ready, outcome=outcome)) == ["outcome"]


def test_who_asks_second_reads_who_asked(closure: Closure) -> None:
    assert refusal(lambda: ask(closure.case)) == [
        f"{closure.asked_by} asked on {moment(closure.asked_at)} to close this record, because: “{OUTCOME}” "
        "Another sergeant or the inspector answers."
    ]
    assert (closure.case.closures.count(), Duty.objects.filter(case=closure.case, kind="closure").count()) == (1, 1)


def test_the_database_holds_one_request_at_a_time(closure: Closure) -> None:
    twin = Closure(case=closure.case, outcome="x", court=Court.NONE, asked_by=closure.asked_by)
    with pytest.raises(IntegrityError, match="one_request_at_a_time"), transaction.atomic():
        twin.save()


def test_who_only_reads_records_asks_for_nothing(ready: Case) -> None:
    for by in (an_officer(Role.COMMAND), an_officer(Role.REVIEWER), a_sergeant(team=a_team("ENF"))):
        with pytest.raises(NotAllowed, match="You cannot ask for a record to be closed in Team HGY"):
            ask(ready, by=by)


# --- agreed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR])
def test_another_agrees_and_the_record_is_closed(role: Role, closure: Closure) -> None:
    by = an_officer(role)
    actions.agree_closure(closure, answer="I have read it", by=by)
    closure.refresh_from_db()
    case = Case.objects.get(pk=closure.case_id)
    assert (closure.state, closure.answered_by, closure.answer) == (ClosureState.AGREED, by, "I have read it")
    assert (case.state, case.closed_at) == (State.CLOSED, closure.answered_at)
    assert case.history.latest("history_id").history_user == by


def test_closing_stands_in_the_chronology_and_is_one_event(closure: Closure) -> None:
    by = a_sergeant()
    events = AuditEvent.objects.count()
    actions.agree_closure(closure, answer="I have read it", by=by)
    entry, event = newest(closure.case), AuditEvent.objects.latest("id")
    assert (entry.title, entry.kind, entry.significant) == ("Record closed", Kind.DECISION, True)
    assert entry.text == f"{closure.asked_by} asked: {OUTCOME}\n\nI have read it"
    assert (event.event, event.by_id, event.case_id) == ("CASE_CLOSED", by.pk, closure.case_id)
    assert AuditEvent.objects.count() == events + 1


def test_whoever_asked_does_not_agree(ready: Case) -> None:
    by = a_sergeant()
    closure = asked_to_close(ready, by=by)
    assert refusal(lambda: actions.agree_closure(closure, by=by)) == [
        "You asked to close this record, so somebody else must agree. Ask another sergeant or the inspector."
    ]
    assert state_of(closure.case) == State.OPEN
    actions.agree_closure(closure, by=a_sergeant())
    assert state_of(closure.case) == State.CLOSED


def test_cait_that_asked_does_not_agree_either(ready: Case) -> None:
    closure = asked_to_close(ready, by=by_cait())
    assert refusal(lambda: actions.agree_closure(closure, by=by_cait()))[0].startswith("You asked to close")


def test_the_officer_in_case_does_not_agree(investigation: Case) -> None:
    officer = a_sergeant()
    actions.assign_case(investigation, officer_in_case=officer, supervisor=None, by=by_cait())
    closure = ask(investigation)
    assert refusal(lambda: actions.agree_closure(closure, by=officer)) == [IN_CASE]
    actions.agree_closure(closure, by=a_sergeant())
    assert state_of(investigation) == State.CLOSED


def test_who_became_officer_in_case_meanwhile_does_not_agree(closure: Closure) -> None:
    officer = a_sergeant()
    actions.assign_case(closure.case, officer_in_case=officer, supervisor=None, by=by_cait())
    assert refusal(lambda: actions.agree_closure(closure, by=officer)) == [IN_CASE]


def test_who_takes_themselves_off_the_case_first_does_not_agree_either(ready: Case) -> None:
    officer = a_sergeant()
    actions.assign_case(ready, officer_in_case=officer, supervisor=None, by=officer)
    actions.assign_case(Case.objects.get(pk=ready.pk), officer_in_case=a_constable(), supervisor=officer, by=officer)
    closure = ask(ready)
    assert refusal(lambda: actions.agree_closure(closure, by=officer)) == [IN_CASE]
    assert state_of(ready) == State.OPEN


def test_the_supervisor_of_the_record_agrees(ready: Case) -> None:
    supervisor = a_sergeant()
    actions.assign_case(ready, officer_in_case=a_constable(), supervisor=supervisor, by=by_cait())
    actions.agree_closure(ask(ready), by=supervisor)
    assert state_of(ready) == State.CLOSED


def test_the_database_itself_refuses_an_agreement_by_whoever_asked(closure: Closure) -> None:
    with (
        pytest.raises(IntegrityError, match="closure_is_agreed_by_another"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE cases_closure SET state = 'agreed', answered_at = now(), answered_by_id = asked_by_id "
            "WHERE id = %s",
            [closure.pk],
        )


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.OFFICE_MANAGER, Role.PCLO, Role.COMMAND])
def test_whoever_is_no_sergeant_answers_nothing(role: Role, closure: Closure) -> None:
    by = an_officer(role)
    for act in (actions.agree_closure, actions.refuse_closure):
        with pytest.raises(NotAllowed, match="You cannot answer a request to close a record in Team HGY"):
            act(closure, answer="Yes", by=by)
    assert state_of(closure.case) == State.OPEN


def test_a_sergeant_of_another_team_answers_nothing(closure: Closure) -> None:
    with pytest.raises(NotAllowed):
        actions.agree_closure(closure, by=a_sergeant(team=a_team("ENF")))


def after_asking_an_action(case: Case) -> None:
    an_action(case)


def after_asking_an_update(case: Case) -> None:
    an_answer(case)


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (after_asking_an_action, "1 action still to do."),
        (after_asking_an_update, f"{UNJUDGED[0]}."),
    ],
)
def test_what_came_in_the_way_after_asking_refuses_the_agreement(
    happens: Callable[[Case], None], said: str, closure: Closure
) -> None:
    by = a_sergeant()
    happens(closure.case)
    assert refusal(lambda: actions.agree_closure(closure, by=by)) == ["This record cannot be closed yet.", said]
    closure.refresh_from_db()
    assert (closure.state, state_of(closure.case)) == (ClosureState.ASKED, State.OPEN)
    assert the_closure_duty(closure.case).state == DutyState.OPEN


# --- refused and withdrawn -----------------------------------------------------------------------


def test_a_request_is_refused_with_a_reason_and_the_record_stays_open(closure: Closure) -> None:
    by = a_sergeant()
    actions.refuse_closure(closure, answer="The aunt is not seen", by=by)
    closure.refresh_from_db()
    assert (closure.state, closure.answered_by, closure.answer) == (ClosureState.REFUSED, by, "The aunt is not seen")
    assert state_of(closure.case) == State.OPEN
    entry, event = newest(closure.case), AuditEvent.objects.latest("id")
    assert (entry.title, entry.kind, entry.text) == ("Closure not agreed", Kind.DECISION, "The aunt is not seen")
    assert (event.event, event.by_id) == ("CLOSURE_REFUSED", by.pk)


def test_whoever_asked_withdraws_with_a_reason(ready: Case) -> None:
    by = a_constable()
    closure = asked_to_close(ready, by=by)
    actions.withdraw_closure(closure, answer="A new mark", by=by)
    closure.refresh_from_db()
    assert (closure.state, closure.answered_by, closure.answer) == (ClosureState.WITHDRAWN, by, "A new mark")
    assert state_of(closure.case) == State.OPEN
    entry, event = newest(closure.case), AuditEvent.objects.latest("id")
    assert (entry.title, entry.kind, entry.text) == ("Request to close withdrawn", Kind.RECORD, "A new mark")
    assert (event.event, event.by_id) == ("CLOSURE_WITHDRAWN", by.pk)


@pytest.mark.parametrize("other", [a_constable, a_sergeant])
def test_nobody_else_withdraws(other: Callable[[], User], closure: Closure) -> None:
    by = other()
    assert refusal(lambda: actions.withdraw_closure(closure, answer="No", by=by)) == [
        f"{closure.asked_by} asked to close this record. Only they can withdraw the request."
    ]


def test_neither_is_done_without_a_reason(ready: Case) -> None:
    by = a_constable()
    closure = asked_to_close(ready, by=by)
    assert beside(lambda: actions.refuse_closure(closure, answer=" ", by=a_sergeant())) == ["answer"]
    assert beside(lambda: actions.withdraw_closure(closure, answer=" ", by=by)) == ["answer"]
    closure.refresh_from_db()
    assert closure.state == ClosureState.ASKED


def refused(closure: Closure) -> None:
    actions.refuse_closure(closure, answer="Not yet", by=a_sergeant())


def withdrawn(closure: Closure) -> None:
    actions.withdraw_closure(closure, answer="Not yet", by=closure.asked_by)


def agreed(closure: Closure) -> None:
    actions.agree_closure(closure, answer="Not yet", by=a_sergeant())


@pytest.mark.parametrize(
    ("first", "did"),
    [
        (agreed, "agreed to close this record"),
        (refused, "did not agree to close this record"),
        (withdrawn, "withdrew the request to close this record"),
    ],
)
def test_who_answers_second_reads_who_answered_and_how(
    first: Callable[[Closure], None], did: str, closure: Closure
) -> None:
    first(closure)
    closure.refresh_from_db()
    assert closure.answered_at is not None
    for again in (agreed, refused, withdrawn):
        assert refusal(lambda again=again: again(closure)) == [  # type: ignore[misc]
            f"{closure.answered_by} {did} on {moment(closure.answered_at)}: “Not yet”"
        ]


@pytest.mark.parametrize("answer", [agreed, refused, withdrawn])
def test_each_answer_ends_the_duty_to_answer(answer: Callable[[Closure], None], closure: Closure) -> None:
    answer(closure)
    closure.refresh_from_db()
    duty = the_closure_duty(closure.case)
    assert (duty.state, duty.ended_why, duty.ended_by) == (DutyState.SATISFIED, "Answered", closure.answered_by)


@pytest.mark.parametrize("answer", [refused, withdrawn])
def test_it_is_asked_for_again_with_a_duty_of_its_own(answer: Callable[[Closure], None], closure: Closure) -> None:
    answer(closure)
    again = ask(closure.case)
    states = Duty.objects.filter(case=closure.case, kind="closure").order_by("cycle").values_list("state", flat=True)
    assert list(states) == [DutyState.SATISFIED, DutyState.OPEN]
    agreed(again)
    assert state_of(closure.case) == State.CLOSED


# --- closed, and opened again --------------------------------------------------------------------


def test_nothing_is_written_on_a_closed_record_nor_asked_or_answered_about_it(closed: Case) -> None:
    sergeant = a_sergeant()
    sentence = (
        f"Record {closed} is closed, so nothing can be added to it. A sergeant or the inspector can open it again."
    )
    for act in (
        lambda: actions.add_entry(closed, kind=Kind.NOTE, title="T", text="t", happened_at=clock.now(), by=sergeant),
        lambda: an_action(closed),
        lambda: actions.assign_case(closed, officer_in_case=a_constable(), supervisor=None, by=sergeant),
        lambda: an_answer(closed),
        lambda: a_decision(closed),
        lambda: ask(closed),
    ):
        assert refusal(act) == [sentence]


def test_a_written_confirmation_still_to_come_ends_with_the_record(telephoned: Case) -> None:
    by = a_sergeant()
    actions.agree_closure(ask(telephoned), by=by)
    duty = Duty.objects.get(case=telephoned, kind="confirmation")
    assert (duty.state, duty.ended_by) == (DutyState.CANCELLED, by)
    assert duty.ended_why == "The record was closed without it: Get the telephone referral in writing"
    assert not Duty.objects.filter(case=telephoned, state=DutyState.OPEN).exists()


def test_no_chase_runs_on_a_closed_record(awaited: Case) -> None:
    judged(an_answer(awaited))
    actions.agree_closure(ask(awaited), by=a_sergeant())
    assert set(Chase.objects.filter(duty__case=awaited).values_list("state", flat=True)) == {ChaseState.ENDED}


def test_a_record_is_opened_again_with_a_reason(closed: Case) -> None:
    by = a_sergeant()
    events = AuditEvent.objects.count()
    actions.reopen_case(closed, reason="A new mark", by=by)
    again = Case.objects.get(pk=closed.pk)
    assert (again.state, again.closed_at) == (State.OPEN, None)
    assert again.history.latest("history_id").history_user == by
    entry, event = newest(closed), AuditEvent.objects.latest("id")
    assert (entry.title, entry.kind, entry.text) == ("Record opened again", Kind.DECISION, "A new mark")
    assert (entry.significant, entry.recorded_by) == (True, by)
    assert (event.event, event.by_id, event.case_id) == ("CASE_REOPENED", by.pk, closed.pk)
    assert AuditEvent.objects.count() == events + 1


def test_a_record_opened_again_must_be_decided_again() -> None:
    move_time_to(FRIDAY)
    case = a_closed_case()
    move_time_to(FRIDAY + 7 * DAY)
    actions.reopen_case(case, reason="A new mark", by=a_sergeant())
    assert Referral.objects.get(case=case).progress == Progress.TRIAGED
    duty, review = Duty.objects.filter(case=case, state=DutyState.OPEN).order_by("due_on")
    assert (duty.kind, duty.due_on) == ("decision", date(2009, 12, 21))
    assert (review.kind, review.due_on) == ("cram_review", date(2010, 1, 22))  # as it was before
    assert "(record opened again)" in duty.reckoned.why.sentence()
    assert things(case) == [UNDECIDED]
    a_decision(case)
    assert things(case) == []


def test_a_record_opened_again_is_closed_again_by_asking_again(closed: Case) -> None:
    actions.reopen_case(closed, reason="A new mark", by=a_sergeant())
    a_decision(closed)
    agreed(ask(Case.objects.get(pk=closed.pk)))
    assert state_of(closed) == State.CLOSED
    assert list(Closure.objects.filter(case=closed).values_list("state", flat=True)) == [ClosureState.AGREED] * 2


def test_a_record_that_was_never_closed_is_not_opened_again(ready: Case) -> None:
    assert refusal(lambda: actions.reopen_case(ready, reason="Again", by=a_sergeant())) == [
        f"Record {ready} is open."
    ]
    assert Duty.objects.filter(case=ready, kind="decision").count() == 1


def test_only_a_closed_record_is_opened_again_and_with_a_reason(closed: Case) -> None:
    assert beside(lambda: actions.reopen_case(closed, reason=" ", by=a_sergeant())) == ["reason"]
    first = a_sergeant()
    actions.reopen_case(closed, reason="A new mark", by=first)
    since = closed.history.latest("history_id").history_date
    assert refusal(lambda: actions.reopen_case(closed, reason="Again", by=a_sergeant())) == [
        f"{first} opened record {closed} again on {moment(since)}."
    ]
    assert Duty.objects.filter(case=closed, kind="decision", state=DutyState.OPEN).count() == 1


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.OFFICE_MANAGER, Role.COMMAND])
def test_whoever_is_no_sergeant_opens_nothing_again(role: Role, closed: Case) -> None:
    with pytest.raises(NotAllowed, match="You cannot open a closed record again in Team HGY"):
        actions.reopen_case(closed, reason="A new mark", by=an_officer(role))
    assert state_of(closed) == State.CLOSED


@pytest.mark.parametrize("statement", ["UPDATE {} SET outcome = 'x'", "DELETE FROM {}"])
def test_what_was_asked_and_answered_stays_in_the_history(statement: str, closure: Closure) -> None:
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("cases_historicalclosure"))


def test_what_came_before_the_request_is_no_answer_to_it() -> None:
    case = assessed(a_triaged_case(received_at=clock.now() - 5 * DAY)).case
    answer = an_answer(case, received_at=clock.now() - 2 * DAY)
    a_decision(case, kind=DecisionKind.SOCIAL_SERVICES)
    judged(answer)
    lost(case, "update")
    assert things(case) == [UNANSWERED]


def test_nobody_refuses_their_own_request(ready: Case) -> None:
    asker = a_sergeant()
    closure = asked_to_close(ready, by=asker)
    with pytest.raises(ValidationError, match="Withdraw the request instead"):
        actions.refuse_closure(closure, answer="Too soon", by=asker)


def test_what_is_closed_without_its_confirmation_asks_for_it_again_when_it_is_opened_again(telephoned: Case) -> None:
    closed = actions.agree_closure(asked_to_close(telephoned), by=a_sergeant()).case
    assert closed.state == State.CLOSED
    actions.reopen_case(closed, reason="A new call", by=a_sergeant())
    assert Duty.objects.filter(case=telephoned, kind="confirmation", state=DutyState.OPEN).count() == 1


def test_a_confirmation_that_has_come_is_not_asked_for_again(telephoned: Case) -> None:
    confirm_referral(
        Referral.objects.get(case=telephoned), confirmed_at=clock.now(), confirmed_how="Email", by=by_cait()
    )
    actions.agree_closure(asked_to_close(telephoned), by=a_sergeant())
    actions.reopen_case(telephoned, reason="A new call", by=a_sergeant())
    states = Duty.objects.filter(case=telephoned, kind="confirmation").values_list("state", flat=True)
    assert list(states) == [DutyState.SATISFIED]


def test_what_is_decided_as_before_after_it_was_opened_again_is_taken(closed: Case) -> None:
    before = Decision.objects.get(case=closed)
    actions.reopen_case(closed, reason="A new mark", by=a_sergeant())
    again = a_decision(closed, kind=DecisionKind(before.kind))
    assert (again.kind, again.number) == (before.kind, 2)


# --- who changed a field last --------------------------------------------------------------------


def test_what_was_never_changed_was_changed_by_nobody(ready: Case) -> None:
    assert who_changed(ready, "state") is None
    assert who_changed(ready, "officer_in_case_id") is None


def test_who_changed_a_field_last_is_told_with_the_moment_whatever_else_was_changed_since(closed: Case) -> None:
    first, second = a_sergeant(), a_sergeant()
    closer = Closure.objects.get(case=closed).answered_by
    assert who_changed(closed, "state") == (closer, closed.history.latest("history_id").history_date)
    actions.reopen_case(closed, reason="A new mark", by=first)
    opened = closed.history.latest("history_id").history_date
    actions.assign_case(closed, officer_in_case=a_constable(), supervisor=None, by=second)
    given = closed.history.latest("history_id").history_date
    assert who_changed(closed, "state") == (first, opened)
    assert who_changed(closed, "officer_in_case_id") == (second, given)
    assert who_changed(closed, "supervisor_id") is None


def test_of_several_changes_of_one_field_the_last_counts(ready: Case) -> None:
    first, second = a_sergeant(), a_sergeant()
    for by in (first, second):
        actions.assign_case(ready, officer_in_case=a_constable(), supervisor=None, by=by)
    found = who_changed(ready, "officer_in_case_id")
    assert found is not None
    assert found[0] == second


def test_a_decision_overtakes_the_request_of_who_did_not_know_of_it(closure: Closure) -> None:
    a_decision(closure.case, kind=DecisionKind.POLICE)
    closure.refresh_from_db()
    assert (closure.state, closure.answer) == (
        ClosureState.WITHDRAWN,
        "Overtaken by a decision: Police single agency",
    )
    assert the_closure_duty(closure.case).state == DutyState.SATISFIED
    assert state_of(closure.case) == State.OPEN
