"""Pages for when something cannot be done. Each says what happened, that nothing was lost, and what to do next.

They are drawn in the usual frame where that is possible, and in the plain one, which needs neither database
nor session, where it is not.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from copy import copy
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils.datastructures import MultiValueDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import requires_csrf_token

from api.errors import NO_SLASH, problem
from cases.reading import Gone, Restricted
from pages.addresses import FOR_PROGRAMS

logger = logging.getLogger(__name__)

CANNOT_BE_READ = "What was sent cannot be read: it is damaged, or comes from no program that speaks with CAIT."

# Where even the templates cannot be read. Only then is a page without our stylesheet.
LAST_RESORT = """<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>CAIT cannot show this page</title>
<p><b>OFFICIAL-SENSITIVE</b></p><h1>CAIT cannot show this page</h1>
<p>If you must act now, write it on paper with the time, and ring the CAIT help desk.</p></html>"""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    # Also reached before anybody is known to be signed in, so never in the usual frame.
    return problem(400, CANNOT_BE_READ) if request.path.startswith(FOR_PROGRAMS) else _plain("400.html", 400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`PermissionDenied("A sentence for the reader.")` is shown; without one the page says it in general."""
    sentence = str(exception.args[0]) if exception and exception.args else ""
    template = {Gone: "cases/gone.html", Restricted: "cases/closed_to_you.html"}.get(type(exception), "403.html")
    return _page(request, template, 403, sentence=sentence)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """One page for what does not exist and for what the reader may not know exists."""
    return _page(request, "404.html", 404, sentence="" if request.path.endswith("/") else NO_SLASH)


@requires_csrf_token
def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _page(request, "429.html", 429)


@requires_csrf_token
def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token does not fit: most often the sign-in ended or changed in another tab meanwhile. Whoever is
    signed in reads what was typed: it is sent again only by themselves, from a page of CAIT. Somebody else may have
    typed it, at a desk that is shared: so it is shown where they may open the form themselves."""
    typed = _typed(request) if _may_open(request) else []
    return _page(request, "form_refused.html", 403, typed=typed, came_from=_came_from(request))


def _may_open(request: HttpRequest) -> bool:
    """Whether whoever is signed in can open the page of a form: the address to which it was sent, or, where that only
    takes forms, the one on which it stood."""
    if not getattr(getattr(request, "user", None), "is_authenticated", False):
        return False
    status = _status_of(request, request.get_full_path())
    if status == 405 and (page := _came_from(request)):
        status = _status_of(request, page)
    return status == 200


def _status_of(request: HttpRequest, page: str) -> int:
    """With what a page answers whoever sent a request, as if they opened it; a look at a record is logged as one."""
    address = urlsplit(page)
    opened = copy(request)
    opened.method, opened.path, opened.path_info = "GET", address.path, address.path
    opened.GET, opened.POST = QueryDict(address.query), QueryDict()
    opened._files = MultiValueDict()  # type: ignore[attr-defined]  # nothing is sent with it
    try:
        opened.resolver_match = match = resolve(address.path)
        return match.func(opened, *match.args, **match.kwargs).status_code
    except (PermissionDenied, Http404):
        return 404
    except Exception:
        logger.exception("It cannot be told who may open a form that was refused")
        return 500


def _came_from(request: HttpRequest) -> str:
    """The page of CAIT on which a form stood: where it was sent to may only take forms. Empty where nobody knows."""
    page = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if ours else ""


def _typed(request: HttpRequest) -> list[str]:
    """The texts of a form that was sent: what has more than one word, and is no password."""
    return [
        text
        for name, texts in request.POST.lists()
        if "password" not in name
        for text in texts
        if len(str(text).split()) > 1
    ]


def server_error(request: HttpRequest) -> HttpResponse:
    """503 where the database cannot be reached, which passes; otherwise 500 with a number to quote."""
    error = sys.exc_info()[1]
    program = request.path.startswith(FOR_PROGRAMS)
    if _database_is_away(error):
        logger.error("The database cannot be reached: %s", type(error).__name__)
        response = problem(503) if program else _plain("503.html", 503)
        response["Retry-After"] = "60"
        return response
    reference = secrets.token_hex(4).upper()
    reference = f"{reference[:4]}-{reference[4:]}"
    # The view, not the address, and no message of the exception: those can hold names.
    match = request.resolver_match
    view = match.view_name if match else "no view"
    logger.error("Reference %s: %s in %s", reference, type(error).__name__, view)
    if program:
        return problem(500, f"Something went wrong in CAIT. Ring the help desk and give them this: {reference}.")
    return _plain("500.html", 500, reference=reference)


def explain_method_not_allowed(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: Django's 405 is an empty page, and somebody gets it by signing in again before sending a form."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        page = _page(request, "405.html", 405)
        page["Allow"] = response["Allow"]
        return page

    return middleware


# SQLSTATE: connection exception; the server goes down, comes up or was told to end the session; too many connections.
AWAY = ("08", "57P", "53300")


def _database_is_away(error: BaseException | None) -> bool:
    """Whether the database, at the bottom of whatever was raised, could not be reached or went away.

    Not a deadlock, a full disk or a statement that took too long: those are errors with a number to quote.
    """
    while error:
        if isinstance(error, OperationalError | InterfaceError):
            state = getattr(error.__cause__, "sqlstate", None)  # None: it never came so far as to answer
            return state is None or state.startswith(AWAY)
        error = error.__cause__ or error.__context__
    return False


def _page(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    if request.path.startswith(FOR_PROGRAMS):
        return problem(status, context.get("sentence", ""))
    try:
        return HttpResponse(render_to_string(template, {**context, "frame": "base.html"}, request), status=status)
    except Exception:
        logger.exception("The frame of %s could not be drawn", template)
        return _plain(template, status, **context)


def _plain(template: str, status: int, **context: Any) -> HttpResponse:
    try:
        return HttpResponse(render_to_string(template, {**context, "frame": "frame_plain.html"}), status=status)
    except Exception:
        logger.exception("%s could not be drawn", template)
        return HttpResponse(LAST_RESORT, status=status)
