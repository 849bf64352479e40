"""What a list leaves out because it is on restricted records, in one quiet sentence: nothing is hidden silently
(ADR 34)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from cases.models import Case
from cases.restricting import NOBODY, hidden_in
from pages.words import count
from team.models import Team, User
from team.permissions import Permission, teams_held

# So many are named by their URN, with whom to ask about them; of more the command knows.
MOST_NAMED = 5


def hidden_here(user: User, team: Team | None = None) -> QuerySet[Case]:
    """The restricted records of the teams whose records somebody may open, or of one of these teams, on which they
    are not named. By their URNs."""
    teams = teams_held(user, Permission.SEE_RECORDS)
    rows = Case.objects.hidden_from(user).order_by("urn", "pk")
    rows = rows if teams is None else rows.filter(team__in=teams)
    return rows.filter(team=team) if team else rows


def left_out(rows: Iterable[Case], one: str, several: str) -> str:
    """How many restricted records a page leaves something out of, which they are, and whom to ask; empty where there
    is none, and then it is one query. `one`, `several`: what of them is not shown, after their number.

    "1 restricted record has a conference that is not shown: 0598/09. Ask DI Ruth Castell."
    """
    cases = list(rows[: MOST_NAMED + 1]) if isinstance(rows, QuerySet) else list(rows)
    if not cases:
        return ""
    if len(cases) > MOST_NAMED:
        number = rows.count() if isinstance(rows, QuerySet) else len(cases)
        return f"{count(number, one, several)}. Ask {NOBODY}."
    said = count(len(cases), one, several)
    return f"{said}: {', '.join(case.urn for case in cases)}. Ask {hidden_in(cases)}."


def called_elsewhere(case: Case) -> str:
    """How a record is called on another one, to those who need not be allowed to know of it."""
    return f"a {'restricted record' if case.restricted else 'record'} of {case.team}"
