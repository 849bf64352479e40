"""How a record is opened: only one that the user may see, and never without a row in the access log."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse

from audit.events import Look
from audit.recording import record_access
from cases.models import Case, Transfer
from cases.restricting import only_those_named
from cases.transfers import gone
from deadlines.clock import CaitNow, london_date
from pages.words import day
from team.acting import SignedIn
from team.models import User
from team.once import put_together_once
from team.permissions import NotAllowed, Permission, teams_where

CaseView = Callable[..., HttpResponse]


class Gone(NotAllowed):
    """A record was transferred to another team: whoever had it reads to whom (ADR 30)."""

    def __init__(self, left: Transfer) -> None:
        on = day(london_date(left.answered_at)) if left.answered_at else ""
        super().__init__(f"Record {left.case} was transferred to {left.to_team} on {on}. Ask them.")


class Restricted(NotAllowed):
    """A record of one's team on which one is not named: it says whom to ring, and nothing of the record (ADR 34)."""

    def __init__(self, case: Case) -> None:
        super().__init__(only_those_named(case))


def open_case(number: str, *, by: User, page: str, how: Look = Look.PAGE) -> Case:
    """The record, and the row of the access log in the caller's transaction: no log, no view. `page`: what is looked
    at of it, the name of its address.

    Raises Http404 for a record that does not exist and for one that the user may not know of; Restricted for one of
    their team on which they are not named; Gone for one that was theirs, and is with another team by now. Of these
    nothing is shown, so nothing is logged.
    """
    case = next(iter(_to_open(number, by)), None)
    if case is None:
        teams = teams_where(by, Permission.SEE_RECORDS)
        if hidden := Case.objects.hidden_from(by).filter(number=number, team__in=teams).first():
            raise Restricted(hidden)
        if left := gone(number, user=by):
            raise Gone(left)
        raise Http404
    case.looked_at = case.at_present  # type: ignore[attr-defined]
    record_access(case, by=by, how=how, case_id=case.pk, team_id=case.team_id, detail={"page": page})
    return case


@put_together_once
def _to_open(number: str, by: User) -> QuerySet[Case]:
    visible = Case.objects.visible_to(by).annotate(at_present=CaitNow())
    return visible.select_related("team", "officer_in_case", "supervisor").filter(number=number)


def case_page(view: CaseView | None = None, *, how: Look = Look.PAGE) -> Any:
    """For a view of one record: `number` in the address becomes the `case`. In one transaction with its row of the
    access log."""
    if view is None:
        return lambda it: case_page(it, how=how)

    @wraps(view)
    def opened(request: SignedIn, number: str, **others: Any) -> HttpResponse:
        with transaction.atomic():
            page = request.resolver_match.view_name if request.resolver_match else ""
            return view(request, open_case(number, by=request.user, page=page, how=how), **others)

    return opened
