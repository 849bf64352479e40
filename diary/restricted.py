"""Whose a duty of a restricted record is: nobody but those named would see it as theirs, or be told that it is late
(ADR 34)."""

from __future__ import annotations

from collections.abc import Set

from cases.models import Case, NamedOfficer
from cases.restricting import named_on
from diary.kinds import kind_of, whose_work
from diary.models import Duty
from team.enums import Role
from team.models import Membership, User
from team.permissions import Permission
from team.queries import who_may


def whose_there(duty: Duty, owner: User | None) -> User | None:
    """Who has a duty of a restricted record that falls to somebody, or to nobody by name: they, if they are named
    there; otherwise as `somebody_named`."""
    if owner is not None and named_on(duty.case).filter(officer=owner).exists():
        return owner
    return somebody_named(duty)


def somebody_named(duty: Duty) -> User | None:
    """Who does what is nobody's by name, where nobody who is named and can do it holds its role: of those named who
    can the officer in case, the supervisor, or who was named first. None where whoever holds the role sees it, or
    nobody can do it. Nobody is left with what is about their own work."""
    kind, case = kind_of(duty.kind), duty.case
    if kind is None:
        return None
    theirs = {*whose_work(duty), case.officer_in_case_id} if kind.review else whose_work(duty)
    return _first_named(case, kind.owner_role, kind.permission, but=theirs)


def who_is_told(case: Case, role: Role, permission: Permission) -> User | None:
    """Whom something on a restricted record is told that goes to a role: as `somebody_named`."""
    return _first_named(case, role, permission, but=set())


def _first_named(case: Case, role: Role, permission: Permission, *, but: Set[int | None]) -> User | None:
    named = list(NamedOfficer.objects.filter(case=case, ended_at=None).select_related("officer").order_by("pk"))
    others = {each.officer_id for each in named} - but
    holding = Membership.objects.today().filter(team=case.team, role=role, user__is_active=True)
    if holding.filter(user__in=others).exists():
        return None
    able = who_may(permission, team=case.team) & others
    first = [case.officer_in_case_id, case.supervisor_id]
    order = sorted(named, key=lambda each: first.index(each.officer_id) if each.officer_id in first else len(first))
    return next((each.officer for each in order if each.officer_id in able), None)
