"""The one email a day that tells each person what is late and what is due: numbers and kinds, nothing of a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from cases.models import Case, NamedOfficer
from deadlines import clock
from deadlines.clock import london_day_end
from diary.kinds import kind_of
from diary.models import Digest, Duty, DutyState, MailState
from pages.words import day
from team.models import Membership, User
from team.permissions import HOLDERS, Permission

# In London: before the early turn begins. Of a sweep that comes later the email is later; of a day missed it is left.
FROM_HOUR = 6
NOTHING = "Nothing is due"


class Due(NamedTuple):
    """How many duties of one kind are late, and how many run out today."""

    kind: str
    late: int
    today: int


def write_digests() -> None:
    """Write down today's email of everybody who works here and has an address, once for each day.

    Who has nothing due gets none, and a line that says so: the work of finding it out is done once. Nobody who has
    left, or has no role today, is written to.
    """
    now = clock.now()
    today = clock.london_date(now)
    _withdraw_missed(today)
    if now < clock.london_at(today, FROM_HOUR):
        return
    people = _people(today)
    if not people:
        return
    due = _what_is_due(now, today)
    Digest.objects.bulk_create(
        (_written(user, roles, due, today) for user, roles in people.values()), ignore_conflicts=True
    )


def _withdraw_missed(today: date) -> None:
    """What could not go on its day says nothing new the day after. What is being sent just now is left alone."""
    missed = Digest.objects.filter(state=MailState.QUEUED, on__lt=today)
    if not missed.exists():
        return
    with transaction.atomic():
        for digest in missed.select_for_update(of=("self",), skip_locked=True).order_by("pk"):
            digest.state = MailState.WITHDRAWN
            digest.save()


def works_here() -> Q:
    """Which memberships of today can be written to."""
    seers = sorted(HOLDERS[Permission.SEE_RECORDS])
    return Q(user__is_active=True, role__in=seers) & ~Q(user__email="")


def _people(today: date) -> dict[int, tuple[User, list[Membership]]]:
    """Everybody who has no email of today yet, with their roles."""
    written = Digest.objects.filter(person=OuterRef("user"), on=today)
    rows = Membership.objects.today().filter(works_here(), ~Exists(written)).select_related("user")
    people: dict[int, tuple[User, list[Membership]]] = {}
    for membership in rows.order_by("user_id", "id"):
        people.setdefault(membership.user_id, (membership.user, []))[1].append(membership)
    return people


# Team, owner, role; and of a restricted record who (ids) is named on it.
Whose = tuple[int, int | None, str, frozenset[int] | None]


def _if_restricted() -> Any:
    """The record (id) of a duty, where only those named on it may know of it."""
    return Subquery(Case.objects.filter(pk=OuterRef("case"), restricted=True).values("pk"))


def _named_on(cases: set[int]) -> dict[int | None, frozenset[int]]:
    found: dict[int | None, set[int]] = {case: set() for case in cases}
    if cases:
        rows = NamedOfficer.objects.filter(case__in=cases, ended_at=None)
        for case, officer in rows.values_list("case_id", "officer_id"):
            found[case].add(officer)
    return {case: frozenset(officers) for case, officers in found.items()}


def _what_is_due(now: datetime, today: date) -> dict[Whose, list[Due]]:
    """By team, owner and role, what is late or runs out today: one query, and one more where records are restricted.
    What old logs brought in is left out: it was late before CAIT knew of it, and stands in a list of its own."""
    rows = Duty.objects.filter(state=DutyState.OPEN, from_before=False, late_from__lte=london_day_end(today))
    counted: Any = (
        rows.order_by()
        .values_list("team_id", "owner_id", "owner_role", "kind", _if_restricted())
        .annotate(late=Count("pk", filter=Q(late_from__lte=now)), all=Count("pk"))
    )
    counted = list(counted)
    named = _named_on({restricted for *_, restricted, _, _ in counted} - {None})
    found: dict[Whose, list[Due]] = {}
    for team, owner, role, kind, restricted, late, everything in counted:
        whose = team, owner, "" if owner else role, named.get(restricted)
        found.setdefault(whose, []).append(Due(kind, late, everything - late))
    return found


def _of(user: User, roles: Iterable[Membership], due: dict[Whose, list[Due]]) -> Iterator[Due]:
    """As `queries.mine`, of the records that they may open: given to them by name, or to nobody by name and to a role
    that they hold in the team."""
    for (team, owner, role, named), found in due.items():
        if named is not None and user.pk not in named:
            continue
        here = [m for m in roles if m.team_id == team or m.is_of_command]
        by_role = owner is None and any(m.team_id == team and m.role == role for m in here)
        if by_role or (owner == user.pk and here):
            yield from found


def _written(user: User, roles: list[Membership], due: dict[Whose, list[Due]], on: date) -> Digest:
    late, today = Counter[str](), Counter[str]()
    for each in _of(user, roles, due):
        late[each.kind] += each.late
        today[each.kind] += each.today
    digest = Digest(person=user, on=on, address=user.email)
    digest.message_id = f"<digest.{user.pk}.{on:%Y%m%d}@{settings.MAIL_FROM.rpartition('@')[2]}>"
    if not late.total() + today.total():
        digest.subject, digest.state = NOTHING, MailState.WITHDRAWN
        return digest
    digest.subject = f"CAIT: {late.total()} late, {today.total()} due today"
    parts = [f"{user}, this is what is yours to do on {day(on)}."]
    parts += [_listed("Late", late), _listed("Due today", today)]
    parts += ["Open CAIT and choose Queues to see of which children, and why each date is that date."]
    digest.text = "\n\n".join(part for part in parts if part) + "\n"
    return digest


def _listed(heading: str, of: Counter[str]) -> str:
    lines = [f"  {number:>4}  {_label(kind)}" for kind, number in of.most_common() if number]
    return "\n".join([f"{heading}: {of.total()}", *lines]) if lines else ""


def _label(code: str) -> str:
    kind = kind_of(code)
    return kind.label if kind else code
