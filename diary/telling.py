"""Telling people that a duty is late, ever higher up while it stays so; that a duty was given to them; and a
supervisor that a risk is unmanaged.

CAIT default: whoever has to do it at once, a supervisor after a day, the inspector after three, the command after a
fortnight. The pages show what is late by themselves; this is what somebody is told.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.db.models import Q

from audit.events import Event
from deadlines import clock, schedules
from diary.kinds import kinds
from diary.models import Duty, Notice, NoticeKind, Watch
from diary.raising import Fallen
from diary.restricted import who_is_told
from team.enums import Role
from team.models import User
from team.permissions import HOLDERS, Permission, may

# The role of each step above the first; nobody below whoever has to do it is told.
HIGHER = (Role.SUPERVISOR, Role.INSPECTOR, Role.COMMAND)

# What has fallen is told and the next step set in one statement. Of two sweeps at once the second passes over what
# the first has locked; and were it to tell a step again, the notice is there once. A record's own supervisor is told
# by name. Who is told by name works in the team today: of somebody who has left, whoever holds the role is told. On a
# restricted record where nobody named holds it somebody named is told instead, an inspector first: nobody else would
# read it. The command reads above its queue how much is late there. Of a duty that has ended meanwhile nothing is
# told.
TELL = """
WITH in_time AS (
    SELECT effective_from, hours, effective_from = min(effective_from) OVER () AS first
    FROM jsonb_to_recordset(%(limits)s::jsonb) AS each(effective_from date, hours int[])
), due AS (
    SELECT duty_id, told FROM diary_watch
    WHERE {which}
    ORDER BY tell_at, duty_id
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
), late AS (
    SELECT due.duty_id, due.told, duty.team_id, duty.kind, duty.late_from, duty.owner_id, duty.owner_role,
           record.id AS case_id, record.restricted, record.supervisor_id, in_force.hours,
           CASE duty.state WHEN 'open' THEN (
               SELECT count(*) FROM unnest(in_force.hours) AS after
               WHERE duty.late_from + make_interval(hours => after) <= %(now)s
           ) ELSE NULL END::int AS fallen
    FROM due
    JOIN diary_duty AS duty ON duty.id = due.duty_id
    JOIN cases_case AS record ON record.id = duty.case_id
    CROSS JOIN LATERAL (
        SELECT hours FROM in_time
        WHERE in_time.effective_from <= (duty.late_from AT TIME ZONE 'Europe/London')::date OR in_time.first
        ORDER BY in_time.effective_from DESC LIMIT 1
    ) AS in_force
), working AS (
    SELECT membership.team_id, membership.user_id AS person_id, array_agg(membership.role::text) AS roles
    FROM team_membership AS membership
    JOIN team_user AS person ON person.id = membership.user_id
    WHERE person.is_active AND membership.withdrawn_at IS NULL AND membership.from_on <= %(today)s
        AND (membership.to_on IS NULL OR membership.to_on >= %(today)s)
    GROUP BY 1, 2
), told AS (
    INSERT INTO diary_notice (kind, team_id, to_person_id, to_role, duty_id, number, words, raised_at)
    SELECT 'late', late.team_id, coalesce(working.person_id, instead.person_id), role, duty_id, number, '',
           cait_moment()
    FROM late
    CROSS JOIN LATERAL generate_series(told + 1, fallen) AS number
    CROSS JOIN LATERAL (
        SELECT CASE WHEN number = 1 OR owner_role = ANY((%(higher)s::text[])[number - 1:]) THEN owner_role
                    ELSE (%(higher)s::text[])[number - 1] END AS role
    ) AS whoever
    LEFT JOIN working ON working.team_id = late.team_id AND working.person_id =
        CASE WHEN number = 1 THEN owner_id WHEN number = 2 AND role = 'supervisor' THEN supervisor_id END
        AND (working.roles && ARRAY(
            SELECT jsonb_array_elements_text(%(doers)s::jsonb -> CASE number WHEN 1 THEN late.kind ELSE '' END)
        ) OR NOT %(doers)s::jsonb ? CASE number WHEN 1 THEN late.kind ELSE '' END)
    LEFT JOIN LATERAL (
        SELECT CASE WHEN role = ANY(theirs.roles) THEN NULL ELSE named.officer_id END AS person_id
        FROM cases_namedofficer AS named
        JOIN working AS theirs ON theirs.person_id = named.officer_id
        WHERE late.restricted AND working.person_id IS NULL AND number <= %(by_name)s
          AND named.case_id = late.case_id AND named.ended_at IS NULL
          AND ('command' = ANY(theirs.roles) OR theirs.team_id = late.team_id
               AND (role = ANY(theirs.roles) OR theirs.roles && %(supervise)s::text[]))
        ORDER BY NOT role = ANY(theirs.roles), NOT theirs.roles && ARRAY['inspector', 'command'], named.id
        LIMIT 1
    ) AS instead ON true
    ORDER BY late_from + make_interval(hours => late.hours[number]), duty_id, number
    ON CONFLICT (duty_id, kind, number) DO NOTHING
)
UPDATE diary_watch SET
    told = greatest(late.told, late.fallen),
    tell_at = CASE WHEN late.fallen IS NOT NULL THEN
        late.late_from + make_interval(hours => late.hours[greatest(late.told, late.fallen) + 1])
    END,
    set_aside_at = NULL, set_aside_why = ''
FROM late WHERE diary_watch.duty_id = late.duty_id
"""
TO_TELL = "tell_at <= %(now)s AND set_aside_at IS NULL"
ONE = "duty_id = %(id)s AND (set_aside_at IS NOT NULL OR tell_at <= %(now)s)"


def fallen_steps() -> Fallen:
    """The late duties of which somebody has still to be told."""
    now = clock.now()
    today = clock.london_date(now)
    # By name only whoever may do it, or supervises; the second under no kind's code.
    doers = {kind.code: sorted(HOLDERS[kind.permission]) for kind in kinds()}
    doers[""] = sorted(HOLDERS[Permission.SUPERVISE_RECORDS])
    limits = [{"effective_from": str(on), "hours": hours} for on, hours in schedules.hours_of_telling_since()]

    def raise_some(most: int, pk: int | None) -> int:
        asked: dict[str, Any] = {"now": now, "today": today, "most": most, "id": pk}
        asked |= {"limits": json.dumps(limits), "doers": json.dumps(doers), "higher": list(HIGHER)}
        asked |= {"supervise": doers[""], "by_name": len(HIGHER)}
        with connection.cursor() as cursor:
            cursor.execute(TELL.format(which=TO_TELL if pk is None else ONE), asked)
            return cursor.rowcount

    def put_aside(watch: Watch, why: str) -> None:
        watch.set_aside_at, watch.set_aside_why = watch.set_aside_at or clock.moment(), why
        watch.save(update_fields=["set_aside_at", "set_aside_why"])

    return Fallen(
        what="Watch",
        event=Event.LATENESS_TOLD,
        model=Watch,
        raise_some=raise_some,
        due=Q(tell_at__lte=now, set_aside_at=None),
        aside=Q(set_aside_at__isnull=False),
        order=("tell_at", "duty"),
        put_aside=put_aside,
    )


def watch(duty: Duty) -> None:
    """From its beginning a duty is watched; when it is late already, the next sweep tells of it."""
    Watch.objects.create(duty=duty, tell_at=duty.late_from)


def stop_watching(duty: Duty) -> None:
    """Of a duty that has ended nobody is told any more. What is being told just now is waited for."""
    Watch.objects.filter(duty=duty).delete()


def tell_given(duty: Duty, to: User) -> Notice:
    """Tell somebody that a duty was given to them."""
    number = Notice.objects.filter(duty=duty, kind=NoticeKind.GIVEN).count()
    return Notice.objects.create(
        kind=NoticeKind.GIVEN, team_id=duty.team_id, to_person=to, to_role=duty.owner_role, duty=duty, number=number
    )


def tell_unmanaged(duty: Duty, by: User) -> None:
    """Tell a record's supervisor, or whoever holds the role where none is at work, that a control measure was found
    to fail or has ended, and that nothing else manages its risk. `duty`: its next check, or the one that ended with
    it. Whoever did it knows already."""
    supervisor = duty.case.supervisor
    if supervisor is not None and supervisor == by:
        return
    works = supervisor is not None and may(supervisor, Permission.SUPERVISE_RECORDS, team=duty.team)
    to = supervisor if works else None
    if to is None and duty.case.restricted:
        to = who_is_told(duty.case, Role.SUPERVISOR, Permission.SUPERVISE_RECORDS)
        if to == by:
            return
    Notice.objects.create(
        kind=NoticeKind.UNMANAGED,
        team_id=duty.team_id,
        to_person=to,
        to_role=Role.SUPERVISOR,
        duty=duty,
    )
