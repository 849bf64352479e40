"""Which records an email may be about, by the names in it. Nothing is decided by it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from cases.enums import State
from cases.models import Case, CasePerson
from people.said import name_key

# Of so many people with a name only the latest records are looked at.
MOST_LOOKED_AT = 60


def records_by_name(
    names: Iterable[str], among: QuerySet[Case], *, related: str = "case"
) -> list[tuple[Case, list[str]]]:
    """The latest open records, of some, with somebody of one of the names, and which of the names are on each.
    `related`: what is read with each record."""
    keys = {name_key(name): name for name in names}
    if not keys:
        return []
    called = Q()
    for key in keys:
        called |= Q(person__name_key__contains=key)
    rows = CasePerson.objects.filter(called, case__in=among, case__state=State.OPEN, taken_off_at=None)
    found: dict[int, tuple[Case, list[str]]] = {}
    for row in rows.select_related(related, "person").order_by("-case_id")[:MOST_LOOKED_AT]:
        words = row.person.name_key.split()
        for key, name in keys.items():
            if key in words:
                _, theirs = found.setdefault(row.case_id, (row.case, []))
                theirs += [name] if name not in theirs else []
    return list(found.values())
