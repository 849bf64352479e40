"""Referrals logged and worked on through the real actions, each at a moment of the past: what the filling copies.

In place of names they hold tokens, of which the copies make names. So a copy has every row that the application
writes, in the shape in which it writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from uuid import uuid4

from django.db import transaction

from audit.recording import record_access
from cases import actions as on_case
from cases.enums import Basis, Court, Kind, Level, Partner, Way
from cases.models import Case, CasePerson, Entry
from cram import actions as on_risk
from cram.enums import Said
from cram.queries import sections_of
from deadlines import clock
from deadlines.ages import days_before
from diary.actions import approve_address
from diary.chasing import write_waiting
from diary.outbox import send_due
from intake.actions import take_in
from intake.receiving import mailbox_of
from people.births import Birth
from people.enums import Relation, Sex
from people.models import Person
from people.said import PersonSaid
from referrals import actions as on_referral
from referrals.enums import Category, DecisionKind, Enquiry, Held, Judgement, Method, Source
from referrals.models import Referral
from team.actions import add_account, add_team, change_password, give_role
from team.enums import Role, TeamKind
from team.models import Team, User
from workbench.bulk_names import TEAMS
from workbench.demonstration import PASSWORD
from workbench.loading_people import quick_hashes
from workbench.past import as_at

ENTRIES = 20
# Who works in each team, in the order of their ids, the same in every team.
OFFICERS = {
    "desk": (Role.DESK_SERGEANT, "DS", "Colin", "Frayne"),
    "supervisor": (Role.SUPERVISOR, "DS", "Priya", "Nandra"),
    "officer": (Role.INVESTIGATOR, "DC", "Ben", "Osei"),
    "other": (Role.INVESTIGATOR, "DC", "Ruth", "Hallam"),
    "manager": (Role.OFFICE_MANAGER, "", "Margaret", "Sowerby"),
    "inspector": (Role.INSPECTOR, "DI", "Ruth", "Castell"),
    "pclo": (Role.PCLO, "", "Dawn", "Whitlock"),
    "researcher": (Role.RESEARCHER, "", "Ines", "Duarte"),
}
RUNGS = ("Duty desk", "Team manager", "Head of Safeguarding")
BOX = "cait at mail.example:993, INBOX"
COMMAND = "command"

# What stands for a name until a copy is made.
FAMILY, OTHER_FAMILY = "Quexfam", "Quexalt"
GIVEN = ("Quexone", "Quextwo", "Quexthree", "Quexfour", "Quexfive")

WORDS = [
    "Came in late with a red mark across the left cheek. He said that he walked into a door, and would not say more.",
    "Says she is left alone most evenings until after ten, and looks after her brother. There was no food in.",
    "The neighbour heard shouting and things being thrown, for the third time this month; a child was crying.",
    "Told her teacher that she is afraid to go home at the weekend when a friend of the family stays with them.",
    "Missed four appointments. The health visitor was not let in, and saw that the home was very cold.",
    "Brought to hospital with a bruise that the explanation does not fit. The registrar keeps him until tomorrow.",
]
NOTES = [
    "Rung back: attendance is good, and no further marks were seen. The school rings at once if it changes.",
    "Visited at home. Both children were seen, one of them alone. The home was warm, with food in it. Nothing was "
    "said that changes the plan; the grandmother will stay with them on the nights when nobody else is there.",
    "Police systems checked: two reports of a dispute at the address, both of last year, no child present at either.",
    "Spoken to the health visitor, who has known the family for three years and has seen nothing like it before.",
    "The social worker says that a core group meets on Thursday. Somebody of the team will be there.",
]


def set_up(since: datetime) -> None:
    """The teams and who works in them, each with a mailbox and the addresses of its Social Services.

    One after the other, so that the ids of the second team's people follow those of the first in the same order.
    """
    by = User.objects.system()
    with quick_hashes(), transaction.atomic(), as_at(since):
        teams = [add_team(code=code, name=name, kind=TeamKind.CAIT, by=by) for code, name in TEAMS.items()]
        command = add_team(code="CAC", name="Child Abuse Investigation Command", kind=TeamKind.COMMAND, by=by)
        for team in teams:
            for name, (role, rank, given, family) in OFFICERS.items():
                _officer(f"{name}.{team.code.lower()}", rank, given, family, team, role, by)
        _officer(COMMAND, "D/Supt", "Howard", "Blyth", command, Role.COMMAND, by)
        for team in teams:
            mailbox_of(team, BOX)
        for team in teams:
            for number, to_whom in enumerate(RUNGS, 1):
                at = f"step{number}@{team.code.lower()}-services.example"
                said: dict[str, Any] = {"number": number, "to_whom": to_whom, "address": at}
                approve_address(team, partner=Partner.SOCIAL_SERVICES, **said, by=by)


def _officer(username: str, rank: str, given: str, family: str, team: Team, role: Role, by: User) -> None:
    user, _ = add_account(username=username, rank=rank, given_names=given, family_name=family, by=by)
    # So that somebody can sign in where the application is started on a folder that was kept.
    change_password(user, password=PASSWORD, by=user)
    give_role(user, team=team, role=role, from_on=clock.today(), by=by)


@dataclass
class Desk:
    """The team in which the prototypes are logged, and who works there."""

    team: Team = field(default_factory=lambda: Team.objects.get(code=next(iter(TEAMS))))
    by: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        code = self.team.code.lower()
        self.by = {name: User.objects.get(username=f"{name}.{code}") for name in OFFICERS}


def address_of(number: int) -> str:
    """What stands for the address of a prototype; no two share one."""
    return f"{number + 1} Quexroad"


def log_one(
    desk: Desk,
    number: int,
    at: datetime,
    *,
    family: int,
    known: list[PersonSaid] | None = None,
    urgent: bool = False,
    names: tuple[str, ...] = (*GIVEN, FAMILY, OTHER_FAMILY),
    address: str = "",
) -> Referral:
    """Log a prototype; every second with the email that it came with. `known`: it is about a family on record."""
    children, adults = number % 3 + 1, number % 2 + 1
    on = clock.london_date(at)
    address = address or address_of(family)
    *given, named, other = names
    said = known or [
        PersonSaid(
            given_names=given[each],
            family_name=named,
            birth=Birth.on(days_before(500 + (number * 613 + each * 937) % 4900, on)),
            sex=(Sex.FEMALE, Sex.MALE)[(number + each) % 2],
            address=address,
        )
        for each in range(children)
    ]
    grown = [
        PersonSaid(
            given_names=given[3 + each],
            family_name=(named, other)[each],
            birth=Birth.on(days_before(8000 + (number * 411 + each * 733) % 6000, on)),
            sex=(Sex.FEMALE, Sex.MALE)[each],
            address=address,
            relation=(Relation.MOTHER, Relation.PARTNER)[each],
            may_have_harmed=each == 1,
        )
        for each in range(adults)
    ]
    words = WORDS[number % len(WORDS)]
    method = (Method.EMAIL, Method.TELEPHONE, Method.EMAIL, Method.POLICE_SYSTEM)[number % 4]
    message = None
    with as_at(at):
        if method == Method.EMAIL:
            message = an_arrived_email(desk, f"Referral - {named}, {given[0]}", words, number)
        email: dict[str, Any] = {"message": message, "message_uses": 0} if message else {}
        return on_referral.log_referral(
            desk.team,
            token=uuid4(),
            children=said,
            adults=grown,
            received_at=at - timedelta(minutes=25),
            method=method,
            source=list(Source)[number % 6],
            referrer_name="Gillian Teasdale",
            referrer_job="Deputy head, Fernley Primary School",
            circumstances=words,
            categories=[list(Category)[number % 4]],
            urgent=urgent,
            who_has_child=f"Lives with {given[3]} {named}",
            **email,
            by=desk.by["desk"],
        ).referral


def an_arrived_email(desk: Desk, subject: str, words: str, number: int) -> Any:
    """An email in the team's mailbox, with a text of ordinary length and its source."""
    text = f"Dear colleague,\n\n{words}\n\n" + "\n\n".join(NOTES) + f"\n\n{number}\nGillian Teasdale, deputy head\n"
    mailbox = mailbox_of(desk.team, BOX)
    raw = _an_email(subject, text, mailbox.last_uid + 1)
    return take_in(mailbox, uid=mailbox.last_uid + 1, raw=raw, by=User.objects.system())


def _an_email(subject: str, text: str, number: int) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "Gillian Teasdale <g.teasdale@fernley.example>", "cait.haringey@police.example"
    message["Subject"], message["Message-ID"] = subject, f"<{number}@fernley.example>"
    message.set_content(text)
    return message.as_bytes()


def the_same(referral: Referral) -> list[PersonSaid]:
    """The children of a referral, named again by another caller."""
    parts = CasePerson.objects.filter(case=referral.case_id, part="child").select_related("person").order_by("place")
    return [
        PersonSaid(
            given_names=part.person.given_names,
            family_name=part.person.family_name,
            birth=part.person.birth,
            sex=part.person.sex,
            same_as=part.person_id,
        )
        for part in parts
    ]


def triage(desk: Desk, referral: Referral, at: datetime) -> None:
    with as_at(at):
        on_referral.triage_referral(
            referral,
            urgent=False,
            reason="No injury, and the child is safe tonight",
            what_next="",
            by=desk.by["desk"],
        )


def assess(desk: Desk, case: Case, at: datetime, *, endorse: bool = True) -> None:
    """The first CRAM of the plain case: some factors answered, a level with its reason, endorsed by another."""
    by = desk.by["desk"]
    with as_at(at):
        assessment = on_risk.start_assessment(case, by=by)
        asked = [section for section in sections_of(assessment) if section.about.category == "victim"]
        answers = [
            on_risk.Answered(question.factor.code, *section.about.ids, said=Said.NO, note="The school knows of none")
            for section in asked
            for question in section.definite[:3]
        ]
        on_risk.save_answers(assessment, answers=answers, by=by)
        rationale = "One mark, explained; the school sees the child every day and rings at once if it changes"
        on_risk.set_level(assessment, level=Level.STANDARD, rationale=rationale, by=by)
        on_risk.submit_assessment(assessment, by=by)
    if endorse:
        with as_at(at + timedelta(hours=3)):
            on_risk.endorse_assessment(assessment, words="Agreed", by=desk.by["supervisor"])


def decide(desk: Desk, case: Case, kind: DecisionKind, at: datetime) -> None:
    with as_at(at):
        on_referral.decide_referral(
            case,
            kind=kind,
            reason="First report; Social Services know the family and visit tomorrow",
            decided_at=clock.now(),
            by=desk.by["desk"],
        )
        write_waiting()
        send_due(deliver=lambda message: None)


def investigate(desk: Desk, case: Case, at: datetime, *, done: bool) -> None:
    """A strategy discussion, a joint enquiry, who works on it, two actions, and what was shared."""
    with as_at(at):
        on_referral.record_strategy(
            case,
            how=Held.TELEPHONE,
            held_at=clock.now(),
            took_part={"police": "DS Nandra", "social_services": "S Arikan, team manager"},
            supervisor=desk.by["supervisor"],
            enquiry=Enquiry.JOINT,
            decided="A joint visit today; the child is seen alone",
            reason="A mark that the explanation does not fit",
            by=desk.by["supervisor"],
        )
    decide(desk, case, DecisionKind.JOINT, at + timedelta(minutes=40))
    with as_at(at + timedelta(hours=1)):
        officer, supervisor = desk.by["officer"], desk.by["supervisor"]
        on_case.assign_case(case, officer_in_case=officer, supervisor=supervisor, reason="", by=supervisor)
    on = clock.london_date(at)
    for days, what in ((3, f"Visit {GIVEN[0]} at home"), (20, "Get the medical report")):
        with as_at(at + timedelta(hours=2)):
            action = on_case.add_action(case, what=what, owner=officer, due_on=days_before(-days, on), by=supervisor)
        if done:
            with as_at(at + timedelta(hours=24 * 2 + days % 5)):
                on_case.complete_action(action, result="Done, and nothing new came of it", by=officer)
    share(desk, case, at + timedelta(hours=3))


def share(desk: Desk, case: Case, at: datetime) -> None:
    with as_at(at):
        on_case.share_information(
            case,
            partner=Partner.SOCIAL_SERVICES,
            to_whom="Duty desk, First Response",
            what="The caller’s account, and that nothing was known of the family before",
            way=Way.TELEPHONE,
            basis=Basis.SAFEGUARDING,
            shared_at=clock.now(),
            people=Person.objects.filter(parts__case=case),
            by=desk.by["desk"],
        )


def answered(desk: Desk, case: Case, at: datetime, *, judge: bool) -> None:
    """What Social Services answer, and whether it is judged."""
    with as_at(at):
        answer = on_referral.record_update(
            case,
            received_at=clock.now(),
            way=Way.EMAIL,
            from_whom="Selma Arikan, social worker",
            text="Visited twice. The grandmother now stays when the mother works at night. We close our side.",
            by=desk.by["manager"],
        )
    if judge:
        with as_at(at + timedelta(hours=3)):
            on_referral.judge_update(
                answer, judgement=Judgement.UNCHANGED, reason="A safe arrangement, seen twice", by=desk.by["desk"]
            )


def confirm(desk: Desk, referral: Referral, at: datetime) -> None:
    referral.refresh_from_db()
    if referral.needs_confirmation:
        with as_at(at):
            how = "Email from the caller, filed in the mailbox"
            by = desk.by["desk"]
            on_referral.confirm_referral(referral, confirmed_at=clock.now(), confirmed_how=how, by=by)


def close(desk: Desk, case: Case, at: datetime, *, agree: bool = True) -> None:
    """Asked to be closed by the officer, and closed by the supervisor."""
    with as_at(at):
        outcome = "No further marks; the school watches, and no child is left at a risk that nobody manages"
        closure = on_case.ask_closure(case, outcome=outcome, court=Court.NONE, by=desk.by["officer"])
    if agree:
        with as_at(at + timedelta(hours=20)):
            on_case.agree_closure(closure, answer="Read with the update", by=desk.by["supervisor"])


def write_notes(desk: Desk, case: Case, at: datetime, *, until: int = ENTRIES, spare: int = 0) -> None:
    """Entries by hand until there are so many, `spare` left for what is yet to come; at most a few hours apart."""
    there = Entry.objects.filter(case=case).count()
    kinds = (Kind.NOTE, Kind.CONTACT, Kind.INFORMATION)
    for each in range(max(0, until - spare - there)):
        with as_at(at + timedelta(minutes=35 * each)):
            on_case.add_entry(
                case,
                kind=kinds[each % 3],
                title=("Note for the file", "School rung back", f"About {GIVEN[0]}")[each % 3],
                text=NOTES[each % len(NOTES)],
                happened_at=clock.now() - timedelta(minutes=20),
                people=Person.objects.filter(parts__case=case, parts__part="child") if each % 3 == 2 else (),
                by=desk.by[("officer", "other", "supervisor")[each % 3]],
            )


def look_at(desk: Desk, case: Case, at: datetime, *, times: int = 8) -> None:
    """Rows of the access log as the pages write them."""
    pages = ("workbench:case", "cases:chronology", "workbench:case", "cases:people")
    names = list(OFFICERS)
    for each in range(times):
        with as_at(at + timedelta(hours=5 * each)):
            by, page = desk.by[names[each % len(names)]], pages[each % len(pages)]
            record_access(case, by=by, case_id=case.pk, team_id=case.team_id, detail={"page": page})


def closed_record(desk: Desk, number: int, at: datetime, family: int, known: list[PersonSaid] | None) -> Referral:
    """One that was decided in one of three ways, worked on and closed."""
    referral = log_one(desk, number, at, family=family, known=known)
    case = Case.objects.get(pk=referral.case_id)
    triage(desk, referral, at + timedelta(hours=2))
    assess(desk, case, at + timedelta(hours=3))
    confirm(desk, referral, at + timedelta(hours=20))
    if number % 3 == 0:
        decide(desk, case, DecisionKind.INFORMATION, at + timedelta(hours=4))
        share(desk, case, at + timedelta(hours=5))
    elif number % 3 == 1:
        decide(desk, case, DecisionKind.SOCIAL_SERVICES, at + timedelta(hours=4))
        share(desk, case, at + timedelta(hours=5))
        answered(desk, case, at + timedelta(hours=24 * 10), judge=True)
    else:
        investigate(desk, case, at + timedelta(hours=4), done=True)
    write_notes(desk, case, at + timedelta(hours=24 * 11), spare=2)
    close(desk, case, at + timedelta(hours=24 * 14))
    look_at(desk, case, at + timedelta(hours=6))
    return referral


def open_record(desk: Desk, number: int, at: datetime, family: int, known: list[PersonSaid] | None) -> Referral:
    """One that is decided and open: Social Services asked or answered, investigated, or asked to be closed."""
    referral = log_one(desk, number, at, family=family, known=known)
    case = Case.objects.get(pk=referral.case_id)
    triage(desk, referral, at + timedelta(hours=2))
    # Who asks for closure has it endorsed; of the others every fourth still waits for that.
    assess(desk, case, at + timedelta(hours=3), endorse=number % 6 == 2 or number % 4 != 0)
    if number % 5:
        confirm(desk, referral, at + timedelta(hours=20))
    later = at + timedelta(hours=24 * 4)
    if number % 3 == 0:
        investigate(desk, case, at + timedelta(hours=4), done=False)
        write_notes(desk, case, later)
    elif number % 3 == 1:
        decide(desk, case, DecisionKind.SOCIAL_SERVICES, at + timedelta(hours=4))
        share(desk, case, at + timedelta(hours=5))
        if number % 2:
            answered(desk, case, at + timedelta(hours=24 * 3), judge=False)
        write_notes(desk, case, later)
    elif number % 6 == 2:
        confirm(desk, referral, at + timedelta(hours=21))
        decide(desk, case, DecisionKind.INFORMATION, at + timedelta(hours=4))
        write_notes(desk, case, later, spare=1)
        close(desk, case, at + timedelta(hours=24 * 5), agree=False)
    else:
        investigate(desk, case, at + timedelta(hours=4), done=True)
        write_notes(desk, case, later)
    look_at(desk, case, at + timedelta(hours=6))
    return referral


def restricted_record(desk: Desk, number: int, at: datetime, family: int, known: list[PersonSaid] | None) -> Referral:
    """One that is open and restricted: the desk, among others, is not named on it."""
    referral = open_record(desk, number, at, family, known)
    with as_at(at + timedelta(hours=24 * 7)):
        case, by = Case.objects.get(pk=referral.case_id), desk.by
        officers = [by["officer"], by["other"], by["inspector"]]
        on_case.restrict_case(case, reason="The teacher is suspected", officers=officers, by=by["supervisor"])
    return referral


def fresh_record(desk: Desk, number: int, at: datetime, family: int, known: list[PersonSaid] | None) -> Referral:
    """One that waits for the desk, and two emails in the mailbox of which nothing is made yet."""
    referral = log_one(desk, number, at, family=family, known=known, urgent=number % 4 == 0)
    case = Case.objects.get(pk=referral.case_id)
    if number % 3:
        triage(desk, referral, at + timedelta(hours=1))
    write_notes(desk, case, at + timedelta(hours=2))
    look_at(desk, case, at + timedelta(hours=1), times=4)
    for each in range(2):
        with as_at(at + timedelta(hours=3 + each)):
            subject = ("Referral", "URGENT: referral")[number % 3 == each]
            an_arrived_email(desk, f"{subject} - {FAMILY}, {GIVEN[each]}", WORDS[each], number)
    return referral


def measured_record(desk: Desk, at: datetime, entries: int) -> str:
    """The number of an open record under investigation that has exactly so many entries in all."""
    with transaction.atomic():
        names = ("Ellis", "Tia", "Rhys", "Shelley", "Kieran", "Brannock", "Stroud")
        address = f"{entries} Marl Road, London N17"
        referral = log_one(desk, 7, at, family=0, names=names, address=address)
        case = Case.objects.get(pk=referral.case_id)
        triage(desk, referral, at + timedelta(hours=2))
        assess(desk, case, at + timedelta(hours=3), endorse=False)
        investigate(desk, case, at + timedelta(hours=4), done=False)
        write_notes(desk, case, at + timedelta(hours=10), until=entries)
        look_at(desk, case, at + timedelta(hours=6))
        has = Entry.objects.filter(case=case).count()
        if has != entries:
            raise RuntimeError(f"The record should have {entries} entries and has {has}.")
        return case.number
