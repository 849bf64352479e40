"""What an address for programs does otherwise than one of a page."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.common import CommonMiddleware

from pages.addresses import FOR_PROGRAMS


class CommonToPages(CommonMiddleware):
    """Django's, but that a program is not led on to the address with a slash at its end: most of them would ask there
    with GET, and take the list that they get for what their POST did."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not request.path.startswith(FOR_PROGRAMS) and super().should_redirect_with_slash(request)
