"""What is not known of a record, its risks, and what manages them, through the actions that record it."""

from __future__ import annotations

from typing import Any

from cases.models import Case
from cram.actions import check_measure, identify_risk, raise_gap_on, set_measure
from cram.enums import Approach, Works
from cram.models import Gap, Measure, MeasureCheck, Risk
from deadlines import clock
from deadlines.calendar import ONE_DAY
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case
from tests.factories.team import an_officer


def a_gap(case: Case | None = None, **other: Any) -> Gap:
    """A gap that was raised by hand just now; without an owner named, somebody new finds out within five days."""
    case = case or a_case()
    said: dict[str, Any] = {
        "question": "Which other children can he reach?",
        "owner": other.get("owner") or an_officer(Role.INVESTIGATOR, case.team),
        "due_on": clock.today() + 5 * ONE_DAY,
        "by": User.objects.system(),
    }
    return raise_gap_on(case, **said | other)


def a_risk(case: Case | None = None, what: str = "The uncle reaching the children", **other: Any) -> Risk:
    """A risk that was identified just now; nothing manages it."""
    return identify_risk(case or a_case(), what=what, **{"by": User.objects.system(), **other})


def as_set(risk: Risk, **other: Any) -> dict[str, Any]:
    """A control measure that nobody has checked yet, in the words of `set_measure`."""
    today = clock.today()
    return {
        "approach": Approach.REDUCE,
        "what": "Bail: no contact with the children",
        "owner": other.get("owner") or an_officer(Role.INVESTIGATOR, risk.case.team),
        "from_on": today,
        "until": today + 60 * ONE_DAY,
        "check_on": today + 28 * ONE_DAY,
        **other,
    }


def a_measure(risk: Risk | None = None, *, works: Works = Works.UNCHECKED, **other: Any) -> Measure:
    """A control measure that was set just now."""
    risk = risk or a_risk()
    known = {"works": works, "found": "" if works == Works.UNCHECKED else "The custody officer says so"}
    return set_measure(risk, **{"by": User.objects.system(), **as_set(risk, **known), **other})


def a_managed_risk(case: Case | None = None, **other: Any) -> Risk:
    """A risk with a control measure that works."""
    risk = a_risk(case, **other)
    a_measure(risk, works=Works.YES)
    return risk


def checked(measure: Measure, works: Works = Works.YES, **other: Any) -> MeasureCheck:
    """A look at a control measure, just now."""
    said = {"found": "Seen by the school", "next_on": clock.today() + 14 * ONE_DAY, **other}
    return check_measure(measure, works=works, **{"by": User.objects.system(), **said})
