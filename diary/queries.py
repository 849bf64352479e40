"""Reads of duties that pages share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    CharField,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, JSONObject

from cases.closure import InTheWay
from cases.enums import Part
from cases.models import Case, CasePerson, NamedOfficer
from deadlines import clock
from deadlines.ages import days_before
from deadlines.clock import london_day_end
from deadlines.due import Due
from diary import duties
from diary.chasing import has_address, waiting_steps
from diary.kinds import DutyKind, kind_of, kinds, kinds_apart
from diary.models import (
    Chase,
    ChaseState,
    Check,
    Duty,
    DutyQuerySet,
    DutyState,
    Mail,
    MailState,
    Rung,
    Step,
    StepState,
    Watch,
)
from diary.outbox import DELAYED_AFTER, going
from diary.pairs import reviews, with_reviews
from diary.withheld import NOTHING_WITHHELD, Withheld, withheld_of
from diary.withheld import asked as withheld_asked
from people.births import Birth
from people.enums import BirthKnown
from people.said import PersonSaid, with_age
from team.enums import Role
from team.models import Membership, Team, User
from team.once import put_together_once
from team.permissions import HOLDERS, Permission, may

# Beyond it nobody reads a number of duties; and a whole table is never counted.
MOST_COUNTED = 1000
# When the last nightly check of duties is older than this, pages say so: one night is missed.
CHECK_OVERDUE_AFTER = timedelta(hours=30)
# How a filter asks for the records that have no level yet.
NOT_ASSESSED = "none"


@dataclass(frozen=True)
class DueNext:
    """One duty as a page shows it: what, when and why then, whose, and where it is done."""

    duty: Duty
    label: str
    view: str
    permission: Permission | None
    do: str
    # Where on that page, where it shows many: "#gap-12".
    anchor: str = ""

    @property
    def due(self) -> Due:
        """The date with the reason for it: read from what was stored only where it is asked for."""
        return self.duty.reckoned

    @property
    def when(self) -> date | datetime:
        """The moment on a clock of hours, otherwise the day."""
        return self.duty.due_at or self.duty.due_on

    @property
    def owner(self) -> str:
        if self.duty.owner:
            return str(self.duty.owner)
        role = Role(self.duty.owner_role).short
        return f"{role[:1].upper()}{role[1:]}"


def due_next(case: Case) -> list[DueNext]:
    """The open duties of a record, the next to run out first. One query."""
    return [as_shown(duty) for duty in _open_on(case)]


@put_together_once
def _open_on(case: Case) -> DutyQuerySet:
    rows = Duty.objects.filter(case=case, state=DutyState.OPEN).select_related("owner")
    return rows.order_by("late_from", "id")


def ended_of(case: Case) -> DutyQuerySet:
    """The duties of a record that have ended; by `over_at`, which is never empty, they are put in order."""
    over_at = Coalesce("ended_at", "raised_at", output_field=DateTimeField())
    return Duty.objects.filter(case=case).exclude(state=DutyState.OPEN).annotate(over_at=over_at)


def as_shown(duty: Duty) -> DueNext:
    """A duty with the words of its kind; the bare code where no room knows the kind, so that it is seen and asked
    about."""
    kind = kind_of(duty.kind)
    if kind is None:
        return DueNext(duty, duty.kind, "", None, "")
    anchor = f"#{kind.anchor}-{duty.subject}" if kind.anchor else ""
    return DueNext(duty, kind.label, kind.view, kind.permission, kind.do, anchor)


def duties_in_the_way(case: Case) -> list[InTheWay]:
    """What of the open duties stands in the way of closure. A kind nobody knows does too: then somebody asks."""
    found = []
    for (code,) in _kinds_open_on(case):
        kind = kind_of(code)
        if kind is None:
            found.append(InTheWay(f"A duty that CAIT does not know is open: {code}", "workbench:case"))
        elif kind.in_the_way:
            found.append(InTheWay(kind.in_the_way, kind.view))
    return found


@put_together_once
def _kinds_open_on(case: Case) -> QuerySet[Duty, Any]:
    return Duty.objects.filter(case=case, state=DutyState.OPEN).order_by("late_from", "id").values_list("kind")


def ends_with_the_record(case: Case) -> list[str]:
    """Open duties that do not stand in the way, and will end undone when the record is closed; all but its answer
    and its actions, of which the record itself says that they stand in the way."""
    known = [kind for due in due_next(case) if (kind := kind_of(due.duty.kind)) and not kind.in_the_way]
    return [kind.label for kind in known if kind not in (duties.ACTION, duties.CLOSURE)]


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


def nobodys() -> Q:
    """Which duties no person is there to do today: the one who has it has left the team, has no account any more or
    holds no role in which they could do it; or nobody has it by name, and nobody holds its role in the team. On a
    restricted record only those count who are named on it."""
    here = Membership.objects.today().filter(team=OuterRef("team"), user__is_active=True)
    by_name = here.filter(user=OuterRef("owner"))
    of_permission: dict[Permission, list[str]] = {}
    for kind in kinds():
        of_permission.setdefault(kind.permission, []).append(kind.code)
    # Of a kind that no room knows nobody can say who does it.
    can_do = Q(Exists(by_name)) & ~Q(kind__in=[kind.code for kind in kinds()])
    for permission, codes in of_permission.items():
        can_do |= Q(Exists(by_name.filter(role__in=HOLDERS[permission])), kind__in=codes)
    of_role = here.filter(role=OuterRef("owner_role"))
    named = NamedOfficer.objects.filter(case=OuterRef("case"), ended_at=None)
    may_know = NamedOfficer.objects.filter(case=OuterRef(OuterRef("case")), ended_at=None).values("officer")
    of_owner = Q(owner__isnull=False) & ~Exists(named.filter(officer=OuterRef("owner")))
    nobody_named = Q(owner=None) & ~Exists(of_role.filter(user__in=may_know)) | of_owner
    hidden = Q(case__in=Case.objects.filter(restricted=True).values("pk")) & nobody_named
    nobody_by_role = Q(owner=None) & ~Exists(of_role)
    return nobody_by_role | Q(owner__isnull=False) & ~can_do | hidden


def narrowed(
    rows: DutyQuerySet,
    *,
    user: User,
    now: datetime,
    team: Team | None = None,
    my_team: Team | None = None,
    whose: str = "",
    kind: Sequence[str] = (),
    by: str = "",
    level: str = "",
    officer: int | None = None,
    began: str = "",
    every_kind: bool = False,
) -> DutyQuerySet:
    """The open duties of somebody ("mine"), of the team they work in just now ("my_team"), of an officer in case
    ("my_records"), of nobody who is there ("nobodys") or of all; of a team; of some kinds; those that are late, or
    due by today or within a week; of records on one level ("none": not assessed); that an officer has by name or as
    officer in case; and what began in CAIT ("cait") or was brought in from an old log ("old_log"). What has a list of
    its own is in no other until somebody has it by name, but for lists of `every_kind`.

    Records are found first where they are few, and the duties asked whether they are of them: so an index of open
    duties is read in its order, and no further than the page.
    """
    rows = rows.filter(state=DutyState.OPEN)
    if team:
        rows = rows.filter(team=team)
    if whose == "mine":
        rows = rows.filter(mine(user))
    elif whose == "my_team":
        rows = rows.filter(team=my_team)
    elif whose == "my_records":
        mine_to_lead = Case.objects.filter(Q(officer_in_case=user) | Q(supervisor=user))
        rows = rows.filter(case__in=mine_to_lead.values("pk"))
    elif whose == "nobodys":
        rows = rows.filter(nobodys())
    if kind:
        rows = rows.filter(kind__in=kind)
    elif not every_kind:
        rows = rows.exclude(kind__in=[each.code for each in kinds_apart()], from_before=True)
    if level:
        # A subquery and no join: joined, a level that few records have would be looked for among all of them.
        of_case = Case.objects.filter(pk=OuterRef("case")).values("level")
        rows = rows.alias(level=Subquery(of_case)).filter(level="" if level == NOT_ASSESSED else level)
    if officer:
        in_case = Case.objects.filter(officer_in_case=officer).values("pk")
        rows = rows.filter(Q(owner=officer) | Q(case__in=in_case))
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
    # By when one review answers this one and another of the record; None where it stands by itself.
    one_review_by: date | None = None


DAYS = ("born_earliest", "born_latest", "expected_on")
CHILD = ("given_names", "family_name", "birth_known", *DAYS)
OF_CHASE = ("asked", "chased", "waits", "has_address")
NAMES = ("rank", "given_names", "family_name")
# What a row of the queue says: of fifty rows the rest is not read, the stored reasons above all.
IN_A_ROW = (
    *(
        "case",
        "team",
        "kind",
        "subject",
        "about",
        "owner",
        "owner_role",
        "due_on",
        "due_at",
        "late_from",
        "from_before",
        "held_at",
    ),
    *("case__number", "case__urn", "case__level", "case__restricted", "team__name", "chase__duty", "chase__state"),
    *(f"{who}__{name}" for who in ("owner", "case__officer_in_case") for name in NAMES),
)


def to_show(rows: DutyQuerySet) -> DutyQuerySet:
    """Duties with all that `queue_rows` says of them, in one query however many: the children of each record and how
    far its chasing has come are looked up for the rows that are shown, and for no others."""
    return rows.select_related("case__officer_in_case", "owner", "team", "chase").annotate(
        told_children=_told_children(), **_of_chase("pk", team="team", partner="chase__partner")
    )


def rows_of_queue() -> DutyQuerySet:
    """Every duty with all that a row of the queue says of it, to be narrowed: as `to_show`, and the reviews that one
    review may answer with it."""
    return _rows_of_queue(reviews())


@lru_cache(maxsize=8)
def _rows_of_queue(codes: tuple[str, ...]) -> DutyQuerySet:
    """The same for every list, so put together once: that takes longer than to read the rows."""
    rows = with_reviews(to_show(Duty.objects.all()), codes)
    rows.query.annotations = {name: _Kept(each) for name, each in rows.query.annotations.items()}
    return rows


class _Kept(ExpressionWrapper):
    """What is looked up for each row, with its SQL, which is the same as long as no alias changes: then it is copied,
    and put together anew."""

    def __init__(self, of: Any) -> None:
        super().__init__(of, output_field=of.output_field)
        self.kept: Any = None

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if self.kept is None:
            self.kept = super().as_sql(compiler, connection)
        return self.kept

    def copy(self) -> Any:
        other = super().copy()
        other.kept = None
        return other


@cache
def _told_children() -> ArraySubquery:
    """The children of a duty's record. The same for every list, so worked out once."""
    children = CasePerson.objects.filter(case=OuterRef("case"), part=Part.CHILD, taken_off_at=None)
    named = JSONObject(**{name: f"person__{name}" for name in CHILD})
    return ArraySubquery(children.order_by("place", "id").values(named=named))


def queue_rows(of: Iterable[Duty], *, user: User, today: date) -> list[QueueRow]:
    """The lines for some duties of `to_show`. No query."""
    rows = []
    allowed: dict[tuple[int, Permission | None], bool] = {}
    for duty in of:
        shown = as_shown(duty)
        asked = duty.team_id, shown.permission
        if asked not in allowed:
            allowed[asked] = shown.permission is not None and may(user, shown.permission, team=duty.team)
        row = QueueRow(shown, allowed[asked])
        row.children = [_child(told, today) for told in duty.told_children]  # type: ignore[attr-defined]
        if chase := getattr(duty, "chase", None):
            for name in OF_CHASE:
                setattr(chase, name, getattr(duty, name))
            row.progress = progress_of(chase)
        rows.append(row)
    return rows


def _child(told: dict[str, str], today: date) -> str:
    """As `Person.with_age` says them; without a model for each, of which a page would have a hundred."""
    birth = Birth(BirthKnown(told["birth_known"]), *(date.fromisoformat(told[d]) if told[d] else None for d in DAYS))
    said = PersonSaid(told["given_names"], told["family_name"], birth)
    return with_age(said.full_name, birth, today)


@cache
def _of_chase(duty: str, *, team: str, partner: str) -> dict[str, Any]:
    """What `progress_of` says of a chase: whether anything was sent, how many chases, whether something waits, and
    whether there is an address for it. The same for every list, so worked out once."""
    steps = Step.objects.filter(duty=OuterRef(duty))
    sent = steps.filter(mail__state=MailState.SENT)
    chased = sent.filter(number__gte=1).order_by().values("duty").annotate(number_of=Count("pk")).values("number_of")
    return {
        "asked": Exists(sent),
        "chased": Subquery(chased),
        "waits": Exists(steps.filter(Q(state=StepState.WAITING) | Q(mail__state=MailState.QUEUED))),
        "has_address": Exists(Rung.objects.filter(team=OuterRef(team), partner=OuterRef(partner), ended_at=None)),
    }


def chases_of(duties: Iterable[int] | QuerySet[Any]) -> QuerySet[Chase]:
    """The chases of some duties, with what `progress_of` says of them: one query however many."""
    rows = Chase.objects.filter(duty__in=duties).select_related("duty")
    return rows.annotate(**_of_chase("duty", team="duty__team", partner="partner"))


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
    """How many duties are late, due by today, due within a week, and open at all, each with the ones before it;
    MOST_COUNTED + 1 stands for "more"."""

    late: int
    today: int
    week: int
    all: int


NOTHING_COUNTED = Counts(0, 0, 0, 0)


def counts(rows: DutyQuerySet, *, user: User, now: datetime, **asked: Any) -> Counts:
    """How many of the duties that fit are late, due by today, within a week, at all. One query: of the first to run
    out, and no more than are counted."""
    try:
        statement, values = _counts_asked(rows, user=user, now=now, **asked)
    except EmptyResultSet:  # of no team, or where nothing may be counted
        return NOTHING_COUNTED
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return Counts(*cursor.fetchone())


def _counts_asked(rows: DutyQuerySet, *, user: User, now: datetime, **asked: Any) -> tuple[str, list[Any]]:
    """Written by hand around the statement of the ORM: `aggregate` takes longer to put it together than to count."""
    fitting = narrowed(rows, user=user, now=now, **{**asked, "by": ""}).order_by("late_from", "id")
    of_first, values = fitting.values("late_from")[: MOST_COUNTED + 1].query.sql_with_params()
    upto = "count(*) FILTER (WHERE late_from <= %s)"
    statement = f"SELECT {upto}, {upto}, {upto}, count(*) FROM ({of_first}) AS first"  # noqa: S608
    return statement, [*(until(by, now) for by in ("late", "today", "week")), *values]


@dataclass(frozen=True)
class Apart:
    """How many open duties there are in the list of its own that a kind has."""

    kind: DutyKind
    number: int


def _apart_asked(rows: DutyQuerySet, team: Team | None) -> tuple[str, Sequence[Any]]:
    """The kind of each open duty of the lists of their own, of some duties; of one team, where it is asked for; no
    more than are counted."""
    codes = [kind.code for kind in kinds_apart()]
    found = rows.filter(state=DutyState.OPEN, from_before=True, kind__in=codes).order_by()
    found = found.filter(team=team) if team else found
    return found.values_list("kind", flat=True)[: MOST_COUNTED + 1].query.sql_with_params()


def _apart_of(said: Iterable[str]) -> list[Apart]:
    found = Counter(said)
    return [Apart(kind, found[kind.code]) for kind in kinds_apart() if found[kind.code]]


# --- what goes wrong -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """What of a team's diary does not work and somebody must act on; each number stops at MOST_COUNTED.

    `set_aside`: chases that could not be checked; `not_told`: late duties of which nobody could be told;
    `unchecked`: 1 where the nightly check of duties was not finished for too long.
    """

    set_aside: int
    delayed: int
    no_address: int
    not_told: int = 0
    unchecked: int = 0

    def __bool__(self) -> bool:
        return any((self.set_aside, self.delayed, self.no_address, self.not_told, self.unchecked))


def overdue_check(now: datetime) -> QuerySet[Check]:
    """A check of duties that began too long ago, where none has been finished since. Before the first none is
    missed."""
    since = now - CHECK_OVERDUE_AFTER
    return Check.objects.filter(
        ~Exists(Check.objects.filter(ended_at__gt=since, ended_at__lte=now)), began_at__lte=since
    )


def trouble(teams: Iterable[Team | int] | None, *, now: datetime) -> Trouble:
    """What could not be checked or told, and emails that have not gone for a while, or have no address. One query.

    `teams`: None for every team.
    """
    statement, values = _trouble_asked_of(teams, now)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return _trouble_of(what for (what,) in cursor.fetchall())


def counts_and_trouble(
    rows: DutyQuerySet, teams: Iterable[Team | int] | None, *, user: User, now: datetime, **asked: Any
) -> tuple[Counts, Trouble, list[Apart], Withheld]:
    """`counts` of some duties, `trouble` of some teams, which of the lists of their own have how many of the duties
    in them, and what is withheld (`diary.withheld`), both of the team that is asked for: all in one query, and one
    more where something is withheld."""
    try:
        counted, values = _counts_asked(rows, user=user, now=now, **asked)
        team = asked.get("team") or (asked.get("my_team") if asked.get("whose") == "my_team" else None)
        apart, of_apart = _apart_asked(rows, team)
    except EmptyResultSet:
        return NOTHING_COUNTED, trouble(teams, now=now), [], NOTHING_WITHHELD
    wrong, of_wrong = _trouble_asked_of(teams, now)
    hidden, of_hidden = withheld_asked(user, now=now, team=team)
    several = ", ".join(f"ARRAY({each})" for each in (wrong, apart, hidden))
    with connection.cursor() as cursor:
        statement = f"SELECT {several}, counted.* FROM ({counted}) AS counted"  # noqa: S608
        cursor.execute(statement, [*of_wrong, *of_apart, *of_hidden, *values])
        said, kinds_there, on_restricted, *numbers = cursor.fetchone()
    return Counts(*numbers), _trouble_of(said), _apart_of(kinds_there), withheld_of(on_restricted, user=user)


def _trouble_of(said: Iterable[str]) -> Trouble:
    found = Counter(said)
    return Trouble(**{what: min(found[what], MOST_COUNTED + 1) for what in WHAT})


def _trouble_asked_of(teams: Iterable[Team | int] | None, now: datetime) -> tuple[str, list[Any]]:
    ids = None if teams is None else sorted(team if isinstance(team, int) else team.pk for team in teams)
    statement, asked = _trouble_asked(None if ids is None else len(ids))
    known: dict[Any, Any] = {_NOW: now}
    known |= {_NOW - back: now - back for back in (DELAYED_AFTER, CHECK_OVERDUE_AFTER)}
    known |= {_TEAM - place: team for place, team in enumerate(ids or ())}
    return statement, [known.get(each, each) for each in asked]


WHAT = tuple(each.name for each in fields(Trouble))
# They stand in the statement for the moment and the teams of whoever asks.
_NOW, _TEAM = datetime(1900, 1, 1, tzinfo=UTC), -1_000_000_000


@cache
def _trouble_asked(teams: int | None) -> tuple[str, tuple[Any, ...]]:
    """The statement for so many teams, worked out once: that takes ten times as long as to run it, and every queue
    and Today ask it."""
    now = _NOW
    within: dict[str, Any] = {"duty__state": DutyState.OPEN}
    if teams is not None:
        within["duty__team__in"] = [_TEAM - place for place in range(teams)]
    of_mail = {f"step__{name}": value for name, value in within.items()}
    unsent = Mail.objects.filter(going(), state=MailState.QUEUED, **of_mail)
    found: dict[str, list[QuerySet[Any]]] = {
        "set_aside": [Chase.objects.filter(state=ChaseState.SET_ASIDE, **within)],
        "delayed": [
            unsent.filter(has_address("step__"), written_at__lte=now - DELAYED_AFTER),
            waiting_steps().filter(has_address(), raised_at__lte=now - DELAYED_AFTER, **within),
        ],
        "not_told": [Watch.objects.filter(set_aside_at__isnull=False, **within)],
        "unchecked": [overdue_check(now)],
        "no_address": [waiting_steps().filter(~has_address(), **within), unsent.filter(~has_address("step__"))],
    }
    capped = []
    for what, of in found.items():
        for rows in of:
            with suppress(EmptyResultSet):  # of no team
                said = rows.order_by().annotate(what=Value(what, output_field=CharField()))
                capped.append(said.values_list("what", flat=True)[: MOST_COUNTED + 1].query.sql_with_params())
    return " UNION ALL ".join(f"({sql})" for sql, _ in capped), tuple(each for _, params in capped for each in params)


def steps_of(duty: Duty) -> list[Step]:
    """What was asked and chased about a duty, with the email of each, in order."""
    return list(Step.objects.filter(duty=duty).select_related("mail").order_by("number"))
