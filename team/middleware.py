"""Somebody whose password was chosen by another may do nothing before choosing their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from pages.addresses import FOR_PROGRAMS
from team.models import User

ALLOWED = {"account_change_password", "account_logout", "health"}


class OwnPasswordMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        # A program is told in its own words (api/access.py).
        if match is None or match.view_name in ALLOWED or request.path.startswith(FOR_PROGRAMS):
            return None
        if isinstance(request.user, User) and request.user.must_change_password:
            return HttpResponseRedirect(reverse("account_change_password"))
        return None
