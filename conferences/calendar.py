"""Conferences and core groups in people's private calendars (`diary.calendar`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q

from cases.models import Case
from conferences.enums import CoreGroupState
from conferences.models import Conference, CoreGroup
from deadlines import clock
from deadlines.calendar import add_months
from diary.calendar import MOST_EVENTS, CalendarEvent
from team.models import User
from team.permissions import Permission, teams_held

VIEW = "conferences:of_record"


def meetings(user: User, now: datetime) -> Iterator[CalendarEvent]:
    """The booked conferences that somebody goes to, and the planned core groups of the records they work on, without
    a name: those of the last month stay."""
    since = clock.london_midnight(add_months(clock.london_date(now), -1))
    rows = Conference.objects.visible_to(user).booked().filter(pclo=user, starts_at__gte=since)
    for each in rows.select_related("case").order_by("starts_at", "pk")[:MOST_EVENTS]:
        yield CalendarEvent(
            uid=f"conference-{each.pk}",
            title=each.get_kind_display(),
            record=each.case.number,
            due=each.starts_at,
            changed_at=each.dated_at,
            view=VIEW,
            ends_at=each.ends_at,
        )
    teams = teams_held(user, Permission.SEE_RECORDS)
    groups = CoreGroup.objects.filter(state=CoreGroupState.PLANNED, starts_at__gte=since)
    groups = groups if teams is None else groups.filter(case__team__in=teams)
    groups = groups.filter(case__in=_worked_on(user))
    for group in groups.select_related("case").order_by("starts_at", "pk")[:MOST_EVENTS]:
        yield CalendarEvent(
            uid=f"core-group-{group.pk}",
            title="Core group",
            record=group.case.number,
            due=group.starts_at,
            changed_at=group.dated_at,
            view=VIEW,
        )


def _worked_on(user: User) -> Any:
    """The records whose conferences somebody prepares, or of which they are the officer or the supervisor (ids)."""
    prepared = Conference.objects.filter(pclo=user).values("case")
    return Case.objects.filter(Q(officer_in_case=user) | Q(supervisor=user) | Q(pk__in=prepared)).values("pk")
