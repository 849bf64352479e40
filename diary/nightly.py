"""The nightly check of the diary, which keeps no record of its own in the broker: it runs once in each London night.

Whatever wakes it: a waker that comes and finds tonight's check not done does it; of two at once one does.
"""

from __future__ import annotations

import logging

from django.db import connection, transaction
from django.db.models import Q

from audit.events import Event
from audit.recording import record
from cases.enums import Kind
from cases.models import Case
from cases.steps import enter, lock
from deadlines import clock, rules
from diary import duties
from diary.checking import Finding, check_everything, findings_of
from diary.kinds import kind_of
from diary.models import Check, Duty, DutyState
from diary.notices import GIVEN_BACK, GIVEN_TO
from diary.queries import nobodys
from diary.steps import end_open, is_open, pass_to, raise_again
from pages.words import uncapitalised
from team.enums import Role
from team.models import User

logger = logging.getLogger(__name__)

# In London: after the day's work is written, before the early turn.
FROM_HOUR = 2
# The key of the advisory lock under which the check runs.
ALONE = 7_204_115


def check_when_due() -> Check | None:
    """Tonight's check, unless it is done, is being done or is not due yet; None then."""
    now = clock.now()
    today = clock.london_date(now)
    if now < clock.london_at(today, FROM_HOUR) or Check.objects.filter(on=today, ended_at__lte=now).exists():
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ALONE])
        if not cursor.fetchone()[0]:
            return None
        try:
            if Check.objects.filter(on=today, ended_at__lte=clock.moment()).exists():
                return None  # another was just ending it
            return _check()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ALONE])


def _check() -> Check:
    """One that was broken off is begun anew: what it had found stands as duties already."""
    by = User.objects.system()
    check, _ = Check.objects.update_or_create(
        on=clock.today(), defaults={"began_at": clock.moment(), "records": 0, "found": 0}
    )
    _take_from_who_left(by)
    wrong: set[int] = set()
    for looked_at, found in check_everything():
        check.records += looked_at
        for case in sorted({each.case for each in found}):
            if _tell(case, check, by):
                wrong.add(case)
    for case in Duty.objects.filter(kind=duties.FOUND.code, state=DutyState.OPEN).values_list("case_id", flat=True):
        if case not in wrong:
            _tell(case, check, by)  # where it is right by now, its duty ends
    with transaction.atomic():
        check.found, check.ended_at = len(wrong), clock.moment()
        check.save()
        record(Event.DUTIES_CHECKED, by=by, on=check, detail={"rows": check.records, "records": sorted(wrong)[:100]})
    if wrong:
        logger.error("The check of duties found something wrong on %s records", len(wrong))
    return check


def _take_from_who_left(by: User) -> None:
    """What somebody has by name who cannot do it any more goes back to whoever holds its role: else it would stand in
    nobody's own queue. On a restricted record it goes to somebody named where nobody there holds that, also what was
    nobody's by name."""
    rows = Duty.objects.filter(nobodys(), state=DutyState.OPEN)
    restricted = Case.objects.filter(restricted=True).values("pk")
    left = rows.filter(Q(owner__isnull=False) | Q(case__in=restricted)).order_by("case_id", "pk")
    for pk, case_pk in left.values_list("pk", "case_id"):
        with transaction.atomic():
            case = lock(case_pk)
            duty = left.filter(pk=pk).first()
            if duty is None:
                continue
            duty.case, who, kind = case, duty.owner, kind_of(duty.kind)
            pass_to(duty, None, by)
            if duty.owner == who:  # nobody who is named could do it
                continue
            label = uncapitalised(kind.label) if kind else duty.kind
            role = Role(duty.owner_role).label
            given = f"{GIVEN_TO}{duty.owner}" if duty.owner else f"{GIVEN_BACK}{role}"
            why = f"{who} cannot do it any more" if who else f"Nobody who is named can do it as {role}"
            enter(case, Kind.RECORD, f"{given}: {label}", text=f"{why} in {case.team}.", by=by)
            whose = {"owner": duty.owner_id} if duty.owner else {"role": duty.owner_role}
            detail = {"kind": duty.kind, **whose}
            record(Event.DUTY_GIVEN, by=by, on=duty, case_id=case.pk, team_id=case.team_id, detail=detail)


def _tell(pk: int, check: Check, by: User) -> list[Finding]:
    """Look again at one record that nobody else is writing on, and raise the inspector's duty or end it."""
    with transaction.atomic():
        case = lock(pk)
        found = findings_of(case)
        if found and not is_open(duties.FOUND, case):
            due = rules.CHECK_FINDING.due_or_at_once(check.on)
            raise_again(duties.FOUND, case, due, by=by)
        elif not found:
            end_open(duties.FOUND, case, done=True, why="The check finds nothing wrong any more", by=by)
        return found
