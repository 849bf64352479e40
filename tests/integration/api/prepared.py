"""One record on which everything stands that the API shows, and every address that is read. Nobody is real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

from cases.actions import (
    add_action,
    add_entry,
    add_person,
    ask_closure,
    assign_case,
    complete_action,
    correct_entry,
    refuse_closure,
    share_information,
)
from cases.enums import Basis, Court, Kind, Part, Partner, Way
from cases.models import Action, Case, Closure, Entry, Shared, Transfer
from conferences.models import Plan
from deadlines import clock
from diary.models import Duty
from intake.models import Message
from oversight.counting import bring_up_to_date
from people.births import Birth
from people.enums import Relation
from people.models import Person
from people.said import PersonSaid
from referrals.actions import (
    confirm_referral,
    decide_referral,
    judge_update,
    put_email_on_record,
    record_strategy,
    record_update,
    triage_referral,
)
from referrals.enums import Category, DecisionKind, Judgement, Method, Source
from referrals.models import Answer, Referral
from team.enums import Role
from team.models import User
from tests.factories.deciding import an_approved_address, as_discussed, as_told
from tests.factories.mail import a_message
from tests.factories.referrals import a_referral
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_transfer_to_us
from tests.integration.api.assessing import a_whole_assessment
from tests.integration.api.conferring import a_core_group_held, a_whole_conference

# Who called, where they must not be found again.
CALLER = {
    "referrer_name": "Gwendolyn Teasdale",
    "referrer_job": "Play therapist",
    "referrer_telephone": "020 7946 0991",
    "referrer_email": "gwendolyn@clinic.example",
}


@dataclass
class Prepared:
    """The record and one of each thing on it."""

    referral: Referral
    case: Case
    entry: Entry
    action: Action
    shared: Shared
    answer: Answer
    closure: Closure
    duty: Duty
    message: Message
    waiting: Message
    child: Person
    adult: Person
    desk: User
    other: User

    def args(self, name: str) -> list[Any]:
        """What is in the address of that name."""
        return [getattr(self, READS[name])] if READS[name] else []

    @property
    def number(self) -> str:
        return self.case.number

    @property
    def message_id(self) -> int:
        return self.message.pk

    @property
    def duty_id(self) -> int:
        return self.duty.pk

    @property
    def assessment_id(self) -> int:
        return self.case.assessments.earliest("number").pk

    @cached_property
    def conference_id(self) -> int:
        """Held just now, with a plan for each child and a core group; made when it is first asked for, because few
        tests need it."""
        conference = a_whole_conference(self.case, by=self.desk, supervisor=self.other)
        a_core_group_held(self.case, by=self.desk)
        return conference.pk

    @property
    def plan_id(self) -> int:
        return Plan.objects.get(begun_at=self.conference_id).pk

    @cached_property
    def transfer(self) -> Transfer:
        """A record that another team asks Haringey to take over."""
        return a_transfer_to_us()

    @property
    def transfer_id(self) -> int:
        return self.transfer.pk

    @property
    def measure(self) -> str:
        return "referrals"

    @property
    def child_id(self) -> int:
        return self.child.pk


# What is answered as a paper.
PAPERS = {"assessment_pdf"}
# Every address that is read, with what of the prepared record is in it.
READS: dict[str, str] = {
    "way_in": "",
    "referrals": "",
    "referral": "number",
    "intake": "",
    "message": "message_id",
    "cases": "",
    "case": "number",
    "chronology": "number",
    "actions": "number",
    "shared": "number",
    "strategies": "number",
    "decisions": "number",
    "supervisions": "number",
    "updates": "number",
    "closure": "number",
    "assessments": "",
    "assessment": "assessment_id",
    "gaps": "number",
    "risks": "number",
    "research": "number",
    "searches": "number",
    "conference": "conference_id",
    "conferences": "",
    "report": "conference_id",
    "plan": "plan_id",
    "plans": "",
    "core_groups": "number",
    "officers": "number",
    "duties": "",
    "duty": "duty_id",
    "ended_duties": "number",
    "figures": "",
    "figure": "measure",
    "figure_records": "measure",
    "notices": "",
    "people": "",
    "person": "child_id",
    "restriction": "number",
    "transfers_of_record": "number",
    "transfers": "",
    "transfer": "transfer_id",
}


def prepared(**other: Any) -> Prepared:
    """A telephone referral: confirmed, triaged, discussed, decided, answered, and asked to be closed in vain."""
    team = a_team()
    an_approved_address()
    desk = an_officer(Role.DESK_SERGEANT, name="Desker")
    sergeant = an_officer(Role.SUPERVISOR, name="Overton")
    system = User.objects.system()
    received_at = clock.moment() - timedelta(minutes=5)
    said = {
        "method": Method.TELEPHONE,
        "source": Source.HEALTH,
        "received_at": received_at,
        "children": [
            PersonSaid(
                "Rhys",
                "Calloway",
                birth=Birth.on(clock.today().replace(year=clock.today().year - 6, day=1)),
                sex="male",
                address="4 Elm Row",
            )
        ],
        "adults": [PersonSaid("Tanya", "Calloway", relation=Relation.MOTHER, address="4 Elm Row")],
        "circumstances": "A bruise on the left arm.",
        "categories": [Category.PHYSICAL],
        "urgent": True,
        **CALLER,
        **other,
    }
    referral = a_referral(team, by=desk, **said)
    case = referral.case
    people = {part.part: part.person for part in case.parts.select_related("person")}
    child, adult = people[Part.CHILD], people[Part.ADULT]
    assign_case(case, officer_in_case=desk, supervisor=sergeant, by=system)
    confirm_referral(referral, confirmed_at=clock.now(), confirmed_how="Letter", by=desk)
    triage_referral(referral, urgent=False, what_next="Ring them", reason="Old bruise", by=desk)
    record_strategy(case, **as_discussed(supervisor=sergeant), by=desk)
    decided = decide_referral(
        case, kind=DecisionKind.SOCIAL_SERVICES, reason="No crime", decided_at=clock.now(), by=desk
    )
    assert decided.request
    duty = Duty.objects.get(case=case, kind="update")
    message = a_message(subject="About Rhys", sender=f"{CALLER['referrer_name']} <{CALLER['referrer_email']}>")
    put_email_on_record(case, text="Seen well.", from_whom="A colleague", message=message, by=desk)
    message.refresh_from_db()
    answer = record_update(case, **as_told(), by=desk)
    judge_update(answer, judgement=Judgement.UNCHANGED, reason="Nothing new", by=desk)
    answer.refresh_from_db()
    entry = add_entry(
        case,
        kind=Kind.CONTACT,
        title="Rang the mother",
        text="No reply",
        happened_at=clock.now(),
        people=[child],
        source="The mother",
        significant=True,
        by=desk,
    )
    correct_entry(
        entry, title="Rang the aunt", text="No reply", happened_at=clock.now(), reason="Misheard", by=sergeant
    )
    action = add_action(case, what="Visit", owner=desk, due_on=clock.today(), by=sergeant)
    action = complete_action(action, result="Nobody in", by=desk)
    shared = share_information(
        case,
        partner=Partner.SCHOOL,
        to_whom="Head",
        what="That he was seen",
        way=Way.EMAIL,
        basis=Basis.CRIME,
        shared_at=clock.now(),
        people=[child],
        by=desk,
    )
    a_whole_assessment(case, by=desk, endorsed_by=sergeant, shared=shared)
    closure = ask_closure(case, outcome="Seen well", court=Court.NONE, by=desk)
    closure = refuse_closure(closure, answer="The aunt is not seen", by=sergeant)
    waiting = a_message(subject="Another child", sender="Odile Quist <odile@fernley.example>")
    for row in (case, referral, duty):
        row.refresh_from_db()
    return Prepared(
        referral, case, entry, action, shared, answer, closure, duty, message, waiting, child, adult, desk, sergeant
    )


def with_everything(**other: Any) -> Prepared:
    """The same, with what is made when it is first asked for."""
    it = prepared(**other)
    assert it.conference_id
    assert it.transfer_id
    bring_up_to_date()
    return it


def another_person(case: Case, name: str) -> Person:
    """An adult more on a record."""
    said = PersonSaid(given_names="Oona", family_name=name)
    return add_person(case, part=Part.ADULT, said=said, on=clock.today(), by=User.objects.system())


def said_wrong(answer: Any, status: int = 400) -> dict[str, Any]:
    """What an answer says is wrong; it has that status, is a problem and says a sentence."""
    assert answer.status_code == status, (answer.status_code, answer.content[:500])
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert isinstance(said["detail"], str)
    assert said["detail"].strip()
    assert "Traceback" not in answer.content.decode()
    return said


def as_sent(**other: Any) -> dict[str, Any]:
    """The smallest referral that a program can send."""
    return {
        "token": str(uuid4()),
        "team": "HGY",
        "received_at": clock.now().isoformat(),
        "method": "email",
        "source": "school",
        "children": [{"given_names": "Rhys", "family_name": "Calloway"}],
        "circumstances": "A bruise on the left arm.",
        "categories": ["physical"],
        "urgent": False,
        **other,
    }
