"""Known already? Whether a child, an adult or an address of a referral is on a record that the user may open.

Restricted records are checked too: of one on which the user is not named only whom to ring is told (ADR 34).

Re-referrals are what killed cases in inquiry after inquiry (HMIC 2010, AFI 2): whoever is like enough is shown, with
every earlier referral. Likeness is that of trigrams; matching that knows how names sound comes later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Greatest

from cases.learned import HOME, NAME, kept_from
from cases.left_out import hidden_here
from cases.models import Case, CasePerson
from pages.words import day
from people.enums import BirthKnown
from people.models import Address, OtherName, Person, Residence
from people.said import PersonSaid, address_key, address_numbers, is_a_place
from referrals.models import Referral
from referrals.restricted import restricted_with, ring
from team.models import User
from team.once import put_together_once
from team.permissions import Permission, teams_held

# How alike two names must be (0 to 1, pg_trgm) to be shown: by themselves; with the same birth; at the same address.
ALIKE = 0.5
ALIKE_BORN_TOGETHER = 0.2
ALIKE_AT_ADDRESS = 0.3
# An address is shown from this likeness on: "22 Tidewell House N17" and "22, Tidewell Hse, London N17".
ALIKE_ADDRESS = 0.55
# What is said of somebody who is none of those shown.
NEW = "new"
# So many candidates are weighed for each name, and so many shown.
WEIGHED, SHOWN = 40, 5
# At a hostel or a hospital live hundreds: the latest are enough to see what it is.
MOST_RESIDENTS, MOST_REFERRALS = 100, 300


@dataclass
class Match:
    """Somebody on record who may be whom the caller means: why, and every referral one may open, the newest first."""

    person: Person
    likeness: float
    reasons: list[str] = field(default_factory=list)
    probable: bool = False
    residences: list[Residence] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)


def check_answered(matches: Sequence[Match], *, chosen: str, called: str) -> None:
    """Of whoever may be known it is said whether they are: the id of one of those shown, or NEW. Raises
    ValidationError, also for an id of somebody who is not shown: a slip of the pen puts a child on another's history.

    Asked where the matches are shown, before the action: it would have to look everybody up again.
    """
    if matches and chosen not in {NEW, *(str(match.person.pk) for match in matches)}:
        raise ValidationError({"same_as": f"Say whether {called} is somebody who is known already"})
    if not matches and chosen not in ("", NEW):
        raise ValidationError({"same_as": f"Nobody with this number is like {called}"})


@dataclass
class Place:
    """An address on record that is like the one typed, with who was said to live there."""

    address: Address
    people: list[Person]
    referrals: list[Referral]


@dataclass
class Known:
    """What is known: for each person asked about, in their order, the matches, the likeliest first; and places.
    `restricted`: the records on which somebody is like them and which the user may not open."""

    matches: list[list[Match]]
    places: list[Place]
    restricted: list[Case] = field(default_factory=list)

    @cached_property
    def ring(self) -> str:
        """Whom to ring before one goes on; empty where no restricted record is like it."""
        return ring(self.restricted)

    @property
    def kept_back(self) -> list[int]:
        """The ids of the restricted records of which it is told that there is one."""
        return sorted(case.pk for case in self.restricted)

    def looked_at(self) -> dict[str, Any]:
        """What is shown and told, for the access log."""
        kept = {"restricted": self.kept_back} if self.restricted else {}
        return {"people": self.people, "records": self.records, **kept}

    @property
    def people(self) -> list[int]:
        """The ids of everybody shown."""
        shown = {m.person.pk for each in self.matches for m in each}
        return sorted(shown | {p.pk for place in self.places for p in place.people})

    @property
    def records(self) -> list[int]:
        """The ids of the records shown."""
        referrals = [r for each in self.matches for m in each for r in m.referrals]
        return sorted({r.case_id for r in referrals} | {r.case_id for place in self.places for r in place.referrals})


def known_already(said: Sequence[PersonSaid], *, user: User) -> Known:
    """Look for everybody who was said, and for where they live, among the records that `user` may open, and the
    restricted ones of their teams.

    The number of queries does not grow with what was said.
    """
    with transaction.atomic(), by_index():
        places, near, restricted = _places([each.address for each in said], user)
        at_place = {person.pk for place in places for person in place.people} | restricted
        people, likeness = _candidates(said, at_place, user)
    everybody = sorted(set(people) | at_place)
    residences, referrals = _residences(everybody, user), _referrals(everybody, user)
    matches: list[list[Match]] = []
    for index, each in enumerate(said):
        there = near.get(address_key(each.address), set())
        found = []
        for pk, person in people.items():
            like, homes = likeness[pk].get(index, Likeness()), residences.get(pk, [])
            if person.is_kept and _weigh(each, person, like.with_restricted, homes, there):  # type: ignore[attr-defined]
                restricted.add(pk)
            told = [home for home in homes if not home.told_apart]  # type: ignore[attr-defined]
            if person.is_shown and (match := _weigh(each, person, like.shown, told, there)):  # type: ignore[attr-defined]
                found.append(match)
        found.sort(key=lambda m: (not m.probable, -m.likeness, m.person.pk))
        for match in found[:SHOWN]:
            match.referrals = referrals.get(match.person.pk, [])
        matches.append(found[:SHOWN])
    for place in places:
        theirs = {r.pk: r for p in place.people for r in referrals.get(p.pk, [])}
        place.referrals = sorted(theirs.values(), key=lambda r: r.received_at, reverse=True)
    kept = restricted_with(restricted, user=user)
    return Known(matches, [place for place in places if place.referrals], kept)


class Looking:
    """Among which records is looked: `everywhere` in one's teams, of which one may open the `visible`."""

    def __init__(self, user: User) -> None:
        teams = teams_held(user, Permission.SEE_RECORDS)
        self.user, self.visible = user, Case.objects.visible_to(user)
        self.everywhere = Case.objects.all() if teams is None else Case.objects.filter(team__in=teams)

    def on_record(self) -> QuerySet[CasePerson, Any]:
        """Who is on any of these records."""
        return CasePerson.objects.filter(case__in=self.everywhere, taken_off_at=None).values("person")

    def whether(self, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
        """With whether somebody `is_shown`, for they are on a record that one may open, and whether they `is_kept`,
        for they are on one that is kept from one. `path` leads to the person."""
        theirs = CasePerson.objects.filter(person=OuterRef(path), taken_off_at=None)
        kept = theirs.filter(case__in=hidden_here(self.user))
        return rows.annotate(is_shown=Exists(theirs.filter(case__in=self.visible)), is_kept=Exists(kept))


@dataclass
class Likeness:
    """How like a name somebody is called: by what one may read of them, and by that with what restricted records
    tell."""

    shown: float = 0.0
    with_restricted: float = 0.0


@contextmanager
def by_index(threshold: str = "similarity", alike: float = ALIKE, *, to_the_end: bool = False) -> Iterator[None]:
    """The look-ups within read indexes from the likeness on that counts. `threshold`: pg_trgm's name for it;
    `to_the_end`: whatever follows in the transaction reads indexes too, and nothing is put back.

    The planner takes the likeness of two names for cheap, and would work it out for every person there is: 170 ms for
    100,000 people instead of 30.
    """
    with connection.cursor() as cursor:
        # The likeness is asked about nowhere else, so it may stay until the transaction ends; what it was cannot be
        # read before the first look-up of a session.
        cursor.execute(
            "SELECT current_setting('enable_seqscan'), set_config('enable_seqscan', 'off', true), "
            "set_config(%s, %s, true)",
            [f"pg_trgm.{threshold}_threshold", str(alike)],
        )
        before, *_ = cursor.fetchone()
        yield
        if not to_the_end:
            cursor.execute("SELECT set_config('enable_seqscan', %s, true)", [before])


def _candidates(
    said: Sequence[PersonSaid], at_place: set[int], user: User
) -> tuple[dict[int, Person], dict[int, dict[int, Likeness]]]:
    """Whom to weigh, and how like each name they are.

    By their name or another they go by, so many for each name that was said; and, however little like, by date of
    birth or because they live at an address that was said.
    """
    keys = {index: each.name_key for index, each in enumerate(said) if each.name_key}
    if not keys:
        return {}, {}
    exact = [each.birth for each in said if each.birth.known == BirthKnown.EXACT]
    births, names = tuple((each.earliest, each.latest) for each in exact), tuple(keys.values())
    ids = sorted({pk for (pk,) in _to_weigh(user, names, births, sorted(at_place))})
    found: dict[int, Person] = {}
    likeness: dict[int, dict[int, Likeness]] = {}
    if not ids:
        return found, likeness
    for person in _weighed(user, names, ids):
        found[person.pk] = person
        likes = {index: getattr(person, f"like_{place}") for place, index in enumerate(keys)}
        likeness[person.pk] = {index: Likeness(like, like) for index, like in likes.items()}
    for other in _called_otherwise(user, names, ids):
        for place, known in enumerate(likeness[other.person_id].values()):
            like = getattr(other, f"like_{place}")
            known.with_restricted = max(known.with_restricted, like)
            if not other.told_apart:  # type: ignore[attr-defined]
                known.shown = max(known.shown, like)
    return found, likeness


@put_together_once
def _to_weigh(
    user: User, names: tuple[str, ...], births: tuple[tuple[date | None, date | None], ...], at_place: list[int]
) -> QuerySet[Any, tuple[int]]:
    """Whom to weigh: their ids."""
    on_record = Looking(user).on_record()
    people = Person.objects.filter(pk__in=on_record).order_by()
    others = OtherName.objects.filter(person__in=on_record).order_by()
    born = Q(pk__one_of=at_place)
    for earliest, latest in births:
        born |= Q(born_earliest=earliest, born_latest=latest)
    branches: list[QuerySet[Any, Any]] = [
        people.filter(born).order_by("-pk").values_list("pk")[: WEIGHED * len(names)]
    ]
    for key in names:
        like = _similarity("name_key", key).desc()
        named = people.filter(name_key__trigram_similar=key).order_by(like, "-pk")
        called = others.filter(name_key__trigram_similar=key).order_by(like, "-pk")
        branches += [named.values_list("pk")[:WEIGHED], called.values_list("person_id")[:WEIGHED]]
    return branches[0].union(*branches[1:], all=True)


@put_together_once
def _weighed(user: User, names: tuple[str, ...], ids: list[int]) -> QuerySet[Person]:
    return Looking(user).whether(Person.objects.filter(pk__one_of=ids), "pk").annotate(**_alike("name_key", names))


@put_together_once
def _called_otherwise(user: User, names: tuple[str, ...], ids: list[int]) -> QuerySet[OtherName]:
    rows = OtherName.objects.filter(person__one_of=ids)
    return rows.annotate(told_apart=kept_from(user, NAME), **_alike("name_key", names))


def _alike(column: str, texts: tuple[str, ...]) -> dict[str, Any]:
    """How like each of some texts a column is."""
    return {f"like_{place}": _similarity(column, text) for place, text in enumerate(texts)}


def _likest(names: list[str]) -> Any:
    """The greatest of some likenesses."""
    return Greatest(*map(F, names)) if len(names) > 1 else Cast(F(names[0]), FloatField())


def _similarity(column: str, text: str) -> Any:
    return Cast(TrigramSimilarity(column, text), FloatField())


def _weigh(
    said: PersonSaid, person: Person, likeness: float, residences: list[Residence], there: set[int]
) -> Match | None:
    """Whether somebody is like enough to be shown, and why. `there`: ids of the addresses like the one said."""
    born_together = said.birth.known == person.birth.known == BirthKnown.EXACT and said.birth == person.birth
    same_place = any(r.address_id in there for r in residences)
    enough = ALIKE_BORN_TOGETHER if born_together else ALIKE_AT_ADDRESS if same_place else ALIKE
    if likeness < enough:
        return None
    match = Match(person, likeness, residences=residences)
    if likeness > 0.99:
        match.reasons.append("Same name")
    elif likeness > ALIKE_AT_ADDRESS:
        match.reasons.append(f"Name is like: {said.given_names} {said.family_name}".strip())
    if born_together:
        match.reasons.append(f"Same date of birth, {day(person.born_earliest)}")  # type: ignore[arg-type]
    elif not said.birth.fits(person.birth):
        match.reasons.append(f"But another birth: {person.birth.words()}")
    elif person.birth.known != BirthKnown.UNKNOWN and said.birth.known != BirthKnown.UNKNOWN:
        match.reasons.append(f"Birth fits: {person.birth.words()}")
    if same_place:
        match.reasons.append("Same address")
    match.probable = said.birth.fits(person.birth) and (born_together or same_place) and likeness >= ALIKE_AT_ADDRESS
    return match


def _places(texts: Iterable[str], user: User) -> tuple[list[Place], dict[str, set[int]], set[int]]:
    """Addresses on record like those that were said, with who lived there; for each said, by key, their ids; and who
    (ids) lived there that is on a restricted record."""
    keys = sorted({address_key(text) for text in texts if is_a_place(text)})
    if not keys:
        return [], {}, set()
    rows = _alike_to(tuple((key, tuple(address_numbers(key))) for key in keys))
    addresses = {row.pk: row for row in rows}
    near: dict[str, set[int]] = {key: set() for key in keys}
    for row in addresses.values():
        for index, key in enumerate(keys):
            if getattr(row, f"like_{index}") >= ALIKE_ADDRESS:
                near[key].add(row.pk)
    living: dict[int, list[Person]] = {}
    restricted: set[int] = set()
    for home in _homes_at(sorted(addresses), user) if addresses else ():
        people = living.setdefault(home.address_id, [])
        if home.is_kept:  # type: ignore[attr-defined]
            restricted.add(home.person_id)
        if home.is_shown and not home.told_apart and home.person not in people:  # type: ignore[attr-defined]
            people.append(home.person)
    there = [Place(address, living[pk], []) for pk, address in addresses.items() if living.get(pk)]
    return there[:SHOWN], near, restricted


@put_together_once
def _alike_to(keys: tuple[tuple[str, tuple[str, ...]], ...]) -> QuerySet[Address]:
    """Addresses on record like some, of each its key and the numbers in it; the likest first."""
    like = Q()
    for key, numbers in keys:
        like |= Q(key__trigram_similar=key, **({"numbers__overlap": list(numbers)} if numbers else {}))
    alike = _alike("key", tuple(key for key, _ in keys))
    rows = Address.objects.filter(like).annotate(**alike).annotate(likeness=_likest(list(alike)))
    return rows.filter(likeness__gte=ALIKE_ADDRESS).order_by("-likeness", "pk")[: WEIGHED * len(keys)]


@put_together_once
def _homes_at(addresses: list[int], user: User) -> QuerySet[Residence]:
    looking = Looking(user)
    homes = Residence.objects.filter(address__one_of=addresses, person__in=looking.on_record())
    homes = looking.whether(homes.select_related("person"), "person").annotate(told_apart=kept_from(user, HOME))
    return homes.order_by("-from_on", "-pk")[:MOST_RESIDENTS]


def _residences(people: list[int], user: User) -> dict[int, list[Residence]]:
    """Where each of some people lived, the latest first; `told_apart` where that was told on a restricted record."""
    living: dict[int, list[Residence]] = {}
    for residence in _lived_at(people, user) if people else ():
        living.setdefault(residence.person_id, []).append(residence)
    return living


@put_together_once
def _lived_at(people: list[int], user: User) -> QuerySet[Residence]:
    rows = Residence.objects.filter(person__one_of=people).select_related("address")
    return rows.annotate(told_apart=kept_from(user, HOME)).order_by("-from_on", "-pk")


def _referrals(people: list[int], user: User) -> dict[int, list[Referral]]:
    """The referrals of each person that one may open, the newest first; at most MOST_REFERRALS in all. One query."""
    found: dict[int, dict[int, Referral]] = {}
    for row in _parts_of(people, user) if people else ():
        referral: Referral = row.case.referral
        found.setdefault(row.person_id, {})[referral.pk] = referral
    return {person: list(theirs.values()) for person, theirs in found.items()}


@put_together_once
def _parts_of(people: list[int], user: User) -> QuerySet[CasePerson]:
    visible = Case.objects.visible_to(user)
    rows = CasePerson.objects.filter(person__one_of=people, case__in=visible, taken_off_at=None)
    return rows.select_related("case__referral__team").order_by("-case__referral__received_at")[:MOST_REFERRALS]


def earlier_referrals(case: Case, *, user: User) -> list[tuple[Referral, list[Person]]]:
    """Other referrals of the people on a record that one may open, the newest first, each with who is on both."""
    found: dict[int, tuple[Referral, list[Person]]] = {}
    for row in _elsewhere(case, user):
        _, shared = found.setdefault(row.case_id, (row.case.referral, []))
        if row.person not in shared:
            shared.append(row.person)
    return list(found.values())


@put_together_once
def _elsewhere(case: Case, user: User) -> QuerySet[CasePerson]:
    """The people on a record as they are on others that one may open."""
    people = CasePerson.objects.filter(case=case, taken_off_at=None).values("person")
    rows = CasePerson.objects.filter(person__in=people, case__in=Case.objects.visible_to(user), taken_off_at=None)
    rows = rows.exclude(case=case).select_related("case__referral", "person")
    return rows.order_by("-case__referral__received_at", "place")
