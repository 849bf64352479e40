"""Reads that the pages of a record share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)

from cases.closure import InTheWay
from cases.enums import CHILDREN, ActionState, Kind, Part, State, TransferState
from cases.learned import HOME, RELATION, kept_off
from cases.models import Action, Case, CasePerson, CaseQuerySet, Closure, Entry, Shared, Transfer
from cases.protection import on_plans_of
from cases.restricting import named_on
from deadlines import clock
from deadlines.clock import london_day_end, london_midnight
from pages import words
from people.enums import Relation
from people.models import Person, Relationship, Residence
from team.models import Membership, Team, User
from team.once import Asked, put_together_once
from team.permissions import HOLDERS, Permission


@dataclass
class OnRecord:
    """Somebody on a record: in which part, how old today, where they live, what they are to the children."""

    part: CasePerson
    age: str
    addresses: list[Residence] = field(default_factory=list)
    relations: list[Relationship] = field(default_factory=list)

    @property
    def person(self) -> Person:
        return self.part.person

    @property
    def may_have_harmed(self) -> bool:
        return self.part.part == Part.SUSPECT

    def lives_at(self, home: Residence) -> bool:
        """Whether they were last said to live at the same address."""
        return bool(self.addresses) and self.addresses[0].address_id == home.address_id

    @property
    def relation(self) -> str:
        """What an adult was last said to be to the first of the children: "mother"; empty where not known."""
        first = next((each.to_id for each in self.relations), None)
        known = [each.relation for each in self.relations if each.to_id == first]
        return Relation(known[-1]).words if known and known[-1] != Relation.UNKNOWN else ""


def people_on(case: Case, *, today: date) -> list[OnRecord]:
    """Everybody on a record, in the order in which they were said. Three queries, however many."""
    parts = _parts_on(case)
    homes: dict[int, list[Residence]] = defaultdict(list)
    relations: dict[int, list[Relationship]] = defaultdict(list)
    if parts:
        for home in _homes_on(case):
            homes[home.person_id].append(home)
        for relation in _relations_on(case):
            relations[relation.person_id].append(relation)
    return [
        OnRecord(each, each.person.birth.age(today), homes[each.person_id], relations[each.person_id])
        for each in parts
    ]


@put_together_once
def _parts_on(case: Case) -> QuerySet[CasePerson]:
    rows = CasePerson.objects.filter(case=case, taken_off_at=None).select_related("person")
    return rows.order_by("place", "id")


@put_together_once
def _homes_on(case: Case) -> QuerySet[Residence]:
    people = CasePerson.objects.filter(case=case, taken_off_at=None).values("person")
    rows = Residence.objects.exclude(kept_off(case, HOME)).filter(person__in=people).select_related("address")
    return rows.order_by("-from_on", "-pk")


@put_together_once
def _relations_on(case: Case) -> QuerySet[Relationship]:
    """To the children of the record, the first child first, what was said last at the end."""
    people = CasePerson.objects.filter(case=case, taken_off_at=None).values("person")
    rows = Relationship.objects.exclude(kept_off(case, RELATION)).filter(
        person__in=people, to__parts__case=case, to__parts__part__in=CHILDREN, to__parts__taken_off_at=None
    )
    return rows.select_related("to").order_by("to__parts__place", "pk")


def heading(case: Case) -> dict[str, Any]:
    """What stands at the top of every page of a record: who, where, in whose hands; and the counts of the tabs."""
    today = clock.london_date(case.looked_at) if case.looked_at else clock.today()
    people = people_on(case, today=today)
    children = [each for each in people if each.part.part == Part.CHILD]
    grown_ups = [each for each in people if each.part.part in (Part.ADULT, Part.SUSPECT)]
    home = next((each.addresses[0] for each in children if each.addresses), None)
    return {
        "case": case,
        "today": today,
        "people": people,
        "children": children,
        "home": home.address if home else "",
        "at_home": [each for each in grown_ups if home and each.lives_at(home)],
        "elsewhere": [each for each in grown_ups if not (home and each.lives_at(home))],
        "called": names_of(each.person.with_age(today) for each in children) or "No child named",
        "counts": _counts(case),
        "on_plan": on_plans_of([each.part.person_id for each in people if each.part.part in CHILDREN]),
    }


def _counts(case: Case) -> dict[str, int]:
    """What the tabs of a record say. In SQL: every page of a record asks it, and Django takes ten times as long to
    put it together as PostgreSQL to answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM cases_entry WHERE case_id = %(case)s AND corrects_id IS NULL), "
            "(SELECT count(*) FROM cases_action WHERE case_id = %(case)s AND state = %(open)s), "
            "(SELECT count(*) FROM cases_shared WHERE case_id = %(case)s)",
            {"case": case.pk, "open": ActionState.OPEN},
        )
        return dict(zip(("entries_told", "actions_to_do", "times_shared"), cursor.fetchone(), strict=True))


def names_of(names: Iterable[str]) -> str:
    """ "Ellis Brannock, 4, and Tia Brannock, 9 months"; with a third "…; …; and …"."""
    *first, last = list(names) or [""]
    if not first:
        return last
    if "," not in "".join(first):
        return f"{', '.join(first)} and {last}"
    return f"{first[0]}, and {last}" if len(first) == 1 else f"{'; '.join(first)}; and {last}"


# --- the chronology ------------------------------------------------------------------------------


@dataclass
class Told:
    """An entry with the corrections that stand beside it, the last of which is what is now believed."""

    entry: Entry
    corrections: list[Entry] = field(default_factory=list)

    @property
    def now(self) -> Entry:
        return self.corrections[-1] if self.corrections else self.entry


def chronology(case: Case) -> QuerySet[Entry]:
    """The entries of a record, without corrections: `told` puts those beside what they correct."""
    return Entry.objects.filter(case=case, corrects=None)


def entries_narrowed(
    rows: QuerySet[Entry],
    *,
    kind: str = "",
    person: Person | None = None,
    significant: bool = False,
    from_on: date | None = None,
    to_on: date | None = None,
) -> QuerySet[Entry]:
    """By kind, who it is about, weight, and the London days on which it happened, both included.

    An entry fits by itself or by a correction of it: what was put right must not be left out.
    """
    if kind:
        rows = rows.filter(kind=kind)
    fits = Q()
    if person:
        fits &= Q(people=person)
    if significant:
        fits &= Q(significant=True)
    if from_on:
        fits &= Q(happened_at__gte=london_midnight(from_on))
    if to_on:
        fits &= Q(happened_at__lt=london_day_end(to_on))
    if fits:
        corrected = Entry.objects.filter(fits, corrects=OuterRef("pk"))
        itself = Entry.objects.filter(fits, pk=OuterRef("pk"))
        rows = rows.filter(Exists(itself) | Exists(corrected))
    return rows


def told(entries: Iterable[Entry]) -> list[Told]:
    """Entries with their corrections and whom they are about. Three queries, however many; who wrote each entry is
    for the caller to select with it."""
    rows = {entry.pk: Told(entry) for entry in entries}
    corrections = Entry.objects.filter(corrects__in=rows).select_related("recorded_by").order_by("pk")
    for correction in corrections:
        rows[correction.corrects_id].corrections.append(correction)  # type: ignore[index]
    everything = [*(each.entry for each in rows.values()), *corrections]
    prefetch_related_objects(everything, "people")
    return list(rows.values())


# --- actions, sharing, officers ------------------------------------------------------------------


def actions_of(case: Case) -> QuerySet[Action]:
    """The actions of a record: those to do first, the next due at the top; then what has ended, the latest first."""
    rows = Action.objects.filter(case=case).select_related("owner", "added_by", "ended_by")
    return rows.order_by(F("ended_at").desc(nulls_first=True), "due_on", "id")


def shared_on(case: Case) -> QuerySet[Shared]:
    """What was shared from a record, the latest first."""
    return Shared.objects.filter(case=case).select_related("recorded_by").order_by("-shared_at", "-id")


def officers_for(case: Case, permission: Permission = Permission.WRITE_RECORDS) -> QuerySet[User]:
    """Who works in the record's team today and may do this on its records, by name; their roles there as `here`. On
    a restricted record those named alone."""
    roles = HOLDERS[permission]
    working = Membership.objects.today().filter(team=case.team_id, role__in=roles)
    if case.restricted:
        working = working.filter(user__in=named_on(case).order_by().values("officer"))
    here = Prefetch("memberships", queryset=Membership.objects.today().filter(team=case.team_id), to_attr="here")
    officers = User.objects.people().filter(is_active=True, pk__in=working.values("user"))
    return officers.by_name().prefetch_related(here)


def other_records(case: Case, *, user: User) -> dict[int, list[Case]]:
    """The other records that the people of a record are on, of those the user may open, by the person's id."""
    people = CasePerson.objects.filter(case=case, taken_off_at=None).values("person")
    rows = CasePerson.objects.filter(person__in=people, taken_off_at=None, case__in=Case.objects.visible_to(user))
    found: dict[int, list[Case]] = {}
    for row in rows.exclude(case=case).select_related("case").order_by("-case_id").distinct():
        theirs = found.setdefault(row.person_id, [])
        if row.case not in theirs:
            theirs.append(row.case)
    return found


def taken_off(case: Case) -> QuerySet[CasePerson]:
    """Who was on a record and is no more, the latest first."""
    rows = CasePerson.objects.filter(case=case, taken_off_at__isnull=False)
    return rows.select_related("person").order_by("-taken_off_at", "-pk")


@dataclass
class RecordLine:
    """One line of the list of records."""

    case: Case
    children: list[str] = field(default_factory=list)


def records_narrowed(
    rows: CaseQuerySet, *, user: User, team: Team | None = None, state: str = "", officer: str = ""
) -> CaseQuerySet:
    """By team, by state, and by whose they are: "me", "nobody", or everybody's."""
    if team:
        rows = rows.filter(team=team)
    if state:
        rows = rows.filter(state=state)
    if officer:
        rows = rows.filter(officer_in_case=user if officer == "me" else None)
    return rows


def record_lines(cases: Iterable[Case], *, today: date) -> list[RecordLine]:
    """The lines for some records, with the children's names and ages today. One query, however many."""
    lines = {case.pk: RecordLine(case) for case in cases}
    parts = CasePerson.objects.filter(case__in=lines, part=Part.CHILD, taken_off_at=None).select_related("person")
    for part in parts.order_by("case_id", "place", "id"):
        lines[part.case_id].children.append(part.person.with_age(today))
    return list(lines.values())


def actions_to_do(case: Case) -> QuerySet[Action]:
    """The open actions of a record, the next due first."""
    rows = Action.objects.filter(case=case, state=ActionState.OPEN).select_related("owner", "added_by")
    return rows.order_by("due_on", "id")


def in_the_way_of_closure(case: Case) -> list[InTheWay]:
    """A record closes only when all police actions are complete (HMIC 2010, AFI 2); and not while it waits for the
    answer of another team that is to take it over. One query: every page of a record's overview asks."""
    ((left, team),) = _left_to_do(case)
    found = [InTheWay(f"{words.count(left, 'action')} still to do", "cases:actions_page")] if left else []
    return found + ([InTheWay(f"The transfer to {team} waits for an answer", "cases:transfer")] if team else [])


@put_together_once
def _left_to_do(case: Case) -> QuerySet[Case, Any]:
    to_do = Action.objects.filter(case=OuterRef("pk"), state=ActionState.OPEN).order_by().values("case")
    asked = Transfer.objects.filter(case=OuterRef("pk"), state=TransferState.ASKED).values("to_team__name")
    facts = Case.objects.values_list(Subquery(to_do.annotate(left=Count("pk")).values("left")), Subquery(asked))
    return facts.filter(pk=case.pk)


def since_asked(closure: Closure) -> list[Entry]:
    """What was written on a record since its closure was asked for: whoever answers reads it first."""
    rows = chronology(closure.case).filter(recorded_at__gt=closure.asked_at, kind__in=set(Kind) - {Kind.RECORD})
    return list(rows.select_related("recorded_by").order_by("recorded_at", "id"))


REOPENED = "Record opened again"


def reopened(case: Case) -> Entry | None:
    """The entry that tells why a record was opened again, the last time; None where it never was."""
    rows = chronology(case).filter(title=REOPENED, automatic=True).select_related("recorded_by")
    return rows.order_by("-pk").first()


def closures_of(case: Case) -> QuerySet[Closure]:
    """The requests to close a record, the latest first."""
    return Closure.objects.filter(case=case).select_related("asked_by", "answered_by").order_by("-id")


# Beyond it nobody reads a number of records that wait; and a whole table is never counted.
MOST_COUNTED = 1000


def nobodys_records(team: Team, *, user: User) -> Asked:
    """What counts how many open records of a team that somebody may open have no officer in case; one more than
    MOST_COUNTED stands for "more"."""
    return _nobodys.asked(user, team)


@put_together_once
def _nobodys(user: User, team: Team) -> QuerySet[Case, Any]:
    rows = Case.objects.visible_to(user).filter(team=team, state=State.OPEN, officer_in_case=None).order_by()
    return rows.values_list("pk")[: MOST_COUNTED + 1]
