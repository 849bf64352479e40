"""Addresses that stand in each row of a long list, and which are for programs."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_urlconf, reverse

# Below it programs ask, and are answered in their own way (the room `api`).
FOR_PROGRAMS = "/api/"
# Of the shape of a record's number, and none.
SAMPLE = "AAA-2004-0000"


def record_address(view: str, number: str) -> str:
    """As `reverse(view, args=[number])`, which takes as long for each as drawing a cell or two: where the number goes
    is worked out once. Raises NoReverseMatch for a view that does not take a record's number."""
    before, after = _around(view, get_urlconf())
    return f"{before}{number}{after}"


@lru_cache(maxsize=500)
def _around(view: str, urlconf: str | None) -> tuple[str, str]:
    before, _, after = reverse(view, urlconf=urlconf, args=[SAMPLE]).partition(SAMPLE)
    return before, after
