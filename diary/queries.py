"""Reads of duties that pages share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value

from cases.closure import InTheWay
from cases.enums import Part
from cases.models import Case, CasePerson
from deadlines import clock
from deadlines.ages import days_before
from deadlines.clock import london_day_end
from deadlines.due import Due
from diary import duties
from diary.chasing import has_address, waiting_steps
from diary.kinds import kind_of, kinds
from diary.models import Chase, ChaseState, Duty, DutyQuerySet, DutyState, Mail, MailState, Rung, Step, StepState
from diary.outbox import DELAYED_AFTER, going
from team.enums import Role
from team.models import Team, User
from team.permissions import Permission, may

# Beyond it nobody reads a number of duties; and a whole table is never counted.
MOST_COUNTED = 1000


@dataclass(frozen=True)
class DueNext:
    """One duty as a page shows it: what, when and why then, whose, and where it is done."""

    duty: Duty
    label: str
    view: str
    permission: Permission | None
    do: str
    due: Due

    @property
    def when(self) -> date | datetime:
        """The moment on a clock of hours, otherwise the day."""
        return self.due.due_at or self.due.due_on

    @property
    def owner(self) -> str:
        if self.duty.owner:
            return str(self.duty.owner)
        role = Role(self.duty.owner_role).short
        return f"{role[:1].upper()}{role[1:]}"


def due_next(case: Case) -> list[DueNext]:
    """The open duties of a record, the next to run out first. One query."""
    rows = Duty.objects.filter(case=case, state=DutyState.OPEN).select_related("owner").order_by("late_from", "id")
    return [as_shown(duty) for duty in rows]


def as_shown(duty: Duty) -> DueNext:
    """A duty with the words of its kind; the bare code where no room knows the kind, so that it is seen and asked
    about."""
    kind = kind_of(duty.kind)
    if kind is None:
        return DueNext(duty, duty.kind, "", None, "", duty.reckoned)
    return DueNext(duty, kind.label, kind.view, kind.permission, kind.do, duty.reckoned)


def duties_in_the_way(case: Case) -> list[InTheWay]:
    """What of the open duties stands in the way of closure. A kind nobody knows does too: then somebody asks."""
    found = []
    for duty in Duty.objects.filter(case=case, state=DutyState.OPEN).order_by("late_from", "id"):
        kind = kind_of(duty.kind)
        if kind is None:
            found.append(InTheWay(f"A duty that CAIT does not know is open: {duty.kind}", "workbench:case"))
        elif kind.in_the_way:
            found.append(InTheWay(kind.in_the_way, kind.view))
    return found


def ends_with_the_record(case: Case) -> list[str]:
    """Open duties that do not stand in the way, and will end undone when the record is closed; all but its answer."""
    known = [kind for due in due_next(case) if (kind := kind_of(due.duty.kind)) and not kind.in_the_way]
    return [kind.label for kind in known if kind != duties.CLOSURE]


# --- queues --------------------------------------------------------------------------------------


def mine(user: User) -> Q:
    """A person's duties: given to them by name, or to nobody by name and to a role that they hold in the team."""
    held: dict[int, set[str]] = {}
    for membership in user.roles_today:
        held.setdefault(membership.team_id, set()).add(membership.role)
    by_role = Q(pk__in=[])
    for team, roles in held.items():
        by_role |= Q(team=team, owner=None, owner_role__in=roles)
    return Q(owner=user) | by_role


def narrowed(
    rows: DutyQuerySet,
    *,
    user: User,
    now: datetime,
    team: Team | None = None,
    whose: str = "",
    kind: str = "",
    by: str = "",
    began: str = "",
) -> DutyQuerySet:
    """The open duties of somebody ("mine"), of an officer in case ("my_records") or of all; of a team; of a kind;
    those that are late, or due by today or within a week; and what began in CAIT ("cait") or was brought in from an
    old log ("old_log")."""
    rows = rows.filter(state=DutyState.OPEN)
    if team:
        rows = rows.filter(team=team)
    if whose == "mine":
        rows = rows.filter(mine(user))
    elif whose == "my_records":
        rows = rows.filter(Q(case__officer_in_case=user) | Q(case__supervisor=user))
    if kind:
        rows = rows.filter(kind=kind)
    if began:
        rows = rows.filter(from_before=began == "old_log")
    if by:
        rows = rows.filter(late_from__lte=until(by, now))
    return rows


def until(by: str, now: datetime) -> datetime:
    """The moment up to which something is late ("late"), due by today ("today") or within a week ("week"): what runs
    out by then is counted. A week ends with the seventh day from today."""
    if by == "late":
        return now
    today = clock.london_date(now)
    return london_day_end(today if by == "today" else days_before(-7, today))


@dataclass
class QueueRow:
    """One line of a queue: the duty, which children, and what was written to a partner about it."""

    shown: DueNext
    may_do: bool
    children: list[str] = field(default_factory=list)
    progress: str = ""


def queue_rows(of: Iterable[Duty], *, user: User, today: date) -> list[QueueRow]:
    """The lines for some duties. Two queries however many there are; record and owner are selected with them."""
    rows = {duty.pk: QueueRow(as_shown(duty), False) for duty in of}
    by_case: dict[int, list[QueueRow]] = {}
    for row in rows.values():
        by_case.setdefault(row.shown.duty.case_id, []).append(row)
        permission = row.shown.permission
        row.may_do = permission is not None and may(user, permission, team=row.shown.duty.team)
    parts = CasePerson.objects.filter(case__in=by_case, part=Part.CHILD, taken_off_at=None).select_related("person")
    for part in parts.order_by("case_id", "place", "id"):
        for row in by_case[part.case_id]:
            row.children.append(part.person.with_age(today))
    if chased := [pk for pk, row in rows.items() if _is_chased(row.shown.duty)]:
        for chase in chases_of(chased):
            rows[chase.duty_id].progress = progress_of(chase)
    return list(rows.values())


def _is_chased(duty: Duty) -> bool:
    kind = kind_of(duty.kind)
    return kind is not None and kind.partner is not None


def chases_of(duties: Iterable[int] | QuerySet[Any]) -> QuerySet[Chase]:
    """The chases of some duties, with what `progress_of` says of them: one query however many."""
    steps = Step.objects.filter(duty=OuterRef("duty"))
    sent = steps.filter(mail__state=MailState.SENT)
    chased = sent.filter(number__gte=1).order_by().values("duty").annotate(number_of=Count("pk")).values("number_of")
    rung = Rung.objects.filter(team=OuterRef("duty__team"), partner=OuterRef("partner"), ended_at=None)
    return (
        Chase.objects.filter(duty__in=duties)
        .select_related("duty")
        .annotate(
            asked=Exists(sent),
            chased=Subquery(chased),
            waits=Exists(steps.filter(Q(state=StepState.WAITING) | Q(mail__state=MailState.QUEUED))),
            has_address=Exists(rung),
        )
    )


def progress_of(chase: Any) -> str:
    """How far a chase of `chases_of` has come, in a few words; what somebody must act on comes first."""
    if chase.state == ChaseState.SET_ASIDE:
        return "Could not be checked: ring the help desk"
    if chase.state == ChaseState.PAUSED:
        return "Answered, to be judged"
    if chase.duty.held_at:
        return "Emails held back"
    if chase.waits and not chase.has_address:
        return "Not sent: no address is approved"
    if chase.chased:
        return "Chased once" if chase.chased == 1 else f"Chased {chase.chased} times"
    return "Asked" if chase.asked else "Request is being sent"


def kind_choices() -> list[tuple[str, str]]:
    """Every kind of duty, for a filter."""
    return [(kind.code, kind.label) for kind in kinds()]


@dataclass(frozen=True)
class Counts:
    """How many duties are late, due by today and within a week, each with the ones before it; MOST_COUNTED + 1
    stands for "more"."""

    late: int
    today: int
    week: int


def counts(rows: DutyQuerySet, *, user: User, now: datetime, **asked: Any) -> Counts:
    """How many of the duties that fit are late, due by today, due within a week. One query: the first to run out."""
    fitting = narrowed(rows, user=user, now=now, **{**asked, "by": "week"}).order_by("late_from", "id")
    run_out = list(fitting.values_list("late_from", flat=True)[: MOST_COUNTED + 1])
    late, today = (sum(1 for each in run_out if each <= until(by, now)) for by in ("late", "today"))
    return Counts(late, today, len(run_out))


# --- what goes wrong -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """What of a team's chasing does not work and somebody must act on; each number stops at MOST_COUNTED."""

    set_aside: int
    delayed: int
    no_address: int

    def __bool__(self) -> bool:
        return bool(self.set_aside or self.delayed or self.no_address)


def trouble(teams: Iterable[Team | int] | None, *, now: datetime) -> Trouble:
    """Chases that could not be checked, emails that have not gone for a while, or have no address. One query.

    `teams`: None for every team.
    """
    within: dict[str, Any] = {"duty__state": DutyState.OPEN}
    if teams is not None:
        within["duty__team__in"] = list(teams)
    of_mail = {f"step__{name}": value for name, value in within.items()}
    unsent = Mail.objects.filter(going(), state=MailState.QUEUED, **of_mail)
    found: dict[str, list[QuerySet[Any]]] = {
        "set_aside": [Chase.objects.filter(state=ChaseState.SET_ASIDE, **within)],
        "delayed": [
            unsent.filter(has_address("step__"), written_at__lte=now - DELAYED_AFTER),
            waiting_steps().filter(has_address(), raised_at__lte=now - DELAYED_AFTER, **within),
        ],
        "no_address": [waiting_steps().filter(~has_address(), **within), unsent.filter(~has_address("step__"))],
    }
    capped = [
        rows.order_by().annotate(what=Value(what)).values_list("what", flat=True)[: MOST_COUNTED + 1]
        for what, of in found.items()
        for rows in of
    ]
    said = Counter(capped[0].union(*capped[1:], all=True))
    return Trouble(**{what: min(said[what], MOST_COUNTED + 1) for what in found})


def steps_of(duty: Duty) -> list[Step]:
    """What was asked and chased about a duty, with the email of each, in order."""
    return list(Step.objects.filter(duty=duty).select_related("mail").order_by("number"))
