"""Giving several duties to somebody at once: who they can be given to, what will follow, and all of them or none."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Func, IntegerField, OuterRef, QuerySet, Subquery, Value

from cases.restricting import named_on_all
from diary import policies, queries
from diary.actions import give_duty
from diary.kinds import kind_of
from diary.models import Duty, DutyState
from diary.queries import QueueRow
from pages.acting import refusal
from team.enums import Role
from team.models import Membership, User
from team.permissions import HOLDERS, Permission, teams_held

# As many as a page of the queue has rows.
MOST_GIVEN = 50
# In place of a person: whoever holds the role of each duty.
WHOEVER = "role"


# --- to whom -------------------------------------------------------------------------------------


@dataclass
class Colleague:
    """Somebody who holds roles in some teams today, and how many open duties they have by name."""

    user: User
    open_duties: int
    roles: dict[int, set[Role]] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)

    def said(self, *, with_teams: bool) -> str:
        """As one is chosen: "DC Amy Kestrel, 2 by name"."""
        words = [str(self.user), f"{self.open_duties:,} by name"]
        return ", ".join([*words, *(sorted(self.teams.values()) if with_teams else ())])


def colleagues(teams: Iterable[int]) -> list[Colleague]:
    """Everybody who holds a role in one of the teams today, by name. One query."""
    found: dict[int, Colleague] = {}
    for m in _memberships(tuple(sorted(teams))).all():
        person = found.setdefault(m.user_id, Colleague(m.user, m.open_duties))  # type: ignore[attr-defined]
        person.roles.setdefault(m.team_id, set()).add(Role(m.role))
        person.teams[m.team_id] = str(m.team)
    return list(found.values())


@lru_cache(maxsize=1000)
def _memberships(teams: tuple[int, ...]) -> QuerySet[Membership]:
    """Who holds a role in some teams, with how many duties each has open. Put together once for the same teams, which
    takes longer than to read them; not read yet."""
    held = Duty.objects.filter(owner=OuterRef("user"), team__in=teams, state=DutyState.OPEN)
    # A bare count, without groups: there is one answer for each, and none is 0.
    number = held.values(number=Func(Value(1), function="count", output_field=IntegerField()))
    return (
        Membership.objects.today()
        .filter(team__in=teams, user__is_active=True)
        .select_related("user", "team")
        .annotate(open_duties=Subquery(number))
        .order_by("user__family_name", "user__given_names", "user_id", "id")
    )


def can_be_given(people: Iterable[Colleague], duties: Collection[Duty]) -> list[Colleague]:
    """Who of some people can do at least one of some duties, the fewest open ones first. One query where any is on a
    restricted record: there only those named can."""
    named = _named({duty.case_id for duty in duties if duty.case.restricted})
    of = {(duty.team_id, kind, named.get(duty.case_id)) for duty in duties if (kind := kind_of(duty.kind))}
    able: dict[tuple[int, Role], list[frozenset[int] | None]] = {}
    for team, kind, only in of:
        for role in HOLDERS[kind.permission]:
            able.setdefault((team, role), []).append(only)
    fit = [
        each
        for each in people
        if any(
            only is None or each.user.pk in only
            for team in each.roles
            for role in each.roles[team]
            for only in able.get((team, role), ())
        )
    ]
    return sorted(fit, key=lambda person: person.open_duties)


def _named(cases: Collection[int]) -> dict[int, frozenset[int]]:
    """Who (ids) is named on each of some restricted records."""
    found: dict[int, set[int]] = {case: set() for case in cases}
    for each in named_on_all(cases) if cases else ():
        found[each.case_id].add(each.officer_id)
    return {case: frozenset(officers) for case, officers in found.items()}


def to_choices(people: Iterable[Colleague], duties: Collection[Duty]) -> list[tuple[str, str]]:
    """Whom one can choose for some duties."""
    several = len({duty.team_id for duty in duties}) > 1
    named = [(str(each.user.pk), each.said(with_teams=several)) for each in can_be_given(people, duties)]
    return [("", "Choose"), *named, (WHOEVER, "Whoever holds the role")]


# --- which ---------------------------------------------------------------------------------------

PICKED = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.A)


def picked(values: Iterable[str]) -> dict[int, int | None]:
    """The duties that were selected, each with its owner when the page was opened (0: nobody by name). What is none
    of ours is passed over."""
    found = filter(None, map(PICKED.fullmatch, values))
    return {int(each[1]): int(each[2]) if each[2] else None for each in found}


class Staying(NamedTuple):
    """A duty that does not go to whom it was to go, why not, and whether it can go to another."""

    row: QueueRow
    reason: str
    to_another: bool


def as_picked(duty: Duty) -> str:
    """A duty as `picked` reads it."""
    return f"{duty.pk}-{duty.owner_id or 0}"


@dataclass(frozen=True)
class Plan:
    """What will follow: the duties that go to somebody; those that stay, each with the reason; and what somebody else
    did with one meanwhile."""

    going: list[QueueRow]
    staying: list[Staying]
    meanwhile: list[str]

    @property
    def for_another(self) -> list[QueueRow]:
        """What stays only because of the person that was chosen."""
        return [each.row for each in self.staying if each.to_another]


def plan(which: Mapping[int, int | None], to: User | None, *, chosen: bool, user: User, today: date) -> Plan:
    """Of the duties that the user may give. `chosen`: whether it is said to whom; before that nothing is judged."""
    teams = teams_held(user, Permission.GIVE_DUTIES)
    rows = Duty.objects.visible_to(user).filter(pk__in=list(which))
    if teams is not None:
        rows = rows.filter(team__in=teams)
    shown = queries.to_show(rows).select_related("ended_by").order_by("late_from", "id")
    going, staying, meanwhile = [], [], []
    for row in queries.queue_rows(shown, user=user, today=today):
        duty = row.shown.duty
        if chosen and (stays := _stays(row, to)):
            staying.append(stays)
            continue
        going.append(row)
        whom = policies.to_whom(to) if chosen else ""
        if happened := refusal(policies.check_owner_is_seen, duty, seen=which[duty.pk], whom=whom):
            meanwhile.append(f"{said(row)}: {happened}")
    return Plan(going, staying, meanwhile)


def _stays(row: QueueRow, to: User | None) -> Staying | None:
    try:
        policies.check_give(row.shown.duty, to)
    except ValidationError as wrong:
        return Staying(row, " ".join(wrong.messages), "to" in getattr(wrong, "error_dict", {}))
    return None


def said(row: QueueRow) -> str:
    """A duty by which it is known among others: what, and on which record."""
    return f"{row.shown.label}, {row.shown.duty.case.urn}"


# --- all of them or none -------------------------------------------------------------------------


class NotGiven(Exception):
    """Some could not be given, so none were: why, by the id of the duty."""

    def __init__(self, refused: dict[int, ValidationError]) -> None:
        super().__init__(f"{len(refused)} refused")
        self.refused = refused


def give_all(duties: Iterable[Duty], *, to: User | None, why: str, seen: Mapping[int, int | None], by: User) -> None:
    """Give each by its own action, in one transaction. Raises NotGiven, and then nothing has changed.

    In the order of their records: of two who give some of the same, one waits for the other, and never both.
    """
    refused: dict[int, ValidationError] = {}
    with transaction.atomic():
        for duty in sorted(duties, key=lambda duty: (duty.case_id, duty.pk)):
            try:
                with transaction.atomic():
                    give_duty(duty, to=to, why=why, seen=seen.get(duty.pk), by=by)
            except ValidationError as wrong:
                refused[duty.pk] = wrong
        if refused:
            raise NotGiven(refused)
