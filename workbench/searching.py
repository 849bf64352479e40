"""Search by name, address, URN or record number, among what one may open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, prefetch_related_objects

from cases.learned import HOME, NAME, kept_from
from cases.models import Case, CasePerson
from people.models import Address, OtherName, Person, Residence
from people.said import address_key, name_key
from referrals.known import by_index
from referrals.models import Referral
from referrals.queries import which_number
from referrals.restricted import by_number_in_words, like_words, restricted_by_number, ring
from team.models import User
from workbench.people import OnRecords, on_records, people_visible_to, with_other_names

# More are not shown: another name finds the right one.
MOST = 50
MOST_ADDRESSES = 20
# How alike a part of a name must be (0 to 1, pg_trgm): "Callaway" and "Rhys Calloway" are 0.56.
ALIKE, MOST_ALIKE = 0.45, 10
# A shorter word could only be found by reading every name there is.
SHORTEST_WORD = 3


@dataclass
class Place:
    """An address that fits, and who was said to live there."""

    address: Address
    people: list[Person] = field(default_factory=list)


@dataclass
class Found:
    """What a search found. `alike`: names that are only like what was asked; `more`: there are more people;
    `restricted`: of which restricted records it is told that there is one, and `left_out` in which words."""

    referrals: list[Referral] = field(default_factory=list)
    people: list[OnRecords] = field(default_factory=list)
    alike: list[OnRecords] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    more: bool = False
    restricted: list[Case] = field(default_factory=list)
    left_out: str = ""

    def __bool__(self) -> bool:
        return bool(self.referrals or self.people or self.alike or self.places)

    @property
    def people_shown(self) -> list[int]:
        """The ids of everybody shown, for the access log."""
        shown = {row.person.pk for row in [*self.people, *self.alike]}
        return sorted(shown | {person.pk for place in self.places for person in place.people})

    @property
    def records_shown(self) -> list[int]:
        """The ids of the records shown."""
        parts = [part.case_id for row in [*self.people, *self.alike] for part in row.parts]
        return sorted({*parts, *(referral.case_id for referral in self.referrals)})

    def looked_at(self) -> dict[str, Any]:
        """What is shown and told, for the access log."""
        kept = {"restricted": sorted(case.pk for case in self.restricted)} if self.restricted else {}
        return {"people": self.people_shown, "records": self.records_shown, **kept}


def searched(words: str, *, user: User, today: date) -> Found:
    """Whatever fits. Raises ValidationError for a word that is too short to be looked up."""
    if which_number(words):
        kept = restricted_by_number(words, user=user)
        return Found(referrals=_by_number(words, user), restricted=kept, left_out=by_number_in_words(kept))
    keys = name_key(words.replace(",", " ")).split()
    if sum(each.isalnum() for each in words) < SHORTEST_WORD:
        raise ValidationError(f"Enter at least {SHORTEST_WORD} letters of a name, or a URN like 0598/09.")
    named = _named([word for word in keys if len(word) >= SHORTEST_WORD], user)
    found = Found(more=len(named) > MOST)
    shown = named[:MOST]
    alike = [] if found.more else _alike(" ".join(keys), named, user)
    prefetch_related_objects([*shown, *alike], with_other_names(user))
    rows = on_records([*shown, *alike], user=user, today=today)
    found.people, found.alike = rows[: len(shown)], rows[len(shown) :]
    found.places = _places(words, user)
    found.restricted = like_words(words, user=user)
    found.left_out = ring(found.restricted)
    return found


def _by_number(words: str, user: User) -> list[Referral]:
    """The referrals with a URN, a record number, or the serial of a URN, the latest logged first: those that reached
    one's teams, and those whose record came to them from another."""
    which = which_number(words)
    came = Referral.objects.filter(case__in=Case.objects.visible_to(user).that_were_transferred())
    found: dict[int, Referral] = {}
    # Apart, so that each is found by an index.
    for rows in (Referral.objects.visible_to(user), came):
        rows = rows.filter(**which).select_related("case__team", "team").order_by("-logged_at", "-pk")
        found |= {referral.pk: referral for referral in rows[:MOST]}
    return sorted(found.values(), key=lambda each: (each.logged_at, each.pk), reverse=True)[:MOST]


def _named(words: list[str], user: User) -> list[Person]:
    """People of whose name, or of another name they go by, each word is a part; the latest recorded first."""
    if not words:
        return []
    people, others = Person.objects.all(), OtherName.objects.exclude(kept_from(user, NAME))
    for word in words:
        people, others = people.filter(name_key__contains=word), others.filter(name_key__contains=word)
    # Two searches put together, not one with an OR, which would read every person there is.
    ids = people.values("pk").union(others.values("person"))
    return list(people_visible_to(user).filter(pk__in=ids).order_by("-pk")[: MOST + 1])


def _alike(key: str, named: list[Person], user: User) -> list[Person]:
    """People a part of whose name is like what was asked, the likest first; not those who were found by it."""
    people = Person.objects.filter(name_key__trigram_word_similar=key).values("pk")
    others = (
        OtherName.objects.exclude(kept_from(user, NAME)).filter(name_key__trigram_word_similar=key).values("person")
    )
    rows = (
        people_visible_to(user)
        .filter(pk__in=people.union(others.values("person")))
        .exclude(pk__in=[each.pk for each in named])
    )
    rows = rows.annotate(likeness=TrigramWordSimilarity(key, "name_key")).order_by("-likeness", "-pk")
    # What follows finds its rows by their ids, or by what is like a text.
    with by_index("word_similarity", ALIKE, to_the_end=True):
        return list(rows[:MOST_ALIKE])


def _places(words: str, user: User) -> list[Place]:
    """Addresses of which each word is a part, with those of their people who are on a record one may open."""
    keys = address_key(words).split()
    if not any(len(key) >= SHORTEST_WORD for key in keys):
        return []
    rows: QuerySet[Address] = Address.objects.all()
    for key in keys:
        rows = rows.filter(key__contains=key)
    parts = CasePerson.objects.filter(case__in=Case.objects.visible_to(user)).values("person")
    homes = Residence.objects.exclude(kept_from(user, HOME)).filter(address__in=rows, person__in=parts)
    homes = homes.select_related("address", "person")
    places: dict[int, Place] = {}
    for home in homes.order_by("-from_on", "-pk")[: MOST_ADDRESSES * 5]:
        place = places.setdefault(home.address_id, Place(home.address))
        if home.person not in place.people:
            place.people.append(home.person)
    return list(places.values())[:MOST_ADDRESSES]
