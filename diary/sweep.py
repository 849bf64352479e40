"""The sweep: one pass over everything that may have fallen due. Idempotent; may run twice at once, or after days."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F, Q

from audit.events import Event
from audit.recording import record
from deadlines.clock import CaitNow, london_date, now
from diary.chasing import fallen_chases, write_waiting
from diary.digests import write_digests
from diary.kinds import kind_of
from diary.models import Duty, Heartbeat, Notice, NoticeKind, Waker
from diary.telling import fallen_steps
from diary.withheld import HIDDEN
from pages.words import moment, uncapitalised
from team.enums import Role
from team.models import User
from team.permissions import Permission, teams_held

# Beat wakes the sweep every minute. Ten missed wake-ups are no hiccup: every page and the health check then say so.
STALE_AFTER = timedelta(minutes=10)
# When due dates were not checked for longer, the inspector is told what became late meanwhile.
OUTAGE_AFTER = timedelta(hours=1)
# So many kinds of duty are named in the summary, the commonest first.
MOST_NAMED = 8
# The key of the advisory lock under which an outage is told.
ALONE = 7_204_116


def sweep(*, woken_by: Waker) -> datetime:
    """Notice what has fallen due, then write the heartbeat. Returns when it succeeded.

    The heartbeat comes last: a sweep that fails leaves the old one standing, and soon every page says so.
    """
    last = dates_checked()
    fallen_chases().all()
    fallen_steps().all()
    write_waiting()
    with transaction.atomic():
        if last.at is not None:
            _tell_of_outage(last.at, last.now)
        beat, _ = Heartbeat.objects.update_or_create(waker=woken_by, defaults={"succeeded_at": CaitNow()})
    beat.refresh_from_db()
    write_digests()  # last: whatever is wrong with an email, due dates are checked
    return beat.succeeded_at


def _tell_of_outage(since: datetime, until: datetime) -> None:
    """After an outage the inspector of each team gets one summary of what became late meanwhile. Of two sweeps at
    once one tells it."""
    if until - since <= OUTAGE_AFTER:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ALONE])
    became_late = Q(late_from__gt=since, late_from__lte=until, from_before=False)
    # People went on working: what was done in time meanwhile never became late.
    open_then = Q(ended_at__isnull=True) | Q(ended_at__gt=F("late_from"))
    counted: Any = (
        Duty.objects.filter(became_late, open_then)
        .order_by()
        .values_list("team_id", "kind")
        .annotate(number=Count("pk"))
    )
    by_team: dict[int, Counter[str]] = {}
    for team, kind, number in counted:
        by_team.setdefault(team, Counter())[kind] = number
    if not by_team or Notice.objects.filter(kind=NoticeKind.OUTAGE, since=since).exists():
        return
    Notice.objects.bulk_create(
        (
            Notice(
                kind=NoticeKind.OUTAGE,
                team_id=team,
                to_role=Role.INSPECTOR,
                since=since,
                words=_outage_in_words(since, until, kinds),
            )
            for team, kinds in sorted(by_team.items())
        ),
        ignore_conflicts=True,
    )
    # No log, no act: without it no heartbeat is written either.
    record(Event.LATENESS_TOLD, by=User.objects.system(), on=Notice, detail={"rows": len(by_team)})


def _outage_in_words(since: datetime, until: datetime, kinds: Counter[str]) -> str:
    def label(code: str) -> str:
        kind = kind_of(code)
        return uncapitalised(kind.label) if kind else code

    named = sorted(kinds.items(), key=lambda each: (-each[1], each[0]))[:MOST_NAMED]
    late = "; ".join(f"{number} to {label(kind)}" for kind, number in named)
    number = kinds.total()
    if others := number - sum(each for _, each in named):
        late += f"; {others} of other kinds"
    duties = "1 duty" if number == 1 else f"{number} duties"
    return f"From {moment(since)} to {moment(until)} due dates were not checked. {duties} became late: {late}."


class DatesChecked(NamedTuple):
    """When the last sweep succeeded, whether that is too long ago, and when this was asked, moment and date; and how
    many duties of whoever asks are late, MOST_LATE + 1 for more."""

    at: datetime | None
    stale: bool
    now: datetime
    today: date
    late: int = 0


# Beyond it nobody reads a number of duties in the navigation.
MOST_LATE = 99
# As `queries.mine` of what may be seen, without what old logs brought in. One branch for what is somebody's by name
# and one for each team in which they hold roles: each reads an index of open duties from what has been late longest,
# and stops where nobody counts any further.
LATE_OF = (
    "SELECT 1 FROM diary_duty WHERE state = 'open' AND NOT from_before AND late_from <= cait_now() "  # noqa: S608
    f"AND NOT EXISTS ({HIDDEN} AND record.id = diary_duty.case_id) AND "
)
BY_NAME = LATE_OF + "owner_id = %s AND team_id = ANY(%s)"
BY_NAME_ANYWHERE = LATE_OF + "owner_id = %s"
BY_ROLE = LATE_OF + "team_id = %s AND owner_id IS NULL AND owner_role = ANY(%s)"


def dates_checked(user: User | None = None) -> DatesChecked:
    """When any waker's sweep last succeeded, and how many of somebody's duties are late. One query: every page asks
    it."""
    branches, values = _late_of(user) if user else ([], [])
    late = " UNION ALL ".join(f"({branch} LIMIT {MOST_LATE + 1})" for branch in branches)
    counted = f"(SELECT count(*) FROM ({late} LIMIT {MOST_LATE + 1}) AS late)" if late else "0"  # noqa: S608
    with connection.cursor() as cursor:
        # A heartbeat from the future, written before a wrong clock was set back, proves nothing.
        cursor.execute(
            "SELECT cait_now(), max(succeeded_at) "  # noqa: S608
            "FILTER (WHERE succeeded_at <= cait_now() + make_interval(secs => %s)), "
            f"{counted} FROM {Heartbeat._meta.db_table}",
            [STALE_AFTER.total_seconds(), *values],
        )
        at_present, last, number = cursor.fetchone()
    stale = last is None or at_present - last > STALE_AFTER
    return DatesChecked(last, stale, at_present, london_date(at_present), number)


def _late_of(user: User) -> tuple[list[str], list[Any]]:
    teams = teams_held(user, Permission.SEE_RECORDS)
    if teams is not None and not teams:
        return [], []
    branches = [BY_NAME_ANYWHERE if teams is None else BY_NAME]
    # Of each branch first who asks, for what is hidden from them.
    values: list[Any] = [user.pk, user.pk] if teams is None else [user.pk, user.pk, sorted(teams)]
    held: dict[int, set[str]] = {}
    for membership in user.roles_today:
        if teams is None or membership.team_id in teams:
            held.setdefault(membership.team_id, set()).add(membership.role)
    for team, roles in sorted(held.items()):
        branches.append(BY_ROLE)
        values += [user.pk, team, sorted(roles)]
    return branches, values


def worker_is_working() -> bool:
    """True when a sweep that came through beat, broker and worker succeeded lately: the whole chain, not a ping."""
    beat = Heartbeat.objects.filter(waker=Waker.BEAT).first()
    return beat is not None and abs(now() - beat.succeeded_at) <= STALE_AFTER
