"""Referrals further on: triaged, decided, asked about, answered; records asked to be closed, and closed."""

from __future__ import annotations

from typing import Any

from cases.actions import agree_closure, ask_closure, assign_case
from cases.enums import Court, Partner, Way
from cases.models import Case, Closure
from deadlines import clock
from diary.actions import approve_address
from diary.models import Duty, Rung, Watch
from referrals.actions import decide_referral, judge_update, record_strategy, record_update, triage_referral
from referrals.enums import DecisionKind, Enquiry, Held, Judgement
from referrals.models import Answer, Decision, Strategy
from team.enums import Role
from team.models import Team, User
from tests.factories.assessing import assessed
from tests.factories.referrals import a_referral
from tests.factories.team import a_team, an_officer


def a_triaged_case(team: Team | None = None, **other: Any) -> Case:
    """The record of a referral that was triaged just now."""
    referral = a_referral(team, **other)
    triage_referral(referral, urgent=False, what_next="", reason="No injury", by=User.objects.system())
    return referral.case


def as_decided(**other: Any) -> dict[str, Any]:
    """A decision in the words of `decide_referral`."""
    return {
        "kind": DecisionKind.INFORMATION,
        "reason": "The school is content",
        "decided_at": clock.now(),
        **other,
    }


def a_decision(case: Case, *, by: User | None = None, **other: Any) -> Decision:
    """A decision on a triaged record."""
    return decide_referral(case, **as_decided(**other), by=by or User.objects.system()).decision


def a_decided_case(kind: DecisionKind = DecisionKind.INFORMATION, team: Team | None = None, **other: Any) -> Case:
    """The record of a referral that was triaged and decided just now."""
    case = a_triaged_case(team, **other)
    a_decision(case, kind=kind)
    return case


def a_ready_case(kind: DecisionKind = DecisionKind.INFORMATION, team: Team | None = None, **other: Any) -> Case:
    """The record of a referral that was decided and assessed just now: of an information nothing stands in the way of
    closure."""
    return assessed(a_decided_case(kind, team, **other)).case


def as_discussed(**other: Any) -> dict[str, Any]:
    """A strategy discussion in the words of `record_strategy`."""
    return {
        "how": Held.TELEPHONE,
        "held_at": clock.now(),
        "took_part": {"police": "DS Frayne", "social_services": "S Arikan, team manager"},
        "supervisor": None,
        "enquiry": Enquiry.JOINT,
        "decided": "Social Services visit today",
        "reason": "No crime alleged",
        **other,
    }


def a_strategy(case: Case, **other: Any) -> Strategy:
    """A strategy discussion that was recorded just now."""
    return record_strategy(case, **as_discussed(**other), by=User.objects.system())


def an_approved_address(team: Team | None = None, number: int = 1, **other: Any) -> Rung:
    """A step of the ladder of a team's Social Services."""
    said = {"to_whom": f"Manager {number}", "address": f"step{number}@borough.example", **other}
    where = team or a_team()
    return approve_address(where, partner=Partner.SOCIAL_SERVICES, number=number, **said, by=User.objects.system())


def an_open_update(team: Team | None = None, **other: Any) -> Duty:
    """What Social Services are asked for since just now; an address is for the caller to approve."""
    case = a_decided_case(DecisionKind.SOCIAL_SERVICES, team, **other)
    return Duty.objects.get(case=case, kind="update")


def an_investigation(
    officer: User | None = None, supervisor: User | None = None, team: Team | None = None, **other: Any
) -> Case:
    """The record of an investigation that was given to an officer just now; without one named, to somebody new."""
    case = a_decided_case(DecisionKind.POLICE, team, **other)
    officer = officer or an_officer(Role.INVESTIGATOR, case.team)
    return assign_case(case, officer_in_case=officer, supervisor=supervisor, by=User.objects.system())


def as_supervised(**other: Any) -> dict[str, Any]:
    """A review in the words of `supervise`."""
    return {
        "found": "The mother is seen; the aunt is not.",
        "directions": "DC Fairlie sees the aunt by Friday.",
        "reviewed_at": clock.moment(),
        **other,
    }


def as_told(**other: Any) -> dict[str, Any]:
    """An update in the words of `record_update`."""
    return {
        "received_at": clock.now(),
        "way": Way.EMAIL,
        "from_whom": "S Arikan, social worker",
        "text": "Seen at home, well.",
        **other,
    }


def an_answer(case: Case, **other: Any) -> Answer:
    """An update from Social Services that nobody has judged yet."""
    return record_update(case, **as_told(**other), by=User.objects.system())


def judged(answer: Answer, judgement: Judgement = Judgement.UNCHANGED) -> Answer:
    """The same update, judged."""
    return judge_update(answer, judgement=judgement, reason="Nothing new", by=User.objects.system())


def asked_to_close(case: Case | None = None, *, by: User | None = None) -> Closure:
    """A request to close a record that nothing keeps open; its first CRAM is done, if nobody has done it yet."""
    case = case or a_ready_case()
    if not case.assessments.exists():
        assessed(case)
    by = by or an_officer(Role.INVESTIGATOR, case.team)
    return ask_closure(case, outcome="Nobody was hurt; the school watches.", court=Court.NONE, by=by)


def a_closed_case(team: Team | None = None) -> Case:
    """A record that was asked to be closed by one and closed by another."""
    closure = asked_to_close(a_decided_case(team=team))
    return agree_closure(closure, by=an_officer(Role.SUPERVISOR, closure.case.team)).case


def a_wrong_case(team: Team | None = None) -> Case:
    """A record of whose duty nobody would be told that it is late."""
    case = a_referral(team).case
    Watch.objects.filter(duty__case=case, duty__kind="triage").delete()
    return case
