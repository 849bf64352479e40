"""What a review repeats, and what of it is missing: the research since last time, and a look at each measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Q

from cases.enums import Part
from cases.models import Case, CasePerson
from cram.enums import AssessmentKind, RequestState, System
from cram.models import Assessment, Measure, ResearchRequest, Search
from deadlines import clock
from pages.words import count
from people.models import Person


@dataclass(frozen=True)
class NotSearched:
    """Who was not searched for again, and in which systems; without any named, in none at all."""

    person: Person
    systems: list[System]


def not_searched_again(case: Case, since: datetime | None, *, until: datetime) -> list[NotSearched]:
    """Which children and suspects on a record were not searched for anew between two moments, in which systems.

    Each is searched for again in every system in which they were before, or that was asked for about them; who never
    was, in every system in which another of them was; and each in one at least (HMIC 2010, AFI 1; CAIT default).
    Four queries.
    """
    parts = CasePerson.objects.filter(
        Q(taken_off_at=None) | Q(taken_off_at__gt=until), case=case, part__in=[Part.CHILD, Part.SUSPECT]
    ).filter(added_at__lte=until)
    people = {part.person_id: part.person for part in parts.select_related("person").order_by("place", "pk")}
    before: dict[int, set[str]] = {pk: set() for pk in people}
    again: dict[int, set[str]] = {pk: set() for pk in people}
    rows = Search.objects.filter(case=case, recorded_at__lte=until, people__in=people).order_by()
    pairs = rows.values_list("people", "system").annotate(first=Min("searched_at"), last=Max("searched_at"))
    for person, system, first, last in pairs:
        if since is not None and first < since:
            before[person].add(system)
        if since is None or last >= since:
            again[person].add(system)
    asked: dict[int, set[str]] = {pk: set() for pk in people}
    requests = ResearchRequest.objects.filter(case=case, asked_at__lte=until)
    for request in requests.exclude(state=RequestState.NOT_NEEDED, ended_at__lte=until).prefetch_related("people"):
        for person in request.people.all():
            asked.get(person.pk, set()).update(request.systems)
    of_any = set().union(*before.values())
    found = []
    for pk, person in people.items():
        left = ((before[pk] or of_any) | asked[pk]) - again[pk]
        if left or not again[pk]:
            found.append(NotSearched(person, [system for system in System if system in left] if again[pk] else []))
    return found


@dataclass(frozen=True)
class Missing:
    """What a review was to repeat and has not: whether the research, though some of it was (`in_part`); and which
    control measures nobody looked at."""

    research: bool
    measures: list[Measure]
    in_part: bool = False

    def __bool__(self) -> bool:
        return self.research or bool(self.measures)

    @property
    def in_words(self) -> str:
        """ "research was not repeated and 1 control measure was not checked"."""
        said = []
        if self.research:
            said.append("research was repeated only in part" if self.in_part else "research was not repeated")
        if self.measures:
            said.append(f"{count(len(self.measures), 'control measure was', 'control measures were')} not checked")
        return " and ".join(said)


NOTHING = Missing(research=False, measures=[])


def missing_in(assessment: Assessment) -> Missing:
    """What is missing now from an assessment; nothing of a first one, which repeats nothing."""
    if assessment.kind == AssessmentKind.FIRST:
        return NOTHING
    case, now = assessment.case, clock.moment()
    since = assessment.previous.submitted_at if assessment.previous else None
    searches = Search.objects.filter(case=case)
    was_searched = (searches.filter(searched_at__gte=since) if since else searches).exists()
    running = Measure.objects.filter(case=case).running(clock.today())
    return Missing(
        research=not was_searched or bool(not_searched_again(case, since, until=now)),
        # What is set in a review was looked at as far as it could be.
        measures=list(running.exclude(checks__assessment=assessment).exclude(set_in=assessment).order_by("pk")),
        in_part=was_searched,
    )
