"""Which records of a list somebody may open, and whom to ask about the others (ADR 34).

In a list behind a figure a restricted record stands like any other, for it is counted; but that it stands in this one
says what the record says. So to whoever is not named on it neither its number is told there nor what was counted:
only whom to ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.models import Case
from cases.restricting import whom_to_ask
from team.models import User


@dataclass(frozen=True)
class Opening:
    """Of some records (ids): those that somebody may open; and of the restricted ones that they may not, whom to
    ask."""

    opens: set[int]
    asks: dict[int, str]


def opening(cases: Iterable[Case], *, user: User) -> Opening:
    """Of some records. One query where there are any, and one more where any is withheld."""
    every = {case.pk: case for case in cases}
    if not every:
        return Opening(set(), {})
    opens = set(Case.objects.visible_to(user).filter(pk__in=every).values_list("pk", flat=True))
    return Opening(opens, whom_to_ask(case for case in every.values() if case.restricted and case.pk not in opens))
