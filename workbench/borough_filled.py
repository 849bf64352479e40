"""How far the demonstration's borough is filled in: kept in a schema of its own that only a demonstration has."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

SCHEMA = "demonstration"


@dataclass(frozen=True)
class Filled:
    """How far it has come, in referrals."""

    done: int
    all_of_them: int

    @property
    def is_whole(self) -> bool:
        return self.done >= self.all_of_them

    @property
    def words(self) -> str:
        return f"{self.done:,} of {self.all_of_them:,} referrals"


def filled() -> Filled | None:
    """How far it has come; None where there is no borough to be filled in. One statement, two where there is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{SCHEMA}.borough"])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(
            "SELECT coalesce(sum(cardinality(numbers)) FILTER (WHERE filled_at IS NOT NULL), 0), "  # noqa: S608
            f"coalesce(sum(cardinality(numbers)), 0) FROM {SCHEMA}.borough"
        )
        return Filled(*(int(each) for each in cursor.fetchone()))


def still_filling() -> Filled | None:
    """How far it has come, for a page; None where it is whole, where nobody is to fill it in, and outside a
    demonstration."""
    found = filled() if settings.DEMONSTRATION and not settings.WITHOUT_BOROUGH else None
    return found if found is not None and not found.is_whole else None


def is_still_filling() -> bool:
    return still_filling() is not None
