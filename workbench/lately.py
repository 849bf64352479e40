"""What others have written on somebody's records since they last opened them: otherwise they would have to look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from audit.models import AccessLog
from cases.enums import State
from cases.models import Case, Entry
from cases.queries import names_of, record_lines
from deadlines.clock import london_date
from diary.notices import was_given
from team.models import User
from team.once import put_together_once

# So many stand on Today.
MOST = 10


@dataclass
class Changed:
    """A record with the last thing that somebody else wrote on it. `looked_at`: when whoever asks opened it last;
    None for never."""

    case: Case
    last: Entry
    looked_at: datetime | None
    children: list[str] = field(default_factory=list)

    @property
    def named(self) -> str:
        """ "Rhys Calloway, 6, and Nia Calloway, 4"."""
        return names_of(self.children) or "No child named"


def changed_since(user: User, *, now: datetime) -> list[Changed]:
    """The open records of which somebody is officer in case or supervisor, on which others have written since they
    last opened them: the one that changed last first, and one more than MOST where there are more. Three queries at
    most."""
    cases = _changed(user)
    if not cases:
        return []
    entries = Entry.objects.select_related("recorded_by").in_bulk(each.last_entry for each in cases)  # type: ignore[attr-defined]
    lines = record_lines(cases, today=london_date(now))
    looked = {each.pk: (entries[each.last_entry], each.looked_on) for each in cases}  # type: ignore[attr-defined]
    return [Changed(line.case, *looked[line.case.pk], line.children) for line in lines]


@put_together_once
def _changed(user: User) -> QuerySet[Case]:
    """That a duty was given to somebody says nothing of the child, and is no change."""
    mine = Q(officer_in_case=user) | Q(supervisor=user)
    theirs = Entry.objects.filter(case=OuterRef("pk")).exclude(recorded_by=user).exclude(was_given())
    last = theirs.order_by("-recorded_at", "-pk")
    looks = AccessLog.objects.filter(case_id=OuterRef("pk"), by_id=user.pk).order_by("-at", "-id")
    rows = Case.objects.visible_to(user).filter(mine, state=State.OPEN)
    rows = rows.annotate(
        looked_on=Subquery(looks.values("at")[:1]),
        changed_on=Subquery(last.values("recorded_at")[:1]),
        last_entry=Subquery(last.values("pk")[:1]),
    )
    rows = rows.filter(Q(looked_on=None, changed_on__isnull=False) | Q(changed_on__gt=F("looked_on")))
    return rows.order_by("-changed_on", "-pk")[: MOST + 1]
