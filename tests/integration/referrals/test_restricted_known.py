"""Known already: restricted records are checked too. Who is not named on one is told whom to ring, nothing else."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog
from cases.actions import add_person
from cases.enums import Part
from cases.models import Case
from deadlines import clock
from people.models import Person
from people.said import PersonSaid
from referrals.known import Known, known_already
from referrals.models import Referral
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case, a_child
from tests.factories.restricting import a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.prepared import as_sent
from tests.integration.referrals.test_logging_form import a_form, at_the_desk, send

pytestmark = pytest.mark.django_db

HOME, REFUGE = "22 Tidewell House, London N17", "9 Marram Walk, Ware"
OTTOLINE: dict[str, Any] = {"given_names": "Ottoline", "family_name": "Quarrendon"}


def a_secret(**said: Any) -> Case:
    """A restricted record of Ottoline Quarrendon."""
    return a_restricted_case(case=a_case(said.pop("team", None), children=[a_child(**OTTOLINE, **said)]))


def sentence(case: Case) -> str:
    inspector, sergeant = case.named.get(officer__family_name="Castell").officer, case.restrictions.get().began_by
    return f"Somebody like this is on a restricted record. Before you go on ring {inspector} or {sergeant}."


def look_up(user: User | None = None, **said: Any) -> Known:
    return known_already([PersonSaid(**said)], user=user or an_officer(Role.DESK_SERGEANT))


def test_somebody_like_it_is_told_of_and_not_shown() -> None:
    secret = a_secret(address=HOME)
    asked: list[dict[str, Any]] = [
        OTTOLINE,
        {"given_names": "Otoline", "family_name": "Quarendon"},
        {"given_names": "Rhys", "address": HOME},
    ]
    for said in asked:
        known = look_up(**said)
        assert known.ring == sentence(secret), said
        assert (known.matches, known.places, known.people, known.records) == ([[]], [], [], [])
        assert known.kept_back == [secret.pk]


def test_who_is_less_like_it_than_what_is_shown_is_told_nothing() -> None:
    a_secret(address=HOME)
    less: list[dict[str, Any]] = [
        {"given_names": "Otto"},
        {"family_name": "Quar"},
        {"given_names": "Rhys", "address": "22 Hill Road"},
    ]
    for said in less:
        assert look_up(**said).ring == "", said


def test_whoever_is_named_is_shown_it_and_another_team_is_told_nothing() -> None:
    secret = a_secret()
    known = look_up(secret.named.get(officer__family_name="Castell").officer, **OTTOLINE)
    assert (known.ring, [len(each) for each in known.matches]) == ("", [1])
    assert look_up(an_officer(Role.DESK_SERGEANT, a_team("ENF")), **OTTOLINE).ring == ""


def test_who_is_on_both_shows_nothing_of_the_restricted_one() -> None:
    shown = a_case(children=[a_child(**OTTOLINE, address=HOME)])
    person = shown.people.get()
    secret = a_case(children=[a_child("Ottilie", "Vane", same_as=person.pk, address=REFUGE)])
    before = look_up(**OTTOLINE).matches[0][0]
    assert ([str(each.address) for each in before.residences], len(before.referrals)) == ([REFUGE, HOME], 2)
    a_restricted_case(case=secret)
    known = look_up(**OTTOLINE)
    (match,) = known.matches[0]
    assert [str(each.address) for each in match.residences] == [HOME]
    assert [each.case_id for each in match.referrals] == [shown.pk]
    assert known.ring == sentence(secret)
    # Neither by the name nor the address that were told there.
    assert look_up(given_names="Ottilie", family_name="Vane").matches == [[]]
    at_refuge = look_up(given_names="Otto", address=REFUGE)
    assert (at_refuge.matches, at_refuge.places, at_refuge.ring) == ([[]], [], sentence(secret))


def test_what_was_told_first_on_the_restricted_record_and_then_of_somebody_new_there() -> None:
    shown = a_case(children=[a_child("Rhys", "Calloway")])
    secret, by = a_case(children=[a_child(**OTTOLINE)]), an_officer(Role.INVESTIGATOR)
    known = PersonSaid(given_names="Rhys", family_name="Calloway", address=REFUGE, same_as=shown.people.get().pk)
    add_person(secret, part=Part.CHILD, said=known, on=clock.today(), by=by)
    (match,) = look_up(given_names="Rhys", family_name="Calloway").matches[0]
    assert [str(each.address) for each in match.residences] == [REFUGE]
    a_restricted_case(case=secret)
    (match,) = look_up(given_names="Rhys", family_name="Calloway").matches[0]
    assert match.residences == []


def test_the_page_and_its_script_say_whom_to_ring(client: Client) -> None:
    secret = a_secret()
    user = at_the_desk(client)
    page = unescape(send(client, a_form(children=[OTTOLINE]), "check"))
    assert sentence(secret) in page
    assert "Is Ottoline Quarrendon one of these?" not in page
    form = a_form(children=[OTTOLINE])
    for _ in range(2):
        answer = client.post(reverse("referrals:save_draft", args=[form["key"]]), form)
        assert sentence(secret) in unescape(answer.content.decode())
        form["version"] = "1"
    looks = AccessLog.objects.filter(by_id=user.pk, detail__has_key="restricted")
    # Told beside each form once: the second save of a draft is no other look.
    assert [look.detail["restricted"] for look in looks] == [[secret.pk]] * 2
    # And where nobody has looked before it is logged, afterwards.
    page = unescape(send(client, a_form(children=[OTTOLINE])))
    assert "The referral is logged" in page
    assert sentence(secret) in page
    assert Person.objects.filter(family_name="Quarrendon").count() == 2


def test_adding_somebody_to_a_record_says_it_too(client: Client) -> None:
    secret, case = a_secret(), a_case()
    client.force_login(an_officer(Role.INVESTIGATOR))
    typed = {**OTTOLINE, "part": "child", "birth": "", "sex": "", "address": "", "relation": "", "same_as": ""}
    answer = client.post(reverse("referrals:add_person", args=[case.number]), typed, follow=True)
    assert sentence(secret) in unescape(answer.content.decode())


def test_a_program_is_told_it() -> None:
    secret = a_secret(address=HOME)
    program = Program(an_officer(Role.DESK_SERGEANT))
    said = program.post("known_already", people=[{**OTTOLINE}]).json()
    assert said == {"results": [[]], "ring": sentence(secret)}
    assert AccessLog.objects.latest("pk").detail["restricted"] == [secret.pk]
    logged = program.post("referrals", **as_sent(children=[{**OTTOLINE}]))
    assert (logged.status_code, logged.json()["ring"]) == (201, sentence(secret))
    # With somebody to be told apart as well.
    unsaid = program.post("referrals", **as_sent(children=[{**OTTOLINE}]))
    assert (unsaid.status_code, unsaid.json()["ring"]) == (400, sentence(secret))
    assert str(secret.people.get().pk) not in str(
        [m["person"]["id"] for m in unsaid.json()["children"]["0"]["known"]]
    )
    case = Referral.objects.get(case__number=logged.json()["case"]).case
    added = program.post("add_person", case.number, part="adult", given_names="Elin", address=HOME)
    assert (added.status_code, added.json()["ring"]) == (201, sentence(secret))


def test_it_costs_as_many_queries_however_many_there_are() -> None:
    user = an_officer(Role.DESK_SERGEANT)

    def cost(**said: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            known_already([PersonSaid(**said)], user=user)
        return sum("SAVEPOINT" not in each["sql"] for each in captured)

    case = a_case(children=[a_child(**OTTOLINE, address=HOME)])
    cost(**OTTOLINE)  # reads the roles
    shown = cost(**OTTOLINE, address=HOME)
    a_restricted_case(case=case)
    one = cost(**OTTOLINE, address=HOME)
    assert one == shown + 1  # which records; whom to ask is read when it is said
    for _ in range(3):
        a_secret(address=HOME)
    assert cost(**OTTOLINE, address=HOME) == one
