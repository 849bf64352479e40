"""People and the records they are on: for the pages of people and the search, which cross rooms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cases.enums import Part
from cases.learned import HOME, NAME, RELATION, kept_from
from cases.left_out import hidden_here, left_out
from cases.models import Case, CasePerson, CaseQuerySet
from people.models import OtherName, Person, Relationship, Residence
from team.models import User
from team.once import put_together_once

# Of all the people on a page together more records are not read: no family has so many.
MOST_RECORDS = 500


@dataclass
class OnRecords:
    """Somebody, how old today, where they were last said to live, and the records they are on that one may open."""

    person: Person
    age: str
    address: str = ""
    parts: list[CasePerson] = field(default_factory=list)

    @property
    def other_names(self) -> list[OtherName]:
        """Those that are read with the people: `with_other_names`."""
        return list(self.person.other_names.all())


def with_other_names(user: User) -> Prefetch[str]:
    """The other names of people, but for what restricted records alone tell."""
    return Prefetch("other_names", queryset=OtherName.objects.exclude(kept_from(user, NAME)))


def people_visible_to(user: User) -> QuerySet[Person]:
    """Whoever is, or was, on a record that the user may open."""
    parts = CasePerson.objects.filter(person=OuterRef("pk"), case__in=Case.objects.visible_to(user))
    return Person.objects.filter(Exists(parts))


def on_records(people: Iterable[Person], *, user: User, today: date) -> list[OnRecords]:
    """Some people with their records, in their order; each record's latest first. Three queries, however many."""
    rows = {person.pk: OnRecords(person, person.birth.age(today)) for person in people}
    parts = CasePerson.objects.filter(person__in=rows, case__in=Case.objects.visible_to(user))
    for part in parts.select_related("case__referral", "case__team").order_by("-case__raised_at", "-pk")[
        :MOST_RECORDS
    ]:
        rows[part.person_id].parts.append(part)
    homes = Residence.objects.exclude(kept_from(user, HOME)).filter(person__in=rows).select_related("address")
    for home in homes.order_by("from_on", "pk"):
        rows[home.person_id].address = str(home.address)
    return list(rows.values())


def left_out_of(people: Iterable[Person], *, user: User) -> str:
    """What is not shown of some people, for it is on restricted records: which, and whom to ask. Empty for nothing,
    and then it is one query."""
    cases = _hidden_with(sorted(each.pk for each in people), user)
    return left_out(cases, "record of theirs is restricted", "records of theirs are restricted")


@put_together_once
def _hidden_with(people: list[int], user: User) -> QuerySet[Case]:
    return hidden_here(user).filter(parts__person__one_of=people).distinct()


def records_of(rows: Iterable[OnRecords]) -> list[int]:
    """The ids of the records that are shown with some people, for the access log."""
    return sorted({part.case_id for row in rows for part in row.parts})


def latest_records(user: User) -> CaseQuerySet:
    """The records one may open, with who is on them: the latest put first."""
    parts = CasePerson.objects.filter(taken_off_at=None).select_related("person").order_by("place", "pk")
    return (
        Case.objects.visible_to(user)
        .select_related("team")
        .prefetch_related(Prefetch("parts", queryset=parts, to_attr="everybody"))
    )


def homes_of(person: Person, *, user: User) -> QuerySet[Residence]:
    """Where somebody was said to live, the latest first, but for what restricted records alone tell."""
    rows = Residence.objects.exclude(kept_from(user, HOME)).filter(person=person)
    return rows.select_related("address").order_by("-from_on", "-pk")


def may_have_harmed(person: Person, *, user: User) -> set[int]:
    """The ids of those who may have harmed a child, on a record that somebody is on and the user may open."""
    shared = CasePerson.objects.filter(person=person, case__in=Case.objects.visible_to(user)).values("case")
    suspects = CasePerson.objects.filter(case__in=shared, part=Part.SUSPECT)
    return set(suspects.values_list("person_id", flat=True))


def relations_of(person: Person, *, user: User) -> list[Relationship]:
    """What somebody was said to be to others, and others to them; of two, what was said last. Only of people one may
    see."""
    visible = people_visible_to(user)
    rows = Relationship.objects.exclude(kept_from(user, RELATION)).filter(
        Q(person=person, to__in=visible) | Q(to=person, person__in=visible)
    )
    last = {(each.person_id, each.to_id): each for each in rows.select_related("person", "to").order_by("pk")}
    return list(last.values())
