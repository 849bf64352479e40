"""What a program does on a record: by the same actions as the pages, and refused in the same words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cait.urls import resources
from cases.actions import (
    add_action,
    add_entry,
    add_person,
    assign_case,
    change_action,
    correct_entry,
    take_person_off,
)
from cases.enums import ActionState, ClosureState, Kind, Part
from cases.models import Action, Case, CasePerson, Entry
from deadlines import clock
from deadlines.calendar import ONE_DAY
from diary.actions import hold_chases
from intake.actions import set_aside_message
from intake.enums import State
from people.births import read_birth
from people.enums import Relation
from people.models import Person
from people.said import PersonSaid
from referrals.enums import Method
from referrals.models import Referral
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.conferences import a_conference, a_review, that_began, that_was_held
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_decision,
    a_ready_case,
    a_triaged_case,
    an_answer,
    an_approved_address,
    an_investigation,
    an_open_update,
    asked_to_close,
)
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child, aged
from tests.factories.reports import a_submitted_report, a_whole_report
from tests.factories.restricting import a_restricted_case
from tests.factories.rows import everything
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_receiver, a_transfer, a_transfer_to_us
from tests.integration.api import assessing, conferring
from tests.integration.api.asking import Program
from tests.integration.api.prepared import as_sent, said_wrong
from tests.rules.test_actions import SCENARIOS

pytestmark = pytest.mark.django_db

System = User.objects.system


def now() -> str:
    return clock.moment().isoformat()


def at_the_desk(team: str = "HGY", role: Role = Role.DESK_SERGEANT) -> Program:
    return Program(an_officer(role, a_team(team)))


# --- each act once -------------------------------------------------------------------------------

Made = tuple[list[Any], dict[str, Any]]


@dataclass(frozen=True)
class Act:
    """One thing that a program does: what is made first, and what it leads to."""

    makes: Callable[[User], Made]
    event: str
    # What its entry in the chronology begins with; empty where it is on no record.
    told: str = ""
    method: str = "post"
    status: int = 200
    # What must be said, and with words.
    says: tuple[str, ...] = ()
    # Whose act it is.
    role: Role = Role.DESK_SERGEANT


def on_case(make: Callable[[], Case] = a_case, **sent: Any) -> Callable[[User], Made]:
    return lambda by: ([make().number], {name: each() if callable(each) else each for name, each in sent.items()})


def officers(by: User) -> Made:
    case = a_case()
    officer = an_officer(Role.INVESTIGATOR)
    return [case.number], {"officer_in_case": officer.pk, "supervisor": None, "version": version_of(case)}


def correction(by: User) -> Made:
    entry = a_case().entries.get()
    sent = {"title": "Seen", "text": "Well", "happened_at": entry.happened_at.isoformat(), "reason": "Misread"}
    return [entry.case.number, entry.pk], {**sent, "seen": 0}


def an_action(case: Case | None = None) -> Action:
    owner = an_officer(Role.INVESTIGATOR)
    return add_action(case or a_case(), what="Visit", owner=owner, due_on=clock.today(), by=System())


def new_action(by: User) -> Made:
    owner = an_officer(Role.INVESTIGATOR)
    return [a_case().number], {"what": "Visit", "owner": owner.pk, "due_on": clock.today().isoformat()}


def changed_action(by: User) -> Made:
    action = an_action()
    sent = {"owner": by.pk, "due_on": (clock.today() + ONE_DAY).isoformat(), "reason": "On leave"}
    return [action.case.number, action.pk], {**sent, "version": version_of(action)}


def ended_action(by: User) -> Made:
    action = an_action()
    return [action.case.number, action.pk], {"result": "Nobody in"}


def put_right(by: User) -> Made:
    case = a_case()
    child = case.people.get()
    return [case.number, child.pk], known_of(child, given_names="Reece", family_name="Calloway")


def known_of(person: Person, **other: Any) -> dict[str, Any]:
    """All that is known of somebody, as it is sent to be put right."""
    known: dict[str, Any] = {"given_names": person.given_names, "family_name": person.family_name, "sex": person.sex}
    known |= {"birth": person.birth.words(), "reason": "Misheard", "version": version_of(person)}
    return {**known, **other}


def taken_off(by: User) -> Made:
    case = a_case()
    add_person(case, part=Part.ADULT, said=PersonSaid("Tanya"), on=clock.today(), by=System())
    return [case.number, case.parts.get(part=Part.ADULT).pk], {"reason": "Somebody else"}


def answered(**sent: Any) -> Callable[[User], Made]:
    def make(by: User) -> Made:
        closure = asked_to_close()
        return [closure.case.number, closure.pk], sent

    return make


def withdrawn(by: User) -> Made:
    closure = asked_to_close(by=by)
    return [closure.case.number, closure.pk], {"answer": "Too soon"}


def asked_to_transfer(by: User) -> Made:
    a_receiver()
    return [a_case().number], {"to_team": "ENF", "reason": "The family moved to Enfield"}


def transfer_withdrawn(by: User) -> Made:
    transfer = a_transfer()
    return [transfer.case.number, transfer.pk], {"answer": "They are back"}


def transfer_answered(**sent: Any) -> Callable[[User], Made]:
    return lambda by: ([a_transfer_to_us().pk], sent)


def restricted(by: User) -> Made:
    return [a_case().number], {"reason": "A teacher is suspected", "officers": [an_officer(Role.INSPECTOR).pk]}


def officer_named(by: User) -> Made:
    officer = an_officer(Role.INVESTIGATOR)
    return [a_restricted_case(by).number], {"officer": officer.pk, "reason": "Interviews her"}


def name_taken_off(by: User) -> Made:
    case = a_restricted_case(by, officer := an_officer(Role.INVESTIGATOR))
    return [case.number, case.named.get(officer=officer).pk], {"reason": "Has moved on"}


def restriction_ended(by: User) -> Made:
    return [a_restricted_case(by).number], {"reason": "It was not he"}


def judged(by: User) -> Made:
    answer = an_answer(a_case())
    return [answer.case.number, answer.pk], {"judgement": "unchanged", "reason": "Nothing new"}


def email_on_record(by: User) -> Made:
    return [a_case().number], {"message": a_message().pk, "message_uses": 0, "text": "Seen well"}


def held(by: User) -> Made:
    return [hold_chases(an_open_update(), why="The worker is the subject", by=System()).pk], {"why": "Another has it"}


def message(**sent: Any) -> Callable[[User], Made]:
    return lambda by: ([a_message().pk], sent)


def message_put_back(by: User) -> Made:
    return [set_aside_message(a_message(), reason="Training", by=System()).pk], {"reason": "It names a child"}


def phoned() -> Case:
    return a_case(method=Method.TELEPHONE)


NOTE: dict[str, Any] = {"kind": "note", "title": "Seen", "text": "Well", "happened_at": now}
SHARED: dict[str, Any] = {
    "partner": "school",
    "to_whom": "Head",
    "what": "Bail",
    "way": "email",
    "basis": "crime",
    "shared_at": now,
}
STRATEGY: dict[str, Any] = {
    "how": "telephone",
    "held_at": now,
    "took_part": {"police": "DS Frayne", "social_services": "S Arikan"},
    "supervisor": None,
    "enquiry": "joint",
    "decided": "A visit today",
    "reason": "No crime alleged",
}
UPDATE: dict[str, Any] = {"received_at": now, "way": "telephone", "from_whom": "S Arikan", "text": "All is well"}
REVIEW: dict[str, Any] = {"found": "The aunt is seen", "directions": "None needed", "reviewed_at": now, "seen": 0}
DECISION: dict[str, Any] = {"kind": "information", "reason": "The school is content", "decided_at": now, "seen": 0}

ACTS: dict[str, Act] = {
    "officers": Act(officers, "CASE_ASSIGNED", "Officer in case: "),
    "chronology": Act(on_case(**NOTE), "ENTRY_ADDED", "Seen", status=201, says=("title", "text", "kind")),
    "corrections": Act(correction, "ENTRY_CORRECTED", "Seen", status=201, says=("title", "reason")),
    "actions": Act(new_action, "ACTION_ADDED", "Action: Visit", status=201, says=("what", "owner", "due_on")),
    "action": Act(changed_action, "ACTION_CHANGED", "Action changed: Visit", "patch", says=("reason",)),
    "complete_action": Act(ended_action, "ACTION_DONE", "Action done: Visit", says=("result",)),
    "cancel_action": Act(ended_action, "ACTION_CANCELLED", "Action not needed: Visit", says=("result",)),
    "add_person": Act(
        on_case(part="adult", given_names="Tanya", relation="mother"), "PERSON_ADDED", "Tanya", status=201,
        says=("part",),
    ),
    "person_on_record": Act(put_right, "PERSON_CHANGED", "Details of ", "put", says=("reason",)),
    "take_person_off": Act(taken_off, "PERSON_TAKEN_OFF", "Tanya", status=204, says=("reason",)),
    "shared": Act(
        on_case(**SHARED), "INFORMATION_SHARED", "Shared with School", status=201, says=("what", "to_whom", "basis"),
    ),
    "closure": Act(
        on_case(a_ready_case, outcome="Nobody was hurt", court="none"), "CLOSURE_ASKED", "Closure asked for",
        status=201, says=("outcome", "court"),
    ),
    "agree_closure": Act(answered(read=True), "CASE_CLOSED", "Record closed"),
    "refuse_closure": Act(
        answered(answer="Not seen"), "CLOSURE_REFUSED", "Closure not agreed", says=("answer",)
    ),
    "withdraw_closure": Act(withdrawn, "CLOSURE_WITHDRAWN", "Request to close withdrawn", says=("answer",)),
    "reopen_case": Act(on_case(a_closed_case, reason="A new referral"), "CASE_REOPENED", "Record ", says=("reason",)),
    "transfers_of_record": Act(
        asked_to_transfer, "TRANSFER_ASKED", "Transfer to ", status=201, says=("to_team", "reason")
    ),
    "withdraw_transfer": Act(transfer_withdrawn, "TRANSFER_WITHDRAWN", "Transfer to ", says=("answer",)),
    "accept_transfer": Act(transfer_answered(read=True), "CASE_TRANSFERRED", "Record transferred from "),
    "decline_transfer": Act(
        transfer_answered(answer="Not ours"), "TRANSFER_DECLINED", "Team HGY did not accept", says=("answer",)
    ),
    "restriction": Act(
        restricted, "CASE_RESTRICTED", "Restricted to those named", status=201, says=("reason",)
    ),
    "name_officer": Act(
        officer_named, "OFFICER_NAMED", "DC ", status=201, says=("officer", "reason")
    ),
    "take_name_off": Act(name_taken_off, "OFFICER_TAKEN_OFF", "DC ", status=204, says=("reason",)),
    "end_restriction": Act(
        restriction_ended, "RESTRICTION_ENDED", "Not restricted any more", says=("reason",), role=Role.INSPECTOR
    ),
    "referrals": Act(lambda by: ([], as_sent()), "REFERRAL_LOGGED", "Referral ", status=201, says=("circumstances",)),
    "triage": Act(
        on_case(urgent=True, reason="Fresh injury"), "REFERRAL_TRIAGED", "Triage: urgent action is needed",
        says=("reason", "urgent"),
    ),
    "confirm": Act(
        on_case(phoned, confirmed_at=now, confirmed_how="Letter"), "REFERRAL_CONFIRMED", "Telephone referral",
        says=("confirmed_how", "confirmed_at"),
    ),
    "put_email_on_record": Act(
        email_on_record, "MAIL_PUT_ON_RECORD", "Information by email", status=201, says=("text", "message")
    ),
    "strategies": Act(on_case(**STRATEGY), "STRATEGY_RECORDED", "Strategy", status=201, says=("decided", "reason")),
    "decisions": Act(
        on_case(a_triaged_case, **DECISION), "REFERRAL_DECIDED", "", status=201, says=("reason", "kind")
    ),
    "supervisions": Act(
        on_case(an_investigation, **REVIEW), "INVESTIGATION_SUPERVISED", "Supervision of the investigation",
        status=201, says=("found", "directions", "reviewed_at"),
    ),
    "updates": Act(on_case(**UPDATE), "UPDATE_RECORDED", "Update from", status=201, says=("text", "from_whom")),
    "judge": Act(judged, "UPDATE_JUDGED", "Update judged", says=("reason", "judgement")),
    "hold_chases": Act(
        lambda by: ([an_open_update().pk], {"why": "The worker is the subject"}), "CHASES_HELD", "Emails to",
        says=("why",),
    ),
    "release_chases": Act(held, "CHASES_RELEASED", "Emails to", says=("why",)),
    "give_duty": Act(
        lambda by: ([an_open_update().pk], {"to": by.username, "why": "The desk is short", "seen": 0}),
        "DUTY_GIVEN", "Given to ", says=("why",),
    ),
    "read_notices": Act(lambda by: ([], {"up_to": 1}), "NOTICES_READ", says=("up_to",)),
    "set_aside_message": Act(message(reason="Training", seen=0), "MAIL_SET_ASIDE", says=("reason",)),
    "put_back_message": Act(message_put_back, "MAIL_PUT_BACK", says=("reason",)),
    "pass_to_conferences": Act(message(seen=0), "MAIL_PASSED_ON"),
    "set_aside_email": Act(message(why="A circular"), "CONFERENCE_EMAIL_SET_ASIDE", says=("why",)),
    "start_assessment": Act(on_case(kind=None), "ASSESSMENT_STARTED", status=201),
    "answers": Act(assessing.answers, "ASSESSMENT_ANSWERED", says=("answers",)),
    "level": Act(
        assessing.on_assessment(assessing.begun, version=True, level="standard", rationale="They are with an aunt"),
        "ASSESSMENT_LEVEL_SET", says=("level", "rationale"),
    ),
    "add_decision": Act(
        assessing.on_assessment(assessing.begun, what="Joint visit", why="The door was not opened"),
        "ASSESSMENT_DECISION_ADDED", "Joint visit", status=201, says=("what", "why"),
    ),
    "add_assessment_action": Act(
        assessing.on_assessment(
            assessing.begun, what="Visit", owner=assessing.an_officer_s_number, due_on=assessing.in_a_day
        ),
        "ASSESSMENT_ACTION_ADDED", "Action: Visit", status=201, says=("what", "owner", "due_on"),
    ),
    "new_information": Act(
        assessing.on_assessment(assessing.begun, what="A man outside", why_not="It would show who told us"),
        "NEW_INFORMATION_ADDED", status=201, says=("what", "why_not"),
    ),
    "submit_assessment": Act(
        assessing.on_assessment(assessing.with_a_level, version=True), "ASSESSMENT_SUBMITTED", "First CRAM sent",
    ),
    "discard_assessment": Act(
        assessing.on_assessment(assessing.begun, version=True, why="Begun on the wrong record"),
        "ASSESSMENT_DISCARDED", "First CRAM thrown away", says=("why",),
    ),
    "endorse_assessment": Act(
        assessing.on_assessment(assessing.sent, version=True), "ASSESSMENT_ENDORSED", "First CRAM endorsed",
    ),
    "return_assessment": Act(
        assessing.on_assessment(assessing.sent, version=True, words="What of the father?"),
        "ASSESSMENT_RETURNED", "First CRAM returned", says=("words",),
    ),
    "gaps": Act(
        on_case(question="Who else?", owner=assessing.an_officer_s_number, due_on=assessing.in_a_day),
        "GAP_RAISED", "Not known: Who else?", status=201, says=("question", "owner", "due_on"),
    ),
    "gap": Act(assessing.changed_gap, "GAP_CHANGED", "Not known, changed: ", "patch", says=("reason",)),
    "answer_gap": Act(
        assessing.on_gap(resolution="Nobody else"), "GAP_ENDED", "Answered: ", says=("resolution",)
    ),
    "drop_gap": Act(
        assessing.on_gap(reason="He is in custody"), "GAP_ENDED", "No longer needed: ", says=("reason",)
    ),
    "risks": Act(on_case(what="No heating"), "RISK_IDENTIFIED", "Risk identified: ", status=201, says=("what",)),
    "end_risk": Act(assessing.ended_risk, "RISK_ENDED", "Risk no longer present: ", says=("why",)),
    "set_measure": Act(
        assessing.new_measure, "MEASURE_SET", "Control measure: Bail", status=201,
        says=("approach", "what", "owner", "from_on", "check_on"),
    ),
    "measure": Act(
        assessing.changed_measure, "MEASURE_CHANGED", "Control measure changed: ", "patch", says=("reason",)
    ),
    "check_measure": Act(
        assessing.checked_measure, "MEASURE_CHECKED", "It works: ", status=201, says=("works", "found", "next_on")
    ),
    "end_measure": Act(assessing.ended_measure, "MEASURE_ENDED", "Control measure ended: ", says=("why",)),
    "research": Act(
        on_case(systems=["pnc"], why="Was he ever violent?", due_on=assessing.in_a_day),
        "RESEARCH_ASKED", "Research asked for: PNC", status=201, says=("systems", "why", "due_on"),
    ),
    "drop_research": Act(assessing.dropped_research, "RESEARCH_NOT_NEEDED", "Research not needed: ", says=("why",)),
    "searches": Act(
        on_case(searches=[{"system": "pnc", "found": True, "result": "Assault, 2006"}], searched_at=now),
        "SEARCHES_RECORDED", "Searched: PNC", status=201, says=("searches", "searched_at"),
    ),
    "book_conference": Act(
        conferring.booked, "CONFERENCE_BOOKED", "Initial conference booked for ", status=201,
        says=("kind", "children", "starts_at", "place", "chair"),
    ),
    "conference": Act(
        conferring.on_conference(a_conference, version=True, chair="Mr D Amory"),
        "CONFERENCE_CHANGED", "Initial conference on ", "patch",
    ),
    "move_conference": Act(
        conferring.on_conference(
            a_conference, version=True, starts_at=lambda: conferring.in_weeks(4), why="The chair is ill"
        ),
        "CONFERENCE_MOVED", "Initial conference moved from ", says=("starts_at", "why"),
    ),
    "cancel_conference": Act(
        conferring.on_conference(a_conference, version=True, why="The family has moved away"),
        "CONFERENCE_CANCELLED", "Initial conference on ", says=("why",),
    ),
    "decide_attendance": Act(
        conferring.on_conference(a_review, version=True, attending="report_only", why="Nothing new is known"),
        "ATTENDANCE_DECIDED", "Review conference on ", says=("attending", "why"),
    ),
    "brief_officer": Act(
        conferring.on_conference(a_conference, version=True, words="Ask who has the child tonight"),
        "OFFICER_BRIEFED", "Conference officer briefed", says=("words",),
    ),
    "record_attendance": Act(
        conferring.on_conference(that_began, version=True, attended_by=assessing.an_officer_s_number),
        "ATTENDANCE_RECORDED", "Initial conference held on ",
    ),
    "correct_attendance": Act(
        conferring.on_conference(
            that_was_held, version=True, attended_by=assessing.an_officer_s_number, why="It was somebody else"
        ),
        "ATTENDANCE_CORRECTED", "Put right: who attended the initial conference", says=("why",),
    ),
    "record_outcomes": Act(
        conferring.outcomes, "OUTCOME_RECORDED", "What the initial conference decided", status=201, says=("outcomes",)
    ),
    "correct_outcome": Act(
        conferring.corrected_outcome, "OUTCOME_CORRECTED", "Put right: what the initial conference decided",
        status=201, says=("outcome", "police_view", "why"),
    ),
    "add_police_action": Act(
        conferring.on_conference(
            that_was_held, what="Tell the school", owner=assessing.an_officer_s_number,
            due_on=assessing.in_a_day,
        ),
        "POLICE_ACTION_ADDED", "Action: Tell the school", status=201, says=("what", "owner", "due_on"),
    ),
    "debrief_officer": Act(
        conferring.on_conference(that_was_held, version=True, words="A long meeting"),
        "OFFICER_DEBRIEFED", "Conference officer debriefed", says=("words",),
    ),
    "check_minutes": Act(
        conferring.on_conference(
            that_was_held, version=True, received_on=lambda: assessing.in_a_day(0), agree=True
        ),
        "MINUTES_CHECKED", "Minutes of the initial conference checked", says=("received_on", "agree"),
    ),
    "report": Act(conferring.on_conference(a_conference), "REPORT_STARTED", status=201),
    "assemble_report": Act(
        conferring.on_report(conferring.a_report_just_begun, version=False), "REPORT_ASSEMBLED"
    ),
    "add_item": Act(
        conferring.on_report(
            conferring.a_report_just_begun, version=False, section="analysis", text="He is not safe there"
        ),
        "REPORT_ITEM_ADDED", status=201, says=("section", "text"),
    ),
    "item": Act(conferring.changed_item, "REPORT_ITEM_CHANGED", "", "patch"),
    "decide_sharing": Act(conferring.sharing_decided, "REPORT_ITEM_CHANGED", "", says=("decisions",)),
    "keep_from": Act(conferring.kept_item, "REPORT_ITEM_KEPT_FROM", "", "put", says=("kept",)),
    "add_recipient": Act(
        conferring.on_conference(a_conference, kind="family", name="Mr K Stroud, father"),
        "REPORT_RECIPIENT_ADDED", status=201, says=("kind", "name"),
    ),
    "take_off_recipient": Act(conferring.taken_off_recipient, "REPORT_RECIPIENT_TAKEN_OFF"),
    "submit_report": Act(
        conferring.on_report(a_whole_report), "REPORT_SUBMITTED", "Police report to the initial conference"
    ),
    "endorse_report": Act(
        conferring.on_report(a_submitted_report), "REPORT_ENDORSED", "Police report to the initial conference"
    ),
    "return_report": Act(
        conferring.on_report(a_submitted_report, words="What of the father?"),
        "REPORT_RETURNED", "Police report to the initial conference", says=("words",),
    ),
    "send_report": Act(
        conferring.sent_report, "REPORT_SENT", "Police report to the initial conference", says=("ways", "basis")
    ),
    "record_plan": Act(
        conferring.recorded_plan, "PLAN_RECORDED", "", status=201,
        says=("child", "from_on", "category", "conference_on", "conference_was_initial"),
    ),
    "end_plan": Act(
        conferring.on_plan(to_on=lambda: assessing.in_a_day(0), end="moved", note="S Arikan by telephone"),
        "PLAN_ENDED", "The child protection plan of ", says=("to_on", "end", "note"),
    ),
    "withdraw_plan": Act(
        conferring.on_plan(why="It was their cousin"), "PLAN_WITHDRAWN", "The child protection plan of ",
        says=("why",),
    ),
    "core_groups": Act(
        conferring.planned_core_group, "CORE_GROUP_PLANNED", "Core group on ", status=201, says=("starts_at",)
    ),
    "move_core_group": Act(
        conferring.on_core_group(starts_at=lambda: conferring.in_weeks(3), why="The school is closed"),
        "CORE_GROUP_MOVED", "Core group moved from ", says=("starts_at", "why"),
    ),
    "record_core_group": Act(
        conferring.on_core_group(begun=True, attended_by=None, note="The plan goes on"),
        "CORE_GROUP_RECORDED", "Core group held on ", says=("note",),
    ),
    "cancel_core_group": Act(
        conferring.on_core_group(why="The school is closed"), "CORE_GROUP_CANCELLED", "Core group on ", says=("why",)
    ),
}  # fmt: skip
# What several acts tell alike: that who may read an item was changed, of one and of several at once.
TOLD_ALIKE = {"decide_sharing"}


def send(program: Program, name: str, args: list[Any], sent: dict[str, Any]) -> Any:
    return getattr(program, ACTS[name].method)(name, *args, **sent)


# --- parity with the actions ---------------------------------------------------------------------

WRITING, CLOSING, DESK = "cases.actions.writing.", "cases.actions.closing.", "referrals.actions.desk."
TRANSFERRING, RESTRICTING = "cases.actions.transferring.", "cases.actions.restricting."
ASSESSING, MANAGING = "cram.actions.assessing.", "cram.actions.managing."
BOOKING, FOLLOWING = "conferences.actions.booking.", "conferences.actions.following."
PLANS = "conferences.actions.plans."
REPORTING, ISSUING = "conferences.actions.reporting.", "conferences.actions.issuing."
CALLED: dict[str, tuple[str, str]] = {
    f"{WRITING}assign_case": ("post", "officers"),
    f"{WRITING}add_entry": ("post", "chronology"),
    f"{WRITING}correct_entry": ("post", "corrections"),
    f"{WRITING}add_action": ("post", "actions"),
    f"{WRITING}change_action": ("patch", "action"),
    f"{WRITING}complete_action": ("post", "complete_action"),
    f"{WRITING}cancel_action": ("post", "cancel_action"),
    f"{WRITING}add_person": ("post", "add_person"),
    f"{WRITING}change_person": ("put", "person_on_record"),
    f"{WRITING}take_person_off": ("post", "take_person_off"),
    f"{WRITING}share_information": ("post", "shared"),
    f"{CLOSING}ask_closure": ("post", "closure"),
    f"{CLOSING}agree_closure": ("post", "agree_closure"),
    f"{CLOSING}refuse_closure": ("post", "refuse_closure"),
    f"{CLOSING}withdraw_closure": ("post", "withdraw_closure"),
    f"{CLOSING}reopen_case": ("post", "reopen_case"),
    f"{TRANSFERRING}ask_transfer": ("post", "transfers_of_record"),
    f"{TRANSFERRING}withdraw_transfer": ("post", "withdraw_transfer"),
    f"{TRANSFERRING}accept_transfer": ("post", "accept_transfer"),
    f"{TRANSFERRING}decline_transfer": ("post", "decline_transfer"),
    f"{RESTRICTING}restrict_case": ("post", "restriction"),
    f"{RESTRICTING}name_officer": ("post", "name_officer"),
    f"{RESTRICTING}take_name_off": ("post", "take_name_off"),
    f"{RESTRICTING}end_restriction": ("post", "end_restriction"),
    f"{DESK}log_referral": ("post", "referrals"),
    f"{DESK}triage_referral": ("post", "triage"),
    f"{DESK}confirm_referral": ("post", "confirm"),
    "referrals.actions.mail.put_email_on_record": ("post", "put_email_on_record"),
    "referrals.actions.deciding.record_strategy": ("post", "strategies"),
    "referrals.actions.deciding.decide_referral": ("post", "decisions"),
    "referrals.actions.supervising.supervise": ("post", "supervisions"),
    "referrals.actions.updates.record_update": ("post", "updates"),
    "referrals.actions.updates.judge_update": ("post", "judge"),
    "diary.actions.hold_chases": ("post", "hold_chases"),
    "diary.actions.release_chases": ("post", "release_chases"),
    "diary.actions.give_duty": ("post", "give_duty"),
    "diary.actions.mark_notices_read": ("post", "read_notices"),
    f"{ASSESSING}start_assessment": ("post", "start_assessment"),
    f"{ASSESSING}save_answers": ("post", "answers"),
    f"{ASSESSING}set_level": ("post", "level"),
    f"{ASSESSING}add_decision": ("post", "add_decision"),
    f"{ASSESSING}add_assessment_action": ("post", "add_assessment_action"),
    f"{ASSESSING}add_new_information": ("post", "new_information"),
    f"{ASSESSING}submit_assessment": ("post", "submit_assessment"),
    "cram.actions.discarding.discard_assessment": ("post", "discard_assessment"),
    "cram.actions.endorsing.endorse_assessment": ("post", "endorse_assessment"),
    "cram.actions.endorsing.return_assessment": ("post", "return_assessment"),
    f"{MANAGING}raise_gap_on": ("post", "gaps"),
    f"{MANAGING}change_gap": ("patch", "gap"),
    f"{MANAGING}answer_gap": ("post", "answer_gap"),
    f"{MANAGING}drop_gap": ("post", "drop_gap"),
    f"{MANAGING}identify_risk": ("post", "risks"),
    f"{MANAGING}end_risk": ("post", "end_risk"),
    f"{MANAGING}set_measure": ("post", "set_measure"),
    f"{MANAGING}change_measure": ("patch", "measure"),
    f"{MANAGING}check_measure": ("post", "check_measure"),
    f"{MANAGING}end_measure": ("post", "end_measure"),
    "cram.actions.researching.ask_research": ("post", "research"),
    "cram.actions.researching.drop_research": ("post", "drop_research"),
    "cram.actions.researching.record_searches": ("post", "searches"),
    f"{BOOKING}book_conference": ("post", "book_conference"),
    f"{BOOKING}change_conference": ("patch", "conference"),
    f"{BOOKING}move_conference": ("post", "move_conference"),
    f"{BOOKING}cancel_conference": ("post", "cancel_conference"),
    "conferences.actions.emails.set_aside_email": ("post", "set_aside_email"),
    f"{BOOKING}decide_attendance": ("post", "decide_attendance"),
    f"{BOOKING}brief_officer": ("post", "brief_officer"),
    f"{FOLLOWING}record_attendance": ("post", "record_attendance"),
    f"{FOLLOWING}record_outcomes": ("post", "record_outcomes"),
    f"{FOLLOWING}correct_attendance": ("post", "correct_attendance"),
    f"{FOLLOWING}correct_outcome": ("post", "correct_outcome"),
    f"{FOLLOWING}add_police_action": ("post", "add_police_action"),
    f"{FOLLOWING}debrief_officer": ("post", "debrief_officer"),
    f"{FOLLOWING}check_minutes": ("post", "check_minutes"),
    f"{REPORTING}start_report": ("post", "report"),
    f"{REPORTING}assemble_report": ("post", "assemble_report"),
    f"{REPORTING}add_item": ("post", "add_item"),
    f"{REPORTING}change_item": ("patch", "item"),
    f"{REPORTING}decide_sharing": ("post", "decide_sharing"),
    f"{REPORTING}keep_from": ("put", "keep_from"),
    f"{REPORTING}add_recipient": ("post", "add_recipient"),
    f"{REPORTING}take_off_recipient": ("post", "take_off_recipient"),
    f"{ISSUING}submit_report": ("post", "submit_report"),
    f"{ISSUING}endorse_report": ("post", "endorse_report"),
    f"{ISSUING}return_report": ("post", "return_report"),
    f"{ISSUING}send_report": ("post", "send_report"),
    f"{PLANS}record_plan": ("post", "record_plan"),
    f"{PLANS}end_plan": ("post", "end_plan"),
    f"{PLANS}withdraw_plan": ("post", "withdraw_plan"),
    f"{PLANS}plan_core_group": ("post", "core_groups"),
    f"{PLANS}move_core_group": ("post", "move_core_group"),
    f"{PLANS}record_core_group": ("post", "record_core_group"),
    f"{PLANS}cancel_core_group": ("post", "cancel_core_group"),
    "intake.actions.set_aside_message": ("post", "set_aside_message"),
    "intake.actions.put_back_message": ("post", "put_back_message"),
    "intake.actions.pass_to_conferences": ("post", "pass_to_conferences"),
}
# What no program does, and why.
BY_PEOPLE_ALONE: dict[str, str] = {
    **dict.fromkeys(
        [f"{DESK}save_draft", f"{DESK}take_over_draft", f"{DESK}discard_draft"],
        "A program sends a referral whole: nothing of it is half typed.",
    ),
    **dict.fromkeys(
        ["diary.actions.approve_address", "diary.actions.end_address"],
        "To whom emails about children go is approved by the inspector, in person.",
    ),
    "diary.actions.put_duties_right": "What the check of duties found is looked at by the inspector, in person.",
    **dict.fromkeys(
        [name for name in SCENARIOS if name.startswith("oversight.actions.limits.")],
        "Time limits and bank holidays are changed by the administrator, in person.",
    ),
    **dict.fromkeys(
        [name for name in SCENARIOS if name.startswith("oversight.actions.reporting.")],
        "What a month’s figures mean is said and signed by the inspector, in person.",
    ),
    **dict.fromkeys(
        [name for name in SCENARIOS if name.startswith("cram.actions.matrix.")],
        "The matrix is changed by the command, in person.",
    ),
    "cases.actions.leading.choose_lead": "Which record leads is chosen by a sergeant, with the records at hand.",
    "intake.actions.take_in": "Emails come from the mailbox alone.",
    **dict.fromkeys(
        ["intake.actions.settle_attachment", "intake.actions.keep_attachment_again"],
        "What an attachment is, the scanner says.",
    ),
    **dict.fromkeys(
        [name for name in SCENARIOS if name.startswith("old_logs.actions.")],
        "Somebody looks at what becomes of a log before it is brought in; a program logs its referrals one by one.",
    ),
    **dict.fromkeys(
        [name for name in SCENARIOS if name.startswith("team.actions.")],
        "Who may do what, and in whose name programs act, is not given by a program.",
    ),
}
# What is sent and changes nothing.
ASKS = {("post", "known_already")}


def test_every_action_has_an_address_or_a_reason_why_programs_do_not_do_it() -> None:
    assert set(CALLED) & set(BY_PEOPLE_ALONE) == set()
    assert sorted([*CALLED, *BY_PEOPLE_ALONE]) == sorted(SCENARIOS)


def changing(found: list[Any]) -> set[tuple[str, str]]:
    """Every address that is sent something, with the method."""
    methods = ("post", "put", "patch", "delete")
    return {
        pair
        for each in found
        for pair in (
            changing(each.url_patterns)
            if hasattr(each, "url_patterns")
            else {(method, each.name) for method in methods if hasattr(each.callback.cls, method)}
        )
    }


def test_every_address_that_is_sent_something_does_an_action_of_ours() -> None:
    assert changing(resources) == set(CALLED.values()) | ASKS
    assert {(act.method, name) for name, act in ACTS.items()} == set(CALLED.values())


def test_each_action_is_recorded_as_it_is_from_a_page() -> None:
    """The events of the acts above, by the action: no two share one with its words, so an address calls its own."""
    assert len({(act.event, act.told) for act in ACTS.values()}) == len(ACTS) - len(TOLD_ALIKE)


# --- the second of two ---------------------------------------------------------------------------


def told_who(answer: Any, first: User, *words: str) -> None:
    said = said_wrong(answer, 409)
    assert set(said) == {"detail"}
    assert str(first) in said["detail"]
    for each in words:
        assert each in said["detail"]
    assert said["detail"].endswith("Look at it again, then send yours only if it is still right.")
    assert "What you typed" not in said["detail"]


def test_two_who_decide_at_once() -> None:
    program, first = at_the_desk(), an_officer(Role.SUPERVISOR)
    case = a_triaged_case()
    a_decision(case, by=first)
    sent = {"kind": "police", "reason": "A crime", "decided_at": now()}
    before = everything(looks=False)
    told_who(
        program.post("decisions", case.number, **sent, seen=0), first, "Information only", "The school is content"
    )
    assert everything(looks=False) == before
    last = program.get("decisions", case.number).json()["results"][0]["number"]
    assert program.post("decisions", case.number, **sent, seen=last).status_code == 201


def test_two_who_correct_one_entry_at_once() -> None:
    program, first = at_the_desk(), an_officer(Role.SUPERVISOR)
    args, sent = correction(program.user)
    entry = Entry.objects.get(pk=args[1])
    theirs = correct_entry(
        entry, title="Heard", text="x", happened_at=entry.happened_at, reason="Misread", seen=0, by=first
    )
    told_who(program.post("corrections", *args, **sent), first, "Heard")
    answer = program.post("corrections", *args, **{**sent, "seen": theirs.pk})
    assert answer.status_code == 201
    assert [each["title"] for each in answer.json()["corrections"]] == ["Heard", "Seen"]


def test_two_who_change_one_action_at_once() -> None:
    program, first, third = at_the_desk(), an_officer(Role.SUPERVISOR), an_officer(Role.INVESTIGATOR)
    args, sent = changed_action(program.user)
    action = Action.objects.get(pk=args[1])
    change_action(action, owner=third, due_on=action.due_on, reason="Leave", by=first)
    told_who(program.patch("action", *args, **sent), first, str(third))
    version = program.get("actions", args[0]).json()["results"][0]["version"]
    answer = program.patch("action", *args, **{**sent, "version": version})
    assert (answer.status_code, answer.json()["owner"]["id"]) == (200, program.user.pk)


def test_two_who_put_one_person_right_at_once() -> None:
    program, first = at_the_desk(), Program(an_officer(Role.SUPERVISOR))
    args, sent = put_right(program.user)
    assert first.put("person_on_record", *args, **{**sent, "given_names": "Rhodri"}).status_code == 200
    told_who(program.put("person_on_record", *args, **sent), first.user, "Rhodri")
    version = program.get("person", args[1]).json()["version"]
    answer = program.put("person_on_record", *args, **{**sent, "version": version})
    assert (answer.status_code, answer.json()["given_names"]) == (200, "Reece")


def test_two_who_say_at_once_who_works_on_a_record() -> None:
    program, first = at_the_desk(), an_officer(Role.SUPERVISOR)
    args, sent = officers(program.user)
    assign_case(Case.objects.get(number=args[0]), officer_in_case=first, supervisor=None, by=first)
    told_who(program.post("officers", *args, **sent), first)
    version = program.get("case", args[0]).json()["version"]
    assert program.post("officers", *args, **{**sent, "version": version}).status_code == 200


@pytest.mark.parametrize("version", [0, 2**31 - 1])
def test_a_version_that_there_never_was_is_a_409_too(version: int) -> None:
    program = at_the_desk()
    args, sent = officers(program.user)
    said = said_wrong(program.post("officers", *args, **{**sent, "version": version}), 409)
    assert "cannot tell what changed" in said["detail"]


@pytest.mark.parametrize(
    "name", ["set_aside_message", "pass_to_conferences", "put_email_on_record", "confirm", "updates"]
)
def test_two_at_the_desk_with_one_email(name: str) -> None:
    program, first = at_the_desk(), an_officer(Role.SUPERVISOR)
    email = a_message()
    args: list[Any] = [email.pk]
    sent: dict[str, Any] = {"seen": 0} | ({"reason": "Training"} if name == "set_aside_message" else {})
    if name in ("put_email_on_record", "confirm", "updates"):
        args, sent = ACTS[name].makes(program.user)
        sent |= {"message": email.pk, "message_uses": 0}
    set_aside_message(email, reason="Holidays", by=first)
    before = everything(looks=False)
    told_who(program.post(name, *args, **sent), first, "Holidays")
    assert everything(looks=False) == before


def test_an_email_is_put_on_a_record_with_what_it_tells() -> None:
    program, email = at_the_desk(), a_message()
    for name in ("confirm", "updates", "put_email_on_record"):
        args, sent = ACTS[name].makes(program.user)
        seen = email.uses.count()
        answer = program.post(name, *args, **{**sent, "message": email.pk, "message_uses": seen})
        assert answer.status_code in (200, 201), answer.json()
        assert email.uses.latest("pk").case.number == args[0]  # type: ignore[union-attr]
    email.refresh_from_db()
    assert email.state == State.DEALT_WITH


@pytest.mark.parametrize("name", ["confirm", "updates", "put_email_on_record"])
def test_an_email_that_one_does_not_handle_is_none(name: str) -> None:
    program = at_the_desk()
    theirs = a_message(a_team("ENF"))
    args, sent = ACTS[name].makes(program.user)
    before = everything(looks=False)
    said = said_wrong(program.post(name, *args, **{**sent, "message": theirs.pk, "message_uses": 0}))
    assert set(said) == {"detail", "message"}
    assert everything(looks=False) == before


# --- who, and what of another record -------------------------------------------------------------


@pytest.mark.parametrize(("name", "field"), [("officers", "supervisor"), ("strategies", "supervisor")])
def test_a_constable_supervises_nothing(name: str, field: str) -> None:
    program, constable = at_the_desk(), an_officer(Role.INVESTIGATOR)
    args, sent = ACTS[name].makes(program.user)
    assert set(said_wrong(send(program, name, args, {**sent, field: constable.pk}))) == {"detail", field}


def test_nobody_supervises_their_own_work() -> None:
    program = at_the_desk()
    args, sent = officers(program.user)
    sent |= {"officer_in_case": program.user.pk, "supervisor": program.user.pk}
    assert set(said_wrong(program.post("officers", *args, **sent))) == {"detail", "supervisor"}


def test_who_works_on_a_record_can_be_nobody_again() -> None:
    program = at_the_desk()
    args, sent = officers(program.user)
    version = program.post("officers", *args, **sent) and program.get("case", args[0]).json()["version"]
    sent |= {"officer_in_case": None, "version": version, "reason": "On leave"}
    answer = program.post("officers", *args, **sent)
    assert (answer.status_code, answer.json()["officer_in_case"]) == (200, None)
    assert "Nothing is changed yet" in said_wrong(
        program.post("officers", *args, **{**sent, "version": program.get("case", args[0]).json()["version"]})
    )["detail"]  # fmt: skip


@pytest.mark.parametrize("name", ["chronology", "shared"])
def test_whoever_was_taken_off_is_named_no_more(name: str) -> None:
    program = at_the_desk()
    args, sent = ACTS[name].makes(program.user)
    case = Case.objects.get(number=args[0])
    adult = add_person(case, part=Part.ADULT, said=PersonSaid("Tanya"), on=clock.today(), by=System())
    assert send(program, name, args, {**sent, "people": [adult.pk]}).status_code == 201
    take_person_off(case.parts.get(person=adult), reason="Somebody else", by=System())
    said_wrong(send(program, name, args, {**sent, "people": [adult.pk]}))


def test_a_correction_is_not_corrected() -> None:
    program = at_the_desk()
    args, sent = correction(program.user)
    answer = program.post("corrections", *args, **sent)
    (made,) = answer.json()["corrections"]
    said_wrong(program.post("corrections", args[0], made["id"], **sent), 404)


# --- the rules of each ---------------------------------------------------------------------------


def test_the_answer_to_an_entry_is_the_entry() -> None:
    program = at_the_desk()
    case = a_case()
    child = case.people.get()
    sent = {
        **NOTE,
        "happened_at": now(),
        "people": [child.pk, child.pk],
        "significant": True,
        "source": "A neighbour",
    }
    made = program.post("chronology", case.number, **sent, happened="about").json()
    assert made in program.get("chronology", case.number).json()["results"]
    assert (made["entry"]["people"], made["entry"]["significant"], made["source"]) == (
        [child.pk],
        True,
        "A neighbour",
    )
    assert (made["entry"]["happened"], made["automatic"], made["corrections"]) == ("about", False, [])


def test_what_cait_writes_is_not_written_by_a_program() -> None:
    program, case = at_the_desk(), a_case()
    for kind in ("referral", "action", "record", "people", "shared", "x"):
        said = said_wrong(program.post("chronology", case.number, **{**NOTE, "happened_at": now(), "kind": kind}))
        assert set(said) == {"detail", "kind"}, kind


def test_a_correction_leaves_what_it_does_not_name() -> None:
    program = at_the_desk()
    case = a_case()
    child = case.people.get()
    entry = add_entry(
        case, kind=Kind.NOTE, title="Seen", text="x", happened_at=clock.now(), people=[child], significant=True,
        by=System(),
    )  # fmt: skip
    sent = {"title": "Heard", "text": "", "happened_at": entry.happened_at.isoformat(), "reason": "Misread"}
    (made,) = program.post("corrections", case.number, entry.pk, **sent, seen=0).json()["corrections"]
    assert (made["people"], made["significant"], made["text"], made["reason"]) == ([child.pk], True, "", "Misread")
    answer = program.post(
        "corrections",
        case.number,
        entry.pk,
        **{**sent, "title": "Met"},
        people=[],
        significant=False,
        seen=made["id"],
    )
    assert answer.json()["corrections"][-1]["people"] == []
    assert answer.json()["corrections"][-1]["significant"] is False
    nothing = {**sent, "title": "Met", "significant": False, "seen": answer.json()["corrections"][-1]["id"]}
    assert (
        "Nothing is changed yet"
        in said_wrong(program.post("corrections", case.number, entry.pk, **nothing))["detail"]
    )


def test_nobody_agrees_to_their_own_closure_nor_to_the_end_of_their_own_work() -> None:
    program = at_the_desk()
    closure = asked_to_close(by=program.user)
    args = [closure.case.number, closure.pk]
    assert "You asked to close this record" in said_wrong(program.post("agree_closure", *args, read=True))["detail"]
    assert "Withdraw the request instead" in said_wrong(program.post("refuse_closure", *args, answer="No"))["detail"]
    other = at_the_desk()
    assert "Only they can withdraw" in said_wrong(other.post("withdraw_closure", *args, answer="No"))["detail"]
    assign_case(closure.case, officer_in_case=other.user, supervisor=None, by=System())
    assert "officer in case" in said_wrong(other.post("agree_closure", *args, read=True))["detail"]
    closure.refresh_from_db()
    assert closure.state == ClosureState.ASKED


def test_who_agrees_says_that_they_have_read_the_record() -> None:
    args, _ = answered()(System())
    program = at_the_desk()
    for sent in ({"read": False}, {"read": None}, {"read": ""}, {"read": "perhaps"}, {}):
        assert set(said_wrong(program.post("agree_closure", *args, **sent))) == {"detail", "read"}, sent


def test_closure_is_refused_with_everything_that_stands_in_the_way() -> None:
    program, case = at_the_desk(), a_triaged_case()
    an_action(case)
    in_the_way = program.get("closure", case.number).json()["in_the_way"]
    assert len(in_the_way) > 1
    said = said_wrong(program.post("closure", case.number, outcome="Seen", court="none"))
    for each in in_the_way:
        assert each in said["detail"]


def test_no_closure_before_the_court_case_is_concluded() -> None:
    case = a_decided_case()
    for court in ("under_way", "x", "", None):
        said = said_wrong(at_the_desk().post("closure", case.number, outcome="Seen", court=court))
        assert set(said) == {"detail", "court"}


def test_whoever_is_put_on_a_record_may_be_known_already() -> None:
    program = at_the_desk()
    known = a_case(children=[a_child("Ottoline", "Quennell")]).people.get()
    case = a_case()
    sent = {"part": "other_child", "given_names": "Ottoline", "family_name": "Quennell"}
    before = everything(looks=False)
    said = said_wrong(program.post("add_person", case.number, **sent))
    assert set(said) == {"detail", "same_as", "known"}
    assert said["known"][0]["person"]["name"] == "Ottoline Quennell"
    assert everything(looks=False) == before
    answer = program.post("add_person", case.number, **sent, same_as=str(known.pk))
    assert (answer.status_code, answer.json()["id"]) == (201, known.pk)
    assert "is on this record already" in said_wrong(
        program.post("add_person", case.number, **sent, same_as=str(known.pk))
    )["detail"]  # fmt: skip
    new = program.post("add_person", case.number, **sent, same_as="new")
    assert new.json()["id"] != known.pk


def test_an_adult_more_is_what_was_said_to_the_children() -> None:
    program, case = at_the_desk(), a_case()
    sent = {"part": "suspect", "given_names": "Bram", "relation": "parents_partner", "birth": "1984"}
    bram = program.post("add_person", case.number, **sent).json()
    (on,) = [each for each in program.get("case", case.number).json()["people"] if each["part"] == "suspect"]
    assert (on["person"]["id"], on["relation"]) == (bram["id"], Relation("parents_partner").words)


@pytest.mark.parametrize("part", ["child", "other_child"])
def test_an_adult_is_no_child_on_a_record(part: str) -> None:
    case = a_case()
    said = said_wrong(at_the_desk().post("add_person", case.number, part=part, given_names="Bram", birth="40 years"))
    assert "adult, not a child" in " ".join([said["detail"], *said.get("birth", [])])


def test_a_person_is_put_right_whole_and_nothing_is_emptied_by_being_left_out() -> None:
    program = at_the_desk()
    case = a_case(children=[a_child("Rhys", "Quennell", sex="male", birth=aged(6))])
    child = case.people.get()
    sent = known_of(child, given_names="Reece", birth="2020-06-06", sex="")
    said = program.put("person_on_record", case.number, child.pk, **sent).json()
    assert (said["given_names"], said["family_name"], said["sex"]) == ("Reece", "Quennell", "")
    assert said["birth"]["earliest"] == "2020-06-06"
    child.refresh_from_db()
    for name in ("given_names", "family_name", "birth", "sex"):
        sent = known_of(child)
        del sent[name]
        assert set(said_wrong(program.put("person_on_record", case.number, child.pk, **sent))) == {"detail", name}
    nobody = known_of(child, given_names="", family_name="")
    assert "given_names" in said_wrong(program.put("person_on_record", case.number, child.pk, **nobody))


def test_a_name_is_put_right_and_a_birth_that_is_only_about_known_stays() -> None:
    program = at_the_desk()
    case = a_case(children=[a_child("Rhys", birth=read_birth("6 years", on=clock.today()))])
    child = case.people.get()
    words = program.get("person", child.pk).json()["person"]["birth"]["words"]
    assert words.startswith("between ")
    sent = known_of(child, given_names="Reece", birth=words)
    said = program.put("person_on_record", case.number, child.pk, **sent).json()
    assert (said["given_names"], said["birth"]["words"], said["birth"]["known"]) == ("Reece", words, "approximate")


def test_somebody_who_is_on_a_record_in_two_parts_can_be_put_right() -> None:
    """One person may be there in several parts: a mother and a suspect."""
    program, case = at_the_desk(), a_case()
    sent = {"part": "adult", "given_names": "Tanya", "family_name": "Quennell"}
    mother = program.post("add_person", case.number, **sent).json()
    person = Person.objects.get(pk=mother["id"])
    twice = program.post("add_person", case.number, **{**sent, "part": "suspect", "same_as": str(mother["id"])})
    assert twice.json()["id"] == mother["id"]
    answer = program.put("person_on_record", case.number, person.pk, **known_of(person, given_names="Tania"))
    assert answer.status_code == 200, answer.json()
    assert answer.json()["given_names"] == "Tania"


def test_whoever_was_taken_off_is_not_put_right() -> None:
    program, case = at_the_desk(), a_case()
    adult = add_person(case, part=Part.ADULT, said=PersonSaid("Tanya"), on=clock.today(), by=System())
    take_person_off(case.parts.get(person=adult), reason="Somebody else", by=System())
    answer = program.put("person_on_record", case.number, adult.pk, **known_of(adult, given_names="Tania"))
    assert "not on this record" in said_wrong(answer)["detail"]
    adult.refresh_from_db()
    assert adult.given_names == "Tanya"


def test_the_last_child_stays_on_the_record() -> None:
    program, case = at_the_desk(), a_case()
    part = case.parts.get()
    said = said_wrong(program.post("take_person_off", case.number, part.pk, reason="Somebody else"))
    assert "only child on the record" in said["detail"]
    assert CasePerson.objects.get(pk=part.pk).taken_off_at is None


def test_the_number_that_the_record_gives_is_the_one_that_takes_somebody_off() -> None:
    program, case = at_the_desk(), a_case()
    program.post("add_person", case.number, part="adult", given_names="Tanya")
    (part,) = [each["id"] for each in program.get("case", case.number).json()["people"] if each["part"] == "adult"]
    assert program.post("take_person_off", case.number, part, reason="Somebody else").status_code == 204
    assert [each["part"] for each in program.get("case", case.number).json()["people"]] == ["child"]


def test_an_action_is_done_or_not_needed_and_shown_so() -> None:
    program, case = at_the_desk(), a_case()
    for name, state in (("complete_action", ActionState.DONE), ("cancel_action", ActionState.CANCELLED)):
        answer = program.post(name, case.number, an_action(case).pk, result="Nobody in")
        assert (answer.json()["state"], answer.json()["result"]) == (state, "Nobody in")
        assert answer.json()["ended_by"]["id"] == program.user.pk


def test_police_and_social_services_take_part_in_every_discussion() -> None:
    program, case = at_the_desk(), a_case()
    for took_part, wrong in (
        ({"police": "DS Frayne"}, "social_services"),
        ({"social_services": "S Arikan"}, "police"),
        ({"police": " ", "social_services": "S Arikan"}, "police"),
        ({"police": "DS Frayne", "social_services": "S Arikan", "pathology": "x"}, "pathology"),
    ):
        sent = {**STRATEGY, "held_at": now(), "took_part": took_part}
        said = said_wrong(program.post("strategies", case.number, **sent))
        assert set(said) == {"detail", "took_part"}, took_part
        assert set(said["took_part"]) == {wrong}, took_part


def test_a_discussion_keeps_no_agency_that_did_not_take_part() -> None:
    program, case = at_the_desk(), a_case()
    made = program.post("strategies", case.number, **{**STRATEGY, "held_at": now()}).json()
    assert made["took_part"] == {"police": "DS Frayne", "social_services": "S Arikan"}


def test_first_triage_then_decide() -> None:
    case = a_case()
    said = said_wrong(at_the_desk().post("decisions", case.number, **{**DECISION, "decided_at": now()}))
    assert "Triage the referral first" in said["detail"]


def test_a_decision_that_contradicts_itself_is_refused() -> None:
    program, case = at_the_desk(), a_triaged_case()
    contradictions: list[tuple[dict[str, Any], str]] = [
        ({"kind": "passed_on"}, "passed_to"),
        ({"passed_to": "Enfield"}, "passed_to"),
        ({"kind": "joint"}, "kind"),
        ({"hold_why": "The worker is the subject"}, "hold_why"),
        ({"seen": None}, "seen"),
        ({"seen": -1}, "seen"),
    ]
    for sent, field in contradictions:
        said = said_wrong(program.post("decisions", case.number, **{**DECISION, "decided_at": now(), **sent}))
        assert set(said) == {"detail", field}, sent


def test_social_services_are_asked_at_once_or_held_back() -> None:
    an_approved_address()
    program = at_the_desk()
    sent = {**DECISION, "kind": "social_services"}
    asked = program.post("decisions", a_triaged_case().number, **{**sent, "decided_at": now()}).json()
    assert (asked["number"], bool(asked["asked"])) == (1, True)
    case = a_triaged_case()
    said = program.post(
        "decisions", case.number, **{**sent, "decided_at": now()}, hold_why="The worker is the subject"
    ).json()
    assert said["asked"] == ""
    (duty,) = [each for each in program.get("duties", case=case.number).json()["results"] if each["kind"] == "update"]
    assert duty["held_why"] == "The worker is the subject"


def test_what_nobody_asked_for_is_no_answer_to_be_chased() -> None:
    program = at_the_desk()
    args, sent = judged(program.user)
    said = said_wrong(program.post("judge", *args, **{**sent, "judgement": "no_answer"}))
    assert set(said) == {"detail", "judgement"}
    assert set(said_wrong(program.post("judge", *args, **{**sent, "judgement": "x"}))) == {"detail", "judgement"}


def test_only_what_was_telephoned_is_confirmed_and_not_before_the_call() -> None:
    program, case = at_the_desk(), a_case()
    said = said_wrong(program.post("confirm", case.number, confirmed_at=now(), confirmed_how="Letter"))
    assert "did not come by telephone" in said["detail"]
    called = phoned()
    before = (clock.moment() - ONE_DAY).isoformat()
    said = said_wrong(program.post("confirm", called.number, confirmed_at=before, confirmed_how="Letter"))
    assert set(said) == {"detail", "confirmed_at"}


def test_emails_are_held_back_for_what_is_chased_alone() -> None:
    program, case = at_the_desk(), a_case()
    triage = program.get("duties", case=case.number).json()["results"][0]["id"]
    before = everything(looks=False)
    said_wrong(program.post("hold_chases", triage, why="The worker is the subject"))
    assert everything(looks=False) == before


def test_the_answer_to_an_act_is_what_is_read_afterwards() -> None:
    program = at_the_desk()
    for name, read in (("triage", "referral"), ("confirm", "referral"), ("officers", "case")):
        args, sent = ACTS[name].makes(program.user)
        said = send(program, name, args, sent).json()
        now_there = program.get(read, *args).json()
        assert {key: now_there[key] for key in said} == said
    for name in ("hold_chases", "release_chases"):
        args, sent = ACTS[name].makes(program.user)
        assert program.post(name, *args, **sent).json() == program.get("duty", *args).json()
    for name in ("set_aside_message", "put_back_message", "pass_to_conferences"):
        args, sent = ACTS[name].makes(program.user)
        assert program.post(name, *args, **sent).json() == program.get("message", *args).json()


def test_a_role_that_was_taken_back_while_the_program_runs_does_nothing_more() -> None:
    program, case = at_the_desk(), a_case()
    user = program.user
    assert program.post("triage", case.number, urgent=False, reason="Old").status_code == 200
    user.memberships.update(to_on=clock.today() - ONE_DAY, from_on=clock.today() - 2 * ONE_DAY)
    other = a_case()
    said_wrong(program.post("triage", other.number, urgent=False, reason="Old"), 404)
    assert Referral.objects.get(case=other).progress == "logged"


def test_without_a_token_nothing_is_done() -> None:
    case = a_case()
    before = everything()
    for name in ("triage", "chronology", "reopen_case"):
        answer = Client().post(reverse(f"api:{name}", args=[case.number]), {}, content_type="application/json")
        said_wrong(answer, 401)
    assert everything() == before
