"""People as they were said: each once, nothing that was known before is lost, nothing false can be kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from people.births import Birth
from people.enums import Relation, Sex
from people.models import Address, OtherName, Person, Relationship, Residence
from people.said import PersonSaid, address_key
from people.steps import record_people, relate
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_child
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

ON = date(2010, 6, 9)
DAY = timedelta(days=1)
SIX = Birth.between(date(2003, 6, 10), date(2004, 6, 9))


def the_desk() -> User:
    return an_officer(Role.DESK_SERGEANT)


def recorded(said: PersonSaid, *, by: User | None = None, on: date = ON) -> Person:
    """As the database has it afterwards."""
    with transaction.atomic():
        (person,) = record_people([said], on=on, by=by or User.objects.system()).people
    return Person.objects.get(pk=person.pk)


def again(person: Person, *, by: User | None = None, on: date = ON, **said: Any) -> Person:
    """The same person, said once more."""
    return recorded(PersonSaid(same_as=person.pk, **said), by=by, on=on)


def other_names(person: Person) -> list[str]:
    return [str(each) for each in person.other_names.order_by("id")]


def lives_at(person: Person) -> list[str]:
    return [str(each.address) for each in person.residences.order_by("-from_on", "-id")]


# --- new people ----------------------------------------------------------------------------------


def test_somebody_new_is_recorded_as_they_were_said() -> None:
    said = PersonSaid(given_names="Rhys", family_name="Calloway", birth=SIX, sex=Sex.MALE, address="4 Mill Lane")
    person = recorded(said)
    assert (person.given_names, person.family_name, person.sex) == ("Rhys", "Calloway", Sex.MALE)
    assert person.birth == SIX
    assert lives_at(person) == ["4 Mill Lane"]
    assert person.residences.get().from_on == ON
    assert person.with_age(ON) == "Rhys Calloway, about 6"


def test_somebody_new_has_a_history_in_the_name_of_who_acts() -> None:
    by = the_desk()
    person = recorded(a_child(address="4 Mill Lane"), by=by)
    assert person.history.get().history_user == by
    assert person.residences.get().recorded_by == by


def test_people_come_back_in_the_order_in_which_they_were_said() -> None:
    known = recorded(a_child("Zara"))
    said = [a_child("Ann"), PersonSaid(given_names="Zara", same_as=known.pk), a_child("Ben")]
    people = record_people(said, on=ON, by=the_desk()).people
    assert [person.given_names for person in people] == ["Ann", "Zara", "Ben"]
    assert people[1] == known


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (PersonSaid(given_names="Martin"), "Martin (family name not known)"),
        (PersonSaid(family_name="Aldous"), "Aldous (first name not known)"),
        (PersonSaid(family_name="Aldous", birth=Birth.due(ON)), "Unborn baby Aldous"),
        (PersonSaid(given_names="Mo", family_name="Aldous", birth=Birth.due(ON)), "Mo Aldous"),
    ],
)
def test_a_name_that_is_half_known(said: PersonSaid, name: str) -> None:
    assert str(recorded(said)) == name


def test_a_name_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValidationError, match="Take out line breaks"):
        recorded(PersonSaid(given_names="Rhys\r\nBcc: x", family_name="Calloway"))


def test_one_birth_that_cannot_be_and_nobody_is_recorded() -> None:
    said = [a_child(address="4 Mill Lane"), a_child(birth=Birth.on(ON + DAY))]
    with pytest.raises(ValidationError, match="10 June 2010 is after 9 June 2010"), transaction.atomic():
        record_people(said, on=ON, by=the_desk())
    assert (Person.objects.count(), Address.objects.count()) == (0, 0)


# --- somebody known ------------------------------------------------------------------------------


def test_somebody_known_is_not_doubled() -> None:
    person = recorded(PersonSaid(given_names="Rhys", family_name="Calloway", birth=SIX, address="4 Mill Lane"))
    assert again(person, given_names="Rhys", family_name="Calloway", birth=SIX, address="4 Mill Lane") == person
    assert (Person.objects.count(), Residence.objects.count(), OtherName.objects.count()) == (1, 1, 0)
    assert person.history.count() == 1, "nothing changed, so there is nothing to tell"


def test_somebody_who_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match="One of the people you chose is no longer there"):
        recorded(a_child(same_as=10**9))


def test_a_name_said_differently_is_kept_beside() -> None:
    by, person = the_desk(), recorded(a_child("Rhys", "Calloway"))
    now = again(person, given_names="Reece", family_name="Callaway", by=by)
    assert str(now) == "Rhys Calloway"
    assert other_names(person) == ["Reece Callaway"]
    assert person.other_names.get().recorded_by == by


def test_another_name_is_kept_once_however_often_it_is_said() -> None:
    person = recorded(a_child("Rhys", "Calloway"))
    for _ in range(2):
        again(person, given_names="Reece", family_name="Callaway")
    assert other_names(person) == ["Reece Callaway"]


@pytest.mark.parametrize(
    ("on_file", "said"), [("Calloway", "CALLOWAY"), ("Éloïse", "Éloïse"), ("Éloïse", "éloïse"), ("Şahin", "Şahin")]
)
def test_a_name_in_other_capitals_is_no_other_name(on_file: str, said: str) -> None:
    person = recorded(a_child("Rhys", on_file))
    again(person, given_names="RHYS", family_name=said)
    assert other_names(person) == []


def test_another_name_in_other_capitals_is_kept_once() -> None:
    person = recorded(a_child("Rhys", "Calloway"))
    again(person, given_names="Reece", family_name="Callaway")
    again(person, given_names="REECE", family_name="CALLAWAY")
    assert other_names(person) == ["Reece Callaway"]


@pytest.mark.parametrize("said", [{"given_names": "Rhys\r\nBcc: x"}, {"address": "4 Mill Lane\r\nBcc: x"}])
def test_what_is_said_of_somebody_known_is_one_line_too(said: dict[str, Any]) -> None:
    person = recorded(a_child("Rhys", "Calloway"))
    with pytest.raises(ValidationError, match="Take out line breaks"):
        again(person, **said)


def test_no_name_said_is_no_other_name() -> None:
    person = recorded(a_child("Rhys", "Calloway"))
    again(person)
    assert other_names(person) == []


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (Birth(), SIX),
        (Birth(), Birth.on(date(2003, 8, 1))),
        (SIX, Birth.on(date(2003, 8, 1))),
        (Birth(), Birth.due(date(2010, 8, 1))),
    ],
)
def test_a_birth_that_says_more_is_taken(before: Birth, said: Birth) -> None:
    by, person = the_desk(), recorded(a_child(birth=before))
    assert again(person, birth=said, by=by).birth == said
    newest, first = person.history.all()
    assert (newest.history_user, first.born_earliest) == (by, before.earliest)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (Birth.on(date(2003, 8, 1)), SIX),
        (Birth.on(date(2003, 8, 1)), Birth.on(date(2003, 8, 2))),
        (Birth.on(date(2003, 8, 1)), Birth()),
        (SIX, Birth.on(date(2005, 8, 1))),
        (SIX, Birth()),
    ],
)
def test_a_birth_that_says_no_more_or_contradicts_is_not_taken(before: Birth, said: Birth) -> None:
    person = recorded(a_child(birth=before))
    assert again(person, birth=said).birth == before
    assert person.history.count() == 1


def test_a_child_known_unborn_that_is_said_to_be_born_is_the_same_person_with_a_date_of_birth() -> None:
    """ "An unborn child becomes the same person at birth": what the caller says of it must not be lost."""
    person = recorded(PersonSaid(family_name="Aldous", birth=Birth.due(date(2010, 5, 30))))
    born = Birth.on(date(2010, 6, 6))
    now = again(person, given_names="Mo", family_name="Aldous", birth=born)
    assert now.birth == born


def test_a_sex_that_was_not_known_is_taken_and_one_that_was_stays() -> None:
    person = recorded(a_child())
    assert again(person, sex=Sex.FEMALE).sex == Sex.FEMALE
    assert again(person, sex=Sex.MALE).sex == Sex.FEMALE


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["Flat 2, 14 Dale Rd, N17 6QX", "flat 2 14 dale rd n17 6qx", "  FLAT 2;  14 Dale Rd. N17 6QX ",
     "Flat ２, 14 Dale Rd, N17 6QX"],
)  # fmt: skip
def test_an_address_written_two_ways_is_one(text: str) -> None:
    first = recorded(a_child(address="Flat 2, 14 Dale Rd, N17 6QX"))
    second = recorded(a_child(address=text))
    assert Address.objects.get().text == "Flat 2, 14 Dale Rd, N17 6QX"
    assert lives_at(first) == lives_at(second)


def test_two_addresses_that_differ_in_a_figure_are_two() -> None:
    assert address_key("Flat 2, 14 Dale Rd") != address_key("Flat 21, 4 Dale Rd")


@pytest.mark.parametrize("text", ["", "  ", "?", "--"])
def test_an_address_that_says_nothing_is_none(text: str) -> None:
    assert lives_at(recorded(a_child(address=text))) == []


def test_a_family_at_one_address_written_two_ways_at_once() -> None:
    said = [a_child(address="4 Mill Lane"), a_child(address="4, MILL LANE")]
    record_people(said, on=ON, by=the_desk())
    assert (Address.objects.count(), Residence.objects.count()) == (1, 2)


def test_another_address_stands_beside_the_first() -> None:
    person = recorded(a_child(address="4 Mill Lane"))
    again(person, address="9 High Road", on=ON + 30 * DAY)
    assert lives_at(person) == ["9 High Road", "4 Mill Lane"]
    assert person.residences.latest("id").from_on == ON + 30 * DAY


def test_somebody_back_at_an_old_address_lives_there_again() -> None:
    by, person = the_desk(), recorded(a_child(address="4 Mill Lane"))
    again(person, address="9 High Road", on=ON + 30 * DAY)
    again(person, address="4 mill lane", on=ON + 60 * DAY, by=by)
    again(person, address="4 Mill Lane", on=ON + 70 * DAY)
    assert lives_at(person) == ["4 Mill Lane", "9 High Road", "4 Mill Lane"]
    assert person.residences.latest("from_on").recorded_by == by


# --- relationships -------------------------------------------------------------------------------


def test_a_relationship_is_recorded_once() -> None:
    by, mother, child = the_desk(), recorded(a_child("Shelley")), recorded(a_child("Ellis"))
    for _ in range(2):
        relate([(mother, Relation.MOTHER, child)], by=by)
    known = Relationship.objects.get()
    assert (known.person, known.relation, known.to, known.recorded_by) == (mother, Relation.MOTHER, child, by)


def test_a_relationship_said_better_stands_beside_the_first() -> None:
    mother, child = recorded(a_child("Shelley")), recorded(a_child("Ellis"))
    for relation in (Relation.UNKNOWN, Relation.MOTHER):
        relate([(mother, relation, child)], by=the_desk())
    assert list(Relationship.objects.order_by("id").values_list("relation", flat=True)) == ["unknown", "mother"]


def test_a_relationship_said_as_it_was_before_is_the_last_word_again() -> None:
    by, adult, child = the_desk(), recorded(a_child("Shelley")), recorded(a_child("Ellis"))
    for relation in (Relation.MOTHER, Relation.STEP_PARENT, Relation.MOTHER):
        relate([(adult, relation, child)], by=by)
    assert Relationship.objects.latest("id").relation == Relation.MOTHER
    assert Relationship.objects.count() == 3


def test_nobody_is_related_to_themselves() -> None:
    child = recorded(a_child())
    relate([(child, Relation.SIBLING, child)], by=the_desk())
    assert not Relationship.objects.exists()


# --- what the database refuses -------------------------------------------------------------------


def person_with(**fields: Any) -> Person:
    return Person.objects.create(**({"given_names": "Rhys", "family_name": "Calloway"} | fields))


def itself(person: Person) -> Relationship:
    return Relationship.objects.create(
        person=person, relation=Relation.SIBLING, to=person, recorded_by=User.objects.system()
    )


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("person_has_a_name", lambda: person_with(given_names="", family_name="")),
        ("person_sex_is_known", lambda: person_with(sex="both")),
        ("address_is_not_empty", lambda: Address.objects.create(text="?", key="")),
        ("nobody_is_related_to_themselves", lambda: itself(person_with())),
    ],
)
def test_the_database_refuses_what_cannot_be_true(constraint: str, make: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


BIRTHS: dict[str, dict[str, Any]] = {
    "a date that is not there": {"birth_known": "exact"},
    "a date without its second half": {"birth_known": "exact", "born_earliest": ON},
    "a date without its first half": {"birth_known": "exact", "born_latest": ON},
    "a date that is two": {"birth_known": "exact", "born_earliest": ON, "born_latest": ON + DAY},
    "a date of somebody expected": {
        "birth_known": "exact",
        "born_earliest": ON,
        "born_latest": ON,
        "expected_on": ON,
    },
    "a span that is not there": {"birth_known": "approximate"},
    "a span without an end": {"birth_known": "approximate", "born_earliest": ON},
    "a span without a beginning": {"birth_known": "approximate", "born_latest": ON},
    "a span that ends before it begins": {
        "birth_known": "approximate",
        "born_earliest": ON,
        "born_latest": ON - DAY,
    },
    "unborn and not expected": {"birth_known": "unborn"},
    "unborn and born": {"birth_known": "unborn", "born_earliest": ON, "born_latest": ON, "expected_on": ON},
    "not known and known": {"born_earliest": ON, "born_latest": ON},
    "of another kind": {"birth_known": "guessed"},
}


@pytest.mark.parametrize("birth", BIRTHS)
def test_the_database_refuses_a_birth_that_does_not_say_what_is_known(birth: str) -> None:
    with pytest.raises(IntegrityError, match="birth_says_what_is_known"), transaction.atomic():
        person_with(**BIRTHS[birth])


@pytest.mark.parametrize(
    "table",
    [
        "people_address",
        "people_othername",
        "people_relationship",
        "people_historicalperson",
        "people_residence",
    ],
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_said_is_neither_changed_nor_deleted(table: str, statement: str) -> None:
    person = recorded(a_child(address="4 Mill Lane"))
    again(person, given_names="Reece")
    connection.check_constraints()  # so that nothing else stands in the way of TRUNCATE
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
