"""What the page of a conference says of what follows it: attendance, what was decided, actions, debrief, minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cases.enums import State
from conferences.models import CategoryFrom, Conference, OutcomeFor, Plan, PoliceAction
from conferences.queries import children_at
from deadlines import clock
from people.models import Person
from team.models import User
from team.permissions import Permission, may


@dataclass
class ChildDecided:
    """What was decided about one child: everything that was recorded, the first at the beginning; the last counts."""

    child: Person
    rows: list[OutcomeFor]

    @property
    def now(self) -> OutcomeFor | None:
        return self.rows[-1] if self.rows else None

    @property
    def put_right(self) -> list[tuple[OutcomeFor, OutcomeFor]]:
        """What stood there before, each with the row that put it right; the latest first."""
        return list(zip(self.rows, self.rows[1:], strict=False))[::-1]


def what_follows(conference: Conference, user: User) -> dict[str, Any]:
    """What `_after.html` shows of a conference, for somebody who may open its record."""
    case = conference.case
    decided = children_decided(conference)
    actions = PoliceAction.objects.filter(conference=conference).select_related("action__owner", "action__ended_by")
    is_open = case.state == State.OPEN
    return {
        "children_decided": decided,
        "is_decided": any(each.rows for each in decided),
        "police_actions": [each.action for each in actions.order_by("action__due_on", "pk")],
        "has_begun": conference.starts_at <= (case.looked_at or clock.now()),
        "may_record_outcome": is_open and may(user, Permission.RECORD_OUTCOMES, team=case.team),
        "may_debrief": is_open and may(user, Permission.SUPERVISE_CONFERENCES, team=case.team),
    }


def children_decided(conference: Conference) -> list[ChildDecided]:
    """Each child of a conference with what was decided. Two queries."""
    rows: dict[int, list[OutcomeFor]] = defaultdict(list)
    for row in OutcomeFor.objects.filter(conference=conference).select_related("recorded_by").order_by("pk"):
        rows[row.child_id].append(row)
    return [ChildDecided(child, rows[child.pk]) for child in children_at(conference)]


def categories_of(plans: Iterable[Plan]) -> dict[int, str]:
    """The category that each of some plans has now, by child (ids). One query."""
    rows = CategoryFrom.objects.filter(plan__in=[plan.pk for plan in plans]).order_by("from_on", "pk")
    return dict(rows.values_list("plan__child_id", "category"))
