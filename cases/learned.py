"""What is known of people by restricted records alone (ADR 34). Somebody is one on every record they are on; where
they live, another name, what they are to others may have been told on a restricted one, and nowhere else."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from cases.models import HOME, NAME, RELATION, Case, ToldOn
from team.models import User

__all__ = ["HOME", "NAME", "RELATION", "kept_from", "kept_off"]


def kept_from(user: User | AnonymousUser, what: str) -> Exists:
    """Of homes, names or relations (`what`): whether they were told only on restricted records on which the user is
    not named."""
    return _told_only_on(Case.objects.hidden_from(user), what)


def kept_off(case: Case, what: str) -> Exists:
    """As `kept_from`, for the pages and papers of a record: whether they were told only on others, which are
    restricted. Whoever opens this record reads it there, if they are named there too."""
    return _told_only_on(Case.objects.filter(restricted=True).exclude(pk=case.pk), what)


def _told_only_on(hidden: QuerySet[Case], what: str) -> Exists:
    elsewhere = ToldOn.objects.filter(**{what: OuterRef(what)}).exclude(case__in=hidden)
    return Exists(ToldOn.objects.filter(~Exists(elsewhere), **{what: OuterRef("pk")}, case__in=hidden))
