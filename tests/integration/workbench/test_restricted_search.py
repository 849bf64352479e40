"""Search and the pages of people: who is on a restricted record alone does not exist for who is not named on it, and
nothing is left out without a word."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AccessLog
from cases.models import Case
from people.enums import Relation
from people.models import Person
from people.said import PersonSaid
from referrals.known import known_already
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case, a_child
from tests.factories.restricting import a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db

HOME, REFUGE = "22 Tidewell House, London N17", "9 Marram Walk, Ware SG12"


@pytest.fixture
def colleague(client: Client) -> User:
    user = an_officer(Role.INVESTIGATOR)
    client.force_login(user)
    return user


def a_secret(**said: str) -> Case:
    """A restricted record of Ottoline Quarrendon."""
    return a_restricted_case(case=a_case(children=[a_child("Ottoline", "Quarrendon", **said)]))


def ask(case: Case) -> str:
    return f"{case.named.get(officer__family_name='Castell').officer} or {case.restrictions.get().began_by}"


def page(client: Client, name: str, *args: object, status: int = 200, **asked: str) -> str:
    answer = client.get(reverse(f"workbench:{name}", args=args), asked)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def found(client: Client, words: str) -> str:
    """What a search says, without the words that were asked."""
    said = page(client, "search", q=words).split('<p class="cait-soft">By name', 1)[1].split("</main>")[0]
    # What every empty answer says.
    return said.replace("you are told of restricted ones only by a whole name", "")


def test_a_number_says_that_it_is_restricted(client: Client, colleague: User) -> None:
    secret = a_secret()
    said = f"1 record with this number is restricted: {secret.urn}. Ask {ask(secret)}."
    for words in (secret.urn, secret.number):
        text = found(client, words)
        assert said in text
        assert "Ottoline" not in text
    assert AccessLog.objects.latest("pk").detail == {"people": [], "records": [], "restricted": [secret.pk]}
    assert "restricted" not in found(client, "9999/10")
    client.force_login(an_officer(Role.INVESTIGATOR, a_team("ENF")))
    assert "restricted" not in found(client, secret.urn)


def test_a_name_or_an_address_is_told_of_whole_and_not_letter_by_letter(client: Client, colleague: User) -> None:
    secret = a_secret(address=HOME)
    said = f"Somebody like this is on a restricted record. Before you go on ring {ask(secret)}."
    for words in ("Ottoline Quarrendon", "quarrendon, ottoline", "Quarrendon", HOME, "22 Tidewell Hse London N17"):
        text = found(client, words)
        assert said in text, words
        assert "/people/" not in text
        assert secret.urn not in text
    for words in ("Otto", "Quar", "Quarre", "Tidewell", "23 Tidewell House, London N17", "Ott Qua"):
        assert "restricted" not in found(client, words), words
    client.force_login(secret.named.get(officer__family_name="Castell").officer)
    assert "Ottoline Quarrendon" in found(client, "Quarrendon")


def test_who_is_suspected_and_asks_for_himself_is_not_warned(client: Client, colleague: User) -> None:
    teacher = {"relation": Relation.PROFESSIONAL, "may_have_harmed": True, "address": REFUGE}
    children = [a_child("Ottoline", "Quarrendon", address=HOME)]
    secret = a_case(children=children, adults=[a_child("Peregrine", "Vane", **teacher)])
    assert "Peregrine" in found(client, "Peregrine Vane")
    a_restricted_case(case=secret)
    program = Program(colleague)
    for words in ("Peregrine Vane", "Vane", REFUGE):
        assert "restricted" not in found(client, words), words
        assert program.get("people", q=words).json()["not_shown"] == "", words
    for words in ("Ottoline Quarrendon", HOME):
        assert "Somebody like this is on a restricted record" in found(client, words), words
    # Whoever logs is told.
    said = PersonSaid(given_names="Peregrine", family_name="Vane")
    assert known_already([said], user=an_officer(Role.DESK_SERGEANT)).ring.startswith("Somebody like this")


def test_who_is_on_it_alone_does_not_exist(client: Client, colleague: User) -> None:
    secret = a_secret(address=HOME)
    person = secret.people.get()
    page(client, "person", person.pk, status=404)
    text = page(client, "people")
    assert "Ottoline" not in text
    assert f"1 restricted record is left out: {secret.urn}. Ask {ask(secret)}." in text
    program = Program(colleague)
    assert program.get("person", person.pk).status_code == 404
    listed = program.get("people").json()
    assert listed["results"] == []
    assert listed["not_shown"] == f"1 restricted record is left out: {secret.urn}. Ask {ask(secret)}."
    answer = program.get("people", q="Quarrendon").json()
    assert (answer["results"], "Before you go on ring" in answer["not_shown"]) == ([], True)
    answer = program.get("people", q=secret.urn).json()
    assert (answer["results"], "is restricted" in answer["not_shown"]) == ([], True)


def test_who_is_on_both_shows_nothing_of_the_restricted_one(client: Client, colleague: User) -> None:
    shown = a_case(
        children=[a_child("Rhys", "Calloway", address=HOME)],
        adults=[a_child("Shelley", "Calloway", relation=Relation.MOTHER)],
    )
    rhys, shelley = (Person.objects.get(given_names=name) for name in ("Rhys", "Shelley"))
    secret = a_case(
        children=[a_child("Reece", "Vane", same_as=rhys.pk, address=REFUGE)],
        adults=[
            a_child("Shelley", "Calloway", same_as=shelley.pk, relation=Relation.OTHER),
            a_child("Ottoline", "Quarrendon", relation=Relation.PROFESSIONAL, may_have_harmed=True),
        ],
    )
    kept = ("Reece", "Marram", "Quarrendon", secret.number)
    program = Program(colleague)
    text = page(client, "person", rhys.pk)
    assert all(word in text for word in kept)
    a_restricted_case(case=secret)
    text = page(client, "person", rhys.pk)
    assert not any(word in text for word in kept)
    assert shown.number in text
    assert "Tidewell" in text
    assert "Mother of" in page(client, "person", shelley.pk)
    assert f"1 record of theirs is restricted: {secret.urn}. Ask {ask(secret)}." in text
    answer = program.get("person", rhys.pk)
    assert not any(word in answer.content.decode() for word in kept)
    assert answer.json()["not_shown"].startswith("1 record of theirs is restricted")
    assert not any(word in program.get("people").content.decode() for word in kept)
    for words in ("Reece Vane", "Vane", "Marram Walk", REFUGE):
        assert "Calloway" not in found(client, words), words
        assert program.get("people", q=words).json()["results"] == [], words
    assert "Calloway" not in unescape(client.get("/referrals/", {"q": "Reece"}).content.decode())
