"""Papers: what is kept in a case file, as a tagged PDF with its marking on every sheet.

WeasyPrint is imported where it draws: it needs Pango of the machine, which nothing else does, and takes a second to
come up that no other page should wait for.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header

# PDF/UA: tagged, so that a screen reader reads it.
VARIANT = "pdf/ua-1"
# What XML, and so a PDF's description, cannot hold.
NOT_ON_PAPER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def paper(template: str, context: dict[str, Any], *, request: HttpRequest | None = None) -> bytes:
    """A template that extends `paper.html`, as PDF/UA. Nothing is fetched for it, from no network and no file.
    `request`: None where no page shows it, as when it is drawn to be kept.

    Raises ValueError for one that asks for something.
    """
    return paper_within(template, [context], request=request)


def paper_within(
    template: str,
    contexts: Iterable[dict[str, Any]],
    *,
    sheets: int | None = None,
    request: HttpRequest | None = None,
) -> bytes:
    """As `paper`, with the first of some contexts that takes no more than so many sheets; else the last."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class Nothing(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            raise FatalURLFetchingError(f"A paper is whole in itself; it asked for {url[:100]}.")

    drawn = b""
    for context in contexts:
        given = {**context, "marking": settings.PROTECTIVE_MARKING}
        html = NOT_ON_PAPER.sub("", render_to_string(template, given, request=request))
        looks = CSS(string=render_to_string("paper.css", given), url_fetcher=Nothing())
        try:
            with _nothing_collected():
                document = HTML(string=html, url_fetcher=Nothing()).render(stylesheets=[looks], pdf_variant=VARIANT)
                drawn = bytes(document.write_pdf(pdf_variant=VARIANT))
        except FatalURLFetchingError as asked:  # it is no Exception, and would end the web process
            raise ValueError(str(asked)) from None
        if sheets is None or len(document.pages) <= sheets:
            break
    return drawn


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """A paper is made of very many small objects that all stay until it is drawn: to look through them for rubbish
    again and again is a fifth of what a long one takes."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def answer(drawn: bytes, *, name: str) -> HttpResponse:
    """A paper as it is sent: opened in the browser, with a name for whoever keeps it."""
    response = HttpResponse(drawn, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    return response
