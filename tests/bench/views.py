"""The two pages that are measured beside CAIT's own: both behind the login, neither with a query of its own."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from team.acting import SignedIn

CELLS = ["26 Nov 2026, 10:52am", "Rhys Calloway, 6", "Physical, neglect", "School or nursery"]
CELLS += ["Haringey CAIT", "DC Ben Osei", "Decided", "Fri 11 Dec 2026"]
ROWS = [[f"{row:04}/26", *CELLS] for row in range(50)]


def empty(request: SignedIn) -> HttpResponse:
    """Nothing, for somebody who is signed in: the web server, every middleware, the session and the user."""
    return HttpResponse("")


def table(request: SignedIn) -> HttpResponse:
    """Fifty rows of nine words in the usual frame."""
    return render(request, "bench/table.html", {"rows": ROWS})
