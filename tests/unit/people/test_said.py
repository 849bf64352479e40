"""Names as they are searched and compared, whichever apostrophe was typed; also those recorded before."""

from __future__ import annotations

import unicodedata
from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from people.models import OtherName, Person
from people.said import PersonSaid, name_key
from team.models import User

SIGNS = ["'", "’", "‘", "ʼ", "`", "´"]
ANEW: str = import_module("people.migrations.0002_apostrophes").ANEW


@pytest.mark.parametrize("sign", SIGNS)
def test_every_apostrophe_is_the_same(sign: str) -> None:
    assert name_key("Siobhán", f"O{sign}Connor") == "siobhán o'connor"
    assert PersonSaid(given_names="Siobhán", family_name=f"O{sign}Connor").name_key == "siobhán o'connor"
    assert name_key(f"D{sign}Arcy", f"N{sign}Diaye") == "d'arcy n'diaye"
    assert name_key(f"{sign}Ana") == "'ana"


def test_letters_with_their_accents_keep_them() -> None:
    assert name_key("Zoë", "É\u0301lan") != name_key("Zoe", "Elan")
    assert name_key("Zoe\u0308") == name_key("ZOË") == "zoë"


def test_one_space_and_no_capitals() -> None:
    assert name_key("  Rhys\t James ", "CALLOWAY") == "rhys james calloway"


def old_key(*names: str) -> str:
    """As names were written before: each sign stayed what it was."""
    return " ".join(unicodedata.normalize("NFKC", " ".join(names)).casefold().split())


@pytest.mark.django_db
@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("name", ["O{}Connor", "N{0}Diaye-O{0}Hare", "Jo{} Calloway", "Élan O{}Zoë"])
def test_the_keys_of_names_recorded_before_are_written_anew(sign: str, name: str) -> None:
    said = name.format(sign)
    other_said = f"{said} Teasdale"
    person = Person.objects.create(given_names="Rhys", family_name=said)
    other = OtherName.objects.create(
        person=person, given_names="Rhys", family_name=other_said, recorded_by=User.objects.system()
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("UPDATE people_person SET name_key = %s", [old_key("Rhys", said)])
        cursor.execute("ALTER TABLE people_othername DISABLE TRIGGER only_added")
        cursor.execute("UPDATE people_othername SET name_key = %s", [old_key("Rhys", other_said)])
        cursor.execute("ALTER TABLE people_othername ENABLE ALWAYS TRIGGER only_added")
        cursor.execute(ANEW)
    person.refresh_from_db()
    other.refresh_from_db()
    assert (person.name_key, other.name_key) == (name_key("Rhys", said), name_key("Rhys", other_said))
    # The names themselves are not touched, and other names are again only ever added.
    assert (person.family_name, other.family_name) == (said, other_said)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE people_othername SET name_key = ''")


@pytest.mark.django_db
def test_other_keys_stay_as_they_are() -> None:
    people = [
        Person.objects.create(given_names="Zoë", family_name=name) for name in ("O'Hare", "Élan", "Calloway-Ng")
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(ANEW)
    for person in people:
        assert Person.objects.get(pk=person.pk).name_key == name_key("Zoë", person.family_name)
