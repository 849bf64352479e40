"""How a record is opened: only one that the user may see, and never without a row in the access log."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse

from audit.events import Look
from audit.recording import record_access
from cases.models import Case
from team.acting import SignedIn

CaseView = Callable[..., HttpResponse]


def case_page(view: CaseView | None = None, *, how: Look = Look.PAGE) -> Any:
    """For a view of one record: `number` in the address becomes the `case`.

    404 for a record that does not exist and for one that the user may not know of. The row of the access log is
    written in the transaction in which the page is read: no log, no view.
    """
    if view is None:
        return lambda it: case_page(it, how=how)

    @wraps(view)
    def opened(request: SignedIn, number: str, **others: Any) -> HttpResponse:
        with transaction.atomic():
            visible = Case.objects.visible_to(request.user)
            case = visible.select_related("team", "officer_in_case", "supervisor").filter(number=number).first()
            if case is None:
                raise Http404
            page = request.resolver_match.view_name if request.resolver_match else ""
            detail = {"page": page}
            record_access(case, by=request.user, how=how, case_id=case.pk, team_id=case.team_id, detail=detail)
            return view(request, case, **others)

    return opened
