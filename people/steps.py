"""Writes that are part of another room's action: they ask no permission and write no audit event of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import connection

from deadlines import clock
from pages.validators import one_line
from people.births import check_birth
from people.models import Address, OtherName, Person, Relationship, Residence
from people.said import PersonSaid, address_key, address_numbers
from team.history import add_many, keep_lines, new_ids, save_all_as, save_as
from team.models import User


@dataclass
class Recorded:
    """People as they were recorded, in the order in which they were said, and what was learned of known ones."""

    people: list[Person]
    learned: list[str]
    # Where they live, and what else they are called, as it was told now, whether it was known or not.
    homes: list[Residence] = field(default_factory=list)
    names: list[OtherName] = field(default_factory=list)


def record_people(said: Sequence[PersonSaid], *, on: date, by: User) -> Recorded:
    """Record people as they were said on a London date, each once: those named `same_as` are not made anew.

    A known person gets the name as it was said now beside the one on file, and a birth that says more. The caller
    has seen to it that whoever acts may see each `same_as`. Raises ValidationError for a birth that cannot be.
    """
    ids = [each.same_as for each in said if each.same_as]
    # Locked in one order, so that two who log the same family wait for each other instead of for ever.
    known = {p.pk: p for p in Person.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    places = _addresses(each.address for each in said)
    recorded = Recorded([], [])
    anew = []
    for each in said:
        check_birth(each.birth, on=on)
        person = known.get(each.same_as) if each.same_as else None
        if each.same_as and person is None:
            raise ValidationError("One of the people you chose is no longer there. Check the matches again.")
        if person is None:
            person = _anew(each)
            anew.append(person)
        else:
            _again(person, each, recorded, by)
        recorded.people.append(person)
    save_all_as(anew, by)
    homes = []
    for each, person in zip(said, recorded.people, strict=True):
        if place := places.get(address_key(each.address)):
            if each.same_as:
                recorded.homes.append(_lives_at(person, place, on, by))
            else:
                homes.append(Residence(person=person, address=place, from_on=on, recorded_by=by))
    recorded.homes += Residence.objects.bulk_create(homes)
    return recorded


def record_new(said: Sequence[tuple[PersonSaid, date]], *, by: User) -> list[int]:
    """As `record_people`, of very many at once, each with the London date on which it was said: the id of each
    person, in their order. Those named `same_as` are not made anew, and nothing is learned of them.

    The caller has checked each birth and name.
    """
    now = clock.moment()
    anew = [place for place, (each, _) in enumerate(said) if each.same_as is None]
    ids = [each.same_as or 0 for each, _ in said]
    for place, pk in zip(anew, new_ids(Person, len(anew)), strict=True):
        ids[place] = pk
    rows = []
    for place in anew:
        each, birth = said[place][0], said[place][0].birth
        rows.append(
            (
                ids[place],
                each.given_names,
                each.family_name,
                each.name_key,
                each.sex,
                birth.known,
                birth.earliest,
                birth.latest,
                birth.expected,
                now,
            )
        )
    columns = ("id", "given_names", "family_name", "name_key", "sex", "birth_known", "born_earliest", "born_latest")
    add_many(Person, (*columns, "expected_on", "recorded_at"), rows)
    keep_lines(Person, [ids[place] for place in anew], by)
    places = _many_addresses({said[place][0].address for place in anew})
    homes = [
        (ids[place], there, said[place][1], now, by.pk)
        for place in anew
        if (there := places.get(said[place][0].address))
    ]
    add_many(Residence, ("person_id", "address_id", "from_on", "recorded_at", "recorded_by_id"), homes)
    _live_there_before([(each.same_as, address_key(each.address), on) for each, on in said if each.same_as], now, by)
    return ids


def _live_there_before(known: Sequence[tuple[int, str, date]], now: datetime, by: User) -> None:
    """Known people who were said to live where they are known to live, but earlier than that is known."""
    if not known:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Residence._meta.db_table} (person_id, address_id, from_on, recorded_at, recorded_by_id) "  # noqa: S608
            "SELECT said.person, address.id, said.on_day, %s, %s "
            "FROM unnest(%s::bigint[], %s::text[], %s::date[]) AS said (person, key, on_day) "
            f"JOIN {Address._meta.db_table} address ON address.key = said.key "
            f"WHERE NOT EXISTS (SELECT 1 FROM {Residence._meta.db_table} home WHERE home.person_id = said.person "
            "AND home.from_on <= said.on_day) ON CONFLICT (person_id, address_id, from_on) DO NOTHING",
            [now, by.pk, *(list(column) for column in zip(*known, strict=True))],
        )


def _many_addresses(texts: set[str]) -> dict[str, int]:
    """The id of each address by its text; made where it is new."""
    keys = {text: key for text in texts if (key := address_key(text))}
    wanted = {key: text for text, key in keys.items()}
    table = Address._meta.db_table
    with connection.cursor() as cursor:
        ordered = sorted(wanted)
        cursor.execute(f"SELECT key, id FROM {table} WHERE key = ANY(%s)", [ordered])  # noqa: S608
        known = dict(cursor.fetchall())
        if new := [key for key in ordered if key not in known]:
            rows = [(wanted[key], key, "{" + ",".join(address_numbers(key)) + "}") for key in new]
            cursor.execute(
                f"INSERT INTO {table} (text, key, numbers) "  # noqa: S608
                "SELECT text, key, numbers::varchar(20)[] FROM unnest(%s::text[], %s::text[], %s::text[]) "
                "AS new (text, key, numbers) ON CONFLICT (key) DO NOTHING",
                [list(column) for column in zip(*rows, strict=True)],
            )
            cursor.execute(f"SELECT key, id FROM {table} WHERE key = ANY(%s)", [new])  # noqa: S608
            known |= dict(cursor.fetchall())
    return {text: known[key] for text, key in keys.items()}


def relate(said: Iterable[tuple[Person, str, Person]], *, are_new: bool = False, by: User) -> list[Relationship]:
    """Record what each person is to another, where that differs from what was last said; not of one to themselves.
    What was told now, whether it was known or not. `are_new`: nobody of them was known before."""
    said = [each for each in said if each[0] != each[2]]
    if not said:
        return []
    so_far = Relationship.objects.none() if are_new else Relationship.objects.all()
    so_far = so_far.filter(person__in={each[0] for each in said}, to__in={each[2] for each in said})
    last = {(row.person_id, row.to_id): row for row in so_far.order_by("pk")}
    rows = []
    for person, relation, to in said:
        row = last.get((person.pk, to.pk))
        if row is None or row.relation != relation:
            rows.append(row := Relationship(person=person, relation=relation, to=to, recorded_by=by))
            last[person.pk, to.pk] = row
    Relationship.objects.bulk_create(rows)
    return list({id(row): row for person, _, to in said if (row := last[person.pk, to.pk])}.values())


def _anew(said: PersonSaid) -> Person:
    """Somebody who is not saved yet."""
    if not (said.given_names or said.family_name):
        raise ValidationError("Enter a first name or a family name")
    person = Person(given_names=said.given_names, family_name=said.family_name, sex=said.sex, name_key=said.name_key)
    person.birth = said.birth
    person.clean_fields(exclude=["name_key"])
    return person


def _again(person: Person, said: PersonSaid, recorded: Recorded, by: User) -> None:
    learned, others = recorded.learned, {each.name_key: each for each in person.other_names.all()}
    if said.name_key in others:
        recorded.names.append(others[said.name_key])
    elif said.name_key and said.name_key != person.name_key:
        other = OtherName(person=person, given_names=said.given_names, family_name=said.family_name, recorded_by=by)
        other.clean_fields(exclude=["name_key"])
        other.save()
        recorded.names.append(other)
        learned.append(f"{person} is also called {other}.")
    better_birth, better_sex = said.birth.better_than(person.birth), bool(said.sex and not person.sex)
    if better_birth:
        learned.append(f"{person}: birth {said.birth.words()}, before {person.birth.words()}.")
        person.birth = said.birth
    if better_sex:
        person.sex = said.sex
    if better_birth or better_sex:
        save_as(person, by)


def _addresses(texts: Iterable[str]) -> dict[str, Address]:
    """Each address by its key; made where it is new, in one order for everybody."""
    wanted = {key: text for text in texts if (key := address_key(text))}
    known = {each.key: each for each in Address.objects.filter(key__in=wanted)}
    if new := sorted(set(wanted) - set(known)):
        for key in new:
            one_line(wanted[key])
        made = [Address(text=wanted[key], key=key, numbers=address_numbers(key)) for key in new]
        # Somebody else may be adding the same one just now: then theirs is taken.
        Address.objects.bulk_create(made, ignore_conflicts=True)
        known |= {each.key: each for each in Address.objects.filter(key__in=new)}
    return known


def _lives_at(person: Person, address: Address, on: date, by: User) -> Residence:
    last = Residence.objects.filter(person=person, from_on__lte=on).order_by("-from_on", "-pk").first()
    if last is not None and last.address_id == address.pk:
        return last
    home, _ = Residence.objects.get_or_create(
        person=person, address=address, from_on=on, defaults={"recorded_by": by}
    )
    return home
