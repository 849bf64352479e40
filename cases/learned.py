"""What is known of people by restricted records alone (ADR 34). Somebody is one on every record they are on; where
they live, another name, what they are to others may have been told on a restricted one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from cases.models import Case, CasePerson
from team.models import User

# What is told twice within so long, once on a restricted record and once on another, is written down once. It is
# shown then: whoever has the other record must know where the child lives.
TOLD_ONCE = timedelta(hours=24)


def on_restricted(people: Iterable[int | None]) -> set[int]:
    """Which of some people (ids) are on a restricted record: what is said of them elsewhere is written down again,
    so that it is not kept back as what was told there."""
    ids = {each for each in people if each is not None}
    if not ids:
        return set()
    rows = CasePerson.objects.filter(person__in=ids, case__restricted=True)
    return set(rows.values_list("person", flat=True))


def kept_from(user: User | AnonymousUser) -> Exists:
    """Of rows that tell something of a `person`, a name or where they lived, with the time in `recorded_at`: whether
    it was told on a restricted record on which the user is not named.

    What is told of somebody is written just before they are put on the record on which it is told, and both in one
    transaction in which they are locked: so it was told on the record that they were put on next.
    """
    return _told_before(Case.objects.hidden_from(user))


def relation_kept_from(user: User | AnonymousUser) -> Exists:
    """As `kept_from`, of what a `person` is to somebody: that is written just after they are put on the record."""
    return _told_after(Case.objects.hidden_from(user))


def kept_off(case: Case) -> Exists:
    """As `kept_from`, for the pages and papers of a record: whether it was told on another one, which is restricted.
    Whoever opens this record reads it there, if they are named there too."""
    return _told_before(_other_restricted(case))


def relation_kept_off(case: Case) -> Exists:
    """As `kept_off`, of what a `person` is to somebody."""
    return _told_after(_other_restricted(case))


def _other_restricted(case: Case) -> QuerySet[Case]:
    return Case.objects.filter(restricted=True).exclude(pk=case.pk)


def _told_before(hidden: QuerySet[Case]) -> Exists:
    return _told_on(hidden, "gte", "lte")


def _told_after(hidden: QuerySet[Case]) -> Exists:
    return _told_on(hidden, "lte", "gte")


def _told_on(hidden: QuerySet[Case], since: str, until: str) -> Exists:
    """Whether the record that somebody was put on nearest to `recorded_at`, in one direction, is one of those."""
    theirs = CasePerson.objects.filter(person=OuterRef("person"))
    nearer = {f"added_at__{since}": OuterRef(OuterRef("recorded_at")), f"added_at__{until}": OuterRef("added_at")}
    before = ExpressionWrapper(F("added_at") - TOLD_ONCE, output_field=DateTimeField())
    soon = Q(added_at__gte=OuterRef(OuterRef("recorded_at")), before__lte=OuterRef(OuterRef("recorded_at")))
    others = CasePerson.objects.filter(person=OuterRef("person")).exclude(case__in=hidden)
    another = others.alias(before=before).filter(Q(**nearer) | soon)
    return Exists(theirs.filter(~Exists(another), case__in=hidden, **{f"added_at__{since}": OuterRef("recorded_at")}))
