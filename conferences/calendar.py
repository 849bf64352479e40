"""Conferences and core groups in people's private calendars (`diary.calendar`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from cases.enums import State
from cases.models import not_hidden_from
from conferences.enums import CoreGroupState
from conferences.models import Conference, CoreGroup
from conferences.queries import worked_on
from deadlines import clock
from deadlines.calendar import add_months
from diary.calendar import MOST_EVENTS, CalendarEvent
from team.enums import Role
from team.models import User
from team.permissions import Permission, teams_held

VIEW = "conferences:of_record"


def meetings(user: User, now: datetime) -> Iterator[CalendarEvent]:
    """The booked conferences that somebody goes to, and the planned core groups of the records they work on, without
    a name: those of the last month stay. Whoever is a conference officer of a team has those too that name nobody."""
    since = clock.london_midnight(add_months(clock.london_date(now), -1))
    of_role = [held.team_id for held in user.roles_today if held.role == Role.PCLO]
    theirs = Q(pclo=user) | Q(pclo=None, team__in=of_role)
    rows = Conference.objects.visible_to(user).booked().filter(theirs, starts_at__gte=since)
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
    groups = CoreGroup.objects.filter(state=CoreGroupState.PLANNED, case__state=State.OPEN, starts_at__gte=since)
    groups = groups if teams is None else groups.filter(case__team__in=teams)
    groups = groups.filter(not_hidden_from(user), case__in=worked_on(user))
    for group in groups.select_related("case").order_by("starts_at", "pk")[:MOST_EVENTS]:
        yield CalendarEvent(
            uid=f"core-group-{group.pk}",
            title="Core group",
            record=group.case.number,
            due=group.starts_at,
            changed_at=group.dated_at,
            view=VIEW,
        )
