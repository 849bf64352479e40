"""Every action of every room: one audit event each, refused without the permission, nothing half-done."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from audit.events import DETAILS, Event
from audit.models import AuditEvent
from cases import actions as cases
from cases.enums import Basis, Court, Kind, Part, Partner, Way
from cases.models import Action, Case, CasePerson, Entry
from cases.steps import name_on
from conferences import actions as conferences
from cram import actions as cram
from deadlines import clock
from deadlines.rules import SS_UPDATE
from diary import actions as diary
from diary.models import Duty
from intake import actions as intake
from intake.kinds_of_files import FileKind
from intake.models import Message
from intake.receiving import mailbox_of
from old_logs import actions as old_logs
from old_logs.enums import Says
from old_logs.headings import heading_key
from oversight import actions as oversight
from people.said import PersonSaid
from referrals import actions as referrals
from referrals.enums import Judgement, Method
from referrals.models import Draft
from team import actions as team
from team.enums import COMMAND_ROLES, Role
from team.models import User
from team.permissions import HOLDERS, NotAllowed, Permission, may
from tests.factories.assessing import a_factor, an_assessment, submitted
from tests.factories.conferences import (
    WEEK,
    a_conference,
    a_core_group_of_yesterday,
    a_plan,
    a_review,
    as_booked,
    children_on,
    that_began,
    that_decided,
    that_was_held,
)
from tests.factories.deciding import (
    a_closed_case,
    a_ready_case,
    a_triaged_case,
    a_wrong_case,
    an_answer,
    an_approved_address,
    an_investigation,
    an_open_update,
    as_decided,
    as_discussed,
    as_supervised,
    as_told,
    asked_to_close,
)
from tests.factories.limits import DAY, a_bank_holiday_to_come, a_free_day, a_limit_to_come
from tests.factories.mail import a_kept_attachment, a_message, an_attachment, an_email
from tests.factories.managing import a_gap, a_managed_risk, a_measure, a_risk, as_set
from tests.factories.matrix import NEW, a_changed_matrix, a_drafted_matrix, as_said
from tests.factories.monthly import a_month_without_report, a_monthly_report, a_report_with_commentary
from tests.factories.old_logs import an_old_log, as_csv
from tests.factories.referrals import a_case, a_referral, as_received
from tests.factories.reports import (
    a_recipient,
    a_report,
    a_submitted_report,
    a_whole_report,
    an_endorsed_report,
    an_item,
    as_sent,
)
from tests.factories.researching import as_asked, as_searched, research_asked
from tests.factories.restricting import a_restricted_case
from tests.factories.rows import everything
from tests.factories.team import a_team, a_user, an_officer
from tests.factories.transferring import a_receiver, a_transfer, a_transfer_to_us
from tests.shared import undone

pytestmark = pytest.mark.django_db


def modules(room: str) -> Iterator[ModuleType]:
    """Where a room's actions stand: actions.py or, when it outgrew that, a folder of that name; and flows.py."""
    for name in ("actions", "flows"):
        if importlib.util.find_spec(f"{room}.{name}"):
            module = importlib.import_module(f"{room}.{name}")
            yield module
            for part in pkgutil.iter_modules(getattr(module, "__path__", [])):
                yield importlib.import_module(f"{module.__name__}.{part.name}")


def actions() -> Iterator[tuple[str, FunctionType]]:
    for room in settings.ROOMS:
        for module in modules(room):
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    yield f"{module.__name__}.{name}", function


def closed_user() -> User:
    return team.close_account(a_user(), by=User.objects.system())


# How to do each action once: given who acts, a call without arguments. An action that is not here fails.


def on_case(act: Callable[..., Any], **said: Any) -> Callable[[User], Callable[[], Any]]:
    """An action on a record of the team."""

    def scenario(by: User) -> Callable[[], Any]:
        case = a_case()
        return lambda: act(case, **{name: get(case) if callable(get) else get for name, get in said.items()}, by=by)

    return scenario


def on(make: Callable[[], Any], act: Callable[..., Any], **said: Any) -> Callable[[User], Callable[[], Any]]:
    """An action on something that is made first."""

    def scenario(by: User) -> Callable[[], Any]:
        thing = make()
        return lambda: act(thing, **said, by=by)

    return scenario


def system() -> User:
    return User.objects.system()


def an_entry() -> Entry:
    return Entry.objects.filter(case=a_case()).get()


def an_action() -> Action:
    owner = an_officer(Role.INVESTIGATOR)
    return cases.add_action(a_case(), what="Visit", owner=owner, due_on=clock.today(), by=system())


def change_an_action(by: User) -> Callable[[], Any]:
    action, owner = an_action(), an_officer(Role.INVESTIGATOR)
    return lambda: cases.change_action(action, owner=owner, due_on=clock.today(), reason="Leave", by=by)


def change_somebody(by: User) -> Callable[[], Any]:
    case = a_case()
    said = PersonSaid(given_names="Reece", family_name="Calloway")
    person = case.people.get()
    return lambda: cases.change_person(person, case=case, said=said, reason="Misheard", on=clock.today(), by=by)


def an_adult() -> CasePerson:
    case = a_case()
    cases.add_person(case, part=Part.ADULT, said=PersonSaid(given_names="Tanya"), on=clock.today(), by=system())
    return case.parts.get(part=Part.ADULT)


def assign(by: User) -> Callable[[], Any]:
    case, officer = a_case(), an_officer(Role.INVESTIGATOR)
    return lambda: cases.assign_case(case, officer_in_case=officer, supervisor=None, by=by)


def choose_lead(by: User) -> Callable[[], Any]:
    case = a_case()
    child = case.people.get()
    a_case(children=[PersonSaid(given_names="Rhys", same_as=child.pk)])
    return lambda: cases.choose_lead(case, child=child, reason="The first", by=by)


def a_draft() -> Draft:
    return referrals.save_draft(a_team(), key=uuid4(), typed={}, by=an_officer(Role.DESK_SERGEANT))


def log(by: User) -> Callable[[], Any]:
    team, said = a_team(), as_received()
    return lambda: referrals.log_referral(team, **said, by=by)


def save_draft(by: User) -> Callable[[], Any]:
    team, key = a_team(), uuid4()
    return lambda: referrals.save_draft(team, key=key, typed={}, by=by)


def withdraw(by: User) -> Callable[[], Any]:
    closure = asked_to_close(by=by) if may(by, Permission.ASK_CLOSURE, team=a_team()) else asked_to_close()
    return lambda: cases.withdraw_closure(closure, answer="Too soon", by=by)


def ask_transfer(by: User) -> Callable[[], Any]:
    case, to_team = a_case(), a_team("ENF")
    a_receiver(to_team)
    return lambda: cases.ask_transfer(case, to_team=to_team, reason="They moved there", by=by)


def restrict(by: User) -> Callable[[], Any]:
    case, inspector = a_case(), an_officer(Role.INSPECTOR)
    return lambda: cases.restrict_case(case, reason="A teacher is suspected", officers=[inspector], by=by)


def a_case_restricted_to(by: User) -> Case:
    """Whoever acts is named on it where they can be: nobody else finds it."""
    return a_restricted_case(by) if may(by, Permission.SEE_RECORDS, team=a_team()) else a_restricted_case()


def name_somebody(by: User) -> Callable[[], Any]:
    case, officer = a_case_restricted_to(by), an_officer(Role.INVESTIGATOR)
    return lambda: cases.name_officer(case, officer=officer, reason="Interviews her", by=by)


def take_somebody_off(by: User) -> Callable[[], Any]:
    case, officer = a_case_restricted_to(by), an_officer(Role.INVESTIGATOR)
    named = name_on(case, officer, reason="Interviews her", by=system())
    return lambda: cases.take_name_off(named, reason="Has moved on", by=by)


def end_a_restriction(by: User) -> Callable[[], Any]:
    case = a_case_restricted_to(by)
    return lambda: cases.end_restriction(case, reason="It was not he", by=by)


def a_held_update() -> Duty:
    return diary.hold_chases(an_open_update(), why="The worker is the subject", by=system())


def a_user_with_a_token() -> User:
    user = a_user()
    team.give_token(user, by=system())
    return user


def end_ones_calendar(by: User) -> Callable[[], Any]:
    if may(by, Permission.SEE_RECORDS, team=None):
        team.make_calendar_address(by=by)
    return lambda: team.end_calendar_address(by=by)


def a_message_passed_on() -> Message:
    return intake.pass_to_conferences(a_message(), by=system())


def a_message_set_aside() -> Message:
    return intake.set_aside_message(a_message(), reason="Training", by=system())


def save_answers(by: User) -> Callable[[], Any]:
    assessment = an_assessment(a_case())
    child, factor = assessment.case.people.get(), a_factor(assessment)
    answers = [cram.Answered(factor.code, person=child.pk, said="yes", note="The school saw it")]
    return lambda: cram.save_answers(assessment, answers=answers, by=by)


def add_assessment_action(by: User) -> Callable[[], Any]:
    assessment, owner = an_assessment(a_case()), an_officer(Role.INVESTIGATOR)
    return lambda: cram.add_assessment_action(
        assessment, what="See the aunt", owner=owner, due_on=clock.today(), by=by
    )


def submit(by: User) -> Callable[[], Any]:
    assessment = cram.set_level(an_assessment(a_case()), level="standard", rationale="Nothing found", by=system())
    return lambda: cram.submit_assessment(assessment, by=by)


def set_a_measure(by: User) -> Callable[[], Any]:
    risk = a_risk()
    said = as_set(risk)
    return lambda: cram.set_measure(risk, **said, by=by)


def record_attendance(by: User) -> Callable[[], Any]:
    conference, officer = that_began(), an_officer(Role.PCLO)
    return lambda: conferences.record_attendance(conference, attended_by=officer, by=by)


def correct_attendance(by: User) -> Callable[[], Any]:
    conference, other, why = that_was_held(), an_officer(Role.PCLO), "It was somebody else"
    return lambda: conferences.correct_attendance(conference, attended_by=other, why=why, by=by)


def decide_sharing(by: User) -> Callable[[], object]:
    item = an_item(a_report(a_conference()))
    decisions = [conferences.Decision(item.pk, "withheld", "A refuge")]
    return lambda: conferences.decide_sharing(item.report, decisions=decisions, by=by)


def keep_from(by: User) -> Callable[[], object]:
    item = an_item(a_report(a_conference()))
    father = a_recipient(item.report.conference)
    return lambda: conferences.keep_from(item, kept={father.pk: "He looks for her"}, by=by)


def said_of_the_child(outcome: str, case: Case) -> conferences.Decided:
    return conferences.Decided(children_on(case)[0], outcome)


def record_outcomes(by: User) -> Callable[[], Any]:
    conference = that_was_held()
    decided = [said_of_the_child("no_plan", conference.case)]
    return lambda: conferences.record_outcomes(conference, decided=decided, by=by)


def correct_outcome(by: User) -> Callable[[], Any]:
    conference = that_decided()
    outcome, right = conference.outcomes.get(), said_of_the_child("no_plan", conference.case)
    return lambda: conferences.correct_outcome(outcome, decided=right, why="The wrong child", by=by)


def add_police_action(by: User) -> Callable[[], Any]:
    conference, owner = that_was_held(), an_officer(Role.INVESTIGATOR)
    return lambda: conferences.add_police_action(
        conference, what="See the aunt", owner=owner, due_on=clock.today(), by=by
    )


def record_plan(by: User) -> Callable[[], Any]:
    case = a_case()
    child, today = children_on(case)[0], clock.today()
    return lambda: conferences.record_plan(
        case,
        child=child,
        from_on=today,
        category="neglect",
        conference_on=today,
        conference_was_initial=True,
        by=by,
    )


def plan_core_group(by: User) -> Callable[[], Any]:
    case = a_plan().case
    return lambda: conferences.plan_core_group(case, starts_at=clock.moment(), by=by)


def move_core_group(by: User) -> Callable[[], Any]:
    group = a_core_group_of_yesterday()
    return lambda: conferences.move_core_group(group, starts_at=clock.moment(), why="No room", by=by)


SCENARIOS: dict[str, Callable[[User], Callable[[], Any]]] = {
    "conferences.actions.booking.book_conference": lambda by: (
        lambda case: lambda: conferences.book_conference(case, **as_booked(case), by=by)
    )(a_case()),
    "conferences.actions.booking.change_conference": on(a_conference, conferences.change_conference, place="Annexe"),
    "conferences.actions.booking.move_conference": lambda by: (
        lambda conference: (
            lambda: conferences.move_conference(conference, starts_at=clock.moment() + WEEK, why="No room", by=by)
        )
    )(a_conference()),
    "conferences.actions.booking.cancel_conference": on(a_conference, conferences.cancel_conference, why="Withdrawn"),
    "conferences.actions.emails.set_aside_email": on(a_message_passed_on, conferences.set_aside_email, why="Spam"),
    "conferences.actions.booking.decide_attendance": on(
        a_review, conferences.decide_attendance, attending="going", why="He is back at home"
    ),
    "conferences.actions.booking.brief_officer": on(
        a_conference, conferences.brief_officer, words="Ask who is there"
    ),
    "conferences.actions.reporting.start_report": on(a_conference, conferences.start_report),
    "conferences.actions.reporting.assemble_report": on(
        lambda: a_report(a_conference()), conferences.assemble_report
    ),
    "conferences.actions.reporting.add_item": on(
        lambda: a_report(a_conference()), conferences.add_item, section="view", text="A plan is needed"
    ),
    "conferences.actions.reporting.change_item": on(
        lambda: an_item(a_report(a_conference())), conferences.change_item, sharing="withheld", why="A refuge"
    ),
    "conferences.actions.reporting.decide_sharing": decide_sharing,
    "conferences.actions.reporting.keep_from": keep_from,
    "conferences.actions.reporting.add_recipient": on(
        a_conference, conferences.add_recipient, kind="family", name="Mr K Stroud, father"
    ),
    "conferences.actions.reporting.take_off_recipient": on(a_recipient, conferences.take_off_recipient),
    "conferences.actions.issuing.submit_report": on(a_whole_report, conferences.submit_report),
    "conferences.actions.issuing.endorse_report": on(a_submitted_report, conferences.endorse_report),
    "conferences.actions.issuing.return_report": on(
        a_submitted_report, conferences.return_report, words="Say who told us"
    ),
    "conferences.actions.issuing.send_report": lambda by: (
        lambda report: lambda: conferences.send_report(report, **as_sent(report), by=by)
    )(an_endorsed_report()),
    "conferences.actions.following.record_attendance": record_attendance,
    "conferences.actions.following.record_outcomes": record_outcomes,
    "conferences.actions.following.correct_attendance": correct_attendance,
    "conferences.actions.following.correct_outcome": correct_outcome,
    "conferences.actions.following.add_police_action": add_police_action,
    "conferences.actions.following.debrief_officer": on(
        that_was_held, conferences.debrief_officer, words="Nothing to add"
    ),
    "conferences.actions.following.check_minutes": lambda by: (
        lambda conference: lambda: conferences.check_minutes(conference, received_on=clock.today(), agree=True, by=by)
    )(that_was_held()),
    "conferences.actions.plans.record_plan": record_plan,
    "conferences.actions.plans.end_plan": lambda by: (
        lambda plan: (
            lambda: conferences.end_plan(
                plan, to_on=clock.today(), end="moved", note="Social Services, by telephone", by=by
            )
        )
    )(a_plan()),
    "conferences.actions.plans.withdraw_plan": on(a_plan, conferences.withdraw_plan, why="It was their cousin"),
    "conferences.actions.plans.plan_core_group": plan_core_group,
    "conferences.actions.plans.move_core_group": move_core_group,
    "conferences.actions.plans.record_core_group": on(
        a_core_group_of_yesterday, conferences.record_core_group, attended_by=None, note="The plan goes on"
    ),
    "conferences.actions.plans.cancel_core_group": on(
        a_core_group_of_yesterday, conferences.cancel_core_group, why="No room"
    ),
    "old_logs.actions.add_old_log": lambda by: (
        lambda team: lambda: old_logs.add_old_log(team, name="log.csv", content=as_csv(), by=by)
    )(a_team()),
    "old_logs.actions.choose_columns": on(
        an_old_log,
        old_logs.choose_columns,
        columns={heading_key(each): each for each in (Says.URN, Says.RECEIVED_ON, Says.CHILD)},
        headings={0: 1},
    ),
    "old_logs.actions.bring_in_old_log": on(an_old_log, old_logs.bring_in_old_log, hold_why="Asked before CAIT"),
    "old_logs.actions.discard_old_log": on(an_old_log, old_logs.discard_old_log),
    "oversight.actions.limits.change_limit": lambda by: (
        lambda: oversight.change_limit(
            SS_UPDATE, value=10, effective_from=clock.today() + DAY, reason="The inspectors say so", by=by
        )
    ),
    "oversight.actions.limits.withdraw_limit": on(
        a_limit_to_come, oversight.withdraw_limit, reason="Entered by mistake"
    ),
    "oversight.actions.limits.enter_bank_holidays": lambda by: (
        lambda day: lambda: oversight.enter_bank_holidays(holidays=[(day, "Jubilee")], reason="Proclaimed", by=by)
    )(a_free_day()),
    "oversight.actions.limits.withdraw_bank_holiday": on(
        a_bank_holiday_to_come, oversight.withdraw_bank_holiday, reason="Moved"
    ),
    "oversight.actions.reporting.make_report": lambda by: (
        lambda there: lambda: oversight.make_report(there[0], month=there[1], by=by)
    )(a_month_without_report()),
    "oversight.actions.reporting.count_again": on(a_monthly_report, oversight.count_again),
    "oversight.actions.reporting.write_commentary": on(
        a_monthly_report, oversight.write_commentary, commentary="More came in than in any month before."
    ),
    "oversight.actions.reporting.sign_report": on(a_report_with_commentary, oversight.sign_report),
    "cases.actions.closing.ask_closure": on(
        a_ready_case, cases.ask_closure, outcome="Nobody was hurt", court=Court.NONE
    ),
    "cases.actions.leading.choose_lead": choose_lead,
    "cases.actions.closing.agree_closure": on(asked_to_close, cases.agree_closure),
    "cases.actions.closing.refuse_closure": on(asked_to_close, cases.refuse_closure, answer="The aunt is not seen"),
    "cases.actions.closing.withdraw_closure": withdraw,
    "cases.actions.closing.reopen_case": on(a_closed_case, cases.reopen_case, reason="A new referral"),
    "cases.actions.transferring.ask_transfer": ask_transfer,
    "cases.actions.transferring.withdraw_transfer": on(a_transfer, cases.withdraw_transfer, answer="They are back"),
    "cases.actions.transferring.accept_transfer": on(a_transfer_to_us, cases.accept_transfer),
    "cases.actions.transferring.decline_transfer": on(a_transfer_to_us, cases.decline_transfer, answer="Not ours"),
    "cases.actions.restricting.restrict_case": restrict,
    "cases.actions.restricting.name_officer": name_somebody,
    "cases.actions.restricting.take_name_off": take_somebody_off,
    "cases.actions.restricting.end_restriction": end_a_restriction,
    "cram.actions.assessing.start_assessment": on(a_case, cram.start_assessment),
    "cram.actions.assessing.save_answers": save_answers,
    "cram.actions.assessing.set_level": on(
        lambda: an_assessment(a_case()), cram.set_level, level="high", rationale="He is back tonight"
    ),
    "cram.actions.assessing.add_decision": on(
        lambda: an_assessment(a_case()), cram.add_decision, what="He stays away", why="She is afraid"
    ),
    "cram.actions.assessing.add_assessment_action": add_assessment_action,
    "cram.actions.assessing.add_new_information": on(
        lambda: an_assessment(a_case()), cram.add_new_information, what="He has moved", why_not="They told us"
    ),
    "cram.actions.assessing.submit_assessment": submit,
    "cram.actions.discarding.discard_assessment": on(
        lambda: an_assessment(a_case()), cram.discard_assessment, why="Begun on the wrong record"
    ),
    "cram.actions.endorsing.endorse_assessment": on(lambda: submitted(a_case()), cram.endorse_assessment),
    "cram.actions.endorsing.return_assessment": on(
        lambda: submitted(a_case()), cram.return_assessment, words="Say who has the child tonight"
    ),
    "cram.actions.matrix.draft_matrix": lambda by: lambda: cram.draft_matrix(number="1.1", reason="A review", by=by),
    "cram.actions.matrix.change_factor": lambda by: (
        lambda draft: (
            lambda: cram.change_factor(draft, **as_said(draft.factors.get(code="neglect"), name="Neglected"), by=by)
        )
    )(a_drafted_matrix()),
    "cram.actions.matrix.add_factor": on(a_drafted_matrix, cram.add_factor, code="seen_at_school", **NEW),
    "cram.actions.matrix.take_factor_out": on(a_drafted_matrix, cram.take_factor_out, code="neglect"),
    "cram.actions.matrix.discard_matrix": on(a_drafted_matrix, cram.discard_matrix),
    "cram.actions.matrix.publish_matrix": lambda by: (
        lambda draft: lambda: cram.publish_matrix(draft, from_on=clock.today() + DAY, by=by)
    )(a_changed_matrix()),
    "cram.actions.researching.ask_research": lambda by: (
        lambda case: lambda: cram.ask_research(case, **as_asked(case), by=by)
    )(a_case()),
    "cram.actions.researching.drop_research": on(
        lambda: research_asked(a_case()), cram.drop_research, why="The suspect is dead"
    ),
    "cram.actions.researching.record_searches": lambda by: (
        lambda case: lambda: cram.record_searches(case, **as_searched(case), by=by)
    )(a_case()),
    "diary.actions.put_duties_right": on(a_wrong_case, diary.put_duties_right),
    "diary.actions.hold_chases": on(an_open_update, diary.hold_chases, why="The worker is the subject"),
    "diary.actions.release_chases": on(a_held_update, diary.release_chases, why="Another worker has it"),
    "diary.actions.give_duty": lambda by: (
        lambda duty, to: lambda: diary.give_duty(duty, to=to, why="The desk is short today", by=by)
    )(an_open_update(), an_officer(Role.INVESTIGATOR)),
    "diary.actions.approve_address": lambda by: (
        lambda team: (
            lambda: diary.approve_address(
                team,
                partner=Partner.SOCIAL_SERVICES,
                number=1,
                to_whom="Duty desk",
                address="duty@borough.example",
                by=by,
            )
        )
    )(a_team()),
    "diary.actions.end_address": on(
        lambda: an_approved_address(address=f"{uuid4().hex}@borough.example"), diary.end_address
    ),
    "referrals.actions.deciding.record_strategy": lambda by: (
        lambda case: lambda: referrals.record_strategy(case, **as_discussed(), by=by)
    )(a_case()),
    "referrals.actions.deciding.decide_referral": lambda by: (
        lambda case: lambda: referrals.decide_referral(case, **as_decided(), by=by)
    )(a_triaged_case()),
    "referrals.actions.supervising.supervise": lambda by: (
        lambda case: lambda: referrals.supervise(case, **as_supervised(), by=by)
    )(an_investigation()),
    "referrals.actions.updates.record_update": lambda by: (
        lambda case: lambda: referrals.record_update(case, **as_told(), by=by)
    )(a_case()),
    "referrals.actions.updates.judge_update": on(
        lambda: an_answer(a_case()), referrals.judge_update, judgement=Judgement.UNCHANGED, reason="Nothing new"
    ),
    "cram.actions.managing.raise_gap_on": lambda by: (
        lambda case, owner: (
            lambda: cram.raise_gap_on(case, question="Who else?", owner=owner, due_on=clock.today(), by=by)
        )
    )(a_case(), an_officer(Role.INVESTIGATOR)),
    "cram.actions.managing.change_gap": lambda by: (
        lambda gap, owner: (
            lambda: cram.change_gap(gap, owner=owner, due_on=clock.today(), reason="The inspector asked", by=by)
        )
    )(a_gap(), an_officer(Role.INVESTIGATOR)),
    "cram.actions.managing.answer_gap": on(a_gap, cram.answer_gap, resolution="Nobody else"),
    "cram.actions.managing.drop_gap": on(a_gap, cram.drop_gap, reason="He is in custody"),
    "cram.actions.managing.identify_risk": on_case(cram.identify_risk, what="The uncle reaching the children"),
    "cram.actions.managing.end_risk": on(a_managed_risk, cram.end_risk, why="He is in custody"),
    "cram.actions.managing.set_measure": set_a_measure,
    "cram.actions.managing.change_measure": lambda by: (
        lambda measure, owner: (
            lambda: cram.change_measure(
                measure, owner=owner, until=None, check_on=clock.today(), reason="The inspector asked", by=by
            )
        )
    )(a_measure(), an_officer(Role.INVESTIGATOR)),
    "cram.actions.managing.check_measure": lambda by: (
        lambda measure: (
            lambda: cram.check_measure(measure, works="no", found="He came back", next_on=clock.today(), by=by)
        )
    )(a_measure()),
    "cram.actions.managing.end_measure": on(a_measure, cram.end_measure, why="The bail has ended"),
    "cases.actions.writing.add_action": lambda by: (
        lambda case, owner: lambda: cases.add_action(case, what="Visit", owner=owner, due_on=clock.today(), by=by)
    )(a_case(), an_officer(Role.INVESTIGATOR)),
    "cases.actions.writing.add_entry": on_case(
        cases.add_entry, kind=Kind.NOTE, title="Seen", text="Well", happened_at=lambda case: case.raised_at
    ),
    "cases.actions.writing.add_person": on_case(
        cases.add_person, part=Part.ADULT, said=PersonSaid(given_names="Tanya"), on=lambda case: clock.today()
    ),
    "cases.actions.writing.assign_case": assign,
    "cases.actions.writing.cancel_action": on(an_action, cases.cancel_action, result="Not needed"),
    "cases.actions.writing.change_action": change_an_action,
    "cases.actions.writing.change_person": change_somebody,
    "cases.actions.writing.complete_action": on(an_action, cases.complete_action, result="Done"),
    "cases.actions.writing.correct_entry": lambda by: (
        lambda entry: (
            lambda: cases.correct_entry(
                entry, title="Seen", text="Well", happened_at=entry.happened_at, reason="Misread", by=by
            )
        )
    )(an_entry()),
    "cases.actions.writing.share_information": on_case(
        cases.share_information,
        partner=Partner.SCHOOL,
        to_whom="Head",
        what="Bail",
        way=Way.EMAIL,
        basis=Basis.CRIME,
        shared_at=lambda case: case.raised_at,
    ),
    "cases.actions.writing.take_person_off": on(an_adult, cases.take_person_off, reason="Somebody else"),
    "referrals.actions.desk.confirm_referral": lambda by: (
        lambda referral: (
            lambda: referrals.confirm_referral(
                referral, confirmed_at=referral.received_at, confirmed_how="Email", by=by
            )
        )
    )(a_referral(method=Method.TELEPHONE)),
    "referrals.actions.desk.discard_draft": on(a_draft, referrals.discard_draft),
    "referrals.actions.desk.log_referral": log,
    "referrals.actions.desk.save_draft": save_draft,
    "referrals.actions.desk.take_over_draft": on(a_draft, referrals.take_over_draft),
    "referrals.actions.desk.triage_referral": on(
        a_referral, referrals.triage_referral, urgent=True, what_next="", reason="Fresh injury"
    ),
    "referrals.actions.mail.put_email_on_record": lambda by: (
        lambda case, message: lambda: referrals.put_email_on_record(case, text="Seen well", message=message, by=by)
    )(a_case(), a_message()),
    "intake.actions.take_in": lambda by: (
        lambda mailbox: lambda: intake.take_in(mailbox, uid=mailbox.last_uid + 1, raw=an_email(), by=by)
    )(mailbox_of(a_team(), "cait at mail.example:993, INBOX")),
    "intake.actions.settle_attachment": on(
        an_attachment, intake.settle_attachment, kind=FileKind("", "No."), content=b"x"
    ),
    "intake.actions.keep_attachment_again": on(a_kept_attachment, intake.keep_attachment_again),
    "intake.actions.set_aside_message": on(a_message, intake.set_aside_message, reason="Training"),
    "intake.actions.put_back_message": on(a_message_set_aside, intake.put_back_message, reason="It names a child"),
    "intake.actions.pass_to_conferences": on(a_message, intake.pass_to_conferences),
    "team.actions.add_team": lambda by: lambda: team.add_team(code="QQQ", name="Quay CAIT", by=by),
    "team.actions.add_account": lambda by: lambda: team.add_account(username="new", family_name="New", by=by),
    "team.actions.change_account": lambda by: (
        lambda user: (
            lambda: team.change_account(user, family_name="Renamed", given_names="Alex", rank="DS", email="", by=by)
        )
    )(a_user()),
    "team.actions.change_password": lambda by: lambda: team.change_password(by, password="a long new one", by=by),
    "team.actions.reset_password": lambda by: (lambda user: lambda: team.reset_password(user, by=by))(a_user()),
    "team.actions.close_account": lambda by: (lambda user: lambda: team.close_account(user, by=by))(a_user()),
    "team.actions.reopen_account": lambda by: (lambda user: lambda: team.reopen_account(user, by=by))(closed_user()),
    "team.actions.give_token": lambda by: (lambda user: lambda: team.give_token(user, by=by))(a_user()),
    "team.actions.withdraw_tokens": on(a_user_with_a_token, team.withdraw_tokens),
    "diary.actions.mark_notices_read": lambda by: lambda: diary.mark_notices_read(up_to=1, by=by),
    "team.actions.make_calendar_address": lambda by: lambda: team.make_calendar_address(by=by),
    "team.actions.end_calendar_address": end_ones_calendar,
    "team.actions.give_role": lambda by: (
        lambda user, where: lambda: team.give_role(user, team=where, role=Role.PCLO, from_on=clock.today(), by=by)
    )(a_user(), a_team()),
    "team.actions.end_role": lambda by: (
        lambda officer: (
            lambda: team.end_role(officer.memberships.get(), last_day=clock.today(), reason="Moved", by=by)
        )
    )(an_officer(Role.PCLO)),
    "team.actions.withdraw_role": lambda by: (
        lambda officer: lambda: team.withdraw_role(officer.memberships.get(), reason="Given by mistake", by=by)
    )(an_officer(Role.PCLO)),
}
# Which permission it needs; where it is another than MANAGE_ACCOUNTS.
NEEDS: dict[str, Permission] = {
    "cases.actions.writing.assign_case": Permission.ASSIGN_RECORDS,
    "referrals.actions.desk.confirm_referral": Permission.LOG_REFERRALS,
    "referrals.actions.desk.discard_draft": Permission.LOG_REFERRALS,
    "referrals.actions.desk.log_referral": Permission.LOG_REFERRALS,
    "referrals.actions.desk.save_draft": Permission.LOG_REFERRALS,
    "referrals.actions.desk.take_over_draft": Permission.LOG_REFERRALS,
    "referrals.actions.desk.triage_referral": Permission.TRIAGE_REFERRALS,
    **{name: Permission.WRITE_RECORDS for name in SCENARIOS if name.startswith("cases.actions.writing.")},
    "cases.actions.closing.ask_closure": Permission.ASK_CLOSURE,
    "cases.actions.closing.agree_closure": Permission.CLOSE_RECORDS,
    "cases.actions.closing.refuse_closure": Permission.CLOSE_RECORDS,
    "cases.actions.closing.withdraw_closure": Permission.ASK_CLOSURE,
    "cases.actions.closing.reopen_case": Permission.REOPEN_RECORDS,
    "cases.actions.transferring.ask_transfer": Permission.TRANSFER_RECORDS,
    "cases.actions.transferring.withdraw_transfer": Permission.TRANSFER_RECORDS,
    "cases.actions.transferring.accept_transfer": Permission.ANSWER_TRANSFERS,
    "cases.actions.transferring.decline_transfer": Permission.ANSWER_TRANSFERS,
    "cases.actions.restricting.restrict_case": Permission.RESTRICT_RECORDS,
    "cases.actions.restricting.name_officer": Permission.RESTRICT_RECORDS,
    "cases.actions.restricting.take_name_off": Permission.RESTRICT_RECORDS,
    "cases.actions.restricting.end_restriction": Permission.END_RESTRICTIONS,
    **{name: Permission.ASSESS_RISK for name in SCENARIOS if name.startswith("cram.actions.assessing.")},
    **{name: Permission.ENDORSE_ASSESSMENTS for name in SCENARIOS if name.startswith("cram.actions.endorsing.")},
    **{name: Permission.CHANGE_MATRIX for name in SCENARIOS if name.startswith("cram.actions.matrix.")},
    **{name: Permission.WRITE_RECORDS for name in SCENARIOS if name.startswith("cram.actions.researching.")},
    "cram.actions.researching.record_searches": Permission.RECORD_RESEARCH,
    "diary.actions.put_duties_right": Permission.PUT_DUTIES_RIGHT,
    "diary.actions.hold_chases": Permission.HOLD_CHASES,
    "diary.actions.release_chases": Permission.HOLD_CHASES,
    "diary.actions.give_duty": Permission.GIVE_DUTIES,
    "diary.actions.approve_address": Permission.APPROVE_ADDRESSES,
    "diary.actions.end_address": Permission.APPROVE_ADDRESSES,
    **{name: Permission.BRING_IN_LOGS for name in SCENARIOS if name.startswith("old_logs.actions.")},
    **{name: Permission.CHANGE_TIME_LIMITS for name in SCENARIOS if name.startswith("oversight.actions.limits.")},
    **{
        name: Permission.SIGN_MONTHLY_REPORTS for name in SCENARIOS if name.startswith("oversight.actions.reporting.")
    },
    "referrals.actions.mail.put_email_on_record": Permission.HANDLE_MAIL,
    **{name: Permission.HANDLE_MAIL for name in SCENARIOS if name.startswith("intake.actions.")},
    "referrals.actions.deciding.record_strategy": Permission.WRITE_RECORDS,
    "referrals.actions.deciding.decide_referral": Permission.DECIDE_REFERRALS,
    "referrals.actions.supervising.supervise": Permission.SUPERVISE_RECORDS,
    "referrals.actions.updates.record_update": Permission.RECORD_UPDATES,
    "referrals.actions.updates.judge_update": Permission.JUDGE_UPDATES,
    **{name: Permission.WRITE_RECORDS for name in SCENARIOS if name.startswith("cram.actions.managing.")},
    "cram.actions.managing.identify_risk": Permission.ASSESS_RISK,
    **{
        name: Permission.RECORD_OUTCOMES
        for name in SCENARIOS
        if name.startswith(("conferences.actions.following.", "conferences.actions.plans."))
    },
    **{name: Permission.BOOK_CONFERENCES for name in SCENARIOS if name.startswith("conferences.actions.booking.")},
    **{name: Permission.WRITE_REPORTS for name in SCENARIOS if name.startswith("conferences.actions.reporting.")},
    "conferences.actions.emails.set_aside_email": Permission.BOOK_CONFERENCES,
    "conferences.actions.issuing.submit_report": Permission.WRITE_REPORTS,
    "conferences.actions.issuing.endorse_report": Permission.ENDORSE_REPORTS,
    "conferences.actions.issuing.return_report": Permission.ENDORSE_REPORTS,
    "conferences.actions.issuing.send_report": Permission.WRITE_REPORTS,
    "conferences.actions.booking.decide_attendance": Permission.SUPERVISE_CONFERENCES,
    "conferences.actions.booking.brief_officer": Permission.SUPERVISE_CONFERENCES,
    "conferences.actions.following.debrief_officer": Permission.SUPERVISE_CONFERENCES,
    "cram.actions.managing.end_risk": Permission.ASSESS_RISK,
    "cram.actions.discarding.discard_assessment": Permission.ASSESS_RISK,
}
NEEDS["cases.actions.leading.choose_lead"] = Permission.ASSIGN_RECORDS
NEEDS["cases.actions.writing.assign_case"] = Permission.ASSIGN_RECORDS
# What everybody does for themselves alone who may open records, whichever their team.
FOR_ONESELF = {"team.actions.make_calendar_address", "team.actions.end_calendar_address"}
FOR_ONESELF |= {"diary.actions.mark_notices_read"}
NEEDS |= dict.fromkeys(FOR_ONESELF, Permission.SEE_RECORDS)
# Everybody may choose their own password.
OWN = {"team.actions.change_password"}
# What is written in an assessment stands in the chronology when the assessment is sent.
NOT_SENT_YET = {
    f"cram.actions.assessing.{name}"
    for name in ("start_assessment", "save_answers", "set_level", "add_new_information")
}
# So does what is written in a police report, when it is sent for endorsement and to the conference.
NOT_SENT_YET |= {name for name in SCENARIOS if name.startswith("conferences.actions.reporting.")}
# What stands in a record's chronology by itself, and what is no act on a record yet.
UNTOLD = {
    *FOR_ONESELF,
    *(f"referrals.actions.desk.{name}" for name in ("save_draft", "take_over_draft", "discard_draft")),
    *(f"diary.actions.{name}" for name in ("approve_address", "end_address")),
    *(name for name in SCENARIOS if name.startswith(("intake.actions.", "old_logs.actions."))),
    "conferences.actions.emails.set_aside_email",
    *(name for name in SCENARIOS if name.startswith(("oversight.actions.", "cram.actions.matrix."))),
}
# What is told once on each of several records.
ON_SEVERAL_RECORDS = {"cases.actions.leading.choose_lead"}
# What is done on an open record only: what raises one, and what opens one again, is not; nor what takes from a closed
# one the duty that should not be there.
ON_A_RECORD = sorted(
    set(NEEDS)
    - UNTOLD
    - {
        "referrals.actions.desk.log_referral",
        "cases.actions.closing.reopen_case",
        "diary.actions.put_duties_right",
        # Who may open it is a question of a closed record too.
        *(name for name in NEEDS if name.startswith("cases.actions.restricting.")),
    }
)


def allowed(name: str) -> frozenset[Role]:
    """The roles that may do it."""
    return HOLDERS[NEEDS.get(name, Permission.MANAGE_ACCOUNTS)]


def somebody_who_may(name: str) -> User:
    return an_officer(min(allowed(name)))


def test_every_action_has_a_scenario() -> None:
    assert sorted(name for name, _ in actions()) == sorted(SCENARIOS)


@pytest.mark.parametrize(("name", "function"), list(actions()))
def test_every_action_ends_with_by(name: str, function: FunctionType) -> None:
    parameters = list(inspect.signature(function).parameters.values())
    assert parameters[-1].name == "by"
    assert parameters[-1].kind is inspect.Parameter.KEYWORD_ONLY
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters[1:])


# What is an act on a record tells of itself there.
TOLD = {name for name in SCENARIOS if name.split(".")[0] != "team"} - UNTOLD - NOT_SENT_YET


class NoRoom(Exception):
    """The audit cannot be written."""


@dataclass(frozen=True)
class Tried:
    """An action, and somebody who may do it."""

    name: str
    by: User
    act: Callable[[], Any]


def refuses_every_role_that_may_not(it: Tried) -> None:
    """It saves nothing before it asks."""
    if it.name in OWN:
        return
    mine = it.by.memberships.values("role", "team").get()
    ours, command = a_team(), a_team("CAC")
    before = everything()
    for role in sorted(set(Role) - allowed(it.name)):
        holds(it.by, role, command if role in COMMAND_ROLES else ours)
        with pytest.raises(NotAllowed, match="You cannot"):
            it.act()
    holds(it.by, **mine)  # as it was
    assert everything() == before


def holds(somebody: User, role: str, team: Any) -> None:
    """Their one role is another."""
    somebody.memberships.update(role=role, team=team)
    somebody.forget_roles()


def refuses_a_role_in_another_team(it: Tried) -> None:
    if it.name not in set(NEEDS) - FOR_ONESELF:
        return
    with undone():
        holds(it.by, Role.DESK_SERGEANT, a_team("ENF"))
        with pytest.raises(NotAllowed, match="You cannot"):
            it.act()
    it.by.forget_roles()


def writes_nothing_on_a_closed_record(it: Tried) -> None:
    if it.name not in ON_A_RECORD:
        return
    with undone():
        Case.objects.update(state="closed", closed_at=clock.now())
        before = everything()
        with pytest.raises(ValidationError, match="is closed"):
            it.act()
        assert everything() == before


def leaves_no_trace_where_it_cannot_be_recorded(it: Tried) -> None:
    """All that it does is one transaction with the audit."""

    def full(**fields: Any) -> None:
        raise NoRoom

    before = everything()
    with pytest.MonkeyPatch.context() as without_room:
        without_room.setattr(AuditEvent.objects, "create", full)
        with pytest.raises(NoRoom):
            it.act()
    assert everything() == before


def writes_one_audit_event_by_who_acted_and_tells_of_itself_on_its_record(it: Tried) -> None:
    """One event, that the auditor can read; and one entry of the chronology, where it is an act on a record."""
    with undone():
        events = set(AuditEvent.objects.values_list("pk", flat=True))
        entries = set(Entry.objects.values_list("pk", flat=True))
        it.act()
        (recorded,) = AuditEvent.objects.exclude(pk__in=events)
        assert recorded.by_id == it.by.pk
        assert recorded.event in Event
        assert set(recorded.detail) <= set(DETAILS)
        if it.name in TOLD:
            written = Entry.objects.exclude(pk__in=entries)
            (told,) = written.filter(case=recorded.case_id) if it.name in ON_SEVERAL_RECORDS else written
            assert {each.recorded_by for each in written} == {it.by}
            assert recorded.case_id == told.case_id


# What refuses comes first: after it everything is as it was.
RULES = (
    refuses_every_role_that_may_not,
    refuses_a_role_in_another_team,
    writes_nothing_on_a_closed_record,
    leaves_no_trace_where_it_cannot_be_recorded,
    writes_one_audit_event_by_who_acted_and_tells_of_itself_on_its_record,
)
# The actions of each file. What each needs is built once for all the rules, and thrown away with that of the others.
FILES = sorted({name.rpartition(".")[0] for name in SCENARIOS})


# It runs outside any transaction of the test's own: only so is an action found out that saves before it asks whether
# it may, or that does not put all it does into one transaction.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file", FILES)
def test_every_action_keeps_the_rules(file: str) -> None:
    broken = []
    for name, scenario in SCENARIOS.items():
        if name.rpartition(".")[0] == file:
            by = somebody_who_may(name)
            it = Tried(name, by, scenario(by))
            for rule in RULES:
                try:
                    rule(it)
                except (Exception, pytest.fail.Exception) as reason:
                    broken.append(f"{name} {rule.__name__}: {type(reason).__name__}: {reason}")
    assert not broken, "\n\n".join(broken)
