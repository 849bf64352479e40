"""Referrals and their records, logged as the desk logs them. Every name is invented."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import uuid4

from cases.models import Case
from deadlines import clock
from people.births import Birth
from people.said import PersonSaid
from referrals.actions import log_referral
from referrals.enums import Category, Method, Source
from referrals.models import Referral
from team.models import Team, User
from tests.factories.team import a_team

_numbers = count(1)
SYLLABLES = ["Ash", "Bel", "Cor", "Dun", "Elm", "Fen", "Gar", "Hal", "Ing", "Jor", "Kel", "Lor", "Mar", "Nor", "Oak"]
ENDS = ["ley", "ford", "wick", "combe", "stow", "thorpe", "mere", "worth", "den", "gate", "by"]


def a_name() -> str:
    """A family name that no other call gave."""
    number = next(_numbers)
    turn = number // (len(SYLLABLES) * len(ENDS))
    return SYLLABLES[number % len(SYLLABLES)] + ENDS[number % len(ENDS)] + ("" if not turn else f"-{turn}")


def a_child(given_names: str = "Rhys", family_name: str = "", **said: Any) -> PersonSaid:
    """A child as a caller describes it."""
    return PersonSaid(given_names=given_names, family_name=family_name or a_name(), **said)


def as_received(**other: Any) -> dict[str, Any]:
    """What a caller says, in the words of `log_referral`."""
    return {
        "token": uuid4(),
        "children": [a_child()],
        "received_at": clock.now(),
        "method": Method.EMAIL,
        "source": Source.SCHOOL,
        "circumstances": "Came in late with a red mark across the left cheek.",
        "categories": [Category.PHYSICAL],
        "urgent": False,
        **other,
    }


def a_referral(team: Team | None = None, *, by: User | None = None, **other: Any) -> Referral:
    """A referral that was logged just now; its record is `.case`."""
    return log_referral(team or a_team(), **as_received(**other), by=by or User.objects.system()).referral


def a_case(team: Team | None = None, **other: Any) -> Case:
    """The record of a referral that was logged just now."""
    return a_referral(team, **other).case


def aged(years: int) -> Birth:
    """Somebody who is that old today."""
    from deadlines.ages import born_if_months_old

    return Birth.on(born_if_months_old(years * 12, clock.today())[1])
