"""What holds for every answer."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from pages.addresses import FOR_PROGRAMS

Answer = Callable[[HttpRequest], HttpResponse]


def refuse_nul(get_response: Answer) -> Answer:
    """An address or a cookie with a NUL byte comes from no page of ours, and PostgreSQL cannot look for one: 400."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sent = (request.path, *request.COOKIES.values())
        if b"\0" in unquote_to_bytes(request.META.get("QUERY_STRING", "")) or any("\0" in each for each in sent):
            raise SuspiciousOperation("The address or a cookie holds a NUL byte.")
        return get_response(request)

    return middleware


def only_utf_8(get_response: Answer) -> Answer:
    """A browser sends our forms in UTF-8. Another encoding comes from programs that try to smuggle something in, such
    as halves of characters: 400."""

    def middleware(request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8").strip("\"'").lower()
        if charset not in ("utf-8", "utf8"):
            raise SuspiciousOperation("What was sent is not in UTF-8.")
        return get_response(request)

    return middleware


def no_body_after_head(get_response: Answer) -> Answer:
    """A HEAD request is answered by the headers of the page alone, its length among them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "HEAD" and not response.streaming:
            response.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response

    return middleware


def keep_private(get_response: Answer) -> Answer:
    """No cache on the way may keep a page, and a browser asks again before it shows one a second time.

    Not `no-store`: with it, Back would lose what somebody typed. A program types nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "Cache-Control" not in response:
            program = request.path.startswith(FOR_PROGRAMS)
            response["Cache-Control"] = "no-store" if program else "private, no-cache"
        return response

    return middleware
