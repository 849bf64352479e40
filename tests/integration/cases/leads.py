"""Records of one child, of which one leads: to try what hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from cases import actions
from cases.enums import Part
from cases.models import Case, CasePerson, Entry, Lead
from diary.checking import findings
from diary.models import Duty, DutyState
from people.models import Person
from people.said import PersonSaid
from team.enums import Role
from team.models import User
from tests.factories.assessing import assessed
from tests.factories.deciding import a_decided_case, asked_to_close
from tests.factories.team import an_officer

WHY = "Everything new comes in here"
Pair = tuple[Case, Case, Person]


def by_cait() -> User:
    return User.objects.system()


def a_sergeant(**other: Any) -> User:
    return an_officer(Role.SUPERVISOR, **other)


def known(person: Person) -> PersonSaid:
    """Somebody who is known already, as they are said again."""
    return PersonSaid(given_names=person.given_names, family_name=person.family_name, same_as=person.pk)


def the_child(case: Case) -> Person:
    return Person.objects.filter(parts__case=case, parts__part=Part.CHILD).earliest("parts__place")


def another_of(child: Person, *others: PersonSaid, **other: Any) -> Case:
    """One more open record of a child."""
    return a_decided_case(children=[known(child), *others], **other)


def two() -> Pair:
    """Two open records of one child, the older first."""
    case = a_decided_case()
    child = the_child(case)
    return case, another_of(child), child


def two_assessed() -> Pair:
    first, second, child = two()
    assessed(first)
    assessed(second)
    return first, second, child


def choose(case: Case, child: Person, **other: Any) -> Lead:
    said: dict[str, Any] = {"reason": WHY, "by": by_cait(), **other}
    return actions.choose_lead(case, child=child, **said)


def closed(case: Case) -> Case:
    return actions.agree_closure(asked_to_close(case), by=a_sergeant(team=case.team)).case


def reopened(case: Case) -> Case:
    return actions.reopen_case(case, reason="New facts", by=by_cait())


def taken_off(case: Case, child: Person) -> None:
    part = CasePerson.objects.get(case=case, person=child)
    actions.take_person_off(part, reason="Somebody else", by=by_cait())


def reviews(*cases: Case) -> list[int]:
    """How many reviews are open on each record; and whatever the check finds wrong is nothing."""
    assert findings([case.pk for case in cases]) == []
    open_ones = Duty.objects.filter(kind="cram_review", state=DutyState.OPEN)
    return [open_ones.filter(case=case).count() for case in cases]


def newest(case: Case) -> Entry:
    return case.entries.latest("id")


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        act()
    return " ".join(refused.value.messages)
