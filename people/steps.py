"""Writes that are part of another room's action: they ask no permission and write no audit event of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import ValidationError

from pages.validators import one_line
from people.births import check_birth
from people.models import Address, OtherName, Person, Relationship, Residence
from people.said import PersonSaid, address_key, address_numbers
from team.history import save_as
from team.models import User


def record_people(said: Sequence[PersonSaid], *, on: date, by: User) -> list[Person]:
    """Record people as they were said on a London date, each once: those named `same_as` are not made anew.

    A known person gets the name as it was said now beside the one on file, and a birth that says more. The caller
    has seen to it that whoever acts may see each `same_as`. Raises ValidationError for a birth that cannot be.
    """
    ids = [each.same_as for each in said if each.same_as]
    # Locked in one order, so that two who log the same family wait for each other instead of for ever.
    known = {p.pk: p for p in Person.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    places = _addresses(each.address for each in said)
    people = []
    for each in said:
        check_birth(each.birth, on=on)
        person = known.get(each.same_as) if each.same_as else None
        if each.same_as and person is None:
            raise ValidationError("One of the people you chose is no longer there. Check the matches again.")
        person = _again(person, each, by) if person else _anew(each, by)
        if place := places.get(address_key(each.address)):
            _lives_at(person, place, on, by)
        people.append(person)
    return people


def relate(person: Person, relation: str, to: Person, *, by: User) -> None:
    """Record what one person is to another, unless that is known or they are the same person."""
    if person != to:
        Relationship.objects.get_or_create(person=person, relation=relation, to=to, defaults={"recorded_by": by})


def _anew(said: PersonSaid, by: User) -> Person:
    if not (said.given_names or said.family_name):
        raise ValidationError("Enter a first name or a family name")
    person = Person(given_names=said.given_names, family_name=said.family_name, sex=said.sex)
    person.birth = said.birth
    person.full_clean(validate_constraints=False)
    save_as(person, by)
    return person


def _again(person: Person, said: PersonSaid, by: User) -> Person:
    known_as = {person.name_key, *person.other_names.values_list("name_key", flat=True)}
    if said.name_key.strip() and said.name_key not in known_as:
        other = OtherName(person=person, given_names=said.given_names, family_name=said.family_name, recorded_by=by)
        other.full_clean(validate_constraints=False)
        other.save()
    better_birth = said.birth.better_than(person.birth)
    if better_birth:
        person.birth = said.birth
    if better_birth or (said.sex and not person.sex):
        person.sex = person.sex or said.sex
        save_as(person, by)
    return person


def _addresses(texts: Iterable[str]) -> dict[str, Address]:
    """Each address by its key; made where it is new, in one order for everybody."""
    wanted = {key: text for text in texts if (key := address_key(text))}
    known = {each.key: each for each in Address.objects.filter(key__in=wanted)}
    for key in sorted(set(wanted) - set(known)):
        one_line(wanted[key])
        made = {"text": wanted[key], "numbers": address_numbers(key)}
        known[key], _ = Address.objects.get_or_create(key=key, defaults=made)
    return known


def _lives_at(person: Person, address: Address, on: date, by: User) -> None:
    residence = Residence.objects.filter(person=person, address=address).first()
    if residence is None:
        save_as(Residence(person=person, address=address, from_on=on), by)
    elif residence.to_on is not None:  # back again
        residence.to_on = None
        save_as(residence, by)
