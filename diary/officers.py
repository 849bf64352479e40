"""How much is late of whom in a team: where an inspector or a sergeant asks first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min, Q, QuerySet

from diary.models import Duty
from diary.queries import narrowed
from team.models import Team, User
from team.once import put_together_once


@dataclass(frozen=True)
class LateOf:
    """How many late duties somebody has by name, or stand on records of which they are officer in case: as many as
    the queue has of them. `since`: from when on the one is late that is late longest. `works_here`: of whoever does
    not any more the queue has no list."""

    officer: User
    late: int
    since: datetime
    works_here: bool


def late_by_officer(team: Team, *, user: User, now: datetime, here: Collection[int]) -> list[LateOf]:
    """By officer how much of what `user` may see is late in a team, most first. What came in with an old log is left
    out: it has been late for years. `here`: who (ids) holds a role in the team today. Two queries at most."""
    late: Counter[int] = Counter()
    since: dict[int, datetime] = {}
    for officer, number, first in _late_of_each(user, team, now):
        late[officer] += number
        since[officer] = min(first, since.get(officer, first))
    officers = User.objects.in_bulk(late) if late else {}
    found = [LateOf(officers[pk], number, since[pk], pk in here) for pk, number in late.items()]
    return sorted(found, key=lambda each: (-each.late, each.since, each.officer.pk))


@put_together_once
def _late_of_each(user: User, team: Team, now: datetime) -> QuerySet[Duty, tuple[int, int, datetime]]:
    """Of each officer (id) how much is late, and since when; some stand there twice."""
    rows = narrowed(Duty.objects.visible_to(user), user=user, now=now, team=team, by="late", began="cait").order_by()
    by_name = rows.filter(owner__isnull=False).values_list("owner").annotate(Count("pk"), Min("late_from"))
    # On one's own record what is another's by name, or nobody's.
    besides = rows.filter(Q(owner=None) | ~Q(owner=F("case__officer_in_case")), case__officer_in_case__isnull=False)
    on_records = besides.values_list("case__officer_in_case").annotate(Count("pk"), Min("late_from"))
    return by_name.union(on_records, all=True)
