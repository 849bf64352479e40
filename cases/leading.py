"""On which record the reviews of a child hang: of several open ones about the same child, one leads (ADR 25)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from cases.enums import Part, State
from cases.models import Case, CasePerson, Lead
from cases.opening import opening
from cases.restricting import hidden_in
from people.models import Person
from team.models import Team, User
from team.once import put_together_once


def leaders(cases: Collection[int]) -> dict[int, list[Case]]:
    """Of each of some open records (ids) that does not lead: the other records on which the reviews of all its
    children hang. Nothing of a record that leads for at least one child, or is about none. Four queries at most."""
    children: dict[int, list[int]] = {}
    for case, child in _open_parts(sorted(cases)) if cases else ():
        children.setdefault(case, []).append(child)
    stands = stands_of({child for theirs in children.values() for child in theirs})
    led = {
        case: list(dict.fromkeys(stands[child].leads for child in theirs))
        for case, theirs in children.items()
        if all(stands[child].leads != case for child in theirs)
    }
    leading = {pk for each in led.values() for pk in each}
    rows = Case.objects.select_related("team").in_bulk(leading) if leading else {}
    return {case: [rows[pk] for pk in each] for case, each in led.items()}


def led_by(case: Case) -> list[Case]:
    """As `leaders`, of one record; empty where it leads."""
    return leaders([case.pk]).get(case.pk, [])


@dataclass(frozen=True)
class Leads:
    """A child with several open records: which of these leads, and who chose it; nobody, where it is the oldest."""

    child: Person
    # The oldest first.
    records: list[Case]
    leads: Case
    chosen: Lead | None

    @property
    def is_chosen(self) -> bool:
        """Whether somebody chose, and no record has come to the child's since."""
        return self.chosen is not None and {case.pk for case in self.records} <= set(self.chosen.among)


def leads_of(case: Case) -> list[Leads]:
    """Of an open record: each of its children that is on another open record too, in the order in which they were
    said. Whoever may open these records: what is shown of them is in `shown_to`."""
    if case.state != State.OPEN:
        return []
    children = [child for _, child in _open_parts([case.pk])]
    several = {child: stands for child, stands in stands_of(children).items() if len(stands.records) > 1}
    if not several:
        return []
    people = Person.objects.in_bulk(several)
    ids = {pk for stands in several.values() for pk in stands.records}
    rows = Case.objects.select_related("team", "officer_in_case").in_bulk(ids)
    return [
        Leads(people[child], [rows[pk] for pk in it.records], rows[it.leads], it.chosen)
        for child in dict.fromkeys(children)
        if (it := several.get(child))
    ]


def to_choose(case: Case) -> list[Person]:
    """The children of a record with another open one, for whom nobody has chosen yet among the records there are."""
    return [each.child for each in leads_of(case) if not each.is_chosen]


def last_choice(child: Person) -> Lead | None:
    """Who chose last for a child, whatever has become of that record."""
    return Lead.objects.filter(child=child).select_related("case__team", "child", "chosen_by").order_by("-pk").first()


def last_seen(children: Collection[Person]) -> int:
    """The id of the last choice for any of some children, 0 where there is none: what a form is opened on."""
    return Lead.objects.filter(child__in=children).aggregate(last=Max("pk"))["last"] or 0


@dataclass(frozen=True)
class Shown:
    """What one user reads about where the reviews of a child of a record hang."""

    child: Person
    # This record leads.
    here: bool
    # The one that leads, where the user may open it; else the team that it is with, or whom to ask about it where it
    # is restricted.
    leads: Case | None
    leads_in: Team
    leads_ask: str
    # The child's open records that the user may open, the oldest first, this one among them.
    records: list[Case]
    # The others of these; the teams of those that the user may not open; and whom to ask about the restricted ones.
    others: list[Case]
    teams: list[Team]
    asks: list[str]
    # Whom to ask which leads, where the user may not choose it (`whom_to_ask_first`).
    ask_first: str
    # Somebody chose among just these; or did, and another record has come to them since.
    is_chosen: bool
    chosen_before: bool


def shown_to(user: User, case: Case) -> list[Shown]:
    """What a user reads about the lead records of a record's children. A record that they may not open is not
    named: only with which team it is, or whom to ask about it where it is restricted."""
    found = leads_of(case)
    if not found:
        return []
    every = {each.pk: each for it in found for each in it.records}
    opened = opening(every.values(), user=user)
    return [_shown(it, case, opened.opens, opened.asks) for it in found]


def whom_to_ask_first(user: User, records: Iterable[Case]) -> str:
    """Whom to ask which of a child's open records leads, where one of them is restricted and the user may not open
    it: they would take its reviews off it, or put others on it, unseen. Empty where they may choose."""
    restricted = {each.pk: each for each in records if each.restricted}
    if not restricted or user.is_system:
        return ""
    visible = set(Case.objects.visible_to(user).filter(pk__in=restricted).values_list("pk", flat=True))
    return hidden_in([each for pk, each in restricted.items() if pk not in visible])


def _shown(it: Leads, case: Case, visible: set[int], asks: dict[int, str]) -> Shown:
    records = [each for each in it.records if each.pk in visible]
    hidden = [each for each in it.records if each.pk not in visible]
    return Shown(
        child=it.child,
        here=it.leads == case,
        leads=it.leads if it.leads.pk in visible else None,
        leads_in=it.leads.team,
        leads_ask=asks.get(it.leads.pk, ""),
        records=records,
        others=[each for each in records if each != case],
        teams=list(dict.fromkeys(each.team for each in hidden if not each.restricted)),
        asks=list(dict.fromkeys(asks[each.pk] for each in hidden if each.restricted and each != it.leads)),
        ask_first=" or ".join(dict.fromkeys(asks[each.pk] for each in hidden if each.restricted)),
        is_chosen=it.is_chosen,
        chosen_before=it.chosen is not None and not it.is_chosen,
    )


@dataclass
class Stands:
    """The open records of a child, the oldest first, and which of them leads."""

    records: list[int]
    chosen: Lead | None = None

    @property
    def leads(self) -> int:
        return self.chosen.case_id if self.chosen else self.records[0]


def _open_children() -> QuerySet[CasePerson]:
    """Children on open records."""
    return CasePerson.objects.filter(part=Part.CHILD, taken_off_at=None, case__state=State.OPEN)


@put_together_once
def _open_parts(cases: list[int]) -> QuerySet[CasePerson, tuple[int, int]]:
    """Record and child (ids) of those of some records that are open; the children in the order of each record."""
    return _open_children().filter(case__one_of=cases).order_by("place", "pk").values_list("case_id", "person_id")


@put_together_once
def _open_records(children: list[int]) -> QuerySet[CasePerson, tuple[int, int]]:
    """Child and record (ids) of every open record that some children are on, the oldest first."""
    rows = _open_children().filter(person__one_of=children).order_by("case__raised_at", "case_id")
    return rows.values_list("person_id", "case_id")


def stands_of(children: Collection[int]) -> dict[int, Stands]:
    """What leads for each of some children (ids) who is on an open record. Two queries at most."""
    found: dict[int, Stands] = {}
    if not children:
        return found
    for child, case in _open_records(sorted(children)):
        found.setdefault(child, Stands([])).records.append(case)
    several = [child for child, stands in found.items() if len(stands.records) > 1]
    if several:
        # The last choice that still holds: its record is open, and the child is on it.
        for lead in Lead.objects.filter(child__in=several).order_by("pk"):
            if lead.case_id in found[lead.child_id].records:
                found[lead.child_id].chosen = lead
    return found
