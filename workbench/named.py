"""That somebody was named on a restricted record is told on their Today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from cases.models import Case, NamedOfficer
from deadlines import clock
from deadlines.ages import days_before
from diary.besides import Waits
from pages.words import moment
from team.models import User
from team.once import put_together_once

# Told for so many days; the latest alone where there are more.
DAYS, MOST = 7, 5


def named_lately(user: User, now: datetime) -> Iterator[Waits]:
    """The restricted records on which somebody else named them in the last days, and that they can open."""
    for each in _named_since(user, clock.london_midnight(days_before(DAYS, clock.london_date(now)))):
        yield Waits(
            f"You can open restricted record {each.case}",
            reverse("workbench:case", args=[each.case.number]),
            f"{each.named_by} named you, {moment(each.named_at)}",
        )


@put_together_once
def _named_since(user: User, since: datetime) -> QuerySet[NamedOfficer]:
    rows = NamedOfficer.objects.filter(officer=user, ended_at=None, named_at__gte=since).exclude(named_by=user)
    rows = rows.filter(case__in=Case.objects.visible_to(user)).select_related("case", "named_by")
    return rows.order_by("-named_at", "-pk")[:MOST]
