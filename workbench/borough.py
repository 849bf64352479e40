"""Fills the demonstration with its borough: the plan (`borough_plan`), family by family, through the real actions.

Each family is one transaction, on a clock and with numbers of its own: what is not committed was never there, and
what was broken off is gone on with. What is done is kept in a schema of its own that only a demonstration has.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Min

from cases.coming import all_are_there
from cases.models import Case
from conferences.actions import record_core_group
from conferences.models import CoreGroup
from deadlines import clock
from deadlines.clock import london_date, london_midnight, utc
from diary.chasing import fallen_chases, has_address, try_to_write, waiting_steps
from diary.models import Chase, ChaseState, Watch
from diary.outbox import send_due
from diary.telling import fallen_steps
from people.models import Person
from people.said import PersonSaid
from referrals.models import Referral
from team.models import Team, User
from workbench.borough_filled import SCHEMA, Filled, filled
from workbench.borough_plan import Does, Family, Record, families_of, numbers_of
from workbench.demonstration_crams import Step
from workbench.demonstration_referrals import Then
from workbench.loading import do, log, said
from workbench.loading_conferences import confer
from workbench.loading_crams import assess
from workbench.past import clock_of_its_own, numbers_of_its_own
from workbench.post import OUTSIDE, deliver

logger = logging.getLogger(__name__)

# Two fillings at once would each do what the other does; the second waits for nothing and ends.
LOCK = 20_100_317
# What CAIT sent longer ago than this does not lie in the mailbox of the world outside any more.
DAYS_OF_MAIL = 21
# Whether what is late is told, and who is chased, each shortly after it falls, as the sweep would.
SWEPT_AFTER = timedelta(minutes=1)
SECONDS_BETWEEN = 10

Say = Callable[[str], None]


# --- what is to be done, and what is ---------------------------------------------------------------


@dataclass(frozen=True)
class Begun:
    """What the plan says of the referrals made by hand: the number of each in its team and year; and the last number
    that each team and year has."""

    numbers: list[tuple[int, int]]
    last: dict[tuple[str, int], int]


def begin(now: datetime, by_hand: Sequence[tuple[str, datetime]]) -> Begun:
    """Plan the borough as at a moment, and write down what is to be filled in. `by_hand`: of each referral that is
    made by hand its team and when it is logged, for its number."""
    families = families_of(now)
    numbers = numbers_of(families, by_hand)
    rows = [
        (family.number, [numbers[family.number, place][1] for place in range(len(family.records))])
        for family in families
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        cursor.execute(f"CREATE TABLE {SCHEMA}.loaded (at timestamptz NOT NULL)")
        cursor.execute(f"INSERT INTO {SCHEMA}.loaded VALUES (%s)", [utc(now)])  # noqa: S608
        cursor.execute(
            f"CREATE TABLE {SCHEMA}.borough "
            "(family integer PRIMARY KEY, numbers integer[] NOT NULL, filled_at timestamptz, left_out text)"
        )
        cursor.executemany(f"INSERT INTO {SCHEMA}.borough (family, numbers) VALUES (%s, %s)", rows)  # noqa: S608
    last: dict[tuple[str, int], int] = {}
    teams = {family.number: family.team for family in families}
    for key, (year, number) in numbers.items():
        team = by_hand[key][0] if isinstance(key, int) else teams[key[0]]
        last[team, year] = max(last.get((team, year), 0), number)
    return Begun([numbers[place] for place in range(len(by_hand))], last)


def go_on(say: Say, *, most: int | None = None) -> Filled | None:
    """Fill in what is not there yet, at most so many families; nothing where there is no borough, or somebody else is
    at it. Broken off at any moment, it goes on with the next family."""
    if filled() is None or not _alone():
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT at FROM {SCHEMA}.loaded")  # noqa: S608
            (at,) = cursor.fetchone()
            cursor.execute(f"SELECT family, numbers FROM {SCHEMA}.borough WHERE filled_at IS NULL ORDER BY family")  # noqa: S608
            waiting = dict(cursor.fetchall())
        planned = utc(at)
        families = {family.number: family for family in families_of(planned)} if waiting else {}
        told = time.monotonic()
        for number in list(waiting)[:most]:
            _fill_or_leave_out(families[number], waiting[number], london_date(planned))
            if time.monotonic() - told > SECONDS_BETWEEN:
                told = time.monotonic()
                say(_now().words)
        found = _now()
        if found.is_whole:
            _say_that_all_are_there()
        return found
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _say_that_all_are_there() -> None:
    """What follows then, such as the reports of the months that are over, is done as at the time of each."""
    with transaction.atomic():
        now = clock.now()
        with clock_of_its_own() as turn_to:
            turn_to(now)
            all_are_there(turn_to)


def _now() -> Filled:
    found = filled()
    if found is None:
        raise RuntimeError("The borough that is being filled in is gone.")
    return found


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


# --- one family ------------------------------------------------------------------------------------


def _fill_or_leave_out(family: Family, numbers: Sequence[int], planned_on: date) -> None:
    """What cannot be filled in, as when somebody's role was taken back meanwhile, is left out and said; it does not
    stop the others. A database that does not answer does."""
    try:
        fill(family, numbers, planned_on)
    except (OperationalError, InterfaceError):
        raise
    except Exception as wrong:  # whatever it is
        logger.exception("Family %s of the borough is left out", family.number)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {SCHEMA}.borough SET filled_at = cait_now(), left_out = %s WHERE family = %s",  # noqa: S608
                [f"{type(wrong).__name__}: {wrong}"[:500], family.number],
            )


def fill(family: Family, numbers: Sequence[int], planned_on: date) -> None:
    """All that was ever told about a family and done about it, in the order in which it happened: all of it or
    nothing. `numbers`: of each referral, in its team and year; `planned_on`: the day on which the plan was made."""
    with transaction.atomic():
        until = clock.now()
        with numbers_of_its_own() as number_next, clock_of_its_own() as turn_to:
            _Filling(family, numbers, planned_on, until, turn_to, number_next).all()
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {SCHEMA}.borough SET filled_at = cait_now() WHERE family = %s",  # noqa: S608
                [family.number],
            )


class _Filling:
    """One family while it is filled in. `until`: now; what was to happen later has not happened."""

    def __init__(
        self,
        family: Family,
        numbers: Sequence[int],
        planned_on: date,
        until: datetime,
        turn_to: Callable[[datetime], None],
        number_next: Callable[[Team, int, int], None],
    ) -> None:
        self.family, self.numbers, self.planned_on, self.until = family, numbers, planned_on, until
        self.turn_to, self.number_next = turn_to, number_next
        self.officers = {user.username: user for user in User.objects.people()}
        self.team = Team.objects.get(code=family.team)
        self.logged: list[Referral] = []

    def all(self) -> None:
        todo: list[tuple[datetime, int, int, Does | None]] = []
        for place, record in enumerate(self.family.records):
            todo.append((record.logged, place, -1, None))
            todo += [(does.at, place, step, does) for step, does in enumerate(record.does)]
        for at, place, _, does in sorted(todo, key=lambda each: each[:3]):
            if at > self.until:
                break
            if self.logged:
                self._tell_what_fell(at)
            self.turn_to(at)
            if does is None:
                self._log(self.family.records[place], self.numbers[place])
            else:
                self._do(does, self.family.records[place], self.logged[place])
        if self.logged:
            self._tell_what_fell(self.until)

    def _log(self, record: Record, number: int) -> None:
        year = london_date(record.logged).year
        self.number_next(self.team, year, number)
        told = record.told
        on = london_date(record.received)
        people = [said(each, told.address, on) for each in (*told.children, *told.adults)]
        if self.logged:
            people = [self._known(each) for each in people]
        by = self.officers[record.by]
        children, adults = people[: len(told.children)], people[len(told.children) :]
        self.logged.append(log(told, children, adults, record.received, self.team, by=by))

    def _known(self, each: PersonSaid) -> PersonSaid:
        """Somebody who is on an earlier record of the family is said to be the same."""
        names = {"given_names": each.given_names, "family_name": each.family_name}
        rows = Person.objects.filter(parts__case__in=self._cases(), **names)
        pk = rows.order_by("pk").values_list("pk", flat=True).first()
        return PersonSaid(**{**vars(each), "same_as": pk})

    def _cases(self) -> list[int]:
        return [referral.case_id for referral in self.logged]

    def _do(self, does: Does, record: Record, referral: Referral) -> None:
        what, case = does.what, Case.objects.get(pk=referral.case_id)
        if isinstance(what, Then):
            do(what, referral, record.received, self.officers)
            if what.does == "decide":
                self._write_and_send()
        elif isinstance(what, Step):
            assess(what, case, does.at, self.officers)
        elif what.does == "core group told":
            group = CoreGroup.objects.filter(case=case).latest("number")
            # Police need not attend (HMIC 2010, AFI 1).
            record_core_group(group, attended_by=None, note=what.given["note"], by=self.officers[what.by])
        else:
            confer(what, case, self.planned_on, self.officers)

    def _tell_what_fell(self, until: datetime) -> None:
        """Who is told what was late by a moment, and whom Social Services' chases reached, each at its own time."""
        while (fell := self._falls_next()) is not None and fell + SWEPT_AFTER < until:
            self.turn_to(fell + SWEPT_AFTER)
            fallen_chases().all()
            fallen_steps().all()
            self._write_and_send()

    def _falls_next(self) -> datetime | None:
        late = Watch.objects.filter(duty__case__in=self._cases(), set_aside_at=None).aggregate(at=Min("tell_at"))[
            "at"
        ]
        chases = Chase.objects.filter(duty__case__in=self._cases(), state=ChaseState.RUNNING)
        chased_on = chases.aggregate(on=Min("next_on"))["on"]
        chased = london_midnight(chased_on) if chased_on else None
        return min((each for each in (late, chased) if each), default=None)

    def _write_and_send(self) -> None:
        rows = waiting_steps().filter(has_address(), duty__case__in=self._cases()).order_by("pk")
        for pk in rows.values_list("pk", flat=True):
            try_to_write(pk)
        send_due(deliver=self._to_outside)

    def _to_outside(self, message: EmailMessage) -> None:
        at = clock.now()
        if settings.MAIL_FOLDER is not None and self.until - at < timedelta(hours=24 * DAYS_OF_MAIL):
            raw = message.message().as_bytes()
            transaction.on_commit(partial(deliver, settings.MAIL_FOLDER, OUTSIDE, raw, at=at))
