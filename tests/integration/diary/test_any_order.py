"""Whatever happens to records in whatever order, at whatever time: every duty is there that should be, and no other.

Two accounts of one thing are held against each other after every step: the actions, which raise and end duties as
things happen, and `check_duties`, which works them out afresh from the records alone.
And the figures, which are brought up to date at any time by what changed, come out as if they were made anew.
"""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases.actions import (
    accept_transfer,
    add_action,
    add_person,
    agree_closure,
    ask_closure,
    ask_transfer,
    assign_case,
    cancel_action,
    change_action,
    choose_lead,
    complete_action,
    decline_transfer,
    refuse_closure,
    reopen_case,
    take_person_off,
    withdraw_closure,
    withdraw_transfer,
)
from cases.enums import ActionState, ClosureState, Court, Level, Part, State, TransferState
from cases.models import Action, Case, CasePerson, Closure, Transfer
from conferences.actions import (
    Decided,
    book_conference,
    cancel_conference,
    end_plan,
    move_conference,
    record_attendance,
    record_outcomes,
    record_plan,
    withdraw_plan,
)
from conferences.enums import ConferenceKind, Outcome, PlanCategory, PlanEnd
from conferences.models import Conference, Plan
from conferences.queries import children_at
from cram.actions import (
    Answered,
    answer_gap,
    endorse_assessment,
    return_assessment,
    save_answers,
    set_level,
    start_assessment,
    submit_assessment,
)
from cram.enums import AssessmentState, GapState, Said, Works
from cram.models import Assessment, Gap, Measure, Risk
from cram.queries import Question, being_written, sections_of
from deadlines import clock
from diary.actions import give_duty, hold_chases, release_chases
from diary.checking import findings
from diary.models import Duty, DutyState, Mail, Notice, Step, Waker
from diary.outbox import send_due
from diary.sweep import sweep
from oversight.counting import bring_up_to_date
from people.models import Person
from people.said import PersonSaid
from referrals.actions import decide_referral, judge_update, record_update, supervise, triage_referral
from referrals.enums import DecisionKind, Judgement, Method
from referrals.models import Answer
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import as_booked, children_on
from tests.factories.deciding import a_strategy, an_approved_address, as_decided, as_told
from tests.factories.figures import figures_are_right
from tests.factories.managing import a_gap, a_measure, a_risk, checked
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_child, a_referral
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

# Before Christmas, in a winter in which the bank holidays are entered; the clock only goes on.
BEGINNING = datetime.fromisoformat("2025-12-19T15:20:00+00:00")
MOST_RECORDS = 3
which = st.integers(0, MOST_RECORDS - 1)
# Some hours, into the night, over Christmas, over the night in which the clocks change.
STEPS = [
    timedelta(minutes=20),
    timedelta(hours=9),
    timedelta(days=1),
    timedelta(days=7),
    timedelta(days=15),
    timedelta(days=44),
]
# Most of what can go wrong goes wrong with what Social Services are asked for.
ASKED = [DecisionKind.SOCIAL_SERVICES] * 3
# How far somebody comes with an assessment at one sitting.
ANSWERED, SENT, ENDORSED = range(3)
# When a conference or its next date is, counted from when that is recorded.
AHEAD = [timedelta(hours=-1), timedelta(days=2), timedelta(days=21), timedelta(days=80)]
# What a statement begins with that changes nothing: what looks up, and what a transaction begins and ends with.
READS = re.compile(r"(SELECT|SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT)\b")
EARLIER = [timedelta(0), timedelta(minutes=1), timedelta(hours=5), timedelta(days=3)]


def as_answered(question: Question, said: Said) -> Answered:
    """The answer to a question, on a form that was opened just now."""
    version = question.now.version if question.now else 0
    note = f"As of {clock.now()}"
    return Answered(question.factor.code, *question.about.ids, said=said, note=note, version=version)


def known_again(person: Person) -> PersonSaid:
    """Somebody who is on a record already, as they are said again."""
    return PersonSaid(given_names=person.given_names, family_name=person.family_name, same_as=person.pk)


class Desk(RuleBasedStateMachine):
    """A team at work: each rule is something that somebody does, on one of a few records."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.cases: list[int] = []
        self.changed = True
        self.watched = connection.execute_wrapper(self.watch)
        self.watched.__enter__()

    def watch(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Whether anything may have been changed since the duties were checked: even the clock is set by a statement.
        Most steps find nothing to do, and a check of the same as before would say the same."""
        self.changed |= not READS.match(str(sql))
        return execute(sql, params, many, context)

    def teardown(self) -> None:
        self.watched.__exit__(None, None, None)
        try:
            bring_up_to_date()
            figures_are_right()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    @initialize(addressed=st.booleans(), old=st.booleans())
    def begin(self, addressed: bool, old: bool) -> None:
        move_time_to(BEGINNING)
        self.team = a_team()
        self.sergeant = an_officer(Role.SUPERVISOR, self.team)
        self.inspector = an_officer(Role.INSPECTOR, self.team)
        self.receiver = an_officer(Role.SUPERVISOR, a_team("ENF"))
        self.officers: list[User | None] = [an_officer(Role.INVESTIGATOR, self.team), self.sergeant, None]
        if addressed:
            an_approved_address(self.team, 1)
            an_approved_address(self.team, 2)
        if old:
            self.cases.append(an_old_referral(self.team).case_id)

    def case(self, number: int) -> Case:
        return Case.objects.get(pk=self.cases[number % len(self.cases)])

    def child(self, number: int) -> Person:
        children = children_on(self.case(number))
        return children[number % len(children)]

    def tried(self, act: Any, *args: Any, **said: Any) -> None:
        """What the state does not allow is refused, and changes nothing."""
        try:
            with transaction.atomic():
                act(*args, **said)
        except ValidationError:
            pass

    @rule(
        method=st.sampled_from([Method.EMAIL, Method.TELEPHONE]),
        urgent=st.booleans(),
        ago=st.sampled_from(EARLIER),
        known=st.booleans(),
    )
    def log(self, method: Method, urgent: bool, ago: timedelta, known: bool) -> None:
        """Also about a child who is on a record already."""
        if len(self.cases) < MOST_RECORDS:
            said: dict[str, Any] = {"method": method, "urgent": urgent, "received_at": clock.now() - ago}
            if known and self.cases:
                said["children"] = [known_again(self.child(0))]
            self.cases.append(a_referral(self.team, **said, by=self.sergeant).case_id)

    @rule(number=which, urgent=st.booleans())
    def triage(self, number: int, urgent: bool) -> None:
        if self.cases:
            referral = self.case(number).referral
            self.tried(triage_referral, referral, urgent=urgent, what_next="", reason="No injury", by=self.sergeant)

    @rule(
        number=which, kind=st.sampled_from([*DecisionKind, *ASKED]), ago=st.sampled_from(EARLIER), held=st.booleans()
    )
    def decide(self, number: int, kind: DecisionKind, ago: timedelta, held: bool) -> None:
        if not self.cases:
            return
        case = self.case(number)
        said = as_decided(kind=kind, decided_at=clock.now() - ago, reason=f"Because of {clock.now()}")
        if kind == DecisionKind.JOINT and case.state == State.OPEN:
            a_strategy(case, held_at=said["decided_at"]) if said["decided_at"] >= case.referral.received_at else None
        if kind == DecisionKind.PASSED_ON:
            said["passed_to"] = "Enfield CAIT"
        if kind == DecisionKind.SOCIAL_SERVICES and held:
            said["hold_why"] = "The worker is the subject"
        self.tried(decide_referral, case, **said, by=self.sergeant)

    @rule(number=which, ago=st.sampled_from(EARLIER))
    def answer(self, number: int, ago: timedelta) -> None:
        if self.cases:
            said = as_told(received_at=clock.now() - ago, text=f"Seen, well, at {clock.now()} less {ago}")
            self.tried(record_update, self.case(number), **said, by=self.sergeant)

    @rule(number=which, judgement=st.sampled_from(Judgement))
    def judge(self, number: int, judgement: Judgement) -> None:
        answers = Answer.objects.filter(judgement="").order_by("pk")
        if answers:
            answer = answers[number % len(answers)]
            self.tried(judge_update, answer, judgement=judgement, reason="As told", by=self.sergeant)

    @rule(number=which, officer=st.integers(0, 2))
    def assign(self, number: int, officer: int) -> None:
        if self.cases:
            who = {"officer_in_case": self.officers[officer], "supervisor": None, "reason": "Load"}
            self.tried(assign_case, self.case(number), **who, by=self.sergeant)

    @rule(number=which, ago=st.sampled_from(EARLIER))
    def supervise(self, number: int, ago: timedelta) -> None:
        if self.cases:
            said = {"found": f"Statements taken by {clock.now()}", "directions": "Interview on Monday"}
            self.tried(supervise, self.case(number), **said, reviewed_at=clock.now() - ago, by=self.inspector)

    @rule(
        number=which,
        said=st.lists(st.sampled_from([Said.YES, Said.NO, Said.NOT_KNOWN]), min_size=1, max_size=3),
        level=st.sampled_from(Level),
        far=st.sampled_from([ANSWERED, SENT, SENT, ENDORSED, ENDORSED]),
    )
    def assess(self, number: int, said: list[Said], level: Level, far: int) -> None:
        if not self.cases:
            return
        self.tried(start_assessment, self.case(number), by=self.sergeant)
        assessment = being_written(self.case(number))
        if assessment is None:
            return
        questions = [question for section in sections_of(assessment) for question in section.questions]
        answers = [as_answered(each, now) for each, now in zip(questions, said, strict=False)]
        # Whatever was answered last time is answered again, or nothing can be sent.
        again = [each for each in questions[len(said) :] if each.before and not each.is_asked]
        answers += [as_answered(each, Said.NO) for each in again]
        self.tried(save_answers, assessment, answers=answers, by=self.sergeant)
        if far >= SENT:
            why = {"rationale": "As it stands", "challenge_answer": "She is with her aunt", "nothing_new": True}
            self.tried(set_level, assessment, level=level, **why, by=self.sergeant)
            self.tried(submit_assessment, assessment, sent_without="The researcher is away", by=self.sergeant)
        if far == ENDORSED:
            self.tried(endorse_assessment, assessment, by=self.inspector)

    @rule(number=which, returned=st.booleans(), own=st.sampled_from([False, False, False, True]))
    def endorse(self, number: int, returned: bool, own: bool) -> None:
        waiting = Assessment.objects.filter(state=AssessmentState.SUBMITTED).order_by("pk")
        if not waiting:
            return
        assessment, by = waiting[number % len(waiting)], self.sergeant if own else self.inspector
        if returned:
            self.tried(return_assessment, assessment, words="Say who has the child tonight", by=by)
        else:
            self.tried(endorse_assessment, assessment, by=by)

    @rule(number=which, kind=st.sampled_from(ConferenceKind), ahead=st.sampled_from(AHEAD))
    def book(self, number: int, kind: ConferenceKind, ahead: timedelta) -> None:
        if self.cases:
            said = as_booked(self.case(number), kind=kind, starts_at=clock.moment() + ahead)
            self.tried(book_conference, self.case(number), **said, by=self.sergeant)

    @rule(number=which, ahead=st.sampled_from(AHEAD), cancelled=st.booleans())
    def move(self, number: int, ahead: timedelta, cancelled: bool) -> None:
        if (conference := self.booked(number)) and cancelled:
            self.tried(cancel_conference, conference, why="Social Services closed it", by=self.sergeant)
        elif conference:
            at = clock.moment() + ahead
            self.tried(move_conference, conference, starts_at=at, why="The chair is ill", by=self.sergeant)

    @rule(number=which, outcome=st.sampled_from([None, *Outcome, Outcome.PLAN, Outcome.PLAN]))
    def hold_conference(self, number: int, outcome: Outcome | None) -> None:
        """With what it decides about every child, where that is known at once."""
        conference = self.booked(number)
        if conference is None:
            return
        move_time_to(max(clock.now(), conference.ends_at))
        self.tried(record_attendance, conference, attended_by=self.inspector, by=self.inspector)
        if outcome is not None:
            category = PlanCategory.NEGLECT if outcome in (Outcome.PLAN, Outcome.CONTINUES) else ""
            said = [Decided(child, outcome, category) for child in children_at(conference)]
            self.tried(record_outcomes, conference, decided=said, by=self.inspector)

    def booked(self, number: int) -> Conference | None:
        rows = list(Conference.objects.booked().order_by("pk"))
        return rows[number % len(rows)] if rows else None

    @rule(number=which, ago=st.sampled_from([0, 40, 200]), was_initial=st.booleans())
    def plan_of_before(self, number: int, ago: int, was_initial: bool) -> None:
        if self.cases:
            on = clock.today() - timedelta(days=ago)
            said = {"from_on": on, "conference_on": on, "conference_was_initial": was_initial}
            said |= {"child": self.child(number), "category": PlanCategory.NEGLECT}
            self.tried(record_plan, self.case(number), **said, by=self.inspector)

    @rule(number=which, withdrawn=st.booleans())
    def end_a_plan(self, number: int, withdrawn: bool) -> None:
        plans = Plan.objects.order_by("pk")
        if plans and withdrawn:
            self.tried(withdraw_plan, plans[number % len(plans)], why="Their cousin", by=self.inspector)
        elif plans:
            how = {"to_on": clock.today(), "end": PlanEnd.MOVED, "note": "By telephone"}
            self.tried(end_plan, plans[number % len(plans)], **how, by=self.inspector)

    @rule(number=which, of=which, known=st.booleans(), part=st.sampled_from([Part.CHILD, Part.CHILD, Part.SUSPECT]))
    def put_on(self, number: int, of: int, known: bool, part: Part) -> None:
        """Somebody new, or somebody of another record: a child of several."""
        if self.cases:
            said = known_again(self.child(of)) if known else a_child("Tam", may_have_harmed=part == Part.SUSPECT)
            self.tried(add_person, self.case(number), part=part, said=said, on=clock.today(), by=self.sergeant)

    @rule(number=which)
    def take_off(self, number: int) -> None:
        parts = CasePerson.objects.filter(taken_off_at=None).order_by("pk")
        if parts:
            part = parts[number % len(parts)]
            self.tried(take_person_off, part, reason="It was their cousin", by=self.sergeant)

    @rule(number=which, of=which)
    def choose(self, number: int, of: int) -> None:
        if self.cases:
            said = {"child": self.child(of), "reason": f"As of {clock.now()}"}
            self.tried(choose_lead, self.case(number), **said, by=self.inspector)

    @rule(number=which, answered=st.booleans())
    def gap(self, number: int, answered: bool) -> None:
        gaps = Gap.objects.filter(state=GapState.OPEN).order_by("pk")
        if answered and gaps:
            self.tried(answer_gap, gaps[number % len(gaps)], resolution="None", by=self.sergeant)
        elif self.cases:
            self.tried(a_gap, self.case(number), owner=self.officers[0], by=self.sergeant)

    @rule(number=which, how=st.sampled_from([add_action, change_action, complete_action, cancel_action]))
    def action(self, number: int, how: Any) -> None:
        """Set one, put it off or give it to another; or it is done, or not needed."""
        actions = Action.objects.filter(state=ActionState.OPEN).order_by("pk")
        said: dict[str, Any] = {"owner": self.officers[number % 2], "due_on": clock.today() + timedelta(days=number)}
        if how is add_action and self.cases:
            self.tried(add_action, self.case(number), what="Ring the school", **said, by=self.sergeant)
        elif how is not add_action and actions:
            said = {**said, "reason": "Load"} if how is change_action else {"result": "Nobody is in"}
            self.tried(how, actions[number % len(actions)], **said, by=self.sergeant)

    @rule(number=which, works=st.sampled_from(Works), again=st.booleans())
    def manage(self, number: int, works: Works, again: bool) -> None:
        """Set what manages a risk; or look again whether it works, which ends it where it does not."""
        measures = Measure.objects.filter(ended_at=None).order_by("pk")
        if again and measures:
            self.tried(checked, measures[number % len(measures)], works, by=self.sergeant)
        elif self.cases:
            risk = Risk.objects.filter(case=self.case(number), ended_at=None).first()
            self.tried(self.set_one, self.case(number), risk, works)

    def set_one(self, case: Case, risk: Risk | None, works: Works) -> None:
        risk = risk or a_risk(case, by=self.sergeant)
        a_measure(risk, works=works, owner=self.officers[0], by=self.sergeant)

    @rule(number=which)
    def ask_to_close(self, number: int) -> None:
        if self.cases:
            said: dict[str, Any] = {"outcome": "Nobody was hurt", "court": Court.NONE}
            self.tried(ask_closure, self.case(number), **said, by=self.sergeant)

    @rule(number=which, how=st.sampled_from([agree_closure, agree_closure, refuse_closure, withdraw_closure]))
    def answer_closure(self, number: int, how: Any) -> None:
        asked = Closure.objects.filter(state=ClosureState.ASKED).order_by("pk")
        if asked:
            by = self.sergeant if how is withdraw_closure else self.inspector
            self.tried(how, asked[number % len(asked)], answer="As it is", by=by)

    @rule(number=which)
    def reopen(self, number: int) -> None:
        if self.cases:
            self.tried(reopen_case, self.case(number), reason="Another call", by=self.inspector)

    @rule(number=which)
    def ask_to_transfer(self, number: int) -> None:
        if self.cases:
            said: dict[str, Any] = {"to_team": self.receiver.roles_today[0].team, "reason": "They moved"}
            self.tried(ask_transfer, self.case(number), **said, by=self.sergeant)

    @rule(number=which, how=st.sampled_from([accept_transfer, accept_transfer, decline_transfer, withdraw_transfer]))
    def answer_transfer(self, number: int, how: Any) -> None:
        """What was accepted comes back at once, since everybody who acts here works in the first team."""
        asked = Transfer.objects.filter(state=TransferState.ASKED).order_by("pk")
        if not asked:
            return
        transfer = asked[number % len(asked)]
        self.tried(how, transfer, answer="So it is", by=self.sergeant if how is withdraw_transfer else self.receiver)
        case = Case.objects.get(pk=transfer.case_id)
        if case.team != self.team:
            self.every_duty_is_there()
            back = ask_transfer(case, to_team=self.team, reason="They are back", by=self.receiver)
            accept_transfer(back, by=self.inspector)

    @rule(number=which, officer=st.integers(0, 2))
    def give(self, number: int, officer: int) -> None:
        duties = Duty.objects.filter(state=DutyState.OPEN).order_by("pk")
        if duties:
            said = {"to": self.officers[officer], "why": "Load"}
            self.tried(give_duty, duties[number % len(duties)], **said, by=self.sergeant)

    @rule(number=which, how=st.sampled_from([hold_chases, release_chases]))
    def hold(self, number: int, how: Any) -> None:
        duties = Duty.objects.filter(state=DutyState.OPEN, kind="update").order_by("pk")
        if duties:
            self.tried(how, duties[number % len(duties)], why="The worker is the subject", by=self.sergeant)

    @rule(on=st.sampled_from(STEPS))
    def time_goes_by(self, on: timedelta) -> None:
        move_time_to(clock.now() + on)

    @rule()
    def sweep_comes(self) -> None:
        sweep(woken_by=Waker.COMMAND)

    @rule()
    def post_goes(self) -> None:
        sweep(woken_by=Waker.COMMAND)
        send_due(deliver=lambda message: None)

    @rule()
    def figures_are_counted(self) -> None:
        bring_up_to_date()

    @invariant()
    def is_in_order(self) -> None:
        if self.changed:
            self.every_duty_is_there()
            self.nothing_is_there_twice()
            self.changed = False

    def every_duty_is_there(self) -> None:
        assert [each.words for each in findings(self.cases)] == []

    def nothing_is_there_twice(self) -> None:
        assert Notice.objects.filter(duty__state=DutyState.OPEN, kind="late", number__gt=4).count() == 0
        sent = list(Mail.objects.values_list("step", flat=True))
        assert len(sent) == len(set(sent))
        with connection.cursor() as cursor:
            cursor.execute("SELECT duty_id, number FROM diary_step GROUP BY 1, 2 HAVING count(*) > 1")
            assert cursor.fetchall() == []
        assert not Step.objects.filter(state="waiting", duty__state=DutyState.CANCELLED).exists()


def test_in_whatever_order_every_duty_is_there_once() -> None:
    # Without shrinking: a failure says what happened step by step, and the suite does not wait for a shorter story.
    # The variable EXAMPLES asks for more of them.
    few = settings(
        phases=[Phase.explicit, Phase.generate],
        max_examples=int(os.environ.get("EXAMPLES", "15")),
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    run_state_machine_as_test(Desk, settings=few)
