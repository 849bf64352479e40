"""How far the supervision of an investigation has come: what is due, since when, and each review."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.db.models import QuerySet

from cases.models import Case
from deadlines import rules
from diary.models import Duty, DutyState
from referrals import duties
from referrals.models import Decision, Supervision
from team.history import who_changed
from team.models import User
from team.permissions import Permission, may


def supervisions_of(case: Case) -> QuerySet[Supervision]:
    """The reviews of a record, the one that was recorded last first."""
    return Supervision.objects.filter(case=case).select_related("reviewed_by").order_by("-pk")


def open_supervision(case: Case) -> Duty | None:
    """The supervision that is due now. There is one at most: the next is raised when it ends."""
    return (
        Duty.objects.filter(case=case, kind=duties.SUPERVISION.code, state=DutyState.OPEN).order_by("cycle").first()
    )


def began_with(duty: Duty) -> Duty:
    """The duty with which a run of the investigation began: an open first supervision itself, or the first before it.

    A first supervision is raised by an allocation alone, every later one by the review before it, in whose row the
    first stands.
    """
    if duty.reckoned.why.rule == rules.SUPERVISION_FIRST.code:
        return duty
    return Supervision.objects.filter(case=duty.case_id).select_related("began_with").latest("pk").began_with


def allocated_at(first: Duty) -> datetime:
    """When the investigation was allocated that a first supervision is about."""
    return cast(datetime, first.reckoned.why.started)  # on a clock of hours always a moment


def officer_since(case: Case) -> datetime:
    """Since when the officer in case has the record."""
    changed = who_changed(case, "officer_in_case_id")
    return changed[1] if changed else case.raised_at


def allocated_since(case: Case) -> datetime:
    """When an investigation was allocated, by the facts: it is decided, and it has an officer, whoever that was
    first; the later of the two."""
    since = None
    lines = case.history.order_by("history_id").values_list("history_date", "officer_in_case_id")
    for at, officer in lines:
        since = None if officer is None else since or at
    return max(Decision.objects.filter(case=case).latest("number").decided_at, since or case.raised_at)


def reviewed_in(first: Duty) -> list[datetime]:
    """When each review of a run was held, in order."""
    rows = Supervision.objects.filter(case=first.case_id, began_with=first)
    return list(rows.order_by("reviewed_at", "pk").values_list("reviewed_at", flat=True))


def supervisor_of(case: Case) -> User | None:
    """To whom supervision falls by name: the record's supervisor, while they supervise in its team. Otherwise to
    whoever holds the role."""
    supervisor = case.supervisor
    return supervisor if supervisor and may(supervisor, Permission.SUPERVISE_RECORDS, team=case.team) else None
